"""What is odd about a reference: it does not lie on its drawing, lacks its lines, is not flat.

A reference whose painting does not follow its lines teaches wrong colors. It is still used, since
most of its segments may be right, but each oddity is reported with the place to look at.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from shiage.files.packing import Words
from shiage.lines.lineart import LINE_BLACK, flatten_on_white
from shiage.lines.paper import find_bare
from shiage.painting.votes import ColorVotes
from shiage.structures import BoolMap, LabelMap, LineArt, Segments

SECOND_COLOR_SHARE = 0.04
"""A second color in a segment is worth a warning from this share of its area ..."""

SECOND_COLOR_AREA = 25
"""... and this many pixels."""

FLAT_SHARE = 0.7
"""A fill of which the commonest color covers less than this is not flat."""

STRAY_EDGE_SHARE = 0.1
"""A painting of whose color borders more than this lie off the lines does not fit its line art."""

MAX_SHIFT = 12
"""Largest shift of a painting that is recognized, pixels."""

SHIFT_GAIN = 0.15
"""A shift is believed if it brings this much more of the color borders onto lines."""

SAMPLES = 3000
"""Color border pixels, or line pixels, that are tried."""

NO_LINES_SHARE = 0.8
"""A painting is without lines if paint or paper lies on this much of where they are drawn."""

TOLD_SHARE = 0.1
"""... if that is known of this many of its pixels."""

OTHER_LINES_SHARE = 0.2
"""A painting has lines of another drawing if this much, beside its drawing's ink, is thin and black
elsewhere."""

SAME_PAINT = 2
"""How far, in levels of 255, what lies there may be from the paint beside it."""

SAME_MIX = 6
"""... and from a mix of two paints beside it."""

FAR_BESIDE = 12
"""Paint further from a line pixel than this does not lie beside it, however wide lines are."""


@dataclass(frozen=True)
class ReferenceWarning:
    """Something odd about a reference, with its place.

    Attributes:
        kind: "misaligned", "not-flat", "two-colors", "dithered", "white" or "ground".
        message: one sentence for the artist.
        xy: a pixel to look at.
    """

    kind: str
    message: str
    xy: tuple[int, int]


@dataclass(frozen=True)
class Misfit:
    """How a painting does not fit its drawing.

    Attributes:
        share: how much of the painting's color borders lies off the lines, 0..1.
        shift: by how many pixels it lies to the right and below, (0, 0) if that is not why.
        xy: the first such border.
    """

    share: float
    shift: tuple[int, int]
    xy: tuple[int, int]


def find_misfit(lineart: LineArt, labels: LabelMap, packed: Words) -> Misfit | None:
    """Return how a painting does not fit, None if enough of its color borders lie on lines.

    On a hard line they must lie there exactly; a soft line may blur them over its width.

    Args:
        lineart: the lines of the drawing.
        labels: (H, W) int32, its segments.
        packed: (H, W) the painting.
    """
    edges, rims = _borders(packed), _borders(labels)
    ink = lineart.ink.view(np.uint8)
    soft = (lineart.coverage > 0) & (lineart.coverage < 255)
    soft &= cv2.dilate(ink, np.ones((5, 5), np.uint8)).astype(bool)
    blurred = cv2.dilate(soft.view(np.uint8), np.ones((3, 3), np.uint8)).astype(bool)
    stray = edges & ~(rims | blurred | lineart.ink)
    share = int(np.count_nonzero(stray)) / max(int(np.count_nonzero(edges)), 1)
    if share < STRAY_EDGE_SHARE:
        return None
    y, x = (int(v[0]) for v in np.nonzero(stray))
    return Misfit(share, _find_shift(edges, rims), (x, y))


def lacks_lines(
    painting: NDArray[np.uint8], drawing: NDArray[np.uint8], lineart: LineArt, misfit: Misfit | None
) -> bool:
    """Whether a painting is a colour plane: where lines are drawn, the paint beside them goes on.

    What is left unpainted there, transparent or white, is no line either. Lines in another color
    than drawn (色トレス) are lines. Colour traces do not count, as they are painted over; nor do
    lines beside paint as black as they are.

    Args:
        painting: (H, W, 4) uint8 RGBA.
        drawing: (H, W, 4) uint8 RGBA.
        lineart: its lines.
        misfit: how the painting does not lie on its drawing.
    """
    if misfit and misfit.shift == (0, 0) and _has_other_lines(painting, lineart):
        return False
    black = lineart.ink & (lineart.trace == 0)
    ink = lineart.ink if lineart.all_trace else black
    if not ink.any():
        return False
    on_white = painting[..., 3].min() == 255
    right, down = misfit.shift if misfit else (0, 0)
    moved = np.array([[1, 0, -right], [0, 1, -down]], np.float32)
    size_wh = painting.shape[1::-1]
    painting = np.asarray(
        cv2.warpAffine(painting, moved, size_wh, flags=cv2.INTER_NEAREST), np.uint8
    )
    y, x = np.nonzero(ink)
    step = max(1, len(y) // SAMPLES)
    y, x = y[::step], x[::step]
    own = painting[y, x]
    bare = (own[:, 3] == 0) | (on_white & (own == 255).all(axis=1))
    reach = min(math.ceil(lineart.line_width) + 3, FAR_BESIDE)
    rows, columns = np.indices((2 * reach + 1, 2 * reach + 1)).reshape(2, -1, 1)
    clear = np.pad(find_bare(lineart), reach)[y + rows, x + columns]
    beside = np.pad(painting, ((reach, reach), (reach, reach), (0, 0)))[y + rows, x + columns]
    same = (clear & _is_same(beside, own)).any(axis=0)
    absent = bare | same | _is_mixed(own, beside, clear)
    visible = (bare | clear.any(axis=0)) & ~(absent & _is_same(drawing[y, x], own))
    return bool(
        np.count_nonzero(visible) >= TOLD_SHARE * len(y)
        and np.count_nonzero(absent & visible) >= NO_LINES_SHARE * np.count_nonzero(visible)
    )


def _is_same(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> BoolMap:
    """(...) bool: colors (..., 4) that are the same but for dithering."""
    apart = np.abs(one.astype(np.int16) - other)
    return np.asarray((apart <= SAME_PAINT).all(axis=-1))


def _is_mixed(own: NDArray[np.uint8], beside: NDArray[np.uint8], clear: BoolMap) -> BoolMap:
    """(n,) bool: colors that are mixed of the darkest and lightest beside, as where paint is soft.

    Mixes with black may be the rim of a line.

    Args:
        own: (n, 4) uint8 RGBA.
        beside: (k, n, 4) uint8 RGBA, the colors about each.
        clear: (k, n) bool, those that are paint or paper.
    """
    seen = flatten_on_white(beside).astype(np.float32)
    light = seen.sum(axis=-1)
    row = np.arange(len(own))
    low = seen[np.where(clear, light, np.inf).argmin(axis=0), row]
    high = seen[np.where(clear, light, -np.inf).argmax(axis=0), row]
    way, gone = high - low, flatten_on_white(own[:, None])[:, 0] - low
    share = (gone * way).sum(axis=1) / np.maximum((way * way).sum(axis=1), 1)
    off = np.abs(gone - np.clip(share, 0, 1)[:, None] * way).max(axis=1)
    return np.asarray((off <= SAME_MIX) & (low.max(axis=1) > LINE_BLACK) & clear.any(axis=0))


def _has_other_lines(painting: NDArray[np.uint8], lineart: LineArt) -> bool:
    """Whether black lines of a painting lie where its drawing has none."""
    dark = (painting[..., :3].max(axis=-1) <= LINE_BLACK) & (painting[..., 3] > 127)
    wide = np.ones((2 * math.ceil(lineart.line_width) + 3,) * 2, np.uint8)
    areas = cv2.morphologyEx(dark.view(np.uint8), cv2.MORPH_OPEN, wide).astype(bool)
    other = np.count_nonzero(dark & ~areas & find_bare(lineart))
    return bool(other > OTHER_LINES_SHARE * np.count_nonzero(lineart.ink))


def find_oddities(
    name: str, lineart: LineArt, segments: Segments, packed: Words, misfit: Misfit | None
) -> list[ReferenceWarning]:
    """Return what is odd; a painting that does not fit as a whole is named once, not per segment.

    Args:
        name: how messages call the reference.
        lineart: the lines of its drawing.
        segments: its segments.
        packed: (H, W) the painting.
        misfit: how it does not fit.
    """
    if misfit:
        return [_tell_misfit(name, misfit)]
    # The rims of antialiased lines are mixed with the line's color; that is as it should be.
    clear = np.where(lineart.coverage == 0, segments.labels, 0).astype(np.int32)
    return [*_find_fills_that_are_not_flat(name, ColorVotes.tally(clear, packed))]


def _find_fills_that_are_not_flat(name: str, votes: ColorVotes) -> Iterator[ReferenceWarning]:
    """Yield the segments that have more than one color."""
    first = np.flatnonzero(votes.first)
    colors_per_segment = np.diff(np.append(first, len(votes.label)))
    for at, colors in zip(first.tolist(), colors_per_segment.tolist(), strict=True):
        area = int(votes.count[at : at + colors].sum())
        if colors == 1:
            continue
        x, y = votes.xy[at + 1].tolist()
        second = int(votes.count[at + 1])
        if votes.count[at] < FLAT_SHARE * area and colors > 8:
            yield ReferenceWarning(
                "not-flat",
                f"reference {name}: the fill at ({x}, {y}) has {colors} colors, antialiased or "
                "shaded; its commonest color is taken. Paint flat, without antialiasing",
                (x, y),
            )
        elif second >= max(SECOND_COLOR_AREA, SECOND_COLOR_SHARE * area):
            yield ReferenceWarning(
                "two-colors",
                f"reference {name}: two colors in one segment at ({x}, {y}), "
                f"{second} of {area} pixels differ; the commoner one is taken. "
                "Close the line between them, or paint the segment in one color",
                (x, y),
            )


def _tell_misfit(name: str, misfit: Misfit) -> ReferenceWarning:
    """Return a warning that a painting does not fit its drawing."""
    (x, y), shift = misfit.xy, misfit.shift
    if shift != (0, 0):
        message = (
            f"the painting lies {shift[0]} px to the right of and {shift[1]} px below its drawing"
        )
        action = "Shift it back: they must align pixel for pixel"
    else:
        message = (
            f"{misfit.share:.0%} of the painting's color borders do not lie on lines of the drawing"
        )
        action = "Check that both are the same cel, and that the fills are flat"
    return ReferenceWarning(
        "misaligned", f"reference {name}: {message}, seen first at ({x}, {y}). {action}", (x, y)
    )


def _borders(values: NDArray[np.generic]) -> BoolMap:
    """(H, W) bool: pixels that differ from the one to the left or above."""
    borders = np.zeros(values.shape, bool)
    borders[:, 1:] = values[:, 1:] != values[:, :-1]
    borders[1:] |= values[1:] != values[:-1]
    return borders


def _find_shift(edges: BoolMap, rims: BoolMap) -> tuple[int, int]:
    """Return how far right and down the painting lies, by where most of its edges meet rims.

    (0, 0) if no shift within `MAX_SHIFT` pixels explains at least `SHIFT_GAIN` more of them.
    """
    y, x = np.nonzero(edges)
    step = max(1, len(x) // SAMPLES)
    y, x = y[::step], x[::step]
    height, width = rims.shape
    steps = sorted(range(-MAX_SHIFT, MAX_SHIFT + 1), key=abs)
    met: dict[tuple[int, int], int] = {}
    for dx in steps:
        for dy in steps:
            column, row = x - dx, y - dy
            inside = (column >= 0) & (column < width) & (row >= 0) & (row < height)
            met[dx, dy] = int(np.count_nonzero(rims[row[inside], column[inside]]))
    best = max(met, key=lambda shift: met[shift])
    return best if met[best] > met[0, 0] + SHIFT_GAIN * len(x) else (0, 0)
