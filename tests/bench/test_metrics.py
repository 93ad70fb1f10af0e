"""Metrics against counts by hand."""

from __future__ import annotations

import numpy as np
import pytest

from shiage.bench.metrics import (
    Judged,
    Scores,
    mean_scores,
    measure_reliability,
    precision_curve,
    score,
    unchecked_share,
    weigh_trust,
)


def judged(right: str, sure: list[float], absent: str) -> Judged:
    """Segments told as a letter each: x = yes."""
    first, second = (np.array([letter == "x" for letter in t], bool) for t in (right, absent))
    return Judged(first, np.array(sure, np.float32), second)


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


def test_means_are_over_the_frames_that_have_a_share() -> None:
    told = mean_scores([Scores(1, None, 0.5, None, None), Scores(0, 0.25, 0.75, None, None)])
    assert told == Scores(0.5, 0.25, 0.625, None, None)


def test_trust_by_hand() -> None:
    told = weigh_trust(
        judged(
            right="xx.x..",
            sure=[0.95, 0.9, 0.85, 0.4, 0.3, 0.6],
            absent="....xx",
        )
    )
    assert told.segments == 6
    assert told.absent == pytest.approx(2 / 6)
    assert told.absent_doubted == pytest.approx(1 / 2)  # the one of 0.3
    assert told.doubted == pytest.approx(2 / 6)  # 0.4 and 0.3
    assert told.doubted_wrong == pytest.approx(1 / 2)
    assert told.unchecked == pytest.approx(2 / 6)
    # 0.95 and 0.9 share a step: 0.15 short; 0.85, 0.3 and 0.6 said too much, 0.4 too little.
    assert told.calibration_error == pytest.approx((0.15 + 0.85 + 0.6 + 0.3 + 0.6) / 6, abs=1e-6)


def test_trust_of_nothing() -> None:
    told = weigh_trust(judged("", [], ""))
    assert told.segments == 0
    assert told.unchecked is told.calibration_error is told.absent is None


def test_equal_confidence_is_taken_together() -> None:
    right = np.array([True] * 99 + [False])
    sure = np.full(100, 0.9)
    assert unchecked_share(sure, right) == 1
    assert unchecked_share(sure, right, 0.995) == 0
    sure[-1] = 0.95  # the wrong one comes first
    assert unchecked_share(sure, right) == 1


def test_the_whole_share_counts_not_the_first_dip() -> None:
    # After two wrong ones in ten, many right ones make up for them.
    right = np.array([True] * 8 + [False] * 2 + [True] * 300)
    assert unchecked_share(np.linspace(1, 0, len(right)), right) == 1


def test_precision_by_share() -> None:
    right = np.array([True, False, True, False])
    sure = np.array([0.1, 0.2, 0.3, 0.4])
    assert precision_curve(sure, right, 4).tolist() == [0, 0.5, pytest.approx(1 / 3), 0.5]


def test_reliability_by_hand() -> None:
    sure = np.array([0.05, 0.15, 0.15, 1.0])
    right = np.array([False, True, False, True])
    told = measure_reliability(sure, right)
    assert told.counts.tolist() == [1, 2, 0, 0, 0, 0, 0, 0, 0, 1]
    assert told.right[[0, 1, 9]].tolist() == [0, 0.5, 1]
    assert np.isnan(told.right[2:9]).all()
    assert told.error == pytest.approx((0.05 + 2 * 0.35 + 0) / 4)


def test_segments_of_several_frames() -> None:
    both = Judged.join([judged("x", [0.5], "."), judged(".x", [0.25, 1], "x.")])
    assert both.right.tolist() == [True, False, True]
    assert both.absent.tolist() == [False, True, False]
    assert both.sure.tolist() == [0.5, 0.25, 1]
