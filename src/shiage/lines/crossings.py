"""Where colour traces meet black lines: the black goes on as if the trace had not been drawn.

A trace may be drawn over a black line or under it, cross it, lie along it or end at it. Its pixels
there are mixes of three colors, paper, line and trace, so how much black each holds can be found;
what the trace hides altogether is led on from both sides (`bridges.py`). Of a line over a trace the
black that is seen is all there is; of a line under it, what is seen is what the trace leaves. So
what is seen, and that much without the trace, are the bounds of what is there.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from shiage.files.packing import pack
from shiage.files.pictures import Pixels
from shiage.lines.bridges import MARGIN, bridge_lines
from shiage.lines.own_colors import FRINGE, find_solid
from shiage.lines.paper import BARE_COVERAGE, FULL_COVERAGE, commonest_color, find_paper
from shiage.lines.segments import spread_labels
from shiage.structures import BoolMap, ByteMap, Crossings, Floats, LineArt

TINT = 0.04
"""A pixel with less of a trace's color than this share is not tinted."""

COLORED = 16
"""A rim with less chroma than this, in levels of 255, shows nothing of a trace."""

SHADE = 0.05
"""A pixel of a trace with less black in it than this share has none: pens vary."""

SOFT_SHARE = 0.02
"""Black lines are antialiased if they have partly covered pixels beside this many of theirs."""

Places = NDArray[np.int64]
"""Pixels, by their place in raster order."""


@dataclass(frozen=True, eq=False)
class _Part:
    """The part of a drawing in which traces meet black lines.

    Attributes:
        rgb: (H, W, 3) uint8, on white.
        ink: (H, W) bool.
        trace: (H, W) uint8, number of the trace hue of each ink pixel by its color alone.
        reach: how far beyond black lines a trace may show again that ends under them, pixels.
        coverage: (H, W) uint8.
        paper: (3,) uint8, color of the paper.
    """

    rgb: NDArray[np.uint8]
    ink: BoolMap
    trace: ByteMap
    reach: int
    coverage: ByteMap
    paper: Pixels

    @cached_property
    def black(self) -> BoolMap:
        """(H, W) bool: ink that is no trace by its color."""
        return np.asarray(self.ink & (self.trace == 0))

    @cached_property
    def shown(self) -> ByteMap:
        """(H, W) uint8: `trace`, and what of one shows beyond a black line that hides its end."""
        rim = _grown(self.black, 1) & ~self.ink & (self.coverage > BARE_COVERAGE)
        at = np.flatnonzero(rim & _grown(self.trace > 0, self.reach))
        at = at[np.ptp(self.rgb.reshape(-1, 3)[at], axis=1) >= COLORED]
        if not len(at):
            return self.trace
        shown = self.trace.copy()
        shown.ravel()[at] = spread_labels(self.trace.astype(np.int32)).ravel()[at]
        return shown

    @cached_property
    def beside(self) -> BoolMap:
        """(H, W) bool: pixels of traces and beside them."""
        return _grown(self.shown > 0, FRINGE)

    @cached_property
    def solid(self) -> Places:
        """(s,): pixels in a black line's own color, away from traces."""
        solid = find_solid(self.rgb[self.black], self.black, self.paper)
        return np.flatnonzero(solid & ~self.beside)

    @cached_property
    def full(self) -> float:
        """Coverage of a black line."""
        return float(np.median(self.coverage.ravel()[self.solid])) if len(self.solid) else 255.0

    @cached_property
    def is_soft(self) -> bool:
        """Whether black lines are antialiased."""
        partly = (self.coverage > BARE_COVERAGE) & (self.coverage < FULL_COVERAGE * self.full / 255)
        partly &= _grown(self.black, 1) & ~self.beside
        partly.ravel()[self.solid] = False
        return bool(np.count_nonzero(partly) > SOFT_SHARE * np.count_nonzero(self.black))


@dataclass(frozen=True, eq=False)
class _Tinted:
    """Pixels that show a trace's color, n of them.

    Attributes:
        at: (n,) the pixels, ascending.
        hue: (n,) uint8, number of the hue.
        black: (n,) float32 in 0..1, how much of each is seen to be black line.
        tint: (n,) float32 in 0..1, how much is trace.
        like: (n,) a pixel in the color of the black line nearby; -1: black.
    """

    at: Places
    hue: ByteMap
    black: Floats
    tint: Floats
    like: Places


def find_crossings(
    rgb: NDArray[np.uint8],
    ink: BoolMap,
    trace: ByteMap,
    coverage: ByteMap,
    threshold: int,
    line_width: float,
) -> tuple[ByteMap, ByteMap, Crossings | None]:
    """Return traces and coverage with black lines led on, and the pixels where they meet.

    Args:
        rgb: (H, W, 3) uint8, the drawing on white, without guides.
        ink: (H, W) bool.
        trace: (H, W) uint8, number of the trace hue of each ink pixel by its color alone.
        coverage: (H, W) uint8.
        threshold: coverage from which a pixel is ink.
        line_width: typical width of the lines, pixels.
    """
    touch = _grown(trace > 0, FRINGE) & ink & (trace == 0)
    x, y, width, height = cv2.boundingRect(touch.view(np.uint8))
    if not width:
        return trace, coverage, None
    rows = slice(max(0, y - MARGIN), y + height + MARGIN)
    window = rows, slice(max(0, x - MARGIN), x + width + MARGIN)
    paper = commonest_color(rgb, ~ink & (coverage <= BARE_COVERAGE))
    part = _Part(
        rgb[window].copy(),
        ink[window].copy(),
        trace[window].copy(),
        round(1.5 * line_width) + 2 * FRINGE,
        coverage[window].copy(),
        paper,
    )
    tinted = _find_tinted(part)
    cover = _lead_on(part, tinted, ink, window)

    at, is_ink, was_black = tinted.at, *(m.ravel()[tinted.at] for m in (part.ink, part.black))
    stays = is_ink & (cover * part.full >= threshold)
    part.trace.ravel()[at] = np.where(is_ink & ~stays, tinted.hue, 0)
    part.coverage.ravel()[at[stays]] = np.rint(cover[stays] * part.full)
    rim = ~is_ink & _grown(part.ink & (part.trace == 0), FRINGE + 1).ravel()[at]
    met = (cover > 0) | rim | was_black
    trace, coverage = trace.copy(), coverage.copy()
    trace[window], coverage[window] = part.trace, part.coverage

    def in_drawing(places: Places) -> Places:
        row, column = np.divmod(places, part.ink.shape[1])
        place = (row + window[0].start) * ink.shape[1] + column + window[1].start
        return np.where(places < 0, -1, place)

    covers = np.rint(cover[met] * 255).astype(np.uint8)
    meet = Crossings(in_drawing(at[met]), covers, tinted.hue[met], in_drawing(tinted.like[met]))
    return trace, coverage, meet if len(meet) else None


def _lead_on(part: _Part, tinted: _Tinted, ink: BoolMap, window: tuple[slice, slice]) -> Floats:
    """(n,) float32 in 0..1: how far black lines cover tinted pixels, the tint aside.

    Args:
        part: of the drawing.
        tinted: the pixels.
        ink: (H, W) bool, of the whole drawing.
        window: where in that the part lies.
    """
    hidden = np.zeros(part.ink.shape, bool)
    hidden.ravel()[tinted.at] = True
    black = part.black & ~hidden
    seen = black.astype(np.float32)
    # Of pens, which vary, what is dark is not yet black.
    shade = np.where(_grown(part.black, FRINGE + 1).ravel()[tinted.at], tinted.black, 0)
    if part.is_soft:
        seen = np.minimum(part.coverage * np.float32(1 / part.full), 1)
        seen.ravel()[tinted.at] = shade
    led = bridge_lines(black, hidden, seen, part.is_soft, ink, window).ravel()[tinted.at]
    if not part.is_soft:
        return ((led > 0) | part.black.ravel()[tinted.at]).astype(np.float32)
    rest = 1 - tinted.tint
    most = np.where(rest > 0.1, tinted.black / np.maximum(rest, 0.1), 1)
    bounded = np.clip(led, tinted.black, np.maximum(most, tinted.black))
    cover = np.where(led > 0, bounded, shade)
    return np.where(cover < SHADE, 0, cover).astype(np.float32)


def _grown(mask: BoolMap, by: int) -> BoolMap:
    """(H, W) bool: a mask and what lies within some pixels of it."""
    return _spread(mask.view(np.uint8), by).view(bool)


def _spread(values: ByteMap, by: int) -> ByteMap:
    """(H, W) uint8: the highest value within some pixels of each."""
    square = np.ones((2 * by + 1, 2 * by + 1), np.uint8)
    return np.asarray(cv2.dilate(values, square), np.uint8)


def _find_tinted(part: _Part) -> _Tinted:
    """Return the pixels that show a trace's color: traces, their rims, and black beside them."""
    at = np.flatnonzero(part.beside & (part.coverage > BARE_COVERAGE))
    own_hue = part.trace.ravel()[at]
    hue = np.where(own_hue > 0, own_hue, _spread(part.shown, FRINGE).ravel()[at])
    colors, like = part.rgb.reshape(-1, 3), _nearest_solid(part, at)
    line = np.where(like[:, None] < 0, 0, colors[like]).astype(np.float32)
    pens = np.zeros((int(hue.max(initial=0)) + 1, 3), np.float32)
    for number in np.unique(own_hue[own_hue > 0]).tolist():
        pens[number] = _pen_color(colors[at[own_hue == number]])
    paper = part.paper.astype(np.float32)
    share, tint = _take_apart(colors[at].astype(np.float32), paper, line, pens[hue])
    # A color that lines have elsewhere is no trace's, be it brown or navy.
    elsewhere = np.unique(pack(part.rgb[part.black & ~part.beside]))
    shows = (own_hue > 0) | ((tint > TINT) & ~np.isin(pack(colors[at]), elsewhere))
    return _Tinted(at[shows], hue[shows], share[shows], tint[shows], like[shows])


def _nearest_solid(part: _Part, at: Places) -> Places:
    """(n,): for each pixel one in the color of the black line near it, -1 if none is known."""
    solid = part.solid
    if not len(solid):
        return np.full(len(at), -1, np.int64)
    colors = pack(part.rgb.reshape(-1, 3)[solid])
    if (colors == colors[0]).all():
        return np.full(len(at), solid[0], np.int64)
    blank = np.ones(part.ink.shape, np.uint8)
    blank.ravel()[solid] = 0
    _, nearest = cv2.distanceTransformWithLabels(
        blank, cv2.DIST_L2, 3, labelType=cv2.DIST_LABEL_PIXEL
    )
    table = np.zeros(len(solid) + 1, np.int64)
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
    no_tint, no_share = tint < 0, share < 0  # then the nearest mix of the other two
    share = np.where(no_tint, ac / np.maximum(aa, 1), np.maximum(share, 0))
    tint = np.where(no_share, bc / np.maximum(bb, 1), np.maximum(tint, 0))
    whole = np.maximum(share + tint, 1)
    return np.clip(share / whole, 0, 1), np.clip(tint / whole, 0, 1)


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
    top = np.iinfo(drawing.dtype).max
    black = np.array([0, 0, 0, top], drawing.dtype)
    line = np.where(meet.like[:, None] < 0, black, drawing.reshape(-1, 4)[meet.like])
    where = np.zeros(lineart.size_hw, bool)
    where.ravel()[meet.at] = True
    under: Any = np.broadcast_to(find_paper(drawing, lineart).under(where), line.shape)
    share, opacity = meet.cover[:, None] / 255, under[:, 3:] / top
    alpha = share + opacity * (1 - share)
    mixed = line[:, :3] * share + under[:, :3] * (opacity * (1 - share))
    mixed = np.divide(mixed, alpha, out=under[:, :3].astype(np.float64), where=alpha > 0)
    out = drawing.copy()
    out.reshape(-1, 4)[meet.at] = np.rint(np.concatenate([mixed, alpha * top], axis=1))
    return out
