"""Lines on a dark ground are found where they can be told from it; else the drawing is refused."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from shiage.errors import NothingToPaint
from shiage.lines.ground import require_light_ground
from shiage.lines.lineart import LineSettings, extract_lineart
from shiage.lines.segments import find_segments
from tests.drawings import Rgba, Sheet, character, on_transparent

Level = int | tuple[int, int, int]


def soft() -> Rgba:
    sheet = Sheet(240, 240, thickness=2, soft=True).ellipse((100, 60), (34, 42))
    return sheet.box((70, 102), (130, 160)).circle((116, 120), 9).rgba


def on_ground(drawing: Rgba, level: Level, noise: float = 0) -> Rgba:
    """Black lines on a ground of that color all over, as a render with a grey world has it."""
    out = drawing.astype(np.float64)
    out[..., :3] *= np.array(level) / 255
    rng = np.random.default_rng(0)
    out[..., :3] += rng.normal(0, noise, out.shape[:2])[..., None] * (drawing[..., :1] > 200)
    return np.clip(np.rint(out), 0, 255).astype(np.uint8)


def filled_on(drawing: Rgba, level: Level, noise: float = 0) -> Rgba:
    """A white figure with black lines; the ground around it is of that color."""
    out = drawing.astype(np.float64)
    outside = find_segments(extract_lineart(drawing)).labels == 1
    noisy = np.random.default_rng(0).normal(0, noise, (np.count_nonzero(outside), 1))
    out[outside, :3] = np.array(level) + noisy
    return np.clip(np.rint(out), 0, 255).astype(np.uint8)


def without_alpha(rgba: Rgba) -> Rgba:
    """What an exporter writes that drops the alpha channel."""
    out = rgba.copy()
    out[rgba[..., 3] == 0] = 0
    out[..., 3] = 255
    return out


def cut_by_the_frame(drawing: Rgba) -> Rgba:
    return np.ascontiguousarray(drawing[:180, 20:180])


SHOWN: dict[str, Rgba] = {
    "#3c3c3c": on_ground(character(), 60), "soft on #3c3c3c": on_ground(soft(), 60),
    "blue": on_ground(character(), (50, 55, 78)), "darkest": on_ground(character(), 34),
    "noise": on_ground(character(), 60, noise=2),
    "filled": filled_on(character(), 60), "filled, noise": filled_on(character(), 60, noise=2),
    "filled, dark": filled_on(character(), 40),
}  # fmt: skip


@pytest.mark.parametrize("drawing", SHOWN.values(), ids=[*SHOWN])
def test_lines_that_show_on_a_dark_ground_are_found(drawing: Rgba) -> None:
    white = soft() if drawing is SHOWN["soft on #3c3c3c"] else character()
    lineart = extract_lineart(drawing)
    require_light_ground(drawing, lineart)
    np.testing.assert_array_equal(lineart.ink, extract_lineart(white).ink)


def mostly_black() -> Rgba:
    """A white figure before black, its outline lost in that, as alpha dropped leaves it."""
    return filled_on(character(), 0)


REFUSED: dict[str, Callable[[], Rgba]] = {
    "lines without alpha": lambda: without_alpha(on_transparent(character())),
    "soft without alpha": lambda: without_alpha(on_transparent(soft())),
    "figure without alpha": mostly_black,
    "cut by the frame": lambda: cut_by_the_frame(mostly_black()),
    "too dark": lambda: on_ground(character(), 20),
    "too dark, noise": lambda: on_ground(character(), 20, noise=3),
    "too dark, filled": lambda: filled_on(character(), 20),
    "noise around a figure": lambda: filled_on(character(), 20, noise=4),
    "soft figure on grey": lambda: filled_on(soft(), 60),
    "white on black": lambda: character() ^ np.array([255, 255, 255, 0], np.uint8),
}  # fmt: skip


@pytest.mark.parametrize("make", REFUSED.values(), ids=[*REFUSED])
def test_a_ground_as_dark_as_lines_is_told(make: Callable[[], Rgba]) -> None:
    drawing = make()
    with pytest.raises(NothingToPaint) as told:
        require_light_ground(drawing, extract_lineart(drawing), Path("A0001.png"))
    message = str(told.value)
    assert message.startswith("A0001.png: the drawing ")
    found = re.search(r"#([0-9a-f]{6})", message)
    assert found
    color = np.frombuffer(bytes.fromhex(found[1]), np.uint8).astype(int)
    assert np.abs(color - drawing[0, 0, :3]).max() <= 16  # noise
    assert "alpha" in message


def black_hair() -> Rgba:
    """A close-up: solid black hair on two sides and above, a face, white paper at the shoulders."""
    rgba = np.full((200, 200, 4), 255, np.uint8)
    rgba[:90, :, :3] = rgba[:150, :50, :3] = rgba[:150, 150:, :3] = 0
    sheet = Sheet(200, 200, thickness=2)
    sheet.rgba = rgba
    return sheet.disc((100, 90), 1).circle((85, 110), 6).line((50, 150), (80, 199)).rgba


def framed() -> Rgba:
    drawing = character()
    drawing[:12] = drawing[-12:] = (0, 0, 0, 255)
    drawing[:, :12] = drawing[:, -12:] = (0, 0, 0, 255)
    return drawing


FINE: dict[str, Rgba] = {
    "white": character(), "soft": soft(), "transparent": on_transparent(character()),
    "framed": framed(), "black hair": black_hair(), "blank": np.full((9, 9, 4), 255, np.uint8),
}  # fmt: skip


@pytest.mark.parametrize("drawing", FINE.values(), ids=[*FINE])
def test_drawings_on_paper_are_not_refused(drawing: Rgba) -> None:
    require_light_ground(drawing, extract_lineart(drawing))


def test_a_threshold_by_hand_counts() -> None:
    drawing = filled_on(soft(), 60)
    lineart = extract_lineart(drawing, LineSettings(threshold=240))
    require_light_ground(drawing, lineart)
    assert not lineart.ink[0].any()
