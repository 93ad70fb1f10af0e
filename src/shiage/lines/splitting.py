"""A drawing → its lines and segments, by the way that suits it.

Clean, closed drawings are split exactly, to the pixel (`segments.py`); drawings as people draw them
by what the networks see in them (`drawn.py`). Which of the two a drawing is, its lines tell: faint
marks away from any line, lines of uneven strength in pieces, or dashes.
"""

from __future__ import annotations

from collections.abc import Iterable

import cv2
import msgspec
import numpy as np
from numpy.typing import NDArray

from shiage.lines.drawn import FAINT, MOST_CLOSING, split_drawn
from shiage.lines.lineart import LineSettings, extract_lineart, flatten_on_white
from shiage.lines.segments import SegmentSettings, find_segments
from shiage.structures import Floats, LineArt, Segments

FAINT_SHARE = 0.012
"""Marks fainter than lines, this much beside all ink and away from it, are faint lines."""

NEAR = 7
"""Pixels across which a line drawn with even strength is everywhere as dark."""

WEAK, WEAK_SHARE = 0.8, 0.14
"""What has less of the darkness nearby is weak; in uneven lines more pixels than this share are."""

FAINTER, FAINTER_SHARE = 0.65, 0.03
"""The same for what is weaker."""

PIECE = 60.0
"""A piece of ink smaller than this, in squares of the line width, is a short one ..."""

PIECES = 2.3
"""... of which lines have this many to a thousand line widths only if something is missing ..."""

WEAK_IN_PIECES = 0.01
"""... where so many of their pixels are weak."""

DASH = 12.0
"""A piece smaller than this may be a dash; even lines have fewer dashes than ..."""

DASHES, DASH_SHARE = 3.0, 0.05
"""... so many to a thousand line widths, or this share of their ink in them."""

MANY = 10
"""Fewer dashes may be eyes and buttons of a small drawing."""

LARGE = 1_000_000
"""Pixels of a drawing that is looked at in half its size."""

SPECK = 3
"""Pieces of ink of fewer pixels are no dashes ..."""

STROKE = 3.5
"""... nor are those, such as dirt, that are less long and thin: a square has 1."""


def split_drawing(
    rgba_u8: NDArray[np.uint8], lines: LineSettings, segments: SegmentSettings
) -> tuple[LineArt, Segments]:
    """Return the lines and the segments of a drawing.

    Args:
        rgba_u8: (H, W, 4) uint8 RGBA, straight alpha.
        lines: how lines are found.
        segments: how segments are taken, and by which way.
    """
    lineart = extract_lineart(rgba_u8, lines)
    drawn = segments.lines == "drawn" or (_is_open(lines, segments) and why_drawn(lineart))
    if not drawn or not lineart.ink.any():
        return lineart, find_segments(lineart, segments)
    return split_drawn(
        flatten_on_white(rgba_u8), lineart, sureness_of(segments.closing), segments.min_area
    )


def sureness_of(closing: int) -> float:
    """Return how sure it must be that two pieces are one part, for closing in 0..100."""
    return (closing - 50) / 50 * MOST_CLOSING + 1.5 * (1 - abs(closing - 50) / 50)


def why_drawn(lineart: LineArt) -> str:
    """Return why a drawing is none of clean, closed lines, in words; "" if it is one."""
    ink = lineart.ink.view(np.uint8)
    total = int(np.count_nonzero(ink))
    if not total:
        return ""
    beside = cv2.dilate(ink, np.ones((5, 5), np.uint8)).astype(bool)
    faint = int(np.count_nonzero((lineart.coverage >= FAINT) & ~beside))
    if faint > FAINT_SHARE * total:
        return "lines too faint for one threshold"
    strength = _measure_strength(lineart)
    weak = float((strength < WEAK).mean()) if len(strength) else 0.0
    if weak > WEAK_SHARE or (strength < FAINTER).sum() > FAINTER_SHARE * len(strength):
        return "lines of uneven strength"
    width = lineart.line_width
    if ink.size > LARGE:  # every other pixel tells as much
        ink = np.ascontiguousarray(cv2.dilate(ink, np.ones((2, 2), np.uint8))[::2, ::2])
        width, total = width / 2, total // 4
    _, _, stats, _ = cv2.connectedComponentsWithStatsWithAlgorithm(
        ink, 8, cv2.CV_32S, cv2.CCL_SPAGHETTI
    )
    area = stats[1:, cv2.CC_STAT_AREA]
    longest = stats[1:, [cv2.CC_STAT_WIDTH, cv2.CC_STAT_HEIGHT]].max(axis=1, initial=0)
    area = area[(area >= SPECK) & (longest**2 >= STROKE * area)]
    dashes, pieces = area[area < DASH * width**2], area[area < PIECE * width**2]
    widths = max(total, 1) / width
    if weak > WEAK_IN_PIECES and 1000 * len(pieces) > PIECES * widths:
        return "lines of uneven strength, in pieces"
    many = len(dashes) >= MANY and 1000 * len(dashes) > DASHES * widths
    if many and dashes.sum() > DASH_SHARE * total:
        return "lines that fall apart into dashes"
    return ""


def _is_open(lines: LineSettings, segments: SegmentSettings) -> bool:
    """Whether the drawings decide; who sets a threshold by hand wants what is found with it."""
    return segments.lines == "auto" and lines.threshold is None


def _measure_strength(lineart: LineArt) -> Floats:
    """(n,) float32 in [0, 1]: along the middle of lines, how dark they are beside the darkest near.

    Colour traces are darker or lighter than black lines, so they are left out where both are.
    """
    coverage = lineart.coverage
    if not lineart.all_trace:
        coverage = np.where(lineart.trace > 0, 0, coverage).astype(np.uint8)
    square = np.ones((3, 3), np.uint8)
    middle = lineart.ink & (coverage > 0) & (coverage == cv2.dilate(coverage, square))
    near = cv2.dilate(coverage, np.ones((NEAR, NEAR), np.uint8))
    return np.asarray(coverage[middle] / near[middle].astype(np.float32), np.float32)


def way_for(
    drawings: Iterable[NDArray[np.uint8]], lines: LineSettings, segments: SegmentSettings
) -> tuple[SegmentSettings, str]:
    """Return the settings that suit drawings of one column, and why, "" where nothing is said.

    One of them that is not clean decides for all, so that a column is split in one way.

    Args:
        drawings: (H, W, 4) uint8 RGBA each; no more are taken than are needed.
        lines: how lines are found.
        segments: the settings that are asked for.
    """
    if not _is_open(lines, segments):
        return segments, ""
    for rgba_u8 in drawings:
        if why := why_drawn(extract_lineart(rgba_u8, lines)):
            return msgspec.structs.replace(segments, lines="drawn"), why
    return msgspec.structs.replace(segments, lines="exact"), ""
