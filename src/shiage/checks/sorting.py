"""Each pixel that is not as `compose` would make it, sorted by what is wrong with it, if anything.

A pixel belongs to one kind at most: changed ink, then leftover trace, then unpainted, then a color
that is not allowed.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import cv2
import numpy as np
from numpy.typing import NDArray

from shiage.checks.places import Words, unpack
from shiage.checks.view import CelView
from shiage.files.pictures import Pixels
from shiage.lines.lineart import LineSettings, find_traces
from shiage.lines.own_colors import FRINGE
from shiage.lines.paper import BARE_COVERAGE
from shiage.painting.compose import find_widest
from shiage.structures import BoolMap

MIX_TOLERANCE = 10.0
"""How far, in 8-bit levels, a rim may lie from the mix of line and fill that it should be ..."""

RIM_TOLERANCE = 48.0
"""... and from what `compose` makes of it, since programs differ where lines cross."""

RIM_LIMIT = 128
"""Rims that lines cover more than this hide what lies under them well enough."""

Rows = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Sorted:
    """What is wrong with pixels; all (H, W) bool.

    Attributes:
        ink: line pixels that have changed.
        trace: leftover colour trace.
        hole: unpainted, though the segment is painted.
        color: in a color that is no fill and not allowed.
    """

    ink: BoolMap
    trace: BoolMap
    hole: BoolMap
    color: BoolMap


def sort_pixels(view: CelView, lines: LineSettings) -> Sorted:
    """Return what is wrong with each pixel that is not as it should be."""
    shape = view.wrong.shape
    found = Sorted(view.wrong & view.hard, *(np.zeros(shape, bool) for _ in range(3)))
    y, x = np.nonzero(view.wrong & ~view.hard)
    if not len(y):
        return found

    left = _left_traces(view, y, x, lines)
    found.trace[y[left], x[left]] = True
    y, x = y[~left], x[~left]

    holes = view.bare[y, x] & ~view.kept[y, x]
    holes |= _bare_rims(view, y, x)
    found.hole[y[holes], x[holes]] = True
    y, x = y[~holes], x[~holes]

    words = view.paints[y, x]
    rim, line = view.soft[y, x], view.kept[y, x]
    fine = (words == view.drew[y, x]) & (rim | line)
    fine |= view.is_allowed(words) & ~line
    doubtful = np.flatnonzero(~fine & rim)
    fine[doubtful] = _is_mixed(view, y[doubtful], x[doubtful])
    y, x, line = y[~fine], x[~fine], line[~fine]
    found.ink[y[line], x[line]] = True
    found.color[y[~line], x[~line]] = True
    return found


def hue_numbers(rgba: Pixels, lines: LineSettings) -> NDArray[np.uint8]:
    """(n,) uint8: number of the trace hue of each color (n, 4), 0 for those that are none."""
    rgb = rgba[:, :3] if rgba.dtype == np.uint8 else (rgba[:, :3] // 257)
    rgb = rgb.astype(np.uint8)[None]
    cover = (255 - rgb.min(axis=-1)).astype(np.uint8)
    trace = find_traces(rgb, np.ones(cover.shape, bool), cover, lines.trace_hues)
    return np.asarray(trace[0])


def _left_traces(view: CelView, y: Rows, x: Rows, lines: LineSettings) -> BoolMap:
    """(n,) bool: pixels of trace lines or their rims that look as drawn, or are of a trace's hue.

    A pixel in the color of a fill beside it is painted, whatever that color is.
    """
    left = np.zeros(len(y), bool)
    if not view.replaced.any():
        return left
    square = np.ones((2 * FRINGE + 1, 2 * FRINGE + 1), np.uint8)
    near = cv2.dilate(view.replaced.view(np.uint8), square).astype(bool)[y, x]
    rim = near & ~view.kept[y, x] & ~view.soft[y, x]
    rim &= view.lineart.coverage[y, x] > BARE_COVERAGE
    zone = np.flatnonzero(view.replaced[y, x] | rim)
    zone = zone[~view.bare[y[zone], x[zone]]]
    words = view.paints[y[zone], x[zone]]
    as_drawn = words == view.drew[y[zone], x[zone]]
    colors = view.painted[y[zone], x[zone]]
    strong = (colors[:, :3].max(axis=1) - colors[:, :3].min(axis=1)) > (
        np.iinfo(colors.dtype).max // 4
    )
    hued = (hue_numbers(colors, lines) > 0) & strong & ~view.is_allowed(words)
    maybe = zone[as_drawn | hued]
    left[maybe] = ~_has_fill_near(view, y[maybe], x[maybe])
    return left


def _has_fill_near(view: CelView, y: Rows, x: Rows) -> BoolMap:
    """(n,) bool: pixels in the color of a segment that lies as near as a trace line is wide."""
    if not len(y):
        return np.zeros(0, bool)
    reach = (find_widest(view.replaced) if view.replaced.any() else 1) + 1
    padded = np.pad(view.beside, reach, constant_values=view.nothing)
    words, found = view.paints[y, x], np.zeros(len(y), bool)
    for dy, dx in product(range(2 * reach + 1), repeat=2):
        found |= padded[y + dy, x + dx] == words
    return found


def _bare_rims(view: CelView, y: Rows, x: Rows) -> BoolMap:
    """(n,) bool: rims of lines beside which the paper still shows, light enough to be seen.

    Not where most rims of the cel are like that: then they were never meant to be mixed.
    """
    rim = view.soft[y, x] & ~view.lineart.ink[y, x] & (view.paints[y, x] == view.drew[y, x])
    rims = view.soft & ~view.lineart.ink & view.painted_segments[view.segments.labels]
    if 2 * np.count_nonzero(rim) > np.count_nonzero(rims):
        return np.zeros(len(y), bool)
    return np.asarray(rim & (view.lineart.coverage[y, x] < RIM_LIMIT))


def _is_mixed(view: CelView, y: Rows, x: Rows) -> BoolMap:
    """(n,) bool: pixels that are their line over some fill nearby, as far as the line covers."""
    if not len(y):
        return np.zeros(0, bool)
    scale = 255 / np.iinfo(view.painted.dtype).max
    margin = FRINGE + 1
    cover = np.pad(view.lineart.coverage, margin)
    beside = np.pad(view.beside, margin, constant_values=view.nothing)
    drew = np.pad(view.drew, margin, constant_values=view.paper)
    best, line = np.zeros(len(y), np.uint8), np.full(len(y), view.paper, view.drew.dtype)
    steps = list(product(range(2 * margin + 1), repeat=2))
    for dy, dx in steps:
        darker = cover[y + dy, x + dx] > best
        best[darker] = cover[y + dy, x + dx][darker]
        line[darker] = drew[y + dy, x + dx][darker]
    share = (view.lineart.coverage[y, x] / np.maximum(best, 1.0))[:, None]
    over = _levels(line) * share
    now = view.painted[y, x, :3].astype(np.float64) * scale
    meant = view.expected[y, x, :3].astype(np.float64) * scale
    mixed = np.abs(meant - now).max(axis=1) <= RIM_TOLERANCE
    for dy, dx in steps:
        fill = beside[y + dy, x + dx]
        far = np.abs(over + _levels(fill) * (1 - share) - now).max(axis=1)
        mixed |= (far <= MIX_TOLERANCE) & (fill != view.nothing)
    return np.asarray(mixed)


def _levels(words: Words) -> NDArray[np.float64]:
    """(n, 3) float64 in 0..255: red, green and blue of packed colors."""
    return np.asarray(unpack(words)[:, :3] / 257.0)
