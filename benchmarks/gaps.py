"""Gap closing on broken lines with known truth, beside trapped-ball filling.

    python benchmarks/gaps.py [--frames 6] [--gaps 40]

Lines of the demo cut, which is closed, are broken at random places by erasing discs; each erased
place opens two segments to one another. Told are the segments found again (overlap with the true
one of at least 80 % in intersection over union), extra segments, and the time.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

import shiage.demo
from shiage.files.images import read_picture
from shiage.lines.gaps import GapRadius
from shiage.lines.lineart import extract_lineart
from shiage.lines.segments import SegmentSettings, find_segments
from shiage.structures import LabelMap, LineArt

FOUND_IOU = 0.8
Method = Callable[[LineArt], LabelMap]


def break_lines(
    rgba: NDArray[np.uint8], ink: NDArray[np.bool_], count: int, length: int, seed: int
) -> NDArray[np.uint8]:
    """Return the drawing with `count` gaps about `length` pixels long erased from its lines."""
    rng = np.random.default_rng(seed)
    # Only where a line has a segment on both sides, not inside solid blacks.
    depth = cv2.distanceTransform(ink.view(np.uint8), cv2.DIST_L2, 3)
    y, x = np.nonzero((depth >= 1) & (depth <= 3))
    mask = np.zeros(ink.shape, np.uint8)
    for at in rng.choice(len(x), count, replace=False):
        # A disc of this radius takes the whole width and leaves a gap of that length.
        cv2.circle(mask, (int(x[at]), int(y[at])), max(2, (length + 4) // 2), 1, -1)
    broken = rgba.copy()
    broken[mask.astype(bool)] = 255
    return broken


def trapped_ball(lineart: LineArt, radii: tuple[int, ...] = (4, 2, 1)) -> LabelMap:
    """(H, W) int32: regions by trapped-ball filling, with balls from large to small."""
    labels = np.zeros(lineart.ink.shape, np.int32)
    free = ~lineart.ink
    for radius in radii:
        ball = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1, 2 * radius + 1))
        room = cv2.morphologyEx(free.view(np.uint8), cv2.MORPH_OPEN, ball)
        _, found = cv2.connectedComponents(room, connectivity=4)
        labels = np.where(found > 0, found + labels.max(), labels).astype(np.int32)
        free &= found == 0
    _, rest = cv2.connectedComponents(free.view(np.uint8), connectivity=4)
    large = np.bincount(rest.ravel()) >= 30
    rest[~large[rest]] = 0
    labels = np.where(rest > 0, rest + labels.max(), labels).astype(np.int32)
    # What no ball reached joins the nearest region.
    left = (~lineart.ink) & (labels == 0)
    _, nearest = cv2.distanceTransformWithLabels(
        (labels == 0).astype(np.uint8), cv2.DIST_L2, 3, labelType=cv2.DIST_LABEL_PIXEL
    )
    table = np.zeros(int(nearest.max()) + 1, np.int32)
    table[nearest[labels > 0]] = labels[labels > 0]
    labels[left] = table[nearest[left]]
    return labels


def found_again(true: LabelMap, labels: LabelMap) -> float:
    """Share of true segments that some region covers with `FOUND_IOU`."""
    true_count, count = int(true.max()) + 1, int(labels.max()) + 1
    both = np.bincount((true * count + labels).ravel(), minlength=true_count * count)
    both = both.reshape(true_count, count)[1:, 1:]
    area = np.bincount(true.ravel())[1:, None]
    other = np.bincount(labels.ravel(), minlength=count)[1:]
    iou = both / np.maximum(area + other - both, 1)
    return float((iou.max(axis=1) >= FOUND_IOU).mean())


def with_gap(radius: GapRadius) -> Method:
    """Return shiage's own way with that gap setting."""
    return lambda lineart: find_segments(lineart, SegmentSettings(gap=radius)).labels


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--frames", type=int, default=6)
    parser.add_argument("--gaps", type=int, default=40)
    args = parser.parse_args()
    cv2.setNumThreads(1)
    methods: dict[str, Method] = {
        "gaps left open": with_gap("off"),
        "shiage, auto": with_gap("auto"),
        "shiage, 8 px": with_gap(8),
        "shiage, 16 px": with_gap(16),
        "trapped ball 4, 2, 1": trapped_ball,
    }
    files = sorted((Path(shiage.demo.__file__).parent / "line").glob("*.png"))[: args.frames]
    print("| gap | method | found again | segments for true | ms |")
    print("|---|---|---|---|---|")
    for length in (0, 2, 4, 7, 12):
        rows: dict[str, list[tuple[float, float, float]]] = {name: [] for name in methods}
        for seed, file in enumerate(files):
            rgba = read_picture(file).rgba_u8
            whole = extract_lineart(rgba)
            true = find_segments(whole, SegmentSettings(gap="off")).labels
            broken = break_lines(rgba, whole.ink, args.gaps if length else 0, length, seed)
            lineart = extract_lineart(broken)
            for name, method in methods.items():
                started = time.perf_counter()
                labels = method(lineart)
                spent = time.perf_counter() - started
                ratio = labels.max() / true.max()
                rows[name].append((found_again(true, labels), float(ratio), spent))
        for name, row in rows.items():
            found, ratio, spent = np.mean(row, axis=0)
            told = f"{length} px" if length else "none"
            print(f"| {told} | {name} | {found:.1%} | {ratio:.2f} | {spent * 1000:.0f} |")


if __name__ == "__main__":
    main()
