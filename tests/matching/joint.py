"""A matcher that keeps the documented protocol and nothing more: it has no pairs."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from shiage.matching.protocol import KnownColors
from shiage.structures import UNKNOWN, LineArt, Match, Segments

Places = NDArray[np.float64]

NEAR = 0.02
"""How far a segment mostly moves, in units of the drawing's longer side."""


class Joint:
    """Looks at the segments of all references at once: the nearest of any of them counts most."""

    name = "joint"

    def encode(self, lineart: LineArt, segments: Segments) -> Places:  # noqa: ARG002
        """(N, 4) float64: boxes in units of the drawing's longer side."""
        boxes: Places = segments.box_xyxy / float(max(segments.size_hw))
        return boxes

    def match(self, references: Sequence[KnownColors[Places]], target: Places) -> Match:
        """See `Matcher.match`."""
        places = np.concatenate([np.zeros((0, 4)), *(known.encoded for known in references)])
        ids = np.concatenate([np.zeros(0, np.int32), *(known.color_ids for known in references)])
        trust = np.concatenate([np.zeros(0, np.float32), *(known.trust for known in references)])
        far = np.abs(target[:, None] - places[None]).mean(axis=-1)
        likely = np.exp(-far / NEAR) * np.where(ids == UNKNOWN, 0, trust)
        scores = likely / (likely.sum(axis=1, keepdims=True) + np.exp(-10))
        left = (1 - scores.sum(axis=1)).clip(0, 1)
        return Match(scores.astype(np.float32), left.astype(np.float32))
