"""Which colors a program may leave where lines cover the paint in part.

Each program mixes in its own way: the line over the paint or multiplied with it, antialiased more
or less, over paint that ends beside, beneath or beyond the line. What they share is that the pixel
lies between the color of the line and those of paint near it; and where a colour trace was, between
the paints that it parts.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import chain, combinations_with_replacement, product

import cv2
import numpy as np
from numpy.typing import NDArray

from shiage.checks.view import CelView, find_drawn
from shiage.files.packing import Words, unpack_colors
from shiage.lines.own_colors import FRINGE, OWN_COLOR_SHARE
from shiage.lines.paper import FULL_COVERAGE
from shiage.painting.compose import find_widest
from shiage.structures import BoolMap, ByteMap

NEAR = FRINGE + 1
"""How far from a pixel the line may lie that covers it, and the paint, if no line is between."""

WIDEST = 16
"""Lines are looked across for paint up to this width."""

MIX_TOLERANCE = 10.0
"""How far, in 8-bit levels, a mixed pixel may lie from the mixes that it can be of."""

UNTINTED = 0.5
"""How far, in 8-bit levels, rounding may take a pixel from the way between its line and paper."""

SLACK = 0.35
"""How much less of a pixel than in the drawing, as a share, a line may cover in the painting."""

EXACT = 0.75
"""The tolerance where a line covers a pixel all but wholly: what rounding may change ..."""

COVERED = 1 - FULL_COVERAGE / 255
"""... and this is how much of the paper shows there at most."""

MOST_PAINTS = 8
"""This many paints near a pixel are tried, the commonest of the cel first."""

MOST_FILLS = 64
"""This many fills of a cel are tried, for those that are seen nowhere but between two lines."""

NONE = 255
"""In place of the rank of a paint: there is none."""

ROUNDED = 1.0
"""The tolerance for ink of a cel that is multiplied with its paint throughout ..."""

THROUGHOUT = 0.3
"""... that is, at least this share of the ink that has paint near."""

Rows = NDArray[np.int64]
Levels = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Mixing:
    """Pixels of a cel with what they may be mixed of, colors in 8-bit levels over white.

    Attributes:
        now: (n, 3) as painted.
        drawn: (n, 3) in the drawing.
        line: (n, 3) of the darkest line near that stays; NaN where there is a colour trace alone.
        thin: (n, 1) how far, in 0..1, the drawing shows paper through that line.
        near: (m, n, 3) of paint near, the commonest of the cel first; NaN where there are less.
        fills: (k, 3) of all segments.
        paper: (3,) of bare paper, at least 1.
        reach: how far from the pixels paint was looked for.
    """

    now: Levels
    drawn: Levels
    line: Levels
    thin: Levels
    near: Levels
    fills: Levels
    paper: Levels
    reach: int

    def only(self, which: BoolMap) -> Mixing:
        """Return some of the pixels."""
        of = {name: getattr(self, name)[which] for name in ("now", "drawn", "line", "thin")}
        return replace(self, near=self.near[:, which], **of)

    @property
    def tint(self) -> Levels:
        """(n,) levels by which pixels are drawn off the way from their line to paper.

        Whatever tints them, as a trace does, hides how far the line covers them.
        """
        paper = np.broadcast_to(self.paper, self.drawn.shape)
        return _to_way(self.drawn, self.line, paper)

    def is_line_over_paint(self, tolerance: float, slack: Levels | float) -> BoolMap:
        """(n,) bool: pixels between their line, if there is one, and a paint, or two that are near.

        Args:
            tolerance: levels by which they may be off.
            slack: share of the pixel by which the line may cover less than in the drawing; one
                for all, or (n, 1).
        """
        fits = np.zeros(len(self.now), bool)
        pairs = combinations_with_replacement(self.near, 2)
        thin = np.clip(self.thin + slack, 0, 1)
        for one, other in chain(pairs, ((fill, fill) for fill in self._fills())):
            left = np.flatnonzero(~fits & ~np.isnan(other[:, 0]))  # then `one` is a paint, too
            a = np.where(np.isnan(self.line[left]), one[left], self.line[left])
            b, c = (a + (paint[left] - a) * thin[left] for paint in (one, other))
            fits[left] = _to_triangle(self.now[left], a, b, c) <= tolerance
        return fits

    def is_line_times_paint(self, tolerance: float, slack: Levels | float) -> BoolMap:
        """(n,) bool: the same for a line that is multiplied with one paint."""
        fits = np.zeros(len(self.now), bool)
        thin = np.clip(self.thin + slack, 0, 1)
        for paint in chain(self.near, self._fills()):
            line = self.line * paint / self.paper
            fits |= _to_way(self.now, line, line + (paint - line) * thin) <= tolerance
        return fits

    def is_thin_line_over_paint(self, tolerance: float) -> BoolMap:
        """(n,) bool: pixels of one paint under their line, of which as much shows as of paper."""
        gray = (self.drawn > self.line).any(axis=1) & (self.tint <= MIX_TOLERANCE)
        fits = np.zeros(len(self.now), bool)
        for paint in chain(self.near, self._fills()):
            for line in (self.line, self.line * paint / self.paper):  # over it, or multiplied
                shown = line + (paint - line) * self.thin
                fits |= np.abs(self.now - shown).max(axis=1) <= tolerance
        return fits & gray

    def is_paint_under_drawing(self, tolerance: float) -> BoolMap:
        """(n,) bool: pixels as drawn but for paint that shows, wholly or partly, for the paper."""
        fits = np.zeros(len(self.now), bool)
        see_through = (self.drawn / self.paper).min(axis=1, keepdims=True)
        for paint in chain(self.near, self._fills()):
            over = self.drawn + (paint - self.paper) * see_through
            multiplied = self.drawn * paint / self.paper
            for end in (over, multiplied):
                fits |= _to_way(self.now, self.drawn, end) <= tolerance  # NaN is farther than any
        return fits

    def _fills(self) -> Iterator[Levels]:
        """Yield each fill as often as there are pixels."""
        for fill in self.fills:
            yield np.broadcast_to(fill, self.now.shape)


def is_mixed(view: CelView, y: Rows, x: Rows) -> BoolMap:
    """(n,) bool: pixels of lines and their rims that some program may have mixed so.

    Args:
        view: the cel.
        y: (n,) rows of the pixels, which are not as shiage would make them.
        x: (n,) their columns.
    """
    mixed = np.zeros(len(y), bool)
    at = np.flatnonzero(_find_drawn(view)[y, x])
    y, x = y[at], x[at]
    mixing = find_mixing(view, y, x)
    hard, fits = view.hard[y, x], np.zeros(len(at), bool)
    solid = view.solid[y, x] | (not view.soft.any())
    # Over a trace, which may end beyond the line, that is tinted, also where it is opaque.
    tinted = _grow(view.replaced, mixing.reach)[y, x] & view.soft.any()
    tinted &= mixing.tint > UNTINTED
    whole = hard & solid & ~tinted
    covered = hard & ~whole & (solid | (mixing.thin[:, 0] <= COVERED))
    exact, slack = mixing.only(covered), np.where(tinted[covered, None], COVERED, 0)
    fits[covered] = exact.is_line_over_paint(EXACT, slack)
    fits[covered] |= exact.is_paint_under_drawing(EXACT)
    fits[covered] |= tinted[covered] & exact.is_line_times_paint(EXACT, slack)
    change = np.abs(mixing.now - mixing.drawn).max(axis=1)
    fits[hard] |= _lets_through(view, mixing.only(hard), y[hard], x[hard])
    fits |= hard & tinted & (np.maximum(mixing.tint, change) <= MIX_TOLERANCE)
    rim = ~whole & ~covered & ~fits
    fits[rim] = mixing.only(rim).is_line_over_paint(MIX_TOLERANCE, SLACK)
    rim &= ~fits
    fits[rim] = mixing.only(rim).is_line_times_paint(MIX_TOLERANCE, SLACK)
    rim &= ~fits & view.soft[y, x]
    fits[rim] = mixing.only(rim).is_paint_under_drawing(MIX_TOLERANCE)
    multiplied = hard & ~fits
    multiplied[multiplied] = mixing.only(multiplied).is_paint_under_drawing(ROUNDED)
    beside_paint = view.hard & _grow(view.painted_segments[view.segments.labels])
    if np.count_nonzero(multiplied) >= THROUGHOUT * np.count_nonzero(beside_paint):
        fits |= multiplied
    mixed[at] = fits
    return mixed


def _lets_through(view: CelView, mixing: Mixing, y: Rows, x: Rows) -> BoolMap:
    """(n,) bool: pixels of hard ink, at `y` and `x`, that need not be lines wholly.

    They may be the middle of a thin soft line; or where a trace meets the line they may show the
    trace more than the line, and be gone with it.
    """
    fits = np.zeros(len(y), bool)
    middle = view.solid[y, x]
    fits[middle] = _of_darkest(view, mixing.only(middle)).is_thin_line_over_paint(ROUNDED)
    meeting = _grow(view.replaced)[y, x] & (mixing.tint > MIX_TOLERANCE)
    meeting &= (mixing.thin[:, 0] > 0.5) & ~_find_common(view.drew, view.hard)[y, x]
    fits[meeting] |= mixing.only(meeting).is_line_over_paint(EXACT, 1.0)
    return fits


def _find_drawn(view: CelView) -> BoolMap:
    """(H, W) bool: where something is drawn, however faint.

    Where a trace hides a black line, what is drawn of that is inferred; some of it may be there.
    """
    drawn = find_drawn(view.drew, view.paper, view.lineart)
    if view.lineart.crossings is not None:
        drawn.ravel()[view.lineart.crossings.at] = True
    return drawn


def find_mixing(view: CelView, y: Rows, x: Rows) -> Mixing:
    """Return what pixels of a cel, n each of `y` and `x`, may be mixed of."""
    ink = view.lineart.ink
    reach = _find_reach(view)
    rank, colors = _rank_paints(view)
    rank = np.pad(rank, reach, constant_values=NONE)
    light = levels_of(view.drew.ravel()).sum(axis=1).reshape(ink.shape)
    light[~view.solid] += 2000  # only where no line near shows a color of its own
    light[view.solid & ~_find_common(view.drew, view.solid)] += 1000  # a trace may tint it
    light = np.pad(np.where(view.kept, light, np.inf), reach, constant_values=np.inf)
    drew = np.pad(view.drew, reach)
    darkest, line = np.full(len(y), np.inf), np.zeros(len(y), drew.dtype)
    near = []
    for dy, dx in product(range(-reach, reach + 1), repeat=2):
        here = y + reach + dy, x + reach + dx
        if max(abs(dy), abs(dx)) <= NEAR:
            line = np.where(light[here] < darkest, drew[here], line)
            darkest = np.minimum(light[here], darkest)
        elif (reach + dy) % 2 or (reach + dx) % 2:
            continue  # farther away every other pixel will do
        near.append(rank[here])
    own = levels_of(line)
    own[(own.max(axis=1) <= 255 * COVERED) | (darkest == np.inf)] = 0  # black if there is none
    drawn = levels_of(view.drew[y, x])
    paper = np.maximum(levels_of(np.array([view.paper], drew.dtype))[0], 1)
    thin = _see_through(drawn, own, paper)
    traced = (darkest == np.inf) & _grow(view.replaced)[y, x]
    thin[traced], own[traced] = 1, np.nan
    paints = np.sort(np.array(near), axis=0)
    paints[1:][paints[1:] == paints[:-1]] = NONE
    paints = np.sort(paints, axis=0)[:MOST_PAINTS]
    fills = levels_of(np.unique(view.fills[view.painted_segments])[:MOST_FILLS])
    now = levels_of(view.paints[y, x])
    return Mixing(now, drawn, own, thin, colors[paints], fills, paper, reach)


def _of_darkest(view: CelView, mixing: Mixing) -> Mixing:
    """Return the same pixels as if they were of the darkest line of their cel.

    Where a line is thin, its middle is lighter than it is elsewhere, and may look like a line in a
    color of its own.
    """
    own = levels_of(np.unique(view.drew[_find_common(view.drew, view.solid)]))
    darkest = own[own.sum(axis=1).argmin()] if len(own) else np.zeros(3)
    line = np.broadcast_to(darkest, mixing.drawn.shape)
    return replace(mixing, line=line, thin=_see_through(mixing.drawn, line, mixing.paper))


def _see_through(drawn: Levels, line: Levels, paper: Levels) -> Levels:
    """(n, 1) in 0..1: how far drawn pixels (n, 3) show paper (3,) through lines (n, 3)."""
    way = np.where(np.abs(paper - line) < 1, np.inf, paper - line)
    return np.asarray(np.clip(((drawn - line) / way).max(axis=1, keepdims=True), 0, 1))


def _rank_paints(view: CelView) -> tuple[ByteMap, Levels]:
    """Return the paint of each pixel by how common it is, and the colors (256, 3) of the ranks.

    Ink has none, and rims of lines are taken to have the fill of their segment; `NONE` stands for
    no paint, and its color is NaN.
    """
    flat = (view.drew == view.paper) & ~view.lineart.ink
    paint = np.where(flat, view.paints, view.beside)
    words, which, count = np.unique(paint, return_inverse=True, return_counts=True)
    count[words == view.nothing] = 0
    common = np.argsort(-count, kind="stable")[:NONE]
    common = common[count[common] > 0]
    rank = np.full(len(words), NONE, np.uint8)
    rank[common] = np.arange(len(common))
    colors = np.full((NONE + 1, 3), np.nan)
    colors[: len(common)] = levels_of(words[common])
    return rank[which].reshape(paint.shape), colors


def _find_common(words: Words, where: BoolMap) -> BoolMap:
    """(H, W) bool: those of some pixels whose packed color many of them have exactly."""
    common = np.zeros(where.shape, bool)
    _, which, count = np.unique(words[where], return_inverse=True, return_counts=True)
    common[where] = (count >= OWN_COLOR_SHARE * which.size)[which]
    return common


def _find_reach(view: CelView) -> int:
    """Return how far it is at most, in pixels, from one side of a line to beyond the other."""
    ink = view.lineart.ink
    return max(NEAR, min(find_widest(ink), WIDEST) + 1) if ink.any() else NEAR


def _grow(mask: BoolMap, reach: int = NEAR) -> BoolMap:
    """(H, W) bool: a mask and what is near it."""
    square = np.ones((2 * reach + 1, 2 * reach + 1), np.uint8)
    return np.asarray(cv2.dilate(mask.view(np.uint8), square).astype(bool))


def levels_of(words: Words) -> Levels:
    """(n, 3) float64 in 0..255: packed colors over white."""
    rgba = unpack_colors(words) / 257.0
    share = rgba[:, 3:] / 255
    return np.asarray(rgba[:, :3] * share + 255 * (1 - share))


def _to_triangle(point: Levels, a: Levels, b: Levels, c: Levels) -> Levels:
    """(k,): how far points lie from the triangle of three colors, in levels; all (k, 3)."""
    u, v, w = b - a, c - a, point - a
    uu, uv, vv, uw, vw = ((p * q).sum(axis=1) for p, q in ((u, u), (u, v), (v, v), (u, w), (v, w)))
    area = np.maximum(uu * vv - uv * uv, 1e-6)
    along_u, along_v = (vv * uw - uv * vw) / area, (uu * vw - uv * uw) / area
    inside = (along_u >= 0) & (along_v >= 0) & (along_u + along_v <= 1)
    foot = a + along_u[:, None] * u + along_v[:, None] * v
    far = np.where(inside, np.abs(foot - point).max(axis=1), np.inf)
    for start, end in ((a, b), (a, c), (b, c)):
        far = np.minimum(far, _to_way(point, start, end))
    return far


def _to_way(point: Levels, start: Levels, end: Levels) -> Levels:
    """(k,): how far points lie from the way from one color to another, in levels; all (k, 3)."""
    way = end - start
    length = np.maximum((way * way).sum(axis=1, keepdims=True), 1e-6)
    share = np.clip(((point - start) * way).sum(axis=1, keepdims=True) / length, 0, 1)
    return np.asarray(np.abs(start + share * way - point).max(axis=1))
