"""Cuts on disk as studios lay them out; empty files are enough."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest

from shiage.cuts.cut import (
    Cut,
    FolderNames,
    expand_images,
    open_cut,
    tell_clashing,
    tell_left_out,
)
from shiage.cuts.names import NameReader
from shiage.errors import EmptyCut, UnreadableFile


def lay_out(root: Path, *names: str) -> Path:
    """Make empty files, and the folders they lie in."""
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    return root


def told(cut: Cut) -> list[tuple[str, int, str]]:
    return [(cel.column, cel.number, cel.relative.as_posix()) for cel in cut.cels]


# --- names --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "column", "number", "retake"),
    [
        ("A0001.tga", "A", 1, 0),
        ("A_0001.png", "A", 1, 0),
        ("A.0001.png", "A", 1, 0),
        ("A-0012.png", "A", 12, 0),
        ("a001.tga", "A", 1, 0),
        ("0001.png", "", 1, 0),
        ("12.png", "", 12, 0),
        ("BG_book.png", "BG_BOOK", 0, 0),
        ("A/A0001.tga", "A", 1, 0),
        ("A/A_0001.png", "A", 1, 0),
        ("A/0001.png", "A", 1, 0),
        ("a/0001.png", "A", 1, 0),
        ("line/B/B0010.png", "B", 10, 0),
        ("A.R1/A0004.tga", "A", 4, 1),
        ("a.r12/A0004.tga", "A", 4, 12),
        ("title_c012_A0003.png", "TITLE_C012_A", 3, 0),
        ("Ａ０００１.png", "A", 1, 0),
        (unicodedata.normalize("NFD", "ブック/0002.png"), "ブック", 2, 0),
    ],
)
def test_a_name_tells_column_number_and_retake(
    path: str, column: str, number: int, retake: int
) -> None:
    name = NameReader().read(Path(path))
    assert (name.column, name.number, name.take) == (column, number, (retake, 0))


# --- layouts ------------------------------------------------------------------------------------


def test_a_flat_folder(tmp_path: Path) -> None:
    cut = open_cut(lay_out(tmp_path, "A0001.tga", "A0003.tga", "B0001.tga"))
    assert told(cut) == [
        ("A", 1, "A0001.tga"),
        ("A", 3, "A0003.tga"),
        ("B", 1, "B0001.tga"),
    ]
    assert cut.folder == tmp_path
    assert cut.found_references == cut.superseded == ()


def test_a_flat_folder_without_columns(tmp_path: Path) -> None:
    cut = open_cut(lay_out(tmp_path, "0001.png", "0012.png", "0005.png"))
    assert told(cut) == [("", 1, "0001.png"), ("", 5, "0005.png"), ("", 12, "0012.png")]


@pytest.mark.parametrize(
    ("pattern", "other"),
    [
        ("A0001.tga", "B0001.tga"),
        ("A_0001.png", "B_0001.png"),
        ("0001.png", "0001.png"),
        ("a.0001.png", "b.0001.png"),
    ],
)
def test_a_folder_for_each_column(tmp_path: Path, pattern: str, other: str) -> None:
    cut = open_cut(lay_out(tmp_path, f"A/{pattern}", f"B/{other}"))
    assert told(cut) == [("A", 1, f"A/{pattern}"), ("B", 1, f"B/{other}")]


@pytest.mark.parametrize("folder", ["line", "Line", "LINE", "lineart"])
def test_a_line_folder_with_colors_beside_it(tmp_path: Path, folder: str) -> None:
    lay_out(tmp_path, f"{folder}/0001.png", f"{folder}/0002.png", "color/0001.png")
    cut = open_cut(tmp_path)
    assert told(cut) == [("", 1, "0001.png"), ("", 2, "0002.png")]
    assert cut.found_references == (tmp_path / "color/0001.png",)
    assert cut.cels[0].path == tmp_path / folder / "0001.png"


def test_a_studio_cut(tmp_path: Path) -> None:
    lay_out(
        tmp_path,
        "Scan/A/A0001.png",
        "Line/A/A0001.tga",
        "Line/A/A0004.tga",
        "Line/B/B0002.tga",
        "Paint/A/A0001.tga",
        "_Cell/A/A0001.tga",
        "c005.xdts",
    )
    cut = open_cut(tmp_path)
    assert told(cut) == [
        ("A", 1, "A/A0001.tga"),
        ("A", 4, "A/A0004.tga"),
        ("B", 2, "B/B0002.tga"),
    ]
    assert cut.found_references == (tmp_path / "Paint/A/A0001.tga",)


def test_color_folders_beside_flat_drawings_are_references(tmp_path: Path) -> None:
    cut = open_cut(lay_out(tmp_path, "A0001.png", "A0002.png", "ref/A0001.png"))
    assert told(cut) == [("A", 1, "A0001.png"), ("A", 2, "A0002.png")]
    assert cut.found_references == (tmp_path / "ref/A0001.png",)


@pytest.mark.parametrize(
    "passed_over",
    ["_pool/A0009.png", "_ts/c002.png", ".cache/A0009.png", "Scan/A0009.png", "segment/0009.png",
     "A/_old/A0009.png", "_A0009.png", ".A0009.png"],
)  # fmt: skip
def test_what_is_passed_over(tmp_path: Path, passed_over: str) -> None:
    cut = open_cut(lay_out(tmp_path, "A/A0001.png", passed_over))
    assert told(cut) == [("A", 1, "A/A0001.png")]


def test_names_of_ones_own_however_accents_are_stored(tmp_path: Path) -> None:
    on_a_mac = unicodedata.normalize("NFD", "ペン入れ/A0001.png"), "ペイント/A0001.png"
    names = FolderNames(line=("ペン入れ",), color=(unicodedata.normalize("NFD", "ペイント"),))
    cut = open_cut(lay_out(tmp_path, *on_a_mac), names=names)
    assert told(cut) == [("A", 1, "A0001.png")]
    assert [path.name for path in cut.found_references] == ["A0001.png"]


def test_other_files_are_no_drawings(tmp_path: Path) -> None:
    cut = open_cut(lay_out(tmp_path, "A0001.png", "cut.xdts", "notes.txt", "Thumbs.db", "A0002"))
    assert told(cut) == [("A", 1, "A0001.png")]


def test_suffixes_in_capitals(tmp_path: Path) -> None:
    assert told(open_cut(lay_out(tmp_path, "A0001.TGA"))) == [("A", 1, "A0001.TGA")]


# --- numbers and retakes ------------------------------------------------------------------------


def test_numbers_are_sparse_and_sorted_as_numbers(tmp_path: Path) -> None:
    cut = open_cut(lay_out(tmp_path, "A/A10.png", "A/A9.png", "A/A100.png", "A/A0002.png"))
    assert [cel.number for cel in cut.cels] == [2, 9, 10, 100]


def test_a_retake_takes_the_place_of_the_older_drawing(tmp_path: Path) -> None:
    lay_out(tmp_path, "A/A0001.tga", "A/A0004.tga", "A.R1/A0004.tga", "A.R2/A0001.tga")
    lay_out(tmp_path, "A.R1/A0001.tga", "A.R1/A0009.tga")
    cut = open_cut(tmp_path)
    assert told(cut) == [
        ("A", 1, "A.R2/A0001.tga"),
        ("A", 4, "A.R1/A0004.tga"),
        ("A", 9, "A.R1/A0009.tga"),
    ]
    superseded = ["A.R1/A0001.tga", "A/A0001.tga", "A/A0004.tga"]
    assert cut.superseded == tuple(sorted(tmp_path / name for name in superseded))


def test_retakes_count_as_numbers(tmp_path: Path) -> None:
    cut = open_cut(lay_out(tmp_path, "A.R9/A0001.png", "A.R10/A0001.png"))
    assert told(cut) == [("A", 1, "A.R10/A0001.png")]


def test_columns_and_names(tmp_path: Path) -> None:
    cut = open_cut(lay_out(tmp_path, "A/A0003.png", "b/0001.png", "A/A0001.png"))
    columns = cut.columns()
    assert list(columns) == ["A", "B"]
    assert [cel.number for cel in columns["A"]] == [1, 3]
    assert [cel.name for cel in cut.cels] == ["A/A0001", "A/A0003", "b/0001"]


def test_a_newer_version_takes_the_place_of_the_older_one(tmp_path: Path) -> None:
    lay_out(tmp_path, "A0001.png", "A0001_v02.png", "A0002_v9.png", "A0002_v10.png", "A0003_t1.png")
    cut = open_cut(tmp_path)
    assert told(cut) == [
        ("A", 1, "A0001_v02.png"),
        ("A", 2, "A0002_v10.png"),
        ("A", 3, "A0003_t1.png"),
    ]
    assert cut.superseded == (tmp_path / "A0001.png", tmp_path / "A0002_v9.png")


def test_a_retake_counts_before_a_version(tmp_path: Path) -> None:
    cut = open_cut(lay_out(tmp_path, "A/A0001_v03.png", "A.R1/A0001_v01.png", "A/A0002_v01.png"))
    assert told(cut) == [("A", 1, "A.R1/A0001_v01.png"), ("A", 2, "A/A0002_v01.png")]


def test_others_of_one_number_are_cels_each(tmp_path: Path) -> None:
    """A copy, and a name written otherwise: nobody knows which is meant."""
    lay_out(tmp_path, "A/A0001.png", "A/A0001 copy.png", "A/A_0001.png", "A/A0001 (1).png")
    cut = open_cut(tmp_path)
    assert [(cel.suffix, cel.path.name) for cel in cut.cels] == [
        ("", "A0001.png"),
        ("1", "A0001 (1).png"),
        ("A_0001", "A_0001.png"),
        ("COPY", "A0001 copy.png"),
    ]
    first = tmp_path / "A" / "A0001.png"
    assert {pair[1] for pair in cut.same_number} == {first}
    assert len([line for line in tell_left_out(cut) if "has the number of A0001.png" in line]) == 3


def test_files_whose_painted_cels_would_have_one_name(tmp_path: Path) -> None:
    lay_out(tmp_path, "A0001.png", "A0001.tga", "A0002.png", "B0001.jpg", "B0001.png")
    cut = open_cut(tmp_path)
    assert told(cut) == [
        ("A", 1, "A0001.png"),
        ("A", 2, "A0002.png"),
        ("B", 1, "B0001.jpg"),
    ]
    assert cut.clashing == (
        (tmp_path / "A0001.tga", tmp_path / "A0001.png"),
        (tmp_path / "B0001.png", tmp_path / "B0001.jpg"),
    )
    assert len(tell_clashing(cut)) == 2


# --- what is no cel -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    ["BG1.png", "Layout.png", "sunset.png", "LO.png", "c012_BG.png", "bg_color.tga", "背景.png",
     "BOOK.psd", "memo1.png", "photo.jpg", "BG/BG0001.png", "レイアウト/0001.png", "A/A0001_LO.png",
     "LO/A/0001.png", "A/bg.png"],
)  # fmt: skip
def test_what_is_no_cel_beside_columns(tmp_path: Path, name: str) -> None:
    lay_out(tmp_path, "A/A0001.png", "A/A0002.png", "B/B0001.png", name)
    cut = open_cut(tmp_path)
    assert [cel.name for cel in cut.cels] == ["A/A0001", "A/A0002", "B/B0001"]
    assert cut.left_alone == (tmp_path / name,)
    assert any(name in line and "--also" in line for line in tell_left_out(cut))
    named = {Path(name).stem, Path(name).parts[0]}
    for also in named:
        again = open_cut(tmp_path, names=FolderNames(also=(also.lower(),)))
        assert tmp_path / name in [cel.path for cel in again.cels]
        assert again.left_alone == ()


@pytest.mark.parametrize("name", ["B0001.png", "0001.png", "A.R1/A0001.png", "b.png", "Logo/1.png"])
def test_what_is_a_cel_beside_columns(tmp_path: Path, name: str) -> None:
    cut = open_cut(lay_out(tmp_path, "A/A0001.png", "B/B0003.png", name))
    assert tmp_path / name in [cel.path for cel in cut.cels]


def test_a_row_of_drawings_beside_other_folders(tmp_path: Path) -> None:
    names = [f"walk{n}.png" for n in range(1, 4)]
    cut = open_cut(lay_out(tmp_path, *names, "sketches/1.png"))
    assert len(cut.cels) == 4


@pytest.mark.parametrize("name", ["BG1.png", "BOOK.png", "c001_LO.png", "Layout 2.png"])
def test_what_is_no_cel_among_flat_drawings(tmp_path: Path, name: str) -> None:
    cut = open_cut(lay_out(tmp_path, "A0001.png", "B0001.png", "sky.png", name))
    assert [cel.name for cel in cut.cels] == ["A0001", "B0001", "sky"]
    assert cut.left_alone == (tmp_path / name,)


def test_backgrounds_alone_are_cels(tmp_path: Path) -> None:
    cut = open_cut(lay_out(tmp_path, "BOOK/BOOK1.png", "BG1.png"))
    assert [cel.name for cel in cut.cels] == ["BG1", "BOOK/BOOK1"]


def test_what_lies_beside_the_folder_of_drawings_is_told(tmp_path: Path) -> None:
    lay_out(
        tmp_path, "line/A0001.png", "BG1.png", "old/A0001.png", "old/A0002.png", "ref/A0001.png"
    )
    cut = open_cut(tmp_path)
    assert [cel.name for cel in cut.cels] == ["A0001"]
    (line,) = tell_left_out(cut)
    assert "BG1.png and old (2)" in line
    assert "--line-folder" in line


def test_backgrounds_among_references(tmp_path: Path) -> None:
    names = ["Line/A/a0001.png", "Paint/A/a0001.png", "Paint/BG/bg001.png"]
    cut = open_cut(lay_out(tmp_path, *names))
    assert cut.found_references == (tmp_path / "Paint/A/a0001.png",)
    assert cut.left_alone == (tmp_path / "Paint/BG/bg001.png",)


# --- folders by role ----------------------------------------------------------------------------


@pytest.mark.parametrize("line", ["動画", "原画", "線画", "Line", "線"])
@pytest.mark.parametrize("color", ["彩色", "仕上", "仕上げ", "着色", "Paint", "色"])
def test_folders_of_lines_and_colors(tmp_path: Path, line: str, color: str) -> None:
    lay_out(tmp_path, f"{line}/A/A0001.png", f"{line}/A/A0002.png", f"{color}/A/A0001.png")
    for folder in (tmp_path, tmp_path / line):
        cut = open_cut(folder)
        assert [cel.name for cel in cut.cels] == ["A/A0001", "A/A0002"]
        assert [path.parts[-3:] for path in cut.found_references] == [(color, "A", "A0001.png")]


def test_lines_and_colors_apart_in_each_column(tmp_path: Path) -> None:
    names = ["A/Line/0001.png", "A/Line/0002.png", "B/Line/0001.png"]
    lay_out(tmp_path, *names, "A/Paint/0001.png", "B/Paint/0001.png", "B/hint/0001.png")
    cut = open_cut(tmp_path)
    assert told(cut) == [("A", 1, names[0]), ("A", 2, names[1]), ("B", 1, names[2])]
    found = [cut.find_named(path) for path in (*cut.found_references, *cut.found_hints)]
    assert [cel and cel.relative.as_posix() for cel in found] == [names[0], names[2], names[2]]
    assert cut.not_painted == cut.beside == ()


def test_cleaned_drawings_come_before_keys(tmp_path: Path) -> None:
    lay_out(tmp_path, "原画/A0001.png", "動画/A0001.png", "動画/A0002.png")
    cut = open_cut(tmp_path)
    assert [cel.path.parent.name for cel in cut.cels] == ["動画", "動画"]
    assert cut.beside == (tmp_path / "原画/A0001.png",)
    cut = open_cut(tmp_path, names=FolderNames(line=("原画", "動画")))
    assert [cel.path.parent.name for cel in cut.cels] == ["原画"]


def test_the_folder_of_drawings_has_all_that_lies_beside_it(tmp_path: Path) -> None:
    lay_out(
        tmp_path, "c1/line/0001.png", "c1/ref/0001.png", "c1/model/hero.png", "c1/hint/0001.png"
    )
    cut = open_cut(tmp_path / "c1" / "line")
    assert len(cut.found_references) == len(cut.found_sheets) == len(cut.found_hints) == 1
    assert cut.home == (tmp_path / "c1").resolve()
    assert open_cut(tmp_path / "c1").home == tmp_path / "c1"


# --- painted in place ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("drawings", "painted", "is_cel"),
    [
        (["0001.png", "0002.png"], "0000.png", True),
        (["A/A0002.png"], "A/A0001.png", True),
        (["A0001_v02.png"], "A0002_v02.png", True),
        (["A0001.psd"], "sheet.psd", True),
        ([], "0000.png", True),
        (["A0001.png"], "A0001_color.png", False),
        (["A0001.png"], "A0001 copy.png", False),
        (["A0001.png", "A0002.png"], "A0003_color.png", False),
        (["A0001.png"], "sheet.png", False),
        (["A0001.png"], "model1.png", False),
        (["A0001.png"], "hero/0001.png", False),
        (["A0001.png"], "A0001.psd", False),
    ],
)
def test_a_reference_among_the_drawings(
    tmp_path: Path, drawings: list[str], painted: str, is_cel: bool
) -> None:
    lay_out(tmp_path, *drawings, painted)
    cut = open_cut(tmp_path, references=[tmp_path / painted])
    expected = sorted([*drawings, painted] if is_cel else drawings)
    assert sorted(cel.relative.as_posix() for cel in cut.cels) == expected
    assert cut.not_painted == ()


# --- formats that are not read ------------------------------------------------------------------


def test_files_in_other_formats_are_counted(tmp_path: Path) -> None:
    lay_out(tmp_path, "A/1.png", "A/2.webp", "A/3.WEBP", "b.gif", "c.sts", "d.csv", "ref/1.clip")
    lay_out(tmp_path, "cut.mp4", "notes.txt", "cut.xdts", "_old/1.webp", "scan/1.webp", "Thumbs.db")
    lines = " ".join(tell_left_out(open_cut(tmp_path)))
    for words in ("2 .webp and 1 .gif passed over", "export them as PNG", "1 .sts and 1 .csv",
                  "XDTS or TDTS", "1 .clip", "1 .mp4"):  # fmt: skip
        assert words in lines


def test_a_folder_of_nothing_but_other_formats(tmp_path: Path) -> None:
    lay_out(tmp_path, "A/1.webp", "A/2.webp", "1.kra")
    with pytest.raises(EmptyCut, match=r"no drawing found, but 2 \.webp and 1 \.kra") as caught:
        open_cut(tmp_path)
    assert "as PNG" in caught.value.action
    with pytest.raises(EmptyCut, match=r"no picture found, but 2 \.webp"):
        expand_images([tmp_path / "A"])


# --- exclude, expand ----------------------------------------------------------------------------


def test_excluded_files_and_folders_are_not_drawings(tmp_path: Path) -> None:
    lay_out(tmp_path, "A0001.png", "A0002.png", "sheet.png", "out/A0001.png", "color/A0001.png")
    exclude = [tmp_path / "sheet.png", tmp_path / "out", tmp_path / "color"]
    cut = open_cut(tmp_path, exclude)
    assert told(cut) == [("A", 1, "A0001.png"), ("A", 2, "A0002.png")]
    assert cut.found_references == ()


def test_excluded_paths_may_be_written_another_way(tmp_path: Path) -> None:
    lay_out(tmp_path, "A0001.png", "out/A0002.png")
    cut = open_cut(tmp_path, [tmp_path / "out" / ".." / "out"])
    assert told(cut) == [("A", 1, "A0001.png")]


def test_expand_images(tmp_path: Path) -> None:
    lay_out(tmp_path, "sheet.png", "refs/B/1.png", "refs/a.png", "refs/notes.txt")
    found = expand_images([tmp_path / "sheet.png", tmp_path / "refs"])
    assert [path.relative_to(tmp_path).as_posix() for path in found] == [
        "sheet.png",
        "refs/a.png",
        "refs/B/1.png",
    ]


def test_expand_images_that_are_not_there(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="no such file"):
        expand_images([tmp_path / "none.png"])
    (tmp_path / "empty").mkdir()
    with pytest.raises(EmptyCut, match="no picture found"):
        expand_images([tmp_path / "empty"])


# --- errors -------------------------------------------------------------------------------------


def test_a_missing_folder(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="no such folder") as caught:
        open_cut(tmp_path / "nowhere")
    assert caught.value.path == tmp_path / "nowhere"
    assert "expected" in str(caught.value)


def test_a_file_instead_of_a_folder(tmp_path: Path) -> None:
    lay_out(tmp_path, "A0001.png")
    with pytest.raises(UnreadableFile, match="this is a file"):
        open_cut(tmp_path / "A0001.png")


@pytest.mark.parametrize("names", [(), ("notes.txt",), ("_old/A0001.png",), ("color/A0001.png",)])
def test_a_folder_without_drawings(tmp_path: Path, names: tuple[str, ...]) -> None:
    lay_out(tmp_path, *names)
    with pytest.raises(EmptyCut, match="no drawing found"):
        open_cut(tmp_path)
