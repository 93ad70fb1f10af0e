"""Validation against counts by hand, and against the benchmark."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from shiage.bench.contenders import Contender
from shiage.bench.protocols import parse_protocol
from shiage.bench.runner import BenchJob, run_bench
from shiage.data.augment import AugmentSettings
from shiage.data.dataset import list_clips
from shiage.matching.crops import CHANNELS
from shiage.matching.position import PositionMatcher
from shiage.models.ant import Ant
from shiage.models.matcher import AntMatcher
from shiage.training.frames import FrameSource, FrameTokens, find_clips
from shiage.training.validation import SCORE, Validation, nearest_right
from tests.training.toy_data import MODEL

NONE = AugmentSettings.none()


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


def test_both_ways_of_measuring_agree(toy_set: Path, tmp_path: Path) -> None:
    torch.manual_seed(3)
    model = Ant(MODEL).eval()
    validation = Validation(FrameSource(find_clips([toy_set], "validation"), NONE), 100)
    quick = validation.measure(model, torch.device("cpu"))
    contenders = [
        Contender("ant", "", lambda: AntMatcher(model)),
        Contender("position", "", PositionMatcher),
    ]
    protocols = [parse_protocol("next"), parse_protocol("half")]
    clips = list(list_clips(toy_set, "validation"))
    rows = run_bench(BenchJob(tmp_path, {"toy": clips}, contenders, protocols))
    assert len(rows) == 4
    for row in rows:
        place = f"validation/rendered/{'next' if row.protocol == 'next' else 'far'}"
        name = "accuracy" if row.matcher == "ant" else "position"
        assert row.scores.accuracy == pytest.approx(quick[f"{place}/{name}"])
        assert row.scores.accuracy_large == pytest.approx(quick[f"{place}/{name}_large"])
    kinds = ("next", "far")
    mean = np.mean([quick[f"validation/rendered/{kind}/accuracy"] for kind in kinds])
    assert quick[SCORE] == pytest.approx(mean)
