"""The cels of a cut, and how they are found by name."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from shiage.cuts.names import CelKey, CelName, NameReader, plain_column


@dataclass(frozen=True, order=True)
class Cel:
    """One drawing of a cut.

    Attributes:
        column: the layer it belongs to, upper case; "" in a folder without columns.
        number: its number, as drawn on the sheet.
        suffix: what follows the number, upper case; mostly "".
        path: its file.
        relative: its place within the folder of drawings; the painted cel gets the same.
        version: of its file, 0 if the name tells none.
    """

    column: str
    number: int
    suffix: str
    path: Path = field(compare=False)
    relative: Path = field(compare=False)
    version: int = field(default=0, compare=False)

    @property
    def key(self) -> CelKey:
        """What names the cel whatever its file is called."""
        return self.column, self.number, self.suffix

    @property
    def name(self) -> str:
        """How messages and reports call it: its relative path without the suffix."""
        return self.relative.with_suffix("").as_posix()

    @property
    def is_numbered(self) -> bool:
        """Whether its name has digits; others have number 0 for want of one."""
        return re.search(r"\d", self.path.stem) is not None


@dataclass(frozen=True)
class Cut:
    """A folder of drawings.

    Attributes:
        folder: the folder given.
        cels: its drawings, by column and number.
        found_references: coloured cels found beside the drawings.
        found_sheets: pictures of model sheets found beside the drawings.
        superseded: drawings that a retake or a newer version replaces; not painted.
        found_hints: files of hints found beside the drawings.
        same_number: cels that have the number of another one, and that.
        clashing: drawings whose painted cel would be named like another's, and that; not painted.
        left_alone: pictures that seem to be no cels: backgrounds, layouts; not painted.
        beside: pictures beside the folder of drawings that belong to nothing.
        passed_over: files in formats that are not read.
        home: the folder that references and the timesheet lie in; mostly `folder`.
        reader: reads names as the drawings are named.
    """

    folder: Path
    cels: tuple[Cel, ...]
    found_references: tuple[Path, ...] = ()
    found_sheets: tuple[Path, ...] = ()
    superseded: tuple[Path, ...] = ()
    found_hints: tuple[Path, ...] = ()
    same_number: tuple[tuple[Path, Path], ...] = ()
    clashing: tuple[tuple[Path, Path], ...] = ()
    left_alone: tuple[Path, ...] = ()
    beside: tuple[Path, ...] = ()
    passed_over: tuple[Path, ...] = ()
    home: Path = Path()
    reader: NameReader = field(default_factory=NameReader, compare=False)

    def columns(self) -> dict[str, list[Cel]]:
        """Return the cels of each column, by number."""
        columns: dict[str, list[Cel]] = {}
        for cel in self.cels:
            columns.setdefault(cel.column, []).append(cel)
        return columns

    @property
    def not_painted(self) -> tuple[Path, ...]:
        """Pictures among the drawings that are no cels of the cut."""
        return (*self.superseded, *(path for path, _ in self.clashing), *self.left_alone)

    def find(self, name: CelName) -> Cel | None:
        """Return the cel of that name; without a column on either side the number decides."""
        choices = (find_cel(cels, name) for cels in self._of_column(name.column))
        return next(filter(None, choices), None)

    def _of_column(self, column: str) -> Iterator[list[Cel]]:
        """Yield the cels of a column, of one that is called alike, and those of any or none."""
        yield [cel for cel in self.cels if cel.column == column]
        plain = plain_column(column)
        yield [cel for cel in self.cels if plain_column(cel.column) == plain]
        yield [cel for cel in self.cels if not (cel.column and column)]

    def find_named(self, path: Path) -> Cel | None:
        """Return the cel that a file is named like, with the folder it is in or without.

        Of `A/Paint/0001.png` the folder of its folder is tried last.
        """
        names = (Path(*path.parts[-2:]), Path(path.name), Path(*path.parts[-3:]))
        return next(filter(None, (self.find(self.reader.read(name)) for name in names)), None)


def find_cel(cels: Iterable[Cel], name: CelName) -> Cel | None:
    """Return the one of some cels that has the number of a name, and what follows it.

    Words make no difference if only one cel has the number (`A0001 final` is A1), letters do
    (`A0001b` is not); versions that both tell are the same.
    """
    alike = [
        cel
        for cel in cels
        if (cel.number, cel.is_numbered) == (name.number, name.is_numbered)
        and not (cel.version and name.take[1] and cel.version != name.take[1])
    ]
    for suffix in (name.rest, name.suffix):
        found = [cel for cel in alike if cel.suffix == suffix]
        if found:
            return found[0] if len(found) == 1 else None
    suffixes = [name.suffix, *(cel.suffix for cel in alike)]
    is_one = name.is_numbered and len(suffixes) == 2 and all(len(s) != 1 for s in suffixes)
    return alike[0] if is_one else None
