"""Scores, and how time and memory grow, as pictures."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from shiage.bench.metrics import SAFE
from shiage.bench.runner import BenchRow
from shiage.bench.scaling import SEGMENTS, ScalingPoint, exponents, group_points


def draw_scores(rows: Sequence[BenchRow], path: Path) -> None:
    """Write a picture: what is right, how honest confidence is, and what it saves.

    A line of panels for each suite and protocol: segments right by matcher; confidence beside the
    share right; and the share right of the surest segments, by how many of them are taken.

    Args:
        rows: of a benchmark.
        path: PNG file, replaced if it is there.
    """
    groups = list(dict.fromkeys((row.suite, row.protocol) for row in rows))
    matchers = list(dict.fromkeys(row.matcher for row in rows))
    colors = {name: f"C{n}" for n, name in enumerate(matchers)}
    figure = Figure(figsize=(12, 3.4 * len(groups)), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots(len(groups), 3, squeeze=False)
    for (suite, protocol), (bars, honest, saves) in zip(groups, axes, strict=True):
        chosen = [row for row in rows if (row.suite, row.protocol) == (suite, protocol)]
        shares = [row.scores.accuracy or 0 for row in chosen]
        names = [row.matcher for row in chosen]
        drawn = bars.barh(names, shares, color=[colors[name] for name in names])
        bars.bar_label(drawn, [f"{share:.1%}" for share in shares], padding=2, fontsize="small")
        bars.set(title=f"{suite}, {protocol}", xlabel="segments right", xlim=(0, 1.15))
        bars.invert_yaxis()
        for row in chosen:
            steps = [step for step in row.reliability if step[0]]
            sure, right = [step[1] for step in steps], [step[2] for step in steps]
            honest.plot(sure, right, "o-", color=colors[row.matcher], label=row.matcher)
            share = np.linspace(0, 1, len(row.precision) + 1)[1:]
            saves.plot(share, row.precision, color=colors[row.matcher])
        honest.plot([0, 1], [0, 1], color="0.7", linestyle=":")
        honest.set(xlabel="confidence", ylabel="share right", xlim=(0, 1), ylim=(0, 1))
        honest.legend(fontsize="small")
        saves.axhline(SAFE, color="0.7", linestyle=":")
        saves.set(xlabel="surest share of segments", ylabel="share right of them", xlim=(0, 1))
        for panel in (honest, saves):
            panel.grid(alpha=0.3)
    figure.savefig(path, dpi=110)


def draw_scaling(points: Sequence[ScalingPoint], path: Path) -> None:
    """Write a log-log picture of time and memory, exponents beside the names.

    Args:
        points: as measured.
        path: PNG file, replaced if it is there.
    """
    figure = Figure(figsize=(10, 7), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots(2, 2)
    powers = exponents(points)
    for (matcher, against), row in group_points(points).items():
        column = 0 if against == SEGMENTS else 1
        sizes = [point.size for point in row]
        for line, name in enumerate(("seconds", "megabytes")):
            power = powers[matcher, against][line]
            panel = axes[line][column]
            label = f"{matcher}: size to the {power:.2f}"
            panel.loglog(sizes, [getattr(point, name) for point in row], "o-", label=label)
            panel.set(xlabel=f"{against} of each drawing", ylabel=name)
            panel.grid(alpha=0.3, which="both")
            panel.legend(fontsize="small")
    figure.savefig(path, dpi=110)
