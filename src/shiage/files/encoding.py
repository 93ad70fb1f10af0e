"""The content of PNG, TGA, TIFF and BMP files from pictures.

Pillow writes them, except what it cannot write (colors of 16 bits, BMP with alpha) and plain PNG,
which OpenCV writes three times as fast. OpenCV in turn cannot write a palette, grey with alpha, or
the resolution in PNG.
"""

from __future__ import annotations

import io
from dataclasses import replace
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image
from PIL.TiffImagePlugin import COMPRESSION_INFO_REV

from shiage.files.pictures import Layout, PaletteEntries, Picture, Pixels
from shiage.files.tiff import declare, widen_color_map

# Modes in which a picture may be written, best first, by the mode in which it was stored.
_MODE_CHOICES = {
    "1": ("1", "L", "LA", "RGB", "RGBA"),
    "L": ("L", "LA", "RGB", "RGBA"),
    "LA": ("LA", "RGBA"),
    "P": ("P", "RGB", "RGBA"),
    "RGB": ("RGB", "RGBA"),
    "RGBA": ("RGBA",),
}
# Paint software expects a TGA of 8 bits to stay one; few programs know TGA of 1 bit, or grey alpha.
_TGA_MODE_CHOICES = {**_MODE_CHOICES, **dict.fromkeys(("1", "L"), ("L", "P", "RGB", "RGBA"))}
# For 1500 x 1500 flat RGB with 60 lines: 17 ms and 141 KB; without a filter 14 ms and 176 KB, with
# filters chosen row by row 52 ms and 148 KB; Pillow at level 1 53 ms, at level 6 96 ms and 94 KB.
_PNG_OPTIONS = [cv2.IMWRITE_PNG_COMPRESSION, 1, cv2.IMWRITE_PNG_FILTER, cv2.IMWRITE_PNG_FILTER_UP]
_TIFF_COMPRESSIONS = frozenset({"raw", "tiff_lzw", "tiff_adobe_deflate", "packbits"})
_TIFF_BILEVEL_COMPRESSIONS = frozenset({"group3", "group4"})


def encode_picture(picture: Picture, *, format: str = "PNG") -> bytes:  # noqa: A002
    """Return a picture as a file's content; the same picture gives the same bytes.

    The layout's mode stays where it has room for the pixels. Else a grey picture becomes RGB (in
    TGA indexed, if 256 colors are enough), so does a palette that overflows, and transparency
    gets an alpha channel. Palette entries in use stay where they are; new colors come after them.

    Args:
        picture: what to encode.
        format: "PNG", "TGA", "TIFF" or "BMP"; in TGA and BMP, 16 bits per channel become 8.

    Raises:
        OSError, ValueError, OverflowError, struct.error, cv2.error: the format cannot hold the
            picture's size.
    """
    if format == "PSD":
        raise ValueError("its layers are not in the picture; see `layers.writing`")
    layout, pixels = replace(picture.layout, format=format), picture.pixels
    if layout.bits == 16 and format in ("TGA", "BMP"):
        layout, pixels = replace(layout, bits=8), picture.rgba_u8
    layout, samples = _fit(pixels, layout)
    deep = layout.bits == 16 and layout.mode != "L"
    if format == "TIFF" and deep:
        data = _encode_with_opencv(samples, ".tif", _tiff_options(layout))
        return declare(data, alpha=layout.mode == "RGBA", icc_profile=layout.icc_profile)
    if format == "BMP" and layout.mode == "RGBA":  # Pillow would not declare the alpha
        return _encode_with_opencv(samples, ".bmp", [])
    plain = layout.mode in ("L", "RGB", "RGBA") and not (layout.dpi or layout.icc_profile)
    if format == "PNG" and (deep or plain):
        return _encode_with_opencv(samples, ".png", _PNG_OPTIONS, layout.icc_profile)
    if layout.mode == "P":
        image = Image.frombytes("P", samples.shape[::-1], samples.tobytes())
        entry_mode = "RGBA" if layout.has_alpha else "RGB"
        entries = (value for entry in layout.palette for value in entry[: len(entry_mode)])
        image.putpalette(bytes(entries), entry_mode)
    else:
        image = Image.fromarray(samples)
    options: dict[str, Any] = {"dpi": layout.dpi} if layout.dpi else {}
    if format == "TGA":  # Pillow's run-length packets end with the row, as PaintMan demands
        options = {"rle": layout.tga_rle, "orientation": 1 if layout.tga_top_down else -1}
    elif format == "PNG":
        options |= {"compress_level": 1, "icc_profile": layout.icc_profile}
    elif format == "TIFF":
        options |= {"compression": _compression(layout), "icc_profile": layout.icc_profile}
    buffer = io.BytesIO()
    image.save(buffer, format, **options)
    data = buffer.getvalue()
    return widen_color_map(data) if format == "TIFF" and layout.mode == "P" else data


def _fit(pixels: Pixels, layout: Layout) -> tuple[Layout, NDArray[Any]]:
    """Return the layout that has room for the pixels, and the samples to store.

    Args:
        pixels: (H, W, 4) RGBA, uint8 or uint16.
        layout: how they were stored.

    Returns:
        The layout, and its samples: (H, W) or (H, W, C), bool in mode "1", else the pixels' dtype.
    """
    top = 65535 if layout.bits == 16 else 255
    red, green, blue, alpha = (pixels[..., channel] for channel in range(4))
    opaque = bool((alpha == top).all())
    grey = layout.mode in ("1", "L", "LA") and bool(((red == green) & (red == blue)).all())
    grey_alpha = layout.format != "BMP" and layout.bits != 16  # OpenCV knows no grey with alpha
    visible = any(entry[3] for entry in layout.palette)  # or readers take the alpha for padding
    mapped_alpha = layout.format == "PNG" or (
        layout.format == "TGA" and layout.has_alpha and visible
    )
    room = {
        "1": layout.bits == 1 and grey and opaque and bool(((red == 0) | (red == top)).all()),
        "L": grey and opaque,
        "LA": grey and grey_alpha,
        "P": layout.bits != 16 and (opaque or mapped_alpha),
        "RGB": opaque,
        "RGBA": True,
    }
    choices = (_TGA_MODE_CHOICES if layout.format == "TGA" else _MODE_CHOICES)[layout.mode]
    for mode in (mode for mode in choices if room[mode]):
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


def _encode_with_opencv(
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


def _tiff_options(layout: Layout) -> list[int]:
    """Return OpenCV's options for a TIFF: compression and resolution."""
    options = [cv2.IMWRITE_TIFF_COMPRESSION, COMPRESSION_INFO_REV[_compression(layout)]]
    if layout.dpi:
        options += [cv2.IMWRITE_TIFF_XDPI, round(layout.dpi[0])]
        options += [cv2.IMWRITE_TIFF_YDPI, round(layout.dpi[1]), cv2.IMWRITE_TIFF_RESUNIT, 2]
    return options


def _compression(layout: Layout) -> str:
    """Return the stored compression if it is lossless and knows the mode, else Deflate."""
    stored = layout.tiff_compression or ""
    bilevel = layout.mode == "1" and stored in _TIFF_BILEVEL_COMPRESSIONS
    return stored if bilevel or stored in _TIFF_COMPRESSIONS else "tiff_adobe_deflate"
