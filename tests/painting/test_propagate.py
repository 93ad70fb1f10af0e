"""Which cel is painted from which, and what colors are decided."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shiage.matching import KnownColors
from shiage.matching.protocol import PairwiseMatcher
from shiage.painting.propagate import (
    ALTERNATIVES,
    MOST_CORRECTED,
    EncodedCel,
    Memory,
    Step,
    as_neighbor,
    decide_colors,
    decided_painting,
    known_for_certain,
    nearest_corrected,
    paint_column,
    plan_column,
    plan_decided,
)
from shiage.painting.surroundings import Surroundings
from shiage.structures import UNKNOWN, Floats, Ints, LineArt, Match, Painting, Segments
from tests.matching.alike import Alike, Parts, cel, cels_of

# --- order --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("count", "keyed", "steps"),
    [
        (0, [], []),
        (1, [], [(0, (), None)]),
        (1, [0], []),
        (3, [], [(0, (), None), (1, (), 0), (2, (), 1)]),
        (4, [0], [(1, (0,), None), (2, (0,), 1), (3, (0,), 2)]),
        (4, [3], [(2, (3,), None), (1, (3,), 2), (0, (3,), 1)]),
        (5, [2], [(1, (2,), None), (3, (2,), None), (0, (2,), 1), (4, (2,), 3)]),
        (4, [0, 3], [(1, (0, 3), None), (2, (3, 0), None)]),
        (
            7,
            [1, 5],
            [
                (0, (1, 5), None),
                (2, (1, 5), None),
                (4, (5, 1), None),
                (6, (5, 1), None),
                (3, (1, 5), 2),
            ],
        ),
        (6, [0, 1, 2, 3, 4], [(5, (4, 3, 2, 1), None)]),
        (3, [0, 1, 2], []),
        (3, [1, 1], [(0, (1,), None), (2, (1,), None)]),
    ],
)
def test_plan(
    count: int, keyed: list[int], steps: list[tuple[int, tuple[int, ...], int | None]]
) -> None:
    assert plan_column(count, keyed) == [Step(*step) for step in steps]


@pytest.mark.parametrize(
    ("keyed", "begun", "steps"),
    [
        ([], [1], [(1, (), None), (0, (1,), None), (2, (1,), None), (3, (1,), 2)]),
        ([], [3, 0], [(0, (), None), (3, (), None), (1, (0, 3), None), (2, (3, 0), None)]),
        ([2], [0], [(1, (2,), None), (3, (2,), None), (0, (2,), 1)]),
    ],
)
def test_cels_begun_stand_in_for_keys_where_there_are_none(
    keyed: list[int],
    begun: list[int],
    steps: list[tuple[int, tuple[int, ...], int | None]],
) -> None:
    assert plan_column(4, keyed, begun) == [Step(*step) for step in steps]


@given(st.integers(0, 40).flatmap(
    lambda n: st.tuples(st.just(n), st.sets(st.integers(0, max(0, n - 1)), max_size=n))
))  # fmt: skip
def test_any_plan_paints_each_cel_once_and_after_what_it_needs(plan: tuple[int, set[int]]) -> None:
    count, keyed = plan
    done = set(keyed)
    steps = plan_column(count, keyed)
    for step in steps:
        assert step.cel not in done
        assert set(step.keys) <= keyed
        assert step.neighbor is None or (step.neighbor in done and step.neighbor not in keyed)
        assert step.neighbor is None or abs(step.neighbor - step.cel) == 1
        distances = [abs(key - step.cel) for key in step.keys]
        assert distances == sorted(distances)
        between = range(*sorted((step.cel, *step.keys[:1]))[:2])
        assert not keyed & set(between) - {step.cel, *step.keys}
        done.add(step.cel)
    assert done == set(range(count)) | keyed
    assert len(steps) == count - len(keyed)


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
    painting = decide_colors(matcher, [known([1, 2])], NO_DRAWING, {1: 7, 3: 0})
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


# --- a column in which a person has decided some colors -----------------------------------------

U = UNKNOWN


def ids_of(*rows: Sequence[int]) -> list[Ints]:
    return [np.array(row, np.int32) for row in rows]


def colors(paintings: dict[int, Painting]) -> dict[int, list[int]]:
    return {at: painting.color_ids.tolist() for at, painting in sorted(paintings.items())}


def test_keyed_cels_serve_the_others_and_are_not_painted() -> None:
    cels = cels_of((1, 2, 3), (3, 1), (2, 2, 9))
    decisions = ids_of([5, 6, 0], [U, U], [U, U, U])
    paintings = paint_column(Alike(), cels, decisions, [0])
    assert colors(paintings) == {1: [0, 5], 2: [6, 6, U]}
    assert paintings[1].confidence.tolist() == [1, 1]
    assert paintings[2].confidence.tolist() == [1, 1, 0]
    assert not any(painting.locked.any() for painting in paintings.values())


def test_corrections_outrank_what_the_keys_say() -> None:
    cels = cels_of((1, 2), (1, 2))
    paintings = paint_column(Alike(), cels, ids_of([5, 6], [U, 0]), [0])
    assert colors(paintings) == {1: [5, 0]}
    assert paintings[1].locked.tolist() == [False, True]
    assert paintings[1].confidence.tolist() == [1, 1]
    assert paintings[1].alternatives[1, 0] == 6  # what it would have been


def test_cels_corrected_in_part_serve_the_others() -> None:
    # Part 7 is in no key; its color is known from the last cel alone, part 8 from none.
    cels = cels_of((1, 2), (1, 7), (7, 8), (7, 1))
    decisions = ids_of([5, 6], [U, U], [U, U], [3, U])
    paintings = paint_column(Alike(), cels, decisions, [0])
    assert colors(paintings) == {1: [5, 3], 2: [3, U], 3: [3, 5]}


def test_without_any_key_corrections_alone_serve() -> None:
    cels = cels_of((1, 2), (1, 2), (2, 1))
    paintings = paint_column(Alike(), cels, ids_of([U, 4], [U, U], [U, U]), [])
    assert colors(paintings) == {0: [U, 4], 1: [U, 4], 2: [4, U]}
    paintings = paint_column(Alike(), cels[:1], ids_of([U, 4]), [])
    assert colors(paintings) == {0: [U, 4]}  # nobody but itself


def test_without_any_key_what_is_not_likely_stays_blank() -> None:
    cels, decisions = cels_of((1, 1, 1), (1,)), ids_of([4, 5, 6], [U])
    begun = paint_column(Alike(), cels, decisions, [])[1]
    assert (begun.color_ids.tolist(), begun.confidence.tolist()) == ([U], [0])
    assert begun.alternatives[0, :3].tolist() == [4, 5, 6]  # but is offered
    assert colors(paint_column(Alike(), cels, decisions, [0])) == {1: [4]}


def test_open_segments_of_a_cel_follow_those_decided() -> None:
    nowhere, no_pairs = np.zeros(3, np.float32), np.zeros((0, 2), np.int32)
    surroundings = Surroundings(np.zeros((3, 2), np.float32), nowhere, no_pairs)
    drawn = replace(cel((1, 1, 2)), surroundings=surroundings)
    painting = paint_column(Alike(), [drawn], ids_of([U, 4, U]), [])[0]
    assert painting.color_ids.tolist() == [4, 4, U]
    assert painting.locked.tolist() == [False, True, False]
    assert 0.5 < painting.confidence[0] < 1


def test_a_cel_is_no_reference_of_its_own() -> None:
    matcher = Alike()
    paintings = paint_column(matcher, cels_of((1, 1)), ids_of([4, U]), [])
    assert colors(paintings) == {0: [4, U]}
    assert matcher.compared == []


def test_a_painted_neighbor_is_heard_after_what_is_certain() -> None:
    # The third cel's part 9 is known from its neighbor, which was corrected.
    matcher = Alike()
    parts = [(1, 2), (2, 9), (9, 1)]
    cels = cels_of(*parts)
    paintings = paint_column(matcher, cels, ids_of([5, 6], [U, 4], [U, U]), [0])
    assert colors(paintings) == {1: [6, 4], 2: [4, 5]}
    assert matcher.compared == [
        (parts[0], parts[1]),
        (parts[0], parts[2]),
        (parts[1], parts[2]),  # corrected in part
        (parts[1], parts[2]),  # painted just before
    ]


def test_missing_cels_are_passed_over() -> None:
    cels = cels_of(None, (1, 2), None, (2, 1), None)
    decisions = ids_of([5, 6], [U, U], [3, 3], [U, U], [])
    paintings = paint_column(Alike(), cels, decisions, [0, 2])  # keys that cannot be read
    assert colors(paintings) == {1: [U, U], 3: [U, U]}
    paintings = paint_column(Alike(), cels, ids_of([], [5, 6], [], [U, U], []), [1])
    assert colors(paintings) == {3: [6, 5]}
    paintings = paint_column(Alike(), cels, ids_of([], [5, U], [7, 7], [U, U], []), [])
    assert colors(paintings) == {1: [5, U], 3: [U, 5]}
    assert paint_column(Alike(), [None, None], ids_of([], []), [1]) == {}
    assert paint_column(Alike(), [], [], []) == {}


def test_shared_references_serve_every_cel() -> None:
    sheet = known_for_certain(cel((1, 2)), np.array([5, 6], np.int32))
    cels = cels_of((1, 2), (2, 3))
    paintings = paint_column(Alike(), cels, ids_of([U, U], [U, U]), [], [sheet])
    assert colors(paintings) == {0: [5, 6], 1: [6, U]}
    paintings = paint_column(Alike(), cels, ids_of([8, U], [U, U]), [0], [sheet])
    assert colors(paintings) == {1: [6, U]}
    # What the sheet does not know, others may.
    paintings = paint_column(Alike(), cels, ids_of([U, U], [U, 4]), [], [sheet])
    assert colors(paintings) == {0: [5, 6], 1: [6, 4]}


def test_only_the_nearest_corrected_cels_serve() -> None:
    count = 2 * MOST_CORRECTED + 2
    parts: list[Parts] = [(100 + at,) for at in range(count)]
    decisions = ids_of([U], *([3] for _ in range(count - 1)))
    matcher = Alike()
    paint_column(matcher, cels_of(*parts), decisions, [])
    served = [reference for reference, target in matcher.compared if target == parts[0]]
    assert served == parts[1 : MOST_CORRECTED + 1]


@pytest.mark.parametrize(
    ("cel", "corrected", "expected"),
    [
        (3, [], []),
        (3, [3], []),
        (3, [9, 2, 3, 4], [2, 4, 9]),
        (3, [5, 1, 5, 1], [1, 5]),
        (0, range(20), list(range(1, MOST_CORRECTED + 1))),
        (5, range(20), [4, 6, 3, 7, 2, 8, 1, 9]),
        (19, range(20), list(range(18, 18 - MOST_CORRECTED, -1))),
    ],
)
def test_nearest_corrected(cel: int, corrected: Sequence[int], expected: list[int]) -> None:
    assert nearest_corrected(cel, corrected) == expected


def test_plan_of_what_is_decided() -> None:
    cels = cels_of((1,), (1,), None, (1,), (1, 2), None, (1,))
    decisions = ids_of([U], [3], [3], [4], [U, 0], [5], [U])
    plan = plan_decided(cels, decisions, [3, 5, 6])
    assert plan.corrected == [1, 4]  # not the missing one, nor the keys, nor without decision
    assert sorted(plan.certain) == [1, 3, 4, 6]
    assert plan.certain[4].color_ids.tolist() == [U, 0]
    assert all((known.trust == 1).all() for known in plan.certain.values())
    assert plan.steps == plan_column(7, [3, 6])


def test_what_did_not_change_is_not_painted_anew() -> None:
    matcher, memory = Alike(), Memory()
    cels = cels_of((1, 2), (1, 2), (2, 9))
    decisions = ids_of([5, 6], [U, U], [U, U])
    first = paint_column(matcher, cels, decisions, [0], memory=memory)
    matcher.compared.clear()
    again = paint_column(matcher, cels, decisions, [0], memory=memory)
    assert matcher.compared == []
    assert again == first
    decisions[2] = np.array([U, 4], np.int32)
    third = paint_column(matcher, cels, decisions, [0], memory=memory)
    assert colors(third) == {1: [5, 6], 2: [6, 4]}
    # The second takes from the third, the third from the second as painted anew.
    assert {target for _, target in matcher.compared} == {(1, 2), (2, 9)}


COLUMNS = st.lists(st.lists(st.integers(1, 4), max_size=3).map(tuple), min_size=1, max_size=5)


@given(COLUMNS, st.integers(0, 2**31))
def test_memory_never_changes_the_answer(parts: list[Parts], seed: int) -> None:
    rng = np.random.default_rng(seed)
    memory = Memory()
    cels = cels_of(*parts)
    decisions = [np.full(len(of_cel), U, np.int32) for of_cel in parts]
    shared = [known_for_certain(cel((1, 2)), np.array([5, 6], np.int32))]
    for _ in range(6):
        at = int(rng.integers(len(cels)))
        decisions[at] = rng.integers(U, 4, len(parts[at])).astype(np.int32)
        keyed = [at for at, ids in enumerate(decisions) if (ids != U).all()]
        sheets = shared[: rng.integers(2)]
        missing = [None if rng.random() < 0.1 else encoded for encoded in cels]
        with_memory = paint_column(Alike(), missing, decisions, keyed, sheets, memory)
        without = paint_column(Alike(), missing, decisions, keyed, sheets)
        assert colors(with_memory) == colors(without)
        for place, painting in without.items():
            np.testing.assert_array_equal(with_memory[place].confidence, painting.confidence)
            np.testing.assert_array_equal(with_memory[place].locked, painting.locked)
            np.testing.assert_array_equal(with_memory[place].alternatives, painting.alternatives)
            decided = decisions[place] != U
            np.testing.assert_array_equal(painting.color_ids[decided], decisions[place][decided])
            np.testing.assert_array_equal(painting.locked, decided)
