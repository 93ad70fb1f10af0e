"""The toy set, written once for all tests of training."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.training.toy_data import write_toy_set


@pytest.fixture(scope="session")
def toy_set(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_toy_set(tmp_path_factory.mktemp("toy"))


@pytest.fixture(scope="session")
def toy_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for prepared views that tests share."""
    return tmp_path_factory.mktemp("cache")
