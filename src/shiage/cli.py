"""The command line: parse, call, print."""

from __future__ import annotations

import json
import logging
import os
import sys
from pathlib import Path
from typing import Any

import cv2
import rich_click as click
from rich.table import Table

import shiage
from shiage.bench.commands import bench
from shiage.checks.commands import check
from shiage.cuts.cut import FolderNames
from shiage.cuts.job import CutJob
from shiage.cuts.records import CutRecord
from shiage.cuts.whole_cut import paint_cut
from shiage.data.commands import data
from shiage.demo import DemoResult, run_demo
from shiage.episode.commands import make_batch
from shiage.errors import BadOption, ShiageError
from shiage.files import formats
from shiage.imports.commands import import_
from shiage.lines.segment_view import SegmentSummary, view_segments
from shiage.options import (
    FORMATS,
    check_color,
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
from shiage.painting.storage import Storage
from shiage.palette_commands import palette, recolor
from shiage.presets import PresetCommand, used_presets
from shiage.terminal import (
    INTERRUPTED,
    make_console,
    output_options,
    print_error,
    print_rows,
    print_warning,
    show_progress,
)
from shiage.training.commands import export, train
from shiage.web.commands import ui

CELS = {"cels": 1}
"""What the progress bar counts."""


def main() -> None:
    """Run the command line; every deliberate error becomes one line and exit code 1."""
    # Cels are spread over threads; OpenCV's own threads on top of them only get in the way.
    cv2.setNumThreads(1)
    # What matters of a file that OpenCV grumbles at is told by shiage's own errors.
    cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)
    logging.getLogger("psd_tools").addHandler(logging.NullHandler())  # what matters is an error
    try:
        sys.exit(app(standalone_mode=False))
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        make_console(stderr=True).print("[bold red]interrupted[/]")
        sys.exit(INTERRUPTED)
    except ShiageError as error:
        print_error(str(error))
        sys.exit(1)
    except RuntimeError as error:
        if "Symlink loop" not in str(error):  # which `Path.resolve` finds, before Python 3.13
            raise
        print_error(f"{error}; expected links that lead to a file or folder. Mend the link")
        sys.exit(1)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(shiage.__version__, prog_name="shiage", message="%(prog)s %(version)s")
def app() -> None:
    """Colour one frame; shiage paints the rest of the cut."""


app.add_command(data)
app.add_command(train)
app.add_command(bench)
app.add_command(export)
app.add_command(ui)
app.add_command(import_)
app.add_command(check)
app.add_command(recolor)
app.add_command(palette)


@app.command(cls=PresetCommand)
@click.argument("cut", type=click.Path(path_type=Path))
@cut_options
@traces_option
@click.option(
    "--undecided",
    metavar="COLOR",
    callback=check_color,
    help="Loud color, such as #ff00ff, for segments too doubtful to paint; see --below.",
)
@click.option(
    "--below",
    type=click.FloatRange(0, 1),
    metavar="P",
    help="Confidence under which a segment is left undecided.  [default: 0.5]",
)
@click.option(
    "--format",
    "file_format",
    type=FORMATS,
    help="How painted cels are stored.  [default: as their drawings are]",
)
@click.option(
    "--paint-layers",
    type=click.Choice(["one", "color"]),
    default="one",
    show_default=True,
    help="In a PSD, one layer of paint, or one for each color.",
)
@click.option(
    "-j",
    "--jobs",
    type=click.IntRange(min=1),
    default=lambda: os.cpu_count() or 1,
    show_default="number of cores",
    help="Cels worked on at once.",
)
@click.option("--report", is_flag=True, help="Also write report.html and report.json.")
@click.option(
    "--planes",
    is_flag=True,
    help="Also write each cel's lines and colors apart, to the folders _lines and _colors.",
)
@click.option("--resume", is_flag=True, help="Go on where an earlier run stopped.")
@click.option("--force", is_flag=True, help="Paint again what is painted already.")
@line_options
@column_options
@name_options
@output_options
def paint(
    cut: Path,
    references: tuple[Path, ...],
    sheets: tuple[tuple[Path, Path], ...],
    palettes: tuple[Path, ...],
    snap: int,
    hints: tuple[Path, ...],
    out: Path | None,
    matcher: str,
    traces: TraceChoice,
    undecided: str | None,
    below: float | None,
    file_format: str | None,
    paint_layers: str,
    jobs: int,
    report: bool,
    planes: bool,
    resume: bool,
    force: bool,
    quiet: bool,
    as_json: bool,
    names: FolderNames,
    **line: Any,
) -> None:
    """Paint the drawings in the folder CUT from coloured cels.

    The painted cels get the names of the drawings and are stored the same way unless --format says
    otherwise. Drawings are never changed.
    """
    if below is not None and undecided is None and "settings" in given_fields("below"):
        raise BadOption(
            "--below says nothing without --undecided",
            expected="both or neither",
            action='Add --undecided "#ff00ff"',
        )
    is_flat = file_format and not formats.FORMATS[file_format.upper()].is_layered
    if paint_layers == "color" and is_flat:
        raise BadOption(
            f"--paint-layers says nothing with --format {file_format}",
            expected="--format psd",
            action="Leave out one of them",
        )
    lines, segments, max_pixels = read_line_options(**line)
    settings = PaintSettings(
        lines=lines,
        segments=segments,
        traces=traces,
        undecided=undecided,
        below=PaintSettings().below if below is None else below,
        snap=snap,
        max_pixels=max_pixels,
    )
    job = CutJob(
        folder=cut,
        references=references,
        sheets=sheets,
        palettes=palettes,
        out=out,
        matcher=matcher,
        settings=settings,
        storage=Storage(
            format=file_format.upper() if file_format else None,
            paint_layers="color" if paint_layers == "color" else "one",
        ),
        hints=hints,
        jobs=jobs,
        force=force,
        resume=resume,
        report=report,
        planes=planes,
        names=names,
        presets=used_presets(),
        given=given_fields("traces", "undecided", "below", "snap", *line),
    )
    with show_progress(CELS, "reading references", hidden=quiet or as_json) as advance:
        record = paint_cut(job, lambda cel, done, total: advance(cel.name, done, total))
    if as_json:
        click.echo(record.to_json())
    _print_problems(record)
    if not (quiet or as_json):
        _print_cut(record, report=report)
    if record.interrupted:
        sys.exit(INTERRUPTED)
    if record.count("failed") or record.errors:
        sys.exit(1)


app.add_command(make_batch(paint))


@app.command(cls=PresetCommand)
@click.argument("frame", type=click.Path(path_type=Path))
@click.option(
    "-o",
    "--out",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Picture to write.  [default: FRAME_segments.png in the current folder]",
)
@click.option("--force", is_flag=True, help="Overwrite the picture if it is there.")
@line_options
@output_options
def segments(
    frame: Path, out: Path | None, force: bool, quiet: bool, as_json: bool, **line: Any
) -> None:
    """Show how the drawing FRAME is split: segments in random colors, closed gaps marked."""
    lines, segment_settings, max_pixels = read_line_options(**line)
    out = out or Path(f"{frame.stem}_segments.png")
    summary = view_segments(frame, out, lines, segment_settings, max_pixels, force=force)
    if as_json:
        click.echo(json.dumps({**summary.to_dict(), "presets": str(used_presets() or "")}))
    elif not quiet:
        _print_segments(summary)


@app.command()
@click.option(
    "-o",
    "--out",
    type=click.Path(path_type=Path),
    default=Path("demo_painted"),
    show_default=True,
    help="Folder for the painted cels.",
)
@click.option("--force", is_flag=True, help="Paint again what is painted already.")
@output_options
def demo(out: Path, force: bool, quiet: bool, as_json: bool) -> None:
    """Paint the bundled cut from two coloured cels, and compare with how it should look."""
    with show_progress(CELS, "reading references", hidden=quiet or as_json) as advance:
        result = run_demo(
            out,
            force=force,
            jobs=os.cpu_count() or 1,
            progress=lambda cel, done, total: advance(cel.name, done, total),
        )
    if as_json:
        click.echo(json.dumps(result.to_dict(), indent=1))
    elif not quiet:
        _print_cut(result.record, report=True)
        _print_demo(result)


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


def _print_cut(record: CutRecord, *, report: bool) -> None:
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
            {"left blank": f"{record.blank}, since nothing tells their color"}
            if record.blank
            else {}
        ),
        "seconds": f"{record.seconds:.1f}",
        "painted cels": record.out,
    }
    if report:
        rows["report"] = str(Path(record.out) / "report.html")
    print_rows(rows)


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


def _print_demo(result: DemoResult) -> None:
    """Print how right the demo cut came out."""
    table = Table(title="Segments painted right", title_justify="left")
    for heading in ("matcher", "all", "> 10 px", "pixels", "segments/s"):
        table.add_column(heading, justify="left" if heading == "matcher" else "right")
    for score in result.scores:
        name = f"[bold]{score.matcher}[/] (used)" if score.used else score.matcher
        table.add_row(
            name,
            f"{score.segments:.1%}",
            f"{score.large_segments:.1%}",
            f"{score.pixels:.1%}",
            f"{score.segments_per_second:.0f}",
        )
    console = make_console()
    console.print(table)
    console.print(
        f"{len(result.keys)} cels were given ({', '.join(result.keys)}), "
        f"{result.record.count('painted')} painted. {result.absent:.1%} of the segments have a "
        "color that neither of the given cels shows: no matcher can get those right."
    )
