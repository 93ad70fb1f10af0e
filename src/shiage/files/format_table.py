"""The formats that pictures are stored in, one row each.

A new format is a row here and a file with its `PictureFile`; whatever lists formats, endings of
names or choices takes them from here.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass

HEAD_SIZE = 64
"""Bytes at the beginning of a file that its format is found out by."""


@dataclass(frozen=True)
class Format:
    """One format.

    Attributes:
        name: what people call it.
        suffixes: how the names of its files end, lower case; new files get the first.
        starts: whether a file begins like this, by its first `HEAD_SIZE` bytes.
        reader: `module:class` of its `PictureFile`, loaded when a file is at hand: psd-tools takes
            a tenth of a second, half of what the command line needs to start.
        is_lossless: whether it keeps colors. One that does not is only read.
        is_layered: whether a file is a drawing and its painting at once, in layers.
        holds_16_bits: whether it has room for 16 bits a channel.
        has_pages: whether a file may hold several pictures.
    """

    name: str
    suffixes: tuple[str, ...]
    starts: Callable[[bytes], bool]
    reader: str
    is_lossless: bool = True
    is_layered: bool = False
    holds_16_bits: bool = True
    has_pages: bool = False


def _signature(*heads: bytes) -> Callable[[bytes], bool]:
    """Return whether bytes begin with one of these."""
    return lambda head: head.startswith(heads)


_TGA_BITS = {1: (8, 16), 2: (15, 16, 24, 32), 3: (1, 8, 16)}


def _starts_tga(head: bytes) -> bool:
    """Whether all fields of a header fit a TGA's, as there is no signature."""
    if len(head) < 18:
        return False
    has_map, kind, map_bits = head[1], head[2], head[7]
    width, height, bits, flags = struct.unpack_from("<HHBB", head, 12)
    return (
        has_map in (0, 1)
        and kind in (1, 2, 3, 9, 10, 11)
        and (kind & 7 != 1 or (has_map == 1 and map_bits in (15, 16, 24, 32)))
        and bits in _TGA_BITS[kind & 7]
        and flags < 64
        and width * height > 0
    )


TABLE: tuple[Format, ...] = (
    Format("PNG", (".png",), _signature(b"\x89PNG\r\n\x1a\n"), "shiage.files.flat.png:PngFile"),
    Format("TGA", (".tga",), _starts_tga, "shiage.files.flat.tga:TgaFile", holds_16_bits=False),
    Format(
        "TIFF",
        (".tif", ".tiff"),
        _signature(b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"),
        "shiage.files.flat.tiff:TiffFile",
        has_pages=True,
    ),
    Format(
        "BMP", (".bmp",), _signature(b"BM"), "shiage.files.flat.bmp:BmpFile", holds_16_bits=False
    ),
    Format(
        "JPEG",
        (".jpg", ".jpeg", ".jpe", ".jfif"),
        _signature(b"\xff\xd8\xff"),
        "shiage.files.flat.jpeg:JpegFile",
        is_lossless=False,
        holds_16_bits=False,
    ),
    Format(
        "PSD",
        (".psd", ".psb"),
        _signature(b"8BPS\0\1", b"8BPS\0\2"),
        "shiage.files.layers.psd_file:PsdFile",
        is_layered=True,
    ),
)
