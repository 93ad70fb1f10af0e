"""Without a mouse, in two languages, light and dark, and remembered at the next visit."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from tests.web.conftest import Ui
from tests.web.page.conftest import Tab, new_visitor, visiting
from tests.web.page.figure import BODY_XY, walked

FOCUS = """() => {
    const e = document.activeElement;
    return e?.dataset?.testid ?? e?.getAttribute?.("aria-label") ?? e?.tagName ?? "";
}"""

CONTROLS = """() => [...document.querySelectorAll("button, select, input, [tabindex='0']")]
    .filter(e => e.checkVisibility() && !e.disabled && e.tabIndex >= 0)
    .map(e => e.dataset.testid ?? e.getAttribute("aria-label") ?? e.tagName)"""

TEXTS = """() => {
    const found = [];
    const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walk.nextNode()) {
        const text = walk.currentNode.textContent.trim();
        if (text && walk.currentNode.parentElement.checkVisibility()) found.push(text);
    }
    for (const e of document.querySelectorAll("[title], [aria-label], [placeholder]")) {
        if (!e.checkVisibility()) continue;
        for (const name of ["title", "aria-label", "placeholder"]) {
            if (e.getAttribute(name)) found.push(e.getAttribute(name));
        }
    }
    return found;
}"""


def focus(tab: Tab) -> str:
    return str(tab.evaluate(FOCUS))


def walk_with_tab(tab: Tab, most: int = 90) -> list[str]:
    """What has the focus, one press of Tab after the other, until it begins anew."""
    seen: list[str] = []
    for _ in range(most):
        tab.press("Tab")
        name = focus(tab)
        if name in seen:
            break
        seen.append(name)
    return seen


def test_every_control_is_reached_with_tab(tab: Tab) -> None:
    tab.go_to(1)
    tab.press("b")
    tab.click(walked(BODY_XY, 1))
    tab.settle()
    controls = tab.evaluate(CONTROLS)
    assert len(controls) > 30
    assert {"canvas", "tool-pen", "threshold", "swatch-0", "cel-1", "export", "hold"} <= set(
        controls
    )
    tab.evaluate("() => document.activeElement.blur()")
    seen = walk_with_tab(tab)
    assert set(controls) - set(seen) == set()


def test_focus_is_visible(tab: Tab) -> None:
    for _ in range(12):
        tab.press("Tab")
        style = "() => getComputedStyle(document.activeElement).outlineStyle"
        assert tab.evaluate(style) == "solid", focus(tab)


def test_arrows_within_strip_and_palette(tab: Tab) -> None:
    tab.get("cel-0").focus()
    tab.press("ArrowRight", "ArrowRight")
    assert focus(tab) == "cel-2"
    expect(tab.get("cel-2")).to_have_attribute("aria-selected", "true")
    tab.press("End")
    assert focus(tab) == "cel-3"
    tab.get("swatch-0").focus()
    tab.press("ArrowDown", "ArrowDown", "Enter")
    assert focus(tab) == "swatch-2"
    expect(tab.get("swatch-2")).to_have_attribute("aria-selected", "true")


def test_cut_is_finished_without_a_mouse(tab: Tab) -> None:
    tab.ui.act("settings", below=1)
    left = tab.settle()["left"]
    tab.page.wait_for_timeout(600)
    tab.press("n", "Enter", "Enter", "2")
    tab.settle()
    assert sum(cel["locked"] for cel in tab.ui.project()["cels"]) == 8 + 3
    tab.until(lambda: int(tab.get("left-counter").get_attribute("data-left") or 0) < left)


@pytest.mark.parametrize(
    ("opener", "dialog"),
    [("export", "export-dialog"), ("keys", "keys-dialog"), ("color-add", "color-dialog")],
)
def test_dialogs_hold_the_focus_and_give_it_back(tab: Tab, opener: str, dialog: str) -> None:
    tab.get(opener).focus()
    tab.press("Enter")
    expect(tab.get(dialog)).to_be_visible()
    inside = f"""() => document.activeElement === document.body
        || !!document.activeElement.closest("[data-testid={dialog}]")"""
    for _ in range(12):
        assert tab.evaluate(inside), focus(tab)
        tab.press("Tab")
    tab.press("n")
    assert tab.evaluate("window.shiage.doubt()") is None, "keys of the page rest"
    tab.press("Escape")
    expect(tab.get(dialog)).to_have_count(0)
    tab.until(lambda: focus(tab) == opener)


def test_question_mark_opens_the_map_of_keys(tab: Tab) -> None:
    tab.press("?")
    dialog = tab.get("keys-dialog")
    expect(dialog).to_be_visible()
    for command, key in (("tool.paint", "B"), ("undo", "Ctrl+Z"), ("doubt.accept", "Enter")):
        expect(tab.get(f"key-{command}").first).to_have_text(key)
    tab.press("Escape")
    expect(dialog).to_have_count(0)


def test_key_is_changed_and_remembered(tab: Tab) -> None:
    tab.press("?")
    tab.get("key-play").click()
    expect(tab.get("key-play")).to_have_text("Press a key…")
    tab.press("q")
    expect(tab.get("key-play")).to_have_text("Q")
    tab.press("Escape")
    expect(tab.get("play")).to_have_attribute("title", "Play (Q)")
    tab.page.reload()
    tab.until_ready()
    tab.press("k")
    expect(tab.get("play")).to_have_attribute("aria-pressed", "false")
    tab.press("q")
    expect(tab.get("play")).to_have_attribute("aria-pressed", "true")
    tab.press("q", "?")
    tab.get("keys-reset").click()
    expect(tab.get("key-play")).to_have_text("K")


def test_key_that_is_taken(tab: Tab) -> None:
    tab.press("?")
    tab.get("key-play").click()
    tab.press("o")
    expect(tab.get("key-conflict")).to_contain_text("“O” is already used for: Onion skin")
    expect(tab.get("key-play")).to_have_text("K")
    tab.get("key-take").click()
    expect(tab.get("key-play")).to_have_text("O")
    expect(tab.get("key-onion")).to_have_text("+")
    tab.get("key-onion").click()
    tab.press("Escape")
    expect(tab.get("keys-dialog")).to_be_visible()
    expect(tab.get("key-onion")).to_have_text("+")
    tab.get("key-onion").click()
    tab.press("Control+o")
    expect(tab.get("key-onion")).to_have_text("Ctrl+O")
    tab.press("Escape", "Control+o")
    expect(tab.get("onion")).to_have_attribute("aria-pressed", "true")


def texts(tab: Tab) -> list[str]:
    found: list[str] = tab.evaluate(TEXTS)
    return found


ASCII_KEPT = re.compile(
    r"^(#[0-9a-f]{6}( \(\d\))?|[A-Z]\d{4}.*|cut|/.*|\d+( ?%)?|[\d.,/ ·()%]+|100 % \(A\)|\d+ fps"
    r"|English|日本語"
    r"|Ctrl.*|Esc|Enter|Home|End|[A-Z0-9?\[\],.+=←→↑↓-]|Shift\+.)$"
)


@pytest.mark.parametrize("place", ["page", "export", "keys", "color-add", "same"])
def test_language_changes_every_text(tab: Tab, place: str) -> None:
    tab.go_to(1)
    tab.press("l")
    tab.click(walked(BODY_XY, 1))
    tab.get("lang-switch").click()
    expect(tab.page.locator("html")).to_have_attribute("lang", "ja")
    if place != "page":
        tab.get(place).click()
    if place == "same":
        tab.get("same-dialog").locator("li").first.wait_for()
    foreign = [
        text
        for text in texts(tab)
        if not re.search("[\u3040-\u30ff\u4e00-\u9fff]", text) and not ASCII_KEPT.match(text)
    ]
    allowed = {"MP4", "GIF", "SVG"}
    assert set(foreign) - allowed == set()
    if place == "page":
        tab.get("lang-switch").click()
        expect(tab.page.locator("html")).to_have_attribute("lang", "en")
        japanese = [t for t in texts(tab) if re.search("[\u3040-\u30ff\u4e00-\u9fff]", t)]
        assert set(japanese) == {"日本語"}


def test_browser_in_japanese_begins_in_japanese(browser: Browser, ui: Ui) -> None:
    with visiting(browser, ui, locale="ja-JP") as tab:
        tab.until_ready()
        expect(tab.page.locator("html")).to_have_attribute("lang", "ja")
        expect(tab.get("saved")).to_have_text("保存済み")


def is_dark(tab: Tab) -> bool:
    tone = tab.evaluate("() => getComputedStyle(document.body).backgroundColor")
    r, g, b = (int(part) for part in re.findall(r"\d+", tone)[:3])
    assert r == g == b, "greys are neutral"
    return r < 100


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_theme_is_that_of_the_system_until_changed(browser: Browser, ui: Ui, scheme: str) -> None:
    with visiting(browser, ui, color_scheme=scheme) as tab:
        tab.until_ready()
        assert is_dark(tab) == (scheme == "dark")
        tab.get("theme-switch").click()
        tab.until(lambda: is_dark(tab) != (scheme == "dark"))
        tab.page.reload()
        tab.until_ready()
        assert is_dark(tab) != (scheme == "dark")


def test_settings_are_kept_for_the_next_visit(tab: Tab) -> None:
    tab.choose("view-select", "ids")
    tab.choose("paper-select", "grey")
    tab.get("onion").click()
    tab.get("side-by-side").click()
    tab.get("lang-switch").click()
    tab.page.reload()
    tab.until_ready()
    expect(tab.get("view-select")).to_have_value("ids")
    expect(tab.get("paper-select")).to_have_value("grey")
    expect(tab.get("onion")).to_have_attribute("aria-pressed", "true")
    expect(tab.get("side-by-side")).to_have_attribute("aria-pressed", "false")
    expect(tab.page.locator("html")).to_have_attribute("lang", "ja")


def test_garbled_settings_do_no_harm(browser: Browser, ui: Ui) -> None:
    stored: dict[str, Any] = {
        "view": '"nonsense"',
        "paper": "{",
        "language": '"xx"',
        "keys": "[1]",
        "strokeWidth": "null",
    }
    with new_visitor(browser) as visitor:
        page = visitor.new_page()
        page.goto(f"{ui.url}/?token={ui.token}")
        page.get_by_test_id("canvas").wait_for()
        for name, value in stored.items():
            page.evaluate("([n, v]) => localStorage.setItem('shiage.' + n, v)", [name, value])
        tab = Tab(page, ui)
        page.reload()
        tab.until_ready()
        expect(tab.get("undo")).to_be_visible()
        tab.press("?")
        expect(tab.get("keys-dialog")).to_contain_text("Keyboard")
        tab.is_clean()
