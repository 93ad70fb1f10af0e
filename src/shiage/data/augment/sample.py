"""What augmentation works on, and how its label map is kept true to its line art."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from shiage.data.dataset import Frame
from shiage.lines.lineart import choose_threshold, flatten_on_white
from shiage.lines.runs import Runs, find_runs
from shiage.lines.segments import SegmentSettings
from shiage.structures import BoolMap, ByteMap, Ints, LabelMap

Rgba = NDArray[np.uint8]

MIN_AREA = SegmentSettings().min_area
"""Smaller segments do not stay: the same limit as where segments are found in a drawing."""

MAX_RINGS = 24
"""How far labels grow into paper that lost its line, pixels from each side."""


@dataclass(frozen=True, eq=False)
class Sample:
    """One drawing of a training pair. Row i of `regions` and `colors` describes label i + 1.

    Attributes:
        line: (H, W, 4) uint8 RGBA, opaque: the line art on white paper.
        labels: (H, W) int32, 0 = ink, 1..N = segment. Where a line has an opening two segments
            touch without ink between them. Paper that no segment reaches, a speck among lines
            or a hole in solid black, is 0, too.
        regions: (N,) region id of each segment, None where only the color is known.
        colors: (N, 3) uint8 RGB.
    """

    line: Rgba
    labels: LabelMap
    regions: tuple[str | None, ...]
    colors: NDArray[np.uint8]

    def __post_init__(self) -> None:
        size, n = self.labels.shape, len(self.regions)
        if self.line.shape != (*size, 4) or self.colors.shape != (n, 3):
            raise ValueError(
                f"line {self.line.shape}, labels {size}, {n} regions, colors {self.colors.shape}"
            )

    def __len__(self) -> int:
        """Return the number of segments, N."""
        return len(self.regions)

    @classmethod
    def from_frame(cls, frame: Frame) -> Sample:
        """Return what training needs of a frame."""
        line = np.full_like(frame.line, 255)
        line[..., :3] = flatten_on_white(frame.line)
        return cls(line, frame.labels, frame.regions, frame.colors)


def line_coverage(line: Rgba) -> ByteMap:
    """(H, W) uint8: 0 = white paper, 255 = full line."""
    red, green, blue, _ = cv2.split(line)
    return np.asarray(cv2.bitwise_not(cv2.min(cv2.min(red, green), blue)), np.uint8)


def find_ink(line: Rgba) -> BoolMap:
    """(H, W) bool: what `extract_lineart` calls ink, in less time since the paper is white."""
    coverage = line_coverage(line)
    return coverage >= choose_threshold(coverage)


def settle(sample: Sample) -> Sample:
    """Return the sample with a label map that agrees with its line art again.

    For operations that moved or changed lines, whose label map holds 1..N but maybe not all of
    them, nor only on paper:

    * ink is 0;
    * paper without a label takes that of the paper beside it, ring by ring, never across ink: so
      labels meet in the middle of a line that is gone;
    * each 4-connected piece of a label is a segment with that label's region and color;
    * pieces of less than `MIN_AREA` pixels go to what they touch; alone among ink they become 0.
    """
    paper = ~find_ink(sample.line)
    labels = np.where(paper, sample.labels, 0).astype(np.int32)
    _grow(labels, paper)
    (runs,) = find_runs(labels)
    pieces = _connect_runs(runs)
    area = np.bincount(pieces, runs.length)
    kept = np.flatnonzero((area >= MIN_AREA)[pieces] & (runs.value != 0))
    found, first = np.unique(pieces[kept], return_index=True)
    order = np.argsort(first)
    number = np.zeros(len(area), np.int32)
    number[found[order]] = np.arange(1, len(found) + 1)
    source = runs.value[kept[first[order]]].astype(np.int64) - 1
    of_run = np.zeros(len(pieces), np.int32)
    of_run[kept] = number[pieces[kept]]
    labels = np.repeat(of_run, runs.length).reshape(labels.shape)
    _grow(labels, paper)
    return Sample(
        line=sample.line,
        labels=labels,
        regions=tuple(sample.regions[row] for row in source),
        colors=sample.colors[source],
    )


def _grow(labels: LabelMap, paper: BoolMap) -> None:
    """Give paper pixels without a label the largest one beside them, ring by ring, in place."""
    height, width = labels.shape
    flat = labels.ravel()
    empty = np.flatnonzero(paper.ravel() & (flat == 0))
    for _ in range(MAX_RINGS):
        if not len(empty):
            return
        y, x = np.divmod(empty, width)
        found = np.maximum.reduce(
            [
                flat[np.where(y > 0, empty - width, empty)],
                flat[np.where(y < height - 1, empty + width, empty)],
                flat[np.where(x > 0, empty - 1, empty)],
                flat[np.where(x < width - 1, empty + 1, empty)],
            ]
        )
        reached = found > 0
        if not reached.any():
            return
        flat[empty[reached]] = found[reached]
        empty = empty[~reached]


def _connect_runs(runs: Runs) -> Ints:
    """(R,) int32: the 4-connected piece of equal labels that each run belongs to, from 0 on."""
    count = len(runs.value)
    width = int(runs.stop[-1]) if count else 0
    begin = runs.row * width + runs.start
    end = begin + runs.length
    # Of two overlapping runs in neighboring rows, one begins within the other.
    above = np.searchsorted(begin, np.maximum(begin - width, 0), side="right") - 1
    below = np.searchsorted(begin, np.minimum(begin + width, end[-1] - 1), side="right") - 1
    here = np.arange(count)
    one, two = np.concatenate([here, here]), np.concatenate([above, below])
    same = (runs.value[one] == runs.value[two]) & (runs.row[one] != runs.row[two])
    one, two = one[same & (runs.value[one] != 0)], two[same & (runs.value[one] != 0)]
    graph = coo_array((np.ones(len(one), bool), (one, two)), shape=(count, count))
    pieces: Ints = connected_components(graph, directed=False)[1]
    return pieces
