"""The command `shiage train`."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import rich_click as click
from msgspec.structs import replace

from shiage.commands.terminal import output_options, print_json, print_rows, show_progress
from shiage.errors import INTERRUPTED, BadOption
from shiage.extras import import_part

FOLDER = click.Path(path_type=Path)
RUNS = Path("runs")

ENDINGS = {
    "done": "the run is over",
    "early": "no better validation for long: ended early",
    "paused": "paused; --resume goes on",
    "interrupted": "interrupted; --resume goes on",
}


@click.command()
@click.option("-c", "--config", "config_file", type=FOLDER, help="Settings, a TOML file.")
@click.option(
    "--data",
    "folders",
    type=FOLDER,
    multiple=True,
    metavar="DIR",
    help="A dataset to learn from. Repeatable.",
)
@click.option(
    "--run",
    required=True,
    metavar="NAME",
    help="Folder of the run; a name alone is put into runs/.",
)
@click.option("--resume", is_flag=True, help="Go on with the run, with the settings it has.")
@click.option(
    "--from",
    "start",
    type=FOLDER,
    metavar="WEIGHTS",
    help="Begin with the weights of a checkpoint, or of a model's card: sets run.start.",
)
@click.option(
    "--minutes",
    type=click.FloatRange(min=0, min_open=True),
    help="End the run after this many minutes of training; its learning rate decays until "
    "then: sets run.minutes, and no end by pairs.",
)
@click.option(
    "--pause-after",
    type=click.FloatRange(min=0, min_open=True),
    metavar="MINUTES",
    help="Stop cleanly after this many minutes, to go on later with --resume.",
)
@click.option(
    "--set",
    "overrides",
    multiple=True,
    metavar="KEY=VALUE",
    help="Override a setting, such as run.pairs=1000. Repeatable.",
)
@output_options
def train(
    config_file: Path | None,
    folders: tuple[Path, ...],
    run: str,
    resume: bool,
    start: Path | None,
    minutes: float | None,
    pause_after: float | None,
    overrides: tuple[str, ...],
    quiet: bool,
    as_json: bool,
) -> None:
    """Train a model on datasets that `shiage data` has made.

    The run's folder gets its settings, log.csv, curves.png, checkpoints (best.pt by validation,
    last.pt to resume from) and what TensorBoard reads. With several GPUs or machines:
    torchrun --nproc-per-node N --no-python -- shiage train ...

    Example: shiage train --config configs/compact.toml --data dataset --run first
    """
    loop = import_part("shiage.training.loop", "train")
    settings = import_part("shiage.training.config", "train")
    place = Path(run) if Path(run).parent != Path() else RUNS / run
    if config_file is None and resume:
        config_file = place / loop.CONFIG
    if minutes is not None:
        overrides = (*overrides, f"run.minutes={minutes}", "run.pairs=0")
    config = settings.load_config(config_file, overrides)
    if start is not None:
        config = replace(config, run=replace(config.run, start=str(start.resolve())))
    if folders:
        paths = tuple(str(folder.resolve()) for folder in folders)
        config = replace(config, data=replace(config.data, folders=paths))
    if not config.data.folders:
        raise BadOption("there is nothing to learn from", action="Give --data DIR")
    job = loop.TrainJob(config, place, resume=resume, pause_after=pause_after)
    hidden = quiet or as_json or os.environ.get("RANK", "0") != "0"
    with show_progress({"pairs": 1}, "reading clips", hidden=hidden) as advance:
        record = loop.train(job, advance)
    if as_json:
        print_json(record)
    elif not hidden:
        _print_run(record)
    if record.ended == "interrupted":
        sys.exit(INTERRUPTED)


def _print_run(record: Any) -> None:
    """Print what became of a run."""
    rows = {"run": record.run, "end": ENDINGS[record.ended]}
    rows |= {"pairs": f"{record.pairs:,}", "minutes": f"{record.minutes:.1f}"}
    if record.best >= 0:
        rows["best"] = f"{record.best:.1%} of validation, after {record.best_pairs:,} pairs"
    print_rows(rows)
