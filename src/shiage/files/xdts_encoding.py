"""`Timesheet` → XDTS as bytes, with all that its file held.

Strictly as published: version 5, frames from 0, one entry a frame, `SYMBOL_NULL_CELL` at the end of
each track. Entries that still say what the column says are kept with all that belongs to them
(marks, memos, font colors), others are changed or left out. Cels after the last frame stay where
they were. Of a TDTS file the first sheet becomes the XDTS sheet; its other sheets, and parts that
XDTS does not know, are kept under their own names, which readers of XDTS pass over.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from shiage.files.exposures import Column, Timesheet
from shiage.files.xdts import CEL_FIELD, XDTS_LINE, first_table
from shiage.files.xdts_tracks import (
    HYPHEN,
    NULL_CELL,
    Field,
    Header,
    Instruction,
    Json,
    read_track,
    understood,
)

VERSION = 5


def encode_xdts(timesheet: Timesheet) -> bytes:
    """Return a timesheet as the content of an `.xdts` file."""
    document = dict(timesheet.document)
    header = document.get("header")
    entries = header if isinstance(header, dict) else {}
    if entries or timesheet.cut or timesheet.scene:
        document["header"] = {**entries, "cut": timesheet.cut, "scene": timesheet.scene}
    else:
        document.pop("header", None)
    tables = list(document["timeTables"]) if "timeTables" in document else [{}]
    place = first_table({"timeTables": tables}) or 0
    tables[place] = _table(timesheet, tables[place])
    document |= {"timeTables": tables, "version": VERSION}
    text = msgspec.json.format(msgspec.json.encode(document), indent=1)
    return XDTS_LINE + b"\n" + text + b"\n"


def _table(timesheet: Timesheet, raw: Mapping[str, Any]) -> Json:
    tracks = [_track(number, column, timesheet) for number, column in enumerate(timesheet.columns)]
    names = [column.name for column in timesheet.columns]
    return {
        **raw,
        "name": timesheet.name,
        "duration": timesheet.duration,
        "timeTableHeaders": _with_cels(raw, "timeTableHeaders", Header, {"names": names}),
        "fields": _with_cels(raw, "fields", Field, {"tracks": [t for t in tracks if t]}),
    }


def _with_cels(
    raw: Mapping[str, Any], key: str, kind: type[Field] | type[Header], content: Json
) -> list[Any]:
    """Return a list of parts with the one for cels replaced, the others as they are."""
    parts = raw.get(key)
    kept: list[Any] = list(parts) if isinstance(parts, list) else []
    cels = [item for item, part in understood(kept, kind) if part.field_id == CEL_FIELD]
    new = {**(cels[0] if cels else {}), "fieldId": CEL_FIELD, **content}
    place = next((i for i, item in enumerate(kept) if cels and item is cels[0]), 0)
    return [
        *(item for item in kept[:place]),
        new,
        *(item for item in kept[place:] if not any(item is cel for cel in cels)),
    ]


def _track(number: int, column: Column, timesheet: Timesheet) -> Json | None:
    """Return a column as a track; None if nothing is to be said."""
    if column.track is None and not column.exposures:
        return None
    frames = _frames(column, timesheet.duration)
    return {
        **(column.track.raw if column.track else {}),
        "trackNo": number,
        "frames": [_entry(frame, said) for frame, said in sorted(frames.items())],
    }


def _frames(column: Column, duration: int) -> dict[int, Instruction]:
    """Return what a track has to say at which frames, in order."""
    kept: dict[int, Instruction] = {}
    initial = nothing = Instruction({}, None, HYPHEN)
    shown = None  # after the last frame
    raw, before = (column.track.raw, column.track.duration) if column.track else ({}, duration)
    for frame, said in read_track(raw).instructions.items():
        if frame < 0:
            initial = initial if said.holds else said
        elif frame < duration:
            if said.holds or said.cel == column.cel_at(frame):
                kept[frame] = said
        elif frame >= before and (frame == duration or said.holds or said.cel != shown):
            kept[frame] = said
            shown = shown if said.holds else said.cel
    wanted = dict(column.exposures)
    if kept or wanted:
        wanted[duration] = None
    for frame, cel in wanted.items():
        said = kept.get(frame, initial if frame == 0 else nothing)
        if frame not in kept or said.holds:
            kept[frame] = Instruction(said.raw, said.place, cel or NULL_CELL)
    if shown is not None:
        kept[max(kept) + 1] = Instruction({}, None, NULL_CELL)
    return dict(sorted(kept.items()))


def _entry(frame: int, said: Instruction) -> Json:
    """Return an entry that says so, with what its entry in the file held besides."""
    raw = said.raw.get("data")
    data: list[Any] = list(raw) if isinstance(raw, list) else []
    place = said.place
    if place is None:
        data.insert(0, {})
        place = 0
    values = data[place].get("values")
    rest = values[1:] if isinstance(values, list) else []
    data[place] = {**data[place], "id": 0, "values": [said.text or NULL_CELL, *rest]}
    return {**said.raw, "frame": frame, "data": data}
