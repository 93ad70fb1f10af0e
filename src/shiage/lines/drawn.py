"""Drawings that are not clean: split by what the networks see in them.

Parts are found at the scale of the map, and brought to the drawing's own pixels so that they meet
in the middle of lines: no rims, no crumbs. Ink stays ink; where a border was completed there is
none, and two segments meet.
"""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from shiage.lines.border_map import BorderMap, LineSight, see_borders, shipped_sight
from shiage.lines.parting import Joining, find_pieces, join_pieces
from shiage.lines.runs import find_runs
from shiage.lines.segments import (
    absorb_barrier,
    describe_segments,
    number_in_order,
    number_regions,
    widest_contact,
)
from shiage.structures import BoolMap, Floats, LabelMap, LineArt, Segments

FAINT = 20
"""Coverage from which a pixel on a likely border is ink, however faint."""

LIKELY = 0.4
"""From this on a border is likely enough for faint marks on it to be ink."""

MOST_CLOSING = 6.0
"""Sureness at which next to nothing is joined; as far the other way nearly everything is."""

ASIDE = 0.2
"""What is less of a part than this share, and cut off from it by ink, is no part of it."""


def split_drawn(
    rgb: NDArray[np.uint8],
    lineart: LineArt,
    closing: float,
    min_area: int,
    sight: LineSight | None = None,
) -> tuple[LineArt, Segments]:
    """Return the lines of a rough drawing, faint ones too, and its segments.

    Args:
        rgb: (H, W, 3) uint8, the drawing on opaque paper.
        lineart: its lines as one threshold finds them.
        closing: how sure it must be that two pieces are one part: more closes more gaps.
        min_area: smaller parts join a neighbor.
        sight: the networks; None takes those that come with shiage.
    """
    sight = sight or shipped_sight()
    seen = see_borders(rgb, lineart.ink, sight)
    joining = join_pieces(find_pieces(seen.border), sight.score, -MOST_CLOSING)
    lineart = with_faint_ink(lineart, seen)
    return lineart, take_segments(lineart, joining, closing, min_area)


def with_faint_ink(lineart: LineArt, seen: BorderMap) -> LineArt:
    """Return the lines with faint marks that lie where a border is likely."""
    faint = (lineart.coverage >= FAINT) & (seen.enlarged() >= LIKELY)
    return replace(lineart, ink=lineart.ink | faint)


def keep_faint_ink(lineart: LineArt, before: LineArt) -> LineArt:
    """Return the lines of a drawing that was changed, with the faint ink that it had before."""
    faint = before.ink & (lineart.coverage >= FAINT)
    return replace(lineart, ink=lineart.ink | faint)


def take_segments(lineart: LineArt, joining: Joining, closing: float, min_area: int) -> Segments:
    """Return the segments of a drawing whose pieces are joined."""
    height, width = lineart.size_hw
    parts = joining.parts(closing)
    labels = cv2.resize(parts, (width, height), interpolation=cv2.INTER_NEAREST)
    reach = max(1, round(width / parts.shape[1]))
    labels = _meet_in_ink(np.asarray(labels, np.int32), lineart.ink, reach, min_area)
    labels = number_in_order(np.asarray(labels, np.int32))
    segments = describe_segments(labels, widest_contact(lineart.line_width))
    return replace(segments, guessed=_measure_guessed(labels, len(segments)))


def _meet_in_ink(labels: LabelMap, ink: BoolMap, reach: int, min_area: int) -> LabelMap:
    """(H, W) int32: labels that end at ink where there is some near, 0 on ink.

    Args:
        labels: (H, W) int32, 1..N everywhere.
        ink: (H, W) bool.
        reach: pixels by which borders may lie beside the ink.
        min_area: pixels of the smallest part.
    """
    paper = ~ink
    between = _find_meetings(labels)
    if reach > 1:
        between = cv2.dilate(between.view(np.uint8), np.ones((2 * reach - 1,) * 2)).astype(bool)
    labels = np.where(ink | between, 0, labels).astype(np.int32)
    labels = absorb_barrier(labels, paper & between)
    region_runs, label_runs = find_runs(number_regions(paper), labels)
    region, label = region_runs.value.astype(np.int64), label_runs.value.astype(np.int64)
    count = int(labels.max()) + 1
    key, which = np.unique(region * count + label, return_inverse=True)
    region, label = key // count, key % count
    area = np.bincount(which, region_runs.length)
    whole, room = np.bincount(label, area, count), np.bincount(region, area)
    largest = np.zeros(len(room))
    np.maximum.at(largest, region, area)
    # Beside its line lies a rim of the part beyond, cut off from it; it goes to what is around.
    strip = (area < ASIDE * whole[label]) & (area < ASIDE * room[region])
    strip |= (whole[label] < min_area) & (area < room[region])
    strip &= (area < largest[region]) & (region > 0)
    if not strip.any():
        return labels
    lost = np.repeat(strip[which], region_runs.length).reshape(labels.shape)
    return absorb_barrier(np.where(lost, 0, labels).astype(np.int32), lost)


def _measure_guessed(labels: LabelMap, count: int) -> Floats:
    """(N,) float32 in [0, 1]: share of each segment's outline where it meets another one.

    >>> _measure_guessed(np.array([[1, 2], [0, 2]], np.int32), 2).tolist()
    [0.5, 0.5]
    """
    outline, open_ = np.zeros((2, count + 1))
    for here, there in ((np.s_[:, :-1], np.s_[:, 1:]), (np.s_[:-1], np.s_[1:])):
        meets = labels[here] != labels[there]
        one, two = labels[here][meets], labels[there][meets]
        both = (one > 0) & (two > 0)
        for side in (one, two):
            outline += np.bincount(side, minlength=count + 1)
            open_ += np.bincount(side, both, count + 1)
    return np.asarray((open_ / np.maximum(outline, 1))[1:], np.float32)


def _find_meetings(labels: LabelMap) -> BoolMap:
    """(H, W) bool: pixels beside one of another label."""
    meets = np.zeros(labels.shape, bool)
    for here, there in ((np.s_[:, :-1], np.s_[:, 1:]), (np.s_[:-1], np.s_[1:])):
        differs = labels[here] != labels[there]
        meets[here] |= differs
        meets[there] |= differs
    return meets
