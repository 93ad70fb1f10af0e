"""A painting that was given, as it is passed on among painted cels.

It stays as it is, but for two things. Where a palette is given, its colors become those of the
palette, as they do in other cels. And painted cels have the paper of their drawings: a painting
saved on white would be the one cel of a transparent cut that hides the background.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np

from shiage.colors.palette import PAPER, Palette
from shiage.files.images import PictureFile
from shiage.files.packing import pack_colors, unpack_pixels
from shiage.files.pictures import Picture, Pixels, lay_over, to_u8, to_u16
from shiage.lines.lineart import flatten_on_white
from shiage.lines.own_colors import FRINGE
from shiage.painting.compose import fill_segments, fill_under_lines
from shiage.painting.covering import Covering, find_soft, paper_color, split_lines
from shiage.painting.layering import split_drawing
from shiage.painting.line_colors import TraceChoice
from shiage.painting.recolor import recolor
from shiage.painting.reference import Reference
from shiage.structures import BoolMap, LineArt

AS_DRAWN = 3
"""A line pixel over paper that is no more levels of 255 from how it was drawn is taken from the
drawing."""


@dataclass(frozen=True, eq=False)
class Given:
    """A painting that is passed on.

    Attributes:
        picture: its pixels.
        file: its file; None if the picture is not quite what that holds.
        changes: what differs, said after "as given".
    """

    picture: Picture
    file: PictureFile | None
    changes: str = ""


def adapt(
    given: Given,
    drawing: Picture,
    reference: Reference,
    palette: Palette,
    traces: TraceChoice,
    *,
    exactly: bool,
) -> Given:
    """Return a painting as it is passed on: itself, where nothing has to change.

    Args:
        given: as it is in its file.
        drawing: its drawing.
        reference: what was learned from it.
        palette: the colors of the reference.
        traces: see `PaintSettings`.
        exactly: bring its colors to those of the palette.
    """
    as_given, lineart = given.picture.pixels, reference.lines_left(traces)
    snapped = snap_painting(as_given, reference, lineart, palette) if exactly else as_given
    pixels = follow_paper(snapped, drawing, reference, lineart, palette)
    if pixels is as_given:
        return given
    changes = ", in the exact colors of the palette" if snapped is not as_given else ""
    changes += ", on its drawing's paper" if pixels is not snapped else ""
    layout = given.picture.layout
    if pixels is not snapped:
        layout = replace(layout, mode="RGBA" if drawing.layout.has_alpha else "RGB", palette=())
    return Given(Picture(pixels, layout), None, changes)


def snap_painting(
    painting: Pixels, reference: Reference, lineart: LineArt, palette: Palette
) -> Pixels:
    """Return a painting in the exact colors of its palette: itself, if it is that already.

    Dithered fills become flat. Lines stay as they are, pixel for pixel.

    Args:
        painting: (H, W, 4) uint8 or uint16 RGBA.
        reference: what was learned from it.
        lineart: its lines; what is a trace in it paint replaces.
        palette: the colors of the reference.
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
        old, new = np.concatenate([old, own]), np.concatenate([new, own])
        pixels, _ = recolor(pixels, old, new, lines=True, paper=True)
    kept, replaced = split_lines(lineart)
    lines = kept & ~find_soft(lineart, kept, replaced)
    pixels[lines] = painting[lines]
    return pixels


def is_opaque(pixels: Pixels) -> bool:
    """Whether a picture (H, W, 4) has no transparent pixel."""
    return bool((pixels[..., 3] == np.iinfo(pixels.dtype).max).all())


def follow_paper(
    painting: Pixels, drawing: Picture, reference: Reference, lineart: LineArt, palette: Palette
) -> Pixels:
    """Return a painting on the kind of paper that its drawing has: itself, if it is that already.

    What is painted, and lines over paint, stay as they are.

    Args:
        painting: (H, W, 4) uint8 or uint16 RGBA, transparent or on opaque white.
        drawing: its drawing.
        reference: which of its segments are paper.
        lineart: its lines; what is a trace in it paint replaces.
        palette: the colors of the reference.
    """
    if is_opaque(painting) == is_opaque(drawing.pixels):
        return painting
    drawn: Pixels = drawing.pixels
    if drawn.dtype != painting.dtype:
        drawn = drawing.rgba_u8 if painting.dtype == np.uint8 else to_u16(drawing.pixels)
    covering = Covering(drawn, lineart)
    kept, lines = covering.kept, covering.kept | covering.soft
    if is_opaque(painting):
        paper = _find_paper(reference, lineart, kept, palette)
        out = _lift_off_white(painting, drawn, kept, lines, paper)
        lines &= paper  # over paint a line's rim is no longer what was drawn
    else:
        ground = split_drawing(covering).paper
        if ground is None:
            return painting
        seen_through = (painting[..., 3] > 0) & (painting[..., 3] < np.iinfo(painting.dtype).max)
        ground[seen_through] = paper_color(drawn, lineart)
        out = lay_over(ground, painting)
        lines |= seen_through
    flat = (flatten_on_white(to_u8(pixels)).astype(np.int16) for pixels in (out, drawn))
    as_drawn = lines & (np.abs(np.subtract(*flat)).max(axis=-1) <= AS_DRAWN)
    out[as_drawn] = drawn[as_drawn]
    return out


def _find_paper(reference: Reference, lineart: LineArt, kept: BoolMap, palette: Palette) -> BoolMap:
    """(H, W) bool: where a painting is paper, under its lines too."""
    labels, ids = reference.segments.labels, reference.color_ids
    fill = fill_segments(lineart, labels, ids, palette)
    return np.asarray(np.where(kept, fill_under_lines(fill, kept), fill) == PAPER)


def _lift_off_white(
    painting: Pixels, drawn: Pixels, kept: BoolMap, lines: BoolMap, paper: BoolMap
) -> Pixels:
    """Return a painting on white with transparent paper, and lines over paper as they cover it.

    Args:
        painting: (H, W, 4) uint8 or uint16 RGBA, opaque.
        drawn: (H, W, 4) of the same dtype, its drawing.
        kept: (H, W) bool, ink that stays a line.
        lines: (H, W) bool, the same with its rims.
        paper: (H, W) bool, where there is paper, under lines too.
    """
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
    return out
