"""A format that shiage does not know: a file and a row of the table are all that it takes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from shiage.files import format_table
from tests.files.plain_format import pack, unpack
from tests.integration.conftest import draw_figure, draw_key, hash_cels, load, save

ROOT = Path(__file__).parents[2]
TABLE = format_table.__file__
RUN = f"""
import importlib.util
import sys

# The table is there, with one more row, before anything looks into it.
spec = importlib.util.spec_from_file_location("shiage.files.format_table", {TABLE!r})
table = sys.modules[spec.name] = importlib.util.module_from_spec(spec)
spec.loader.exec_module(table)
table.TABLE += (
    table.Format(
        "PLAIN",
        (".plain", ".pln"),
        lambda head: head.startswith(b"PLAIN"),
        "tests.files.plain_format:PlainFile",
        holds_16_bits=False,
    ),
)
from shiage.cli import main

main()
"""
"""The command line, with one more row in the table."""


def shiage(*args: str | Path) -> str:
    """Run it, make sure that it went well, and return what it told."""
    env = os.environ | {
        "COLUMNS": "120",
        "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")]),
    }
    command = [sys.executable, "-c", RUN, *map(str, args)]
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cut of drawings in the format, `out`, painted from a key in it, and the same as PNG."""
    folder = tmp_path_factory.mktemp("plain")
    for number in range(3):
        rgba = draw_figure(3 * number)
        save(folder / "png" / f"A{number + 1:04}.png", rgba)
        (folder / "cut").mkdir(exist_ok=True)
        (folder / "cut" / f"A{number + 1:04}.{'pln' if number else 'plain'}").write_bytes(
            pack(rgba)
        )
    draw_key(folder / "key" / "A0001.png")
    (folder / "ref").mkdir()
    (folder / "ref" / "A0001.plain").write_bytes(pack(load(folder / "key" / "A0001.png")))
    shiage("paint", folder / "cut", "--ref", folder / "ref", "--out", folder / "out")
    shiage("paint", folder / "png", "--ref", folder / "key", "--out", folder / "expected")
    return folder


def test_a_cut_is_painted_in_it(folder: Path) -> None:
    assert [*hash_cels(folder / "out")] == ["A0001.plain", "A0002.pln", "A0003.pln"]
    for path in (folder / "out").glob("A*"):
        expected = load(folder / "expected" / f"{path.stem}.png")
        np.testing.assert_array_equal(unpack(path.read_bytes()), expected)


def test_cels_of_other_formats_can_be_stored_in_it(folder: Path) -> None:
    out = folder / "stored"
    how = ("--format", "plain", "--planes")
    shiage("paint", folder / "png", "--ref", folder / "key", "--out", out, *how)
    for path in sorted((folder / "out").glob("A*")):
        assert (out / f"{path.stem}.plain").read_bytes() == path.read_bytes()
        assert (out / "_lines" / f"{path.stem}.plain").exists()
    shiage("check", folder / "png", out, "--ref", folder / "ref")


def test_its_cels_can_have_layers(folder: Path) -> None:
    out = folder / "layered"
    shiage("paint", folder / "cut", "--ref", folder / "ref", "--out", out, "--format", "psd")
    found = load(out / "A0002.psd")
    np.testing.assert_array_equal(found, load(folder / "expected" / "A0002.png"))


def test_it_is_named_wherever_formats_are(folder: Path, tmp_path: Path) -> None:
    assert "plain" in shiage("paint", "--help")
    (tmp_path / "A0001.webp").write_bytes(b"RIFF")
    save(tmp_path / "A0002.png", draw_figure())
    told = shiage("paint", tmp_path, "--ref", folder / "key", "--out", tmp_path / "out")
    assert "PNG, TGA, TIFF, BMP, JPEG, PSD or PLAIN are read" in " ".join(told.split())
