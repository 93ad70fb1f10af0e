"""Clips to measure on, written once."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.training.toy_data import write_toy_set


@pytest.fixture(scope="session")
def toy_set(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_toy_set(tmp_path_factory.mktemp("toy"), test=2)
