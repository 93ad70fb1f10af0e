"""TGA as paint software writes it, and as it demands it; byte by byte in `test_tga_bytes.py`."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from shiage.files.images import Layout, Picture, encode_picture, read_picture, write_picture
from tests.files.samples import PALETTE, draw, read_bytes, tga

# What a TGA of this kind and depth is.
MODES = {(1, 8): "P", (2, 16): "RGB", (2, 24): "RGB", (2, 32): "RGBA", (3, 8): "L", (3, 16): "LA"}


@pytest.mark.parametrize("flags", [0x00, 0x20, 0x10, 0x30])
@pytest.mark.parametrize(("kind", "bits"), MODES)
def test_read_tga(tmp_path: Path, kind: int, bits: int, flags: int) -> None:
    rng = np.random.default_rng(3)
    rows = rng.integers(0, 4, (6, 15, bits // 8)).astype(np.uint8)
    color_map = b""
    expected = np.full((6, 15, 4), 255, np.uint8)
    if kind == 1:
        color_map = bytes(v for r, g, b, _ in PALETTE for v in (b, g, r))
        expected[...] = np.array(PALETTE, np.uint8)[rows[..., 0]]
    elif kind == 3:
        expected[..., :3] = rows[..., :1]
        expected[..., 3] = rows[..., 1] if bits == 16 else 255
    elif bits == 16:
        rows[..., 1] |= 0x80 * rng.integers(0, 2, rows.shape[:2]).astype(np.uint8)
        value = rows.view("<u2")
        expected[..., :3] = ((value >> np.array([10, 5, 0])) & 31) * 255 // 31
    else:
        expected[..., : bits // 8] = rows[..., [2, 1, 0, 3][: bits // 8]]
    if not flags & 0x20:
        expected = expected[::-1]
    if flags & 0x10:
        expected = expected[:, ::-1]
    data = tga(kind, bits, rows, flags=flags, color_map=color_map, image_id=b"cut 12")
    picture = read_bytes(tmp_path, data)
    np.testing.assert_allclose(picture.pixels, expected, atol=1 if (kind, bits) == (2, 16) else 0)
    layout = picture.layout
    assert (layout.format, layout.mode) == ("TGA", MODES[kind, bits])
    assert (layout.tga_rle, layout.tga_top_down) == (False, bool(flags & 0x20))
    write_picture(tmp_path / "b", picture)
    assert read_picture(tmp_path / "b").layout.tga_top_down == layout.tga_top_down
    np.testing.assert_array_equal(read_picture(tmp_path / "b").pixels, picture.pixels)


@pytest.mark.parametrize(
    ("map_bits", "entries"),
    [(16, b"\x00\x7c\xe0\x83"), (24, b"\0\0\xff\0\xff\0"), (32, b"\0\0\xff\0\0\xff\0\0")],
)
def test_color_maps(tmp_path: Path, map_bits: int, entries: bytes) -> None:
    rows = np.array([[[2], [3], [9]]], np.uint8)
    data = tga(1, 8, rows, color_map=entries, map_bits=map_bits, map_start=2)
    picture = read_bytes(tmp_path, data)
    colors = ((255, 0, 0, 255), (0, 255, 0, 255))
    assert picture.layout.palette[2:] == colors
    np.testing.assert_array_equal(picture.pixels[0], [*colors, (0, 0, 0, 255)])


@pytest.mark.parametrize("width", [1, 127, 128, 129, 300])
@pytest.mark.parametrize("flat", [True, False])
def test_packets_end_with_the_row(width: int, flat: bool) -> None:
    for mode in ("L", "P", "RGB", "RGBA"):
        pixels = draw(mode, 8, 7, width)
        if flat:
            pixels[...] = pixels[0, 0]
        picture = Picture(pixels, Layout("TGA", mode, 8, palette=PALETTE, tga_rle=True))
        data = encode_picture(picture, format="TGA")
        at = 18 + int.from_bytes(data[5:7], "little") * data[7] // 8
        size = data[16] // 8
        for _ in range(7):
            x = 0
            while x < width:
                count = (data[at] & 127) + 1
                at += 1 + size * (1 if data[at] & 128 else count)
                x += count
            assert x == width
        assert data[at:] == bytes(8) + b"TRUEVISION-XFILE.\0"
