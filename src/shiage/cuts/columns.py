"""A column's drawings: which are the same one, how large all must be, what each is painted from."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from shiage.cuts.cut import Cel
from shiage.errors import ShiageError
from shiage.files.images import read_size
from shiage.files.versions import Versions
from shiage.painting.serving import Kind, Source, Step, plan_column


@dataclass(frozen=True)
class ColumnDrawings:
    """The drawings of a column.

    Attributes:
        originals: cels with drawings of their own, in order.
        twins: the original of each cel whose drawing repeats.
        size_hw: height and width that those not given must have; None if no drawing can be read.
        given: cels whose paintings are given.
    """

    originals: tuple[Cel, ...]
    twins: dict[Cel, Cel]
    size_hw: tuple[int, int] | None
    given: frozenset[Cel]

    def size_for(self, cel: Cel) -> tuple[int, int] | None:
        """Return the height and width that a cel must have; None: that of its own drawing.

        A given painting goes with its drawing, and is passed on in the size it has.
        """
        return None if cel in self.given else self.size_hw


@dataclass(frozen=True)
class ColumnPlan:
    """What the cels of a column are painted from.

    Attributes:
        cels: those with drawings of their own, in order; sources name them by place.
        keyed: places of those that are decided as a whole.
        lenders: keyed cels of the other columns.
        steps: the cels to be painted, in order.
    """

    cels: tuple[Cel, ...]
    keyed: tuple[int, ...]
    lenders: tuple[Cel, ...]
    steps: tuple[Step, ...]

    @staticmethod
    def make(
        column: str,
        cels: Sequence[Cel],
        keys: Collection[Cel],
        corrected: Collection[Cel] = (),
        sheets: int = 0,
    ) -> ColumnPlan:
        """Return the plan of a column.

        Args:
            column: its name.
            cels: of the column, with drawings of their own, in order.
            keys: all cels of the cut that are decided as a whole, in the order they were learned.
            corrected: those corrected in part.
            sheets: number of references that serve every cel.
        """
        keyed = tuple(at for at, cel in enumerate(cels) if cel in keys)
        partly = [at for at, cel in enumerate(cels) if cel in corrected]
        lenders = lenders_of(column, keys)
        steps = plan_column(len(cels), keyed, partly, sheets, len(lenders))
        return ColumnPlan(tuple(cels), keyed, tuple(lenders), tuple(steps))

    @property
    def order(self) -> list[Cel]:
        """The cels as they are needed: those keyed, then the others as they are painted."""
        return [self.cels[at] for at in (*self.keyed, *(step.cel for step in self.steps))]

    def cel(self, source: Source) -> Cel | None:
        """Return the cel that a source is; None for a sheet."""
        if source.kind is Kind.SHEET:
            return None
        return (self.lenders if source.kind is Kind.LENT else self.cels)[source.at]


def lenders_of(column: str, keys: Iterable[Cel]) -> list[Cel]:
    """Return the keyed cels that lend to a column without anything of its own.

    Args:
        column: its name.
        keys: all keyed cels of the cut, in order.
    """
    return [cel for cel in keys if cel.column != column]


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
    at_hand = frozenset(cel for cel in cels if cel in given)
    return ColumnDrawings(tuple(originals), twins, _find_size(cels, at_hand), at_hand)


def _find_size(cels: Sequence[Cel], given: Collection[Cel]) -> tuple[int, int] | None:
    """Return height and width of a column; see `survey_column`."""
    votes: dict[tuple[int, int], int] = {}
    for cel in [cel for cel in cels if cel in given][:1] or cels:
        try:
            size_hw = read_size(cel.path)
        except ShiageError:
            continue  # reported when its turn comes
        votes[size_hw] = votes.get(size_hw, 0) + 1
    return max(votes, key=lambda size: votes[size]) if votes else None
