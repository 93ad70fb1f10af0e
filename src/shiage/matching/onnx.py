"""`ant`: the trained model, run by ONNX Runtime; no torch needed.

A model is three files: two graphs and a card. The graph `encode` makes features of the segments of
one drawing, by themselves; `compare` takes the features of two drawings to the similarity of their
segments. The card says what the model is, how it was made and how good it is, and holds the
checksums of the graphs.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import msgspec
import numpy as np

from shiage.files.graphs import WEIGHTS, GraphFile, open_graph, read_card
from shiage.matching.crops import make_tokens
from shiage.matching.protocol import PairwiseMatcher, softmax_rows
from shiage.structures import Floats, LineArt, Segments

SHIPPED = WEIGHTS / "ant.json"
"""Card of the model that comes with shiage."""


class ModelCard(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is written of a model beside its graphs; the card on disk is this as JSON.

    Attributes:
        config: sizes and switches, those of `AntConfig`.
        encode: the graph that makes features of segments.
        compare: the graph that makes similarities of features.
        largest_difference: between similarities of torch and of these graphs, as exported.
        commit: of the code that trained it.
        training: seed, steps, hours, data: all that is needed to make it again.
        metrics: how good it is, and on what.
        license: of the weights.
        credits: whose works were trained on, as their licenses ask.
        limits: what it cannot do, in words.
        temperature: similarities are divided by it before their softmax, so that confidence is
            the share that is right; found on validation data.
    """

    config: dict[str, Any]
    encode: GraphFile
    compare: GraphFile
    largest_difference: float
    commit: str
    training: dict[str, Any]
    metrics: dict[str, Any]
    license: str
    credits: list[str] = []
    limits: str = ""
    temperature: Annotated[float, msgspec.Meta(gt=0)] = 1.0


class OnnxMatcher(PairwiseMatcher[Floats]):
    """The Animation Transformer as trained for shiage.

    Args:
        card: path of the model's card; its graphs lie beside it.
        threads: cores that one call may use. One, since a cut is painted by several threads.

    Raises:
        UnreadableFile: the card or a graph is not there.
        DamagedModel: the card is damaged or incomplete, or a graph is not the one it describes.
    """

    name = "ant"

    def __init__(self, card: Path = SHIPPED, threads: int = 1) -> None:
        self.card = read_card(card, ModelCard)
        self._encode, self._compare = (
            open_graph(card.parent, graph, threads)
            for graph in (self.card.encode, self.card.compare)
        )
        # The graph knows its own sizes: crops (N, C, S, S) in, features (N, D) out.
        self._crop_size: int = self._encode.get_inputs()[0].shape[-1]
        self._width: int = self._encode.get_outputs()[0].shape[-1]

    def encode(self, lineart: LineArt, segments: Segments) -> Floats:
        """(N, D) float32: features of the segments by themselves."""
        if not len(segments):
            return np.zeros((0, self._width), np.float32)
        tokens = make_tokens(lineart, segments, self._crop_size)
        (encoded,) = self._encode.run(None, {"crops": tokens.crops, "boxes": tokens.boxes})
        return np.asarray(encoded, np.float32)

    def compare(self, reference: Floats, target: Floats) -> tuple[Floats, Floats]:
        """Return votes by similarity; see `PairwiseMatcher.compare`.

        The model always chooses among the segments there are: it knows no "none of these". How
        much a reference counts follows from how far its votes agree.
        """
        if not len(reference) or not len(target):
            empty = np.zeros((len(target), len(reference)), np.float32)
            return empty, np.ones(len(target), np.float32)
        (similarity,) = self._compare.run(None, {"ref": reference, "target": target})
        scores = softmax_rows(-np.asarray(similarity, np.float64), self.card.temperature)
        return scores, np.zeros(len(target), np.float32)

    def count(self, target: Floats) -> int:
        """Return the number of segments."""
        return len(target)
