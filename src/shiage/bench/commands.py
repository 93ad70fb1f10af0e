"""`shiage bench`: parse, call, print."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import rich_click as click

from shiage.bench.protocols import EXPECTED as PROTOCOLS
from shiage.bench.protocols import parse_protocol
from shiage.bench.suites import EXPECTED as SUITES
from shiage.bench.suites import find_suite
from shiage.data.dataset import SPLITS
from shiage.errors import BadOption, OutputExists
from shiage.extras import import_part
from shiage.matching import MATCHERS
from shiage.terminal import make_console, output_options, show_progress

FOLDER = click.Path(path_type=Path)


@click.group()
def bench() -> None:
    """Measure matchers on clips with truth."""


@bench.command()
@click.option(
    "--suite",
    "suites",
    multiple=True,
    required=True,
    metavar="SUITE",
    help=f"What to measure on: {SUITES}; several times for several.",
)
@click.option("--data", type=FOLDER, metavar="DIR", help="Folder of the standard set.")
@click.option(
    "--split",
    type=click.Choice([*SPLITS, "any"]),
    default="test",
    show_default=True,
    help="Whose characters; any, for clips that nothing was learned from.",
)
@click.option(
    "--matcher",
    "matchers",
    multiple=True,
    metavar="MATCHER",
    help="What to measure: a name, a model's card (.json) or a checkpoint (.pt), or NAME=FILE to "
    f"call it otherwise; several times for several.  [default: {', '.join(MATCHERS)}]",
)
@click.option(
    "--protocol",
    "protocols",
    multiple=True,
    default=("next", "half"),
    show_default=True,
    metavar="PROTOCOL",
    help=f"What each frame is painted from: {PROTOCOLS}; several times for several.",
)
@click.option(
    "--clips", type=click.IntRange(min=1), help="Clips of a suite, at most; spread over characters."
)
@click.option(
    "-j", "--jobs", type=click.IntRange(min=0), default=0, help="Clips at once; 0 = one per core."
)
@click.option(
    "-o",
    "--out",
    type=FOLDER,
    required=True,
    metavar="DIR",
    help="Folder for predictions and scores; what is there already is not painted again.",
)
@output_options
def run(
    suites: tuple[str, ...],
    data: Path | None,
    split: Any,
    matchers: tuple[str, ...],
    protocols: tuple[str, ...],
    clips: int | None,
    jobs: int,
    out: Path,
    quiet: bool,
    as_json: bool,
) -> None:
    """Paint clips by each matcher, keep what was painted, and score it.

    An interrupted run goes on where it stopped when the command is given again.

    Example: shiage bench run --suite demo --protocol cut-2 --out runs/bench
    """
    contenders, runner = _import("contenders"), _import("runner")
    found = [contenders.find_contender(told) for told in matchers or MATCHERS]
    names = [contender.name for contender in found]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise BadOption(f"two matchers are called {twice[0]}", action="Give NAME=FILE")
    chosen = None if split == "any" else split
    named = {Path(name).name: find_suite(name, data, chosen, clips) for name in suites}
    if len(named) < len(suites):
        raise BadOption("two suites have the same name", action="Measure them into two folders")
    job = runner.BenchJob(out, named, found, [parse_protocol(name) for name in protocols], jobs)
    with show_progress({"clips": 1}, "reading clips", hidden=quiet or as_json) as advance:
        rows = runner.run_bench(job, advance)
    if not quiet:
        _tell(rows, as_json, "scores")


@bench.command()
@click.argument("folder", type=FOLDER)
@click.option(
    "--of",
    "what",
    type=click.Choice(["scores", "trust", "characters"]),
    default="scores",
    show_default=True,
    help="What is right; what confidence is worth; what is right by character.",
)
@output_options
def table(folder: Path, what: str, quiet: bool, as_json: bool) -> None:
    """Print the scores of a benchmark as a Markdown table.

    Example: shiage bench table runs/bench --of trust
    """
    rows = _import("runner").read_scores(folder)
    if not quiet:
        _tell(rows, as_json, what)


@bench.command()
@click.argument("folder", type=FOLDER)
@click.option("-o", "--out", type=FOLDER, required=True, metavar="PNG", help="The picture.")
@click.option("--force", is_flag=True, help="Overwrite it.")
def plot(folder: Path, out: Path, force: bool) -> None:
    """Draw the scores of a benchmark: what is right, and what confidence is worth.

    Example: shiage bench plot runs/bench --out bench.png
    """
    plots = _import("plots")
    if out.exists() and not force:
        raise OutputExists("is there already", path=out, action="Give --force to replace it")
    plots.draw_scores(_import("runner").read_scores(folder), out)


def _tell(rows: Any, as_json: bool, what: str) -> None:
    """Print scores."""
    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode(rows), indent=1))
        return
    tables = _import("tables")
    draw = {
        "scores": tables.scores_table,
        "trust": tables.trust_table,
        "characters": tables.character_table,
    }[what]
    make_console().print(draw(rows), markup=False, end="")


def _import(name: str) -> Any:
    """Return a module of `shiage.bench`."""
    return import_part(f"shiage.bench.{name}", "bench")
