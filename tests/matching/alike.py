"""A matcher simple enough to foretell what it answers."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np

from shiage.matching.protocol import PairwiseMatcher
from shiage.painting.propagate import EncodedCel
from shiage.painting.shades import Contacts
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


def contacts_of(*rows: tuple[int, int, int], share: float = 1) -> Contacts:
    """Contacts (label, label, hue) that take that share of either border."""
    one, two, hue = np.array(rows, np.int32).reshape(-1, 3).T
    shares = np.full((len(rows), 2), share, np.float32)
    return Contacts(np.stack([one, two], axis=1), hue, shares)


def cel(features: Any, *rows: tuple[int, int, int]) -> EncodedCel:
    """A drawing as `decide_colors` takes it: what the matcher made of it, and its traces."""
    return EncodedCel(features, contacts_of(*rows))


def cels_of(*parts: Parts | None) -> list[EncodedCel | None]:
    """Drawings without traces; None where one is missing."""
    return [None if found is None else cel(found) for found in parts]
