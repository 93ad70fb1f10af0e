"""Cameras of a clip whose drawings are no single shot, as on a model sheet or across cuts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from shiage.data.scene import Camera

SHEET_SHARE = 0.25
"""Share of clips in which each drawing is reframed."""


def reframe_some(cameras: Sequence[Camera], rng: np.random.Generator) -> list[Camera]:
    """Return the cameras as they are, or in `SHEET_SHARE` of all clips each reframed.

    Turned by some 17 degrees, tilted, nearer or farther by a fifth, and aside by a 15th of the
    picture.
    """
    if rng.random() >= SHEET_SHARE:
        return list(cameras)
    return [_reframe(camera, rng) for camera in cameras]


def _reframe(camera: Camera, rng: np.random.Generator) -> Camera:
    x, y, z = camera.target
    aside, above = rng.normal(0, 0.065, 2) * camera.span
    return replace(
        camera,
        target=(float(x + aside), float(y + above), z),
        yaw=float(camera.yaw + rng.normal(0, 0.3)),
        pitch=float(np.clip(camera.pitch + rng.normal(0, 0.1), -0.5, 0.8)),
        roll=float(camera.roll + rng.normal(0, 0.1)),
        span=float(camera.span * np.exp(rng.normal(0, 0.18))),
    )
