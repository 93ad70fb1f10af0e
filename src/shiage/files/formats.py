"""Formats looked up: by name, by the name of a file, by its first bytes."""

from __future__ import annotations

from pathlib import Path

from shiage.files.format_table import TABLE, Format

FORMATS = {row.name: row for row in TABLE}
"""All formats that are read, by name."""

FORMATS_READ = " or ".join((", ".join([*FORMATS][:-1]), [*FORMATS][-1]))
"""Their names, for messages."""

WRITTEN = tuple(row.name for row in TABLE if row.is_lossless)
"""Names of the formats that painted cels can be stored in."""

PLAIN = next(row for row in TABLE if row.is_lossless and not row.is_layered)
"""The format of flat pictures where there is no better one."""

LAYERED = next(row for row in TABLE if row.is_layered)
"""The format of painted cels in layers whose drawings are flat."""

NO_FORMAT = Format("", ("",), lambda _: False, "")
"""Stands for the format of a file whose name does not say one."""

_OF_SUFFIX = {suffix: row for row in TABLE for suffix in row.suffixes}

IMAGE_SUFFIXES = frozenset(_OF_SUFFIX)
"""How the names of pictures end, in lower case."""

FLAT_SUFFIXES = {
    suffix: row.name for suffix, row in _OF_SUFFIX.items() if row.is_lossless and not row.is_layered
}
"""Name of the format by the ending of a file's name: formats that flat pictures are written in."""


def format_by_name(path: Path) -> Format:
    """Return the format that a file's name says; `NO_FORMAT` if it says none.

    >>> format_by_name(Path("A/A0001.TIF")).name, format_by_name(Path("memo.txt")).name
    ('TIFF', '')
    """
    return _OF_SUFFIX.get(path.suffix.lower(), NO_FORMAT)


def detect_format(head: bytes) -> Format | None:
    """Return the format of a file by its first `HEAD_SIZE` bytes, None if it is in none of these.

    >>> found = detect_format(b"BM...")
    >>> found and found.name
    'BMP'
    >>> detect_format(b"Thumbs.db is not a picture")
    """
    return next((row for row in TABLE if row.starts(head)), None)


def stored_as(row: Format) -> Format:
    """Return the format in which pictures are stored that were read from files of a format.

    >>> stored_as(FORMATS["TGA"]).name, stored_as(FORMATS["JPEG"]).name
    ('TGA', 'PNG')
    """
    return row if row.is_lossless else PLAIN


def flat_beside(row: Format) -> Format:
    """Return the format of flat pictures that go with files of a format: planes of painted cels.

    >>> flat_beside(FORMATS["TGA"]).name, flat_beside(FORMATS["PSD"]).name
    ('TGA', 'PNG')
    """
    return PLAIN if row.is_layered else row
