"""Coloured lines in the page: a click chooses one, the palette colors it; pens in color."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from playwright.sync_api import Browser, expect

from tests.drawings import RED
from tests.integration.coloured_head import SKIN, draw_head, write_cut
from tests.web.conftest import Ui, running
from tests.web.page.conftest import Rgb, visiting

BLUSH = (80, 140)
OTHER = (90, 140)
"""The next stroke of the same cel."""


def color_of(ui: Ui, color_id: int) -> Rgb:
    r, g, b = bytes.fromhex(ui.project()["palette"][color_id]["color"][1:])
    return r, g, b


def test_a_line_is_chosen_and_colored(browser: Browser, tmp_path: Path) -> None:
    cut = write_cut(tmp_path, blush=SKIN)
    with (
        running(cut, "-r", tmp_path / "ref", "-o", tmp_path / "out") as ui,
        visiting(browser, ui) as tab,
    ):
        tab.go_to(1)
        tab.settle()
        tab.click(BLUSH)
        expect(tab.get("line-info")).to_contain_text("Painted over")
        tab.get("line-asDrawn").click()
        tab.settle()
        tab.until_shown([RED, RED], BLUSH, OTHER)  # the stroke beside it follows
        expect(tab.get("line-info")).to_contain_text("As drawn locked")
        tab.get("swatch-2").click()
        color = color_of(ui, 2)
        tab.settle()
        tab.until_shown([color, color], BLUSH, OTHER)
        tab.press("U")
        tab.settle()
        tab.until_shown([SKIN, SKIN], BLUSH, OTHER)
        tab.press("Control+z", "Control+z", "Control+z")
        tab.settle()
        shown = ui.picture(1, "painted.png")[..., :3]
        np.testing.assert_array_equal(shown, draw_head(6, painted=True, blush=SKIN)[..., :3])
        tab.click((60, 100))  # a segment again
        expect(tab.get("segment-info")).to_be_visible()


def test_a_pen_draws_in_the_chosen_color(browser: Browser, tmp_path: Path) -> None:
    cut = write_cut(tmp_path)
    with (
        running(cut, "-r", tmp_path / "ref", "-o", tmp_path / "out") as ui,
        visiting(browser, ui) as tab,
    ):
        tab.go_to(1)
        tab.get("swatch-2").click()
        tab.press_tool("pen")
        tab.get("pen-in-color").check()
        color = color_of(ui, 2)
        assert color != SKIN
        tab.drag((60, 100), (80, 100), (100, 100))
        tab.settle()
        tab.until_shown([color], (80, 100))
        tab.get("pen-in-color").uncheck()
        tab.drag((60, 110), (80, 110), (100, 110))
        tab.settle()
        tab.until_shown([(0, 0, 0)], (80, 110))
