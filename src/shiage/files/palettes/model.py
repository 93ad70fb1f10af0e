"""What a palette file holds, whatever its format, and how it becomes a cut's palette."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from shiage.colors.palette import PAPER, Palette, RgbaU16, hex_of
from shiage.errors import WriteFailed
from shiage.files.pictures import to_u8
from shiage.structures import Ints

PaletteFormat = Literal["gpl", "aco", "ase", "tpl", "plt"]

Page = tuple[str, tuple[int, ...]]
"""Name of a page and the ids of the styles on it."""


@dataclass(frozen=True)
class Entry:
    """One color of a palette file.

    Attributes:
        name: as the file has it; "" if it has none.
        rgba_u16: straight alpha; 8-bit files are spread (x 257).
        id: the format's own id, or the position in the file, from 1; None: given on writing.
        group: page or group that the color is in; "": none.
        autopaint: lines of this color take paint (OpenToonz).
        kept: what else the file says of the color; for its own format only.
    """

    name: str
    rgba_u16: RgbaU16
    id: int | None = None
    group: str = ""
    autopaint: bool = False
    kept: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if len(self.rgba_u16) != 4 or not all(0 <= v <= 0xFFFF for v in self.rgba_u16):
            raise ValueError(f"rgba_u16: expected four of 0..65535, found {self.rgba_u16}")

    @property
    def rgba_u8(self) -> tuple[int, int, int, int]:
        """The color in 8 bits a channel, rounded."""
        r, g, b, a = to_u8(np.array(self.rgba_u16)).tolist()
        return r, g, b, a


@dataclass(frozen=True)
class Kept:
    """Something in a file that is no plain color, word for word.

    Attributes:
        at: `.tpl`: position of the style; `.plt`: number of entries before it.
        text: as it stands in the file.
    """

    at: int
    text: str


@dataclass(frozen=True)
class PaletteFile:
    """What a palette file holds. The paper is not an entry.

    Attributes:
        entries: the colors, in the order in which the program shows them.
        name: of the palette, where the format has one.
        format: which format the entries' ids are of; None: of none, they are positions.
        columns: of the display (GIMP); 0: not given.
        kept: what is no plain color; for its own format only, as are `pages` and `rest`.
        pages: pages of the file (OpenToonz).
        rest: other parts of the file (OpenToonz).
        warnings: sentences on what could not be taken.
    """

    entries: tuple[Entry, ...] = ()
    name: str = ""
    format: PaletteFormat | None = None
    columns: int = 0
    kept: tuple[Kept, ...] = ()
    pages: tuple[Page, ...] = ()
    rest: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


def to_palette(palette: PaletteFile) -> tuple[Palette, Ints]:
    """Return the palette of a cut, and the id in it of each entry.

    Fully transparent entries are the paper. Entries of one color stay apart if they are called
    otherwise; those called alike share an id, and so does one without name and group with the
    first of its color. Entries without a name are named by their code.
    """
    called = {
        entry.rgba_u16: (entry.name, entry.group)
        for entry in reversed(palette.entries)
        if entry.name or entry.group
    }
    rows: dict[tuple[RgbaU16, str, str], int] = {((0, 0, 0, 0), "paper", ""): PAPER}
    ids = np.full(len(palette.entries), PAPER, np.int32)
    for at, entry in enumerate(palette.entries):
        color = entry.rgba_u16
        if color[3]:
            own = (entry.name, entry.group)
            name, group = own if any(own) else called.get(color, own)
            ids[at] = rows.setdefault((color, name or hex_of(color), group), len(rows))
    colors, names, groups = zip(*rows, strict=True)
    return Palette(np.array(colors, np.uint16), names, groups), ids


def from_palette(palette: Palette, name: str = "") -> PaletteFile:
    """Return a palette of a cut as what can be written to a file; the paper is left out."""
    colors = zip(palette.names, palette.groups, palette.rgba_u16.tolist(), strict=True)
    entries = (
        Entry(name, (r, g, b, a), at, group)
        for at, (name, group, (r, g, b, a)) in enumerate(colors)
    )
    return PaletteFile(tuple(entries)[1:], name)


def losses(palette: PaletteFile, format: PaletteFormat) -> tuple[str, ...]:  # noqa: A002
    """Return sentences on what a format would lose of a palette; the table is in `palettes`."""
    entries = palette.entries
    own = palette.format == format
    deep = any(value % 257 for entry in entries for value in entry.rgba_u16)
    checks = {
        "Colors of 16 bits a channel are rounded to 8.": format in ("gpl", "tpl", "plt") and deep,
        "Colors that are not opaque become opaque; .tpl and .plt keep them.": format
        in ("gpl", "aco", "ase")
        and any(entry.rgba_u16[3] != 0xFFFF for entry in entries),
        "Groups are left out.": format in ("gpl", "aco", "plt")
        and any(entry.group for entry in entries),
        "Autopaint marks are left out.": format != "tpl"
        and any(entry.autopaint for entry in entries),
        "Ids that drawings refer to are left out.": palette.format in ("tpl", "plt") and not own,
        "Gradients, textures and other styles are left out.": not own
        and any(kept.at or palette.format == "plt" for kept in palette.kept),  # not for the paper
        "The palette's name is left out.": format != "gpl" and bool(palette.name),
    }
    return tuple(sentence for sentence, is_lost in checks.items() if is_lost)


def own_ids(palette: PaletteFile, format: PaletteFormat, allowed: range) -> list[int | None]:  # noqa: A002
    """Return each entry's id if it is one of the format and the first of its kind, else None."""
    seen: set[int] = set()
    ids: list[int | None] = []
    for entry in palette.entries:
        own = entry.id if palette.format == format and entry.id not in seen else None
        # Without the first check a range of 64 bits would be searched for None.
        ids.append(own if own is not None and own in allowed else None)
        seen.update([own] if own is not None else [])
    return ids


def spread(values: Iterable[int]) -> RgbaU16:
    """Return a color of 8 bits a channel in 16; RGB is opaque.

    >>> spread((255, 128, 0))
    (65535, 32896, 0, 65535)
    """
    r, g, b, a = (*(value * 257 for value in values), 0xFFFF)[:4]
    return r, g, b, a


def does_not_fit(found: str, expected: str) -> WriteFailed:
    """Return the error for a palette that a format has no room for."""
    return WriteFailed(found, expected=expected, action="Write another format, for example .gpl")
