"""Palette files of other programs: GIMP, Photoshop, Illustrator, OpenToonz, Harmony.

What each format holds of an `Entry`; what it does not hold is lost on writing, and `losses` says so
in sentences. Names of all scripts are kept exactly, but control characters become spaces.

| | `.gpl` | `.aco` | `.ase` | `.tpl` | `.plt` |
|---|---|---|---|---|---|
| program | GIMP, Aseprite, Krita | Photoshop | Illustrator | OpenToonz | Harmony |
| bits a channel | 8 | 16 | 16, as float | 8 | 8 |
| alpha | lost | lost | lost | kept | kept |
| names | no spaces at the ends | kept | kept | kept | kept |
| groups | lost | lost | kept | kept, as pages | lost |
| order | kept | kept | kept | by page | kept |
| id | position | position | position | position of the style | own, 64 bits |
| autopaint | lost | lost | lost | kept | lost |
| name of the palette | kept | lost | lost | lost | lost |
| number of colors | any | 65,535 | any | 4,095 | any |
| read, but left out | - | all but RGB, HSB | all but RGB, gray | what is no plain color | same |

A `.tpl` always has pages: colors in no group come back from it in the group "colors". The alpha of
`Channels: RGBA`, Aseprite's addition to `.gpl`, is read but never written: GIMP takes it for a part
of the name, and Krita refuses the file. When a file is written in the format it was read from,
these come along word for word: styles, gradients and textures that are no plain color, global and
original names, picked positions, animation, shortcuts and page order of `.tpl`, the columns of
`.gpl`, the color types of `.ase`. Comments
do not.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from types import ModuleType
from typing import get_args

import numpy as np

from shiage.colors.palette import Palette
from shiage.errors import BadOption, DamagedPalette, FileError, WriteFailed
from shiage.files.atomic import write_atomically
from shiage.files.palettes import aco, ase, gpl, plt, tpl
from shiage.files.palettes.model import (
    Entry,
    Kept,
    Page,
    PaletteFile,
    PaletteFormat,
    from_palette,
    losses,
    to_palette,
)
from shiage.files.palettes.pairing import By, Pair, pair_entries
from shiage.files.reading import read_file

__all__ = [
    "PALETTE_FORMATS",
    "By",
    "Entry",
    "Kept",
    "Page",
    "Pair",
    "PaletteFile",
    "PaletteFormat",
    "encode_palette",
    "format_for",
    "from_palette",
    "losses",
    "pair_entries",
    "read_palette",
    "read_palettes",
    "to_palette",
    "write_palette",
]

PALETTE_FORMATS: tuple[PaletteFormat, ...] = get_args(PaletteFormat)
"""The formats, each of which is also the suffix of its files without the dot."""

_MODULES: dict[PaletteFormat, ModuleType] = {
    "gpl": gpl,
    "ase": ase,
    "plt": plt,
    "tpl": tpl,
    "aco": aco,  # last, as it has no signature to tell it by
}

_TOLD = 5
"""Colors with several names that are listed by name."""

_MAX_BYTES = 8 << 20
"""A palette of 65,535 colors with long names is smaller."""


def read_palette(path: Path) -> PaletteFile:
    """Return what a palette file holds. Its content says the format, whatever the name says.

    What could not be taken is listed in the result's `warnings`; the rest is there all the same.

    Args:
        path: a `.gpl`, `.aco`, `.ase`, `.tpl` or `.plt`.

    Raises:
        UnreadableFile: missing, empty, a folder, not permitted.
        DamagedPalette: cut off or corrupt, or in none of the five formats.
    """
    data = _read(path)
    try:
        for module in _MODULES.values():
            if module.detect(data):
                palette: PaletteFile = module.decode(data)
                return palette
        raise _no_palette(data)
    except FileError as error:
        error.path = path
        raise


def read_palettes(paths: Iterable[Path]) -> tuple[Palette | None, list[str]]:
    """Return the colors of palette files as one palette, and sentences on what was left out.

    Where a color has several names, a sentence says so: references show only the color, and the
    first of them is taken.

    Args:
        paths: of files as `read_palette` takes them; without one there is no palette.

    Raises:
        FileError: see `read_palette`; or a file holds no color.
    """
    entries: list[Entry] = []
    notes: list[str] = []
    for path in paths:
        file = read_palette(path)
        if not any(entry.rgba_u16[3] for entry in file.entries):
            raise DamagedPalette(
                "the palette holds no color",
                path=path,
                expected="the colors that may be painted",
                action="Check that it is the palette of the cut",
            )
        notes += [f"{path}: {warning}" for warning in file.warnings]
        entries += file.entries
    if not entries:
        return None, notes
    palette, _ = to_palette(PaletteFile(tuple(entries)))
    return palette, [*notes, *_tell_doubles(palette)]


def _tell_doubles(palette: Palette) -> Iterator[str]:
    """Yield a sentence on the colors that have several names, if any has."""
    others: dict[int, list[str]] = {}
    for at in np.flatnonzero(palette.first_alike != np.arange(len(palette))).tolist():
        others.setdefault(int(palette.first_alike[at]), []).append(palette.titles[at])
    if others:
        codes = palette.to_hex()
        pairs = [
            f"{codes[at]} is {palette.titles[at]}, as is {', '.join(names)}"
            for at, names in list(others.items())[:_TOLD]
        ]
        more = f"; and {len(others) - _TOLD} more" if len(others) > _TOLD else ""
        yield (
            "a color that is there more than once goes by the first name, unless shiage ui says "
            f"which part is which: {'; '.join(pairs)}{more}"
        )


def encode_palette(palette: PaletteFile, format: PaletteFormat) -> bytes:  # noqa: A002
    """Return the content of a palette file; the same palette gives the same bytes.

    Raises:
        WriteFailed: there are more colors than the format can hold, or a name is too long for it.
    """
    data: bytes = _MODULES[format].encode(palette)
    return data


def write_palette(path: Path, palette: PaletteFile) -> None:
    """Write a palette in the format that the file's suffix tells, completely or not at all.

    Raises:
        BadOption: the suffix is that of no palette format.
        WriteFailed: full disk, missing permission, or see `encode_palette`.
    """
    palette_format = format_for(path)
    try:
        data = encode_palette(palette, palette_format)
    except WriteFailed as error:
        error.path = path
        raise
    write_atomically(path, data)


def format_for(path: Path) -> PaletteFormat:
    """Return the format that a file is written in, as its suffix tells.

    Raises:
        BadOption: the suffix is that of no palette format.
    """
    suffix = path.suffix.lower().removeprefix(".")
    for palette_format in PALETTE_FORMATS:
        if suffix == palette_format:
            return palette_format
    raise BadOption(
        f"{path.name!r} does not end like a palette file",
        expected=", ".join(f".{known}" for known in PALETTE_FORMATS),
        action="Choose a name that ends in one of these",
    )


def _read(path: Path) -> bytes:
    """Return the content of a file of sensible size."""
    data = read_file(path, "a palette file", _MAX_BYTES)
    if len(data) > _MAX_BYTES:
        raise DamagedPalette(
            "the file is too large for a palette",
            path=path,
            expected=f"at most {_MAX_BYTES >> 20} MiB",
            action="Check that it is a palette file",
        )
    return data


def _no_palette(data: bytes) -> DamagedPalette:
    """Return the error for content in none of the formats."""
    found = "the content is in no palette format that shiage reads"
    if data[4:6] == b"\xe0\xa5":
        found = "this is an Aseprite drawing, not an Adobe Swatch Exchange file"
    return DamagedPalette(
        found,
        expected="GIMP .gpl, Photoshop .aco, Adobe .ase, OpenToonz .tpl or Harmony .plt",
        action="Export the palette in one of these formats",
    )
