"""What the commands of `shiage data` print."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from rich.table import Table

from shiage.commands.terminal import (
    make_console,
    print_error,
    print_json,
    print_rows,
    print_warning,
)
from shiage.data.cels import ImportRecord
from shiage.data.check import CheckResult
from shiage.data.dataset import SPLITS
from shiage.data.making import MakeRecord
from shiage.data.statistics import STEPS, SourceStatistics


def print_made(record: MakeRecord, *, quiet: bool) -> None:
    """Print what became of a run; failures are never kept quiet."""
    for name, message in record.failed:
        print_error(f"{name}: {message}")
    if record.interrupted:
        make_console(stderr=True).print(
            "[bold red]interrupted:[/] what is done is complete; the same command goes on"
        )
    if quiet:
        return
    rate = record.frames / record.seconds if record.frames else 0.0
    counts = {"made": record.made, "there before": record.kept, "failed": len(record.failed)}
    print_rows(
        {
            "clips": ", ".join(f"{n} {what}" for what, n in counts.items() if n) or "0",
            "frames": f"{record.frames} ({rate:.1f} a second)",
            "seconds": f"{record.seconds:.1f}",
            "folder": record.folder,
        }
    )


def print_check(result: CheckResult, *, quiet: bool) -> None:
    """Print what was found; findings are never kept quiet."""
    for finding in result.findings:
        tell = print_error if finding.severity == "error" else print_warning
        tell(str(finding))
    if not quiet:
        print_rows(
            {
                "clips": str(result.clips),
                "frames": str(result.frames),
                "errors": str(len(result.of("error"))),
                "warnings": str(len(result.of("warning"))),
            }
        )


def print_import(record: ImportRecord, *, quiet: bool, as_json: bool) -> None:
    """Print what was imported; warnings are never kept quiet."""
    if as_json:
        print_json(record)
    for warning in record.warnings:
        print_warning(warning)
    if not (quiet or as_json):
        print_rows({"clips": ", ".join(record.clips), "frames": str(record.frames)})


def print_statistics(rows: list[SourceStatistics]) -> None:
    """Print a table with a column per source."""
    table = Table(box=None, pad_edge=False)
    table.add_column("")
    for row in rows:
        table.add_column(row.source, justify="right")

    def add(label: str, tell: Callable[[SourceStatistics], str]) -> None:
        table.add_row(label, *(tell(row) for row in rows))

    add("clips", lambda row: str(row.clips))
    add("drawings", lambda row: str(row.frames))
    add(
        f"characters ({', '.join(SPLITS)})",
        lambda row: ", ".join(str(row.characters[split]) for split in SPLITS),
    )
    add("segments per drawing, mean", lambda row: f"{row.segments['mean']:.1f}")
    add("  median", lambda row: f"{row.segments['median']:.0f}")
    add("  5 % to 95 %", lambda row: f"{row.segments['p5']:.0f} to {row.segments['p95']:.0f}")
    add("area of segments, median", lambda row: f"{row.area_median:.0f} px")
    add("  under 10 px", lambda row: f"{row.small_px:.1%}")
    add("  under 0.1 % of the picture", lambda row: f"{row.small_share:.1%}")
    titles = {"1": "drawings side by side", "4": "four apart", "clip": "first and last"}
    labels = {
        "region_absent": "region absent",
        "color_absent": "color absent",
        "moved_median": "moved, median",
        "moved_p90": "moved, 90 %",
        "position_right": "right by nearest position",
    }
    for step in STEPS:
        table.add_section()
        table.add_row(f"[bold]{titles[step]}[/]")
        for key, label in labels.items():
            add(f"  {label}", partial(_pair_share, step, key))
    make_console().print(table)


def _pair_share(step: str, key: str, row: SourceStatistics) -> str:
    value: float | None = getattr(row.pairs[step], key)
    return "-" if value is None else f"{value:.1%}"
