"""What a run tells: a CSV file that any table program reads, and TensorBoard."""

from __future__ import annotations

import csv
import math
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

from torch.utils.tensorboard import SummaryWriter

LOG = "log.csv"


class RunLog:
    """Rows of numbers by step, in `log.csv` and for TensorBoard.

    Rows of one kind have all the same columns; the file is written again when a column is added.

    Args:
        folder: of the run.
        resume_step: rows after this step, of a run that was killed later, are dropped.
    """

    def __init__(self, folder: Path, resume_step: int) -> None:
        self.path = folder / LOG
        self.rows = [row for row in read_log(folder) if row["step"] <= resume_step]
        self.columns = list(dict.fromkeys(key for row in self.rows for key in row))
        self._rewrite()
        self.board = SummaryWriter(str(folder / "tensorboard"), purge_step=resume_step + 1)

    def add(self, step: int, row: Mapping[str, float]) -> None:
        """Add a row."""
        full = {"step": float(step), **row}
        self.rows.append(full)
        if new := [key for key in full if key not in self.columns]:
            self.columns += new
            self._rewrite()
        else:
            with self.path.open("a", newline="", encoding="utf-8") as file:
                csv.writer(file).writerow(self._cells(full))
        for key, value in row.items():
            self.board.add_scalar(key, value, step)
        self.board.flush()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self.board.close()

    def _rewrite(self) -> None:
        with self.path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(self.columns or ["step"])
            writer.writerows(self._cells(row) for row in self.rows)

    def _cells(self, row: Mapping[str, float]) -> list[str]:
        """Return a row as texts: exact, but readable; empty where there is no value."""
        return [f"{row[key]:.10g}" if key in row else "" for key in self.columns]


def read_log(folder: Path) -> list[dict[str, float]]:
    """Return the rows of a run's log, without the cells that are empty; [] if there is none."""
    path = folder / LOG
    if not path.exists():
        return []
    with path.open(newline="", encoding="utf-8") as file:
        rows = [
            {key: number for key, text in row.items() if math.isfinite(number := _number(text))}
            for row in csv.DictReader(file)
        ]
    return [row for row in rows if "step" in row]  # a kill may have cut the last one


def _number(text: str | None) -> float:
    try:
        return float(text or "nan")
    except ValueError:
        return math.nan
