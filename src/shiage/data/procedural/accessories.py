"""What is worn over clothes: scarves and ties, capes, bags."""

from __future__ import annotations

import numpy as np

from shiage.data.procedural.body import (
    SIDES,
    neck_radius,
)
from shiage.data.procedural.outfit import Outfit
from shiage.data.procedural.shapes import (
    Assembly,
    disc_outline,
    ellipsoid,
    tube,
    tube_grid,
)
from shiage.data.procedural.wearing import Dressed, lying_ring, panel, patch


def add_neckwear(out: Assembly, outfit: Outfit, on: Dressed) -> None:
    """Add what is worn around the neck."""
    unit, radius = on.unit, neck_radius(on.body)
    kind, trunk = outfit.neck, on.trunk
    chest = on.skeleton.chest
    if kind == "tie":
        _add_hanging(out, "tie", on, 0.96, 0.5, 0.16, unit * 3.6)
        knot = ellipsoid(np.array([0.055, 0.05, 0.04]) * (0.7 + 0.3 * on.body.torso))
        out.add("tie.knot", "accent", knot + trunk.at(0.93, 0.0, unit * 3.5))
    elif kind == "ribbon":
        size = 0.09 + 0.05 * on.body.shoulder
        middle = trunk.at(0.86, 0.0, unit * 3.4)
        for side, sign in SIDES.items():
            path = (
                chest.turn(
                    np.array([[0.1, 0, 0], [0.8, 0.25, 0.1], [1.7, 0.4, 0], [2.0, 0.3, -0.05]])
                    * [sign * size, size, size]
                )
                + middle
            )
            loop = tube(
                path,
                chest.axes[:, 2],
                size * np.array([0.3, 0.65, 0.85, 0.1]),
                size * np.array([0.2, 0.35, 0.3, 0.05]),
            )
            out.add(f"ribbon.{side}", "accent", tube_grid(loop, 16, 20))
            end = (
                chest.turn(
                    np.array([[0.1, -0.1, 0.05], [0.3, -0.9, 0.1], [0.65, -1.9, 0.0]])
                    * [sign * size, size, size]
                )
                + middle
            )
            tail = tube(
                end, chest.axes[:, 2], size * np.array([0.2, 0.35, 0.45]), size * np.full(3, 0.1)
            )
            out.add(f"ribbon.tail.{side}", "accent", tube_grid(tail, 10, 12, closed=(True, True)))
        out.add(
            "ribbon.knot",
            "accent",
            ellipsoid([size * 0.35] * 3) + middle + chest.turn([0, 0, 0.15 * size]),
        )
    elif kind == "scarf":
        wrapped = lying_ring(
            chest,
            on.skeleton.neck + chest.turn([0, 0.06, 0.02]),
            radius * 1.75,
            0.085 + 0.02 * on.body.shoulder,
        )
        out.add("scarf", "accent", wrapped)
        _add_hanging(out, "scarf.end", on, 0.92, 0.42, 0.3, unit * 4.5, around=0.45)
    elif kind == "choker":
        out.add(
            "choker",
            "accent",
            lying_ring(chest, on.skeleton.neck + chest.turn([0, 0.05, 0]), radius * 1.05, 0.025),
        )
    elif kind == "pendant":
        stone = disc_outline(20, 1.4) * [0.16, 0.055]
        out.add("pendant", "metal", patch(trunk, 0.78, 0.0, stone, unit * 2.6))


def _add_hanging(
    out: Assembly,
    name: str,
    on: Dressed,
    top: float,
    bottom: float,
    half: float,
    lift: float,
    around: float = 0.0,
) -> None:
    """Add a strip that hangs down the chest and grows wider: a tie, the end of a scarf."""
    along = np.linspace(bottom, top, 14)[:, None]
    width = half * np.interp(along, [bottom, bottom + 0.06, top], [0.55, 1.0, 0.5])
    grid = on.trunk.at(along, around + width * np.linspace(-1, 1, 7), lift)
    out.add(name, "accent", grid, wrap=False)


def add_cape(out: Assembly, outfit: Outfit, on: Dressed) -> None:
    """Add a cape over back and shoulders."""
    chest, body = on.skeleton.chest, on.body
    angle = np.linspace(0.42 * np.pi, 1.58 * np.pi, 40)
    t = np.linspace(1, 0, 18)[:, None]
    length = outfit.cape * body.torso
    radius = (
        neck_radius(body) * 1.5
        + (body.shoulder + body.limb * 1.2 - neck_radius(body) * 1.5)
        * np.minimum(t * 3.5, 1.0) ** 0.6
    )
    radius = radius + 0.25 * body.torso * outfit.flare * t
    deep = 0.7 + 0.25 * t
    fold = 1 + 0.05 * t * np.cos(angle * 9)
    drop = length * t - 0.12 * body.shoulder
    grid = np.stack(
        np.broadcast_arrays(
            radius * fold * np.sin(angle), -drop, radius * fold * deep * np.cos(angle)
        ),
        -1,
    )
    place = chest.turn(grid) + on.skeleton.neck + on.sway * (outfit.cape * t[..., None]) ** 1.4
    out.add("cape", "cape", place, wrap=False)
    clasp = on.trunk.at(0.95, 0.0, on.unit * 3)
    out.add(
        "cape.collar",
        "trim",
        lying_ring(
            chest, on.skeleton.neck + chest.turn([0, -0.01, 0]), neck_radius(body) * 1.6, 0.05
        ),
    )
    out.add("cape.clasp", "metal", ellipsoid([0.05, 0.05, 0.04]) + clasp)


def add_bag(out: Assembly, outfit: Outfit, on: Dressed) -> None:
    """Add a bag at the hip with its strap across the chest, or one on the back."""
    body, unit = on.body, on.unit
    size = 0.16 + 0.11 * body.shoulder
    if outfit.bag == "back":
        chest = on.skeleton.chest
        pack = ellipsoid([size * 1.5, size * 1.7, size * 0.8], 14, 24, 3.5)
        middle = [0.0, body.torso * 0.2, -body.hip - body.limb - size * 0.7]
        out.add("backpack", "leather", pack + middle, bone=chest)
        for side, sign in SIDES.items():
            grid = panel(
                on.trunk, (0.5, 0.95), (sign * 0.62 - 0.1, sign * 0.62 + 0.1), unit * 3.4, 16, 4
            )
            out.add(f"backpack.strap.{side}", "leather", grid, wrap=False)
        return
    pelvis = on.skeleton.pelvis
    hip = np.array([body.hip + body.limb * 1.25 + size * 0.35, -body.limb * 0.6, 0.1])
    bag = ellipsoid([size * 0.55, size, size * 1.15], 14, 24, 4.0)
    flap = ellipsoid([size * 0.6, size * 0.55, size * 1.2], 12, 24, 3.6, at=[0, size * 0.52, 0])
    swing = pelvis.inverse_turn(on.sway) * 0.2
    out.add("bag", "leather", bag + hip + swing, bone=pelvis)
    out.add("bag.flap", "leather.light", flap + hip + swing, bone=pelvis)
    out.add(
        "bag.lock",
        "metal",
        ellipsoid([0.03, 0.045, 0.05], 10, 14, 4)
        + hip
        + swing
        + np.array([size * 0.6, size * 0.1, 0]),
        bone=pelvis,
    )
    along = np.linspace(0.18, 0.93, 18)
    around = np.interp(along, [0.18, 0.93], [1.25, -0.75])
    across = np.linspace(-1, 1, 4)[:, None] * 0.03
    strap = on.trunk.at(along - across * 0.8, around + across * 3, unit * 3.6)
    out.add("bag.strap", "leather", strap[::-1], wrap=False)
