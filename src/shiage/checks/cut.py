"""All checks over a whole cut; one cel's pixels in memory at a time."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from shiage.checks.files import check_presence, check_storage, find_painted
from shiage.checks.findings import CutChecks, Finding, in_order
from shiage.checks.flicker import FlickerWatch
from shiage.checks.ink import check_ink
from shiage.checks.off_palette import check_palette
from shiage.checks.parts import CelParts, take_parts
from shiage.checks.pinholes import check_pinholes
from shiage.checks.references import (
    References,
    check_colors,
    check_open_places,
    check_parts,
    judge_parts,
    load_references,
)
from shiage.checks.settings import CheckSettings
from shiage.checks.sorting import sort_pixels
from shiage.checks.stand_ins import UNDECIDED, StandIns, check_stand_ins, find_stand_ins
from shiage.checks.traces import check_traces
from shiage.checks.view import CelView, KnownLines, view_cel
from shiage.colors.palette import PAPER, Palette
from shiage.cuts.cut import DEFAULT_NAMES, Cel, FolderNames
from shiage.cuts.journal import recall_lines
from shiage.cuts.schedule import open_listed
from shiage.errors import FileError
from shiage.files.images import Picture, open_picture, read_picture
from shiage.files.notes import Notes
from shiage.files.packing import unpack_colors
from shiage.lines.segments import find_inner_points
from shiage.matching import DEFAULT_MATCHER, Matcher, make_matcher
from shiage.matching.remembered import remember
from shiage.progress import Progress, no_progress
from shiage.structures import UNKNOWN, Painting

ROOM = 64 * 2**20
"""Bytes of similarities kept: those of a cel and its references serve two of its checks."""


def check_cut(
    folder: Path,
    painted: Path,
    *,
    palette: Palette | None = None,
    references: Sequence[Path] = (),
    matcher: str | None = DEFAULT_MATCHER,
    settings: CheckSettings | None = None,
    names: FolderNames = DEFAULT_NAMES,
    progress: Progress = no_progress,
) -> CutChecks:
    """Return everything found in a painted cut.

    Args:
        folder: the cut's drawings.
        painted: its painted cels, by the names of the drawings.
        palette: the colors allowed; None leaves that to the references.
        references: painted cels or folders of them; their colors are allowed, too.
        matcher: name of the matcher that finds parts again in other cels; None leaves out flicker
            and the comparison of parts with references.
        settings: how cels are checked.
        names: what the cut's folders are called.
        progress: called after each cel.

    Raises:
        ShiageError: there is no drawing, no such folder or matcher, or a reference cannot be used.
    """
    started = time.perf_counter()
    settings = settings or CheckSettings()
    cut = open_listed(folder, [painted], names, references)
    files = find_painted(cut, painted)
    finder = remember(make_matcher(matcher), ROOM) if matcher else None
    notes = Notes()
    models = load_references(cut, references, finder, settings, palette, notes)
    if not references:  # what shiage has learned of lines when it painted them
        models.lines, models.palette = recall_lines(painted, models.palette)
    stand_ins = find_stand_ins(palette, painted)
    checker = CelChecker(models, palette, finder, settings, stand_ins, notes)
    findings = list(check_presence(cut, files))
    done = 0
    for column in cut.columns().values():
        checker.begin_column()
        for cel in column:
            if cel in files.of_cel:
                findings += checker.check(cel, files.of_cel[cel])
            done += 1
            progress(cel.name, done, len(cut.cels))
    order = [cel.name for cel in cut.cels]
    listed, left_out = in_order(findings, order, settings.most_findings)
    looked_at = tuple(cel.name for cel in cut.cels if cel in files.of_cel)
    seconds = time.perf_counter() - started
    warnings = (*notes.tell(), *models.notes)
    return CutChecks(str(folder), str(painted), looked_at, listed, left_out, seconds, warnings)


def check_cel(
    name: str,
    drawing: Picture,
    painted: Picture,
    *,
    allowed: NDArray[np.uint16] | None = None,
    stand_ins: StandIns | None = None,
    settings: CheckSettings | None = None,
    lines: KnownLines | None = None,
) -> tuple[list[Finding], CelView | None]:
    """Return what is wrong with one painted cel by itself, and the cel for checks beside others.

    Args:
        name: of the cel.
        drawing: its line drawing.
        painted: the painted cel.
        allowed: (K, 4) uint16, the colors that may be used; None if nobody says.
        stand_ins: colors that are stand-ins for others.
        settings: how it is checked.
        lines: what is known of coloured lines; None: nothing.

    Raises:
        NothingToPaint: the ground of the drawing is as dark as its lines.
    """
    settings = settings or CheckSettings()
    findings = list(check_storage(name, drawing, painted, settings.format))
    if drawing.size_hw != painted.size_hw:
        return findings, None
    view = view_cel(name, drawing, painted, allowed, settings, lines)
    found = sort_pixels(view, settings.lines)
    findings += check_ink(view, found)
    findings += check_traces(view, found, settings.lines)
    findings += check_pinholes(view, found, settings)
    findings += check_palette(view, found)
    findings += check_stand_ins(view, stand_ins or {})
    return findings, view


@dataclass
class CelChecker:
    """Checks the cels of a cut one after another, each beside those before it.

    Attributes:
        references: what it is checked against; its palette grows with the colors met.
        palette: the colors allowed, None if nobody says.
        matcher: finds parts again; None leaves these checks out.
        settings: how cels are checked.
        stand_ins: colors that are stand-ins for others.
        notes: takes in what is odd about the files.
    """

    references: References
    palette: Palette | None
    matcher: Matcher | None
    settings: CheckSettings
    stand_ins: StandIns
    notes: Notes = field(default_factory=Notes)
    _watch: FlickerWatch | None = field(init=False, default=None)
    _palette_ids: set[int] = field(init=False, default_factory=set)
    _undecided: list[int] = field(init=False, default_factory=list)
    _allowed: NDArray[np.uint16] | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        colors = [self.references.colors] if self.references.given else []
        if self.palette is not None:
            colors.append(self.palette.rgba_u16[1:])
            self.references.palette, ids = self.references.palette.extended(colors[-1])
            self._palette_ids = set(ids[~self.palette.stand_ins[1:]].tolist())
        stand_ins = np.array(list(self.stand_ins), np.uint16).reshape(-1, 4)
        self.references.palette, ids = self.references.palette.extended(stand_ins)
        titles = zip(ids.tolist(), self.stand_ins.values(), strict=True)
        self._undecided = [at for at, title in titles if title == UNDECIDED]
        if colors:  # stand-ins are found as such; that they are in no reference need not be said
            self._allowed = np.concatenate([*colors, stand_ins])
        if self.matcher is not None:
            self._watch = FlickerWatch(self.matcher, self.settings)

    def begin_column(self) -> None:
        """Say that the next cel continues none of those before it."""
        if self._watch:
            self._watch.skip()

    def check(self, cel: Cel, path: Path) -> Iterator[Finding]:
        """Yield the findings of the next cel of a column; flickers are of the cels before it."""
        try:
            drawing = open_picture(cel.path, max_pixels=self.settings.max_pixels).drawing
            painted = read_picture(path, max_pixels=self.settings.max_pixels)
            self.notes.take_drawing(cel.path, drawing)
            self.notes.take(path, painted)
            findings, view = check_cel(
                cel.name,
                drawing,
                painted,
                allowed=self._allowed,
                stand_ins=self.stand_ins,
                settings=self.settings.for_column(cel.column),
                lines=(self.references.lines, self.references.palette),
            )
        except FileError as error:
            yield Finding("unreadable", cel.name, str(error))
            return
        if view is None:
            yield from findings
            return
        parts, judged = None, None
        if self.matcher is not None:
            parts = self._take_parts(view, self.matcher)
            judged = judge_parts(cel, parts, self.references, self.matcher)
        yield from (found for found in findings if not self._is_meant(cel, found, view, judged))
        if self.references.given and self._palette_ids:
            yield from self._check_colors(view)
        if parts is not None and judged is not None:
            yield from check_parts(cel, parts, judged, self.references, self.settings.sure)
            if self.matcher is not None and cel not in self.references.keys:
                least = self.settings.largest_part
                yield from check_open_places(cel, parts, self.references, self.matcher, least)
        if parts is not None and self._watch is not None:
            yield from self._watch.add(parts, self.references.palette)

    def _take_parts(self, view: CelView, matcher: Matcher) -> CelParts:
        """Return the parts of a cel; those in the color of undecided parts are of unknown color."""
        parts, self.references.palette = take_parts(view, matcher, self.references.palette)
        unknown = np.isin(parts.color_ids, self._undecided)
        return replace(parts, color_ids=np.where(unknown, np.int32(UNKNOWN), parts.color_ids))

    def _is_meant(self, cel: Cel, finding: Finding, view: CelView, judged: Painting | None) -> bool:
        """Return whether a reference shows that a part without paint has none."""
        if finding.kind != "pinhole" or finding.xy is None:
            return False
        part = int(view.segments.labels[finding.xy[::-1]]) - 1
        if part < 0 or view.painted_segments[part + 1]:
            return False
        likely = (
            judged is not None and judged.color_ids[part] == PAPER and judged.confidence[part] > 0.5
        )
        return cel in self.references.keys or bool(likely)

    def _check_colors(self, view: CelView) -> Iterator[Finding]:
        """Yield the colors of the palette that no reference has."""
        segments = view.segments
        palette, ids = self.references.palette.extended(unpack_colors(view.fills[1:]))
        self.references.palette = palette
        ids = np.where(view.known[1:] & view.painted_segments[1:], ids, np.int32(UNKNOWN))
        inner = find_inner_points(segments.labels, len(segments))
        yield from check_colors(
            view.name, ids, segments.area, segments.box_xyxy, inner,
            self.references, self._palette_ids,
        )  # fmt: skip
