"""The command `shiage palette`."""

from __future__ import annotations

import json
from pathlib import Path

import rich_click as click

from shiage.commands.terminal import output_options, print_rows, print_warning
from shiage.cuts.used_colors import collect_colors
from shiage.files.atomic import require_new
from shiage.files.palettes import PaletteFile, format_for, losses, read_palette, write_palette


@click.command()
@click.argument("source", type=click.Path(path_type=Path))
@click.argument("target", type=click.Path(path_type=Path))
@click.option("--force", is_flag=True, help="Replace the file if it is there.")
@output_options
def palette(source: Path, target: Path, force: bool, quiet: bool, as_json: bool) -> None:
    """Write the colors of SOURCE to the palette file TARGET.

    SOURCE is a palette file, or a folder of painted cels, whose fills are meant: not the lines, not
    what is mixed where lines are soft. Names and groups of the palette that they were painted with,
    and names given in the page, are kept. TARGET ends in .gpl (GIMP, Krita),
    .aco (Photoshop), .ase (Illustrator), .tpl (OpenToonz) or .plt (Harmony).
    """
    target_format = format_for(target)
    require_new(target, force=force)
    colors = warn_of(source, collect_colors(source) if source.is_dir() else read_palette(source))
    for sentence in losses(colors, target_format):
        print_warning(sentence)
    write_palette(target, colors)
    if as_json:
        click.echo(json.dumps({"colors": len(colors.entries), "palette": str(target)}))
    elif not quiet:
        print_rows({"colors": str(len(colors.entries)), "palette": str(target)})


def warn_of(path: Path, palette: PaletteFile) -> PaletteFile:
    """Return a palette, once what could not be read of it was printed."""
    for warning in palette.warnings:
        print_warning(f"{path}: {warning}")
    return palette
