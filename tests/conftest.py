"""Fixtures that several test modules share; drawing helpers are in `tests/drawings.py`."""

from __future__ import annotations

import signal
from collections.abc import Iterator

import cv2
import pytest
from hypothesis import Phase, settings

# The machines that run this are shared: no deadline, and the same examples on each run.
settings.register_profile(
    "shiage",
    deadline=None,
    derandomize=True,
    max_examples=60,
    phases=(Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink),
)
settings.load_profile("shiage")

# Shells start what runs in the background with Ctrl-C switched off, for its children too.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture
def cv2_threads() -> Iterator[None]:
    """OpenCV's number of threads is put back after the test."""
    before = cv2.getNumThreads()
    yield
    cv2.setNumThreads(before)
