"""The simulated artist, against efforts counted by hand."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from shiage.bench.clicks import (
    BUCKET,
    DOUBT_FIRST,
    IN_ORDER,
    ONION_SKIN,
    ClicksJob,
    ClicksRow,
    Desk,
    count_clicks,
    finish_doubt_first,
)
from shiage.bench.contenders import Contender
from shiage.bench.predictions import DrawnClip, PaintedClip
from shiage.data.dataset import Clip, ClipInfo, list_clips, write_clip
from shiage.matching import Matcher
from shiage.structures import Floats, Ints
from tests.bench.oracle import Oracle
from tests.training.toy_data import draw_frame

COLORS = [(200, 40, 40), (40, 200, 40), (40, 40, 200), (200, 200, 40), (200, 40, 200)]
PLACES = np.array([(20, 20), (74, 22), (48, 48), (22, 74), (74, 74)])
AWAY = (-99, -99)


@pytest.fixture
def cut(tmp_path: Path) -> ClipInfo:
    """Four cels of five shapes, a ring among them; the first cel lacks the wedge."""
    frames = []
    for number in range(4):
        places = PLACES + number
        if number == 0:
            places[2] = AWAY
        frames.append(draw_frame(f"{number}", places, list(COLORS)))
    clip = Clip("toy", "CC0", "shapes", "here", 0, tuple(frames))
    write_clip(tmp_path / "cut", clip)
    (info,) = list_clips(tmp_path)
    return info


class Stubborn(Oracle):
    """Says of every segment that it continues the first of the reference: the paper."""

    name = "stubborn"

    def compare(self, reference: Ints, target: Ints) -> tuple[Floats, Floats]:
        votes = np.zeros((len(target), len(reference)), np.float32)
        votes[:, 0] = 1
        return votes, np.zeros(len(target), np.float32)


def finish(cut: ClipInfo, matcher: Matcher) -> dict[tuple[str, str], ClicksRow]:
    job = ClicksJob({"toy": [cut]}, [Contender(matcher.name, "", lambda: matcher)])
    return {(row.matcher, row.artist): row for row in count_clicks(job)}


def test_one_click_teaches_the_color_that_the_key_lacks(cut: ClipInfo) -> None:
    told = finish(cut, Oracle([cut]))
    first = told["oracle", DOUBT_FIRST]
    assert (first.cels, first.segments) == (3, 3 * 7)  # paper, five shapes, the ring's hole
    assert (first.clicks, first.looked_at) == (1, 1)
    # Cel by cel it is mended in the first of the three, and the others follow.
    in_order = told["oracle", IN_ORDER]
    assert (in_order.clicks, in_order.looked_at) == (1, 3 * 7)
    assert in_order.nearly == 7


def test_without_shiage(cut: ClipInfo) -> None:
    told = finish(cut, Oracle([cut]))
    assert told[BUCKET, ""].clicks == 3 * 6
    # Shapes that move by a pixel stay where they were; only the wedge is new.
    assert told[ONION_SKIN, ""].clicks == 1


def test_a_matcher_that_never_learns_costs_a_click_for_each_wrong_segment(cut: ClipInfo) -> None:
    told = finish(cut, Stubborn([cut]))
    for artist in (IN_ORDER, DOUBT_FIRST):
        assert told["stubborn", artist].clicks == told[BUCKET, ""].clicks == 3 * 6


def test_wrong_and_sure_is_found_last(cut: ClipInfo) -> None:
    desk = Desk(PaintedClip(DrawnClip.read(cut.folder), Oracle([cut], every=3)), [0])
    sure = [desk.least_sure()]
    assert desk.count_wrong() > 0
    effort = finish_doubt_first(desk)
    assert effort.clicks >= 1
    assert effort.looked_at >= effort.clicks
    assert effort.nearly <= effort.looked_at
    assert desk.count_wrong() == 0
    assert desk.decided[sure[0][0]][sure[0][1]]


def test_decisions_of_a_cel_are_references_for_others_and_stay(cut: ClipInfo) -> None:
    desk = Desk(PaintedClip(DrawnClip.read(cut.folder), Oracle([cut])), [0])
    (row,) = np.flatnonzero(desk.wrong(2))
    assert [int(desk.wrong(cel).sum()) for cel in range(4)] == [0, 1, 1, 1]
    desk.decided[2][row] = True
    desk.paint()
    assert desk.count_wrong() == 0
    painting = desk.paintings[2]
    assert painting is not None
    assert painting.locked.tolist() == desk.decided[2].tolist()


def test_more_keys_leave_less_to_do(cut: ClipInfo) -> None:
    oracle = Oracle([cut])
    job = ClicksJob({"toy": [cut]}, [Contender("oracle", "", lambda: oracle)])
    few, many = (count_clicks(replace(job, keys=keys)) for keys in (1, 2))
    assert {row.cels for row in few} == {3}
    assert {row.cels for row in many} == {2}
    assert sum(row.clicks for row in many if row.matcher == "oracle") == 0
