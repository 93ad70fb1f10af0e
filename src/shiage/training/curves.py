"""A run's curves as a picture: losses, and validation beside the nearest position."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

CURVES = "curves.png"
BASELINE = "position"
TRAINING = "training/accuracy"


def draw_curves(rows: Sequence[Mapping[str, float]], path: Path) -> None:
    """Write the picture of a log.

    Args:
        rows: as `logs.read_log` gives them; columns "loss/NAME" and
            "validation/SOURCE/DISTANCE/NAME" are drawn, and `TRAINING`.
        path: PNG file, replaced if it is there.
    """
    figure = Figure(figsize=(12, 4.5), layout="constrained")
    FigureCanvasAgg(figure)  # no display, no global state
    loss, accuracy = figure.subplots(1, 2)
    keys = sorted({key for row in rows for key in row})
    for key in (key for key in keys if key.startswith("loss/")):
        _draw(loss, rows, key, key.removeprefix("loss/"))
    loss.set(xlabel="pairs", ylabel="loss", title="losses")
    _draw(accuracy, rows, TRAINING, "training", color="0.6")
    learned = [key for key in keys if key.startswith("validation/") and key.endswith("/accuracy")]
    for number, key in enumerate(learned):
        color, place = f"C{number % 10}", key.rsplit("/", 1)[0]
        _draw(accuracy, rows, key, place.partition("/")[2], color=color)
        _draw(accuracy, rows, f"{place}/{BASELINE}", None, color=color, style=":")
    accuracy.set(xlabel="pairs", ylabel="segments right", ylim=(0, 1))
    accuracy.set_title("validation (dotted: nearest position)")
    for axes in (loss, accuracy):
        axes.grid(alpha=0.3)
        if axes.get_legend_handles_labels()[0]:
            axes.legend(fontsize="small")
    figure.savefig(path, dpi=110)


def _draw(
    axes: Axes,
    rows: Sequence[Mapping[str, float]],
    key: str,
    label: str | None,
    *,
    color: str | None = None,
    style: str = "-",
) -> None:
    """Draw one column over the pairs learned from."""
    points = [(row["pairs"], row[key]) for row in rows if key in row]
    if any(value for _, value in points):  # a loss that is left out is 0 throughout
        axes.plot(*zip(*points, strict=True), style, color=color, label=label, linewidth=1.5)
