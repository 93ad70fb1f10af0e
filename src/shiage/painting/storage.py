"""How painted cels are stored: as their drawings are, or in a format asked for."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import msgspec

from shiage.files.pictures import FORMAT_OF_SUFFIX, STORED_AS, suffix_of

StoredFormat = Literal["PNG", "TGA", "TIFF", "BMP", "PSD"]
PaintLayers = Literal["one", "color"]


class Storage(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How painted cels are stored.

    Attributes:
        format: None: as each drawing is.
        paint_layers: in a layered file, "one" layer of paint, or one for each "color".
    """

    format: StoredFormat | None = None
    paint_layers: PaintLayers = "one"

    def name(self, drawing: Path) -> Path:
        """Return the painted cel's name: the drawing's, with another ending for another format.

        >>> Storage("PNG").name(Path("A/A0001.tga")).name, Storage("TIFF").name(Path("A.tiff")).name
        ('A0001.png', 'A.tiff')
        >>> Storage().name(Path("A0001.jpg")).name
        'A0001.png'
        """
        own = FORMAT_OF_SUFFIX.get(drawing.suffix.lower(), "")
        stored = self.format or STORED_AS.get(own, own)
        return drawing if stored == own else drawing.with_suffix(suffix_of(stored))

    def plane_name(self, drawing: Path) -> Path:
        """Return the name of a painted cel's planes, which have no layers themselves."""
        name = self.name(drawing)
        layered = FORMAT_OF_SUFFIX.get(name.suffix.lower()) == "PSD"
        return name.with_suffix(suffix_of("PNG")) if layered else name

    def plane_format(self, drawing: str) -> str:
        """Return the format of a painted cel's planes, by that of the drawing."""
        file_format = self.format or drawing
        return "PNG" if file_format == "PSD" else file_format
