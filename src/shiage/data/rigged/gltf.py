"""GLB files -> rigs: triangles with colors, bones that move them, motions.

The container and the JSON are read here. The library at hand, pygltflib, turns each of the up to
25,000 accessors of a file into an object, which took 0.1 to 6.5 s a file; this takes milliseconds.
"""

from __future__ import annotations

import io
import json
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy import sparse
from scipy.spatial.transform import Rotation

from shiage.data.rigged.rig import Channel, Floats, Motion, Pose, Rig, Skeleton
from shiage.errors import DatasetError
from shiage.files.nesting import shallow

_COMPONENTS = {5120: "i1", 5121: "u1", 5122: "i2", 5123: "u2", 5125: "u4", 5126: "f4"}
_WIDTHS = {"SCALAR": 1, "VEC2": 2, "VEC3": 3, "VEC4": 4, "MAT4": 16}
_TRIANGLES = 4


def load_rig(path: Path) -> Rig:
    """Return the character in a GLB file.

    Raises:
        DatasetError: the file is missing, damaged, or holds no triangles.
    """
    try:
        content = path.read_bytes()
        document, binary = _split_glb(content)
        return _Reader(document, binary).read()
    except OSError as error:
        raise DatasetError(f"cannot be read ({error.strerror})", path=path) from error
    except (ValueError, KeyError, IndexError, TypeError, struct.error) as error:
        raise DatasetError(
            f"is no character that can be read ({error!r})",
            path=path,
            expected="a GLB 2.0 file with meshes, uncompressed",
        ) from error


def _split_glb(content: bytes) -> tuple[dict[str, Any], bytes]:
    """Return the JSON and the binary chunk."""
    magic, version, _, length, kind = struct.unpack_from("<4sII I4s", content)
    if magic != b"glTF" or version != 2 or kind != b"JSON":
        raise ValueError("not GLB 2.0")
    document: dict[str, Any] = json.loads(shallow(content[20 : 20 + length]))
    return document, content[28 + length :]


def _tie_strays(
    skeleton: Skeleton,
    bones: NDArray[np.intp],
    vertices: Floats,
    weights: sparse.csr_array,
    owners: NDArray[np.intp],
    motions: Sequence[Motion],
) -> sparse.csr_array:
    """Return the weights, with meshes that no motion moves tied to the nearest one that is moved.

    Some files have eyes on a skeleton of their own, which game code would hold in place.
    """
    moved = np.zeros(len(skeleton.names), np.bool_)
    moved[[channel.node for motion in motions for channel in motion.channels]] = True
    for node in skeleton.order:
        moved[node] |= skeleton.parents[node] >= 0 and moved[skeleton.parents[node]]
    lively = (weights @ moved[bones].astype(np.float64)) > 0
    if not lively.any() or lively.all():
        return weights
    sources = np.arange(len(vertices))
    for mesh in np.unique(owners):
        ours = owners == mesh
        if not lively[ours].any():
            center = vertices[ours].mean(axis=0)
            others = np.flatnonzero(lively)
            sources[ours] = others[np.linalg.norm(vertices[others] - center, axis=1).argmin()]
    return sparse.csr_array(weights[sources])


class _Reader:
    """One file being read."""

    def __init__(self, document: dict[str, Any], binary: bytes) -> None:
        self.document = document
        self.binary = binary
        self.nodes: list[dict[str, Any]] = document["nodes"]
        self.textures = [self._texture(m) for m in document.get("materials", [])]

    def read(self) -> Rig:
        """Return the rig."""
        skeleton = self._skeleton()
        world = skeleton.place(skeleton.rest)
        pieces: list[_Piece] = []
        bones: list[int] = []
        inverses: list[NDArray[np.float64]] = []
        skins: dict[int, int] = {}
        carriers = [n for n, node in enumerate(self.nodes) if "mesh" in node]
        for place, node in enumerate(carriers):
            skin = self.nodes[node].get("skin")
            if skin is None:
                first = len(bones)
                bones.append(node)
                inverses.append(np.linalg.inv(world[node]))
                to_rest = world[node]
            else:
                joints, inverse = self._skin(skin)
                # All vertices share one space: the skin's rest pose, seen from its first joint.
                to_rest = world[joints[0]] @ inverse[0]
                if skin not in skins:
                    skins[skin] = len(bones)
                    bones += joints
                    inverses += list(inverse @ np.linalg.inv(to_rest))
                first = skins[skin]
            pieces += [
                self._piece(primitive, place, first, skin is None, to_rest)
                for primitive in self.document["meshes"][self.nodes[node]["mesh"]]["primitives"]
                if primitive.get("mode", _TRIANGLES) == _TRIANGLES
            ]
        if not pieces:
            raise ValueError("no triangles")
        return self._assemble(skeleton, carriers, pieces, bones, inverses)

    def _assemble(
        self,
        skeleton: Skeleton,
        carriers: list[int],
        pieces: list[_Piece],
        bones: list[int],
        inverses: list[NDArray[np.float64]],
    ) -> Rig:
        firsts = np.cumsum([0, *(len(p.vertices) for p in pieces)])
        vertices = np.concatenate([p.vertices for p in pieces])
        rows = np.repeat(np.arange(len(vertices)), 4)
        columns = np.concatenate([p.joints for p in pieces]).ravel()
        shares = np.concatenate([p.weights for p in pieces]).ravel()
        weights = sparse.csr_array((shares, (rows, columns)), shape=(len(vertices), len(bones)))
        weights.eliminate_zeros()
        motions = self._motions()
        owners = np.repeat([p.mesh for p in pieces], np.diff(firsts))
        weights = _tie_strays(skeleton, np.array(bones), vertices, weights, owners, motions)
        counts = [len(p.triangles) for p in pieces]
        named = [m.get("name", "Material") for m in self.document.get("materials", [{}])]
        parents = [skeleton.parents[node] for node in carriers]
        return Rig(
            skeleton=skeleton,
            bones=np.array(bones),
            inverses=np.array(inverses),
            vertices=vertices,
            weights=weights,
            triangles=np.concatenate(
                [p.triangles + first for p, first in zip(pieces, firsts[:-1], strict=True)]
            ).astype(np.int32),
            meshes=np.repeat([p.mesh for p in pieces], counts),
            mesh_names=tuple(self._mesh_name(node) for node in carriers),
            mounts=tuple(
                skeleton.names[parent] if "skin" not in self.nodes[node] and parent >= 0 else ""
                for node, parent in zip(carriers, parents, strict=True)
            ),
            materials=np.repeat([p.material for p in pieces], counts),
            material_names=tuple(named),
            textured=tuple(texture is not None for texture in self.textures) or (False,),
            colors=np.concatenate([p.colors for p in pieces]),
            uvs=np.concatenate([p.uvs for p in pieces]),
            motions=motions,
        )

    def _mesh_name(self, node: int) -> str:
        mesh = self.document["meshes"][self.nodes[node]["mesh"]]
        return str(self.nodes[node].get("name") or mesh.get("name") or f"Mesh{node}")

    def _skeleton(self) -> Skeleton:
        count = len(self.nodes)
        parents = np.full(count, -1)
        for node, entry in enumerate(self.nodes):
            parents[entry.get("children", [])] = node
        order = [int(n) for n in np.flatnonzero(parents < 0)]
        for node in order:  # grows while it is walked
            order += self.nodes[node].get("children", [])
        rest = Pose(np.zeros((count, 3)), np.tile([0.0, 0, 0, 1], (count, 1)), np.ones((count, 3)))
        for node, entry in enumerate(self.nodes):
            if "matrix" in entry:
                matrix = np.array(entry["matrix"]).reshape(4, 4).T
                scale = np.linalg.norm(matrix[:3, :3], axis=0)
                rest.translations[node] = matrix[:3, 3]
                rest.scales[node] = scale
                rest.rotations[node] = Rotation.from_matrix(matrix[:3, :3] / scale).as_quat()
            else:
                rest.translations[node] = entry.get("translation", (0, 0, 0))
                rest.rotations[node] = entry.get("rotation", (0, 0, 0, 1))
                rest.scales[node] = entry.get("scale", (1, 1, 1))
        names = tuple(entry.get("name", f"Node{n}") for n, entry in enumerate(self.nodes))
        return Skeleton(names, parents, tuple(order), rest)

    def _skin(self, skin: int) -> tuple[list[int], NDArray[np.float64]]:
        """Return a skin's joints and their inverse bind matrices."""
        entry = self.document["skins"][skin]
        joints: list[int] = entry["joints"]
        if "inverseBindMatrices" not in entry:
            return joints, np.tile(np.eye(4), (len(joints), 1, 1))
        matrices = self._array(entry["inverseBindMatrices"]).reshape(-1, 4, 4)
        return joints, matrices.transpose(0, 2, 1).astype(np.float64)

    def _piece(
        self,
        primitive: dict[str, Any],
        mesh: int,
        first: int,
        rigid: bool,
        to_rest: NDArray[np.float64],
    ) -> _Piece:
        """Return the triangles of one primitive, in the rest pose."""
        attributes = primitive["attributes"]
        raw = self._array(attributes["POSITION"]).astype(np.float64)
        count = len(raw)
        if rigid:
            joints, weights = np.zeros((count, 4), np.intp), np.tile([1.0, 0, 0, 0], (count, 1))
        else:
            joints = self._array(attributes["JOINTS_0"]).astype(np.intp)
            weights = self._array(attributes["WEIGHTS_0"]).astype(np.float64)
            weights /= np.maximum(weights.sum(axis=1, keepdims=True), 1e-9)
        if "indices" in primitive:
            triangles = self._array(primitive["indices"]).astype(np.int64).reshape(-1, 3)
        else:
            triangles = np.arange(count).reshape(-1, 3)
        if np.linalg.det(to_rest[:3, :3]) < 0:  # mirrored: keep counter-clockwise from outside
            triangles = triangles[:, ::-1]
        uvs = np.zeros((count, 2), np.float32)
        if "TEXCOORD_0" in attributes:
            uvs = self._array(attributes["TEXCOORD_0"]).astype(np.float32)
        material = primitive.get("material", 0)
        shade = np.ones((count, 3), np.float32)
        if "COLOR_0" in attributes:
            shade = self._array(attributes["COLOR_0"]).astype(np.float32)[:, :3]
        corners = uvs[triangles]
        return _Piece(
            mesh=mesh,
            material=material,
            vertices=(raw @ to_rest[:3, :3].T + to_rest[:3, 3]).astype(np.float32),
            joints=joints + first,
            weights=weights,
            triangles=triangles,
            uvs=corners,
            colors=self._colors(material, corners.mean(axis=1), shade[triangles].mean(axis=1)),
        )

    def _colors(self, material: int, places: Floats, shade: Floats) -> NDArray[np.uint8]:
        """Return each triangle's color: the material's times texture times vertex color."""
        base = np.ones(3)
        if material < len(self.textures):
            surface = self.document["materials"][material].get("pbrMetallicRoughness", {})
            base = np.array(surface.get("baseColorFactor", [1, 1, 1, 1])[:3])
        linear = np.clip(shade * base, 0, 1)
        srgb = np.where(linear > 0.0031308, 1.055 * linear ** (1 / 2.4) - 0.055, 12.92 * linear)
        texture = self.textures[material] if material < len(self.textures) else None
        if texture is not None:
            height, width = texture.shape[:2]
            x, y = (np.floor(places % 1 * [width, height]).astype(int)).T
            srgb = srgb * texture[y.clip(0, height - 1), x.clip(0, width - 1)] / 255
        return np.round(srgb * 255).astype(np.uint8)

    def _texture(self, material: dict[str, Any]) -> NDArray[np.uint8] | None:
        """Return the picture a material takes its color from, (H, W, 3), or None."""
        texture = material.get("pbrMetallicRoughness", {}).get("baseColorTexture")
        if texture is None:
            return None
        source = self.document["textures"][texture["index"]]["source"]
        data = self._view(self.document["images"][source]["bufferView"])
        with Image.open(io.BytesIO(data)) as picture:
            return np.asarray(picture.convert("RGB"))

    def _motions(self) -> tuple[Motion, ...]:
        motions = []
        for place, entry in enumerate(self.document.get("animations", [])):
            channels = tuple(self._channels(entry))
            if channels:
                seconds = max(float(channel.times[-1]) for channel in channels)
                motions.append(Motion(entry.get("name", f"Motion{place}"), seconds, channels))
        return tuple(motions)

    def _channels(self, animation: dict[str, Any]) -> Sequence[Channel]:
        channels = []
        for channel in animation["channels"]:
            sampler = animation["samplers"][channel["sampler"]]
            target, how = channel["target"], sampler.get("interpolation", "LINEAR")
            if "node" not in target or target["path"] == "weights":
                continue
            values = self._array(sampler["output"]).astype(np.float32)
            if how == "CUBICSPLINE":  # in-tangent, value, out-tangent: the values will do
                values = values[1::3]
            times = self._array(sampler["input"])[:, 0].astype(np.float32)
            channels.append(Channel(target["node"], target["path"], times, values, how == "STEP"))
        return channels

    def _view(self, view: int) -> bytes:
        entry = self.document["bufferViews"][view]
        start = entry.get("byteOffset", 0)
        data = self.binary[start : start + entry["byteLength"]]
        if len(data) < entry["byteLength"]:
            raise ValueError("cut off")
        return data

    def _array(self, accessor: int) -> NDArray[Any]:
        """Return an accessor's values, (count, width); normalized integers as fractions."""
        entry = self.document["accessors"][accessor]
        if "sparse" in entry or "bufferView" not in entry:
            raise ValueError("sparse accessors are not read")
        view = self.document["bufferViews"][entry["bufferView"]]
        kind, width = np.dtype(_COMPONENTS[entry["componentType"]]), _WIDTHS[entry["type"]]
        stride = view.get("byteStride", kind.itemsize * width)
        start = view.get("byteOffset", 0) + entry.get("byteOffset", 0)
        shape, strides = (entry["count"], width), (stride, kind.itemsize)
        values: NDArray[Any] = np.ndarray(shape, kind, self.binary, start, strides)
        if entry.get("normalized"):
            values = values / np.float32(np.iinfo(kind).max)
        return values


@dataclass(frozen=True, eq=False)
class _Piece:
    """One primitive, its vertices numbered from 0."""

    mesh: int
    material: int
    vertices: Floats
    joints: NDArray[np.intp]
    weights: NDArray[np.float64]
    triangles: NDArray[np.int64]
    uvs: Floats
    colors: NDArray[np.uint8]
