"""A checkpoint becomes a model to paint with: calibrated, measured, written with its card."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import msgspec

from shiage.bench.contenders import find_contender
from shiage.bench.metrics import Reliability, measure_reliability
from shiage.bench.protocols import parse_protocol
from shiage.bench.runner import BenchJob, run_bench
from shiage.bench.suites import spread_evenly
from shiage.data.dataset import ClipInfo, Split, list_clips
from shiage.matching.onnx import ModelCard
from shiage.models.checkpoints import load_model
from shiage.models.export import export_onnx, write_card
from shiage.progress import Progress, no_progress
from shiage.training.calibration import (
    draw_reliability,
    fit_temperature,
    judge,
    match_pairs,
)

LIMITS = (
    "It chooses among the segments of the reference: what the reference does not show comes out "
    "wrong, with low confidence at best. It was trained on {sources} clips, and knows little of "
    "what those do not show."
)

MEASURED: tuple[Split, ...] = ("validation", "test")

MEASURED_BY = ("next", "half", "cut-2")
"""What the model is asked; see `shiage.bench.protocols`."""


@dataclass(frozen=True)
class ShippingJob:
    """What is asked of an export.

    Attributes:
        checkpoint: of `shiage train`.
        folders: datasets with validation characters, to calibrate and measure on; test characters
            are measured on, too, where there are any.
        card: where the card is written; the graphs lie beside it.
        license: of the weights.
        plot: PNG file for confidence beside truth; None draws none.
        most: pairs by source and distance to fit on, and about how many frames to measure on.
    """

    checkpoint: Path
    folders: Sequence[Path]
    card: Path
    license: str = "Apache-2.0"
    plot: Path | None = None
    most: int = 200


def ship(job: ShippingJob, progress: Progress = no_progress) -> ModelCard:
    """Write the model of a checkpoint with its card, and return the card.

    The temperature is fitted on validation characters; nothing is chosen by test characters.

    Raises:
        UnreadableFile: the checkpoint is missing or damaged.
        DatasetError: there is no clip of a validation character, or a damaged one.
        WriteFailed: a file could not be written.
    """
    model, checkpoint = load_model(job.checkpoint)
    splits = [s for s in MEASURED if any(list_clips(folder, s) for folder in job.folders)]
    pairs = match_pairs(model, job.folders, "validation", job.most)
    temperature = fit_temperature(pairs)
    before, after = (measure_reliability(*judge(pairs, t)) for t in (1.0, temperature))
    config = {k: v for k, v in checkpoint.config.items() if k != "model"}
    # A card travels: no paths of the machine that trained it.
    config["data"] = {k: v for k, v in config["data"].items() if k not in ("folders", "cache")}
    config["run"] = {**config["run"], "start": Path(config["run"]["start"]).name}
    clips = [info for folder in job.folders for info in list_clips(folder, "train")]
    counts = dict(sorted(Counter(info.source for info in clips).items()))
    details: dict[str, Any] = {
        "commit": checkpoint.commit,
        "training": {
            "pairs": checkpoint.progress.pairs,
            "minutes": round(checkpoint.progress.minutes, 1),
            "clips": counts,
            "settings": config,
        },
        "metrics": {},
        "license": job.license,
        "credits": list_credits(clips),
        "limits": LIMITS.format(sources=" and ".join(counts)),
        "temperature": temperature,
    }
    card = export_onnx(model, job.card, details)
    metrics: dict[str, Any] = {
        "calibration": {"before": _plain(before), "after": _plain(after), "pairs": len(pairs)}
    }
    metrics |= {split: _measure(job, split, progress) for split in splits}
    card = msgspec.structs.replace(card, metrics=metrics)
    write_card(job.card, card)
    if job.plot is not None:
        draw_reliability({"temperature 1": before, f"temperature {temperature}": after}, job.plot)
    return card


def _measure(job: ShippingJob, split: Split, progress: Progress) -> list[dict[str, Any]]:
    """Return how right the exported model is on the characters of a split."""
    suites: dict[str, list[ClipInfo]] = {}
    for folder in job.folders:
        for clip in list_clips(folder, split):
            suites.setdefault(clip.source, []).append(clip)
    for source, clips in suites.items():
        frames = max(len(clip.frames) for clip in clips)
        suites[source] = spread_evenly(clips, math.ceil(job.most / frames))
    protocols = [parse_protocol(name) for name in MEASURED_BY]
    with TemporaryDirectory() as out:
        asked = BenchJob(Path(out), suites, [find_contender(f"ant={job.card}")], protocols)
        return [
            {
                "source": row.suite,
                "protocol": row.protocol,
                "frames": row.frames,
                "scores": asdict(row.scores),
                "trust": asdict(row.trust),
            }
            for row in run_bench(asked, progress)
        ]


def list_credits(clips: Sequence[ClipInfo]) -> list[str]:
    """Return whose works clips show, and under what license, each once."""
    return sorted({f"{i.source}: {work}" for i in clips for work in i.license.split(" + ")})


def _plain(reliability: Reliability) -> dict[str, Any]:
    """Return confidence beside truth, ready for JSON."""
    return {
        "error": round(reliability.error, 4),
        "segments": reliability.counts.tolist(),
        "confidence": [_rounded(value) for value in reliability.confidence],
        "right": [_rounded(value) for value in reliability.right],
    }


def _rounded(value: float) -> float | None:
    """Return a number for JSON, which has no nan."""
    return None if math.isnan(value) else round(float(value), 4)
