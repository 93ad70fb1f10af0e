"""The page in a real browser: a cut finished by hand, and how smoothly it pans.

    python benchmarks/page.py

An artist who knows the truth of the bundled demo cut opens it with two keys, goes from doubt to
doubt with the keyboard, accepts what is right, takes an alternative or clicks a color where it is
wrong, and in the end goes through all cels for what is wrong without being doubtful. Then a picture
of 2000 x 2000 pixels and some 300 segments is panned. Tells decisions, clicks and frames a second.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import cv2
import httpx
import numpy as np
from numpy.typing import NDArray
from playwright.sync_api import Page, sync_playwright

from shiage.demo import DEMO_CUT, KEYS
from shiage.files.images import read_picture

SHIAGE = str(Path(sys.executable).with_name("shiage"))
FLAGS = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking")
PAN_STEPS = 120


class Server:
    """`shiage ui` on a cut."""

    def __init__(self, *arguments: str) -> None:
        command = [SHIAGE, "ui", *arguments, "--no-open"]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None  # noqa: S101 - it is a pipe
        found = re.search(r"http://\S+", self._process.stdout.readline())
        if not found:
            raise SystemExit("shiage ui did not start")
        self.address = found.group()
        base, token = self.address.split("/?token=")
        self._client = httpx.Client(
            base_url=base, headers={"X-Shiage-Token": token}, timeout=60, trust_env=False
        )

    def ask(self, path: str) -> Any:
        """Return what the server answers."""
        return self._client.get(f"/api{path}").raise_for_status().json()

    def settle(self) -> Any:
        """Return the project once nothing is at work any more."""
        project = self.ask("/project")
        while True:
            time.sleep(0.3)
            before, project = project, self.ask("/project")
            waiting = any(cel["state"] == "waiting" for cel in project["cels"])
            if not (project["busy"] or waiting) and project["version"] == before["version"]:
                return project

    def stop(self) -> None:
        """Stop it."""
        self._process.terminate()
        self._process.wait()


@contextmanager
def open_page(server: Server) -> Iterator[Page]:
    """Yield the page in a browser of a common size."""
    with sync_playwright() as browsers:
        browser = browsers.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        page = browser.new_page(viewport={"width": 1280, "height": 720})
        page.goto(server.address)
        page.get_by_test_id("canvas").wait_for()
        yield page
        browser.close()


class Artist:
    """Knows the truth, and counts what it takes to get there."""

    def __init__(self, page: Page, server: Server, truth: list[NDArray[np.uint8]]) -> None:
        self.page, self.server, self.truth = page, server, truth
        self.did: Counter[str] = Counter()
        self.seen: set[tuple[int, int]] = set()

    def finish_doubts(self) -> None:
        """Go from doubt to doubt until none is left."""
        self.page.get_by_test_id("canvas").focus()
        self.page.keyboard.press("n")
        while doubt := self._next_doubt():
            cel, segment = doubt
            self.seen.add((cel, segment["label"]))
            wanted = self._wanted(cel, segment)
            palette = [color["color"] for color in self.server.ask("/project")["palette"]]
            choices = [palette[color] for color in segment["alternatives"]]
            if segment["color"] >= 0 and palette[segment["color"]] == wanted:
                self.did["accepted with Enter"] += 1
                self.page.keyboard.press("Enter")
            elif wanted in choices:
                self.did["alternatives taken with 1 to 4"] += 1
                self.page.keyboard.press(str(choices.index(wanted) + 1))
            else:
                self.did["colors clicked in the palette"] += 1
                self._choose(palette, wanted)
                self._click(segment)

    def finish_cels(self) -> None:
        """Go through the cels for what is wrong and was not doubtful."""
        project = self.server.settle()
        for cel in range(len(project["cels"])):
            wrong = self._wrong(cel)
            if wrong:
                self.page.get_by_test_id(f"cel-{cel}").click()
                self.page.keyboard.press("f")
            while wrong:
                segment = wrong[0]
                palette = [color["color"] for color in self.server.ask("/project")["palette"]]
                self.did["wrong without doubt, clicked"] += 1
                self._choose(palette, self._wanted(cel, segment))
                self._click(segment)
                self.server.settle()
                wrong = self._wrong(cel)

    def count_wrong(self) -> int:
        """Return how many segments of the whole cut are wrong."""
        return sum(len(self._wrong(cel)) for cel in range(len(self.truth)))

    def _wrong(self, cel: int) -> list[Any]:
        palette = [color["color"] for color in self.server.ask("/project")["palette"]]
        segments = self.server.ask(f"/cels/{cel}")["segments"]
        return [s for s in segments if palette[s["color"]] != self._wanted(cel, s)]

    def _wanted(self, cel: int, segment: Any) -> str:
        """Return the true color of a segment; white is bare paper in this cut."""
        x, y = segment["at"]
        color = f"#{self.truth[cel][y, x, :3].tobytes().hex()}"
        return "none" if color == "#ffffff" else color

    def _next_doubt(self) -> tuple[int, Any] | None:
        """Return the doubt in focus once it is another one and its alternatives are shown.

        One that stays in focus after it was decided is tried again, which counts like any other.
        """
        for tried in range(150):
            self.page.wait_for_timeout(20)
            doubt = self.page.evaluate("window.shiage.doubt()")
            if doubt is None:
                if self.server.settle()["left"] == 0:
                    return None
                self.page.keyboard.press("n")
                continue
            stuck = tried > 100
            if stuck or (doubt["cel"], doubt["label"]) not in self.seen:
                self.did["missed"] += stuck
                self.page.get_by_test_id("alternatives").wait_for()  # the artist looks first
                segments = self.server.ask(f"/cels/{doubt['cel']}")["segments"]
                return doubt["cel"], segments[doubt["label"] - 1]
        raise SystemExit("the page shows no doubt any more, and some are left")

    def _choose(self, palette: list[str], wanted: str) -> None:
        """Take a color of the palette, adding it first if it is not there."""
        if wanted not in palette:
            self.did["colors added"] += 1
            self.page.get_by_test_id("color-add").click()
            self.page.get_by_test_id("color-value").fill(wanted)
            self.page.get_by_test_id("color-save").click()
            palette = [color["color"] for color in self.server.settle()["palette"]]
        self.page.get_by_test_id(f"swatch-{palette.index(wanted)}").click()

    def _click(self, segment: Any) -> None:
        """Click into a segment where it is seen."""
        self.page.wait_for_timeout(400)  # the view may still be flying there
        x, y = self.page.evaluate("([x, y]) => window.shiage.toScreen(x, y)", segment["at"])
        self.page.mouse.click(x, y)
        self.page.wait_for_timeout(100)


def know_truth() -> list[NDArray[np.uint8]]:
    """Return the painted cels of the demo cut, (H, W, 4) uint8 each."""
    return [read_picture(path).rgba_u8 for path in sorted((DEMO_CUT / "color").glob("*.png"))]


def draw_grid(folder: Path) -> None:
    """Draw a cel of 2000 x 2000 pixels and some 300 segments, and paint it."""
    line = np.full((2000, 2000, 3), 255, np.uint8)
    for at in range(0, 1901, 110):
        bend = np.array([[x, at + 50 + 25 * np.sin(x / 90 + at)] for x in range(0, 2000, 10)])
        cv2.polylines(line, [bend.astype(np.int32)], False, (0, 0, 0), 3, cv2.LINE_AA)
        cv2.polylines(line, [bend[:, ::-1].astype(np.int32)], False, (0, 0, 0), 3, cv2.LINE_AA)
    folder.mkdir(parents=True)
    for number in (1, 2):
        cv2.imwrite(str(folder / f"A000{number}.png"), line)


def measure_panning(page: Page) -> float:
    """Return how many frames of the canvas a second are drawn while it is dragged."""
    box = page.get_by_test_id("canvas").bounding_box()
    assert box is not None  # noqa: S101 - it is shown
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.keyboard.down("Space")
    page.mouse.move(x, y)
    page.mouse.down()
    return float(
        page.evaluate(
            """async ([x, y, steps]) => {
                const canvas = document.querySelector("[data-testid=canvas]");
                const began = performance.now(), before = window.shiage.frames();
                for (let i = 0; i < steps; i++) {
                    await new Promise(requestAnimationFrame);
                    canvas.dispatchEvent(new PointerEvent("pointermove", {
                        bubbles: true, pointerId: 1, buttons: 1,
                        clientX: x + 200 * Math.sin(i / 9), clientY: y + 150 * Math.cos(i / 7),
                    }));
                }
                return 1000 * (window.shiage.frames() - before) / (performance.now() - began);
            }""",
            [x, y, PAN_STEPS],
        )
    )


def finish_demo(folder: Path) -> None:
    """Finish the demo cut by hand and tell what it took."""
    keys = [word for key in KEYS for word in ("--ref", str(DEMO_CUT / "color" / f"{key}.png"))]
    server = Server(str(DEMO_CUT / "line"), *keys, "--out", str(folder / "painted"))
    try:
        project = server.settle()
        segments = project["total"]
        with open_page(server) as page:
            artist = Artist(page, server, know_truth())
            wrong = artist.count_wrong()
            began = time.perf_counter()
            artist.finish_doubts()
            artist.finish_cels()
            left, seconds = artist.count_wrong(), time.perf_counter() - began
        looked = len(artist.seen)
        print(f"demo cut: {segments} segments to paint, {wrong} wrong at first, {left} in the end")
        print(f"  looked at as doubtful: {looked}")
        for what, times in artist.did.items():
            print(f"  {what}: {times}")
        clicks = artist.did.total() - artist.did["accepted with Enter"] - artist.did["missed"]
        print(f"  corrections: {clicks}, {clicks / segments:.1%} of a bucket's; {seconds:.0f} s")
    finally:
        server.stop()


def pan(folder: Path) -> None:
    """Pan a large cel and tell how smoothly."""
    draw_grid(folder / "grid")
    server = Server(str(folder / "grid"), "--out", str(folder / "grid_painted"))
    try:
        segments = server.settle()["cels"][0]["segments"]
        with open_page(server) as page:
            page.wait_for_timeout(1500)
            for zoom in ("f", "1:1"):
                if zoom == "1:1":
                    page.keyboard.press("a")
                    page.wait_for_timeout(500)
                print(
                    f"panning 2000 x 2000, {segments} segments, {zoom}: "
                    f"{measure_panning(page):.0f} frames/s"
                )
                page.mouse.up()
                page.keyboard.up("Space")
    finally:
        server.stop()


def main() -> None:
    """Measure."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    with TemporaryDirectory(prefix="shiage-") as folder:
        finish_demo(Path(folder))
        pan(Path(folder))


if __name__ == "__main__":
    main()
