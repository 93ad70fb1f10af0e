"""Cuts named as people name them: every drawing comes out, or is told by name."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from shiage.files.exposures import Column, Timesheet
from shiage.files.timesheets import write_xdts
from tests.drawings import enlarged
from tests.integration.conftest import (
    Told,
    draw_cut,
    draw_figure,
    draw_key,
    hash_cels,
    hash_tree,
    load,
    paint,
    save,
    shiage,
    shiage_each,
)
from tests.integration.test_cli_layouts import assert_painted


def draw(folder: Path, *names: str) -> Path:
    """Draw the figure walking to the right, a file for each name."""
    for at, name in enumerate(names):
        save(folder / name, draw_figure(3 * at))
    return folder


def painted(told: Told) -> dict[str, str]:
    """What became of each cel; JSON is at the end of what `--json` prints."""
    return {cel["name"]: cel["status"] for cel in json.loads(told.out)["cels"]}


@pytest.mark.parametrize(
    ("names", "key"),
    [
        (["A/A0001_v02.png", "A/A0002_v02.png", "A/A0003_v02.png"], "A0002.png"),
        (["hero_0001_4k.png", "hero_0002_4k.png", "hero_0003_4k.png"], "hero_color_0002_4k.png"),
        (["[001] A1/[005] A1.png", "[001] A1/[006] A1.png", "[001] A1/[009] A1.png"],
         "[001] A1/[006] A1.png"),
        (["cut_0000_Layer 2.png", "cut_0001_Layer 1.png", "cut_0002_face.png"], "cut_0001.png"),
    ],
)  # fmt: skip
def test_every_drawing_comes_out(tmp_path: Path, names: list[str], key: str) -> None:
    draw(tmp_path / "cut", *names)
    draw_key(tmp_path / "key" / key, 3)
    told = paint("cut", "--ref", "key", "--out", "out", cwd=tmp_path).ok()
    assert list(told.statuses.values()) == ["painted", "reference", "painted"]
    assert len({cel["column"] for cel in told.json["cels"]}) == 1
    assert sorted(hash_cels(tmp_path / "out")) == sorted(names)
    for at, name in enumerate(names):
        assert_painted(tmp_path / "out" / name, 3 * at)
    check = shiage("check", "cut", "out", "--ref", "key", "--no-parts", cwd=tmp_path)
    assert check.code == 0, check.out
    assert not check.err.strip()


def test_two_files_of_one_number(tmp_path: Path) -> None:
    """A newer version replaces the older one, a copy is painted, too; both are told."""
    cut = draw(tmp_path / "cut", "A0001_v01.png", "A0001_v02.png", "A0002_v01.png")
    draw(tmp_path / "other", "A0001.png", "A0002.png", "A0002 copy.png")
    draw(tmp_path / "clash", "A0001.png", "A0002.png", "A0002.tga")
    draw_key(tmp_path / "key" / "A0001.png", 3)
    draw_key(tmp_path / "keys" / "A0001.png", 0)
    newest, copy, clash = shiage_each(
        *(
            ["paint", folder, "--ref", key, "--out", f"{folder}_out", "--json", "--jobs", "1"]
            for folder, key in (("cut", "key"), ("other", "keys"), ("clash", "keys"))
        ),
        cwd=tmp_path,
    )
    newest.ok(err="A0001_v01.png: left out, a retake or a newer version has the same number")
    assert painted(newest) == {"A0001_v02": "reference", "A0002_v01": "painted"}
    assert (cut / "A0001_v01.png").exists()
    copy.ok(err="A0002 copy.png: has the number of A0002.png; both are painted")
    assert set(painted(copy)) == {"A0001", "A0002", "A0002 copy"}
    assert_painted(tmp_path / "other_out" / "A0002 copy.png", 6)
    clash.fails("A0002.tga: left out", "A0002.png", "Move one of them away")
    assert painted(clash) == {"A0001": "reference", "A0002": "painted"}


def test_what_could_be_read_otherwise_is_told(tmp_path: Path) -> None:
    draw(tmp_path / "cut", "cut_0000_A3.png", "cut_0001_A2.png", "cut_0002_A1.png")
    draw_key(tmp_path / "key" / "cut_0000_A3.png")
    told = paint("cut", "--ref", "key", cwd=tmp_path)
    told.ok(err="cut_0000_A3.png and 2 more: 0000 was taken for the number of the cel, but it")
    assert [cel["number"] for cel in told.json["cels"]] == [0, 1, 2]


def test_pictures_that_are_no_cels(tmp_path: Path) -> None:
    cut = draw(tmp_path / "cut", "A/A0001.png", "A/A0002.png", "C/C0001.png")
    for name in ("BG1.png", "Layout.png", "sunset.png"):
        save(cut / name, draw_figure(painted=True))
    write_xdts(cut / "cut.xdts", Timesheet("s", 4, (Column("A", ((0, "1"), (2, "2"))),)))
    draw_key(tmp_path / "key" / "A" / "A0001.png")
    options = ["--ref", "key", "--json", "--jobs", "1"]
    without, named, check = shiage_each(
        ["paint", "cut", *options, "--out", "out"],
        ["paint", "cut", *options, "--out", "named", "--also", "c", "--also", "sunset"],
        ["check", "cut", "nowhere", "--no-parts"],
        cwd=tmp_path,
    )
    without.ok(err="left alone: BG1.png, C/C0001.png, Layout.png and sunset.png")
    assert "--also" in without.err
    assert painted(without) == {"A/A0001": "reference", "A/A0002": "painted"}
    named.ok(err="left alone: BG1.png and Layout.png")
    assert set(painted(named)) == {"A/A0001", "A/A0002", "C/C0001", "sunset"}
    assert "left alone: BG1.png" in check.err or "no such" in check.err


def test_formats_that_are_not_read(tmp_path: Path) -> None:
    cut = draw(tmp_path / "cut", "A0001.png", "A0002.png")
    for name in ("A0003.webp", "A0004.webp", "cut.gif", "cut.sts", "A.clip", "ref/A0002.webp"):
        (cut / name).parent.mkdir(exist_ok=True)
        (cut / name).write_bytes(b"?")
    draw_key(cut / "ref" / "A0001.png")
    for name in ("ep/c1", "ep/c2"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "ep/c1/A0001.webp").write_bytes(b"?")
    draw(tmp_path / "ep" / "c3", "A0001.png")
    draw_key(tmp_path / "ep" / "c3" / "ref" / "A0001.png")
    (tmp_path / "ep/c3/A0002.webp").write_bytes(b"?")
    told, batch = shiage_each(["paint", "cut", "--json"], ["batch", "ep", "--json"], cwd=tmp_path)
    told.ok(err="3 .webp and 1 .gif passed over; PNG, TGA, TIFF, BMP, JPEG or PSD are read")
    assert "1 .sts passed over; timesheets are read as XDTS" in told.err
    assert "1 .clip passed over" in told.err
    batch.ok(err="ep/c1: 1 .webp passed over")
    assert "ep/c2: passed over, there is no drawing in it" in batch.err
    assert "c3: ep/c3: 1 .webp passed over" in batch.err


def test_jpeg_drawings(tmp_path: Path) -> None:
    """Drawings as a phone makes them; every other command takes them, too."""
    for number in (1, 2, 3):
        save(tmp_path / "cut" / f"IMG_203{number}.jpg", enlarged(draw_figure(3 * number), 3),
             quality=90)  # fmt: skip
    save(tmp_path / "key" / "IMG_2031.png", enlarged(draw_figure(3, painted=True), 3))
    before = hash_tree(tmp_path / "cut")
    told = paint("cut", "--ref", "key", "--out", "out", "--planes", "--report", cwd=tmp_path)
    told.ok(err="IMG_2031.jpg and 2 more: JPEG does not keep colors, so the painted cels are")
    assert hash_tree(tmp_path / "cut") == before
    out = tmp_path / "out"
    cels = [f"IMG_203{number}.png" for number in (1, 2, 3)]
    assert sorted(name for name in hash_cels(out) if "/" not in name) == cels
    for folder in (out, out / "_lines", out / "_colors"):
        for name in cels:
            with Image.open(folder / name) as picture:
                assert picture.format == "PNG"
    truth = enlarged(draw_figure(9, painted=True), 3)
    assert (load(out / cels[2]) == truth).all(axis=-1).mean() > 0.97
    resumed, check, segments = shiage_each(
        ["paint", "cut", "--ref", "key", "--out", "out", "--planes", "--resume", "--json"],
        ["check", "cut", "out", "--no-parts", "--json"],
        ["segments", "cut/IMG_2032.jpg", "--out", "s.png"],
        cwd=tmp_path,
    )
    assert resumed.code == segments.code == 0, resumed.err + segments.err
    kinds = {finding["kind"] for finding in json.loads(check.out)["findings"]}
    assert not kinds & {"missing", "surplus", "mode", "size", "unreadable"}


def test_a_jpeg_reference_is_told(cut: Path, tmp_path: Path) -> None:
    save(tmp_path / "ref.jpg" / "A0001.jpg", draw_figure(painted=True), quality=95)
    told = paint(cut, "--ref", tmp_path / "ref.jpg", "--out", tmp_path / "out")
    assert "JPEG does not keep colors exactly" in told.err
    with Image.open(tmp_path / "out" / "A0001.png") as passed_on:
        assert passed_on.format == "PNG"


def test_japanese_folders_and_lines_apart_from_paint(tmp_path: Path) -> None:
    for line, color in (("動画", "仕上げ"), ("Line", "Paint")):
        draw(tmp_path / line / line, "A/a0001.png", "A/a0002.png")
        draw_key(tmp_path / line / color / "A" / "a0001.png")
        save(tmp_path / line / color / "BG" / "bg001.png", draw_figure(painted=True))
    write_xdts(
        tmp_path / "Line" / "c.xdts", Timesheet("s", 4, (Column("A", ((0, "1"), (2, "9"))),))
    )
    jobs = [("動画", "one"), ("動画/動画", "two"), ("Line", "three"), ("Line/Line", "four")]
    runs = shiage_each(*(["paint", cut, "--out", out, "--json"] for cut, out in jobs), cwd=tmp_path)
    for told, (cut, out) in zip(runs, jobs, strict=True):
        told.ok(err="bg001.png")
        assert painted(told) == {"A/a0001": "reference", "A/a0002": "painted"}
        assert_painted(tmp_path / out / "A" / "a0002.png", 3)
        assert ("9 is on the timesheet" in told.err) == cut.startswith("Line")


@pytest.mark.parametrize("given", ["cut/0000.png", "cut", ""])
def test_a_key_saved_over_its_own_drawing(tmp_path: Path, given: str) -> None:
    draw(tmp_path / "cut", "0000.png", "0001.png", "0002.png")
    draw_key(tmp_path / "cut" / "0000.png")
    before = hash_tree(tmp_path / "cut")
    told = paint("cut", *(["--ref", given] if given else []), "--out", "out", cwd=tmp_path)
    told.ok(err="" if given else "0000.png: is painted already, so it is a reference")
    assert told.statuses == {"0000": "reference", "0001": "painted", "0002": "painted"}
    assert hash_cels(tmp_path / "out")["0000.png"] == before["0000.png"]
    for number in (1, 2):
        assert_painted(tmp_path / "out" / f"000{number}.png", 3 * number)
    assert hash_tree(tmp_path / "cut") == before


def test_another_drawing_that_is_painted_already(tmp_path: Path) -> None:
    """It is not filled as if its colors were lines, and told."""
    draw(tmp_path / "cut", "0000.png", "0001.png", "0002.png")
    draw_key(tmp_path / "cut" / "0002.png", 6)
    draw_key(tmp_path / "key" / "0000.png")
    told = paint("cut", "--ref", "key", "--out", "out", cwd=tmp_path)
    told.ok(err="0002.png: is painted already, and its colors are not kept")
    assert_painted(tmp_path / "out" / "0002.png", 6)
    both = paint("cut", "--ref", "key", "--ref", "cut/0002.png", "--out", "both", cwd=tmp_path)
    assert both.ok().statuses["0002"] == "reference"


def test_a_cut_that_is_mostly_colored_has_no_reference_in_it(tmp_path: Path) -> None:
    """What nearly every drawing has are guides, whatever they look like."""
    draw(tmp_path / "cut", "0000.png", "0001.png", "0002.png")
    for number in (0, 1):
        draw_key(tmp_path / "cut" / f"000{number}.png")
    paint("cut", "--out", "out", cwd=tmp_path).fails("no reference")


def test_a_path_too_many(tmp_path: Path) -> None:
    draw_cut(tmp_path / "girl", 1, "{:04}.png")
    draw_key(tmp_path / "girlref" / "0000.png")
    commands = [
        (["paint", "girl", "girlref/0000.png"], "shiage paint girl --ref girlref/0000.png"),
        (["paint", "girl", "a.png", "b.png"], "paint girl --ref a.png --ref b.png"),
        (["ui", "girl", "girlref"], "shiage ui girl --ref girlref"),
        (["check", "girl", "out", "girlref"], "shiage check girl --ref girlref"),
        (["paint", "girl/0001.png", "girl/0002.png"], "by their folder: shiage paint girl"),
        (["batch", "girl", "girlref"], "girlref is one path too many"),
    ]
    for told, (_, words) in zip(
        shiage_each(*(args for args, _ in commands), cwd=tmp_path), commands, strict=True
    ):
        told.fails(words, code=2)
    told = shiage("check", "girl", "girlref/0000.png", cwd=tmp_path)
    told.fails("girlref/0000.png: this is a file", "--ref")


def test_lines_stay_as_they_were(tmp_path: Path) -> None:
    """A painting in place that is painted again keeps the artist's lines."""
    draw(tmp_path / "cut", "0000.png", "0001.png")
    rgba = draw_figure(3, painted=True)
    ink = (rgba[..., :3] == 0).all(axis=-1)
    save(tmp_path / "cut" / "0001.png", rgba)
    draw_key(tmp_path / "key" / "0000.png")
    paint("cut", "--ref", "key", "--out", "out", cwd=tmp_path).ok(err="painted already")
    np.testing.assert_array_equal(load(tmp_path / "out" / "0001.png")[ink], rgba[ink])
