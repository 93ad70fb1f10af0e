"""Rough drawings on the command line."""

from __future__ import annotations

import json
from pathlib import Path

from tests.drawings import pencil
from tests.integration.conftest import save, shiage


def test_segments_of_a_file_by_each_way(tmp_path: Path) -> None:
    save(tmp_path / "rough.png", pencil())
    found = {}
    for way in ("exact", "drawn", "auto"):
        done = shiage(
            "segments", "rough.png", "--lines", way, "-o", f"{way}.png", "--json", cwd=tmp_path
        )
        found[way] = json.loads(done.out)["segments"]
    assert found["auto"] == found["drawn"] != found["exact"]
    wrong = shiage("segments", "rough.png", "--lines", "pencil", cwd=tmp_path)
    assert wrong.code != 0
    assert "exact" in wrong.err
    far = shiage("segments", "rough.png", "--closing", "101", cwd=tmp_path)
    assert far.code != 0
