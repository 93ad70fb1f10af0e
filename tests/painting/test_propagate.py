"""What colors are decided."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pytest

from shiage.matching import KnownColors
from shiage.matching.protocol import PairwiseMatcher
from shiage.painting.propagate import (
    ALTERNATIVES,
    EncodedCel,
    as_neighbor,
    decide_colors,
    decided_painting,
    known_for_certain,
)
from shiage.structures import UNKNOWN, Floats, LineArt, Match, Painting, Segments
from tests.matching.alike import cel

# --- colors -------------------------------------------------------------------------------------


@dataclass
class FixedMatcher:
    """A matcher that always answers the same."""

    scores: list[list[float]]
    name: str = "fixed"

    def encode(self, lineart: LineArt, segments: Segments) -> None:
        raise NotImplementedError

    def match(self, references: Sequence[KnownColors[None]], target: None) -> Match:
        width = sum(len(r.color_ids) for r in references)
        scores = np.array(self.scores, np.float32).reshape(len(self.scores), width)
        assert target is None
        return Match(scores, (1 - scores.sum(axis=1)).astype(np.float32))


NO_DRAWING = cel(None)


def known(ids: list[int], trust: float = 1.0) -> KnownColors[EncodedCel]:
    return KnownColors(NO_DRAWING, np.array(ids, np.int32), np.full(len(ids), trust, np.float32))


def test_the_color_with_the_largest_share_wins_together() -> None:
    # No single segment beats the first, but two of them share a color.
    matcher = FixedMatcher([[0.4, 0.3, 0.3]])
    painting = decide_colors(matcher, [known([1, 2, 2])], NO_DRAWING)
    assert painting.color_ids.tolist() == [2]
    np.testing.assert_allclose(painting.confidence, [0.6], rtol=1e-6)
    assert painting.alternatives.tolist() == [[2, 1, UNKNOWN, UNKNOWN]]
    assert not painting.locked.any()


def test_paper_is_a_color_like_others() -> None:
    painting = decide_colors(FixedMatcher([[0.9, 0.1]]), [known([0, 3])], NO_DRAWING)
    assert painting.color_ids.tolist() == [0]
    assert painting.alternatives.tolist() == [[0, 3, UNKNOWN, UNKNOWN]]


def test_confidence_is_the_share_of_the_votes() -> None:
    matcher = FixedMatcher([[0.3, 0.45, 0.25]])
    painting = decide_colors(matcher, [known([1]), known([2, 1], trust=0.5)], NO_DRAWING)
    assert painting.color_ids.tolist() == [1]
    np.testing.assert_allclose(painting.confidence, [0.55], rtol=1e-6)


class GivenVotes(PairwiseMatcher[Floats]):
    """A matcher whose encoded references are their votes."""

    name = "given"

    def encode(self, lineart: LineArt, segments: Segments) -> Floats:
        raise NotImplementedError

    def compare(self, reference: Floats, target: Floats) -> tuple[Floats, Floats]:
        return reference, np.zeros(len(target), np.float32)

    def count(self, target: Floats) -> int:
        return len(target)


@pytest.mark.parametrize(("trust", "decided"), [(1.0, 2), (0.5, 1)])
def test_a_color_less_trusted_has_less_of_a_vote(trust: float, decided: int) -> None:
    sure, surer = np.array([[0.7, 0.3]], np.float32), np.array([[0.1, 0.9]], np.float32)
    references = [
        KnownColors(cel(votes), np.array([1, 2], np.int32), np.full(2, told, np.float32))
        for votes, told in ((sure, 1.0), (surer, trust))
    ]
    assert decide_colors(GivenVotes(), references, cel(sure)).color_ids.tolist() == [decided]


def test_no_vote_is_unknown() -> None:
    painting = decide_colors(FixedMatcher([[0, 0], [0, 0]]), [known([1, UNKNOWN])], NO_DRAWING)
    assert painting.color_ids.tolist() == [UNKNOWN, UNKNOWN]
    assert painting.confidence.tolist() == [0, 0]
    assert (painting.alternatives == UNKNOWN).all()


@pytest.mark.parametrize("references", [[], [known([])]])
def test_without_any_reference_all_is_unknown(references: list[KnownColors[EncodedCel]]) -> None:
    painting = decide_colors(FixedMatcher([[], [], []]), references, NO_DRAWING)
    assert painting.color_ids.tolist() == [UNKNOWN] * 3
    assert painting.confidence.tolist() == [0] * 3
    assert painting.alternatives.shape == (3, ALTERNATIVES)


def test_corrections_outrank_every_prediction() -> None:
    matcher = FixedMatcher([[1, 0], [0, 1], [0, 0]])
    decided = np.array([7, UNKNOWN, 0], np.int32)
    painting = decide_colors(matcher, [known([1, 2])], NO_DRAWING, decided)
    assert painting.color_ids.tolist() == [7, 2, 0]
    np.testing.assert_allclose(painting.confidence, [1, 1, 1])
    assert painting.locked.tolist() == [True, False, True]


def test_at_most_four_alternatives_and_ties_by_id() -> None:
    matcher = FixedMatcher([[0.2] * 5])
    painting = decide_colors(matcher, [known([5, 4, 3, 2, 1])], NO_DRAWING)
    assert painting.alternatives.tolist() == [[1, 2, 3, 4]]


def test_a_target_without_segments() -> None:
    painting = decide_colors(FixedMatcher([]), [known([1, 2])], NO_DRAWING)
    assert painting.color_ids.shape == (0,)
    assert painting.alternatives.shape == (0, ALTERNATIVES)


def test_a_painted_cel_is_as_sure_as_it_is() -> None:
    painting = Painting(
        np.array([3, UNKNOWN], np.int32),
        np.array([0.8, 0], np.float32),
        np.full((2, 4), UNKNOWN, np.int32),
        np.zeros(2, bool),
    )
    neighbor = as_neighbor(NO_DRAWING, painting)
    assert neighbor.encoded is NO_DRAWING
    assert neighbor.color_ids.tolist() == [3, UNKNOWN]
    np.testing.assert_allclose(neighbor.trust, [0.8, 0])


def test_what_a_person_decided_is_sure_and_locked() -> None:
    ids = np.array([2, 0], np.int32)
    certain = known_for_certain(NO_DRAWING, ids)
    assert certain.encoded is NO_DRAWING
    assert certain.trust.tolist() == [1, 1]
    painting = decided_painting(ids)
    assert painting.color_ids.tolist() == [2, 0]
    assert painting.confidence.tolist() == [1, 1]
    assert painting.locked.all()
    assert painting.alternatives.tolist() == [[2], [0]]
