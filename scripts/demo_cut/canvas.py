"""A layered cel: parts are painted back to front and come out as line art and truth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from .geometry import Points, Shape
from .palette import BACKGROUND, PAPER, Rgb, colour

Bits: TypeAlias = NDArray[np.uint8]
Labels: TypeAlias = NDArray[np.int32]

SUPER = 3
"""Subpixels of the drawing along each side of a pixel."""
MARGIN = 60
"""Pixels drawn beyond each edge of the frame, so that parts are cut off cleanly."""
LINE = 3.5
TRACE = 2.0
SPECK = 40
"""Segments of fewer pixels are closed up with ink, as a line artist would."""

NONE, BLACK, RED, BLUE = 0, 1, 2, 3
INK_RGB: dict[int, Rgb] = {BLACK: (0, 0, 0), RED: (255, 0, 0), BLUE: (0, 0, 255)}


@dataclass(frozen=True)
class Mask:
    """A bit mask of part of the supersampled canvas."""

    x: int
    y: int
    bits: Bits

    def window(self, x: int, y: int, height: int, width: int) -> Bits:
        """Return the mask as seen through a window of the canvas."""
        out = np.zeros((height, width), np.uint8)
        h, w = self.bits.shape
        left, top = max(x, self.x), max(y, self.y)
        right, bottom = min(x + width, self.x + w), min(y + height, self.y + h)
        if right > left and bottom > top:
            out[top - y : bottom - y, left - x : right - x] = self.bits[
                top - self.y : bottom - self.y, left - self.x : right - self.x
            ]
        return out

    def shifted(self, x: float, y: float) -> Mask:
        """Return the mask moved by (x, y) pixels of the frame."""
        return Mask(self.x + round(x * SUPER), self.y + round(y * SUPER), self.bits)


@dataclass(frozen=True)
class Segment:
    """One connected paintable area of a finished frame."""

    label: int
    region: str
    color: Rgb


@dataclass(frozen=True)
class Frame:
    """A finished drawing."""

    line: Bits
    color: Bits
    labels: Labels
    segments: list[Segment]


@dataclass
class Canvas:
    """The supersampled drawing board of one frame."""

    height: int
    width: int
    regions: list[str] = field(default_factory=lambda: [BACKGROUND])
    colours: dict[str, Rgb] = field(default_factory=lambda: {BACKGROUND: PAPER})

    def __post_init__(self) -> None:
        size = ((self.height + 2 * MARGIN) * SUPER, (self.width + 2 * MARGIN) * SUPER)
        self._fill = np.zeros(size, np.int16)
        self._ink = np.zeros(size, np.uint8)

    def mask(self, shape: Shape, pad: int = 30) -> Mask:
        """Rasterize a shape, given in pixels of the frame."""
        parts = [(np.asarray(p) + MARGIN) * SUPER for p in shape]
        corners = np.vstack(parts)
        rows, cols = self._fill.shape
        x0, y0 = (int(v) - pad for v in np.clip(corners.min(axis=0), 0, (cols, rows)))
        x1, y1 = (int(v) + pad for v in np.clip(corners.max(axis=0), 0, (cols, rows)))
        x0, y0, x1, y1 = max(x0, 0), max(y0, 0), min(x1, cols), min(y1, rows)
        bits = np.zeros((max(y1 - y0, 1), max(x1 - x0, 1)), np.uint8)
        for part in parts:
            cv2.fillPoly(bits, [np.rint((part - (x0, y0)) * 16).astype(np.int32)], 1, shift=4)
        return Mask(x0, y0, bits)

    def part(
        self,
        region: str,
        material: str,
        shape: Shape,
        *,
        shade: Mask | Shape | None = None,
        gloss: Mask | Shape | None = None,
        within: Mask | None = None,
        width: float = LINE,
        soft: int | None = None,
    ) -> Mask:
        """Paint a part over all that is there and ink its outline.

        Args:
            region: Stable name of the part.
            material: Name of its paints in the palette.
            shape: Outline in pixels of the frame.
            shade: Where the part lies in shadow; bounded by a red colour-trace line.
            gloss: Where the part shines; bounded by a blue colour-trace line.
            within: Mask to which the part is cut.
            width: Line width in pixels.
            soft: Ink (RED or BLUE) of the outline where it is a colour-trace line itself.

        Returns:
            The mask of the part.
        """
        mask = self.mask(shape)
        bits = mask.bits
        if within is not None:
            bits = bits & within.window(mask.x, mask.y, *bits.shape)
        mask = Mask(mask.x, mask.y, bits)
        if not bits.any():
            return mask
        fill, ink = self._view(mask, self._fill), self._view(mask, self._ink)
        inside = bits.astype(bool)
        fill[inside] = self._id(region, material, "")
        ink[inside] = NONE
        for extra, tone, line in ((shade, "shadow", RED), (gloss, "highlight", BLUE)):
            if extra is not None:
                self._tone(mask, extra, self._id(region, material, tone), line)
        if soft is None:
            self._outline(mask, width)
        else:
            ring = _grow(bits, TRACE) & ~bits & 1
            ink[(ring > 0) & (ink == NONE)] = soft
            if soft == RED:
                fill[(ring > 0) & (ink == soft)] = self._id(region, material, "")
        return mask

    def ink(self, shape: Shape, within: Mask | None = None) -> None:
        """Fill a shape with black ink, as for lashes."""
        mask = self.mask(shape)
        bits = mask.bits
        if within is not None:
            bits = bits & within.window(mask.x, mask.y, *bits.shape)
        self._view(mask, self._ink)[bits > 0] = BLACK

    def stroke(
        self,
        path: Points,
        width: float = LINE,
        ends: tuple[float, float] = (0.5, 0.5),
        within: Mask | None = None,
    ) -> None:
        """Ink an open line whose width tapers to a part of itself at each end."""
        steps = np.linalg.norm(np.diff(path, axis=0), axis=1)
        total = float(steps.sum())
        place = np.concatenate([[0.0], np.cumsum(steps)]) / max(total, 1e-6)
        dense = np.linspace(0.0, 1.0, max(int(total / 1.5), 4))
        points = np.stack([np.interp(dense, place, path[:, k]) for k in (0, 1)], axis=1)
        rise = np.minimum(1.0, ends[0] + (1 - ends[0]) * dense / 0.35)
        fall = np.minimum(1.0, ends[1] + (1 - ends[1]) * (1 - dense) / 0.35)
        widths = width * np.minimum(rise, fall)
        lo, hi = points.min(axis=0), points.max(axis=0)
        box = self.mask([np.array([lo, (hi[0], lo[1]), hi, (lo[0], hi[1])])])
        bits = np.zeros_like(box.bits)
        local = (points + MARGIN) * SUPER - (box.x, box.y)
        _polyline(bits, local, widths * SUPER)
        if within is not None:
            bits &= within.window(box.x, box.y, *bits.shape)
        self._view(box, self._ink)[bits > 0] = BLACK

    def finish(self) -> Frame:
        """Reduce the drawing to a binary line drawing and its truth."""
        ink, fill = self._reduce()
        ink, fill = _close_specks(ink, fill)
        count, raw = cv2.connectedComponents((ink == NONE).astype(np.uint8), connectivity=4)
        labels: Labels = raw.astype(np.int32)
        paints = np.array([self.colours[name] for name in self.regions], np.uint8)
        color = paints[fill]
        votes = np.zeros((count, len(self.regions)), np.int64)
        np.add.at(votes, (labels, fill), 1)
        owner = votes.argmax(axis=1)
        open_paint = (labels > 0) & (cv2.dilate((ink > 0).astype(np.uint8), np.ones((3, 3))) == 0)
        leaks = open_paint & (owner[labels] != fill)
        if leaks.any():
            row, col = np.argwhere(leaks)[0]
            names = {self.regions[i] for i in np.unique(fill[leaks])}
            raise ValueError(f"{int(leaks.sum())} px leak at ({col}, {row}) from {sorted(names)}")
        painted = labels > 0
        color[painted] = paints[owner[labels[painted]]]
        traced = (ink == RED) | (ink == BLUE)
        _settle_orphans(fill, owner[labels], painted, traced)
        color[traced] = paints[fill[traced]]
        color[ink == BLACK] = INK_RGB[BLACK]
        line = np.full((*ink.shape, 3), 255, np.uint8)
        for value, rgb in INK_RGB.items():
            line[ink == value] = rgb
        segments = [
            Segment(i, self.regions[owner[i]], self.colours[self.regions[owner[i]]])
            for i in range(1, count)
        ]
        return Frame(line, color, labels, segments)

    def _id(self, region: str, material: str, tone: str) -> int:
        """Return the number of a region, entering it on first use."""
        name = f"{region}.{tone}" if tone else region
        if name not in self.colours:
            self.regions.append(name)
            self.colours[name] = colour(material, tone)
        return self.regions.index(name)

    def _view(self, mask: Mask, plane: NDArray[np.generic]) -> NDArray[np.generic]:
        """Return the piece of a plane that lies under a mask."""
        h, w = mask.bits.shape
        return plane[mask.y : mask.y + h, mask.x : mask.x + w]

    def _tone(self, mask: Mask, extra: Mask | Shape, number: int, line: int) -> None:
        """Paint shadow or highlight inside a part, with its colour-trace border."""
        source = extra if isinstance(extra, Mask) else self.mask(extra)
        bits = source.window(mask.x, mask.y, *mask.bits.shape) & mask.bits
        bits = cv2.morphologyEx(bits, cv2.MORPH_OPEN, _disc(1.6)).astype(np.uint8)
        ring = (_grow(bits, TRACE) & mask.bits & ~bits & 1) > 0
        fill, ink = self._view(mask, self._fill), self._view(mask, self._ink)
        fill[bits > 0] = number
        ink[ring] = line
        if line == RED:
            fill[ring] = number

    def _outline(self, mask: Mask, width: float) -> None:
        """Ink the border of a mask, a little heavier towards the lower right."""
        contours, _ = cv2.findContours(mask.bits, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE)
        drawn = np.zeros_like(mask.bits)
        for contour in contours:
            points = contour[:, 0].astype(np.float64)
            if len(points) < 12:
                continue
            points = _round_filter(points, 5)
            tangent = np.roll(points, -2, axis=0) - np.roll(points, 2, axis=0)
            tangent /= np.maximum(np.linalg.norm(tangent, axis=1, keepdims=True), 1e-9)
            area = float(
                np.sum(
                    points[:, 0] * np.roll(points[:, 1], -1)
                    - points[:, 1] * np.roll(points[:, 0], -1)
                )
            )
            normal = np.stack([tangent[:, 1], -tangent[:, 0]], axis=1) * np.sign(area)
            weight = _round_filter(normal @ np.array([[0.07], [0.14]]), 31)[:, 0]
            _polyline(
                drawn,
                np.vstack([points, points[:1]])[::2],
                (width * SUPER * (1 + np.append(weight, weight[0])))[::2],
            )
        self._view(mask, self._ink)[drawn > 0] = BLACK

    def _reduce(self) -> tuple[Bits, Labels]:
        """Vote the subpixels of each pixel of the frame down to one ink and one region."""
        inner = slice(MARGIN * SUPER, -MARGIN * SUPER)
        shape = (self.height, SUPER, self.width, SUPER)
        ink = self._ink[inner, inner].reshape(shape).transpose(0, 2, 1, 3)
        fill = self._fill[inner, inner].reshape(shape).transpose(0, 2, 1, 3)
        counts = np.stack([(ink == value).sum(axis=(2, 3)) for value in (BLACK, RED, BLUE)])
        inked = counts.sum(axis=0) * 2 > SUPER * SUPER
        out = np.where(inked, counts.argmax(axis=0) + 1, NONE).astype(np.uint8)
        chosen = fill[:, :, SUPER // 2, SUPER // 2].astype(np.int32)
        settled = ink[:, :, SUPER // 2, SUPER // 2] == out
        for i in range(SUPER):
            for j in range(SUPER):
                usable = ~settled & (ink[:, :, i, j] == out)
                chosen[usable] = fill[:, :, i, j][usable]
                settled |= usable
        return out, chosen


def _disc(radius: float) -> Bits:
    """Return a round structuring element of a radius in pixels of the frame."""
    size = 2 * round(radius * SUPER) + 1
    return cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size)).astype(np.uint8)


def _grow(bits: Bits, radius: float) -> Bits:
    """Dilate a bit mask by a radius in pixels of the frame."""
    return cv2.dilate(bits, _disc(radius)).astype(np.uint8)


def _round_filter(values: Points, size: int) -> Points:
    """Smooth the rows of a closed sequence with a box filter."""
    half = min(size, len(values) - 1) // 2
    total = values.copy()
    for k in range(1, half + 1):
        total += np.roll(values, k, axis=0) + np.roll(values, -k, axis=0)
    smooth: Points = total / (2 * half + 1)
    return smooth


def _polyline(bits: Bits, points: Points, widths: Points | Sequence[float]) -> None:
    """Draw a line of changing width into a bit mask."""
    fixed = np.rint(points * 16).astype(np.int32)
    for a, b, w in zip(fixed[:-1], fixed[1:], widths, strict=False):
        cv2.line(
            bits,
            (int(a[0]), int(a[1])),
            (int(b[0]), int(b[1])),
            1,
            max(round(float(w)), 1),
            cv2.LINE_8,
            4,
        )


def _settle_orphans(
    fill: Labels, owners: NDArray[np.int64], painted: NDArray[np.bool_], traced: NDArray[np.bool_]
) -> None:
    """Give colour-trace pixels whose own region is nowhere near to the nearest segment.

    Args:
        fill: Region of every pixel; changed in place.
        owners: Region of the segment at every painted pixel.
        painted: Pixels of segments.
        traced: Pixels of colour-trace lines.
    """
    orphans = np.zeros_like(traced)
    for region in np.unique(fill[traced]):
        near = cv2.dilate(
            (painted & (owners == region)).astype(np.uint8), np.ones((7, 7), np.uint8)
        )
        orphans |= traced & (fill == region) & (near == 0)
    _, nearest = cv2.distanceTransformWithLabels(
        (~painted).astype(np.uint8), cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL
    )
    owner_of = np.zeros(int(nearest.max()) + 1, np.int64)
    owner_of[nearest[painted]] = owners[painted]
    fill[orphans] = owner_of[nearest[orphans]]


def _close_specks(ink: Bits, fill: Labels) -> tuple[Bits, Labels]:
    """Give paintable specks to the ink that surrounds most of them."""
    ink, fill = ink.copy(), fill.copy()
    _, labels, stats, _ = cv2.connectedComponentsWithStats(
        (ink == NONE).astype(np.uint8), connectivity=4
    )
    kernel = np.ones((3, 3), np.uint8)
    for label in np.flatnonzero(stats[:, cv2.CC_STAT_AREA] < SPECK):
        x, y, w, h, _ = (int(v) for v in stats[label])
        view = (slice(max(y - 1, 0), y + h + 1), slice(max(x - 1, 0), x + w + 1))
        speck = labels[view] == label
        rim = (cv2.dilate(speck.astype(np.uint8), kernel) > 0) & (ink[view] != NONE)
        value = int(np.bincount(ink[view][rim]).argmax())
        of_value = rim & (ink[view] == value)
        fill[view][speck] = int(np.bincount(fill[view][of_value]).argmax())
        ink[view][speck] = value
    return ink, fill
