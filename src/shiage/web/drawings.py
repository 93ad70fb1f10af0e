"""Drawings read and split, those looked at last kept; any of them can be read again."""

from __future__ import annotations

import threading
from collections.abc import Sequence

from cachetools import LRUCache

from shiage.cuts.cut import Cel
from shiage.painting.edits import Stroke
from shiage.painting.painted_cel import Drawing
from shiage.painting.painter import Painter
from shiage.painting.propagate import EncodedCel

ROOM = 40_000_000
"""Pixels of the drawings that are kept; one takes about eleven bytes."""


class Drawings:
    """The drawings of a cut.

    Args:
        painter: prepares them.
    """

    def __init__(self, painter: Painter) -> None:
        self._painter = painter
        self._lock = threading.Lock()
        self._kept: LRUCache[Cel, Drawing] = LRUCache(
            ROOM, getsizeof=lambda drawing: drawing.lineart.ink.size
        )

    def get(
        self,
        cel: Cel,
        size_hw: tuple[int, int] | None,
        strokes: Sequence[Stroke],
        encoded: EncodedCel | None,
    ) -> Drawing:
        """Return a drawing with these strokes.

        Args:
            cel: whose drawing.
            size_hw: height and width it must have.
            strokes: what the artist did to its lines and segments.
            encoded: the drawing, if it was encoded before.

        Raises:
            ShiageError: its file is gone, damaged or of another size.
        """
        with self._lock:
            kept = self._kept.get(cel)
        if kept is not None and kept.strokes == tuple(strokes):
            return kept
        drawing = self._painter.prepare(cel.path, size_hw, strokes, encoded, cel.column)
        with self._lock:
            if drawing.lineart.ink.size <= self._kept.maxsize:
                self._kept[cel] = drawing
        return drawing
