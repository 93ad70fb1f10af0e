"""Which painted pictures are of a cel, and which are model sheets with or without a drawing."""

from __future__ import annotations

from pathlib import Path

import pytest

from shiage.cuts.cut import open_cut
from shiage.cuts.folders import split_role
from shiage.cuts.model_sheets import pair_sheets, sort_references
from tests.cuts.test_cut import lay_out, told


@pytest.mark.parametrize("folder", ["model", "Color_Models", "色見本", "カラーモデル", "SHEET 2"])
def test_a_folder_of_model_sheets_holds_no_cels(tmp_path: Path, folder: str) -> None:
    cut = open_cut(lay_out(tmp_path, "A0001.png", f"{folder}/A0001.png", "ref/A0001.png"))
    assert told(cut) == [("A", 1, "A0001.png")]
    assert cut.found_sheets == (tmp_path / folder / "A0001.png",)
    assert cut.found_references == (tmp_path / "ref/A0001.png",)


def test_model_sheets_beside_folders_of_lines(tmp_path: Path) -> None:
    cut = open_cut(lay_out(tmp_path, "line/A/1.png", "sheets/a/1.png", "sheets/_old/2.png"))
    assert told(cut) == [("A", 1, "A/1.png")]
    assert cut.found_sheets == (tmp_path / "sheets/a/1.png",)


def test_drawings_are_found_by_name_and_by_folder() -> None:
    folder = Path("model")
    names = ["hero_line.png", "hero_color.tga", "b/line/x.png", "b/color/x.png", "alone.png"]
    names += ["pet 線画.png", "pet.png", "lost_line.png", "night/hero_color.png"]
    sheets, drawings = pair_sheets(folder / name for name in names)
    assert sheets == (
        (folder / "hero_line.png", folder / "hero_color.tga"),
        (folder / "b/line/x.png", folder / "b/color/x.png"),
        (None, folder / "alone.png"),
        (folder / "pet 線画.png", folder / "pet.png"),
        (None, folder / "night/hero_color.png"),
    )
    assert drawings == (folder / "lost_line.png",)


@pytest.mark.parametrize(
    ("stem", "expected"),
    [
        ("A0001", ("A0001", "")),
        ("A0001_color", ("A0001", "color")),
        ("A0001line", ("A0001", "line")),
        ("beeline", ("beeline", "")),
        ("watercolor", ("watercolor", "")),
        ("色", ("", "color")),
    ],
)
def test_words_that_tell_a_role(stem: str, expected: tuple[str, str]) -> None:
    assert split_role(stem) == expected


def test_given_references_that_are_model_sheets(tmp_path: Path) -> None:
    names = ["keys/A0001.png", "keys/model1.png", "keys/other.png"]
    names += ["model/A0001.png", "model/b/line/1.png", "model/b/color/1.png"]
    lay_out(tmp_path, "cut/0001.png", "cut/0002.png", *names)
    cut = open_cut(tmp_path / "cut")
    found = sort_references(cut, [tmp_path / "keys", tmp_path / "model"])
    assert [(path.name, cel and cel.name) for path, cel in found.keys] == [
        ("A0001.png", "0001"),
        ("other.png", None),
    ]
    assert found.sheets == (
        (None, tmp_path / "model/A0001.png"),
        (tmp_path / "model/b/line/1.png", tmp_path / "model/b/color/1.png"),
        (None, tmp_path / "keys/model1.png"),
    )
    single = sort_references(cut, [tmp_path / "model/A0001.png"])
    assert (single.keys, single.sheets) == ((), ((None, tmp_path / "model/A0001.png"),))


def test_a_cut_in_a_folder_of_such_a_name(tmp_path: Path) -> None:
    folder = lay_out(tmp_path / "model", "A0001.png", "ref/A0001.png")
    cut = open_cut(folder)
    found = sort_references(cut, cut.found_references)
    assert [(path.name, cel and cel.name) for path, cel in found.keys] == [("A0001.png", "A0001")]
