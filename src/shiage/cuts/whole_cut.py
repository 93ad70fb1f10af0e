"""A whole cut painted: references found, cels painted in order on several threads, files written.

A cel that cannot be painted is recorded as failed and the others go on. The result does not depend
on the number of threads: each cel sees only the references and the neighbor its plan names.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

import msgspec

from shiage.cuts.cel_files import CelFiles
from shiage.cuts.columns import ColumnDrawings, ColumnPlan
from shiage.cuts.cut import Cel, tell_clashing, tell_left_out
from shiage.cuts.job import CutJob, open_job, take_up
from shiage.cuts.journal import describe_lines, describe_palette, recall_painting, tell_stand_ins
from shiage.cuts.neighbors import Neighbors
from shiage.cuts.outputs import Outputs
from shiage.cuts.project import Project
from shiage.cuts.records import CelRecord, CutRecord
from shiage.cuts.references import Origin
from shiage.cuts.report import load_previews, write_report
from shiage.cuts.schedule import read_schedule
from shiage.cuts.sources import Sources
from shiage.errors import ReferenceUnusable, ShiageError
from shiage.files.palettes import read_palettes
from shiage.files.versions import Versions
from shiage.painting.painted_cel import Drawing, PaintedCel
from shiage.painting.propagate import as_neighbor, decided_painting
from shiage.painting.serving import PAINTED, Kind, Known, Source, Step, drive, serve
from shiage.painting.workshop import Workshop
from shiage.progress import Progress, no_progress
from shiage.structures import Painting


def paint_cut(job: CutJob, progress: Progress = no_progress) -> CutRecord:
    """Paint every cel of a cut and return what became of it.

    What an artist has decided in the page (`shiage.json` among the painted cels) is kept to.

    Ctrl-C (`KeyboardInterrupt`) lets the cels at work finish and returns a record marked
    `interrupted`, without the cels that were not begun.

    Raises:
        ShiageError: the cut as a whole cannot be painted: no folder, no drawing, no usable
            reference, output that would be overwritten.
    """
    return _Run(job, progress).paint()


class _Run:
    """One run over one cut: what is shared between the cels."""

    def __init__(self, job: CutJob, progress: Progress) -> None:
        self.started = time.perf_counter()
        job, saved = take_up(job)
        self.job = job
        self.progress = progress
        self.outputs = Outputs(job.out_folder, job.storage, with_planes=job.planes)
        self.cut = open_job(job)
        given, notes = read_palettes(job.recipe.palettes)
        self.workshop = Workshop(job.recipe.matcher, job.recipe.settings, given)
        self.versions = Versions()
        self.sources = Sources(self.workshop, self.cut, self.versions, warnings=notes)
        self.keys = self.sources.keys
        self.files = CelFiles(job, self.outputs, self.sources)
        self.project = saved or Project(job.folder)
        self.columns: dict[str, ColumnDrawings] = {}
        self.neighbors = Neighbors()
        self.records: dict[Cel, CelRecord] = {}

    def paint(self) -> CutRecord:
        """Paint the cut."""
        self._load_references()
        job = self.job
        digests = {cel: self.versions.note(cel.path).sha256 for cel in self.cut.cels}
        done = self.outputs.claim(digests, self._fingerprint(), force=job.force, resume=job.resume)
        self.records.update(done)
        tasks: list[partial[CelRecord]] = []
        twins: dict[Cel, Cel] = {}
        for column, drawings in self.columns.items():
            for cel in drawings.originals:
                if cel in done and done[cel].status == "same":  # no longer; it has no colors yet
                    del done[cel], self.records[cel]
            twins |= drawings.twins
            tasks += self._plan(column, drawings, done)
        interrupted = self._work_off(tasks)
        for cel, original in twins.items():
            if cel not in done and original in self.records and not interrupted:
                self._finish(self._guard(cel, self.files.repeat, original, self.records[original]))
        return self._sum_up(interrupted)

    # -- before painting ---------------------------------------------------------------------

    def _load_references(self) -> None:
        """Learn keyed cels and sheets, and what the artist has decided."""
        sources = self.sources
        for cel in self.cut.cels:  # before anything is read of them
            self.versions.note(cel.path)
        sources.load(self.job.recipe.references, self.job.recipe.sheets)
        sources.load_hints(self.job.recipe.hints)
        self.columns = sources.survey(self.project)
        sources.take_over(self.project, self.columns)
        if sources.keys or sources.shared or sources.corrected:
            return
        if not sources.errors:
            blank = f": {sources.unpainted[0]} is blank" if sources.unpainted else ""
            raise ReferenceUnusable(
                f"no reference{blank}",
                path=self.cut.folder,
                expected="one painted cel at least, or hints",
                action="Paint one cel, keep its name, and give it with --ref, or put it into a "
                "folder named ref beside the drawings; or dot it with color (--hints); or paint "
                "one in the page, shiage ui",
            )
        raise ReferenceUnusable(
            "no reference can be used: " + " / ".join(sources.errors),
            path=self.cut.folder,
            expected="one painted cel at least",
            action="Repair or replace these files",
        )

    def _fingerprint(self) -> dict[str, Any]:
        """Everything the result depends on but the drawings to be painted."""
        shown = {
            name: msgspec.structs.replace(work, hold=None, drawing="")
            for name, work in self.project.cels.items()
        }
        project = Project(self.project.cut, palette=self.project.palette).with_work(shown)
        decided = {
            "palette": msgspec.to_builtins(project.palette),
            "cels": msgspec.to_builtins(project.cels),
        }
        references, snapping = self.sources.references, self.workshop.snapping
        hints = {
            cel.name: msgspec.to_builtins(dots) for cel, dots in sorted(self.sources.hints.items())
        }

        def digest(path: Path) -> str:
            return self.versions.note(path).sha256

        return {
            "version": version("shiage"),
            "matcher": self.job.recipe.matcher,
            "settings": msgspec.to_builtins(self.job.recipe.settings),
            "keys": {cel.name: references.index(key) for cel, key in self.keys.items()},
            "references": [digest(r.file) for r in references if r.origin is not Origin.DECIDED],
            "sheets": [digest(r.drawing) for r in references if r.drawing is not None],
            "planes": self.job.planes,
            "storage": msgspec.to_builtins(self.job.storage),
            **(describe_palette(snapping.palette) if snapping else {}),
            **(decided if any(decided.values()) else {}),
            **({"hints": hints} if hints else {}),
            **describe_lines(self.sources.lines_shown, self.workshop.palette),
        }

    def _plan(
        self, column: str, drawings: ColumnDrawings, done: dict[Cel, CelRecord]
    ) -> list[partial[CelRecord]]:
        """Return the tasks that paint a column, each after those it depends on."""
        sources = self.sources
        plan = ColumnPlan.make(
            column, drawings.originals, self.keys, sources.corrected, len(sources.shared)
        )
        tasks = [
            partial(
                self._guard,
                cel,
                self.files.pass_on if sources.is_as_given(cel) else self._write_decided,
            )
            for cel in (plan.cels[at] for at in plan.keyed)
            if cel not in done
        ]
        for step in plan.steps:
            if plan.cels[step.cel] not in done:
                for other in step.places(*PAINTED):
                    self.neighbors.expect(plan.cels[other])
        for step in plan.steps:
            cel = plan.cels[step.cel]
            if cel not in done:
                tasks.append(partial(self._guard, cel, self._paint_cel, plan, step))
            elif self.neighbors.wanted(cel):
                tasks.append(partial(self._guard, cel, self._recall, done[cel]))
        return tasks

    # -- painting ----------------------------------------------------------------------------

    def _work_off(self, tasks: Sequence[partial[CelRecord]]) -> bool:
        """Run tasks in order on several threads; return whether Ctrl-C came between.

        A task waits only for tasks before it, so threads cannot block each other. No more are
        begun than are worked on, so memory does not grow with the cut.
        """
        running: set[Future[CelRecord]] = set()
        jobs = max(1, self.job.jobs)
        with ThreadPoolExecutor(max_workers=jobs) as pool:
            try:
                for task in tasks:
                    running.add(pool.submit(task))
                    if len(running) >= jobs:
                        running = self._collect(running, FIRST_COMPLETED)
                while running:
                    running = self._collect(running, FIRST_COMPLETED)
            except KeyboardInterrupt:
                while running:
                    running = self._collect(running, FIRST_COMPLETED)
                return True
        return False

    def _collect(self, running: set[Future[CelRecord]], until: str) -> set[Future[CelRecord]]:
        """Wait, take in what has finished, and return what has not."""
        finished, running = wait(running, return_when=until)
        for record in sorted((future.result() for future in finished), key=lambda r: r.name):
            self._finish(record)
        return running

    def _finish(self, record: CelRecord) -> None:
        cel = next(cel for cel in self.cut.cels if cel.name == record.name)
        self.records[cel] = record
        self.progress(record.name, len(self.records), len(self.cut.cels))

    def _guard(self, cel: Cel, work: Callable[..., CelRecord], *args: Any) -> CelRecord:
        """Return the record of `work(cel, *args)`, or a failed one with a message."""
        started = time.perf_counter()
        try:
            record = work(cel, *args)
        except ShiageError as error:
            message = str(error)
        except MemoryError:
            message = (
                f"{cel.path}: not enough memory for a picture of this size; expected a smaller "
                "one. Close other programs, or use fewer --jobs"
            )
        else:
            return msgspec.structs.replace(record, seconds=time.perf_counter() - started)
        finally:
            self.neighbors.settle(cel)
        return CelRecord(cel.name, cel.column, cel.number, "failed", message=message)

    def _paint_cel(self, cel: Cel, plan: ColumnPlan, step: Step) -> CelRecord:
        """Paint one cel from its sources; it waits for those that are painted before it."""
        drawing = self._prepare(cel)
        own = self.sources.corrected.get(cel)
        flow = serve(
            self.workshop.matcher, step, drawing.encoded, None if own is None else own.color_ids
        )
        served = drive(flow, partial(self._known, plan))
        if not served.sources and own is None:
            raise ReferenceUnusable(
                "no reference or hint gives it a color",
                path=cel.path,
                expected="a painted cel of its column, or of any, or hints",
                action="Give one with --ref or --hints, or paint one in the page, shiage ui",
            )
        painted = self._dress(cel, drawing, served.painting)
        self.neighbors.offer(cel, painted.as_neighbor())
        return self.files.write(cel, painted, [self._name(plan, of) for of in served.sources])

    def _known(self, plan: ColumnPlan, source: Source) -> Known | None:
        """Return what is known of a source; None if it was to be painted before and failed."""
        cel = plan.cel(source)
        if cel is None:
            return self.sources.shared[source.at].known
        if source.kind in PAINTED:
            return self.neighbors.take(cel)
        if source.kind is Kind.CORRECTION:
            return self.sources.corrected[cel]
        return self.keys[cel].known

    def _name(self, plan: ColumnPlan, source: Source) -> str:
        """Return what the record calls a source: a cel of the column by name, else its file."""
        cel = plan.cel(source)
        if cel is None:
            return self.sources.shared[source.at].name
        return self.keys[cel].name if source.kind is Kind.LENT else cel.name

    def _prepare(self, cel: Cel) -> Drawing:
        """Return a cel's drawing with the artist's strokes."""
        return self.sources.prepare(cel, self.project.work(cel.name), self.columns)

    def _write_decided(self, cel: Cel) -> CelRecord:
        """Write a cel of which the artist has decided every color, or given a plane of them."""
        drawing = self._prepare(cel)
        reference = self.keys[cel]
        painting = decided_painting(reference.shown.color_ids)
        given = [str(reference.file)] if reference.origin is Origin.PLANE else []
        return self.files.write(cel, self._dress(cel, drawing, painting), given)

    def _dress(self, cel: Cel, drawing: Drawing, painting: Painting) -> PaintedCel:
        """Return a drawing with its colors, those of lines that stay included."""
        lines, settings = self.sources.lines_of(cel), self.job.recipe.settings
        return PaintedCel(drawing, painting, self.workshop.palette, settings, lines)

    def _recall(self, cel: Cel, record: CelRecord) -> CelRecord:
        """Let a cel that an earlier run painted serve as neighbor again."""
        drawing = self._prepare(cel)
        painting = recall_painting(drawing, record)
        self.neighbors.offer(cel, as_neighbor(drawing.encoded, painting))
        return record

    def _sum_up(self, interrupted: bool) -> CutRecord:
        """Return the record of the cut, and write the report if one is wanted."""
        palette = self.workshop.palette
        records = tuple(self.records[cel] for cel in self.cut.cels if cel in self.records)
        record = CutRecord(
            cut=str(self.job.folder),
            out=str(self.outputs.folder),
            matcher=self.job.recipe.matcher,
            palette=tuple(zip(palette.titles, palette.to_hex(), strict=True)),
            cels=records,
            errors=(*self.sources.errors, *tell_clashing(self.cut)),
            warnings=(
                *self.sources.warnings,
                *self.sources.tell_lines(),
                *(r.message for r in records if r.status == "painted" and r.message),
                *self.workshop.notes.tell(),
                *tell_stand_ins(palette, self.records.values()),
                *tell_left_out(self.cut),
                *read_schedule(self.cut).warnings,
            ),
            interrupted=interrupted,
            seconds=time.perf_counter() - self.started,
            version=version("shiage"),
            presets=str(self.job.presets or ""),
        )
        if self.job.report:
            find = partial(load_previews, self.outputs.previews)
            write_report(record, find, self.outputs.folder)
        return record
