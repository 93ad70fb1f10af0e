"""How well rough drawings are split: exactly, by a trapped ball, by what the networks see.

Nothing is matched. *Ceiling*: share of the figure's pixels that are right if each segment gets its
commonest true color. *Pieces*: segments for each true part. *Leaks*: share of the figure's pixels
in segments that are mostly paper.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import msgspec
import numpy as np
from numpy.typing import NDArray

from shiage.bench.baselines.trapped_ball import split_by_ball
from shiage.data.dataset import BACKGROUND, ClipInfo, Frame, read_clip
from shiage.data.rough import ROUGH, Level, draw_again
from shiage.errors import BadOption
from shiage.files.images import open_picture
from shiage.files.packing import pack
from shiage.lines.lineart import LineSettings, extract_lineart
from shiage.lines.segments import SegmentSettings, number_regions, spread_labels
from shiage.lines.splitting import split_drawing
from shiage.progress import Progress, no_progress
from shiage.structures import BoolMap, Ints, LabelMap

SEED = 77
"""Of the hands that draw clips anew; training draws with others."""

ASIDE = 2
"""Pixels beside a true border that are not judged: lines lie there."""

COUNTED = 12
"""Pixels: smaller segments and parts are not counted."""

FLAT = 2
"""Levels of 255 by which pixels of one fill may differ in a painting that was compressed."""

COMMON = 30
"""Pixels: a color that fills fewer is a mix."""

Splitter = Callable[[NDArray[np.uint8]], LabelMap]


def _split(lines: str) -> Splitter:
    settings = msgspec.convert({"lines": lines}, SegmentSettings)
    return lambda rgba: spread_labels(split_drawing(rgba, LineSettings(), settings)[1].labels)


SPLITTERS: dict[str, Splitter] = {
    "exact": _split("exact"),
    "trapped ball": lambda rgba: split_by_ball(extract_lineart(rgba).ink),
    "drawn": _split("drawn"),
    "auto": _split("auto"),
}
"""Ways to split, each returns (H, W) int32, 1..N everywhere."""


class LinesRow(msgspec.Struct, frozen=True):
    """How well drawings of one kind are split in one way.

    Attributes:
        material: which drawings.
        way: how they are split.
        drawings: how many.
        ceiling: share of the figure's pixels.
        worst: the lowest ceiling of a drawing.
        pieces: segments for each true part.
        leaks: share of the figure's pixels.
        seconds: for each drawing, with finding lines and describing segments.
    """

    material: str
    way: str
    drawings: int
    ceiling: float
    worst: float
    pieces: float
    leaks: float
    seconds: float


@dataclass(frozen=True, eq=False)
class Known:
    """A drawing and what is true of it.

    Attributes:
        rgba_u8: (H, W, 4) uint8.
        color: (H, W) int32: number of the true color; 0 = paper.
        parts: (H, W) int32: the true parts of the figure; 0 = paper.
        judged: (H, W) bool: pixels that count.
    """

    rgba_u8: NDArray[np.uint8]
    color: Ints
    parts: LabelMap
    judged: BoolMap


def measure_lines(
    clips: Sequence[ClipInfo],
    pairs: Sequence[tuple[Path, Path]],
    progress: Progress = no_progress,
) -> list[LinesRow]:
    """Return a row for each material and way.

    Args:
        clips: clean clips; the first frame of each is drawn anew at all levels.
        pairs: folders of drawings, and of the same drawings painted, files of the same order.
        progress: called with drawings done.

    Raises:
        FileError: a picture or a clip cannot be read.
        BadOption: folders of a pair hold different numbers of pictures.
    """
    found: dict[tuple[str, str], list[tuple[float, ...]]] = defaultdict(list)
    total = len(clips) * len(ROUGH) + sum(len(_pictures(drawings)) for drawings, _ in pairs)
    for done, (material, known) in enumerate(_all_known(clips, pairs), start=1):
        for way, split in SPLITTERS.items():
            began = time.perf_counter()
            labels = split(known.rgba_u8)
            seconds = time.perf_counter() - began
            found[material, way].append((*judge(labels, known), seconds))
        progress("drawings", done, total)
    rows = []
    for (material, way), values in found.items():
        ceiling, pieces, leaks, seconds = np.mean(values, axis=0).tolist()
        worst = min(value[0] for value in values)
        rows.append(LinesRow(material, way, len(values), ceiling, worst, pieces, leaks, seconds))
    return rows


def judge(labels: LabelMap, known: Known) -> tuple[float, float, float]:
    """Return ceiling, pieces and leaks of a split (H, W), 1..N everywhere."""
    color, segment = known.color[known.judged], labels[known.judged]
    most = int(color.max(initial=0)) + 1
    counts = np.bincount(segment.astype(np.int64) * most + color)
    counts = np.pad(counts, (0, -len(counts) % most)).reshape(-1, most)
    commonest = counts.argmax(axis=1)
    figure = color > 0
    if not figure.any():
        return 1.0, 1.0, 0.0
    painted = commonest[segment][figure]
    pieces = np.count_nonzero((commonest > 0) & (counts.sum(axis=1) >= COUNTED))
    parts = np.bincount(known.parts[known.judged])[1:]
    return (
        float((painted == color[figure]).mean()),
        pieces / max(1, int(np.count_nonzero(parts >= COUNTED))),
        float((painted == 0).mean()),
    )


def know_rough(frame: Frame, level: Level, seed: tuple[int, ...]) -> Known:
    """Return a clean frame as a hand draws it, and its truth."""
    rough = draw_again(frame, level, np.random.default_rng(seed))
    count = int(rough.labels.max(initial=0))
    colors = np.zeros((count + 1, 3), np.uint8)  # solid blacks are black
    colors[1 : len(frame) + 1] = frame.colors
    number = np.unique(colors, axis=0, return_inverse=True)[1].ravel() + 1
    paper = [n for n, region in enumerate(frame.regions, start=1) if region == BACKGROUND]
    bare = np.isin(rough.labels, paper)
    color = np.where(bare, 0, number[rough.labels]).astype(np.int32)
    parts = _whole_parts(np.where(bare, 0, rough.labels).astype(np.int32))
    square = np.ones((2 * ASIDE + 1,) * 2, np.uint8)
    high = cv2.dilate(parts.astype(np.float32), square)
    judged = high == cv2.erode(parts.astype(np.float32), square)
    return Known(rough.rgba_u8, color, parts, np.asarray(judged, np.bool_))


def know_painted(drawing: NDArray[np.uint8], painting: NDArray[np.uint8]) -> Known:
    """Return a drawing (H, W, 4) and what its painting (H, W, 4) tells: flat places off lines."""
    rgb = painting[..., :3].astype(np.int16)
    square = np.ones((3, 3), np.uint8)
    spread = cv2.dilate(painting[..., :3], square).astype(int) - cv2.erode(
        painting[..., :3], square
    )
    flat = spread.max(axis=2) <= FLAT
    packed, counts = np.unique(pack(np.ascontiguousarray(painting))[flat], return_counts=True)
    order = np.argsort(-counts, kind="stable")
    centers: list[NDArray[np.int16]] = []
    color = np.full(flat.shape, -1, np.int32)
    for at in order.tolist():
        if counts[at] < COMMON:
            break
        center = packed[at : at + 1].view(np.uint8)[:3].astype(np.int16)
        if any(np.abs(center - other).max() <= FLAT for other in centers):
            continue
        like = (color < 0) & (np.abs(rgb - center).max(axis=2) <= FLAT)
        color[like] = len(centers)
        centers.append(center)
    paper = np.bincount(np.concatenate([color[0], color[:, 0], color[:, -1]]) + 1)[1:].argmax()
    swapped = np.where(color == paper, 0, np.where(color == 0, paper, color))
    judged = flat & (color >= 0) & ~extract_lineart(drawing).ink
    parts = _whole_parts(np.where(judged, swapped, 0).astype(np.int32))
    return Known(drawing, swapped.astype(np.int32), parts, judged)


def _all_known(
    clips: Sequence[ClipInfo], pairs: Sequence[tuple[Path, Path]]
) -> Iterator[tuple[str, Known]]:
    for number, info in enumerate(clips):
        frame = read_clip(info.folder).frames[0]
        for at, level in enumerate(ROUGH):
            yield f"{info.source}, {level}", know_rough(frame, level, (SEED, number, at))
    for drawings, paintings in pairs:
        lines, colors = _pictures(drawings), _pictures(paintings)
        if len(lines) != len(colors):
            raise BadOption(
                f"{len(lines)} drawings and {len(colors)} paintings",
                path=drawings,
                expected="as many of both",
                action="Give folders whose pictures belong together",
            )
        for line, color in zip(lines, colors, strict=True):
            drawing, painting = open_picture(line).drawing, open_picture(color).painting
            yield drawings.name, know_painted(drawing.rgba_u8, painting.rgba_u8)


def _pictures(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.is_file())


def _whole_parts(labels: LabelMap) -> LabelMap:
    """(H, W) int32: connected pieces of each label, numbered anew; 0 stays 0."""
    parts, count = np.zeros(labels.shape, np.int32), 0
    for label in np.unique(labels[labels > 0]).tolist():
        pieces = number_regions(labels == label)
        parts[pieces > 0] = pieces[pieces > 0] + count
        count += int(pieces.max())
    return parts
