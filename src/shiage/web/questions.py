"""What the page asks about segments: which one a color came from, and where else a part is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from shiage.structures import UNKNOWN
from shiage.web.desk import DeskCel
from shiage.web.propagation import DeskColumn
from shiage.web.session import Session

MOST_MATCHES = 4
"""Matched segments that are listed, the best of each cel."""

SURE = 0.5
"""A segment is the same part if it takes more than half of its color from it."""


@dataclass(frozen=True)
class MatchedSegment:
    """A segment of a reference that another takes its color from; score in [0, 1]."""

    cel: int
    label: int
    score: float


@dataclass(frozen=True)
class SamePart:
    """Where a part is in other cels.

    Attributes:
        found: (cel, label) of each segment.
        skipped: cels in which it was not found surely enough.
    """

    found: list[tuple[DeskCel, int]]
    skipped: list[DeskCel]


def find_matches(session: Session, desk: DeskCel, row: int) -> list[MatchedSegment]:
    """Return the segments that a segment takes its color from, the likeliest first.

    Those that have the color it was given come before others.
    """
    with session.changed:
        desks = DeskColumn.of(session, desk.cel.column)
        sources = desks.sources_of(desks.cels.index(desk))
        color_id = UNKNOWN if desk.painting is None else int(desk.painting.color_ids[row])
        encoded = desk.encoded
    found: list[tuple[bool, MatchedSegment]] = []
    if encoded is None:  # its lines are being changed
        return []
    for other, known in sources:
        similarity, _ = session.matcher.compare(known.encoded.features, encoded.features)
        if row >= len(similarity) or not similarity.shape[1]:
            continue
        votes = similarity[row] * np.where(known.color_ids == UNKNOWN, 0, known.trust)
        best = int(votes.argmax())
        agrees = int(known.color_ids[best]) == color_id
        found.append((agrees, MatchedSegment(other.index, best + 1, float(votes[best]))))
    found.sort(key=lambda item: (not item[0], -item[1].score))
    return [match for _, match in found[:MOST_MATCHES]]


def find_same_part(session: Session, desk: DeskCel, row: int) -> SamePart:
    """Return the segments of the column's other cels that are the same part as a segment."""
    with session.changed:
        others = [
            (other, other.encoded)
            for other in session.column(desk.cel.column)
            if other is not desk and other.encoded is not None
        ]
        encoded = desk.encoded
    found: list[tuple[DeskCel, int]] = []
    skipped: list[DeskCel] = []
    if encoded is None:
        return SamePart(found, [other for other, _ in others])
    for other, target in others:
        similarity, _ = session.matcher.compare(encoded.features, target.features)
        here = np.zeros(0, np.int64)
        if similarity.size:
            same = (similarity.argmax(axis=1) == row) & (similarity[:, row] >= SURE)
            here = np.flatnonzero(same)
        found += [(other, int(label)) for label in here + 1]
        if not len(here):
            skipped.append(other)
    return SamePart(found, skipped)
