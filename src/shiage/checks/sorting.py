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

from shiage.checks.mixing import is_mixed
from shiage.checks.view import CelView
from shiage.files.packing import pack_colors
from shiage.files.pictures import Pixels, to_u8
from shiage.lines.lineart import LineSettings, find_traces
from shiage.lines.own_colors import FRINGE
from shiage.lines.paper import BARE_COVERAGE
from shiage.painting.compose import find_widest
from shiage.structures import BoolMap

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
    found = Sorted(*(np.zeros(shape, bool) for _ in range(4)))
    y, x = np.nonzero(view.wrong)
    mixed = is_mixed(view, y, x)
    hard = view.hard[y, x]
    found.ink[y[hard & ~mixed], x[hard & ~mixed]] = True
    y, x, mixed = y[~hard], x[~hard], mixed[~hard]

    left = _left_traces(view, y, x, mixed, lines)
    found.trace[y[left], x[left]] = True
    y, x, mixed = y[~left], x[~left], mixed[~left]

    holes = view.bare[y, x] & ~view.kept[y, x]
    holes |= _bare_rims(view, y, x)
    found.hole[y[holes], x[holes]] = True
    y, x, mixed = y[~holes], x[~holes], mixed[~holes]

    words, line = view.paints[y, x], view.kept[y, x]
    fine = mixed | ((words == view.drew[y, x]) & (view.soft[y, x] | line))
    fine |= view.is_allowed(words) & ~line
    y, x, line = y[~fine], x[~fine], line[~fine]
    found.ink[y[line], x[line]] = True
    found.color[y[~line], x[~line]] = True
    return found


def hue_numbers(rgba: Pixels, lines: LineSettings) -> NDArray[np.uint8]:
    """(n,) uint8: number of the trace hue of each color (n, 4), 0 for those that are none."""
    rgb = to_u8(rgba[None, :, :3])
    cover = (255 - rgb.min(axis=-1)).astype(np.uint8)
    trace = find_traces(rgb, np.ones(cover.shape, bool), cover, lines.trace_hues)
    return np.asarray(trace[0])


def _left_traces(view: CelView, y: Rows, x: Rows, mixed: BoolMap, lines: LineSettings) -> BoolMap:
    """(n,) bool: pixels of trace lines or their rims that look as drawn, or are of a trace's hue.

    A pixel in the color of a fill beside it is painted, whatever that color is; and so are those
    that are `mixed` of such fills, unless it is the line itself that is as it was drawn.
    """
    left = np.zeros(len(y), bool)
    traced = view.replaced[y, x]
    rim = _near_traces(view, y, x) & ~view.kept[y, x] & ~view.soft[y, x]
    rim &= view.lineart.coverage[y, x] > BARE_COVERAGE
    zone = np.flatnonzero((traced | rim) & ~view.bare[y, x])
    words = view.paints[y[zone], x[zone]]
    # What black a trace hides is inferred: there it is the trace itself that may be left.
    trace_words = pack_colors(view.drawing[None, y[zone], x[zone]])[0]
    as_drawn = words == np.where(traced[zone], trace_words, view.drew[y[zone], x[zone]])
    colors = view.painted[y[zone], x[zone]]
    strong = (colors[:, :3].max(axis=1) - colors[:, :3].min(axis=1)) > (
        np.iinfo(colors.dtype).max // 4
    )
    hued = (hue_numbers(colors, lines) > 0) & strong & ~view.is_allowed(words)
    maybe = zone[(as_drawn & traced[zone]) | ((as_drawn | hued) & ~mixed[zone])]
    left[maybe] = ~_has_fill_near(view, y[maybe], x[maybe])
    return left


def _near_traces(view: CelView, y: Rows, x: Rows) -> BoolMap:
    """(n,) bool: pixels of trace lines that are painted over, and where their rims may be."""
    square = np.ones((2 * FRINGE + 1, 2 * FRINGE + 1), np.uint8)
    return np.asarray(cv2.dilate(view.replaced.view(np.uint8), square).astype(bool)[y, x])


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
