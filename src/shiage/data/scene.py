"""What makers hand to the renderer and to the inker: parts, posed triangles, a camera, a view.

```
rigged or procedural character ─► Mesh + Camera ─► render.py ─┐
flat vector art ──────────────────────────────────────────────┴► View ─► inking.py ─► Frame
```
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Rgb = tuple[int, int, int]

SUPERSAMPLE = 2
"""Pixels of a view for each pixel of the drawing, along each axis."""

LIT, SHADOW, HIGHLIGHT = 0, 1, 2
"""Values of a view's shade."""


@dataclass(frozen=True)
class Part:
    """A thing that has one color: the region that segments belong to.

    Attributes:
        name: region id, unique in a clip and the same in all its frames, e.g. "hair_front.left".
            Shaded segments get ".shadow" or ".highlight" added.
        color: RGB of the lit part.
        shadow: RGB where it lies in shadow.
        highlight: RGB where light glints on it.
    """

    name: str
    color: Rgb
    shadow: Rgb
    highlight: Rgb


@dataclass(frozen=True, eq=False)
class Mesh:
    """Posed triangles of one moment; x right, y up, z towards the viewer, any unit.

    Attributes:
        vertices: (V, 3) float32.
        normals: (V, 3) float32, unit length, smooth; split vertices where an edge shall be sharp.
        triangles: (T, 3) int32, indices of vertices, counter-clockwise seen from outside.
        parts: (T,) int32, part of each triangle: 1 + its place in the clip's list of parts.
    """

    vertices: NDArray[np.float32]
    normals: NDArray[np.float32]
    triangles: NDArray[np.int32]
    parts: NDArray[np.int32]

    def __post_init__(self) -> None:
        for name, array, width, kind in (
            ("vertices", self.vertices, 3, np.float32),
            ("normals", self.normals, 3, np.float32),
            ("triangles", self.triangles, 3, np.int32),
        ):
            if array.ndim != 2 or array.shape[1] != width or array.dtype != kind:
                raise ValueError(
                    f"{name}: expected (?, {width}), found {array.dtype} {array.shape}"
                )
        if self.normals.shape != self.vertices.shape:
            raise ValueError(f"{len(self.normals)} normals for {len(self.vertices)} vertices")
        if self.parts.shape != (len(self.triangles),) or self.parts.dtype != np.int32:
            raise ValueError(
                f"parts: expected int32 ({len(self.triangles)},), found {self.parts.shape}"
            )


@dataclass(frozen=True)
class Camera:
    """A camera that looks at a point from a distance, in perspective.

    Attributes:
        target: point in the middle of the picture.
        yaw: turn around the y axis, radians; 0 looks from +z, positive sees the subject's left.
        pitch: radians; positive looks down on the subject.
        roll: radians; positive turns the picture clockwise.
        span: height of what the picture shows at the target's distance, in units of the mesh.
        distance: from the target, in spans; small ones foreshorten.
    """

    target: tuple[float, float, float]
    yaw: float = 0.0
    pitch: float = 0.0
    roll: float = 0.0
    span: float = 2.0
    distance: float = 4.0


@dataclass(frozen=True, eq=False)
class View:
    """What a frame shows, before it is drawn; `SUPERSAMPLE` times the drawing's size.

    Attributes:
        parts: (H, W) int32, 0 = background, else 1 + place in the clip's list of parts.
        shade: (H, W) uint8, `LIT`, `SHADOW` or `HIGHLIGHT`.
        strokes: (H, W) bool, pixels on lines that part no two parts: creases, folds, jumps in
            depth within a part. One or two pixels thin; the inker widens them.
    """

    parts: NDArray[np.int32]
    shade: NDArray[np.uint8]
    strokes: NDArray[np.bool_]

    def __post_init__(self) -> None:
        for name, array, kind in (
            ("parts", self.parts, np.int32),
            ("shade", self.shade, np.uint8),
            ("strokes", self.strokes, np.bool_),
        ):
            if array.shape != self.parts.shape or array.ndim != 2 or array.dtype != kind:
                found = f"{array.dtype} {array.shape}"
                raise ValueError(
                    f"{name}: expected {np.dtype(kind)} {self.parts.shape}, found {found}"
                )
