"""The network that sees lines: a drawing → where parts meet, gaps completed.

A small U-Net that works at half the resolution it is given: each 2 x 2 pixels are one place with
twelve values, and four answers come out of each.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

WIDTHS = (16, 32, 48, 72, 96)
"""Channels at each level, from half the resolution to a 32nd."""

DOWN = 2 ** len(WIDTHS)
"""Heights and widths are multiples of this."""


class _Block(nn.Module):
    """Two convolutions; the wide one is depthwise where there are many places to look at."""

    def __init__(self, inputs: int, outputs: int, *, separable: bool) -> None:
        super().__init__()
        if separable:
            self.layers = nn.Sequential(
                *_conv(inputs, outputs, 1),
                *_conv(outputs, outputs, 3, groups=outputs),
                *_conv(outputs, outputs, 1),
                *_conv(outputs, outputs, 3, groups=outputs),
                *_conv(outputs, outputs, 1),
            )
        else:
            self.layers = nn.Sequential(*_conv(inputs, outputs, 3), *_conv(outputs, outputs, 3))

    def forward(self, x: Tensor) -> Tensor:
        """(B, inputs, H, W) → (B, outputs, H, W)."""
        out: Tensor = self.layers(x)
        return out


def _conv(inputs: int, outputs: int, size: int, groups: int = 1) -> list[nn.Module]:
    return [
        nn.Conv2d(inputs, outputs, size, padding=size // 2, groups=groups, bias=False),
        nn.BatchNorm2d(outputs),
        nn.ReLU(inplace=True),
    ]


class LineNet(nn.Module):
    """Where parts of a drawing meet.

    Args:
        widths: channels at each level.
    """

    def __init__(self, widths: tuple[int, ...] = WIDTHS) -> None:
        super().__init__()
        self.stem = nn.Sequential(*_conv(12, widths[0], 3))
        self.down = nn.ModuleList()
        inputs = widths[0]
        for level, width in enumerate(widths):
            self.down.append(_Block(inputs, width, separable=level < 2))
            inputs = width
        self.up = nn.ModuleList()
        for level in range(len(widths) - 2, -1, -1):
            self.up.append(_Block(inputs + widths[level], widths[level], separable=level < 2))
            inputs = widths[level]
        self.answer = nn.Conv2d(inputs, 4, 3, padding=1)

    def forward(self, drawing: Tensor) -> Tensor:
        """Return logits (B, 1, H, W): how likely parts meet at each pixel.

        Args:
            drawing: (B, 3, H, W) in [0, 1], 0 = bare paper; H and W multiples of `DOWN`.
        """
        x = self.stem(functional.pixel_unshuffle(drawing, 2))
        kept = []
        for level, block in enumerate(self.down):
            if level:
                x = functional.max_pool2d(x, 2)
            x = block(x)
            kept.append(x)
        kept.pop()
        for block in self.up:
            x = functional.interpolate(x, scale_factor=2.0, mode="nearest")
            x = block(torch.cat([x, kept.pop()], dim=1))
        return functional.pixel_shuffle(self.answer(x), 2)
