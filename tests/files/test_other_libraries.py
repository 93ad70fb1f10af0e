"""Files as Pillow, OpenCV, tifffile and Windows programs write them, read pixel for pixel.

`tests/integration/test_cli_round_trips.py` has such files painted, and read by their own library.
"""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import tifffile
from numpy.typing import NDArray
from PIL import Image

from shiage import errors
from shiage.files.images import Layout, encode_picture, read_size
from tests.files.samples import PALETTE, bmp, draw, drawn, png_interlaced, read_bytes, run_lengths

HW = (21, 37)
"""No multiple of anything."""


def pixels_of(mode: str, bits: int = 8) -> NDArray[Any]:
    return draw(mode, bits, *HW)


def tiff(
    samples: NDArray[Any], byteorder: Any = "<", bigtiff: bool = False, **options: Any
) -> bytes:
    """A TIFF as tifffile writes it."""
    buffer = io.BytesIO()
    with tifffile.TiffWriter(buffer, byteorder=byteorder, bigtiff=bigtiff) as writer:
        writer.write(samples, **options)
    return buffer.getvalue()


def check(tmp_path: Path, data: bytes, expected: NDArray[Any], mode: str) -> Layout:
    """Read it; return its layout."""
    picture = read_bytes(tmp_path, data)
    np.testing.assert_array_equal(picture.pixels, expected)
    assert read_size(tmp_path / "picture") == picture.size_hw == HW
    bits = 1 if mode == "1" else expected.itemsize * 8
    assert (picture.layout.mode, picture.layout.bits) == (mode, bits)
    return picture.layout


STORAGE: dict[str, dict[str, Any]] = {
    "strips": {"rowsperstrip": 5},
    "tiles": {"tile": (16, 16)},
    "deflate": {"compression": "zlib"},
    "deflate, differences": {"compression": "zlib", "predictor": True},
    "deflate, tiles": {"compression": "zlib", "tile": (16, 32)},
    "BigTIFF": {"bigtiff": True},
}


@pytest.mark.parametrize("byteorder", "<>")
@pytest.mark.parametrize("storage", STORAGE)
def test_tifffile(tmp_path: Path, storage: str, byteorder: str) -> None:
    options: dict[str, Any] = STORAGE[storage] | {"byteorder": byteorder}
    for bits in (8, 16):
        for mode, photometric in (("L", "minisblack"), ("RGB", "rgb"), ("RGBA", "rgb")):
            pixels = pixels_of(mode, bits)
            samples = pixels[..., 0] if mode == "L" else pixels[..., : len(mode)]
            if mode == "RGBA":
                options["extrasamples"] = ["unassalpha"]
            data = tiff(samples, photometric=photometric, **options)
            options.pop("extrasamples", None)
            if (storage, byteorder) == ("BigTIFF", ">"):
                with pytest.raises(errors.UnsupportedImage, match="byte order MM"):
                    read_bytes(tmp_path, data)
            else:
                check(tmp_path, data, pixels, mode)


@pytest.mark.parametrize("byteorder", "<>")
def test_tifffile_of_other_kinds(tmp_path: Path, byteorder: str) -> None:
    def written(samples: NDArray[Any], photometric: str, **options: Any) -> bytes:
        return tiff(samples, byteorder, photometric=photometric, **options)

    one, grey, rgb, rgba = (pixels_of(mode) for mode in ("1", "L", "RGB", "RGBA"))
    black = one[..., 0] == 0
    check(tmp_path, written(~black, "minisblack"), one, "1")
    check(tmp_path, written(black, "miniswhite"), one, "1")
    check(tmp_path, written(~black, "minisblack", tile=(16, 16)), one, "1")
    check(tmp_path, written(255 - grey[..., 0], "miniswhite"), grey, "L")
    planes = np.ascontiguousarray(np.moveaxis(rgb[..., :3], 2, 0))
    for tile in (None, (16, 16)):
        check(tmp_path, written(planes, "rgb", planarconfig="separate", tile=tile), rgb, "RGB")
    # A fourth channel that is not said to be alpha is none.
    check(tmp_path, written(rgba, "rgb", extrasamples=["unspecified"]), rgba | OPAQUE, "RGB")
    grey_alpha = pixels_of("LA")
    options = {"planarconfig": "contig", "extrasamples": ["unassalpha"]}
    check(tmp_path, written(grey_alpha[..., ::3], "minisblack", **options), grey_alpha, "LA")
    table = np.arange(768, dtype=np.uint16).reshape(3, 256) % 256 * 257
    mapped = np.full((*HW, 4), 255, np.uint8)
    mapped[..., :3] = (table.T // 257)[grey[..., 0]]
    check(tmp_path, written(grey[..., 0], "palette", colormap=table), mapped, "P")


OPAQUE = np.array((0, 0, 0, 255), np.uint8)


def test_tifffile_with_premultiplied_alpha(tmp_path: Path) -> None:
    straight = pixels_of("RGBA")
    straight[:10, :, 3] = 255
    straight[10:15] = 0
    straight[15:, :, 3] = 128
    share = straight[..., 3:] / 255
    stored = np.dstack([np.rint(straight[..., :3] * share), straight[..., 3]]).astype(np.uint8)
    data = tiff(stored, photometric="rgb", extrasamples=["assocalpha"])
    picture = read_bytes(tmp_path, data)
    np.testing.assert_array_equal(picture.pixels[:15], straight[:15])
    off = np.abs(picture.pixels.astype(int) - straight)
    assert off.max() <= 1, "half a level of premultiplied color is one of straight color"
    assert picture.layout.mode == "RGBA"


@pytest.mark.parametrize("unit", [("INCH", 1.0), ("CENTIMETER", 2.54), ("NONE", 0.0)])
def test_tifffile_with_a_resolution(tmp_path: Path, unit: tuple[str, float]) -> None:
    name, inches = unit
    options: dict[str, Any] = {"resolution": (144, 72), "resolutionunit": name}
    data = tiff(pixels_of("RGB")[..., :3], photometric="rgb", **options)
    dpi = check(tmp_path, data, pixels_of("RGB"), "RGB").dpi
    assert dpi is None if name == "NONE" else dpi == pytest.approx((144 * inches, 72 * inches))


def test_tifffile_knows_the_alpha_and_the_profile_that_shiage_writes() -> None:
    for mode, bits in (("LA", 8), ("RGBA", 8), ("RGBA", 16), ("RGB", 16)):
        picture = drawn("TIFF", mode, bits, icc_profile=b"p" * 133, dpi=(144.0, 72.0))
        with tifffile.TiffFile(io.BytesIO(encode_picture(picture, format="TIFF"))) as file:
            (page,) = file.pages
            assert isinstance(page, tifffile.TiffPage)
            samples = picture.pixels[..., ::3] if mode == "LA" else picture.pixels[..., : len(mode)]
            np.testing.assert_array_equal(page.asarray(), samples)
            alpha = [tifffile.EXTRASAMPLE.UNASSALPHA] if "A" in mode else []
            assert [*page.extrasamples] == alpha
            assert page.tags["InterColorProfile"].value == b"p" * 133
            assert page.get_resolution(tifffile.RESUNIT.INCH) == (144, 72)


@pytest.mark.parametrize("code", ["raw", "tiff_lzw", "packbits", "tiff_adobe_deflate"])
def test_white_is_all_ones_in_the_map_of_an_indexed_tiff(code: str) -> None:
    picture = drawn("TIFF", "P", 8, tiff_compression=code)
    with tifffile.TiffFile(io.BytesIO(encode_picture(picture, format="TIFF"))) as file:
        (page,) = file.pages
        assert isinstance(page, tifffile.TiffPage)
        assert page.colormap is not None
        colors = page.colormap.T[: len(PALETTE)]
    np.testing.assert_array_equal(colors, np.array(PALETTE)[:, :3] * 257)


@pytest.mark.parametrize("code", [1, 5, 8, 32773])
def test_tiff_of_opencv(tmp_path: Path, code: int) -> None:
    for mode in ("L", "RGB", "RGBA"):
        for bits in (8, 16):
            pixels = pixels_of(mode, bits)
            swap = {"L": cv2.COLOR_RGBA2GRAY, "RGB": cv2.COLOR_RGBA2BGR}
            samples = cv2.cvtColor(pixels, swap.get(mode, cv2.COLOR_RGBA2BGRA))
            _, data = cv2.imencode(".tif", samples, [cv2.IMWRITE_TIFF_COMPRESSION, code])
            check(tmp_path, data.tobytes(), pixels, mode)


@pytest.mark.parametrize("code", ["raw", "group3", "group4", "tiff_ccitt", "packbits", "tiff_lzw"])
def test_tiff_of_pillow_in_two_colors(tmp_path: Path, code: str) -> None:
    pixels = pixels_of("1")
    buffer = io.BytesIO()
    Image.fromarray(pixels[..., 0] > 0).save(buffer, "TIFF", compression=code)
    check(tmp_path, buffer.getvalue(), pixels, "1")


# -- PNG -------------------------------------------------------------------------------------------


def test_png_in_seven_passes(tmp_path: Path) -> None:
    pixels = pixels_of("RGB")
    check(tmp_path, png_interlaced(pixels[..., :3]), pixels, "RGB")


@pytest.mark.parametrize("bits", [1, 2, 4, 8])
@pytest.mark.parametrize("clear", [None, 1, b"\x80\x00"])
def test_indexed_png_of_pillow(tmp_path: Path, bits: int, clear: int | bytes | None) -> None:
    picture = Image.fromarray(pixels_of("RGB")[..., :3]).quantize(2**bits)
    buffer = io.BytesIO()
    picture.save(buffer, "PNG", bits=bits, **({} if clear is None else {"transparency": clear}))
    expected = np.array(picture.convert("RGBA"))
    indices = np.asarray(picture)
    if clear is not None:
        expected[indices == 1, 3] = 0
    if isinstance(clear, bytes):
        expected[indices == 0, 3] = 128
    assert check(tmp_path, buffer.getvalue(), expected, "P").has_alpha == (clear is not None)


def test_png_of_16_bits_of_pillow_and_opencv(tmp_path: Path) -> None:
    grey = pixels_of("L", 16)
    buffer = io.BytesIO()
    Image.fromarray(grey[..., 0]).save(buffer, "PNG")
    check(tmp_path, buffer.getvalue(), grey, "L")
    for mode, swap in (("RGB", cv2.COLOR_RGBA2BGR), ("RGBA", cv2.COLOR_RGBA2BGRA)):
        pixels = pixels_of(mode, 16)
        _, data = cv2.imencode(".png", cv2.cvtColor(pixels, swap))
        check(tmp_path, data.tobytes(), pixels, mode)


# -- BMP -------------------------------------------------------------------------------------------

WH = HW[::-1]
BGRA_MASKS = (0xFF0000, 0xFF00, 0xFF, 0xFF000000)


@pytest.mark.parametrize("top_down", [False, True])
@pytest.mark.parametrize("header", [40, 52, 56, 64, 108, 124])
def test_bmp_with_each_header(tmp_path: Path, header: int, top_down: bool) -> None:
    options: dict[str, Any] = {"header": header, "top_down": top_down}
    rgba = pixels_of("RGBA")
    for bits in (1, 4, 8):
        indices = rgba[..., 0] & (2**bits - 1)
        table = np.full((2**bits, 4), 255, np.uint8)
        table[:, :3] = np.random.default_rng(2).integers(0, 256, (2**bits, 3))
        planes = indices[..., None] >> np.arange(bits)[::-1] & 1
        rows = np.packbits(planes.reshape(HW[0], -1).astype(np.uint8), axis=1)
        colors = np.ascontiguousarray(table[:, [2, 1, 0, 3]] & (255, 255, 255, 0)).astype(np.uint8)
        data = bmp(rows, WH, bits, colors=colors.tobytes(), **options)
        check(tmp_path, data, table[indices], "P")
    opaque, bgra = rgba | OPAQUE, rgba[..., [2, 1, 0, 3]]
    check(tmp_path, bmp(bgra[..., :3], WH, 24, **options), opaque, "RGB")
    check(tmp_path, bmp(bgra, WH, 32, **options), opaque, "RGB")
    masked = bmp(bgra, WH, 32, compression=3, masks=BGRA_MASKS, **options)
    if header >= 56:  # those that have room for the alpha's mask
        check(tmp_path, masked, rgba, "RGBA")
    else:
        check(tmp_path, masked, opaque, "RGB")


def test_bmp_in_run_lengths(tmp_path: Path) -> None:
    indices = np.repeat(pixels_of("L")[:, :9, 0], 5, axis=1)[:, : HW[1]]
    table = np.random.default_rng(2).integers(0, 256, (256, 4)).astype(np.uint8) | OPAQUE
    colors = np.ascontiguousarray(table[:, [2, 1, 0, 3]]).tobytes()
    data = bmp(run_lengths(indices), WH, 8, colors=colors, compression=1)
    check(tmp_path, data, table[indices], "P")


def test_bmp_of_opencv(tmp_path: Path) -> None:
    for mode, swap in (("RGB", cv2.COLOR_RGBA2BGR), ("RGBA", cv2.COLOR_RGBA2BGRA)):
        pixels = pixels_of(mode)
        _, data = cv2.imencode(".bmp", cv2.cvtColor(pixels, swap))
        check(tmp_path, data.tobytes(), pixels, mode)
