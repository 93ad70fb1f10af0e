"""Dithered fills: colors a level or two apart, mixed pixel by pixel, stand for one color.

A program that converts colors between profiles may answer a fill that lies between two levels with
both of them, as checks or as noise. Palettes also hold colors that are as near to each other and
are meant; but those fill areas of their own. So a color counts as another one only where it is
found nowhere but mixed with it.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

from shiage.colors.palette import code_of
from shiage.files.packing import Words, unpack_pixels
from shiage.structures import BoolMap

NEAR = 2
"""How far apart, in levels of 255, a channel of colors dithered with each other may be."""

AREA_SIDE = 6
"""A color that fills a square of this side, pixels, is meant: noise of two colors, half and half,
does so once in 10^10 pixels."""

FEWEST = 25
"""Fewer pixels than this are specks, not a dithered fill."""

MOST_COLORS = 4096
"""A painting with more colors near each other is noisy, or shaded throughout."""

_NONE = np.zeros(0, np.uint32)

_FOUR_TRUE = 0x01010101

Place = tuple[slice, slice]
_ALL, _BUT_LAST, _BUT_FIRST = slice(None), slice(None, -1), slice(1, None)
_BESIDE: tuple[tuple[Place, Place], ...] = (
    ((_ALL, _BUT_LAST), (_ALL, _BUT_FIRST)),
    ((_BUT_LAST, _ALL), (_BUT_FIRST, _ALL)),
)
"""Parts of a picture whose pixels lie left of, and above, those of another part."""


@dataclass(frozen=True, eq=False)
class Dithers:
    """Colors of a painting that stand for others.

    Attributes:
        color: (D,) packed, ascending: colors found only mixed with others.
        instead: (D,) packed: the color that each of them stands for.
        first: which of them is the commonest.
        xy: a pixel of that.
    """

    color: Words = field(default_factory=lambda: _NONE)
    instead: Words = field(default_factory=lambda: _NONE)
    first: int = 0
    xy: tuple[int, int] = (0, 0)

    def __len__(self) -> int:
        """Return how many colors stand for others."""
        return len(self.color)

    def level(self, packed: Words) -> Words:
        """Return packed pixels with each fill in its one color; themselves if nothing changes."""
        if not len(self):
            return packed
        place = np.minimum(np.searchsorted(self.color, packed), len(self) - 1)
        return np.where(self.color[place] == packed, self.instead[place], packed)

    def tell(self) -> str:
        """Return a clause on the fills that are dithered, with a place; there is one at least."""
        fills = len(np.unique(self.instead))
        pair = np.array([self.instead[self.first], self.color[self.first]])
        depth = 257 if pair.dtype == np.uint32 else 1
        one, other = (
            code_of(tuple(color)) for color in (unpack_pixels(pair).astype(int) * depth).tolist()
        )
        x, y = self.xy
        return (
            f"{fills} fill{'s are' if fills > 1 else ' is'} dithered, {one} with {other} at "
            f"({x}, {y}); each counts as one color"
        )


def find_dithers(
    packed: Words, where: BoolMap, meant: Words = _NONE, known: Words = _NONE
) -> Dithers:
    """Return which colors of a painting stand for which: for the commoner of those mixed.

    Args:
        packed: (H, W) the painting.
        where: (H, W) bool, pixels that are paint or paper, without the rims of lines.
        meant: packed colors that always stand for themselves, and first of all for others.
        known: packed colors that stand for others rather than commoner ones, if these are found
            nowhere but mixed, too.
    """
    pairs = [(one, other, _find_near(packed, where, one, other)) for one, other in _BESIDE]
    touched = np.zeros(packed.shape, bool)
    for one, other, near in pairs:
        touched[one] |= near
        touched[other] |= near
    colors = np.unique(packed[touched])
    if np.count_nonzero(touched) < FEWEST or len(colors) > MOST_COLORS:
        return Dithers()
    many = len(colors)
    at = np.minimum(np.searchsorted(colors, packed), many - 1)
    inside = where & (colors[at] == packed)
    count = np.bincount(at[inside], minlength=many)
    met, meets = np.zeros(many, np.int64), np.zeros((many, many), bool)
    for one, other, near in pairs:
        left, right = at[one][near], at[other][near]
        met += np.bincount(left, minlength=many) + np.bincount(right, minlength=many)
        meets[left, right] = meets[right, left] = True
    is_meant = np.isin(colors, meant)
    mixed = (met >= count) & ~is_meant
    mixed &= np.bincount(at[inside & _fills_squares(packed)], minlength=many) == 0
    mixed &= _count_turns(packed, inside, at, many) > 0
    order = np.lexsort((colors, -count, ~np.isin(colors, known), mixed, ~is_meant))
    leader = _choose_leaders(colors, order, mixed, meets)
    follows = np.flatnonzero(leader != np.arange(many))
    if count[follows].sum() < FEWEST:
        return Dithers()
    first = int(count[follows].argmax())
    y, x = divmod(int(np.argmax(inside & (at == follows[first]))), packed.shape[1])
    return Dithers(colors[follows], colors[leader[follows]], first, (x, y))


def _find_near(packed: Words, where: BoolMap, one: Place, other: Place) -> BoolMap:
    """Where pixels beside each other, of two parts of a painting, differ but are near."""
    near: BoolMap = where[one] & where[other] & (packed[one] != packed[other])
    near[near] = _is_near(packed[one][near], packed[other][near])
    return near


def _is_near(one: Words, other: Words) -> BoolMap:
    """(n,) bool: packed colors (n,) of which no channel differs by more than `NEAR` levels."""
    if not len(one):
        return np.zeros(0, bool)
    limit = NEAR * (1 if one.dtype == np.uint32 else 257)
    small: BoolMap = np.asarray(cv2.absdiff(unpack_pixels(one), unpack_pixels(other)) <= limit)
    return np.asarray(small.view(np.uint32)[:, 0] == _FOUR_TRUE)  # faster than all(axis=1)


def _fills_squares(packed: Words) -> BoolMap:
    """(H, W) bool: upper left corners of squares of one color, `AREA_SIDE` wide."""
    same = np.zeros(packed.shape, np.uint8)
    corner = packed[:-1, :-1]
    same[:-1, :-1] = (
        (corner == packed[:-1, 1:]) & (corner == packed[1:, :-1]) & (corner == packed[1:, 1:])
    )
    kernel = np.ones((AREA_SIDE - 1, AREA_SIDE - 1), np.uint8)
    border = cv2.BORDER_CONSTANT
    eroded = cv2.erode(same, kernel, anchor=(0, 0), borderType=border, borderValue=0)
    return np.asarray(eroded, bool)


def _count_turns(
    packed: Words, inside: BoolMap, at: NDArray[np.intp], count: int
) -> NDArray[np.float64]:
    """(count,): how often a color is the crest of its row or column, less how often on a slope.

    What is mixed goes up and down; a gradient goes on.

    Args:
        packed: (H, W) the painting.
        inside: (H, W) bool, pixels of the colors in question.
        at: (H, W) the number of each pixel's color.
        count: how many colors there are.
    """
    turns = np.zeros(count)
    for p, i, a in ((packed, inside, at), (packed.T, inside.T, at.T)):
        before, own, after = p[:, :-2], p[:, 1:-1], p[:, 2:]
        both = i[:, :-2] & i[:, 1:-1] & i[:, 2:] & (before != own) & (after != own)
        both[both] = _is_near(own[both], before[both]) & _is_near(own[both], after[both])
        level = unpack_pixels(own[both]).astype(np.int32)
        back, on = unpack_pixels(before[both]) - level, unpack_pixels(after[both]) - level
        sign = np.sign((back * on).sum(axis=1))
        turns += np.bincount(a[:, 1:-1][both], weights=sign, minlength=count)
    return turns


def _choose_leaders(
    colors: Words, order: NDArray[np.intp], mixed: BoolMap, meets: BoolMap
) -> NDArray[np.intp]:
    """(C,) number of the color that each color stands for: itself, or one asked before it.

    Args:
        colors: (C,) packed.
        order: (C,) numbers of the colors, as they are asked.
        mixed: (C,) bool, colors that may stand for others.
        meets: (C, C) bool, which are found side by side.
    """
    turn = np.argsort(order)
    leader = np.arange(len(colors))
    for color in order[mixed[order]].tolist():
        leaders = leader[meets[color] & (turn < turn[color])]
        leaders = leaders[_is_near(colors[leaders], np.full(len(leaders), colors[color]))]
        if len(leaders):
            leader[color] = leaders[turn[leaders].argmin()]
    return leader
