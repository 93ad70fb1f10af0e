"""Inking: what is drawn, split, named and painted."""

from dataclasses import replace

import numpy as np
import pytest

from shiage.data.dataset import BACKGROUND
from shiage.data.inking import MIN_AREA, LineStyle, ink_view, random_style
from shiage.data.scene import HIGHLIGHT, SHADOW
from shiage.lines.lineart import extract_lineart
from shiage.lines.segments import SegmentSettings, find_segments
from tests.data.scenes import PARTS, flat_view, squares

RNG = np.random.default_rng


def tones(size: int = 96) -> np.ndarray:
    shade = np.zeros((size, size), np.uint8)
    shade[50:, :] = SHADOW
    shade[26:34, 55:70] = HIGHLIGHT
    return shade


def test_parts_become_segments_with_their_colors() -> None:
    frame = ink_view("0007", flat_view(squares()), PARTS, LineStyle(width=1.5), RNG(0))
    assert frame.name == "0007"
    assert frame.regions == (BACKGROUND, "ball", "box")
    assert frame.colors.tolist() == [[255, 255, 255], [200, 80, 60], [60, 120, 200]]
    assert tuple(frame.color[40, 30]) == (200, 80, 60, 255)
    assert tuple(frame.color[40, 60]) == (60, 120, 200, 255)
    assert tuple(frame.color[5, 5]) == (255, 255, 255, 255)
    assert tuple(frame.line[40, 30]) == (255, 255, 255, 255)
    assert frame.line[40, 47, 0] < 60


def test_tones_are_parted_by_trace_lines_and_named() -> None:
    frame = ink_view("1", flat_view(squares(), tones()), PARTS, LineStyle(width=1.5), RNG(0))
    assert sorted(map(str, frame.regions)) == [
        BACKGROUND,
        "ball",
        "ball.shadow",
        "box",
        "box.highlight",
        "box.shadow",
    ]
    traced = frame.line[49:52, 30]
    assert (traced[:, 0].astype(int) - traced[:, 1] > 100).any()
    assert tuple(frame.color[60, 30]) == (120, 40, 40, 255)
    assert tuple(frame.color[30, 62]) == (200, 220, 250, 255)


def test_tones_without_a_trace_color_are_not_drawn() -> None:
    plain = LineStyle(shadow_trace=None, highlight_trace=None)
    frame = ink_view("1", flat_view(squares(), tones()), PARTS, plain, RNG(0))
    assert frame.regions == (BACKGROUND, "ball", "box")


@pytest.mark.parametrize("seed", range(12))
def test_segments_are_those_that_shiage_finds(seed: int) -> None:
    style = replace(random_style(RNG(seed), 96), gaps=0.0)
    frame = ink_view("1", flat_view(squares(), tones()), PARTS, style, RNG(seed))
    found = find_segments(extract_lineart(frame.line), SegmentSettings(gap="off"))
    assert (found.labels == frame.labels).all()
    assert np.bincount(frame.labels.ravel())[1:].min() >= MIN_AREA


def test_binary_lines_have_two_values_and_soft_lines_more() -> None:
    view = flat_view(squares())
    hard = ink_view("1", view, PARTS, LineStyle(width=2.3, antialiased=False), RNG(0))
    assert set(np.unique(hard.line[..., 0]).tolist()) == {0, 255}
    soft = ink_view("1", view, PARTS, LineStyle(width=2.3, wobble=0.5), RNG(0))
    assert len(np.unique(soft.line[..., 0])) > 2


@pytest.mark.parametrize("width", [1.0, 3.0, 6.0])
def test_line_width(width: float) -> None:
    frame = ink_view("1", flat_view(squares()), PARTS, LineStyle(width=width), RNG(0))
    across = (255 - frame.line[45, 30:66, 0].astype(float)).sum() / 255
    assert across == pytest.approx(width, abs=0.6)


def test_transparent_paper() -> None:
    style = LineStyle(transparent=True, width=2.5, wobble=0.5)
    frame = ink_view("1", flat_view(squares(), tones()), PARTS, style, RNG(0))
    assert tuple(frame.line[5, 5]) == (255, 255, 255, 0)
    assert frame.color[5, 5, 3] == 0
    assert tuple(frame.color[40, 30]) == (200, 80, 60, 255)


def test_gaps_open_the_line_but_not_the_segments() -> None:
    view = flat_view(squares())
    closed = ink_view("1", view, PARTS, LineStyle(), RNG(0))
    broken = ink_view("1", view, PARTS, LineStyle(gaps=40, gap_length=5), RNG(0))
    assert (broken.labels == closed.labels).all()
    opened = (broken.line[..., 0] > 200) & (closed.line[..., 0] < 50)
    assert opened.sum() > 5
    # An artist paints the opening too; no paper shows between the two squares.
    inner = np.s_[24:66, 19:76]
    assert not (broken.color[inner] == 255).all(axis=-1).any()


def test_wobble_moves_lines_and_fills_together() -> None:
    view = flat_view(squares())
    still = ink_view("1", view, PARTS, LineStyle(), RNG(0))
    shaken = ink_view("1", view, PARTS, LineStyle(wobble=1.5), RNG(0))
    assert (still.labels != shaken.labels).any()
    assert set(shaken.regions) == set(still.regions)


def test_specks_are_filled_with_ink() -> None:
    parts = squares()
    parts[5:8, 5:8] = 1  # its lines leave hardly anything inside
    frame = ink_view("1", flat_view(parts), PARTS, LineStyle(width=1.5), RNG(0))
    assert frame.regions == (BACKGROUND, "ball", "box")


def test_same_seed_same_frame() -> None:
    style = LineStyle(pressure=0.5, wobble=1.0, gaps=5)
    frames = [ink_view("1", flat_view(squares(), tones()), PARTS, style, RNG(3)) for _ in range(2)]
    assert (frames[0].line == frames[1].line).all()
    assert (frames[0].color == frames[1].color).all()
    assert random_style(RNG(5), 512) == random_style(RNG(5), 512)


def test_empty_view() -> None:
    frame = ink_view("1", flat_view(np.zeros((64, 64), np.int32)), PARTS, LineStyle(), RNG(0))
    assert frame.regions == (BACKGROUND,)
    assert (frame.line == 255).all()
