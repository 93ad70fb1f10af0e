"""Several processes that train together, as `torchrun` starts them; or one alone."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar

import torch
from torch import distributed, nn
from torch.nn.parallel import DistributedDataParallel

from shiage.errors import BadOption

PATIENCE = timedelta(hours=12)
"""How long processes wait for the first one, which prepares data and validates."""

T = TypeVar("T")


@dataclass(frozen=True)
class Processes:
    """The processes of a run.

    Attributes:
        rank: number of this one.
        world: how many there are.
        device: where this one computes.
    """

    rank: int
    world: int
    device: torch.device

    @property
    def is_first(self) -> bool:
        """Whether this one validates, writes and tells."""
        return self.rank == 0

    def wrap(self, model: nn.Module) -> nn.Module:
        """Return the model with gradients averaged over all processes."""
        if self.world == 1:
            return model
        ids = [self.device.index] if self.device.type == "cuda" else None
        return DistributedDataParallel(model, device_ids=ids)

    def agree(self, value: T) -> T:
        """Return the first process's value, in all of them."""
        if self.world == 1:
            return value
        values = [value]
        distributed.broadcast_object_list(values, src=0, device=self.device)
        return values[0]


@contextmanager
def join_processes(wanted: str) -> Iterator[Processes]:
    """Meet the other processes of the run, and part from them in the end.

    Args:
        wanted: "auto", "cpu" or "cuda".

    Raises:
        BadOption: a GPU is wanted and there is none.
    """
    has_gpu = torch.cuda.is_available()
    if wanted == "cuda" and not has_gpu:
        raise BadOption("run.device is cuda, but torch finds no GPU", expected="auto or cpu")
    rank, world, local = (int(os.environ.get(k, d)) for k, d in _ENVIRONMENT.items())
    on_gpu = has_gpu and wanted != "cpu"
    device = torch.device("cuda", local) if on_gpu else torch.device("cpu")
    if world == 1:
        yield Processes(0, 1, device)
        return
    distributed.init_process_group("nccl" if on_gpu else "gloo", timeout=PATIENCE)
    try:
        yield Processes(rank, world, device)
        # One that parts while another still writes was seen to abort, in a run out of three.
        distributed.barrier()
    finally:
        distributed.destroy_process_group()


_ENVIRONMENT = {"RANK": 0, "WORLD_SIZE": 1, "LOCAL_RANK": 0}
"""What torchrun tells each process, and what stands for it without torchrun."""
