"""The walk through the doubts: least sure first, one key each."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.web.conftest import Json
from tests.web.page.conftest import Tab

SURE = 0.9998
"""Some segments of the walking figure are less sure than this, some are more."""


def doubts_of(tab: Tab) -> list[tuple[int, int]]:
    """Cel and label of what is doubtful, least sure first."""
    project = tab.ui.project()
    found = [
        (segment["confidence"], cel["index"], segment["label"])
        for cel in project["cels"]
        if cel["state"] == "painted"
        for segment in tab.ui.cel(cel["index"])["segments"]
        if not segment["locked"] and segment["confidence"] < project["settings"]["below"]
    ]
    return [(cel, label) for _, cel, label in sorted(found)]


def in_focus(tab: Tab) -> tuple[int, int] | None:
    doubt = tab.evaluate("window.shiage.doubt()")
    return (doubt["cel"], doubt["label"]) if doubt else None


def segment_of(tab: Tab, doubt: tuple[int, int]) -> Json:
    return tab.ui.segment(*doubt)


@pytest.fixture
def doubting(tab: Tab) -> Tab:
    """A page in which some segments of each cel are doubtful."""
    tab.ui.act("settings", below=SURE)
    left = tab.settle()["left"]
    assert 3 < left < 24
    expect(tab.get("left-counter")).to_have_text(f"{left} left")
    tab.page.wait_for_timeout(600)  # the page gathers what is doubtful
    return tab


def test_n_and_p_walk_least_sure_first_and_around(doubting: Tab) -> None:
    tab, expected = doubting, doubts_of(doubting)
    seen = []
    for _ in expected:
        tab.press("n")
        seen.append(in_focus(tab))
    assert seen == expected
    tab.press("n")
    assert in_focus(tab) == expected[0]
    tab.press("p")
    assert in_focus(tab) == expected[-1]
    tab.get("doubt-previous").click()
    assert in_focus(tab) == expected[-2]
    tab.get("doubt-next").click()
    assert in_focus(tab) == expected[-1]
    tab.press("Escape")
    assert in_focus(tab) is None


def test_doubt_is_shown_large_with_where_its_color_comes_from(doubting: Tab) -> None:
    tab = doubting
    before = tab.scale
    tab.press("n")
    doubt = in_focus(tab)
    assert doubt
    expect(tab.get(f"cel-{doubt[0]}")).to_have_attribute("aria-selected", "true")
    assert tab.scale >= before
    segment = segment_of(tab, doubt)
    box = tab.get("canvas").bounding_box()
    assert box
    x0, y0, x1, y1 = segment["box"]
    (left, top), (right, bottom) = tab.on_screen(x0, y0), tab.on_screen(x1, y1)
    assert box["x"] < left < right < box["x"] + box["width"]
    assert box["y"] < top < bottom < box["y"] + box["height"]
    expect(tab.get("reference")).to_contain_text("A0001")
    percent = round(100 * segment["confidence"])
    expect(tab.get("doubt-panel")).to_contain_text(f"{percent} % sure")
    expect(tab.get("alternatives").get_by_role("button")).to_have_count(4)
    expect(tab.get("alternative-1")).to_have_attribute("aria-pressed", "true")


def test_enter_accepts_and_goes_on(doubting: Tab) -> None:
    tab, expected = doubting, doubts_of(doubting)
    tab.press("n", "Enter")
    assert in_focus(tab) == expected[1]
    tab.settle()
    assert segment_of(tab, expected[0])["locked"]
    tab.get("doubt-accept").click()
    assert in_focus(tab) not in (expected[0], expected[1])
    tab.settle()
    assert segment_of(tab, expected[1])["locked"]
    assert tab.ui.project()["undo"] == "accept"


@pytest.mark.parametrize("key", [2, 4])
def test_number_takes_an_alternative_and_goes_on(doubting: Tab, key: int) -> None:
    tab, expected = doubting, doubts_of(doubting)
    tab.press("n")
    wanted = segment_of(tab, expected[0])["alternatives"][key - 1]
    tab.press(str(key))
    assert in_focus(tab) == expected[1]
    tab.settle()
    decided = segment_of(tab, expected[0])
    assert (decided["color"], decided["locked"]) == (wanted, True)


def test_alternative_is_taken_with_a_click(doubting: Tab) -> None:
    tab, expected = doubting, doubts_of(doubting)
    tab.press("n")
    wanted = segment_of(tab, expected[0])["alternatives"][2]
    tab.get("alternative-3").click()
    assert in_focus(tab) == expected[1]
    tab.settle()
    assert segment_of(tab, expected[0])["color"] == wanted


def test_click_with_any_color_decides_the_doubt(doubting: Tab) -> None:
    tab, expected = doubting, doubts_of(doubting)
    tab.press("n")
    segment = segment_of(tab, expected[0])
    wanted = next(c for c in range(6) if c != segment["color"])
    tab.get(f"swatch-{wanted}").click()
    tab.until(lambda: tab.get("reference").inner_text().count("A0001"))
    x, y = segment["at"]
    tab.click((x, y))
    assert in_focus(tab) == expected[1]
    tab.settle()
    assert segment_of(tab, expected[0])["color"] == wanted


def test_undone_decision_is_doubtful_again(doubting: Tab) -> None:
    tab, expected = doubting, doubts_of(doubting)
    tab.press("n", "Enter")
    tab.settle()
    tab.press("Escape", "Control+z")
    tab.settle()
    assert doubts_of(tab) == expected
    tab.page.wait_for_timeout(600)
    tab.press("n")
    assert in_focus(tab) == expected[0]


def test_threshold_says_what_is_doubtful(tab: Tab) -> None:
    assert tab.ui.project()["left"] == 0
    tab.get("threshold").focus()
    tab.press("End")
    expect(tab.get("left-counter")).to_have_attribute("data-left", "24")
    expect(tab.get("doubt-panel")).to_contain_text("100 %")
    for cel in (1, 2, 3):
        expect(tab.get(f"cel-{cel}")).to_have_attribute("data-state", "doubtful")
        expect(tab.get(f"cel-{cel}")).to_contain_text("8")
    tab.press("Home")
    expect(tab.get("left-counter")).to_have_text("All checked")
    tab.settle()
    assert tab.ui.project()["settings"]["below"] == 0


def test_all_is_checked_in_the_end(tab: Tab) -> None:
    tab.get("threshold").focus()
    tab.press("End")
    expect(tab.get("left-counter")).to_have_text("24 left")
    tab.get("canvas").focus()
    tab.press("n")
    for _ in range(40):
        tab.until(lambda: in_focus(tab) or tab.text("left-counter") == "All checked")
        if in_focus(tab) is None:
            break
        tab.press("Enter")
        if in_focus(tab) is None:
            tab.settle()
            tab.page.wait_for_timeout(600)
    expect(tab.get("left-counter")).to_have_text("All checked")
    expect(tab.get("toasts")).to_contain_text("All checked")
    assert in_focus(tab) is None
    expect(tab.get("doubt-next")).to_be_disabled()
    project = tab.settle()
    assert [cel["locked"] for cel in project["cels"]] == [8, 8, 8, 8]
    for cel in (1, 2, 3):
        expect(tab.get(f"cel-{cel}")).to_have_attribute("data-state", "locked")
