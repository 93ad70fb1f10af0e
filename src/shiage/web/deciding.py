"""The artist's decisions: each takes an open cut one step further, which can be undone."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

import msgspec
import numpy as np

from shiage.colors.palette import hex_of, parse_color
from shiage.cuts.project import (
    DRAWN_KEY,
    PAPER_KEY,
    CelWork,
    Correction,
    LineCorrection,
    ProjectColor,
)
from shiage.errors import BadOption
from shiage.lines.trace_pieces import TracePieces
from shiage.painting.edits import Stroke
from shiage.painting.line_colors import AS_DRAWN, PAINTED_OVER
from shiage.structures import UNKNOWN
from shiage.web.coloured_lines import find_pieces
from shiage.web.desk import DeskCel
from shiage.web.session import Session

Items = Mapping[int, Sequence[int]]
"""Labels of segments by place of their cel."""

MOST_COLORS = 4096
"""Colors a palette may have, as many as OpenToonz allows."""


def paint(session: Session, items: Items, color_id: int) -> None:
    """Decide the color of segments.

    Raises:
        BadOption: there is no such cel, segment or color.
    """
    with session.changed:
        key = _key(session, color_id)
        _correct(session, "paint", items, lambda *_: key)


def accept(session: Session, items: Items) -> None:
    """Decide that segments keep the color they have; what is decided already stays as it is.

    Raises:
        BadOption: there is no such cel or segment, or one has no color.
    """

    def current(desk: DeskCel, row: int) -> str:
        color_id = UNKNOWN if desk.painting is None else int(desk.painting.color_ids[row])
        if color_id == UNKNOWN:
            raise BadOption(
                f"segment {row + 1} of {desk.cel.name} has no color yet", action="Paint it first"
            )
        return _key(session, color_id)

    with session.changed:
        open_items: dict[int, list[int]] = {}
        for index, labels in items.items():
            desk = _find(session, index, labels)
            open_items[index] = [label for label in labels if not desk.locked[label - 1]]
        _correct(session, "accept", open_items, current)


def release(session: Session, items: Items) -> None:
    """Give segments back to the prediction.

    Raises:
        BadOption: there is no such cel or segment.
    """
    with session.changed:
        _correct(session, "release", items, lambda *_: None)


def reset(session: Session, cels: Iterable[int]) -> None:
    """Take back all corrections and strokes of cels.

    Raises:
        BadOption: there is no such cel.
    """
    with session.changed:
        names = {session.find(index).cel.name for index in cels}
        works = {name: CelWork(hold=session.project.work(name).hold) for name in names}
        session.do("reset", session.project.with_work(works))


def edit(session: Session, index: int, stroke: Stroke) -> None:
    """Make a stroke on a cel's lines or segments.

    Raises:
        BadOption: there is no such cel.
    """
    with session.changed:
        desk = session.find(index)
        work = session.project.work(desk.cel.name)
        work = msgspec.structs.replace(work, strokes=(*work.strokes, stroke))
        session.do("edit", session.project.with_work({desk.cel.name: work}))


def decide_line(session: Session, index: int, at: tuple[int, int], becomes: int | None) -> None:
    """Decide what becomes of the coloured line at a pixel; lines like it follow.

    Args:
        session: the open cut.
        index: place of the cel.
        at: x, y.
        becomes: see `line_colors.LineDecision`; None gives it back to the prediction.

    Raises:
        BadOption: there is no such cel or color, or no coloured line there.
    """
    with session.changed:
        desk = session.find(index)
        pieces = find_pieces(session, desk)
        piece = pieces.at(*at)
        if not piece:
            raise BadOption(
                f"there is no coloured line at {at} in {desk.cel.name}", action="Click on one"
            )
        work = session.project.work(desk.cel.name)
        lines = tuple(line for line in work.lines if pieces.at(*line.at) != piece)
        if becomes is not None:
            special = {PAINTED_OVER: PAPER_KEY, AS_DRAWN: DRAWN_KEY}
            key = special.get(becomes) or key_of_ink(session, becomes)
            lines += (LineCorrection(at, key, _beside(session, desk, pieces, piece)),)
        work = msgspec.structs.replace(work, lines=lines)
        session.do("line", session.project.with_work({desk.cel.name: work}))


def _beside(
    session: Session, desk: DeskCel, pieces: TracePieces, piece: int
) -> tuple[str, str] | None:
    """Return keys of the colors on both sides of a line; None where they are not known."""
    if desk.painting is None:
        return None
    ids = np.append(np.int32(UNKNOWN), desk.painting.color_ids)
    one, two = ids[pieces.sides[piece - 1]].tolist()
    if UNKNOWN in (one, two):
        return None
    return session.palette.keys[one], session.palette.keys[two]


def key_of_ink(session: Session, color_id: int) -> str:
    """Return what strokes and lines in a color call it.

    Raises:
        BadOption: there is no such color; the bare paper is none.
    """
    return _key(session, color_id, paper=False)


def set_reference(session: Session, index: int, *, on: bool) -> None:
    """Make a cel a reference, its colors all decided as they are, or no longer one.

    Segments without a color become bare paper.

    Raises:
        BadOption: there is no such cel.
    """
    with session.changed:
        desk = session.find(index)
        work = session.project.work(desk.cel.name)
        corrections = work.corrections
        if on:
            ids = desk.decided if desk.painting is None else desk.painting.color_ids
            rows = zip(desk.inner_xy.tolist(), ids.tolist(), strict=True)
            corrections = tuple(
                Correction((x, y), _key(session, max(0, color_id))) for (x, y), color_id in rows
            )
        work = msgspec.structs.replace(work, corrections=corrections, reference=on)
        session.do("reference", session.project.with_work({desk.cel.name: work}))


def add_color(session: Session, color: str, name: str) -> None:
    """Add a color to the palette.

    Raises:
        BadOption: the text is no color, or the palette is full.
    """
    with session.changed:
        keys = session.palette.keys
        if len(keys) >= MOST_COLORS:
            raise BadOption(
                f"the palette has {MOST_COLORS} colors already", action="Change one of them"
            )
        text = _plain(color)
        key, again = text, 2
        while key in keys:
            key, again = f"{text}~{again}", again + 1
        _change_palette(session, "color_add", ProjectColor(key, text, name or text))


def change_color(session: Session, color_id: int, color: str) -> None:
    """Change a color wherever it is painted.

    Raises:
        BadOption: there is no such color, or the text is none.
    """
    with session.changed:
        key = _key(session, color_id, paper=False)
        name = session.palette.palette.names[color_id]
        _change_palette(session, "color_change", ProjectColor(key, _plain(color), name))


def rename_color(session: Session, color_id: int, name: str) -> None:
    """Give a color another name.

    Raises:
        BadOption: there is no such color.
    """
    with session.changed:
        key = _key(session, color_id, paper=False)
        color = session.palette.palette.to_hex()[color_id]
        _change_palette(session, "color_rename", ProjectColor(key, color, name))


def set_hold(session: Session, cels: Iterable[int], frames: int) -> None:
    """Set for how many frames cels are shown in previews.

    Raises:
        BadOption: there is no such cel.
    """
    with session.changed:
        names = [session.at(index).cel.name for index in cels]
        works = {
            name: msgspec.structs.replace(session.project.work(name), hold=frames) for name in names
        }
        session.do("hold", session.project.with_work(works))


def change_settings(session: Session, sure: float | None = None, fps: int | None = None) -> None:
    """Set what counts as doubtful, and the speed of previews; no step to be undone."""
    with session.changed:
        project = session.project
        session.adopt(
            msgspec.structs.replace(
                project,
                sure=project.sure if sure is None else sure,
                fps=project.fps if fps is None else fps,
            )
        )


def _correct(
    session: Session, kind: str, items: Items, choose: Callable[[DeskCel, int], str | None]
) -> None:
    """Replace the corrections of segments: `choose` gives a color's key, None for none."""
    works: dict[str, CelWork] = {}
    for index, labels in items.items():
        desk = _find(session, index, labels)
        work = works.get(desk.cel.name) or session.project.work(desk.cel.name)
        rows = sorted({label - 1 for label in labels})
        keys = {row: choose(desk, row) for row in rows}
        kept = [
            correction
            for correction in work.corrections
            if session.row_at(desk, correction.at) not in keys
        ]
        kept += [
            Correction((int(desk.inner_xy[row, 0]), int(desk.inner_xy[row, 1])), key)
            for row, key in keys.items()
            if key is not None
        ]
        works[desk.cel.name] = msgspec.structs.replace(
            work,
            corrections=tuple(kept),
            reference=work.reference and None not in keys.values(),
        )
    session.do(kind, session.project.with_work(works))


def _find(session: Session, index: int, labels: Sequence[int]) -> DeskCel:
    """Return a prepared cel that has these segments."""
    desk = session.find(index)
    wrong = [label for label in labels if not 1 <= label <= len(desk.area)]
    if wrong:
        raise BadOption(
            f"there is no segment {wrong[0]} in {desk.cel.name}", expected=f"1 to {len(desk.area)}"
        )
    return desk


def _change_palette(session: Session, kind: str, color: ProjectColor) -> None:
    """Put a color in the place of the one with its key, or add it."""
    colors = {old.key: old for old in session.project.palette} | {color.key: color}
    project = msgspec.structs.replace(session.project, palette=tuple(colors.values()))
    session.do(kind, project)


def _key(session: Session, color_id: int, *, paper: bool = True) -> str:
    """Return what corrections call a color."""
    lowest = 0 if paper else 1
    if not lowest <= color_id < len(session.palette.keys):
        raise BadOption(
            f"there is no color {color_id}" if color_id else "the bare paper cannot be changed",
            expected=f"{lowest} to {len(session.palette.keys) - 1}",
        )
    return session.palette.keys[color_id]


def _plain(color: str) -> str:
    """Return a color the way the project file writes it."""
    row = parse_color(color).tolist()
    if not row[3]:
        raise BadOption(f"{color!r} cannot be seen", expected="#rrggbb, for example #ff00ff")
    return hex_of(tuple(row))
