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
    hit, close = _look(mesh, eye, few, rays)
    inside = np.s_[y0:y1, x0:x1]
    parts[inside] = hit.part
    strokes[inside] = _find_strokes(hit, close, rays, camera, side)
    if light is not None:
        shade[inside] = _shade(hit, rays, light, side)
    return View(parts, shade, strokes)


@dataclass(frozen=True, eq=False)
class _Rays:
    """Directions through the middles of a window's pixels.

    They have length 1 along the camera's axis, so that distances along them are depths.

    Attributes:
        x: (W,) float32, slope to the right.
        y: (H,) float32, slope upwards.
        axes: (3, 3) float32, right, up and back of the camera, one per row.
    """

    x: NDArray[np.float32]
    y: NDArray[np.float32]
    axes: NDArray[np.float32]

    def at(self, row: NDArray[np.intp], column: NDArray[np.intp]) -> NDArray[np.float32]:
        """Return the directions (n, 3) through n pixels."""
        right, up, back = self.axes
        rays: NDArray[np.float32] = self.x[column, None] * right + self.y[row, None] * up - back
        return rays

    def dot(self, vectors: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the product of each pixel's direction, of unit length, and its vector.

        Args:
            vectors: (H, W, 3), or (3,) for all pixels.
        """
        along = vectors @ self.axes.T
        product = self.x * along[..., 0] + self.y[:, None] * along[..., 1] - along[..., 2]
        return np.asarray(product / np.sqrt(self.x**2 + self.y[:, None] ** 2 + 1), np.float32)


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
) -> _Rays:
    """Return the rays of a window of a picture of `side` pixels."""
    x0, y0, x1, y1 = window
    x = ((np.arange(x0, x1) + 0.5) / side - 0.5) / camera.distance
    y = (0.5 - (np.arange(y0, y1) + 0.5) / side) / camera.distance
    return _Rays(x.astype(np.float32), y.astype(np.float32), axes.astype(np.float32))


def _look(
    mesh: Mesh, eye: NDArray[np.float64], few: _Rays, rays: _Rays
) -> tuple[_Hit, NDArray[np.intp]]:
    """Return what the rays of a window meet, and which of its pixels were looked at closely.

    `few` holds one ray per pixel of the drawing and all of them are cast; of the `SUPERSAMPLE`²
    times as many in `rays` only those beside which `few` meets another part, a crease or a jump.
    Elsewhere depth and normal are interpolated.
    """
    scene = EmbreeScene()
    # Embree is given the eye as its origin: its precision is best there.
    TriangleMesh(scene, (mesh.vertices - eye).astype(np.float32), mesh.triangles)
    small = (len(few.y), len(few.x))
    coarse = _cast(scene, mesh, few.at(*np.divmod(np.arange(small[0] * small[1]), small[1])))
    part, depth = coarse.part.reshape(small), coarse.depth.reshape(small)
    normal = coarse.normal.reshape(*small, 3)
    size = (len(rays.y), len(rays.x))
    uneven = _find_uneven(part, depth, normal).astype(np.uint8)
    close = np.flatnonzero(_enlarged(uneven, size))
    part = _enlarged(part, size)
    depth = _enlarged(depth, size, cv2.INTER_LINEAR)
    normal = _enlarged(normal, size, cv2.INTER_LINEAR)
    normal /= np.maximum(_length(normal), 1e-9)[..., None]
    fine = _cast(scene, mesh, rays.at(*np.divmod(close, size[1])))
    part.reshape(-1)[close] = fine.part
    depth.reshape(-1)[close] = fine.depth
    normal.reshape(-1, 3)[close] = fine.normal
    return _Hit(part, depth, normal), close


def _enlarged(
    array: NDArray[Any], size_hw: tuple[int, int], how: int = cv2.INTER_NEAREST_EXACT
) -> NDArray[Any]:
    """Return an array resized."""
    return cv2.resize(array, size_hw[::-1], interpolation=how)


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
    return uneven


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


def _find_strokes(
    hit: _Hit, close: NDArray[np.intp], rays: _Rays, camera: Camera, side: int
) -> BoolMap:
    """Return (H, W) bool: creases, and places where a part lies before itself.

    Args:
        hit: what is seen.
        close: (n,) flat indices of the pixels beside which something changes; nowhere else is a
            stroke.
        rays: the window's.
        camera: the camera.
        side: of the whole view, pixels.
    """
    height, width = hit.part.shape
    part, depth, normal = hit.part.reshape(-1), hit.depth.reshape(-1), hit.normal.reshape(-1, 3)
    row, column = np.divmod(close, width)
    strokes = np.zeros(height * width, np.bool_)
    pixel = camera.span / side
    for step, inner in ((1, column < width - 1), (width, row < height - 1)):
        here = close[inner]
        here = here[(part[here] == part[here + step]) & (part[here] > 0)]
        there = here + step
        direction = rays.at(*np.divmod(here, width))
        direction /= _length(direction)[:, None]
        crease = _dot(normal[here], normal[there]) < np.cos(CREASE_ANGLE)
        # A steep surface jumps too; a fold jumps by more than what its sides' slopes explain.
        facing = np.minimum(
            np.abs(_dot(normal[here], direction)), np.abs(_dot(normal[there], direction))
        ).clip(0.05, 1.0)
        slope = np.sqrt(1 - facing**2) / facing
        jump = np.abs(depth[here] - depth[there])
        fold = jump > FOLD_SHARE * camera.span + FOLD_SLOPE * pixel * slope
        strokes[here[crease | fold]] = True
    return _without_specks(strokes.reshape(height, width), round(SMALLEST_STROKE * side))


def _pairs(array: NDArray[Any], axis: int) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return the array without its last and without its first row (or column)."""
    return (array[:-1], array[1:]) if axis == 0 else (array[:, :-1], array[:, 1:])


def _dot(first: NDArray[np.float32], second: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the products of the vectors in the last axis."""
    return np.asarray(np.einsum("...i,...i->...", first, second), np.float32)


def _length(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the lengths of the vectors in the last axis."""
    return np.sqrt(_dot(vectors, vectors))


def _shade(hit: _Hit, rays: _Rays, light: Light, side: int) -> NDArray[np.uint8]:
    """Return (H, W) uint8 tones, without patches too small to be drawn."""
    lamp = np.asarray(light.direction, np.float32)
    lamp /= np.linalg.norm(lamp)
    seen = hit.part > 0
    shaded = seen if light.parts is None else np.isin(hit.part, light.parts)
    glossy = seen if light.glossy is None else np.isin(hit.part, light.glossy)
    lit = hit.normal @ lamp
    shadow = shaded & (lit < light.shadow_below)
    # The vector halfway between lamp and eye is lamp - ray; its length follows from their angle.
    halfway = np.sqrt(np.maximum(2 - 2 * rays.dot(lamp), 1e-9))
    glint = glossy & ~shadow & ((lit - rays.dot(hit.normal)) / halfway > light.highlight_above)
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
