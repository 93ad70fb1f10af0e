"""What every picture's file is, whatever its format: read whole, parsed once, asked often."""

from __future__ import annotations

import contextlib
import hashlib
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from functools import cached_property
from pathlib import Path
from typing import IO

from shiage.errors import (
    DamagedImage,
    ImageTooLarge,
    ShiageError,
    UnreadableFile,
    UnsupportedImage,
)
from shiage.files.format_table import Format
from shiage.files.layers.additions import Addition
from shiage.files.pictures import Layout, Picture, Pixels

Change = Callable[[Pixels, tuple[int, int]], Pixels]
"""Gives the new colors of a layer's pixels (h, w, 4), the first of which lies at x, y."""

# How the decoders begin when the content is sound, but of a kind that they do not know.
_UNKNOWN_KIND = ("unsupported", "unknown pixel mode", "unknown tga", "not a tga")


class PictureFile(ABC):
    """The file of a picture; each format has a class of its own.

    Of a layered file the drawing is its lines, and the painting is visible paint and lines without
    paper and guides. Of all others both are the picture.

    No color changes on the way. Rotation in EXIF data is ignored, but for JPEG, and so is the color
    profile: pixels are those in the file.

    Attributes:
        path: the file.
        content: everything in it.
        format: its format, by the content, whatever the name says.
        max_pixels: limit on width x height, checked before anything is decoded.
    """

    def __init__(
        self,
        path: Path,
        content: bytes,
        format: Format,  # noqa: A002
        max_pixels: int,
    ) -> None:
        self.path, self.content, self.format, self.max_pixels = path, content, format, max_pixels

    @cached_property
    def sha256(self) -> str:
        """SHA-256 of the content."""
        return hashlib.sha256(self.content).hexdigest()

    # --- what is in it ---

    @property
    @abstractmethod
    def drawing(self) -> Picture:
        """The line drawing, decoded again each time.

        Raises:
            DamagedImage: cut off or corrupt.
            UnsupportedImage: CMYK, floating point, animated and the like.
            ImageTooLarge: more than `max_pixels`.
            NothingToPaint: a layered file has no lines.
        """

    @property
    @abstractmethod
    def lines(self) -> Picture:
        """The drawing without its layers of colour traces; see `drawing`."""

    @property
    @abstractmethod
    def painting(self) -> Picture:
        """The coloured picture, decoded again each time; see `drawing`."""

    @property
    @abstractmethod
    def has_paint(self) -> bool:
        """Whether it is a drawing and its painting at once: layered, with lines and paint.

        Raises:
            FileError: see `drawing`.
        """

    @property
    @abstractmethod
    def lines_blend(self) -> bool:
        """Whether layers of lines mix with paint otherwise than by covering it (Multiply).

        Raises:
            FileError: see `drawing`.
        """

    # --- files made from it: each returns the content of one ---

    @abstractmethod
    def with_layers(self, addition: Addition, layout: Layout) -> bytes:
        """Return the painted cel's layered file, whose drawing this is.

        Args:
            addition: the new layers; the file's own, if it has some, come along.
            layout: how the drawing is stored.

        Raises:
            FileError: it cannot be read, or has paper that is not understood.
            WriteFailed: a size that the format cannot hold.
        """

    @abstractmethod
    def recolored(self, to: Path, picture: Picture, change: Change) -> bytes:
        """Return the file with other colors in its paint.

        Args:
            to: where it will be written, for messages.
            picture: the painting in its new colors.
            change: gives those of a layer.

        Raises:
            FileError: it cannot be read.
            WriteFailed: a size that the format cannot hold.
        """

    @abstractmethod
    def passed_on(self, to: Path, painting: Picture, drawn: Layout) -> bytes:
        """Return a given painting's file: as it is, if it is of the kind of the cels beside it.

        Else it is encoded again with the order of rows, the kind of alpha and the color profile
        that these have.

        Args:
            to: where it will be written, for messages.
            painting: what was read from it.
            drawn: how its drawing, and so the painted cel, is stored.

        Raises:
            FileError: it cannot be read.
            WriteFailed: a size that the format cannot hold.
        """

    # --- the format itself; `decoding` turns what these raise into errors ---

    @classmethod
    @abstractmethod
    def read_size(cls, file: IO[bytes]) -> tuple[int, int]:
        """Return height and width by the header of a file at its beginning.

        Raises:
            Exception: of any kind, if the header is broken or of a kind that is not known.
        """

    @classmethod
    def count_pages(cls, file: IO[bytes]) -> int:  # noqa: ARG003
        """Return how many pictures a file holds, at its beginning; layers of one picture are one.

        Raises:
            Exception: see `read_size`.
        """
        return 1

    @classmethod
    @abstractmethod
    def encode(cls, picture: Picture) -> bytes:
        """Return a picture, its layout of this format, as a file's content.

        Raises:
            Exception: the format cannot hold the picture's size.
        """


@contextlib.contextmanager
def decoding(path: Path, name: str) -> Iterator[None]:
    """Turn what decoders answer to broken data, any exception there is, into a `FileError`.

    Args:
        path: the file.
        name: of its format.
    """
    try:
        yield
    except ShiageError:
        raise
    except Exception as error:
        reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
        if getattr(error, "errno", None):  # the system's, not the decoder's own
            raise UnreadableFile(
                f"cannot be read ({reason})",
                path=path,
                expected="a picture file",
                action="Check the path and the permission to read it",
            ) from error
        if reason.lower().startswith(_UNKNOWN_KIND):
            raise unsupported(path, f"a {name} of another kind ({reason})") from error
        raise DamagedImage(
            f"the {name} is cut off or corrupt ({reason})",
            path=path,
            expected="a complete picture",
            action="Copy or export the file again",
        ) from error


def unsupported(path: Path, found: str) -> UnsupportedImage:
    """Return the error for a sound picture of a kind that is not read."""
    return UnsupportedImage(
        f"the file is {found}",
        path=path,
        expected="grey, RGB or indexed color, with or without alpha, of 1 to 16 bits, one frame",
        action="Export the drawing as PNG or TGA",
    )


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
