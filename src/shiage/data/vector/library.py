"""Vector art on disk: which pictures are there, what they are called, whose they are.

```
ART/fluent-emoji-flat/icons.json     an Iconify package
ART/dicebear-toon-head/0001.svg      generated once, by the script that fetches the art
ART/gophers/ballet.svg               any folder of SVGs: taken as pictures of one character,
                                     so its name alone decides the split of all of them
```

`sources.json` lists packages, licenses, credits and the pictures in them worth drawing. It
groups those that share parts (a face in twenty moods, one body in twenty clothes) into families. A
family lies in one split, so that no test picture has its twin in training.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from itertools import count
from pathlib import Path
from typing import Any

from shiage.data.dataset import Split, split_of
from shiage.errors import DatasetError
from shiage.files.nesting import shallow

LARGE_FAMILY = 12
"""Larger families go to training: in another split they would outweigh all else there."""


@dataclass(frozen=True)
class Picture:
    """One picture of the library.

    Attributes:
        character: its name, unique, "package/picture"; decides the split.
        package: folder in the art folder.
        name: of the picture in the package.
        license: and the credit that goes with it.
    """

    character: str
    package: str
    name: str
    license: str


def read_sources() -> dict[str, dict[str, Any]]:
    """Return the manifest: package → npm, version, license, credit, families."""
    text = resources.files("shiage.data.vector").joinpath("sources.json").read_text("utf-8")
    sources: dict[str, dict[str, Any]] = json.loads(text)["packages"]
    return sources


@lru_cache(maxsize=4)
def list_pictures(art: Path) -> dict[str, Picture]:
    """Return the pictures found in an art folder by character, in a fixed order.

    Raises:
        DatasetError: there are none.
    """
    sources = read_sources()
    found: dict[str, Picture] = {}
    for folder in sorted(path for path in art.glob("*") if path.is_dir()):
        names = _names_in(folder)
        if not names:
            continue
        source = sources.get(folder.name, {})
        license_ = f"{source['license']}; {source['credit']}" if source else _told_license(folder)
        if "families" in source:
            named = [
                pair for family in source["families"] for pair in name_family(folder.name, family)
            ]
        else:
            named = name_alike(folder.name, sorted(names), split_of(folder.name))
        for character, name in named:
            if name in names:
                found[character] = Picture(character, folder.name, name, license_)
    if not found:
        raise DatasetError(
            "no vector art found",
            path=art,
            expected="a folder such as scripts/fetch_vector_art.py makes",
            action="Run that script, or put folders of SVG files there",
        )
    return found


def read_picture_text(art: Path, picture: Picture) -> str:
    """Return a picture's SVG."""
    folder = art / picture.package
    if (folder / "icons.json").exists():
        return icon_svg(read_icons(folder / "icons.json"), picture.name)
    return (folder / f"{picture.name}.svg").read_text(encoding="utf-8")


@lru_cache(maxsize=16)
def read_icons(path: Path) -> dict[str, Any]:
    """Return the content of an Iconify package's icons.json.

    Raises:
        DatasetError: it cannot be read.
    """
    try:
        package: dict[str, Any] = json.loads(shallow(path.read_text(encoding="utf-8")))
        if not isinstance(package["icons"], dict):
            raise TypeError("its icons are no object")
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DatasetError(f"cannot be read ({error})", path=path) from error
    return package


def icon_svg(package: dict[str, Any], name: str) -> str:
    """Return an icon of an Iconify package as SVG."""
    icon = package["icons"][name]
    width = icon.get("width", package.get("width", 16))
    height = icon.get("height", package.get("height", 16))
    spaces = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
    return f'<svg {spaces} viewBox="0 0 {width} {height}">{icon["body"]}</svg>'


def name_family(package: str, family: list[str]) -> list[tuple[str, str]]:
    """Return the characters' names of a family, all in one split, each with its picture.

    >>> name_family("cats", ["angry", "happy"])
    [('cats/angry', 'angry'), ('cats/happy', 'happy')]
    """
    goal: Split = "train" if len(family) > LARGE_FAMILY else split_of(f"{package}/{family[0]}")
    return name_alike(package, family, goal)


def name_alike(package: str, names: list[str], goal: Split) -> list[tuple[str, str]]:
    """Return the characters' names of pictures, all in the split `goal`, each with its picture.

    A picture whose own name would hash elsewhere gets the first "~N" added that does not.
    """
    return [(_name_in_split(f"{package}/{name}", goal), name) for name in names]


def _name_in_split(name: str, goal: Split) -> str:
    if split_of(name) == goal:
        return name
    return next(f"{name}~{n}" for n in count(2) if split_of(f"{name}~{n}") == goal)


def _names_in(folder: Path) -> set[str]:
    """Return the names of the pictures in a package's folder."""
    if (folder / "icons.json").exists():
        return set(read_icons(folder / "icons.json")["icons"])
    return {path.stem for path in folder.glob("*.svg")}


def _told_license(folder: Path) -> str:
    """Return what a folder that the manifest does not know says of its license."""
    for file in sorted(path for path in folder.glob("LICENSE*") if path.is_file()):
        lines = file.read_text(encoding="utf-8", errors="replace").strip().splitlines()
        if lines:
            return f"{folder.name}: {lines[0]}"
    return f"unknown; see where {folder.name} came from"
