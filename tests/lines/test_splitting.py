"""Rough drawings split by what the networks see; clean ones to the pixel, as they always were."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from shiage.lines.border_map import choose_scale, measure_thinness
from shiage.lines.lineart import LineSettings, extract_lineart
from shiage.lines.segments import LineWay, SegmentSettings, find_segments, label_at
from shiage.lines.splitting import split_drawing, way_for, why_drawn
from shiage.structures import LineArt, Segments
from tests.drawings import character, enlarged, on_transparent, pencil

Rgba = NDArray[np.uint8]


def split(rgba: Rgba, lines: LineWay = "auto", closing: int = 50) -> tuple[LineArt, Segments]:
    return split_drawing(rgba, LineSettings(), SegmentSettings(lines=lines, closing=closing))


CLEAN = {
    "hard": character(),
    "soft": np.asarray(cv2.GaussianBlur(character(), (0, 0), 0.6), np.uint8),
    "large": enlarged(character(), 3),
    "transparent": on_transparent(character()),
}


@pytest.mark.parametrize("rgba", CLEAN.values(), ids=CLEAN.keys())
def test_a_clean_closed_drawing_is_split_exactly(rgba: Rgba) -> None:
    lineart = extract_lineart(rgba, LineSettings())
    exact = find_segments(lineart, SegmentSettings())
    taken, segments = split(rgba)
    assert why_drawn(lineart) == ""
    np.testing.assert_array_equal(segments.labels, exact.labels)
    np.testing.assert_array_equal(taken.ink, lineart.ink)


def test_broken_pencil_lines_do_not_let_the_paper_in() -> None:
    rgba = pencil(dash=40, bare=25)
    paper, head, body = (5, 5), (160, 70), (160, 225)
    _, exact = split(rgba, "exact")
    assert label_at(exact.labels, paper) == label_at(exact.labels, head)
    assert why_drawn(extract_lineart(rgba, LineSettings()))
    _, segments = split(rgba)
    labels = [label_at(segments.labels, place) for place in (paper, head, body)]
    assert len(set(labels)) == 3
    assert 0 not in labels
    assert len(segments) < 12


def test_ink_stays_ink_and_faint_ink_on_a_border_joins_it() -> None:
    rgba = pencil(bare=0)
    rgba[:, 160:][rgba[:, 160:, 0] < 255] = (205, 205, 205, 255)  # half of it hardly pressed
    before = extract_lineart(rgba, LineSettings(threshold=100))
    lineart, segments = split_drawing(
        rgba, LineSettings(threshold=100), SegmentSettings(lines="drawn")
    )
    assert lineart.ink[before.ink].all()
    faint = (rgba[..., 0] == 205) & ~before.ink
    assert lineart.ink[faint].mean() > 0.5
    assert not segments.labels[lineart.ink].any()
    assert segments.labels[~lineart.ink].all()


def test_more_closing_makes_no_fewer_segments() -> None:
    rgba = pencil(bare=7)
    counts = [len(split(rgba, "drawn", closing)[1]) for closing in (0, 25, 50, 75, 100)]
    assert counts == sorted(counts)
    assert counts[0] < counts[-1]


def test_a_figure_cut_off_by_the_frame_does_not_leak() -> None:
    rgba = np.full((300, 300, 4), 255, np.uint8)
    cv2.ellipse(rgba, (150, 90), (60, 60), 0, 0, 360, (40, 40, 40, 255), 2, cv2.LINE_AA)
    cv2.line(rgba, (100, 123), (70, 299), (40, 40, 40, 255), 2, cv2.LINE_AA)
    cv2.line(rgba, (200, 123), (230, 299), (40, 40, 40, 255), 2, cv2.LINE_AA)
    rgba[296:] = 255
    _, segments = split(rgba, "drawn")
    assert label_at(segments.labels, (150, 220)) != label_at(segments.labels, (20, 150))


def test_the_same_drawing_is_split_the_same() -> None:
    first, again = (split(pencil(), "drawn")[1].labels for _ in range(2))
    np.testing.assert_array_equal(first, again)


@pytest.mark.parametrize("size_hw", [(1, 1), (3, 40), (33, 31)])
def test_tiny_drawings_are_split_too(size_hw: tuple[int, int]) -> None:
    rgba = np.full((*size_hw, 4), 255, np.uint8)
    rgba[size_hw[0] // 2] = (0, 0, 0, 255)
    lineart, segments = split(rgba, "drawn")
    assert ((segments.labels > 0) == ~lineart.ink).all()


def test_widths_of_one_pixel_are_told_from_two() -> None:
    thin, thick = np.zeros((2, 100, 100), bool)
    thin[50, 10:90] = True
    thick[50:52, 10:90] = True
    assert measure_thinness(thin) == 1
    assert 1.9 < measure_thinness(thick) <= 2
    assert choose_scale(thin) == 2.4
    assert choose_scale(thick) == 1


def test_one_rough_drawing_decides_for_its_column() -> None:
    clean, rough = character(), pencil()
    decided, why = way_for([clean, rough], LineSettings(), SegmentSettings())
    assert decided.lines == "drawn"
    assert "dashes" in why or "faint" in why
    assert way_for([clean], LineSettings(), SegmentSettings())[0].lines == "exact"
    asked = SegmentSettings(lines="exact")
    assert way_for([rough], LineSettings(), asked) == (asked, "")
