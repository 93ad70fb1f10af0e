"""A painted cel of which nothing else is known: which of its pixels are fills, lines, bare paper.

Whoever painted it, its fills are flat. Where a color lies shows what it is:

* white that reaches the edge of an opaque picture is bare paper, as in a reference;
* black that is thin and long is a line; so is any other color if it is nowhere wide, very long, and
  not shut in between black lines as a stripe is;
* what is never wider than two pixels and everywhere a mix of what lies beside it is the rim of a
  soft line;
* all else is a fill.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import cv2
import numpy as np
from numpy.typing import NDArray

from shiage.files.packing import pack_colors, unpack_colors
from shiage.files.pictures import Pixels
from shiage.lines.lineart import LINE_BLACK, widest_line
from shiage.lines.runs import Runs, find_runs
from shiage.lines.segments import number_regions
from shiage.painting.reference import WHITE_U16
from shiage.structures import BoolMap

LEAST_RUN = 5
"""Pixels of a color that are nowhere this many in a row, nor four in a square, are no fill."""

LONG_BLACK = 30.0
"""Thin black is a line if its area is this many times its width squared; pupils are not ..."""

LONG = 60.0
"""... and another color, which might be that of highlights, is one from here."""

BLACKS = 8
"""How many of the commonest near blacks may be the lines' own."""

BESIDE = 5
"""How far from a line or a fill its mixes with another lie, pixels."""

MIX = 6.0
"""How far, in 8-bit levels, a color may lie from the mixes of two others to be one."""

SAMPLES = 30
"""Places of a color at which it is looked what lies beside it."""


BLACK_U16 = (0, 0, 0, 65535)


@dataclass(frozen=True, eq=False)
class Flats:
    """What a painted cel shows.

    Attributes:
        fills: (K, 4) uint16, the exact colors of its fills, the commonest first.
        pixels: (K,) int64, how many each has.
        lines: (H, W) bool, pixels in a line's own color; those that lines cover in part are none.
        paper: (H, W) bool, bare paper.
    """

    fills: NDArray[np.uint16]
    pixels: NDArray[np.int64]
    lines: BoolMap
    paper: BoolMap


def find_flats(painted: Pixels, *, painted_white: bool = True) -> Flats:
    """Return what a painted cel shows.

    Args:
        painted: (H, W, 4) uint8 or uint16 RGBA.
        painted_white: white that is shut in, in an opaque picture, is a fill and no paper.
    """
    paper = find_paper(painted, painted_white=painted_white)
    seen = _Seen.look(pack_colors(painted))
    black = _find_black_lines(seen)
    area, depth = seen.measure(~(black | paper))
    long = _find_long(seen, black, area, depth)
    is_black, is_paper = seen.of(black), seen.of(paper)
    spared = seen.white & seen.solid & is_opaque(painted)  # or it would be a mix with the paper
    flat = (area > 0) & ((depth > 0) | spared)
    lines = is_black | (flat & long)
    thin = np.flatnonzero(seen.solid & (area > 0) & ~flat)
    lightness = seen.colors[thin, :3].sum(axis=1, dtype=np.int64)
    for color in thin[
        np.argsort(-lightness, kind="stable")
    ].tolist():  # before its mixes with black
        flat[color] = not seen.is_mix(color, flat | lines | is_paper, lines)
    commonest = np.argsort(-area, kind="stable")
    fills = commonest[(flat & ~long)[commonest]]
    thin_lines = (flat & long)[seen.place] & ~paper
    return Flats(seen.colors[fills], area[fills], black | thin_lines, paper)


def find_paper(painted: Pixels, *, painted_white: bool = True) -> BoolMap:
    """(H, W) bool: bare paper; see `find_flats`."""
    if not is_opaque(painted):
        return np.asarray(painted[..., 3] == 0)
    white = np.asarray((painted == np.iinfo(painted.dtype).max).all(axis=-1))
    if not painted_white:
        return white
    regions = number_regions(white)
    edges = (regions[0], regions[-1], regions[:, 0], regions[:, -1])
    return np.asarray(white & np.isin(regions, np.unique(np.concatenate(edges))))


def is_opaque(painted: Pixels) -> bool:
    """Whether no pixel of a picture can be seen through."""
    return bool((painted[..., 3] == np.iinfo(painted.dtype).max).all())


def _find_black_lines(seen: _Seen) -> BoolMap:
    """(H, W) bool: the lines in their own near black; all False if there are none.

    Where black is filled, the line around it is as wide as the others.
    """
    lines, most = np.zeros(seen.place.shape, bool), 0
    levels = seen.colors / 257
    black = np.flatnonzero((levels[:, :3].max(axis=1) <= LINE_BLACK) & (levels[:, 3] > 127))
    for color in black[np.argsort(-seen.area[black], kind="stable")][:BLACKS].tolist():
        mine = seen.place == color
        wide = _grow(mine & (2 * seen.depth + 1 >= seen.widest_line), seen.widest_line // 2)
        thin = mine & ~wide
        area, depth = int(np.count_nonzero(thin)), seen.depth[thin]
        if area > most and area >= LONG_BLACK * (2 * depth.max(initial=0) + 1) ** 2:
            width, most = 2 * area / np.count_nonzero(depth == 0), area
            lines = thin | (mine & (seen.depth <= width - 0.5))
    return lines


def _find_long(
    seen: _Seen, black: BoolMap, area: NDArray[np.int64], depth: NDArray[np.float32]
) -> BoolMap:
    """(K,) bool: colors that are thin and long where they lie, as lines are.

    Args:
        seen: the picture.
        black: (H, W) bool, its black lines.
        area: (K,) int64, pixels of each color.
        depth: (K,) float32, the greatest depth of each.
    """
    width = 2 * depth + 1
    between = np.bincount(seen.place[_grow(black, BESIDE)], minlength=len(area))
    long = (width < seen.widest_line) & (area >= LONG * width**2) & (2 * between < area)
    return np.asarray(long & ~seen.white)


def _grow(mask: BoolMap, reach: int) -> BoolMap:
    """(H, W) bool: a mask and what lies within this many pixels of it."""
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1))
    return cv2.dilate(mask.view(np.uint8), disc).astype(bool)


@dataclass(frozen=True, eq=False)
class _Seen:
    """The colors of a picture and where they lie.

    Attributes:
        colors: (K, 4) uint16.
        place: (H, W) int64, which of them each pixel has.
        depth: (H, W) float32, how far each pixel is from the next of another color; 0 beside it.
        runs: the runs of `place`.
        area: (K,) int64, pixels of each color.
        solid: (K,) bool, colors that lie close together somewhere.
    """

    colors: NDArray[np.uint16]
    place: NDArray[np.int64]
    depth: NDArray[np.float32]
    runs: Runs
    area: NDArray[np.int64]
    solid: BoolMap

    @staticmethod
    def look(packed: NDArray[np.generic]) -> _Seen:
        """Return what a picture of packed colors shows."""
        (runs,) = find_runs(packed)
        colors, of_run = np.unique(runs.value, return_inverse=True)
        place = np.repeat(of_run, runs.length).reshape(packed.shape)
        down, across = place[1:] == place[:-1], place[:, 1:] == place[:, :-1]
        inner = np.ones(place.shape, bool)
        inner[1:] &= down
        inner[:-1] &= down
        inner[:, 1:] &= across
        inner[:, :-1] &= across
        depth = cv2.distanceTransform(inner.view(np.uint8), cv2.DIST_L2, 3)
        (columns,) = find_runs(place.T)
        squares = place[1:, 1:][across[1:] & across[:-1] & down[:, 1:]]
        solid = np.zeros(len(colors), bool)
        solid[of_run[runs.length >= LEAST_RUN]] = True
        solid[columns.value[columns.length >= LEAST_RUN]] = True
        solid[np.unique(squares)] = True
        return _Seen(
            unpack_colors(colors),
            place,
            np.asarray(depth, np.float32),
            replace(runs, value=of_run),
            np.bincount(place.ravel()),
            solid,
        )

    @property
    def widest_line(self) -> int:
        """Width in pixels that no line has."""
        return widest_line(self.place.shape)

    @property
    def white(self) -> BoolMap:
        """(K,) bool: the color that is opaque white."""
        return np.asarray((self.colors == WHITE_U16).all(axis=1))

    def of(self, where: BoolMap) -> BoolMap:
        """(K,) bool: colors of some pixels."""
        return self._among(self.place[where])

    def _among(self, numbers: NDArray[np.int64]) -> BoolMap:
        """(K,) bool: colors that are among some."""
        return np.asarray(np.bincount(numbers.ravel(), minlength=len(self.colors)) > 0)

    def measure(self, where: BoolMap) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """Return how many pixels of each color lie there (K,), and the greatest depth (K,)."""
        place = self.place[where]
        depth = np.zeros(len(self.colors), np.float32)
        np.maximum.at(depth, place, self.depth[where])
        return np.bincount(place, minlength=len(self.colors)), depth

    @cached_property
    def _by_color(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The runs, those of one color together; and where in them each color begins (K + 1,)."""
        order = np.argsort(self.runs.value, kind="stable")
        begins = np.searchsorted(self.runs.value[order], np.arange(len(self.colors) + 1))
        return order, begins

    def _runs_of(self, color: int) -> NDArray[np.int64]:
        """Return the numbers of a color's runs."""
        order, begins = self._by_color
        return order[begins[color] : begins[color + 1]]

    def is_mix(self, color: int, known: BoolMap, anywhere: BoolMap) -> bool:
        """Whether a color is, nearly everywhere, a mix of two known ones that lie beside it.

        Args:
            color: which one.
            known: (K,) bool, colors that are no mixes.
            anywhere: (K,) bool, those of them that lines have, which may never be seen whole.
        """
        runs = self._runs_of(color)
        runs = runs[:: max(1, len(runs) // SAMPLES)]
        reach = np.arange(-BESIDE, BESIDE + 1)
        y = np.clip(self.runs.row[runs, None] + reach, 0, self.place.shape[0] - 1)
        middle = (self.runs.start[runs] + self.runs.stop[runs] - 1) // 2
        x = np.clip(middle[:, None] + reach, 0, self.place.shape[1] - 1)
        beside = self.place[y[:, :, None], x[:, None, :]].reshape(len(runs), -1)
        there = np.flatnonzero(anywhere | (known & self._among(beside)))
        seen = (beside[:, :, None] == there).any(axis=1) | anywhere[there]
        ends = _premultiplied(np.append(self.colors[there], [BLACK_U16], axis=0))
        seen = np.append(seen, np.ones((len(runs), 1), bool), axis=1)
        one, two = np.triu_indices(len(ends), 1)
        way, own = ends[two] - ends[one], _premultiplied(self.colors[[color]]) - ends[one]
        share = (own * way).sum(axis=1) / np.maximum((way * way).sum(axis=1), 1)
        off = np.linalg.norm(np.clip(share, 0, 1)[:, None] * way - own, axis=1)
        one, two = one[off <= MIX], two[off <= MIX]
        return bool(2 * np.count_nonzero((seen[:, one] & seen[:, two]).any(axis=1)) >= len(runs))


def _premultiplied(colors: NDArray[np.uint16]) -> NDArray[np.float64]:
    """(n, 4) float64 in 0..255: colors as they mix, alpha among them."""
    levels = colors / 257
    levels[:, :3] *= levels[:, 3:] / 255
    return levels
