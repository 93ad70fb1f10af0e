"""What Pillow and OpenCV leave out of TIFF, or get a little wrong."""

from __future__ import annotations

import struct
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray
from PIL import TiffTags
from PIL.TiffImagePlugin import (
    BITSPERSAMPLE,
    COLORMAP,
    EXTRASAMPLES,
    ICCPROFILE,
    PHOTOMETRIC_INTERPRETATION,
    PLANAR_CONFIGURATION,
    SAMPLESPERPIXEL,
    TiffImageFile,
)

PREMULTIPLIED_ALPHA, _STRAIGHT_ALPHA = 1, 2
_AS_FOUR_CHANNELS: dict[int, Any] = {
    BITSPERSAMPLE: (8, 8, 8, 8),
    PHOTOMETRIC_INTERPRETATION: 2,
    SAMPLESPERPIXEL: 4,
    EXTRASAMPLES: (_STRAIGHT_ALPHA,),
}


class Tiff(TiffImageFile):
    """Pillow's view of a TIFF.

    It knows no grey with alpha of 16 bits; here that is seen as four channels of 8.

    Attributes:
        is_deep_grey_with_alpha: whether it is of this kind.
    """

    is_deep_grey_with_alpha = False

    def _setup(self) -> None:
        told = {tag: self.tag_v2[tag] for tag in _AS_FOUR_CHANNELS if tag in self.tag_v2}
        self.is_deep_grey_with_alpha = (
            told.get(BITSPERSAMPLE) == (16, 16)
            and told.get(PHOTOMETRIC_INTERPRETATION) in (0, 1)
            and told.get(EXTRASAMPLES) in ((PREMULTIPLIED_ALPHA,), (_STRAIGHT_ALPHA,))
            and self.tag_v2.get(PLANAR_CONFIGURATION, 1) == 1
        )
        if self.is_deep_grey_with_alpha:
            self.tag_v2.update(_AS_FOUR_CHANNELS)
        super()._setup()
        self.tag_v2.update(told)


def load_grey_with_alpha(image: Tiff) -> NDArray[np.uint16]:
    """(H, W, 2) uint16: the pixels of a TIFF of grey with alpha of 16 bits, as they are stored.

    Raises:
        Exception: of any kind, if they are broken.
    """
    image.load()
    as_in_file = "<" if image.tag_v2.prefix == b"II" else ">"
    order = "=" if image.use_load_libtiff else as_in_file
    return np.array(image).view(f"{order}u2").astype(np.uint16)


def open_tiff(file: IO[bytes]) -> Tiff:
    """Return Pillow's view of a TIFF.

    Raises:
        Exception: of any kind, if the header is broken or of a kind that Pillow does not know.
    """
    if file.read(4) == b"MM\0+":  # Pillow would miss its dimensions
        raise ValueError("unsupported: BigTIFF of the byte order MM")
    file.seek(0)
    return Tiff(file)


def declare(data: bytes, *, alpha: bool, icc_profile: bytes | None) -> bytes:
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


def widen_color_map(data: bytes) -> bytes:
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
