"""A character that can be posed: nodes, bones, triangles, motions."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.spatial.transform import Rotation

Floats = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Pose:
    """Local transforms of all nodes at one moment.

    Attributes:
        translations: (N, 3) float64.
        rotations: (N, 4) float64 unit quaternions, x y z w.
        scales: (N, 3) float64.
    """

    translations: NDArray[np.float64]
    rotations: NDArray[np.float64]
    scales: NDArray[np.float64]

    def copy(self) -> Pose:
        """Return a pose that can be changed."""
        return Pose(self.translations.copy(), self.rotations.copy(), self.scales.copy())


@dataclass(frozen=True, eq=False)
class Skeleton:
    """A tree of nodes, and where they are at rest.

    Attributes:
        names: of the nodes.
        parents: (N,) int, -1 for roots.
        order: nodes such that each comes after its parent.
        rest: local transforms.
    """

    names: tuple[str, ...]
    parents: NDArray[np.intp]
    order: tuple[int, ...]
    rest: Pose

    def place(self, pose: Pose) -> NDArray[np.float64]:
        """Return each node's transform into the world, (N, 4, 4)."""
        world = np.tile(np.eye(4), (len(self.names), 1, 1))
        turns = Rotation.from_quat(pose.rotations).as_matrix()
        world[:, :3, :3] = turns * pose.scales[:, None, :]
        world[:, :3, 3] = pose.translations
        for node in self.order:
            if self.parents[node] >= 0:
                world[node] = world[self.parents[node]] @ world[node]
        return world


@dataclass(frozen=True, eq=False)
class Channel:
    """One property of one node over time.

    Attributes:
        node: which.
        path: "translation", "rotation" or "scale".
        times: (K,) seconds, ascending.
        values: (K, 3 or 4).
        stepped: keep each value until the next instead of blending them.
    """

    node: int
    path: str
    times: Floats
    values: Floats
    stepped: bool


@dataclass(frozen=True, eq=False)
class Motion:
    """A named animation; `seconds` long."""

    name: str
    seconds: float
    channels: tuple[Channel, ...]

    def sample(self, rest: Pose, second: float) -> Pose:
        """Return the pose at a moment; nodes the motion leaves alone rest."""
        pose = rest.copy()
        goals = {
            "translation": pose.translations,
            "rotation": pose.rotations,
            "scale": pose.scales,
        }
        for channel in self.channels:
            goals[channel.path][channel.node] = _value_at(channel, second)
        pose.rotations[:] /= np.linalg.norm(pose.rotations, axis=1, keepdims=True)
        return pose


@dataclass(frozen=True, eq=False)
class Rig:
    """A character as its file has it.

    Attributes:
        skeleton: what moves.
        bones: (B,) node that each bone follows.
        inverses: (B, 4, 4) from the space of `vertices` to the bone's own.
        vertices: (V, 3) float32, at rest.
        weights: (V, B) sparse; each row sums to 1.
        triangles: (T, 3) int32.
        meshes: (T,) index into `mesh_names`.
        mesh_names: names of nodes that carry triangles.
        mounts: per mesh, name of the node it is fixed to; "" for skinned meshes.
        materials: (T,) index into `material_names`.
        material_names: names.
        textured: per material, whether its color comes from a texture.
        colors: (T, 3) uint8 RGB.
        uvs: (T, 3, 2) place of the corners in the texture.
        motions: animations.
    """

    skeleton: Skeleton
    bones: NDArray[np.intp]
    inverses: NDArray[np.float64]
    vertices: Floats
    weights: sparse.csr_array
    triangles: NDArray[np.int32]
    meshes: NDArray[np.intp]
    mesh_names: tuple[str, ...]
    mounts: tuple[str, ...]
    materials: NDArray[np.intp]
    material_names: tuple[str, ...]
    textured: tuple[bool, ...]
    colors: NDArray[np.uint8]
    uvs: Floats
    motions: tuple[Motion, ...]


def _value_at(channel: Channel, second: float) -> Floats:
    """Return a channel's value at a moment, blended between the two keys around it."""
    times, values = channel.times, channel.values
    after = int(times.searchsorted(second, side="right"))
    if after == 0 or after == len(times):
        end: Floats = values[min(after, len(times) - 1)]
        return end
    low: Floats = values[after - 1]
    high: Floats = values[after]
    if channel.stepped:
        return low
    if channel.path == "rotation" and low @ high < 0:  # q and -q are one turn: go the short way
        high = -high
    share = (second - times[after - 1]) / (times[after] - times[after - 1])
    blended: Floats = low + np.float32(share) * (high - low)
    return blended
