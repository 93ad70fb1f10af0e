"""What a timesheet says: which cel of each column is seen when.

```
column A   frame  0  1  2  3  4  5  6  7
           cel    1  1  1  2  2  2  -  -      Column("A", ((0, "1"), (3, "2"), (6, None)))
```
"""

from __future__ import annotations

import unicodedata
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

MAX_FRAMES = 1_000_000
"""Longest sheet, over eleven hours; a longer one is damage."""

SYMBOL = "SYMBOL_"
"""How instructions other than cels begin; no cel may."""

Exposure = tuple[int, str | None]
"""Frame from which on a cel is seen, and its name as on the sheet; None: nothing is."""


@dataclass(frozen=True)
class Track:
    """What a file said of a column, kept so that it can be written again.

    Attributes:
        raw: the track as in the file; never changed.
        duration: of the sheet it was read from, frames.
    """

    raw: Mapping[str, Any]
    duration: int


@dataclass(frozen=True)
class Column:
    """One layer of a timesheet.

    Attributes:
        name: as in the file; "" only for a column without cels.
        exposures: changes only, by frame, from 0 on; before the first nothing is seen.
        after: cels that come only after the sheet's last frame, by frame.
        track: where it comes from.

    Raises:
        ValueError: the exposures are not in order, or do not change anything; a name is none.
    """

    name: str
    exposures: tuple[Exposure, ...] = ()
    after: tuple[str, ...] = ()
    track: Track | None = field(default=None, compare=False, repr=False)

    def __post_init__(self) -> None:
        frame, cel = -1, None
        for next_frame, next_cel in self.exposures:
            if next_frame <= frame or next_cel == cel:
                raise ValueError(
                    f"column {self.name}: {next_cel} at frame {next_frame} after {cel} at {frame}"
                )
            frame, cel = next_frame, next_cel
        cels = [*(cel for _, cel in self.exposures if cel is not None), *self.after]
        if self.name != self.name.strip() or (cels and not self.name):
            raise ValueError(f"no name of a column: {self.name!r}")
        for cel_name in cels:
            if not cel_name or cel_name != cel_name.strip() or cel_name.startswith(SYMBOL):
                raise ValueError(f"column {self.name}: no name of a cel: {cel_name!r}")

    def cel_at(self, frame: int) -> str | None:
        """Return the cel seen at a frame, whatever the sheet's duration."""
        index = bisect_right(self.exposures, frame, key=lambda exposure: exposure[0])
        return self.exposures[index - 1][1] if index else None

    def cels(self) -> list[str]:
        """Return the cels in order of first use, once each."""
        return list(dict.fromkeys(cel for _, cel in self.exposures if cel is not None))


@dataclass(frozen=True)
class Timesheet:
    """A cut's timesheet.

    A column is given by its name, upper and lower case being one, or by its place from the bottom.
    Of columns with one name, the name means the lowest.

    Attributes:
        name: of the sheet.
        duration: frames, 1 or more.
        columns: from the bottom to the top.
        cut: as in the file, mostly digits; "" if unknown.
        scene: as in the file, mostly digits; "" if unknown.
        warnings: sentences on what the file had that could not be taken as it was.
        document: the file it was read from as XDTS, for writing it again; never changed.

    Raises:
        ValueError: the duration is none, or a column goes on after it.
    """

    name: str
    duration: int
    columns: tuple[Column, ...] = ()
    cut: str = ""
    scene: str = ""
    warnings: tuple[str, ...] = field(default=(), compare=False)
    document: Mapping[str, Any] = field(default_factory=dict, compare=False, repr=False)

    def __post_init__(self) -> None:
        if not 1 <= self.duration <= MAX_FRAMES:
            raise ValueError(f"a duration of {self.duration} frames")
        for column in self.columns:
            if column.exposures and column.exposures[-1][0] >= self.duration:
                raise ValueError(
                    f"column {column.name}: frame {column.exposures[-1][0]} of {self.duration}"
                )

    def column(self, column: str | int) -> Column:
        """Return a column.

        Raises:
            KeyError: there is none of that name or at that place.
        """
        if isinstance(column, int):
            if not 0 <= column < len(self.columns):
                raise KeyError(column)
            return self.columns[column]
        exact = [c for c in self.columns if c.name == column]
        found = exact or [c for c in self.columns if fold(c.name) == fold(column)]
        if not found:
            raise KeyError(column)
        return found[0]

    def cel_at(self, column: str | int, frame: int) -> str | None:
        """Return the cel seen at a frame; None: none, or the frame is not on the sheet.

        >>> sheet = Timesheet("sheet1", 8, (Column("A", ((0, "1"), (3, "2"), (6, None))),))
        >>> [sheet.cel_at("a", frame) for frame in (0, 2, 3, 7, 8)]
        ['1', '1', '2', None, None]
        """
        found = self.column(column)
        return found.cel_at(frame) if 0 <= frame < self.duration else None

    def holds(self, column: str | int) -> list[tuple[str | None, int]]:
        """Return what is seen one after the other and for how many frames; they sum to `duration`.

        >>> Timesheet("sheet1", 8, (Column("A", ((2, "1"), (3, "2"))),)).holds("A")
        [(None, 2), ('1', 1), ('2', 5)]
        """
        exposures = self.column(column).exposures
        if not exposures or exposures[0][0] > 0:
            exposures = ((0, None), *exposures)
        ends = [*(frame for frame, _ in exposures[1:]), self.duration]
        return [(cel, end - start) for (start, cel), end in zip(exposures, ends, strict=True)]

    def cels_used(self, column: str | int) -> list[str]:
        """Return the cels of a column that are seen, in order of first use, once each."""
        return self.column(column).cels()


def fold(name: str) -> str:
    """Return a name so that case, width and the way accents are stored make no difference.

    >>> fold("Ａ１２") == fold("a12")
    True
    """
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())


def letters(place: int) -> str:
    """Return the usual name of a column by its place from the bottom: A to Z for 0 to 25, then AA.

    >>> letters(0), letters(25), letters(26)
    ('A', 'Z', 'AA')
    """
    letter = chr(ord("A") + place % 26)
    return (letters(place // 26 - 1) if place >= 26 else "") + letter
