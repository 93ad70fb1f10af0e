"""What one server serves: a cut, or nothing yet and the folder in which one would be begun."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from shiage.cuts.job import CutJob
from shiage.errors import BadOption
from shiage.web.propagation import Propagation
from shiage.web.session import Session

LOOK_SECONDS = 0.25
"""Longest wait for a change before one looks whether to stop waiting."""


class Workplace:
    """Holds the open cut.

    Args:
        folder: where a cut begun in the page is put.
        make_job: returns the job for the folder of a cut: settings, matcher.
    """

    def __init__(self, folder: Path, make_job: Callable[[Path], CutJob]) -> None:
        self.folder = folder
        self.session: Session | None = None
        self.closed = False
        self._make_job = make_job
        self._propagation: Propagation | None = None
        self._lock = threading.Lock()

    def open(self, job: CutJob) -> None:
        """Open a cut.

        Raises:
            BadOption: another one is open.
            ShiageError: it cannot be opened.
        """
        with self._lock:
            if self.session is not None:
                raise BadOption(
                    "a cut is open already", action="Start shiage ui again for another one"
                )
            session = Session(job)
            self._propagation = Propagation(session)
            self.session = session

    def open_folder(self, folder: Path) -> None:
        """Open the cut in a folder; see `open`."""
        self.open(self._make_job(folder))

    def wait_for_change(self, sent: dict[str, Any]) -> None:
        """Wait until there may be news, a second at most."""
        session = self.session
        if session is None:
            threading.Event().wait(LOOK_SECONDS)
            return
        with session.changed:
            session.changed.wait_for(
                lambda: self.closed or session.version != sent["version"], LOOK_SECONDS
            )

    def close(self) -> None:
        """Stop all work."""
        self.closed = True
        if self._propagation is not None:
            self._propagation.close()
