"""Adobe Swatch Exchange: blocks of colors in floats, and of the groups around them.

RGB and gray are taken as they are: a float holds 8 and 16 bits exactly. CMYK and Lab become RGB
only through a color profile, and are left out.
"""

from __future__ import annotations

import itertools
import struct

from shiage.colors.palette import RgbaU16
from shiage.errors import DamagedPalette
from shiage.files.palettes.model import Entry, PaletteFile, does_not_fit
from shiage.files.palettes.text import Notes, clean, labeled

_SIGNATURE = b"ASEF"
_HEADER = struct.Struct(">4sHHI")
_BLOCK = struct.Struct(">HI")
_COLOR, _GROUP, _GROUP_END = 0x0001, 0xC001, 0xC002
_CHANNELS = {b"RGB ": 3, b"Gray": 1, b"CMYK": 4, b"LAB ": 3}
_TYPES = ("global", "spot", "process")


def detect(data: bytes) -> bool:
    """Return whether this is a Swatch Exchange file."""
    return data.startswith(_SIGNATURE)


def decode(data: bytes) -> PaletteFile:
    """Return the palette.

    Raises:
        DamagedPalette: the file is cut off, or a block is not as long as it must be.
    """
    if len(data) < _HEADER.size:
        raise _damaged("the Swatch Exchange file is cut off in its header", "12 bytes of it")
    _, major, _, count = _HEADER.unpack_from(data)
    notes = Notes()
    if major != 1:
        notes.add(f"The file is of version {major}, not 1; check the colors.")
    entries: list[Entry] = []
    group = ""
    at = _HEADER.size
    number = 0
    blocks = 0
    while at + _BLOCK.size <= len(data):
        kind, size = _BLOCK.unpack_from(data, at)
        at += _BLOCK.size
        if blocks >= count and kind not in (_COLOR, _GROUP, _GROUP_END):
            break  # behind the last block lies something else
        if at + size > len(data):
            raise _damaged(
                f"the Swatch Exchange file is cut off in block {blocks + 1:,}", f"{count:,} blocks"
            )
        block = data[at : at + size]
        at += size
        blocks += 1
        if kind == _GROUP:
            group, _ = _read_name(block, blocks)
        elif kind == _GROUP_END:
            group = ""
        elif kind == _COLOR:
            number += 1
            _take_color(block, number, blocks, group, entries, notes)
        else:
            notes.add(f"Block {blocks} is of an unknown kind ({kind:#06x}) and was left out.")
    if blocks < count:
        raise _damaged(
            f"the Swatch Exchange file is cut off after block {blocks:,}", f"{count:,} blocks"
        )
    return PaletteFile(tuple(entries), format="ase", warnings=notes.result())


def encode(palette: PaletteFile) -> bytes:
    """Return the content of a file. Neighbors in the same group are written as one group.

    Raises:
        WriteFailed: a name is too long.
    """
    blocks: list[bytes] = []
    for group, entries in itertools.groupby(palette.entries, lambda entry: entry.group):
        if group:
            blocks.append(_block(_GROUP, _name(group)))
        for entry in entries:
            kept = entry.kept[0] if palette.format == "ase" and entry.kept else ""
            kind = kept if kept in _TYPES else "process"
            color = struct.pack(">3f", *(value / 0xFFFF for value in entry.rgba_u16[:3]))
            tail = struct.pack(">H", _TYPES.index(kind))
            blocks.append(_block(_COLOR, _name(entry.name) + b"RGB " + color + tail))
        if group:
            blocks.append(_block(_GROUP_END, b""))
    return _HEADER.pack(_SIGNATURE, 1, 0, len(blocks)) + b"".join(blocks)


def _take_color(
    block: bytes, number: int, at: int, group: str, entries: list[Entry], notes: Notes
) -> None:
    """Append the color of a block, or note why it is left out."""
    name, rest = _read_name(block, at)
    model = rest[:4]
    channels = _CHANNELS.get(model)
    if channels is None or (channels > 1 and model != b"RGB "):
        spelled = model.decode("ascii", "replace").strip()
        notes.add(
            f"{labeled(number, name)} is left out: it is stored as {spelled}, not as exact RGB."
        )
        return
    if len(rest) < 4 + 4 * channels:
        raise _damaged(f"block {at:,} of the Swatch Exchange file is too short", "a color in it")
    color = _to_rgba(struct.unpack_from(f">{channels}f", rest, 4))
    if color is None:
        notes.add(f"{labeled(number, name)} is left out: its values are not between 0 and 1.")
        return
    kind = int.from_bytes(rest[4 + 4 * channels : 6 + 4 * channels], "big")
    kept = (_TYPES[kind],) if kind < len(_TYPES) else ()
    entries.append(Entry(name, color, number, group, kept=kept))


def _to_rgba(values: tuple[float, ...]) -> RgbaU16 | None:
    """Return the color, or None if a value is none of a color (which also an odd float is)."""
    if not all(-1e-4 < value < 1 + 1e-4 for value in values):
        return None
    r, g, b = (round(min(1, max(0, value)) * 0xFFFF) for value in (values * 3)[:3])
    return r, g, b, 0xFFFF


def _read_name(block: bytes, at: int) -> tuple[str, bytes]:
    """Return the name that a block begins with, and what comes after it."""
    end = 2 + 2 * int.from_bytes(block[:2], "big")
    if len(block) < max(2, end):
        raise _damaged(f"block {at:,} of the Swatch Exchange file is too short", "a name in it")
    return block[2:end].decode("utf-16-be", "replace").rstrip("\0"), block[end:]


def _name(name: str) -> bytes:
    """Return a name as it is stored: counted, and with a null at its end."""
    data = (clean(name) + "\0").encode("utf-16-be")
    if len(data) // 2 > 0xFFFF:
        raise does_not_fit(f"the name {name[:20]!r}… does not fit into .ase", "65,534 signs")
    return struct.pack(">H", len(data) // 2) + data


def _block(kind: int, body: bytes) -> bytes:
    return _BLOCK.pack(kind, len(body)) + body


def _damaged(found: str, expected: str) -> DamagedPalette:
    return DamagedPalette(found, expected=expected, action="Copy or export the file again")
