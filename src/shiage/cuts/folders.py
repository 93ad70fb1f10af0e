"""What folders and pictures of a cut are called: drawings, references, model sheets, hints.

The words stand here once, for folders (`線画/A0001.png`) as for files (`A0001_線画.png`). Upper and
lower case are one, and so are full width and the way accents are stored.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Literal

import msgspec

from shiage.files.exposures import fold

LINE_WORDS = ("line", "lines", "lineart", "動画", "douga", "線画", "線", "原画", "genga")
"""Drawings. Of several folders the first of these counts: inbetweens are cleaned up, keys not."""

COLOR_WORDS = (
    *("color", "colors", "colour", "colours", "col", "paint", "painted"),
    *("ref", "refs", "reference", "references", "彩色", "仕上", "仕上げ", "着色", "色"),
)
"""Coloured cels beside the drawings."""

HINT_WORDS = ("hint", "hints")
ROLE_WORDS = (*LINE_WORDS, *COLOR_WORDS, *HINT_WORDS)
"""What tells what a picture is to a cel, not which cel."""

GUIDE_FOLDERS = ("guide", "guides", "塗り分け", "塗分け", "指定")
OTHER_FOLDERS = ("scan", "segment", "pool", "truth", *GUIDE_FOLDERS)
PAINTED_NAME = "{cut}_painted"

SHEET_NAMES = frozenset(
    {"model", "models", "sheet", "sheets", "modelsheet", "modelsheets", "colormodel", "colormodels"}
    | {"colourmodel", "colourmodels", "色見本", "カラーモデル", "モデルシート"}
)
"""What folders of model sheets are called, or model sheets themselves; see `is_sheet_name`."""

_NO_CELS = frozenset(
    {"bg", "bgs", "book", "books", "lo", "layout", "layouts", "background", "backgrounds", "haikei"}
)
# Written without spaces between words.
_NO_CELS_ANYWHERE = ("背景", "美術", "レイアウト", "ブック", "原図")

_WORD = re.compile(r"[^\W\d_]+")
_LAST_WORD = re.compile(r"(.*?)(?:[\s._-]+|(?<=\d))([^\W\d_]+)")

Role = Literal["line", "color", ""]


class FolderNames(msgspec.Struct, frozen=True):
    """What a studio calls its folders.

    Attributes:
        line: folders of drawings; of several in one cut the first of these counts.
        color: folders of coloured cels beside the drawings.
        other: folders that are passed over.
        painted: of the folder of painted cels; `{cut}` stands for the name of the cut.
        also: columns and pictures that are cels, though they are called like backgrounds, lie
            beside the columns' folders, or are not on the timesheet.
    """

    line: tuple[str, ...] = LINE_WORDS
    color: tuple[str, ...] = COLOR_WORDS
    other: tuple[str, ...] = OTHER_FOLDERS
    painted: str = PAINTED_NAME
    also: tuple[str, ...] = ()

    def is_line(self, folder: Path) -> bool:
        """Whether a folder holds the drawings."""
        return _is_called(folder.name, self.line)

    def is_color(self, folder: Path) -> bool:
        """Whether a folder holds coloured cels."""
        return _is_called(folder.name, self.color)

    def is_other(self, folder: Path) -> bool:
        """Whether a folder holds nothing of a cut."""
        return _is_called(folder.name, self.other)

    def is_asked_for(self, *names: str) -> bool:
        """Whether one of the names of a picture or its column is in `also`."""
        return any(_is_called(name, self.also) for name in names)

    def find_line(self, folders: Iterable[Path]) -> Path | None:
        """Return the folder of drawings among some, None if there is none."""
        lines = [folder for folder in folders if self.is_line(folder)]
        order = [fold(name) for name in self.line]
        return min(lines, key=lambda folder: order.index(fold(folder.name)), default=None)

    def painted_folder(self, folder: Path) -> Path:
        """Return where the painted cels of a cut go: beside its folder."""
        folder = folder.resolve()
        return folder.with_name(self.painted.replace("{cut}", folder.name))


def _is_called(name: str, names: Sequence[str]) -> bool:
    return fold(name) in map(fold, names)


DEFAULT_NAMES = FolderNames()


def is_sheet_name(name: str) -> bool:
    """Return whether a folder or picture of that name is of model sheets, whatever its number.

    >>> [is_sheet_name(name) for name in ("Color-Model 2", "色見本", "model1", "A0001")]
    [True, True, True, False]
    """
    return re.sub(r"[\W\d_]", "", fold(name)) in SHEET_NAMES


def is_hint(path: Path) -> bool:
    """Return whether a folder or picture of that name holds hints.

    >>> [is_hint(Path(name)) for name in ("hints", "A0001_hint.png", "A/hint_0001.png")]
    [True, True, False]
    """
    return re.split(r"[ ._-]", path.stem.lower())[-1] in HINT_WORDS


def is_no_cel(name: str) -> bool:
    """Return whether a folder or picture of that name is a background, a book or a layout.

    >>> [is_no_cel(name) for name in ("BG1", "c012_LO", "Layout", "背景原図", "B0001", "logo1")]
    [True, True, True, True, False, False]
    """
    folded = fold(name)
    words = set(_WORD.findall(folded))
    return bool(words & _NO_CELS) or any(word in folded for word in _NO_CELS_ANYWHERE)


def split_role(stem: str) -> tuple[str, Role]:
    """Return a name without the word that tells its role, and that: "line", "color" or "".

    >>> split_role("hero_LINE"), split_role("A0001 paint"), split_role("outline"), split_role("線")
    (('hero', 'line'), ('A0001', 'color'), ('outline', ''), ('', 'line'))
    """
    match = _LAST_WORD.fullmatch(stem)
    rest, word = match.groups() if match else ("", stem)
    if fold(word) in LINE_WORDS:
        return rest, "line"
    if fold(word) in COLOR_WORDS:
        return rest, "color"
    return stem, ""
