"""What is odd about the files of a cut, told once for all files that share it."""

from __future__ import annotations

from itertools import product
from pathlib import Path
from typing import Any

from shiage.files.pictures import Picture
from shiage.files.profiles import look_alike, name_profile, rgb_profile


class Notes:
    """Collects what is odd about pictures as they are read, on any thread."""

    def __init__(self) -> None:
        self._files: dict[str, set[Path]] = {}
        self._drawings: dict[bytes | None, set[Path]] = {}
        self._references: dict[bytes | None, set[Path]] = {}

    def take(self, path: Path, picture: Picture) -> None:
        """Take in what is odd about a picture read from a file."""
        for note in picture.notes:
            self._files.setdefault(note, set()).add(path)

    def take_drawing(self, path: Path, picture: Picture) -> None:
        """Take in a drawing, and its color profile."""
        self.take(path, picture)
        profile = rgb_profile(picture.layout.icc_profile)
        self._drawings.setdefault(profile, set()).add(path)

    def take_reference(self, path: Path, picture: Picture) -> None:
        """Take in a reference, and its color profile."""
        self.take(path, picture)
        profile = rgb_profile(picture.layout.icc_profile)
        self._references.setdefault(profile, set()).add(path)

    def forget(self, path: Path) -> None:
        """Forget what was odd about a file, since it is another one now."""
        _forget(self._files, path)
        _forget(self._drawings, path)
        _forget(self._references, path)

    @property
    def profile(self) -> bytes | None:
        """The color profile of the references, by which their colors were chosen.

        Of several that of the one that was taken first.
        """
        return next(filter(None, list(self._references)), None)

    def tell(self) -> list[str]:
        """Return a sentence on each oddity; it names the first file and counts the others."""
        odd = [f"{_first(paths)}: {note}" for note, paths in list(self._files.items())]
        pairs = product(list(self._references.items()), list(self._drawings.items()))
        return sorted(odd) + sorted(
            f"{_first(references)}: its color profile is {name_profile(of_reference)}, that of the "
            f"drawing {_first(drawings)} {name_profile(of_drawing)}; {_what_to_do(of_drawing)}"
            for (of_reference, references), (of_drawing, drawings) in pairs
            if not look_alike(of_reference, of_drawing)
        )


def _forget(files: dict[Any, set[Path]], path: Path) -> None:
    """Leave a file out, in place."""
    for key, paths in list(files.items()):
        paths.discard(path)
        if not paths:
            del files[key]


def _what_to_do(of_drawing: bytes | None) -> str:
    if of_drawing is None:
        return "painted cels get that of the reference"
    return (
        "painted cels keep that of the drawing, and the numbers of the colors, so the colors look "
        "different. Convert the reference to that profile in the program that it comes from"
    )


def _first(paths: set[Path]) -> str:
    """Return the first of some files, and how many there are besides."""
    first, *others = sorted(paths.copy())
    return f"{first} and {len(others)} more" if others else str(first)
