"""Black lines led on under what hides them, from stump to stump.

Where a colour trace is drawn over a black line, the line is cut, and its stumps face each other. A
curve that leaves one stump as it heads and arrives at the other as that heads (a cubic Hermite) is
where the line went. At a corner, or where one line ends at another, stumps are led straight on
until they meet.

A trace that begins where a black line ends is no cover of it. So between two stumps the trace has
to go on beyond the line, or else the figure would be open to the paper around it.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from shiage.lines.stumps import (
    ACROSS,
    BLACK,
    HIDDEN,
    LED,
    LONGEST_RUN,
    NARROWER,
    PAPER,
    Numbers,
    Sheet,
    Stumps,
    Whole,
    find_stumps,
    turn,
)
from shiage.structures import BoolMap, Floats

REACH = 48
"""Longest way from stump to stump, pixels."""

BEND = np.deg2rad(36)
"""Most that the way to the other stump may turn from where a stump heads."""

BEYOND = 2.5
"""A trace goes on beyond a line if it reaches this many pixels further from its middle than either
is wide."""

ACROSS_BY = 1.0
"""It goes across a line if it reaches this much further at both sides."""

RIM = 0.75
"""This much of a line's width at either side may be bare where it is led on, pixels ..."""

MOST_BARE = 0.05
"""... and this share of the rest."""

THIN = 1.5
"""Hard lines narrower than this are drawn a pixel at a time."""

ALONG = 2.5
"""A trace within a black line lies along it if it is this many times as long as wide."""

MARGIN = REACH + LONGEST_RUN
"""How much of a drawing has to be known around the places where lines are led on, pixels."""

_SQUARE = np.ones((3, 3), np.uint8)


@dataclass(frozen=True, eq=False)
class _Way:
    """A curve along which a line is led, and the hidden pixels around it.

    Attributes:
        curve: (S, 2), its places, half a pixel from each other.
        across: (S, U, 2), points `ACROSS` each place.
        width: (S,) of the line at each place.
        visible: (S,) how much of that is seen there.
        lacks: (S,) bool, places where that is less than there should be.
        x: (n,) of the hidden pixels.
        y: (n,) of the hidden pixels.
        at: (n,) which place of the curve is nearest to each.
        off: (n,) how far each lies from the curve, pixels, negative on its left.
    """

    curve: Numbers
    across: Numbers
    width: Numbers
    visible: Numbers
    lacks: BoolMap
    x: Whole
    y: Whole
    at: Whole
    off: Numbers

    def cut(self, around: int) -> BoolMap:
        """(S,) bool: places where less of the line is seen than there is, and some around them."""
        square = np.ones((2 * around + 1, 1), np.uint8)
        return np.asarray(cv2.dilate(self.lacks.astype(np.uint8)[:, None], square)[:, 0] > 0)

    @property
    def inside(self) -> BoolMap:
        """(n,) bool: pixels that the line covers, where less of it is seen than there is."""
        return np.asarray(
            (np.abs(self.off) <= self.width[self.at] / 2 + 0.01) & self.cut(2)[self.at]
        )


def bridge_lines(
    black: BoolMap,
    hidden: BoolMap,
    cover: Floats,
    soft: bool,
    ink: BoolMap,
    window: tuple[slice, slice],
) -> Floats:
    """(h, w) float32 in 0..1: how far lines that are led on cover each pixel of a part.

    It is 0 where nothing is hidden.

    Args:
        black: (h, w) bool, pixels of black lines that nothing hides.
        hidden: (h, w) bool, pixels that something hides.
        cover: (h, w) float32 in 0..1, how far black is seen to cover each pixel.
        soft: lines are antialiased; if not, only 0 and 1 are returned.
        ink: (H, W) bool, of the whole drawing.
        window: where in that the part lies.
    """
    state = np.full(black.shape, PAPER, np.uint8)
    state[hidden], state[black] = HIDDEN, BLACK
    mask = hidden.view(np.uint8)
    area, core = cv2.countNonZero(mask), cv2.countNonZero(cv2.erode(mask, _SQUARE))
    hidden_width = 2 * area / max(area - core, 1)
    framed, seen = np.pad(state, MARGIN), np.pad(cover, MARGIN)
    sheet = Sheet(framed, seen, np.zeros_like(seen), soft, MARGIN, hidden_width, ink, window)
    stumps = find_stumps(sheet)
    _lead_on(sheet, stumps.take(_join(sheet, stumps)))
    _fill_enclosed(sheet)
    return sheet.led[MARGIN:-MARGIN, MARGIN:-MARGIN]


def _join(sheet: Sheet, stumps: Stumps) -> BoolMap:
    """(N,) bool: stumps that are left when those that face each other are joined, nearest first."""
    left = np.ones(len(stumps), bool)
    one, two = np.triu_indices(len(stumps), 1)
    length = np.linalg.norm(stumps.face_xy[two] - stumps.face_xy[one], axis=1)
    near = (length >= 1) & (length <= REACH)
    one, two, length = one[near], two[near], length[near]
    chord = stumps.node_xy[two] - stumps.node_xy[one]
    toward = np.arctan2(chord[:, 1], chord[:, 0])
    turns = turn(stumps.angle[one], toward), turn(stumps.angle[two], toward + np.pi)
    wide, narrow = (f(stumps.width[one], stumps.width[two]) for f in (np.maximum, np.minimum))
    fits = (turns[0] <= BEND) & (turns[1] <= BEND) & (wide <= 1.35 * narrow + 0.7)
    # Over a short way a line hardly turns.
    fits &= turn(stumps.angle[one], stumps.angle[two] + np.pi) <= np.deg2rad(20 + 1.5 * length)
    cost = length * (1 + turns[0] + turns[1])
    for at in np.flatnonzero(fits)[np.argsort(cost[fits], kind="stable")]:
        i, j = int(one[at]), int(two[at])
        if left[i] and left[j] and _bridge(sheet, stumps.take([i, j]), float(length[at])):
            left[i] = left[j] = False
    return left


def _bridge(sheet: Sheet, ends: Stumps, length: float) -> bool:
    """Return whether a line goes from one of two stumps to the other; it is led on if so."""
    (start, stop), chord = ends.node_xy, np.linalg.norm(ends.node_xy[1] - ends.node_xy[0])
    share = np.linspace(0, 1, max(3, int(2 * chord) + 1))
    t = share[:, None]
    leave, arrive = chord * ends.heading[0], -chord * ends.heading[1]
    curve = start * (2 * t**3 - 3 * t**2 + 1) + leave * (t**3 - 2 * t**2 + t)
    curve += stop * (3 * t**2 - 2 * t**3) + arrive * (t**3 - t**2)
    way = _survey(sheet, curve, ends.width[0] * (1 - share) + ends.width[1] * share)
    inside = way.inside
    if not (inside.any() and _is_inked(sheet, way)):
        return False
    hides = (sheet.seen(curve) == HIDDEN) & (way.visible < 0.3 * way.width)
    is_long = hides.any() and length > 1.5 * way.width.max() + 2
    if is_long and not (_goes_beyond(sheet, way) or _opens_figure(sheet, way, hides)):
        return False
    amount = ends.cover(sheet, 0, way.off) * (1 - share[way.at])
    amount += ends.cover(sheet, 1, -way.off) * share[way.at]
    _lead(sheet, way, inside, amount)
    return True


def _is_inked(sheet: Sheet, way: _Way, beyond: int = 0) -> bool:
    """Whether ink is all along a way, as wide as the line, but for a pixel at its rims.

    Args:
        sheet: the drawing.
        way: of the line.
        beyond: how many of its last places need not be inked.
    """
    thin = np.rint(way.curve[: max(1, len(way.curve) - beyond)]).astype(np.int64)
    low, high = thin.min(axis=0) - 1, thin.max(axis=0) + 2
    part = sheet.state[low[1] : high[1], low[0] : high[0]]
    near = cv2.dilate((part != PAPER).view(np.uint8), _SQUARE)
    if not (near[thin[:, 1] - low[1], thin[:, 0] - low[0]] > 0).all():
        return False
    inner = np.abs(ACROSS) <= way.width[:, None] / 2 - RIM
    inner[len(inner) - beyond :] = False
    bare = sheet.seen(way.across) == PAPER
    return bool(np.count_nonzero(bare & inner) <= MOST_BARE * np.count_nonzero(inner))


def _survey(sheet: Sheet, curve: Numbers, width: Numbers) -> _Way:
    """Return what lies along a curve (S, 2) on which a line of some width (S,) is to be led."""
    ahead = np.gradient(curve, axis=0)
    ahead /= np.maximum(np.linalg.norm(ahead, axis=1, keepdims=True), 1e-9)
    normal = np.stack([-ahead[:, 1], ahead[:, 0]], axis=1)
    across = curve[:, None] + ACROSS[:, None] * normal[:, None]
    black = sheet.covered(across)
    visible = np.where(np.abs(ACROSS) <= width[:, None] / 2 + 1, black, 0).sum(axis=1)
    around = max(width.max(), sheet.hidden_width) / 2 + BEYOND + 4
    low = np.floor(curve.min(axis=0) - around).astype(np.int64)
    high = np.ceil(curve.max(axis=0) + around).astype(np.int64) + 1
    y, x = np.nonzero(sheet.state[low[1] : high[1], low[0] : high[0]] >= HIDDEN)
    x, y = x + low[0], y + low[1]
    at = ((x[:, None] - curve[:, 0]) ** 2 + (y[:, None] - curve[:, 1]) ** 2).argmin(axis=1)
    lacks = width - visible >= (NARROWER / 2 if sheet.soft else NARROWER)
    beside = (at > 0) & (at < len(curve) - 1)
    x, y, at = x[beside], y[beside], at[beside]
    off = (y - curve[at, 1]) * ahead[at, 0] - (x - curve[at, 0]) * ahead[at, 1]
    return _Way(curve, across, width, visible, lacks, x, y, at, off)


def _goes_beyond(sheet: Sheet, way: _Way) -> bool:
    """Whether what hides a line goes on beyond it: to a side, or beside what is seen of it."""
    far = max(way.width.max(), sheet.hidden_width) / 2 + BEYOND
    off = np.abs(way.off)
    return bool(((off >= far) | (~way.cut(5)[way.at] & (off <= far))).any())


def _opens_figure(sheet: Sheet, way: _Way, hides: BoolMap) -> bool:
    """Whether a figure would be open to the paper around it if no line were led on.

    Args:
        sheet: the drawing.
        way: of the line.
        hides: (S,) bool, places where it is hidden.
    """
    curve = way.curve[hides]
    ahead = curve[-1] - curve[0]
    normal = np.array([-ahead[1], ahead[0]]) / max(float(np.linalg.norm(ahead)), 1e-9)
    far = (max(way.width.max(), sheet.hidden_width) / 2 + 2) * normal
    sides = []
    for points in (curve + far, curve - far):
        at = np.rint(points).astype(np.int64)
        sides.append(float(sheet.outer[at[:, 1], at[:, 0]].mean()))
    return max(sides) >= 0.7 and min(sides) <= 0.3


def _lead(sheet: Sheet, way: _Way, inside: BoolMap, amount: Numbers) -> None:
    """Lead a line on along a way, in place.

    Args:
        sheet: the drawing.
        way: along which.
        inside: (n,) bool, pixels of the way that the line covers.
        amount: (n,), how far it does if it is antialiased.
    """
    x, y = way.x, way.y
    if sheet.soft:
        cut = way.cut(2)[way.at]
        led = np.maximum(sheet.led[y[cut], x[cut]], amount[cut].astype(np.float32))
        sheet.led[y[cut], x[cut]] = led
        x, y = x[inside], y[inside]
    elif way.width.max() < THIN:
        x, y = np.rint(way.curve[np.unique(way.at[inside])]).astype(np.int64).T
        there = sheet.state[y, x] == HIDDEN
        x, y = x[there], y[there]
        sheet.led[y, x] = 1
    else:
        x, y = x[inside], y[inside]
        sheet.led[y, x] = 1
    sheet.state[y, x] = LED


def _lead_on(sheet: Sheet, stumps: Stumps) -> None:
    """Lead stumps straight on to black lines, and to each other at corners, in place."""
    ends = [_follow(sheet, stumps.take([at])) for at in range(len(stumps))]
    meets = np.array([meets for _, meets in ends], bool)
    most = np.array([length for length, _ in ends])
    for place in np.flatnonzero(meets):
        half_width = float(stumps.width[place] / 2 + 1)
        _extend(sheet, stumps.take([place]), float(most[place]), half_width)
    free = np.flatnonzero(~meets & (most > 0))
    one, two = (free[rows] for rows in np.triu_indices(len(free), 1))
    lengths = _find_corners(stumps.take(one), stumps.take(two))
    reached = np.ones(len(one), bool)
    for length, at, other in ((lengths[0], one, two), (lengths[1], two, one)):
        reached &= (length > 0) & (length <= most[at] + stumps.width[other] / 2)
    for row in np.flatnonzero(reached):
        for length, at, other in ((lengths[0], one, two), (lengths[1], two, one)):
            half = float(stumps.width[other[row]] / 2)
            _extend(sheet, stumps.take([at[row]]), float(length[row]), half)


def _follow(sheet: Sheet, stump: Stumps) -> tuple[float, bool]:
    """Return how far from its node a stump can be led, at most, and whether it meets black there.

    0 if nothing hides what is ahead of it.
    """
    face = float(np.linalg.norm(stump.face_xy - stump.node_xy))
    most = face + 2.2 * sheet.hidden_width + float(stump.width[0])
    far = np.arange(face + 0.5, most, 0.5)
    state = sheet.seen(stump.node_xy + far[:, None] * stump.heading)
    hides = np.cumsum(state == HIDDEN)
    ends = np.flatnonzero((hides > 0) & (state != HIDDEN))
    if not len(ends):
        return (most if hides[-1] else 0.0), False
    return float(far[ends[0]]), bool(state[ends[0]] != PAPER)


def _find_corners(one: Stumps, two: Stumps) -> tuple[Numbers, Numbers]:
    """(P,) twice: how far from the nodes of pairs of stumps the ways straight on meet; 0: nowhere.

    Args:
        one: P stumps.
        two: P other ones.
    """
    a, b, way = one.heading, two.heading, two.node_xy - one.node_xy
    cross = a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0]
    meets = np.abs(cross) >= np.sin(BEND)
    cross = np.where(meets, cross, 1)
    first = (way[:, 0] * b[:, 1] - way[:, 1] * b[:, 0]) / cross
    second = (way[:, 0] * a[:, 1] - way[:, 1] * a[:, 0]) / cross
    return np.where(meets, first, 0), np.where(meets, second, 0)


def _extend(sheet: Sheet, stump: Stumps, length: float, beyond: float) -> None:
    """Lead a stump straight on, if what hides it goes on at both sides, in place.

    Args:
        sheet: the drawing.
        stump: one.
        length: how far from its node, pixels.
        beyond: how much further, as far as ink is there, pixels.
    """
    length += beyond
    share = np.linspace(0, 1, max(3, int(2 * length) + 1))
    curve = stump.node_xy + share[:, None] * length * stump.heading
    way = _survey(sheet, curve, np.full(len(share), stump.width[0]))
    inside, far = way.inside, max(way.width.max(), sheet.hidden_width) / 2 + ACROSS_BY
    crossed = way.off.min(initial=0) <= -far and way.off.max(initial=0) >= far
    if crossed and inside.any() and _is_inked(sheet, way, int(4 * beyond)):
        _lead(sheet, way, inside, stump.cover(sheet, 0, way.off))


def _fill_enclosed(sheet: Sheet) -> None:
    """Make black what is hidden along the middle of a black line, touching no paper, in place."""
    hidden = (sheet.state == HIDDEN).view(np.uint8)
    beside_paper = cv2.dilate((sheet.state == PAPER).view(np.uint8), _SQUARE) > 0
    _, pieces, boxes, _ = cv2.connectedComponentsWithStats(hidden, connectivity=8)
    enclosed = np.bincount(pieces[beside_paper], minlength=len(boxes)) == 0
    core = cv2.erode(hidden, _SQUARE) > 0
    area = boxes[:, cv2.CC_STAT_AREA]
    wide = 2 * area / np.maximum(area - np.bincount(pieces[core], minlength=len(boxes)), 1)
    long = boxes[:, [cv2.CC_STAT_WIDTH, cv2.CC_STAT_HEIGHT]].max(axis=1)
    lines = np.flatnonzero(enclosed & (long >= ALONG * wide))
    for piece in lines[lines > 0].tolist():
        x, y, width, height, _ = boxes[piece].tolist()
        window = np.s_[y : y + height, x : x + width]
        mine = pieces[window] == piece
        sheet.led[window][mine], sheet.state[window][mine] = 1, LED
