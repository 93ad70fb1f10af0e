"""The colour model sheet: base, shadow and highlight paint of every material."""

from __future__ import annotations

from typing import TypeAlias

Rgb: TypeAlias = tuple[int, int, int]

BACKGROUND = "background"
PAPER: Rgb = (255, 255, 255)

MATERIALS: dict[str, dict[str, Rgb]] = {
    "skin": {"": (255, 227, 207), "shadow": (242, 184, 164)},
    "blush": {"": (252, 196, 182)},
    "hair": {"": (164, 180, 230), "highlight": (220, 230, 252)},
    "hair_back": {"": (134, 146, 206), "shadow": (96, 104, 166)},
    "eye_white": {"": (250, 248, 244)},
    "iris": {"": (74, 196, 182), "shadow": (26, 112, 128), "highlight": (172, 240, 214)},
    "pupil": {"": (22, 48, 72)},
    "gleam": {"": (228, 250, 255)},
    "mouth": {"": (156, 50, 62)},
    "tongue": {"": (238, 124, 124)},
    "teeth": {"": (255, 247, 230)},
    "coat": {"": (248, 200, 88), "shadow": (218, 152, 62)},
    "coat_pocket": {"": (236, 180, 70)},
    "trim": {"": (252, 240, 216)},
    "hem": {"": (196, 96, 62), "shadow": (154, 66, 52)},
    "button": {"": (104, 42, 44)},
    "scarf": {"": (228, 78, 82), "shadow": (174, 48, 70)},
    "scarf_back": {"": (246, 142, 124), "shadow": (206, 98, 94)},
    "scarf_stripe": {"": (255, 222, 186)},
    "shirt": {"": (236, 243, 250)},
    "shorts": {"": (70, 88, 138), "shadow": (46, 58, 102)},
    "shorts_cuff": {"": (102, 124, 174)},
    "sock": {"": (238, 240, 234)},
    "sock_stripe": {"": (78, 174, 164)},
    "boot": {"": (158, 98, 66), "shadow": (112, 66, 50)},
    "boot_cuff": {"": (230, 198, 150)},
    "sole": {"": (74, 56, 58)},
    "glove": {"": (178, 112, 150), "shadow": (132, 76, 118)},
    "glove_palm": {"": (232, 182, 192)},
    "bag": {"": (186, 122, 74), "shadow": (136, 84, 54)},
    "bag_flap": {"": (210, 150, 96), "shadow": (172, 114, 60)},
    "strap": {"": (96, 68, 74)},
    "metal": {"": (255, 232, 128)},
    "cap": {"": (54, 122, 134), "shadow": (34, 84, 102), "highlight": (108, 172, 176)},
    "cap_band": {"": (32, 62, 84)},
    "emblem": {"": (222, 92, 70)},
    "bird": {"": (255, 246, 206), "shadow": (234, 208, 156)},
    "bird_wing": {"": (246, 206, 132), "shadow": (214, 164, 80)},
    "beak": {"": (244, 142, 54)},
    "beak_inside": {"": (186, 70, 70)},
}


def colour(material: str, tone: str) -> Rgb:
    """Return the paint of a material in a tone ('' for its base)."""
    return MATERIALS[material][tone]
