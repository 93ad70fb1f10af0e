"""Training of the tiny network that says whether two pieces of a drawing are one part.

Pieces of rough drawings whose parts are known are joined with what was learned so far; the pairs
met on the way are what is learned from next, so that it knows large pieces as well as small ones.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from shiage.data.dataset import BACKGROUND, Split, list_clips, read_clip
from shiage.data.rough import ROUGH, draw_again
from shiage.data.rough.patches import cut_short
from shiage.lines.border_map import LineSight, see_borders
from shiage.lines.lineart import extract_lineart
from shiage.lines.parting import FEATURES, Pieces, Score, Table, describe, find_pieces, join_pieces
from shiage.progress import Progress, no_progress
from shiage.structures import BoolMap

HIDDEN = 24
ROUNDS = 3
STEPS = 2500
BATCH = 2048

EDGE_SHARE = 0.4
"""Share of drawings whose lines end short of an edge of the picture."""

FARTHEST = -1.0
"""Pieces are joined as far as this sureness to see what is met on the way."""

MOST_AT_ONCE = 16
"""Of a piece's neighbors at most so many are learned from: the paper has hundreds."""

PURE = 0.8
"""Nothing is learned from pieces of which less than this share is one part."""


class JoinNet(nn.Module):
    """Pairs of pieces (n, F) → how sure it is that they are one part (n, 1), logits."""

    middle: Tensor
    spread: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("middle", torch.zeros(FEATURES))
        self.register_buffer("spread", torch.ones(FEATURES))
        self.layers = nn.Sequential(
            nn.Linear(FEATURES, HIDDEN),
            nn.ReLU(),
            nn.Linear(HIDDEN, HIDDEN),
            nn.ReLU(),
            nn.Linear(HIDDEN, 1),
        )

    def forward(self, pairs: Tensor) -> Tensor:
        """(n, F) → (n, 1)."""
        sureness: Tensor = self.layers((pairs - self.middle) / self.spread)
        return sureness

    def score(self, pairs: Table) -> Table:
        """(n,) float64, as `parting.join_pieces` asks for it."""
        with torch.inference_mode():
            sureness = self(torch.from_numpy(pairs.astype(np.float32)))[:, 0]
        return np.asarray(sureness.numpy(), np.float64)


@dataclass(frozen=True, eq=False)
class Known:
    """Pieces of a rough drawing, and how many pixels of each part lie in each (n, P)."""

    pieces: Pieces
    parts: Table


@dataclass(frozen=True, eq=False)
class Met:
    """Pairs that were met: features (n, F), whether they are one part (n,), weights (n,)."""

    pairs: Table
    same: BoolMap
    weight: Table


def train_joining(
    folders: Sequence[Path],
    sight: LineSight,
    drawings: int = 140,
    seed: int = 0,
    progress: Progress = no_progress,
) -> JoinNet:
    """Return a trained network.

    Args:
        folders: datasets of clean drawings, with train characters.
        sight: sees borders.
        drawings: how many are drawn anew to learn from.
        seed: of drawings, weights and their order.
        progress: called with drawings done.
    """
    known = []
    for number, one in enumerate(draw_known(folders, "train", drawings, seed, sight)):
        known.append(one)
        progress("drawings", number + 1, drawings)
    met = [all_pairs(one) for one in known]
    model = _fit(met, seed)
    for _ in range(ROUNDS):
        met += [pairs_on_the_way(one, model.score, seed) for one in known if len(one.pieces.pairs)]
        model = _fit(met, seed)
    return model


def draw_known(
    folders: Sequence[Path], split: Split, count: int, seed: int, sight: LineSight
) -> Iterator[Known]:
    """Yield pieces of rough drawings of a split, level after level, spread over the clips."""
    clips = [info.folder for folder in folders for info in list_clips(folder, split)]
    order = np.random.default_rng(seed).permutation(len(clips))
    for number in range(count):
        frame = read_clip(clips[order[number % len(clips)]]).frames[0]
        rng = np.random.default_rng((seed, 2, number))
        rough = draw_again(frame, ROUGH[number % len(ROUGH)], rng)
        if rng.random() < EDGE_SHARE:
            cut_short(rough.rgb, rng)
        rgba_u8 = rough.rgba_u8
        rgb, ink = np.ascontiguousarray(rgba_u8[..., :3]), extract_lineart(rgba_u8).ink
        pieces = find_pieces(see_borders(rgb, ink, sight).border)
        paper = [n for n, region in enumerate(frame.regions, start=1) if region == BACKGROUND]
        parts = np.where(np.isin(rough.labels, paper), 0, rough.labels)
        yield Known(pieces, count_parts(pieces, parts))


def count_parts(pieces: Pieces, parts: NDArray[np.integer[Any]]) -> Table:
    """(n, P) float64: how many pixels of each part (H, W) lie in each piece (h, w)."""
    height, width = pieces.labels.shape
    small = cv2.resize(parts.astype(np.float32), (width, height), interpolation=cv2.INTER_NEAREST)
    count, most = len(pieces.area), int(small.max()) + 1
    key = pieces.labels.astype(np.int64) * most + small.astype(np.int64)
    shares = np.bincount(key.ravel(), minlength=count * most).reshape(count, most)
    return shares.astype(np.float64)


def all_pairs(known: Known) -> Met:
    """Return all pairs of pieces that meet, before anything is joined."""
    pieces, part = known.pieces, known.parts.argmax(axis=1)
    one, two = pieces.pairs.T
    pairs = describe(pieces.borders, (pieces.area, pieces.depth, pieces.rim), one, two)
    lost = np.minimum(pieces.area[one], pieces.area[two])
    same = part[one] == part[two]
    return Met(pairs, same, _weigh(lost, same, known))


def pairs_on_the_way(known: Known, score: Score, seed: int) -> Met:
    """Return the pairs that are met while pieces are joined by a score."""
    asked: list[Table] = []

    def listen(pairs: Table) -> Table:
        asked.append(pairs)
        return score(pairs)

    joining = join_pieces(known.pieces, listen, FARTHEST)
    parts, area = known.parts.copy(), known.pieces.area.copy()
    beside: list[dict[int, None]] = [{} for _ in area]
    for one, two in known.pieces.pairs.tolist():
        beside[one][two] = beside[two][one] = None
    rng, found, at = np.random.default_rng(seed), [all_pairs(known)], 1
    for kept, gone in joining.into.tolist():
        del beside[kept][gone], beside[gone][kept]
        parts[kept] += parts[gone]
        area[kept] += area[gone]
        for other in beside[gone]:  # in the order in which `join_pieces` asks for them
            del beside[other][gone]
            beside[kept][other] = beside[other][kept] = None
        beside[gone] = {}
        others = np.array(list(beside[kept]), np.int64)
        if not len(others):
            continue
        same = parts[others].argmax(axis=1) == parts[kept].argmax()
        pure = parts[kept].max() >= PURE * parts[kept].sum()
        lost = np.minimum(area[kept], area[others]) * pure
        some = rng.permutation(len(others))[:MOST_AT_ONCE]
        weight = _weigh(lost[some], same[some], known)
        found.append(Met(asked[at][some], same[some], weight))
        at += 1
    return Met(*(np.concatenate(parts) for parts in zip(*map(_unpack, found), strict=True)))


def _unpack(met: Met) -> tuple[Table, BoolMap, Table]:
    return met.pairs, met.same, met.weight


def _weigh(lost: Table, same: BoolMap, known: Known) -> Table:
    """(n,): what joining two parts costs grows with what is lost; a piece too many is one click."""
    share = lost / max(known.parts[:, 1:].sum(), 1)
    wrong = np.where(same, 0, 3 * np.minimum(share, 0.5))
    return np.where(lost > 0, 0.05 + 0.5 * np.sqrt(share) + wrong, 0)


def _fit(met: Sequence[Met], seed: int) -> JoinNet:
    pairs = np.concatenate([m.pairs for m in met]).astype(np.float32)
    same = torch.from_numpy(np.concatenate([m.same for m in met]).astype(np.float32))
    weight = np.concatenate([m.weight for m in met]).astype(np.float32)
    weights = torch.from_numpy(weight / weight.mean())
    torch.manual_seed(seed)
    model, seen = JoinNet(), torch.from_numpy(pairs)
    model.middle.copy_(seen.mean(0))
    model.spread.copy_(seen.std(0) + 1e-6)
    optimizer = torch.optim.AdamW(model.parameters(), 3e-3, weight_decay=1e-3)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, STEPS)
    for _ in range(STEPS):
        some = torch.randint(len(seen), (BATCH,))
        losses = functional.binary_cross_entropy_with_logits(
            model(seen[some])[:, 0], same[some], reduction="none"
        )
        optimizer.zero_grad()
        (losses * weights[some]).mean().backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        schedule.step()
    return model.eval()
