"""A cut painted from a model sheet whose colors depart from the palette that is given."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from shiage.files.palettes import Entry, PaletteFile, write_palette
from shiage.files.palettes.model import spread
from tests.integration.conftest import draw_cut, draw_figure, save
from tests.web.conftest import running
from tests.web.page.conftest import SIZE, Tab, visiting
from tests.web.page.figure import BODY_XY


@pytest.fixture
def sheet_tab(tmp_path: Path, browser: Browser) -> Iterator[Tab]:
    cut = draw_cut(tmp_path / "cut", 2)
    save(cut / "色見本" / "hero_line.png", draw_figure())
    save(cut / "色見本" / "hero_color.png", draw_figure(painted=True))
    write_palette(tmp_path / "odd.gpl", PaletteFile((Entry("灰", spread((90, 90, 90))),)))
    options = (cut, "--palette", tmp_path / "odd.gpl", "-o", tmp_path / "out")
    with running(*options) as ui, visiting(browser, ui) as tab:
        yield tab


def test_many_messages_leave_room_for_the_work(sheet_tab: Tab) -> None:
    toasts = sheet_tab.get("toasts")
    expect(toasts).to_contain_text("is not in the palette")
    several = toasts.locator(".toast")
    expect(several.nth(4)).to_be_attached()
    box = toasts.bounding_box()
    assert box
    assert box["height"] <= 0.4 * SIZE["height"]
    expect(several.first).to_be_in_viewport(ratio=1)
    several.first.get_by_role("button").click()


def test_a_color_from_a_sheet_is_told(sheet_tab: Tab) -> None:
    sheet_tab.until_ready()
    sheet_tab.settle()
    sheet_tab.hover(*BODY_XY)
    expect(sheet_tab.get("reference")).to_contain_text("comes from a model sheet")
    sheet_tab.point_away()
    expect(sheet_tab.get("reference")).to_contain_text("Point at a segment")
