"""Which colors lie under each segment of a painting, and how many pixels of each."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from shiage.files.packing import Words
from shiage.lines.runs import find_runs
from shiage.structures import BoolMap, LabelMap


@dataclass(frozen=True, eq=False)
class ColorVotes:
    """How many pixels of each color lie under each segment; most first within a segment.

    Attributes:
        label: (V,) int64, ascending.
        color: (V,) packed color.
        count: (V,) int64, pixels.
        xy: (V, 2) int64, the middle of the longest run of that color in the segment.
    """

    label: NDArray[np.int64]
    color: Words
    count: NDArray[np.int64]
    xy: NDArray[np.int64]

    @staticmethod
    def tally(labels: LabelMap, packed: Words) -> ColorVotes:
        """Return the votes of a painting, (H, W) packed, on segments, (H, W)."""
        label_runs, color_runs = find_runs(labels, packed)
        label = label_runs.value.astype(np.int64)
        inside = label > 0
        label = label[inside]
        color, length = color_runs.value[inside], label_runs.length[inside]
        x = (label_runs.start[inside] + label_runs.stop[inside] - 1) // 2
        xy = np.stack([x, label_runs.row[inside]], axis=1)
        order = np.lexsort((-length, color, label))
        label, color, length, xy = label[order], color[order], length[order], xy[order]
        new = np.append(True, (np.diff(label) != 0) | (color[1:] != color[:-1]))[: len(label)]
        total = np.add.reduceat(length, np.flatnonzero(new)) if len(label) else length
        label, color, xy = label[new], color[new], xy[new]
        order = np.lexsort((color, -total, label))
        return ColorVotes(label[order], color[order], total[order], xy[order])

    @property
    def first(self) -> BoolMap:
        """(V,) bool: the commonest color of each segment."""
        return np.append(True, np.diff(self.label) != 0)[: len(self.label)]

    def majority(self, count: int) -> Words:
        """(N,) packed: the exact majority color under each of `count` segments."""
        colors = np.zeros(count, self.color.dtype)
        colors[self.label[self.first] - 1] = self.color[self.first]
        return colors

    def place(self, count: int) -> NDArray[np.int64]:
        """(N, 2) int64: a pixel in the majority color of each of `count` segments."""
        xy = np.zeros((count, 2), np.int64)
        xy[self.label[self.first] - 1] = self.xy[self.first]
        return xy
