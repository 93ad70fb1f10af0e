"""The command `shiage export`."""

from __future__ import annotations

from pathlib import Path

import rich_click as click

from shiage.commands.terminal import output_options, print_rows, show_progress
from shiage.errors import BadOption
from shiage.extras import import_part
from shiage.files.atomic import require_new

FOLDER = click.Path(path_type=Path)


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
    """Turn a checkpoint into a model to paint with: shiage paint --matcher CARD.

    Its confidence is fitted on validation characters, and it is measured on those and on test
    characters. Beside the card, NAME.json, two graphs are written, NAME.encode.onnx and
    NAME.compare.onnx.

    Example: shiage export runs/first/best.pt --data dataset --out first.json
    """
    if out.suffix != ".json":
        raise BadOption(f"--out {out} is no card", expected="a name that ends in .json")
    shipping = import_part("shiage.training.shipping", "train")
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
