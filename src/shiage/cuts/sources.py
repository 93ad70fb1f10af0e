"""What a cut is painted from: references that are its cels or not, hints, artist's decisions."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import compress
from pathlib import Path

import msgspec
import numpy as np

from shiage.colors.snapping import tell_departures
from shiage.cuts.cut import HINT_SUFFIXES, Cel, Cut, expand_images
from shiage.cuts.hints import Dots, find_dots, place_dots, read_hint_list
from shiage.cuts.model_sheets import drawing_of, is_painted, pair_sheets, sort_references
from shiage.cuts.outputs import hash_file
from shiage.cuts.project import (
    CelWork,
    Correction,
    Project,
    WorkingPalette,
    apply_palette,
    decide_ids,
    key_of,
)
from shiage.errors import BadOption, ReferenceUnusable, ShiageError
from shiage.files.exposures import fold
from shiage.files.images import Picture, read_picture, read_size
from shiage.files.pictures import FORMAT_OF_SUFFIX
from shiage.lines.segments import find_inner_points
from shiage.matching import KnownColors
from shiage.painting.compose import find_soft, split_lines
from shiage.painting.layering import Lines, encode_given
from shiage.painting.painted_cel import Drawing
from shiage.painting.painter import Painter
from shiage.painting.propagate import EncodedCel, by_label, known_for_certain
from shiage.painting.recolor import recolor
from shiage.painting.storage import Storage
from shiage.structures import UNKNOWN, Ints


@dataclass
class Sources:
    """The references of a cut, added to a painter.

    Attributes:
        painter: knows the references by number.
        cut: the cut.
        keys: number of the reference of each keyed cel.
        shared: numbers of references that are no cel of the cut.
        files: file of each reference that came from one, by number.
        sheet_drawings: drawings of model sheets.
        hints: what was hinted, by cel; lies under what the artist decides in the page.
        errors: references and hints that could not be used, one sentence each.
        warnings: what is odd about the others, one sentence each.
        decided: palette ids of all segments of the keyed cels that the artist worked on.
        corrected: what is known of cels that the artist corrected in part, and the palette id by
            label.
    """

    painter: Painter
    cut: Cut
    keys: dict[Cel, int] = field(default_factory=dict)
    shared: list[int] = field(default_factory=list)
    files: dict[int, Path] = field(default_factory=dict)
    sheet_drawings: list[Path] = field(default_factory=list)
    hints: dict[Cel, tuple[Correction, ...]] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    decided: dict[Cel, Ints] = field(default_factory=dict)
    corrected: dict[Cel, tuple[KnownColors[EncodedCel], dict[int, int]]] = field(
        default_factory=dict
    )

    def load(self, references: Sequence[Path], sheets: Sequence[tuple[Path, Path]]) -> None:
        """Add keyed cels and model sheets to the painter; what cannot be used becomes an error.

        Args:
            references: painted cels, or folders of them; empty takes those found beside the
                drawings, and if there are none the drawings that are painted in place.
            sheets: (drawing, painting) of each model sheet; empty takes those found beside the
                drawings.

        Raises:
            CutError, UnreadableFile: a path leads nowhere.
        """
        columns = self.cut.columns()
        self.warnings += [
            f"{self.cut.folder}: there is no column {name} whose lines could be traces; "
            f"there is {', '.join(filter(None, columns)) or 'none with a name'}"
            for name in self.painter.settings.lines.all_trace_columns
            if fold(name) not in map(fold, columns)
        ]
        limit = self.painter.settings.max_pixels
        paths = references or self.cut.found_references or self._painted_drawings()
        given = sort_references(self.cut, paths, limit)
        self.warnings += given.notes
        for path, cel in given.keys:
            number = self._add(path, drawing_of(path, cel), cel.column if cel else "")
            if number is not None and cel is not None and cel not in self.keys:
                self.keys[cel] = number
            elif number is not None:
                self.shared.append(number)
        found, without_painting = ((), ()) if sheets else pair_sheets(self.cut.found_sheets)
        for drawing, painting in (*given.sheets, *found, *sheets):
            number = self._add(painting, drawing, is_needed=(drawing, painting) not in found)
            if number is not None:
                self.shared.append(number)
                self.sheet_drawings += [drawing] if drawing else []
        self.warnings += [
            f"{path}: left out, a model sheet's drawing without its painting"
            for path in (*given.drawings, *without_painting)
        ]
        snapping = self.painter.snapping
        if snapping is not None:
            off = [(r.name, one) for r in self.painter.references for one in r.departures]
            self.warnings += tell_departures(off, snapping.palette, snapping.levels)

    def read_given(self, cel: Cel) -> Picture:
        """Return a keyed cel's painting as it was given, but in the exact colors of the palette.

        Its lines stay as they are, pixel for pixel.

        Raises:
            FileError: its file cannot be read any more.
        """
        number = self.keys[cel]
        limit = self.painter.settings.max_pixels
        picture = read_picture(self.files[number], max_pixels=limit)
        reference, palette = self.painter.references[number], self.painter.palette
        snapped = [departure for departure in reference.departures if departure.snapped]
        if not snapped:
            return picture
        # All of its colors are named: one left out might pass for a mix of another with black.
        own = palette.rgba_u16[np.unique(reference.color_ids)]
        old = np.array([off.color for off in snapped], np.uint16)
        new = palette.rgba_u16[[off.nearest[0] for off in snapped]]
        pixels, _ = recolor(picture.pixels, np.concatenate([old, own]), np.concatenate([new, own]))
        kept, replaced = split_lines(reference.lineart, self.painter.settings.traces)
        lines = kept & ~find_soft(reference.lineart, kept, replaced)
        pixels[lines] = picture.pixels[lines]
        return Picture(pixels, picture.layout)

    def encode_given(
        self, cel: Cel, path: Path, picture: Picture, drawn: Picture, storage: Storage
    ) -> bytes:
        """Return the file of a keyed cel: the given one byte for byte, if it says the same.

        Args:
            cel: the keyed cel.
            path: where it will be written, for errors.
            picture: what `read_given` returned.
            drawn: its drawing.
            storage: how it shall be stored.

        Raises:
            WriteFailed: a size that the format cannot hold.
            FileError: the layers of its drawing cannot be read any more.
        """
        number, settings = self.keys[cel], self.painter.settings
        reference = self.painter.references[number]
        file = None if any(off.snapped for off in reference.departures) else self.files[number]
        told = settings.lines.for_column(cel.column)
        lines = Lines(cel.path, drawn, reference.lineart, told, settings.traces)
        return encode_given(path, file, picture, lines, storage, settings.max_pixels)

    def load_hints(self, paths: Sequence[Path]) -> None:
        """Take in hints; what cannot be used becomes an error.

        Args:
            paths: files of hints, or folders of them; empty takes those found beside the drawings.

        Raises:
            CutError, UnreadableFile: a path leads nowhere.
        """
        given = expand_images(paths, HINT_SUFFIXES, "hints")
        for path in given or self.cut.found_hints:
            try:
                is_list = path.suffix.lower() == ".json"
                lists = read_hint_list(path) if is_list else {"": None}
            except ShiageError as error:
                self.errors.append(f"hints left out: {error}")
                continue
            for name, dots in lists.items():
                try:
                    self._add_hints(path, name, dots)
                except ShiageError as error:
                    self.errors.append(f"hints left out: {error}")

    def with_hints(self, cel: Cel, work: CelWork) -> CelWork:
        """Return what the artist did to a cel, its hints among the corrections."""
        if cel not in self.hints:
            return work
        corrections = (*self.hints[cel], *work.corrections)
        return msgspec.structs.replace(work, corrections=corrections)

    def take_over(self, project: Project) -> None:
        """Make references of the cels that were hinted or decided, as a whole or in part.

        A keyed cel is among them if the artist changed anything of it, its colors included.
        """
        given = self.painter.palette.rgba_u16
        palette = apply_palette(self.painter.palette, project.palette)
        recolored = not np.array_equal(given, palette.palette.rgba_u16[: len(given)])
        self.painter.palette = palette.palette
        for cel in self.cut.cels:
            work = self.with_hints(cel, project.work(cel.name))
            changed = cel in self.keys and (recolored or work.strokes)
            if not work.corrections and not changed:
                continue
            try:
                drawing = self.painter.prepare(cel.path, strokes=work.strokes, column=cel.column)
            except ShiageError:
                continue  # told when its turn comes
            ids, is_key = self.decide(cel, drawing, work, palette)
            if is_key:
                self.keys[cel] = self.painter.add_decided(drawing, ids)
                self.decided[cel] = ids
            elif (ids != UNKNOWN).any():
                known = known_for_certain(drawing.encoded, ids)
                self.corrected[cel] = known, by_label(ids)

    def common(self, column: str) -> list[int]:
        """Return the numbers of the references that serve every cel of a column.

        A column with nothing of its own takes whatever the other columns have.
        """
        if self.shared or any(cel.column == column for cel in self.keys):
            return list(self.shared)
        return list(self.keys.values())

    def decide(
        self, cel: Cel, drawing: Drawing, work: CelWork, palette: WorkingPalette
    ) -> tuple[Ints, bool]:
        """Return what is decided of a cel, and whether it is a reference as a whole.

        Args:
            cel: the cel.
            drawing: the same, prepared with the strokes of `work`.
            work: what the artist did to it, and its hints.
            palette: what the corrections' colors stand for.

        Returns:
            (N,) int32 palette ids, `UNKNOWN` where nothing is decided; and whether it is.
        """
        segments = drawing.segments
        ids = np.full(len(segments), UNKNOWN, np.int32)
        if cel in self.keys:
            given = self.painter.references[self.keys[cel]]
            x, y = find_inner_points(segments.labels, len(segments)).T
            under = given.segments.labels[y, x]
            ids[under > 0] = given.color_ids[under[under > 0] - 1]
        decided = decide_ids(work.corrections, segments.labels, len(segments), palette)
        ids = np.where(decided == UNKNOWN, ids, decided)
        return ids, cel in self.keys or (work.reference and bool((ids != UNKNOWN).all()))

    def _painted_drawings(self) -> list[Path]:
        """Return the drawings of the cut that an artist has painted: layered ones, else flat ones.

        Flat ones are not taken for it if most of the cut is colored: then these are guides.
        """

        def has_paint(path: Path) -> bool:
            try:
                return is_painted(path, self.painter.settings.max_pixels)
            except ShiageError:
                return False  # told when its turn comes

        paths = [cel.path for cel in self.cut.cels]
        with ThreadPoolExecutor() as pool:
            found = list(compress(paths, pool.map(has_paint, paths)))
        layered = [p for p in found if FORMAT_OF_SUFFIX.get(p.suffix.lower()) == "PSD"]
        if layered or 2 * len(found) > len(self.cut.cels):
            return layered
        self.warnings += [f"{path}: is painted already, so it is a reference" for path in found]
        return found

    def _add_hints(self, path: Path, name: str = "", dots: Dots | None = None) -> None:
        """Take in what a file hints for one cel.

        Args:
            path: the file.
            name: of the cel in a list; "": the file is named like the cel.
            dots: what the list says; None: the file is a picture.

        Raises:
            ShiageError: it cannot be used.
        """
        cel = self.cut.find_named(Path(name) if name else path)
        if cel is None:
            raise BadOption(
                f"there is no cel {name or path.stem}",
                path=path,
                expected=f"a name as the drawings have them, such as {self.cut.cels[0].name}",
                action="Give it the name of its drawing",
            )
        drawing, lineart, segments = self.painter.split(cel.path, column=cel.column)
        bits = 8
        if dots is not None:
            hints = place_dots(path.name, dots, segments)
        else:
            layer = read_picture(path, max_pixels=self.painter.settings.max_pixels)
            bits = layer.pixels.itemsize * 8
            hints = find_dots(path, layer, drawing, lineart, segments)
        self.warnings += hints.warnings
        rows = np.array(list(hints.dots.values()), np.uint16).reshape(-1, 4)
        snapping = self.painter.snapping
        if snapping is not None and len(rows):
            places = np.array(list(hints.dots), np.int64)
            rows, departures = snapping.snap(rows, places, bits)
            found = [(f"hints {path.name}", off) for off in departures]
            self.warnings += tell_departures(found, snapping.palette, snapping.levels)
        self.painter.palette, _ = self.painter.palette.extended(rows)
        made = [
            Correction(at, key_of(tuple(row)))
            for at, row in zip(hints.dots, rows.tolist(), strict=True)
        ]
        self.hints[cel] = (*self.hints.get(cel, ()), *made)

    def _add(
        self,
        painting: Path,
        drawing: Path | None = None,
        column: str = "",
        *,
        is_needed: bool = True,
    ) -> int | None:
        """Return the number of the reference added, None if it cannot be used.

        One that nobody asked for may be without color: a scanned timesheet in a folder `sheets`.
        """
        try:
            reference = self.painter.add_reference(painting, drawing, column)
        except ShiageError as error:
            is_error = is_needed or not isinstance(error, ReferenceUnusable)
            (self.errors if is_error else self.warnings).append(f"reference left out: {error}")
            return None
        self.warnings += [warning.message for warning in reference.warnings]
        number = len(self.painter.references) - 1
        self.files[number] = painting
        return number


def find_twins(
    cels: Sequence[Cel], given: Collection[Cel]
) -> tuple[list[Cel], list[tuple[Cel, Cel]]]:
    """Return cels with drawings of their own, and (cel, original) where a drawing repeats.

    Args:
        cels: of a column, in order.
        given: those that are keyed or hinted; they are never taken for another.
    """
    first: dict[str, Cel] = {}
    originals, same = [], []
    for cel in cels:
        try:
            digest = hash_file(cel.path)
        except ShiageError:
            digest = str(cel.path)  # will fail with its own message when its turn comes
        if digest in first and cel not in given:
            same.append((cel, first[digest]))
        else:
            first.setdefault(digest, cel)
            originals.append(cel)
    return originals, same


def find_common_size(cels: Sequence[Cel], keyed: Collection[Cel]) -> tuple[int, int] | None:
    """Height and width of a column: that of its keyed cel, else that of most of its cels."""
    keys = [cel for cel in cels if cel in keyed]
    votes: dict[tuple[int, int], int] = {}
    for cel in keys[:1] or cels:
        try:
            size_hw = read_size(cel.path)
        except ShiageError:
            continue  # told when its turn comes
        votes[size_hw] = votes.get(size_hw, 0) + 1
    return max(votes, key=lambda size: votes[size]) if votes else None
