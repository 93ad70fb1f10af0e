"""Posed triangles to a view: part ids, one-step shading, creases and folds, by casting rays.

Rays go through Embree (Wald et al., "Embree: a kernel framework for efficient CPU ray tracing",
2014): exact ids, no graphics driver.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from embreex.mesh_construction import TriangleMesh
from embreex.rtcore_scene import EmbreeScene
from numpy.typing import NDArray

from shiage.data.scene import HIGHLIGHT, LIT, SHADOW, SUPERSAMPLE, Camera, Mesh, View
from shiage.structures import BoolMap

CREASE_ANGLE = np.radians(50.0)
"""Neighboring pixels of one part whose normals differ by more have a line between them."""

ALIKE = np.cos(np.radians(20.0))
"""Rays of neighboring pixels whose normals agree by this cosine are not looked between."""

FOLD_SHARE = 0.012
"""One part lies before itself where depth bends by more than this share of the camera's span ..."""

FOLD_SLOPE = 1.0
"""... and by more than this times the surface's own slope, pixel to pixel."""

SMALLEST_TONE = 0.0012
"""Patches of shadow or light smaller than this share of the picture are not drawn."""

SMALLEST_STROKE = 0.012
"""Creases shorter than this share of the picture's height are not drawn."""


@dataclass(frozen=True)
class Light:
    """A lamp far away, for shading in one step as cels have it.

    Attributes:
        direction: towards the lamp, in the mesh's axes; any length.
        shadow_below: cosine between normal and lamp under which a part lies in shadow.
        highlight_above: the same between normal and the direction halfway to the camera, over
            which light glints; above 1: no highlights.
        parts: parts that are shaded, as numbered in `Mesh.parts`; None: all.
        glossy: parts that may have highlights; None: all.
    """

    direction: tuple[float, float, float] = (0.4, 0.8, 0.6)
    shadow_below: float = 0.1
    highlight_above: float = 2.0
    parts: tuple[int, ...] | None = None
    glossy: tuple[int, ...] | None = None


def render_view(mesh: Mesh, camera: Camera, size: int, light: Light | None = None) -> View:
    """Return what `camera` sees of `mesh`.

    Args:
        mesh: posed triangles; may be empty.
        camera: where it is seen from.
        size: height and width of the drawing, pixels; the view is `SUPERSAMPLE` times as large.
        light: casts the shade; None leaves everything lit.
    """
    step = SUPERSAMPLE
    side = size * step
    parts = np.zeros((side, side), np.int32)
    shade = np.full((side, side), LIT, np.uint8)
    strokes = np.zeros((side, side), np.bool_)
    eye, axes = _place_camera(camera)
    window = _find_window(mesh, camera, eye, axes, side)
    if window is None:
        return View(parts, shade, strokes)
    x0, y0, x1, y1 = window
    rays = _aim_rays(camera, axes, side, window)
    few = _aim_rays(camera, axes, size, (x0 // step, y0 // step, x1 // step, y1 // step))
    hit = _look(mesh, eye, few, rays)
    inside = np.s_[y0:y1, x0:x1]
    parts[inside] = hit.part
    strokes[inside] = _find_strokes(hit, rays, camera, side)
    if light is not None:
        shade[inside] = _shade(hit, rays, light, side)
    return View(parts, shade, strokes)


@dataclass(frozen=True, eq=False)
class _Hit:
    """What rays meet: part and depth, one per ray, and unit normal, (..., 3); all 0 for nothing."""

    part: NDArray[np.int32]
    depth: NDArray[np.float32]
    normal: NDArray[np.float32]


def _place_camera(camera: Camera) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the eye (3,) and the axes (3, 3): right, up, back, one per row."""
    yaw, pitch, roll = camera.yaw, camera.pitch, camera.roll
    back = np.array([np.sin(yaw) * np.cos(pitch), np.sin(pitch), np.cos(yaw) * np.cos(pitch)])
    right = np.array([np.cos(yaw), 0.0, -np.sin(yaw)])
    up = np.cross(back, right)
    turned_right = np.cos(roll) * right + np.sin(roll) * up
    turned_up = np.cos(roll) * up - np.sin(roll) * right
    eye = np.asarray(camera.target) + back * camera.distance * camera.span
    return eye, np.stack([turned_right, turned_up, back])


def _find_window(
    mesh: Mesh,
    camera: Camera,
    eye: NDArray[np.float64],
    axes: NDArray[np.float64],
    side: int,
) -> tuple[int, int, int, int] | None:
    """Return the box x0, y0, x1, y1 of pixels that can show the mesh; None if none can."""
    if not len(mesh.triangles):
        return None
    seen = (mesh.vertices - eye) @ axes.T  # (V, 3) right, up, back
    ahead = np.maximum(-seen[:, 2], 1e-6)
    if (seen[:, 2] > -1e-3).any():  # something beside or behind the eye: no telling, take all
        return 0, 0, side, side
    per_unit = camera.distance * side / ahead
    x = seen[:, 0] * per_unit + side / 2
    y = side / 2 - seen[:, 1] * per_unit
    step = SUPERSAMPLE  # the window holds whole pixels of the drawing
    x0, y0 = (max(0, int(low.min()) // step - 1) * step for low in (x, y))
    x1, y1 = (min(side, (int(high.max()) // step + 2) * step) for high in (x, y))
    return (x0, y0, x1, y1) if x0 < x1 and y0 < y1 else None


def _aim_rays(
    camera: Camera, axes: NDArray[np.float64], side: int, window: tuple[int, int, int, int]
) -> NDArray[np.float32]:
    """Return (H, W, 3) float32 directions through the middles of the window's pixels.

    They have length 1 along the camera's axis, so that distances are depths.
    """
    x0, y0, x1, y1 = window
    x = ((np.arange(x0, x1) + 0.5) / side - 0.5) / camera.distance
    y = (0.5 - (np.arange(y0, y1) + 0.5) / side) / camera.distance
    right, up, back = axes.astype(np.float32)
    rays: NDArray[np.float32] = (
        x[None, :, None].astype(np.float32) * right
        + y[:, None, None].astype(np.float32) * up
        - back
    )
    return rays


def _look(
    mesh: Mesh, eye: NDArray[np.float64], few: NDArray[np.float32], rays: NDArray[np.float32]
) -> _Hit:
    """Return what the rays of a window meet.

    `few` holds one ray per pixel of the drawing and all of them are cast; of the `SUPERSAMPLE`²
    times as many in `rays` only those beside which `few` meets another part, a crease or a jump.
    Elsewhere depth and normal are interpolated.
    """
    scene = EmbreeScene()
    # Embree is given the eye as its origin: its precision is best there.
    TriangleMesh(scene, (mesh.vertices - eye).astype(np.float32), mesh.triangles)
    coarse = _cast(scene, mesh, few.reshape(-1, 3))
    height, width = few.shape[:2]
    part, depth = coarse.part.reshape(height, width), coarse.depth.reshape(height, width)
    normal = coarse.normal.reshape(height, width, 3)
    mask = _enlarged(_find_uneven(part, depth, normal).astype(np.uint8), rays) > 0
    part = _enlarged(part, rays)
    depth = _enlarged(depth, rays, cv2.INTER_LINEAR)
    normal = _enlarged(normal, rays, cv2.INTER_LINEAR)
    normal /= np.maximum(_length(normal), 1e-9)[..., None]
    fine = _cast(scene, mesh, rays[mask])
    part[mask], depth[mask], normal[mask] = fine.part, fine.depth, fine.normal
    return _Hit(part, depth, normal)


def _enlarged(
    array: NDArray[Any], like: NDArray[np.float32], how: int = cv2.INTER_NEAREST_EXACT
) -> NDArray[Any]:
    """Return an array resized to the height and width of another."""
    return cv2.resize(array, like.shape[1::-1], interpolation=how)


def _find_uneven(
    part: NDArray[np.int32], depth: NDArray[np.float32], normal: NDArray[np.float32]
) -> BoolMap:
    """Return (H, W) bool: pixels beside which something else is seen."""
    uneven = np.zeros(part.shape, np.bool_)
    for axis in (0, 1):
        here, there = _pairs(part, axis)
        first, second = _pairs(normal, axis)
        near, far = _pairs(depth, axis)
        other = (here != there) | (_dot(first, second) < ALIKE) & (here > 0)
        other |= np.abs(near - far) > FOLD_SHARE / 2 * near
        for side in _pairs(uneven, axis):
            side |= other
    return cv2.dilate(uneven.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0


def _cast(scene: EmbreeScene, mesh: Mesh, rays: NDArray[np.float32]) -> _Hit:
    """Return what n rays (n, 3) meet first."""
    rays = np.ascontiguousarray(rays)
    found = scene.run(np.zeros_like(rays), rays, output=True)
    met = found["primID"] >= 0
    part = np.zeros(len(rays), np.int32)
    depth = np.zeros(len(rays), np.float32)
    normal = np.zeros((len(rays), 3), np.float32)
    triangle = found["primID"][met]
    part[met] = mesh.parts[triangle]
    depth[met] = found["tfar"][met]
    u, v = found["u"][met, None], found["v"][met, None]
    first, second, third = (mesh.normals[mesh.triangles[triangle, at]] for at in range(3))
    smooth = (1 - u - v) * first + u * second + v * third
    # A thin shell seen from behind shows its back.
    away = _dot(smooth, rays[met]) > 0
    normal[met] = smooth * (np.where(away, -1, 1) / np.maximum(_length(smooth), 1e-9))[:, None]
    return _Hit(part, depth, normal)


def _find_strokes(hit: _Hit, rays: NDArray[np.float32], camera: Camera, side: int) -> BoolMap:
    """Return (H, W) bool: creases, and places where a part lies before itself."""
    facing = np.clip(np.abs(_dot(hit.normal, rays)) / _length(rays), 0.05, 1.0)
    slope = np.sqrt(1 - facing**2) / facing  # depth gained from pixel to pixel, in pixels
    strokes = np.zeros(hit.part.shape, np.bool_)
    pixel = camera.span / side
    flat = np.where(hit.part > 0, hit.depth, 0).astype(np.float32)
    for axis in (0, 1):
        here, there = _pairs(hit.part, axis)
        same = (here == there) & (here > 0)
        first, second = _pairs(hit.normal, axis)
        crease = _dot(first, second) < np.cos(CREASE_ANGLE)
        near, far = _pairs(flat, axis)
        jump = np.abs(near - far)
        # A steep surface jumps too; a fold jumps by more than what its sides' slopes explain.
        one, other = _pairs(slope, axis)
        fold = jump > FOLD_SHARE * camera.span + FOLD_SLOPE * pixel * np.maximum(one, other)
        found = same & (crease | fold)
        target = strokes[:-1] if axis == 0 else strokes[:, :-1]
        target |= found
    return _without_specks(strokes, round(SMALLEST_STROKE * side))


def _pairs(array: NDArray[Any], axis: int) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return the array without its last and without its first row (or column)."""
    return (array[:-1], array[1:]) if axis == 0 else (array[:, :-1], array[:, 1:])


def _dot(first: NDArray[np.float32], second: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the products of the vectors in the last axis."""
    return np.asarray(np.einsum("...i,...i->...", first, second), np.float32)


def _length(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the lengths of the vectors in the last axis."""
    return np.sqrt(_dot(vectors, vectors))


def _shade(hit: _Hit, rays: NDArray[np.float32], light: Light, side: int) -> NDArray[np.uint8]:
    """Return (H, W) uint8 tones, without patches too small to be drawn."""
    lamp = np.asarray(light.direction, np.float32)
    lamp /= np.linalg.norm(lamp)
    seen = hit.part > 0
    shaded = seen if light.parts is None else np.isin(hit.part, light.parts)
    glossy = seen if light.glossy is None else np.isin(hit.part, light.glossy)
    shadow = shaded & (hit.normal @ lamp < light.shadow_below)
    halfway = lamp - rays / _length(rays)[..., None]
    cosine = _dot(hit.normal, halfway) / np.maximum(_length(halfway), 1e-9)
    glint = glossy & ~shadow & (cosine > light.highlight_above)
    smallest = round(SMALLEST_TONE * side * side)
    shade = np.full(hit.part.shape, LIT, np.uint8)
    for tone, mask in ((SHADOW, shadow), (HIGHLIGHT, glint)):
        shade[_drawn_tone(mask, hit.part, smallest)] = tone
    return shade


def _drawn_tone(mask: BoolMap, part: NDArray[np.int32], smallest: int) -> BoolMap:
    """Return a tone's mask with a calm outline, without what is small on its part."""
    calm = cv2.medianBlur(mask.astype(np.uint8), 5) > 0
    border = np.zeros(part.shape, np.bool_)
    border[:-1] |= part[:-1] != part[1:]
    border[:, :-1] |= part[:, :-1] != part[:, 1:]
    kept = _without_specks(calm & ~border, smallest)
    grown = cv2.dilate(kept.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    return grown & calm & (part > 0)


def _without_specks(mask: BoolMap, smallest: int) -> BoolMap:
    """Return the mask without patches of fewer pixels."""
    _, labels, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=8)
    large = stats[:, cv2.CC_STAT_AREA] >= smallest
    large[0] = False
    kept: BoolMap = large[labels]
    return kept
