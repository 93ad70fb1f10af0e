"""The server started, told of, and stopped."""

from __future__ import annotations

import secrets
import socket
import threading
import webbrowser
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import uvicorn

from shiage.batch import CutJob
from shiage.errors import BadOption
from shiage.web.server import make_app
from shiage.web.workplace import Workplace

LOCAL = "127.0.0.1"


@dataclass(frozen=True)
class UiJob:
    """What is served.

    Attributes:
        job: the cut to open; None: none yet.
        make_job: returns the job for a cut begun in the page.
        folder: where such a cut is put.
        port: 0 takes a free one.
        browser: open the page in the browser.
    """

    job: CutJob | None
    make_job: Callable[[Path], CutJob]
    folder: Path
    port: int = 0
    browser: bool = True


def serve(ui: UiJob, tell: Callable[[str], None]) -> None:
    """Serve the page until Ctrl-C.

    Args:
        ui: what is served.
        tell: called with the page's address once it can be opened.

    Raises:
        ShiageError: the cut cannot be opened, or the port is taken.
    """
    workplace = Workplace(ui.folder, ui.make_job)
    if ui.job is not None:
        workplace.open(ui.job)
    token = secrets.token_urlsafe(24)
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((LOCAL, ui.port))
        except OSError as error:
            workplace.close()
            raise BadOption(
                f"port {ui.port} cannot be used ({error.strerror or error})",
                expected="a free port",
                action="Leave out --port to take any",
            ) from error
        port = listener.getsockname()[1]
        address = f"http://{LOCAL}:{port}/?token={token}"
        app = make_app(workplace, token)
        config = uvicorn.Config(
            app, log_level="warning", access_log=False, timeout_graceful_shutdown=2
        )
        listener.listen()
        tell(address)
        if ui.browser:
            threading.Thread(target=webbrowser.open, args=(address,), daemon=True).start()
        uvicorn.Server(config).run(sockets=[listener])
