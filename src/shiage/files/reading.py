"""Files read whole or in part; whatever keeps the system from it becomes one kind of error."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

from shiage.errors import UnreadableFile


@contextlib.contextmanager
def readable(path: Path, expected: str) -> Iterator[None]:
    """Turn what keeps the system from reading a file, while this lasts, into one kind of error.

    Args:
        path: the file.
        expected: what it should be, as in "a timesheet".

    Raises:
        UnreadableFile: missing, a folder, not permitted, or a path that none can have.
    """
    try:
        if path.is_dir():
            raise IsADirectoryError("it is a folder")  # Windows would say "permission denied"
        yield
    except (OSError, ValueError) as error:  # the latter: a path with a null character
        raise UnreadableFile(
            f"cannot be read ({getattr(error, 'strerror', None) or error})",
            path=path,
            expected=expected,
            action="Check the path and the permission to read it",
        ) from error


def read_file(path: Path, expected: str, most_bytes: int | None = None) -> bytes:
    """Return the content of a file, of one that is too large a byte more than it may have.

    Args:
        path: the file.
        expected: what it should be, as in "a timesheet".
        most_bytes: how many it may have, None for any number.

    Raises:
        UnreadableFile: missing, empty, a folder, not permitted, or a path that none can have.
    """
    with readable(path, expected), path.open("rb") as file:
        content = file.read(None if most_bytes is None else most_bytes + 1)
    if not content:
        raise empty_file(path, expected)
    return content


def empty_file(path: Path, expected: str) -> UnreadableFile:
    """Return the error for a file that holds nothing."""
    return UnreadableFile(
        "the file is empty",
        path=path,
        expected=expected,
        action="Copy or export the file again",
    )
