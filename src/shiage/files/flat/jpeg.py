"""JPEG, which does not keep colors: it is read, not written."""

from __future__ import annotations

from typing import IO

from PIL import ExifTags, ImageOps
from PIL.JpegImagePlugin import JpegImageFile

from shiage.files.flat.pillow import PillowFile, picture_of
from shiage.files.pictures import Layout, Picture

_ORIENTATION = ExifTags.Base.Orientation


class JpegFile(PillowFile[JpegImageFile]):
    """A JPEG file. Phones store pictures on their side and say so."""

    @classmethod
    def open_image(cls, file: IO[bytes]) -> JpegImageFile:
        """Return Pillow's view; see `PillowFile`."""
        return JpegImageFile(file)

    @classmethod
    def read_size(cls, file: IO[bytes]) -> tuple[int, int]:
        """Return height and width as it is seen; see `PictureFile`."""
        image = cls.open_image(file)
        width, height = image.size
        is_on_its_side = image.getexif().get(_ORIENTATION, 1) >= 5
        return (width, height) if is_on_its_side else (height, width)

    def unpack(self, image: JpegImageFile, layout: Layout) -> Picture:
        """Return the picture as it is seen; see `PillowFile`."""
        return picture_of(ImageOps.exif_transpose(image), layout)

    @classmethod
    def encode(cls, picture: Picture) -> bytes:  # noqa: ARG003
        """Refuse to."""
        raise ValueError("a JPEG does not keep colors")
