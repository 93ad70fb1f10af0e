"""AdamW, its learning rate, and the averaged weights that follow the model's."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim import AdamW
from torch.optim.swa_utils import AveragedModel

from shiage.models.ant import Ant
from shiage.training.config import OptimizerConfig

Tensors = tuple[Tensor, ...] | list[Tensor]


def make_optimizer(model: nn.Module, config: OptimizerConfig) -> AdamW:
    """Return AdamW; biases and gains of norms do not decay."""
    matrices = [p for p in model.parameters() if p.ndim >= 2]
    vectors = [p for p in model.parameters() if p.ndim < 2]
    groups: list[dict[str, Any]] = [
        {"params": matrices, "weight_decay": config.weight_decay},
        {"params": vectors, "weight_decay": 0.0},
    ]
    return AdamW(groups, lr=config.learning_rate, betas=(0.9, config.beta2))


def learning_rate(config: OptimizerConfig, pairs: int, fraction: float) -> float:
    """Return the rate after `pairs` pairs, when `fraction` of the run is done.

    >>> config = OptimizerConfig(learning_rate=1.0, final_rate=0.0, warmup_pairs=10)
    >>> [round(learning_rate(config, *at), 2) for at in ((5, 0.0), (50, 0.5), (100, 1.0))]
    [0.5, 0.5, 0.0]
    """
    warm = min(1.0, pairs / config.warmup_pairs) if config.warmup_pairs else 1.0
    cosine = (1 + math.cos(math.pi * min(fraction, 1.0))) / 2
    return config.learning_rate * warm * (config.final_rate + (1 - config.final_rate) * cosine)


def computes_bfloat16(device: torch.device) -> bool:
    """Whether a device has instructions for bfloat16; without, it is emulated and slow."""
    if device.type != "cpu":
        return True
    capabilities = torch.cpu.get_capabilities()
    return any(capabilities.get(name, False) for name in ("avx512_bf16", "amx_bf16"))


class AveragedAnt(AveragedModel):
    """A model whose weights are a running mean of another's."""

    module: Ant

    def __init__(self, model: Ant, decay: float) -> None:
        def follow(averaged: Tensors, current: Tensors, count: Tensor | int) -> None:
            steps = int(count)
            # Faster in the beginning, when there is no past worth keeping.
            share = 1 - min(decay, (1 + steps) / (10 + steps))
            with torch.no_grad():
                for mean, value in zip(averaged, current, strict=True):
                    mean.lerp_(value, share)

        super().__init__(model, multi_avg_fn=follow)
