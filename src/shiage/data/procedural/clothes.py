"""Everything from the neck down: skin, and clothes as bands and panels over it."""

from __future__ import annotations

from shiage.data.procedural.accessories import add_bag, add_cape, add_neckwear
from shiage.data.procedural.body import (
    SIDES,
    arm_radii,
    neck_radius,
)
from shiage.data.procedural.bottoms import add_skirt, add_trousers
from shiage.data.procedural.limbs import add_hand, add_shoe, add_sleeve, add_socks
from shiage.data.procedural.outfit import Outfit
from shiage.data.procedural.shapes import (
    Assembly,
    ellipsoid,
    tube,
    tube_grid,
)
from shiage.data.procedural.tops import add_top
from shiage.data.procedural.wearing import Dressed


def build_clothes(out: Assembly, outfit: Outfit, on: Dressed) -> None:
    """Add skin and clothes from the neck down."""
    _add_skin(out, outfit, on)
    add_top(out, outfit, on)
    for side in SIDES:
        add_sleeve(out, outfit, on, side)
        add_socks(out, outfit, on, side)
        add_shoe(out, outfit, on, side)
    if outfit.bottom in ("trousers", "shorts"):
        add_trousers(out, outfit, on)
    else:
        add_skirt(out, outfit, on)
    add_neckwear(out, outfit, on)
    if outfit.cape:
        add_cape(out, outfit, on)
    if outfit.bag:
        add_bag(out, outfit, on)


def _add_skin(out: Assembly, outfit: Outfit, on: Dressed) -> None:
    """Add neck, trunk, arms, hands and legs."""
    body, skeleton = on.body, on.skeleton
    radius = neck_radius(body)
    top = skeleton.head.place([0, -0.25, -0.06])
    neck = tube(
        [skeleton.neck - skeleton.chest.turn([0, 0.1, 0]), skeleton.neck, top],
        skeleton.chest.axes[:, 2],
        [radius * 1.1, radius, radius],
    )
    out.add("body", "skin", tube_grid(neck, 10, 24))
    out.add("body", "skin", tube_grid(on.trunk, 16, 32))
    for side in SIDES:
        out.add(f"arm.{side}", "skin", tube_grid(on.arms[side], 16, 18))
        ball = ellipsoid([arm_radii(body)[0]] * 3, 9, 18) + skeleton.arms[side].root
        out.add(f"arm.{side}", "skin", ball)
        out.add(f"leg.{side}", "skin", tube_grid(on.legs[side], 16, 20, closed=(True, False)))
        add_hand(out, outfit, on, side)
