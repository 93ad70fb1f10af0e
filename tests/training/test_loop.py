"""Runs: they learn, can be killed at any time, and end when they should."""

from __future__ import annotations

import dataclasses
import itertools
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
from msgspec.structs import replace

from shiage.bench.contenders import find_contender
from shiage.bench.protocols import parse_protocol
from shiage.bench.runner import BenchJob, run_bench
from shiage.data.dataset import Clip, list_clips, read_clip
from shiage.errors import DatasetError, OutputExists, ShiageError
from shiage.models.checkpoints import load_model, read_checkpoint
from shiage.models.export import export_onnx
from shiage.progress import Progress
from shiage.training.config import OptimizerConfig, TrainConfig, load_config
from shiage.training.logs import read_log
from shiage.training.loop import TrainJob, TrainRecord, train
from shiage.training.optimization import computes_bfloat16, learning_rate
from shiage.training.validation import SCORE
from tests.training.toy_data import toy_config, write_toy_set


@pytest.fixture(autouse=True)
def _threads() -> Iterator[None]:
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


@pytest.fixture
def config(toy_set: Path, toy_cache: Path) -> TrainConfig:
    return toy_config(toy_set, toy_cache)


@pytest.fixture(scope="module")
def whole(toy_set: Path, toy_cache: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run that nothing disturbed."""
    folder = tmp_path_factory.mktemp("whole")
    train(TrainJob(toy_config(toy_set, toy_cache), folder))
    return folder


class Killed(Exception):
    """Stands for a kill."""


def kill_at(pairs: int) -> Progress:
    def progress(_name: str, done: int, total: int) -> None:
        if done == pairs and total != 24:  # 24 views are prepared
            raise Killed

    return progress


def changed(config: TrainConfig, **run: object) -> TrainConfig:
    return replace(config, run=replace(config.run, **run))


def assert_same_state(one: Path, other: Path, name: str = "last.pt") -> None:
    """Everything but the time is the same, bit for bit."""
    first, second = read_checkpoint(one / name), read_checkpoint(other / name)
    timeless = dataclasses.replace(first.progress, minutes=0)
    assert timeless == dataclasses.replace(second.progress, minutes=0)
    for state in ("weights", "averaged"):
        mine, yours = getattr(first, state), getattr(second, state)
        assert mine.keys() == yours.keys()
        assert all(torch.equal(mine[key], yours[key]) for key in mine)
    moments = [c.optimizer["state"] for c in (first, second)]
    for number, values in moments[0].items():
        assert all(torch.equal(values[key], moments[1][number][key]) for key in values)


def losses_of(run: Path) -> list[tuple[float | None, ...]]:
    return [(r["step"], r.get("loss/total"), r.get(SCORE)) for r in read_log(run)]


def test_learns_its_training_clips_by_heart(toy_set: Path, toy_cache: Path, tmp_path: Path) -> None:
    config = toy_config(toy_set, toy_cache, pairs=160, validate_every=160)
    record = train(TrainJob(config, tmp_path / "run"))
    assert record.ended == "done"
    assert record.pairs == 160
    learned = find_contender(str(tmp_path / "run" / "last.pt"))
    protocols = [parse_protocol("next"), parse_protocol("half")]
    clips = list(list_clips(toy_set, "train"))
    rows = run_bench(BenchJob(tmp_path / "bench", {"toy": clips}, [learned], protocols, jobs=1))
    assert len(rows) == 2
    for row in rows:
        assert row.scores.accuracy is not None
        assert row.scores.accuracy > 0.95


def test_what_a_run_leaves(config: TrainConfig, whole: Path) -> None:
    names = {path.name for path in whole.iterdir()}
    assert names == {"config.toml", "log.csv", "curves.png", "last.pt", "best.pt", "tensorboard"}
    assert load_config(whole / "config.toml") == config
    rows = read_log(whole)
    assert [r["pairs"] for r in rows if "loss/total" in r] == [16, 32, 48, 64]
    validated = [r for r in rows if SCORE in r]
    assert [r["pairs"] for r in validated] == [32, 64]
    places = {key.rsplit("/", 1)[0] for key in validated[0]} - {SCORE.split("/")[0], "pairs"}
    assert "validation/rendered/next" in places
    assert "validation/rendered/far" in places
    last = read_checkpoint(whole / "last.pt")
    assert last.progress.best == pytest.approx(max(r[SCORE] for r in validated))
    assert last.config["run"]["pairs"] == 64
    assert len(last.commit) in (0, 40, 41)


@pytest.mark.parametrize("killed_at", [32, 48])
def test_killed_and_resumed_is_not_killed(
    config: TrainConfig, whole: Path, tmp_path: Path, killed_at: int
) -> None:
    with pytest.raises(Killed):
        train(TrainJob(config, tmp_path), kill_at(killed_at))
    record = train(TrainJob(config, tmp_path, resume=True))
    assert record.pairs == 64
    for name in ("last.pt", "best.pt"):
        assert_same_state(whole, tmp_path, name)
    assert losses_of(whole) == losses_of(tmp_path)


def test_workers_change_nothing(config: TrainConfig, whole: Path, tmp_path: Path) -> None:
    train(TrainJob(changed(config, workers=1), tmp_path))
    assert_same_state(whole, tmp_path)
    assert losses_of(whole) == losses_of(tmp_path)


def test_seed_changes_everything(config: TrainConfig, tmp_path: Path) -> None:
    train(TrainJob(changed(config, pairs=8), tmp_path / "0"))
    train(TrainJob(changed(config, pairs=8, seed=1), tmp_path / "1"))
    one, other = (read_checkpoint(tmp_path / n / "last.pt").weights for n in "01")
    assert not torch.equal(one["project.weight"], other["project.weight"])


def test_paused_resumed_and_extended(config: TrainConfig, tmp_path: Path) -> None:
    paused = train(TrainJob(config, tmp_path, pause_after=1e-9))
    assert (paused.ended, paused.pairs) == ("paused", 0)
    done = train(TrainJob(config, tmp_path, resume=True))
    assert (done.ended, done.pairs) == ("done", 64)
    again = train(TrainJob(config, tmp_path, resume=True))
    assert (again.ended, again.pairs) == ("done", 64)
    more = train(TrainJob(changed(config, pairs=80), tmp_path, resume=True))
    assert more.pairs == 80


def test_ends_by_the_clock_with_the_rate_decayed(
    config: TrainConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticks = itertools.count()  # each look at the clock takes a second
    clock = SimpleNamespace(monotonic=lambda: float(next(ticks)))
    monkeypatch.setattr("shiage.training.loop.time", clock)
    record = train(TrainJob(changed(config, pairs=0, minutes=1, log_every=4), tmp_path))
    assert record.ended == "done"
    assert 1 <= record.minutes < 1.1
    rates = [row["learning_rate"] for row in read_log(tmp_path) if "learning_rate" in row]
    assert rates[-1] < 0.1 * max(rates)


def test_ends_early_without_a_better_validation(config: TrainConfig, tmp_path: Path) -> None:
    config = replace(config, optimizer=replace(config.optimizer, learning_rate=1e-12))
    record = train(TrainJob(changed(config, pairs=10_000, patience=2), tmp_path))
    assert record.ended == "early"
    assert (record.best_pairs, record.pairs) == (32, 96)


def test_ctrl_c_ends_cleanly(config: TrainConfig, tmp_path: Path) -> None:
    def interrupt(_name: str, done: int, total: int) -> None:
        if done == 16 and total == 64:
            os.kill(os.getpid(), signal.SIGINT)

    record = train(TrainJob(config, tmp_path), interrupt)
    assert record.ended == "interrupted"
    assert read_checkpoint(tmp_path / "last.pt").progress.pairs == record.pairs == 16
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_a_run_is_not_overwritten(config: TrainConfig, tmp_path: Path) -> None:
    train(TrainJob(changed(config, pairs=4), tmp_path))
    with pytest.raises(OutputExists, match="--resume"):
        train(TrainJob(config, tmp_path))


def test_another_model_is_not_resumed(config: TrainConfig, tmp_path: Path) -> None:
    train(TrainJob(changed(config, pairs=4), tmp_path))
    other = replace(config, model=replace(config.model, pairs=2))
    with pytest.raises(ShiageError, match="other settings"):
        train(TrainJob(other, tmp_path, resume=True))


def start_of(run: Path) -> dict[str, torch.Tensor]:
    return read_checkpoint(run / "last.pt").weights


@pytest.mark.parametrize("kind", ["checkpoint", "card"])
def test_a_run_begins_with_weights(config: TrainConfig, tmp_path: Path, kind: str) -> None:
    train(TrainJob(changed(config, pairs=32), tmp_path / "first"))
    weights = tmp_path / "first" / "last.pt"
    expected = load_model(weights)[0]
    if kind == "card":
        told = {"commit": "", "training": {}, "metrics": {}, "license": "CC0"}
        weights = tmp_path / "first.json"
        export_onnx(expected, weights, told, half=False)
    still = replace(config.optimizer, learning_rate=1e-12)
    later = changed(replace(config, optimizer=still), pairs=4, start=str(weights), seed=9)
    train(TrainJob(later, tmp_path / "second"))
    found = start_of(tmp_path / "second")
    for key, value in expected.state_dict().items():
        torch.testing.assert_close(found[key], value, rtol=0, atol=1e-9)
    # Going on is going on, not beginning anew.
    train(TrainJob(changed(config, pairs=36, start=str(weights)), tmp_path / "first", resume=True))
    assert read_checkpoint(tmp_path / "first" / "last.pt").progress.pairs == 36


def test_weights_of_another_model_are_not_begun_with(config: TrainConfig, tmp_path: Path) -> None:
    train(TrainJob(changed(config, pairs=4), tmp_path / "first"))
    other = replace(config, model=replace(config.model, dim=48))
    started = changed(other, start=str(tmp_path / "first" / "last.pt"))
    with pytest.raises(ShiageError, match=r"other settings \(dim = 32\); expected dim = 48"):
        train(TrainJob(started, tmp_path / "second"))


@pytest.mark.skipif(not computes_bfloat16(torch.device("cpu")), reason="no bfloat16 here")
def test_bfloat16_learns_about_the_same(config: TrainConfig, tmp_path: Path) -> None:
    losses = {}
    for mixed in (False, True):
        run = tmp_path / f"mixed {mixed}"
        train(TrainJob(changed(config, pairs=64, mixed_precision=mixed), run))
        losses[mixed] = [row["loss/total"] for row in read_log(run) if "loss/total" in row]
    assert losses[True] != losses[False]
    assert losses[True] == pytest.approx(losses[False], rel=0.1)


def test_loss_that_is_no_number(config: TrainConfig, tmp_path: Path) -> None:
    wild = OptimizerConfig(batch_pairs=4, learning_rate=1e30, warmup_pairs=0, clip_norm=1e30)
    with pytest.raises(ShiageError, match=r"optimizer\.learning_rate"):
        train(TrainJob(replace(config, optimizer=wild), tmp_path))


def test_no_validation_characters(toy_cache: Path, tmp_path: Path) -> None:
    data = write_toy_set(tmp_path / "data", validation=0)
    with pytest.raises(DatasetError, match="validation"):
        train(TrainJob(toy_config(data, toy_cache), tmp_path / "run"))


def test_test_characters_are_never_read(
    config: TrainConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = []

    def spy(folder: Path, names: tuple[str, ...] | None = None) -> Clip:
        read.append(folder.name)
        return read_clip(folder, names)

    monkeypatch.setattr("shiage.training.frames.read_clip", spy)
    # Without views made ahead, by other processes, all reading is done here.
    data = replace(config.data, cache=str(tmp_path / "cache"), views=0)
    record: TrainRecord = train(TrainJob(replace(config, data=data), tmp_path / "run"))
    assert record.pairs
    assert {name.partition("-")[0] for name in read} == {"train", "validation"}


def test_rate_warms_up_and_decays() -> None:
    config = OptimizerConfig(learning_rate=2.0, warmup_pairs=100, final_rate=0.1)
    assert learning_rate(config, 50, 0.0) == pytest.approx(1.0)
    assert learning_rate(config, 100, 0.0) == pytest.approx(2.0)
    assert learning_rate(config, 900, 1.0) == learning_rate(config, 900, 1.7) == pytest.approx(0.2)
