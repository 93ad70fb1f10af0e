"""All cuts of an episode, a few at a time, and the report on them."""

from __future__ import annotations

import signal
import time
from collections import deque
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Self

import msgspec

from shiage.cuts.outputs import Outputs
from shiage.episode.cuts import Episode, EpisodeCut
from shiage.episode.processes import CutProcess
from shiage.episode.records import RECORD_FILE, CutSummary, EpisodeRecord, begin, read_record
from shiage.episode.report import write_report
from shiage.errors import OutputExists
from shiage.progress import Progress, no_progress

TICK_SECONDS = 0.05


@dataclass(frozen=True)
class EpisodeJob:
    """What to paint, how, and where to.

    Attributes:
        episode: the folder, and all cuts in it.
        cuts: those to be painted now.
        out: folder of painted cuts, each by its name.
        arguments: of `shiage paint` for each of them.
        processes: cuts worked on at once.
        patience: seconds without a finished cel after which a cut is given up.
        again: whether painted cuts may be there already: taken up or painted again.
        anew: whether they are painted again.
    """

    episode: Episode
    cuts: tuple[EpisodeCut, ...]
    out: Path
    arguments: tuple[str, ...]
    processes: int
    patience: float
    again: bool = False
    anew: bool = False


def paint_episode(job: EpisodeJob, progress: Progress = no_progress) -> EpisodeRecord:
    """Paint the cuts of an episode, each in a process of its own.

    A cut that cannot be painted is recorded with its message, and the others go on. `episode.json`
    and `episode.html` in the output folder tell what became of all; they are written again after
    each cut. Ctrl-C lets the cels at work finish; a second one ends the processes at once.

    Raises:
        OutputExists: painted cuts are there and `again` was not said.
        WriteFailed: the report cannot be written.
    """
    return _Run(job, progress).paint()


class _Run:
    """One run over an episode."""

    def __init__(self, job: EpisodeJob, progress: Progress) -> None:
        self.started = time.monotonic()
        self.job = job
        self.progress = progress
        self.over: list[CutSummary] = []
        earlier = read_record(job.out)
        if (job.out / RECORD_FILE).exists() and not job.again:
            raise OutputExists(
                "an episode was painted there already",
                path=job.out,
                expected="a new or empty folder",
                action="Give --resume to go on, --force to paint again, or another --out",
            )
        known = {cut.name: cut for cut in earlier.cuts} if earlier else {}
        self.summaries: dict[str, CutSummary] = {}
        for cut in job.episode.cuts:
            new = begin(cut, job.out / cut.name)
            self.summaries[cut.name] = known.get(cut.name, new)
            if job.anew and cut in job.cuts:
                self.summaries[cut.name] = new
                Outputs(job.out / cut.name).forget()

    def paint(self) -> EpisodeRecord:
        """Paint the cuts."""
        job = self.job
        waiting = deque(job.cuts)
        running: list[CutProcess] = []
        self._write(interrupted=True)  # what a run that is killed leaves
        with _StopSigns() as signs:
            try:
                while running or (waiting and not signs.count):
                    while waiting and len(running) < job.processes and not signs.count:
                        running += self._start(waiting.popleft())
                    self._tell(running)
                    time.sleep(TICK_SECONDS)
                    for process in running if signs.count else ():
                        process.kill() if signs.count > 1 else process.stop()
                    for process in [one for one in running if one.is_over()]:
                        running.remove(process)
                        self._finish(process.close())
            finally:
                for process in running:
                    process.kill()
                    process.close()
        stopped = any(cut.status == "interrupted" for cut in self.over)
        return self._write(interrupted=stopped or len(self.over) < len(job.cuts))

    def _start(self, cut: EpisodeCut) -> list[CutProcess]:
        """Return the process that paints a cut; none if it could not be started."""
        new = begin(cut, self.job.out / cut.name)
        try:
            return [CutProcess(new, self.job.arguments, self.job.patience)]
        except OSError as error:
            said = f"{cut.folder}: its process could not be started ({error.strerror or error})"
            self._finish(msgspec.structs.replace(new, status="failed", errors=(said,)))
            return []

    def _finish(self, cut: CutSummary) -> None:
        self.over.append(cut)
        self.summaries[cut.name] = cut
        self._write(interrupted=True)

    def _tell(self, running: list[CutProcess]) -> None:
        """Move the progress bar."""
        over = self.over
        total = sum(cut.cels for cut in self.job.cuts)
        done = sum(cut.done + cut.failed for cut in over) + sum(one.done for one in running)
        names = ", ".join(process.cut.name for process in running)
        state = f"{len(over)} of {len(self.job.cuts)} cuts · {names}"
        self.progress(state, min(done, total), total)

    def _write(self, *, interrupted: bool) -> EpisodeRecord:
        """Write the report as things stand, and return the record."""
        episode = self.job.episode
        record = EpisodeRecord(
            episode=str(episode.folder),
            out=str(self.job.out),
            cuts=tuple(self.summaries.values()),
            warnings=episode.warnings,
            interrupted=interrupted,
            seconds=time.monotonic() - self.started,
            processes=self.job.processes,
            version=version("shiage"),
        )
        write_report(record, self.job.out)
        return record


class _StopSigns:
    """Counts how often someone said to stop: Ctrl-C, or the system."""

    def __init__(self) -> None:
        self.count = 0

    def __enter__(self) -> Self:
        self._before = {sign: signal.signal(sign, self._take) for sign in _SIGNS}
        return self

    def __exit__(self, *_: object) -> None:
        for sign, handler in self._before.items():
            signal.signal(sign, handler)

    def _take(self, *_: object) -> None:
        self.count += 1


_SIGNS = (signal.SIGINT, signal.SIGTERM)
