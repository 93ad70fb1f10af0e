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
from shiage.commands.terminal import F, make_console, output_options, show_progress
from shiage.data.dataset import SPLITS, ClipInfo
from shiage.errors import BadOption
from shiage.extras import import_part
from shiage.files.atomic import require_new, write_json
from shiage.matching import MATCHERS

FOLDER = click.Path(path_type=Path)

ANY = "any"
"""Characters of all splits."""


@click.group()
def bench() -> None:
    """Measure matchers on clips with truth."""


def subject_options(command: F) -> F:
    """Add the options that tell what is measured on which clips."""
    options = [
        click.option(
            "--suite",
            "suites",
            multiple=True,
            required=True,
            metavar="SUITE",
            help=f"What to measure on: {SUITES}. Repeatable.",
        ),
        click.option("--data", type=FOLDER, metavar="DIR", help="Folder of the standard set."),
        click.option(
            "--split",
            type=click.Choice([*SPLITS, ANY]),
            default="test",
            show_default=True,
            help="Which characters to measure on; any, for clips that no model was trained on.",
        ),
        click.option(
            "--matcher",
            "matchers",
            multiple=True,
            default=tuple(MATCHERS),
            show_default=True,
            metavar="MATCHER",
            help="What to measure: a name, a model's card (.json) or a checkpoint (.pt), or "
            "NAME=FILE to call it otherwise. Repeatable.",
        ),
        click.option(
            "--clips",
            type=click.IntRange(min=1),
            help="Clips of a suite, at most; spread over characters.",
        ),
    ]
    for option in reversed(options):
        command = option(command)
    return command


def jobs_option(command: F) -> F:
    """Add the option that tells how much is done at once."""
    return click.option(
        "-j",
        "--jobs",
        type=click.IntRange(min=0),
        default=0,
        help="Clips at once; 0 = one per core.",
    )(command)


def protocol_option(command: F) -> F:
    """Add the option that tells what each frame is painted from."""
    return click.option(
        "--protocol",
        "protocols",
        multiple=True,
        default=("next", "half"),
        show_default=True,
        metavar="PROTOCOL",
        help=f"What each frame is painted from: {PROTOCOLS}. Repeatable.",
    )(command)


@bench.command()
@subject_options
@protocol_option
@jobs_option
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
    runner = _import("runner")
    job = runner.BenchJob(
        out,
        _find_suites(suites, data, split, clips),
        _find_contenders(matchers),
        [parse_protocol(name) for name in protocols],
        jobs,
    )
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
    help="scores: how much is right; trust: what confidence is worth; characters: how much is "
    "right for each.",
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
    require_new(out, force=force)
    plots.draw_scores(_import("runner").read_scores(folder), out)


@bench.command()
@subject_options
@jobs_option
@click.option(
    "--keys",
    type=click.IntRange(min=1),
    default=1,
    show_default=True,
    help="Painted cels given of each cut.",
)
@click.option("-o", "--out", type=FOLDER, metavar="JSON", help="Also write the counts.")
@click.option("--force", is_flag=True, help="Overwrite that file.")
@output_options
def clicks(
    suites: tuple[str, ...],
    data: Path | None,
    split: str,
    matchers: tuple[str, ...],
    clips: int | None,
    jobs: int,
    keys: int,
    out: Path | None,
    force: bool,
    quiet: bool,
    as_json: bool,
) -> None:
    """Simulate an artist who finishes cuts, and count the clicks that takes.

    Example: shiage bench clicks --suite demo --keys 2
    """
    simulation = _import("clicks")
    if out is not None:
        require_new(out, force=force)
    chosen = _find_suites(suites, data, split, clips)
    job = simulation.ClicksJob(chosen, _find_contenders(matchers), keys, jobs)
    with show_progress({"cuts": 1}, "reading clips", hidden=quiet or as_json) as advance:
        rows = simulation.count_clicks(job, advance)
    if out is not None:
        write_json(out, rows)
    if not quiet:
        _tell(rows, as_json, "clicks")


@bench.command()
@click.argument("folder", type=FOLDER)
@subject_options
@protocol_option
@click.option(
    "--gallery",
    type=FOLDER,
    metavar="PNG",
    help="Also draw the most confident errors of the first suite, protocol and matcher.",
)
@click.option(
    "--most", type=click.IntRange(1, 100), default=20, show_default=True, help="Errors to draw."
)
@click.option("--force", is_flag=True, help="Overwrite that picture.")
@output_options
def failures(
    folder: Path,
    suites: tuple[str, ...],
    data: Path | None,
    split: str,
    matchers: tuple[str, ...],
    clips: int | None,
    protocols: tuple[str, ...],
    gallery: Path | None,
    most: int,
    force: bool,
    quiet: bool,
    as_json: bool,
) -> None:
    """Count by kind what was painted wrong in the benchmark FOLDER.

    Takes the options that it was made with.

    Example: shiage bench failures runs/bench --suite demo --matcher ant --protocol cut-2
    """
    finding = _import("failures")
    if gallery is not None:
        require_new(gallery, force=force)
    names = [contender.name for contender in _find_contenders(matchers)]
    found = [
        finding.find_failures(folder, suite, chosen, parse_protocol(protocol), name)
        for suite, chosen in _find_suites(suites, data, split, clips).items()
        for protocol in protocols
        for name in names
    ]
    if gallery is not None:
        finding.draw_gallery(found[0][1][:most], gallery)
    if not quiet:
        _tell([row for row, _ in found], as_json, "failures")


@bench.command()
@click.option("-o", "--out", type=FOLDER, metavar="PNG", help="Also draw it.")
@click.option("--small", is_flag=True, help="Fewer and smaller sizes: seconds instead of minutes.")
@click.option("--force", is_flag=True, help="Overwrite the picture.")
@output_options
def scaling(out: Path | None, small: bool, force: bool, quiet: bool, as_json: bool) -> None:
    """Measure how time and memory grow, for `ant` and for one that compares all pixels with all.

    Example: shiage bench scaling --out scaling.png
    """
    measuring = _import("scaling")
    if out is not None:
        require_new(out, force=force)
    sizes = ((16, 32, 64, 128), (128, 256, 512)) if small else (measuring.COUNTS, measuring.SIDES)
    with show_progress({"sizes": 1}, "measuring", hidden=quiet or as_json) as advance:
        points = measuring.measure_scaling(*sizes, advance)
    if out is not None:
        _import("plots").draw_scaling(points, out)
    if not quiet:
        _tell(points, as_json, "scaling")


@bench.command()
@click.option("--suite", "suites", multiple=True, metavar="SUITE", help=f"{SUITES}. Repeatable.")
@click.option("--data", type=FOLDER, metavar="DIR", help="Folder of the standard set.")
@click.option(
    "--split",
    type=click.Choice([*SPLITS, ANY]),
    default="test",
    show_default=True,
    help="Which characters to draw anew.",
)
@click.option("--clips", type=click.IntRange(min=1), help="Clips of a suite, at most.")
@click.option(
    "--pair",
    "pairs",
    type=(FOLDER, FOLDER),
    multiple=True,
    metavar="DRAWINGS PAINTINGS",
    help="Folders of real drawings and of the same drawings painted. Repeatable.",
)
@output_options
def lines(
    suites: tuple[str, ...],
    data: Path | None,
    split: str,
    clips: int | None,
    pairs: tuple[tuple[Path, Path], ...],
    quiet: bool,
    as_json: bool,
) -> None:
    """Measure how well rough drawings are split into segments, by each way to split them.

    The clips of suites are drawn anew as people draw, at three levels of roughness.

    Example: shiage bench lines --suite procedural --data dataset --clips 16
    """
    if not suites and not pairs:
        raise BadOption("there is nothing to measure on", action="Give --suite or --pair")
    chosen = [clip for found in _find_suites(suites, data, split, clips).values() for clip in found]
    with show_progress({"drawings": 1}, "splitting", hidden=quiet or as_json) as advance:
        rows = _import("lines").measure_lines(chosen, pairs, advance)
    if not quiet:
        _tell(rows, as_json, "lines")


def _find_suites(
    names: tuple[str, ...], data: Path | None, split: Any, most: int | None
) -> dict[str, list[ClipInfo]]:
    """Return the clips of suites by the last part of their names."""
    chosen = None if split == ANY else split
    found = {Path(name).name: find_suite(name, data, chosen, most) for name in names}
    if len(found) < len(names):
        raise BadOption("two suites have the same name", action="Measure them one after the other")
    return found


def _find_contenders(texts: tuple[str, ...]) -> list[Any]:
    """Return the matchers to measure, no two of one name."""
    find = _import("contenders").find_contender
    found = [find(name) for name in texts]
    names = [contender.name for contender in found]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise BadOption(f"two matchers are called {twice[0]}", action="Give NAME=FILE")
    return found


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
        "clicks": tables.clicks_table,
        "failures": tables.failures_table,
        "scaling": tables.scaling_table,
        "lines": tables.lines_table,
    }[what]
    make_console().print(draw(rows), markup=False, end="")


def _import(name: str) -> Any:
    """Return a module of `shiage.bench`."""
    return import_part(f"shiage.bench.{name}", "bench")
