"""Which version of a file is at hand: nothing that was saved again passes for what it was."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from shiage.errors import FileChanged
from shiage.files import versions as module
from shiage.files.versions import Versions, hash_file, look_at, wait_until_quiet

LONG_AGO = 10**18


@pytest.fixture
def drawing(tmp_path: Path) -> Path:
    path = tmp_path / "A0001.png"
    path.write_bytes(b"one line")
    return path


def save_in_place(path: Path) -> None:
    path.write_bytes(b"two line")


def save_beside_and_rename(path: Path) -> None:
    beside = path.with_name("part")
    beside.write_bytes(b"two line")
    beside.replace(path)


def copy_with_times(path: Path) -> None:
    beside = path.with_name("part")
    beside.write_bytes(b"two line")
    shutil.copystat(path, beside)
    beside.replace(path)


def save_and_set_time_back(path: Path) -> None:
    told = path.stat()
    save_in_place(path)
    os.utime(path, ns=(told.st_atime_ns, told.st_mtime_ns))


SAVE = [save_in_place, save_beside_and_rename, copy_with_times, save_and_set_time_back, Path.unlink]


@pytest.mark.parametrize("save", SAVE)
def test_however_it_is_saved_it_is_found(drawing: Path, save: Callable[[Path], None]) -> None:
    versions = Versions()
    first = versions.note(drawing)
    assert first.sha256 == hash_file(drawing)
    assert versions.changed([drawing]) == []
    save(drawing)
    assert versions.note(drawing) == first, "what is worked with stays"
    for closely in (False, True):
        assert versions.changed([drawing], closely=closely) == [drawing]
    with pytest.raises(FileChanged, match=r"A0001\.png: was saved again.*expected.*Wait"):
        versions.require(drawing, first.sha256)
    versions.renew([drawing])
    assert versions.changed([drawing]) == []
    assert versions.note(drawing).sha256 != first.sha256


def test_saved_again_as_it_was_it_is_the_same(drawing: Path) -> None:
    versions = Versions()
    noted = versions.note(drawing)
    content = drawing.read_bytes()
    drawing.unlink()
    drawing.write_bytes(content)
    assert versions.changed([drawing]) == []
    versions.require(drawing, noted.sha256)


def test_file_that_is_not_there_has_a_version_too(tmp_path: Path) -> None:
    versions, path = Versions(), tmp_path / "A0001.png"
    assert versions.note(path).sha256 == versions.note(tmp_path).sha256 == ""
    assert versions.changed([path, tmp_path]) == []
    path.write_bytes(b"back again")
    assert versions.changed([path, tmp_path]) == [path]


def test_times_are_relied_on_only_when_they_are_old_enough(
    drawing: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A clock whose tick is longer than the time between two saves tells nothing."""
    for written, found in ((LONG_AGO, []), (time.time_ns(), [drawing])):
        monkeypatch.setattr(module, "_stamp", lambda _, at=written: (8, at, at, 1))
        drawing.write_bytes(b"one line")
        versions = Versions()
        versions.note(drawing)
        save_in_place(drawing)
        assert versions.changed([drawing]) == found
        assert versions.changed([drawing], closely=True) == [drawing]


def test_file_with_old_times_is_not_read_again(
    drawing: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_stamp", lambda _: (8, LONG_AGO, LONG_AGO, 1))
    before = look_at(drawing)
    monkeypatch.delattr(module, "hash_file")
    assert look_at(drawing, before) is before


def test_one_waits_until_a_file_is_whole(drawing: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float] = []

    def save_a_bit_more(seconds: float) -> None:
        waits.append(seconds)
        if len(waits) < 4:
            drawing.write_bytes(b"more" * len(waits))

    monkeypatch.setattr(time, "sleep", save_a_bit_more)
    wait_until_quiet([drawing, drawing.with_name("none")])
    assert waits == [module.QUIET_SECONDS] * 4


def test_one_does_not_wait_for_ever(drawing: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ticks = iter(range(10**6))
    monkeypatch.setattr(module, "_stamp", lambda _: (next(ticks),))
    monkeypatch.setattr(module, "MOST_SECONDS", 3 * module.QUIET_SECONDS)
    wait_until_quiet([drawing])
    assert next(ticks) <= 5
