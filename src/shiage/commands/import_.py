"""The command `shiage import`."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import rich_click as click

from shiage.commands.options import PATH, SIZES
from shiage.commands.setting import job_options
from shiage.commands.terminal import (
    output_options,
    print_error,
    print_rows,
    print_warning,
    show_progress,
)
from shiage.cuts.job import CutJob
from shiage.imports.writing import Imported, import_cut


@click.command("import")
@click.argument("file", type=PATH)
@click.option(
    "-o",
    "--out",
    type=PATH,
    metavar="FOLDER",
    help="Folder for the cut.  [default: beside FILE, its name without the suffix]",
)
@click.option("--force", is_flag=True, help="Replace files that are there already.")
@job_options(SIZES)
@output_options
def import_(
    file: Path, out: Path | None, force: bool, job: CutJob, quiet: bool, as_json: bool
) -> None:
    """Make a folder for the other commands from a FILE that holds a whole cut.

    FILE is a Cadmium project (.cdm), a TIFF of several pages, or a PSD whose layers or groups are
    the cels. It is never changed. Drawings go to FOLDER/line, painted cels that are references to
    FOLDER/ref; what belongs to neither goes to folders with _ in front, which are passed over.
    """
    hidden = quiet or as_json
    with show_progress({"pictures": 1}, "reading", hidden=hidden) as advance:
        done = import_cut(
            file,
            out or file.resolve().with_suffix(""),
            max_pixels=job.recipe.settings.max_pixels,
            force=force,
            progress=advance,
        )
    for warning in done.warnings:
        print_warning(warning)
    for error in done.errors:
        print_error(error)
    if as_json:
        click.echo(json.dumps(_to_dict(done)))
    elif not quiet:
        print_rows(_to_rows(done))
    sys.exit(1 if done.errors else 0)


def _to_rows(done: Imported) -> dict[str, str]:
    """Return what was found, for people."""
    aside = {
        "painted by the program": done.pictures.get("_painted", 0),
        "from its library": done.pictures.get("_library", 0),
    }
    rows = {
        "found": done.kind,
        "drawings": str(done.pictures.get("line", 0)),
        "references": str(done.pictures.get("ref", 0)),
        "kept aside": ", ".join(f"{count} {what}" for what, count in aside.items() if count),
        "palette": str(done.palette or ""),
        "timesheet": str(done.timesheet or ""),
        "cut": str(done.out),
    }
    return {label: value for label, value in rows.items() if value}


def _to_dict(done: Imported) -> dict[str, object]:
    """Return what was found, for JSON."""
    return {
        "kind": done.kind,
        "out": str(done.out),
        "pictures": done.pictures,
        "palette": str(done.palette) if done.palette else None,
        "timesheet": str(done.timesheet) if done.timesheet else None,
        "errors": done.errors,
        "warnings": done.warnings,
    }
