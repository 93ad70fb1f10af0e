"""Nothing is overwritten unasked, and a run that was stopped is taken up where it stopped."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from pathlib import Path

import cv2
import numpy as np
import pytest

from tests.command_line import start
from tests.drawings import enlarged
from tests.integration.conftest import (
    BODY,
    LEG,
    Told,
    assert_nothing_half_written,
    draw_cut,
    draw_figure,
    draw_key,
    finish,
    hash_cels,
    hash_tree,
    load,
    paint,
    save,
    shiage,
)


def run(folder: Path, *options: str | Path) -> Told:
    """Paint the fixture's cut into `out`."""
    return paint("cut", "--ref", "key", "--out", "out", *options, cwd=folder)


def record_of(out: Path, name: str) -> Path:
    return out / "_shiage" / "cels" / f"{name}.png.json"


def set_back(folder: Path) -> None:
    """Make every file an hour old, so that what is written again can be told."""
    then = time.time() - 3600
    for path in folder.rglob("*.png"):
        os.utime(path, (then, then))


def fresh(folder: Path) -> list[str]:
    """Names of the cels written since `set_back`."""
    limit = time.time() - 1800
    return sorted(path.stem for path in folder.glob("*.png") if path.stat().st_mtime > limit)


def test_foreign_file_is_not_overwritten(cut: Path, tmp_path: Path) -> None:  # noqa: ARG001
    mine = save(tmp_path / "out" / "A0003.png", draw_figure())
    before = hash_tree(tmp_path)
    run(tmp_path, "--resume").fails("A0003.png")
    assert hash_tree(tmp_path) == before
    run(tmp_path, "--force").ok()
    np.testing.assert_array_equal(load(mine), draw_figure(6, painted=True))


def test_second_run_is_refused_unless_forced(cut: Path, tmp_path: Path) -> None:
    run(tmp_path).ok()
    before = hash_tree(tmp_path)
    set_back(tmp_path / "out")
    told = run(tmp_path).fails("out", "4 painted cels are there already", "--resume", "--force")
    assert told.out == ""
    assert fresh(tmp_path / "out") == []
    assert hash_tree(tmp_path) == before
    run(tmp_path, "--force").ok()
    assert hash_tree(tmp_path) == before
    assert fresh(tmp_path / "out") == [path.stem for path in sorted(cut.iterdir())]


def test_resume_paints_what_is_missing(tmp_path: Path) -> None:
    draw_cut(tmp_path / "cut", 8, step=5)
    draw_key(tmp_path / "key" / "A0001.png")
    out = tmp_path / "out"
    run(tmp_path).ok()
    before = hash_tree(out)
    set_back(out)
    for name in ("A0001", "A0003", "A0004", "A0008"):
        (out / f"{name}.png").unlink()
        record_of(out, name).unlink()
    (out / "A0006.png").unlink()  # its record alone must not do
    told = run(tmp_path, "--resume").ok()
    assert hash_tree(out) == before
    assert fresh(out) == ["A0001", "A0003", "A0004", "A0006", "A0008"]
    assert len(told.json["cels"]) == 8
    set_back(out)
    assert run(tmp_path, "--resume").ok().statuses == told.statuses
    assert fresh(out) == []


def test_resume_with_something_else_is_refused(cut: Path, tmp_path: Path) -> None:  # noqa: ARG001
    run(tmp_path).ok()
    before = hash_cels(tmp_path / "out")
    refused = ("out", "other references or settings", "--force")
    run(tmp_path, "--resume", "--traces", "keep").fails(*refused)
    key = draw_figure(painted=True)
    key[(key[..., :3] == (200, 30, 40)).all(axis=-1), :3] = (9, 9, 99)
    save(tmp_path / "key" / "A0001.png", key)
    run(tmp_path, "--resume").fails(*refused)
    assert hash_cels(tmp_path / "out") == before


def test_resume_after_a_drawing_has_changed(cut: Path, tmp_path: Path) -> None:
    run(tmp_path).ok()
    set_back(tmp_path / "out")
    save(cut / "A0003.png", draw_figure(7, dy=1))
    run(tmp_path, "--resume").ok()
    assert fresh(tmp_path / "out") == ["A0003"]
    painted = load(tmp_path / "out" / "A0003.png")
    np.testing.assert_array_equal(painted, draw_figure(7, dy=1, painted=True))


def test_resume_after_one_of_two_same_drawings_has_changed(tmp_path: Path) -> None:
    for number, dx in enumerate((0, 3, 3, 6), start=1):
        save(tmp_path / "cut" / f"A{number:04}.png", draw_figure(dx))
    draw_key(tmp_path / "key" / "A0001.png")
    assert run(tmp_path).ok().statuses["A0003"] == "same"
    save(tmp_path / "cut" / "A0002.png", draw_figure(2))
    save(tmp_path / "cut" / "A0004.png", draw_figure(7))  # its neighbor is the former twin
    told = run(tmp_path, "--resume").ok()
    assert "failed" not in told.statuses.values()
    for number, dx in enumerate((0, 2, 3, 7), start=1):
        painted = load(tmp_path / "out" / f"A{number:04}.png")
        np.testing.assert_array_equal(painted, draw_figure(dx, painted=True))


def test_resume_with_colors_that_only_16_bits_tell_apart(tmp_path: Path) -> None:
    for folder in ("cut", "key"):
        (tmp_path / folder).mkdir()
    for number, dx in enumerate((0, 8, 16, 24), start=1):
        drawn = draw_figure(dx)[..., 2::-1].astype(np.uint16) * 257
        cv2.imwrite(str(tmp_path / "cut" / f"A{number:04}.png"), drawn)
    key = draw_figure(painted=True)
    legs = (key[..., :3] == LEG).all(axis=-1)
    key[legs, :3] = BODY
    deep = key[..., 2::-1].astype(np.uint16) * 257
    deep[legs] += 1
    cv2.imwrite(str(tmp_path / "key" / "A0001.png"), deep)
    run(tmp_path).ok()
    before = hash_cels(tmp_path / "out")
    for name in ("A0003", "A0004"):
        record_of(tmp_path / "out", name).unlink()
    run(tmp_path, "--resume").ok()
    assert hash_cels(tmp_path / "out") == before


def test_resume_after_a_failure(cut: Path, tmp_path: Path) -> None:
    good = (cut / "A0003.png").read_bytes()
    (cut / "A0003.png").write_bytes(good[:200])
    run(tmp_path).fails("A0003.png")
    set_back(tmp_path / "out")
    (cut / "A0003.png").write_bytes(good)
    assert "failed" not in run(tmp_path, "--resume").ok().statuses.values()
    assert fresh(tmp_path / "out") == ["A0003"]


def test_resume_over_damaged_state(cut: Path, tmp_path: Path) -> None:  # noqa: ARG001
    run(tmp_path).ok()
    before = hash_tree(tmp_path / "out")
    for name, damage in (("A0002", b"\xff\xfe"), ("A0003", b"{}"), ("A0004", b"")):
        record_of(tmp_path / "out", name).write_bytes(damage)
    run(tmp_path, "--resume").ok()
    assert hash_tree(tmp_path / "out") == before
    (tmp_path / "out" / "_shiage" / "run.json").write_bytes(b"\xff\xfe")
    run(tmp_path, "--resume").fails("out", "--force")


def test_folder_of_the_drawings_is_refused(cut: Path, tmp_path: Path) -> None:
    before = hash_tree(tmp_path)
    shiage("paint", cut, "--ref", "key", "--out", cut, "--force", cwd=tmp_path).fails(
        str(cut), "drawings lie in this folder", "--out"
    )
    (tmp_path / "alias").symlink_to(cut)
    shiage("paint", cut, "--ref", "key", "--out", "alias", "--force", cwd=tmp_path).fails()
    assert hash_tree(cut) == {name[4:]: h for name, h in before.items() if name.startswith("cut/")}


def test_folder_of_a_column_is_refused(tmp_path: Path) -> None:
    cut = draw_cut(draw_cut(tmp_path / "cut", 2, column="A"), 2, column="B")
    draw_key(tmp_path / "key" / "A0001.png")
    before = hash_tree(cut)
    told = paint(cut, "--ref", tmp_path / "key", "--out", cut / "A").fails("--out")
    assert "no drawing found" not in told.err
    assert hash_tree(cut) == before


# -- stopped in the middle -----------------------------------------------------------------------

COUNT = 60


@pytest.fixture(scope="module")
def long_cut(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with `cut`, `key`, and `whole`, what an uninterrupted run makes of them."""
    folder = tmp_path_factory.mktemp("long")
    for number in range(1, COUNT + 1):
        dx, dy = number % 12 - 1, number // 12
        save(folder / "cut" / f"A{number:04}.png", enlarged(draw_figure(dx, dy=dy), 3))
    save(folder / "key" / "A0001.png", enlarged(draw_figure(painted=True), 3))
    paint("cut", "--ref", "key", "--out", "whole", cwd=folder).ok()
    assert len(hash_cels(folder / "whole")) == COUNT
    return folder


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGKILL], ids=["ctrl-c", "kill"])
def test_stopped_and_resumed(long_cut: Path, tmp_path: Path, stop: signal.Signals) -> None:
    out = tmp_path / "out"
    args: list[str | Path] = ["paint", "cut", "--ref", "key", "--out", out, "--json"]
    process = start(*args, "--jobs", "2", cwd=long_cut)
    records = out / "_shiage" / "cels"
    deadline = time.monotonic() + 30
    while process.poll() is None and time.monotonic() < deadline:
        if records.is_dir() and len(list(records.glob("*.json"))) >= 5:
            break
        time.sleep(0.002)
    process.send_signal(stop)
    told = finish(process)
    painted = hash_cels(out)
    assert 5 <= len(painted) < COUNT
    whole = hash_cels(long_cut / "whole")
    if stop == signal.SIGINT:
        told.fails("interrupted", "--resume", code=130)
        assert told.json["interrupted"]
        assert {f"{name}.png" for name in told.statuses} <= set(painted)
        assert_nothing_half_written(out)
    # Whatever has a cel's name is a whole cel.
    cels = {name: digest for name, digest in painted.items() if not name.endswith(".part")}
    assert cels == {name: whole[name] for name in cels}
    set_back(out)
    shiage(*args, "--resume", cwd=long_cut).ok()
    again = hash_cels(out)
    assert {name: digest for name, digest in again.items() if name in whole} == whole
    finished = [Path(name).stem for name in cels]
    assert len(set(fresh(out)) & set(finished)) <= 2  # written, but not yet on record
    assert json.loads((out / "_shiage" / "run.json").read_text())


def test_ctrl_c_while_references_are_read(cut: Path, tmp_path: Path) -> None:  # noqa: ARG001
    # A pipe in place of a reference: its reader waits until it is told something.
    pipe = tmp_path / "key" / "A0002.png"
    os.mkfifo(pipe)
    process = start("paint", "cut", "--ref", "key", "--out", "out", "--json", cwd=tmp_path)
    writer = None
    while writer is None and process.poll() is None:
        try:
            writer = os.open(pipe, os.O_WRONLY | os.O_NONBLOCK)
        except OSError:
            time.sleep(0.01)
    assert writer is not None
    process.send_signal(signal.SIGINT)
    try:
        process.wait(15)
    except subprocess.TimeoutExpired:  # it came just before the reader began to wait
        process.send_signal(signal.SIGINT)
    finish(process).fails(code=130)
    os.close(writer)
    assert hash_cels(tmp_path / "out") == {}
