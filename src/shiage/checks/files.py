"""Painted cels on disk beside the drawings: what is missing, too many, or stored otherwise."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from shiage.checks.findings import Finding
from shiage.cuts.cut import Cel, Cut, expand_images
from shiage.cuts.journal import recall_run
from shiage.errors import EmptyCut, UnreadableFile
from shiage.files.images import Picture

_WIDER = {"1": ("L", "P"), "L": ("LA", "P"), "P": (), "LA": (), "RGB": (), "RGBA": ()}
"""Modes a drawing may turn into when it is painted, beside its own and those with color."""


@dataclass(frozen=True)
class PaintedFiles:
    """Which painted file belongs to which cel.

    Attributes:
        of_cel: the painted file of each cel that has one.
        surplus: paths, within the folder, of pictures that belong to no cel.
    """

    of_cel: dict[Cel, Path]
    surplus: tuple[Path, ...]


def find_painted(cut: Cut, folder: Path) -> PaintedFiles:
    """Return the painted files of a cut: same path, or else the same cel by name.

    Of files in several formats that count in which `shiage paint` has stored the cels.

    Raises:
        UnreadableFile: the folder does not exist, or is a file.
    """
    if folder.is_file():
        raise UnreadableFile(
            "this is a file",
            path=folder,
            expected="the folder of the painted cels",
            action="Give a painted cel that is right with --ref",
        )
    try:
        files = [path.relative_to(folder) for path in expand_images([folder])]
    except EmptyCut:
        files = []
    by_path = {path.with_suffix("").as_posix(): path for path in reversed(files)}
    by_path |= {path.as_posix(): path for path in files}
    storage = recall_run(folder).storage
    of_cel: dict[Cel, Path] = {}
    for cel in cut.cels:
        exact = by_path.get(storage.name(cel.relative).as_posix()) or by_path.get(cel.name)
        if exact:
            of_cel[cel] = exact
    exact_ones = set(of_cel.values())
    for path in files:
        cel_named = cut.find(cut.reader.read(path)) if path not in exact_ones else None
        if cel_named:
            of_cel.setdefault(cel_named, path)
    taken, known = set(of_cel.values()), {path.name for path in cut.not_painted}
    return PaintedFiles(
        {cel: folder / path for cel, path in of_cel.items()},
        tuple(path for path in files if path not in taken and path.name not in known),
    )


def check_presence(cut: Cut, files: PaintedFiles) -> Iterator[Finding]:
    """Yield drawings without a painted cel, and painted cels without a drawing."""
    for cel in cut.cels:
        if cel not in files.of_cel:
            yield Finding("missing", cel.name, f"{cel.name} is not painted: there is no file")
    for path in files.surplus:
        yield Finding(
            "surplus",
            path.with_suffix("").as_posix(),
            f"{path.as_posix()} belongs to no drawing of the cut",
            "doubt",
        )


def check_storage(
    name: str, drawing: Picture, painted: Picture, file_format: str | None = None
) -> Iterator[Finding]:
    """Yield differences in size, format, bits and mode; a painting may always have more colors.

    Only the size counts if another format was asked for, and the painting has that.
    """
    if drawing.size_hw != painted.size_hw:
        (high, wide), (height, width) = drawing.size_hw, painted.size_hw
        yield Finding(
            "size", name, f"the painted cel is {width} x {height}, its drawing {wide} x {high}"
        )
    before, after = drawing.layout, painted.layout
    if before.format != after.format == file_format:
        return
    differences = []
    if before.format != after.format:
        differences.append(f"{after.format}, its drawing {before.format}")
    if (before.bits == 16) != (after.bits == 16):
        deep = 16 if after.bits == 16 else 8
        differences.append(f"stored with {deep} bits a channel, its drawing with {24 - deep}")
    colors = ("RGB", "RGBA") if before.mode in ("1", "L", "LA", "P") else ()
    flat = before.has_alpha and not after.has_alpha
    if not after.is_layered and (
        flat or after.mode not in (before.mode, *_WIDER[before.mode], *colors)
    ):
        differences.append(f"of mode {after.mode}, its drawing {before.mode}")
    if differences:
        yield Finding("mode", name, f"the painted cel is {'; '.join(differences)}")
