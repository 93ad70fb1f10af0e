"""Nothing is lost: the server killed, two tabs at once, a lost connection."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, WebSocketRoute, expect

from tests.integration.conftest import BODY, FACE, HAT, finish
from tests.web.conftest import Ui, running, start_ui
from tests.web.page.conftest import visiting
from tests.web.page.figure import BODY_XY, FACE_XY, HAT_XY, walked

LOST = ["net::ERR_", "WebSocket connection to"]


@contextmanager
def killed_in_the_end(*args: str | Path, cwd: Path) -> Iterator[Ui]:
    """A running `shiage ui` that is given no time to say good-bye."""
    ui = start_ui(*args, cwd=cwd)
    try:
        ui.settle()
        yield ui
    finally:
        ui.client.close()
        ui.process.kill()
        finish(ui.process)


def test_correction_outlasts_a_killed_server(browser: Browser, cut: Path) -> None:
    folder = cut.parent
    options = (cut, "-r", folder / "key", "-o", folder / "out")
    with killed_in_the_end(*options, cwd=folder) as killed, visiting(browser, killed) as tab:
        tab.until_ready()
        tab.go_to(2)
        tab.press("1")
        tab.click(walked(FACE_XY, 2))
        expect(tab.get("saved")).to_have_text("Saved")
        tab.expected += LOST
        killed.process.kill()
        expect(tab.get("saved")).to_have_text("Connection lost; trying again…", timeout=15000)
    with running(*options, cwd=folder) as again, visiting(browser, again) as tab:
        tab.until_ready()
        tab.go_to(2)
        tab.until_shown([HAT, HAT, BODY], *(walked(p, 2) for p in (FACE_XY, HAT_XY, BODY_XY)))
        tab.hover(*walked(FACE_XY, 2))
        expect(tab.get("status")).to_contain_text("#c81e28 · locked")


def test_two_windows_see_each_others_changes(browser: Browser, ui: Ui) -> None:
    with visiting(browser, ui) as one, visiting(browser, ui) as other:
        for tab in (one, other):
            tab.until_ready()
            tab.go_to(1)
        body, hat = walked(BODY_XY, 1), walked(HAT_XY, 1)
        one.press("1")
        one.click(body)
        one.settle()
        other.until_shown([HAT], body)
        other.press("2")
        other.click(hat)
        other.settle()
        one.until_shown([HAT, FACE], body, hat)
        one.press("Control+z", "Control+z")
        one.settle()
        other.until_shown([BODY, HAT], body, hat)
        expect(other.get("undo")).to_be_disabled()


def test_click_without_a_connection_is_told_and_taken_back(browser: Browser, cut: Path) -> None:
    folder = cut.parent
    options = (cut, "-r", folder / "key", "-o", folder / "out")
    with killed_in_the_end(*options, cwd=folder) as ui, visiting(browser, ui) as tab:
        tab.until_ready()
        tab.go_to(1)
        tab.expected += LOST
        ui.process.kill()
        tab.until(lambda: ui.process.poll() is not None)
        tab.press("1")
        tab.click(walked(BODY_XY, 1))
        expect(tab.get("toasts")).to_contain_text("shiage does not answer")
        expect(tab.get("saved")).to_have_text("Connection lost; trying again…", timeout=15000)
        assert tab.shows("canvas"), "what was open is still to be seen"


def test_connection_found_again(browser: Browser, cut: Path) -> None:
    folder = cut.parent
    options = ("-r", folder / "key", "-o", folder / "out")
    with running(cut, *options, cwd=folder) as ui, visiting(browser, ui) as tab:
        ui.settle()
        sockets: list[WebSocketRoute] = []

        def let_through(socket: WebSocketRoute) -> None:
            sockets.append(socket)
            socket.connect_to_server()

        tab.page.route_web_socket("**/api/events**", let_through)
        tab.page.reload()
        tab.until_ready()
        tab.go_to(1)
        sockets[0].close()
        tab.ui.paint(1, [tab.ui.label_at(1, *walked(BODY_XY, 1))], 1)
        tab.until_shown([HAT], walked(BODY_XY, 1))
        assert len(sockets) > 1
        expect(tab.get("saved")).to_have_text("Saved")
