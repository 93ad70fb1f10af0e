"""What holds for every matcher, and what each must find."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import pytest

from shiage.bench.baselines import BASELINES
from shiage.errors import BadOption
from shiage.lines.lineart import extract_lineart
from shiage.lines.segments import SegmentSettings, find_segments
from shiage.matching import (
    DEFAULT_MATCHER,
    MATCHERS,
    KnownColors,
    Matcher,
    color_shares,
    make_matcher,
)
from shiage.structures import UNKNOWN, Match, Segments
from tests.drawings import Rgba, Sheet, character, enlarged

OFF = SegmentSettings(gap="off")


ALL = {**MATCHERS, **BASELINES}


@pytest.fixture(params=sorted(ALL))
def matcher(request: pytest.FixtureRequest) -> Matcher:
    return ALL[request.param]()


def encode(matcher: Matcher, rgba: Rgba) -> tuple[Any, Segments]:
    lineart = extract_lineart(rgba)
    segments = find_segments(lineart, OFF)
    return matcher.encode(lineart, segments), segments


def known(encoded: Any, ids: np.ndarray[tuple[int, ...], np.dtype[np.int32]]) -> KnownColors[Any]:
    return KnownColors(encoded, ids.astype(np.int32), np.ones(len(ids), np.float32))


def reference(matcher: Matcher, rgba: Rgba, first_id: int = 1) -> KnownColors[Any]:
    """The drawing with a color of its own for each segment."""
    encoded, segments = encode(matcher, rgba)
    return known(encoded, np.arange(first_id, first_id + len(segments), dtype=np.int32))


def is_sound(match: Match, count: int, total: int) -> None:
    assert match.scores.shape == (count, total)
    assert np.isfinite(match.scores).all()
    assert (match.scores >= 0).all()
    assert (match.no_match >= 0).all()
    assert (match.no_match <= 1).all()
    np.testing.assert_allclose(match.scores.sum(axis=1), 1 - match.no_match, atol=1e-5)


def accuracy(
    match: Match, expected: np.ndarray[tuple[int, ...], np.dtype[np.integer[Any]]]
) -> float:
    return float((match.scores.argmax(axis=1) == expected).mean())


def scaled(rgba: Rgba, zoom: float, angle: float = 0.0) -> Rgba:
    """The same figure, turned and zoomed about the middle."""
    turn = cv2.getRotationMatrix2D((120, 110), angle, zoom)
    out = cv2.warpAffine(
        rgba, turn, (240, 240), flags=cv2.INTER_LINEAR, borderValue=(255, 255, 255, 255)
    )
    return np.asarray(out, np.uint8)


# --- what holds for all -------------------------------------------------------------------------


def test_a_cel_matches_itself(matcher: Matcher) -> None:
    target, segments = encode(matcher, character())
    match = matcher.match([reference(matcher, character())], target)
    assert len(segments) > 12
    is_sound(match, len(segments), len(segments))
    assert accuracy(match, np.arange(len(segments))) == 1.0
    assert match.no_match.max() < 0.1


def test_a_figure_that_moves_a_little_is_followed(matcher: Matcher) -> None:
    target, segments = encode(matcher, character(3, 2))
    match = matcher.match([reference(matcher, character())], target)
    is_sound(match, len(segments), len(segments))
    assert accuracy(match, np.arange(len(segments))) >= 0.8


@pytest.mark.parametrize("name", ["ant", "shape", "flow"])
@pytest.mark.parametrize("shift", [(40, 0), (60, 14), (25, 14)])
def test_a_figure_that_walks_is_found(name: str, shift: tuple[int, int]) -> None:
    matcher = make_matcher(name)
    target, segments = encode(matcher, character(*shift))
    match = matcher.match([reference(matcher, character())], target)
    assert accuracy(match, np.arange(len(segments))) >= 0.9


@pytest.mark.parametrize("name", ["ant", "shape", "flow"])
@pytest.mark.parametrize(("zoom", "angle"), [(0.85, 0), (1, 8), (0.9, -6)])
def test_a_figure_that_turns_is_mostly_found(name: str, zoom: float, angle: float) -> None:
    matcher = make_matcher(name)
    encoded, segments = encode(matcher, character())
    target, turned = encode(matcher, scaled(character(), zoom, angle))
    match = matcher.match([known(encoded, np.arange(len(segments), dtype=np.int32))], target)
    # Truth: what label most pixels of each segment had before the turn.
    turn = cv2.getRotationMatrix2D((120, 110), angle, zoom)
    carried = cv2.warpAffine(
        segments.labels.astype(np.uint8), turn, (240, 240), flags=cv2.INTER_NEAREST, borderValue=1
    )
    expected = [
        int(np.bincount(carried[turned.labels == label], minlength=1)[1:].argmax())
        for label in range(1, len(turned) + 1)
    ]
    assert accuracy(match, np.array(expected)) >= 0.85


def test_no_reference(matcher: Matcher) -> None:
    target, segments = encode(matcher, character())
    match = matcher.match([], target)
    is_sound(match, len(segments), 0)
    assert (match.no_match == 1).all()


def test_a_target_without_segments(matcher: Matcher) -> None:
    black = np.zeros((240, 240, 4), np.uint8)
    black[..., 3] = 255
    target, segments = encode(matcher, black)
    assert len(segments) == 0
    one = reference(matcher, character())
    is_sound(matcher.match([one], target), 0, len(one.color_ids))
    is_sound(matcher.match([], target), 0, 0)
    is_sound(matcher.match([known(target, np.zeros(0, np.int32))], target), 0, 0)


def test_a_reference_without_segments(matcher: Matcher) -> None:
    black = np.zeros((240, 240, 4), np.uint8)
    black[..., 3] = 255
    empty, _ = encode(matcher, black)
    target, segments = encode(matcher, character())
    match = matcher.match([known(empty, np.zeros(0, np.int32))], target)
    is_sound(match, len(segments), 0)
    assert (match.no_match == 1).all()
    # Beside it, another reference still counts.
    full = reference(matcher, character())
    match = matcher.match([known(empty, np.zeros(0, np.int32)), full], target)
    assert accuracy(match, np.arange(len(segments))) == 1.0


def test_a_reference_with_one_segment(matcher: Matcher) -> None:
    blank = np.full((240, 240, 4), 255, np.uint8)
    target, segments = encode(matcher, character())
    match = matcher.match([reference(matcher, blank)], target)
    is_sound(match, len(segments), 1)
    assert match.scores.argmax() == 0  # the background, label 1, is likest
    one, _ = encode(matcher, blank)
    is_sound(matcher.match([reference(matcher, character())], one), 1, len(segments))
    is_sound(matcher.match([reference(matcher, blank)], one), 1, 1)


def test_unknown_colors_get_no_score(matcher: Matcher) -> None:
    target, segments = encode(matcher, character())
    one = reference(matcher, character())
    one.color_ids[::2] = UNKNOWN
    match = matcher.match([one], target)
    is_sound(match, len(segments), len(segments))
    assert (match.scores[:, ::2] == 0).all()
    known_ones = np.arange(1, len(segments), 2)
    assert (match.scores.argmax(axis=1)[1::2] == known_ones).all()


def test_likeness_to_what_is_not_known_is_no_match(matcher: Matcher) -> None:
    target, segments = encode(matcher, character())
    whole, part, doubtful = (reference(matcher, character()) for _ in range(3))
    part.color_ids[::2] = UNKNOWN
    doubtful.trust[:] = 0.25
    assert (matcher.match([part], target).no_match[::2] > 0.5).all()
    assert (matcher.match([doubtful], target).no_match >= 0.749).all()
    before = matcher.match([whole], target).no_match
    beside = matcher.match([whole, part, doubtful], target).no_match
    assert np.allclose(beside, before, atol=1e-6)  # one that knows all settles it
    assert len(before) == len(segments)


def test_a_reference_of_unknown_colors_alone(matcher: Matcher) -> None:
    target, segments = encode(matcher, character())
    nothing = known(target, np.full(len(segments), UNKNOWN, np.int32))
    match = matcher.match([nothing], target)
    is_sound(match, len(segments), len(segments))
    assert (match.scores == 0).all()
    assert (match.no_match == 1).all()


def test_references_lie_side_by_side_in_their_order(matcher: Matcher) -> None:
    twin, other = reference(matcher, character()), reference(matcher, character(30, 12), 50)
    target, segments = encode(matcher, character())
    n, m = len(segments), len(other.color_ids)
    for references, offset in (([twin, other], 0), ([other, twin], m)):
        match = matcher.match(references, target)
        is_sound(match, n, n + m)
        # The twin is heard at least as much as the other.
        own = match.scores[:, offset : offset + n]
        assert own.sum() >= 0.499 * match.scores.sum()
        assert (own.argmax(axis=1) == np.arange(n)).all()


def test_the_order_of_references_does_not_matter(matcher: Matcher) -> None:
    one, two = reference(matcher, character(4, 1)), reference(matcher, character(10, 8), 50)
    target, _ = encode(matcher, character())
    there, back = matcher.match([one, two], target), matcher.match([two, one], target)
    n = len(one.color_ids)
    np.testing.assert_allclose(there.scores[:, :n], back.scores[:, -n:], atol=1e-6)
    np.testing.assert_allclose(there.no_match, back.no_match, atol=1e-6)


def test_the_same_reference_twice_changes_nothing(matcher: Matcher) -> None:
    one = reference(matcher, character(4, 1))
    target, _ = encode(matcher, character())
    once, twice = matcher.match([one], target), matcher.match([one, one], target)
    halves = twice.scores.reshape(len(once.scores), 2, -1)
    np.testing.assert_allclose(halves.sum(axis=1), once.scores, atol=1e-5)
    np.testing.assert_allclose(twice.no_match, once.no_match, atol=1e-5)


def test_drawings_of_other_sizes_can_be_references(matcher: Matcher) -> None:
    large = enlarged(character(), 2)
    target, segments = encode(matcher, character())
    match = matcher.match([reference(matcher, large)], target)
    is_sound(match, len(segments), len(segments))
    assert accuracy(match, np.arange(len(segments))) >= 0.9


def test_it_is_deterministic_and_leaves_its_inputs_alone(matcher: Matcher) -> None:
    one = reference(matcher, character())
    ids = one.color_ids.copy()
    target, _ = encode(matcher, character(5, 3))
    again, _ = encode(matcher, character(5, 3))
    first, second = matcher.match([one], target), matcher.match([one], again)
    assert first.scores.tobytes() == second.scores.tobytes()
    assert first.no_match.tobytes() == second.no_match.tobytes()
    np.testing.assert_array_equal(one.color_ids, ids)


@pytest.mark.parametrize("size_hw", [(1, 1), (1, 50), (50, 1), (7, 5)])
def test_tiny_drawings(matcher: Matcher, size_hw: tuple[int, int]) -> None:
    tiny = np.full((*size_hw, 4), 255, np.uint8)
    target, segments = encode(matcher, tiny)
    is_sound(matcher.match([reference(matcher, tiny)], target), len(segments), len(segments))


def test_many_segments_match_themselves(matcher: Matcher) -> None:
    sheet = Sheet(240, 240)
    for at in range(10, 231, 20):
        sheet.line((at, 10), (at, 230)).line((10, at), (230, at))
    target, segments = encode(matcher, sheet.rgba)
    assert len(segments) == 122
    match = matcher.match([reference(matcher, sheet.rgba)], target)
    # Squares that only their place tells apart: one that has learned may confuse two of them.
    least = 0.95 if matcher.name == "ant" else 1.0
    assert accuracy(match, np.arange(len(segments))) >= least


# --- the list of matchers, shares of colors -----------------------------------------------------


def test_matchers_are_made_by_name() -> None:
    assert DEFAULT_MATCHER in MATCHERS
    for name in MATCHERS:
        assert make_matcher(name).name == name


def test_an_unknown_matcher_is_told_with_the_known_ones() -> None:
    with pytest.raises(BadOption, match=r"no matcher 'magic'.*ant.*shape.*flow.*position"):
        make_matcher("magic")


def test_color_shares() -> None:
    scores = np.array([[0.1, 0.2, 0.3, 0.4], [1, 0, 0, 0]], np.float32)
    shares = color_shares(scores, np.array([2, 0, 2, UNKNOWN], np.int32))
    np.testing.assert_allclose(shares, np.array([[0.2, 0, 0.4], [0, 0, 1.0]]), rtol=1e-6)
    nothing = color_shares(np.zeros((3, 0), np.float32), np.zeros(0, np.int32))
    assert nothing.shape == (3, 0)
