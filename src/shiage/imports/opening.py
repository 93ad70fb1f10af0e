"""Which format a container is in."""

from __future__ import annotations

from pathlib import Path

from shiage.errors import NotAContainer, UnreadableFile
from shiage.files.decoding import detect_format
from shiage.imports.cadmium import open_cadmium
from shiage.imports.cadmium_file import is_cadmium
from shiage.imports.container import Container
from shiage.imports.tiff import open_tiff

_HEAD = 1 << 16
"""Bytes by which a container is told from other files."""


def open_container(path: Path, max_pixels: int) -> Container:
    """Return what a file that holds a whole cut is made of; its content tells the format.

    Raises:
        UnreadableFile: missing, empty, a folder, not permitted.
        NotAContainer: in no format that is taken apart.
        FileError: cut off or corrupt.
    """
    try:
        if path.is_dir():
            raise IsADirectoryError("it is a folder; give it to shiage paint as it is")
        with path.open("rb") as file:
            head = file.read(_HEAD)
        if is_cadmium(head):
            return open_cadmium(path, max_pixels)
        if detect_format(head) == "TIFF":
            return open_tiff(path, max_pixels)
        if head.startswith(b"8BPS"):
            from shiage.imports.psd import open_psd  # psd-tools takes a tenth of a second to load

            return open_psd(path, max_pixels)
    except (OSError, ValueError) as error:  # the latter: a path with a null character
        raise UnreadableFile(
            f"cannot be read ({getattr(error, 'strerror', None) or error})",
            path=path,
            expected="a file that holds a whole cut",
            action="Check the path and the permission to read it",
        ) from error
    raise NotAContainer(
        "the content is in no format that shiage takes apart" if head else "the file is empty",
        path=path,
        expected="a Cadmium project (.cdm), a TIFF of several pages, or a PSD with cels as layers",
        action="Give a folder of drawings to shiage paint as it is",
    )
