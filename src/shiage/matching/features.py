"""Segments to numbers that matchers compare: places, sizes, moments, neighborhoods.

Every quantity is free of the resolution: lengths are divided by the drawing's longer side.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from shiage.lines.runs import Runs, find_runs
from shiage.structures import Segments


@dataclass(frozen=True, eq=False)
class SegmentFeatures:
    """One row per segment.

    Attributes:
        box: (N, 4) float64, x0, y0, x1, y1 in units of the drawing's longer side.
        place: (N, 2) float64, centroid in units of the longer side.
        figure_place: (N, 2) float64, centroid within the box of everything drawn: 0..1 from its
            left to its right, top to bottom. Stays put when the character walks or the camera
            pulls back.
        log_size: (N,) float64, log of the square root of the area, in the same unit.
        form: (N, 5) float64, aspect, fill of the box, elongation, and the second and third of Hu's
            invariants (Hu, 1962), each squeezed to a comparable range.
        depth: (N,) float64, how many segments lie around it.
        on_border: (N,) float64, 1 where the segment touches the edge of the drawing.
        adjacency: (N, N) float64, share of each segment's contact that is with each other one;
            rows sum to 1, or 0 for a segment without neighbors.
    """

    box: NDArray[np.float64]
    place: NDArray[np.float64]
    figure_place: NDArray[np.float64]
    log_size: NDArray[np.float64]
    form: NDArray[np.float64]
    depth: NDArray[np.float64]
    on_border: NDArray[np.float64]
    adjacency: NDArray[np.float64]

    def __len__(self) -> int:
        """Return the number of segments, N."""
        return len(self.place)


def compute_features(segments: Segments) -> SegmentFeatures:
    """Return the features of all segments of a drawing."""
    count = len(segments)
    longer = float(max(segments.size_hw))
    area = segments.area.astype(np.float64)
    (runs,) = find_runs(segments.labels)
    adjacency = np.zeros((count, count))
    low, high, length = segments.neighbors.T
    adjacency[low - 1, high - 1] = length
    adjacency[high - 1, low - 1] = length
    adjacency /= np.maximum(adjacency.sum(axis=1, keepdims=True), 1)
    centroid = segments.centroid_xy.astype(np.float64)
    origin, extent = figure_box(segments)
    return SegmentFeatures(
        box=segments.box_xyxy / longer,
        place=centroid / longer,
        figure_place=(centroid - origin) / extent,
        log_size=0.5 * np.log(np.maximum(area, 1) / longer**2),
        form=_form(segments, runs),
        depth=_depth(segments),
        on_border=segments.touches_border.astype(np.float64),
        adjacency=adjacency,
    )


def figure_box(segments: Segments) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return origin (x, y) and extent (width, height) of the box around everything drawn, pixels.

    What is drawn is the ink; a blank drawing is its own figure.
    """
    ink = segments.labels == 0
    columns, rows = np.flatnonzero(ink.any(axis=0)), np.flatnonzero(ink.any(axis=1))
    height, width = segments.size_hw
    if not len(columns):
        return np.zeros(2), np.array([width, height], np.float64)
    origin = np.array([columns[0], rows[0]], np.float64)
    return origin, np.array([columns[-1], rows[-1]], np.float64) + 1 - origin


def _form(segments: Segments, runs: Runs) -> NDArray[np.float64]:
    """(N, 5) float64: what the outline looks like wherever it lies and however large it is."""
    count = len(segments)
    label = runs.value.astype(np.int64)
    inside = label > 0
    index = label[inside] - 1
    center = segments.centroid_xy.astype(np.float64)[index]
    # Pixels are unit squares: integrals of powers of x along a run in closed form, y constant.
    left = runs.start[inside] - 0.5 - center[:, 0]
    right = runs.stop[inside] - 0.5 - center[:, 0]
    y = runs.row[inside] - center[:, 1]
    power = [right - left, *((right**k - left**k) / k for k in (2, 3, 4))]

    def moment(p: int, q: int) -> NDArray[np.float64]:
        total = np.bincount(index, power[p] * y**q, count)
        scaled: NDArray[np.float64] = total / area ** (1 + (p + q) / 2)
        return scaled

    area = np.maximum(segments.area.astype(np.float64), 1)
    n20, n02, n11 = moment(2, 0), moment(0, 2) + 1 / (12 * area), moment(1, 1)
    n30, n03, n21, n12 = moment(3, 0), moment(0, 3), moment(2, 1), moment(1, 2)
    spread = np.sqrt((n20 - n02) ** 2 + 4 * n11**2)
    hu3 = (n30 - 3 * n12) ** 2 + (3 * n21 - n03) ** 2
    hu4 = (n30 + n12) ** 2 + (n21 + n03) ** 2
    width = (segments.box_xyxy[:, 2] - segments.box_xyxy[:, 0]).astype(np.float64)
    height = (segments.box_xyxy[:, 3] - segments.box_xyxy[:, 1]).astype(np.float64)
    return np.stack(
        [
            np.log(width / height),
            area / (width * height),
            np.log((n20 + n02) * 2 * np.pi) + spread / (n20 + n02),
            np.sqrt(np.sqrt(hu3)),
            np.sqrt(np.sqrt(hu4)),
        ],
        axis=1,
    )


def _depth(segments: Segments) -> NDArray[np.float64]:
    """(N,) float64: length of each segment's chain of containers."""
    depth = np.zeros(len(segments))
    parent = segments.container.astype(np.int64)
    for _ in range(len(segments)):
        if not parent.any():
            break
        depth += parent > 0
        parent = np.where(parent > 0, segments.container[parent - 1], 0)
    return depth
