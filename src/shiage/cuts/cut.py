"""A cut on disk: which files are its cels, columns and references, and what is left alone.

Names follow the trade: a folder (or the letters before the number) is the column, upper and lower
case are one, numbers are never changed; `names.py` tells which digits are the number, `folders.py`
what folders are called. These layouts are taken as they are:

* `CUT/A0001.tga`, `CUT/0001.png`: a flat folder, columns by letter;
* `CUT/A/A0001.tga`, `CUT/A/A_0001.png`, `CUT/A/0001.png`: a folder for each column;
* `CUT/A.R1/A0004.tga`: a retake of column A, whose drawings take the place of the older ones;
* `CUT/line/...` or `CUT/Line/A/...`, with coloured cels in `color`, `paint` or `ref` beside it,
  whether CUT or `CUT/line` is given; `CUT/A/Line/...` with `CUT/A/Paint/...`;
* `CUT/model/...`, `CUT/色見本/...`: model sheets, which are no cels;
* `CUT/hint/...`, `CUT/hints/...`: hints; `A0001_hint.png` holds hints wherever it lies.

Folders whose names start with `_` or `.`, those named scan, segment or pool, and guides (guide,
塗り分け, 指定) are passed over. `FolderNames` may say that folders are called otherwise.

Of drawings with one number the newest retake or version counts; any others are cels, each. Loose
pictures beside columns' folders, and backgrounds, books and layouts by name, are left alone.
"""

from __future__ import annotations

import contextlib
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from shiage.cuts.cels import Cel, Cut, find_cel
from shiage.cuts.folders import (
    DEFAULT_NAMES,
    PAINTED_NAME,
    FolderNames,
    is_hint,
    is_no_cel,
    is_sheet_name,
    split_role,
)
from shiage.cuts.listing import (
    FOREIGN_SUFFIXES,
    expand_images,
    list_folder,
    list_some,
    nothing_found,
    tell_passed_over,
    walk_each,
)
from shiage.cuts.names import HINT_SUFFIXES, CelKey, CelName, NameReader
from shiage.errors import UnreadableFile
from shiage.files.formats import IMAGE_SUFFIXES, PLAIN, format_by_name
from shiage.files.images import count_pages

__all__ = [
    "DEFAULT_NAMES",
    "HINT_SUFFIXES",
    "PAINTED_NAME",
    "Cel",
    "CelKey",
    "Cut",
    "FolderNames",
    "expand_images",
    "find_cel",
    "is_hint",
    "is_sheet_name",
    "list_folder",
    "open_cut",
    "tell_clashing",
    "tell_left_out",
]

LEAST_ROW = 3
"""This many loose pictures of a column beside columns' folders are cels; one if it is a letter."""


def open_cut(
    folder: Path,
    exclude: Sequence[Path] = (),
    names: FolderNames = DEFAULT_NAMES,
    references: Sequence[Path] = (),
) -> Cut:
    """Return the cut in a folder.

    Args:
        folder: the folder of drawings, or one that holds it.
        exclude: files and folders that are not drawings: sheets, hints, the output folder.
        names: what its folders are called.
        references: painted cels, or folders of them. One among the drawings is a cel itself if it
            is layered or was painted over its own drawing.

    Raises:
        UnreadableFile: there is no such folder, or it may not be read.
        EmptyCut: it holds no drawing.
    """
    places = _lay_out(folder, names)
    line = places.line.resolve()
    painted = {path.resolve() for path in references if not path.is_dir()}
    folders = {path.resolve() for path in references if path.is_dir()}
    banned = {path.resolve() for path in exclude} | (folders - {line, *line.parents})

    def look_in(
        what: Callable[[Path], bool], suffixes: frozenset[str] = IMAGE_SUFFIXES
    ) -> list[Path]:
        return walk_each(filter(what, places.roles), banned, names, suffixes)

    coloured = look_in(names.is_color)
    no_cels = {
        path
        for sub in places.roles
        for path in coloured
        if sub in path.parents and _is_no_cel(path.relative_to(sub), names)
    }
    sheets, hints = look_in(lambda sub: is_sheet_name(sub.name)), look_in(is_hint, HINT_SUFFIXES)
    foreign = look_in(lambda _: True, FOREIGN_SUFFIXES)
    banned |= {sub.resolve() for sub in places.roles}
    foreign += walk_each([places.line], banned, names, FOREIGN_SUFFIXES)
    pictures = walk_each([places.line], banned, names)
    drawings = [path for path in pictures if not is_hint(path)]
    cut = _read_drawings(folder, places.line, drawings, painted, names)
    if not cut.cels:
        raise nothing_found(
            "no drawing found",
            folder,
            foreign,
            expected="files such as A0001.tga or A/A_0001.png "
            f"({', '.join(sorted(IMAGE_SUFFIXES))})",
            action="Give the folder that holds the line drawings",
        )
    beside = [*places.loose, *walk_each(places.others, banned, names)]
    return replace(
        cut,
        found_references=tuple(path for path in coloured if path not in no_cels),
        found_sheets=tuple(sheets),
        found_hints=tuple(sorted({*hints, *filter(is_hint, pictures)})),
        left_alone=tuple(sorted({*cut.left_alone, *no_cels})),
        beside=tuple(path for path in beside if path.resolve() not in banned | painted),
        passed_over=tuple(foreign),
        home=places.home,
    )


@dataclass(frozen=True)
class _Places:
    """What lies where.

    Attributes:
        line: the folder of drawings.
        home: the folder of the whole cut.
        roles: folders of references, model sheets and hints.
        others: other folders beside that of the drawings.
        loose: pictures beside it.
    """

    line: Path
    home: Path
    roles: list[Path]
    others: list[Path]
    loose: list[Path]


def _lay_out(folder: Path, names: FolderNames) -> _Places:
    """Return what lies where, in a cut's folder or in its folder of drawings."""

    def has_role(sub: Path) -> bool:
        return names.is_color(sub) or is_sheet_name(sub.name) or is_hint(sub)

    subfolders, files = list_folder(folder)
    roles = list(filter(has_role, subfolders))
    line = names.find_line(subfolders)
    with contextlib.suppress(UnreadableFile):  # reported when it is read for drawings
        for column in list_folder(line or folder)[0]:
            if column not in roles and not names.is_other(column):
                roles += filter(has_role, list_folder(column)[0])
    if line is not None:
        others = [s for s in subfolders if s not in (line, *roles) and not names.is_other(s)]
        loose = [path for path in files if path.suffix.lower() in IMAGE_SUFFIXES]
        return _Places(line, folder, roles, others, loose)
    home = folder
    if names.is_line(folder.resolve()):
        home = folder.resolve().parent
        with contextlib.suppress(UnreadableFile):
            roles += filter(has_role, list_folder(home)[0])
    return _Places(folder, home, roles, [], [])


def _read_drawings(
    folder: Path,
    line_folder: Path,
    drawings: Sequence[Path],
    painted: Collection[Path],
    names: FolderNames,
) -> Cut:
    """Return the cut of some drawings, of which those given as references may be none.

    A painting of one of the others is none, and neither is one that is not named like them.
    """
    given = [path for path in drawings if path.resolve() in painted]
    others = [path for path in drawings if path not in given]
    cut = _read_names(folder, line_folder, others, names)
    kept = [path for path in given if _is_own_drawing(path.relative_to(line_folder), cut)]
    return _read_names(folder, line_folder, sorted([*others, *kept]), names) if kept else cut


def _is_own_drawing(painted: Path, cut: Cut) -> bool:
    """Return whether a picture among the drawings, given as a reference, is a cel itself."""
    name = cut.reader.read(painted)
    drawing = cut.find(name)
    if drawing and drawing.relative.parent == painted.parent:
        return False
    if format_by_name(painted).is_layered:
        return True
    if split_role(painted.stem)[1] == "color" or is_sheet_name(painted.stem):
        return False
    like = [cel for cel in cut.cels if cel.is_numbered == name.is_numbered]
    return not cut.cels or any(cel.column == name.column or not name.is_numbered for cel in like)


def _read_names(
    folder: Path, line_folder: Path, drawings: Sequence[Path], names: FolderNames
) -> Cut:
    """Return the cut of some drawings, by their names."""
    relatives = [path.relative_to(line_folder) for path in drawings]
    reader = NameReader(relatives)
    read = {path: reader.read(path) for path in relatives}
    left_alone = _find_no_cels(read, names)
    by_key: dict[CelKey, list[Path]] = {}
    for path in relatives:
        if path not in left_alone:
            by_key.setdefault(read[path].key, []).append(path)
    cels: dict[CelKey, Cel] = {}
    superseded, clashing, further = [], [], []
    for key, paths in by_key.items():
        newest = max(read[path].take for path in paths)
        # The plainest name is that of the cel; others are kept apart by what else their names say.
        first, *rest = sorted(
            (path for path in paths if read[path].take == newest),
            key=lambda path: (len(read[path].rest), path),
        )
        cels[key] = Cel(*key, line_folder / first, first, newest[1])
        superseded += [line_folder / path for path in paths if read[path].take < newest]
        further += [(path, first) for path in rest]
    stems = {cel.name: cel.relative for cel in cels.values()}
    same_number = []
    for path, first in further:
        stem = path.with_suffix("").as_posix()
        if stem in stems:
            clashing.append((path, stems[stem]))
            continue
        stems[stem] = path
        name = read[path]
        marks = (name.rest, path.stem.upper(), stem.upper(), stem)
        keys = ((name.column, name.number, mark) for mark in marks)
        key = next(key for key in keys if key not in cels)
        cels[key] = Cel(*key, line_folder / path, path, name.take[1])
        same_number.append((path, first))

    def in_folder(pairs: Iterable[tuple[Path, Path]]) -> tuple[tuple[Path, Path], ...]:
        return tuple(sorted((line_folder / one, line_folder / other) for one, other in pairs))

    return Cut(
        folder,
        tuple(sorted(cels.values())),
        superseded=tuple(sorted(superseded)),
        same_number=in_folder(same_number),
        clashing=in_folder(clashing),
        left_alone=tuple(line_folder / path for path in sorted(left_alone)),
        home=folder,
        reader=reader,
    )


def _find_no_cels(read: Mapping[Path, CelName], names: FolderNames) -> set[Path]:
    """Return which of a cut's pictures seem to be no cels; none, if all do.

    Beside folders of columns a loose picture is a cel only if it is of one of these columns, of one
    that is a letter or none, or in a row with others (`LEAST_ROW`).
    """
    found = {path for path in read if _is_no_cel(path, names)}
    rest = {path: name for path, name in read.items() if path not in found}
    folders = {name.column for path, name in rest.items() if path.parent.name}
    rows: dict[str, set[CelKey]] = {}
    for path, name in rest.items():
        if not path.parent.name and name.is_numbered:
            rows.setdefault(name.column, set()).add(name.key)
    for path, name in rest.items():
        if not folders or path.parent.name or name.column in folders:
            continue
        is_letter = len(re.split(r"[\W_]", name.column)[-1]) < 2
        row = rows.get(name.column, set()) if name.is_numbered else set()
        if len(row) < (1 if is_letter else LEAST_ROW) and not _is_asked_for(path, names):
            found.add(path)
    return found if len(found) < len(read) else set()


def _is_no_cel(path: Path, names: FolderNames) -> bool:
    """Return whether a picture or its folder is called like a background, a book or a layout."""
    called = any(is_no_cel(part) for part in (path.stem, *path.parent.parts))
    return called and not _is_asked_for(path, names)


def _is_asked_for(path: Path, names: FolderNames) -> bool:
    column = NameReader().read(Path(path.name)).column
    return names.is_asked_for(column, path.stem, path.name, *path.parent.parts)


def tell_left_out(cut: Cut) -> list[str]:
    """Return sentences on what is not painted, and on names that could be meant otherwise."""
    sentences = [
        f"{path}: left out, a retake or a newer version has the same number"
        for path in cut.superseded
    ]
    sentences += [
        f"{path}: has the number of {first.name}; both are painted. If it is an older one, move it "
        "away"
        for path, first in cut.same_number
    ]
    for doubt in cut.reader.doubts:
        more = f" and {doubt.count - 1} more" if doubt.count > 1 else ""
        sentences.append(
            f"{cut.folder / doubt.path}{more}: {doubt.taken} was taken for the number of the "
            f"cel, but it could be {doubt.other}. If so, rename the files"
        )
    if cut.left_alone:
        sentences.append(
            f"{cut.folder}: left alone: {_name_all(cut)}, which are no cels "
            "by their names, places or the timesheet. If one is a cel, name it with --also"
        )
    if cut.beside:
        places = Counter(path.relative_to(cut.folder).parts[0] for path in cut.beside)
        sentences.append(
            f"{cut.folder}: left alone beside the folder of drawings: "
            f"{list_some(name if n == 1 else f'{name} ({n})' for name, n in places.items())}. "
            "Name another folder of drawings with --line-folder"
        )
    sentences += tell_passed_over(cut.folder, cut.passed_over)
    several = [cel.path for cel in cut.cels if count_pages(cel.path) > 1]
    if several:
        more = f" and {len(several) - 1} more" if len(several) > 1 else ""
        sentences.append(
            f"{several[0]}{more}: only the first of several pages is used; shiage import makes "
            "a cel of each"
        )
    lossy = [cel.path for cel in cut.cels if not format_by_name(cel.path).is_lossless]
    if lossy:
        more = f" and {len(lossy) - 1} more" if len(lossy) > 1 else ""
        sentences.append(
            f"{lossy[0]}{more}: {format_by_name(lossy[0]).name} does not keep colors, so the "
            f"painted cels are stored as {PLAIN.name}"
        )
    return sentences


def _name_all(cut: Cut) -> str:
    """Return the pictures that are left alone by their places in the cut."""
    inside = [cut.home, cut.folder]
    return list_some(
        next((str(p.relative_to(f)) for f in inside if f in p.parents), str(p))
        for p in cut.left_alone
    )


def tell_clashing(cut: Cut) -> list[str]:
    """Return sentences on drawings that cannot be painted beside others of the same name."""
    return [
        f"{path}: left out, its painted cel would be named like that of {other.name}; expected one "
        "file for each cel. Move one of them away, or rename it"
        for path, other in cut.clashing
    ]
