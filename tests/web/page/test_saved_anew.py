"""A line is mended in another program while the page is open: seen, told, and never mixed up."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser, expect

from tests.drawings import Rgba
from tests.integration.conftest import BODY, HAT, draw_figure, load, save
from tests.web.conftest import Ui, running
from tests.web.page.conftest import Tab, visiting
from tests.web.page.figure import BODY_XY, HAT_XY, walked

ID_HAT = 1


@pytest.fixture
def ui(cut: Path) -> Iterator[Ui]:
    """A server on files that may be saved again."""
    with running(cut, "-r", cut.parent / "key", "-o", cut.parent / "out") as ui:
        ui.settle()
        yield ui


@pytest.fixture
def tab(browser: Browser, ui: Ui) -> Iterator[Tab]:
    """The page of that, at the second cel."""
    with visiting(browser, ui) as tab:
        tab.until_ready()
        tab.go_to(1)
        yield tab


def mended(*, painted: bool = False) -> Rgba:
    """The second cel as it is saved again: 12 pixels to the right, the hat parted."""
    rgba = draw_figure(15, painted=painted)
    rgba[14:16, 70:104, :3] = 0
    return rgba


def mend(ui: Ui) -> None:
    save(Path(ui.project()["cut"]) / "A0002.png", mended())


def come_back(tab: Tab) -> None:
    """Come back to the page from another program."""
    tab.evaluate("() => window.dispatchEvent(new Event('focus'))")


def test_whoever_comes_back_sees_the_new_drawing_and_is_told(tab: Tab, ui: Ui) -> None:
    tab.press("1")
    tab.click(walked(BODY_XY, 1))
    tab.settle()
    # Asking the server would take the new drawing in, and the page would not have found it.
    save(Path(ui.project()["cut"]) / "A0002.png", mended())
    come_back(tab)
    expect(tab.get("toasts")).to_contain_text("A0002.png: was saved again at")
    expect(tab.get("toasts")).to_contain_text("1 of 1 decisions still have a segment")
    black = (0, 0, 0)
    tab.until_shown([HAT, black, HAT], (87, 20), (87, 15), (87, 10))
    tab.point_away()
    expect(tab.get("status")).to_contain_text("was saved again")
    expect(tab.get("cel-1")).to_have_attribute("title", re.compile("was saved again"))
    assert tab.colors_at((87, 60)) == [HAT], "the body, as it was decided"


def test_click_on_what_is_no_longer_there_does_nothing(tab: Tab, ui: Ui) -> None:
    tab.expected.append("409")
    before = ui.project()["cels"][1]
    tab.press("1")
    tab.settle()
    cut = Path(ui.project()["cut"])
    save(cut / "A0002.png", mended())
    tab.click(walked(BODY_XY, 1))
    expect(tab.get("toasts")).to_contain_text("A0002.png: was saved again since it was shown")
    tab.settle()
    cel = ui.project()["cels"][1]
    assert (cel["locked"], cel["segments"]) == (0, before["segments"] + 1)
    tab.until_shown([BODY, (0, 0, 0)], (87, 60), (87, 15))
    tab.click((87, 60))
    tab.settle()
    assert ui.project()["cels"][1]["locked"] == 1
    tab.until_shown([HAT], (87, 60))


def test_click_after_someone_else_has_looked_does_nothing_either(tab: Tab, ui: Ui) -> None:
    """The server has told of the change, and this tab has not yet heard of it."""
    tab.expected += ["409", "Failed to load"]
    tab.press("1")
    tab.page.route("**/api/project", lambda route: route.abort())
    mend(ui)
    ui.settle()
    tab.click(walked(BODY_XY, 1))
    tab.page.unroute("**/api/project")
    come_back(tab)
    tab.settle()
    assert ui.project()["cels"][1]["locked"] == 0
    tab.until_shown([BODY, (0, 0, 0)], (87, 60), (87, 15))


def test_selection_in_an_old_drawing_is_let_go(tab: Tab, ui: Ui) -> None:
    tab.expected.append("409")
    tab.press("l")
    tab.click(walked(HAT_XY, 1))
    expect(tab.get("segment-info")).not_to_contain_text("Click a segment")
    mend(ui)
    tab.get("swatch-4").click()
    expect(tab.get("toasts")).to_contain_text("A0002.png")
    tab.settle()
    assert ui.project()["cels"][1]["locked"] == 0


def test_drawing_that_is_gone_is_not_shown_any_more(tab: Tab, ui: Ui) -> None:
    tab.expected.append("400")
    path = Path(ui.project()["cut"]) / "A0002.png"
    content = path.read_bytes()
    path.unlink()
    come_back(tab)
    expect(tab.get("cel-1")).to_have_attribute("data-state", "failed")
    expect(tab.get("status")).to_contain_text("A0002.png: cannot be read")
    tab.press("Control+e")
    tab.get("export-start").click()
    expect(tab.get("export-outcome")).to_contain_text("Files written: 3", timeout=30000)
    expect(tab.get("export-outcome")).to_contain_text("A0002 was left out")
    tab.get("export-close").click()
    path.write_bytes(content)
    come_back(tab)
    tab.until_shown([BODY], walked(BODY_XY, 1))


def test_export_writes_what_was_saved_a_moment_ago(tab: Tab, ui: Ui) -> None:
    mend(ui)
    tab.press("Control+e")
    tab.get("export-start").click()
    expect(tab.get("export-outcome")).to_contain_text("Files written: 4", timeout=30000)
    painted = load(Path(ui.project()["out"]) / "A0002.png")
    np.testing.assert_array_equal(painted, mended(painted=True))


def test_color_to_paint_with_stays_when_the_palette_changes(tab: Tab, ui: Ui) -> None:
    """A reference gets a color more: ids stand for others, the color that was chosen does not."""
    tab.press(str(len(ui.project()["palette"]) - 1))
    chosen = ui.project()["palette"][-1]["color"]
    key = draw_figure(painted=True)
    key[100:108, 55:60, :3] = (250, 1, 2)
    key[(key[..., :3] == HAT).all(axis=-1), :3] = (1, 2, 3)
    key[20:22] = key[0:2]
    save(Path(ui.project()["cut"]).parent / "key" / "A0001.png", key)
    come_back(tab)
    tab.settle()
    expect(tab.get("toasts")).to_contain_text("A0001.png: was saved again")
    project = ui.settle()
    selected = tab.page.locator("[data-testid^=swatch-][aria-selected=true]")
    testid = selected.get_attribute("data-testid")
    assert testid
    assert project["palette"][int(testid.removeprefix("swatch-"))]["color"] == chosen


def test_two_lines_closed_in_quick_succession_are_both_taken(tab: Tab, ui: Ui) -> None:
    """Strokes are of the drawing, and that is the same."""
    tab.press("c")
    for x in (65, 85):
        tab.drag((x, 47), (x, 77))
    tab.settle()
    assert ui.project()["cels"][1]["segments"] == ui.project()["cels"][2]["segments"] + 2
