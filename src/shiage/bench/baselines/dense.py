"""`dense`: every pixel of the target correlated with every pixel of the reference.

The way of DEVC (Zhang et al., "Deep Exemplar-based Video Colorization", CVPR 2019, arXiv
1906.09909): features of all pixels at reduced resolution, their correlation, a softmax over the
reference's pixels that carries colors over; here it carries segments, and the pixels of a target
segment vote. Memory and time grow with the square of the number of pixels, O((HW)²). The features
are not learned: how the lines run around a pixel, at several scales, and where it lies.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from shiage.matching.features import figure_box
from shiage.matching.protocol import PairwiseMatcher
from shiage.structures import Floats, Ints, LineArt, Segments

SIDE = 64
"""The longer side of the maps that are correlated, pixels."""

SCALES = (1.0, 2.0, 4.0, 8.0)
"""Widths of the Gaussians that lines are seen through, pixels of the small map."""

PLACE = 2.0
"""Weight of where a pixel lies in the figure's box."""

TEMPERATURE = 0.02


@dataclass(frozen=True, eq=False)
class DenseView:
    """One drawing as the dense matcher sees it.

    Attributes:
        count: N, segments.
        features: (P, F) float32, of unit length, a row for each pixel of the small map.
        members: (N, P) float32, full-size pixels of each segment that lie in each small one.
    """

    count: int
    features: Floats
    members: Floats


class DenseMatcher(PairwiseMatcher[DenseView]):
    """All pixels against all pixels.

    Args:
        side: longer side of the maps, pixels.
    """

    name = "dense"

    def __init__(self, side: int = SIDE) -> None:
        self.side = side

    def encode(self, lineart: LineArt, segments: Segments) -> DenseView:
        """Return features of pixels, and which segment they belong to."""
        height, width = segments.size_hw
        scale = self.side / max(height, width)
        small_hw = max(1, round(height * scale)), max(1, round(width * scale))
        small = cv2.resize(lineart.coverage, small_hw[::-1], interpolation=cv2.INTER_AREA)
        lines = np.asarray(small, np.float32) / np.float32(255)
        return DenseView(
            len(segments),
            _describe(lines, segments),
            _count_members(segments.labels, len(segments), small_hw),
        )

    def compare(self, reference: DenseView, target: DenseView) -> tuple[Floats, Floats]:
        """Return votes of pixels; see `PairwiseMatcher.compare`."""
        correlation = target.features @ reference.features.T  # (P, Q): the O((HW)²) of it all
        correlation -= correlation.max(axis=1, keepdims=True)
        np.exp(correlation / TEMPERATURE, out=correlation)
        carried = _rows_to_one(np.asarray(correlation @ reference.members.T))  # (P, M)
        votes = np.asarray(_rows_to_one(target.members) @ carried, np.float32)  # (N, M)
        return votes, np.zeros(target.count, np.float32)

    def count(self, target: DenseView) -> int:
        """Return the number of segments."""
        return target.count


def _describe(lines: Floats, segments: Segments) -> Floats:
    """(P, F) float32: lines around each pixel of a small map, and its place in the figure."""
    height, width = lines.shape
    maps = []
    for scale in SCALES:
        seen = cv2.GaussianBlur(lines, (0, 0), scale)
        across, down = (cv2.Sobel(seen, cv2.CV_32F, *way) for way in ((1, 0), (0, 1)))
        maps += [seen, across, down, across * down, cv2.Laplacian(seen, cv2.CV_32F)]
    features = np.stack(maps, axis=-1).reshape(height * width, -1)
    features = (features - features.mean(axis=0)) / (features.std(axis=0) + 1e-6)
    origin, extent = figure_box(segments)
    full_hw = segments.size_hw
    y, x = np.mgrid[:height, :width].reshape(2, -1) + 0.5
    places = np.stack([x * full_hw[1] / width, y * full_hw[0] / height], axis=1)
    places = (places - origin) / extent - 0.5
    angles = np.concatenate([np.pi * places, 2 * np.pi * places], axis=1)
    waves = PLACE * np.concatenate([np.sin(angles), np.cos(angles)], axis=1)
    features = np.concatenate([features, waves], axis=1)
    features /= np.linalg.norm(features, axis=1, keepdims=True)
    return np.asarray(features, np.float32)


def _rows_to_one(values: Floats) -> Floats:
    """Return the values, each row divided by its sum."""
    sums = np.maximum(values.sum(axis=1, keepdims=True), 1e-9)
    return np.asarray(values / sums, np.float32)


def _count_members(labels: Ints, count: int, small_hw: tuple[int, int]) -> Floats:
    """(N, P) float32: full-size pixels of each segment that lie in each pixel of a small map."""
    height, width = labels.shape
    row = np.arange(height) * small_hw[0] // height
    column = np.arange(width) * small_hw[1] // width
    pixel = row[:, None] * small_hw[1] + column[None, :]
    inside = labels > 0
    pixels = small_hw[0] * small_hw[1]
    key = (labels[inside].astype(np.int64) - 1) * pixels + pixel[inside]
    members = np.bincount(key, minlength=count * pixels).reshape(count, pixels)
    return members.astype(np.float32)
