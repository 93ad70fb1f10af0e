"""Drawings as other libraries write them, painted in one run, and read by the same library.

`test_cli_formats.py` has the kinds that Pillow writes in its usual ways.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import tifffile
from numpy.typing import NDArray
from PIL import Image

from tests.files.samples import bmp, png, png_interlaced, run_lengths
from tests.integration.conftest import draw_figure, draw_key, hash_tree, paint

Samples = NDArray[Any]


@dataclass(frozen=True)
class Kind:
    """A way to store a drawing.

    Attributes:
        suffix: of the file.
        write: the drawing, (H, W, 4) RGBA, to a file's content.
        read: a file's content to (H, W, 4) RGBA of 8 or 16 bits, with the same library.
        deep: 16 bits a channel.
        clear: on transparent paper.
        channels: of the painted cel, as the library tells them; 1 if it is indexed.
    """

    suffix: str
    write: Callable[[Samples], bytes]
    read: Callable[[bytes], Samples]
    deep: bool = False
    clear: bool = False
    channels: int = 3


def with_pillow(mode: str, file_format: str, **options: Any) -> Callable[[Samples], bytes]:
    def write(rgba: Samples) -> bytes:
        buffer = io.BytesIO()
        picture = Image.fromarray(rgba)
        if mode == "P":
            picture = Image.fromarray((rgba[..., 0] > 0).astype(np.uint8))
            picture.putpalette([0, 0, 0, 255, 255, 255, *[9, 9, 99] * (2 ** options["bits"] - 2)])
        picture.convert(mode).save(buffer, file_format, **options)
        return buffer.getvalue()

    return write


def by_pillow(data: bytes) -> Samples:
    with Image.open(io.BytesIO(data)) as picture:
        return np.asarray(picture.convert("RGBA"))


def with_tifffile(mode: str, **options: Any) -> Callable[[Samples], bytes]:
    def write(rgba: Samples) -> bytes:
        file = {name: options[name] for name in ("byteorder", "bigtiff") if name in options}
        page = {name: value for name, value in options.items() if name not in file}
        samples = {"1": rgba[..., 0] > 0, "L": rgba[..., 0]}.get(mode, rgba[..., : len(mode)])
        if page.get("photometric") == "miniswhite":
            samples = ~samples
        if page.get("planarconfig") == "separate":
            samples = np.ascontiguousarray(np.moveaxis(samples, 2, 0))
        photometric = "minisblack" if samples.ndim == 2 else "rgb"
        buffer = io.BytesIO()
        with tifffile.TiffWriter(buffer, **file) as writer:
            writer.write(samples, **{"photometric": photometric} | page)
        return buffer.getvalue()

    return write


def by_tifffile(data: bytes) -> Samples:
    with tifffile.TiffFile(io.BytesIO(data)) as file:
        (page,) = file.pages
        assert isinstance(page, tifffile.TiffPage)
        samples = page.asarray()
        alpha = [tifffile.EXTRASAMPLE.UNASSALPHA] if page.samplesperpixel == 4 else []
        assert [*page.extrasamples] == alpha
        if page.colormap is not None:
            samples = (page.colormap.T // 257).astype(np.uint8)[samples]
    return rgba_of(samples)


def with_opencv(suffix: str, *options: int) -> Callable[[Samples], bytes]:
    def write(rgba: Samples) -> bytes:
        clear = rgba[..., 3].min() == 0
        samples = cv2.cvtColor(rgba, cv2.COLOR_RGBA2BGRA if clear else cv2.COLOR_RGBA2BGR)
        done, data = cv2.imencode(suffix, samples, [*options])
        assert done
        return data.tobytes()

    return write


def by_opencv(data: bytes) -> Samples:
    samples = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    assert samples is not None
    return rgba_of(samples[..., [2, 1, 0, 3][: samples.shape[2]]])


def rgba_of(samples: Samples) -> Samples:
    """(H, W, 4): with an alpha channel that is opaque if there is none."""
    if samples.shape[2] == 4:
        return samples
    opaque = np.full((*samples.shape[:2], 1), np.iinfo(samples.dtype).max, samples.dtype)
    return np.concatenate([samples, opaque], axis=2)


def grey_png(bits: int, *more: tuple[bytes, bytes]) -> Callable[[Samples], bytes]:
    def write(rgba: Samples) -> bytes:
        height, width = rgba.shape[:2]
        white = (rgba[..., 0] > 0) | (rgba[..., 3] == 0)
        planes = np.repeat(white, bits, axis=1)  # black is all 0, white all 1
        return png(np.packbits(planes, axis=1).tobytes(), (width, height), bits, 0, *more)

    return write


def windows_bmp(bits: int, **options: Any) -> Callable[[Samples], bytes]:
    """A BMP with two colors of its map in use, or with the pixels themselves."""

    def write(rgba: Samples) -> bytes:
        size = rgba.shape[1], rgba.shape[0]
        if bits == 32:
            return bmp(rgba[..., [2, 1, 0, 3]], size, 32, **options)
        indices = (rgba[..., 0] > 0).astype(np.uint8)
        colors = bytes((0, 0, 0, 0, 255, 255, 255, 0)) + bytes((9, 9, 99, 0)) * (2**bits - 2)
        if options.get("compression") == 1:
            return bmp(run_lengths(indices), size, bits, colors=colors, **options)
        planes = indices[..., None] >> np.arange(bits)[::-1] & 1
        rows = np.packbits(planes.reshape(size[1], -1), axis=1)
        return bmp(rows, size, bits, colors=colors, **options)

    return write


BGRA = {"compression": 3, "masks": (0xFF0000, 0xFF00, 0xFF, 0xFF000000)}
ALPHA: dict[str, Any] = {"extrasamples": ["unassalpha"]}
GREY_TABLE = np.tile(np.arange(256, dtype=np.uint16) * 257, (3, 1))
LZW, PACKBITS = (cv2.IMWRITE_TIFF_COMPRESSION, 5), (cv2.IMWRITE_TIFF_COMPRESSION, 32773)
KINDS = {
    **{
        f"PNG indexed, {bits} bits": Kind(
            "png", with_pillow("P", "PNG", bits=bits), by_pillow, channels=1
        )
        for bits in (1, 2, 4)
    },
    "PNG grey, 2 bits": Kind("png", grey_png(2), by_opencv),
    "PNG grey, 4 bits": Kind("png", grey_png(4), by_opencv),
    "PNG with a color key": Kind(
        "png", grey_png(8, (b"tRNS", b"\0\xff")), by_pillow, clear=True, channels=4
    ),
    "PNG in seven passes": Kind("png", lambda rgba: png_interlaced(rgba[..., :3]), by_pillow),
    "PNG of 16 bits": Kind("png", with_opencv(".png"), by_opencv, deep=True),
    "PNG of 16 bits, alpha": Kind(
        "png", with_opencv(".png"), by_opencv, deep=True, clear=True, channels=4
    ),
    "TIFF in strips": Kind("tif", with_tifffile("RGB", rowsperstrip=7), by_tifffile),
    "TIFF in tiles": Kind("tif", with_tifffile("RGB", tile=(32, 32)), by_tifffile),
    "TIFF big-endian": Kind("tif", with_tifffile("RGB", byteorder=">"), by_tifffile),
    "BigTIFF": Kind("tif", with_tifffile("RGB", bigtiff=True), by_tifffile),
    "TIFF deflated": Kind(
        "tif", with_tifffile("RGB", compression="zlib", predictor=True), by_tifffile
    ),
    "TIFF in planes": Kind("tif", with_tifffile("RGB", planarconfig="separate"), by_tifffile),
    "TIFF grey": Kind("tif", with_tifffile("L"), by_tifffile),
    "TIFF two colors": Kind("tif", with_tifffile("1"), by_tifffile),
    "TIFF white is 0": Kind("tif", with_tifffile("1", photometric="miniswhite"), by_tifffile),
    "TIFF indexed": Kind(
        "tif",
        with_tifffile("L", photometric="palette", colormap=GREY_TABLE),
        by_tifffile,
        channels=1,
    ),
    "TIFF alpha": Kind(
        "tif", with_tifffile("RGBA", **ALPHA), by_tifffile, clear=True, channels=4
    ),
    "TIFF premultiplied": Kind(
        "tif",
        with_tifffile("RGBA", extrasamples=["assocalpha"]),
        by_tifffile,
        clear=True,
        channels=4,
    ),
    "TIFF of 16 bits": Kind(
        "tif", with_tifffile("RGB", byteorder=">", tile=(32, 32)), by_tifffile, deep=True
    ),
    "TIFF grey of 16 bits": Kind("tif", with_tifffile("L"), by_tifffile, deep=True),
    "TIFF alpha of 16 bits": Kind(
        "tif", with_tifffile("RGBA", **ALPHA), by_tifffile, deep=True, clear=True, channels=4
    ),
    "TIFF LZW of 16 bits": Kind("tif", with_opencv(".tif", *LZW), by_opencv, deep=True),
    "TIFF PackBits": Kind("tif", with_opencv(".tif", *PACKBITS), by_opencv),
    "TIFF of 16 bits, undeclared alpha": Kind(
        "tif", with_opencv(".tif"), by_opencv, deep=True, clear=True, channels=4
    ),
    "TIFF fax": Kind("tif", with_pillow("1", "TIFF", compression="group4"), by_pillow),
    "BMP, 1 bit": Kind("bmp", windows_bmp(1), by_opencv, channels=3),
    "BMP, 4 bits": Kind("bmp", windows_bmp(4), by_pillow, channels=1),
    "BMP top-down": Kind("bmp", windows_bmp(8, top_down=True), by_pillow, channels=1),
    "BMP in run lengths": Kind("bmp", windows_bmp(8, compression=1), by_opencv, channels=1),
    "BMP of 32 bits": Kind("bmp", windows_bmp(32), by_opencv),
    "BMP V4": Kind(
        "bmp", windows_bmp(32, header=108, **BGRA), by_opencv, clear=True, channels=4
    ),
    "BMP V5": Kind(
        "bmp", windows_bmp(32, header=124, **BGRA), by_opencv, clear=True, channels=4
    ),
}  # fmt: skip


def drawing_of(name: str, *, painted: bool = False) -> Samples:
    kind = KINDS[name]
    rgba: Samples = draw_figure([*KINDS].index(name) % 7, painted=painted)
    if kind.clear:
        rgba[(rgba == 255).all(axis=-1)] = 0
    return rgba.astype(np.uint16) * 257 if kind.deep else rgba


def file_of(name: str) -> str:
    return f"A{[*KINDS].index(name) + 2:04}.{KINDS[name].suffix}"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with `in`, the cut, and `out`, the painted one."""
    folder = tmp_path_factory.mktemp("round_trips")
    cut = folder / "in"
    draw_key(folder / "key" / "A0001.png")
    cut.mkdir()
    (cut / "A0001.png").write_bytes(with_pillow("RGB", "PNG")(draw_figure()))
    for name, kind in KINDS.items():
        (cut / file_of(name)).write_bytes(kind.write(drawing_of(name)))
    before = hash_tree(cut)
    told = paint(cut, "--ref", folder / "key", "--out", folder / "out").ok()
    assert [*told.statuses.values()] == ["reference"] + ["painted"] * len(KINDS)
    assert hash_tree(cut) == before
    return folder


@pytest.mark.parametrize("name", KINDS)
def test_painted_and_read_by_the_same_library(folder: Path, name: str) -> None:
    kind = KINDS[name]
    data = (folder / "out" / file_of(name)).read_bytes()
    painted = kind.read(data)
    assert painted.dtype == (np.uint16 if kind.deep else np.uint8)
    seen = np.where(painted[..., 3:] == 0, 0, painted)
    np.testing.assert_array_equal(seen, drawing_of(name, painted=True))
    with Image.open(io.BytesIO(data)) as picture:
        assert len(picture.getbands()) == kind.channels
