"""What became of the cuts of an episode, as plain data for the terminal, JSON and the page."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Literal

import msgspec

from shiage.cuts.records import CutRecord
from shiage.episode.cuts import EpisodeCut
from shiage.files.nesting import shallow

Status = Literal["failed", "partly", "interrupted", "waiting", "painted"]

MEANINGS: dict[Status, str] = {
    "failed": "could not be painted at all",
    "partly": "painted, except for what is listed",
    "interrupted": "stopped before every cel was done",
    "waiting": "not begun",
    "painted": "every cel is done",
}
"""Every status, what needs attention first, and what it means."""

DOUBTFUL = 0.5
"""Confidence under which a segment counts as doubtful, as on the page of a cut."""

RECORD_FILE = "episode.json"


class CutSummary(msgspec.Struct, frozen=True):
    """What became of one cut.

    Attributes:
        name: its path below the episode.
        folder: its drawings.
        out: its painted cels.
        status: one of `MEANINGS`.
        cels: how many drawings it has, 0 if unknown.
        painted: cels painted.
        given: cels passed on as given.
        same: cels whose drawing is that of another.
        failed: cels that could not be painted.
        segments: segments painted.
        doubtful: those with little confidence; see `DOUBTFUL`.
        undecided: those left in the color of `--undecided`.
        seconds: from the start of its process to the end.
        errors: what went wrong, one sentence each.
        warnings: what is odd, one sentence each.
        presets: the file that its options were taken from, "" if there is none.
    """

    name: str
    folder: str
    out: str
    status: Status = "waiting"
    cels: int = 0
    painted: int = 0
    given: int = 0
    same: int = 0
    failed: int = 0
    segments: int = 0
    doubtful: int = 0
    undecided: int = 0
    seconds: float = 0.0
    errors: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    presets: str = ""

    @property
    def done(self) -> int:
        """How many cels have their painting."""
        return self.painted + self.given + self.same


class EpisodeRecord(msgspec.Struct, frozen=True):
    """What became of an episode.

    Attributes:
        episode: the folder of cuts.
        out: the folder of painted cuts.
        cuts: by name.
        warnings: what is odd about the folder, one sentence each.
        interrupted: stopped before every cut was done.
        seconds: wall-clock time of the last run.
        processes: cuts worked on at once.
        version: of shiage.
    """

    episode: str
    out: str
    cuts: tuple[CutSummary, ...]
    warnings: tuple[str, ...] = ()
    interrupted: bool = False
    seconds: float = 0.0
    processes: int = 1
    version: str = ""

    def count(self, status: Status) -> int:
        """Return how many cuts have that status."""
        return sum(cut.status == status for cut in self.cuts)

    def total(self, what: str) -> int:
        """Return a number of `CutSummary`, added up over all cuts."""
        return sum(getattr(cut, what) for cut in self.cuts)

    def by_need(self) -> list[CutSummary]:
        """Return the cuts, those that need attention first."""
        rank = {status: at for at, status in enumerate(MEANINGS)}
        return sorted(self.cuts, key=lambda cut: rank[cut.status])

    def to_json(self) -> str:
        """Return the record as indented JSON text."""
        return json.dumps(
            msgspec.to_builtins(self), indent=1
        )  # ASCII: file names need not be Unicode


def read_record(out: Path) -> EpisodeRecord | None:
    """Return the record that an earlier run left in its output folder, None if there is none."""
    try:
        record = json.loads(shallow((out / RECORD_FILE).read_bytes()))
        return msgspec.convert(record, EpisodeRecord)
    except (OSError, ValueError):
        return None


def begin(cut: EpisodeCut, out: Path) -> CutSummary:
    """Return the summary of a cut that nothing was done for yet."""
    return CutSummary(cut.name, str(cut.folder), str(out), cels=cut.cels)


def summarize(cut: CutSummary, record: CutRecord, seconds: float) -> CutSummary:
    """Return the summary of a cut that was painted, wholly or in part.

    Args:
        cut: its summary from before; its presets may still change how many cels it has.
        record: what became of it.
        seconds: from the start of its process to the end.
    """
    failed = [cel.message for cel in record.cels if cel.status == "failed"]
    errors = (*record.errors, *failed)
    status: Status = "painted"
    if record.interrupted:
        status = "interrupted"
    elif errors:
        status = "partly" if len(failed) < len(record.cels) else "failed"
    return msgspec.structs.replace(
        cut,
        status=status,
        cels=max(cut.cels, len(record.cels)) if record.interrupted else len(record.cels),
        painted=record.count("painted"),
        given=record.count("reference"),
        same=record.count("same"),
        failed=len(failed),
        segments=record.segments,
        doubtful=record.count_doubtful(DOUBTFUL),
        undecided=record.undecided,
        seconds=seconds,
        errors=errors,
        warnings=record.warnings,
        presets=record.presets,
    )
