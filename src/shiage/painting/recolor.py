"""Painted cels from one palette to another (色変え): day to night, stand-ins to final colors.

A pixel that has a color of the old palette exactly gets the new one. A pixel that an antialiased
line covers in part is a mix of black and the fill beside it; it becomes the same mix with the new
fill. All others, the lines themselves among them, stay as they are.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from shiage.errors import BadOption
from shiage.files.atomic import write_atomically
from shiage.files.images import (
    IMAGE_SUFFIXES,
    Picture,
    read_picture,
    recolor_layers,
    write_picture,
)
from shiage.files.pictures import Pixels

MIX = 6.0
"""How far, in 8-bit levels, a color may lie from the mixes of black and a fill to be one."""

REACH = 3
"""How far from a fill its mixes with a line lie, pixels."""


@dataclass(frozen=True)
class Recolored:
    """What became of one painted cel.

    Attributes:
        path: its file.
        changed: pixels that have another color now.
        other: pixels in no color of the old palette that are no line, no mix and not paper.
    """

    path: Path
    changed: int
    other: int


def recolor_file(
    source: Path, target: Path, old: NDArray[np.uint16], new: NDArray[np.uint16], max_pixels: int
) -> Recolored:
    """Write a painted cel in new colors, stored the way it was; return what became of it.

    Args:
        source: the painted cel.
        target: where the new one goes.
        old: (K, 4) uint16 RGBA.
        new: (K, 4) uint16 RGBA, the color that each of them becomes.
        max_pixels: largest picture that is read.

    Raises:
        FileError: the cel cannot be read.
        WriteFailed: the new one cannot be written.
    """
    picture = read_picture(source, max_pixels=max_pixels)
    pixels, other = recolor(picture.pixels, old, new)
    if picture.layout.format == "PSD":
        data = recolor_layers(source, lambda layer: recolor(layer, old, new)[0], max_pixels)
        write_atomically(target, data)
    else:
        write_picture(target, Picture(pixels, picture.layout))
    changed = int(np.count_nonzero((pixels != picture.pixels).any(axis=-1)))
    return Recolored(target, changed, other)


def recolor(
    painted: Pixels, old: NDArray[np.uint16], new: NDArray[np.uint16]
) -> tuple[Pixels, int]:
    """Return a painted picture in new colors, and how many pixels nobody knows the color of.

    Args:
        painted: (H, W, 4) uint8 or uint16 RGBA; not changed.
        old: (K, 4) uint16 RGBA.
        new: (K, 4) uint16 RGBA.
    """
    depth = np.iinfo(painted.dtype).max
    before, after = (_in_depth(colors, painted.dtype) for colors in (old, new))
    word = np.uint64 if depth > 255 else np.uint32
    packed = np.ascontiguousarray(painted).view(word)[..., 0]
    keys = np.ascontiguousarray(before).view(word)[:, 0]
    order = np.argsort(keys, kind="stable")
    place = order[np.clip(np.searchsorted(keys[order], packed), 0, len(keys) - 1)]
    exact = keys[place] == packed
    out = painted.copy()
    out[exact] = after[place[exact]]
    paper = (painted[..., 3] == 0) | (painted == depth).all(axis=-1)
    odd = ~(exact | paper | (painted[..., :3] == 0).all(axis=-1))
    if not odd.any() or not exact.any():
        return out, int(np.count_nonzero(odd))
    distance, nearest = cv2.distanceTransformWithLabels(
        (~exact).view(np.uint8), cv2.DIST_L2, 3, labelType=cv2.DIST_LABEL_PIXEL
    )
    fill_of = np.zeros(int(nearest.max()) + 1, np.int64)
    fill_of[nearest[exact]] = place[exact]
    near = odd & (distance <= REACH)
    fill = fill_of[nearest[near]]
    share, fits = _mix_with_black(painted[near], before[fill], depth)
    mixed = painted[near].copy()
    mixed[fits, :3] = np.rint(after[fill[fits], :3] * (1 - share[fits, None])).astype(out.dtype)
    out[near] = mixed
    odd[near] = ~fits
    # Greys are black over bare paper: the rims of lines that no fill lies beside.
    levels = painted[odd][:, :3].astype(np.int64)
    grey = np.ptp(levels, axis=1) <= MIX * depth / 255
    return out, int(np.count_nonzero(~grey))


def _mix_with_black(
    pixels: Pixels, fill: Pixels, depth: int
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Return how much black there is in each pixel (n,), and whether it is fill and black alone."""
    own, under = pixels[:, :3].astype(np.float64), fill[:, :3].astype(np.float64)
    length = np.maximum((under * under).sum(axis=1), 1)
    share = np.clip(1 - (own * under).sum(axis=1) / length, 0, 1)
    off = np.linalg.norm(under * (1 - share[:, None]) - own, axis=1)
    return share, off <= MIX * depth / 255


def _in_depth(colors: NDArray[np.uint16], dtype: np.dtype[np.generic]) -> Pixels:
    """(K, 4): 16-bit colors in the depth of a picture."""
    if dtype == np.uint16:
        return colors
    return ((colors.astype(np.uint32) + 128) // 257).astype(np.uint8)


def list_painted(folder: Path) -> list[Path]:
    """Return the pictures below a folder, those in folders with `.` or `_` in front left out.

    Raises:
        BadOption: there is none.
    """
    found = sorted(
        path
        for path in folder.rglob("*")
        if path.suffix.lower() in IMAGE_SUFFIXES
        and not any(part.startswith((".", "_")) for part in path.relative_to(folder).parts)
    )
    if not found:
        raise BadOption(
            f"{folder} holds no picture", expected="a folder of painted cels", action="Check it"
        )
    return found
