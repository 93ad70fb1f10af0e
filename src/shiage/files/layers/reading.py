"""A layered file as a drawing, and as a painting.

* The drawing is its line and trace layers. If none is named as lines, every visible layer that is
  no guide, paint or paper is. If there is none of these either, a layer of paper is the scan.
* The painting is all of that with the paint layers: what is visible but for guides and paper.
* A flattened file is its merged image both times.

Hidden layers do not count; but the traces of a file with paint do, since whoever paints over
traces hides them.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import numpy as np
from psd_tools.constants import BlendMode, Resource, Tag
from psd_tools.psd.image_resources import ImageResources

from shiage.errors import NothingToPaint
from shiage.files.layers.additions import PAINT
from shiage.files.layers.channels import Plane, decode_merged, dtype_of, off_white, stack_rgba
from shiage.files.layers.document import Document, Layer, open_document
from shiage.files.layers.flattening import flatten, layer_pixels
from shiage.files.pictures import Layout, Picture, Pixels

View = Literal["drawing", "lines", "painting"]
"""What is wanted of a file; "lines" is the drawing without its trace layers."""

MOST_DIFFERENT = 0.02
"""Share of pixels of which layers over each other may differ from the merged image."""

_PLAIN = (BlendMode.NORMAL, BlendMode.PASS_THROUGH)
_SELECTION_NAMES = (Resource.ALPHA_NAMES_PASCAL, Resource.ALPHA_NAMES_UNICODE)
_MERGED_TRANSPARENCY = (Tag.SAVING_MERGED_TRANSPARENCY, Tag.SAVING_MERGED_TRANSPARENCY16)


def decode_layers(path: Path, data: bytes, view: View, max_pixels: int) -> Picture:
    """Return the picture in a layered file's content.

    Args:
        path: the file, for messages.
        data: its content.
        view: what is wanted.
        max_pixels: limit on width x height.

    Raises:
        UnsupportedImage: the file, or a layer that counts, is of a kind that is not understood.
        NothingToPaint: none of its layers counts.
        ImageTooLarge: more than `max_pixels`.
        Exception: of any kind, if the content is broken.
    """
    document = open_document(path, data, max_pixels)
    _merged_planes(document)  # finds out whether the file is complete
    if not document.layers:
        return _picture(document, merged_pixels(document))
    if view == "painting":
        chosen = painting_layers(document)
    else:
        lines, traces = drawing_layers(document, max_pixels)
        chosen = lines if view == "lines" else [*lines, *traces]
    if not chosen and view != "lines":
        raise NothingToPaint(
            "none of its layers counts as line art",
            path=path,
            expected="a visible layer named line, 線画 or the like, or one without such a name",
            action="Show or rename the layer of the lines; docs/formats.md has the names",
        )
    pixels = flatten(document, chosen, max_pixels)
    if view == "painting" and old_paint(document):
        _settle(document, pixels, merged_pixels(document))
    return _picture(document, pixels)


def has_paint(path: Path, data: bytes, max_pixels: int) -> bool:
    """Whether a layered file has a visible layer of paint that is not empty, and lines.

    Raises:
        Exception: see `decode_layers`.
    """
    document = open_document(path, data, max_pixels)
    return is_painted(document, max_pixels) and any(drawing_layers(document, max_pixels))


def is_painted(document: Document, max_pixels: int) -> bool:
    """Whether a file has a visible layer of paint that is not empty."""
    return any(
        bool(layer_pixels(document, layer, max_pixels)[..., 3].any())
        for layer in document.shown("paint")
    )


def old_paint(document: Document) -> list[Layer]:
    """Return the layers and groups of paint that shiage wrote."""
    return [
        layer
        for layer in document.all()
        if layer.name == PAINT and all(leaf.role == "paint" for leaf in layer.leaves())
    ]


def drawing_layers(document: Document, max_pixels: int) -> tuple[list[Layer], list[Layer]]:
    """Return the layers that are its lines, and those that are its traces, lowest first."""
    painted = is_painted(document, max_pixels)
    traced = [leaf for leaf in document.leaves() if leaf.role == "trace"]
    traces = [leaf for leaf in traced if leaf.shown or (painted and _counts_hidden(leaf))]
    unnamed = document.shown(None)
    # What changes the lines counts by whatever name, so that it is refused and not passed over.
    lines = document.shown("line") and document.shown("line") + [u for u in unnamed if u.adjusts]
    lines = lines or unnamed
    if not lines and not traces and not painted:
        lines = document.shown("paper")
    return lines, traces


def _counts_hidden(trace: Layer) -> bool:
    """Whether traces count in a file with paint though they are hidden."""
    return trace.base is None or bool(trace.record.flags.visible)


def lines_blend(path: Path, data: bytes, max_pixels: int) -> bool:
    """Whether lines of a file mix with paint otherwise than by covering it.

    That is in color, by Multiply, or if they are clipped to what is no line.

    Raises:
        Exception: see `decode_layers`.
    """
    document = open_document(path, data, max_pixels)
    lines = {layer for part in drawing_layers(document, max_pixels) for layer in part}
    mixed = set()
    for one in document.all():
        own = lines.intersection(one.leaves())
        if one.base is not None and own and not lines.issuperset(one.base.visible_leaves()):
            return True
        if one.base is None and one.mode not in _PLAIN:
            of_clipped = (other.leaves() for other in document.all() if other.base is one)
            mixed |= own.union(*of_clipped) & lines
    return bool(mixed) and bool(flatten(document, mixed, max_pixels)[..., :3].any())


def painting_layers(document: Document) -> list[Layer]:
    """Return the layers that are its painting, lowest first."""
    return document.shown("line", "trace", "paint", None) or document.shown("paper")


def merged_pixels(document: Document) -> Pixels:
    """(H, W, 4): the merged image.

    Raises:
        Exception: of any kind, if it is broken.
    """
    planes, count = _merged_planes(document), document.color_channels
    if merged_alpha(document):
        return off_white(planes[:count], planes[count])
    return stack_rgba(planes[:count], None)


def _merged_planes(document: Document) -> list[Plane]:
    """Return the channels of the merged image, as stored."""
    psd = document.psd
    return decode_merged(psd.image_data.data, psd.image_data.compression, psd.header)


def merged_alpha(document: Document) -> bool:
    """Whether the first channel after the colors of the merged image is its transparency."""
    psd, info = document.psd, document.layer_info
    if psd.header.channels <= document.color_channels:
        return False
    blocks = psd.layer_and_mask_information.tagged_blocks
    if (info is not None and info.layer_count < 0) or (
        blocks is not None and any(tag in blocks for tag in _MERGED_TRANSPARENCY)
    ):
        return True
    # Saved selections are channels, too, but they have names, or identifiers above 0.
    identifiers: Sequence[int] = psd.image_resources.get_data(Resource.ALPHA_IDENTIFIERS) or ()
    named = any(key in psd.image_resources for key in _SELECTION_NAMES)
    return 0 in identifiers or not (identifiers or named)


def _settle(document: Document, painting: Pixels, merged: Pixels) -> None:
    """Take the opaque pixels of a cel that shiage painted from the merged image.

    That is the cel as it would be in a flat file; layers over each other differ from it where soft
    lines cross traces. If it shows something else, another program has changed the layers since.
    """
    opaque = (painting[..., 3] == merged[..., 3]) & (painting[..., 3] == np.iinfo(merged.dtype).max)
    own, told = (pixels[opaque].astype(np.int64) for pixels in (painting, merged))
    differs = np.abs(own - told).max(axis=-1, initial=0) > np.iinfo(merged.dtype).max // 50
    if differs.sum() < MOST_DIFFERENT * len(differs) and not document.shown("guide"):
        painting[opaque] = merged[opaque]


def _picture(document: Document, pixels: Pixels) -> Picture:
    """Return pixels with the layout that tells how the file stores them."""
    grey = document.color_channels == 1
    opaque = bool((pixels[..., 3] == np.iinfo(dtype_of(document.bits)).max).all())
    mode = ("L" if grey else "RGB") if opaque else "LA" if grey and document.bits == 8 else "RGBA"
    resources = document.psd.image_resources
    profile = resources.get_data(Resource.ICC_PROFILE) or None
    layout = Layout("PSD", mode, document.bits, dpi=_dpi(resources), icc_profile=profile)
    return Picture(pixels, layout)


def _dpi(resources: ImageResources) -> tuple[float, float] | None:
    """Return the resolution that a file tells."""
    told = resources.get_data(Resource.RESOLUTION_INFO)
    if told is None or not (told.horizontal and told.vertical):
        return None
    return told.horizontal / 65536, told.vertical / 65536
