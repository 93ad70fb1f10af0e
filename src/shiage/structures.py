"""The data that one step of painting hands to the next; each checks its own shape.

Letters: H, W pixels; N segments of the target; M segments of the references (all of them in a
row); K colors of the palette.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

BoolMap = NDArray[np.bool_]
ByteMap = NDArray[np.uint8]
LabelMap = NDArray[np.int32]
Ints = NDArray[np.int32]
Floats = NDArray[np.float32]

UNKNOWN = -1
"""Palette id of a segment whose color is not known."""

LARGE_AREA = 10
"""Segments of more pixels are also counted by themselves, as DACoN's Acc-Thresh does."""


def _check(name: str, array: NDArray[np.generic], shape: tuple[int | None, ...], kind: str) -> None:
    """Raise `ValueError` unless `array` has `shape` (None: any length) and dtype `kind`."""
    fits = array.ndim == len(shape) and all(
        want is None or want == have for want, have in zip(shape, array.shape, strict=True)
    )
    if not fits or array.dtype != np.dtype(kind):
        raise ValueError(f"{name}: expected {kind} {shape}, found {array.dtype} {array.shape}")


@dataclass(frozen=True, eq=False)
class Crossings:
    """Pixels that show a colour trace where black lines are.

    It crosses them, lies on them, ends at them, or its rim is mixed with theirs.

    Attributes:
        at: (n,) int64, the pixels, by their place in raster order, ascending.
        cover: (n,) uint8, how far a black line covers each, the trace aside; 255 = full line.
        hue: (n,) uint8, number of the trace's hue.
        like: (n,) int64, a pixel in the color of that line; -1: black.
    """

    at: NDArray[np.int64]
    cover: NDArray[np.uint8]
    hue: NDArray[np.uint8]
    like: NDArray[np.int64]

    def __post_init__(self) -> None:
        for name, kind in (
            ("at", "int64"),
            ("cover", "uint8"),
            ("hue", "uint8"),
            ("like", "int64"),
        ):
            _check(name, getattr(self, name), (len(self.at),), kind)

    def __len__(self) -> int:
        """Return the number of pixels."""
        return len(self.at)

    def only(self, which: BoolMap) -> Crossings | None:
        """Return some of the pixels (n,); None if there are none."""
        if not which.any():
            return None
        return Crossings(self.at[which], self.cover[which], self.hue[which], self.like[which])


@dataclass(frozen=True, eq=False)
class LineArt:
    """Where the lines of one drawing are.

    Attributes:
        ink: (H, W) bool, pixels that belong to any line.
        trace: (H, W) uint8, 0 where there is no colour-trace line, else the number of its hue
            (1 = first hue of the settings). 0 where a black line goes on under a trace.
        coverage: (H, W) uint8, 0 = bare paper, 255 = full line; antialiased lines have values
            between.
        line_width: typical width of a line, pixels.
        all_trace: every line counts as colour trace (全色トレス), black ones too.
        guide: (H, W) uint8, number of the hue of each pixel of a guide (塗り分け), 0 for others;
            None where no guides are looked for. Lines over a guide are ink all the same.
        crossings: pixels where traces and black lines meet; None if there are none.
    """

    ink: BoolMap
    trace: ByteMap
    coverage: ByteMap
    line_width: float
    all_trace: bool = False
    guide: ByteMap | None = None
    crossings: Crossings | None = None

    def __post_init__(self) -> None:
        _check("ink", self.ink, (None, None), "bool")
        _check("trace", self.trace, self.ink.shape, "uint8")
        _check("coverage", self.coverage, self.ink.shape, "uint8")
        if self.guide is not None:
            _check("guide", self.guide, self.ink.shape, "uint8")

    @property
    def size_hw(self) -> tuple[int, int]:
        """Height and width in pixels."""
        return self.ink.shape[0], self.ink.shape[1]


@dataclass(frozen=True, eq=False)
class Gaps:
    """The openings in the lines that were closed before segments were taken.

    Attributes:
        ends_xyxy: (G, 4) int32, both ends of each closing line.
        radius: the longest gap that was looked for, pixels; 0 if gap closing was off.
    """

    ends_xyxy: Ints = field(default_factory=lambda: np.zeros((0, 4), np.int32))
    radius: int = 0

    def __post_init__(self) -> None:
        _check("ends_xyxy", self.ends_xyxy, (None, 4), "int32")

    def __len__(self) -> int:
        """Return the number of gaps closed."""
        return len(self.ends_xyxy)


@dataclass(frozen=True, eq=False)
class Segments:
    """The segments of one drawing: label map and one row per segment.

    Row i of every array describes label i + 1.

    Attributes:
        labels: (H, W) int32, 0 = ink, 1..N = segment.
        area: (N,) int32, pixels.
        box_xyxy: (N, 4) int32, half-open: x0, y0, x1, y1.
        centroid_xy: (N, 2) float32.
        touches_border: (N,) bool, some pixel lies on the edge of the drawing.
        container: (N,) int32, label of the segment that surrounds this one's lines; 0 if none.
        neighbors: (P, 3) int32 rows (label, label, contact length in pixels), first < second:
            segments that face each other across one line.
        gaps: the gaps that were closed.
        guessed: (N,) float32 in [0, 1], share of the outline where no ink parts it from another
            segment: a border of a rough drawing that was completed; None: no border is guessed.
    """

    labels: LabelMap
    area: Ints
    box_xyxy: Ints
    centroid_xy: Floats
    touches_border: BoolMap
    container: Ints
    neighbors: Ints
    gaps: Gaps = field(default_factory=Gaps)
    guessed: Floats | None = None

    def __post_init__(self) -> None:
        n = len(self.area)
        if self.guessed is not None:
            _check("guessed", self.guessed, (n,), "float32")
        _check("labels", self.labels, (None, None), "int32")
        _check("area", self.area, (n,), "int32")
        _check("box_xyxy", self.box_xyxy, (n, 4), "int32")
        _check("centroid_xy", self.centroid_xy, (n, 2), "float32")
        _check("touches_border", self.touches_border, (n,), "bool")
        _check("container", self.container, (n,), "int32")
        _check("neighbors", self.neighbors, (None, 3), "int32")

    def __len__(self) -> int:
        """Return the number of segments, N."""
        return len(self.area)

    @property
    def size_hw(self) -> tuple[int, int]:
        """Height and width in pixels."""
        return self.labels.shape[0], self.labels.shape[1]


@dataclass(frozen=True, eq=False)
class Match:
    """Which reference segments each target segment resembles.

    Attributes:
        scores: (N, M) float32, row j is a distribution over the segments of all references
            given, side by side in their order; sums to 1 - no_match[j].
        no_match: (N,) float32 in [0, 1], probability that nothing in the references matches, or
            only what is not known itself.
    """

    scores: Floats
    no_match: Floats

    def __post_init__(self) -> None:
        _check("scores", self.scores, (None, None), "float32")
        _check("no_match", self.no_match, (self.scores.shape[0],), "float32")


@dataclass(frozen=True, eq=False)
class Painting:
    """The colors decided for one drawing's segments.

    Attributes:
        color_ids: (N,) int32, palette id per segment; `UNKNOWN` if nothing could be said.
        confidence: (N,) float32 in [0, 1], how likely the color is right.
        alternatives: (N, A) int32, palette ids from likeliest to least, padded with `UNKNOWN`.
        locked: (N,) bool, decided by the artist; never changed by a prediction.
    """

    color_ids: Ints
    confidence: Floats
    alternatives: Ints
    locked: BoolMap

    def __post_init__(self) -> None:
        n = len(self.color_ids)
        _check("color_ids", self.color_ids, (n,), "int32")
        _check("confidence", self.confidence, (n,), "float32")
        _check("alternatives", self.alternatives, (n, None), "int32")
        _check("locked", self.locked, (n,), "bool")
