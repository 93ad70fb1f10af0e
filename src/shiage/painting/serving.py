"""What a cel is painted from, in what order: planned in one place, and painted in one place.

Painting goes outward from the keyed cels, as an artist's eye does: each cel takes the nearest keyed
cels, every model sheet, the nearest cels corrected in part and, as a second opinion, the neighbor
that was painted just before it. Where no cel is keyed, those corrected in part stand in: they are
painted first, and serve like keys whose votes weigh only as much as their confidence.

`plan_column` says which *sources* serve each cel. `serve` paints one: it asks for what is known of
each source, and decides the colors. Whoever runs it (`drive`) says where that comes from: a whole
cut waits on other threads, the page remembers, `shiage check` has references only.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Collection, Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from typing import Any

from shiage.matching import KnownColors, Matcher
from shiage.painting.propagate import EncodedCel, as_neighbor, decide_colors, known_for_certain
from shiage.structures import UNKNOWN, Ints, Painting

MOST_KEYS = 4
"""Keyed cels that serve a cel. Beside the nearest on either side alone, cuts of validation
characters from four keys gained 1.5 points (rendered, procedural; vector art lost 0.4); with still
more keys more gain little and take time."""

MOST_CORRECTED = 8
"""Cels corrected in part that serve a cel, the nearest ones; in a long cut the others would take
time and say little."""


class Kind(Enum):
    """What a source is to the cel that takes its colors from it."""

    KEY = "key"
    """A cel of the column that is decided as a whole."""
    BEGUN = "begun"
    """A cel corrected in part, painted before: it stands in for a key where there is none."""
    SHEET = "sheet"
    """A reference that serves every cel of the cut."""
    LENT = "lent"
    """A keyed cel of another column: a column without anything of its own takes these."""
    CORRECTION = "correction"
    """A cel of the column that is corrected in part."""
    NEIGHBOR = "neighbor"
    """The cel beside it that was painted just before."""


WHOLE = frozenset({Kind.KEY, Kind.SHEET, Kind.LENT})
"""Sources of which every color is decided."""

PAINTED = frozenset({Kind.BEGUN, Kind.NEIGHBOR})
"""Sources that serve with the colors they were painted in."""


@dataclass(frozen=True)
class Source:
    """Something that a cel takes colors from.

    Attributes:
        kind: what it is.
        at: its place: of sheets and of what is lent among these, else of a cel in its column.
    """

    kind: Kind
    at: int


@dataclass(frozen=True)
class Step:
    """What one cel is painted from.

    Attributes:
        cel: its place in the column.
        sources: in the order in which they are heard.
    """

    cel: int
    sources: tuple[Source, ...] = ()

    @property
    def is_sparse(self) -> bool:
        """Whether no source is decided as a whole."""
        return not any(source.kind in WHOLE for source in self.sources)

    def places(self, *kinds: Kind) -> tuple[int, ...]:
        """Return the places of the sources of these kinds, in order."""
        return tuple(source.at for source in self.sources if source.kind in kinds)


def plan_column(
    count: int,
    keyed: Iterable[int],
    corrected: Iterable[int] = (),
    sheets: int = 0,
    lent: int = 0,
) -> list[Step]:
    """Return the steps that paint a column, each after those whose paintings it takes.

    Args:
        count: number of cels in the column, in order of their numbers.
        keyed: places of the cels that are decided as a whole; they are not painted.
        corrected: places of the cels corrected in part.
        sheets: number of references that serve every cel.
        lent: number of keyed cels of other columns; they serve if there is neither key nor sheet.

    >>> steps = plan_column(5, [0, 4])
    >>> [(s.cel, s.places(Kind.KEY), s.places(Kind.NEIGHBOR)) for s in steps]
    [(1, (0, 4), ()), (3, (4, 0), ()), (2, (0, 4), (1,))]
    >>> [(s.cel, s.places(Kind.BEGUN)) for s in plan_column(3, [], corrected=[1])]
    [(1, ()), (0, (1,)), (2, (1,))]
    """
    keys, partly = set(keyed), set(corrected)
    partly -= keys
    serving = keys or partly
    kind = Kind.KEY if keys else Kind.BEGUN
    for_all = _sources(Kind.SHEET, range(sheets))
    if not keys and not for_all:
        for_all = _sources(Kind.LENT, range(lent))
    steps: list[tuple[int, Step]] = []
    for cel in range(count):
        if cel in keys:
            continue
        nearest = [] if cel in serving else _nearest(cel, serving, MOST_KEYS)
        if nearest:
            turn = abs(nearest[0] - cel)
            inward = cel - 1 if nearest[0] < cel else cel + 1
            neighbor = None if inward in serving else inward
        elif serving:  # it stands in for a key
            turn, neighbor = 0, None
        else:  # only what serves all: from the first cel on
            turn, neighbor = cel, cel - 1 if cel else None
        sources = (
            *_sources(kind, nearest),
            *for_all,
            *_sources(Kind.CORRECTION, nearest_corrected(cel, partly, nearest)),
            *_sources(Kind.NEIGHBOR, [] if neighbor is None else [neighbor]),
        )
        steps.append((turn, Step(cel, sources)))
    return [step for _, step in sorted(steps, key=lambda s: (s[0], s[1].cel))]


def nearest_corrected(cel: int, corrected: Iterable[int], keys: Iterable[int] = ()) -> list[int]:
    """Return which of the cels corrected in part serve a cel beside its keys, the nearest first.

    >>> nearest_corrected(3, [9, 2, 3, 4])
    [2, 4, 9]
    """
    places, keys = set(corrected), set(keys)
    return _nearest(cel, places - {cel, *keys}, MOST_CORRECTED - len(places & keys))


def _nearest(cel: int, places: Iterable[int], most: int) -> list[int]:
    """Return the places nearest to a cel, of two as near the earlier one first."""
    return sorted(places, key=lambda place: (abs(place - cel), place))[:most]


def _sources(kind: Kind, places: Iterable[int]) -> tuple[Source, ...]:
    return tuple(Source(kind, at) for at in places)


# --- one cel ------------------------------------------------------------------------------------

Known = KnownColors[EncodedCel]


@dataclass(frozen=True, eq=False)
class Served:
    """A cel painted.

    Attributes:
        painting: its colors.
        sources: those that really served.
        known: what is known of each of these.
    """

    painting: Painting
    sources: tuple[Source, ...]
    known: tuple[Known, ...]


class Memory:
    """Paintings made before: a cel with the very same arrays is not painted a second time."""

    def __init__(self) -> None:
        self._before: dict[int, tuple[list[Any], Painting]] = {}

    def recall(self, cel: int, given: Sequence[Any]) -> Painting | None:
        """Return what was painted from the same; None if nothing was."""
        before = self._before.get(cel)
        if before is None or len(before[0]) != len(given):
            return None
        return before[1] if all(map(operator.is_, before[0], given)) else None

    def keep(self, cel: int, given: Sequence[Any], painting: Painting) -> None:
        """Remember what was painted last, and from what."""
        self._before[cel] = list(given), painting


Flow = Generator[Source, Known | None, Served]
"""Yields the source whose colors are needed next, is sent these, and returns the painted cel."""


def serve(
    matcher: Matcher,
    step: Step,
    target: EncodedCel,
    decided: Ints | None = None,
    memory: Memory | None = None,
) -> Flow:
    """Paint one cel; see `Flow` and `drive`.

    Args:
        matcher: finds what each segment continues.
        step: says what it is painted from.
        target: its drawing.
        decided: (N,) int32, palette ids that a person has decided of it, else `UNKNOWN`; None:
            nothing is decided.
        memory: of the cels of its column.
    """
    served: list[tuple[Source, Known]] = []
    for source in step.sources:
        known = yield source
        if known is not None:
            served.append((source, known))
    references = tuple(known for _, known in served)
    given: list[Any] = [target, decided]
    for known in references:
        given += [known.encoded, known.color_ids]
    painting = memory.recall(step.cel, given) if memory is not None else None
    if painting is None:
        painting = decide_colors(matcher, references, target, decided, sparse=step.is_sparse)
        if memory is not None:
            memory.keep(step.cel, given, painting)
    return Served(painting, tuple(source for source, _ in served), references)


def drive(flow: Flow, known_of: Callable[[Source], Known | None]) -> Served:
    """Return a cel painted.

    Args:
        flow: what `serve` returned.
        known_of: returns the colors known of a source; None if it is not to be had.
    """
    try:
        source = next(flow)
        while True:
            source = flow.send(known_of(source))
    except StopIteration as done:
        served: Served = done.value
        return served


def paint_from(matcher: Matcher, keys: Sequence[Known], target: EncodedCel) -> Painting:
    """Return a drawing painted from cels that are decided as a whole, and nothing else."""
    step = Step(0, _sources(Kind.KEY, range(len(keys))))
    return drive(serve(matcher, step, target), lambda source: keys[source.at]).painting


# --- a column -----------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Column:
    """A column of which all drawings are at hand, as it is at one moment.

    Attributes:
        encoded: its cels in order; None where one is missing.
        decisions: palette id per segment of each cel, `UNKNOWN` where nobody has decided.
        keyed: places of the cels that are decided as a whole.
        sheets: references that serve every cel.
        lent: keyed cels of other columns.
    """

    encoded: Sequence[EncodedCel | None]
    decisions: Sequence[Ints]
    keyed: Collection[int] = ()
    sheets: Sequence[Known] = ()
    lent: Sequence[Known] = ()

    @cached_property
    def steps(self) -> list[Step]:
        """What each cel is painted from; nothing is taken from one that is missing."""
        keys = [at for at in self.keyed if self.encoded[at] is not None]
        partly = [
            at
            for at, ids in enumerate(self.decisions)
            if self.encoded[at] is not None and (ids != UNKNOWN).any()
        ]
        steps = plan_column(len(self.encoded), keys, partly, len(self.sheets), len(self.lent))
        return [step for step in steps if self.encoded[step.cel] is not None]

    def known(self, source: Source, paintings: Mapping[int, Painting]) -> Known | None:
        """Return what is known of a source; None if it is missing or not painted yet.

        Args:
            source: of one of the steps.
            paintings: of cels painted so far, by place.
        """
        if source.kind is Kind.SHEET:
            return self.sheets[source.at]
        if source.kind is Kind.LENT:
            return self.lent[source.at]
        encoded = self.encoded[source.at]
        if encoded is None:
            return None
        if source.kind not in PAINTED:
            return known_for_certain(encoded, self.decisions[source.at])
        painting = paintings.get(source.at)
        return None if painting is None else as_neighbor(encoded, painting)

    def pairs(self) -> Iterator[tuple[EncodedCel, EncodedCel]]:
        """Yield the pairs (reference, target) that painting the column compares."""
        outside = {Kind.SHEET: self.sheets, Kind.LENT: self.lent}
        for step in self.steps:
            target = self.encoded[step.cel]
            if target is None:
                continue
            for source in step.sources:
                given = outside.get(source.kind)
                reference = given[source.at].encoded if given else self.encoded[source.at]
                if reference is not None:
                    yield reference, target
            if step.is_sparse and (self.decisions[step.cel] != UNKNOWN).any():
                yield target, target  # what is decided of it tells of the rest


def paint_column(
    matcher: Matcher, column: Column, memory: Memory | None = None
) -> dict[int, Painting]:
    """Return the paintings of a column's cels from all that is decided so far, by place.

    Args:
        matcher: finds what each segment continues.
        column: the cels, and what is decided of them.
        memory: of earlier paintings; what is painted now is remembered there.
    """
    paintings: dict[int, Painting] = {}
    for step in column.steps:
        target = column.encoded[step.cel]
        if target is None:
            continue
        flow = serve(matcher, step, target, column.decisions[step.cel], memory)
        paintings[step.cel] = drive(flow, lambda of: column.known(of, paintings)).painting
    return paintings
