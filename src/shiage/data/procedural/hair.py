"""Hair: a cap, and locks that lie over it or hang free; each lock is a part of its own."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from shiage.data.procedural.body import SIDES
from shiage.data.procedural.shapes import (
    Assembly,
    Bone,
    Floats,
    Tube,
    ellipsoid,
    smooth,
    tube,
    tube_grid,
)

FRONT = ("straight", "parted", "swept", "curtain", "messy", "none")
BACK = ("short", "bob", "medium", "long", "spiky")
TAIL = ("none", "pony", "low pony", "side", "twin", "low twin", "buns", "braids")

_NAPE = -0.12
"""Below this height hair hangs straight down instead of following the skull."""


@dataclass(frozen=True)
class Hair:
    """A hairdo; lengths in heads, angles in radians around the head, 0 in front.

    Attributes:
        front, back, tail: one of `FRONT`, `BACK`, `TAIL`.
        bangs: places, heights of the tips, widths and curls, one row a lock, (N, 4).
        side_length: length of the locks before the ears; 0 for none.
        locks: locks behind, (N, 4): place, height of the tip, width, curl.
        volume: height above the skull.
        tail_length: of what is bound.
        ahoge: lengths and angles of single hairs that stand up, (N, 2).
        spikes: free tufts, (N, 4): place, height, length, size.
        tie: ties are large bows.
        tips: locks have tips of another color.
        merged: the locks behind are one part.
    """

    front: str
    back: str
    tail: str
    bangs: Floats
    side_length: float
    locks: Floats
    volume: float
    tail_length: float
    ahoge: Floats
    spikes: Floats
    tie: bool
    tips: bool
    merged: bool


def random_hair(rng: np.random.Generator) -> Hair:
    """Return a random hairdo."""
    front = str(rng.choice(FRONT, p=[0.2, 0.2, 0.22, 0.12, 0.22, 0.04]))
    back = str(rng.choice(BACK, p=[0.2, 0.22, 0.2, 0.24, 0.14]))
    tail = str(rng.choice(TAIL, p=[0.5, 0.09, 0.06, 0.06, 0.12, 0.06, 0.06, 0.05]))
    if tail != "none" and back in ("long", "medium", "spiky"):
        back = "short"
    tip = {
        "short": -0.38,
        "bob": -0.52,
        "medium": -0.85,
        "long": rng.uniform(-2.2, -1.2),
        "spiky": -0.3,
    }[back]
    count = int(rng.integers(5, 10))
    places = np.linspace(1.4, 2 * np.pi - 1.4, count) + rng.normal(0, 0.05, count)
    locks = np.stack(
        [
            places,
            tip + rng.normal(0, 0.05 + 0.04 * abs(tip), count),
            rng.uniform(0.95, 1.2, count) * 1.2 / count,
            rng.normal(0, 0.12, count),
        ],
        -1,
    )
    side = float(rng.choice([0, rng.uniform(0.35, 0.6), rng.uniform(0.6, 1.1)], p=[0.2, 0.5, 0.3]))
    hairs = int(rng.choice([0, 1, 2], p=[0.65, 0.25, 0.1]))
    return Hair(
        front=front,
        back=back,
        tail=tail,
        bangs=_random_bangs(rng, front),
        side_length=side,
        locks=locks,
        volume=rng.uniform(0.035, 0.075),
        tail_length=rng.uniform(0.5, 2.2),
        ahoge=np.stack([rng.uniform(0.2, 0.45, hairs), rng.uniform(-0.9, 0.9, hairs)], -1),
        spikes=_random_spikes(rng, back),
        tie=bool(rng.random() < 0.5),
        tips=bool(rng.random() < 0.08),
        merged=bool(rng.random() < 0.25),
    )


def _random_bangs(rng: np.random.Generator, front: str) -> Floats:
    """Return the locks over the forehead, (N, 4)."""
    if front == "none":
        return np.zeros((0, 4))
    count = int(rng.integers(4, 9))
    if front == "curtain":
        count += count % 2
    place = np.linspace(-0.95, 0.95, count) + rng.normal(0, 0.05, count)
    tip = np.full(count, rng.uniform(-0.02, 0.07)) + rng.normal(0, 0.03, count)
    curl = rng.normal(0, 0.06, count)
    width = rng.uniform(0.9, 1.25, count) * 0.62 / count + 0.025
    if front == "parted":
        curl += np.where(place < rng.uniform(-0.5, 0.5), -0.28, 0.28)
    elif front == "swept":
        curl += rng.choice([-1, 1]) * rng.uniform(0.25, 0.5)
        tip -= 0.05
    elif front == "curtain":
        place = np.where(place < 0, place - 0.12, place + 0.12)
        curl += np.sign(place) * 0.3
        tip -= 0.18 * np.abs(place)
    elif front == "messy":
        curl += rng.normal(0, 0.2, count)
        tip += rng.normal(-0.02, 0.06, count)
    if rng.random() < 0.35:  # one long lock between the eyes
        tip[count // 2] -= rng.uniform(0.08, 0.2)
        width[count // 2] *= 0.8
    tip -= 0.10 * np.abs(place)
    return np.stack([place, tip, width, curl], -1)


def _random_spikes(rng: np.random.Generator, back: str) -> Floats:
    """Return tufts that stand off the head, (N, 4)."""
    count = int(rng.integers(13, 20)) if back == "spiky" else 0
    height = np.linspace(-0.3, 0.42, count) + rng.normal(0, 0.03, count)
    clear = np.where(height < 0.05, 1.75, 1.25)  # of cheeks
    return np.stack(
        [
            clear + (np.arange(count) * 2.4 + rng.normal(0, 0.15, count)) % (2 * np.pi - 2 * clear),
            height,
            rng.uniform(0.22, 0.4, count),
            rng.uniform(0.14, 0.2, count),
        ],
        -1,
    )


@dataclass(frozen=True, eq=False)
class Scalp:
    """Where hair lies: the skull, continued straight down from the nape.

    Attributes:
        skull: the head.
        sway: (3,) in the head's terms: how far hair one head long is dragged.
    """

    skull: Tube
    sway: Floats

    def at(self, around: ArrayLike, height: ArrayLike, lift: ArrayLike) -> Floats:
        """Return points, (..., 3), for angles around and heights, -0.5 at the chin."""
        around, height, lift = np.broadcast_arrays(around, height, lift)
        points = self.skull.at(np.maximum(height, _NAPE) + 0.5, around, lift)
        hang = np.maximum(_NAPE - height, 0.0)
        points[..., 1] -= hang
        # hair keeps clear of the neck in front and of the shoulders
        points[..., 0] *= 1 + 0.10 * np.minimum(hang, 1.0)
        swing = (hang**1.5 / (1 + 0.5 * hang))[..., None]
        return points + swing * self.sway


def build_hair(out: Assembly, hair: Hair, skull: Tube, bone: Bone, sway: Floats) -> None:
    """Add all hair. `sway` is in the head's terms, see `Scalp`."""
    scalp = Scalp(skull, sway)
    _add_cap(out, hair, scalp, bone)
    for at, (place, tip, width, curl) in enumerate(hair.bangs):
        # neighbors lie one above the other, farther apart than locks are thick
        lift = hair.volume + 0.015 + 0.026 * (at % 2)
        around = np.array([place * 0.45, place * 0.8, place + curl * 0.45, place + curl])
        top = 0.45
        height = np.array([top, 0.62 * top + 0.38 * tip, 0.28 * top + 0.72 * tip, tip])
        grid = _lock(scalp, around, height, width, lift, 0.022, blunt=hair.front == "straight")
        _add_lock(out, hair, f"hair.bang.{at}", grid, bone)
    for side, sign in SIDES.items():
        if hair.side_length:
            end = 0.1 - hair.side_length
            inwards = 1.22 - 0.25 * max(hair.side_length - 0.6, 0.0)
            around = sign * np.array([0.8, 1.22, 1.34, inwards])
            height = np.array([0.36, 0.12, 0.04 + 0.6 * end, end])
            grid = _lock(scalp, around, height, 0.085, hair.volume + 0.07, 0.03)
            _add_lock(out, hair, f"hair.side.{side}", grid, bone)
    if hair.back != "spiky":
        for at, (place, tip, width, curl) in enumerate(hair.locks):
            around = np.array([place, place, place + curl * 0.3, place + curl])
            height = np.array([0.3, -0.05, 0.45 * -0.05 + 0.55 * tip, tip])
            lift = hair.volume - 0.015 + 0.03 * (at % 2)
            grid = _lock(scalp, around, height, width, lift, 0.026, blunt=hair.back != "short")
            name = "hair.back" if hair.merged else f"hair.back.{at}"
            _add_lock(out, hair, name, grid, bone)
    _add_free(out, hair, scalp, bone)
    _add_tails(out, hair, scalp, bone)


def _add_lock(
    out: Assembly, hair: Hair, name: str, grid: Floats, bone: Bone, *, free: bool = False
) -> None:
    """Add a lock; dyed tips are a part of their own. Free ones are tubes and end in their tips."""
    if not hair.tips:
        out.add(name, "hair", grid, wrap=free, bone=bone)
        return
    cut = round(len(grid) * (0.65 if free else 0.35))
    pieces = grid[: cut + 1], grid[cut:]
    root, tip = pieces if free else pieces[::-1]
    out.add(f"{name}.tip", "hair.tip", tip, wrap=free, bone=bone)
    out.add(name, "hair", root, wrap=free, bone=bone)


def _add_cap(out: Assembly, hair: Hair, scalp: Scalp, bone: Bone) -> None:
    """Add the hair close to the skull, open towards the face."""
    around = np.linspace(0, 2 * np.pi, 52, endpoint=False)
    away = np.minimum(around, 2 * np.pi - around)
    nape = -0.28
    edge = np.interp(
        away, [0, 0.5, 0.85, 1.15, 1.55, 1.9, np.pi], [0.27, 0.25, 0.17, 0.05, 0.0, nape, nape]
    )
    share = np.sin(np.linspace(0, np.pi / 2, 16))[:, None]
    height = edge + (0.5 - edge) * share
    grid = scalp.at(around, height, hair.volume * (0.25 + 0.75 * np.minimum(share * 4, 1.0)))
    grid[..., 1] += hair.volume * share**2
    grid[-1] = grid[-1].mean(axis=0)
    out.add("hair.cap", "hair", grid, bone=bone)


def _lock(
    scalp: Scalp,
    around: ArrayLike,
    height: ArrayLike,
    width: float,
    lift: float,
    thick: float,
    *,
    blunt: bool = False,
) -> Floats:
    """Return a blade over the scalp along four controls, its tip first, (rows, columns, 3).

    It is one sheet: a closed one would have a rim, which is drawn as a second line.

    Args:
        scalp: what it lies on.
        around: (4,) angles from the root to the tip.
        height: (4,) heights.
        width: half width, in heads.
        lift: height above the skull.
        thick: how far its middle stands out.
        blunt: it stays wide nearly to its end.
    """
    rows, reach = 20, 0.44
    u, y = smooth(around, rows) * reach, smooth(height, rows)
    du, dy = np.gradient(u), np.gradient(y)
    length = np.maximum(np.hypot(du, dy), 1e-9)
    t = np.linspace(0, 1, rows)
    swell = np.sin(np.minimum(0.6 + t * 2.4, np.pi / 2))
    half = width * swell * (1 - t ** (3.4 if blunt else 1.7))
    across = np.linspace(-1, 1, 9)
    places = u[:, None] - half[:, None] * across * (dy / length)[:, None]
    heights = y[:, None] + half[:, None] * across * (du / length)[:, None]
    depth = thick * np.minimum(half / width * 1.6, 1.0)[:, None] * (1 - across**2)
    rise = lift * np.minimum(0.4 + t * 2.5, 1.0)[:, None]
    return scalp.at(places / reach, np.minimum(heights, 0.49), rise + depth)[::-1]


def _tuft(path: Floats, size: float, front: ArrayLike, flat: float = 0.6) -> Floats:
    """Return a free lock that swells and ends in a point."""
    half = (
        size * np.array([0.55, 1.0, 0.8, 0.02])
        if len(path) == 4
        else size * np.array([0.5, 1.0, 1.0, 0.75, 0.02])
    )
    return tube_grid(tube(path, front, half, half * flat), 20, 16)


def _spike(path: Floats, size: float) -> Floats:
    """Return a tuft that is widest at its root."""
    half = size * np.array([1.0, 0.85, 0.5, 0.02])
    return tube_grid(tube(path, [0.1, 1, 0.3], half, half * 0.7), 11, 12)


def _add_free(out: Assembly, hair: Hair, scalp: Scalp, bone: Bone) -> None:
    """Add tufts and single hairs that stand up."""
    for at, (place, height, length, size) in enumerate(hair.spikes):
        root = scalp.at(place, height, -0.08)
        away = scalp.at(place, height, 0.5) - root
        away = away / np.linalg.norm(away) + np.array([0, 0.45, -0.1])
        drop = np.array([0, -0.45, 0])
        path = np.stack(
            [root + away * length * t + drop * length * t**2 for t in (0, 0.4, 0.75, 1.15)]
        )
        path[2:] += scalp.sway * [[0.15], [0.35]]
        _add_lock(out, hair, f"hair.spike.{at}", _spike(path, size), bone, free=True)
    for at, (length, lean) in enumerate(hair.ahoge):
        side = np.sin(lean)
        path = np.array(
            [
                [0, 0.38, 0.03],
                [side * 0.3 * length, 0.5 + length * 0.75, 0.1],
                [side * 1.1 * length, 0.5 + length, 0.2],
                [side * 1.9 * length, 0.5 + length * 0.55, 0.28],
            ]
        )
        path[2:] += scalp.sway * [[0.2], [0.5]]
        out.add(f"hair.ahoge.{at}", "hair", _tuft(path, 0.04, [0, 0.3, 1]), bone=bone)


def _add_tails(out: Assembly, hair: Hair, scalp: Scalp, bone: Bone) -> None:
    """Add what is bound: tails, buns, braids, with their ties."""
    roots = {
        "pony": {"": [0, 0.3, -0.46]},
        "low pony": {"": [0, -0.28, -0.44]},
        "side": {"": [0.42, 0.18, -0.2]},
        "twin": {side: [sign * 0.47, 0.22, -0.12] for side, sign in SIDES.items()},
        "low twin": {side: [sign * 0.44, -0.28, -0.12] for side, sign in SIDES.items()},
        "buns": {side: [sign * 0.36, 0.44, -0.05] for side, sign in SIDES.items()},
        "braids": {side: [sign * 0.40, -0.26, 0.05] for side, sign in SIDES.items()},
    }.get(hair.tail, {})
    for side, place in roots.items():
        root, suffix = np.array(place), f".{side}" if side else ""
        out_dir = root * [1, 0.2, 1] / np.linalg.norm(root * [1, 0.2, 1])
        if hair.tail == "buns":
            out.add(f"hair.bun{suffix}", "hair", ellipsoid([0.17, 0.16, 0.17]) + root, bone=bone)
        elif hair.tail == "braids":
            for at in range(min(7, 2 + round(hair.tail_length * 2.2))):
                drop = 0.06 + at * 0.15
                center = root + np.array([0, -drop, 0.16]) + scalp.sway * drop**1.5
                bead = ellipsoid([0.085 - 0.005 * at, 0.095, 0.075], 10, 16) + center
                out.add(f"hair.braid{suffix}.{at}", "hair", bead, bone=bone)
        else:
            length = hair.tail_length * (0.6 if "low" in hair.tail else 1.0)
            t = np.array([0, 0.18, 0.5, 0.8, 1.0])[:, None]
            flare = 0.28 if "low" not in hair.tail else 0.1
            path = root + out_dir * flare * np.sqrt(t) * min(length, 1.3)
            path = path + np.array([0, 1, 0]) * (
                0.12 * np.sin(t * np.pi) * (flare > 0.2) - length * t**1.3
            )
            path = path + scalp.sway * (length * t) ** 1.4
            front = np.array([0, 0, 1.0]) if abs(root[0]) > 0.3 else np.array([0, 0.3, 1.0])
            grid = _tuft(path, 0.12 + 0.05 * min(length, 1.5), front, 0.75)
            _add_lock(out, hair, f"hair.tail{suffix}", grid, bone, free=True)
        _add_tie(out, hair, root + out_dir * 0.05, out_dir, suffix, bone)


def _add_tie(
    out: Assembly, hair: Hair, root: Floats, away: Floats, suffix: str, bone: Bone
) -> None:
    """Add a ring, or a bow with two loops and a knot."""
    if hair.tail in ("buns", "braids") and not hair.tie:
        return
    knot = root if hair.tail != "buns" else root - away * 0.02 - [0, 0.12, -0.1]
    out.add(f"tie{suffix}.knot", "accent", ellipsoid([0.075, 0.075, 0.075]) + knot, bone=bone)
    if not hair.tie:
        return
    across = np.cross(away, [0, 1, 0])
    across = across / max(float(np.linalg.norm(across)), 1e-6)
    for loop, sign in (("one", 1), ("two", -1)):
        path = np.stack(
            [
                knot + across * sign * reach + np.array([0, rise, 0])
                for reach, rise in ((0.02, 0), (0.1, 0.05), (0.2, 0.08), (0.27, 0.06))
            ]
        )
        bow = tube(
            path,
            away + np.array([0, 0.05, 0.02]),
            [0.04, 0.08, 0.11, 0.02],
            [0.03, 0.05, 0.05, 0.01],
        )
        out.add(f"tie{suffix}.{loop}", "accent", tube_grid(bow, 14, 18), bone=bone)
