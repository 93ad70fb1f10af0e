"""How right a model is on the validation characters while it learns, by source and distance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from shiage.matching.position import PositionMatcher
from shiage.matching.protocol import color_shares
from shiage.models.ant import Ant
from shiage.structures import LARGE_AREA
from shiage.training.frames import FrameSource, FrameTokens
from shiage.training.losses import color_right
from shiage.training.pairs import PairBatch, collate, load_pair, spread_pairs

BATCH_PAIRS = 8

SCORE = "validation/score"
"""Name of the mean over all sources and distances of the share of segments right."""


@dataclass(frozen=True, eq=False)
class _Group:
    """Pairs of one source and distance, in batches.

    Attributes:
        name: "SOURCE/next" or "SOURCE/far".
        batches: the pairs.
        baseline: right by nearest position: share of all segments, and of large ones.
    """

    name: str
    batches: list[PairBatch]
    baseline: tuple[float, float]


class Validation:
    """A fixed set of pairs as drawn, and what is right on them.

    Args:
        source: gives frames of validation clips only.
        most: pairs by source and distance, at most.
    """

    def __init__(self, source: FrameSource, most: int) -> None:
        wrong = [c.info.folder for c in source.clips if c.info.split != "validation"]
        if wrong:
            raise ValueError(f"{wrong[0]} shows no validation character")
        self.groups = []
        for kind in sorted({clip.info.source for clip in source.clips}):
            for distance in ("next", "far"):
                group = _make_group(source, kind, distance, most)
                if group is not None:
                    self.groups.append(group)

    def measure(self, model: Ant, device: torch.device) -> dict[str, float]:
        """Return the shares of segments whose color is right, mean over frames.

        Keys are "validation/SOURCE/DISTANCE/NAME" with the names "accuracy", "accuracy_large",
        "position", "position_large"; and `SCORE`.
        """
        model.eval()
        scores: dict[str, float] = {}
        for group in self.groups:
            right, areas = [], []
            for batch in group.batches:
                moved = batch.to(device)
                with torch.inference_mode():
                    found = color_right(model(moved.ref, moved.target), moved.truth)
                right += list(found.cpu())
                areas += list(batch.target_areas)
            every, large = _mean_shares(
                [(r[a > 0].numpy(), a[a > 0].numpy()) for r, a in zip(right, areas, strict=True)]
            )
            place = f"validation/{group.name}"
            scores |= {f"{place}/accuracy": every, f"{place}/accuracy_large": large}
            scores |= {f"{place}/position": group.baseline[0]}
            scores |= {f"{place}/position_large": group.baseline[1]}
        scores[SCORE] = float(
            np.mean([v for k, v in scores.items() if k.endswith("/accuracy")] or [0])
        )
        return scores


def nearest_right(ref: FrameTokens, target: FrameTokens) -> NDArray[np.bool_]:
    """(N,) bool: which target segments have the color of the reference's nearest box."""
    colors, ids = np.unique(ref.colors, return_inverse=True)
    similarity, _ = PositionMatcher().compare(_corners(ref), _corners(target))
    found = color_shares(similarity, ids.astype(np.int32)).argmax(axis=1)
    return np.asarray(colors[found] == target.colors)


def _make_group(source: FrameSource, kind: str, distance: str, most: int) -> _Group | None:
    """Return the pairs of one source and distance; None if there are none."""
    numbers = [n for n, clip in enumerate(source.clips) if clip.info.source == kind]
    chosen = spread_pairs(source.clips, numbers, distant=distance == "far", most=most)
    if not chosen:
        return None
    pairs = [load_pair(source, pair) for pair in chosen]
    pairs.sort(key=lambda pair: max(len(pair[0]), len(pair[1])))
    batches = [collate(pairs[n : n + BATCH_PAIRS]) for n in range(0, len(pairs), BATCH_PAIRS)]
    baseline = _mean_shares([(nearest_right(ref, target), target.areas) for ref, target in pairs])
    return _Group(f"{kind}/{distance}", batches, baseline)


def _corners(tokens: FrameTokens) -> NDArray[np.float64]:
    """(N, 4) float64: boxes as the position matcher takes them."""
    boxes = tokens.boxes.astype(np.float64)
    center, half = boxes[:, :2], boxes[:, 2:] / 2
    return np.concatenate([center - half, center + half], axis=1)


def _mean_shares(
    frames: Sequence[tuple[NDArray[np.bool_], NDArray[np.integer]]],
) -> tuple[float, float]:
    """Return the share right of all and of large segments, mean over frames that have any."""
    every = [right.mean() for right, _ in frames if len(right)]
    large = [right[area > LARGE_AREA].mean() for right, area in frames if area.max() > LARGE_AREA]
    return float(np.mean(every or [0.0])), float(np.mean(large or [0.0]))
