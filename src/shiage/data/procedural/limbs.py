"""Hands, sleeves, stockings and shoes."""

from __future__ import annotations

import numpy as np

from shiage.data.procedural.body import (
    SIDES,
    arm_radii,
    leg_radii,
)
from shiage.data.procedural.outfit import Outfit
from shiage.data.procedural.shapes import (
    Assembly,
    ellipsoid,
    tube,
    tube_grid,
)
from shiage.data.procedural.wearing import Dressed


def add_hand(out: Assembly, outfit: Outfit, on: Dressed, side: str) -> None:
    """Add a palm, a thumb and, where they are seen, fingers; without gloves no line parts them."""
    hand, size = on.skeleton.arms[side].tip, on.body.hand
    sign = SIDES[side]
    paint, name = ("gloves", f"glove.{side}") if outfit.gloves else ("skin", f"arm.{side}")
    palm = ellipsoid([size * 0.46, size * 0.56, size * 0.27], 10, 14, 2.4, at=[0, -size * 0.5, 0])
    out.add(name, paint, palm, bone=hand)
    # the palm faces the body: its thumb lies in front, which is inwards of the turned hand
    thumb = np.array(
        [[0.32, -0.25, 0.05], [0.62, -0.5, 0.14], [0.6, -0.92, 0.2], [0.56, -1.0, 0.2]]
    )
    thumb = thumb * [-sign * size, size, size]
    radii = size * np.array([0.18, 0.17, 0.13, 0.03])
    out.add(name, paint, tube_grid(tube(thumb, [0, 0, 1], radii), 7, 8), bone=hand)
    if out.detail * size < 9:  # a mitten
        mitt = ellipsoid(
            [size * 0.4, size * 0.5, size * 0.24],
            10,
            16,
            2.3,
            at=[
                0,
                -size * 1.1,
                size * 0.08,
            ],
        )
        out.add(name, paint, mitt, bone=hand)
        return
    for at, (x, length) in enumerate(((0.32, 0.85), (0.11, 1.0), (-0.1, 0.95), (-0.31, 0.75))):
        curl = 0.25 + 0.06 * at
        finger = np.array(
            [
                [x, -0.8, 0],
                [x * 1.1, -0.8 - 0.45 * length, 0.05],
                [x * 1.05, -0.8 - 0.85 * length, curl],
                [x, -0.8 - 0.95 * length, curl + 0.05],
            ]
        )
        finger = finger * [-sign * size, size, size]
        radii = size * np.array([0.15, 0.15, 0.125, 0.02])
        grid = tube_grid(tube(finger, [0, 0, 1], radii), 7, 8)
        out.add(name, paint, grid, bone=hand)


def add_sleeve(out: Assembly, outfit: Outfit, on: Dressed, side: str) -> None:
    """Add a sleeve and its cuff."""
    limb, unit = on.skeleton.arms[side], on.unit
    if outfit.shoulder_pads:
        pad = ellipsoid(on.body.limb * np.array([1.3, 0.9, 1.25])) + limb.root
        out.add(f"shoulder_pad.{side}", "metal", pad)
    if not outfit.sleeve:
        return
    base = arm_radii(on.body) + unit * 1.9
    swell = 1 + outfit.puffy * np.array([0.25, 0.55, 0.45, 0.5, 0.75])
    if outfit.sleeve < 0.5:
        swell = 1 + outfit.puffy * np.array([0.5, 0.5, 0.1, 0, 0])
    sleeve = tube(limb.path(), limb.front, base * swell)
    end = outfit.sleeve
    out.add(f"sleeve.{side}", "top", tube_grid(sleeve, 14, 22, along=(0.0, end)))
    ball = ellipsoid([base[0] * swell[0] * 1.03] * 3, 12, 24) + limb.root
    out.add(f"sleeve.{side}", "top", ball)
    if outfit.cuff:
        share = 0.09 if end > 0.5 else 0.06
        cuff = tube_grid(sleeve, 4, 26, along=(end - share, end + 0.015), lift=unit * 0.5)
        out.add(f"cuff.{side}", "trim", cuff)


def add_socks(out: Assembly, outfit: Outfit, on: Dressed, side: str) -> None:
    """Add stockings and their stripes."""
    kind = outfit.socks
    if kind == "odd":
        kind = "thigh" if side == "left" else "ankle"
    top = {"none": 1.0, "ankle": 0.86, "knee": 0.55, "thigh": 0.34, "striped": 0.5, "tights": 0.02}[
        kind
    ]
    if top == 1.0:
        return
    leg, lift = on.legs[side], on.unit * 0.45
    out.add(f"sock.{side}", "socks", tube_grid(leg, 12, 20, along=(top, 1.0), lift=lift))
    if kind == "striped":
        for at, height in enumerate((0.55, 0.67, 0.79)):
            band = tube_grid(leg, 4, 22, along=(height, height + 0.06), lift=lift * 1.6)
            out.add(f"sock.{side}.stripe.{at}", "trim", band)
    elif kind in ("knee", "thigh"):
        band = tube_grid(leg, 4, 22, along=(top, top + 0.05), lift=lift * 1.7)
        out.add(f"sock.{side}.band", "socks", band)


def add_shoe(out: Assembly, outfit: Outfit, on: Dressed, side: str) -> None:
    """Add a foot in its shoe: upper, sole, and the shaft of a boot."""
    foot, r, unit = on.skeleton.legs[side].tip, on.body.limb * 1.12, on.unit
    fat = 1.0 if outfit.shoes != "bare" else 0.8
    path = (
        np.array(
            [
                [0, -0.28, -0.78],
                [0, -0.28, -0.3],
                [0, -0.3, 0.5],
                [0, -0.34, 1.15],
                [0, -0.36, 1.52],
            ]
        )
        * r
    )
    half = r * fat * np.array([0.12, 0.62, 0.68, 0.66, 0.08])
    tall = r * fat * np.array([0.08, 0.62, 0.55, 0.36, 0.05])
    flat = r * np.array([0.05, 0.4, 0.38, 0.32, 0.05])
    upper = tube(path, [0, 1, 0], half, tall, depth_back=flat, squareness=2.4)
    paint = "skin" if outfit.shoes == "bare" else "shoes"
    name = f"foot.{side}" if outfit.shoes == "bare" else f"shoe.{side}"
    out.add(name, paint, tube_grid(upper, 13, 18), bone=foot)
    if outfit.shoes == "bare":
        return
    sole = tube(
        path - [0, 0.3 * r, 0],
        [0, 1, 0],
        half * 1.08 + 0.04 * r,
        np.full(5, 0.16 * r),
        squareness=4.0,
    )
    out.add(f"sole.{side}", "sole", tube_grid(sole, 11, 18, closed=(True, True)), bone=foot)
    if outfit.shoes == "sneakers":
        toe = tube_grid(upper, 6, 22, along=(0.78, 0.999), lift=0.03 * r)
        out.add(f"toe.{side}", "trim", toe, bone=foot)
    if "boots" in outfit.shoes:
        top = 0.78 if outfit.shoes == "boots" else 0.58
        radii = leg_radii(on.body) + unit
        radii[-1] *= 1.25
        shaft = tube(on.skeleton.legs[side].path(), on.skeleton.legs[side].front, radii)
        out.add(f"shoe.{side}", "shoes", tube_grid(shaft, 9, 20, along=(top, 1.0), lift=unit * 0.3))
        if outfit.cuff:
            cuff = tube_grid(shaft, 4, 24, along=(top - 0.03, top + 0.07), lift=unit * 1.4)
            out.add(f"boot_cuff.{side}", "trim", cuff)
    else:
        collar = tube_grid(on.legs[side], 4, 22, along=(0.95, 1.0), lift=unit)
        out.add(f"shoe.{side}", "shoes", collar)
