"""What an artist does to the lines and segments of one drawing; the drawing's own ink stays.

Four kinds of stroke: a closing line parts a segment in two and is no ink; a join makes two segments
one across whatever lies between them; pen and eraser mend the line itself. Mended lines are a layer
of their own: segments follow them, but the drawing's pixels change only where that is asked for.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Annotated, Literal

import cv2
import msgspec
import numpy as np

from shiage.compose import Pixels, paper_color
from shiage.segments import absorb_barrier, describe_segments, number_regions
from shiage.structures import BoolMap, LabelMap, LineArt, Segments

WIDEST = 40
"""Widest stroke, pixels."""

Coordinate = Annotated[int, msgspec.Meta(ge=-100_000, le=100_000)]


class Stroke(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One stroke of the artist.

    Attributes:
        kind: "close", "join", "pen" or "erase".
        points: x, y of its corners, pixels; may lie outside the drawing.
        width: pixels; closing lines and joins have none.
    """

    kind: Literal["close", "join", "pen", "erase"]
    points: Annotated[
        tuple[tuple[Coordinate, Coordinate], ...], msgspec.Meta(min_length=1, max_length=10_000)
    ]
    width: Annotated[int, msgspec.Meta(ge=1, le=WIDEST)] = 1


def edit_segments(lineart: LineArt, segments: Segments, strokes: Iterable[Stroke]) -> Segments:
    """Return the segments after an artist's strokes, numbered in raster order of first pixels.

    What a stroke does not part or join stays as it was: a closing line that does not close, a pen
    stroke within a segment, an erased line with the same segment on both sides. Ink keeps label 0,
    erased or not, and paper under a pen stroke belongs to a segment beside it.

    Args:
        lineart: lines of the drawing.
        segments: its segments, without strokes.
        strokes: in the order in which they were made.
    """
    strokes = tuple(strokes)
    if not strokes:
        return segments
    labels = segments.labels.copy()
    for stroke in strokes:
        if stroke.kind == "join":
            ends = [_label_at(labels, point) for point in (stroke.points[0], stroke.points[-1])]
            _unite(labels, [label for label in ends if label])
        elif stroke.kind == "erase":
            _unite_across(labels, _cover(stroke, labels.shape) & (labels == 0))
        else:
            _part(labels, _cover(stroke, labels.shape) & (labels > 0))
    labels = _renumber(labels)
    return describe_segments(labels, 2 * round(lineart.line_width) + 4, segments.gaps)


def mend_lines(drawing: Pixels, lineart: LineArt, strokes: Sequence[Stroke]) -> Pixels:
    """Return the drawing with its lines mended: pen strokes in black, erased places in paper.

    Args:
        drawing: (H, W, 4) uint8 or uint16 RGBA; not changed.
        lineart: its lines.
        strokes: closing lines and joins among them change nothing.
    """
    mending = [stroke for stroke in strokes if stroke.kind in ("pen", "erase")]
    if not mending:
        return drawing
    mended = drawing.copy()
    paper = paper_color(drawing, lineart)
    ink = np.array([0, 0, 0, np.iinfo(drawing.dtype).max], drawing.dtype)  # opaque black
    for stroke in mending:
        mended[_cover(stroke, drawing.shape[:2])] = ink if stroke.kind == "pen" else paper
    return mended


def _cover(stroke: Stroke, shape: tuple[int, ...]) -> BoolMap:
    """(H, W) bool: pixels under a stroke; 8-connected, so that 4-connected paper cannot pass."""
    cover = np.zeros(shape, np.uint8)
    points = np.array(stroke.points, np.int32).reshape(-1, 1, 2)
    width = 1 if stroke.kind == "close" else stroke.width
    cv2.polylines(cover, [points], isClosed=False, color=1, thickness=width)
    return cover.astype(bool)


def _label_at(labels: LabelMap, point: tuple[int, int]) -> int:
    """Return the label at a point, 0 on ink and outside."""
    x, y = point
    inside = 0 <= y < labels.shape[0] and 0 <= x < labels.shape[1]
    return int(labels[y, x]) if inside else 0


def _unite(labels: LabelMap, joined: Sequence[int]) -> None:
    """Give all of the labels the smallest of them, in place."""
    for label in set(joined) - {min(joined, default=0)}:
        labels[labels == label] = min(joined)


def _unite_across(labels: LabelMap, erased: BoolMap) -> None:
    """Join the segments that meet in each erased piece of ink, in place."""
    pieces = number_regions(erased)
    cross = cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3))
    for piece in range(1, int(pieces.max(initial=0)) + 1):
        beside = cv2.dilate((pieces == piece).view(np.uint8), cross).astype(bool)
        _unite(labels, [label for label in np.unique(labels[beside]).tolist() if label])


def _part(labels: LabelMap, barrier: BoolMap) -> None:
    """Part the segments that the barrier cuts through, in place; the barrier is shared out."""
    for label in np.unique(labels[barrier]).tolist():
        region = labels == label
        parts = number_regions(region & ~barrier)
        count = int(parts.max(initial=0))
        if count < 2:
            continue
        parts = absorb_barrier(parts, region & barrier)
        first = int(labels.max()) + 1
        for part in range(2, int(parts.max()) + 1):  # the first keeps the number
            labels[parts == part] = first + part - 2


def _renumber(labels: LabelMap) -> LabelMap:
    """(H, W) int32: the same segments, numbered in raster order of their first pixels."""
    found, first = np.unique(labels, return_index=True)
    first = first[found > 0]
    found = found[found > 0]
    order = np.zeros(int(labels.max()) + 1, np.int32)
    order[found[np.argsort(first)]] = np.arange(1, len(found) + 1)
    return np.asarray(order[labels], np.int32)
