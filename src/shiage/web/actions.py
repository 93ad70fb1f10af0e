"""From what the page asks for to what the session does."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from shiage.errors import FileChanged
from shiage.painting.edits import BLACK_INK, Stroke
from shiage.web import deciding
from shiage.web import messages as ask
from shiage.web.renewal import look_again
from shiage.web.session import Session


def act(session: Session, action: ask.Action) -> None:
    """Do what the page asks for.

    Raises:
        FileChanged: it is about a picture that is another one by now.
        BadOption: it names a cel, segment or color that is not there.
        ShiageError: a drawing can no longer be read, or the disk is full.
    """
    known = session.palette_version
    begun = look_again(session)
    with session.changed:
        _require_seen(session, action, begun)
        _require_palette(session, action, known)
        _do(session, action)


def require_shape(session: Session, index: int, shape: int | None) -> None:
    """Raise unless the segments of a cel are those that were shown.

    Args:
        session: the open cut.
        index: place of the cel.
        shape: of what was shown; None: nobody says.

    Raises:
        FileChanged: they are not.
    """
    desk = session.cels[session.at(index).original]
    if shape is not None and shape != desk.shape:
        raise FileChanged(
            "has other segments now",
            path=desk.cel.path,
            expected="those that were shown",
            action="Look at it again, then click",
        )


def _require_seen(session: Session, action: ask.Action, begun: Collection[int]) -> None:
    """Raise unless an action is about pictures as they are now.

    Args:
        session: the open cut.
        action: the action.
        begun: places of cels whose drawings turned out to be other ones at this moment.

    Raises:
        FileChanged: one of them is another one.
    """
    seen: list[tuple[int, int | None, str | None]]
    match action:
        case ask.Paint(items=items) | ask.Accept(items=items) | ask.Release(items=items):
            seen = [(item.cel, item.shape, None) for item in items]
        case ask.Edit(cel=cel, drawing=drawing) | ask.ColorLine(cel=cel, drawing=drawing):
            seen = [(cel, None, drawing)]
        case ask.MakeReference(cel=cel, shape=shape):
            seen = [(cel, shape, None)]
        case _:
            return
    for index, shape, drawing in seen:
        desk = session.find(index)
        if index in begun or desk.index in begun or drawing not in (None, desk.digest):
            raise FileChanged(
                "was saved again since it was shown",
                path=desk.cel.path,
                expected="the drawing that was shown",
                action="It was read again; look at it, then try again",
            )
        require_shape(session, index, shape)


def _require_palette(session: Session, action: ask.Action, known: int) -> None:
    """Raise if the ids of an action stand for other colors now.

    Args:
        session: the open cut.
        action: the action.
        known: version of the palette at which it came in; it goes by that if it does not say.

    Raises:
        FileChanged: they do.
    """
    named = ask.Paint | ask.ChangeColor | ask.RenameColor | ask.Edit | ask.ColorLine
    if not isinstance(action, named):
        return
    if (action.palette_version or known) != session.palette_version:
        raise FileChanged(
            "has other colors, since a reference or palette was saved again",
            path=session.cut.folder,
            expected="the palette that was shown",
            action="Choose the color again",
        )


def _do(session: Session, action: ask.Action) -> None:
    match action:
        case ask.Paint(items=items, color=color):
            deciding.paint(session, _by_cel(items), color)
        case ask.Accept(items=items):
            deciding.accept(session, _by_cel(items))
        case ask.Release(items=items):
            deciding.release(session, _by_cel(items))
        case ask.Reset(cels=cels):
            deciding.reset(session, cels)
        case ask.Edit(cel=cel, stroke=made):
            ink = BLACK_INK if made.color is None else deciding.key_of_ink(session, made.color)
            deciding.edit(session, cel, Stroke(made.kind, tuple(made.points), made.width, ink))
        case ask.ColorLine(cel=cel, at=at, becomes=becomes):
            deciding.decide_line(session, cel, at, becomes)
        case ask.MakeReference(cel=cel, on=on):
            deciding.set_reference(session, cel, on=on)
        case ask.AddColor(color=text, name=name):
            deciding.add_color(session, text, name)
        case ask.ChangeColor(id=color_id, color=text):
            deciding.change_color(session, color_id, text)
        case ask.RenameColor(id=color_id, name=name):
            deciding.rename_color(session, color_id, name)
        case ask.Hold(cels=cels, frames=frames):
            deciding.set_hold(session, cels, frames)
        case ask.ChangeSettings(below=below, fps=fps):
            deciding.change_settings(session, sure=below, fps=fps)
        case ask.Undo():
            session.undo()
        case ask.Redo():
            session.redo()


def _by_cel(items: Sequence[ask.Item]) -> dict[int, list[int]]:
    """Return labels by place of their cel."""
    labels: dict[int, list[int]] = {}
    for item in items:
        labels.setdefault(item.cel, []).extend(item.labels)
    return labels
