"""What is written comes back: pixels always, the way they are stored wherever it is possible."""

from __future__ import annotations

import io
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageCms

from shiage.files.formats import IMAGE_SUFFIXES
from shiage.files.images import (
    Layout,
    Picture,
    encode_picture,
    read_picture,
    read_size,
    write_picture,
)
from tests.files.samples import FORMATS, KINDS, PALETTE, draw, drawn, read_bytes

# What a format cannot hold, and what takes its place.
REPLACED = {
    ("TGA", "1", 1): ("L", 8),
    ("TGA", "L", 16): ("L", 8),
    ("TGA", "RGB", 16): ("RGB", 8),
    ("TGA", "RGBA", 16): ("RGBA", 8),
    ("BMP", "L", 16): ("L", 8),
    ("BMP", "LA", 8): ("RGBA", 8),
    ("BMP", "RGB", 16): ("RGB", 8),
    ("BMP", "RGBA", 16): ("RGBA", 8),
}
GREY, RED, CLEAR = (9, 9, 9, 255), (200, 9, 9, 255), (9, 9, 9, 0)


@pytest.mark.parametrize(("mode", "bits"), KINDS)
@pytest.mark.parametrize("file_format", FORMATS)
def test_round_trip(tmp_path: Path, file_format: str, mode: str, bits: int) -> None:
    picture = drawn(file_format, mode, bits)
    path = tmp_path / f"A0001{picture.layout.suffix}"
    assert path.suffix in IMAGE_SUFFIXES
    write_picture(path, picture)
    back = read_picture(path)
    expected_mode, expected_bits = REPLACED.get((file_format, mode, bits), (mode, bits))
    layout = back.layout
    assert (layout.format, layout.mode, layout.bits) == (file_format, expected_mode, expected_bits)
    assert layout.palette[: len(PALETTE)] == picture.layout.palette
    assert layout.has_alpha == (expected_mode in ("LA", "RGBA"))
    assert layout.icc_profile is None
    assert layout.dpi is None or file_format == "BMP"  # Pillow makes it 96
    expected = picture.pixels if expected_bits == bits else picture.rgba_u8
    np.testing.assert_array_equal(back.pixels, expected)
    assert back.size_hw == read_size(path) == (9, 13)
    assert [p.name for p in tmp_path.iterdir()] == [path.name]
    if bits != 16:
        with Image.open(path) as image:  # others read it the same way
            assert image.format == file_format
            np.testing.assert_array_equal(np.asarray(image.convert("RGBA")), expected)
    write_picture(path, back)
    np.testing.assert_array_equal(read_picture(path).pixels, expected)
    assert read_picture(path).layout == layout
    copied = replace(picture, pixels=picture.pixels.copy())
    encoded = [encode_picture(p, format=file_format) for p in (picture, copied)]
    assert encoded[0] == encoded[1]


@pytest.mark.parametrize("file_format", FORMATS)
@pytest.mark.parametrize("size", [(1, 1), (1, 300), (300, 1)])
def test_small_and_narrow(tmp_path: Path, file_format: str, size: tuple[int, int]) -> None:
    for mode in ("1", "L", "P", "RGB", "RGBA"):
        pixels = draw(mode, 8, *size)
        layout = Layout(file_format, mode, 1 if mode == "1" else 8, tga_rle=True)
        write_picture(tmp_path / "a", Picture(pixels, layout))
        np.testing.assert_array_equal(read_picture(tmp_path / "a").pixels, pixels)


@pytest.mark.parametrize(
    ("file_format", "mode", "color", "expected"),
    [
        ("PNG", "1", GREY, "L"),
        ("PNG", "1", CLEAR, "LA"),
        ("TIFF", "1", RED, "RGB"),
        ("BMP", "1", CLEAR, "RGBA"),
        ("PNG", "L", RED, "RGB"),
        ("PNG", "L", CLEAR, "LA"),
        ("TIFF", "LA", RED, "RGBA"),
        ("TGA", "L", RED, "P"),
        ("TGA", "L", CLEAR, "RGBA"),
        ("PNG", "P", RED, "P"),
        ("BMP", "P", RED, "P"),
        ("PNG", "P", CLEAR, "P"),
        ("TGA", "P", CLEAR, "RGBA"),
        ("TIFF", "P", CLEAR, "RGBA"),
        ("PNG", "RGB", CLEAR, "RGBA"),
        ("BMP", "RGB", CLEAR, "RGBA"),
    ],
)
def test_new_color_widens_mode(
    tmp_path: Path, file_format: str, mode: str, color: tuple[int, ...], expected: str
) -> None:
    picture = drawn(file_format, mode, 1 if mode == "1" else 8)
    picture.pixels[4, 5] = color
    write_picture(tmp_path / "a", picture)
    back = read_picture(tmp_path / "a")
    assert (back.layout.mode, back.layout.bits) == (expected, 8)
    np.testing.assert_array_equal(back.pixels, picture.pixels)


@pytest.mark.parametrize("file_format", ["PNG", "TIFF"])
@pytest.mark.parametrize(
    ("mode", "color", "expected"),
    [("L", (1, 2, 3, 65535), "RGB"), ("L", (7, 7, 7, 9), "RGBA"), ("RGB", (1, 2, 3, 4), "RGBA")],
)
def test_16_bits_stay(
    tmp_path: Path, file_format: str, mode: str, color: tuple[int, ...], expected: str
) -> None:
    picture = drawn(file_format, mode, 16)
    picture.pixels[4, 5] = color
    write_picture(tmp_path / "a", picture)
    back = read_picture(tmp_path / "a")
    assert (back.layout.mode, back.layout.bits) == (expected, 16)
    np.testing.assert_array_equal(back.pixels, picture.pixels)


@pytest.mark.parametrize("file_format", ["PNG", "TIFF", "BMP"])
@pytest.mark.parametrize(("mode", "bits"), [("1", 1), ("L", 16), ("P", 8), ("RGB", 8), ("RGB", 16)])
def test_dpi_stays(tmp_path: Path, file_format: str, mode: str, bits: int) -> None:
    write_picture(tmp_path / "a", drawn(file_format, mode, bits, dpi=(144.0, 72.0)))
    dpi = read_picture(tmp_path / "a").layout.dpi
    if (file_format, mode, bits) == ("PNG", "RGB", 16):
        assert dpi is None  # OpenCV cannot write it
    else:
        assert dpi == pytest.approx((144, 72), abs=0.02)


@pytest.mark.parametrize("file_format", ["PNG", "TIFF"])
def test_profile_stays_unless_wrong(tmp_path: Path, file_format: str) -> None:
    grey = bytes(16) + b"GRAY" + bytes(120)
    for bits in (8, 16):
        picture = drawn(file_format, "L", bits, icc_profile=grey)
        write_picture(tmp_path / "a", picture)
        assert read_picture(tmp_path / "a").layout.icc_profile == grey
        picture.pixels[0, 0] = (9, 99, 0, picture.pixels[0, 0, 3])
        write_picture(tmp_path / "a", picture)
        assert read_picture(tmp_path / "a").layout.icc_profile is None


@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
@pytest.mark.parametrize("file_format", ["PNG", "TIFF"])
@pytest.mark.parametrize("bits", [8, 16])
def test_profile_of_colors_stays(tmp_path: Path, file_format: str, mode: str, bits: int) -> None:
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    write_picture(tmp_path / "a", drawn(file_format, mode, bits, icc_profile=srgb))
    assert read_picture(tmp_path / "a").layout.icc_profile == srgb


@pytest.mark.parametrize("file_format", ["PNG", "TIFF"])
def test_picture_survives_a_profile_that_is_none(tmp_path: Path, file_format: str) -> None:
    picture = drawn(file_format, "RGB", 16, icc_profile=b"no profile at all")
    write_picture(tmp_path / "a", picture)
    kept = None if file_format == "PNG" else picture.layout.icc_profile  # libpng looks into it
    assert read_picture(tmp_path / "a").layout.icc_profile == kept
    np.testing.assert_array_equal(read_picture(tmp_path / "a").pixels, picture.pixels)


@pytest.mark.parametrize(
    "compression", ["raw", "tiff_lzw", "tiff_adobe_deflate", "packbits", "group4", "jpeg"]
)
def test_tiff_compression_stays_if_possible(tmp_path: Path, compression: str) -> None:
    for mode, bits in KINDS:
        picture = drawn("TIFF", mode, bits, tiff_compression=compression)
        write_picture(tmp_path / "a.tif", picture)
        back = read_picture(tmp_path / "a.tif")
        lossless = compression != "jpeg" and (compression != "group4" or mode == "1")
        assert back.layout.tiff_compression == (compression if lossless else "tiff_adobe_deflate")
        np.testing.assert_array_equal(back.pixels, picture.pixels)


def stored_indices(data: bytes) -> NDArray[np.uint8]:
    return np.asarray(Image.open(io.BytesIO(data)))


@pytest.mark.parametrize("file_format", FORMATS)
def test_palette_keeps_indices_and_appends(tmp_path: Path, file_format: str) -> None:
    indices = np.arange(12, dtype=np.uint8).reshape(3, 4) % 4
    pixels = np.array(PALETTE, np.uint8)[indices]
    pixels[0, 0] = (1, 2, 3, 255)
    indices[0, 0] = 4
    data = encode_picture(
        Picture(pixels, Layout(file_format, "P", 8, palette=PALETTE)), format=file_format
    )
    np.testing.assert_array_equal(stored_indices(data), indices)
    assert read_bytes(tmp_path, data).layout.palette[:5] == (*PALETTE, (1, 2, 3, 255))


def test_full_palette_gives_up_repeated_then_unused_entries(tmp_path: Path) -> None:
    palette = (*((n, 0, 0, 255) for n in range(254)), (5, 0, 0, 255), (0, 0, 0, 255))
    pixels = np.zeros((2, 3, 4), np.uint8)
    pixels[..., 3] = 255
    pixels[0, :, 0] = (5, 9, 253)
    pixels[1, :, 1] = (1, 2, 3)  # three new colors, two repeated entries
    write_picture(tmp_path / "a.png", Picture(pixels, Layout("PNG", "P", 8, palette=palette)))
    np.testing.assert_array_equal(
        stored_indices((tmp_path / "a.png").read_bytes()), [[5, 9, 253], [254, 255, 252]]
    )
    back = read_picture(tmp_path / "a.png")
    np.testing.assert_array_equal(back.pixels, pixels)
    assert back.layout.palette[:252] == palette[:252]


@pytest.mark.parametrize("file_format", ["PNG", "TGA"])
def test_exactly_256_colors_stay_indexed_and_257_do_not(tmp_path: Path, file_format: str) -> None:
    for count, expected in ((256, "P"), (257, "RGB")):
        pixels = np.full((1, count, 4), 255, np.uint8)
        pixels[0, :, 0], pixels[0, :, 1] = np.arange(count) % 256, np.arange(count) // 256
        for mode in ("P", "L") if file_format == "TGA" else ("P",):
            write_picture(tmp_path / "a", Picture(pixels, Layout(file_format, mode, 8)))
            assert read_picture(tmp_path / "a").layout.mode == expected
            np.testing.assert_array_equal(read_picture(tmp_path / "a").pixels, pixels)


@pytest.mark.parametrize("file_format", ["PNG", "TGA"])
def test_transparent_palette_entry_stays(tmp_path: Path, file_format: str) -> None:
    palette = ((9, 8, 7, 0), *PALETTE, (1, 2, 3, 128))
    pixels = np.array(palette, np.uint8)[np.arange(12).reshape(3, 4) % 6]
    picture = Picture(pixels, Layout(file_format, "P", 8, palette=palette))
    assert picture.layout.has_alpha
    write_picture(tmp_path / "a", picture)
    back = read_picture(tmp_path / "a")
    assert back.layout == picture.layout
    np.testing.assert_array_equal(back.pixels, pixels)


@pytest.mark.parametrize("file_format", FORMATS)
def test_blank_cel_stays_transparent(tmp_path: Path, file_format: str) -> None:
    pixels = np.full((3, 5, 4), (9, 8, 7, 0), np.uint8)
    clear = ((9, 8, 7, 0),)
    for mode, palette in (("P", clear), ("P", clear + PALETTE), ("P", PALETTE), ("RGBA", ())):
        picture = Picture(pixels, Layout(file_format, mode, 8, palette=palette))
        write_picture(tmp_path / "a", picture)
        np.testing.assert_array_equal(read_picture(tmp_path / "a").pixels, pixels)


def test_threads(tmp_path: Path) -> None:
    pictures = [drawn(f, mode, bits) for f in FORMATS for mode, bits in KINDS]

    def trip(number: int) -> bool:
        path = tmp_path / "shared" / f"{number}"
        write_picture(path, pictures[number])
        write_picture(tmp_path / "shared" / "same", pictures[0])
        read_picture(tmp_path / "shared" / "same")
        return bool((read_picture(path).rgba_u8 == pictures[number].rgba_u8).all())

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(trip, range(len(pictures))))
    assert len(list((tmp_path / "shared").iterdir())) == len(pictures) + 1


@pytest.mark.parametrize(
    ("shape", "dtype", "bits", "message"),
    [
        ((4, 4, 3), np.uint8, 8, r"\(4, 4, 3\); expected \(H, W, 4\)"),
        ((0, 4, 4), np.uint8, 8, "expected"),
        ((4, 4, 4), np.uint16, 8, "uint16; expected uint8"),
        ((4, 4, 4), np.uint8, 16, "uint8; expected uint16"),
    ],
)
def test_picture_checks_itself(shape: tuple[int, ...], dtype: Any, bits: int, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Picture(np.zeros(shape, dtype), Layout("PNG", "RGBA", bits))


@pytest.mark.parametrize(
    "fields", [("GIF", "P", 8), ("PNG", "CMYK", 8), ("PNG", "P", 16), ("PNG", "P", 8, PALETTE * 65)]
)
def test_layout_checks_itself(fields: tuple[Any, ...]) -> None:
    with pytest.raises(ValueError, match="expected"):
        Layout(*fields)


def test_16_bits_as_8_are_rounded() -> None:
    values = np.arange(65536, dtype=np.uint16)
    pixels = np.repeat(values.reshape(256, 256, 1), 4, axis=2)
    picture = Picture(pixels, Layout("PNG", "RGBA", 16))
    assert picture.rgba_u8.dtype == np.uint8
    expected = np.round(values / 257).reshape(256, 256)
    np.testing.assert_array_equal(picture.rgba_u8[..., 2], expected)
