"""What other programs paint is clean, whatever way they mix lines and paint; its faults are not."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from shiage.checks import CutChecks, Kind
from shiage.colors.palette import Palette
from tests.checks.faithful import LINES, WAYS, Layers, draw_layers, paint_faithfully
from tests.checks.planting import PLANTS, Rgb, Style, check, compare, plant, save_cut

SETTINGS = [(False, False, False), (True, True, True), (True, False, False), (False, True, True)]
"""On transparent paper; with 16 bits; with a palette."""


def told(result: CutChecks) -> list[str]:
    return [f"{found.cel} {found.kind}: {found.message}" for found in result.findings]


def with_key(folder: Path, palette: Palette | None = None) -> list[str]:
    """What is said of a cut of which the first cel is the key."""
    return told(check(folder, palette, [folder / "painted/A0001.png"], "ant"))


def as_paper(cel: Layers) -> Layers:
    """The cel with its white parts left bare."""
    white = (cel.paint[..., :3] == 255).all(axis=2, keepdims=True)
    return replace(cel, paint=np.where(white, np.uint8(0), cel.paint))


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("lines", LINES)
def test_no_way_of_painting_is_a_fault(lines: str, way: str, tmp_path: Path) -> None:
    (layers,) = draw_layers(LINES[lines], 5, count=1)
    for at, (clear, deep, with_palette) in enumerate(SETTINGS):
        cel = paint_faithfully(layers, WAYS[way], clear, deep)
        folder = save_cut(tmp_path / str(at), [cel])
        assert told(check(folder, cel.palette if with_palette else None)) == []


@pytest.mark.parametrize("way", ["over", "multiply, paint under the whole line"])
@pytest.mark.parametrize("ink", [(47, 47, 47), (112, 112, 112), (60, 30, 10), (20, 30, 90)])
@pytest.mark.parametrize("deep", [False, True])
def test_lines_over_the_ends_of_traces(ink: Rgb, way: str, deep: bool, tmp_path: Path) -> None:
    """There a line is as opaque as elsewhere, but in a color of its own and the trace."""
    cels = []
    for width, seed in ((2, 0), (3, 0), (3, 5)):
        style = Style(soft=True, width=width, ink=ink, scale=1.3 if seed else 1)
        cels += draw_layers(style, seed)[1:]
    for at, layers in enumerate(cels):
        cel = paint_faithfully(layers, WAYS[way], clear=True, deep=deep)
        assert told(check(save_cut(tmp_path / str(at), [cel]))) == []


@pytest.mark.parametrize(("clear", "deep"), [(False, False), (False, True), (True, True)])
def test_the_faint_ends_of_soft_lines_are_no_dithering(
    clear: bool, deep: bool, tmp_path: Path
) -> None:
    """A line that fades covers paint by less and less, in the end by a level or two."""
    (layers,) = draw_layers(Style(soft=True), 0, count=1)
    lines = layers.lines.copy()
    lines[..., 3] = np.clip(1.25 * cv2.GaussianBlur(lines[..., 3], (0, 0), 1.0), 0, 1)
    cel = paint_faithfully(replace(layers, lines=lines), WAYS["over"], clear, deep)
    assert told(check(save_cut(tmp_path, [cel]))) == []


@pytest.mark.parametrize("way", ["over, traces recolored", "multiply, paint under the whole line"])
@pytest.mark.parametrize("lines", ["hard", "soft", "soft, gray"])
def test_a_key_and_a_cut_painted_like_it(lines: str, way: str, tmp_path: Path) -> None:
    cels = [paint_faithfully(cel, WAYS[way]) for cel in draw_layers(LINES[lines], 8)]
    assert with_key(save_cut(tmp_path, cels)) == []


@pytest.mark.parametrize("kind", PLANTS)
@pytest.mark.parametrize(
    "way", ["over", "over, in linear light", "multiply, paint under the whole line"]
)
@pytest.mark.parametrize("lines", ["hard", "soft", "soft, 3 px"])
def test_faults_in_what_others_painted_are_found(
    kind: Kind, lines: str, way: str, tmp_path: Path
) -> None:
    cels = [paint_faithfully(cel, WAYS[way]) for cel in draw_layers(LINES[lines], 6, count=1)]
    planted, faults = plant(kind, np.random.default_rng(1), cels, 8)
    assert len(faults) == 8
    result = check(save_cut(tmp_path, planted), cels[0].palette)
    assert compare(result, faults) == ([], [])


def test_a_line_made_thinner_or_darker_by_hand_is_found(tmp_path: Path) -> None:
    """What one line loses, or gains, is no way of painting."""
    (layers,) = draw_layers(LINES["soft, gray"], 5, count=1)
    cel = paint_faithfully(layers, WAYS["over"])
    kept = cel.lineart.ink & (cel.lineart.trace == 0)
    for at, change in enumerate((-9, 9, 60)):
        pixels = cel.painted.copy()
        window = np.s_[60:80, 40:160]
        y, x = np.nonzero(kept[window] & (cel.lineart.coverage[window] >= 208))
        pixels[window][y, x, :3] = np.clip(pixels[window][y, x, :3].astype(int) + change, 0, 255)
        result = check(save_cut(tmp_path / str(at), [replace(cel, painted=pixels)]))
        assert {found.kind for found in result.findings} == {"ink"}


@pytest.mark.parametrize("bare", [False, True])
@pytest.mark.parametrize("style", [Style(scale=0.6, width=1), Style(soft=True)])
@pytest.mark.parametrize(
    ("clear", "clear_key"), [(False, False), (False, True), (True, False), (True, True)]
)
def test_white_parts_are_as_the_key_has_them(
    clear: bool, clear_key: bool, style: Style, bare: bool, tmp_path: Path
) -> None:
    """Painted white or left bare, small or large, on white paper or on none."""
    layers = draw_layers(style, 5, 2, white=("eye", "shirt", "pocket", "hair light"))
    layers = [as_paper(cel) for cel in layers] if bare else layers
    drawn = [paint_faithfully(cel, WAYS["over"], clear) for cel in layers]
    painted = [paint_faithfully(cel, WAYS["over"], clear_key) for cel in layers]
    save_cut(tmp_path / "key", painted)
    save_cut(tmp_path, drawn, painted=False)
    (tmp_path / "key/painted").rename(tmp_path / "painted")
    found = with_key(tmp_path)
    assert [words for words in found if " mode: " not in words] == []
    assert bool(found) == (clear != clear_key)


def test_a_small_part_left_bare_is_told_where_the_key_paints_it(tmp_path: Path) -> None:
    layers = draw_layers(Style(scale=0.6, width=1), 5, 2)
    cels = [paint_faithfully(cel, WAYS["over"], clear=True) for cel in layers]
    eye = int(cels[1].segments.labels[round(60 * 0.6), round(88 * 0.6)])
    inside = cels[1].segments.labels == eye
    pixels = cels[1].painted.copy()
    pixels[inside] = 0
    cels[1] = replace(cels[1], painted=pixels)
    found = with_key(save_cut(tmp_path, cels))
    assert [words.split(":")[0] for words in found] == ["A0002 pinhole", "A0002 unlike-reference"]


def test_details_of_a_key_that_no_line_surrounds(tmp_path: Path) -> None:
    """A blush is painted without a line; its color is the key's, too."""
    cels = []
    for layers in draw_layers(LINES["soft"], 9, 2):
        paint = layers.paint.copy()
        open_ = (layers.lines[..., 3] + layers.traces[..., 3] == 0) & (paint[..., 3] > 0)
        depth = cv2.distanceTransform(open_.view(np.uint8), cv2.DIST_L2, 5)
        y, x = np.unravel_index(int(depth.argmax()), depth.shape)
        cv2.circle(paint, (int(x), int(y)), 3, (250, 120, 140, 255), -1)
        cels.append(paint_faithfully(replace(layers, paint=paint), WAYS["over"]))
    assert with_key(save_cut(tmp_path, cels)) == []


def sketch(*strokes: tuple[int, Rgb, list[tuple[int, int]]], blur: float = 1.0) -> Layers:
    """A cel of 120 x 120 with a skin-colored square, and strokes on it: width, ink, points."""
    square = (5, (0, 0, 0), [(10, 10), (110, 10), (110, 110), (10, 110), (10, 10)])
    lines = np.zeros((120, 120, 4))
    for width, ink, points in (square, *strokes):
        mask = np.zeros((120, 120), np.uint8)
        cv2.polylines(mask, [np.array(points, np.int32)], False, 1, width)
        lines[mask > 0] = [*(level / 255 for level in ink), 1]
    if blur:
        soft = cv2.GaussianBlur(lines[..., 3], (0, 0), blur)
        lines[..., :3], lines[..., 3] = 0, np.clip(1.25 * soft, 0, 1)
    paint = np.zeros((120, 120, 4), np.uint8)
    paint[10:111, 10:111] = (244, 188, 140, 255)
    return Layers("A0001", lines, np.zeros_like(lines), paint)


def found_in(folder: Path, layers: Layers, way: str = "over", clear: bool = False) -> list[str]:
    """What is said of a cel, nothing known of its colors; on transparent paper with 16 bits."""
    return told(check(save_cut(folder, [paint_faithfully(layers, WAYS[way], clear, deep=clear)])))


@pytest.mark.parametrize("way", ["over", "multiply, paint under the whole line"])
def test_thin_soft_lines_show_paint_in_their_middle(way: str, tmp_path: Path) -> None:
    """As much as of the paper; that this is a gray line of its own cannot be told from black."""
    strokes = [(1, (0, 0, 0), [(16 + 8 * at, 20), (46 + 8 * at, 50)]) for at in range(7)]
    assert found_in(tmp_path, sketch(*strokes, blur=0.6), way) == []


@pytest.mark.parametrize("color", [(244, 188, 140), (255, 255, 255), (115, 115, 115), (80, 55, 38)])
def test_faults_in_the_middle_of_thin_soft_lines_are_found(color: Rgb, tmp_path: Path) -> None:
    """Painted over, made paper, a little lighter, a little darker."""
    strokes = [(1, (0, 0, 0), [(16 + 8 * at, 20), (46 + 8 * at, 50)]) for at in range(7)]
    cel = paint_faithfully(sketch(*strokes, blur=0.6), WAYS["over"])
    pixels = cel.painted.copy()
    pixels[[30, 31, 32], [42, 43, 44], :3] = color
    result = check(save_cut(tmp_path, [replace(cel, painted=pixels)]))
    assert [found.kind for found in result.findings] == ["ink"]


def test_a_colored_line_broken_beside_a_trace_is_found(tmp_path: Path) -> None:
    layers = sketch((1, (150, 130, 100), [(60, 30), (60, 90)]), blur=0)
    layers.traces[60, 62:90] = 0.2, 0.2, 1, 1
    cel = paint_faithfully(layers, WAYS["over"])
    pixels = cel.painted.copy()
    pixels[60:62, 60, :3] = 244, 188, 140
    kinds = {found.kind for found in check(save_cut(tmp_path, [cel])).findings}
    assert "ink" not in kinds
    found = check(save_cut(tmp_path, [replace(cel, painted=pixels)])).findings
    assert [(one.kind, one.area) for one in found if one.kind == "ink"] == [("ink", 2)]


def test_fills_are_read_where_nothing_is_drawn(tmp_path: Path) -> None:
    """Not where most pixels of a small part are: under the faint ends of its lines."""
    window = [(40, 40), (68, 40), (68, 50), (40, 50), (40, 40)]
    layers = sketch((1, (0, 0, 0), window))
    layers.paint[41:50, 41:68] = (74, 56, 58, 255)
    assert found_in(tmp_path, layers, clear=True) == []


@pytest.mark.parametrize("color", [(255, 255, 255, 255), (90, 30, 160, 255)])
def test_parts_seen_through_rims_alone(color: tuple[int, ...], tmp_path: Path) -> None:
    """White ones look as if they were bare; others are in a color that is nowhere else."""
    slit = [(40, 40), (60, 40), (60, 44), (40, 44), (40, 40)]
    layers = sketch((1, (0, 0, 0), slit))
    layers.paint[41:44, 41:60] = color
    assert found_in(tmp_path, layers) == []


def test_a_color_meant_in_one_place_is_meant_everywhere(tmp_path: Path) -> None:
    layers = sketch()
    layers.paint[40:60, 40:60] = layers.paint[80:83, 80:83] = (178, 137, 115, 255)
    assert found_in(tmp_path, layers) == []
    layers.paint[80:83, 80:83] = (179, 115, 100, 255)
    assert [words.split(":")[0] for words in found_in(tmp_path, layers)] == ["A0001 off-palette"]


@pytest.mark.parametrize(("ink", "faults"), [((119, 119, 169), 0), ((20, 20, 80), 1)])
def test_where_a_trace_ends_at_a_line(ink: Rgb, faults: int, tmp_path: Path) -> None:
    """A pixel that is more of the trace than of the line may be painted over with the trace."""
    layers = sketch((1, (0, 0, 0), [(60, 30), (60, 90)]), blur=0)
    layers.traces[60, 62:90] = 0.2, 0.2, 1, 1
    layers.traces[60, 59] = *(level / 255 for level in ink), 1
    assert len(found_in(tmp_path, layers)) == faults
