"""`ant`: the Animation Transformer (Casey, Pérez, Li, ICCV 2021, arXiv 2109.02614), leaf to root.

Segments are words. Each has a feature from its crop and one from its box; their sum passes layers
of attention among the segments of its own drawing and those of the other; the dot products of what
comes out say which reference segment a target segment continues. docs/model.md has the equations,
and tells what is the paper's and what is our choice.

Letters: B pairs of drawings; N target segments, M reference segments, L either; D width; S side of
a crop, C its channels; R real (not padding) segments of a batch; h heads.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from shiage.matching.crops import CHANNELS
from shiage.models.config import AntConfig
from shiage.models.sinkhorn import Transport

MASKED = -1e4
"""Similarity where either segment is padding; finite, so that no softmax over it is undefined, and
within the range of half precision."""

ROWS = 128
"""Batches are filled up to a multiple of this many segments before they are encoded: on a CPU
oneDNN builds code for each new shape, which takes longer than to use it once."""


class SegmentBatch(NamedTuple):
    """The segments of B drawings, padded to the same number L.

    Attributes:
        crops: (B, L, C, S, S) uint8 in 0..255, or float in [0, 1]; channels as in `CHANNELS`.
        boxes: (B, L, 4) float32, as `SegmentTokens.boxes`.
        mask: (B, L) bool, True = a segment, False = padding, whose values do not matter.
    """

    crops: Tensor
    boxes: Tensor
    mask: Tensor


class AntOutput(NamedTuple):
    """What the losses need.

    Attributes:
        similarity: (B, N, M) float32, dot products of target and reference features over sqrt(D);
            `MASKED` in rows and columns of padding. Softmax over the last dimension is S, over the
            one before it T.
        ref_mask: (B, M) bool, True = a segment.
        target_mask: (B, N) bool.
    """

    similarity: Tensor
    ref_mask: Tensor
    target_mask: Tensor


def attend(query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None) -> Tensor:
    """(B, h, L, D/h): for each query the values, mixed by softmax of query · key / sqrt(D/h).

    Args:
        query: (B, h, L, D/h).
        key: (B, h, K, D/h).
        value: (B, h, K, D/h).
        mask: (B, 1, 1, K) bool, True = may be seen; None = all.
    """
    return functional.scaled_dot_product_attention(query, key, value, attn_mask=mask)


def attend_plainly(query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None) -> Tensor:
    """(B, h, L, D/h): what `attend` returns, written out; for export, and to check it by."""
    logits = query @ key.transpose(2, 3) / math.sqrt(query.shape[-1])  # (B, h, L, K)
    if mask is not None:
        logits = logits.masked_fill(~mask, torch.finfo(logits.dtype).min)
    return logits.softmax(dim=-1) @ value


class CropEncoder(nn.Module):
    """Crop to feature: a CNN that ends in a 1x1 convolution.

    Each resolution is half the one before; the last is folded into one cell by a convolution as
    large as it is, which keeps where in the crop things are. Normalization is by crop (a group norm
    of one group), so that neither padding nor the rest of the batch matters.
    """

    def __init__(self, config: AntConfig) -> None:
        super().__init__()
        self.channels = [
            number
            for number, name in enumerate(CHANNELS)
            if (config.use_mask or "segment" not in name)
            and (config.use_context or "context" not in name)
            and (config.use_color or name not in ("green", "blue"))
        ]
        self.in_color = config.use_color
        layers: list[nn.Module] = []
        side, width = config.crop_size, len(self.channels)
        for at, wider in enumerate(config.widths):
            if at == 0:
                side //= config.stem
                layers.append(nn.Conv2d(width, wider, config.stem, stride=config.stem))
            else:
                side //= 2
                layers.append(nn.Conv2d(width, wider, 3, stride=2, padding=1))
            layers += [nn.GroupNorm(1, wider), nn.ReLU()]
            for _ in range(config.convs - 1):
                layers.append(nn.Conv2d(wider, wider, 3, padding=1))
                layers += [nn.GroupNorm(1, wider), nn.ReLU()]
            width = wider
        # The last two are convolutions, one as large as the map and one of 1x1; as matrix products
        # they take two thirds of the time.
        layers += [nn.Flatten(), nn.Linear(width * side**2, config.dim), nn.ReLU()]
        layers.append(nn.Linear(config.dim, config.dim))
        self.layers = nn.Sequential(*layers)

    def forward(self, crops: Tensor) -> Tensor:
        """(R, D) float, from crops (R, C, S, S) uint8 or float."""
        # To scale the first weights, and to convert once, is cheaper than doing it to all crops.
        scale = 1 / 255 if crops.dtype == torch.uint8 else 1.0
        kind = crops.device.type
        mixed = torch.is_autocast_enabled(kind)
        crops = crops.to(torch.get_autocast_dtype(kind) if mixed else torch.float32)
        if not self.in_color:
            lines = crops[:, :3].amax(dim=1, keepdim=True)  # (R, 1, S, S)
            crops = torch.cat([lines, crops[:, 1:]], dim=1)
        if len(self.channels) < crops.shape[1]:
            crops = crops[:, self.channels]
        stem = self.layers[0]
        assert isinstance(stem, nn.Conv2d)  # noqa: S101  the first of the layers
        cut = functional.conv2d(crops, stem.weight * scale, stem.bias, stem.stride)
        feature: Tensor = self.layers[1:](cut)  # (R, D)
        return feature


class BoxEncoder(nn.Module):
    """Box to feature: an MLP over its four numbers, the logarithms of its sides, and waves."""

    def __init__(self, config: AntConfig) -> None:
        super().__init__()
        self.waves = config.box_waves
        layers: list[nn.Module] = []
        width = 6 + 4 * self.waves
        for wider in config.box_widths:
            layers += [nn.Linear(width, wider), nn.LayerNorm(wider), nn.ReLU()]
            width = wider
        self.layers = nn.Sequential(*layers, nn.Linear(width, config.dim))

    def forward(self, boxes: Tensor) -> Tensor:
        """(R, D) float, from boxes (R, 4) float."""
        # A strand of hair is hundreds of times smaller than the background.
        parts = [boxes, boxes[:, 2:].clamp(min=1e-4).log()]
        # Plain coordinates tell neighboring strands apart only after long training.
        for power in range(self.waves):
            angle = boxes[:, :2] * (math.pi * 2**power)
            parts += [angle.sin(), angle.cos()]
        result: Tensor = self.layers(torch.cat(parts, dim=1))
        return result


class AttentionLayer(nn.Module):
    """One round of messages from source segments to segments, as in SuperGlue, equation (3)."""

    def __init__(self, config: AntConfig) -> None:
        super().__init__()
        dim = config.dim
        self.heads = config.heads
        self.query = nn.Linear(dim, dim)
        self.key_value = nn.Linear(dim, 2 * dim)
        self.merge = nn.Linear(dim, dim)
        self.update = nn.Sequential(
            nn.Linear(2 * dim, 2 * dim), nn.LayerNorm(2 * dim), nn.GELU(), nn.Linear(2 * dim, dim)
        )

    def forward(self, x: Tensor, source: Tensor, mask: Tensor | None, plain: bool) -> Tensor:
        """(B, L, D): the segments' features after the messages.

        Args:
            x: (B, L, D), the segments that learn.
            source: (B, K, D), the segments they learn from.
            mask: (B, 1, 1, K) bool, which of the sources may be seen; None = all.
            plain: attention written out instead of torch's own.
        """
        batch, length, dim = x.shape
        split = (self.heads, dim // self.heads)
        query = self.query(x).unflatten(-1, split).transpose(1, 2)  # (B, h, L, D/h)
        key, value = self.key_value(source).chunk(2, dim=-1)  # (B, K, D) each
        key = key.unflatten(-1, split).transpose(1, 2)  # (B, h, K, D/h)
        value = value.unflatten(-1, split).transpose(1, 2)  # (B, h, K, D/h)
        seen = (attend_plainly if plain else attend)(query, key, value, mask)
        message = self.merge(seen.transpose(1, 2).reshape(batch, length, dim))  # (B, L, D)
        result: Tensor = x + self.update(torch.cat([x, message], dim=-1))
        return result


class AntLayer(nn.Module):
    """Self-attention, then cross-attention; both drawings go through the same weights."""

    def __init__(self, config: AntConfig) -> None:
        super().__init__()
        self.within = AttentionLayer(config)
        self.across = AttentionLayer(config) if config.use_cross else None

    def forward(
        self,
        ref: Tensor,
        target: Tensor,
        ref_mask: Tensor | None,
        target_mask: Tensor | None,
        plain: bool,
    ) -> tuple[Tensor, Tensor]:
        """(B, M, D), (B, N, D): the features of both drawings after one pair of rounds."""
        ref = self.within(ref, ref, ref_mask, plain)
        target = self.within(target, target, target_mask, plain)
        if self.across is None:
            return ref, target
        return (
            self.across(ref, target, target_mask, plain),
            self.across(target, ref, ref_mask, plain),
        )


class Ant(nn.Module):
    """The whole model. `encode` once per drawing, `compare` once per pair; `forward` is both."""

    def __init__(self, config: AntConfig | None = None) -> None:
        super().__init__()
        self.config = config = config or AntConfig()
        self.crop_encoder = CropEncoder(config)
        self.box_encoder = BoxEncoder(config) if config.use_box else None
        pairs = config.pairs if config.use_transformer else 0
        self.layers = nn.ModuleList(AntLayer(config) for _ in range(pairs))
        self.project = nn.Linear(config.dim, config.dim)
        self.transport = Transport(config.sinkhorn) if config.sinkhorn else None

    def forward(self, ref: SegmentBatch, target: SegmentBatch, plain: bool = False) -> AntOutput:
        """Return how similar each target segment is to each reference segment.

        Args:
            ref: B drawings of up to M segments.
            target: B drawings of up to N segments.
            plain: attention written out instead of torch's own; the same but for rounding.
        """
        similarity = self.compare(
            self.encode(ref), self.encode(target), ref.mask, target.mask, plain
        )
        both = target.mask[:, :, None] & ref.mask[:, None, :]  # (B, N, M)
        return AntOutput(similarity.masked_fill(~both, MASKED), ref.mask, target.mask)

    def encode(self, batch: SegmentBatch) -> Tensor:
        """(B, L, D) float32: features of segments by themselves; 0 for padding.

        Only segments go through the networks, and what fills them up to a multiple of `ROWS`.
        """
        crops, boxes = batch.crops[batch.mask], batch.boxes[batch.mask]
        count, spare = len(crops), -len(crops) % ROWS
        crops = functional.pad(crops, (0, 0, 0, 0, 0, 0, 0, spare))
        boxes = functional.pad(boxes, (0, 0, 0, spare))
        feature = self.encode_segments(crops, boxes)[:count]  # (R, D)
        encoded = feature.new_zeros(*batch.mask.shape, self.config.dim)
        encoded[batch.mask] = feature
        return encoded

    def encode_segments(self, crops: Tensor, boxes: Tensor) -> Tensor:
        """(R, D) float32, from crops (R, C, S, S) and boxes (R, 4)."""
        # Single precision under autocast, too: layers only ever add to it.
        feature: Tensor = self.crop_encoder(crops).float()
        if self.box_encoder is not None:
            feature = feature + self.box_encoder(boxes).float()
        return feature

    def compare(
        self,
        ref: Tensor,
        target: Tensor,
        ref_mask: Tensor | None = None,
        target_mask: Tensor | None = None,
        plain: bool = False,
    ) -> Tensor:
        """(B, N, M) float32: similarities; what padding gets is undefined but finite.

        Args:
            ref: (B, M, D), encoded.
            target: (B, N, D), encoded.
            ref_mask: (B, M) bool, True = a segment; None = all are.
            target_mask: (B, N) bool.
            plain: attention written out.
        """
        ref_seen, target_seen = _visible(ref_mask), _visible(target_mask)
        for layer in self.layers:
            ref, target = layer(ref, target, ref_seen, target_seen, plain)
        ref, target = self.project(ref).float(), self.project(target).float()
        with torch.autocast(ref.device.type, enabled=False):  # a softmax follows
            similarity = target @ ref.transpose(1, 2) / math.sqrt(self.config.dim)  # (B, N, M)
            if self.transport is not None:
                similarity = self.transport(similarity, ref_mask, target_mask)
        return similarity


def _visible(mask: Tensor | None) -> Tensor | None:
    """(B, 1, 1, L) bool: what attention may see; of a drawing without segments, the padding.

    So that no softmax is taken over nothing; what comes of it is masked in the end.
    """
    if mask is None:
        return None
    return (mask | ~mask.any(dim=1, keepdim=True))[:, None, None, :]
