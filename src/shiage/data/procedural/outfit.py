"""What somebody wears, told in words and numbers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

TOPS = ("tee", "shirt", "sailor", "jacket", "coat", "hoodie", "dress", "tank", "robe")
BOTTOMS = ("skirt", "pleated", "trousers", "shorts", "long skirt")
NECKS = ("none", "tie", "ribbon", "scarf", "choker", "pendant")
SHOES = ("shoes", "sneakers", "boots", "high boots", "bare")
SOCKS = ("none", "ankle", "knee", "thigh", "striped", "tights", "odd")


@dataclass(frozen=True)
class Outfit:
    """What somebody wears; shares are of the limb or trunk it lies on.

    Attributes:
        top, bottom, neck, shoes, socks: one of the names above.
        sleeve: how far sleeves reach down the arm; 0 for none.
        puffy: sleeves swell.
        cuff, belt, hem, buttons, pockets, shoulder_pads, gloves, knee_pads: what there is.
        stripe: bands over the chest.
        emblem: power of a mark's outline on the chest; 0 for none.
        hem_length: of a skirt or trousers, of the leg.
        flare: how wide a skirt gets.
        panels: pleats of a skirt, each a part; 0 for one piece.
        opening: half angle of a jacket's opening.
        apron: a skirt has an apron.
        cape: length of a cape in torsos; 0 for none.
        bag: "" or "shoulder" or "back".
        waist: where tops end and bottoms begin, of the trunk.
    """

    top: str
    bottom: str
    neck: str
    shoes: str
    socks: str
    sleeve: float
    puffy: float
    cuff: bool
    belt: bool
    hem: bool
    buttons: int
    pockets: bool
    shoulder_pads: bool
    gloves: bool
    knee_pads: bool
    stripe: int
    emblem: float
    hem_length: float
    flare: float
    panels: int
    opening: float
    apron: bool
    cape: float
    bag: str
    waist: float


def random_outfit(rng: np.random.Generator) -> Outfit:
    """Return random clothes."""

    def maybe(chance: float) -> bool:
        return bool(rng.random() < chance)

    top, bottom = str(rng.choice(TOPS)), str(rng.choice(BOTTOMS, p=[0.25, 0.25, 0.22, 0.18, 0.1]))
    if top in ("dress", "robe"):
        bottom = "long skirt" if top == "robe" else "skirt"
    length = {
        "skirt": rng.uniform(0.3, 0.55),
        "pleated": rng.uniform(0.28, 0.5),
        "trousers": rng.uniform(0.85, 0.97),
        "shorts": rng.uniform(0.22, 0.45),
        "long skirt": rng.uniform(0.7, 0.92),
    }[bottom]
    sleeve = float(
        rng.choice(
            [0.0, rng.uniform(0.25, 0.42), rng.uniform(0.6, 0.75), 0.97], p=[0.1, 0.35, 0.1, 0.45]
        )
    )
    if top in ("jacket", "coat", "hoodie", "robe"):
        sleeve = 0.97
    if top == "tank":
        sleeve = 0.0
    return Outfit(
        top=top,
        bottom=bottom,
        neck=str(rng.choice(NECKS, p=[0.3, 0.15, 0.2, 0.15, 0.1, 0.1])),
        shoes=str(rng.choice(SHOES, p=[0.3, 0.25, 0.22, 0.18, 0.05])),
        socks=str(rng.choice(SOCKS, p=[0.2, 0.15, 0.2, 0.12, 0.15, 0.1, 0.08])),
        sleeve=sleeve,
        puffy=rng.uniform(0.4, 1.1) if maybe(0.35) else rng.uniform(0, 0.25),
        cuff=maybe(0.55),
        belt=maybe(0.45),
        hem=maybe(0.45),
        buttons=int(rng.choice([0, 2, 3, 4], p=[0.4, 0.2, 0.25, 0.15])),
        pockets=maybe(0.35),
        shoulder_pads=maybe(0.08),
        gloves=maybe(0.2),
        knee_pads=maybe(0.06),
        stripe=int(rng.choice([0, 1, 2, 3], p=[0.8, 0.08, 0.06, 0.06])),
        emblem=float(rng.choice([0.0, 1.0, 2.0, 6.0], p=[0.7, 0.1, 0.1, 0.1])),
        hem_length=length,
        flare=rng.uniform(0.3, 0.95),
        panels=int(rng.choice([8, 10, 12, 14])) if bottom == "pleated" else 0,
        opening=rng.uniform(0.12, 0.4),
        apron=maybe(0.15),
        cape=float(rng.choice([0.0, rng.uniform(0.6, 1.8)], p=[0.86, 0.14])),
        bag=str(rng.choice(["", "shoulder", "back"], p=[0.72, 0.18, 0.10])),
        waist=rng.uniform(0.30, 0.40),
    )
