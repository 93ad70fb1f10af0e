"""From matches to colors: what references, and what is decided of a cel, say of each segment.

Votes are pooled by how far each reference agrees with itself (`matching.protocol`), and a painted
neighbor's votes weigh only as much as its own confidence. Which references serve a cel is planned
in `serving`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from shiage.matching import KnownColors, Matcher, color_shares
from shiage.painting.open_places import MOST_SURE, Lying, find_lying, find_odd, trust_borders
from shiage.painting.shades import Contacts, find_trace_contacts, settle_shades
from shiage.painting.surroundings import Surroundings, follow_decided, survey_segments
from shiage.structures import UNKNOWN, BoolMap, Floats, Ints, LineArt, Match, Painting, Segments

ALTERNATIVES = 4
"""How many colors are offered for each segment, the decided one first."""

LIKELY = 0.5
"""Without a reference that is decided as a whole, a color is painted only if it is likelier right
than wrong; the rest stays blank."""


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


def decide_colors(
    matcher: Matcher,
    references: Sequence[KnownColors[EncodedCel]],
    target: EncodedCel,
    decided: Ints | None = None,
    *,
    sparse: bool = False,
) -> Painting:
    """Return the color of each segment of a target; `serving.serve` says from what.

    Args:
        matcher: finds what each segment continues.
        references: encoded cels with colors.
        target: the encoded drawing.
        decided: (N,) int32, palette ids that the artist has decided, else `UNKNOWN`; None: nothing
            is decided.
        sparse: no reference is decided as a whole. Then what is decided of the target is followed
            by its other segments where it tells more surely than the references, and nothing is
            painted that is not `LIKELY`.
    """
    match = match_cels(matcher, references, target)
    count = len(match.no_match)
    own = np.full(count, UNKNOWN, np.int32) if decided is None else decided
    locked = own != UNKNOWN
    known_ids = np.concatenate([np.zeros(0, np.int32), *(r.color_ids for r in references)])
    shares = color_shares(match.scores, known_ids)
    if sparse and locked.any() and target.surroundings is not None:
        shares = _surer(shares, _follow(matcher, target, target.surroundings, own))
    if len(target.contacts):
        shares = _settle(shares, references, target, own)
    ranked = np.argsort(-shares, axis=1, kind="stable")[:, :ALTERNATIVES].astype(np.int32)
    alternatives = np.full((count, ALTERNATIVES), UNKNOWN, np.int32)
    likely = np.take_along_axis(shares, ranked, axis=1) > 0
    alternatives[:, : ranked.shape[1]] = np.where(likely, ranked, UNKNOWN)
    color_ids = alternatives[:, 0].copy()
    confidence = np.clip(shares.max(axis=1, initial=0), 0, 1)
    if target.lying is not None:
        confidence = confidence * trust_borders(target.lying.guessed)
    odd = find_odd_places(color_ids, match, references, target)
    confidence[odd] = np.minimum(confidence[odd], MOST_SURE)
    if sparse:
        blank = confidence < LIKELY
        color_ids[blank], confidence[blank] = UNKNOWN, 0
    color_ids[locked], confidence[locked] = own[locked], 1
    return Painting(color_ids, confidence.astype(np.float32), alternatives, locked)


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
    decided: Ints,
) -> Floats:
    """(N, K) float32: shares of colors once the target's traces have been heard.

    What the artist has decided of the target is certain, and shows pairs of colors like a
    reference; the votes for those segments stay, since they are its alternatives.
    """
    more = int(decided.max(initial=UNKNOWN)) + 1 - shares.shape[1]
    votes = np.pad(shares, ((0, 0), (0, max(0, more))))
    known, rows = votes.copy(), np.flatnonzero(decided != UNKNOWN)
    known[rows] = 0
    known[rows, decided[rows]] = 1
    shown = [*references, known_for_certain(target, decided)]
    settled = settle_shades(
        known, target.contacts, [(k.encoded.contacts, k.color_ids, k.trust) for k in shown]
    )
    settled[rows] = votes[rows]
    return settled


def _follow(
    matcher: Matcher,
    target: EncodedCel,
    surroundings: Surroundings,
    decided: Ints,
) -> Floats:
    """(N, K) float32: how likely each color is by what the artist has decided of the same cel."""
    count = len(surroundings.margin)
    each = known_for_certain(target, np.arange(count, dtype=np.int32))
    alike = match_cels(matcher, [each], target).scores
    return follow_decided(alike, surroundings, target.contacts.labels, decided)


def _surer(one: Floats, other: Floats) -> Floats:
    """(N, K) float32: of two opinions on the color of each segment the surer one, row by row."""
    count = max(one.shape[1], other.shape[1])
    one, other = (np.pad(shares, ((0, 0), (0, count - shares.shape[1]))) for shares in (one, other))
    return np.where(other.max(axis=1, initial=0) > one.max(axis=1, initial=0), other.T, one.T).T
