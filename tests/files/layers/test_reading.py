"""Layered files read as drawings and as paintings."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from psd_tools import PSDImage
from psd_tools.constants import BlendMode, Resource, Tag
from psd_tools.psd.descriptor import Descriptor, DescriptorBlock, Double
from psd_tools.psd.image_resources import ImageResource
from psd_tools.terminology import Key

from shiage.errors import NothingToPaint
from shiage.files.images import open_picture, read_picture, read_size
from shiage.files.layers.document import open_document
from shiage.files.layers.reading import merged_pixels
from tests.files.layers.psds import SIZE_HW, L, filled, read_drawing, stroke, write_psd
from tests.files.samples import draw

RED, BLUE, GREY, SKIN = (255, 0, 0), (0, 0, 255), (90, 90, 90), (250, 220, 190)
LINE, TRACE = stroke(), stroke(RED, row=6)
BOTH = np.maximum(LINE, TRACE)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "A0001.psd"


def drawing(path: Path) -> np.ndarray:
    return read_drawing(path).pixels


def painting(path: Path) -> np.ndarray:
    return read_picture(path).pixels


def test_the_drawing_is_lines_and_traces_alone(path: Path) -> None:
    write_psd(
        path,
        L("用紙", filled((255, 255, 255))),
        L("下描き", stroke(BLUE, row=3), opacity=128),
        L("彩色", filled(SKIN)),
        L("色トレス", TRACE),
        L("主線", LINE),
        L("塗り分け", stroke(BLUE, row=9)),
        L("LINE old", stroke(row=15), visible=False),
        L("レイヤー 7", stroke(row=18)),
    )
    np.testing.assert_array_equal(drawing(path), BOTH)
    np.testing.assert_array_equal(open_picture(path).lines.pixels, LINE)
    assert read_drawing(path).layout.mode == "RGBA"
    assert read_size(path) == SIZE_HW


def test_the_painting_is_lines_over_paint(path: Path) -> None:
    write_psd(path, L("白", filled((255,) * 3)), L("塗り", filled(SKIN)), L("線", stroke(alpha=51)))
    expected = filled(SKIN)
    expected[12, 2:-2, :3] = np.rint(np.array(SKIN) * 0.8)
    np.testing.assert_array_equal(painting(path), expected)
    np.testing.assert_array_equal(drawing(path), stroke(alpha=51))
    assert open_picture(path).has_paint


@pytest.mark.parametrize("name", ["塗り", "paint"])
def test_empty_and_hidden_paint_is_no_paint(path: Path, name: str) -> None:
    empty = np.zeros((*SIZE_HW, 4), np.uint8)
    write_psd(path, L(name, empty), L("line", LINE), L("color", filled(SKIN), visible=False))
    assert not open_picture(path).has_paint


def test_a_group_gives_its_role_unless_a_layer_has_its_own(path: Path) -> None:
    inside = [L("a", LINE), L("下描き", stroke(BLUE, row=3)), L("b", stroke(row=20))]
    write_psd(path, L("線画", children=inside), L("c", stroke(row=22)))
    np.testing.assert_array_equal(drawing(path), np.maximum(LINE, stroke(row=20)))


def test_layers_in_a_hidden_group_do_not_count(path: Path) -> None:
    write_psd(path, L("old", children=[L("線", stroke(row=3))], visible=False), L("線", LINE))
    np.testing.assert_array_equal(drawing(path), LINE)


def test_without_names_every_visible_layer_is_ink(path: Path) -> None:
    write_psd(
        path,
        L("paper", filled((255, 255, 255))),
        L("Layer 1", LINE),
        L("Layer 2", TRACE),
        L("Layer 3", stroke(row=20), visible=False),
        L("memo", stroke(row=22)),
    )
    np.testing.assert_array_equal(drawing(path), BOTH)


def test_traces_hidden_under_paint_count_again(path: Path) -> None:
    layers = L("色トレス", TRACE, visible=False), L("線", LINE)
    np.testing.assert_array_equal(drawing(write_psd(path, *layers)), LINE)
    np.testing.assert_array_equal(drawing(write_psd(path, L("塗", filled(SKIN)), *layers)), BOTH)
    assert (painting(path)[6, 10] == (*SKIN, 255)).all()


def test_a_scan_on_the_background_is_the_drawing(path: Path) -> None:
    scan = filled((255, 255, 255))
    scan[12, 2:-2, :3] = 0
    np.testing.assert_array_equal(drawing(write_psd(path, L("背景", scan))), scan)
    assert read_drawing(path).layout.mode == "RGB"


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "L", "LA"])
def test_a_flattened_file_is_its_merged_image(path: Path, mode: str) -> None:
    pixels = draw("RGBA", 8, *SIZE_HW)
    pixels[..., 3] = np.where(pixels[..., 3] > 100, 255, 0)
    image = Image.new(mode, SIZE_HW[::-1], "white")
    image.paste(Image.fromarray(pixels).convert(mode), mask=Image.fromarray(pixels[..., 3]))
    if mode in ("LA", "RGBA"):
        image.putalpha(Image.fromarray(pixels[..., 3]))
    PSDImage.frompil(image).save(path)
    expected = np.asarray(image.convert("RGBA"))
    expected = np.where(expected[..., 3:] == 0, 0, expected)
    np.testing.assert_array_equal(drawing(path), expected)
    np.testing.assert_array_equal(painting(path), expected)


@pytest.mark.parametrize("suffix", [".psd", ".psb"])
@pytest.mark.parametrize("bits", [8, 16])
@pytest.mark.parametrize("kind", ["RGBA", "LA"])
def test_every_value_comes_through(tmp_path: Path, kind: str, bits: int, suffix: str) -> None:
    pixels = draw("RGBA" if kind == "RGBA" else "LA", bits, 20, 30)
    if kind == "LA" and bits == 16:
        pixels[..., 3] = draw("RGBA", 16, 20, 30)[..., 3]
    path = write_psd(tmp_path / f"a{suffix}", L("線", pixels, (1, 2)), kind=kind, bits=bits)
    expected = np.zeros((*SIZE_HW, 4), pixels.dtype)
    expected[2:22, 1:31] = np.where(pixels[..., 3:] == 0, 0, pixels)
    picture = read_drawing(path)
    np.testing.assert_array_equal(picture.pixels, expected)
    assert picture.layout.bits == bits


def test_layers_that_reach_out_of_the_picture(path: Path) -> None:
    pixels = draw("RGBA", 8, 30, 40)
    write_psd(path, L("line", pixels, (-4, -3)), L("line b", LINE, (-40, 0)))
    expected = np.where(pixels[..., 3:] == 0, 0, pixels)[3:27, 4:36]
    np.testing.assert_array_equal(drawing(path), expected)


def test_opacity_and_masks_of_layers_and_groups(path: Path) -> None:
    mask = np.zeros(SIZE_HW, np.uint8)
    mask[:, 16:] = 255
    grey_mask = np.full(SIZE_HW, 128, np.uint8)
    write_psd(
        path,
        L("線", filled(RED), opacity=100, mask=mask),
        L("線 group", children=[L("a", stroke(BLUE)), L("b", stroke(row=13))], opacity=128),
        L("線 2", stroke(row=20), mask=grey_mask),
    )
    pixels = drawing(path)
    assert (pixels[2, :16] == 0).all()
    assert (pixels[2, 16:] == (255, 0, 0, 100)).all()
    assert (pixels[12, 5] == (0, 0, 255, 128)).all()
    assert (pixels[20, 5] == (0, 0, 0, 128)).all()
    over = 128 + 100 * 127 / 255  # alpha of the group's line over the red one
    assert pixels[13, 20, 3] == round(over)
    assert pixels[13, 20, 0] == round(255 * (100 * 127 / 255) / over)


def test_multiply(path: Path) -> None:
    write_psd(
        path, L("塗り", filled(SKIN)), L("線", stroke(GREY, alpha=204), mode=BlendMode.MULTIPLY)
    )
    np.testing.assert_array_equal(drawing(path), stroke(GREY, alpha=204))
    skin, grey = np.array(SKIN) / 255, np.array(GREY) / 255
    expected = np.rint(255 * (0.2 * skin + 0.8 * skin * grey))
    np.testing.assert_array_equal(painting(path)[12, 5, :3], expected)


def test_a_solid_fill_as_on_paper_of_photoshop(path: Path) -> None:
    def fill(psd: PSDImage) -> None:
        told = DescriptorBlock(classID=b"null")
        told[Key.Color] = Descriptor(classID=b"RGBC")
        for key, level in zip((Key.Red, Key.Green, Key.Blue), SKIN, strict=True):
            told[Key.Color][key] = Double(level)
        psd[0].tagged_blocks.set_data(Tag.SOLID_COLOR_SHEET_SETTING, told)

    write_psd(path, L("塗り", np.zeros((1, 1, 4), np.uint8)), L("線", LINE), change=fill)
    expected = filled(SKIN)
    expected[12, 2:-2, :3] = 0
    np.testing.assert_array_equal(painting(path), expected)


def test_names_in_shift_jis_without_unicode(path: Path) -> None:
    def old_name(psd: PSDImage) -> None:
        psd[1]._record.name = "線画".encode("cp932").decode("macroman")
        del psd[1].tagged_blocks[Tag.UNICODE_LAYER_NAME]

    write_psd(path, L("b", stroke(row=3)), L("a", LINE), change=old_name)
    np.testing.assert_array_equal(drawing(path), LINE)


def test_saved_selections_are_no_transparency(path: Path) -> None:
    def name_selection(psd: PSDImage) -> None:
        key = Resource.ALPHA_NAMES_UNICODE
        psd.image_resources[key] = ImageResource(key=key, data=b"\0\0\0\2\0a\0\0")

    write_psd(path, L("a", filled(RED)), change=name_selection)
    merged = merged_pixels(open_document(path, path.read_bytes(), 10**6))
    assert (merged == (*RED, 255)).all()


def test_nothing_that_counts(path: Path) -> None:
    write_psd(path, L("memo", LINE), L("線", LINE, visible=False))
    with pytest.raises(NothingToPaint, match="none of its layers"):
        read_drawing(path)
