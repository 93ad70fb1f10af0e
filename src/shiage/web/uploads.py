"""Pictures dropped on the page become a cut: a new folder of their own, never an old one."""

from __future__ import annotations

import errno
import shutil
import uuid
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

from fastapi import HTTPException, Request
from starlette.datastructures import UploadFile

from shiage.cuts.folders import DEFAULT_NAMES, is_sheet_name
from shiage.files.pictures import FORMATS_READ, IMAGE_SUFFIXES

MOST_FILES = 2000
MOST_BYTES = 4 * 2**30
"""Of all files together."""

LONGEST_NAME = 120
"""Bytes of a cut's name."""

LINE_FOLDER = "line"
REF_FOLDER = "ref"
SHEET_FOLDER = "model"


async def receive(request: Request, folder: Path) -> Path:
    """Write the pictures of a form into a new folder of a cut, and return it.

    The form has `files`, whose names may hold folders, and a `name` for the cut. What lies in a
    folder named ref, color, paint or the like is a painted reference, in one named model or the
    like a model sheet, all else a drawing.

    Args:
        request: the form.
        folder: the new folder is put here.

    Raises:
        HTTPException: 411 or 413 if it is too much or does not tell; 400 if there is no picture or
            a name leads elsewhere; 409 if there is a folder of that name; 500 if the disk is full.
    """
    _require_room(request.headers.get("content-length", ""))
    async with request.form(max_files=MOST_FILES + 1, max_fields=10) as form:
        files = [file for file in form.getlist("files") if isinstance(file, UploadFile)]
        if len(files) > MOST_FILES:
            raise HTTPException(413, f"more than {MOST_FILES} files; drop one cut at a time")
        places = _places(file.filename or "" for file in files)
        name = form.get("name")
        target = folder / _safe_name(name if isinstance(name, str) else "")
        if target.exists():
            raise HTTPException(409, f"{target} is there already; choose another name")
        part = folder / f".{uuid.uuid4().hex}.part"
        try:
            for place, file in zip(places, files, strict=True):
                if place is not None:
                    await _store(file, part / place)
            part.rename(target)
        except OSError as error:
            code = 400 if error.errno == errno.ENAMETOOLONG else 500
            raise HTTPException(
                code, f"the pictures could not be stored in {folder} ({error.strerror or error})"
            ) from error
        finally:
            shutil.rmtree(part, ignore_errors=True)
    return target


def _require_room(told: str) -> None:
    """Refuse a form by the size it tells, before anything of it is read."""
    if not told.isdecimal():
        raise HTTPException(411, "the page did not tell how large the pictures are; try it again")
    if int(told) > MOST_BYTES:
        raise HTTPException(
            413, f"the pictures are larger than {MOST_BYTES // 2**30} GB together; drop fewer"
        )


async def _store(file: UploadFile, path: Path) -> None:
    """Write a file, and its folder if need be."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as out:
        while block := await file.read(2**20):
            out.write(block)


def _places(filenames: Iterable[str]) -> list[Path | None]:
    """Return where each file goes within the cut's folder, None if it is left out.

    Drawings that all lie in one folder lie in none: it is the cut's own, and columns go by letter.

    Raises:
        HTTPException: a name leads elsewhere, two files go to one place, or none is a picture.
    """
    places = [_place(filename) for filename in filenames]
    if len({place.parent for place in places if place and place.parts[0] == LINE_FOLDER}) == 1:
        places = [
            Path(LINE_FOLDER, place.name) if place and place.parts[0] == LINE_FOLDER else place
            for place in places
        ]
    taken: set[Path] = set()
    for place in filter(None, places):
        if place in taken:
            raise HTTPException(400, f"two of the files would be {place}; drop one cut at a time")
        taken.add(place)
    if not taken:
        raise HTTPException(400, f"there is no picture among the files; expected {FORMATS_READ}")
    return places


def _place(filename: str) -> Path | None:
    """Return where a file goes within the cut's folder, None if it is no picture or hidden.

    Raises:
        HTTPException: its name leads elsewhere.
    """
    pure = PurePosixPath(filename.replace("\\", "/"))
    odd = pure.is_absolute() or any(
        part == ".." or ":" in part or "\0" in part for part in pure.parts
    )
    if odd:
        raise HTTPException(400, f"the name {filename!r} leads out of the cut; rename the file")
    hidden = any(part.startswith((".", "_")) for part in pure.parts)
    if hidden or pure.suffix.lower() not in IMAGE_SUFFIXES:
        return None
    folders = pure.parts[:-1]
    for at, part in enumerate(folders):
        if DEFAULT_NAMES.is_color(Path(part)):
            return Path(REF_FOLDER, *folders[at + 1 :], pure.name)
        if is_sheet_name(part):
            return Path(SHEET_FOLDER, *folders[at + 1 :], pure.name)
    return Path(LINE_FOLDER, *folders[-1:], pure.name)


def _safe_name(name: str) -> str:
    """Return a folder's name made of what was given, of no more bytes than any disk takes."""
    kept = "".join(c if c.isalnum() or c in " ._-" else "_" for c in name)
    return kept.encode()[:LONGEST_NAME].decode(errors="ignore").strip(" .") or "cut"
