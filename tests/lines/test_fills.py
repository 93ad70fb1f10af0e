"""Whether a picture is a drawing or painted already."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from shiage.lines.fills import has_fills
from shiage.lines.lineart import LineSettings, TraceHue
from tests.drawings import BLACK, Rgba, character, enlarged, scanned
from tests.integration.conftest import draw_figure


def guided(share: float) -> Rgba:
    """The figure with guides in its body: shadow and highlight."""
    rgba = enlarged(draw_figure(), 4)
    height = round(128 * share)
    rgba[184 : 184 + height, 208:368] = (150, 200, 255, 255)
    rgba[300 - height // 2 : 300, 208:368] = (255, 250, 150, 255)
    return rgba


def traced() -> Rgba:
    rgba = enlarged(draw_figure(), 4)
    for color, x in (((255, 0, 0), 220), ((0, 0, 255), 260), ((0, 200, 0), 300)):
        cv2.line(rgba, (x, 190), (x + 30, 300), (*color, 255), 3)
    return rgba


@pytest.mark.parametrize("times", [1, 4])
@pytest.mark.parametrize("paper", ["white", "transparent", "colored"])
def test_a_painting_is_one(times: int, paper: str) -> None:
    rgba = enlarged(draw_figure(painted=True), times)
    white = (rgba[..., :3] == 255).all(axis=-1)
    if paper == "transparent":
        rgba[white] = 0
    elif paper == "colored":
        rgba[white] = (250, 240, 200, 255)
    assert has_fills(rgba)


@pytest.mark.parametrize(
    "rgba",
    [
        draw_figure(),
        character(),
        scanned(character()),
        traced(),
        guided(0.4),
        np.full((60, 60, 4), (250, 230, 180, 255), np.uint8),
        np.zeros((60, 60, 4), np.uint8),
        np.full((1, 1, 4), (*BLACK, 255), np.uint8),
    ],
    ids=["lines", "more", "scan", "traces", "guides", "paper", "nothing", "pixel"],
)
def test_a_drawing_is_none(rgba: Rgba) -> None:
    assert not has_fills(rgba)


def test_a_drawing_on_colored_paper_is_none() -> None:
    rgba = draw_figure()
    rgba[(rgba[..., :3] == 255).all(axis=-1)] = (250, 220, 150, 255)
    assert not has_fills(rgba)


def test_where_guides_are_named_fills_are_guides() -> None:
    settings = LineSettings(guide_hues=(TraceHue("yellow", 45, 65),))
    assert not has_fills(draw_figure(painted=True), settings)
