"""Samples to be stored, in a mode that has room for them; Pillow and OpenCV write them.

Pillow writes files, except what it cannot write: colors of 16 bits, BMP with alpha.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from shiage.files.pictures import Layout, PaletteEntries, Picture, Pixels

MODE_CHOICES = {
    "1": ("1", "L", "LA", "RGB", "RGBA"),
    "L": ("L", "LA", "RGB", "RGBA"),
    "LA": ("LA", "RGBA"),
    "P": ("P", "RGB", "RGBA"),
    "RGB": ("RGB", "RGBA"),
    "RGBA": ("RGBA",),
}
"""Modes in which a picture may be written, best first, by the mode in which it was stored."""


def fit(
    picture: Picture,
    choices: Mapping[str, tuple[str, ...]] = MODE_CHOICES,
    *,
    grey_alpha: bool = True,
    mapped_alpha: bool = False,
) -> tuple[Layout, NDArray[Any]]:
    """Return the layout that has room for a picture, and the samples to store.

    Args:
        picture: its layout says how it was stored.
        choices: see `MODE_CHOICES`.
        grey_alpha: the format knows grey with alpha.
        mapped_alpha: the entries of palettes may be transparent.

    Returns:
        The layout, and its samples: (H, W) or (H, W, C), bool in mode "1", else the pixels' dtype.
    """
    pixels, layout = picture.pixels, picture.layout
    top = 65535 if layout.bits == 16 else 255
    red, green, blue, alpha = (pixels[..., channel] for channel in range(4))
    opaque = bool((alpha == top).all())
    grey = layout.mode in ("1", "L", "LA") and bool(((red == green) & (red == blue)).all())
    grey_alpha &= layout.bits != 16  # OpenCV knows no grey with alpha
    room = {
        "1": layout.bits == 1 and grey and opaque and bool(((red == 0) | (red == top)).all()),
        "L": grey and opaque,
        "LA": grey and grey_alpha,
        "P": layout.bits != 16 and (opaque or mapped_alpha),
        "RGB": opaque,
        "RGBA": True,
    }
    for mode in (mode for mode in choices[layout.mode] if room[mode]):
        indexed = _index(pixels, layout.palette) if mode == "P" else None
        if indexed:
            return replace(layout, mode="P", bits=8, palette=indexed[1]), indexed[0]
        if mode != "P":
            break
    bits = 1 if mode == "1" else max(8, layout.bits)
    profile = layout.icc_profile
    if profile and profile[16:20] == (b"RGB " if mode in ("1", "L", "LA") else b"GRAY"):
        profile = None  # a profile of greys makes a file of colors invalid, and one of colors greys
    fitted = replace(layout, mode=mode, bits=bits, palette=(), icc_profile=profile)
    if mode == "RGB":
        return fitted, cv2.cvtColor(pixels, cv2.COLOR_RGBA2RGB)
    samples = {"1": red == top, "L": red, "LA": pixels[..., ::3], "RGBA": pixels}[mode]
    return fitted, np.ascontiguousarray(samples)


def _index(
    pixels: Pixels, palette: PaletteEntries
) -> tuple[NDArray[np.uint8], PaletteEntries] | None:
    """Return the indices of pixels and the palette grown by their new colors, if there is room.

    New colors are appended. If that is beyond 256 entries, they take those that repeat another
    one (padding, mostly), then those not in use, from the last on.

    Args:
        pixels: (H, W, 4) uint8 RGBA.
        palette: what was there before.

    Returns:
        (H, W) uint8 indices and the palette, or None if there are more than 256 colors.
    """
    packed = np.ascontiguousarray(pixels).view("<u4").ravel()
    # Colors come in runs; sorting the runs alone is some 20 times as fast as sorting the pixels.
    starts = np.flatnonzero(np.concatenate(([True], packed[1:] != packed[:-1])))
    colors, inverse = np.unique(packed[starts], return_inverse=True)
    if len(colors) > 256:
        return None
    entries = list(palette)
    first = {entry: index for index, entry in reversed(list(enumerate(entries)))}
    used = [(r, g, b, a) for r, g, b, a in colors.view(np.uint8).reshape(-1, 4).tolist()]
    repeated = [index for index, entry in enumerate(entries) if first[entry] != index]
    unused = sorted((first[entry] for entry in first.keys() - set(used)), reverse=True)
    free = iter([*range(len(entries), 256), *repeated, *unused])
    entries += [(0, 0, 0, 255)] * (256 - len(entries))
    size = len(palette)
    slots = np.empty(len(used), np.uint8)
    for number, color in enumerate(used):
        slot = first[color] if color in first else next(free)
        entries[slot] = color
        slots[number] = slot
        size = max(size, slot + 1)
    lengths = np.diff(starts, append=len(packed))
    indices = np.repeat(slots[inverse], lengths).reshape(pixels.shape[:2])
    return indices, tuple(entries[:size])


def write_with_pillow(samples: NDArray[Any], layout: Layout, **options: Any) -> bytes:
    """Return samples as a file that Pillow writes; what is None among its options is left out."""
    if layout.mode == "P":
        image = Image.frombytes("P", samples.shape[::-1], samples.tobytes())
        entry_mode = "RGBA" if layout.has_alpha else "RGB"
        entries = (value for entry in layout.palette for value in entry[: len(entry_mode)])
        image.putpalette(bytes(entries), entry_mode)
    else:
        image = Image.fromarray(samples)
    buffer = io.BytesIO()
    given = {name: value for name, value in options.items() if value is not None}
    image.save(buffer, layout.format, **given)
    return buffer.getvalue()


def write_with_opencv(
    samples: NDArray[Any], suffix: str, options: list[int], profile: bytes | None = None
) -> bytes:
    """Return samples (H, W), (H, W, 3) RGB or (H, W, 4) RGBA, uint8 or uint16, as a file."""
    if samples.ndim == 3:
        swap = cv2.COLOR_RGB2BGR if samples.shape[2] == 3 else cv2.COLOR_RGBA2BGRA
        samples = cv2.cvtColor(samples, swap)
    if profile:
        metadata = [np.frombuffer(profile, np.uint8)]
        done, data = cv2.imencodeWithMetadata(
            suffix, samples, [cv2.IMAGE_METADATA_ICCP], metadata, options
        )
        if done:  # else the profile is none, so the picture goes without
            return data.tobytes()
    done, data = cv2.imencode(suffix, samples, options)
    if not done:
        raise ValueError(f"OpenCV writes no such {suffix}")
    return data.tobytes()
