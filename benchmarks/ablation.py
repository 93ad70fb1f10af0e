"""The paper's experiments: the compact model without each of its parts, and on part of the data.

    python benchmarks/ablation.py DATASET --pairs 30000

Every variant is trained from random weights on the same number of pairs, which unlike a time does
not depend on what else the machine does, on one core each, two at once by default, then measured on
the test characters of each source by `shiage bench`. Given again, it goes on where it stopped; a
session of its own can be as short as `--pause-after` minutes for each variant. Writes ablation.md
below --out.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

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


def train(variant: str, seed: int, options: argparse.Namespace) -> Path:
    """Train a variant, or go on with it, and return its best checkpoint."""
    run = options.out / f"{variant}-{seed}"
    settings = (f"run.seed={seed}", "run.threads=1", "run.workers=1", *VARIANTS[variant])
    command = [*SHIAGE, "train", "--run", str(run), "--quiet"]
    if (run / "config.toml").exists():
        command += ["--resume"]
    else:
        command += ["--config", str(CONFIG), "--data", str(options.data)]
        settings = (f"run.pairs={options.pairs}", *settings)
        command += [word for setting in settings for word in ("--set", setting)]
    if options.pause_after:
        command += ["--pause-after", str(options.pause_after)]
    print(f"training {run.name}", flush=True)
    subprocess.run(command, check=True)
    return Path(run, "best.pt")


def measure(checkpoints: list[Path], options: argparse.Namespace) -> str:
    """Return a table of all variants on all sources."""
    command = [*SHIAGE, "bench", "run", "--data", str(options.data), "--out"]
    command += [str(options.out / "bench"), "--clips", str(options.clips)]
    command += [word for suite in SUITES for word in ("--suite", suite)]
    command += [word for path in checkpoints for word in ("--matcher", str(path))]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout


def main() -> None:
    """Train and measure."""
    parser = argparse.ArgumentParser()
    parser.add_argument("data", type=Path, help="the standard set")
    parser.add_argument("--out", type=Path, default=Path("runs/ablation"))
    parser.add_argument("--pairs", type=int, default=30_000, help="that each variant learns from")
    parser.add_argument("--pause-after", type=float, help="minutes; train no longer in one go")
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--clips", type=int, default=24, help="of each source, to measure on")
    parser.add_argument("--jobs", type=int, default=2, help="variants at once")
    parser.add_argument("--only", choices=VARIANTS, action="append", help="variant; repeatable")
    options = parser.parse_args()
    chosen = [(name, seed) for seed in range(options.seeds) for name in options.only or VARIANTS]
    with ThreadPoolExecutor(options.jobs) as pool:
        best = list(pool.map(lambda item: train(item[0], item[1], options), chosen))
    table = measure([path for path in best if path.exists()], options)
    (options.out / "ablation.md").write_text(table, encoding="utf-8")
    print(table)


if __name__ == "__main__":
    main()
