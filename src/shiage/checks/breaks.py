"""Black lines under colour traces: whether a painting breaks them.

How a line goes on under a trace is inferred, so a pixel more or less of it is no fault. It is one
if the line is in two pieces for lack of them.
"""

from __future__ import annotations

import cv2
import numpy as np

from shiage.lines.segments import number_regions
from shiage.structures import BoolMap

AROUND = 8
"""So far around a gap a line is looked at, pixels: further off its pieces may well be joined."""

LEAST = 2
"""A single pixel is no break: how a line went on is known to about a pixel."""

_SQUARE = np.ones((3, 3), np.uint8)


def find_breaks(missing: BoolMap, lines: BoolMap) -> BoolMap:
    """(H, W) bool: missing pixels that part what they join.

    Args:
        missing: (H, W) bool, pixels of lines that are painted over.
        lines: (H, W) bool, pixels of lines, those among them.
    """
    breaks = np.zeros_like(missing)
    count, pieces, boxes, _ = cv2.connectedComponentsWithStats(
        missing.view(np.uint8), connectivity=8
    )
    for piece in range(1, count):
        x, y, width, height, area = boxes[piece].tolist()
        if area < LEAST:
            continue
        rows = slice(max(0, y - AROUND), y + height + AROUND)
        window = rows, slice(max(0, x - AROUND), x + width + AROUND)
        mine = pieces[window] == piece
        left = number_regions(lines[window] & ~missing[window], connectivity=8)
        beside = cv2.dilate(mine.view(np.uint8), _SQUARE) > 0
        joined = np.unique(left[beside])
        if np.count_nonzero(joined) > 1:
            breaks[window] |= mine
    return breaks
