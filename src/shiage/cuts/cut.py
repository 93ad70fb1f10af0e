"""A cut on disk: which files are its cels, columns and references, and where outputs go.

Names follow the trade: a folder (or the letters before the number) is the column, the last run of
digits is the cel's number, upper and lower case are one. Numbers are never changed. These layouts
are taken as they are:

* `CUT/A0001.tga`, `CUT/0001.png`: a flat folder, columns by letter;
* `CUT/A/A0001.tga`, `CUT/A/A_0001.png`, `CUT/A/0001.png`: a folder for each column;
* `CUT/A.R1/A0004.tga`: a retake of column A, whose drawings take the place of the older ones;
* `CUT/line/...` or `CUT/Line/A/...`, with coloured cels in `color`, `paint` or `ref` beside it;
* `CUT/model/...`, `CUT/色見本/...`: model sheets, which are no cels;
* `CUT/hint/...`, `CUT/hints/...`: hints; `A0001_hint.png` holds hints wherever it lies.

Folders whose names start with `_` or `.`, those named scan, segment or pool, and guides (guide,
塗り分け, 指定) are passed over. `FolderNames` may say that folders are called otherwise.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from shiage.errors import EmptyCut, UnreadableFile
from shiage.files.exposures import fold
from shiage.files.images import IMAGE_SUFFIXES, count_pages
from shiage.files.pictures import FORMAT_OF_SUFFIX

LINE_FOLDERS = ("line", "lines", "lineart", "genga")
COLOR_FOLDERS = ("color", "colors", "colour", "paint", "painted", "ref", "refs", "reference")
GUIDE_FOLDERS = ("guide", "guides", "塗り分け", "塗分け", "指定")
OTHER_FOLDERS = ("scan", "segment", "pool", "truth", *GUIDE_FOLDERS)
PAINTED_NAME = "{cut}_painted"
SHEET_NAMES = frozenset(
    {"model", "models", "sheet", "sheets", "modelsheet", "modelsheets", "colormodel", "colormodels"}
    | {"colourmodel", "colourmodels", "色見本", "カラーモデル", "モデルシート"}
)
"""What folders of model sheets are called, or model sheets themselves; see `is_sheet_name`."""

HINT_SUFFIXES = IMAGE_SUFFIXES | {".json"}
"""How the names of files of hints end."""

HINT_WORDS = frozenset({"HINT", "HINTS"})
COLOR_SUFFIXES = frozenset({"COLOR", "COLOUR", "COL", "PAINT", "PAINTED", "REF", "LINE"})
"""Words after the number that tell a painting from its drawing, not one cel from another."""

CelKey = tuple[str, int, str]
"""Column in upper case, "" if there is none; number; what follows it, upper case, as in A12b."""


@dataclass(frozen=True)
class FolderNames:
    """What folders are called; upper and lower case are one, and so is how accents are stored.

    Attributes:
        line: folders of drawings.
        color: folders of coloured cels beside the drawings.
        other: folders that are passed over.
        painted: of the folder of painted cels; `{cut}` stands for the name of the cut.
    """

    line: tuple[str, ...] = LINE_FOLDERS
    color: tuple[str, ...] = COLOR_FOLDERS
    other: tuple[str, ...] = OTHER_FOLDERS
    painted: str = PAINTED_NAME

    def is_line(self, folder: Path) -> bool:
        """Whether a folder holds the drawings."""
        return _is_called(folder, self.line)

    def is_color(self, folder: Path) -> bool:
        """Whether a folder holds coloured cels."""
        return _is_called(folder, self.color)

    def is_other(self, folder: Path) -> bool:
        """Whether a folder holds nothing of a cut."""
        return _is_called(folder, self.other)

    def painted_folder(self, folder: Path) -> Path:
        """Return where the painted cels of a cut go: beside its folder."""
        folder = folder.resolve()
        return folder.with_name(self.painted.replace("{cut}", folder.name))


def _is_called(folder: Path, names: Sequence[str]) -> bool:
    return fold(folder.name) in map(fold, names)


DEFAULT_NAMES = FolderNames()


@dataclass(frozen=True, order=True)
class Cel:
    """One drawing of a cut.

    Attributes:
        column: the layer it belongs to, upper case; "" in a folder without columns.
        number: its number, as drawn on the sheet.
        suffix: what follows the number, upper case; mostly "".
        path: its file.
        relative: its place within the folder of drawings; the painted cel gets the same.
    """

    column: str
    number: int
    suffix: str
    path: Path = field(compare=False)
    relative: Path = field(compare=False)

    @property
    def key(self) -> CelKey:
        """What names the cel whatever its file is called."""
        return self.column, self.number, self.suffix

    @property
    def name(self) -> str:
        """How messages and reports call it: its relative path without the suffix."""
        return self.relative.with_suffix("").as_posix()


@dataclass(frozen=True)
class Cut:
    """A folder of drawings.

    Attributes:
        folder: the folder given.
        cels: its drawings, by column and number.
        found_references: coloured cels found beside the drawings.
        found_sheets: pictures of model sheets found beside the drawings.
        superseded: drawings that a retake replaces; not painted.
        found_hints: files of hints found beside the drawings.
    """

    folder: Path
    cels: tuple[Cel, ...]
    found_references: tuple[Path, ...] = ()
    found_sheets: tuple[Path, ...] = ()
    superseded: tuple[Path, ...] = ()
    found_hints: tuple[Path, ...] = ()

    def columns(self) -> dict[str, list[Cel]]:
        """Return the cels of each column, by number."""
        columns: dict[str, list[Cel]] = {}
        for cel in self.cels:
            columns.setdefault(cel.column, []).append(cel)
        return columns

    def find(self, key: CelKey) -> Cel | None:
        """Return the cel with that key; without a column on either side the number decides."""
        exact = [cel for cel in self.cels if cel.key == key]
        if exact:
            return exact[0]
        alike = [cel for cel in self.cels if cel.key[1:] == key[1:]]
        if key[0]:
            alike = [cel for cel in alike if cel.column == ""]
        return alike[0] if len(alike) == 1 else None

    def find_named(self, path: Path) -> Cel | None:
        """Return the cel that a file is named like, with the folder it is in or without."""
        in_folder = parse_name(Path(path.parent.name, path.name))[0]
        return self.find(in_folder) or self.find(parse_name(Path(path.name))[0])


def open_cut(folder: Path, exclude: Sequence[Path] = (), names: FolderNames = DEFAULT_NAMES) -> Cut:
    """Return the cut in a folder.

    Args:
        folder: the folder of drawings, or one that holds it.
        exclude: files and folders that are not drawings: references, sheets, the output folder.
        names: what its folders are called.

    Raises:
        UnreadableFile: there is no such folder, or it may not be read.
        EmptyCut: it holds no drawing.
    """
    subfolders = list_folder(folder)[0]
    line_folder = next((s for s in subfolders if names.is_line(s)), folder)
    banned = {path.resolve() for path in exclude}
    references = _pictures(filter(names.is_color, subfolders), banned, names)
    sheets = _pictures((s for s in subfolders if is_sheet_name(s.name)), banned, names)
    hints = list(_pictures(filter(is_hint, subfolders), banned, names, HINT_SUFFIXES))
    newest: dict[CelKey, tuple[int, Cel]] = {}
    superseded = []
    banned |= {
        sub.resolve()
        for sub in subfolders
        if names.is_color(sub) or is_sheet_name(sub.name) or is_hint(sub)
    }
    for path in _walk(line_folder, banned, names):
        if is_hint(path):
            hints.append(path)
            continue
        relative = path.relative_to(line_folder)
        (column, number, suffix), retake = parse_name(relative)
        cel = Cel(column, number, suffix, path, relative)
        if cel.key in newest:
            retake_of, other = newest[cel.key]
            if (retake, relative) < (retake_of, other.relative):
                superseded.append(path)
                continue
            superseded.append(other.path)
        newest[cel.key] = (retake, cel)
    if not newest:
        raise EmptyCut(
            "no drawing found",
            path=folder,
            expected="files such as A0001.tga or A/A_0001.png "
            f"({', '.join(sorted(IMAGE_SUFFIXES))})",
            action="Give the folder that holds the line drawings",
        )
    cels = tuple(sorted(cel for _, cel in newest.values()))
    return Cut(folder, cels, references, sheets, tuple(sorted(superseded)), tuple(sorted(hints)))


def flat_references(references: Iterable[Path]) -> list[Path]:
    """Return references that are no drawings; a layered cel of the cut that is one is both."""
    return [path for path in references if FORMAT_OF_SUFFIX.get(path.suffix.lower()) != "PSD"]


def tell_left_out(cut: Cut) -> list[str]:
    """Return sentences on drawings that are not painted: retaken ones, further pages of a TIFF."""
    told = [
        f"{path}: left out, a retake or another file has the same number" for path in cut.superseded
    ]
    several = [cel.path for cel in cut.cels if count_pages(cel.path) > 1]
    if several:
        more = f" and {len(several) - 1} more" if len(several) > 1 else ""
        told.append(
            f"{several[0]}{more}: of several pages the first is taken; shiage import takes such a "
            "file apart"
        )
    return told


def parse_name(relative: Path) -> tuple[CelKey, int]:
    """Return key and retake of a cel from its path within the folder of drawings.

    The innermost folder is the column; in a flat folder the letters before the number are. A name
    without digits has number 0: in a flat folder it is a column of its own, in a column's folder
    it stands in place of the suffix.

    >>> parse_name(Path("A/A_0012.png"))
    (('A', 12, ''), 0)
    >>> parse_name(Path("BOOK/tree.png"))
    (('BOOK', 0, 'TREE'), 0)
    >>> parse_name(Path("b0003b.tga")), parse_name(Path("A.R2/A0004_color.tga"))
    ((('B', 3, 'B'), 0), (('A', 4, ''), 2))
    """
    stem = relative.stem
    digits = list(re.finditer(r"\d+", stem))
    number = int(digits[-1].group()) if digits else 0
    column = stem[: digits[-1].start()] if digits else stem
    suffix = stem[digits[-1].end() :].strip("._- ()").upper() if digits else ""
    retake = 0
    if relative.parent.name:
        suffix = suffix if digits else stem.upper()  # the folder is the column, the name tells cels
        column = relative.parent.name
        again = re.fullmatch(r"(.+?)\.R(\d+)", column, re.IGNORECASE)
        if again:
            column, retake = again.group(1), int(again.group(2))
    key = (
        fold(column.strip("._- (")).upper(),
        number,
        "" if suffix in COLOR_SUFFIXES | HINT_WORDS else suffix,
    )
    return key, retake


def expand_images(
    paths: Iterable[Path],
    suffixes: frozenset[str] = IMAGE_SUFFIXES,
    what: str = "coloured cels",
) -> list[Path]:
    """Return the given files, with each folder replaced by the pictures in it.

    Args:
        paths: files and folders.
        suffixes: endings of the files that are taken from folders.
        what: what they should be, for messages.

    Raises:
        UnreadableFile: a path does not exist.
        EmptyCut: a folder holds none.
    """
    out: list[Path] = []
    for path in paths:
        if path.is_dir():
            inside = list(_walk(path, set(), suffixes=suffixes))
            if not inside:
                raise EmptyCut(
                    "no picture found",
                    path=path,
                    expected=what,
                    action="Give the folder or the files that hold them",
                )
            out += inside
        elif path.exists():
            out.append(path)
        else:
            raise UnreadableFile("no such file", path=path, expected=what, action="Check the path")
    return out


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
    return re.split(r"[ ._-]", path.stem.upper())[-1] in HINT_WORDS


def _pictures(
    folders: Iterable[Path],
    banned: set[Path],
    names: FolderNames,
    suffixes: frozenset[str] = IMAGE_SUFFIXES,
) -> tuple[Path, ...]:
    """Return the pictures below some folders by name, without what is banned."""
    allowed = (folder for folder in folders if folder.resolve() not in banned)
    return tuple(
        sorted(path for folder in allowed for path in _walk(folder, banned, names, suffixes))
    )


def _walk(
    folder: Path,
    banned: set[Path],
    names: FolderNames = DEFAULT_NAMES,
    suffixes: frozenset[str] = IMAGE_SUFFIXES,
) -> Iterator[Path]:
    """Yield the pictures below a folder in order of their names."""
    subfolders, files = list_folder(folder)
    banned = banned | {folder.resolve()}  # a link to a folder above leads nowhere new
    for path in files:
        if path.suffix.lower() in suffixes and path.resolve() not in banned:
            yield path
    for sub in subfolders:
        if sub.resolve() not in banned and not names.is_other(sub):
            yield from _walk(sub, banned, names, suffixes)


def list_folder(folder: Path) -> tuple[list[Path], list[Path]]:
    """Return subfolders and files of a folder by name, without hidden and `_` ones.

    Raises:
        UnreadableFile: it is missing, no folder, or may not be read.
    """
    try:
        entries = sorted(folder.iterdir())
    except OSError as error:
        found = {
            FileNotFoundError: "no such folder",
            NotADirectoryError: "this is a file",
            PermissionError: "no permission to read the folder",
        }.get(type(error), f"the folder could not be read ({error.strerror})")
        raise UnreadableFile(
            found,
            path=folder,
            expected="a folder of line drawings",
            action="Check the path and its permissions; shiage import takes a file that holds a "
            "whole cut apart",
        ) from error
    visible = [e for e in entries if not e.name.startswith((".", "_"))]
    return [e for e in visible if e.is_dir()], [e for e in visible if not e.is_dir()]
