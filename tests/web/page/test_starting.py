"""Beginning with nothing: drawings dropped on the page, and the first key painted in it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.integration.conftest import draw_cut, draw_key
from tests.web.conftest import running
from tests.web.page.conftest import Rgb, Tab, visiting
from tests.web.page.figure import BODY_XY, FACE_XY, HAT_XY, LEG_XY, OTHER_LEG_XY, walked

RED: Rgb = (0xC8, 0x20, 0x20)
GREEN: Rgb = (0x20, 0xA0, 0x40)


@pytest.fixture
def empty(browser: Browser, tmp_path: Path) -> Iterator[Tab]:
    """The page of a server that has no cut yet."""
    home = tmp_path / "home"
    home.mkdir()
    with running(cwd=home) as ui, visiting(browser, ui) as tab:
        tab.get("drop-drawings").wait_for()
        yield tab


@pytest.fixture
def drawings(tmp_path: Path) -> list[Path]:
    return sorted(draw_cut(tmp_path / "drawn", count=3).glob("*.png"))


def add_color(tab: Tab, color: str, name: str) -> None:
    tab.get("color-add").click()
    tab.get("color-value").fill(color)
    tab.get("color-name").fill(name)
    tab.get("color-save").click()
    expect(tab.get("color-dialog")).to_have_count(0)


def test_start_screen(empty: Tab) -> None:
    tab = empty
    expect(tab.get("start")).to_be_disabled()
    expect(tab.page.get_by_text("Color one frame")).to_be_visible()
    assert tab.get("canvas").count() == 0
    tab.press("n")  # no command runs before a cut is open
    tab.get("lang-switch").click()
    expect(tab.get("start")).to_have_text("開始")


def test_drawings_and_references_become_a_cut(
    empty: Tab, drawings: list[Path], tmp_path: Path
) -> None:
    tab = empty
    key = draw_key(tmp_path / "painted" / "A0001.png")
    tab.get("drop-drawings-files").set_input_files(drawings)
    expect(tab.get("drop-drawings")).to_contain_text("Drawings: 3")
    tab.get("drop-references-files").set_input_files([key])
    expect(tab.get("drop-references")).to_contain_text("References: 1")
    tab.get("start-name").fill("c012")
    tab.get("start").click()
    tab.until_ready()
    project = tab.settle()
    assert project["name"] == "c012"
    assert [cel["state"] for cel in project["cels"]] == ["key", "painted", "painted"]
    tab.go_to(2)
    tab.until_shown([(60, 160, 70), (200, 30, 40)], walked(BODY_XY, 2), walked(HAT_XY, 2))


def test_folder_is_taken_with_its_columns(empty: Tab, tmp_path: Path) -> None:
    tab = empty
    folder = tmp_path / "c034"
    draw_cut(folder, count=2, column="A")
    draw_cut(folder, count=1, column="B", name="B{:04}.png")
    (folder / "notes.txt").write_text("not a drawing")
    tab.get("drop-drawings-folder").set_input_files(folder)
    expect(tab.get("drop-drawings")).to_contain_text("Drawings: 3")
    expect(tab.get("start-name")).to_have_value("c034")
    tab.get("start").click()
    tab.until_ready()
    project = tab.settle()
    assert [(cel["column"], cel["state"]) for cel in project["cels"]] == [
        ("A", "blank"),
        ("A", "blank"),
        ("B", "blank"),
    ]


def test_files_dropped_on_the_zone(empty: Tab, drawings: list[Path]) -> None:
    tab = empty
    script = """([pictures]) => {
        const transfer = new DataTransfer();
        for (const [name, bytes] of pictures) {
            transfer.items.add(new File([new Uint8Array(bytes)], name, { type: "image/png" }));
        }
        const zone = document.querySelector("[data-testid=drop-drawings]");
        zone.dispatchEvent(new DragEvent("dragover", { dataTransfer: transfer, bubbles: true }));
        zone.dispatchEvent(new DragEvent("drop", { dataTransfer: transfer, bubbles: true }));
    }"""
    tab.evaluate(script, [[[path.name, list(path.read_bytes())] for path in drawings]])
    expect(tab.get("drop-drawings")).to_contain_text("Drawings: 3")
    tab.get("start").click()
    tab.until_ready()
    assert len(tab.settle()["cels"]) == 3


def test_text_file_is_no_drawing(empty: Tab, tmp_path: Path) -> None:
    text = tmp_path / "notes.txt"
    text.write_text("no drawing")
    empty.get("drop-drawings-files").set_input_files([text])
    expect(empty.get("toasts")).to_contain_text("No drawings found")
    expect(empty.get("start")).to_be_disabled()


def test_damaged_picture_is_told(empty: Tab, drawings: list[Path], tmp_path: Path) -> None:
    broken = tmp_path / "A0009.png"
    broken.write_text("no picture")
    empty.get("drop-drawings-files").set_input_files([*drawings, broken])
    empty.get("start").click()
    empty.get("canvas").wait_for()
    project = empty.settle()
    assert [cel["state"] for cel in project["cels"]] == ["blank", "blank", "blank", "failed"]
    empty.expected += ["422", "400", "409", "500", "404"]
    empty.get("cel-3").click()
    expect(empty.get("cel-3")).to_have_attribute("data-state", "failed")
    expect(empty.get("status")).not_to_have_text("")
    assert project["cels"][3]["message"] in empty.text("status")


def test_server_that_refuses_is_told(empty: Tab, drawings: list[Path]) -> None:
    tab = empty
    tab.expected.append("413")
    tab.page.route(
        "**/api/start",
        lambda route: route.fulfill(status=413, json={"error": "at most 2 GB can be dropped"}),
    )
    tab.get("drop-drawings-files").set_input_files(drawings)
    tab.get("start").click()
    expect(tab.get("toasts")).to_contain_text("at most 2 GB can be dropped")
    expect(tab.get("start")).to_be_enabled()
    expect(tab.get("drop-drawings")).to_contain_text("Drawings: 3")


def test_first_key_is_painted_in_the_page_and_the_others_follow(
    empty: Tab, drawings: list[Path]
) -> None:
    tab = empty
    tab.get("drop-drawings-files").set_input_files(drawings)
    tab.get("start").click()
    tab.until_ready()
    tab.settle()
    expect(tab.get("hint")).to_contain_text("No colors yet")
    tab.click(BODY_XY)
    expect(tab.get("toasts")).to_contain_text("Choose a color in the palette first")
    expect(tab.get("color-add")).to_have_text("Add the first color")
    add_color(tab, "#c82020", "coat")
    tab.click(BODY_XY)
    tab.click(HAT_XY)
    tab.until_shown([RED, RED], BODY_XY, HAT_XY)
    add_color(tab, "#20a040", "skin")
    for point in (FACE_XY, LEG_XY, OTHER_LEG_XY):
        tab.click(point)
    tab.settle()
    expect(tab.get("hint")).to_contain_text("press “Make reference” (M)")
    states = [cel["state"] for cel in tab.ui.project()["cels"]]
    assert states[1:] == ["painted", "painted"], "they follow from the first click on"
    tab.get("make-reference").click()
    project = tab.settle()
    assert [cel["state"] for cel in project["cels"]] == ["key", "painted", "painted"]
    tab.go_to(2)
    points = [walked(p, 2) for p in (BODY_XY, HAT_XY, FACE_XY, LEG_XY)]
    tab.until_shown([RED, RED, GREEN, GREEN], *points)
    tab.get("undo").click()
    project = tab.settle()
    assert "key" not in [cel["state"] for cel in project["cels"]]
