"""`hungarian`: the costs of `shape`, but each reference segment is continued at most once.

Kuhn, "The Hungarian Method for the Assignment Problem", 1955, as SciPy solves it. Segments left
over, where the target has more, take their cheapest partner.
"""

from __future__ import annotations

import numpy as np
from scipy.optimize import linear_sum_assignment

from shiage.matching.features import SegmentFeatures
from shiage.matching.shape import ShapeMatcher
from shiage.structures import Floats

SURE = 0.5
"""How much of a segment's vote its assigned partner gets beside what its costs say."""


class HungarianMatcher(ShapeMatcher):
    """Shape costs, assigned one to one."""

    name = "hungarian"

    def compare(self, reference: SegmentFeatures, target: SegmentFeatures) -> tuple[Floats, Floats]:
        """Return votes for assigned partners; see `PairwiseMatcher.compare`."""
        similarity, no_match = super().compare(reference, target)
        if not similarity.size:
            return similarity, no_match
        rows, columns = linear_sum_assignment(-np.log(similarity + 1e-9))
        assigned = np.zeros_like(similarity)
        assigned[rows, columns] = 1
        share = np.where(assigned.any(axis=1), SURE, 0).astype(np.float32)[:, None]
        return share * assigned + (1 - share) * similarity, no_match
