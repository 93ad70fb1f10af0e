"""Drawings read and split, those looked at last kept; any of them can be read again.

A drawing is asked for by the version of its file, and it is that one or none: a file may be saved
again at any moment.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence

from cachetools import LRUCache

from shiage.cuts.cut import Cel
from shiage.files.versions import Versions
from shiage.painting.edits import Stroke
from shiage.painting.painted_cel import Drawing
from shiage.painting.propagate import EncodedCel
from shiage.painting.workshop import Workshop

ROOM = 40_000_000
"""Pixels of the drawings that are kept; one takes about eleven bytes, beside its file."""


class Drawings:
    """The drawings of a cut.

    Args:
        workshop: prepares them.
        versions: of their files.
    """

    def __init__(self, workshop: Workshop, versions: Versions) -> None:
        self._workshop = workshop
        self._versions = versions
        self._lock = threading.Lock()
        self._kept: LRUCache[Cel, tuple[str, Drawing]] = LRUCache(
            ROOM, getsizeof=lambda kept: kept[1].lineart.ink.size
        )

    def get(
        self,
        cel: Cel,
        digest: str,
        size_hw: tuple[int, int] | None,
        strokes: Sequence[Stroke],
        encoded: EncodedCel | None,
    ) -> Drawing:
        """Return a drawing with these strokes.

        Args:
            cel: whose drawing.
            digest: SHA-256 of the file that is meant.
            size_hw: height and width it must have.
            strokes: what the artist did to its lines and segments.
            encoded: the drawing, if it was encoded before.

        Raises:
            FileChanged: its file is another one by now.
            ShiageError: its file is gone, damaged or of another size.
        """
        with self._lock:
            kept = self._kept.get(cel)
        if kept is not None and (kept[0], kept[1].strokes) == (digest, tuple(strokes)):
            return kept[1]
        drawing = self._workshop.prepare(cel.path, size_hw, strokes, encoded, cel.column)
        self._versions.require(cel.path, digest)
        with self._lock:
            if drawing.lineart.ink.size <= self._kept.maxsize:
                self._kept[cel] = digest, drawing
        return drawing
