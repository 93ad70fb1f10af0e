"""A cut saved by GIMP as TIFF with layers, which are cropped and lie somewhere in the picture."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from tests.drawings import Rgba
from tests.files.tiffs import Page, layered_tiff
from tests.integration.conftest import draw_figure, load, paint, shiage

WHITE = np.full((120, 160, 3), 255, np.uint8)


def cropped(rgba: Rgba, name: str) -> Page:
    """A layer as large as what is not white on it, which is left out."""
    rgba = rgba.copy()
    seen = (rgba[..., :3] < 255).any(axis=-1)
    rgba[~seen] = 0
    y, x = np.nonzero(seen)
    rows, columns = np.s_[y.min() : y.max() + 1], np.s_[x.min() : x.max() + 1]
    return Page(rgba[rows, columns], name, (int(x.min()), int(y.min())))


def lines_of(dx: int) -> Rgba:
    rgba = draw_figure(dx)
    rgba[(rgba[..., :3] > 0).any(axis=-1)] = 255
    return rgba


def test_a_cut_of_layered_tiffs(tmp_path: Path) -> None:
    cut, key, out = (tmp_path / name for name in ("cut", "key", "out"))
    for folder in (cut, key):
        folder.mkdir()
    ground = Page(WHITE, "Background")
    for number in range(3):
        data = layered_tiff(ground, cropped(lines_of(3 * number), "Layer"))
        (cut / f"A000{number + 1}.tif").write_bytes(data)
    figure = draw_figure(painted=True)
    layers = ground, cropped(figure, "Layer #1"), cropped(lines_of(0), "Layer")
    (key / "A0001.tif").write_bytes(layered_tiff(*layers, compression="zlib", predictor=True))
    told = paint(cut, "--ref", key, "--out", out).ok(err="laid over each other")
    assert "the first is taken" not in told.err
    assert "and 3 more" in told.err
    for number in range(3):
        painted = load(out / f"A000{number + 1}.tif")
        np.testing.assert_array_equal(painted, draw_figure(3 * number, painted=True))
    checked = shiage("check", cut, out, "--ref", key, "--json").ok(err="laid over each other")
    assert checked.json["findings"] == []
    shiage("import", cut / "A0002.tif", "--out", tmp_path / "apart").ok(err="numbered in")
    assert len(list((tmp_path / "apart" / "line").iterdir())) == 2
    expected = lines_of(3)
    expected[(expected[..., :3] == 255).all(axis=-1)] = 0
    np.testing.assert_array_equal(load(tmp_path / "apart" / "line" / "A0002.png"), expected)
