"""Palette swaps: exact fills, lines that stay, rims that follow, what nobody knows left alone."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from shiage.colors.palette import Palette
from shiage.lines.lineart import extract_lineart
from shiage.lines.segments import SegmentSettings, find_segments
from shiage.painting.compose import compose
from shiage.painting.recolor import recolor
from tests.drawings import BLACK, BLUE, GREEN, RED, WHITE, Color, Rgba, Sheet, to_u16

OLD: tuple[Color, ...] = ((200, 30, 40), (250, 220, 190), (60, 160, 70))
NEW: tuple[Color, ...] = ((20, 40, 90), (90, 80, 120), (10, 70, 60))


def deep(colors: tuple[Color, ...]) -> NDArray[np.uint16]:
    return np.array([(*color, 255) for color in colors], np.uint16) * np.uint16(257)


def painted(colors: tuple[Color, ...], *, soft: bool) -> Rgba:
    """Three boxes painted by shiage itself."""
    sheet = Sheet(60, 120, thickness=3, soft=soft)
    for at in range(3):
        sheet.box((10 + 35 * at, 10), (35 + 35 * at, 50))
    lineart = extract_lineart(sheet.rgba)
    segments = find_segments(lineart, SegmentSettings(gap="off"))
    palette, ids = Palette().extended(deep(colors))
    boxes = [int(segments.labels[30, 20 + 35 * at]) for at in range(3)]
    color_ids = np.zeros(len(segments), np.int32)
    color_ids[np.array(boxes) - 1] = ids
    out = compose(sheet.rgba, lineart, segments.labels, color_ids, palette)
    assert out.dtype == np.uint8
    return np.asarray(out, np.uint8)


@pytest.mark.parametrize("soft", [False, True])
def test_recolored_is_what_would_have_been_painted(soft: bool) -> None:
    before = painted(OLD, soft=soft)
    kept = before.copy()
    after, other = recolor(before, deep(OLD), deep(NEW))
    np.testing.assert_array_equal(before, kept)
    wanted = painted(NEW, soft=soft).astype(int)
    flat = (before[..., :3, None] == np.array(OLD).T).all(axis=2).any(axis=2)
    assert flat.sum() > 1000
    np.testing.assert_array_equal(after[flat], wanted[flat])
    assert np.abs(after.astype(int) - wanted).max() <= (3 if soft else 0), "rims follow"
    assert other == 0


def test_sixteen_bits() -> None:
    before = to_u16(painted(OLD, soft=False))
    after, other = recolor(before, deep(OLD), deep(NEW))
    assert after.dtype == np.uint16
    np.testing.assert_array_equal(after, to_u16(painted(NEW, soft=False)))
    assert other == 0


def test_what_no_palette_has_stays_and_is_counted() -> None:
    before = painted(OLD, soft=False)
    before[20:24, 20:25] = (*GREEN, 255)
    after, other = recolor(before, deep(OLD), deep(NEW))
    assert other == 20
    np.testing.assert_array_equal(after[20:24, 20:25], before[20:24, 20:25])


def test_colors_can_be_exchanged() -> None:
    rgba = np.zeros((2, 3, 4), np.uint8)
    rgba[0] = [(*RED, 255), (*BLUE, 255), (*BLACK, 255)]
    rgba[1] = [(*WHITE, 255), (0, 0, 0, 0), (*RED, 255)]
    after, other = recolor(rgba, deep((RED, BLUE)), deep((BLUE, RED)))
    assert after[0].tolist() == [[*BLUE, 255], [*RED, 255], [*BLACK, 255]]
    assert after[1].tolist() == [[*WHITE, 255], [0, 0, 0, 0], [*BLUE, 255]]
    assert other == 0
