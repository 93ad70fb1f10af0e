"""Painted cels kept for the cels beside them, on the threads of one run."""

from __future__ import annotations

import threading

from shiage.cuts.cut import Cel
from shiage.matching import KnownColors
from shiage.painting.propagate import EncodedCel


class Neighbors:
    """Painted cels kept for the cels that want them as a second opinion, and no longer."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._wanted: dict[Cel, int] = {}
        self._settled: dict[Cel, threading.Event] = {}
        self._known: dict[Cel, KnownColors[EncodedCel]] = {}

    def expect(self, cel: Cel) -> None:
        """One more cel will take this one."""
        self._wanted[cel] = self._wanted.get(cel, 0) + 1
        self._settled.setdefault(cel, threading.Event())

    def wanted(self, cel: Cel) -> bool:
        """Whether some cel will take this one."""
        return cel in self._wanted

    def offer(self, cel: Cel, known: KnownColors[EncodedCel]) -> None:
        """Keep a painted cel if it is wanted."""
        with self._lock:
            if self._wanted.get(cel):
                self._known[cel] = known

    def settle(self, cel: Cel) -> None:
        """Nothing more will come of this cel, whether it was painted or failed."""
        if cel in self._settled:
            self._settled[cel].set()

    def take(self, cel: Cel) -> KnownColors[EncodedCel] | None:
        """Wait for a cel and return it; None if it failed."""
        self._settled[cel].wait()
        with self._lock:
            self._wanted[cel] -= 1
            known = self._known.get(cel)
            if not self._wanted[cel]:
                self._known.pop(cel, None)
            return known
