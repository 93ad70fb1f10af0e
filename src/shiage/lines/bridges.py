"""Black lines led on under what hides them, from stump to stump.

Where a colour trace is drawn over a black line, the line is cut, and its stumps face each other.
Each stump has a course: where its middle lies, which way it heads, how wide and how soft it is, all
measured over some length, so that it is known better than to a pixel. A curve that leaves one stump
as it heads and arrives at the other as that heads (a cubic Hermite) is where the line went. At a
corner, or where one line ends at another, stumps are led straight on until they meet.

A line that merely has a trace beside it is as wide there as elsewhere, so it has no stump; and a
trace that begins where a black line ends is no cover of it, so between two stumps the trace has to
go on beyond the line, or the figure would be open to the paper around it.
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

REACH = 48
"""Longest way from stump to stump, pixels."""

DIRECTIONS = 64
"""In so many directions a line is looked for."""

LONGEST_RUN = 32
"""A line is followed so far back from its stump, pixels ..."""

COURSE = 8
"""... and its course measured at so many places where nothing hides it."""

ACROSS = np.arange(-12, 12.01, 0.5)
"""Places across a line, pixels off its middle."""

NARROWER = 0.7
"""A line that is cut is narrower than behind its stump by so many pixels at least."""

BEND = np.deg2rad(36)
"""Most that the way to the other stump may turn from where a stump heads."""

BEYOND = 2.5
"""A trace goes on beyond a line if it reaches so many pixels further from its middle than either
is wide."""

PAPER, BLACK, HIDDEN, LED = 0, 1, 2, 3
"""What is known of a pixel: bare; a black line; hidden; hidden, and a black line is led there."""

_ANGLE = np.arange(DIRECTIONS) * (2 * np.pi / DIRECTIONS)
_STEP = np.arange(LONGEST_RUN + 1)
_STEP_X = np.rint(np.cos(_ANGLE)[:, None] * _STEP).astype(np.int64)
_STEP_Y = np.rint(np.sin(_ANGLE)[:, None] * _STEP).astype(np.int64)
_MARGIN = REACH + LONGEST_RUN
_SQUARE = np.ones((3, 3), np.uint8)


@dataclass(frozen=True, eq=False)
class _Stumps:
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
        return len(self.angle)

    def take(self, rows: Any) -> _Stumps:
        """Return some of the stumps."""
        columns = (self.face_xy, self.node_xy, self.angle, self.width)
        return _Stumps(*(column[rows] for column in columns))

    def cover(self, sheet: _Sheet, number: int, off: Numbers) -> Numbers:
        """(n,) in 0..1: how far the line of a stump covers what lies so far off its middle (n,)."""
        heading = self.heading[number]
        normal = np.array([-heading[1], heading[0]])
        along = np.arange(-3.0, 4.0)[:, None, None] * heading
        seen = sheet.covered(self.node_xy[number] + off[:, None] * normal + along).mean(axis=0)
        return np.where(np.abs(off) <= self.width[number] / 2 + 1.5, seen, 0)

    @property
    def heading(self) -> Numbers:
        """(N, 2): unit vectors."""
        return np.stack([np.cos(self.angle), np.sin(self.angle)], axis=1)


@dataclass(frozen=True, eq=False)
class _Way:
    """A curve along which a line is led, and the hidden pixels around it.

    Attributes:
        x, y: (n,) the hidden pixels.
        at: (n,) which place of the curve is nearest to each.
        off: (n,) how far each lies from the curve, pixels, negative on its left.
        width: (S,) of the line at each place of the curve.
        visible: (S,) how much of that is seen there.
    """

    x: NDArray[np.int64]
    y: NDArray[np.int64]
    at: NDArray[np.int64]
    off: Numbers
    width: Numbers
    visible: Numbers

    @cached_property
    def inside(self) -> BoolMap:
        """(n,) bool: pixels that the line covers, where less of it is seen than there should be."""
        cut = self.width - self.visible >= NARROWER
        cut = cv2.dilate(cut.astype(np.uint8)[:, None], np.ones((5, 1), np.uint8))[:, 0] > 0
        return np.asarray((np.abs(self.off) <= self.width[self.at] / 2 + 0.01) & cut[self.at])


def bridge_lines(black: BoolMap, hidden: BoolMap, cover: Floats, soft: bool) -> Floats:
    """(H, W) float32 in 0..1: how far black lines cover hidden pixels; 0 where none is led, and
    where nothing is hidden.

    Args:
        black: (H, W) bool, pixels of black lines that nothing hides.
        hidden: (H, W) bool, pixels that something hides.
        cover: (H, W) float32 in 0..1, how far black covers each pixel that nothing hides.
        soft: lines are antialiased; if not, only 0 and 1 are returned.
    """
    led = np.zeros(black.shape, np.float32)
    faces = black & (cv2.dilate(hidden.view(np.uint8), _SQUARE) > 0)
    if not faces.any():
        return led
    x, y, width, height = cv2.boundingRect(faces.view(np.uint8))
    window = np.s_[
        max(0, y - _MARGIN) : y + height + _MARGIN, max(0, x - _MARGIN) : x + width + _MARGIN
    ]
    sheet = _Sheet.cut_out(black, hidden, cover, soft, window)
    stumps = _measure(sheet, *_find_faces(sheet))
    if len(stumps):
        left = _join(sheet, stumps)
        _lead_on(sheet, stumps.take(left))
    _fill_enclosed(sheet)
    led[window] = sheet.led[_MARGIN:-_MARGIN, _MARGIN:-_MARGIN]
    return led


@dataclass(frozen=True, eq=False)
class _Sheet:
    """The part of a drawing in which lines are led on, with a margin of paper around it.

    Attributes:
        state: (H, W) uint8, see `PAPER`.
        cover: (H, W) float32, how far black covers each pixel that nothing hides.
        led: (H, W) float32, the same for lines that were led on; filled in as they are found.
        soft: lines are antialiased.
        hidden_width: how wide what hides lines is, pixels.
        paper: (h, w) bool, bare pixels of the whole drawing.
        window: where in that the part lies, without the margin.
    """

    state: ByteMap
    cover: Floats
    led: Floats
    soft: bool
    hidden_width: float
    paper: BoolMap
    window: tuple[slice, slice]

    @staticmethod
    def cut_out(
        black: BoolMap, hidden: BoolMap, cover: Floats, soft: bool, window: tuple[slice, slice]
    ) -> _Sheet:
        """Return a part of a drawing; see `bridge_lines`."""
        paper = ~(black | hidden)
        state = np.full(paper[window].shape, PAPER, np.uint8)
        state[hidden[window]], state[black[window]] = HIDDEN, BLACK
        state = np.pad(state, _MARGIN)
        mask = (state == HIDDEN).view(np.uint8)
        area, core = np.count_nonzero(mask), np.count_nonzero(cv2.erode(mask, _SQUARE))
        seen = np.pad(np.where(hidden, 0, cover)[window], _MARGIN).astype(np.float32)
        wide = 2 * area / max(area - core, 1)
        return _Sheet(state, seen, np.zeros_like(seen), soft, wide, paper, window)

    @cached_property
    def outer(self) -> BoolMap:
        """(H, W) bool: paper from which the edge of the drawing is reached."""
        pieces = number_regions(self.paper)
        edge = [pieces[0], pieces[-1], pieces[:, 0], pieces[:, -1]]
        reached = np.isin(pieces, np.unique(np.concatenate(edge))) & self.paper
        return np.pad(reached[self.window], _MARGIN)

    def seen(self, xy: Numbers) -> ByteMap:
        """State at points (..., 2), of the nearest pixel."""
        at = np.rint(xy).astype(np.int64)
        return np.asarray(self.state[at[..., 1], at[..., 0]])

    def has_ink(self, xy: Numbers) -> bool:
        """Whether ink is at, or a pixel beside, all points (n, 2)."""
        low, high = np.rint(xy.min(axis=0)).astype(np.int64) - 1, np.rint(xy.max(axis=0)) + 2
        part = self.state[low[1] : int(high[1]), low[0] : int(high[0])]
        near = cv2.dilate((part != PAPER).view(np.uint8), _SQUARE)
        at = np.rint(xy).astype(np.int64) - low
        return bool((near[at[:, 1], at[:, 0]] > 0).all())

    def covered(self, xy: Numbers) -> Numbers:
        """How far black covers points (..., 2), between pixels."""
        low = np.floor(xy).astype(np.int64)
        across, down = np.moveaxis(xy - low, -1, 0)
        at = low[..., 1] * self.cover.shape[1] + low[..., 0]
        flat, width = self.cover.ravel(), self.cover.shape[1]
        upper = flat[at] * (1 - across) + flat[at + 1] * across
        lower = flat[at + width] * (1 - across) + flat[at + width + 1] * across
        return np.asarray(upper * (1 - down) + lower * down)


def _find_faces(sheet: _Sheet) -> tuple[Numbers, Numbers]:
    """(N, 2), (N,): places where black lines may end at what hides them, and their directions.

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
    place_y, place_x = np.divmod(face[row], width)
    # Pixels near each other that head the same way are one face.
    cell = np.stack([place_x // 4, place_y // 4, way * 8 // DIRECTIONS])
    _, group = np.unique(cell, axis=1, return_inverse=True)
    count = np.maximum(np.bincount(group), 1)
    mean = [
        np.bincount(group, v) / count
        for v in (place_x, place_y, np.cos(_ANGLE[way]), np.sin(_ANGLE[way]))
    ]
    return np.stack(mean[:2], axis=1), np.arctan2(mean[3], mean[2])


def _measure(sheet: _Sheet, face_xy: Numbers, angle: Numbers) -> _Stumps:
    """Return the stumps at these places: where a line of some course is cut."""
    heading = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    normal = np.stack([-heading[:, 1], heading[:, 0]], axis=1)
    count, steps = len(angle), 3 * COURSE
    if not count:
        return _Stumps(face_xy, face_xy, angle, angle)
    middle, wide = np.zeros((count, steps)), np.zeros((count, steps))
    usable, last = np.zeros((count, steps), bool), np.zeros(count)
    going, narrowest = np.ones(count, bool), np.full(count, np.inf)
    for number in range(steps):
        foot = face_xy - (1.0 + number) * heading
        points = foot[:, None] + ACROSS[:, None] * normal[:, None]
        share = sheet.covered(points)
        line = _nearest_run(share > 0.25, last)
        near = np.abs(np.where(line, ACROSS - last[:, None], np.inf)).min(axis=1)
        going &= near <= 2.5
        line = cv2.dilate(line.view(np.uint8), np.ones((1, 5), np.uint8)) > 0
        weight = np.where(line, share, 0)
        total = np.maximum(weight.sum(axis=1), 1e-9)
        middle[:, number], wide[:, number] = (weight * ACROSS).sum(axis=1) / total, 0.5 * total
        narrowest = np.minimum(narrowest, wide[:, number])
        alone = going & (wide[:, number] <= 1.6 * narrowest + 1)  # no other line joins it here
        last = np.where(alone, middle[:, number], last)
        hides = (line & (sheet.seen(points) == HIDDEN)).any(axis=1)
        usable[:, number] = going & ~hides
    return _fit(sheet, face_xy, angle, middle, wide, usable)


def _nearest_run(on: BoolMap, last: Numbers) -> BoolMap:
    """(N, U) bool: of each row, the run of True nearest to a place `last` (N,) across."""
    far = np.where(on, np.abs(ACROSS - last[:, None]), np.inf)
    number = np.cumsum(~on, axis=1)  # equal within a run
    chosen = np.take_along_axis(number, far.argmin(axis=1)[:, None], axis=1)
    return np.asarray(on & (number == chosen))


def _fit(
    sheet: _Sheet, face_xy: Numbers, angle: Numbers, middle: Numbers, wide: Numbers, usable: BoolMap
) -> _Stumps:
    """Return the stumps whose course can be told, and whose line is narrower ahead.

    Args:
        sheet: the drawing.
        face_xy: (N, 2), where lines end.
        angle: (N,), where they head.
        middle: (N, S), places of their middles across, 1, 2, ... pixels behind the face.
        wide: (N, S), their widths there.
        usable: (N, S) bool, where these tell something.
    """
    number = usable.sum(axis=1)
    ranked = np.sort(np.where(usable, wide, np.inf), axis=1)
    width = np.where(number > 0, ranked[np.arange(len(angle)), number // 5], 0)
    first = usable & (np.abs(wide - width[:, None]) <= np.maximum(1.0, 0.35 * width)[:, None])
    first &= np.cumsum(first, axis=1) <= COURSE
    weight = first.astype(np.float64)
    number = weight.sum(axis=1)
    told = number >= 3
    number = np.maximum(number, 1)
    back = np.arange(1.0, first.shape[1] + 1)
    mean_back = (weight * back).sum(axis=1) / number
    mean_middle = (weight * middle).sum(axis=1) / number
    off = back - mean_back[:, None]
    slope = (weight * off * middle).sum(axis=1) / np.maximum((weight * off * off).sum(axis=1), 1e-9)
    heading = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    normal = np.stack([-heading[:, 1], heading[:, 0]], axis=1)
    node = face_xy - mean_back[:, None] * heading + mean_middle[:, None] * normal
    angle = angle - np.arctan(slope)
    width = (weight * wide).sum(axis=1) / number
    heading = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    normal = np.stack([-heading[:, 1], heading[:, 0]], axis=1)
    across = ACROSS[:, None] * normal[:, None, None]  # (N, 1, U, 2)
    along = heading[:, None, None]
    mine = np.abs(ACROSS) <= width[:, None] / 2 + 1.5
    strays = np.where(first, middle - mean_middle[:, None] - slope[:, None] * off, 0)
    strays = np.sqrt((strays**2).sum(axis=1) / number)
    uneven = np.where(first, wide - width[:, None], 0)
    uneven = np.sqrt((uneven**2).sum(axis=1) / number)
    told &= (strays <= 0.5) & (uneven <= np.maximum(0.5, 0.15 * width)) & (width <= 16)
    ahead = np.linalg.norm(face_xy - node, axis=1)[:, None] + np.arange(-4.0, 4.5, 0.5)
    ahead = node[:, None, None] + ahead[..., None, None] * along + across
    black = sheet.covered(ahead)
    seen = 0.5 * np.where(mine[:, None], black, 0).sum(axis=2)
    # A line that turns away goes out at the side before it is cut.
    edge = np.abs(np.abs(ACROSS) - width[:, None] / 2 + 0.5) <= 0.25
    out = np.abs(np.abs(ACROSS) - width[:, None] / 2 - 1.75) <= 0.75
    turned = np.zeros(seen.shape)
    for side in (ACROSS < 0, ACROSS > 0):
        parts = [
            np.where((zone & side)[:, None], black, 0).sum(axis=2)
            / np.maximum((zone & side).sum(axis=1), 1)[:, None]
            for zone in (edge, out)
        ]
        turned = np.maximum(turned, np.minimum(*parts))
    over = np.maximum.accumulate(seen <= 0.3 * width[:, None], axis=1)
    turned = np.where(over, 0, turned).max(axis=1)
    cut = (width - seen.min(axis=1) >= NARROWER) & (turned <= 0.5)
    return _Stumps(face_xy, node, angle, width).take(told & cut)


def _join(sheet: _Sheet, stumps: _Stumps) -> BoolMap:
    """(N,) bool: stumps that are left when those that face each other are joined, nearest first."""
    left = np.ones(len(stumps), bool)
    one, two = np.triu_indices(len(stumps), 1)
    way = stumps.face_xy[two] - stumps.face_xy[one]
    length = np.linalg.norm(way, axis=1)
    near = (length >= 1) & (length <= REACH)
    one, two, length = one[near], two[near], length[near]
    chord = stumps.node_xy[two] - stumps.node_xy[one]
    toward = np.arctan2(chord[:, 1], chord[:, 0])
    turns = _turn(stumps.angle[one], toward), _turn(stumps.angle[two], toward + np.pi)
    wide, narrow = (f(stumps.width[one], stumps.width[two]) for f in (np.maximum, np.minimum))
    fits = (turns[0] <= BEND) & (turns[1] <= BEND) & (wide <= 1.35 * narrow + 0.7)
    fits &= _turn(stumps.angle[one], stumps.angle[two] + np.pi) <= np.deg2rad(20 + 1.5 * length)
    cost = length * (1 + turns[0] + turns[1])
    for at in np.lexsort((np.arange(len(cost)), cost)):
        i, j = int(one[at]), int(two[at])
        if fits[at] and left[i] and left[j] and _bridge(sheet, stumps.take([i, j]), length[at]):
            left[i] = left[j] = False
    return left


def _turn(one: Numbers, two: Numbers) -> Numbers:
    """Angle between directions, radians in [0, pi]."""
    return np.abs((one - two + np.pi) % (2 * np.pi) - np.pi)


def _bridge(sheet: _Sheet, ends: _Stumps, length: float) -> bool:
    """Return whether a line goes from one of two stumps to the other; it is led on if so."""
    (start, stop), chord = ends.node_xy, np.linalg.norm(ends.node_xy[1] - ends.node_xy[0])
    share = np.linspace(0, 1, max(3, int(2 * chord) + 1))
    t = share[:, None]
    leave, arrive = chord * ends.heading[0], -chord * ends.heading[1]
    curve = start * (2 * t**3 - 3 * t**2 + 1) + leave * (t**3 - 2 * t**2 + t)
    curve += stop * (3 * t**2 - 2 * t**3) + arrive * (t**3 - t**2)
    if not sheet.has_ink(curve):
        return False
    width = ends.width[0] * (1 - share) + ends.width[1] * share
    way = _survey(sheet, curve, width)
    inside = way.inside
    if not inside.any():
        return False
    hides = (sheet.seen(curve) == HIDDEN) & (way.visible < 0.3 * width)
    if hides.any() and length > 1.5 * width.max() + 2:
        if not (_goes_beyond(sheet, way) or _opens_figure(sheet, curve[hides], width.max())):
            return False
    amount = ends.cover(sheet, 0, way.off) * (1 - share[way.at])
    amount += ends.cover(sheet, 1, -way.off) * share[way.at]
    _lead(sheet, way, curve, inside, amount)
    return True


def _survey(sheet: _Sheet, curve: Numbers, width: Numbers) -> _Way:
    """Return what lies along a curve (S, 2) on which a line of some width (S,) is to be led."""
    ahead = np.gradient(curve, axis=0)
    ahead /= np.maximum(np.linalg.norm(ahead, axis=1, keepdims=True), 1e-9)
    normal = np.stack([-ahead[:, 1], ahead[:, 0]], axis=1)
    covered = sheet.covered(curve[:, None] + ACROSS[:, None] * normal[:, None])
    mine = np.abs(ACROSS) <= width[:, None] / 2 + 1
    visible = 0.5 * np.where(mine, covered, 0).sum(axis=1)
    around = max(width.max(), sheet.hidden_width) / 2 + BEYOND + 4
    low = np.floor(curve.min(axis=0) - around).astype(np.int64)
    high = np.ceil(curve.max(axis=0) + around).astype(np.int64) + 1
    y, x = np.nonzero(sheet.state[low[1] : high[1], low[0] : high[0]] >= HIDDEN)
    x, y = x + low[0], y + low[1]
    distance = (x[:, None] - curve[:, 0]) ** 2 + (y[:, None] - curve[:, 1]) ** 2
    at = distance.argmin(axis=1)
    beside = (at > 0) & (at < len(curve) - 1)
    x, y, at = x[beside], y[beside], at[beside]
    off = (y - curve[at, 1]) * ahead[at, 0] - (x - curve[at, 0]) * ahead[at, 1]
    return _Way(x, y, at, off, width, visible)


def _goes_beyond(sheet: _Sheet, way: _Way) -> bool:
    """Whether what hides a line goes on beyond it: to a side, or beside what is seen of it."""
    widest = max(way.width.max(), sheet.hidden_width)
    cut = (way.width - way.visible >= NARROWER).astype(np.uint8)[:, None]
    seen = cv2.dilate(cut, np.ones((11, 1), np.uint8))[:, 0] == 0
    beyond = (np.abs(way.off) >= widest / 2 + BEYOND) | (
        seen[way.at] & (np.abs(way.off) <= widest / 2 + BEYOND)
    )
    return bool(beyond.any())


def _opens_figure(sheet: _Sheet, curve: Numbers, width: float) -> bool:
    """Whether a figure would be open to the paper around it if no line were along a curve (n, 2)."""
    ahead = curve[-1] - curve[0]
    normal = np.array([-ahead[1], ahead[0]]) / max(float(np.linalg.norm(ahead)), 1e-9)
    far = (max(width, sheet.hidden_width) / 2 + 2) * normal
    sides = []
    for points in (curve + far, curve - far):
        at = np.rint(points).astype(np.int64)
        sides.append(float(sheet.outer[at[:, 1], at[:, 0]].mean()))
    return max(sides) >= 0.7 and min(sides) <= 0.3


def _lead(sheet: _Sheet, way: _Way, curve: Numbers, inside: BoolMap, amount: Numbers) -> None:
    """Lead a line on along a way, in place.

    Args:
        sheet: the drawing.
        way: along which.
        curve: (S, 2), its middle.
        inside: (n,) bool, pixels of the way that the line covers.
        amount: (n,), how far it does if it is antialiased.
    """
    x, y = way.x, way.y
    if not sheet.soft:
        amount = inside.astype(np.float64)
        if way.width.max() < 1.5:  # a pixel's width: the pixels that it passes
            amount = np.zeros(len(x))
            thin = np.rint(curve[np.unique(way.at[inside])]).astype(np.int64)
            thin = thin[sheet.state[thin[:, 1], thin[:, 0]] == HIDDEN]
            x, y, amount = thin[:, 0], thin[:, 1], np.ones(len(thin))
            sheet.state[y, x] = LED
    np.maximum.at(sheet.led, (y, x), amount.astype(np.float32))
    if amount is not None and len(x) == len(way.x):
        sheet.state[y[inside], x[inside]] = LED


def _lead_on(sheet: _Sheet, stumps: _Stumps) -> None:
    """Lead stumps straight on to black lines, and to each other at corners, in place."""
    ends = [_follow(sheet, stumps.take([at])) for at in range(len(stumps))]
    for at, (length, hit) in enumerate(ends):
        if hit:
            _extend(sheet, stumps.take([at]), length)
    for one in range(len(stumps)):
        for two in range(one + 1, len(stumps)):
            pair = stumps.take([one, two])
            lengths = _meet(pair)
            open_ends = zip((one, two), lengths, pair.width[::-1], strict=True)
            if all(not ends[at][1] and 0 < a <= ends[at][0] + w / 2 for at, a, w in open_ends):
                _extend(sheet, pair.take([0]), lengths[0] + pair.width[1] / 2)
                _extend(sheet, pair.take([1]), lengths[1] + pair.width[0] / 2)


def _follow(sheet: _Sheet, stump: _Stumps) -> tuple[float, bool]:
    """Return how far from its node a stump can be led, at most, and whether it meets black there."""
    face = float(np.linalg.norm(stump.face_xy - stump.node_xy))
    most = face + 2.2 * sheet.hidden_width + float(stump.width[0])
    far = np.arange(face + 0.5, most, 0.5)
    state = sheet.seen(stump.node_xy + far[:, None] * stump.heading)
    hides = np.cumsum(state == HIDDEN)
    ends = np.flatnonzero((hides > 0) & (state != HIDDEN))
    if not len(ends):
        return (most, False) if hides[-1] else (0.0, False)
    black = state[ends[0]] != PAPER
    beyond = sheet.seen(
        stump.node_xy + (far[ends[0]] + np.arange(1.0, 4.0))[:, None] * stump.heading
    )
    return float(far[ends[0]]), bool(black)


def _meet(pair: _Stumps) -> tuple[float, float]:
    """Return how far from the nodes of two stumps the lines straight on meet; 0, 0 if nowhere."""
    one, two = pair.heading
    cross = one[0] * two[1] - one[1] * two[0]
    if abs(cross) < np.sin(BEND):
        return 0.0, 0.0
    way = pair.node_xy[1] - pair.node_xy[0]
    first = (way[0] * two[1] - way[1] * two[0]) / cross
    second = (way[0] * one[1] - way[1] * one[0]) / cross
    return float(first), float(second)


def _extend(sheet: _Sheet, stump: _Stumps, length: float) -> None:
    """Lead a stump straight on, so far from its node, if what hides it goes on beyond it."""
    share = np.linspace(0, 1, max(3, int(2 * length) + 1))
    curve = stump.node_xy + share[:, None] * length * stump.heading
    way = _survey(sheet, curve, np.full(len(share), stump.width[0]))
    inside = way.inside
    if inside.any() and _goes_beyond(sheet, way):
        _lead(sheet, way, curve, inside, stump.cover(sheet, 0, way.off))


def _fill_enclosed(sheet: _Sheet) -> None:
    """Make black what is hidden amid black lines and touches no paper, in place."""
    hidden = sheet.state == HIDDEN
    paper = cv2.dilate((sheet.state == PAPER).view(np.uint8), _SQUARE) > 0
    pieces = number_regions(hidden, connectivity=8)
    open_pieces = np.unique(pieces[hidden & paper])
    enclosed = hidden & ~np.isin(pieces, open_pieces)
    sheet.led[enclosed] = 1
    sheet.state[enclosed] = LED
