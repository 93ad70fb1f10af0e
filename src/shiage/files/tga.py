"""What Pillow does not know of TGA, by the specification of TGA 2.0."""

from __future__ import annotations

import io
import struct
from typing import IO

from PIL import Image
from PIL.TgaImagePlugin import TgaImageFile

_HEADER = 18
_MAP_BITS, _PIXEL_BITS = 7, 16
"""Where in the header the bits of a color map's entry and of a pixel are told."""

_FOOTER = 26
_SIGNATURE = b"TRUEVISION-XFILE.\0"
_ATTRIBUTES_TYPE = 494
"""Where in the extension area it is told what the alpha means."""

ALPHA, PREMULTIPLIED = 3, 4
"""Attributes types with an alpha that counts; those below have none."""


def open_tga(file: IO[bytes]) -> TgaImageFile:
    """Return Pillow's view of a TGA; 15 bits, which are stored as 16 are, are called 16.

    Raises:
        Exception: of any kind, if the header is broken or of a kind that Pillow does not know.
    """
    head = bytearray(file.read(_HEADER))
    if 15 in (head[_MAP_BITS], head[_PIXEL_BITS]):
        for at in (_MAP_BITS, _PIXEL_BITS):
            head[at] += head[at] == 15
        file = io.BytesIO(head + file.read())
    file.seek(0)
    image = TgaImageFile(file)
    if image.mode != "P":
        image.palette = None  # a map that the pixels do not use
    return image


def load_tga(image: TgaImageFile, data: bytes) -> Image.Image:
    """Return the loaded picture of a TGA, where run-length packets may go on into the next row.

    The specification forbids such packets since 1989, and Pillow refuses them; but there are
    programs that write them.

    Args:
        image: what `open_tga` returned.
        data: the file's content.

    Raises:
        Exception: of any kind, if the content is broken.
    """
    try:
        image.load()
    except OSError:
        if data[2] < 8:
            raise
        return open_tga(io.BytesIO(_unpack_runs(data)))
    return image


def _unpack_runs(data: bytes) -> bytes:
    """Return a TGA that is run-length encoded as one that is not.

    Raises:
        ValueError: the packets end before the picture does.
    """
    id_length, has_map, kind, _, count, map_bits = struct.unpack_from("<BBBHHB", data)
    width, height, bits = struct.unpack_from("<HHB", data, 12)
    start = at = _HEADER + id_length + (count * ((map_bits + 7) // 8) if has_map else 0)
    size = (bits + 7) // 8
    pixels, total = bytearray(), width * height * size
    while len(pixels) < total:
        if at >= len(data):
            raise ValueError("the packets end before the picture does")
        length = (data[at] & 127) + 1
        if data[at] & 128:
            pixels += data[at + 1 : at + 1 + size] * length
            at += 1 + size
        else:
            pixels += data[at + 1 : at + 1 + size * length]
            at += 1 + size * length
    return data[:2] + bytes([kind - 8]) + data[3:start] + pixels[:total] + data[at:]


def read_attributes_type(data: bytes) -> int | None:
    """Return what the extension area of a TGA tells of its alpha, None if there is no such area.

    Returns:
        0, 1 and 2: there is no alpha, whatever is stored; `ALPHA`; `PREMULTIPLIED`.
    """
    if not data.endswith(_SIGNATURE):
        return None
    (extension,) = struct.unpack_from("<I", data, len(data) - _FOOTER)
    at = extension + _ATTRIBUTES_TYPE
    return data[at] if extension and at < len(data) - _FOOTER else None
