"""A painted cel beside its drawing: what the checks of pixels have in common.

Which color each segment has is read from the painting; then shiage's own `compose` says what the
picture would be with these colors. Where the painting is that picture, nothing can be wrong but the
colors themselves; only the other pixels need a closer look. The close look is lenient: another
program may have mixed rims and painted trace lines in its own way.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from shiage.checks.breaks import find_breaks
from shiage.checks.settings import CheckSettings
from shiage.colors.dithering import Dithers, find_dithers
from shiage.colors.palette import PAPER, Palette
from shiage.files.images import Picture
from shiage.files.packing import Words, pack_colors, pack_like, unpack_colors, unpack_pixels
from shiage.files.pictures import Pixels, to_u16
from shiage.lines.ground import require_light_ground
from shiage.lines.lineart import flatten_on_white
from shiage.lines.own_colors import FRINGE
from shiage.lines.paper import BARE_COVERAGE, find_bare
from shiage.lines.runs import find_runs
from shiage.lines.splitting import split_drawing
from shiage.painting.compose import compose
from shiage.painting.line_colors import LineChoice, LineRules
from shiage.painting.painted_cel import Inked, keep_known
from shiage.structures import BoolMap, LabelMap, LineArt, Segments

KnownLines = tuple[LineRules, Palette]
"""What is known of coloured lines, and the palette whose ids that has."""

GUESS_TOLERANCE = 24.0
"""How far, in 8-bit levels, a fill seen only through the rim of a line may lie from a color of the
cel to be taken for it."""


BLACK_TOLERANCE = 10
"""How far, in 8-bit levels, a line may be from what it is led on as under a trace."""

FAINT = 2 * FRINGE
"""How far from ink a line may still cover a pixel, if only by a level or two."""

WITNESSES = 7
"""How many pixels of such a fill are asked; their median counts, as one of them may be wrong."""


@dataclass(frozen=True, eq=False)
class CelView:
    """A painted cel and its drawing, pixel for pixel.

    Attributes:
        name: of the cel.
        drawing: (H, W, 4) RGBA, uint16 if both pictures are, else uint8.
        painted: (H, W, 4), of the same dtype.
        lineart: lines of the drawing.
        segments: segments of the drawing, N of them.
        kept: (H, W) bool, ink that stays a line.
        replaced: (H, W) bool, trace ink that paint replaces.
        soft: (H, W) bool, pixels that lines that stay cover in part.
        solid: (H, W) bool, pixels in a line's own color, where some are soft.
        drew: (H, W) packed drawing, without guides.
        paints: (H, W) packed painting.
        paper: packed color of bare paper.
        allowed: packed colors that a palette or references allow, sorted; None if nobody says.
        bare: (H, W) bool, pixels that nobody painted.
        fills: (N + 1,) packed color of each segment, `paper` where it is unpainted or not known.
        painted_segments: (N + 1,) bool, segments that have a color.
        known: (N + 1,) bool, segments whose color, or lack of one, is known.
        expected: (H, W, 4), what `compose` makes of the drawing with these fills.
        wrong: (H, W) bool, pixels that are not as expected.
        dithers: colors that stand for others; the painting is without them.
    """

    name: str
    drawing: Pixels
    painted: Pixels
    lineart: LineArt
    segments: Segments
    kept: BoolMap
    replaced: BoolMap
    soft: BoolMap
    solid: BoolMap
    drew: Words
    paints: Words
    paper: int
    allowed: Words | None
    bare: BoolMap
    fills: Words
    painted_segments: BoolMap
    known: BoolMap
    expected: Pixels
    wrong: BoolMap
    dithers: Dithers

    @cached_property
    def hard(self) -> BoolMap:
        """(H, W) bool: ink that a line covers in full; it must come out as it went in."""
        return self.kept & ~self.soft

    @cached_property
    def beside(self) -> Words:
        """(H, W): packed color of the segment at each pixel, `nothing` on ink."""
        fills = self.fills.copy()
        fills[0] = self.nothing
        return np.asarray(fills[self.segments.labels])

    @property
    def nothing(self) -> int:
        """A word that is no color of a picture: transparent, yet not 0."""
        return int(np.array([1, 0, 0, 0], self.painted.dtype).view(self.paints.dtype)[0])

    def is_allowed(self, words: Words) -> BoolMap:
        """(n,) bool: packed colors that palette or references hold; without either, fills do."""
        known = self.fills[self.painted_segments] if self.allowed is None else self.allowed
        return np.isin(words, known)


def view_cel(
    name: str,
    drawing: Picture,
    painted: Picture,
    allowed: NDArray[np.uint16] | None,
    settings: CheckSettings,
    lines: KnownLines | None = None,
) -> CelView:
    """Return a painted cel and its drawing, ready for checks.

    Args:
        name: of the cel.
        drawing: the line drawing.
        painted: the same cel painted, of the same size.
        allowed: (K, 4) uint16, the colors that may be used; None if nobody says.
        settings: how lines and segments are found.
        lines: what is known of coloured lines; None: nothing.

    Raises:
        NothingToPaint: the ground of the drawing is as dark as its lines.
    """
    before, after = _alike(drawing, painted)
    lineart, segments = split_drawing(drawing.rgba_u8, settings.lines, settings.segments)
    require_light_ground(drawing.rgba_u8, lineart)
    layout = replace(drawing.layout, bits=8 * before.itemsize, mode="RGBA")
    inked = Inked(Picture(before, layout), lineart, segments.labels)
    plain = inked.covering.plain
    drew, paints = pack_colors(plain), pack_colors(after)
    paper = pack_colors(inked.covering.paper.main[None])[0]
    words = None if allowed is None else np.unique(pack_like(allowed, paints.dtype))
    drawn = find_drawn(drew, paper, lineart)
    # Grain of paper is no dithering, nor is what a line covers so little that it counts as bare.
    painted_px = find_bare(lineart) & (paints != drew) & ~drawn
    dithers = find_dithers(paints, painted_px, paints[:0, 0] if words is None else words)
    if len(dithers):
        paints = dithers.level(paints)
        after = unpack_pixels(paints)
    bare = _find_bare(drew, paints, lineart, paper, words)
    fills, painted_segments, known = _find_fills(
        lineart, segments.labels, bare, drawn, plain, after, paints, paper, words
    )
    palette, ids = (lines[1] if lines else Palette()).extended(unpack_colors(fills[1:]))
    ids = np.where(painted_segments[1:], ids, np.int32(PAPER)).astype(np.int32)
    inked = keep_known(
        inked, ids, palette, settings.traces, LineChoice(lines[0] if lines else LineRules())
    )
    lineart, before, covering = inked.lineart, inked.picture.pixels, inked.covering
    plain, kept, soft = covering.plain, covering.kept, covering.soft
    drew, top = pack_colors(plain), np.iinfo(after.dtype).max
    hidden = pack_colors(covering.led_on) != pack_colors(before)
    # How soft lines went on is not known to the pixel: breaks are those of hard lines.
    left = hidden & (paints == pack_colors(before))  # a trace that should be a black line
    left &= find_breaks(left, kept) & ~soft.any()
    kept, replaced, drew[left] = kept & ~left, covering.replaced | left, paints[left]
    expected = compose(covering, segments.labels, ids, palette)
    wrong = expected.view(paints.dtype)[..., 0] != after.view(paints.dtype)[..., 0]
    if wrong.any():  # all that is transparent is one, and on unpainted segments any paper will do
        wrong = pack_colors(expected) != paints
        wrong &= ~(bare & ~painted_segments[segments.labels] & (segments.labels > 0))
        led_on = hidden & kept
        near = np.abs(after.astype(np.int64) - plain).max(axis=-1) * 255 <= BLACK_TOLERANCE * top
        wrong &= ~near | ~led_on
        wrong &= ~led_on | find_breaks(wrong & led_on & ~soft.any(), kept)
    return CelView(
        name, before, after, lineart, segments, kept, replaced, soft, covering.solid, drew,
        paints, paper, words, bare, fills, painted_segments, known, expected, wrong, dithers,
    )  # fmt: skip


def find_drawn(drew: Words, paper: int, lineart: LineArt) -> BoolMap:
    """(H, W) bool: where something is drawn, however faint; on grainy paper only near lines.

    Args:
        drew: (H, W) packed drawing.
        paper: packed color of bare paper.
        lineart: lines of the drawing.
    """
    drawn: BoolMap = np.asarray(drew != paper)
    grain = drawn & (lineart.coverage <= BARE_COVERAGE)
    if np.count_nonzero(grain) > np.count_nonzero(~drawn):
        square = np.ones((2 * FAINT + 1, 2 * FAINT + 1), np.uint8)
        drawn &= cv2.dilate(lineart.ink.view(np.uint8), square).astype(bool)
    return drawn


def _alike(drawing: Picture, painted: Picture) -> tuple[Pixels, Pixels]:
    """Return both pictures' pixels in one dtype, over white if either has no alpha.

    Of a painting that has, only if it is layered: its paper, which the drawing has, is left out.
    """
    deep = drawing.pixels.dtype == painted.pixels.dtype == np.uint16
    before = drawing.pixels if deep else drawing.rgba_u8
    after = painted.pixels if deep else painted.rgba_u8
    if not painted.layout.has_alpha and drawing.layout.has_alpha:
        before = _on_white(drawing, deep)
    elif painted.layout.is_layered and not drawing.layout.has_alpha:
        after = _on_white(painted, deep)
    one: Any = np.ascontiguousarray(before)
    two: Any = np.ascontiguousarray(after)
    return one, two


def _on_white(picture: Picture, deep: bool) -> Pixels:
    """(H, W, 4) uint8, uint16 if `deep`: a picture over white paper."""
    eight = picture.rgba_u8.copy()
    eight[..., :3], eight[..., 3] = flatten_on_white(eight), 255
    return to_u16(eight) if deep else eight


def _find_bare(
    drew: Words, paints: Words, lineart: LineArt, paper: int, allowed: Words | None
) -> BoolMap:
    """(H, W) bool: pixels that show paper; transparent, in its color, or as drawn beside lines."""
    bare = (paints == paper) | (paints == 0)
    white = np.iinfo(paints.dtype).max
    if paper not in (0, white) and (allowed is None or white not in allowed):
        bare |= paints == white
    clear = lineart.coverage <= BARE_COVERAGE
    if paper != 0:
        bare |= (paints == drew) & clear
    # A white line is no paper.
    return np.asarray(bare & (~lineart.ink | (paints != drew) | (lineart.trace > 0)))


def _find_fills(
    lineart: LineArt,
    labels: LabelMap,
    bare: BoolMap,
    drawn: BoolMap,
    before: Pixels,
    after: Pixels,
    paints: Words,
    paper: int,
    allowed: Words | None,
) -> tuple[Words, BoolMap, BoolMap]:
    """Return fills, which segments are painted, and of which that is known; see `CelView`."""
    count = int(labels.max(initial=0)) + 1
    # Bare pixels vote for paper whatever they look like; rims of lines do not vote, the faintest
    # only where a segment has nothing else.
    voters = lineart.coverage <= BARE_COVERAGE
    open_ = np.zeros(count, bool)
    open_[labels[voters & ~drawn]] = True
    voters &= ~(drawn & open_[labels])
    votes = np.where(voters, labels, 0).astype(np.int32, copy=False)
    seen = np.where(bare, 0, paints).astype(paints.dtype, copy=False)
    label_runs, color_runs = find_runs(votes, seen)
    inside = label_runs.value.astype(np.int64) > 0
    label = label_runs.value[inside].astype(np.int64)
    color, length = color_runs.value[inside], label_runs.length[inside]
    order = np.lexsort((color, label))
    label, color, length = label[order], color[order], length[order]
    fills = np.full(count, paper, paints.dtype)
    painted, known = np.zeros(count, bool), np.zeros(count, bool)
    if len(label):
        new = np.append(True, (np.diff(label) != 0) | (color[1:] != color[:-1]))
        first = np.flatnonzero(new)
        total = np.add.reduceat(length, first)
        ranked = np.lexsort((total, label[first]))  # the commonest last, so that it stays
        fills[label[first][ranked]] = color[first][ranked]
        known[label] = True
        painted = known & (fills != 0)
        fills[~painted] = paper
    hidden = np.flatnonzero(~known)
    hidden = hidden[hidden > 0]
    if len(hidden):
        colors = fills[painted] if allowed is None else np.union1d(fills[painted], allowed)
        free = allowed is None
        guess, sure = _guess_fills(hidden, lineart, labels, before, after, paper, colors, free)
        untouched = guess == paper
        fills[hidden] = guess
        known[hidden] = sure
        painted[hidden] = ~untouched
    return fills, painted, known


def _guess_fills(
    hidden: NDArray[np.int64],
    lineart: LineArt,
    labels: LabelMap,
    before: Pixels,
    after: Pixels,
    paper: int,
    colors: Words,
    free: bool,
) -> tuple[Words, BoolMap]:
    """Return fills of segments that lie under the rims of lines throughout, and which are sure.

    The pixels that the line covers least tell: line over fill is line over paper, plus what lies
    between fill and paper, seen through the line.
    """
    member = np.zeros(int(labels.max()) + 1, bool)
    member[hidden] = True
    y, x = np.nonzero(member[labels])
    label, cover = labels[y, x], lineart.coverage[y, x]
    order = np.lexsort((cover, label))
    y, x, label = y[order], x[order], label[order]
    _, first = np.unique(label, return_index=True)
    chosen = np.arange(len(label)) - np.repeat(first, np.diff([*first, len(label)])) < WITNESSES
    y, x, label = y[chosen], x[chosen], label[chosen]
    top = float(np.iinfo(before.dtype).max)
    own, now = before[y, x].astype(np.float64), after[y, x].astype(np.float64)
    share = lineart.coverage[y, x, None] / 255.0
    ground = unpack_colors(np.array([paper], colors.dtype))[0, :3] * (top / 65535)
    line_part = np.where(own[:, 3:] < top, own[:, :3] * share, own[:, :3] - (1 - share) * ground)
    seen = np.clip((now[:, :3] - line_part) / np.maximum(1 - share, 0.05), 0, top) * (255 / top)
    guess = np.full(len(hidden), paper, colors.dtype)
    sure = np.zeros(len(hidden), bool)
    unchanged = (own == now).all(axis=1)
    each = [label == number for number in hidden]  # in the order of `fills`
    same = np.array([2 * np.count_nonzero(unchanged[of]) > np.count_nonzero(of) for of in each])
    spread = np.array([np.ptp(seen[of], axis=0).max() for of in each])
    seen = np.array([np.median(seen[of], axis=0) for of in each])
    sure[same] = True
    if len(colors):
        levels = unpack_colors(colors)[:, :3] / 257.0
        distance = np.linalg.norm(seen[:, None] - levels, axis=2)
        nearest = distance.argmin(axis=1)
        near = ~same & (distance.min(axis=1) <= GUESS_TOLERANCE)
        guess[near] = colors[nearest[near]]
        sure |= near
        if free:  # any color may be meant, if all that is seen of it is one
            fresh = ~same & ~near & (spread <= GUESS_TOLERANCE)
            rgba = np.pad(np.rint(seen * 257), ((0, 0), (0, 1)), constant_values=65535)
            guess[fresh] = pack_like(rgba[fresh].astype(np.uint16), colors.dtype)
    return guess, sure
