"""Outputs that are either written completely or not at all."""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import msgspec

from shiage.errors import OutputExists, WriteFailed

_ACTIONS = {
    errno.ENOSPC: "Free some disk space and run again",
    errno.EDQUOT: "Free some disk space and run again",
    errno.EACCES: "Check the folder's permissions, or choose another output folder",
    errno.EPERM: "Check the folder's permissions, or choose another output folder",
    errno.EROFS: "The disk is read-only; choose another output folder",
    errno.ENAMETOOLONG: "Choose a shorter name",
    errno.EISDIR: "A folder has the output's name; move it away",
    errno.ENOTDIR: "A file has the name of the output's folder; move it away",
    errno.EEXIST: "A file has the name of the output's folder; move it away",
}


def require_new(*files: Path, force: bool) -> None:
    """Raise if a file to be written is there already, unless it may be replaced.

    Raises:
        OutputExists: it is.
    """
    for file in files:
        if file.exists() and not force:
            raise OutputExists("is there already", path=file, action="Give --force to replace it")


def write_atomically(path: Path, data: bytes) -> None:
    """Write a file so that no reader, crash or full disk ever meets half of it; see `whole_file`.

    Args:
        path: where the file shall be.
        data: everything it shall hold.

    Raises:
        WriteFailed: the disk is full, a permission is missing or the like. What was at `path`
            before is untouched, and the temporary file is gone.
    """
    with whole_file(path, size=f"{len(data):,} bytes") as part, part.open("xb") as file:
        file.write(data)


@contextlib.contextmanager
def whole_file(path: Path, size: str = "the file") -> Iterator[Path]:
    """Yield the path of a temporary file to write, which takes the file's name at the end.

    It lies beside the file (`.….part`). Missing parent folders are made, and a file that is there
    already is replaced. After an exception of any kind, what was at `path` before is untouched,
    and the temporary file is gone.

    Args:
        path: where the file shall be.
        size: what there must be room for, for messages.

    Raises:
        WriteFailed: instead of an `OSError`, whether raised here or inside the `with` block.
    """
    part = _part(path)
    with _as_write_failed(path, size):
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            yield part
            os.replace(part, path)  # noqa: PTH105 - the one call for which tests fill the disk
        except BaseException:
            with contextlib.suppress(OSError):
                part.unlink(missing_ok=True)
            raise


There = Literal["join", "replace", "refuse"]


@contextlib.contextmanager
def whole_folder(path: Path, there: There) -> Iterator[Path]:
    """Yield a new folder to write into, which takes the folder's name at the end.

    It lies beside the folder (`.NAME.….unfinished`). After an exception of any kind inside the
    `with` block nothing has changed at `path`, and the new folder is gone.

    Args:
        path: where the folder shall be.
        there: if there is one already, the new files "join" it and replace those of the same names;
            the new folder "replace"s it, whoever else does the same; or that is an error: "refuse".

    Raises:
        WriteFailed: instead of an `OSError`, whether raised here or inside the `with` block.
    """
    unfinished = path.with_name(f".{path.name}.{uuid.uuid4().hex[:8]}.unfinished")
    with _as_write_failed(path, "the folder"):
        unfinished.mkdir(parents=True)
        try:
            yield unfinished
            if there == "join" and path.exists():
                _join(unfinished, path)
            elif there == "replace":
                _replace(unfinished, path)
            else:
                unfinished.rename(path)
        finally:
            shutil.rmtree(unfinished, ignore_errors=True)


def _join(unfinished: Path, folder: Path) -> None:
    """Put the files of a finished folder into another one."""
    for file in sorted(file for file in unfinished.rglob("*") if file.is_file()):
        target = folder / file.relative_to(unfinished)
        target.parent.mkdir(parents=True, exist_ok=True)
        file.replace(target)


def _replace(unfinished: Path, folder: Path) -> None:
    """Give a finished folder its name; what had it before goes."""
    while True:
        try:
            unfinished.rename(folder)
        except OSError as error:
            if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
                raise
        else:
            return
        former = unfinished.with_name(f"{unfinished.name}.former")
        with contextlib.suppress(FileNotFoundError):
            folder.rename(former)
        shutil.rmtree(former, ignore_errors=True)


def _part(path: Path) -> Path:
    """Return a name beside a file for what is not finished."""
    # Not `tempfile`: it would make the output readable by its owner only, whatever the umask.
    return path.parent / f".{uuid.uuid4().hex}.part"


@contextlib.contextmanager
def _as_write_failed(path: Path, size: str) -> Iterator[None]:
    """Make of an `OSError` a `WriteFailed` that tells what to do."""
    try:
        yield
    except OSError as error:
        raise WriteFailed(
            f"could not be written ({error.strerror or error})",
            path=path,
            expected=f"room and permission for {size}",
            action=_ACTIONS.get(
                error.errno or 0, "Check the disk, or choose another output folder"
            ),
        ) from error


def write_json(path: Path, value: Any, indent: int = 1) -> None:
    """Write plain values, structs and dataclasses as JSON that people can read.

    Raises:
        WriteFailed: see `write_atomically`.
    """
    write_atomically(path, msgspec.json.format(msgspec.json.encode(value), indent=indent) + b"\n")
