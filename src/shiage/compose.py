"""Segments and colors to a painted picture, with the artist's lines as they were.

What happens to each pixel:

* a segment's pixel becomes its palette color exactly; where the segment is bare paper it stays as
  the drawing had it;
* a pixel that a black line covers fully stays as it was, byte for byte;
* a pixel that an antialiased line covers in part is the line's color over the fill, mixed by the
  line's coverage, so that no paper shines through between line and fill;
* a colour-trace pixel takes the darker of the fills it parts (FIELD: autopaint, shadow side), or
  with `traces="keep"` is treated as a black line is.
"""

from __future__ import annotations

from typing import Any, Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from shiage.palette import PAPER, Palette
from shiage.segments import spread_labels
from shiage.structures import UNKNOWN, BoolMap, Ints, LabelMap, LineArt

Traces = Literal["fill", "keep"]
Pixels = NDArray[np.uint8] | NDArray[np.uint16]

FULL_COVERAGE = 250
"""Coverage from which a line hides what lies under it."""

FRINGE = 2
"""How far the antialiased rim of a line reaches from its ink, pixels."""

BARE_COVERAGE = 5
"""Coverage up to which a pixel is bare paper."""


def compose(
    drawing: Pixels,
    lineart: LineArt,
    labels: LabelMap,
    color_ids: Ints,
    palette: Palette,
    traces: Traces = "fill",
) -> Pixels:
    """Return the painted picture, of the drawing's shape and dtype.

    Args:
        drawing: (H, W, 4) uint8 or uint16 RGBA as read from the file; not changed.
        lineart: its lines.
        labels: (H, W) int32, its segments.
        color_ids: (N,) int32, palette id per segment; `UNKNOWN` and the paper paint nothing.
        palette: the colors.
        traces: "fill" replaces colour-trace lines by paint, "keep" leaves them as lines.
    """
    colors = palette.rgba_u16 if drawing.dtype == np.uint16 else palette.rgba_u8
    paint = np.concatenate([[PAPER], np.where(color_ids == UNKNOWN, PAPER, color_ids)])
    fill = paint.astype(np.int32)[labels]  # (H, W) palette ids, PAPER under ink
    kept, replaced = _split_lines(lineart, traces)
    soft = _find_soft(lineart, kept, replaced)
    if replaced.any():
        fill[replaced] = _paint_traces(fill, kept, replaced, palette)
    if soft.any():
        under = soft & lineart.ink
        if under.any():
            fill[under] = paint[spread_labels(labels)[under]]
    # One word per pixel: four times fewer things to choose between than with channels.
    word = np.uint64 if drawing.dtype == np.uint16 else np.uint32
    before: NDArray[Any] = np.ascontiguousarray(drawing).view(word)[..., 0]
    packed: NDArray[Any] = np.ascontiguousarray(colors).view(word)[fill, 0]
    untouched = (fill == PAPER) | (kept & ~soft)
    np.copyto(packed, before, where=untouched)
    bare = replaced & (fill == PAPER)
    if bare.any():
        packed[bare] = _paper_color(before, lineart)
    painted = packed[..., None].view(drawing.dtype)
    mixed = soft & (fill != PAPER)
    if mixed.any():
        painted[mixed] = _lines_over(drawing, lineart, kept, mixed, colors[fill[mixed]])
    return painted


def _split_lines(lineart: LineArt, traces: Traces) -> tuple[BoolMap, BoolMap]:
    """(H, W) bool twice: ink that stays a line, and ink that paint replaces."""
    if traces == "keep":
        return lineart.ink, np.zeros_like(lineart.ink)
    if lineart.all_trace:
        return np.zeros_like(lineart.ink), lineart.ink
    replaced = lineart.trace > 0
    return lineart.ink & ~replaced, replaced


def _find_soft(lineart: LineArt, kept: BoolMap, replaced: BoolMap) -> BoolMap:
    """(H, W) bool: pixels that a line that stays covers in part, within `FRINGE` of that line.

    Faint marks further off are paper grain or dirt, and those beside a trace line that paint
    replaces are its own fringe: both get the plain fill.
    """
    soft = (lineart.coverage > BARE_COVERAGE) & (lineart.coverage < FULL_COVERAGE) & ~replaced
    if soft.any():
        square = np.ones((2 * FRINGE + 1, 2 * FRINGE + 1), np.uint8)
        soft &= cv2.dilate(kept.view(np.uint8), square).astype(bool)
    return soft


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
    rank[by_lightness] = np.arange(len(palette), dtype=np.uint16) + 1  # 0 = nothing yet
    rank[PAPER] = 1  # paint always wins over bare paper
    y, x = np.nonzero(replaced)
    margin = 1
    top, left = max(0, int(y.min()) - margin), max(0, int(x.min()) - margin)
    window = np.s_[top : int(y.max()) + margin + 1, left : int(x.max()) + margin + 1]
    inside = replaced[window]
    grown = np.where(kept[window] | inside, np.uint16(0), rank[fill[window]])
    source = grown.copy()
    reach = _widest(inside)
    cross = cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3))
    square = np.ones((3, 3), np.uint8)
    for step in range(reach):
        wave = cv2.dilate(grown, cross if step % 2 else square)
        grown = np.where(inside, wave, source).astype(np.uint16)
    if (grown[inside] == 0).any():  # thicker knots, where lines cross
        holes = inside & (grown == 0)
        known = np.where(holes, 0, grown).astype(np.int32)
        grown = np.where(holes, spread_labels(known), grown).astype(np.uint16)
    id_of_rank = np.zeros(len(palette) + 1, np.int32)
    id_of_rank[rank[np.arange(len(palette))][::-1]] = np.arange(len(palette))[::-1]
    id_of_rank[:2] = PAPER
    return id_of_rank[grown[inside]]


def _widest(mask: BoolMap) -> int:
    """Width in pixels of the lines in a mask, the thickest percent (crossings) left out."""
    depth = cv2.distanceTransform(mask.view(np.uint8), cv2.DIST_L1, 3)
    return max(1, int(np.ceil(2 * np.percentile(depth[mask], 99))))


def _paper_color(packed: NDArray[Any], lineart: LineArt) -> Any:
    """Return the commonest color of the drawing's bare paper, packed; opaque white if none is."""
    bare = packed[(lineart.coverage <= BARE_COVERAGE) & ~lineart.ink]
    if not len(bare):
        return packed.dtype.type(np.iinfo(packed.dtype).max)
    colors, counts = np.unique(bare[:: max(1, len(bare) // 5000)], return_counts=True)
    return colors[int(np.argmax(counts))]


def _lines_over(
    drawing: Pixels, lineart: LineArt, kept: BoolMap, where: BoolMap, fill: Pixels
) -> Pixels:
    """(n, 4): partly covered pixels as line color over fill, in the drawing's dtype.

    The line's own color is that of the nearest fully covered pixel; on transparent paper the
    pixel's own color and alpha say it all.
    """
    top = float(np.iinfo(drawing.dtype).max)
    own = drawing[where].astype(np.float32)
    coverage = lineart.coverage[where].astype(np.float32)[:, None] / 255
    see_through = own[:, 3:] < top
    solid = kept & (lineart.coverage >= FULL_COVERAGE)
    if solid.any():
        _, nearest = cv2.distanceTransformWithLabels(
            (~solid).view(np.uint8), cv2.DIST_L2, 3, labelType=cv2.DIST_LABEL_PIXEL
        )
        table = np.zeros((int(nearest.max()) + 1, 4), np.float32)
        table[nearest[solid]] = drawing[solid]
        line = table[nearest[where]]
    else:
        line = np.zeros_like(own)
    line = np.where(see_through, own, line)
    coverage = np.where(see_through, own[:, 3:] / top, coverage)
    mixed = fill.astype(np.float32) * (1 - coverage) + line * coverage
    mixed[:, 3] = np.maximum(fill[:, 3], own[:, 3])
    rounded = np.clip(np.rint(mixed), 0, top)
    return rounded.astype(np.uint16) if top > 255 else rounded.astype(np.uint8)
