"""Pixels to line art: paper, ink, colour traces.

Any drawing is first brought to one measure, coverage: 0 where the paper is bare, 255 where a line
is opaque. Transparent paper, grey paper, uneven scans, lines that live in the alpha channel alone,
guides in color: the differences end here.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import cv2
import msgspec
import numpy as np
from numpy.typing import NDArray

from shiage.files.exposures import fold
from shiage.files.packing import pack
from shiage.files.pictures import to_u8
from shiage.lines.crossings import find_crossings
from shiage.lines.ground import measure_ground, shows_lines
from shiage.lines.paper import FULL_COVERAGE
from shiage.structures import BoolMap, ByteMap, LineArt

FLAT_PAPER_SHARE = 0.25
"""Paper is one level if at least this share of all pixels lies within 2 of the commonest level."""

DARKEST_PAPER = 80
"""Levels below this are taken for paper only where they are the ground around a figure."""

THRESHOLD_RANGE = (51, 128)
"""The automatic threshold stays between 20 % and 50 % coverage: above, antialiased lines break;
below, paper grain becomes ink."""

TRACE_CHROMA = 0.4
"""A line pixel is colour trace if its chroma is at least this share of its coverage: pure hues have
1, browns and bluish blacks below 0.3, black none."""

GUIDE_CHROMA = 4
"""A pixel of less chroma, in levels of 255, has no hue to tell a guide by."""

LIGHT_GUIDE = 128
"""Guides are lighter than this where no line covers them."""

PAPER_SAMPLES = 20_000
"""Pixels looked at to tell the color of paper."""

ALL_TRACE_BLACK_SHARE = 0.005
"""A cel whose ink is black to less than this share is taken for an all-trace cel."""


class TraceHue(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A range of hues that colour-trace lines, or guides, are drawn in.

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


class LineSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How lines are found on the paper.

    Attributes:
        threshold: coverage in 1..255 from which a pixel is ink; None chooses by Otsu's method
            within `THRESHOLD_RANGE`.
        trace_hues: hues that count as colour trace; empty: every line is a black line.
        all_trace: True: black lines are traces too; False: never; None: decided per cel, True
            where there is no black ink.
        guide_hues: hues of guides (塗り分け), fills or pencil that only tell people what to paint:
            they are paper, neither ink nor trace. A hue that is a guide's is no trace's.
        all_trace_columns: columns of a cut in which black lines are traces, whatever `all_trace`
            says.
    """

    threshold: int | None = None
    trace_hues: tuple[TraceHue, ...] = TRACE_HUES
    all_trace: bool | None = None
    guide_hues: tuple[TraceHue, ...] = ()
    all_trace_columns: tuple[str, ...] = ()

    def for_column(self, column: str) -> LineSettings:
        """Return the settings for the drawings of a column.

        >>> LineSettings(all_trace_columns=("S",)).for_column("s").all_trace
        True
        """
        special = fold(column) in map(fold, self.all_trace_columns)
        return msgspec.structs.replace(self, all_trace=True) if special else self


def extract_lineart(rgba_u8: NDArray[np.uint8], settings: LineSettings | None = None) -> LineArt:
    """Return the lines of a drawing.

    Args:
        rgba_u8: (H, W, 4) uint8, straight alpha; black and trace lines on white, grey or
            transparent paper.
        settings: how to tell them apart.
    """
    settings = settings or LineSettings()
    rgb = flatten_on_white(rgba_u8)
    guide = _find_guides(rgb, settings.guide_hues) if settings.guide_hues else None
    if guide is not None:
        rgba_u8 = erase_guides(rgba_u8, guide)
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
    if guide is not None:
        trace = _take_rims(trace, ink, rgb, guide)
    all_trace = settings.all_trace
    if all_trace is None:
        traced = np.count_nonzero(trace)
        black = np.count_nonzero(ink) - traced
        all_trace = bool(traced > 0 and black < ALL_TRACE_BLACK_SHARE * traced)
    crossings, line_width = None, measure_line_width(ink)
    if not all_trace:
        trace, coverage, crossings = find_crossings(
            rgb, ink, trace, coverage, threshold, line_width
        )
    return LineArt(ink, trace, coverage, line_width, all_trace, guide, crossings)


def flatten_on_white(rgba_u8: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """(H, W, 3) uint8: the picture composited over white paper."""
    alpha = rgba_u8[..., 3]
    if alpha.min(initial=255) == 255:
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
    ground = measure_ground(level)
    is_dark = ground is not None and ground < DARKEST_PAPER
    if ground is not None and is_dark and shows_lines(counts, ground):
        paper = ground
    if (
        is_dark
        or flat_share >= FLAT_PAPER_SHARE
        or counts[DARKEST_PAPER:].sum() < 0.05 * level.size
    ):
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
    """(H, W) uint8: number of the trace hue of each ink pixel, 0 for black lines and paper.

    Args:
        rgb: (H, W, 3) uint8, the drawing on white.
        ink: (H, W) bool, the pixels that are asked about.
        coverage: (H, W) uint8.
        hues: those that count as colour trace.
    """
    trace = np.zeros(ink.shape, np.uint8)
    where = np.flatnonzero(ink)
    colors = rgb.reshape(-1, 3)[where]
    red, green, blue = colors.T
    chroma = np.maximum(np.maximum(red, green), blue) - np.minimum(np.minimum(red, green), blue)
    colored = chroma >= TRACE_CHROMA * np.maximum(coverage.ravel()[where], 1)
    where, hue = where[colored], _measure_hue(colors[colored])
    for number, trace_hue in enumerate(hues, start=1):
        trace.ravel()[where[trace_hue.contains(hue)]] = number
    return trace


def _find_guides(rgb: NDArray[np.uint8], hues: Sequence[TraceHue]) -> ByteMap:
    """(H, W) uint8: number of the guide hue of each pixel, 0 for those that are of none."""
    guide = np.zeros(rgb.shape[:2], np.uint8)
    where = np.flatnonzero(_has_hue(rgb))
    hue = _measure_hue(rgb.reshape(-1, 3)[where])
    for number, guide_hue in enumerate(hues, start=1):
        guide.ravel()[where[guide_hue.contains(hue)]] = number
    return guide


def _has_hue(rgb: NDArray[np.uint8]) -> BoolMap:
    """(H, W) bool: pixels that are not grey."""
    high = cv2.max(cv2.max(rgb[..., 0], rgb[..., 1]), rgb[..., 2])
    low = cv2.min(cv2.min(rgb[..., 0], rgb[..., 1]), rgb[..., 2])
    return np.asarray(cv2.subtract(high, low) >= GUIDE_CHROMA)


def _take_rims(trace: ByteMap, ink: BoolMap, rgb: NDArray[np.uint8], guide: ByteMap) -> ByteMap:
    """Return the traces with their rims over guides: mixes of two hues, which may be of a third."""
    square = np.ones((3, 3), np.uint8)
    over = ink & (trace == 0) & (guide == 0) & (cv2.dilate(guide, square) > 0)
    over[over] = rgb[over].max(axis=1, initial=0) >= LIGHT_GUIDE  # black beside them is darker
    over &= _has_hue(rgb)
    return np.where(over, cv2.dilate(trace, square), trace).astype(np.uint8)


def erase_guides(
    drawing: NDArray[np.uint8] | NDArray[np.uint16], guide: ByteMap | None
) -> NDArray[Any]:
    """Return a drawing without its guides: paper in their place, and lines over them over paper.

    Black over a guide keeps the guide's hue and is as much darker as it covers, so the brightest
    channel tells how far a line covers the pixel; what it covers in full stays as it is.

    Args:
        drawing: (H, W, 4) uint8 or uint16 RGBA; not changed, and returned itself without guides.
        guide: (H, W) uint8, as `LineArt` has it.
    """
    if guide is None or not guide.any():
        return drawing
    top = int(np.iinfo(drawing.dtype).max)
    out, paper = drawing.copy(), _commonest_paper(drawing, guide).tolist()
    for number in range(1, int(guide.max()) + 1):
        where = guide == number
        red, green, blue, alpha = (drawing[..., c][where].astype(np.float32) for c in range(4))
        high = np.maximum(np.maximum(red, green), blue) * (alpha / top) + (top - alpha)
        light = high[high * 255 >= LIGHT_GUIDE * top]
        # Pencil varies: what is nearly as light as most of it is not covered at all.
        bright = np.percentile(light, 25) if len(light) else top
        bare = np.minimum(high / np.float32(bright), 1)
        shows = 1 - bare < FULL_COVERAGE / 255
        where[where] = shows
        bare = bare[shows]
        if paper[3]:
            for channel in range(3):
                out[..., channel][where] = np.rint(paper[channel] * bare)
            out[..., 3][where] = paper[3]
        else:
            out[where] = 0
            out[..., 3][where] = np.rint((1 - bare) * top)
    return out


def _commonest_paper(
    drawing: NDArray[np.uint8] | NDArray[np.uint16], guide: ByteMap
) -> NDArray[np.uint8] | NDArray[np.uint16]:
    """(4,): the commonest light or transparent color beside the guides; else opaque white."""
    step = max(1, guide.size // PAPER_SAMPLES)
    pixels, beside = drawing.reshape(-1, 4)[::step], guide.ravel()[::step] == 0
    top = np.iinfo(drawing.dtype).max
    light = pixels[:, :3].min(axis=1) >= DARKEST_PAPER * (top // 255)
    bare = pixels[beside & (light | (pixels[:, 3] == 0))]
    if not len(bare):
        return np.full(4, top, drawing.dtype)
    bare = np.where(bare[:, 3:] == 0, 0, bare).astype(drawing.dtype)
    colors, counts = np.unique(bare, axis=0, return_counts=True)
    commonest: NDArray[Any] = colors[int(counts.argmax())]
    return commonest


def _measure_hue(rgb: NDArray[np.uint8]) -> NDArray[np.float32]:
    """(n,) float32: the hue of each color (n, 3) in degrees, none of them grey."""
    red, green, blue = rgb.T.astype(np.float32)
    high = np.maximum(np.maximum(red, green), blue)
    chroma = high - np.minimum(np.minimum(red, green), blue)
    hue = np.where(
        high == red,
        (green - blue) / chroma,
        np.where(high == green, 2 + (blue - red) / chroma, 4 + (red - green) / chroma),
    )
    return np.asarray((hue * 60) % 360, np.float32)


def measure_line_width(ink: BoolMap) -> float:
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


def widest_line(size_hw: tuple[int, ...]) -> int:
    """Width in pixels that no line of a picture of that size has; what is wider is a fill."""
    return max(9, round(0.015 * max(size_hw)))


def lineart_from_painting(rgba: NDArray[np.uint8] | NDArray[np.uint16]) -> LineArt:
    """Return the lines found in a coloured cel that has no drawing of its own.

    Lines are what is near black and thin; and, where two fills meet without a line (a painted
    colour trace), the color border itself, one pixel wide.

    Args:
        rgba: (H, W, 4) uint8 or uint16, a cel painted in flat colors.
    """
    rgba_u8 = to_u8(rgba)
    rgba_u8 = np.where(rgba_u8[..., 3:] == 0, 0, rgba_u8).astype(np.uint8)
    dark = ((rgba_u8[..., :3].max(axis=-1) <= LINE_BLACK) & (rgba_u8[..., 3] > 127)).view(np.uint8)
    # Black hair or clothes are fills: what a disc wider than any line fits into.
    size = widest_line(dark.shape)
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size))
    solid = np.asarray(cv2.morphologyEx(dark, cv2.MORPH_OPEN, disc), np.uint8)
    ink = (dark & ~solid).astype(bool)
    packed = pack(rgba_u8)
    border = np.zeros(ink.shape, bool)
    border[:, :-1] |= (packed[:, :-1] != packed[:, 1:]) & ~ink[:, :-1] & ~ink[:, 1:]
    border[:-1] |= (packed[:-1] != packed[1:]) & ~ink[:-1] & ~ink[1:]
    ink |= border
    return LineArt(
        ink, np.zeros(ink.shape, np.uint8), ink.astype(np.uint8) * 255, measure_line_width(ink)
    )
