"""Stumps: where black lines end at what hides them.

A stump has a course: where the middle of its line lies, which way it heads, how wide it is. All are
measured over some length behind the end, so that they are known better than to a pixel. A line that
merely has something beside it is as wide there as elsewhere, and a line that turns away goes on at
its side; neither has a stump.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from shiage.lines.segments import number_regions
from shiage.structures import BoolMap, ByteMap, Floats

Numbers = NDArray[np.float64]
Whole = NDArray[np.int64]

DIRECTIONS = 64
"""A line is looked for in this many directions."""

LONGEST_RUN = 32
"""A line is followed so far back from its end, pixels ..."""

COURSE = 8
"""... and its course measured at this many places where nothing hides it ..."""

PLACES = 24
"""... of its first pixels, this many."""

ACROSS = np.arange(-12.0, 13.0)
"""Places across a line, pixels off its middle."""

WIDEST = 16.0
"""Black wider than this is no line."""

NARROWER = 0.7
"""A line that is cut is narrower than behind its end by this many pixels at least."""

PAPER, BLACK, HIDDEN, LED = 0, 1, 2, 3
"""What is known of a pixel: bare; a black line; hidden; hidden, and a black line is led there."""

_ANGLE: Numbers = np.arange(DIRECTIONS).astype(np.float64) * (2 * np.pi / DIRECTIONS)
_STEP = np.arange(LONGEST_RUN + 1)
_STEP_X = np.rint(np.cos(_ANGLE)[:, None] * _STEP).astype(np.int64)
_STEP_Y = np.rint(np.sin(_ANGLE)[:, None] * _STEP).astype(np.int64)
_SQUARE = np.ones((3, 3), np.uint8)


@dataclass(frozen=True, eq=False)
class Sheet:
    """The part of a drawing in which lines are led on, with a margin of paper around it.

    Attributes:
        state: (H, W) uint8, see `PAPER`; changes as lines are led on.
        cover: (H, W) float32 in 0..1, how far black is seen to cover each pixel.
        led: (H, W) float32, the same for lines that are led on.
        soft: lines are antialiased.
        margin: how much paper is around, pixels.
        hidden_width: how wide what hides lines is, pixels.
        ink: (h, w) bool, of the whole drawing.
        window: where in that the part lies, without the margin.
    """

    state: ByteMap
    cover: Floats
    led: Floats
    soft: bool
    margin: int
    hidden_width: float
    ink: BoolMap
    window: tuple[slice, slice]

    @cached_property
    def outer(self) -> BoolMap:
        """(H, W) bool: paper from which the edge of the drawing is reached."""
        pieces = number_regions(~self.ink)
        edge = [pieces[0], pieces[-1], pieces[:, 0], pieces[:, -1]]
        reached = np.isin(pieces, np.unique(np.concatenate(edge))) & ~self.ink
        return np.pad(reached[self.window], self.margin)

    def seen(self, xy: Numbers) -> ByteMap:
        """State at points (..., 2), of the nearest pixel."""
        at = np.rint(xy).astype(np.int64)
        return np.asarray(self.state[at[..., 1], at[..., 0]])

    def covered(self, xy: Numbers) -> Numbers:
        """How far black covers points (..., 2), between pixels."""
        low = np.floor(xy).astype(np.int64)
        across, down = xy[..., 0] - low[..., 0], xy[..., 1] - low[..., 1]
        flat, width = self.cover.ravel(), self.cover.shape[1]
        at = low[..., 1] * width + low[..., 0]
        upper = flat[at] * (1 - across) + flat[at + 1] * across
        lower = flat[at + width] * (1 - across) + flat[at + width + 1] * across
        return np.asarray(upper * (1 - down) + lower * down)


@dataclass(frozen=True, eq=False)
class Stumps:
    """Where N black lines end at what hides them.

    Attributes:
        face_xy: (N, 2), where the line ends.
        node_xy: (N, 2), a point on its middle behind that, where its course was measured.
        angle: (N,), where it heads, radians.
        width: (N,), pixels.
    """

    face_xy: Numbers
    node_xy: Numbers
    angle: Numbers
    width: Numbers

    def __len__(self) -> int:
        """Return the number of stumps, N."""
        return len(self.angle)

    def take(self, rows: Any) -> Stumps:
        """Return some of the stumps."""
        return Stumps(self.face_xy[rows], self.node_xy[rows], self.angle[rows], self.width[rows])

    @property
    def heading(self) -> Numbers:
        """(N, 2): unit vectors."""
        return _unit(self.angle)

    def cover(self, sheet: Sheet, number: int, off: Numbers) -> Numbers:
        """(n,) in 0..1: how far the line of a stump covers what lies so far off its middle (n,)."""
        heading = self.heading[number]
        along = np.arange(-3.0, 4.0)[:, None, None] * heading
        across = off[:, None] * _normal(heading)
        seen = sheet.covered(self.node_xy[number] + across + along).mean(axis=0)
        return np.where(np.abs(off) <= self.width[number] / 2 + 1.5, seen, 0)


def turn(one: Numbers, two: Numbers) -> Numbers:
    """Angle between directions, radians in [0, pi].

    >>> turn(np.array([3.0]), np.array([-3.0])).round(3).tolist()
    [0.283]
    """
    return np.abs((one - two + np.pi) % (2 * np.pi) - np.pi)


def _unit(angle: Numbers) -> Numbers:
    """(..., 2): unit vectors in directions (...)."""
    return np.stack([np.cos(angle), np.sin(angle)], axis=-1)


def _normal(heading: Numbers) -> Numbers:
    """(..., 2): unit vectors across unit vectors (..., 2)."""
    return np.stack([-heading[..., 1], heading[..., 0]], axis=-1)


def find_stumps(sheet: Sheet) -> Stumps:
    """Return the stumps of a sheet, each once, where its course is clearest."""
    face_xy, angle = _find_faces(sheet)
    stumps = _fit(sheet, face_xy, angle, *_measure(sheet, face_xy, angle))
    if len(stumps) < 2:
        return stumps
    apart = np.linalg.norm(stumps.face_xy[:, None] - stumps.face_xy, axis=2)
    alike = (apart <= 4) & (turn(stumps.angle[:, None], stumps.angle) <= np.deg2rad(15))
    return stumps.take(~np.triu(alike, 1).any(axis=0))


def _find_faces(sheet: Sheet) -> tuple[Numbers, Numbers]:
    """(N, 2) and (N,): where black lines may end at what hides them, and where they head.

    A line leads to such a place if black goes back from it much further than across.
    """
    state, width = sheet.state.ravel(), sheet.state.shape[1]
    black = sheet.state == BLACK
    beside = cv2.dilate((sheet.state == HIDDEN).view(np.uint8), _SQUARE)
    face = np.flatnonzero(black & (beside > 0))
    broad = cv2.dilate(black.view(np.uint8), _SQUARE).ravel()  # thin lines go in steps
    step = _STEP_Y * width + _STEP_X
    run = np.zeros((len(face), DIRECTIONS), np.int64)
    row, way = np.divmod(np.arange(run.size), DIRECTIONS)
    for length in range(1, LONGEST_RUN + 1):
        on = broad[face[row] + step[way, length]] > 0
        row, way = row[on], way[on]
        run[row, way] = length
    back = np.roll(run, -DIRECTIONS // 2, axis=1)
    across = np.roll(run, DIRECTIONS // 4, axis=1) + np.roll(run, -DIRECTIONS // 4, axis=1)
    leads = back >= np.minimum(1.5 * (across - 1) + 3, LONGEST_RUN / 2)
    leads &= back >= 0.8 * run.max(axis=1, keepdims=True)
    leads &= state[face[:, None] + step[None, :, 1]] == HIDDEN
    back = np.where(leads, back, 0)
    leads &= back >= 0.9 * back.max(axis=1, keepdims=True)
    row, way = np.nonzero(leads)
    y, x = np.divmod(face[row], width)
    # Pixels near each other that head the same way are one face.
    cell = np.stack([x // 4, y // 4, way * 8 // DIRECTIONS])
    _, group = np.unique(cell, axis=1, return_inverse=True)
    count = np.maximum(np.bincount(group), 1)
    x, y, cos, sin = (np.bincount(group, v) / count for v in (x, y, *_unit(_ANGLE[way]).T))
    return np.stack([x, y], axis=1), np.arctan2(sin, cos)


def _measure(sheet: Sheet, face_xy: Numbers, angle: Numbers) -> tuple[Numbers, Numbers, BoolMap]:
    """Return middles and widths of lines 1, 2, ... pixels behind their ends.

    Args:
        sheet: the drawing.
        face_xy: (N, 2), where lines end.
        angle: (N,), where they head.

    Returns:
        (N, `PLACES`) how far off the way straight back the middle is, the width there, and bool
        whether both are to be trusted.
    """
    shape = (len(angle), PLACES)
    middle, wide, usable = np.zeros(shape), np.zeros(shape), np.zeros(shape, bool)
    last, narrowest = np.zeros(len(angle)), np.full(len(angle), np.inf)
    heading = _unit(angle)
    across = ACROSS[:, None] * _normal(heading)[:, None]
    going = np.arange(len(angle))
    for place in range(PLACES):
        foot = face_xy[going] - (place + 1.0) * heading[going]
        points = foot[:, None] + across[going]
        share = sheet.covered(points)
        line = _nearest_run(share > 0.25, last[going])
        near = np.abs(np.where(line, ACROSS - last[going][:, None], np.inf)).min(axis=1) <= 2.5
        going, points, share, line = going[near], points[near], share[near], line[near]
        if not len(going):
            break
        line = cv2.dilate(line.view(np.uint8), np.ones((1, 3), np.uint8)) > 0
        weight = np.where(line, share, 0)
        wide[going, place] = weight.sum(axis=1)
        middle[going, place] = (weight * ACROSS).sum(axis=1) / wide[going, place]
        usable[going, place] = ~(line & (sheet.seen(points) == HIDDEN)).any(axis=1)
        narrowest[going] = np.minimum(narrowest[going], wide[going, place])
        alone = going[wide[going, place] <= 1.6 * narrowest[going] + 1]  # no other line joins it
        last[alone] = middle[alone, place]
        going = going[usable[going].sum(axis=1) < 2 * COURSE]
    return middle, wide, usable


def _nearest_run(on: BoolMap, last: Numbers) -> BoolMap:
    """(N, U) bool: of each row, the run of True nearest to a place `last` (N,) across."""
    far = np.where(on, np.abs(ACROSS - last[:, None]), np.inf)
    number = np.cumsum(~on, axis=1)  # equal within a run
    chosen = np.take_along_axis(number, far.argmin(axis=1)[:, None], axis=1)
    return np.asarray(on & (number == chosen))


def _fit(
    sheet: Sheet, face_xy: Numbers, angle: Numbers, middle: Numbers, wide: Numbers, usable: BoolMap
) -> Stumps:
    """Return the stumps whose course is known, and whose line is cut; the clearest first.

    Args:
        sheet: the drawing.
        face_xy: (N, 2), where lines end.
        angle: (N,), where they head.
        middle: (N, `PLACES`), see `_measure`.
        wide: the same.
        usable: the same.
    """
    number = usable.sum(axis=1)
    ranked = np.sort(np.where(usable, wide, np.inf), axis=1)
    width = np.where(number > 0, ranked[np.arange(len(angle)), number // 5], 0)
    first = usable & (np.abs(wide - width[:, None]) <= np.maximum(1.0, 0.35 * width)[:, None])
    first &= np.cumsum(first, axis=1) <= COURSE

    def mean(values: Numbers) -> Numbers:
        found = np.where(first, values, 0).sum(axis=1) / np.maximum(first.sum(axis=1), 1)
        return np.asarray(found, np.float64)

    back = np.arange(1.0, PLACES + 1)
    mean_back, mean_middle = mean(np.broadcast_to(back, first.shape)), mean(middle)
    off, width = back - mean_back[:, None], mean(wide)
    slope = mean(off * middle) / np.maximum(mean(off * off), 1e-9)
    strays = mean((middle - mean_middle[:, None] - slope[:, None] * off) ** 2) ** 0.5
    uneven = mean((wide - width[:, None]) ** 2) ** 0.5
    heading = _unit(angle)
    node = face_xy - mean_back[:, None] * heading + mean_middle[:, None] * _normal(heading)
    clear = (first.sum(axis=1) >= 3) & (strays <= 0.5) & (width <= WIDEST)
    clear &= uneven <= np.maximum(0.5, 0.15 * width)
    clearest = np.argsort(strays + uneven, kind="stable")
    stumps = Stumps(face_xy, node, angle - np.arctan(slope), width)
    stumps = stumps.take(clearest[clear[clearest]])
    return stumps.take(_is_cut(sheet, stumps))


def _is_cut(sheet: Sheet, stumps: Stumps) -> BoolMap:
    """(N,) bool: lines that are narrower ahead, and do not turn away there."""
    heading, normal = stumps.heading[:, None, None], _normal(stumps.heading)[:, None, None]
    face = np.linalg.norm(stumps.face_xy - stumps.node_xy, axis=1)
    along = face[:, None, None, None] + np.arange(-4.0, 4.5, 0.5)[:, None, None]
    middle = stumps.node_xy[:, None, None] + along * heading
    half = stumps.width[:, None, None, None] / 2
    black = sheet.covered(middle + ACROSS[:, None] * normal)
    seen = np.where(np.abs(ACROSS) <= half[..., 0] + 1, black, 0).sum(axis=2)
    # A line that turns away goes out at a side before it is cut.
    turned = np.zeros(seen.shape)
    for side in (-1, 1):
        inner = sheet.covered(middle + side * (half - 0.5) * normal)[..., 0]
        beyond = half + np.array([1.0, 1.75, 2.5])[:, None]
        outer = sheet.covered(middle + side * beyond * normal).mean(axis=2)
        turned = np.maximum(turned, np.minimum(inner, outer))
    over = np.maximum.accumulate(seen <= 0.3 * stumps.width[:, None], axis=1)
    turned = np.where(over, 0, turned).max(axis=1, initial=0)
    state = sheet.seen(middle[:, :, 0])
    hides = np.cumsum(state == HIDDEN, axis=1)
    through = ((hides > 0) & (hides <= 3) & (state == BLACK)).any(axis=1)
    lacks = stumps.width - seen.min(axis=1, initial=np.inf) >= NARROWER
    return np.asarray(lacks & ((turned <= 0.5) | through))
