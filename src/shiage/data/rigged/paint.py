"""What a rigged character wears in one clip: colors of its parts, and things it leaves at home."""

from __future__ import annotations

import re

import numpy as np
from numpy.typing import NDArray

from shiage.data.coloring import make_part, random_color, random_skin, vary_color
from shiage.data.rigged.parts import Partition
from shiage.data.rigged.rig import Rig
from shiage.data.scene import Part, Rgb

_SKIN = re.compile(r"skin", re.I)
_FACE = re.compile(r"face|eye|brow|mouth|teeth|tooth|pupil", re.I)
_PERSON = re.compile(f"{_SKIN.pattern}|{_FACE.pattern}", re.I)
_BODY = re.compile(r"body|head|arm|leg|feet|foot|hand|eye|face|hair|torso|pants|shirt", re.I)
_ACCESSORY = re.compile(r"glasses|earring|weapon|sword|gun|blade|backpack|scarf", re.I)


def paint_parts(partition: Partition, rng: np.random.Generator) -> tuple[Part, ...]:
    """Return the parts with colors for a clip.

    As in the file, near it, or new; at times two paints share a color, and at times one side or one
    part of a paint has a color of its own.
    """
    names = sorted({part.paint for part in partition.parts})
    own = {part.paint: part.color for part in reversed(partition.parts)}  # the largest's
    new = rng.choice([0.0, 0.25, 1.0], p=[0.2, 0.3, 0.5])
    colors = {name: _choose_color(name, own[name], rng.random() < new, rng) for name in names}
    if len(names) > 2 and rng.random() < 0.3:
        one, other = rng.choice(len(names), 2, replace=False)
        colors[names[int(one)]] = colors[names[int(other)]]
    odd = rng.choice([0.0, 0.15, 0.4], p=[0.5, 0.35, 0.15])
    painted = []
    for part in partition.parts:
        color = colors[part.paint]
        if not _PERSON.search(part.paint) and rng.random() < odd:
            color = random_color(rng, vivid=float(rng.uniform()))
        painted.append(make_part(part.name, color, rng))
    return tuple(painted)


def hide_things(rig: Rig, partition: Partition, rng: np.random.Generator) -> NDArray[np.bool_]:
    """Return which parts are shown, (number of parts,).

    Of the things fixed to one joint (a hand may hold 14 guns) at most one is; other things that
    follow a single bone, and parts of such a kind, are left out at times.
    """
    mesh_shown = np.ones(len(rig.mesh_names), np.bool_)
    mounts = [mount for mount in dict.fromkeys(rig.mounts) if mount]
    for mount in mounts:
        held = [mesh for mesh, where in enumerate(rig.mounts) if where == mount]
        things = [mesh for mesh in held if not _BODY.search(rig.mesh_names[mesh])]
        mesh_shown[things] = False
        if things and rng.random() < 0.6:
            mesh_shown[things[int(rng.integers(len(things)))]] = True
    for mesh in _loose_things(rig):
        mesh_shown[mesh] = rng.random() < 0.7
    shown = mesh_shown[[part.mesh for part in partition.parts]]
    for place, part in enumerate(partition.parts):
        if _ACCESSORY.search(part.paint) and rng.random() < 0.25:
            shown[place] = False
    return shown


def _loose_things(rig: Rig) -> list[int]:
    """Return skinned meshes that follow one bone and are not a piece of the body."""
    things = []
    for mesh, name in enumerate(rig.mesh_names):
        ours = rig.meshes == mesh
        if rig.mounts[mesh] or _BODY.search(name) or not 0 < ours.mean() < 0.4:
            continue
        held = rig.weights[np.unique(rig.triangles[ours])].sum(axis=0)
        if held.max() > 0.98 * held.sum():
            things.append(mesh)
    return things


def _choose_color(paint: str, own: Rgb, new: bool, rng: np.random.Generator) -> Rgb:
    if _SKIN.search(paint):
        # Many of the files have black skin.
        plain = random_color(rng) if rng.random() < 0.15 else random_skin(rng)
        return plain if new or max(own) < 60 else vary_color(own, rng)
    if paint == "Face" and min(own) > 200 and rng.random() < 0.75:
        # Brows and eyes that are white shapes in the file.
        return vary_color((60, 45, 45), rng)
    if _FACE.search(paint) and (not new or rng.random() < 0.5):
        return vary_color(own, rng)
    if new:
        return random_color(rng, vivid=float(rng.uniform()))
    return vary_color(own, rng, 0.04)
