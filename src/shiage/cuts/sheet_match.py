"""Which drawings of a cut a timesheet means."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from shiage.cuts.cels import Cel, Cut, find_cel
from shiage.cuts.listing import list_some
from shiage.cuts.names import NameReader
from shiage.files.exposures import Column, Timesheet, fold


@dataclass(frozen=True)
class SheetMatch:
    """Which drawings a timesheet means.

    Attributes:
        cels: for each column of the sheet, from the bottom, its cels that have a drawing, by the
            name on the sheet, in order of first use; then those after the last frame.
        missing: column and name of the cels that are seen and have no drawing.
        unlisted: drawings that the sheet does not mean.
        sentences: the same for people: what has no drawing, what is not on the sheet.
    """

    cels: tuple[Mapping[str, Cel], ...]
    missing: tuple[tuple[str, str], ...]
    unlisted: tuple[Cel, ...]
    sentences: tuple[str, ...]


def match_cels(timesheet: Timesheet, cut: Cut) -> SheetMatch:
    """Return which drawings of a cut a timesheet means.

    A column means the drawings of the column with its name, else those of the only column that
    ends with its name (`TITLE_C012_A` for A), else drawings without a column, if the folder has its
    name or no other column shows cels. Within it a cel means the drawing whose file has its name,
    or its number and what follows it: 12, "0012" and "A12" are `A0012`, "3a" is `A0003a`. Case,
    width and leading zeros make no difference.
    """
    drawings = {fold(name): cels for name, cels in cut.columns().items()}
    matched = []
    missing: list[tuple[str, str]] = []
    sentences = []
    for column in timesheet.columns:
        there = _drawings_of(column, timesheet, cut, drawings)
        found: dict[str, Cel] = {}
        lost = []
        for name in (*column.cels(), *column.after):
            cel = _find(column, name, there, cut.reader)
            if cel is not None:
                found[name] = cel
            elif name not in column.after:
                lost.append(name)
        matched.append(found)
        missing += [(column.name, name) for name in lost]
        if lost and not there:
            sentences.append(
                f"Column {column.name} is on the timesheet and has no drawings ({list_some(lost)})."
            )
        elif lost:
            sentences.append(
                f"Column {column.name}: {_are(lost)} on the timesheet, but without a drawing."
            )
    meant = {cel.path for found in matched for cel in found.values()}
    unlisted = tuple(cel for cel in cut.cels if cel.path not in meant)
    for name, cels in cut.columns().items():
        rest = [cel.name for cel in cels if cel.path not in meant]
        if rest:
            where = f"Column {name}" if name else "Drawings"
            sentences.append(f"{where}: {_are(rest)} not on the timesheet.")
    return SheetMatch(tuple(matched), tuple(missing), unlisted, tuple(sentences))


def _drawings_of(
    column: Column, timesheet: Timesheet, cut: Cut, drawings: Mapping[str, Sequence[Cel]]
) -> Sequence[Cel]:
    name = fold(column.name)
    if name in drawings:
        return drawings[name]
    ending = [cels for key, cels in drawings.items() if re.split(r"[\s._-]", key)[-1] == name]
    if name and len(ending) == 1:
        return ending[0]
    shown = [other for other in timesheet.columns if other.cels()]
    if fold(cut.folder.resolve().name) == name or shown == [column]:
        return drawings.get("", ())
    return ()


def _find(column: Column, name: str, cels: Sequence[Cel], reader: NameReader) -> Cel | None:
    """Return the drawing that a name on the sheet means, by its file's name or its number."""
    named = [cel for cel in cels if fold(cel.path.stem) == fold(name)]
    if named:
        return named[0]
    said = reader.read(Path(name))
    if not said.is_numbered or said.column not in ("", fold(column.name).upper()):
        return None  # a cel of another column, or of nothing we know
    return find_cel(cels, said)


def _are(names: Sequence[str]) -> str:
    """Return names with their verb."""
    return f"{list_some(names)} {'is' if len(names) == 1 else 'are'}"
