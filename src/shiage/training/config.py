"""The settings of a training run: defaults, then a TOML file, then `--set KEY=VALUE`."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
import tomli_w
from msgspec import Meta

from shiage.data.augment import AugmentSettings
from shiage.errors import BadOption
from shiage.files.nesting import read_toml
from shiage.files.reading import readable
from shiage.files.settings import read_settings
from shiage.models.config import AntConfig
from shiage.training.losses import LossWeights

Share = Annotated[float, Meta(ge=0, le=1)]
NotNegative = Annotated[float, Meta(ge=0)]
Positive = Annotated[float, Meta(gt=0)]
Count = Annotated[int, Meta(ge=0)]
OneOrMore = Annotated[int, Meta(ge=1)]


class DataConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
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
        max_segments: of a drawing with more, this many are chosen at random.
        views: augmented views prepared ahead of each frame; 0 makes a new one each time, for
            machines with many cores.
        cache: folder for prepared views; may be shared between runs.
    """

    folders: tuple[str, ...] = ()
    weights: dict[str, NotNegative] = {}
    next: NotNegative = 0.4
    near: NotNegative = 0.3
    far: NotNegative = 0.3
    as_drawn: Share = 0.4
    reframe: Share = 0.5
    reframe_scale: NotNegative = 0.2
    reframe_shift: NotNegative = 0.1
    forget: Annotated[float, Meta(ge=0, lt=1)] = 0.2
    max_segments: OneOrMore = 128
    views: Count = 1
    cache: str = "runs/cache"

    def __post_init__(self) -> None:
        if not self.next + self.near + self.far:
            raise ValueError("next, near and far are all 0; expected one above 0")


class OptimizerConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
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

    batch_pairs: OneOrMore = 16
    learning_rate: Positive = 1e-3
    final_rate: Share = 0.01
    warmup_pairs: Count = 5_000
    weight_decay: Share = 0.01
    beta2: Share = 0.98
    clip_norm: Positive = 1.0
    ema: Share = 0.999


class RunConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How long, on what, and what is logged.

    Attributes:
        start: weights to begin with: a checkpoint, or the card of a model; "" begins with random
            ones.
        seed: of the weights and of the pairs.
        pairs: the run ends after this many and the learning rate has decayed; 0 = no such end.
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
    seed: Count = 0
    pairs: Count = 300_000
    minutes: NotNegative = 0.0
    device: Literal["auto", "cpu", "cuda"] = "auto"
    mixed_precision: bool = True
    threads: Count = 0
    workers: Count = 1
    log_every: OneOrMore = 500
    validate_every: OneOrMore = 10_000
    checkpoint_every: OneOrMore = 5_000
    validation_pairs: OneOrMore = 100
    patience: Count = 0

    def __post_init__(self) -> None:
        if not (self.pairs or self.minutes):
            raise ValueError("pairs and minutes are both 0; expected one above 0")


class TrainConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All settings of a run; each attribute is a table of the TOML file."""

    model: AntConfig = AntConfig()
    data: DataConfig = DataConfig()
    augment: AugmentSettings = AugmentSettings()
    loss: LossWeights = LossWeights()
    optimizer: OptimizerConfig = OptimizerConfig()
    run: RunConfig = RunConfig()


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
        return read_settings(table, TrainConfig)
    except BadOption as error:
        error.path = path
        raise


def to_toml(config: TrainConfig) -> str:
    """Return the settings as a TOML file; `load_config` takes it back."""
    return tomli_w.dumps(msgspec.to_builtins(config))


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
