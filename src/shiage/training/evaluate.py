"""How right matchers are on clips with truth: a trained model beside any of the core's.

Each pair gives one frame as the reference and asks for the colors of another, on the way that
`shiage paint` goes. Numbers are per pair, then the mean over pairs, as in DACoN's metrics:
segments right; those of more than 10 px; area right; area right of what is not background; and
intersection over union of the background's area.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, fields
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from shiage.crops import make_tokens
from shiage.data.dataset import BACKGROUND, Frame, Split, read_clip
from shiage.lineart import extract_lineart
from shiage.matching import Matcher, PairwiseMatcher
from shiage.matching.onnx import OnnxMatcher
from shiage.models.ant import Ant
from shiage.painter import known_for_certain
from shiage.propagate import decide_colors
from shiage.segments import describe_segments
from shiage.structures import Floats, Ints, LineArt, Segments
from shiage.terminal import Advance
from shiage.training.checkpoints import load_model
from shiage.training.frames import TrainClip, find_clips
from shiage.training.pairs import Pair, spread_pairs
from shiage.training.validation import LARGE_AREA

Distance = Literal["next", "far"]

WHITE = 0xFFFFFF
"""Color of the bare paper where regions are not known."""


class AntMatcher(PairwiseMatcher[Tensor]):
    """A model in torch, as a matcher."""

    def __init__(self, model: Ant, name: str = "ant") -> None:
        self.model = model.eval()
        self.name = name

    def encode(self, lineart: LineArt, segments: Segments) -> Tensor:
        """(N, D): features of the segments."""
        tokens = make_tokens(lineart, segments, self.model.config.crop_size)
        with torch.inference_mode():
            return self.model.encode_segments(
                torch.from_numpy(tokens.crops), torch.from_numpy(tokens.boxes)
            )

    def compare(self, reference: Tensor, target: Tensor) -> tuple[Floats, Floats]:
        """Return votes by similarity; see `PairwiseMatcher.compare`."""
        with torch.inference_mode():
            similarity = self.model.compare(reference[None], target[None])[0]
        votes: Floats = similarity.softmax(dim=1).numpy()
        return votes, np.zeros(len(target), np.float32)

    def count(self, target: Tensor) -> int:
        """Return the number of segments."""
        return len(target)


@dataclass(frozen=True)
class Scores:
    """What is right in one pair, or the mean over pairs; None where there is nothing to tell from.

    Attributes:
        accuracy: share of segments.
        accuracy_large: share of segments of more than 10 px.
        pixels: share of the area of segments.
        foreground: the same of what is not background.
        background_iou: intersection over union of the background's area.
    """

    accuracy: float | None
    accuracy_large: float | None
    pixels: float | None
    foreground: float | None
    background_iou: float | None


@dataclass(frozen=True)
class EvaluationRow:
    """One matcher on the pairs of one source and distance."""

    source: str
    distance: Distance
    matcher: str
    pairs: int
    scores: Scores


@dataclass(frozen=True)
class EvaluationJob:
    """What is measured on what.

    Attributes:
        folders: datasets.
        split: whose characters.
        matchers: by name.
        most: pairs by source and distance, at most; spread evenly.
        jobs: clips worked on at once; 0 = one per core.
    """

    folders: Sequence[Path]
    split: Split
    matchers: Mapping[str, Matcher]
    most: int = 500
    jobs: int = 0


def load_matcher(path: Path) -> Matcher:
    """Return the model of a checkpoint, or of a card, which ends in `.json`, as a matcher.

    Raises:
        UnreadableFile: it is missing, damaged or does not fit the model.
        DamagedModel: the card, or what belongs to it, is damaged.
    """
    return OnnxMatcher(path) if path.suffix == ".json" else AntMatcher(load_model(path)[0])


def evaluate(job: EvaluationJob, progress: Advance = lambda *_: None) -> list[EvaluationRow]:
    """Return a row for each source, distance and matcher.

    Raises:
        DatasetError: there is no clip of the split, or a damaged one.
        FileError: a picture could not be read.
    """
    clips = find_clips(job.folders, job.split)
    work = []
    for source in sorted({clip.info.source for clip in clips}):
        numbers = [n for n, clip in enumerate(clips) if clip.info.source == source]
        for distance in ("next", "far"):
            pairs = spread_pairs(clips, numbers, distant=distance == "far", most=job.most)
            for clip, chosen in groupby(pairs, key=lambda pair: pair.clip):
                work.append((source, distance, partial(_score_clip, clips[clip], list(chosen))))
    found: dict[tuple[str, str, str], list[Scores]] = {}
    with ThreadPoolExecutor(job.jobs or os.cpu_count() or 1) as pool:
        results = pool.map(lambda item: item[2](job.matchers), work)
        for done, ((source, distance, _), scores) in enumerate(
            zip(work, results, strict=True), start=1
        ):
            for name, rows in scores.items():
                found.setdefault((source, distance, name), []).extend(rows)
            progress(source, done, len(work))
    return [
        EvaluationRow(source, "far" if distance == "far" else "next", name, len(rows), _mean(rows))
        for (source, distance, name), rows in found.items()
    ]


def score(
    predicted: Ints, true: Ints, areas: NDArray[np.integer], background: NDArray[np.bool_]
) -> Scores:
    """Return what is right of one frame.

    Args:
        predicted: (N,) color ids.
        true: (N,) color ids.
        areas: (N,) pixels.
        background: (N,) bool, which segments are truly background.

    >>> score(
    ...     np.array([1, 2, 2]), np.array([1, 2, 3]), np.array([80, 10, 10]),
    ...     np.array([True, False, False]),
    ... )
    Scores(accuracy=0.66..., accuracy_large=1.0, pixels=0.9, foreground=0.5, background_iou=1.0)
    """
    right = predicted == true
    # Paint may have the paper's color: where that is right, it is not taken for paper.
    said = np.where(right, background, np.isin(predicted, true[background]))
    return Scores(
        accuracy=_share(right, np.ones(len(right))),
        accuracy_large=_share(right, areas > LARGE_AREA),
        pixels=_share(right, areas),
        foreground=_share(right, areas * ~background),
        background_iou=_share(said & background, areas * (said | background)),
    )


def to_dicts(rows: Sequence[EvaluationRow]) -> list[dict[str, Any]]:
    """Return the rows ready for JSON."""
    return [asdict(row) for row in rows]


def to_markdown(rows: Sequence[EvaluationRow]) -> str:
    """Return the rows as a table."""
    names = [f.name.replace("_", " ") for f in fields(Scores)]
    lines = [
        f"| source | frames | matcher | {' | '.join(names)} | pairs |",
        f"|---|---|---|{'---:|' * (len(names) + 1)}",
    ]
    for row in rows:
        values = asdict(row.scores).values()
        cells = ["-" if value is None else f"{value:.1%}" for value in values]
        words = {"next": "neighboring", "far": "half a clip apart"}[row.distance]
        lines.append(
            f"| {row.source} | {words} | {row.matcher} | {' | '.join(cells)} | {row.pairs} |"
        )
    return "\n".join(lines) + "\n"


@dataclass(frozen=True, eq=False)
class _Drawing:
    """A frame ready to be matched; `colors` (N,) int32 0xRRGGBB, `background` (N,) bool."""

    lineart: LineArt
    segments: Segments
    colors: Ints
    background: NDArray[np.bool_]


def _score_clip(
    clip: TrainClip, pairs: Sequence[Pair], matchers: Mapping[str, Matcher]
) -> dict[str, list[Scores]]:
    """Return the scores of each matcher on pairs of one clip."""
    numbers = sorted({frame for pair in pairs for frame in (pair.ref[0], pair.target[0])})
    names = tuple(clip.info.frames[n] for n in numbers)
    frames = read_clip(clip.info.folder, names).frames
    drawings = {n: _prepare(frame) for n, frame in zip(numbers, frames, strict=True)}
    palette = np.unique(np.concatenate([drawing.colors for drawing in drawings.values()]))
    ids = {n: np.searchsorted(palette, d.colors).astype(np.int32) for n, d in drawings.items()}
    scores: dict[str, list[Scores]] = {}
    for name, matcher in matchers.items():
        encoded = {n: matcher.encode(d.lineart, d.segments) for n, d in drawings.items()}
        scores[name] = []
        for pair in pairs:
            ref, target = pair.ref[0], pair.target[0]
            known = known_for_certain(encoded[ref], ids[ref])
            painting = decide_colors(matcher, [known], encoded[target])
            truth = drawings[target]
            scores[name].append(
                score(painting.color_ids, ids[target], truth.segments.area, truth.background)
            )
    return scores


def _prepare(frame: Frame) -> _Drawing:
    """Return a frame ready to be matched."""
    red, green, blue = frame.colors.astype(np.int32).T
    colors = (red << 16) + (green << 8) + blue
    if any(region is not None for region in frame.regions):
        background = np.array([region == BACKGROUND for region in frame.regions])
    else:
        background = colors == WHITE
    return _Drawing(
        extract_lineart(frame.line), describe_segments(frame.labels), colors, background
    )


def _share(right: NDArray[np.bool_], weights: NDArray[Any]) -> float | None:
    """Return the share of weight that is right; None if there is no weight."""
    total = float(weights.sum())
    return float((right * weights).sum()) / total if total else None


def _mean(rows: Sequence[Scores]) -> Scores:
    """Return the mean of each score over the pairs that have it."""
    means = []
    for f in fields(Scores):
        values = [v for row in rows if (v := getattr(row, f.name)) is not None]
        means.append(float(np.mean(values)) if values else None)
    return Scores(*means)
