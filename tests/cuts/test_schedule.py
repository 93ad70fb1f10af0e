"""Which pictures of a cut its timesheet knows."""

from __future__ import annotations

from pathlib import Path

import pytest

from shiage.cuts.cut import FolderNames, tell_left_out
from shiage.cuts.schedule import open_listed
from shiage.files.timesheets import write_xdts
from tests.cuts.test_cut import lay_out
from tests.files.test_timesheets import sheet_of

DRAWINGS = ["A/A0001.png", "A/A0002.png", "B/B0001.png", "C/C0001.png", "A/memo.png"]


def names_of(root: Path, also: tuple[str, ...] = (), **columns: list[str]) -> list[str]:
    """Names of the cels of the cut in a folder with a timesheet."""
    write_xdts(root / "cut.xdts", sheet_of(**columns))
    return [cel.name for cel in open_listed(root, names=FolderNames(also=also)).cels]


def test_columns_and_pictures_that_the_sheet_does_not_know(tmp_path: Path) -> None:
    lay_out(tmp_path, *DRAWINGS)
    assert names_of(tmp_path, A=["1"], B=["1"]) == ["A/A0001", "A/A0002", "B/B0001"]
    cut = open_listed(tmp_path)
    assert cut.left_alone == (tmp_path / "A/memo.png", tmp_path / "C/C0001.png")
    assert any("C/C0001.png" in line and "--also" in line for line in tell_left_out(cut))


@pytest.mark.parametrize(
    ("also", "name"), [("c", "C/C0001"), ("memo", "A/memo"), ("C0001", "C/C0001")]
)
def test_unless_they_are_named(tmp_path: Path, also: str, name: str) -> None:
    lay_out(tmp_path, *DRAWINGS)
    assert name in names_of(tmp_path, (also,), A=["1"], B=["1"])


def test_what_a_reference_shows_stays(tmp_path: Path) -> None:
    lay_out(tmp_path, *DRAWINGS, "ref/C/C0001.png")
    assert "C/C0001" in names_of(tmp_path, A=["1"], B=["1"])
    lay_out(tmp_path, "keys/memo.png")
    cut = open_listed(tmp_path, references=[tmp_path / "keys"])
    assert "C/C0001" not in [cel.name for cel in cut.cels]


def test_columns_that_may_have_another_name(tmp_path: Path) -> None:
    """The sheet's X has no drawings: it may be what is called C there."""
    lay_out(tmp_path, *DRAWINGS)
    assert "C/C0001" in names_of(tmp_path, A=["1"], X=["1"])
    assert "C/C0001" not in names_of(tmp_path, A=["1"], B=["1"], BG=["1"])


def test_a_sheet_of_another_cut_says_nothing(tmp_path: Path) -> None:
    lay_out(tmp_path, *DRAWINGS)
    assert len(names_of(tmp_path, X=["1"])) == len(DRAWINGS)
    assert len(names_of(tmp_path, A=[])) == len(DRAWINGS)
