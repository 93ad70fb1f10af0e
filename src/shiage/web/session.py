"""A cut open in the page: what the artist decides, and the cels painted anew from it.

Actions take effect at once and are written to the project file; the other cels follow in the
background, on a thread of their own (`Propagation`). Everything that is shared between threads is
touched under one lock.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Literal

import msgspec
import numpy as np

from shiage.cuts.cut import tell_left_out
from shiage.cuts.job import CutJob, open_job, take_up
from shiage.cuts.outputs import Outputs
from shiage.cuts.project import (
    CelWork,
    Project,
    apply_palette,
    write_project,
)
from shiage.cuts.schedule import read_schedule
from shiage.cuts.sources import Sources, find_common_size, find_twins
from shiage.errors import BadOption, ShiageError
from shiage.files.palettes import read_palettes
from shiage.matching import PairwiseMatcher
from shiage.matching.remembered import Remembered
from shiage.painting.painted_cel import Drawing, PaintedCel
from shiage.painting.painter import Painter
from shiage.painting.propagate import decided_painting
from shiage.structures import UNKNOWN, Ints, Painting
from shiage.web.desk import DeskCel
from shiage.web.drawings import Drawings

Doing = Literal["preparing", "matching", "exporting"]


@dataclass(frozen=True)
class Busy:
    """What is being done in the background, how much of it is done, and of how much."""

    what: Doing
    done: int
    total: int


class Session:
    """An open cut.

    Args:
        job: the cut, its references and settings. Without references, those of the project are
            taken, if there is one; so are matcher and settings that are left as they are by
            default.

    Raises:
        ShiageError: the cut cannot be opened.
    """

    def __init__(self, job: CutJob) -> None:
        job, saved = take_up(job)
        self.job = job
        self.cut = open_job(job)
        self.outputs = Outputs(job.out_folder)
        given, notes = read_palettes(job.palettes)
        self.painter = Painter(job.matcher, job.settings, given)
        matcher = self.painter.matcher
        assert isinstance(matcher, PairwiseMatcher)  # noqa: S101 - all that users can name are
        self.matcher = Remembered(matcher)
        self.painter.matcher = self.matcher
        self.sources = Sources(self.painter, self.cut, warnings=notes)
        self.sources.load(job.references, job.sheets)
        self.sources.load_hints(job.hints)
        self.schedule = read_schedule(self.cut)
        self.left_out = tell_left_out(self.cut)
        self.drawings = Drawings(self.painter)
        self.changed = threading.Condition(threading.RLock())
        self.version = 1
        self.busy: Busy | None = None
        self.dirty: set[str] = set()
        """Columns to be painted anew."""
        self.hurry = False
        """Whether the artist waits for that."""
        self.project = saved or Project(
            cut=job.folder,
            references=job.references,
            sheets=job.sheets,
            palettes=job.palettes,
            hints=job.hints,
            matcher=job.matcher,
            settings=job.settings,
        )
        self.palette = apply_palette(self.painter.palette, self.project.palette)
        self.cels = self._lay_out()
        self.size_hw = {
            column: find_common_size(cels, self.sources.keys)
            for column, cels in self.cut.columns().items()
        }
        self._undo: list[tuple[str, Project]] = []
        self._redo: list[tuple[str, Project]] = []

    def _lay_out(self) -> list[DeskCel]:
        """Return the cels, each with the place of the one whose drawing it shares."""
        place = {cel: index for index, cel in enumerate(self.cut.cels)}
        twins: dict[int, int] = {}
        for cels in self.cut.columns().values():
            _, same = find_twins(cels, {*self.sources.keys, *self.sources.hints})
            twins |= {place[cel]: place[original] for cel, original in same}
        return [
            DeskCel(index, cel, twins.get(index, index)) for index, cel in enumerate(self.cut.cels)
        ]

    # -- looking -----------------------------------------------------------------------------

    @property
    def undo_kind(self) -> str | None:
        """What `undo` would undo."""
        return self._undo[-1][0] if self._undo else None

    @property
    def redo_kind(self) -> str | None:
        """What `redo` would do again."""
        return self._redo[-1][0] if self._redo else None

    def hold(self, desk: DeskCel) -> int:
        """Return for how many frames a cel is seen if there is no timesheet."""
        own = self.project.work(desk.cel.name).hold
        return self.project.hold if own is None else own

    def column(self, name: str) -> list[DeskCel]:
        """Return the cels of a column that have drawings of their own, in order."""
        return [desk for desk in self.cels if desk.cel.column == name and self.is_original(desk)]

    def is_original(self, desk: DeskCel) -> bool:
        """Whether a cel has a drawing of its own."""
        return desk.original == desk.index

    def at(self, index: int) -> DeskCel:
        """Return a cel by place, as it is.

        Raises:
            BadOption: there is none.
        """
        if not 0 <= index < len(self.cels):
            raise BadOption(f"there is no cel {index}", expected=f"0 to {len(self.cels) - 1}")
        return self.cels[index]

    def row_at(self, desk: DeskCel, at: tuple[int, int]) -> int | None:
        """Return the row of the segment at a pixel of a prepared cel, None on ink and outside."""
        row = desk.row_of_inner.get(at)
        if row is not None:  # most are decided there; no need to read the drawing again
            return row
        labels = self.read(desk).segments.labels
        x, y = at
        inside = 0 <= y < labels.shape[0] and 0 <= x < labels.shape[1]
        return int(labels[y, x]) - 1 if inside and labels[y, x] else None

    def find(self, index: int) -> DeskCel:
        """Return a cel by place, prepared; a twin is its original.

        Raises:
            BadOption: there is none.
            ShiageError: it cannot be prepared.
        """
        desk = self.cels[self.at(index).original]
        if desk.needs_preparing:
            self.prepare(desk)
        if desk.state == "failed":
            raise ShiageError(desk.message)
        return desk

    def read(self, desk: DeskCel) -> Drawing:
        """Return a cel's drawing with the artist's strokes, read again if need be.

        Raises:
            ShiageError: its file is gone or damaged.
        """
        return self._recall(desk)()

    def painted(self, desk: DeskCel) -> PaintedCel:
        """Return a prepared cel in its colors, ready to be composed.

        Raises:
            ShiageError: its file is gone or damaged.
        """
        with self.changed:  # drawing, colors and palette of the same moment
            read = self._recall(desk)
            painting = desk.painting or decided_painting(desk.decided)
            palette = self.palette.palette
        return PaintedCel(read(), painting, palette, self.job.settings)

    def _recall(self, desk: DeskCel) -> Callable[[], Drawing]:
        """Return what reads a cel's drawing as it is now, even if it is edited meanwhile."""
        with self.changed:
            strokes = self.project.work(desk.cel.name).strokes
            size_hw = self.size_hw[desk.cel.column]
            return partial(self.drawings.get, desk.cel, size_hw, strokes, desk.encoded)

    def is_as_given(self, desk: DeskCel) -> bool:
        """Whether a cel is a reference with lines that the artist changed nothing of."""
        work = self.sources.with_hints(desk.cel, self.project.work(desk.cel.name))
        if work.corrections or work.strokes or not self.sources.is_as_given(desk.cel):
            return False
        given = self.painter.palette.rgba_u16
        return np.array_equal(given, self.palette.palette.rgba_u16[: len(given)])

    # -- preparing ---------------------------------------------------------------------------

    def prepare(self, desk: DeskCel) -> None:
        """Read, split and encode a cel that waits; what goes wrong becomes its message."""
        try:
            drawing = self.read(desk)
        except ShiageError as error:
            with self.changed:
                desk.state, desk.message = "failed", str(error)
                self.tell()
            return
        with self.changed:
            if desk.needs_preparing:  # nobody was faster
                self._take(desk, drawing)
                self.tell()

    def _take(self, desk: DeskCel, drawing: Drawing) -> None:
        """Take in a prepared drawing."""
        desk.take(drawing)
        desk.shape += 1
        self._decide(desk, drawing)

    def _decide(self, desk: DeskCel, drawing: Drawing | None = None) -> None:
        """Work out what is decided of a cel, and show it at once."""
        work = self.sources.with_hints(desk.cel, self.project.work(desk.cel.name))
        before = desk.decided
        simple = desk.cel not in self.sources.keys and all(
            correction.at in desk.row_of_inner for correction in work.corrections
        )
        if simple:  # no need to read the drawing again
            ids = np.full(len(desk.area), UNKNOWN, np.int32)
            for correction in work.corrections:
                row = desk.row_of_inner[correction.at]
                ids[row] = self.palette.find(correction.color)
            is_key = work.reference and bool((ids != UNKNOWN).all())
        else:
            drawing = drawing or self.read(desk)
            ids, is_key = self.sources.decide(desk.cel, drawing, work, self.palette)
        if is_key or desk.state == "key":  # it may serve the other columns, too
            self.dirty |= set(self.size_hw)
        self.dirty.add(desk.cel.column)
        desk.decided = ids
        if is_key:
            desk.state = "key"
            desk.set_painting(decided_painting(ids))
        else:
            if desk.state == "key":
                desk.state = "painted"
            desk.set_painting(_released(desk.painting, before, len(ids)))

    # -- deciding ----------------------------------------------------------------------------

    def do(self, kind: str, project: Project) -> None:
        """Take one step that can be undone.

        Args:
            kind: what the step is called.
            project: what is decided after it.

        Raises:
            WriteFailed: it could not be saved; nothing has changed.
        """
        before = self.project
        if project != before:
            self.adopt(project)
            self._undo.append((kind, before))
            self._redo.clear()

    def undo(self) -> None:
        """Take back the last action; without one nothing happens."""
        self._go(self._undo, self._redo)

    def redo(self) -> None:
        """Do again what was taken back last; without it nothing happens."""
        self._go(self._redo, self._undo)

    # -- how actions take effect -------------------------------------------------------------

    def tell(self) -> None:
        """Let everyone who waits know that something changed."""
        with self.changed:
            self.version += 1
            self.changed.notify_all()

    def tell_busy(self, busy: Busy | None) -> None:
        """Let everyone who waits know what is being done in the background."""
        with self.changed:
            if self.busy != busy:
                self.busy = busy
                self.changed.notify_all()

    def _go(self, source: list[tuple[str, Project]], other: list[tuple[str, Project]]) -> None:
        """Move one step from one stack to the other."""
        with self.changed:
            if not source:
                return
            kind, project = source[-1]
            before = self.project
            # What is no step stays as it is now.
            self.adopt(msgspec.structs.replace(project, below=before.below, fps=before.fps))
            source.pop()
            other.append((kind, before))

    def adopt(self, project: Project) -> None:
        """Make a project the current one: written to disk, then shown."""
        before = self.project
        if project == before:
            return
        write_project(self.outputs.folder, project)
        self.project = project
        self.hurry = True
        if project.palette != before.palette:
            self.palette = apply_palette(self.painter.palette, project.palette)
            for desk in self.cels:
                desk.keep_colors(len(self.palette.keys))
        for desk in self.cels:
            old, new = before.work(desk.cel.name), project.work(desk.cel.name)
            if old != new and self.is_original(desk) and desk.encoded is not None:
                self._change(desk, old, new)
        self.tell()

    def _change(self, desk: DeskCel, old: CelWork, new: CelWork) -> None:
        """Let a cel follow what is decided of it now; if its file is gone, it has failed."""
        try:
            self._follow(desk, old, new)
        except ShiageError as error:
            desk.state, desk.message = "failed", str(error)

    def _follow(self, desk: DeskCel, old: CelWork, new: CelWork) -> None:
        if old.strokes != new.strokes:
            desk.encoded = None
            self._take(desk, self.read(desk))
        elif (old.corrections, old.reference) != (new.corrections, new.reference):
            self._decide(desk)


def _released(painting: Painting | None, before: Ints, count: int) -> Painting:
    """Return what is shown of a cel until it is painted anew: decisions taken back are doubtful."""
    if painting is None or len(painting.color_ids) != count or len(before) != count:
        ids = np.full(count, UNKNOWN, np.int32)
        nothing, none = np.zeros(count, np.float32), np.zeros(count, bool)
        return Painting(ids, nothing, ids[:, None], none)
    sure = np.where(before != UNKNOWN, np.float32(0), painting.confidence)
    return replace(painting, confidence=sure.astype(np.float32))
