"""The command `shiage paint`."""

from __future__ import annotations

import sys
from pathlib import Path

import msgspec
import rich_click as click
from click import get_current_context
from click.core import ParameterSource

from shiage.commands.options import PAINT, PATH
from shiage.commands.presets import PresetCommand
from shiage.commands.setting import job_options
from shiage.commands.terminal import (
    make_console,
    output_options,
    print_error,
    print_rows,
    print_warning,
    show_progress,
)
from shiage.cuts.job import CutJob
from shiage.cuts.records import CutRecord
from shiage.cuts.whole_cut import paint_cut
from shiage.errors import INTERRUPTED, BadOption
from shiage.files.formats import FORMATS


@click.command(cls=PresetCommand)
@click.argument("cut", type=PATH)
@job_options(PAINT)
@output_options
def paint(cut: Path, job: CutJob, quiet: bool, as_json: bool) -> None:
    """Paint the drawings in the folder CUT from coloured cels.

    The painted cels get the names of the drawings and are stored the same way unless --format says
    otherwise. Drawings are never changed.
    """
    job = msgspec.structs.replace(job, folder=cut)
    _require_sense(job)
    with show_progress({"cels": 1}, "reading references", hidden=quiet or as_json) as advance:
        record = paint_cut(job, advance)
    if as_json:
        click.echo(record.to_json())
    _print_problems(record)
    if not (quiet or as_json):
        print_cut(record, report=job.report)
    if record.interrupted:
        sys.exit(INTERRUPTED)
    if record.count("failed") or record.errors:
        sys.exit(1)


def _require_sense(job: CutJob) -> None:
    """Raise `BadOption` if an option has no effect beside the others."""
    source = get_current_context().get_parameter_source
    below_given = source("recipe_settings_below") == ParameterSource.COMMANDLINE
    if below_given and job.recipe.settings.undecided is None:
        raise BadOption(
            "--below has no effect without --undecided",
            expected="both or neither",
            action='Add --undecided "#ff00ff"',
        )
    stored = job.storage.format
    if job.storage.paint_layers == "color" and stored and not FORMATS[stored].is_layered:
        raise BadOption(
            f"--paint-layers has no effect with --format {stored.lower()}",
            expected="--format psd",
            action="Leave out one of them",
        )


def _print_problems(record: CutRecord) -> None:
    """Tell warnings and failures on standard error; they are never kept quiet."""
    for warning in record.warnings:
        print_warning(warning)
    failed = [cel.message for cel in record.cels if cel.status == "failed"]
    for error in (*record.errors, *failed):
        print_error(error)
    if record.interrupted:
        make_console(stderr=True).print(
            "[bold red]interrupted:[/] what is done is complete; go on with --resume"
        )


def print_cut(record: CutRecord, *, report: bool) -> None:
    """Print the summary of a painted cut."""
    counts = {
        "painted": record.count("painted"),
        "given as reference": record.count("reference"),
        "same drawing as another": record.count("same"),
        "failed": record.count("failed"),
    }
    rows = {
        "cels": ", ".join(f"{number} {what}" for what, number in counts.items() if number),
        "segments": str(record.segments),
        "undecided": str(record.undecided),
        **(
            {"left blank": f"{record.blank}, since no reference shows their color"}
            if record.blank
            else {}
        ),
        "seconds": f"{record.seconds:.1f}",
        "painted cels": record.out,
    }
    if report:
        rows["report"] = str(Path(record.out) / "report.html")
    print_rows(rows)
