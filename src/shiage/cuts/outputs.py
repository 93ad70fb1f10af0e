"""The folder of painted cels: nothing in it is overwritten unasked, and work is taken up again.

Beside the cels lies `_shiage` (folders with `_` are no drawings): `run.json` tells what the cut was
painted with, `cels/NAME.json` what became of each cel. Cel and record are each written atomically,
the record last; so a record means that the cel is done.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from shiage.cuts.cut import Cel
from shiage.cuts.records import CelRecord
from shiage.errors import OutputExists
from shiage.files.atomic import write_atomically
from shiage.painting.storage import Storage

PROJECT_FILE = "shiage.json"
"""What the artist decided of the cut; see `shiage.cuts.project`."""

STATE_FOLDER = "_shiage"

_NO_RECORD = (OSError, ValueError)
"""Raised by reading a file that holds no record."""


class Outputs:
    """Where the painted cels of one cut go.

    Args:
        folder: the folder; made when the first file is written.
        storage: how the cels are stored, which tells their names.
        with_planes: every cel has its planes beside it.
    """

    def __init__(
        self, folder: Path, storage: Storage | None = None, *, with_planes: bool = False
    ) -> None:
        self.folder = folder
        self.storage = storage or Storage()
        self.with_planes = with_planes
        self.previews = folder / STATE_FOLDER / "previews"
        self.run_file = folder / STATE_FOLDER / "run.json"
        self._records = folder / STATE_FOLDER / "cels"

    def is_ours(self) -> bool:
        """Whether an earlier run painted into the folder, or the page saved there."""
        return (self.folder / STATE_FOLDER).is_dir() or (self.folder / PROJECT_FILE).is_file()

    def path(self, cel: Cel) -> Path:
        """Return the file of a painted cel."""
        return self.folder / self.storage.name(cel.relative)

    def planes(self, cel: Cel) -> tuple[Path, Path]:
        """Return the files of a painted cel's line plane and color plane."""
        name = self.storage.plane_name(cel.relative)
        return self.folder / "_lines" / name, self.folder / "_colors" / name

    def files(self, cel: Cel) -> tuple[Path, ...]:
        """Return all files that a painted cel consists of."""
        return (self.path(cel), *(self.planes(cel) if self.with_planes else ()))

    def claim(
        self, cels: Mapping[Cel, str], fingerprint: dict[str, Any], *, force: bool, resume: bool
    ) -> dict[Cel, CelRecord]:
        """Make the folder ours and return the records of the cels that need no more work.

        Args:
            cels: all cels of the cut, with the SHA-256 of their drawings.
            fingerprint: everything the result depends on but the drawings, fit for JSON.
            force: paint again what is painted.
            resume: keep what an earlier run with the same fingerprint finished.

        Raises:
            OutputExists: painted cels are there and neither flag was given, or they were painted
                with something else.
            WriteFailed: the folder cannot be written.
        """
        ours = json.dumps(fingerprint, indent=1).encode()
        done: dict[Cel, CelRecord] = {}
        if force:
            self.forget()
        elif resume and self.run_file.exists():
            if _read(self.run_file) != ours and self.count_records():
                raise OutputExists(
                    "was painted with other references or settings",
                    path=self.folder,
                    expected="the same as now, to go on with --resume",
                    action="Give --force to paint everything again, or another --out",
                )
            done = self._read_records(cels)
        else:
            there = ([file for file in self.files(cel) if file.exists()] for cel in cels)
            existing = [files[0] for files in there if files]
            if existing:
                raise OutputExists(
                    f"{len(existing)} painted cels are there already, such as "
                    f"{existing[0].relative_to(self.folder)}",
                    path=self.folder,
                    expected="a new or empty folder",
                    action="Give --resume to go on, --force to paint again, or another --out",
                )
        write_atomically(self.run_file, ours)
        return done

    def save_record(self, cel: Cel, record: CelRecord) -> None:
        """Write a cel's record, after the cel itself."""
        write_atomically(self._record_file(cel), record.to_json().encode())

    def forget(self) -> None:
        """Have every cel painted again, whether by this run or by one that resumes it."""
        with contextlib.suppress(OSError):  # whoever paints will say that nothing can be written
            for record in self._records.rglob("*.json"):
                record.unlink()

    def count_records(self) -> int:
        """Return how many cels are done."""
        return sum(1 for _ in self._records.rglob("*.json"))

    def read_all(self) -> list[CelRecord]:
        """Return the records of all cels that are done, by their files' names."""
        records = []
        for path in sorted(self._records.rglob("*.json")):
            with contextlib.suppress(*_NO_RECORD):
                records.append(CelRecord.from_json(path.read_text(encoding="utf-8")))
        return records

    def _record_file(self, cel: Cel) -> Path:
        return self._records / f"{cel.relative}.json"

    def _read_records(self, cels: Mapping[Cel, str]) -> dict[Cel, CelRecord]:
        """Return the records of finished cels whose drawings have not changed since."""
        done: dict[Cel, CelRecord] = {}
        for cel, digest in cels.items():
            try:
                record = CelRecord.from_json(self._record_file(cel).read_text(encoding="utf-8"))
            except _NO_RECORD:
                continue  # no record, or none that can be trusted: the cel is painted again
            unchanged = digest and record.sha256 == digest
            if unchanged and all(file.exists() for file in self.files(cel)):
                done[cel] = record
        return done


def _read(path: Path) -> bytes | None:
    """Return a file's content, None if it cannot be read."""
    try:
        return path.read_bytes()
    except OSError:
        return None
