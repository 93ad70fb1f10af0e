"""Hats, ears and tails of animals, horns, wings, glasses."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from shiage.data.procedural.body import SIDES, Proportions, Skeleton
from shiage.data.procedural.shapes import (
    Assembly,
    Bone,
    Floats,
    disc,
    disc_outline,
    ellipsoid,
    tube,
    tube_grid,
)

HATS = ("none", "beret", "witch", "cap", "band", "bow", "crown", "headphones", "flower")
BEASTS = ("none", "cat", "rabbit", "fox", "horns", "antlers")


@dataclass(frozen=True)
class Extras:
    """What not everybody has.

    Attributes:
        hat, beast: one of the names above; `beast` is what grows on the head.
        tail: "none", "cat", "fox" or "dragon".
        wings: size; 0 for none.
        glasses: "" or "round" or "square".
        lean: how far hats sit to one side.
        side: 1 left, -1 right, for what there is one of.
        curl: shape of tails and horns.
    """

    hat: str
    beast: str
    tail: str
    wings: float
    glasses: str
    lean: float
    side: float
    curl: float


def random_extras(rng: np.random.Generator) -> Extras:
    """Return random extras; most have one at most."""
    hat = str(rng.choice(HATS, p=[0.52, 0.07, 0.06, 0.07, 0.08, 0.07, 0.03, 0.04, 0.06]))
    covers = hat in ("beret", "witch", "cap")
    beast = "none" if covers else str(rng.choice(BEASTS, p=[0.78, 0.07, 0.04, 0.05, 0.04, 0.02]))
    tail = {"cat": "cat", "fox": "fox", "horns": "dragon"}.get(beast, "none")
    return Extras(
        hat=hat,
        beast=beast,
        tail=tail if rng.random() < 0.8 else "none",
        wings=float(rng.choice([0.0, rng.uniform(0.5, 1.2)], p=[0.94, 0.06])),
        glasses=str(rng.choice(["", "round", "square"], p=[0.88, 0.06, 0.06])),
        lean=rng.normal(0, 0.18),
        side=float(rng.choice([-1.0, 1.0])),
        curl=rng.uniform(-1, 1),
    )


def build_extras(
    out: Assembly,
    extras: Extras,
    body: Proportions,
    skeleton: Skeleton,
    volume: float,
    eyes: tuple[float, float],
    sway: Floats,
) -> None:
    """Add all extras.

    Args:
        out: where to.
        extras: which.
        body: measures.
        skeleton: whose.
        volume: height of the hair above the skull.
        eyes: place of the left eye on the face.
        sway: (3,) in space, of what hangs.
    """
    head = skeleton.head
    tilted = head.child([0, 0, 0], _roll(extras.lean))
    add_hat = {
        "beret": _add_beret,
        "witch": _add_witch_hat,
        "cap": _add_cap,
        "band": _add_band,
        "bow": _add_bow,
        "crown": _add_crown,
        "headphones": _add_headphones,
        "flower": _add_flower,
    }.get(extras.hat)
    if add_hat:
        add_hat(out, extras, tilted if extras.hat in ("beret", "witch", "crown") else head, volume)
    if extras.beast != "none":
        _add_beast(out, extras, head, volume)
    if extras.tail != "none":
        _add_tail(out, extras, body, skeleton, sway)
    if extras.wings:
        _add_wings(out, extras, body, skeleton)
    if extras.glasses:
        _add_glasses(out, extras, head, eyes)


def _roll(angle: float) -> Floats:
    cosine, sine = np.cos(angle), np.sin(angle)
    turn: Floats = np.array([[cosine, -sine, 0], [sine, cosine, 0], [0, 0, 1]])
    return turn


def _add_beret(out: Assembly, extras: Extras, bone: Bone, volume: float) -> None:
    wide = 0.56 + volume
    puff = ellipsoid([wide, 0.21, wide], 16, 40, at=[extras.side * 0.05, 0.39 + volume, -0.04])
    out.add("hat", "hat", puff, bone=bone)
    ring = ellipsoid([0.475 + volume, 0.06, 0.475 + volume], 10, 40, 3, at=[0, 0.25 + volume, 0])
    out.add("hat.band", "hat.trim", ring, bone=bone)
    out.add(
        "hat.knob",
        "hat.trim",
        ellipsoid([0.05, 0.05, 0.05], at=[extras.side * 0.05, 0.61 + volume, -0.04]),
        bone=bone,
    )
    badge = ellipsoid([0.075, 0.075, 0.03], at=[extras.side * 0.2, 0.41 + volume, wide * 0.9])
    out.add("hat.badge", "metal", badge, bone=bone)


def _add_witch_hat(out: Assembly, extras: Extras, bone: Bone, volume: float) -> None:
    base = 0.29 + volume
    brim = ellipsoid([0.86, 0.035, 0.86], 10, 44, 2.2, at=[0, base, 0])
    out.add("hat.brim", "hat", brim, bone=bone)
    lean = extras.curl * 0.28
    path = np.array(
        [
            [0, 0, 0],
            [0, 0.25, -0.02],
            [0.2 * lean, 0.55, -0.06],
            [lean, 0.85, -0.16],
            [2.0 * lean, 1.0, -0.3],
        ]
    )
    radii = np.array([0.46, 0.40, 0.24, 0.11, 0.01]) + np.array([volume, volume, 0, 0, 0])
    cone = tube(path + np.array([0, base, 0]), [0, 0, 1], radii)
    out.add("hat", "hat", tube_grid(cone, 22, 36), bone=bone)
    out.add(
        "hat.band", "hat.trim", tube_grid(cone, 4, 36, along=(0.02, 0.17), lift=0.015), bone=bone
    )
    buckle = disc(disc_outline(20, 6) * [0.2, 0.06] + np.array([0.0, 0.095]), 3)
    out.add("hat.buckle", "metal", cone.at(buckle[..., 1], buckle[..., 0], 0.025), bone=bone)


def _add_cap(out: Assembly, extras: Extras, bone: Bone, volume: float) -> None:
    wide = 0.475 + volume
    grid = ellipsoid([wide, 0.36 + volume, wide + 0.005], 22, 40)[11:] + np.array([0, 0.2, 0])
    out.add("hat", "hat", grid, bone=bone)
    sides = np.linspace(-1.0, 1.0, 18) + (0.0 if abs(extras.curl) < 0.8 else np.pi)
    t = np.linspace(1, 0, 8)[:, None]
    reach = wide + 0.01 + 0.34 * t * np.sqrt(np.maximum(1.02 - np.linspace(-1, 1, 18) ** 2, 0))
    visor = np.stack(
        np.broadcast_arrays(reach * np.sin(sides), 0.22 - 0.09 * t, reach * np.cos(sides)), -1
    )
    out.add("hat.visor", "hat.trim", visor, wrap=False, bone=bone)
    badge = ellipsoid([0.1, 0.09, 0.03], at=[0, 0.39 + volume * 0.5, wide * 0.9])
    out.add("hat.badge", "metal", badge, bone=bone)
    out.add(
        "hat.knob",
        "hat.trim",
        ellipsoid([0.04, 0.03, 0.04], at=[0, 0.57 + volume, 0]),
        bone=bone,
    )


def _add_band(out: Assembly, extras: Extras, bone: Bone, volume: float) -> None:
    angle = np.linspace(-1.75, 1.75, 40)
    reach = np.stack([np.sin(angle) * 0.50, 0.02 + np.cos(angle) * 0.53, 0 * angle + 0.08], -1)
    path = reach * (1 + volume * 1.7)
    band = tube(path[::3], [0, 0, 1], np.full(14, 0.02), np.full(14, 0.05), squareness=3)
    out.add("headband", "accent", tube_grid(band, 36, 12), bone=bone)
    if extras.curl > 0.2:
        for at in range(7):  # a maid's frill
            turn = (at - 3) * 0.3
            grid = ellipsoid(
                [0.09, 0.08, 0.04],
                at=[
                    np.sin(turn) * 0.52,
                    0.02 + np.cos(turn) * 0.58 + volume,
                    0.1,
                ],
            )
            out.add(f"headband.frill.{at}", "shirt", grid, bone=bone)


def _add_bow(out: Assembly, extras: Extras, bone: Bone, volume: float) -> None:
    middle = np.array([extras.side * 0.3, 0.40 + volume, 0.1])
    if extras.curl > 0.3:
        middle = np.array([0.0, 0.53 + volume, -0.1])
    for loop, sign in (("one", 1), ("two", -1)):
        path = middle + np.array(
            [[0.02, 0, 0], [0.12, 0.07, 0.02], [0.26, 0.12, 0], [0.31, 0.08, 0]]
        ) * [sign, 1, 1]
        grid = tube_grid(
            tube(path, [0, 0, 1], [0.04, 0.1, 0.14, 0.02], [0.03, 0.06, 0.06, 0.01]), 12, 16
        )
        out.add(f"bow.{loop}", "accent", grid, bone=bone)
    out.add(
        "bow.knot",
        "accent",
        ellipsoid([0.06, 0.06, 0.06]) + middle + np.array([0, 0, 0.02]),
        bone=bone,
    )


def _add_crown(out: Assembly, _extras: Extras, bone: Bone, volume: float) -> None:
    angle = np.linspace(0, 2 * np.pi, 60, endpoint=False)
    t = np.linspace(0, 1, 5)[:, None]
    teeth = 0.13 + 0.07 * np.abs((angle * 6 / (2 * np.pi) * 2) % 2 - 1)
    reach = 0.2 + 0.03 * t
    grid = np.stack(
        np.broadcast_arrays(
            reach * np.sin(angle), 0.45 + volume + t * teeth, reach * np.cos(angle)
        ),
        -1,
    )
    out.add("crown", "metal", grid, bone=bone)
    gem = ellipsoid([0.035, 0.045, 0.03], at=[0, 0.53 + volume, 0.22])
    out.add("crown.gem", "accent", gem, bone=bone)


def _add_headphones(out: Assembly, _extras: Extras, bone: Bone, volume: float) -> None:
    angle = np.linspace(-1.5, 1.5, 14)
    path = np.stack([np.sin(angle) * 0.53, 0.02 + np.cos(angle) * 0.56, 0 * angle], -1) * (
        1 + volume
    )
    band = tube(path, [0, 0, 1], np.full(14, 0.025), np.full(14, 0.05), squareness=3)
    out.add("headphones", "hat", tube_grid(band, 36, 12), bone=bone)
    for side, sign in SIDES.items():
        place = [sign * (0.5 + volume), -0.02, 0]
        out.add(
            f"headphones.{side}",
            "hat.trim",
            ellipsoid([0.08, 0.15, 0.15], power=2.6) + place,
            bone=bone,
        )
        shell = ellipsoid([0.05, 0.09, 0.09]) + place + np.array([sign * 0.06, 0, 0])
        out.add(f"headphones.shell.{side}", "accent", shell, bone=bone)


def _add_flower(out: Assembly, extras: Extras, bone: Bone, volume: float) -> None:
    middle = np.array([extras.side * (0.40 + volume), 0.24, 0.24])
    away = middle / np.linalg.norm(middle)
    right = np.cross([0, 1, 0], away)
    right /= np.linalg.norm(right)
    up = np.cross(away, right)
    for at in range(5):
        turn = at * 2 * np.pi / 5
        petal = middle + away * 0.03 + 0.075 * (np.cos(turn) * right + np.sin(turn) * up)
        out.add(f"flower.petal.{at}", "accent", ellipsoid([0.055, 0.055, 0.03]) + petal, bone=bone)
    out.add("flower.heart", "metal", ellipsoid([0.045] * 3) + middle + away * 0.055, bone=bone)


def _add_beast(out: Assembly, extras: Extras, bone: Bone, volume: float) -> None:
    """Add animal ears with their insides, horns or antlers."""
    shapes = {
        "cat": ([0.15, 0.13, 0.07, 0.005], 0.34, 0.0),
        "fox": ([0.15, 0.15, 0.09, 0.005], 0.48, 0.05),
        "rabbit": ([0.07, 0.12, 0.11, 0.01], 0.85, -0.1),
    }
    for side, sign in SIDES.items():
        root = np.array([sign * 0.27, 0.36 + volume * 0.5, -0.02])
        if extras.beast in shapes:
            half, length, lean = shapes[extras.beast]
            fold = (
                0.25
                if extras.beast == "rabbit" and sign == extras.side and extras.curl > 0
                else 0.0
            )
            steps = np.array([-0.15, 0.4, 0.75, 1.0])[:, None]
            path = root + steps * np.array([sign * (0.2 + lean) * length, length, 0.0])
            path = path + fold * steps**3 * [sign * 1.0, -1.2, 0.6]
            front = [sign * 0.35, 0, 1]
            ear = tube(path, front, half, np.array(half) * 0.5)
            out.add(f"beast_ear.{side}", "beast", tube_grid(ear, 16, 20), bone=bone)
            inner = ear.at(
                np.linspace(0.85, 0.15, 10)[:, None], np.linspace(0.6, -0.6, 9) + np.pi * 0, 0.012
            )
            out.add(
                f"beast_ear.inner.{side}", "beast.inner", inner[::-1, ::-1], wrap=False, bone=bone
            )
            continue
        if extras.beast == "horns":
            bend = 0.15 + 0.25 * abs(extras.curl)
            path = root + np.array(
                [[0, -0.06, 0], [0.15, 0.12, 0.02], [0.25, 0.3, 0.0], [0.25 - bend, 0.5, 0.1]]
            ) * [sign, 1, 1]
            out.add(
                f"horn.{side}",
                "horn",
                tube_grid(tube(path, [0, 0, 1], [0.1, 0.085, 0.055, 0.004]), 18, 16),
                bone=bone,
            )
            continue
        for branch, (x, y) in {"": (0.3, 0.55), ".branch": (0.45, 0.3)}.items():
            path = root + np.array(
                [[0, -0.05, 0], [0.1, 0.18, 0], [x * 0.8, y * 0.7, 0], [x, y, 0.05]]
            ) * [sign, 1, 1]
            out.add(
                f"horn.{side}{branch}",
                "horn",
                tube_grid(tube(path, [0, 0, 1], [0.045, 0.04, 0.03, 0.004]), 14, 12),
                bone=bone,
            )


def _add_tail(
    out: Assembly, extras: Extras, body: Proportions, skeleton: Skeleton, sway: Floats
) -> None:
    """Add a tail that swings behind; a fox's has a white tip."""
    size = (body.torso + body.leg) * 0.5
    pelvis = skeleton.pelvis
    root = np.array([0.0, body.torso * 0.08, -body.hip * 0.9])
    path = root + size * np.array(
        [
            [0, 0, 0],
            [0.1, -0.18, -0.35],
            [0.45, -0.05, -0.6],
            [0.7, 0.35, -0.55],
            [0.65, 0.75, -0.4],
        ]
    ) * [np.sign(extras.curl or 1.0), 1, 1]
    drag = pelvis.inverse_turn(sway)
    path = path + drag * np.array([0, 0.1, 0.3, 0.6, 1.0])[:, None]
    half = {
        "cat": np.array([0.055, 0.055, 0.05, 0.05, 0.015]),
        "fox": np.array([0.05, 0.13, 0.19, 0.17, 0.01]),
        "dragon": np.array([0.15, 0.11, 0.08, 0.05, 0.005]),
    }[extras.tail] * size
    tail = tube(path, [0.2, 1, 0.3], half)
    cut = 0.7 if extras.tail == "fox" else 0.97
    out.add("beast_tail", "beast", tube_grid(tail, 20, 20, along=(0.0, cut)), bone=pelvis)
    if extras.tail == "fox":
        out.add(
            "beast_tail.tip", "beast.inner", tube_grid(tail, 12, 20, along=(cut, 1.0)), bone=pelvis
        )


def _add_wings(out: Assembly, extras: Extras, body: Proportions, skeleton: Skeleton) -> None:
    """Add two wings of four feathers each."""
    size = extras.wings * (0.35 + 0.4 * body.torso)
    for side, sign in SIDES.items():
        root = np.array([sign * 0.08, body.torso * 0.32, -body.hip - body.limb * 0.4])
        for at in range(4):
            angle = 0.75 - 0.42 * at
            reach = size * (1.25 - 0.18 * at)
            way = np.array([sign * np.cos(angle), np.sin(angle), -0.25 - 0.04 * at])
            path = root + np.stack(
                [way * reach * t - [0, 0.25 * reach * t**2, 0] for t in (0, 0.35, 0.7, 1.0)]
            )
            half = size * np.array([0.08, 0.2, 0.19, 0.02])
            feather = tube(path, [0, 0, 1], half, half * 0.15)
            out.add(f"wing.{side}.{at}", "wing", tube_grid(feather, 14, 14), bone=skeleton.chest)


def _add_glasses(out: Assembly, extras: Extras, bone: Bone, eyes: tuple[float, float]) -> None:
    """Add frames as rings before the eyes, a bridge and temples."""
    power = 2.0 if extras.glasses == "round" else 4.0
    for side, sign in SIDES.items():
        ring = disc_outline(32, power) * [0.145, 0.13] + np.array([sign * eyes[0], eyes[1] - 0.01])
        depth = 0.47 - 0.6 * np.maximum(np.abs(ring[:, 0]) - 0.15, 0.0) ** 1.3
        loop = np.concatenate([ring, depth[:, None]], axis=1)
        center = loop.mean(axis=0)
        grid = np.stack([center + (loop - center) * share for share in (1.06, 0.94)])
        out.add(f"glasses.{side}", "frame", grid, bone=bone)
        path = np.array([[0.345, 0, 0.37], [0.47, 0.01, 0.2], [0.5, 0.0, -0.05]]) * [
            sign,
            1,
            1,
        ] + np.array(
            [
                0,
                eyes[1],
                0,
            ]
        )
        temple = tube(path, [0, 1, 0], np.full(3, 0.012))
        out.add(f"glasses.temple.{side}", "frame", tube_grid(temple, 8, 8), bone=bone)
    bridge = tube(
        np.array([[-0.07, 0.01, 0.46], [0, 0.03, 0.475], [0.07, 0.01, 0.46]])
        + np.array([0, eyes[1], 0]),
        [0, 1, 0],
        np.full(3, 0.012),
    )
    out.add("glasses.bridge", "frame", tube_grid(bridge, 6, 8), bone=bone)
