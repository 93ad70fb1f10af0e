"""A coloured cel becomes a reference: the exact color of each of its segments, and what is odd.

A reference whose painting does not follow its lines teaches wrong colors. It is still used, since
most of its segments may be right, but each oddity is told with the place to look at.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from shiage.colors.palette import PAPER, Palette
from shiage.colors.snapping import Departure, Snapping
from shiage.errors import ReferenceUnusable, SizeMismatch
from shiage.files.images import has_paint, read_drawing, read_picture
from shiage.files.notes import Notes
from shiage.files.pictures import to_u8
from shiage.lines.lineart import LineSettings, extract_lineart, lineart_from_painting
from shiage.lines.runs import find_runs
from shiage.lines.segments import SegmentSettings, find_segments
from shiage.lines.trace_pieces import find_trace_pieces
from shiage.painting.kept_lines import leave_traces
from shiage.painting.line_colors import (
    PAINTED_OVER,
    LineRules,
    TraceChoice,
    find_shades,
    see_lines,
)
from shiage.structures import Ints, LabelMap, LineArt, Segments

SECOND_COLOR_SHARE = 0.04
"""A second color in a segment is worth a warning from this share of its area ..."""

SECOND_COLOR_AREA = 25
"""... and this many pixels."""

FLAT_SHARE = 0.7
"""A fill of which the commonest color covers less than this is not flat."""

STRAY_EDGE_SHARE = 0.1
"""A painting of whose color borders more than this lie off the lines does not fit its line art."""

MAX_SHIFT = 12
"""Largest shift of a painting that is recognized, pixels."""

SHIFT_GAIN = 0.15
"""A shift is believed if it brings this much more of the color borders onto lines."""

SHIFT_SAMPLES = 3000
"""Color border pixels that are tried."""

WHITE_U16 = (65535, 65535, 65535, 65535)


@dataclass(frozen=True)
class ReferenceWarning:
    """Something odd about a reference, with its place.

    Attributes:
        kind: "misaligned", "not-flat" or "two-colors".
        message: one sentence for the artist.
        xy: a pixel to look at.
    """

    kind: str
    message: str
    xy: tuple[int, int]


@dataclass(frozen=True, eq=False)
class Reference:
    """A cel with its painting, ready for matching.

    Attributes:
        name: how messages call it.
        lineart: its lines.
        segments: its segments, M of them.
        color_ids: (M,) int32, palette id per segment.
        warnings: what is odd about it.
        departures: its colors that are not those of the palette it is to keep to.
        lines: what it shows of coloured lines.
    """

    name: str
    lineart: LineArt
    segments: Segments
    color_ids: Ints
    warnings: tuple[ReferenceWarning, ...] = ()
    departures: tuple[Departure, ...] = ()
    lines: LineRules = field(default_factory=LineRules)

    def lines_left(self, traces: TraceChoice) -> LineArt:
        """Return its lines; what is a trace among them paint replaces.

        Args:
            traces: see `PaintSettings`; "auto": as the painting itself has it.
        """
        stays = self.lines.becomes != PAINTED_OVER
        if traces == "fill" or (traces == "auto" and not stays.any()):
            return self.lineart
        pieces = find_trace_pieces(self.lineart, self.segments.labels)
        return leave_traces(self.lineart, pieces, stays | (traces == "keep"))


def read_reference(
    painting: Path,
    drawing: Path | None,
    palette: Palette,
    line_settings: LineSettings,
    segment_settings: SegmentSettings,
    snapping: Snapping | None,
    max_pixels: int,
    notes: Notes,
) -> tuple[Reference, Palette]:
    """Return the reference in files, and the palette with its colors added.

    Args:
        painting: the coloured picture.
        drawing: its line drawing; None takes the line layers of a layered painting, and finds the
            lines in any other.
        palette: colors known so far.
        line_settings: how lines are told from paper.
        segment_settings: how segments are taken.
        snapping: a palette that its colors are brought to; None leaves them as they are.
        max_pixels: largest picture that is read.
        notes: takes in what is odd about the files.

    Raises:
        FileError: a file cannot be used.
        SizeMismatch: drawing and painting differ in size.
        ReferenceUnusable: the painting has no color.
    """
    picture = read_picture(painting, max_pixels=max_pixels)
    notes.take_reference(painting, picture)
    if drawing is None and has_paint(painting, max_pixels=max_pixels):
        drawing = painting
    line = None
    if drawing is not None:
        drawn = read_drawing(drawing, max_pixels=max_pixels)
        notes.take(drawing, drawn)
        line = drawn.rgba_u8
    return build_reference(
        str(painting), picture.pixels, line, palette, line_settings, segment_settings, snapping
    )


def build_reference(
    name: str,
    painting: NDArray[np.uint8] | NDArray[np.uint16],
    line_u8: NDArray[np.uint8] | None,
    palette: Palette,
    line_settings: LineSettings | None = None,
    segment_settings: SegmentSettings | None = None,
    snapping: Snapping | None = None,
) -> tuple[Reference, Palette]:
    """Return the reference, and the palette with its colors added.

    Args:
        name: how messages call it.
        painting: (H, W, 4) uint8 or uint16 RGBA, the coloured cel.
        line_u8: (H, W, 4) uint8 RGBA, its drawing; None finds the lines in the painting.
        palette: colors known so far.
        line_settings: how lines are told from paper.
        segment_settings: how segments are taken.
        snapping: a palette that its colors are brought to; None leaves them as they are.

    Raises:
        SizeMismatch: drawing and painting differ in size.
        ReferenceUnusable: the painting has no color.
    """
    if line_u8 is None:
        lineart = lineart_from_painting(painting)
    else:
        if line_u8.shape[:2] != painting.shape[:2]:
            raise SizeMismatch(
                f"the painting of reference {name} is {_size(painting)}",
                expected=f"the size of its drawing, {_size(line_u8)}",
                action="Save both at the same size; they must align pixel for pixel",
            )
        lineart = extract_lineart(line_u8, line_settings)
    segments = find_segments(lineart, segment_settings)
    packed = pack_colors(painting)
    votes = _Votes.tally(segments.labels, packed)
    colors = votes.majority(len(segments))
    fills = colors.copy()
    white = (colors == WHITE_U16).all(axis=1)
    if (painting[..., 3] == np.iinfo(painting.dtype).max).all():
        # On opaque white, paper and white paint look alike: what reaches the edge is paper, and so
        # is all white where a palette is given that has none.
        painted_white = snapping is None or snapping.has(WHITE_U16)
        colors[white & (segments.touches_border | (not painted_white))] = 0
    departures: tuple[Departure, ...] = ()
    if snapping is not None:
        bits = 8 * painting.itemsize
        colors, departures = snapping.snap(colors, votes.place(len(segments)), bits)
    palette, color_ids = palette.extended(colors)
    if not len(segments) or not ((color_ids != PAPER) & ~white).any():
        raise ReferenceUnusable(
            f"reference {name} has no color: every segment is white or transparent",
            expected="a painted cel",
            action="Check that the painting, not its line drawing, was given",
        )
    warnings = _find_oddities(name, lineart, segments, packed)
    lines = LineRules()
    if line_u8 is not None and not any(odd.kind == "misaligned" for odd in warnings):
        lines, palette = _learn_lines(
            line_u8, painting, lineart, segments, fills, color_ids, palette
        )
    return Reference(name, lineart, segments, color_ids, warnings, departures, lines), palette


def _learn_lines(
    line_u8: NDArray[np.uint8],
    painting: NDArray[np.uint8] | NDArray[np.uint16],
    lineart: LineArt,
    segments: Segments,
    fills: NDArray[np.uint16],
    color_ids: Ints,
    palette: Palette,
) -> tuple[LineRules, Palette]:
    """Return what a painting shows of coloured lines, and the palette with their colors added.

    Args:
        line_u8: (H, W, 4) uint8 RGBA, the drawing.
        painting: (H, W, 4) uint8 or uint16 RGBA.
        lineart: the drawing's lines.
        segments: its segments, M of them.
        fills: (M, 4) uint16, their colors in the painting.
        color_ids: (M,) int32, their palette ids.
        palette: colors known so far.
    """
    pieces = find_trace_pieces(lineart, segments.labels)
    if not len(pieces):
        return LineRules(), palette
    eight = to_u8(painting)
    becomes, place = see_lines(line_u8, eight, lineart, pieces, to_u8(fills))
    colored = becomes == 0
    colors = painting.reshape(-1, 4)[place[colored]].astype(np.uint16)
    palette, ids = palette.extended(colors if painting.dtype == np.uint16 else colors * 257)
    becomes[colored] = np.where(ids == PAPER, PAINTED_OVER, ids)
    shade = find_shades(line_u8, lineart, pieces)
    return LineRules.of(pieces, shade, color_ids, becomes), palette


def pack_colors(rgba: NDArray[np.uint8] | NDArray[np.uint16]) -> NDArray[np.generic]:
    """(H, W) uint32 (uint64 for 16 bits): one number per color; transparent is always 0."""
    packed = np.ascontiguousarray(rgba).view(np.uint32 if rgba.dtype == np.uint8 else np.uint64)
    return np.where(rgba[..., 3] == 0, 0, packed[..., 0]).astype(packed.dtype)


def unpack_colors(packed: NDArray[np.generic]) -> NDArray[np.uint16]:
    """(n, 4) uint16: the colors of packed numbers."""
    if packed.dtype == np.uint32:
        return packed.view(np.uint8).reshape(-1, 4).astype(np.uint16) * 257
    return packed.view(np.uint16).reshape(-1, 4).copy()


@dataclass(frozen=True, eq=False)
class _Votes:
    """How many pixels of each color lie under each segment; most first within a segment.

    Attributes:
        label: (V,) int64, ascending.
        color: (V,) packed color.
        count: (V,) int64, pixels.
        xy: (V, 2) int64, the middle of the longest run of that color in the segment.
    """

    label: NDArray[np.int64]
    color: NDArray[np.generic]
    count: NDArray[np.int64]
    xy: NDArray[np.int64]

    @staticmethod
    def tally(labels: LabelMap, packed: NDArray[np.generic]) -> _Votes:
        label_runs, color_runs = find_runs(labels, packed)
        label = label_runs.value.astype(np.int64)
        inside = label > 0
        label = label[inside]
        color, length = color_runs.value[inside], label_runs.length[inside]
        x = (label_runs.start[inside] + label_runs.stop[inside] - 1) // 2
        xy = np.stack([x, label_runs.row[inside]], axis=1)
        order = np.lexsort((-length, color, label))
        label, color, length, xy = label[order], color[order], length[order], xy[order]
        new = np.append(True, (np.diff(label) != 0) | (color[1:] != color[:-1]))[: len(label)]
        total = np.add.reduceat(length, np.flatnonzero(new)) if len(label) else length
        label, color, xy = label[new], color[new], xy[new]
        order = np.lexsort((color, -total, label))
        return _Votes(label[order], color[order], total[order], xy[order])

    @property
    def first(self) -> NDArray[np.bool_]:
        """(V,) bool: the commonest color of each segment."""
        return np.append(True, np.diff(self.label) != 0)[: len(self.label)]

    def majority(self, count: int) -> NDArray[np.uint16]:
        """(N, 4) uint16: the exact majority color under each of `count` segments."""
        colors = np.zeros((count, 4), np.uint16)
        colors[self.label[self.first] - 1] = unpack_colors(self.color[self.first])
        return colors

    def place(self, count: int) -> NDArray[np.int64]:
        """(N, 2) int64: a pixel in the majority color of each of `count` segments."""
        xy = np.zeros((count, 2), np.int64)
        xy[self.label[self.first] - 1] = self.xy[self.first]
        return xy


def _find_oddities(
    name: str, lineart: LineArt, segments: Segments, packed: NDArray[np.generic]
) -> tuple[ReferenceWarning, ...]:
    """Return what is odd; a painting that does not fit as a whole is told once, not per segment."""
    misaligned = _check_alignment(name, lineart, segments.labels, packed)
    if misaligned:
        return (misaligned,)
    # The rims of antialiased lines are mixed with the line's color; that is as it should be.
    clear = np.where(lineart.coverage == 0, segments.labels, 0).astype(np.int32)
    votes = _Votes.tally(clear, packed)
    found: list[ReferenceWarning] = []
    first = np.flatnonzero(votes.first)
    colors_per_segment = np.diff(np.append(first, len(votes.label)))
    for at, colors in zip(first.tolist(), colors_per_segment.tolist(), strict=True):
        area = int(votes.count[at : at + colors].sum())
        if colors == 1:
            continue
        x, y = votes.xy[at + 1].tolist()
        second = int(votes.count[at + 1])
        if votes.count[at] < FLAT_SHARE * area and colors > 8:
            found.append(
                ReferenceWarning(
                    "not-flat",
                    f"reference {name}: the fill at ({x}, {y}) has {colors} colors, antialiased or "
                    "shaded; its commonest color is taken. Paint flat, without antialiasing",
                    (x, y),
                )
            )
        elif second >= max(SECOND_COLOR_AREA, SECOND_COLOR_SHARE * area):
            found.append(
                ReferenceWarning(
                    "two-colors",
                    f"reference {name}: two colors in one segment at ({x}, {y}), "
                    f"{second} of {area} pixels differ; the commoner one is taken. "
                    "Close the line between them, or paint the segment in one color",
                    (x, y),
                )
            )
    return tuple(found)


def _check_alignment(
    name: str, lineart: LineArt, labels: LabelMap, packed: NDArray[np.generic]
) -> ReferenceWarning | None:
    """Return a warning if too many color borders of the painting do not lie on the lines' rims.

    On a hard line they must lie there exactly; a soft line may blur them over its width.
    """
    edges, rims = _borders(packed), _borders(labels)
    ink = lineart.ink.view(np.uint8)
    soft = (lineart.coverage > 0) & (lineart.coverage < 255)
    soft &= cv2.dilate(ink, np.ones((5, 5), np.uint8)).astype(bool)
    blurred = cv2.dilate(soft.view(np.uint8), np.ones((3, 3), np.uint8)).astype(bool)
    allowed = rims | blurred | lineart.ink
    stray = edges & ~allowed
    share = int(np.count_nonzero(stray)) / max(int(np.count_nonzero(edges)), 1)
    if share < STRAY_EDGE_SHARE:
        return None
    shift = _find_shift(edges, rims)
    y, x = (int(v[0]) for v in np.nonzero(stray))
    if shift != (0, 0):
        told = (
            f"the painting lies {shift[0]} px to the right of and {shift[1]} px below its drawing"
        )
        action = "Shift it back: they must align pixel for pixel"
    else:
        told = f"{share:.0%} of the painting's color borders do not lie on lines of the drawing"
        action = "Check that both are the same cel, and that the fills are flat"
    return ReferenceWarning(
        "misaligned", f"reference {name}: {told}, seen first at ({x}, {y}). {action}", (x, y)
    )


def _borders(values: NDArray[np.generic]) -> NDArray[np.bool_]:
    """(H, W) bool: pixels that differ from the one to the left or above."""
    borders = np.zeros(values.shape, bool)
    borders[:, 1:] = values[:, 1:] != values[:, :-1]
    borders[1:] |= values[1:] != values[:-1]
    return borders


def _find_shift(edges: NDArray[np.bool_], rims: NDArray[np.bool_]) -> tuple[int, int]:
    """Return how far right and down the painting lies, by where most of its edges meet rims.

    (0, 0) if no shift within `MAX_SHIFT` pixels explains at least `SHIFT_GAIN` more of them.
    """
    y, x = np.nonzero(edges)
    step = max(1, len(x) // SHIFT_SAMPLES)
    y, x = y[::step], x[::step]
    height, width = rims.shape
    steps = sorted(range(-MAX_SHIFT, MAX_SHIFT + 1), key=abs)
    met: dict[tuple[int, int], int] = {}
    for dx in steps:
        for dy in steps:
            column, row = x - dx, y - dy
            inside = (column >= 0) & (column < width) & (row >= 0) & (row < height)
            met[dx, dy] = int(np.count_nonzero(rims[row[inside], column[inside]]))
    best = max(met, key=lambda shift: met[shift])
    return best if met[best] > met[0, 0] + SHIFT_GAIN * len(x) else (0, 0)


def _size(pixels: NDArray[np.generic]) -> str:
    """Return width x height for a message."""
    return f"{pixels.shape[1]} x {pixels.shape[0]}"
