"""A whole cut painted: references found, cels painted in order on several threads, files written.

A cel that cannot be painted is recorded as failed and the others go on. The result does not depend
on the number of threads: each cel sees only the references and the neighbor its plan names.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from shiage.cut import Cel, Cut, expand_images, open_cut, parse_name
from shiage.errors import BadOption, ReferenceUnusable, ShiageError
from shiage.files.atomic import write_atomically
from shiage.files.images import Picture, read_picture, read_size, write_picture
from shiage.journal import describe_cel, recall_painting
from shiage.matching import DEFAULT_MATCHER
from shiage.neighbors import Neighbors
from shiage.outputs import Outputs, hash_file
from shiage.painter import Painter, PaintSettings
from shiage.propagate import Step, as_neighbor, plan_column
from shiage.records import CelRecord, CutRecord
from shiage.report import load_previews, make_previews, save_previews, write_report
from shiage.structures import Floats, LabelMap

Progress = Callable[[CelRecord, int, int], None]
"""Called after each cel with its record, how many cels are done, and how many there are."""


@dataclass(frozen=True)
class CutJob:
    """What to paint, from what, into where.

    Attributes:
        folder: the cut.
        references: painted cels, or folders of them; empty takes those found beside the drawings.
        sheets: model sheets as (drawing, painting); they serve every cel.
        out: folder of painted cels; None: beside the cut, its name with `_painted` added.
        matcher: name of the matcher.
        settings: how cels are painted.
        jobs: how many cels are worked on at once.
        force: paint again what is painted.
        resume: go on where an earlier run stopped.
        report: also write report.html and report.json.
    """

    folder: Path
    references: tuple[Path, ...] = ()
    sheets: tuple[tuple[Path, Path], ...] = ()
    out: Path | None = None
    matcher: str = DEFAULT_MATCHER
    settings: PaintSettings = field(default_factory=PaintSettings)
    jobs: int = 1
    force: bool = False
    resume: bool = False
    report: bool = False

    @property
    def out_folder(self) -> Path:
        """Where painted cels go."""
        folder = self.folder.resolve()
        return self.out or folder.with_name(f"{folder.name}_painted")


def paint_cut(job: CutJob, progress: Progress | None = None) -> CutRecord:
    """Paint every cel of a cut and return what became of it.

    Ctrl-C (`KeyboardInterrupt`) lets the cels at work finish and returns a record marked
    `interrupted`, without the cels that were not begun.

    Raises:
        ShiageError: the cut as a whole cannot be painted: no folder, no drawing, no usable
            reference, output that would be overwritten.
    """
    return _Run(job, progress or (lambda *_: None)).paint()


class _Run:
    """One run over one cut: what is shared between the cels."""

    def __init__(self, job: CutJob, progress: Progress) -> None:
        self.started = time.perf_counter()
        self.job = job
        self.progress = progress
        self.outputs = Outputs(job.out_folder)
        self.cut = _open(job)
        self.painter = Painter(job.matcher, job.settings)
        self.keys: dict[Cel, int] = {}  # keyed cel -> number of its reference
        self.shared: list[int] = []  # references that are no cel of the cut
        self.reference_files: list[Path] = []
        self.errors: list[str] = []
        self.warnings: list[str] = []
        self.neighbors = Neighbors()
        self.records: dict[Cel, CelRecord] = {}

    def paint(self) -> CutRecord:
        """Paint the cut."""
        self._load_references()
        job = self.job
        done = self.outputs.claim(
            self.cut.cels, self._fingerprint(), force=job.force, resume=job.resume
        )
        self.records.update(done)
        tasks: list[partial[CelRecord]] = []
        twins: list[tuple[Cel, Cel]] = []
        for column, cels in self.cut.columns().items():
            originals, same = self._find_twins(cels)
            for cel in originals:
                if cel in done and done[cel].status == "same":  # no longer; it has no colors yet
                    del done[cel], self.records[cel]
            twins += [pair for pair in same if pair[0] not in done]
            tasks += self._plan(column, originals, done)
        interrupted = self._work_off(tasks)
        for cel, original in twins:
            if original in self.records and not interrupted:
                self._finish(self._guard(cel, self._repeat, original))
        return self._sum_up(interrupted)

    # -- before painting ---------------------------------------------------------------------

    def _load_references(self) -> None:
        """Add keyed cels and sheets to the painter; what cannot be used becomes a warning."""
        paths = expand_images(self.job.references) or list(self.cut.found_references)
        if not paths and not self.job.sheets:
            raise ReferenceUnusable(
                "no reference",
                path=self.cut.folder,
                expected="one painted cel at least",
                action="Paint one cel, keep its name, and give it with --ref, or put it into a "
                "folder named ref beside the drawings",
            )
        for path in paths:
            in_folder = parse_name(Path(path.parent.name, path.name))[0]
            cel = self.cut.find(in_folder) or self.cut.find(parse_name(Path(path.name))[0])
            number = self._add_reference(path, cel.path if cel else None)
            if number is not None and cel is not None and cel not in self.keys:
                self.keys[cel] = number
            elif number is not None:
                self.shared.append(number)
        for drawing, painting in self.job.sheets:
            number = self._add_reference(painting, drawing)
            if number is not None:
                self.shared.append(number)
        if not self.painter.references:
            raise ReferenceUnusable(
                "no reference can be used: " + " / ".join(self.errors),
                path=self.cut.folder,
                expected="one painted cel at least",
                action="Mend or replace the files named",
            )

    def _add_reference(self, painting: Path, drawing: Path | None) -> int | None:
        """Return the number of the reference added, None if it cannot be used."""
        try:
            reference = self.painter.add_reference(painting, drawing)
        except ShiageError as error:
            self.errors.append(f"reference left out: {error}")
            return None
        self.warnings += [warning.message for warning in reference.warnings]
        self.reference_files.append(painting)
        return len(self.reference_files) - 1

    def _fingerprint(self) -> dict[str, Any]:
        """Everything the result depends on but the drawings to be painted."""
        return {
            "version": version("shiage"),
            "matcher": self.job.matcher,
            "settings": asdict(self.job.settings),
            "keys": {cel.name: number for cel, number in self.keys.items()},
            "references": [hash_file(path) for path in self.reference_files],
            "sheets": [hash_file(drawing) for drawing, _ in self.job.sheets],
        }

    def _find_twins(self, cels: Sequence[Cel]) -> tuple[list[Cel], list[tuple[Cel, Cel]]]:
        """Return cels with drawings of their own, and (cel, original) where a drawing repeats."""
        first: dict[str, Cel] = {}
        originals, same = [], []
        for cel in cels:
            try:
                digest = hash_file(cel.path)
            except ShiageError:
                digest = str(cel.path)  # will fail with its own message when its turn comes
            if digest in first and cel not in self.keys:
                same.append((cel, first[digest]))
            else:
                first.setdefault(digest, cel)
                originals.append(cel)
        return originals, same

    def _plan(
        self, column: str, cels: Sequence[Cel], done: dict[Cel, CelRecord]
    ) -> list[partial[CelRecord]]:
        """Return the tasks that paint a column, each after those it depends on."""
        keyed = [at for at, cel in enumerate(cels) if cel in self.keys]
        common = list(self.shared)
        if not keyed and not common:  # nothing of its own: whatever the other columns have
            common = [number for cel, number in self.keys.items() if cel.column != column]
        tasks = [
            partial(self._guard, cels[at], self._pass_on) for at in keyed if cels[at] not in done
        ]
        steps = plan_column(len(cels), keyed)
        for step in steps:
            if step.neighbor is not None and cels[step.cel] not in done:
                self.neighbors.expect(cels[step.neighbor])
        size_hw = self._common_size(cels)
        for step in steps:
            cel = cels[step.cel]
            if cel not in done:
                tasks.append(
                    partial(self._guard, cel, self._paint_cel, cels, step, common, size_hw)
                )
            elif self.neighbors.wanted(cel):
                tasks.append(partial(self._guard, cel, self._recall, done[cel]))
        return tasks

    def _common_size(self, cels: Sequence[Cel]) -> tuple[int, int] | None:
        """Height and width of a column: that of its keyed cel, else that of most of its cels."""
        keyed = [cel for cel in cels if cel in self.keys]
        votes: dict[tuple[int, int], int] = {}
        for cel in keyed[:1] or cels:
            try:
                size_hw = read_size(cel.path)
            except ShiageError:
                continue  # told when its turn comes
            votes[size_hw] = votes.get(size_hw, 0) + 1
        return max(votes, key=lambda size: votes[size]) if votes else None

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
        self.progress(record, len(self.records), len(self.cut.cels))

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
            return replace(record, seconds=time.perf_counter() - started)
        finally:
            self.neighbors.settle(cel)
        return CelRecord(cel.name, cel.column, cel.number, "failed", message=message)

    def _pass_on(self, cel: Cel) -> CelRecord:
        """Write a keyed cel's painting to the output as the artist made it."""
        number = self.keys[cel]
        painting, limit = self.reference_files[number], self.job.settings.max_pixels
        picture = read_picture(painting, max_pixels=limit)
        drawing = read_picture(cel.path, max_pixels=limit)
        if picture.layout.format == drawing.layout.format:
            write_atomically(self.outputs.path(cel), painting.read_bytes())
        else:
            layout = replace(picture.layout, format=drawing.layout.format)
            write_picture(self.outputs.path(cel), Picture(picture.pixels, layout))
        reference = self.painter.references[number]
        sure = np.ones(len(reference.segments), np.float32)
        self._preview(cel, drawing, picture, reference.segments.labels, sure)
        record = CelRecord(
            cel.name,
            cel.column,
            cel.number,
            "reference",
            hash_file(cel.path),
            picture.size_hw[::-1],
            message=f"passed on as given: {painting}",
        )
        self.outputs.save_record(cel, record)
        return record

    def _paint_cel(
        self,
        cel: Cel,
        cels: Sequence[Cel],
        step: Step,
        common: Sequence[int],
        size_hw: tuple[int, int] | None,
    ) -> CelRecord:
        """Paint one cel from its references and the neighbor painted before it."""
        drawing = self.painter.prepare(cel.path, size_hw)
        keys = [cels[at] for at in step.keys]
        neighbor = None if step.neighbor is None else cels[step.neighbor]
        witness = self.neighbors.take(neighbor) if neighbor else None
        painted = self.painter.paint(
            drawing,
            references=[*(self.keys[key] for key in keys), *common],
            neighbors=[witness] if witness else [],
        )
        self.neighbors.offer(cel, painted.as_neighbor())
        picture = painted.picture
        write_picture(self.outputs.path(cel), picture)
        self._preview(cel, drawing.picture, picture, drawing.segments.labels, painted.confidence)
        names = [key.name for key in keys]
        names += [self.painter.references[number].name for number in common]
        names += [neighbor.name] if neighbor and witness else []
        record = describe_cel(cel, painted, names)
        self.outputs.save_record(cel, record)
        return record

    def _recall(self, cel: Cel, record: CelRecord) -> CelRecord:
        """Let a cel that an earlier run painted serve as neighbor again."""
        drawing = self.painter.prepare(cel.path)
        painting = recall_painting(drawing, record)
        self.neighbors.offer(cel, as_neighbor(drawing.encoded, painting))
        return record

    def _repeat(self, cel: Cel, original: Cel) -> CelRecord:
        """Give a cel whose drawing is that of another one the same painting."""
        record = self.records[original]
        if record.status == "failed":
            raise ShiageError(f"same drawing as {original.name}: {record.message}", path=cel.path)
        write_atomically(self.outputs.path(cel), self.outputs.path(original).read_bytes())
        same = replace(
            record,
            name=cel.name,
            column=cel.column,
            number=cel.number,
            status="same",
            message=f"same drawing as {original.name}",
            segments=(),
            undecided=0,
        )
        self.outputs.save_record(cel, same)
        return same

    def _preview(
        self,
        cel: Cel,
        drawing: Picture,
        painted: Picture,
        labels: LabelMap,
        confidence: Floats,
    ) -> None:
        """Keep small pictures of a cel for the report, if one is wanted."""
        if self.job.report:
            previews = make_previews(drawing.rgba_u8, painted.rgba_u8, labels, confidence)
            save_previews(previews, self.outputs.previews, cel.name)

    def _sum_up(self, interrupted: bool) -> CutRecord:
        """Return the record of the cut, and write the report if one is wanted."""
        palette = self.painter.palette
        record = CutRecord(
            cut=str(self.job.folder),
            out=str(self.outputs.folder),
            matcher=self.job.matcher,
            palette=tuple(zip(palette.names, palette.to_hex(), strict=True)),
            cels=tuple(self.records[cel] for cel in self.cut.cels if cel in self.records),
            errors=tuple(self.errors),
            warnings=(*self.warnings, *_tell_superseded(self.cut)),
            interrupted=interrupted,
            seconds=time.perf_counter() - self.started,
            version=version("shiage"),
        )
        if self.job.report:
            find = partial(load_previews, self.outputs.previews)
            write_report(record, find, self.outputs.folder)
        return record


def _open(job: CutJob) -> Cut:
    """Return the cut of a job, made sure that its output does not lie among its drawings."""
    out = job.out_folder
    exclude = [*job.references, *(path for pair in job.sheets for path in pair)]
    if Outputs(out).is_ours():
        exclude.append(out)
    cut = open_cut(job.folder, exclude)
    inside = [cel for cel in cut.cels if out.resolve() in cel.path.resolve().parents]
    if inside:
        raise BadOption(
            f"drawings lie in this folder, such as {inside[0].relative}",
            path=out,
            expected="another folder, since drawings are never overwritten",
            action="Give another one with --out",
        )
    return cut


def _tell_superseded(cut: Cut) -> list[str]:
    """Return a sentence for each drawing that was left out for another of the same number."""
    return [
        f"{path}: left out, a retake or another file has the same number" for path in cut.superseded
    ]
