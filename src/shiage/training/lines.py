"""Training of the network that sees lines."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from shiage.data.dataset import Split
from shiage.data.rough.patches import PatchJob, make_patches, read_patches
from shiage.lines.border_map import lift_off_paper
from shiage.models.line_net import LineNet
from shiage.progress import Progress, no_progress
from shiage.training.logs import RunLog

LAST = "last.pt"
WINDOW = 192
"""Pixels of what is looked at of a patch in one step."""


@dataclass(frozen=True)
class LineTraining:
    """What is asked of a run.

    Attributes:
        folders: datasets of clean drawings.
        run: folder of the run: its patches, log and checkpoint.
        steps: after so many the learning rate has decayed and the run is over.
        batch: windows a step.
        patches: how many patches are made of the datasets.
        validation: patches of validation characters.
        learning_rate: at its highest.
        seed: of weights, patches and their order.
        pause_after: minutes after which it stops cleanly, to be taken up again; 0 = never.
        jobs: processes that make patches.
        save_every: steps between two checkpoints.
    """

    folders: tuple[Path, ...]
    run: Path
    steps: int = 12_000
    batch: int = 12
    patches: int = 12_800
    validation: int = 256
    learning_rate: float = 2e-3
    seed: int = 0
    pause_after: float = 0.0
    jobs: int = 2
    save_every: int = 200


def train_lines(job: LineTraining, progress: Progress = no_progress) -> Path:
    """Train, or go on with, a run; return its checkpoint.

    The same job makes the same weights on one machine, however often it was interrupted.
    """
    asked: tuple[tuple[Split, int], ...] = (("train", job.patches), ("validation", job.validation))
    for split, count in asked:
        make_patches(
            PatchJob(job.folders, job.run / split, count, split, job.seed, job.jobs), progress
        )
    drawings, borders = _load(job.run / "train", job.patches)
    torch.manual_seed(job.seed)
    model = LineNet()
    averaging = get_ema_multi_avg_fn(0.998)  # type: ignore[no-untyped-call]
    averaged = AveragedModel(model, multi_avg_fn=averaging, use_buffers=True)
    optimizer = torch.optim.AdamW(model.parameters(), job.learning_rate, weight_decay=1e-3)
    step = _resume(job.run / LAST, model, averaged, optimizer)
    began, running = time.monotonic(), 0.0
    with RunLog(job.run, step) as log:
        while step < job.steps:
            rng = np.random.default_rng((job.seed, 1, step))
            seen, truth = _window(drawings, borders, job.batch, rng)
            for group in optimizer.param_groups:
                group["lr"] = job.learning_rate * _rate(step, job.steps)
            model.train()
            loss = border_loss(model(seen), truth)
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            averaged.update_parameters(model)
            step += 1
            running += loss.item()
            progress("steps", step, job.steps)
            if step % job.save_every == 0 or step == job.steps:
                row = {"loss": running / job.save_every}
                if step % (5 * job.save_every) == 0 or step == job.steps:
                    row |= validate(averaged.module, job.run / "validation", job.validation)
                log.add(step, row)
                running = 0.0
                _save(job.run / LAST, model, averaged, optimizer, step)
                if job.pause_after and time.monotonic() - began > 60 * job.pause_after:
                    break
    return job.run / LAST


def border_loss(logits: Tensor, truth: Tensor) -> Tensor:
    """Return cross-entropy plus one less the overlap of Dice.

    Args:
        logits: (B, 1, H, W).
        truth: (B, 1, H, W) in [0, 1].
    """
    weight = torch.tensor(2.0)
    entropy = functional.binary_cross_entropy_with_logits(logits, truth, pos_weight=weight)
    shown = torch.sigmoid(logits)
    both, each = (shown * truth).sum((2, 3)), (shown + truth).sum((2, 3))
    return entropy + (1 - (2 * both + 1) / (each + 1)).mean()


def validate(model: torch.nn.Module, folder: Path, count: int) -> dict[str, float]:
    """Return the loss on patches of validation characters, and how well borders are found.

    `precision` is the share of what is found that lies on a border, or within a pixel of one;
    `recall` the share of borders that is found as closely.
    """
    drawings, borders = _load(folder, count)
    model.eval()
    losses, found, right, true, hit = [], 0, 0, 0, 0
    with torch.no_grad():
        for at in range(0, len(drawings), 16):
            seen, truth = _prepare(drawings[at : at + 16], borders[at : at + 16])
            logits = model(seen)
            losses.append(border_loss(logits, truth).item())
            shown, there = logits > 0, truth > 0.5
            near = functional.max_pool2d(there.float(), 3, 1, 1) > 0
            wide = functional.max_pool2d(shown.float(), 3, 1, 1) > 0
            found, right = found + int(shown.sum()), right + int((shown & near).sum())
            true, hit = true + int(there.sum()), hit + int((there & wide).sum())
    return {
        "val_loss": float(np.mean(losses)),
        "precision": right / max(found, 1),
        "recall": hit / max(true, 1),
    }


def load_line_net(checkpoint: Path) -> LineNet:
    """Return the averaged network of a run, in evaluation mode."""
    model = LineNet()
    model.load_state_dict(torch.load(checkpoint, weights_only=True)["averaged"])
    return model.eval()


def _load(folder: Path, count: int) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    parts = list(_first(folder, count))
    return np.concatenate([d for d, _ in parts]), np.concatenate([b for _, b in parts])


def _first(folder: Path, count: int) -> Iterator[tuple[NDArray[np.uint8], NDArray[np.uint8]]]:
    for drawings, borders in read_patches(folder):
        if count <= 0:
            return
        yield drawings, borders
        count -= len(drawings)


def _window(
    drawings: NDArray[np.uint8], borders: NDArray[np.uint8], count: int, rng: np.random.Generator
) -> tuple[Tensor, Tensor]:
    """Return windows of random patches, turned, mirrored, lighter or darker, hues exchanged."""
    shown, true = [], []
    for _ in range(count):
        number = int(rng.integers(len(drawings)))
        y, x = rng.integers(0, drawings.shape[1] - WINDOW + 1, 2)
        view = np.s_[y : y + WINDOW, x : x + WINDOW]
        drawing, border = drawings[number][view], borders[number][view]
        turns, mirrored = int(rng.integers(4)), rng.random() < 0.5
        drawing, border = np.rot90(drawing, turns), np.rot90(border, turns)
        if mirrored:
            drawing, border = drawing[:, ::-1], border[:, ::-1]
        shown.append(drawing[..., rng.permutation(3)])
        true.append(border)
    seen, truth = _prepare(np.stack(shown), np.stack(true))
    gain = torch.from_numpy(rng.uniform(0.7, 1.2, (count, 1, 1, 1)).astype(np.float32))
    return (seen * gain).clamp(0, 1), truth


def _prepare(drawings: NDArray[np.uint8], borders: NDArray[np.uint8]) -> tuple[Tensor, Tensor]:
    """Return what the network sees of drawings (B, H, W, 3), and truth (B, 1, H, W)."""
    seen = np.stack([lift_off_paper(np.ascontiguousarray(drawing)) for drawing in drawings])
    return torch.from_numpy(seen), torch.from_numpy(borders[:, None] / np.float32(255))


def _rate(step: int, steps: int) -> float:
    """Return the learning rate's share of its highest: warm-up, then half a cosine."""
    return min(1.0, (step + 1) / 200) * (0.5 + 0.5 * float(np.cos(np.pi * step / steps)) * 0.98)


def _save(path: Path, model: Any, averaged: Any, optimizer: Any, step: int) -> None:
    state = {
        "model": model.state_dict(),
        "averaged": averaged.module.state_dict(),
        "count": averaged.n_averaged,
        "optimizer": optimizer.state_dict(),
        "step": step,
    }
    torch.save(state, path.with_suffix(".part"))
    path.with_suffix(".part").replace(path)


def _resume(path: Path, model: Any, averaged: Any, optimizer: Any) -> int:
    """Load a checkpoint if there is one; return its step."""
    if not path.exists():
        return 0
    state = torch.load(path, weights_only=True)
    model.load_state_dict(state["model"])
    averaged.module.load_state_dict(state["averaged"])
    averaged.n_averaged.copy_(state["count"])
    optimizer.load_state_dict(state["optimizer"])
    return int(state["step"])
