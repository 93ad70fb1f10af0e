"""Alpha that is 0 all over a picture: unused where exporters slip, else as it says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from shiage.files.images import Layout, Picture, encode_picture
from tests.files.samples import bmp, draw, read_bytes, tga

BGRA = [2, 1, 0, 3]
EXTENSION = bytes(494)
FOOTER = b"\0\0\0\0TRUEVISION-XFILE.\0"


def unused(mode: str = "RGBA") -> NDArray[np.uint8]:
    """A picture with colors whose alpha is 0."""
    pixels = draw(mode, 8).astype(np.uint8)
    pixels[..., 3] = 0
    return pixels


def extended(data: bytes, attributes: int) -> bytes:
    """A TGA with an extension area that tells what its alpha is."""
    at = len(data).to_bytes(4, "little")
    return data + EXTENSION + bytes([attributes]) + at + FOOTER


def masked(pixels: NDArray[np.uint8]) -> bytes:
    """A BMP that declares its alpha."""
    masks = (0xFF0000, 0xFF00, 0xFF, 0xFF000000)
    size_wh = pixels.shape[1], pixels.shape[0]
    return bmp(pixels[..., BGRA], size_wh, 32, header=124, compression=3, masks=masks)


PICTURE = unused()
GREY = unused("LA")
MAP = np.array([(10, 20, 30, 0), (200, 0, 9, 0)], np.uint8)
INDICES = (PICTURE[..., :1] > 99).astype(np.uint8)
FILES: dict[str, tuple[bytes, NDArray[Any]]] = {
    "TGA": (tga(2, 32, PICTURE[..., BGRA], flags=0x28), PICTURE),
    "TGA with straight alpha": (extended(tga(2, 32, PICTURE[..., BGRA], flags=0x28), 3), PICTURE),
    "TGA, premultiplied": (extended(tga(2, 32, PICTURE[..., BGRA], flags=0x28), 4), PICTURE),
    "TGA of grey": (tga(3, 16, GREY[..., [0, 3]], flags=0x28), GREY),
    "TGA with a map": (
        tga(1, 8, INDICES, flags=0x28, color_map=MAP[:, BGRA].tobytes(), map_bits=32),
        MAP[INDICES[..., 0]],
    ),
    "BMP": (masked(PICTURE), PICTURE),
}


@pytest.mark.parametrize("kind", FILES)
def test_it_is_taken_as_opaque_and_told(tmp_path: Path, kind: str) -> None:
    data, expected = FILES[kind]
    picture = read_bytes(tmp_path, data)
    np.testing.assert_array_equal(picture.pixels[..., :3], expected[..., :3])
    assert (picture.pixels[..., 3] == 255).all()
    (note,) = picture.notes
    assert "alpha is 0 everywhere" in note
    again = read_bytes(tmp_path, encode_picture(picture, format=picture.layout.format))
    np.testing.assert_array_equal(again.pixels, picture.pixels)
    assert not again.notes


@pytest.mark.parametrize("color", [(0, 0, 0), (255, 255, 255)])
@pytest.mark.parametrize("flags", [0x20, 0x28])
def test_a_blank_picture_stays_blank(
    tmp_path: Path, color: tuple[int, int, int], flags: int
) -> None:
    blank = np.zeros((9, 13, 4), np.uint8)
    blank[..., :3] = color
    for data in (tga(2, 32, blank, flags=flags), masked(blank)):
        picture = read_bytes(tmp_path, data)
        declared = flags == 0x28 or data.startswith(b"BM") or color == (0, 0, 0)
        assert picture.pixels[..., 3].any() != declared
        assert not picture.notes


def test_one_pixel_of_alpha_is_enough(tmp_path: Path) -> None:
    pixels = PICTURE.copy()
    pixels[3, 4, 3] = 1
    for data in (tga(2, 32, pixels[..., BGRA], flags=0x28), masked(pixels)):
        picture = read_bytes(tmp_path, data)
        np.testing.assert_array_equal(picture.pixels, pixels)
        assert not picture.notes


@pytest.mark.parametrize("bits", [8, 16])
@pytest.mark.parametrize("file_format", ["PNG", "TIFF"])
def test_where_alpha_is_there_only_if_meant_it_counts(
    tmp_path: Path, file_format: str, bits: int
) -> None:
    pixels = draw("RGBA", bits)
    pixels[..., 3] = 0
    picture = Picture(pixels, Layout(file_format, "RGBA", bits))
    again = read_bytes(tmp_path, encode_picture(picture, format=file_format))
    np.testing.assert_array_equal(again.pixels, pixels)
    (note,) = again.notes
    assert "taken as blank" in note
