"""The head: skull, ears and a face of thin shells that lie on it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike
from scipy.interpolate import PchipInterpolator

from shiage.data.procedural.body import SIDES, Pose
from shiage.data.procedural.shapes import (
    Assembly,
    Bone,
    Floats,
    Tube,
    disc,
    disc_outline,
    ellipsoid,
    tube,
    tube_grid,
)

EYE_LEVEL = -0.09
"""Height of the eyes' middle; heads reach from -0.5 to 0.5."""

_HEIGHTS = [-0.5, -0.47, -0.41, -0.3, -0.15, 0.05, 0.22, 0.36, 0.45, 0.5]
_WIDTHS = [0.0, 0.10, 0.21, 0.335, 0.42, 0.455, 0.435, 0.345, 0.21, 0.0]
_FRONTS = [0.24, 0.30, 0.34, 0.375, 0.40, 0.415, 0.39, 0.30, 0.17, -0.03]
_BACKS = [-0.18, -0.12, -0.06, 0.10, 0.30, 0.42, 0.43, 0.36, 0.23, 0.03]


@dataclass(frozen=True)
class Face:
    """How a head and its face are made; lengths in heads.

    Attributes:
        cheek: width of the lower face against the usual one.
        eye_x, eye_y: place of the left eye.
        eye_width, eye_height: half sizes.
        eye_tilt: the outer corner's rise.
        eye_power: roundness of the lids, 1.6 pointed to 3 round.
        lash: thickness of the upper lashes.
        wing: how far they reach beyond the outer corner.
        iris: width of the iris against the eye's.
        iris_band, pupil, lower_lash, nose, blush, brow_short: what there is.
        highlights: 0 to 2.
        brow_lift, brow_tilt, brow_thick: the brows.
        mouth_y, mouth_width: the mouth.
        ear: 0 none (hidden), 1 round, 2 pointed.
        mark: "" or "mole", "plaster", "stripe", "gem"; where it is.
        mark_side: 1 left, -1 right.
        odd_eyes: each iris has its own color.
    """

    cheek: float
    eye_x: float
    eye_y: float
    eye_width: float
    eye_height: float
    eye_tilt: float
    eye_power: float
    lash: float
    wing: float
    iris: float
    iris_band: bool
    pupil: bool
    lower_lash: bool
    nose: bool
    blush: bool
    brow_short: bool
    highlights: int
    brow_lift: float
    brow_tilt: float
    brow_thick: float
    mouth_y: float
    mouth_width: float
    ear: int
    mark: str
    mark_side: float
    odd_eyes: bool


def random_face(rng: np.random.Generator, heads: float) -> Face:
    """Return a random face; tall characters have smaller eyes."""
    tall = float(np.clip((heads - 2.2) / 5.4, 0, 1))
    height = (0.135 - 0.05 * tall) * rng.uniform(0.85, 1.15)
    width = (0.105 - 0.008 * tall) * rng.uniform(0.92, 1.1)
    return Face(
        cheek=rng.uniform(0.94, 1.08) - 0.05 * tall,
        eye_x=rng.uniform(0.185, 0.21),
        eye_y=EYE_LEVEL + rng.uniform(-0.03, 0.02),
        eye_width=width,
        eye_height=height,
        eye_tilt=rng.normal(0.01, 0.02),
        eye_power=rng.uniform(1.9, 3.0),
        lash=rng.uniform(0.018, 0.036),
        wing=rng.uniform(0.0, 0.03),
        iris=rng.uniform(0.68, 0.84),
        iris_band=bool(rng.random() < 0.6),
        pupil=bool(rng.random() < 0.85),
        lower_lash=bool(rng.random() < 0.3),
        nose=bool(rng.random() < 0.6),
        blush=bool(rng.random() < 0.25),
        brow_short=bool(rng.random() < 0.15),
        highlights=int(rng.choice([0, 1, 2], p=[0.1, 0.45, 0.45])),
        brow_lift=rng.uniform(0.03, 0.075),
        brow_tilt=rng.normal(0, 0.25),
        brow_thick=rng.uniform(0.008, 0.022),
        mouth_y=rng.uniform(-0.35, -0.315),
        mouth_width=rng.uniform(0.045, 0.085),
        ear=int(rng.choice([1, 2], p=[0.85, 0.15])),
        mark=str(
            rng.choice(["", "mole", "plaster", "stripe", "gem"], p=[0.76, 0.06, 0.06, 0.06, 0.06])
        ),
        mark_side=float(rng.choice([-1.0, 1.0])),
        odd_eyes=bool(rng.random() < 0.06),
    )


def head_tube(cheek: float) -> Tube:
    """Return the skull in the head's own terms; along 0 is the chin, 1 the crown."""
    heights = np.linspace(-0.5, 0.5, 161)
    width, front, back = (
        PchipInterpolator(_HEIGHTS, values)(heights) for values in (_WIDTHS, _FRONTS, _BACKS)
    )
    width = width * np.interp(heights, [-0.5, -0.3, 0.05], [cheek, cheek, 1.0])
    centers = np.zeros((161, 3))
    centers[:, 1], centers[:, 2] = heights, (front - back) / 2
    depth = np.maximum((front + back) / 2, 0.0)
    right, forward = np.eye(3)[0], np.eye(3)[2]
    return Tube(
        centers,
        np.broadcast_to(right, centers.shape),
        np.broadcast_to(forward, centers.shape),
        width,
        depth,
        depth,
        2.2,
    )


def on_face(skull: Tube, points: ArrayLike, lift: float) -> Floats:
    """Return points in space, (..., 3), for points of the face seen from the front, (..., 2)."""
    flat = np.asarray(points, np.float64)
    x, along = flat[..., 0], flat[..., 1] + 0.5
    half = np.interp(along, np.linspace(0, 1, len(skull.half_width)), skull.half_width)
    ratio = np.clip(x / np.maximum(half, 1e-3), -0.97, 0.97)
    power = skull.squareness / 2
    around = np.arcsin(np.sign(ratio) * np.abs(ratio) ** power)
    return skull.at(along, around, lift)


def build_head(out: Assembly, face: Face, skull: Tube, bone: Bone, pose: Pose) -> None:
    """Add skull, ears and face."""
    out.add("head", "skin", _skull_grid(skull), bone=bone)
    for side, sign in SIDES.items():
        _add_ear(out, face, bone, side, sign)
        _add_eye(out, face, skull, bone, pose, side)
        _add_brow(out, face, skull, bone, pose, side)
        if face.blush and out.detail > 90:
            spot = disc_outline(20) * [0.065, 0.035] + np.array([sign * 0.25, face.eye_y - 0.155])
            out.add(f"blush.{side}", "blush", on_face(skull, disc(spot), 0.004), bone=bone)
    _add_mouth(out, face, skull, bone, pose)
    if face.nose and out.detail > 110:
        nose = disc_outline(10, 1.4) * [0.008, 0.014] + np.array([0.004, face.eye_y - 0.125])
        out.add("nose", "skin.dark", on_face(skull, disc(nose, 2), 0.008), bone=bone)
    _add_mark(out, face, skull, bone)


def _skull_grid(skull: Tube) -> Floats:
    """Return the head's grid, rows closer together at chin and crown."""
    rows = (1 - np.cos(np.linspace(0, np.pi, 30))) / 2
    around = np.linspace(0, 2 * np.pi, 44, endpoint=False)
    grid = skull.at(rows[:, None], around)
    for row in (0, -1):
        grid[row] = grid[row].mean(axis=0)
    return grid


def _add_ear(out: Assembly, face: Face, bone: Bone, side: str, sign: float) -> None:
    if face.ear == 1:
        grid = ellipsoid([0.035, 0.09, 0.06], at=[sign * 0.455, EYE_LEVEL - 0.01, 0.0])
        out.add(f"ear.{side}", "skin", grid, bone=bone)
        return
    path = np.array(
        [[0.43, -0.1, 0.02], [0.52, -0.06, -0.02], [0.63, 0.01, -0.09], [0.74, 0.07, -0.17]]
    )
    ear = tube(
        path * [sign, 1, 1], [0, 0.2, 1], [0.07, 0.075, 0.05, 0.002], [0.03, 0.025, 0.015, 0.002]
    )
    out.add(f"ear.{side}", "skin", tube_grid(ear, 10, 16), bone=bone)


class _AddShell(Protocol):
    """Adds a grid of an eye's own terms, x outwards, to its part, somewhat above the face."""

    def __call__(
        self, part: str, paint: str, local: Floats, lift: float, *, wrap: bool
    ) -> None: ...


def _lids(face: Face, side: str, pose: Pose, x: Floats) -> tuple[Floats, Floats]:
    """Return heights of the lower and the upper lid over x in [-1, 1], the outer corner at 1."""
    open_ = float(np.clip(pose.get(f"eye.{side}", 1.0), 0.0, 1.15))
    smile = pose.get("smile", 0.0)
    arc = np.maximum(1 - np.abs(x) ** face.eye_power, 0.0)
    tilt = face.eye_tilt * x * (0.3 + 0.7 * open_)
    low = -0.9 * face.eye_height * np.maximum(1 - np.abs(x) ** (face.eye_power + 0.6), 0) ** 0.8
    low = low * (1 - (1 - open_) * 0.35 - max(smile, 0.0) * 0.12 * open_)
    high = face.eye_height * arc**0.62 * np.where(x > 0, 1.0, 0.96)
    if open_ < 0.12:  # closed: one arc, hanging or smiling
        bend = np.where(smile > 0.5, 0.5, -0.5) * face.eye_height
        closed = bend * (1 - x**2) - 0.15 * face.eye_height + tilt
        return closed, closed
    return low + tilt, low + (high - low) * open_ + tilt


def _add_eye(out: Assembly, face: Face, skull: Tube, bone: Bone, pose: Pose, side: str) -> None:
    """Add an eye's regions, each a little above the one it covers."""
    sign, name = SIDES[side], f"eye.{side}"
    width, height = face.eye_width, face.eye_height
    center = np.array([sign * face.eye_x, face.eye_y])
    steps = np.linspace(-1, 1, 21)
    low, high = _lids(face, side, pose, steps)

    def shell(part: str, paint: str, local: Floats, lift: float, *, wrap: bool) -> None:
        """Add points given from the eye's middle, x outwards."""
        points = on_face(skull, center + local * [sign, 1], lift)
        # mirrored grids would show their inner side
        out.add(part, paint, points if sign > 0 else points[::-1], wrap=wrap, bone=bone)

    shut = float((high - low).max()) < 0.3 * height
    if not shut:
        share = np.linspace(0, 1, 6)[:, None]
        white = np.stack(np.broadcast_arrays(steps * width, low + share * (high - low)), -1)
        shell(f"{name}.white", "eye.white", white, 0.004, wrap=False)

    def clipped(outline: Floats, lift: float, part: str, paint: str) -> None:
        """Add what of a disc, seen from the front, the lids leave open."""
        local = disc(outline, 4)
        x = np.clip(local[..., 0] * sign / width, -0.97, 0.97)
        lower, upper = _lids(face, side, pose, x)
        inside = np.stack([x * width, np.clip(local[..., 1], lower, upper)], -1)
        if np.ptp(inside[..., 1]) > 0.012:
            shell(part, paint, inside if sign > 0 else inside[::-1], lift, wrap=True)

    if not shut:
        look = np.array([pose.get("gaze.x", 0.0), pose.get("gaze.y", 0.0)]) * [width, height] * 0.3
        # a little towards the nose, as drawn eyes are
        middle = look + np.array([-sign * 0.08 * width, -0.02 * height])
        ring = disc_outline(26)
        iris = np.array([width * face.iris, height * 0.92])
        paint = f"iris.{side}" if face.odd_eyes else "iris"
        clipped(ring * iris + middle, 0.008, f"{name}.iris", paint)
        if face.iris_band and out.detail > 130:
            lower_half = ring * iris * [0.74, 0.36] + middle - [0, iris[1] * 0.5]
            clipped(lower_half, 0.011, f"{name}.glow", "iris.light")
        if face.pupil and out.detail > 80:
            clipped(ring * iris * [0.42, 0.46] + middle, 0.014, f"{name}.pupil", "pupil")
        spots = [([-0.42, 0.42], 0.34), ([0.4, -0.42], 0.2)][: face.highlights]
        for at, (place, size) in enumerate(spots):
            if out.detail * size > 34:
                spot = ring * iris * size * [1, 0.9] + middle + iris * place
                clipped(spot, 0.018, f"{name}.highlight.{at}", "eye.white")
    _add_lashes(face, pose, side, shell, shut)


def _add_lashes(face: Face, pose: Pose, side: str, shell: _AddShell, shut: bool) -> None:
    """Add the upper lash line, a dark band that is thick in its middle and ends in a wing."""
    steps = np.linspace(-1.04, 1.04, 25)
    _, high = _lids(face, side, pose, np.clip(steps, -1, 1))
    thick = face.lash * (0.25 + 0.75 * np.clip(1 - np.abs(steps - 0.25) / 1.35, 0, 1) ** 0.7)
    x = steps * face.eye_width
    beyond = np.clip((steps - 0.6) / 0.44, 0, 1)
    wing = face.wing * beyond
    lower = np.stack([x + wing * 0.6, high - thick * 0.35 + wing * 0.1], -1)
    upper = np.stack([x + wing * 1.3, high + thick + wing * 0.5], -1)
    band = lower + np.linspace(0, 1, 3)[:, None, None] * (upper - lower)
    shell(f"eye.{side}.lash", "lash", band, 0.021, wrap=False)
    if face.lower_lash and not shut:
        steps = np.linspace(-0.2, 1.0, 12)
        low, _ = _lids(face, side, pose, steps)
        x = steps * face.eye_width
        band = np.stack([np.stack([x, low + drop], -1) for drop in (-0.010, 0.004)])
        shell(f"eye.{side}.lash.lower", "lash", band, 0.02, wrap=False)


def _add_brow(out: Assembly, face: Face, skull: Tube, bone: Bone, pose: Pose, side: str) -> None:
    """Add a brow: a tapered band."""
    sign = SIDES[side]
    steps = np.linspace(-1, 1, 13)
    mood = pose.get("brow", 0.0)
    half = face.eye_width * (0.55 if face.brow_short else 1.05)
    x = sign * (face.eye_x + 0.01 + steps * half)
    base = face.eye_y + face.eye_height + face.brow_lift + 0.025 * pose.get("brow.lift", 0.0)
    y = base + 0.03 * (1 - steps**2) + (face.brow_tilt * 0.05 + mood * 0.045) * steps
    thick = face.brow_thick * np.sqrt(np.maximum(1.02 - np.abs(steps - 0.05) ** 3 / 1.1, 0.02))
    low, high = np.stack([x, y - thick], -1), np.stack([x, y + thick], -1)
    band = on_face(skull, np.stack([low, (low + high) / 2, high]), 0.007)
    out.add(f"brow.{side}", "brow", band if sign > 0 else band[::-1], wrap=False, bone=bone)


def _add_mouth(out: Assembly, face: Face, skull: Tube, bone: Bone, pose: Pose) -> None:
    """Add a closed line, or an opening with teeth and tongue."""
    gape, smile = pose.get("mouth", 0.0), pose.get("smile", 0.0)
    width = face.mouth_width * (1 + 0.25 * abs(smile) + pose.get("mouth.wide", 0.0))
    steps = np.linspace(-1, 1, 19)
    corner = face.mouth_y + smile * 0.02 * (steps**2 - 0.5)
    if gape < 0.15:
        thick = 0.005 * (1.1 - np.abs(steps))
        line = (
            np.stack([steps * width, corner - thick], -1),
            np.stack([steps * width, corner + thick], -1),
        )
        out.add("mouth.line", "lash", on_face(skull, np.stack(line), 0.008), wrap=False, bone=bone)
        return
    arc = np.sqrt(np.maximum(1 - steps**2, 0))
    high = corner + 0.006 * arc * (1 - max(smile, 0.0))
    low = corner - 0.11 * min(gape, 1.0) * arc
    low = np.maximum(low, -0.455)

    def band(part: str, paint: str, one: Floats, other: Floats, lift: float) -> None:
        share = np.linspace(0, 1, 5)[:, None]
        flat = np.stack(np.broadcast_arrays(steps * width, one + share * (other - one)), -1)
        out.add(part, paint, on_face(skull, flat, lift), wrap=False, bone=bone)

    band("mouth.inside", "mouth", low, high, 0.004)
    if out.detail > 90 and gape > 0.3:
        band("mouth.teeth", "eye.white", high - 0.25 * (high - low), high, 0.009)
        hump = low + (0.45 * 0.11 * min(gape, 1.0)) * np.maximum(1 - (steps / 0.8) ** 2, 0)
        band("mouth.tongue", "tongue", low, np.minimum(hump, high), 0.009)


def _add_mark(out: Assembly, face: Face, skull: Tube, bone: Bone) -> None:
    """Add what makes this face known."""
    if not face.mark or out.detail < 90:
        return
    sign = face.mark_side
    flat = {
        "mole": disc_outline(12) * 0.012 + np.array([sign * 0.2, face.eye_y - 0.2]),
        "plaster": disc_outline(24, 5) @ [[0.9, 0.4], [-0.4, 0.9]] * [0.06, 0.03]
        + np.array([sign * 0.24, face.eye_y - 0.19]),
        "stripe": disc_outline(24, 1.5) * [0.075, 0.02]
        + np.array([sign * 0.26, face.eye_y - 0.16]),
        "gem": disc_outline(24, 1.2) * [0.025, 0.04] + np.array([0.0, face.eye_y + 0.27]),
    }[face.mark]
    out.add("mark", f"mark.{face.mark}", on_face(skull, disc(flat), 0.008), bone=bone)
