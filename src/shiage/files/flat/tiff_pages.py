"""The pages of a TIFF, each as a file of its own; and pages that are layers of one picture.

GIMP and others write layers as pages, the lowest first, each as large as the layer. Where it lies
is given in units of the resolution; how large the picture is, is not.
"""

from __future__ import annotations

import math
import re
import struct
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import IO, Any

from PIL.TiffImagePlugin import ImageFileDirectory_v2

_SUBFILE_TYPE, _WIDTH, _HEIGHT = 254, 256, 257
_PAGE_NAME, _X_RESOLUTION, _Y_RESOLUTION, _X_POSITION, _Y_POSITION = 285, 282, 283, 286, 287
_REDUCED_OR_MASK = 1 | 4


@dataclass(frozen=True)
class TiffPage:
    """One page.

    Attributes:
        offset: where its directory lies in the file.
        name: as the file has it; "" if it has none.
        is_picture: whether it is one of its own, no thumbnail or mask of another page.
        size_hw: height and width.
        at_xy: where its first pixel lies, if it is a layer of a picture.
    """

    offset: int
    name: str
    is_picture: bool
    size_hw: tuple[int, int]
    at_xy: tuple[int, int]


def list_pages(file: IO[bytes]) -> tuple[list[TiffPage], bool]:
    """Return the pages that a TIFF's directories tell, and whether there may be more of them.

    There may be if the chain of directories leads out of the file, or back.

    Args:
        file: begins as a TIFF does.
    """
    file.seek(0)
    header = file.read(8)
    header += file.read(8) if _is_big(header) else b""
    pages: list[TiffPage] = []
    seen: set[int] = set()
    try:
        offset = ImageFileDirectory_v2(header).next
    except struct.error:  # cut off, or a BigTIFF in big-endian order, which Pillow does not know
        return [], True
    while offset:
        directory = ImageFileDirectory_v2(header)
        directory.next = None
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow warns of what is returned here as `True`
            try:
                file.seek(offset)
                directory.load(file)
                page = _read_page(offset, directory)
            except (OSError, ValueError, SyntaxError, struct.error, OverflowError, TypeError):
                return pages, True
        if offset in seen or directory.next is None:
            return pages, True
        seen.add(offset)
        pages.append(page)
        offset = directory.next
    return pages, False


def _read_page(offset: int, directory: ImageFileDirectory_v2) -> TiffPage:
    """Return the page that a directory describes.

    Raises:
        Exception: of some kinds, if its tags are damaged.
    """
    name, kind = directory.get(_PAGE_NAME, ""), directory.get(_SUBFILE_TYPE, 0)
    is_picture = not (isinstance(kind, int) and kind & _REDUCED_OR_MASK)
    size_hw = int(directory.get(_HEIGHT, 0)), int(directory.get(_WIDTH, 0))
    at_xy = (
        _pixels(directory.get(_X_POSITION, 0), directory.get(_X_RESOLUTION, 1)),
        _pixels(directory.get(_Y_POSITION, 0), directory.get(_Y_RESOLUTION, 1)),
    )
    return TiffPage(offset, str(name).strip("\0 "), is_picture, size_hw, at_xy)


def _pixels(position: Any, resolution: Any) -> int:
    """Return a place in pixels; 0 if the file states none that can be."""
    found = float(position) * float(resolution)
    return round(found) if math.isfinite(found) and found > 0 else 0


def find_canvas(pages: Sequence[TiffPage]) -> tuple[int, int] | None:
    """Return height and width of the picture that pages are layers of.

    None if they are pictures of their own: if none has a place, unless they are smaller than the
    first and have names, but not all with a number, as cels would.

    Args:
        pages: of a file, thumbnails and masks left out.
    """
    if len(pages) < 2:
        return None
    canvas = (
        max(page.at_xy[1] + page.size_hw[0] for page in pages),
        max(page.at_xy[0] + page.size_hw[1] for page in pages),
    )
    placed = any(page.at_xy != (0, 0) for page in pages)
    on_first = canvas == pages[0].size_hw and any(page.size_hw != canvas for page in pages)
    named = all(page.name for page in pages)
    numbered = all(re.search(r"\d", page.name) for page in pages)
    return canvas if placed or (on_first and named and not numbered) else None


def list_layers(file: IO[bytes]) -> tuple[list[TiffPage], tuple[int, int] | None]:
    """Return the pages of a TIFF that are pictures, and the size of that which they are layers of.

    See `find_canvas`.
    """
    pages = [page for page in list_pages(file)[0] if page.is_picture]
    return pages, find_canvas(pages)


def file_of_page(content: bytes, page: TiffPage) -> bytes:
    """Return a TIFF with one page of another: the same file, that begins and ends with it."""
    order = "<" if content[:1] == b"I" else ">"
    big = _is_big(content)
    counter, entry, pointer, first = ("Q", 20, "Q", 8) if big else ("H", 12, "I", 4)
    (count,) = struct.unpack_from(f"{order}{counter}", content, page.offset)
    alone = bytearray(content)
    struct.pack_into(f"{order}{pointer}", alone, first, page.offset)
    end = page.offset + struct.calcsize(f"{order}{counter}") + entry * count
    struct.pack_into(f"{order}{pointer}", alone, end, 0)
    return bytes(alone)


def _is_big(content: bytes) -> bool:
    """Return whether a file is a BigTIFF, by its first 4 bytes."""
    return b"+" in content[2:4]
