"""The painted cut written to files: as cels, as SVG, or as a preview that moves.

Cels go where `shiage paint` puts them, and are what it would write; the others lie among them:

* `A/A0001.tga`: lines and colors together, stored the way the drawing is;
* `_lines/A/A0001.png`, `_colors/A/A0001.png`: the same as separate layers on transparent paper;
* `A/A0001.psd`: paper, paint and lines in layers;
* `A/A0001.svg`: one path per segment;
* `NAME.mp4`, `NAME.gif`: all columns over each other, by the timesheet if there is one, else each
  cel as long as it is held.

Every file is read and compared before, and again when a cel is made of it; a drawing that was saved
again is first painted again. So no cel is written that is made of two drawings, or of an old one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Literal, TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

from shiage.colors.palette import Palette
from shiage.cuts.fills import describe_fills, save_fills
from shiage.errors import BadOption, FileChanged, FileError, OutputExists
from shiage.files.atomic import write_atomically
from shiage.files.formats import LAYERED
from shiage.files.images import Picture, encode_picture
from shiage.files.pictures import Layout, Pixels
from shiage.files.previews import fit_preview, write_preview
from shiage.files.vector import encode_svg
from shiage.lines.segments import spread_labels
from shiage.painting.covering import Covering
from shiage.painting.layering import lift_lines
from shiage.painting.painted_cel import PaintedCel
from shiage.painting.storage import Storage
from shiage.progress import Progress
from shiage.structures import Ints
from shiage.web.desk import DeskCel
from shiage.web.pictures import painted_rgba, shrink
from shiage.web.renewal import look_again
from shiage.web.session import Session
from shiage.web.timeline import make_timeline

Made = TypeVar("Made")

TRIES = 3
"""How often a cel is made again because its drawing is saved again and again meanwhile."""
Shown = tuple[Pixels, Ints, Palette]
"""A painted picture, and the entry of the palette that each of its pixels is painted in."""

PREVIEW_SIDE = 960
"""Longest side of a preview, pixels."""

WHITE = (255, 255, 255)


@dataclass(frozen=True)
class ExportJob:
    """What is written.

    Attributes:
        format: "cels", "psd", "svg", "mp4" or "gif".
        separate: lines and colors as files of their own.
        changed_only: leave files alone that would not change.
        line_edits: with the artist's pen and eraser in the lines.
        overwrite: replace files that are there and differ.
    """

    format: Literal["cels", "psd", "svg", "mp4", "gif"]
    separate: bool = False
    changed_only: bool = False
    line_edits: bool = False
    overwrite: bool = False


def export(session: Session, job: ExportJob, progress: Progress) -> tuple[int, list[str]]:
    """Write the cut; return how many files were written, and a sentence on each cel left out.

    What was saved again on disk is taken in and painted first.

    Raises:
        OutputExists: files are there, and `overwrite` is not given; nothing was written.
        BadOption: no cel is painted yet.
        FileChanged: a drawing is saved again and again.
        WriteFailed: the disk is full.
    """
    _catch_up(session)
    places = [desk.index for desk in session.cels if _is_painted(session, desk)]
    if not places:
        raise BadOption("no cel is painted yet", action="Paint one cel and make it a reference")
    left_out = [_tell_left_out(session, desk) for desk in session.cels]
    if job.format in ("mp4", "gif"):
        path = session.outputs.folder / f"{session.job.folder.resolve().name}.{job.format}"
        _require_new([path], job)
        _steadily(session, partial(_write_preview, session, path, places, progress))
        return 1, [why for why in left_out if why]
    _require_new([path for at in places for path in _paths(session, session.cels[at], job)], job)
    written = 0
    for done, at in enumerate(places, start=1):
        try:
            files = _steadily(session, partial(_make_files, session, at, job))
        except FileError as error:
            left_out[at] = f"{session.cels[at].cel.name} was left out: {error}"
            files = []
        for path, data, shown in files:
            if not (job.changed_only and path.exists() and path.read_bytes() == data):
                write_atomically(path, data)
                written += 1
            if shown is not None:
                save_fills(session.outputs.folder, path, describe_fills(path, *shown))
        progress(session.cels[at].cel.name, done, len(places))
    return written, [why for why in left_out if why]


def _catch_up(session: Session) -> None:
    """Take in what was saved again, and wait until all cels have followed it."""
    look_again(session, closely=True)
    session.wait_until_followed()


def _is_painted(session: Session, desk: DeskCel) -> bool:
    """Whether a cel, or the one whose drawing it shares, has its colors."""
    shown = session.cels[desk.original]
    return shown.painting is not None and shown.state in ("painted", "key")


def _tell_left_out(session: Session, desk: DeskCel) -> str:
    """Return a sentence on a cel that cannot be written, "" if it can."""
    if _is_painted(session, desk):
        return ""
    shown = session.cels[desk.original]
    why = shown.message if shown.state == "failed" else "it has no colors yet"
    return f"{desk.cel.name} was left out: {why}"


def _steadily(session: Session, make: Callable[[], Made]) -> Made:
    """Return what is made of drawings; if one was saved again meanwhile, it is made again.

    Raises:
        FileChanged: one is saved again and again.
    """
    for _ in range(TRIES - 1):
        try:
            return make()
        except FileChanged:
            _catch_up(session)
    return make()


def _make_files(
    session: Session, index: int, job: ExportJob
) -> list[tuple[Path, bytes, Shown | None]]:
    """Return the files of a cel and what they shall hold, made of one version of its drawing.

    Raises:
        FileChanged: it was saved again meanwhile.
        FileError: it is gone or damaged.
    """
    desk = session.cels[index]
    if not _is_painted(session, desk):
        raise FileError(session.cels[desk.original].message or "it no longer has colors")
    files = list(_files(session, desk, job))
    _require_same(session, desk)
    return files


def _require_same(session: Session, desk: DeskCel) -> None:
    """Raise unless a cel is still that of the session, and its drawing that in the file.

    Raises:
        FileChanged: it is not.
    """
    for other in (desk, session.cels[desk.original]):
        session.versions.require(other.cel.path, other.digest)
    if session.cels[desk.index] is not desk:
        raise FileChanged("was read again meanwhile", path=desk.cel.path)


def _require_new(paths: list[Path], job: ExportJob) -> None:
    there = [path for path in paths if path.exists()]
    if there and not job.overwrite:
        raise OutputExists(
            f"{len(there)} of these files are there already, such as {there[0].name}",
            path=there[0].parent,
            action="Allow them to be replaced, or move them away",
        )


def _paths(session: Session, desk: DeskCel, job: ExportJob) -> list[Path]:
    """Return the files of a cel."""
    outputs, cel = session.outputs, desk.cel
    if job.format == "svg":
        return [outputs.path(cel).with_suffix(".svg")]
    if job.format == "cels" and job.separate:
        return [path.with_suffix(".png") for path in outputs.planes(cel)]
    return [outputs.folder / _storage(session, job).name(cel.relative)]


def _storage(session: Session, job: ExportJob) -> Storage:
    """Return how painted cels are stored."""
    return Storage(LAYERED.name) if job.format == "psd" else session.outputs.storage


def _files(
    session: Session, desk: DeskCel, job: ExportJob
) -> Iterator[tuple[Path, bytes, Shown | None]]:
    """Yield the files of a cel and what they hold; a twin holds what its original does."""
    paths = _paths(session, desk, job)
    shown = session.cels[desk.original]
    if job.format == "psd" or (job.format == "cels" and not job.separate):
        yield paths[0], *_encode_cel(session, paths[0], shown, job)
        return
    painted = session.painted(shown)
    lines = _lift_lines(painted, job)
    if job.format == "svg":
        labels = spread_labels(painted.drawing.segments.labels)
        yield paths[0], encode_svg(labels, painted.colors, lines), None
        return
    for path, layer in zip(paths, (lines, painted.paint), strict=True):
        yield path, encode_picture(Picture(layer, Layout("PNG", "RGBA", 8)), format="PNG"), None


def _encode_cel(session: Session, path: Path, desk: DeskCel, job: ExportJob) -> tuple[bytes, Shown]:
    """Return a painted cel as `shiage paint` writes it, and what it shows."""
    storage, edited = _storage(session, job), job.line_edits
    if not session.is_as_given(desk):
        painted = session.painted(desk)
        picture = painted.mended_picture if edited else painted.picture
        shown = (picture.pixels, *painted.entries(line_edits=edited))
        return painted.encode(path, storage, line_edits=edited), shown
    drawing = session.read(desk)
    given = session.sources.read_given(desk.cel, drawing.file, drawing.picture)
    shown = (given.picture.pixels, *session.sources.entries_given(desk.cel, given.picture))
    data = session.sources.encode_given(
        desk.cel, path, given, drawing.file, drawing.picture, storage
    )
    return data, shown


def _lift_lines(painted: PaintedCel, job: ExportJob) -> NDArray[np.uint8]:
    """(H, W, 4) uint8: a cel's lines on transparent paper."""
    drawn = painted.mended if job.line_edits else painted.inked
    return lift_lines(Covering(drawn.picture.rgba_u8, drawn.lineart))


def _write_preview(session: Session, path: Path, places: list[int], progress: Progress) -> None:
    """Write the cut in motion, made of one version of each drawing.

    Raises:
        FileChanged: one was saved again meanwhile; nothing was written.
    """
    cels = {at: session.cels[at] for at in places}
    write_preview(path, _frames(session, cels, progress), session.project.fps)


def _frames(
    session: Session, cels: dict[int, DeskCel], progress: Progress
) -> Iterator[tuple[NDArray[np.uint8], int]]:
    """Yield small pictures of the cut in motion, and for how many frames each is shown.

    Args:
        session: the open cut.
        cels: those that are painted, by place; no others are seen.
        progress: called after each picture.
    """
    timeline = make_timeline(session)
    ends = {
        column: np.cumsum([frames for _, frames in shown]) for column, shown in timeline.items()
    }
    total = max((int(end[-1]) for end in ends.values() if len(end)), default=0)
    if not total:
        raise BadOption("no cel is shown for any frame", action="Give the cels a hold")
    # A picture lasts until the next change in any column; short columns keep their last cel.
    changes = sorted({int(frame) for end in ends.values() for frame in end})
    size_hw = session.cels[next(iter(cels.values())).original].size_hw
    begin = 0
    for done, end in enumerate(changes, start=1):
        seen = [
            shown[min(int(np.searchsorted(ends[column], begin, side="right")), len(shown) - 1)][0]
            for column, shown in timeline.items()
        ]
        layers = [cels[cel] for cel in seen if cel in cels]
        yield _stack(session, layers, size_hw), end - begin
        begin = end
        progress(f"picture {done}", done, len(changes))
    for desk in cels.values():
        _require_same(session, desk)


def _stack(session: Session, layers: list[DeskCel], size_hw: tuple[int, int]) -> NDArray[np.uint8]:
    """(h, w, 3) uint8: cels over each other on white paper, the first at the bottom."""
    stack = fit_preview(np.zeros((*size_hw, 4), np.uint8), PREVIEW_SIDE, WHITE)
    height, width = stack.shape[:2]
    for desk in layers:
        layer = shrink(painted_rgba(session, session.cels[desk.original]), PREVIEW_SIDE)
        top = cv2.resize(layer, (width, height), interpolation=cv2.INTER_AREA).astype(np.float32)
        share = top[..., 3:] / 255
        stack = (stack * (1 - share) + top[..., :3] * share).round().astype(np.uint8)
    return stack
