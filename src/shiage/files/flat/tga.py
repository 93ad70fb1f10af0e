"""TGA files, with what Pillow does not know of them, by the specification of TGA 2.0."""

from __future__ import annotations

import io
import struct
from dataclasses import replace
from typing import IO, ClassVar

import numpy as np
from PIL import Image
from PIL.TgaImagePlugin import TgaImageFile

from shiage.files.flat.fitting import MODE_CHOICES, fit, write_with_pillow
from shiage.files.flat.flat_file import Kind
from shiage.files.flat.pillow import PillowFile, picture_of, without_alpha
from shiage.files.pictures import Layout, Picture

_HEADER = 18
_MAP_BITS, _PIXEL_BITS = 7, 16
"""Where the header gives the bits of a color map's entry and of a pixel."""

_FOOTER = 26
_SIGNATURE = b"TRUEVISION-XFILE.\0"
_ATTRIBUTES_TYPE = 494
"""Where the extension area says what the alpha means."""

_ALPHA, _PREMULTIPLIED = 3, 4
"""Attributes types with an alpha that counts; those below have none."""

# Paint software expects a TGA of 8 bits to stay one; few programs know TGA of 1 bit, or grey alpha.
_MODE_CHOICES = {**MODE_CHOICES, **dict.fromkeys(("1", "L"), ("L", "P", "RGB", "RGBA"))}


class TgaFile(PillowFile[TgaImageFile]):
    """A TGA file."""

    alpha_may_slip: ClassVar[bool] = True

    @classmethod
    def open_image(cls, file: IO[bytes]) -> TgaImageFile:
        """Return Pillow's view; 15 bits, which are stored as 16 are, are called 16.

        See `PillowFile`.
        """
        head = bytearray(file.read(_HEADER))
        if 15 in (head[_MAP_BITS], head[_PIXEL_BITS]):
            for at in (_MAP_BITS, _PIXEL_BITS):
                head[at] += head[at] == 15
            file = io.BytesIO(head + file.read())
        file.seek(0)
        image = TgaImageFile(file)
        if image.mode != "P":
            image.palette = None  # a map that the pixels do not use
        return image

    def unpack(self, image: TgaImageFile, layout: Layout) -> Picture:
        """Return the picture; see `PillowFile`."""
        data = self.content
        kind, map_bits, bits, flags = data[2] & 7, data[_MAP_BITS], data[_PIXEL_BITS], data[17]
        layout = replace(layout, tga_rle=data[2] >= 8, tga_top_down=bool(flags & 0x20))
        loaded = self._load(image)
        alpha_kind = _read_attributes_type(data)
        if (
            alpha_kind == _PREMULTIPLIED
            and layout.mode == "RGBA"
            and np.asarray(loaded)[..., 3].any()
        ):
            loaded = Image.frombytes("RGBa", loaded.size, loaded.tobytes())
        picture = picture_of(loaded, layout)
        layout, alpha = picture.layout, picture.pixels[..., 3]
        # Programs do not agree on what the 16th bit of a color means. An alpha that is 0 throughout
        # and declared neither by the flags nor by an extension area is padding, unless all is
        # blank.
        meaningless = (map_bits if kind == 1 else bits) in (15, 16) and kind != 3
        if alpha_kind is None:
            used = any(entry[3] for entry in layout.palette) if kind == 1 else bool(alpha.any())
            used |= not picture.pixels.any()
            meaningless |= flags & 15 == 0 and not used
        else:
            meaningless |= alpha_kind < _ALPHA
        if not meaningless:
            return picture
        mode = "RGB" if kind == 2 and bits != 32 else layout.mode
        return without_alpha(replace(picture, layout=replace(layout, mode=mode)))

    def _load(self, image: TgaImageFile) -> Image.Image:
        """Return the loaded picture, where run-length packets may go on into the next row.

        The specification forbids such packets since 1989, and Pillow refuses them; but there are
        programs that write them.
        """
        try:
            image.load()
        except OSError:
            if self.content[2] < 8:
                raise
            return self.open_image(io.BytesIO(_unpack_runs(self.content)))
        return image

    @classmethod
    def kind_of(cls, content: bytes) -> Kind:
        """Return the order of rows and columns, and the declared kind of the alpha if there is."""
        kind, map_bits, bits = content[2] & 7, content[_MAP_BITS], content[_PIXEL_BITS]
        descriptor = content[17]
        stored = {1: map_bits == 32, 2: bits == 32, 3: bits == 16}[kind]
        declared = _read_attributes_type(content)
        alpha = (descriptor & 15, _ALPHA if declared is None else declared) if stored else None
        return descriptor >> 4, alpha

    @classmethod
    def encode(cls, picture: Picture) -> bytes:
        """Return a file's content; see `PictureFile`."""
        palette = picture.layout.palette
        visible = any(entry[3] for entry in palette)  # or readers take the alpha for padding
        mapped_alpha = picture.layout.has_alpha and visible
        layout, samples = fit(picture, _MODE_CHOICES, mapped_alpha=mapped_alpha)
        # Pillow's run-length packets end with the row, as PaintMan demands.
        orientation = 1 if layout.tga_top_down else -1
        return write_with_pillow(samples, layout, rle=layout.tga_rle, orientation=orientation)


def _unpack_runs(data: bytes) -> bytes:
    """Return a TGA that is run-length encoded as one that is not.

    Raises:
        ValueError: the packets end before the picture does.
    """
    id_length, has_map, kind, _, count, map_bits = struct.unpack_from("<BBBHHB", data)
    width, height, bits = struct.unpack_from("<HHB", data, 12)
    start = at = _HEADER + id_length + (count * ((map_bits + 7) // 8) if has_map else 0)
    size = (bits + 7) // 8
    pixels, total = bytearray(), width * height * size
    while len(pixels) < total:
        if at >= len(data):
            raise ValueError("the packets end before the picture does")
        length = (data[at] & 127) + 1
        if data[at] & 128:
            pixels += data[at + 1 : at + 1 + size] * length
            at += 1 + size
        else:
            pixels += data[at + 1 : at + 1 + size * length]
            at += 1 + size * length
    return data[:2] + bytes([kind - 8]) + data[3:start] + pixels[:total] + data[at:]


def _read_attributes_type(data: bytes) -> int | None:
    """Return what the extension area of a TGA tells of its alpha, None if there is no such area.

    Returns:
        0, 1 and 2: there is no alpha, whatever is stored; `ALPHA`; `PREMULTIPLIED`.
    """
    if not data.endswith(_SIGNATURE):
        return None
    (extension,) = struct.unpack_from("<I", data, len(data) - _FOOTER)
    at = extension + _ATTRIBUTES_TYPE
    return data[at] if extension and at < len(data) - _FOOTER else None
