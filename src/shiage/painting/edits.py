"""What an artist does to the lines and segments of one drawing; the drawing's own ink stays.

Four kinds of stroke: a closing line parts a segment in two and is no ink; a join makes two segments
one across whatever lies between them; pen and eraser mend the line itself. Mended lines are a layer
of their own: segments follow them, but the drawing's pixels change only where that is asked for.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Annotated, Literal

import cv2
import msgspec
import numpy as np

from shiage.colors.palette import read_code
from shiage.files.pictures import Pixels
from shiage.lines.segments import (
    absorb_barrier,
    describe_segments,
    number_in_order,
    number_regions,
    spread_labels,
)
from shiage.lines.trace_pieces import number_hues
from shiage.painting.covering import paper_color
from shiage.structures import BoolMap, Floats, LabelMap, LineArt, Segments

BLACK_INK = "#000000"
"""What pens draw in unless a color is chosen."""

WIDEST = 40
"""Widest stroke, pixels."""

Coordinate = Annotated[int, msgspec.Meta(ge=-100_000, le=100_000)]


class Stroke(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """One stroke of the artist.

    Attributes:
        kind: "close", "join", "pen" or "erase".
        points: x, y of its corners, pixels; may lie outside the drawing.
        width: pixels; closing lines and joins have none.
        color: of a pen, `#rrggbb` or what the palette calls it; black if it is left out.
    """

    kind: Literal["close", "join", "pen", "erase"]
    points: Annotated[
        tuple[tuple[Coordinate, Coordinate], ...], msgspec.Meta(min_length=1, max_length=10_000)
    ]
    width: Annotated[int, msgspec.Meta(ge=1, le=WIDEST)] = 1
    color: Annotated[str, msgspec.Meta(max_length=40)] = BLACK_INK


def edit_segments(lineart: LineArt, segments: Segments, strokes: Iterable[Stroke]) -> Segments:
    """Return the segments after an artist's strokes, numbered in raster order of first pixels.

    What a stroke does not part or join stays as it was: a closing line that does not close, a pen
    stroke within a segment, an erased line with the same segment on both sides. Pen strokes are
    lines for the strokes after them, erased lines are paper. But label 0 stays with the drawing's
    own ink, erased or not, and paper under a pen stroke belongs to a segment beside it.

    Args:
        lineart: lines of the drawing.
        segments: its segments, without strokes.
        strokes: in the order in which they were made.
    """
    strokes = tuple(strokes)
    if not strokes:
        return segments
    labels = segments.labels.copy()  # erased ink gets a label, too, until all strokes are made
    ink = labels == 0  # lines as they are after each stroke
    for stroke in strokes:
        cover = _cover(stroke, ink.shape)
        if stroke.kind == "join":
            ends = {_label_at(labels, ink, stroke.points[end]) for end in (0, -1)}
            if 0 not in ends:
                _unite(labels, [(min(ends), max(ends))])
        elif stroke.kind == "erase":
            erased = cover & ink
            ink &= ~cover
            _open(labels, ink, erased)
        else:
            _part(labels, ~ink, cover)
            if stroke.kind == "pen":
                ink |= cover
    labels[segments.labels == 0] = 0
    labels = number_in_order(labels)
    return describe_segments(labels, 2 * round(lineart.line_width) + 4, segments.gaps)


def mend_lines(drawing: Pixels, lineart: LineArt, strokes: Sequence[Stroke]) -> Pixels:
    """Return the drawing with its lines mended: pen strokes in ink, erased places in paper.

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
    for stroke in mending:
        ink = np.array(read_code(stroke.color), np.uint16)
        ink = ink if drawing.dtype == np.uint16 else (ink // 257).astype(np.uint8)
        mended[_cover(stroke, drawing.shape[:2])] = ink if stroke.kind == "pen" else paper
    return mended


def mend_lineart(lineart: LineArt, strokes: Sequence[Stroke]) -> LineArt:
    """Return the lines of a mended drawing: what the pen drew last is a line, whatever its color.

    Args:
        lineart: found in what `mend_lines` returned.
        strokes: the same.
    """
    penned = np.zeros(lineart.size_hw, bool)
    for stroke in strokes:
        if stroke.kind in ("pen", "erase"):
            penned[_cover(stroke, penned.shape)] = stroke.kind == "pen"
    if not penned.any():
        return lineart
    return replace(
        lineart,
        ink=lineart.ink | penned,
        trace=np.where(penned, np.uint8(0), number_hues(lineart)),
        coverage=np.where(penned, np.uint8(255), lineart.coverage),
        all_trace=False,
    )


def _cover(stroke: Stroke, shape: tuple[int, ...]) -> BoolMap:
    """(H, W) bool: pixels under a stroke; 8-connected, so that 4-connected paper cannot pass."""
    cover = np.zeros(shape, np.uint8)
    points = np.array((*stroke.points, stroke.points[-1]), np.int32)  # two make a dot, one nothing
    width = 1 if stroke.kind == "close" else stroke.width
    cv2.polylines(cover, [points], isClosed=False, color=1, thickness=width)
    return cover.astype(bool)


def _label_at(labels: LabelMap, ink: BoolMap, point: tuple[int, int]) -> int:
    """Return the label at a point, 0 on ink and outside."""
    x, y = point
    inside = 0 <= y < labels.shape[0] and 0 <= x < labels.shape[1]
    return int(labels[y, x]) if inside and not ink[y, x] else 0


def _unite(labels: LabelMap, pairs: Iterable[Sequence[int]]) -> None:
    """Make one segment of each pair of labels, in place."""
    into = np.arange(int(labels.max(initial=0)) + 1, dtype=np.int32)
    for one, other in pairs:
        low, high = sorted((int(into[one]), int(into[other])))
        into[into == high] = low
    labels[:] = into[labels]


def _open(labels: LabelMap, ink: BoolMap, erased: BoolMap) -> None:
    """Make one segment of what meets in each erased piece of ink, and of the piece, in place.

    Args:
        labels: (H, W) int32.
        ink: (H, W) bool, what is left of the lines.
        erased: (H, W) bool, what was erased of them.
    """
    y, x = np.nonzero(erased)
    first = int(labels.max(initial=0))
    labels[erased] = number_regions(erased)[erased] + first
    height, width = labels.shape
    meet = []
    for dy, dx in ((-1, 0), (1, 0), (0, -1), (0, 1)):
        v, u = np.clip(y + dy, 0, height - 1), np.clip(x + dx, 0, width - 1)
        meet.append(np.stack([labels[y, x], labels[v, u]], axis=1)[~ink[v, u]])
    _unite(labels, np.unique(np.concatenate(meet), axis=0).tolist())


def _part(labels: LabelMap, paper: BoolMap, barrier: BoolMap) -> None:
    """Part the segments that the barrier cuts through, in place; the barrier is shared out.

    A segment may lie in several pieces: joined ones, specks across a line. A piece that is not cut
    stays with the nearest part of one that is.

    Args:
        labels: (H, W) int32.
        paper: (H, W) bool, where there is no line.
        barrier: (H, W) bool.
    """
    for label in np.unique(labels[barrier & paper]).tolist():
        x, y, width, height = cv2.boundingRect((labels == label).view(np.uint8))
        window = np.s_[y : y + height, x : x + width]
        parts = _find_parts(labels[window] == label, paper[window], barrier[window])
        parted = parts > 1  # the first part keeps the number
        labels[window][parted] = parts[parted] + (int(labels.max()) - 1)


def _find_parts(region: BoolMap, paper: BoolMap, barrier: BoolMap) -> LabelMap:
    """(H, W) int32: the parts of one segment, from 1; all of it is 1 if nothing parts it.

    Args:
        region: (H, W) bool, the segment.
        paper: (H, W) bool, where there is no line.
        barrier: (H, W) bool.
    """
    pieces = number_regions(region & paper)
    parts = number_regions(region & paper & ~barrier)
    piece_of = np.zeros(int(parts.max(initial=0)) + 1, np.int64)
    piece_of[parts] = pieces
    cut = np.bincount(piece_of[1:], minlength=int(pieces.max(initial=0)) + 1) > 1
    if not cut.any():
        return region.astype(np.int32)
    parts[~cut[pieces]] = 0
    if not cut[1:].all():
        nearest, distance = spread_labels(parts), _distance_to(parts > 0)
        for piece in np.flatnonzero(~cut[1:]) + 1:
            inside = pieces == piece
            parts[inside] = nearest[inside][np.argmin(distance[inside])]
    parts = absorb_barrier(parts, region & (parts == 0))
    return number_in_order(parts)


def _distance_to(mask: BoolMap) -> Floats:
    """(H, W) float32: how far each pixel lies from a mask."""
    return np.asarray(cv2.distanceTransform((~mask).view(np.uint8), cv2.DIST_L2, 3), np.float32)
