"""What a scanner, a file and a resolution make of a drawing."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from shiage.data.rough.hand import STRENGTH, Level
from shiage.structures import Floats


def put_on_paper(rgb: Floats, level: Level, rng: np.random.Generator) -> Floats:
    """Return a drawing as it comes out of a scanner or a file.

    Args:
        rgb: (H, W, 3) float32 in [0, 1], on white paper.
        level: how much is done to it; clean drawings may come as GIF or JPEG or in another
            resolution, too.
        rng: decides.
    """
    much = STRENGTH[level]

    def often(chance: float) -> bool:
        return bool(rng.random() < chance * (0.3 + 0.7 * much))

    def as_f32(pixels: Any) -> Floats:
        return np.asarray(pixels, np.float32)

    height, width = rgb.shape[:2]
    if often(0.3):
        rgb = as_f32(cv2.GaussianBlur(rgb, (0, 0), rng.uniform(0.3, 0.5 + 0.7 * much)))
    if often(0.3):
        ratio = rng.uniform(1 - 0.5 * max(much, 0.4), 1)
        small = (max(8, round(width * ratio)), max(8, round(height * ratio)))
        enlarge = (cv2.INTER_NEAREST, cv2.INTER_LINEAR, cv2.INTER_CUBIC)[rng.integers(3)]
        reduced = cv2.resize(rgb, small, interpolation=cv2.INTER_AREA)
        rgb = as_f32(cv2.resize(reduced, (width, height), interpolation=enlarge))
    if often(0.2) and much:
        tint = 1 - rng.uniform(0, 0.25, 3) * rng.random() ** 2
        rgb = rgb * tint.astype(np.float32)
    if often(0.25) and much:
        far = rng.random((3, 3), np.float32)
        light = cv2.resize(far, (width, height), interpolation=cv2.INTER_CUBIC)
        rgb = rgb * (1 - rng.uniform(0, 0.25) * np.clip(light, 0, 1))[..., None]
    if often(0.5) and much:
        grain: NDArray[Any] = rng.standard_normal((height, width, 1 if rng.random() < 0.7 else 3))
        if rng.random() < 0.5:
            grain = np.asarray(cv2.GaussianBlur(grain, (0, 0), 0.8)).reshape(grain.shape) * 2
        rgb = rgb + (rng.uniform(0, 0.045) * much * grain).astype(np.float32)
    if often(0.3):
        rgb = np.clip(rgb, 0, 1) ** rng.uniform(0.7, 1.5)
    levels = np.clip(rgb * 255 + 0.5, 0, 255).astype(np.uint8)
    if often(0.3):
        quality = int(rng.integers(90 - round(55 * much), 96))
        _, stored = cv2.imencode(".jpg", levels, [cv2.IMWRITE_JPEG_QUALITY, quality])
        levels = np.asarray(cv2.imdecode(stored, cv2.IMREAD_COLOR), np.uint8)
    elif often(0.2):
        levels = _to_few_levels(levels, int(rng.integers(3, 12)), rng)
    return np.asarray(levels / np.float32(255), np.float32)


def _to_few_levels(
    levels: NDArray[np.uint8], count: int, rng: np.random.Generator
) -> NDArray[np.uint8]:
    """Return a picture of few levels a channel, as GIFs are, at times dithered."""
    step = 255 / (count - 1)
    dots = np.zeros(levels.shape[:2])
    if rng.random() < 0.5:
        bayer = np.array([[0, 8, 2, 10], [12, 4, 14, 6], [3, 11, 1, 9], [15, 7, 13, 5]])
        rows, columns = -(-levels.shape[0] // 4), -(-levels.shape[1] // 4)
        dots = np.tile(bayer / 16 - 0.47, (rows, columns))[: levels.shape[0], : levels.shape[1]]
    stepped = np.rint(levels / step + 0.9 * dots[..., None]) * step
    return np.asarray(np.clip(stepped, 0, 255), np.uint8)
