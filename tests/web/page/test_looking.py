"""What the page shows: views, papers, onion skin, zoom, flipping, playback."""

from __future__ import annotations

import numpy as np
import pytest
from playwright.sync_api import Browser, expect

from tests.drawings import WHITE
from tests.integration.conftest import BODY, FACE, HAT, LEG
from tests.web.conftest import Ui
from tests.web.page.conftest import STEP, Point, Rgb, Tab, new_visitor, visiting
from tests.web.page.figure import BARE_XY, BODY_XY, FACE_XY, HAT_XY, LEG_XY, walked

PARTS = (BARE_XY, HAT_XY, FACE_XY, BODY_XY, LEG_XY)
GREY: Rgb = (180, 180, 180)
BLACK: Rgb = (0, 0, 0)
INK_XY: Point = (94, 65)
"""On the line at the right of the body."""


def test_opens_with_the_token_that_was_printed(tab: Tab) -> None:
    assert tab.page.title() == "cut – shiage"
    expect(tab.page.get_by_role("heading", level=1)).to_have_text("cut")
    for cel, state in enumerate(("key", "painted", "painted", "painted")):
        expect(tab.get(f"cel-{cel}")).to_have_attribute("data-state", state)
    expect(tab.get("left-counter")).to_have_text("All checked")
    tab.until_shown([WHITE, HAT, FACE, BODY, LEG], *PARTS)


@pytest.mark.parametrize("query", ["", "?token=", "?token=wrong"])
def test_without_the_token_nothing_of_the_cut_is_shown(
    browser: Browser, ui: Ui, query: str
) -> None:
    with new_visitor(browser) as visitor:
        page = visitor.new_page()
        answer = page.goto(f"{ui.url}/{query}")
        assert answer
        assert answer.status == 403
        assert "cut" not in page.title()
        assert page.get_by_test_id("canvas").count() == 0
        assert "address" in page.locator("body").inner_text()


def test_hover_tells_color_and_confidence(tab: Tab) -> None:
    tab.go_to(1)
    tab.hover(*walked(BODY_XY, 1))
    label = tab.ui.label_at(1, *walked(BODY_XY, 1))
    percent = round(100 * tab.ui.segment(1, label)["confidence"])
    expect(tab.get("status")).to_have_text(f" #3ca046 · {percent} % sure · Segment {label}")
    tab.go_to(0)
    tab.hover(*BODY_XY)
    expect(tab.get("status")).to_contain_text("#3ca046 · locked")
    tab.hover(*INK_XY)
    expect(tab.get("status")).to_have_text("")


def test_hover_lights_the_segment_and_its_match_beside(tab: Tab) -> None:
    tab.go_to(1)
    (dark,) = tab.colors_at(walked(BODY_XY, 1))
    expect(tab.get("reference")).to_contain_text("Point at a segment")
    before = tab.canvas("reference")
    tab.hover(*walked(BODY_XY, 1))
    expect(tab.get("reference")).to_contain_text("A0001")
    place = tab.on_screen(*walked(BODY_XY, 1))
    tab.until(lambda: (tab.screenshot()[int(place[1]), int(place[0])] > np.array(dark) + 10).all())
    beside = tab.canvas("reference")
    assert (beside != before).mean() > 0.02
    lit = (np.array(BODY) * (255 - 70) + 255 * 70) / 255
    assert (np.abs(beside - lit).max(axis=2) < 3).sum() > 500, "the body of the reference is lit"
    tab.get("side-by-side").click()
    expect(tab.get("reference")).to_have_count(0)
    assert tab.get("side-by-side").get_attribute("aria-pressed") == "false"


def test_each_view_shows_what_it_says(tab: Tab) -> None:
    tab.go_to(1)
    points = [walked(point, 1) for point in PARTS]
    shown: dict[str, list[Rgb]] = {}
    for view in ("painted", "line", "segments", "confidence", "ids"):
        tab.choose("view-select", view)
        shown[view] = tab.colors_at(*points)
        assert tab.colors_at(walked(INK_XY, 1)) == [BLACK], "lines are drawn in every view"
    assert shown["painted"] == [WHITE, HAT, FACE, BODY, LEG]
    assert shown["line"] == [WHITE] * 5
    assert len(set(shown["segments"])) == 5
    assert len(set(shown["ids"])) == 5
    assert shown["ids"][0] == WHITE
    assert len({str(colors) for colors in shown.values()}) == 5
    blue = shown["confidence"]
    assert all(np.abs(np.array(color) - (69, 117, 180)).max() < 12 for color in blue), "all is sure"
    tab.go_to(0)
    tab.choose("view-select", "confidence")
    assert tab.colors_at(*PARTS) == [(140, 140, 140)] * 5, "all is locked in a key"
    expect(tab.get("hint")).to_contain_text("Red: least sure")


def test_same_color_has_the_same_id_and_other_segments(tab: Tab) -> None:
    eyes = ((65, 30), (79, 30))
    tab.choose("view-select", "ids")
    one, other = tab.colors_at(*eyes)
    assert one == other
    tab.choose("view-select", "segments")
    one, other = tab.colors_at(*eyes)
    assert one != other


def test_v_goes_through_the_views_and_comes_back(tab: Tab) -> None:
    select = tab.get("view-select")
    for view in ("line", "segments", "confidence", "ids", "painted"):
        tab.press("v")
        expect(select).to_have_value(view)


def test_papers(tab: Tab) -> None:
    expect(tab.get("paper-select")).to_have_value("white")
    assert tab.colors_at(BARE_XY) == [WHITE]
    tab.choose("paper-select", "grey")
    assert tab.colors_at(BARE_XY, BODY_XY) == [GREY, BODY]
    tab.press("g")
    expect(tab.get("paper-select")).to_have_value("white")
    tab.press("g")
    expect(tab.get("paper-select")).to_have_value("checker")
    corner, opposite = tab.on_screen(0, 0), tab.on_screen(40, 40)
    tab.point_away()
    part = tab.screenshot()[
        int(corner[1]) + 2 : int(opposite[1]), int(corner[0]) + 2 : int(opposite[0])
    ]
    tones, counts = np.unique(part.reshape(-1, 3), axis=0, return_counts=True)
    assert sorted(tones[counts > 0.2 * counts.sum()].tolist()) == [[204] * 3, [255] * 3]
    assert tab.colors_at(BODY_XY) == [BODY]


def test_onion_skin_shows_the_lines_of_the_neighbors(tab: Tab) -> None:
    tab.go_to(1)
    tab.choose("view-select", "line")
    tab.point_away()
    plain = tab.canvas()
    tab.press("o")
    tab.point_away()
    skins = tab.canvas()
    assert tab.get("onion").get_attribute("aria-pressed") == "true"
    r, g, b = (skins[..., k].astype(int) for k in range(3))
    red, blue = (r - b > 60) & (r - g > 60), (b - r > 60) & (b - g > 40)
    assert red.sum() > 300
    assert blue.sum() > 300
    left_red, left_blue = (int(np.flatnonzero(tint.any(axis=0))[0]) for tint in (red, blue))
    assert left_blue - left_red == pytest.approx(2 * STEP * tab.scale, abs=2), "red is before"
    tab.press("o")
    tab.point_away()
    assert (tab.canvas() == plain).all()


def test_wheel_zooms_at_the_pointer(tab: Tab) -> None:
    before = tab.scale
    place = tab.on_screen(*HAT_XY)
    tab.page.mouse.move(*place)
    tab.page.mouse.wheel(0, -500)
    tab.until(lambda: tab.scale > 1.5 * before)
    assert tab.on_screen(*HAT_XY) == pytest.approx(place, abs=0.6 * tab.scale / before)
    assert tab.colors_at(HAT_XY) == [HAT]
    tab.page.mouse.move(*place)
    tab.page.mouse.wheel(0, 500)
    tab.until(lambda: tab.scale == pytest.approx(before))
    assert tab.on_screen(*HAT_XY) == pytest.approx(place, abs=0.6)


def test_far_in_pixels_have_hard_edges(tab: Tab) -> None:
    tab.page.mouse.move(*tab.on_screen(*BODY_XY))
    tab.page.mouse.wheel(0, -1200)
    tab.until(lambda: tab.scale > 20)
    tab.point_away()
    colors = {tuple(c) for c in tab.canvas()[150:-150, 150:-150].reshape(-1, 3).tolist()}
    assert colors <= {BODY, BLACK, LEG, FACE, WHITE}


@pytest.mark.parametrize("how", ["space", "middle", "hand"])
def test_drag_moves_the_view(tab: Tab, how: str) -> None:
    x, y = tab.on_screen(*BODY_XY)
    tab.page.mouse.move(x, y)
    if how == "space":
        tab.page.keyboard.down("Space")
    if how == "hand":
        tab.press("h")
    button = "middle" if how == "middle" else "left"
    tab.page.mouse.down(button=button)  # type: ignore[arg-type]
    tab.page.mouse.move(x + 90, y - 40, steps=5)
    tab.page.mouse.up(button=button)  # type: ignore[arg-type]
    if how == "space":
        tab.page.keyboard.up("Space")
    assert tab.on_screen(*BODY_XY) == pytest.approx((x + 90, y - 40))
    assert tab.ui.project()["undo"] is None, "nothing was painted"
    assert tab.colors_at(BODY_XY) == [BODY]
    tab.press("f")
    tab.until(lambda: tab.on_screen(*BODY_XY) == pytest.approx((x, y)))


def test_fit_and_actual_size(tab: Tab) -> None:
    whole = tab.scale
    tab.press("a")
    tab.until(lambda: tab.scale == pytest.approx(1))
    expect(tab.get("actual-size")).to_have_text("100 %")
    tab.press("+")
    tab.until(lambda: tab.scale == pytest.approx(1.5))
    tab.press("-")
    tab.until(lambda: tab.scale == pytest.approx(1))
    tab.get("fit").click()
    tab.until(lambda: tab.scale == pytest.approx(whole))
    tab.get("actual-size").click()
    tab.until(lambda: tab.scale == pytest.approx(1))


def test_whole_cel_stays_whole_when_the_window_changes(tab: Tab) -> None:
    before = tab.scale
    tab.page.set_viewport_size({"width": 1600, "height": 900})
    tab.until(lambda: tab.scale > 1.2 * before)
    box = tab.get("canvas").bounding_box()
    assert box
    assert tab.on_screen(0, 0)[0] > box["x"]
    assert tab.on_screen(160, 120)[1] < box["y"] + box["height"]


def test_keys_flip_from_cel_to_cel(tab: Tab) -> None:
    for key, cel in ((".", 1), ("ArrowRight", 2), (",", 1), ("ArrowLeft", 0), (",", 3), (".", 0)):
        tab.press(key)
        expect(tab.get(f"cel-{cel}")).to_have_attribute("aria-selected", "true")
    tab.press("End")
    expect(tab.get("cel-3")).to_have_attribute("aria-selected", "true")
    tab.until_shown([BODY], walked((52, 60), 3))
    tab.press("Home")
    expect(tab.get("cel-0")).to_have_attribute("aria-selected", "true")
    tab.get("cel-next").click()
    expect(tab.get("cel-1")).to_have_attribute("aria-selected", "true")
    tab.get("cel-previous").click()
    expect(tab.get("cel-0")).to_have_attribute("aria-selected", "true")


def test_playback_shows_each_cel_for_its_hold(tab: Tab) -> None:
    tab.choose("fps", "8")
    tab.get("hold").fill("4")
    tab.get("hold").press("Enter")
    tab.until(lambda: tab.ui.project()["settings"]["fps"] == 8)
    tab.until(lambda: tab.ui.project()["cels"][0]["hold"] == 4)
    tab.settle()
    tab.evaluate("""() => {
        window.seen = [];
        const look = () => {
            const cel = document.querySelector("[data-testid^=cel-][aria-selected=true]");
            const name = cel?.dataset.testid, last = window.seen.at(-1);
            if (last?.name === name) last.until = performance.now();
            else window.seen.push({ name, from: performance.now(), until: performance.now() });
            requestAnimationFrame(look);
        };
        look();
    }""")
    tab.get("play").click()
    tab.until(lambda: len(tab.evaluate("() => window.seen")) > 7)
    expect(tab.get("play")).to_have_attribute("aria-pressed", "true")
    tab.press("k")
    expect(tab.get("play")).to_have_attribute("aria-pressed", "false")
    seen = tab.evaluate("() => window.seen")
    names = [shown["name"] for shown in seen]
    assert names[:6] == ["cel-0", "cel-1", "cel-2", "cel-3", "cel-0", "cel-1"]
    frames = {s["name"]: (s["until"] - s["from"]) * 8 / 1000 for s in seen[1:6]}
    assert frames["cel-0"] > 1.4 * max(frames[name] for name in ("cel-1", "cel-2", "cel-3"))
    tab.page.wait_for_timeout(400)
    assert [s["name"] for s in tab.evaluate("() => window.seen")] == names, "it has stopped"


def test_hold_being_entered_outlasts_news_from_the_server(tab: Tab) -> None:
    tab.get("hold").fill("7")
    version = tab.ui.act("hold", cels=[1], frames=3)["version"]
    tab.until(lambda: tab.version >= version)
    expect(tab.get("hold")).to_have_value("7")
    tab.get("hold").press("Enter")
    assert [cel["hold"] for cel in tab.settle()["cels"]] == [7, 3, 2, 2]
    tab.press("Control+z")
    expect(tab.get("hold")).to_have_value("2")


def test_playback_paints_what_it_shows_and_stays_at_a_click(tab: Tab) -> None:
    tab.press("k")
    expect(tab.get("play")).to_have_attribute("aria-pressed", "true")
    expect(tab.get("cel-2")).to_have_attribute("aria-selected", "true")
    assert tab.colors_at((60 + STEP, 60)) == [BODY]
    tab.press("Escape")
    expect(tab.get("play")).to_have_attribute("aria-pressed", "false")
    assert tab.ui.project()["undo"] is None


OUTSIDE = """() => [...document.querySelectorAll("button, select, input, h1, h2")]
    .filter(e => !e.closest(".cels, .palette ul") && e.checkVisibility())
    .filter(e => {
        const box = e.getBoundingClientRect();
        const cut = e.scrollWidth > e.clientWidth + 1;
        return box.left < 0 || box.top < 0 || box.right > innerWidth || box.bottom > innerHeight
            || cut && getComputedStyle(e).overflow !== "visible";
    })
    .map(e => e.dataset.testid ?? e.outerHTML)"""
"""What can be worked with but is not wholly seen."""

SIZES = """() => [document.documentElement, document.body]
    .map(e => [e.scrollWidth, e.scrollHeight])"""


@pytest.mark.parametrize("language", ["en", "ja"])
def test_no_scroll_bars_and_nothing_outside_at_a_small_size(
    browser: Browser, ui: Ui, language: str
) -> None:
    with visiting(browser, ui, locale=language) as tab:
        tab.until_ready()
        assert tab.evaluate(OUTSIDE) == []
        assert tab.evaluate(SIZES) == [[1280, 720], [1280, 720]]
