"""`Painter`: references in, drawings in, painted cels out; the facade over every step.

painter = Painter()
painter.add_reference(painting="color/A0001.png", drawing="line/A0001.png")
cel = painter.paint("line/A0002.png")
cel.save("painted/A0002.png")
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from shiage.compose import Pixels, Traces, compose, fill_segments, fill_under_lines, split_lines
from shiage.edits import Stroke, edit_segments, mend_lines
from shiage.errors import BadOption, NothingToPaint, ReferenceUnusable, SizeMismatch
from shiage.files.atomic import write_atomically
from shiage.files.images import (
    MAX_PIXELS,
    Picture,
    encode_file,
    has_paint,
    read_drawing,
    read_picture,
)
from shiage.layering import Lines, encode_painted
from shiage.lineart import LineSettings, extract_lineart
from shiage.matching import DEFAULT_MATCHER, KnownColors, make_matcher
from shiage.palette import Palette
from shiage.planes import split_planes
from shiage.propagate import (
    EncodedCel,
    as_neighbor,
    by_label,
    decide_colors,
    encode_cel,
    known_for_certain,
)
from shiage.reference import Reference, build_reference
from shiage.segments import SegmentSettings, find_segments, spread_labels
from shiage.snapping import DEFAULT_SNAP, Snapping
from shiage.storage import Storage
from shiage.structures import UNKNOWN, Floats, Ints, LabelMap, LineArt, Painting, Segments


@dataclass(frozen=True)
class PaintSettings:
    """How cels are painted.

    Attributes:
        lines: how lines are told from paper.
        segments: how segments are taken.
        traces: "fill" paints colour-trace lines over, "keep" leaves them.
        undecided: color, as `#rrggbb`, for segments whose confidence is below `below`; None paints
            the best guess everywhere.
        below: confidence in [0, 1].
        snap: how far, in levels of 255, a color of a reference may lie from one of the palette it
            is to keep to and become that; see `Painter`.
        max_pixels: largest picture that is read.
    """

    lines: LineSettings = field(default_factory=LineSettings)
    segments: SegmentSettings = field(default_factory=SegmentSettings)
    traces: Traces = "fill"
    undecided: str | None = None
    below: float = 0.5
    snap: int = DEFAULT_SNAP
    max_pixels: int = MAX_PIXELS


@dataclass(frozen=True, eq=False)
class Drawing:
    """A line drawing, read, split and encoded.

    Attributes:
        path: its file.
        picture: its pixels as they are.
        lineart: its lines.
        segments: its segments, N of them.
        encoded: the same, ready to be matched.
        strokes: what the artist did to its lines and segments; the segments follow.
        column: of its cut, "" if it is of none.
    """

    path: Path
    picture: Picture
    lineart: LineArt
    segments: Segments
    encoded: EncodedCel
    strokes: tuple[Stroke, ...] = ()
    column: str = ""


@dataclass(frozen=True, eq=False)
class PaintedCel:
    """A drawing with a color for each segment.

    Attributes:
        drawing: what was painted.
        painting: color and confidence per segment.
        palette: the colors its ids stand for.
        settings: how it is composed.
    """

    drawing: Drawing
    painting: Painting
    palette: Palette
    settings: PaintSettings

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
        drawing = self.drawing
        return self._compose(drawing.picture.pixels, drawing.lineart, drawing.segments.labels)

    @property
    def planes(self) -> tuple[Picture, Picture]:
        """The line plane and the color plane, see `shiage.planes`."""
        drawing, traces = self.drawing, self.settings.traces
        palette = self._painted_with[0]
        return split_planes(
            drawing.picture, self.picture, drawing.lineart, self._fill, palette, traces
        )

    @property
    def paint(self) -> NDArray[np.uint8]:
        """(H, W, 4) uint8 RGBA: the paint alone, under the lines too; all zero for bare paper."""
        kept, _ = split_lines(self.drawing.lineart, self.settings.traces)
        paint: NDArray[np.uint8] = self._painted_with[0].rgba_u8[fill_under_lines(self._fill, kept)]
        return paint

    @cached_property
    def mended(self) -> tuple[Picture, LineArt]:
        """The drawing with the artist's pen and eraser strokes in its lines, and those lines."""
        drawing = self.drawing
        pixels = mend_lines(drawing.picture.pixels, drawing.lineart, drawing.strokes)
        if pixels is drawing.picture.pixels:
            return drawing.picture, drawing.lineart
        picture = Picture(pixels, drawing.picture.layout)
        lines = self.settings.lines.for_column(drawing.column)
        return picture, extract_lineart(picture.rgba_u8, lines)

    @cached_property
    def mended_picture(self) -> Picture:
        """The painted picture with the artist's pen and eraser strokes in its lines."""
        picture, lineart = self.mended
        if picture is self.drawing.picture:
            return self.picture
        return self._compose(picture.pixels, lineart, self._mended_labels)

    @property
    def _mended_labels(self) -> LabelMap:
        """(H, W) int32: the segments, without what the artist's pen covers."""
        labels = self.drawing.segments.labels
        picture, lineart = self.mended
        if picture is self.drawing.picture:
            return labels
        return np.where(lineart.ink, np.int32(0), spread_labels(labels))

    def _compose(self, drawn: Pixels, lineart: LineArt, labels: LabelMap) -> Picture:
        """Return a drawing of these lines with this cel's colors."""
        palette, ids = self._painted_with
        pixels = compose(drawn, lineart, labels, ids, palette, self.settings.traces)
        return Picture(pixels, self.drawing.picture.layout)

    @cached_property
    def _painted_with(self) -> tuple[Palette, Ints]:
        """The palette with the stand-in color, and (N,) int32 the id each segment is painted in."""
        if self.settings.undecided is None:
            return self.palette, self.painting.color_ids
        palette, stand_in = self.palette.with_color(self.settings.undecided)
        return palette, np.where(self.undecided, np.int32(stand_in), self.painting.color_ids)

    @property
    def _fill(self) -> Ints:
        """(H, W) int32: palette id of the paint on each pixel, `PAPER` under lines."""
        palette, ids = self._painted_with
        drawing, traces = self.drawing, self.settings.traces
        return fill_segments(drawing.lineart, drawing.segments.labels, ids, palette, traces)

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
            FileError: the layers of the drawing cannot be read any more.
        """
        storage = storage or Storage()
        drawing, settings = self.drawing, self.settings
        painted = self.mended_picture if line_edits else self.picture
        if (storage.format or painted.layout.format) != "PSD":
            return encode_file(path, painted.stored_as(storage.format))
        drawn, lineart = self.mended if line_edits else (drawing.picture, drawing.lineart)
        labels = self._mended_labels if line_edits else drawing.segments.labels
        palette, ids = self._painted_with
        fill = fill_segments(lineart, labels, ids, palette, settings.traces)
        edited = drawn is not drawing.picture
        told = settings.lines.for_column(drawing.column)
        lines = Lines(drawing.path, drawn, lineart, told, settings.traces, edited)
        layers, limit = storage.paint_layers, settings.max_pixels
        return encode_painted(lines, fill, palette, painted.pixels, layers, limit)

    def save(self, path: str | Path) -> None:
        """Write the painted picture in the drawing's own format.

        Raises:
            WriteFailed: disk full, no permission and the like; nothing half-written remains.
        """
        write_atomically(Path(path), self.encode(Path(path)))


class Painter:
    """Paints drawings from coloured references.

    Args:
        matcher: name of the matcher, see `shiage.matching.MATCHERS`.
        settings: how cels are painted.
        palette: colors that references are to keep to; those near one of them become that one.

    Raises:
        BadOption: there is no such matcher, or the stand-in color is no color.
    """

    def __init__(
        self,
        matcher: str = DEFAULT_MATCHER,
        settings: PaintSettings | None = None,
        palette: Palette | None = None,
    ) -> None:
        self.matcher = make_matcher(matcher)
        self.settings = settings or PaintSettings()
        self.snapping = None if palette is None else Snapping(palette, self.settings.snap)
        self.palette = palette or Palette()
        self.references: list[Reference] = []
        self._known: list[KnownColors[EncodedCel]] = []
        self._corrected: dict[Path, KnownColors[EncodedCel]] = {}
        if self.settings.undecided is not None:
            Palette().with_color(self.settings.undecided)

    def add_reference(
        self, painting: str | Path, drawing: str | Path | None = None, column: str = ""
    ) -> Reference:
        """Learn the colors of a painted cel or model sheet.

        Args:
            painting: the coloured picture.
            drawing: its line drawing, pixel for pixel in place; None takes the line layers of a
                layered painting, and finds the lines in any other.
            column: of its cut, "" if it is of none.

        Returns:
            The reference; look at its `warnings`, and `departures` from the palette.

        Raises:
            FileError: a file cannot be used.
            SizeMismatch: painting and drawing differ in size.
            ReferenceUnusable: the painting has no color.
        """
        painting = Path(painting)
        max_pixels = self.settings.max_pixels
        colored = read_picture(painting, max_pixels=max_pixels)
        if drawing is None and has_paint(painting, max_pixels=max_pixels):
            drawing = painting
        line = None
        if drawing is not None:
            line = read_drawing(Path(drawing), max_pixels=max_pixels).rgba_u8
        reference, self.palette = build_reference(
            str(painting),
            colored.pixels,
            line,
            self.palette,
            self.settings.lines.for_column(column),
            self.settings.segments,
            self.snapping,
        )
        self.references.append(reference)
        encoded = encode_cel(self.matcher, reference.lineart, reference.segments)
        self._known.append(known_for_certain(encoded, reference.color_ids))
        return reference

    def add_decided(self, drawing: Drawing, color_ids: Ints) -> int:
        """Learn the colors of a drawing that the artist has decided; return the reference's number.

        Args:
            drawing: what `prepare` returned.
            color_ids: (N,) int32, palette id per segment, `UNKNOWN` where nothing is decided.
        """
        name = str(drawing.path)
        self.references.append(Reference(name, drawing.lineart, drawing.segments, color_ids))
        self._known.append(known_for_certain(drawing.encoded, color_ids))
        return len(self._known) - 1

    def add_hints(
        self, drawing: str | Path | Drawing, hints: Mapping[tuple[int, int], str]
    ) -> None:
        """Learn the colors of some segments of a drawing: one dot each is enough.

        Args:
            drawing: its file, or what `prepare` returned.
            hints: color by a pixel x, y of the segment: `#rrggbb`, or "none" for bare paper.

        Raises:
            FileError: the file cannot be used, or has nothing to paint.
            BadOption: a pixel is ink or outside, or a color is no color.
        """
        if not isinstance(drawing, Drawing):
            drawing = self.prepare(drawing)
        before = self._corrected.get(drawing.path)
        ids = np.full(len(drawing.segments), UNKNOWN, np.int32)
        if before is not None and len(before.color_ids) == len(ids):
            ids = before.color_ids.copy()
        for at_xy, color in hints.items():
            row = _row_at(drawing, at_xy)
            self.palette, ids[row] = self.palette.with_color(color)
        self._corrected[drawing.path] = known_for_certain(drawing.encoded, ids)

    def known(self, number: int) -> KnownColors[EncodedCel]:
        """Return a reference as matchers take it, by order of adding."""
        return self._known[number]

    def prepare(
        self,
        path: str | Path,
        size_hw: tuple[int, int] | None = None,
        strokes: Sequence[Stroke] = (),
        encoded: EncodedCel | None = None,
        column: str = "",
    ) -> Drawing:
        """Return a drawing read, split into segments and encoded.

        Args:
            path: its file.
            size_hw: height and width it must have; None allows any.
            strokes: what the artist did to its lines and segments.
            encoded: the same drawing encoded before, if it was.
            column: of its cut, "" if it is of none.

        Raises:
            FileError: the file cannot be used, or has nothing to paint.
            SizeMismatch: the drawing has another size.
        """
        path = Path(path)
        picture, lineart, segments = self.split(path, size_hw, column)
        segments = edit_segments(lineart, segments, strokes)
        if encoded is None:
            encoded = encode_cel(self.matcher, lineart, segments)
        return Drawing(path, picture, lineart, segments, encoded, tuple(strokes), column)

    def split(
        self, path: Path, size_hw: tuple[int, int] | None = None, column: str = ""
    ) -> tuple[Picture, LineArt, Segments]:
        """Return a drawing, its lines and its segments; see `prepare`.

        Raises:
            FileError: the file cannot be used, or has nothing to paint.
            SizeMismatch: the drawing has another size.
        """
        picture = read_drawing(path, max_pixels=self.settings.max_pixels)
        if size_hw is not None and picture.size_hw != size_hw:
            raise SizeMismatch(
                f"the drawing is {picture.size_hw[1]} x {picture.size_hw[0]}",
                path=path,
                expected=f"{size_hw[1]} x {size_hw[0]} like the other cels of its column",
                action="Export it at the same size",
            )
        lineart = extract_lineart(picture.rgba_u8, self.settings.lines.for_column(column))
        ink = np.count_nonzero(lineart.ink)
        if ink in (0, lineart.ink.size):
            raise NothingToPaint(
                "the drawing is blank" if ink == 0 else "the drawing is nothing but ink",
                path=path,
                expected="lines on white or transparent paper",
                action="Check the file, or set the threshold by hand (--threshold)",
            )
        return picture, lineart, find_segments(lineart, self.settings.segments)

    def paint(
        self,
        drawing: str | Path | Drawing,
        *,
        references: Sequence[int] | None = None,
        neighbors: Sequence[KnownColors[EncodedCel]] = (),
        corrections: dict[int, int] | None = None,
    ) -> PaintedCel:
        """Return the drawing painted.

        Args:
            drawing: its file, or what `prepare` returned.
            references: which references to use, by order of adding, the nearest first; None: all.
            neighbors: cels painted before that give a second opinion, see
                `PaintedCel.as_neighbor`.
            corrections: palette id by label where the artist has decided; None: as hinted and
                corrected so far.

        Raises:
            FileError: the file cannot be used, or has nothing to paint.
            ReferenceUnusable: no reference was added, and no hints.
        """
        if not (self._known or self._corrected or neighbors or corrections):
            raise ReferenceUnusable(
                "there is no reference",
                expected="one painted cel at least",
                action="Call add_reference or add_hints first",
            )
        if not isinstance(drawing, Drawing):
            drawing = self.prepare(drawing)
        chosen = range(len(self._known)) if references is None else references
        known = [self._known[index] for index in chosen]
        known += [k for path, k in self._corrected.items() if path != drawing.path]
        known += neighbors
        own = self._corrected.get(drawing.path)
        if corrections is None and own and len(own.color_ids) == len(drawing.segments):
            corrections = by_label(own.color_ids)
        painting = decide_colors(
            self.matcher,
            known,
            drawing.encoded,
            corrections,
            sparse=not chosen,
        )
        return PaintedCel(drawing, painting, self.palette, self.settings)

    def correct(self, cel: PaintedCel, at_xy: tuple[int, int], color: str) -> PaintedCel:
        """Return the cel with one segment's color decided by the artist, and learn from it.

        The corrected cel serves as a reference from now on: what is known for certain of it, its
        locked segments, counts like any reference; repaint other cels to see them follow.

        Args:
            cel: a painted cel.
            at_xy: a pixel of the segment.
            color: `#rrggbb`, or "none" for bare paper.

        Raises:
            BadOption: the pixel is ink or outside, or the color is no color.
        """
        at = _row_at(cel.drawing, at_xy)
        self.palette, color_id = self.palette.with_color(color)
        painting = cel.painting
        ids, sure, locked = (
            painting.color_ids.copy(),
            painting.confidence.copy(),
            painting.locked.copy(),
        )
        ids[at], sure[at], locked[at] = color_id, 1, True
        corrected = Painting(ids, sure, painting.alternatives, locked)
        known_ids = np.where(locked, ids, np.int32(UNKNOWN))
        self._corrected[cel.drawing.path] = known_for_certain(cel.drawing.encoded, known_ids)
        return replace(cel, painting=corrected, palette=self.palette)


def _row_at(drawing: Drawing, at_xy: tuple[int, int]) -> int:
    """Return the row of the segment at a pixel.

    Raises:
        BadOption: the pixel is ink or outside.
    """
    labels = drawing.segments.labels
    x, y = at_xy
    inside = 0 <= y < labels.shape[0] and 0 <= x < labels.shape[1]
    if not inside or labels[y, x] == 0:
        raise BadOption(
            f"({x}, {y}) is {'on a line' if inside else 'outside the picture'}",
            expected="a pixel inside a segment",
            action="Point into the segment that is meant",
        )
    return int(labels[y, x]) - 1
