"""The files below a folder: pictures that are read, and those in formats that are not."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from shiage.cuts.folders import DEFAULT_NAMES, FolderNames
from shiage.errors import EmptyCut, UnreadableFile
from shiage.files.formats import FORMATS_READ, IMAGE_SUFFIXES

MOST_TOLD = 12
"""More names are not listed, but counted."""

_EXPORTED = re.compile(r"_\d{4}_.*\.")

_AS_PNG = f"{FORMATS_READ} are read: export them as PNG"

_ENDINGS = {
    _AS_PNG: ".webp .gif .avif .heic .heif .jxl .jp2 .exr .hdr .dpx .svg .pcx .iff .ppm .pgm .qoi",
    "export their drawings as PNG, one file for each": (
        ".clip .lip .kra .krz .ora .xcf .sai .sai2 .mdp .procreate .afphoto .ai .eps .pdf .tvpp "
        ".tvp .aseprite .tnz .tlv .pli .pclx .fla .xfl .xstage .blend .cel .dga .moho"
    ),
    "open them with shiage import": ".cdm",
    "export their frames as PNG": ".mp4 .mov .avi .mkv .webm .m4v .wmv .mpg",
    "timesheets are read as XDTS or TDTS: export them so": (
        ".sts .csv .tsv .sxf .xls .xlsx .ods .ard .tsh .anila_ts"
    ),
    "unpack them first": ".zip .rar .7z .lzh .tar .gz",
}
_ACTIONS = {ending: action for action, endings in _ENDINGS.items() for ending in endings.split()}

FOREIGN_SUFFIXES = frozenset(_ACTIONS)
"""How the names of files end that may hold what is missing, in formats that are not read."""


def list_folder(folder: Path) -> tuple[list[Path], list[Path]]:
    """Return subfolders and files of a folder by name, without hidden and `_` ones.

    Photoshop's `_0001_Layer 2.png`, layers exported without a prefix, are none of these.

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
            action="Check the path and its permissions; open a file that holds a whole cut with "
            "shiage import",
        ) from error
    visible = [e for e in entries if not e.name.startswith((".", "_")) or _EXPORTED.match(e.name)]
    return [e for e in visible if e.is_dir()], [e for e in visible if not e.is_dir()]


def walk(
    folder: Path,
    banned: set[Path],
    names: FolderNames = DEFAULT_NAMES,
    suffixes: frozenset[str] = IMAGE_SUFFIXES,
) -> Iterator[Path]:
    """Yield the files below a folder with some endings in order of their names.

    Args:
        folder: where to look.
        banned: files and folders that are left out, resolved.
        names: says which folders are passed over.
        suffixes: the endings, lower case.
    """
    subfolders, files = list_folder(folder)
    banned = banned | {folder.resolve()}  # a link to a folder above leads nowhere new
    for path in files:
        if path.suffix.lower() in suffixes and path.resolve() not in banned:
            yield path
    for sub in subfolders:
        if sub.resolve() not in banned and not names.is_other(sub):
            yield from walk(sub, banned, names, suffixes)


def walk_each(
    folders: Iterable[Path],
    banned: set[Path],
    names: FolderNames = DEFAULT_NAMES,
    suffixes: frozenset[str] = IMAGE_SUFFIXES,
) -> list[Path]:
    """Return the files below some folders by name; see `walk`."""
    allowed = (folder for folder in folders if folder.resolve() not in banned)
    return sorted(path for sub in allowed for path in walk(sub, banned, names, suffixes))


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
            inside = list(walk(path, set(), suffixes=suffixes))
            if not inside:
                raise nothing_found(
                    "no picture found",
                    path,
                    walk(path, set(), suffixes=FOREIGN_SUFFIXES),
                    expected=what,
                    action="Give the folder or the files that hold them",
                )
            out += inside
        elif path.exists():
            out.append(path)
        else:
            raise UnreadableFile("no such file", path=path, expected=what, action="Check the path")
    return out


def nothing_found(
    found: str, path: Path, passed_over: Iterable[Path], *, expected: str, action: str
) -> EmptyCut:
    """Return the error for a folder without a picture that is read; others in it are listed."""
    others = list(passed_over)
    if others:
        found += f", but {_count(others)}"
        action = "; ".join(_by_action(others)) + f". {action}"
        action = action[0].upper() + action[1:]
    return EmptyCut(found, path=path, expected=expected, action=action)


def tell_passed_over(folder: Path, files: Iterable[Path]) -> list[str]:
    """Return sentences on files below a folder that are in no format that is read."""
    return [
        f"{folder}: {_count(some)} passed over; {action}"
        for action, some in _by_action(files).items()
    ]


def _by_action(files: Iterable[Path]) -> dict[str, list[Path]]:
    """Return files by what is to be done with them."""
    by_action: dict[str, list[Path]] = {}
    for path in files:
        by_action.setdefault(_ACTIONS[path.suffix.lower()], []).append(path)
    return by_action


def _count(files: Sequence[Path]) -> str:
    """Return how many files there are of which kind.

    >>> _count([Path("a.webp"), Path("b.GIF"), Path("c.webp")])
    '2 .webp and 1 .gif'
    """
    counts = Counter(path.suffix.lower() for path in files).most_common()
    return list_some(f"{count} {ending}" for ending, count in counts)


def list_some(items: Iterable[str]) -> str:
    """Return names as people list them, one at least.

    >>> list_some("ab"), list_some("abc"), list_some("abcdefghijklmno")
    ('a and b', 'a, b and c', 'a, b, c, d, e, f, g, h, i, j, k, l and 3 more')
    """
    names = list(items)
    more = len(names) - MOST_TOLD
    if more > 0:
        return f"{', '.join(names[:MOST_TOLD])} and {more} more"
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))
