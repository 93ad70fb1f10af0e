"""From what the page asks for to what the session does."""

from __future__ import annotations

from collections.abc import Sequence

from shiage.painting.edits import Stroke
from shiage.web import deciding
from shiage.web import messages as ask
from shiage.web.session import Session


def act(session: Session, action: ask.Action) -> None:
    """Do what the page asks for.

    Raises:
        BadOption: it names a cel, segment or color that is not there.
        ShiageError: a drawing cannot be read any more, or the disk is full.
    """
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
            deciding.edit(session, cel, Stroke(made.kind, tuple(made.points), made.width))
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
            deciding.change_settings(session, below, fps)
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
