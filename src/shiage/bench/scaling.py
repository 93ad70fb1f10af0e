"""Time and memory against the number of segments and against resolution: O(MN) beside O((HW)²).

A matcher compares segments with segments; the dense one compares pixels with pixels. Each is asked
for one match of two drawings of N segments, at several N and at several resolutions, in a process
of its own, so that its peak of memory is its own. Exponents are the slopes of straight lines fitted
to the logarithms of the largest sizes, where time is no longer what every call costs.
"""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Sequence
from multiprocessing import get_context
from pathlib import Path

import cv2
import msgspec
import numpy as np

from shiage.bench.baselines.dense import DenseMatcher
from shiage.lines.lineart import extract_lineart
from shiage.lines.segments import SegmentSettings, find_segments
from shiage.matching import MATCHERS, PairwiseMatcher
from shiage.progress import Progress, no_progress
from shiage.structures import LineArt, Segments

SEGMENTS = "segments"
PIXELS = "pixels"

COUNTS = (32, 64, 128, 256, 512, 1024)
SIDES = (256, 512, 1024, 2048)
FIXED_SIDE, FIXED_COUNT = 1024, 100
DENSE_SHARE = 1 / 16
"""Side of the dense matcher's maps in units of the drawing's: DEVC works at a reduced resolution,
too, but one that keeps the lines."""

LEAST_SECONDS = 0.3
"""Calls are repeated for so long, and the fastest counts."""


class ScalingPoint(msgspec.Struct, frozen=True):
    """One matcher, one size.

    Attributes:
        matcher: its name.
        against: "segments" or "pixels": what grows.
        size: number of segments of each drawing, or pixels of each.
        seconds: for one match, drawings encoded already.
        megabytes: by which the match raised the process's peak of memory.
    """

    matcher: str
    against: str
    size: int
    seconds: float
    megabytes: float


def measure_scaling(
    counts: Sequence[int] = COUNTS,
    sides: Sequence[int] = SIDES,
    progress: Progress = no_progress,
) -> list[ScalingPoint]:
    """Return time and memory of `ant` and `dense` at all sizes."""
    work = [(name, SEGMENTS, FIXED_SIDE, count) for name in ("ant", "dense") for count in counts]
    work += [(name, PIXELS, side, FIXED_COUNT) for name in ("ant", "dense") for side in sides]
    points = []
    for done, item in enumerate(work, start=1):
        # A process of its own for each, or the peak would be that of the largest before.
        with get_context("spawn").Pool(1) as pool:
            points.append(pool.apply(_measure, item))
        progress(f"{item[0]}, {item[1]}", done, len(work))
    return points


def fit_exponent(sizes: Sequence[float], values: Sequence[float], last: int = 3) -> float:
    """Return the power of size that values grow by, fitted to the logarithms of the last points.

    >>> round(fit_exponent([1, 2, 4, 8], [5.0, 1.0, 4.0, 16.0]), 6)
    2.0
    """
    x, y = np.log(sizes[-last:]), np.log(np.maximum(values[-last:], 1e-9))
    return float(np.polyfit(x, y, 1)[0])


def exponents(points: Sequence[ScalingPoint]) -> dict[tuple[str, str], tuple[float, float]]:
    """Return by matcher and what grows the exponents of time and of memory."""
    found = {}
    for key, row in group_points(points).items():
        sizes = [point.size for point in row]
        seconds, megabytes = ([getattr(p, name) for p in row] for name in ("seconds", "megabytes"))
        found[key] = fit_exponent(sizes, seconds), fit_exponent(sizes, megabytes)
    return found


def draw_grid(side: int, count: int) -> tuple[LineArt, Segments]:
    """Return a drawing of about `count` cells, their borders shaken so that no two are equal."""
    across = max(1, round(np.sqrt(count)))
    down = max(1, -(-count // across))
    rng = np.random.default_rng(count)
    x, y = np.linspace(0, side - 1, across + 1), np.linspace(0, side - 1, down + 1)
    corners = np.stack(np.meshgrid(x, y), axis=-1)  # (down + 1, across + 1, 2)
    shaken = 0.25 * side / max(across, down) * rng.uniform(-1, 1, corners.shape)
    shaken[0, :, 1] = shaken[-1, :, 1] = shaken[:, 0, 0] = shaken[:, -1, 0] = 0
    points = np.rint(corners + shaken).astype(np.int32)
    line = np.full((side, side, 4), 255, np.uint8)
    strokes = [np.ascontiguousarray(way) for way in (*points, *points.transpose(1, 0, 2))]
    cv2.polylines(line, strokes, False, (0, 0, 0, 255), max(1, side // 512))
    lineart = extract_lineart(line)
    return lineart, find_segments(lineart, SegmentSettings(gap="off", min_area=1))


def _measure(matcher: str, against: str, side: int, count: int) -> ScalingPoint:
    """Return time and memory of one match."""
    cv2.setNumThreads(1)
    lineart, segments = draw_grid(side, count)
    found = DenseMatcher(round(DENSE_SHARE * side)) if matcher == "dense" else MATCHERS[matcher]()
    assert isinstance(found, PairwiseMatcher)  # noqa: S101  all of them are
    encoded = found.encode(lineart, segments)
    before = _peak()
    seconds: list[float] = []
    until = time.perf_counter() + LEAST_SECONDS
    while not seconds or time.perf_counter() < until:
        start = time.perf_counter()
        found.compare(encoded, encoded)
        seconds.append(time.perf_counter() - start)
    size = len(segments) if against == SEGMENTS else side * side
    return ScalingPoint(matcher, against, size, min(seconds), max(_peak() - before, 0.01))


def _peak() -> float:
    """Return the most memory that this process has had so far, megabytes."""
    status = Path("/proc/self/status")
    if status.exists():  # on Linux, where `ru_maxrss` begins at what the parent process had
        return int(status.read_text(encoding="utf-8").partition("VmHWM:")[2].split()[0]) / 1e3
    unit = 1e6 if sys.platform == "darwin" else 1e3
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit


def group_points(points: Sequence[ScalingPoint]) -> dict[tuple[str, str], list[ScalingPoint]]:
    """Return the points by matcher and by what grows, in order of size."""
    grouped: dict[tuple[str, str], list[ScalingPoint]] = {}
    for point in sorted(points, key=lambda point: point.size):
        grouped.setdefault((point.matcher, point.against), []).append(point)
    return grouped
