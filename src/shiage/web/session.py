"""A cut open in the page: what the artist decides, and the cels painted anew from it.

Actions take effect at once and are written to the project file; the other cels follow in the
background, on a thread of their own (`Propagation`). Everything that is shared between threads is
touched under one lock.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import msgspec
import numpy as np

from shiage.batch import CutJob, open_job
from shiage.edits import Stroke
from shiage.errors import BadOption, ShiageError
from shiage.matching import DEFAULT_MATCHER, PairwiseMatcher
from shiage.matching.remembered import Remembered
from shiage.outputs import Outputs
from shiage.painter import Drawing, PaintedCel, Painter, PaintSettings
from shiage.palette import hex_of, parse_color
from shiage.project import (
    CelWork,
    Correction,
    Project,
    ProjectColor,
    apply_palette,
    read_project,
    write_project,
)
from shiage.propagate import decided_painting
from shiage.sources import Sources, find_common_size, find_twins
from shiage.structures import UNKNOWN, Ints, Painting
from shiage.web.desk import DeskCel
from shiage.web.drawings import Drawings

Items = Mapping[int, Sequence[int]]
"""Labels of segments by place of their cel."""

MOST_COLORS = 4096
"""Colors a palette may have, as many as OpenToonz allows."""


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
        saved = read_project(job.out_folder)
        if saved is not None:
            job = _go_on(job, saved)
        self.job = job
        self.cut = open_job(job)
        self.outputs = Outputs(job.out_folder)
        self.painter = Painter(job.matcher, job.settings)
        matcher = self.painter.matcher
        assert isinstance(matcher, PairwiseMatcher)  # noqa: S101 - all that users can name are
        self.matcher = Remembered(matcher)
        self.painter.matcher = self.matcher
        self.sources = Sources(self.painter, self.cut)
        self.sources.load(job.references, job.sheets)
        self.drawings = Drawings(self.painter)
        self.changed = threading.Condition(threading.RLock())
        self.version = 1
        self.busy: Busy | None = None
        self.dirty: set[str] = set()
        """Columns to be painted anew."""
        self.project = saved or Project(
            cut=job.folder,
            references=job.references,
            sheets=job.sheets,
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
            _, same = find_twins(cels, self.sources.keys)
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

    def column(self, name: str) -> list[DeskCel]:
        """Return the cels of a column that have drawings of their own, in order."""
        return [desk for desk in self.cels if desk.cel.column == name and self.is_original(desk)]

    def is_original(self, desk: DeskCel) -> bool:
        """Whether a cel has a drawing of its own."""
        return desk.original == desk.index

    def find(self, index: int) -> DeskCel:
        """Return a cel by place, prepared; a twin is its original.

        Raises:
            BadOption: there is none.
            ShiageError: it cannot be prepared.
        """
        if not 0 <= index < len(self.cels):
            raise BadOption(f"there is no cel {index}", expected=f"0 to {len(self.cels) - 1}")
        desk = self.cels[self.cels[index].original]
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
        work = self.project.work(desk.cel.name)
        return self.drawings.get(
            desk.cel, self.size_hw[desk.cel.column], work.strokes, desk.encoded
        )

    def painted(self, desk: DeskCel) -> PaintedCel:
        """Return a cel in its colors, ready to be composed.

        Raises:
            ShiageError: its file is gone or damaged.
        """
        with self.changed:
            painting = desk.painting or decided_painting(desk.decided)
            palette = self.palette.palette
        return PaintedCel(self.read(desk), painting, palette, self.job.settings)

    def given_painting(self, desk: DeskCel) -> Path | None:
        """Return the file of a reference that the artist changed nothing of, else None."""
        work = self.project.work(desk.cel.name)
        changed = [color for color in self.project.palette if color.key != color.color]
        if work.corrections or work.strokes or changed or desk.cel not in self.sources.keys:
            return None
        return self.sources.files[self.sources.keys[desk.cel]]

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
        work = self.project.work(desk.cel.name)
        by_place = {tuple(xy): row for row, xy in enumerate(desk.inner_xy.tolist())}
        simple = desk.cel not in self.sources.keys and all(
            correction.at in by_place for correction in work.corrections
        )
        before = desk.decided
        if simple:  # no need to read the drawing again
            ids = np.full(len(desk.inner_xy), UNKNOWN, np.int32)
            for correction in work.corrections:
                ids[by_place[correction.at]] = self.palette.find(correction.color)
            is_key = work.reference and bool((ids != UNKNOWN).all())
        else:
            drawing = drawing or self.read(desk)
            ids, is_key = self.sources.decide(desk.cel, drawing, work, self.palette)
        desk.decided = ids
        if is_key:
            desk.state = "key"
            desk.set_painting(decided_painting(ids))
        else:
            if desk.state == "key":
                desk.state = "painted"
            desk.set_painting(_released(desk.painting, before, len(ids)))
        self.dirty.add(desk.cel.column)

    # -- the artist's actions ----------------------------------------------------------------

    def paint(self, items: Items, color_id: int) -> None:
        """Decide the color of segments.

        Raises:
            BadOption: there is no such cel, segment or color.
        """
        key = self._key(color_id)
        self._correct("paint", items, lambda *_: key)

    def accept(self, items: Items) -> None:
        """Decide that segments keep the color they have.

        Raises:
            BadOption: there is no such cel or segment, or one has no color.
        """

        def current(desk: DeskCel, row: int) -> str:
            color_id = UNKNOWN if desk.painting is None else int(desk.painting.color_ids[row])
            if color_id == UNKNOWN:
                raise BadOption(
                    f"segment {row + 1} of {desk.cel.name} has no color yet",
                    action="Paint it first",
                )
            return self._key(color_id)

        self._correct("accept", items, current)

    def release(self, items: Items) -> None:
        """Give segments back to the prediction.

        Raises:
            BadOption: there is no such cel or segment.
        """
        self._correct("release", items, lambda *_: None)

    def reset(self, cels: Iterable[int]) -> None:
        """Take back all corrections and strokes of cels.

        Raises:
            BadOption: there is no such cel.
        """
        with self.changed:
            works = {}
            for desk in {self.find(index).index: self.find(index) for index in cels}.values():
                works[desk.cel.name] = CelWork(hold=self.project.work(desk.cel.name).hold)
            self._do("reset", self.project.with_work(works))

    def edit(self, index: int, stroke: Stroke) -> None:
        """Make a stroke on a cel's lines or segments.

        Raises:
            BadOption: there is no such cel.
        """
        with self.changed:
            desk = self.find(index)
            work = self.project.work(desk.cel.name)
            work = msgspec.structs.replace(work, strokes=(*work.strokes, stroke), reference=False)
            self._do("edit", self.project.with_work({desk.cel.name: work}))

    def set_reference(self, index: int, *, on: bool) -> None:
        """Make a cel a reference, its colors all decided as they are, or no longer one.

        Segments without a color become bare paper.

        Raises:
            BadOption: there is no such cel.
        """
        with self.changed:
            desk = self.find(index)
            work = self.project.work(desk.cel.name)
            corrections = work.corrections
            if on:
                ids = desk.decided if desk.painting is None else desk.painting.color_ids
                corrections = tuple(
                    Correction((x, y), self._key(max(0, color_id)))
                    for (x, y), color_id in zip(desk.inner_xy.tolist(), ids.tolist(), strict=True)
                )
            work = msgspec.structs.replace(work, corrections=corrections, reference=on)
            self._do("reference", self.project.with_work({desk.cel.name: work}))

    def add_color(self, color: str, name: str) -> None:
        """Add a color to the palette.

        Raises:
            BadOption: the text is no color, or the palette is full.
        """
        with self.changed:
            self._require_room()
            text = _plain(color)
            key, again = text, 2
            while key in self.palette.keys:
                key, again = f"{text}~{again}", again + 1
            new = ProjectColor(key, text, name or text)
            self._do("color_add", self._with_palette((*self.project.palette, new)))

    def change_color(self, color_id: int, color: str) -> None:
        """Change a color wherever it is painted.

        Raises:
            BadOption: there is no such color, or the text is none.
        """
        with self.changed:
            name = self.palette.palette.names[self._known_color(color_id)]
            new = ProjectColor(self._key(color_id), _plain(color), name)
            self._do("color_change", self._with_palette(self._replaced(new)))

    def rename_color(self, color_id: int, name: str) -> None:
        """Give a color another name.

        Raises:
            BadOption: there is no such color.
        """
        with self.changed:
            color = self.palette.palette.to_hex()[self._known_color(color_id)]
            new = ProjectColor(self._key(color_id), color, name)
            self._do("color_rename", self._with_palette(self._replaced(new)))

    def set_hold(self, cels: Iterable[int], frames: int) -> None:
        """Set for how many frames cels are shown in previews.

        Raises:
            BadOption: there is no such cel.
        """
        with self.changed:
            works = {}
            for index in cels:
                self._known_cel(index)
                name = self.cels[index].cel.name
                works[name] = msgspec.structs.replace(self.project.work(name), hold=frames)
            self._do("hold", self.project.with_work(works))

    def change_settings(self, below: float | None = None, fps: int | None = None) -> None:
        """Set what counts as doubtful, and the speed of previews; no step to be undone."""
        with self.changed:
            project = self.project
            self._adopt(
                msgspec.structs.replace(
                    project,
                    below=project.below if below is None else below,
                    fps=project.fps if fps is None else fps,
                )
            )

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

    def _correct(
        self, kind: str, items: Items, choose: Callable[[DeskCel, int], str | None]
    ) -> None:
        """Replace the corrections of segments: `choose` gives a color's key, None for none."""
        with self.changed:
            works: dict[str, CelWork] = {}
            for index, labels in items.items():
                desk = self.find(index)
                _require_labels(desk, labels)
                work = works.get(desk.cel.name) or self.project.work(desk.cel.name)
                rows = sorted({label - 1 for label in labels})
                chosen = {row: key for row in rows if (key := choose(desk, row)) is not None}
                kept = self._without(desk, work.corrections, rows)
                new = (
                    Correction((int(desk.inner_xy[row, 0]), int(desk.inner_xy[row, 1])), key)
                    for row, key in chosen.items()
                )
                works[desk.cel.name] = msgspec.structs.replace(
                    work,
                    corrections=(*kept, *new),
                    reference=work.reference and len(chosen) == len(rows),
                )
            self._do(kind, self.project.with_work(works))

    def _without(
        self, desk: DeskCel, corrections: Sequence[Correction], rows: Sequence[int]
    ) -> list[Correction]:
        """Return the corrections that do not lie in these segments."""
        places = {tuple(desk.inner_xy[row].tolist()) for row in rows}
        kept = [correction for correction in corrections if correction.at not in places]
        inner = set(map(tuple, desk.inner_xy.tolist()))
        if all(correction.at in inner for correction in kept):
            return kept
        labels = self.read(desk).segments.labels  # some were made before a stroke
        ours = np.isin(labels, np.array(rows) + 1)
        height, width = labels.shape
        return [
            correction
            for correction in kept
            if not (
                0 <= correction.at[0] < width
                and 0 <= correction.at[1] < height
                and ours[correction.at[1], correction.at[0]]
            )
        ]

    def _do(self, kind: str, project: Project) -> None:
        """Take one step that can be undone."""
        if project == self.project:
            return
        before = self.project
        self._adopt(project)
        self._undo.append((kind, before))
        self._redo.clear()

    def _go(self, source: list[tuple[str, Project]], other: list[tuple[str, Project]]) -> None:
        """Move one step from one stack to the other."""
        with self.changed:
            if not source:
                return
            kind, project = source[-1]
            before = self.project
            # What is no step stays as it is now.
            self._adopt(msgspec.structs.replace(project, below=before.below, fps=before.fps))
            source.pop()
            other.append((kind, before))

    def _adopt(self, project: Project) -> None:
        """Make a project the current one: written to disk, then shown."""
        before = self.project
        if project == before:
            return
        write_project(self.outputs.folder, project)
        self.project = project
        if project.palette != before.palette:
            self.palette = apply_palette(self.painter.palette, project.palette)
            for desk in self.cels:
                desk.paint += 1
        for desk in self.cels:
            old, new = before.work(desk.cel.name), project.work(desk.cel.name)
            if old != new and self.is_original(desk) and desk.encoded is not None:
                self._change(desk, old, new)
        self.tell()

    def _change(self, desk: DeskCel, old: CelWork, new: CelWork) -> None:
        """Let a cel follow what is decided of it now."""
        if old.strokes != new.strokes:
            desk.encoded = None
            self._take(desk, self.read(desk))
        elif (old.corrections, old.reference) != (new.corrections, new.reference):
            self._decide(desk)

    def _with_palette(self, colors: tuple[ProjectColor, ...]) -> Project:
        return msgspec.structs.replace(self.project, palette=colors)

    def _replaced(self, color: ProjectColor) -> tuple[ProjectColor, ...]:
        """Return the project's colors with one replaced, or added if it was a reference's."""
        colors = list(self.project.palette)
        keys = [old.key for old in colors]
        if color.key in keys:
            colors[keys.index(color.key)] = color
        else:
            colors.append(color)
        return tuple(colors)

    def _key(self, color_id: int) -> str:
        return self.palette.keys[self._known_color(color_id, paper=True)]

    def _known_color(self, color_id: int, *, paper: bool = False) -> int:
        """Return the id, if there is such a color."""
        lowest = 0 if paper else 1
        if not lowest <= color_id < len(self.palette.keys):
            raise BadOption(
                f"there is no color {color_id}" if color_id else "the bare paper is no color",
                expected=f"{lowest} to {len(self.palette.keys) - 1}",
            )
        return color_id

    def _known_cel(self, index: int) -> None:
        if not 0 <= index < len(self.cels):
            raise BadOption(f"there is no cel {index}", expected=f"0 to {len(self.cels) - 1}")

    def _require_room(self) -> None:
        if len(self.palette.keys) >= MOST_COLORS:
            raise BadOption(
                f"the palette has {MOST_COLORS} colors already", action="Change one of them"
            )


def _go_on(job: CutJob, saved: Project) -> CutJob:
    """Return the job with what the project knows where nothing else is asked for."""
    return replace(
        job,
        references=job.references or saved.references,
        sheets=job.sheets or saved.sheets,
        matcher=saved.matcher if job.matcher == DEFAULT_MATCHER else job.matcher,
        settings=saved.settings if job.settings == PaintSettings() else job.settings,
    )


def _plain(color: str) -> str:
    """Return a color the way the project file writes it.

    Raises:
        BadOption: the text is no color, or the bare paper.
    """
    row = parse_color(color).tolist()
    if not row[3]:
        raise BadOption(f"{color!r} cannot be seen", expected="#rrggbb, for example #ff00ff")
    return hex_of(tuple(row))


def _require_labels(desk: DeskCel, labels: Sequence[int]) -> None:
    wrong = [label for label in labels if not 1 <= label <= len(desk.area)]
    if wrong:
        raise BadOption(
            f"there is no segment {wrong[0]} in {desk.cel.name}", expected=f"1 to {len(desk.area)}"
        )


def _released(painting: Painting | None, before: Ints, count: int) -> Painting:
    """Return what is shown of a cel until it is painted anew: decisions taken back are doubtful."""
    if painting is None or len(painting.color_ids) != count or len(before) != count:
        ids = np.full(count, UNKNOWN, np.int32)
        nothing, none = np.zeros(count, np.float32), np.zeros(count, bool)
        return Painting(ids, nothing, ids[:, None], none)
    sure = np.where(before != UNKNOWN, np.float32(0), painting.confidence)
    return replace(painting, confidence=sure.astype(np.float32))
