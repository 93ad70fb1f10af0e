"""Which cels serve which, in what order; and from matches to colors.

Painting goes outward from the keyed cels, as an artist's eye does: each cel takes the nearest keyed
cels, every model sheet, and, as a second opinion, the neighbor that was painted just before it.
Votes are pooled by how far each reference agrees with itself (`matching.protocol`), and
a painted neighbor's votes weigh only as much as its own confidence.

Where no cel is keyed, those decided in part (hinted, corrected) stand in: they are painted first,
and serve like keys whose votes, too, weigh only as much as their confidence.
"""

from __future__ import annotations

import operator
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from shiage.matching import KnownColors, Matcher, color_shares
from shiage.painting.open_places import MOST_SURE, Lying, find_lying, find_odd
from shiage.painting.shades import Contacts, find_trace_contacts, settle_shades
from shiage.painting.surroundings import Surroundings, follow_decided, survey_segments
from shiage.structures import UNKNOWN, BoolMap, Floats, Ints, LineArt, Match, Painting, Segments

MOST_KEYS = 4
"""Keyed cels that serve a cel. Beside the nearest on either side alone, cuts of validation
characters from four keys gained 1.5 points (rendered, procedural; vector art lost 0.4); with still
more keys more gain little and take time."""

MOST_CORRECTED = 8
"""Cels corrected in part that serve a cel, the nearest ones; in a long cut the others would take
time and say little."""

ALTERNATIVES = 4
"""How many colors are offered for each segment, the decided one first."""

LIKELY = 0.5
"""Without a reference that is decided as a whole, a color is painted only if it is likelier right
than wrong; the rest stays blank."""


@dataclass(frozen=True)
class Step:
    """What one cel is painted from; numbers are places in the column's order.

    Attributes:
        cel: the cel to paint.
        keys: keyed cels that serve as references, the nearest first; where there are none, those
            begun that stand in for them.
        neighbor: the cel painted before it that gives a second opinion, if any.
    """

    cel: int
    keys: tuple[int, ...]
    neighbor: int | None


def plan_column(count: int, keyed: Iterable[int], begun: Iterable[int] = ()) -> list[Step]:
    """Return the steps that paint a column, each after the one it depends on.

    Args:
        count: number of cels in the column, in order of their numbers.
        keyed: places of the cels that have a coloured reference.
        begun: places of cels of which some colors are decided; they count if none is keyed.

    >>> [(s.cel, s.keys, s.neighbor) for s in plan_column(5, [0, 4])]
    [(1, (0, 4), None), (3, (4, 0), None), (2, (0, 4), 1)]
    >>> [(s.cel, s.keys, s.neighbor) for s in plan_column(3, [], begun=[1])]
    [(1, (), None), (0, (1,), None), (2, (1,), None)]
    """
    keys = sorted(set(keyed))
    stand_in = set() if keys else set(begun)
    keys = keys or sorted(stand_in)
    steps: list[tuple[int, Step]] = []
    for cel in range(count):
        if cel in stand_in:
            steps.append((0, Step(cel, (), None)))
        if cel in keys:
            continue
        nearest = _nearest(cel, keys, MOST_KEYS)
        if not nearest:  # only sheets: from the first cel on
            steps.append((cel, Step(cel, (), cel - 1 if cel else None)))
            continue
        inward = cel - 1 if nearest[0] < cel else cel + 1
        neighbor = None if inward in keys else inward
        steps.append((abs(nearest[0] - cel), Step(cel, tuple(nearest), neighbor)))
    return [step for _, step in sorted(steps, key=lambda s: (s[0], s[1].cel))]


@dataclass(frozen=True, eq=False)
class EncodedCel:
    """What is kept of a drawing to paint it, or others from it.

    Attributes:
        features: what the matcher made of it; opaque to everyone else.
        contacts: segments that face each other across a colour trace.
        surroundings: how its segments lie beside each other; None: nothing is carried from one to
            another.
        lying: how they lie in the picture; None: nothing is doubted for that.
    """

    features: Any
    contacts: Contacts = field(default_factory=Contacts)
    surroundings: Surroundings | None = None
    lying: Lying | None = None


def encode_cel(matcher: Matcher, lineart: LineArt, segments: Segments) -> EncodedCel:
    """Return a drawing as `decide_colors` takes it; costly, done once per cel."""
    return EncodedCel(
        matcher.encode(lineart, segments),
        find_trace_contacts(lineart, segments),
        survey_segments(segments),
        find_lying(segments),
    )


def as_neighbor(encoded: EncodedCel, painting: Painting) -> KnownColors[EncodedCel]:
    """Return a painted cel as a second opinion, whose votes weigh as much as it is sure of them."""
    return KnownColors(encoded, painting.color_ids, painting.confidence)


def known_for_certain(encoded: EncodedCel, color_ids: Ints) -> KnownColors[EncodedCel]:
    """Return an encoded cel whose colors a person has decided."""
    return KnownColors(encoded, color_ids, np.ones(len(color_ids), np.float32))


def decided_painting(color_ids: Ints) -> Painting:
    """Return the painting of a cel whose colors a person has all decided."""
    sure, locked = np.ones(len(color_ids), np.float32), np.ones(len(color_ids), bool)
    return Painting(color_ids, sure, color_ids[:, None], locked)


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


def by_label(decided: Ints) -> dict[int, int]:
    """Return the palette id by label (1..N) where it is not `UNKNOWN`.

    >>> by_label(np.array([7, -1, 0], np.int32))
    {1: 7, 3: 0}
    """
    return {int(row) + 1: int(decided[row]) for row in np.flatnonzero(decided != UNKNOWN)}


@dataclass(frozen=True, eq=False)
class ColumnPlan:
    """What each cel of a column at work is painted from.

    Attributes:
        steps: the cels to paint, in order.
        certain: what is decided, by place: keyed cels and cels corrected in part.
        corrected: places of the cels corrected in part.
        sparse: no cel of the column is decided as a whole.
    """

    steps: list[Step]
    certain: dict[int, KnownColors[EncodedCel]]
    corrected: list[int]
    sparse: bool


Memory = dict[int, tuple[list[Any], Painting]]
"""For each place what a cel was painted from, and the painting."""


def plan_decided(
    encoded: Sequence[EncodedCel | None], decisions: Sequence[Ints], keyed: Iterable[int]
) -> ColumnPlan:
    """Return the plan of a column in which a person has decided some colors; see `paint_column`."""
    keys = {at for at in keyed if encoded[at] is not None}
    partly = [
        at
        for at, ids in enumerate(decisions)
        if at not in keys and encoded[at] is not None and (ids != UNKNOWN).any()
    ]
    certain = {
        at: known_for_certain(cel, decisions[at])
        for at in (*keys, *partly)
        if (cel := encoded[at]) is not None
    }
    return ColumnPlan(plan_column(len(encoded), keys, partly), certain, partly, not keys)


def paint_column(
    matcher: Matcher,
    encoded: Sequence[EncodedCel | None],
    decisions: Sequence[Ints],
    keyed: Iterable[int],
    shared: Sequence[KnownColors[EncodedCel]] = (),
    memory: Memory | None = None,
) -> dict[int, Painting]:
    """Return the paintings of a column's cels from all that is decided so far, by place.

    Args:
        matcher: finds what each segment continues.
        encoded: the cels in order; None where one is missing.
        decisions: palette id per segment of each cel, `UNKNOWN` where nobody has decided.
        keyed: places of the cels that are decided as a whole; they are not painted.
        shared: references that are no cel of the column.
        memory: paintings made before; a cel for which the very same arrays are given again is not
            painted anew. What is painted is remembered there.
    """
    memory = {} if memory is None else memory
    plan = plan_decided(encoded, decisions, keyed)
    paintings: dict[int, Painting] = {}
    for step in plan.steps:
        target = encoded[step.cel]
        if target is None:
            continue
        references = [
            as_neighbor(plan.certain[at].encoded, paintings[at])
            if at in paintings
            else plan.certain[at]
            for at in step.keys
        ]
        references += shared
        others = nearest_corrected(step.cel, plan.corrected, step.keys)
        references += [plan.certain[at] for at in others]
        if step.neighbor in paintings and (neighbor := encoded[step.neighbor]):
            references.append(as_neighbor(neighbor, paintings[step.neighbor]))
        ids = decisions[step.cel]
        given = [target, ids]
        for known in references:
            given += [known.encoded, known.color_ids]
        before = memory.get(step.cel)
        if before and len(before[0]) == len(given) and all(map(operator.is_, before[0], given)):
            paintings[step.cel] = before[1]
            continue
        sparse = plan.sparse and not shared
        paintings[step.cel] = decide_colors(
            matcher, references, target, by_label(ids), sparse=sparse
        )
        memory[step.cel] = given, paintings[step.cel]
    return paintings


def decide_colors(
    matcher: Matcher,
    references: Sequence[KnownColors[EncodedCel]],
    target: EncodedCel,
    corrections: dict[int, int] | None = None,
    *,
    sparse: bool = False,
) -> Painting:
    """Return the color of each segment of a target.

    Args:
        matcher: finds what each segment continues.
        references: encoded cels with colors.
        target: the encoded drawing.
        corrections: palette id by label (1..N) where the artist has decided.
        sparse: no reference is decided as a whole. Then the target's own corrections are followed
            by its other segments where they tell more surely than the references, and nothing is
            painted that is not `LIKELY`.
    """
    corrections = corrections or {}
    match = match_cels(matcher, references, target)
    count = len(match.no_match)
    known_ids = np.concatenate([np.zeros(0, np.int32), *(r.color_ids for r in references)])
    shares = color_shares(match.scores, known_ids)
    if sparse and corrections and target.surroundings is not None:
        own = _follow(matcher, target, target.surroundings, corrections)
        shares = _surer(shares, own)
    if len(target.contacts):
        shares = _settle(shares, references, target, corrections)
    ranked = np.argsort(-shares, axis=1, kind="stable")[:, :ALTERNATIVES].astype(np.int32)
    alternatives = np.full((count, ALTERNATIVES), UNKNOWN, np.int32)
    likely = np.take_along_axis(shares, ranked, axis=1) > 0
    alternatives[:, : ranked.shape[1]] = np.where(likely, ranked, UNKNOWN)
    decided = alternatives[:, 0].copy()
    confidence = np.clip(shares.max(axis=1, initial=0), 0, 1)
    odd = find_odd_places(decided, match, references, target)
    confidence[odd] = np.minimum(confidence[odd], MOST_SURE)
    if sparse:
        blank = confidence < LIKELY
        decided[blank], confidence[blank] = UNKNOWN, 0
    locked = np.zeros(count, bool)
    for label, color_id in corrections.items():
        decided[label - 1], confidence[label - 1], locked[label - 1] = color_id, 1, True
    return Painting(decided, confidence.astype(np.float32), alternatives, locked)


def find_odd_places(
    color_ids: Ints,
    match: Match,
    references: Sequence[KnownColors[EncodedCel]],
    target: EncodedCel,
) -> BoolMap:
    """(N,) bool: segments bare or painted as no reference shows any that lies so; see `find_odd`.

    Args:
        color_ids: (N,) int32, palette id per segment of the target.
        match: of the target with the references.
        references: encoded cels with colors.
        target: the encoded drawing.
    """
    shown = [
        (known.encoded.lying, known.color_ids, known.trust)
        for known in references
        if known.encoded.lying is not None
    ]
    if target.lying is None or len(shown) < len(references):
        return np.zeros(len(color_ids), bool)
    return find_odd(color_ids, match.scores, target.lying, shown)


def match_cels(
    matcher: Matcher, references: Sequence[KnownColors[EncodedCel]], target: EncodedCel
) -> Match:
    """Return how alike a target's segments are to those of references; see `Matcher.match`."""
    known = [replace(known, encoded=known.encoded.features) for known in references]
    return matcher.match(known, target.features)


def _settle(
    shares: Floats,
    references: Sequence[KnownColors[EncodedCel]],
    target: EncodedCel,
    corrections: dict[int, int],
) -> Floats:
    """(N, K) float32: shares of colors once the target's traces have been heard.

    What the artist has decided of the target is certain, and shows pairs of colors like a
    reference; the votes for those segments stay, since they are its alternatives.
    """
    decided = _by_row(corrections, len(shares))
    more = int(decided.max(initial=UNKNOWN)) + 1 - shares.shape[1]
    votes = np.pad(shares, ((0, 0), (0, max(0, more))))
    told, rows = votes.copy(), np.flatnonzero(decided != UNKNOWN)
    told[rows] = 0
    told[rows, decided[rows]] = 1
    shown = [*references, known_for_certain(target, decided)]
    settled = settle_shades(
        told, target.contacts, [(k.encoded.contacts, k.color_ids, k.trust) for k in shown]
    )
    settled[rows] = votes[rows]
    return settled


def _follow(
    matcher: Matcher,
    target: EncodedCel,
    surroundings: Surroundings,
    corrections: dict[int, int],
) -> Floats:
    """(N, K) float32: how likely each color is by what the artist has decided of the same cel."""
    count = len(surroundings.margin)
    each = known_for_certain(target, np.arange(count, dtype=np.int32))
    alike = match_cels(matcher, [each], target).scores
    return follow_decided(alike, surroundings, target.contacts.labels, _by_row(corrections, count))


def _surer(one: Floats, other: Floats) -> Floats:
    """(N, K) float32: of two opinions on the color of each segment the surer one, row by row."""
    count = max(one.shape[1], other.shape[1])
    one, other = (np.pad(shares, ((0, 0), (0, count - shares.shape[1]))) for shares in (one, other))
    return np.where(other.max(axis=1, initial=0) > one.max(axis=1, initial=0), other.T, one.T).T


def _by_row(corrections: dict[int, int], count: int) -> Ints:
    """(N,) int32: what is decided of each segment, else `UNKNOWN`."""
    decided = np.full(count, UNKNOWN, np.int32)
    for label, color_id in corrections.items():
        decided[label - 1] = color_id
    return decided
