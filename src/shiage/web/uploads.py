"""Pictures dropped on the page become a cut: a new folder of their own, never an old one."""

from __future__ import annotations

import shutil
import uuid
from pathlib import Path, PurePosixPath

from fastapi import HTTPException, Request
from starlette.datastructures import UploadFile

from shiage.cut import COLOR_FOLDERS
from shiage.files.images import IMAGE_SUFFIXES

MOST_FILES = 2000
MOST_BYTES = 4 * 2**30
"""Of all files together."""

LINE_FOLDER = "line"
REF_FOLDER = "ref"


async def receive(request: Request, folder: Path) -> Path:
    """Write the pictures of a form into a new folder of a cut, and return it.

    The form has `files`, whose names may hold folders, and a `name` for the cut. What lies in a
    folder named ref, color, paint or the like is a painted reference, all else a drawing.

    Args:
        request: the form.
        folder: the new folder is put here.

    Raises:
        HTTPException: 413 if it is too much; 400 if there is no picture or a name leads elsewhere;
            409 if there is a folder of that name.
    """
    size = request.headers.get("content-length", "")
    if not size.isdecimal() or int(size) > MOST_BYTES:
        raise HTTPException(
            413, f"the pictures are larger than {MOST_BYTES // 2**30} GB together; drop fewer"
        )
    async with request.form(max_files=MOST_FILES + 1, max_fields=10) as form:
        files = [file for file in form.getlist("files") if isinstance(file, UploadFile)]
        if len(files) > MOST_FILES:
            raise HTTPException(413, f"more than {MOST_FILES} files; drop one cut at a time")
        places = {_place(file.filename or ""): file for file in files}
        if None in places or not places:
            raise HTTPException(
                400, "there is no picture among the files; expected PNG, TGA, TIFF or BMP"
            )
        name = form.get("name")
        target = folder / _safe_name(name if isinstance(name, str) else "")
        if target.exists():
            raise HTTPException(409, f"{target} is there already; choose another name")
        part = folder / f".{uuid.uuid4().hex}.part"
        try:
            for place, file in places.items():
                if place is not None:
                    path = part / place
                    path.parent.mkdir(parents=True, exist_ok=True)
                    with path.open("wb") as out:
                        while block := await file.read(2**20):
                            out.write(block)
            part.rename(target)
        except OSError as error:
            raise HTTPException(
                500, f"the pictures could not be stored in {folder} ({error.strerror or error})"
            ) from error
        finally:
            shutil.rmtree(part, ignore_errors=True)
    return target


def _place(filename: str) -> Path | None:
    """Return where a file goes within the cut's folder, None if it is no picture.

    Raises:
        HTTPException: its name leads elsewhere.
    """
    pure = PurePosixPath(filename.replace("\\", "/"))
    odd = pure.is_absolute() or any(
        part == ".." or ":" in part or "\0" in part for part in pure.parts
    )
    if odd:
        raise HTTPException(400, f"the name {filename!r} leads out of the cut; rename the file")
    if pure.suffix.lower() not in IMAGE_SUFFIXES:
        return None
    folders = [part for part in pure.parts[:-1] if not part.startswith(".")]
    for at, part in enumerate(folders):
        if part.lower() in COLOR_FOLDERS:
            return Path(REF_FOLDER, *folders[at + 1 :], pure.name)
    return Path(LINE_FOLDER, *folders[-1:], pure.name)


def _safe_name(name: str) -> str:
    """Return a folder's name made of what was given."""
    kept = "".join(c if c.isalnum() or c in " ._-" else "_" for c in name).strip(" .")
    return kept[:80] or "cut"
