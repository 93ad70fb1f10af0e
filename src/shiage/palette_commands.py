"""The commands `shiage recolor` and `shiage palette`."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import rich_click as click
from numpy.typing import NDArray

from shiage.colors.palette import hex_of
from shiage.cuts.journal import recall_run
from shiage.cuts.project import apply_palette, read_project
from shiage.errors import BadOption, FileError
from shiage.files.atomic import require_new
from shiage.files.images import MAX_PIXELS, read_picture
from shiage.files.palettes import (
    PALETTE_FORMATS,
    PaletteFile,
    format_for,
    from_palette,
    losses,
    read_palette,
    write_palette,
)
from shiage.painting.recolor import list_painted, recolor_file
from shiage.painting.storage import Storage
from shiage.terminal import (
    output_options,
    print_error,
    print_rows,
    print_warning,
    show_progress,
)

PAPER_OR_LINE = ((65535,) * 4, (0, 0, 0, 65535))
"""White and black: in painted cels they are paper and lines, mostly."""


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
@click.option("-o", "--out", required=True, type=click.Path(path_type=Path), metavar="FOLDER",
              help="Folder for the new cels.")  # fmt: skip
@click.option("--force", is_flag=True, help="Replace cels that are there already.")
@output_options
def recolor(
    painted: Path, old: Path, new: Path, by: str, out: Path, force: bool, quiet: bool, as_json: bool
) -> None:
    """Give the painted cels in PAINTED the colors of another palette (色変え).

    Every pixel in a color of the old palette gets the color of the same id or name in the new one,
    exactly; lines stay, and their antialiased rims follow. Painted cels are never changed.
    """
    before, after = _pair(_load(old), _load(new), by)
    files = list_painted(painted)
    targets = [out / Storage().name(path.relative_to(painted)) for path in files]
    require_new(*targets, force=force)
    done, failed = [], 0
    with show_progress({"cels": 1}, "reading palettes", hidden=quiet or as_json) as advance:
        for at, (path, target) in enumerate(zip(files, targets, strict=True), start=1):
            try:
                done.append(recolor_file(path, target, before, after, MAX_PIXELS))
            except FileError as error:
                failed += 1
                print_error(str(error))
            advance(path.name, at, len(files))
    for cel in done:
        if cel.other:
            print_warning(f"{cel.path}: {cel.other} pixels are in no color of {old.name}")
    rows = {
        "cels": len(done),
        "changed": sum(cel.changed > 0 for cel in done),
        "failed": failed,
        "colors": int((before != after).any(axis=1).sum()),
    }
    if as_json:
        click.echo(json.dumps({**rows, "out": str(out)}))
    elif not quiet:
        print_rows({name: str(value) for name, value in rows.items()} | {"out": str(out)})
    sys.exit(1 if failed else 0)


@click.command()
@click.argument("source", type=click.Path(path_type=Path))
@click.argument("target", type=click.Path(path_type=Path))
@click.option("--force", is_flag=True, help="Replace the file if it is there.")
@output_options
def palette(source: Path, target: Path, force: bool, quiet: bool, as_json: bool) -> None:
    """Write the colors of SOURCE to the palette file TARGET.

    SOURCE is a palette file, or a folder of painted cels; names and groups of the palette that they
    were painted with, and names given in the page, are kept. TARGET ends in .gpl (GIMP, Krita),
    .aco (Photoshop), .ase (Illustrator), .tpl (OpenToonz) or .plt (Harmony).
    """
    target_format = format_for(target)
    require_new(target, force=force)
    colors = _collect(source) if source.is_dir() else _load(source)
    for sentence in losses(colors, target_format):
        print_warning(sentence)
    write_palette(target, colors)
    if as_json:
        click.echo(json.dumps({"colors": len(colors.entries), "palette": str(target)}))
    elif not quiet:
        print_rows({"colors": str(len(colors.entries)), "palette": str(target)})


def _load(path: Path) -> PaletteFile:
    """Return a palette file; what could not be taken is told."""
    found = read_palette(path)
    for warning in found.warnings:
        print_warning(f"{path}: {warning}")
    return found


def _collect(folder: Path) -> PaletteFile:
    """Return the colors of painted cels but for white and black.

    Those of the palette that the cels were painted with come first, in its order and exactly as it
    has them; then the others, the commonest first.
    """
    counts: dict[tuple[int, ...], int] = {}
    for path in list_painted(folder):
        pixels = read_picture(path).pixels
        rows, found = np.unique(pixels.reshape(-1, 4), axis=0, return_counts=True)
        deep = rows.astype(np.uint16) * (257 if pixels.dtype == np.uint8 else 1)
        for row, count in zip(deep.tolist(), found.tolist(), strict=True):
            counts[tuple(row)] = counts.get(tuple(row), 0) + count
    total = sum(counts.values())
    kept = [
        row
        for row, count in sorted(counts.items(), key=lambda item: -item[1])
        if row[3] and row not in PAPER_OR_LINE and count * 100_000 >= total
    ]
    known = recall_run(folder).palette
    exact = dict(zip(known.to_hex(), known.rgba_u16.tolist(), strict=True))
    colors = [exact.get(hex_of(row), row) for row in kept]
    whole, ids = known.extended(np.array(colors, np.uint16).reshape(-1, 4))
    base = whole.only(sorted(set(ids.tolist())))
    project = read_project(folder)
    named = apply_palette(base, project.palette if project else ()).palette
    return replace(from_palette(named, folder.name), format=None)


def _pair(
    old: PaletteFile, new: PaletteFile, by: str
) -> tuple[NDArray[np.uint16], NDArray[np.uint16]]:
    """Return the colors of the old palette, and the new color of each; both (K, 4)."""
    if by == "auto":
        alike = old.format == new.format and len(old.entries) == len(new.entries)
        by = "id" if alike else "name"
    if by == "id":
        known = {entry.id if entry.id is not None else at: entry.rgba_u16
                 for at, entry in enumerate(new.entries)}  # fmt: skip
        pairs = [
            (entry.rgba_u16, known.get(entry.id if entry.id is not None else at))
            for at, entry in enumerate(old.entries)
        ]
    else:
        names = {entry.name: entry.rgba_u16 for entry in reversed(new.entries) if entry.name}
        pairs = [(entry.rgba_u16, names.get(entry.name)) for entry in old.entries]
    found = {before: after for before, after in reversed(pairs) if after is not None}
    if not found:
        raise BadOption(
            f"the palettes have no color in common by {by}",
            expected="palettes of the same parts, one with other colors",
            action="Try --by id or --by name; formats are " + ", ".join(PALETTE_FORMATS),
        )
    return np.array(list(found), np.uint16), np.array(list(found.values()), np.uint16)
