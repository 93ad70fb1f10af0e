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
from typing import Literal

import numpy as np
from psd_tools.constants import BlendMode, Resource, Tag
from psd_tools.psd.image_resources import ImageResources

from shiage.errors import NothingToPaint
from shiage.files.layers.additions import PAINT
from shiage.files.layers.channels import dtype_of, off_white, stack_rgba
from shiage.files.layers.document import Document, Layer
from shiage.files.layers.flattening import flatten
from shiage.files.pictures import Layout, Picture, Pixels

View = Literal["drawing", "lines", "painting"]
"""What is wanted of a file; "lines" is the drawing without its trace layers."""

MOST_DIFFERENT = 0.02
"""Share of pixels of which layers over each other may differ from the merged image."""

_PLAIN = (BlendMode.NORMAL, BlendMode.PASS_THROUGH)
_SELECTION_NAMES = (Resource.ALPHA_NAMES_PASCAL, Resource.ALPHA_NAMES_UNICODE)
_MERGED_TRANSPARENCY = (Tag.SAVING_MERGED_TRANSPARENCY, Tag.SAVING_MERGED_TRANSPARENCY16)


def read_view(document: Document, view: View) -> Picture:
    """Return the picture in a layered file; all of it must have been there.

    Args:
        document: the file.
        view: what is wanted.

    Raises:
        UnsupportedImage: a layer that counts is of a kind that is not understood.
        NothingToPaint: none of its layers counts.
        ImageTooLarge: a layer has too many pixels.
        Exception: of any kind, if the content is broken.
    """
    if not document.layers:
        return _picture(document, merged_pixels(document))
    if view == "painting":
        chosen = painting_layers(document)
    else:
        lines, traces = drawing_layers(document)
        chosen = lines if view == "lines" else [*lines, *traces]
    if not chosen and view != "lines":
        raise NothingToPaint(
            "none of its layers counts as line art",
            path=document.path,
            expected="a visible layer named line, 線画 or the like, or one without such a name",
            action="Show or rename the layer of the lines; docs/formats.md has the names",
        )
    pixels = flatten(document, chosen)
    if view == "painting" and old_paint(document):
        _settle(document, pixels, merged_pixels(document))
    return _picture(document, pixels)


def has_paint(document: Document) -> bool:
    """Whether a layered file has a visible layer of paint that is not empty, and lines.

    Raises:
        Exception: see `read_view`.
    """
    return document.is_painted and any(drawing_layers(document))


def old_paint(document: Document) -> list[Layer]:
    """Return the layers and groups of paint that shiage wrote."""
    return [
        layer
        for layer in document.all()
        if layer.name == PAINT and all(leaf.role == "paint" for leaf in layer.leaves())
    ]


def drawing_layers(document: Document) -> tuple[list[Layer], list[Layer]]:
    """Return the layers that are its lines, and those that are its traces, lowest first."""
    painted = document.is_painted
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


def lines_blend(document: Document) -> bool:
    """Whether lines of a file mix with paint otherwise than by covering it.

    That is in color, by Multiply, or if they are clipped to what is no line.

    Raises:
        Exception: see `read_view`.
    """
    lines = {layer for part in drawing_layers(document) for layer in part}
    mixed = set()
    for one in document.all():
        own = lines.intersection(one.leaves())
        if one.base is not None and own and not lines.issuperset(one.base.visible_leaves()):
            return True
        if one.base is None and one.mode not in _PLAIN:
            of_clipped = (other.leaves() for other in document.all() if other.base is one)
            mixed |= own.union(*of_clipped) & lines
    return bool(mixed) and bool(flatten(document, mixed)[..., :3].any())


def painting_layers(document: Document) -> list[Layer]:
    """Return the layers that are its painting, lowest first."""
    return document.shown("line", "trace", "paint", None) or document.shown("paper")


def merged_pixels(document: Document) -> Pixels:
    """(H, W, 4): the merged image.

    Raises:
        Exception: of any kind, if it is broken.
    """
    planes, count = document.merged_planes(), document.color_channels
    if merged_alpha(document):
        return off_white(planes[:count], planes[count])
    return stack_rgba(planes[:count], None)


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
    own, merged_px = (pixels[opaque].astype(np.int64) for pixels in (painting, merged))
    differs = np.abs(own - merged_px).max(axis=-1, initial=0) > np.iinfo(merged.dtype).max // 50
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
    info = resources.get_data(Resource.RESOLUTION_INFO)
    if info is None or not (info.horizontal and info.vertical):
        return None
    return info.horizontal / 65536, info.vertical / 65536
