"""What a file that holds a whole cut is made of, whatever its format."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from shiage.cuts.folders import split_role
from shiage.cuts.names import CelKey, NameReader
from shiage.files.formats import IMAGE_SUFFIXES
from shiage.files.images import Layout, Picture
from shiage.files.palettes import PaletteFile
from shiage.files.pictures import lay_over, to_u16
from shiage.files.timesheets import Timesheet

Role = Literal["line", "ref", "_painted", "_library"]
"""The folder that a picture goes to. Those with `_` in front are no part of the cut."""

_NOT_IN_NAMES = re.compile(r'[\x00-\x1f<>:"/\\|?*]+')


@dataclass(frozen=True)
class Part:
    """One picture of a container. It is decoded when it is written, not before.

    Attributes:
        role: what it is to the cut.
        name: of its file.
        load: returns the file's content; raises `FileError` or `SizeMismatch` if it is damaged.
    """

    role: Role
    name: str
    load: Callable[[], bytes]


@dataclass(frozen=True)
class Container:
    """A file that holds a cut.

    Attributes:
        kind: what it is, for people.
        parts: its pictures; no two have one role and name.
        palette: its colors, if it tells them.
        timesheet: what is seen when, if it tells.
        warnings: sentences on what is left out or odd.
    """

    kind: str
    parts: tuple[Part, ...]
    palette: PaletteFile | None = None
    timesheet: Timesheet | None = None
    warnings: tuple[str, ...] = ()


def name_cel(key: CelKey, suffix: str = ".png") -> str:
    """Return the name of a cel's file, from which `NameReader` gets the same cel.

    >>> name_cel(("A", 12, "")), name_cel(("FACE 2", 3, "B"))
    ('A0012.png', 'FACE 2_0003b.png')
    """
    column, number, after = key
    between = "_" if column[-1:].isdigit() else ""
    return f"{column}{between}{number:04}{after.lower()}{suffix}"


def read_together(texts: Iterable[str]) -> NameReader:
    """Return what reads the names of pages or layers as they are meant beside each other.

    >>> reader = read_together(["A1_5", "A2_5", "A3_5"])
    >>> read_name("A2_5", reader=reader), read_name("A2_5")
    (('line', ('A', 2, '')), ('line', ('A2', 5, '')))
    """
    return NameReader(_file_of(text)[0] for text in texts)


def read_name(
    text: str, column: str | None = None, reader: NameReader | None = None
) -> tuple[Role, CelKey] | None:
    """Return the role and the cel that the name of a page or layer tells; None without a number.

    >>> read_name("a0003.tif"), read_name("B.12 color"), read_name("3b", "A"), read_name("paper")
    (('line', ('A', 3, '')), ('ref', ('B', 12, '')), ('line', ('A', 3, 'B')), None)

    Args:
        text: the name.
        column: whose cel it is, if that is known.
        reader: reads it beside others; None: by itself.
    """
    file, role = _file_of(text)
    said = (reader or NameReader()).read(file)
    if not said.is_numbered:
        return None
    key = (name_column(said.column) if column is None else column), said.number, said.suffix
    return ("ref" if role == "color" else "line"), key


def _file_of(text: str) -> tuple[Path, str]:
    """Return the file that a page or layer would be, without the word for its role, and that."""
    plain = unicodedata.normalize("NFKC", text).strip()
    if plain.lower().endswith(tuple(IMAGE_SUFFIXES)):
        plain = plain.rpartition(".")[0]
    rest, role = split_role(name_file(plain))
    return Path(f"{rest}.png"), role


def name_column(text: str) -> str:
    """Return a column's name as `NameReader` has it, without what no file's name may hold.

    >>> name_column("a/b"), name_column("_ B "), name_column("...")
    ('A_B', 'B', '')
    """
    return name_file(text).strip("._- (").upper()


def name_file(text: str) -> str:
    """Return a text without what no file's name may hold."""
    return _NOT_IN_NAMES.sub("_", text)


def lay_lines_over(lines: Picture, paint: Picture) -> Picture:
    """Return lines on top of paint, RGBA with straight alpha; 16 bits if either has them.

    Where a line is opaque its pixel stays as it is, where there is none the paint's does.

    Args:
        lines: on transparent paper.
        paint: of the same size.
    """
    deep = 16 in (lines.layout.bits, paint.layout.bits)
    over, under = (to_u16(p.pixels) if deep else p.pixels for p in (lines, paint))
    return Picture(lay_over(under, over), Layout("PNG", "RGBA", 16 if deep else 8))
