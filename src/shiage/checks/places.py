"""Masks of pixels to places that an artist can be sent to, and colors to words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from shiage.checks.findings import Box
from shiage.colors.palette import hex_of
from shiage.files.packing import Words, unpack_colors
from shiage.structures import BoolMap

MOST_COLORS = 4
"""Colors listed of one place."""


@dataclass(frozen=True, eq=False)
class Place:
    """A connected group of pixels.

    Attributes:
        box_xyxy: half-open box.
        xy: its first pixel in raster order.
        rows: (n,) rows of its pixels, in raster order.
        columns: (n,) their columns.
    """

    box_xyxy: Box
    xy: tuple[int, int]
    rows: NDArray[np.int64]
    columns: NDArray[np.int64]

    @property
    def area(self) -> int:
        """Number of pixels."""
        return len(self.rows)

    @property
    def where(self) -> str:
        """How messages tell the place."""
        return f"({self.xy[0]}, {self.xy[1]})"

    def words(self, picture: Words) -> Words:
        """(n,): the pixels of a packed picture."""
        return np.asarray(picture[self.rows, self.columns])


def find_places(mask: BoolMap, connectivity: int = 8) -> Iterator[Place]:
    """Yield the connected groups of pixels of a mask."""
    rows, columns = np.nonzero(mask)
    if not len(rows):
        return
    top, left = int(rows[0]), int(columns.min())
    window = mask[top : int(rows[-1]) + 1, left : int(columns.max()) + 1]
    _, labels = cv2.connectedComponents(
        np.ascontiguousarray(window).view(np.uint8), connectivity=connectivity
    )
    label = labels[rows - top, columns - left]
    order = np.argsort(label, kind="stable")
    rows, columns, label = rows[order], columns[order], label[order]
    for group in np.split(np.arange(len(rows)), np.flatnonzero(np.diff(label)) + 1):
        y, x = rows[group], columns[group]
        box = (int(x.min()), int(y[0]), int(x.max()) + 1, int(y[-1]) + 1)
        yield Place(box, (int(x[0]), int(y[0])), y, x)


def tell_colors(words: Words) -> tuple[str, ...]:
    """Return the commonest `MOST_COLORS` colors of packed pixels; transparent is "none"."""
    colors, counts = np.unique(words, return_counts=True)
    common = colors[np.argsort(-counts, kind="stable")[:MOST_COLORS]]
    return tuple(tell_color(word) for word in common)


def tell_color(word: Any) -> str:
    """Return one packed color as `#rrggbb`, "none" if it is transparent."""
    if not word:
        return "none"
    return hex_of(tuple(unpack_colors(np.array([word])).tolist()[0]))


def count_px(area: int) -> str:
    """Return an area in words.

    >>> count_px(1), count_px(12)
    ('1 pixel', '12 pixels')
    """
    return f"{area} pixel{'' if area == 1 else 's'}"
