"""How a hand draws: what differs from drawing to drawing, drawn at random."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

Level = Literal["clean", "light", "medium", "heavy"]

ROUGH: tuple[Level, ...] = ("light", "medium", "heavy")
"""Levels that are no clean drawings."""

Rgb = tuple[float, float, float]

PENCILS: tuple[Rgb, ...] = (
    (0.36, 0.47, 0.92),
    (0.90, 0.36, 0.34),
    (0.38, 0.70, 0.36),
    (0.95, 0.60, 0.20),
    (0.60, 0.35, 0.75),
    (0.35, 0.70, 0.80),
    (0.55, 0.38, 0.25),
    (0.85, 0.45, 0.65),
)
"""Colors in [0, 1] of pencils that garments are drawn in."""

TRACES: tuple[Rgb, ...] = ((1, 0, 0), (0, 0, 1), (0, 0.63, 0), (0.6, 0.8, 0), (0.9, 0.12, 0.12))
"""Colors in [0, 1] of colour traces."""


@dataclass(frozen=True)
class Hand:
    """How one drawing is drawn. Lengths are pixels of the drawing; shares and alphas in [0, 1].

    Attributes:
        width: of lines.
        width_spread: by which a line's width swells and thins.
        taper: share of strokes that run thin at their ends.
        dark: how dark a line is where it is pressed fully.
        pressure: share of darkness that comes and goes along a stroke.
        fade: share of strokes whose ends fade away.
        grain: how much of the paper's tooth shows in lines.
        hard: lines without soft edges, ink or not.
        wobble: how far a line strays.
        gaps: openings per 100 pixels of stroke.
        gap_length: typical length of an opening; the longest is three times that.
        short: share of the ends of strokes that stop before what they should meet.
        overshoot: share of the ends that run past it.
        dashes: share of strokes drawn dashed.
        double: share of strokes drawn twice side by side.
        colored: share of parts drawn with a pencil of their own color.
        lost: share of strokes that are hardly pressed at all.
        hatched: share of parts with hatching.
        shaded: share of parts with soft shading.
        construction: long light strokes beneath the drawing.
        erased: darkness of what was drawn before and erased; 0 without.
        dirt: specks on the paper.
        ink: color of the main lines.
    """

    width: float = 2.2
    width_spread: float = 0.0
    taper: float = 0.0
    dark: float = 1.0
    pressure: float = 0.0
    fade: float = 0.0
    grain: float = 0.0
    hard: bool = False
    wobble: float = 0.0
    gaps: float = 0.0
    gap_length: float = 4.0
    short: float = 0.0
    overshoot: float = 0.0
    dashes: float = 0.0
    double: float = 0.0
    colored: float = 0.0
    lost: float = 0.0
    hatched: float = 0.0
    shaded: float = 0.0
    construction: int = 0
    erased: float = 0.0
    dirt: int = 0
    ink: Rgb = (0.0, 0.0, 0.0)


STRENGTH: dict[Level, float] = {"clean": 0.0, "light": 0.35, "medium": 0.7, "heavy": 1.0}
"""How much of each fault a level has, beside the worst."""


def random_hand(rng: np.random.Generator, level: Level, width: float) -> Hand:
    """Return a hand of a level, one of many.

    Args:
        rng: decides.
        level: how rough.
        width: of lines, pixels.
    """
    much = STRENGTH[level]

    def often(chance: float) -> bool:
        return bool(rng.random() < chance * (0.4 + 0.6 * much)) and much > 0

    def up_to(highest: float, chance: float) -> float:
        return float(rng.uniform(0, highest) * much) if often(chance) else 0.0

    grey = float(rng.uniform(0, 0.35)) if rng.random() < 0.4 else 0.0
    tint = rng.uniform(-0.08, 0.08, 3) if rng.random() < 0.3 else np.zeros(3)
    red, green, blue = np.clip(grey + tint, 0, 1).tolist()
    is_pencil = often(0.75)
    is_hard = not is_pencil and rng.random() < 0.4
    return Hand(
        width=width,
        width_spread=up_to(0.6, 0.7),
        taper=up_to(0.9, 0.5),
        dark=float(rng.uniform(1 - 0.75 * much, 1)) if is_pencil or often(0.4) else 1.0,
        pressure=up_to(0.8, 0.9) if is_pencil else up_to(0.4, 0.3),
        fade=up_to(0.7, 0.7),
        grain=up_to(1.0, 0.9) if is_pencil else up_to(0.3, 0.2),
        hard=is_hard,
        wobble=up_to(1.5, 0.7),
        gaps=up_to(1.2, 0.75),
        gap_length=float(np.exp(rng.uniform(np.log(2), np.log(4 + 10 * much)))),
        short=up_to(0.5, 0.75),
        overshoot=up_to(0.4, 0.5),
        dashes=up_to(0.3, 0.2),
        double=up_to(0.4, 0.4),
        colored=float(rng.uniform(0.2, 1) * min(1, 0.4 + much)) if often(0.35) else 0.0,
        lost=up_to(0.15, 0.5),
        hatched=up_to(0.3, 0.35),
        shaded=up_to(0.5, 0.2),
        construction=round(up_to(10, 0.4)),
        erased=up_to(0.25, 0.35),
        dirt=round(up_to(25, 0.4)),
        ink=(red, green, blue),
    )
