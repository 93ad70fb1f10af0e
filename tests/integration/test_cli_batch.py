"""`shiage batch` over an episode: what is a cut, one failing beside others, stopped and resumed."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tests.command_line import start
from tests.drawings import enlarged
from tests.integration.conftest import (
    Told,
    assert_nothing_half_written,
    draw_cut,
    draw_figure,
    draw_key,
    finish,
    hash_tree,
    load,
    paint,
    save,
    shiage,
    shiage_each,
)


def make_episode(folder: Path, cuts: int = 3, cels: int = 3) -> Path:
    """Cuts c001, c002, ... of the figure walking, the first cel of each painted."""
    for number in range(1, cuts + 1):
        draw_cut(folder / f"c{number:03}", cels)
        draw_key(folder / f"c{number:03}" / "ref" / "A0001.png")
    return folder


def batch(folder: Path, *options: str | Path) -> Told:
    return shiage("batch", "ep", "--json", *options, cwd=folder)


def statuses(told: Told) -> dict[str, str]:
    return {cut["name"]: cut["status"] for cut in told.json["cuts"]}


def painted_cels(out: Path) -> dict[str, str]:
    """SHA-256 of the painted cels of all cuts."""
    return {name: sha for name, sha in hash_tree(out).items() if name.endswith(".png")}


def test_each_cut_comes_out_as_by_paint(tmp_path: Path) -> None:
    make_episode(tmp_path / "ep", 2)
    before = hash_tree(tmp_path / "ep")
    told = batch(tmp_path, "--report").ok()
    assert statuses(told) == {"c001": "painted", "c002": "painted"}
    assert [(c["painted"], c["given"], c["failed"]) for c in told.json["cuts"]] == [(2, 1, 0)] * 2
    assert hash_tree(tmp_path / "ep") == before
    paint("ep/c002", "--out", "alone", cwd=tmp_path).ok()
    out = tmp_path / "ep_painted"
    for name, sha in painted_cels(tmp_path / "alone").items():
        assert painted_cels(out / "c002")[name] == sha
    assert json.loads((out / "episode.json").read_text()) == told.json
    page = (out / "episode.html").read_text()
    assert 'href="c001/report.html"' in page
    assert "Needs attention" not in page


def test_what_goes_wrong_in_one_cut_stays_there(tmp_path: Path) -> None:
    ep = make_episode(tmp_path / "ep", 6)
    (ep / "c002" / "A0002.png").write_bytes(b"the dog ate it")
    (ep / "c003" / "ref" / "A0001.png").write_bytes(b"")
    for path in (ep / "c004" / "ref").iterdir():
        path.unlink()
    (ep / "c005" / "shiage.toml").write_text("gap = 9999")
    (ep / "notes").mkdir()
    (ep / "notes" / "readme.txt").write_text("no drawing")
    told = batch(tmp_path)
    told.fails(
        "c002: ep/c002/A0002.png: the content is in no picture format",
        "c003: ep/c003: no reference can be used",
        "c004: ep/c004: no reference",
        "c005/shiage.toml: gap = 9999",
        "ep/notes: passed over, there is no drawing in it",
    )
    assert list(statuses(told).values()) == ["painted", "partly", *["failed"] * 3, "painted"]
    out = tmp_path / "ep_painted"
    assert sorted(painted_cels(out / "c002")) == ["A0001.png", "A0003.png"]
    assert len(painted_cels(out / "c006")) == 3
    page = (out / "episode.html").read_text()
    assert page.index(">c005</th>") < page.index(">c002</th>") < page.index(">c001</th>")
    assert "the content is in no picture format" in page
    draw_key(ep / "c003" / "ref" / "A0001.png")
    (ep / "c005" / "shiage.toml").unlink()
    save(ep / "c002" / "A0002.png", draw_figure(3))
    draw_key(ep / "c004" / "ref" / "A0001.png")
    assert set(statuses(batch(tmp_path, "--resume").ok(err="notes")).values()) == {"painted"}
    assert len(painted_cels(out)) == 18


def test_nothing_is_painted_again_unasked(tmp_path: Path) -> None:
    make_episode(tmp_path / "ep", 3, 2)
    batch(tmp_path, "--only", "c001", "--only", "c003").ok()
    out = tmp_path / "ep_painted"
    before = hash_tree(out)
    batch(tmp_path).fails("ep_painted", "was painted there already", "--resume", "--force")
    batch(tmp_path, "--only", "d*").fails("no cut is named d*", "such as c001")
    assert hash_tree(out) == before
    told = batch(tmp_path, "--only", "c001", "--force", "--traces", "keep").ok()
    assert statuses(told) == {"c001": "painted", "c002": "waiting", "c003": "painted"}
    run = [json.loads((out / f"c00{n}/_shiage/run.json").read_text()) for n in (1, 3)]
    assert [one["settings"]["traces"] for one in run] == ["keep", "auto"]


def test_presets_of_the_episode_and_of_a_cut(tmp_path: Path) -> None:
    ep = make_episode(tmp_path / "ep", 2, 2)
    (ep / "shiage.toml").write_text('gap = 7\nmin-area = 6\npainted-name = "{cut} done"\n')
    (ep / "c002" / "shiage.toml").write_text("gap = 3")
    told = shiage("batch", "ep", "--min-area", "9", cwd=tmp_path).ok()
    assert str(ep / "shiage.toml") in told.out
    out = tmp_path / "ep done"
    runs = [json.loads((out / f"c00{n}/_shiage/run.json").read_text()) for n in (1, 2)]
    found = [run["settings"]["segments"] for run in runs]
    assert [(segments["gap"], segments["min_area"]) for segments in found] == [(7, 9), (3, 9)]
    presets = [cut["presets"] for cut in json.loads((out / "episode.json").read_text())["cuts"]]
    assert presets == [str(ep / "shiage.toml"), str(ep / "c002" / "shiage.toml")]


def test_folders_that_are_no_episode(tmp_path: Path) -> None:
    draw_cut(tmp_path / "cut")
    (tmp_path / "empty" / "sub").mkdir(parents=True)
    names = ("cut", "empty", "gone")
    cut, empty, gone = shiage_each(*(["batch", name] for name in names), cwd=tmp_path)
    cut.fails("cut: no cut found", "shiage paint")
    empty.fails("empty: no cut found", "folders of the cuts")
    gone.fails("gone: no such folder")


def test_a_cut_that_hangs_is_given_up(tmp_path: Path) -> None:
    ep = make_episode(tmp_path / "ep", 2, 2)
    (ep / "c001" / "ref" / "A0001.png").unlink()
    os.mkfifo(ep / "c001" / "ref" / "A0001.png")  # whoever reads it waits for ever
    told = batch(tmp_path, "--patience", "0.05", "--processes", "1")
    told.fails("c001: ep/c001: no cel was finished within 0.05 minutes", "--patience")
    assert statuses(told) == {"c001": "failed", "c002": "painted"}


# -- stopped and resumed ---------------------------------------------------------------------

CELS = 12


@pytest.fixture(scope="module")
def episode(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with `ep`: three cuts of large cels; and `whole`, the same painted in one go."""
    folder = tmp_path_factory.mktemp("episode")
    for cut in (1, 2, 3):
        for number in range(CELS):
            drawing = enlarged(draw_figure(3 * number - 12, dy=cut), 3)
            save(folder / "ep" / f"c{cut:03}" / f"A{number:04}.png", drawing)
        key = enlarged(draw_figure(-12, dy=cut, painted=True), 3)
        save(folder / "ep" / f"c{cut:03}" / "ref" / "A0000.png", key)
    batch(folder, "--out", "whole").ok()
    return folder


def wait_for(what: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not what():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def children_of(pid: int) -> list[int]:
    return [int(c) for c in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def stop_midway(episode: Path, out: Path, stop: Callable[[int], None]) -> Told:
    """Start painting on two processes, and stop it when a few cels of two cuts are done."""
    options: list[str | Path] = ["--json", "--processes", "2", "--out", out]
    process = start("batch", "ep", *options, cwd=episode, before=os.setpgrp)

    def begun() -> bool:
        done = [len(list(out.glob(f"c00{n}/_shiage/cels/*.json"))) for n in (1, 2)]
        return min(done) >= 2

    wait_for(begun)
    stop(process.pid)
    return finish(process)


def set_back(out: Path) -> set[str]:
    """Make all files an hour old, and return the names of the cels on record."""
    then = time.time() - 3600
    for path in out.rglob("*"):
        os.utime(path, (then, then))
    return {
        path.relative_to(out).as_posix().replace("_shiage/cels/", "").removesuffix(".json")
        for path in out.glob("*/_shiage/cels/*.json")
    }


def resume_and_compare(episode: Path, out: Path) -> None:
    """After --resume every cel is as in one go, and none that was on record was written again."""
    on_record = set_back(out)
    assert 4 <= len(on_record) < 3 * CELS
    told = batch(episode, "--out", out, "--resume").ok()
    assert set(statuses(told).values()) == {"painted"}
    assert painted_cels(out) == painted_cels(episode / "whole")
    limit = time.time() - 1800
    fresh = {name for name in painted_cels(out) if (out / name).stat().st_mtime > limit}
    assert fresh.isdisjoint(on_record)
    assert len(fresh) == 3 * CELS - len(on_record)
    assert_nothing_half_written(out / "c003")
    assert not json.loads((out / "episode.json").read_text())["interrupted"]


def test_killed_with_all_its_processes(episode: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    stop_midway(episode, out, lambda pid: os.killpg(pid, signal.SIGKILL))
    assert json.loads((out / "episode.json").read_text())["interrupted"]
    assert "has not finished" in (out / "episode.html").read_text()
    resume_and_compare(episode, out)


def test_ctrl_c(episode: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    told = stop_midway(episode, out, lambda pid: os.killpg(pid, signal.SIGINT))
    told.fails("interrupted", "--resume", code=130)
    found = set(statuses(told).values())  # one of the first two cuts may have come to its end
    assert found <= {"painted", "interrupted", "waiting"}
    assert "interrupted" in found
    counts = [cut["painted"] + cut["given"] for cut in told.json["cuts"]]
    assert counts == [len(list(out.glob(f"c00{n}/*.png"))) for n in (1, 2, 3)]
    assert_nothing_half_written(out)
    resume_and_compare(episode, out)


def test_the_cuts_stop_when_the_batch_dies(episode: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    children: list[int] = []

    def kill(pid: int) -> None:
        children.extend(children_of(pid))
        os.kill(pid, signal.SIGKILL)

    stop_midway(episode, out, kill)
    assert len(children) == 2
    wait_for(lambda: not any(is_alive(child) for child in children))
    assert_nothing_half_written(out)
    assert len(painted_cels(out)) < 2 * CELS


def test_resume_goes_on_with_what_force_began(tmp_path: Path) -> None:
    ep = make_episode(tmp_path / "ep", 2, 2)
    batch(tmp_path).ok()
    key = ep / "c001" / "ref" / "A0001.png"
    key.unlink()
    os.mkfifo(key)
    args = ["batch", "ep", "--processes", "1", "--json", "--traces", "keep"]
    process = start(*args, "--force", cwd=tmp_path, before=os.setpgrp)
    wait_for(lambda: len(children_of(process.pid)) == 1)
    os.killpg(process.pid, signal.SIGKILL)
    finish(process)
    key.unlink()
    draw_key(key)
    assert set(statuses(shiage(*args, "--resume", cwd=tmp_path).ok()).values()) == {"painted"}
    for cut in ("c001", "c002"):
        run = json.loads((tmp_path / "ep_painted" / cut / "_shiage" / "run.json").read_text())
        assert run["settings"]["traces"] == "keep"


def test_a_process_that_is_killed(tmp_path: Path) -> None:
    ep = make_episode(tmp_path / "ep", 2, 2)
    pipe = ep / "c001" / "ref" / "A0001.png"
    pipe.unlink()
    os.mkfifo(pipe)
    process = start("batch", "ep", "--json", "--processes", "2", cwd=tmp_path)
    out = tmp_path / "ep_painted"
    wait_for(lambda: len(list(out.glob("c002/_shiage/cels/*.json"))) == 2)
    wait_for(lambda: len(children_of(process.pid)) == 1)  # c002 is over
    os.kill(children_of(process.pid)[0], signal.SIGKILL)
    told = finish(process)
    told.fails("c001: ep/c001: its process was ended (SIGKILL)", "memory", "--resume")
    assert statuses(told) == {"c001": "failed", "c002": "painted"}
    np.testing.assert_array_equal(load(out / "c002" / "A0002.png"), draw_figure(3, painted=True))
