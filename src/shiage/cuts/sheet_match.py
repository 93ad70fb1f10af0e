"""Which drawings of a cut a timesheet means."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from shiage.cuts.cut import Cel, Cut
from shiage.files.exposures import Column, Timesheet, fold

_MOST_TOLD = 12
_MOST_DIGITS = 18


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
        index = _by_name(there)
        found: dict[str, Cel] = {}
        lost = []
        for name in (*column.cels(), *column.after):
            cel = _find(column, name, index)
            if cel is not None:
                found[name] = cel
            elif name not in column.after:
                lost.append(name)
        matched.append(found)
        missing += [(column.name, name) for name in lost]
        if lost and not there:
            sentences.append(
                f"Column {column.name} is on the timesheet and has no drawings ({_listed(lost)})."
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


def _by_name(cels: Sequence[Cel]) -> dict[object, Cel]:
    """Return drawings by each name that means them; of two the first has it."""
    index: dict[object, Cel] = {}
    for cel in cels:
        index.setdefault(fold(cel.path.stem), cel)
    for cel in cels:
        if re.search(r"\d", cel.path.stem):  # others have number 0 for want of one
            index.setdefault((cel.number, fold(cel.suffix)), cel)
    return index


def _find(column: Column, name: str, index: Mapping[object, Cel]) -> Cel | None:
    folded = fold(name)
    if folded in index:
        return index[folded]
    digits = list(re.finditer(r"\d+", folded))
    if not digits or len(digits[-1].group()) > _MOST_DIGITS:
        return None
    before = folded[: digits[-1].start()].rstrip("._- (")
    if before not in ("", fold(column.name)):
        return None  # a cel of another column, or of nothing we know
    suffix = folded[digits[-1].end() :].strip("._- ()")
    return index.get((int(digits[-1].group()), suffix))


def _listed(names: Sequence[str]) -> str:
    more = len(names) - _MOST_TOLD
    if more > 0:
        return f"{', '.join(names[:_MOST_TOLD])} and {more} more"
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))


def _are(names: Sequence[str]) -> str:
    """Return names with their verb."""
    return f"{_listed(names)} {'is' if len(names) == 1 else 'are'}"
