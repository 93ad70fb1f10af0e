"""`shiage train` and `shiage export`: parse, call, print."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import rich_click as click

from shiage.errors import BadOption
from shiage.extras import import_part
from shiage.files.atomic import require_new
from shiage.terminal import INTERRUPTED, output_options, print_rows, show_progress

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
    help="A dataset to learn from; several times for several.",
)
@click.option(
    "--run", required=True, metavar="NAME", help="Folder of the run; a bare name is below runs/."
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
    help="The run is over after so many minutes of training, and its learning rate decays until "
    "then: sets run.minutes, and no end by pairs.",
)
@click.option(
    "--pause-after",
    type=click.FloatRange(min=0, min_open=True),
    metavar="MINUTES",
    help="Stop cleanly after so many minutes, to go on later with --resume.",
)
@click.option(
    "--set",
    "overrides",
    multiple=True,
    metavar="KEY=VALUE",
    help="Override a setting, such as run.pairs=1000; several times for several.",
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
    loop, settings = _import("loop"), _import("config")
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
        click.echo(json.dumps(asdict(record), indent=1))
    elif not hidden:
        _print_run(record)
    if record.ended == "interrupted":
        sys.exit(INTERRUPTED)


@click.command()
@click.argument("checkpoint", type=FOLDER)
@click.option(
    "--data",
    "folders",
    type=FOLDER,
    multiple=True,
    required=True,
    metavar="DIR",
    help="The dataset learned from, whose validation characters confidence is fitted on; several "
    "times for several.",
)
@click.option(
    "-o", "--out", type=FOLDER, required=True, metavar="CARD", help="The model's card, NAME.json."
)
@click.option(
    "--license",
    "license_text",
    default="Apache-2.0",
    show_default=True,
    help="License of the weights.",
)
@click.option("--plot", type=FOLDER, metavar="PNG", help="Also draw confidence beside truth.")
@click.option(
    "--pairs",
    type=click.IntRange(min=1),
    default=200,
    show_default=True,
    help="Pairs by source and distance to fit on, and frames to measure on, at most.",
)
@click.option("--force", is_flag=True, help="Overwrite these files.")
@output_options
def export(
    checkpoint: Path,
    folders: tuple[Path, ...],
    out: Path,
    license_text: str,
    plot: Path | None,
    pairs: int,
    force: bool,
    quiet: bool,
    as_json: bool,
) -> None:
    """Make a checkpoint a model to paint with: shiage paint --matcher CARD.

    Its confidence is fitted on validation characters, and it is measured on those and on test
    characters. Beside the card, NAME.json, two graphs are written, NAME.encode.onnx and
    NAME.compare.onnx.

    Example: shiage export runs/first/best.pt --data dataset --out first.json
    """
    if out.suffix != ".json":
        raise BadOption(f"--out {out} is no card", expected="a name that ends in .json")
    shipping = _import("shipping")
    require_new(out, *([plot] if plot else []), force=force)
    out.parent.mkdir(parents=True, exist_ok=True)
    job = shipping.ShippingJob(checkpoint, folders, out, license_text, plot, pairs)
    with show_progress({"clips": 1}, "fitting confidence", hidden=quiet or as_json) as advance:
        card = shipping.ship(job, advance)
    if as_json:
        click.echo(out.read_text(encoding="utf-8"), nl=False)
    elif not quiet:
        calibration = card.metrics["calibration"]
        errors = [f"{calibration[when]['error']:.1%}" for when in ("before", "after")]
        size = card.encode.bytes + card.compare.bytes
        print_rows(
            {
                "model": str(out),
                "size": f"{size / 1e6:.1f} MB",
                "temperature": f"{card.temperature:.2f}",
                "calibration": f"error {errors[1]}, {errors[0]} without",
                "beside torch": f"differs by {card.largest_difference:.1e} at most",
            }
        )


def _import(name: str) -> Any:
    """Return a module of `shiage.training`."""
    return import_part(f"shiage.training.{name}", "train")


def _print_run(record: Any) -> None:
    """Print what became of a run."""
    rows = {"run": record.run, "end": ENDINGS[record.ended]}
    rows |= {"pairs": f"{record.pairs:,}", "minutes": f"{record.minutes:.1f}"}
    if record.best >= 0:
        rows["best"] = f"{record.best:.1%} of validation, after {record.best_pairs:,} pairs"
    print_rows(rows)
