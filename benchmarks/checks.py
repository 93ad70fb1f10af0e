"""Faults planted into painted cuts: how many the checks find, and what else they tell.

    python benchmarks/checks.py [--cuts 3] [--faults 6] [--demo 20]

Each cut is a figure walking, five cels, drawn and painted in colors of its own for each seed; see
`tests/checks/planting.py`. Told are, by kind, faults found / planted / findings of no fault.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.checks.planting import (
    PLANTS,
    STYLES,
    Fault,
    Generator,
    PaintedDrawing,
    Style,
    check,
    compare,
    draw_cut,
    plant,
    plant_files,
    plant_flicker,
    plant_unlike_references,
    save_cut,
    with_stand_in,
)

import shiage.demo
from shiage.checks import CutChecks, Kind, check_cut
from shiage.checks.findings import KINDS
from shiage.colors.palette import Palette
from shiage.files.images import read_picture
from shiage.painting.compose import compose
from shiage.painting.covering import Covering
from shiage.painting.reference import build_reference


def plant_kind(
    kind: str, rng: Generator, cels: Sequence[PaintedDrawing], count: int, folder: Path
) -> tuple[CutChecks, list[Fault]]:
    """Return what the checks say of a cut with faults of a kind, and the faults."""
    palette: Palette | None = cels[0].palette
    faults: list[Fault]
    references: list[Path] = []
    save_cut(folder, cels)
    matcher = None
    if kind in PLANTS:
        planted, faults = plant(kind, rng, cels, count)
        save_cut(folder, planted)
    elif kind == "flicker":
        planted, faults = plant_flicker(rng, cels, int(rng.integers(1, 4)))
        save_cut(folder, planted)
        matcher = "ant"
    elif kind == "references":
        key = replace(cels[0], name="A0001")
        save_cut(folder / "key", [key])
        references = [folder / "key" / "painted" / "A0001.png"]
        planted, faults = plant_unlike_references(rng, cels)
        palette = planted[1].palette
        save_cut(folder, planted)
        matcher = "ant"
    elif kind == "files":
        faults = plant_files(rng, folder, cels)
    else:
        faults = []
        matcher = "ant"
    return check(folder, palette, references, matcher), faults


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--cuts", type=int, default=3)
    parser.add_argument("--faults", type=int, default=6)
    parser.add_argument("--demo", type=int, default=20, help="flickers planted in the demo cut")
    args = parser.parse_args()
    cv2.setNumThreads(1)
    kinds = ["clean", *PLANTS, "flicker", "references", "files"]
    told: list[Kind] = list(KINDS)
    total: dict[str, Counter[str]] = {kind: Counter() for kind in told}
    print("| lines | " + " | ".join(kinds) + " |")
    print("|---" * (len(kinds) + 1) + "|")
    for name, style in STYLES.items():
        cells = [table_cell(kind, style, args.cuts, args.faults, total) for kind in kinds]
        print(f"| {name} | " + " | ".join(cells) + " |", flush=True)
    print("\n| kind | found | planted | false |\n|---|---|---|---|")
    for kind in told:
        row = total[kind]
        print(f"| {kind} | {row['found']} | {row['planted']} | {row['false']} |")
    tell_demo(args.demo, args.faults)


def tell_demo(flickers: int, count: int) -> None:
    """Print the same for the demo cut, which is drawn richly and moves far from cel to cel."""
    demo = Path(shiage.demo.__file__).parent
    print("\nDemo cut | found / planted / false\n|---|---|")
    print(f"| as it is | 0 / 0 / {check_cut(demo, demo / 'color').count()} |", flush=True)
    cels = load_cut(demo)
    with tempfile.TemporaryDirectory() as folder:
        for kind in PLANTS:
            planted, faults = plant(kind, np.random.default_rng(0), cels[::4], count)
            result = check(save_cut(Path(folder), planted), cels[0].palette)
            print(f"| {kind} | {tell_counts(result, faults)} |", flush=True)
    found = wrong = 0
    for seed in range(flickers):
        rng = np.random.default_rng(seed)
        first = int(rng.integers(len(cels) - 4))
        planted, faults = plant_flicker(rng, cels[first : first + 5], 1)
        with tempfile.TemporaryDirectory() as folder:
            result = check(save_cut(Path(folder), planted), matcher="ant")
        missed, false = compare(result, faults)
        found, wrong = found + 1 - len(missed), wrong + len(false)
    print(f"| flicker | {found} / {flickers} / {wrong} |")


def tell_counts(result: CutChecks, faults: Sequence[Fault]) -> str:
    """Return found / planted / false."""
    missed, false = compare(result, faults)
    return f"{len(faults) - len(missed)} / {len(faults)} / {len(false)}"


def load_cut(folder: Path) -> list[PaintedDrawing]:
    """Return a cut of a dataset, painted by shiage in its true colors."""
    palette = Palette()
    cels = []
    for path in sorted((folder / "line").glob("*.png")):
        drawing = read_picture(path).rgba_u8
        reference, palette = build_reference(
            path.stem, read_picture(folder / "color" / path.name).rgba_u8, drawing, palette
        )
        cels.append((path.stem, drawing, reference))
    palette = with_stand_in(palette)
    return [
        PaintedDrawing(
            name, drawing, ref.lineart, ref.segments, ref.color_ids, palette,
            compose(Covering(drawing, ref.lineart), ref.segments.labels, ref.color_ids, palette),
        )
        for name, drawing, ref in cels
    ]  # fmt: skip


def table_cell(
    kind: str, style: Style, cuts: int, count: int, total: dict[str, Counter[str]]
) -> str:
    """Return found / planted / false over several cuts, and add them up by kind of finding."""
    found = planted = wrong = 0
    for seed in range(cuts):
        cels = draw_cut(style, seed)
        with tempfile.TemporaryDirectory() as folder:
            result, faults = plant_kind(
                kind, np.random.default_rng(seed), cels, count, Path(folder)
            )
        missed, false = compare(result, faults)
        for fault in faults:
            total[fault.kind]["planted"] += 1
            total[fault.kind]["found"] += fault not in missed
        for finding in false:
            total[finding.kind]["false"] += 1
        found, planted = found + len(faults) - len(missed), planted + len(faults)
        wrong += len(false)
    return f"{found} / {planted} / {wrong}"


if __name__ == "__main__":
    main()
