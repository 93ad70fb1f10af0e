"""Lines come out as they went in: under traces, over white figures, darker than most of them."""

from __future__ import annotations

import itertools

import cv2
import numpy as np
import pytest

from shiage.files.pictures import Pixels, to_u8
from shiage.lines.lineart import extract_lineart, flatten_on_white
from shiage.lines.segments import find_segments
from shiage.painting.compose import compose
from shiage.painting.covering import Covering
from tests.drawings import BLUE, GREEN, RED, YELLOW_GREEN, Color, Rgba, Sheet, palette_of, to_u16

SKIN: Color = (250, 214, 190)
SHADE: Color = (214, 160, 140)
PAPER = (255, 255, 255, 255)
NOTHING = (0, 0, 0, 0)


def paint(drawing: Pixels, colors: dict[tuple[int, int], Color]) -> Pixels:
    """The drawing with the segments at these pixels painted, the others bare."""
    lineart = extract_lineart(to_u8(drawing))
    segments = find_segments(lineart)
    palette = palette_of(*dict.fromkeys(colors.values()))
    number = {color: at for at, color in enumerate(dict.fromkeys(colors.values()), start=1)}
    ids = np.zeros(len(segments), np.int32)
    for (x, y), color in colors.items():
        ids[segments.labels[y, x] - 1] = number[color]
    return compose(Covering(drawing, lineart), segments.labels, ids, palette)


# -- traces that meet black lines ----------------------------------------------------------------


def boxed(trace: Color | None, *, soft: bool = False, on_top: bool = True) -> Rgba:
    """A black box with a trace across both of its long sides, one end on the line, one beyond."""
    sheet = Sheet(100, 140, soft=soft)

    def line() -> None:
        sheet.color, sheet.thickness = (0, 0, 0), 3
        sheet.polyline([(20, 20), (120, 20), (120, 80), (20, 80)], closed=True)

    if on_top:
        line()
    if trace is not None:
        sheet.color, sheet.thickness = trace, 2
        sheet.line((62, 12), (72, 80))
    if not on_top:
        line()
    return sheet.rgba


@pytest.mark.parametrize("soft", [False, True], ids=["hard", "soft"])
@pytest.mark.parametrize("trace", [RED, GREEN, BLUE, YELLOW_GREEN])
def test_black_goes_on_where_a_trace_crosses_it(trace: Color, soft: bool) -> None:
    drawing, without = boxed(trace, soft=soft), boxed(None, soft=soft)
    out = paint(drawing, {(40, 50): SKIN, (100, 50): SHADE})
    right = paint(without, {(40, 50): SKIN})
    outline = np.zeros(out.shape[:2], np.uint8)
    cv2.rectangle(outline, (19, 19), (121, 81), 1, 5)
    beside = outline.astype(bool) & (without[..., 0] < 200)
    off = np.abs(out.astype(int) - right).max(axis=-1)
    limit = 96 if soft else 0  # a rim may lie a little otherwise where it was covered altogether
    assert (off[beside] <= limit).all()
    assert (off[beside] > 8).sum() <= (12 if soft else 0)
    outside = np.ones(out.shape[:2], bool)
    outside[17:84, 17:124] = False
    assert (off[outside] <= (12 if soft else 0)).all()  # neither paint nor trace rests there
    chroma = np.ptp(out[..., :3].astype(int), axis=-1)
    paints = {SKIN, SHADE}
    tinted = np.abs(out[..., :3].astype(int) - trace).max(axis=-1) < 60
    assert not tinted[chroma > 100].any(), paints


def test_black_drawn_over_a_trace_stays_as_it_is() -> None:
    drawing = boxed(RED, on_top=False)
    out = paint(drawing, {(40, 50): SKIN, (100, 50): SHADE})
    black = (drawing[..., :3] == 0).all(axis=-1)
    np.testing.assert_array_equal(out[black], drawing[black])
    assert (out[12:18] == 255).all()


@pytest.mark.parametrize("trace", [RED, GREEN, BLUE, YELLOW_GREEN])
@pytest.mark.parametrize("clear", [False, True], ids=["white", "transparent"])
def test_the_end_of_a_trace_does_not_show_beyond_the_outline(clear: bool, trace: Color) -> None:
    """The trace's ink ends under the black line; of its round end only a rim shows beyond."""
    sheet = Sheet(400, 560, soft=True, color=trace, thickness=12)
    sheet.line((248, 80), (248, 312))
    sheet.color, sheet.thickness = (0, 0, 0), 9
    sheet.polyline([(80, 80), (480, 80), (480, 320), (80, 320)], closed=True)
    drawing: Rgba = np.asarray(
        cv2.resize(sheet.rgba, (140, 100), interpolation=cv2.INTER_AREA), np.uint8
    )
    beyond = np.s_[:19]
    assert (np.ptp(drawing[beyond][..., :3], axis=-1) > 40).any()
    if clear:
        alpha = 255.0 - drawing[..., :3].min(axis=-1, keepdims=True)
        over_nothing = (drawing[..., :3] - (255 - alpha)) * 255 / np.maximum(alpha, 1)
        drawing = np.rint(np.concatenate([over_nothing, alpha], axis=-1)).astype(np.uint8)
    out = paint(drawing, {(40, 50): SKIN, (100, 50): SHADE})
    over_white = flatten_on_white(to_u8(out))
    assert np.ptp(over_white[beyond], axis=-1).max() <= 4


def test_a_trace_along_the_outline_leaves_it_closed() -> None:
    sheet = Sheet(80, 120, thickness=3).box((20, 20), (100, 60))
    sheet.color, sheet.thickness = RED, 2
    sheet.line((50, 20), (80, 20)).line((80, 20), (84, 60))
    out = paint(sheet.rgba, {(30, 40): SKIN, (95, 40): SHADE})
    assert (out[:18] == 255).all()
    assert (out[18:23, 20:101, :3] == 0).all()


# -- white figures on transparent ground ---------------------------------------------------------


def figure(outside: tuple[int, int, int, int], *, soft: bool = True) -> Rgba:
    """A round figure filled with opaque white, outlined in black, with eyes, on nothing."""
    times = 4
    big = np.zeros((400, 400, 4), np.float32)
    cv2.circle(big, (200, 200), 140, (255, 255, 255, 255), -1)
    cv2.circle(big, (200, 200), 140, (0, 0, 0, 255), 12)
    for x in (150, 250):
        cv2.circle(big, (x, 180), 20, (0, 0, 0, 255), 8)
    big[..., :3] *= big[..., 3:] / 255
    kind = cv2.INTER_AREA if soft else cv2.INTER_NEAREST
    small = cv2.resize(big, (400 // times, 400 // times), interpolation=kind)
    alpha = small[..., 3:]
    color = np.divide(
        small[..., :3] * 255, alpha, out=np.zeros_like(small[..., :3]), where=alpha > 0
    )
    out = np.rint(np.concatenate([color, alpha], axis=2)).astype(np.uint8)
    out[out[..., 3] == 0] = outside
    return np.asarray(out, np.uint8)


@pytest.mark.parametrize("soft", [False, True], ids=["hard", "soft"])
@pytest.mark.parametrize("deep", [False, True], ids=["8 bits", "16 bits"])
def test_color_under_alpha_0_does_not_matter(soft: bool, deep: bool) -> None:
    fills = {(50, 65): SKIN, (37, 45): SHADE, (62, 45): SHADE}
    painted = []
    for outside in ((255, 255, 255, 0), (0, 0, 0, 0), (90, 200, 30, 0)):
        drawing = figure(outside, soft=soft)
        out = paint(to_u16(drawing) if deep else drawing, fills)
        assert (out[drawing[..., 3] == 0] == np.array(outside) * (257 if deep else 1)).all()
        painted.append(np.where(out[..., 3:] == 0, 0, out))
    for other in painted[1:]:
        np.testing.assert_array_equal(other, painted[0])


def test_soft_lines_of_a_white_figure_are_kept() -> None:
    drawing = figure(NOTHING)
    out = paint(drawing, {(50, 65): SKIN, (37, 45): SHADE, (62, 45): SHADE}).astype(float)
    alpha = drawing[..., 3:] / 255.0
    np.testing.assert_array_equal(out[..., 3], drawing[..., 3])  # as it covers
    inside = (alpha[..., 0] == 1) & (drawing[..., 0] > 0) & (drawing[..., 0] < 255)
    assert inside.sum() > 60
    cover = 1 - drawing[..., 0] / 255.0  # black over the white that paint replaces
    fills = np.array([SKIN, SHADE], float)
    mixes = fills[:, None] * (1 - cover[inside])[None, :, None]
    off = np.abs(mixes - out[inside][None, :, :3]).max(axis=2).min(axis=0)
    assert off.max() <= 12


# -- ink that is darker than most of it ----------------------------------------------------------


@pytest.mark.parametrize("paper", [PAPER, NOTHING], ids=["white", "transparent"])
@pytest.mark.parametrize("line", [(47, 47, 47), (70, 30, 20), (20, 30, 80)])
def test_ink_darker_than_its_line_stays(line: Color, paper: tuple[int, int, int, int]) -> None:
    sheet = Sheet(80, 120, soft=paper == PAPER, paper=paper, color=line, thickness=3)
    sheet.box((20, 20), (100, 60)).line((60, 20), (70, 60))
    drawing = sheet.rgba
    ink = (drawing[..., :3] == line).all(axis=-1) & (drawing[..., 3] == 255)
    rng = np.random.default_rng(3)
    pressed = ink & (rng.random(ink.shape) < 0.4)  # pressure, strokes over each other
    drawing[pressed, :3] = (
        drawing[pressed, :3] * rng.uniform(0.3, 0.95, (pressed.sum(), 1))
    ).round()
    before = drawing.copy()
    out = paint(drawing, {(30, 40): SKIN, (90, 40): SHADE})
    np.testing.assert_array_equal(out[ink], before[ink])


def test_all_ways_of_meeting_leave_no_paint_outside() -> None:
    for width, thick, angle in itertools.product((1, 3), (2, 4), (0, 25, 50)):
        sheet = Sheet(120, 120, thickness=thick).circle((60, 60), 35)
        sheet.color, sheet.thickness = RED, width
        dx, dy = np.cos(np.radians(angle)), np.sin(np.radians(angle))
        sheet.line(
            (round(60 - 48 * dx), round(60 - 48 * dy)), (round(60 + 48 * dx), round(60 + 48 * dy))
        )
        out = paint(sheet.rgba, {(60, 40): SKIN, (60, 80): SHADE})
        y, x = np.indices(out.shape[:2])
        outside = np.hypot(x - 60, y - 60) > 35 + thick / 2 + 1.5
        stray = (out[outside][:, :3] != 255).any(axis=1).sum()
        assert stray == 0, (width, thick, angle)
