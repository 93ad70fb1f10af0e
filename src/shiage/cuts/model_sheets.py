"""Which painted pictures are of a cel of the cut, and which are model sheets (色見本).

A model sheet is no cel, whatever it is called: `model/A0001.png` and `ref/model1.png` are not A1.
Its drawing, if there is one, lies beside it (`hero_line.png` beside `hero_color.png` or `hero.png`)
or in a folder `line` beside a folder `color`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from shiage.cuts.cels import Cel, Cut
from shiage.cuts.folders import DEFAULT_NAMES, is_no_cel, is_sheet_name, split_role
from shiage.cuts.listing import (
    FOREIGN_SUFFIXES,
    expand_images,
    list_some,
    tell_passed_over,
    walk,
)
from shiage.files.exposures import fold
from shiage.files.formats import format_by_name
from shiage.files.images import MAX_PIXELS, open_picture
from shiage.lines.fills import has_fills

Sheet = tuple[Path | None, Path]
"""Drawing and painting of a model sheet; without a drawing its lines are found in the painting."""


@dataclass(frozen=True)
class PaintedPictures:
    """What a cut's references are.

    Attributes:
        keys: paintings of cels, and others that are no model sheet, with the cel they are of.
        sheets: model sheets.
        drawings: drawings of model sheets that have no painting.
        notes: sentences on what is left out of folders, and on paintings that are not exact.
    """

    keys: tuple[tuple[Path, Cel | None], ...]
    sheets: tuple[Sheet, ...]
    drawings: tuple[Path, ...]
    notes: tuple[str, ...] = ()


def sort_references(
    cut: Cut, paths: Sequence[Path], max_pixels: int = MAX_PIXELS
) -> PaintedPictures:
    """Return what the painted pictures in files and folders are to a cut.

    Of a folder that holds the cut's drawings, those are taken that are painted in place.

    Args:
        cut: the cut.
        paths: of the pictures, or of folders of them.
        max_pixels: largest picture that is looked into.

    Raises:
        UnreadableFile: a path does not exist.
        EmptyCut: a folder holds no picture.
    """
    of_sheets = [path for path in paths if path.is_dir() and is_sheet_name(path.resolve().name)]
    sheets = expand_images(of_sheets)
    drawn = {cel.path.resolve(): cel for cel in cut.cels}
    not_painted = {path.resolve() for path in cut.not_painted}
    keys: dict[Path, Cel | None] = {}
    notes, left_alone = [], []
    for given in (path for path in paths if path not in of_sheets):
        if given.is_dir():
            notes += tell_passed_over(given, walk(given, set(), suffixes=FOREIGN_SUFFIXES))
        for path in expand_images([given]):
            own = drawn.get(path.resolve())
            cel = own or cut.find_named(path)
            if is_sheet_name(path.parent.name) or is_sheet_name(split_role(path.stem)[0]):
                sheets.append(path)
            elif not given.is_dir() or (own and is_painted(path, max_pixels)):
                keys.setdefault(path, cel)
            elif cel is None and is_no_cel(path.stem):
                left_alone.append(path.name)
            elif not own and path.resolve() not in not_painted:
                keys.setdefault(path, cel)
    if left_alone:
        notes.append(
            f"left alone among the references: {list_some(left_alone)}, no cels by name. Give one "
            "by itself with --ref to use it"
        )
    notes += [
        f"{path}: {format_by_name(path).name} does not keep colors exactly; expected a painting as "
        "PNG, TGA or the like"
        for path in (*keys, *sheets)
        if not format_by_name(path).is_lossless
    ]
    return PaintedPictures(tuple(keys.items()), *pair_sheets(sheets), tuple(notes))


def drawing_of(painting: Path, cel: Cel | None) -> Path | None:
    """Return the drawing below a cel's painting; None if it was painted over, or is of no cel."""
    return None if cel is None or cel.path.resolve() == painting.resolve() else cel.path


def is_painted(path: Path, max_pixels: int = MAX_PIXELS) -> bool:
    """Whether a drawing's file holds its painting: layers of paint, or fills of color.

    Raises:
        FileError: it cannot be read.
    """
    file = open_picture(path, max_pixels=max_pixels)
    return file.has_paint if file.format.is_layered else has_fills(file.painting.rgba_u8)


def pair_sheets(paths: Iterable[Path]) -> tuple[tuple[Sheet, ...], tuple[Path, ...]]:
    """Return the model sheets among pictures, and the drawings that have no painting."""
    drawings: dict[tuple[Path, str], Path] = {}
    paintings: list[tuple[tuple[Path, str], Path]] = []
    for path in paths:
        name, role = split_role(path.stem)
        folder = path.parent
        if DEFAULT_NAMES.is_line(folder) or DEFAULT_NAMES.is_color(folder):
            role = "line" if DEFAULT_NAMES.is_line(folder) else "color"
            folder = folder.parent
        key = folder, fold(name)
        if role == "line":
            drawings[key] = path
        else:
            paintings.append((key, path))
    sheets = tuple((drawings.get(key), path) for key, path in paintings)
    paired = {key for key, _ in paintings}
    return sheets, tuple(path for key, path in drawings.items() if key not in paired)
