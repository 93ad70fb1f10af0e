"""Curves, tubes and transforms: the drawing tools every part is made with."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Points: TypeAlias = NDArray[np.float64]
Point: TypeAlias = tuple[float, float]
Shape: TypeAlias = list[Points]
"""Polygons whose union is the shape."""


@dataclass(frozen=True)
class Affine:
    """A plane transform, applied to points and shapes; ``a @ b`` applies b first."""

    matrix: Points

    def __matmul__(self, other: Affine) -> Affine:
        return Affine(self.matrix @ other.matrix)

    def points(self, points: Sequence[Point] | Points) -> Points:
        """Transform points of shape (n, 2)."""
        array = np.asarray(points, dtype=np.float64).reshape(-1, 2)
        moved: Points = array @ self.matrix[:2, :2].T + self.matrix[:2, 2]
        return moved

    def point(self, point: Point) -> Point:
        """Transform one point."""
        x, y = self.points([point])[0]
        return float(x), float(y)

    def shape(self, shape: Shape) -> Shape:
        """Transform every polygon of a shape."""
        return [self.points(polygon) for polygon in shape]


def translate(x: float, y: float) -> Affine:
    """Return the shift by (x, y)."""
    return Affine(np.array([[1.0, 0.0, x], [0.0, 1.0, y], [0.0, 0.0, 1.0]]))


def scale(x: float, y: float) -> Affine:
    """Return the scaling about the origin."""
    return Affine(np.diag([x, y, 1.0]))


def rotate(degrees: float) -> Affine:
    """Return the rotation about the origin, clockwise on the screen."""
    angle = np.deg2rad(degrees)
    c, s = float(np.cos(angle)), float(np.sin(angle))
    return Affine(np.array([[c, -s, 0.0], [s, c, 0.0], [0.0, 0.0, 1.0]]))


def shifted(points: Points, x: float, y: float) -> Points:
    """Return points moved by (x, y)."""
    return translate(x, y).points(points)


def spline(points: Sequence[Point] | Points, samples: int = 12) -> Points:
    """Sample an open centripetal Catmull-Rom spline through the points."""
    p = np.asarray(points, dtype=np.float64).reshape(-1, 2)
    if len(p) < 3:
        t = np.linspace(0.0, 1.0, samples + 1)[:, None]
        straight: Points = p[0] * (1 - t) + p[-1] * t
        return straight
    padded = np.vstack([2 * p[0] - p[1], p, 2 * p[-1] - p[-2]])
    pieces = [
        _catmull_piece(padded[i : i + 4], samples)[: None if i == len(p) - 2 else -1]
        for i in range(len(p) - 1)
    ]
    return np.vstack(pieces)


def closed(
    points: Sequence[Point] | Points, sharp: Iterable[int] = (), samples: int = 12
) -> Points:
    """Sample a closed spline through the points, with corners at the ``sharp`` indices."""
    p = np.asarray(points, dtype=np.float64).reshape(-1, 2)
    n = len(p)
    corners = sorted({i % n for i in sharp})
    if not corners:
        wrapped = np.vstack([p[-1], p, p[0], p[1]])
        return np.vstack([_catmull_piece(wrapped[i : i + 4], samples)[:-1] for i in range(n)])
    pieces = []
    for start, end in zip(corners, [*corners[1:], corners[0] + n], strict=True):
        run = p[[i % n for i in range(start, end + 1)]]
        pieces.append(spline(run, samples)[:-1])
    return np.vstack(pieces)


def polygon(points: Sequence[Point]) -> Points:
    """Return straight-edged polygon points as an array."""
    return np.asarray(points, dtype=np.float64)


def ellipse(x: float, y: float, rx: float, ry: float, tilt: float = 0.0) -> Points:
    """Return the outline of an ellipse."""
    t = np.linspace(0.0, 2 * np.pi, 64, endpoint=False)
    ring = np.stack([rx * np.cos(t), ry * np.sin(t)], axis=1)
    return (translate(x, y) @ rotate(tilt)).points(ring)


def tube(spine: Points, radii: Sequence[float], ends: Point = (0.0, 0.0)) -> Shape:
    """Return a tube about a spine.

    Args:
        spine: The middle line, densely sampled.
        radii: Radius at evenly spaced places of the spine, interpolated smoothly.
        ends: How far each end bulges, as a part of its radius (0 flat, 1 round).

    Returns:
        Overlapping convex pieces, so that sharp bends leave no holes.
    """
    n = len(spine)
    profile = np.stack([np.linspace(0, n - 1, len(radii)), np.asarray(radii, float)], axis=1)
    fine = spline(profile, 16)
    r = np.interp(np.arange(n), fine[:, 0], fine[:, 1])
    tangent = np.gradient(spine, axis=0)
    tangent /= np.maximum(np.linalg.norm(tangent, axis=1, keepdims=True), 1e-9)
    normal = np.stack([-tangent[:, 1], tangent[:, 0]], axis=1)
    left, right = spine + normal * r[:, None], spine - normal * r[:, None]
    pieces = [np.stack([left[i], left[i + 1], right[i + 1], right[i]]) for i in range(n - 1)]
    pieces += [
        ellipse(float(spine[i, 0]), float(spine[i, 1]), float(r[i]), float(r[i]))
        for i in range(2, n - 2)
        if _clear_of_ends(spine, i, float(r[i]))
    ]
    for index, bulge in ((0, ends[0]), (n - 1, ends[1])):
        if bulge > 0:
            angle = float(np.rad2deg(np.arctan2(tangent[index, 1], tangent[index, 0])))
            x, y = spine[index]
            pieces.append(
                ellipse(float(x), float(y), float(r[index] * bulge), float(r[index]), angle)
            )
    return pieces


def along(spine: Points, start: float, end: float, samples: int = 24) -> Points:
    """Return the piece of a spine between two parts of its length."""
    steps = np.linalg.norm(np.diff(spine, axis=0), axis=1)
    length = np.concatenate([[0.0], np.cumsum(steps)])
    wanted = np.linspace(start, end, samples) * length[-1]
    return np.stack([np.interp(wanted, length, spine[:, k]) for k in (0, 1)], axis=1)


def limb(root: Point, joint: Point, tip: Point) -> Points:
    """Return the spine of a limb with a softly rounded joint."""
    a, b, c = (np.asarray(p, dtype=np.float64) for p in (root, joint, tip))
    t = np.linspace(0.0, 1.0, 14)[:, None]
    before, after = a + (b - a) * 0.68, b + (c - b) * 0.32
    bend = before * (1 - t) ** 2 + b * 2 * t * (1 - t) + after * t**2
    return along(np.vstack([a, bend, c]), 0.0, 1.0, 40)


def two_bone(
    root: Point, tip: Point, upper: float, lower: float, bend: float
) -> tuple[Point, Point]:
    """Place the middle joint of a limb that reaches from root towards tip.

    Args:
        root: Where the limb starts.
        tip: Where it should end.
        upper: Length of the first bone.
        lower: Length of the second bone.
        bend: +1 or -1, the side to which the joint points; values between flatten the bend
            as foreshortening does.

    Returns:
        The joint and the tip that is really reached.
    """
    a, c = np.asarray(root), np.asarray(tip)
    reach = float(np.hypot(*(c - a)))
    distance = min(max(reach, 1.0), upper + lower - 1e-3)
    direction = (c - a) / max(reach, 1e-6)
    foot = (upper**2 - lower**2 + distance**2) / (2 * distance)
    height = float(np.sqrt(max(upper**2 - foot**2, 0.0)))
    joint = a + direction * foot + np.array([direction[1], -direction[0]]) * height * bend
    end = a + direction * distance
    return (float(joint[0]), float(joint[1])), (float(end[0]), float(end[1]))


def _clear_of_ends(spine: Points, index: int, radius: float) -> bool:
    """Tell whether a disc at a spine sample keeps inside the flat ends of its tube."""
    gaps = np.linalg.norm(spine[[0, -1]] - spine[index], axis=1)
    return bool(gaps.min() >= radius)


def _catmull_piece(p: Points, samples: int) -> Points:
    """Sample the middle span of four control points, both ends included."""
    knots = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(p, axis=0), axis=1) ** 0.5)])
    knots += np.arange(4) * 1e-6
    t = np.linspace(knots[1], knots[2], samples + 1)[:, None]

    def mix(a: Points, b: Points, i: int, j: int) -> Points:
        blended: Points = ((knots[j] - t) * a + (t - knots[i]) * b) / (knots[j] - knots[i])
        return blended

    a1, a2, a3 = mix(p[0], p[1], 0, 1), mix(p[1], p[2], 1, 2), mix(p[2], p[3], 2, 3)
    return mix(mix(a1, a2, 0, 2), mix(a2, a3, 1, 3), 1, 2)
