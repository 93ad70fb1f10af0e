"""Colour-trace lines to pieces: what lies between the same two segments is one.

A line of one pencil goes round a whole figure, yet may be outline here and shadow there. Where it
passes from one pair of segments to the next a new piece begins, so each can be kept or painted over
for itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from shiage.lines.segments import number_regions, spread_labels, widest_contact
from shiage.structures import BoolMap, Ints, LabelMap, LineArt

BLACK = 255
"""Hue number of black lines where they are traces."""

LEAST_PIECE = 6
"""Pixels that a piece has at least, more where lines are thick; ends and crossings are none."""

_Sides = tuple[NDArray[Any], NDArray[Any], NDArray[Any]]


@dataclass(frozen=True, eq=False)
class TracePieces:
    """The pieces of a drawing's colour traces, P of them.

    Attributes:
        labels: (H, W) int32, 0 = no trace, 1..P.
        hue: (P,) int32, number of the trace hue, `BLACK` for black lines of all-trace cels.
        sides: (P, 2) int32, labels of the segments on both sides, the smaller first: the same twice
            for a stroke within a segment, 0 where there is none.
        area: (P,) int32, pixels.
    """

    labels: LabelMap
    hue: Ints
    sides: Ints
    area: Ints

    def __len__(self) -> int:
        """Return the number of pieces, P."""
        return len(self.area)

    def at(self, x: int, y: int) -> int:
        """Return the number of the piece at a pixel, 0 if there is none."""
        height, width = self.labels.shape
        return int(self.labels[y, x]) if 0 <= x < width and 0 <= y < height else 0


def find_trace_pieces(lineart: LineArt, labels: LabelMap) -> TracePieces:
    """Return the pieces of a drawing's traces, in raster order of their first pixels.

    Args:
        lineart: the lines.
        labels: (H, W) int32, the segments between them.
    """
    hues = number_hues(lineart)
    at = np.flatnonzero(hues)
    if not len(at):
        none = np.zeros(0, np.int32)
        return TracePieces(np.zeros(labels.shape, np.int32), none, none.reshape(0, 2), none)
    widest = widest_contact(lineart.line_width)
    low, high, length = _sides(labels, at, widest)
    hue = hues.ravel()[at].astype(np.int64)
    several = int(labels.max()) + 1
    kind = (hue * several + low) * several + high
    line = number_regions(hues != 0, connectivity=8).ravel()[at]
    _, group = np.unique(line * (kind.max() + 1) + kind, return_inverse=True)
    across = (low > 0) & (length <= widest)
    area = np.bincount(group)
    least = max(LEAST_PIECE, round(lineart.line_width**2))
    strong = ((area >= least) & np.bincount(group, across).astype(bool))[group]
    group = _absorb(group, line, strong, round(lineart.line_width), at, labels.shape)
    _, first, group, area = np.unique(
        group, return_index=True, return_inverse=True, return_counts=True
    )
    order = np.argsort(first)
    number = np.empty(len(order), np.int64)
    number[order] = np.arange(len(order))
    group = number[group]
    pieces = np.zeros(labels.size, np.int32)
    pieces[at] = group + 1
    commonest = _commonest(kind, group, several)
    side = commonest % several**2
    return TracePieces(
        pieces.reshape(labels.shape),
        (commonest // several**2).astype(np.int32),
        np.stack(np.divmod(side, several), axis=1).astype(np.int32),
        area[order].astype(np.int32),
    )


def number_hues(lineart: LineArt) -> NDArray[np.uint8]:
    """(H, W) uint8: number of the hue of each trace pixel, on all-trace cels of black ones too."""
    if not lineart.all_trace:
        return lineart.trace
    return np.where(lineart.ink & (lineart.trace == 0), np.uint8(BLACK), lineart.trace)


def _sides(labels: LabelMap, at: NDArray[np.int64], widest: int) -> _Sides:
    """(n,) three times: smaller and larger label beside each trace pixel, and how far they are.

    They lie across whichever of row, column and diagonals leaves the line soonest, two segments
    before twice the same: at the rim of a line a way along it may be short, and end where it began.
    The smaller is 0 where none ends at a segment on both sides, as at the end of a line that meets
    another.

    Args:
        labels: (H, W) int32, the segments.
        at: (n,) flat places of the trace pixels.
        widest: pixels across which two segments still face each other.
    """
    y, x = np.divmod(at, labels.shape[1])
    framed = np.pad(labels, 1)
    lanes = ((y, x, (0, 1)), (x, y, (1, 0)), (x - y, y, (1, 1)), (x + y, y, (1, -1)))
    low, high, length = (np.zeros(len(at), kind) for kind in (np.int64, np.int64, np.float64))
    best = np.full(len(at), np.inf)
    for lane, along, step in lanes:
        one, two, steps = _ends(framed, y, x, lane, along, step)
        far = steps * np.hypot(*step)
        rank = np.where((one != two) & (far <= widest), far, far + labels.size)
        rank[(one == 0) | (two == 0)] = np.inf
        sooner = rank < best
        low = np.where(sooner, np.minimum(one, two), low)
        high = np.where(sooner | (low == 0), np.maximum(one, two), high)
        length = np.where(sooner, far, length)
        best = np.minimum(best, rank)
    return low, high, length


def _ends(
    framed: LabelMap,
    y: NDArray[np.int64],
    x: NDArray[np.int64],
    lane: NDArray[np.int64],
    along: NDArray[np.int64],
    step: tuple[int, int],
) -> _Sides:
    """(n,) three times: label before and after the run of each trace pixel, and its length.

    Args:
        framed: (H + 2, W + 2) int32, the segments with a frame of none.
        y: (n,) row of each trace pixel.
        x: (n,) column.
        lane: (n,) which row, column or diagonal it lies in.
        along: (n,) how far along that.
        step: rows and columns from one pixel of a lane to the next.
    """
    order = np.lexsort((along, lane))
    begins = (np.diff(lane[order]) != 0) | (np.diff(along[order]) != 1)
    first = np.append(0, np.flatnonzero(begins) + 1)
    last = np.append(first[1:], len(order)) - 1
    run = np.empty(len(order), np.int64)
    run[order] = np.append(0, np.cumsum(begins))
    before, after = (
        framed[y[order[ends]] + 1 + sign * step[0], x[order[ends]] + 1 + sign * step[1]]
        for ends, sign in ((first, -1), (last, 1))
    )
    return before[run].astype(np.int64), after[run].astype(np.int64), (last - first + 1)[run]


def _absorb(
    group: NDArray[np.int64],
    line: NDArray[np.int32],
    strong: BoolMap,
    reach: int,
    at: NDArray[np.int64],
    size_hw: tuple[int, ...],
) -> NDArray[np.int64]:
    """(n,): the groups, those that are no piece joined to one of the same line.

    That is the largest in reach, since a line goes on where a smaller one meets it, or else the
    nearest. What is left of a line without any piece is one.

    Args:
        group: (n,) of each trace pixel.
        line: (n,) which connected line it is of.
        strong: (n,) whether its group is a piece.
        reach: pixels.
        at: (n,) its place.
        size_hw: height and width of the drawing.
    """
    weak = ~strong
    if not weak.any():
        return group
    area = np.bincount(group[strong], minlength=int(group.max()) + 1)
    by_size = np.argsort(area, kind="stable")  # the largest last
    rank = np.empty(len(area), np.int64)
    rank[by_size] = np.arange(1, len(area) + 1)
    size = np.zeros(int(np.prod(size_hw)), np.int32)
    size[at[strong]] = rank[group[strong]]
    size = size.reshape(size_hw)
    square = np.ones((2 * reach + 1, 2 * reach + 1), np.uint8)
    largest = cv2.dilate(size.astype(np.float32), square).astype(np.int32)
    of_line = np.zeros(len(area) + 1, np.int64)
    of_line[group] = line
    by_rank = np.append(-1, by_size)
    out = group.copy()
    alone = weak.copy()
    for found in (largest, spread_labels(size)):
        host = by_rank[found.ravel()[at]]
        joins = alone & (host >= 0) & (of_line[host] == line)
        out[joins] = host[joins]
        alone &= ~joins
    out[alone] = len(area) + line[alone]
    return out


def _commonest(
    kind: NDArray[np.int64], group: NDArray[np.int64], several: int
) -> NDArray[np.int64]:
    """(P,): the commonest kind of each group; one without both sides only if there is no other."""
    (number, each), times = np.unique(np.stack([group, kind]), axis=1, return_counts=True)
    sided = each // several % several > 0
    order = np.lexsort((times, sided, number))
    out = np.zeros(int(number[-1]) + 1, np.int64)
    out[number[order]] = each[order]  # the commonest last, so that it stays
    return out
