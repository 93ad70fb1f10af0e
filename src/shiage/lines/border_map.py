"""How likely parts of a drawing meet at each pixel, gaps completed: the learned map.

The network (`models/line_net.py`) was trained on drawings whose lines are two to three pixels wide,
so a drawing is brought to that scale first. What it sees is how far each pixel is from the paper,
in three colors. A second, tiny one says how sure it is that two pieces are one part (`parting.py`).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import cv2
import msgspec
import numpy as np
from numpy.typing import NDArray

from shiage.files.graphs import WEIGHTS, GraphFile, open_graph, read_card
from shiage.lines.parting import Table
from shiage.structures import BoolMap, Floats

SHIPPED = WEIGHTS / "lines.json"
"""Card of the networks that come with shiage."""

SEEN_WIDTH = 2.4
"""Pixels: lines are brought to about this width before the network sees them."""

LARGEST = 3.0
"""A drawing is enlarged at most so many times ..."""

FAR = 1600
"""... and to at most this many pixels at its longer side, unless it was larger before."""

NEAR_SCALE = (0.8, 1.25)
"""A drawing whose scale is within these is seen as it is."""

MARGIN = 16
"""Bare pixels around what the network sees."""

MULTIPLE = 32
"""Heights and widths that the network sees are multiples of this."""

MARK = 0.04
"""What is less far from paper is paper."""

AROUND = 32
"""Pixels around all marks that the network sees; beyond there is nothing to see."""

PAPER_SAMPLES = 40_000
"""Pixels looked at to find the color of paper."""

SOLID = 15
"""Pixels: what is as wide is no line."""


class LineCard(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is written of the networks that see lines beside their graphs.

    Attributes:
        see: the graph that takes `drawing` (1, 3, H, W) to `border` (1, 1, H, W).
        join: the graph that takes `pairs` (n, F) to `sureness` (n, 1).
        commit: of the code that trained them.
        training: seed, steps, hours, data: all that is needed to make them again.
        metrics: how good they are, and on what.
        license: of the weights.
        credits: whose works were trained on, as their licenses ask.
    """

    see: GraphFile
    join: GraphFile
    commit: str
    training: dict[str, Any]
    metrics: dict[str, Any]
    license: str
    credits: list[str] = []


class LineSight:
    """Both networks, ready to run.

    Args:
        card: path of their card; the graphs lie beside it.

    Raises:
        UnreadableFile: the card or a graph is not there.
        DamagedModel: the card is damaged or incomplete, or a graph is not the one it describes.
    """

    def __init__(self, card: Path = SHIPPED) -> None:
        self.card = read_card(card, LineCard)
        self._folder = card.parent

    def see(self, lifted: Floats) -> Floats:
        """(H, W) float32 in [0, 1]: how likely parts meet at each pixel.

        Args:
            lifted: (3, H, W), see `lift_off_paper`, of a drawing whose lines are about
                `SEEN_WIDTH` wide.
        """
        height, width = lifted.shape[1:]
        more = [-(side + 2 * MARGIN) % MULTIPLE + MARGIN for side in (height, width)]
        seen = np.pad(lifted, ((0, 0), (MARGIN, more[0]), (MARGIN, more[1])))
        (border,) = self._see.run(None, {"drawing": seen[None]})
        inside = np.s_[0, 0, MARGIN : MARGIN + height, MARGIN : MARGIN + width]
        return np.ascontiguousarray(border[inside], np.float32)

    def score(self, pairs: Table) -> Table:
        """(n,) float64: how sure it is that no border parts two pieces; see `parting.describe`."""
        (sureness,) = self._join.run(None, {"pairs": pairs.astype(np.float32)})
        return np.asarray(sureness[:, 0], np.float64)

    @cached_property
    def _see(self) -> Any:
        return open_graph(self._folder, self.card.see, 1)

    @cached_property
    def _join(self) -> Any:
        return open_graph(self._folder, self.card.join, 1)


@lru_cache(maxsize=1)
def shipped_sight() -> LineSight:
    """Return the networks that come with shiage; they are loaded once."""
    return LineSight()


@dataclass(frozen=True, eq=False)
class BorderMap:
    """Where parts of a drawing meet, as the network sees it.

    Attributes:
        border: (h, w) float32 in [0, 1].
        size_hw: height and width of the drawing, pixels.
    """

    border: Floats
    size_hw: tuple[int, int]

    def enlarged(self) -> Floats:
        """(H, W) float32 in [0, 1]: the map at the drawing's own size."""
        height, width = self.size_hw
        if self.border.shape == self.size_hw:
            return self.border
        large = cv2.resize(self.border, (width, height), interpolation=cv2.INTER_LINEAR)
        return np.asarray(large, np.float32)


def see_borders(rgb: NDArray[np.uint8], ink: BoolMap, sight: LineSight | None = None) -> BorderMap:
    """Return where the parts of a drawing meet.

    Args:
        rgb: (H, W, 3) uint8, the drawing on opaque paper.
        ink: (H, W) bool, its lines as far as they are known; they tell how wide lines are.
        sight: the networks; None takes those that come with shiage.
    """
    height, width = rgb.shape[:2]
    scale = choose_scale(ink)
    small_wh = (max(1, round(width * scale)), max(1, round(height * scale)))
    way = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    seen = rgb if scale == 1 else np.asarray(cv2.resize(rgb, small_wh, interpolation=way), np.uint8)
    border = np.zeros(seen.shape[:2], np.float32)
    lifted = lift_off_paper(np.ascontiguousarray(seen))
    window = _find_marks(lifted)
    border[window] = (sight or shipped_sight()).see(lifted[:, *window])
    return BorderMap(border, (height, width))


def _find_marks(lifted: Floats) -> tuple[slice, slice]:
    """Return the rows and columns that hold all marks, and what they may bound."""
    marked = lifted.max(axis=0) >= MARK
    sides = []
    for axis in (1, 0):
        places = np.flatnonzero(marked.any(axis=axis))
        first, last = (places[0], places[-1] + 1) if len(places) else (0, 1)
        sides.append(slice(max(0, first - AROUND), last + AROUND))
    return sides[0], sides[1]


def choose_scale(ink: BoolMap) -> float:
    """Return by how much a drawing is enlarged before the network sees it."""
    scale = min(SEEN_WIDTH / measure_thinness(ink), LARGEST)
    scale = min(scale, max(1.0, FAR / max(ink.shape)))
    return 1.0 if NEAR_SCALE[0] < scale < NEAR_SCALE[1] else scale


def measure_thinness(ink: BoolMap) -> float:
    """Return how wide lines are across, on average, pixels; at least 1.

    Of a line w pixels wide (w - 1) / w of all pixels begin a square of 2 x 2. Unlike
    `lineart.measure_line_width` it tells lines of one pixel from those of two.
    """
    mask = ink.view(np.uint8)
    # Solid blacks are areas, not lines.
    solid = cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((SOLID, SOLID), np.uint8))
    lines = cv2.subtract(mask, solid)
    area = cv2.countNonZero(lines)
    inner = cv2.countNonZero(cv2.erode(lines, np.ones((2, 2), np.uint8), borderValue=0))
    return area / (area - inner) if area else 1.0


def lift_off_paper(rgb: NDArray[np.uint8]) -> Floats:
    """(3, H, W) float32 in [0, 1]: how far each pixel is from paper towards black, by channel.

    Args:
        rgb: (H, W, 3) uint8, a drawing on paper of any color; most of it is bare.
    """
    flat = rgb.reshape(-1, 3)
    sampled = flat[:: max(1, len(flat) // PAPER_SAMPLES)]
    paper = np.maximum(np.median(sampled, axis=0), 1).astype(np.float32)
    ramps = np.clip(1 - np.arange(256, dtype=np.float32) / paper[:, None], 0, 1)
    shown = zip(ramps, cv2.split(rgb), strict=True)
    return np.stack([np.asarray(cv2.LUT(level, ramp), np.float32) for ramp, level in shown])
