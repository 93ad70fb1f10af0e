"""Drawings for training, changed at random: the same truth in another look, place and shape.

Everything is a pure function of a `Sample` and of a random generator.
"""

from __future__ import annotations

from dataclasses import replace

import msgspec
import numpy as np
from numpy.typing import NDArray

from shiage.data.augment.geometry import (
    Placement,
    content_window,
    flip,
    place,
    random_warp,
    random_window,
    scaling,
    turning,
    window,
)
from shiage.data.augment.lines import (
    break_lines,
    fade,
    harden,
    recolor_traces,
    roughen,
    soften,
    thin,
    widen,
)
from shiage.data.augment.sample import MIN_AREA, Rgba, Sample, settle
from shiage.data.augment.settings import AugmentSettings
from shiage.data.augment.topology import add_strays, drop_lines, drop_traces
from shiage.lines.lineart import extract_lineart

__all__ = [
    "MIN_AREA",
    "AugmentSettings",
    "Sample",
    "augment",
    "augment_pair",
    "jitter_boxes",
    "settle",
]


def augment_pair(
    ref: Sample, target: Sample, settings: AugmentSettings, rng: np.random.Generator
) -> tuple[Sample, Sample]:
    """Return the two drawings of a training pair, each changed independently of the other.

    Only their flips are sometimes decided together; see `AugmentSettings.flip_apart`.
    """
    flips = rng.random(2) < settings.flip
    if rng.random() >= settings.flip_apart:
        flips[1] = flips[0]
    return (
        augment(ref, msgspec.structs.replace(settings, flip=float(flips[0])), rng),
        augment(target, msgspec.structs.replace(settings, flip=float(flips[1])), rng),
    )


def augment(sample: Sample, settings: AugmentSettings, rng: np.random.Generator) -> Sample:
    """Return the drawing moved, then redrawn with other lines.

    Each label's region and color stay true; segments may have vanished, merged or been split.
    """
    sample = _move(sample, settings, rng)
    if rng.random() < settings.trace_drop:
        sample = drop_traces(sample)
    if rng.random() < settings.drop:
        sample = drop_lines(sample, _whole(settings.drop_count, rng), rng)
    if rng.random() < settings.stray:
        sample = add_strays(sample, _whole(settings.stray_count, rng), rng)
    line = _redraw(sample.line, settings, rng)
    return sample if line is sample.line else settle(replace(sample, line=line))


def jitter_boxes(
    boxes_xyxy: NDArray[np.floating], amount: float, rng: np.random.Generator
) -> NDArray[np.float32]:
    """(N, 4) float32: boxes whose sides are each moved, never past the box's middle.

    Args:
        boxes_xyxy: (N, 4) x0, y0, x1, y1 in any unit.
        amount: largest move in shares of the box's width or height, below 0.5.
        rng: decides.
    """
    size = boxes_xyxy[:, 2:] - boxes_xyxy[:, :2]
    move = rng.uniform(-amount, amount, boxes_xyxy.shape) * np.tile(size, 2)
    jittered: NDArray[np.float32] = (boxes_xyxy + move).astype(np.float32)
    return jittered


def _move(sample: Sample, settings: AugmentSettings, rng: np.random.Generator) -> Sample:
    """Return the drawing in another place, shape and resolution."""
    if rng.random() < settings.flip:
        sample = flip(sample)
    size_hw = (sample.labels.shape[0], sample.labels.shape[1])
    placement = Placement.identity(size_hw)
    if rng.random() < settings.content:
        box = content_window(sample, rng.uniform(*settings.content_margin))
        placement = placement.through(window(size_hw, box))
    if rng.random() < settings.crop:
        box = random_window(size_hw, rng.uniform(*settings.crop_area), rng)
        placement = placement.through(window(size_hw, box))
    if rng.random() < settings.affine:
        turn = rng.uniform(-settings.turn_deg, settings.turn_deg)
        scale = 1 + rng.uniform(-settings.scale, settings.scale)
        x, y = rng.uniform(-settings.shift, settings.shift, 2)
        placement = placement.through(turning(size_hw, turn, scale, (x, y)))
    if rng.random() < settings.resize:
        low, high = np.log(settings.resize_px)
        ratio = float(np.exp(rng.uniform(low, high))) / max(size_hw)
        new_hw = (max(1, round(size_hw[0] * ratio)), max(1, round(size_hw[1] * ratio)))
        placement = placement.through(scaling(size_hw[1] / new_hw[1], size_hw[0] / new_hw[0]))
        placement = replace(placement, size_hw=new_hw)
    if rng.random() < settings.warp:
        points, amplitude = _whole(settings.warp_points, rng), rng.uniform(*settings.warp_amplitude)
        placement = replace(placement, warp=random_warp(placement.size_hw, points, amplitude, rng))
    return place(sample, placement)


def _redraw(line: Rgba, settings: AugmentSettings, rng: np.random.Generator) -> Rgba:
    """Return the line art with lines of another look."""
    if rng.random() < settings.trace_recolor:
        line = recolor_traces(line, rng)
    if rng.random() < settings.width:
        change = _whole(settings.width_px, rng)
        width = round(extract_lineart(line).line_width)
        # Measured widths are 2 at least; lines of 2 pixels have nothing to lose.
        change = min(max(change, 2 - width), width)
        if change > 0:
            line = widen(line, change)
        elif change < 0:
            line = thin(line, -change)
    if rng.random() < settings.broken:
        line = break_lines(line, _whole(settings.broken_count, rng), rng)
    if rng.random() < settings.soften:
        line = soften(line, rng.uniform(*settings.soften_px))
    if rng.random() < settings.rough:
        line = roughen(line, rng.uniform(*settings.rough_amount), rng)
    if rng.random() < settings.harden:
        line = harden(line)
    if rng.random() < settings.fade:
        line = fade(line, rng.uniform(*settings.fade_strength))
    return line


def _whole(limits: tuple[int, int], rng: np.random.Generator) -> int:
    """Return a whole number within limits, both included."""
    return int(rng.integers(limits[0], limits[1] + 1))
