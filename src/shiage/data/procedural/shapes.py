"""Smooth primitives, all of them grids of points: patches, tubes, ellipsoids, and what holds them.

A grid's normal is column direction x row direction. Tubes turn their columns so that this points
outwards, whichever way they run.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.interpolate import CubicHermiteSpline

from shiage.data.scene import Mesh

Floats = NDArray[np.float64]

SAMPLES = 48
"""Stations of a tube between which it is interpolated linearly."""


@dataclass(frozen=True, eq=False)
class Bone:
    """A coordinate system in space.

    Attributes:
        origin: (3,) its place.
        axes: (3, 3) its right, up and front as columns.
    """

    origin: Floats
    axes: Floats

    def place(self, points: ArrayLike) -> Floats:
        """Return local points, (..., 3), in space."""
        placed: Floats = np.asarray(points, np.float64) @ self.axes.T + self.origin
        return placed

    def turn(self, directions: ArrayLike) -> Floats:
        """Return local directions, (..., 3), in space."""
        turned: Floats = np.asarray(directions, np.float64) @ self.axes.T
        return turned

    def inverse_turn(self, directions: ArrayLike) -> Floats:
        """Return directions of space, (..., 3), in local axes."""
        turned: Floats = np.asarray(directions, np.float64) @ self.axes
        return turned

    def child(self, origin: ArrayLike, axes: Floats | None = None) -> Bone:
        """Return a coordinate system told in this one's terms."""
        return Bone(self.place(origin), self.axes if axes is None else self.axes @ axes)


WORLD = Bone(np.zeros(3), np.eye(3))


def rotation(pitch: float = 0.0, yaw: float = 0.0, roll: float = 0.0) -> Floats:
    """Return a (3, 3) rotation: roll around front, then pitch (nodding down), then yaw (to +x)."""
    cp, sp, cy, sy, cr, sr = (f(angle) for angle in (pitch, yaw, roll) for f in (np.cos, np.sin))
    around_x = np.array([[1, 0, 0], [0, cp, -sp], [0, sp, cp]])
    around_y = np.array([[cy, 0, sy], [0, 1, 0], [-sy, 0, cy]])
    around_z = np.array([[cr, -sr, 0], [sr, cr, 0], [0, 0, 1]])
    turned: Floats = around_y @ around_x @ around_z
    return turned


@lru_cache(maxsize=256)
def _weights(controls: int, samples: int) -> Floats:
    """Return (samples, controls): what each control adds to each sample of a smooth curve."""
    eye, at = np.eye(controls), np.arange(controls, dtype=np.float64)
    curve = CubicHermiteSpline(at, eye, np.gradient(eye, axis=0))
    weights: Floats = curve(np.linspace(0, controls - 1, samples))
    return weights


def smooth(controls: ArrayLike, samples: int = SAMPLES) -> Floats:
    """Return a smooth curve through evenly spaced controls, (K,) or (K, D) -> (samples, ...)."""
    values = np.asarray(controls, np.float64)
    if len(values) == 1:
        return np.repeat(values, samples, axis=0)
    curve: Floats = _weights(len(values), samples) @ values
    return curve


@lru_cache(maxsize=512)
def _grid_triangles(rows: int, columns: int, wrap: bool) -> NDArray[np.int32]:
    """Return (T, 3) triangles of a grid, counter-clockwise where columns x rows points."""
    at = np.arange(rows * columns, dtype=np.int32).reshape(rows, columns)
    if wrap:
        at = np.concatenate([at, at[:, :1]], axis=1)
    a, b, c, d = at[:-1, :-1], at[:-1, 1:], at[1:, 1:], at[1:, :-1]
    return np.concatenate(
        [np.stack([a, b, c], -1).reshape(-1, 3), np.stack([a, c, d], -1).reshape(-1, 3)]
    )


def _grid_normals(points: Floats, wrap: bool) -> Floats:
    """Return the mean normals of the quads around each point, (rows, columns, 3)."""
    ring = np.concatenate([points, points[:, :1]], axis=1) if wrap else points
    one, other = ring[1:, 1:] - ring[:-1, :-1], ring[1:, :-1] - ring[:-1, 1:]
    quads = np.stack(
        [
            one[..., 1] * other[..., 2] - one[..., 2] * other[..., 1],
            one[..., 2] * other[..., 0] - one[..., 0] * other[..., 2],
            one[..., 0] * other[..., 1] - one[..., 1] * other[..., 0],
        ],
        -1,
    )
    edge = (quads[:, -1:], quads) if wrap else (quads[:, :1], quads, quads[:, -1:])
    quads = np.concatenate(edge, axis=1)
    quads = np.concatenate([quads[:1], quads, quads[-1:]])
    normals: Floats = quads[1:, 1:] + quads[:-1, 1:] + quads[1:, :-1] + quads[:-1, :-1]
    if wrap:
        for row in (0, -1):  # a row that is one point, a pole, has one normal
            if np.ptp(points[row], axis=0).max() < 1e-6:
                normals[row] = normals[row].mean(axis=0)
    normals /= np.maximum(np.sqrt((normals**2).sum(-1, keepdims=True)), 1e-12)
    return normals


@dataclass(frozen=True, eq=False)
class Tube:
    """A tube of varying elliptical section along a curve; the surface other things lie on.

    Attributes:
        centers: (S, 3) stations along the curve.
        right, front: (S, 3) unit axes of the sections.
        half_width: (S,) along `right`.
        depth_front, depth_back: (S,) along `front` and against it.
        squareness: exponent of the sections; 2 is an ellipse, more is nearer to a box.
    """

    centers: Floats
    right: Floats
    front: Floats
    half_width: Floats
    depth_front: Floats
    depth_back: Floats
    squareness: float = 2.0

    def at(self, along: ArrayLike, around: ArrayLike, lift: ArrayLike = 0.0) -> Floats:
        """Return points, (..., 3).

        Args:
            along: in [0, 1], from the first station to the last.
            around: radians; 0 is at the front, a quarter turn at the right.
            lift: distance above the surface.
        """
        along, around, lift = np.broadcast_arrays(along, around, lift)
        place = np.clip(along, 0.0, 1.0) * (len(self.centers) - 1)
        low = np.minimum(place.astype(np.intp), len(self.centers) - 2)
        part = place - low

        def mix(values: Floats) -> Floats:
            share = part if values.ndim == 1 else part[..., None]
            mixed: Floats = values[low] * (1 - share) + values[low + 1] * share
            return mixed

        sine, cosine = np.sin(around), np.cos(around)
        if self.squareness != 2.0:
            sine, cosine = (
                np.sign(part) * np.abs(part) ** (2 / self.squareness) for part in (sine, cosine)
            )
        depth = np.where(cosine >= 0, mix(self.depth_front), mix(self.depth_back))
        sideways = (mix(self.half_width) + lift) * sine
        forwards = (depth + lift) * cosine
        points: Floats = (
            mix(self.centers)
            + sideways[..., None] * mix(self.right)
            + forwards[..., None] * mix(self.front)
        )
        return points


def tube(
    path: ArrayLike,
    front: ArrayLike,
    half_width: ArrayLike,
    depth: ArrayLike | None = None,
    *,
    depth_back: ArrayLike | None = None,
    squareness: float = 2.0,
    samples: int = SAMPLES,
) -> Tube:
    """Return a tube along a smooth path; each quantity is given at evenly spaced controls.

    Args:
        path: (K, 3).
        front: (3,) or (K, 3), where the sections' front points, roughly.
        half_width: (K,).
        depth: (K,) half depth in front; `half_width` if None.
        depth_back: (K,) half depth behind; `depth` if None.
        squareness: see `Tube`.
        samples: stations.
    """
    centers = smooth(path, samples)
    along = np.gradient(centers, axis=0)
    along /= np.maximum(np.linalg.norm(along, axis=1, keepdims=True), 1e-9)
    hint = np.asarray(front, np.float64)
    hints = smooth(hint, samples) if hint.ndim == 2 else np.broadcast_to(hint, centers.shape)
    right = np.cross(along, hints)
    right /= np.maximum(np.linalg.norm(right, axis=1, keepdims=True), 1e-9)
    width = smooth(half_width, samples)
    deep = width if depth is None else smooth(depth, samples)
    back = deep if depth_back is None else smooth(depth_back, samples)
    width, deep, back = (np.maximum(values, 0.0) for values in (width, deep, back))
    return Tube(centers, right, np.cross(right, along), width, deep, back, squareness)


def tube_grid(
    surface: Tube,
    rows: int = 16,
    columns: int = 24,
    *,
    along: tuple[float, float] = (0.0, 1.0),
    lift: float = 0.0,
    closed: tuple[bool, bool] = (False, False),
) -> Floats:
    """Return a band of a tube all around, (rows', columns, 3); closed ends get flat lids."""
    around = np.linspace(0, 2 * np.pi, columns, endpoint=False)
    grid = surface.at(np.linspace(*along, rows)[:, None], around, lift)
    if closed[0]:
        grid = np.concatenate([_lid(grid[0]), grid])
    if closed[1]:
        grid = np.concatenate([grid, _lid(grid[-1])[::-1]])
    return grid


def _lid(rim: Floats) -> Floats:
    """Return two rows, the middle and the rim, that close a tube's end with a sharp edge."""
    return np.stack([np.broadcast_to(rim.mean(axis=0), rim.shape), rim])


def disc_outline(columns: int = 24, power: float = 2.0) -> Floats:
    """Return (columns, 2): a unit circle, or with another power a rounded box or a diamond."""
    angle = np.linspace(0, 2 * np.pi, columns, endpoint=False)
    circle = np.stack([np.cos(angle), np.sin(angle)], -1)
    outline: Floats = np.sign(circle) * np.abs(circle) ** (2 / power)
    return outline


def disc(outline: Floats, rings: int = 4) -> Floats:
    """Return a flat disc, (rings, columns, 2), from its rim inwards; a star-shaped outline."""
    center = outline.mean(axis=0)
    share = np.linspace(1, 0, rings)[:, None, None]
    filled: Floats = center + share * (outline - center)
    return filled


def ellipsoid(
    radii: ArrayLike,
    rows: int = 12,
    columns: int = 20,
    power: float = 2.0,
    at: ArrayLike = (0.0, 0.0, 0.0),
) -> Floats:
    """Return a grid, (rows, columns, 3), around a place; `power` above 2 makes it boxy."""
    height = np.linspace(-np.pi / 2, np.pi / 2, rows)[:, None]
    around = np.linspace(0, 2 * np.pi, columns, endpoint=False)

    def bent(values: Floats) -> Floats:
        shaped: Floats = np.sign(values) * np.abs(values) ** (2 / power)
        return shaped

    ring = bent(np.cos(height))
    x, z = ring * bent(np.sin(around)), ring * bent(np.cos(around))
    y = np.broadcast_to(bent(np.sin(height)), x.shape)
    grid: Floats = np.stack([x, y, z], -1) * np.asarray(radii, np.float64)
    return grid + np.asarray(at, np.float64)


@dataclass
class Assembly:
    """Surfaces by part, gathered for one frame.

    Attributes:
        paints: the palette entry of each part seen so far.
        detail: pixels per unit; small things are left out where they would be specks.
    """

    detail: float = 400.0
    paints: dict[str, str] = field(default_factory=dict)
    _grids: list[tuple[str, Floats, bool]] = field(default_factory=list)

    def add(
        self, part: str, paint: str, grid: Floats, *, wrap: bool = True, bone: Bone = WORLD
    ) -> None:
        """Add a grid, (rows, columns, 3), told in a bone's terms; `wrap` joins its sides."""
        self.paints[part] = paint
        self._grids.append((part, grid if bone is WORLD else bone.place(grid), wrap))

    def bounds(self) -> tuple[Floats, Floats]:
        """Return the lowest and the highest corner of everything, (3,) each."""
        points = [grid.reshape(-1, 3) for _, grid, _ in self._grids]
        return (
            np.min([each.min(axis=0) for each in points], axis=0),
            np.max([each.max(axis=0) for each in points], axis=0),
        )

    def mesh(self, numbers: dict[str, int]) -> Mesh:
        """Return all surfaces as triangles, each with its part's number."""
        vertices, normals, triangles, parts, first = [], [], [], [], 0
        for part, grid, wrap in self._grids:
            rows, columns = grid.shape[:2]
            faces = _grid_triangles(rows, columns, wrap)
            vertices.append(grid.reshape(-1, 3))
            normals.append(_grid_normals(grid, wrap).reshape(-1, 3))
            triangles.append(faces + np.int32(first))
            parts.append(np.full(len(faces), numbers[part], np.int32))
            first += rows * columns
        return Mesh(
            np.concatenate(vertices).astype(np.float32),
            np.concatenate(normals).astype(np.float32),
            np.concatenate(triangles).astype(np.int32),
            np.concatenate(parts),
        )
