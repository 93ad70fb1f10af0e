"""The paper's experiments: the compact model without each of its parts, and on part of the data.

    python benchmarks/ablation.py DATASET --pairs 30000 --seeds 0 1 2

Every variant is trained from random weights on the same number of pairs, which unlike a time does
not depend on what else the machine does, on one core each, two at once by default, then measured on
the test characters of each source by `shiage bench`. Given again, it goes on where it stopped; a
session of its own can be as short as `--pause-after` minutes for each variant. Writes ablation.md
below --out: segments right in percent, mean over the seeds; how much that is more than of the whole
model of the same seed, mean over the characters with its standard error (so it tells how much the
characters differ), and for each seed by itself.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shiage.bench.runner import BenchRow, read_scores

SHIAGE = (sys.executable, "-m", "shiage")
CONFIG = Path(__file__).parent.parent / "configs" / "compact.toml"
SUITES = ("rendered", "procedural", "vector")

VARIANTS: dict[str, tuple[str, ...]] = {
    "whole": (),
    "no-cycle-loss": ("loss.cycle=0",),
    "no-transformer": ("model.use_transformer=false",),
    "no-cross-attention": ("model.use_cross=false",),
    "no-box": ("model.use_box=false",),
    "no-mask": ("model.use_mask=false",),
    "rendered-only": ("data.weights.procedural=0", "data.weights.vector=0"),
    "drawn-only": ("data.weights.rendered=0",),
    "superglue": ("model.sinkhorn=50",),
    "color-loss-only": ("loss.cycle=0", "loss.region=0"),
    "no-region-loss": ("loss.region=0",),
    "no-color-loss": ("loss.color=0",),
    "no-line-color": ("model.use_color=false",),
    "no-context": ("model.use_context=false",),
}
"""What each variant sets otherwise. `drawn-only` is procedural characters and vector art."""


def train(variant: str, seed: int, options: argparse.Namespace) -> dict[str, Any]:
    """Train a variant, or go on with it, and return what became of that."""
    run = options.out / f"{variant}-{seed}"
    settings = (f"run.seed={seed}", "run.threads=1", "run.workers=1", *VARIANTS[variant])
    command = [*SHIAGE, "train", "--run", str(run), "--json"]
    if (run / "config.toml").exists():
        command += ["--resume"]
    else:
        command += ["--config", str(CONFIG), "--data", str(options.data)]
        settings = (f"run.pairs={options.pairs}", *settings)
        command += [word for setting in settings for word in ("--set", setting)]
    if options.pause_after:
        command += ["--pause-after", str(options.pause_after)]
    print(f"training {run.name}", flush=True)
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    record: dict[str, Any] = json.loads(done.stdout)
    return record


def measure(runs: Sequence[str], options: argparse.Namespace) -> list[BenchRow]:
    """Return how all variants do on all sources."""
    out = options.out / "bench"
    command = [*SHIAGE, "bench", "run", "--data", str(options.data), "--out", str(out)]
    command += ["--clips", str(options.clips), "--quiet"]
    command += [word for suite in SUITES for word in ("--suite", suite)]
    command += [word for run in runs for word in ("--matcher", str(Path(run, "best.pt")))]
    subprocess.run(command, check=True)
    return read_scores(out)


def by_character(rows: list[BenchRow], matcher: str) -> NDArray[np.float64]:
    """Return (C,) the share of segments right for each character, mean over protocols, percent."""
    shares: dict[tuple[str, str], list[float]] = {}
    for row in rows:
        if row.matcher == matcher:
            for character, share in row.characters.items():
                shares.setdefault((row.suite, character), []).append(100 * share)
    return np.array([np.mean(shares[key]) for key in sorted(shares)])


def make_table(rows: list[BenchRow], variants: Sequence[str], seeds: Sequence[int]) -> str:
    """Return a line for each variant, compared with the whole model if that is among them."""
    columns = list(dict.fromkeys((row.suite, row.protocol) for row in rows))
    right = {(row.matcher, row.suite, row.protocol): row.scores.accuracy for row in rows}
    heads = ["variant", *(" ".join(column) for column in columns), "difference"]
    heads += [f"seed {seed}" for seed in seeds]
    lines = [heads, ["---", *["---:"] * (len(heads) - 1)]]
    for variant in variants:
        names = [f"{variant}-{seed}" for seed in seeds]
        cells = [f"{100 * np.mean([right[n, *at] for n in names]):.1f}" for at in columns]
        if variant == "whole" or "whole" not in variants:
            cells += [""] * (1 + len(seeds))
        else:
            gains = np.array(
                [
                    by_character(rows, name) - by_character(rows, f"whole-{seed}")
                    for name, seed in zip(names, seeds, strict=True)
                ]
            )
            each = gains.mean(0)
            error = each.std(ddof=1) / len(each) ** 0.5
            cells += [f"{each.mean():+.1f} ± {error:.1f}", *(f"{g.mean():+.1f}" for g in gains)]
        lines.append([variant, *cells])
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def main() -> None:
    """Train and measure."""
    parser = argparse.ArgumentParser()
    parser.add_argument("data", type=Path, help="the standard set")
    parser.add_argument("--out", type=Path, default=Path("runs/ablation"))
    parser.add_argument("--pairs", type=int, default=30_000, help="that each variant learns from")
    parser.add_argument("--pause-after", type=float, help="minutes; train no longer in one go")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0])
    parser.add_argument("--clips", type=int, default=24, help="of each source, to measure on")
    parser.add_argument("--jobs", type=int, default=2, help="variants at once")
    parser.add_argument("--only", choices=VARIANTS, action="append", help="variant; repeatable")
    options = parser.parse_args()
    variants = options.only or list(VARIANTS)
    chosen = [(name, seed) for seed in options.seeds for name in variants]
    with ThreadPoolExecutor(options.jobs) as pool:
        records = list(pool.map(lambda item: train(item[0], item[1], options), chosen))
    if any(record["ended"] == "paused" for record in records):
        sys.exit("training was paused; give the command again to go on")
    rows = measure([record["run"] for record in records], options)
    table = make_table(rows, variants, options.seeds)
    (options.out / "ablation.md").write_text(table, encoding="utf-8")
    print(table)


if __name__ == "__main__":
    main()
