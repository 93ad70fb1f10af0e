"""Make a suite of drawn cuts with truth from flat paintings: region borders become the lines.

    python benchmarks/drawn_suite.py ART OUT
    shiage bench run --suite OUT --split any --out runs/drawn

ART holds folders of PNG (RGBA, antialiased, maybe softly shaded), one or several sequences in each,
told apart by their names without the number: `Run (1).png`, `Run (2).png`, `saha-front_00.png`.
Each painting is reduced to the main colors of its sequence; where two of them meet a black line is
drawn. Paintings of different sizes are put on one canvas, standing on its lower edge.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from shiage.data.dataset import Clip, Frame, write_clip
from shiage.lines.lineart import extract_lineart
from shiage.lines.segments import SegmentSettings, find_segments

SCALE = 2
MAIN_COLOR_SHARE = 0.002
MERGE_DISTANCE = 30.0
LEAST_CELS = 4

Rgba = NDArray[np.uint8]


def find_sequences(art: Path) -> dict[str, list[Path]]:
    """Return the paintings of each sequence in order, by folder and name without number."""
    found: dict[str, list[tuple[int, Path]]] = {}
    for path in art.glob("*/*.png"):
        told = re.fullmatch(r"(.*?)[ _(]*(\d+)\)?", path.stem)
        if told:
            name = f"{path.parent.name}-{told[1]}".replace(" ", "-")
            found.setdefault(name, []).append((int(told[2]), path))
    return {name: [p for _, p in sorted(paths)] for name, paths in sorted(found.items())}


def read_on_one_canvas(paths: list[Path]) -> list[Rgba]:
    """(H, W, 4) uint8 each: the paintings, all as large as the largest."""
    paintings = [np.asarray(cv2.imread(str(p), cv2.IMREAD_UNCHANGED), np.uint8) for p in paths]
    height, width = (max(p.shape[side] for p in paintings) for side in (0, 1))
    canvases = []
    for painting in paintings:
        canvas = np.zeros((height, width, 4), np.uint8)
        left = (width - painting.shape[1]) // 2
        canvas[height - painting.shape[0] :, left : left + painting.shape[1]] = painting
        canvases.append(canvas)
    return canvases


def main_colors(paintings: list[Rgba]) -> NDArray[np.float32]:
    """(K, 3) float32: colors that cover a fair share, those alike merged into the commonest."""
    pixels = np.concatenate([p[p[..., 3] > 250][:, :3] for p in paintings])
    colors, counts = np.unique(pixels // 4 * 4, axis=0, return_counts=True)
    kept: list[NDArray[np.float32]] = []
    for at in np.argsort(-counts):
        if counts[at] < MAIN_COLOR_SHARE * counts.sum() / 4:
            break
        color = colors[at].astype(np.float32)
        if all(np.linalg.norm(color - other) >= MERGE_DISTANCE for other in kept):
            kept.append(color)
    return np.stack(kept) if kept else np.zeros((0, 3), np.float32)


def quantize(painting: Rgba, palette: NDArray[np.float32]) -> NDArray[np.int32]:
    """(H, W) int32: 0 where transparent, else 1 + index of the nearest palette color."""
    big = cv2.resize(painting, None, fx=SCALE, fy=SCALE, interpolation=cv2.INTER_CUBIC)
    distance = np.linalg.norm(big[..., None, :3].astype(np.float32) - palette, axis=-1)
    index = 1 + distance.argmin(axis=-1).astype(np.int32)
    index = cv2.medianBlur(np.where(big[..., 3] > 127, index, 0).astype(np.uint8), 5)
    return index.astype(np.int32)


def draw_frame(name: str, index: NDArray[np.int32], fills: NDArray[np.uint8]) -> Frame:
    """Return a frame: lines where colors meet, the colors between them.

    Args:
        name: of the frame.
        index: (H, W) int32, color of each pixel.
        fills: (K, 3) uint8 RGB by index.
    """
    edge = np.zeros(index.shape, bool)
    edge[:, 1:] |= index[:, 1:] != index[:, :-1]
    edge[1:] |= index[1:] != index[:-1]
    ink = cv2.dilate(edge.view(np.uint8), np.ones((2, 2), np.uint8)).astype(bool)
    opaque = np.full((*index.shape, 1), 255, np.uint8)
    color = np.concatenate([np.where(ink[..., None], np.uint8(0), fills[index]), opaque], axis=2)
    line = np.concatenate([np.repeat(np.where(ink, 0, 255)[..., None], 3, axis=2), opaque], axis=2)
    line = line.astype(np.uint8)
    labels = find_segments(extract_lineart(line), SegmentSettings(gap="off")).labels
    count = int(labels.max())
    votes = np.zeros((count + 1, len(fills)), np.int64)
    np.add.at(votes, (labels.ravel(), index.ravel()), 1)
    return Frame(name, line, color, labels, (None,) * count, fills[votes[1:].argmax(axis=1)])


def main(art: Path, out: Path) -> None:
    """Write a clip for each sequence."""
    for name, paths in find_sequences(art).items():
        if len(paths) < LEAST_CELS:
            continue
        paintings = read_on_one_canvas(paths)
        palette = main_colors(paintings)
        if not len(palette):
            continue
        rgb = np.round(palette[:, ::-1])
        fills = np.concatenate([[[255.0, 255, 255]], rgb]).astype(np.uint8)
        frames = tuple(
            draw_frame(f"{number:04d}", quantize(painting, palette), fills)
            for number, painting in enumerate(paintings, start=1)
        )
        clip = Clip("drawn", "see where it is from", name, "benchmarks/drawn_suite.py", 0, frames)
        write_clip(out / name, clip)
        segments = sum(map(len, frames)) / len(frames)
        print(f"{name}: {len(frames)} cels, {segments:.0f} segments a cel, {len(palette)} colors")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
