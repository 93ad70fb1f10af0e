"""A cut open in the page: what the artist decides, and the cels painted again from it.

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

from shiage.cuts.cut import tell_clashing, tell_left_out
from shiage.cuts.job import CutJob, open_job, take_up
from shiage.cuts.journal import tell_painted
from shiage.cuts.outputs import Outputs
from shiage.cuts.project import (
    CelWork,
    Project,
    apply_palette,
    color_strokes,
    decide_line_ids,
    tell_placed,
    write_project,
)
from shiage.cuts.schedule import read_schedule
from shiage.cuts.sources import Sources
from shiage.errors import BadOption, FileChanged, ShiageError
from shiage.files.notes import Notes
from shiage.files.palettes import read_palettes
from shiage.files.versions import Versions
from shiage.lines.segments import label_at
from shiage.matching import make_matcher
from shiage.matching.remembered import remember
from shiage.painting.line_colors import LineChoice, LineRules, learn_decided
from shiage.painting.painted_cel import Drawing, PaintedCel
from shiage.painting.propagate import decided_painting
from shiage.painting.workshop import Workshop
from shiage.structures import UNKNOWN, Ints, Painting
from shiage.web.desk import DeskCel
from shiage.web.drawings import Drawings
from shiage.web.history import History
from shiage.web.sight import Sight

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
        job: the cut and its recipe; what is left of that as it is by default, the project says,
            if there is one.

    Raises:
        ShiageError: the cut cannot be opened.
    """

    def __init__(self, job: CutJob) -> None:
        job, saved = take_up(job)
        self.job = job
        self.cut = open_job(job)
        self.outputs = Outputs(job.out_folder)
        self.matcher = remember(make_matcher(job.recipe.matcher))
        self.versions = Versions()
        """Of all files of the cut; see `shiage.web.renewal`."""
        digests = [self.versions.note(cel.path).sha256 for cel in self.cut.cels]
        self.notes = Notes()
        self.sources = self.read_sources()
        self.schedule = read_schedule(self.cut)
        self.left_out = [*tell_clashing(self.cut), *tell_left_out(self.cut)]
        self.drawings = Drawings(self.sources.workshop, self.versions)
        self.looking = threading.Lock()
        """Held by whoever looks whether files have changed."""
        self.renewed: list[str] = []
        """What was read again meanwhile, or could not be, one sentence each."""
        self.changed = threading.Condition(threading.RLock())
        self.version = 1
        self.busy: Busy | None = None
        self.dirty: set[str] = set()
        """Columns to be painted again."""
        self.hurry = False
        """Whether the artist waits for that."""
        self.followed: bool | None = None
        """Whether the cels have followed all that was known a moment ago; None: nobody works."""
        self.project = saved or Project(job.folder, recipe=job.recipe)
        self.palette = apply_palette(self.sources.workshop.palette, self.project.palette)
        self.palette_version = 1
        """Grows when ids stand for other colors; new ones may come at the end at any time."""
        self.cels = [
            DeskCel(index, cel, digest, index)
            for index, (cel, digest) in enumerate(zip(self.cut.cels, digests, strict=True))
        ]
        self.lay_out()
        self.history = History()

    def read_sources(self) -> Sources:
        """Return the references, hints and palettes of the cut as they are on disk now.

        Raises:
            ShiageError: one that was named is not there, or a palette cannot be read.
        """
        recipe = self.job.recipe
        for path in recipe.palettes:
            self.versions.note(path)
        given, notes = read_palettes(recipe.palettes)
        workshop = Workshop(self.matcher, recipe.settings, given, self.notes)
        sources = Sources(workshop, self.cut, self.versions, warnings=notes)
        sources.use(*recipe.palettes)
        sources.load(recipe.references, recipe.sheets)
        sources.load_hints(recipe.hints)
        return sources

    def lay_out(self) -> None:
        """Find out which cels share a drawing, and how large those of a column must be."""
        self.columns = self.sources.survey(self.project)
        place = {desk.cel: desk.index for desk in self.cels}
        for desk in self.cels:
            twins = self.columns[desk.cel.column].twins
            desk.original = place[twins.get(desk.cel, desk.cel)]

    # -- looking -----------------------------------------------------------------------------

    @property
    def undo_kind(self) -> str | None:
        """What `undo` would undo."""
        return self.history.undo_kind

    @property
    def redo_kind(self) -> str | None:
        """What `redo` would do again."""
        return self.history.redo_kind

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

    def size_for(self, desk: DeskCel) -> tuple[int, int] | None:
        """Return the height and width that a cel must have; None allows any."""
        return self.columns[desk.cel.column].size_for(desk.cel)

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
        label = label_at(self.read(desk).segments.labels, at)
        return label - 1 if label else None

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
        if desk.needs_preparing:
            raise FileChanged(
                "is being saved at this moment",
                path=desk.cel.path,
                expected="a drawing that stays as it is while it is read",
                action="Wait until it is saved, then try again",
            )
        return desk

    def read(self, desk: DeskCel) -> Drawing:
        """Return a cel's drawing with the artist's strokes, read again if need be.

        Raises:
            ShiageError: its file is gone or damaged.
        """
        return self._recall(desk)()

    def see(self, desk: DeskCel) -> Sight:
        """Return a cel as it is at this moment; it is prepared if need be.

        Raises:
            ShiageError: its file is gone, damaged, or being saved again.
        """
        with self.changed:  # drawing, colors and palette of the same moment
            desk = self.find(desk.index)
            painting = desk.painting or decided_painting(desk.decided)
            palette, settings = self.palette.palette, self.job.recipe.settings
            lines = self.lines_of(desk)
            return Sight(desk.shape, self._recall(desk), painting, palette, settings, lines)

    def painted(self, desk: DeskCel) -> PaintedCel:
        """Return a cel in its colors, ready to be composed; see `see`."""
        return self.see(desk).painted()

    def lines_of(self, desk: DeskCel) -> LineChoice:
        """Return what is known of the coloured lines of a cel."""
        rules = [self.sources.line_rules, *(other.line_rules for other in self.cels)]
        decided = decide_line_ids(self.project.work(desk.cel.name).lines, self.palette)
        return LineChoice(LineRules.joined(rules), decided)

    def _recall(self, desk: DeskCel) -> Callable[[], Drawing]:
        """Return what reads a cel's drawing as it is now, even if it is edited meanwhile."""
        with self.changed:
            strokes = color_strokes(self.project.work(desk.cel.name).strokes, self.palette)
            size_hw = self.size_for(desk)
            digest, encoded = desk.digest, desk.encoded
            return partial(self.drawings.get, desk.cel, digest, size_hw, strokes, encoded)

    def is_as_given(self, desk: DeskCel) -> bool:
        """Whether a cel is a reference with lines that the artist changed nothing of."""
        work = self.sources.with_hints(desk.cel, self.project.work(desk.cel.name))
        if work.corrections or work.strokes or work.lines:
            return False
        if not self.sources.is_as_given(desk.cel):
            return False
        given = self.sources.workshop.palette.rgba_u16
        return np.array_equal(given, self.palette.palette.rgba_u16[: len(given)])

    # -- preparing ---------------------------------------------------------------------------

    def prepare(self, desk: DeskCel) -> None:
        """Read, split and encode a cel that waits; what goes wrong becomes its message.

        One that is being saved goes on waiting: whoever looks next finds that it has changed.
        """
        try:
            drawing = self.read(desk)
        except FileChanged:
            return
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
        sentences = [self._tell_anew(desk, drawing)]
        if desk.cel not in self.sources.keys:
            sentences.append(tell_painted(drawing, self.job.recipe.settings.lines))
        desk.message = " ".join(filter(None, sentences))
        self._decide(desk, drawing)

    def _tell_anew(self, desk: DeskCel, drawing: Drawing) -> str:
        """Return a sentence on a drawing that was saved again, "" for others."""
        work = self.project.work(desk.cel.name)
        if not desk.anew:
            return " ".join(self.sources.tell_older(desk.cel, drawing, self.project))
        placed = tell_placed(work, drawing.segments.labels)
        given = "; the painting given of it stays as it is" if desk.cel in self.sources.keys else ""
        return f"{desk.cel.path}: was saved again at {desk.anew} and read again; {placed}{given}"

    def _decide(self, desk: DeskCel, drawing: Drawing | None = None) -> None:
        """Work out what is decided of a cel, and show it at once."""
        work = self.sources.with_hints(desk.cel, self.project.work(desk.cel.name))
        desk.line_rules = self._learn_lines(desk, work)
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
            self.dirty |= set(self.columns)
        self.dirty.add(desk.cel.column)
        desk.decided = ids
        if is_key:
            desk.state = "key"
            desk.set_painting(decided_painting(ids))
        else:
            if desk.state == "key":
                desk.state = "painted"
            desk.set_painting(_released(desk.painting, before, len(ids)))

    def _learn_lines(self, desk: DeskCel, work: CelWork) -> LineRules:
        """Return what the artist's decisions on coloured lines of a cel tell of others."""
        if not work.lines:
            return LineRules()
        drawing, decided = self.read(desk), decide_line_ids(work.lines, self.palette)
        labels = drawing.segments.labels
        return learn_decided(drawing.picture.rgba_u8, drawing.lineart, labels, decided)

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
            self.adopt(self._signed(project))
            self.history.add(kind, before)

    def _signed(self, project: Project) -> Project:
        """Return a project in which it is noted on which drawings the latest was decided."""
        works = {}
        for desk in self.cels:
            work = project.work(desk.cel.name)
            if work.decided_as(self.project.work(desk.cel.name)):
                continue
            digest = desk.digest if work.is_decided else ""
            works[desk.cel.name] = msgspec.structs.replace(work, drawing=digest)
        return project.with_work(works)

    def rewrite(self, change: Callable[[Project], Project]) -> None:
        """Change what is decided as if it had been so from the first; no step to be undone."""
        with self.changed:
            self.history.rewrite(change)
            self.adopt(change(self.project))

    def undo(self) -> None:
        """Take back the last action; without one nothing happens."""
        with self.changed:
            self.history.undo(self.project, self._come_back_to)

    def redo(self) -> None:
        """Do again what was taken back last; without it nothing happens."""
        with self.changed:
            self.history.redo(self.project, self._come_back_to)

    def _come_back_to(self, project: Project) -> None:
        """Make an earlier or later project the current one; what is no step stays as it is."""
        now = self.project
        self.adopt(msgspec.structs.replace(project, sure=now.sure, fps=now.fps))

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

    def wait_until_followed(self) -> None:
        """Wait until the cels have followed all that is known, if anyone works on that."""

        def is_so() -> bool:
            at_rest = not self.dirty and not any(
                desk.needs_preparing for desk in self.cels if self.is_original(desk)
            )
            return self.followed is None or (self.followed and at_rest)

        with self.changed:
            self.hurry = True
            self.changed.wait_for(is_so)

    def adopt(self, project: Project) -> None:
        """Make a project the current one: written to disk, then shown."""
        before = self.project
        if project == before:
            return
        write_project(self.outputs.folder, project)
        self.project = project
        self.hurry = True
        if project.palette != before.palette:
            self.palette = apply_palette(self.sources.workshop.palette, project.palette)
            for desk in self.cels:
                desk.keep_colors(len(self.palette.keys))
        for desk in self.cels:
            old, new = before.work(desk.cel.name), project.work(desk.cel.name)
            decided = not new.decided_as(old)
            if decided and self.is_original(desk) and desk.encoded is not None:
                desk.anew, desk.message = "", ""  # the artist has seen the message on it
                self.follow(desk, anew=old.strokes != new.strokes)
                if old.lines != new.lines:  # any cel may have lines like these
                    for other in self.cels:
                        other.paint += 1
        self.tell()

    def follow(self, desk: DeskCel, *, anew: bool) -> None:
        """Let a cel follow what is decided of it now; if its file is gone, it has failed.

        Args:
            desk: the cel.
            anew: its segments are other ones.
        """
        try:
            if anew:
                desk.encoded = None
                self._take(desk, self.read(desk))
            else:
                self._decide(desk)
        except ShiageError as error:
            desk.state, desk.message = "failed", str(error)


def _released(painting: Painting | None, before: Ints, count: int) -> Painting:
    """Return what a cel shows until it is painted again: decisions taken back are doubtful."""
    if painting is None or len(painting.color_ids) != count or len(before) != count:
        ids = np.full(count, UNKNOWN, np.int32)
        nothing, none = np.zeros(count, np.float32), np.zeros(count, bool)
        return Painting(ids, nothing, ids[:, None], none)
    sure = np.where(before != UNKNOWN, np.float32(0), painting.confidence)
    return replace(painting, confidence=sure.astype(np.float32))
