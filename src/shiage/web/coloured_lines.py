"""Coloured lines in the page: which one lies under a pixel, and what becomes of it."""

from __future__ import annotations

import numpy as np

from shiage.lines.trace_pieces import TracePieces, find_trace_pieces
from shiage.painting.line_colors import find_shades
from shiage.web.desk import DeskCel
from shiage.web.messages import Line
from shiage.web.session import Session

REACH = 2
"""How far a click may miss a line, pixels."""


def find_pieces(session: Session, desk: DeskCel) -> TracePieces:
    """Return the pieces of a cel's coloured lines.

    Raises:
        ShiageError: its file is gone or damaged.
    """
    drawing = session.read(desk)
    return find_trace_pieces(drawing.lineart, drawing.segments.labels)


def find_line(session: Session, desk: DeskCel, at: tuple[int, int]) -> Line | None:
    """Return the coloured line at a pixel, or the nearest one within `REACH`; None without one.

    Raises:
        ShiageError: the cel's file is gone or damaged.
    """
    painted = session.painted(desk)
    drawing = painted.drawing
    pieces = find_trace_pieces(drawing.lineart, drawing.segments.labels)
    x, y = at
    left, top = max(0, x - REACH), max(0, y - REACH)
    rows, columns = np.nonzero(pieces.labels[top : max(0, y + REACH + 1), left : x + REACH + 1])
    if not len(rows):
        return None
    rows, columns = rows + top, columns + left
    nearest = int(np.argmin((rows - y) ** 2 + (columns - x) ** 2))
    place = int(columns[nearest]), int(rows[nearest])
    piece = pieces.at(*place)
    inside = pieces.labels == piece
    rows, columns = np.nonzero(inside)
    box = int(columns.min()), int(rows.min()), int(columns.max()) + 1, int(rows.max()) + 1
    shade = find_shades(drawing.picture.rgba_u8, drawing.lineart, pieces)[piece - 1]
    return Line(
        at=place,
        box=box,
        drawn="#" + bytes(np.rint(shade).astype(np.uint8).tolist()).hex(),
        becomes=int(painted.decide_lines(pieces)[piece - 1]),
        locked=any(pieces.at(*decided) == piece for decided in painted.lines.decided),
    )
