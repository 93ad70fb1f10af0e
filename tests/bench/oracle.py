"""A matcher that knows the truth, or all of it but some."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from shiage.data.dataset import ClipInfo, read_clip, read_truth
from shiage.matching import KnownColors, PairwiseMatcher
from shiage.structures import Floats, Ints, LineArt, Match, Segments


class Oracle(PairwiseMatcher[Ints]):
    """Tells segments of equal color by the clips it has seen.

    Args:
        clips: which it knows.
        every: it is wrong at one in so many segments, and not sure of it; 0 = never.
    """

    name = "oracle"

    def __init__(self, clips: Sequence[ClipInfo], every: int = 0) -> None:
        self.every = every
        self.asked = 0
        self.colors: dict[bytes, Ints] = {}
        for clip in clips:
            truth = read_truth(clip.folder)
            for frame in read_clip(clip.folder).frames:
                self.colors[frame.labels.tobytes()] = truth[frame.name].colors

    def encode(self, lineart: LineArt, segments: Segments) -> Ints:
        assert lineart.size_hw == segments.size_hw
        return self.colors[segments.labels.tobytes()]

    def match(self, references: Sequence[KnownColors[Ints]], target: Ints) -> Match:
        self.asked += 1
        return super().match(references, target)

    def compare(self, reference: Ints, target: Ints) -> tuple[Floats, Floats]:
        equal = (target[:, None] == reference[None, :]).astype(np.float32)
        votes = equal / np.maximum(equal.sum(axis=1, keepdims=True), 1)
        no_match = 1 - votes.sum(axis=1)
        if self.every:
            other = 1 - equal[:: self.every]
            votes[:: self.every] = other / np.maximum(other.sum(axis=1, keepdims=True), 1)
            no_match[:: self.every] = 0.5
        return votes, no_match

    def count(self, target: Ints) -> int:
        return len(target)
