"""What is right in painted frames, and how far confidence can be trusted; all of it counted here.

The shares of one frame are DACoN's (github kzmngt/DACoN, dacon/utils/metrics.py), so that figures
compare: they are taken frame by frame, and given as the mean over frames. What is said about
confidence is counted over the segments of all frames together.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shiage.structures import LARGE_AREA, Floats, Ints

BINS = 10
"""Steps of confidence that reliability is given in."""

DOUBTFUL = 0.5
"""Below this confidence shiage calls a segment doubtful; what it says of it is then "no match"."""

SAFE = 0.99
"""Precision that segments may be left unchecked at."""


@dataclass(frozen=True)
class Scores:
    """What is right in one frame, or the mean over frames; None where there is nothing to tell.

    Attributes:
        accuracy: share of segments (Acc).
        accuracy_large: share of segments of more than 10 px (Acc-Thresh).
        pixels: share of the area of segments (Pix-Acc).
        foreground: the same of what is not background (Pix-F-Acc).
        background_iou: intersection over union of the background's area (Pix-B-MIoU).
    """

    accuracy: float | None
    accuracy_large: float | None
    pixels: float | None
    foreground: float | None
    background_iou: float | None


@dataclass(frozen=True, eq=False)
class Judged:
    """The segments of one or several frames, in a row.

    Attributes:
        right: (N,) bool, the color is the true one.
        sure: (N,) float32 in [0, 1], confidence.
        absent: (N,) bool, no reference shows the true color.
    """

    right: NDArray[np.bool_]
    sure: Floats
    absent: NDArray[np.bool_]

    @staticmethod
    def join(parts: Sequence[Judged]) -> Judged:
        """Return the segments of several frames in a row."""
        rows = (np.concatenate([getattr(p, f.name) for p in parts]) for f in fields(Judged))
        return Judged(*rows)


@dataclass(frozen=True)
class Trust:
    """What confidence is worth, over all segments; None where there is nothing to tell.

    Attributes:
        segments: how many they are.
        absent: share whose color no reference shows.
        absent_doubted: of those, the share that is called doubtful.
        doubted: share called doubtful.
        doubted_wrong: of those, the share that is wrong.
        calibration_error: how far confidence and share right are apart, in `BINS` steps.
        unchecked: largest share that may be left unchecked, the surest first, with `SAFE` of it
            right.
    """

    segments: int
    absent: float | None
    absent_doubted: float | None
    doubted: float | None
    doubted_wrong: float | None
    calibration_error: float | None
    unchecked: float | None


@dataclass(frozen=True, eq=False)
class Reliability:
    """Confidence beside truth, in equal steps of confidence.

    Attributes:
        counts: (B,) int64, segments.
        confidence: (B,) float64, their mean confidence; nan where there are none.
        right: (B,) float64, the share of them that is right; nan where there are none.
        error: expected calibration error: how far the two are apart, mean over segments.
    """

    counts: NDArray[np.int64]
    confidence: NDArray[np.float64]
    right: NDArray[np.float64]
    error: float


def score(
    predicted: Ints, true: Ints, areas: NDArray[np.integer], background: NDArray[np.bool_]
) -> Scores:
    """Return what is right of one frame.

    Args:
        predicted: (N,) colors or color ids.
        true: (N,) colors or color ids.
        areas: (N,) pixels.
        background: (N,) bool, which segments are truly background.

    >>> score(
    ...     np.array([1, 2, 2]), np.array([1, 2, 3]), np.array([80, 10, 10]),
    ...     np.array([True, False, False]),
    ... )
    Scores(accuracy=0.66..., accuracy_large=1.0, pixels=0.9, foreground=0.5, background_iou=1.0)
    """
    right = predicted == true
    # Paint may have the paper's color: where that is right, it is not taken for paper.
    said = np.where(right, background, np.isin(predicted, true[background]))
    return Scores(
        accuracy=_share(right, np.ones(len(right))),
        accuracy_large=_share(right, areas > LARGE_AREA),
        pixels=_share(right, areas),
        foreground=_share(right, areas * ~background),
        background_iou=_share(said & background, areas * (said | background)),
    )


def mean_scores(rows: Sequence[Scores]) -> Scores:
    """Return the mean of each share over the frames that have it."""
    means = []
    for f in fields(Scores):
        values = [v for row in rows if (v := getattr(row, f.name)) is not None]
        means.append(float(np.mean(values)) if values else None)
    return Scores(*means)


def weigh_trust(judged: Judged) -> Trust:
    """Return what confidence is worth."""
    doubted = judged.sure < DOUBTFUL
    every = np.ones(len(doubted))
    return Trust(
        segments=len(doubted),
        absent=_share(judged.absent, every),
        absent_doubted=_share(doubted, judged.absent),
        doubted=_share(doubted, every),
        doubted_wrong=_share(~judged.right, doubted),
        calibration_error=measure_reliability(judged.sure, judged.right).error
        if len(doubted)
        else None,
        unchecked=unchecked_share(judged.sure, judged.right),
    )


def unchecked_share(
    sure: NDArray[np.floating], right: NDArray[np.bool_], precision: float = SAFE
) -> float | None:
    """Return the largest share of segments, the surest first, of which `precision` is right.

    Segments of equal confidence cannot be told apart: all of them are left unchecked, or none.

    Args:
        sure: (N,) confidence.
        right: (N,) bool.
        precision: in [0, 1].

    >>> unchecked_share(np.array([0.9, 0.8, 0.7, 0.6]), np.array([True, True, False, True]), 0.7)
    1.0
    >>> unchecked_share(np.array([0.9, 0.8, 0.7, 0.7]), np.array([True, True, False, True]), 0.9)
    0.5
    """
    if not len(sure):
        return None
    order = np.argsort(-sure, kind="stable")
    precise = np.cumsum(right[order]) / np.arange(1, len(order) + 1) >= precision
    last_of_equals = np.append(np.diff(sure[order]) != 0, True)
    places = np.flatnonzero(precise & last_of_equals)
    return float(places[-1] + 1) / len(order) if len(places) else 0.0


def precision_curve(
    sure: NDArray[np.floating], right: NDArray[np.bool_], steps: int = 20
) -> NDArray[np.float64]:
    """(steps,) float64: share right of the surest 1 / steps, 2 / steps, ... of all segments.

    Args:
        sure: (N,) confidence, N > 0.
        right: (N,) bool.
        steps: how many shares are returned.

    >>> precision_curve(np.array([0.9, 0.1]), np.array([True, False]), 2).tolist()
    [1.0, 0.5]
    """
    order = np.argsort(-sure, kind="stable")
    ends = np.ceil(np.arange(1, steps + 1) / steps * len(order)).astype(np.int64)
    return np.asarray(np.cumsum(right[order])[ends - 1] / ends, np.float64)


def measure_reliability(
    sure: NDArray[np.floating], right: NDArray[np.bool_], bins: int = BINS
) -> Reliability:
    """Return confidence beside truth.

    Args:
        sure: (N,) float in [0, 1].
        right: (N,) bool.
        bins: number of steps.

    >>> told = measure_reliability(np.array([0.95, 0.95, 0.35]), np.array([True, False, False]))
    >>> told.counts[[3, 9]].tolist(), told.right[[3, 9]].tolist(), round(told.error, 3)
    ([1, 2], [0.0, 0.5], 0.417)
    """
    place = np.minimum((sure * bins).astype(np.int64), bins - 1)
    counts = np.bincount(place, minlength=bins)
    sums = np.bincount(place, sure, bins), np.bincount(place, right.astype(np.float64), bins)
    empty = np.full(bins, np.nan)
    confidence, share = (np.divide(s, counts, out=empty.copy(), where=counts > 0) for s in sums)
    error = float(np.abs(sums[0] - sums[1]).sum() / max(len(sure), 1))
    return Reliability(counts, confidence, share, error)


def _share(right: NDArray[np.bool_], weights: NDArray[Any]) -> float | None:
    """Return the share of weight that is right; None if there is no weight."""
    total = float(weights.sum())
    return float((right * weights).sum()) / total if total else None
