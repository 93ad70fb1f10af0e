"""A drawing prepared for painting, and the same with a color for each segment."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from shiage.colors.palette import Palette
from shiage.colors.snapping import DEFAULT_SNAP
from shiage.files.atomic import write_atomically
from shiage.files.images import MAX_PIXELS, Picture, PictureFile, encode_file
from shiage.files.versions import require_version
from shiage.lines.drawn import keep_faint_ink
from shiage.lines.lineart import LineSettings, extract_lineart
from shiage.lines.segments import SegmentSettings, spread_labels
from shiage.lines.trace_pieces import TracePieces, find_trace_pieces
from shiage.matching import KnownColors
from shiage.painting.compose import compose, fill_segments, fill_under_lines
from shiage.painting.covering import Covering
from shiage.painting.edits import Stroke, mend_lineart, mend_lines
from shiage.painting.kept_lines import keep_lines
from shiage.painting.layering import Lines, encode_painted
from shiage.painting.line_colors import (
    LineChoice,
    TraceChoice,
    choose_lines,
    find_shades,
)
from shiage.painting.planes import split_planes
from shiage.painting.propagate import EncodedCel, as_neighbor
from shiage.painting.storage import Storage
from shiage.structures import UNKNOWN, Floats, Ints, LabelMap, LineArt, Painting, Segments


class PaintSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How cels are painted.

    Attributes:
        lines: how lines are found on the paper.
        segments: how segments are taken.
        traces: "fill" paints colour-trace lines over, "keep" leaves them, "auto" does with each
            what references show.
        undecided: color, as `#rrggbb`, for segments whose confidence is below `below`; None paints
            the best guess everywhere.
        below: confidence in [0, 1].
        snap: how far, in levels of 255, a color of a reference may lie from one of the palette it
            is to keep to and become that; see `Painter`.
        max_pixels: largest picture that is read.
    """

    lines: LineSettings = LineSettings()
    segments: SegmentSettings = SegmentSettings()
    traces: TraceChoice = "auto"
    undecided: str | None = None
    below: float = 0.5
    snap: int = DEFAULT_SNAP
    max_pixels: int = MAX_PIXELS


@dataclass(frozen=True, eq=False)
class Drawing:
    """A line drawing, read, split and encoded.

    Attributes:
        file: its file.
        picture: its pixels as they are.
        lineart: its lines.
        segments: its segments, N of them.
        encoded: the same, ready to be matched.
        strokes: what the artist did to its lines and segments; the segments follow.
        column: of its cut, "" if it is of none.
    """

    file: PictureFile
    picture: Picture
    lineart: LineArt
    segments: Segments
    encoded: EncodedCel
    strokes: tuple[Stroke, ...] = ()
    column: str = ""

    @property
    def path(self) -> Path:
        """Where its file is."""
        return self.file.path


@dataclass(frozen=True, eq=False)
class Inked:
    """A drawing as it is composed.

    Attributes:
        picture: its pixels.
        lineart: its lines; what is a trace in it paint replaces.
        labels: (H, W) int32, its segments.
    """

    picture: Picture
    lineart: LineArt
    labels: LabelMap

    @cached_property
    def covering(self) -> Covering:
        """How its lines cover it."""
        return Covering(self.picture.pixels, self.lineart)


def keep_known(
    drawn: Inked, color_ids: Ints, palette: Palette, traces: TraceChoice, lines: LineChoice
) -> Inked:
    """Return a drawing with the coloured lines that stay as lines like the black ones.

    Args:
        drawn: the drawing.
        color_ids: (N,) int32, palette id per segment.
        palette: the colors its ids stand for.
        traces: see `PaintSettings`.
        lines: what is known of such lines; what the artist decided counts whatever `traces` says.
    """
    certain = traces == "fill" or (traces == "auto" and not lines.rules.keep_any)
    if certain and not lines.decided:
        return drawn
    pieces = find_trace_pieces(drawn.lineart, drawn.labels)
    shade = find_shades(drawn.picture.rgba_u8, drawn.lineart, pieces)
    becomes = choose_lines(pieces, shade, color_ids, traces, lines)
    pixels, lineart = keep_lines(
        drawn.picture.pixels, drawn.lineart, pieces, shade, becomes, palette
    )
    return Inked(Picture(pixels, drawn.picture.layout), lineart, drawn.labels)


@dataclass(frozen=True, eq=False)
class PaintedCel:
    """A drawing with a color for each segment.

    Attributes:
        drawing: what was painted.
        painting: color and confidence per segment.
        palette: the colors its ids stand for.
        settings: how it is composed.
        lines: what is known of its coloured lines.
    """

    drawing: Drawing
    painting: Painting
    palette: Palette
    settings: PaintSettings
    lines: LineChoice = field(default_factory=LineChoice)

    @property
    def confidence(self) -> Floats:
        """(N,) float32 in [0, 1], how likely each segment's color is right."""
        return self.painting.confidence

    @property
    def colors(self) -> NDArray[np.uint8]:
        """(N, 4) uint8 RGBA per segment, all zero for bare paper and where nothing is known."""
        return self.palette.rgba_u8[np.maximum(self.painting.color_ids, 0)]

    @cached_property
    def undecided(self) -> NDArray[np.bool_]:
        """(N,) bool, segments that get the color for undecided ones of the settings."""
        doubtful = self.confidence < self.settings.below
        doubtful |= self.painting.color_ids == UNKNOWN
        return doubtful & ~self.painting.locked & (self.settings.undecided is not None)

    @property
    def stand_ins(self) -> NDArray[np.bool_]:
        """(N,) bool, segments painted in a color that the palette calls a stand-in."""
        ids = np.maximum(self.painting.color_ids, 0)
        return np.asarray(self.palette.stand_ins[ids] & ~self.undecided)

    @cached_property
    def picture(self) -> Picture:
        """The painted picture, stored the way the drawing is."""
        return self._compose(self.inked)

    @property
    def planes(self) -> tuple[Picture, Picture]:
        """The line plane and the color plane, see `shiage.painting.planes`."""
        inked, palette = self.inked, self._painted_with[0]
        return split_planes(inked.covering, inked.picture.layout, self.picture, self._fill, palette)

    @property
    def paint(self) -> NDArray[np.uint8]:
        """(H, W, 4) uint8 RGBA: the paint alone, under the lines too; all zero for bare paper."""
        under = fill_under_lines(self._fill, self.inked.covering.kept)
        paint: NDArray[np.uint8] = self._painted_with[0].rgba_u8[under]
        return paint

    @cached_property
    def inked(self) -> Inked:
        """The drawing, its lines as they come out."""
        drawing = self.drawing
        return self._keep(Inked(drawing.picture, drawing.lineart, drawing.segments.labels))

    @cached_property
    def mended(self) -> Inked:
        """The same with the artist's pen and eraser strokes in its lines."""
        drawing = self.drawing
        pixels = mend_lines(drawing.picture.pixels, drawing.lineart, drawing.strokes)
        if pixels is drawing.picture.pixels:
            return self.inked
        picture = Picture(pixels, drawing.picture.layout)
        lines = self.settings.lines.for_column(drawing.column)
        lineart = keep_faint_ink(extract_lineart(picture.rgba_u8, lines), drawing.lineart)
        lineart = mend_lineart(lineart, drawing.strokes)
        labels = np.where(lineart.ink, np.int32(0), spread_labels(drawing.segments.labels))
        return self._keep(Inked(picture, lineart, labels))

    @cached_property
    def mended_picture(self) -> Picture:
        """The painted picture with the artist's pen and eraser strokes in its lines."""
        return self.picture if self.mended is self.inked else self._compose(self.mended)

    def decide_lines(self, pieces: TracePieces) -> Ints:
        """(P,) int32: what becomes of each piece of its coloured lines, see `line_colors`."""
        drawing, traces = self.drawing, self.settings.traces
        shade = find_shades(drawing.picture.rgba_u8, drawing.lineart, pieces)
        return choose_lines(pieces, shade, self.painting.color_ids, traces, self.lines)

    def _keep(self, drawn: Inked) -> Inked:
        """Return a drawing with the coloured lines that stay as lines like the black ones."""
        ids, traces = self.painting.color_ids, self.settings.traces
        return keep_known(drawn, ids, self.palette, traces, self.lines)

    def _compose(self, drawn: Inked) -> Picture:
        """Return a drawing with this cel's colors."""
        palette, ids = self._painted_with
        pixels = compose(drawn.covering, drawn.labels, ids, palette)
        return Picture(pixels, self.drawing.picture.layout)

    @cached_property
    def _painted_with(self) -> tuple[Palette, Ints]:
        """The palette with that of the undecided, and (N,) int32 the id of each segment in it."""
        if self.settings.undecided is None:
            return self.palette, self.painting.color_ids
        palette, stand_in = self.palette.with_color(self.settings.undecided)
        return palette, np.where(self.undecided, np.int32(stand_in), self.painting.color_ids)

    @property
    def _fill(self) -> Ints:
        """(H, W) int32: palette id of the paint on each pixel, `PAPER` under lines."""
        palette, ids = self._painted_with
        return fill_segments(self.inked.lineart, self.inked.labels, ids, palette)

    def entries(self, *, line_edits: bool = False) -> tuple[Ints, Palette]:
        """Return the palette entry painted on each pixel, and the palette.

        Args:
            line_edits: with the artist's pen and eraser strokes in the lines.

        Returns:
            (H, W) int32, `PAPER` on lines and on bare paper; and the colors it refers to.
        """
        palette, ids = self._painted_with
        drawn = self.mended if line_edits else self.inked
        return fill_segments(drawn.lineart, drawn.labels, ids, palette), palette

    def as_neighbor(self) -> KnownColors[EncodedCel]:
        """Return the cel as a second opinion for the cels beside it."""
        return as_neighbor(self.drawing.encoded, self.painting)

    def encode(
        self, path: Path, storage: Storage | None = None, *, line_edits: bool = False
    ) -> bytes:
        """Return the content of the painted cel's file.

        Args:
            path: where it will be written, for messages.
            storage: how it is stored; None: in the drawing's own format.
            line_edits: with the artist's pen and eraser strokes in its lines.

        Raises:
            WriteFailed: a size that the format cannot hold.
            FileChanged: the drawing's file is another one by now.
            FileError: the layers of the drawing cannot be read.
        """
        storage = storage or Storage()
        drawing, settings = self.drawing, self.settings
        painted = self.mended_picture if line_edits else self.picture
        if not storage.is_layered(painted.layout):
            return encode_file(path, painted.stored_as(storage.format))
        drawn = self.mended if line_edits else self.inked
        palette, ids = self._painted_with
        fill = fill_segments(drawn.lineart, drawn.labels, ids, palette)
        line_settings = settings.lines.for_column(drawing.column)
        edited = drawn.picture.pixels is not drawing.picture.pixels
        if drawn.lineart is not drawing.lineart:  # some stay; their layers are not told apart
            edited |= bool(drawn.covering.replaced.any())
        lines = Lines(drawing.file, drawn.picture, drawn.lineart, line_settings, edited)
        data = encode_painted(lines, fill, palette, painted.pixels, storage.paint_layers)
        if drawing.file.format.is_layered:  # its layers come along
            require_version(drawing.path, drawing.file.sha256)
        return data

    def save(self, path: str | Path) -> None:
        """Write the painted picture in the drawing's own format, or as PNG if that is JPEG.

        Raises:
            WriteFailed: disk full, no permission and the like; nothing half-written remains.
        """
        write_atomically(Path(path), self.encode(Path(path)))
