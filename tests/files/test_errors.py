"""Files that cannot be read end in an error that tells what to do."""

from __future__ import annotations

import errno
import io
import os
import struct
import tracemalloc
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from shiage import errors
from shiage.files.images import Picture, encode_picture, read_picture, read_size, write_picture
from tests.files.samples import (
    FORMATS,
    bmp,
    chunk,
    draw,
    drawn,
    png_interlaced,
    read_bytes,
    run_lengths,
    saved,
    tga,
)

READERS = (read_picture, read_size)


def said(caught: pytest.ExceptionInfo[errors.ShiageError], path: Path) -> str:
    """Return the message after checking that all of its parts are there."""
    error = caught.value
    assert error.path == path
    assert error.found
    assert error.expected
    assert error.action
    assert not error.action.endswith(".")  # the message goes on where errors are listed
    return str(error)


def test_unreadable(tmp_path: Path) -> None:
    empty = saved(tmp_path / "empty.png", b"")
    for path in (tmp_path / "none.png", tmp_path, empty, Path("nul\0l.png")):
        for read in READERS:
            with pytest.raises(errors.UnreadableFile) as caught:
                read(path)
            assert str(path) in said(caught, path)


@pytest.mark.parametrize("number", [errno.EACCES, errno.EIO])
def test_disk_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    class Failing(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            if size == 18 and number == errno.EIO:  # after the first look
                return super().read(size)
            raise OSError(number, os.strerror(number))

    monkeypatch.setattr(Path, "open", lambda *_: Failing(FILES["PNG RGBA 8 False"]))
    for read in READERS:
        with pytest.raises(errors.UnreadableFile) as caught:
            read(tmp_path / "a.png")
        assert os.strerror(number) in said(caught, tmp_path / "a.png")


@pytest.mark.parametrize(
    "data",
    [
        b"x",
        b"This is a note about the cut, no picture.",
        b"GIF89a" + bytes(40),
        bytes(64),
    ],
)
def test_not_an_image(tmp_path: Path, data: bytes) -> None:
    path = saved(tmp_path / "a.tga", data)
    for read in READERS:
        with pytest.raises(errors.NotAnImage) as caught:
            read(path)
        assert "PNG, TGA, TIFF, BMP, JPEG or PSD" in said(caught, path)


def pillow_bytes(mode: str, file_format: str, **options: Any) -> bytes:
    buffer = io.BytesIO()
    Image.new(mode, (8, 6)).save(buffer, file_format, **options)
    return buffer.getvalue()


@pytest.mark.parametrize(
    "data",
    [
        *(pillow_bytes(mode, "TIFF") for mode in ("CMYK", "F", "I", "LAB", "YCbCr")),
        pillow_bytes("RGB", "TIFF", tiffinfo={274: 6}),
        pillow_bytes("RGB", "PNG", save_all=True, append_images=[Image.new("RGB", (8, 6), "red")]),
        tga(1, 16, np.zeros((2, 2, 2), np.uint8), color_map=bytes(6)),
        b"BM" + struct.pack("<IIIIiiHH", 70, 0, 54, 40, 2, 2, 1, 2) + bytes(40),
    ],
)
def test_unsupported(tmp_path: Path, data: bytes) -> None:
    path = saved(tmp_path / "a", data)
    with pytest.raises(errors.UnsupportedImage) as caught:
        read_picture(path)
    assert "expected grey, RGB" in said(caught, path)


@pytest.mark.parametrize("file_format", FORMATS)
def test_size_is_told_by_the_header(tmp_path: Path, file_format: str) -> None:
    path = tmp_path / "A0001.wrong"  # the name is no matter
    write_picture(path, drawn(file_format, "RGB", 8, tiff_compression="raw"))
    assert read_picture(path, max_pixels=9 * 13).layout.format == file_format
    with pytest.raises(errors.ImageTooLarge) as caught:
        read_picture(path, max_pixels=9 * 13 - 1)
    assert "13 x 9 = 117 pixels; expected at most 116" in said(caught, path)
    with path.open("ab") as file:  # a hole, no disk space
        file.truncate(500_000_000)
    tracemalloc.start()
    assert read_size(path) == (9, 13)
    assert tracemalloc.get_traced_memory()[1] < 1_000_000
    tracemalloc.stop()
    for read in READERS:
        with pytest.raises(errors.DamagedImage) as damaged:
            read(saved(path, encode_picture(drawn(file_format, "RGB", 8))[:17] + bytes(2)))
        assert "cut off or corrupt" in said(damaged, path)


@pytest.mark.parametrize("side", [12_000, 2**31 - 1])
def test_bombs(tmp_path: Path, side: int) -> None:
    header = chunk(b"IHDR", struct.pack(">IIBB3x", side, side, 8, 2))
    data = b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")
    with pytest.raises(errors.ImageTooLarge):
        read_bytes(tmp_path, data)
    assert read_size(tmp_path / "picture") == (side, side)


@pytest.mark.parametrize("file_format", FORMATS)
@pytest.mark.parametrize("limit", [1, 100])  # 117 pixels: beyond Pillow's error, or its warning
def test_pillows_own_limit_is_out_of_play(
    tmp_path: Path, file_format: str, limit: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    for compression in ("raw", "tiff_lzw") if file_format == "TIFF" else (None,):
        for mode, bits in (("P", 8), ("RGB", 8), ("RGB", 16)):
            picture = drawn(file_format, mode, bits, tiff_compression=compression)
            write_picture(tmp_path / "a", picture)
            with monkeypatch.context() as patch:
                patch.setattr(Image, "MAX_IMAGE_PIXELS", limit)
                pixels = read_picture(tmp_path / "a").rgba_u8
            np.testing.assert_array_equal(pixels, picture.rgba_u8)


# A picture of each kind, to be broken.
WHOLE = {
    f"{file_format} {mode} {bits} {rle}": drawn(
        file_format,
        mode,
        bits,
        dpi=(72.0, 72.0),
        tga_rle=rle,
        tiff_compression="tiff_lzw" if rle else "raw",
    )
    for file_format in FORMATS
    for mode, bits in (("1", 1), ("L", 8), ("P", 8), ("RGBA", 8), ("RGB", 16))
    for rle in ((False, True) if file_format in ("TGA", "TIFF") else (False,))
}
FILES = {name: encode_picture(p, format=p.layout.format) for name, p in WHOLE.items()}


def make_foreign() -> dict[str, bytes]:
    """Files of kinds that shiage reads and does not write."""
    rgba = draw("RGBA", 8, 20, 24)
    masks = 255, 255 << 8, 255 << 16, 255 << 24
    rgb, indices = rgba[..., :3], np.asarray(rgba[..., 0] & 3, np.uint8)
    files = {
        "PNG in passes": png_interlaced(rgb),
        "BMP RLE": bmp(run_lengths(indices), (24, 20), 8, colors=bytes(range(16)), compression=1),
        "BMP V5": bmp(rgba, (24, 20), 32, header=124, compression=3, masks=masks),
        "TGA runs over rows": b"\0\0\x0a" + tga(2, 24, rgb)[3:18] + b"\xffabc" * 4,
        "TGA 15 bits": tga(2, 15, rgba[..., :2]),
        "TGA extended": tga(2, 32, rgba) + bytes(494) + b"\4" + struct.pack("<II", 1938, 1938)
        + b"TRUEVISION-XFILE.\0",
    }  # fmt: skip
    for name, bigtiff, tile in (("TIFF tiles", False, (16, 16)), ("BigTIFF", True, None)):
        buffer = io.BytesIO()
        with tifffile.TiffWriter(buffer, bigtiff=bigtiff) as writer:
            writer.write(rgb, photometric="rgb", tile=tile)
        files[name] = buffer.getvalue()
    return files


FOREIGN = make_foreign()


@pytest.mark.parametrize("name", FOREIGN)
def test_foreign_files_are_whole_before_they_are_broken(tmp_path: Path, name: str) -> None:
    assert read_bytes(tmp_path, FOREIGN[name]).size_hw == (20, 24)


def check_broken(path: Path) -> Picture | None:
    """Return the picture if it is read all the same; fail on any but the expected errors."""
    try:
        read_size(path)
        return read_picture(path)
    except errors.FileError as error:
        message = str(error)
    assert str(path) in message
    return None


@pytest.mark.parametrize("name", FILES)
def test_cut_off(tmp_path: Path, name: str) -> None:
    data = FILES[name]
    cuts = {*range(0, 60, 3), *range(60, len(data), max(1, len(data) // 10))}
    for length in cuts | {*range(len(data) - 30, len(data), 2), len(data) - 1}:
        picture = check_broken(saved(tmp_path / "a", data[:length]))
        if picture is not None:  # what is missing is no pixel, but a footer or padding
            np.testing.assert_array_equal(picture.rgba_u8, WHOLE[name].rgba_u8)


@settings(max_examples=250, deadline=None)
@given(
    name=st.sampled_from(sorted(FILES | FOREIGN)),
    changes=st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), max_size=6),
    head=st.lists(st.tuples(st.integers(0, 60), st.integers(0, 255)), max_size=3),
)
def test_corrupt_bytes_never_crash(
    tmp_path_factory: pytest.TempPathFactory,
    name: str,
    changes: list[tuple[float, int]],
    head: list[tuple[int, int]],
) -> None:
    data = bytearray((FILES | FOREIGN)[name])
    for place, value in changes:
        data[int(place * len(data))] = value
    for position, value in head:
        data[position % len(data)] = value
    picture = check_broken(saved(tmp_path_factory.getbasetemp() / "corrupt", bytes(data)))
    checksummed = name in FILES and name.startswith("PNG")
    if checksummed and picture is not None:
        np.testing.assert_array_equal(picture.pixels, WHOLE[name].pixels)
