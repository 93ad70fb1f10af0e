"""Whether a drawing is painted already: then its lines are found as in a painting."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from shiage.files.packing import pack
from shiage.lines.lineart import LineSettings
from shiage.structures import BoolMap

LEAST_CHROMA = 24
"""Levels between the highest and the lowest channel of what is a color, no gray."""

LINE = 7
"""A color that is nowhere so wide, in pixels, is a line."""

ENOUGH = 400
"""Pixels across and down that are looked at, of a larger picture."""

LEAST_COLORS = 3
"""Fewer flat colors may be guides (塗り分け), which tell highlights and shadows."""

LEAST_SHARE = 0.3
"""Of what lines enclose this much is filled in a painting; guides fill less."""


def has_fills(rgba_u8: NDArray[np.uint8], settings: LineSettings | None = None) -> bool:
    """Whether a picture is a painting: several flat colors fill much of what lines enclose.

    Colour traces are too thin for it, scans and photos are not flat, paper is the border's color.

    Args:
        rgba_u8: (H, W, 4) uint8.
        settings: where they name guides, fills are guides.
    """
    if settings and settings.guide_hues:
        return False
    step = max(1, min(rgba_u8.shape[:2]) // ENOUGH)
    few = np.ascontiguousarray(rgba_u8[::step, ::step])
    line = -(-LINE // step)
    red, green, blue, alpha = cv2.split(few)
    high, low = cv2.max(cv2.max(red, green), blue), cv2.min(cv2.min(red, green), blue)
    colored = (cv2.subtract(high, low) >= LEAST_CHROMA) & (alpha > 0)
    thick = _inside(colored, line)
    if not thick.any():
        return False
    seen = np.where(few[..., 3:] > 0, few, np.uint8(0))
    packed = pack(seen)
    edge = np.concatenate([packed[0], packed[-1], packed[:, 0], packed[:, -1]])
    at_edge, often = np.unique(edge, return_counts=True)
    paper = at_edge[often.argmax()]
    colors, counts = np.unique(packed[thick & (packed != paper)], return_counts=True)
    flat = counts >= max(1, counts.sum() // 100)
    filled = int(counts[flat].sum())
    if len(colors[flat]) < LEAST_COLORS or filled < counts.sum() / 2:
        return False
    bare = _inside(_enclosed(packed == paper), line)
    return filled >= LEAST_SHARE * (filled + int(np.count_nonzero(bare)))


def _inside(mask: BoolMap, size: int) -> BoolMap:
    """(H, W) bool: pixels of a mask with a square of that size around them that is in it."""
    return cv2.erode(mask.astype(np.uint8), np.ones((size, size), np.uint8)).astype(bool)


def _enclosed(mask: BoolMap) -> BoolMap:
    """(H, W) bool: pixels of a mask that are not joined to the border within it."""
    padded = np.pad(mask.astype(np.uint8), 1, constant_values=1)
    cv2.floodFill(padded, None, (0, 0), 0)
    return padded[1:-1, 1:-1].astype(bool)
