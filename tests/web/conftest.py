"""`shiage ui` run as a process on cuts drawn in code, and spoken to as the page does."""

from __future__ import annotations

import asyncio
import io
import json
import re
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from websockets.sync.client import ClientConnection, connect

from shiage.cuts.job import CutJob
from shiage.cuts.recipe import Recipe
from shiage.web.propagation import Propagation
from shiage.web.server import make_app
from shiage.web.session import Session
from shiage.web.workplace import Workplace
from tests.command_line import Process, start
from tests.integration.conftest import Told, draw_cut, draw_key, finish, hash_tree

Json = dict[str, Any]
NEW_COLOR = "#12ab56"
LONG = 60.0
"""Seconds after which a test gives up; nothing is measured by it."""


@dataclass
class Ui:
    """A running `shiage ui`.

    Attributes:
        process: of the command line.
        url: `http://127.0.0.1:PORT`.
        token: what it printed.
        client: sends the token with each request.
        clean: version at which nothing had been done yet, or all had been undone.
    """

    process: Process
    url: str
    token: str
    client: httpx.Client = field(init=False)
    clean: int = 0

    def __post_init__(self) -> None:
        self.client = self.new_client()

    def new_client(self) -> httpx.Client:
        headers = {"X-Shiage-Token": self.token}
        return httpx.Client(base_url=self.url, headers=headers, timeout=LONG)

    # -- looking -------------------------------------------------------------------------

    def get(self, path: str, **params: Any) -> Json:
        """The JSON at an address below /api/."""
        answer = self.client.get(f"/api/{path}", params=params)
        assert answer.status_code == 200, answer.text
        found: Json = answer.json()
        return found

    def project(self) -> Json:
        return self.get("project")

    def cel(self, index: int) -> Json:
        return self.get(f"cels/{index}")

    def segment(self, index: int, label: int) -> Json:
        found: Json = self.cel(index)["segments"][label - 1]
        return found

    def label_at(self, index: int, x: int, y: int) -> int:
        """The segment that a pixel of a cel belongs to."""
        rgb = self.picture(index, "labels.png")
        return int(rgb[y, x, 0]) + 256 * int(rgb[y, x, 1])

    def colors_at(self, x: int, y: int, cels: int, step: int = 3) -> list[int]:
        """Palette ids of one part of the walking figure in each cel."""
        return [
            int(self.segment(at, self.label_at(at, x + at * step, y))["color"])
            for at in range(cels)
        ]

    def picture(self, index: int, name: str, **params: Any) -> NDArray[np.uint8]:
        """A picture of a cel, with the channels it has."""
        answer = self.client.get(f"/api/cels/{index}/{name}", params=params)
        assert answer.status_code == 200, answer.text
        assert answer.headers["content-type"] == "image/png"
        return np.asarray(Image.open(io.BytesIO(answer.content)))

    # -- acting --------------------------------------------------------------------------

    def try_to(self, kind: str, **what: Any) -> httpx.Response:
        return self.client.post("/api/actions", json={"kind": kind, **what})

    def act(self, kind: str, **what: Any) -> Json:
        """Do something that can be done; the project afterwards."""
        answer = self.try_to(kind, **what)
        assert answer.status_code == 200, answer.text
        found: Json = answer.json()
        return found

    def paint(self, cel: int, labels: list[int], color: int) -> Json:
        return self.act("paint", items=[{"cel": cel, "labels": labels}], color=color)

    def add_color(self, color: str = NEW_COLOR, name: str = "") -> int:
        """The id of a new color."""
        return len(self.act("color_add", color=color, name=name)["palette"]) - 1

    def refuses(self, kind: str, code: int = 400, **what: Any) -> str:
        """An action is answered with a sentence, and changes nothing; return the sentence."""
        before = self.project()
        answer = self.try_to(kind, **what)
        assert answer.status_code == code, answer.text
        assert list(answer.json()) == ["error"]
        after = self.project()
        for changing in ("version", "busy"):
            del before[changing], after[changing]
        assert after == before
        return str(answer.json()["error"])

    def try_export(self, format: str = "cels", **what: Any) -> httpx.Response:  # noqa: A002
        return self.client.post("/api/export", json={"format": format, **what})

    def export(self, format: str = "cels", **what: Any) -> int:  # noqa: A002
        """How many files were written."""
        answer = self.try_export(format, **what)
        assert answer.status_code == 200, answer.text
        return int(answer.json()["files"])

    # -- waiting -------------------------------------------------------------------------

    def events(self) -> ClientConnection:
        """A WebSocket that tells of changes."""
        return connect(f"{self.url.replace('http', 'ws')}/api/events?token={self.token}")

    def wait(self, is_so: Callable[[Json], bool]) -> Json:
        """Follow the WebSocket until something is so of the project, and return it."""
        give_up = time.monotonic() + LONG
        with self.events() as socket:
            while not is_so(project := self.project()):
                assert time.monotonic() < give_up, f"still not so: {project}"
                socket.recv(timeout=LONG)
        return project

    def wait_for(self, is_so: Callable[[], bool]) -> None:
        """Follow the WebSocket until something is so."""
        self.wait(lambda _: is_so())

    def settle(self) -> Json:
        """Wait until all cels are prepared and nothing has changed for a while."""
        with self.events() as socket:
            while True:
                try:
                    socket.recv(timeout=0.3)
                except TimeoutError:
                    project = self.project()
                    waiting = any(cel["state"] == "waiting" for cel in project["cels"])
                    if not waiting and project["busy"] is None:
                        return project

    # -- ending --------------------------------------------------------------------------

    def stop(self, how: signal.Signals = signal.SIGINT) -> Told:
        """End the process and return what it told."""
        self.client.close()
        self.process.send_signal(how)
        return finish(self.process)


def start_ui(*args: str | Path, cwd: Path) -> Ui:
    """Start `shiage ui` and read its address."""
    process = start("ui", *args, "--no-open", cwd=cwd)
    assert process.stdout
    lines = ""
    for line in process.stdout:
        lines += line
        found = re.search(r"(http://127\.0\.0\.1:\d+)/\?token=([\w-]+)", line)
        if found:
            return Ui(process, found[1], found[2])
    raise AssertionError(f"no address: {lines}{finish(process).err}")


@contextmanager
def running(*args: str | Path, cwd: Path = Path("/")) -> Iterator[Ui]:
    """A running `shiage ui`, whose end is clean: exit code 0 and nothing on standard error."""
    ui = start_ui(*args, cwd=cwd)
    try:
        yield ui
    except BaseException:
        ui.process.kill()
        print(finish(ui.process).err)  # noqa: T201 - for whoever reads why the test failed
        raise
    told = ui.stop()
    assert (told.code, told.err) == (0, "")


@contextmanager
def propagating(session: Session) -> Iterator[None]:
    """Let a session of this process work in the background."""
    propagation = Propagation(session)
    try:
        yield
    finally:
        propagation.close()


def ask(session: Session, method: str, path: str, **what: Any) -> httpx.Response:
    """One request to a server in this process, in which nothing happens in the background."""
    workplace = Workplace(session.job.out_folder, CutJob)
    workplace.session = session
    transport = httpx.ASGITransport(make_app(workplace, "t"), raise_app_exceptions=False)

    async def send() -> httpx.Response:
        async with httpx.AsyncClient(
            transport=transport, base_url="http://127.0.0.1", headers={"X-Shiage-Token": "t"}
        ) as client:
            return await client.request(method, path, **what)

    return asyncio.run(send())


def read_state(out: Path) -> Json:
    """The project file as JSON."""
    state: Json = json.loads((out / "shiage.json").read_bytes())
    return state


@pytest.fixture
def cut(tmp_path: Path) -> Path:
    """A flat cut of four cels, and `key/A0001.png` beside it, which is the first one painted."""
    draw_key(tmp_path / "key" / "A0001.png")
    return draw_cut(tmp_path / "cut")


@pytest.fixture
def session(cut: Path) -> Session:
    """A session on a cut of four cels, the first of which is given; nothing propagates."""
    return Session(CutJob(cut, Recipe((cut.parent / "key",)), out=cut.parent / "out"))


@contextmanager
def drawings_unchanged(folder: Path) -> Iterator[None]:
    """Drawings and references below a folder are not written, whatever a test does."""
    before = hash_tree(folder / "cut") | hash_tree(folder / "key")
    yield
    assert hash_tree(folder / "cut") | hash_tree(folder / "key") == before


@pytest.fixture
def fresh_ui(cut: Path) -> Iterator[Ui]:
    """A server of its own on a cut of four cels, the first of which is given; settled."""
    folder = cut.parent
    with drawings_unchanged(folder), running(cut, "-r", folder / "key", "-o", folder / "out") as ui:
        ui.settle()
        yield ui


@pytest.fixture(scope="module")
def _shared_ui(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ui]:
    folder = tmp_path_factory.mktemp("shared")
    draw_cut(folder / "cut")
    draw_key(folder / "key" / "A0001.png")
    with (
        drawings_unchanged(folder),
        running(folder / "cut", "-r", folder / "key", "-o", folder / "out") as ui,
    ):
        ui.clean = ui.settle()["version"]
        yield ui


@pytest.fixture
def ui(_shared_ui: Ui) -> Ui:
    """The same as `fresh_ui`, shared by a module: all that was done is undone before each test."""
    if _shared_ui.project()["version"] != _shared_ui.clean:
        while _shared_ui.act("undo")["undo"]:
            pass
        _shared_ui.act("settings", below=0.8, fps=24)
        _shared_ui.clean = _shared_ui.settle()["version"]
    return _shared_ui
