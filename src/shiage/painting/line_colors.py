"""Coloured lines that stay: learned from references, decided in the other cels.

A trace pencil mostly tells where to paint, and paint replaces it. But outlines in the color of what
they enclose (色トレス), blush on a cheek or hatching stay lines, as drawn or in a color of their
own. References show which: by the hue and shade they are drawn in, and by the colors on both sides.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from shiage.colors.palette import PAPER, Palette
from shiage.files.packing import pack
from shiage.lines.lineart import flatten_on_white
from shiage.lines.trace_pieces import BLACK, TracePieces, find_trace_pieces
from shiage.structures import UNKNOWN, BoolMap, ByteMap, Floats, Ints, LabelMap, LineArt

TraceChoice = Literal["fill", "keep", "auto"]
"""Colour traces are painted over, stay, or do what references show."""

PAINTED_OVER = -2
"""What becomes of a piece of a trace: paint replaces it; ..."""

AS_DRAWN = -1
"""... it stays as it was drawn; a palette id from 1 on: it stays, in that color."""

ALIKE = 6.0
"""How far, in 8-bit levels, a pixel may be from the drawing's, or a mix of both fills, to be it."""

CORE = 0.8
"""Those pixels of a line that it covers so well, beside the best, tell what became of it; ..."""

FULL_CORE = 0.95
"""... and in which color it is drawn by these."""

SHADE_LEVELS = 40.0
"""How far apart, in 8-bit levels, lines are that are drawn somewhat alike."""

FARTHEST_SHADE = 0.05
"""A line less alike to every one in the references is in none of them, and is painted over."""

BESIDE = (0.05, 0.25, 1.0)
"""How well a line in a reference tells of another if they have none, one or both fills alike."""

VOTERS = 0.7
"""Lines that tell so well, beside the one that tells best, have a vote."""


WORTH_TELLING = 0.05
"""What becomes of less than this share of the lines of a hue is not reported: their ends."""

ARTIST_COUNTS = 100
"""A line that the artist has decided counts like this many as large in references."""


def _none(*shape: int, kind: Any = np.int32) -> NDArray[Any]:
    return np.zeros(shape, kind)


@dataclass(frozen=True, eq=False)
class LineRules:
    """What references show of coloured lines: one row for each of their E pieces.

    Attributes:
        hue: (E,) int32, see `TracePieces`.
        shade: (E, 3) float32 in 0..255, the color it is drawn in, over white.
        fills: (E, 2) int32, palette ids on both sides, the smaller first.
        area: (E,) int32, pixels.
        becomes: (E,) int32, `PAINTED_OVER`, `AS_DRAWN` or a palette id.
    """

    hue: Ints = field(default_factory=lambda: _none(0))
    shade: Floats = field(default_factory=lambda: _none(0, 3, kind=np.float32))
    fills: Ints = field(default_factory=lambda: _none(0, 2))
    area: Ints = field(default_factory=lambda: _none(0))
    becomes: Ints = field(default_factory=lambda: _none(0))

    @property
    def keep_any(self) -> bool:
        """Whether some line stays."""
        return bool((self.becomes != PAINTED_OVER).any())

    @staticmethod
    def of(pieces: TracePieces, shade: Floats, color_ids: Ints, becomes: Ints) -> LineRules:
        """Return what one cel shows.

        Args:
            pieces: its traces.
            shade: (P, 3) float32, see `find_shades`.
            color_ids: (N,) int32, palette id per segment.
            becomes: (P,) int32, what became of each piece.
        """
        fills = np.sort(np.append(np.int32(UNKNOWN), color_ids)[pieces.sides], axis=1)
        return LineRules(pieces.hue, shade, fills.astype(np.int32), pieces.area, becomes)

    @staticmethod
    def joined(rules: Iterable[LineRules]) -> LineRules:
        """Return what several cels show together."""
        several = [*rules]
        if not several:
            return LineRules()
        names = ("hue", "shade", "fills", "area", "becomes")
        return LineRules(*(np.concatenate([getattr(r, name) for r in several]) for name in names))


@dataclass(frozen=True)
class LineDecision:
    """What an artist has decided of a coloured line.

    Attributes:
        becomes: `PAINTED_OVER`, `AS_DRAWN` or a palette id.
        fills: palette ids on both sides of it; None: the decision is for this piece alone.
    """

    becomes: int
    fills: tuple[int, int] | None = None


LineDecisions = Mapping[tuple[int, int], LineDecision]
"""By a pixel x, y on the line."""


@dataclass(frozen=True, eq=False)
class LineChoice:
    """What is known of the coloured lines of a cel.

    Attributes:
        rules: what references show.
        decided: what the artist has decided of its own lines.
    """

    rules: LineRules = field(default_factory=LineRules)
    decided: LineDecisions = field(default_factory=dict)


def find_shades(drawing_u8: NDArray[np.uint8], lineart: LineArt, pieces: TracePieces) -> Floats:
    """(P, 3) float32 in 0..255: the color that each piece is drawn in where it covers best.

    Args:
        drawing_u8: (H, W, 4) uint8 RGBA, straight alpha.
        lineart: its lines.
        pieces: their traces.
    """
    at, piece = _cores(lineart.coverage, pieces, FULL_CORE)
    color = flatten_on_white(drawing_u8.reshape(-1, 1, 4)[at])[:, 0].astype(np.float64)
    count = np.maximum(np.bincount(piece, minlength=len(pieces)), 1)
    sums = [np.bincount(piece, color[:, channel], len(pieces)) for channel in range(3)]
    return np.stack([total / count for total in sums], axis=1).astype(np.float32)


def _cores(
    coverage: ByteMap, pieces: TracePieces, share: float
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """(n,) twice: flat place and piece number from 0 of the pixels that lines cover best."""
    at = np.flatnonzero(pieces.labels)
    piece = pieces.labels.ravel()[at].astype(np.int64) - 1
    cover = coverage.ravel()[at]
    best = np.zeros(len(pieces), np.uint8)
    np.maximum.at(best, piece, cover)
    core = cover >= share * best[piece]
    return at[core], piece[core]


def see_lines(
    drawing_u8: NDArray[np.uint8],
    painting_u8: NDArray[np.uint8],
    lineart: LineArt,
    pieces: TracePieces,
    labels: LabelMap,
    fills_u8: NDArray[np.uint8],
) -> tuple[Ints, NDArray[np.int64]]:
    """Return what became of each piece of a trace in a painting.

    At its ends and where lines meet, paint reaches a line from segments that are not at its sides.

    Args:
        drawing_u8: (H, W, 4) uint8 RGBA, straight alpha.
        painting_u8: (H, W, 4) uint8 RGBA, the same cel painted.
        lineart: the drawing's lines.
        pieces: their traces.
        labels: (H, W) int32, the segments, N of them.
        fills_u8: (N, 4) uint8, the color of each segment in the painting.

    Returns:
        (P,) int32, `PAINTED_OVER`, `AS_DRAWN`, or 0 for a line in another color; and (P,) int64,
        for these the flat place of a pixel that has it.
    """
    at, piece = _cores(lineart.coverage, pieces, CORE)
    now, drawn = (
        flatten_on_white(p.reshape(-1, 1, 4)[at])[:, 0].astype(np.float32)
        for p in (painting_u8, drawing_u8)
    )
    fills = flatten_on_white(fills_u8[:, None])[:, 0].astype(np.float32)
    nowhere = np.full((1, 3), np.inf, np.float32)
    by_label = np.concatenate([nowhere, fills])
    sides = by_label[pieces.sides[piece]]  # (n, 2, 3)
    one = np.where(np.isinf(sides[:, 0]), sides[:, 1], sides[:, 0])
    two = sides[:, 1]
    as_drawn = np.linalg.norm(now - drawn, axis=1) <= ALIKE
    painted = (now == one).all(axis=1) | (now == two).all(axis=1)
    painted |= ~as_drawn & np.isfinite(two[:, 0]) & (_off_mixes(now, one, two) <= ALIKE)
    other = np.flatnonzero(~painted & ~as_drawn)
    reach = round(lineart.line_width) + 1
    painted[other] = _is_fill_near(now[other], at[other], labels, by_label, reach)
    count, other = len(pieces), ~painted & ~as_drawn
    over, stays, colored = (
        np.bincount(piece[votes], minlength=count)
        for votes in (painted, as_drawn & ~painted, other)
    )
    becomes = np.where(colored > stays, 0, AS_DRAWN)
    becomes = np.where(2 * over >= over + stays + colored, PAINTED_OVER, becomes)
    return becomes.astype(np.int32), _commonest_places(painting_u8, at[other], piece[other], count)


def _is_fill_near(
    color: Floats, at: NDArray[np.int64], labels: LabelMap, by_label: Floats, reach: int
) -> BoolMap:
    """(n,) bool: pixels in the color of a segment near them.

    Args:
        color: (n, 3) float32, of the pixels.
        at: (n,) their flat places.
        labels: (H, W) int32, the segments, N of them.
        by_label: (N + 1, 3) float32, their colors by label.
        reach: how near, pixels to each side.
    """
    y, x = np.divmod(at, labels.shape[1])
    framed, found = np.pad(labels, reach), np.zeros(len(at), bool)
    for down, right in np.ndindex(2 * reach + 1, 2 * reach + 1):
        found |= (by_label[framed[y + down, x + right]] == color).all(axis=1)
    return found


def _off_mixes(color: Floats, one: Floats, two: Floats) -> Floats:
    """(n,) float32: how far each color (n, 3) is from the mixes of two."""
    with np.errstate(invalid="ignore"):
        way = two - one
        share = ((color - one) * way).sum(axis=1) / np.maximum((way * way).sum(axis=1), 1)
        share = np.clip(share, 0, 1)
        off: Floats = np.linalg.norm(one + share[:, None] * way - color, axis=1)
    return off


def _commonest_places(
    picture: NDArray[np.uint8], at: NDArray[np.int64], piece: NDArray[np.int64], count: int
) -> NDArray[np.int64]:
    """(P,) int64: flat place of a pixel in the commonest color of each piece, -1 for none."""
    packed = pack(picture).ravel()[at].astype(np.int64)
    kinds, first, times = np.unique(
        np.stack([piece, packed]), axis=1, return_index=True, return_counts=True
    )
    order = np.lexsort((times, kinds[0]))
    out = np.full(count, -1, np.int64)
    out[kinds[0][order]] = at[first[order]]  # the commonest last, so that it stays
    return out


def decide_lines(
    pieces: TracePieces,
    shade: Floats,
    color_ids: Ints,
    rules: LineRules,
) -> Ints:
    """(P,) int32: what becomes of each piece of a drawing's traces.

    A line that is drawn as none in the references is painted over.

    Args:
        pieces: the traces.
        shade: (P, 3) float32, see `find_shades`.
        color_ids: (N,) int32, palette id per segment.
        rules: what references show.
    """
    becomes = np.full(len(pieces), PAINTED_OVER, np.int32)
    own = LineRules.of(pieces, shade, color_ids, becomes)
    for hue in np.unique(own.hue).tolist():
        mine, shown = np.flatnonzero(own.hue == hue), np.flatnonzero(rules.hue == hue)
        if not len(shown):
            continue
        off = np.linalg.norm(own.shade[mine, None] - rules.shade[None, shown], axis=2)
        alike = np.exp(-0.5 * (off / SHADE_LEVELS) ** 2)
        tells = alike * _beside(own.fills[mine], rules.fills[shown])
        best = tells.max(axis=1, keepdims=True)
        votes = np.where(tells >= VOTERS * best, tells * rules.area[shown], 0)
        outcomes, which = np.unique(rules.becomes[shown], return_inverse=True)
        shares = votes @ np.eye(len(outcomes))[which]
        outcome = outcomes[shares.argmax(axis=1)]
        becomes[mine] = np.where(alike.max(axis=1) >= FARTHEST_SHADE, outcome, PAINTED_OVER)
    return becomes


def choose_lines(
    pieces: TracePieces, shade: Floats, color_ids: Ints, traces: TraceChoice, lines: LineChoice
) -> Ints:
    """(P,) int32: what becomes of each piece of a drawing's traces.

    Args:
        pieces: the traces.
        shade: (P, 3) float32, see `find_shades`.
        color_ids: (N,) int32, palette id per segment.
        traces: what is to become of traces.
        lines: what is known of them; what the artist decided counts whatever `traces` says.
    """
    becomes = np.full(len(pieces), AS_DRAWN if traces == "keep" else PAINTED_OVER, np.int32)
    if traces == "auto":
        becomes = decide_lines(pieces, shade, color_ids, lines.rules)
    decide_at(pieces, becomes, lines.decided)
    return becomes


def decide_at(pieces: TracePieces, becomes: Ints, decided: LineDecisions) -> None:
    """Lay over what becomes of pieces (P,) what an artist has decided, in place."""
    for at, decision in decided.items():
        piece = pieces.at(*at)
        if piece:
            becomes[piece - 1] = decision.becomes


def learn_decided(
    drawing_u8: NDArray[np.uint8], lineart: LineArt, labels: LabelMap, decided: LineDecisions
) -> LineRules:
    """Return what an artist's decisions on coloured lines of a cel tell of others.

    Args:
        drawing_u8: (H, W, 4) uint8 RGBA, the cel.
        lineart: its lines.
        labels: (H, W) int32, its segments.
        decided: what the artist has decided of its lines.
    """
    if not any(decision.fills for decision in decided.values()):
        return LineRules()
    pieces = find_trace_pieces(lineart, labels)
    shade = find_shades(drawing_u8, lineart, pieces)
    decisions = {
        pieces.at(*at) - 1: (decision.becomes, sorted(decision.fills))
        for at, decision in decided.items()
        if decision.fills and pieces.at(*at)
    }
    rows = np.array([*decisions], np.int64)
    return LineRules(
        pieces.hue[rows],
        shade[rows],
        np.array([fills for _, fills in decisions.values()], np.int32).reshape(-1, 2),
        pieces.area[rows] * ARTIST_COUNTS,
        np.array([becomes for becomes, _ in decisions.values()], np.int32),
    )


def _beside(one: Ints, other: Ints) -> Floats:
    """(n, m) float32: how well lines tell of others by the fills beside them, (n, 2) and (m, 2)."""
    a, b = one[:, None, 0], one[:, None, 1]
    c, d = other[None, :, 0], other[None, :, 1]
    common = np.maximum((a == c).astype(int) + (b == d), (a == d).astype(int) + (b == c))
    return np.asarray(np.array(BESIDE, np.float32)[common])


def tell_rules(rules: LineRules, palette: Palette, hues: Sequence[str]) -> list[str]:
    """Return a sentence on the lines that stay; none if all are painted over.

    Args:
        rules: what references show.
        palette: what their ids stand for.
        hues: names of the trace hues, by number from 1.
    """
    names = {number: f"{name} lines" for number, name in enumerate(hues, start=1)}
    names[BLACK] = "black lines"
    by_outcome: dict[str, list[str]] = {}
    for hue in np.unique(rules.hue).tolist():
        mine = rules.hue == hue
        outcomes = np.unique(rules.becomes[mine])
        area = np.array([rules.area[mine & (rules.becomes == o)].sum() for o in outcomes])
        ranked = outcomes[np.argsort(-area, kind="stable")]
        ranked = ranked[np.sort(area)[::-1] >= WORTH_TELLING * area.sum()].tolist()
        parts = [_tell_outcome(ranked[0], palette)]
        for outcome in ranked[1:]:
            these = mine & (rules.becomes == outcome)
            kinds, times = np.unique(rules.fills[these], axis=0, return_counts=True)
            where = _tell_sides(kinds[int(times.argmax())], palette)
            parts.append(f"{_tell_outcome(outcome, palette)} where they lie {where}")
        by_outcome.setdefault(", but ".join(parts), []).append(names.get(hue, "lines"))
    if [*by_outcome] in ([], [_tell_outcome(PAINTED_OVER, palette)]):
        return []
    lines = "; ".join(f"{' and '.join(hues)} {what}" for what, hues in by_outcome.items())
    return [
        f"coloured lines, as the references show: {lines}. "
        "--traces fill paints all of them over, --traces keep keeps them all"
    ]


def _tell_outcome(outcome: int, palette: Palette) -> str:
    if outcome == PAINTED_OVER:
        return "are painted over"
    return "stay as drawn" if outcome == AS_DRAWN else f"stay, in {_title(outcome, palette)}"


def _tell_sides(fills: Ints, palette: Palette) -> str:
    one, two = (_title(int(at), palette) for at in fills)
    return f"amid {one}" if one == two else f"between {one} and {two}"


def _title(color_id: int, palette: Palette) -> str:
    return "bare paper" if color_id <= PAPER else palette.titles[color_id]
