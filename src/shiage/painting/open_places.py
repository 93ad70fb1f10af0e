"""Paper where it is unlikely: bare parts amid paint, large parts at the picture's edge in paint.

Two mistakes look sure and are seen by everyone. A mouth that opens is left bare, since it looks
like paper (塗り漏れ); and in a close-up the paper around the figure is painted, since it is as
large as a part. What speaks for them are segments that lie otherwise: paper around a figure, parts
within it. So of the votes that such a segment got it is asked how many come from segments that lie
alike.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from shiage.colors.palette import PAPER
from shiage.structures import BoolMap, Floats, Ints, Segments

LARGE = 0.1
"""A segment is large from this share of the picture."""

SEVERAL = 2
"""It may be paper that the frame cuts off if it touches this many of the picture's edges."""

ALIKE = 0.5
"""At least this share of the votes must come from segments that lie alike ..."""

MOST_SURE = 0.6
"""... or nobody is surer than this: below what the page takes for certain."""

USUAL = 0.25
"""Share of an outline that may be guessed without a doubt about the segment."""


@dataclass(frozen=True, eq=False)
class Lying:
    """How a drawing's N segments lie in the picture.

    Attributes:
        enclosed: (N,) bool, those that touch no edge.
        framed: (N,) bool, large ones that touch several edges.
        neighbors: (P, 3) int32, see `Segments`.
        guessed: (N,) float32, see `Segments`.
    """

    enclosed: BoolMap
    framed: BoolMap
    neighbors: Ints
    guessed: Floats


def find_lying(segments: Segments) -> Lying:
    """Return how the segments of a drawing lie."""
    height, width = segments.size_hw
    x0, y0, x1, y1 = segments.box_xyxy.T
    edges = (x0 == 0).astype(int) + (y0 == 0) + (x1 == width) + (y1 == height)
    framed = (segments.area >= LARGE * height * width) & (edges >= SEVERAL)
    guessed = segments.guessed
    if guessed is None:
        guessed = np.zeros(len(segments), np.float32)
    return Lying(~segments.touches_border, framed, segments.neighbors, guessed)


def trust_borders(guessed: Floats) -> Floats:
    """(N,) float32 in [0, 1]: how far segments are to be trusted, given what of them is guessed.

    >>> trust_borders(np.array([0.0, 0.25, 1.0], np.float32)).tolist()
    [1.0, 1.0, 0.25]
    """
    trust: Floats = 1 - np.maximum(guessed - USUAL, 0)
    return trust


def find_odd(
    color_ids: Ints, scores: Floats, target: Lying, shown: Sequence[tuple[Lying, Ints, Floats]]
) -> BoolMap:
    """(N,) bool: bare segments amid paint and framed ones in paint that no reference shows alike.

    Args:
        color_ids: (N,) int32, palette ids of the target's segments.
        scores: (N, M) float32, how alike they are to those of all references, in a row.
        target: how the target's segments lie.
        shown: for each reference how its segments lie, their palette ids, and how far each is
            trusted, in [0, 1].
    """
    odd = np.zeros(len(color_ids), bool)
    if not shown:
        return odd
    ids = np.concatenate([ids for _, ids, _ in shown])
    certain = np.concatenate([trust for _, _, trust in shown]) >= 1
    enclosed, framed = (
        np.concatenate([getattr(lying, name) for lying, _, _ in shown])
        for name in ("enclosed", "framed")
    )
    bare = (color_ids == PAPER) & target.enclosed & amid_paint(color_ids > PAPER, target.neighbors)
    odd |= bare & (_share(scores, ids == PAPER, enclosed & certain) < ALIKE)
    for color in np.unique(color_ids[target.framed & (color_ids > PAPER)]).tolist():
        mine = target.framed & (color_ids == color)
        odd |= mine & (_share(scores, ids == color, framed & certain) < ALIKE)
    return odd


def _share(scores: Floats, votes: BoolMap, alike: BoolMap) -> Floats:
    """(N,) float32: of the scores for some segments the share of those that lie alike."""
    cast = scores[:, votes].sum(axis=1)
    share: Floats = scores[:, votes & alike].sum(axis=1) / np.maximum(cast, 1e-6)
    return share


def amid_paint(painted: BoolMap, neighbors: Ints) -> BoolMap:
    """(N,) bool: segments that lie mostly beside painted ones.

    Args:
        painted: (N,) bool, which segments are.
        neighbors: (P, 3) int32, see `Segments`.
    """
    one, two, length = neighbors.T.astype(np.int64)
    kind = np.append(False, painted).astype(int)
    beside = np.zeros((len(kind), 2))
    np.add.at(beside, (one, kind[two]), length)
    np.add.at(beside, (two, kind[one]), length)
    return np.asarray(beside[1:, 1] > beside[1:, 0])
