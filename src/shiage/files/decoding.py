"""Pictures from the content of PNG, TGA, TIFF, BMP and JPEG files; `layers` has those from PSD.

Pillow reads them, except pixels of 16 bits, of which it would keep 8: OpenCV reads those.
Nothing here depends on, or changes, a global setting of either, so threads may read at once.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import IO

import cv2
import numpy as np
from PIL import ExifTags, Image, ImageFile, ImageOps
from PIL.BmpImagePlugin import BmpImageFile
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile
from PIL.TgaImagePlugin import TgaImageFile
from PIL.TiffImagePlugin import TiffImageFile

from shiage.errors import ImageTooLarge, UnsupportedImage
from shiage.files.pictures import STORED_AS, Layout, Picture, Pixels, lay_over, to_u16
from shiage.files.tga import ALPHA, PREMULTIPLIED, load_tga, open_tga, read_attributes_type
from shiage.files.tiff import PREMULTIPLIED_ALPHA, Tiff, load_grey_with_alpha, open_tiff
from shiage.files.tiff_pages import TiffPage, file_of_page, list_layers

# The classes are called directly, as `Image.open` has a limit of pixels of its own, a global one.
_OPENERS: dict[str, Callable[[IO[bytes]], ImageFile.ImageFile]] = {
    "PNG": PngImageFile,
    "TGA": open_tga,
    "TIFF": open_tiff,
    "BMP": BmpImageFile,
    "JPEG": JpegImageFile,
}
# Pillow's modes that can be read, and what they are in a layout.
_MODES = {
    "1": "1",
    "L": "L",
    "I;16": "L",
    "I;16B": "L",
    "LA": "LA",
    "La": "LA",
    "P": "P",
    "PA": "RGBA",
    "RGB": "RGB",
    "RGBA": "RGBA",
}
_TGA_BITS = {1: (8, 16), 2: (15, 16, 24, 32), 3: (1, 8, 16)}
_TIFF_BITS, _TIFF_PHOTOMETRIC, _TIFF_ORIENTATION = 258, 262, 274
_ORIENTATION = ExifTags.Base.Orientation
_TIFF_X_RESOLUTION, _TIFF_EXTRA_SAMPLES = 282, 338

_SLIPPING_FORMATS = ("TGA", "BMP")
"""Exporters give these an alpha channel of zeros where they have none to give."""

_UNUSED_ALPHA = (
    "its alpha is 0 everywhere though it has colors, so it is taken as opaque; export it without "
    "alpha, or with one that tells something"
)
_LAYERS = (
    "its pages are layers of one picture, so they are laid over each other, hidden ones too, since "
    "a TIFF does not tell which these are; shiage import takes them apart"
)
_ALL_TRANSPARENT = (
    "all of it is transparent though it has colors, so it is taken as blank; export it without "
    "alpha if it is not"
)


def detect_format(head: bytes) -> str | None:
    """Return the format that a file's first 18 bytes tell, or None.

    >>> detect_format(b"BM...")
    'BMP'
    >>> detect_format(b"Thumbs.db is not a picture")
    """
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if head.startswith((b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")):
        return "TIFF"
    if head.startswith(b"BM"):
        return "BMP"
    if head.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if head.startswith((b"8BPS\0\1", b"8BPS\0\2")):
        return "PSD"
    if len(head) < 18:
        return None
    # TGA has no signature; a header that makes sense in all its fields has to do.
    has_map, kind, map_bits = head[1], head[2], head[7]
    width, height, bits, flags = struct.unpack_from("<HHBB", head, 12)
    sound = (
        has_map in (0, 1)
        and kind in (1, 2, 3, 9, 10, 11)
        and (kind & 7 != 1 or (has_map == 1 and map_bits in (15, 16, 24, 32)))
        and bits in _TGA_BITS[kind & 7]
        and flags < 64
        and width * height > 0
    )
    return "TGA" if sound else None


def unsupported(path: Path, found: str) -> UnsupportedImage:
    """Return the error for a sound picture of a kind that is not read."""
    return UnsupportedImage(
        f"the file is {found}",
        path=path,
        expected="grey, RGB or indexed color, with or without alpha, of 1 to 16 bits, one frame",
        action="Export the drawing as PNG or TGA",
    )


def open_image(file_format: str, file: IO[bytes]) -> ImageFile.ImageFile:
    """Return Pillow's view of a file, of which it has read no more than the header.

    Raises:
        Exception: of any kind, if the header is broken or of a kind that Pillow does not know.
    """
    return _OPENERS[file_format](file)


def read_header_size(file_format: str, file: IO[bytes]) -> tuple[int, int]:
    """Return the height and width of the picture that `decode_picture` makes of a file.

    Raises:
        Exception: see `open_image`.
    """
    image = open_image(file_format, file)
    width, height = image.size
    is_on_its_side = file_format == "JPEG" and image.getexif().get(_ORIENTATION, 1) >= 5
    return (width, height) if is_on_its_side else (height, width)


def check_size(path: Path, size_hw: tuple[int, int], max_pixels: int, of: str = "") -> None:
    """Raise if a picture, or the layer `of`, has too many pixels.

    Raises:
        ImageTooLarge: it has.
    """
    height, width = size_hw
    if height * width > max_pixels:
        raise ImageTooLarge(
            f"{of}{width} x {height} = {width * height:,} pixels",
            path=path,
            expected=f"at most {max_pixels:,}",
            action="Make the drawing smaller, or allow it with --max-megapixels",
        )


def decode_picture(path: Path, file_format: str, data: bytes, max_pixels: int) -> Picture:
    """Return the picture in a file's content.

    Args:
        path: the file, for messages only.
        file_format: what `detect_format` returned.
        data: the whole content.
        max_pixels: limit on width x height.

    Raises:
        UnsupportedImage: CMYK, floating point, animated and the like.
        ImageTooLarge: more than `max_pixels`.
        Exception: of any kind, if the content is broken.
    """
    if file_format == "TIFF":
        layers, canvas = list_layers(io.BytesIO(data))
        if canvas is not None:
            return _decode_layers(path, data, layers, canvas, max_pixels)
    image = open_image(file_format, io.BytesIO(data))
    width, height = image.size
    check_size(path, (height, width), max_pixels)
    if image.mode not in _MODES or not image.tile:
        raise unsupported(path, f"a {file_format} of the mode {image.mode}")
    mode = _MODES[image.mode]
    layout = Layout(
        STORED_AS.get(file_format, file_format),
        mode,
        bits=1 if mode == "1" else 8,
        dpi=_dpi(image),
        icc_profile=image.info.get("icc_profile") or None,
    )
    if isinstance(image, PngImageFile):
        picture = _decode_png(path, image, data, layout)
    elif isinstance(image, TgaImageFile):
        picture = _decode_tga(image, data, layout)
    elif isinstance(image, Tiff):
        picture = _decode_tiff(path, image, data, layout)
    elif isinstance(image, JpegImageFile):  # phones store pictures on their side and say so
        picture = _picture(ImageOps.exif_transpose(image), layout)
    else:
        picture = _picture(image, layout)
    return _judge_alpha(picture)


def _judge_alpha(picture: Picture) -> Picture:
    """Return the picture, opaque if its alpha tells nothing: 0 all over a picture with colors.

    In formats where an alpha channel is there only if it is meant, such a picture stays blank.
    """
    colors, alpha = picture.pixels[..., :3], picture.pixels[..., 3]
    if alpha.any() or (colors == colors[0, 0]).all():
        return picture
    if picture.layout.format not in _SLIPPING_FORMATS:
        return replace(picture, notes=(_ALL_TRANSPARENT,))
    return replace(_without_alpha(picture), notes=(_UNUSED_ALPHA,))


def _without_alpha(picture: Picture) -> Picture:
    """Return a picture whose alpha means nothing; its pixels are changed."""
    picture.pixels[..., 3] = np.iinfo(picture.pixels.dtype).max
    palette = tuple((r, g, b, 255) for r, g, b, _ in picture.layout.palette)
    return replace(picture, layout=replace(picture.layout, palette=palette))


def _dpi(image: ImageFile.ImageFile) -> tuple[float, float] | None:
    """Return the resolution that a file tells, or None if it makes no sense."""
    if isinstance(image, TiffImageFile) and _TIFF_X_RESOLUTION not in image.tag_v2:
        return None  # Pillow tells (1, 1) then
    dpi = tuple(float(value) for value in image.info.get("dpi", ()))
    return (dpi[0], dpi[1]) if len(dpi) == 2 and all(0 < v < 1e6 for v in dpi) else None


def _picture(image: Image.Image, layout: Layout) -> Picture:
    """Return a picture of 1 or 8 bits."""
    if image.mode == "La":  # which Pillow turns into nothing else
        image = image.convert("LA")
    if layout.mode != "P":
        image.info.pop("transparency", None)  # a PNG's color key, seen to in `_decode_png`
        return Picture(np.array(image.convert("RGBA")), layout)
    image.apply_transparency()
    flat = iter(image.getpalette("RGBA") or ())
    palette = tuple(zip(flat, flat, flat, flat, strict=True))
    lookup = np.full((256, 4), (0, 0, 0, 255), np.uint8)
    lookup[: len(palette)] = palette
    # Taking whole pixels is some six times as fast as `lookup[indices]`.
    pixels = lookup.view(np.uint32)[:, 0].take(np.asarray(image))
    rgba = pixels.view(np.uint8).reshape(*pixels.shape, 4)
    return Picture(rgba, replace(layout, palette=palette))


def _picture16(
    image: ImageFile.ImageFile, data: bytes, layout: Layout, *, premultiplied: bool = False
) -> Picture:
    """Return a picture of 16 bits, its pixels as they are stored."""
    image.load()  # finds the damage that OpenCV would fill with black
    decoded = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    if decoded is None or decoded.dtype != np.uint16 or decoded.shape[:2] != image.size[::-1]:
        raise ValueError("unsupported arrangement of 16-bit pixels")
    pixels = np.full((*decoded.shape[:2], 4), 65535, np.uint16)
    pixels[..., :3] = decoded[..., None] if decoded.ndim == 2 else decoded[..., 2::-1]
    if layout.mode == "RGBA":
        pixels[..., 3] = decoded[..., 3]
    if image.mode in ("RGB", "RGBA"):  # the half that Pillow knows
        high = (pixels >> 8).astype(np.uint8)[..., : len(image.mode)]
        same = high == np.asarray(image)
        if premultiplied:  # which Pillow has made straight
            same[..., :3] |= pixels[..., 3:] < 65535
        if not same.all():
            raise ValueError("unsupported arrangement of 16-bit pixels")
    return Picture(pixels, layout)


def _decode_png(path: Path, image: PngImageFile, data: bytes, layout: Layout) -> Picture:
    if image.is_animated:
        raise unsupported(path, "an animated PNG")
    PngImageFile(io.BytesIO(data)).verify()  # checksums of the pixels, which `load` leaves alone
    stored, key = str(image.tile[0].args), image.info.get("transparency")
    if stored.endswith(";16B"):
        picture = _picture16(image, data, replace(layout, bits=16))
    else:
        picture = _picture(image, layout)
    if key is None or layout.mode not in ("1", "L", "RGB"):
        return picture
    # A color key: one grey (in the file's bits, as Pillow leaves it), or red, green and blue.
    color = np.array(key) * {"L;2": 85, "L;4": 17}.get(stored, 1)
    picture.pixels[(picture.pixels[..., :3] == color).all(axis=2), 3] = 0
    bits = max(8, picture.layout.bits)
    mode = "RGBA" if layout.mode == "RGB" or bits == 16 else "LA"
    return replace(picture, layout=replace(picture.layout, mode=mode, bits=bits))


def _decode_tga(image: TgaImageFile, data: bytes, layout: Layout) -> Picture:
    kind, map_bits, bits, flags = data[2] & 7, data[7], data[16], data[17]
    layout = replace(layout, tga_rle=data[2] >= 8, tga_top_down=bool(flags & 0x20))
    loaded = load_tga(image, data)
    alpha_kind = read_attributes_type(data)
    if alpha_kind == PREMULTIPLIED and layout.mode == "RGBA" and np.asarray(loaded)[..., 3].any():
        loaded = Image.frombytes("RGBa", loaded.size, loaded.tobytes())
    picture = _picture(loaded, layout)
    layout, alpha = picture.layout, picture.pixels[..., 3]
    # Programs do not agree on what the 16th bit of a color means. An alpha that is 0 throughout
    # and declared neither by the flags nor by an extension area is padding, unless all is blank.
    meaningless = (map_bits if kind == 1 else bits) in (15, 16) and kind != 3
    if alpha_kind is None:
        used = any(entry[3] for entry in layout.palette) if kind == 1 else bool(alpha.any())
        used |= not picture.pixels.any()
        meaningless |= flags & 15 == 0 and not used
    else:
        meaningless |= alpha_kind < ALPHA
    if not meaningless:
        return picture
    mode = "RGB" if kind == 2 and bits != 32 else layout.mode
    return _without_alpha(replace(picture, layout=replace(layout, mode=mode)))


def _decode_layers(
    path: Path, data: bytes, layers: list[TiffPage], size_hw: tuple[int, int], max_pixels: int
) -> Picture:
    """Return a TIFF's pages over each other where they lie, on transparent ground."""
    check_size(path, size_hw, max_pixels)
    flat: Pixels = np.zeros((*size_hw, 4), np.uint8)
    for page in layers:
        picture = decode_picture(path, "TIFF", file_of_page(data, page), max_pixels)
        above = on_canvas(picture, page, size_hw).pixels
        if np.uint16 in (flat.dtype, above.dtype):
            flat, above = to_u16(flat), to_u16(above)
        flat = lay_over(flat, above)
    top = np.iinfo(flat.dtype).max
    mode = "RGB" if (flat[..., 3] == top).all() else "RGBA"
    layout = replace(picture.layout, mode=mode, bits=8 * flat.itemsize, palette=())
    return Picture(flat, layout, notes=(_LAYERS,))


def on_canvas(picture: Picture, page: TiffPage, size_hw: tuple[int, int]) -> Picture:
    """Return the picture of a page where it lies on a larger one."""
    if picture.size_hw == size_hw:
        return picture
    (x, y), (height, width) = page.at_xy, picture.size_hw
    pixels: Pixels = np.zeros((*size_hw, 4), picture.pixels.dtype)
    pixels[y : y + height, x : x + width] = picture.pixels
    bits = max(8, picture.layout.bits)
    return replace(picture, pixels=pixels, layout=replace(picture.layout, mode="RGBA", bits=bits))


def _decode_tiff(path: Path, image: Tiff, data: bytes, layout: Layout) -> Picture:
    tags = image.tag_v2
    if tags.get(_TIFF_ORIENTATION, 1) != 1:  # Pillow would turn it
        raise unsupported(path, f"a TIFF stored turned or mirrored ({tags[_TIFF_ORIENTATION]})")
    layout = replace(layout, tiff_compression=image.info.get("compression"))
    image.im = Image.new(image.mode, image.size).im  # or `load` applies Pillow's own limit
    bits = max(tags.get(_TIFF_BITS, (1,)))
    if bits <= 8:
        return _picture(image, layout)
    if bits != 16:
        raise unsupported(path, f"a TIFF of {bits} bits per channel")
    layout = replace(layout, bits=16)
    premultiplied = tags.get(_TIFF_EXTRA_SAMPLES) == (PREMULTIPLIED_ALPHA,)
    if image.is_deep_grey_with_alpha:
        picture = Picture(load_grey_with_alpha(image)[..., [0, 0, 0, 1]], layout)
    else:
        picture = _picture16(image, data, layout, premultiplied=premultiplied)
    colors, alpha = picture.pixels[..., :3], picture.pixels[..., 3:]
    if premultiplied:
        straight = colors * np.float64(65535) / np.maximum(alpha, 1)
        colors[...] = np.minimum(np.rint(straight), 65535)
    if tags.get(_TIFF_PHOTOMETRIC) == 0:  # white is stored as 0
        np.subtract(65535, colors, out=colors)
    return picture
