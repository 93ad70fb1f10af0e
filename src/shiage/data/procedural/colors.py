"""Palettes: a color for each kind of material, so that parts go together as on a color sheet."""

from __future__ import annotations

import colorsys

import numpy as np

from shiage.data.coloring import make_part, random_color, random_skin, vary_color
from shiage.data.scene import Part, Rgb

_HAIR = (
    (38, 34, 44),
    (70, 48, 40),
    (122, 78, 50),
    (176, 116, 60),
    (232, 196, 110),
    (245, 228, 180),
    (200, 70, 50),
    (236, 236, 244),
    (150, 150, 170),
)
_GROWN = frozenset(
    (
        "arm",
        "leg",
        "hand",
        "eye",
        "ear",
        "brow",
        "blush",
        "hair",
        "foot",
        "beast_ear",
        "horn",
        "wing",
    )
)
_CLOTH = ("top", "bottom", "trim", "accent", "cape", "hat", "socks", "shoes", "gloves", "hat.trim")


def random_palette(rng: np.random.Generator) -> dict[str, Rgb]:
    """Return a color for each paint that characters are made of."""
    skin = vary_color((253, 228, 208), rng, 0.03) if rng.random() < 0.5 else random_skin(rng)
    natural = rng.random() < 0.45
    hair = vary_color(_HAIR[rng.integers(len(_HAIR))], rng) if natural else _bright(rng)
    iris = _bright(rng)
    palette = {
        "skin": skin,
        "skin.dark": _scaled(skin, 0.72),
        "hair": hair,
        "hair.tip": _bright(rng),
        "eye.white": (255, 255, 255) if rng.random() < 0.7 else (244, 246, 252),
        "iris": iris,
        "iris.left": iris,
        "iris.right": _bright(rng),
        "iris.light": _lightened(iris, 0.55),
        "pupil": _scaled(iris, 0.3),
        "lash": (36, 26, 32) if rng.random() < 0.7 else _scaled(hair, 0.35),
        "brow": hair if rng.random() < 0.5 else _scaled(hair, 0.7),
        "mouth": vary_color((150, 50, 56), rng),
        "tongue": vary_color((232, 120, 120), rng),
        "blush": _mixed(skin, (244, 110, 110), 0.4),
        "mark.mole": (60, 36, 36),
        "mark.plaster": vary_color((236, 200, 150), rng),
        "mark.stripe": _bright(rng),
        "mark.gem": _bright(rng),
        "shirt": vary_color((244, 244, 244), rng) if rng.random() < 0.7 else random_color(rng),
        "leather": vary_color((120, 76, 48), rng, 0.1),
        "metal": vary_color((240, 206, 90) if rng.random() < 0.6 else (196, 204, 214), rng),
        "sole": vary_color((60, 48, 48) if rng.random() < 0.6 else (240, 236, 230), rng),
        "beast": hair if rng.random() < 0.7 else random_color(rng),
        "beast.inner": vary_color((250, 226, 222), rng),
        "horn": vary_color((222, 206, 178), rng, 0.12),
        "wing": vary_color((246, 246, 252), rng) if rng.random() < 0.6 else random_color(rng),
        "frame": (50, 40, 60) if rng.random() < 0.6 else _bright(rng),
    }
    palette["leather.light"] = _lightened(palette["leather"], 0.25)
    for paint in _CLOTH:
        palette[paint] = random_color(rng, vivid=float(rng.uniform(0, 1)))
    if rng.random() < 0.35:  # two things of one color
        one, other = rng.choice(len(_CLOTH), 2, replace=False)
        palette[_CLOTH[one]] = palette[_CLOTH[other]]
    return palette


def color_parts(paints: dict[str, str], rng: np.random.Generator) -> list[Part]:
    """Return the parts, in order of their names, in the colors of a random palette.

    Args:
        paints: palette entry of each part's name.
        rng: decides.
    """
    palette = random_palette(rng)
    odd = _odd_garment(paints, rng)
    tones: dict[tuple[str, bool], Part] = {}
    parts = []
    for name in sorted(paints):
        paint, other = paints[name], bool(odd) and name.startswith(odd) and ".right" in name
        key = (paint, other)
        if key not in tones:
            color = random_color(rng, vivid=0.6) if other else palette[paint]
            tones[key] = make_part(paint, color, rng)
        tone = tones[key]
        parts.append(Part(name, tone.color, tone.shadow, tone.highlight))
    return parts


def _odd_garment(paints: dict[str, str], rng: np.random.Generator) -> str:
    """Return a garment whose right side has another color, mostly none."""
    pairs = sorted({name.split(".")[0] for name in paints if ".right" in name})
    garments = [each for each in pairs if each not in _GROWN]
    if not garments or rng.random() > 0.2:
        return ""
    return garments[rng.integers(len(garments))]


def _bright(rng: np.random.Generator) -> Rgb:
    red, green, blue = colorsys.hsv_to_rgb(
        rng.uniform(), rng.uniform(0.35, 0.85), rng.uniform(0.6, 1.0)
    )
    return round(red * 255), round(green * 255), round(blue * 255)


def _mixed(one: Rgb, other: Rgb, share: float) -> Rgb:
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(one, other, strict=True))
    return red, green, blue


def _scaled(color: Rgb, share: float) -> Rgb:
    return _mixed((0, 0, 0), color, share)


def _lightened(color: Rgb, share: float) -> Rgb:
    return _mixed(color, (255, 255, 255), share)
