"""Hints on one drawing: how much of the rest follows, there and in the other drawings of its clip.

    python benchmarks/hints.py [--clips 12] [--rounds 3] [FOLDER ...]

Hinted is the first drawing of each clip: a share of its segments chosen at random, or one segment
of each color. FOLDERs are datasets; without any: examples/mini, the demo cut, and clips of
procedural test characters made here. Segments are those that shiage finds; their true color is that
of most of their pixels. Told of those not hinted are the share painted right, the share painted at
all, how much of that is right, how far confidence is off, and what would be right if the likeliest
color were painted everywhere. Beside it stands the simplest rule there is: the color of the hinted
segment whose middle is nearest. Leaving all blank gets 0 %.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

import shiage.demo
from shiage.bench.metrics import measure_reliability
from shiage.colors.palette import PAPER
from shiage.data.dataset import BACKGROUND, WHITE, Clip, list_clips, pack_rgb, read_clip, split_of
from shiage.data.maker import ClipSettings
from shiage.data.procedural.maker import ProceduralMaker
from shiage.lines.lineart import extract_lineart
from shiage.lines.segments import find_segments
from shiage.matching import DEFAULT_MATCHER, Matcher, make_matcher
from shiage.painting.propagate import EncodedCel, encode_cel
from shiage.painting.serving import Column, paint_column
from shiage.painting.surroundings import Surroundings, survey_segments
from shiage.structures import UNKNOWN, Ints, Painting

LEVELS: dict[str, float | None] = {"25 %": 0.25, "50 %": 0.5, "one of each color": None}
MINI = Path(__file__).parent.parent / "examples" / "mini"


@dataclass(frozen=True, eq=False)
class Drawn:
    """One drawing as shiage sees it, and its truth.

    Attributes:
        encoded: see `EncodedCel`.
        surroundings: how its segments lie.
        color_ids: (N,) int32, true colors; `PAPER` is the background.
    """

    encoded: EncodedCel
    surroundings: Surroundings
    color_ids: Ints


@dataclass(frozen=True, eq=False)
class Outcome:
    """What became of segments that were not hinted.

    Attributes:
        painted: (N,) bool, they got a color.
        right: (N,) bool, it is the true one.
        sure: (N,) float32, confidence.
        guess_right: (N,) bool, the likeliest color is the true one, painted or not.
        nearest_right: (N,) bool, the nearest hinted segment has the true color.
    """

    painted: NDArray[np.bool_]
    right: NDArray[np.bool_]
    sure: NDArray[np.float32]
    guess_right: NDArray[np.bool_]
    nearest_right: NDArray[np.bool_]


def prepare(clip: Clip, matcher: Matcher) -> list[Drawn]:
    """Return the drawings of a clip."""
    ids: dict[int, int] = {}
    drawn = []
    for frame in clip.frames:
        lineart = extract_lineart(frame.line)
        segments = find_segments(lineart)
        under = np.zeros((len(segments), len(frame) + 1), np.int64)
        inside = segments.labels > 0
        np.add.at(under, (segments.labels[inside] - 1, frame.labels[inside]), 1)
        true = under[:, 1:].argmax(axis=1)
        colors = pack_rgb(frame.colors)
        known = any(region is not None for region in frame.regions)
        paper = [
            region == BACKGROUND if known else color == WHITE
            for region, color in zip(frame.regions, colors.tolist(), strict=True)
        ]
        told = [
            PAPER if paper[t] else ids.setdefault(int(colors[t]), len(ids) + 1)
            for t in true.tolist()
        ]
        encoded = encode_cel(matcher, lineart, segments)
        drawn.append(Drawn(encoded, survey_segments(segments), np.array(told, np.int32)))
    return drawn


def choose(color_ids: Ints, share: float | None, rng: np.random.Generator) -> Ints:
    """(N,) int32: the colors hinted, else `UNKNOWN`; `share` None hints one of each color."""
    if share is None:
        chosen = [rng.choice(np.flatnonzero(color_ids == color)) for color in np.unique(color_ids)]
    else:
        count = max(1, round(share * len(color_ids)))
        chosen = rng.choice(len(color_ids), count, replace=False).tolist()
    hinted = np.full(len(color_ids), UNKNOWN, np.int32)
    hinted[chosen] = color_ids[chosen]
    return hinted


def paint(matcher: Matcher, clip: Sequence[Drawn], hints: Ints) -> dict[int, Painting]:
    """Return the paintings of a clip of which the first drawing is hinted, by place."""
    decisions = [np.full(len(drawn.color_ids), UNKNOWN, np.int32) for drawn in clip]
    decisions[0] = hints
    return paint_column(matcher, Column([drawn.encoded for drawn in clip], decisions))


def judge(painting: Painting, drawn: Drawn, hinted: Drawn, hints: Ints) -> Outcome:
    """Return what became of the segments of a drawing that were not hinted."""
    known = np.flatnonzero(hints != UNKNOWN)
    here, there = drawn.surroundings.place_xy, hinted.surroundings.place_xy[known]
    nearest = np.linalg.norm(here[:, None] - there[None], axis=-1).argmin(axis=1)
    free = ~painting.locked
    return Outcome(
        (painting.color_ids != UNKNOWN)[free],
        (painting.color_ids == drawn.color_ids)[free],
        painting.confidence[free],
        (painting.alternatives[:, 0] == drawn.color_ids)[free],
        (hints[known][nearest] == drawn.color_ids)[free],
    )


def read_suites(folders: Sequence[Path], clips: int) -> dict[str, Iterator[Clip]]:
    """Return the clips to be measured on, by suite."""
    if folders:
        return {f.name: (read_clip(info.folder) for info in list_clips(f)) for f in folders}
    maker = ProceduralMaker(1000)
    test = [name for name in maker.characters if split_of(name) == "test"][:clips]
    return {
        "mini": (read_clip(info.folder) for info in list_clips(MINI)),
        "demo": (read_clip(info.folder) for info in list_clips(Path(shiage.demo.__file__).parent)),
        "procedural": (
            maker.make_clip(name, seed, ClipSettings(512, 4)) for seed, name in enumerate(test)
        ),
    }


def tell(where: str, rows: Sequence[Outcome]) -> str:
    """Return the end of a row of the table."""
    painted, right, sure, guess, nearest = (
        np.concatenate([getattr(row, name) for row in rows])
        for name in ("painted", "right", "sure", "guess_right", "nearest_right")
    )
    error = measure_reliability(sure[painted], right[painted]).error
    return (
        f"{where} | {right.mean():.1%} | {painted.mean():.1%} | {right[painted].mean():.1%} "
        f"| {error:.1%} | {guess.mean():.1%} | {nearest.mean():.1%} |"
    )


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folders", nargs="*", type=Path)
    parser.add_argument("--clips", type=int, default=12)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--matcher", default=DEFAULT_MATCHER)
    args = parser.parse_args()
    cv2.setNumThreads(1)
    matcher = make_matcher(args.matcher)
    suites = {
        name: [prepare(clip, matcher) for clip in clips]
        for name, clips in read_suites(args.folders, args.clips).items()
    }
    print("| suite | hinted | of | right | painted | of them | off | all painted | nearest |")
    print("|---|---|---|---:|---:|---:|---:|---:|---:|")
    every: dict[str, list[Outcome]] = defaultdict(list)
    for suite, clips in suites.items():
        for level, share in LEVELS.items():
            rows: dict[str, list[Outcome]] = defaultdict(list)
            for seed in range(args.rounds):
                rng = np.random.default_rng(seed)
                for clip in clips:
                    hints = choose(clip[0].color_ids, share, rng)
                    for at, painting in paint(matcher, clip, hints).items():
                        where = "others" if at else "the same"
                        rows[where].append(judge(painting, clip[at], clip[0], hints))
            for where in ("the same", "others"):
                print(f"| {suite} | {level} | {tell(where, rows[where])}", flush=True)
                every[where] += rows[where]
    tell_bins(every)


def tell_bins(every: dict[str, list[Outcome]]) -> None:
    """Print what confidence is worth."""
    for where, rows in every.items():
        sure, right, painted = (
            np.concatenate([getattr(row, name) for row in rows])
            for name in ("sure", "right", "painted")
        )
        bins = measure_reliability(sure[painted], right[painted])
        cells = [
            f"{sure:.2f}: {right:.2f} ({count})"
            for sure, right, count in zip(bins.confidence, bins.right, bins.counts, strict=True)
            if count
        ]
        print(f"\nconfidence: share right (segments), {where}: {', '.join(cells)}")


if __name__ == "__main__":
    main()
