"""A cut of five hundred cels: opened, looked at and worked on while it is being prepared."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest

from tests.web.conftest import Ui, drawings_unchanged, running

CELS = 500


def draw_ball(
    number: int, *, painted: bool = False
) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    """(48, 64, 3) uint8 BGR: a ball and a box, in another place for each number."""
    picture = np.full((48, 64, 3), 255, np.uint8)
    x, y = 12 + number % 25, 12 + number // 25
    if painted:
        cv2.circle(picture, (x, y), 8, (0, 0, 200), -1)
        cv2.rectangle(picture, (50, 30), (60, 44), (200, 0, 0), -1)
    cv2.circle(picture, (x, y), 8, (0, 0, 0), 1)
    cv2.rectangle(picture, (50, 30), (60, 44), (0, 0, 0), 1)
    return picture


@pytest.fixture(scope="module")
def _folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("load")
    for name in ("cut", "key"):
        (folder / name).mkdir()
    for number in range(CELS):
        assert cv2.imwrite(str(folder / "cut" / f"A{number:04}.png"), draw_ball(number))
    assert cv2.imwrite(str(folder / "key" / "A0000.png"), draw_ball(0, painted=True))
    return folder


@pytest.fixture
def ui(_folder: Path, tmp_path: Path) -> Iterator[Ui]:
    """A server that has just begun, or by the last test nothing would be left to prepare."""
    out = tmp_path / "out"
    with (
        drawings_unchanged(_folder),
        running(_folder / "cut", "-r", _folder / "key", "-o", out) as ui,
    ):
        yield ui


def test_long_cut_opens_before_it_is_prepared(ui: Ui) -> None:
    project = ui.project()
    assert len(project["cels"]) == CELS
    assert project["cels"][CELS - 1]["state"] == "waiting"


def test_cel_at_the_end_can_be_looked_at_at_once(ui: Ui) -> None:
    thumb = ui.picture(CELS - 1, "painted.png", max=32)
    assert thumb.shape[1::-1] == (32, 24)
    assert len(ui.cel(CELS - 1)["segments"]) == 3
    assert ui.project()["cels"][CELS // 2]["state"] == "waiting", "and the others still wait"


def test_actions_are_answered_while_it_is_being_prepared(ui: Ui) -> None:
    ball, last = ui.label_at(CELS - 1, 12 + 24, 12 + 19), CELS - 1
    new = ui.add_color()
    project = ui.paint(last, [ball], new)
    assert project["cels"][last]["locked"] == 1
    assert any(cel["state"] == "waiting" for cel in project["cels"])
    assert ui.segment(last, ball)["color"] == new
    project = ui.act("undo")
    assert project["cels"][last]["locked"] == 0
    assert ui.act("undo")["undo"] is None


def test_progress_is_told(ui: Ui) -> None:
    project = ui.wait(lambda project: project["busy"] is not None)
    busy = project["busy"]
    assert busy["what"] in ("preparing", "matching")
    assert 0 <= busy["done"] < busy["total"]
