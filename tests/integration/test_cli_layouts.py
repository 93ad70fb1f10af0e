"""Cuts laid out as studios do: which files are cels, which are references, what comes out where."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from tests.drawings import BLACK, WHITE
from tests.integration.conftest import (
    PAINTS,
    colors_of,
    draw_cut,
    draw_figure,
    draw_key,
    hash_cels,
    hash_tree,
    load,
    paint,
    save,
    shiage,
)


def assert_painted(path: Path, dx: int, dy: int = 0) -> None:
    """The file is the figure moved by (dx, dy), painted, to the last pixel."""
    expected = draw_figure(dx, dy=dy, painted=True)
    np.testing.assert_array_equal(load(path), expected)


def test_flat_folder(cut: Path, tmp_path: Path) -> None:
    before = hash_tree(tmp_path)
    told = shiage("paint", "cut", "--ref", "key/A0001.png", cwd=tmp_path).ok()
    assert "3 painted, 1 given as reference" in told.out
    out = tmp_path / "cut_painted"
    assert sorted(hash_cels(out)) == [f"A{n:04}.png" for n in (1, 2, 3, 4)]
    for number in (2, 3, 4):
        painted, drawn = load(out / f"A{number:04}.png"), load(cut / f"A{number:04}.png")
        assert_painted(out / f"A{number:04}.png", 3 * (number - 1))
        ink = (drawn[..., :3] == 0).all(axis=-1)
        np.testing.assert_array_equal(painted[ink], drawn[ink])
        assert colors_of(painted) == PAINTS | {BLACK, WHITE}
    assert (out / "A0001.png").read_bytes() == (tmp_path / "key" / "A0001.png").read_bytes()
    after = hash_tree(tmp_path)
    assert {name: after[name] for name in before} == before


def test_column_folders_each_with_its_own_reference(tmp_path: Path) -> None:
    cut = draw_cut(tmp_path / "cut", 3, column="A", name="A{:04}.tga")
    other = {(200, 30, 40): (10, 90, 90), (60, 160, 70): (240, 200, 0)}
    for number in (1, 2, 3):
        save(cut / "B" / f"B_{number:04}.png", draw_figure(2 * number))
    key = draw_figure(2, painted=True)
    for old, new in other.items():
        key[(key[..., :3] == old).all(axis=-1), :3] = new
    save(tmp_path / "keys" / "B" / "B_0001.png", key)
    draw_key(tmp_path / "keys" / "A" / "A0001.tga")
    before = hash_tree(cut)
    told = paint(cut, "--ref", tmp_path / "keys", "--out", tmp_path / "out").ok()
    assert hash_tree(cut) == before
    out = tmp_path / "out"
    assert sorted(hash_cels(out)) == sorted(before)
    assert told.statuses["B/B_0001"] == told.statuses["A/A0001"] == "reference"
    assert_painted(out / "A" / "A0003.tga", 6)
    assert colors_of(load(out / "B" / "B_0003.png")) == (PAINTS - set(other)) | {
        *other.values(),
        BLACK,
        WHITE,
    }


def test_column_without_reference_takes_that_of_another(tmp_path: Path) -> None:
    cut = draw_cut(draw_cut(tmp_path / "cut", 2, column="A"), 2, column="B")
    key = draw_key(tmp_path / "key" / "A" / "A0001.png")
    told = paint(cut, "--ref", key.parent.parent, "--out", tmp_path / "out").ok()
    assert [*told.statuses.values()] == ["reference", "painted", "painted", "painted"]
    assert_painted(tmp_path / "out" / "B" / "A0002.png", 3)


def test_line_and_color_folders(tmp_path: Path) -> None:
    draw_cut(tmp_path / "cut" / "line", 3, "{:04}.png")
    draw_key(tmp_path / "cut" / "color" / "0002.png", 3)
    told = paint("cut", cwd=tmp_path).ok()
    assert told.statuses == {"0001": "painted", "0002": "reference", "0003": "painted"}
    for number in (1, 2, 3):
        assert_painted(tmp_path / "cut_painted" / f"{number:04}.png", 3 * (number - 1))


def test_sparse_numbers_keep_their_names(tmp_path: Path) -> None:
    for number in (1, 5, 12):
        save(tmp_path / "cut" / f"{number:04}.png", draw_figure(number))
    draw_key(tmp_path / "keys" / "0001.png", 1)
    draw_key(tmp_path / "keys" / "0012.png", 12)
    told = paint("cut", "--ref", "keys", "--out", "out", cwd=tmp_path).ok()
    assert told.statuses == {"0001": "reference", "0005": "painted", "0012": "reference"}
    assert sorted(hash_cels(tmp_path / "out")) == ["0001.png", "0005.png", "0012.png"]
    assert_painted(tmp_path / "out" / "0005.png", 5)
    (cel,) = (cel for cel in told.json["cels"] if cel["number"] == 5)
    assert cel["references"] == ["0001", "0012"]


def test_two_sheets_and_no_keyed_cel(cut: Path, tmp_path: Path) -> None:
    sheets: list[str | Path] = []
    for name, dy in (("front", 1), ("back", -1)):
        line = save(tmp_path / f"{name}_line.png", draw_figure(dy=dy))
        color = save(tmp_path / f"{name}_color.png", draw_figure(dy=dy, painted=True))
        sheets += ["--sheet", line, color]
    told = paint(cut, *sheets, "--out", tmp_path / "out").ok()
    assert set(told.statuses.values()) == {"painted"}
    for number in (1, 2, 3, 4):
        assert_painted(tmp_path / "out" / f"A{number:04}.png", 3 * (number - 1))


def test_reference_without_a_drawing(cut: Path, tmp_path: Path) -> None:
    key = draw_key(tmp_path / "B0077.png", 1)
    told = paint(cut, "--ref", key, "--out", tmp_path / "out").ok()
    assert set(told.statuses.values()) == {"painted"}
    assert_painted(tmp_path / "out" / "A0004.png", 9)


def test_same_drawing_is_painted_once(cut: Path, tmp_path: Path) -> None:
    for number, of in ((5, 2), (6, 1)):
        (cut / f"A{number:04}.png").write_bytes((cut / f"A{of:04}.png").read_bytes())
    told = paint(cut, "--ref", tmp_path / "key", "--out", tmp_path / "out").ok()
    assert told.statuses["A0005"] == told.statuses["A0006"] == "same"
    cels = hash_cels(tmp_path / "out")
    assert cels["A0005.png"] == cels["A0002.png"]
    assert cels["A0006.png"] == cels["A0001.png"]


def test_retakes_and_folders_that_are_left_alone(tmp_path: Path) -> None:
    cut = draw_cut(tmp_path / "cut", 3, column="A")
    save(cut / "A.R1" / "A0002.png", draw_figure(4, dy=2))
    for folder in ("_pool", "_old", ".trash", "Scan"):
        draw_cut(cut, 1, column=folder)
    (cut / "A" / "notes.txt").write_text("keep A3 bright")
    draw_key(tmp_path / "key" / "A" / "A0001.png")
    told = paint("cut", "--ref", "key", "--out", "out", cwd=tmp_path)
    told.ok(err="A/A0002.png: left out, a retake or a newer version has the same number")
    assert sorted(hash_cels(tmp_path / "out")) == [
        "A.R1/A0002.png",
        "A/A0001.png",
        "A/A0003.png",
    ]
    assert_painted(tmp_path / "out" / "A.R1" / "A0002.png", 4, 2)


def test_names_in_any_script(tmp_path: Path) -> None:
    cut = draw_cut(tmp_path / "カット 12 [bold]", 2, "動画A_{:04}.png")
    key = draw_key(tmp_path / "色" / "動画A_0001.png")
    told = paint(cut, "--ref", key, "--out", tmp_path / "仕上げ").ok()
    assert told.statuses == {"動画A_0001": "reference", "動画A_0002": "painted"}
    assert_painted(tmp_path / "仕上げ" / "動画A_0002.png", 3)


def test_model_sheets_found_beside_the_drawings(cut: Path, tmp_path: Path) -> None:
    """One named like a cel is not taken for it, one has a drawing, one shows no color at all."""
    for folder in (cut / "色見本", tmp_path / "lone" / "model"):
        draw_key(folder / "A0002.png", 1)
    save(cut / "色見本" / "back_line.png", draw_figure(dy=-1))
    save(cut / "色見本" / "back_color.png", draw_figure(dy=-1, painted=True))
    save(cut / "色見本" / "notes.png", draw_figure())
    save(cut / "色見本" / "side_line.png", draw_figure())
    told = paint(cut, "--out", tmp_path / "out").ok(err="side_line.png: left out")
    assert "notes.png" in told.err
    assert set(told.statuses.values()) == {"painted"}
    used = {name for cel in told.json["cels"] for name in cel["references"]}
    assert {Path(name).name for name in used} >= {"A0002.png", "back_color.png"}
    for number in (1, 2, 3, 4):
        assert_painted(tmp_path / "out" / f"A{number:04}.png", 3 * (number - 1))
    sheet = tmp_path / "lone" / "model" / "A0002.png"
    told = paint(cut, "--ref", sheet, "--out", tmp_path / "again").ok(err="色見本")
    assert told.statuses["A0002"] == "painted"
