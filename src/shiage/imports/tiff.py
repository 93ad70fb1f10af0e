"""A TIFF of several pages, each a cel."""

from __future__ import annotations

import io
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import NoReturn

from shiage.errors import DamagedImage
from shiage.files.flat.tiff import on_canvas
from shiage.files.flat.tiff_pages import TiffPage, file_of_page, find_canvas, list_pages
from shiage.files.images import encode_picture, open_picture
from shiage.files.picture_file import check_size
from shiage.imports.container import Container, Part, Role, name_cel, read_name, read_together


def open_tiff(path: Path, max_pixels: int) -> Container:
    """Return the pages of a TIFF as cels.

    If every page has a name with a number, such as `A0003` or `B2 color`, that is the cel, or its
    painting. Else they are A1, A2, … in their order.

    Args:
        path: the file.
        max_pixels: largest picture that is read.

    Raises:
        UnreadableFile: the file cannot be read.
        DamagedImage: not even the first page can be found.
    """
    content = path.read_bytes()
    pages, may_be_more = list_pages(io.BytesIO(content))
    lost = DamagedImage(
        f"the TIFF is cut off or corrupt after page {len(pages)}",
        path=path,
        expected="a complete file",
        action="Copy or export the file again",
    )
    if not pages:
        raise lost
    pictures = [(number, page) for number, page in enumerate(pages, start=1) if page.is_picture]
    names, is_ordered = _name_pages([page for _, page in pictures])
    canvas = find_canvas([page for _, page in pictures])
    parts = [
        Part(role, name, partial(_load, path, content, number, page, canvas, max_pixels))
        for (number, page), (role, name) in zip(pictures, names, strict=True)
    ]
    if may_be_more:
        parts.append(Part("line", "(further pages)", partial(_fail, lost)))
    warnings = []
    if is_ordered and any(page.name for _, page in pictures):
        warnings.append(
            "The pages are numbered in their order, as not every one has a name and number of its "
            "own."
        )
    if small := len(pages) - len(pictures):
        warnings.append(f"Thumbnails and masks of other pages are left out: {small}.")
    return Container("TIFF", tuple(parts), warnings=tuple(warnings))


def _name_pages(pages: Sequence[TiffPage]) -> tuple[list[tuple[Role, str]], bool]:
    """Return role and file name of each page, and whether they are numbered in their order."""
    reader = read_together(page.name for page in pages)
    parts = [read_name(page.name, reader=reader) for page in pages]
    names = [(role, name_cel(key)) for role, key in filter(None, parts)]
    if len(set(names)) == len(pages):
        return names, False
    return [("line", name_cel(("A", number, ""))) for number in range(1, len(pages) + 1)], True


def _load(
    path: Path,
    content: bytes,
    number: int,
    page: TiffPage,
    canvas: tuple[int, int] | None,
    max_pixels: int,
) -> bytes:
    """Return a page as PNG of the same depth, where it lies on the canvas if there is one."""
    name = path / f"page {number}"
    picture = open_picture(name, file_of_page(content, page), max_pixels=max_pixels).painting
    if canvas is not None:
        check_size(name, canvas, max_pixels)
        picture = on_canvas(picture, page, canvas)
    return encode_picture(picture, format="PNG")


def _fail(error: DamagedImage) -> NoReturn:
    raise error
