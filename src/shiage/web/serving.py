"""The server started, its address printed, and stopped."""

from __future__ import annotations

import logging
import secrets
import socket
import threading
import webbrowser
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import uvicorn

from shiage.cuts.job import CutJob
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
    """Serve the page until Ctrl-C, which is the way to end it.

    Args:
        ui: what is served.
        tell: called with the page's address once it can be opened.

    Raises:
        ShiageError: the cut cannot be opened, or the port is taken.
    """
    with _listen(ui.port) as listener, suppress(KeyboardInterrupt):
        workplace = Workplace(ui.folder, ui.make_job)
        try:
            if ui.job is not None:
                workplace.open(ui.job)
            _answer(workplace, listener, tell, browser=ui.browser)
        finally:
            workplace.close()


def _listen(port: int) -> socket.socket:
    """Return a socket that listens on this machine; what comes before it is served waits.

    Raises:
        BadOption: the port is taken.
    """
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((LOCAL, port))
        listener.listen()
    except OSError as error:
        listener.close()
        raise BadOption(
            f"port {port} cannot be used ({error.strerror or error})",
            expected="a free port",
            action="Leave out --port to take any",
        ) from error
    return listener


def _answer(
    workplace: Workplace, listener: socket.socket, tell: Callable[[str], None], *, browser: bool
) -> None:
    """Tell the address and answer until Ctrl-C."""
    token = secrets.token_urlsafe(24)
    address = f"http://{LOCAL}:{listener.getsockname()[1]}/?token={token}"
    config = uvicorn.Config(
        make_app(workplace, token),
        log_level="error",
        access_log=False,
        timeout_graceful_shutdown=2,
    )
    # A damaged form is answered with what is wrong with it; the console need not hear of it, too.
    logging.getLogger("python_multipart").setLevel(logging.ERROR)
    tell(address)
    if browser:
        threading.Thread(target=webbrowser.open, args=(address,), daemon=True).start()
    uvicorn.Server(config).run(sockets=[listener])
