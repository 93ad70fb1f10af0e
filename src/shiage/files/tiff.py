"""What Pillow and OpenCV leave out of TIFF, or get a little wrong."""

from __future__ import annotations

import struct
from typing import IO

from PIL import TiffTags
from PIL.TiffImagePlugin import COLORMAP, EXTRASAMPLES, ICCPROFILE, TiffImageFile

_STRAIGHT_ALPHA = 2


def open_tiff(file: IO[bytes]) -> TiffImageFile:
    """Return Pillow's view of a TIFF.

    Raises:
        Exception: of any kind, if the header is broken or of a kind that Pillow does not know.
    """
    if file.read(4) == b"MM\0+":  # Pillow would miss its dimensions
        raise ValueError("unsupported: BigTIFF of the byte order MM")
    file.seek(0)
    return TiffImageFile(file)


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
