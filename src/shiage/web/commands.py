"""The command `shiage ui`."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import rich_click as click

from shiage.cuts.cut import FolderNames
from shiage.cuts.job import CutJob
from shiage.cuts.project import read_project
from shiage.cuts.recipe import Recipe
from shiage.extras import import_part
from shiage.options import (
    column_options,
    cut_options,
    given_fields,
    line_options,
    name_options,
    read_line_options,
    traces_option,
)
from shiage.painting.line_colors import TraceChoice
from shiage.painting.painted_cel import PaintSettings
from shiage.presets import PresetCommand, used_presets
from shiage.terminal import make_console


@click.command(cls=PresetCommand)
@click.argument("cut", required=False, type=click.Path(path_type=Path))
@cut_options
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=0,
    help="Port on this machine.  [default: a free one]",
)
@click.option("--no-open", is_flag=True, help="Do not open the browser.")
@traces_option
@line_options
@column_options
@name_options
def ui(
    cut: Path | None,
    references: tuple[Path, ...],
    sheets: tuple[tuple[Path, Path], ...],
    palettes: tuple[Path, ...],
    snap: int,
    hints: tuple[Path, ...],
    out: Path | None,
    matcher: str,
    traces: TraceChoice,
    port: int,
    no_open: bool,
    names: FolderNames,
    **line: Any,
) -> None:
    """Open the cut CUT in the browser: look, correct with a click, see the rest follow.

    CUT is a folder of drawings, or a folder that shiage has painted before. Without it, drawings
    are dropped on the page. What is decided there is kept in shiage.json among the painted cels,
    and shiage paint keeps to it. Nothing leaves this machine.
    """
    serving = import_part("shiage.web.serving", "web")
    lines, segments, max_pixels = read_line_options(**line)
    settings = PaintSettings(lines, segments, traces, snap=snap, max_pixels=max_pixels)
    plain = CutJob(
        Path.cwd(),
        Recipe(references, sheets, palettes, hints, matcher, settings),
        out,
        names=names,
        presets=used_presets(),
        given=given_fields("traces", "snap", *line),
    )

    def make_job(folder: Path) -> CutJob:
        project = read_project(folder) if folder.is_dir() else None
        if project is not None:  # a painted folder was given
            return replace(plain, folder=project.cut, out=folder)
        return replace(plain, folder=folder)

    def tell(address: str) -> None:
        console = make_console()
        console.print(f"shiage is at [link={address}]{address}[/link]")
        console.print("stop it with Ctrl-C; what you decide is saved at once")

    job = None if cut is None else make_job(cut)
    serving.serve(serving.UiJob(job, make_job, Path.cwd(), port, not no_open), tell)
