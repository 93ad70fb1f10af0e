"""Layers over each other, as any paint program shows them.

Pixel layers, alone or in groups, with opacity and masks, in the modes Normal and Multiply. Whatever
else changes how a layer looks is refused: a picture that is silently wrong would be worse.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from psd_tools.constants import BlendMode, ChannelID, Tag
from psd_tools.terminology import Key

from shiage.errors import UnsupportedImage
from shiage.files.decoding import check_size
from shiage.files.layers.channels import decode_channel, dtype_of, stack_rgba
from shiage.files.layers.document import Document, Layer
from shiage.files.pictures import Pixels

Buffer = NDArray[np.float32]
"""(..., 4) float32 in 0..1, colors multiplied by alpha."""

_EFFECTS = (
    Tag.OBJECT_BASED_EFFECTS_LAYER_INFO,
    Tag.OBJECT_BASED_EFFECTS_LAYER_INFO_V0,
    Tag.OBJECT_BASED_EFFECTS_LAYER_INFO_V1,
)
_VECTOR_MASKS = (Tag.VECTOR_MASK_SETTING1, Tag.VECTOR_MASK_SETTING2)


def flatten(document: Document, layers: Collection[Layer], max_pixels: int) -> Pixels:
    """(H, W, 4) uint8 or uint16: these layers over each other, on transparent ground.

    Args:
        document: the file.
        layers: those of its layers to be seen, visible or not; no groups.
        max_pixels: limit on the size of a single layer.

    Raises:
        UnsupportedImage: one of them is clipped, an adjustment, in another mode and the like.
        ImageTooLarge: one of them has more than `max_pixels`.
        Exception: of any kind, if its pixels are broken.
    """
    flattener = _Flattener(document, set(layers), max_pixels)
    if len(layers) == 1 and not flattener.seen.isdisjoint(document.layers):
        alone = flattener.alone(next(iter(layers)))
        if alone is not None:
            return alone
    flat: Pixels = np.zeros((*document.size_hw, 4), dtype_of(document.bits))
    ground = flattener.stack(document.layers)
    if ground is not None:
        seen = ground[..., 3] > 0
        colors = ground[seen]
        colors[:, :3] /= colors[:, 3:]
        flat[seen] = np.rint(colors * np.float32(np.iinfo(flat.dtype).max))
    return flat


def layer_pixels(document: Document, layer: Layer, max_pixels: int) -> Pixels:
    """(h, w, 4) uint8 or uint16: a layer's own pixels, without opacity and mask; may be empty.

    Raises:
        ImageTooLarge: more than `max_pixels`.
        Exception: of any kind, if its pixels are broken.
    """
    record, header = layer.record, document.psd.header
    size_hw = record.height, record.width
    if 0 in size_hw:
        return np.zeros((0, 0, 4), dtype_of(document.bits))
    check_size(document.path, size_hw, max_pixels, f"the layer {layer.name!r} has ")
    planes = {
        info.id: decode_channel(channel, size_hw, header)
        for info, channel in zip(record.channel_info, layer.channels, strict=True)
        if info.id >= ChannelID.TRANSPARENCY_MASK and channel.data
    }
    colors = [planes[ChannelID(number)] for number in range(document.color_channels)]
    return stack_rgba(colors, planes.get(ChannelID.TRANSPARENCY_MASK))


class _Flattener:
    """What is the same for all layers of one picture."""

    def __init__(self, document: Document, seen: set[Layer], max_pixels: int) -> None:
        self.document, self.seen, self.max_pixels = document, seen, max_pixels
        self.top = np.float32(np.iinfo(dtype_of(document.bits)).max)

    def stack(self, layers: Sequence[Layer], ground: Buffer | None = None) -> Buffer | None:
        """Return layers over the ground, which is changed; None stands for nothing at all."""
        for layer in layers:
            if not self.seen.isdisjoint(layer.leaves()):
                self._require_plain(layer)
                ground = self._add(layer, ground)
        return ground

    def alone(self, layer: Layer) -> Pixels | None:
        """Return a layer as it is, which is some ten times as fast; None if it must be mixed."""
        self._require_plain(layer)
        height, width = self.document.size_hw
        placed = self._placed(layer)
        if placed is None or self._share(layer, (0, 0, width, height)) is not None:
            return None
        (left, up, right, down), part = placed
        flat: Pixels = np.zeros((height, width, 4), part.dtype)
        flat[up:down, left:right] = np.where(part[..., 3:] > 0, part, 0)
        return flat

    def _placed(self, layer: Layer) -> tuple[tuple[int, int, int, int], Pixels] | None:
        """Return the box (x0, y0, x1, y1) of the picture that a layer's pixels lie in, and those.

        None if it has no pixels there.
        """
        height, width = self.document.size_hw
        record = layer.record
        left, up = max(record.left, 0), max(record.top, 0)
        right, down = min(record.right, width), min(record.bottom, height)
        if left >= right or up >= down:
            return None
        pixels = layer_pixels(self.document, layer, self.max_pixels)
        rows = np.s_[up - record.top : down - record.top]
        return (left, up, right, down), pixels[rows, left - record.left : right - record.left]

    def _add(self, layer: Layer, ground: Buffer | None) -> Buffer | None:
        """Return one layer or group over the ground."""
        height, width = self.document.size_hw
        if layer.children is not None:
            share = self._share(layer, (0, 0, width, height))
            if share is None and layer.record.blend_mode == BlendMode.PASS_THROUGH:
                return self.stack(layer.children, ground)
            buffer = self.stack(layer.children)
            if buffer is None:
                return ground
            if share is not None:
                buffer *= share
            return buffer if ground is None else _blend(ground, buffer, layer.record.blend_mode)
        fill, placed = _solid_color(layer), self._placed(layer)
        if fill is not None:
            left, up, right, down = 0, 0, width, height
            seen = np.ones((height, width), bool)
            above = np.tile(fill, (height * width, 1))
        elif placed is not None:
            (left, up, right, down), part = placed
            seen = part[..., 3] > 0  # most of a layer of lines is empty
            above = part[seen].astype(np.float32) / self.top
        else:
            return ground
        share = self._share(layer, (left, up, right, down))
        if share is not None:
            above[:, 3] *= np.broadcast_to(share[..., 0], seen.shape)[seen]
        above[:, :3] *= above[:, 3:]
        if ground is None:
            ground = np.zeros((height, width, 4), np.float32)
        below = ground[up:down, left:right]
        below[seen] = _blend(below[seen], above, layer.record.blend_mode)
        return ground

    def _share(self, layer: Layer, box_xyxy: tuple[int, int, int, int]) -> Buffer | None:
        """(h, w, 1) or (1, 1, 1): opacity and mask of a layer within a box; None: fully opaque."""
        fill = layer.record.tagged_blocks.get_data(Tag.BLEND_FILL_OPACITY, 255)
        opacity = np.float32(layer.record.opacity / 255 * int(fill) / 255)
        mask = self._mask(layer, box_xyxy)
        if mask is not None:
            return mask * opacity
        return None if opacity == 1 else np.full((1, 1, 1), opacity, np.float32)

    def _mask(self, layer: Layer, box_xyxy: tuple[int, int, int, int]) -> Buffer | None:
        """(h, w, 1): a layer's mask within a box, 0..1; None if it has none in use."""
        mask = layer.record.mask_data
        if mask is None or mask.flags.mask_disabled:
            return None
        x0, y0, x1, y1 = box_xyxy
        values = np.full((y1 - y0, x1 - x0, 1), mask.background_color / 255, np.float32)
        left, up, right, down = (
            max(mask.left, x0), max(mask.top, y0), min(mask.right, x1), min(mask.bottom, y1),
        )  # fmt: skip
        pairs = zip(layer.record.channel_info, layer.channels, strict=True)
        stored = [data for info, data in pairs if info.id == ChannelID.USER_LAYER_MASK]
        if stored and left < right and up < down:
            size_hw = mask.height, mask.width
            of = f"the mask of the layer {layer.name!r} has "
            check_size(self.document.path, size_hw, self.max_pixels, of)
            plane = decode_channel(stored[0], size_hw, self.document.psd.header)
            part = plane[up - mask.top : down - mask.top, left - mask.left : right - mask.left]
            values[up - y0 : down - y0, left - x0 : right - x0, 0] = part / self.top
        density = mask.parameters.user_mask_density if mask.parameters else None
        return values if density is None else 1 - (1 - values) * np.float32(density / 255)

    def _require_plain(self, layer: Layer) -> None:
        """Raise if something changes how a layer looks that is not understood."""
        record, blocks = layer.record, layer.record.tagged_blocks
        mode = record.blend_mode
        modes = {BlendMode.NORMAL, BlendMode.MULTIPLY}
        if layer.children is not None:
            modes.add(BlendMode.PASS_THROUGH)
        mask = record.mask_data
        found, action = "", "Merge it with the layers it belongs to, or hide it"
        if mode not in modes:
            found = f"has the blend mode {mode.name.replace('_', ' ').lower()}"
            action = "Set it to Normal, merge it with the layers it belongs to, or hide it"
        elif layer.clipped:
            found = "is clipped to the layer below"
        elif layer.adjusts and _solid_color(layer) is None:
            found = "has no pixels: an adjustment, a fill or a shape"
        elif any(_is_on(blocks.get_data(tag)) for tag in _EFFECTS):
            found, action = "has effects", "Merge or rasterize it, or hide it"
        elif any(tag in blocks for tag in _VECTOR_MASKS):
            found, action = "has a vector mask", "Rasterize the mask, or hide the layer"
        elif mask is not None and mask.parameters and mask.parameters.user_mask_feather:
            found, action = "has a feathered mask", "Apply the mask, or hide the layer"
        if found:
            raise UnsupportedImage(
                f"the layer {layer.name!r} {found}",
                path=self.document.path,
                expected="pixel layers in the mode Normal or Multiply, with opacity and masks",
                action=action,
            )


def _blend(below: Buffer, above: Buffer, mode: BlendMode) -> Buffer:
    """Return one picture over another, by the formulas of PDF and Photoshop."""
    see_through = 1 - above[..., 3:]
    out = above + below * see_through
    if mode == BlendMode.MULTIPLY:
        out[..., :3] += above[..., :3] * (below[..., :3] - below[..., 3:])
    return np.asarray(out, np.float32)


def _solid_color(layer: Layer) -> Buffer | None:
    """(4,): the color of a fill layer (as paper often is) of one RGB color, else None."""
    fill = layer.record.tagged_blocks.get_data(Tag.SOLID_COLOR_SHEET_SETTING)
    color = fill.get(Key.Color) if fill is not None else None
    levels = [color.get(key) for key in (Key.Red, Key.Green, Key.Blue)] if color is not None else []
    if not levels or None in levels:
        return None
    return np.array([*(float(level) / 255 for level in levels), 1], np.float32)


def _is_on(effects: Any) -> bool:
    """Whether a description of layer effects has one in use."""
    if effects is None or not effects.get(b"masterFXSwitch", True):
        return False
    parts = [effects.get(key) for key in effects]
    return any(bool(part.get(b"enab", False)) for part in parts if hasattr(part, "get"))
