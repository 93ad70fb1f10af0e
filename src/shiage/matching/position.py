"""`position`: a segment continues whatever segment had the nearest box.

The plainest guess, and what filling the same place through a stack of cels does.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from shiage.matching.protocol import PairwiseMatcher, softmax_rows
from shiage.structures import Floats, LineArt, Segments

TEMPERATURE = 0.02
"""Softness of the choice, in units of the drawing's longer side."""

FAR = 0.25
"""A nearest box this far away is as likely no match as a match, same unit."""


class PositionMatcher(PairwiseMatcher[NDArray[np.float64]]):
    """Nearest box: least mean distance of the four box sides."""

    name = "position"

    def encode(self, lineart: LineArt, segments: Segments) -> NDArray[np.float64]:  # noqa: ARG002
        """(N, 4) float64: boxes in units of the drawing's longer side."""
        boxes: NDArray[np.float64] = segments.box_xyxy / float(max(segments.size_hw))
        return boxes

    def compare(
        self, reference: NDArray[np.float64], target: NDArray[np.float64]
    ) -> tuple[Floats, Floats]:
        """Return votes by box distance; see `PairwiseMatcher.compare`."""
        cost = np.abs(target[:, None] - reference[None]).mean(axis=-1)
        nearest = cost.min(axis=1, initial=np.inf)
        no_match = 1 - 1 / (1 + (nearest / FAR) ** 2)
        return softmax_rows(cost, TEMPERATURE), no_match.astype(np.float32)

    def count(self, target: NDArray[np.float64]) -> int:
        """Return the number of segments."""
        return len(target)
