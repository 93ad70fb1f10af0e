"""Temperature and reliability against cases whose answer is known."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from shiage.bench.metrics import measure_reliability
from shiage.files.images import read_picture
from shiage.models.ant import Ant
from shiage.training.calibration import (
    TEMPERATURES,
    MatchedPair,
    draw_reliability,
    fit_temperature,
    judge,
    match_pairs,
)
from tests.training.toy_data import MODEL


def honest_pairs(count: int, *, overstated: float) -> list[MatchedPair]:
    """Pairs whose truth is drawn by the softmax of similarities, which are told too large."""
    rng = np.random.default_rng(0)
    pairs = []
    for _ in range(count):
        honest = rng.normal(0, 2, (30, 5))
        odds = np.exp(honest)
        odds /= odds.sum(axis=1, keepdims=True)
        truth = (odds.cumsum(axis=1) > rng.random((30, 1))).argmax(axis=1)
        ids = np.arange(5, dtype=np.int32)
        pairs.append(MatchedPair(overstated * honest, ids, truth.astype(np.int32)))
    return pairs


@pytest.mark.parametrize("overstated", [0.5, 1.0, 3.0])
def test_the_temperature_that_makes_it_honest_is_found(overstated: float) -> None:
    pairs = honest_pairs(200, overstated=overstated)
    found = fit_temperature(pairs)
    assert found == pytest.approx(overstated, rel=0.1)
    errors = [measure_reliability(*judge(pairs, t)).error for t in (1.0, found)]
    assert errors[1] < 0.03
    if overstated != 1:
        assert errors[0] > 2 * errors[1]


def test_confidence_is_that_of_a_color_not_of_a_segment() -> None:
    similarity = np.log([[0.3, 0.3, 0.4]])
    pair = MatchedPair(similarity, np.array([7, 7, 9], np.int32), np.array([7], np.int32))
    sure, right = judge([pair], 1.0)
    assert sure == pytest.approx([0.6])
    assert right.tolist() == [True]


def test_a_color_that_is_not_there_is_wrong() -> None:
    pair = MatchedPair(np.zeros((1, 2)), np.array([0, 1], np.int32), np.array([2], np.int32))
    assert judge([pair], 1.0)[1].tolist() == [False]
    # Where nothing is ever right, no confidence is too low.
    assert fit_temperature([pair]) == pytest.approx(TEMPERATURES[1], rel=0.5)


def test_picture(tmp_path: Path) -> None:
    told = measure_reliability(*judge(honest_pairs(3, overstated=1.0), 1.0))
    draw_reliability({"toy": told}, tmp_path / "plot.png")
    assert read_picture(tmp_path / "plot.png").size_hw == (550, 550)


def test_pairs_of_all_sources_and_distances(toy_set: Path) -> None:
    model = Ant(MODEL).eval()
    pairs = match_pairs(model, [toy_set], "train", 3)
    assert len(pairs) == 2 * 2 * 3
    for pair in pairs:
        assert pair.similarity.shape == (len(pair.target_ids), len(pair.ref_ids))
        assert set(pair.target_ids) == set(pair.ref_ids)
