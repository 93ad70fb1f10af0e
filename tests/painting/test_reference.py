"""A coloured cel gives the exact color of each segment, and says what is odd, with the place."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from shiage.colors.palette import PAPER, Palette
from shiage.errors import NotPaintedYet, ReferenceUnusable, SizeMismatch
from shiage.files.packing import pack_colors
from shiage.lines.lineart import extract_lineart
from shiage.lines.segments import SegmentSettings, find_segments
from shiage.painting.compose import compose
from shiage.painting.covering import Covering
from shiage.painting.reference import Reference, build_reference
from tests.drawings import (
    RED,
    WHITE,
    Color,
    Rgba,
    Sheet,
    at,
    character,
    distinct_colors,
    flat_painting,
    palette_of,
    scanned,
    to_u16,
)

SKIN: Color = (250, 210, 190)
SHADE: Color = (180, 110, 100)
CLOTH: Color = (40, 90, 160)


def boxes(soft: bool = False, thickness: int = 1) -> Rgba:
    """A box of two halves with a circle in the right one."""
    sheet = Sheet(80, 100, soft=soft, thickness=thickness).box((10, 10), (90, 70))
    return sheet.line((50, 10), (50, 70)).circle((70, 40), 10).rgba


LEFT, RIGHT, CIRCLE = (30, 40), (55, 20), (70, 40)


def painted(drawing: Rgba) -> Rgba:
    """The boxes in flat colors, on white."""
    labels = find_segments(extract_lineart(drawing)).labels
    colors = {LEFT: SKIN, RIGHT: SHADE, CIRCLE: CLOTH}
    return flat_painting(labels, {int(labels[y, x]): c for (x, y), c in colors.items()})


def build(painting: Rgba, drawing: Rgba | None) -> tuple[Reference, dict[Color, int]]:
    reference, palette = build_reference("A0001", painting, drawing, Palette())
    rows = palette.rgba_u8.tolist()
    return reference, {(r, g, b): i for i, (r, g, b, _) in enumerate(rows) if i}


def kinds(reference: Reference) -> list[str]:
    return [warning.kind for warning in reference.warnings]


# --- colors -------------------------------------------------------------------------------------


def test_each_segment_gets_its_exact_color_and_no_warning() -> None:
    drawing = boxes()
    reference, ids = build(painted(drawing), drawing)
    assert reference.warnings == ()
    assert len(reference.segments) == 4
    expected = {LEFT: ids[SKIN], RIGHT: ids[SHADE], CIRCLE: ids[CLOTH], (0, 0): PAPER}
    for point, color_id in expected.items():
        assert reference.color_ids[at(reference.segments, point) - 1] == color_id


def test_many_segments_many_colors() -> None:
    drawing = character()
    segments = find_segments(extract_lineart(drawing))
    colors = distinct_colors(len(segments))
    painting = flat_painting(segments.labels, dict(enumerate(colors, start=1)))
    reference, palette = build_reference("A", painting, drawing, Palette())
    assert palette.rgba_u8[reference.color_ids, :3].tolist() == [list(c) for c in colors]


def test_the_majority_wins_exactly() -> None:
    drawing = boxes()
    painting = painted(drawing)
    near: Color = (SKIN[0], SKIN[1], SKIN[2] + 1)  # one level off is another color
    painting[11:70, 11:30, :3] = near  # 19 of 39 columns
    reference, ids = build(painting, drawing)
    left = at(reference.segments, LEFT) - 1
    assert reference.color_ids[left] == ids[SKIN]
    painting[11:70, 30:32, :3] = near  # 21 of 39
    reference, ids = build(painting, drawing)
    assert reference.color_ids[left] == ids[near]


def test_known_colors_keep_their_ids() -> None:
    drawing = boxes()
    known = palette_of(CLOTH, (1, 2, 3))
    reference, palette = build_reference("A", painted(drawing), drawing, known)
    assert palette.rgba_u8[:3].tolist() == known.rgba_u8.tolist()
    assert reference.color_ids[at(reference.segments, CIRCLE) - 1] == 1
    assert len(palette) == 5


def test_16_bit_colors_are_exact() -> None:
    drawing = boxes()
    painting = to_u16(painted(drawing))
    painting[(painting == np.array((*CLOTH, 255)) * 257).all(axis=-1)] = (12345, 678, 65535, 65535)
    reference, palette = build_reference("A", painting, drawing, Palette())
    assert reference.warnings == ()
    circle = int(reference.color_ids[at(reference.segments, CIRCLE) - 1])
    assert palette.rgba_u16[circle].tolist() == [12345, 678, 65535, 65535]
    left = int(reference.color_ids[at(reference.segments, LEFT) - 1])
    assert palette.rgba_u8[left].tolist() == [*SKIN, 255]


def test_8_and_16_bits_give_one_color() -> None:
    drawing = boxes()
    _, palette = build_reference("A", painted(drawing), drawing, Palette())
    reference, again = build_reference("B", to_u16(painted(drawing)), drawing, palette)
    assert len(again) == len(palette) == 4
    assert sorted(reference.color_ids.tolist()) == [0, 1, 2, 3]


def test_packed_colors_are_equal_where_colors_are() -> None:
    rgba = np.array([[[1, 2, 3, 255], [1, 2, 3, 254], [9, 9, 9, 0], [0, 0, 0, 0]]], np.uint8)
    for picture in (rgba, to_u16(rgba)):
        packed = pack_colors(picture)[0].tolist()
        assert packed[2] == packed[3] == 0
        assert len(set(packed)) == 3


# --- paper --------------------------------------------------------------------------------------


def test_white_that_reaches_the_edge_is_paper_and_white_inside_is_paint() -> None:
    drawing = boxes()
    painting = painted(drawing)
    painting[(painting[..., :3] == CLOTH).all(axis=-1), :3] = WHITE
    reference, ids = build(painting, drawing)
    assert reference.color_ids[at(reference.segments, (0, 0)) - 1] == PAPER
    assert reference.color_ids[at(reference.segments, CIRCLE) - 1] == ids[WHITE]


def test_transparent_is_paper_wherever_it_is() -> None:
    drawing = boxes()
    painting = painted(drawing)
    clear = (painting[..., :3] == WHITE).all(axis=-1) | (painting[..., :3] == CLOTH).all(axis=-1)
    painting[clear] = (9, 8, 7, 0)
    reference, _ = build(painting, drawing)
    assert reference.color_ids[at(reference.segments, (0, 0)) - 1] == PAPER
    assert reference.color_ids[at(reference.segments, CIRCLE) - 1] == PAPER


def test_on_transparent_paper_white_at_the_edge_is_paint() -> None:
    sheet = Sheet(60, 60).line((30, 0), (30, 59)).circle((45, 30), 8)
    painting = np.zeros((60, 60, 4), np.uint8)
    painting[:, :31] = (255, 255, 255, 255)
    painting[30, 45] = painting[25:36, 42:49] = (*RED, 255)
    reference, ids = build(painting, sheet.rgba)
    assert reference.color_ids[at(reference.segments, (5, 5)) - 1] == ids[WHITE]


@pytest.mark.parametrize(
    "fill", [(255, 255, 255, 255), (0, 0, 0, 0), (200, 30, 30, 0), (0, 0, 0, 255)]
)
@pytest.mark.parametrize("depth", [np.uint8, np.uint16])
def test_a_blank_painting_is_not_painted_yet(
    fill: tuple[int, int, int, int], depth: type[np.uint8 | np.uint16]
) -> None:
    drawing = boxes()
    painting = np.full_like(drawing, fill)
    pixels = painting if depth is np.uint8 else to_u16(painting)
    for line in (drawing, None):
        with pytest.raises(NotPaintedYet, match="A0001 is blank"):
            build_reference("A0001", pixels, line, Palette())


def test_the_line_drawing_itself_is_no_reference() -> None:
    with pytest.raises(ReferenceUnusable, match="A0001 has no color"):
        build(boxes(), boxes())


def test_sizes_that_differ_are_refused_with_both_sizes() -> None:
    drawing = boxes()
    with pytest.raises(SizeMismatch, match=r"99 x 80.*100 x 80"):
        build(np.ascontiguousarray(painted(drawing)[:, :-1]), drawing)


# --- oddities -----------------------------------------------------------------------------------


@pytest.mark.parametrize("shift", [(3, 0), (0, 4), (-5, 2), (6, -6)])
def test_a_shifted_painting_is_told_with_its_shift(shift: tuple[int, int]) -> None:
    drawing = character()
    segments = find_segments(extract_lineart(drawing))
    colors = distinct_colors(len(segments))
    painting = flat_painting(segments.labels, dict(enumerate(colors, start=1)))
    moved = np.roll(painting, shift[::-1], axis=(0, 1))
    reference, _ = build(moved, drawing)
    assert kinds(reference) == ["misaligned"]
    assert f"{shift[0]} px to the right of and {shift[1]} px below" in (
        reference.warnings[0].message
    )


def test_the_painting_of_another_drawing_is_told() -> None:
    painting = painted(boxes())
    other = Sheet(80, 100).ellipse((40, 40), (35, 20)).line((20, 5), (95, 60)).rgba
    reference, _ = build(painting, other)
    assert kinds(reference) == ["misaligned"]
    x, y = reference.warnings[0].xy
    assert f"({x}, {y})" in reference.warnings[0].message


def test_two_colors_in_one_segment_are_told_with_a_place_in_the_second() -> None:
    drawing = character()
    segments = find_segments(extract_lineart(drawing))
    colors = dict(enumerate(distinct_colors(len(segments)), start=1))
    painting = flat_painting(segments.labels, colors)
    face = at(segments, (100, 70))
    second = (segments.labels == face) & (np.arange(240)[:, None] > 90)
    painting[second, :3] = RED
    reference, ids = build(painting, drawing)
    assert kinds(reference) == ["two-colors"]
    x, y = reference.warnings[0].xy
    assert second[y, x]
    assert f"{second.sum()} of {segments.area[face - 1]} pixels" in reference.warnings[0].message
    assert reference.color_ids[face - 1] == ids[colors[face]]


@pytest.mark.parametrize(("pixels", "told"), [(20, False), (70, True)])
def test_a_few_pixels_of_another_color_are_let_pass(pixels: int, told: bool) -> None:
    drawing = character()
    segments = find_segments(extract_lineart(drawing))
    colors = dict(enumerate(distinct_colors(len(segments)), start=1))
    painting = flat_painting(segments.labels, colors)
    body = segments.labels == at(segments, (80, 150))
    y, x = np.nonzero(body)
    painting[y[-pixels:], x[-pixels:], :3] = RED
    reference, _ = build(painting, drawing)
    assert kinds(reference) == (["two-colors"] if told else [])


def test_a_shaded_fill_is_told() -> None:
    drawing = boxes()
    painting = painted(drawing)
    left = find_segments(extract_lineart(drawing)).labels == 2
    shade = np.arange(100)[None, :, None] * np.ones((80, 1, 3))
    painting[left, :3] = np.clip(shade + 100, 0, 255)[left]
    reference, _ = build(painting, drawing)
    # A gradient has borders everywhere, so that it is told of the painting or of the segment.
    assert kinds(reference) in (["misaligned"], ["not-flat"])


def test_one_shaded_fill_among_many_is_told_with_its_place() -> None:
    drawing = character()
    segments = find_segments(extract_lineart(drawing))
    colors = dict(enumerate(distinct_colors(len(segments)), start=1))
    painting = flat_painting(segments.labels, colors)
    pocket = segments.labels == at(segments, (84, 118))
    painting[pocket, 2] = (np.nonzero(pocket)[0] - 100) // 1
    reference, _ = build(painting, drawing)
    assert kinds(reference) == ["not-flat"]
    x, y = reference.warnings[0].xy
    assert pocket[y, x]


@pytest.mark.parametrize("thickness", [1, 2, 3])
def test_a_soft_cel_as_shiage_paints_it_is_a_good_reference(thickness: int) -> None:
    drawing = boxes(soft=True, thickness=thickness)
    lineart = extract_lineart(drawing)
    segments = find_segments(lineart)
    palette = palette_of(SKIN, SHADE, CLOTH)
    ids = np.zeros(len(segments), np.int32)
    for color_id, point in enumerate((LEFT, RIGHT, CIRCLE), start=1):
        ids[at(segments, point) - 1] = color_id
    painting = compose(Covering(drawing, lineart), segments.labels, ids, palette)
    reference, palette = build_reference("A", painting, drawing, palette)
    assert reference.color_ids.tolist() == ids.tolist()
    assert len(palette) == 4
    assert reference.warnings == ()


# --- a painting alone ---------------------------------------------------------------------------


@pytest.mark.parametrize("thickness", [1, 2])
def test_a_painting_alone_has_its_lines_found(thickness: int) -> None:
    drawing = boxes(thickness=thickness)
    painting = painted(drawing)
    reference, ids = build(painting, None)
    np.testing.assert_array_equal(reference.lineart.ink, extract_lineart(drawing).ink)
    assert len(reference.segments) == 4
    assert reference.color_ids[at(reference.segments, CIRCLE) - 1] == ids[CLOTH]


def test_a_painting_alone_parts_fills_that_meet_without_a_line() -> None:
    painting = np.full((60, 60, 4), 255, np.uint8)
    painting[10:50, 10:30, :3] = SKIN
    painting[10:50, 30:50, :3] = SHADE
    reference, ids = build(painting, None)
    assert len(reference.segments) == 3
    assert reference.color_ids[at(reference.segments, (20, 30)) - 1] == ids[SKIN]
    assert reference.color_ids[at(reference.segments, (40, 30)) - 1] == ids[SHADE]
    assert reference.color_ids[at(reference.segments, (2, 2)) - 1] == PAPER


def test_black_fills_of_a_painting_alone_are_segments() -> None:
    painting = np.full((120, 120, 4), 255, np.uint8)
    cv2.circle(painting, (60, 60), 40, (*SKIN, 255), -1)
    cv2.circle(painting, (60, 60), 40, (0, 0, 0, 255), 1)
    cv2.circle(painting, (60, 50), 15, (20, 10, 20, 255), -1)
    reference, ids = build(painting, None)
    hair = reference.color_ids[at(reference.segments, (60, 50)) - 1]
    assert hair == ids[(20, 10, 20)]


def test_a_painting_alone_on_transparent_paper() -> None:
    painting = painted(boxes())
    painting[(painting[..., :3] == WHITE).all(axis=-1)] = 0
    reference, ids = build(painting, None)
    assert len(reference.segments) == 4
    assert reference.color_ids[at(reference.segments, (0, 0)) - 1] == PAPER
    assert reference.color_ids[at(reference.segments, LEFT) - 1] == ids[SKIN]


def test_gap_settings_reach_the_segments() -> None:
    drawing = boxes()
    drawing[38:42, 50, :3] = 255
    painting = painted(boxes())
    settings = SegmentSettings(gap="off")
    reference, _ = build_reference("A", painting, drawing, Palette(), segment_settings=settings)
    assert len(reference.segments) == 3
    assert "two-colors" in kinds(reference)


def test_the_grain_of_scanned_paper_is_no_dithering() -> None:
    drawing = scanned(boxes(thickness=2))
    painting = drawing.copy()
    labels = find_segments(extract_lineart(drawing)).labels
    for (x, y), color in {LEFT: SKIN, RIGHT: SHADE, CIRCLE: CLOTH}.items():
        painting[labels == labels[y, x], :3] = color
    reference, _ = build(painting, drawing)
    assert "dithered" not in kinds(reference)
