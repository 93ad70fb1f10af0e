"""A container taken apart into the folder of a cut."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from shiage.cuts.cut import expand_images
from shiage.errors import (
    EmptyCut,
    FileError,
    OutputExists,
    SizeMismatch,
)
from shiage.files.atomic import whole_folder, write_atomically
from shiage.files.palettes import write_palette
from shiage.files.timesheets import write_xdts
from shiage.imports.container import Container, Role
from shiage.imports.opening import open_container
from shiage.progress import Progress, no_progress


@dataclass(frozen=True)
class Imported:
    """What became of a container.

    Attributes:
        kind: what it was.
        out: the cut's folder.
        pictures: how many were written, by role.
        palette: its file, None if there is none.
        timesheet: its file, None if there is none.
        errors: sentences on the pictures that could not be read.
        warnings: sentences on what is left out or odd.
    """

    kind: str
    out: Path
    pictures: dict[Role, int]
    palette: Path | None
    timesheet: Path | None
    errors: tuple[str, ...]
    warnings: tuple[str, ...]


def import_cut(
    path: Path,
    out: Path,
    *,
    max_pixels: int,
    force: bool = False,
    progress: Progress = no_progress,
) -> Imported:
    """Take a container apart into a folder, which appears when it is whole.

    A picture that cannot be read is reported and the others are written.

    Args:
        path: the container.
        out: the folder.
        max_pixels: largest picture that is read.
        force: write into a folder that holds something, and replace files of the same names.
        progress: called after each picture.

    Raises:
        OutputExists: the folder holds something, and `force` is not given.
        FileError: the container as a whole cannot be read.
        EmptyCut: there is no drawing in it, or none that can be read.
        WriteFailed: full disk, missing permission and the like; nothing has changed.
    """
    if out.exists() and not force and not (out.is_dir() and not any(out.iterdir())):
        raise OutputExists(
            "is there already",
            path=out,
            expected="a new or empty folder",
            action="Give another one with --out, or --force to replace what it holds",
        )
    container = open_container(path, max_pixels)
    written: Counter[Role] = Counter()
    errors, warnings = [], list(container.warnings)
    with whole_folder(out, "join") as folder:
        for done, part in enumerate(container.parts, start=1):
            try:
                content = part.load()
            except (FileError, SizeMismatch) as error:
                errors.append(str(error))
            else:
                write_atomically(folder / part.role / part.name, content)
                written[part.role] += 1
            progress(part.name, done, len(container.parts))
        if not written["line"]:
            raise EmptyCut(
                "no drawing found" + "".join(f" / {error}" for error in errors),
                path=path,
                expected="one line drawing at least",
                action="Check the file in the program that it comes from; one that is a single "
                "cel is a drawing as it is: give its folder to shiage paint",
            )
        if container.palette:
            write_palette(folder / f"{out.name}.gpl", container.palette)
        if container.timesheet:
            write_xdts(folder / f"{out.name}.xdts", container.timesheet)
    others = _find_others(out, container)
    if others:
        warnings.append(
            f"Other pictures in {out} belong to the cut now: {others}. Remove those of an earlier "
            "import."
        )
    return Imported(
        container.kind,
        out,
        dict(written),
        out / f"{out.name}.gpl" if container.palette else None,
        out / f"{out.name}.xdts" if container.timesheet else None,
        tuple(errors),
        tuple(warnings),
    )


def _find_others(out: Path, container: Container) -> int:
    """Return how many drawings and references in the cut's folder are not of the container."""
    ours = {out / part.role / part.name for part in container.parts}
    folders = [folder for role in ("line", "ref") if (folder := out / role).is_dir()]
    return len(set(expand_images(folders)) - ours) if folders else 0
