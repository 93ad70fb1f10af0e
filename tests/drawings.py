"""Drawings made in code, and slow but plain references to measure the fast code against."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

from shiage.colors.palette import Palette
from shiage.structures import BoolMap, ByteMap, LabelMap, LineArt, Segments

Rgba = NDArray[np.uint8]
Color = tuple[int, int, int]
Point = tuple[int, int]

WHITE: Color = (255, 255, 255)
BLACK: Color = (0, 0, 0)
RED: Color = (255, 0, 0)
GREEN: Color = (0, 255, 0)
BLUE: Color = (0, 0, 255)
YELLOW_GREEN: Color = (180, 255, 0)
BROWN: Color = (60, 30, 10)


@dataclass
class Sheet:
    """A sheet of paper to draw on, (H, W, 4) uint8.

    Attributes:
        rgba: the picture so far.
        color: of the next stroke.
        thickness: of the next stroke, pixels.
        soft: draw antialiased.
    """

    height: int
    width: int
    paper: tuple[int, int, int, int] = (255, 255, 255, 255)
    color: Color = BLACK
    thickness: int = 1
    soft: bool = False
    rgba: Rgba = field(init=False)

    def __post_init__(self) -> None:
        self.rgba = np.full((self.height, self.width, 4), self.paper, np.uint8)

    @property
    def _pen(self) -> tuple[tuple[int, int, int, int], int, int]:
        return (*self.color, 255), self.thickness, cv2.LINE_AA if self.soft else cv2.LINE_8

    def line(self, start: Point, end: Point) -> Sheet:
        cv2.line(self.rgba, start, end, *self._pen)
        return self

    def box(self, corner: Point, opposite: Point) -> Sheet:
        cv2.rectangle(self.rgba, corner, opposite, *self._pen)
        return self

    def circle(self, center: Point, radius: int) -> Sheet:
        cv2.circle(self.rgba, center, radius, *self._pen)
        return self

    def ellipse(
        self, center: Point, axes: Point, angle: float = 0, start: float = 0, stop: float = 360
    ) -> Sheet:
        color, thickness, kind = self._pen
        cv2.ellipse(self.rgba, center, axes, angle, start, stop, color, thickness, kind)
        return self

    def polyline(self, points: Sequence[Point], closed: bool = False) -> Sheet:
        color, thickness, kind = self._pen
        cv2.polylines(self.rgba, [np.array(points, np.int32)], closed, color, thickness, kind)
        return self

    def disc(self, center: Point, radius: int) -> Sheet:
        color, _, kind = self._pen
        cv2.circle(self.rgba, center, radius, color, -1, kind)
        return self


def on_transparent(rgba: Rgba) -> Rgba:
    """The same black lines in the alpha channel, over transparent black paper."""
    out = np.zeros_like(rgba)
    out[..., 3] = 255 - rgba[..., :3].min(axis=-1)
    return out


def only_alpha(rgba: Rgba) -> Rgba:
    """The same lines in the alpha channel alone; every pixel is white."""
    out = on_transparent(rgba)
    out[..., :3] = 255
    return out


def on_grey(rgba: Rgba, level: int = 180) -> Rgba:
    """The same drawing on paper of that grey."""
    out = rgba.copy()
    out[..., :3] = np.rint(rgba[..., :3] * (level / 255))
    return out


def scanned(rgba: Rgba, seed: int = 0) -> Rgba:
    """The same drawing off an uneven scanner: lighter on the left than on the right, with noise."""
    height, width = rgba.shape[:2]
    light = np.linspace(245, 165, width)[None, :, None] / 255
    noise = np.random.default_rng(seed).normal(0, 3, (height, width, 1))
    out = rgba.copy()
    out[..., :3] = np.clip(np.rint(rgba[..., :3] * light + noise), 0, 255)
    return out


def enlarged(rgba: Rgba, times: int) -> Rgba:
    """The same picture, each pixel a square of `times` x `times`."""
    return np.ascontiguousarray(rgba.repeat(times, axis=0).repeat(times, axis=1))


def to_u16(rgba: Rgba) -> NDArray[np.uint16]:
    """The same picture in 16 bits a channel."""
    return rgba.astype(np.uint16) * 257


def lineart_of(ink: NDArray[np.generic], line_width: float = 1.0) -> LineArt:
    """Binary line art with ink where the map is not zero, all of it black."""
    mask = np.asarray(ink) != 0
    coverage = np.where(mask, 255, 0).astype(np.uint8)
    return LineArt(mask, np.zeros(mask.shape, np.uint8), coverage, line_width)


def lineart_from_text(text: str, line_width: float = 1.0) -> LineArt:
    """Line art with ink at each `#` of a picture in letters."""
    return lineart_of(map_from_text(text) == 1, line_width)


def map_from_text(text: str) -> LabelMap:
    """(H, W) int32: `#` is 1, `.` is 0, digits are themselves."""
    value = {"#": 1, ".": 0}
    rows = [[value.get(c) if c in value else int(c) for c in row] for row in text.split()]
    return np.array(rows, np.int32)


def flood(mask: BoolMap, connectivity: int = 4) -> LabelMap:
    """(H, W) int32: regions of a mask in raster order of their first pixels, a pixel at a time."""
    steps = [(0, 1), (1, 0), (0, -1), (-1, 0)]
    if connectivity == 8:
        steps += [(1, 1), (1, -1), (-1, 1), (-1, -1)]
    height, width = mask.shape
    labels = np.zeros(mask.shape, np.int32)
    count = 0
    for start_y in range(height):
        for start_x in range(width):
            if not mask[start_y, start_x] or labels[start_y, start_x]:
                continue
            count += 1
            labels[start_y, start_x] = count
            queue = deque([(start_y, start_x)])
            while queue:
                y, x = queue.popleft()
                for dy, dx in steps:
                    v, u = y + dy, x + dx
                    if 0 <= v < height and 0 <= u < width and mask[v, u] and not labels[v, u]:
                        labels[v, u] = count
                        queue.append((v, u))
    return labels


def count_contacts(labels: LabelMap, max_contact: int) -> dict[tuple[int, int], int]:
    """How often two segments face each other across few pixels of ink, counted one by one."""
    counts: dict[tuple[int, int], int] = {}
    for line in [*labels.tolist(), *labels.T.tolist()]:
        last, gap = 0, 0
        for value in line:
            if value == 0:
                gap += 1
                continue
            if last and last != value and gap <= max_contact:
                key = (min(last, value), max(last, value))
                counts[key] = counts.get(key, 0) + 1
            last, gap = value, 0
    return counts


def at(segments: Segments, xy: Point) -> int:
    """The label of a pixel."""
    return int(segments.labels[xy[1], xy[0]])


def palette_of(*colors: Color) -> Palette:
    """A palette with these opaque colors as ids 1, 2, ..."""
    rows = np.array([(*c, 255) for c in colors], np.uint16).reshape(-1, 4) * 257
    palette, ids = Palette().extended(rows)
    assert ids.tolist() == list(range(1, len(colors) + 1))
    return palette


def flat_painting(labels: LabelMap, color_of: dict[int, Color], line: Color = BLACK) -> Rgba:
    """(H, W, 4) uint8: each label in its color, ink in that of the lines, all else white."""
    painting = np.full((*labels.shape, 4), 255, np.uint8)
    painting[labels == 0, :3] = line
    for label, color in color_of.items():
        painting[labels == label, :3] = color
    return painting


def distinct_colors(count: int) -> list[Color]:
    """That many different colors, none near black or white."""
    return [(60 + 7 * (i % 20), 40 + 11 * (i // 20), 230 - 9 * (i % 20)) for i in range(count)]


def character(dx: int = 0, dy: int = 0, size: int = 240) -> Rgba:
    """A figure of sixteen different parts on white paper, moved by (dx, dy)."""
    sheet = Sheet(size, size, thickness=2)

    def p(x: int, y: int) -> Point:
        return x + dx, y + dy

    sheet.ellipse(p(100, 60), (34, 42))  # face
    sheet.ellipse(p(88, 52), (8, 5)).ellipse(p(114, 52), (7, 6))  # eyes
    sheet.circle(p(88, 52), 2).circle(p(114, 52), 2)
    sheet.ellipse(p(101, 84), (12, 4))  # mouth
    sheet.polyline([p(66, 40), p(58, 12), p(100, 2), p(140, 14), p(134, 42)])  # hair
    sheet.box(p(70, 102), p(130, 160))  # body
    sheet.line(p(100, 102), p(100, 160))
    sheet.box(p(76, 110), p(92, 126))  # pocket
    sheet.circle(p(116, 120), 5).circle(p(116, 140), 6)  # buttons
    sheet.polyline([p(70, 104), p(40, 140), p(50, 148), p(70, 128)])  # arms
    sheet.polyline([p(130, 104), p(164, 130), p(158, 140), p(130, 124)])
    sheet.box(p(74, 160), p(94, 214)).box(p(106, 160), p(127, 208))  # legs
    sheet.line(p(74, 200), p(94, 200))
    sheet.box(p(70, 214), p(96, 224))  # a shoe
    return sheet.rgba


def pencil(size: int = 320, dash: int = 14, bare: int = 5, dark: int = 110) -> Rgba:
    """A head with an eye and a body below it, in broken gray lines."""
    rgba = np.full((size, size, 4), 255, np.uint8)
    tone = (255 - dark,) * 3 + (255,)
    for center, axes in (
        ((size // 2, size // 3), (size // 5, size // 5)),
        ((size // 2 - 20, size // 3), (14, 10)),
        ((size // 2, 2 * size // 3 + 10), (size // 4, size // 7)),
    ):
        around = np.pi * (axes[0] + axes[1])
        step = 360 * dash / around
        for start in np.arange(0, 360, step):
            stop = start + step * (1 - bare / dash)
            cv2.ellipse(rgba, center, axes, 0, start, stop, tone, 2, cv2.LINE_AA)
    return rgba


DOLL: dict[str, Color] = {
    "shirt": WHITE,
    "trousers": BLACK,
    "skin": (255, 224, 196),
    "hair": (120, 72, 48),
    "belt": (90, 90, 40),
    "eye": (40, 90, 200),
}
"""Parts of `doll`, one in the color of the paper and one in that of the lines."""

NIGHT_DOLL: dict[str, Color] = {
    "shirt": (150, 150, 200),
    "trousers": (10, 0, 60),
    "skin": (120, 100, 130),
    "hair": (20, 10, 60),
    "belt": (80, 60, 20),
    "eye": (10, 20, 90),
}
"""The same parts by night."""


def doll(
    colors: Mapping[str, Color] | None = None,
    dx: int = 0,
    *,
    soft: bool = False,
    line: Color = BLACK,
) -> Rgba:
    """(260, 220, 4): a figure in lines of 3 px, its parts in these colors if any are given."""
    rgba = np.full((260, 220, 4), 255, np.uint8)

    def part(name: str, *corners: Point) -> None:
        points = np.array([(x + dx, y) for x, y in corners], np.int32)
        cv2.fillPoly(rgba, [points], (*(colors[name] if colors else WHITE), 255))
        kind = cv2.LINE_AA if soft else cv2.LINE_8
        cv2.polylines(rgba, [points], True, (*line, 255), 3, kind)

    part("hair", (60, 20), (150, 20), (165, 90), (45, 90))
    part("skin", (75, 50), (135, 50), (130, 100), (80, 100))
    part("eye", (86, 60), (96, 60), (96, 70), (86, 70))
    part("eye", (110, 60), (120, 60), (120, 70), (110, 70))
    part("shirt", (60, 100), (150, 100), (155, 170), (55, 170))
    part("belt", (55, 170), (155, 170), (155, 185), (55, 185))
    part("trousers", (55, 185), (155, 185), (150, 240), (60, 240))
    return rgba


def coverage_of(rgba: Rgba) -> ByteMap:
    """(H, W) uint8: coverage of black lines on white paper, by definition."""
    return np.asarray(255 - rgba[..., :3].min(axis=-1), np.uint8)
