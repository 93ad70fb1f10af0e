"""Every pixel of the painted picture: lines as they were, fills exact, no fringe, no leak."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from shiage.colors.palette import PAPER, Palette
from shiage.files.pictures import Pixels
from shiage.lines.lineart import LineSettings, extract_lineart
from shiage.lines.paper import BARE_COVERAGE
from shiage.lines.segments import SegmentSettings, find_segments
from shiage.painting.compose import compose
from shiage.painting.covering import Covering, as_lines, paper_color
from shiage.painting.layering import lift_lines
from shiage.structures import UNKNOWN, LineArt, Segments
from tests.drawings import (
    BLUE,
    BROWN,
    GREEN,
    RED,
    WHITE,
    YELLOW_GREEN,
    Color,
    Point,
    Rgba,
    Sheet,
    at,
    character,
    distinct_colors,
    on_transparent,
    only_alpha,
    palette_of,
    to_u16,
)

LIGHT: Color = (250, 210, 190)
MIDDLE: Color = (200, 120, 100)
DARK: Color = (70, 40, 60)
OFF = SegmentSettings(gap="off", min_area=1)


def paint(
    rgba: Rgba,
    fills: dict[Point, Color],
    keep: bool = False,
    default: int = PAPER,
    all_trace: bool | None = None,
) -> tuple[Rgba, LineArt, Segments]:
    """Paint the segment at each point; the others are `default`."""
    lineart = extract_lineart(rgba, LineSettings(all_trace=all_trace))
    segments = find_segments(lineart, OFF)
    palette = palette_of(*dict.fromkeys(fills.values()))
    ids = {color: at + 1 for at, color in enumerate(dict.fromkeys(fills.values()))}
    color_ids = np.full(len(segments), default, np.int32)
    for point, color in fills.items():
        color_ids[at(segments, point) - 1] = ids[color]
    before = rgba.copy()
    shown = as_lines(lineart) if keep else lineart
    out = compose(Covering(rgba, shown), segments.labels, color_ids, palette)
    np.testing.assert_array_equal(rgba, before)
    assert out.shape == rgba.shape
    assert out.dtype == np.uint8
    return np.asarray(out, np.uint8), lineart, segments


def color_at(out: Pixels, x: int, y: int) -> tuple[int, ...]:
    return tuple(out[y, x].tolist())


def opaque(color: Color) -> tuple[int, ...]:
    return (*color, 255)


def colors_in(out: Pixels, mask: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]) -> set[Color]:
    return {tuple(row) for row in out[mask].tolist()}


def halves(line: Color | None = None, soft: bool = False, thickness: int = 1) -> Sheet:
    """A box from (10, 10) to (50, 50), and in the middle of it a line of another color."""
    sheet = Sheet(60, 60, soft=soft, thickness=thickness).box((10, 10), (50, 50))
    if line is not None:
        sheet.color = line
        edge = 12 if thickness > 1 else 11
        sheet.line((30, edge), (30, 60 - edge))
        sheet.color = (0, 0, 0)
        sheet.box((10, 10), (50, 50))
    return sheet


LEFT, RIGHT = (15, 30), (45, 30)


# --- binary black lines -------------------------------------------------------------------------


def test_binary_art_is_its_lines_and_palette_colors_and_nothing_else() -> None:
    rgba = character()
    lineart = extract_lineart(rgba)
    segments = find_segments(lineart)
    colors = distinct_colors(len(segments))
    ids = np.arange(1, len(segments) + 1, dtype=np.int32)
    out = compose(Covering(rgba, lineart), segments.labels, ids, palette_of(*colors))
    np.testing.assert_array_equal(out[lineart.ink], rgba[lineart.ink])
    expected = np.array([opaque(c) for c in colors], np.uint8)
    inside = segments.labels > 0
    np.testing.assert_array_equal(out[inside], expected[segments.labels[inside] - 1])


def test_lines_of_any_dark_color_keep_their_bytes() -> None:
    sheet = Sheet(60, 60).box((5, 5), (50, 50))
    sheet.color = BROWN
    sheet.line((30, 6), (30, 49))
    sheet.color = (17, 4, 9)
    sheet.line((6, 30), (29, 30))
    out, lineart, _ = paint(sheet.rgba, {(10, 10): DARK, (10, 40): MIDDLE, (40, 10): LIGHT})
    np.testing.assert_array_equal(out[lineart.ink], sheet.rgba[lineart.ink])


@pytest.mark.parametrize("default", [PAPER, UNKNOWN])
def test_paper_and_unknown_segments_stay_as_they_were(default: int) -> None:
    sheet = halves(soft=True, thickness=2)
    sheet.rgba[30, 30] = (251, 252, 253, 255)  # a speck of dirt on the paper
    out, _, _ = paint(sheet.rgba, {}, default=default)
    np.testing.assert_array_equal(out, sheet.rgba)


def test_a_drawing_without_segments_stays() -> None:
    rgba = np.zeros((4, 4, 4), np.uint8)
    rgba[..., 3] = 255
    out, _, segments = paint(rgba, {})
    assert len(segments) == 0
    np.testing.assert_array_equal(out, rgba)


def test_dirt_in_a_painted_segment_is_painted_over() -> None:
    sheet = halves()
    sheet.rgba[30, 30, :3] = 230
    out, _, _ = paint(sheet.rgba, {LEFT: DARK})
    assert color_at(out, 30, 30) == opaque(DARK)


# --- transparent paper --------------------------------------------------------------------------


def test_transparent_paper_stays_transparent_where_nothing_is_painted() -> None:
    rgba = on_transparent(halves().rgba)
    out, lineart, segments = paint(rgba, {LEFT: LIGHT})
    np.testing.assert_array_equal(out[lineart.ink], rgba[lineart.ink])
    np.testing.assert_array_equal(out[segments.labels == 1], rgba[segments.labels == 1])
    assert colors_in(out, segments.labels == 2) == {opaque(LIGHT)}


@pytest.mark.parametrize(("make", "line"), [(on_transparent, 0), (only_alpha, 255)])
def test_soft_lines_on_transparent_paper_are_laid_over_the_fill(
    make: Callable[[Rgba], Rgba], line: int
) -> None:
    rgba = make(halves(soft=True, thickness=2).rgba)
    fill: Color = (100, 100, 100)
    out, lineart, segments = paint(rgba, {LEFT: fill})
    assert len(segments) == 2
    inside = np.zeros((60, 60), bool)
    inside[14:47, 8:30] = True
    inside &= (lineart.coverage > 0) & (segments.labels != 1)
    alpha = rgba[..., 3][inside].astype(float) / 255
    expected = fill[0] * (1 - alpha) + line * alpha
    assert (out[..., 3][inside] == 255).all()
    np.testing.assert_allclose(out[..., 0][inside], expected, atol=5)


# --- antialiased lines --------------------------------------------------------------------------


@pytest.mark.parametrize("thickness", [1, 2, 3])
@pytest.mark.parametrize("fill", [DARK, MIDDLE, (0, 0, 0), (20, 90, 200)])
def test_no_light_fringe_between_a_soft_line_and_its_fills(fill: Color, thickness: int) -> None:
    sheet = Sheet(80, 80, thickness=thickness, soft=True).circle((40, 40), 30)
    sheet.line((15, 30), (66, 52))
    lineart = extract_lineart(sheet.rgba)
    segments = find_segments(lineart, OFF)
    out = compose(
        Covering(sheet.rgba, lineart),
        segments.labels,
        np.ones(len(segments), np.int32),
        palette_of(fill),
    )
    assert (out[..., :3] <= np.maximum(fill, 5)).all()
    assert (out[..., 3] == 255).all()
    bare = lineart.coverage == 0
    assert colors_in(out, bare) == {opaque(fill)}
    full = lineart.coverage >= 250
    np.testing.assert_array_equal(out[full], sheet.rgba[full])
    # In between the line covers the fill by its coverage; full lines are black within 5 levels.
    share = 1 - lineart.coverage[..., None].astype(float) / 255
    soft = (lineart.coverage > 5) & ~full
    expected = share * np.array(fill)
    assert np.abs(out[..., :3] - expected)[soft].max(initial=0) <= 6


def test_a_soft_line_between_two_fills_is_no_lighter_than_the_lighter() -> None:
    sheet = halves(soft=True, thickness=2).line((30, 11), (30, 49))
    out, _, _ = paint(sheet.rgba, {LEFT: DARK, RIGHT: MIDDLE, (2, 2): MIDDLE})
    assert (out[..., :3] <= np.array(MIDDLE)).all()
    left = out[14:47, 14:30, :3]
    assert (left <= np.array(DARK)).all()


def test_the_rim_towards_bare_paper_stays_as_it_was() -> None:
    sheet = halves(soft=True, thickness=2)
    out, _, segments = paint(sheet.rgba, {LEFT: DARK})
    outside = segments.labels == 1
    np.testing.assert_array_equal(out[outside], sheet.rgba[outside])


def test_a_soft_line_of_another_color_keeps_its_hue() -> None:
    sheet = Sheet(40, 40, soft=True, thickness=3)
    sheet.color = BROWN
    sheet.line((0, 0), (39, 30))
    out, lineart, _ = paint(sheet.rgba, {(2, 35): DARK, (35, 2): DARK})
    soft = (lineart.coverage > 5) & (lineart.coverage < 240)
    assert soft.any()
    assert (out[soft][:, :3] >= np.minimum(BROWN, DARK) - 10).all()
    assert (out[soft][:, :3] <= np.maximum(BROWN, DARK) + 10).all()


# --- colour traces ------------------------------------------------------------------------------


@pytest.mark.parametrize("hue", [RED, GREEN, BLUE, YELLOW_GREEN])
@pytest.mark.parametrize("soft", [False, True])
@pytest.mark.parametrize("swap", [False, True])
def test_a_trace_takes_the_darker_fill(hue: Color, soft: bool, swap: bool) -> None:
    sheet = halves(hue, soft=soft)
    one, two = (DARK, MIDDLE) if swap else (MIDDLE, DARK)
    out, lineart, _ = paint(sheet.rgba, {LEFT: one, RIGHT: two})
    trace = (lineart.trace > 0) & (lineart.ink)
    assert trace.sum() >= 30
    trace[:14] = trace[47:] = False  # its ends mix with the black line if that is soft
    assert colors_in(out, trace) == {opaque(DARK)}
    assert colors_in(out[14:47, 14:47], np.ones((33, 33), bool)) == {opaque(MIDDLE), opaque(DARK)}


@pytest.mark.parametrize("thickness", [1, 2, 3, 5])
def test_a_wide_trace_leaves_nothing(thickness: int) -> None:
    sheet = halves(RED)
    sheet.color, sheet.thickness = RED, thickness
    sheet.line((30, 16), (30, 44))
    out, lineart, _ = paint(sheet.rgba, {LEFT: MIDDLE, RIGHT: DARK})
    black = lineart.ink & (lineart.trace == 0)
    assert colors_in(out[10:51, 10:51], ~black[10:51, 10:51]) == {opaque(MIDDLE), opaque(DARK)}
    np.testing.assert_array_equal(out[black], sheet.rgba[black])


def test_traces_that_cross_leave_nothing() -> None:
    sheet = halves(RED)
    sheet.color = BLUE
    sheet.line((11, 30), (49, 30))
    fills = {(15, 15): LIGHT, (45, 15): MIDDLE, (15, 45): MIDDLE, (45, 45): DARK}
    out, lineart, _ = paint(sheet.rgba, fills)
    black = lineart.ink & (lineart.trace == 0)
    allowed = {opaque(c) for c in (LIGHT, MIDDLE, DARK)}
    assert colors_in(out[10:51, 10:51], ~black[10:51, 10:51]) == allowed
    assert color_at(out, 30, 20) == opaque(MIDDLE)
    assert color_at(out, 30, 40) == opaque(DARK)


def test_a_trace_inside_one_fill_vanishes() -> None:
    sheet = halves()
    sheet.color = BLUE
    sheet.line((20, 25), (40, 35))
    out, _, _ = paint(sheet.rgba, {LEFT: MIDDLE})
    assert colors_in(out[11:50, 11:50], np.ones((39, 39), bool)) == {opaque(MIDDLE)}


def test_a_trace_does_not_take_a_color_across_a_black_line() -> None:
    # Black, then a red line right beside it; beyond the black is the darkest fill.
    sheet = Sheet(40, 40).line((20, 0), (20, 39))
    sheet.color = RED
    sheet.line((21, 0), (21, 39))
    out, lineart, _ = paint(sheet.rgba, {(5, 5): DARK, (35, 5): LIGHT})
    assert colors_in(out, lineart.trace > 0) == {opaque(LIGHT)}


@pytest.mark.parametrize("flip", [False, True])
def test_a_trace_does_not_take_a_color_across_a_black_diagonal(flip: bool) -> None:
    sheet = Sheet(40, 40).line((0, 0), (39, 39))
    sheet.color = RED
    sheet.line((1, 0), (39, 38))
    rgba = np.ascontiguousarray(sheet.rgba[:, ::-1]) if flip else sheet.rgba
    below, above = ((35, 35), (5, 5)) if flip else ((5, 35), (35, 5))
    above = (2, 5) if flip else above
    out, lineart, _ = paint(rgba, {below: DARK, above: LIGHT})
    assert colors_in(out, lineart.trace > 0) == {opaque(LIGHT)}


def test_a_trace_that_ends_at_a_black_diagonal_keeps_to_its_side() -> None:
    sheet = Sheet(40, 40).line((0, 0), (39, 39))
    sheet.color = RED
    sheet.line((21, 20), (39, 20))
    out, lineart, _ = paint(sheet.rgba, {(5, 35): DARK, (25, 5): MIDDLE, (35, 28): LIGHT})
    assert colors_in(out, lineart.trace > 0) == {opaque(MIDDLE)}


@pytest.mark.parametrize("paper", [(255, 255, 255, 255), (0, 0, 0, 0)])
@pytest.mark.parametrize("color", [WHITE, LIGHT, DARK])
def test_beside_bare_paper_a_trace_takes_the_paint(
    color: Color, paper: tuple[int, int, int, int]
) -> None:
    sheet = Sheet(40, 40, paper=paper).box((5, 5), (34, 34))
    sheet.color = RED
    sheet.line((20, 6), (20, 33))
    out, _, _ = paint(sheet.rgba, {(10, 10): color})
    assert color_at(out, 20, 20) == opaque(color)
    assert color_at(out, 21, 20) == paper


@pytest.mark.parametrize(
    "paper", [(255, 255, 255, 255), (0, 0, 0, 0), (180, 180, 180, 255), (255, 255, 255, 0)]
)
def test_a_trace_in_bare_paper_becomes_paper(paper: tuple[int, int, int, int]) -> None:
    sheet = Sheet(40, 40, paper=paper)
    sheet.color = BLUE
    sheet.line((20, 0), (20, 39))
    sheet.color = (0, 0, 0)
    sheet.line((5, 0), (5, 39))
    out, _, _ = paint(sheet.rgba, {})
    assert color_at(out, 20, 20) == paper


def test_keep_leaves_traces_as_they_are() -> None:
    sheet = halves(RED)
    out, lineart, _ = paint(sheet.rgba, {LEFT: MIDDLE, RIGHT: DARK}, keep=True)
    np.testing.assert_array_equal(out[lineart.ink], sheet.rgba[lineart.ink])
    assert color_at(out, 30, 30) == opaque(RED)


def test_keep_lays_soft_traces_over_the_fill() -> None:
    sheet = Sheet(40, 40, soft=True, thickness=3)
    sheet.color = RED
    sheet.line((0, 3), (39, 30))
    out, lineart, _ = paint(sheet.rgba, {(2, 35): DARK, (35, 2): DARK}, keep=True)
    soft = (lineart.coverage > 5) & (lineart.coverage < 245)
    assert (out[soft][:, 1] <= DARK[1]).all()  # red over a dark fill: nowhere white
    assert (out[soft][:, 2] <= DARK[2]).all()


@pytest.mark.parametrize("all_trace", [None, True])
def test_all_trace_cels_keep_no_line(all_trace: bool | None) -> None:
    sheet = Sheet(60, 60)
    sheet.color = RED if all_trace is None else (0, 0, 0)
    sheet.box((10, 10), (50, 50)).line((30, 11), (30, 49))
    fills = {LEFT: MIDDLE, RIGHT: DARK, (2, 2): LIGHT}
    out, lineart, _ = paint(sheet.rgba, fills, all_trace=all_trace)
    assert lineart.all_trace
    everywhere = np.ones((60, 60), bool)
    assert colors_in(out, everywhere) == {opaque(c) for c in (LIGHT, MIDDLE, DARK)}
    assert color_at(out, 30, 30) == opaque(DARK)
    assert color_at(out, 10, 30) == opaque(MIDDLE)
    assert color_at(out, 50, 30) == opaque(DARK)


def test_all_trace_denied_keeps_black_lines() -> None:
    sheet = Sheet(60, 60).box((10, 10), (50, 50))
    out, lineart, _ = paint(sheet.rgba, {LEFT: DARK}, all_trace=False)
    np.testing.assert_array_equal(out[lineart.ink], sheet.rgba[lineart.ink])


def test_soft_all_trace_cels_leave_no_rim() -> None:
    sheet = Sheet(60, 60, soft=True, thickness=2)
    sheet.color = BLUE
    sheet.circle((30, 30), 20)
    out, _, _ = paint(sheet.rgba, {(30, 30): MIDDLE, (2, 2): DARK})
    assert colors_in(out, np.ones((60, 60), bool)) == {opaque(MIDDLE), opaque(DARK)}


@pytest.mark.parametrize("transparent", [False, True])
def test_soft_all_trace_cels_leave_no_rim_on_bare_paper(transparent: bool) -> None:
    sheet = Sheet(60, 60, soft=True, thickness=2).circle((30, 30), 20)
    rgba = on_transparent(sheet.rgba) if transparent else sheet.rgba
    out, _, _ = paint(rgba, {(30, 30): MIDDLE}, all_trace=True)
    unpainted = out[(out != opaque(MIDDLE)).any(axis=-1)].astype(int)
    assert np.abs(unpainted - rgba[0, 0]).max() <= BARE_COVERAGE


# --- 16 bits, palettes with alpha ---------------------------------------------------------------


@pytest.mark.parametrize("soft", [False, True])
def test_16_bit_drawings_get_16_bit_colors(soft: bool) -> None:
    sheet = halves(RED, soft=soft)
    drawing = to_u16(sheet.rgba)
    lineart = extract_lineart(sheet.rgba)
    segments = find_segments(lineart, OFF)
    exact = np.array([[1234, 40000, 65535, 65535], [7, 300, 9000, 65535]], np.uint16)
    palette, _ = Palette().extended(exact)
    ids = np.zeros(len(segments), np.int32)
    ids[at(segments, LEFT) - 1], ids[at(segments, RIGHT) - 1] = 1, 2
    before = drawing.copy()
    out = compose(Covering(drawing, lineart), segments.labels, ids, palette)
    assert out.dtype == np.uint16
    np.testing.assert_array_equal(drawing, before)
    np.testing.assert_array_equal(out[30, 20], exact[0])
    np.testing.assert_array_equal(out[30, 40], exact[1])
    np.testing.assert_array_equal(out[30, 30], exact[1])
    whole = (lineart.coverage >= 250) & (lineart.trace == 0)
    np.testing.assert_array_equal(out[whole], drawing[whole])


def test_16_bit_lines_keep_their_low_bits() -> None:
    sheet = halves()
    drawing = to_u16(sheet.rgba)
    lineart = extract_lineart(sheet.rgba)
    rng = np.random.default_rng(0)
    drawing[lineart.ink, :3] = rng.integers(0, 200, (int(lineart.ink.sum()), 3))
    segments = find_segments(lineart, OFF)
    out = compose(
        Covering(drawing, lineart), segments.labels, np.array([0, 1], np.int32), palette_of(LIGHT)
    )
    np.testing.assert_array_equal(out[lineart.ink], drawing[lineart.ink])


def test_translucent_paint_is_written_as_it_is() -> None:
    palette, _ = Palette().extended(np.array([[65535, 0, 0, 32896]], np.uint16))
    sheet = Sheet(20, 20).box((5, 5), (14, 14))
    lineart = extract_lineart(sheet.rgba)
    labels = find_segments(lineart).labels
    out = compose(Covering(sheet.rgba, lineart), labels, np.array([0, 1], np.int32), palette)
    assert color_at(out, 10, 10) == (255, 0, 0, 128)


def laid_over(layer: Rgba, paper: Color) -> Rgba:
    """(H, W, 3) uint8: a layer on paper."""
    share = layer[..., 3:].astype(np.float64) / 255
    mixed = layer[..., :3] * share + np.array(paper) * (1 - share)
    return mixed.round().astype(np.uint8)


@pytest.mark.parametrize("line", [None, BROWN, RED])
@pytest.mark.parametrize("soft", [False, True])
def test_lifted_lines_on_paper_are_the_drawing_again(line: Color | None, soft: bool) -> None:
    rgba = halves(line, soft, 3).rgba
    layer = lift_lines(Covering(rgba, as_lines(extract_lineart(rgba))))
    np.testing.assert_array_equal(laid_over(layer, WHITE), rgba[..., :3])
    assert (layer[..., 3] == 0).any()
    assert not layer[layer[..., 3] == 0].any()


def test_lifted_lines_of_a_transparent_drawing_are_its_own_pixels() -> None:
    rgba = on_transparent(halves(soft=True, thickness=3).rgba)
    layer = lift_lines(Covering(rgba, as_lines(extract_lineart(rgba))))
    np.testing.assert_array_equal(layer[..., 3], rgba[..., 3])
    seen = rgba[..., 3] > 0
    np.testing.assert_array_equal(layer[seen], rgba[seen])


def test_traces_that_paint_replaces_are_not_lifted() -> None:
    rgba = halves(RED, thickness=3).rgba
    lineart = extract_lineart(rgba)
    assert (lineart.trace > 0).any()
    kept, filled = (
        lift_lines(Covering(rgba, lines))[..., 3] > 0 for lines in (as_lines(lineart), lineart)
    )
    np.testing.assert_array_equal(kept, lineart.ink)
    np.testing.assert_array_equal(filled, lineart.ink & (lineart.trace == 0))


@pytest.mark.parametrize("paper", [(255, 255, 255, 255), (0, 0, 0, 0), (230, 220, 200, 255)])
def test_the_paper_color_is_found(paper: tuple[int, int, int, int]) -> None:
    rgba = Sheet(40, 40, paper).line((5, 20), (35, 20)).rgba
    assert paper_color(rgba, extract_lineart(rgba)).tolist() == list(paper)
    deep = to_u16(rgba)
    assert paper_color(deep, extract_lineart(rgba)).tolist() == [v * 257 for v in paper]
