"""A maker of tiny clips: a box and a disc that move over paper; and clips with known numbers."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from shiage.data.dataset import BACKGROUND, Clip, Frame, write_clip
from shiage.data.maker import ClipSettings
from shiage.lines.lineart import extract_lineart
from shiage.lines.segments import SegmentSettings, find_segments
from tests.drawings import WHITE

Color = tuple[int, int, int]


@dataclass(frozen=True)
class BoxMaker:
    """Each character is a box and a disc; `fails` raises, `dies` ends the process."""

    names: tuple[str, ...] = ("Ann", "Bob", "Cid", "Dora")
    fails: str = ""
    dies: str = ""

    @property
    def source(self) -> str:
        return "boxes"

    @property
    def characters(self) -> tuple[str, ...]:
        return self.names

    def make_clip(self, character: str, seed: int, settings: ClipSettings) -> Clip:
        if character == self.fails:
            raise RuntimeError("no legs")
        if character == self.dies:
            os._exit(3)
        rng = np.random.default_rng(seed)
        box, disc = (tuple(rng.integers(90, 240, 3).tolist()) for _ in range(2))
        start = int(rng.integers(4, 10))
        frames = [
            draw_frame(f"{at + 1:04}", start + 3 * at, box, disc, settings.size)
            for at in range(settings.frames)
        ]
        return Clip("boxes", "CC0-1.0", character, "tests", seed, tuple(frames))


def draw_frame(
    name: str, x: int, box: Color = (200, 40, 40), disc: Color = (40, 40, 200), size: int = 64
) -> Frame:
    """A box of 20 x 20 with its corner at (x, 8), and a disc at (x + 10, 46)."""
    line = np.full((size, size, 4), 255, np.uint8)
    part = np.zeros((size, size), np.uint8)
    cv2.rectangle(part, (x, 8), (x + 19, 27), 1, -1)
    cv2.circle(part, (x + 10, 46), 10, 2, -1)
    cv2.rectangle(line, (x, 8), (x + 19, 27), (0, 0, 0, 255), 1)
    cv2.circle(line, (x + 10, 46), 10, (0, 0, 0, 255), 1)
    labels = find_segments(extract_lineart(line), SegmentSettings(gap="off")).labels
    parts = [(BACKGROUND, WHITE), ("box", box), ("disc", disc)]
    found = [parts[int(part[labels == label][0])] for label in range(1, labels.max() + 1)]
    return frame_of(name, labels, found)


def frame_of(name: str, labels: NDArray[np.int32], rows: list[tuple[str, Color]]) -> Frame:
    """A frame whose line art and painting follow from its label map."""
    line = np.full((*labels.shape, 4), 255, np.uint8)
    line[labels == 0, :3] = 0
    table = np.array([(0, 0, 0), *(color for _, color in rows)], np.uint8)
    color = np.dstack([table[labels], np.full(labels.shape, 255, np.uint8)])
    return Frame(name, line, color, labels, tuple(region for region, _ in rows), table[1:])


def box_clip(character: str = "Ann", frames: int = 3, seed: int = 1) -> Clip:
    return BoxMaker().make_clip(character, seed, ClipSettings(64, frames))


def write_box_clip(folder: Path, character: str = "Ann", frames: int = 3) -> Path:
    folder.parent.mkdir(parents=True, exist_ok=True)
    write_clip(folder, box_clip(character, frames))
    return folder


def with_frame(clip: Clip, at: int, **changes: object) -> Clip:
    """The clip with some fields of one frame changed."""
    frames = list(clip.frames)
    frames[at] = replace(frames[at], **changes)  # type: ignore[arg-type]
    return replace(clip, frames=tuple(frames))
