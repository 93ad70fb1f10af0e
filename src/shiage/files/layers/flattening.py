"""Layers over each other, as any paint program shows them.

Pixel layers, alone, in groups or clipped to others, with opacity and masks, in the modes Normal and
Multiply. Whatever else changes how a layer looks is refused: a picture that is silently wrong would
be worse.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from psd_tools.constants import BlendMode, ChannelID, Tag
from psd_tools.terminology import Key

from shiage.errors import UnsupportedImage
from shiage.files.layers.channels import decode_channel, dtype_of
from shiage.files.layers.document import Document, Layer
from shiage.files.picture_file import check_size
from shiage.files.pictures import Pixels

Buffer = NDArray[np.float32]
"""(..., 4) float32 in 0..1, colors multiplied by alpha."""

_EFFECTS = (
    Tag.OBJECT_BASED_EFFECTS_LAYER_INFO,
    Tag.OBJECT_BASED_EFFECTS_LAYER_INFO_V0,
    Tag.OBJECT_BASED_EFFECTS_LAYER_INFO_V1,
)
_VECTOR_MASKS = (Tag.VECTOR_MASK_SETTING1, Tag.VECTOR_MASK_SETTING2)


def flatten(document: Document, layers: Collection[Layer]) -> Pixels:
    """(H, W, 4) uint8 or uint16: these layers over each other, on transparent ground.

    Args:
        document: the file.
        layers: those of its layers to be seen, visible or not; no groups.

    Raises:
        UnsupportedImage: one of them is an adjustment, in another mode and the like.
        ImageTooLarge: one of them has more pixels than the document allows.
        Exception: of any kind, if its pixels are broken.
    """
    flattener = _Flattener(document, set(layers))
    one = next(iter(layers)) if len(layers) == 1 else None
    if one in document.layers and one.base is None:
        stored = flattener.as_stored(one)
        if stored is not None:
            return stored
    flat: Pixels = np.zeros((*document.size_hw, 4), dtype_of(document.bits))
    ground = flattener.empty()
    flattener.stack(document.layers, ground)
    seen = ground[..., 3] > 0
    colors = ground[seen]
    colors[:, :3] /= colors[:, 3:]
    flat[seen] = np.rint(colors * np.float32(np.iinfo(flat.dtype).max))
    return flat


class _Flattener:
    """What is the same for all layers of one picture."""

    def __init__(self, document: Document, seen: set[Layer]) -> None:
        self.document, self.seen = document, seen
        self.top = np.float32(np.iinfo(dtype_of(document.bits)).max)
        height, width = document.size_hw
        self._canvas = 0, 0, width, height

    def empty(self) -> Buffer:
        """(H, W, 4): transparent ground."""
        return np.zeros((*self.document.size_hw, 4), np.float32)

    def stack(self, layers: Sequence[Layer], ground: Buffer) -> None:
        """Lay the layers of one group over the ground, as far as they are to be seen."""
        for layer in layers:
            if layer.base is None:
                clipped = [one for one in layers if one.base is layer and self._is_seen(one)]
                if clipped:
                    self._add_clipped(layer, clipped, ground)
                elif self._is_seen(layer):
                    self._add(layer, ground)

    def _is_seen(self, layer: Layer) -> bool:
        """Whether any of it is to be seen."""
        return not self.seen.isdisjoint(layer.leaves())

    def _add_clipped(self, base: Layer, clipped: Sequence[Layer], ground: Buffer) -> None:
        """Lay a layer with those clipped to it over the ground.

        They are mixed with it first, as if it were opaque, and take its opacity, mode and outline
        then; each by itself if the file says so, or if they are to be seen without all of it.
        """
        parts = {*base.visible_leaves(), *self.seen.intersection(base.leaves())}
        whole = _Flattener(self.document, parts)._alone(base)
        outline = whole[..., 3:]
        together = base.record.tagged_blocks.get_data(Tag.BLEND_CLIPPING_ELEMENTS, default=True)
        if together and parts <= self.seen:
            mixed = np.divide(whole, outline, out=np.zeros_like(whole), where=outline > 0)
            mixed[..., 3] = 1
            for layer in clipped:
                self._add(layer, mixed)
            _lay(mixed * outline, ground, base.mode)
            return
        if self._is_seen(base):
            self._add(base, ground)
        for layer in clipped:
            _lay(self._alone(layer) * outline, ground, layer.mode)

    def as_stored(self, layer: Layer) -> Pixels | None:
        """Return a layer as it is, which is some ten times as fast; None if it must be mixed."""
        self._require_plain(layer)
        placed = self._placed(layer)
        if placed is None or self._share(layer, self._canvas) is not None:
            return None
        (left, up, right, down), part = placed
        flat: Pixels = np.zeros((*self.document.size_hw, 4), part.dtype)
        flat[up:down, left:right] = np.where(part[..., 3:] > 0, part, 0)
        return flat

    def _placed(self, layer: Layer) -> tuple[tuple[int, int, int, int], Pixels] | None:
        """Return the box (x0, y0, x1, y1) of the picture that a layer's pixels lie in, and those.

        None if it has no pixels there.
        """
        _, _, width, height = self._canvas
        record = layer.record
        left, up = max(record.left, 0), max(record.top, 0)
        right, down = min(record.right, width), min(record.bottom, height)
        if left >= right or up >= down:
            return None
        pixels = self.document.pixels(layer)
        rows = np.s_[up - record.top : down - record.top]
        return (left, up, right, down), pixels[rows, left - record.left : right - record.left]

    def _add(self, layer: Layer, ground: Buffer) -> None:
        """Lay one layer or group over the ground."""
        self._require_plain(layer)
        if layer.children is None:
            self._draw(layer, ground)
        elif layer.mode == BlendMode.PASS_THROUGH:
            share = self._share(layer, self._canvas)
            before = ground.copy() if share is not None else ground
            self.stack(layer.children, ground)
            if share is not None:
                ground[...] = before + (ground - before) * share
        else:
            _lay(self._alone(layer), ground, layer.mode)

    def _alone(self, layer: Layer) -> Buffer:
        """(H, W, 4): one layer or group on transparent ground."""
        self._require_plain(layer)
        ground = self.empty()
        if layer.children is None:
            self._draw(layer, ground)
        else:
            self.stack(layer.children, ground)
            share = self._share(layer, self._canvas)
            if share is not None:
                ground *= share
        return ground

    def _draw(self, layer: Layer, ground: Buffer) -> None:
        """Lay a layer that is no group over the ground."""
        fill, placed = _solid_color(layer), self._placed(layer)
        if fill is not None:
            left, up, right, down = self._canvas
            seen = np.ones((down, right), bool)
            above = np.tile(fill, (down * right, 1))
        elif placed is not None:
            (left, up, right, down), part = placed
            seen = part[..., 3] > 0  # most of a layer of lines is empty
            above = part[seen].astype(np.float32) / self.top
        else:
            return
        share = self._share(layer, (left, up, right, down))
        if share is not None:
            above[:, 3] *= np.broadcast_to(share[..., 0], seen.shape)[seen]
        above[:, :3] *= above[:, 3:]
        below = ground[up:down, left:right]
        below[seen] = _blend(below[seen], above, layer.mode)

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
            check_size(self.document.path, size_hw, self.document.max_pixels, of)
            plane = decode_channel(stored[0], size_hw, self.document.psd.header)
            part = plane[up - mask.top : down - mask.top, left - mask.left : right - mask.left]
            values[up - y0 : down - y0, left - x0 : right - x0, 0] = part / self.top
        density = mask.parameters.user_mask_density if mask.parameters else None
        return values if density is None else 1 - (1 - values) * np.float32(density / 255)

    def _require_plain(self, layer: Layer) -> None:
        """Raise if something changes how a layer looks that is not understood."""
        record, blocks, mode = layer.record, layer.record.tagged_blocks, layer.mode
        modes = {BlendMode.NORMAL, BlendMode.MULTIPLY}
        if layer.children is not None:
            modes.add(BlendMode.PASS_THROUGH)
        mask = record.mask_data
        found, action = "", "Merge it with the layers it belongs to, or hide it"
        if mode not in modes:
            found = f"has the blend mode {mode.name.replace('_', ' ').lower()}"
            action = "Set it to Normal, merge it with the layers it belongs to, or hide it"
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


def _lay(buffer: Buffer, ground: Buffer, mode: BlendMode) -> None:
    """Lay a buffer over the ground."""
    if not ground[..., 3].any():
        ground[...] = buffer
        return
    seen = buffer[..., 3] > 0
    ground[seen] = _blend(ground[seen], buffer[seen], mode)


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
