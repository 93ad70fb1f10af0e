"""Cuts painted without a fault in the ways of other programs: a layer of lines over flat paint."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from shiage.colors.palette import Palette
from shiage.files.pictures import Pixels
from shiage.lines.lineart import extract_lineart
from shiage.lines.segments import find_segments
from tests.checks.planting import (
    PARTS,
    PaintedDrawing,
    Rgb,
    Rgba,
    Style,
    choose_colors,
    draw,
    with_stand_in,
)

Floats = NDArray[np.float64]

WHITE: Rgb = (255, 255, 255)
GRAY: Rgb = (47, 47, 47)
REACH = 4
"""How far paint reaches, at most, from the middle of an outline under it, pixels."""


@dataclass(frozen=True)
class Way:
    """How a program puts lines over paint.

    Attributes:
        blend: of the layer of lines.
        reach: how far paint reaches under the outline: all the way, to its middle, or a pixel.
        traces: gone, so that the shades meet in their middle; or recolored as the darker of them.
        linear: whether the program mixes light, not the numbers in the file.
    """

    blend: Literal["over", "multiply"] = "over"
    reach: Literal["whole", "middle", "a pixel"] = "middle"
    traces: Literal["gone", "recolored"] = "gone"
    linear: bool = False


WAYS = {
    "over": Way(),
    "over, paint under the whole line": Way(reach="whole"),
    "over, paint a pixel under the line": Way(reach="a pixel"),
    "over, traces recolored": Way(traces="recolored"),
    "over, in linear light": Way(linear=True),
    "multiply": Way("multiply"),
    "multiply, paint under the whole line": Way("multiply", "whole"),
}


LINES = {
    "hard": Style(),
    "hard, gray": Style(ink=GRAY),
    "soft": Style(soft=True),
    "soft, 3 px": Style(soft=True, width=3, scale=1.3),
    "soft, gray": Style(soft=True, ink=GRAY),
    "soft, 3 px, light gray": Style(soft=True, width=3, scale=1.3, ink=(112, 112, 112)),
    "soft, brown": Style(soft=True, width=3, ink=(60, 30, 10)),
}


@dataclass(frozen=True, eq=False)
class Layers:
    """What a cel is made of in a paint program.

    Attributes:
        name: of the cel.
        lines: (H, W, 4) float64 in 0..1, straight alpha: lines that stay.
        traces: the same: colour traces.
        paint: (H, W, 4) uint8, fills as far as the middle of lines; transparent is paper.
    """

    name: str
    lines: Floats
    traces: Floats
    paint: Rgba

    def drawing(self, way: Way, clear: bool = False, deep: bool = False) -> Pixels:
        """The drawing, on white or transparent paper."""
        paper = _paper(self.paint.shape, clear)
        return _store(_over(self.lines, _over(self.traces, paper, way.linear), way.linear), deep)

    def painted(self, way: Way, clear: bool = False, deep: bool = False) -> Pixels:
        """The painted cel, on white or transparent paper."""
        under = _over(self._paint(way) / 255.0, _paper(self.paint.shape, clear))
        if way.traces == "recolored":
            shade = _darker_near(self.paint, self.traces[..., 3] > 0) / 255.0
            under = _over(np.dstack([shade[..., :3], self.traces[..., 3] * shade[..., 3]]), under)
        lines = self.lines
        if way.blend == "multiply":  # and over what is transparent the line as it is
            shown = under[..., 3:]
            product = lines[..., :3] * (under[..., :3] * shown + 1 - shown)
            lines = np.dstack([product, lines[..., 3]])
        return _store(_over(lines, under, way.linear), deep)

    def _paint(self, way: Way) -> Rgba:
        """(H, W, 4) uint8: the paint, as far as it reaches."""
        alpha = self.lines[..., 3]
        near, far = spread(self.paint, self.paint[..., 3] > 0)
        if way.reach == "whole":
            reached = (alpha > 0) & (self.paint[..., 3] == 0) & (far <= REACH)
            return np.where(reached[..., None], near, self.paint)
        if way.reach == "middle":
            return self.paint
        beside = ((alpha < 0.5) & (self.paint[..., 3] > 0)).view(np.uint8)
        reached = cv2.dilate(beside, np.ones((3, 3), np.uint8)) > 0
        reached &= (alpha > 0) | (self.paint[..., 3] > 0)
        return np.where(reached[..., None], near, 0).astype(np.uint8)


def _paper(shape: tuple[int, ...], clear: bool) -> Floats:
    return np.zeros(shape) if clear else np.ones(shape)


def _over(top: Floats, below: Floats, linear: bool = False) -> Floats:
    """Straight alpha over straight alpha; `linear` mixes light, of which values are a root."""
    power = 2.2 if linear else 1.0
    cover, under = top[..., 3:], below[..., 3:] * (1 - top[..., 3:])
    alpha = cover + under
    rgb = top[..., :3] ** power * cover + below[..., :3] ** power * under
    return np.concatenate([(rgb / np.where(alpha > 0, alpha, 1)) ** (1 / power), alpha], axis=2)


def _store(rgba: Floats, deep: bool) -> Pixels:
    return np.rint(rgba * 65535).astype(np.uint16) if deep else np.rint(rgba * 255).astype(np.uint8)


def spread(paint: Rgba, known: NDArray[np.bool_]) -> tuple[Rgba, NDArray[np.float32]]:
    """The paint of the nearest pixel that is known, and how far away that is."""
    far, at = cv2.distanceTransformWithLabels(
        (~known).view(np.uint8), cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL
    )
    table = np.zeros((int(at.max()) + 1, 4), np.uint8)
    table[at[known]] = paint[known]
    return table[at], np.asarray(far, np.float32)


def _darker_near(paint: Rgba, where: NDArray[np.bool_], reach: int = 3) -> Rgba:
    """The darkest paint within a few pixels, transparent where there is none."""
    light = np.where(paint[..., 3] > 0, paint[..., :3].sum(axis=2, dtype=np.int64), 10_000)
    best, out = light.copy(), paint.copy()
    for dy in range(-reach, reach + 1):
        for dx in range(-reach, reach + 1):
            moved, other = (np.roll(of, (dy, dx), (0, 1)) for of in (light, paint))
            darker = where & (moved < best)
            best[darker], out[darker] = moved[darker], other[darker]
    return out


def lift(drawing: Rgba, ink: Rgb = (0, 0, 0)) -> Floats:
    """Lines of one color on white paper, as a layer of their own."""
    way = 255.0 - np.array(ink)
    channel = int(np.argmax(way))
    alpha = (255.0 - drawing[..., channel]) / way[channel]
    rgb = np.broadcast_to(np.array(ink) / 255.0, (*alpha.shape, 3))
    return np.dstack([rgb, np.clip(alpha, 0, 1)])


def draw_layers(style: Style, seed: int, count: int = 3, white: Sequence[str] = ()) -> list[Layers]:
    """A cut of the figure walking, in layers; some of its parts are white."""
    rng = np.random.default_rng(seed)
    colors = choose_colors(rng) | dict.fromkeys(white, WHITE)
    start = int(rng.integers(0, 4))
    cels = []
    for number in range(count):
        pose = start + number
        lines, paint = draw(style, pose, colors, "lines")
        traces, figure = draw(style, pose, dict.fromkeys(PARTS, (0, 0, 0)), "traces")
        paint[figure[..., 0] > 0] = 0
        cels.append(Layers(f"A{number + 1:04}", lift(lines, style.ink), _lift_any(traces), paint))
    return cels


def _lift_any(drawing: Rgba) -> Floats:
    """Lines of any pure colors on white paper, as a layer of their own."""
    alpha = 1 - drawing[..., :3].min(axis=-1, keepdims=True) / 255.0
    rgb = (drawing[..., :3] / 255.0 - (1 - alpha)) / np.where(alpha > 0, alpha, 1)
    return np.concatenate([np.clip(rgb, 0, 1), alpha], axis=2)


def paint_faithfully(
    cel: Layers, way: Way, clear: bool = False, deep: bool = False
) -> PaintedDrawing:
    """A cel as a program paints it; its parts are those that shiage finds in the drawing."""
    lineart = extract_lineart(np.asarray(cel.drawing(way, clear), np.uint8))
    segments = find_segments(lineart)
    rows = np.unique(cel.paint[cel.paint[..., 3] > 0], axis=0).astype(np.uint16) * 257
    palette, ids = with_stand_in(Palette().extended(rows)[0]), np.zeros(len(segments), np.int32)
    for label in range(1, len(segments) + 1):
        found, counts = np.unique(cel.paint[segments.labels == label], axis=0, return_counts=True)
        commonest = found[int(counts.argmax())].astype(np.uint16)[None] * 257
        ids[label - 1] = palette.extended(commonest)[1][0]
    painted = cel.painted(way, clear, deep)
    drawing = cel.drawing(way, clear, deep)
    return PaintedDrawing(cel.name, drawing, lineart, segments, ids, palette, painted)
