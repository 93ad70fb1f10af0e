"""Low-poly triangles -> round ones: welded, with smooth normals, subdivided where they curve."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from shiage.data.rigged.rig import Floats, Rig

CREASE_DEGREES = 62.0
"""Faces that meet at a sharper angle keep a sharp edge."""

_CHILDREN: dict[int, tuple[tuple[int, int, int], ...]] = {
    # Which of the edges 01, 12, 20 are split (bits) -> new triangles; 3, 4, 5 are the midpoints.
    0: ((0, 1, 2),),
    1: ((0, 3, 2), (3, 1, 2)),
    2: ((0, 1, 4), (0, 4, 2)),
    3: ((3, 1, 4), (0, 3, 4), (0, 4, 2)),
    4: ((0, 1, 5), (5, 1, 2)),
    5: ((0, 3, 5), (3, 1, 2), (3, 2, 5)),
    6: ((4, 2, 5), (0, 1, 4), (0, 4, 5)),
    7: ((0, 3, 5), (3, 1, 4), (5, 4, 2), (3, 4, 5)),
}


@dataclass(frozen=True, eq=False)
class Shape:
    """A surface at rest, fine enough to look round.

    Attributes:
        vertices: (V, 3) float32.
        normals: (V, 3) float32.
        triangles: (T, 3) int32.
        origins: (T,) triangle of the rig that each comes from.
        weights: (V, B) sparse float32.
    """

    vertices: Floats
    normals: Floats
    triangles: NDArray[np.int32]
    origins: NDArray[np.intp]
    weights: sparse.csr_array


@dataclass(frozen=True, eq=False)
class _Surface:
    """Welded points, and triangles with a normal at each corner."""

    points: NDArray[np.float64]
    weights: sparse.csr_array
    triangles: NDArray[np.intp]
    normals: NDArray[np.float64]
    origins: NDArray[np.intp]


def weld(rig: Rig) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return each vertex's welded point (V,), and one vertex for each point.

    Vertices of one mesh at one place are one point, whatever their normals and materials are.
    """
    mesh = np.zeros(len(rig.vertices))
    mesh[rig.triangles.ravel()] = np.repeat(rig.meshes, 3)
    places = np.round(rig.vertices / (np.ptp(rig.vertices, axis=0).max() * 2e-5))
    _, firsts, points = np.unique(
        np.column_stack([places, mesh]), axis=0, return_index=True, return_inverse=True
    )
    return points.ravel(), firsts


def smooth(rig: Rig, limit: int = 20_000, levels: int = 3) -> Shape:
    """Return the rig's surface, subdivided where it is curved.

    Edges are split where the middle of the arc that fits the normals lies off the straight edge
    (Phong tessellation with weight 1/2 gives a circle's arc), or where a joint bends them. Both
    triangles of an edge take the same point, so that no crack opens, also at sharp edges.

    Args:
        rig: the character.
        limit: triangles to stay below.
        levels: times an edge may be halved.
    """
    points, firsts = weld(rig)
    triangles = points[rig.triangles]
    whole = (triangles != np.roll(triangles, 1, axis=1)).all(axis=1)
    positions = rig.vertices[firsts].astype(np.float64)
    triangles = triangles[whole]
    surface = _Surface(
        points=positions,
        weights=sparse.csr_array(rig.weights[firsts]),
        triangles=triangles,
        normals=corner_normals(positions, triangles),
        origins=np.flatnonzero(whole),
    )
    size = float(np.linalg.norm(np.ptp(positions, axis=0)))
    for _ in range(levels):
        surface = _subdivide(surface, tolerance=0.0006 * size, limit=limit)
    return _split_normals(surface)


def corner_normals(points: NDArray[np.float64], triangles: NDArray[np.intp]) -> NDArray[np.float64]:
    """Return normals at the corners, (T, 3, 3): smooth across edges that are not sharp."""
    count = len(triangles)
    corners = points[triangles]
    sides = np.roll(corners, -1, axis=1) - corners
    flat = _unit(np.cross(sides[:, 0], sides[:, 1]))
    directions = _unit(sides)
    cosines = -(directions * np.roll(directions, 1, axis=1)).sum(axis=2)
    angles = np.arccos(np.clip(cosines, -1, 1))
    starts, ends = _joined_corners(triangles, flat)
    graph = sparse.coo_array((np.ones(len(starts), bool), (starts, ends)), (3 * count, 3 * count))
    groups, group = connected_components(graph, directed=False)
    pulls = (flat[:, None, :] * angles[..., None]).reshape(-1, 3)
    sums = np.zeros((groups, 3))
    np.add.at(sums, group, pulls)
    normals: NDArray[np.float64] = _unit(sums)[group].reshape(count, 3, 3)
    return normals


def _joined_corners(
    triangles: NDArray[np.intp], flat: NDArray[np.float64]
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return pairs of corners (3 * triangle + place) that share a normal."""
    following = np.roll(triangles, -1, axis=1)
    low = np.minimum(triangles, following).ravel()
    high = np.maximum(triangles, following).ravel()
    order = np.lexsort((high, low))
    sharp = np.cos(np.radians(CREASE_DEGREES))
    starts, ends = [], []
    for ahead in (1, 2, 3):  # sheets with a back side have four triangles at an edge
        one, other = order[:-ahead], order[ahead:]
        same = (low[one] == low[other]) & (high[one] == high[other])
        one, other = one[same], other[same]
        soft = (flat[one // 3] * flat[other // 3]).sum(axis=1) > sharp
        one, other = one[soft], other[soft]
        one_next, other_next = _next_corner(one), _next_corner(other)
        crossed = triangles.ravel()[one] == triangles.ravel()[other_next]
        starts += [one, one_next]
        ends += [np.where(crossed, other_next, other), np.where(crossed, other, other_next)]
    return np.concatenate(starts), np.concatenate(ends)


def _next_corner(corner: NDArray[np.intp]) -> NDArray[np.intp]:
    return corner // 3 * 3 + (corner + 1) % 3


def _subdivide(surface: _Surface, tolerance: float, limit: int) -> _Surface:
    """Return the surface with its curved edges halved."""
    triangles, normals, points = surface.triangles, surface.normals, surface.points
    following, next_normals = np.roll(triangles, -1, axis=1), np.roll(normals, -1, axis=1)
    pairs = np.sort(np.stack([triangles, following], axis=2).reshape(-1, 2), axis=1)
    edges, edge_of = np.unique(pairs, axis=0, return_inverse=True)
    edge_of = edge_of.reshape(-1, 3)

    half = (points[following] - points[triangles]) / 2
    rise = (
        -(
            (half * normals).sum(axis=2, keepdims=True) * normals
            - (half * next_normals).sum(axis=2, keepdims=True) * next_normals
        )
        / 4
    )
    rise = rise.reshape(-1, 3)
    by_height = np.argsort(np.linalg.norm(rise, axis=1), kind="stable")
    lift = np.zeros((len(edges), 3))
    lift[edge_of.ravel()[by_height]] = rise[by_height]  # the highest is written last

    bend = abs(surface.weights[edges[:, 0]] - surface.weights[edges[:, 1]]).sum(axis=1)
    length = np.linalg.norm(points[edges[:, 0]] - points[edges[:, 1]], axis=1)
    need = np.linalg.norm(lift, axis=1) + 0.04 * bend * length
    # Each split edge adds about two triangles.
    room = max(0, (limit - len(triangles)) // 2)
    chosen = np.argsort(-need, kind="stable")[:room]
    chosen = chosen[need[chosen] > tolerance]
    middle_of = np.full(len(edges), -1)
    middle_of[chosen] = len(points) + np.arange(len(chosen))
    ends = edges[chosen]
    middles = points[ends].mean(axis=1) + lift[chosen]
    weights = (surface.weights[ends[:, 0]] + surface.weights[ends[:, 1]]) / 2

    corner_points = np.hstack([triangles, middle_of[edge_of]])
    all_normals = np.concatenate([normals, _unit(normals + next_normals)], axis=1)
    pattern = ((corner_points[:, 3:] >= 0) * [1, 2, 4]).sum(axis=1)
    new: list[tuple[NDArray[np.intp], NDArray[np.float64], NDArray[np.intp]]] = []
    for code, children in _CHILDREN.items():
        rows = np.flatnonzero(pattern == code)
        for child in children:
            places = list(child)
            new.append(
                (
                    corner_points[rows][:, places],
                    all_normals[rows][:, places],
                    surface.origins[rows],
                )
            )
    return _Surface(
        points=np.concatenate([points, middles]),
        weights=sparse.csr_array(sparse.vstack([surface.weights, weights])),
        triangles=np.concatenate([rows for rows, _, _ in new]),
        normals=np.concatenate([rows for _, rows, _ in new]),
        origins=np.concatenate([rows for _, _, rows in new]),
    )


def _split_normals(surface: _Surface) -> Shape:
    """Return a vertex for each point and normal."""
    points, normals = surface.triangles.ravel(), surface.normals.reshape(-1, 3)
    keys = np.column_stack([points, np.round(normals * 100)])
    _, firsts, corners = np.unique(keys, axis=0, return_index=True, return_inverse=True)
    return Shape(
        vertices=surface.points[points[firsts]].astype(np.float32),
        normals=normals[firsts].astype(np.float32),
        triangles=corners.reshape(-1, 3).astype(np.int32),
        origins=surface.origins,
        weights=sparse.csr_array(surface.weights[points[firsts]].astype(np.float32)),
    )


def _unit(vectors: NDArray[np.float64]) -> NDArray[np.float64]:
    unit: NDArray[np.float64] = vectors / np.maximum(
        np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-12
    )
    return unit
