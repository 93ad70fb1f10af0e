"""Line art to segments: label map and table.

A segment is a maximal 4-connected region of non-ink pixels, once gaps are closed; 4-connected, so
that a line of single pixels touching by their corners still parts what lies on its two sides.

Three rules bend that definition, each so that nothing is left for a painter to pick up by hand:

* a barrier across a gap is no ink: its pixels go to the segments beside it;
* a speck (fewer than `min_area` pixels) joins the segment it shares the longest line with;
* a sliver (nowhere 3 pixels wide, so that no 3 x 3 square fits) is kept as a segment of its own,
  or with `merge_slivers` treated as a speck.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import Annotated, Literal

import cv2
import msgspec
import numpy as np
from numpy.typing import NDArray

from shiage.lines.gaps import GapRadius, draw_barriers, find_gaps
from shiage.lines.runs import Runs, find_runs
from shiage.structures import BoolMap, Gaps, Ints, LabelMap, LineArt, Segments

GAP_AREA_FACTOR = 3.0
"""A closing of length g stands if both areas it parts are larger than this times g squared."""


LineWay = Literal["auto", "exact", "drawn"]
"""How drawings are split; see `SegmentSettings`."""


class SegmentSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How regions become segments.

    Attributes:
        gap: longest gap to close in pixels, "auto" or "off".
        min_area: smaller regions are specks and join a neighbor.
        merge_slivers: regions nowhere 3 pixels wide join a neighbor, too.
        lines: "exact" takes regions between lines as they are; "drawn" takes what the networks
            see in a rough drawing; "auto" decides by the drawings of a column.
        closing: how readily open places of rough drawings are closed, 0 to 100.
    """

    gap: GapRadius = "auto"
    min_area: int = 5
    merge_slivers: bool = False
    lines: LineWay = "auto"
    closing: Annotated[int, msgspec.Meta(ge=0, le=100)] = 50


def find_segments(lineart: LineArt, settings: SegmentSettings | None = None) -> Segments:
    """Return the segments of a drawing, numbered in raster order of their first pixels."""
    settings = settings or SegmentSettings()
    paper = ~lineart.ink
    gaps = find_gaps(lineart, settings.gap)
    if len(gaps):
        labels, gaps = _label_between_barriers(paper, gaps, settings.min_area)
    else:
        labels = number_regions(paper)
    (runs,) = find_runs(labels)
    contacts = _find_contacts(labels, runs, widest_contact(lineart.line_width))
    specks = _find_specks(labels, runs, settings)
    if specks.any():
        target = _choose_hosts(labels, runs, contacts, specks)
        labels, runs = target[labels], replace(runs, value=target[runs.value.astype(np.int64)])
        contacts = target[contacts]
    order = _raster_order(runs)
    if (np.diff(order) != 1).any():
        labels, runs = order[labels], replace(runs, value=order[runs.value.astype(np.int64)])
        contacts = order[contacts]
    return _describe(labels, runs, contacts, gaps)


def describe_segments(
    labels: LabelMap, max_contact: int = 12, gaps: Gaps | None = None
) -> Segments:
    """Return the table for a label map that came from elsewhere.

    Args:
        labels: (H, W) int32, 0 = ink, 1..N each present.
        max_contact: widest line, pixels, across which two segments count as neighbors.
        gaps: the gaps that are closed in it.
    """
    (runs,) = find_runs(labels)
    return _describe(labels, runs, _find_contacts(labels, runs, max_contact), gaps or Gaps())


def _describe(labels: LabelMap, runs: Runs, contacts: NDArray[np.integer], gaps: Gaps) -> Segments:
    """Return the table for a label map, given its runs and contacts (F, 2)."""
    label = runs.value.astype(np.int64)
    count = int(label.max(initial=0))
    height, width = labels.shape

    area = np.bincount(label, runs.length, count + 1)[1:]
    sum_x = np.bincount(label, runs.length * (runs.start + runs.stop - 1) / 2, count + 1)[1:]
    sum_y = np.bincount(label, runs.length * runs.row, count + 1)[1:]
    box = np.empty((count + 1, 4), np.int64)
    box[:, :2], box[:, 2:] = max(height, width), 0
    np.minimum.at(box[:, 0], label, runs.start)
    np.minimum.at(box[:, 1], label, runs.row)
    np.maximum.at(box[:, 2], label, runs.stop)
    np.maximum.at(box[:, 3], label, runs.row + 1)
    box = box[1:]
    edge = (box[:, 0] == 0) | (box[:, 1] == 0) | (box[:, 2] == width) | (box[:, 3] == height)
    return Segments(
        labels=labels,
        area=area.astype(np.int32),
        box_xyxy=box.astype(np.int32),
        centroid_xy=(np.stack([sum_x, sum_y], axis=1) / area[:, None]).astype(np.float32),
        touches_border=edge,
        container=_find_containers(labels, runs, gaps, count),
        neighbors=_count_neighbors(contacts, count),
        gaps=gaps,
    )


def widest_contact(line_width: float) -> int:
    """Pixels of ink across which two segments still face each other, whichever way it is crossed.

    Args:
        line_width: typical width of the drawing's lines, pixels.
    """
    return 2 * round(line_width) + 4


def find_inner_points(labels: LabelMap, count: int) -> Ints:
    """(N, 2) int32: x, y of a pixel inside each segment, the middle of its longest row run.

    >>> find_inner_points(np.array([[1, 0, 2, 2, 2], [1, 0, 0, 2, 0]], np.int32), 2).tolist()
    [[0, 0], [3, 0]]
    """
    (runs,) = find_runs(labels)
    label = runs.value.astype(np.int64)
    order = np.lexsort((-runs.length, label))  # the first of the longest, as the sort is stable
    _, first = np.unique(label[order], return_index=True)
    longest = order[first][label[order[first]] > 0]
    points = np.zeros((count, 2), np.int32)
    points[label[longest] - 1, 0] = (runs.start[longest] + runs.stop[longest] - 1) // 2
    points[label[longest] - 1, 1] = runs.row[longest]
    return points


def find_deep_points(labels: LabelMap, count: int) -> Ints:
    """(N, 2) int32: x, y of the pixel of each segment that is farthest from ink and other segments.

    It stays in its segment when a line beside that is moved a little.

    >>> labels = np.array([[1, 1, 1, 0], [1, 1, 1, 0], [1, 1, 1, 2], [0, 0, 0, 2]])
    >>> find_deep_points(labels, 2).tolist()
    [[1, 1], [3, 3]]
    """
    walls = np.pad(labels == 0, 1, constant_values=True)
    inner = walls[1:-1, 1:-1]
    for here, there in ((np.s_[1:], np.s_[:-1]), (np.s_[:, 1:], np.s_[:, :-1])):
        meets = (labels[here] != labels[there]) & (labels[here] > 0) & (labels[there] > 0)
        inner[here] |= meets
        inner[there] |= meets
    depth = cv2.distanceTransform((~walls).view(np.uint8), cv2.DIST_L2, 3)[1:-1, 1:-1]
    (runs,) = find_runs(labels)
    deepest = np.maximum.reduceat(depth.ravel(), runs.row * labels.shape[1] + runs.start)
    order = np.lexsort((-deepest, runs.value))  # the first of the deepest, as the sort is stable
    label, first = np.unique(runs.value[order], return_index=True)
    points = np.zeros((count, 2), np.int32)
    for number, run in zip(label.tolist(), order[first].tolist(), strict=True):
        if number:
            row, start, stop = runs.row[run], runs.start[run], runs.stop[run]
            points[number - 1] = start + np.argmax(depth[row, start:stop]), row
    return points


def label_at(labels: LabelMap, at_xy: tuple[int, int]) -> int:
    """Return the label at a pixel of a label map (H, W), 0 on ink and outside."""
    (x, y), (height, width) = at_xy, labels.shape
    return int(labels[y, x]) if 0 <= x < width and 0 <= y < height else 0


def spread_labels(labels: LabelMap) -> LabelMap:
    """(H, W) int32: ink pixels take the label of the nearest segment, 0 without any."""
    ink = labels == 0
    if not ink.any() or ink.all():
        return labels
    _, nearest = cv2.distanceTransformWithLabels(
        ink.view(np.uint8), cv2.DIST_L2, 3, labelType=cv2.DIST_LABEL_PIXEL
    )
    of_source = np.zeros(int(nearest.max()) + 1, np.int32)
    of_source[nearest[~ink]] = labels[~ink]
    spread: LabelMap = labels.copy()
    spread[ink] = of_source[nearest[ink]]
    return spread


def number_regions(mask: BoolMap, connectivity: int = 4) -> LabelMap:
    """(H, W) int32: connected regions of a mask, numbered in raster order of their first pixels.

    Args:
        mask: (H, W) bool.
        connectivity: 4 or 8.
    """
    _, labels = cv2.connectedComponentsWithAlgorithm(
        mask.view(np.uint8), connectivity, cv2.CV_32S, cv2.CCL_SPAGHETTI
    )
    return np.asarray(labels, np.int32)


def _renumber(target: NDArray[np.int64]) -> Ints:
    """Return a mapping of labels with its values renumbered in order, without holes.

    >>> _renumber(np.array([0, 4, 2, 2, 4])).tolist()
    [0, 2, 1, 1, 2]
    """
    return np.searchsorted(np.unique(target), target).astype(np.int32)


def number_in_order(labels: LabelMap) -> LabelMap:
    """(H, W) int32: the same segments, numbered in raster order of their first pixels.

    >>> number_in_order(np.array([[0, 7, 2], [2, 0, 7]], np.int32)).tolist()
    [[0, 1, 2], [2, 0, 1]]
    """
    (runs,) = find_runs(labels)
    return np.asarray(_raster_order(runs)[labels], np.int32)


def _raster_order(runs: Runs) -> Ints:
    """(N + 1,) int32: number of each label by its first pixel in raster order; 0 stays 0."""
    label, first = np.unique(runs.value.astype(np.int64), return_index=True)
    label, first = label[label > 0], first[label > 0]
    order = np.zeros(int(label.max(initial=0)) + 1, np.int32)
    order[label[np.argsort(first)]] = np.arange(1, len(label) + 1)
    return order


def _label_between_barriers(paper: BoolMap, gaps: Gaps, min_area: int) -> tuple[LabelMap, Gaps]:
    """Return the label map with gaps closed, and those of the gaps whose closing stands."""
    barrier = draw_barriers(gaps, (paper.shape[0], paper.shape[1])) & paper
    labels = number_regions(paper & ~barrier)
    labels = absorb_barrier(labels, barrier)
    sides = [_labels_beside(labels, barrier, ends) for ends in gaps.ends_xyxy]
    area = np.bincount(labels.ravel())
    # Union-find over labels: closings that part nothing much are undone, smallest area first.
    parent = np.arange(len(area))

    def root(label: int) -> int:
        while parent[label] != label:
            label = int(parent[label])
        return label

    length = np.linalg.norm(gaps.ends_xyxy[:, 2:] - gaps.ends_xyxy[:, :2], axis=1)
    parted = [(g, beside) for g, pieces in enumerate(sides) for beside in pieces]
    for g, beside in sorted(parted, key=lambda gap: min(int(area[s]) for s in gap[1])):
        roots = sorted({root(s) for s in beside}, key=lambda r: int(area[r]))
        needed = max(min_area, GAP_AREA_FACTOR * length[g] ** 2)
        for small, large in pairwise(roots):
            if area[small] < needed:
                parent[small] = large
                area[large] += area[small]
    keep = [any(len({root(s) for s in piece}) > 1 for piece in pieces) for pieces in sides]
    target = np.array([root(label) for label in range(len(area))])
    if not (target == np.arange(len(target))).all():
        labels = _renumber(target)[labels]
    return labels, Gaps(gaps.ends_xyxy[keep], gaps.radius)


def absorb_barrier(labels: LabelMap, barrier: BoolMap) -> LabelMap:
    """Return the labels with barrier pixels given the largest one beside them, ring by ring.

    Barrier pixels walled in by ink become regions of their own. `labels` is changed in place.

    Args:
        labels: (H, W) int32, 0 on ink and on the barrier.
        barrier: (H, W) bool.
    """
    height, width = labels.shape
    y, x = np.nonzero(barrier)
    while len(y):
        found = np.zeros(len(y), np.int32)
        for dy, dx in ((-1, 0), (1, 0), (0, -1), (0, 1)):
            near = labels[np.clip(y + dy, 0, height - 1), np.clip(x + dx, 0, width - 1)]
            found = np.maximum(found, near)
        done = found > 0
        if not done.any():
            walled = np.zeros(labels.shape, bool)
            walled[y, x] = True
            return np.where(walled, number_regions(walled) + labels.max(), labels).astype(np.int32)
        labels[y[done], x[done]] = found[done]
        y, x = y[~done], x[~done]
    return labels


def _labels_beside(labels: LabelMap, barrier: BoolMap, ends_xyxy: Ints) -> list[list[int]]:
    """Labels that each 4-connected piece of a closing line's paper touches.

    What touches one piece was one region before the line was drawn.
    """
    height, width = labels.shape
    x0, y0, x1, y1 = ends_xyxy.tolist()
    left, top = max(0, min(x0, x1) - 1), max(0, min(y0, y1) - 1)
    window = np.s_[top : min(height, max(y0, y1) + 2), left : min(width, max(x0, x1) + 2)]
    line = np.zeros(labels[window].shape, np.uint8)
    cv2.line(line, (x0 - left, y0 - top), (x1 - left, y1 - top), 1)
    pieces = number_regions((line > 0) & barrier[window])
    cross = cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3))
    found: list[list[int]] = []
    for piece in range(1, int(pieces.max(initial=0)) + 1):
        beside = cv2.dilate((pieces == piece).astype(np.uint8), cross).astype(bool)
        near = np.unique(labels[window][beside])
        found.append([int(label) for label in near if label > 0])
    return found


def _find_specks(labels: LabelMap, runs: Runs, settings: SegmentSettings) -> BoolMap:
    """(N + 1,) bool: labels to be joined to a neighbor; never all of them."""
    area = np.bincount(runs.value.astype(np.int64), runs.length)
    specks = area < settings.min_area
    if settings.merge_slivers:
        core = cv2.erode((labels > 0).view(np.uint8), np.ones((3, 3), np.uint8)).astype(bool)
        specks |= np.bincount(labels[core], minlength=len(area)) == 0
    specks[0] = False
    if len(area) > 1 and specks[1:].all():
        specks[1 + int(np.argmax(area[1:]))] = False
    return specks


def _choose_hosts(labels: LabelMap, runs: Runs, contacts: Ints, specks: BoolMap) -> Ints:
    """(N + 1,) int32: the label each label gets when every speck joins a neighbor.

    That is the neighbor of longest contact; for specks among specks, or deep inside thick ink, the
    segment nearest to their first pixel.
    """
    target = np.arange(len(specks))
    pairs = _count_neighbors(contacts, len(specks) - 1)
    both = np.concatenate([pairs, pairs[:, [1, 0, 2]]])
    both = both[specks[both[:, 0]] & ~specks[both[:, 1]]]
    # Longest contact last, so that it is the one that stays; ties go to the smaller label.
    both = both[np.lexsort((-both[:, 1], both[:, 2]))]
    target[both[:, 0]] = both[:, 1]
    alone = specks & (target == np.arange(len(specks)))
    if alone.any():
        spread = spread_labels(np.where(specks[labels], 0, labels).astype(np.int32))
        label, first = np.unique(runs.value.astype(np.int64), return_index=True)
        label, first = label[alone[label]], first[alone[label]]
        target[label] = spread[runs.row[first], runs.start[first]]
    return _renumber(target)


def _find_containers(labels: LabelMap, runs: Runs, gaps: Gaps, count: int) -> Ints:
    """(N,) int32: for each segment the one around the lines that enclose it.

    The pixel above a region's first pixel (in raster order) lies on its outer boundary. So above a
    segment is the wall that encloses it, ink or closed gap, and above that wall's first pixel the
    segment around it.
    """
    wall = labels == 0
    if len(gaps):
        wall |= draw_barriers(gaps, (labels.shape[0], labels.shape[1]))
        (runs,) = find_runs(np.where(wall, 0, labels))
    walls = number_regions(wall, connectivity=8)
    (wall_runs,) = find_runs(walls)
    number, first = np.unique(wall_runs.value.astype(np.int64), return_index=True)
    row, x = wall_runs.row[first], wall_runs.start[first]
    around = np.zeros(int(walls.max(initial=0)) + 1, np.int32)
    below_top = (row > 0) & (number > 0)
    around[number[below_top]] = labels[row[below_top] - 1, x[below_top]]

    container = np.zeros(count, np.int32)
    segment, first = np.unique(runs.value.astype(np.int64), return_index=True)
    row, x = runs.row[first], runs.start[first]
    below_top = (row > 0) & (segment > 0)
    enclosing = walls[row[below_top] - 1, x[below_top]]
    container[segment[below_top] - 1] = around[enclosing]
    container[container == np.arange(1, count + 1)] = 0
    return container


def _find_contacts(labels: LabelMap, runs: Runs, max_contact: int) -> Ints:
    """(F, 2) int32: label pairs facing each other across at most `max_contact` ink pixels.

    A pair appears once for each pixel of contact.
    """
    (columns,) = find_runs(cv2.transpose(labels))
    return np.concatenate([_facing(runs, max_contact), _facing(columns, max_contact)])


def _count_neighbors(contacts: NDArray[np.integer], count: int) -> Ints:
    """(P, 3) int32: different labels in contact, ordered, with the number of contacts."""
    low, high = contacts.min(axis=1).astype(np.int64), contacts.max(axis=1).astype(np.int64)
    different = low != high
    key = low[different] * (count + 1) + high[different]
    key, length = np.unique(key, return_counts=True)
    return np.stack([key // (count + 1), key % (count + 1), length], axis=1).astype(np.int32)


def _facing(runs: Runs, max_contact: int) -> Ints:
    """(F, 2) int32: the labels on both sides of each short run of ink, or of no ink at all."""
    value = runs.value.astype(np.int32)
    same_row = runs.row[1:] == runs.row[:-1]
    touching = same_row & (value[1:] > 0) & (value[:-1] > 0)
    thin = (value[1:-1] == 0) & (runs.length[1:-1] <= max_contact)
    across = thin & same_row[1:] & same_row[:-1]
    one = np.concatenate([value[:-1][touching], value[:-2][across]])
    two = np.concatenate([value[1:][touching], value[2:][across]])
    return np.stack([one, two], axis=1)
