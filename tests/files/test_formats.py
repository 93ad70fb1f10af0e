"""Ways to store a picture in PNG, TIFF and BMP that shiage reads but does not write."""

from __future__ import annotations

import io
import struct
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PIL.TiffImagePlugin import ImageFileDirectory_v2

from shiage import errors
from shiage.files.images import read_picture, write_picture
from tests.files.samples import draw, png, read_bytes


@pytest.mark.parametrize("bits", [1, 2, 4, 8, 16])
def test_png_grey_with_color_key(tmp_path: Path, bits: int) -> None:
    values = [0, 2**bits - 1, 1, 0]
    packed = int("".join(f"{v:0{bits}b}" for v in values), 2) << (-4 * bits % 8)
    rows = packed.to_bytes((4 * bits + 7) // 8, "big")
    key = (b"tRNS", struct.pack(">H", values[1]))
    picture = read_bytes(tmp_path, png(rows, (4, 1), bits, 0, key))
    top = 65535 if bits == 16 else 255
    one = top // (2**bits - 1)
    assert picture.pixels[0, :, 0].tolist() == [0, top, one, 0]
    assert picture.pixels[0, :, 3].tolist() == [top, 0, 0 if bits == 1 else top, top]
    assert (picture.layout.mode, picture.layout.bits) == (
        "RGBA" if bits == 16 else "LA",
        max(8, bits),
    )
    write_picture(tmp_path / "b.png", picture)
    np.testing.assert_array_equal(read_picture(tmp_path / "b.png").pixels, picture.pixels)


@pytest.mark.parametrize("bits", [8, 16])
def test_png_rgb_with_color_key(tmp_path: Path, bits: int) -> None:
    colors = np.array([(1, 2, 3), (1, 2, 4), (300 % 2**bits, 2, 3)], f">u{bits // 8}")
    key = (b"tRNS", struct.pack(">3H", 1, 2, 3))
    picture = read_bytes(tmp_path, png(colors.tobytes(), (3, 1), bits, 2, key))
    np.testing.assert_array_equal(picture.pixels[0, :, :3], colors)
    assert picture.pixels[0, :, 3].tolist() == [0, 2**bits - 1, 2**bits - 1]
    assert (picture.layout.mode, picture.layout.bits) == ("RGBA", bits)


def test_png_grey_with_alpha_of_16_bits(tmp_path: Path) -> None:
    pixels = draw("LA", 16, 3, 5)
    rows = pixels[..., ::3].astype(">u2").tobytes()
    picture = read_bytes(tmp_path, png(rows, (5, 3), 16, 4))
    np.testing.assert_array_equal(picture.pixels, pixels)
    assert (picture.layout.mode, picture.layout.bits) == ("RGBA", 16)


@pytest.mark.parametrize("bits", [1, 2, 4, 8])
def test_png_palette_of_few_bits(tmp_path: Path, bits: int) -> None:
    rows = (0b01 << (8 - 2 * bits) if bits < 8 else 1).to_bytes(1 if bits < 8 else 2, "big")
    palette = (b"PLTE", bytes([9, 8, 7, 255, 0, 1]))
    for alphas in (b"\0", b"\5\6"):  # Pillow tells them in different ways
        picture = read_bytes(tmp_path, png(rows, (2, 1), bits, 3, palette, (b"tRNS", alphas)))
        colors = ((9, 8, 7, alphas[0]), (255, 0, 1, 255 if alphas == b"\0" else 6))
        np.testing.assert_array_equal(picture.pixels, [colors])
        assert (picture.layout.mode, picture.layout.bits) == ("P", 8)
        assert picture.layout.palette == colors


def tiff(prefix: bytes, size: tuple[int, int], bits: int, white: int, *strips: bytes) -> bytes:
    """Return a TIFF with one strip for each channel; `white` is 0, 1, or 2 for RGB."""
    count = len(strips)
    lengths = [len(strip) for strip in strips]
    directory = ImageFileDirectory_v2(prefix + (b"*\0" if prefix == b"II" else b"\0*") + bytes(4))
    fields = {256: size[0], 257: size[1], 258: (bits,) * count, 259: 1, 262: white, 277: count}
    fields |= {273: tuple(np.cumsum([0, *lengths[:-1]]).tolist()), 279: tuple(lengths)}
    for tag, value in (fields | {278: size[1], 284: 2 if count > 1 else 1}).items():
        directory[tag] = value
    buffer = io.BytesIO()
    directory.save(buffer)
    return buffer.getvalue() + b"".join(strips)


@pytest.mark.parametrize("prefix", [b"II", b"MM"])
@pytest.mark.parametrize("white_is_zero", [False, True])
def test_tiff_grey_of_16_bits(tmp_path: Path, prefix: bytes, white_is_zero: bool) -> None:
    values = struct.pack(">HH" if prefix == b"MM" else "<HH", 1000, 65535)
    data = tiff(prefix, (2, 1), 16, int(not white_is_zero), values)
    if white_is_zero and prefix == b"MM":
        with pytest.raises(errors.UnsupportedImage):  # Pillow has no such mode
            read_bytes(tmp_path, data)
        return
    picture = read_bytes(tmp_path, data)
    expected = [65535 - 1000, 0] if white_is_zero else [1000, 65535]
    assert picture.pixels[0, :, 0].tolist() == expected
    assert (picture.layout.mode, picture.layout.bits) == ("L", 16)


def test_tiff_with_channels_apart(tmp_path: Path) -> None:
    for bits in (8, 16):
        pixels = draw("RGB", bits, 3, 5)
        planes = [pixels[..., c].astype(f"<u{bits // 8}").tobytes() for c in range(3)]
        data = tiff(b"II", (5, 3), bits, 2, *planes)
        if bits == 8:
            np.testing.assert_array_equal(read_bytes(tmp_path, data).pixels, pixels)
        else:  # OpenCV would mix up the colors without a word
            with pytest.raises(errors.UnsupportedImage):
                read_bytes(tmp_path, data)


def test_first_page_of_tiff(tmp_path: Path) -> None:
    pages = [Image.new("RGB", (3, 2), color) for color in ((1, 2, 3), (4, 5, 6))]
    pages[0].save(tmp_path / "a.tif", save_all=True, append_images=pages[1:])
    assert read_picture(tmp_path / "a.tif").pixels[0, 0].tolist() == [1, 2, 3, 255]


def test_bmp_of_32_bits_without_alpha(tmp_path: Path) -> None:
    row = bytes((30, 20, 10, 0, 50, 100, 200, 0))
    header = struct.pack("<IiiHHIIiiII", 40, 2, 1, 1, 32, 0, 0, 2835, 2835, 0, 0)
    picture = read_bytes(tmp_path, struct.pack("<2sIII", b"BM", 62, 0, 54) + header + row)
    assert picture.pixels.tolist() == [[[10, 20, 30, 255], [200, 100, 50, 255]]]
    assert picture.layout.mode == "RGB"
    assert picture.layout.dpi == pytest.approx((72, 72), abs=0.02)
