"""Pairs and batches: pure functions of seed and number, mixed as asked."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import torch
from msgspec.structs import replace

from shiage.data.augment import AugmentSettings
from shiage.data.dataset import ClipInfo
from shiage.errors import BadOption
from shiage.matching.crops import CHANNELS
from shiage.training.config import DataConfig
from shiage.training.frames import (
    AS_DRAWN,
    FrameSource,
    FrameTokens,
    TrainClip,
    find_clips,
)
from shiage.training.losses import ABSENT
from shiage.training.pairs import (
    CHUNK,
    LENGTHS,
    NEAR,
    Batches,
    Pair,
    PairSampler,
    collate,
    evaluation_pairs,
    spread_pairs,
    vary_pair,
    weighted_clips,
)


def clip(source: str, counts: tuple[int, ...]) -> TrainClip:
    names = tuple(f"{n:04}" for n in range(len(counts)))
    info = ClipInfo(Path(source), source, "CC0", "toy", "train", (8, 8), names)
    return TrainClip(info, source, counts)


CLIPS = [clip("rendered", (10,) * 12), clip("hand-drawn", (40,) * 12), clip("vector", (5, 5, 5))]


def sampler(
    flip: float = 0.5, flip_apart: float = 0.5, *, seed: int = 0, **data: object
) -> PairSampler:
    config = replace(DataConfig(), **data)
    return PairSampler(CLIPS, config, flip, flip_apart, seed, batch_pairs=4)


def random_tokens(count: int, seed: int = 0) -> FrameTokens:
    rng = np.random.default_rng(seed)
    return FrameTokens(
        crops=rng.integers(0, 256, (count, len(CHANNELS), 8, 8)).astype(np.uint8),
        boxes=rng.random((count, 4)).astype(np.float32),
        areas=rng.integers(1, 99, count).astype(np.int32),
        colors=rng.integers(0, 4, count).astype(np.int32),
        regions=rng.integers(-1, 3, count),
    )


def test_a_pair_follows_from_seed_and_number() -> None:
    pairs = [sampler().draw(n) for n in range(50)]
    assert pairs == [sampler().draw(n) for n in range(50)]
    assert pairs != [sampler(seed=1).draw(n) for n in range(50)]


def test_sources_by_weight() -> None:
    weights = {"rendered": 3.0, "hand-drawn": 1.0, "vector": 0.0, "absent": 9.0}
    chosen = weighted_clips(CLIPS, weights)
    assert [clip.info.source for clip in chosen] == ["rendered", "hand-drawn"]
    weighted = PairSampler(chosen, DataConfig(weights=weights), 0.5, 0.5, 0, 4)
    found = Counter(weighted.draw(n).clip for n in range(800))
    assert found[0] / 800 == pytest.approx(0.75, abs=0.05)
    assert weighted_clips(CLIPS, {}) == CLIPS


def test_each_source_needs_a_weight() -> None:
    with pytest.raises(BadOption, match="'hand-drawn'"):
        weighted_clips(CLIPS, {"rendered": 1.0, "vector": 1.0})
    with pytest.raises(BadOption, match="0 for every source"):
        weighted_clips(CLIPS[:1], {"rendered": 0.0})


@pytest.mark.parametrize(
    ("share", "low", "high"), [("next", 1, 1), ("near", 2, NEAR), ("far", NEAR + 1, 11)]
)
def test_distances(share: str, low: int, high: int) -> None:
    shares = {"next": 0.0, "near": 0.0, "far": 0.0, share: 1.0}
    config = DataConfig(**shares)  # type: ignore[arg-type]
    asked = PairSampler(CLIPS[:2], config, 0.5, 0.5, 0, 4)
    drawn = [asked.draw(n) for n in range(300)]
    apart = [pair.target[0] - pair.ref[0] for pair in drawn]
    assert {abs(n) for n in apart} == set(range(low, high + 1))
    assert min(apart) < 0 < max(apart)
    assert {f for pair in drawn for f in (pair.ref[0], pair.target[0])} == set(range(12))


def test_short_clips_give_what_they_can() -> None:
    far = PairSampler(CLIPS[2:], DataConfig(next=0, near=0, far=1), 0.5, 0.5, 0, 4)
    assert {abs(p.ref[0] - p.target[0]) for p in map(far.draw, range(50))} == {2}
    lonely = PairSampler([clip("vector", (5,))], DataConfig(), 0.5, 0.5, 0, 4)
    assert {(p.ref[0], p.target[0]) for p in map(lonely.draw, range(20))} == {(0, 0)}


def test_flips_apart_or_together() -> None:
    def flips(flip: float = 0.5, flip_apart: float = 0.5) -> set[tuple[bool, bool]]:
        drawn = map(sampler(flip=flip, flip_apart=flip_apart).draw, range(60))
        return {pair.mirrored for pair in drawn}

    assert len(flips(flip_apart=1.0)) == 4
    assert flips(flip_apart=0.0) == {(False, False), (True, True)}
    assert flips(flip=0.0) == {(False, False)}


def test_prepared_and_fresh_views() -> None:
    prepared = {sampler(views=2, as_drawn=0.0).draw(n).ref[1] for n in range(100)}
    assert prepared == {1, 2}
    fresh = [sampler(views=0, as_drawn=0.0).draw(n).ref[1] for n in range(100)]
    assert len(set(fresh)) == 100
    assert AS_DRAWN not in fresh


def test_a_share_of_pairs_is_as_drawn() -> None:
    pairs = [sampler(as_drawn=0.25).draw(n) for n in range(800)]
    drawn = [AS_DRAWN in (pair.ref[1], pair.target[1]) for pair in pairs]
    assert np.mean(drawn) == pytest.approx(0.25, abs=0.05)
    both = [pair.ref[1] == pair.target[1] == AS_DRAWN for pair in pairs]
    assert both == drawn


def test_batches_of_like_size_and_every_pair_once() -> None:
    drawn = sampler()
    batches = [drawn.draw_batch(step) for step in range(2 * CHUNK)]
    chunk = [pair for batch in batches[:CHUNK] for pair in batch]
    key = repr
    assert sorted(chunk, key=key) == sorted((drawn.draw(n) for n in range(4 * CHUNK)), key=key)
    mixed = sum(len({pair.clip for pair in batch}) > 1 for batch in batches)
    assert mixed <= 4
    assert batches[40] == sampler().draw_batch(40)


def test_processes_share_a_batch(toy_set: Path, toy_cache: Path) -> None:
    clips = find_clips([toy_set], "train")
    source = FrameSource(clips, AugmentSettings.none(), toy_cache)
    drawn = PairSampler(clips, DataConfig(), 0.0, 0.0, 0, 4)
    whole = Batches(source, drawn)[3]
    parts = [Batches(source, drawn, rank, 2)[3] for rank in range(2)]
    assert [len(part.target_areas) for part in parts] == [2, 2]
    areas = [tuple(row[row > 0].tolist()) for b in parts for row in b.target_areas]
    assert sorted(areas) == sorted(tuple(r[r > 0].tolist()) for r in whole.target_areas)


def test_shapes_of_batches_are_few() -> None:
    shapes = {
        collate([(random_tokens(m, 1), random_tokens(m, 2))]).ref.boxes.shape
        for m in range(1, 2 * LENGTHS + 1)
    }
    assert shapes == {(1, LENGTHS, 4), (1, 2 * LENGTHS, 4)}


def test_collated_rows_and_padding() -> None:
    pairs = [(random_tokens(3, 1), random_tokens(5, 2)), (random_tokens(4, 3), random_tokens(2, 4))]
    batch = collate(pairs)
    assert batch.ref.crops.shape == (2, LENGTHS, len(CHANNELS), 8, 8)
    assert batch.ref.crops.dtype == torch.uint8
    assert batch.ref.mask.sum(1).tolist() == [3, 4]
    assert batch.target.mask.sum(1).tolist() == [5, 2]
    for row, (ref, target) in enumerate(pairs):
        m, n = len(ref), len(target)
        assert (batch.ref.boxes[row, :m].numpy() == ref.boxes).all()
        assert batch.target_areas[row].tolist() == [*target.areas, *[0] * (LENGTHS - n)]
        truth = [part[row] for part in batch.truth]
        for numbers, count in zip(truth, (m, n, m, n), strict=True):
            assert (numbers[count:] == ABSENT).all()
        same = truth[1][:n, None] == truth[0][None, :m]
        assert (same.numpy() == (target.colors[:, None] == ref.colors[None])).all()
        known = target.regions >= 0
        assert ((truth[3][:n] != ABSENT).numpy() == known).all()
        same = truth[3][:n, None] == truth[2][None, :m]
        expected = target.regions[:, None] == ref.regions[None]
        assert (same.numpy()[known] == expected[known]).all()


AS_GIVEN = DataConfig(reframe=0.0, forget=0.0)


def vary(*counts: int, seed: int = 0, mirrored: bool = False, config: DataConfig) -> FrameTokens:
    """The reference of a pair of random drawings as it is learned from."""
    ref, target = (random_tokens(n, number) for number, n in enumerate(counts))
    pair = Pair(0, (0, AS_DRAWN), (1, AS_DRAWN), (mirrored, False), seed)
    return vary_pair((ref, target), pair, config)[0]


def test_segments_beyond_the_most_are_left_out_at_random() -> None:
    few = replace(AS_GIVEN, max_segments=3)
    seen: set[int] = set()
    for seed in range(20):
        ref = vary(8, 8, seed=seed, config=few)
        assert len(ref) == 3
        seen |= set(ref.areas.tolist())
    assert seen == set(random_tokens(8).areas.tolist())


def test_segments_are_forgotten_but_never_all() -> None:
    counts = {len(vary(10, 1, seed=n, config=replace(AS_GIVEN, forget=0.5))) for n in range(60)}
    assert counts == {5, 6, 7, 8, 9, 10}
    assert len(vary(1, 1, config=replace(AS_GIVEN, forget=0.99))) == 1


def test_framed_anew_within_bounds() -> None:
    config = replace(AS_GIVEN, reframe=1.0, reframe_scale=0.5, reframe_shift=0.1)
    boxes = random_tokens(6).boxes
    scales = []
    for seed in range(40):
        moved = vary(6, 6, seed=seed, config=config).boxes
        scale = moved[:, 2:] / boxes[:, 2:]
        np.testing.assert_allclose(scale, scale[0, 0], rtol=1e-4)
        shift = moved[:, :2] - boxes[:, :2] * scale[0, 0]
        np.testing.assert_allclose(shift - shift[0], 0, atol=1e-5)
        assert np.abs(shift).max() <= 0.1 + 1e-5
        scales.append(scale[0, 0])
    assert 1 / 1.5 - 1e-4 <= min(scales) < 0.8
    assert 1.2 < max(scales) <= 1.5 + 1e-4


def test_mirrored_as_the_pair_says() -> None:
    drawn = random_tokens(6)
    np.testing.assert_array_equal(vary(6, 6, config=AS_GIVEN).boxes, drawn.boxes)
    mirrored = vary(6, 6, mirrored=True, config=AS_GIVEN)
    np.testing.assert_array_equal(mirrored.crops, drawn.mirrored().crops)
    np.testing.assert_array_equal(mirrored.boxes, drawn.mirrored().boxes)


def test_pairs_to_measure_on() -> None:
    assert evaluation_pairs(1, distant=False) == evaluation_pairs(3, distant=True) == []
    far = evaluation_pairs(7, distant=True)
    assert {target for _, target in far} == set(range(7))
    assert min(abs(ref - target) for ref, target in far) >= 3
    every = spread_pairs(CLIPS, [0, 2], distant=False, most=100)
    assert len(every) == 13
    some = spread_pairs(CLIPS, [0, 2], distant=False, most=5)
    assert len(set(some)) == 5
    assert {pair.clip for pair in some} == {0, 2}
