"""Layered drawings painted by the command line: what came along, what is new, how it looks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from psd_tools import PSDImage
from psd_tools.constants import BlendMode

from shiage.files.images import open_picture, read_picture
from tests.drawings import Rgba, to_u16
from tests.files.layers.psds import L, describe, find, on_canvas, tree, write_psd
from tests.integration.conftest import (
    BODY,
    EYE,
    FACE,
    HAT,
    LEG,
    assert_nothing_half_written,
    draw_figure,
    hash_tree,
    load,
    paint,
    save,
    shiage,
)

SIZE_HW = (240, 320)
SHADE = (30, 90, 40)
PAPER = np.full((*SIZE_HW, 4), 255, np.uint8)
SCAN = "A0006"


def soft_lines(dx: int) -> Rgba:
    """The figure's lines, antialiased, on transparent paper."""
    large = cv2.resize(draw_figure(dx), SIZE_HW[::-1], interpolation=cv2.INTER_LINEAR)
    rgba = np.zeros((*SIZE_HW, 4), np.uint8)
    rgba[..., 3] = 255 - large[..., 0]
    return rgba


def shade_trace(dx: int, color: tuple[int, int, int] = (255, 0, 0)) -> Rgba:
    """A trace across the body, below which it is in shade."""
    rgba = np.zeros((*SIZE_HW, 4), np.uint8)
    y, left = 136, 2 * (50 + dx) + 3
    rgba[y : y + 2, left : left + 83] = (*color, 255)
    return rgba


def fills(dx: int) -> Rgba:
    """The figure's colors, to the middle of its lines, in shade below the trace."""
    figure = draw_figure(dx, painted=True)
    ink = (figure[..., :3] == 0).all(axis=-1)
    _, nearest = cv2.distanceTransformWithLabels(
        ink.view(np.uint8), cv2.DIST_L1, 3, labelType=cv2.DIST_LABEL_PIXEL
    )
    table = np.zeros((nearest.max() + 1, 4), np.uint8)
    table[nearest[~ink]] = figure[~ink]
    rgba = table[nearest].repeat(2, axis=0).repeat(2, axis=1)
    shade = (rgba[..., :3] == BODY).all(axis=-1)
    shade[:136] = False
    rgba[shade, :3] = SHADE
    rgba[(rgba[..., :3] == 255).all(axis=-1)] = 0
    return rgba


def flat_fills(dx: int) -> Rgba:
    """The same without the shade."""
    rgba = fills(dx)
    rgba[(rgba[..., :3] == SHADE).all(axis=-1), :3] = BODY
    return rgba


def layers(dx: int) -> list[L]:
    """A drawing as artists keep them."""
    inside = [L("下描き", shade_trace(dx + 9), opacity=90), L("主線", soft_lines(dx))]
    return [
        L("用紙", PAPER),
        L("色トレス", shade_trace(dx)),
        L("作画", children=inside),
        L("塗り分け", shade_trace(dx, (255, 255, 0)), visible=False),
        L("memo", shade_trace(dx - 9, (0, 0, 255)), mode=BlendMode.SCREEN),
    ]


def merged(path: Path) -> NDArray[Any]:
    """(H, W, 3): the merged image as Pillow reads it; what is transparent is over white."""
    with Image.open(path) as image:
        return np.asarray(image.convert("RGBA"))[..., :3].astype(np.int64)


def composed(path: Path) -> NDArray[Any]:
    """(H, W, 3): the visible layers over white, as psd-tools shows them."""
    image = PSDImage.open(path).composite(ignore_preview=True)
    return over_white(np.asarray(image.convert("RGBA")))


def write(path: Path, *layers: L, **options: Any) -> Path:
    """Write a layered file of the figure's size."""
    return write_psd(path, *layers, size_hw=SIZE_HW, **options)


def over_white(rgba: NDArray[Any]) -> NDArray[Any]:
    alpha = rgba[..., 3:] / 255
    return np.asarray(np.rint(rgba[..., :3] * alpha + 255 * (1 - alpha)), np.int64)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with `cut`, `out`, and the same drawings flat: `flat`, `flat_out`."""
    folder = tmp_path_factory.mktemp("layers")
    cut = folder / "cut"
    drawn = layers(0)
    drawn[1].visible = False  # as is usual once it is painted
    key = [drawn[0], L("仕上げ", fills(0)), *drawn[1:]]
    write(folder / "key" / "A0001.psd", *key)
    write(cut / "A0001.psd", *layers(0))
    write(cut / "A0002.psd", *layers(3))
    deep = [L("trace", shade_trace(6)), L("line", soft_lines(6))]
    write(cut / "A0003.psd", *deep, bits=16)
    write(cut / "A0004.psb", L("line", soft_lines(9)), kind="LA")
    mixed = np.maximum(soft_lines(12), shade_trace(12))
    write(cut / "A0005.psd", L("線画", mixed))
    scan = PAPER.copy()
    scan[..., :3] = over_white(np.maximum(soft_lines(15), shade_trace(15)))
    Image.fromarray(scan).convert("RGB").save(folder / "scan.png")
    PSDImage.frompil(Image.fromarray(scan).convert("RGB")).save(cut / f"{SCAN}.psd")
    write(cut / "A0007.psd", L("old", PAPER), L("paint", PAPER[:9, :9]), *layers(18))
    for path in sorted(cut.iterdir()):
        save(folder / "flat" / f"{path.stem}.png", open_picture(path).drawing.rgba_u8, "RGBA")
    before = hash_tree(folder)
    told = paint(cut, "--ref", folder / "key", "--out", folder / "out").ok()
    assert set(told.statuses.values()) == {"reference", "painted"}
    paint(folder / "flat", "--ref", folder / "key", "--out", folder / "flat_out").ok()
    assert {k: v for k, v in hash_tree(folder).items() if "out/" not in k} == before
    return folder


CELS = ["A0002.psd", "A0003.psd", "A0004.psb", "A0005.psd", f"{SCAN}.psd", "A0007.psd"]


@pytest.mark.parametrize("name", [name for name in CELS if name != "A0004.psb"])
def test_the_layers_of_the_drawing_came_along(folder: Path, name: str) -> None:
    before = list(PSDImage.open(folder / "cut" / name).descendants())
    after = list(PSDImage.open(folder / "out" / name).descendants())
    kept = [layer for layer in before if layer.name != "paint"]
    told = [describe(layer) for layer in after]
    at = [told.index(describe(layer)) for layer in kept]
    assert at == sorted(at)


def test_the_tree_of_a_painted_cel(folder: Path) -> None:
    assert tree(folder / "out" / "A0002.psd") == [
        "用紙", "(色トレス)", "paint", "作画", "  (下描き)", "  主線", "(塗り分け)", "(memo)",
    ]  # fmt: skip
    assert tree(folder / "out" / "A0005.psd") == ["paint", "lines", "(traces)", "(線画)"]
    assert tree(folder / "out" / f"{SCAN}.psd") == ["paper", "paint", "lines", "(traces)"]


def test_old_paint_is_replaced_and_other_layers_are_not_seen(folder: Path) -> None:
    rows = tree(folder / "out" / "A0007.psd")
    assert rows.count("paint") == 1
    assert rows[0] == "(old)"


@pytest.mark.parametrize("name", CELS)
def test_it_looks_as_the_same_drawing_painted_flat(folder: Path, name: str) -> None:
    flat = load(folder / "flat_out" / Path(name).with_suffix(".png"))
    layered = folder / "out" / name
    if name in ("A0003.psd", "A0004.psb"):  # Pillow reads no 16 bits and no PSB
        seen = over_white(PSDImage.open(layered).numpy() * 255)
    else:
        seen = merged(layered)
    assert np.abs(seen - over_white(flat)).max() <= 1  # rounding over white
    # Where soft lines cross traces, flat drawings lose the line; the layers do not.
    off = np.abs(composed(layered) - over_white(flat)).max(axis=-1) > 2
    assert np.count_nonzero(off) <= 12
    shades = {SHADE} if name != "A0004.psb" else set()  # in which there is no trace
    assert {HAT, FACE, EYE, BODY, LEG} | shades <= {tuple(c) for c in flat[..., :3].reshape(-1, 3)}


def test_no_fringe_and_no_trace_over_the_paint(folder: Path) -> None:
    painted = on_canvas(find(folder / "out" / "A0002.psd", "paint"), SIZE_HW)
    inside = cv2.resize(draw_figure(3, painted=True), SIZE_HW[::-1])[..., :3].min(axis=-1) < 255
    eroded = cv2.erode(inside.view(np.uint8), np.ones((11, 11), np.uint8)) > 0
    assert (painted[eroded & (soft_lines(3)[..., 3] < 255), 3] == 255).all()
    colors = {tuple(color) for color in painted[painted[..., 3] > 0][:, :3].tolist()}
    assert colors == {HAT, FACE, EYE, BODY, LEG, SHADE}


def test_16_bits_stay_and_grey_gets_colors(folder: Path) -> None:
    deep = PSDImage.open(folder / "out" / "A0003.psd")
    paints = find(folder / "out" / "A0003.psd", "paint").numpy()
    assert paints is not None
    colors = {tuple(c) for c in np.rint(paints[paints[..., 3] > 0][:, :3] * 65535).astype(int)}
    assert deep.depth == 16
    assert (HAT[0] * 257, HAT[1] * 257, HAT[2] * 257) in colors
    grey = PSDImage.open(folder / "out" / "A0004.psb")
    assert (grey.version, grey.color_mode.name) == (2, "RGB")
    lines = on_canvas(find(folder / "out" / "A0004.psb", "line"), SIZE_HW)
    np.testing.assert_array_equal(lines, soft_lines(9))


def test_a_given_painting_of_another_format(tmp_path: Path) -> None:
    drawn = layers(0)[1:]
    write(tmp_path / "cut" / "A0001.psd", *drawn)
    painting = fills(0)
    soft = soft_lines(0)[..., 3:] / 255
    painting[..., :3] = np.rint(painting[..., :3] * (1 - soft))
    painting[..., 3] = np.maximum(painting[..., 3], soft_lines(0)[..., 3])
    key = save(tmp_path / "key" / "A0001.png", painting, "RGBA")
    brown = painting.copy()
    brown[soft_lines(0)[..., 3] == 255, :3] = (110, 60, 30)
    other = save(tmp_path / "other" / "A0001.png", brown, "RGBA")  # its lines are drawn anew
    shown = "  主線"
    for given, line in ((key, shown), (other, f"  ({shown.strip()})")):
        out = given.parent / "out"
        paint(tmp_path / "cut", "--ref", given, "--out", out).ok()
        assert np.abs(merged(out / "A0001.psd") - over_white(load(given))).max() <= 1
        assert line in tree(out / "A0001.psd")
    plane = save(tmp_path / "plane" / "A0001.png", fills(0), "RGBA")  # it has no lines at all
    paint(tmp_path / "cut", "--ref", plane, "--out", tmp_path / "out").ok(err="without lines")
    assert shown in tree(tmp_path / "out" / "A0001.psd")


def test_painted_again(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    paint(folder / "out", "--ref", folder / "key", "--out", out).ok()
    for name in CELS:
        assert tree(out / name) == tree(folder / "out" / name)
    for name in ("A0002.psd", "A0005.psd", "A0007.psd"):
        np.testing.assert_array_equal(merged(out / name), merged(folder / "out" / name))


def test_checked_and_recolored(folder: Path, tmp_path: Path) -> None:
    cut = folder / "cut"
    told = shiage("check", cut, folder / "out", "--ref", folder / "key", "--json").json
    assert {finding["cel"] for finding in told["findings"]} <= {"A0001"}  # as the artist left it
    assert len(told["cels"]) == 7
    old, new = tmp_path / "old.gpl", tmp_path / "new.gpl"
    shiage("palette", folder / "out", old).ok()  # no mixes, which alone are no colors of 8 bits
    new.write_text(old.read_text().replace("200  30  40", " 10  20 250"))
    shiage("recolor", folder / "out", "--from", old, "--to", new, "--out", tmp_path / "re")
    for name in ("A0002.psd", "A0004.psb"):
        seen = {tuple(color) for color in composed(tmp_path / "re" / name).reshape(-1, 3)}
        assert (10, 20, 250) in seen
        assert HAT not in seen
        assert tree(tmp_path / "re" / name) == tree(folder / "out" / name)


def test_a_cel_painted_in_its_own_file_is_a_reference(tmp_path: Path) -> None:
    cut = tmp_path / "cut"
    key = [L("塗り", fills(0)), L("色トレ", shade_trace(0), visible=False), L("線", soft_lines(0))]
    empty = [L("塗り", PAPER * 0), L("色トレ", shade_trace(3)), L("線", soft_lines(3))]
    write(cut / "A0001.psd", *key)
    write(cut / "A0002.psd", *empty)
    found = paint(cut, "--out", tmp_path / "found").ok()
    given = paint(cut, "--ref", cut / "A0001.psd", "--out", tmp_path / "given").ok()
    for told, out in ((found, "found"), (given, "given")):
        assert told.statuses == {"A0001": "reference", "A0002": "painted"}
        assert (tmp_path / out / "A0001.psd").read_bytes() == (cut / "A0001.psd").read_bytes()
        checked = shiage("check", cut, tmp_path / out, "--ref", cut / "A0001.psd", "--json").json
        assert checked["cels"] == ["A0001", "A0002"]  # it is a drawing, too
    elsewhere = write(tmp_path / "sheet.psd", *key)
    told = paint(cut, "--ref", elsewhere, "--out", tmp_path / "elsewhere").ok()
    assert set(told.statuses.values()) == {"painted"}


def test_layers_that_a_program_has_named_are_the_drawing(tmp_path: Path) -> None:
    """As Krita names them; without a layer that is called paint none is."""
    for number, dx in enumerate((0, 3), start=1):
        drawn = [L("Background", PAPER), L(f"Paint Layer {number}", soft_lines(dx))]
        write(tmp_path / "cut" / f"A000{number}.psd", *drawn, L("Group 1", children=[]))
    painted = L("Paint Layer 7", flat_fills(0)), L("Copy of Paint Layer 1", soft_lines(0))
    key = write(tmp_path / "key" / "A0001.psd", L("Background", PAPER), *painted)
    told = paint(tmp_path / "cut", "--ref", key, "--out", tmp_path / "out").ok()
    assert told.statuses == {"A0001": "reference", "A0002": "painted"}
    assert tree(tmp_path / "out" / "A0002.psd") == [
        "Background", "paint", "Paint Layer 2", "Group 1",
    ]  # fmt: skip
    line = find(tmp_path / "out" / "A0002.psd", "Paint Layer 2")
    np.testing.assert_array_equal(on_canvas(line, SIZE_HW), soft_lines(3))
    seen = merged(tmp_path / "out" / "A0002.psd").reshape(-1, 3)
    assert {HAT, FACE, EYE, BODY, LEG} <= set(map(tuple, seen.tolist()))


@pytest.mark.parametrize("bits", [8, 16])
def test_a_key_with_shading_clipped_to_its_paint(tmp_path: Path, bits: int) -> None:
    deep = to_u16 if bits == 16 else np.asarray
    below = PAPER.copy()
    below[:136, :, 3] = 0
    below[..., :3] = 128
    flat, shade = flat_fills(0), deep(below)
    key = [
        L("用紙", deep(PAPER)),
        L("塗り", deep(flat)),
        L("影", shade, clipped=True, mode=BlendMode.MULTIPLY),
        L("消した影", shade, clipped=True, visible=False),
        L("color lines", deep(shade_trace(0)), visible=False),
        L("線", deep(soft_lines(0))),
    ]
    cut = tmp_path / "cut"
    write(cut / "A0001.psd", *key, bits=bits)
    drawn = [L("color lines", deep(shade_trace(3))), L("線", deep(soft_lines(3)))]
    write(cut / "A0002.psd", *drawn, bits=bits)
    told = paint(cut, "--out", tmp_path / "out").ok()
    assert told.statuses == {"A0001": "reference", "A0002": "painted"}
    given, as_drawn = tmp_path / "out" / "A0001.psd", cut / "A0001.psd"
    after, before = (
        [describe(x) for x in PSDImage.open(p).descendants()] for p in (given, as_drawn)
    )
    assert after == before
    if bits == 8:  # else it gets a color profile
        assert given.read_bytes() == as_drawn.read_bytes()
    pixels = read_picture(tmp_path / "out" / "A0002.psd").rgba_u8
    colors = {tuple(color) for color in pixels[..., :3].reshape(-1, 3).tolist()}
    assert {BODY, tuple(round(level * 128 / 255) for level in BODY)} <= colors


def test_broken_and_refused_cels_do_not_stop_the_others(tmp_path: Path) -> None:
    cut = tmp_path / "cut"
    traced = np.maximum(soft_lines(0), shade_trace(0))
    write(cut / "A0001.psd", L("塗り", fills(0)), L("線", traced))
    write(cut / "A0002.psd", L("線", soft_lines(3)))
    data = (cut / "A0002.psd").read_bytes()
    (cut / "A0003.psd").write_bytes(data[: len(data) // 2])
    screen = L("線", soft_lines(3), mode=BlendMode.SCREEN)
    write(cut / "A0004.psd", screen)
    PSDImage.new("CMYK", SIZE_HW[::-1]).save(cut / "A0005.psd")
    told = paint(cut, "--out", tmp_path / "out").fails("cut off or corrupt", "screen", "CMYK")
    assert [told.statuses[f"A000{n}"] for n in range(1, 6)] == [
        "reference", "painted", "failed", "failed", "failed",
    ]  # fmt: skip
    assert_nothing_half_written(tmp_path / "out")
