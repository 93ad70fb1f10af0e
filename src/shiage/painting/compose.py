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
from shiage.lines.lineart import FULL_COVERAGE, erase_guides
from shiage.lines.segments import spread_labels
from shiage.structures import UNKNOWN, BoolMap, Ints, LabelMap, LineArt

Pixels = NDArray[np.uint8] | NDArray[np.uint16]

OWN_COLOR_SHARE = 0.02
"""A color is a line's own, not a mix with paper, if this share of the ink has exactly it ..."""

OWN_COLORS = 8
"""... and it is among so many commonest ones."""

OWN_GREY_SHARE = 0.2
"""The same for greys, which are mostly mixes of black and paper."""

MIX_TOLERANCE = 12.0
"""How far, in 8-bit levels, a color may lie from the mixes of paper and line to be one of them."""

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
) -> Pixels:
    """Return the painted picture, of the drawing's shape and dtype.

    Args:
        drawing: (H, W, 4) uint8 or uint16 RGBA as read from the file; not changed.
        lineart: its lines.
        labels: (H, W) int32, its segments.
        color_ids: (N,) int32, palette id per segment; `UNKNOWN` and the paper paint nothing.
        palette: the colors.
    """
    colors = palette.rgba_u16 if drawing.dtype == np.uint16 else palette.rgba_u8
    fill = fill_segments(lineart, labels, color_ids, palette)
    kept, replaced = split_lines(lineart)
    # One word per pixel: four times fewer things to choose between than with channels.
    as_drawn = _words(drawing)
    drawing = erase_guides(drawing, lineart.guide)
    before = _words(drawing)
    soft, solid, paper = find_rims(drawing, lineart, kept, replaced)
    under = soft & lineart.ink
    if under.any():
        fill[under] = fill_under_lines(fill, kept)[under]
    packed: NDArray[Any] = np.ascontiguousarray(colors).view(before.dtype)[fill, 0]
    untouched = (fill == PAPER) | (kept & ~soft)
    np.copyto(packed, before, where=untouched)
    if lineart.guide is not None:
        np.copyto(packed, as_drawn, where=kept & ~soft)
    bare = find_traced(drawing, lineart, kept, replaced, soft) & (fill == PAPER)
    if bare.any():
        packed[bare] = _commonest(before, find_bare(lineart))
    painted = packed[..., None].view(drawing.dtype)
    mixed = soft & (fill != PAPER)
    if mixed.any():
        line, share = lines_off_paper(drawing, solid, paper, mixed)
        painted[mixed] = _lines_over(drawing, mixed, line, share, colors[fill[mixed]])
    return painted


def find_rims(
    drawing: Pixels, lineart: LineArt, kept: BoolMap, replaced: BoolMap
) -> tuple[BoolMap, BoolMap, Any]:
    """Return where lines cover pixels in part and where wholly, and the paper as one number.

    Args:
        drawing: (H, W, 4) uint8 or uint16 RGBA, without guides.
        lineart: its lines.
        kept: (H, W) bool, ink that stays a line.
        replaced: (H, W) bool, ink that paint replaces.

    Returns:
        (H, W) bool twice, and the paper; all False, and None, if no pixel is covered in part.
    """
    soft = find_soft(lineart, kept, replaced, drawing)
    if not soft.any():
        return soft, np.zeros_like(soft), None
    packed = _words(drawing)
    paper = _commonest(packed, find_bare(lineart))
    solid = _find_solid(drawing, packed, kept, paper)
    return soft & ~solid, solid, paper


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
    return np.asarray(replaced | (beside & seen & ~kept & ~soft))


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
    return commonest_color(erase_guides(drawing, lineart.guide), find_bare(lineart))


def find_bare(lineart: LineArt) -> BoolMap:
    """(H, W) bool: pixels of bare paper."""
    return np.asarray((lineart.coverage <= BARE_COVERAGE) & ~lineart.ink)


def commonest_color(pixels: Pixels, where: BoolMap) -> Pixels:
    """(4,): the commonest color of some pixels, in their dtype; opaque white if there is none.

    Args:
        pixels: (H, W, 4) uint8 or uint16 RGBA.
        where: (H, W) bool, which of them.
    """
    color: Pixels = np.array([_commonest(_words(pixels), where)]).view(pixels.dtype)
    return color


def _words(drawing: Pixels) -> NDArray[Any]:
    """(H, W) uint32 (uint64 for 16 bits): one number per pixel."""
    word = np.uint64 if drawing.dtype == np.uint16 else np.uint32
    words: NDArray[Any] = np.ascontiguousarray(drawing).view(word)[..., 0]
    return words


def split_lines(lineart: LineArt) -> tuple[BoolMap, BoolMap]:
    """(H, W) bool twice: ink that stays a line, and ink that paint replaces."""
    if lineart.all_trace:
        return np.zeros_like(lineart.ink), lineart.ink
    replaced = lineart.trace > 0
    return lineart.ink & ~replaced, replaced


def find_soft(
    lineart: LineArt, kept: BoolMap, replaced: BoolMap, drawing: Pixels | None = None
) -> BoolMap:
    """(H, W) bool: pixels that a line that stays covers in part, within `FRINGE` of that line.

    Faint marks further off are paper grain or dirt, and those beside a trace line that paint
    replaces are its own fringe: both get the plain fill. On transparent paper, if the drawing's
    pixels (H, W, 4) are given, there is no grain to be told from lines: alpha says how much each
    pixel is covered.
    """
    soft = (lineart.coverage > BARE_COVERAGE) & (lineart.coverage < FULL_COVERAGE)
    if drawing is not None:
        alpha, top = cv2.extractChannel(drawing, 3), np.iinfo(drawing.dtype).max
        if alpha.min() < top:
            soft |= (alpha > 0) & (alpha < top)
    soft &= ~replaced
    if soft.any():
        square = np.ones((2 * FRINGE + 1, 2 * FRINGE + 1), np.uint8)
        soft &= cv2.dilate(kept.view(np.uint8), square).astype(bool)
    if not (soft & ~lineart.ink).any():
        soft[:] = False  # hard lines: ink that is not black is a line of another color
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


def _commonest(packed: NDArray[Any], where: BoolMap) -> Any:
    """Return the commonest of some packed colors; opaque white if there is none."""
    some = packed[where]
    if not len(some):
        return packed.dtype.type(np.iinfo(packed.dtype).max)
    colors, counts = np.unique(some[:: max(1, len(some) // 5000)], return_counts=True)
    return colors[int(np.argmax(counts))]


def _find_solid(drawing: Pixels, packed: NDArray[Any], kept: BoolMap, paper: Any) -> BoolMap:
    """(H, W) bool: ink in a line's own color, opaque.

    A line's own color is one that much of the ink has exactly. But beside a darker line a color
    that lies between that line's and the paper's is the rim of that line.
    """
    opaque = kept & (drawing[..., 3] == np.iinfo(drawing.dtype).max)
    colors, counts = np.unique(packed[opaque], return_counts=True)
    common = np.argsort(-counts, kind="stable")[:OWN_COLORS]
    common = common[counts[common] >= OWN_COLOR_SHARE * counts.sum()]
    levels = _channels(colors[common], drawing.dtype)[:, :3]
    paper_level = _channels(np.array([paper]), drawing.dtype)[0, :3]
    solid = np.zeros(packed.shape, bool)
    darker = [np.zeros(3, np.float32)]
    for at in np.argsort(levels.min(axis=1), kind="stable").tolist():
        mine = opaque & (packed == colors[common[at]])
        grey = levels[at].min() > 0 and _is_mix(levels[at], paper_level, darker[0])
        if grey and counts[common[at]] < OWN_GREY_SHARE * counts.sum():
            continue
        if any(_is_mix(levels[at], paper_level, line) for line in darker):
            square = np.ones((2 * FRINGE + 1, 2 * FRINGE + 1), np.uint8)
            mine &= ~cv2.dilate(solid.view(np.uint8), square).astype(bool)
        solid |= mine
        darker.append(levels[at])
    return solid


def _channels(packed: NDArray[Any], dtype: np.dtype[Any]) -> NDArray[np.float32]:
    """(n, 4) float32 in 0..255: the channels of packed colors."""
    levels = np.ascontiguousarray(packed).view(dtype).reshape(-1, 4).astype(np.float32)
    return levels * np.float32(255 / np.iinfo(dtype).max)


def _is_mix(
    color: NDArray[np.float32], paper: NDArray[np.float32], line: NDArray[np.float32]
) -> bool:
    """Whether a color lies on the way from the paper's to the line's; all (3,), 0..255."""
    way = line - paper
    share = np.clip((color - paper) @ way / max(float(way @ way), 1.0), 0, 1)
    return bool(np.linalg.norm(paper + share * way - color) <= MIX_TOLERANCE)


def lines_off_paper(
    drawing: Pixels, solid: BoolMap, paper: Any, where: BoolMap
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return the lines' own colors (n, 4) and how much they cover (n, 1), 0..1.

    On opaque paper the line's color is that of the nearest solid pixel (black where there is none,
    as in pencil), and it covers as much as the pixel is on the way from paper to line. On
    transparent paper the pixel's own color and alpha say it all.

    Args:
        drawing: (H, W, 4) uint8 or uint16 RGBA.
        solid: (H, W) bool, pixels in a line's own color.
        paper: the paper's color as one number, see `find_rims`.
        where: (H, W) bool, n pixels that lines cover in part.
    """
    top = float(np.iinfo(drawing.dtype).max)
    own = drawing[where].astype(np.float32)
    line = np.zeros_like(own)
    line[:, 3] = top
    if solid.any():
        _, nearest = cv2.distanceTransformWithLabels(
            (~solid).view(np.uint8), cv2.DIST_L2, 3, labelType=cv2.DIST_LABEL_PIXEL
        )
        table = np.zeros((int(nearest.max()) + 1, 4), np.float32)
        table[nearest[solid]] = drawing[solid]
        line = table[nearest[where]]
    bare = _channels(np.array([paper]), drawing.dtype)[:, :3] * np.float32(top / 255)
    way = line[:, :3] - bare
    share = ((own[:, :3] - bare) * way).sum(axis=1) / np.maximum((way * way).sum(axis=1), 1)
    see_through = own[:, 3] < top
    share = np.where(see_through, own[:, 3] / top, np.clip(share, 0, 1))[:, None]
    return np.where(see_through[:, None], own, line), share


def _lines_over(
    drawing: Pixels,
    where: BoolMap,
    line: NDArray[np.float32],
    share: NDArray[np.float32],
    fill: Pixels,
) -> Pixels:
    """(n, 4): partly covered pixels as line color over fill, in the drawing's dtype."""
    top = float(np.iinfo(drawing.dtype).max)
    mixed = fill.astype(np.float32) * (1 - share) + line * share
    mixed[:, 3] = np.maximum(fill[:, 3], drawing[where][:, 3])
    rounded = np.clip(np.rint(mixed), 0, top)
    out: Pixels = rounded.astype(np.uint16) if top > 255 else rounded.astype(np.uint8)
    return out
