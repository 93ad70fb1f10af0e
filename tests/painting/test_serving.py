"""Which cel is painted from which, and cels painted so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shiage.painting.propagate import EncodedCel, known_for_certain
from shiage.painting.serving import (
    MOST_CORRECTED,
    Column,
    Kind,
    Known,
    Memory,
    Source,
    Step,
    drive,
    nearest_corrected,
    paint_column,
    plan_column,
    serve,
)
from shiage.painting.surroundings import Surroundings
from shiage.structures import UNKNOWN, Ints, Painting
from tests.matching.alike import Alike, Parts, cel, cels_of

Seen = tuple[int, tuple[int, ...], int | None]


def seen(step: Step) -> Seen:
    """A step as its cel, its keys or what stands in for them, and its neighbor."""
    (neighbor,) = step.places(Kind.NEIGHBOR) or (None,)
    return step.cel, step.places(Kind.KEY, Kind.BEGUN), neighbor


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
def test_plan(count: int, keyed: list[int], steps: list[Seen]) -> None:
    assert [seen(step) for step in plan_column(count, keyed)] == steps


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
    steps: list[Seen],
) -> None:
    assert [seen(step) for step in plan_column(4, keyed, begun)] == steps


@given(st.integers(0, 40).flatmap(
    lambda n: st.tuples(st.just(n), st.sets(st.integers(0, max(0, n - 1)), max_size=n))
))  # fmt: skip
def test_any_plan_paints_each_cel_once_and_after_what_it_needs(plan: tuple[int, set[int]]) -> None:
    count, keyed = plan
    done = set(keyed)
    steps = plan_column(count, keyed)
    for step in steps:
        assert step.cel not in done
        _, keys, neighbor = seen(step)
        assert set(keys) <= keyed
        assert neighbor is None or (neighbor in done and neighbor not in keyed)
        assert neighbor is None or abs(neighbor - step.cel) == 1
        distances = [abs(key - step.cel) for key in keys]
        assert distances == sorted(distances)
        between = range(*sorted((step.cel, *keys[:1]))[:2])
        assert not keyed & set(between) - {step.cel, *keys}
        done.add(step.cel)
    assert done == set(range(count)) | keyed
    assert len(steps) == count - len(keyed)


def test_sources_are_heard_in_one_order() -> None:
    steps = plan_column(6, [0], [2, 5], sheets=2, lent=3)
    kinds = {step.cel: [(s.kind, s.at) for s in step.sources] for step in steps}
    sheets = [(Kind.SHEET, 0), (Kind.SHEET, 1)]
    assert kinds[3] == [
        (Kind.KEY, 0),
        *sheets,
        (Kind.CORRECTION, 2),
        (Kind.CORRECTION, 5),
        (Kind.NEIGHBOR, 2),
    ]
    assert kinds[1] == [(Kind.KEY, 0), *sheets, (Kind.CORRECTION, 2), (Kind.CORRECTION, 5)]
    assert not any(step.is_sparse for step in steps)


def test_a_column_takes_what_others_lend_only_without_anything_of_its_own() -> None:
    def takes(*args: Any, **options: Any) -> set[Kind]:
        return {s.kind for step in plan_column(3, *args, **options) for s in step.sources}

    assert takes([], lent=2) == {Kind.LENT, Kind.NEIGHBOR}
    assert takes([], sheets=1, lent=2) == {Kind.SHEET, Kind.NEIGHBOR}
    assert takes([0], lent=2) == {Kind.KEY, Kind.NEIGHBOR}
    assert takes([], [1], lent=2) == {Kind.BEGUN, Kind.LENT}
    assert takes([], [1]) == {Kind.BEGUN}
    assert takes([]) == {Kind.NEIGHBOR}


@pytest.mark.parametrize(
    ("kinds", "is_sparse"),
    [
        ([], True),
        ([Kind.BEGUN, Kind.CORRECTION, Kind.NEIGHBOR], True),
        ([Kind.CORRECTION, Kind.KEY], False),
        ([Kind.SHEET], False),
        ([Kind.LENT, Kind.NEIGHBOR], False),
    ],
)
def test_sparse_is_what_has_no_source_decided_as_a_whole(
    kinds: list[Kind], is_sparse: bool
) -> None:
    assert Step(0, tuple(Source(kind, 1) for kind in kinds)).is_sparse == is_sparse


# --- one cel --------------------------------------------------------------------------------------


def test_only_sources_that_are_to_be_had_serve() -> None:
    matcher = Alike()
    colors = {1: known_for_certain(cel((1, 2)), np.array([5, 6], np.int32)), 2: None}
    sources = Source(Kind.NEIGHBOR, 2), Source(Kind.KEY, 1)
    asked: list[Source] = []

    def known_of(source: Source) -> Known | None:
        asked.append(source)
        return colors[source.at]

    served = drive(serve(matcher, Step(0, sources), cel((2, 1))), known_of)
    assert asked == list(sources)
    assert served.sources == (Source(Kind.KEY, 1),)
    assert served.known == (colors[1],)
    assert served.painting.color_ids.tolist() == [6, 5]


# --- a column in which a person has decided some colors -----------------------------------------

U = UNKNOWN


def ids_of(*rows: Sequence[int]) -> list[Ints]:
    return [np.array(row, np.int32) for row in rows]


def paint(
    matcher: Alike,
    cels: Sequence[EncodedCel | None],
    decisions: Sequence[Ints],
    keyed: Sequence[int] = (),
    sheets: Sequence[Known] = (),
    memory: Memory | None = None,
) -> dict[int, Painting]:
    return paint_column(matcher, Column(cels, decisions, keyed, sheets), memory)


def colors(paintings: dict[int, Painting]) -> dict[int, list[int]]:
    return {at: painting.color_ids.tolist() for at, painting in sorted(paintings.items())}


def test_keyed_cels_serve_the_others_and_are_not_painted() -> None:
    cels = cels_of((1, 2, 3), (3, 1), (2, 2, 9))
    decisions = ids_of([5, 6, 0], [U, U], [U, U, U])
    paintings = paint(Alike(), cels, decisions, [0])
    assert colors(paintings) == {1: [0, 5], 2: [6, 6, U]}
    assert paintings[1].confidence.tolist() == [1, 1]
    assert paintings[2].confidence.tolist() == [1, 1, 0]
    assert not any(painting.locked.any() for painting in paintings.values())


def test_corrections_outrank_what_the_keys_say() -> None:
    cels = cels_of((1, 2), (1, 2))
    paintings = paint(Alike(), cels, ids_of([5, 6], [U, 0]), [0])
    assert colors(paintings) == {1: [5, 0]}
    assert paintings[1].locked.tolist() == [False, True]
    assert paintings[1].confidence.tolist() == [1, 1]
    assert paintings[1].alternatives[1, 0] == 6  # what it would have been


def test_cels_corrected_in_part_serve_the_others() -> None:
    # Part 7 is in no key; its color is known from the last cel alone, part 8 from none.
    cels = cels_of((1, 2), (1, 7), (7, 8), (7, 1))
    decisions = ids_of([5, 6], [U, U], [U, U], [3, U])
    paintings = paint(Alike(), cels, decisions, [0])
    assert colors(paintings) == {1: [5, 3], 2: [3, U], 3: [3, 5]}


def test_without_any_key_corrections_alone_serve() -> None:
    cels = cels_of((1, 2), (1, 2), (2, 1))
    paintings = paint(Alike(), cels, ids_of([U, 4], [U, U], [U, U]), [])
    assert colors(paintings) == {0: [U, 4], 1: [U, 4], 2: [4, U]}
    paintings = paint(Alike(), cels[:1], ids_of([U, 4]), [])
    assert colors(paintings) == {0: [U, 4]}  # nobody but itself


def test_without_any_key_what_is_not_likely_stays_blank() -> None:
    cels, decisions = cels_of((1, 1, 1), (1,)), ids_of([4, 5, 6], [U])
    begun = paint(Alike(), cels, decisions, [])[1]
    assert (begun.color_ids.tolist(), begun.confidence.tolist()) == ([U], [0])
    assert begun.alternatives[0, :3].tolist() == [4, 5, 6]  # but is offered
    assert colors(paint(Alike(), cels, decisions, [0])) == {1: [4]}


def test_open_segments_of_a_cel_follow_those_decided() -> None:
    nowhere, no_pairs = np.zeros(3, np.float32), np.zeros((0, 2), np.int32)
    surroundings = Surroundings(np.zeros((3, 2), np.float32), nowhere, no_pairs)
    drawn = replace(cel((1, 1, 2)), surroundings=surroundings)
    painting = paint(Alike(), [drawn], ids_of([U, 4, U]), [])[0]
    assert painting.color_ids.tolist() == [4, 4, U]
    assert painting.locked.tolist() == [False, True, False]
    assert 0.5 < painting.confidence[0] < 1


def test_a_cel_is_no_reference_of_its_own() -> None:
    matcher = Alike()
    paintings = paint(matcher, cels_of((1, 1)), ids_of([4, U]), [])
    assert colors(paintings) == {0: [4, U]}
    assert matcher.compared == []


def test_a_painted_neighbor_is_heard_after_what_is_certain() -> None:
    # The third cel's part 9 is known from its neighbor, which was corrected.
    matcher = Alike()
    parts = [(1, 2), (2, 9), (9, 1)]
    cels = cels_of(*parts)
    paintings = paint(matcher, cels, ids_of([5, 6], [U, 4], [U, U]), [0])
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
    paintings = paint(Alike(), cels, decisions, [0, 2])  # keys that cannot be read
    assert colors(paintings) == {1: [U, U], 3: [U, U]}
    paintings = paint(Alike(), cels, ids_of([], [5, 6], [], [U, U], []), [1])
    assert colors(paintings) == {3: [6, 5]}
    paintings = paint(Alike(), cels, ids_of([], [5, U], [7, 7], [U, U], []), [])
    assert colors(paintings) == {1: [5, U], 3: [U, 5]}
    assert paint(Alike(), [None, None], ids_of([], []), [1]) == {}
    assert paint(Alike(), [], [], []) == {}


def test_shared_references_serve_every_cel() -> None:
    sheet = known_for_certain(cel((1, 2)), np.array([5, 6], np.int32))
    cels = cels_of((1, 2), (2, 3))
    paintings = paint(Alike(), cels, ids_of([U, U], [U, U]), [], [sheet])
    assert colors(paintings) == {0: [5, 6], 1: [6, U]}
    paintings = paint(Alike(), cels, ids_of([8, U], [U, U]), [0], [sheet])
    assert colors(paintings) == {1: [6, U]}
    # What the sheet does not know, others may.
    paintings = paint(Alike(), cels, ids_of([U, U], [U, 4]), [], [sheet])
    assert colors(paintings) == {0: [5, 6], 1: [6, 4]}


def test_only_the_nearest_corrected_cels_serve() -> None:
    count = 2 * MOST_CORRECTED + 2
    parts: list[Parts] = [(100 + at,) for at in range(count)]
    decisions = ids_of([U], *([3] for _ in range(count - 1)))
    matcher = Alike()
    paint(matcher, cels_of(*parts), decisions, [])
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
    column = Column(cels, decisions, [3, 5, 6])
    # Not the missing ones, nor the keys, nor those without decision, are corrected in part.
    assert column.steps == [s for s in plan_column(7, [3, 6], [1, 4]) if s.cel not in (2, 5)]
    first = next(step for step in column.steps if step.cel == 0)
    assert first.places(Kind.CORRECTION) == (1, 4)
    known = column.known(Source(Kind.CORRECTION, 4), {})
    assert known is not None
    assert known.color_ids.tolist() == [U, 0]
    assert (known.trust == 1).all()


def test_what_did_not_change_is_not_painted_anew() -> None:
    matcher, memory = Alike(), Memory()
    cels = cels_of((1, 2), (1, 2), (2, 9))
    decisions = ids_of([5, 6], [U, U], [U, U])
    first = paint(matcher, cels, decisions, [0], memory=memory)
    matcher.compared.clear()
    again = paint(matcher, cels, decisions, [0], memory=memory)
    assert matcher.compared == []
    assert again == first
    decisions[2] = np.array([U, 4], np.int32)
    third = paint(matcher, cels, decisions, [0], memory=memory)
    assert colors(third) == {1: [5, 6], 2: [6, 4]}
    # The second takes from the third, the third from the second as painted again.
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
        with_memory = paint(Alike(), missing, decisions, keyed, sheets, memory)
        without = paint(Alike(), missing, decisions, keyed, sheets)
        assert colors(with_memory) == colors(without)
        for place, painting in without.items():
            np.testing.assert_array_equal(with_memory[place].confidence, painting.confidence)
            np.testing.assert_array_equal(with_memory[place].locked, painting.locked)
            np.testing.assert_array_equal(with_memory[place].alternatives, painting.alternatives)
            decided = decisions[place] != U
            np.testing.assert_array_equal(painting.color_ids[decided], decisions[place][decided])
            np.testing.assert_array_equal(painting.locked, decided)
