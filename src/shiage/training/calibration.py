"""How sure a model may be: the temperature of its softmax, and how confidence compares with truth.

Similarities are divided by the temperature before their softmax (Guo et al., "On Calibration of
Modern Neural Networks", ICML 2017, arXiv 1706.04599). It is chosen on characters that were not
learned from, so that of the segments painted with a confidence of 0.8, eight in ten are right.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import torch
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from torch import Tensor

from shiage.bench.metrics import Reliability
from shiage.data.augment import AugmentSettings
from shiage.data.dataset import Split
from shiage.matching.protocol import color_shares, softmax_rows
from shiage.models.ant import Ant
from shiage.structures import Floats, Ints
from shiage.training.frames import AS_DRAWN, FrameSource, find_clips
from shiage.training.pairs import spread_pairs

TEMPERATURES = (0.2, 5.0)
"""The range that is searched."""

TINY = 1e-6
"""Confidence is kept this far from 0 and 1 before logarithms are taken."""


@dataclass(frozen=True, eq=False)
class MatchedPair:
    """What a model says of one pair of frames, and the truth.

    Attributes:
        similarity: (N, M) float64.
        ref_ids: (M,) int32, color of each reference segment, numbered within the pair.
        target_ids: (N,) int32, true color of each target segment.
    """

    similarity: NDArray[np.float64]
    ref_ids: Ints
    target_ids: Ints


def match_pairs(model: Ant, folders: Sequence[Path], split: Split, most: int) -> list[MatchedPair]:
    """Return what a model says of pairs as drawn, near and distant ones of each source.

    Args:
        model: on the CPU, in evaluation mode.
        folders: datasets.
        split: whose characters.
        most: pairs by source and distance, at most.

    Raises:
        DatasetError: there is no clip of the split, or a damaged one.
    """
    clips = find_clips(folders, split)
    source = FrameSource(clips, AugmentSettings.none(), crop_size=model.config.crop_size)

    @lru_cache(maxsize=64)  # pairs come clip by clip, and a frame is in up to four
    def encode(clip: int, frame: int) -> tuple[Ints, Tensor]:
        tokens = source.load(clip, frame, AS_DRAWN)
        crops, boxes = torch.from_numpy(tokens.crops), torch.from_numpy(tokens.boxes)
        with torch.inference_mode():
            return tokens.colors, model.encode_segments(crops, boxes)[None]

    matched = []
    for kind in sorted({clip.info.source for clip in clips}):
        numbers = [n for n, clip in enumerate(clips) if clip.info.source == kind]
        for distant in (False, True):
            for pair in spread_pairs(clips, numbers, distant=distant, most=most):
                ref_colors, ref = encode(pair.clip, pair.ref[0])
                target_colors, target = encode(pair.clip, pair.target[0])
                with torch.inference_mode():
                    similarity = model.compare(ref, target)[0]
                colors = np.concatenate([ref_colors, target_colors])
                ids = np.unique(colors, return_inverse=True)[1].astype(np.int32)
                scores = similarity.numpy().astype(np.float64)
                matched.append(MatchedPair(scores, *np.split(ids, [len(ref_colors)])))
    return matched


def judge(
    pairs: Sequence[MatchedPair], temperature: float
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Return of all target segments the confidence of their likeliest color, and if it is right."""
    sure, right = [], []
    for pair in pairs:
        shares: Floats = color_shares(softmax_rows(-pair.similarity, temperature), pair.ref_ids)
        sure.append(shares.max(axis=1).astype(np.float64))
        right.append(shares.argmax(axis=1) == pair.target_ids)
    return np.clip(np.concatenate(sure), 0, 1), np.concatenate(right)


def fit_temperature(pairs: Sequence[MatchedPair]) -> float:
    """Return the temperature by which confidence tells best what is right, by its log-likelihood.

    Segments whose color the reference lacks count, too: they are wrong whatever is said.
    """

    def surprise(log_temperature: float) -> float:
        sure, right = judge(pairs, float(np.exp(log_temperature)))
        sure = np.clip(sure, TINY, 1 - TINY)
        return float(-np.log(np.where(right, sure, 1 - sure)).mean())

    low, high = np.log(TEMPERATURES)
    found = minimize_scalar(surprise, bounds=(low, high), method="bounded", options={"xatol": 1e-3})
    return round(float(np.exp(found.x)), 3)


def draw_reliability(rows: dict[str, Reliability], path: Path) -> None:
    """Write a picture of confidence beside truth.

    Args:
        rows: by what they are called.
        path: PNG file, replaced if it is there.
    """
    figure = Figure(figsize=(5, 5), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots()
    axes.plot([0, 1], [0, 1], color="0.7", linestyle=":")
    for name, row in rows.items():
        known = row.counts > 0
        label = f"{name} (error {row.error:.1%})"
        axes.plot(row.confidence[known], row.right[known], "o-", label=label)
    axes.set(xlabel="confidence", ylabel="share right", xlim=(0, 1), ylim=(0, 1))
    axes.grid(alpha=0.3)
    axes.legend(fontsize="small")
    figure.savefig(path, dpi=110)
