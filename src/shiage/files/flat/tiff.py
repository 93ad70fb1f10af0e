"""TIFF files, with what Pillow and OpenCV leave out of them, or get a little wrong."""

from __future__ import annotations

import io
import struct
from collections.abc import Sequence
from dataclasses import replace
from typing import IO, Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, TiffTags
from PIL.TiffImagePlugin import (
    BITSPERSAMPLE,
    COLORMAP,
    COMPRESSION_INFO_REV,
    EXTRASAMPLES,
    ICCPROFILE,
    PHOTOMETRIC_INTERPRETATION,
    PLANAR_CONFIGURATION,
    SAMPLESPERPIXEL,
    TiffImageFile,
)

from shiage.files.flat.fitting import fit, write_with_opencv, write_with_pillow
from shiage.files.flat.flat_file import Kind
from shiage.files.flat.pillow import PillowFile, picture_of, picture_of_16
from shiage.files.flat.tiff_pages import TiffPage, file_of_page, list_layers
from shiage.files.picture_file import check_size, unsupported
from shiage.files.pictures import Layout, Picture, Pixels, lay_over, to_u16

_PREMULTIPLIED_ALPHA, _STRAIGHT_ALPHA = 1, 2
_ORIENTATION = 274
_COMPRESSIONS = frozenset({"raw", "tiff_lzw", "tiff_adobe_deflate", "packbits"})
_BILEVEL_COMPRESSIONS = frozenset({"group3", "group4"})
_LAYERS = (
    "its pages are layers of one picture, so they are laid over each other, hidden ones too, since "
    "a TIFF does not say which are hidden; shiage import makes a cel of each"
)
_AS_FOUR_CHANNELS: dict[int, Any] = {
    BITSPERSAMPLE: (8, 8, 8, 8),
    PHOTOMETRIC_INTERPRETATION: 2,
    SAMPLESPERPIXEL: 4,
    EXTRASAMPLES: (_STRAIGHT_ALPHA,),
}


class _TiffImage(TiffImageFile):
    """Pillow's view of a TIFF.

    It knows no grey with alpha of 16 bits; here that is seen as four channels of 8.

    Attributes:
        is_deep_grey_with_alpha: whether it is of this kind.
    """

    is_deep_grey_with_alpha = False

    def _setup(self) -> None:
        stated = {tag: self.tag_v2[tag] for tag in _AS_FOUR_CHANNELS if tag in self.tag_v2}
        self.is_deep_grey_with_alpha = (
            stated.get(BITSPERSAMPLE) == (16, 16)
            and stated.get(PHOTOMETRIC_INTERPRETATION) in (0, 1)
            and stated.get(EXTRASAMPLES) in ((_PREMULTIPLIED_ALPHA,), (_STRAIGHT_ALPHA,))
            and self.tag_v2.get(PLANAR_CONFIGURATION, 1) == 1
        )
        if self.is_deep_grey_with_alpha:
            self.tag_v2.update(_AS_FOUR_CHANNELS)
        super()._setup()
        self.tag_v2.update(stated)


def _load_grey_with_alpha(image: _TiffImage) -> NDArray[np.uint16]:
    """(H, W, 2) uint16: the pixels of a TIFF of grey with alpha of 16 bits, as they are stored.

    Raises:
        Exception: of any kind, if they are broken.
    """
    image.load()
    as_in_file = "<" if image.tag_v2.prefix == b"II" else ">"
    order = "=" if image.use_load_libtiff else as_in_file
    return np.array(image).view(f"{order}u2").astype(np.uint16)


class TiffFile(PillowFile[_TiffImage]):
    """A TIFF file: its first page, or its pages over each other if they are layers."""

    @classmethod
    def open_image(cls, file: IO[bytes]) -> _TiffImage:
        """Return Pillow's view; see `PillowFile`."""
        if file.read(4) == b"MM\0+":  # Pillow would miss its dimensions
            raise ValueError("unsupported: BigTIFF of the byte order MM")
        file.seek(0)
        return _TiffImage(file)

    @classmethod
    def read_size(cls, file: IO[bytes]) -> tuple[int, int]:
        """Return height and width, of layers all together; see `PictureFile`."""
        canvas = list_layers(file)[1]
        file.seek(0)
        return canvas or super().read_size(file)

    @classmethod
    def count_pages(cls, file: IO[bytes]) -> int:
        """Return how many pictures there are; see `PictureFile`."""
        pages, canvas = list_layers(file)
        return 1 if canvas else max(1, len(pages))

    @classmethod
    def kind_of(cls, content: bytes) -> Kind:
        """Return the kind of alpha, and the color profile."""
        image = cls.open_image(io.BytesIO(content))
        return image.tag_v2.get(EXTRASAMPLES), image.info.get("icc_profile")

    def decode(self) -> Picture:
        """Return the picture; see `FlatFile`."""
        layers, canvas = list_layers(io.BytesIO(self.content))
        return super().decode() if canvas is None else self._lay_over(layers, canvas)

    def _lay_over(self, layers: Sequence[TiffPage], size_hw: tuple[int, int]) -> Picture:
        """Return pages over each other where they lie, on transparent ground."""
        check_size(self.path, size_hw, self.max_pixels)
        flat: Pixels = np.zeros((*size_hw, 4), np.uint8)
        for page in layers:
            content = file_of_page(self.content, page)
            picture = TiffFile(self.path, content, self.format, self.max_pixels).decode()
            above = on_canvas(picture, page, size_hw).pixels
            if np.uint16 in (flat.dtype, above.dtype):
                flat, above = to_u16(flat), to_u16(above)
            flat = lay_over(flat, above)
        top = np.iinfo(flat.dtype).max
        mode = "RGB" if (flat[..., 3] == top).all() else "RGBA"
        layout = replace(picture.layout, mode=mode, bits=8 * flat.itemsize, palette=())
        return Picture(flat, layout, notes=(_LAYERS,))

    def unpack(self, image: _TiffImage, layout: Layout) -> Picture:
        """Return the picture of a page; see `PillowFile`."""
        tags = image.tag_v2
        if tags.get(_ORIENTATION, 1) != 1:  # Pillow would turn it
            turned = f"a TIFF stored turned or mirrored ({tags[_ORIENTATION]})"
            raise unsupported(self.path, turned)
        layout = replace(layout, tiff_compression=image.info.get("compression"))
        image.im = Image.new(image.mode, image.size).im  # or `load` applies Pillow's own limit
        bits = max(tags.get(BITSPERSAMPLE, (1,)))
        if bits <= 8:
            return picture_of(image, layout)
        if bits != 16:
            raise unsupported(self.path, f"a TIFF of {bits} bits per channel")
        layout = replace(layout, bits=16)
        premultiplied = tags.get(EXTRASAMPLES) == (_PREMULTIPLIED_ALPHA,)
        if image.is_deep_grey_with_alpha:
            picture = Picture(_load_grey_with_alpha(image)[..., [0, 0, 0, 1]], layout)
        else:
            picture = picture_of_16(image, self.content, layout, premultiplied=premultiplied)
        colors, alpha = picture.pixels[..., :3], picture.pixels[..., 3:]
        if premultiplied:
            straight = colors * np.float64(65535) / np.maximum(alpha, 1)
            colors[...] = np.minimum(np.rint(straight), 65535)
        if tags.get(PHOTOMETRIC_INTERPRETATION) == 0:  # white is stored as 0
            np.subtract(65535, colors, out=colors)
        return picture

    @classmethod
    def encode(cls, picture: Picture) -> bytes:
        """Return a file's content; see `PictureFile`."""
        layout, samples = fit(picture)
        if layout.bits == 16 and layout.mode != "L":
            data = write_with_opencv(samples, ".tif", _opencv_options(layout))
            return _declare(data, alpha=layout.mode == "RGBA", icc_profile=layout.icc_profile)
        data = write_with_pillow(
            samples,
            layout,
            dpi=layout.dpi,
            compression=_compression(layout),
            icc_profile=layout.icc_profile,
        )
        return _widen_color_map(data) if layout.mode == "P" else data


def on_canvas(picture: Picture, page: TiffPage, size_hw: tuple[int, int]) -> Picture:
    """Return the picture of a page where it lies on a larger one."""
    if picture.size_hw == size_hw:
        return picture
    (x, y), (height, width) = page.at_xy, picture.size_hw
    pixels: Pixels = np.zeros((*size_hw, 4), picture.pixels.dtype)
    pixels[y : y + height, x : x + width] = picture.pixels
    bits = max(8, picture.layout.bits)
    return replace(picture, pixels=pixels, layout=replace(picture.layout, mode="RGBA", bits=bits))


def _opencv_options(layout: Layout) -> list[int]:
    """Return OpenCV's options for a TIFF: compression and resolution."""
    options = [cv2.IMWRITE_TIFF_COMPRESSION, COMPRESSION_INFO_REV[_compression(layout)]]
    if layout.dpi:
        options += [cv2.IMWRITE_TIFF_XDPI, round(layout.dpi[0])]
        options += [cv2.IMWRITE_TIFF_YDPI, round(layout.dpi[1]), cv2.IMWRITE_TIFF_RESUNIT, 2]
    return options


def _compression(layout: Layout) -> str:
    """Return the stored compression if it is lossless and knows the mode, else Deflate."""
    stored = layout.tiff_compression or ""
    bilevel = layout.mode == "1" and stored in _BILEVEL_COMPRESSIONS
    return stored if bilevel or stored in _COMPRESSIONS else "tiff_adobe_deflate"


def _declare(data: bytes, *, alpha: bool, icc_profile: bytes | None) -> bytes:
    """Return OpenCV's TIFF with what it leaves untold.

    A directory behind the pixels takes the place of OpenCV's.

    Args:
        data: the file's content, of the byte order II.
        alpha: whether the last channel is straight alpha.
        icc_profile: color profile, if there is one.
    """
    entries = _read_entries(data)
    data += bytes(len(data) % 2)
    if alpha:
        short = (EXTRASAMPLES, TiffTags.SHORT, 1, _STRAIGHT_ALPHA, 0)
        entries.append(struct.pack("<HHIHH", *short))
    if icc_profile:
        size = len(icc_profile)
        entries.append(struct.pack("<HHII", ICCPROFILE, TiffTags.UNDEFINED, size, len(data)))
        data += icc_profile + bytes(size % 2)
    entries.sort(key=_tag)
    directory = struct.pack("<H", len(entries)) + b"".join(entries) + bytes(4)
    return data[:4] + struct.pack("<I", len(data)) + data[8:] + directory


def _widen_color_map(data: bytes) -> bytes:
    """Return Pillow's TIFF with a color map in which white is 65535, as it should be.

    Pillow makes it 255 x 256, which is 254 to programs that scale it down to 8 bits (libtiff).

    Args:
        data: the file's content, of the byte order II and with a color map.
    """
    (entry,) = (entry for entry in _read_entries(data) if _tag(entry) == COLORMAP)
    _, _, count, at = struct.unpack("<HHII", entry)
    out = bytearray(data)
    out[at : at + 2 * count : 2] = data[at + 1 : at + 2 * count : 2]  # low bytes like high ones
    return bytes(out)


def _read_entries(data: bytes) -> list[bytes]:
    """Return the twelve bytes of each tag in the first directory of a TIFF."""
    (at,) = struct.unpack_from("<I", data, 4)
    (count,) = struct.unpack_from("<H", data, at)
    return [data[at + 2 + 12 * number :][:12] for number in range(count)]


def _tag(entry: bytes) -> int:
    tag: int = struct.unpack_from("<H", entry)[0]
    return tag
