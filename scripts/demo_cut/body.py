"""The body below the head: clothes, limbs, bag and scarf."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .canvas import Canvas
from .geometry import (
    Affine,
    Point,
    Points,
    Shape,
    along,
    closed,
    ellipse,
    limb,
    polygon,
    rotate,
    shifted,
    spline,
    translate,
    tube,
    two_bone,
)
from .poses import Arm, Pose

FINE = 2.8
SIDE = {"right": -1.0, "left": 1.0}
THIGH, SHIN = 142.0, 142.0
UPPER_ARM, FOREARM = 74.0, 68.0
HAND_SCALE = 1.2


@dataclass(frozen=True)
class Body:
    """The body of one pose; hips in the root frame, the rest in the leaning torso frame."""

    canvas: Canvas
    pose: Pose
    root: Affine

    @property
    def torso(self) -> Affine:
        """The frame of the upper body: origin at the hips, neck at y = -190."""
        return self.root @ rotate(self.pose.lean)

    @property
    def far(self) -> str:
        """The side that is turned away from the viewer."""
        return "left" if self.pose.turn > 0 else "right"

    @property
    def near(self) -> str:
        """The side that is turned towards the viewer."""
        return "right" if self.far == "left" else "left"

    def _across(self, x: float, y: float, depth: float = 40.0) -> Point:
        """Turn a point of the front of the trunk with the body."""
        t = self.pose.turn * 0.62
        return x * float(np.sqrt(1 - t * t)) + depth * t, y

    # Legs -----------------------------------------------------------------------------------

    def draw_leg(self, side: str) -> None:
        """Draw one leg: thigh, sock, shorts and boot."""
        t, sign = self.pose.turn, SIDE[side]
        foot = self.pose.left_foot if side == "left" else self.pose.right_foot
        hip = (sign * 37 * (1 - 0.3 * abs(t)), 8.0)
        heading = float(np.clip(sign * 0.42 * (1 - abs(t)) + t * 1.3, -1, 1))
        knee, ankle = two_bone(hip, (foot.x, foot.y), THIGH, SHIN, heading * 1.0)
        spine = limb(hip, knee, ankle)
        place = self.root
        self.canvas.part(
            f"leg_{side}",
            "skin",
            place.shape(tube(along(spine, 0.2, 0.7), [36, 32, 27, 25])),
            shade=place.shape(tube(along(spine, 0.2, 0.45), [44, 44, 40], (0, 0.4))),
        )
        sock = tube(along(spine, 0.56, 0.95), [28, 29, 26, 22], (0.18, 0))
        self.canvas.part(f"sock_{side}", "sock", place.shape(sock))
        stripe = tube(along(spine, 0.6, 0.645), [29, 29.3], (0.1, 0.1))
        self.canvas.part(f"sock_stripe_{side}", "sock_stripe", place.shape(stripe), width=FINE)
        self._draw_boot(side, spine, ankle, heading, foot.tip)
        shorts = tube(along(spine, 0.0, 0.34), [46, 47, 46], (0.9, 0))
        self.canvas.part(
            f"shorts_{side}",
            "shorts",
            place.shape(shorts),
            shade=place.shape(tube(shifted(along(spine, 0.0, 0.4), 30, 0), [42, 40, 38])),
        )
        cuff = tube(along(spine, 0.31, 0.385), [48.5, 48.5], (0.12, 0.14))
        self.canvas.part(f"shorts_cuff_{side}", "shorts_cuff", place.shape(cuff))

    def _draw_boot(
        self, side: str, spine: Points, ankle: Point, heading: float, tip: float
    ) -> None:
        shaft = tube(along(spine, 0.79, 0.995), [30, 28, 27], (0, 0.4))
        place = self.root @ translate(*ankle) @ rotate(tip)
        toe = 26 + 40 * abs(heading)
        way = 1.0 if heading >= 0 else -1.0
        upper = closed(
            [
                (way * x, y)
                for x, y in [
                    (-25, -6),
                    (-29, 16),
                    (-27, 32),
                    (0, 34),
                    (toe, 34),
                    (toe + 9, 20),
                    (toe - 2, 5),
                    (18 + toe * 0.2, -7),
                    (20, -16),
                    (0, -20),
                ]
            ]
        )
        sole = closed(
            [
                (way * x, y)
                for x, y in [
                    (-30, 26),
                    (-27, 40),
                    (2, 40),
                    (10, 38),
                    (toe, 40),
                    (toe + 10, 34),
                    (toe + 11, 24),
                    (toe, 28),
                    (8, 28),
                    (-14, 29),
                ]
            ],
            [0, 6],
        )
        shade = [
            self.root.points(
                translate(*ankle).points(
                    rotate(tip).points([(-60, 18), (120, 18), (120, 60), (-60, 60)])
                )
            )
        ]
        self.canvas.part(f"boot_{side}", "boot", place.shape([upper]), shade=shade)
        self.canvas.part(f"sole_{side}", "sole", place.shape([sole]))
        self.canvas.part(f"boot_shaft_{side}", "boot", self.root.shape(shaft))
        for y in (-12.0, -1.0):
            lace = spline([(way * 8 - 2, y), (way * 18, y + 3), (way * 24, y + 2)])
            self.canvas.stroke(place.points(lace), FINE)
        cuff = tube(along(spine, 0.755, 0.835), [33, 32.5], (0.14, 0.14))
        self.canvas.part(f"boot_cuff_{side}", "boot_cuff", self.root.shape(cuff))

    # Trunk ----------------------------------------------------------------------------------

    def draw_coat(self) -> None:
        """Draw the coat with its front opening, hem, pockets and buttons."""
        t = self.pose.turn
        narrow = 1 - 0.14 * abs(t)
        swing = self.pose.sway * 0.5
        side = [(36, -186), (72, -164), (70, -110), (66, -60), (84, 0), (106, 44)]
        right = [(x * narrow + (swing if y > 0 else 0), float(y)) for x, y in side]
        left = [(-x * narrow + (swing if y > 0 else 0), float(y)) for x, y in side]
        hem = [(60 * narrow + swing, 60), (8 + swing, 62), (-60 * narrow + swing, 60)]
        bottom = [(x, float(y)) for x, y in hem]
        coat = closed([*right, *bottom, *left[::-1]], [0, 5, 9, 14])
        shade = [
            (30 + t * 20, -130),
            (20 + t * 20, -40),
            (44 + t * 20, 20),
            (58 + t * 20, 90),
            (200, 90),
            (200, -150),
            (90, -150),
        ]
        under = ellipse(0, -172, 86, 38)
        shape = self.torso.shape([coat])
        shadow = self.torso.shape([closed(shade), under])
        self.canvas.part("coat_right", "coat", shape, shade=shadow)
        whole = self.canvas.mask(shape)
        edge = [
            self._across(x, y, d)
            for x, y, d in [
                (-2, -190, 40),
                (-4, -110, 52),
                (-6, -40, 54),
                (-10, 0, 56),
                (-16, 80, 60),
            ]
        ]
        front = np.vstack([spline(edge), [(260, 80), (260, -200)]])
        left_front = self.canvas.part(
            "coat_left", "coat", self.torso.shape([front]), shade=shadow, within=whole
        )
        rim = [
            (-140.0, 22.0),
            (-106 * narrow + swing, 24.0),
            (-60 * narrow + swing, 38),
            (8 + swing, 40),
            (60 * narrow + swing, 38),
            (106 * narrow + swing, 24),
            (140.0, 22.0),
        ]
        stripe = np.vstack([spline(rim), [(160, 100), (-160, 100)]])
        for name, within in (("right", whole), ("left", left_front)):
            self.canvas.part(
                f"coat_hem_{name}", "hem", self.torso.shape([stripe]), shade=shadow, within=within
            )
        for sign, name in ((-1.0, "right"), (1.0, "left")):
            self._draw_pocket(sign, name)
        for number, y in enumerate((-92.0, -50.0, -8.0), start=1):
            x, y = self._across(13, y, 50)
            self.canvas.part(
                f"button_{number}", "button", self.torso.shape([ellipse(x, y, 8, 8)]), width=FINE
            )

    def _draw_pocket(self, sign: float, name: str) -> None:
        away = max(self.pose.turn * sign, 0.0)
        if away > 0.6:
            return
        width = 40 * (1 - 0.6 * away)
        x, y = self._across(sign * 51, -8, 34)
        flap = closed(
            [
                (x - width / 2, y - 16),
                (x + width / 2, y - 16),
                (x + width / 2 + 1, y + 4),
                (x, y + 9),
                (x - width / 2 - 1, y + 4),
            ],
            [0, 1, 2, 4],
        )
        self.canvas.part(f"pocket_{name}", "coat_pocket", self.torso.shape([flap]), width=3.0)

    def draw_neck(self) -> None:
        """Draw the neck with the shirt below it."""
        x, _ = self._across(0, 0, 8)
        neck = tube(np.array([(x, -226.0), (x, -206.0), (x, -186.0), (x, -170.0)]), [25, 25])
        self.canvas.part(
            "neck",
            "skin",
            self.torso.shape(neck),
            shade=self.torso.shape([ellipse(x + 4, -214, 60, 34)]),
        )
        points = [
            self._across(dx, dy, d)
            for dx, dy, d in [
                (-42, -190, 20),
                (42, -190, 20),
                (26, -150, 40),
                (0, -112, 50),
                (-26, -150, 40),
            ]
        ]
        self.canvas.part("shirt", "shirt", self.torso.shape([closed(points, [0, 1, 3])]))

    def draw_collar(self) -> None:
        """Draw the two wide flaps of the collar."""
        for sign, name in ((-1.0, "right"), (1.0, "left")):
            flap = [
                self._across(sign * x, y, d)
                for x, y, d in [
                    (26, -200, 10),
                    (58, -188, 0),
                    (92, -158, -4),
                    (84, -126, 10),
                    (44, -124, 34),
                    (2, -112, 50),
                    (18, -150, 40),
                ]
            ]
            self.canvas.part(f"collar_{name}", "trim", self.torso.shape([closed(flap, [2, 3, 5])]))

    # Scarf ----------------------------------------------------------------------------------

    def draw_scarf_tail(self) -> None:
        """Draw the tail that blows behind the back, showing its reverse beyond the twist."""
        w = self.pose.wind
        way = 1.0 if w >= 0 else -1.0
        reach = abs(w)
        spine = spline(
            [
                (way * 30, -188),
                (way * (72 + 40 * reach), -178),
                (way * (108 + 84 * reach), -128 - 36 * reach),
                (way * (126 + 150 * reach), -62 - 122 * reach),
                (way * (150 + 214 * reach), 4 - 164 * reach),
            ]
        )
        first, second = along(spine, 0, 0.62), along(spine, 0.52, 1.0)
        self.canvas.part(
            "scarf_tail_reverse",
            "scarf_back",
            self.torso.shape(tube(second, [17, 24, 28, 29])),
            shade=self.torso.shape(tube(shifted(second, 0, 20), [18, 20, 18])),
        )
        stripe = along(spine, 0.84, 0.92)
        self.canvas.part(
            "scarf_tail_stripe",
            "scarf_stripe",
            self.torso.shape(tube(stripe, [28.6, 29.2])),
            width=FINE,
        )
        self.canvas.part(
            "scarf_tail_back",
            "scarf",
            self.torso.shape(tube(first, [16, 22, 20, 13])),
            shade=self.torso.shape(tube(shifted(first, 0, 20), [16, 20, 18])),
        )

    def draw_scarf(self) -> None:
        """Draw the front tail and the wrap about the neck."""
        x, _ = self._across(0, 0, 14)
        kx, ky = self._across(28, -172, 40)
        drift = self.pose.wind * 26 + self.pose.sway * 0.5
        spine = spline(
            [
                (kx, ky),
                (kx + 8, ky + 34),
                (kx + 6 + drift * 0.5, ky + 68),
                (kx + 4 + drift, ky + 102),
            ]
        )
        self.canvas.part(
            "scarf_tail_front",
            "scarf",
            self.torso.shape(tube(spine, [13, 19, 22, 24])),
            shade=self.torso.shape(tube(shifted(spine, 16, 6), [13, 18, 18, 16])),
        )
        self.canvas.part(
            "scarf_stripe_front",
            "scarf_stripe",
            self.torso.shape(tube(along(spine, 0.76, 0.87), [23, 23.5])),
            width=FINE,
        )
        wrap = closed(
            [
                (x - 62, -206),
                (x - 72, -186),
                (x - 48, -160),
                (x, -149),
                (x + 48, -160),
                (x + 72, -186),
                (x + 62, -206),
                (x, -216),
            ]
        )
        under = closed(
            [(x - 70, -230), (x + 90, -230), (x + 60, -196), (x + 8, -182), (x - 50, -192)]
        )
        mask = self.canvas.part(
            "scarf", "scarf", self.torso.shape([wrap]), shade=self.torso.shape([under])
        )
        for fold in (
            [(x - 60, -190), (x - 30, -172), (x + 10, -166)],
            [(x + 66, -186), (x + 46, -174), (x + 30, -170)],
        ):
            self.canvas.stroke(self.torso.points(spline(fold)), FINE, (0.9, 0.4), mask)
        knot = closed(
            [
                (kx - 20, ky - 14),
                (kx + 14, ky - 18),
                (kx + 24, ky + 6),
                (kx + 4, ky + 20),
                (kx - 20, ky + 8),
            ]
        )
        self.canvas.part("scarf_knot", "scarf", self.torso.shape([knot]))

    # Bag ------------------------------------------------------------------------------------

    def draw_strap(self) -> None:
        """Draw the strap across the chest."""
        path = spline(
            [
                self._across(x, y, d)
                for x, y, d in [
                    (-66, -172, 10),
                    (-30, -116, 46),
                    (20, -62, 54),
                    (70, -14, 30),
                    (98, 14, 0),
                ]
            ]
        )
        self.canvas.part("bag_strap", "strap", self.torso.shape(tube(path, [9.5, 9.5])), width=3.0)

    def draw_bag(self) -> None:
        """Draw the bag that hangs from the strap."""
        x, y = self._across(98, 8, 0)
        hang = self.torso @ translate(x, y) @ rotate(-self.pose.bag_swing - self.pose.lean)
        self.canvas.part(
            "bag_strap_end",
            "strap",
            hang.shape(tube(np.array([(0.0, 0.0), (0.0, 15.0), (0.0, 30.0)]), [9.5, 9.5], (1, 0))),
            width=3.0,
        )
        box = closed(
            [(-54, 24), (54, 24), (60, 62), (56, 104), (0, 110), (-56, 104), (-60, 62)],
            [0, 1, 3, 5],
        )
        flap = closed(
            [(-58, 18), (0, 14), (58, 18), (62, 50), (44, 72), (0, 78), (-44, 72), (-62, 50)],
            [0, 2],
        )
        self.canvas.part(
            "bag",
            "bag",
            hang.shape([box]),
            shade=hang.shape(
                [
                    polygon(
                        [
                            (-80, 60),
                            (30, 86),
                            (40, 20),
                            (90, 20),
                            (90, 130),
                            (26, 130),
                            (24, 92),
                            (-80, 84),
                        ]
                    )
                ]
            ),
        )
        self.canvas.part(
            "bag_flap",
            "bag_flap",
            hang.shape([flap]),
            shade=hang.shape([closed([(30, 0), (36, 50), (20, 90), (90, 90), (90, 0)])]),
        )
        buckle = closed([(-15, 66), (15, 66), (15, 88), (-15, 88)], range(4))
        self.canvas.part("bag_buckle", "metal", hang.shape([buckle]), width=FINE)

    # Arms -----------------------------------------------------------------------------------

    def arm(self, side: str) -> Arm:
        """Return the pose of an arm."""
        return self.pose.left if side == "left" else self.pose.right

    def draw_arm(self, side: str) -> None:
        """Draw one arm: hand, sleeve and cuff."""
        arm, sign = self.arm(side), SIDE[side]
        t = self.pose.turn
        first = np.deg2rad(arm.raise_)
        second = np.deg2rad(arm.raise_ + arm.bend)
        lift = max(float(np.sin(np.deg2rad(max(arm.raise_ - 40, 0)))), 0) * 16
        shoulder = (
            sign * 66 * (1 - 0.22 * abs(t)) + t * (-6 if side == self.near else 8),
            -150.0 - lift,
        )
        elbow = (
            shoulder[0] + sign * UPPER_ARM * float(np.sin(first)),
            shoulder[1] + UPPER_ARM * float(np.cos(first)),
        )
        wrist = (
            elbow[0] + sign * FOREARM * float(np.sin(second)),
            elbow[1] + FOREARM * float(np.cos(second)),
        )
        spine = limb(shoulder, elbow, wrist)
        angle = float(np.rad2deg(np.arctan2(wrist[1] - elbow[1], wrist[0] - elbow[0]))) - 90
        hand = self.torso @ translate(*wrist) @ rotate(angle + sign * arm.twist)
        self._draw_hand(side, hand, arm)
        sleeve = tube(along(spine, 0.0, 0.93), [26, 27, 25, 27, 31], (0.8, 0))
        self.canvas.part(
            f"sleeve_{side}",
            "coat",
            self.torso.shape(sleeve),
            shade=self.torso.shape(tube(shifted(spine, 20, 9), [22, 22, 20, 22, 27], (0.8, 0))),
        )
        cuff = tube(along(spine, 0.84, 1.0), [33, 33.5], (0.14, 0.16))
        self.canvas.part(f"cuff_{side}", "trim", self.torso.shape(cuff))

    def _draw_hand(self, side: str, place: Affine, arm: Arm) -> None:
        """Draw a gloved hand; in its frame the fingers point along +y."""
        flip = -SIDE[side]
        k = HAND_SCALE

        def shape(parts: Shape) -> Shape:
            return place.shape([p * (flip * k, k) for p in parts])

        def line(points: list[Point]) -> None:
            path = spline([(x * flip * k, y * k) for x, y in points])
            self.canvas.stroke(place.points(path), 2.6, (0.9, 0.6))

        def finger(root: Point, tip: Point, radius: float) -> Shape:
            return tube(along(spline([root, tip]), 0, 1), [radius, radius, radius * 0.85], (1, 1))

        region = f"glove_{side}"
        if arm.hand == "open":
            palm = [ellipse(0, 24, 24, 27)]
            fingers = [
                finger((15, 36), (28, 69), 8),
                finger((5, 40), (9, 80), 8.2),
                finger((-5, 40), (-11, 78), 8),
                finger((-15, 34), (-30, 64), 7.4),
            ]
            thumb = finger((14, 14), (44, 33), 8.5)
            solid = [*palm, *(p for f in fingers for p in f), *thumb]
            self.canvas.part(region, "glove", shape(solid))
            pad = closed([(-15, 14), (0, 10), (15, 16), (15, 34), (2, 41), (-14, 36)])
            self.canvas.part(f"glove_palm_{side}", "glove_palm", shape([pad]), width=2.6)
        elif arm.hand == "rest":
            mitt = closed(
                [
                    (-18, -6),
                    (-20, 16),
                    (-19, 38),
                    (-10, 55),
                    (2, 59),
                    (12, 52),
                    (17, 34),
                    (18, 14),
                    (16, -6),
                ]
            )
            self.canvas.part(
                region,
                "glove",
                shape([mitt]),
                shade=shape([polygon([(-60, -10), (-8, -10), (-6, 70), (-60, 70)])]),
            )
            self.canvas.part(
                f"glove_thumb_{side}", "glove", shape(finger((13, 12), (20, 38), 7.5)), width=3.0
            )
            line([(-7, 57), (-8, 46), (-7, 38)])
            line([(4, 58), (4, 48), (3, 40)])
        else:
            fist = closed(
                [(-20, -4), (-24, 16), (-22, 36), (-8, 44), (10, 43), (22, 34), (23, 14), (18, -4)]
            )
            self.canvas.part(region, "glove", shape([fist]))
            for x in (-10.0, 1.0, 12.0):
                line([(x, 42), (x - 1, 34), (x, 25)])
            self.canvas.part(
                f"glove_thumb_{side}", "glove", shape(finger((18, 12), (2, 22), 8)), width=3.0
            )
