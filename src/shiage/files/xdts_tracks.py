"""One track of XDTS and TDTS: what it says at which frame, and the entries that say so."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar

import msgspec

from shiage.files.exposures import SYMBOL

NULL_CELL = SYMBOL + "NULL_CELL"
HYPHEN = SYMBOL + "HYPHEN"
HOLDS = frozenset({SYMBOL + "TICK_1", SYMBOL + "TICK_2", HYPHEN})

MAX_FRAME = 10**9
"""Entries further off, before or after, are left out."""

_MAX_NUMBER = 10**12

Json = dict[str, Any]


# --- pieces of the tree, each read by itself so that a broken one does not spoil the others -----


class Data(msgspec.Struct):
    """One instruction; only those with id 0 are documented."""

    id: int | None = 0
    values: list[Any] | None = None


class _Entry(msgspec.Struct):
    frame: Annotated[int, msgspec.Meta(ge=-MAX_FRAME, le=MAX_FRAME)]
    data: list[Any] | None = None


class Field(msgspec.Struct, rename="camel"):
    """One part of a sheet: cels, dialog, camera."""

    field_id: int
    tracks: list[Any] | None = None


class Header(msgspec.Struct, rename="camel"):
    """Names of the columns of one part."""

    field_id: int
    names: list[Any] | None = None


S = TypeVar("S", bound=msgspec.Struct)


def understood(items: Any, kind: type[S]) -> Iterator[tuple[Json, S]]:
    """Yield the items of a list that are what they should be, as in the file and read."""
    for item in items if isinstance(items, list) else []:
        try:
            yield item, msgspec.convert(item, kind, strict=False)
        except (msgspec.ValidationError, ValueError):  # the latter: a number of 5,000 digits
            continue


def text_of(value: Any) -> str:
    """Return a text, or a number as text; "" for anything else."""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, float) and value.is_integer() and abs(value) < _MAX_NUMBER:
        return str(int(value))
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < _MAX_NUMBER:
        return str(value)
    return ""


# --- tracks -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Instruction:
    """What a track says at a frame.

    Attributes:
        raw: the entry as in the file.
        place: of the instruction in the entry's data; None if there is none.
        text: its value; `SYMBOL_HYPHEN` if it has none.
    """

    raw: Json
    place: int | None
    text: str

    @property
    def holds(self) -> bool:
        """Whether the cel stays what it is."""
        return self.text.startswith(SYMBOL) and self.text != NULL_CELL

    @property
    def cel(self) -> str | None:
        """The cel that begins, if it does not hold; None: none is seen."""
        return None if self.text in ("", NULL_CELL) else self.text


@dataclass(frozen=True)
class Script:
    """A track, read.

    Attributes:
        raw: as in the file.
        instructions: by frame, in order; frames may be negative.
        lost: how many entries could not be understood.
        doubled: how many entries were at a frame that had one.
    """

    raw: Mapping[str, Any]
    instructions: dict[int, Instruction]
    lost: int = 0
    doubled: int = 0

    @property
    def shows_cels(self) -> bool:
        """Whether there is anything but ends and holds."""
        return any(not i.holds and i.cel for i in self.instructions.values())

    def changes(self) -> dict[int, str | None]:
        """Return the cels that begin or end by frame, what was before frame 0 at frame 0."""
        found = self.instructions.items()
        return {max(frame, 0): said.cel for frame, said in found if not said.holds}


def read_track(raw: Mapping[str, Any]) -> Script:
    """Return what a track says."""
    frames = raw.get("frames")
    instructions: dict[int, Instruction] = {}
    count = doubled = 0
    for item, entry in understood(frames, _Entry):
        said = _read_entry(item, entry)
        if said is None:
            continue
        count += 1
        before = instructions.get(entry.frame)
        doubled += before is not None
        if before is None or before.holds or not said.holds:
            instructions[entry.frame] = said
    total = len(frames) if isinstance(frames, list) else 0
    return Script(raw, dict(sorted(instructions.items())), total - count, doubled)


def _read_entry(raw: Json, entry: _Entry) -> Instruction | None:
    """Return what an entry says; None if its value is neither text nor number."""
    for place, item in enumerate(entry.data or []):
        for _, data in understood([item], Data):
            if data.id in (0, None):
                value = data.values[0] if data.values else None
                text = HYPHEN if value is None else text_of(value)
                known = text or isinstance(value, str)
                return Instruction(raw, place, text) if known else None
    return Instruction(raw, None, HYPHEN)
