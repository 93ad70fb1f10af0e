"""Where things lie: flips, crops, turns, warps and resolution, taken together in one resampling.

An operation here is a map from pixels of the result to places in the source. The affine ones are
multiplied into one matrix and a warp is added to it, so that a drawing is resampled only once.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import RBFInterpolator

from shiage.data.augment.sample import Sample, settle
from shiage.data.dataset import BACKGROUND
from shiage.lines.lineart import extract_lineart

Matrix = NDArray[np.float64]

GRID_STEP = 16
"""Pixels between the points at which a warp is computed; linear between them."""

LEAST_STRETCH = 0.5
"""A warp squeezes nothing to less than this share of its length, so that it never folds."""

SHRINK_FROM = 1.25
"""Source pixels per pixel from which lines are averaged down before they are resampled."""


@dataclass(frozen=True, eq=False)
class Placement:
    """Where the pixels of the result come from.

    Attributes:
        matrix: (3, 3) float64, from (x, y, 1) of the result to (x, y, 1) of the source; pixel
            centers are whole numbers.
        size_hw: of the result.
        warp: (H, W, 2) float32, what is added to (x, y) of the result before the matrix; None: 0.
    """

    matrix: Matrix
    size_hw: tuple[int, int]
    warp: NDArray[np.float32] | None = None

    @classmethod
    def identity(cls, size_hw: tuple[int, int]) -> Placement:
        """Return the one that leaves a picture as it is."""
        return cls(np.eye(3), size_hw)

    def through(self, matrix: Matrix) -> Placement:
        """Return this placement with another step taken before: result to `matrix` to source."""
        return replace(self, matrix=self.matrix @ matrix)


def place(sample: Sample, placement: Placement) -> Sample:
    """Return the sample resampled; what comes from outside is background.

    Where the source's edge comes into sight, a line closes the segments that it cuts, as an artist
    would close them: otherwise they would leak into the bare paper beside them.
    """
    same_size = sample.labels.shape == placement.size_hw
    if placement.warp is None and same_size and np.array_equal(placement.matrix, np.eye(3)):
        return sample
    if _shows_outside(placement, sample.labels.shape):
        sample, outside = _close_edge(sample)
    else:
        outside = 0
    labels = _resample(
        sample.labels.astype(np.uint16), placement, placement.matrix, cv2.INTER_NEAREST, outside
    )
    line, matrix = sample.line, placement.matrix
    shrink = float(np.sqrt(abs(np.linalg.det(matrix[:2, :2]))))
    if shrink >= SHRINK_FROM:
        small_wh = (round(line.shape[1] / shrink), round(line.shape[0] / shrink))
        small_wh = (max(1, small_wh[0]), max(1, small_wh[1]))
        ratio_xy = (small_wh[0] / line.shape[1], small_wh[1] / line.shape[0])
        line = cv2.resize(line, small_wh, interpolation=cv2.INTER_AREA).astype(np.uint8)
        matrix = scaling(*ratio_xy) @ matrix
    line = _resample(line, placement, matrix, cv2.INTER_LINEAR, 255)
    return settle(replace(sample, line=line, labels=labels.astype(np.int32)))


def flip(sample: Sample) -> Sample:
    """Return the mirror image."""
    return replace(
        sample,
        line=np.ascontiguousarray(sample.line[:, ::-1]),
        labels=np.ascontiguousarray(sample.labels[:, ::-1]),
    )


def scaling(x: float, y: float) -> Matrix:
    """(3, 3) float64: scales a picture about its corner, which is half a pixel off its centers."""
    return np.array([[x, 0, x / 2 - 0.5], [0, y, y / 2 - 0.5], [0, 0, 1]])


def shifting(x: float, y: float) -> Matrix:
    """(3, 3) float64: adds (x, y)."""
    return np.array([[1, 0, x], [0, 1, y], [0, 0, 1]], np.float64)


def turning(
    size_hw: tuple[int, int], degrees: float, scale: float, shift_xy: tuple[float, float]
) -> Matrix:
    """(3, 3) float64: from the result to the source when the drawing is turned about its center.

    Args:
        size_hw: of the drawing.
        degrees: clockwise.
        scale: above 1 enlarges.
        shift_xy: in shares of the longer side, right and down.
    """
    height, width = size_hw
    longer = max(height, width)
    angle = np.deg2rad(degrees)
    cosine, sine = np.cos(angle) / scale, np.sin(angle) / scale
    turn = np.array([[cosine, sine, 0], [-sine, cosine, 0], [0, 0, 1]])
    center = shifting((width - 1) / 2, (height - 1) / 2)
    back = shifting(-shift_xy[0] * longer, -shift_xy[1] * longer)
    matrix: Matrix = center @ turn @ np.linalg.inv(center) @ back
    return matrix


def window(size_hw: tuple[int, int], box_xyxy: tuple[float, float, float, float]) -> Matrix:
    """(3, 3) float64: fills the picture with a box of the source."""
    height, width = size_hw
    x0, y0, x1, y1 = box_xyxy
    return shifting(x0, y0) @ scaling((x1 - x0) / width, (y1 - y0) / height)


def random_window(
    size_hw: tuple[int, int], area: float, rng: np.random.Generator
) -> tuple[float, float, float, float]:
    """Return a box of the picture's aspect somewhere in it, with that share of its area."""
    height, width = size_hw
    side = float(np.sqrt(area))
    x, y = rng.uniform(0, 1 - side, 2) * (width, height)
    return x, y, x + side * width, y + side * height


def content_window(sample: Sample, margin: float) -> tuple[float, float, float, float]:
    """Return the box of the picture's aspect around everything drawn.

    Args:
        sample: whose labels say where ink is; a blank drawing is kept whole.
        margin: on each side, in shares of the longer side of what is drawn.
    """
    height, width = sample.labels.shape
    ink = sample.labels == 0
    columns, rows = np.flatnonzero(ink.any(axis=0)), np.flatnonzero(ink.any(axis=1))
    if not len(columns):
        return 0, 0, width, height
    extent = np.array([columns[-1] + 1 - columns[0], rows[-1] + 1 - rows[0]], np.float64)
    half = extent / 2 + margin * extent.max()
    half = np.maximum(half, half[::-1] * (width / height, height / width))
    center_x, center_y = (columns[0] + columns[-1] + 1) / 2, (rows[0] + rows[-1] + 1) / 2
    return center_x - half[0], center_y - half[1], center_x + half[0], center_y + half[1]


def random_warp(
    size_hw: tuple[int, int], points: int, amplitude: float, rng: np.random.Generator
) -> NDArray[np.float32]:
    """(H, W, 2) float32: a thin-plate spline through points moved at random, in pixels (x, y).

    Args:
        size_hw: of the picture.
        points: control points, scattered evenly over the picture.
        amplitude: how far a point moves at most in each direction, in shares of the longer side;
            less where the warp would fold.
        rng: decides.
    """
    height, width = size_hw
    longer = max(height, width)
    side = int(np.ceil(np.sqrt(points)))
    cells = rng.permutation(side * side)[:points]
    jitter = rng.uniform(0.2, 0.8, (points, 2))
    control = (np.stack(np.divmod(cells, side)[::-1], axis=1) + jitter) * (width, height) / side
    moved = rng.uniform(-amplitude, amplitude, (points, 2)) * longer
    spline = RBFInterpolator(control, moved, kernel="thin_plate_spline", degree=1)
    # One cell more than the picture on each side, so that its edges are not extrapolated.
    grid_hw = (-(-height // GRID_STEP) + 2, -(-width // GRID_STEP) + 2)
    y, x = ((np.arange(n) - 0.5) * GRID_STEP - 0.5 for n in grid_hw)
    grid = np.stack(np.meshgrid(x, y), axis=-1)
    coarse = spline(grid.reshape(-1, 2)).reshape(grid.shape).astype(np.float32)
    coarse *= _gentleness(coarse)
    wide_wh = (grid_hw[1] * GRID_STEP, grid_hw[0] * GRID_STEP)
    fine = cv2.resize(coarse, wide_wh, interpolation=cv2.INTER_LINEAR)
    inner = fine[GRID_STEP : GRID_STEP + height, GRID_STEP : GRID_STEP + width]
    return np.ascontiguousarray(inner, np.float32)


def _gentleness(coarse: NDArray[np.float32]) -> float:
    """Return by what to multiply a displacement so that it squeezes no more than allowed."""
    slope_y, slope_x = (np.gradient(coarse, GRID_STEP, axis=axis) for axis in (0, 1))
    jacobian = np.stack([slope_x, slope_y], axis=-1)
    strength = float(np.linalg.norm(jacobian, axis=(-2, -1)).max())
    return min(1.0, (1 - LEAST_STRETCH) / max(strength, 1e-6))


def _resample(
    picture: NDArray[np.integer], placement: Placement, matrix: Matrix, how: int, outside: int
) -> NDArray[np.uint8]:
    """Return the picture taken through a placement, whose matrix may have been adapted to it."""
    height, width = placement.size_hw
    fill = (outside,) * 4
    if placement.warp is None:
        found = cv2.warpAffine(
            picture,
            matrix[:2],
            (width, height),
            flags=how | cv2.WARP_INVERSE_MAP,
            borderMode=cv2.BORDER_CONSTANT,
            borderValue=fill,
        )
        return np.asarray(found)
    x = placement.warp[..., 0] + np.arange(width, dtype=np.float32)
    y = placement.warp[..., 1] + np.arange(height, dtype=np.float32)[:, None]
    row_x, row_y = matrix[:2].astype(np.float32)
    found = cv2.remap(
        picture,
        row_x[0] * x + row_x[1] * y + row_x[2],
        row_y[0] * x + row_y[1] * y + row_y[2],
        how,
        borderMode=cv2.BORDER_CONSTANT,
        borderValue=fill,
    )
    return np.asarray(found)


def _shows_outside(placement: Placement, source_hw: tuple[int, ...]) -> bool:
    """Whether any pixel of the result comes from outside the source, to a pixel's tolerance."""
    height, width = placement.size_hw
    y, x = (np.unique(np.append(np.arange(0, n, 8), n - 1)) for n in (height, width))
    points = np.stack([*(axis.ravel() for axis in np.meshgrid(x, y))], axis=1).astype(np.float64)
    if placement.warp is not None:
        points += placement.warp[np.ix_(y, x)].reshape(-1, 2)
    source = points @ placement.matrix[:2, :2].T + placement.matrix[:2, 2]
    limit = np.array([source_hw[1], source_hw[0]])
    return bool((source < -1).any() or (source > limit).any())


def _close_edge(sample: Sample) -> tuple[Sample, int]:
    """Return the sample with a line where its edge cuts other segments than the background.

    And the label that paper outside of it has, which is that of all background at the edge.
    """
    labels = sample.labels.copy()
    edge = np.zeros(labels.shape, bool)
    edge[0], edge[-1], edge[:, 0], edge[:, -1] = True, True, True, True
    count = np.bincount(labels[edge], minlength=len(sample) + 1)[1:]
    bare = _background_rows(sample, count)
    outside = int(bare[0]) + 1 if len(bare) else len(sample) + 1
    if not len(bare):
        known = any(region is not None for region in sample.regions)
        sample = replace(
            sample,
            regions=(*sample.regions, BACKGROUND if known else None),
            colors=np.vstack([sample.colors, np.full((1, 3), 255, np.uint8)]),
        )
    if len(bare) > 1:
        labels[np.isin(labels, bare + 1)] = outside
    if not (edge & (labels != outside) & (labels > 0)).any():
        return replace(sample, labels=labels), outside
    thickness = max(1, round(extract_lineart(sample.line).line_width))
    edge[:thickness], edge[-thickness:], edge[:, :thickness], edge[:, -thickness:] = (True,) * 4
    cut = edge & (labels != outside) & (labels > 0)
    line = sample.line.copy()
    line[cut], labels[cut] = (0, 0, 0, 255), 0
    return replace(sample, line=line, labels=labels), outside


def _background_rows(sample: Sample, count: NDArray[np.integer]) -> NDArray[np.int64]:
    """(K,) int64: rows of the background's segments at the picture's edge.

    Without region ids, the segment that takes the greater part of the edge.

    Args:
        sample: N segments.
        count: (N,) pixels of the edge that each segment takes.
    """
    if any(region is not None for region in sample.regions):
        is_bare = np.array([region == BACKGROUND for region in sample.regions])
        return np.flatnonzero(is_bare & (count > 0))
    return np.flatnonzero(count > sum(sample.labels.shape))
