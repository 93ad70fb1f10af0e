"""The head: hair, cap, face and expression, turned in depth by yaw and pitch."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .canvas import BLUE, RED, Canvas, Mask
from .geometry import (
    Affine,
    Point,
    Points,
    along,
    closed,
    ellipse,
    polygon,
    rotate,
    scale,
    spline,
    translate,
    tube,
)
from .poses import Pose

FINE = 2.8
SIDES = (("right", -1.0), ("left", 1.0))
"""The character's own sides, and where they are on the screen."""

# Bangs as (left edge, right edge, tip x, tip y), painted in this order.
BANGS: tuple[tuple[float, float, float, float], ...] = (
    (-134, -90, -116, 52),
    (92, 134, 117, 54),
    (-106, -40, -72, 8),
    (40, 106, 74, 8),
    (-50, 52, 8, 26),
)


@dataclass(frozen=True)
class Head:
    """The head of one pose, in its own frame: origin between the ears, chin at y = 136."""

    canvas: Canvas
    pose: Pose
    frame: Affine

    @property
    def sin(self) -> float:
        """Sine of the yaw."""
        return float(np.sin(np.deg2rad(self.pose.yaw)))

    def _turned(self, x: float, y: float, z: float) -> Point:
        """Project a point of the head at rest, z towards the viewer."""
        yaw, pitch = np.deg2rad(self.pose.yaw), np.deg2rad(self.pose.pitch)
        return float(x * np.cos(yaw) + z * np.sin(yaw)), float(y - z * np.sin(pitch))

    def _row(self, points: list[Point], depth: float) -> list[Point]:
        """Project points that share a depth."""
        return [self._turned(x, y, depth) for x, y in points]

    def _hair_sway(self, y: float) -> float:
        """Return the sideways swing of hair at a height."""
        drop = min(max((y + 60) / 220, 0.0), 1.2)
        return float(self.pose.sway * drop**1.5)

    def draw_back_hair(self) -> None:
        """Draw the hair that hangs behind the neck."""
        off = -self.sin * 26
        half = [(60, -150), (124, -110), (156, -30), (160, 50), (164, 108), (186, 156)]
        right = [(x + off, y) for x, y in half]
        left = [(-x + off, y) for x, y in half]
        tips = [
            (146, 146),
            (128, 184),
            (96, 154),
            (62, 192),
            (30, 158),
            (0, 182),
            (-34, 156),
            (-66, 192),
            (-98, 152),
            (-130, 182),
            (-148, 144),
        ]
        low = [(x + off, float(y)) for x, y in tips]
        path = [(x + self._hair_sway(y), y) for x, y in [*right, *low, *left[::-1]]]
        sharp = [5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17]
        shade = closed(
            [
                (-104 + off, 20),
                (104 + off, 20),
                (118 + off, 120),
                (90 + off, 142),
                (0 + off, 150),
                (-90 + off, 142),
                (-118 + off, 120),
            ]
        )
        self.canvas.part(
            "hair_back",
            "hair_back",
            self.frame.shape([closed(path, sharp)]),
            shade=self.frame.shape([shade]),
        )
        for x in (-134, 134):
            strand = [(x + off + self._hair_sway(y), y) for y in (70.0, 105.0, 140.0)]
            self.canvas.stroke(self.frame.points(spline(strand)), FINE, (0.4, 0.9))

    def draw(self) -> None:
        """Draw everything of the head but the back hair."""
        locks = [self._bang(*lock) for lock in BANGS]
        side_locks = {name: self._side_lock(side) for name, side in SIDES if self.sin * side < 0.42}
        self._draw_ahoge()
        self._draw_ears()
        shape = self.frame.shape([closed(self._face(), [6])])
        fringe = self.canvas.mask(self.frame.shape([*locks, *side_locks.values()]))
        drop = self.frame.points([(0, 0), (5, 17)])
        dx, dy = drop[1] - drop[0]
        face = self.canvas.part("face", "skin", shape, shade=fringe.shifted(dx, dy), width=3.2)
        self._draw_blush(face)
        self._draw_mouth(face)
        nose = self._row([(3, 64), (7, 72), (1, 75)], 118)
        self.canvas.stroke(self.frame.points(spline(nose)), 2.6, (0.5, 0.7))
        for name, side in SIDES:
            self._draw_eye(name, side, face)
        self._draw_temples()
        self._draw_hair(locks, side_locks)
        for _, side in SIDES:
            self._draw_brow(side)
        self._draw_cap()

    def _face(self) -> list[Point]:
        s = self.sin
        half = [(118, -70), (118, 8), (108, 56), (78, 100), (34, 128)]
        points = []
        for side, row in ((1.0, half), (0.0, [(0, 138)]), (-1.0, half[::-1])):
            for x, y in row:
                away = max(s * side, 0.0)
                squeeze = 1 - away * (0.20 if y < 30 else 0.10)
                slide = s * np.interp(y, [-70, 8, 138], [8, 14, 44])
                points.append(
                    (x * side * squeeze + slide, float(y - self.pose.pitch * 0.35 * y / 138))
                )
        return [*points, (0.0, -120.0)]

    def _draw_ears(self) -> None:
        for name, side in SIDES:
            if self.sin * side > 0.3:
                continue
            x, y = self._turned(side * 130, 30, -6)
            ear = closed(
                [
                    (x - side * 12, y - 26),
                    (x + side * 12, y - 28),
                    (x + side * 19, y - 8),
                    (x + side * 11, y + 16),
                    (x - side * 4, y + 32),
                    (x - side * 16, y + 20),
                ]
            )
            inner = closed(
                [
                    (x - side * 10, y - 14),
                    (x + side * 6, y - 16),
                    (x + side * 8, y),
                    (x - side * 2, y + 14),
                    (x - side * 14, y + 18),
                ]
            )
            self.canvas.part(
                f"ear_{name}",
                "skin",
                self.frame.shape([ear]),
                shade=self.frame.shape([inner]),
                width=3.0,
            )

    def _draw_blush(self, face: Mask) -> None:
        for name, side in SIDES:
            if self.sin * side > 0.45:
                continue
            x, y = self._turned(side * 72, 82, 62)
            patch = ellipse(x, y, 21 - 9 * max(self.sin * side, 0), 9.5, -6 * side)
            self.canvas.part(
                f"blush_{name}", "blush", self.frame.shape([patch]), within=face, soft=RED
            )

    def _draw_mouth(self, face: Mask) -> None:
        kind = self.pose.mouth
        squeeze = 1 - 0.3 * abs(self.sin)
        x, y = self._turned(0, 98, 92)
        place = self.frame @ translate(x, y) @ scale(squeeze, 1.0)
        if kind == "smile":
            path = spline([(-22, -3), (-10, 4), (0, 3), (10, 4), (22, -3)])
            self.canvas.stroke(place.points(path), 3.0, (0.5, 0.5))
            return
        if kind == "flat":
            self.canvas.stroke(place.points(spline([(-15, 4), (-5, -1), (6, -1), (15, 4)])), 3.0)
            return
        shapes = {
            "open": closed([(-27, -11), (0, -7), (27, -11), (21, 12), (0, 25), (-21, 12)], [0, 2]),
            "grin": closed([(-31, -10), (0, -5), (31, -10), (19, 10), (0, 16), (-19, 10)], [0, 2]),
            "oh": ellipse(0, 2, 12, 14),
        }
        mouth = self.canvas.part(
            "mouth", "mouth", place.shape([shapes[kind]]), within=face, width=3.0
        )
        tongue = {
            "open": ellipse(2, 22, 17, 13),
            "grin": ellipse(1, 17, 15, 9),
            "oh": ellipse(0, 15, 10, 8),
        }[kind]
        self.canvas.part("tongue", "tongue", place.shape([tongue]), within=mouth, width=2.2)
        if kind == "grin":
            teeth = closed([(-34, -16), (34, -16), (28, -4), (0, 2), (-28, -4)], [0, 1])
            self.canvas.part("teeth", "teeth", place.shape([teeth]), within=mouth, width=2.2)
        self._outline_again(place, shapes[kind])

    def _outline_again(self, place: Affine, shape: Points) -> None:
        """Ink an outline once more, over what was painted inside of it."""
        self.canvas.stroke(place.points(np.vstack([shape, shape[:1]])), 3.0, (1.0, 1.0))

    def _eye_place(self, side: float, y: float, depth: float) -> Affine:
        away = self.sin * side
        x, top = self._turned(side * 56, y, depth)
        width = 1 - 0.62 * max(away, 0) - 0.08 * max(-away, 0)
        return self.frame @ translate(x, top) @ scale(side * width, 1.0)

    def _draw_eye(self, name: str, side: float, face: Mask) -> None:
        place = self._eye_place(side, 34, 62)
        closed_eye = self.pose.eyes in ("shut", "happy") or (
            self.pose.eyes == "wink" and name == "left"
        )
        if closed_eye:
            self._draw_closed_eye(place)
            return
        outline = closed(
            [
                (-29, 8),
                (-26, -14),
                (-8, -33),
                (16, -31),
                (30, -12),
                (31, 8),
                (24, 27),
                (3, 35),
                (-17, 29),
            ]
        )
        white = self.canvas.part(
            f"eye_white_{name}", "eye_white", place.shape([outline]), within=face, width=2.4
        )
        gx, gy = self.pose.gaze
        eye = place @ translate(gx * side * 6 + 1, gy * 5 + 1)
        iris = self.canvas.part(
            f"iris_{name}",
            "iris",
            eye.shape([ellipse(0, 0, 22.5, 35)]),
            within=white,
            width=2.4,
            shade=eye.shape([polygon([(-40, -60), (40, -60), (40, 0), (-40, 0)])]),
            gloss=eye.shape([ellipse(0, 24, 12.5, 9)]),
        )
        self.canvas.part(
            f"pupil_{name}", "pupil", eye.shape([ellipse(0, -2, 9.5, 14)]), within=iris, width=2.0
        )
        for label, spot in (
            ("gleam", ellipse(-9 * side, -15, 8.5, 10.5, -12)),
            ("gleam_small", ellipse(10 * side, 13, 5, 5.5)),
        ):
            self.canvas.part(f"{label}_{name}", "gleam", eye.shape([spot]), within=white, soft=BLUE)
        lash = closed(
            [
                (-33, 2),
                (-27, -19),
                (-7, -38),
                (17, -36),
                (31, -18),
                (45, -15),
                (34, -4),
                (31, 6),
                (27, -9),
                (14, -27),
                (-6, -28),
                (-21, -13),
            ],
            [0, 5, 7],
        )
        self.canvas.ink(place.shape([lash]))
        self.canvas.ink(place.shape([closed([(28, -14), (43, -3), (30, -4)], [0, 1, 2])]))
        self.canvas.stroke(place.points(spline([(-15, 31), (3, 36), (23, 28)])), 3.4, (0.5, 0.5))

    def _draw_closed_eye(self, place: Affine) -> None:
        up = -1.0 if self.pose.eyes in ("happy", "wink") else 1.0
        bow = [
            (-30, 14 - up * 4),
            (-17, 14 + up * 8),
            (0, 14 + up * 12),
            (18, 14 + up * 7),
            (32, 14 - up * 6),
        ]
        self.canvas.stroke(place.points(spline(bow)), 6.0, (0.4, 0.6))
        lower = [(20, 14 + up * 6), (30, 14 + up * 2), (40, 14 + up * 5)]
        self.canvas.stroke(place.points(spline(lower)), 3.4, (1.0, 0.45))
        self.canvas.stroke(place.points(spline([(-12, -12), (4, -15), (20, -11)])), 2.2)

    def _draw_brow(self, side: float) -> None:
        place = self._eye_place(side, -15 - self.pose.brows, 74)
        brow = spline([(-20, 2), (-4, -4), (12, -4), (26, 3)])
        self.canvas.stroke(place.points(brow), 4.0, (0.7, 0.4))

    def _bang(self, left: float, right: float, tip_x: float, tip_y: float) -> Points:
        mid = (left + right) / 2
        swing = self._hair_sway(tip_y + 60) * 0.8

        def edge(x: float, bow: float) -> list[Point]:
            rows = [
                (x * 0.55, -134.0),
                (x * 0.93, -96.0),
                (x, -58.0),
                (x * 0.55 + tip_x * 0.45 + bow, -58 + (tip_y + 58) * 0.6),
            ]
            return [
                self._turned(px, py, float(np.sqrt(max(150.0**2 - px**2, 400.0))) * 0.62)
                for px, py in rows
            ]

        tip = self._turned(tip_x, tip_y, float(np.sqrt(max(150.0**2 - tip_x**2, 400.0))) * 0.62)
        root = (mid * 0.1 - self.sin * 10, -150.0)
        bow = 5.0 if tip_x > mid else -5.0
        path = [root, *edge(left, bow - 4), (tip[0] + swing, tip[1]), *edge(right, bow + 4)[::-1]]
        return closed(path, [0, 5])

    def _side_lock(self, side: float) -> Points:
        path = [
            (94, -62),
            (124, -58),
            (129, 6),
            (128, 74),
            (108, 150),
            (95, 96),
            (101, 40),
            (101, 0),
        ]
        turned = [self._turned(side * x, y, 34 if y < 20 else 22) for x, y in path]
        swung = [(x + self._hair_sway(y), y) for x, y in turned]
        return closed(swung, [0, 4])

    def _draw_hair(self, locks: list[Points], side_locks: dict[str, Points]) -> None:
        s = self.sin
        band = self._gloss_band(-64, -45)
        for name, lock in side_locks.items():
            self.canvas.part(f"hair_side_lock_{name}", "hair", self.frame.shape([lock]))
        for number, lock in enumerate(locks, start=1):
            if (number == 1 and s < -0.36) or (number == 2 and s > 0.36):
                continue
            self.canvas.part(
                f"hair_front_lock_{number}",
                "hair",
                self.frame.shape([lock]),
                gloss=self.frame.shape([band]),
            )

    def _draw_temples(self) -> None:
        """Draw the hair above the ears, seen where the head turns away from it."""
        for name, side in SIDES:
            if self.sin * side > 0.1:
                continue
            path = [
                (70, -130),
                (130, -112),
                (154, -50),
                (156, 6),
                (142, 18),
                (122, 4),
                (104, 22),
                (92, -40),
            ]
            turned = [self._turned(side * x, y, 12) for x, y in path]
            self.canvas.part(
                f"hair_temple_{name}", "hair_back", self.frame.shape([closed(turned, [3, 6])])
            )

    def _gloss_band(self, top: float, bottom: float) -> Points:
        xs = np.linspace(-170, 170, 41)
        bow = 12 * (1 - (xs / 170) ** 2)
        zigzag = np.where(np.arange(41) % 4 < 2, 3.0, -3.0)
        upper = np.stack([xs, top + bow], axis=1)
        lower = np.stack([xs, bottom + bow + zigzag], axis=1)
        return np.vstack([upper, lower[::-1]])

    def _draw_ahoge(self) -> None:
        lift = self.pose.cap_lift
        sway = self.pose.sway * 0.8
        curl = spline(
            [
                (14, -150),
                (18, -200 - lift),
                (42 + sway, -244 - lift),
                (78 + sway, -248 - lift),
                (92 + sway, -226 - lift),
            ]
        )
        shape = tube(along(curl, 0, 1), [11, 11, 10, 7, 1.5])
        self.canvas.part("hair_ahoge", "hair", self.frame.shape(shape))

    def _draw_cap(self) -> None:
        lift, s = self.pose.cap_lift, self.sin
        place = self.frame @ translate(-s * 8, -24 - lift) @ rotate(lift * 0.12) @ scale(0.95, 0.95)
        dome = [
            (-132, -70),
            (-163, -98),
            (-158, -152),
            (-104, -192),
            (0, -206),
            (104, -192),
            (158, -152),
            (163, -98),
            (132, -70),
            (70, -84),
            (0, -90),
            (-70, -84),
        ]
        shade = [
            (60, -230),
            (200, -200),
            (200, -40),
            (-200, -40),
            (-200, -86),
            (-90, -108),
            (20, -112),
            (96, -128),
            (118, -160),
        ]
        shine = [(-120, -168), (-70, -186), (-40, -178), (-84, -158), (-122, -136)]
        dome_mask = self.canvas.part(
            "cap",
            "cap",
            place.shape([closed(dome, [0, 8])]),
            shade=place.shape([closed(shade)]),
            gloss=place.shape([closed(shine)]),
        )
        knob_x = s * 18
        for x in (-88, 84):
            seam = [(knob_x, -206), (x * 0.62 + s * 66, -176), (x + s * 80, -128)]
            self.canvas.stroke(place.points(spline(seam)), FINE, (0.9, 0.4), dome_mask)
        knob = ellipse(knob_x, -207, 17, 9)
        self.canvas.part("cap_knob", "cap_band", place.shape([knob]))
        bow = s * 54
        rim = closed(
            [
                (-134, -74),
                (-70 + bow, -92),
                (0 + bow, -97),
                (70 + bow, -92),
                (134, -74),
                (132, -50),
                (70 + bow, -66),
                (0 + bow, -71),
                (-70 + bow, -66),
                (-132, -50),
            ],
            [0, 4, 5, 9],
        )
        self.canvas.part("cap_band", "cap_band", place.shape([rim]))
        brim = closed(
            [
                (-96 + bow, -66),
                (0 + bow, -78),
                (96 + bow, -66),
                (84 + bow * 1.1, -40),
                (0 + bow * 1.3, -27),
                (-84 + bow * 1.1, -40),
            ],
            [0, 2],
        )
        under = closed(
            [(-110 + bow, -46), (0 + bow, -42), (110 + bow, -46), (90 + bow, -10), (-90 + bow, -10)]
        )
        self.canvas.part("cap_brim", "cap", place.shape([brim]), shade=place.shape([under]))
        self._draw_badge(place @ translate(bow * 1.15 + s * 18, -116) @ scale(1 - abs(s) * 0.3, 1))

    def _draw_badge(self, place: Affine) -> None:
        badge = self.canvas.part("badge", "metal", place.shape([ellipse(0, 0, 25, 25)]), width=3.0)
        wing = closed([(-15, -7), (0, 0), (15, -7), (11, 7), (0, 13), (-11, 7)], [0, 1, 2])
        self.canvas.part("badge_emblem", "emblem", place.shape([wing]), within=badge, width=2.2)
