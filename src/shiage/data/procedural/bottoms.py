"""Trousers, and skirts that make way for legs."""

from __future__ import annotations

import numpy as np

from shiage.data.procedural.body import (
    SIDES,
    leg_radii,
)
from shiage.data.procedural.outfit import Outfit
from shiage.data.procedural.shapes import (
    Assembly,
    disc_outline,
    tube,
    tube_grid,
)
from shiage.data.procedural.wearing import Dressed, hanging_cloth, patch


def add_trousers(out: Assembly, outfit: Outfit, on: Dressed) -> None:
    """Add trousers or shorts: a seat and two legs."""
    unit = on.unit
    seat = tube_grid(
        on.trunk, 12, 40, along=(0.0, outfit.waist + 0.02), lift=unit * 1.3, closed=(True, False)
    )
    out.add("trousers", "bottom", seat)
    wide = outfit.flare * (0.5 if outfit.bottom == "trousers" else 0.35)
    swell = 1 + wide * np.array([0.15, 0.3, 0.5, 0.6, 0.9])
    for side in SIDES:
        limb = on.skeleton.legs[side]
        leg = tube(limb.path(), limb.front, (leg_radii(on.body) + unit * 1.3) * swell)
        end = outfit.hem_length
        out.add(
            f"trousers.{side}",
            "bottom",
            tube_grid(leg, 13, 22, along=(0.0, end), closed=(True, False)),
        )
        if outfit.hem:
            cuff = tube_grid(leg, 4, 26, along=(end - 0.07, end + 0.01), lift=unit * 0.6)
            out.add(f"trousers.cuff.{side}", "trim", cuff)
        if outfit.knee_pads:
            ring = disc_outline(20, 3) * [0.8, 0.07]
            out.add(f"knee_pad.{side}", "accent", patch(leg, 0.5, 0.0, ring, unit * 1.5))


def add_skirt(out: Assembly, outfit: Outfit, on: Dressed) -> None:
    """Add a skirt in one piece, with pleats as parts, an apron or a hem of its own color."""
    paint = "top" if outfit.top in ("dress", "robe") else "bottom"
    length, flare = outfit.hem_length, outfit.flare
    waist, full = outfit.waist, (0.0, 2 * np.pi)
    if outfit.panels:
        edges = np.linspace(0, 2 * np.pi, outfit.panels + 1)
        for at in range(outfit.panels):
            around = (edges[at], edges[at + 1])
            grid = hanging_cloth(
                on, waist, length, flare, 1.6, around, waves=outfit.panels, columns=9
            )
            color = "trim" if outfit.hem and at % 2 else paint
            out.add(f"skirt.pleat.{at}", color, grid, wrap=False)
    else:
        waves = 9 if flare > 0.55 else 0
        out.add("skirt", paint, hanging_cloth(on, waist, length, flare, 1.6, full, waves=waves))
        if outfit.hem:
            hem = hanging_cloth(on, waist, length, flare, 2.0, full, waves=waves, share=(0.84, 1.0))
            out.add("skirt.hem", "trim", hem + (hem - hem.mean(axis=1, keepdims=True)) * 0.02)
    if outfit.apron:
        apron = hanging_cloth(on, waist, length * 0.85, flare, 2.2, (-0.75, 0.75), columns=20)
        middle = apron.mean(axis=(0, 1))
        away = on.skeleton.pelvis.axes[:, 2] * on.unit * 1.2
        out.add("apron", "shirt", apron + away + (apron - middle) * 0.01, wrap=False)
