"""Outputs are written completely or not at all."""

from __future__ import annotations

import errno
import io
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from shiage import errors
from shiage.files.atomic import whole_folder, write_atomically
from shiage.files.images import Layout, Picture, write_picture
from tests.files.samples import drawn, saved


@pytest.mark.parametrize(
    ("number", "action"),
    [
        (errno.ENOSPC, "Free some disk space and run again"),
        (errno.EACCES, "Check the folder's permissions, or choose another output folder"),
        (errno.EIO, "Check the disk, or choose another output folder"),
    ],
)
@pytest.mark.parametrize("where", ["write", "replace"])
def test_failed_write_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, action: str, where: str
) -> None:
    def fail(*_: Any) -> int:
        raise OSError(number, os.strerror(number))

    class FullDisk(io.FileIO):
        write = fail

    path = saved(tmp_path / "a.png", b"what was there before")
    with monkeypatch.context() as patch:
        if where == "replace":
            patch.setattr(os, "replace", fail)
        else:
            patch.setattr(Path, "open", lambda self, _: FullDisk(self, "xb"))
        with pytest.raises(errors.WriteFailed) as caught:
            write_picture(path, drawn("PNG", "RGB", 8))
    assert os.strerror(number) in str(caught.value)
    assert (caught.value.path, caught.value.action) == (path, action)
    assert [p.name for p in tmp_path.iterdir()] == ["a.png"]
    assert path.read_bytes() == b"what was there before"


def test_interrupted_write_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "replace", interrupt)
    with pytest.raises(KeyboardInterrupt):
        write_atomically(tmp_path / "a.json", b"{}")
    assert not list(tmp_path.iterdir())


def test_temporary_file_is_hidden_and_in_the_same_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    moved: list[tuple[Path, Path]] = []
    real_replace = os.replace

    def spy(source: Path, target: Path) -> None:
        moved.append((source, target))
        real_replace(source, target)

    monkeypatch.setattr(os, "replace", spy)
    path = tmp_path / "new" / "folder" / "a.json"
    write_atomically(path, b"{}")
    write_atomically(path, b"[]")
    assert path.read_bytes() == b"[]"
    for source, target in moved:
        assert (source.parent, target) == (path.parent, path)
        assert source.name.startswith(".")
        assert source.suffix == ".part"
    assert moved[0][0] != moved[1][0]


def test_output_is_a_folder_or_below_a_file(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    saved(tmp_path / "file", b"x")
    for path in (tmp_path / "folder", tmp_path / "file" / "a.png", tmp_path / ("n" * 300)):
        with pytest.raises(errors.WriteFailed, match=r"could not be written.*expected room.*"):
            write_picture(path, drawn("PNG", "L", 8))
    assert sorted(p.name for p in tmp_path.iterdir()) == ["file", "folder"]


def test_size_that_the_format_cannot_hold(tmp_path: Path) -> None:
    pixels = np.zeros((1, 70_000, 4), np.uint8)
    with pytest.raises(errors.WriteFailed, match="70000 x 1 pixels could not be stored as TGA"):
        write_picture(tmp_path / "a.tga", Picture(pixels, Layout("TGA", "RGBA", 8)))
    assert not list(tmp_path.iterdir())


def test_output_permissions_follow_the_umask(tmp_path: Path) -> None:
    write_atomically(tmp_path / "a", b"x")
    saved(tmp_path / "b", b"x")
    assert (tmp_path / "a").stat().st_mode == (tmp_path / "b").stat().st_mode


def test_a_folder_appears_whole_or_not_at_all(tmp_path: Path) -> None:
    out = tmp_path / "a" / "out"

    def interrupt() -> None:
        with whole_folder(out, "join") as folder:
            write_atomically(folder / "x" / "1", b"1")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupt()
    assert [*(tmp_path / "a").iterdir()] == []
    with whole_folder(out, "join") as folder:
        write_atomically(folder / "x" / "1", b"1")
        assert not out.exists()
    saved(out / "x" / "2", b"there before")
    with whole_folder(out, "join") as folder:
        write_atomically(folder / "x" / "1", b"new")
        write_atomically(folder / "y", b"y")
        assert (out / "x" / "1").read_bytes() == b"1"
    files = {path.relative_to(out).as_posix(): path.read_bytes() for path in out.rglob("[1-9y]")}
    assert files == {"x/1": b"new", "x/2": b"there before", "y": b"y"}
    assert [path.name for path in (tmp_path / "a").iterdir()] == ["out"]
    with pytest.raises(errors.WriteFailed), whole_folder(out / "y", "join") as folder:
        write_atomically(folder / "z", b"z")
    assert (out / "y").read_bytes() == b"y"


def test_a_folder_that_is_there_is_replaced_or_left_alone(tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    saved(out / "old", b"old")
    with pytest.raises(errors.WriteFailed), whole_folder(out, "refuse") as folder:
        write_atomically(folder / "new", b"new")
    assert [path.name for path in tmp_path.rglob("*")] == ["out", "old"]
    with whole_folder(out, "replace") as folder:
        write_atomically(folder / "new", b"new")
    assert [path.name for path in tmp_path.rglob("*")] == ["out", "new"]
