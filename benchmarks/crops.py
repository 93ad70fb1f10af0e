"""Time of what the learned matcher does with one cel: crops, encoding, matching.

    python benchmarks/crops.py [--size 1500] [--segments 80] [--rounds 15] [--threads 1]
                               [--card CARD]

The cel is ellipses drawn here, as many as make about that many segments. Told are minimum and
median over the rounds. Crops take one core; `--threads` is for the model. Without
a card the model that comes with shiage is taken; without one there, crops alone are measured.
"""

from __future__ import annotations

import argparse
import timeit
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np

from shiage.lines.lineart import extract_lineart
from shiage.lines.segments import find_segments
from shiage.matching.crops import make_tokens
from shiage.matching.onnx import SHIPPED, OnnxMatcher
from shiage.structures import LineArt, Segments


def draw_cel(size: int, segments: int) -> tuple[LineArt, Segments]:
    """Return closed ellipses 4 px wide with at least that many segments."""
    rng = np.random.default_rng(1)
    rgba = np.full((size, size, 4), 255, np.uint8)
    while True:
        center = [int(v) for v in rng.integers(size // 6, size * 5 // 6, 2)]
        axes = [int(v) for v in rng.integers(size // 40, size // 9, 2)]
        turn = float(rng.integers(180))
        cv2.ellipse(rgba, center, axes, turn, 0, 360, (0, 0, 0, 255), 4)
        lineart = extract_lineart(rgba)
        found = find_segments(lineart)
        if len(found) >= segments:
            return lineart, found


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--size", type=int, default=1500)
    parser.add_argument("--segments", type=int, default=80)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--card", type=Path, default=SHIPPED)
    args = parser.parse_args()
    cv2.setNumThreads(1)
    lineart, segments = draw_cel(args.size, args.segments)
    print(f"{args.size} x {args.size}, {len(segments)} segments\n")
    print("| step | min ms | median ms |")
    print("|---|---|---|")

    def tell(step: str, work: Callable[[], object]) -> None:
        ms = [1000 * spent for spent in timeit.repeat(work, number=1, repeat=args.rounds)]
        print(f"| {step} | {min(ms):.1f} | {np.median(ms):.1f} |", flush=True)

    tell("crops and boxes", lambda: make_tokens(lineart, segments))
    if not args.card.exists():
        return
    matcher = OnnxMatcher(args.card, args.threads)
    encoded = matcher.encode(lineart, segments)
    tell("encode, crops included", lambda: matcher.encode(lineart, segments))
    tell("match, one reference", lambda: matcher.compare(encoded, encoded))


if __name__ == "__main__":
    main()
