"""The exact colors of a cut, with names and ids.

Id 0 is always the bare paper: "nothing painted here", transparent or white as the drawing had it.
Colors are held in 16 bits per channel, so that neither 8-bit nor 16-bit files lose anything.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from shiage.colors.stand_ins import is_stand_in
from shiage.errors import BadOption
from shiage.files.pictures import to_u8
from shiage.structures import BoolMap, Ints

PAPER = 0
"""Palette id of the bare paper."""

RgbaU16 = tuple[int, int, int, int]


def _paper() -> NDArray[np.uint16]:
    return np.zeros((1, 4), np.uint16)


@dataclass(frozen=True, eq=False)
class Palette:
    """The colors allowed in a cut.

    Attributes:
        rgba_u16: (K, 4) uint16, straight alpha; row 0 is the paper (all zero). Two rows may be
            equal: parts that have one color here and others in another palette.
        names: K names, one per color.
        groups: K groups that a palette file has the colors in, "" for none; left out, all are "".
    """

    rgba_u16: NDArray[np.uint16] = field(default_factory=_paper)
    names: tuple[str, ...] = ("paper",)
    groups: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "groups", self.groups or ("",) * len(self.names))
        if self.rgba_u16.shape != (len(self.names), 4) or self.rgba_u16.dtype != np.uint16:
            raise ValueError(
                f"rgba_u16: expected uint16 ({len(self.names)}, 4), "
                f"found {self.rgba_u16.dtype} {self.rgba_u16.shape}"
            )
        if len(self.groups) != len(self.names):
            raise ValueError(f"groups: expected {len(self.names)}, found {len(self.groups)}")

    def __len__(self) -> int:
        """Return the number of colors, the paper included."""
        return len(self.names)

    @property
    def rgba_u8(self) -> NDArray[np.uint8]:
        """(K, 4) uint8, for files and pages of 8 bits a channel."""
        return to_u8(self.rgba_u16)

    def to_hex(self) -> list[str]:
        """Return each color as `#rrggbb`, the paper as "none"."""
        return ["none", *(hex_of(tuple(row)) for row in self.rgba_u16[1:].tolist())]

    @cached_property
    def titles(self) -> tuple[str, ...]:
        """K names for people: with the group before it where the name alone is another's, too."""
        times = Counter(self.names)
        return tuple(
            f"{group} {name}" if group and times[name] > 1 else name
            for name, group in zip(self.names, self.groups, strict=True)
        )

    @cached_property
    def stand_ins(self) -> BoolMap:
        """(K,) bool: colors that a name or group says are stand-ins (仮色)."""
        named = zip(self.names, self.groups, strict=True)
        return np.array([is_stand_in(name) or is_stand_in(group) for name, group in named])

    @cached_property
    def first_alike(self) -> Ints:
        """(K,) int32: id of the first entry of each entry's color, mostly its own."""
        first: dict[tuple[int, ...], int] = {}
        rows = (tuple(row) for row in self.rgba_u16.tolist())
        return np.array([first.setdefault(row, at) for at, row in enumerate(rows)], np.int32)

    @cached_property
    def shared(self) -> BoolMap:
        """(K,) bool: entries whose color another entry has, too."""
        times = np.bincount(self.first_alike, minlength=len(self))
        return np.asarray(times[self.first_alike] > 1)

    def extended(self, colors: NDArray[np.uint16]) -> tuple[Palette, Ints]:
        """Return a palette that also holds `colors`, and the id of each of them.

        Args:
            colors: (n, 4) uint16; fully transparent ones are the paper. New colors are appended in
                the order given and named by their hex code. Of entries of one color the first is
                taken.
        """
        rows, names = [tuple(row) for row in self.rgba_u16.tolist()], list(self.names)
        ids = {row: index for index, row in reversed(list(enumerate(rows)))}
        out = np.zeros(len(colors), np.int32)
        for at, row in enumerate(colors.tolist()):
            if row[3] == 0:
                continue
            key = tuple(row)
            if key not in ids:
                ids[key] = len(rows)
                rows.append(key)
                names.append(hex_of(key))
            out[at] = ids[key]
        groups = (*self.groups, *[""] * (len(names) - len(self)))
        return Palette(np.array(rows, np.uint16).reshape(-1, 4), tuple(names), groups), out

    def with_color(self, color: str) -> tuple[Palette, int]:
        """Return a palette that also holds the color written as `#rrggbb`, and its id.

        Raises:
            BadOption: the text is no color.
        """
        palette, ids = self.extended(parse_color(color)[None])
        return palette, int(ids[0])

    def only(self, ids: Sequence[int]) -> Palette:
        """Return a palette of these colors alone, and the paper."""
        kept = [PAPER, *(at for at in ids if at != PAPER)]
        names, groups = ([of[at] for at in kept] for of in (self.names, self.groups))
        return Palette(self.rgba_u16[kept], tuple(names), tuple(groups))

    def luminance(self) -> NDArray[np.float32]:
        """(K,) float32 in [0, 1]: how light each color is over white paper (Rec. 601 weights)."""
        rgba = self.rgba_u16.astype(np.float32) / 65535
        luma = rgba[:, :3] @ np.array([0.299, 0.587, 0.114], np.float32)
        return np.asarray(luma * rgba[:, 3] + (1 - rgba[:, 3]), np.float32)


def parse_color(text: str) -> NDArray[np.uint16]:
    """(4,) uint16: the color written as `#rgb`, `#rrggbb`, `#rrggbbaa`, or `none` for the paper.

    Raises:
        BadOption: the text is no color.

    >>> parse_color("#ff8000").tolist()
    [65535, 32896, 0, 65535]
    """
    if text.lower() == "none":
        return np.zeros(4, np.uint16)
    digits = text.removeprefix("#")
    if len(digits) == 3:
        digits = "".join(2 * d for d in digits)
    if not re.fullmatch(r"[0-9a-fA-F]{6}([0-9a-fA-F]{2})?", digits):
        raise BadOption(
            f"{text!r} is no color",
            expected="#rrggbb, for example #ff00ff",
            action='Quote it in the shell: "#ff00ff"',
        )
    return np.frombuffer(bytes.fromhex(digits.ljust(8, "f")), np.uint8).astype(np.uint16) * 257


def hex_of(rgba_u16: tuple[int, ...]) -> str:
    """Return the color as `#rrggbb`, with `aa` appended if it is not opaque.

    >>> hex_of((65535, 32896, 0, 65535))
    '#ff8000'
    """
    eight = to_u8(np.array(rgba_u16)).tobytes()
    return "#" + (eight[:3] if eight[3] == 255 else eight).hex()


def code_of(rgba_u16: tuple[int, ...]) -> str:
    """Return the color as `hex_of` does, all of its 16 bits told where 8 do not do.

    >>> code_of((65535, 32896, 0, 65535)), code_of((65535, 32897, 0, 65535))
    ('#ff8000', '#ffff80810000ffff')
    """
    if all(value % 257 == 0 for value in rgba_u16):
        return hex_of(rgba_u16)
    return "#" + "".join(f"{value:04x}" for value in rgba_u16)


def read_code(code: str) -> list[int]:
    """Return the four channels, 16 bits each, of a color that `code_of` or a person has written.

    Raises:
        BadOption: the text is no color.
    """
    return deep_channels(code) or parse_color(code).tolist()


def deep_channels(code: str) -> list[int] | None:
    """Return the channels of a color that is written with 16 bits each, None for other texts."""
    if not re.fullmatch("#[0-9a-f]{16}", code):
        return None
    return [int(code[at : at + 4], 16) for at in range(1, 17, 4)]
