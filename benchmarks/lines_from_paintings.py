"""Make a cut with truth from flat paintings: region borders become the lines.

    python benchmarks/lines_from_paintings.py OUT PAINTING [PAINTING ...]

Each painting (RGBA, antialiased, maybe softly shaded) is reduced to its main colors; where two of
them meet a black line is drawn. OUT gets line/NNNN.png and color/NNNN.png, the layout that
`shiage paint OUT` and benchmarks/accuracy.py read.
"""

from __future__ import annotations

import sys
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

SCALE = 2
MAIN_COLOR_SHARE = 0.002
MERGE_DISTANCE = 30.0


def main_colors(paintings: list[NDArray[np.uint8]]) -> NDArray[np.float32]:
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
    return np.stack(kept)


def quantize(painting: NDArray[np.uint8], palette: NDArray[np.float32]) -> NDArray[np.int32]:
    """(H, W) int32: 0 where transparent, else 1 + index of the nearest palette color."""
    big = cv2.resize(painting, None, fx=SCALE, fy=SCALE, interpolation=cv2.INTER_CUBIC)
    distance = np.linalg.norm(big[..., None, :3].astype(np.float32) - palette, axis=-1)
    index = 1 + distance.argmin(axis=-1).astype(np.int32)
    index = cv2.medianBlur(np.where(big[..., 3] > 127, index, 0).astype(np.uint8), 5)
    return index.astype(np.int32)


def main(out: Path, sources: list[Path]) -> None:
    """Write the cut."""
    paintings = [np.asarray(cv2.imread(str(p), cv2.IMREAD_UNCHANGED), np.uint8) for p in sources]
    palette = main_colors(paintings)
    for name in ("line", "color"):
        (out / name).mkdir(parents=True, exist_ok=True)
    fills = np.concatenate([[[255.0, 255, 255]], np.round(palette)]).astype(np.uint8)
    for number, painting in enumerate(paintings, start=1):
        index = quantize(painting, palette)
        edge = np.zeros(index.shape, np.uint8)
        edge[:, 1:] |= index[:, 1:] != index[:, :-1]
        edge[1:] |= index[1:] != index[:-1]
        ink = cv2.dilate(edge, np.ones((2, 2), np.uint8)).astype(bool)
        color = fills[index]
        color[ink] = 0
        line = np.where(ink, 0, 255).astype(np.uint8)
        cv2.imwrite(str(out / "line" / f"{number:04d}.png"), line)
        cv2.imwrite(str(out / "color" / f"{number:04d}.png"), color)
    print(f"{len(paintings)} cels, {len(palette)} colors, in {out}")


if __name__ == "__main__":
    main(Path(sys.argv[1]), [Path(p) for p in sys.argv[2:]])
