"""GIMP palettes: `r g b name` in lines of text.

Aseprite adds `Channels: RGBA` and writes `r g b a name`. That is read, but not written: to GIMP the
line is three black colors and the alpha a part of each name, and Krita refuses the file.
"""

from __future__ import annotations

import re

from shiage.errors import DamagedPalette
from shiage.files.palettes.model import Entry, PaletteFile, spread
from shiage.files.palettes.text import Notes, clean, decode_text, split_lines

_SIGNATURE = re.compile(rb"(\xef\xbb\xbf)?\s*GIMP Palette")
_FIELD = re.compile(r"([A-Za-z]+)[ \t]*:(.*)")
_NUMBERS = {count: re.compile(r"[ \t]+".join([r"([0-9]{1,9})"] * count)) for count in (3, 4)}


def detect(data: bytes) -> bool:
    """Return whether this is a GIMP palette."""
    return _SIGNATURE.match(data) is not None


def decode(data: bytes) -> PaletteFile:
    """Return the palette.

    Raises:
        DamagedPalette: there are lines, but not one of them is a color.
    """
    notes = Notes()
    text = decode_text(data, notes).lstrip()
    lines = [line.strip(" \t") for line in split_lines(text)]
    fields: dict[str, str] = {}
    entries: list[Entry] = []
    bad = 0
    for number, line in enumerate(lines[1:], 2):
        if not line or line.startswith("#"):
            continue
        if field := _FIELD.fullmatch(line):
            fields.setdefault(field[1].lower(), field[2].strip(" \t"))
            continue
        has_alpha = fields.get("channels", "").upper() == "RGBA"
        color = _NUMBERS[4 if has_alpha else 3].match(line)
        values = [int(value) for value in color.groups()] if color else [256]
        rest = line[color.end() :] if color else ""
        if max(values) > 255 or rest[:1] not in ("", " ", "\t"):
            bad += 1
            notes.add(f"Line {number} is no color and was left out: {line[:60]!r}.")
            continue
        at = len(entries) + bad + 1
        entries.append(Entry(rest.strip(" \t"), spread(values), at))
    if bad and not entries:
        raise DamagedPalette(
            f"none of the {bad:,} lines of the GIMP palette is a color",
            expected="lines of red, green and blue (0 to 255) and a name",
            action="Copy or export the file again",
        )
    columns = fields.get("columns", "")
    return PaletteFile(
        tuple(entries),
        fields.get("name", ""),
        "gpl",
        columns=int(columns) if re.fullmatch("[0-9]{1,3}", columns) and int(columns) < 256 else 0,
        warnings=notes.result(),
    )


def encode(palette: PaletteFile) -> bytes:
    """Return the content of a file."""
    lines = ["GIMP Palette"]
    lines.append(f"Name: {clean(palette.name).strip(' ') or 'Untitled'}")
    lines.append(f"Columns: {palette.columns if 0 <= palette.columns < 256 else 0}")
    lines.append("#")
    for entry in palette.entries:
        numbers = " ".join(f"{value:3}" for value in entry.rgba_u8[:3])
        lines.append(f"{numbers}\t{clean(entry.name).strip(' ')}".rstrip("\t"))
    return ("\n".join(lines) + "\n").encode()
