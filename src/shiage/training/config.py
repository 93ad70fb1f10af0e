"""The settings of a training run: defaults, then a TOML file, then `--set KEY=VALUE`."""

from __future__ import annotations

import difflib
import json
import math
import types
import typing
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from pathlib import Path
from typing import Any, Literal, TypeVar

import msgspec

from shiage.data.augment import AugmentSettings
from shiage.errors import BadOption
from shiage.files.nesting import read_toml
from shiage.files.reading import readable
from shiage.models.config import AntConfig
from shiage.training.losses import LossWeights

T = TypeVar("T")


@dataclass(frozen=True)
class DataConfig:
    """Which pairs of drawings are learned from.

    Attributes:
        folders: datasets; filled in by `--data`.
        weights: share of the pairs by source of the clip ("rendered", "hand-drawn", ...), in
            proportion; 0 leaves a source out; empty gives all sources the same.
        next: share of pairs that are neighboring frames of their clip.
        near: share of pairs two to four frames apart.
        far: share of pairs further apart.
        as_drawn: share of pairs that are shown as drawn, as a cut is; of the others both drawings
            are augmented, each for itself.
        reframe: probability that a drawing, augmented or not, is scaled and shifted.
        reframe_scale: largest change of size; 0.2 is from 1 / 1.2 to 1.2.
        reframe_shift: largest shift in each direction, in shares of the longer side.
        forget: of each drawing a share of segments up to this is left out, so that some have
            nothing to continue.
        max_segments: of a drawing with more, a random choice of so many is shown.
        views: augmented views prepared ahead of each frame; 0 makes a new one each time, for
            machines with many cores.
        cache: folder for prepared views; may be shared between runs.
    """

    folders: tuple[str, ...] = ()
    weights: dict[str, float] = field(default_factory=dict)
    next: float = 0.4
    near: float = 0.3
    far: float = 0.3
    as_drawn: float = 0.4
    reframe: float = 0.5
    reframe_scale: float = 0.2
    reframe_shift: float = 0.1
    forget: float = 0.2
    max_segments: int = 128
    views: int = 1
    cache: str = "runs/cache"

    def __post_init__(self) -> None:
        _expect(min(self.next, self.near, self.far) >= 0, "data.next, near and far", "0 or more")
        _expect(self.next + self.near + self.far > 0, "data.next, near and far", "one above 0")
        _expect(all(w >= 0 for w in self.weights.values()), "data.weights", "0 or more")
        for name in ("as_drawn", "reframe"):
            _expect(0 <= getattr(self, name) <= 1, f"data.{name}", "0 to 1")
        for name in ("reframe_scale", "reframe_shift"):
            _expect(getattr(self, name) >= 0, f"data.{name}", "0 or more")
        _expect(0 <= self.forget < 1, "data.forget", "0 or more, below 1")
        _expect(self.max_segments >= 1, "data.max_segments", "1 or more")
        _expect(self.views >= 0, "data.views", "0 or more")


@dataclass(frozen=True)
class OptimizerConfig:
    """AdamW with warm-up and cosine decay.

    Attributes:
        batch_pairs: pairs a step, over all processes.
        learning_rate: at its highest.
        final_rate: where the decay ends, as share of the highest.
        warmup_pairs: pairs until the highest is reached.
        weight_decay: of matrices; vectors (biases, gains of norms) have none.
        beta2: decay of the mean square of gradients.
        clip_norm: longest gradient.
        ema: decay a step of the averaged weights, which are what is validated and kept.
    """

    batch_pairs: int = 16
    learning_rate: float = 1e-3
    final_rate: float = 0.01
    warmup_pairs: int = 5_000
    weight_decay: float = 0.01
    beta2: float = 0.98
    clip_norm: float = 1.0
    ema: float = 0.999

    def __post_init__(self) -> None:
        _expect(self.batch_pairs >= 1, "optimizer.batch_pairs", "1 or more")
        _expect(self.learning_rate > 0, "optimizer.learning_rate", "more than 0")
        _expect(self.warmup_pairs >= 0, "optimizer.warmup_pairs", "0 or more")
        _expect(self.clip_norm > 0, "optimizer.clip_norm", "more than 0")
        for name in ("final_rate", "weight_decay", "beta2", "ema"):
            _expect(0 <= getattr(self, name) <= 1, f"optimizer.{name}", "0 to 1")


@dataclass(frozen=True)
class RunConfig:
    """How long, on what, and what is told.

    Attributes:
        start: weights to begin with: a checkpoint, or the card of a model; "" begins with random
            ones.
        seed: of the weights and of the pairs.
        pairs: after so many the run is over and the learning rate has decayed; 0 = no such end.
        minutes: the same in minutes of training, earlier parts of a resumed run included; 0 = no
            such end. What comes first ends the run. A run that ends by the clock cannot be
            repeated exactly, since its learning rate follows the clock.
        device: "auto" takes the GPU if there is one.
        mixed_precision: matrix products in bfloat16, on a GPU and on CPUs that have instructions
            for it; elsewhere it would be slower and is not done.
        threads: of torch, on the CPU; 0 leaves it to torch.
        workers: processes that prepare batches; 0 prepares them in between.
        log_every: pairs between two lines of the log.
        validate_every: pairs between two validations.
        checkpoint_every: pairs between two checkpoints; one is also written at each validation.
        validation_pairs: pairs by source and distance that a validation looks at, at most.
        patience: validations without a better one until the run ends early; 0 = never.
    """

    start: str = ""
    seed: int = 0
    pairs: int = 300_000
    minutes: float = 0.0
    device: Literal["auto", "cpu", "cuda"] = "auto"
    mixed_precision: bool = True
    threads: int = 0
    workers: int = 1
    log_every: int = 500
    validate_every: int = 10_000
    checkpoint_every: int = 5_000
    validation_pairs: int = 100
    patience: int = 0

    def __post_init__(self) -> None:
        _expect(self.pairs > 0 or self.minutes > 0, "run.pairs and run.minutes", "one above 0")
        for name in ("log_every", "validate_every", "checkpoint_every", "validation_pairs"):
            _expect(getattr(self, name) >= 1, f"run.{name}", "1 or more")
        for name in ("seed", "pairs", "minutes", "threads", "workers", "patience"):
            _expect(getattr(self, name) >= 0, f"run.{name}", "0 or more")


@dataclass(frozen=True)
class TrainConfig:
    """All settings of a run; each attribute is a table of the TOML file."""

    model: AntConfig = field(default_factory=AntConfig)
    data: DataConfig = field(default_factory=DataConfig)
    augment: AugmentSettings = field(default_factory=AugmentSettings)
    loss: LossWeights = field(default_factory=LossWeights)
    optimizer: OptimizerConfig = field(default_factory=OptimizerConfig)
    run: RunConfig = field(default_factory=RunConfig)


def load_config(path: Path | None, overrides: Iterable[str] = ()) -> TrainConfig:
    """Return the settings of a file with overrides.

    Args:
        path: TOML file; None starts from the defaults.
        overrides: "table.key=value" each, the value as TOML writes it; bare words are text.

    Raises:
        UnreadableFile: the file cannot be read.
        BadOption: it is no TOML, a key is unknown, or a value is of the wrong type or out of range.
    """
    table: dict[str, Any] = {}
    if path is not None:
        with readable(path, "a training configuration"):
            content = path.read_bytes()
        try:
            table = read_toml(content.decode())
        except ValueError as error:
            raise BadOption(f"is no TOML ({error})", path=path) from error
    for override in overrides:
        _set(table, override)
    try:
        return from_dict(TrainConfig, table)
    except BadOption as error:
        parts = (error.found, error.expected, error.action)
        raise BadOption(parts[0], path=path, expected=parts[1], action=parts[2]) from None


def from_dict(kind: type[T], table: Mapping[str, Any], where: str = "") -> T:
    """Return a dataclass made of a table, and of tables within for its dataclasses.

    Raises:
        BadOption: a key is unknown (the nearest known one is named), or a value has another type.
    """
    hints = typing.get_type_hints(kind)
    known = [f.name for f in fields(kind) if f.init]  # type: ignore[arg-type]
    values = {}
    for key, value in table.items():
        if key not in known:
            near = difflib.get_close_matches(key, known, n=1, cutoff=0.0)
            raise BadOption(
                f"there is no setting {where}{key}",
                expected=f"one of {', '.join(known)}",
                action=f"Did you mean {where}{near[0]}?",
            )
        values[key] = _convert(hints[key], value, f"{where}{key}")
    try:
        return kind(**values)
    except (ValueError, TypeError) as error:
        raise BadOption(f"{where.rstrip('.')}: {error}") from error


def to_toml(config: TrainConfig) -> str:
    """Return the settings as a TOML file; `load_config` takes it back."""
    lines: list[str] = []
    for name, table in msgspec.to_builtins(config).items():
        inner = {k: v for k, v in table.items() if isinstance(v, dict)}
        lines.append(f"[{name}]")
        lines += [f"{key} = {_toml_value(v)}" for key, v in table.items() if key not in inner]
        for key, values in inner.items():
            lines.append(f"\n[{name}.{key}]")
            lines += [f"{json.dumps(k)} = {_toml_value(v)}" for k, v in values.items()]
        lines.append("")
    return "\n".join(lines)


def _expect(fits: bool, name: str, expected: str) -> None:
    """Raise unless a value makes sense.

    Raises:
        BadOption: it does not.
    """
    if not fits:
        raise BadOption(f"{name} cannot be used", expected=expected)


def _set(table: dict[str, Any], override: str) -> None:
    """Set one value of nested tables."""
    key, equals, text = override.partition("=")
    if not equals or not key.strip():
        raise BadOption(
            f"--set {override} cannot be read", expected="KEY=VALUE, such as run.pairs=1000"
        )
    try:
        value = read_toml(f"value = {text.strip()}")["value"]
    except ValueError:
        value = text.strip()
    *parents, last = key.strip().split(".")
    for parent in parents:
        table = table.setdefault(parent, {})
        if not isinstance(table, dict):
            raise BadOption(f"--set {override}: {parent} holds no settings")
    table[last] = value


def _convert(hint: Any, value: Any, where: str) -> Any:
    """Return a value of TOML as the type that a field wants.

    Raises:
        BadOption: it has another type.
    """
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        inner = [a for a in arguments if a is not type(None)]
        return _convert(inner[0], value, where)
    if is_dataclass(hint) and isinstance(value, dict):
        return from_dict(typing.cast(type[Any], hint), value, f"{where}.")
    if origin is Literal and value in arguments:
        return value
    if origin is tuple and isinstance(value, list):
        kinds = [arguments[0]] * len(value) if arguments[-1] is Ellipsis else arguments
        if len(kinds) == len(value):
            return tuple(_convert(k, v, where) for k, v in zip(kinds, value, strict=True))
    if origin is dict and isinstance(value, dict):
        return {k: _convert(arguments[1], v, f"{where}.{k}") for k, v in value.items()}
    if hint is float and type(value) in (int, float) and math.isfinite(value):
        return float(value)
    if hint in (int, bool, str) and type(value) is hint:
        return value
    raise BadOption(f"{where} is {value!r}", expected=_tell_type(hint))


def _tell_type(hint: Any) -> str:
    """Return how a message calls a type."""
    if typing.get_origin(hint) is Literal:
        return f"one of {', '.join(map(str, typing.get_args(hint)))}"
    words = {int: "a whole number", float: "a number", bool: "true or false", str: "a text"}
    if hint in words:
        return words[hint]
    return "a table" if is_dataclass(hint) or typing.get_origin(hint) is dict else "a list"


def _toml_value(value: Any) -> str:
    """Return a number, text, truth value or list as TOML has it."""
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(_toml_value(v) for v in value)}]"
    if isinstance(value, float):
        return repr(value)
    return json.dumps(value, ensure_ascii=False)
