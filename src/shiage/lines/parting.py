"""A border map → the pieces a drawing falls into, and which of them are one part.

The map is flooded from the middles of its bare places (watershed), which gives far too many
pieces: wherever a part narrows, two of them meet. So pieces are joined again, the surest pair
first. How sure it is that no border lies between two pieces is learned from drawings whose parts
are known: what the map says along where they meet, how wide the opening there is beside the
pieces, how well the pieces are enclosed otherwise. (Joining by a learned score, recomputed as
regions grow: Nunez-Iglesias et al., "Machine Learning of Hierarchical Clustering to Segment 2D and
3D Images", PLoS ONE 2013.)
"""

from __future__ import annotations

import heapq
from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from shiage.lines.segments import number_regions, spread_labels
from shiage.structures import BoolMap, Floats, Ints, LabelMap

Table = NDArray[np.float64]

Score = Callable[[Table], Table]
"""Features (n, F) → (n,) how sure it is that no border parts two pieces: a logit."""

OPEN, BARE = 0.5, 0.15
"""Below these a border is open, or bare of any sign of a line."""

DEEPEST = 24.0
"""Pixels from lines at which a place counts as in the middle of something, however large."""

LEVELS = 24
"""Steps of the map that is flooded."""

NARROWS = 0.35
"""How much nearness to lines raises what is flooded, beside the map itself."""

NARROW = 3.0
"""Pixels from lines within which that is felt."""

FEATURES = 20


@dataclass(frozen=True, eq=False)
class Pieces:
    """What a drawing falls into, and where the pieces meet.

    Attributes:
        labels: (H, W) int32, 0..n-1 everywhere.
        area: (n,) float64, pixels.
        depth: (n,) float64, pixels from the innermost place to the nearest line.
        rim: (n, 3) float64: pixels of the outline; of these bare, and at the picture's edge.
        pairs: (B, 2) int64, pieces that meet, first < second.
        borders: (B, 5) float64: pixels, sum of the map, open and bare ones, and how far the
            widest place between the two is from lines.
    """

    labels: LabelMap
    area: Table
    depth: Table
    rim: Table
    pairs: NDArray[np.int64]
    borders: Table


@dataclass(frozen=True, eq=False)
class Joining:
    """Pieces joined one after another, the surest first.

    Attributes:
        pieces: what is joined.
        into: (J, 2) int64: the second piece becomes part of the first.
        sureness: (J,) float64, falling: what the least sure join so far scored.
    """

    pieces: Pieces
    into: NDArray[np.int64]
    sureness: Table

    def parts(self, least: float) -> LabelMap:
        """(H, W) int32: the parts if all is joined that is as sure as `least`, 1..N."""
        count = int(np.searchsorted(-self.sureness, -least, side="right"))
        parent = np.arange(len(self.pieces.area))
        for kept, gone in self.into[:count][::-1].tolist():
            parent[gone] = parent[kept]
        return np.asarray(
            (np.unique(parent, return_inverse=True)[1] + 1)[self.pieces.labels], np.int32
        )


def find_pieces(border: Floats) -> Pieces:
    """Return the pieces of a border map (H, W) in [0, 1]."""
    clearance = _measure_clearance(border < OPEN)
    labels = _flood(border, clearance)
    count = int(labels.max()) + 1
    one, two, at, beyond = _cracks(labels)
    strongest = cv2.dilate(border, cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3))).ravel()
    line = np.maximum(strongest[at], strongest[beyond]).astype(np.float64)
    clear = np.maximum(clearance.ravel()[at], clearance.ravel()[beyond]).astype(np.float64)
    key, which = np.unique(one.astype(np.int64) * count + two, return_inverse=True)
    widest = np.zeros(len(key))
    np.maximum.at(widest, which, clear)
    length, bare = np.bincount(which), np.bincount(which, line < BARE)
    borders = np.stack(
        [length, np.bincount(which, line), np.bincount(which, line < OPEN), bare, widest], axis=1
    )
    pairs = np.stack([key // count, key % count], axis=1)
    edge = np.zeros(count)
    for side in (labels[0], labels[-1], labels[:, 0], labels[:, -1]):
        edge += np.bincount(side, minlength=count)
    rim = np.zeros((count, 3))
    for side in (0, 1):
        rim[:, 0] += np.bincount(pairs[:, side], length, count)
        rim[:, 1] += np.bincount(pairs[:, side], bare, count)
    rim[:, 0] += edge
    rim[:, 2] = edge
    depth = np.zeros(count)
    np.maximum.at(depth, labels.ravel(), clearance.ravel().astype(np.float64))
    area = np.bincount(labels.ravel(), minlength=count).astype(np.float64)
    return Pieces(labels, area, depth, rim, pairs, borders)


def join_pieces(pieces: Pieces, score: Score, least: float) -> Joining:
    """Return pieces joined as far as the score of some pair is at least `least`."""
    area, depth, rim = pieces.area.copy(), pieces.depth.copy(), pieces.rim.copy()
    count = len(area)
    beside: list[dict[int, Table]] = [{} for _ in range(count)]
    for (one, two), border in zip(pieces.pairs.tolist(), pieces.borders, strict=True):
        beside[one][two] = beside[two][one] = border
    first = pieces.pairs[:, 0], pieces.pairs[:, 1]
    scores = score(describe(pieces.borders, (area, depth, rim), *first))
    version = [0] * count
    queue = [
        (-sure, one, two, 0, 0)
        for sure, (one, two) in zip(scores.tolist(), pieces.pairs.tolist(), strict=True)
        if sure >= least
    ]
    heapq.heapify(queue)
    into, sureness, lowest = [], [], np.inf
    while queue:
        sure, kept, gone, as_kept, as_gone = heapq.heappop(queue)
        if version[kept] != as_kept or version[gone] != as_gone:
            continue
        between = beside[kept].pop(gone)
        del beside[gone][kept]
        version[kept], version[gone] = version[kept] + 1, -1
        area[kept] += area[gone]
        depth[kept] = max(depth[kept], depth[gone])
        rim[kept] += rim[gone]
        rim[kept, :2] -= 2 * between[[0, 3]]
        for other, border in beside[gone].items():
            del beside[other][gone]
            if other in beside[kept]:
                widest = max(border[4], beside[kept][other][4])
                border = border + beside[kept][other]
                border[4] = widest
            beside[kept][other] = beside[other][kept] = border
        beside[gone] = {}
        lowest = min(lowest, -sure)
        into.append((kept, gone))
        sureness.append(lowest)
        if others := list(beside[kept]):
            borders = np.stack([beside[kept][other] for other in others])
            here = np.full(len(others), kept)
            scores = score(describe(borders, (area, depth, rim), here, np.array(others)))
            for other, sure in zip(others, scores.tolist(), strict=True):
                if sure >= least:
                    heapq.heappush(queue, (-sure, kept, other, version[kept], version[other]))
    return Joining(pieces, np.array(into, np.int64).reshape(-1, 2), np.array(sureness))


def describe(
    borders: Table,
    regions: tuple[Table, Table, Table],
    one: NDArray[np.int64],
    two: NDArray[np.int64],
) -> Table:
    """(n, F) float64: what is known of pairs of pieces and the borders between them.

    Args:
        borders: (n, 5), see `Pieces`.
        regions: area (N,), depth (N,) and rim (N, 3) of all pieces.
        one: (n,) the first piece of each pair.
        two: (n,) the second.
    """
    area, depth, rim = regions
    length, line, are_open, bare, widest = borders.T
    small = np.where(area[one] <= area[two], one, two)
    large = one + two - small
    side = np.sqrt(area[small])
    shallow = np.maximum(np.minimum(depth[one], depth[two]), 1)
    columns = [
        line / length,
        are_open / length,
        bare / length,
        np.log1p(are_open),
        np.log1p(bare),
        np.log1p(length),
        widest / shallow,
        np.log1p(widest),
        are_open / side,
        bare / side,
        np.log(area[small]),
        np.log(area[large]),
        np.log1p(depth[small]),
        np.log1p(depth[large]),
        length / rim[small, 0],
        length / rim[large, 0],
        (rim[small, 1] - bare) / np.maximum(rim[small, 0] - length, 1),
        (rim[large, 1] - bare) / np.maximum(rim[large, 0] - length, 1),
        rim[small, 2] / rim[small, 0],
        rim[large, 2] / rim[large, 0],
    ]
    return np.stack(columns, axis=1)


def _measure_clearance(free: BoolMap) -> Floats:
    """(H, W) float32: pixels to the nearest line; the picture's edge is one.

    So a figure that the frame cuts off is open by a narrow place only where its lines end short of
    the edge.
    """
    walled = cv2.copyMakeBorder(free.view(np.uint8), 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=0)
    clearance = cv2.distanceTransform(walled, cv2.DIST_L2, 5)[1:-1, 1:-1]
    return np.ascontiguousarray(clearance, np.float32)


def _flood(border: Floats, clearance: Floats) -> LabelMap:
    """(H, W) int32: which middle of a bare place each pixel is nearest to, by way of the map."""
    bare = _measure_clearance(border < BARE)
    middle = cv2.GaussianBlur(np.minimum(bare, DEEPEST), (0, 0), 1.0)
    top = middle >= cv2.dilate(middle, np.ones((5, 5), np.uint8)) - 1e-4
    seeds = number_regions(top & (bare > 0.9), connectivity=8)
    if not seeds.any():
        return np.zeros(border.shape, np.int32)
    raised = cv2.GaussianBlur(border, (0, 0), 0.7) + NARROWS * np.exp(-clearance / NARROW)
    steps = (np.clip(raised / (1 + NARROWS), 0, 1) * LEVELS).astype(np.uint8) * (255 // LEVELS)
    # OpenCV leaves the rows and columns at the edge to no one, so there has to be one more.
    framed = cv2.copyMakeBorder(cv2.merge([steps] * 3), 1, 1, 1, 1, cv2.BORDER_REPLICATE)
    flooded = np.pad(seeds, 1)
    cv2.watershed(framed, flooded)
    labels = spread_labels(np.maximum(flooded[1:-1, 1:-1], 0))
    present = np.bincount(labels.ravel()) > 0
    return np.asarray((np.cumsum(present) - 1)[labels], np.int32)


def _cracks(labels: LabelMap) -> tuple[Ints, Ints, NDArray[np.int64], NDArray[np.int64]]:
    """Return where pieces meet: the lower and higher label, and the pixels on both sides."""
    place = np.arange(labels.size).reshape(labels.shape)
    found = []
    for here, there in ((np.s_[:, :-1], np.s_[:, 1:]), (np.s_[:-1], np.s_[1:])):
        meets = labels[here] != labels[there]
        found.append(
            (labels[here][meets], labels[there][meets], place[here][meets], place[there][meets])
        )
    one, two, at, beyond = (np.concatenate(parts) for parts in zip(*found, strict=True))
    return np.minimum(one, two), np.maximum(one, two), at, beyond
