"""TIFFs with layers, and of grey with alpha: as GIMP and tifffile write them."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
from numpy.typing import NDArray

from shiage.errors import FileError, ImageTooLarge
from shiage.files.images import (
    Layout,
    Picture,
    count_pages,
    encode_picture,
    read_picture,
    read_size,
)
from shiage.files.pictures import lay_over
from tests.drawings import to_u16
from tests.files.samples import draw, read_bytes, saved
from tests.files.tiffs import Page, layered_tiff

HW = (30, 50)
WHITE = np.full((*HW, 3), 255, np.uint8)
SMALL = draw("RGBA", 8, 12, 20).astype(np.uint8)
OTHER = draw("RGBA", 8, 9, 7).astype(np.uint8)


def expected(*, deep: bool = False) -> NDArray[Any]:
    """SMALL at (17, 5) and OTHER at (40, 21), over white."""
    change: Callable[[Any], Any] = to_u16 if deep else np.asarray
    flat = change(np.full((*HW, 4), 255, np.uint8))
    for pixels, (x, y) in ((SMALL, (17, 5)), (OTHER, (40, 21))):
        layer = np.zeros((*HW, 4), np.uint8)
        layer[y : y + pixels.shape[0], x : x + pixels.shape[1]] = pixels
        flat = lay_over(flat, change(layer))
    return np.asarray(flat)


def pages(*, deep: bool = False) -> list[Page]:
    change: Callable[[Any], Any] = to_u16 if deep else np.asarray
    return [
        Page(change(WHITE), "Background"),
        Page(change(SMALL), "paint", (17, 5)),
        Page(change(OTHER), "Layer #1", (40, 21)),
    ]


WAYS: dict[str, dict[str, Any]] = {
    "inch": {},
    "centimeter": {"resolution": (118.11023622047244, 118.11023622047244), "unit": "CENTIMETER"},
    "no unit": {"resolution": (1, 1), "unit": "NONE"},
    "72 by 144": {"resolution": (72, 144)},
    "MM": {"byteorder": ">"},
    "BigTIFF": {"bigtiff": True},
    "deflate": {"compression": "zlib", "predictor": True},
    "tiles": {"tile": (16, 16)},
}


@pytest.mark.parametrize("way", WAYS)
def test_layers_lie_where_they_belong(tmp_path: Path, way: str) -> None:
    path = saved(tmp_path / "A0001.tif", layered_tiff(*pages(), **WAYS[way]))
    picture = read_picture(path)
    np.testing.assert_array_equal(picture.pixels, expected())
    assert (picture.layout.mode, picture.layout.bits) == ("RGB", 8)
    assert read_size(path) == HW
    assert count_pages(path) == 1
    (note,) = picture.notes
    assert "laid over each other" in note
    again = read_bytes(tmp_path, encode_picture(picture, format="TIFF"))
    np.testing.assert_array_equal(again.pixels, picture.pixels)


def test_layers_of_16_bits(tmp_path: Path) -> None:
    picture = read_bytes(tmp_path, layered_tiff(*pages(deep=True)))
    np.testing.assert_array_equal(picture.pixels, expected(deep=True))
    assert picture.layout.bits == 16


def test_premultiplied_layers_of_grey(tmp_path: Path) -> None:
    ink = np.zeros((8, 10, 2), np.uint8)
    ink[..., 1] = 255
    picture = read_bytes(
        tmp_path,
        layered_tiff(
            Page(np.zeros((*HW, 2), np.uint8), "empty"),
            Page(ink, "lines", (3, 4)),
            alpha="ASSOCALPHA",
        ),
    )
    assert picture.layout.mode == "RGBA"
    assert picture.pixels[..., 3].sum() == 80 * 255
    assert (picture.pixels[4:12, 3:13] == (0, 0, 0, 255)).all()


def test_the_canvas_is_as_large_as_the_layers_reach(tmp_path: Path) -> None:
    data = layered_tiff(Page(SMALL, "a", (17, 5)), Page(OTHER, "b", (40, 21)))
    picture = read_bytes(tmp_path, data)
    assert picture.size_hw == (30, 47) == read_size(tmp_path / "picture")
    assert picture.layout.mode == "RGBA"
    with pytest.raises(ImageTooLarge, match="47 x 30"):
        read_picture(tmp_path / "picture", max_pixels=1000)


def test_a_cropped_layer_in_the_corner_has_no_place(tmp_path: Path) -> None:
    picture = read_bytes(tmp_path, layered_tiff(Page(WHITE, "Background"), Page(OTHER, "lines")))
    layer = np.zeros((*HW, 4), np.uint8)
    layer[:9, :7] = OTHER
    white = np.full((*HW, 4), 255, np.uint8)
    np.testing.assert_array_equal(picture.pixels, lay_over(white, layer))


@pytest.mark.parametrize("named", [True, False])
def test_pages_of_one_size_are_pictures_of_their_own(tmp_path: Path, named: bool) -> None:
    names = ["A0001", "A0002"] if named else ["", ""]
    data = layered_tiff(*(Page(WHITE // (n + 1), name) for n, name in enumerate(names)))
    path = saved(tmp_path / "a.tif", data)
    picture = read_picture(path)
    assert (picture.pixels == 255).all()
    assert not picture.notes
    assert count_pages(path) == 2


def test_pages_of_several_sizes_without_names_and_places_are_so_too(tmp_path: Path) -> None:
    path = saved(tmp_path / "a.tif", layered_tiff(Page(WHITE), Page(SMALL)))
    assert read_picture(path).size_hw == HW
    assert count_pages(path) == 2


def test_a_thumbnail_is_no_layer(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    with tifffile.TiffWriter(buffer) as writer:
        writer.write(WHITE, photometric="rgb", extratags=[(285, "s", 0, "a", True)])
        writer.write(
            WHITE[:5, :5], photometric="rgb", subfiletype=1, extratags=[(285, "s", 0, "b", True)]
        )
    picture = read_bytes(tmp_path, buffer.getvalue())
    assert picture.size_hw == HW
    assert not picture.notes


@pytest.mark.parametrize("place", [(1, 0), (0, 0), (4_000_000_000, 1)])
def test_places_that_make_no_sense(tmp_path: Path, place: tuple[int, int]) -> None:
    data = layered_tiff(Page(WHITE, "a"), Page(OTHER, "b", (20, 10)))
    at = data.index(round(20 / 300 * 1_000_000).to_bytes(4, "little"))
    hurt = b"".join(value.to_bytes(4, "little") for value in place)
    data = data[:at] + hurt + data[at + 8 :]
    if place[0] > 1:
        with pytest.raises(ImageTooLarge):
            read_bytes(tmp_path, data)
    else:
        assert read_bytes(tmp_path, data).size_hw == HW


# -- grey with alpha, and premultiplied alpha of 16 bits -------------------------------------------

STORAGE: dict[str, dict[str, Any]] = {
    "raw": {},
    "strips": {"rowsperstrip": 5},
    "tiles": {"tile": (16, 16)},
    "deflate": {"compression": "zlib"},
    "deflate, differences": {"compression": "zlib", "predictor": True},
    "deflate, tiles, differences": {"compression": "zlib", "predictor": True, "tile": (16, 32)},
}


@pytest.mark.parametrize("byteorder", "<>")
@pytest.mark.parametrize("storage", STORAGE)
@pytest.mark.parametrize("bits", [8, 16])
@pytest.mark.parametrize("mode", ["LA", "RGBA"])
@pytest.mark.parametrize("premultiplied", [False, True])
def test_alpha(
    tmp_path: Path, premultiplied: bool, mode: str, bits: int, storage: str, byteorder: Any
) -> None:
    straight = draw("RGBA", bits, 21, 37).copy()
    if mode == "LA":
        straight[..., 1:3] = straight[..., :1]
    top = np.iinfo(straight.dtype).max
    straight[:5, :, 3] = top
    straight[5:9] = 0
    samples = straight[..., [0, 3]] if mode == "LA" else straight
    if premultiplied:
        share = samples[..., -1:] / top
        colors = np.rint(samples[..., :-1] * share).astype(samples.dtype)
        samples = np.concatenate([colors, samples[..., -1:]], axis=2)
    buffer = io.BytesIO()
    with tifffile.TiffWriter(buffer, byteorder=byteorder) as writer:
        writer.write(
            samples,
            photometric="minisblack" if mode == "LA" else "rgb",
            extrasamples=["ASSOCALPHA" if premultiplied else "UNASSALPHA"],
            **STORAGE[storage],
        )
    picture = read_bytes(tmp_path, buffer.getvalue())
    assert picture.layout.mode == ("RGBA" if bits == 16 else mode)
    assert picture.layout.bits == bits
    np.testing.assert_array_equal(picture.pixels[..., 3], straight[..., 3])
    np.testing.assert_array_equal(picture.pixels[:9], straight[:9])
    share = straight[..., 3:] / top
    off = np.abs(picture.pixels[..., :3].astype(float) - straight[..., :3]) * share
    assert off.max() <= (1.01 if premultiplied else 0)


def test_what_was_grey_with_alpha_of_16_bits_is_written_and_read_again(tmp_path: Path) -> None:
    pixels = draw("RGBA", 16)
    pixels[..., 1:3] = pixels[..., :1]
    picture = Picture(pixels, Layout("TIFF", "RGBA", 16))
    again = read_bytes(tmp_path, encode_picture(picture, format="TIFF"))
    np.testing.assert_array_equal(again.pixels, pixels)


def test_grey_with_alpha_where_white_is_stored_as_0(tmp_path: Path) -> None:
    samples = draw("RGBA", 16, 9, 13)[..., [0, 3]]
    buffer = io.BytesIO()
    tifffile.imwrite(buffer, samples, photometric="miniswhite", extrasamples=["UNASSALPHA"])
    picture = read_bytes(tmp_path, buffer.getvalue())
    np.testing.assert_array_equal(picture.pixels[..., 0], 65535 - samples[..., 0])
    np.testing.assert_array_equal(picture.pixels[..., 3], samples[..., 1])


def test_a_cut_off_file_of_grey_with_alpha(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    samples = draw("RGBA", 16, 40, 40)[..., [0, 3]]
    tifffile.imwrite(buffer, samples, photometric="minisblack", extrasamples=["UNASSALPHA"])
    data = buffer.getvalue()
    for size in range(100, len(data), 501):
        with pytest.raises(FileError):
            read_bytes(tmp_path, data[:size])
