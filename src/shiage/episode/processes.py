"""Cuts painted by processes of their own: whatever one of them does, the others go on."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from shiage.cuts.outputs import Outputs
from shiage.cuts.records import CutRecord
from shiage.episode.records import CutSummary, Status, summarize
from shiage.errors import INTERRUPTED

LOOK_SECONDS = 0.5
"""Cels that are done are counted so often."""


class CutProcess:
    """A cut being painted by `shiage paint`.

    Args:
        cut: the cut, nothing done yet.
        arguments: of `shiage paint`, but for the folders.
        patience: seconds in which one cel at least is finished, or the process is ended.
    """

    def __init__(self, cut: CutSummary, arguments: Sequence[str], patience: float) -> None:
        self.cut = cut
        self.done = 0
        self._outputs = Outputs(Path(cut.out))
        self._patience = patience
        self._stopping = self._gave_up = False
        self._started = self._looked = self._moved = time.monotonic()
        # No pipes: those would have to be emptied while the process goes on.
        self._told, self._said = tempfile.TemporaryFile(), tempfile.TemporaryFile()  # noqa: SIM115
        # -P: modules that lie about in the current folder are not those meant.
        command = [sys.executable, "-P", "-m", "shiage.episode.worker", "paint", "--json"]
        self._process = subprocess.Popen(
            [*command, *arguments, "--out", cut.out, "--", cut.folder],
            stdin=subprocess.PIPE,
            stdout=self._told,
            stderr=self._said,
            env=_environment(),
        )

    def is_over(self) -> bool:
        """Whether the process has ended; counts its cels, and ends it where it hangs."""
        now = time.monotonic()
        if self._process.poll() is not None:
            return True
        if now - self._looked >= LOOK_SECONDS:
            self._looked = now
            done = self._outputs.count_records()
            if done != self.done:
                self.done, self._moved = done, now
        if now - self._moved > self._patience:
            self._gave_up = True
            self.kill()
        return False

    def stop(self) -> None:
        """Let it finish the cels it is at; it ends soon."""
        self._stopping = True
        self._let_go()

    def kill(self) -> None:
        """End it at once."""
        self._process.kill()

    def close(self) -> CutSummary:
        """Wait for its end and return what became of the cut."""
        self._let_go()
        code = self._process.wait()
        seconds = time.monotonic() - self._started
        printed, said = _take(self._told), _take(self._said)
        record = _read_record(printed)
        if record is not None:
            return summarize(self.cut, record, seconds)
        if code == INTERRUPTED or (self._stopping and not self._gave_up):
            return self._recall("interrupted", seconds)
        if code < 0:
            return self._recall("failed", seconds, self._explain(code))
        lines = [line for line in said.splitlines() if line.strip()]
        errors = [line.removeprefix("error: ") for line in lines if line.startswith("error: ")]
        errors = errors or [f"{self.cut.folder}: {lines[-1] if lines else f'ended with {code}'}"]
        return msgspec.structs.replace(
            self.cut, status="failed", seconds=seconds, errors=tuple(errors)
        )

    def _let_go(self) -> None:
        if self._process.stdin:
            self._process.stdin.close()

    def _recall(self, status: Status, seconds: float, *errors: str) -> CutSummary:
        """Return the summary of a cut whose process reported nothing, by the cels' own records."""
        cels = tuple(self._outputs.read_all())
        record = CutRecord(self.cut.folder, self.cut.out, "", (), cels, errors, interrupted=True)
        return msgspec.structs.replace(summarize(self.cut, record, seconds), status=status)

    def _explain(self, code: int) -> str:
        """Return why a process was ended by a signal."""
        if self._gave_up:
            return (
                f"{self.cut.folder}: no cel was finished within {self._patience / 60:g} minutes, "
                "so its process was ended. Look for a file that cannot be read to its end, or give "
                "it longer with --patience; --resume tries again"
            )
        return (
            f"{self.cut.folder}: its process was ended ({signal.Signals(-code).name}); perhaps "
            "memory ran out. Use fewer --processes; --resume tries again"
        )


def _environment() -> dict[str, str]:
    """Return the environment in which messages come as plain UTF-8."""
    return {k: v for k, v in os.environ.items() if k != "FORCE_COLOR"} | {
        "PYTHONIOENCODING": "utf-8"
    }


def _take(file: Any) -> str:
    """Return what was written to a temporary file, and close it."""
    with file:
        file.seek(0)
        text: str = file.read().decode("utf-8", "backslashreplace")
        return text


def _read_record(printed: str) -> CutRecord | None:
    """Return the record that `shiage paint --json` printed, None if it did not come to that."""
    try:
        return CutRecord.from_json(printed)
    except ValueError:
        return None
