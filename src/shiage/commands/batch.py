"""The command `shiage batch`."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import msgspec
import rich_click as click
from rich.markup import escape
from rich.table import Table

from shiage.commands.options import EACH_CUT, PATH
from shiage.commands.presets import PRESETS, PresetCommand, given_arguments
from shiage.commands.setting import job_options
from shiage.commands.terminal import (
    OUTPUT,
    REFERENCES,
    SCRIPTING,
    make_console,
    output_options,
    print_error,
    print_rows,
    print_warning,
    show_progress,
)
from shiage.cuts.job import CutJob
from shiage.episode.cuts import open_episode, select
from shiage.episode.records import EpisodeRecord
from shiage.episode.report import PAGE_FILE, tell_counts
from shiage.episode.running import EpisodeJob, paint_episode
from shiage.errors import INTERRUPTED

_COLORS = {"failed": "red", "partly": "red", "interrupted": "yellow", "waiting": "yellow"}


@click.command(cls=PresetCommand)
@click.argument("episode", type=PATH)
@click.option(
    "-o",
    "--out",
    panel=OUTPUT,
    type=PATH,
    metavar="FOLDER",
    help="Folder for the painted cuts, each by its name.  [default: the episode's name with "
    "_painted]",
)
@click.option(
    "--only",
    panel=REFERENCES,
    multiple=True,
    metavar="PATTERN",
    help="Paint cuts of that name alone, such as c012 or 'c1*'. Repeatable.",
)
@click.option(
    "-p",
    "--processes",
    panel=SCRIPTING,
    type=click.IntRange(min=1),
    default=lambda: os.cpu_count() or 1,
    show_default="number of cores",
    help="Cuts worked on at once, each in a process of its own.",
)
@click.option(
    "-j",
    "--jobs",
    panel=SCRIPTING,
    type=click.IntRange(min=1),
    metavar="N",
    help="Cels of a cut worked on at once.  [default: the cores left to each process]",
)
@click.option(
    "--patience",
    panel=SCRIPTING,
    type=click.FloatRange(min=0, min_open=True),
    default=30.0,
    show_default=True,
    metavar="MINUTES",
    help="Give a cut up when none of its cels was finished for this long.",
)
@job_options(EACH_CUT)
@output_options
def batch(
    episode: Path,
    out: Path | None,
    only: tuple[str, ...],
    processes: int,
    jobs: int | None,
    patience: float,
    job: CutJob,
    quiet: bool,
    as_json: bool,
) -> None:
    """Paint all cuts in the folder EPISODE.

    Each cut is painted as by shiage paint, from the coloured cels beside its drawings or from
    the sheets given here, in a process of its own: one that fails does not touch the others.
    episode.html among the painted cuts shows what became of each.
    """
    out = out or job.names.painted_folder(episode)
    found = open_episode(episode, out, job.names)
    cuts = select(found, only)
    processes = min(processes, len(cuts))
    jobs = jobs or max(1, (os.cpu_count() or 1) // processes)
    run = EpisodeJob(
        episode=found,
        cuts=cuts,
        out=out,
        arguments=(*given_arguments((*EACH_CUT, PRESETS)), "--jobs", str(jobs)),
        processes=processes,
        patience=60 * patience,
        again=job.resume or job.force,
        anew=job.force,
    )
    with show_progress({"cels": 1}, "looking at cuts", hidden=quiet or as_json) as advance:
        record = paint_episode(run, advance)
    if as_json:
        click.echo(record.to_json())
    asked = {cut.name for cut in cuts}
    record = msgspec.structs.replace(
        record, cuts=tuple(cut for cut in record.cuts if cut.name in asked)
    )
    if not (quiet or as_json):
        _print(record)
    _print_problems(record)
    if record.interrupted:
        sys.exit(INTERRUPTED)
    if record.count("painted") < len(cuts):
        sys.exit(1)


def _print(record: EpisodeRecord) -> None:
    """Print what became of each cut, and of all."""
    table = Table()
    table.add_column("cut", overflow="fold")
    for heading in ("status", "cels", "failed", "doubtful", "undecided", "seconds"):
        table.add_column(heading, justify="left" if heading == "status" else "right")
    for cut in record.cuts:
        table.add_row(
            escape(cut.name),
            f"[{_COLORS.get(cut.status, 'green')}]{cut.status}[/]",
            f"{cut.done} / {cut.cels}",
            str(cut.failed),
            str(cut.doubtful),
            str(cut.undecided),
            f"{cut.seconds:.1f}",
        )
    make_console().print(table)
    rows = {"cuts": tell_counts(record)}
    rows["cels"] = ", ".join(
        f"{record.total(what)} {what}" for what in ("painted", "given", "same", "failed")
    )
    rows |= {what: str(record.total(what)) for what in ("segments", "doubtful", "undecided")}
    rows |= {"seconds": f"{record.seconds:.1f}", "painted cuts": record.out}
    rows["report"] = str(Path(record.out) / PAGE_FILE)
    print_rows(rows)


def _print_problems(record: EpisodeRecord) -> None:
    """Tell what is odd and what failed on standard error; it is never kept quiet."""
    for warning in record.warnings:
        print_warning(warning)
    for cut in record.cuts:
        for warning in cut.warnings:
            print_warning(f"{cut.name}: {warning}")
        for error in cut.errors:
            print_error(f"{cut.name}: {error}")
    if record.interrupted:
        make_console(stderr=True).print(
            "[bold red]interrupted:[/] what is done is complete; go on with --resume"
        )
