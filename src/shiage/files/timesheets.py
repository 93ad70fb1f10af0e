"""Timesheets in files: XDTS, and TDTS of either version.

`exposures.py` is what is read, `xdts.py` and `xdts_encoding.py` are the bytes;
`cuts/sheet_match.py` finds the drawings that a sheet means.
"""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

from shiage.errors import DamagedTimesheet
from shiage.files.atomic import write_atomically
from shiage.files.exposures import Column, Exposure, Timesheet
from shiage.files.reading import read_file
from shiage.files.xdts import NotATimesheetError, decode_timesheet
from shiage.files.xdts_encoding import encode_xdts

__all__ = [
    "TIMESHEET_SUFFIXES",
    "Column",
    "Exposure",
    "Timesheet",
    "encode_xdts",
    "find_timesheet",
    "list_timesheets",
    "open_timesheet",
    "read_timesheet",
    "write_xdts",
]

TIMESHEET_SUFFIXES = (".xdts", ".xtds", ".tdts")
"""Of two sheets with one name the earlier of these counts; `.xtds` is a common slip."""

SHEET_FOLDER = "_ts"

_MAX_BYTES = 256_000_000  # sheets with hundreds of drawn memos are a tenth of this


def read_timesheet(path: Path) -> Timesheet:
    """Return the timesheet in a file. Its content says the format, whatever the name says.

    What programs write against the format's description is taken as meant; see `xdts.py`.

    Raises:
        UnreadableFile: missing, empty, a folder, not permitted.
        DamagedTimesheet: no timesheet, or one that is cut off or corrupt.
    """
    content = read_file(path, "a timesheet", _MAX_BYTES)
    try:
        if len(content) > _MAX_BYTES:
            raise NotATimesheetError(f"it has more than {_MAX_BYTES:,} bytes")
        return decode_timesheet(content)
    except NotATimesheetError as error:
        raise DamagedTimesheet(
            str(error),
            path=path,
            expected="a complete timesheet (XDTS or TDTS)",
            action="Export the timesheet again, or move it away to go without",
        ) from error


def write_xdts(path: Path, timesheet: Timesheet) -> None:
    """Write a timesheet as XDTS, with all that the file it was read from held.

    Raises:
        WriteFailed: see `write_atomically`.
    """
    write_atomically(path, encode_xdts(timesheet))


def list_timesheets(folder: Path) -> list[Path]:
    """Return the timesheets of a cut, the one to take first.

    Those in the folder itself come first, then those in `_ts` within it, then those in `_ts` beside
    it, of which only those that may be of this cut: in the names of the folder and the sheet the
    cut's number is the same (`c012`, `Cut-12`), or, where one tells none, the last numbers are, or
    the sheet has no number that the folder has not.
    Within a place the newest comes first, and that is the last by name, numbers in it compared as
    numbers: `c002_v10.xdts` before `c002_v9.xdts` before `c002.xdts`.
    """
    found = _sheets_in(folder)
    for sub in _subfolders(folder):
        found += _sheets_in(sub)
    folder = folder.resolve()
    for beside in _subfolders(folder.parent):
        found += [sheet for sheet in _sheets_in(beside) if _may_belong(sheet.stem, folder.name)]
    return found


def find_timesheet(folder: Path) -> Path | None:
    """Return the timesheet of a cut, None if there is none; of several the first listed."""
    return next(iter(list_timesheets(folder)), None)


def open_timesheet(folder: Path) -> Timesheet | None:
    """Return the timesheet of a cut, None if there is none; a warning tells of others.

    Raises:
        UnreadableFile: it may not be read.
        DamagedTimesheet: it is cut off or corrupt.
    """
    paths = list_timesheets(folder)
    if not paths:
        return None
    timesheet = read_timesheet(paths[0])
    if len(paths) == 1:
        return timesheet
    others = ", ".join(path.name for path in paths[1:6]) + (", …" if len(paths) > 6 else "")
    warning = f"There are {len(paths)} timesheets; {paths[0].name} was taken, not {others}."
    return replace(timesheet, warnings=(warning, *timesheet.warnings))


def _sheets_in(folder: Path) -> list[Path]:
    """Return the timesheets in a folder, the newest first."""
    sheets = [
        path
        for path in _list_folder(folder)
        if path.suffix.lower() in TIMESHEET_SUFFIXES
        and not path.name.startswith(".")  # macOS lays ._A.xdts beside A.xdts
        and path.is_file()
    ]
    return sorted(sheets, key=_newness, reverse=True)


def _subfolders(folder: Path) -> list[Path]:
    folders = [path for path in _list_folder(folder) if path.name.lower() == SHEET_FOLDER]
    return [path for path in folders if path.is_dir()]


def _list_folder(folder: Path) -> list[Path]:
    """Return what is in a folder by name; nothing if it may not be read: a sheet is not needed."""
    try:
        return sorted(folder.iterdir())
    except OSError:
        return []


def _newness(path: Path) -> tuple[list[tuple[int, str]], int, str]:
    """Return what sheets are ordered by, higher is newer."""
    parts = re.findall(r"(\d+)|(\D+)", path.stem.casefold())
    name = [(int(digits) if digits else -1, other) for digits, other in parts]
    return name, -TIMESHEET_SUFFIXES.index(path.suffix.lower()), path.name


def _may_belong(sheet: str, folder: str) -> bool:
    """Return whether a sheet may be of the cut that is in a folder, by their names.

    >>> [_may_belong(sheet, "ep02_C012_v3") for sheet in ("c012", "ep02_c012_v5", "c003", "sheet")]
    [True, True, False, True]
    """
    cuts = [
        re.findall(r"(?:^|[^a-z])c(?:ut)?[\W_]*(\d+)", name.lower()) for name in (sheet, folder)
    ]
    if cuts[0] and cuts[1]:
        return int(cuts[0][-1]) == int(cuts[1][-1])
    of_sheet, of_folder = (
        [int(digits) for digits in re.findall(r"\d+", name)] for name in (sheet, folder)
    )
    return not of_folder or of_sheet[-1:] == of_folder[-1:] or set(of_sheet) <= set(of_folder)
