"""What the commands share: consoles, the progress bar, options that all of them take."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypeVar

import msgspec
import rich.progress
import rich_click as click
from rich.console import Console
from rich.markup import escape
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    ProgressColumn,
    SpinnerColumn,
    Task,
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from shiage.progress import Progress

F = TypeVar("F", bound=Callable[..., Any])

REFERENCES, LINES, COLORS, OUTPUT, SCRIPTING = PANELS = (
    "References",
    "Lines",
    "Colors",
    "Output",
    "Scripting",
)
"""The panels of a long help, from top to bottom."""


def make_console(*, stderr: bool = False) -> Console:
    """Return a console that prints names as they are and breaks no line."""
    return Console(stderr=stderr, emoji=False, highlight=False, soft_wrap=True)


def output_options(command: F) -> F:
    """Add the options that say how results are printed."""
    quiet = click.option(
        "-q", "--quiet", panel=SCRIPTING, is_flag=True, help="Print nothing but errors."
    )
    as_json = click.option(
        "--json", "as_json", panel=SCRIPTING, is_flag=True, help="Print the result as JSON."
    )
    return quiet(as_json(command))


class _RateColumn(ProgressColumn):
    """Things a second, in one unit or several."""

    def __init__(self, units: Mapping[str, int]) -> None:
        super().__init__()
        self.units = units

    def render(self, task: Task) -> Text:
        """Return the rates so far."""
        speed = task.speed or 0
        speeds = [f"{speed * number:.1f} {unit}/s" for unit, number in self.units.items() if speed]
        return Text(" · ".join(speeds), style="progress.data.speed")


@contextmanager
def show_progress(units: Mapping[str, int], begin: str, *, hidden: bool) -> Iterator[Progress]:
    """Show a progress bar on standard error, and yield what moves it on.

    Args:
        units: what is counted; the number is how many of it each thing done stands for.
        begin: what is shown until the first thing is done.
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
    with rich.progress.Progress(*columns, console=console, transient=True, disable=disable) as bar:
        task = bar.add_task(begin, total=None)

        def advance(name: str, done: int, total: int, /) -> None:
            bar.update(task, description=escape(name), completed=done, total=total)

        yield advance


def print_json(record: Any) -> None:
    """Print a record, or several, as JSON."""
    click.echo(json.dumps(msgspec.to_builtins(record), indent=1))


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
