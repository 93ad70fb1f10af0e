"""Motion: what a character does over time, as poses; and how hair and cloth lag behind."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from shiage.data.procedural.body import SIDES, Pose, Proportions, pose_skeleton
from shiage.data.procedural.shapes import Floats

ACTIONS = (
    "idle",
    "walk",
    "turn",
    "reach",
    "wave",
    "jump",
    "crouch",
    "bow",
    "look",
    "poses",
    "run",
    "sit",
)

RATE = 24.0
"""Frames a second of film; drawings are held for one or more of them, or lie far apart."""


@dataclass(frozen=True)
class Action:
    """Something done over time.

    Attributes:
        name: one of `ACTIONS`.
        numbers: (24,) in [0, 1]; what makes this one different.
        keys: poses it goes through, for "poses" only; the first is everybody's stance.
        step: seconds between two drawings.
        start: time of the first.
    """

    name: str
    numbers: Floats
    keys: tuple[Pose, ...]
    step: float
    start: float


def random_action(rng: np.random.Generator) -> Action:
    """Return a random action; two of five have neighboring drawings, the rest key poses."""
    step = rng.choice(
        [1 / RATE, 2 / RATE, 3 / RATE, 0.25, 0.5, 0.9], p=[0.14, 0.14, 0.14, 0.18, 0.2, 0.2]
    )
    name = str(
        rng.choice(
            ACTIONS, p=[0.08, 0.13, 0.08, 0.1, 0.1, 0.08, 0.06, 0.05, 0.08, 0.14, 0.06, 0.04]
        )
    )
    keys = tuple(_random_pose(rng) for _ in range(6))
    return Action(name, rng.uniform(0, 1, 24), keys, float(step), float(rng.uniform(0, 4)))


def pose_at(action: Action, time: float) -> Pose:
    """Return the pose at a time in seconds."""
    stance = action.keys[0]
    pose = {name: value * 0.35 for name, value in stance.items()}
    for name, value in _MOVES[action.name](action, time).items():
        pose[name] = pose.get(name, 0.0) + value
    breath = 0.02 * np.sin(time * 2.4)
    pose["spine.pitch"] = pose.get("spine.pitch", 0.0) + breath
    return pose | _face_at(action, time)


def sway_at(action: Action, body: Proportions, time: float) -> tuple[Floats, Floats]:
    """Return how far hair and cloth are dragged at a time, (3,) each, in space, damped and late.

    The lag is the mean of where a point at the back of the head, or below the hip, was before,
    weighed by a damped swing.
    """
    ages = np.linspace(0.0, 0.6, 7)
    weights = np.exp(-ages * 4.0) * np.cos(ages * 5.0)
    weights /= np.abs(weights).sum()
    heads, hips = [], []
    for age in ages:
        skeleton = pose_skeleton(body, pose_at(action, time - age))
        heads.append(skeleton.head.place([0, -0.3, -0.4]))
        hips.append(skeleton.pelvis.place([0, -0.5 * body.leg, 0]))
    return _drag(np.array(heads), weights), _drag(np.array(hips), weights)


def _drag(places: Floats, weights: Floats) -> Floats:
    """Return the weighed lag behind the first place, at most half a head."""
    lag: Floats = weights @ (places - places[0])
    length = float(np.linalg.norm(lag))
    return lag * (0.5 * np.tanh(length / 0.5) / length) if length > 1e-9 else lag


def _random_pose(rng: np.random.Generator) -> Pose:
    """Return angles that a body can take."""
    pose: Pose = {
        "root.yaw": rng.normal(0, 0.25),
        "root.pitch": rng.normal(0, 0.06),
        "root.roll": rng.normal(0, 0.05),
        "spine.pitch": rng.normal(0.03, 0.12),
        "spine.yaw": rng.normal(0, 0.2),
        "spine.roll": rng.normal(0, 0.12),
        "head.pitch": rng.normal(0, 0.14),
        "head.yaw": rng.normal(0, 0.3),
        "head.roll": rng.normal(0, 0.14),
    }
    for side in SIDES:
        raised = rng.random() < 0.3
        pose[f"arm.{side}.swing"] = rng.uniform(0.4, 1.3) if raised else rng.normal(0.0, 0.3)
        pose[f"arm.{side}.out"] = (
            rng.uniform(0.3, 1.7) if rng.random() < 0.3 else rng.uniform(0.05, 0.35)
        )
        pose[f"arm.{side}.twist"] = rng.normal(0.3, 0.4)
        pose[f"elbow.{side}"] = (
            rng.uniform(0.0, 0.6) if raised or rng.random() < 0.5 else rng.uniform(0.6, 1.7)
        )
        pose[f"wrist.{side}"] = rng.normal(0, 0.25)
        pose[f"leg.{side}.swing"] = rng.normal(0.05, 0.3)
        pose[f"leg.{side}.out"] = abs(rng.normal(0.04, 0.12))
        pose[f"knee.{side}"] = abs(rng.normal(0.0, 0.35))
        pose[f"foot.{side}"] = rng.normal(0, 0.1)
    return pose


def _face_at(action: Action, time: float) -> Pose:
    """Return eyes, brows and mouth: blinks, glances, talk and moods."""
    n = action.numbers
    mood = np.sin(time * (0.5 + n[12]) + 6.28 * n[13])
    eyes = 0.92 + 0.1 * n[14] - (0.35 if n[15] > 0.85 else 0.0)
    beat = (time * 0.45 + n[16]) % 1.0
    blink = float(np.clip(abs(beat - 0.5) / 0.09 - 0.35, 0, 1))
    if n[17] > 0.9:
        blink = 0.0  # this one keeps them closed
    wink = 0.0 if n[18] > 0.93 else 1.0
    talk = max(0.0, float(np.sin(time * 11 + 6 * n[19]))) * (n[20] > 0.55) + 0.75 * (n[20] > 0.85)
    return {
        "eye.left": eyes * blink,
        "eye.right": eyes * blink * wink,
        "gaze.x": 0.5 * float(np.sin(time * 0.8 + 6.28 * n[21])),
        "gaze.y": 0.4 * float(np.sin(time * 0.6 + 6.28 * n[22])),
        "brow": float(0.9 * np.sin(time * 0.7 + 6.28 * n[23])) * n[13],
        "brow.lift": float(mood),
        "smile": float(mood),
        "mouth": min(1.0, talk) * (0.4 + 0.6 * n[12]),
        "mouth.wide": 0.3 * float(np.sin(time * 7)) * (n[20] > 0.55),
    }


def _wave(action: Action, time: float, at: int, slow: float, fast: float) -> float:
    """Return a swing in [-1, 1] of a speed and a phase of this action's own."""
    n = action.numbers
    return float(np.sin(time * (slow + (fast - slow) * n[at]) + 6.28 * n[at + 1]))


def _idle(action: Action, time: float) -> Pose:
    return {
        "root.roll": 0.03 * _wave(action, time, 0, 0.8, 2),
        "head.yaw": 0.15 * _wave(action, time, 2, 0.4, 1),
        "head.roll": 0.08 * _wave(action, time, 4, 0.4, 1),
        "arm.left.out": 0.05 * _wave(action, time, 6, 1, 2),
    }


def _stride(time: float, speed: float, reach: float, bend: float) -> Pose:
    """Return walking on the spot: running has long strides and bent elbows."""
    pose: Pose = {"spine.pitch": 0.08 * bend, "root.x": 0.0}
    for side, sign in SIDES.items():
        phase = time * speed + (np.pi / 2) * sign
        pose[f"leg.{side}.swing"] = reach * np.sin(phase) + 0.1
        pose[f"knee.{side}"] = reach * 1.3 * max(0.0, float(np.cos(phase + 0.3))) + 0.1 + 0.2 * bend
        pose[f"arm.{side}.swing"] = -reach * 0.9 * np.sin(phase)
        pose[f"elbow.{side}"] = 0.25 + 1.2 * bend
    pose["root.yaw"] = 0.1 * np.sin(time * speed)
    pose["spine.yaw"] = -0.2 * np.sin(time * speed)
    pose["lift"] = 0.015 * (1 + bend) * abs(np.cos(time * speed))
    return pose


def _walk(action: Action, time: float) -> Pose:
    return _stride(time, 4 + 3 * action.numbers[0], 0.35 + 0.3 * action.numbers[1], 0.0)


def _run(action: Action, time: float) -> Pose:
    return _stride(time, 8 + 3 * action.numbers[0], 0.6 + 0.4 * action.numbers[1], 1.0)


def _turn(action: Action, time: float) -> Pose:
    n = action.numbers
    angle = time * (0.6 + 1.4 * n[0]) * (1 if n[1] > 0.5 else -1)
    if n[2] > 0.4:  # to and fro rather than all around
        angle = 0.9 * np.sin(angle * 1.3)
    return {
        "root.yaw": angle,
        "head.yaw": 0.15 * np.sin(angle),
        "knee.left": 0.15,
        "leg.left.swing": 0.12,
    }


def _reach(action: Action, time: float) -> Pose:
    side = "left" if action.numbers[0] > 0.5 else "right"
    far = 0.5 + 0.5 * _wave(action, time, 1, 1.2, 3)
    return {
        f"arm.{side}.swing": far * (1.2 + 1.2 * action.numbers[3]),
        f"arm.{side}.out": far * 0.5 * action.numbers[4],
        f"elbow.{side}": 1.3 * (1 - far),
        "spine.yaw": far * (-0.3 if side == "left" else 0.3),
        "spine.pitch": 0.2 * far,
        "head.pitch": -0.15 * far,
    }


def _wave_hand(action: Action, time: float) -> Pose:
    side = "left" if action.numbers[0] > 0.5 else "right"
    beat = _wave(action, time, 1, 5, 9)
    return {
        f"arm.{side}.out": 1.5 + 0.6 * action.numbers[3] + 0.15 * beat,
        f"arm.{side}.twist": -1.2,
        f"elbow.{side}": 0.7 + 0.4 * beat,
        f"wrist.{side}": 0.3 * beat,
        "spine.roll": 0.06 * beat,
        "head.roll": 0.12 * _wave(action, time, 4, 1, 2),
    }


def _jump(action: Action, time: float) -> Pose:
    phase = (time * (0.7 + 0.5 * action.numbers[0])) % 1.0
    up = max(0.0, float(np.sin((phase - 0.35) / 0.45 * np.pi))) if 0.35 < phase < 0.8 else 0.0
    dip = max(0.0, float(np.sin(phase / 0.35 * np.pi))) if phase < 0.35 else 0.0
    pose: Pose = {"lift": 0.22 * up, "spine.pitch": 0.35 * dip - 0.1 * up}
    for side in SIDES:
        tuck = up * action.numbers[2]
        pose[f"leg.{side}.swing"] = 0.8 * dip + 0.7 * tuck
        pose[f"knee.{side}"] = 1.5 * dip + 1.2 * tuck
        pose[f"arm.{side}.swing"] = -0.7 * dip + 0.6 * up
        pose[f"arm.{side}.out"] = (0.4 + 1.6 * action.numbers[1]) * up
    return pose


def _crouch(action: Action, time: float) -> Pose:
    low = 0.5 + 0.5 * _wave(action, time, 0, 0.8, 2)
    pose: Pose = {"spine.pitch": 0.3 * low, "head.pitch": -0.2 * low}
    for side in SIDES:
        pose |= {
            f"leg.{side}.swing": 1.1 * low,
            f"knee.{side}": 1.9 * low,
            f"foot.{side}": -0.6 * low,
        }
        pose |= {f"arm.{side}.swing": 0.5 * low, f"elbow.{side}": 0.6 * low}
    return pose


def _bow(action: Action, time: float) -> Pose:
    low = 0.5 + 0.5 * _wave(action, time, 0, 0.8, 2)
    pose: Pose = {"root.pitch": 0.3 * low, "spine.pitch": 0.5 * low, "head.pitch": 0.2 * low}
    for side in SIDES:
        pose |= {f"leg.{side}.swing": 0.3 * low, f"arm.{side}.swing": 0.25 * low}
    return pose


def _look(action: Action, time: float) -> Pose:
    return {
        "head.yaw": 0.7 * _wave(action, time, 0, 0.8, 2),
        "head.pitch": 0.25 * _wave(action, time, 2, 0.6, 1.5),
        "head.roll": 0.2 * _wave(action, time, 4, 0.5, 1.5),
        "spine.yaw": 0.2 * _wave(action, time, 0, 0.8, 2),
    }


def _poses(action: Action, time: float) -> Pose:
    """Return a way through the keys, a second each, with rests on them."""
    place = time % len(action.keys)
    at = int(place)
    share = float(np.clip((place - at) * 1.6, 0, 1))
    share = share * share * (3 - 2 * share)
    one, other = action.keys[at], action.keys[(at + 1) % len(action.keys)]
    return {name: one[name] + (other[name] - one[name]) * share for name in one}


def _sit(action: Action, time: float) -> Pose:
    pose: Pose = {"spine.pitch": 0.05 + 0.1 * _wave(action, time, 0, 0.5, 1.5)}
    for at, side in enumerate(SIDES):
        kick = 0.3 * _wave(action, time, 2 + 2 * at, 1, 3)
        pose |= {f"leg.{side}.swing": 1.35, f"knee.{side}": 1.35 + kick, f"arm.{side}.swing": 0.35}
        pose |= {f"elbow.{side}": 0.5, f"leg.{side}.out": 0.08}
    return pose


_MOVES: dict[str, Callable[[Action, float], Pose]] = {
    "idle": _idle,
    "walk": _walk,
    "turn": _turn,
    "reach": _reach,
    "wave": _wave_hand,
    "jump": _jump,
    "crouch": _crouch,
    "bow": _bow,
    "look": _look,
    "poses": _poses,
    "run": _run,
    "sit": _sit,
}
