"""A cut whose exporter left the alpha of TGA at 0: it is painted, and told once."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from shiage.painting.painter import Painter
from tests.integration.conftest import draw_figure, load, paint, save, shiage
from tests.web.conftest import running

NOTE = "alpha is 0 everywhere"


def without_alpha(dx: int = 0, *, painted: bool = False) -> np.ndarray:
    rgba = draw_figure(dx, painted=painted)
    rgba[..., 3] = 0
    return rgba


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with `cut`, of three drawings, and `key`."""
    for number in range(3):
        name = f"A{number + 1:04}.tga"
        save(tmp_path / "cut" / name, without_alpha(3 * number), "RGBA")
    save(tmp_path / "key" / "A0001.tga", without_alpha(painted=True), "RGBA")
    return tmp_path


def test_it_is_painted_and_told_once(folder: Path) -> None:
    cut, out = folder / "cut", folder / "out"
    told = paint(cut, "--ref", folder / "key", "--out", out).ok(err=NOTE)
    assert " ".join(told.err.split()).count(NOTE) == 1
    assert "and 3 more" in told.err
    assert [NOTE in warning for warning in told.json["warnings"]] == [True]
    for number, name in enumerate(("A0001.tga", "A0002.tga", "A0003.tga")):
        np.testing.assert_array_equal(load(out / name), draw_figure(3 * number, painted=True))
    checked = shiage("check", cut, out, "--ref", folder / "key", "--json").ok(err=NOTE)
    assert checked.json["findings"] == []
    assert checked.err.count(NOTE) == 1


def test_a_mended_key_among_such_drawings(folder: Path) -> None:
    """The reference is good; it is not blamed, and no cel comes out transparent."""
    save(folder / "key" / "A0001.tga", draw_figure(painted=True))
    paint(folder / "cut", "--ref", folder / "key", "--out", folder / "out").ok(err=NOTE)
    for number in range(3):
        painted = load(folder / "out" / f"A{number + 1:04}.tga")
        np.testing.assert_array_equal(painted, draw_figure(3 * number, painted=True))


def test_the_page_tells_it(folder: Path) -> None:
    with running("--ref", folder / "key", "--out", folder / "out", folder / "cut") as ui:
        ui.settle()
        told = [warning for warning in ui.project()["warnings"] if NOTE in warning]
        assert len(told) == 1
        assert {cel["state"] for cel in ui.project()["cels"]} == {"key", "painted"}
        ui.export()
    for number in range(3):
        assert (load(folder / "out" / f"A{number + 1:04}.tga")[..., 3] == 255).all()


def test_python_tells_it(folder: Path) -> None:
    painter = Painter("position")
    cut = folder / "cut"
    painter.add_reference(folder / "key" / "A0001.tga", cut / "A0001.tga")
    painter.paint(cut / "A0002.tga")
    (told,) = painter.notes.tell()
    assert told.startswith(f"{cut / 'A0001.tga'} and 2 more: its {NOTE}")


def test_a_png_that_is_transparent_all_over_is_blank_and_says_why(folder: Path) -> None:
    save(folder / "cut" / "A0003.png", without_alpha(6), "RGBA")
    (folder / "cut" / "A0003.tga").unlink()
    told = paint(folder / "cut", "--ref", folder / "key", "--out", folder / "out")
    told.fails("the drawing is blank", "all of it is transparent though it has colors")
