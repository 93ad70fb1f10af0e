"""The command `shiage ui`."""

from __future__ import annotations

from pathlib import Path

import msgspec
import rich_click as click

from shiage.commands.options import CUT, NAMES, PATH
from shiage.commands.presets import PresetCommand
from shiage.commands.setting import job_options
from shiage.commands.terminal import SCRIPTING, make_console
from shiage.cuts.job import CutJob
from shiage.cuts.project import read_project
from shiage.extras import import_part


@click.command(cls=PresetCommand)
@click.argument("cut", required=False, type=PATH)
@job_options((*CUT, *NAMES))
@click.option(
    "--port",
    panel=SCRIPTING,
    type=click.IntRange(0, 65535),
    default=0,
    help="Port on this machine.  [default: a free one]",
)
@click.option("--no-open", panel=SCRIPTING, is_flag=True, help="Do not open the browser.")
def ui(cut: Path | None, job: CutJob, port: int, no_open: bool) -> None:
    """Open the cut CUT in the browser: look, correct with a click, see the rest follow.

    CUT is a folder of drawings, or a folder that shiage has painted before. Without it, drawings
    are dropped on the page. What is decided there is kept in shiage.json among the painted cels,
    and shiage paint keeps to it. Nothing leaves this machine.
    """
    serving = import_part("shiage.web.serving", "web")

    def make_job(folder: Path) -> CutJob:
        project = read_project(folder) if folder.is_dir() else None
        if project is not None:  # a painted folder was given
            return msgspec.structs.replace(job, folder=project.cut, out=folder)
        return msgspec.structs.replace(job, folder=folder)

    def tell(address: str) -> None:
        console = make_console()
        console.print(f"shiage is at [link={address}]{address}[/link]")
        console.print("stop it with Ctrl-C; what you decide is saved at once")

    first = None if cut is None else make_job(cut)
    serving.serve(serving.UiJob(first, make_job, Path.cwd(), port, not no_open), tell)
