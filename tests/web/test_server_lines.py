"""Coloured lines over HTTP: found under a pixel, decided, taken back; pens in colors."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.drawings import RED
from tests.integration.coloured_head import SKIN, draw_head, write_cut
from tests.integration.conftest import load, paint
from tests.web.conftest import Ui, running

BLUSH = (80, 140)
"""A pixel of the middle stroke in the second cel."""


@pytest.fixture
def heads(tmp_path: Path) -> Iterator[Ui]:
    cut = write_cut(tmp_path, blush=SKIN)
    with running(cut, "-r", tmp_path / "ref", "-o", tmp_path / "out") as ui:
        ui.settle()
        yield ui


def line_at(ui: Ui, cel: int, x: int, y: int) -> Any:
    answer = ui.client.get(f"/api/cels/{cel}/coloured-line", params={"x": x, "y": y})
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_a_line_is_found_and_told(heads: Ui) -> None:
    found = line_at(heads, 1, *BLUSH)
    assert found is not None
    assert (found["drawn"], found["becomes"], found["locked"]) == ("#ff0000", -2, False)
    x0, y0, x1, y1 = found["box"]
    assert 72 <= x0 <= 76
    assert (y0, y1) == (129, 152)
    assert x1 <= 87
    assert line_at(heads, 1, BLUSH[0] + 3, BLUSH[1]) is not None  # a near miss
    assert line_at(heads, 1, 60, 100) is None
    outline = line_at(heads, 1, 100, 20)
    assert outline is not None
    assert outline["becomes"] == -1


def test_what_is_decided_of_a_line_others_follow(heads: Ui, tmp_path: Path) -> None:
    before = heads.picture(2, "painted.png")
    drawing = heads.cel(1)["drawing"]
    heads.act("line", cel=1, drawing=drawing, at=BLUSH, becomes=-1)
    heads.settle()
    for cel, dx in ((1, 6), (2, 13)):
        shown = heads.picture(cel, "painted.png")[..., :3]
        np.testing.assert_array_equal(shown, draw_head(dx, painted=True)[..., :3])
    assert line_at(heads, 1, *BLUSH)["locked"]
    heads.export()
    exported = load(tmp_path / "out" / "A0003.png")
    np.testing.assert_array_equal(exported, draw_head(13, painted=True))
    color = heads.add_color("#e65a5a")
    heads.act("line", cel=1, at=BLUSH, becomes=color)
    right = draw_head(13, painted=True, blush=(230, 90, 90))
    np.testing.assert_array_equal(heads.picture(2, "painted.png")[..., :3], right[..., :3])
    paint(tmp_path / "cut", "-o", tmp_path / "out", "--force")  # keeps to what was decided
    np.testing.assert_array_equal(load(tmp_path / "out" / "A0003.png"), right)
    for _ in range(3):
        heads.act("undo")
    np.testing.assert_array_equal(heads.picture(2, "painted.png"), before)


def test_a_line_goes_back_to_the_prediction(heads: Ui) -> None:
    before = heads.picture(1, "painted.png")
    heads.act("line", cel=1, at=BLUSH, becomes=-1)
    assert (heads.picture(1, "painted.png") != before).any()
    heads.act("line", cel=1, at=BLUSH, becomes=None)
    np.testing.assert_array_equal(heads.picture(1, "painted.png"), before)
    assert not line_at(heads, 1, *BLUSH)["locked"]


def test_lines_that_are_none(heads: Ui) -> None:
    told = heads.refuses("line", cel=1, at=(60, 100), becomes=-1)
    assert "no coloured line at (60, 100)" in told
    assert "no color 99" in heads.refuses("line", cel=1, at=BLUSH, becomes=99)
    heads.refuses("line", code=409, cel=1, drawing="0" * 64, at=BLUSH, becomes=-1)


def test_a_pen_draws_in_a_color_of_the_palette(heads: Ui, tmp_path: Path) -> None:
    color = heads.add_color("#e65a5a")
    stroke = {"kind": "pen", "points": [[60, 100], [100, 100]], "width": 3, "color": color}
    heads.act("edit", cel=1, stroke=stroke)
    heads.settle()
    shown = heads.picture(1, "painted.png")
    assert shown[100, 80, :3].tolist() == [230, 90, 90]
    assert shown[97, 80, :3].tolist() == list(SKIN)
    heads.act("color_change", id=color, color="#102030")
    assert heads.picture(1, "painted.png")[100, 80, :3].tolist() == [16, 32, 48]
    heads.export(line_edits=True)
    assert load(tmp_path / "out" / "A0002.png")[100, 80, :3].tolist() == [16, 32, 48]
    assert "bare paper" in heads.refuses("edit", cel=1, stroke=stroke | {"color": 0})
    assert load(tmp_path / "cut" / "A0002.png")[100, 80, :3].tolist() == [255, 255, 255]
    assert RED in map(tuple, draw_head()[..., :3].reshape(-1, 3).tolist())
