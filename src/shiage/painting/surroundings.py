"""What is decided of some segments of a drawing, carried to the others of the same drawing.

Think of someone who walks from an open segment to others, the likelier the more two look alike to
the matcher and the nearer they lie. A closed gap is crossed gladly, since half of them part
nothing; a colour trace hardly ever, since it parts two shades. Black lines say nothing by
themselves: as measured, segments on their two sides share a color no more often than others as far
apart. The walk ends at a decided segment, or at the paper if the segment takes much of the
drawing's margin, or is lost. The share of walks that end at a color is how likely the color is
(harmonic functions on a graph: Zhu, Ghahramani and Lafferty, ICML 2003; Grady, PAMI 2006).

The weights were found by maximum likelihood on drawings of procedural, rendered and vector
characters that the model had not learned from, a tenth to a half of their segments given, or one of
each color; see benchmarks/hints.py. They are for `ant`; with other matchers too much is believed.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from shiage.colors.palette import PAPER
from shiage.structures import UNKNOWN, Floats, Ints, Segments

LIKENESS = 0.81
"""Weight of the log of how alike two segments look, the mean of both ways."""

DISTANCE = -1.89
"""Weight of the distance between their middles, in units of the drawing's longer side."""

ACROSS_GAP, ACROSS_TRACE = 2.56, -2.45
"""Weights of lying on the two sides of a closed gap, and of a colour trace."""

ONWARD = -1.40
"""Weight of going on from an open segment, beside ending at a decided one."""

LOST = -6.92
"""Weight of getting lost."""

TO_PAPER, MARGIN_POWER = -0.72, 2.54
"""Weight of ending at the paper from a segment that takes the whole margin, and how it falls with
the share of it that a segment takes."""

LEAST_LIKE = 1e-6
"""Likenesses below this are as good as none."""

DIGITS = 6
"""Shares are rounded to this many, so that the last bits of a solver are not seen."""


@dataclass(frozen=True, eq=False)
class Surroundings:
    """How the N segments of a drawing lie to each other.

    Attributes:
        place_xy: (N, 2) float32, middles in units of the drawing's longer side.
        margin: (N,) float32, share of the pixels on the drawing's edge that each takes.
        gaps: (G, 2) int32, labels of the segments on the two sides of a closed gap.
    """

    place_xy: Floats
    margin: Floats
    gaps: Ints


def survey_segments(segments: Segments) -> Surroundings:
    """Return how the segments of a drawing lie to each other."""
    labels = segments.labels
    edge = np.concatenate([labels[0], labels[-1], labels[:, 0], labels[:, -1]])
    margin = np.bincount(edge, minlength=len(segments) + 1)[1:] / len(edge)
    place = segments.centroid_xy / max(segments.size_hw)
    return Surroundings(
        place.astype(np.float32), margin.astype(np.float32), _find_beside_gaps(segments)
    )


def follow_decided(
    alike: Floats, surroundings: Surroundings, contacts: Ints, decided: Ints
) -> Floats:
    """Return how likely each color is for each segment, by what is decided of the others.

    Args:
        alike: (N, N) float32, how alike the drawing's segments are to each other: a matcher's
            scores of the drawing with itself.
        surroundings: how the segments lie.
        contacts: (T, 2) int32, labels of segments that face each other across a colour trace.
        decided: (N,) int32 palette ids, `UNKNOWN` where nothing is decided.

    Returns:
        (N, K) float32, K = largest id + 1; rows sum to at most 1, the rest of which is not known.
    """
    logs = np.log(np.maximum(alike.astype(np.float64), LEAST_LIKE))
    place = surroundings.place_xy.astype(np.float64)
    pull = LIKENESS * 0.5 * (logs + logs.T)
    pull += DISTANCE * np.linalg.norm(place[:, None] - place[None], axis=-1)
    for pairs, weight in ((surroundings.gaps, ACROSS_GAP), (contacts, ACROSS_TRACE)):
        one, other = pairs.T - 1
        pull[one, other] += weight
        pull[other, one] += weight
    steps = np.exp(pull)
    np.fill_diagonal(steps, 0)

    is_open = decided == UNKNOWN
    shares = np.zeros((len(decided), max(int(decided.max(initial=UNKNOWN)), PAPER) + 1))
    shares[~is_open, decided[~is_open]] = 1
    ends = steps[is_open] @ shares
    margin = surroundings.margin[is_open].astype(np.float64)
    ends[:, PAPER] += np.exp(TO_PAPER) * margin**MARGIN_POWER
    onward = np.exp(ONWARD) * steps[np.ix_(is_open, is_open)]
    leaving = ends.sum(axis=1) + onward.sum(axis=1) + np.exp(LOST)
    shares[is_open] = np.linalg.solve(np.diag(leaving) - onward, ends)
    return np.clip(shares.round(DIGITS), 0, 1).astype(np.float32)


def _find_beside_gaps(segments: Segments) -> Ints:
    """(G, 2) int32: labels of the segments on the two sides of closed gaps, each pair once."""
    labels = segments.labels
    height, width = labels.shape
    start, stop = segments.gaps.ends_xyxy[:, None, :2], segments.gaps.ends_xyxy[:, None, 2:]
    along = np.array([[0.35], [0.5], [0.65]])  # amid the closing, where both sides are at hand
    x, y = np.rint(start + (stop - start) * along).astype(np.int64).reshape(-1, 2).T
    found = []
    for dx, dy in ((2, 0), (0, 2)):
        one = labels[np.clip(y - dy, 0, height - 1), np.clip(x - dx, 0, width - 1)]
        other = labels[np.clip(y + dy, 0, height - 1), np.clip(x + dx, 0, width - 1)]
        apart = (one > 0) & (other > 0) & (one != other)
        found.append(np.stack([one[apart], other[apart]], axis=1))
    pairs = np.sort(np.concatenate(found), axis=1)
    return np.unique(pairs, axis=0).astype(np.int32).reshape(-1, 2)
