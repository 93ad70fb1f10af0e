"""Simple scenes drawn in code for the tests of rendering and inking."""

import numpy as np
import trimesh

from shiage.data.scene import SUPERSAMPLE, Mesh, Part, View

PARTS = (
    Part("ball", (200, 80, 60), (120, 40, 40), (250, 200, 190)),
    Part("box", (60, 120, 200), (30, 60, 120), (200, 220, 250)),
)


def join(*pieces: tuple[trimesh.Trimesh, int]) -> Mesh:
    """Return bodies as one mesh; each comes with its part."""
    vertices, normals, triangles, parts, count = [], [], [], [], 0
    for body, part in pieces:
        vertices.append(body.vertices)
        normals.append(body.vertex_normals)
        triangles.append(body.faces + count)
        parts.append(np.full(len(body.faces), part))
        count += len(body.vertices)
    return Mesh(
        np.concatenate(vertices).astype(np.float32),
        np.concatenate(normals).astype(np.float32),
        np.concatenate(triangles).astype(np.int32),
        np.concatenate(parts).astype(np.int32),
    )


def ball(radius: float, center: tuple[float, float, float]) -> trimesh.Trimesh:
    """Return a smooth ball."""
    body: trimesh.Trimesh = trimesh.creation.icosphere(4, radius)
    body.apply_translation(center)
    return body


def box(size: float, center: tuple[float, float, float]) -> trimesh.Trimesh:
    """Return a cube with hard edges: no two of its faces share a vertex."""
    body: trimesh.Trimesh = trimesh.creation.box((size, size, size))
    body.unmerge_vertices()
    body.apply_translation(center)
    return body


def flat_view(parts: np.ndarray, shade: np.ndarray | None = None) -> View:
    """Return a view of a map of parts given at the drawing's size."""
    large = np.repeat(np.repeat(parts, SUPERSAMPLE, 0), SUPERSAMPLE, 1).astype(np.int32)
    tones = np.zeros_like(large) if shade is None else shade.repeat(2, 0).repeat(2, 1)
    return View(large, tones.astype(np.uint8), np.zeros(large.shape, np.bool_))


def squares(size: int = 96) -> np.ndarray:
    """(size, size) map of parts: two squares side by side that touch, on the background."""
    parts = np.zeros((size, size), np.int32)
    parts[20:70, 15:48] = 1
    parts[20:70, 48:80] = 2
    return parts
