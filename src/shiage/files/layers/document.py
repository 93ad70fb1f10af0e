"""A PSD or PSB as a tree of layers with roles.

psd-tools reads the file. Its parts are used as they are stored, integers in bytes, since colors
must come through exactly.
"""

from __future__ import annotations

import contextlib
import copy
import io
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np
from psd_tools.api.adjustments import TYPES as ADJUSTMENTS
from psd_tools.constants import BlendMode, ChannelID, Clipping, ColorMode, SectionDivider, Tag
from psd_tools.psd import PSD
from psd_tools.psd.layer_and_mask import ChannelDataList, LayerInfo, LayerRecord
from psd_tools.psd.tagged_blocks import SectionDividerSetting

from shiage.errors import UnsupportedImage
from shiage.files.layers.channels import (
    Plane,
    decode_channel,
    decode_merged,
    dtype_of,
    stack_rgba,
)
from shiage.files.layers.roles import Role, role_of
from shiage.files.picture_file import check_size
from shiage.files.pictures import Pixels

HEADER_SIZE = 26
"""Bytes at the beginning of a file that tell its size and kind."""

_HEADER = ">4sH6xHIIHH"
_COLOR_CHANNELS = {ColorMode.RGB: 3, ColorMode.GRAYSCALE: 1}
_LINES: tuple[Role, ...] = ("line", "trace", "guide")
_MODE_NAMES = {0: "1-bit", 2: "indexed", 4: "CMYK", 7: "multichannel", 8: "duotone", 9: "Lab"}


@dataclass(eq=False)
class Layer:
    """One layer, or a group of them.

    Attributes:
        record: its name, place and settings, as in the file.
        channels: its pixels, compressed, in the order of the record's channels.
        first: position of its first record in the file; of a group the lower of two.
        last: position of `record`.
        children: what a group holds, the lowest first; None if it is no group.
        role: what it is for, by its own name or else its group's; of a clipped layer what its base
            is for, unless that is no line and its own name says that it is one.
        shown: it is visible, and so are the groups it is in and what it is clipped to.
        base: the layer below that it is clipped to; None if it stands for itself.
    """

    record: LayerRecord
    channels: ChannelDataList
    first: int
    last: int
    children: list[Layer] | None = None
    role: Role | None = None
    shown: bool = True
    base: Layer | None = None

    @property
    def name(self) -> str:
        """Its name. Old files without a Unicode one may have it in Shift-JIS."""
        name = self.record.tagged_blocks.get_data(Tag.UNICODE_LAYER_NAME)
        if name is None:
            name = self.record.name
            with contextlib.suppress(UnicodeError):
                name = name.encode("macroman").decode("cp932")
        return str(name).rstrip("\0")

    @property
    def mode(self) -> BlendMode:
        """How it is mixed with what lies below; many programs tell it of groups apart."""
        setting = _divider(self.record)
        own = None if setting is None else setting.blend_mode
        return self.record.blend_mode if own is None else own

    @property
    def adjusts(self) -> bool:
        """Whether it has no pixels of its own but changes those below, or is a fill or a shape."""
        blocks = self.record.tagged_blocks
        return self.children is None and (
            self.record.flags.pixel_data_irrelevant or any(tag in blocks for tag in ADJUSTMENTS)
        )

    @property
    def visible(self) -> bool:
        """Whether it is, if the groups it is in are."""
        own = bool(self.record.flags.visible)
        return own and (self.base is None or self.base.visible)

    def leaves(self) -> Iterator[Layer]:
        """Yield itself, or of a group all layers in it, the lowest first."""
        if self.children is None:
            yield self
        else:
            for child in self.children:
                yield from child.leaves()

    def visible_leaves(self) -> Iterator[Layer]:
        """Yield itself, or of a group the layers that are visible if it is, the lowest first."""
        if self.children is None:
            yield self
        else:
            for child in self.children:
                if child.visible:
                    yield from child.visible_leaves()


@dataclass(eq=False)
class Document:
    """A layered file.

    Attributes:
        path: the file, for messages.
        psd: all of it.
        max_pixels: limit on the width x height of each of its layers.
        layers: top-level layers and groups, the lowest first; empty if it is flattened.
    """

    path: Path
    psd: PSD
    max_pixels: int
    layers: list[Layer] = field(default_factory=list)

    @property
    def size_hw(self) -> tuple[int, int]:
        """Height and width."""
        return self.psd.header.height, self.psd.header.width

    @property
    def bits(self) -> int:
        """8 or 16 per channel."""
        return int(self.psd.header.depth)

    @property
    def color_channels(self) -> int:
        """3, or 1 of a grey file."""
        return _COLOR_CHANNELS[self.psd.header.color_mode]

    @property
    def layer_info(self) -> LayerInfo | None:
        """Where the file keeps its layers; Photoshop puts those of 16 bits elsewhere."""
        return layer_info(self.psd)

    def leaves(self) -> list[Layer]:
        """Return all layers that are no groups, the lowest first."""
        return [leaf for layer in self.layers for leaf in layer.leaves()]

    def all(self) -> list[Layer]:
        """Return all layers and groups, a group before what it holds."""
        found = list(self.layers)
        for layer in found:  # which grows
            found += layer.children or []
        return found

    def shown(self, *roles: Role | None) -> list[Layer]:
        """Return the visible layers with one of these roles, the lowest first."""
        return [leaf for leaf in self.leaves() if leaf.shown and leaf.role in roles]

    def pixels(self, layer: Layer) -> Pixels:
        """(h, w, 4) uint8 or uint16: a layer's own pixels, without opacity and mask; may be empty.

        Raises:
            ImageTooLarge: more than `max_pixels`.
            Exception: of any kind, if its pixels are broken.
        """
        record, header = layer.record, self.psd.header
        size_hw = record.height, record.width
        if 0 in size_hw:
            return np.zeros((0, 0, 4), dtype_of(self.bits))
        check_size(self.path, size_hw, self.max_pixels, f"the layer {layer.name!r} has ")
        planes = {
            info.id: decode_channel(channel, size_hw, header)
            for info, channel in zip(record.channel_info, layer.channels, strict=True)
            if info.id >= ChannelID.TRANSPARENCY_MASK and channel.data
        }
        colors = [planes[ChannelID(number)] for number in range(self.color_channels)]
        return stack_rgba(colors, planes.get(ChannelID.TRANSPARENCY_MASK))

    def merged_planes(self) -> list[Plane]:
        """Return the channels of the merged image, each (H, W), as stored.

        Raises:
            Exception: of any kind, if they are broken; they come last in the file.
        """
        data = self.psd.image_data
        return decode_merged(data.data, data.compression, self.psd.header)

    @cached_property
    def is_painted(self) -> bool:
        """Whether it has a visible layer of paint that is not empty."""
        return any(bool(self.pixels(layer)[..., 3].any()) for layer in self.shown("paint"))

    def copy(self) -> Document:
        """Return the same file, to be changed and written."""
        psd = copy.deepcopy(self.psd)
        return Document(self.path, psd, self.max_pixels, _build_tree(psd))


def open_document(path: Path, data: bytes, max_pixels: int) -> Document:
    """Return a file's layers.

    Args:
        path: the file, for messages.
        data: its content.
        max_pixels: limit on width x height, of it and of each layer.

    Raises:
        UnsupportedImage: 1 bit, indexed, CMYK, Lab, 32 bits and the like.
        ImageTooLarge: more than `max_pixels`.
        Exception: of any kind, if the content is broken.
    """
    height, width = read_header(data)
    check_size(path, (height, width), max_pixels)
    _, _, _, _, _, bits, mode = struct.unpack_from(_HEADER, data)
    if mode not in (ColorMode.RGB, ColorMode.GRAYSCALE) or bits not in (8, 16):
        found = _MODE_NAMES.get(mode, f"{bits}-bit")
        raise UnsupportedImage(
            f"the file is a PSD of the kind {found}",
            path=path,
            expected="RGB or grey with 8 or 16 bits a channel",
            action="Convert it to RGB with 8 bits and save it again",
        )
    psd = PSD.read(io.BytesIO(data))
    return Document(path, psd, max_pixels, _build_tree(psd))


def read_header(data: bytes) -> tuple[int, int]:
    """Return height and width as the first `HEADER_SIZE` bytes tell them.

    Raises:
        struct.error, ValueError: the header is broken.
    """
    _, version, _, height, width, _, _ = struct.unpack_from(_HEADER, data)
    if version not in (1, 2) or not 0 < height <= 300_000 or not 0 < width <= 300_000:
        raise ValueError(f"version {version}, {width} x {height} pixels")
    return height, width


def layer_info(psd: PSD) -> LayerInfo | None:
    """Return where a file keeps its layers; None if it has none."""
    information = psd.layer_and_mask_information
    blocks = information.tagged_blocks
    found = blocks.get_data(Tag.LAYER_16) if blocks is not None else None
    return found if found is not None else information.layer_info


def _divider(record: LayerRecord) -> SectionDividerSetting | None:
    """Return what tells that a record is one end of a group; None if it is a layer."""
    for tag in (Tag.NESTED_SECTION_DIVIDER_SETTING, Tag.SECTION_DIVIDER_SETTING):
        setting = record.tagged_blocks.get_data(tag)
        if isinstance(setting, SectionDividerSetting):
            return setting
    return None


def _build_tree(psd: PSD) -> list[Layer]:
    """Return the layers that a file lists one after another, as a tree with roles."""
    found = layer_info(psd)
    open_groups: list[tuple[int, list[Layer]]] = [(-1, [])]
    rows = zip(found.layer_records, found.channel_image_data, strict=True) if found else ()
    for at, (record, channels) in enumerate(rows):
        setting = _divider(record)
        kind = SectionDivider.OTHER if setting is None else setting.kind
        if kind == SectionDivider.BOUNDING_SECTION_DIVIDER:
            open_groups.append((at, []))
        elif kind == SectionDivider.OTHER:
            open_groups[-1][1].append(Layer(record, channels, at, at))
        else:
            first, children = open_groups.pop()
            if not open_groups:
                raise ValueError("a group of layers ends that does not begin")
            open_groups[-1][1].append(Layer(record, channels, first, at, children))
    if len(open_groups) > 1:
        raise ValueError("a group of layers does not end")
    layers = open_groups[0][1]
    _link(layers)
    _assign(layers, None, True)
    return layers


def _link(layers: list[Layer]) -> None:
    """Say of layers of one group what they are clipped to; the lowest stands for itself."""
    base: Layer | None = None
    for layer in layers:
        if base is not None and layer.record.clipping == Clipping.NON_BASE:
            layer.base = base
        else:
            base = layer
        _link(layer.children or [])


def _assign(layers: list[Layer], role: Role | None, shown: bool, *, fixed: bool = False) -> None:
    """Give layers of one group their roles, and say whether they are seen.

    Args:
        layers: those of the group.
        role: what the group is for.
        shown: whether the group is seen.
        fixed: all have the group's role, whatever their names.
    """
    for layer in layers:
        own, part = role_of(layer.name), fixed
        layer.shown = shown and layer.visible
        layer.role = role if fixed else own or role
        if layer.base is not None and not fixed:
            part = layer.base.role in _LINES  # it recolors them
            if part or own not in _LINES:  # lines may be clipped to the paint that they lie on
                layer.role = layer.base.role
        _assign(layer.children or [], layer.role, layer.shown, fixed=part)
