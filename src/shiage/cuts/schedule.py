"""What the timesheet beside a cut's drawings says: which are its cels, and when each is seen."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from shiage.cuts.cut import DEFAULT_NAMES, Cel, Cut, FolderNames, expand_images, open_cut
from shiage.cuts.folders import is_no_cel
from shiage.cuts.sheet_match import match_cels
from shiage.errors import FileError, ShiageError
from shiage.files.timesheets import Timesheet, open_timesheet

Track = list[tuple[Cel | None, int]]
"""Cels in order of time, each with the frames for which it is seen; None where nothing is."""


@dataclass(frozen=True)
class Schedule:
    """What a timesheet says of a cut.

    Attributes:
        tracks: by column of the cut, from the bottom; empty without a timesheet.
        warnings: cels without a drawing, drawings that are not on the sheet, what is odd about the
            sheet; one sentence each.
    """

    tracks: dict[str, Track]
    warnings: tuple[str, ...] = ()


def open_listed(
    folder: Path,
    exclude: Sequence[Path] = (),
    names: FolderNames = DEFAULT_NAMES,
    references: Sequence[Path] = (),
) -> Cut:
    """Return the cut in a folder; see `open_cut`. What its timesheet does not know is left alone.

    These are columns, and pictures without a number, if the sheet's own columns are all there:
    else they may only have another name. What a reference shows stays.

    Raises:
        UnreadableFile: there is no such folder, or it may not be read.
        EmptyCut: it holds no drawing.
    """
    cut = open_cut(folder, exclude, names, references)
    with contextlib.suppress(FileError):  # reported when the schedule is read
        sheet = _open_sheet(cut)
        if sheet is not None:
            return _leave_unlisted(cut, sheet, names, references or cut.found_references)
    return cut


def _leave_unlisted(
    cut: Cut, sheet: Timesheet, names: FolderNames, references: Sequence[Path]
) -> Cut:
    match = match_cels(sheet, cut)
    are_there = all(
        cels or is_no_cel(column.name)
        for column, cels in zip(sheet.columns, match.cels, strict=True)
        if column.cels()
    )
    columns = {cel.column for cels in match.cels for cel in cels.values()}
    if not (columns and are_there):
        return cut
    shown: set[Cel | None] = set()
    with contextlib.suppress(ShiageError):  # reported when they are read
        shown = {cut.find_named(path) for path in expand_images(references)}
    columns |= {cel.column for cel in shown if cel}
    left = {
        cel
        for cel in match.unlisted
        if (cel.column not in columns or not cel.is_numbered)
        and cel not in shown
        and not names.is_asked_for(cel.column, cel.path.stem, cel.path.name)
    }
    return replace(
        cut,
        cels=tuple(cel for cel in cut.cels if cel not in left),
        left_alone=tuple(sorted({*cut.left_alone, *(cel.path for cel in left)})),
    )


def _open_sheet(cut: Cut) -> Timesheet | None:
    return open_timesheet(cut.folder) or open_timesheet(cut.home)


def read_schedule(cut: Cut) -> Schedule:
    """Return what the timesheet in a cut's folder says; one that is damaged is a warning."""
    try:
        sheet = _open_sheet(cut)
    except FileError as error:
        return Schedule({}, (f"timesheet left out: {error}",))
    if sheet is None:
        return Schedule({})
    match = match_cels(sheet, cut)
    tracks: dict[str, Track] = {}
    for place, drawings in enumerate(match.cels):
        if drawings:
            column = next(iter(drawings.values())).column
            tracks[column] = [
                (None if name is None else drawings.get(name), frames)
                for name, frames in sheet.holds(place)
            ]
    return Schedule(tracks, (*sheet.warnings, *match.sentences))
