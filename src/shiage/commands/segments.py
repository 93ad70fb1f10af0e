"""The command `shiage segments`."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import rich_click as click

from shiage.commands.options import FRAME_LINES, PATH
from shiage.commands.presets import PresetCommand
from shiage.commands.setting import job_options
from shiage.commands.terminal import OUTPUT, output_options, print_rows
from shiage.cuts.job import CutJob
from shiage.lines.segment_view import SegmentSummary, view_segments


@click.command(cls=PresetCommand)
@click.argument("frame", type=PATH)
@click.option(
    "-o",
    "--out",
    panel=OUTPUT,
    type=PATH,
    metavar="FILE",
    help="Picture to write.  [default: FRAME_segments.png in the current folder]",
)
@click.option("--force", panel=OUTPUT, is_flag=True, help="Overwrite the picture if it is there.")
@job_options(FRAME_LINES)
@output_options
def segments(
    frame: Path, out: Path | None, force: bool, job: CutJob, quiet: bool, as_json: bool
) -> None:
    """Show how the drawing FRAME is split: segments in random colors, closed gaps marked."""
    settings = job.recipe.settings
    out = out or Path(f"{frame.stem}_segments.png")
    summary = view_segments(
        frame, out, settings.lines, settings.segments, settings.max_pixels, force=force
    )
    if as_json:
        click.echo(
            json.dumps(
                {**msgspec.to_builtins(summary, enc_hook=str), "presets": str(job.presets or "")}
            )
        )
    elif not quiet:
        _print_segments(summary)


def _print_segments(summary: SegmentSummary) -> None:
    """Print what `shiage segments` found."""
    print_rows(
        {
            "segments": str(summary.segments),
            "gaps closed": f"{summary.gaps} (up to {summary.gap_radius} px)",
            "line width": f"{summary.line_width:.1f} px",
            "colour traces": ", ".join(summary.traces) or "none",
            "picture": str(summary.picture),
        }
    )
