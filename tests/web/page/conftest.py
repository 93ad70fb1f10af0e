"""The page of `shiage ui` in a real browser: one Chromium, and a tab for each test."""

from __future__ import annotations

import io
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect, sync_playwright

from tests.web.conftest import LONG, Json, Ui

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking")
SIZE = {"width": 1280, "height": 720}
expect.set_options(timeout=1000 * LONG / 2)

STEP = 3
"""Pixels that the figure walks from cel to cel."""

Rgb = tuple[int, int, int]
Point = tuple[int, int]


@dataclass
class Tab:
    """A tab with the page of a running `shiage ui`.

    Attributes:
        page: of the browser.
        ui: the server it shows.
        expected: parts of messages that the console may hold.
        complaints: messages of the console, errors, and requests to anywhere else.
    """

    page: Page
    ui: Ui
    expected: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", lambda request: self._look_at(request.url))
        self.page.on("websocket", lambda socket: self._look_at(socket.url))

    def _look_at(self, url: str) -> None:
        own = (self.ui.url, self.ui.url.replace("http", "ws"), "data:", "blob:")
        if not url.startswith(own):
            self.complaints.append(f"asked for {url}")

    def is_clean(self) -> None:
        """Nothing was complained of but what a test expects."""
        assert [
            line for line in self.complaints if not any(part in line for part in self.expected)
        ] == []

    # -- looking -------------------------------------------------------------------------

    def get(self, testid: str) -> Locator:
        return self.page.get_by_test_id(testid)

    def text(self, testid: str) -> str:
        return self.get(testid).inner_text()

    def shows(self, testid: str) -> bool:
        return self.get(testid).is_visible()

    def evaluate(self, script: str, argument: Any = None) -> Any:
        return self.page.evaluate(script, argument)

    @property
    def version(self) -> int:
        return int(self.evaluate("window.shiage.version()"))

    def on_screen(self, x: float, y: float) -> tuple[float, float]:
        """Where a pixel of the current cel is on the screen."""
        left, top = self.evaluate("([x, y]) => window.shiage.toScreen(x, y)", [x, y])
        return float(left), float(top)

    @property
    def scale(self) -> float:
        """Pixels of the screen for one of the drawing."""
        return self.on_screen(1, 0)[0] - self.on_screen(0, 0)[0]

    def screenshot(self) -> NDArray[np.uint8]:
        """(720, 1280, 3) uint8: the page as it is seen."""
        picture = Image.open(io.BytesIO(self.page.screenshot()))
        return np.asarray(picture.convert("RGB"))

    def colors_at(self, *points: Point) -> list[Rgb]:
        """What is seen at pixels of the current cel, the pointer being elsewhere."""
        self.point_away()
        places = [self.on_screen(*point) for point in points]
        rgb = self.screenshot()
        return [
            (int(rgb[int(y), int(x), 0]), int(rgb[int(y), int(x), 1]), int(rgb[int(y), int(x), 2]))
            for x, y in places
        ]

    def canvas(self, testid: str = "canvas") -> NDArray[np.uint8]:
        """(H, W, 3) uint8: the part of the screen that an element takes."""
        box = self.get(testid).bounding_box()
        assert box
        left, top = round(box["x"]), round(box["y"])
        right, bottom = round(left + box["width"]), round(top + box["height"])
        return self.screenshot()[top:bottom, left:right]

    # -- waiting -------------------------------------------------------------------------

    def until(self, is_so: Callable[[], object]) -> None:
        """Wait until something is so."""
        give_up = time.monotonic() + LONG / 2
        while not is_so():
            assert time.monotonic() < give_up, "still not so"
            self.page.wait_for_timeout(30)

    def until_shown(self, expected: Sequence[Rgb], *points: Point) -> None:
        """Wait until pixels of the current cel are seen in these colors."""
        found: list[Rgb] = []
        for _ in range(100):
            found = self.colors_at(*points)
            if found == list(expected):
                return
            self.page.wait_for_timeout(50)
        assert found == list(expected)

    def settle(self) -> Json:
        """Wait until the server is at rest and the page knows it."""
        self.page.wait_for_timeout(50)
        while True:
            self.until(lambda: self.text("saved") in ("Saved", "保存済み"))
            project = self.ui.settle()
            if self.text("saved") in ("Saved", "保存済み"):
                break
        self.until(lambda: self.version >= project["version"])
        self.page.wait_for_timeout(100)
        return project

    def wait_for_frames(self) -> None:
        """Wait until the canvas has been drawn as it is now."""
        self.evaluate("() => new Promise(d => requestAnimationFrame(() => setTimeout(d)))")

    # -- acting --------------------------------------------------------------------------

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def press_tool(self, name: str) -> None:
        self.get(f"tool-{name}").click()

    def choose(self, testid: str, value: str) -> None:
        self.get(testid).select_option(value)

    def go_to(self, cel: int) -> None:
        """Go to a cel, and wait until it is there to be worked on."""
        self.get(f"cel-{cel}").click()
        self.until_ready()

    def until_ready(self) -> None:
        """Wait until the pictures of the current cel are there: the pointer finds a segment."""
        self.get("canvas").wait_for()
        self.until(self._finds_a_segment)
        self.point_away()

    def _finds_a_segment(self) -> bool:
        self.point_away()
        self.hover(1, 1)
        return "·" in self.text("status")

    def hover(self, x: float, y: float) -> None:
        self.page.mouse.move(*self.on_screen(x, y))

    def point_away(self) -> None:
        """Move the pointer to where it does nothing."""
        self.page.mouse.move(640, 5)
        self.wait_for_frames()

    def click(self, point: Point, *modifiers: Any) -> None:
        """Click at a pixel of the current cel."""
        for key in modifiers:
            self.page.keyboard.down(key)
        self.page.mouse.click(*self.on_screen(*point))
        for key in modifiers:
            self.page.keyboard.up(key)

    def drag(self, *points: tuple[float, float]) -> None:
        """Draw with the button down over pixels of the current cel."""
        self.hover(*points[0])
        self.page.mouse.down()
        for x, y in points[1:]:
            self.page.mouse.move(*self.on_screen(x, y), steps=8)
        self.page.mouse.up()


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Chromium, which ends with the last test of the page: no other loop may run beside its."""
    if not CHROMIUM.exists():
        pytest.skip(f"{CHROMIUM} is missing")
    with sync_playwright() as browsers:
        browser = browsers.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@contextmanager
def new_visitor(browser: Browser, **options: Any) -> Iterator[BrowserContext]:
    """Someone who opens the page for the first time: nothing is stored."""
    settings: Any = {"viewport": SIZE, "locale": "en-US", "reduced_motion": "reduce"}
    context = browser.new_context(**(settings | options))
    yield context
    context.close()


def open_tab(visitor: BrowserContext, ui: Ui) -> Tab:
    """A new tab with the page opened at the address that was printed."""
    tab = Tab(visitor.new_page(), ui)
    tab.page.goto(f"{ui.url}/?token={ui.token}")
    return tab


@contextmanager
def visiting(browser: Browser, ui: Ui, **options: Any) -> Iterator[Tab]:
    """A tab of a new visitor, who in the end has nothing to complain of."""
    with new_visitor(browser, **options) as visitor:
        tab = open_tab(visitor, ui)
        yield tab
        tab.is_clean()


@pytest.fixture(scope="package")
def window(browser: Browser) -> Iterator[BrowserContext]:
    """A visitor whose window stays open: to open one costs more than all that a test does."""
    with new_visitor(browser) as visitor:
        visitor.new_page()
        yield visitor


@pytest.fixture
def tab(window: BrowserContext, ui: Ui) -> Iterator[Tab]:
    """The page of the cut of four cels, nothing done yet, and nothing stored."""
    devtools = window.new_cdp_session(window.pages[0])
    devtools.send("Storage.clearDataForOrigin", {"origin": ui.url, "storageTypes": "all"})
    devtools.detach()
    tab = open_tab(window, ui)
    try:
        tab.until_ready()
        yield tab
        tab.is_clean()
    finally:
        tab.page.close()


@pytest.fixture
def fresh_tab(browser: Browser, fresh_ui: Ui) -> Iterator[Tab]:
    """The page of a server of its own."""
    with visiting(browser, fresh_ui) as tab:
        tab.until_ready()
        yield tab
