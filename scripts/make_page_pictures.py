"""Open the demo cut in `shiage ui` and take the pictures for docs/page.md.

    python scripts/make_page_pictures.py [FOLDER]

They go to docs/ unless another folder is given. Needs Chromium at /usr/bin/chromium.
"""

from __future__ import annotations

import io
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from PIL import Image
from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

from shiage.demo import DEMO_CUT, KEYS

SHIAGE = Path(sys.executable).with_name("shiage")
CHROMIUM = "/usr/bin/chromium"
FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking")
SIZE: ViewportSize = {"width": 1280, "height": 720}
COLORS = 255
"""Of the palette that keeps the files small."""


@contextmanager
def serving(*args: str | Path, cwd: str) -> Iterator[str]:
    """Run `shiage ui` in a folder and yield its address."""
    command = [SHIAGE, "ui", *args, "--no-open"]
    with subprocess.Popen(command, cwd=cwd, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout  # noqa: S101 - it is a pipe
        found = re.search(r"http://\S+", server.stdout.readline())
        try:
            if not found:
                raise SystemExit("shiage ui did not start")
            yield found.group()
        finally:
            server.terminate()


Scheme = Literal["light", "dark"]


def open_page(browser: Browser, address: str, scheme: Scheme = "light") -> Page:
    """Return the page as someone sees it who opens it for the first time."""
    page = browser.new_page(
        viewport=SIZE, locale="en-US", reduced_motion="reduce", color_scheme=scheme
    )
    page.goto(address)
    return page


def wait_until_painted(page: Page) -> None:
    """Wait until all cels are painted and drawn in the strip."""
    page.get_by_test_id("canvas").wait_for()
    page.locator("[data-testid=busy][data-busy='']").wait_for(state="attached", timeout=120_000)
    page.locator(".mark.waiting").first.wait_for(state="detached", timeout=120_000)
    page.wait_for_timeout(1500)


def show_doubt(page: Page) -> None:
    """Go to the least sure segment."""
    page.keyboard.press("n")
    page.locator("[data-testid=alternatives]").wait_for()
    page.wait_for_timeout(1000)


def show_view(view: str) -> Callable[[Page], None]:
    """Return what shows the third cel in a view."""

    def show(page: Page) -> None:
        page.get_by_test_id("cel-2").click()
        page.get_by_test_id("view-select").select_option(view)
        page.wait_for_timeout(800)

    return show


def show_onion(page: Page) -> None:
    """Lay the lines of the neighbors over those of a cel."""
    show_view("line")(page)
    page.keyboard.press("o")
    page.wait_for_timeout(800)


HAT = (424, 230)
"""A pixel of the hat in the second cel of the demo cut."""


def show_same(page: Page) -> None:
    """Ask where else the hat of the second cel is."""
    page.get_by_test_id("cel-1").click()
    page.get_by_test_id("tool-lasso").click()
    page.wait_for_timeout(800)
    left, top = page.evaluate("([x, y]) => window.shiage.toScreen(x, y)", HAT)
    page.mouse.click(left, top)
    page.get_by_test_id("same").click()
    page.get_by_test_id("same-dialog").locator("canvas").first.wait_for()
    page.wait_for_timeout(1500)


def show_keys(page: Page) -> None:
    """Open the map of keys."""
    page.keyboard.press("?")
    page.get_by_test_id("keys-dialog").wait_for()


def show_export(page: Page) -> None:
    """Open the export dialog."""
    page.keyboard.press("Control+e")
    page.get_by_test_id("export-dialog").wait_for()


PICTURES: dict[str, tuple[Scheme, Callable[[Page], None]]] = {
    "page_doubt": ("light", show_doubt),
    "page_confidence": ("light", show_view("confidence")),
    "page_segments": ("light", show_view("segments")),
    "page_ids": ("light", show_view("ids")),
    "page_line": ("light", show_view("line")),
    "page_onion": ("light", show_onion),
    "page_same": ("light", show_same),
    "page_keys": ("light", show_keys),
    "page_export": ("light", show_export),
    "page_dark": ("dark", show_doubt),
}
"""Name, theme and what is to be done first, for each picture of the opened cut."""


def take(page: Page, path: Path) -> None:
    """Write what is seen as a PNG of few colors."""
    shot = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    small = shot.quantize(COLORS, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    small.save(path, optimize=True)


def take_cut(browser: Browser, address: str, folder: Path) -> None:
    """Take the pictures of an opened cut."""
    for name, (scheme, show) in PICTURES.items():
        page = open_page(browser, address, scheme)
        wait_until_painted(page)
        show(page)
        take(page, folder / f"{name}.png")
        page.close()


def take_start(browser: Browser, address: str, folder: Path) -> None:
    """Take the picture of a page that waits for drawings."""
    page = open_page(browser, address)
    page.get_by_test_id("drop-drawings").wait_for()
    take(page, folder / "page_start.png")
    page.close()


def main(folder: Path) -> None:
    """Take all pictures."""
    refs = [word for key in KEYS for word in ("--ref", DEMO_CUT / "color" / f"{key}.png")]
    with sync_playwright() as browsers, tempfile.TemporaryDirectory(prefix="shiage-") as home:
        browser = browsers.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        with serving(cwd=home) as address:
            take_start(browser, address, folder)
        with serving(DEMO_CUT / "line", *refs, "--out", "demo_painted", cwd=home) as address:
            take_cut(browser, address, folder)
        browser.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent.parent / "docs")
