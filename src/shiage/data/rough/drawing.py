"""Strokes → the drawing a hand makes of them, and where its borders are in truth."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from shiage.data.rough.hand import PENCILS, TRACES, Hand, Rgb
from shiage.data.rough.strokes import Stroke, StrokeDrawing
from shiage.structures import BoolMap, Floats, LabelMap

FINE = 2
"""Lines are drawn at this many times the drawing's size."""

_SHIFT = 4
"""Bits behind the point in OpenCV's coordinates."""

BORDER_WIDTH = 2.0
"""Pixels: how wide true borders are drawn."""


@dataclass(frozen=True, eq=False)
class RoughDrawing:
    """A rough drawing and its truth.

    Attributes:
        rgb: (H, W, 3) float32 in [0, 1], on white paper.
        border: (H, W) float32 in [0, 1], how far each pixel lies on a border, gaps completed.
        labels: (H, W) int32, 1..N everywhere: the part each pixel belongs to.
    """

    rgb: Floats
    border: Floats
    labels: LabelMap

    @property
    def rgba_u8(self) -> NDArray[np.uint8]:
        """(H, W, 4) uint8 RGBA: the drawing on opaque paper, as a file holds it."""
        opaque = np.full(self.labels.shape, 255, np.uint8)
        return np.dstack([to_u8_levels(self.rgb), opaque])


def to_u8_levels(values: Floats) -> NDArray[np.uint8]:
    """(...) uint8: values in [0, 1] as levels of 255, rounded."""
    return np.asarray(np.clip(values * 255 + 0.5, 0, 255), np.uint8)


def draw_rough(
    drawing: StrokeDrawing,
    size_hw: tuple[int, int],
    placement: Floats,
    hand: Hand,
    rng: np.random.Generator,
) -> RoughDrawing:
    """Return a window of a drawing, drawn by a hand.

    Args:
        drawing: what is drawn.
        size_hw: of the window, pixels.
        placement: (2, 3) float32, takes x, y of the drawing to x, y of the window.
        hand: how it is drawn.
        rng: decides on everything else.
    """
    height, width = size_hw
    labels = _warp(drawing.labels, placement, size_hw)
    fine_hw = (height * FINE, width * FINE)
    border = np.zeros(fine_hw, np.uint8)
    sheet = _Sheet(fine_hw, hand, rng)
    moved = [(stroke, _moved(stroke.points_xy, placement)) for stroke in drawing.strokes]
    strokes = [(stroke, points) for stroke, points in moved if _is_near(points, size_hw)]
    pencils = _choose_pencils(drawing, hand, rng)
    trace_colors = [TRACES[i] for i in rng.permutation(len(TRACES))[:2]]
    _draw_beneath(sheet, hand, rng, [points for _, points in strokes])
    for number in rng.permutation(len(strokes)).tolist():
        stroke, placed = strokes[number]
        points = _wobbled(placed, hand.wobble, rng)
        if stroke.bounds:
            _polyline(border, points, round(BORDER_WIDTH * FINE), 255)
        if stroke.is_trace:
            color = trace_colors[int(rng.integers(len(trace_colors)))]
        else:
            color = pencils.get(_label_beside(drawing.labels, stroke, rng), hand.ink)
        sheet.draw(points, color, 0.8 if not stroke.bounds else 1.0)
        if rng.random() < hand.double:
            aside = rng.normal(0, 1.2 * hand.width, 2).astype(np.float32)
            sheet.draw(_wobbled(points + aside, hand.wobble + 1, rng), color, 0.8)
    for label in drawing.solid:
        inside = labels == label
        if inside.any() and rng.random() < 0.85:
            sheet.fill(inside, hand.ink, rng.uniform(0.7, 1) * hand.dark)
    _draw_inside_parts(sheet, labels, pencils, hand, rng)
    truth = cv2.resize(border, (width, height), interpolation=cv2.INTER_AREA) / np.float32(255)
    return RoughDrawing(sheet.finished(), truth.astype(np.float32), labels)


class _Sheet:
    """Paper that is drawn on, one layer of darkness for each color."""

    def __init__(self, fine_hw: tuple[int, int], hand: Hand, rng: np.random.Generator) -> None:
        self.fine_hw = fine_hw
        self.hand = hand
        self.rng = rng
        self.layers: dict[Rgb, NDArray[np.uint8]] = {}
        self.faint: dict[Rgb, NDArray[np.uint8]] = {}

    def layer(self, color: Rgb, faint: bool = False) -> NDArray[np.uint8]:
        """(H', W') uint8: the darkness drawn in a color; `faint` lies beneath, without grain."""
        layers = self.faint if faint else self.layers
        if color not in layers:
            layers[color] = np.zeros(self.fine_hw, np.uint8)
        return layers[color]

    def draw(self, points: Floats, color: Rgb, press: float) -> None:
        """Draw one stroke, with all that a hand does to it."""
        hand, rng = self.hand, self.rng
        points = self._with_ends(points)
        count = len(points) - 1
        if count < 1:
            return
        step = float(np.linalg.norm(np.diff(points, axis=0), axis=1).mean()) or 1.0
        length = step * count
        along = (np.arange(count) + 0.5) * step
        dark = np.full(count, press * hand.dark)
        dark *= 1 - hand.pressure * np.clip(0.5 + 0.5 * _noise(count, step, 25, rng), 0, 1)
        if rng.random() < hand.lost:
            dark *= rng.uniform(0.1, 0.5)
        thick = hand.width * press * (1 + hand.width_spread * _noise(count, step, 30, rng) * 0.6)
        for at_end in (along, length - along):
            if rng.random() < hand.fade:
                dark *= np.clip(at_end / max(1, rng.uniform(0.1, 0.6) * length), 0, 1) ** 0.7
            if rng.random() < hand.taper:
                thick *= np.clip(at_end / max(1, rng.uniform(3, 0.3 * length + 4)), 0.25, 1)
        dark[self._open(along, length)] = 0
        self._put(self.layer(color), points, dark, np.maximum(thick, 0.7))

    def _with_ends(self, points: Floats) -> Floats:
        """Return a stroke that stops short, or runs past its ends."""
        hand, rng = self.hand, self.rng
        for _ in range(2):
            points = points[::-1]
            if len(points) < 4:
                continue
            step = float(np.linalg.norm(points[1] - points[0])) or 1.0
            if rng.random() < hand.short:
                cut = min(round(rng.exponential(hand.gap_length) / step), (len(points) - 2) // 2)
                points = points[cut:]
            elif rng.random() < hand.overshoot:
                beyond = points[0] - points[min(3, len(points) - 1)]
                reach = rng.exponential(2.5 * hand.width) / max(float(np.linalg.norm(beyond)), 1e-6)
                points = np.concatenate([points[:1] + reach * beyond, points])
        return np.ascontiguousarray(points, np.float32)

    def _open(self, along: Floats, length: float) -> BoolMap:
        """Return which parts of a stroke are not drawn."""
        hand, rng = self.hand, self.rng
        bare = np.zeros(len(along), np.bool_)
        for _ in range(rng.poisson(hand.gaps * length / 100)):
            opening = min(rng.exponential(hand.gap_length), 3 * hand.gap_length, 0.5 * length)
            bare |= np.abs(along - rng.uniform(0, length)) < opening / 2
        if rng.random() < hand.dashes:
            period = rng.uniform(6, 30)
            bare |= (along + rng.uniform(0, period)) % period > rng.uniform(0.45, 0.85) * period
        return bare

    def _put(self, layer: NDArray[np.uint8], points: Floats, dark: Floats, thick: Floats) -> None:
        at = np.rint(points * FINE * 2**_SHIFT).astype(int).tolist()
        tone = np.clip(dark * 255, 0, 255).astype(int).tolist()
        wide = np.maximum(np.rint(thick * FINE), 1).astype(int).tolist()
        kind = cv2.LINE_8 if self.hand.hard else cv2.LINE_AA
        for number, value in enumerate(tone):
            if value:
                cv2.line(layer, at[number], at[number + 1], value, wide[number], kind, _SHIFT)

    def fill(self, inside: BoolMap, color: Rgb, dark: float) -> None:
        """Fill pixels of the drawing (H, W)."""
        large = np.repeat(np.repeat(inside, FINE, axis=0), FINE, axis=1)
        layer = self.layer(color)
        layer[large] = np.maximum(layer[large], np.uint8(np.clip(255 * dark, 0, 255)))

    def finished(self) -> Floats:
        """(H, W, 3) float32 in [0, 1]: the paper with everything on it."""
        height, width = (side // FINE for side in self.fine_hw)
        rgb = np.ones((height, width, 3), np.float32)
        tooth = _tooth((height, width), self.rng)
        for layers, grain in ((self.faint, self.hand.grain * 0.5), (self.layers, self.hand.grain)):
            for color, layer in layers.items():
                alpha = cv2.resize(layer, (width, height), interpolation=cv2.INTER_AREA) / 255.0
                if self.hand.hard:
                    alpha = np.where(alpha >= 0.5, alpha.max(initial=0), 0)
                if grain > 0:  # the lighter a line, the more of the paper's tooth stays bare
                    alpha = alpha * np.clip(1 - grain * (1.3 - alpha) * 1.4 * tooth, 0, 1)
                share = alpha[..., None].astype(np.float32)
                rgb *= 1 - share * (1 - np.array(color, np.float32))
        return rgb


def _draw_beneath(
    sheet: _Sheet,
    hand: Hand,
    rng: np.random.Generator,
    strokes: list[Floats],
) -> None:
    """Draw what lies beneath the drawing and bounds nothing: construction, erased lines, dirt."""
    height, width = (side // FINE for side in sheet.fine_hw)
    color = PENCILS[int(rng.integers(len(PENCILS)))] if rng.random() < 0.5 else hand.ink
    layer = sheet.layer(color, faint=True)
    for _ in range(hand.construction):
        center, radius = rng.uniform(0, 1, 2) * (width, height), rng.uniform(20, width, 2)
        turn, start, sweep = rng.uniform(0, 360), rng.uniform(0, 360), rng.uniform(20, 300)
        dark = int(255 * hand.dark * rng.uniform(0.08, 0.4))
        cv2.ellipse(
            layer,
            tuple(np.rint(center * FINE * 2**_SHIFT).astype(int).tolist()),
            tuple(np.rint(radius * FINE * 2**_SHIFT).astype(int).tolist()),
            turn,
            start,
            start + sweep,
            dark,
            max(1, round(hand.width * FINE * rng.uniform(0.4, 0.9))),
            cv2.LINE_AA,
            _SHIFT,
        )
    if hand.erased:
        drift = rng.normal(0, 5, 2).astype(np.float32)
        for placed in strokes:
            if rng.random() < 0.6:
                points = _wobbled(placed + drift, 4, rng)
                tone = int(255 * hand.erased * rng.uniform(0.4, 1))
                _polyline(layer, points, round(hand.width * FINE), tone)
    for _ in range(hand.dirt):
        at = rng.uniform(0, 1, 2) * sheet.fine_hw[::-1]
        cv2.circle(
            layer,
            tuple(np.rint(at).astype(int).tolist()),
            max(1, round(float(rng.exponential(0.8)) * FINE)),
            int(rng.uniform(40, 255)),
            -1,
            cv2.LINE_AA,
        )


def _draw_inside_parts(
    sheet: _Sheet,
    labels: LabelMap,
    pencils: dict[int, Rgb],
    hand: Hand,
    rng: np.random.Generator,
) -> None:
    """Draw hatching and shading, which stay within a part and bound nothing."""
    if not hand.hatched and not hand.shaded:
        return
    found, counts = np.unique(labels, return_counts=True)
    for label in found[counts >= 60].tolist():
        inside = labels == label
        color = pencils.get(label, hand.ink)
        if inside.mean() < 0.5 and rng.random() < hand.hatched:
            _hatch(sheet, inside, color, hand, rng)
        if inside.mean() < 0.5 and rng.random() < hand.shaded:
            tone = PENCILS[int(rng.integers(len(PENCILS)))] if rng.random() < 0.5 else color
            cloud = np.clip(0.5 + 0.7 * _cloud(labels.shape, rng.uniform(8, 60), rng), 0, 1)
            tooth = 0.5 + 0.5 * _tooth(labels.shape, rng)
            dark = np.where(inside, 255 * rng.uniform(0.1, 0.45) * cloud * tooth, 0)
            large = cv2.resize(dark.astype(np.uint8), sheet.fine_hw[::-1])
            layer = sheet.layer(tone, faint=True)
            np.maximum(layer, large, out=layer)


def _hatch(
    sheet: _Sheet, inside: BoolMap, color: Rgb, hand: Hand, rng: np.random.Generator
) -> None:
    """Draw parallel strokes within some pixels of a part."""
    y, x = np.nonzero(inside)
    middle = rng.integers(len(x))
    reach = rng.uniform(10, 60)
    patch = np.zeros(inside.shape, np.uint8)
    cv2.circle(patch, (int(x[middle]), int(y[middle])), round(reach), 255, -1)
    patch[~inside] = 0
    lines = np.zeros(sheet.fine_hw, np.uint8)
    turn, apart = rng.uniform(0, np.pi), rng.uniform(2.5, 9)
    way, across = np.array([np.cos(turn), np.sin(turn)]), np.array([-np.sin(turn), np.cos(turn)])
    tone = int(255 * hand.dark * rng.uniform(0.3, 0.9))
    for offset in np.arange(-reach, reach, apart):
        base = np.array([x[middle], y[middle]]) + across * (offset + rng.normal(0, 0.2 * apart))
        half = reach * rng.uniform(0.5, 1.1)
        ends = np.stack([base - half * way, base + half * way]).astype(np.float32)
        _polyline(lines, ends, max(1, round(hand.width * FINE * rng.uniform(0.4, 0.8))), tone)
    lines[cv2.resize(patch, sheet.fine_hw[::-1], interpolation=cv2.INTER_NEAREST) == 0] = 0
    layer = sheet.layer(color)
    np.maximum(layer, lines, out=layer)


def _choose_pencils(drawing: StrokeDrawing, hand: Hand, rng: np.random.Generator) -> dict[int, Rgb]:
    """Return the pencil of each part that is not drawn with the main one."""
    if not hand.colored:
        return {}
    few = [PENCILS[i] for i in rng.permutation(len(PENCILS))[: int(rng.integers(1, 4))]]
    return {
        label: few[int(rng.integers(len(few)))]
        for label in range(1, int(drawing.labels.max(initial=0)) + 1)
        if rng.random() < hand.colored
    }


def _label_beside(labels: LabelMap, stroke: Stroke, rng: np.random.Generator) -> int:
    """Return the smaller of the parts on either side of a stroke's middle, or either one."""
    middle = stroke.points_xy[len(stroke.points_xy) // 2]
    found = set()
    for dx, dy in ((-2, 0), (2, 0), (0, -2), (0, 2)):
        x = int(np.clip(round(float(middle[0])) + dx, 0, labels.shape[1] - 1))
        y = int(np.clip(round(float(middle[1])) + dy, 0, labels.shape[0] - 1))
        found.add(int(labels[y, x]))
    return sorted(found)[int(rng.integers(len(found)))]


def _moved(points_xy: Floats, placement: Floats) -> Floats:
    """(P, 2) float32: points where they lie in the window."""
    return np.asarray(points_xy @ placement[:, :2].T + placement[:, 2], np.float32)


def _is_near(points_xy: Floats, size_hw: tuple[int, int], margin: float = 12) -> bool:
    """Return whether a stroke reaches into a window."""
    low, high = points_xy.min(axis=0), points_xy.max(axis=0)
    return bool(
        (high > -margin).all() and low[0] < size_hw[1] + margin and low[1] < size_hw[0] + margin
    )


def _warp(labels: LabelMap, placement: Floats, size_hw: tuple[int, int]) -> LabelMap:
    """(H, W) int32: a window of a label map; what lies outside is the nearest part within."""
    moved = cv2.warpAffine(
        labels.astype(np.float32),
        placement,
        size_hw[::-1],
        flags=cv2.INTER_NEAREST,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return moved.astype(np.int32)


def _wobbled(points: Floats, amount: float, rng: np.random.Generator) -> Floats:
    """Return a stroke that strays, by about `amount` pixels."""
    if amount <= 0:
        return points
    away = [_noise(len(points), 2.0, 20, rng) for _ in range(2)]
    return np.asarray(points + 0.6 * amount * np.stack(away, axis=1), np.float32)


def _noise(count: int, step: float, length: float, rng: np.random.Generator) -> Floats:
    """(count,) float32: smooth noise of about unit variance that changes over some pixels."""
    knots = rng.standard_normal(max(2, int(count * step / length) + 2))
    return np.interp(np.linspace(0, len(knots) - 1, count), np.arange(len(knots)), knots).astype(
        np.float32
    )


def _cloud(size_hw: tuple[int, ...], length: float, rng: np.random.Generator) -> Floats:
    """(H, W) float32 noise of about unit variance that changes over some pixels."""
    coarse = rng.standard_normal(
        (int(size_hw[0] / length) + 3, int(size_hw[1] / length) + 3)
    ).astype(np.float32)
    cloud = cv2.resize(coarse, (size_hw[1], size_hw[0]), interpolation=cv2.INTER_CUBIC)
    return np.asarray(cloud, np.float32)


def _tooth(size_hw: tuple[int, ...], rng: np.random.Generator) -> Floats:
    """(H, W) float32 in [0, 1]: the tooth of drawing paper, of one to three pixels."""
    size = int(rng.integers(1, 4))
    coarse = rng.random((size_hw[0] // size + 2, size_hw[1] // size + 2), np.float32)
    tooth = cv2.resize(coarse, (size_hw[1], size_hw[0]), interpolation=cv2.INTER_LINEAR)
    return np.asarray(np.clip((tooth - 0.5) * (1 + 0.5 * size) + 0.5, 0, 1), np.float32)


def _polyline(layer: NDArray[np.uint8], points: Floats, thickness: int, value: int) -> None:
    """Draw one line of one darkness and width."""
    at = [np.rint(points * FINE * 2**_SHIFT).astype(np.int32)]
    cv2.polylines(layer, at, False, value, max(1, thickness), cv2.LINE_AA, _SHIFT)
