"""Commands started from nothing do what those do that are forked off a process already loaded."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.command_line import SHIAGE, clean_environment
from tests.integration.conftest import Told, hash_cels, shiage

START = (SHIAGE,)
MODULE = (sys.executable, "-m", "shiage")


def start_from_nothing(*args: str | Path, cwd: Path, how: tuple[str | Path, ...] = START) -> Told:
    done = subprocess.run(
        [*how, *args],
        cwd=cwd,
        env=clean_environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
    )
    return Told(done.returncode, done.stdout, done.stderr)


@pytest.mark.parametrize(
    ("how", "args"),
    [
        (START, ["--help"]),
        (MODULE, ["--version"]),
        (START, ["paint", "cut", "--gap", "-5"]),
        (START, ["check", "cut", "nowhere"]),
        (START, ["segments", "cut/A0002.png", "--out", "out.png", "--force", "--json"]),
    ],
)
def test_same_code_and_words(
    cut: Path, how: tuple[str | Path, ...], args: list[str | Path]
) -> None:
    alone = start_from_nothing(*args, cwd=cut.parent, how=how)
    assert alone == shiage(*args, cwd=cut.parent)
    assert alone.out or alone.err


def test_same_bytes(cut: Path) -> None:
    """What depends on the order of sets, which differs from start to start, would differ."""
    command: list[str | Path] = ["paint", cut, "--ref", cut.parent / "key", "--report", "--planes"]
    alone = start_from_nothing(*command, "--out", "alone", cwd=cut.parent).ok()
    forked = shiage(*command, "--out", "forked", cwd=cut.parent).ok()
    assert alone.out.replace("alone", "forked").split()[:5] == forked.out.split()[:5]
    assert hash_cels(cut.parent / "alone") == hash_cels(cut.parent / "forked")
    assert len(hash_cels(cut.parent / "forked")) == 12
