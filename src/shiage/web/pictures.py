"""What the page shows of a cel, as PNG."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from shiage.errors import ShiageError
from shiage.files.images import open_picture
from shiage.painting.covering import Covering, as_lines
from shiage.painting.layering import lift_lines
from shiage.web.desk import THUMB_SIDE, DeskCel
from shiage.web.session import Session

FAST = [cv2.IMWRITE_PNG_COMPRESSION, 1]
"""Nothing is gained by small files between two programs on one machine."""


@dataclass(frozen=True)
class Shown:
    """A picture of a cel.

    Attributes:
        png: the picture.
        shape: of the cel's segments at the moment that it shows, see `DeskCel`.
    """

    png: bytes
    shape: int


def labels_png(session: Session, desk: DeskCel) -> Shown:
    """Return a cel's label map as RGB: label = red + 256 x green.

    Raises:
        ShiageError: its file is gone or damaged.
    """
    sight = session.see(desk)
    labels = sight.read().segments.labels
    rgb = np.dstack([labels & 255, labels >> 8, labels >> 16]).astype(np.uint8)
    return Shown(_encode(rgb), sight.shape)


def line_png(session: Session, desk: DeskCel) -> Shown:
    """Return a cel's lines on transparent paper, the artist's pen and eraser among them.

    Raises:
        ShiageError: its file is gone or damaged.
    """
    sight = session.see(desk)
    mended = sight.painted().mended
    covering = Covering(mended.picture.rgba_u8, as_lines(mended.lineart))
    return Shown(_encode(lift_lines(covering)), sight.shape)


def painted_png(session: Session, desk: DeskCel, max_side: int | None) -> Shown:
    """Return a painted cel; one that was not prepared yet is shown as drawn.

    Args:
        session: the open cut.
        desk: the cel.
        max_side: longest side, pixels; None for the picture's own size.

    Raises:
        ShiageError: its file is gone or damaged.
    """
    with session.changed:  # colors and palette of the same moment
        thumb, painting, palette = desk.thumb, desk.painting, session.palette.palette
        shape = desk.shape
    if max_side is not None and max_side <= THUMB_SIDE and thumb and painting:
        rgba: NDArray[np.uint8] = thumb.paint(painting.color_ids, palette)
    elif desk.needs_preparing or desk.state == "failed" or session.is_as_given(desk):
        rgba = painted_rgba(session, desk)
    else:
        sight = session.see(desk)
        rgba, shape = sight.painted().mended_picture.rgba_u8, sight.shape
    return Shown(_encode(shrink(rgba, max_side)), shape)


def painted_rgba(session: Session, desk: DeskCel) -> NDArray[np.uint8]:
    """(H, W, 4) uint8: a cel as the page shows it.

    Raises:
        ShiageError: its file is gone or damaged.
    """
    if desk.needs_preparing or desk.state == "failed":
        limit = session.job.recipe.settings.max_pixels
        return open_picture(desk.cel.path, max_pixels=limit).drawing.rgba_u8
    if session.is_as_given(desk):
        drawing = session.read(desk)
        given = session.sources.read_given(desk.cel, drawing.file, drawing.picture)
        return given.picture.rgba_u8
    return session.painted(desk).mended_picture.rgba_u8


def shrink(rgba: NDArray[np.uint8], max_side: int | None) -> NDArray[np.uint8]:
    """Return an RGBA picture no larger than that; colors of transparent pixels do not bleed."""
    height, width = rgba.shape[:2]
    if max_side is None or max(height, width) <= max_side:
        return rgba
    scale = max_side / max(height, width)
    size_wh = max(1, round(width * scale)), max(1, round(height * scale))
    alpha = rgba[..., 3:].astype(np.float32) / 255
    small = cv2.resize(
        np.dstack([rgba[..., :3] * alpha, alpha]), size_wh, interpolation=cv2.INTER_AREA
    )
    color = np.divide(
        small[..., :3], small[..., 3:], out=np.zeros_like(small[..., :3]), where=small[..., 3:] > 0
    )
    return np.dstack([color, small[..., 3:] * 255]).round().clip(0, 255).astype(np.uint8)


def _encode(pixels: NDArray[np.uint8]) -> bytes:
    """Return (H, W, 3 or 4) RGB(A) as PNG."""
    code = cv2.COLOR_RGBA2BGRA if pixels.shape[2] == 4 else cv2.COLOR_RGB2BGR
    done, data = cv2.imencode(".png", cv2.cvtColor(pixels, code), FAST)
    if not done:
        raise ShiageError("a picture could not be made for the page")
    return data.tobytes()
