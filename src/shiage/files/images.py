"""Pictures in files: reading them as RGBA, and writing them back the way they were stored.

The formats are those of `format_table`. No color ever changes on the way; how it is stored does,
where noted:

- what was read from JPEG, which does not keep colors, is written as PNG;
- palettes of 1, 2 or 4 bits and greys of 2 or 4 bits are written with 8; a PNG color key becomes
  an alpha channel; a pixel takes the first of equal palette entries;
- grey with alpha of 16 bits becomes RGBA of 16 bits; colors of 16 bits lose the resolution in
  PNG, where a color profile that libpng does not accept is lost, too;
- TGA with 5 bits per channel is written with 8, as exact paint colors would be lost otherwise;
- a TIFF whose compression is lossy or cannot be written is written with Deflate; each is written
  in strips, with the least byte first, the channels side by side and straight alpha;
- BMP loses its run-length compression, its 32 bits without alpha (and with alpha its resolution)
  and the order of its rows, TGA its image id and what lies behind its pixels, PNG its interlacing,
  PNG and TIFF their texts and gamma.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from shiage.errors import FileError, NotAnImage
from shiage.files.atomic import write_atomically
from shiage.files.encoding import encode_file, encode_picture, reader_of
from shiage.files.format_table import HEAD_SIZE, Format
from shiage.files.formats import FORMATS_READ, detect_format, format_by_name
from shiage.files.picture_file import PictureFile, decoding
from shiage.files.pictures import Layout, Picture
from shiage.files.reading import empty_file, read_file, readable

__all__ = [
    "MAX_PIXELS",
    "Layout",
    "Picture",
    "PictureFile",
    "count_pages",
    "encode_file",
    "encode_picture",
    "open_picture",
    "read_picture",
    "read_size",
    "write_picture",
]

MAX_PIXELS = 64_000_000
"""Larger pictures are refused unless the caller says otherwise (8000 x 8000)."""

_EXPECTED = "a picture file"


def open_picture(
    path: Path, content: bytes | None = None, *, max_pixels: int = MAX_PIXELS
) -> PictureFile:
    """Return a picture's file, read whole. Its content says the format, whatever its name.

    Args:
        path: the file; if it lies in another one, what errors call it, such as `cut.tif/page 3`.
        content: what is in it, if it lies in another one.
        max_pixels: limit on width x height.

    Raises:
        UnreadableFile: missing, empty, a folder, not permitted.
        NotAnImage: in no format that shiage reads.
    """
    if content is None:
        content = read_file(path, _EXPECTED)
    row = _detect(path, content[:HEAD_SIZE])
    return reader_of(row)(path, content, row, max_pixels)


def read_picture(path: Path, *, max_pixels: int = MAX_PIXELS) -> Picture:
    """Return the picture in a file, of a layered one its painting.

    Raises:
        FileError: see `open_picture` and `PictureFile.painting`.
    """
    return open_picture(path, max_pixels=max_pixels).painting


def read_size(path: Path) -> tuple[int, int]:
    """Return the height and width that a picture file's header tells; its pixels stay unread.

    Raises:
        UnreadableFile: missing, empty, a folder, not permitted.
        NotAnImage: in no format that shiage reads.
        DamagedImage: the header is cut off or corrupt.
        UnsupportedImage: a kind of picture of which not even the header is understood.
    """
    with _header(path) as (row, file):
        return reader_of(row).read_size(file)


def count_pages(path: Path) -> int:
    """Return how many pictures a file holds, by its name and header; layers of one are one."""
    if not format_by_name(path).has_pages:
        return 1
    try:
        with _header(path) as (row, file):
            return reader_of(row).count_pages(file)
    except FileError:
        return 1  # reported when it is read


def write_picture(path: Path, picture: Picture) -> None:
    """Write a picture the way its layout tells, completely or not at all.

    Where the layout's mode has no room for the pixels, `encode_picture` tells what happens.

    Raises:
        WriteFailed: full disk, missing permission, or a size that the format cannot hold.
    """
    write_atomically(path, encode_file(path, picture))


@contextlib.contextmanager
def _header(path: Path) -> Iterator[tuple[Format, IO[bytes]]]:
    """Yield a file's format, and the file at its beginning."""
    with readable(path, _EXPECTED), path.open("rb") as file:
        row = _detect(path, file.read(HEAD_SIZE))
        file.seek(0)
        with decoding(path, row.name):
            yield row, file


def _detect(path: Path, head: bytes) -> Format:
    """Return the format of a file that begins like this.

    Raises:
        UnreadableFile: it is empty.
        NotAnImage: it is in none.
    """
    if not head:
        raise empty_file(path, _EXPECTED)
    row = detect_format(head)
    if row is None:
        raise NotAnImage(
            "the content is in no picture format that shiage reads",
            path=path,
            expected=FORMATS_READ,
            action="Export the drawing as PNG or TGA",
        )
    return row
