"""Makers of clips: each knows its characters and makes a clip of one of them from a seed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from shiage.data.dataset import Clip


@dataclass(frozen=True)
class ClipSettings:
    """What is asked of a clip.

    Attributes:
        size: height and width of the drawings, pixels.
        frames: drawings per clip.
    """

    size: int = 512
    frames: int = 10


class Maker(Protocol):
    """A source of clips. Picklable; the same arguments make the same clip, byte for byte."""

    @property
    def source(self) -> str:
        """Name of the domain, e.g. "procedural"; first part of the clips' names."""
        ...

    @property
    def characters(self) -> Sequence[str]:
        """Names of all characters, in a fixed order; they decide the split.

        They are shown in turn; one of many appearances may be named several times.
        """
        ...

    def make_clip(self, character: str, seed: int, settings: ClipSettings) -> Clip:
        """Return a clip of `character`; `seed` decides colors, motion, camera and line style."""
        ...
