"""What the learned matcher sees of a drawing: for each segment small pictures of it and a box.

A crop is a square window around the segment's box, its neighbors' lines included, of S x S cells.
There are two: a close one, with lines in color, since colour traces say what is shadow and what
highlight; and the context, a wider one, which tells small segments of the same form apart. Each
cell says what share of it is covered: by lines, and by the segment. All are exact area averages,
however the window falls upon the pixels: a strand of hair two pixels wide still shows in a window
of several hundred.

No loop over segments: a mean over a cell is four corners of an integral image. The lines' integral
image is that of the picture; a segment's is never drawn in full, but summed up, at the corners of
its cells, from the rectangles it is made of, its row runs.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from shiage.lines.lineart import TRACE_HUES
from shiage.lines.runs import Runs, find_runs
from shiage.structures import ByteMap, Floats, LineArt, Segments

CROP_SIZE = 32
"""Cells along a side of a crop, as in the paper."""

CHANNELS = ("red", "green", "blue", "segment", "context lines", "context segment")
"""Of a crop. The first three say how much of that light the lines take away: black lines all of it,
red ones green and blue."""

MARGIN = 1.25
"""Side of a close window in units of the longer side of the segment's box."""

LEAST_WINDOW = 1 / 16
"""No window is smaller than this share of the drawing's longer side."""

CONTEXT = 4
"""Side of the context in units of that of the close window."""

MOST_CONTEXT = 1.25
"""The context is no larger than this share of the drawing's longer side, unless the close window
is."""


@dataclass(frozen=True, eq=False)
class SegmentTokens:
    """The segments of one drawing as the learned matcher sees them.

    Attributes:
        crops: (N, C, S, S) uint8, 0..255 covered; channels as in `CHANNELS`. Outside the picture
            nothing is covered.
        boxes: (N, 4) float32: center x, center y, width, height of each segment's box in units of
            the drawing's longer side; centers are measured from the middle of the picture, so all
            four are free of the resolution and of blank paper added evenly around.
    """

    crops: ByteMap
    boxes: Floats

    def __post_init__(self) -> None:
        n, size = len(self.boxes), self.crops.shape[-1]
        if self.crops.shape != (n, len(CHANNELS), size, size) or self.crops.dtype != np.uint8:
            raise ValueError(f"crops: found {self.crops.dtype} {self.crops.shape} for {n} boxes")
        if self.boxes.shape != (n, 4) or self.boxes.dtype != np.float32:
            raise ValueError(f"boxes: found {self.boxes.dtype} {self.boxes.shape}")

    def __len__(self) -> int:
        """Return the number of segments, N."""
        return len(self.boxes)


def make_tokens(lineart: LineArt, segments: Segments, size: int = CROP_SIZE) -> SegmentTokens:
    """Return crops and boxes of all segments of a drawing.

    Args:
        lineart: of the drawing.
        segments: its N segments.
        size: S, cells along a side of a crop.
    """
    height, width = segments.size_hw
    longer = max(height, width)
    box = segments.box_xyxy.astype(np.float64)
    center, extent = (box[:, :2] + box[:, 2:]) / 2, box[:, 2:] - box[:, :2]
    close = np.maximum(MARGIN * extent.max(axis=1), LEAST_WINDOW * longer)  # (N,)
    context = np.maximum(np.minimum(CONTEXT * close, MOST_CONTEXT * longer), close)
    (runs,) = find_runs(segments.labels)
    lines = _integrate(lineart.coverage)
    crops = np.empty((len(segments), len(CHANNELS), size, size), np.uint8)
    colored = _integrate_colors(lineart, lines)
    for first, window, maps in ((0, close, colored), (len(colored) + 1, context, [lines])):
        cell = window / size
        corner = center - window[:, None] / 2  # (N, 2) x, y
        averages = [_average(integral, corner, cell, size) for integral in maps]
        averages.append(255 * _average_masks(runs, corner, cell, size))
        for channel, average in enumerate(averages, start=first):
            np.rint(average, out=crops[:, channel], casting="unsafe")
    boxes = np.concatenate([center - [width / 2, height / 2], extent], axis=1) / longer
    return SegmentTokens(crops, boxes.astype(np.float32))


def _integrate(values: ByteMap) -> NDArray[np.float64]:
    """(H + 1, W + 1) float64: sums of all pixels above and left."""
    return np.asarray(cv2.integral(values, sdepth=cv2.CV_64F), np.float64)


def _integrate_colors(lineart: LineArt, lines: NDArray[np.float64]) -> list[NDArray[np.float64]]:
    """Return the integral images of the red, green and blue light that lines take away.

    Args:
        lineart: of the drawing.
        lines: integral image of its coverage.
    """
    if not lineart.trace.any():
        return [lines] * 3
    taken = np.full((3, 256), 255, np.uint8)  # by number of the trace hue
    for number, hue in enumerate(TRACE_HUES, start=1):
        taken[:, number] = np.rint(255 * (1 - hue.pure_color))
    return [
        _integrate(np.asarray(cv2.multiply(lineart.coverage, share, scale=1 / 255), np.uint8))
        for share in (cv2.LUT(lineart.trace, table) for table in taken)
    ]


def _average(
    integral: NDArray[np.float64],
    corner: NDArray[np.float64],
    cell: NDArray[np.float64],
    size: int,
) -> NDArray[np.float64]:
    """(N, S, S) float64 in [0, 255]: mean over each cell of what an integral image sums up.

    Between pixel corners an integral image of square pixels is bilinear, so reading it there is
    exact.
    """
    height, width = integral.shape[0] - 1, integral.shape[1] - 1
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
    runs: Runs, corner: NDArray[np.float64], cell: NDArray[np.float64], size: int
) -> NDArray[np.float64]:
    """(N, S, S) float64 in [0, 1]: share of each cell that belongs to the segment.

    A row run is a rectangle, and a rectangle is what two running sums, down and across, make of
    four points: +1 at two opposite corners, -1 at the others. A point between the corners of cells
    is shared out among the four around it, in proportion to nearness, and each cell then comes out
    covered to its exact share.
    """
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
    points = np.bincount(np.concatenate(where), np.concatenate(amount), len(cell) * side * side)
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
