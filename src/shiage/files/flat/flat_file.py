"""A file of one picture, which is drawing and painting alike."""

from __future__ import annotations

from abc import abstractmethod
from pathlib import Path

from shiage.files.encoding import encode_file
from shiage.files.layers.additions import Addition
from shiage.files.picture_file import Change, PictureFile, decoding
from shiage.files.pictures import Layout, Picture, stored_like

Kind = tuple[object, ...]
"""How a file stores rows, alpha and colors; kinds are only good for comparing."""


class FlatFile(PictureFile):
    """A flat file; a format has to say how its header is read and its picture decoded."""

    @abstractmethod
    def decode(self) -> Picture:
        """Return the picture.

        Raises:
            FileError: see `drawing`.
            Exception: of any kind, if the content is broken.
        """

    @classmethod
    def kind_of(cls, content: bytes) -> Kind:  # noqa: ARG003
        """Return the kind of a sound file; all cels of a cut should be of one."""
        return ()

    @property
    def drawing(self) -> Picture:
        """The picture."""
        with decoding(self.path, self.format.name):
            return self.decode()

    @property
    def lines(self) -> Picture:
        """The picture."""
        return self.drawing

    @property
    def painting(self) -> Picture:
        """The picture."""
        return self.drawing

    @property
    def has_paint(self) -> bool:
        """It has no layers."""
        return False

    @property
    def lines_blend(self) -> bool:
        """It has no layers."""
        return False

    def with_layers(self, addition: Addition, layout: Layout) -> bytes:
        """Return a new layered file; see `PictureFile`."""
        from shiage.files.layers.writing import encode_document, new_document

        with decoding(self.path, self.format.name):
            size_hw = addition.painted.shape[:2]
            document = new_document(self.path, size_hw, layout, self.max_pixels)
            return encode_document(document, addition, layout.icc_profile)

    def recolored(self, to: Path, picture: Picture, change: Change) -> bytes:  # noqa: ARG002
        """Return the picture as a file."""
        return encode_file(to, picture)

    def passed_on(self, to: Path, painting: Picture, drawn: Layout) -> bytes:
        """Return the file as it is, or the painting encoded again; see `PictureFile`."""
        anew = encode_file(to, stored_like(painting, drawn))
        with decoding(self.path, self.format.name):
            same = self.kind_of(self.content) == self.kind_of(anew)
        return self.content if same and not painting.notes else anew
