"""Proportions and the jointed skeleton: a pose's angles become places and directions."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from shiage.data.procedural.shapes import Bone, Floats, Tube, rotation, tube

Pose = dict[str, float]
"""Angles in radians and other numbers by name; what is missing is 0. See `pose_skeleton`."""

SIDES = {"left": 1.0, "right": -1.0}
"""The character's sides and where they lie on x."""


@dataclass(frozen=True)
class Proportions:
    """Measures of a body; the unit is the height of its head.

    Attributes:
        heads: height of the whole body.
        leg, torso, neck: lengths; legs to the sole, torso from hip to the base of the neck.
        shoulder: half the distance of the shoulder joints.
        hip: half the distance of the hip joints.
        arm: from shoulder to wrist.
        limb: thickness of legs; arms follow.
        bulk: width of the torso, about 1.
        waist: its narrowest width against the others.
        bust: how far the chest stands out, in [0, 1].
        hand: half length of a hand.
    """

    heads: float
    leg: float
    torso: float
    neck: float
    shoulder: float
    hip: float
    arm: float
    limb: float
    bulk: float
    waist: float
    bust: float
    hand: float


def random_proportions(rng: np.random.Generator) -> Proportions:
    """Return a random body, chibi more often than tall."""
    heads = float(rng.choice([rng.uniform(2.2, 3.2), rng.uniform(3.2, 5), rng.uniform(5, 7.6)]))
    tall = (heads - 2.2) / 5.4
    bulk = rng.uniform(0.85, 1.15)
    neck = 0.03 + 0.13 * tall
    leg = heads * (0.29 + 0.2 * tall**0.7) * rng.uniform(0.95, 1.05)
    torso = heads - 1 - neck - leg
    return Proportions(
        heads=heads,
        leg=leg,
        torso=torso,
        neck=neck,
        shoulder=(0.26 + 0.38 * tall) * bulk,
        hip=(0.14 + 0.16 * tall) * bulk,
        arm=torso * rng.uniform(0.98, 1.12),
        limb=(0.115 + 0.09 * tall) * rng.uniform(0.85, 1.15),
        bulk=bulk,
        waist=rng.uniform(0.72, 1.0) if tall > 0.2 else rng.uniform(0.9, 1.1),
        bust=rng.uniform(0, 1) * min(1.0, tall * 1.6),
        hand=(0.14 + 0.14 * tall) * rng.uniform(0.9, 1.1),
    )


@dataclass(frozen=True, eq=False)
class Limb:
    """An arm or a leg.

    Attributes:
        root, middle, end: (3,) joints: shoulder, elbow, wrist or hip, knee, ankle.
        front: (3,) where the limb's front points.
        tip: the hand or the foot; its up axis points back along the limb, for feet upwards.
    """

    root: Floats
    middle: Floats
    end: Floats
    front: Floats
    tip: Bone

    def path(self) -> Floats:
        """Return controls of the limb's curve, (5, 3), evenly spaced."""
        return np.stack(
            [
                self.root,
                (self.root + self.middle) / 2,
                self.middle,
                (self.middle + self.end) / 2,
                self.end,
            ]
        )


@dataclass(frozen=True, eq=False)
class Skeleton:
    """A posed skeleton: bones of pelvis, chest and head (its middle), and limbs by side."""

    pelvis: Bone
    chest: Bone
    neck: Floats
    head: Bone
    arms: dict[str, Limb]
    legs: dict[str, Limb]


def pose_skeleton(body: Proportions, pose: Pose) -> Skeleton:
    """Return the skeleton in a pose, its lower foot on the ground unless it jumps.

    Angles of a pose: root.yaw/pitch/roll, spine.*, head.*; per side: arm.SIDE.swing (forwards),
    arm.SIDE.out, arm.SIDE.twist, elbow.SIDE, wrist.SIDE; leg.SIDE.swing, leg.SIDE.out, knee.SIDE,
    foot.SIDE. Lengths, in bodies: root.x, root.z, lift.
    """

    def angles(name: str) -> tuple[float, float, float]:
        pitch, yaw, roll = (pose.get(f"{name}.{axis}", 0.0) for axis in ("pitch", "yaw", "roll"))
        return pitch, yaw, roll

    place = np.array([pose.get("root.x", 0.0), 0.0, pose.get("root.z", 0.0)]) * body.heads
    pelvis = Bone(place, rotation(*angles("root")))
    legs = {side: _leg(body, pose, pelvis, side) for side in SIDES}
    sole = min(float(leg.tip.place([0, -body.limb * 0.7, 0])[1]) for leg in legs.values())
    rise = np.array([0.0, pose.get("lift", 0.0) * body.heads - sole, 0.0])
    pelvis = Bone(pelvis.origin + rise, pelvis.axes)
    legs = {side: _leg(body, pose, pelvis, side) for side in SIDES}
    chest = pelvis.child([0, body.torso * 0.42, 0], rotation(*angles("spine")))
    neck = chest.place([0, body.torso * 0.58, -0.02])
    base = Bone(neck, chest.axes @ rotation(*angles("head")))
    head = base.child([0, body.neck + 0.46, 0.04])
    arms = {side: _arm(body, pose, chest, side) for side in SIDES}
    return Skeleton(pelvis, chest, neck, head, arms, legs)


def _arm(body: Proportions, pose: Pose, chest: Bone, side: str) -> Limb:
    """Return an arm; at rest it hangs a little away from the body."""
    sign = SIDES[side]
    swing, out, twist = (pose.get(f"arm.{side}.{name}", 0.0) for name in ("swing", "out", "twist"))
    lift = body.torso * 0.58 - 0.13 * body.torso**0.5
    shrug = max(0.0, out - 1.2) * 0.12 * body.shoulder
    root = chest.child(
        [sign * body.shoulder, lift + shrug, 0.0],
        rotation(roll=sign * (out + 0.16)) @ rotation(pitch=-swing) @ rotation(yaw=-sign * twist),
    )
    middle = root.child([0, -body.arm * 0.5, 0], rotation(pitch=-pose.get(f"elbow.{side}", 0.0)))
    tip = middle.child(
        [0, -body.arm * 0.5, 0],
        rotation(roll=sign * pose.get(f"wrist.{side}", 0.0)) @ rotation(yaw=-sign * 1.1),
    )
    return Limb(root.origin, middle.origin, tip.origin, root.turn([0, 0, 1]), tip)


def _leg(body: Proportions, pose: Pose, pelvis: Bone, side: str) -> Limb:
    """Return a leg; feet point a little outwards."""
    sign = SIDES[side]
    swing, out = (pose.get(f"leg.{side}.{name}", 0.0) for name in ("swing", "out"))
    shank = body.leg - body.limb * 0.7
    root = pelvis.child(
        [sign * body.hip, 0, 0], rotation(roll=sign * (out + 0.04)) @ rotation(pitch=-swing)
    )
    middle = root.child([0, -shank * 0.5, 0], rotation(pitch=pose.get(f"knee.{side}", 0.0)))
    tip = middle.child(
        [0, -shank * 0.5, 0],
        rotation(pitch=pose.get(f"foot.{side}", 0.0)) @ rotation(yaw=sign * 0.25),
    )
    front = (root.turn([0, 0, 1]) + middle.turn([0, 0, 1])) / 2
    return Limb(root.origin, middle.origin, tip.origin, front, tip)


def torso_tube(body: Proportions, skeleton: Skeleton, lift: float = 0.0) -> Tube:
    """Return the trunk from the crotch, along 0, to the base of the neck, along 1."""
    pelvis, chest, length = skeleton.pelvis, skeleton.chest, body.torso
    hip = (body.hip + body.limb * 0.95) * 1.02
    wide = body.shoulder * 0.98
    ribs = (wide + hip) / 2
    path = np.stack(
        [
            pelvis.place([0, -0.55 * body.limb, 0]),
            pelvis.place([0, length * 0.12, 0]),
            pelvis.place([0, length * 0.32, 0]),
            chest.place([0, length * 0.12, 0]),
            chest.place([0, length * 0.30, 0]),
            chest.place([0, length * 0.47, -0.01]),
            skeleton.neck,
        ]
    )
    middle = (pelvis.axes[:, 2] + chest.axes[:, 2]) / 2
    front = np.stack([pelvis.axes[:, 2]] * 2 + [middle] + [chest.axes[:, 2]] * 4)
    neck = neck_radius(body)
    half = np.array(
        [
            hip * 0.8,
            hip,
            ribs * 0.88 * body.waist,
            ribs * 0.94,
            wide * 0.97,
            wide * 0.86,
            neck * 1.25,
        ]
    )
    deep = hip * 0.72
    bust = body.bust * 0.16 * body.bulk
    thick = np.array(
        [
            deep * 0.8,
            deep,
            deep * 0.88,
            deep * 0.95 + bust * 0.9,
            deep * 0.9 + bust,
            deep * 0.66,
            neck * 1.1,
        ]
    )
    back = np.array(
        [deep * 0.9, deep * 1.08, deep * 0.84, deep * 0.88, deep * 0.9, deep * 0.72, neck * 1.1]
    )
    return tube(path, front, half + lift, thick + lift, depth_back=back + lift, squareness=2.3)


def neck_radius(body: Proportions) -> float:
    """Return the half width of the neck."""
    return 0.11 + 0.045 * min(1.0, (body.heads - 2.2) / 5.4)


def limb_tube(limb: Limb, radii: Floats) -> Tube:
    """Return the skin of an arm or a leg: along 0 at its root, 0.5 at its joint, 1 at its end."""
    return tube(limb.path(), limb.front, radii)


def leg_radii(body: Proportions) -> Floats:
    """Return the radii of a leg at five places from hip to ankle."""
    return body.limb * np.array([1.1, 1.0, 0.78, 0.74, 0.52])


def arm_radii(body: Proportions) -> Floats:
    """Return the radii of an arm at five places from shoulder to wrist."""
    return body.limb * np.array([0.72, 0.66, 0.56, 0.52, 0.4])
