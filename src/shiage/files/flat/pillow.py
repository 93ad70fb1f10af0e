"""Pictures that Pillow reads; those of 16 bits, of which it would keep 8, OpenCV reads.

Nothing here depends on, or changes, a global setting of either, so threads may read at once.
"""

from __future__ import annotations

import io
from abc import abstractmethod
from dataclasses import replace
from typing import IO, ClassVar, Generic, TypeVar

import cv2
import numpy as np
from PIL import Image, ImageFile
from PIL.TiffImagePlugin import TiffImageFile

from shiage.files.flat.flat_file import FlatFile, Kind
from shiage.files.formats import stored_as
from shiage.files.picture_file import check_size, unsupported
from shiage.files.pictures import Layout, Picture

Opened = TypeVar("Opened", bound=ImageFile.ImageFile)
"""Pillow's view of a file of a format."""

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
_TIFF_X_RESOLUTION = 282

_UNUSED_ALPHA = (
    "its alpha is 0 everywhere though it has colors, so it is taken as opaque; export it without "
    "alpha, or with the alpha that is meant"
)
_ALL_TRANSPARENT = (
    "all of it is transparent though it has colors, so it is taken as blank; export it without "
    "alpha if it is not"
)


class PillowFile(FlatFile, Generic[Opened]):
    """A flat file that Pillow opens."""

    alpha_may_slip: ClassVar[bool] = False
    """Whether exporters give it an alpha channel of zeros where they have none to give."""

    @classmethod
    @abstractmethod
    def open_image(cls, file: IO[bytes]) -> Opened:
        """Return Pillow's view of a file, of which it has read no more than the header.

        The classes are called directly, as `Image.open` has a limit of pixels of its own, a global
        one.

        Raises:
            Exception: of any kind, if the header is broken or of a kind that Pillow does not know.
        """

    def unpack(self, image: Opened, layout: Layout) -> Picture:
        """Return the picture in an opened file.

        Args:
            image: what `open_image` returned.
            layout: how the picture is stored, by what Pillow tells.

        Raises:
            FileError: see `drawing`.
            Exception: of any kind, if the content is broken.
        """
        return picture_of(image, layout)

    @classmethod
    def read_size(cls, file: IO[bytes]) -> tuple[int, int]:
        """Return height and width; see `PictureFile`."""
        width, height = cls.open_image(file).size
        return height, width

    @classmethod
    def kind_of(cls, content: bytes) -> Kind:
        """Return the kind of alpha, and the color profile."""
        image = cls.open_image(io.BytesIO(content))
        alpha = "A" in image.mode, "transparency" in image.info
        return alpha, image.info.get("icc_profile")

    def decode(self) -> Picture:
        """Return the picture; see `FlatFile`."""
        image = self.open_image(io.BytesIO(self.content))
        width, height = image.size
        check_size(self.path, (height, width), self.max_pixels)
        if image.mode not in _MODES or not image.tile:
            raise unsupported(self.path, f"a {self.format.name} of the mode {image.mode}")
        mode = _MODES[image.mode]
        layout = Layout(
            stored_as(self.format).name,
            mode,
            bits=1 if mode == "1" else 8,
            dpi=_dpi(image),
            icc_profile=image.info.get("icc_profile") or None,
        )
        return self._judge_alpha(self.unpack(image, layout))

    def _judge_alpha(self, picture: Picture) -> Picture:
        """Return the picture, opaque if its alpha tells nothing: 0 all over a picture with colors.

        In formats where an alpha channel is there only if it is meant, such a picture stays blank.
        """
        colors, alpha = picture.pixels[..., :3], picture.pixels[..., 3]
        if alpha.any() or (colors == colors[0, 0]).all():
            return picture
        if not self.alpha_may_slip:
            return replace(picture, notes=(_ALL_TRANSPARENT,))
        return replace(without_alpha(picture), notes=(_UNUSED_ALPHA,))


def without_alpha(picture: Picture) -> Picture:
    """Return a picture whose alpha means nothing; its pixels are changed."""
    picture.pixels[..., 3] = np.iinfo(picture.pixels.dtype).max
    palette = tuple((r, g, b, 255) for r, g, b, _ in picture.layout.palette)
    return replace(picture, layout=replace(picture.layout, palette=palette))


def _dpi(image: ImageFile.ImageFile) -> tuple[float, float] | None:
    """Return the resolution that a file states; None if it states none that can be."""
    if isinstance(image, TiffImageFile) and _TIFF_X_RESOLUTION not in image.tag_v2:
        return None  # Pillow tells (1, 1) then
    dpi = tuple(float(value) for value in image.info.get("dpi", ()))
    return (dpi[0], dpi[1]) if len(dpi) == 2 and all(0 < v < 1e6 for v in dpi) else None


def picture_of(image: Image.Image, layout: Layout) -> Picture:
    """Return a picture of 1 or 8 bits."""
    if image.mode == "La":  # which Pillow turns into nothing else
        image = image.convert("LA")
    if layout.mode != "P":
        image.info.pop("transparency", None)  # a PNG's color key, seen to in `PngFile`
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


def picture_of_16(
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
