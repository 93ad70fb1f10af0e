"""Which segments there are: forgotten lines make one of two, stray strokes make two of one."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from shiage.data.augment.lines import trace_mask
from shiage.data.augment.sample import MIN_AREA, Sample, line_coverage, settle
from shiage.lines.lineart import extract_lineart
from shiage.lines.segments import describe_segments, spread_labels
from shiage.structures import BoolMap, ByteMap, Ints, LabelMap

MOST_MERGED = 0.5
"""Segments of two colors merge only if the smaller has at most this share of the larger one's area:
so that the color of the whole is beyond doubt that of the larger."""

STRAY_AREA = 12 * MIN_AREA
"""Stray strokes go through segments of at least this many pixels."""


def drop_lines(sample: Sample, count: int, rng: np.random.Generator) -> Sample:
    """Return the sample without up to that many lines, each whole between two segments.

    The merged segment has the larger one's region and color. Two segments of different colors
    merge only if that is beyond doubt: see `MOST_MERGED`, and the larger is not one that reaches
    the picture's edge, lest all the paper becomes part of a sleeve.
    """
    width = extract_lineart(sample.line).line_width
    table = describe_segments(sample.labels, max_contact=2 * round(width) + 4)
    one, two, contact = table.neighbors.T
    area = table.area[np.stack([one, two]) - 1]
    same = (sample.colors[one - 1] == sample.colors[two - 1]).all(axis=1)
    clear = area.min(axis=0) <= MOST_MERGED * area.max(axis=0)
    clear &= ~table.touches_border[np.where(area[0] > area[1], one, two) - 1]
    fit = np.flatnonzero((same | clear) & (contact > 2 * width))
    reach = round(width / 2) + 2
    line, merged = sample.line.copy(), []
    for pair in table.neighbors[rng.permutation(fit)[:count], :2]:
        x0, y0 = np.maximum(table.box_xyxy[pair - 1, :2].min(axis=0) - 2 * reach, 0)
        x1, y1 = table.box_xyxy[pair - 1, 2:].max(axis=0) + 2 * reach
        removed = _line_between(sample.labels[y0:y1, x0:x1], pair[0], pair[1], reach)
        line[y0:y1, x0:x1][removed] = 255
        if removed.any():
            merged.append(pair)
    if not merged:
        return sample
    return settle(_merge(replace(sample, line=line), np.array(merged, np.int32)))


def drop_traces(sample: Sample) -> Sample:
    """Return the sample without its colour-trace lines, as an artist draws who does not shade.

    What they parted becomes one segment with the region and color of the largest among it.
    """
    removed = trace_mask(sample.line)
    if not removed.any():
        return sample
    width = extract_lineart(sample.line).line_width
    line = sample.line.copy()
    line[removed] = 255
    before = settle(replace(sample, line=line))
    # Labels that now meet on paper, where a trace was, belong together; a few pixels of contact
    # are an opening in a black line that a trace ran into.
    near = cv2.dilate(removed.view(np.uint8), np.ones((3, 3), np.uint8)).astype(bool)
    pairs, contact = _touching(np.where(near, before.labels, 0).astype(np.int32))
    return settle(_merge(before, pairs[contact > max(3.0, 2 * width)]))


def add_strays(sample: Sample, count: int, rng: np.random.Generator) -> Sample:
    """Return the sample with that many strokes, each through one segment and ending at its lines.

    Both parts of a segment that is cut through keep its region and color.
    """
    area = np.bincount(sample.labels.ravel(), minlength=len(sample) + 1)
    area[0] = 0
    large = np.flatnonzero(area >= STRAY_AREA)
    if not len(large):
        return sample
    # A brush of OpenCV's is wider than it says.
    thickness = max(1, round(extract_lineart(sample.line).line_width) - 1)
    coverage = line_coverage(sample.line)
    soft = bool(cv2.inRange(coverage, 40, 215).any())
    line = sample.line.copy()
    for label in rng.choice(large, count):
        inside = np.asarray(cv2.inRange(sample.labels, int(label), int(label)), np.uint8)
        x, y, width, height = cv2.boundingRect(inside)
        # Over the rims of the lines around it, so that it does not end just before them.
        around = np.s_[max(0, y - 1) : y + height + 1, max(0, x - 1) : x + width + 1]
        stroke = _stroke(inside[around] > 0, thickness, soft, rng)
        reach = cv2.dilate(inside[around], np.ones((3, 3), np.uint8)) > 0
        reach &= (inside[around] > 0) | (sample.labels[around] == 0)
        rgb = line[around][..., :3]
        rgb[reach] = np.minimum(rgb[reach], stroke[reach, None])
    return settle(replace(sample, line=line))


def _stroke(inside: BoolMap, thickness: int, soft: bool, rng: np.random.Generator) -> ByteMap:
    """(H, W) uint8: a smooth stroke in black on white, longer than the segment.

    It bends through one pixel of the segment, towards another and away from it.
    """
    places = np.flatnonzero(inside)
    middle, aim = (
        np.array(divmod(int(place), inside.shape[1])[::-1], np.float64)
        for place in rng.choice(places, 2)
    )
    along = (aim - middle) / max(1.0, float(np.linalg.norm(aim - middle)))
    length = float(max(inside.shape))
    across = np.array([-along[1], along[0]]) * rng.uniform(-0.4, 0.4) * length
    t = np.linspace(-1, 1, 33)[:, None]
    points = np.rint(middle + along * t * length + across * t**2).astype(np.int32)
    stroke = np.full(inside.shape, 255, np.uint8)
    cv2.polylines(stroke, [points], False, 0, thickness, cv2.LINE_AA if soft else cv2.LINE_8)
    return stroke


def _line_between(labels: LabelMap, low: int, high: int, reach: int) -> BoolMap:
    """(H, W) bool: the line between two segments, with its soft rims; nothing if it stays shut.

    That is what lies nearer to the two than to others, and close to where their halves meet.
    """
    spread = spread_labels(labels)
    meets = np.zeros(labels.shape, np.uint8)
    for one, two, here in (
        (spread[:, :-1], spread[:, 1:], meets[:, :-1]),
        (spread[:-1], spread[1:], meets[:-1]),
    ):
        here |= ((one == low) & (two == high)) | ((one == high) & (two == low))
    side = 2 * reach + 1
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
    removed: BoolMap = cv2.dilate(meets, disc).astype(bool)
    removed &= (spread == low) | (spread == high)
    # Where a line is wider than others in the drawing, part of it would stay.
    open_ = (labels == low) | (labels == high) | removed
    _, pieces = cv2.connectedComponents(open_.view(np.uint8), connectivity=4)
    if not len(np.intersect1d(pieces[labels == low], pieces[labels == high])):
        removed[:] = False
    return removed


def _touching(labels: LabelMap) -> tuple[Ints, Ints]:
    """Pairs of labels, (P, 2) int32, that lie side by side without ink between, and how often."""
    found = []
    for one, two in ((labels[:, :-1], labels[:, 1:]), (labels[:-1], labels[1:])):
        meets = (one != two) & (one > 0) & (two > 0)
        found.append(np.sort(np.stack([one[meets], two[meets]], axis=1), axis=1))
    pairs, contact = np.unique(np.concatenate(found), axis=0, return_counts=True)
    return pairs.astype(np.int32), contact.astype(np.int32)


def _merge(sample: Sample, pairs: Ints) -> Sample:
    """Return the sample with labels joined that pairs (P, 2) connect; the largest one decides."""
    if not len(pairs):
        return sample
    count = len(sample) + 1
    graph = coo_array((np.ones(len(pairs), bool), (pairs[:, 0], pairs[:, 1])), shape=(count, count))
    group = connected_components(graph, directed=False)[1]
    area = np.bincount(sample.labels.ravel(), minlength=count)
    largest = np.zeros(count, np.int32)
    by_area = np.argsort(area, kind="stable")
    largest[group[by_area]] = by_area
    target = largest[group]
    target[0] = 0
    return replace(sample, labels=target[sample.labels].astype(np.int32))
