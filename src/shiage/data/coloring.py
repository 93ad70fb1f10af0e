"""Colors for parts: their shadow and highlight tones, and random ones that look chosen."""

from __future__ import annotations

import colorsys

import numpy as np

from shiage.data.scene import Part, Rgb


def make_part(name: str, color: Rgb, rng: np.random.Generator) -> Part:
    """Return a part with a shadow and a highlight tone as a color designer would pick them.

    The shadow is darker, more saturated and leans a little towards blue; the highlight is lighter
    and paler. The three always differ.
    """
    hue, saturation, value = _to_hsv(color)
    lean = rng.uniform(0.0, 0.1)  # of the way; more makes yellow red
    shadow_hue = hue + lean * _turn_towards(hue, 0.68) if saturation > 0.08 else 0.68
    shadow = (
        shadow_hue,
        min(1.0, saturation + rng.uniform(0.05, 0.2)),
        value * rng.uniform(0.6, 0.8),
    )
    if value < 0.2:  # nothing lies below black: such parts are shaded by lighter tones
        shadow = (hue, saturation, value + 0.12)
    highlight = (hue, saturation * rng.uniform(0.2, 0.6), value + (1 - value) * rng.uniform(0.6, 1))
    tones = [color, _to_rgb(*shadow)]
    tones.append(_apart(_to_rgb(*highlight), tones))
    return Part(name, color, _apart(tones[1], [color, tones[2]]), tones[2])


def random_color(rng: np.random.Generator, *, vivid: float = 0.5) -> Rgb:
    """Return a color that cloth, hair or a thing might have.

    Args:
        rng: decides.
        vivid: in [0, 1]; 0 gives greys and pastels, 1 pure colors.
    """
    hue = rng.uniform()
    saturation = np.clip(rng.normal(0.15 + 0.6 * vivid, 0.2), 0.0, 0.95)
    value = np.clip(rng.normal(0.72, 0.22), 0.1, 1.0)
    return _to_rgb(hue, float(saturation), float(value))


def random_skin(rng: np.random.Generator) -> Rgb:
    """Return a color of skin, from pale to dark brown."""
    depth = rng.beta(1.0, 2.8)
    hue = rng.uniform(0.045, 0.085)
    return _to_rgb(hue, float(0.16 + 0.45 * depth), float(1.0 - 0.62 * depth))


def vary_color(color: Rgb, rng: np.random.Generator, amount: float = 0.06) -> Rgb:
    """Return a color near another: the same thing from another brush."""
    hue, saturation, value = _to_hsv(color)
    return _to_rgb(
        hue + rng.normal(0, amount / 3),
        float(np.clip(saturation + rng.normal(0, amount), 0, 1)),
        float(np.clip(value + rng.normal(0, amount), 0, 1)),
    )


def _to_hsv(color: Rgb) -> tuple[float, float, float]:
    return colorsys.rgb_to_hsv(*(channel / 255 for channel in color))


def _to_rgb(hue: float, saturation: float, value: float) -> Rgb:
    red, green, blue = colorsys.hsv_to_rgb(hue % 1.0, saturation, value)
    return round(red * 255), round(green * 255), round(blue * 255)


def _turn_towards(hue: float, goal: float) -> float:
    """Return the shorter turn from one hue to another, in (-0.5, 0.5]."""
    return (goal - hue + 0.5) % 1.0 - 0.5


def _apart(color: Rgb, others: list[Rgb]) -> Rgb:
    """Return the color, moved a little if it is one of the others."""
    while color in others:
        red, green, blue = color
        color = (red, green, blue - 6) if blue > 127 else (red, green, blue + 6)
    return color
