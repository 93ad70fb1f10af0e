"""A painting that was given, as it is passed on among painted cels.

It stays as it is, but for two things. Where a palette is given, its colors become those of the
palette, as they do in other cels. And painted cels have the paper of their drawings: a painting
saved on white would be the one cel of a transparent cut that hides the background.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from shiage.colors.palette import PAPER, Palette
from shiage.files.pictures import Picture, lay_over, to_u8
from shiage.lines.lineart import flatten_on_white
from shiage.painting.compose import (
    FRINGE,
    Pixels,
    Traces,
    fill_segments,
    fill_under_lines,
    find_soft,
    split_lines,
)
from shiage.painting.layering import split_drawing
from shiage.painting.recolor import recolor
from shiage.painting.reference import Reference, pack_colors, unpack_pixels


@dataclass(frozen=True, eq=False)
class Given:
    """A painting that is passed on.

    Attributes:
        picture: its pixels.
        file: its file; None if the picture is not quite what that holds.
        changes: what differs, to be told after "as given".
    """

    picture: Picture
    file: Path | None
    changes: str = ""


def adapt(
    given: Given,
    drawing: Picture,
    reference: Reference,
    palette: Palette,
    traces: Traces,
    *,
    exactly: bool,
) -> Given:
    """Return a painting as it is passed on: itself, where nothing has to change.

    Args:
        given: as it is in its file.
        drawing: its drawing.
        reference: what was learned from it.
        palette: the colors of the reference.
        traces: "keep" counts colour-trace lines as lines.
        exactly: bring its colors to those of the palette.
    """
    as_given = given.picture.pixels
    snapped = snap_painting(as_given, reference, palette, traces) if exactly else as_given
    pixels = follow_paper(snapped, drawing, reference, palette, traces)
    if pixels is as_given:
        return given
    changes = ", in the exact colors of the palette" if snapped is not as_given else ""
    changes += ", on its drawing's paper" if pixels is not snapped else ""
    return Given(Picture(pixels, given.picture.layout), None, changes)


def snap_painting(
    painting: Pixels, reference: Reference, palette: Palette, traces: Traces
) -> Pixels:
    """Return a painting in the exact colors of its palette: itself, if it is that already.

    Dithered fills become flat. Lines stay as they are, pixel for pixel.

    Args:
        painting: (H, W, 4) uint8 or uint16 RGBA.
        reference: what was learned from it.
        palette: the colors of the reference.
        traces: "keep" counts colour-trace lines as lines.
    """
    snapped = [departure for departure in reference.departures if departure.snapped]
    if not snapped and not len(reference.dithers):
        return painting
    pixels = unpack_pixels(reference.dithers.level(pack_colors(painting)))
    if snapped:
        # All of its colors are named: one left out might pass for a mix of another with black.
        own = palette.rgba_u16[np.unique(reference.color_ids)]
        old = np.array([off.color for off in snapped], np.uint16)
        new = palette.rgba_u16[[off.nearest[0] for off in snapped]]
        pixels, _ = recolor(pixels, np.concatenate([old, own]), np.concatenate([new, own]))
    kept, replaced = split_lines(reference.lineart, traces)
    lines = kept & ~find_soft(reference.lineart, kept, replaced)
    pixels[lines] = painting[lines]
    return pixels


def is_opaque(pixels: Pixels) -> bool:
    """Whether a picture (H, W, 4) has no transparent pixel."""
    return bool((pixels[..., 3] == np.iinfo(pixels.dtype).max).all())


def follow_paper(
    painting: Pixels, drawing: Picture, reference: Reference, palette: Palette, traces: Traces
) -> Pixels:
    """Return a painting on the kind of paper that its drawing has: itself, if it is that already.

    What is painted, and lines over paint, stay as they are.

    Args:
        painting: (H, W, 4) uint8 or uint16 RGBA, transparent or on opaque white.
        drawing: its drawing.
        reference: which of its segments are paper.
        palette: the colors of the reference.
        traces: "keep" counts colour-trace lines as lines.
    """
    if is_opaque(painting) == is_opaque(drawing.pixels):
        return painting
    drawn: Pixels = drawing.pixels
    if drawn.dtype != painting.dtype:
        eight = drawing.rgba_u8
        drawn = eight if painting.dtype == np.uint8 else eight.astype(np.uint16) * np.uint16(257)
    if not is_opaque(painting):
        ground = split_drawing(drawn, reference.lineart, traces).paper
        return painting if ground is None else lay_over(ground, painting)
    return _lift_off_white(painting, drawn, reference, palette, traces)


def _lift_off_white(
    painting: Pixels, drawn: Pixels, reference: Reference, palette: Palette, traces: Traces
) -> Pixels:
    """Return a painting on white with transparent paper, and lines over paper as they cover it.

    Args:
        painting: (H, W, 4) uint8 or uint16 RGBA, opaque.
        drawn: (H, W, 4) of the same dtype, its drawing.
        reference: which of its segments are paper.
        palette: the colors of the reference.
        traces: "keep" counts colour-trace lines as lines.
    """
    lineart, labels = reference.lineart, reference.segments.labels
    kept, replaced = split_lines(lineart, traces)
    fill = fill_segments(lineart, labels, reference.color_ids, palette, traces)
    paper = np.where(kept, fill_under_lines(fill, kept), fill) == PAPER
    lines = kept | find_soft(lineart, kept, replaced, drawn)
    square = np.ones((2 * FRINGE + 1, 2 * FRINGE + 1), np.uint8)
    near = cv2.dilate(kept.view(np.uint8), square).astype(bool)[paper]
    top = np.float32(np.iinfo(painting.dtype).max)
    own = painting[paper][:, :3].astype(np.float32)
    # A line is as opaque as it is drawn, or as its color needs; what is painted elsewhere stays.
    least = 1 - own.min(axis=1) / top
    alpha = np.where(near, least, least > 0)
    alpha = np.maximum(alpha, np.where(lines, drawn[..., 3], 0)[paper] / top)[:, None]
    color = top - (top - own) / np.maximum(alpha, 1 / top)
    lifted = np.concatenate([color, top * alpha], axis=1)
    lifted[alpha[:, 0] == 0] = 0
    out = painting.copy()
    out[paper] = np.rint(lifted)
    flat = np.abs(flatten_on_white(to_u8(drawn)).astype(np.int16) - to_u8(painting)[..., :3])
    as_drawn = paper & lines & (flat.max(axis=-1) <= 1)
    out[as_drawn] = drawn[as_drawn]
    return out
