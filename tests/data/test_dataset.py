"""Clips on disk: what is written is read; what is damaged is told."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from shiage.data.dataset import (
    SPLITS,
    Clip,
    Frame,
    list_clips,
    read_clip,
    read_info,
    split_of,
    write_clip,
)
from shiage.data.maker import ClipSettings
from shiage.errors import DatasetError, FileError
from tests.data.samples import BoxMaker, box_clip, with_frame, write_box_clip


def assert_same(one: Clip, two: Clip) -> None:
    assert (one.source, one.license, one.character) == (two.source, two.license, two.character)
    assert (one.generator, one.seed, one.split) == (two.generator, two.seed, two.split)
    for a, b in zip(one.frames, two.frames, strict=True):
        assert (a.name, a.regions) == (b.name, b.regions)
        for key in ("line", "color", "labels", "colors"):
            assert getattr(a, key).dtype == getattr(b, key).dtype
            assert (getattr(a, key) == getattr(b, key)).all()


def edit(folder: Path, change: Callable[[dict[str, Any]], object]) -> Path:
    told = json.loads((folder / "clip.json").read_text())
    change(told)
    (folder / "clip.json").write_text(json.dumps(told))
    return folder


def test_round_trip(tmp_path: Path) -> None:
    clip = box_clip()
    write_clip(tmp_path / "a", clip)
    assert_same(read_clip(tmp_path / "a"), clip)
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def test_round_trip_without_regions_with_alpha_and_many_labels(tmp_path: Path) -> None:
    labels = np.arange(300, dtype=np.int32).reshape(15, 20)
    rgba = np.random.default_rng(0).integers(0, 256, (15, 20, 4), np.uint8)
    colors = np.random.default_rng(1).integers(0, 256, (299, 3), np.uint8)
    frame = Frame("0007", rgba, rgba, labels, (None,) * 299, colors)
    clip = Clip("hand-drawn", "mine", "花子", "test", 5, (frame,))
    write_clip(tmp_path / "a", clip)
    assert_same(read_clip(tmp_path / "a"), clip)


def test_frames_by_name_in_the_clips_order(tmp_path: Path) -> None:
    folder = write_box_clip(tmp_path / "a")
    assert [f.name for f in read_clip(folder, ("0003", "0001")).frames] == ["0001", "0003"]
    with pytest.raises(DatasetError, match="no frame 0009"):
        read_clip(folder, ("0001", "0009"))


def test_a_clip_is_replaced(tmp_path: Path) -> None:
    write_box_clip(tmp_path / "a", frames=3)
    write_box_clip(tmp_path / "a", frames=1)
    assert read_info(tmp_path / "a").frames == ("0001",)
    assert sorted(p.name for p in tmp_path.rglob("*.png")) == ["0001.png"] * 3
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def test_several_may_write_the_same_clip_at_once(tmp_path: Path) -> None:
    clip = box_clip()
    for _ in range(5):
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(lambda _: write_clip(tmp_path / "a", clip), range(4)))
        assert_same(read_clip(tmp_path / "a"), clip)
        assert [path.name for path in tmp_path.iterdir()] == ["a"]


@pytest.mark.parametrize("name", ["", "a b", "0001.x", "../1"])
def test_names_of_frames_are_names_of_files(name: str) -> None:
    with pytest.raises(ValueError, match="letters, digits"):
        replace(box_clip().frames[0], name=name)


@pytest.mark.parametrize("key", ["source", "license", "character"])
def test_a_clip_tells_where_it_is_from(key: str) -> None:
    with pytest.raises(ValueError, match="a source, a license and a character"):
        replace(box_clip(), **{key: " "})  # type: ignore[arg-type]


def test_same_clip_same_bytes(tmp_path: Path) -> None:
    one, two = (write_box_clip(tmp_path / name) for name in "ab")
    for path in one.rglob("*.*"):
        assert path.read_bytes() == (two / path.relative_to(one)).read_bytes()


def test_info_and_listing(tmp_path: Path) -> None:
    for name in ("Ann", "Bob", "Cid", "Dora", "Eve", "Fay", "Gus", "Hal", "Ida", "Jon"):
        write_box_clip(tmp_path / "x" / name, name, frames=1)
    shutil.copytree(tmp_path / "x" / "Ann", tmp_path / "x" / ".Ann.unfinished")
    infos = list(list_clips(tmp_path))
    assert [info.folder.name for info in infos] == sorted(info.character for info in infos)
    assert infos[0].size_hw == (64, 64)
    by_split = [list(list_clips(tmp_path, split)) for split in SPLITS]
    assert sum(map(len, by_split)) == len(infos) == 10
    assert all(split_of(info.character) == info.split for info in infos)
    with pytest.raises(DatasetError, match="no clip found"):
        list(list_clips(tmp_path / "x" / "Ann" / "line"))


def test_split_is_fixed_for_good() -> None:
    # If these change, characters of trained models' test sets have moved into their training sets.
    names = ["Kozue the courier", "Ann", "Bob", "Cid", "Dora", "花子"]
    told = ["test", "train", "train", "train", "train", "test"]
    assert [split_of(name) for name in names] == told
    counts = [[split_of(f"c{i}") for i in range(2000)].count(split) for split in SPLITS]
    assert counts[0] == pytest.approx(1600, abs=60)
    assert counts[1] == pytest.approx(200, abs=45)


def drop(key: str) -> Callable[[dict[str, Any]], object]:
    return lambda told: told.pop(key)


def put(key: str, value: object) -> Callable[[dict[str, Any]], object]:
    return lambda told: told.update({key: value})


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (drop("license"), "missing required field `license`"),
        (put("seed", "one"), r"Expected `int`, got `str` - at `\$.seed`"),
        (put("frames", {}), "Expected `array`"),
        (put("size_hw", [64]), "Expected `array` of length 2"),
        (put("split", "nowhere"), "Invalid enum value 'nowhere'"),
        (put("split", "test"), "split 'test' for 'Ann'"),
        (lambda t: t["frames"][0].update(name="../0001"), "matching regex"),
        (lambda t: t["frames"][0].pop("segments"), "missing required field `segments`"),
        (lambda t: t["frames"][0]["segments"].pop(0), "labels do not count from 1"),
        (lambda t: t["frames"][0]["segments"][0].pop("region"), "missing required field `region`"),
        (lambda t: t["frames"][0]["segments"][0].update(color=[1, 2]), "of length 3"),
        (lambda t: t["frames"][0]["segments"][0].update(color=[1, 2, 256]), "`int` <= 255"),
    ],
)
def test_damaged_json(
    tmp_path: Path, change: Callable[[dict[str, Any]], object], message: str
) -> None:
    folder = edit(write_box_clip(tmp_path / "a"), change)
    for read in (read_info, read_clip):
        with pytest.raises(DatasetError, match=message) as caught:
            read(folder)
        assert str(folder / "clip.json") in str(caught.value)


@pytest.mark.parametrize("text", ["", "{", "[]", '"a"', "{}"])
def test_no_clip_json(tmp_path: Path, text: str) -> None:
    (tmp_path / "clip.json").write_text(text)
    with pytest.raises(DatasetError, match=r"clip\.json"):
        read_info(tmp_path)
    with pytest.raises(DatasetError, match="cannot be read"):
        read_info(tmp_path / "gone")


def test_wrong_split_is_told_with_the_right_one(tmp_path: Path) -> None:
    folder = write_box_clip(tmp_path / "a")
    other = next(split for split in SPLITS if split != split_of("Ann"))
    edit(folder, put("split", other))
    with pytest.raises(DatasetError, match=f"expected {split_of('Ann')!r}"):
        list(list_clips(tmp_path))


def test_missing_and_foreign_pictures(tmp_path: Path) -> None:
    folder = write_box_clip(tmp_path / "a")
    (folder / "color" / "0002.png").unlink()
    with pytest.raises(FileError, match=r"0002\.png"):
        read_clip(folder)
    read_clip(folder, ("0001", "0003"))
    write_clip(tmp_path / "b", BoxMaker().make_clip("Ann", 1, ClipSettings(80, 3)))
    shutil.copy(tmp_path / "b" / "color" / "0002.png", folder / "color" / "0002.png")
    with pytest.raises(DatasetError, match="frame 0002: color"):
        read_clip(folder)


def test_frames_and_clips_check_themselves() -> None:
    clip = box_clip()
    frame = clip.frames[0]
    with pytest.raises(ValueError, match="labels"):
        with_frame(clip, 0, labels=frame.labels.astype(np.int64))
    with pytest.raises(ValueError, match="2 rows for 3 labels"):
        with_frame(clip, 0, regions=frame.regions[:2], colors=frame.colors[:2])
    with pytest.raises(ValueError, match="colors"):
        with_frame(clip, 0, colors=frame.colors[:2])
    with pytest.raises(ValueError, match="different names"):
        with_frame(clip, 0, name="0002")
    with pytest.raises(ValueError, match="at least one frame"):
        Clip("a", "b", "c", "d", 0, ())
