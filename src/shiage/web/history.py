"""Steps that can be undone and done again: what each is called, and the project before it."""

from __future__ import annotations

from collections.abc import Callable

from shiage.cuts.project import Project

Step = tuple[str, Project]


class History:
    """The steps of an open cut. Nothing is undone by code of its own: whole projects come back."""

    def __init__(self) -> None:
        self._undo: list[Step] = []
        self._redo: list[Step] = []

    @property
    def undo_kind(self) -> str | None:
        """What `undo` would undo."""
        return self._undo[-1][0] if self._undo else None

    @property
    def redo_kind(self) -> str | None:
        """What `redo` would do again."""
        return self._redo[-1][0] if self._redo else None

    def add(self, kind: str, before: Project) -> None:
        """Take note of a step that was made; what was undone can no longer be done again."""
        self._undo.append((kind, before))
        self._redo.clear()

    def undo(self, now: Project, adopt: Callable[[Project], None]) -> None:
        """Take back the last step; without one nothing happens.

        Args:
            now: the project as it is.
            adopt: makes another one the current one; if that fails, nothing has changed here.
        """
        _go(self._undo, self._redo, now, adopt)

    def redo(self, now: Project, adopt: Callable[[Project], None]) -> None:
        """Do again what was taken back last; see `undo`."""
        _go(self._redo, self._undo, now, adopt)

    def rewrite(self, change: Callable[[Project], Project]) -> None:
        """Change all projects, as if something had been so from the first."""
        for steps in (self._undo, self._redo):
            steps[:] = [(kind, change(project)) for kind, project in steps]


def _go(
    source: list[Step], other: list[Step], now: Project, adopt: Callable[[Project], None]
) -> None:
    """Move one step from one stack to the other."""
    if source:
        kind, project = source[-1]
        adopt(project)
        source.pop()
        other.append((kind, now))
