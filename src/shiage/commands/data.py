"""`shiage data`: parse, call, print."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import rich_click as click

from shiage.commands.data_tables import print_check, print_import, print_made, print_statistics
from shiage.commands.terminal import (
    F,
    output_options,
    print_json,
    print_rows,
    show_progress,
)
from shiage.data.cels import import_cels
from shiage.data.check import check_dataset
from shiage.data.contact_sheet import write_sheets
from shiage.data.dataset import SPLITS
from shiage.data.maker import ClipSettings, Maker
from shiage.data.making import MakeJob, make_clips
from shiage.data.paintbucket import import_paintbucket
from shiage.data.rough.hand import STRENGTH, Level
from shiage.data.statistics import compute_statistics
from shiage.errors import INTERRUPTED
from shiage.extras import import_part

FOLDER = click.Path(path_type=Path)


@click.group()
def data() -> None:
    """Make, check and look at training data: cuts with their truth."""


@data.group()
def make() -> None:
    """Make clips with truth; the same seed makes the same clips.

    An interrupted run goes on where it stopped when the command is given again, and a larger
    --clips adds to what is there.
    """


def make_options(command: F) -> F:
    """Add the options that all makers share."""
    options = [
        click.option("-o", "--out", type=FOLDER, required=True, help="Folder of the dataset."),
        click.option(
            "--clips",
            type=click.IntRange(min=1),
            default=100,
            show_default=True,
            help="How many clips the dataset is to have.",
        ),
        click.option(
            "--frames",
            type=click.IntRange(min=1),
            default=ClipSettings().frames,
            show_default=True,
            help="Drawings per clip.",
        ),
        click.option(
            "--size",
            type=click.IntRange(min=64),
            default=ClipSettings().size,
            show_default=True,
            help="Height and width of the drawings, pixels.",
        ),
        click.option(
            "--seed",
            type=click.IntRange(min=0),
            default=0,
            show_default=True,
            help="Other seeds make other clips.",
        ),
        click.option("--split", type=click.Choice(SPLITS), help="Only characters of this split."),
        jobs_option("Clips made at once."),
        click.option(
            "--force", is_flag=True, help="Make clips again that were made with other settings."
        ),
        output_options,
    ]
    for option in reversed(options):
        command = option(command)
    return command


def jobs_option(help_text: str) -> Callable[[F], F]:
    """Return the option that tells how much is done at once."""
    return click.option(
        "-j",
        "--jobs",
        type=click.IntRange(min=1),
        default=lambda: os.cpu_count() or 1,
        show_default="number of cores",
        help=help_text,
    )


@make.command()
@click.option(
    "--assets", type=FOLDER, required=True, help="Folder of rigged characters (GLB files)."
)
@make_options
def rendered(assets: Path, **options: Any) -> None:
    """Pose rigged 3D characters and draw them.

    Example: shiage data make rendered --assets assets3d --clips 1000 --out dataset
    """
    _make("rigged.maker", "RiggedMaker", assets, **options)


@make.command()
@click.option(
    "--characters",
    type=click.IntRange(min=1),
    default=1000,
    show_default=True,
    help="How many different characters.",
)
@make_options
def procedural(characters: int, **options: Any) -> None:
    """Invent characters, pose and draw them; needs no files.

    Example: shiage data make procedural --characters 500 --clips 1000 --out dataset
    """
    _make("procedural.maker", "ProceduralMaker", characters, **options)


@make.command()
@click.option("--art", type=FOLDER, required=True, help="Folder of flat SVG art.")
@make_options
def vector(art: Path, **options: Any) -> None:
    """Move the elements of flat drawn art.

    Example: shiage data make vector --art svg --clips 500 --out dataset
    """
    _make("vector.maker", "VectorMaker", art, **options)


@data.command()
@click.argument("folder", metavar="DIR", type=FOLDER)
@jobs_option("Clips checked at once.")
@output_options
def check(folder: Path, jobs: int, quiet: bool, as_json: bool) -> None:
    """Check every clip in the folder DIR; exit code 1 if one has an error.

    Errors would spoil training or scores; warnings are odd but harmless.
    """
    with show_progress({"clips": 1}, "looking", hidden=quiet or as_json) as advance:
        result = check_dataset(folder, jobs, advance)
    if as_json:
        print_json(result)
    else:
        print_check(result, quiet=quiet)
    if result.of("error"):
        sys.exit(1)


@data.command()
@click.argument("folder", metavar="DIR", type=FOLDER)
@click.option(
    "-o", "--out", type=FOLDER, help="Folder for the sheets.  [default: DIR's name with _sheets]"
)
@click.option(
    "--clips",
    type=click.IntRange(min=1),
    default=12,
    show_default=True,
    help="How many clips, evenly chosen.",
)
@click.option(
    "--rough",
    type=click.Choice(list(STRENGTH)),
    help="Add a row of the drawings as a hand would draw them: with pencil, gaps, stray strokes.",
)
@click.option("--force", is_flag=True, help="Overwrite sheets that are there.")
@output_options
def show(
    folder: Path,
    out: Path | None,
    clips: int,
    rough: Level | None,
    force: bool,
    quiet: bool,
    as_json: bool,
) -> None:
    """Draw contact sheets of clips in DIR: line, segments, color and regions.

    Regions keep their color from drawing to drawing; those that the first one lacks are striped.
    """
    out = out or Path(f"{folder.resolve().name}_sheets")
    with show_progress({"clips": 1}, "reading", hidden=quiet or as_json) as advance:
        files = write_sheets(folder, out, clips, rough=rough, force=force, progress=advance)
    if as_json:
        click.echo(json.dumps([str(file) for file in files]))
    elif not quiet:
        print_rows({"sheets": str(len(files)), "folder": str(out)})


@data.command()
@click.argument("folder", metavar="DIR", type=FOLDER)
@jobs_option("Clips checked at once.")
@output_options
def stats(folder: Path, jobs: int, quiet: bool, as_json: bool) -> None:
    """Tell what the clips in DIR are like, and how hard to match."""
    with show_progress({"clips": 1}, "reading", hidden=quiet or as_json) as advance:
        rows = compute_statistics(folder, jobs, advance)
    if as_json:
        print_json(rows)
    elif not quiet:
        print_statistics(rows)


@data.command("import-cels")
@click.argument("folder", metavar="DIR", type=FOLDER)
@click.option(
    "--character", required=True, help="Name of the character on the cels; it decides the split."
)
@click.option(
    "--license",
    "license_text",
    required=True,
    metavar="TEXT",
    help="License of the cels, with the credit it asks for.",
)
@click.option("-o", "--out", type=FOLDER, required=True, help="Folder of the dataset.")
@click.option("--force", is_flag=True, help="Replace clips that are there.")
@output_options
def import_cels_command(
    folder: Path,
    character: str,
    license_text: str,
    out: Path,
    force: bool,
    quiet: bool,
    as_json: bool,
) -> None:
    """Make clips of your own painted cels in the folder DIR.

    Drawings with their paintings in color, paint or ref beside them, or paintings alone. Each
    column becomes a clip. Colors are known then, regions are not.

    Example: shiage data import-cels cut012 --character Hana --license "my own" --out dataset
    """
    with show_progress({"cels": 1}, "reading", hidden=quiet or as_json) as advance:
        record = import_cels(folder, out, character, license_text, force=force, progress=advance)
    print_import(record, quiet=quiet, as_json=as_json)


@data.command("import-paintbucket")
@click.argument("folder", metavar="DIR", type=FOLDER)
@click.option("-o", "--out", type=FOLDER, required=True, help="Folder of the dataset.")
@click.option("--force", is_flag=True, help="Replace clips that are there.")
@output_options
def import_paintbucket_command(
    folder: Path, out: Path, force: bool, quiet: bool, as_json: bool
) -> None:
    """Make clips of the PaintBucket-Character set, or of others laid out like it, in DIR.

    The set may be used for non-commercial purposes only; the clips keep its license.
    """
    with show_progress({"clips": 1}, "reading", hidden=quiet or as_json) as advance:
        record = import_paintbucket(folder, out, force=force, progress=advance)
    print_import(record, quiet=quiet, as_json=as_json)


def _load_maker(module: str, name: str) -> Callable[..., Maker]:
    """Return a maker's class; its libraries are installed with an extra."""
    maker: Callable[..., Maker] = getattr(import_part(f"shiage.data.{module}", "data"), name)
    return maker


def _make(
    module: str,
    name: str,
    *arguments: Any,
    out: Path,
    clips: int,
    frames: int,
    size: int,
    seed: int,
    split: Any,
    jobs: int,
    force: bool,
    quiet: bool,
    as_json: bool,
) -> None:
    """Make clips and print what became of them."""
    job = MakeJob(
        maker=_load_maker(module, name)(*arguments),
        clips=clips,
        out=out,
        seed=seed,
        settings=ClipSettings(size, frames),
        split=split,
        jobs=jobs,
        force=force,
    )
    units = {"clips": 1, "frames": frames}
    with show_progress(units, "starting", hidden=quiet or as_json) as advance:
        record = make_clips(job, advance)
    if as_json:
        print_json(record)
    print_made(record, quiet=quiet or as_json)
    if record.interrupted:
        sys.exit(INTERRUPTED)
    if record.failed:
        sys.exit(1)
