"""What goes wrong: errors by kind, and the most confident of them as pictures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import msgspec
import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from shiage.bench.predictions import Prediction, predictions_path, read_predictions
from shiage.bench.protocols import Protocol
from shiage.data.dataset import ClipInfo, Truth, read_clip, read_truth
from shiage.lines.lineart import flatten_on_white

KINDS = ("absent", "tone", "paper", "tiny", "other")
"""Of errors, the first that fits: the true color is in no reference; the part is right and its tone
is not; paper was taken for paint or paint for paper; the segment is of `TINY` pixels at most; all
else."""

TINY = 30

COLUMNS = 4
"""Errors beside each other in the gallery."""

WINDOW = 0.2
"""Least side of what the gallery shows, in units of the drawing's longer side."""

AROUND = 2.5
"""Side of what the gallery shows, in units of the segment's longer side."""


class FailureRow(msgspec.Struct, frozen=True):
    """Errors of one matcher asked one thing of one suite.

    Attributes:
        suite: name of the suite.
        protocol: name of the protocol.
        matcher: name of the matcher.
        segments: painted.
        kinds: errors by kind, see `KINDS`.
        sure: errors by kind of a confidence of 0.9 or more.
    """

    suite: str
    protocol: str
    matcher: str
    segments: int
    kinds: dict[str, int]
    sure: dict[str, int]


@dataclass(frozen=True)
class Failure:
    """A segment painted wrong.

    Attributes:
        clip: its clip.
        frame: name of its frame.
        reference: name of the frame it was painted from.
        row: its row in the frame's segments.
        kind: see `KINDS`.
        confidence: how sure the matcher was.
        said: 0xRRGGBB, the color it got; -1 for none.
    """

    clip: ClipInfo
    frame: str
    reference: str
    row: int
    kind: str
    confidence: float
    said: int


def find_failures(
    out: Path, suite: str, clips: Sequence[ClipInfo], protocol: Protocol, matcher: str
) -> tuple[FailureRow, list[Failure]]:
    """Return errors counted by kind, and each of them, the most confident first.

    Args:
        out: folder of a benchmark.
        suite: name of a suite in it.
        clips: of the suite.
        protocol: what was asked.
        matcher: name of the matcher.
    """
    failures, segments = [], 0
    for clip in clips:
        truth = read_truth(clip.folder)
        path = predictions_path(out, matcher, protocol.name, suite, clip)
        for prediction in read_predictions(path) or []:
            segments += len(prediction.colors)
            failures += list(_find(clip, prediction, truth))
    failures.sort(key=lambda f: (-f.confidence, str(f.clip.folder), f.frame, f.row))
    kinds, sure = (dict.fromkeys(KINDS, 0) for _ in range(2))
    for failure in failures:
        kinds[failure.kind] += 1
        sure[failure.kind] += failure.confidence >= 0.9
    return FailureRow(suite, protocol.name, matcher, segments, kinds, sure), failures


def draw_gallery(failures: Sequence[Failure], path: Path) -> None:
    """Write a picture of errors: what was said of a segment beside what it is.

    Left the reference, right the target as it should be, with a frame around the segment; above
    them confidence and kind, and swatches of the color said and the true one.

    Args:
        failures: not many.
        path: PNG file, replaced if it is there.

    Raises:
        DatasetError: a clip is damaged.
        FileError: a picture could not be read.
    """
    lines = max(1, -(-len(failures) // COLUMNS))
    figure = Figure(figsize=(4 * COLUMNS, 2.4 * lines), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots(lines, COLUMNS, squeeze=False).ravel()
    for place in axes:
        place.set_axis_off()
    for place, failure in zip(axes, failures, strict=False):
        _draw_failure(place, failure)
    figure.savefig(path, dpi=80)


def _find(clip: ClipInfo, prediction: Prediction, truth: Mapping[str, Truth]) -> Iterator[Failure]:
    """Yield what is wrong in a frame."""
    true = truth[prediction.frame]
    shown: dict[int, set[str]] = {}  # parts by color, in the references
    for name in prediction.references:
        for color, region in zip(truth[name].colors.tolist(), truth[name].regions, strict=True):
            shown.setdefault(color, set()).add(_part(region))
    paper = set(true.colors[true.background].tolist())
    for row in np.flatnonzero(prediction.colors != true.colors).tolist():
        said, color = int(prediction.colors[row]), int(true.colors[row])
        region = true.regions[row]
        if color not in shown:
            kind = "absent"
        elif region is not None and _part(region) in shown.get(said, ()):
            kind = "tone"
        elif true.background[row] or said in paper:
            kind = "paper"
        else:
            kind = "tiny" if prediction.areas[row] <= TINY else "other"
        sure = float(prediction.confidence[row])
        yield Failure(clip, prediction.frame, prediction.references[0], row, kind, sure, said)


def _part(region: str | None) -> str:
    """Return the name of a region without its tone."""
    return (region or "").removesuffix(".shadow").removesuffix(".highlight")


def _draw_failure(axes: Axes, failure: Failure) -> None:
    """Draw one error."""
    names = (failure.reference, failure.frame)
    frames = {frame.name: frame for frame in read_clip(failure.clip.folder, names).frames}
    reference, target = (frames[name] for name in names)
    mask = target.labels == failure.row + 1
    x, y, width, height = cv2.boundingRect(mask.view(np.uint8))
    window = _window((x, y, width, height), mask.shape)
    tiles = [flatten_on_white(frame.color)[window] for frame in (reference, target)]
    axes.imshow(np.concatenate(tiles, axis=1))
    corner = x - window[1].start + tiles[0].shape[1] - 2, y - window[0].start - 2
    frame_of_it = Rectangle(corner, width + 4, height + 4, fill=False, edgecolor="magenta")
    axes.add_patch(frame_of_it)
    true = "".join(f"{value:02x}" for value in target.colors[failure.row])
    said = f"{max(failure.said, 0):06x}"
    region = target.regions[failure.row] or "?"
    axes.set_title(f"{failure.confidence:.2f} {failure.kind}: {region}", fontsize=8, loc="left")
    for left, color in ((0.86, said), (0.93, true)):
        swatch = axes.inset_axes((left, 1.01, 0.06, 0.09))
        swatch.set(facecolor=f"#{color}", xticks=[], yticks=[])


def _window(box_xywh: Sequence[int], size_hw: tuple[int, ...]) -> tuple[slice, slice]:
    """Return rows and columns of a square around a box, as far as the picture goes."""
    x, y, width, height = box_xywh
    wanted = max(WINDOW * max(size_hw), AROUND * max(width, height))
    side = min(round(wanted), *size_hw)
    firsts = [
        int(np.clip(round(middle - side / 2), 0, size - side))
        for middle, size in zip((y + height / 2, x + width / 2), size_hw, strict=True)
    ]
    rows, columns = (slice(first, first + side) for first in firsts)
    return rows, columns
