"""Pixels and colors as one number each, which compare and sort faster than four channels."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from shiage.files.pictures import Pixels, to_u8, to_u16

Words = NDArray[Any]
"""Packed pixels or colors: uint32, or uint64 for 16 bits a channel."""


def pack(pixels: Pixels) -> Words:
    """(...): one number per pixel (..., 3 or 4), as it is stored; 4 channels of 8 bits are uint32.

    >>> pack(np.array([[1, 2, 3, 4]], np.uint8)).tolist() == [0x04030201]
    True
    """
    if pixels.shape[-1] == 4:
        word = np.uint64 if pixels.dtype == np.uint16 else np.uint32
        words: Words = np.ascontiguousarray(pixels).view(word)[..., 0]
        return words
    red, green, blue = (pixels[..., channel].astype(np.uint64) for channel in range(3))
    return np.asarray(red | green << np.uint64(16) | blue << np.uint64(32))


def pack_colors(rgba: Pixels) -> Words:
    """(...): one number per color (..., 4); transparent is always 0."""
    packed = pack(rgba)
    return np.where(rgba[..., 3] == 0, 0, packed).astype(packed.dtype)


def unpack_pixels(packed: Words) -> Pixels:
    """(..., 4) uint8 or uint16: the pixels of packed ones (...)."""
    part: Any = np.uint8 if packed.dtype == np.uint32 else np.uint16
    pixels: Pixels = np.ascontiguousarray(packed)[..., None].view(part)
    return pixels


def unpack_colors(packed: Words) -> NDArray[np.uint16]:
    """(n, 4) uint16: packed colors (n,) as a palette holds them."""
    return to_u16(unpack_pixels(packed)).copy()


def pack_like(rgba_u16: NDArray[np.uint16], like: np.dtype[Any]) -> Words:
    """(n,): colors of a palette (n, 4) as packed numbers of a type; transparent ones are 0."""
    words = pack(rgba_u16 if like == np.uint64 else to_u8(rgba_u16))
    return np.where(rgba_u16[:, 3] == 0, 0, words).astype(like)
