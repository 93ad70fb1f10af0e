"""A coloured cel becomes a reference: the exact color of each of its segments, and what is odd.

A reference whose painting does not follow its lines teaches wrong colors. It is still used, since
most of its segments may be right, but each oddity is reported with the place to look at.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from shiage.colors.dithering import Dithers, find_dithers
from shiage.colors.palette import PAPER, Palette
from shiage.colors.snapping import Departure, Snapping
from shiage.errors import NothingToPaint, NotPaintedYet, ReferenceUnusable, SizeMismatch
from shiage.files.images import open_picture
from shiage.files.notes import Notes
from shiage.files.packing import Words, pack_colors, unpack_colors, unpack_pixels
from shiage.files.pictures import Pixels, in_depth, to_u8, to_u16
from shiage.lines.ground import require_light_ground
from shiage.lines.lineart import (
    LineSettings,
    flatten_on_white,
    lineart_from_painting,
)
from shiage.lines.paper import find_bare
from shiage.lines.segments import SegmentSettings, find_segments
from shiage.lines.splitting import split_drawing
from shiage.lines.trace_pieces import BLACK, find_trace_pieces
from shiage.painting.kept_lines import leave_traces
from shiage.painting.line_colors import (
    PAINTED_OVER,
    LineRules,
    TraceChoice,
    find_shades,
    see_lines,
)
from shiage.painting.oddities import (
    ReferenceWarning,
    find_misfit,
    find_oddities,
    lacks_lines,
)
from shiage.painting.votes import ColorVotes
from shiage.painting.white_paper import find_white_paper, tell_ground, tell_white
from shiage.structures import BoolMap, Ints, LineArt, Segments

BLANK_RANGE = 4
"""A painting that is white all over but for this many levels of 255 is blank."""

WHITE_U16 = (65535, 65535, 65535, 65535)


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
        is_plane: it is a colour plane (彩色): the lines of its drawing are not in the painting.
        dithers: its colors that stand for others, see `shiage.colors.dithering`.
    """

    name: str
    lineart: LineArt
    segments: Segments
    color_ids: Ints
    warnings: tuple[ReferenceWarning, ...] = ()
    departures: tuple[Departure, ...] = ()
    lines: LineRules = field(default_factory=LineRules)
    is_plane: bool = False
    dithers: Dithers = field(default_factory=Dithers)

    def lines_left(self, traces: TraceChoice) -> LineArt:
        """Return its lines; what is a trace among them paint replaces.

        Args:
            traces: see `PaintSettings`; "auto": as the painting itself has it.
        """
        if traces == "fill" or (traces == "auto" and not self.lines.keep_any):
            return self.lineart
        pieces = find_trace_pieces(self.lineart, self.segments.labels)
        stays = np.ones(len(pieces), bool)
        if traces == "auto":
            stays = self.lines.becomes != PAINTED_OVER
        return leave_traces(self.lineart, pieces, stays)


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
        line_settings: how lines are found on the paper.
        segment_settings: how segments are taken.
        snapping: a palette that its colors are brought to; None leaves them as they are.
        max_pixels: largest picture that is read.
        notes: takes in what is odd about the files.

    Raises:
        FileError: a file cannot be used.
        SizeMismatch: drawing and painting differ in size.
        ReferenceUnusable: the painting has no color; `NotPaintedYet` if it is blank.
    """
    file = open_picture(painting, max_pixels=max_pixels)
    picture = file.painting
    notes.take_reference(painting, picture)
    below = file if drawing is None and file.has_paint else None
    if drawing is not None:
        below = open_picture(drawing, max_pixels=max_pixels)
    line = None
    if below is not None:
        drawn = below.drawing
        notes.take(below.path, drawn)
        line = drawn.rgba_u8
    try:
        return build_reference(
            str(painting), picture.pixels, line, palette, line_settings, segment_settings, snapping
        )
    except NothingToPaint as error:
        error.path = below.path if below is not None else None
        raise


def build_reference(
    name: str,
    painting: Pixels,
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
        line_settings: how lines are found on the paper.
        segment_settings: how segments are taken.
        snapping: a palette that its colors are brought to; None leaves them as they are.

    Raises:
        SizeMismatch: drawing and painting differ in size.
        NothingToPaint: the ground of the drawing is as dark as its lines.
        ReferenceUnusable: the painting has no color; `NotPaintedYet` if it is blank.
    """
    packed = pack_colors(painting)
    _require_painted(name, packed)
    if line_u8 is not None and line_u8.shape[:2] != painting.shape[:2]:
        raise SizeMismatch(
            f"the painting of reference {name} is {_size(painting)}",
            expected=f"the size of its drawing, {_size(line_u8)}",
            action="Save both at the same size; they must align pixel for pixel",
        )
    meant = _words(Palette() if snapping is None else snapping.palette, painting)
    known = _words(palette, painting)
    if line_u8 is None:
        dithers = find_dithers(packed, np.ones(packed.shape, bool), meant, known)
        packed = dithers.level(packed)
        lineart = lineart_from_painting(unpack_pixels(packed))
        segments = find_segments(lineart, segment_settings)
    else:
        lineart, segments = split_drawing(
            line_u8, line_settings or LineSettings(), segment_settings or SegmentSettings()
        )
        require_light_ground(line_u8, lineart)
        dithers = find_dithers(packed, _find_paint(painting, line_u8, lineart), meant, known)
        packed = dithers.level(packed)
    votes = ColorVotes.tally(segments.labels, packed)
    colors, place = unpack_colors(votes.majority(len(segments))), votes.place(len(segments))
    fills = colors.copy()
    white = (colors == WHITE_U16).all(axis=1)
    warnings = []
    if len(dithers):
        message = (
            f"reference {name}: {dithers.tell()}. Export without color management to get it flat"
        )
        warnings.append(ReferenceWarning("dithered", message, dithers.xy))
    on_white = bool((painting[..., 3] == np.iinfo(painting.dtype).max).all())
    if on_white:
        has_white = snapping is None or snapping.has(WHITE_U16)
        paper, doubt = find_white_paper(white, colors, place, segments, line_u8, has_white)
        colors[paper] = 0
        warnings += tell_white(name, place[doubt])
        if line_u8 is not None:
            warnings += tell_ground(name, unpack_pixels(packed), line_u8)
    departures: tuple[Departure, ...] = ()
    if snapping is not None:
        colors, departures = snapping.snap(colors, place, 8 * painting.itemsize)
    palette, color_ids = palette.extended(colors)
    if not ((color_ids != PAPER) & ~(white & on_white)).any():
        raise ReferenceUnusable(
            f"reference {name} has no color: every segment is white or transparent",
            expected="a painted cel",
            action="Check that the painting, not its line drawing, was given",
        )
    misfit = find_misfit(lineart, segments.labels, packed)
    warnings += find_oddities(name, lineart, segments, packed, misfit)
    level = unpack_pixels(packed)
    lines, is_plane = LineRules(), False
    if line_u8 is not None:
        is_plane = lacks_lines(to_u8(level), line_u8, lineart, misfit)
        if not is_plane and misfit is None:
            lines, palette = _learn_lines(
                line_u8, level, lineart, segments, fills, color_ids, palette
            )
    reference = Reference(
        name, lineart, segments, color_ids, tuple(warnings), departures, lines, is_plane, dithers
    )
    return reference, palette


def _learn_lines(
    line_u8: NDArray[np.uint8],
    painting: Pixels,
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
    becomes, place = see_lines(line_u8, eight, lineart, pieces, segments.labels, to_u8(fills))
    becomes[pieces.hue == BLACK] = PAINTED_OVER  # somebody said that these are traces
    colored = becomes == 0
    palette, ids = palette.extended(to_u16(painting.reshape(-1, 4)[place[colored]]))
    becomes[colored] = np.where(ids == PAPER, PAINTED_OVER, ids)
    shade = find_shades(line_u8, lineart, pieces)
    return LineRules.of(pieces, shade, color_ids, becomes), palette


def level_painting(painting: Pixels) -> Pixels:
    """(H, W, 4): a painting without drawing, each dithered fill of it in one color."""
    packed = pack_colors(painting)
    return unpack_pixels(find_dithers(packed, np.ones(packed.shape, bool)).level(packed))


def _words(palette: Palette, painting: Pixels) -> Words:
    """(K,) packed: the colors of a palette in the depth of a painting, without the paper."""
    return pack_colors(in_depth(palette.rgba_u16, painting.dtype)[PAPER + 1 :])


def _find_paint(painting: Pixels, line_u8: NDArray[np.uint8], lineart: LineArt) -> BoolMap:
    """(H, W) bool: pixels between lines that are not as drawn; the grain of paper is no paint."""
    now, drawn = (flatten_on_white(pixels) for pixels in (to_u8(painting), line_u8))
    return np.asarray(find_bare(lineart) & (now != drawn).any(axis=-1))


def _require_painted(name: str, packed: Words) -> None:
    """Raise unless something is painted.

    Raises:
        NotPaintedYet: the painting is transparent, white or black throughout.
    """
    eight = to_u8(unpack_pixels(packed)).reshape(-1, 4)
    low, high = eight.min(axis=0), eight.max(axis=0)
    white = (low >= 255 - BLANK_RANGE).all()
    nothing = (high[:3] == 0).all() and low[3] == high[3]  # transparent, or without its alpha
    if white or nothing:
        raise NotPaintedYet(
            f"reference {name} is blank: nothing is painted yet",
            expected="a painted cel",
            action="Paint it, or leave it to shiage",
        )


def _size(pixels: NDArray[np.generic]) -> str:
    """Return width x height for a message."""
    return f"{pixels.shape[1]} x {pixels.shape[0]}"
