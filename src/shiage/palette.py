"""The exact colors of a cut, with names and ids.

Id 0 is always the bare paper: "nothing painted here", transparent or white as the drawing had it.
Colors are held in 16 bits per channel, so that neither 8-bit nor 16-bit files lose anything.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from shiage.errors import BadOption
from shiage.structures import Ints

PAPER = 0
"""Palette id of the bare paper."""

RgbaU16 = tuple[int, int, int, int]


def _paper() -> NDArray[np.uint16]:
    return np.zeros((1, 4), np.uint16)


@dataclass(frozen=True, eq=False)
class Palette:
    """The colors allowed in a cut.

    Attributes:
        rgba_u16: (K, 4) uint16, straight alpha; row 0 is the paper (all zero); no two rows equal.
        names: K names, one per color.
    """

    rgba_u16: NDArray[np.uint16] = field(default_factory=_paper)
    names: tuple[str, ...] = ("paper",)

    def __post_init__(self) -> None:
        if self.rgba_u16.shape != (len(self.names), 4) or self.rgba_u16.dtype != np.uint16:
            raise ValueError(
                f"rgba_u16: expected uint16 ({len(self.names)}, 4), "
                f"found {self.rgba_u16.dtype} {self.rgba_u16.shape}"
            )

    def __len__(self) -> int:
        """Return the number of colors, the paper included."""
        return len(self.names)

    @property
    def rgba_u8(self) -> NDArray[np.uint8]:
        """(K, 4) uint8, for files and pages of 8 bits a channel."""
        return ((self.rgba_u16.astype(np.uint32) + 128) // 257).astype(np.uint8)

    def to_hex(self) -> list[str]:
        """Return each color as `#rrggbb`, the paper as "none"."""
        return ["none", *(hex_of(tuple(row)) for row in self.rgba_u16[1:].tolist())]

    def extended(self, colors: NDArray[np.uint16]) -> tuple[Palette, Ints]:
        """Return a palette that also holds `colors`, and the id of each of them.

        Args:
            colors: (n, 4) uint16; fully transparent ones are the paper. New colors are appended in
                the order given and named by their hex code.
        """
        ids = {tuple(row): index for index, row in enumerate(self.rgba_u16.tolist())}
        names = list(self.names)
        out = np.zeros(len(colors), np.int32)
        for at, row in enumerate(colors.tolist()):
            if row[3] == 0:
                continue
            key = tuple(row)
            if key not in ids:
                ids[key] = len(ids)
                names.append(hex_of(key))
            out[at] = ids[key]
        rows = np.array(list(ids), np.uint16).reshape(-1, 4)
        return Palette(rows, tuple(names)), out

    def with_color(self, color: str) -> tuple[Palette, int]:
        """Return a palette that also holds the color written as `#rrggbb`, and its id.

        Raises:
            BadOption: the text is no color.
        """
        palette, ids = self.extended(parse_color(color)[None])
        return palette, int(ids[0])

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
    eight = bytes((value + 128) // 257 for value in rgba_u16)
    return "#" + (eight[:3] if eight[3] == 255 else eight).hex()
