"""XDTS and TDTS as bytes → `Timesheet`.

Both are a line that names the format, and JSON. What programs write in the wild is taken:

| in the file | taken as |
|---|---|
| byte order mark, CRLF, no line break after the first line, zero bytes at the end | not there |
| several sheets or time tables | the first; a warning tells of the others |
| negative frames (CLIP STUDIO PAINT) | what is seen at frame 0, unless a cel begins there |
| cels after the last frame | `Column.after`, with a warning |
| `SYMBOL_TICK_1`, `SYMBOL_TICK_2`, `SYMBOL_HYPHEN`, an entry without a value | the cel stays |
| `SYMBOL_NULL_CELL`, an empty value | the cel ends |
| any other `SYMBOL_…` | the cel stays, with a warning |
| numbers for texts and texts for numbers, null for a list, no header | what is meant |
| no duration | up to the last entry, with a warning |
| cels in field 4 and none in field 0 (cell and action part of Toei's sheets) | the cels |
| columns with cels and no name | the next free letter, with a warning |
| two entries at one frame | the last cel, with a warning |
| entries and tracks that cannot be understood | not there, with a warning |

Camera, dialog, memos and all else stay in `Timesheet.document`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from shiage.files.exposures import MAX_FRAMES, Column, Exposure, Timesheet, Track, fold, letters
from shiage.files.nesting import shallow
from shiage.files.xdts_tracks import (
    HOLDS,
    Field,
    Header,
    Json,
    Script,
    read_track,
    text_of,
    understood,
)

XDTS_LINE = b"exchangeDigitalTimeSheet Save Data"
TDTS_LINE = b"toeiDigitalTimeSheet Save Data"

CEL_FIELD = 0
CELL_PART = 4
"""Undocumented, but programs for TDTS read and write cels there."""

MAX_COLUMNS = 1000


class NotATimesheetError(Exception):
    """The content is no timesheet; the argument says what is wrong, in one clause."""


class _Number(msgspec.Struct, rename="camel"):
    track_no: int


def decode_timesheet(content: bytes) -> Timesheet:
    """Return the timesheet in a file's content.

    Raises:
        NotATimesheetError: it is none, or too damaged to be read.
    """
    warnings: list[str] = []
    document = _read_document(content)
    table = _first_table(document, warnings)
    field_id, tracks = _cel_tracks(table, warnings)
    scripts = _number(tracks, warnings)
    duration = _duration(table, scripts.values(), warnings)
    names = _names(table, field_id, scripts, warnings)
    columns = [
        _column(name, scripts.get(number), duration, warnings) for number, name in enumerate(names)
    ]
    header = document.get("header")
    entries: Json = header if isinstance(header, dict) else {}
    return Timesheet(
        name=text_of(table.get("name")),
        duration=duration,
        columns=tuple(columns),
        cut=text_of(entries.get("cut")),
        scene=text_of(entries.get("scene")),
        warnings=tuple(warnings),
        document=document,
    )


def first_table(document: Mapping[str, Any]) -> int | None:
    """Return the place of the first time table."""
    tables = document.get("timeTables")
    places = enumerate(tables if isinstance(tables, list) else [])
    return next((place for place, table in places if isinstance(table, dict)), None)


def _read_document(content: bytes) -> Json:
    """Return the JSON of a file, its first sheet laid out as in XDTS."""
    content = content.removeprefix(b"\xef\xbb\xbf").lstrip()
    line = next((line for line in (XDTS_LINE, TDTS_LINE) if content.startswith(line)), None)
    if line is None:
        raise NotATimesheetError("the first line is not that of a timesheet")
    try:
        document = msgspec.json.decode(shallow(content[len(line) :].strip(b" \t\r\n\0")))
        msgspec.json.encode(document)  # what could not be written again is not taken
    except (ValueError, OverflowError) as error:
        raise NotATimesheetError(f"the JSON is cut off or corrupt ({error})") from error
    if not isinstance(document, dict):
        raise NotATimesheetError("there is no time table in it")
    # Newer TDTS files hold several sheets, each of them what XDTS has at the top.
    sheets = document.get("timeSheets")
    if isinstance(sheets, list) and (line == TDTS_LINE or first_table(document) is None):
        for sheet in sheets:
            if isinstance(sheet, dict) and first_table(sheet) is not None:
                rest = [other for other in sheets if other is not sheet]
                del document["timeSheets"]
                document |= sheet
                if rest:
                    document["timeSheets"] = rest
                break
    return document


def _first_table(document: Json, warnings: list[str]) -> Json:
    place = first_table(document)
    if place is None:
        raise NotATimesheetError("there is no time table in it")
    table: Json = document["timeTables"][place]
    others = len(document["timeTables"]) - 1
    sheets = document.get("timeSheets")
    for sheet in sheets if isinstance(sheets, list) else []:
        tables = sheet.get("timeTables") if isinstance(sheet, dict) else None
        others += len(tables) if isinstance(tables, list) else 0
    if others:
        name = text_of(table.get("name"))
        warnings.append(
            f"The file holds {others + 1} time tables; only the first"
            + (f", {name}," if name else "")
            + " was taken."
        )
    return table


def _cel_tracks(table: Json, warnings: list[str]) -> tuple[int, list[Script | None]]:
    """Return the field that holds the cels and its tracks; None for one that cannot be."""
    parts: dict[int, list[Script | None]] = {CEL_FIELD: [], CELL_PART: []}
    for _, part in understood(table.get("fields"), Field):
        if part.field_id in parts:
            parts[part.field_id] += [
                read_track(raw) if isinstance(raw, dict) else None for raw in part.tracks or []
            ]
    action, cells = (
        [script.changes() for script in scripts if script and script.shows_cels]
        for scripts in parts.values()
    )
    if cells and not action:
        return CELL_PART, parts[CELL_PART]
    if cells and action != cells:
        warnings.append("Cels are in two parts of the sheet, fields 0 and 4; 0 was taken.")
    return CEL_FIELD, parts[CEL_FIELD]


def _number(tracks: Sequence[Script | None], warnings: list[str]) -> dict[int, Script]:
    """Return the tracks by number; of two with one number the first."""
    numbered: dict[int, Script] = {}
    for script in tracks:
        for _, track in understood([script and script.raw], _Number):
            if script and 0 <= track.track_no < MAX_COLUMNS:
                numbered.setdefault(track.track_no, script)
    lost = len(tracks) - len(numbered)
    if lost:
        warnings.append(f"{lost} columns could not be understood, or have another's number.")
    return numbered


def _duration(table: Json, scripts: Iterable[Script], warnings: list[str]) -> int:
    value = table.get("duration")
    number = text_of(value)
    duration = int(number) if number.isdecimal() and len(number) < 19 else 0
    if duration < 1:
        ends = [
            frame + (said.holds or said.cel is not None)
            for script in scripts
            for frame, said in script.instructions.items()
        ]
        duration = max(ends, default=0)
        if duration < 1:
            raise NotATimesheetError("it has no duration and shows no cel")
        warnings.append(f"The sheet has no duration; by its last entry it is {duration} frames.")
    if duration > MAX_FRAMES:
        raise NotATimesheetError(f"its duration is {duration} frames")
    return duration


def _names(
    table: Json, field_id: int, scripts: Mapping[int, Script], warnings: list[str]
) -> list[str]:
    """Return the name of each column; those that show cels have one."""
    names: list[str] = []
    for _, header in understood(table.get("timeTableHeaders"), Header):
        if header.field_id == field_id:
            names = [text_of(name) for name in (header.names or [])[:MAX_COLUMNS]]
            break
    names += [""] * (max(scripts, default=-1) + 1 - len(names))
    for number, script in sorted(scripts.items()):
        if script.shows_cels and not names[number]:
            taken = {fold(name) for name in names}
            letter = next(
                name for name in map(letters, range(number, 10**6)) if fold(name) not in taken
            )
            warnings.append(f"Column {number + 1} from the bottom has no name; taken as {letter}.")
            names[number] = letter
    return names


def _column(name: str, script: Script | None, duration: int, warnings: list[str]) -> Column:
    if script is None:
        return Column(name)
    exposures: list[Exposure] = []
    changes = script.changes()
    for frame, cel in changes.items():
        if frame < duration and cel != (exposures[-1][1] if exposures else None):
            exposures.append((frame, cel))
    seen = {cel for _, cel in exposures}
    late = (cel for frame, cel in changes.items() if frame >= duration)
    after = tuple(dict.fromkeys(cel for cel in late if cel is not None and cel not in seen))
    unknown = {
        said.text: None
        for said in script.instructions.values()
        if said.holds and said.text not in HOLDS
    }
    who = f"Column {name or '(no name)'}"
    if after:
        warnings.append(f"{who}: {_listed(after)} only after the last of {duration} frames.")
    if unknown:
        warnings.append(f"{who}: unknown instructions passed over: {_listed(unknown)}.")
    if script.lost:
        warnings.append(f"{who}: {script.lost} entries could not be understood.")
    if script.doubled:
        warnings.append(f"{who}: {script.doubled} entries at a frame that had one already.")
    return Column(name, tuple(exposures), after, Track(script.raw, duration))


def _listed(names: Iterable[str], most: int = 10) -> str:
    names = list(names)
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more
