"""Pictures as the content of files."""

from __future__ import annotations

import struct
from dataclasses import replace
from pathlib import Path
from pkgutil import resolve_name

import cv2

from shiage.errors import WriteFailed
from shiage.files.format_table import Format
from shiage.files.formats import FORMATS
from shiage.files.picture_file import PictureFile
from shiage.files.pictures import Picture


def reader_of(row: Format) -> type[PictureFile]:
    """Return the class of a format's files."""
    reader: type[PictureFile] = resolve_name(row.reader)
    return reader


def encode_picture(picture: Picture, *, format: str = "PNG") -> bytes:  # noqa: A002
    """Return a picture as a file's content; the same picture gives the same bytes.

    The layout's mode stays where it has room for the pixels. Else a grey picture becomes RGB (in
    TGA indexed, if 256 colors are enough), so does a palette that overflows, and transparency
    gets an alpha channel. Palette entries in use stay where they are; new colors come after them.

    Args:
        picture: what to encode.
        format: name of a flat format; where it does not hold 16 bits per channel they become 8.

    Raises:
        OSError, ValueError, OverflowError, struct.error, cv2.error: the format cannot hold the
            picture's size.
    """
    row = FORMATS[format]
    picture = picture.stored_as(format)
    if picture.layout.bits == 16 and not row.holds_16_bits:
        picture = Picture(picture.rgba_u8, replace(picture.layout, bits=8))
    return reader_of(row).encode(picture)


def encode_file(path: Path, picture: Picture) -> bytes:
    """Return what `write_picture` writes.

    Args:
        path: the file, for the error.
        picture: the picture.

    Raises:
        WriteFailed: a size that the format cannot hold.
    """
    file_format = picture.layout.format
    try:
        return encode_picture(picture, format=file_format)
    except (OSError, ValueError, OverflowError, struct.error, cv2.error) as error:
        height, width = picture.size_hw
        raise WriteFailed(
            f"{width} x {height} pixels could not be stored as {file_format} ({error})",
            path=path,
            expected="a picture that the format can hold",
            action="Export the drawings as PNG and paint those",
        ) from error
