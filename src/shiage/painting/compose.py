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

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from shiage.colors.palette import PAPER, Palette
from shiage.files.packing import pack
from shiage.files.pictures import Pixels, in_depth
from shiage.lines.segments import spread_labels
from shiage.painting.covering import Covering, split_lines
from shiage.painting.rims import lay_rims_over
from shiage.structures import UNKNOWN, BoolMap, Ints, LabelMap, LineArt


def compose(covering: Covering, labels: LabelMap, color_ids: Ints, palette: Palette) -> Pixels:
    """Return the painted picture, of the drawing's shape and dtype.

    Args:
        covering: the drawing as read from the file, and how its lines cover it.
        labels: (H, W) int32, its segments.
        color_ids: (N,) int32, palette id per segment; `UNKNOWN` and the paper paint nothing.
        palette: the colors.
    """
    dtype = covering.drawing.dtype
    colors = in_depth(palette.rgba_u16, dtype)
    fill = fill_segments(covering.lineart, labels, color_ids, palette)
    under = covering.soft & covering.lineart.ink
    if under.any():
        fill[under] = fill_under_lines(fill, covering.kept)[under]
    # One word per pixel: four times fewer things to choose between than with channels.
    before = pack(covering.plain)
    packed: NDArray[Any] = np.ascontiguousarray(colors).view(before.dtype)[fill, 0]
    np.copyto(packed, before, where=(fill == PAPER) | covering.full)
    if covering.lineart.guide is not None:
        np.copyto(packed, pack(covering.led_on), where=covering.full)
    bare = covering.traced & (fill == PAPER)
    if bare.any():
        below: Any = np.atleast_2d(covering.paper.under(bare))
        packed[bare] = pack(below)
    painted = packed[..., None].view(dtype)
    lay_rims_over(painted, covering, fill, colors)
    return painted


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
