"""Dots and strokes in layers, on copies of drawings and in lists; what counts of a stroke."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from shiage.colors.palette import RgbaU16
from shiage.cuts.hints import BARE, Hints, find_dots, place_dots, read_hint_list
from shiage.errors import DamagedHints, SizeMismatch, UnreadableFile
from shiage.files.images import Layout, Picture
from shiage.lines.lineart import extract_lineart
from shiage.lines.segments import find_segments
from tests.drawings import Rgba, Sheet, on_transparent, only_alpha, to_u16

RED, BLUE = (255, 0, 0), (0, 0, 255)
SIZE = 100, 160


def rgba_of(*color: int) -> RgbaU16:
    red, green, blue = color
    return red * 257, green * 257, blue * 257, 65535


def boxes() -> Rgba:
    """Two boxes side by side; a line of 2 px between them and around each."""
    sheet = Sheet(*SIZE, thickness=2)
    return sheet.box((20, 20), (80, 80)).box((80, 20), (140, 80)).rgba


LEFT, RIGHT, PAPER = (50, 50), (110, 50), (5, 5)


def no_dots() -> Rgba:
    return np.zeros((*SIZE, 4), np.uint8)


def picture(pixels: NDArray[np.uint8] | NDArray[np.uint16]) -> Picture:
    return Picture(pixels, Layout("PNG", "RGBA", 16 if pixels.dtype == np.uint16 else 8))


def find(layer: NDArray[np.uint8] | NDArray[np.uint16], drawing: Rgba | None = None) -> Hints:
    drawing = boxes() if drawing is None else drawing
    lineart = extract_lineart(drawing)
    segments = find_segments(lineart)
    return find_dots(Path("A1_hint.png"), picture(layer), picture(drawing), lineart, segments)


def colors(hints: Hints, drawing: Rgba | None = None) -> dict[int, RgbaU16]:
    """Color by label; the dots of a segment all have one."""
    labels = find_segments(extract_lineart(boxes() if drawing is None else drawing)).labels
    found: dict[int, RgbaU16] = {}
    for (x, y), color in hints.dots.items():
        assert found.setdefault(int(labels[y, x]), color) == color
    return found


def label(at: tuple[int, int]) -> int:
    return int(find_segments(extract_lineart(boxes())).labels[at[1], at[0]])


def dot(layer: Rgba, at: tuple[int, int], color: tuple[int, ...], radius: int = 5) -> Rgba:
    cv2.circle(layer, at, radius, (*color, 255), -1)
    return layer


def test_dot_of_a_layer_decides_its_segment() -> None:
    hints = find(dot(dot(no_dots(), LEFT, RED), RIGHT, BLUE))
    assert colors(hints) == {label(LEFT): rgba_of(*RED), label(RIGHT): rgba_of(*BLUE)}
    assert not hints.warnings


@pytest.mark.parametrize("paper", [boxes, lambda: on_transparent(boxes())], ids=["white", "clear"])
def test_dots_on_a_copy_of_the_drawing(paper: object) -> None:
    assert callable(paper)
    drawing = paper()
    hints = find(dot(dot(drawing.copy(), LEFT, RED), RIGHT, (0, 0, 0)), drawing)
    assert colors(hints) == {label(LEFT): rgba_of(*RED), label(RIGHT): rgba_of(0, 0, 0)}


def test_layer_over_lines_that_live_in_alpha_alone() -> None:
    hints = find(dot(no_dots(), LEFT, RED), only_alpha(boxes()))
    assert list(hints.dots.values()) == [rgba_of(*RED)]


def test_sixteen_bits_are_kept() -> None:
    layer = to_u16(no_dots())
    layer[40:60, 40:60] = (1000, 2001, 30002, 65535)
    assert set(find(layer).dots.values()) == {(1000, 2001, 30002, 65535)}


@pytest.mark.parametrize("on_copy", [False, True], ids=["layer", "copy"])
def test_soft_brush_gives_its_exact_color(on_copy: bool) -> None:
    big = np.zeros((400, 640), np.uint8)
    cv2.circle(big, (200, 200), 40, 255, -1)
    alpha = cv2.resize(cv2.GaussianBlur(big, (0, 0), 8), SIZE[::-1], interpolation=cv2.INTER_AREA)
    if on_copy:
        share = alpha[..., None] / 255
        layer = boxes()
        mixed = np.array([200, 40, 90]) * share + layer[..., :3] * (1 - share)
        layer[..., :3] = mixed.round()
    else:
        layer = np.dstack([np.full((*SIZE, 3), (200, 40, 90), np.uint8), alpha])
    hints = find(layer)
    assert colors(hints) == {label(LEFT): rgba_of(200, 40, 90)}
    assert not hints.warnings


def test_stroke_across_two_segments_colors_both() -> None:
    layer = no_dots()
    cv2.line(layer, LEFT, RIGHT, (*RED, 255), 3)
    assert colors(find(layer)) == {label(LEFT): rgba_of(*RED), label(RIGHT): rgba_of(*RED)}


def test_stroke_that_slips_over_the_line_does_not_color_what_it_touches() -> None:
    layer = no_dots()
    cv2.line(layer, (40, 50), (83, 50), (*RED, 255), 3)
    assert colors(find(layer)) == {label(LEFT): rgba_of(*RED)}


def test_small_segment_that_a_stroke_covers_is_meant() -> None:
    drawing = Sheet(*SIZE, thickness=2).box((20, 20), (140, 80)).box((60, 40), (68, 48)).rgba
    layer = no_dots()
    layer[30:70, 25:135] = (*RED, 255)
    assert len(colors(find(layer, drawing), drawing)) == 2


def test_thin_stroke_of_one_pixel_counts() -> None:
    layer = no_dots()
    layer[50, 40:45] = (*BLUE, 255)
    assert colors(find(layer)) == {label(LEFT): rgba_of(*BLUE)}


def test_white_is_paper_at_the_edge_and_paint_within() -> None:
    hints = find(dot(dot(no_dots(), LEFT, (255, 255, 255)), PAPER, (255, 255, 255), 3))
    assert colors(hints) == {label(LEFT): rgba_of(255, 255, 255), label(PAPER): BARE}


def test_two_colors_in_a_segment_are_told_and_the_commoner_is_taken() -> None:
    hints = find(dot(dot(no_dots(), (35, 50), RED, 3), (60, 50), BLUE, 6))
    assert colors(hints) == {label(LEFT): rgba_of(*BLUE)}
    (told,) = hints.warnings
    assert "two colors in one segment" in told
    assert "#0000ff is taken, #ff0000 is not" in told


def test_dots_on_lines_or_without_a_color_are_told() -> None:
    layer = no_dots()
    layer[30:33, 80] = layer[60:62, 140] = (*RED, 255)
    layer[50, 50] = (*BLUE, 255)
    hints = find(layer)
    assert not hints.dots
    assert [told.split(": ")[1] for told in hints.warnings] == [
        "2 dots are on lines only, the first at (80, 30)",
        "a dot is too small or too soft to have a color, at (50, 50)",
    ]


def test_layer_without_a_dot_hints_nothing() -> None:
    assert find(no_dots()) == Hints({}) == find(boxes())


def test_picture_that_is_neither_layer_nor_copy() -> None:
    with pytest.raises(DamagedHints, match="neither transparent nor a copy"):
        find(np.full((*SIZE, 4), 200, np.uint8) | np.array([0, 0, 0, 255], np.uint8))


def test_size_must_be_that_of_the_drawing() -> None:
    with pytest.raises(SizeMismatch, match=r"99 x 100.*160 x 100"):
        find(no_dots()[:, :99])


def test_listed_dots_on_lines_outside_and_of_two_colors() -> None:
    red, blue = rgba_of(*RED), rgba_of(*BLUE)
    dots = {LEFT: red, (400, 1): red, (-1, 4): red, (80, 30): red, (52, 52): blue, RIGHT: blue}
    hints = place_dots("A1.json", dots, find_segments(extract_lineart(boxes())))
    assert hints.dots == {LEFT: red, (52, 52): blue, RIGHT: blue}
    assert [told.split(": ", 1)[1] for told in hints.warnings] == [
        "2 dots are outside the drawing, the first at (400, 1)",
        "a dot is on lines only, at (80, 30)",
        "two colors in one segment at (52, 52): #0000ff is taken, #ff0000 is not. "
        "Close the line between them, or take one away",
    ]


def test_lists_with_and_without_names(tmp_path: Path) -> None:
    file = tmp_path / "A1.json"
    file.write_text('[{"at": [1, 2], "color": "#ff0000"}, {"at": [3, 4], "color": "none"}]')
    assert read_hint_list(file) == {"": {(1, 2): rgba_of(*RED), (3, 4): BARE}}
    file.write_text('{"A1": [], "A2": [{"at": [1, 2], "color": "#00f"}]}')
    assert read_hint_list(file) == {"A1": {}, "A2": {(1, 2): rgba_of(*BLUE)}}


@pytest.mark.parametrize(
    "text",
    [
        "{", "3", '{"A1": 3}', '[{"at": [1], "color": "#ff0000"}]', '[{"at": [1, 2]}]',
        '[{"at": [1, 2], "color": "red"}]', '[{"at": [1, 2], "color": "#ff0000", "colour": 1}]',
        '[{"at": [1.5, 2], "color": "#ff0000"}]', "[" * 100_000,
    ],
    ids=lambda text: text[:40],
)  # fmt: skip
def test_damaged_list_is_told(tmp_path: Path, text: str) -> None:
    file = tmp_path / "A1.json"
    file.write_text(text)
    with pytest.raises(DamagedHints, match=r"A1\.json: is no list of hints"):
        read_hint_list(file)


def test_list_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="cannot be read"):
        read_hint_list(tmp_path)
    Path(tmp_path, "A1.json").touch()
    with pytest.raises(UnreadableFile, match=r"A1\.json: the file is empty; expected hints"):
        read_hint_list(tmp_path / "A1.json")
