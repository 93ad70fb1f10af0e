"""Segments and colors to a painted picture, with the artist's lines as they were.

What happens to each pixel:

* a segment's pixel becomes its palette color exactly; where the segment is bare paper it stays as
  the drawing had it;
* a pixel in a line's own color stays as it was, byte for byte;
* a pixel that an antialiased line covers in part is the line's color over the fill, mixed by how
  far it is from paper to line, so that no paper shines through between line and fill;
* a colour-trace pixel takes the darker of the fills it parts (FIELD: autopaint, shadow side), and
  between bare paper it is gone with its rim; those that stay are no traces in the line art that is
  given, but lines as black ones are (`line_colors.keep_lines`);
* a guide is paper, and painted like it; where nothing is painted it is gone.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from shiage.colors.palette import PAPER, Palette
from shiage.files.packing import pack
from shiage.files.pictures import Pixels, in_depth
from shiage.lines.crossings import led_through
from shiage.lines.lineart import erase_guides
from shiage.lines.own_colors import FRINGE
from shiage.lines.paper import BARE_COVERAGE, find_paper
from shiage.lines.segments import spread_labels
from shiage.painting.rims import find_rims, lay_rims_over
from shiage.structures import UNKNOWN, BoolMap, Ints, LabelMap, LineArt


def compose(
    drawing: Pixels,
    lineart: LineArt,
    labels: LabelMap,
    color_ids: Ints,
    palette: Palette,
) -> Pixels:
    """Return the painted picture, of the drawing's shape and dtype.

    Args:
        drawing: (H, W, 4) uint8 or uint16 RGBA as read from the file; not changed.
        lineart: its lines.
        labels: (H, W) int32, its segments.
        color_ids: (N,) int32, palette id per segment; `UNKNOWN` and the paper paint nothing.
        palette: the colors.
    """
    colors = in_depth(palette.rgba_u16, drawing.dtype)
    fill = fill_segments(lineart, labels, color_ids, palette)
    kept, replaced = split_lines(lineart)
    drawing, lineart = lead_lines_on(drawing, lineart)
    # One word per pixel: four times fewer things to choose between than with channels.
    as_drawn = pack(drawing)
    drawing = erase_guides(drawing, lineart.guide)
    before = pack(drawing)
    rims = find_rims(drawing, lineart, kept, replaced)
    under = rims.soft & lineart.ink
    if under.any():
        fill[under] = fill_under_lines(fill, kept)[under]
    packed: NDArray[Any] = np.ascontiguousarray(colors).view(before.dtype)[fill, 0]
    untouched = (fill == PAPER) | (kept & ~rims.soft)
    np.copyto(packed, before, where=untouched)
    if lineart.guide is not None:
        np.copyto(packed, as_drawn, where=kept & ~rims.soft)
    bare = find_traced(drawing, lineart, kept, replaced, rims.soft) & (fill == PAPER)
    if bare.any():
        below: Any = np.atleast_2d(rims.paper.under(bare))
        packed[bare] = pack(below)
    painted = packed[..., None].view(drawing.dtype)
    lay_rims_over(painted, drawing, rims, fill, colors)
    return painted


def as_lines(lineart: LineArt) -> LineArt:
    """Return the same lines, all of which stay as they are drawn."""
    none = np.zeros_like(lineart.trace)
    return replace(lineart, trace=none, all_trace=False, crossings=None)


def lead_lines_on(drawing: Pixels, lineart: LineArt) -> tuple[Pixels, LineArt]:
    """Return a drawing whose black lines go on under the traces that paint replaces, and its lines.

    Args:
        drawing: (H, W, 4) uint8 or uint16 RGBA; not changed.
        lineart: its lines.
    """
    if lineart.all_trace:
        return drawing, replace(lineart, crossings=None)
    return led_through(drawing, lineart), lineart


def find_traced(
    drawing: Pixels, lineart: LineArt, kept: BoolMap, replaced: BoolMap, soft: BoolMap
) -> BoolMap:
    """(H, W) bool: lines that paint replaces, with the rims that they cover in part.

    Args:
        drawing: (H, W, 4) uint8 or uint16 RGBA, without guides.
        lineart: its lines.
        kept: (H, W) bool, ink that stays a line.
        replaced: (H, W) bool, ink that paint replaces.
        soft: (H, W) bool, pixels that lines that stay cover in part.
    """
    if not replaced.any():
        return replaced
    square = np.ones((2 * FRINGE + 1, 2 * FRINGE + 1), np.uint8)
    beside = cv2.dilate(replaced.view(np.uint8), square).astype(bool)
    seen = lineart.coverage > BARE_COVERAGE
    alpha = drawing[..., 3]
    seen |= (alpha > 0) & (alpha < np.iinfo(drawing.dtype).max)
    return np.asarray((replaced | (beside & seen & ~kept)) & ~soft)


def fill_segments(lineart: LineArt, labels: LabelMap, color_ids: Ints, palette: Palette) -> Ints:
    """(H, W) int32: palette id of the paint on each pixel, colour traces painted over.

    `PAPER` where nothing is painted and where a line stays; see `compose` for the arguments.
    """
    paint = np.concatenate([[PAPER], np.where(color_ids == UNKNOWN, PAPER, color_ids)])
    fill = paint.astype(np.int32)[labels]
    kept, replaced = split_lines(lineart)
    if replaced.any():
        fill[replaced] = _paint_traces(fill, kept, replaced, palette)
    return fill


def fill_under_lines(fill: Ints, kept: BoolMap) -> Ints:
    """(H, W) int32: the same fill, with the nearest paint, or paper, under the lines that stay."""
    known = fill + 1
    known[kept] = 0
    spread = spread_labels(known)
    spread -= 1
    return np.maximum(spread, np.int32(PAPER), out=spread)  # nothing but lines


def paper_color(drawing: Pixels, lineart: LineArt) -> Pixels:
    """(4,): the commonest color of a drawing's bare paper, in its dtype; opaque white if none is.

    Args:
        drawing: (H, W, 4) uint8 or uint16 RGBA.
        lineart: its lines.
    """
    return find_paper(erase_guides(drawing, lineart.guide), lineart).main


def split_lines(lineart: LineArt) -> tuple[BoolMap, BoolMap]:
    """(H, W) bool twice: ink that stays a line, and ink that paint replaces."""
    if lineart.all_trace:
        return np.zeros_like(lineart.ink), lineart.ink
    replaced = lineart.trace > 0
    return lineart.ink & ~replaced, replaced


def _paint_traces(
    fill: Ints, kept: BoolMap, replaced: BoolMap, palette: Palette
) -> NDArray[np.int32]:
    """(n,) int32: palette id of each replaced pixel, the darkest fill within the line's reach.

    Fills grow into the trace line from all sides, a pixel at a time, and never through black
    lines; where they meet the darker wins. They grow as far as the line is wide and no further, so
    that a color does not run along the line past the place where it lies beside it.
    """
    by_lightness = np.argsort(palette.luminance(), kind="stable")[::-1]  # lightest first
    rank = np.empty(len(palette), np.uint16)
    rank[by_lightness] = np.arange(len(palette), dtype=np.uint16) + 2  # 0 = nothing yet
    rank[PAPER] = 1  # paint always wins over bare paper
    y, x = np.nonzero(replaced)
    margin = 1
    top, left = max(0, int(y.min()) - margin), max(0, int(x.min()) - margin)
    window = np.s_[top : int(y.max()) + margin + 1, left : int(x.max()) + margin + 1]
    inside = replaced[window]
    grown = np.where(kept[window] | inside, np.uint16(0), rank[fill[window]])
    source = grown.copy()
    reach = find_widest(inside)
    cross = cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3))  # corners would let it pass lines
    for _ in range(reach):
        wave = cv2.dilate(grown, cross)
        grown = np.where(inside, wave, source).astype(np.uint16)
    if (grown[inside] == 0).any():  # thicker knots, where lines cross
        holes = inside & (grown == 0)
        known = np.where(holes, 0, grown).astype(np.int32)
        grown = np.where(holes, spread_labels(known), grown).astype(np.uint16)
    id_of_rank = np.full(len(palette) + 2, PAPER, np.int32)
    id_of_rank[rank] = np.arange(len(palette))
    return id_of_rank[grown[inside]]


def find_widest(mask: BoolMap) -> int:
    """Width in pixels of the lines in a mask, the thickest percent (crossings) left out."""
    depth = cv2.distanceTransform(mask.view(np.uint8), cv2.DIST_L1, 3)
    return max(1, int(np.ceil(2 * np.percentile(depth[mask], 99))))
