"""What a cut is painted from: references that are its cels or not, hints, artist's decisions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import compress
from pathlib import Path

import msgspec
import numpy as np

from shiage.colors.palette import Palette
from shiage.colors.snapping import tell_departures
from shiage.cuts.columns import ColumnDrawings, survey_column
from shiage.cuts.cut import HINT_SUFFIXES, Cel, Cut, expand_images
from shiage.cuts.fills import paint_of_given
from shiage.cuts.hints import Dots, find_dots, place_dots, read_hint_list
from shiage.cuts.model_sheets import drawing_of, is_painted, pair_sheets, sort_references
from shiage.cuts.project import (
    CelWork,
    Correction,
    Project,
    WorkingPalette,
    apply_palette,
    color_strokes,
    decide_ids,
    decide_line_ids,
    key_of,
    tell_placed,
)
from shiage.cuts.references import CutReference, Origin
from shiage.errors import BadOption, NotPaintedYet, ReferenceUnusable, ShiageError
from shiage.files.exposures import fold
from shiage.files.formats import format_by_name
from shiage.files.images import Picture, PictureFile
from shiage.files.versions import Versions
from shiage.lines.segments import find_inner_points
from shiage.painting.compose import fill_segments
from shiage.painting.covering import split_lines
from shiage.painting.edits import Stroke
from shiage.painting.given import Given, adapt
from shiage.painting.layering import Lines, encode_given
from shiage.painting.line_colors import LineChoice, LineRules, learn_decided, tell_rules
from shiage.painting.painted_cel import Drawing
from shiage.painting.propagate import known_for_certain
from shiage.painting.reference import Reference
from shiage.painting.serving import Known
from shiage.painting.storage import Storage
from shiage.painting.workshop import Workshop
from shiage.structures import UNKNOWN, Ints

LOOKED_AT = 2
"""Drawings of a column, at most, that tell how all are split."""


@dataclass
class Sources:
    """The references of a cut, and what else its cels are painted from.

    Attributes:
        workshop: reads drawings and references.
        cut: the cut.
        versions: of the files that are read.
        references: all of them, in the order in which they were learned; of some cels one took the
            place of another.
        keys: the reference of each keyed cel, in the order in which these were learned.
        used: files that references and hints were read from, drawings among them, with the SHA-256
            that each had.
        hints: what was hinted, by cel; lies under what the artist decides in the page.
        errors: references and hints that could not be used, one sentence each.
        warnings: what is odd about the others, one sentence each.
        unpainted: references that are blank; if they are of cels, these are painted like others.
        corrected: what is known of cels that the artist corrected in part.
        lines: what the artist has decided of the coloured lines of cels: what becomes of the one
            at a pixel, and what that tells of others.
        working: the colors as the artist has them.
    """

    workshop: Workshop
    cut: Cut
    versions: Versions = field(default_factory=Versions)
    references: list[CutReference] = field(default_factory=list)
    keys: dict[Cel, CutReference] = field(default_factory=dict)
    used: dict[Path, str] = field(default_factory=dict)
    hints: dict[Cel, tuple[Correction, ...]] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    unpainted: list[Path] = field(default_factory=list)
    corrected: dict[Cel, Known] = field(default_factory=dict)
    lines: dict[Cel, LineChoice] = field(default_factory=dict)
    working: WorkingPalette | None = None

    @property
    def shared(self) -> list[CutReference]:
        """The references that serve every cel."""
        return [reference for reference in self.references if reference.cel is None]

    def load(self, references: Sequence[Path], sheets: Sequence[tuple[Path, Path]]) -> None:
        """Learn keyed cels and model sheets; what cannot be used becomes an error.

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
            f"{self.cut.folder}: --all-trace-column names {name}, but there is no such column; "
            f"the columns are {', '.join(filter(None, columns)) or 'without names'}"
            for name in self.workshop.settings.lines.all_trace_columns
            if fold(name) not in map(fold, columns)
        ]
        self._choose_ways(columns)
        limit = self.workshop.settings.max_pixels
        paths = references or self.cut.found_references or self._painted_drawings()
        given = sort_references(self.cut, paths, limit)
        self.warnings += given.notes
        for path, cel in given.keys:
            found = self._read(path, drawing_of(path, cel), cel.column if cel else "")
            if found is None:
                continue
            if cel is None or cel in self.keys:
                self._learn(CutReference(Origin.SHEET, *found, path))
            else:
                origin = Origin.PLANE if self._is_plane(cel, found[0]) else Origin.KEY
                self._learn(CutReference(origin, *found, path, cel))
        pairs, without_painting = ((), ()) if sheets else pair_sheets(self.cut.found_sheets)
        for drawing, painting in (*given.sheets, *pairs, *sheets):
            found = self._read(painting, drawing, is_needed=(drawing, painting) not in pairs)
            if found is not None:
                self._learn(CutReference(Origin.SHEET, *found, painting, None, drawing))
        self.warnings += [
            f"{path}: left out, a model sheet's drawing without its painting"
            for path in (*given.drawings, *without_painting)
        ]
        snapping = self.workshop.snapping
        if snapping is not None:
            off = [(r.name, one) for r in self.references for one in r.shown.departures]
            self.warnings += tell_departures(off, snapping.palette, snapping.levels)

    def _choose_ways(self, columns: Iterable[str]) -> None:
        """Decide for each column how its drawings are split; say where not exactly."""
        for column in columns:
            paths = [cel.path for cel in self.cut.cels if fold(cel.column) == fold(column)]
            if why := self.workshop.choose_way(column, paths[:: -(-len(paths) // LOOKED_AT)]):
                where = f"column {column}" if column else self.cut.folder.name
                self.warnings.append(
                    f"{where}: {why}, so it is split as a rough drawing is (--lines drawn); "
                    "--lines exact splits between lines as they are"
                )

    def is_as_given(self, cel: Cel) -> bool:
        """Whether a cel's painting is passed on: a key with lines that the artist left as it is."""
        return cel in self.keys and not self.keys[cel].is_composed

    def read_given(self, cel: Cel, file: PictureFile, drawing: Picture) -> Given:
        """Return a keyed cel's painting as it is passed on.

        Args:
            cel: the keyed cel.
            file: its drawing's file.
            drawing: its drawing.

        Raises:
            FileError: its file can no longer be read, or is another one.
        """
        workshop, traces = self.workshop, self.workshop.settings.traces
        reference = self.keys[cel]
        painted = file if reference.file == file.path else workshop.open(reference.file)
        given = Given(painted.painting, painted)
        self._require_used(reference.file)
        exactly = workshop.snapping is not None
        return adapt(given, drawing, reference.shown, workshop.palette, traces, exactly=exactly)

    def encode_given(
        self,
        cel: Cel,
        path: Path,
        given: Given,
        file: PictureFile,
        drawn: Picture,
        storage: Storage,
    ) -> bytes:
        """Return the file of a keyed cel: as it was given, if that fits the painted cels.

        Args:
            cel: the keyed cel.
            path: where it will be written, for errors.
            given: what `read_given` returned.
            file: its drawing's file.
            drawn: its drawing.
            storage: how it shall be stored.

        Raises:
            WriteFailed: a size that the format cannot hold.
            FileError: the layers of its drawing cannot be read, or the given file is another one.
        """
        settings = self.workshop.settings
        line_settings = settings.lines.for_column(cel.column)
        reference = self.keys[cel]
        lineart = reference.shown.lines_left(settings.traces)
        lines = Lines(file, drawn, lineart, line_settings)
        data = encode_given(path, given.file, given.picture, lines, storage)
        self._require_used(reference.file)
        return data

    def entries_given(self, cel: Cel, picture: Picture) -> tuple[Ints, Palette]:
        """Return the palette entry painted on each pixel of a keyed cel, and the palette.

        Args:
            cel: the keyed cel.
            picture: what `read_given` returned.

        Returns:
            As `PaintedCel.entries`.
        """
        reference, palette = self.keys[cel].shown, self.workshop.palette
        lineart = reference.lines_left(self.workshop.settings.traces)
        paint = fill_segments(lineart, reference.segments.labels, reference.color_ids, palette)
        return paint_of_given(picture.pixels, reference, paint, palette)

    def load_hints(self, paths: Sequence[Path]) -> None:
        """Take in hints; what cannot be used becomes an error.

        Args:
            paths: files of hints, or folders of them; empty takes those found beside the drawings.

        Raises:
            CutError, UnreadableFile: a path leads nowhere.
        """
        given = expand_images(paths, HINT_SUFFIXES, "hints")
        for path in given or self.cut.found_hints:
            self.use(path)
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

    def survey(self, project: Project) -> dict[str, ColumnDrawings]:
        """Return the drawings of each column of the cut.

        Args:
            project: tells of which cels something is decided.
        """
        decided = {cel for cel in self.cut.cels if project.work(cel.name).is_decided}
        own = {*self.keys, *self.hints, *decided}
        return {
            column: survey_column(cels, self.versions, self.keys, own)
            for column, cels in self.cut.columns().items()
        }

    def prepare(self, cel: Cel, work: CelWork, columns: Mapping[str, ColumnDrawings]) -> Drawing:
        """Return a cel's drawing with the artist's strokes.

        Raises:
            FileChanged: the file is no longer the one that was there at first.
            ShiageError: it is gone, damaged or of another size than those of its column.
        """
        size_hw = columns[cel.column].size_for(cel)
        strokes = self.strokes_of(work)
        drawing = self.workshop.prepare(cel.path, size_hw, strokes, column=cel.column)
        self.versions.require(cel.path, self.versions.note(cel.path).sha256)
        return drawing

    def take_over(self, project: Project, columns: Mapping[str, ColumnDrawings]) -> None:
        """Make references of the cels that were hinted or decided, as a whole or in part.

        A keyed cel is among them if the artist changed anything of it, its colors included.

        Args:
            project: what the artist has decided.
            columns: what `survey` returned.
        """
        given = self.workshop.palette.rgba_u16
        palette = apply_palette(self.workshop.palette, project.palette)
        self.working = palette
        recolored = not np.array_equal(given, palette.palette.rgba_u16[: len(given)])
        self.workshop.palette = palette.palette
        for cel in self.cut.cels:
            work = self.with_hints(cel, project.work(cel.name))
            changed = cel in self.keys and (recolored or work.strokes or work.lines)
            if not (work.corrections or work.lines or changed):
                continue
            try:
                drawing = self.prepare(cel, work, columns)
            except ShiageError:
                continue  # reported when its turn comes
            self.warnings += self.tell_older(cel, drawing, project)
            ids, is_key = self.decide(cel, drawing, work, palette)
            decided = decide_line_ids(work.lines, palette)
            rules = learn_decided(
                drawing.picture.rgba_u8, drawing.lineart, drawing.segments.labels, decided
            )
            self.lines[cel] = LineChoice(rules, decided)
            known = known_for_certain(drawing.encoded, ids)
            if is_key:
                shown = Reference(str(cel.path), drawing.lineart, drawing.segments, ids)
                self._learn(CutReference(Origin.DECIDED, shown, known, cel.path, cel))
            elif (ids != UNKNOWN).any():
                self.corrected[cel] = known

    def lines_of(self, cel: Cel) -> LineChoice:
        """Return what is known of the coloured lines of a cel."""
        return LineChoice(self.lines_shown, self.lines.get(cel, LineChoice()).decided)

    @property
    def line_rules(self) -> LineRules:
        """What the references show of coloured lines."""
        return LineRules.joined(reference.shown.lines for reference in self.references)

    @property
    def lines_shown(self) -> LineRules:
        """What references and the artist's decisions show of coloured lines."""
        of_cels = (choice.rules for choice in self.lines.values())
        return LineRules.joined([self.line_rules, *of_cels])

    def tell_lines(self) -> list[str]:
        """Return what was learned of coloured lines, if some of them stay; nothing if not asked."""
        settings = self.workshop.settings
        if settings.traces != "auto":
            return []
        rules, palette = self.line_rules, self.workshop.palette
        return tell_rules(rules, palette, [hue.name for hue in settings.lines.trace_hues])

    def strokes_of(self, work: CelWork) -> tuple[Stroke, ...]:
        """Return an artist's strokes on a cel, pens in the colors that they have now."""
        return work.strokes if self.working is None else color_strokes(work.strokes, self.working)

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
            given = self.keys[cel].shown
            x, y = find_inner_points(segments.labels, len(segments)).T
            under = given.segments.labels[y, x]
            ids[under > 0] = given.color_ids[under[under > 0] - 1]
        decided = decide_ids(work.corrections, segments.labels, len(segments), palette)
        ids = np.where(decided == UNKNOWN, ids, decided)
        return ids, cel in self.keys or (work.reference and bool((ids != UNKNOWN).all()))

    def tell_older(self, cel: Cel, drawing: Drawing, project: Project) -> list[str]:
        """Return a sentence if what is decided of a cel was decided of another drawing."""
        work = project.work(cel.name)
        if work.drawing in ("", self.versions.note(cel.path).sha256):
            return []
        return [
            f"{cel.path}: the drawing has changed since its colors were decided; "
            f"{tell_placed(work, drawing.segments.labels)}"
        ]

    def _is_plane(self, cel: Cel, reference: Reference) -> bool:
        """Whether a cel's painting is a colour plane, and gets the lines of its drawing."""
        lines, _ = split_lines(reference.lines_left(self.workshop.settings.traces))
        if not reference.is_plane or not lines.any():
            return False
        self.warnings.append(
            f"reference {reference.name} is without lines, a colour plane: {cel.name} gets its "
            "colors and the lines of its drawing"
        )
        return True

    def _painted_drawings(self) -> list[Path]:
        """Return the drawings of the cut that an artist has painted: layered ones, else flat ones.

        Flat ones are not taken for it if most of the cut is colored: then these are guides.
        """

        def has_paint(path: Path) -> bool:
            try:
                return is_painted(path, self.workshop.settings.max_pixels)
            except ShiageError:
                return False  # reported when its turn comes

        paths = [cel.path for cel in self.cut.cels]
        self.use(*paths)
        with ThreadPoolExecutor() as pool:
            found = list(compress(paths, pool.map(has_paint, paths)))
        layered = [p for p in found if format_by_name(p).is_layered]
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
        self.use(cel.path)
        drawing, lineart, segments = self.workshop.split(
            self.workshop.open(cel.path), column=cel.column
        )
        bits = 8
        if dots is not None:
            hints = place_dots(path.name, dots, segments)
        else:
            layer = self.workshop.open(path).painting
            bits = layer.pixels.itemsize * 8
            hints = find_dots(path, layer, drawing, lineart, segments)
        self._require_used(path, cel.path)
        self.warnings += hints.warnings
        rows = np.array(list(hints.dots.values()), np.uint16).reshape(-1, 4)
        snapping = self.workshop.snapping
        if snapping is not None and len(rows):
            places = np.array(list(hints.dots), np.int64)
            rows, departures = snapping.snap(rows, places, bits)
            found = [(f"hints {path.name}", off) for off in departures]
            self.warnings += tell_departures(found, snapping.palette, snapping.levels)
        self.workshop.palette, _ = self.workshop.palette.extended(rows)
        made = [
            Correction(at, key_of(tuple(row)))
            for at, row in zip(hints.dots, rows.tolist(), strict=True)
        ]
        self.hints[cel] = (*self.hints.get(cel, ()), *made)

    def _read(
        self,
        painting: Path,
        drawing: Path | None = None,
        column: str = "",
        *,
        is_needed: bool = True,
    ) -> tuple[Reference, Known] | None:
        """Return what a reference shows, and what is known of it; None if it cannot be used.

        One that nobody asked for may be without color: a scanned timesheet in a folder `sheets`.
        """
        read = [painting] if drawing is None else [painting, drawing]
        self.use(*read)
        try:
            found = self.workshop.read_reference(painting, drawing, column)
            self._require_used(*read)
        except NotPaintedYet as error:
            self.unpainted.append(painting)
            self.warnings.append(f"{error.found}, so it is left out")
            return None
        except ShiageError as error:
            is_error = is_needed or not isinstance(error, ReferenceUnusable)
            (self.errors if is_error else self.warnings).append(f"reference left out: {error}")
            return None
        self.warnings += [warning.message for warning in found[0].warnings]
        return found

    def _learn(self, reference: CutReference) -> None:
        """Take in a reference; as a key it takes the place of an earlier one of its cel."""
        self.references.append(reference)
        if reference.cel is not None:
            self.keys[reference.cel] = reference

    def use(self, *paths: Path) -> None:
        """Note files that are about to be read."""
        for path in paths:
            self.used[path] = self.versions.note(path).sha256

    def _require_used(self, *paths: Path) -> None:
        """Raise unless files are still those that were read.

        Raises:
            FileChanged: one is not.
        """
        for path in paths:
            self.versions.require(path, self.used[path])
