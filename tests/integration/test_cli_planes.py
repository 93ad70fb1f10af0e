"""`shiage paint --planes`: lines and colors apart, stored the way the drawings are."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from tests.drawings import Rgba
from tests.integration.conftest import PAINTS, Told, draw_figure, hash_tree, load, paint, save

RED = (255, 0, 0, 255)
KINDS = {
    "A0001.tga": {"mode": "RGB", "compression": "tga_rle"},
    "A0002.tga": {"mode": "RGB"},
    "A0003.tga": {"mode": "P"},
    "A0004.png": {"mode": "RGBA"},
    "A0005.png": {"mode": "1"},
    "A0006.tif": {"mode": "RGB", "compression": "tiff_lzw"},
    "A0007.bmp": {"mode": "RGB"},
}


def draw(number: int) -> Rgba:
    """The figure, walking, with a red trace across its body."""
    figure = draw_figure(2 * number)
    if number != 5:  # has two colors only
        cv2.line(figure, (55 + 2 * number, 60), (90 + 2 * number, 60), RED, 1)
    if number == 4:
        figure[(figure == 255).all(axis=-1)] = 0
    return figure


def run(folder: Path, *options: str | Path) -> Told:
    return paint("cut", "--ref", "key", "--out", "out", "--planes", *options, cwd=folder)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with `cut`, `key`, and `out`, painted with planes."""
    folder = tmp_path_factory.mktemp("planes")
    for number, (name, options) in enumerate(KINDS.items(), start=1):
        save(folder / "cut" / name, draw(number), **options)
    save(folder / "cut" / "A0008.tga", draw(2))  # the same as A0002
    save(folder / "key" / "A0001.tga", draw_figure(2, painted=True), compression="tga_rle")
    before = hash_tree(folder)
    statuses = run(folder).ok().statuses
    assert [*statuses.values()] == ["reference", *["painted"] * 6, "same"]
    assert {name: hash_tree(folder)[name] for name in before} == before
    return folder


@pytest.mark.parametrize("name", KINDS)
def test_line_plane_over_color_plane_is_the_painted_cel(folder: Path, name: str) -> None:
    drawn, painted = load(folder / "cut" / name), load(folder / "out" / name)
    lines, colors = load(folder / "out/_lines" / name), load(folder / "out/_colors" / name)
    black = (drawn == (0, 0, 0, 255)).all(axis=-1)
    paper = np.array([0, 0, 0, 0] if name == "A0004.png" else [255] * 4, np.uint8)
    np.testing.assert_array_equal(lines, np.where(black[..., None], drawn, paper))
    np.testing.assert_array_equal(np.where(black[..., None], lines, colors), painted)
    found = {tuple(color) for color in np.unique(colors.reshape(-1, 4), axis=0).tolist()}
    assert found == {*((*color, 255) for color in PAINTS), tuple(paper.tolist())}


@pytest.mark.parametrize("name", [name for name in KINDS if name.endswith("tga")])
def test_planes_of_a_tga_are_stored_as_it_is(folder: Path, name: str) -> None:
    drawing = (folder / "cut" / name).read_bytes()
    for plane in ("_lines", "_colors"):
        data = (folder / "out" / plane / name).read_bytes()
        assert data[1:3] == drawing[1:3]
        assert data[12:18] == drawing[12:18]


def test_the_planes_of_a_repeated_drawing_are_the_same(folder: Path) -> None:
    hashes = hash_tree(folder / "out")
    for plane in ("_lines", "_colors"):
        assert hashes[f"{plane}/A0008.tga"] == hashes[f"{plane}/A0002.tga"]


def test_resumed_overwritten_and_checked(cut: Path, tmp_path: Path) -> None:
    run(tmp_path).ok()
    before = hash_tree(tmp_path / "out")
    run(tmp_path).fails("4 painted cels are there already")
    (tmp_path / "out/_lines/A0003.png").unlink()
    (tmp_path / "out/A0003.png").rename(tmp_path / "kept.png")
    run(tmp_path, "--resume").ok()
    assert hash_tree(tmp_path / "out") == before
    assert (tmp_path / "kept.png").read_bytes() == (tmp_path / "out/A0003.png").read_bytes()
    for name in before:
        if not name.startswith(("_lines", "_shiage")):
            (tmp_path / "out" / name).unlink()
    run(tmp_path).fails("_lines")
    plain = paint(cut, "--ref", "key", "--out", "out", "--resume", cwd=tmp_path)
    plain.fails("was painted with other references or settings")


@pytest.mark.usefixtures("cut")
def test_what_is_undecided_is_loud_in_the_color_plane(tmp_path: Path) -> None:
    run(tmp_path, "--undecided", "#ff00fe", "--below", "1").ok()
    colors, painted = (load(tmp_path / "out" / at / "A0003.png") for at in ("_colors", "."))
    loud = (painted == (255, 0, 254, 255)).all(axis=-1)
    assert loud.any()
    assert (colors[loud] == (255, 0, 254, 255)).all()


def test_planes_are_no_cels_of_the_painted_cut(folder: Path, tmp_path: Path) -> None:
    told = paint(folder / "out", "--ref", folder / "key", "--out", tmp_path / "again")
    statuses = told.ok(err="A0002.tga: is painted already").statuses
    assert set(statuses) == {f"A000{number}" for number in range(1, 9)}
