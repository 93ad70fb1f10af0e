"""A column's drawings: which of them are the same one, and how large all of them must be."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from shiage.cuts.cut import Cel
from shiage.errors import ShiageError
from shiage.files.images import read_size
from shiage.files.versions import Versions


@dataclass(frozen=True)
class ColumnDrawings:
    """The drawings of a column.

    Attributes:
        originals: cels with drawings of their own, in order.
        twins: the original of each cel whose drawing repeats.
        size_hw: height and width that each must have; None if no drawing can be read.
    """

    originals: tuple[Cel, ...]
    twins: dict[Cel, Cel]
    size_hw: tuple[int, int] | None


def survey_column(
    cels: Sequence[Cel], versions: Versions, given: Collection[Cel], own: Collection[Cel]
) -> ColumnDrawings:
    """Return the drawings of a column.

    Args:
        cels: of the column, in order.
        versions: of their files.
        given: those whose paintings are given; the first of them tells the size, or else most do.
        own: those of which something is given, hinted or decided; they are no other's twins.
    """
    first: dict[str, Cel] = {}
    originals: list[Cel] = []
    twins: dict[Cel, Cel] = {}
    for cel in cels:
        # What cannot be read fails with its own message when its turn comes.
        digest = versions.note(cel.path).sha256 or str(cel.path)
        if digest in first and cel not in own:
            twins[cel] = first[digest]
        else:
            first.setdefault(digest, cel)
            originals.append(cel)
    return ColumnDrawings(tuple(originals), twins, _find_size(cels, given))


def _find_size(cels: Sequence[Cel], given: Collection[Cel]) -> tuple[int, int] | None:
    """Return height and width of a column; see `survey_column`."""
    votes: dict[tuple[int, int], int] = {}
    for cel in [cel for cel in cels if cel in given][:1] or cels:
        try:
            size_hw = read_size(cel.path)
        except ShiageError:
            continue  # told when its turn comes
        votes[size_hw] = votes.get(size_hw, 0) + 1
    return max(votes, key=lambda size: votes[size]) if votes else None
