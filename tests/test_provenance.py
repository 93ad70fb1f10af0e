"""Where results come from."""

from __future__ import annotations

import os
import re
import subprocess

import pytest

from shiage.provenance import describe_machine, find_commit


def test_commit_of_this_checkout() -> None:
    told = find_commit()
    asked = subprocess.run(["git", "rev-parse", "HEAD"], capture_output=True, text=True)
    if asked.returncode:
        assert told == ""
    else:
        assert told.removesuffix("+") == asked.stdout.strip()
        assert re.fullmatch(r"[0-9a-f]{40}\+?", told)


def test_no_git_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    assert find_commit() == ""


def test_the_machine_in_words() -> None:
    told = describe_machine()
    assert told.endswith(f", {os.cpu_count()} cores")
    assert len(told) > len(", 2 cores")
