"""`shiage train` and `shiage export` as processes: killed, several at once, asked nonsense."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch
from msgspec.structs import replace

from shiage.models.checkpoints import read_checkpoint
from shiage.training.config import to_toml
from shiage.training.logs import read_log
from tests.command_line import SHIAGE, start
from tests.integration.conftest import HANGS, Told, finish, shiage
from tests.training.toy_data import toy_config, write_toy_set


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the dataset `toy` and settings in `toy.toml`."""
    place = tmp_path_factory.mktemp("train")
    write_toy_set(place / "toy")
    config = toy_config(place / "toy", place / "cache")
    config = replace(
        config, run=replace(config.run, checkpoint_every=8, log_every=8, validate_every=1000)
    )
    (place / "toy.toml").write_text(to_toml(config), encoding="utf-8")
    return place


def call(folder: Path, *arguments: str, code: int = 0) -> Told:
    """The command run to its end, its exit code checked."""
    told = shiage(*arguments, cwd=folder)
    assert told.code == code, told.err
    return told


def test_killed_and_resumed(folder: Path) -> None:
    pairs = 240
    options = ("train", "-c", "toy.toml", "--data", "toy", "--set", f"run.pairs={pairs}")
    started = start(*options, "--run", "killed", cwd=folder)
    last = folder / "runs" / "killed" / "last.pt"
    until = time.monotonic() + 60
    while not last.exists() and time.monotonic() < until:
        time.sleep(0.01)
    started.send_signal(signal.SIGKILL)
    finish(started)
    assert 0 < read_checkpoint(last).progress.pairs < pairs
    told = json.loads(call(folder, "train", "--run", "killed", "--resume", "--json").out)
    assert (told["ended"], told["pairs"]) == ("done", pairs)
    call(folder, *options, "--run", "whole", "--quiet")
    whole = read_checkpoint(folder / "runs" / "whole" / "last.pt").averaged
    resumed = read_checkpoint(last).averaged
    assert all(torch.equal(whole[key], value) for key, value in resumed.items())


def test_trained_exported_and_painted_with(folder: Path) -> None:
    options = ("-c", "toy.toml", "--data", "toy", "--set", "run.pairs=240", "--quiet")
    call(folder, "train", *options, "--run", "export")
    export = ("export", "runs/export/best.pt", "--data", "toy", "--out", "models/toy.json")
    told = json.loads(call(folder, *export, "--plot", "plot.png", "--json").out)
    assert told == json.loads((folder / "models" / "toy.json").read_text())
    assert told["training"]["pairs"] == 240
    assert told["training"]["clips"] == {"hand-drawn": 1, "rendered": 1}
    assert told["credits"] == ["hand-drawn: CC0", "rendered: CC0"]
    assert str(folder) not in json.dumps(told)
    assert {row["source"] for row in told["metrics"]["test"]} == {"rendered"}
    assert (folder / "plot.png").stat().st_size > 1000
    again = call(folder, *export, code=1)
    assert "models/toy.json: is there already" in again.err
    assert "ends in .json" in call(folder, *export[:-1], "toy", code=1).err
    # What begins with it says so, but not where it lay.
    begun = ("--from", "models/toy.json", "--run", "begun", "--set", "run.pairs=8")
    call(folder, "train", *options, *begun)
    export_begun = ("export", "runs/begun/last.pt", "--data", "toy", "--out", "models/begun.json")
    card = json.loads(call(folder, *export_begun, "--json").out)
    assert card["training"]["settings"]["run"]["start"] == "toy.json"
    assert str(folder) not in json.dumps(card)
    assert "trained on hand-drawn and rendered clips" in card["limits"]
    # The graphs say what torch does.
    bench = ("bench", "run", "--suite", "toy", "--split", "train", "--out", "bench", "--json")
    both = ("--matcher", "runs/export/best.pt", "--matcher", "models/toy.json")
    rows = json.loads(call(folder, *bench, *both).out)
    assert {row["matcher"] for row in rows} == {"export", "toy"}
    for protocol in ("next", "half"):
        first, second = (row["scores"] for row in rows if row["protocol"] == protocol)
        assert first == second
    (clip,) = (folder / "toy" / "rendered").glob("train-*")
    paint = ("paint", str(clip), "--ref", str(clip / "color" / "0001.png"))
    out = ("--out", "painted", "--matcher", "models/toy.json", "--json")
    record = json.loads(call(folder, *paint, *out).out)
    assert record["matcher"] == "models/toy.json"
    assert [cel["status"] for cel in record["cels"]].count("painted") == 5


def test_two_processes_learn_what_one_does(folder: Path) -> None:
    # Halves of a batch round otherwise than the whole, and in bfloat16 by far more.
    exact = ("--set", "run.mixed_precision=false", "--set", "run.pairs=24")
    options = ("train", "-c", "toy.toml", "--data", "toy", *exact, "--quiet")
    call(folder, *options, "--run", "one", "--set", "loss.cycle=0")
    two = (
        "-m",
        "torch.distributed.run",
        "--standalone",
        "--nproc-per-node",
        "2",
        "--no-python",
        "--",
    )
    command = [sys.executable, *two, str(SHIAGE), *options, "--run", "two", "--set", "loss.cycle=0"]
    subprocess.run(command, cwd=folder, check=True, capture_output=True, timeout=HANGS)
    one, both = (read_checkpoint(folder / "runs" / name / "last.pt") for name in ("one", "two"))
    assert one.progress.pairs == both.progress.pairs == 24
    for key, value in one.weights.items():
        torch.testing.assert_close(both.weights[key], value, rtol=1e-2, atol=1e-3)
    rates = [[row.get("learning_rate") for row in read_log(folder / "runs" / n)] for n in
             ("one", "two")]  # fmt: skip
    assert rates[0] == rates[1]


def test_nonsense_is_told_in_one_line(folder: Path) -> None:
    done = call(folder, "train", "--data", "toy", "--run", "no", "--set", "run.pars=3", code=1)
    assert "Did you mean run.pairs" in done.err
    assert "Traceback" not in done.err
    assert not (folder / "runs" / "no").exists()


@pytest.mark.parametrize(
    "arguments",
    [
        ("train", "--data", "toy", "--run", "x"),
        ("bench", "run", "--suite", "demo", "--matcher", "runs/x.pt", "--out", "bench"),
    ],
)
def test_without_torch(folder: Path, tmp_path: Path, arguments: tuple[str, ...]) -> None:
    (tmp_path / "torch.py").write_text("raise ModuleNotFoundError('no torch', name='torch')\n")
    (folder / "runs").mkdir(exist_ok=True)
    (folder / "runs" / "x.pt").write_bytes(b"never read")
    done = subprocess.run(
        [SHIAGE, *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert 'pip install "shiage[train]"' in done.stderr
    assert call(folder, *arguments[: -len(arguments) + 1], "--help").out
