"""`scripts/fetch_vector_art.py`, with programs in place of npm and node that need no network."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from scripts.fetch_vector_art import fetch

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the programs are shell scripts")


def test_pictures_made_by_node_reach_a_folder_given_relatively(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    programs = {"npm": "", "node": 'mkdir -p "$2" && echo "$3 $4" > "$2/0001.svg"'}
    for name, text in programs.items():
        program = tmp_path / name
        program.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
        program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.chdir(tmp_path)
    source = {"npm": "@some/package", "version": "1", "license": "MIT", "style": "line", "count": 5}
    fetch("some", source, Path("art"))
    assert [path.name for path in Path("art").iterdir()] == ["some"]
    assert Path("art", "some", "0001.svg").read_text(encoding="utf-8") == "line 5\n"
