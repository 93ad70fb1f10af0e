"""Pictures in files: reading them as RGBA, and writing them back the way they were stored.

PNG, TGA, TIFF, BMP and, for reading, JPEG and PSD: a layered file is a drawing and a painting at
once, so there are two ways to read a file, which are one for all others; `layers.writing` writes
them. No color ever changes on the way; how it is stored does, where noted:

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
import io
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import IO, TYPE_CHECKING

import cv2

from shiage.errors import (
    DamagedImage,
    FileError,
    NotAnImage,
    ShiageError,
    UnreadableFile,
    WriteFailed,
)
from shiage.files.atomic import write_atomically
from shiage.files.decoding import decode_picture, detect_format, read_header_size, unsupported
from shiage.files.encoding import encode_picture
from shiage.files.layers.additions import Addition
from shiage.files.pictures import FORMATS_READ, IMAGE_SUFFIXES, Layout, Picture
from shiage.files.tiff_pages import list_layers

# Most of `layers` is loaded when a layered file is at hand: psd-tools takes a tenth of a second,
# half of what the command line needs to start.
if TYPE_CHECKING:
    from shiage.files.layers.reading import View
    from shiage.files.layers.writing import Change

__all__ = [
    "IMAGE_SUFFIXES",
    "Layout",
    "Picture",
    "count_pages",
    "decode_stored",
    "encode_file",
    "encode_layers",
    "encode_picture",
    "has_paint",
    "is_jpeg",
    "lines_blend",
    "read_drawing",
    "read_picture",
    "read_size",
    "recolor_layers",
    "reprofile_layers",
    "write_picture",
]

MAX_PIXELS = 64_000_000
"""Larger pictures are refused unless the caller says otherwise (8000 x 8000)."""

# How the decoders begin when the content is sound, but of a kind that they do not know.
_UNKNOWN_KIND = ("unsupported", "unknown pixel mode", "unknown tga", "not a tga")


def read_picture(path: Path, *, max_pixels: int = MAX_PIXELS) -> Picture:
    """Return a file's picture. Its format is told by the content, whatever the name says.

    Rotation in EXIF data is ignored, but for JPEG, and so is the color profile: pixels are those in
    the file. Of a layered file the picture is its painting: visible paint and lines, without paper
    and guides.

    Args:
        path: a PNG, TGA, TIFF (its first page, or its layers over each other), BMP, JPEG
            or PSD.
        max_pixels: limit on width x height, checked before anything is decoded.

    Raises:
        UnreadableFile: missing, empty, a folder, not permitted.
        NotAnImage: in none of these formats.
        DamagedImage: cut off or corrupt.
        UnsupportedImage: CMYK, floating point, animated and the like.
        ImageTooLarge: more than `max_pixels`.
    """
    return _read(path, "painting", max_pixels)


def read_drawing(path: Path, *, max_pixels: int = MAX_PIXELS, traces: bool = True) -> Picture:
    """Return a file's line drawing: of a layered file its lines, else its picture.

    Args:
        path: see `read_picture`.
        max_pixels: limit on width x height, checked before anything is decoded.
        traces: with the layers of colour traces.

    Raises:
        NothingToPaint: a layered file has no lines.
        FileError: see `read_picture`.
    """
    return _read(path, "drawing" if traces else "lines", max_pixels)


def has_paint(path: Path, *, max_pixels: int = MAX_PIXELS) -> bool:
    """Whether a file is a drawing and its painting at once: layered, with lines and paint.

    Raises:
        FileError: see `read_picture`.
    """
    with _open_picture(path) as (file_format, file):
        if file_format != "PSD":
            return False
        from shiage.files.layers import reading

        return reading.has_paint(path, file.read(), max_pixels)


def lines_blend(path: Path, *, max_pixels: int = MAX_PIXELS) -> bool:
    """Whether a layered file's lines mix with paint otherwise than by covering it (Multiply).

    Raises:
        FileError: see `read_picture`.
    """
    with _open_picture(path) as (file_format, file):
        if file_format != "PSD":
            return False
        from shiage.files.layers import reading

        return reading.lines_blend(path, file.read(), max_pixels)


def decode_stored(path: Path, content: bytes, *, max_pixels: int = 64_000_000) -> Picture:
    """Return a picture that another file holds.

    Args:
        path: what errors call it, such as `cut.tif/page 3`.
        content: what would be in a file of its own.
        max_pixels: limit on width x height, checked before anything is decoded.

    Raises:
        FileError: as `read_picture` does.
    """
    with _open_picture(path, content) as (file_format, file):
        return decode_picture(path, file_format, file.read(), max_pixels)


def read_size(path: Path) -> tuple[int, int]:
    """Return the height and width that a picture file's header tells; its pixels stay unread.

    Raises:
        UnreadableFile: missing, empty, a folder, not permitted.
        NotAnImage: in no format that shiage reads.
        DamagedImage: the header is cut off or corrupt.
        UnsupportedImage: a kind of picture of which not even the header is understood.
    """
    with _open_picture(path) as (file_format, file):
        if file_format == "PSD":
            from shiage.files.layers.document import HEADER_SIZE, read_header

            return read_header(file.read(HEADER_SIZE))
        canvas = list_layers(file)[1] if file_format == "TIFF" else None
        file.seek(0)
        return canvas or read_header_size(file_format, file)


def is_jpeg(path: Path) -> bool:
    """Whether a file is a JPEG, which does not keep colors, by its content.

    Raises:
        FileError: see `read_size`.
    """
    with _open_picture(path) as (file_format, _):
        return file_format == "JPEG"


def count_pages(path: Path) -> int:
    """Return how many pictures a file holds, by its name and header; 1 unless it is a TIFF.

    Pages that are layers of one picture are one.
    """
    if path.suffix.lower() not in (".tif", ".tiff"):
        return 1
    try:
        with _open_picture(path) as (file_format, file):
            pages, canvas = list_layers(file) if file_format == "TIFF" else ([], None)
    except FileError:
        return 1  # told when it is read
    return 1 if canvas else max(1, len(pages))


def write_picture(path: Path, picture: Picture) -> None:
    """Write a picture the way its layout tells, completely or not at all.

    Where the layout's mode has no room for the pixels, `encode_picture` tells what happens.

    Raises:
        WriteFailed: full disk, missing permission, or a size that the format cannot hold.
    """
    write_atomically(path, encode_file(path, picture))


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


def encode_layers(drawing: Path, layout: Layout, addition: Addition, max_pixels: int) -> bytes:
    """Return the content of a painted cel's layered file.

    Args:
        drawing: the drawing's file; if it is layered, its layers come along.
        layout: how the drawing is stored.
        addition: the new layers.
        max_pixels: limit on width x height.

    Raises:
        FileError: the drawing cannot be read any more, or has paper that is not understood.
        WriteFailed: a size that the format cannot hold.
    """
    from shiage.files.layers.document import open_document
    from shiage.files.layers.writing import encode_document, new_document

    with _open_picture(drawing) as (file_format, file):
        if file_format == "PSD":
            document = open_document(drawing, file.read(), max_pixels)
        else:
            document = new_document(drawing, addition.painted.shape[:2], layout)
        return encode_document(document, addition, layout.icc_profile, max_pixels)


def reprofile_layers(path: Path, profile: bytes, max_pixels: int) -> bytes:
    """Return a layered file's content with another color profile; no color's numbers change.

    Raises:
        FileError: it cannot be read.
    """
    from shiage.files.layers.document import open_document
    from shiage.files.layers.writing import with_profile

    with _open_picture(path) as (_, file):
        return with_profile(open_document(path, file.read(), max_pixels), profile)


def recolor_layers(painted: Path, change: Change, max_pixels: int) -> bytes:
    """Return a layered file's content with other colors in its paint and its merged image.

    Args:
        painted: the file.
        change: gives the new colors of a layer's pixels (h, w, 4), the first of which lies at x, y.
        max_pixels: limit on width x height.

    Raises:
        FileError: it cannot be read.
    """
    from shiage.files.layers.document import open_document
    from shiage.files.layers.writing import repaint

    with _open_picture(painted) as (_, file):
        return repaint(open_document(painted, file.read(), max_pixels), change, max_pixels)


def _read(path: Path, view: View, max_pixels: int) -> Picture:
    """Return what is wanted of a file."""
    with _open_picture(path) as (file_format, file):
        if file_format == "PSD":
            from shiage.files.layers import reading

            return reading.decode_layers(path, file.read(), view, max_pixels)
        return decode_picture(path, file_format, file.read(), max_pixels)


@contextlib.contextmanager
def _open_picture(path: Path, content: bytes | None = None) -> Iterator[tuple[str, IO[bytes]]]:
    """Yield a file's format and content; whatever is wrong with either becomes a `FileError`.

    The content is the file's unless it is given.
    """
    file_format = None
    try:
        if content is None and path.is_dir():
            raise IsADirectoryError("it is a folder")  # Windows would say "permission denied"
        with path.open("rb") if content is None else io.BytesIO(content) as file:
            head = file.read(18)
            file_format = detect_format(head)
            if not file_format:
                raise _no_picture(path, head)
            file.seek(0)
            yield file_format, file
    except ShiageError:
        raise
    except Exception as error:  # decoders answer broken data with every exception there is
        reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
        # Before the format is known, a `ValueError` is a path with a null character; after that,
        # an `OSError` is the decoder's own unless the system has numbered it.
        if not file_format or getattr(error, "errno", None):
            raise UnreadableFile(
                f"cannot be read ({reason})",
                path=path,
                expected="a picture file",
                action="Check the path and the permission to read it",
            ) from error
        if reason.lower().startswith(_UNKNOWN_KIND):
            raise unsupported(path, f"a {file_format} of another kind ({reason})") from error
        raise DamagedImage(
            f"the {file_format} is cut off or corrupt ({reason})",
            path=path,
            expected="a complete picture",
            action="Copy or export the file again",
        ) from error


def _no_picture(path: Path, head: bytes) -> ShiageError:
    """Return the error for a file that begins in no known way."""
    if not head:
        return UnreadableFile(
            "the file is empty",
            path=path,
            expected="a picture file",
            action="Copy or export the file again",
        )
    return NotAnImage(
        "the content is in no picture format that shiage reads",
        path=path,
        expected=FORMATS_READ,
        action="Export the drawing as PNG or TGA",
    )
