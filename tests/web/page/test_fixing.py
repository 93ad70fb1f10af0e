"""What the tools do: on the canvas at once, on the server, and in the other cels."""

from __future__ import annotations

import io
import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Locator, Route, expect

from tests.drawings import BLACK, WHITE
from tests.integration.conftest import BODY, EYE, FACE, HAT, LEG, load
from tests.web.conftest import Json
from tests.web.page.conftest import Point, Rgb, Tab
from tests.web.page.figure import (
    BARE_XY,
    BODY_XY,
    FACE_XY,
    HAT_XY,
    LEFT_EYE_XY,
    LEG_XY,
    OTHER_LEG_XY,
    walked,
)

ID_HAT, ID_FACE, ID_EYE, ID_BODY, ID_LEG = 1, 2, 3, 4, 5


def at(tab: Tab, cel: int, point: Point) -> Json:
    """The segment of a part of the figure in a cel, as the server has it."""
    return tab.ui.segment(cel, tab.ui.label_at(cel, *walked(point, cel)))


def color_of(tab: Tab, cel: int, point: Point) -> int:
    return int(at(tab, cel, point)["color"])


def cut_of(tab: Tab) -> Path:
    return Path(tab.ui.project()["cut"])


def thumbnail(tab: Tab, cel: int, point: Point) -> Rgb:
    """The color of a part of the figure in the strip."""
    script = """([cel, x, y]) => {
        const shown = document.querySelector(`[data-testid=cel-${cel}] canvas`);
        const copy = new OffscreenCanvas(1, 1);
        const pen = copy.getContext("2d", { willReadFrequently: true });
        const left = Math.floor(x / 160 * shown.width), top = Math.floor(y / 120 * shown.height);
        pen.drawImage(shown, -left, -top);
        const data = pen.getImageData(0, 0, 1, 1).data;
        return [...data.slice(0, 3)];
    }"""
    r, g, b = tab.evaluate(script, [cel, *walked(point, cel)])
    return r, g, b


# -- bucket and eyedropper -----------------------------------------------------------------------


def test_click_paints_that_segment_at_once(tab: Tab) -> None:
    tab.go_to(1)
    before = {s["label"]: s["color"] for s in tab.ui.cel(1)["segments"]}
    held: list[Route] = []
    tab.page.route("**/api/actions", lambda route: held.append(route))
    tab.get(f"swatch-{ID_HAT}").click()
    tab.click(walked(BODY_XY, 1))
    others = [walked(p, 1) for p in (BARE_XY, HAT_XY, FACE_XY, LEG_XY)]
    shown = tab.colors_at(walked(BODY_XY, 1), walked((52, 76), 1), *others)
    assert shown == [HAT, HAT, WHITE, HAT, FACE, LEG], "seen before the server knows of it"
    assert len(held) == 1
    expect(tab.get("saved")).to_have_text("Saving…")
    held[0].continue_()
    expect(tab.get("saved")).to_have_text("Saved")
    label = tab.ui.label_at(1, *walked(BODY_XY, 1))
    after = {s["label"]: s["color"] for s in tab.ui.cel(1)["segments"]}
    assert after == before | {label: ID_HAT}
    assert at(tab, 1, BODY_XY)["locked"]
    expect(tab.get("segment-info")).to_have_text(" #c81e28 locked")


def test_correction_follows_in_the_other_cels(tab: Tab) -> None:
    for point in (BODY_XY, FACE_XY, HAT_XY):
        tab.go_to(1)
        tab.get(f"swatch-{ID_LEG}").click()
        tab.click(walked(point, 1))
    tab.settle()
    for cel in (2, 3):
        assert [color_of(tab, cel, p) for p in (BODY_XY, FACE_XY, HAT_XY)].count(ID_LEG) >= 1
    changed = next(p for p in (BODY_XY, FACE_XY, HAT_XY) if color_of(tab, 2, p) == ID_LEG)
    tab.until(lambda: thumbnail(tab, 2, changed) == LEG)
    tab.go_to(2)
    tab.until_shown([LEG, WHITE], walked(changed, 2), walked(BARE_XY, 2))
    assert color_of(tab, 0, BODY_XY) == ID_BODY, "the key stays"


def test_click_on_the_line_paints_nothing(tab: Tab) -> None:
    tab.click((94, 65))
    expect(tab.get("toasts")).to_contain_text("That is the line")
    assert tab.ui.project()["undo"] is None


def test_alt_click_picks_a_color_up(tab: Tab) -> None:
    tab.click(LEG_XY, "Alt")
    expect(tab.get(f"swatch-{ID_LEG}")).to_have_attribute("aria-selected", "true")
    assert tab.ui.project()["undo"] is None, "nothing was painted"
    tab.go_to(1)
    tab.click(walked(HAT_XY, 1))
    tab.settle()
    assert color_of(tab, 1, HAT_XY) == ID_LEG


def test_eyedropper(tab: Tab) -> None:
    tab.press_tool("pick")
    tab.click(LEFT_EYE_XY)
    expect(tab.get(f"swatch-{ID_EYE}")).to_have_attribute("aria-selected", "true")
    assert tab.ui.project()["undo"] is None


def test_number_keys_choose_colors(tab: Tab) -> None:
    tab.go_to(1)
    tab.press("2")
    expect(tab.get("swatch-2")).to_have_attribute("aria-selected", "true")
    tab.click(walked(BODY_XY, 1))
    tab.press("0")
    tab.click(walked(HAT_XY, 1))
    tab.settle()
    assert [color_of(tab, 1, p) for p in (BODY_XY, HAT_XY)] == [ID_FACE, 0]
    tab.until_shown([FACE, WHITE], walked(BODY_XY, 1), walked(HAT_XY, 1))
    tab.press("9")
    expect(tab.get("toasts")).to_contain_text("no color 9")
    expect(tab.get("swatch-0")).to_have_attribute("aria-selected", "true")


def test_held_key_lends_a_tool_and_a_tap_changes_it(tab: Tab) -> None:
    tab.hover(*LEG_XY)
    tab.page.keyboard.down("i")
    expect(tab.get("tool-pick")).to_have_attribute("aria-pressed", "true")
    tab.click(LEG_XY)
    tab.page.keyboard.up("i")
    expect(tab.get("tool-paint")).to_have_attribute("aria-pressed", "true")
    expect(tab.get(f"swatch-{ID_LEG}")).to_have_attribute("aria-selected", "true")
    for key, tool in zip(
        "ilcjdehb", ["pick", "lasso", "close", "join", "pen", "erase", "hand", "paint"], strict=True
    ):
        tab.press(key)
        expect(tab.get(f"tool-{tool}")).to_have_attribute("aria-pressed", "true")


# -- lasso ---------------------------------------------------------------------------------------


def test_lasso_takes_several_that_a_color_then_paints(tab: Tab) -> None:
    tab.go_to(1)
    tab.press_tool("lasso")
    legs = [walked(p, 1) for p in ((45, 78), (100, 78), (105, 112), (42, 112))]
    tab.drag(*legs, legs[0])
    expect(tab.get("segment-info")).to_have_text("2 segments selected")
    assert tab.ui.project()["undo"] is None
    tab.get(f"swatch-{ID_HAT}").click()
    project = tab.settle()
    assert project["undo"] == "paint"
    assert [color_of(tab, 1, p) for p in (LEG_XY, OTHER_LEG_XY, BODY_XY, BARE_XY)] == [
        ID_HAT,
        ID_HAT,
        ID_BODY,
        0,
    ]
    tab.press("Escape")
    tab.press("b")
    expect(tab.get("segment-info")).not_to_have_text("2 segments selected")
    tab.until_shown([HAT, HAT, BODY], *(walked(p, 1) for p in (LEG_XY, OTHER_LEG_XY, BODY_XY)))
    tab.get("undo").click()
    project = tab.settle()
    assert project["undo"] is None, "both in one step"
    assert [color_of(tab, 1, p) for p in (LEG_XY, OTHER_LEG_XY)] == [ID_LEG, ID_LEG]


def test_shift_adds_to_the_selection_and_a_tap_selects_one(tab: Tab) -> None:
    tab.press_tool("lasso")
    tab.click(LEG_XY)
    expect(tab.get("segment-info")).to_have_text(" #5a4696 locked")
    tab.click(BODY_XY, "Shift")
    expect(tab.get("segment-info")).to_have_text("2 segments selected")
    tab.click(HAT_XY, "Shift")
    expect(tab.get("segment-info")).to_have_text("3 segments selected")
    tab.click(HAT_XY)
    expect(tab.get("segment-info")).to_have_text(" #c81e28 locked")


# -- strokes -------------------------------------------------------------------------------------


def halves(tab: Tab, cel: int) -> tuple[int, int]:
    """The labels at the left and the right of the body."""
    left, right = ((60, 60), (84, 60))
    return tab.ui.label_at(cel, *walked(left, cel)), tab.ui.label_at(cel, *walked(right, cel))


def test_closing_line_parts_a_segment_and_join_makes_it_one(tab: Tab) -> None:
    tab.go_to(1)
    line = tab.ui.picture(1, "line.png")
    left, right = halves(tab, 1)
    assert left == right
    tab.press_tool("close")
    tab.drag(walked((72, 47), 1), walked((72, 80), 1))
    project = tab.settle()
    left, right = halves(tab, 1)
    assert left != right
    assert project["cels"][1]["segments"] == 9
    assert (tab.ui.picture(1, "line.png") == line).all(), "it is no ink"
    tab.press_tool("paint")
    tab.press("1")
    tab.click(walked((60, 60), 1))
    tab.settle()
    points = walked((60, 60), 1), walked((84, 60), 1)
    tab.until_shown([HAT, BODY], *points)
    tab.press_tool("join")
    tab.drag(walked((62, 60), 1), walked((82, 60), 1))
    project = tab.settle()
    left, right = halves(tab, 1)
    assert left == right
    tab.get("undo").click()
    tab.get("undo").click()
    tab.get("undo").click()
    project = tab.settle()
    assert project["undo"] is None
    assert project["cels"][1]["segments"] == 8
    tab.until_shown([BODY, BODY], *points)


def test_join_needs_two_segments(tab: Tab) -> None:
    tab.press_tool("join")
    tab.drag((60, 60), (80, 60))
    expect(tab.get("toasts")).to_contain_text("Drag from one segment into another")
    assert tab.ui.project()["undo"] is None


def test_join_across_a_line(tab: Tab) -> None:
    tab.go_to(1)
    tab.press_tool("join")
    tab.drag(walked(LEG_XY, 1), walked(OTHER_LEG_XY, 1))
    project = tab.settle()
    assert project["cels"][1]["segments"] == 7
    one, other = (tab.ui.label_at(1, *walked(p, 1)) for p in (LEG_XY, OTHER_LEG_XY))
    assert one == other


def test_pen_parts_and_eraser_joins_without_touching_the_ink(tab: Tab) -> None:
    tab.go_to(1)
    drawn = load(cut_of(tab) / "A0002.png")
    tab.press_tool("pen")
    assert tab.shows("stroke-width")
    tab.drag(walked((72, 46), 1), walked((72, 79), 1))
    project = tab.settle()
    assert project["cels"][1]["segments"] == 9
    assert halves(tab, 1)[0] != halves(tab, 1)[1]
    tab.until_shown([BLACK], walked((72, 60), 1))
    tab.press_tool("erase")
    for _ in range(5):
        tab.press("]")
    expect(tab.get("stroke-width")).to_have_value("8")
    tab.drag(walked((72, 55), 1), walked((72, 66), 1))
    tab.settle()
    assert halves(tab, 1)[0] == halves(tab, 1)[1]
    tab.until_shown([BODY], walked((72, 60), 1))
    tab.ui.export("cels", overwrite=True)
    out = cut_of(tab).parent / "out" / "A0002.png"
    assert (load(out)[60:64, 74:76] == (*BODY, 255)).all()
    ink = (drawn == (0, 0, 0, 255)).all(axis=2)
    assert (load(out)[ink] == (0, 0, 0, 255)).all()
    assert ((load(out) == (0, 0, 0, 255)).all(axis=2) == ink).all(), (
        "no ink but that of the drawing"
    )
    assert (load(cut_of(tab) / "A0002.png") == drawn).all()


def test_mended_lines_are_written_when_asked(tab: Tab) -> None:
    tab.go_to(2)
    tab.press_tool("pen")
    tab.drag(walked((72, 46), 2), walked((72, 79), 2))
    tab.settle()
    tab.ui.export("cels", overwrite=True, line_edits=True)
    written = load(cut_of(tab).parent / "out" / "A0003.png")
    assert (written[60, 78] == (0, 0, 0, 255)).all()


# -- lock, release, reset, reference -------------------------------------------------------------


def test_lock_and_back_to_the_prediction(tab: Tab) -> None:
    tab.go_to(1)
    tab.press_tool("lasso")
    tab.click(walked(BODY_XY, 1))
    tab.get("lock").click()
    tab.settle()
    assert at(tab, 1, BODY_XY)["locked"]
    expect(tab.get("segment-info")).to_contain_text("locked")
    tab.press("2")
    tab.settle()
    assert color_of(tab, 1, BODY_XY) == ID_FACE
    tab.get("release").click()
    tab.settle()
    assert not at(tab, 1, BODY_XY)["locked"]
    assert color_of(tab, 1, BODY_XY) == ID_BODY
    tab.press("Escape")
    tab.until_shown([BODY], walked(BODY_XY, 1))


def test_reset_takes_back_all_of_a_cel(tab: Tab) -> None:
    tab.go_to(1)
    tab.press("1")
    tab.click(walked(BODY_XY, 1))
    tab.press_tool("close")
    tab.drag(walked((58, 90), 1), walked((72, 90), 1))
    tab.settle()
    tab.get("reset-cel").click()
    project = tab.settle()
    assert (project["cels"][1]["locked"], project["cels"][1]["edited"]) == (0, False)
    tab.until_shown([BODY], walked(BODY_XY, 1))
    tab.get("undo").click()
    project = tab.settle()
    assert project["cels"][1]["edited"]
    tab.until_shown([HAT], walked(BODY_XY, 1))


def test_reference_made_and_no_longer(tab: Tab) -> None:
    expect(tab.get("make-reference")).to_be_disabled()
    tab.go_to(2)
    tab.get("make-reference").click()
    tab.settle()
    expect(tab.get("cel-2")).to_have_attribute("data-state", "key")
    expect(tab.get("make-reference")).to_have_text("No longer a reference")
    tab.press("m")
    tab.settle()
    expect(tab.get("cel-2")).to_have_attribute("data-state", "locked")
    expect(tab.get("make-reference")).to_have_text("Make reference")


# -- undo and redo -------------------------------------------------------------------------------


def test_undo_and_redo_with_buttons_and_keys(tab: Tab) -> None:
    tab.go_to(1)
    point = walked(BODY_XY, 1)
    expect(tab.get("undo")).to_be_disabled()
    tab.press("1")
    tab.click(point)
    expect(tab.get("redo")).to_be_disabled()
    tab.press("2")
    tab.click(point)
    tab.settle()
    expect(tab.get("undo")).to_have_attribute("title", "Undo: paint (Ctrl+Z)")
    tab.get("undo").click()
    tab.until_shown([HAT], point)
    tab.press("Control+z")
    tab.until_shown([BODY], point)
    expect(tab.get("undo")).to_be_disabled()
    tab.press("Control+y")
    tab.until_shown([HAT], point)
    tab.press("Control+Shift+z")
    tab.until_shown([FACE], point)
    expect(tab.get("redo")).to_be_disabled()
    tab.press("Control+z")
    tab.until_shown([HAT], point)
    tab.get("redo").click()
    tab.until_shown([FACE], point)


def test_clicks_in_quick_succession_all_count(tab: Tab) -> None:
    tab.go_to(1)
    points = [walked(p, 1) for p in (HAT_XY, FACE_XY, BODY_XY, LEG_XY, OTHER_LEG_XY, BARE_XY)]
    tab.press("3")
    for point in points:
        tab.click(point)
    assert tab.colors_at(*points) == [EYE] * 6
    tab.settle()
    tab.until_shown([EYE] * 6, *points)
    assert tab.ui.project()["cels"][1]["locked"] == 6
    for _ in points:
        tab.press("Control+z")
    project = tab.settle()
    assert project["undo"] is None
    tab.until_shown([HAT, FACE, BODY, LEG, LEG, WHITE], *points)


def test_answer_on_its_way_does_not_take_back_a_later_click(tab: Tab) -> None:
    tab.go_to(1)
    actions: list[Route] = []
    pictures: list[Route] = []
    shown: list[list[Rgb]] = []

    def hold_second(route: Route) -> None:
        actions.append(route)
        if len(actions) == 1:
            route.continue_()

    tab.page.route("**/api/actions", hold_second)

    def hold_pictures(route: Route) -> None:
        pictures.append(route)
        if len(pictures) > 1:
            shown.append(tab.colors_at(*points))
            route.continue_()

    tab.page.route(re.compile(r"/api/cels/1/painted\.png\?v=\d+&visit=\d+$"), hold_pictures)
    points = walked(BODY_XY, 1), walked(BARE_XY, 1)
    tab.press("1")
    for point in points:
        tab.click(point)
    tab.until(lambda: len(actions) == 2 and pictures)
    late = pictures[0].fetch()
    actions[1].continue_()
    expect(tab.get("saved")).to_have_text("Saved")
    pictures[0].fulfill(response=late)
    tab.until(lambda: shown)
    assert shown[0] == [HAT, HAT]
    tab.settle()
    tab.until_shown([HAT, HAT], *points)


# -- same part -----------------------------------------------------------------------------------


def test_same_part_in_all_cels_is_previewed_and_one_step(tab: Tab) -> None:
    tab.go_to(0)
    tab.press_tool("lasso")
    tab.click(BODY_XY)
    tab.get("same").click()
    dialog = tab.get("same-dialog")
    expect(dialog).to_be_visible()
    found = dialog.locator("li")
    expect(found).to_have_count(3)
    expect(tab.get("same-count")).to_have_text("Cels: 4")
    expect(tab.get("same-skipped")).to_have_count(0)
    expect(tab.get("same-color")).to_have_value(str(ID_BODY))
    tab.until(lambda: all(drawn(dialog.locator("canvas").nth(k)) for k in range(3)))
    tab.choose("same-color", str(ID_EYE))
    label = tab.ui.label_at(2, *walked(BODY_XY, 2))
    tab.get(f"same-2-{label}").get_by_role("checkbox").uncheck()
    expect(tab.get("same-count")).to_have_text("Cels: 3")
    expect(tab.get("same-apply")).to_have_text("Apply (3)")
    assert tab.ui.project()["undo"] is None, "only looked at so far"
    tab.get("same-apply").click()
    expect(dialog).to_have_count(0)
    project = tab.settle()
    assert project["undo"] == "paint"
    decided = [at(tab, cel, BODY_XY) for cel in range(4)]
    assert [s["color"] for s in decided if s["label"] and s["locked"]] == [ID_EYE] * 3
    assert not decided[2]["locked"]
    tab.press("Control+z")
    project = tab.settle()
    assert project["undo"] is None
    assert [color_of(tab, cel, BODY_XY) for cel in range(4)] == [ID_BODY] * 4


def drawn(canvas: Locator) -> bool:
    """Whether something is to be seen in a canvas."""
    picture = Image.open(io.BytesIO(canvas.screenshot())).convert("RGB")
    return len(np.unique(np.asarray(picture).reshape(-1, 3), axis=0)) > 3


def test_same_part_tells_how_many_were_skipped(tab: Tab) -> None:
    def answer_with_less(route: Route) -> None:
        got = route.fetch()
        body = got.json()
        gone = body["found"].pop()
        body["skipped"].append(gone["cel"])
        route.fulfill(response=got, json=body)

    tab.page.route("**/same?**", answer_with_less)
    tab.press_tool("lasso")
    tab.click(BODY_XY)
    tab.press("s")
    expect(tab.get("same-skipped")).to_contain_text("Left out, since the match is unsure: 1")
    expect(tab.get("same-skipped")).to_have_attribute("title", "A0004")
    expect(tab.get("same-count")).to_contain_text("Cels: 3")
    tab.press("Escape")
    expect(tab.get("same-dialog")).to_have_count(0)
    assert tab.ui.project()["undo"] is None


def test_other_decisions_of_the_artist_are_not_ticked(tab: Tab) -> None:
    label = tab.ui.label_at(3, *walked(BODY_XY, 3))
    tab.ui.paint(3, [label], ID_HAT)
    tab.settle()
    tab.press_tool("lasso")
    tab.click(BODY_XY)
    tab.press("s")
    expect(tab.get(f"same-3-{label}").get_by_role("checkbox")).not_to_be_checked()
    expect(tab.get("same-apply")).to_have_text("Apply (3)")
    tab.press("Enter")
    tab.settle()
    assert color_of(tab, 3, BODY_XY) == ID_HAT


# -- palette -------------------------------------------------------------------------------------


def fill_color(tab: Tab, color: str, name: str) -> None:
    tab.get("color-value").fill(color)
    tab.get("color-name").fill(name)
    tab.get("color-save").click()
    expect(tab.get("color-dialog")).to_have_count(0)


def test_color_added_is_taken_to_paint_with(tab: Tab) -> None:
    tab.go_to(1)
    tab.get("color-add").click()
    fill_color(tab, "#12ab56", "scarf")
    expect(tab.get("swatch-6")).to_have_attribute("aria-selected", "true")
    expect(tab.get("swatch-6")).to_contain_text("scarf")
    tab.click(walked(BODY_XY, 1))
    tab.until_shown([(0x12, 0xAB, 0x56)], walked(BODY_XY, 1))
    palette = tab.settle()["palette"]
    assert (palette[6]["color"], palette[6]["name"]) == ("#12ab56", "scarf")


def test_color_renamed_and_changed_everywhere(tab: Tab) -> None:
    tab.get(f"swatch-{ID_BODY}").hover()
    tab.get(f"swatch-edit-{ID_BODY}").click()
    expect(tab.get("color-value")).to_have_value("#3ca046")
    fill_color(tab, "#804020", "coat")
    tab.settle()
    expect(tab.get(f"swatch-{ID_BODY}")).to_contain_text("coat")
    new: Rgb = (0x80, 0x40, 0x20)
    for cel in range(4):
        tab.go_to(cel)
        tab.until_shown([new, HAT], walked(BODY_XY, cel), walked(HAT_XY, cel))
        tab.until(lambda cel=cel: np.abs(np.subtract(thumbnail(tab, cel, BODY_XY), new)).max() < 8)  # type: ignore[misc]
    tab.hover(*walked(BODY_XY, 3))
    expect(tab.get("status")).to_contain_text("coat")
    tab.press("Control+z", "Control+z")
    tab.settle()
    tab.until_shown([BODY], walked(BODY_XY, 3))


@pytest.mark.parametrize("how", ["double click", "F2"])
def test_other_ways_to_edit_a_color(tab: Tab, how: str) -> None:
    swatch = tab.get(f"swatch-{ID_HAT}")
    if how == "F2":
        swatch.focus()
        tab.press("F2")
    else:
        swatch.dblclick()
    expect(tab.get("color-dialog")).to_contain_text("Edit #c81e28")
    tab.press("Escape")
    assert tab.ui.project()["undo"] is None
