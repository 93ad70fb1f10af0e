"""A timesheet beside the drawings: what is seen when, in the page and in previews."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image, ImageSequence

from shiage.files.exposures import Column, Timesheet
from shiage.files.timesheets import write_xdts
from tests.integration.conftest import paint
from tests.web.conftest import Ui, running

EXPOSURES = ((0, "1"), (2, "3"), (3, None), (5, "1"), (6, "9"))
"""Cel 1, 3, none, 1 again, and one that has no drawing; A0002 and A0004 are not seen."""
FRAMES = 8


def write_sheet(folder: Path) -> None:
    sheet = Timesheet("sheet", FRAMES, (Column("A", EXPOSURES),))
    write_xdts(folder / "cut.xdts", sheet)


@pytest.fixture
def sheet_ui(cut: Path) -> Iterator[Ui]:
    write_sheet(cut)
    with running(cut, "-r", cut.parent / "key", "-o", cut.parent / "out") as ui:
        ui.settle()
        yield ui


def test_without_a_timesheet_there_is_no_timeline(ui: Ui) -> None:
    assert ui.project()["timeline"] == []


def test_the_page_hears_what_is_seen_when(sheet_ui: Ui) -> None:
    project = sheet_ui.project()
    (track,) = project["timeline"]
    assert track["column"] == "A"
    shown = [(shown["cel"], shown["frames"]) for shown in track["shown"]]
    assert shown == [(0, 2), (2, 1), (None, 2), (0, 1), (None, 2)]
    told = " ".join(project["warnings"])
    assert "9" in told, "the cel without a drawing"
    assert "A0002" in told, "a drawing that is not on the sheet"


def test_a_preview_follows_the_timesheet(sheet_ui: Ui, cut: Path) -> None:
    sheet_ui.act("settings", fps=10)
    assert sheet_ui.export("gif") == 1
    with Image.open(cut.parent / "out" / "cut.gif") as preview:
        frames = [
            (frame.convert("RGB").tobytes(), frame.info["duration"])
            for frame in ImageSequence.Iterator(preview)
        ]
    assert [duration for _, duration in frames] == [200, 100, 200, 100, 200]
    first, third, nothing, again, missing = (pixels for pixels, _ in frames)
    assert first == again
    assert set(nothing) == set(missing) == {255}, "white paper"
    assert len({first, third, nothing}) == 3


def test_a_damaged_timesheet_is_a_warning(cut: Path) -> None:
    (cut / "cut.xdts").write_text("exchangeDigitalTimeSheet Save Data\n{")
    with running(cut, "-r", cut.parent / "key", "-o", cut.parent / "out") as ui:
        project = ui.settle()
    assert project["timeline"] == []
    assert any("cut.xdts" in warning for warning in project["warnings"])
    assert {cel["state"] for cel in project["cels"]} == {"key", "painted"}


def test_painting_tells_what_the_timesheet_misses(cut: Path) -> None:
    write_sheet(cut)
    told = paint("cut", "--ref", "key", "--out", "out", cwd=cut.parent).ok(
        err="not on the timesheet"
    )
    assert "A0002" in " ".join(told.json["warnings"])
    assert "9" in " ".join(told.json["warnings"])
