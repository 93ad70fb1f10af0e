"""Which triangles of a rig are one part: the same paint, connected, and large enough to be seen."""

from __future__ import annotations

import colorsys
import re
from collections import Counter
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.sparse.csgraph import connected_components

from shiage.data.rigged.rig import Rig
from shiage.data.rigged.shape import weld
from shiage.data.scene import Rgb

SMALLEST_SHARE = 0.0012
"""Components of less than this share of the whole surface join others of their paint and bone."""

MOST_PARTS = 60

_ONE_PAINT = 34.0
"""RGB distance below which islands of a texture have one color."""

_SIDE = re.compile(r"[._ ]([LlRr])$|(Left|Right)$")


@dataclass(frozen=True)
class RigPart:
    """A part of a character.

    Attributes:
        name: unique in the character, e.g. "Shirt.left".
        paint: parts of one paint have one color in the file; the name of that paint.
        mesh: index of the mesh that most of it belongs to.
        color: in the file.
    """

    name: str
    paint: str
    mesh: int
    color: Rgb


@dataclass(frozen=True, eq=False)
class Partition:
    """Parts of a rig, and the part (index) of each of its triangles, (T,)."""

    parts: tuple[RigPart, ...]
    part_of: NDArray[np.intp]


def find_parts(rig: Rig) -> Partition:
    """Return the rig's parts, the same whenever they are looked for."""
    points, firsts = weld(rig)
    triangles = points[rig.triangles]
    positions = rig.vertices[firsts].astype(np.float64)
    areas = _areas(positions, triangles)
    paint_names, paints = _find_paints(rig, triangles, areas)
    pieces = _components(triangles, np.column_stack([paints, rig.meshes]))
    bones = _held_areas(rig, areas)
    pieces = _join_small(pieces, paints, bones, areas)
    return _name_parts(rig, pieces, paint_names, paints, bones, areas, positions[triangles])


def base_name(name: str) -> str:
    """Return a bone's or a material's name without its side.

    >>> base_name("UpperArm.L"), base_name("Knight_ArmLeft"), base_name("Shirt")
    ('UpperArm', 'Knight_Arm', 'Shirt')
    """
    return _SIDE.sub("", name)


def color_name(color: Rgb) -> str:
    """Return a word for a color.

    >>> color_name((250, 250, 250)), color_name((140, 20, 20)), color_name((90, 160, 240))
    ('white', 'dark_red', 'blue')
    """
    hue, saturation, value = colorsys.rgb_to_hsv(*(channel / 255 for channel in color))
    if value < 0.16:
        return "black"
    if saturation < 0.14:
        return "white" if value > 0.85 else "grey" if value > 0.4 else "dark_grey"
    hues = ("red", "orange", "yellow", "green", "green", "cyan", "blue", "violet", "pink", "red")
    name = hues[int(np.searchsorted([0.04, 0.12, 0.19, 0.3, 0.44, 0.54, 0.69, 0.8, 0.94], hue))]
    return f"dark_{name}" if value < 0.6 else name


def _areas(positions: NDArray[np.float64], triangles: NDArray[np.intp]) -> NDArray[np.float64]:
    a, b, c = (positions[triangles[:, place]] for place in range(3))
    areas: NDArray[np.float64] = np.linalg.norm(np.cross(b - a, c - a), axis=1) / 2
    return areas


def _find_paints(
    rig: Rig, triangles: NDArray[np.intp], areas: NDArray[np.float64]
) -> tuple[list[str], NDArray[np.intp]]:
    """Return names of paints, and the paint of each triangle.

    A material is a paint, except where a texture colors it: there, triangles that are neighbors
    both on the body and in the texture are an island with one color (its median: cells of an atlas
    may have gradients, panels may have dirt), and islands of like colors are one paint.
    """
    names = _material_paints(rig)
    paints = rig.materials.copy()
    rows = np.flatnonzero(np.array(rig.textured)[rig.materials])
    if not len(rows):
        return names, paints
    corners = np.column_stack(
        [triangles[rows].ravel(), np.round(rig.uvs[rows].reshape(-1, 2) * 512)]
    )
    _, corner = np.unique(corners, axis=0, return_inverse=True)
    islands = _components(corner.reshape(-1, 3), np.zeros((len(rows), 1), np.intp))
    order = np.argsort(islands, kind="stable")
    starts = np.flatnonzero(np.diff(islands[order], prepend=-1))
    medians = np.array([_median(rig.colors[rows[run]]) for run in np.split(order, starts[1:])])
    weights = np.bincount(islands, areas[rows])
    shades, shade = np.unique(np.round(medians / 6) * 6, axis=0, return_inverse=True)
    cluster = np.ones(len(shades), np.int32)
    if len(shades) > 1:
        cluster = fcluster(linkage(shades, "average"), _ONE_PAINT, "distance")
    paint = cluster[shade.ravel()] - 1
    for number in range(int(paint.max()) + 1):
        ours = np.flatnonzero(paint == number)
        color = medians[ours[weights[ours].argmax()]]
        paints[rows[np.isin(islands, ours)]] = len(names)
        word = color_name((int(color[0]), int(color[1]), int(color[2])))
        names.append(word if word not in names else f"{word}_{names.count(word) + number}")
    return names, paints


def _material_paints(rig: Rig) -> list[str]:
    """Return each material's paint: its name, numbered where another of that name differs in color.

    Editors name materials "Material", "Material.001" and so on: the number may be all that tells
    skin from hair, and may also tell nothing.
    """
    names: list[str] = []
    shades: dict[str, list[tuple[float, ...]]] = {}
    for number, name in enumerate(rig.material_names):
        base = _clean(name)
        ours = rig.materials == number
        if rig.textured[number] or not ours.any():  # no triangle has this paint
            names.append(base)
            continue
        known = shades.setdefault(base, [])
        shade = tuple(_median(rig.colors[ours]).tolist())
        if shade not in known:
            known.append(shade)
        place = known.index(shade) + 1
        names.append(base if place == 1 else f"{base}_{place}")
    return names


def _median(colors: NDArray[np.uint8]) -> NDArray[np.float64]:
    median: NDArray[np.float64] = np.median(colors, axis=0)
    return median


def _components(triangles: NDArray[np.intp], kinds: NDArray[np.intp]) -> NDArray[np.intp]:
    """Return a number for each triangle: equal where a chain of shared points of one kind leads."""
    keys = np.column_stack([triangles.ravel(), np.repeat(kinds, 3, axis=0)])
    _, node = np.unique(keys, axis=0, return_inverse=True)
    node = node.reshape(-1, 3)
    starts, ends = node[:, [0, 1]].ravel(), node[:, [1, 2]].ravel()
    count = int(node.max()) + 1
    graph = sparse.coo_array((np.ones(len(starts), bool), (starts, ends)), (count, count))
    _, group = connected_components(graph, directed=False)
    numbers: NDArray[np.intp] = np.unique(group[node[:, 0]], return_inverse=True)[1]
    return numbers


def _held_areas(rig: Rig, areas: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return how much of each triangle's area each bone holds, (T, B)."""
    picks = sparse.csr_array(
        (
            np.repeat(areas / 3, 3),
            (np.repeat(np.arange(len(areas)), 3), rig.triangles.ravel()),
        ),
        shape=(len(areas), len(rig.vertices)),
    )
    held: NDArray[np.float64] = (picks @ rig.weights).toarray()
    return held


def _join_small(
    pieces: NDArray[np.intp],
    paints: NDArray[np.intp],
    bones: NDArray[np.float64],
    areas: NDArray[np.float64],
) -> NDArray[np.intp]:
    """Return the pieces with small ones joined: rivets, buttons, spikes."""
    smallest = SMALLEST_SHARE
    while True:
        count = int(pieces.max()) + 1
        size = np.bincount(pieces, areas)
        small = size < smallest * areas.sum()
        paint = np.zeros(count, np.intp)
        paint[pieces] = paints
        held = np.zeros((count, bones.shape[1]))
        np.add.at(held, pieces, bones)
        keys = np.column_stack(
            [
                np.where(small, -1, np.arange(count)),
                np.where(small, paint, -1),
                np.where(small, held.argmax(axis=1), -1),
            ]
        )
        _, crowd, crowds = np.unique(keys, axis=0, return_inverse=True, return_counts=True)
        pairs = small & (crowds[crowd.ravel()] <= 2) & (size > smallest / 6 * areas.sum())
        keys[pairs, 0] = np.flatnonzero(pairs)  # two eyes are no crowd
        joined = np.unique(keys, axis=0, return_inverse=True)[1].ravel()
        if joined.max() < MOST_PARTS or smallest > 0.02:
            merged: NDArray[np.intp] = joined[pieces]
            return merged
        smallest *= 1.5


def _name_parts(
    rig: Rig,
    pieces: NDArray[np.intp],
    paint_names: list[str],
    paints: NDArray[np.intp],
    bones: NDArray[np.float64],
    areas: NDArray[np.float64],
    corners: NDArray[np.float64],
) -> Partition:
    """Return the partition: paint, bone where several parts have the paint, side, number."""
    # From large to small, so that "Skin.2" is smaller than "Skin".
    sizes = np.bincount(pieces, areas)
    order = np.argsort(-sizes, kind="stable")
    place = np.argsort(order)
    width = float(np.ptp(corners[..., 0]))
    wanted: list[tuple[str, str, str]] = []
    parts: list[RigPart] = []
    for piece in order:
        ours = pieces == piece
        paint = int(np.bincount(paints[ours]).argmax())
        bone = int(bones[ours].sum(axis=0).argmax())
        x = float(np.average(corners[ours].mean(axis=1)[:, 0], weights=areas[ours] + 1e-12))
        reach = float(np.ptp(corners[ours][..., 0]))
        off_center = abs(x) > max(0.01 * width, 0.3 * reach)
        side = ("left" if x > 0 else "right") if off_center else ""  # z faces the viewer
        wanted.append((paint_names[paint], _clean(rig.skeleton.names[rig.bones[bone]]), side))
        color = np.median(rig.colors[ours], axis=0).astype(int)
        mesh = int(np.bincount(rig.meshes[ours]).argmax())
        rgb = (int(color[0]), int(color[1]), int(color[2]))
        parts.append(RigPart("", paint_names[paint], mesh, rgb))
    bases = Counter(base for base, _, _ in wanted)
    sided = Counter((base, side) for base, _, side in wanted)
    names: list[str] = []
    alike: Counter[str] = Counter()
    for base, bone_name, side in wanted:
        lone = bases[base] == 1 or (bool(side) and sided[base, side] == 1)
        name = ".".join(filter(None, (base, "" if lone else bone_name, side)))
        alike[name] += 1
        names.append(name if alike[name] == 1 else f"{name}.{alike[name]}")
    named = tuple(
        RigPart(name, part.paint, part.mesh, part.color)
        for name, part in zip(names, parts, strict=True)
    )
    return Partition(named, place[pieces])


def _clean(name: str) -> str:
    """Return a name without its side, armature prefix and numbering."""
    return re.sub(r"\.\d+$", "", base_name(name.split("|")[-1])).replace(" ", "_")
