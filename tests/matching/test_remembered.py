"""Two drawings are compared once, whatever is asked of them afterwards."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from shiage.lines.lineart import extract_lineart
from shiage.lines.segments import SegmentSettings, find_segments
from shiage.matching import KnownColors, Matcher, PairwiseMatcher, make_matcher
from shiage.matching.remembered import Encoded, Remembered, remember
from shiage.structures import UNKNOWN, Floats, LineArt, Match, Segments
from tests.drawings import Rgba, Sheet, character
from tests.matching.alike import Alike, Parts


def boxes(*sides: int) -> Rgba:
    """A sheet with a square of each size."""
    sheet = Sheet(40, 40 * len(sides))
    for at, side in enumerate(sides):
        sheet.box((40 * at + 2, 2), (40 * at + 2 + side, 2 + side))
    return sheet.rgba


def encode(matcher: Matcher, rgba: Rgba) -> Any:
    lineart = extract_lineart(rgba)
    return matcher.encode(lineart, find_segments(lineart, SegmentSettings(gap="off")))


def several(matcher: Matcher) -> list[Any]:
    """Four encoded drawings, different ones."""
    return [encode(matcher, boxes(*sides)) for sides in ((9,), (9, 15), (15, 21), (9, 15, 21))]


def size_of(found: tuple[Floats, Floats]) -> int:
    return found[0].nbytes + found[1].nbytes


@pytest.mark.parametrize("name", ["shape", "position"])
def test_it_answers_as_the_matcher_within(name: str) -> None:
    plain = make_matcher(name)
    assert isinstance(plain, PairwiseMatcher)
    remembered = Remembered(plain)
    assert remembered.name == name
    drawings = [character(), character(6, 2), character(30, 12), boxes(9, 15)]
    by_plain = [encode(plain, rgba) for rgba in drawings]
    by_remembered = [encode(remembered, rgba) for rgba in drawings]
    counts = [plain.count(encoded) for encoded in by_plain]
    assert [remembered.count(encoded) for encoded in by_remembered] == counts
    rng = np.random.default_rng(0)
    for _ in range(6):  # the same comparisons, ever other colors
        colors = [rng.integers(UNKNOWN, 5, count).astype(np.int32) for count in counts]
        for target in range(len(drawings)):
            one, other = (
                matcher.match(
                    [
                        KnownColors(encoded[at], colors[at], np.full(counts[at], 0.7, np.float32))
                        for at in range(len(drawings))
                        if at != target
                    ],
                    encoded[target],
                )
                for matcher, encoded in ((plain, by_plain), (remembered, by_remembered))
            )
            np.testing.assert_array_equal(one.scores, other.scores)
            np.testing.assert_array_equal(one.no_match, other.no_match)
    none = remembered.match([], by_remembered[0])
    assert none.scores.shape == (counts[0], 0)


def test_each_ordered_pair_is_compared_once() -> None:
    within = Alike()
    matcher = Remembered(within)
    one, two, *_ = several(matcher)
    for _ in range(3):
        there, back = matcher.compare(one, two), matcher.compare(two, one)
        assert there[0].shape == back[0].shape[::-1]
    assert within.compared == [(one[1], two[1]), (two[1], one[1])]


def test_a_drawing_encoded_again_is_another() -> None:
    # After a stroke a cel has other segments; what was found for the old ones must not be used.
    within = Alike()
    matcher = Remembered(within)
    before, after, target = (encode(matcher, boxes(*sides)) for sides in ((9,), (9,), (9, 15)))
    matcher.compare(before, target)
    matcher.compare(after, target)
    assert len(within.compared) == 2


def test_what_was_used_last_is_kept() -> None:
    within = Alike()
    one, two, three, four = several(Remembered(within))
    sizes = [size_of(within.compare(encoded[1], four[1])) for encoded in (one, two, three)]
    matcher = Remembered(within, room=sum(sizes) - 1)  # not enough for all three
    within.compared.clear()
    for encoded in (one, two, one, three):  # the second makes room
        matcher.compare(encoded, four)
    assert [reference for reference, _ in within.compared] == [one[1], two[1], three[1]]
    assert matcher.not_compared([(one, four), (two, four), (three, four)]) == [(two, four)]
    matcher.compare(one, four)
    assert len(within.compared) == 3
    matcher.compare(two, four)
    assert len(within.compared) == 4


@pytest.mark.parametrize("room", [0, 40])
def test_what_has_no_room_is_answered_all_the_same(room: int) -> None:
    within = Alike()
    matcher = Remembered(within, room)
    small, *_, large = several(matcher)
    for _ in range(2):
        similarity, no_match = matcher.compare(large, large)
        assert size_of((similarity, no_match)) > room
        np.testing.assert_array_equal(similarity, np.eye(len(large[1])))
        assert not no_match.any()
    assert len(within.compared) == 2
    matcher.compare(small, small)
    matcher.compare(large, large)  # must not push out what there is room for
    assert matcher.not_compared([(small, small)]) == ([(small, small)] if room == 0 else [])


def test_pairs_are_compared_ahead() -> None:
    within = Alike()
    matcher = Remembered(within)
    drawings = several(matcher)
    pairs = [(one, other) for one in drawings for other in drawings]
    matcher.compare(*pairs[5])
    waiting = matcher.not_compared([*pairs, *pairs])
    assert waiting == [pair for pair in pairs if pair != pairs[5]]
    with ThreadPoolExecutor(3) as pool:
        matcher.compare_ahead(iter(waiting), pool)
        matcher.compare_ahead([], pool)
    assert matcher.not_compared(pairs) == []
    assert len(within.compared) == len(pairs)
    for one, other in pairs:
        similarity, no_match = matcher.compare(one, other)
        expected = within.compare(one[1], other[1])
        np.testing.assert_array_equal(similarity, expected[0])
        np.testing.assert_array_equal(no_match, expected[1])
    assert len(within.compared) == 2 * len(pairs)  # those of the line above alone


def test_a_failure_ahead_is_told_and_what_was_found_stays() -> None:
    class Failing(Alike):
        def compare(self, reference: Parts, target: Parts) -> tuple[Floats, Floats]:
            if len(reference) > 3:
                raise MemoryError
            return super().compare(reference, target)

    matcher = Remembered(Failing())
    drawings = several(matcher)
    pairs = [(drawing, drawings[0]) for drawing in drawings]
    with ThreadPoolExecutor(1) as pool, pytest.raises(MemoryError):
        matcher.compare_ahead(pairs, pool)
    assert matcher.not_compared(pairs) == [pairs[3]]


def test_threads_do_not_get_in_each_others_way() -> None:
    within = Alike()
    matcher = Remembered(within, room=400)  # all of them have not room at once
    drawings = several(matcher)
    expected = {(a[0], b[0]): within.compare(a[1], b[1]) for a in drawings for b in drawings}
    assert sum(map(size_of, expected.values())) > 400
    start = threading.Barrier(4)

    def work(seed: int) -> int:
        rng = np.random.default_rng(seed)
        start.wait()
        right = 0
        for one, other in rng.integers(0, len(drawings), (300, 2)).tolist():
            pair: tuple[Encoded, Encoded] = drawings[one], drawings[other]
            found = matcher.compare(*pair)
            right += all(map(np.array_equal, found, expected[pair[0][0], pair[1][0]]))
            matcher.not_compared([pair])
        return right

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(work, range(4))) == [300] * 4
    assert len(matcher.not_compared((a, b) for a in drawings for b in drawings)) > 0


# --- matchers that only encode and match ----------------------------------------------------------


class Whole:
    """Satisfies `Matcher` and nothing else: pools references in its own way."""

    name = "whole"

    def __init__(self) -> None:
        self.within = Alike()

    def encode(self, lineart: LineArt, segments: Segments) -> Parts:
        return self.within.encode(lineart, segments)

    def match(self, references: Sequence[KnownColors[Parts]], target: Parts) -> Match:
        if not references:
            none = np.zeros((len(target), 0), np.float32)
            return Match(none, np.ones(len(target), np.float32))
        found = [self.within.compare(known.encoded, target)[0] for known in references]
        known = np.concatenate([known.color_ids != UNKNOWN for known in references])
        scores = (np.concatenate(found, axis=1) * known / len(references)).astype(np.float32)
        return Match(scores, (1 - scores.sum(axis=1)).astype(np.float32))


def test_a_matcher_that_pools_in_its_own_way_is_asked_about_pairs() -> None:
    matcher = remember(Whole())
    assert matcher.name == "whole"
    one, two, _, four = several(matcher)  # each with the paper around its squares
    colors = np.array([0, 3], np.int32), np.array([0, 3, UNKNOWN], np.int32)
    known = [
        KnownColors(encoded, ids, np.ones(len(ids), np.float32))
        for encoded, ids in zip((one, two), colors, strict=True)
    ]
    plain = [replace(reference, encoded=reference.encoded[1]) for reference in known]
    expected = Whole().match(plain, four[1])
    found = matcher.match(known, four)
    np.testing.assert_array_equal(found.scores, expected.scores)
    np.testing.assert_array_equal(found.no_match, expected.no_match)
    similarity, no_match = matcher.compare(two, four)
    assert similarity.tolist() == [[0, 0, 0], [0, 1, 0], [0, 0, 1], [0, 0, 0]]
    assert no_match.tolist() == [1, 0, 0, 1]
    assert matcher.not_compared([(one, two)]) == []
    with ThreadPoolExecutor(1) as pool:
        matcher.compare_ahead([(one, two)], pool)


def test_who_compares_pairs_is_remembered() -> None:
    assert isinstance(remember(Alike()), Remembered)
