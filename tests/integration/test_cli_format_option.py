"""`shiage paint --format`: the same cels stored otherwise, flat and in layers."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from psd_tools import PSDImage
from psd_tools.constants import Resource

from shiage.cuts.project import Project, ProjectColor, write_project
from shiage.files.images import open_picture
from tests.drawings import WHITE, Rgba
from tests.files.layers.psds import find, on_canvas, tree
from tests.integration.conftest import (
    HAT,
    LEG,
    PAINTS,
    draw_figure,
    hash_cels,
    load,
    paint,
    save,
    shiage,
)

SUFFIXES = {"png": ".png", "tga": ".tga", "tiff": ".tif", "bmp": ".bmp", "psd": ".psd"}
SIZE_HW = (120, 160)


def trace(rgba: Rgba, dx: int) -> Rgba:
    """The figure with a blue trace across its body."""
    rgba[62, 51 + dx : 93 + dx, :3] = np.where(rgba[62, 51 + dx : 93 + dx, :3] < 9, 0, (0, 0, 255))
    return rgba


def lines_of(dx: int) -> Rgba:
    """The figure's lines on transparent paper."""
    rgba = draw_figure(dx)
    rgba[(rgba[..., :3] == 255).all(axis=-1)] = 0
    return rgba


def found(*args: str | Path) -> set[str]:
    """The kinds of what `shiage check` finds."""
    return {finding["kind"] for finding in shiage("check", *args, "--json").json["findings"]}


def layer_of(path: Path, name: str) -> Rgba:
    return on_canvas(find(path, name), SIZE_HW)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with `cut` of drawings stored in several ways, its key, and `out`, painted."""
    folder = tmp_path_factory.mktemp("format")
    cut = folder / "cut"
    save(folder / "key" / "A0001.png", draw_figure(painted=True))
    save(cut / "A0001.png", draw_figure())
    save(cut / "A0002.tga", trace(draw_figure(3), 3))
    save(cut / "sub" / "B0003.png", lines_of(6), "RGBA")
    save(cut / "A0004.bmp", draw_figure(9), "1")
    cv2.imwrite(str(cut / "A0005.tiff"), draw_figure(12)[..., :3].astype(np.uint16) * 257)
    save(cut / "A0006.png", draw_figure(15), dpi=(144, 144))
    paint(cut, "--ref", folder / "key", "--out", folder / "out").ok()
    return folder


@pytest.mark.parametrize("file_format", SUFFIXES)
def test_the_same_cels_in_another_format(folder: Path, tmp_path: Path, file_format: str) -> None:
    suffix, out = SUFFIXES[file_format], tmp_path / "out"
    args = (folder / "cut", "--ref", folder / "key", "--out", out, "--format", file_format)
    told = paint(*args).ok()
    assert set(told.statuses.values()) == {"painted", "reference"}
    names = ["A0001", "A0002", "sub/B0003", "A0004", "A0005", "A0006"]
    kept = {"A0005": ".tiff"} if file_format == "tiff" else {}
    files = {name: out / f"{name}{kept.get(name, suffix)}" for name in names}
    assert {*hash_cels(out)} == {path.relative_to(out).as_posix() for path in files.values()}
    for name, path in files.items():
        [before] = (folder / "out" / name).parent.glob(f"{Path(name).name}.*")
        if (name, file_format) == ("A0005", "psd"):  # 16 bits
            assert PSDImage.open(path).depth == 16
            assert tree(path) == ["paper", "paint", "lines"]
            np.testing.assert_array_equal(open_picture(path).drawing.rgba_u8, lines_of(12))
            continue
        seen, expected = load(path), load(before)
        if file_format == "psd":  # the merged image: what is transparent is over white
            expected = np.where(expected[..., 3:] == 0, (*WHITE, 0), expected)
        np.testing.assert_array_equal(seen, expected)


def test_what_is_there_is_found_by_its_new_name(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    args = (folder / "cut", "--ref", folder / "key", "--out", out, "--format", "psd")
    told = paint(*args).ok()
    again = hash_cels(out)
    assert paint(*args, "--resume").ok().statuses == told.statuses
    paint(*args).fails("painted cels are there already", "A0001.psd")
    paint(*args, "--force").ok()
    assert hash_cels(out) == again
    paint(*args[:-1], "png", "--resume").fails("other references or settings")


def test_a_flat_drawing_in_layers(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    paint(folder / "cut", "--ref", folder / "key", "--out", out, "--format", "psd").ok()
    path, drawn = out / "A0002.psd", load(folder / "cut" / "A0002.tga")
    assert tree(path) == ["paper", "paint", "lines", "(traces)"]
    black = (drawn[..., :3] == 0).all(axis=-1)
    blue = (drawn[..., :3] == (0, 0, 255)).all(axis=-1)
    assert (layer_of(path, "paper") == 255).all()
    np.testing.assert_array_equal(layer_of(path, "lines"), np.where(black[..., None], drawn, 0))
    np.testing.assert_array_equal(layer_of(path, "traces"), np.where(blue[..., None], drawn, 0))
    painted = layer_of(path, "paint")
    assert {tuple(c) for c in painted[painted[..., 3] > 0][:, :3].tolist()} == PAINTS
    assert (painted[blue][:, 3] == 255).all()
    assert tree(out / "sub" / "B0003.psd") == ["paint", "lines"]
    np.testing.assert_array_equal(
        layer_of(out / "sub" / "B0003.psd", "lines"), load(folder / "cut" / "sub" / "B0003.png")
    )
    told = PSDImage.open(out / "A0006.psd").image_resources.get_data(Resource.RESOLUTION_INFO)
    assert round(told.horizontal / 65536, 1) == round(told.vertical / 65536, 1) == 144
    assert tree(out / "A0001.psd") == ["paper", "paint", "lines"]  # the painting that was given
    given = load(folder / "key" / "A0001.png")
    np.testing.assert_array_equal(load(out / "A0001.psd"), given)
    assert tuple(layer_of(out / "A0001.psd", "paint")[60, 72]) == tuple(given[60, 72])


def test_a_layer_for_each_color(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    hat, leg = ("#" + bytes(color).hex() for color in (HAT, LEG))
    colors = (ProjectColor(hat, hat, "帽子"), ProjectColor(leg, leg, "outline"))
    write_project(out, Project(folder / "cut", palette=colors))
    args = ("--format", "psd", "--paint-layers", "color")
    paint(folder / "cut", "--ref", folder / "key", "--out", out, *args).ok()
    path = out / "A0002.psd"
    rows = tree(path)
    assert rows[:3] == ["paper", "paint", "  帽子"]
    assert f"  {leg}" in rows  # a name that would make it a layer of lines
    assert len(rows) == 4 + len(PAINTS)
    hats = layer_of(path, "帽子")
    assert {tuple(c) for c in hats[hats[..., 3] > 0].tolist()} == {(*HAT, 255)}
    assert found(folder / "cut", out) == set()  # PSD, as was asked for
    assert found(folder / "cut", out, "--format", "png") == {"mode"}


def test_checks_look_at_the_format_asked_for_last(folder: Path, tmp_path: Path) -> None:
    cut = (folder / "cut", "--ref", folder / "key", "--out", tmp_path / "out")
    paint(*cut).ok()
    paint(*cut, "--format", "psd", "--force").ok()
    save(tmp_path / "out" / "A0006.png", draw_figure(15))  # unpainted, and of no use any more
    told = shiage("check", folder / "cut", tmp_path / "out", "--json").json
    assert {finding["kind"] for finding in told["findings"]} == {"surplus"}
    assert "A0006.png belongs" in " ".join(finding["message"] for finding in told["findings"])


def test_a_color_trace_that_is_kept(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    args = ("--format", "psd", "--traces", "keep")
    paint(folder / "cut", "--ref", folder / "key", "--out", out, *args).ok()
    assert tree(out / "A0002.psd") == ["paper", "paint", "lines"]
    drawn = load(folder / "cut" / "A0002.tga")
    ink = (drawn[..., :3] != 255).any(axis=-1)
    np.testing.assert_array_equal(
        layer_of(out / "A0002.psd", "lines"), np.where(ink[..., None], drawn, 0)
    )


@pytest.mark.parametrize("file_format", ["psd", "tga"])
def test_planes_of_another_format(folder: Path, tmp_path: Path, file_format: str) -> None:
    out = tmp_path / "out"
    args = ("--ref", folder / "key", "--out", out, "--format", file_format, "--planes")
    paint(folder / "cut", *args).ok()
    suffix = ".tga" if file_format == "tga" else ".png"  # planes have no layers themselves
    for plane in ("_lines", "_colors"):
        names = {path.name for path in (out / plane).rglob("*.*")}
        assert names == {
            f"{n}{suffix}" for n in ("A0001", "A0002", "B0003", "A0004", "A0005", "A0006")
        }
    colors = load(out / "_colors" / f"A0002{suffix}")
    assert {tuple(c) for c in colors[..., :3].reshape(-1, 3).tolist()} == {*PAINTS, WHITE}


def test_options_that_make_no_sense(folder: Path) -> None:
    paint(folder / "cut", "--format", "gif").fails("gif", code=2)
    paint(folder / "cut", "--format", "png", "--paint-layers", "color").fails("--paint-layers")
