"""Which cels serve which, in what order; and from matches to colors.

Painting goes outward from the keyed cels, as an artist's eye does: each cel takes the nearest keyed
cels, every model sheet, and, as a second opinion, the neighbor that was painted just before it.
Votes are pooled by how far each reference agrees with itself (`matching.protocol`), and
a painted neighbor's votes weigh only as much as its own confidence.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from shiage.matching import KnownColors, Matcher, color_shares
from shiage.structures import UNKNOWN, Painting

MOST_KEYS = 4
"""Keyed cels that serve a cel. Beside the nearest on either side alone, cuts of validation
characters from four keys gained 1.5 points (rendered, procedural; vector art lost 0.4); with still
more keys more gain little and take time."""

ALTERNATIVES = 4
"""How many colors are offered for each segment, the decided one first."""


@dataclass(frozen=True)
class Step:
    """What one cel is painted from; numbers are places in the column's order.

    Attributes:
        cel: the cel to paint.
        keys: keyed cels that serve as references, the nearest first.
        neighbor: the cel painted before it that gives a second opinion, if any.
    """

    cel: int
    keys: tuple[int, ...]
    neighbor: int | None


def plan_column(count: int, keyed: Iterable[int]) -> list[Step]:
    """Return the steps that paint a column, each after the one it depends on.

    Args:
        count: number of cels in the column, in order of their numbers.
        keyed: places of the cels that have a coloured reference.

    >>> [(s.cel, s.keys, s.neighbor) for s in plan_column(5, [0, 4])]
    [(1, (0, 4), None), (3, (4, 0), None), (2, (0, 4), 1)]
    """
    keys = sorted(set(keyed))
    steps: list[tuple[int, Step]] = []
    for cel in range(count):
        if cel in keys:
            continue
        nearest = sorted(keys, key=lambda k: (abs(k - cel), k))[:MOST_KEYS]
        if not nearest:  # only sheets: from the first cel on
            steps.append((cel, Step(cel, (), cel - 1 if cel else None)))
            continue
        inward = cel - 1 if nearest[0] < cel else cel + 1
        neighbor = None if inward in keys else inward
        steps.append((abs(nearest[0] - cel), Step(cel, tuple(nearest), neighbor)))
    return [step for _, step in sorted(steps, key=lambda s: (s[0], s[1].cel))]


def as_neighbor(encoded: Any, painting: Painting) -> KnownColors[Any]:
    """Return a painted cel as a second opinion, whose votes weigh as much as it is sure of them."""
    return KnownColors(encoded, painting.color_ids, painting.confidence)


def decide_colors(
    matcher: Matcher,
    references: Sequence[KnownColors[Any]],
    target: Any,
    corrections: dict[int, int] | None = None,
) -> Painting:
    """Return the color of each segment of a target.

    Args:
        matcher: finds what each segment continues.
        references: encoded cels with colors.
        target: the encoded drawing.
        corrections: palette id by label (1..N) where the artist has decided.
    """
    match = matcher.match(references, target)
    count = len(match.no_match)
    known_ids = np.concatenate([np.zeros(0, np.int32), *(r.color_ids for r in references)])
    shares = color_shares(match.scores, known_ids)
    ranked = np.argsort(-shares, axis=1, kind="stable")[:, :ALTERNATIVES].astype(np.int32)
    alternatives = np.full((count, ALTERNATIVES), UNKNOWN, np.int32)
    likely = np.take_along_axis(shares, ranked, axis=1) > 0
    alternatives[:, : ranked.shape[1]] = np.where(likely, ranked, UNKNOWN)
    decided = alternatives[:, 0].copy()
    confidence = np.clip(shares.max(axis=1, initial=0), 0, 1)
    locked = np.zeros(count, bool)
    for label, color_id in (corrections or {}).items():
        decided[label - 1], confidence[label - 1], locked[label - 1] = color_id, 1, True
    return Painting(decided, confidence.astype(np.float32), alternatives, locked)
