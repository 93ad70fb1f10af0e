"""Colors found only mixed with others stand for these; near colors that fill areas do not."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from shiage.colors.dithering import Dithers, find_dithers
from shiage.files.packing import pack_colors
from tests.drawings import Rgba, to_u16

Mix = Callable[[tuple[int, int]], NDArray[np.int64]]
HEIGHT, WIDTH = 60, 80
SKIN = (200, 150, 100, 255)


def checks(shape: tuple[int, int]) -> NDArray[np.int64]:
    return np.asarray(np.indices(shape).sum(axis=0) % 2)


def rows(shape: tuple[int, int]) -> NDArray[np.int64]:
    return np.asarray(np.indices(shape)[0] % 2)


def noise(share: float) -> Mix:
    return lambda shape: (np.random.default_rng(0).random(shape) < share).astype(np.int64)


MIXES: dict[str, Mix] = {
    "checks": checks, "rows": rows, "columns": lambda shape: rows(shape[::-1]).T,
    "noise": noise(0.5), "some noise": noise(0.3), "a little noise": noise(0.05),
}  # fmt: skip


def fill(left: NDArray[np.int64] | int = 0, right: NDArray[np.int64] | int = 0) -> Rgba:
    """Two fills side by side, ink between; added to the red of each is `left` and `right`."""
    picture = np.zeros((HEIGHT, WIDTH, 4), np.uint8)
    picture[:] = SKIN
    picture[:, 40:] = (40, 80, 160, 255)
    picture[:, :38, 0] += np.asarray(left, np.uint8)
    picture[:, 42:, 0] += np.asarray(right, np.uint8)
    picture[:, 38:42] = (0, 0, 0, 255)
    return picture


def find(picture: NDArray[np.uint8] | NDArray[np.uint16], **first: NDArray[np.uint32]) -> Dithers:
    paint = np.asarray((picture[..., :3] > 0).any(axis=-1))
    return find_dithers(pack_colors(picture), paint, **first)


def left_over(picture: NDArray[np.uint8] | NDArray[np.uint16]) -> int:
    """How many colors there are without dithering."""
    packed = pack_colors(picture)
    return len(np.unique(find(picture).level(packed)))


@pytest.mark.parametrize("mix", MIXES.values(), ids=[*MIXES])
@pytest.mark.parametrize("step", [1, 2])
@pytest.mark.parametrize("deep", [False, True])
def test_two_colors_mixed_pixel_by_pixel_are_the_commoner(mix: Mix, step: int, deep: bool) -> None:
    red = step * mix((HEIGHT, 38))
    picture = fill(red)
    pixels = to_u16(picture) if deep else picture
    found = find(pixels)
    assert len(found) == 1
    x, y = found.xy
    commoner = SKIN[0] + (step if 2 * np.count_nonzero(red) > red.size else 0)
    leveled = found.level(pack_colors(pixels))
    expected = fill()
    expected[:, :38, 0] = commoner
    if 2 * np.count_nonzero(red) != red.size:  # else either will do
        expected_pixels = to_u16(expected) if deep else expected
        np.testing.assert_array_equal(leveled, pack_colors(expected_pixels))
    assert len(np.unique(leveled)) == 3
    assert leveled[y, x] != pack_colors(pixels)[y, x]


def test_channels_dithered_apart_are_one_color() -> None:
    picture = fill()
    picture[..., :3] += np.random.default_rng(1).integers(0, 2, (HEIGHT, WIDTH, 3), np.uint8)
    picture[:, 38:42, :3] = 0
    assert left_over(picture) == 3


def test_16_bit_levels_may_be_dithered_finely() -> None:
    picture = to_u16(fill())
    picture[:, :38, 1] += np.random.default_rng(2).integers(0, 3, (HEIGHT, 38), np.uint16)
    assert left_over(picture) == 3


def halves(shape: tuple[int, int]) -> NDArray[np.int64]:
    return np.asarray(np.indices(shape)[1] > shape[1] // 2, np.int64)


@pytest.mark.parametrize("deep", [False, True])
def test_near_colors_that_fill_areas_are_meant(deep: bool) -> None:
    beside, apart = fill(halves((HEIGHT, 38))), fill()
    apart[:, 42:] = (SKIN[0] + 1, *SKIN[1:])
    for picture in (beside, apart):
        assert len(find(to_u16(picture) if deep else picture)) == 0


def test_near_colors_meant_elsewhere_stay_apart_where_they_are_mixed() -> None:
    picture = fill(checks((HEIGHT, 38)))
    picture[:, 42:] = SKIN
    picture[:20, 42:] = (SKIN[0] + 1, *SKIN[1:])
    assert len(find(picture)) == 0


def test_thin_parts_in_a_near_color_are_meant() -> None:
    picture = fill()
    for x in range(4, 36, 6):  # strands of hair between lines
        picture[:, x : x + 4] = (0, 0, 0, 255)
        picture[:, x + 1 : x + 3] = (SKIN[0] + 1, *SKIN[1:])
    assert len(find(picture)) == 0


@pytest.mark.parametrize("step", [1, 3])
def test_gradients_are_no_dithering(step: int) -> None:
    gradient = np.broadcast_to(np.arange(38) // step, (HEIGHT, 38))
    assert len(find(fill(gradient))) == 0
    assert len(find(fill(gradient + 0).transpose(1, 0, 2).copy())) == 0


def test_colors_three_levels_apart_are_two() -> None:
    assert len(find(fill(3 * checks((HEIGHT, 38))))) == 0


def test_a_few_specks_are_no_dithering() -> None:
    specks = np.zeros((HEIGHT, 38), np.int64)
    specks[::20, ::10] = 1
    assert len(find(fill(specks))) == 0


def test_a_palettes_colors_are_those_that_stay() -> None:
    rare = fill(noise(0.4)((HEIGHT, 38)))
    own = np.array([[SKIN, (SKIN[0] + 1, *SKIN[1:])]], np.uint8)
    common, other = pack_colors(own)[0][:1], pack_colors(own)[0][1:]
    assert find(rare).instead.tolist() == common.tolist()
    assert find(rare, known=other).instead.tolist() == other.tolist()
    assert find(rare, meant=other).instead.tolist() == other.tolist()
    assert find(rare, meant=other, known=common).instead.tolist() == other.tolist()
    assert len(find(rare, meant=pack_colors(own)[0])) == 0


def test_noise_without_end_is_let_be() -> None:
    picture = to_u16(fill())
    picture[..., :3] += np.random.default_rng(3).integers(0, 400, (HEIGHT, WIDTH, 3), np.uint16)
    assert len(find(picture)) == 0


def test_what_is_told() -> None:
    found = find(fill(noise(0.2)((HEIGHT, 38)), checks((HEIGHT, 38))))
    x, y = found.xy
    assert found.tell() == (
        f"2 fills are dithered, #2850a0 with #2950a0 at ({x}, {y}); each counts as one color"
    )
