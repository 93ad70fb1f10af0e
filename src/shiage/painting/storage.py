"""How painted cels are stored: as their drawings are, or in a format asked for."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import msgspec

from shiage.files.formats import FORMATS, WRITTEN, flat_beside, format_by_name, stored_as
from shiage.files.pictures import Layout

PaintLayers = Literal["one", "color"]


class Storage(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How painted cels are stored.

    Attributes:
        format: name of a format that is written; None: as each drawing is.
        paint_layers: in a layered file, "one" layer of paint, or one for each "color".
    """

    format: str | None = None
    paint_layers: PaintLayers = "one"

    def __post_init__(self) -> None:
        if self.format not in (None, *WRITTEN):
            raise ValueError(f"the format is {self.format!r}; expected one of {WRITTEN}")

    def name(self, drawing: Path) -> Path:
        """Return the painted cel's name: the drawing's, with another ending for another format.

        >>> Storage("PNG").name(Path("A/A0001.tga")).name, Storage("TIFF").name(Path("A.tiff")).name
        ('A0001.png', 'A.tiff')
        >>> Storage().name(Path("A0001.jpg")).name
        'A0001.png'
        """
        own = format_by_name(drawing)
        stored = FORMATS[self.format] if self.format else stored_as(own)
        return drawing if stored is own else drawing.with_suffix(stored.suffixes[0])

    def is_layered(self, drawing: Layout) -> bool:
        """Whether a painted cel has layers, by how its drawing is stored."""
        return FORMATS[self.format].is_layered if self.format else drawing.is_layered

    def plane_name(self, drawing: Path) -> Path:
        """Return the name of a painted cel's planes, which have no layers themselves."""
        name = self.name(drawing)
        own = format_by_name(name)
        flat = flat_beside(own)
        return name if flat is own else name.with_suffix(flat.suffixes[0])

    def plane_format(self, drawing: str) -> str:
        """Return the format of a painted cel's planes, by that of the drawing."""
        return flat_beside(FORMATS[self.format or drawing]).name
