"""The command `shiage recolor`."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import rich_click as click

from shiage.commands.palette import warn_of
from shiage.commands.terminal import (
    output_options,
    print_error,
    print_rows,
    print_warning,
    show_progress,
)
from shiage.cuts.recoloring import Recoloring, tell_recolored
from shiage.errors import BadOption, FileError
from shiage.files.atomic import require_new
from shiage.files.palettes import By, pair_entries, read_palette
from shiage.painting.recolor import list_painted
from shiage.painting.storage import Storage


@click.command()
@click.argument("painted", type=click.Path(path_type=Path))
@click.option("--from", "old", required=True, type=click.Path(path_type=Path), metavar="FILE",
              help="Palette of the painted cels: .gpl, .aco, .ase, .tpl or .plt.")  # fmt: skip
@click.option("--to", "new", required=True, type=click.Path(path_type=Path), metavar="FILE",
              help="Palette with the new colors.")  # fmt: skip
@click.option(
    "--by",
    type=click.Choice(["auto", "id", "name"]),
    default="auto",
    show_default=True,
    help="How a color of one palette is found in the other; auto takes ids if both palettes are "
    "of one format and as long, else names.",
)
@click.option("--lines", is_flag=True,
              help="Also lines in a color of the old palette; without it lines stay.")  # fmt: skip
@click.option("--paper", is_flag=True,
              help="Also bare paper in a color of the old palette.")  # fmt: skip
@click.option("-o", "--out", required=True, type=click.Path(path_type=Path), metavar="FOLDER",
              help="Folder for the new cels.")  # fmt: skip
@click.option("--force", is_flag=True, help="Replace cels that are there already.")
@output_options
def recolor(
    painted: Path,
    old: Path,
    new: Path,
    by: By,
    lines: bool,
    paper: bool,
    out: Path,
    force: bool,
    quiet: bool,
    as_json: bool,
) -> None:
    """Give the painted cels in PAINTED the colors of another palette (色変え).

    Every fill in a color of the old palette gets the color of the same id or name in the new one,
    exactly; lines and paper stay, and the antialiased rims of lines follow. Parts of one color are
    kept apart, and black hair from black lines, by what shiage wrote down when it painted; where
    that is missing, a warning says what was done. Painted cels are never changed.
    """
    pairs = pair_entries(warn_of(old, read_palette(old)), warn_of(new, read_palette(new)), by)
    files = list_painted(painted)
    if out.resolve() == painted.resolve():
        raise BadOption(
            "the painted cels lie in this folder",
            path=out,
            expected="another folder, since painted cels are never overwritten",
            action="Give another one with --out",
        )
    names = [Storage().name(path.relative_to(painted)) for path in files]
    require_new(*(out / name for name in names), force=force)
    recoloring = Recoloring(files, pairs, lines=lines, paper=paper)
    done, failed = [], 0
    with show_progress({"cels": 1}, "reading palettes", hidden=quiet or as_json) as advance:
        for at, (path, name) in enumerate(zip(files, names, strict=True), start=1):
            try:
                done.append(recoloring.recolor_file(path, out, name))
            except FileError as error:
                failed += 1
                print_error(str(error))
            advance(path.name, at, len(files))
    for sentence in tell_recolored(done, recoloring.pairs, old.name, new.name):
        print_warning(sentence)
    rows = {
        "cels": len(done),
        "changed": sum(cel.changed > 0 for cel in done),
        "failed": failed,
        "colors": recoloring.count_changing(),
    }
    if as_json:
        click.echo(json.dumps({**rows, "out": str(out)}))
    elif not quiet:
        print_rows({name: str(value) for name, value in rows.items()} | {"out": str(out)})
    sys.exit(1 if failed else 0)
