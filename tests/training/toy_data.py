"""A dataset of moving shapes, drawn in code, and settings that learn it in seconds."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from shiage.data.augment import AugmentSettings
from shiage.data.dataset import BACKGROUND, Clip, Frame, Split, split_of, write_clip
from shiage.lines.lineart import extract_lineart
from shiage.lines.segments import SegmentSettings, find_segments
from shiage.models.config import AntConfig
from shiage.training.config import DataConfig, OptimizerConfig, RunConfig, TrainConfig

SIZE = 96
MODEL = AntConfig(dim=32, heads=2, pairs=1, stem=4, widths=(16, 32), box_widths=(16,))
SHAPES = ("disc", "box", "wedge", "bar", "ring")


def character_of(split: Split, number: int = 0) -> str:
    """The name of a character that belongs to a split."""
    names = (f"toy {n}" for n in range(1000))
    return [name for name in names if split_of(name) == split][number]


def write_toy_set(
    folder: Path, *, train: int = 2, validation: int = 1, test: int = 1, frames: int = 6
) -> Path:
    """Write clips, one for each character."""
    counts: dict[Split, int] = {"train": train, "validation": validation, "test": test}
    for split, count in counts.items():
        for number in range(count):
            source = "rendered" if number % 2 == 0 else "hand-drawn"
            clip = draw_clip(character_of(split, number), number, frames, source)
            write_clip(folder / source / f"{split}-{number}", clip)
    return folder


def draw_clip(character: str, seed: int, frames: int = 6, source: str = "rendered") -> Clip:
    """A clip of shapes that change places; without regions if it is hand-drawn."""
    rng = np.random.default_rng(seed)
    colors = [tuple(int(c) for c in rng.integers(40, 230, 3)) for _ in SHAPES]
    centers = np.array([(20, 20), (74, 22), (48, 48), (22, 74), (74, 74)])
    drawn = []
    for number in range(frames):
        moved = rng.permutation(centers) + rng.integers(-4, 5, centers.shape)
        frame = draw_frame(f"{number + 1:04}", moved, colors)
        if source == "hand-drawn":
            frame = replace(frame, regions=(None,) * len(frame))
        drawn.append(frame)
    return Clip(source, "CC0", character, "toy_data.py", seed, tuple(drawn))


def draw_frame(name: str, centers: NDArray[np.int64], colors: list[tuple[int, ...]]) -> Frame:
    """One frame: its shapes at these centers."""
    region = np.zeros((SIZE, SIZE), np.uint8)
    line = np.full((SIZE, SIZE, 4), 255, np.uint8)
    ink = (0, 0, 0, 255)
    for number, (shape, (x, y)) in enumerate(zip(SHAPES, centers.tolist(), strict=True), start=1):
        if shape in ("disc", "ring"):
            cv2.circle(region, (x, y), 11, number, -1)
            cv2.circle(line, (x, y), 11, ink, 2)
            if shape == "ring":
                cv2.circle(line, (x, y), 5, ink, 2)
            continue
        corners = {
            "box": [(-10, -10), (10, -10), (10, 10), (-10, 10)],
            "wedge": [(0, -12), (12, 10), (-12, 10)],
            "bar": [(-5, -15), (5, -15), (5, 15), (-5, 15)],
        }[shape]
        points = np.array([(x + dx, y + dy) for dx, dy in corners], np.int32)
        cv2.fillPoly(region, [points], number)
        cv2.polylines(line, [points], True, ink, 2)
    labels = find_segments(extract_lineart(line), SegmentSettings(gap="off")).labels
    count = int(labels.max())
    owner = [int(np.bincount(region[labels == n]).argmax()) for n in range(1, count + 1)]
    palette = np.array([(255, 255, 255), *colors], np.uint8)
    color = line.copy()
    inside = labels > 0
    color[inside, :3] = palette[np.array([0, *owner])[labels[inside]]]
    return Frame(
        name=name,
        line=line,
        color=color,
        labels=labels,
        regions=tuple(BACKGROUND if o == 0 else SHAPES[o - 1] for o in owner),
        colors=palette[owner],
    )


def toy_config(folder: Path, cache: Path, **run: object) -> TrainConfig:
    """Settings for a small run on a folder."""
    told: dict[str, object] = {
        "pairs": 64,
        "workers": 0,
        "threads": 1,
        "device": "cpu",
        "log_every": 16,
        "validate_every": 32,
        "checkpoint_every": 16,
        "validation_pairs": 4,
    }
    return TrainConfig(
        model=MODEL,
        data=DataConfig(folders=(str(folder),), cache=str(cache)),
        augment=AugmentSettings.none(),
        optimizer=OptimizerConfig(batch_pairs=4, learning_rate=3e-3, warmup_pairs=16, ema=0.9),
        run=RunConfig(**{**told, **run}),  # type: ignore[arg-type]
    )
