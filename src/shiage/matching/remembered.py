"""Matchers asked about two drawings at a time; one that can compare them does so once.

Corrections and new keys change what colors are known, not how alike segments are; so a cut at work
is painted again from similarities found before.
"""

from __future__ import annotations

import itertools
import threading
from collections.abc import Iterable, Sequence
from concurrent.futures import Executor
from dataclasses import replace
from typing import Any

import numpy as np
from cachetools import LRUCache

from shiage.matching.protocol import KnownColors, Matcher, PairwiseMatcher
from shiage.structures import Floats, LineArt, Match, Segments

Encoded = tuple[int, Any]
"""A number (of the drawing, or of its segments), and what the matcher made of it."""

ROOM = 512 * 2**20
"""Bytes of similarities kept, those used last; any of them can be found again."""


class Remembered(PairwiseMatcher[Encoded]):
    """Another matcher, whose comparisons are kept.

    Args:
        matcher: compares.
        room: bytes of similarities kept.
    """

    def __init__(self, matcher: PairwiseMatcher[Any], room: int = ROOM) -> None:
        self.name = matcher.name
        self.matcher = matcher
        self._numbers = itertools.count()
        self._lock = threading.Lock()  # reading changes the order of what was used last
        self._found: LRUCache[tuple[int, int], tuple[Floats, Floats]] = LRUCache(
            room, getsizeof=lambda found: sum(array.nbytes for array in found)
        )

    def encode(self, lineart: LineArt, segments: Segments) -> Encoded:
        """Return what the matcher needs of a drawing, and the drawing's number."""
        return next(self._numbers), self.matcher.encode(lineart, segments)

    def compare(self, reference: Encoded, target: Encoded) -> tuple[Floats, Floats]:
        """Return one reference's votes; see `PairwiseMatcher.compare`."""
        key = reference[0], target[0]
        with self._lock:
            found = self._found.get(key)
        if found is None:
            found = self.matcher.compare(reference[1], target[1])
            self._keep(key, found)
        return found

    def not_compared(
        self, pairs: Iterable[tuple[Encoded, Encoded]]
    ) -> list[tuple[Encoded, Encoded]]:
        """Return those of the pairs (reference, target) whose comparison is not kept, once each."""
        with self._lock:
            new = {(r[0], t[0]): (r, t) for r, t in pairs if (r[0], t[0]) not in self._found}
        return list(new.values())

    def compare_ahead(self, pairs: Iterable[tuple[Encoded, Encoded]], pool: Executor) -> None:
        """Compare pairs (reference, target) on several threads."""
        pairs = list(pairs)
        found = pool.map(lambda pair: self.matcher.compare(pair[0][1], pair[1][1]), pairs)
        for (reference, target), votes in zip(pairs, found, strict=True):
            self._keep((reference[0], target[0]), votes)

    def count(self, target: Encoded) -> int:
        """Return the number of segments."""
        return self.matcher.count(target[1])

    def _keep(self, key: tuple[int, int], found: tuple[Floats, Floats]) -> None:
        with self._lock:
            if sum(array.nbytes for array in found) <= self._found.maxsize:
                self._found[key] = found


class Asked:
    """A matcher that pools references in its own way; what it finds is not kept.

    Args:
        matcher: any other one.
    """

    def __init__(self, matcher: Matcher) -> None:
        self.name = matcher.name
        self.matcher = matcher

    def encode(self, lineart: LineArt, segments: Segments) -> Encoded:
        """Return the number of segments of a drawing, and what the matcher needs of it."""
        return len(segments), self.matcher.encode(lineart, segments)

    def match(self, references: Sequence[KnownColors[Encoded]], target: Encoded) -> Match:
        """Return what the matcher finds; see `Matcher.match`."""
        known = [replace(reference, encoded=reference.encoded[1]) for reference in references]
        return self.matcher.match(known, target[1])

    def compare(self, reference: Encoded, target: Encoded) -> tuple[Floats, Floats]:
        """Return the votes of one reference all of whose colors differ; see `PairwiseMatcher`."""
        count = reference[0]
        sure = np.ones(count, np.float32)
        known = KnownColors(reference, np.arange(count, dtype=np.int32), sure)
        match = self.match([known], target)
        sums = match.scores.sum(axis=1, keepdims=True)
        similarity = np.divide(match.scores, sums, out=np.zeros_like(match.scores), where=sums > 0)
        return similarity, match.no_match

    def not_compared(self, pairs: Iterable[tuple[Encoded, Encoded]]) -> list[Any]:  # noqa: ARG002
        """Return nothing: there is nothing to be compared ahead."""
        return []

    def compare_ahead(self, pairs: Iterable[tuple[Encoded, Encoded]], pool: Executor) -> None:
        """Do nothing."""


def remember(matcher: Matcher, room: int = ROOM) -> Remembered | Asked:
    """Return a matcher that can be asked about two drawings, and keeps its answers if it can.

    Args:
        matcher: any.
        room: bytes of similarities kept.
    """
    return Remembered(matcher, room) if isinstance(matcher, PairwiseMatcher) else Asked(matcher)
