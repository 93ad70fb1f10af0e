"""Which folders of an episode are cuts.

A folder is a cut if it holds pictures that may be cels, a folder of drawings or coloured cels
(`line`, `ref`), or pictures in folders that are named like columns: without a digit (`A`, `BOOK`,
`A.R1`), or by a layer's place and name (`[001] A1`). Any other folder may hold cuts itself, so
`scene01/c001` is found, whatever backgrounds lie beside it. The episode's own folder is no cut.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from shiage.cuts.cut import FolderNames, is_hint, is_sheet_name, list_folder
from shiage.cuts.folders import is_no_cel
from shiage.cuts.listing import FOREIGN_SUFFIXES, tell_passed_over, walk
from shiage.cuts.outputs import Outputs
from shiage.cuts.schedule import open_listed
from shiage.errors import BadOption, EmptyCut, ShiageError, UnreadableFile
from shiage.files.formats import IMAGE_SUFFIXES


@dataclass(frozen=True)
class EpisodeCut:
    """A cut of an episode.

    Attributes:
        name: its path below the episode, with `/`.
        folder: where it lies.
        cels: how many drawings it has; 0 if they cannot be listed.
    """

    name: str
    folder: Path
    cels: int = 0


@dataclass(frozen=True)
class Episode:
    """A folder of cuts.

    Attributes:
        folder: the folder.
        cuts: by name.
        without_drawings: names of folders that were passed over since they hold no drawing.
        warnings: sentences on these, and on files in them that are in no format that is read.
    """

    folder: Path
    cuts: tuple[EpisodeCut, ...]
    without_drawings: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


def open_episode(folder: Path, out: Path, names: FolderNames) -> Episode:
    """Return the cuts below a folder, those painted by shiage left out.

    Args:
        folder: the episode.
        out: where painted cels go; what lies there is no cut.
        names: what folders are called.

    Raises:
        UnreadableFile: there is no such folder, or it may not be read.
        EmptyCut: there is no cut in it.
    """
    cuts, empty, warnings = [], [], []
    above = {out.resolve(), folder.resolve()}
    for sub in _subfolders(folder, above, names):
        found = list(_find(sub, above, names))
        cuts += found
        if not found:
            empty.append(sub.name)
            warnings.append(f"{sub}: passed over, there is no drawing in it")
            with contextlib.suppress(UnreadableFile):
                warnings += tell_passed_over(sub, walk(sub, above, names, FOREIGN_SUFFIXES))
    if not cuts:
        action = "Give the folder that holds the folders of the cuts"
        if _is_cut(folder, names):
            action = "For one cut there is shiage paint"
        raise EmptyCut("no cut found", path=folder, expected="a folder for each cut", action=action)
    named = (
        EpisodeCut(cut.relative_to(folder).as_posix(), cut, _count(cut, names)) for cut in cuts
    )
    return Episode(folder, tuple(named), tuple(empty), tuple(warnings))


def select(episode: Episode, patterns: Sequence[str]) -> tuple[EpisodeCut, ...]:
    """Return the cuts of which the name or its last part matches a pattern; all if there is none.

    Raises:
        BadOption: none matches.
    """
    chosen = tuple(
        cut
        for cut in episode.cuts
        if not patterns
        or any(fnmatchcase(part, p) for p in patterns for part in (cut.name, cut.folder.name))
    )
    if not chosen:
        raise BadOption(
            f"no cut is named {' or '.join(patterns)}",
            path=episode.folder,
            expected=f"names such as {episode.cuts[0].name}",
            action="Correct --only; * stands for any letters",
        )
    return chosen


def _find(folder: Path, above: set[Path], names: FolderNames) -> Iterator[Path]:
    """Yield a folder if it is a cut, else the cuts below it."""
    if _is_cut(folder, names):
        yield folder
        return
    above = above | {folder.resolve()}  # a link to a folder above leads nowhere new
    for sub in _subfolders(folder, above, names):
        yield from _find(sub, above, names)


def _subfolders(folder: Path, banned: set[Path], names: FolderNames) -> list[Path]:
    return [
        sub
        for sub in list_folder(folder)[0]
        if sub.resolve() not in banned
        and not (names.is_line(sub) or names.is_color(sub) or names.is_other(sub))
        and not (is_sheet_name(sub.name) or is_hint(sub))
        and not Outputs(sub).is_ours()
    ]


def _is_cut(folder: Path, names: FolderNames) -> bool:
    try:
        subfolders, files = list_folder(folder)
    except UnreadableFile:
        return True  # reported when its turn comes
    return (
        any(_is_picture(path) and not is_no_cel(path.stem) for path in files)
        or any(names.is_line(sub) or names.is_color(sub) for sub in subfolders)
        or any(_is_column(sub) for sub in subfolders if not names.is_other(sub))
    )


def _is_column(folder: Path) -> bool:
    try:
        has_picture = any(map(_is_picture, list_folder(folder)[1]))
    except UnreadableFile:
        return False
    if Outputs(folder).is_ours():
        return False
    name = re.sub(r"\.R\d+$", "", folder.name, flags=re.IGNORECASE)  # a retake of a column
    return has_picture and (not re.search(r"\d", name) or bool(re.match(r"\[\d+\]", name)))


def _is_picture(path: Path) -> bool:
    return path.suffix.lower() in IMAGE_SUFFIXES


def _count(folder: Path, names: FolderNames) -> int:
    try:
        return len(open_listed(folder, names=names).cels)
    except ShiageError:
        return 0  # reported when its turn comes
