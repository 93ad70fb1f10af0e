"""What every matcher is: it encodes drawings, and matches one against coloured ones.

Encoding is costly and done once per cel; matching is cheap and repeatable. To add a matcher, write
one file beside this one and name it in `matching/__init__.py`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from shiage.structures import UNKNOWN, Floats, Ints, LineArt, Match, Segments

E = TypeVar("E")

CLOSENESS_POWER = 3
"""How strongly a reference in which a segment has a near twin outvotes one in which it has none."""

AGREEMENT_POWER = 4
"""How strongly a reference whose votes agree on one color outvotes one that is torn. On validation
characters, whole cuts from four keys, 0.5 points better than 1, and confidence half as far off."""

ROUNDING = 1e-5
"""Shares that differ by less are equal."""


@dataclass(frozen=True, eq=False)
class KnownColors(Generic[E]):
    """An encoded cel whose segments have colors: a reference, or a cel painted before.

    Attributes:
        encoded: what the matcher's `encode` made of it.
        color_ids: (M,) int32, palette id per segment, `UNKNOWN` where there is none.
        trust: (M,) float32 in [0, 1], how likely each color is right; 1 = decided by a person.
    """

    encoded: E
    color_ids: Ints
    trust: Floats


class Matcher(Protocol):
    """Finds, for each segment of a drawing, the segments of coloured cels that it continues."""

    name: str

    def encode(self, lineart: LineArt, segments: Segments) -> Any:
        """Return what this matcher needs of one drawing; opaque to everyone else."""

    def match(self, references: Sequence[KnownColors[Any]], target: Any) -> Match:
        """Return scores of the target's N segments over the M segments of all references.

        M is 0 without references; N is 0 for a target without segments. Segments of unknown color
        get no score; what resembles them alone has no match.
        """


class PairwiseMatcher(ABC, Generic[E]):
    """A matcher that compares the target with one reference at a time and pools the votes.

    Each vote weighs as much as the color voted for is trusted. The votes of a reference for a
    segment weigh as much as they agree on one color, to the power `AGREEMENT_POWER`, times the
    probability that the segment has a match there at all, to the power `CLOSENESS_POWER`. Beside a
    reference all of whose colors are certain, what others do not know counts for nothing; without
    one, the likeness to segments of unknown or doubtful color counts as no match. No color gets
    surer than in the reference that is surest of it, so that what a cel painted before has wrong
    does not grow surer from cel to cel.
    """

    name: str

    @abstractmethod
    def encode(self, lineart: LineArt, segments: Segments) -> E:
        """Return what this matcher needs of one drawing."""

    @abstractmethod
    def compare(self, reference: E, target: E) -> tuple[Floats, Floats]:
        """Return one reference's votes.

        Returns:
            similarity (N, M) float32, rows sum to 1 (or are 0 where nothing can be said), and
            no_match (N,) float32 in [0, 1].
        """

    def match(self, references: Sequence[KnownColors[E]], target: E) -> Match:
        """Return the pooled votes of all references; see `Matcher.match`."""
        if not references:
            count = self.count(target)
            return Match(np.zeros((count, 0), np.float32), np.ones(count, np.float32))
        blocks, colors, weights, misses, doubts = [], [], [], [], []
        for reference in references:
            similarity, no_match = self.compare(reference.encoded, target)
            trust = np.where(reference.color_ids == UNKNOWN, np.float32(0), reference.trust)
            votes = similarity * trust
            colors.append(color_shares(votes, reference.color_ids))
            agreement = colors[-1].max(axis=1, initial=0)
            agreement = agreement.astype(np.float64)  # a fourth power has many digits
            blocks.append(votes)
            weights.append(agreement**AGREEMENT_POWER * (1 - no_match) ** CLOSENESS_POWER)
            misses.append(no_match)
            doubts.append(similarity @ (1 - trust))
        weight = np.stack(weights)  # (R, N)
        total = weight.sum(axis=0)
        share = np.divide(weight, total, out=np.zeros_like(weight), where=total > 0)
        scores = np.concatenate(
            [b * s[:, None] for b, s in zip(blocks, share, strict=True)], axis=1
        )
        no_match = np.where(total > 0, (np.stack(misses) * share).sum(axis=0), 1)
        # What not even the reference that knows most is sure of is not known.
        no_match += (1 - no_match) * np.stack(doubts).min(axis=0).clip(0, 1)
        sums = scores.sum(axis=1)
        scale = np.divide(1 - no_match, sums, out=np.zeros_like(sums), where=sums > 0)
        scores *= scale[:, None]
        color_ids = np.concatenate([reference.color_ids for reference in references])
        scores *= _limit(color_shares(scores, color_ids), colors)[:, color_ids]
        left = (1 - scores.sum(axis=1)).clip(0, 1)
        return Match(scores.astype(np.float32), left.astype(np.float32))

    @abstractmethod
    def count(self, target: E) -> int:
        """Return the number of segments of an encoded drawing."""


def _limit(pooled: Floats, colors: Sequence[Floats]) -> Floats:
    """(N, K + 1) float32: what brings each color's share down to the largest one a reference has.

    What is taken from a color goes to the others, as far as references have more of them.

    Args:
        pooled: (N, K) shares of the colors over all references.
        colors: of each reference (N, K or fewer) its own; more columns of zeros are meant.

    The last column is for segments of unknown color, which have no votes.
    """
    most = np.zeros_like(pooled)
    for own in colors:
        most[:, : own.shape[1]] = np.maximum(most[:, : own.shape[1]], own)
    over = np.where(pooled > most + ROUNDING, pooled - most, 0)
    room = np.where(pooled > 0, np.maximum(most - pooled, 0), 0)
    rooms = room.sum(axis=1, keepdims=True)
    filled = np.minimum(over.sum(axis=1, keepdims=True) / np.maximum(rooms, ROUNDING), 1)
    factor = np.ones((len(pooled), pooled.shape[1] + 1), np.float32)
    np.divide(pooled - over + filled * room, pooled, out=factor[:, :-1], where=pooled > 0)
    return factor


def color_shares(scores: Floats, color_ids: Ints) -> Floats:
    """Return how much of each segment's score falls to each color.

    Args:
        scores: (N, M) float32.
        color_ids: (M,) int32 palette ids, `UNKNOWN` allowed.

    Returns:
        (N, K) float32, K = largest id + 1.
    """
    count = int(color_ids.max(initial=-1)) + 1
    member = np.zeros((len(color_ids), count), np.float32)
    known = np.flatnonzero(color_ids != UNKNOWN)
    member[known, color_ids[known]] = 1
    return np.asarray(scores @ member, np.float32)


def softmax_rows(cost: NDArray[np.float64], temperature: float) -> Floats:
    """(N, M) float32: distribution over columns, likelier where the cost is lower."""
    if cost.shape[1] == 0:
        return cost.astype(np.float32)
    logits = -cost / temperature
    odds = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(odds / odds.sum(axis=1, keepdims=True), np.float32)
