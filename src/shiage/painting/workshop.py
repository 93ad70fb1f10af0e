"""What cels are painted with: a matcher, settings, and the palette that grows with the references.

Whoever paints has one: `Painter` for its cels, a run and the page for those of a cut.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from shiage.colors.palette import Palette
from shiage.colors.snapping import Snapping
from shiage.errors import FileError, NothingToPaint, SizeMismatch
from shiage.files.exposures import fold
from shiage.files.images import Picture, PictureFile, open_picture
from shiage.files.notes import Notes
from shiage.files.profiles import rgb_profile
from shiage.lines.fills import has_fills
from shiage.lines.ground import require_light_ground
from shiage.lines.lineart import LineSettings, lineart_from_painting
from shiage.lines.segments import SegmentSettings, find_segments
from shiage.lines.splitting import split_drawing, way_for
from shiage.matching import Matcher, make_matcher
from shiage.painting.edits import Stroke, edit_segments
from shiage.painting.painted_cel import Drawing, PaintSettings
from shiage.painting.propagate import EncodedCel, encode_cel, known_for_certain
from shiage.painting.reference import Reference, level_painting, read_reference
from shiage.painting.serving import Known
from shiage.structures import LineArt, Segments


class Workshop:
    """Reads drawings and references, and encodes them for one matcher.

    Args:
        matcher: the matcher, or its name, see `shiage.matching.MATCHERS`.
        settings: how cels are painted.
        palette: colors that references are to keep to; None leaves them as they are.
        notes: takes in what is odd about the files read.

    Raises:
        BadOption: there is no such matcher, or the color of the undecided is none.
    """

    def __init__(
        self,
        matcher: str | Matcher,
        settings: PaintSettings,
        palette: Palette | None = None,
        notes: Notes | None = None,
    ) -> None:
        self.matcher = make_matcher(matcher) if isinstance(matcher, str) else matcher
        self.settings = settings
        self.snapping = None if palette is None else Snapping(palette, settings.snap)
        self.palette = palette or Palette()
        """Every color met so far."""
        self.notes = Notes() if notes is None else notes
        self.ways: dict[str, SegmentSettings] = {}
        """How segments are taken in columns where that was decided, by their folded names."""
        if settings.undecided is not None:
            Palette().with_color(settings.undecided)

    def read_reference(
        self, painting: Path, drawing: Path | None, column: str = ""
    ) -> tuple[Reference, Known]:
        """Return a painted cel or model sheet, and what is known of it.

        The palette gets its colors.

        Args:
            painting: the coloured picture.
            drawing: its line drawing, see `Painter.add_reference`.
            column: of its cut, "" if it is of none.

        Raises:
            FileError: a file cannot be used.
            SizeMismatch: painting and drawing differ in size.
            ReferenceUnusable: the painting has no color.
        """
        settings = self.settings
        reference, self.palette = read_reference(
            painting,
            drawing,
            self.palette,
            settings.lines.for_column(column),
            self.segments_for(column),
            self.snapping,
            settings.max_pixels,
            self.notes,
        )
        encoded = encode_cel(self.matcher, reference.lineart, reference.segments)
        return reference, known_for_certain(encoded, reference.color_ids)

    def prepare(
        self,
        path: Path,
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

    def open(self, path: Path) -> PictureFile:
        """Return a picture's file.

        Raises:
            FileError: it cannot be read, or is no picture.
        """
        return open_picture(path, max_pixels=self.settings.max_pixels)

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
        settings, taking = self.settings.lines.for_column(column), self.segments_for(column)
        if has_fills(picture.rgba_u8, settings):
            lineart = lineart_from_painting(level_painting(picture.pixels))
            segments = find_segments(lineart, taking)
        else:
            lineart, segments = split_drawing(picture.rgba_u8, settings, taking)
        if not lineart.ink.any():
            raise NothingToPaint(
                "the drawing is blank",
                path=file.path,
                expected="lines on white or transparent paper",
                action="Check the file, or set the threshold by hand (--threshold)",
            )
        require_light_ground(picture.rgba_u8, lineart, file.path)
        return picture, lineart, segments

    def segments_for(self, column: str) -> SegmentSettings:
        """Return how segments are taken in a column."""
        return self.ways.get(fold(column), self.settings.segments)

    def choose_way(self, column: str, drawings: Iterable[Path]) -> str:
        """Decide how a column's drawings are split; return why not exactly, "" if they are.

        Drawings that cannot be read, and painted ones, say nothing.

        Args:
            column: of the cut.
            drawings: some of its files.
        """
        lines = self.settings.lines.for_column(column)
        readable = self._read_lines(drawings, lines)
        self.ways[fold(column)], why = way_for(readable, lines, self.settings.segments)
        return why

    def _read_lines(
        self, drawings: Iterable[Path], settings: LineSettings
    ) -> Iterator[NDArray[np.uint8]]:
        for path in drawings:
            try:
                rgba_u8 = self.open(path).drawing.rgba_u8
            except FileError:
                continue
            if not has_fills(rgba_u8, settings):
                yield rgba_u8
