"""A head in coloured lines, some of which stay in its painting, and a cut of it."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from tests.drawings import BLUE, RED, Color, Rgba
from tests.integration.conftest import save

SKIN: Color = (250, 220, 190)
SHADOW: Color = (220, 170, 150)
HAIR: Color = (90, 110, 200)
HAIR_SHADOW: Color = (50, 60, 140)
NAVY: Color = (20, 20, 70)


def draw_head(
    dx: int = 0,
    *,
    painted: bool = False,
    blush: Color = RED,
    hair_line: Color = BLUE,
    soft: bool = False,
    clear: bool = False,
) -> Rgba:
    """(200, 220, 4) RGBA: a face with a shadow, blush on its cheek, and hair outlined in blue.

    Painted, the red line of the shadow and the blue one of the hair's are gone; the strokes of
    blush and the outline of the hair are there, in these colors.
    """
    rgba = np.full((200, 220, 4), 255, np.uint8)
    kind = cv2.LINE_AA if soft else cv2.LINE_8

    def line(color: Color, *points: tuple[int, int], closed: bool = False) -> None:
        corners = np.array([(x + dx, y) for x, y in points], np.int32)
        cv2.polylines(rgba, [corners], closed, (*color, 255), 2, kind)

    def fill(color: Color, *points: tuple[int, int]) -> None:
        corners = np.array([(x + dx, y) for x, y in points], np.int32)
        cv2.fillPoly(rgba, [corners], (*color, 255))

    if painted:
        fill(SKIN, (40, 80), (150, 80), (150, 180), (40, 180))
        fill(SHADOW, (129, 80), (150, 80), (150, 180), (129, 180))
        fill(HAIR, (40, 80), (60, 20), (130, 20), (150, 80))
        fill(HAIR_SHADOW, (109, 80), (109, 20), (130, 20), (150, 80))
    else:
        line(RED, (130, 80), (130, 180))
        line(BLUE, (110, 20), (110, 80))
    for x in (60, 70, 80):
        line(blush if painted else RED, (x, 150), (x + 8, 130))
    line(hair_line if painted else BLUE, (40, 80), (60, 20), (130, 20), (150, 80))
    line((0, 0, 0), (40, 80), (40, 180), (150, 180), (150, 80), closed=True)
    if clear:
        rgba = as_clear(rgba)
    return rgba


def as_clear(rgba: Rgba) -> Rgba:
    """The same picture on transparent paper."""
    out = rgba.copy()
    out[(rgba[..., :3] == 255).all(axis=-1)] = 0
    return out


def write_cut(folder: Path, blush: Color = RED, hair_line: Color = BLUE) -> Path:
    """Write drawings 1 to 3, of which the first is painted."""
    for number, dx in enumerate((0, 6, 13), start=1):
        save(folder / "cut" / f"A{number:04}.png", draw_head(dx))
    save(folder / "ref" / "A0001.png", draw_head(painted=True, blush=blush, hair_line=hair_line))
    return folder / "cut"
