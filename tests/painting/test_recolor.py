"""Palette swaps: exact fills, lines that stay, rims that follow, what nobody knows left alone."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from shiage.colors.palette import Palette
from shiage.files.pictures import to_u8
from shiage.lines.lineart import extract_lineart
from shiage.lines.segments import SegmentSettings, find_segments
from shiage.painting.compose import compose
from shiage.painting.covering import Covering
from shiage.painting.recolor import recolor
from tests.drawings import (
    BLACK,
    BLUE,
    DOLL,
    GREEN,
    NIGHT_DOLL,
    RED,
    WHITE,
    Color,
    Rgba,
    Sheet,
    doll,
    to_u16,
)

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
    out = compose(Covering(sheet.rgba, lineart), segments.labels, color_ids, palette)
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


DAY_COLORS, NIGHT_COLORS = deep(tuple(DOLL.values())), deep(tuple(NIGHT_DOLL.values()))


@pytest.mark.parametrize("bits", [8, 16])
@pytest.mark.parametrize("soft", [False, True], ids=["hard", "soft"])
def test_lines_and_paper_stay_though_the_palette_has_their_colors(soft: bool, bits: int) -> None:
    before, wanted = doll(DOLL, soft=soft), doll(NIGHT_DOLL, soft=soft).astype(int)
    painted = before if bits == 8 else to_u16(before)
    after, other = recolor(painted, DAY_COLORS, NIGHT_COLORS)
    off = np.abs(to_u8(after) - wanted).max(axis=-1)
    # Black trousers under a soft line: where the one ends and the other begins cannot be seen.
    assert off[:180].max() <= (3 if soft else 0)
    assert np.count_nonzero(off > 8) <= (500 if soft else 0)
    assert other == 0


def test_lines_and_paper_follow_if_asked() -> None:
    before = doll(DOLL, soft=True)
    after, _ = recolor(before, DAY_COLORS, NIGHT_COLORS, lines=True)
    wanted = doll(NIGHT_DOLL, soft=True, line=NIGHT_DOLL["trousers"])
    outside = (before == 255).all(axis=-1) & (after == 255).all(axis=-1)
    off = np.abs(after.astype(int) - wanted).max(axis=-1)
    assert off[~outside].max() <= 3
    everything, _ = recolor(before, DAY_COLORS, NIGHT_COLORS, lines=True, paper=True)
    assert (everything[outside][:, :3] == NIGHT_DOLL["shirt"]).all()


@pytest.mark.parametrize("line", [(47, 47, 47), (90, 40, 20)], ids=["gray", "brown"])
def test_rims_of_lines_that_are_not_black_follow(line: Color) -> None:
    day = {**DOLL, "trousers": RED}
    night = {**NIGHT_DOLL, "trousers": GREEN}
    before = doll(day, soft=True, line=line)
    after, other = recolor(before, deep(tuple(day.values())), deep(tuple(night.values())))
    wanted = doll(night, soft=True, line=line).astype(int)
    assert np.abs(after - wanted).max() <= 4
    assert (after[(before[..., :3] == line).all(axis=-1)][:, :3] == line).all()
    assert other == 0


def test_over_transparent_paper_soft_lines_keep_their_color() -> None:
    before = np.zeros((60, 60, 4), np.uint8)
    cv2.circle(before, (30, 30), 20, (*RED, 255), -1)
    ring = np.zeros((60, 60), np.uint8)
    cv2.circle(ring, (30, 30), 20, 255, 3, cv2.LINE_AA)
    share = ring[..., None] / 255
    before[..., :3] = np.rint(before[..., :3] * (1 - share))
    before[..., 3] = np.maximum(before[..., 3], ring)
    after, other = recolor(before, deep((RED,)), deep((BLUE,)))
    np.testing.assert_array_equal(after[..., 3], before[..., 3])
    assert (after[30, 30] == (*BLUE, 255)).all()
    assert not after[..., 0].any(), "no red is left on any rim"
    assert other == 0


def test_two_colors_can_become_one() -> None:
    before = painted(OLD, soft=True)
    one = (NEW[0], NEW[0], NEW[2])
    after, other = recolor(before, deep(OLD), deep(one))
    assert np.abs(after.astype(int) - painted(one, soft=True)).max() <= 3
    assert other == 0
