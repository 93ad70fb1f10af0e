"""The command `shiage check`."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import rich_click as click

from shiage.checks.cut import check_cut
from shiage.checks.findings import KINDS, CutChecks
from shiage.checks.report import write_check_report
from shiage.checks.settings import CheckSettings
from shiage.commands.options import CUT_LINES, FORMATS, NAMES, PALETTES, PATH
from shiage.commands.presets import PresetCommand
from shiage.commands.setting import job_options
from shiage.commands.terminal import (
    COLORS,
    OUTPUT,
    REFERENCES,
    make_console,
    output_options,
    print_rows,
    print_warning,
    show_progress,
)
from shiage.cuts.cut import tell_clashing, tell_left_out
from shiage.cuts.job import CutJob
from shiage.cuts.journal import recall_run
from shiage.cuts.schedule import open_listed
from shiage.files.palettes import read_palettes
from shiage.matching import DEFAULT_MATCHER
from shiage.painting.line_colors import TraceChoice

FOUND = 3
"""Exit code where something was found; 1 is for a cut that cannot be checked, 2 for options."""

TOLD = 20
"""Findings that are printed one by one."""


@click.command(cls=PresetCommand)
@click.argument("cut", type=PATH)
@click.argument("painted", required=False, type=PATH)
@click.option(
    "-r",
    "--ref",
    "references",
    panel=REFERENCES,
    multiple=True,
    type=PATH,
    metavar="PATH",
    help="A painted cel that is right, or a folder of them. Repeatable.",
)
@click.option(
    "--traces",
    panel=COLORS,
    type=click.Choice(["fill", "keep", "auto"]),
    help="Colour-trace lines should all be painted over, all be kept, or be as the references show "
    "them.  [default: as the cut was painted, else auto]",
)
@click.option(
    "--format",
    "file_format",
    panel=OUTPUT,
    type=FORMATS,
    help="How painted cels should be stored.  [default: as the cut was painted, else as their "
    "drawings are]",
)
@click.option(
    "--no-parts",
    is_flag=True,
    help="Do not look for parts whose color changes between cels, or differs from a reference; "
    "faster.",
)
@click.option(
    "--longest-flicker",
    type=click.IntRange(min=1),
    default=CheckSettings().longest_flicker,
    show_default=True,
    metavar="CELS",
    help="A color that stays for more cels than this is no flicker.",
)
@click.option(
    "-o",
    "--out",
    panel=OUTPUT,
    type=PATH,
    metavar="FOLDER",
    help="Write checks.html, with pictures, and checks.json there; replaces older ones.",
)
@job_options((*PALETTES, *CUT_LINES, *NAMES))
@output_options
def check(
    cut: Path,
    painted: Path | None,
    references: tuple[Path, ...],
    job: CutJob,
    traces: TraceChoice | None,
    file_format: str | None,
    no_parts: bool,
    longest_flicker: int,
    out: Path | None,
    quiet: bool,
    as_json: bool,
) -> None:
    """Look for mistakes in the painted cels of CUT, as an inspector would.

    PAINTED is the folder of painted cels, by default CUT_painted. It looks for unpainted pinholes,
    colour traces left over, colors that are in no palette or reference or only stand in for others,
    changed lines, parts that flicker, and cels that are missing, without a drawing, or stored in
    another way than their drawings. The exit code is 0 if nothing was found, 3 if something was,
    1 if the cut cannot be checked.
    """
    painted = painted or job.names.painted_folder(cut)
    palette, notes = read_palettes(job.recipe.palettes)
    drawings = open_listed(cut, [painted], job.names, references)
    for note in (*notes, *tell_clashing(drawings), *tell_left_out(drawings)):
        print_warning(note)
    run = recall_run(painted)
    asked = job.recipe.settings
    if run.settings is not None and "settings" not in (job.given or ()):
        asked = run.settings
    settings = CheckSettings(
        lines=asked.lines,
        segments=asked.segments,
        traces=traces or (run.settings.traces if run.settings else "auto"),
        format=file_format.upper() if file_format else run.storage.format,
        longest_flicker=longest_flicker,
        snap=asked.snap,
        max_pixels=asked.max_pixels,
    )
    with show_progress({"cels": 1}, "reading references", hidden=quiet or as_json) as advance:
        checks = check_cut(
            cut,
            painted,
            palette=palette,
            references=references,
            matcher=None if no_parts else DEFAULT_MATCHER,
            settings=settings,
            names=job.names,
            progress=advance,
        )
    for warning in checks.warnings:
        print_warning(warning)
    checks = replace(checks, presets=str(job.presets or ""))
    if out is not None:
        write_check_report(checks, drawings, painted, out)
    if as_json:
        click.echo(checks.to_json())
    elif not quiet:
        _print(checks, out)
    sys.exit(0 if checks.clean else FOUND)


def _print(checks: CutChecks, out: Path | None) -> None:
    """Print what was found."""
    console = make_console()
    for finding in checks.findings[:TOLD]:
        console.print(f"{finding.cel}: {finding.message}", markup=False)
    more = checks.count() - min(TOLD, len(checks.findings))
    if more:
        console.print(f"... and {more} more; {out or '--out FOLDER'} shows all of them")
    rows = {"cels": str(len(checks.cels)), "found": str(checks.count())}
    rows |= {kind: str(checks.count(kind)) for kind in KINDS if checks.count(kind)}
    if out is not None:
        rows["report"] = str(out / "checks.html")
    print_rows(rows)
