"""Where colour traces meet black lines: the black goes on as if the trace had not been drawn.

A trace may be drawn over a black line or under it, cross it, lie along it or end at it. Its pixels
there are mixes of three colors, paper, line and trace, so how much black each holds can be told;
what the trace hides altogether is led on from both sides (`bridges.py`). Of a line over a trace the
black that is seen is all there is; of a line under it, what is seen is what the trace leaves. So
what is seen, and that much without the trace, are the bounds of what is there.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from shiage.files.pictures import Pixels
from shiage.lines.bridges import bridge_lines
from shiage.lines.own_colors import FRINGE, find_solid, levels_of
from shiage.lines.paper import BARE_COVERAGE, FULL_COVERAGE, commonest_color, find_paper
from shiage.structures import BoolMap, ByteMap, Crossings, Floats, LineArt

TINT = 0.04
"""A pixel with less of a trace's color than this share is not tinted."""

SHADE = 0.05
"""A pixel of a trace with less black in it than this share has none: pens vary."""

SOFT_SHARE = 0.02
"""Black lines are antialiased if they have partly covered pixels beside so many of theirs."""

_REACH = 2 * FRINGE + 1
"""How far from a trace's ink pixels are looked at, and from black, pixels."""


@dataclass(frozen=True, eq=False)
class _Tinted:
    """Pixels that show a trace's color, n of them.

    Attributes:
        at: (n,) int64, their place in raster order.
        hue: (n,) uint8, number of the hue.
        black: (n,) float32 in 0..1, how much of each is seen to be black line.
        tint: (n,) float32 in 0..1, how much is trace.
        like: (n,) int64, a pixel in the color of the black line nearby; -1: black.
    """

    at: NDArray[np.int64]
    hue: ByteMap
    black: Floats
    tint: Floats
    like: NDArray[np.int64]


def find_crossings(
    rgb: NDArray[np.uint8], ink: BoolMap, trace: ByteMap, coverage: ByteMap, threshold: int
) -> tuple[ByteMap, ByteMap, Crossings | None]:
    """Return traces and coverage with black lines led on, and the pixels where they meet.

    Args:
        rgb: (H, W, 3) uint8, the drawing on white, without guides.
        ink: (H, W) bool.
        trace: (H, W) uint8, number of the trace hue of each ink pixel by its color alone.
        coverage: (H, W) uint8.
        threshold: coverage from which a pixel is ink.
    """
    black = ink & (trace == 0)
    beside = _grown(trace > 0, FRINGE)
    if not (black & beside).any():
        return trace, coverage, None
    opaque = np.dstack([rgb, np.full(ink.shape, 255, np.uint8)])
    paper = commonest_color(opaque, ~ink & (coverage <= BARE_COVERAGE))
    solid = np.flatnonzero(find_solid(opaque, black & ~beside, paper))
    tinted = _find_tinted(rgb, black, trace, coverage, beside, solid, paper)
    hidden = np.zeros(ink.shape, bool)
    hidden.ravel()[tinted.at] = True
    full = np.median(coverage.ravel()[solid]) if len(solid) else 255.0
    partly = (coverage > BARE_COVERAGE) & (coverage < FULL_COVERAGE) & ~beside & _grown(black, 1)
    partly.ravel()[solid] = False
    soft = np.count_nonzero(partly) > SOFT_SHARE * np.count_nonzero(black)
    seen = np.minimum(coverage / np.float32(full), 1) if soft else black.astype(np.float32)
    led_map = bridge_lines(black & ~hidden, hidden, seen, soft)
    led, near = (m.ravel()[tinted.at] for m in (led_map, _grown(black | (led_map > 0), FRINGE + 1)))
    was_black = black.ravel()[tinted.at]
    if soft:
        seen_black = np.where(_grown(black, FRINGE + 1).ravel()[tinted.at], tinted.black, 0)
        cover = np.where(led > 0, _bounded(led, tinted), seen_black)
        cover[cover < SHADE] = 0
    else:
        cover = ((led > 0) | was_black).astype(np.float32)

    is_ink = ink.ravel()[tinted.at]
    stays = is_ink & (cover * full >= threshold)
    trace, coverage = trace.copy(), coverage.copy()
    trace.ravel()[tinted.at] = np.where(is_ink & ~stays, tinted.hue, 0)
    coverage.ravel()[tinted.at[stays]] = np.rint(cover[stays] * full)
    rows = (cover > 0) | (near & ~is_ink) | was_black
    cover_u8 = np.rint(cover[rows] * 255).astype(np.uint8)
    meet = Crossings(tinted.at[rows], cover_u8, tinted.hue[rows], tinted.like[rows])
    return trace, coverage, meet if len(meet) else None


def _grown(mask: BoolMap, by: int) -> BoolMap:
    """(H, W) bool: a mask and what lies within some pixels of it."""
    square = np.ones((2 * by + 1, 2 * by + 1), np.uint8)
    return np.asarray(cv2.dilate(mask.view(np.uint8), square) > 0)


def _find_tinted(
    rgb: NDArray[np.uint8],
    black: BoolMap,
    trace: ByteMap,
    coverage: ByteMap,
    beside: BoolMap,
    solid: NDArray[np.int64],
    paper: Pixels,
) -> _Tinted:
    """Return the pixels that show a trace's color: traces, their rims, and black beside them.

    Args:
        rgb: (H, W, 3) uint8, on white.
        black: (H, W) bool, ink that is no trace by its color.
        trace: (H, W) uint8.
        coverage: (H, W) uint8.
        beside: (H, W) bool, pixels of traces and beside them.
        solid: (s,) pixels in a black line's own color.
        paper: (4,) its color.
    """
    at = np.flatnonzero(beside & (coverage > BARE_COVERAGE))
    drawn = trace.ravel()[at] > 0
    square = np.ones((2 * FRINGE + 1, 2 * FRINGE + 1), np.uint8)
    hue = np.where(drawn, trace.ravel()[at], cv2.dilate(trace, square).ravel()[at])
    like = _nearest_solid(rgb, solid, at)
    colors = rgb.reshape(-1, 3)
    own, line = colors[at].astype(np.float32), np.where(like[:, None] < 0, 0, colors[like])
    pen = np.zeros((int(hue.max(initial=0)) + 1, 3), np.float32)
    for number in np.unique(hue[drawn]).tolist():
        pen[number] = _pen_color(colors[trace.ravel() == number])
    share, tint = _take_apart(own, levels_of(paper[None])[0], line.astype(np.float32), pen[hue])
    # A color that lines have elsewhere is no trace's, be it brown or navy.
    elsewhere = np.unique(_words(colors[np.flatnonzero(black & ~beside)]))
    shows = drawn | ((tint > TINT) & ~np.isin(_words(colors[at]), elsewhere))
    return _Tinted(at[shows], hue[shows], share[shows], tint[shows], like[shows])


def _words(colors: NDArray[np.uint8]) -> NDArray[np.int64]:
    """(n,) int64: one number for each color (n, 3)."""
    return colors.astype(np.int64) @ np.array([1, 256, 65536])


def _nearest_solid(
    rgb: NDArray[np.uint8], solid: NDArray[np.int64], at: NDArray[np.int64]
) -> NDArray[np.int64]:
    """(n,) int64: for each pixel one in the color of the line near it, -1 if none is known."""
    colors = rgb.reshape(-1, 3)[solid]
    if not len(solid):
        return np.full(len(at), -1, np.int64)
    if (colors == colors[0]).all():
        return np.full(len(at), solid[0], np.int64)
    blank = np.ones(rgb.shape[:2], np.uint8)
    blank.ravel()[solid] = 0
    _, nearest = cv2.distanceTransformWithLabels(
        blank, cv2.DIST_L2, 3, labelType=cv2.DIST_LABEL_PIXEL
    )
    table = np.zeros(int(nearest.max()) + 1, np.int64)
    table[nearest.ravel()[solid]] = solid
    return np.asarray(table[nearest.ravel()[at]])


def _pen_color(colors: NDArray[np.uint8]) -> Floats:
    """(3,) float32: the color of a trace's pen, given its pixels (n, 3): the purest of them."""
    chroma = colors.max(axis=1).astype(np.int64) - colors.min(axis=1)
    purest = chroma >= 0.9 * np.percentile(chroma, 98)
    return np.asarray(np.median(colors[purest], axis=0), np.float32)


def _take_apart(own: Floats, paper: Floats, line: Floats, pen: Floats) -> tuple[Floats, Floats]:
    """Return how much of each color is line and how much trace, 0..1; the rest is paper.

    Args:
        own: (n, 3) float32, colors.
        paper: (3,) float32.
        line: (n, 3) float32, color of the black line near each.
        pen: (n, 3) float32, color of the trace near each.
    """
    black, hue, way = line - paper, pen - paper, own - paper
    aa, ab, bb = ((p * q).sum(axis=1) for p, q in ((black, black), (black, hue), (hue, hue)))
    ac, bc = (black * way).sum(axis=1), (hue * way).sum(axis=1)
    whole = np.maximum(aa * bb - ab * ab, 1)
    share, tint = (ac * bb - bc * ab) / whole, (bc * aa - ac * ab) / whole
    alone_black, alone_hue = ac / np.maximum(aa, 1), bc / np.maximum(bb, 1)
    share, tint = (
        np.where(tint < 0, alone_black, np.where(share < 0, 0, share)),
        np.where(share < 0, alone_hue, np.where(tint < 0, 0, tint)),
    )
    total = np.maximum(share + tint, 1)
    return (
        np.clip(share / total, 0, 1).astype(np.float32),
        np.clip(tint / total, 0, 1).astype(np.float32),
    )


def _bounded(led: Floats, tinted: _Tinted) -> Floats:
    """(n,) float32 in 0..1: how far lines cover tinted pixels, within what can be under their tint.

    Args:
        led: (n,) float32, how far they do as they are led on.
        tinted: the pixels.
    """
    rest = 1 - tinted.tint
    most = np.where(rest > 0.1, tinted.black / np.maximum(rest, 0.1), 1)
    return np.clip(led, tinted.black, np.maximum(most, tinted.black)).astype(np.float32)


def led_through(drawing: Pixels, lineart: LineArt) -> Pixels:
    """Return a drawing as if traces had not been drawn where they meet black lines.

    Args:
        drawing: (H, W, 4) uint8 or uint16 RGBA; not changed, and returned itself if they nowhere
            meet.
        lineart: its lines.
    """
    meet = lineart.crossings
    if meet is None:
        return drawing
    flat = drawing.reshape(-1, 4)
    top = np.iinfo(drawing.dtype).max
    black = np.array([0, 0, 0, top], drawing.dtype)
    line = np.where(meet.like[:, None] < 0, black, flat[meet.like]).astype(np.float64)
    where = np.zeros(lineart.size_hw, bool)
    where.ravel()[meet.at] = True
    under = np.broadcast_to(find_paper(drawing, lineart).under(where), (len(meet), 4))
    share = meet.cover[:, None] / 255
    opacity = under[:, 3:] / top
    alpha = share + opacity * (1 - share)
    mixed = line[:, :3] * share + under[:, :3] * (opacity * (1 - share))
    mixed = np.divide(mixed, alpha, out=under[:, :3].astype(np.float64), where=alpha > 0)
    out = drawing.copy()
    out.reshape(-1, 4)[meet.at] = np.rint(np.concatenate([mixed, alpha * top], axis=1))
    return out
