"""Small pictures, and files made byte by byte, for the tests of reading and writing."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shiage.files.images import Layout, Picture, read_picture

PALETTE = ((255, 255, 255, 255), (0, 0, 0, 255), (250, 20, 30, 255), (7, 8, 9, 255))
FORMATS = ("PNG", "TGA", "TIFF", "BMP")
KINDS = (
    *(("1", 1), ("P", 8), ("LA", 8)),
    *((mode, bits) for mode in ("L", "RGB", "RGBA") for bits in (8, 16)),
)


def draw(mode: str, bits: int, height: int = 9, width: int = 13) -> NDArray[Any]:
    """Return (H, W, 4) random pixels that the mode can hold."""
    rng = np.random.default_rng(1)
    top = 65535 if bits == 16 else 255
    dtype: Any = np.uint16 if bits == 16 else np.uint8
    pixels: NDArray[Any] = rng.integers(0, top, (height, width, 4), dtype, endpoint=True)
    if mode == "P":
        pixels = np.array(PALETTE, np.uint8)[rng.integers(0, len(PALETTE), (height, width))]
    if mode == "1":
        pixels[...] = np.where(pixels[..., :1] > top // 2, top, 0)
    if mode in ("L", "LA"):
        pixels[..., 1:3] = pixels[..., :1]
    if mode not in ("LA", "RGBA"):
        pixels[..., 3] = top
    return pixels


def drawn(file_format: str, mode: str, bits: int, **fields: Any) -> Picture:
    """Return a random picture."""
    fields.setdefault("palette", PALETTE if mode == "P" else ())
    return Picture(draw(mode, bits), Layout(file_format, mode, bits, **fields))


def saved(path: Path, data: bytes) -> Path:
    """Return the path after writing a file there."""
    path.write_bytes(data)
    return path


def read_bytes(folder: Path, data: bytes) -> Picture:
    """Return the picture in a file's content."""
    return read_picture(saved(folder / "picture", data))


def chunk(name: bytes, body: bytes) -> bytes:
    """Return a PNG's chunk."""
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def png(
    rows: bytes, size: tuple[int, int], bits: int, color_type: int, *more: tuple[bytes, bytes]
) -> bytes:
    """Return a PNG; `rows` come without filter bytes."""
    width, height = size
    stride = len(rows) // height
    filtered = b"".join(b"\0" + rows[y * stride : (y + 1) * stride] for y in range(height))
    header = struct.pack(">IIBB3x", width, height, bits, color_type)
    chunks = [(b"IHDR", header), *more, (b"IDAT", zlib.compress(filtered)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(*c) for c in chunks)


def png_interlaced(rgb: NDArray[np.uint8]) -> bytes:
    """Return a PNG of (H, W, 3) colors in the seven passes of Adam7."""
    passes = ((0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4), (2, 0, 4, 2), (0, 1, 2, 2),
              (1, 0, 2, 1))  # fmt: skip
    parts = [rgb[y::dy, x::dx] for y, x, dy, dx in passes]
    rows = b"".join(b"\0" + row.tobytes() for part in parts if part.size for row in part)
    header = struct.pack(">IIBBBBB", rgb.shape[1], rgb.shape[0], 8, 2, 0, 0, 1)
    chunks = [(b"IHDR", header), (b"IDAT", zlib.compress(rows)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(*c) for c in chunks)


def bmp(
    rows: NDArray[Any] | bytes,
    size: tuple[int, int],
    bits: int,
    *,
    header: int = 40,
    colors: bytes = b"",
    compression: int = 0,
    masks: tuple[int, ...] = (),
    top_down: bool = False,
) -> bytes:
    """Return a BMP.

    Args:
        rows: its (H, ...) uint8 rows from the top, without padding; or the run-length codes.
        size: width and height.
        bits: of a pixel.
        header: size of the second header: 40 (the common one), 52, 56, 64, 108 (V4), 124 (V5).
        colors: the color map, four bytes an entry.
        compression: 0, 1 for run lengths of 8 bits, 3 with masks.
        masks: where in a pixel red, green, blue and alpha are.
        top_down: whether the file starts with the top row.
    """
    width, height = size
    if not isinstance(rows, bytes):
        flat = rows.reshape(height, -1)[:: 1 if top_down else -1]
        rows = np.pad(flat, ((0, 0), (0, -flat.shape[1] % 4))).tobytes()
    told = struct.pack("<IiiHH", header, width, -height if top_down else height, 1, bits)
    told += struct.pack("<IIiiII", compression, len(rows), 2835, 2835, len(colors) // 4, 0)
    more = struct.pack(f"<{len(masks)}I", *masks)
    told += more.ljust(header - 40, b"\0") if header > 40 else more[:12]
    start = 14 + len(told) + len(colors)
    return struct.pack("<2sIII", b"BM", start + len(rows), 0, start) + told + colors + rows


def run_lengths(indices: NDArray[np.uint8]) -> bytes:
    """Return the rows (H, W) of a BMP in run lengths of 8 bits."""
    out = b""
    for row in indices[::-1]:
        starts = np.flatnonzero(np.diff(row, prepend=~row[:1]))
        lengths = np.diff(starts, append=len(row))
        for start, length in zip(starts.tolist(), lengths.tolist(), strict=True):
            whole, rest = divmod(length, 255)
            out += bytes((255, row[start])) * whole + bytes((rest, row[start])) * bool(rest)
        out += b"\0\0"
    return out + b"\0\1"


def tga(
    kind: int,
    bits: int,
    rows: NDArray[np.uint8],
    *,
    flags: int = 0,
    color_map: bytes = b"",
    map_bits: int = 24,
    map_start: int = 0,
    image_id: bytes = b"",
) -> bytes:
    """Return a TGA of (H, W, bytes) file-order rows, not run-length encoded."""
    height, width = rows.shape[:2]
    has_map = bool(color_map)
    entries = len(color_map) // ((map_bits + 7) // 8)
    map_fields = (has_map, kind, map_start, entries, map_bits if has_map else 0)
    header = struct.pack(
        "<BBBHHBHHHHBB", len(image_id), *map_fields, 0, 0, width, height, bits, flags
    )
    return header + image_id + color_map + rows.tobytes()
