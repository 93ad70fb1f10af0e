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


def start_from_nothing(
    *args: str | Path,
    cwd: Path,
    how: tuple[str | Path, ...] = START,
    environment: dict[str, str] | None = None,
) -> Told:
    done = subprocess.run(
        [*how, *args],
        cwd=cwd,
        env=environment or clean_environment(),
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


def test_nothing_is_left_among_the_users_files(cut: Path, tmp_path: Path) -> None:
    """ONNX Runtime would keep an identifier of the machine there, and send it.

    It does not on machines that it takes for those of tests, so nothing here may look like one.
    """
    home = tmp_path / "home"
    home.mkdir()
    left_out = ("CI", "ORT_DISABLE_TELEMETRY", "ORT_RUNNING_UNIT_TESTS")
    environment = {
        name: value
        for name, value in clean_environment().items()
        if name not in left_out and not name.startswith("XDG_")
    }
    environment |= {"HOME": str(home), "TMPDIR": str(tmp_path)}
    paint = ("paint", cut, "--ref", cut.parent / "key", "--out", tmp_path / "out")
    start_from_nothing(*paint, cwd=tmp_path, environment=environment).ok()
    assert [*home.rglob("*")] == []
