"""Make close-ups of clips: windows that the figure leaves on one to three sides.

    python benchmarks/zoomed.py SUITE... --out OUT [--split test]
    python benchmarks/shades.py OUT/plain OUT/crossing --split any

A suite is a folder of clips, or demo; those without colour traces are left out. Of each clip up to
three windows are cut out, the same one of all its drawings, in which the paper is in two pieces or
more. In OUT/plain they are as they were drawn; in OUT/crossing half of the traces run on across the
outlines that they end at, as they do where they are drawn quickly.
"""

from __future__ import annotations

import argparse
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from shiage.bench.suites import find_suite
from shiage.data.dataset import Clip, Frame, find_background, read_clip, write_clip
from shiage.lines.lineart import extract_lineart
from shiage.lines.segments import number_regions
from shiage.structures import BoolMap, LabelMap

SIDES = (0.3, 0.4, 0.5)
"""Of a window, beside the drawing's shorter side."""

STEPS = 7
"""Places of a window along each side of the drawing."""

LEAST_TRACED = 0.0002
"""Share of a drawing's pixels that are traces."""

LEAST_PIECE = 0.005
"""Share of a window that a piece of paper takes."""

PAPER_SHARE = (0.12, 0.75)
"""Of a window that is paper."""

LEAVING = 0.08
"""Share of a window's side from which the figure leaves there."""

LEAST_AREA = 5
"""Pixels of a segment; what is smaller becomes ink."""

Window = tuple[int, int, int]
"""Top, left, side."""


def choose_windows(paper: Sequence[BoolMap], rng: np.random.Generator) -> Iterator[Window]:
    """Yield for each of `SIDES` the window that suits most drawings, if it suits half of them.

    Args:
        paper: (H, W) of each drawing, where it is bare.
        rng: chooses among equals.
    """
    height, width = paper[0].shape
    for share in SIDES:
        side = round(share * min(height, width) / 8) * 8
        tops, lefts = (
            np.linspace(0, length - side, STEPS).astype(int) for length in (height, width)
        )
        windows = [(int(top), int(left), side) for top in tops for left in lefts]
        rng.shuffle(windows)
        suits = [sum(_suits(_cut(its, window)) for its in paper) for window in windows]
        if max(suits) >= len(paper) / 2:
            yield windows[int(np.argmax(suits))]


def _suits(paper: BoolMap) -> bool:
    """Whether the figure leaves a window on one to three sides and parts the paper."""
    borders = paper[0], paper[-1], paper[:, 0], paper[:, -1]
    leaves = sum(float((~border).mean()) > LEAVING for border in borders)
    if not (PAPER_SHARE[0] < paper.mean() < PAPER_SHARE[1] and 1 <= leaves <= 3):
        return False
    area = np.bincount(number_regions(paper).ravel())[1:]
    return int((area >= LEAST_PIECE * paper.size).sum()) >= 2


def _cut(picture: NDArray, window: Window) -> NDArray:  # type: ignore[type-arg]
    top, left, side = window
    return np.ascontiguousarray(picture[top : top + side, left : left + side])


def zoom(clip: Clip, window: Window, crossing: bool) -> Clip:
    """Return what is seen of a clip through a window.

    Args:
        clip: as it was drawn.
        window: within its drawings.
        crossing: whether traces run on across outlines.
    """
    seed = zlib.crc32(f"{clip.character} {clip.seed} {window}".encode())
    rng = np.random.default_rng(seed)
    frames = (_zoom_frame(frame, window, rng if crossing else None) for frame in clip.frames)
    return replace(clip, frames=tuple(frame for frame in frames if len(frame.regions) > 1))


def _zoom_frame(frame: Frame, window: Window, rng: np.random.Generator | None) -> Frame:
    line, labels = _cut(frame.line, window), _cut(frame.labels, window)
    if rng is not None:
        line = run_on(line, rng)
        labels[extract_lineart(line).trace > 0] = 0
    labels, before = split_labels(labels)
    return Frame(
        frame.name,
        line,
        _cut(frame.color, window),
        labels,
        tuple(frame.regions[label - 1] for label in before),
        frame.colors[[label - 1 for label in before]],
    )


def split_labels(labels: LabelMap) -> tuple[LabelMap, list[int]]:
    """Return a label map in which every connected part has a label, and what it was called."""
    out = np.zeros_like(labels)
    before: list[int] = []
    for label in np.unique(labels[labels > 0]).tolist():
        parts = number_regions(labels == label)
        area = np.bincount(parts.ravel())
        for part in np.flatnonzero(area[1:] >= LEAST_AREA) + 1:
            before.append(label)
            out[parts == part] = len(before)
    return out, before


def run_on(line: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.uint8]:
    """Return a drawing in which every second end of a trace runs on across its outline.

    Args:
        line: (H, W, 4) uint8 RGBA.
        rng: chooses them.
    """
    lineart = extract_lineart(line)
    trace, width = lineart.trace > 0, lineart.line_width
    beside = cv2.dilate((lineart.ink & ~trace).astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
    ends = number_regions(trace & beside, connectivity=8)
    whole = number_regions(trace, connectivity=8)
    out = line.copy()
    for end in range(1, int(ends.max(initial=0)) + 1):
        y, x = np.nonzero(ends == end)
        tip = np.array([x.mean(), y.mean()])
        y, x = np.nonzero(whole == whole[y[0], x[0]])
        near = np.hypot(x - tip[0], y - tip[1]) < 5 * width + 6
        way = tip - (x[near].mean(), y[near].mean())
        length = float(np.linalg.norm(way))
        if rng.random() < 0.5 or length < 1:
            continue
        stop = tip + way / length * 3 * width
        color = np.median(line[y[near], x[near]], axis=0)
        start, stop = (tuple(int(v) for v in point.round()) for point in (tip, stop))
        cv2.line(out, start, stop, color.tolist(), max(1, round(width)))
    return out


def main() -> None:
    """Write the close-ups."""
    parser = argparse.ArgumentParser()
    parser.add_argument("suites", nargs="+")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--split", default="test")
    args = parser.parse_args()
    cv2.setNumThreads(1)
    rng = np.random.default_rng(0)
    for suite in args.suites:
        for info in find_suite(suite, None, None if args.split == "any" else args.split):
            clip = read_clip(info.folder)
            traced = max((extract_lineart(f.line).trace > 0).mean() for f in clip.frames[:3])
            if traced < LEAST_TRACED:
                continue
            paper = [
                np.append(False, find_background(f.regions, f.colors))[f.labels]
                for f in clip.frames
            ]
            for window in choose_windows(paper, rng):
                name = f"{info.folder.name}-{window[2]}"
                for folder, crossing in (("plain", False), ("crossing", True)):
                    write_clip(args.out / folder / name, zoom(clip, window, crossing))
                print(f"{name} at {window[1]}, {window[0]}", flush=True)


if __name__ == "__main__":
    main()
