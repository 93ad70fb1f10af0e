"""A PSD whose layers or groups are the cels, as Clip Studio and Photoshop animators have it.

Top groups are columns; the layers and groups in them are cels, by the number in their names. In a
PSD without such groups the top layers are cels themselves. Whether a cel as a whole is visible does
not matter, since programs show one at a time; what is hidden within a cel is left out.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from shiage.cuts.names import CelKey, NameReader
from shiage.errors import DamagedImage, FileError
from shiage.files.images import Layout, Picture, encode_picture
from shiage.files.layers.document import Document, Layer, open_document
from shiage.files.layers.flattening import flatten
from shiage.imports.container import (
    Container,
    Part,
    Role,
    name_cel,
    name_column,
    read_name,
    read_together,
)

_MOST_TOLD = 12
_CEL_NAME = re.compile(r"[A-Za-z]{0,2}[\s._-]?\d+[A-Za-z]?")


def open_psd(path: Path, max_pixels: int) -> Container:
    """Return the cels of a PSD.

    Args:
        path: the file.
        max_pixels: largest canvas and layer that is read.

    Raises:
        UnreadableFile: the file cannot be read.
        DamagedImage: cut off or corrupt.
        UnsupportedImage: neither RGB nor grey, or not of 8 or 16 bits.
        ImageTooLarge: more than `max_pixels`.
    """
    with _errors(path):
        document = open_document(path, path.read_bytes(), max_pixels)
        document.merged_planes()  # come last in the file: finds out whether it is complete
    layers = [child for top in document.layers for child in (top, *(top.children or ()))]
    cels = _Cels(read_together(layer.name for layer in layers))
    columns = [layer for layer in document.layers if _is_column(layer)]
    for layer in document.layers:
        if layer in columns:
            for cel in layer.children or ():
                cels.take(cel, name_column(layer.name) or "A")
        elif columns:
            cels.left_out.append(layer.name)
        else:
            cels.take(layer)
    parts = [
        Part(role, name_cel(key), partial(_load, document, key, leaves))
        for key, of_cel in cels.leaves.items()
        for role, leaves in _sort(of_cel).items()
        if leaves
    ]
    names = ", ".join(cels.left_out[:_MOST_TOLD]) + ", …" * (len(cels.left_out) > _MOST_TOLD)
    warnings = (f"Layers that are no cels are left out: {names}.",) if names else ()
    return Container("PSD", tuple(parts), warnings=warnings)


@dataclass
class _Cels:
    """The cels of a PSD.

    Attributes:
        reader: reads their names.
        leaves: visible layers of each cel, the lowest first, no groups.
        left_out: names of layers that are no cel: without a number, or with that of another.
    """

    reader: NameReader
    leaves: dict[CelKey, list[Layer]] = field(default_factory=dict)
    left_out: list[str] = field(default_factory=list)
    _taken: set[tuple[CelKey, str | None]] = field(default_factory=set)
    _key_of: dict[Layer, CelKey] = field(default_factory=dict)

    def take(self, layer: Layer, column: str | None = None) -> None:
        """Take a layer or group as a cel, or as what is drawn or painted of one: `3`, `3 paint`.

        What is clipped to one belongs to it, unless it is called like a cel itself.
        """
        if layer.base in self._key_of and not _CEL_NAME.fullmatch(layer.name):
            if layer.record.flags.visible:
                self.leaves[self._key_of[layer.base]].extend(layer.visible_leaves())
            return
        placed = (
            None if layer.role in ("guide", "paper") else read_name(layer.name, column, self.reader)
        )
        key = placed and (placed[1][0] or "A", *placed[1][1:])
        if key is None or (key, layer.role) in self._taken:
            self.left_out.append(layer.name)
        else:
            self._taken.add((key, layer.role))
            self._key_of[layer] = key
            self.leaves.setdefault(key, []).extend(layer.visible_leaves())


def _is_column(layer: Layer) -> bool:
    """Return whether a top layer is a group that holds cels, and is none itself like A0001."""
    return not _CEL_NAME.fullmatch(layer.name) and any(
        read_name(child.name, "") and child.role not in ("guide", "paper")
        for child in layer.children or ()
    )


def _sort(leaves: Sequence[Layer]) -> dict[Role, list[Layer]]:
    """Return the layers that make a cel's drawing, and those that make its painting, if any."""
    paint = [leaf for leaf in leaves if leaf.role == "paint"]
    named = [leaf for leaf in leaves if leaf.role in ("line", "trace")]
    lines = named or [leaf for leaf in leaves if leaf.role is None]
    painting = [leaf for leaf in leaves if leaf.role not in ("guide", "paper")] if paint else []
    return {"line": lines, "ref": painting}


def _load(document: Document, key: CelKey, leaves: Sequence[Layer]) -> bytes:
    """Return layers over each other as PNG of the document's depth, on transparent ground."""
    with _errors(document.path / name_cel(key, "")):
        pixels = flatten(document, leaves)
    return encode_picture(Picture(pixels, Layout("PNG", "RGBA", document.bits)), format="PNG")


@contextlib.contextmanager
def _errors(path: Path) -> Iterator[None]:
    """Make of what a decoder answers to broken data, any exception there is, a `FileError`."""
    try:
        yield
    except FileError as error:
        error.path = path
        raise
    except OSError:
        raise
    except Exception as error:
        raise DamagedImage(
            f"the PSD is cut off or corrupt ({str(error) or type(error).__name__})",
            path=path,
            expected="a complete file",
            action="Copy or export the file again",
        ) from error
