"""`Painter`: references in, drawings in, painted cels out; the facade over every step.

painter = Painter()
painter.add_reference(painting="color/A0001.png", drawing="line/A0001.png")
cel = painter.paint("line/A0002.png")
cel.save("painted/A0002.png")
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from shiage.colors.palette import Palette
from shiage.colors.snapping import Snapping
from shiage.errors import BadOption, NothingToPaint, ReferenceUnusable, SizeMismatch
from shiage.files.images import Picture, PictureFile, open_picture
from shiage.files.notes import Notes
from shiage.files.profiles import rgb_profile
from shiage.lines.fills import has_fills
from shiage.lines.ground import require_light_ground
from shiage.lines.lineart import extract_lineart, lineart_from_painting
from shiage.lines.segments import find_deep_points, find_segments, label_at
from shiage.lines.trace_pieces import TracePieces, find_trace_pieces
from shiage.matching import DEFAULT_MATCHER, KnownColors, Matcher, make_matcher
from shiage.painting.edits import Stroke, edit_segments
from shiage.painting.line_colors import (
    AS_DRAWN,
    PAINTED_OVER,
    LineChoice,
    LineDecision,
    LineRules,
    learn_decided,
)
from shiage.painting.painted_cel import Drawing, PaintedCel, PaintSettings
from shiage.painting.propagate import (
    EncodedCel,
    by_label,
    decide_colors,
    encode_cel,
    known_for_certain,
)
from shiage.painting.reference import Reference, level_painting, read_reference
from shiage.structures import UNKNOWN, Ints, LineArt, Painting, Segments


class Painter:
    """Paints drawings from coloured references.

    Args:
        matcher: the matcher, or its name, see `shiage.matching.MATCHERS`.
        settings: how cels are painted.
        palette: colors that references are to keep to; those near one of them become that one.

    Raises:
        BadOption: there is no such matcher, or the color of the undecided is none.
    """

    def __init__(
        self,
        matcher: str | Matcher = DEFAULT_MATCHER,
        settings: PaintSettings | None = None,
        palette: Palette | None = None,
    ) -> None:
        self.matcher = make_matcher(matcher) if isinstance(matcher, str) else matcher
        self.settings = settings or PaintSettings()
        self.snapping = None if palette is None else Snapping(palette, self.settings.snap)
        self.palette = palette or Palette()
        self.references: list[Reference] = []
        self.notes = Notes()
        """What is odd about the files read so far; ask it to `tell`."""
        self._known: list[KnownColors[EncodedCel]] = []
        self._corrected: dict[Path, KnownColors[EncodedCel]] = {}
        self._decided: dict[Path, dict[tuple[int, int], int]] = {}
        """Palette id by a pixel x, y: the same on a drawing that was saved anew since."""
        self._lines: dict[Path, LineChoice] = {}
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
        settings = self.settings
        reference, self.palette = read_reference(
            Path(painting),
            None if drawing is None else Path(drawing),
            self.palette,
            settings.lines.for_column(column),
            settings.segments,
            self.snapping,
            settings.max_pixels,
            self.notes,
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
        decided = dict(self._decided.get(drawing.path, {}))
        for at_xy, color in hints.items():
            _row_at(drawing, at_xy)
            self.palette, color_id = self.palette.with_color(color)
            decided.pop(at_xy, None)  # of two in one segment the later counts
            decided[at_xy] = color_id
        self._learn(drawing, decided)

    @property
    def line_rules(self) -> LineRules:
        """What the references show of coloured lines."""
        return LineRules.joined(reference.lines for reference in self.references)

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
        file = self.open(path)
        picture, lineart, segments = self.split(file, size_hw, column)
        segments = edit_segments(lineart, segments, strokes)
        if encoded is None:
            encoded = encode_cel(self.matcher, lineart, segments)
        return Drawing(file, picture, lineart, segments, encoded, tuple(strokes), column)

    def open(self, path: str | Path) -> PictureFile:
        """Return a picture's file.

        Raises:
            FileError: it cannot be read, or is no picture.
        """
        return open_picture(Path(path), max_pixels=self.settings.max_pixels)

    def read_drawing(self, file: PictureFile) -> Picture:
        """Return a drawing with the layout of its painted cel.

        Without a color profile of its own it has that of the references, whose colors it gets.

        Raises:
            FileError: the file cannot be used.
        """
        picture = file.drawing
        self.notes.take_drawing(file.path, picture)
        layout = picture.layout
        profile = rgb_profile(layout.icc_profile) or self.notes.profile or layout.icc_profile
        return replace(picture, layout=replace(layout, icc_profile=profile))

    def split(
        self, file: PictureFile, size_hw: tuple[int, int] | None = None, column: str = ""
    ) -> tuple[Picture, LineArt, Segments]:
        """Return a drawing, its lines and its segments; see `prepare`.

        The lines of one that is painted already are found as in a painting.

        Raises:
            FileError: the file cannot be used, or has nothing to paint.
            SizeMismatch: the drawing has another size.
        """
        picture = self.read_drawing(file)
        if size_hw is not None and picture.size_hw != size_hw:
            raise SizeMismatch(
                f"the drawing is {picture.size_hw[1]} x {picture.size_hw[0]}",
                path=file.path,
                expected=f"{size_hw[1]} x {size_hw[0]} like the other cels of its column",
                action="Export it at the same size",
            )
        settings = self.settings.lines.for_column(column)
        if has_fills(picture.rgba_u8, settings):
            lineart = lineart_from_painting(level_painting(picture.pixels))
        else:
            lineart = extract_lineart(picture.rgba_u8, settings)
        if not lineart.ink.any():
            raise NothingToPaint(
                "the drawing is blank",
                path=file.path,
                expected="lines on white or transparent paper",
                action="Check the file, or set the threshold by hand (--threshold)",
            )
        require_light_ground(picture.rgba_u8, lineart, file.path)
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
        if corrections is None:
            corrections = by_label(_ids_at(drawing, self._decided.get(drawing.path, {})))
        painting = decide_colors(
            self.matcher,
            known,
            drawing.encoded,
            corrections,
            sparse=not chosen,
        )
        lines = self._lines_of(drawing.path)
        return PaintedCel(drawing, painting, self.palette, self.settings, lines)

    def correct(self, cel: PaintedCel, at_xy: tuple[int, int], color: str) -> PaintedCel:
        """Return the cel with one color decided by the artist, and learn from it.

        At a pixel of a coloured line it is that of the line: it stays in this color, or as "drawn",
        or with "none" paint replaces it; lines like it between the same colors follow.

        At any other it is that of the segment. The corrected cel serves as a reference from now on:
        what is known for certain of it, its locked segments, counts like any reference; repaint
        other cels to see them follow.

        Args:
            cel: a painted cel.
            at_xy: a pixel of the segment, or on a coloured line.
            color: `#rrggbb`, or "none" for bare paper.

        Raises:
            BadOption: the pixel is black ink or outside, or the color is no color.
        """
        drawing = cel.drawing
        pieces = find_trace_pieces(drawing.lineart, drawing.segments.labels)
        piece = pieces.at(*at_xy)
        if piece:
            return self._correct_line(cel, pieces, piece, at_xy, color)
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
        points = find_deep_points(drawing.segments.labels, len(drawing.segments))[locked].tolist()
        decided = {(x, y): at for (x, y), at in zip(points, ids[locked].tolist(), strict=True)}
        self._learn(drawing, decided)
        return replace(cel, painting=corrected, palette=self.palette)

    def _learn(self, drawing: Drawing, decided: dict[tuple[int, int], int]) -> None:
        """Keep what is decided of a drawing: palette ids by pixels of its segments."""
        self._decided[drawing.path] = decided
        ids = _ids_at(drawing, decided)
        self._corrected[drawing.path] = known_for_certain(drawing.encoded, ids)

    def _correct_line(
        self, cel: PaintedCel, pieces: TracePieces, piece: int, at_xy: tuple[int, int], color: str
    ) -> PaintedCel:
        """Return the cel with what becomes of a coloured line decided, and learn from it."""
        drawing = cel.drawing
        becomes = {"none": PAINTED_OVER, "drawn": AS_DRAWN}.get(color.lower())
        if becomes is None:
            self.palette, becomes = self.palette.with_color(color)
        ids = np.append(np.int32(UNKNOWN), cel.painting.color_ids)
        one, two = sorted(ids[pieces.sides[piece - 1]].tolist())
        decided = {**cel.lines.decided, at_xy: LineDecision(becomes, (one, two))}
        labels = drawing.segments.labels
        self._lines[drawing.path] = LineChoice(
            learn_decided(drawing.picture.rgba_u8, drawing.lineart, labels, decided), decided
        )
        return replace(cel, palette=self.palette, lines=self._lines_of(drawing.path))

    def _lines_of(self, path: Path) -> LineChoice:
        """Return what is known of the coloured lines of a drawing."""
        rules = [self.line_rules, *(choice.rules for choice in self._lines.values())]
        return LineChoice(LineRules.joined(rules), self._lines.get(path, LineChoice()).decided)


def _row_at(drawing: Drawing, at_xy: tuple[int, int]) -> int:
    """Return the row of the segment at a pixel.

    Raises:
        BadOption: the pixel is ink or outside.
    """
    label = label_at(drawing.segments.labels, at_xy)
    if not label:
        x, y = at_xy
        height, width = drawing.segments.size_hw
        inside = 0 <= y < height and 0 <= x < width
        raise BadOption(
            f"({x}, {y}) is {'on a line' if inside else 'outside the picture'}",
            expected="a pixel inside a segment",
            action="Point into the segment that is meant",
        )
    return label - 1


def _ids_at(drawing: Drawing, decided: Mapping[tuple[int, int], int]) -> Ints:
    """(N,) int32: what is decided of each segment, by pixels x, y, else `UNKNOWN`."""
    ids = np.full(len(drawing.segments), UNKNOWN, np.int32)
    for at_xy, color_id in decided.items():
        label = label_at(drawing.segments.labels, at_xy)
        if label:
            ids[label - 1] = color_id
    return ids
