"""Crops and boxes, against cells summed up pixel by pixel."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from shiage.lines.lineart import extract_lineart
from shiage.lines.segments import SegmentSettings, describe_segments, find_segments
from shiage.matching.crops import (
    CHANNELS,
    CONTEXT,
    LEAST_WINDOW,
    MARGIN,
    MOST_CONTEXT,
    SegmentTokens,
    make_tokens,
)
from shiage.structures import ByteMap, LineArt, Segments
from tests.drawings import Color, Rgba, Sheet, character, enlarged, lineart_from_text

OFF = SegmentSettings(gap="off", min_area=1)


def overlaps(first: float, cell: float, size: int, pixels: int) -> NDArray[np.float64]:
    """(size, pixels): the length that each cell of a window has in common with each pixel."""
    start = first + cell * np.arange(size)[:, None]
    at = np.arange(pixels)[None, :]
    common = np.minimum(start + cell, at + 1) - np.maximum(start, at)
    return np.asarray(np.clip(common, 0, None), np.float64)


def plain_crops(coverage: ByteMap, segments: Segments, size: int) -> NDArray[np.float64]:
    """(N, C, S, S) in 0..255: the crops of a black drawing, one segment after the other."""
    height, width = segments.size_hw
    longer = max(height, width)
    crops = np.zeros((len(segments), len(CHANNELS), size, size))
    for i, (x0, y0, x1, y1) in enumerate(segments.box_xyxy.tolist()):
        close = max(MARGIN * max(x1 - x0, y1 - y0), LEAST_WINDOW * longer)
        context = max(close, min(CONTEXT * close, MOST_CONTEXT * longer))
        for window, lines, own in ((close, slice(0, 3), 3), (context, 4, 5)):
            cell = window / size
            across = overlaps((x0 + x1 - window) / 2, cell, size, width)
            down = overlaps((y0 + y1 - window) / 2, cell, size, height)
            crops[i, lines] = down @ coverage @ across.T / cell**2
            crops[i, own] = down @ (255.0 * (segments.labels == i + 1)) @ across.T / cell**2
    return crops


def black(coverage: ByteMap) -> LineArt:
    return LineArt(coverage > 0, np.zeros_like(coverage), coverage, 2.0)


def drawn(rgba: Rgba) -> tuple[LineArt, Segments]:
    lineart = extract_lineart(rgba)
    return lineart, find_segments(lineart, OFF)


def tokens_of(rgba: Rgba, size: int = 32) -> SegmentTokens:
    lineart, segments = drawn(rgba)
    return make_tokens(lineart, segments, size)


@pytest.mark.parametrize("size", [7, 32])
def test_cells_hold_exact_area_averages(size: int) -> None:
    lineart, segments = drawn(character())
    assert len(segments) > 12
    soft = np.asarray(cv2.GaussianBlur(lineart.coverage, (0, 0), 1), np.uint8)
    crops = make_tokens(black(soft), segments, size).crops
    expected = plain_crops(soft, segments, size)
    assert crops.shape == (len(segments), len(CHANNELS), size, size)
    assert np.abs(crops - expected).max() <= 0.5 + 1e-6


@pytest.mark.parametrize("shape", [(40, 25), (9, 70), (1, 3), (64, 64)])
def test_any_map_of_labels_will_do(shape: tuple[int, int]) -> None:
    rng = np.random.default_rng(shape[0])
    _, labels = cv2.connectedComponents((rng.random(shape) < 0.6).astype(np.uint8), connectivity=4)
    segments = describe_segments(np.asarray(labels, np.int32))
    coverage = rng.integers(0, 256, shape, np.uint8)
    crops = make_tokens(black(coverage), segments).crops
    assert np.abs(crops - plain_crops(coverage, segments, 32)).max() <= 0.5 + 1e-6


def test_the_drawings_size_in_pixels_does_not_matter() -> None:
    one, large = tokens_of(character()), tokens_of(enlarged(character(), 3))
    assert len(one) == len(large)
    np.testing.assert_allclose(one.boxes, large.boxes, atol=1e-6)
    assert np.abs(one.crops.astype(int) - large.crops).max() <= 1


def test_a_moved_segment_keeps_its_crop_and_changes_its_box() -> None:
    here = tokens_of(Sheet(200, 200).circle((60, 70), 30).rgba)
    there = tokens_of(Sheet(200, 200).circle((130, 110), 30).rgba)
    np.testing.assert_array_equal(here.crops[1], there.crops[1])
    moved = there.boxes[1] - here.boxes[1]
    np.testing.assert_allclose(moved, [70 / 200, 40 / 200, 0, 0], atol=1e-6)


def test_boxes_are_measured_from_the_middle_in_units_of_the_longer_side() -> None:
    lineart = lineart_from_text(
        """
        ........
        .####...
        .#..#...
        .####...
        """
    )
    segments = find_segments(lineart, OFF)
    boxes = make_tokens(lineart, segments).boxes
    np.testing.assert_allclose(boxes[0], [0, 0, 1, 0.5])
    np.testing.assert_allclose(boxes[1], [(3 - 4) / 8, (2.5 - 2) / 8, 2 / 8, 1 / 8])


def test_a_strand_thinner_than_a_cell_shows() -> None:
    labels = np.zeros((600, 600), np.int32)
    cv2.line(labels, (20, 30), (570, 580), 1, 2)
    blank = black(np.zeros((600, 600), np.uint8))
    crops = make_tokens(blank, describe_segments(labels)).crops
    diagonal = crops[0, CHANNELS.index("segment")].diagonal()[5:-5]
    assert (diagonal > 0).all()
    assert diagonal.max() < 80


@pytest.mark.parametrize(
    ("color", "taken"),
    [
        ((0, 0, 0), (255, 255, 255)),
        ((255, 0, 0), (0, 255, 255)),
        ((0, 0, 255), (255, 170, 0)),  # the pure color amid the range of blue hues
        ((120, 0, 200), (255, 255, 255)),  # no trace hue
    ],
)
def test_lines_show_the_light_that_they_take_away(color: Color, taken: Color) -> None:
    sheet = Sheet(64, 64, color=color, thickness=4).box((6, 6), (57, 57))
    crops = tokens_of(sheet.rgba).crops
    assert tuple(crops[-1, :3].max(axis=(1, 2)).tolist()) == taken
    assert crops[-1, CHANNELS.index("context lines")].max() > 200


def test_context_tells_small_segments_of_one_form_apart() -> None:
    sheet = Sheet(400, 400).circle((100, 100), 5).circle((300, 100), 5)
    sheet.thickness = 4
    crops = tokens_of(sheet.line((350, 60), (350, 200)).rgba).crops[1:]
    close, context = crops[:, :4].astype(int), crops[:, 4:].astype(int)
    assert np.abs(close[0] - close[1]).max() <= 1
    assert np.abs(context[0] - context[1]).max() > 100


def test_outside_the_picture_there_is_neither_line_nor_segment() -> None:
    crops = make_tokens(black(np.full((64, 64), 255, np.uint8)), _one_segment(64)).crops
    assert crops.shape[0] == 1
    for channel in crops[0]:
        assert channel[:3].max() == 0
        assert channel[4:28, 4:28].min() == 255


def test_no_segments_make_no_tokens() -> None:
    empty = describe_segments(np.zeros((20, 30), np.int32))
    tokens = make_tokens(black(np.full((20, 30), 255, np.uint8)), empty)
    assert len(tokens) == 0
    assert tokens.crops.shape == (0, len(CHANNELS), 32, 32)
    assert tokens.boxes.shape == (0, 4)


def test_tokens_check_their_shapes() -> None:
    with pytest.raises(ValueError, match="crops"):
        SegmentTokens(np.zeros((2, 6, 8, 8), np.uint8), np.zeros((3, 4), np.float32))
    with pytest.raises(ValueError, match="boxes"):
        SegmentTokens(np.zeros((3, 6, 8, 8), np.uint8), np.zeros((3, 4)))  # type: ignore[arg-type]


def _one_segment(side: int) -> Segments:
    return describe_segments(np.ones((side, side), np.int32))
