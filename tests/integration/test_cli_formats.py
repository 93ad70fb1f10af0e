"""One cut with a cel in every format: each comes out stored the way it went in."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from tests.drawings import Rgba
from tests.integration.conftest import draw_figure, draw_key, hash_tree, load, paint, save

DX = 3
KINDS = {
    "rgb": "A0002.png",
    "rgba": "A0003.png",
    "grey": "A0004.png",
    "grey with alpha": "A0005.png",
    "paletted": "A0006.png",
    "bilevel": "A0007.png",
    "16 bits": "A0008.png",
    "tga mapped": "A0009.tga",
    "tga raw": "A0010.tga",
    "tga rle": "A0011.tga",
    "tga transparent": "A0012.tga",
    "tga top-down": "A0013.TGA",
    "tga mapped rle": "A0014.tga",
    "tiff": "A0015.tif",
    "tiff plain": "A0016.tiff",
    "bmp": "A0017.bmp",
}


def draw_lines_alone() -> Rgba:
    """The figure's lines on transparent paper."""
    rgba = draw_figure(DX)
    rgba[(rgba[..., :3] == 255).all(axis=-1)] = 0
    return rgba


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with `in`, the cut, and `out`, the painted one."""
    folder = tmp_path_factory.mktemp("formats")
    cut, figure = folder / "in", draw_figure(DX)
    save(cut / "A0001.png", draw_figure())
    draw_key(folder / "key" / "A0001.png")
    save(cut / KINDS["rgb"], figure)
    save(cut / KINDS["rgba"], draw_lines_alone(), "RGBA")
    save(cut / KINDS["grey"], figure, "L")
    save(cut / KINDS["grey with alpha"], draw_lines_alone(), "LA")
    save(cut / KINDS["paletted"], figure, "P")
    save(cut / KINDS["bilevel"], figure, "1")
    cv2.imwrite(str(cut / KINDS["16 bits"]), figure[..., :3].astype(np.uint16) * 257)
    save(cut / KINDS["tga mapped"], figure, "P")
    save(cut / KINDS["tga raw"], figure)
    save(cut / KINDS["tga rle"], figure, compression="tga_rle")
    save(cut / KINDS["tga transparent"], draw_lines_alone(), "RGBA")
    save(cut / KINDS["tga top-down"], figure, orientation=1)
    save(cut / KINDS["tga mapped rle"], figure, "P", compression="tga_rle")
    save(cut / KINDS["tiff"], figure, compression="tiff_lzw", dpi=(144, 144))
    save(cut / KINDS["tiff plain"], figure)
    save(cut / KINDS["bmp"], figure)
    before = hash_tree(cut)
    told = paint(cut, "--ref", folder / "key", "--out", folder / "out").ok()
    assert set(told.statuses.values()) == {"reference", "painted"}
    assert hash_tree(cut) == before
    assert {p.name for p in (folder / "out").iterdir()} == {*before, "_shiage"}
    return folder


@pytest.mark.parametrize("kind", KINDS)
def test_every_pixel_is_right(folder: Path, kind: str) -> None:
    painted = load(folder / "out" / KINDS[kind])
    expected = draw_figure(DX, painted=True)
    if kind in ("rgba", "grey with alpha", "tga transparent"):
        expected[(expected == 255).all(axis=-1)] = 0
    np.testing.assert_array_equal(painted, expected)


@pytest.mark.parametrize("kind", KINDS)
def test_stored_as_before(folder: Path, kind: str) -> None:
    # What cannot hold a color becomes the next kind that can.
    grown = {"grey": "RGB", "grey with alpha": "RGBA", "bilevel": "RGB"}
    with (
        Image.open(folder / "in" / KINDS[kind]) as before,
        Image.open(folder / "out" / KINDS[kind]) as after,
    ):
        assert after.format == before.format
        assert after.mode == grown.get(kind, before.mode)
        assert after.info.get("compression") == before.info.get("compression")
        assert after.info.get("dpi") == before.info.get("dpi")


def test_16_bits_stay(folder: Path) -> None:
    painted = cv2.imread(str(folder / "out" / KINDS["16 bits"]), cv2.IMREAD_UNCHANGED)
    assert painted is not None
    assert painted.dtype == np.uint16
    expected = draw_figure(DX, painted=True)[..., 2::-1].astype(np.uint16) * 257
    np.testing.assert_array_equal(painted, expected)


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind.startswith("tga")])
def test_tga_header_stays(folder: Path, kind: str) -> None:
    before = (folder / "in" / KINDS[kind]).read_bytes()
    after = (folder / "out" / KINDS[kind]).read_bytes()
    assert after[1:3] == before[1:3]  # color map, type
    assert after[12:18] == before[12:18]  # size, depth, row order and alpha bits
    if before[2] >= 9:
        assert_no_packet_crosses_rows(after)


def assert_no_packet_crosses_rows(tga: bytes) -> None:
    """As PaintMan demands it."""
    entries, bits = int.from_bytes(tga[5:7], "little"), tga[7]
    width, height = int.from_bytes(tga[12:14], "little"), int.from_bytes(tga[14:16], "little")
    at = 18 + tga[0] + entries * ((bits + 7) // 8)
    pixel = tga[16] // 8
    for _ in range(height):
        done = 0
        while done < width:
            count = (tga[at] & 127) + 1
            at += 1 + pixel * (1 if tga[at] & 128 else count)
            done += count
        assert done == width
