"""What is gained by deciding the shades of a part together: clips painted without it and with it.

    python benchmarks/shades.py SUITE... [--split test] [--protocol next ...] [--matcher ant]
        [--weight SAME=0.1 ...]

A suite is a folder of clips, or demo; `zoomed.py` makes close-ups. Told are, in percent: segments
right and the background's intersection over union, means over frames; of all segments those right
that touch a colour trace, and of the others; how far confidence is off (expected calibration
error), over all segments and over those that touch a trace; and how many may be left unchecked with
99 % of them right. `--weight` tries another value of one in `shades.py`, for which the validation
characters are meant.
"""

from __future__ import annotations

import argparse
import ast
from collections.abc import Iterator
from copy import copy
from dataclasses import dataclass, replace
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

import shiage.painting.shades
from shiage.bench.metrics import mean_scores, measure_reliability, score, unchecked_share
from shiage.bench.predictions import DrawnClip, PaintedClip
from shiage.bench.protocols import Protocol, parse_protocol
from shiage.bench.suites import find_suite
from shiage.colors.palette import PAPER
from shiage.matching import PairwiseMatcher, make_matcher
from shiage.matching.remembered import Remembered
from shiage.painting.shades import Contacts

PROTOCOLS = ("next", "half", "cut-1", "cut-2", "keys-4")


@dataclass(frozen=True, eq=False)
class Clip:
    """A clip painted without hearing its traces, and with it; which segments touch a trace."""

    without: PaintedClip
    hearing: PaintedClip
    touching: list[NDArray[np.bool_]]


def prepare(suite: str, split: Any, matcher: PairwiseMatcher[Any]) -> Iterator[Clip]:
    """Yield the clips of a suite; both ways of painting share one memory of similarities."""
    for info in find_suite(suite, None, None if split == "any" else split):
        drawn = DrawnClip.read(info.folder)
        hearing = PaintedClip(drawn, matcher)
        without = copy(hearing)
        without.encoded = [replace(cel, contacts=Contacts()) for cel in hearing.encoded]
        touching = [np.zeros(len(segments), bool) for segments in drawn.segments]
        for rows, cel in zip(touching, hearing.encoded, strict=True):
            rows[cel.contacts.labels - 1] = True
        yield Clip(without, hearing, touching)


def measure(clips: list[Clip], protocol: Protocol, way: str) -> tuple[int, list[float]]:
    """Return how many segments touch a trace, and the figures of a row, in percent."""
    scores, right, sure, touch = [], [], [], []
    for clip in clips:
        painted: PaintedClip = getattr(clip, way)
        for told in painted.paint(protocol):
            at = painted.clip.names.index(told.frame)
            ids = painted.clip.color_ids[at]
            true = painted.clip.palette[ids]
            scores.append(score(told.colors, true, told.areas, ids == PAPER))
            right.append(told.colors == true)
            sure.append(told.confidence)
            touch.append(clip.touching[at])
    means = mean_scores(scores)
    fits, confidence, touches = (np.concatenate(rows) for rows in (right, sure, touch))
    figures = [
        means.accuracy or 0,
        means.background_iou or 0,
        fits[touches].mean(),
        fits[~touches].mean(),
        measure_reliability(confidence, fits).error,
        measure_reliability(confidence[touches], fits[touches]).error,
        unchecked_share(confidence, fits) or 0,
    ]
    return int(touches.sum()), [100 * float(figure) for figure in figures]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("suites", nargs="+")
    parser.add_argument("--split", default="test")
    parser.add_argument("--protocol", nargs="+", default=PROTOCOLS)
    parser.add_argument("--matcher", default="ant")
    parser.add_argument("--weight", nargs="+", default=[])
    args = parser.parse_args()
    cv2.setNumThreads(1)
    for name, _, value in (told.partition("=") for told in args.weight):
        setattr(shiage.painting.shades, name, ast.literal_eval(value))
    matcher = make_matcher(args.matcher)
    assert isinstance(matcher, PairwiseMatcher)  # noqa: S101 - all of them are
    print("| suite | painted from | traces heard | right | background IoU | touching (number) "
          "| others | calibration error | touching | unchecked |")  # fmt: skip
    print("|---|---|---|---:|---:|---:|---:|---:|---:|---:|")
    for suite in args.suites:
        clips = list(prepare(suite, args.split, Remembered(matcher)))
        for name in args.protocol:
            for way, heard in (("without", "no"), ("hearing", "yes")):
                number, row = measure(clips, parse_protocol(name), way)
                cells = [f"{figure:.1f}" for figure in row]
                cells[2] += f" ({number})"
                print(f"| {suite} | {name} | {heard} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
