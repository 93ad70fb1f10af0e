"""Which format a container is in."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from pkgutil import resolve_name
from typing import NamedTuple

from shiage.errors import NotAContainer
from shiage.files.formats import FORMATS
from shiage.files.reading import readable
from shiage.imports.cadmium_file import is_cadmium
from shiage.imports.container import Container

_HEAD = 1 << 16
"""Bytes at the beginning that show a container's format."""


class _Kind(NamedTuple):
    """One format.

    Attributes:
        title: what messages call it.
        starts: whether a file begins like this.
        opener: `module:function` that opens one, loaded when a file is at hand: psd-tools takes a
            tenth of a second.
    """

    title: str
    starts: Callable[[bytes], bool]
    opener: str


def _is_psd(head: bytes) -> bool:
    """Return whether a file begins like a PSD; one of an odd version is a broken PSD."""
    return head.startswith(b"8BPS")


_TABLE = (
    _Kind("a Cadmium project (.cdm)", is_cadmium, "shiage.imports.cadmium:open_cadmium"),
    _Kind("a TIFF of several pages", FORMATS["TIFF"].starts, "shiage.imports.tiff:open_tiff"),
    _Kind("a PSD with cels as layers", _is_psd, "shiage.imports.psd:open_psd"),
)


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
        for kind in _TABLE:
            if kind.starts(head):
                opened: Container = resolve_name(kind.opener)(path, max_pixels)
                return opened
    if not head:
        raise _no_container(path, "the file is empty")
    raise _no_container(path, "shiage cannot import this format")


def _no_container(path: Path, found: str) -> NotAContainer:
    *titles, last = (kind.title for kind in _TABLE)
    return NotAContainer(
        found,
        path=path,
        expected=f"{', '.join(titles)}, or {last}",
        action="Give a folder of drawings to shiage paint as it is",
    )
