"""What the commands share: consoles, the progress bar, options that many of them take."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypeVar

import rich_click as click
from rich.console import Console
from rich.markup import escape
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    SpinnerColumn,
    Task,
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text

INTERRUPTED = 130
"""Exit code after Ctrl-C, as shells have it."""

F = TypeVar("F", bound=Callable[..., Any])

Advance = Callable[[str, int, int], None]
"""Told for each thing done: its name, how many are done, how many there are."""


def make_console(*, stderr: bool = False) -> Console:
    """Return a console that prints names as they are and breaks no line."""
    return Console(stderr=stderr, emoji=False, highlight=False, soft_wrap=True)


def output_options(command: F) -> F:
    """Add the options that tell how results are told."""
    command = click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")(
        command
    )
    return click.option("-q", "--quiet", is_flag=True, help="Print nothing but errors.")(command)


class _RateColumn(ProgressColumn):
    """Things a second, in one unit or several."""

    def __init__(self, units: Mapping[str, int]) -> None:
        super().__init__()
        self.units = units

    def render(self, task: Task) -> Text:
        """Return the rates so far."""
        speed = task.speed or 0
        told = [f"{speed * number:.1f} {unit}/s" for unit, number in self.units.items() if speed]
        return Text(" · ".join(told), style="progress.data.speed")


@contextmanager
def show_progress(units: Mapping[str, int], begin: str, *, hidden: bool) -> Iterator[Advance]:
    """Show a progress bar on standard error, and yield what moves it on.

    Args:
        units: what is counted; the number is how many of it each thing done stands for.
        begin: what is told until the first thing is done.
        hidden: show nothing.
    """
    console = make_console(stderr=True)
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        _RateColumn(units),
        TimeRemainingColumn(compact=True),
    )
    disable = hidden or not console.is_terminal
    with Progress(*columns, console=console, transient=True, disable=disable) as bar:
        task = bar.add_task(begin, total=None)

        def advance(name: str, done: int, total: int) -> None:
            bar.update(task, description=escape(name), completed=done, total=total)

        yield advance


def print_rows(rows: Mapping[str, str]) -> None:
    """Print what was found, a line each."""
    console = make_console()
    for label, value in rows.items():
        console.print(f"[bold]{label:<14}[/]{escape(value)}")


def print_error(message: str) -> None:
    """Tell what went wrong on standard error."""
    make_console(stderr=True).print(f"[bold red]error:[/] {escape(message)}")


def print_warning(message: str) -> None:
    """Tell what is odd on standard error."""
    make_console(stderr=True).print(f"[yellow]warning:[/] {escape(message)}")
