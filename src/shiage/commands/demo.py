"""The command `shiage demo`."""

from __future__ import annotations

import os
from pathlib import Path

import rich_click as click
from rich.table import Table

from shiage.commands.paint import print_cut
from shiage.commands.terminal import make_console, output_options, print_json, show_progress
from shiage.demo import DemoResult, run_demo


@click.command()
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
    with show_progress({"cels": 1}, "reading references", hidden=quiet or as_json) as advance:
        result = run_demo(
            out,
            force=force,
            jobs=os.cpu_count() or 1,
            progress=advance,
        )
    if as_json:
        print_json(result)
    elif not quiet:
        print_cut(result.record, report=True)
        _print_demo(result)


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
