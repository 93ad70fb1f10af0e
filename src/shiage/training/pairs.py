"""Which two frames are learned from next, and how pairs of them become batches.

Pair i of a run is a pure function of the seed and of i, and so is each batch: neither the number of
workers nor an interruption changes what is learned.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence, Sized
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import Dataset

from shiage.errors import BadOption
from shiage.models.ant import SegmentBatch
from shiage.training.config import DataConfig
from shiage.training.frames import AS_DRAWN, FrameSource, FrameTokens, TrainClip
from shiage.training.losses import ABSENT, PairTruth

CHUNK = 32
"""Batches among whose pairs those of like size are put together, to have little padding."""

LENGTHS = 16
"""A batch is padded to a multiple of this many segments; `models.ant.ROWS` says why."""

FRESH_VIEWS = 2**30
"""Augmented views of a frame where none are prepared."""

NEAR = 4
"""The largest distance of frames that counts as near."""


@dataclass(frozen=True)
class Pair:
    """Two views of frames of one clip.

    Attributes:
        clip: number of the clip.
        ref: number of the reference's frame and of its view.
        target: the same of the target.
        mirrored: whether reference and target are shown as their mirror images.
        seed: decides on framing and on the segments left out.
    """

    clip: int
    ref: tuple[int, int]
    target: tuple[int, int]
    mirrored: tuple[bool, bool] = (False, False)
    seed: int = 0


class PairBatch(NamedTuple):
    """B pairs, padded to N target segments and M reference segments, both multiples of `LENGTHS`.

    Attributes:
        ref: segments of the references.
        target: segments of the targets.
        truth: their colors and regions, numbered within each pair.
        target_areas: (B, N) int64, pixels; 0 for padding.
    """

    ref: SegmentBatch
    target: SegmentBatch
    truth: PairTruth
    target_areas: Tensor

    def to(self, device: torch.device) -> PairBatch:
        """Return the batch on a device."""
        return PairBatch(
            SegmentBatch(*(part.to(device) for part in self.ref)),
            SegmentBatch(*(part.to(device) for part in self.target)),
            PairTruth(*(part.to(device) for part in self.truth)),
            self.target_areas.to(device),
        )


def weighted_clips(clips: Sequence[TrainClip], weights: Mapping[str, float]) -> list[TrainClip]:
    """Return the clips of sources that count.

    Args:
        clips: of any source.
        weights: by source; empty if all count the same.

    Raises:
        BadOption: a source has no weight although others have, or none counts.
    """
    sources = {clip.info.source for clip in clips}
    if weights and not sources <= weights.keys():
        raise BadOption(
            f"data.weights has nothing for the source {min(sources - weights.keys())!r}",
            expected="a weight for each source in the data",
            action="Add one; 0 leaves the source out",
        )
    chosen = [clip for clip in clips if weights.get(clip.info.source, 1.0) > 0]
    if not chosen:
        raise BadOption(
            "data.weights is 0 for every source",
            expected=f"one of {', '.join(sorted(sources))} above 0",
        )
    return chosen


class PairSampler:
    """Draws the pairs of a run.

    Args:
        clips: what there is to draw from, of sources that count.
        config: how it is mixed.
        flip: probability of a mirror image.
        flip_apart: probability that the drawings of a pair are mirrored each for itself.
        seed: of the run.
        batch_pairs: pairs a batch.
    """

    def __init__(
        self,
        clips: Sequence[TrainClip],
        config: DataConfig,
        flip: float,
        flip_apart: float,
        seed: int,
        batch_pairs: int,
    ) -> None:
        self.clips = list(clips)
        self.config = config
        self.flip = flip
        self.flip_apart = flip_apart
        self.seed = seed
        self.batch_pairs = batch_pairs
        self.sources = sorted({clip.info.source for clip in clips})
        share = np.array([config.weights.get(source, 1.0) for source in self.sources])
        self.shares = share / share.sum()
        self.members = [
            [n for n, clip in enumerate(self.clips) if clip.info.source == source]
            for source in self.sources
        ]

    def draw(self, index: int) -> Pair:
        """Return pair number `index` of the run."""
        rng = np.random.default_rng([self.seed, index])
        members = self.members[rng.choice(len(self.sources), p=self.shares)]
        clip = int(members[rng.integers(len(members))])
        count = len(self.clips[clip].counts)
        distance = self._draw_distance(count, rng)
        first = int(rng.integers(count - distance))
        frames = (first, first + distance) if rng.random() < 0.5 else (first + distance, first)
        flips = rng.random(2) < self.flip
        if rng.random() >= self.flip_apart:
            flips[1] = flips[0]
        views = 1 + rng.integers(self.config.views or FRESH_VIEWS, size=2)
        if rng.random() < self.config.as_drawn:
            views[:] = AS_DRAWN
        ref, target = zip(frames, views.tolist(), strict=True)
        mirrored = bool(flips[0]), bool(flips[1])
        return Pair(clip, ref, target, mirrored, int(rng.integers(2**32)))

    def draw_batch(self, step: int) -> list[Pair]:
        """Return the pairs of a step."""
        chunk, place = divmod(step, CHUNK)
        return self._draw_chunk(chunk)[place]

    def _draw_distance(self, count: int, rng: np.random.Generator) -> int:
        """Return how far apart two of `count` frames shall be; 0 where there is but one."""
        if count == 1:
            return 0
        ranges = [(1, 1), (2, min(NEAR, count - 1)), (NEAR + 1, count - 1)]
        weights = np.array([self.config.next, self.config.near, self.config.far])
        weights *= [low <= high for low, high in ranges]
        if not weights.any():  # too short for what is wanted: as far apart as can be
            return count - 1
        low, high = ranges[rng.choice(3, p=weights / weights.sum())]
        return int(rng.integers(low, high + 1))

    @lru_cache(maxsize=2)  # noqa: B019 - a run has one sampler
    def _draw_chunk(self, chunk: int) -> list[list[Pair]]:
        """Return the batches of a chunk: pairs by size, batches in random order."""
        first = chunk * CHUNK * self.batch_pairs
        pairs = [self.draw(first + n) for n in range(CHUNK * self.batch_pairs)]
        pairs.sort(key=self._size)
        batches = [pairs[n : n + self.batch_pairs] for n in range(0, len(pairs), self.batch_pairs)]
        order = np.random.default_rng([self.seed, chunk, 1]).permutation(CHUNK)
        return [batches[n] for n in order]

    def _size(self, pair: Pair) -> int:
        """Return about how many segments a pair has."""
        counts = self.clips[pair.clip].counts
        most = self.config.max_segments
        return max(min(counts[pair.ref[0]], most), min(counts[pair.target[0]], most))


class Batches(Dataset[PairBatch]):
    """Batch number `step` of a run, or this process's part of it.

    Args:
        source: gives the views.
        sampler: draws the pairs.
        rank: number of this process.
        world: processes that share the batches.
    """

    def __init__(
        self, source: FrameSource, sampler: PairSampler, rank: int = 0, world: int = 1
    ) -> None:
        self.source = source
        self.sampler = sampler
        self.rank = rank
        self.world = world

    def __getitem__(self, step: int) -> PairBatch:
        """Return the batch of a step."""
        pairs = self.sampler.draw_batch(step)[self.rank :: self.world]
        config = self.sampler.config
        return collate([vary_pair(load_pair(self.source, pair), pair, config) for pair in pairs])


def load_pair(source: FrameSource, pair: Pair) -> tuple[FrameTokens, FrameTokens]:
    """Return the views of a pair's reference and target."""
    return source.load(pair.clip, *pair.ref), source.load(pair.clip, *pair.target)


def vary_pair(
    views: tuple[FrameTokens, FrameTokens], pair: Pair, config: DataConfig
) -> tuple[FrameTokens, FrameTokens]:
    """Return the views of a pair as they are learned from: what tokens can be given at no cost.

    Each is mirrored if the pair says so, reframed or not, and loses segments at random.
    """
    rng = np.random.default_rng(pair.seed)
    ref, target = (
        _vary(view.mirrored() if mirrored else view, config, rng)
        for view, mirrored in zip(views, pair.mirrored, strict=True)
    )
    return ref, target


def collate(pairs: Sequence[tuple[FrameTokens, FrameTokens]]) -> PairBatch:
    """Return pairs of reference and target as one batch.

    >>> ref = FrameTokens(
    ...     np.zeros((2, 6, 32, 32), np.uint8), np.zeros((2, 4), np.float32),
    ...     np.ones(2, np.int32), np.array([9, 7], np.int32), np.array([-1, -1]),
    ... )
    >>> truth = collate([(ref, ref.take(np.array([1])))]).truth
    >>> truth.target_colors.shape, truth.target_colors[0, :3]
    (torch.Size([1, 16]), tensor([ 0, -1, -1]))
    """
    numbered = []
    for ref, target in pairs:
        colors = np.unique(np.concatenate([ref.colors, target.colors]), return_inverse=True)[1]
        known, regions = np.unique(
            np.concatenate([ref.regions, target.regions]), return_inverse=True
        )
        regions = np.where(known < 0, ABSENT, np.arange(len(known)))[regions]
        numbered.append((np.split(colors, [len(ref)]), np.split(regions, [len(ref)])))
    return PairBatch(
        ref=_stack([ref for ref, _ in pairs]),
        target=_stack([target for _, target in pairs]),
        truth=PairTruth(
            ref_colors=_pad([colors[0] for colors, _ in numbered], ABSENT),
            target_colors=_pad([colors[1] for colors, _ in numbered], ABSENT),
            ref_regions=_pad([regions[0] for _, regions in numbered], ABSENT),
            target_regions=_pad([regions[1] for _, regions in numbered], ABSENT),
        ),
        target_areas=_pad([target.areas for _, target in pairs], 0),
    )


def evaluation_pairs(count: int, *, distant: bool) -> list[tuple[int, int]]:
    """Return reference and target frames of a clip of `count` that are measured on.

    Each frame but the first is a target with the one before it; or, of distant ones, each frame
    with the one half the clip away. In clips of less than four frames none counts as distant.

    >>> evaluation_pairs(4, distant=False), evaluation_pairs(4, distant=True)
    ([(0, 1), (1, 2), (2, 3)], [(2, 0), (3, 1), (0, 2), (1, 3)])
    """
    if not distant:
        return [(n - 1, n) for n in range(1, count)]
    half = count // 2
    return [((n + half) % count, n) for n in range(count)] if count >= 4 else []


def spread_pairs(
    clips: Sequence[TrainClip], numbers: Sequence[int], *, distant: bool, most: int
) -> list[Pair]:
    """Return pairs as drawn, at most `most`, spread evenly over clips and frames.

    Args:
        clips: all clips.
        numbers: which of them are meant.
        distant: see `evaluation_pairs`.
        most: of pairs.
    """
    pairs = [
        Pair(n, (ref, AS_DRAWN), (target, AS_DRAWN))
        for n in numbers
        for ref, target in evaluation_pairs(len(clips[n].counts), distant=distant)
    ]
    if len(pairs) <= most:
        return pairs
    return [pairs[n] for n in np.linspace(0, len(pairs) - 1, most).round().astype(int)]


def _vary(tokens: FrameTokens, config: DataConfig, rng: np.random.Generator) -> FrameTokens:
    """Return a view reframed, or not, and with some of its segments, at least one."""
    scale = np.exp(rng.uniform(-1, 1) * np.log1p(config.reframe_scale))
    x, y = rng.uniform(-1, 1, 2) * config.reframe_shift
    if rng.random() < config.reframe:
        tokens = tokens.reframed(float(scale), (float(x), float(y)))
    kept = round(len(tokens) * (1 - rng.uniform(0, config.forget)))
    kept = min(max(kept, 1), config.max_segments)
    if kept >= len(tokens):
        return tokens
    return tokens.take(np.sort(rng.choice(len(tokens), kept, replace=False)))


def _stack(frames: Sequence[FrameTokens]) -> SegmentBatch:
    """Return the segments of B frames, padded to one length."""
    most = _padded(frames)
    crops = np.zeros((len(frames), most, *frames[0].crops.shape[1:]), np.uint8)
    boxes = np.zeros((len(frames), most, 4), np.float32)
    mask = np.zeros((len(frames), most), bool)
    for row, frame in enumerate(frames):
        crops[row, : len(frame)], boxes[row, : len(frame)] = frame.crops, frame.boxes
        mask[row, : len(frame)] = True
    return SegmentBatch(torch.from_numpy(crops), torch.from_numpy(boxes), torch.from_numpy(mask))


def _pad(rows: Sequence[NDArray[np.integer]], padding: int) -> Tensor:
    """(B, L) int64: rows of different lengths."""
    padded = np.full((len(rows), _padded(rows)), padding, np.int64)
    for at, row in enumerate(rows):
        padded[at, : len(row)] = row
    return torch.from_numpy(padded)


def _padded(rows: Sequence[Sized]) -> int:
    """Return the length that rows of different lengths are padded to."""
    return math.ceil(max(map(len, rows)) / LENGTHS) * LENGTHS
