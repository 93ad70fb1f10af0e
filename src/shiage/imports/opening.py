"""Which format a container is in."""

from __future__ import annotations

from pathlib import Path

from shiage.errors import NotAContainer
from shiage.files.formats import FORMATS, detect_format
from shiage.files.reading import readable
from shiage.imports.cadmium import open_cadmium
from shiage.imports.cadmium_file import is_cadmium
from shiage.imports.container import Container
from shiage.imports.tiff import open_tiff

_HEAD = 1 << 16
"""Bytes by which a container is told from other files."""


def open_container(path: Path, max_pixels: int) -> Container:
    """Return what a file that holds a whole cut is made of; its content tells the format.

    Raises:
        UnreadableFile: missing, not permitted.
        NotAContainer: empty, a folder, in no format that is taken apart.
        FileError: cut off or corrupt.
    """
    if path.is_dir():
        raise _no_container(path, "it is a folder")
    with readable(path, "a file that holds a whole cut"):
        with path.open("rb") as file:
            head = file.read(_HEAD)
        if is_cadmium(head):
            return open_cadmium(path, max_pixels)
        if detect_format(head) is FORMATS["TIFF"]:
            return open_tiff(path, max_pixels)
        if head.startswith(b"8BPS"):
            from shiage.imports.psd import open_psd  # psd-tools takes a tenth of a second to load

            return open_psd(path, max_pixels)
    if not head:
        raise _no_container(path, "the file is empty")
    raise _no_container(path, "the content is in no format that shiage takes apart")


def _no_container(path: Path, found: str) -> NotAContainer:
    return NotAContainer(
        found,
        path=path,
        expected="a Cadmium project (.cdm), a TIFF of several pages, or a PSD with cels as layers",
        action="Give a folder of drawings to shiage paint as it is",
    )
