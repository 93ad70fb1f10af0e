"""Which painted pictures are of a cel of the cut, and which are model sheets (色見本).

A model sheet is no cel, whatever it is called: `model/A0001.png` and `ref/model1.png` are not A1.
Its drawing, if there is one, lies beside it (`hero_line.png` beside `hero_color.png` or `hero.png`)
or in a folder `line` beside a folder `color`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from shiage.cuts.cut import (
    COLOR_FOLDERS,
    COLOR_SUFFIXES,
    LINE_FOLDERS,
    Cel,
    Cut,
    expand_images,
    is_sheet_name,
)
from shiage.files.exposures import fold

_LINE_WORDS = {"line", "lines", "lineart", "線", "線画"}
_COLOR_WORDS = {*map(str.lower, COLOR_SUFFIXES - {"LINE"}), "colors", "色", "彩色"}
_LAST_WORD = re.compile(r"(.*?)(?:[\s._-]+|(?<=\d))([^\W\d_]+)")

Sheet = tuple[Path | None, Path]
"""Drawing and painting of a model sheet; without a drawing its lines are found in the painting."""


@dataclass(frozen=True)
class PaintedPictures:
    """What a cut's references are.

    Attributes:
        keys: paintings of cels, and others that are no model sheet, with the cel they are of.
        sheets: model sheets.
        drawings: drawings of model sheets that have no painting.
    """

    keys: tuple[tuple[Path, Cel | None], ...]
    sheets: tuple[Sheet, ...]
    drawings: tuple[Path, ...]


def sort_references(cut: Cut, paths: Sequence[Path]) -> PaintedPictures:
    """Return what the painted pictures in files and folders are to a cut.

    Raises:
        UnreadableFile: a path does not exist.
        EmptyCut: a folder holds no picture.
    """
    of_sheets = [path for path in paths if path.is_dir() and is_sheet_name(path.resolve().name)]
    sheets = expand_images(of_sheets)
    keys = []
    for path in expand_images(path for path in paths if path not in of_sheets):
        own_name = split_role(path.stem)[0]
        if is_sheet_name(path.parent.name) or is_sheet_name(own_name):
            sheets.append(path)
        else:
            keys.append((path, cut.find_named(path)))
    return PaintedPictures(tuple(keys), *pair_sheets(sheets))


def pair_sheets(paths: Iterable[Path]) -> tuple[tuple[Sheet, ...], tuple[Path, ...]]:
    """Return the model sheets among pictures, and the drawings that have no painting."""
    drawings: dict[tuple[Path, str], Path] = {}
    paintings: list[tuple[tuple[Path, str], Path]] = []
    for path in paths:
        name, role = split_role(path.stem)
        folder = path.parent
        if folder.name.lower() in (*LINE_FOLDERS, *COLOR_FOLDERS):
            role = "line" if folder.name.lower() in LINE_FOLDERS else "color"
            folder = folder.parent
        key = folder, fold(name)
        if role == "line":
            drawings[key] = path
        else:
            paintings.append((key, path))
    sheets = tuple((drawings.get(key), path) for key, path in paintings)
    paired = {key for key, _ in paintings}
    return sheets, tuple(path for key, path in drawings.items() if key not in paired)


def split_role(stem: str) -> tuple[str, str]:
    """Return a name without the word that tells its role, and that: "line", "color" or "".

    >>> split_role("hero_LINE"), split_role("A0001 paint"), split_role("outline"), split_role("線")
    (('hero', 'line'), ('A0001', 'color'), ('outline', ''), ('', 'line'))
    """
    match = _LAST_WORD.fullmatch(stem)
    rest, word = match.groups() if match else ("", stem)
    for role, words in {"line": _LINE_WORDS, "color": _COLOR_WORDS}.items():
        if fold(word) in words:
            return rest, role
    return stem, ""
