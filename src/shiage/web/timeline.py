"""Which cel is seen when: by the timesheet, or each cel for as long as the artist holds it."""

from __future__ import annotations

from shiage.web.session import Session

Timeline = dict[str, list[tuple[int | None, int]]]
"""By column, from the bottom: places of cels in order of time, each with its frames."""


def sheet_timeline(session: Session) -> Timeline:
    """Return the timeline of the timesheet; empty if there is none."""
    place = {desk.cel: desk.index for desk in session.cels}
    return {
        column: [(None if cel is None else place[cel], frames) for cel, frames in track]
        for column, track in session.schedule.tracks.items()
    }


def make_timeline(session: Session) -> Timeline:
    """Return the timeline of the timesheet, without one that of the artist's holds."""
    timeline = sheet_timeline(session)
    if timeline:
        return timeline
    for desk in session.cels:
        hold = session.hold(desk)
        if hold:
            timeline.setdefault(desk.cel.column, []).append((desk.index, hold))
    return timeline
