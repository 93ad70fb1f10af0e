"""Colors keep their exact values and their ids."""

from __future__ import annotations

import numpy as np
import pytest

from shiage.colors.palette import PAPER, Palette, hex_of, parse_color
from shiage.errors import BadOption
from tests.drawings import palette_of


def rows(*colors: tuple[int, int, int, int]) -> np.ndarray[tuple[int, ...], np.dtype[np.uint16]]:
    return np.array(colors, np.uint16).reshape(-1, 4)


def test_a_new_palette_holds_the_paper_alone() -> None:
    palette = Palette()
    assert len(palette) == 1
    assert palette.names[PAPER] == "paper"
    assert palette.rgba_u16.tolist() == [[0, 0, 0, 0]]


def test_ids_are_given_in_order_and_stay() -> None:
    palette, ids = Palette().extended(rows((1, 2, 3, 65535), (9, 9, 9, 65535), (1, 2, 3, 65535)))
    assert ids.tolist() == [1, 2, 1]
    assert ids.dtype == np.int32
    again, more = palette.extended(rows((5, 5, 5, 65535), (9, 9, 9, 65535)))
    assert more.tolist() == [3, 2]
    assert again.rgba_u16[:3].tolist() == palette.rgba_u16.tolist()
    assert again.names[:3] == palette.names
    assert len(palette) == 3  # the older one is as it was


def test_every_fully_transparent_color_is_the_paper() -> None:
    palette, ids = Palette().extended(rows((0, 0, 0, 0), (65535, 7, 0, 0)))
    assert ids.tolist() == [PAPER, PAPER]
    assert len(palette) == 1


def test_colors_that_differ_in_the_16th_bit_or_in_alpha_are_different() -> None:
    _, ids = Palette().extended(rows((256, 0, 0, 65535), (257, 0, 0, 65535), (256, 0, 0, 1)))
    assert ids.tolist() == [1, 2, 3]


def test_nothing_added() -> None:
    palette, ids = palette_of((1, 2, 3)).extended(rows())
    assert len(palette) == 2
    assert ids.shape == (0,)


@pytest.mark.parametrize(
    ("text", "rgba"),
    [
        ("#ff8000", (255, 128, 0, 255)),
        ("ff8000", (255, 128, 0, 255)),
        ("#FF8000", (255, 128, 0, 255)),
        ("#f80", (255, 136, 0, 255)),
        ("#01020304", (1, 2, 3, 4)),
        ("none", (0, 0, 0, 0)),
        ("None", (0, 0, 0, 0)),
    ],
)
def test_parse_color(text: str, rgba: tuple[int, ...]) -> None:
    color = parse_color(text)
    assert color.dtype == np.uint16
    assert color.tolist() == [257 * value for value in rgba]


@pytest.mark.parametrize(
    "text", ["", "#", "red", "#ff", "#ff800", "#ff80001", "#gg8000", "# ff8000", "#ff8000\n"]
)
def test_what_is_no_color(text: str) -> None:
    with pytest.raises(BadOption, match="is no color"):
        parse_color(text)


@pytest.mark.parametrize("text", ["#000000", "#ff8000", "#01020304", "#ffffff"])
def test_hex_and_back(text: str) -> None:
    assert hex_of(tuple(parse_color(text).tolist())) == text


def test_with_color() -> None:
    palette, first = Palette().with_color("#ff00ff")
    palette, again = palette.with_color("ff00ff")
    _, paper = palette.with_color("none")
    assert (first, again, paper) == (1, 1, PAPER)
    assert palette.names == ("paper", "#ff00ff")


def test_every_8_bit_value_survives_16_bits() -> None:
    values = np.arange(256, dtype=np.uint16)
    colors = np.stack([values, values[::-1], values, np.full(256, 255)], axis=1)
    palette, ids = Palette().extended((colors * 257).astype(np.uint16))
    np.testing.assert_array_equal(palette.rgba_u8[ids], colors)


def test_luminance_orders_colors_as_the_eye_does() -> None:
    palette = palette_of((0, 0, 0), (0, 0, 255), (255, 0, 0), (0, 255, 0), (255, 255, 255))
    np.testing.assert_allclose(
        palette.luminance(), [1, 0, 0.114, 0.299, 0.587, 1], rtol=0, atol=1e-6
    )


@pytest.mark.parametrize(
    "wrong", [np.zeros((2, 4), np.uint16), np.zeros((1, 3), np.uint16), np.zeros((1, 4), np.uint8)]
)
def test_shape_and_dtype_are_checked(
    wrong: np.ndarray[tuple[int, ...], np.dtype[np.uint16]],
) -> None:
    with pytest.raises(ValueError, match="rgba_u16: expected"):
        Palette(wrong, ("paper",))
