"""Painted cels in layers: the file's own layers as they were, and the new ones among them.

No pixel, name, place or setting of a layer changes, except that layers which are no part of the
painted cel (guides, traces under paint, other paint) are hidden. The merged image is the painted
cel over the file's paper.
"""

from __future__ import annotations

import io
import itertools
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from psd_tools.constants import (
    BlendMode,
    ChannelID,
    ColorMode,
    Compression,
    Resource,
    SectionDivider,
    Tag,
)
from psd_tools.psd import PSD
from psd_tools.psd.header import FileHeader
from psd_tools.psd.image_data import ImageData
from psd_tools.psd.image_resources import ImageResource, ImageResources, ResoulutionInfo
from psd_tools.psd.layer_and_mask import (
    ChannelData,
    ChannelDataList,
    ChannelImageData,
    ChannelInfo,
    GlobalLayerMaskInfo,
    LayerInfo,
    LayerRecord,
    LayerRecords,
)
from psd_tools.psd.tagged_blocks import TaggedBlocks

from shiage.errors import WriteFailed
from shiage.files.layers.additions import Addition, NewLayer
from shiage.files.layers.channels import (
    Plane,
    encode_channel,
    encode_merged,
    over_white,
)
from shiage.files.layers.document import Document, Layer, layer_info
from shiage.files.layers.flattening import flatten
from shiage.files.layers.reading import drawing_layers, merged_alpha, old_paint
from shiage.files.picture_file import Change
from shiage.files.pictures import Layout, Pixels, lay_over
from shiage.files.profiles import psd_profile, rgb_profile

LARGEST_PSD = 30_000
"""Pixels across or down that a PSD may have; more need a PSB."""

Row = tuple[LayerRecord, ChannelDataList]


def new_document(path: Path, size_hw: tuple[int, int], layout: Layout, max_pixels: int) -> Document:
    """Return a file without layers, in RGB with 8 or 16 bits.

    Args:
        path: for messages.
        size_hw: height and width.
        layout: how the flat picture was stored: its bits and resolution.
        max_pixels: limit on width x height.

    Raises:
        WriteFailed: the format cannot hold the size.
    """
    height, width = size_hw
    if max(size_hw) > LARGEST_PSD:
        raise WriteFailed(
            f"{width} x {height} pixels are too many for a PSD",
            path=path,
            expected=f"at most {LARGEST_PSD:,} across and down",
            action="Choose another --format",
        )
    header = FileHeader(
        channels=3, height=height, width=width, depth=max(8, layout.bits), color_mode=ColorMode.RGB
    )
    resources = ImageResources.new()
    if layout.dpi:
        across, down = (round(dpi * 65536) for dpi in layout.dpi)
        info = ResoulutionInfo(across, 1, 1, down, 1, 1)
        resources[Resource.RESOLUTION_INFO] = ImageResource(
            key=Resource.RESOLUTION_INFO, data=info.tobytes()
        )
    planes = [np.zeros(size_hw, np.uint16 if header.depth == 16 else np.uint8)] * 3
    data = ImageData(Compression.RLE, encode_merged(planes, header))
    psd = PSD(header=header, image_resources=resources, image_data=data)
    return Document(path, psd, max_pixels)


def encode_document(document: Document, addition: Addition, profile: bytes | None) -> bytes:
    """Return the content of the painted cel's file; the document is used up.

    Args:
        document: the drawing's file, or a new one.
        addition: what comes to it.
        profile: its color profile, if it has none itself.

    Raises:
        FileError: its paper is of a kind that is not understood.
    """
    lines, traces = drawing_layers(document)
    kept = {"all": [*lines, *traces], "lines": lines, "none": []}[addition.keeps]
    paper = [layer for layer in document.shown("paper") if layer not in lines]
    merged = addition.painted
    if paper:
        merged = lay_over(flatten(document, paper), merged)
    old = old_paint(document)
    _hide_others(document, [*kept, *paper], old)
    _become_rgb(document)
    _add_profile(document, profile)
    rows = _rows(document)
    lowest = min(kept or [*lines, *traces], key=lambda layer: layer.first, default=None)
    at = len(rows) if lowest is None else _place(document.layers, lowest, old)
    gone = {number for layer in old for number in range(layer.first, layer.last + 1)}
    rows_below = [row for number, row in enumerate(rows[:at]) if number not in gone]
    rows_above = [row for number, row in enumerate(rows[at:], at) if number not in gone]
    new = [row for layer in addition.layers for row in _make(layer, document.psd.header)]
    return _write(document, [*rows_below, *new, *rows_above], merged)


def repaint(document: Document, change: Change) -> bytes:
    """Return a file's content with other colors in its paint; the document is used up.

    Args:
        document: the file.
        change: gives the new colors of a layer's pixels; transparent ones stay so.

    Raises:
        FileError: a layer is too large, or of a kind that is not understood.
    """
    _become_rgb(document)
    _add_profile(document)
    for layer in document.leaves():
        if layer.role == "paint":
            corner = layer.record.left, layer.record.top
            pixels = change(document.pixels(layer), corner)
            for number, info in enumerate(layer.record.channel_info if pixels.size else ()):
                if info.id >= 0:
                    plane = pixels[..., info.id]
                    layer.channels[number] = encode_channel(plane, document.psd.header)
    shown = [leaf for leaf in document.leaves() if leaf.shown]
    return _write(document, _rows(document), flatten(document, shown))


def with_profile(document: Document, profile: bytes) -> bytes:
    """Return a file's content with another color profile, all else as it was.

    The document is used up.
    """
    _store_profile(document, profile)
    buffer = io.BytesIO()
    document.psd.write(buffer)
    return buffer.getvalue()


# --- the file's own layers ----------------------------------------------------------------------


def _rows(document: Document) -> list[Row]:
    """Return the records of a file's layers, the lowest first."""
    info = document.layer_info
    if info is None:
        return []
    return list(zip(info.layer_records, info.channel_image_data, strict=True))


def _hide_others(document: Document, stay: Sequence[Layer], old: Sequence[Layer]) -> None:
    """Hide what is no part of the painted cel; what is clipped to a hidden layer goes with it.

    Args:
        document: the file.
        stay: what is part of it.
        old: layers and groups that are to be replaced.
    """
    for leaf in document.leaves():
        base = leaf.base
        with_base = base is not None and base.children is None and base not in [*stay, *old]
        if leaf.shown and leaf not in stay and not with_base:
            leaf.record.flags.visible = False


def _place(layers: Sequence[Layer], lowest: Layer, old: Sequence[Layer]) -> int:
    """Return the position of paint, below the lowest line.

    That is outside of its groups, but above their paper; never between a layer and what is clipped
    to it, unless that layer is old paint, whose place the new one takes.
    """
    around = next(layer for layer in layers if lowest in layer.leaves())
    if around.children is not None and around.base is None:
        below = itertools.takewhile(lambda leaf: leaf is not lowest, around.leaves())
        if any(leaf.shown and leaf.role == "paper" for leaf in below):
            return _place(around.children, lowest, old)
    base = around.base or around
    number = layers.index(base)
    replaced = layers[number - 1].base if number else None
    return replaced.first if replaced is not None and replaced in old else base.first


def _become_rgb(document: Document) -> None:
    """Give a grey file three color channels of the same values, since paint has colors."""
    psd = document.psd
    if psd.header.color_mode == ColorMode.RGB:
        return
    for record, channels in _rows(document):
        pairs = list(zip(record.channel_info, channels, strict=True))
        del record.channel_info[:], channels[:]
        for info, channel in pairs:
            for number in range(3) if info.id == 0 else (info.id,):
                record.channel_info.append(ChannelInfo(ChannelID(number), info.length))
                channels.append(channel)
    planes = document.merged_planes()
    psd.header.color_mode = ColorMode.RGB
    psd.header.channels += 2
    psd.image_data.compression = Compression.RLE
    psd.image_data.data = encode_merged([planes[0]] * 3 + planes[1:], psd.header)
    if Resource.ICC_PROFILE in psd.image_resources:
        del psd.image_resources[Resource.ICC_PROFILE]  # a profile of greys


def _add_profile(document: Document, profile: bytes | None = None) -> None:
    """Give a file without a color profile this one, or what it needs."""
    own = rgb_profile(document.psd.image_resources.get_data(Resource.ICC_PROFILE))
    needed = own or psd_profile(profile, document.bits)
    if needed:
        _store_profile(document, needed)


def _store_profile(document: Document, profile: bytes) -> None:
    key = Resource.ICC_PROFILE
    document.psd.image_resources[key] = ImageResource(key=key, data=profile)


# --- new layers ---------------------------------------------------------------------------------


def _make(layer: NewLayer, header: FileHeader) -> Iterator[Row]:
    """Yield the records of a new layer or group, the lowest first."""
    if layer.pixels is not None:
        yield _make_row(layer.name, header, layer.pixels, shown=layer.shown)
        return
    yield _make_row("</Layer group>", header, divider=SectionDivider.BOUNDING_SECTION_DIVIDER)
    for child in layer.children:
        yield from _make(child, header)
    yield _make_row(layer.name, header, divider=SectionDivider.OPEN_FOLDER, shown=layer.shown)


def _make_row(
    name: str,
    header: FileHeader,
    pixels: Pixels | None = None,
    *,
    divider: SectionDivider | None = None,
    shown: bool = True,
) -> Row:
    """Return the record of a layer, cropped to its pixels, or one end of a group."""
    seen = np.zeros((0, 0), bool) if pixels is None else pixels[..., 3] > 0
    rows, columns = (np.flatnonzero(seen.any(axis=axis)) for axis in (1, 0))
    top, bottom = (int(rows[0]), int(rows[-1]) + 1) if len(rows) else (0, 0)
    left, right = (int(columns[0]), int(columns[-1]) + 1) if len(columns) else (0, 0)
    record = LayerRecord(top=top, left=left, bottom=bottom, right=right, name=_plain(name))
    record.flags.visible = shown
    record.tagged_blocks.set_data(Tag.UNICODE_LAYER_NAME, name)
    if divider is not None:
        record.blend_mode = BlendMode.PASS_THROUGH if name != "</Layer group>" else BlendMode.NORMAL
        record.tagged_blocks.set_data(Tag.SECTION_DIVIDER_SETTING, divider)
    channels = ChannelDataList()
    for number in (-1, 0, 1, 2):
        if pixels is None or not len(rows):
            channel = ChannelData()
        else:
            channel = encode_channel(pixels[top:bottom, left:right, number], header)
        record.channel_info.append(ChannelInfo(ChannelID(number)))
        channels.append(channel)
    return record, channels


def _plain(name: str) -> str:
    """Return a name that old programs can read, beside the Unicode one."""
    return name.encode("macroman", errors="replace").decode("macroman")[:255]


# --- the whole file -----------------------------------------------------------------------------


def _write(document: Document, rows: Sequence[Row], merged: Pixels) -> bytes:
    """Return the content of a file with these layers and this merged image."""
    psd = document.psd
    planes = document.merged_planes()
    selections: list[Plane] = planes[4 if merged_alpha(document) else 3 :]
    with_alpha = bool((merged[..., 3] < np.iinfo(merged.dtype).max).any())
    planes = [*over_white(merged)[: 4 if with_alpha else 3], *selections]
    psd.header.channels = len(planes)
    psd.image_data = ImageData(Compression.RLE, encode_merged(planes, psd.header))
    info = _place_for_layers(psd)
    info.layer_count = -len(rows) if with_alpha else len(rows)
    info.layer_records, info.channel_image_data = LayerRecords(), ChannelImageData()
    info.layer_records.extend(record for record, _ in rows)
    info.channel_image_data.extend(channels for _, channels in rows)
    for thumbnail in (Resource.THUMBNAIL_RESOURCE, Resource.THUMBNAIL_RESOURCE_PS4):
        if thumbnail in psd.image_resources:
            del psd.image_resources[thumbnail]  # it shows the cel unpainted
    info = psd.image_resources.get_data(Resource.VERSION_INFO)
    if info is not None:
        info.has_composite = True
    buffer = io.BytesIO()
    psd.write(buffer)
    return buffer.getvalue()


def _place_for_layers(psd: PSD) -> LayerInfo:
    """Return where a file keeps its layers, made if it has none."""
    found = layer_info(psd)
    if found is not None and found.layer_count:
        return found
    information = psd.layer_and_mask_information
    information.layer_info = information.layer_info or LayerInfo()
    information.global_layer_mask_info = information.global_layer_mask_info or GlobalLayerMaskInfo()
    information.tagged_blocks = information.tagged_blocks or TaggedBlocks()
    if psd.header.depth == 8:
        return information.layer_info
    information.tagged_blocks.set_data(Tag.LAYER_16, 0)
    made: LayerInfo = information.tagged_blocks.get_data(Tag.LAYER_16)
    return made
