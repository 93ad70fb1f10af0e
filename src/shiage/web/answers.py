"""The state of an open cut, put into the messages that the page reads."""

from __future__ import annotations

import numpy as np

from shiage.files.formats import FORMATS
from shiage.structures import UNKNOWN
from shiage.web import messages as say
from shiage.web.desk import DeskCel
from shiage.web.questions import find_matches, find_same_part
from shiage.web.session import Session
from shiage.web.timeline import sheet_timeline

FORMATS_READ = [say.PictureFormat(name=row.name, suffixes=row.suffixes) for row in FORMATS.values()]
"""What the page takes in."""

NOTHING_OPEN = say.ProjectState(
    started=False,
    version=0,
    palette_version=0,
    name="",
    cut="",
    out="",
    palette=[say.Color(id=0, color="none", name="paper", uses=0)],
    cels=[],
    settings=say.Settings(below=0.8, fps=24),
    undo=None,
    redo=None,
    left=0,
    total=0,
    busy=None,
    timeline=[],
    warnings=[],
    formats=FORMATS_READ,
)
"""What there is to say before a cut is open."""


def tell_project(session: Session) -> say.ProjectState:
    """Return everything the page shows but pictures and segments."""
    with session.changed:
        project, palette = session.project, session.palette.palette
        uses = np.zeros(len(palette), np.int64)
        for desk in session.cels:
            if desk.painting is not None:
                ids = desk.painting.color_ids
                uses += np.bincount(ids[ids != UNKNOWN], minlength=len(palette))[: len(palette)]
        cels = [_tell_summary(session, desk) for desk in session.cels]
        own = [
            cel for cel, desk in zip(cels, session.cels, strict=True) if session.is_original(desk)
        ]
        painted = [cel for cel in own if cel.state == "painted"]
        return say.ProjectState(
            started=True,
            version=session.version,
            palette_version=session.palette_version,
            name=session.job.folder.resolve().name,
            cut=str(session.job.folder),
            out=str(session.outputs.folder),
            palette=[
                say.Color(id=at, color=color, name=name, uses=used)
                for at, (color, name, used) in enumerate(
                    zip(palette.to_hex(), palette.titles, uses.tolist(), strict=True)
                )
            ],
            cels=cels,
            settings=say.Settings(below=project.sure, fps=project.fps),
            undo=session.undo_kind,
            redo=session.redo_kind,
            left=sum(cel.doubts for cel in painted),
            total=sum(cel.segments for cel in painted),
            busy=tell_busy(session),
            timeline=[
                say.Track(
                    column=column,
                    shown=[say.Shown(cel=cel, frames=frames) for cel, frames in shown],
                )
                for column, shown in sheet_timeline(session).items()
            ],
            warnings=[
                *session.sources.errors,
                *session.sources.warnings,
                *session.notes.tell(),
                *session.left_out,
                *session.schedule.warnings,
                *session.renewed,
                *(desk.message for desk in session.cels if desk.message and desk.state != "failed"),
            ],
            formats=FORMATS_READ,
        )


def tell_busy(session: Session) -> say.BusyWith | None:
    """Return what is being done in the background."""
    busy = session.busy
    if busy is None:
        return None
    return say.BusyWith(what=busy.what, done=busy.done, total=busy.total)


def _tell_summary(session: Session, desk: DeskCel) -> say.CelSummary:
    """Return a cel as the strip shows it; a twin is like its original."""
    shown = session.cels[desk.original]
    work = session.project.work(shown.cel.name)
    return say.CelSummary(
        index=desk.index,
        name=desk.cel.name,
        column=desk.cel.column,
        number=desk.cel.number,
        width=shown.size_hw[1],
        height=shown.size_hw[0],
        state=shown.state,
        made=shown.state == "key" and shown.cel not in session.sources.keys,
        segments=len(shown.area),
        doubts=int(shown.doubtful(session.project.sure).sum()),
        locked=int(shown.locked.sum()),
        drawing=shown.digest,
        shape=shown.shape,
        paint=shown.paint,
        hold=session.hold(desk),
        edited=bool(work.strokes),
        message=shown.message,
    )


def tell_cel(session: Session, desk: DeskCel) -> say.CelState:
    """Return a prepared cel with its segments."""
    with session.changed:
        count = len(desk.area)
        if desk.painting is None:
            ids, sure = [UNKNOWN] * count, [0.0] * count
            alternatives: list[list[int]] = [[]] * count
        else:
            ids = desk.painting.color_ids.tolist()
            sure = desk.painting.confidence.tolist()
            alternatives = desk.painting.alternatives.tolist()
        rows = zip(
            desk.box_xyxy.tolist(),
            desk.area.tolist(),
            desk.inner_xy.tolist(),
            ids,
            sure,
            desk.locked.tolist(),
            alternatives,
            strict=True,
        )
        return say.CelState(
            index=desk.index,
            drawing=desk.digest,
            shape=desk.shape,
            paint=desk.paint,
            width=desk.size_hw[1],
            height=desk.size_hw[0],
            segments=[
                say.Segment(
                    label=label,
                    box=tuple(box),
                    area=area,
                    at=tuple(at),
                    color=color,
                    confidence=confidence,
                    locked=locked,
                    alternatives=[other for other in others if other != UNKNOWN],
                )
                for label, (box, area, at, color, confidence, locked, others) in enumerate(
                    rows, start=1
                )
            ],
        )


def tell_matches(session: Session, desk: DeskCel, row: int) -> say.Matches:
    """Return where a segment's color comes from."""
    found = find_matches(session, desk, row)
    return say.Matches(
        matches=[say.Match(cel=match.cel, label=match.label, score=match.score) for match in found]
    )


def tell_same(session: Session, desk: DeskCel, row: int) -> say.Same:
    """Return where a part is in the column's other cels."""
    part = find_same_part(session, desk, row)
    with session.changed:
        found = [
            _tell_found(other, label) for other, label in part.found if label <= len(other.area)
        ]
    return say.Same(found=found, skipped=[other.index for other in part.skipped])


def _tell_found(desk: DeskCel, label: int) -> say.Found:
    painting, row = desk.painting, label - 1
    return say.Found(
        cel=desk.index,
        shape=desk.shape,
        label=label,
        color=UNKNOWN if painting is None else int(painting.color_ids[row]),
        confidence=0.0 if painting is None else float(painting.confidence[row]),
        locked=bool(desk.locked[row]),
    )
