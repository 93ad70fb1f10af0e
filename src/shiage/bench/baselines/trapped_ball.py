"""Trapped-ball segmentation: balls of falling size are rolled through what the lines leave free.

Where the largest ball fits it fills; what it cannot reach is left to smaller ones, and gaps
narrower than a ball hold it back. (Zhang, Chen, Zhang, Hu, Martin: "Vectorizing Cartoon
Animations", IEEE TVCG 2009, section 4.)
"""

from __future__ import annotations

import cv2
import numpy as np

from shiage.lines.segments import number_in_order, number_regions, spread_labels
from shiage.structures import BoolMap, LabelMap

RADII = (8, 6, 4, 3, 2, 1)
"""Pixels."""

SMALLEST = 12
"""Pixels: smaller regions join what is nearest."""


def split_by_ball(ink: BoolMap) -> LabelMap:
    """(H, W) int32: segments 1..N everywhere.

    Args:
        ink: (H, W) bool.
    """
    free = ~ink
    labels, count = np.zeros(ink.shape, np.int32), 0
    for radius in RADII:
        disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1, 2 * radius + 1))
        room = cv2.erode((free & (labels == 0)).view(np.uint8), disc, borderValue=0)
        balls = number_regions(room.astype(bool))
        grown = cv2.dilate(balls.astype(np.float32), disc).astype(np.int32)
        new = (grown > 0) & free & (labels == 0)
        labels[new] = grown[new] + count
        count += int(balls.max())
    rest = number_regions(free & (labels == 0))
    labels = np.where(rest > 0, rest + count, labels).astype(np.int32)
    small = np.bincount(labels.ravel()) < SMALLEST
    return number_in_order(spread_labels(np.where(small[labels], 0, labels).astype(np.int32)))
