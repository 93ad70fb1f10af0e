"""Time of each step on one 1500 x 1500 cel with about 100 segments, one core.

    python benchmarks/speed.py [--size 1500] [--shapes 60] [--rounds 7]

The cel is drawn here: a head's worth of ellipses, closed, two of them colour traces. Told are
minimum and median over the rounds.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from shiage.colors.palette import Palette
from shiage.files.images import Layout, Picture, read_picture, write_picture
from shiage.lines.lineart import extract_lineart
from shiage.lines.segments import SegmentSettings, find_segments
from shiage.matching import MATCHERS, make_matcher
from shiage.painting.compose import compose
from shiage.painting.covering import Covering
from shiage.painting.propagate import decide_colors, encode_cel, known_for_certain


def draw_cel(size: int, shapes: int, shift: int = 0) -> NDArray[np.uint8]:
    """(size, size, 4) uint8: closed ellipses 4 px wide on white paper."""
    rng = np.random.default_rng(1)
    rgb = np.full((size, size, 3), 255, np.uint8)
    for number in range(shapes):
        x, y = (int(v) + shift for v in rng.integers(size // 6, size * 5 // 6, 2))
        axes = [int(v) for v in rng.integers(size // 40, size // 9, 2)]
        color = (255, 0, 0) if number % 30 == 29 else (0, 0, 0)
        cv2.ellipse(rgb, (x, y), axes, float(rng.integers(180)), 0, 360, color, 4)
    return np.dstack([rgb, np.full((size, size), 255, np.uint8)])


def measure(rounds: int, work: Callable[[], object]) -> tuple[float, float]:
    """Return minimum and median milliseconds."""
    spent = []
    for _ in range(rounds):
        started = time.perf_counter()
        work()
        spent.append(1000 * (time.perf_counter() - started))
    return min(spent), float(np.median(spent))


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--size", type=int, default=1500)
    parser.add_argument("--shapes", type=int, default=36)
    parser.add_argument("--rounds", type=int, default=7)
    args = parser.parse_args()
    cv2.setNumThreads(1)
    rgba = draw_cel(args.size, args.shapes)
    picture = Picture(rgba, Layout("PNG", "RGB", 8))
    lineart = extract_lineart(rgba)
    segments = find_segments(lineart)
    rng = np.random.default_rng(0)
    colors = rng.integers(0, 256, (24, 4), np.uint16) * 257
    colors[:, 3] = 65535
    palette, _ = Palette().extended(colors)
    ids = rng.integers(0, len(palette), len(segments)).astype(np.int32)
    ids[0] = 0
    painted = compose(Covering(rgba, lineart), segments.labels, ids, palette)
    print(f"{args.size} x {args.size}, {len(segments)} segments, one core\n")
    print("| step | min ms | median ms |")
    print("|---|---|---|")

    def tell(step: str, work: Callable[[], object]) -> None:
        low, middle = measure(args.rounds, work)
        print(f"| {step} | {low:.1f} | {middle:.1f} |", flush=True)

    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "A0001.png"
        write_picture(file, picture)
        tell("read PNG", lambda: read_picture(file))
        tell("line art", lambda: extract_lineart(rgba))
        for gap in ("off", "auto"):
            settings = SegmentSettings(gap="off") if gap == "off" else SegmentSettings()
            tell(f"segments, gap {gap}", lambda s=settings: find_segments(lineart, s))  # type: ignore[misc]
        moved = extract_lineart(draw_cel(args.size, args.shapes, shift=20))
        target = find_segments(moved)
        for name in MATCHERS:
            matcher = make_matcher(name)
            known = known_for_certain(encode_cel(matcher, lineart, segments), ids)
            tell(f"{name}: encode", lambda m=matcher: encode_cel(m, moved, target))  # type: ignore[misc]
            encoded = encode_cel(matcher, moved, target)
            tell(
                f"{name}: match, one reference",
                lambda m=matcher, k=known, e=encoded: decide_colors(m, [k], e),  # type: ignore[misc]
            )
        tell("compose", lambda: compose(Covering(rgba, lineart), segments.labels, ids, palette))
        tell("write PNG", lambda: write_picture(file, Picture(painted, picture.layout)))


if __name__ == "__main__":
    main()
