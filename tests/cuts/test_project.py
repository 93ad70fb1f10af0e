"""The project file: what an artist decided, written and read again."""

from __future__ import annotations

import errno
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shiage.colors.palette import Palette
from shiage.cuts.outputs import PROJECT_FILE
from shiage.cuts.project import (
    FORMAT,
    CelWork,
    Correction,
    Project,
    ProjectColor,
    WorkingPalette,
    apply_palette,
    decide_ids,
    read_project,
    write_project,
)
from shiage.cuts.recipe import Recipe
from shiage.errors import DamagedProject, WriteFailed
from shiage.lines.lineart import LineSettings, TraceHue
from shiage.lines.segments import SegmentSettings
from shiage.painting.edits import WIDEST, Stroke
from shiage.painting.painted_cel import PaintSettings
from shiage.structures import UNKNOWN
from tests.drawings import BLUE, RED, map_from_text, palette_of

STROKE = Stroke("pen", ((1, -2), (300, 4)), 7)
WORK = CelWork((Correction((3, 4), "#ff0000"),), (STROKE,), reference=True, hold=5)


def full_project(folder: Path) -> Project:
    """A project in which nothing is as by default."""
    return Project(
        cut=folder / "cut",
        recipe=Recipe(
            references=(folder / "key" / "A0001.png", folder / "more keys"),
            sheets=((folder / "sheet_line.png", folder / "色見本.png"),),
            palettes=(folder / "色.gpl", folder / "more.ase"),
            matcher="shape",
            settings=PaintSettings(
                LineSettings(
                    90,
                    (TraceHue("purple", 280.5, 320),),
                    all_trace=False,
                    guide_hues=(TraceHue("yellow", 45, 65),),
                    all_trace_columns=("S",),
                ),
                SegmentSettings(gap=12, min_area=3, merge_slivers=True),
                traces="keep",
                undecided="#ff00ff",
                below=0.25,
                snap=3,
                max_pixels=1_000_000,
            ),
        ),
        sure=0.9,
        fps=12,
        hold=3,
        palette=(
            ProjectColor("#ff0000", "#fe0102", '赤 "red" [\n1,\n2\n]'),
            ProjectColor("#00ff0080", "#00ff0080", ""),
        ),
        cels={"A/A0001": WORK, "B/B0002": CelWork(hold=0)},
    )


def write_text(folder: Path, text: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / PROJECT_FILE).write_text(text, encoding="utf-8")
    return folder


# --- written and read ---------------------------------------------------------------------------


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    project = full_project(tmp_path)
    write_project(tmp_path / "out", project)
    assert read_project(tmp_path / "out") == project
    plain = Project(tmp_path / "cut")
    write_project(tmp_path / "out", plain)
    assert read_project(tmp_path / "out") == plain


NAMES = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
PLACES = st.tuples(st.integers(-1000, 1000), st.integers(-1000, 1000))
COLORS = st.binary(min_size=3, max_size=3).map(lambda rgb: "#" + rgb.hex())
WORKS = st.builds(
    CelWork,
    st.lists(st.builds(Correction, PLACES, st.just("none")), max_size=3).map(tuple),
    st.lists(
        st.builds(
            Stroke,
            st.sampled_from(["close", "pen", "erase", "join"]),
            st.lists(PLACES, min_size=1, max_size=4).map(tuple),
            st.integers(1, WIDEST),
        ),
        max_size=3,
    ).map(tuple),
    st.booleans(),
    st.none() | st.integers(0, 100),
)


@given(
    st.dictionaries(NAMES, WORKS, max_size=3),
    st.dictionaries(NAMES, st.builds(ProjectColor, COLORS, COLORS, NAMES), max_size=3),
)
def test_any_project_is_read_as_it_was_written(
    works: dict[str, CelWork], colors: dict[str, ProjectColor]
) -> None:
    palette = tuple(ProjectColor(key, c.color, c.name) for key, c in colors.items())
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name).resolve()
        project = Project(folder / "cut", palette=palette).with_work(works)
        write_project(folder, project)
        assert read_project(folder) == project


def test_without_a_file_there_is_no_project(tmp_path: Path) -> None:
    assert read_project(tmp_path) is None
    assert read_project(tmp_path / "nowhere") is None
    (tmp_path / "file").write_text("mine")
    assert read_project(tmp_path / "file") is None


def test_a_short_file_is_filled_up_with_defaults(tmp_path: Path) -> None:
    write_text(tmp_path / "out", '{"cut": "../cut"}')
    assert read_project(tmp_path / "out") == Project(tmp_path / "cut")


def test_both_folders_can_be_moved_together(tmp_path: Path) -> None:
    here = tmp_path / "here"
    project = full_project(here)
    write_project(here / "cut_painted", project)
    assert str(tmp_path) not in (here / "cut_painted" / PROJECT_FILE).read_text(encoding="utf-8")
    there = tmp_path / "other" / "there"
    there.parent.mkdir()
    shutil.move(here, there)
    assert read_project(there / "cut_painted") == full_project(there)


def test_the_folder_may_be_named_in_any_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = Project(tmp_path / "cut")
    monkeypatch.chdir(tmp_path)
    write_project(Path("out"), Project(Path("cut")))
    assert read_project(Path("out")) == project
    assert read_project(tmp_path / "out") == project
    monkeypatch.chdir(tmp_path / "out")
    assert read_project(Path()) == project


def test_paths_lead_through_links(tmp_path: Path) -> None:
    real = tmp_path / "disk" / "work"
    (real / "cut").mkdir(parents=True)
    link = tmp_path / "link"
    link.symlink_to(real)
    for folder, cut in ((link, real), (real, link), (link, link)):
        write_project(folder / "out", Project(cut / "cut"))
        for seen in (link, real):
            found = read_project(seen / "out")
            assert found is not None
            assert found.cut.samefile(real / "cut")
    shutil.move(tmp_path / "disk", tmp_path / "moved")
    found = read_project(tmp_path / "moved" / "work" / "out")
    assert found is not None
    assert found.cut == tmp_path / "moved" / "work" / "cut"


def test_people_can_read_it(tmp_path: Path) -> None:
    write_project(tmp_path, full_project(tmp_path))
    text = (tmp_path / PROJECT_FILE).read_text(encoding="utf-8")
    data = json.loads(text)
    assert data["format"] == FORMAT
    assert data["cut"] == "cut"
    assert data["cels"]["A/A0001"]["corrections"] == [{"at": [3, 4], "color": "#ff0000"}]
    assert data["cels"]["B/B0002"] == {"hold": 0}  # only what was decided
    lines = text.splitlines()
    assert text.endswith("}\n")
    assert '     "at": [3, 4],' in lines  # a place is one line
    assert "      [1, -2]," in lines
    assert any("色見本" in line for line in lines)
    assert max(map(len, lines)) < 100


def test_cels_of_which_nothing_is_decided_any_more_are_dropped() -> None:
    project = Project(Path("cut")).with_work({"B": WORK, "A": CelWork(hold=2)})
    assert list(project.cels) == ["A", "B"]
    assert project.work("B") == WORK
    assert project.work("C") == CelWork()
    changed = project.with_work({"A": CelWork(), "C": CelWork()})
    assert changed.cels == {"B": WORK}
    assert list(project.cels) == ["A", "B"]  # not changed itself


# --- damaged ------------------------------------------------------------------------------------


def damaged(folder: Path) -> DamagedProject:
    with pytest.raises(DamagedProject) as caught:
        read_project(folder)
    error = caught.value
    assert error.path == folder / PROJECT_FILE
    assert error.found
    assert error.expected
    assert error.action
    assert "\n" not in str(error)
    return error


CONTENT = {
    "empty": b"",
    "cut off": b'{"cut": "../cut", "cels": {"A": {"corr',
    "a list": b"[]",
    "not UTF-8": '{"cut": "../切"}'.encode("shift-jis"),
    "a picture": b"\x89PNG\r\n\x1a\n",
    "deep": b'{"x": ' + b"[" * 100_000,
    "half a character": b'{"cut": "\\udc83"}',
}


@pytest.mark.parametrize("content", CONTENT.values(), ids=CONTENT)
def test_what_is_no_project(tmp_path: Path, content: bytes) -> None:
    (tmp_path / PROJECT_FILE).write_bytes(content)
    assert "cannot be read" in damaged(tmp_path).found
    assert (tmp_path / PROJECT_FILE).read_bytes() == content


def correction(**values: Any) -> dict[str, Any]:
    return {"cels": {"A": {"corrections": [{"at": [1, 2], "color": "#ff0000"} | values]}}}


def stroke(**values: Any) -> dict[str, Any]:
    return {"cels": {"A": {"strokes": [{"kind": "pen", "points": [[1, 2]]} | values]}}}


def color(**values: Any) -> dict[str, Any]:
    return {"palette": [{"key": "#ff0000", "color": "#ff0000", "name": "red"} | values]}


WRONG = [
    ({"cut": 5}, "cut"),
    ({"cut": "a\0b"}, "cut"),
    ({"cut": None}, "cut"),
    ({"references": "key"}, "references"),
    ({"sheets": [["one"]]}, "sheets"),
    ({"below": 1.5}, "below"),
    ({"below": "much"}, "below"),
    ({"fps": 0}, "fps"),
    ({"hold": 0}, "hold"),
    ({"format": "1"}, "format"),
    ({"colour": 1}, "colour"),
    ({"cels": []}, "cels"),
    ({"cels": {"A": None}}, "cels"),
    ({"cels": {"A": {"hold": -1}}}, "hold"),
    ({"cels": {"A": {"note": ""}}}, "note"),
    (correction(at=[1]), "at"),
    (correction(at=[1.5, 2]), "at"),
    (correction(at=[1, 10**9]), "at"),
    (correction(who="me"), "who"),
    (correction(color="red"), "'red' is no color"),
    (correction(color="#ff000000"), "#ff000000"),
    (stroke(kind="spray"), "spray"),
    (stroke(points=[]), "points"),
    (stroke(width=0), "width"),
    (stroke(width=WIDEST + 1), "width"),
    (color(color="#12345"), "'#12345' is no color"),
    (color(color="none"), "none"),
    (color(key="k" * 41), "key"),
    ({"settings": {"traces": "erase"}}, "erase"),
    ({"settings": {"gap": 3}}, "gap"),
    ({"settings": {"segments": {"gap": "wide"}}}, "wide"),
    ({"settings": {"lines": {"treshold": 3}}}, "treshold"),
    ({"settings": {"lines": {"trace_hues": [{"name": "", "start": 1}]}}}, "stop"),
]


@pytest.mark.parametrize(("wrong", "told"), WRONG, ids=[json.dumps(w)[:60] for w, _ in WRONG])
def test_wrong_keys_and_values_are_named(tmp_path: Path, wrong: dict[str, Any], told: str) -> None:
    write_text(tmp_path, json.dumps({"cut": "../cut"} | wrong))
    assert told in damaged(tmp_path).found


def test_the_file_of_a_newer_shiage(tmp_path: Path) -> None:
    # It will have keys of which we know nothing; what helps is a newer shiage, not mending.
    write_text(tmp_path, json.dumps({"format": FORMAT + 1, "cut": {"new": 1}, "layers": [1]}))
    error = damaged(tmp_path)
    assert f"format {FORMAT + 1}" in error.found
    assert f"format {FORMAT}" in error.expected
    assert "newer" in error.action


def test_a_file_that_may_not_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_text(tmp_path, '{"cut": "../cut"}')

    def refuse(_: Path) -> bytes:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    monkeypatch.setattr(Path, "read_bytes", refuse)  # root may read everything
    assert "Permission denied" in damaged(tmp_path).found


def test_a_folder_of_its_name(tmp_path: Path) -> None:
    (tmp_path / PROJECT_FILE).mkdir()
    assert "Is a directory" in damaged(tmp_path).found


# --- crashes ------------------------------------------------------------------------------------


def test_a_failed_write_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_project(tmp_path, full_project(tmp_path))
    before = (tmp_path / PROJECT_FILE).read_bytes()

    def fail(*_: Any) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(WriteFailed, match="No space left") as caught:
        write_project(tmp_path, Project(tmp_path / "cut"))
    assert caught.value.path == tmp_path / PROJECT_FILE
    assert [path.name for path in tmp_path.iterdir()] == [PROJECT_FILE]
    assert (tmp_path / PROJECT_FILE).read_bytes() == before


def test_a_disk_that_fills_up_while_writing(tmp_path: Path) -> None:
    write_project(tmp_path, full_project(tmp_path))
    before = (tmp_path / PROJECT_FILE).read_bytes()
    code = f"""
import resource, signal
from pathlib import Path
from shiage.errors import WriteFailed
from shiage.cuts.project import CelWork, read_project, write_project
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
folder = Path({str(tmp_path)!r})
project = read_project(folder).with_work({{f"A{{n:04}}": CelWork(hold=n) for n in range(999)}})
resource.setrlimit(resource.RLIMIT_FSIZE, (4000, 4000))
try:
    write_project(folder, project)
except WriteFailed as error:
    print(error)
"""
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "File too large" in told.stdout
    assert [path.name for path in tmp_path.iterdir()] == [PROJECT_FILE]
    assert (tmp_path / PROJECT_FILE).read_bytes() == before


def test_names_that_are_no_text_are_told(tmp_path: Path) -> None:
    # A folder name in Shift-JIS, as Linux shows it after unpacking.
    write_project(tmp_path, full_project(tmp_path))
    before = (tmp_path / PROJECT_FILE).read_bytes()
    for project in (
        Project(tmp_path / "A\udc83"),
        Project(tmp_path / "cut").with_work({"A\udc830001": WORK}),
    ):
        with pytest.raises(WriteFailed, match=r"is no text.*Rename"):
            write_project(tmp_path, project)
    assert [path.name for path in tmp_path.iterdir()] == [PROJECT_FILE]
    assert (tmp_path / PROJECT_FILE).read_bytes() == before


# --- palette ------------------------------------------------------------------------------------

DEEP = (0x1234, 0x5678, 0x9ABC, 0xFFFF)
"""A color that 8 bits a channel cannot hold; `#12569a` comes close."""

DEEP_KEY = "#123456789abcffff"


def deep_palette() -> Palette:
    return Palette().extended(np.array([DEEP, (65535, 0, 0, 65535)], np.uint16))[0]


def test_a_palette_without_changes_is_that_of_the_references() -> None:
    base = deep_palette()
    working = apply_palette(base, ())
    np.testing.assert_array_equal(working.palette.rgba_u16, base.rgba_u16)
    assert working.palette.names == base.names
    assert working.keys == ("none", DEEP_KEY, "#ff0000")
    assert [working.find(key) for key in (*working.keys, "#00ff00")] == [0, 1, 2, UNKNOWN]


def test_colors_that_differ_in_16_bits_alone_have_keys_of_their_own() -> None:
    twins = np.array([DEEP, (*DEEP[:3], 0xFFFE), (DEEP[0] + 1, *DEEP[1:])], np.uint16)
    working = apply_palette(Palette().extended(twins)[0], ())
    assert len(set(working.keys)) == 4
    assert [working.find(key) for key in working.keys] == [0, 1, 2, 3]


@pytest.mark.parametrize("written", ["#12569a", "#12569A", "12569a"])
def test_a_color_that_was_only_renamed_keeps_its_16_bits(written: str) -> None:
    renamed = ProjectColor(DEEP_KEY, written, "sea")
    working = apply_palette(deep_palette(), [renamed])
    assert tuple(working.palette.rgba_u16[1]) == DEEP
    assert working.palette.names == ("paper", "sea", "#ff0000")
    # Also when no reference has it any more.
    working = apply_palette(Palette(), [renamed])
    assert tuple(working.palette.rgba_u16[1]) == DEEP
    assert working.palette.names == ("paper", "sea")


def test_a_changed_color_keeps_id_and_key() -> None:
    colors = [
        ProjectColor(DEEP_KEY, "#12569b", "sea"),
        ProjectColor("#ff0000", "#00ff0080", "leaf"),
    ]
    base = deep_palette()
    working = apply_palette(base, colors)
    assert working.palette.to_hex() == ["none", "#12569b", "#00ff0080"]
    assert working.palette.rgba_u16[1].tolist() == [257 * n for n in (0x12, 0x56, 0x9B, 0xFF)]
    assert working.palette.names == ("paper", "sea", "leaf")
    assert working.keys == ("none", DEEP_KEY, "#ff0000")
    assert base.to_hex() == ["none", "#12569a", "#ff0000"]
    assert apply_palette(Palette(), colors).palette.to_hex() == ["none", "#12569b", "#00ff0080"]


def test_added_colors_come_after_those_of_the_references() -> None:
    colors = [
        ProjectColor("#00ff00", "#00ff00", "leaf"),
        ProjectColor("#ff0000", "#ff0000", "coat"),
        ProjectColor("#ff0000~2", "#ff0000", "shoe"),  # looks the same, is another
    ]
    working = apply_palette(deep_palette(), colors)
    assert working.keys == ("none", DEEP_KEY, "#ff0000", "#00ff00", "#ff0000~2")
    assert working.palette.to_hex() == ["none", "#12569a", "#ff0000", "#00ff00", "#ff0000"]
    assert working.palette.names[2:] == ("coat", "leaf", "shoe")
    assert working.find("#ff0000~2") == 4


def test_the_paper_can_be_named_and_stays_paper() -> None:
    working = apply_palette(Palette(), [ProjectColor("none", "#ffffff", "paper white")])
    assert working.palette.rgba_u16.tolist() == [[0, 0, 0, 0]]
    assert working.palette.names == ("paper white",)


def test_a_correction_keeps_its_color_when_no_reference_has_it(tmp_path: Path) -> None:
    project = Project(tmp_path / "cut", palette=(ProjectColor("#00ff00", "#00ee00", "leaf"),))
    works = {
        "A1": CelWork((Correction((1, 1), "#ff0000"), Correction((9, 9), "none"))),
        "A2": CelWork((Correction((1, 1), "#00ff00"), Correction((9, 9), DEEP_KEY))),
    }
    write_project(tmp_path, project.with_work(works))
    found = read_project(tmp_path)
    assert found == project.with_work(works)
    found = found.with_colors_used()
    assert found.cels == works
    assert found.with_colors_used() == found
    working = apply_palette(Palette(), found.palette)
    assert working.palette.to_hex() == ["none", "#00ee00", "#ff0000", "#12569a"]
    assert tuple(working.palette.rgba_u16[3]) == DEEP
    assert [working.find(key) for key in ("none", "#00ff00", "#ff0000", DEEP_KEY)] == [0, 1, 2, 3]
    # Where a reference has the color, nothing is new.
    working = apply_palette(deep_palette(), found.palette)
    assert working.keys == ("none", DEEP_KEY, "#ff0000", "#00ff00")
    assert working.palette.names == ("paper", "#12569a", "#ff0000", "leaf")
    write_project(tmp_path, found)
    assert read_project(tmp_path) == found


# --- corrections --------------------------------------------------------------------------------

LABELS = map_from_text("""
    1102
    1102
    0000
    3330
""")


def decide(*corrections: tuple[tuple[int, int], str]) -> list[int]:
    palette = apply_palette(palette_of(RED, BLUE), ())
    made = [Correction(at, key) for at, key in corrections]
    ids: list[int] = decide_ids(made, LABELS, 3, palette).tolist()
    return ids


def test_corrections_decide_the_segments_they_lie_in() -> None:
    assert decide() == [UNKNOWN] * 3
    assert decide(((0, 1), "#ff0000"), ((2, 3), "none")) == [1, UNKNOWN, 0]
    assert decide(((3, 0), "#0000ff")) == [UNKNOWN, 2, UNKNOWN]


@pytest.mark.parametrize("at", [(2, 0), (3, 3), (-1, 0), (0, -1), (4, 0), (0, 4), (99_999, 1)])
def test_corrections_on_ink_and_outside_say_nothing(at: tuple[int, int]) -> None:
    assert decide((at, "#ff0000")) == [UNKNOWN] * 3


def test_of_two_corrections_in_one_segment_the_later_counts() -> None:
    assert decide(((0, 0), "#ff0000"), ((1, 1), "#0000ff")) == [2, UNKNOWN, UNKNOWN]
    assert decide(((1, 1), "#0000ff"), ((0, 0), "#ff0000")) == [1, UNKNOWN, UNKNOWN]


def test_a_color_that_is_not_known_decides_nothing() -> None:
    assert decide(((0, 0), "#123456"), ((3, 0), "#ff0000")) == [UNKNOWN, 1, UNKNOWN]


def test_a_drawing_without_segments() -> None:
    palette = WorkingPalette(Palette(), ("none",))
    ids = decide_ids([Correction((0, 0), "none")], np.zeros((2, 2), np.int32), 0, palette)
    assert ids.shape == (0,)
    assert ids.dtype == np.int32
