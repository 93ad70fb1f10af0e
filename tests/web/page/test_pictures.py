"""The pictures of the docs can be taken, and show something."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser
from scripts.make_page_pictures import PICTURES, take_cut

from tests.web.conftest import Ui

DOCS = Path(__file__).parents[3] / "docs"
SHOWN_WITHOUT_DOUBTS = ("page_confidence", "page_onion", "page_keys", "page_export")


def test_pictures_show_something(
    browser: Browser, ui: Ui, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in set(PICTURES) - set(SHOWN_WITHOUT_DOUBTS):
        monkeypatch.delitem(PICTURES, name)
    take_cut(browser, f"{ui.url}/?token={ui.token}", tmp_path)
    taken = sorted(tmp_path.glob("*.png"))
    assert [path.stem for path in taken] == sorted(SHOWN_WITHOUT_DOUBTS)
    shown = [np.asarray(Image.open(path).convert("RGB")) for path in taken]
    assert all(picture.shape == (720, 1280, 3) for picture in shown)
    assert all(len(np.unique(picture.reshape(-1, 3), axis=0)) > 30 for picture in shown)
    assert len({picture.tobytes() for picture in shown}) == len(shown)


def test_pictures_of_the_docs_are_there_and_small() -> None:
    named = re.findall(r"\]\((page_\w+\.png)\)", (DOCS / "page.md").read_text("utf-8"))
    assert named
    for name in named:
        assert 10_000 < (DOCS / name).stat().st_size < 300_000
        with Image.open(DOCS / name) as picture:
            assert picture.size == (1280, 720)
