"""What the learned matcher sees of a drawing: for each segment a small crop and a box.

A crop is a square window around the segment's box, its neighbors' lines included, of S x S cells.
Each cell of its two channels says what share of the cell is covered: by lines, and by the segment.
Both are exact area averages, however the window falls upon the pixels: a strand of hair two pixels
wide still shows in a window of several hundred.

No loop over segments: a mean over a cell is four corners of an integral image. The lines' integral
image is that of the picture; a segment's is never drawn in full, but summed up, at the corners of
its cells, from the rectangles it is made of, its row runs.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from shiage.runs import find_runs
from shiage.structures import ByteMap, Floats, Segments

CROP_SIZE = 32
"""Cells along a side of a crop, as in the paper."""

MARGIN = 1.25
"""Side of a window in units of the longer side of the segment's box."""

LEAST_WINDOW = 1 / 16
"""No window is smaller than this share of the drawing's longer side: what tells small segments
apart is what lies around them."""


@dataclass(frozen=True, eq=False)
class SegmentTokens:
    """The segments of one drawing as the learned matcher sees them.

    Attributes:
        crops: (N, 2, S, S) uint8, 0..255 covered; channel 0 lines, channel 1 the segment itself.
            Outside the picture nothing is covered.
        boxes: (N, 4) float32: center x, center y, width, height of each segment's box in units of
            the drawing's longer side; centers are measured from the middle of the picture, so all
            four are free of the resolution and of blank paper added evenly around.
    """

    crops: ByteMap
    boxes: Floats

    def __post_init__(self) -> None:
        n, size = len(self.boxes), self.crops.shape[-1]
        if self.crops.shape != (n, 2, size, size) or self.crops.dtype != np.uint8:
            raise ValueError(f"crops: found {self.crops.dtype} {self.crops.shape} for {n} boxes")
        if self.boxes.shape != (n, 4) or self.boxes.dtype != np.float32:
            raise ValueError(f"boxes: found {self.boxes.dtype} {self.boxes.shape}")

    def __len__(self) -> int:
        """Return the number of segments, N."""
        return len(self.boxes)


def make_tokens(coverage: ByteMap, segments: Segments, size: int = CROP_SIZE) -> SegmentTokens:
    """Return crops and boxes of all segments of a drawing.

    Args:
        coverage: (H, W) uint8, 0 = bare paper, 255 = full line, as `LineArt.coverage`.
        segments: the N segments of the drawing.
        size: S, cells along a side of a crop.
    """
    height, width = segments.size_hw
    longer = max(height, width)
    box = segments.box_xyxy.astype(np.float64)
    center, extent = (box[:, :2] + box[:, 2:]) / 2, box[:, 2:] - box[:, :2]
    window = np.maximum(MARGIN * extent.max(axis=1), LEAST_WINDOW * longer)  # (N,)
    cell = window / size
    corner = center - window[:, None] / 2  # (N, 2) x, y
    lines = _average_lines(coverage, corner, cell, size) / 255
    masks = _average_masks(segments, corner, cell, size)
    crops = np.stack([lines, masks], axis=1)  # (N, 2, S, S)
    boxes = np.concatenate([center - [width / 2, height / 2], extent], axis=1) / longer
    return SegmentTokens(np.rint(255 * crops).astype(np.uint8), boxes.astype(np.float32))


def _average_lines(
    coverage: ByteMap, corner: NDArray[np.float64], cell: NDArray[np.float64], size: int
) -> NDArray[np.float64]:
    """(N, S, S) float64 in [0, 255]: mean coverage of each cell.

    Between pixel corners an integral image of square pixels is bilinear, so reading it there is
    exact.
    """
    height, width = coverage.shape
    integral = cv2.integral(coverage, sdepth=cv2.CV_64F)  # (H + 1, W + 1)
    edge = np.arange(size + 1) * cell[:, None]  # (N, S + 1)
    x = np.clip(corner[:, :1] + edge, 0, width)
    y = np.clip(corner[:, 1:] + edge, 0, height)
    left = np.minimum(x.astype(np.int64), width - 1)
    top = np.minimum(y.astype(np.int64), height - 1)
    right_share, low_share = (x - left)[:, None, :], (y - top)[:, :, None]
    at = top[:, :, None] * (width + 1) + left[:, None, :]  # (N, S + 1, S + 1)
    flat = integral.ravel()
    upper, lower = (flat[i] + right_share * (flat[i + 1] - flat[i]) for i in (at, at + width + 1))
    covered = upper + low_share * (lower - upper)
    inside = np.diff(np.diff(covered, axis=1), axis=2)
    mean: NDArray[np.float64] = inside / (cell**2)[:, None, None]
    return np.clip(mean, 0, 255)


def _average_masks(
    segments: Segments, corner: NDArray[np.float64], cell: NDArray[np.float64], size: int
) -> NDArray[np.float64]:
    """(N, S, S) float64 in [0, 1]: share of each cell that belongs to the segment.

    A row run is a rectangle, and a rectangle is what two running sums, down and across, make of
    four points: +1 at two opposite corners, -1 at the others. A point between the corners of cells
    is shared out among the four around it, in proportion to nearness, and each cell then comes out
    covered to its exact share.
    """
    (runs,) = find_runs(segments.labels)
    inside = np.flatnonzero(runs.value)
    index = runs.value[inside].astype(np.int64) - 1  # (R,) segment of each run
    row, per_cell = runs.row[inside], 1 / cell[index]
    left, top = corner[index, 0], corner[index, 1]
    side = size + 1  # points past the window's last cell fall into a row and a column left out
    first = index * side * side
    where, amount = [], []
    for y, y_sign in ((row, 1.0), (row + 1, -1.0)):
        for y_at, y_part in _share_out((y - top) * per_cell, size):
            for x, x_sign in ((runs.start[inside], 1.0), (runs.stop[inside], -1.0)):
                for x_at, x_part in _share_out((x - left) * per_cell, size):
                    where.append(first + y_at * side + x_at)
                    amount.append(y_sign * x_sign * y_part * x_part)
    points = np.bincount(np.concatenate(where), np.concatenate(amount), len(segments) * side * side)
    sums = points.reshape(-1, side, side).cumsum(axis=1).cumsum(axis=2)
    covered: NDArray[np.float64] = np.clip(sums[:, :size, :size], 0, 1)
    return covered


def _share_out(
    place: NDArray[np.float64], size: int
) -> tuple[tuple[NDArray[np.int64], NDArray[np.float64]], ...]:
    """Return the two corners of cells around each place, with the share of each.

    Places are in cells; a window holds its segment, so that none lies outside [0, size].
    """
    before = np.minimum(place.astype(np.int64), size - 1)
    beyond = place - before
    return (before, 1 - beyond), (before + 1, beyond)
