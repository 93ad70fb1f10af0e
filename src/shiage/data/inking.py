"""A view to a drawn cel: lines in some style, segments, regions and the painting.

The segments are those that shiage itself finds in the drawing while all its lines are still closed,
so that models learn on what they will be given. Gaps are cut into the lines afterwards.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from shiage.colors.palette import PAPER, Palette
from shiage.data.dataset import BACKGROUND, Frame
from shiage.data.scene import HIGHLIGHT, LIT, SHADOW, SUPERSAMPLE, Part, Rgb, View
from shiage.lines.lineart import extract_lineart
from shiage.lines.segments import SegmentSettings, find_segments, spread_labels
from shiage.painting.compose import compose
from shiage.painting.covering import Covering
from shiage.structures import BoolMap, Floats, LabelMap

MIN_AREA = 8
"""Segments of fewer pixels are filled with ink, as nobody draws them."""

TRACE_COLORS: dict[int, tuple[Rgb, ...]] = {
    SHADOW: ((255, 0, 0), (230, 30, 30), (0, 0, 255), (0, 160, 0)),
    HIGHLIGHT: ((0, 0, 255), (40, 60, 230), (255, 0, 0), (150, 200, 0)),
}
"""Hues that studios use; which means what varies (FIELD.md), so the style decides."""


@dataclass(frozen=True)
class LineStyle:
    """How a cel is drawn. Lengths are pixels of the drawing.

    Attributes:
        width: of lines at part borders, 1 to 6.
        inner: width of strokes within parts, as a share of `width`.
        antialiased: soft lines; else every pixel is ink or not.
        pressure: share by which the width swells and thins along a line, 0 to 1.
        wobble: how far a line strays from its place.
        gaps: openings per 1000 pixels of line.
        gap_length: length of an opening, at most.
        ink: color of the lines.
        transparent: whether the paper is transparent; else white.
        shadow_trace: color of the lines around shadows; None: shadows are not drawn.
        highlight_trace: the same for highlights.
    """

    width: float = 2.0
    inner: float = 0.8
    antialiased: bool = True
    pressure: float = 0.0
    wobble: float = 0.0
    gaps: float = 0.0
    gap_length: float = 4.0
    ink: Rgb = (0, 0, 0)
    transparent: bool = False
    shadow_trace: Rgb | None = TRACE_COLORS[SHADOW][0]
    highlight_trace: Rgb | None = TRACE_COLORS[HIGHLIGHT][0]

    def __post_init__(self) -> None:
        if not 1 <= self.width <= 8:
            raise ValueError(f"width: expected 1 to 8, found {self.width}")


def random_style(rng: np.random.Generator, size: int) -> LineStyle:
    """Return a style of those that studios and sketchers draw in.

    Args:
        rng: decides.
        size: of the drawing, pixels; lines on larger paper are wider.
    """
    scale = size / 512
    shadow, highlight = (
        colors[min(int(rng.geometric(0.6)) - 1, len(colors) - 1)]
        for colors in TRACE_COLORS.values()
    )
    if shadow == highlight:
        highlight = next(color for color in TRACE_COLORS[HIGHLIGHT] if color != shadow)
    grey = int(rng.integers(0, 60)) if rng.random() < 0.25 else 0
    return LineStyle(
        width=float(np.clip(rng.lognormal(np.log(1.7 * scale), 0.35), 1.0, 6.0)),
        inner=float(rng.uniform(0.55, 1.0)),
        antialiased=bool(rng.random() < 0.6),
        pressure=float(rng.uniform(0.2, 0.6)) if rng.random() < 0.4 else 0.0,
        wobble=float(rng.uniform(0.4, 1.6) * scale) if rng.random() < 0.4 else 0.0,
        gaps=float(rng.uniform(0.5, 4.0)) if rng.random() < 0.15 else 0.0,
        gap_length=float(rng.uniform(2, 7) * scale),
        ink=(grey, grey, grey),
        transparent=bool(rng.random() < 0.2),
        shadow_trace=shadow,
        highlight_trace=highlight,
    )


def ink_view(
    name: str, view: View, parts: Sequence[Part], style: LineStyle, rng: np.random.Generator
) -> Frame:
    """Return a view drawn and painted.

    Args:
        name: of the frame.
        view: what is seen, `SUPERSAMPLE` times the drawing's size.
        parts: the clip's parts, in the order that the view counts them.
        style: how it is drawn.
        rng: wobble, pressure and gaps.
    """
    view = _shaken(_drawn_tones(view, style), style, rng)
    border = find_borders(view.parts)
    black = np.maximum(
        _coverage(border, style.width, style, rng),
        _coverage(view.strokes, max(1.0, style.width * style.inner), style, rng),
    )
    traces = {
        color: _coverage(_tone_borders(view, tone), 1.0, style, rng)
        for tone, color in ((SHADOW, style.shadow_trace), (HIGHLIGHT, style.highlight_trace))
        if color is not None and (view.shade == tone).any()
    }
    black = _fill_specks(black, list(traces.values()))
    closed = _draw(black, traces, style)
    lineart = extract_lineart(closed)
    labels = find_segments(lineart, SegmentSettings(gap="off", min_area=1)).labels
    regions, colors = _name_segments(view, labels, parts)
    palette, ids = Palette().extended(_as_u16(colors))
    ids = np.where([region == BACKGROUND for region in regions], PAPER, ids).astype(np.int32)
    if style.gaps == 0:
        painting = compose(Covering(closed, lineart), labels, ids, palette).astype(np.uint8)
        return Frame(name, closed, painting, labels, regions, colors)
    line = _draw(_cut_gaps(black, border, style, rng), traces, style)
    lineart = extract_lineart(line)
    # An artist paints up to where the line would be.
    painted = np.where(lineart.ink, 0, spread_labels(labels))
    painting = compose(Covering(line, lineart), painted, ids, palette).astype(np.uint8)
    return Frame(name, line, painting, labels, regions, colors)


def _drawn_tones(view: View, style: LineStyle) -> View:
    """Return the view with only the tones that the style draws, and none on the background."""
    shade = np.where(view.parts > 0, view.shade, np.uint8(LIT))
    for tone, color in ((SHADOW, style.shadow_trace), (HIGHLIGHT, style.highlight_trace)):
        if color is None:
            shade[shade == tone] = LIT
    return View(view.parts, shade, view.strokes)


def _shaken(view: View, style: LineStyle, rng: np.random.Generator) -> View:
    """Return the view with everything moved a little, as an unsteady hand would."""
    if style.wobble == 0:
        return view
    height, width = view.parts.shape
    amplitude = style.wobble * SUPERSAMPLE
    rows, columns = np.mgrid[0:height, 0:width].astype(np.float32)
    x = columns + amplitude * _smooth_noise((height, width), rng)
    y = rows + amplitude * _smooth_noise((height, width), rng)

    def moved(array: NDArray[Any]) -> NDArray[Any]:
        return cv2.remap(array, x, y, cv2.INTER_NEAREST, borderMode=cv2.BORDER_REPLICATE)

    # OpenCV moves floats but no int32; part numbers are small, so they stay exact.
    parts = moved(view.parts.astype(np.float32)).astype(np.int32)
    strokes = moved(view.strokes.astype(np.uint8)) > 0
    return View(parts, moved(view.shade).astype(np.uint8), strokes)


def _smooth_noise(shape: tuple[int, int], rng: np.random.Generator) -> Floats:
    """Return (H, W) float32 noise of about unit variance that changes over a 12th of the side."""
    coarse = rng.standard_normal((14, 14)).astype(np.float32)
    noise = cv2.resize(coarse, shape[::-1], interpolation=cv2.INTER_CUBIC)
    return np.asarray(noise, np.float32)


def find_borders(parts: NDArray[np.int32]) -> BoolMap:
    """Return (H, W) bool: pixels whose right or lower neighbor belongs to another part."""
    border = np.zeros(parts.shape, np.bool_)
    border[:-1] |= parts[:-1] != parts[1:]
    border[:, :-1] |= parts[:, :-1] != parts[:, 1:]
    return border


def _tone_borders(view: View, tone: int) -> BoolMap:
    """Return (H, W) bool: where a tone begins within a part."""
    toned = view.shade == tone
    border = np.zeros(toned.shape, np.bool_)
    for here, there in ((np.s_[:-1], np.s_[1:]), (np.s_[:, :-1], np.s_[:, 1:])):
        same = view.parts[here] == view.parts[there]
        border[here] |= same & (toned[here] != toned[there])
    return border


def _coverage(line: BoolMap, width: float, style: LineStyle, rng: np.random.Generator) -> Floats:
    """Return (h, w) float32 in [0, 1] at the drawing's size: how far each pixel is inked."""
    height, wide = (side // SUPERSAMPLE for side in line.shape)
    if not line.any():
        return np.zeros((height, wide), np.float32)
    distance = cv2.distanceTransform((~line).astype(np.uint8), cv2.DIST_L2, 3)
    half: Floats | float = width * SUPERSAMPLE / 2
    if style.pressure > 0:
        swell = 1 + style.pressure * np.clip(_smooth_noise(line.shape, rng), -1.5, 1)
        half = np.maximum(half * swell, 0.5 * SUPERSAMPLE).astype(np.float32)
    inked = np.clip(half - distance + 0.5, 0, 1).astype(np.float32)
    coverage = cv2.resize(inked, (wide, height), interpolation=cv2.INTER_AREA)
    if not style.antialiased:
        coverage = np.round(coverage)
    return np.asarray(coverage, np.float32)


def _fill_specks(black: Floats, traces: list[Floats]) -> Floats:
    """Return the black lines with what they, or traces, enclose in a few pixels filled."""
    ink = black >= 0.5
    for trace in traces:
        ink = ink | (trace >= 0.5)
    _, labels, stats, _ = cv2.connectedComponentsWithStats((~ink).astype(np.uint8), connectivity=4)
    speck = stats[:, cv2.CC_STAT_AREA] < MIN_AREA
    speck[0] = False
    return np.where(speck[labels], 1, black).astype(np.float32)


def _draw(black: Floats, traces: dict[Rgb, Floats], style: LineStyle) -> NDArray[np.uint8]:
    """Return (H, W, 4) uint8 RGBA: traces on the paper, black lines over them."""
    rgb = np.full((*black.shape, 3), 255, np.float32)
    paper_left = np.ones((*black.shape, 1), np.float32)
    for color, coverage in [*traces.items(), (style.ink, black)]:
        share = coverage[..., None]
        rgb += (np.array(color, np.float32) - rgb) * share
        paper_left *= 1 - share
    if style.transparent:  # what is not paper is ink of straight alpha
        inked = 1 - paper_left
        rgb = np.where(inked > 0, (rgb - 255 * paper_left) / np.maximum(inked, 1e-6), 255)
        alpha = 255 * inked
    else:
        alpha = np.full_like(paper_left, 255)
    picture = np.concatenate([np.clip(rgb, 0, 255), alpha], axis=-1)
    return np.round(picture).astype(np.uint8)


def _name_segments(
    view: View, labels: LabelMap, parts: Sequence[Part]
) -> tuple[tuple[str, ...], NDArray[np.uint8]]:
    """Return the region and the color of each segment: those of most of its pixels."""
    tones = len((LIT, SHADOW, HIGHLIGHT))
    key = view.parts[::SUPERSAMPLE, ::SUPERSAMPLE] * tones
    key = key + view.shade[::SUPERSAMPLE, ::SUPERSAMPLE]
    keys = (len(parts) + 1) * tones
    count = int(labels.max(initial=0))
    votes = np.bincount(
        (labels.astype(np.int64) * keys + key).ravel(), minlength=(count + 1) * keys
    ).reshape(count + 1, keys)[1:]
    regions: list[str] = []
    colors = np.zeros((count, 3), np.uint8)
    for row, best in enumerate(votes.argmax(axis=1)):
        at, tone = divmod(int(best), tones)
        region, colors[row] = _told(parts[at - 1], tone) if at else (BACKGROUND, (255, 255, 255))
        regions.append(region)
    return tuple(regions), colors


def _told(part: Part, tone: int) -> tuple[str, Rgb]:
    """Return the region id and color of a part in a tone."""
    if tone == SHADOW:
        return f"{part.name}.shadow", part.shadow
    if tone == HIGHLIGHT:
        return f"{part.name}.highlight", part.highlight
    return part.name, part.color


def _as_u16(colors: NDArray[np.uint8]) -> NDArray[np.uint16]:
    """Return (N, 4) opaque colors in 16 bits."""
    wide = np.full((len(colors), 4), 65535, np.uint16)
    wide[:, :3] = colors.astype(np.uint16) * 257
    return wide


def _cut_gaps(black: Floats, border: BoolMap, style: LineStyle, rng: np.random.Generator) -> Floats:
    """Return the lines with openings cut across them at random places of the borders."""
    height, width = (side // SUPERSAMPLE for side in border.shape)
    cells = border.reshape(height, SUPERSAMPLE, width, SUPERSAMPLE)
    y, x = np.nonzero(cells.any(axis=(1, 3)))
    cuts = rng.poisson(style.gaps * len(x) / 1000)
    opened = black.copy()
    if not len(x):
        return opened
    for at in rng.integers(len(x), size=cuts):
        radius = (style.width + rng.uniform(0.3, 1.0) * style.gap_length) / 2
        cv2.circle(opened, (int(x[at]), int(y[at])), max(1, round(radius)), 0.0, cv2.FILLED)
    return opened
