"""What the baselines are: one to one, and all pixels against all."""

from __future__ import annotations

import numpy as np
import pytest

from shiage.bench.baselines.dense import DenseMatcher
from shiage.bench.baselines.hungarian import HungarianMatcher
from shiage.lines.lineart import extract_lineart
from shiage.lines.segments import SegmentSettings, find_segments
from shiage.matching.shape import ShapeMatcher
from shiage.structures import LineArt, Segments
from tests.drawings import Rgba, Sheet, character


def drawn(rgba: Rgba) -> tuple[LineArt, Segments]:
    lineart = extract_lineart(rgba)
    return lineart, find_segments(lineart, SegmentSettings(gap="off"))


def row_of_discs(*places: int, radius: int = 20) -> Rgba:
    sheet = Sheet(100, 400)
    for x in places:
        sheet.circle((x, 50), radius)
    return sheet.rgba


def test_two_segments_do_not_continue_the_same_one() -> None:
    # Both discs of the target are like the second one of the reference.
    sheet = Sheet(100, 400).circle((60, 50), 30).circle((200, 50), 10)
    reference, target = drawn(sheet.rgba), drawn(row_of_discs(185, 215, radius=10))
    for matcher, expected in ((ShapeMatcher(), [0, 2, 2]), (HungarianMatcher(), [0, 1, 2])):
        similarity, _ = matcher.compare(matcher.encode(*reference), matcher.encode(*target))
        assert similarity.argmax(axis=1).tolist() == expected, matcher.name
        np.testing.assert_allclose(similarity.sum(axis=1), 1, atol=1e-5)


def test_more_segments_than_the_reference_has_are_still_told() -> None:
    matcher = HungarianMatcher()
    reference, target = drawn(row_of_discs(60)), drawn(row_of_discs(60, 200, 340))
    similarity, _ = matcher.compare(matcher.encode(*reference), matcher.encode(*target))
    assert similarity.shape == (4, 2)
    np.testing.assert_allclose(similarity.sum(axis=1), 1, atol=1e-5)


@pytest.mark.parametrize("side", [16, 64, 96])
def test_dense_at_any_resolution(side: int) -> None:
    matcher = DenseMatcher(side)
    encoded = matcher.encode(*drawn(character()))
    assert encoded.features.shape[0] == encoded.members.shape[1] == side**2
    np.testing.assert_allclose(np.linalg.norm(encoded.features, axis=1), 1, rtol=1e-5)
    lineart, segments = drawn(character())
    assert encoded.members.sum(axis=1).tolist() == segments.area.tolist()
    similarity, _ = matcher.compare(encoded, encoded)
    large = segments.area > 2 * (max(lineart.size_hw) / side) ** 2
    found = similarity.argmax(axis=1) == np.arange(len(segments))
    assert found[large].mean() > 0.9
