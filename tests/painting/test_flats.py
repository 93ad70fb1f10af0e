"""Fills, lines and paper of a painted cel that nothing else is known of."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from shiage.files.pictures import Pixels
from shiage.painting.flats import find_flats
from tests.drawings import BLACK, DOLL, RED, WHITE, Color, Rgba, doll, enlarged, to_u16


def cut_out(rgba: Rgba) -> Rgba:
    """The same cel on transparent paper, with any color where nothing is seen."""
    outside = np.zeros((262, 222), np.uint8)
    plain = np.ascontiguousarray(rgba[..., :3])
    cv2.floodFill(plain, outside, (0, 0), (1, 2, 3), 0, 0, cv2.FLOODFILL_MASK_ONLY | 4)
    out, where = rgba.copy(), outside[1:-1, 1:-1] > 0
    out[where] = (17, 200, 30, 0)
    rim = cv2.dilate(where.view(np.uint8), np.ones((5, 5), np.uint8)).astype(bool) & ~where
    rim &= (np.ptp(rgba[..., :3], axis=-1) == 0) & (rgba[..., 0] > 0)
    out[rim, 3] = 255 - rgba[rim, 0]
    out[rim, :3] = 0
    return out


def colors_of(painted: Pixels, *, painted_white: bool = True) -> set[Color]:
    fills = find_flats(painted, painted_white=painted_white).fills
    assert (fills[:, 3] == 65535).all()
    assert (fills % 257 == 0).all()
    return {(r, g, b) for r, g, b in (fills[:, :3] // 257).tolist()}


PARTS = set(DOLL.values())


GRAY: Color = (47, 47, 47)
BROWN: Color = (90, 40, 20)


@pytest.mark.parametrize("soft", [False, True], ids=["hard", "soft"])
@pytest.mark.parametrize(
    ("kind", "line"),
    [
        ("white", BLACK),
        ("white", GRAY),
        ("white", BROWN),
        ("transparent", BLACK),
        ("16 bits", BLACK),
        ("16 bits", BROWN),
        ("twice as large", BLACK),
    ],
)
def test_the_fills_and_nothing_else(kind: str, line: Color, soft: bool) -> None:
    painted: Pixels = doll(DOLL, soft=soft, line=line)
    if kind == "transparent":
        painted = cut_out(doll(DOLL, soft=soft, line=line))
    elif kind == "16 bits":
        painted = to_u16(doll(DOLL, soft=soft, line=line))
    elif kind == "twice as large":
        painted = enlarged(doll(DOLL, soft=soft, line=line), 2)
    assert (len(np.unique(painted.reshape(-1, 4), axis=0)) > 100) == soft
    assert colors_of(painted) == PARTS


def test_black_fills_and_black_lines_are_told_apart() -> None:
    flats = find_flats(doll(DOLL))
    hollow = doll({**DOLL, "trousers": RED})
    filled = (hollow[..., :3] == RED).all(axis=-1)
    black = (hollow[..., :3] == BLACK).all(axis=-1)
    assert not flats.lines[filled].all()
    assert np.count_nonzero(flats.lines[filled]) <= 0.01 * np.count_nonzero(filled)
    assert np.count_nonzero(~flats.lines[black]) <= 0.02 * np.count_nonzero(black)
    np.testing.assert_array_equal(flats.paper, find_flats(hollow).paper)


def test_without_lines_black_is_a_fill_however_small() -> None:
    plane = np.full((120, 120, 4), (200, 180, 170, 255), np.uint8)
    cv2.circle(plane, (40, 40), 4, (0, 0, 0, 255), -1)
    cv2.circle(plane, (80, 40), 4, (0, 0, 0, 255), -1)
    assert colors_of(plane) == {(200, 180, 170), BLACK}


def test_white_is_paper_if_it_reaches_the_edge_or_the_palette_has_none() -> None:
    painted = doll(DOLL)
    flats = find_flats(painted)
    assert not flats.paper[140, 100]
    assert flats.paper[5, 5]
    assert WHITE not in colors_of(painted, painted_white=False)
    drawing = find_flats(doll())
    assert {tuple(row) for row in drawing.fills.tolist()} == {(65535,) * 4}


@pytest.mark.parametrize("width", [1, 2, 3])
def test_long_lines_of_another_color_are_lines_and_stripes_are_fills(width: int) -> None:
    painted = enlarged(doll(DOLL), 2)
    cv2.line(painted, (120, 180), (260, 180), (*RED, 255), width)  # on the hair and past it
    cv2.line(painted, (130, 230), (290, 330), (*RED, 255), width)
    stripe: Color = (20, 120, 60)
    cv2.line(painted, (116, 400), (304, 400), (*BLACK, 255), 10)
    cv2.line(painted, (120, 400), (300, 400), (*stripe, 255), 3)
    found = colors_of(painted)
    assert stripe in found
    assert RED not in found
    assert find_flats(painted).lines[280, 210]


def test_small_fills_are_found() -> None:
    painted = doll(DOLL)
    shine: Color = (230, 250, 255)
    painted[64:66, 90:92, :3] = shine
    assert colors_of(painted) == PARTS | {shine}
