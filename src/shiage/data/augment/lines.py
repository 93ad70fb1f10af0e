"""How lines look: width, hardness, paleness, unevenness, openings, the color of traces.

Each operation takes and returns line art, (H, W, 4) uint8 RGBA, opaque, on white paper; labels are
brought into line afterwards by `settle`.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from shiage.data.augment.sample import Rgba, find_ink, line_coverage
from shiage.lines.lineart import TRACE_CHROMA, TRACE_HUES, extract_lineart
from shiage.structures import BoolMap, ByteMap

FAINT = 8
"""Coverage from which a pixel may be the soft rim of a line."""


def widen(line: Rgba, pixels: int) -> Rgba:
    """Return lines wider by some pixels; where two meet, the darker wins."""
    return np.asarray(cv2.erode(line, _disc(pixels + 1)), np.uint8)


def thin(line: Rgba, pixels: int) -> Rgba:
    """Return lines thinner by some pixels; those that would vanish keep their width."""
    disc = _disc(pixels + 1)
    thinned = np.asarray(cv2.dilate(line, disc), np.uint8)
    # The kernel is not symmetric about its middle if its side is even; its mirror image undoes it.
    opened = cv2.erode(thinned, disc[::-1, ::-1], anchor=_mirrored_anchor(pixels + 1))
    lost = cv2.subtract(line_coverage(line), line_coverage(np.asarray(opened, np.uint8)))
    spread = cv2.dilate((lost > 127).astype(np.uint8), np.ones((3, 3), np.uint8)).astype(bool)
    return np.where(spread[..., None], line, thinned).astype(np.uint8)


def harden(line: Rgba) -> Rgba:
    """Return binary lines: the pixels that are ink, in full color."""
    return _recover(line, np.where(find_ink(line), 255, 0).astype(np.uint8))


def soften(line: Rgba, sigma: float) -> Rgba:
    """Return blurred lines."""
    return np.asarray(cv2.GaussianBlur(line, (0, 0), sigma), np.uint8)


def fade(line: Rgba, strength: float) -> Rgba:
    """Return paler lines.

    Args:
        line: the line art.
        strength: in (0, 1]; 1 leaves it as it is.
    """
    ramp = np.rint(255 - (255 - np.arange(256)) * strength).astype(np.uint8)
    return np.asarray(cv2.LUT(line, ramp), np.uint8)


def roughen(line: Rgba, amount: float, rng: np.random.Generator) -> Rgba:
    """Return lines of uneven pressure on grained paper.

    Args:
        line: the line art.
        amount: in [0, 1], how much of the line's strength may be missing.
        rng: decides where.
    """
    height, width = line.shape[:2]
    coarse = rng.uniform(1 - amount, 1, (height // 6 + 2, width // 6 + 2)).astype(np.float32)
    pressure = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_LINEAR)
    coverage = line_coverage(line)
    rough = cv2.multiply(coverage, pressure, dtype=cv2.CV_8U)
    # Half of the paper stays white, so that its level is found.
    paper_grain = rng.integers(-2, 3, (height, width), np.int8)
    grain = np.where(coverage > FAINT, 8 * paper_grain, np.maximum(paper_grain, 0))
    rough = cv2.add(rough.astype(np.int16), grain.astype(np.int16))
    return _recover(line, np.clip(rough, 0, 255).astype(np.uint8))


def break_lines(line: Rgba, count: int, rng: np.random.Generator) -> Rgba:
    """Return lines with up to that many short openings, each about as long as the line is wide."""
    art = extract_lineart(line)
    places = np.flatnonzero(art.ink)
    if not len(places):
        return line
    broken = line.copy()
    for place in rng.choice(places, count):
        y, x = divmod(int(place), line.shape[1])
        radius = max(1, round(rng.uniform(0.6, 1.1) * art.line_width))
        cv2.circle(broken, (x, y), radius, (255, 255, 255, 255), -1)
    return broken


def trace_mask(line: Rgba) -> BoolMap:
    """(H, W) bool: pixels of colour-trace lines, with their soft rims."""
    return _trace_numbers(line) > 0


def recolor_traces(line: Rgba, rng: np.random.Generator) -> Rgba:
    """Return the line art with its trace hues exchanged for others; different ones stay so."""
    numbers = _trace_numbers(line).ravel()
    where = np.flatnonzero(numbers)
    hues = np.array([0, *(1 + rng.permutation(len(TRACE_HUES)))])[numbers[where]]
    pure = np.stack([np.zeros(3), *(hue.pure_color for hue in TRACE_HUES)])
    coverage = line_coverage(line).ravel()[where].astype(np.float64)
    recolored = line.copy()
    recolored.reshape(-1, 4)[where, :3] = np.rint(255 - coverage[:, None] * (1 - pure[hues]))
    return recolored


def _trace_numbers(line: Rgba) -> ByteMap:
    """(H, W) uint8: number of the trace hue, 0 elsewhere; grown into the soft rims of the lines."""
    trace = extract_lineart(line).trace
    if not trace.any():
        return trace
    grown = cv2.dilate(trace, np.ones((3, 3), np.uint8)).ravel()
    where = np.flatnonzero((trace.ravel() == 0) & (grown > 0))
    rgb = line.reshape(-1, 4)[where, :3].astype(np.int16)
    low = rgb.min(axis=1)
    colored = where[rgb.max(axis=1) - low > TRACE_CHROMA * (255 - low)]
    numbers = trace.copy()
    numbers.ravel()[colored] = grown[colored]
    return numbers


def _recover(line: Rgba, coverage: ByteMap) -> Rgba:
    """Return lines of the same colors with another coverage; what was bare becomes grey."""
    before = line_coverage(line).ravel()
    grey = cv2.bitwise_not(coverage)
    recovered = np.asarray(cv2.merge([grey, grey, grey, np.full_like(grey, 255)]), np.uint8)
    drawn = np.flatnonzero(before)
    lack = (255 - line.reshape(-1, 4)[drawn, :3]).astype(np.float32)
    ratio = coverage.ravel()[drawn].astype(np.float32) / before[drawn]
    recovered.reshape(-1, 4)[drawn, :3] = 255 - np.rint(np.minimum(lack * ratio[:, None], 255))
    return recovered


def _disc(side: int) -> NDArray[np.uint8]:
    """(S, S) uint8: a round brush; a square for the smallest, which have no corners to spare."""
    shape = cv2.MORPH_RECT if side < 4 else cv2.MORPH_ELLIPSE
    return np.asarray(cv2.getStructuringElement(shape, (side, side)), np.uint8)


def _mirrored_anchor(side: int) -> tuple[int, int]:
    """Return the middle of a mirrored brush."""
    return side - 1 - side // 2, side - 1 - side // 2
