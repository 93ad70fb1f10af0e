"""The matchers that are measured: those shiage paints with, baselines, and models not yet exported.

A contender is given as NAME or NAME=FILE; a file is a model's card or a checkpoint of `shiage
train`.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from shiage.bench.baselines import BASELINES
from shiage.errors import BadOption
from shiage.extras import import_part
from shiage.files.graphs import read_card
from shiage.matching import MATCHERS, Matcher
from shiage.matching.onnx import SHIPPED, ModelCard, OnnxMatcher

NAMES = (*MATCHERS, *BASELINES)


@dataclass(frozen=True)
class Contender:
    """A matcher that is measured.

    Attributes:
        name: what it is called in tables.
        weights: hash of its weights; "" if it has none.
        make: makes it.
    """

    name: str
    weights: str
    make: Callable[[], Matcher]


def find_contender(text: str) -> Contender:
    """Return what is given as NAME, FILE or NAME=FILE.

    Raises:
        BadOption: there is no such matcher, or its name cannot be that of a folder.
        UnreadableFile: the file is not there.
        DamagedModel: the card is damaged.
    """
    name, _, file = ("", "", text) if Path(text).exists() else text.rpartition("=")
    path = Path(file)
    if name and not re.fullmatch(r"[\w.-]+", name):
        raise BadOption(f"a matcher cannot be called {name!r}", expected="letters, digits, . _ -")
    if path.suffix == ".json":
        return Contender(name or path.stem, _hash_card(path), lambda: OnnxMatcher(path))
    if path.suffix == ".pt":
        if not path.is_file():
            raise BadOption(f"there is no checkpoint {file}")
        weights = hashlib.sha256(path.read_bytes()).hexdigest()
        return Contender(name or path.parent.name, weights, lambda: _read_checkpoint(path))
    if name or text not in NAMES:
        raise BadOption(
            f"there is no matcher {text!r}",
            expected=f"one of {', '.join(NAMES)}; a card, NAME.json; or a checkpoint, NAME.pt",
        )
    if text == "ant":
        return Contender(text, _hash_card(SHIPPED), OnnxMatcher)
    return Contender(text, "", {**MATCHERS, **BASELINES}[text])


def _hash_card(path: Path) -> str:
    """Return what changes with a model's weights or its temperature."""
    card = read_card(path, ModelCard)
    sums = f"{card.encode.sha256} {card.compare.sha256} {card.temperature}"
    return hashlib.sha256(sums.encode()).hexdigest()


def _read_checkpoint(path: Path) -> Matcher:
    """Return the model of a checkpoint; that needs torch."""
    checkpoints = import_part("shiage.models.checkpoints", "train")
    matcher: Matcher = import_part("shiage.models.matcher", "train").AntMatcher(
        checkpoints.load_model(path)[0]
    )
    return matcher
