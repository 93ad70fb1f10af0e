"""The pages of a TIFF, each as a file of its own."""

from __future__ import annotations

import struct
import warnings
from dataclasses import dataclass
from typing import IO

from PIL.TiffImagePlugin import ImageFileDirectory_v2

_SUBFILE_TYPE, _PAGE_NAME = 254, 285
_REDUCED_OR_MASK = 1 | 4


@dataclass(frozen=True)
class TiffPage:
    """One page.

    Attributes:
        offset: where its directory lies in the file.
        name: as the file has it; "" if it has none.
        is_picture: whether it is one of its own, no thumbnail or mask of another page.
    """

    offset: int
    name: str
    is_picture: bool


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
            warnings.simplefilter("ignore")  # Pillow warns of what is told here as `True`
            try:
                file.seek(offset)
                directory.load(file)
                name, kind = directory.get(_PAGE_NAME, ""), directory.get(_SUBFILE_TYPE, 0)
            except (OSError, ValueError, SyntaxError, struct.error, OverflowError):
                return pages, True
        if offset in seen or directory.next is None:
            return pages, True
        seen.add(offset)
        is_picture = not (isinstance(kind, int) and kind & _REDUCED_OR_MASK)
        pages.append(TiffPage(offset, str(name).strip("\0 "), is_picture))
        offset = directory.next
    return pages, False


def file_of_page(content: bytes, page: TiffPage) -> bytes:
    """Return a TIFF of which a page is the first: the same file that begins with its directory."""
    order = "<" if content[:1] == b"I" else ">"
    if _is_big(content):
        return content[:8] + struct.pack(f"{order}Q", page.offset) + content[16:]
    return content[:4] + struct.pack(f"{order}I", page.offset) + content[8:]


def _is_big(content: bytes) -> bool:
    """Return whether a file is a BigTIFF, by its first 4 bytes."""
    return b"+" in content[2:4]
