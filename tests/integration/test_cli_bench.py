"""`shiage bench` as a process: run, killed, taken up again, told, asked nonsense."""

from __future__ import annotations

import json
import signal
import time
from pathlib import Path

import pytest

from tests.command_line import start
from tests.integration.conftest import Told, finish, shiage
from tests.training.toy_data import write_toy_set


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the dataset `toy`."""
    place = tmp_path_factory.mktemp("bench")
    write_toy_set(place / "toy", test=6)
    return place


def call(folder: Path, *arguments: str, code: int = 0) -> Told:
    """The command run to its end, its exit code checked."""
    told = shiage("bench", *arguments, cwd=folder)
    assert told.code == code, told.err
    return told


def test_measured_and_told(folder: Path) -> None:
    asked = ("run", "--suite", "toy", "--matcher", "position", "--matcher", "ant", "--clips", "2")
    shown = call(folder, *asked, "--out", "told").out
    assert shown == call(folder, "table", "told").out
    assert shown.splitlines()[0].startswith("| suite | protocol | matcher | segments |")
    rows = json.loads(call(folder, "table", "told", "--json").out)
    assert [(row["protocol"], row["matcher"]) for row in rows] == [
        ("next", "position"), ("next", "ant"), ("half", "position"), ("half", "ant"),
    ]  # fmt: skip
    assert "unchecked at 99 %" in call(folder, "table", "told", "--of", "trust").out
    assert "toy" in call(folder, "table", "told", "--of", "characters").out
    call(folder, "plot", "told", "--out", "told.png")
    assert (folder / "told.png").stat().st_size > 10_000
    assert "--force" in call(folder, "plot", "told", "--out", "told.png", code=1).err
    call(folder, "plot", "told", "--out", "told.png", "--force")


def test_clicks_failures_and_scaling(folder: Path) -> None:
    of = ("--suite", "toy", "--matcher", "shape", "--clips", "1")
    rows = json.loads(call(folder, "clicks", *of, "--out", "clicks.json", "--json").out)
    assert rows == json.loads((folder / "clicks.json").read_text())
    assert {row["matcher"] for row in rows} == {"bucket", "onion skin", "shape"}
    assert "--force" in call(folder, "clicks", *of, "--out", "clicks.json", code=1).err
    assert "| toy | bucket | - |" in call(folder, "clicks", *of).out
    call(folder, "run", *of, "--out", "errors", "--quiet")
    told = call(folder, "failures", "errors", *of, "--gallery", "errors.png", "--json").out
    assert [row["protocol"] for row in json.loads(told)] == ["next", "half"]
    assert (folder / "errors.png").stat().st_size > 5_000
    shown = call(folder, "scaling", "--small", "--out", "scaling.png").out
    assert "| dense | pixels | grows by the power |" in shown
    assert (folder / "scaling.png").stat().st_size > 10_000


def test_killed_and_taken_up_again(folder: Path) -> None:
    asked = ("run", "--suite", "toy", "--matcher", "flow", "--jobs", "1")
    started = start("bench", *asked, "--out", "killed", cwd=folder)
    first, until = folder / "killed" / "predictions", time.monotonic() + 60
    while not list(first.rglob("*.npz")) and time.monotonic() < until:
        time.sleep(0.002)
    started.send_signal(signal.SIGKILL)
    finish(started)
    before = {path: path.stat().st_mtime_ns for path in first.rglob("*.npz")}
    assert 0 < len(before) < 12
    rows = json.loads(call(folder, *asked, "--out", "killed", "--json").out)
    assert {path: path.stat().st_mtime_ns for path in before} == before
    assert len(list(first.rglob("*.npz"))) == 12
    assert rows == json.loads(call(folder, *asked, "--out", "whole", "--json").out)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--suite", "nowhere"), "there is no suite 'nowhere'"),
        (("--suite", "vector"), "with --data"),
        (("--suite", "toy", "--protocol", "later"), "apart-K"),
        (("--suite", "toy", "--matcher", "nobody"), "hungarian"),
        (("--suite", "toy", "--matcher", "ant", "--matcher", "ant"), "two matchers are called ant"),
        (("--suite", "toy", "--suite", "./toy"), "two suites"),
    ],
)
def test_nonsense_is_told_in_one_line(folder: Path, arguments: tuple[str, ...], told: str) -> None:
    done = call(folder, "run", *arguments, "--out", "no", code=1)
    assert told in done.err
    assert done.err.count("\n") == 1
    assert not (folder / "no").exists()
