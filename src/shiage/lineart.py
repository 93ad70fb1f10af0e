"""Pixels to line art: paper, ink, colour traces.

Any drawing is first brought to one measure, coverage: 0 where the paper is bare, 255 where a line
is opaque. Transparent paper, grey paper, uneven scans, lines that live in the alpha channel alone:
the differences end here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from shiage.structures import BoolMap, ByteMap, LineArt

FLAT_PAPER_SHARE = 0.25
"""Paper is one level if at least this share of all pixels lies within 2 of the commonest level."""

DARKEST_PAPER = 80
"""Levels below this are never taken for paper."""

THRESHOLD_RANGE = (51, 128)
"""The automatic threshold stays between 20 % and 50 % coverage: above, antialiased lines break;
below, paper grain becomes ink."""

TRACE_CHROMA = 0.4
"""A line pixel is colour trace if its chroma is at least this share of its coverage: pure hues have
1, browns and bluish blacks below 0.3, black none."""

ALL_TRACE_BLACK_SHARE = 0.005
"""A cel whose ink is black to less than this share is taken for an all-trace cel."""


@dataclass(frozen=True)
class TraceHue:
    """A range of hues that colour-trace lines are drawn in.

    Attributes:
        name: how settings and reports call it.
        start: first hue, degrees in [0, 360).
        stop: last hue, exclusive; a range may pass through 0 (start > stop).
    """

    name: str
    start: float
    stop: float

    def contains(self, hue: NDArray[np.float32]) -> BoolMap:
        """(n,) bool, which of the hues (n,) in degrees lie in the range."""
        if self.start <= self.stop:
            return (hue >= self.start) & (hue < self.stop)
        return (hue >= self.start) | (hue < self.stop)

    @property
    def pure_color(self) -> NDArray[np.float64]:
        """(3,) float64 in [0, 1]: red, green, blue of the pure color amid the range."""
        hue = (self.start + (self.stop - self.start) % 360 / 2) % 360
        third = np.array([0, 4, 2])
        pure: NDArray[np.float64] = np.clip(np.abs((hue / 60 + third) % 6 - 3) - 1, 0, 1)
        return pure


TRACE_HUES = (
    TraceHue("red", 330, 30),
    TraceHue("yellow-green", 55, 100),
    TraceHue("green", 100, 165),
    TraceHue("blue", 170, 270),
)
"""The studios' usual trace pencils. Lines of other hues (orange, purple) count as black lines."""


@dataclass(frozen=True)
class LineSettings:
    """How lines are told from paper.

    Attributes:
        threshold: coverage in 1..255 from which a pixel is ink; None chooses by Otsu's method
            within `THRESHOLD_RANGE`.
        trace_hues: hues that count as colour trace; empty: every line is a black line.
        all_trace: True: black lines are traces too; False: never; None: decided per cel, True
            where there is no black ink.
    """

    threshold: int | None = None
    trace_hues: Sequence[TraceHue] = TRACE_HUES
    all_trace: bool | None = None


def extract_lineart(rgba_u8: NDArray[np.uint8], settings: LineSettings | None = None) -> LineArt:
    """Return the lines of a drawing.

    Args:
        rgba_u8: (H, W, 4) uint8, straight alpha; black and trace lines on white, grey or
            transparent paper.
        settings: how to tell them apart.
    """
    settings = settings or LineSettings()
    rgb = flatten_on_white(rgba_u8)
    level = np.asarray(cv2.min(cv2.min(rgb[..., 0], rgb[..., 1]), rgb[..., 2]), np.uint8)
    coverage = _coverage(level)
    clear = np.count_nonzero(rgba_u8[..., 3] == 0)
    if coverage.max(initial=0) < THRESHOLD_RANGE[0] and clear >= FLAT_PAPER_SHARE * coverage.size:
        # White, or any bright, lines on transparent paper: only alpha tells where they are.
        coverage = np.ascontiguousarray(rgba_u8[..., 3])
    threshold = settings.threshold or choose_threshold(coverage)
    ink = coverage >= threshold
    trace = find_traces(rgb, ink, coverage, settings.trace_hues)
    all_trace = settings.all_trace
    if all_trace is None:
        traced = np.count_nonzero(trace)
        black = np.count_nonzero(ink) - traced
        all_trace = bool(traced > 0 and black < ALL_TRACE_BLACK_SHARE * traced)
    return LineArt(ink, trace, coverage, _line_width(ink), all_trace)


def flatten_on_white(rgba_u8: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """(H, W, 3) uint8: the picture composited over white paper."""
    alpha = rgba_u8[..., 3]
    if alpha.min() == 255:
        return rgba_u8[..., :3]
    weight = alpha[..., None].astype(np.uint16)
    blended = (rgba_u8[..., :3] * weight + 255 * (255 - weight) + 127) // 255
    return blended.astype(np.uint8)


def choose_threshold(coverage: ByteMap) -> int:
    """Coverage in 1..255 from which a pixel is ink: Otsu's, kept within `THRESHOLD_RANGE`."""
    otsu, _ = cv2.threshold(coverage, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    return int(np.clip(otsu + 1, *THRESHOLD_RANGE))


def _coverage(level: ByteMap) -> ByteMap:
    """(H, W) uint8: how far each pixel is from paper towards black, given its darkest channel."""
    counts = cv2.calcHist([level], [0], None, [256], [0, 256]).ravel()
    paper = DARKEST_PAPER + int(np.argmax(counts[DARKEST_PAPER:]))
    flat_share = counts[max(0, paper - 2) : paper + 3].sum() / level.size
    if flat_share >= FLAT_PAPER_SHARE or counts[DARKEST_PAPER:].sum() < 0.05 * level.size:
        ramp = np.clip((paper - np.arange(256)) * 255.0 / paper, 0, 255)
        return np.asarray(cv2.LUT(level, np.round(ramp).astype(np.uint8)), np.uint8)
    # An uneven scan: the paper's level is what remains when lines are closed over, seen from afar.
    height, width = level.shape
    small_wh = (max(1, width // 8), max(1, height // 8))
    small = cv2.resize(level, small_wh, interpolation=cv2.INTER_AREA)
    closed = cv2.morphologyEx(small, cv2.MORPH_CLOSE, np.ones((9, 9), np.uint8))
    background = cv2.resize(cv2.GaussianBlur(closed, (0, 0), 4), (width, height))
    background_f32 = np.maximum(background.astype(np.float32), 1)
    return np.clip((background_f32 - level) * 255 / background_f32, 0, 255).astype(np.uint8)


def find_traces(
    rgb: NDArray[np.uint8], ink: BoolMap, coverage: ByteMap, hues: Sequence[TraceHue]
) -> ByteMap:
    """(H, W) uint8: number of the trace hue of each ink pixel, 0 for black lines and paper."""
    trace = np.zeros(ink.shape, np.uint8)
    where = np.flatnonzero(ink)
    red, green, blue = (rgb[..., c].ravel()[where].astype(np.float32) for c in range(3))
    high = np.maximum(np.maximum(red, green), blue)
    chroma = high - np.minimum(np.minimum(red, green), blue)
    colored = chroma >= TRACE_CHROMA * np.maximum(coverage.ravel()[where], 1)
    where, high, chroma = where[colored], high[colored], chroma[colored]
    red, green, blue = red[colored], green[colored], blue[colored]
    hue = np.where(
        high == red,
        (green - blue) / chroma,
        np.where(high == green, 2 + (blue - red) / chroma, 4 + (red - green) / chroma),
    )
    hue = (hue * 60) % 360
    for number, trace_hue in enumerate(hues, start=1):
        trace.ravel()[where[trace_hue.contains(hue)]] = number
    return trace


def _line_width(ink: BoolMap) -> float:
    """Typical width of the lines in pixels, at least 2: area over half the outline's length."""
    mask = ink.view(np.uint8)
    # Solid blacks (pupils, hair) are areas, not lines; opening finds and leaves them out.
    solid = cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((15, 15), np.uint8))
    lines = cv2.subtract(mask, solid)
    area = int(np.count_nonzero(lines))
    rim = area - int(np.count_nonzero(cv2.erode(lines, np.ones((3, 3), np.uint8))))
    return 2 * area / rim if rim else 1.0


LINE_BLACK = 80
"""In a painting, pixels whose channels are all at most this may be black line."""


def lineart_from_painting(rgba: NDArray[np.uint8] | NDArray[np.uint16]) -> LineArt:
    """Return the lines found in a coloured cel that has no drawing of its own.

    Lines are what is near black and thin; and, where two fills meet without a line (a painted
    colour trace), the color border itself, one pixel wide.

    Args:
        rgba: (H, W, 4) uint8 or uint16, a cel painted in flat colors.
    """
    rgba_u8 = rgba if rgba.dtype == np.uint8 else (rgba // 257).astype(np.uint8)
    rgba_u8 = np.where(rgba_u8[..., 3:] == 0, 0, rgba_u8).astype(np.uint8)
    dark = ((rgba_u8[..., :3].max(axis=-1) <= LINE_BLACK) & (rgba_u8[..., 3] > 127)).view(np.uint8)
    # Black hair or clothes are fills: what a disc wider than any line fits into.
    size = max(9, round(0.015 * max(dark.shape)))
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size))
    solid = np.asarray(cv2.morphologyEx(dark, cv2.MORPH_OPEN, disc), np.uint8)
    ink = (dark & ~solid).astype(bool)
    packed = np.ascontiguousarray(rgba_u8).view(np.uint32)[..., 0]
    border = np.zeros(ink.shape, bool)
    border[:, :-1] |= (packed[:, :-1] != packed[:, 1:]) & ~ink[:, :-1] & ~ink[:, 1:]
    border[:-1] |= (packed[:-1] != packed[1:]) & ~ink[:-1] & ~ink[1:]
    ink |= border
    return LineArt(ink, np.zeros(ink.shape, np.uint8), ink.astype(np.uint8) * 255, _line_width(ink))
