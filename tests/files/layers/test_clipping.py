"""Layers clipped to others, and groups: mixed as paint programs do, and counted with their base.

psd-tools mixes otherwise where a base shines through, passes through or a group is clipped; there
the values are worked out by hand.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from psd_tools import PSDImage
from psd_tools.constants import BlendMode, Tag

from shiage.errors import UnsupportedImage
from shiage.files.images import open_picture, read_picture
from tests.drawings import to_u16
from tests.files.layers.psds import SIZE_HW, L, filled, stroke, write_psd
from tests.files.samples import draw

LINE, RED, BLUE, SKIN = stroke(), (255, 0, 0), (0, 0, 255), (250, 220, 190)
NORMAL, MULTIPLY, PASS = BlendMode.NORMAL, BlendMode.MULTIPLY, BlendMode.PASS_THROUGH


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "A0001.psd"


def noise(seed: int, *, hard: bool = False) -> NDArray[np.uint8]:
    """(24, 32, 4) random pixels; hard ones are opaque or transparent."""
    pixels = np.roll(draw("RGBA", 8, *SIZE_HW), 7 * seed, axis=1)
    if hard:
        pixels[..., 3] = np.where(pixels[..., 3] > 90, 255, 0)
    return pixels


def flat(color: tuple[int, ...]) -> NDArray[np.uint8]:
    return np.full((*SIZE_HW, 4), color, np.uint8)


MASK = noise(9)[..., 0]
INSIDE = [L("x", noise(3, hard=True)), L("y", noise(4), mode=MULTIPLY)]
BASE, GROUND = noise(1, hard=True), L("g", noise(8))
STACKS: dict[str, list[L]] = {
    "clipped": [GROUND, L("b", BASE), L("c", noise(2), clipped=True)],
    "two, one hidden": [
        GROUND,
        L("b", BASE),
        L("c", noise(2), clipped=True, mode=MULTIPLY),
        L("d", noise(5), clipped=True, visible=False),
        L("e", noise(6), clipped=True, opacity=100),
    ],
    "base in multiply, with opacity": [
        GROUND,
        L("b", BASE, mode=MULTIPLY, opacity=140),
        L("c", noise(2), clipped=True, opacity=77),
    ],
    "masks": [GROUND, L("b", BASE), L("c", noise(2), clipped=True, mask=MASK)],
    "two bases": [L("a", BASE), L("b", noise(2, hard=True)), L("c", noise(5), clipped=True)],
    "base is hidden": [GROUND, L("b", BASE, visible=False), L("c", noise(2), clipped=True)],
    "base is a group": [
        GROUND,
        L("G", children=[INSIDE[0], L("y", noise(4, hard=True), mode=MULTIPLY)], mode=NORMAL),
        L("c", noise(5), clipped=True, mode=MULTIPLY),
    ],
    "within a group": [
        GROUND,
        L("G", children=[L("b", BASE), L("c", noise(5), clipped=True)], mode=NORMAL, opacity=99),
    ],
    "group": [GROUND, L("G", children=INSIDE, mode=NORMAL, opacity=99)],
    "group that passes through": [GROUND, L("G", children=INSIDE, mode=PASS)],
    "group that passes through in part": [GROUND, L("G", children=INSIDE, mode=PASS, opacity=99)],
}


@pytest.mark.parametrize("kind", STACKS)
def test_as_psd_tools_shows_it(path: Path, kind: str) -> None:
    write_psd(path, *STACKS[kind])
    shown = PSDImage.open(path).composite(force=True, color=0.0, alpha=0.0)
    expected, pixels = (
        rgba[..., :3] * (rgba[..., 3:] / 255)
        for rgba in (np.asarray(shown.convert("RGBA")), read_picture(path).pixels)
    )
    assert np.abs(pixels - expected).max() <= 2
    assert (
        np.abs(read_picture(path).pixels[..., 3] - np.asarray(shown)[..., 3].astype(int)).max() < 2
    )


def pixel(path: Path) -> list[int]:
    """The one color of a picture."""
    (color,) = np.unique(read_picture(path).pixels.reshape(-1, 4), axis=0).tolist()
    return list(color)


def test_over_a_base_that_shines_through(path: Path) -> None:
    """The base's outline stays as it is; within it colors mix as on an opaque base."""
    write_psd(path, L("b", flat((200, 0, 0, 128))), L("c", flat((0, 100, 0, 51)), clipped=True))
    assert pixel(path) == [160, 20, 0, 128]
    dark = L("c", flat((51, 51, 51, 255)), clipped=True, mode=MULTIPLY)
    write_psd(path, L("b", flat((200, 0, 0, 128))), dark)
    assert pixel(path) == [40, 0, 0, 128]


@pytest.mark.parametrize("inside", [PASS, NORMAL])
def test_a_group_that_is_clipped(path: Path, inside: BlendMode) -> None:
    half = [L("x", flat((0, 100, 0, 51))), L("y", flat((0, 0, 0, 0)))]
    group = L("c", children=half, clipped=True, mode=inside)
    write_psd(path, L("b", flat((200, 0, 0, 128))), group)
    assert pixel(path) == [160, 20, 0, 128]


def test_a_group_that_passes_through_is_a_base_like_any_other(path: Path) -> None:
    clipped = L("c", noise(5), clipped=True)
    shown = []
    for mode in (PASS, NORMAL):
        write_psd(path, GROUND, L("G", children=INSIDE, mode=mode), clipped)
        shown.append(read_picture(path).pixels)
    np.testing.assert_array_equal(shown[0], shown[1])


def test_each_by_itself_if_the_file_says_so(path: Path) -> None:
    """Photoshop: "Blend Clipped Layers as Group" is not ticked."""

    def apart(psd: PSDImage) -> None:
        psd[1].tagged_blocks.set_data(Tag.BLEND_CLIPPING_ELEMENTS, 0)

    base = L("b", flat((100, 100, 100, 255)), mode=MULTIPLY)
    layers = L("g", flat((51, 102, 255, 255))), base, L("c", flat((1, 2, 3, 255)), clipped=True)
    write_psd(path, *layers, change=apart)
    assert pixel(path) == [1, 2, 3, 255]
    write_psd(path, *layers)
    assert pixel(path) == [0, 1, 3, 255]


def test_the_lowest_layer_stands_for_itself(path: Path) -> None:
    write_psd(path, L("a", LINE, clipped=True), L("b", LINE, visible=False))
    np.testing.assert_array_equal(open_picture(path).drawing.pixels, LINE)


@pytest.mark.parametrize("bits", [8, 16])
def test_lines_recolored_by_what_is_clipped_to_them(path: Path, bits: int) -> None:
    deep = to_u16 if bits == 16 else np.asarray
    write_psd(
        path,
        L("主線", deep(LINE)),
        L("彩色", deep(filled(RED)), clipped=True),  # whatever its name
        L("影", deep(filled(BLUE)), clipped=True, visible=False),
        bits=bits,
    )
    np.testing.assert_array_equal(open_picture(path).drawing.pixels, deep(stroke(RED)))
    assert not open_picture(path).has_paint


def test_shading_clipped_to_paint_is_paint(path: Path) -> None:
    shade = L("レイヤー 4", flat((100, 100, 100, 255)), clipped=True, mode=MULTIPLY)
    write_psd(path, L("塗り", filled(SKIN)), shade, L("線", LINE))
    np.testing.assert_array_equal(open_picture(path).drawing.pixels, LINE)
    assert read_picture(path).pixels[0, 0].tolist() == [98, 86, 75, 255]
    assert open_picture(path).has_paint


def test_lines_clipped_to_paint_are_lines_where_it_is(path: Path) -> None:
    half = filled(SKIN)
    half[:, 16:] = 0
    write_psd(path, L("塗り", half), L("線", LINE, clipped=True))
    expected = LINE.copy()
    expected[:, 16:] = 0
    np.testing.assert_array_equal(open_picture(path).drawing.pixels, expected)
    assert open_picture(path).lines_blend  # they cannot stay over other paint


def test_guides_clipped_to_lines_or_paint_are_none_of_them(path: Path) -> None:
    guide = L("memo", filled(BLUE), clipped=True)
    write_psd(
        path, L("塗り", filled(SKIN)), guide, L("下描き", LINE), L("x", filled(RED), clipped=True)
    )
    assert read_picture(path).pixels[12, 5].tolist() == [*SKIN, 255]


@pytest.mark.parametrize(
    ("mode", "color", "blends"),
    [(NORMAL, RED, False), (MULTIPLY, RED, True), (MULTIPLY, (0, 0, 0), False)],
)
def test_whether_recolored_lines_blend_is_up_to_their_base(
    path: Path, mode: BlendMode, color: tuple[int, int, int], blends: bool
) -> None:
    recolor = L("x", filled(color), clipped=True, mode=NORMAL)
    write_psd(path, L("線", LINE, mode=mode), recolor)
    assert open_picture(path).lines_blend == blends
    write_psd(
        path, L("線", stroke(color), mode=mode), L("x", filled(RED), clipped=True, mode=MULTIPLY)
    )
    assert open_picture(path).lines_blend == blends


def test_other_modes_are_refused_by_name(path: Path) -> None:
    clipped = L("光", filled(RED), clipped=True, mode=BlendMode.SCREEN)
    write_psd(path, L("塗り", filled(SKIN)), clipped, L("線", LINE))
    np.testing.assert_array_equal(open_picture(path).drawing.pixels, LINE)
    with pytest.raises(UnsupportedImage, match="'光' has the blend mode screen") as caught:
        read_picture(path)
    assert "Set it to Normal" in caught.value.action
