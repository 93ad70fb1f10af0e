"""Pieces of colour traces: what lies between the same two segments is one."""

from __future__ import annotations

import numpy as np

from shiage.lines.lineart import LineSettings, extract_lineart
from shiage.lines.segments import find_segments
from shiage.lines.trace_pieces import BLACK, TracePieces, find_trace_pieces
from shiage.structures import Segments
from tests.drawings import BLUE, RED, Rgba, Sheet, at


def split(rgba: Rgba, settings: LineSettings | None = None) -> tuple[Segments, TracePieces]:
    lineart = extract_lineart(rgba, settings)
    segments = find_segments(lineart)
    pieces = find_trace_pieces(lineart, segments.labels)
    traced = lineart.ink if lineart.all_trace else lineart.trace > 0
    np.testing.assert_array_equal(pieces.labels > 0, traced)  # each pixel is of one piece
    assert pieces.area.tolist() == np.bincount(pieces.labels[traced], minlength=1)[1:].tolist()
    return segments, pieces


def test_a_line_passes_from_one_pair_of_segments_to_the_next() -> None:
    # A red box, parted by a black line: its outline lies beside two segments, one after the other.
    sheet = Sheet(80, 80, thickness=2)
    sheet.color = RED
    sheet.box((20, 20), (60, 60))
    sheet.color = (0, 0, 0)
    sheet.line((21, 40), (59, 40))
    segments, pieces = split(sheet.rgba)
    outside, upper, lower = (at(segments, xy) for xy in ((2, 2), (30, 30), (30, 50)))
    assert {tuple(sides) for sides in pieces.sides.tolist()} == {(outside, upper), (outside, lower)}
    assert pieces.sides[pieces.at(40, 20) - 1].tolist() == [outside, upper]
    assert pieces.sides[pieces.at(40, 60) - 1].tolist() == [outside, lower]
    assert pieces.at(2, 2) == 0
    assert pieces.at(-1, 90) == 0


def test_the_rim_of_a_small_ring_is_no_piece_of_its_own() -> None:
    """Rows and columns only graze a ring at its diagonals."""
    for radius in range(5, 20):
        sheet = Sheet(60, 60, color=BLUE, thickness=3).circle((30, 30), radius)
        segments, pieces = split(sheet.rgba)
        inside, outside = (at(segments, xy) for xy in ((30, 30), (2, 2)))
        assert pieces.sides.tolist() == [sorted((inside, outside))]


def test_a_stroke_within_a_segment_has_it_on_both_sides() -> None:
    sheet = Sheet(60, 60).box((5, 5), (55, 55))
    sheet.color, sheet.thickness = RED, 2
    sheet.line((20, 40), (35, 22))
    segments, pieces = split(sheet.rgba)
    inside = at(segments, (10, 10))
    assert len(pieces) == 1
    assert pieces.sides.tolist() == [[inside, inside]]


def test_hues_that_touch_are_pieces_of_their_own() -> None:
    sheet = Sheet(60, 60, thickness=2)
    sheet.color = RED
    sheet.line((10, 30), (29, 30))
    sheet.color = BLUE
    sheet.line((30, 30), (50, 30))
    _, pieces = split(sheet.rgba)
    names = [hue.name for hue in LineSettings().trace_hues]
    assert sorted(names[hue - 1] for hue in pieces.hue) == ["blue", "red"]


def test_on_all_trace_cels_black_is_a_hue() -> None:
    sheet = Sheet(60, 60, thickness=2).circle((30, 30), 20)
    segments, pieces = split(sheet.rgba, LineSettings(all_trace=True))
    assert pieces.hue.tolist() == [BLACK]
    assert pieces.sides.tolist() == [[at(segments, (2, 2)), at(segments, (30, 30))]]


def test_a_dot_is_a_piece_and_a_drawing_in_black_has_none() -> None:
    sheet = Sheet(40, 40).box((4, 4), (35, 35))
    assert len(split(sheet.rgba)[1]) == 0
    sheet.rgba[20, 20] = (*RED, 255)
    _, pieces = split(sheet.rgba)
    assert pieces.area.tolist() == [1]
