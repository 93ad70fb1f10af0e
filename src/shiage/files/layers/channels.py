"""Pixels of one layer, mask or merged image ↔ compressed channels, exactly.

psd-tools fills a channel that it cannot read with black and warns; here that is an error.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from psd_tools.compression import compress, decode_prediction, decode_rle
from psd_tools.constants import Compression
from psd_tools.psd.header import FileHeader
from psd_tools.psd.layer_and_mask import ChannelData

from shiage.files.pictures import Pixels

Plane = NDArray[Any]
"""(H, W) uint8 or uint16."""


def dtype_of(bits: int) -> Any:
    """Return the type of a channel's values."""
    return np.uint16 if bits == 16 else np.uint8


def decode_channel(channel: ChannelData, size_hw: tuple[int, int], header: FileHeader) -> Plane:
    """(h, w) uint8 or uint16: one channel.

    Raises:
        Exception: of any kind, if it is cut off or corrupt.
    """
    return _decode(channel.data, channel.compression, size_hw, header)


def decode_merged(psd_data: bytes, compression: Compression, header: FileHeader) -> list[Plane]:
    """Return the channels of a merged image, each (H, W)."""
    rows = header.height * header.channels
    planes = _decode(psd_data, compression, (rows, header.width), header)
    return list(planes.reshape(header.channels, header.height, header.width))


def encode_channel(plane: Plane, header: FileHeader) -> ChannelData:
    """Return a channel, run-length encoded as programs expect it."""
    return ChannelData(Compression.RLE, _encode(plane, header))


def encode_merged(planes: Sequence[Plane], header: FileHeader) -> bytes:
    """Return the channels of a merged image, run-length encoded."""
    return _encode(np.concatenate(planes), header)


def stack_rgba(planes: Sequence[Plane], alpha: Plane | None) -> Pixels:
    """(H, W, 4): three planes or one of grey, and alpha; None is opaque."""
    height, width = planes[0].shape
    out: Pixels = np.full((height, width, 4), np.iinfo(planes[0].dtype).max, planes[0].dtype)
    for number in range(3):
        out[..., number] = planes[number % len(planes)]
    if alpha is not None:
        out[..., 3] = alpha
    return out


def over_white(pixels: Pixels) -> list[Plane]:
    """Return red, green, blue and alpha as a merged image holds them: over white, plus alpha."""
    top = int(np.iinfo(pixels.dtype).max)
    clear = pixels[..., 3] < top
    own = pixels[clear].astype(np.uint64)
    out = pixels.copy()
    alpha = own[:, 3:]
    out[clear, :3] = (own[:, :3] * alpha + top * (top - alpha) + top // 2) // top
    return [out[..., number] for number in range(4)]


def off_white(planes: Sequence[Plane], alpha: Plane) -> Pixels:
    """(H, W, 4): straight colors of a merged image with alpha, as near as it tells them."""
    top = float(np.iinfo(alpha.dtype).max)
    out = stack_rgba(planes, alpha)
    out[alpha == 0] = 0
    mixed = (alpha > 0) & (alpha < top)
    own = out[mixed].astype(np.float64)
    share = own[:, 3:] / top
    out[mixed, :3] = np.clip(np.rint((own[:, :3] - top * (1 - share)) / share), 0, top)
    return out


def _decode(
    data: bytes, compression: Compression, size_hw: tuple[int, int], header: FileHeader
) -> Plane:
    height, width = size_hw
    dtype = np.dtype(dtype_of(header.depth)).newbyteorder(">")
    size = height * width * dtype.itemsize
    if compression == Compression.RAW:
        raw = data[:size]
    elif compression == Compression.RLE:
        raw = decode_rle(data, width, height, header.depth, header.version, max_output_bytes=size)
    else:
        inflated = zlib.decompressobj().decompress(data, size)
        predicted = compression == Compression.ZIP_WITH_PREDICTION
        raw = decode_prediction(inflated, width, height, header.depth) if predicted else inflated
    if len(raw) != size:
        raise ValueError(f"{len(raw)} of {size} bytes of a channel")
    return np.frombuffer(raw, dtype).reshape(height, width).astype(dtype_of(header.depth))


def _encode(plane: Plane, header: FileHeader) -> bytes:
    height, width = plane.shape
    raw = plane.astype(plane.dtype.newbyteorder(">")).tobytes()
    return compress(raw, Compression.RLE, width, height, header.depth, header.version)
