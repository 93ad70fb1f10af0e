"""A character's design, which its name decides, and its surfaces in a pose."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace

import numpy as np

from shiage.data.procedural.body import (
    Pose,
    Proportions,
    Skeleton,
    pose_skeleton,
    random_proportions,
)
from shiage.data.procedural.clothes import build_clothes
from shiage.data.procedural.extras import Extras, build_extras, random_extras
from shiage.data.procedural.hair import Hair, build_hair, random_hair
from shiage.data.procedural.head import Face, build_head, head_tube, random_face
from shiage.data.procedural.outfit import Outfit, random_outfit
from shiage.data.procedural.shapes import Assembly, Floats
from shiage.data.procedural.wearing import dress


@dataclass(frozen=True, eq=False)
class Design:
    """Everything about a character that does not change from clip to clip but its colors."""

    body: Proportions
    face: Face
    hair: Hair
    outfit: Outfit
    extras: Extras


def design_character(name: str) -> Design:
    """Return the design that belongs to a name."""
    digest = hashlib.sha256(f"shiage/procedural/{name}".encode()).digest()
    rng = np.random.default_rng(int.from_bytes(digest[:8], "big"))
    body = random_proportions(rng)
    hair, extras = random_hair(rng), random_extras(rng)
    if extras.hat in ("beret", "witch", "cap"):  # hats leave no room for what stands up
        hair = replace(
            hair, tail="none" if hair.tail == "buns" else hair.tail, ahoge=hair.ahoge[:0]
        )
        hair = replace(hair, spikes=hair.spikes[hair.spikes[:, 1] < 0.1])
    return Design(body, random_face(rng, body.heads), hair, random_outfit(rng), extras)


def build_character(
    out: Assembly, design: Design, pose: Pose, sway: tuple[Floats, Floats]
) -> Skeleton:
    """Add a character in a pose and return its skeleton.

    Args:
        out: where to.
        design: who.
        pose: see `body.pose_skeleton`; also eye.SIDE, gaze.x, gaze.y, brow, smile, mouth.
        sway: of hair and of cloth, (3,) in space.
    """
    skeleton = pose_skeleton(design.body, pose)
    skull, head = head_tube(design.face.cheek), skeleton.head
    build_head(out, design.face, skull, head, pose)
    # hair hangs down, however the head is held
    down = head.inverse_turn([0.0, -1.0, 0.0])
    hang = np.array([down[0], 0.0, min(down[2], 0.15)]) * 0.8
    build_hair(out, design.hair, skull, head, head.inverse_turn(sway[0]) * 1.5 + hang)
    build_clothes(out, design.outfit, dress(design.body, skeleton, sway[1]))
    eyes = design.face.eye_x, design.face.eye_y
    build_extras(out, design.extras, design.body, skeleton, design.hair.volume, eyes, sway[1])
    return skeleton
