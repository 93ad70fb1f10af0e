"""How flat files store rows, alpha and colors: in that, all cels of a cut should be of one kind."""

from __future__ import annotations

import io
import struct
from dataclasses import replace

from PIL.TiffImagePlugin import EXTRASAMPLES, TiffImageFile

from shiage.files.decoding import open_image
from shiage.files.pictures import Layout, Picture
from shiage.files.tga import ALPHA, read_attributes_type

Kind = tuple[object, ...]

_BMP_HEIGHT, _BMP_BITS, _BMP_ALPHA_MASK = 22, 28, 66
_BMP_HEADER_WITH_MASKS = 56
_WITH_ALPHA = {"L": "LA", "RGB": "RGBA"}
_WITHOUT_ALPHA = {"LA": "L", "RGBA": "RGB"}


def stored_like(picture: Picture, drawn: Layout) -> Picture:
    """Return a painting with the layout of the painted cels beside it, as far as that is its kind.

    Args:
        picture: the painting.
        drawn: how its drawing is stored.
    """
    mode = picture.layout.mode
    if mode in _WITH_ALPHA:
        mode = _WITH_ALPHA[mode] if drawn.has_alpha else mode
    elif not drawn.has_alpha:  # where it shines through it keeps its alpha
        mode = _WITHOUT_ALPHA.get(mode, mode)
    layout = replace(
        picture.layout,
        mode=mode if (mode, picture.layout.bits) != ("LA", 16) else "RGBA",
        tga_rle=drawn.tga_rle,
        tga_top_down=drawn.tga_top_down,
        icc_profile=drawn.icc_profile,
    )
    return replace(picture, layout=layout)


def kind_of(file_format: str, data: bytes) -> Kind:
    """Return the kind of a sound PNG, TGA, TIFF or BMP; kinds are only good for comparing.

    Args:
        file_format: of the file.
        data: its content.
    """
    if file_format == "TGA":
        return _kind_of_tga(data)
    if file_format == "BMP":
        return _kind_of_bmp(data)
    image = open_image(file_format, io.BytesIO(data))
    if isinstance(image, TiffImageFile):
        alpha: object = image.tag_v2.get(EXTRASAMPLES)
    else:
        alpha = "A" in image.mode, "transparency" in image.info
    return alpha, image.info.get("icc_profile")


def _kind_of_tga(data: bytes) -> Kind:
    """Return the order of rows and columns, and the declared kind of the alpha if it is stored."""
    kind, map_bits, bits, descriptor = data[2] & 7, data[7], data[16], data[17]
    stored = {1: map_bits == 32, 2: bits == 32, 3: bits == 16}[kind]
    declared = read_attributes_type(data)
    alpha = (descriptor & 15, ALPHA if declared is None else declared) if stored else None
    return descriptor >> 4, alpha


def _kind_of_bmp(data: bytes) -> Kind:
    """Return whether the top row comes first, and whether there is alpha."""
    (header,) = struct.unpack_from("<I", data, 14)
    if header == 12:  # of OS/2, without either
        return False, False
    (height,) = struct.unpack_from("<i", data, _BMP_HEIGHT)
    (bits,) = struct.unpack_from("<H", data, _BMP_BITS)
    masked = bits == 32 and header >= _BMP_HEADER_WITH_MASKS
    alpha = masked and struct.unpack_from("<I", data, _BMP_ALPHA_MASK)[0] != 0
    return height < 0, alpha
