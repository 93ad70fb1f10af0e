"""A tiny rigged character as a GLB file, written by hand."""

from __future__ import annotations

import io
import json
import struct
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

KINDS = {"f": (np.float32, 5126), "u": (np.uint16, 5123), "b": (np.uint8, 5121)}
TYPES = {1: "SCALAR", 2: "VEC2", 3: "VEC3", 4: "VEC4", 16: "MAT4"}


class Writer:
    """Collects arrays for the binary chunk."""

    def __init__(self) -> None:
        self.views: list[dict[str, int]] = []
        self.accessors: list[dict[str, Any]] = []
        self.binary = b""

    def add_bytes(self, data: bytes) -> int:
        self.views.append({"buffer": 0, "byteOffset": len(self.binary), "byteLength": len(data)})
        self.binary += data + b"\0" * (-len(data) % 4)
        return len(self.views) - 1

    def add(self, values: Any, kind: str = "f") -> int:
        array = np.asarray(values, KINDS[kind][0])
        array = array.reshape(len(array), -1)
        self.accessors.append(
            {
                "bufferView": self.add_bytes(array.tobytes()),
                "componentType": KINDS[kind][1],
                "count": len(array),
                "type": TYPES[array.shape[1]],
            }
        )
        return len(self.accessors) - 1


def tube(
    low: float, high: float, radius: float = 0.3, sides: int = 8, x: float = 0.0
) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
    """Return points and outward triangles of an open upright tube with three rings."""
    angle = np.arange(sides) / sides * 2 * np.pi
    ring = np.column_stack([np.sin(angle) * radius + x, np.zeros(sides), np.cos(angle) * radius])
    points = np.concatenate([ring + np.array([0, y, 0]) for y in np.linspace(low, high, 3)])
    triangles = []
    for level in range(2):
        for side in range(sides):
            a, b = level * sides + side, level * sides + (side + 1) % sides
            triangles += [(a, b, b + sides), (a, b + sides, a + sides)]
    return points, np.array(triangles)


def tiny_glb(**changes: Any) -> bytes:
    """Return a character: a body of two tubes, two boots, an eye by texture, two swords in hand.

    Nodes: Root > Body > Arm; body and boots follow them by weights; the swords hang on Arm.
    """
    out = Writer()
    body, body_triangles = tube(0, 1)
    shirt, shirt_triangles = tube(1, 2)
    weights_up = np.clip(shirt[:, 1] - 1, 0, 1)
    boots = [tube(-0.4, 0, 0.15, x=x) for x in (-0.3, 0.3)]
    texture = np.full((4, 4, 3), (200, 30, 30), np.uint8)
    texture[:, 2:] = (30, 30, 220)
    png = io.BytesIO()
    Image.fromarray(texture).save(png, "PNG")

    def primitive(
        points: Any, triangles: Any, material: int, arm: Any, **more: int
    ) -> dict[str, Any]:
        arm = np.asarray(arm, float)
        zero = np.zeros_like(arm)
        attributes = {"POSITION": out.add(points), **more}
        if arm.size:
            joints = np.tile([0, 1, 0, 0], (len(points), 1))
            attributes["JOINTS_0"] = out.add(joints, "b")
            attributes["WEIGHTS_0"] = out.add(np.column_stack([1 - arm, arm, zero, zero]))
        return {
            "attributes": attributes,
            "indices": out.add(np.ravel(triangles), "u"),
            "material": material,
        }

    eye, eye_triangles = tube(1.4, 1.6, 0.35)
    eye_uvs = np.full((len(eye), 2), 0.9)
    skinned = [
        primitive(body, body_triangles, 0, np.zeros(len(body))),
        primitive(shirt, shirt_triangles, 1, weights_up),
        *(primitive(points, rows, 2, np.zeros(len(points))) for points, rows in boots),
        primitive(eye, eye_triangles, 3, np.ones(len(eye)), TEXCOORD_0=out.add(eye_uvs)),
    ]
    sword, sword_triangles = tube(0, 1.2, 0.08, 4, x=0.6)
    inverse = np.tile(np.eye(4), (2, 1, 1))
    inverse[1, :3, 3] = (0, -1, 0)
    half = np.sqrt(0.5)
    turn = out.add([(0, 0, 0, 1), (0, 0, half, half)])
    document: dict[str, Any] = {
        "asset": {"version": "2.0"},
        "scenes": [{"nodes": [0]}],
        "nodes": [
            {"name": "Root", "children": [1, 3]},
            {"name": "Body", "children": [2]},
            {"name": "Arm.L", "translation": [0, 1, 0], "children": [4, 5]},
            {"name": "Figure", "mesh": 0, "skin": 0},
            {"name": "Sword", "mesh": 1},
            {"name": "Axe", "mesh": 1},
        ],
        "meshes": [
            {"name": "Figure", "primitives": skinned},
            {"name": "Blade", "primitives": [primitive(sword, sword_triangles, 4, [])]},
        ],
        "skins": [
            {
                "joints": [1, 2],
                "inverseBindMatrices": out.add(inverse.transpose(0, 2, 1).reshape(2, 16)),
            }
        ],
        "materials": [
            {"name": "Skin", "pbrMetallicRoughness": {"baseColorFactor": [1, 0.5, 0, 1]}},
            {"name": "Shirt", "pbrMetallicRoughness": {"baseColorFactor": [0, 0, 1, 1]}},
            {"name": "Boots"},
            {"name": "Atlas", "pbrMetallicRoughness": {"baseColorTexture": {"index": 0}}},
            {"name": "Steel"},
        ],
        "textures": [{"source": 0}],
        "images": [{"bufferView": out.add_bytes(png.getvalue()), "mimeType": "image/png"}],
        "animations": [
            {
                "name": "Armature|Bow",
                "channels": [{"sampler": 0, "target": {"node": 2, "path": "rotation"}}],
                "samplers": [{"input": out.add([0.0, 1.0]), "output": turn}],
            }
        ],
        "bufferViews": out.views,
        "accessors": out.accessors,
    }
    document["buffers"] = [{"byteLength": len(out.binary)}]
    document |= changes
    text = json.dumps(document).encode()
    text += b" " * (-len(text) % 4)
    chunks = struct.pack("<I4s", len(text), b"JSON") + text
    chunks += struct.pack("<I4s", len(out.binary), b"BIN\0") + out.binary
    return struct.pack("<4sII", b"glTF", 2, 12 + len(chunks)) + chunks
