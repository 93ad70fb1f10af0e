"""The report in a real browser, opened from the disk as an artist would."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from shiage.cuts.records import CelRecord, CutRecord, SegmentRecord
from shiage.cuts.report import make_previews, write_report

playwright = pytest.importorskip("playwright.sync_api")

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking")
COLORS = ("#c81e28", "#28a03c", "#3250c8", "#f0dc50")

pytestmark = pytest.mark.skipif(not CHROMIUM.exists(), reason=f"{CHROMIUM} is missing")


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cut of four cels with four squares each; square k of cel c has confidence (4c + k) / 16."""
    labels = np.array([[1, 2], [3, 4]], np.int32).repeat(200, axis=0).repeat(200, axis=1)
    labels[198:202] = labels[:, 198:202] = 0
    rgb = np.array([[0, 0, 0], *(list(bytes.fromhex(c[1:])) for c in COLORS)], np.uint8)[labels]
    painted = np.dstack([rgb, np.full_like(rgb[..., :1], 255)])
    boxes = ((0, 0, 198, 198), (202, 0, 400, 198), (0, 202, 198, 400), (202, 202, 400, 400))
    previews, cels = {}, []
    for c in range(4):
        sure = [(4 * c + k) / 16 for k in range(4)]
        name = f"A/<カット> & {c}"
        segments = tuple(
            SegmentRecord(k + 1, boxes[k], 198 * 198, COLORS[k], sure[k], ("none",))
            for k in range(4)
        )
        cels.append(CelRecord(name, "A", c, "painted", size_wh=(400, 400), segments=segments))
        previews[name] = make_previews(painted, painted, labels, np.array(sure, np.float32))
    palette = (("paper", "none"), *((color, color) for color in COLORS))
    out = tmp_path_factory.mktemp("out")
    write_report(CutRecord("cut", "out", "shape", palette, tuple(cels)), previews.get, out)
    return out / "report.html"


@pytest.fixture
def page(report: Path) -> Iterator[Any]:
    """The page, opened; in the end it must not have complained nor asked for anything else."""
    said: list[str] = []
    with playwright.sync_playwright() as browsers:
        browser = browsers.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = browser.new_page(viewport={"width": 1280, "height": 720})
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("request", lambda request: said.append(f"asked for {request.url}"))
        page.goto(report.as_uri())
        yield page
        browser.close()
    assert [line for line in said if not line.startswith("asked for data:")] == [
        f"asked for {report.as_uri()}"
    ]


def test_slider_and_sorting(page: Any) -> None:
    cels = page.locator(".cel")
    assert page.locator(".card").count() == 8
    assert cels.locator(".doubts").all_inner_texts() == [f"{n} doubtful" for n in (4, 4, 0, 0)]
    page.locator("#threshold").fill("80")
    assert page.locator("#value").inner_text() == "80%"
    assert page.locator("#count").inner_text() == "13"
    assert page.locator(".card").count() == 13
    assert cels.locator(".doubts").all_inner_texts() == [f"{n} doubtful" for n in (4, 4, 4, 1)]
    page.locator("#threshold").fill("0")
    assert page.locator(".card").count() == 0
    assert "None of 16" in page.locator("#note").inner_text()
    page.locator("#threshold").focus()
    for _ in range(20):
        page.keyboard.press("ArrowRight")
    assert page.locator(".card").count() == 4
    page.locator("[value=doubt]").check()
    assert [cel.get_attribute("id") for cel in cels.all()] == [f"cel-{c}" for c in range(4)]


def test_doubtful_segment_leads_to_its_cel(page: Any) -> None:
    card = page.locator(".card").nth(5)
    assert "A/<カット> & 1" in card.inner_text()
    assert "31%" in card.inner_text()
    card.scroll_into_view_if_needed()
    playwright.expect(page.locator(".card canvas").nth(5)).to_have_attribute("width", "128")
    middle = "c => [...c.getContext('2d').getImageData(64, 64, 1, 1).data.slice(0, 3)]"
    found = card.locator("canvas").evaluate(middle)
    assert np.abs(np.array(found) - list(bytes.fromhex(COLORS[1][1:]))).max() < 16
    card.focus()
    page.keyboard.press("Enter")
    assert page.url.endswith("#cel-1")
    top, bar = (page.locator(at).bounding_box() for at in ("#cel-1", ".bar"))
    assert bar["y"] + bar["height"] - 1 <= top["y"] < 200
    boxes = page.locator("#cel-1 .box.flash")
    assert boxes.count() == page.locator(".box").count() == 3
    for picture, box in zip(page.locator("#cel-1 .shot img").all(), boxes.all(), strict=True):
        box.evaluate("b => Promise.all(b.getAnimations().map(a => a.finished))")
        whole, part = picture.bounding_box(), box.bounding_box()
        assert part["x"] > whole["x"] + 0.45 * whole["width"]
        assert part["y"] + part["height"] < whole["y"] + 0.55 * whole["height"]
    page.keyboard.press("n")
    assert page.locator("#place").inner_text() == "7 / 8"
    page.keyboard.press("p")
    page.locator("#previous").click()
    assert page.locator("#place").inner_text() == "5 / 8"
    page.go_back()
    assert re.search(r"report\.html$", page.url)


def test_pictures_enlarge(page: Any) -> None:
    dialog = page.locator("dialog")
    page.locator("#cel-0 .doubts").click()
    assert page.locator("#cel-0 .box").count() == 12
    page.locator("#cel-0 [data-view=painted]").focus()
    page.keyboard.press("Enter")
    assert dialog.is_visible()
    assert page.locator("#zoom-title").inner_text() == "A/<カット> & 0 – painted"
    assert dialog.locator("img").bounding_box()["width"] > 600
    assert dialog.locator(".box").count() == 4
    page.keyboard.press("ArrowRight")
    assert page.locator("#zoom-title").inner_text() == "A/<カット> & 0 – confidence"
    page.keyboard.press("Escape")
    assert not dialog.is_visible()
    # The browser gives focus back at once, the page corrects it when told that the dialog closed.
    playwright.expect(page.locator("#cel-0 [data-view=confidence]")).to_be_focused()
