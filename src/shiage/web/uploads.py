"""Pictures dropped on the page become a cut: a new folder of their own, never an old one."""

from __future__ import annotations

import errno
from collections.abc import Iterable, Sequence
from itertools import takewhile
from pathlib import Path, PurePosixPath

from fastapi import HTTPException, Request
from starlette.datastructures import UploadFile

from shiage.cuts.folders import DEFAULT_NAMES, is_sheet_name
from shiage.cuts.listing import FOREIGN_SUFFIXES, tell_passed_over
from shiage.errors import WriteFailed
from shiage.files.atomic import whole_folder
from shiage.files.formats import FORMATS_READ, IMAGE_SUFFIXES

MOST_FILES = 2000
MOST_BYTES = 4 * 2**30
"""Of all files together."""

LONGEST_NAME = 120
"""Bytes of a cut's name."""

LINE_FOLDER = "line"
REF_FOLDER = "ref"
SHEET_FOLDER = "model"


async def receive(request: Request, folder: Path) -> tuple[Path, list[str]]:
    """Write the pictures of a form into a new folder of a cut, and return it.

    The second value are sentences on files in formats that are not read.

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
        filenames = [file.filename or "" for file in files]
        places = _places(filenames)
        paths = map(Path, filenames)
        foreign = [path for path in paths if path.suffix.lower() in FOREIGN_SUFFIXES]
        name = form.get("name")
        target = folder / _safe_name(name if isinstance(name, str) else "")
        if target.exists():
            raise HTTPException(409, f"{target} is there already; choose another name")
        try:
            with whole_folder(target, "refuse") as unfinished:
                for place, file in zip(places, files, strict=True):
                    if place is not None:
                        await _store(file, unfinished / place)
        except WriteFailed as error:
            cause = error.__cause__
            is_too_long = isinstance(cause, OSError) and cause.errno == errno.ENAMETOOLONG
            why = f"the pictures could not be stored in {folder}: {error.found}"
            raise HTTPException(400 if is_too_long else 500, why) from error
    return target, tell_passed_over(target, foreign)


def _require_room(length: str) -> None:
    """Refuse a form by the size it tells, before anything of it is read."""
    if not length.isdecimal():
        raise HTTPException(411, "the page did not say how large the pictures are; try again")
    if int(length) > MOST_BYTES:
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

    Folders that all files lie in are the cut's own, so that columns go by letter, and pictures
    beside folders of columns stay beside them. So is one that all drawings lie in.

    Raises:
        HTTPException: a name leads elsewhere, two files go to one place, or none is a picture.
    """
    parts = [_parts(filename) for filename in filenames]
    levels = zip(*(one[:-1] for one in parts), strict=False)
    shared = takewhile(lambda level: len(set(level)) == 1 and not _is_told(level[0]), levels)
    own = sum(1 for _ in shared)
    places = [_place(one[own:]) for one in parts]
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


def _parts(filename: str) -> tuple[str, ...]:
    """Return the folders and the name of a file.

    Raises:
        HTTPException: its name leads elsewhere.
    """
    pure = PurePosixPath(filename.replace("\\", "/"))
    odd = pure.is_absolute() or any(
        part == ".." or ":" in part or "\0" in part for part in pure.parts
    )
    if odd:
        raise HTTPException(400, f"the name {filename!r} leads out of the cut; rename the file")
    return pure.parts


def _role(folder: str) -> str:
    """Return the folder of a cut that a folder of that name becomes, "" for any other."""
    if DEFAULT_NAMES.is_color(Path(folder)):
        return REF_FOLDER
    return SHEET_FOLDER if is_sheet_name(folder) else ""


def _is_told(folder: str) -> bool:
    """Whether the name of a folder says what to do with the files in it."""
    return bool(_role(folder)) or folder.startswith((".", "_"))


def _place(parts: Sequence[str]) -> Path | None:
    """Return where a file goes within the cut's folder, None if it is no picture or hidden."""
    *folders, name = parts or ("",)
    hidden = any(part.startswith((".", "_")) for part in parts)
    if hidden or Path(name).suffix.lower() not in IMAGE_SUFFIXES:
        return None
    for at, part in enumerate(folders):
        if _role(part):
            return Path(_role(part), *folders[at + 1 :], name)
    return Path(LINE_FOLDER, *folders[-1:], name)


def _safe_name(name: str) -> str:
    """Return a folder's name made of what was given, of no more bytes than any disk takes."""
    kept = "".join(c if c.isalnum() or c in " ._-" else "_" for c in name)
    return kept.encode()[:LONGEST_NAME].decode(errors="ignore").strip(" .") or "cut"
