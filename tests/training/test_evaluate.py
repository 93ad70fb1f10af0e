"""Validation and evaluation against counts by hand, and against each other."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from shiage.crops import CHANNELS
from shiage.data.augment import AugmentSettings
from shiage.matching import make_matcher
from shiage.models.ant import Ant
from shiage.training.evaluate import (
    AntMatcher,
    EvaluationJob,
    Scores,
    evaluate,
    score,
    to_dicts,
    to_markdown,
)
from shiage.training.frames import FrameSource, FrameTokens, find_clips
from shiage.training.validation import SCORE, Validation, nearest_right
from tests.training.toy_data import MODEL

NONE = AugmentSettings.none()


def test_scores_by_hand() -> None:
    true = np.array([0, 1, 2, 2, 3])
    predicted = np.array([0, 0, 2, 1, 3])
    areas = np.array([60, 20, 11, 10, 5])
    background = np.array([True, False, False, False, False])
    assert score(predicted, true, areas, background) == Scores(
        accuracy=3 / 5,
        accuracy_large=2 / 3,
        pixels=76 / 106,
        foreground=16 / 46,
        background_iou=60 / 80,
    )


def test_paint_of_the_papers_color_is_no_paper() -> None:
    same = np.array([0, 0, 0])
    areas = np.array([50, 10, 40])
    told = score(same, np.array([0, 0, 1]), areas, np.array([True, False, False]))
    assert told.background_iou == 50 / 90


def test_nothing_to_tell_from() -> None:
    small = score(np.array([1]), np.array([1]), np.array([4]), np.array([False]))
    assert (small.accuracy, small.accuracy_large, small.background_iou) == (1, None, None)


def test_nearest_box() -> None:
    def tokens(places: list[float], colors: list[int]) -> FrameTokens:
        count = len(places)
        boxes = np.array([(x, 0, 0.1, 0.1) for x in places], np.float32)
        return FrameTokens(
            np.zeros((count, len(CHANNELS), 8, 8), np.uint8),
            boxes,
            np.ones(count, np.int32),
            np.array(colors, np.int32),
            np.full(count, -1),
        )

    ref = tokens([-0.4, 0.0, 0.4], [7, 8, 9])
    target = tokens([0.35, -0.3, 0.1, 0.3], [9, 7, 9, 8])
    assert nearest_right(ref, target).tolist() == [True, True, False, False]


def test_only_validation_characters_validate(toy_set: Path) -> None:
    for split in ("train", "test"):
        with pytest.raises(ValueError, match="validation"):
            Validation(FrameSource(find_clips([toy_set], split), NONE), 2)


def test_both_ways_of_measuring_agree(toy_set: Path) -> None:
    torch.manual_seed(3)
    model = Ant(MODEL).eval()
    validation = Validation(FrameSource(find_clips([toy_set], "validation"), NONE), 100)
    quick = validation.measure(model, torch.device("cpu"))
    matchers = {"ant": AntMatcher(model), "position": make_matcher("position")}
    rows = evaluate(EvaluationJob([toy_set], "validation", matchers, jobs=2))
    assert {(row.source, row.distance, row.matcher) for row in rows} == {
        ("rendered", distance, name) for distance in ("next", "far") for name in matchers
    }
    for row in rows:
        place = f"validation/{row.source}/{row.distance}"
        name = "accuracy" if row.matcher == "ant" else "position"
        assert row.scores.accuracy == pytest.approx(quick[f"{place}/{name}"])
        assert row.scores.accuracy_large == pytest.approx(quick[f"{place}/{name}_large"])
    kinds = ("next", "far")
    mean = np.mean([quick[f"validation/rendered/{kind}/accuracy"] for kind in kinds])
    assert quick[SCORE] == pytest.approx(mean)


def test_tables(toy_set: Path) -> None:
    matchers = {name: make_matcher(name) for name in ("position", "shape", "flow")}
    rows = evaluate(EvaluationJob([toy_set], "test", matchers, most=3, jobs=1))
    assert [row.pairs for row in rows] == [3] * 6
    assert to_dicts(rows)[0]["scores"]["accuracy"] == rows[0].scores.accuracy
    lines = to_markdown(rows).splitlines()
    assert len(lines) == 2 + len(rows)
    assert len({line.count("|") for line in lines}) == 1
