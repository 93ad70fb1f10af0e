"""Faults planted into painted cuts: how many the checks find, and what else they tell.

    python benchmarks/checks.py [--cuts 3] [--faults 6] [--demo 20] [--faithful 2] [--clips DIR...]

Each cut is a figure walking, five cels, drawn and painted in colors of its own for each seed; see
`tests/checks/planting.py`. Told are, by kind, faults found / planted / findings of no fault; then
what is found in cuts without a fault that are painted as other programs paint, see
`tests/checks/faithful.py`.
`--cuts 0 --demo 0` tells these alone. `--clips` tells the same of other clips (folders that hold
`line` and `color`), of a few of their cels, on both papers, with nothing known of their colors.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from itertools import product
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.checks.faithful import (
    GRAY,
    LINES,
    WAYS,
    Layers,
    draw_layers,
    paint_faithfully,
    spread,
)
from tests.checks.planting import (
    INK,
    PLANTS,
    STYLES,
    Fault,
    Generator,
    PaintedDrawing,
    Rgb,
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
from shiage.structures import BoolMap


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
    parser.add_argument("--faithful", type=int, default=2, help="cuts painted in others' ways")
    parser.add_argument("--clips", type=Path, nargs="+", default=[], help="folders of clips")
    args = parser.parse_args()
    cv2.setNumThreads(1)
    if args.cuts:
        tell_planted(args.cuts, args.faults)
    if args.demo:
        tell_demo(args.demo, args.faults)
    if args.faithful:
        tell_faithful(args.faithful)
    if args.clips:
        tell_clips(args.clips)


def tell_planted(cuts: int, count: int) -> None:
    """Print what is found of faults planted in cuts that shiage painted."""
    kinds = ["clean", *PLANTS, "flicker", "references", "files"]
    told: list[Kind] = list(KINDS)
    total: dict[str, Counter[str]] = {kind: Counter() for kind in told}
    print("| lines | " + " | ".join(kinds) + " |")
    print("|---" * (len(kinds) + 1) + "|")
    for name, style in STYLES.items():
        cells = [table_cell(kind, style, cuts, count, total) for kind in kinds]
        print(f"| {name} | " + " | ".join(cells) + " |", flush=True)
    print("\n| kind | found | planted | false |\n|---|---|---|---|")
    for kind in told:
        row = total[kind]
        print(f"| {kind} | {row['found']} | {row['planted']} | {row['false']} |")


def tell_faithful(cuts: int) -> None:
    """Print what is found in cuts without a fault, by their lines and the way they are painted."""
    print("\nFound where nothing is wrong | " + " | ".join(WAYS) + " |")
    print("|---" * (len(WAYS) + 1) + "|")
    for name, style in LINES.items():
        drawn = [draw_layers(style, seed) for seed in range(cuts)]
        print(
            f"| {name} | " + " | ".join(count_false(way, drawn) for way in WAYS) + " |", flush=True
        )


def tell_clips(folders: Sequence[Path]) -> None:
    """Print what is found in clips without a fault: each of their lines, however they are made."""
    settings = [("nothing", False), ("nothing", True)]
    print("\nFound where nothing is wrong | " + " | ".join(WAYS) + " |")
    print("|---" * (len(WAYS) + 1) + "|")
    for folder, lines, (name, ink) in product(
        folders, ("as drawn", "hard", "soft", "softer"), {"": INK, ", gray": GRAY}.items()
    ):
        cut = clip_layers(folder, lines, ink, most=3)
        if lines == "as drawn" and any(cel.traces[..., 3].any() for cel in cut):
            continue  # the rims of traces cannot be told from those of lines
        cells = [count_false(way, [cut], settings) for way in WAYS]
        print(f"| {folder.name}, {lines}{name} ({len(cut)}) | " + " | ".join(cells) + " |",
              flush=True)  # fmt: skip


SETTINGS = [("nothing", False), ("palette", True), ("key", False)]
"""What is known of a cut, and whether its paper is transparent, and with 16 bits then."""


def count_false(
    way: str, cuts: Sequence[Sequence[Layers]], settings: Sequence[tuple[str, bool]] = SETTINGS
) -> str:
    """Return how much is found in cuts painted in a way."""
    found = 0
    for cut, (known, clear) in product(cuts, settings):
        cels = [paint_faithfully(cel, WAYS[way], clear, deep=clear) for cel in cut]
        with tempfile.TemporaryDirectory() as folder:
            save_cut(Path(folder), cels)
            keys = [Path(folder) / "painted" / f"{cels[0].name}.png"] if known == "key" else []
            palette = cels[0].palette if known == "palette" else None
            result = check(Path(folder), palette, keys, "ant" if known == "key" else None)
        found += result.count()
    return str(found)


def clip_layers(folder: Path, lines: str, ink: Rgb, most: int | None = None) -> list[Layers]:
    """Return every fifth cel of a clip as layers, with some kind of lines, in some ink."""
    cels = []
    for path in sorted((folder / "line").glob("*.png"))[::5][:most]:
        drawing = read_picture(path).rgba_u8
        painting = read_picture(folder / "color" / path.name).rgba_u8
        reference, palette = build_reference(path.stem, painting, drawing, Palette())
        lineart, labels = reference.lineart, reference.segments.labels
        fills = np.vstack([np.zeros((1, 4), np.uint8), palette.rgba_u8[reference.color_ids]])
        paint = spread(fills[labels], labels > 0)[0]
        pens = spread(drawing, lineart.trace > 0)[0] if lineart.trace.any() else drawing
        inks = np.broadcast_to(np.array(ink), pens[..., :3].shape)
        traced = lineart.trace > 0
        black = cover(lineart.ink & ~traced, lines)
        if lines == "as drawn":
            black = np.where(traced, 0, lineart.coverage / 255.0)
        cels.append(
            Layers(
                path.stem,
                np.dstack([inks / 255.0, black]),
                np.dstack([pens[..., :3] / 255.0, cover(traced, lines)]),
                paint,
            )
        )
    return cels


def cover(mask: BoolMap, lines: str) -> NDArray[np.float64]:
    """(H, W) float64 in 0..1: a mask of hard lines, or soft ones of about their width."""
    whole = mask.astype(np.float64)
    blur = {"soft": 0.6, "softer": 1.0}.get(lines)
    if blur is None:
        return whole
    blurred = cv2.GaussianBlur(whole, (0, 0) if lines == "softer" else (3, 3), blur)
    return np.asarray(np.clip(blurred * 1.25, 0, 1))


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
