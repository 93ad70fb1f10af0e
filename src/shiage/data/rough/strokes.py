"""A clean drawing → the strokes a hand would draw it with."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from itertools import combinations, pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from shiage.data.dataset import Frame
from shiage.data.inking import find_borders
from shiage.data.vector.thinning import centerline
from shiage.lines.lineart import measure_line_width
from shiage.lines.segments import spread_labels
from shiage.structures import Floats, LabelMap

SPACING = 2.0
"""Pixels between two points of a stroke."""

SOLID_WIDTHS = 3.0
"""Ink that is this many lines wide is a solid black, not a line."""

CORNER_DEG = 55.0
"""A hand lifts its pencil where a line turns by more than this within a few pixels."""

STRAIGHT_DEG = 35.0
"""Of the lines that meet, two that turn by less than this are one stroke."""

SHORTEST = 5.0
"""Strokes within parts that are shorter, in pixels, are left out: specks of ink."""

SMOOTHED = 2.5
"""Standard deviation, in points, by which borders between pixels are smoothed into strokes."""


@dataclass(frozen=True, eq=False)
class Stroke:
    """One line of a drawing, drawn without lifting the pencil.

    Attributes:
        points_xy: (P, 2) float32, P >= 2, about `SPACING` pixels apart.
        bounds: whether parts meet along it; False for folds and other lines within a part.
        is_trace: whether it parts two tones of one part.
    """

    points_xy: Floats
    bounds: bool
    is_trace: bool


@dataclass(frozen=True, eq=False)
class StrokeDrawing:
    """A clean drawing as strokes, with its truth.

    Attributes:
        strokes: what is drawn.
        labels: (H, W) int32, 1..N everywhere: what each pixel is part of, lines shared out;
            solid blacks are parts of their own, numbered after the segments.
        solid: labels of solid blacks.
        line_width: typical width of its lines, pixels.
    """

    strokes: tuple[Stroke, ...]
    labels: LabelMap
    solid: tuple[int, ...]
    line_width: float


def find_strokes(frame: Frame) -> StrokeDrawing:
    """Return the strokes of a clean frame."""
    ink = frame.labels == 0
    width = measure_line_width(ink)
    labels, solid = _whole_labels(frame.labels, width)
    regions = [region or "" for region in frame.regions] + [f"black {n}" for n in solid]
    strokes = [
        Stroke(points, True, _are_tones(labels, points, regions))
        for path in _trace(*_cracks(labels))
        for points in _cut_at_corners(_smooth(path))
    ]
    beyond = (~find_borders(labels)).astype(np.uint8)
    distance = cv2.distanceTransform(beyond, cv2.DIST_L2, 3)
    inner = ink & (distance > 1.5 * width) & (labels <= len(frame))
    edges = centerline(inner)
    if len(edges):
        nodes, ids = np.unique(edges.reshape(-1, 2), axis=0, return_inverse=True)
        for path in _trace(nodes, ids.reshape(-1, 2)):
            if _length(path) >= SHORTEST:
                strokes += [Stroke(p, False, False) for p in _cut_at_corners(_smooth(path))]
    return StrokeDrawing(tuple(strokes), labels, tuple(solid), width)


def _whole_labels(labels: LabelMap, width: float) -> tuple[LabelMap, list[int]]:
    """Return the label map with lines shared out, and the labels given to solid blacks."""
    ink = (labels == 0).astype(np.uint8)
    side = 2 * round(SOLID_WIDTHS * width / 2) + 1
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
    count, blacks = cv2.connectedComponents(cv2.morphologyEx(ink, cv2.MORPH_OPEN, disc))
    first = int(labels.max(initial=0))
    whole = np.where(blacks > 0, blacks + first, labels).astype(np.int32)
    return spread_labels(whole), list(range(first + 1, first + count))


def _cracks(labels: LabelMap) -> tuple[Floats, NDArray[np.int64]]:
    """Return corners of pixels (M, 2) as x, y and the borders between pixels (E, 2) among them."""
    width = labels.shape[1]
    y, x = np.nonzero(labels[:, 1:] != labels[:, :-1])
    upright = np.stack([y * (width + 1) + x + 1, (y + 1) * (width + 1) + x + 1], axis=1)
    y, x = np.nonzero(labels[1:] != labels[:-1])
    level = np.stack([(y + 1) * (width + 1) + x, (y + 1) * (width + 1) + x + 1], axis=1)
    nodes, ids = np.unique(np.concatenate([upright, level]), return_inverse=True)
    corners = np.stack([nodes % (width + 1), nodes // (width + 1)], axis=1) - 0.5
    return corners.astype(np.float32), ids.reshape(-1, 2)


def _trace(nodes_xy: Floats, edges: NDArray[np.int64]) -> list[Floats]:
    """Return the paths (P, 2) of a graph: from junction to junction, straight ones joined."""
    beside: dict[int, list[int]] = defaultdict(list)
    for a, b in edges.tolist():
        beside[a].append(b)
        beside[b].append(a)
    used: set[tuple[int, int]] = set()
    paths: list[list[int]] = []

    def follow(start: int, second: int) -> list[int]:
        path = [start, second]
        used.update(((start, second), (second, start)))
        while len(beside[path[-1]]) == 2 and path[-1] != start:
            one, two = beside[path[-1]]
            following = two if one == path[-2] else one
            used.update(((path[-1], following), (following, path[-1])))
            path.append(following)
        return path

    for start in [node for node, there in beside.items() if len(there) != 2]:
        paths.extend(follow(start, to) for to in beside[start] if (start, to) not in used)
    for start, there in beside.items():  # rings
        if len(there) == 2 and (start, there[0]) not in used:
            paths.append(follow(start, there[0]))
    return [nodes_xy[path] for path in _join_straight(paths, nodes_xy)]


def _join_straight(paths: list[list[int]], nodes_xy: Floats) -> list[list[int]]:
    """Return the paths with those joined that go straight on at a junction."""
    ends: dict[int, list[tuple[int, int]]] = defaultdict(list)  # node -> (path, 0 start, 1 end)
    for number, path in enumerate(paths):
        if path[0] != path[-1]:
            ends[path[0]].append((number, 0))
            ends[path[-1]].append((number, 1))
    onward: dict[tuple[int, int], tuple[int, int]] = {}
    for meeting in ends.values():
        if len(meeting) < 3:
            continue
        way = []
        for number, end in meeting:
            path = paths[number] if end == 0 else paths[number][::-1]
            away = nodes_xy[path[min(8, len(path) - 1)]] - nodes_xy[path[0]]
            way.append(away / max(float(np.linalg.norm(away)), 1e-6))
        pairs = sorted((float(way[i] @ way[j]), i, j) for i, j in combinations(range(len(way)), 2))
        taken: set[int] = set()
        for cosine, i, j in pairs:
            if cosine < -np.cos(np.radians(STRAIGHT_DEG)) and not taken & {i, j}:
                taken |= {i, j}
                onward[meeting[i]], onward[meeting[j]] = meeting[j], meeting[i]
    joined, done = [], set()
    starts = [(n, e) for n in range(len(paths)) for e in (0, 1) if (n, e) not in onward]
    for at in [*starts, *((n, 0) for n in range(len(paths)))]:
        if at[0] in done:
            continue
        whole: list[int] = []
        number, end = at
        while number not in done:
            done.add(number)
            whole += paths[number] if end == 0 else paths[number][::-1]
            if (number, 1 - end) not in onward:
                break
            number, end = onward[number, 1 - end]
        joined.append(whole)
    return joined


def _smooth(path: Floats) -> Floats:
    """Return a path of points that are `SPACING` apart, without the steps of pixels."""
    closed = bool((path[0] == path[-1]).all())
    kernel = cv2.getGaussianKernel(2 * round(3 * SMOOTHED) + 1, SMOOTHED).ravel()
    reach = len(kernel) // 2
    if closed and len(path) > reach:
        padded = np.concatenate([path[-1 - reach : -1], path, path[1 : 1 + reach]])
    else:  # mirrored in its ends, which stay where they are
        reach = min(reach, len(path) - 1)
        kernel = cv2.getGaussianKernel(2 * reach + 1, SMOOTHED).ravel()
        head, tail = 2 * path[0] - path[reach:0:-1], 2 * path[-1] - path[-2 : -2 - reach : -1]
        padded = np.concatenate([head, path, tail])
    smooth = np.stack([np.convolve(padded[:, axis], kernel, "valid") for axis in (0, 1)], axis=1)
    along = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(smooth, axis=0), axis=1))])
    count = max(2, round(along[-1] / SPACING) + 1)
    at = np.linspace(0, along[-1], count)
    return np.stack([np.interp(at, along, smooth[:, axis]) for axis in (0, 1)], 1).astype(
        np.float32
    )


def _cut_at_corners(points_xy: Floats, reach: int = 4) -> list[Floats]:
    """Return the pieces of a path between sharp turns."""
    if len(points_xy) < 2 * reach + 1:
        return [points_xy]
    back = points_xy[reach:-reach] - points_xy[: -2 * reach]
    ahead = points_xy[2 * reach :] - points_xy[reach:-reach]
    cross = back[:, 0] * ahead[:, 1] - back[:, 1] * ahead[:, 0]
    turn = np.abs(np.degrees(np.arctan2(cross, (back * ahead).sum(axis=1))))
    corners: list[int] = []
    for at in np.argsort(-turn):
        if turn[at] < CORNER_DEG:
            break
        if all(abs(int(at) - other) > 2 * reach for other in corners):
            corners.append(int(at))
    cuts = [0, *sorted(at + reach for at in corners), len(points_xy) - 1]
    return [points_xy[a : b + 1] for a, b in pairwise(cuts) if b > a]


def _are_tones(labels: LabelMap, points_xy: Floats, regions: list[str]) -> bool:
    """Return whether a stroke parts two tones of one part."""
    middle = len(points_xy) // 2
    step = points_xy[min(middle + 1, len(points_xy) - 1)] - points_xy[max(middle - 1, 0)]
    normal = np.array([-step[1], step[0]]) / max(float(np.linalg.norm(step)), 1e-6)
    names = []
    for side in (-2.0, 2.0):
        x, y = np.rint(points_xy[middle] + side * normal).astype(int)
        x, y = np.clip(x, 0, labels.shape[1] - 1), np.clip(y, 0, labels.shape[0] - 1)
        names.append(regions[int(labels[y, x]) - 1])
    one, two = (name.removesuffix(".shadow").removesuffix(".highlight") for name in names)
    return one == two and names[0] != names[1]


def _length(points_xy: Floats) -> float:
    """Return how long a path is, pixels."""
    return float(np.linalg.norm(np.diff(points_xy, axis=0), axis=1).sum())
