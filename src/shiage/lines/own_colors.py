"""The colors that lines are drawn in, apart from their mixes with the paper at their rims.

A line's own color is one that much of its ink has exactly. Scans, JPEG and pressure blur it; then
it is where the colors of the ink crowd.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from shiage.files.packing import pack
from shiage.files.pictures import Pixels
from shiage.structures import BoolMap, Floats

OWN_COLOR_SHARE = 0.02
"""A color is a line's own, not a mix with paper, if this share of the ink has exactly it ..."""

OWN_COLORS = 8
"""... and it is one of the commonest, this many."""

OWN_GREY_SHARE = 0.2
"""The same for greys, which are mostly mixes of black and paper."""

CROWD_SHARE = 0.35
"""Colors crowd if this share of the ink that is in no line's own color lies in `CROWD` levels."""

MIX_TOLERANCE = 12.0
"""How far, in 8-bit levels, a color may lie from the mixes of paper and line to be one of them."""

FRINGE = 2
"""How far the antialiased rim of a line reaches from its ink, pixels."""

CROWD = 24
"""How near to each other, in 8-bit levels of each channel, colors are that crowd."""


def find_solid(colors: Pixels, where: BoolMap, paper: Pixels) -> BoolMap:
    """(H, W) bool: ink in a line's own color.

    Beside a darker line a color that lies between that line's and the paper's is the rim of that
    line.

    Args:
        colors: (n, 3 or 4) uint8 or uint16, colors of opaque ink.
        where: (H, W) bool, where that is.
        paper: (3,) or (4,) color of the paper, of the same dtype.
    """
    ink, top = np.flatnonzero(where), np.iinfo(colors.dtype).max
    solid = np.zeros(where.shape, bool)
    if not len(ink):
        return solid
    shades, which, counts = np.unique(pack(colors), return_inverse=True, return_counts=True)
    first = np.zeros(len(shades), np.int64)
    first[which] = np.arange(len(which))
    scale = np.float32(255 / top)
    levels = np.asarray(colors[first, :3] * scale, np.float32)
    paper_level = np.asarray(paper[:3] * scale, np.float32)
    common = np.argsort(-counts, kind="stable")[:OWN_COLORS]
    common = common[counts[common] >= OWN_COLOR_SHARE * counts.sum()]
    known = np.zeros(len(shades), bool)
    darker = [np.zeros(3, np.float32)]
    for at in common[np.argsort(levels[common].min(axis=1), kind="stable")].tolist():
        grey = levels[at].min() > 0 and is_mix(levels[at], paper_level, darker[0])
        if grey and counts[at] < OWN_GREY_SHARE * counts.sum():
            continue
        mine = ink[which == at]
        if any(is_mix(levels[at], paper_level, line) for line in darker):
            mine = mine[~_beside(solid).ravel()[mine]]
        solid.ravel()[mine] = True
        darker.append(levels[at])
        known[at] = True
    while (crowd := _find_crowd(levels, np.where(known, 0, counts))).any():
        middle = np.average(levels[crowd], axis=0, weights=counts[crowd])
        near = np.abs(levels - middle).max(axis=1) <= CROWD
        apart = known & ~(near & (counts < counts[crowd].sum() / 2))
        others = np.zeros_like(solid)
        others.ravel()[ink[apart[which]]] = True
        mine = ink[crowd[which]]
        solid.ravel()[mine[~_beside(others).ravel()[mine]]] = True
        known |= crowd
    return solid


def _find_crowd(levels: Floats, counts: NDArray[np.int64]) -> BoolMap:
    """(n,) bool: colors that crowd together; none if no color is as common as that.

    Args:
        levels: (n, 3) float32 in 0..255.
        counts: (n,) how often each color is there.
    """
    side = CROWD // 3
    cell = (levels // side).astype(np.int64) + 1  # with a margin of empty cells
    cells = 256 // side + 3
    table = np.zeros((cells, cells, cells))
    np.add.at(table, tuple(cell.T), counts)
    for axis in range(3):
        table = table + np.roll(table, 1, axis) + np.roll(table, -1, axis)
    middle = np.array(np.unravel_index(table.argmax(), table.shape))
    if table.max() < CROWD_SHARE * max(counts.sum(), 1):
        return np.zeros(len(counts), bool)
    return np.asarray((np.abs(cell - middle) <= 1).all(axis=1) & (counts > 0))


def _beside(solid: BoolMap) -> BoolMap:
    """(H, W) bool: what lies within `FRINGE` of solid pixels."""
    square = np.ones((2 * FRINGE + 1, 2 * FRINGE + 1), np.uint8)
    return np.asarray(cv2.dilate(solid.view(np.uint8), square) > 0)


def is_mix(color: Floats, paper: Floats, line: Floats) -> bool:
    """Whether a color lies on the way from the paper's to the line's; all (3,), 0..255."""
    way = line - paper
    share = np.clip((color - paper) @ way / max(float(way @ way), 1.0), 0, 1)
    return bool(np.linalg.norm(paper + share * way - color) <= MIX_TOLERANCE)
