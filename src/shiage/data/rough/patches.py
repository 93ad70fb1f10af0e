"""Many patches of rough drawings with their borders, kept on disk for training.

A patch is a pure function of the dataset, the seed and its number, so that a run that was
interrupted goes on where it stopped and comes to the same patches.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from shiage.data.dataset import Split, list_clips, read_clip
from shiage.data.rough.drawing import draw_rough, to_u8_levels
from shiage.data.rough.hand import Level, random_hand
from shiage.data.rough.paper import put_on_paper
from shiage.data.rough.strokes import StrokeDrawing, find_strokes
from shiage.errors import DatasetError
from shiage.files.atomic import whole_file
from shiage.progress import Progress, no_progress
from shiage.structures import Floats

SIDE = 256
"""Pixels of a patch's height and width."""

CHUNK = 64
"""Patches in a file."""

CLIPS_IN_FILE = 6
"""Clips that the patches of one file are from: taking a drawing apart takes long."""

FRAMES_OF_CLIP = 2

SHARES: dict[Level, float] = {"clean": 0.15, "light": 0.25, "medium": 0.3, "heavy": 0.3}
"""How often patches are how rough."""

LINE_WIDTH = (2.2, 0.32)
"""Median width of lines, pixels, and the spread of its logarithm: the network is given drawings at
a scale where lines are about that wide."""

SCALES = (0.45, 3.0)
"""How much larger than in the clip things may be drawn."""

EDGE_SHARE = 0.15
"""Share of patches at an edge of the picture that cuts the figure."""


@dataclass(frozen=True)
class PatchJob:
    """Which patches are wanted.

    Attributes:
        folders: datasets of clean drawings.
        out: folder for the patches.
        count: how many.
        split: of the characters.
        seed: other seeds make other patches.
        jobs: processes at once.
    """

    folders: tuple[Path, ...]
    out: Path
    count: int
    split: Split = "train"
    seed: int = 0
    jobs: int = 2


def make_patches(job: PatchJob, progress: Progress = no_progress) -> None:
    """Make those patches that are not there yet.

    Raises:
        DatasetError: there is no clip of the split, or a damaged one.
        WriteFailed: the disk is full or the like.
    """
    job.out.mkdir(parents=True, exist_ok=True)
    clips = tuple(info.folder for folder in job.folders for info in list_clips(folder, job.split))
    if not clips:
        raise DatasetError(
            f"no clip of a {job.split} character",
            path=job.folders[0] if job.folders else None,
            expected="one at least",
            action=f"Make some with shiage data make ... --split {job.split}",
        )
    wanted = [n for n in range(-(-job.count // CHUNK)) if not _file(job.out, n).exists()]
    with ProcessPoolExecutor(job.jobs, get_context("spawn")) as pool:
        made = pool.map(_make_chunk, [job] * len(wanted), [clips] * len(wanted), wanted)
        for done, _ in enumerate(made, start=1):
            progress("patches", done * CHUNK, len(wanted) * CHUNK)


def read_patches(folder: Path) -> Iterator[tuple[NDArray[np.uint8], NDArray[np.uint8]]]:
    """Yield drawings (n, H, W, 3) uint8 RGB and borders (n, H, W) uint8, file by file."""
    for file in sorted(folder.glob("*.npz")):
        with np.load(file) as stored:
            yield stored["drawing"], stored["border"]


def make_patch(
    drawings: Sequence[StrokeDrawing], rng: np.random.Generator
) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Return one patch: (S, S, 3) uint8 RGB, and its borders (S, S) uint8."""
    levels = list(SHARES)
    level = levels[int(rng.choice(len(levels), p=list(SHARES.values())))]
    drawing = drawings[int(rng.integers(len(drawings)))]
    hand = random_hand(rng, level, _random_width(rng))
    rough = draw_rough(drawing, (SIDE, SIDE), _place(drawing, rng), hand, rng)
    rgb, border = rough.rgb, rough.border
    if rng.random() < EDGE_SHARE:
        cut_short(rgb, rng)
    rgb = put_on_paper(rgb, level, rng)
    return to_u8_levels(rgb), to_u8_levels(border)


def _make_chunk(job: PatchJob, clips: tuple[Path, ...], number: int) -> None:
    cv2.setNumThreads(1)
    rng = np.random.default_rng((job.seed, number))
    few = [clips[at] for at in rng.integers(len(clips), size=CLIPS_IN_FILE).tolist()]
    drawings = [find_strokes(f) for clip in few for f in read_clip(clip).frames[:FRAMES_OF_CLIP]]
    pairs = [make_patch(drawings, rng) for _ in range(CHUNK)]
    shown, borders = (np.stack(arrays) for arrays in zip(*pairs, strict=True))
    with whole_file(_file(job.out, number)) as unfinished, unfinished.open("wb") as stream:
        np.savez(stream, drawing=shown, border=borders)


def _file(folder: Path, number: int) -> Path:
    return folder / f"{number:05}.npz"


def _random_width(rng: np.random.Generator) -> float:
    middle, spread = LINE_WIDTH
    return float(np.clip(rng.lognormal(np.log(middle), spread), 1.0, 5.0))


def _place(drawing: StrokeDrawing, rng: np.random.Generator) -> Floats:
    """Return where the drawing lies in the patch: turned, mirrored, scaled, some stroke in view."""
    scale, turn = float(np.exp(rng.uniform(*np.log(SCALES)))), rng.normal(0, 0.5)
    turned = scale * np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    if rng.random() < 0.5:
        turned[:, 0] *= -1
    middle = np.array(drawing.labels.shape[::-1]) / 2
    if drawing.strokes:
        points = drawing.strokes[int(rng.integers(len(drawing.strokes)))].points_xy
        middle = points[int(rng.integers(len(points)))]
    shift = rng.uniform(0.15, 0.85, 2) * SIDE - turned @ middle
    return np.concatenate([turned, shift[:, None]], axis=1).astype(np.float32)


def cut_short(rgb: Floats, rng: np.random.Generator) -> None:
    """Leave some rows or columns at an edge of the picture bare, as paper larger than a scan."""
    rows = int(rng.integers(1, 7))
    view = np.rot90(rgb, int(rng.integers(4)))
    view[:rows] = 1
