"""The painted cut written to files: as cels, as SVG, or as a preview that moves.

Cels go where `shiage paint` puts them, and are what it would write; the others lie among them:

* `A/A0001.tga`: lines and colors together, stored the way the drawing is;
* `_lines/A/A0001.png`, `_colors/A/A0001.png`: the same as separate layers on transparent paper;
* `A/A0001.psd`: paper, paint and lines in layers;
* `A/A0001.svg`: one path per segment;
* `NAME.mp4`, `NAME.gif`: all columns over each other, by the timesheet if there is one, else each
  cel as long as it is held.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from shiage.errors import BadOption, OutputExists
from shiage.files.atomic import write_atomically
from shiage.files.images import Picture, encode_picture
from shiage.files.pictures import Layout
from shiage.files.previews import fit_preview, write_preview
from shiage.files.vector import encode_svg
from shiage.lines.segments import spread_labels
from shiage.painting.layering import lift_lines
from shiage.painting.painted_cel import PaintedCel
from shiage.painting.storage import Storage
from shiage.web.desk import DeskCel
from shiage.web.pictures import painted_rgba, shrink
from shiage.web.session import Session
from shiage.web.timeline import make_timeline

Progress = Callable[[int, int], None]
"""Called after each cel: how many are done, and of how many."""

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


def export(session: Session, job: ExportJob, progress: Progress) -> int:
    """Write the cut and return how many files were written.

    Raises:
        OutputExists: files are there, and `overwrite` is not given; nothing was written.
        BadOption: no cel is painted yet.
        ShiageError: a drawing cannot be read any more, or the disk is full.
    """
    cels = [desk for desk in session.cels if session.cels[desk.original].painting is not None]
    cels = [desk for desk in cels if session.cels[desk.original].state in ("painted", "key")]
    if not cels:
        raise BadOption("no cel is painted yet", action="Paint one cel and make it a reference")
    if job.format in ("mp4", "gif"):
        path = session.outputs.folder / f"{session.job.folder.resolve().name}.{job.format}"
        _require_new([path], job)
        write_preview(path, _frames(session, cels, progress), session.project.fps)
        return 1
    _require_new([path for desk in cels for path in _paths(session, desk, job)], job)
    written = 0
    for done, desk in enumerate(cels, start=1):
        for path, data in _files(session, desk, job):
            if job.changed_only and path.exists() and path.read_bytes() == data:
                continue
            write_atomically(path, data)
            written += 1
        progress(done, len(cels))
    return written


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
    return Storage("PSD") if job.format == "psd" else session.outputs.storage


def _files(session: Session, desk: DeskCel, job: ExportJob) -> Iterator[tuple[Path, bytes]]:
    """Yield the files of a cel and what they hold; a twin holds what its original does."""
    paths = _paths(session, desk, job)
    shown = session.cels[desk.original]
    if job.format == "psd" or (job.format == "cels" and not job.separate):
        yield paths[0], _encode_cel(session, paths[0], shown, job)
        return
    painted = session.painted(shown)
    lines = _lift_lines(painted, job)
    if job.format == "svg":
        labels = spread_labels(painted.drawing.segments.labels)
        yield paths[0], encode_svg(labels, painted.colors, lines)
        return
    for path, layer in zip(paths, (lines, painted.paint), strict=True):
        yield path, encode_picture(Picture(layer, Layout("PNG", "RGBA", 8)), format="PNG")


def _encode_cel(session: Session, path: Path, desk: DeskCel, job: ExportJob) -> bytes:
    """Return a painted cel as `shiage paint` writes it."""
    storage = _storage(session, job)
    if not session.is_as_given(desk):
        return session.painted(desk).encode(path, storage, line_edits=job.line_edits)
    drawn = session.read(desk).picture
    given = session.sources.read_given(desk.cel, drawn)
    return session.sources.encode_given(desk.cel, path, given, drawn, storage)


def _lift_lines(painted: PaintedCel, job: ExportJob) -> NDArray[np.uint8]:
    """(H, W, 4) uint8: a cel's lines on transparent paper."""
    drawing = painted.drawing
    drawn, lineart = painted.mended if job.line_edits else (drawing.picture, drawing.lineart)
    return lift_lines(drawn.rgba_u8, lineart, painted.settings.traces)


def _frames(
    session: Session, cels: list[DeskCel], progress: Progress
) -> Iterator[tuple[NDArray[np.uint8], int]]:
    """Yield small pictures of the cut in motion, and for how many frames each is shown."""
    ready = {desk.index for desk in cels}
    timeline = make_timeline(session)
    ends = {
        column: np.cumsum([frames for _, frames in shown]) for column, shown in timeline.items()
    }
    total = max((int(end[-1]) for end in ends.values() if len(end)), default=0)
    if not total:
        raise BadOption("no cel is shown for any frame", action="Give the cels a hold")
    # A picture lasts until the next change in any column; short columns keep their last cel.
    changes = sorted({int(frame) for end in ends.values() for frame in end})
    begin = 0
    for done, end in enumerate(changes, start=1):
        seen = [
            shown[min(int(np.searchsorted(ends[column], begin, side="right")), len(shown) - 1)][0]
            for column, shown in timeline.items()
        ]
        layers = [session.cels[cel] for cel in seen if cel in ready]
        yield _stack(session, layers, session.cels[cels[0].original].size_hw), end - begin
        begin = end
        progress(done, len(changes))


def _stack(session: Session, layers: list[DeskCel], size_hw: tuple[int, int]) -> NDArray[np.uint8]:
    """(h, w, 3) uint8: cels over each other on white paper, the first at the bottom."""
    below = fit_preview(np.zeros((*size_hw, 4), np.uint8), PREVIEW_SIDE, WHITE)
    height, width = below.shape[:2]
    for desk in layers:
        layer = shrink(painted_rgba(session, session.cels[desk.original]), PREVIEW_SIDE)
        top = cv2.resize(layer, (width, height), interpolation=cv2.INTER_AREA).astype(np.float32)
        share = top[..., 3:] / 255
        below = (below * (1 - share) + top[..., :3] * share).round().astype(np.uint8)
    return below
