"""A matcher simple enough to foretell what it answers."""

from __future__ import annotations

import threading

import numpy as np

from shiage.matching.protocol import PairwiseMatcher
from shiage.structures import Floats, LineArt, Segments

Parts = tuple[int, ...]
"""What each segment of a drawing is."""


class Alike(PairwiseMatcher[Parts]):
    """Segments of the same area are the same part; asked which drawings it compared."""

    name = "alike"

    def __init__(self) -> None:
        self.compared: list[tuple[Parts, Parts]] = []
        self._lock = threading.Lock()

    def encode(self, lineart: LineArt, segments: Segments) -> Parts:  # noqa: ARG002
        return tuple(segments.area.tolist())

    def compare(self, reference: Parts, target: Parts) -> tuple[Floats, Floats]:
        with self._lock:
            self.compared.append((reference, target))
        same = np.array(target)[:, None] == np.array(reference)
        found = same.sum(axis=1, keepdims=True)
        similarity = np.divide(same, found, out=np.zeros(same.shape), where=found > 0)
        return similarity.astype(np.float32), (found[:, 0] == 0).astype(np.float32)

    def count(self, target: Parts) -> int:
        return len(target)
