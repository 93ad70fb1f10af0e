"""TGA byte by byte: files put together by hand from the TGA 2.0 specification, read and written.

None of these bytes comes from an encoder, shiage's or another's.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
from numpy.typing import NDArray

from shiage.files.images import Layout, Picture, encode_picture, read_picture, read_size
from tests.files.samples import read_bytes

RED, GREEN, BLUE = (255, 0, 0, 255), (0, 255, 0, 255), (0, 0, 255, 255)
WHITE, BLACK = (255, 255, 255, 255), (0, 0, 0, 255)
MAP_15 = "007c e003 1f00 ff7f 0000"  # 5 bits a channel: red, green, blue, white, black
MAP_24 = "0000ff 00ff00 ff0000 ffffff 000000"
MAP_32 = "0000ffff 00ff00ff ff0000ff ffffffff 000000ff"
COLORS = (RED, GREEN, BLUE, WHITE, BLACK)
GREYS = tuple((v, v, v, 255) for v in (255, 204, 136, 17, 0))
SEE_THROUGH = ((255, 0, 0, 255), (0, 255, 0, 128), (0, 0, 255, 1), (9, 8, 7, 0), BLACK)
GREY_ALPHA = tuple((v, v, v, a) for v, a in ((255, 255), (204, 128), (136, 0), (17, 1), (0, 9)))
FOOTER = bytes(8) + b"TRUEVISION-XFILE.\0"


class Kind(NamedTuple):
    """How five colors are stored: image type without run-length encoding, bits of a pixel, bits of
    the alpha, first entry of the map, bits of its entries, the map, the five pixels."""

    type: int
    bits: int
    alpha: int
    first: int
    map_bits: int
    color_map: str
    pixels: str
    colors: tuple[tuple[int, ...], ...]


KINDS = {
    "map of 15 bits": Kind(1, 8, 0, 0, 15, MAP_15, "00 01 02 03 04", COLORS),
    "map of 16 bits": Kind(1, 8, 0, 0, 16, MAP_15, "00 01 02 03 04", COLORS),
    "map of 24 bits": Kind(1, 8, 0, 0, 24, MAP_24, "00 01 02 03 04", COLORS),
    "map of 32 bits": Kind(1, 8, 0, 0, 32, MAP_32, "00 01 02 03 04", COLORS),
    "15-bit map from 7": Kind(1, 8, 0, 7, 15, MAP_15, "07 08 09 0a 0b", COLORS),
    "24-bit map from 251": Kind(1, 8, 0, 251, 24, MAP_24, "fb fc fd fe ff", COLORS),
    "32-bit map from 2": Kind(1, 8, 0, 2, 32, MAP_32, "02 03 04 05 06", COLORS),
    "15 bits": Kind(2, 15, 0, 0, 0, "", MAP_15, COLORS),
    "16 bits": Kind(2, 16, 0, 0, 0, "", MAP_15, COLORS),
    "16 bits, attribute set": Kind(2, 16, 1, 0, 0, "", "00fc e083 1f80 ffff 0080", COLORS),
    "24 bits": Kind(2, 24, 0, 0, 0, "", MAP_24, COLORS),
    "24 bits, map in vain": Kind(2, 24, 0, 0, 24, MAP_24, MAP_24, COLORS),
    "32 bits": Kind(
        2, 32, 8, 0, 0, "", "0000ffff 00ff0080 ff000001 07080900 000000ff", SEE_THROUGH
    ),
    "grey": Kind(3, 8, 0, 0, 0, "", "ff cc 88 11 00", GREYS),
    "grey and alpha": Kind(3, 16, 8, 0, 0, "", "ffff cc80 8800 1101 0009", GREY_ALPHA),
}
# Rows from the top, of the five colors by number: runs that go on into the next row.
ROWS = np.array([[3, 4, 4, 4], [0, 0, 1, 2], [0, 0, 0, 0]])
FLAGS: dict[int, Any] = {
    0x00: np.s_[::-1],
    0x10: np.s_[::-1, ::-1],
    0x20: np.s_[:],
    0x30: np.s_[:, ::-1],
}


def header(kind: Kind, size: tuple[int, int], *, rle: bool, flags: int, image_id: bytes) -> bytes:
    """The 18 bytes of a header, and the image id."""
    count = len(bytes.fromhex(kind.color_map)) // max(1, (kind.map_bits + 7) // 8)
    words = (kind.first, count), (3, 5), size  # the origin on the screen says nothing
    first, origin, wh = (b"".join(v.to_bytes(2, "little") for v in pair) for pair in words)
    types = len(image_id), bool(count), kind.type + 8 * rle
    return bytes((*types, *first, kind.map_bits, *origin, *wh, kind.bits, flags | kind.alpha)) + (
        image_id
    )


def stored(kind: Kind) -> list[bytes]:
    """The five pixels."""
    data = bytes.fromhex(kind.pixels)
    size = len(data) // 5
    return [data[at : at + size] for at in range(0, len(data), size)]


def expected(kind: Kind) -> NDArray[np.uint8]:
    pixels: NDArray[np.uint8] = np.array(kind.colors, np.uint8)[ROWS]
    return pixels


def raw(kind: Kind, flags: int, image_id: bytes = b"") -> bytes:
    """A file of `ROWS` in the order that the flags tell."""
    pixels = stored(kind)
    order = ROWS[FLAGS[flags]].ravel().tolist()
    head = header(kind, (4, 3), rle=False, flags=flags, image_id=image_id)
    return head + bytes.fromhex(kind.color_map) + b"".join(pixels[number] for number in order)


@pytest.mark.parametrize("flags", FLAGS)
@pytest.mark.parametrize("name", KINDS)
def test_raw(tmp_path: Path, name: str, flags: int) -> None:
    kind = KINDS[name]
    picture = read_bytes(tmp_path, raw(kind, flags, b"c012 A0001"))
    np.testing.assert_array_equal(picture.pixels, expected(kind))
    assert (picture.layout.tga_rle, picture.layout.tga_top_down) == (False, flags >= 0x20)
    assert read_size(tmp_path / "picture") == (3, 4)


@pytest.mark.parametrize("name", KINDS)
def test_packets_that_cross_rows_are_read(tmp_path: Path, name: str) -> None:
    kind = KINDS[name]
    a, b, c, d, e = stored(kind)
    # From the bottom: six times a, in one packet over two rows; then b, c, d, over two rows.
    packets = b"\x85" + a + b"\x02" + b + c + d + b"\x82" + e
    head = header(kind, (4, 3), rle=True, flags=0, image_id=b"")
    data = head + bytes.fromhex(kind.color_map) + packets + FOOTER
    picture = read_bytes(tmp_path, data)
    np.testing.assert_array_equal(picture.pixels, expected(kind))
    assert (picture.layout.tga_rle, picture.layout.tga_top_down) == (True, False)


def test_the_longest_packets_are_read(tmp_path: Path) -> None:
    kind = KINDS["24 bits"]
    head = header(kind, (256, 1), rle=True, flags=0x20, image_id=b"")
    colors = b"".join(bytes((n, 2 * n, 0)) for n in range(128))
    picture = read_bytes(tmp_path, head + b"\xff\x0a\x0b\x0c\x7f" + colors)
    assert (picture.pixels[0, :128] == (12, 11, 10, 255)).all()
    assert picture.pixels[0, 128:, 2].tolist() == list(range(128))


# -- TGA 2.0: what follows the pixels -------------------------------------------------------------


def extended(flags: int, pixels: str, attributes: int | None) -> bytes:
    """A 32-bit picture of one row, with a developer area, and an extension area of that type."""
    kind = Kind(2, 32, 0, 0, 0, "", "", ())
    body = bytes.fromhex(pixels)
    head = header(kind, (len(body) // 4, 1), rle=False, flags=flags, image_id=b"A")
    data = head + body
    fields = b"PaintTool 1\0"
    directory = len(data) + len(fields)
    data += fields
    data += b"\x01\x00" + b"\x00\x80" + (directory - len(fields)).to_bytes(4, "little")
    data += len(fields).to_bytes(4, "little")
    extension = 0
    if attributes is not None:
        extension = len(data)
        area = (495).to_bytes(2, "little") + b"Painter".ljust(41, b"\0") + bytes(451)
        data += area + bytes([attributes])
    offsets = extension.to_bytes(4, "little") + directory.to_bytes(4, "little")
    return data + offsets + FOOTER[8:]


@pytest.mark.parametrize(
    ("flags", "attributes", "alphas", "expected_alphas"),
    [
        (0, None, (0, 0, 0), (255, 255, 255)),  # not declared, and nothing in it
        (8, None, (0, 0, 0), (0, 0, 0)),
        (0, None, (0, 7, 255), (0, 7, 255)),
        (8, 0, (0, 7, 255), (255, 255, 255)),  # no alpha
        (8, 1, (0, 7, 255), (255, 255, 255)),  # undefined, to be ignored
        (8, 2, (0, 7, 255), (255, 255, 255)),  # undefined, to be kept, but no alpha
        (0, 3, (0, 7, 255), (0, 7, 255)),  # alpha
        (0, 3, (0, 0, 0), (0, 0, 0)),
        (8, 4, (0, 51, 255), (0, 51, 255)),  # premultiplied
    ],
)
def test_what_the_extension_area_tells_of_alpha(
    tmp_path: Path,
    flags: int,
    attributes: int | None,
    alphas: tuple[int, ...],
    expected_alphas: tuple[int, ...],
) -> None:
    rows = "".join(f"0a1e32{alpha:02x}" for alpha in alphas)
    picture = read_bytes(tmp_path, extended(flags, rows, attributes))
    assert picture.layout.mode == "RGBA", "32 bits stay 32 bits"
    assert tuple(picture.pixels[0, :, 3].tolist()) == expected_alphas
    colors = picture.pixels[0, :, :3].tolist()
    straight = [[50, 30, 10]] * 3
    premultiplied = [[50, 30, 10], [250, 150, 50], [50, 30, 10]]
    assert colors == (premultiplied if attributes == 4 else straight)


def test_an_extension_area_beyond_the_file_is_none(tmp_path: Path) -> None:
    data = bytearray(extended(8, "0a1e3207", None))
    data[-26:-22] = (10_000).to_bytes(4, "little")
    assert read_bytes(tmp_path, bytes(data)).pixels.tolist() == [[[50, 30, 10, 7]]]


# -- Written ---------------------------------------------------------------------------------------

PALETTE = (WHITE, BLACK, RED)
DRAWN = np.array([WHITE, BLACK, RED, GREEN], np.uint8)[[[0, 1, 1, 1], [2, 2, 2, 2]]]
CLEAR = np.where((DRAWN == 255).all(axis=-1, keepdims=True), 0, DRAWN).astype(np.uint8)
GREY = np.array([WHITE, BLACK], np.uint8)[[[0, 1, 1, 1], [1, 1, 1, 1]]]
W, K, R = "ffffff", "000000", "0000ff"


@pytest.mark.parametrize(
    ("mode", "rle", "top_down", "pixels", "data"),
    [
        # id, map?, type | first, count, bits | origin | size | bits, flags
        ("RGB", False, False, DRAWN, f"000002 0000000000 00000000 04000200 1800 {R*4} {W}{K*3}"),
        ("RGB", True, False, DRAWN, f"00000a 0000000000 00000000 04000200 1800 83{R} 00{W} 82{K}"),
        ("RGB", True, True, DRAWN, f"00000a 0000000000 00000000 04000200 1820 00{W} 82{K} 83{R}"),
        ("RGBA", False, True, CLEAR, "000002 0000000000 00000000 04000200 2028 00000000"
         + "000000ff" * 3 + "0000ffff" * 4),
        ("RGBA", True, False, CLEAR, "00000a 0000000000 00000000 04000200 2008"
         "83 0000ffff 00 00000000 82 000000ff"),
        ("P", False, False, DRAWN, f"000101 0000030018 00000000 04000200 0800 {W}{K}{R}"
         "02020202 00010101"),
        ("P", True, False, DRAWN, f"000109 0000030018 00000000 04000200 0800 {W}{K}{R}"
         "8302 0000 8201"),
        ("L", True, False, GREY, "00000b 0000000000 00000000 04000200 0800 8300 00ff 8200"),
        ("L", False, True, GREY, "000003 0000000000 00000000 04000200 0820 ff000000 00000000"),
        # A grey cel that gets its first color becomes indexed, and stays one byte a pixel.
        ("L", False, False, DRAWN, f"000101 0000030018 00000000 04000200 0800 {K}{R}{W}"
         "01010101 02000000"),
    ],
)  # fmt: skip
def test_written(
    mode: str, rle: bool, top_down: bool, pixels: NDArray[np.uint8], data: str
) -> None:
    palette = PALETTE if mode == "P" else ()
    layout = Layout("TGA", mode, 8, palette=palette, tga_rle=rle, tga_top_down=top_down)
    written = encode_picture(Picture(pixels, layout), format="TGA")
    assert written.hex() == (bytes.fromhex(data) + FOOTER).hex()


def test_a_run_over_the_end_of_a_row_is_written_as_two() -> None:
    pixels = np.full((2, 130, 4), 255, np.uint8)
    layout = Layout("TGA", "L", 8, tga_rle=True)
    written = encode_picture(Picture(pixels, layout), format="TGA")
    assert written[18:-26].hex() == "ffff81ff" * 2


def test_rows_from_the_right_are_written_from_the_left(tmp_path: Path) -> None:
    kind = KINDS["24 bits"]
    picture = read_bytes(tmp_path, raw(kind, 0x10, b"cut 12"))
    written = encode_picture(picture, format="TGA")
    plain = raw(kind, 0x00)
    assert written[:8] == plain[:8], "the image id is gone"
    assert written[8:12] == bytes(4)
    assert written[12:] == plain[12:] + FOOTER


def test_five_bits_a_channel_become_eight(tmp_path: Path) -> None:
    for name, bits in (("16 bits", 24), ("15-bit map from 7", 8)):
        written = encode_picture(read_bytes(tmp_path, raw(KINDS[name], 0)), format="TGA")
        assert (written[7], written[16]) == ((24, 8) if bits == 8 else (0, 24))
        (tmp_path / "a.tga").write_bytes(written)
        np.testing.assert_array_equal(
            read_picture(tmp_path / "a.tga").pixels, expected(KINDS[name])
        )
