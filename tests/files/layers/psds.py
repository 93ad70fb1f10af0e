"""PSD files drawn in code and written by psd-tools, and what psd-tools reads of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from psd_tools import PSDImage
from psd_tools.api.layers import Group, GroupMixin, Layer, PixelLayer
from psd_tools.constants import BlendMode, Clipping

from shiage.files.images import MAX_PIXELS, Picture, open_picture

Pixels = NDArray[Any]
SIZE_HW = (24, 32)


@dataclass
class L:
    """A layer to be written; a group if it has children."""

    name: str
    pixels: Pixels | None = None
    at_xy: tuple[int, int] = (0, 0)
    visible: bool = True
    opacity: int = 255
    mode: BlendMode | None = None
    clipped: bool = False
    mask: NDArray[np.uint8] | None = None
    children: list[L] = field(default_factory=list)


def write_psd(
    path: Path,
    *layers: L,
    size_hw: tuple[int, int] = SIZE_HW,
    kind: str = "RGBA",
    bits: int = 8,
    change: Any = None,
) -> Path:
    """Write layers, the lowest first, and return the path.

    Args:
        path: the file; a `.psb` becomes one.
        layers: what is in it.
        size_hw: height and width.
        kind: "RGBA", "LA" and the like.
        bits: 8 or 16.
        change: called with the document before it is written.
    """
    psd = PSDImage.new(kind, size_hw[::-1], depth=16 if bits == 16 else 8)
    if path.suffix == ".psb":
        psd._record.header.version = 2
    for layer in layers:
        _add(psd, layer)
    if change:
        change(psd)
    path.parent.mkdir(parents=True, exist_ok=True)
    psd.save(path)
    return path


def _add(parent: GroupMixin, layer: L) -> None:
    made: Layer
    if layer.pixels is None:
        made = Group.new(parent, "group")
        for child in layer.children:
            _add(made, child)
    else:
        pixels = layer.pixels
        if parent._psd.color_mode.name == "GRAYSCALE":
            pixels = pixels[..., [0, 3]]
        left, top = layer.at_xy
        made = PixelLayer.fromarray(pixels, parent, "layer", top, left)
    made.name = layer.name
    made.opacity, made.visible = layer.opacity, layer.visible
    if layer.mask is not None:
        made.create_mask(Image.fromarray(layer.mask))
    if layer.mode is not None:
        made.blend_mode = layer.mode
    made._record.clipping = Clipping.NON_BASE if layer.clipped else Clipping.BASE


def stroke(color: tuple[int, int, int] = (0, 0, 0), row: int = 12, alpha: int = 255) -> Pixels:
    """(24, 32, 4) uint8: a horizontal line on transparent paper."""
    rgba = np.zeros((*SIZE_HW, 4), np.uint8)
    rgba[row, 2:-2] = (*color, alpha)
    return rgba


def filled(color: tuple[int, int, int]) -> Pixels:
    """(24, 32, 4) uint8: the whole picture in one color."""
    return np.full((*SIZE_HW, 4), (*color, 255), np.uint8)


def describe(layer: Layer) -> tuple[Any, ...]:
    """All that makes a layer, its compressed channels included, but not whether it is visible."""
    record = layer._record
    return (
        layer.name,
        layer.kind,
        layer.bbox,
        layer.opacity,
        layer.blend_mode,
        layer.clipping if layer.kind != "group" else None,
        record.mask_data.tobytes() if record.mask_data else None,
        [(info.id, data.compression, data.data) for info, data in _channels(layer)],
    )


def _channels(layer: Layer) -> Any:
    return zip(layer._record.channel_info, layer._channels, strict=True)


def tree(path: Path) -> list[str]:
    """The layers of a file, the lowest first: name, in brackets if hidden, indented in groups."""
    rows: list[str] = []

    def walk(parent: GroupMixin, depth: int) -> None:
        for layer in parent:
            name = layer.name if layer.visible else f"({layer.name})"
            rows.append("  " * depth + name)
            if isinstance(layer, Group):
                walk(layer, depth + 1)

    walk(PSDImage.open(path), 0)
    return rows


def find(path: Path, name: str) -> Layer:
    """The one layer of that name."""
    [layer] = [layer for layer in PSDImage.open(path).descendants() if layer.name == name]
    return layer


def read_drawing(path: Path, max_pixels: int = MAX_PIXELS) -> Picture:
    """The drawing in a file."""
    return open_picture(path, max_pixels=max_pixels).drawing


def on_canvas(layer: Layer, size_hw: tuple[int, int] = SIZE_HW) -> Pixels:
    """(H, W, 4) uint8: a layer's pixels where they lie, as Pillow gets them."""
    sheet = Image.new("RGBA", size_hw[::-1])
    image = layer.topil()
    if image is not None:
        sheet.paste(image.convert("RGBA"), layer.offset)
    return np.asarray(sheet)
