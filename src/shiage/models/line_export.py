"""Networks that see lines, as files that `lines/border_map.py` runs without torch."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from shiage.files.atomic import write_atomically, write_json
from shiage.files.graphs import GraphFile
from shiage.lines.border_map import LineCard
from shiage.models.export import export_graph, halve
from shiage.models.line_net import DOWN, LineNet


class _See(nn.Module):
    """`drawing` (1, 3, H, W) to `border` (1, 1, H, W) in [0, 1]."""

    def __init__(self, model: LineNet) -> None:
        super().__init__()
        self.model = model

    def forward(self, drawing: Tensor) -> Tensor:
        return torch.sigmoid(self.model(drawing))


def export_line_net(model: LineNet) -> bytes:
    """Return the graph that sees borders, its weights in half precision."""
    rows, columns = (DOWN * torch.export.Dim(name, min=2) for name in ("rows", "columns"))
    example = torch.zeros(1, 3, 3 * DOWN, 4 * DOWN)
    graph = export_graph(
        _See(model.eval()), (example,), ["drawing"], "border", {"drawing": {2: rows, 3: columns}}
    )
    raw: bytes = halve(graph).SerializeToString(deterministic=True)
    return raw


def export_join_net(model: nn.Module, features: int) -> bytes:
    """Return the graph that says whether two pieces are one part."""
    number = torch.export.Dim("n")
    graph = export_graph(
        model.eval(), (torch.zeros(5, features),), ["pairs"], "sureness", {"pairs": {0: number}}
    )
    raw: bytes = graph.SerializeToString(deterministic=True)
    return raw


def write_line_card(path: Path, see: bytes, join: bytes, card: Mapping[str, Any]) -> LineCard:
    """Write both graphs and their card beside them; return the card.

    Args:
        path: of the card, e.g. `lines.json`.
        see: the graph that sees borders.
        join: the graph that joins pieces.
        card: what only the caller knows; see `LineCard`.

    Raises:
        WriteFailed: the disk is full or the like.
    """
    files: dict[str, Any] = {}
    for name, data in {"see": see, "join": join}.items():
        file = GraphFile(f"{path.stem}.{name}.onnx", hashlib.sha256(data).hexdigest(), len(data))
        write_atomically(path.parent / file.name, data)
        files[name] = file
    whole = LineCard(**files, **card)
    write_json(path, whole, indent=2)
    return whole
