"""`shiage palette` and `shiage recolor` as an artist uses them."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from shiage.files.palettes import read_palette
from tests.integration.conftest import (
    HAT,
    LEG,
    PAINTS,
    draw_figure,
    hash_tree,
    load,
    save,
    shiage,
)

NIGHT = (10, 20, 70)


@pytest.fixture
def painted(tmp_path: Path) -> Path:
    """Three painted cels; two in a folder of their column."""
    save(tmp_path / "painted" / "A0001.png", draw_figure(painted=True))
    save(tmp_path / "painted" / "B" / "B0001.tga", draw_figure(5, painted=True))
    save(tmp_path / "painted" / "B" / "B0002.png", draw_figure(9, painted=True), "P")
    return tmp_path / "painted"


def colors_of(path: Path) -> set[tuple[int, ...]]:
    return {tuple(entry.rgba_u8[:3]) for entry in read_palette(path).entries}


@pytest.mark.parametrize("suffix", ["gpl", "aco", "ase", "tpl", "plt"])
def test_painted_cels_give_a_palette(painted: Path, suffix: str) -> None:
    told = shiage("palette", "painted", f"colors.{suffix}", "--json", cwd=painted.parent)
    assert told.code == 0, told.err
    assert json.loads(told.out)["colors"] == len(PAINTS)
    assert colors_of(painted.parent / f"colors.{suffix}") == PAINTS


def test_a_palette_of_another_kind_and_nothing_overwritten(painted: Path) -> None:
    folder = painted.parent
    shiage("palette", "painted", "a.gpl", cwd=folder).ok()
    shiage("palette", "a.gpl", "b.ase", "--quiet", cwd=folder)
    assert colors_of(folder / "b.ase") == PAINTS
    shiage("palette", "a.gpl", "b.ase", cwd=folder).fails("b.ase", "--force")
    shiage("palette", "a.gpl", "b.xyz", cwd=folder).fails(".gpl")
    shiage("palette", "nothing.gpl", "c.gpl", cwd=folder).fails("nothing.gpl")


def test_recolored_cels(painted: Path) -> None:
    folder = painted.parent
    shiage("palette", "painted", "day.gpl", cwd=folder).ok()
    lines = (folder / "day.gpl").read_text().splitlines()
    hat = next(at for at, line in enumerate(lines) if line.split()[:3] == [str(v) for v in HAT])
    lines[hat] = " ".join(map(str, NIGHT)) + "\t" + lines[hat].split("\t")[1]
    (folder / "night.gpl").write_text("\n".join(lines) + "\n")
    before = hash_tree(painted)
    told = shiage(
        "recolor", "painted", "--from", "day.gpl", "--to", "night.gpl", "-o", "out", "--json",
        cwd=folder,
    )  # fmt: skip
    assert told.code == 0, told.err
    assert json.loads(told.out) == {"cels": 3, "changed": 3, "failed": 0, "colors": 1, "out": "out"}
    assert hash_tree(painted) == before
    for name in ("A0001.png", "B/B0001.tga", "B/B0002.png"):
        was, now = load(painted / name), load(folder / "out" / name)
        hat_pixels = (was[..., :3] == HAT).all(axis=-1)
        assert hat_pixels.any()
        assert (now[hat_pixels][:, :3] == NIGHT).all()
        np.testing.assert_array_equal(now[~hat_pixels], was[~hat_pixels])
    again = ("recolor", "painted", "--from", "day.gpl", "--to", "night.gpl", "-o", "out")
    shiage(*again, cwd=folder).fails("A0001.png", "--force")


def test_palettes_that_have_nothing_in_common(painted: Path) -> None:
    folder = painted.parent
    (folder / "a.gpl").write_text("GIMP Palette\n200 30 40\thead\n")
    (folder / "b.gpl").write_text("GIMP Palette\n1 2 3\tfoot\n4 5 6\tarm\n")
    args = ("recolor", "painted", "--from", "a.gpl", "--to", "b.gpl", "-o", "out")
    shiage(*args, cwd=folder).fails("in common", "--by")
    assert not (folder / "out").exists()
    shiage(*args, "--by", "id", cwd=folder).ok(err="in no color of a.gpl")
    assert (load(folder / "out" / "A0001.png")[..., :3] == LEG).all(axis=-1).any(), "left alone"


def test_a_damaged_cel_does_not_stop_the_others(painted: Path) -> None:
    folder = painted.parent
    shiage("palette", "painted", "day.gpl", cwd=folder).ok()
    (painted / "A0002.png").write_bytes(b"\x89PNG\r\n\x1a\n no")
    told = shiage(
        "recolor", "painted", "--from", "day.gpl", "--to", "day.gpl", "-o", "out", cwd=folder
    )
    assert told.code == 1
    assert "A0002.png" in told.err
    assert (folder / "out" / "A0001.png").exists()
