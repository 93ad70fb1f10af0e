"""Runs that make clips: the same bytes whatever happens on the way."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest

from shiage.data import making
from shiage.data.check import check_dataset
from shiage.data.dataset import list_clips, split_of
from shiage.data.maker import ClipSettings
from shiage.data.making import ClipTask, MakeJob, make_clips, plan_clips
from shiage.errors import BadOption, OutputExists
from tests.data.samples import BoxMaker
from tests.integration.conftest import hash_tree

ROOT = Path(__file__).parents[2]
SMALL = ClipSettings(64, 2)


def job(out: Path, clips: int = 5, **options: object) -> MakeJob:
    return replace(MakeJob(BoxMaker(), clips, out, settings=SMALL), **options)  # type: ignore[arg-type]


def test_characters_take_turns(tmp_path: Path) -> None:
    tasks = plan_clips(job(tmp_path, 10))
    assert [task.folder.name for task in tasks[:2]] == ["boxes-00000", "boxes-00001"]
    assert len({task.seed for task in tasks}) == 10
    assert set(Counter(task.character for task in tasks).values()) == {2, 3}
    assert len({task.character for task in tasks[:4]}) == 4
    assert plan_clips(job(tmp_path, 6)) == tasks[:6]
    assert plan_clips(job(tmp_path, 6, seed=1)) != tasks[:6]


def test_one_split_only(tmp_path: Path) -> None:
    names = tuple(f"c{number}" for number in range(40))
    tasks = plan_clips(job(tmp_path, 60, maker=BoxMaker(names), split="test"))
    assert {split_of(task.character) for task in tasks} == {"test"}
    with pytest.raises(BadOption, match="split validation"):
        plan_clips(job(tmp_path, maker=BoxMaker(("Ann",)), split="validation"))


def test_jobs_interruptions_and_longer_runs_change_no_byte(tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    record = make_clips(job(tmp_path / "one"), lambda _, done, total: told.append((done, total)))
    assert (record.made, record.kept, record.failed, record.frames) == (5, 0, (), 10)
    assert told == [(number, 5) for number in range(1, 6)]
    assert not check_dataset(tmp_path / "one").findings
    assert len(list(list_clips(tmp_path / "one"))) == 5
    expected = hash_tree(tmp_path / "one")

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    record = make_clips(job(tmp_path / "two", 3, jobs=2), interrupt)
    assert record.interrupted
    assert record.made == 2 == len(list(list_clips(tmp_path / "two")))  # the other was in work
    record = make_clips(job(tmp_path / "two", 5, jobs=2))
    assert (record.made, record.kept) == (3, 2)
    assert hash_tree(tmp_path / "two") == expected
    assert make_clips(job(tmp_path / "two")).kept == 5


def test_other_settings_are_refused(tmp_path: Path) -> None:
    make_clips(job(tmp_path, 2))
    before = hash_tree(tmp_path)
    for change in ({"seed": 1}, {"settings": ClipSettings(64, 3)}, {"maker": BoxMaker(("Ann",))}):
        with pytest.raises(OutputExists, match="--force"):
            make_clips(job(tmp_path, 2, **change))
    assert hash_tree(tmp_path) == before
    (tmp_path / "boxes" / "mine").mkdir()
    record = make_clips(job(tmp_path, 1, seed=1, force=True))
    assert (record.made, record.kept) == (1, 0)
    assert sorted(path.name for path in (tmp_path / "boxes").iterdir()) == [
        "boxes-00000",
        "make.json",
        "mine",
    ]
    assert json.loads((tmp_path / "boxes" / "make.json").read_text())["seed"] == 1
    (tmp_path / "boxes" / "make.json").unlink()
    with pytest.raises(OutputExists, match="1 clips"):
        make_clips(job(tmp_path, 1, seed=1))


@pytest.mark.parametrize("kind", ["fails", "dies"])
def test_failures_stay_with_their_clips(tmp_path: Path, kind: str) -> None:
    maker = BoxMaker(fails="Bob") if kind == "fails" else BoxMaker(dies="Bob")
    record = make_clips(job(tmp_path, 4, maker=maker))
    bad = next(task for task in plan_clips(job(tmp_path, 4)) if task.character == "Bob")
    ((name, message),) = record.failed
    assert name == bad.folder.name
    assert ("no legs" if kind == "fails" else "died") in message
    assert record.made == 3
    assert not bad.folder.exists()
    assert make_clips(job(tmp_path, 4)).made == 1


class DyingPool:
    """A pool where the process of the first task dies while those of the others finish."""

    def __init__(self, *_: object) -> None: ...

    def submit(self, _: object, task: ClipTask) -> Future[str]:
        future: Future[str] = Future()
        if task.folder.name == "boxes-00000":
            future.set_exception(BrokenProcessPool())
        else:
            future.set_result("")
        return future

    def shutdown(self, **_: object) -> None: ...


def test_what_finished_beside_a_death_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def in_order(running: dict[Future[str], ClipTask], **_: object) -> tuple[object, ...]:
        return list(running), []

    monkeypatch.setattr(making, "ProcessPoolExecutor", DyingPool)
    monkeypatch.setattr(making, "wait", in_order)
    told: list[str] = []
    record = make_clips(job(tmp_path, 3, jobs=3), lambda name, *_: told.append(name))
    assert [name for name, _ in record.failed] == ["boxes-00000"]
    assert record.made == 2
    assert told == ["boxes-00000", "boxes-00001", "boxes-00002"]


def test_ctrl_c_is_clean(tmp_path: Path) -> None:
    script = tmp_path / "run.py"
    script.write_text(
        f"import sys; sys.path.insert(0, {str(ROOT)!r})\n"
        "from pathlib import Path\n"
        "from shiage.data.maker import ClipSettings\n"
        "from shiage.data.making import MakeJob, make_clips\n"
        "from tests.data.samples import BoxMaker\n"
        "if __name__ == '__main__':\n"
        "    job = MakeJob(BoxMaker(), 5000, Path('out'), settings=ClipSettings(64, 2))\n"
        "    record = make_clips(job)\n"
        "    told = record.made == len(list(Path('out', 'boxes').glob('boxes-*')))\n"
        "    sys.exit(130 if record.interrupted and record.made and told else 1)\n"
    )
    process = subprocess.Popen(
        [sys.executable, script],
        cwd=tmp_path,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    first = tmp_path / "out" / "boxes" / "boxes-00001"
    deadline = time.monotonic() + 30
    while not first.exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does
    _, err = process.communicate(timeout=30)
    assert (process.returncode, err) == (130, "")
    assert not check_dataset(tmp_path / "out").findings


def test_ctrl_c_while_a_task_is_handed_on_is_not_lost(tmp_path: Path) -> None:
    task = ClipTask(tmp_path / "a", "Ann", 0)

    class Pool:
        def submit(self, *_: object) -> Future[str]:
            signal.raise_signal(signal.SIGINT)
            return Future()

    running: dict[Future[str], ClipTask] = {}
    with pytest.raises(KeyboardInterrupt):
        making._submit(cast(ProcessPoolExecutor, Pool()), task, running)
    assert list(running.values()) == [task]
