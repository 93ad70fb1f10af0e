"""What a painted cel adds to the layers of its drawing's file."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from shiage.files.pictures import Pixels

PAINT = "paint"
"""Name of shiage's layer or group of paint; it is replaced when a cel is painted again."""

Keeps = Literal["all", "lines", "none"]


@dataclass(frozen=True, eq=False)
class NewLayer:
    """A layer to be added.

    Attributes:
        name: its name.
        pixels: (H, W, 4) RGBA of the whole picture, in the file's depth; None for a group.
        shown: whether it is visible.
        children: what a group holds, the lowest first; gone through once.
    """

    name: str
    pixels: Pixels | None
    shown: bool = True
    children: Iterable[NewLayer] = ()


@dataclass(frozen=True, eq=False)
class Addition:
    """What turns a drawing's file into that of the painted cel.

    Attributes:
        layers: the new layers, the lowest first; they go below the lowest line of the file.
        painted: (H, W, 4) RGBA, the painted cel, where transparent over the file's own paper.
        keeps: which of the file's lines stay visible: "all" of them, "lines" without the layers of
            traces, or "none".
    """

    layers: tuple[NewLayer, ...]
    painted: Pixels
    keeps: Keeps
