"""Skin as surfaces that clothes lie on, and the pieces that clothes are cut from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from shiage.data.procedural.body import (
    Proportions,
    Skeleton,
    arm_radii,
    leg_radii,
    limb_tube,
    torso_tube,
)
from shiage.data.procedural.shapes import (
    Bone,
    Floats,
    Tube,
    disc,
)


@dataclass(frozen=True, eq=False)
class Dressed:
    """What clothes are laid upon, for one frame.

    Attributes:
        body, skeleton: whom.
        trunk: the skin of the trunk.
        arms, legs: the skin of the limbs by side.
        unit: thickness of cloth.
        sway: (3,) in space: how far cloth one torso long is dragged.
    """

    body: Proportions
    skeleton: Skeleton
    trunk: Tube
    arms: dict[str, Tube]
    legs: dict[str, Tube]
    unit: float
    sway: Floats


def dress(body: Proportions, skeleton: Skeleton, sway: Floats) -> Dressed:
    """Return the skin of somebody as surfaces to lay clothes on."""
    return Dressed(
        body,
        skeleton,
        torso_tube(body, skeleton),
        {side: limb_tube(limb, arm_radii(body)) for side, limb in skeleton.arms.items()},
        {side: limb_tube(limb, leg_radii(body)) for side, limb in skeleton.legs.items()},
        0.02 + 0.012 * body.torso,
        sway,
    )


def panel(
    surface: Tube,
    along: tuple[float, float],
    around: tuple[float, float],
    lift: float,
    rows: int = 16,
    columns: int = 24,
) -> Floats:
    """Return a piece of a tube's surface, (rows, columns, 3)."""
    return surface.at(np.linspace(*along, rows)[:, None], np.linspace(*around, columns), lift)


def patch(surface: Tube, along: float, around: float, outline: Floats, lift: float) -> Floats:
    """Return a disc that lies on a tube; its outline is given in (angle, share along)."""
    flat = disc(outline + np.array([around, along]), 4)
    return surface.at(flat[..., 1], flat[..., 0], lift)


def lying_ring(bone: Bone, center: Floats, radius: float, thick: float) -> Floats:
    """Return a lying ring as a grid around its section, closed on itself, (rows, columns, 3)."""
    section = np.linspace(0, 2 * np.pi, 13)[:, None]
    angle = np.linspace(0, 2 * np.pi, 32, endpoint=False)
    reach = radius + thick * np.cos(section)
    height = np.broadcast_to(thick * 1.1 * np.sin(section), (13, 32))
    grid = np.stack([reach * np.sin(angle), height, reach * np.cos(angle)], -1)
    return bone.turn(grid) + center


def hanging_cloth(
    on: Dressed,
    top: float,
    length: float,
    flare: float,
    lift: float,
    around: tuple[float, float],
    *,
    waves: int = 0,
    columns: int = 64,
    share: tuple[float, float] = (0.0, 1.0),
) -> Floats:
    """Return cloth that hangs from the trunk around the legs, from its hem up.

    Args:
        on: who wears it.
        top: where it hangs from, share of the trunk.
        length: in legs, from the hip.
        flare: how wide it gets.
        lift: distance from the body, in thicknesses of cloth.
        around: first and last angle.
        waves: folds of its hem.
        columns: points along it.
        share: which part of its length, from 0 at its top to 1 at its hem.
    """
    body, skeleton = on.body, on.skeleton
    angle = np.linspace(*around, columns, endpoint=around[1] - around[0] < 6.283)
    rows = np.linspace(share[1], share[0], 11)
    rim = on.trunk.at(top, angle, on.unit * lift)
    # down the middle of both thighs, so that it follows them when they rise
    thighs = [limb.middle - limb.root for limb in skeleton.legs.values()]
    down = np.mean(thighs, axis=0) / (0.5 * body.leg) - [0, 0.25, 0]
    down /= np.linalg.norm(down)
    bone = skeleton.pelvis
    hip = (body.hip + body.limb) * 1.02
    right = bone.axes[:, 0]
    front = np.cross(right, -down)
    front /= np.linalg.norm(front)
    outwards = np.sin(angle)[:, None] * right + np.cos(angle)[:, None] * front
    reach = length * body.leg
    wide = hip * (1 + flare * min(1.0, reach / hip * 0.45)) + on.unit * lift
    center = bone.origin + down * reach
    wave = 1 + (0.06 * flare * np.cos(waves * angle) if waves else 0.0)
    hem = center + outwards * (np.array(wide) * wave * (1 - 0.15 * np.cos(angle) ** 2))[..., None]
    hem = _clear_legs(hem, center, on)
    hem = hem + on.sway * min(1.0, reach / body.torso) * 0.5
    floor = min(float(limb.tip.origin[1]) for limb in skeleton.legs.values()) - 0.6 * body.limb
    hem[..., 1] = np.maximum(hem[..., 1], floor)
    t = rows[:, None, None]
    # bulges over the hips, then falls straight
    bow = np.sin(np.pi * np.minimum(t * 1.3, 1.0)) * 0.10 * wide
    cloth: Floats = rim + (hem - rim) * t + outwards * bow
    return cloth


def _clear_legs(hem: Floats, center: Floats, on: Dressed) -> Floats:
    """Return a hem pushed outwards where a leg would come through."""
    away = hem - center
    length = np.linalg.norm(away, axis=-1, keepdims=True)
    away /= length
    for limb in on.skeleton.legs.values():
        for spot in (limb.middle, (limb.middle + limb.root) / 2, (limb.middle + limb.end) / 2):
            reach = (away @ (spot - center))[:, None] + on.body.limb * 1.1
            length = np.maximum(length, np.minimum(reach, on.body.leg * 0.5))
    cleared: Floats = center + away * length
    return cleared
