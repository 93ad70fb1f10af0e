"""Gap closing: where a line stops short of another, a thin barrier is drawn between them.

Trapped-ball filling looks at the paper: it cuts every place narrower than the ball, also the
narrow places that are meant (a wrist, a lock of hair), and it loses slivers. This looks at the
lines instead: a gap has a *stroke tip* at one end at least. Tips are the sharp turns of the ink's
outline; from each, rays search ahead for other ink within the radius. A barrier is kept only if it
truly parts two areas, each large beside the gap (`segments.find_segments` sees to that).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from shiage.structures import BoolMap, Gaps, Ints, LineArt

GapRadius = int | Literal["auto", "off"]
"""Longest gap to close, pixels; "auto" takes it from the width of the lines."""

TIP_ANGLE_DEG = 75.0
"""An outline that turns within this angle is a tip; where two lines cross it stays above 80."""

RAY_ANGLES_DEG = np.arange(-56.0, 57.0, 7.0)
"""Directions searched, away from the stroke's own direction."""

FACING_DEG = 80.0
"""Two tips face each other if the second one's direction is this close to the line between them."""

HEADING_DEG = 35.0
"""Two tips head for each other if neither turns more than this from the line between them."""

STRAIGHT_BONUS = 0.5
"""A ray pays up to this share of extra length for leaving the stroke's own direction."""


BROKEN_STROKE = 6.0
"""Longest gap between two facing tips that "auto" closes, in line widths."""

NEAR_MISS = 2.5
"""Longest gap between a tip and the side of a line that "auto" closes, in line widths."""


@dataclass(frozen=True, eq=False)
class Tips:
    """Stroke ends.

    Attributes:
        xy: (T, 2) int64, a pixel of the outline.
        direction: (T, 2) float64, unit vector that leads on from the stroke.
    """

    xy: NDArray[np.int64]
    direction: NDArray[np.float64]


def find_gaps(lineart: LineArt, radius: GapRadius = "auto") -> Gaps:
    """Return candidate closings: lines from a stroke tip to the ink it faces.

    With a radius in pixels, all up to that length. "auto" takes what the line width suggests: two
    tips that face each other are one broken stroke even when they are `BROKEN_STROKE` widths apart;
    a tip before the side of another line may be meant to end there (a crease, a brow), so it is
    joined only within `NEAR_MISS` widths.
    """
    if radius == "off" or radius == 0 or not lineart.ink.any():
        return Gaps()
    tips = find_tips(lineart)
    if radius != "auto":
        pairs = _pair_up(lineart.ink, tips, radius, lineart.line_width)
        alone = np.setdiff1d(np.arange(len(tips.xy)), pairs)
        ahead = _search_ahead(lineart.ink, Tips(tips.xy[alone], tips.direction[alone]), radius)
        facing = tips.xy[pairs].reshape(-1, 4).astype(np.int32)
        ends = np.concatenate([facing, ahead])
        return Gaps(_drop_twins(ends, lineart.line_width), radius)
    reach = max(6, round(BROKEN_STROKE * lineart.line_width))
    ends = _search_ahead(lineart.ink, tips, reach)
    length = np.linalg.norm(ends[:, 2:] - ends[:, :2], axis=1)
    near = length <= max(4, NEAR_MISS * lineart.line_width)
    ends = ends[near | _ends_face_a_tip(ends, tips, lineart.line_width)]
    return Gaps(_drop_twins(ends, lineart.line_width), reach)


def _drop_twins(ends_xyxy: Ints, line_width: float) -> Ints:
    """(G', 4) int32: of closings with the same two ends, found from either side, the shortest."""
    kept: list[list[int]] = []
    length = np.linalg.norm(ends_xyxy[:, 2:] - ends_xyxy[:, :2], axis=1)
    near = max(2.0, line_width)
    for at in np.argsort(length, kind="stable").tolist():
        ends = ends_xyxy[at]
        others = np.array(kept, np.int32).reshape(-1, 2, 2)
        same = np.linalg.norm(others - ends.reshape(2, 2), axis=2).max(axis=1) <= near
        swapped = np.linalg.norm(others - ends.reshape(2, 2)[::-1], axis=2).max(axis=1) <= near
        if not (same | swapped).any():
            kept.append(ends.tolist())
    return np.array(kept, np.int32).reshape(-1, 4)


def find_tips(lineart: LineArt) -> Tips:
    """Return the ends of strokes: where the ink's outline turns back within two line widths."""
    contours, _ = cv2.findContours(lineart.ink.view(np.uint8), cv2.RETR_LIST, cv2.CHAIN_APPROX_NONE)
    if not contours:
        return Tips(np.zeros((0, 2), np.int64), np.zeros((0, 2)))
    lengths = np.array([len(c) for c in contours])
    points = np.concatenate(contours).reshape(-1, 2).astype(np.int64)
    begin = np.repeat(np.cumsum(lengths) - lengths, lengths)
    length = np.repeat(lengths, lengths)
    place = np.arange(len(points)) - begin
    step = np.minimum(max(3, round(1.5 * lineart.line_width)), length // 3)
    back = points[begin + (place - step) % length]
    ahead = points[begin + (place + step) % length]

    to_back, to_ahead = back - points, ahead - points
    norm = np.linalg.norm(to_back, axis=1) * np.linalg.norm(to_ahead, axis=1)
    cosine = np.where(norm > 0, (to_back * to_ahead).sum(axis=1) / np.maximum(norm, 1e-9), 1.0)
    middle = (back + ahead) // 2
    turns = (cosine > np.cos(np.deg2rad(TIP_ANGLE_DEG))) & lineart.ink[middle[:, 1], middle[:, 0]]

    best = _sharpest_of_each_turn(turns, cosine, begin)
    inward = (to_back + to_ahead)[best].astype(np.float64)
    size = np.linalg.norm(inward, axis=1, keepdims=True)
    known = size[:, 0] > 0
    return Tips(points[best][known], -inward[known] / size[known])


def _sharpest_of_each_turn(
    turns: BoolMap, cosine: NDArray[np.float64], contour: NDArray[np.int64]
) -> NDArray[np.int64]:
    """(T,) int64: index of the middle of the sharpest outline points in each stretch of turns."""
    where = np.flatnonzero(turns)
    if not len(where):
        return where
    new = np.append(True, (np.diff(where) > 1) | (np.diff(contour[where]) != 0))
    stretch = np.cumsum(new) - 1
    sharpest = np.full(stretch[-1] + 1, -2.0)
    np.maximum.at(sharpest, stretch, cosine[where])
    top = where[cosine[where] >= sharpest[stretch] - 1e-9]
    top_stretch = np.searchsorted(where[new], top, side="right") - 1
    middle = np.searchsorted(top_stretch, np.arange(stretch[-1] + 1))
    count = np.bincount(top_stretch)
    return np.asarray(top[middle + count // 2], np.int64)


def _search_ahead(ink: BoolMap, tips: Tips, reach: int) -> Ints:
    """(G, 4) int32: for each tip the best ink ahead, as closing lines x0, y0, x1, y1.

    A closing passes over at most `reach` blank pixels.
    """
    height, width = ink.shape
    angles = np.deg2rad(RAY_ANGLES_DEG)
    cos, sin = np.cos(angles), np.sin(angles)
    dx, dy = tips.direction[:, :1], tips.direction[:, 1:]
    rays = np.stack([dx * cos - dy * sin, dx * sin + dy * cos], axis=-1)  # (T, A, 2)
    distance = np.arange(1, reach + 2)  # ink beyond `reach` blank pixels
    xy = np.rint(tips.xy[:, None, None, :] + rays[:, :, None, :] * distance[:, None])
    xy = xy.astype(np.int64)  # (T, A, D, 2)
    inside = (xy[..., 0] >= 0) & (xy[..., 0] < width) & (xy[..., 1] >= 0) & (xy[..., 1] < height)
    x, y = np.clip(xy[..., 0], 0, width - 1), np.clip(xy[..., 1], 0, height - 1)
    hit = ink[y, x] & inside
    # A ray counts only from where it has left its own stroke.
    left = np.maximum.accumulate(~hit & inside, axis=-1)
    landed = hit & left
    first = landed.argmax(axis=-1)  # (T, A)
    cost = distance[first] * (1 + STRAIGHT_BONUS * np.abs(RAY_ANGLES_DEG) / RAY_ANGLES_DEG.max())
    cost = np.where(landed.any(axis=-1), cost, np.inf)
    ray = cost.argmin(axis=1)
    tip = np.flatnonzero(np.isfinite(cost.min(axis=1)))
    end = xy[tip, ray[tip], first[tip, ray[tip]]]
    return np.concatenate([tips.xy[tip], end], axis=1).astype(np.int32)


def _near_in_x(x: NDArray[np.int64], reach: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """(P,) int64 twice: all pairs, lower index first, at most `reach` apart; memory grows with P.

    >>> [side.tolist() for side in _near_in_x(np.array([9, 0, 7]), 3)]
    [[0], [2]]
    """
    order = np.argsort(x, kind="stable")
    stop = np.searchsorted(x[order], x[order] + reach, side="right")
    count = stop - np.arange(len(x)) - 1
    one = np.repeat(np.arange(len(x)), count)
    other = np.arange(len(one)) - np.repeat(np.cumsum(count) - count, count) + one + 1
    pairs = np.sort(np.stack([order[one], order[other]]), axis=0)
    pairs = pairs[:, np.lexsort(pairs[::-1])]
    return pairs[0], pairs[1]


def _pair_up(ink: BoolMap, tips: Tips, reach: int, line_width: float) -> NDArray[np.int64]:
    """(P, 2) int64: tips that head for each other over bare paper, each in one pair, best first.

    Rays fan out: far off they pass by a line's end, and meet a neighbor's side before it.
    """
    first, second = _near_in_x(tips.xy[:, 0], reach + 1)
    between = (tips.xy[second] - tips.xy[first]).astype(np.float64)
    length = np.linalg.norm(between, axis=1)
    near = (length > 0) & (length <= reach + 1)
    first, second, between, length = first[near], second[near], between[near], length[near]
    along = between / length[:, None]
    turn = np.arccos(np.clip((along * tips.direction[first]).sum(axis=1), -1, 1))
    turn_back = np.arccos(np.clip(-(along * tips.direction[second]).sum(axis=1), -1, 1))
    most = np.deg2rad(HEADING_DEG)
    cost = np.where(np.maximum(turn, turn_back) <= most, length * (1 + turn + turn_back), np.inf)
    taken, pairs = np.zeros(len(tips.xy), bool), []
    for at in np.argsort(cost, kind="stable").tolist():
        if not np.isfinite(cost[at]):
            break
        one, two = int(first[at]), int(second[at])
        steps = np.linspace(0, 1, round(length[at]) + 1)[:, None]
        places = np.rint(tips.xy[one] + steps * between[at]).astype(np.int64)
        own = np.minimum(steps[:, 0], 1 - steps[:, 0]) * length[at] <= line_width + 1
        crossed = (ink[places[:, 1], places[:, 0]] & ~own).any()
        if not (taken[one] or taken[two] or crossed):
            taken[[one, two]] = True
            pairs.append((one, two))
    return np.array(pairs, np.int64).reshape(-1, 2)


def _ends_face_a_tip(ends_xyxy: Ints, tips: Tips, line_width: float) -> BoolMap:
    """(G,) bool: the closing lands within 1.5 line widths of another tip that points back at it."""
    if not len(ends_xyxy):
        return np.zeros(0, bool)
    start, end = ends_xyxy[:, None, :2], ends_xyxy[:, None, 2:]
    close = np.linalg.norm(end - tips.xy, axis=-1) <= max(2.0, 1.5 * line_width)
    other = np.linalg.norm(start - tips.xy, axis=-1) > 0
    along = (end - start) / np.maximum(np.linalg.norm(end - start, axis=-1, keepdims=True), 1e-9)
    facing = (along * tips.direction).sum(axis=-1) < -np.cos(np.deg2rad(FACING_DEG))
    return np.asarray((close & other & facing).any(axis=1))


def draw_barriers(gaps: Gaps, size_hw: tuple[int, int]) -> BoolMap:
    """(H, W) bool: the closings as lines one pixel wide that 4-connected regions cannot pass."""
    barrier = np.zeros(size_hw, np.uint8)
    for x0, y0, x1, y1 in gaps.ends_xyxy.tolist():
        cv2.line(barrier, (x0, y0), (x1, y1), 1)
    return barrier.astype(bool)
