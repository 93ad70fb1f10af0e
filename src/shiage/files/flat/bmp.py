"""BMP files."""

from __future__ import annotations

import struct
from typing import IO, ClassVar

from PIL.BmpImagePlugin import BmpImageFile

from shiage.files.flat.fitting import fit, write_with_opencv, write_with_pillow
from shiage.files.flat.flat_file import Kind
from shiage.files.flat.pillow import PillowFile
from shiage.files.pictures import Picture

_HEIGHT, _BITS, _ALPHA_MASK = 22, 28, 66
_HEADER_WITH_MASKS = 56


class BmpFile(PillowFile[BmpImageFile]):
    """A BMP file."""

    alpha_may_slip: ClassVar[bool] = True

    @classmethod
    def open_image(cls, file: IO[bytes]) -> BmpImageFile:
        """Return Pillow's view; see `PillowFile`."""
        return BmpImageFile(file)

    @classmethod
    def kind_of(cls, content: bytes) -> Kind:
        """Return whether the top row comes first, and whether there is alpha."""
        (header,) = struct.unpack_from("<I", content, 14)
        if header == 12:  # of OS/2, without either
            return False, False
        (height,) = struct.unpack_from("<i", content, _HEIGHT)
        (bits,) = struct.unpack_from("<H", content, _BITS)
        masked = bits == 32 and header >= _HEADER_WITH_MASKS
        alpha = masked and struct.unpack_from("<I", content, _ALPHA_MASK)[0] != 0
        return height < 0, alpha

    @classmethod
    def encode(cls, picture: Picture) -> bytes:
        """Return a file's content; see `PictureFile`."""
        layout, samples = fit(picture, grey_alpha=False)
        if layout.mode == "RGBA":  # Pillow would not declare the alpha
            return write_with_opencv(samples, ".bmp", [])
        return write_with_pillow(samples, layout, dpi=layout.dpi)
