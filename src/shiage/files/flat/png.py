"""PNG files.

OpenCV writes plain ones three times as fast as Pillow, and those of 16 bits at all. In turn it
cannot write a palette, grey with alpha or the resolution.
"""

from __future__ import annotations

import io
from dataclasses import replace
from typing import IO

import cv2
import numpy as np
from PIL.PngImagePlugin import PngImageFile

from shiage.files.flat.fitting import fit, write_with_opencv, write_with_pillow
from shiage.files.flat.pillow import PillowFile, picture_of, picture_of_16
from shiage.files.picture_file import unsupported
from shiage.files.pictures import Layout, Picture

# For 1500 x 1500 flat RGB with 60 lines: 17 ms and 141 KB; without a filter 14 ms and 176 KB, with
# filters chosen row by row 52 ms and 148 KB; Pillow at level 1 53 ms, at level 6 96 ms and 94 KB.
_OPTIONS = [cv2.IMWRITE_PNG_COMPRESSION, 1, cv2.IMWRITE_PNG_FILTER, cv2.IMWRITE_PNG_FILTER_UP]


class PngFile(PillowFile[PngImageFile]):
    """A PNG file."""

    @classmethod
    def open_image(cls, file: IO[bytes]) -> PngImageFile:
        """Return Pillow's view; see `PillowFile`."""
        return PngImageFile(file)

    def unpack(self, image: PngImageFile, layout: Layout) -> Picture:
        """Return the picture, a color key as its alpha; see `PillowFile`."""
        if image.is_animated:
            raise unsupported(self.path, "an animated PNG")
        # Checksums of the pixels, which `load` leaves alone.
        PngImageFile(io.BytesIO(self.content)).verify()
        stored, key = str(image.tile[0].args), image.info.get("transparency")
        if stored.endswith(";16B"):
            picture = picture_of_16(image, self.content, replace(layout, bits=16))
        else:
            picture = picture_of(image, layout)
        if key is None or layout.mode not in ("1", "L", "RGB"):
            return picture
        # A color key: one grey (in the file's bits, as Pillow leaves it), or red, green and blue.
        color = np.array(key) * {"L;2": 85, "L;4": 17}.get(stored, 1)
        picture.pixels[(picture.pixels[..., :3] == color).all(axis=2), 3] = 0
        bits = max(8, picture.layout.bits)
        mode = "RGBA" if layout.mode == "RGB" or bits == 16 else "LA"
        return replace(picture, layout=replace(picture.layout, mode=mode, bits=bits))

    @classmethod
    def encode(cls, picture: Picture) -> bytes:
        """Return a file's content; see `PictureFile`."""
        layout, samples = fit(picture, mapped_alpha=True)
        deep = layout.bits == 16 and layout.mode != "L"
        plain = layout.mode in ("L", "RGB", "RGBA") and not (layout.dpi or layout.icc_profile)
        if deep or plain:
            return write_with_opencv(samples, ".png", _OPTIONS, layout.icc_profile)
        return write_with_pillow(
            samples, layout, dpi=layout.dpi, compress_level=1, icc_profile=layout.icc_profile
        )
