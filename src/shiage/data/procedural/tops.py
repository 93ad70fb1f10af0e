"""Clothes of the trunk: shirts, jackets, collars, belts."""

from __future__ import annotations

import numpy as np

from shiage.data.procedural.body import (
    SIDES,
)
from shiage.data.procedural.outfit import Outfit
from shiage.data.procedural.shapes import (
    Assembly,
    Tube,
    disc_outline,
    ellipsoid,
    tube_grid,
)
from shiage.data.procedural.wearing import Dressed, hanging_cloth, panel, patch


def add_top(out: Assembly, outfit: Outfit, on: Dressed) -> None:
    """Add what covers the trunk."""
    unit, waist = on.unit, outfit.waist
    low = waist if outfit.bottom != "trousers" or outfit.belt else waist - 0.12
    neck = {"tank": 0.86, "dress": 0.9, "tee": 0.95, "sailor": 0.93}.get(outfit.top, 0.985)
    shirt = "shirt" if outfit.top in ("jacket", "coat", "hoodie") else "top"
    low = low - 0.02
    out.add("top", shirt, tube_grid(on.trunk, 16, 36, along=(low, neck), lift=unit))
    if outfit.top in ("jacket", "coat", "hoodie"):
        _add_jacket(out, outfit, on)
    if outfit.top == "robe":
        for at, (start, end) in enumerate(((0.55, -0.25), (-0.55, 0.25))):
            _add_band(
                out,
                f"lapel.{at}",
                "trim",
                on.trunk,
                (0.5, 0.97),
                (end, start),
                0.13,
                unit * (2.0 + 0.5 * at),
            )
    if outfit.top == "sailor":
        _add_sailor_collar(out, on)
    if outfit.top == "shirt":
        _add_collar(out, on, unit)
    for at in range(outfit.stripe):
        height = 0.5 + 0.09 * at
        band = tube_grid(on.trunk, 4, 44, along=(height, height + 0.045), lift=unit * 1.35)
        out.add(f"stripe.{at}", "trim", band)
    if outfit.top in ("shirt", "coat", "jacket", "dress") and out.detail > 70:
        shift = outfit.opening + 0.16 if outfit.top in ("coat", "jacket") else 0.0
        for at in range(outfit.buttons):
            ring = disc_outline(14) * [0.075, 0.018 * on.body.shoulder * 4 / on.body.torso]
            spot = patch(on.trunk, 0.45 + 0.12 * at, shift, ring, unit * 3.2)
            out.add(f"button.{at}", "accent", spot)
    if outfit.emblem and outfit.top not in ("jacket", "coat", "robe"):
        ring = disc_outline(24, outfit.emblem) * [0.28, 0.09]
        out.add("emblem", "accent", patch(on.trunk, 0.66, 0.0, ring, unit * 1.6))
    if outfit.belt:
        lift = unit * (2.6 if outfit.top in ("jacket", "coat") else 1.9)
        belt = tube_grid(on.trunk, 4, 44, along=(waist - 0.03, waist + 0.045), lift=lift)
        out.add("belt", "leather", belt)
        buckle = disc_outline(20, 6) * [0.2, 0.05]
        out.add("belt.buckle", "metal", patch(on.trunk, waist + 0.008, 0.0, buckle, lift * 1.15))


def _add_jacket(out: Assembly, outfit: Outfit, on: Dressed) -> None:
    """Add a jacket in two halves, open in front, with lapels, pockets and a skirt to a coat."""
    unit, gap = on.unit, outfit.opening
    low = 0.2 if outfit.top == "jacket" else 0.12
    for side, sign in SIDES.items():
        start, end = (gap, np.pi) if sign > 0 else (-np.pi, -gap)
        grid = panel(on.trunk, (low, 0.97), (start, end), unit * 2.2, 14, 20)
        out.add(f"jacket.{side}", "top", grid, wrap=False)
        edge = (gap - 0.02, gap + 0.3) if sign > 0 else (-gap - 0.3, -gap + 0.02)
        if outfit.hem:
            hem = panel(on.trunk, (low, low + 0.07), (start, end), unit * 2.6, 4, 26)
            out.add(f"jacket.hem.{side}", "trim", hem, wrap=False)
        lapel = on.trunk.at(
            np.linspace(0.62, 0.97, 8)[:, None],
            np.linspace(*edge, 7) * np.linspace(0.75, 1.5, 8)[:, None],
            unit * 2.8,
        )
        out.add(f"lapel.{side}", "trim", lapel, wrap=False)
        if outfit.pockets:
            ring = disc_outline(20, 7) * [0.3, 0.06]
            spot = patch(on.trunk, low + 0.15, sign * (gap + 0.5), ring, unit * 2.9)
            out.add(f"pocket.{side}", "top", spot)
    if outfit.top == "coat":
        gap_low = gap + 0.15
        coat = hanging_cloth(
            on, 0.2, outfit.hem_length * 0.9 + 0.1, 0.35, 2.6, (gap_low, 2 * np.pi - gap_low)
        )
        out.add("coat.tail", "top", coat, wrap=False)
    if outfit.top == "hoodie":
        chest = on.skeleton.chest
        size = 0.3 + 0.12 * on.body.shoulder
        hood = ellipsoid([size, size * 0.6, size * 0.55], 12, 20, 2.3)
        hood = (
            hood
            + chest.inverse_turn(on.skeleton.neck - chest.origin)
            + np.array([0, -0.04, -size * 0.7])
        )
        out.add("hood", "top", hood, bone=chest)


def _add_band(
    out: Assembly,
    name: str,
    paint: str,
    surface: Tube,
    along: tuple[float, float],
    around: tuple[float, float],
    half: float,
    lift: float,
) -> None:
    """Add a strip that runs up a surface from one place to another, `half` radians wide."""
    share = np.linspace(0, 1, 16)[:, None]
    heights = along[0] + (along[1] - along[0]) * share
    middle = around[0] + (around[1] - around[0]) * share
    grid = surface.at(heights, middle + np.linspace(-half, half, 5), lift)
    out.add(name, paint, grid, wrap=False)


def _add_collar(out: Assembly, on: Dressed, unit: float) -> None:
    """Add two wings of a collar."""
    for side, sign in SIDES.items():
        inner, outer = (0.04, 1.9) if sign > 0 else (-1.9, -0.04)
        low = np.interp(
            np.abs(np.linspace(inner, outer, 16)), [0.0, 0.5, 0.9, 2.0], [0.84, 0.80, 0.89, 0.92]
        )
        share = np.linspace(0, 1, 6)[:, None]
        grid = on.trunk.at(
            low + share * (1.0 - low), np.linspace(inner, outer, 16), unit * (2.4 - 0.6 * share)
        )
        out.add(f"collar.{side}", "trim", grid, wrap=False)


def _add_sailor_collar(out: Assembly, on: Dressed) -> None:
    """Add a sailor's collar, open to a V in front, square behind, and its stripe."""
    around = np.linspace(0.12, 2 * np.pi - 0.12, 44)
    away = np.minimum(around, 2 * np.pi - around)
    high = np.interp(away, [0.1, 0.9, 1.6, np.pi], [0.66, 0.965, 0.985, 0.985])
    low = np.interp(away, [0.1, 0.6, 1.0, 1.7, 2.0, np.pi], [0.6, 0.72, 0.82, 0.84, 0.7, 0.68])
    share = np.linspace(0, 1, 6)[:, None]
    out.add(
        "collar", "trim", on.trunk.at(low + share * (high - low), around, on.unit * 2.2), wrap=False
    )
    band = low + 0.035 + share[:3] * 0.05
    out.add("collar.stripe", "shirt", on.trunk.at(band, around, on.unit * 2.6), wrap=False)
