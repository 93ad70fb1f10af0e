"""Learned models as they come with shiage: graphs for ONNX Runtime, and a card.

The card says what the model is, how it was made and how good it is, and holds the checksums of its
graphs, which lie beside it.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TypeVar

import msgspec
import onnxruntime

from shiage.errors import DamagedModel, UnreadableFile
from shiage.files.nesting import shallow

Card = TypeVar("Card", bound=msgspec.Struct)

WEIGHTS = Path(__file__).parent.parent / "weights"
"""Where the models lie that come with shiage."""

_REINSTALL = "Install shiage again, or name another model"


class GraphFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One graph of a model: its file's name, beside the card, its checksum and its size."""

    name: str
    sha256: str
    bytes: int


def read_card(path: Path, kind: type[Card]) -> Card:
    """Return a model's card, complete and without surplus.

    Args:
        path: of the card.
        kind: what a card of such a model holds.

    Raises:
        UnreadableFile: it is not there.
        DamagedModel: it is damaged, lacks a key, has one too many or one of the wrong type.
    """
    try:
        return msgspec.json.decode(shallow(path.read_bytes()), type=kind)
    except OSError as error:
        raise UnreadableFile(
            f"the model cannot be read ({error.strerror})",
            path=path,
            expected="a model's card",
            action=_REINSTALL,
        ) from error
    except ValueError as error:
        raise DamagedModel(
            f"the model's card is damaged ({error})", path=path, action=_REINSTALL
        ) from error


def read_graph(folder: Path, graph: GraphFile) -> bytes:
    """Return one graph of a model, if it is the one that the card describes.

    Raises:
        UnreadableFile: it is not there.
        DamagedModel: it is another.
    """
    file = folder / graph.name
    try:
        content = file.read_bytes()
    except OSError as error:
        raise UnreadableFile(
            f"the model cannot be read ({error.strerror})", path=file, action=_REINSTALL
        ) from error
    if hashlib.sha256(content).hexdigest() != graph.sha256:
        raise DamagedModel(
            "is not the file that the model's card describes",
            path=file,
            expected=f"sha256 {graph.sha256}",
            action=_REINSTALL,
        )
    return content


def open_graph(folder: Path, graph: GraphFile, threads: int) -> onnxruntime.InferenceSession:
    """Return one graph of a model, ready to run.

    Args:
        folder: where the card lies.
        graph: as the card describes it.
        threads: cores that one call may use.

    Raises:
        UnreadableFile: it is not there.
        DamagedModel: it is another.
    """
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.log_severity_level = 3  # errors only
    content = read_graph(folder, graph)
    return onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
