"""A trained `Ant` as files that `matching.onnx` runs without torch, and back.

Weights may be stored in half precision; they are brought back to single precision when the graph is
loaded, and all arithmetic is in single precision. They keep their names, so that training can begin
with them.
"""

from __future__ import annotations

import hashlib
import logging
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import onnx
import onnxruntime
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import Tensor, nn

from shiage.errors import DamagedModel
from shiage.files.atomic import write_atomically, write_json
from shiage.files.graphs import GraphFile, read_card, read_graph
from shiage.files.settings import read_settings
from shiage.matching.crops import CHANNELS
from shiage.matching.onnx import ModelCard
from shiage.models.ant import Ant
from shiage.models.config import AntConfig

OPSET = 20

HALF = ".half"
"""Ends the name of a weight stored in half precision."""

HALVED_FROM = 256
"""Weights of fewer numbers are stored as they are: norms and biases weigh little."""

EXAMPLE = (5, 7)
"""Numbers of reference and target segments that the graphs are traced with; any others will do."""


class _Encode(nn.Module):
    """Graph one: `crops` (N, C, S, S) uint8 and `boxes` (N, 4) to `features` (N, D)."""

    def __init__(self, model: Ant) -> None:
        super().__init__()
        self.model = model

    def forward(self, crops: Tensor, boxes: Tensor) -> Tensor:
        return self.model.encode_segments(crops, boxes)


class _Compare(nn.Module):
    """Graph two: `ref` (M, D) and `target` (N, D) to `similarity` (N, M)."""

    def __init__(self, model: Ant) -> None:
        super().__init__()
        self.model = model

    def forward(self, ref: Tensor, target: Tensor) -> Tensor:
        return self.model.compare(ref[None], target[None], plain=True)[0]


def export_onnx(model: Ant, path: Path, card: Mapping[str, Any], half: bool = True) -> ModelCard:
    """Write a model's graphs and card, and return the card.

    Args:
        model: as trained, on the CPU; left in evaluation mode.
        path: of the card, e.g. `ant.json`; the graphs are written beside it, as `ant.encode.onnx`
            and `ant.compare.onnx`.
        card: what only the caller knows: commit, training, metrics, license, and if need be
            credits, limits, temperature; see `ModelCard`.
        half: store weights in half precision.

    Raises:
        TypeError: the card lacks a key or has one that is not known.
    """
    nothing = GraphFile("", "", 0)
    draft = ModelCard(  # before the graphs are made, so that wrong keys are found at once
        config=msgspec.to_builtins(model.config),
        encode=nothing,
        compare=nothing,
        largest_difference=0.0,
        **card,
    )
    model.eval()
    graphs = {"encode": _encode_graph(model), "compare": _compare_graph(model)}
    _name_weights(list(graphs.values()), model)
    if half:
        graphs = {name: halve(graph) for name, graph in graphs.items()}
    raw = {name: graph.SerializeToString(deterministic=True) for name, graph in graphs.items()}
    files = {
        name: GraphFile(f"{path.stem}.{name}.onnx", hashlib.sha256(data).hexdigest(), len(data))
        for name, data in raw.items()
    }
    difference = largest_difference(model, raw["encode"], raw["compare"])
    whole = msgspec.structs.replace(draft, largest_difference=difference, **files)
    for name, data in raw.items():
        write_atomically(path.parent / files[name].name, data)
    write_card(path, whole)
    return whole


def write_card(path: Path, card: ModelCard) -> None:
    """Write a model's card.

    Raises:
        WriteFailed: the disk is full or the like.
    """
    write_json(path, card, indent=2)


def import_onnx(path: Path) -> Ant:
    """Return the model of a card, on the CPU, in evaluation mode.

    Args:
        path: of the card, as `export_onnx` wrote it.

    Raises:
        UnreadableFile: the card or a graph is not there.
        DamagedModel: the card is damaged, a graph is not the one it describes, or lacks a weight.
    """
    card = read_card(path, ModelCard)
    model = Ant(read_settings(card.config, AntConfig))
    stored = {}
    for graph in (card.encode, card.compare):
        content = onnx.load_model_from_string(read_graph(path.parent, graph))
        for weight in content.graph.initializer:
            stored[weight.name.removesuffix(HALF)] = numpy_helper.to_array(weight)
    state = model.state_dict()
    if missing := sorted(state.keys() - stored.keys()):
        raise DamagedModel(
            f"lacks the weight {missing[0]}", path=path, expected="a model that shiage exported"
        )
    for name, value in state.items():
        value.copy_(torch.from_numpy(stored[name].astype(np.float32)).reshape(value.shape))
    return model.eval()


def largest_difference(
    model: Ant, encode: bytes, compare: bytes, counts: tuple[int, int] = (60, 80), seed: int = 0
) -> float:
    """Return by how much similarities of the graphs and of torch differ at most.

    Args:
        model: in evaluation mode.
        encode: the first graph.
        compare: the second.
        counts: M, N, segments of random drawings to try.
        seed: of those.
    """
    rng = np.random.default_rng(seed)
    size = model.config.crop_size
    first, second = (
        onnxruntime.InferenceSession(graph, providers=["CPUExecutionProvider"])
        for graph in (encode, compare)
    )
    expected, found = [], []
    for count in counts:
        crops = rng.integers(0, 256, (count, len(CHANNELS), size, size), np.uint8)
        boxes = rng.uniform(0.01, 0.5, (count, 4)).astype(np.float32)
        found.append(first.run(None, {"crops": crops, "boxes": boxes})[0])
        with torch.inference_mode():
            tensors = torch.from_numpy(crops), torch.from_numpy(boxes)
            expected.append(model.encode_segments(*tensors)[None])
    (similarity,) = second.run(None, {"ref": found[0], "target": found[1]})
    with torch.inference_mode():
        truth = model.compare(expected[0], expected[1])[0].numpy()
    return float(np.abs(similarity - truth).max())


def _encode_graph(model: Ant) -> onnx.ModelProto:
    """Return graph one."""
    size, count = model.config.crop_size, EXAMPLE[0]
    crops = torch.zeros(count, len(CHANNELS), size, size, dtype=torch.uint8)
    boxes = torch.full((count, 4), 0.5)
    number = torch.export.Dim("N")
    dynamic = {"crops": {0: number}, "boxes": {0: number}}
    return export_graph(_Encode(model), (crops, boxes), ["crops", "boxes"], "features", dynamic)


def _compare_graph(model: Ant) -> onnx.ModelProto:
    """Return graph two."""
    ref, target = (torch.ones(count, model.config.dim) for count in EXAMPLE)
    dynamic = {"ref": {0: torch.export.Dim("M")}, "target": {0: torch.export.Dim("N")}}
    return export_graph(_Compare(model), (ref, target), ["ref", "target"], "similarity", dynamic)


def export_graph(
    module: nn.Module,
    example: tuple[Tensor, ...],
    inputs: list[str],
    output: str,
    dynamic: dict[str, Any],
) -> onnx.ModelProto:
    """Return a module as a graph, without the traces of this machine that torch leaves in it."""
    logging.getLogger(torch.onnx.__name__).setLevel(logging.ERROR)  # it misses torchvision
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the exporter, about its own future
        program = torch.onnx.export(
            module.eval(),
            example,
            input_names=inputs,
            output_names=[output],
            dynamic_shapes=dynamic,
            opset_version=OPSET,
            dynamo=True,
            verbose=False,
        )
    assert program is not None  # noqa: S101  it is, when nothing is written to a file
    graph: onnx.ModelProto = program.model_proto
    for part in (graph, graph.graph, *graph.graph.node, *graph.graph.value_info):
        del part.metadata_props[:]
        part.ClearField("doc_string")
    onnx.checker.check_model(graph)
    return graph


def _name_weights(graphs: Sequence[onnx.ModelProto], model: Ant) -> None:
    """Give the weights in the graphs the names that the model knows, and let none be missing.

    The exporter puts its own module's name before them, and forgets those of weights that it has
    reshaped; these are found by their values. Of equal weights it keeps one; the others are added.
    """
    state = {name: value.numpy() for name, value in model.state_dict().items()}
    absent = set(state)
    for graph in graphs:
        names = {}
        for weight in graph.graph.initializer:
            own = weight.name.removeprefix("model.")
            if own not in state:
                values = numpy_helper.to_array(weight).ravel()
                same = (n for n in sorted(absent) if np.array_equal(state[n].ravel(), values))
                own = next(same, weight.name)
            names[weight.name] = weight.name = own
            absent.discard(own)
        for node in graph.graph.node:
            for at, name in enumerate(node.input):
                node.input[at] = names.get(name, name)
    graphs[-1].graph.initializer.extend(
        numpy_helper.from_array(state[name], name) for name in sorted(absent)
    )
    for graph in graphs:
        onnx.checker.check_model(graph)


def halve(model: onnx.ModelProto) -> onnx.ModelProto:
    """Return the graph with its larger weights in half precision, each behind a cast."""
    halved = onnx.ModelProto()
    halved.CopyFrom(model)
    casts = []
    for weight in halved.graph.initializer:
        values = numpy_helper.to_array(weight)
        if weight.data_type != TensorProto.FLOAT or values.size < HALVED_FROM:
            continue
        name = weight.name
        weight.CopyFrom(numpy_helper.from_array(values.astype(np.float16), f"{name}{HALF}"))
        casts.append(helper.make_node("Cast", [weight.name], [name], to=TensorProto.FLOAT))
    nodes = [*casts, *halved.graph.node]
    del halved.graph.node[:]
    halved.graph.node.extend(nodes)
    onnx.checker.check_model(halved)
    return halved
