"""Photoshop swatches: big-endian words; version 1 has colors only, version 2 behind it names too.

What Photoshop stores in RGB is exact. HSB is the same color in other coordinates. CMYK, Lab and
inks of color books become RGB only through a color profile, and are left out; so is gray, of which
programs do not agree whether 0 is black (Krita) or white (GIMP).
"""

from __future__ import annotations

import colorsys
import struct
from dataclasses import dataclass

from shiage.colors.palette import RgbaU16
from shiage.errors import DamagedPalette
from shiage.files.palettes.model import Entry, PaletteFile, does_not_fit
from shiage.files.palettes.text import Notes, clean, labeled

_RGB, _HSB = 0, 1
_SPACES = {
    2: "CMYK",
    3: "Pantone",
    4: "Focoltone",
    5: "Trumatch",
    6: "Toyo",
    7: "Lab",
    8: "gray",
    9: "CMYK",
    10: "HKS",
}
_MAX_SPACE = 20
_SWATCH = struct.Struct(">5H")
_V1, _V2 = b"\0\1", b"\0\2"


@dataclass(frozen=True)
class _Swatch:
    """One color as stored: color space and four words."""

    space: int
    words: tuple[int, ...]
    name: str


def detect(data: bytes) -> bool:
    """Return whether this may be a file of swatches, which has no signature of its own."""
    if len(data) < 4 or data[:2] not in (_V1, _V2):
        return False
    if data[2:4] == b"\0\0":  # an empty palette, or a font
        return data[4:] in (b"", _V2 + b"\0\0")
    return len(data) < 6 or int.from_bytes(data[4:6], "big") < _MAX_SPACE


def decode(data: bytes) -> PaletteFile:
    """Return the palette: from version 2, which has names, if it is there.

    Raises:
        DamagedPalette: the file is cut off.
    """
    swatches, end = _read_block(data, 0)
    if data[:2] == _V1 and data[end : end + 2] == _V2:
        swatches, _ = _read_block(data, end)
    notes = Notes()
    entries = []
    for number, swatch in enumerate(swatches, 1):
        if color := _to_rgba(swatch):
            entries.append(Entry(swatch.name, color, number))
        else:
            space = _SPACES.get(swatch.space, f"color space {swatch.space}")
            notes.add(
                f"{labeled(number, swatch.name)} is left out: "
                f"it is stored as {space}, not as exact RGB."
            )
    return PaletteFile(tuple(entries), format="aco", warnings=notes.result())


def encode(palette: PaletteFile) -> bytes:
    """Return the content of a file: version 1 for old programs, and version 2 with the names.

    Raises:
        WriteFailed: there are too many colors.
    """
    count = len(palette.entries)
    if count > 0xFFFF:
        raise does_not_fit(f"{count:,} colors do not fit into .aco", "at most 65,535")
    swatches = [_SWATCH.pack(_RGB, *entry.rgba_u16[:3], 0) for entry in palette.entries]
    named = []
    for swatch, entry in zip(swatches, palette.entries, strict=True):
        name = (clean(entry.name) + "\0").encode("utf-16-be")
        named.append(swatch + struct.pack(">I", len(name) // 2) + name)
    blocks = ((_V1, swatches), (_V2, named))
    return b"".join(
        version + struct.pack(">H", count) + b"".join(colors) for version, colors in blocks
    )


def _read_block(data: bytes, at: int) -> tuple[list[_Swatch], int]:
    """Return the swatches of the version block that begins at a place, and where it ends."""
    has_names = data[at : at + 2] == _V2
    if len(data) < at + 4:
        raise _cut_off(0, 0)
    count = int.from_bytes(data[at + 2 : at + 4], "big")
    at += 4
    swatches = []
    for number in range(count):
        end = at + _SWATCH.size + (4 if has_names else 0)
        if end > len(data):
            raise _cut_off(number, count)
        space, *words = _SWATCH.unpack_from(data, at)
        name = b""
        if has_names:
            start, end = end, end + 2 * int.from_bytes(data[end - 4 : end], "big")
            if end > len(data):
                raise _cut_off(number, count)
            name = data[start:end]
        swatches.append(
            _Swatch(space, tuple(words), name.decode("utf-16-be", "replace").rstrip("\0"))
        )
        at = end
    return swatches, at


def _to_rgba(swatch: _Swatch) -> RgbaU16 | None:
    """Return the color if it is exact in RGB."""
    if swatch.space == _RGB:
        r, g, b = swatch.words[:3]
        return r, g, b, 0xFFFF
    if swatch.space == _HSB:
        h, s, v = (word / 0xFFFF for word in swatch.words[:3])
        r, g, b = (round(value * 0xFFFF) for value in colorsys.hsv_to_rgb(h, s, v))
        # A color of 8 bits a channel comes back from HSB a few steps of 16 bits beside itself.
        near = [(value + 128) // 257 * 257 for value in (r, g, b)]
        if all(abs(a - b) <= 16 for a, b in zip(near, (r, g, b), strict=True)):
            r, g, b = near
        return r, g, b, 0xFFFF
    return None


def _cut_off(number: int, count: int) -> DamagedPalette:
    return DamagedPalette(
        f"the Photoshop swatches are cut off after color {number:,}",
        expected=f"{count:,} colors" if count else "a number of colors",
        action="Copy or export the file again",
    )
