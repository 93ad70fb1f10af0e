"""What is decided of some segments carried to the others of the same drawing."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from shiage.colors.palette import PAPER
from shiage.lines.lineart import extract_lineart
from shiage.lines.segments import find_segments
from shiage.painting.surroundings import Surroundings, follow_decided, survey_segments
from shiage.structures import UNKNOWN, Floats
from tests.drawings import Sheet, at


def laid(
    count: int, *, margin: Floats | None = None, gaps: Sequence[tuple[int, int]] = ()
) -> Surroundings:
    """Segments that lie in the same place."""
    place, nowhere = np.full((count, 2), 0.5, np.float32), np.zeros(count, np.float32)
    pairs = np.array(gaps, np.int32).reshape(-1, 2)
    return Surroundings(place, nowhere if margin is None else margin, pairs)


def alike(count: int, *pairs: tuple[int, int, float]) -> Floats:
    """Similarities of segments: each to itself, and some to one another."""
    found = np.eye(count)
    for one, other, likeness in pairs:
        found[one, other] = found[other, one] = likeness
        found[one, one] = found[other, other] = 1 - likeness
    return found.astype(np.float32)


def follow(
    similarity: Floats, surroundings: Surroundings, *decided: int, traced: bool = False
) -> Floats:
    """How likely each color is; `traced` parts the first two segments by a colour trace."""
    contacts = np.array([(1, 2)] if traced else [], np.int32).reshape(-1, 2)
    return follow_decided(similarity, surroundings, contacts, np.array(decided, np.int32))


def test_segment_that_looks_like_a_decided_one_follows_it() -> None:
    shares = follow(alike(3, (0, 1, 0.1)), laid(3), 2, UNKNOWN, UNKNOWN)
    assert shares[0].tolist() == [0, 0, 1]
    assert shares[1, 2] > 0.9
    assert shares[2].max() < 0.05  # nothing tells what looks like nothing


def test_likeness_is_handed_on() -> None:
    near = follow(alike(3, (0, 1, 0.1)), laid(3), 1, UNKNOWN, UNKNOWN)
    far = follow(alike(3, (0, 1, 0.1), (1, 2, 0.1)), laid(3), 1, UNKNOWN, UNKNOWN)
    assert far[2, 1] > 0.5 > near[2, 1]


def test_gaps_carry_over_and_traces_part() -> None:
    similarity = alike(2, (0, 1, 0.002))
    plain = follow(similarity, laid(2), 1, UNKNOWN)[1, 1]
    across_gap = follow(similarity, laid(2, gaps=[(1, 2)]), 1, UNKNOWN)[1, 1]
    across_trace = follow(similarity, laid(2), 1, UNKNOWN, traced=True)[1, 1]
    assert across_trace < plain < across_gap


def test_nearer_ones_count_more() -> None:
    surroundings = laid(3)
    surroundings.place_xy[:, 0] = 0.1, 0.3, 0.9
    shares = follow(alike(3, (0, 1, 0.01), (1, 2, 0.01)), surroundings, 1, UNKNOWN, 2)
    assert shares[1, 1] > shares[1, 2] > 0


def test_what_takes_much_of_the_margin_is_paper_unless_decided() -> None:
    margin = np.array([0.9, 0.02, 0], np.float32)
    shares = follow(alike(3), laid(3, margin=margin), UNKNOWN, UNKNOWN, 1)
    assert shares[0, PAPER] > 0.99
    assert shares[1].max() < 0.2
    assert follow(alike(3), laid(3, margin=margin), 2, UNKNOWN, 1)[0].tolist() == [0, 0, 1]


def test_nothing_decided_all_decided_and_no_segment() -> None:
    assert follow(alike(2), laid(2), UNKNOWN, UNKNOWN).max() == 0
    assert follow(alike(2), laid(2), 1, 0).tolist() == [[0, 1], [1, 0]]
    assert follow(alike(0), laid(0)).shape == (0, 1)


def test_survey() -> None:
    sheet = Sheet(120, 200, thickness=2)
    sheet.box((20, 20), (180, 100)).line((100, 20), (100, 56)).line((100, 62), (100, 100))
    segments = find_segments(extract_lineart(sheet.rgba))
    found = survey_segments(segments)
    paper, left, right = (at(segments, xy) for xy in ((5, 5), (50, 50), (150, 60)))
    assert found.gaps.tolist() == [sorted((left, right))]
    assert found.margin[paper - 1] == 1
    assert found.margin.sum() == 1
    assert np.allclose(found.place_xy[right - 1], (0.7, 0.3), atol=0.01)
