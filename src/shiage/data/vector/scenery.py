"""Vector art on stage: who stands where, in what colors, and what happens to them in a clip."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from shiage.data.coloring import make_part, random_color, vary_color
from shiage.data.scene import Part, Rgb
from shiage.data.vector.puppet import Motion, Puppet, build_puppet, random_motion
from shiage.data.vector.svg import NO_LINES, Element

RECOLORED = 0.5  # share of figures in new colors
SHADED = 0.35  # share of clips with cel shadows
SCENERY = 0.2  # share of clips with shapes behind
MIN_SHADED_AREA = 0.015  # of the picture; smaller elements get no shadow of their own
MAX_ACCESSORY_AREA = 0.06  # of the picture; larger elements do not vanish


@dataclass(frozen=True, eq=False)
class Figure:
    """A puppet in a scene.

    Attributes:
        puppet: what moves.
        motion: how.
        first_part: part number of its first element; they count on in painting order.
        place: (2,) where its middle lies, in halves of the frame from the frame's middle.
        drift: (2,) how far it travels in a unit of time.
        scale: halves of the frame for each unit.
        mirrored: left to right.
        hidden: element → frames in which it and what hangs on it are not there.
        behind: element → frame from which it lies behind the rest.
        closed: frames in which the details of `lids` are shut.
        lids: details that shut.
        shaded: elements that have a shadow.
    """

    puppet: Puppet
    motion: Motion
    first_part: int
    place: NDArray[np.float64]
    drift: NDArray[np.float64]
    scale: float
    mirrored: bool
    hidden: dict[frozenset[int], range]
    behind: dict[frozenset[int], int]
    closed: range
    lids: frozenset[int]
    shaded: frozenset[int]


def stage_figures(
    art: Sequence[tuple[Element, ...]], frames: int, rng: np.random.Generator
) -> tuple[list[Figure], list[Part]]:
    """Return the figures of a clip from back to front, the lead in front, and their parts.

    Args:
        art: elements of each picture, the lead's first.
        frames: of the clip.
        rng: decides.
    """
    amplitude = float(rng.choice([0.15, 0.5, 1.0, 1.5], p=[0.1, 0.25, 0.4, 0.25]))
    shaded = bool(rng.random() < SHADED)
    figures: list[Figure] = []
    parts: list[Part] = []
    if rng.random() < SCENERY:
        figures, parts = _make_scenery(rng)
    spread = rng.uniform(0.7, 1.1) / max(len(art) - 1, 1) * rng.choice([-1, 1])
    for number in reversed(range(len(art))):
        prefix = f"{'abcd'[number]}." if len(art) > 1 else ""
        place = rng.normal(0, 0.1, 2)
        place[0] += (number - (len(art) - 1) / 2) * spread
        figures.append(
            _make_figure(
                art[number],
                first_part=1 + len(parts),
                place=place,
                scale=float(rng.uniform(0.6, 1.15)) * (1.0 if len(art) == 1 else 0.65),
                amplitude=amplitude,
                shaded=shaded,
                frames=frames,
                rng=rng,
            )
        )
        colors = _choose_colors([element.color for element in art[number]], rng)
        parts += [
            make_part(f"{prefix}{at:02d}", color, rng) for at, color in enumerate(colors, start=1)
        ]
    return figures, parts


def _make_figure(
    elements: tuple[Element, ...],
    *,
    first_part: int,
    place: NDArray[np.float64],
    scale: float,
    amplitude: float,
    shaded: bool,
    frames: int,
    rng: np.random.Generator,
) -> Figure:
    """Return a picture as a figure with its motion and its events."""
    puppet = build_puppet(elements)
    large = [at for at, joint in enumerate(puppet.joints) if joint.area >= MIN_SHADED_AREA]
    start = int(rng.integers(frames))
    lids = [at for at, joint in enumerate(puppet.joints) if joint.is_detail and joint.depth <= 2]
    lids = [at for at in lids if puppet.joints[at].area < 0.03 and rng.random() < 0.5]
    return Figure(
        puppet=puppet,
        motion=random_motion(puppet, amplitude, rng),
        first_part=first_part,
        place=place,
        drift=rng.normal(0, 0.04, 2) * amplitude,
        scale=scale,
        mirrored=bool(rng.random() < 0.5),
        hidden=_choose_hidden(puppet, frames, rng),
        behind=_choose_behind(puppet, frames, rng),
        closed=range(start, start + int(rng.integers(1, 4))) if rng.random() < 0.3 else range(0),
        lids=frozenset(lids),
        shaded=frozenset(large) if shaded else frozenset(),
    )


def _choose_hidden(
    puppet: Puppet, frames: int, rng: np.random.Generator
) -> dict[frozenset[int], range]:
    """Return small things that are not there in some frames."""
    groups = [puppet.followers(at) for at in range(len(puppet.elements))]
    small = [
        group
        for group in groups
        if max(puppet.joints[at].area for at in group) < MAX_ACCESSORY_AREA
        and len(group) <= max(2, len(groups) // 4)
    ]
    if not small or rng.random() < 0.6:
        return {}
    chosen = rng.choice(len(small), size=min(len(small), int(rng.integers(1, 4))), replace=False)
    hidden = {}
    for at in chosen:
        start, end = sorted(rng.integers(0, frames + 1, 2).tolist())
        hidden[small[at]] = range(start, end)
    return hidden


def _choose_behind(
    puppet: Puppet, frames: int, rng: np.random.Generator
) -> dict[frozenset[int], int]:
    """Return things that stick out and go behind the rest from some frame on."""
    limbs = [
        at
        for at, joint in enumerate(puppet.joints)
        if joint.parent >= 0 and joint.contact < 0.5 and 0.003 < joint.area < 0.15
    ]
    if not limbs or rng.random() < 0.75:
        return {}
    return {puppet.followers(int(rng.choice(limbs))): int(rng.integers(0, frames))}


def _choose_colors(colors: list[Rgb], rng: np.random.Generator) -> list[Rgb]:
    """Return the colors of a figure's elements: the picture's own, or new ones for its classes."""
    if rng.random() >= RECOLORED:
        return colors
    vivid = float(rng.uniform(0.1, 0.9))
    classes = sorted(set(colors))
    chosen = {color: _new_color(color, vivid, rng) for color in classes}
    if len(classes) > 2 and rng.random() < 0.3:  # two things that share a color
        one, other = rng.choice(len(classes), 2, replace=False)
        chosen[classes[one]] = chosen[classes[other]]
    repainted = [chosen[color] for color in colors]
    if rng.random() < 0.3:  # one thing of a class that differs
        at = int(rng.integers(len(colors)))
        repainted[at] = random_color(rng, vivid=vivid)
    return repainted


def _new_color(color: Rgb, vivid: float, rng: np.random.Generator) -> Rgb:
    """Return another color; darks and whites mostly stay, as eyes and teeth do."""
    if (max(color) < 70 or min(color) > 235) and rng.random() < 0.7:
        return vary_color(color, rng, 0.03)
    return random_color(rng, vivid=vivid)


def _make_scenery(rng: np.random.Generator) -> tuple[list[Figure], list[Part]]:
    """Return one to three plain shapes that stand behind the figures."""
    elements = tuple(
        Element(random_color(rng, vivid=0.3), (_blob(rng),), NO_LINES)
        for _ in range(int(rng.integers(1, 4)))
    )
    puppet = build_puppet(elements)
    figure = Figure(
        puppet=puppet,
        motion=random_motion(puppet, 0.0, rng),
        first_part=1,
        place=np.zeros(2),
        drift=rng.normal(0, 0.05, 2),
        scale=1.0,
        mirrored=False,
        hidden={},
        behind={},
        closed=range(0),
        lids=frozenset(),
        shaded=frozenset(),
    )
    parts = [
        make_part(f"scenery.{at}", element.color, rng)
        for at, element in enumerate(elements, start=1)
    ]
    return [figure], parts


def _blob(rng: np.random.Generator) -> NDArray[np.float32]:
    """Return the outline of a hill, a cloud or a panel, (n, 2) in units."""
    angle = np.linspace(0, 2 * np.pi, 120, endpoint=False)
    is_box = rng.random() < 0.4
    corners = 0.25 if is_box else 1.0
    x, y = (np.sign(wave) * np.abs(wave) ** corners for wave in (np.cos(angle), np.sin(angle)))
    bumps = 1 + (0.0 if is_box else rng.uniform(0, 0.12)) * np.sin(int(rng.integers(3, 9)) * angle)
    size = rng.uniform(0.35, 1.3, 2)
    middle = rng.uniform((-0.8, -0.4), (0.8, 1.4))
    return (np.stack([x, y], 1) * bumps[:, None] * size + middle).astype(np.float32)
