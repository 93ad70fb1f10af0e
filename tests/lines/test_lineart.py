"""Ink, traces and paper of drawings as they come from studios, scanners and paint programs."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import pytest

from shiage.files.pictures import to_u8
from shiage.lines.lineart import (
    TRACE_HUES,
    LineSettings,
    TraceHue,
    choose_threshold,
    extract_lineart,
    flatten_on_white,
    lineart_from_painting,
)
from tests.drawings import (
    BLACK,
    BLUE,
    BROWN,
    GREEN,
    RED,
    YELLOW_GREEN,
    Color,
    Rgba,
    Sheet,
    coverage_of,
    on_grey,
    on_transparent,
    only_alpha,
    scanned,
    to_u16,
)


def drawing(soft: bool = False, thickness: int = 2) -> Rgba:
    sheet = Sheet(120, 160, soft=soft, thickness=thickness).box((10, 10), (150, 110))
    return sheet.circle((60, 60), 30).line((100, 20), (140, 100)).rgba


def stroke(color: Color, soft: bool = False, thickness: int = 2) -> Rgba:
    """A slanted stroke of that color and a black box."""
    sheet = Sheet(80, 80, soft=soft, thickness=thickness).box((10, 10), (70, 70))
    sheet.color = color
    return sheet.line((20, 20), (60, 50)).rgba


# --- ink ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda rgba: rgba, id="white"),
        pytest.param(on_transparent, id="transparent"),
        pytest.param(only_alpha, id="alpha-only"),
        pytest.param(on_grey, id="grey"),
        pytest.param(lambda rgba: on_grey(rgba, 90), id="dark-grey"),
        pytest.param(scanned, id="scan"),
    ],
)
def test_binary_lines_are_found_exactly_on_any_paper(change: Callable[[Rgba], Rgba]) -> None:
    rgba = drawing()
    lineart = extract_lineart(change(rgba))
    np.testing.assert_array_equal(lineart.ink, rgba[..., 0] == 0)
    assert not lineart.trace.any()
    assert not lineart.all_trace
    assert lineart.size_hw == (120, 160)


@pytest.mark.parametrize(
    "change", [lambda rgba: rgba, on_transparent, only_alpha, on_grey], ids=["w", "t", "a", "g"]
)
def test_coverage_of_soft_lines_is_the_same_on_any_paper(change: Callable[[Rgba], Rgba]) -> None:
    rgba = drawing(soft=True)
    lineart = extract_lineart(change(rgba))
    wrong = np.abs(lineart.coverage.astype(int) - coverage_of(rgba))
    assert wrong.max() <= 1
    assert lineart.coverage[0, 0] == 0
    assert lineart.coverage.max() >= 250


def test_a_one_bit_picture() -> None:
    bits = np.random.default_rng(0).random((40, 50)) < 0.2
    rgba = np.full((40, 50, 4), 255, np.uint8)
    rgba[bits, :3] = 0
    lineart = extract_lineart(rgba)
    np.testing.assert_array_equal(lineart.ink, bits)
    assert set(np.unique(lineart.coverage)) == {0, 255}


@pytest.mark.parametrize("soft", [False, True])
def test_an_uneven_scan_keeps_its_lines_apart_from_paper(soft: bool) -> None:
    rgba = drawing(soft)
    ink = extract_lineart(scanned(rgba)).ink
    expected = coverage_of(rgba)
    assert ink[expected > 180].all()
    assert not ink[expected < 20].any()


def test_a_scan_with_thick_black_areas() -> None:
    rgba = drawing()
    cv2.circle(rgba, (60, 60), 12, (0, 0, 0, 255), -1)
    ink = extract_lineart(scanned(rgba)).ink
    np.testing.assert_array_equal(ink, rgba[..., 0] == 0)


@pytest.mark.parametrize(
    ("level", "all_ink"), [(255, False), (180, False), (128, False), (81, False), (0, True)]
)
def test_a_picture_of_one_level(level: int, all_ink: bool) -> None:
    rgba = np.full((30, 40, 4), level, np.uint8)
    rgba[..., 3] = 255
    lineart = extract_lineart(rgba)
    assert lineart.ink.all() == lineart.ink.any() == all_ink
    assert lineart.line_width >= 1


@pytest.mark.parametrize("fill", [(0, 0, 0, 0), (255, 255, 255, 0), (9, 200, 7, 0)])
def test_an_empty_layer_has_no_ink(fill: tuple[int, int, int, int]) -> None:
    lineart = extract_lineart(np.full((30, 40, 4), fill, np.uint8))
    assert not lineart.ink.any()
    assert not lineart.coverage.any()


@pytest.mark.parametrize("size_hw", [(1, 1), (1, 30), (30, 1), (2, 3)])
def test_tiny_pictures(size_hw: tuple[int, int]) -> None:
    for level in (0, 100, 255):
        rgba = np.full((*size_hw, 4), level, np.uint8)
        assert extract_lineart(rgba).size_hw == size_hw


@pytest.mark.parametrize("level", [255, 250, 230])
def test_bright_lines_on_transparent_paper_are_found_by_their_alpha(level: int) -> None:
    rgba = only_alpha(drawing())
    rgba[..., :3] = level
    np.testing.assert_array_equal(extract_lineart(rgba).ink, rgba[..., 3] == 255)


def test_white_under_transparent_ink_colors() -> None:
    rgba = np.array([[[0, 0, 0, 255], [0, 0, 0, 128], [10, 20, 30, 0]]], np.uint8)
    assert flatten_on_white(rgba)[0].tolist() == [[0, 0, 0], [127, 127, 127], [255, 255, 255]]


# --- threshold ----------------------------------------------------------------------------------


@pytest.mark.parametrize("threshold", [1, 40, 128, 200, 255])
def test_a_given_threshold_is_the_least_coverage_of_ink(threshold: int) -> None:
    rgba = drawing(soft=True)
    ink = extract_lineart(rgba, LineSettings(threshold=threshold)).ink
    np.testing.assert_array_equal(ink, coverage_of(rgba) >= threshold)


def test_the_automatic_threshold_stays_in_its_range() -> None:
    faint, dark = np.zeros((20, 20), np.uint8), np.zeros((20, 20), np.uint8)
    faint[::4], dark[::4], dark[1::4] = 20, 255, 210
    assert choose_threshold(faint) == 51
    assert 51 <= choose_threshold(dark) <= 128
    assert choose_threshold(np.zeros((5, 5), np.uint8)) == 51
    assert choose_threshold(np.full((5, 5), 255, np.uint8)) <= 128


def test_pencil_grey_lines_are_ink() -> None:
    sheet = Sheet(60, 60)
    sheet.color = (150, 150, 150)
    sheet.box((10, 10), (50, 50))
    np.testing.assert_array_equal(extract_lineart(sheet.rgba).ink, sheet.rgba[..., 0] == 150)


# --- traces -------------------------------------------------------------------------------------

HUES: list[tuple[Color, int]] = [
    (RED, 1),
    ((220, 40, 40), 1),
    ((255, 0, 100), 1),
    (YELLOW_GREEN, 2),
    ((255, 255, 0), 2),
    (GREEN, 3),
    ((30, 180, 60), 3),
    (BLUE, 4),
    ((0, 160, 255), 4),
    ((60, 60, 230), 4),
    (BLACK, 0),
    (BROWN, 0),
    ((90, 60, 40), 0),
    ((20, 20, 50), 0),
    ((70, 70, 70), 0),
    ((255, 140, 0), 0),
    ((160, 0, 220), 0),
]


@pytest.mark.parametrize("soft", [False, True])
@pytest.mark.parametrize(("color", "number"), HUES)
def test_traces_are_told_by_their_hue(color: Color, number: int, soft: bool) -> None:
    rgba = stroke(color, soft)
    lineart = extract_lineart(rgba)
    line = np.zeros((80, 80), bool)
    line[18:55, 16:66] = lineart.ink[18:55, 16:66]
    assert line.sum() > 80
    assert set(np.unique(lineart.trace[line])) == {number}
    assert not lineart.trace[~line].any()


@pytest.mark.parametrize("change", [on_grey, lambda rgba: on_grey(rgba, 200)])
@pytest.mark.parametrize(("color", "number"), [(RED, 1), (GREEN, 3), (BLUE, 4), (BLACK, 0)])
def test_traces_on_grey_paper(color: Color, number: int, change: Callable[[Rgba], Rgba]) -> None:
    lineart = extract_lineart(change(stroke(color)))
    assert lineart.trace[35, 40] == number
    assert not lineart.trace[~lineart.ink].any()


def test_traces_on_transparent_paper() -> None:
    sheet = Sheet(60, 60, paper=(0, 0, 0, 0)).box((5, 5), (54, 54))
    sheet.color = BLUE
    sheet.line((10, 30), (50, 30))
    lineart = extract_lineart(sheet.rgba)
    assert (lineart.trace[30, 10:51] == 4).all()
    assert np.count_nonzero(lineart.trace) == 41
    np.testing.assert_array_equal(lineart.ink, sheet.rgba[..., 3] == 255)


def test_the_rim_between_black_and_trace_lines_holds_no_third_hue() -> None:
    sheet = Sheet(80, 80, soft=True, thickness=2)
    sheet.color = RED
    sheet.line((5, 10), (75, 70))
    sheet.color = BLACK
    sheet.line((5, 60), (75, 15))
    lineart = extract_lineart(sheet.rgba)
    assert set(np.unique(lineart.trace)) == {0, 1}


def test_hues_are_a_setting() -> None:
    rgba = stroke((255, 140, 0))
    orange = LineSettings(trace_hues=(*TRACE_HUES, TraceHue("orange", 20, 50)))
    assert extract_lineart(rgba, orange).trace.max() == 5
    assert extract_lineart(stroke(RED), LineSettings(trace_hues=())).trace.max() == 0


@pytest.mark.parametrize(
    ("hue", "degrees", "inside"),
    [
        (TraceHue("a", 30, 60), [29, 30, 59, 60], [False, True, True, False]),
        (
            TraceHue("b", 330, 30),
            [329, 330, 359, 0, 29, 30],
            [False, True, True, True, True, False],
        ),
    ],
)
def test_a_hue_range_may_pass_through_zero(
    hue: TraceHue, degrees: list[int], inside: list[bool]
) -> None:
    assert hue.contains(np.array(degrees, np.float32)).tolist() == inside


def test_usual_hues_do_not_overlap() -> None:
    degrees = np.arange(360, dtype=np.float32)
    assert np.sum([hue.contains(degrees) for hue in TRACE_HUES], axis=0).max() == 1


# --- all-trace cels -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("colors", "setting", "expected"),
    [
        ([RED, BLUE], None, True),
        ([RED], None, True),
        ([RED, BLACK], None, False),
        ([BLACK], None, False),
        ([], None, False),
        ([BLACK], True, True),
        ([RED], False, False),
    ],
)
def test_all_trace(colors: list[Color], setting: bool | None, expected: bool) -> None:
    sheet = Sheet(80, 80)
    for at, color in enumerate(colors):
        sheet.color = color
        sheet.circle((20 + 30 * at, 40), 15)
    assert extract_lineart(sheet.rgba, LineSettings(all_trace=setting)).all_trace is expected


# --- line width ---------------------------------------------------------------------------------


@pytest.mark.parametrize("width", [1, 2, 3, 4, 6, 8])
def test_line_width_of_straight_lines(width: int) -> None:
    rgba = np.full((120, 120, 4), 255, np.uint8)
    for y in range(10, 110, 25):
        rgba[y : y + width, 5:115, :3] = 0
    lineart = extract_lineart(rgba)
    assert lineart.line_width == pytest.approx(max(2, width), rel=0.1)


def test_solid_blacks_do_not_make_lines_wide() -> None:
    rgba = np.full((200, 200, 4), 255, np.uint8)
    rgba[20:22, 5:195, :3] = 0
    rgba[180:182, 5:195, :3] = 0
    rgba[60:140, 60:140, :3] = 0
    assert extract_lineart(rgba).line_width == pytest.approx(2, rel=0.1)


# --- lines of a painting ------------------------------------------------------------------------


def test_lines_of_a_painting_are_its_thin_blacks_and_its_borders() -> None:
    painting = np.full((60, 80, 4), 255, np.uint8)
    painting[10:50, 10:40, :3] = (200, 90, 80)
    painting[10:50, 40:70, :3] = (90, 90, 200)
    painting[9:51, 9, :3] = 0
    painting[9:51, 70, :3] = 0
    painting[9, 9:71, :3] = 0
    painting[50, 9:71, :3] = 0
    for rgba in (painting, to_u16(painting)):
        lineart = lineart_from_painting(rgba)
        expected = (painting[..., :3] == 0).all(axis=-1)
        expected[10:50, 39] = True
        np.testing.assert_array_equal(lineart.ink, expected)
        assert not lineart.trace.any()


def test_lines_of_a_painting_in_16_bits_are_those_of_its_nearest_levels_in_8() -> None:
    painting = to_u16(np.full((60, 80, 4), 255, np.uint8))
    painting[29:32, 5:75, :3] = 80 * 257 + 200  # level 81, which is no black any more
    ink = lineart_from_painting(painting).ink
    np.testing.assert_array_equal(ink, lineart_from_painting(to_u8(painting)).ink)
    assert not ink[30, 6:74].any()


def test_transparent_black_is_no_line() -> None:
    painting = np.zeros((30, 30, 4), np.uint8)
    painting[10:20, 10:20] = (200, 90, 80, 255)
    ink = lineart_from_painting(painting).ink
    assert not ink[:9].any()
    assert not ink[12:18, 12:18].any()
