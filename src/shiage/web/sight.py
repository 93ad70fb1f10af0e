"""A cel at one moment: what is made of it later is still of that moment, whatever comes next."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from shiage.colors.palette import Palette
from shiage.painting.line_colors import LineChoice
from shiage.painting.painted_cel import Drawing, PaintedCel, PaintSettings
from shiage.structures import Painting


@dataclass(frozen=True, eq=False)
class Sight:
    """A prepared cel at one moment.

    Attributes:
        shape: of its lines and segments, see `DeskCel`.
        read: returns its drawing of that moment, or raises `FileChanged`.
        painting: its colors.
        palette: what these stand for.
        settings: how it is composed.
        lines: what is known of its coloured lines.
    """

    shape: int
    read: Callable[[], Drawing]
    painting: Painting
    palette: Palette
    settings: PaintSettings
    lines: LineChoice

    def painted(self) -> PaintedCel:
        """Return the cel in its colors, ready to be composed.

        Raises:
            ShiageError: its file is gone, damaged, or was saved again.
        """
        return PaintedCel(self.read(), self.painting, self.palette, self.settings, self.lines)
