"""The shades of a part, decided together: which colors face each other across a colour trace.

A colour trace parts a part from its shadow or highlight. Which two colors it parts is shown by the
references, and the two sides of a trace in the drawing are two of these. So when a segment's own
votes are torn between the shadow of a sleeve and that of the trousers, what lies on the other side
of the trace decides.

The segments that traces connect, and the traces between them, are a small graph. Each segment has
its votes, each trace says how well any two colors fit it, and belief propagation (Pearl 1988; in
rounds, as in Murphy et al. 1999, where there are loops) gives the share of each color with all of
that taken together.

Not every contact is the border of a shade. Where a trace runs out across an outline, or meets
another, it lies for a few pixels between segments that have nothing to do with each other; and the
paper around the figure is no shade of anything. So a contact counts by its length beside the
borders of both segments, and a segment is told little by one that is short beside its own.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

from shiage.colors.palette import PAPER
from shiage.lines.segments import widest_contact
from shiage.lines.trace_pieces import BLACK, number_hues
from shiage.structures import UNKNOWN, ByteMap, Floats, Ints, LabelMap, LineArt, Segments

Floats64 = NDArray[np.float64]

# How well two colors fit the two sides of a trace, 1 for those that a reference shows there. They
# were chosen on validation characters (benchmarks/shades.py), which hardly tell them from others
# within a factor of two; so they are rounded towards less trust in the drawing.
SAME = 0.1
"""Both sides in one color, which is not what a trace is drawn for."""

OTHER_HUE = 0.3
"""A pair that references show across a trace of another hue only."""

NEVER_SEEN = (1.0, 0.2, 0.05)
"""A pair that no reference shows: if none, one or both of its colors have other partners there."""

NO_SHADE = 0.02
"""Bare paper beside a color, where no reference shows that pair."""

ABSENT = 0.3
"""Of the doubt that a segment's votes leave, the share that falls to a color without votes ..."""

ABSENT_FITS = 0.3
"""... and how well that fits any other color. Where votes and traces contradict each other, no
reference may show the true color, and confidence says so."""

# How far a contact is heard, from not at all to in full.

REAL = (0.02, 0.1)
"""Its share of the border of that segment of which it takes more. In drawings whose traces run out
across outlines, one contact in four parts two shades below the first, all but a few from the
second on."""

HEARD = (0.01, 0.05)
"""Its share of the listener's border."""

BLACK_HEARD = 0.3
"""A black line of an all-trace cel, beside a trace: it parts shades, but parts as well."""

ROUNDS = 4
"""Of messages; few parts have more shades in a row."""


@dataclass(frozen=True, eq=False)
class Contacts:
    """The T pairs of a drawing's segments that face each other across a colour trace.

    Attributes:
        labels: (T, 2) int32, the smaller label first.
        hue: (T,) int32, number of the hue of their longest contact, `BLACK` for a black line.
        share: (T, 2) float32 in [0, 1], how much of the border of either lies along the contact.
    """

    labels: Ints = field(default_factory=lambda: np.zeros((0, 2), np.int32))
    hue: Ints = field(default_factory=lambda: np.zeros(0, np.int32))
    share: Floats = field(default_factory=lambda: np.zeros((0, 2), np.float32))

    def __len__(self) -> int:
        """Return the number of pairs, T."""
        return len(self.labels)

    @property
    def real(self) -> Floats64:
        """(T,) float64 in [0, 1]: how surely each is the border of a shade."""
        along = np.interp(self.share.max(axis=1, initial=0), REAL, (0, 1))
        return np.asarray(np.where(self.hue == BLACK, BLACK_HEARD * along, along))


def find_trace_contacts(lineart: LineArt, segments: Segments) -> Contacts:
    """Return which segments face each other across traces.

    What a black line parts is no contact, however near a trace may be; on all-trace cels black is a
    hue, too.

    Args:
        lineart: of the drawing.
        segments: its segments.
    """
    hues = number_hues(lineart)
    if not hues.any():
        return Contacts()
    most = widest_contact(lineart.line_width)
    upright = np.asarray(cv2.transpose(hues), np.uint8)
    found = _facing(hues, segments.labels, most), _facing(upright, segments.labels.T, most)
    small, large, hue = np.concatenate(found, axis=1)
    several = len(segments) + 1
    key, length = np.unique((small * several + large) * 256 + hue, return_counts=True)
    pair, hue = np.divmod(key, 256)
    longest = np.lexsort((-length, pair))
    pair, first, every = np.unique(pair[longest], return_index=True, return_inverse=True)
    labels = np.stack(np.divmod(pair, several), axis=1)
    along = np.bincount(every, length[longest], len(pair))
    share = along[:, None] / np.maximum(_border_lengths(segments)[labels], along[:, None])
    return Contacts(
        labels.astype(np.int32), hue[longest][first].astype(np.int32), share.astype(np.float32)
    )


def _border_lengths(segments: Segments) -> NDArray[np.int64]:
    """(N + 1,) int64: pixels along which each label faces others, counted as contacts are."""
    one, two, length = segments.neighbors.T.astype(np.int64)
    count = len(segments) + 1
    return (np.bincount(one, length, count) + np.bincount(two, length, count)).astype(np.int64)


def _facing(hues: ByteMap, labels: LabelMap, max_contact: int) -> NDArray[np.int64]:
    """(3, F) int64: smaller and larger label beside each short row run of one hue, and the hue.

    Args:
        hues: (H, W) uint8, 0 where there is no trace.
        labels: (H, W) int32.
        max_contact: longest run, pixels.
    """
    width = hues.shape[1]
    at = np.flatnonzero(hues != 0)  # few pixels are trace; these alone are looked at
    hue = hues.ravel()[at]
    begins = (np.diff(at) != 1) | (np.diff(hue) != 0) | (at[1:] % width == 0)
    first = np.append(0, np.flatnonzero(begins) + 1)
    row, start = np.divmod(at[first], width)
    stop = start + np.diff(np.append(first, len(at)))
    across = (start > 0) & (stop < width) & (stop - start <= max_contact)
    row, start, stop, hue = row[across], start[across], stop[across], hue[first[across]]
    one, two = labels[row, start - 1], labels[row, stop]
    parts = (one > 0) & (two > 0) & (one != two)
    return np.stack([np.minimum(one, two), np.maximum(one, two), hue])[:, parts].astype(np.int64)


def settle_shades(
    shares: Floats, contacts: Contacts, shown: Iterable[tuple[Contacts, Ints, Floats]]
) -> Floats:
    """(N, K) float32: shares of colors once the traces of the drawing have been heard.

    Segments that no trace tells anything keep their shares, and so does of each segment what its
    votes leave open: nobody gets surer than the references that stand behind the votes.

    Args:
        shares: (N, K) float32, share of each segment's votes by color; rows sum to 1 at most.
        contacts: of the drawing.
        shown: for each reference its contacts, the palette id per segment (M,), `UNKNOWN` where
            there is none, and how far each is trusted (M,), in [0, 1].
    """
    heard = contacts.real[:, None] * np.interp(contacts.share, HEARD, (0, 1))
    audible = heard.any(axis=1)
    linked, ends = np.unique(contacts.labels[audible] - 1, return_inverse=True)
    colors = np.flatnonzero(shares[linked].any(axis=0))
    if not len(colors):
        return shares
    votes = shares[np.ix_(linked, colors)].astype(np.float64)
    cast = votes.sum(axis=1, keepdims=True)
    votes = np.divide(votes, cast, out=votes, where=cast > 0)
    ends, heard = ends.reshape(-1, 2), heard[audible]
    hears = np.zeros((len(linked), 1))  # what is told nothing doubts nothing
    np.maximum.at(hears[:, 0], ends, heard)
    votes *= 1 - ABSENT * hears * (1 - votes.max(axis=1, keepdims=True))
    absent = np.maximum(1 - votes.sum(axis=1, keepdims=True), 0)
    hues, kind = np.unique(contacts.hue[audible], return_inverse=True)
    fits = _find_fits(hues, colors, shown)
    settled = shares.copy()
    settled[np.ix_(linked, colors)] = (
        cast * _hear(np.concatenate([votes, absent], axis=1), ends, heard, kind, fits)[:, :-1]
    )
    return settled


def _find_fits(
    hues: Ints, colors: NDArray[np.int64], shown: Iterable[tuple[Contacts, Ints, Floats]]
) -> Floats64:
    """(H, C + 1, C + 1) in (0, 1]: how well two colors fit the sides of a trace of each hue.

    The last row and column are a color that is none of these.
    """
    count = len(colors)
    pairs = np.zeros((len(hues), count, count))  # how surely references show a pair, by hue
    anywhere = np.zeros((count, count))
    place = np.full(int(colors.max()) + 1, UNKNOWN)
    place[colors] = np.arange(count)
    for contacts, color_ids, trust in shown:
        ids, sides = np.clip(color_ids, UNKNOWN, len(place)), contacts.labels - 1
        one, two = np.append(place, [UNKNOWN, UNKNOWN])[ids[sides]].T
        known = (one != UNKNOWN) & (two != UNKNOWN)
        sure = (contacts.real * trust[sides].prod(axis=1))[known]
        one, two = one[known], two[known]
        for first, second in ((one, two), (two, one)):
            np.maximum.at(anywhere, (first, second), sure)
            for at, hue in enumerate(hues):
                here = contacts.hue[known] == hue
                np.maximum.at(pairs[at], (first[here], second[here]), sure[here])
    same, paper = np.eye(count, dtype=bool), colors == PAPER
    partners = np.where(same, 0, anywhere)
    next_best, best = (np.sort(partners, axis=1)[:, -2:][:, at, None] for at in (0, -1))
    others = np.where(partners == best, next_best, best)  # of one color, beside another
    fits = np.interp(others + others.T, [0, 1, 2], NEVER_SEEN)
    fits[paper], fits[:, paper] = NO_SHADE, NO_SHADE
    fits = np.maximum(fits, OTHER_HUE * anywhere)
    out = np.full((len(hues), count + 1, count + 1), ABSENT_FITS)
    out[:, :-1, :-1] = np.where(same, SAME, fits + (1 - fits) * pairs)
    out[:, np.append(paper, False), -1] = out[:, -1, np.append(paper, False)] = NO_SHADE
    return out


def _hear(
    votes: Floats64,
    ends: NDArray[np.int64],
    heard: Floats64,
    kind: NDArray[np.integer],
    fits: Floats64,
) -> Floats64:
    """(n, C) float64: marginals of the graph after `ROUNDS` of belief propagation.

    Args:
        votes: (n, C), rows sum to 1.
        ends: (T, 2) rows of the two segments beside each trace.
        heard: (T, 2) how far either of them hears of the other; what is not heard says nothing.
        kind: (T,) which of the `fits` each trace has.
        fits: (H, C, C) symmetric.
    """
    tiny = np.finfo(np.float64).tiny
    source, goal = np.concatenate([ends, ends[:, ::-1]]).T
    back = np.roll(np.arange(len(source)), len(ends))  # the message the other way along the trace
    ear = np.concatenate([heard[:, 1], heard[:, 0]])[:, None]
    own = np.log(np.maximum(votes, tiny))
    message = np.zeros((len(source), votes.shape[1]))  # in logarithms
    beliefs = own
    for _ in range(ROUNDS):
        said = _normalized(beliefs[source] - message[back])
        for at in range(len(fits)):
            mine = np.tile(kind == at, 2)
            message[mine] = np.log(1 - ear[mine] + ear[mine] * (said[mine] @ fits[at]))
        beliefs = own.copy()
        np.add.at(beliefs, goal, message)
    return _normalized(beliefs)


def _normalized(logits: Floats64) -> Floats64:
    """Return rows that sum to 1, from their logarithms."""
    odds = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(odds / odds.sum(axis=1, keepdims=True))
