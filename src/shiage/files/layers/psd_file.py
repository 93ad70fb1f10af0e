"""PSD and PSB files: a drawing and its painting at once."""

from __future__ import annotations

import contextlib
from functools import cached_property
from pathlib import Path
from typing import IO

from shiage.files.layers.additions import Addition
from shiage.files.layers.document import HEADER_SIZE, Document, open_document, read_header
from shiage.files.layers.reading import View, has_paint, lines_blend, read_view
from shiage.files.layers.writing import encode_document, repaint, with_profile
from shiage.files.picture_file import Change, PictureFile, decoding
from shiage.files.pictures import Layout, Picture
from shiage.files.profiles import psd_profile


class PsdFile(PictureFile):
    """A PSD or PSB file; its layers are parsed once, and written from copies."""

    @property
    def drawing(self) -> Picture:
        """Its lines and traces; see `PictureFile`."""
        return self._read("drawing")

    @property
    def lines(self) -> Picture:
        """Its lines alone; see `PictureFile`."""
        return self._read("lines")

    @property
    def painting(self) -> Picture:
        """Its visible paint and lines; see `PictureFile`."""
        return self._read("painting")

    @property
    def has_paint(self) -> bool:
        """Whether it has lines and paint; see `PictureFile`."""
        with self._decoding():
            return has_paint(self._document)

    @property
    def lines_blend(self) -> bool:
        """Whether its lines mix with paint; see `PictureFile`."""
        with self._decoding():
            return lines_blend(self._document)

    def with_layers(self, addition: Addition, layout: Layout) -> bytes:
        """Return the painted cel's file, with the layers of this one; see `PictureFile`."""
        with self._decoding():
            return encode_document(self._document.copy(), addition, layout.icc_profile)

    def recolored(self, to: Path, picture: Picture, change: Change) -> bytes:  # noqa: ARG002
        """Return the file with other colors in its layers of paint; see `PictureFile`."""
        with self._decoding():
            return repaint(self._document.copy(), change)

    def passed_on(self, to: Path, painting: Picture, drawn: Layout) -> bytes:  # noqa: ARG002
        """Return the file, with the color profile of the painted cels; see `PictureFile`."""
        stored = painting.layout
        profile = psd_profile(drawn.icc_profile, stored.bits)
        if profile is None or profile == stored.icc_profile or stored.mode not in ("RGB", "RGBA"):
            return self.content
        with self._decoding():
            return with_profile(self._document.copy(), profile)

    @classmethod
    def read_size(cls, file: IO[bytes]) -> tuple[int, int]:
        """Return height and width; see `PictureFile`."""
        return read_header(file.read(HEADER_SIZE))

    @classmethod
    def encode(cls, picture: Picture) -> bytes:  # noqa: ARG003
        """Refuse to."""
        raise ValueError("its layers are not in the picture; see `with_layers`")

    def _read(self, view: View) -> Picture:
        with self._decoding():
            return read_view(self._whole, view)

    def _decoding(self) -> contextlib.AbstractContextManager[None]:
        return decoding(self.path, self.format.name)

    @cached_property
    def _document(self) -> Document:
        return open_document(self.path, self.content, self.max_pixels)

    @cached_property
    def _whole(self) -> Document:
        """The document, found to be complete: its merged image comes last."""
        self._document.merged_planes()
        return self._document
