"""How whatever takes long says how far it is; who listens shows it."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """Called after each thing done."""

    def __call__(self, name: str, done: int, total: int, /) -> None:
        """Take in the name of what was done, how many things are done, and how many there are."""


def no_progress(name: str, done: int, total: int, /) -> None:
    """Show nothing."""
