"""References brought to the colors of a palette."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from shiage.colors.palette import PAPER, Palette
from shiage.colors.snapping import DEFAULT_SNAP, Snapping, tell_departures
from shiage.painting.reference import Reference, build_reference
from tests.drawings import Rgba

Row = tuple[int, ...]

SKIN, SHADOW, HAIR = (255, 128, 0, 255), (200, 90, 0, 255), (30, 40, 50, 255)


def palette_of(*rows: Row, deep: bool = False) -> Palette:
    colors = np.array(rows, np.uint16) * (1 if deep else 257)
    plain, _ = Palette().extended(colors)
    names = ("paper", *(f"part {at}" for at in range(1, len(plain))))
    return Palette(plain.rgba_u16, names)


def snap(
    colors: list[Row], palette: Palette, levels: int = 6, bits: int = 8
) -> tuple[list[Row], list[bool]]:
    """The colors as the palette has them, in its 16 bits, and for each departure if it snapped."""
    rows = np.array(colors, np.uint16) * (257 if bits == 8 else 1)
    xy = np.zeros((len(rows), 2), np.int64)
    out, departures = Snapping(palette, levels).snap(rows, xy, bits)
    return [tuple(row) for row in out.tolist()], [off.snapped for off in departures]


def deep(*rows: Row) -> list[Row]:
    return [tuple(257 * value for value in row) for row in rows]


def test_exact_colors_stay_and_are_no_departure() -> None:
    assert snap([SKIN, HAIR, SKIN], palette_of(SKIN, HAIR)) == (deep(SKIN, HAIR, SKIN), [])


@pytest.mark.parametrize("off", [(-1, 0, 0, 0), (-6, 6, 6, 0), (0, 0, 1, -6)])
def test_near_colors_become_the_nearest_one(off: Row) -> None:
    near = tuple(value + change for value, change in zip(SKIN, off, strict=True))
    palette = palette_of(HAIR, (250, 110, 0, 255), SKIN)
    assert snap([near, HAIR], palette) == (deep(SKIN, HAIR), [True])


@pytest.mark.parametrize("off", [(-7, 0, 0, 0), (0, 7, 0, 0), (0, 0, 0, -7)])
def test_colors_further_off_stay_and_are_told(off: Row) -> None:
    far = tuple(value + change for value, change in zip(SKIN, off, strict=True))
    assert snap([far], palette_of(SKIN)) == (deep(far), [False])
    assert snap([far], palette_of(SKIN), levels=7) == (deep(SKIN), [True])


def test_what_lies_between_two_colors_stays() -> None:
    palette = palette_of((100, 100, 100, 255), (104, 100, 100, 255))
    assert snap([(102, 100, 100, 255)], palette) == (deep((102, 100, 100, 255)), [False])
    assert snap([(101, 100, 100, 255)], palette) == (deep((100, 100, 100, 255)), [True])


def test_with_no_levels_only_exact_colors_are_the_palettes() -> None:
    near = (254, 128, 0, 255)
    assert snap([near, SKIN], palette_of(SKIN), levels=0) == (deep(near, SKIN), [False])


def test_transparent_stays_and_no_opaque_color_becomes_it() -> None:
    palette = palette_of((0, 0, 0, 0), (3, 3, 3, 255))
    assert snap([(0, 0, 0, 0), (9, 9, 9, 4)], palette)[0] == deep((0, 0, 0, 0), (9, 9, 9, 4))


def test_near_is_what_color_management_does_to_8_bits() -> None:
    # D65 primaries of sRGB and Adobe RGB (1998), as their specifications print them.
    srgb = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
    adobe = np.array(
        [[0.57667, 0.18556, 0.18823], [0.29734, 0.62736, 0.07529], [0.02703, 0.07069, 0.99134]]
    )
    colors = np.random.default_rng(0).integers(0, 256, (20_000, 3))
    own = colors / 255
    linear = np.where(own <= 0.04045, own / 12.92, ((own + 0.055) / 1.055) ** 2.4)
    there = np.clip(linear @ srgb.T @ np.linalg.inv(adobe).T, 0, 1) ** (1 / 2.2)
    stored = np.rint(there * 255) / 255
    back = np.clip(stored**2.2 @ adobe.T @ np.linalg.inv(srgb).T, 0, 1)
    back = np.where(back <= 0.0031308, 12.92 * back, 1.055 * back ** (1 / 2.4) - 0.055)
    off = np.abs(np.rint(back * 255) - colors).max(axis=1)
    assert np.percentile(off, 99) <= 5 < DEFAULT_SNAP


def test_colors_of_8_bits_take_all_16_of_the_palette() -> None:
    entry = (65400, 33000, 100, 65535)  # 254, 128, 0 in 8 bits
    assert snap([(254, 128, 0, 255)], palette_of(entry, deep=True)) == ([entry], [])


def test_colors_of_16_bits_become_the_exact_color_of_a_palette_of_8() -> None:
    palette = palette_of(SKIN)
    (exact,) = deep(SKIN)
    near = (exact[0] - 100, *exact[1:])  # the same in 8 bits, but not the same color
    assert snap([exact], palette, bits=16) == ([exact], [])
    assert snap([near], palette, bits=16) == ([exact], [True])
    assert snap([near], palette, levels=0, bits=16) == ([near], [False])


# --- references ---------------------------------------------------------------------------------


def build(
    painting: Rgba | NDArray[np.uint16], palette: Palette, drawing: Rgba
) -> tuple[Reference, Palette]:
    return build_reference("A0001.png", painting, drawing, palette, snapping=Snapping(palette))


def draw(*fills: Row, clear: bool = False) -> tuple[Rgba, Rgba]:
    """A row of boxes, as drawing and painted."""
    drawing = np.full((40, 10 + 30 * len(fills), 4), 255, np.uint8)
    if clear:
        drawing[:] = 0
    painting = drawing.copy()
    for at, fill in enumerate(fills):
        box = (5 + 30 * at, 5), (25 + 30 * at, 35)
        cv2.rectangle(painting, *box, fill, -1)
        for picture in (drawing, painting):
            cv2.rectangle(picture, *box, (0, 0, 0, 255), 2)
    return drawing, painting


def test_a_reference_has_the_ids_of_the_palette() -> None:
    drawing, painting = draw((254, 129, 0, 255), HAIR, (9, 200, 9, 255), (254, 129, 0, 255))
    given = palette_of(HAIR, SHADOW, SKIN)
    reference, palette = build(painting, given, drawing)
    assert reference.color_ids.tolist() == [PAPER, 3, 1, 4, 3]
    assert palette.names == ("paper", "part 1", "part 2", "part 3", "#09c809")
    snapped, stays = sorted(reference.departures, key=lambda off: not off.snapped)
    assert (snapped.segments, snapped.nearest, snapped.levels) == (2, (3,), 1)
    assert tuple(painting[snapped.xy[1], snapped.xy[0]]) == (254, 129, 0, 255)
    assert (stays.segments, stays.snapped) == (1, False)


@pytest.mark.parametrize("clear", [False, True])
def test_white_is_paint_if_the_palette_has_it(clear: bool) -> None:
    white = (255, 255, 255, 255)
    drawing, painting = draw(white, SKIN, clear=clear)
    reference, _ = build(painting, palette_of(SKIN, white), drawing)
    assert reference.color_ids.tolist() == [PAPER, 2, 1]
    assert not reference.departures
    reference, palette = build(painting, palette_of(SKIN), drawing)
    # On white, nobody can tell it from paper; on transparent paper it can only be paint.
    assert reference.color_ids.tolist() == [PAPER, 2 if clear else PAPER, 1]
    assert len(reference.departures) == (1 if clear else 0)
    assert len(palette) == (3 if clear else 2)


# --- what is told -------------------------------------------------------------------------------


def test_one_sentence_for_each_color_whatever_the_number_of_references() -> None:
    given = palette_of(HAIR, SKIN)
    found = []
    for name in ("key/A0001.png", "key/A0009.png"):
        drawing, painting = draw((254, 129, 0, 255), (9, 200, 9, 255), (254, 129, 0, 255))
        reference, _ = build(painting, given, drawing)
        found += [(name, off) for off in reference.departures]
    told = tell_departures(found, given, 6)
    assert len(told) == 2
    (snapped,) = [text for text in told if "became" in text]
    for word in ("#fe8100", "key/A0001.png and 1 more reference", "#ff8000 part 2", "4 segments"):
        assert word in snapped
    (stays,) = [text for text in told if "became" not in text]
    for word in ("#09c809", "not in the palette", "#1e2832 part 1", "160 levels", "It stays"):
        assert word in stays


def test_a_color_between_two_and_one_that_is_off_in_16_bits_are_told_as_what_they_are() -> None:
    given = palette_of((100, 100, 100, 255), (104, 100, 100, 255))
    rows = np.array([[102 * 257, 25700, 25700, 65535], [25701, 25700, 25700, 65535]], np.uint16)
    _, departures = Snapping(given).snap(rows, np.zeros((2, 2), np.int64), 16)
    off, between = tell_departures([("A", off) for off in departures], given, 6)
    assert off.startswith("#646564646464ffff of A")
    assert "became #646464 part 1" in off
    assert "as near to #646464 part 1 as to #686464 part 2" in between
