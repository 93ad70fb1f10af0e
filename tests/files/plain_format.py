"""A format of pictures that nobody uses, as short as can be: one file, and a row where it is used.

Its files begin with `PLAIN`, then come width and height, then the pixels as RGBA.
"""

from __future__ import annotations

import struct
from typing import IO

import numpy as np
from numpy.typing import NDArray

from shiage.files.flat.flat_file import FlatFile
from shiage.files.picture_file import check_size
from shiage.files.pictures import Layout, Picture

_HEADER = "<5sHH"


def pack(rgba: NDArray[np.uint8]) -> bytes:
    """Return a file's content."""
    height, width = rgba.shape[:2]
    return struct.pack(_HEADER, b"PLAIN", width, height) + rgba.tobytes()


def unpack(content: bytes) -> NDArray[np.uint8]:
    """(H, W, 4): the pixels in a file's content."""
    size = struct.calcsize(_HEADER)
    _, width, height = struct.unpack_from(_HEADER, content)
    return np.frombuffer(content[size:], np.uint8).reshape(height, width, 4)


class PlainFile(FlatFile):
    """A file of that format."""

    @classmethod
    def read_size(cls, file: IO[bytes]) -> tuple[int, int]:
        """Return height and width."""
        _, width, height = struct.unpack(_HEADER, file.read(struct.calcsize(_HEADER)))
        return height, width

    def decode(self) -> Picture:
        """Return the picture."""
        pixels = unpack(self.content)
        check_size(self.path, pixels.shape[:2], self.max_pixels)
        return Picture(pixels.copy(), Layout(self.format.name, "RGBA", 8))

    @classmethod
    def encode(cls, picture: Picture) -> bytes:
        """Return a file's content."""
        return pack(picture.rgba_u8)
