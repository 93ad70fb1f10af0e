"""The rendered domain, with tiny characters."""

from __future__ import annotations

import hashlib
import json
import pickle
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from shiage.data.dataset import split_of
from shiage.data.maker import ClipSettings
from shiage.data.rigged import maker as rigged
from shiage.data.rigged.gltf import load_rig
from shiage.data.rigged.maker import RiggedFile, RiggedMaker, read_manifest
from shiage.data.rigged.paint import hide_things, paint_parts
from shiage.data.rigged.parts import find_parts
from shiage.errors import DatasetError
from tests.data.rigs import tiny_glb

SETTINGS = ClipSettings(size=96, frames=3)


def row_of(name: str, content: bytes, character: str = "") -> RiggedFile:
    return RiggedFile(
        file=f"{name}.glb",
        character=character or name,
        author="Nobody",
        license="CC0 1.0",
        repository="nobody/nothing",
        path=f"{name}.glb",
        commit="0" * 10,
        note="",
        sha256=hashlib.sha256(content).hexdigest(),
    )


@pytest.fixture
def maker(tmp_path: Path) -> Iterator[RiggedMaker]:
    content = tiny_glb()
    for name in ("four", "five", "two"):
        (tmp_path / f"{name}.glb").write_bytes(content)
    rows = tuple(row_of(name, content) for name in ("four", "five", "two", "absent"))
    yield RiggedMaker(tmp_path, rows)
    rigged._load_model.cache_clear()


def test_characters_are_those_found(maker: RiggedMaker) -> None:
    assert maker.source == "rendered"
    assert maker.characters == ["five", "four", "two"]
    assert len(maker.found) == 3


def test_the_same_seed_makes_the_same_clip(maker: RiggedMaker) -> None:
    again = pickle.loads(pickle.dumps(maker))  # noqa: S301
    one, other = (each.make_clip("four", 5, SETTINGS) for each in (maker, again))
    for a, b in zip(one.frames, other.frames, strict=True):
        np.testing.assert_array_equal(a.line, b.line)
        np.testing.assert_array_equal(a.color, b.color)
        assert a.regions == b.regions
    different = maker.make_clip("four", 6, SETTINGS)
    assert not np.array_equal(one.frames[0].color, different.frames[0].color)


def test_clips_tell_what_they_are(maker: RiggedMaker) -> None:
    clip = maker.make_clip("two", 1, SETTINGS)
    assert (clip.character, clip.source, clip.seed) == ("two", "rendered", 1)
    assert clip.license == "CC0 1.0 (Nobody)"
    assert clip.size_hw == (96, 96)
    assert [frame.name for frame in clip.frames] == ["0001", "0002", "0003"]
    assert all(len(frame) >= 2 for frame in clip.frames)


def test_crowds_are_of_one_split_and_their_regions_apart(
    maker: RiggedMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rigged, "_CROWDED", 1.0)
    for seed in range(6):
        rng = np.random.default_rng(seed)
        cast = maker._choose_cast("four", rng)
        assert {split_of(row.character) for row in cast} == {split_of("four")}
        assert cast[0].character == "four"
    clip = maker.make_clip("four", 0, SETTINGS)
    actors = {str(region).split("/")[0] for frame in clip.frames for region in frame.regions}
    assert actors == {"background", "four.0", "five.1"}


def test_a_hand_holds_at_most_one_thing(tmp_path: Path) -> None:
    (tmp_path / "tiny.glb").write_bytes(tiny_glb())
    rig = load_rig(tmp_path / "tiny.glb")
    partition = find_parts(rig)
    steel = np.array([part.paint == "Steel" for part in partition.parts])
    counts = set()
    for seed in range(20):
        shown = hide_things(rig, partition, np.random.default_rng(seed))
        assert shown[~steel].all()
        counts.add(int(shown[steel].sum()))
    assert counts == {0, 1}


def test_materials_of_one_name_are_one_paint_only_where_their_colors_agree(
    tmp_path: Path,
) -> None:
    orange, blue = [1, 0.5, 0, 1], [0, 0, 1, 1]
    materials = [
        {"name": name, "pbrMetallicRoughness": {"baseColorFactor": color}}
        for name, color in (
            ("Material", orange),
            ("Material.001", blue),
            ("Material.002", orange),
            ("Eye", blue),
            ("Material.003", blue),
        )
    ]
    (tmp_path / "tiny.glb").write_bytes(tiny_glb(materials=materials))
    parts = find_parts(load_rig(tmp_path / "tiny.glb")).parts
    paints = {(part.paint, part.color) for part in parts}
    assert len(paints) == 3
    assert {paint for paint, _ in paints} == {"Material", "Material_2", "Eye"}


def test_colors_change_from_clip_to_clip(tmp_path: Path) -> None:
    (tmp_path / "tiny.glb").write_bytes(tiny_glb())
    partition = find_parts(load_rig(tmp_path / "tiny.glb"))
    shirts, pairs = set(), set()
    for seed in range(30):
        parts = {part.name: part for part in paint_parts(partition, np.random.default_rng(seed))}
        shirts.add(parts["Shirt"].color)
        pairs.add(parts["Boots.left"].color == parts["Boots.right"].color)
        assert len({part.color for part in parts.values()}) > 1
    assert len(shirts) > 10
    assert pairs == {True, False}


def test_another_file_under_the_same_name_is_refused(maker: RiggedMaker) -> None:
    (maker.assets / "four.glb").write_bytes(tiny_glb(extras=1))
    with pytest.raises(DatasetError, match=r"four\.glb: is another file.*nobody/nothing"):
        maker.make_clip("four", 0, SETTINGS)


def test_a_converted_file_cannot_just_be_downloaded_again(tmp_path: Path) -> None:
    (tmp_path / "four.glb").write_bytes(tiny_glb(extras=1))
    row = replace(row_of("four", tiny_glb()), note="(LICENSE.txt); Draco decoded")
    with pytest.raises(DatasetError, match=r"Draco decoded.*fresh download must be converted"):
        RiggedMaker(tmp_path, (row,)).make_clip("four", 0, SETTINGS)


def test_clips_tell_the_licenses_of_the_whole_cast(
    maker: RiggedMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rigged, "_CROWDED", 1.0)
    rows = tuple(
        replace(row, license=f"License of {row.file}", author=row.file) for row in maker.manifest
    )
    clip = RiggedMaker(maker.assets, rows).make_clip("four", 0, SETTINGS)
    told = "License of five.glb + License of four.glb (five.glb, four.glb)"
    assert clip.license == told


def test_an_unknown_character_is_refused(maker: RiggedMaker) -> None:
    with pytest.raises(DatasetError, match="no character 'absent'"):
        maker.make_clip("absent", 0, SETTINGS)


def test_a_folder_without_characters_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match=r"no rigged character.*of the 134 files"):
        RiggedMaker(tmp_path)


def test_the_manifest_is_whole() -> None:
    rows = read_manifest()
    assert len(rows) == len({row.file for row in rows}) == len({row.sha256 for row in rows}) == 134
    files = {row.file for row in rows}
    for row in rows:
        assert row.license == "CC0 1.0"
        assert row.author
        assert row.repository.count("/") == 1
        assert set(row.motions_from) <= files
    assert {split_of(row.character) for row in rows} == {"train", "validation", "test"}
    told = json.loads((Path(rigged.__file__).parent / "characters.json").read_text("utf-8"))
    assert [row["split"] for row in told] == [split_of(row.character) for row in rows]
