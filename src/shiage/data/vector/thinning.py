"""Center lines of thin shapes, as edges between pixels."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def centerline(inside: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Return the center line of a mask.

    Args:
        inside: (H, W) bool.

    Returns:
        (E, 2, 2) float32, edges between neighboring pixels of the skeleton, as (x, y).
    """
    rows, columns = np.nonzero(inside)
    if not len(rows):
        return np.zeros((0, 2, 2), np.float32)
    top, left = rows.min(), columns.min()
    crop = np.pad(inside[top : rows.max() + 1, left : columns.max() + 1], 1)
    skeleton = _thin(crop)
    edges = []
    for down, right in ((0, 1), (1, 0), (1, 1), (1, -1)):
        ends = skeleton & np.roll(skeleton, (-down, -right), axis=(0, 1))
        if down and right:  # no shortcut across a corner that two straight steps already turn
            ends &= ~np.roll(skeleton, -right, axis=1) & ~np.roll(skeleton, -down, axis=0)
        y, x = np.nonzero(ends)
        edges.append(np.stack([np.stack([x, y], 1), np.stack([x + right, y + down], 1)], 1))
    corner = np.array([left - 1, top - 1])
    return np.asarray(np.concatenate(edges) + corner, np.float32)


def _thin(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return the skeleton of a mask whose outermost pixels are False (Zhang and Suen, 1984)."""
    mask = mask.copy()
    while True:
        removed = 0
        for even in (False, True):
            # the eight neighbors, clockwise from the one above
            around = np.stack(
                [
                    np.roll(mask, shift, axis=(0, 1))
                    for shift in (
                        (1, 0), (1, -1), (0, -1), (-1, -1), (-1, 0), (-1, 1), (0, 1), (1, 1)
                    )
                ]
            )  # fmt: skip
            count = around.sum(axis=0)
            turns = (~around & np.roll(around, -1, axis=0)).sum(axis=0)
            up, right, down, left = around[::2]
            sides = ~(up & right & left) & ~(up & down & left)
            if not even:
                sides = ~(up & right & down) & ~(right & down & left)
            drop = mask & (count >= 2) & (count <= 6) & (turns == 1) & sides
            mask &= ~drop
            removed += int(drop.sum())
        if not removed:
            return mask
