"""Color profiles of pictures: what they are called, whether two show the same, that of sRGB.

Pixels are never converted. A picture without a profile is sRGB, as browsers and most programs have
it.
"""

from __future__ import annotations

import io
import struct
from functools import lru_cache
from itertools import product

import numpy as np
from PIL import Image, ImageCms

SAME_LEVELS = 2
"""Profiles by which no color differs by more 8-bit levels show the same."""

_DATE = slice(24, 36)
"""Where a profile says when it was made: six numbers of 16 bits."""


def rgb_profile(profile: bytes | None) -> bytes | None:
    """Return a profile if it is one of RGB, else None."""
    return profile if profile and profile[16:20] == b"RGB " else None


def psd_profile(profile: bytes | None, bits: int) -> bytes | None:
    """Return the profile that a PSD in RGB is stored with, by that of its picture.

    One of 16 bits always has one: without, Krita takes its colors for linear light.
    """
    return rgb_profile(profile) or (srgb_profile() if bits == 16 else None)


@lru_cache(maxsize=1)
def srgb_profile() -> bytes:
    """Return a small profile of sRGB, always the same."""
    made = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    made[_DATE] = struct.pack(">6H", 2000, 1, 1, 0, 0, 0)
    return bytes(made)


@lru_cache(maxsize=64)
def name_profile(profile: bytes | None) -> str:
    """Return what a profile calls itself."""
    if profile is None:
        return "none"
    try:
        return ImageCms.getProfileDescription(_open(profile)).strip() or "a nameless one"
    except ImageCms.PyCMSError:
        return "a damaged one"


@lru_cache(maxsize=64)
def look_alike(one: bytes | None, other: bytes | None) -> bool:
    """Whether colors look the same by both of two profiles of RGB; None is sRGB."""
    one, other = one or srgb_profile(), other or srgb_profile()
    if one == other:
        return True
    levels = np.array(list(product(range(0, 256, 51), repeat=3)), np.uint8)[None]
    try:
        convert = ImageCms.buildTransform(
            _open(one), _open(other), "RGB", "RGB", ImageCms.Intent.RELATIVE_COLORIMETRIC
        )
        shown = ImageCms.applyTransform(Image.fromarray(levels), convert)
    except ImageCms.PyCMSError:
        return False
    return bool(np.abs(np.asarray(shown).astype(int) - levels).max() <= SAME_LEVELS)


def _open(profile: bytes) -> ImageCms.ImageCmsProfile:
    """Return a profile as Pillow wants it.

    Raises:
        ImageCms.PyCMSError: it is none.
    """
    try:
        return ImageCms.ImageCmsProfile(io.BytesIO(profile))
    except OSError as error:
        raise ImageCms.PyCMSError(error) from error
