"""Checkpoints: everything a run needs to go on, and everything a model needs to be used.

A checkpoint holds plain values and tensors only and is read with `weights_only=True`; keys are
strict both ways. It is written completely or not at all.
"""

from __future__ import annotations

import io
import pickle
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

import msgspec
import torch
from torch import Tensor

from shiage.errors import UnreadableFile
from shiage.files.atomic import write_atomically
from shiage.files.reading import read_file
from shiage.files.settings import read_settings
from shiage.models.ant import Ant
from shiage.models.config import AntConfig
from shiage.models.export import import_onnx

FORMAT = "shiage checkpoint 1"
LAST, BEST = "last.pt", "best.pt"

_CHECKPOINT = "a checkpoint of shiage train"


@dataclass(frozen=True)
class RunProgress:
    """How far a run is.

    Attributes:
        step: steps done.
        pairs: pairs learned from.
        minutes: time trained, earlier parts of a resumed run included.
        best: highest validation score so far; below 0 if there was none.
        best_pairs: pairs learned from when it was reached.
        stale: validations since then.
    """

    step: int = 0
    pairs: int = 0
    minutes: float = 0.0
    best: float = -1.0
    best_pairs: int = 0
    stale: int = 0


@dataclass(frozen=True, eq=False)
class Checkpoint:
    """A run at one moment.

    Attributes:
        config: all settings, as plain tables.
        commit: of the source tree, "" if unknown; "+" at its end tells of uncommitted changes.
        progress: how far the run is.
        weights: state of the model.
        averaged: state of the model with averaged weights: the one to use.
        optimizer: state of the optimizer.
    """

    config: dict[str, Any]
    commit: str
    progress: RunProgress
    weights: dict[str, Tensor]
    averaged: dict[str, Tensor]
    optimizer: dict[str, Any]


def write_checkpoint(path: Path, checkpoint: Checkpoint) -> None:
    """Write a checkpoint.

    Raises:
        WriteFailed: the disk is full or the like; what was there is untouched.
    """
    content = {f.name: getattr(checkpoint, f.name) for f in fields(checkpoint)}
    content |= {"format": FORMAT, "progress": asdict(checkpoint.progress)}
    packed = io.BytesIO()
    torch.save(content, packed)
    write_atomically(path, packed.getvalue())


def read_checkpoint(path: Path, device: torch.device | str = "cpu") -> Checkpoint:
    """Return a checkpoint.

    Raises:
        UnreadableFile: it is missing, damaged or no checkpoint of this version.
    """
    packed = read_file(path, _CHECKPOINT)
    try:
        content = torch.load(io.BytesIO(packed), map_location=device, weights_only=True)
        if not isinstance(content, dict) or content.pop("format", None) != FORMAT:
            raise ValueError(f"it is not of the format {FORMAT!r}")
        return Checkpoint(**{**content, "progress": RunProgress(**content["progress"])})
    except (ValueError, TypeError, KeyError, RuntimeError, EOFError, pickle.PickleError) as error:
        reason = str(error).partition("\n")[0]
        raise UnreadableFile(
            f"cannot be used ({reason})", path=path, expected=_CHECKPOINT
        ) from error


def load_model(path: Path) -> tuple[Ant, Checkpoint]:
    """Return the averaged model of a checkpoint, ready to be used on the CPU, and the checkpoint.

    Raises:
        UnreadableFile: it is missing, damaged, or does not fit the model.
    """
    checkpoint = read_checkpoint(path)
    model = Ant(read_settings(checkpoint.config["model"], AntConfig))
    try:
        model.load_state_dict(checkpoint.averaged, strict=True)
    except RuntimeError as error:
        raise UnreadableFile(f"does not fit the model ({error})", path=path) from error
    return model.eval(), checkpoint


def load_weights(path: Path, config: AntConfig) -> dict[str, Tensor]:
    """Return the weights of a checkpoint or of an exported model, to begin with.

    Args:
        path: of a checkpoint, or of a model's card, which ends in `.json`.
        config: of the model that is to have them.

    Raises:
        FileError: they are missing, damaged, or those of a model of another configuration.
    """
    model = import_onnx(path) if path.suffix == ".json" else load_model(path)[0]
    require_same_model(model.config, config, path)
    return model.state_dict()


def require_same_model(found: AntConfig, wanted: AntConfig, path: Path) -> None:
    """Raise unless the model in a file is the one wanted.

    Raises:
        UnreadableFile: it is another.
    """
    asked, there = msgspec.to_builtins(wanted), msgspec.to_builtins(found)
    other = [f"{key} = {value}" for key, value in there.items() if asked[key] != value]
    if other:
        raise UnreadableFile(
            f"holds a model with other settings ({', '.join(other)})",
            path=path,
            expected=", ".join(f"{k} = {v}" for k, v in asked.items() if there[k] != v),
            action="Set [model] to what the file has, or begin without it",
        )
