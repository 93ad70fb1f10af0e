"""What names of drawings say, as programs and people write them; read together and alone."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shiage.cuts.cut import open_cut
from shiage.cuts.names import NameReader
from tests.cuts.test_cut import lay_out


def numbers(*names: str) -> list[tuple[str, int]]:
    """Column and number of each name, read together."""
    reader = NameReader(map(Path, names))
    return [(said.column, said.number) for said in map(reader.read, map(Path, names))]


def of_column(column: str, *numbers: int) -> list[tuple[str, int]]:
    return [(column, number) for number in numbers]


SCHEMES = {
    "RETAS": (["A0001.tga", "A0002.tga", "A0010.tga"], of_column("A", 1, 2, 10)),
    "OpenToonz": (["name.0001.png", "name.0002.png"], of_column("NAME", 1, 2)),
    "OpenToonz, inserted": (["A.0001.png", "A.0001a.png"], of_column("A", 1, 1)),
    "Krita": (["frame0001.png", "frame0024.png"], of_column("FRAME", 1, 24)),
    "Pencil2D": (["walk0001.png", "walk0003.png"], of_column("WALK", 1, 3)),
    "Blender": (["0001.png", "0250.png"], of_column("", 1, 250)),
    "Aseprite": (["hero 1.png", "hero 2.png"], of_column("HERO", 1, 2)),
    "Aseprite, of a name with a number": (["hero21.png", "hero22.png"], of_column("HERO", 21, 22)),
    "Clip Studio": (["A_1.png", "A_12.png"], of_column("A", 1, 12)),
    "Harmony": (["Drawing-1.tga", "Drawing-2.tga"], of_column("DRAWING", 1, 2)),
    "TVPaint": (
        ["[001] A1/[001] A1.png", "[001] A1/[005] A1.png", "[002] B2/[003] B2.png"],
        [("[001] A1", 1), ("[001] A1", 5), ("[002] B2", 3)],
    ),
    "Photoshop, layers to files": (
        ["cut_0000_Layer 2.png", "cut_0001_Layer 1.png", "cut_0002_face.png"],
        of_column("CUT", 0, 1, 2),
    ),
    "Photoshop, other languages": (
        ["_0000_レイヤー 12.png", "_0001_レイヤー 3.png", "_0002_Ebene 1.png"],
        of_column("", 0, 1, 2),
    ),
    "a scanner": (
        ["scan_2026-11-30_0001.png", "scan_2026-11-30_0002.png"],
        of_column("SCAN_2026-11-30", 1, 2),
    ),
    "a phone": (["IMG_2031.jpg", "IMG_2032.jpg"], of_column("IMG", 2031, 2032)),
    "a phone, by time": (
        ["IMG_20261130_142233.jpg", "IMG_20261130_142301.jpg"],
        of_column("IMG_20261130", 142233, 142301),
    ),
    "Explorer, renamed at once": (["hero (1).png", "hero (2).png"], of_column("HERO", 1, 2)),
    "cut, take": (["c012_A_0003_t2.png", "c012_A_0004_t2.png"], of_column("C012_A", 3, 4)),
    "scene and cut": (
        ["S01C012_A0003.png", "S01C012_A0004.png", "S01C012_B0003.png"],
        [*of_column("S01C012_A", 3, 4), ("S01C012_B", 3)],
    ),
    "カット": (["第3話_カット12_A0001.png", "第3話_カット12_A0002.png"],
               of_column("第3話_カット12_A", 1, 2)),
    "version": (["A0001_v02.png", "A0002_v02.png"], of_column("A", 1, 2)),
    "versions that differ": (["A0001_v01.png", "A0002_v03.png", "A0003_v01.png"],
                             of_column("A", 1, 2, 3)),
    "version, in a folder": (["A/A0001v02.png", "A/A0002v02.png"], of_column("A", 1, 2)),
    "take": (["A0003_t1.png", "A0004_t1.png"], of_column("A", 3, 4)),
    "retake by word": (["A3 take 2.png", "A4 take 2.png"], of_column("A", 3, 4)),
    "リテイク": (["A0003_リテイク2.png", "A0004_リテイク2.png"], of_column("A", 3, 4)),
    "size": (["hero_0001_4k.png", "hero_0002_4k.png"], of_column("HERO", 1, 2)),
    "size in pixels": (["A_1_1920x1080.png", "A_2_1920x1080.png"], of_column("A", 1, 2)),
    "scale": (["walk-03@2x.png", "walk-04@2x.png"], of_column("WALK", 3, 4)),
    "resolution": (["A1_300dpi.png", "A2_300dpi.png"], of_column("A", 1, 2)),
    "speed": (["walk_3_12fps.png", "walk_4_12fps.png"], of_column("WALK", 3, 4)),
    "no word at all": (["A_0001_7.png", "A_0002_7.png"], of_column("A", 1, 2)),
    "number first": (["0001-hero2.png", "0002-hero2.png"], of_column("", 1, 2)),
    "index and frame": (["1_0010.png", "2_0012.png"], of_column("", 10, 12)),
    "columns with numbers": (
        ["A1_01.png", "A1_02.png", "A2_01.png", "A2_02.png"],
        [*of_column("A1", 1, 2), *of_column("A2", 1, 2)],
    ),
    "a column named like a word": (["c012_T0003.png", "c012_T0004.png"], of_column("C012_T", 3, 4)),
    "versions alone": (["v1.png", "v2.png"], of_column("V", 1, 2)),
    "full width": (["Ａ０００１＿ｖ２.png", "Ａ０００２＿ｖ２.png"], of_column("A", 1, 2)),
}  # fmt: skip


@pytest.mark.parametrize("scheme", SCHEMES)
def test_names_as_they_are_met(scheme: str) -> None:
    names, expected = SCHEMES[scheme]
    assert numbers(*names) == expected


@pytest.mark.parametrize("scheme", SCHEMES)
def test_none_of_them_is_lost(tmp_path: Path, scheme: str) -> None:
    names, _ = SCHEMES[scheme]
    cut = open_cut(lay_out(tmp_path, *names))
    assert sorted(cel.relative.as_posix() for cel in cut.cels) == sorted(names)
    assert cut.not_painted == ()
    assert cut.same_number == ()


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("A0001_v02.png", ("A", 1)),
        ("A0003_t1.png", ("A", 3)),
        ("C0001_v02.png", ("C", 1)),
        ("c012_T0003.png", ("C012_T", 3)),
        ("hero2_0001.png", ("HERO2", 1)),
        ("hero_0001_4k.png", ("HERO", 1)),
        ("[005] A1.png", ("A1", 5)),
        ("cut_0000_Layer 2.png", ("CUT", 0)),
        ("scan_2026-11-30_0001.png", ("SCAN_2026-11-30", 1)),
        ("30.11.2026_7.png", ("30.11.2026", 7)),
        ("A0001 copy 2.png", ("A", 1)),
        ("A0001 (3).png", ("A", 1)),
        ("A0001のコピー.png", ("A", 1)),
        ("A0001_final2.png", ("A", 1)),
        ("9" * 30 + "_0002.png", ("9" * 30, 2)),
    ],
)
def test_a_single_name(name: str, expected: tuple[str, int]) -> None:
    assert numbers(name) == [expected]


def test_a_lone_file_is_read_like_the_others() -> None:
    names = ["A_1_5.png", "A_2_5.png", "A_3_5.png", "B_1_5.png", "C/1_5.png"]
    assert numbers(*names) == [*of_column("A", 1, 2, 3), ("B", 1), ("C", 5)]


@pytest.mark.parametrize(
    ("names", "doubt"),
    [
        (["A1_2.png"], ("2", "1")),
        (["12_3.png", "13_4.png"], ("3", "12")),
        (["A0001_v01.png", "A0001_v02.png"], ("01", "0001")),
        (["hero_0001_1x.png", "hero_0001_2x.png"], ("1", "0001")),
        (["cut_0000_A3.png", "cut_0001_A2.png"], ("0000", "3")),
        (["0001_1.png", "0001_2.png", "0002_1.png"], ("0001", "1")),
    ],
)
def test_what_could_be_read_otherwise_is_told(names: list[str], doubt: tuple[str, str]) -> None:
    (found,) = NameReader(map(Path, names)).doubts
    assert (found.taken, found.other, found.count) == (*doubt, len(names))


@pytest.mark.parametrize("scheme", [s for s in SCHEMES if s != "index and frame"])
def test_names_that_tell_are_not_doubted(scheme: str) -> None:
    assert NameReader(map(Path, SCHEMES[scheme][0])).doubts == ()


@pytest.mark.parametrize(
    ("drawings", "references"),
    [
        (["A0001_v02.png", "A0002_v02.png"],
         {"A0001.png": 0, "A0002_color.png": 1, "A0001_v02_color.png": 0, "A0001_color_v02.png": 0,
          "A0001_v01.png": None, "A0003.png": None, "B0001.png": None}),
        (["hero_0001_4k.png", "hero_0002_4k.png"],
         {"hero_0002.png": 1, "hero_color_0001_4k.png": 0, "0001.png": 0, "a/hero_0002_4k.png": 1}),
        (["A/A_1_7.png", "A/A_2_7.png", "B/B_1_7.png"],
         {"ref/A/A_2_7.png": 1, "A_2_7 paint.png": 1, "A/2.png": 1, "B/B_1.png": 2}),
        (["[001] A1/[005] A1.png", "[001] A1/[006] A1.png"],
         {"key/[006] A1.png": 1, "[001] A1/[005] A1.png": 0, "[001] A1/5.png": 0}),
        (["cut_0000_Layer 2.png", "cut_0001_head.png"],
         {"cut_0000.png": 0, "cut_0001.png": 1, "cut_0001_head_color.png": 1, "0001.png": 1}),
        (["name.0001.png", "name.0002.png"],
         {"name.0002.png": 1, "name.0001_color.png": 0, "name.0002": 1}),
        (["line_0001.png", "line_0002.png"], {"color_0002.png": 1, "0001.png": 0}),
        (["A0001.png", "A0001b.png", "A0002.png", "A0002 copy.png"],
         {"A0001 final.png": None, "A0001b.png": 1, "A0001c.png": None, "A0002_done.png": None,
          "A0002 copy.png": 3, "A0002.png": 2}),
        (["0000.png", "0001.png"], {"hero.png": None, "0.png": 0, "0001 final.png": 1}),
    ],
)  # fmt: skip
def test_what_belongs_to_a_drawing_is_read_like_it(
    tmp_path: Path, drawings: list[str], references: dict[str, int | None]
) -> None:
    cut = open_cut(lay_out(tmp_path, *drawings))
    found = {name: cut.find_named(Path(name)) for name in references}
    told = {name: cel and cel.relative.as_posix() for name, cel in found.items()}
    expected = {n: None if at is None else drawings[at] for n, at in references.items()}
    assert told == expected


WORDS = "A b X hero v1 v02 t2 0001 0002 3 4k copy (1) c012 Layer_2 BG 2026-11-30 color 線画"
PARTS = st.sampled_from(WORDS.split())
NAMES = st.lists(
    st.builds(
        lambda folder, parts, between, ending: f"{folder}{between.join(parts)}{ending}",
        st.sampled_from(["", "A/", "B/", "A.R1/", "BG/"]),
        st.lists(PARTS, min_size=1, max_size=4),
        st.sampled_from(["", "_", " ", "."]),
        st.sampled_from([".png", ".tga", ".PNG", ".jpg"]),
    ),
    min_size=1,
    max_size=12,
    unique_by=str.lower,
)


@given(NAMES)
@settings(max_examples=200, deadline=None)
def test_every_picture_has_its_place(
    tmp_path_factory: pytest.TempPathFactory, names: list[str]
) -> None:
    """Whatever the names: each is a cel, replaced by a newer one, or told; no two are one."""
    root = lay_out(tmp_path_factory.mktemp("cut"), *names)
    cut = open_cut(root)
    cels = [cel.path for cel in cut.cels]
    assert sorted([*cels, *cut.not_painted]) == sorted(root / name for name in names)
    assert len({cel.key for cel in cut.cels}) == len({cel.name for cel in cut.cels}) == len(cels)
    doubled = {path for path, _ in cut.same_number}
    for cel in (cel for cel in cut.cels if cel.path not in doubled):
        assert cut.find_named(cel.relative) in (cel, None)
