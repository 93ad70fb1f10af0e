"""A drawing taken apart gives, put together again, what was drawn and what is painted."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from psd_tools import PSDImage
from psd_tools.constants import BlendMode

from shiage.files.images import open_picture, read_picture
from shiage.lines.lineart import LineSettings, extract_lineart
from shiage.lines.segments import find_segments
from shiage.painting.compose import compose, fill_segments, fill_under_lines
from shiage.painting.covering import Covering, as_lines
from shiage.painting.layering import lines_stand, split_drawing
from shiage.painting.painter import Painter
from tests.drawings import (
    BROWN,
    GREEN,
    RED,
    Rgba,
    Sheet,
    character,
    flat_painting,
    on_grey,
    on_transparent,
    palette_of,
    to_u16,
)
from tests.files.layers.psds import L, describe, find, on_canvas, tree, write_psd

Pixels = NDArray[Any]
COLORS = palette_of((200, 30, 40), (60, 160, 70), (250, 220, 190))


def soft(color: tuple[int, int, int] = (0, 0, 0)) -> Rgba:
    """Two rings and a line across, antialiased, in some color."""
    sheet = Sheet(80, 90, soft=True, thickness=2, color=color)
    return sheet.circle((40, 40), 30).circle((40, 40), 14).line((12, 40), (24, 40)).rgba


def traced() -> Rgba:
    """A black box with a red and a green trace within."""
    sheet = Sheet(60, 60, thickness=2).box((5, 5), (54, 54))
    sheet.color, sheet.thickness = RED, 1
    sheet.line((8, 20), (51, 20))
    sheet.color = GREEN
    return sheet.line((8, 40), (51, 40)).rgba


def over(*layers: Pixels | None) -> Pixels:
    """(H, W, 4): layers over each other, the lowest first, in their dtype."""
    shown = [layer for layer in layers if layer is not None]
    top = float(np.iinfo(shown[0].dtype).max)
    rgb, alpha = np.zeros((*shown[0].shape[:2], 3)), np.zeros((*shown[0].shape[:2], 1))
    for layer in shown:
        share = layer[..., 3:] / top
        rgb = layer[..., :3] * share + rgb * (1 - share)
        alpha = share + alpha * (1 - share)
    straight = np.divide(rgb, alpha, out=np.zeros_like(rgb), where=alpha > 0)
    flat: Pixels = np.rint(np.concatenate([straight, alpha * top], axis=2)).astype(shown[0].dtype)
    return flat


def off(one: Pixels, other: Pixels) -> float:
    """Largest difference in 8-bit levels, colors weighed by alpha."""
    top = np.iinfo(one.dtype).max
    weighed = [p[..., :3] * (p[..., 3:] / top) for p in (one, other)]
    alpha = np.abs(one[..., 3].astype(float) - other[..., 3]).max()
    return float(max(np.abs(weighed[0] - weighed[1]).max(), alpha)) * 255 / top


DRAWINGS: dict[str, Pixels] = {
    "hard": character(size=120),
    "soft": soft(),
    "soft on transparent": on_transparent(soft()),
    "soft on grey": on_grey(soft()),
    "brown": soft(BROWN),
    "traced": traced(),
    "16 bits": to_u16(soft()),
}


@pytest.mark.parametrize("traces", ["fill", "keep"])
@pytest.mark.parametrize("kind", DRAWINGS)
def test_put_together_again(kind: str, traces: str) -> None:
    drawing = DRAWINGS[kind]
    before = drawing.copy()
    eight = drawing if drawing.dtype == np.uint8 else (drawing // 257).astype(np.uint8)
    lineart = extract_lineart(eight)
    segments = find_segments(lineart)
    lineart = as_lines(lineart) if traces == "keep" else lineart
    ids = (np.arange(len(segments), dtype=np.int32) % 4).astype(np.int32)
    covering = Covering(drawing, lineart)
    painted = compose(covering, segments.labels, ids, COLORS)
    parts, kept = split_drawing(covering), covering.kept
    fill = fill_segments(lineart, segments.labels, ids, COLORS)
    fill[kept] = fill_under_lines(fill, kept)[kept]
    colors = COLORS.rgba_u16 if drawing.dtype == np.uint16 else COLORS.rgba_u8
    limit = 3 if kind == "brown" else 1  # its mixes with paper are as the pen rounded them
    assert off(over(parts.paper, parts.traces, parts.lines), drawing) <= limit
    assert off(over(parts.paper, colors[fill], parts.lines), painted) <= limit
    assert (parts.traces is not None) == (kind == "traced" and traces == "fill")
    np.testing.assert_array_equal(drawing, before)


def test_which_lines_can_stay_over_paint() -> None:
    settings = LineSettings()
    red = np.where((on_transparent(soft())[..., 3:] > 0), (255, 0, 0, 0), 0).astype(np.uint8)
    red[..., 3] = on_transparent(soft())[..., 3]
    assert lines_stand(on_transparent(soft()), settings, replaces=True)
    assert not lines_stand(soft(), settings, replaces=True)  # they bring their paper along
    assert not lines_stand(red, settings, replaces=True)
    assert lines_stand(red, settings, replaces=False)


@pytest.mark.parametrize(("color", "stands"), [((0, 0, 0), True), ((90, 40, 70), False)])
def test_colored_lines_in_multiply_get_copies(
    tmp_path: Path, color: tuple[int, int, int], stands: bool
) -> None:
    drawing = on_transparent(soft())
    drawing[..., :3] = color
    layer = L("線", drawing, mode=BlendMode.MULTIPLY)
    path = write_psd(tmp_path / "a.psd", layer, size_hw=drawing.shape[:2])
    painter = Painter("position")
    painter.add_reference(
        write_psd(
            tmp_path / "key.psd",
            L("塗", np.full_like(drawing, 200)),
            layer,
            size_hw=drawing.shape[:2],
        )
    )
    painter.paint(path).save(tmp_path / "out.psd")
    assert tree(tmp_path / "out.psd") == (["paint", "線"] if stands else ["paint", "lines", "(線)"])


def test_a_painter_saves_layers(tmp_path: Path) -> None:
    drawing = on_transparent(character(size=120))
    lineart = extract_lineart(drawing)
    labels = find_segments(lineart).labels
    fills = flat_painting(labels, {n: (9 * n, 200 - 9 * n, 90) for n in range(1, 17)})
    size_hw = drawing.shape[:2]
    lines = L("線", drawing)
    key = write_psd(tmp_path / "key.psd", L("塗り", fills), lines, size_hw=size_hw)
    plain = write_psd(tmp_path / "a.psd", L("memo", drawing), lines, size_hw=size_hw)
    painter = Painter("position")
    reference = painter.add_reference(key)
    assert np.array_equal(reference.lineart.ink, lineart.ink)
    cel = painter.paint(plain)
    cel.save(tmp_path / "out" / "a.psd")
    assert tree(tmp_path / "out" / "a.psd") == ["(memo)", "paint", "線"]
    np.testing.assert_array_equal(
        read_picture(tmp_path / "out" / "a.psd").pixels, cel.picture.pixels
    )
    np.testing.assert_array_equal(
        on_canvas(find(tmp_path / "out" / "a.psd", "線"), size_hw), drawing
    )


@pytest.fixture
def box() -> Rgba:
    """(60, 60, 4): a box in black lines on transparent paper."""
    return on_transparent(Sheet(60, 60, thickness=2).box((10, 10), (50, 50)).rgba)


def paint_layers(folder: Path, box: Rgba, *layers: L) -> tuple[Path, Path]:
    """Paint layers from a key; return the file before and after."""
    size_hw = box.shape[:2]
    painter = Painter("position")
    key = [
        L("塗り", Sheet(60, 60, (0, 0, 0, 0), (200, 30, 40)).disc((30, 30), 25).rgba),
        L("線", box),
    ]
    painter.add_reference(write_psd(folder / "key.psd", *key, size_hw=size_hw))
    path = write_psd(folder / "a.psd", *layers, size_hw=size_hw)
    painter.paint(path).save(folder / "out.psd")
    return path, folder / "out.psd"


def shown(path: Path) -> Pixels:
    """(H, W, 4) uint8: the visible layers over each other, as psd-tools shows them."""
    image = PSDImage.open(path).composite(force=True, color=0.0, alpha=0.0)
    return np.asarray(image.convert("RGBA"))


def everything(path: Path) -> list[tuple[Any, ...]]:
    """All that makes the layers of a file but for shiage's own, and whether they are visible."""
    found = [layer for layer in PSDImage.open(path).descendants() if layer.name != "paint"]
    return [(*describe(layer), layer._record.clipping) for layer in found]


def test_paint_goes_below_lines_and_what_is_clipped_to_them(tmp_path: Path, box: Rgba) -> None:
    recolor = np.full_like(box, 255)
    recolor[..., :3] = (90, 40, 70)
    layers = (
        L("用紙", np.full_like(box, 255)),
        L("影", box, clipped=True),  # to the paper
        L("線", box),
        L("線の色", recolor, clipped=True),
        L("影 2", recolor, clipped=True, visible=False),
    )
    before, after = paint_layers(tmp_path, box, *layers)
    assert tree(after) == ["用紙", "影", "paint", "線", "線の色", "(影 2)"]
    assert everything(after) == everything(before)
    colors = set(map(tuple, shown(after).reshape(-1, 4).tolist()))
    assert {(90, 40, 70, 255), (200, 30, 40, 255)} <= colors
    with Image.open(after) as merged:
        np.testing.assert_array_equal(np.asarray(merged.convert("RGBA")), shown(after))


def test_what_is_clipped_to_hidden_traces_or_paint_goes_with_them(
    tmp_path: Path, box: Rgba
) -> None:
    trace = Sheet(60, 60, (0, 0, 0, 0), RED).line((12, 30), (48, 30)).rgba
    layers = (
        L("塗", np.full_like(box, 9)),
        L("影", box, clipped=True),
        L("色トレス", trace),
        L("x", np.full_like(box, 255), clipped=True, opacity=0),
        L("y", np.full_like(box, 255), clipped=True, visible=False),
        L("線", box),
    )
    before, after = paint_layers(tmp_path, box, *layers)
    hidden = [layer.visible for layer in PSDImage.open(after).descendants()]
    assert everything(after) == everything(before)
    assert [layer.name for layer in PSDImage.open(after)] == [
        "塗", "影", "色トレス", "x", "y", "paint", "線",
    ]  # fmt: skip
    assert hidden == [False, True, False, True, False, True, True]  # by psd-tools each by itself
    np.testing.assert_array_equal(
        open_picture(after).drawing.pixels, open_picture(before).drawing.pixels
    )


@pytest.mark.parametrize("group", [False, True])
def test_new_paint_takes_the_place_of_old_with_shading_clipped_to_it(
    tmp_path: Path, box: Rgba, group: bool
) -> None:
    paint = np.full_like(box, 9)
    old = L("paint", children=[L("#ff0000", paint)]) if group else L("paint", paint)
    layers = old, L("影", box, clipped=True), L("線", box)
    before, after = paint_layers(tmp_path, box, *layers)
    assert tree(after) == ["paint", "(影)", "線"]
    assert [row for row in everything(before) if "影" in row] == everything(after)[:1]
    again = paint_layers(tmp_path / "again", box, *layers)[1]
    assert again.read_bytes() == after.read_bytes()


def test_lines_clipped_to_paint_get_copies(tmp_path: Path, box: Rgba) -> None:
    layers = L("塗り", np.full_like(box, 255)), L("線", box, clipped=True)
    _, after = paint_layers(tmp_path, box, *layers)
    assert [layer.name for layer in PSDImage.open(after) if layer.visible] == [
        "paint", "lines", "線",
    ]  # fmt: skip
    assert (shown(after)[30, 30] == (200, 30, 40, 255)).all()
    assert (shown(after)[10, 30] == (0, 0, 0, 255)).all()


def test_colored_lines_that_are_no_traces_stay_in_sight(tmp_path: Path, box: Rgba) -> None:
    inner = Sheet(60, 60, (0, 0, 0, 0), BROWN, 2).circle((30, 30), 10).rgba
    _, after = paint_layers(tmp_path, box, L("color lines", inner), L("線", box))
    with Image.open(after) as merged:
        np.testing.assert_array_equal(np.asarray(merged.convert("RGBA")), shown(after))
    assert (shown(after)[20, 30] == (*BROWN, 255)).all()
