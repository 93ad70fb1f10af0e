"""`shape`: place, size, moments and neighborhood of each segment, refined by its neighbors.

Starting from how alike two segments are by themselves, a few rounds of relaxation let neighbors
speak: the neighbors of a segment should continue neighbors of the one it continues (as in graph
matching), and should have moved alike. Several target segments may continue one reference segment.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from shiage.matching.features import SegmentFeatures, compute_features
from shiage.matching.protocol import PairwiseMatcher, softmax_rows
from shiage.structures import Floats, LineArt, Segments

PLACE, FIGURE_PLACE, SIZE, DEPTH, BORDER = 1.0, 0.7, 0.5, 0.24, 0.6
FORM = np.array([0.1, 0.43, 0.26, 0.3, 0.25])
MOTION = 3.0
"""Costs per unit of difference of each feature. These and the three below were found by random
search on other drawings than the demo cut: the gameart2d and Morevna characters."""

SUPPORT = 0.38
"""Weight of the neighbors' agreement, per unit of log probability."""

ROUNDS = 5
TEMPERATURE = 0.12
FAR = 0.8
"""A best cost this high is as likely no match as a match."""


class ShapeMatcher(PairwiseMatcher[SegmentFeatures]):
    """Features compared segment by segment, then relaxed over neighborhoods."""

    name = "shape"

    def encode(self, lineart: LineArt, segments: Segments) -> SegmentFeatures:  # noqa: ARG002
        """Return the features of every segment."""
        return compute_features(segments)

    def compare(self, reference: SegmentFeatures, target: SegmentFeatures) -> tuple[Floats, Floats]:
        """Return votes by features and neighborhood; see `PairwiseMatcher.compare`."""
        if not len(reference) or not len(target):
            return (
                np.zeros((len(target), len(reference)), np.float32),
                np.ones(len(target), np.float32),
            )
        own = _own_cost(reference, target)
        place = PLACE * _distance(target.place, reference.place)
        place += FIGURE_PLACE * _distance(target.figure_place, reference.figure_place)
        cost = own + place
        similarity = softmax_rows(cost, TEMPERATURE)
        for _ in range(ROUNDS):
            support = target.adjacency @ similarity @ reference.adjacency.T
            expected = _expected_places(reference, target, similarity)
            moved = MOTION * _distance(expected, reference.place)
            cost = own + 0.5 * place + moved - SUPPORT * np.log(support + 0.02)
            similarity = softmax_rows(cost, TEMPERATURE)
        best = np.maximum((own + place).min(axis=1), 0)
        no_match = 1 - 1 / (1 + (best / FAR) ** 2)
        return similarity, no_match.astype(np.float32)

    def count(self, target: SegmentFeatures) -> int:
        """Return the number of segments."""
        return len(target)


def _own_cost(reference: SegmentFeatures, target: SegmentFeatures) -> NDArray[np.float64]:
    """(N, M) float64: difference of everything but the place."""
    cost = SIZE * np.abs(target.log_size[:, None] - reference.log_size)
    cost += np.abs(target.form[:, None] - reference.form) @ FORM
    cost += DEPTH * np.abs(target.depth[:, None] - reference.depth)
    cost += BORDER * np.abs(target.on_border[:, None] - reference.on_border)
    return np.asarray(cost, np.float64)


def _distance(one: NDArray[np.float64], other: NDArray[np.float64]) -> NDArray[np.float64]:
    """(N, M) float64: Euclidean distances between rows of (N, 2) and (M, 2)."""
    return np.asarray(np.linalg.norm(one[:, None] - other[None], axis=-1), np.float64)


def _expected_places(
    reference: SegmentFeatures, target: SegmentFeatures, similarity: Floats
) -> NDArray[np.float64]:
    """(N, 2) float64: where in the reference each segment would lie if it moved as its neighbors.

    Segments without neighbors move as they themselves seem to.
    """
    motion = similarity @ reference.place - target.place
    alone = target.adjacency.sum(axis=1, keepdims=True) == 0
    shared = np.where(alone, motion, 0.5 * (target.adjacency @ motion) + 0.5 * motion)
    return target.place + shared
