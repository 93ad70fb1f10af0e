"""When each cel of a cut is seen, as the timesheet beside its drawings says."""

from __future__ import annotations

from dataclasses import dataclass

from shiage.cuts.cut import Cel, Cut
from shiage.cuts.sheet_match import match_cels
from shiage.errors import FileError
from shiage.files.timesheets import open_timesheet

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


def read_schedule(cut: Cut) -> Schedule:
    """Return what the timesheet in a cut's folder says; one that is damaged is a warning."""
    try:
        sheet = open_timesheet(cut.folder) or open_timesheet(cut.home)
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
