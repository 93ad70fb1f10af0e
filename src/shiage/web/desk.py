"""One cel at work: what is known of it while its cut is open, small enough to keep for all cels."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from shiage.colors.palette import PAPER, Palette
from shiage.cuts.cut import Cel
from shiage.lines.segments import find_deep_points, spread_labels
from shiage.painting.line_colors import LineRules
from shiage.painting.painted_cel import Drawing
from shiage.painting.propagate import EncodedCel
from shiage.structures import UNKNOWN, BoolMap, Ints, Painting

State = Literal["waiting", "blank", "painted", "key", "failed"]

THUMB_SIDE = 200
"""Longest side of the small pictures, pixels."""

_NONE = np.zeros((0, 4), np.int32)


@dataclass(eq=False)
class DeskCel:
    """A cel of the open cut; of a drawing that is saved again there is a new one.

    Arrays are never changed, only replaced.

    Attributes:
        index: its place.
        cel: its file and name.
        digest: SHA-256 of the version of the file that all of this is of, "" if it has none.
        original: place of the cel whose drawing is the same; its own place if there is none.
        anew: when its drawing was saved again while the cut was open, "" if it was not.
        state: "waiting" until it is prepared and painted; "blank" if there is nothing to take
            colors from; "key" if all of its colors are decided by a reference or the artist.
        message: why it failed, or what to say of a drawing that was saved again.
        size_hw: height and width, pixels.
        encoded: its drawing as matchers and references take it; None until it is prepared.
        box_xyxy: (N, 4) int32, see `Segments`.
        area: (N,) int32.
        inner_xy: (N, 2) int32, a pixel inside each segment.
        row_of_inner: row of each segment by x, y of that pixel.
        decided: (N,) int32, palette ids a person has decided, else `UNKNOWN`.
        painting: its colors; None until it is painted.
        shape: grows when its lines or segments change.
        paint: grows when its colors change.
        thumb: the drawing made small.
        line_rules: what the artist's decisions on its coloured lines tell of others.
    """

    index: int
    cel: Cel
    digest: str
    original: int
    anew: str = ""
    state: State = "waiting"
    message: str = ""
    size_hw: tuple[int, int] = (0, 0)
    encoded: EncodedCel | None = None
    box_xyxy: Ints = field(default_factory=lambda: _NONE)
    area: Ints = field(default_factory=lambda: np.zeros(0, np.int32))
    inner_xy: Ints = field(default_factory=lambda: _NONE[:, :2])
    row_of_inner: dict[tuple[int, int], int] = field(default_factory=dict)
    decided: Ints = field(default_factory=lambda: np.zeros(0, np.int32))
    painting: Painting | None = None
    shape: int = 0
    paint: int = 0
    thumb: Thumb | None = None
    line_rules: LineRules = field(default_factory=LineRules)

    def take(self, drawing: Drawing) -> None:
        """Keep what is needed of a prepared drawing."""
        segments = drawing.segments
        self.size_hw = segments.size_hw
        self.encoded = drawing.encoded
        self.box_xyxy, self.area = segments.box_xyxy, segments.area
        self.inner_xy = find_deep_points(segments.labels, len(segments))
        self.row_of_inner = {(x, y): row for row, (x, y) in enumerate(self.inner_xy.tolist())}
        self.decided = np.full(len(segments), UNKNOWN, np.int32)
        self.painting = None
        self.thumb = Thumb.make(drawing)

    @property
    def needs_preparing(self) -> bool:
        """Whether its drawing was not read yet."""
        return self.encoded is None and self.state != "failed"

    @property
    def locked(self) -> BoolMap:
        """(N,) bool: segments whose color a person has decided."""
        return np.asarray(self.decided != UNKNOWN, bool)

    def doubtful(self, sure: float) -> BoolMap:
        """(N,) bool: segments painted with less confidence than that, or not at all."""
        if self.painting is None or self.state != "painted":
            return np.zeros(len(self.decided), bool)
        unsure = (self.painting.confidence < sure) | (self.painting.color_ids == UNKNOWN)
        return np.asarray(unsure & ~self.locked, bool)

    def keep_colors(self, count: int) -> None:
        """Follow a palette that has changed: colors from the id `count` on are there no more."""
        self.paint += 1
        if self.painting is not None:
            self.painting = keep_colors(self.painting, count)

    def set_painting(self, painting: Painting) -> bool:
        """Take a painting, what is decided laid over it; return whether anything changed."""
        ids = np.where(self.locked, self.decided, painting.color_ids)
        sure = np.where(self.locked, np.float32(1), painting.confidence)
        new = replace(painting, color_ids=ids, confidence=sure, locked=self.locked)
        old = self.painting
        same = old is not None and all(
            np.array_equal(getattr(old, name), getattr(new, name))
            for name in ("color_ids", "confidence", "alternatives", "locked")
        )
        if not same:
            self.painting = new
            self.paint += 1
        return not same


def keep_colors(painting: Painting, count: int) -> Painting:
    """Return a painting without the colors whose ids are not below `count`."""
    ids, others = painting.color_ids, painting.alternatives
    return replace(
        painting,
        color_ids=np.where(ids < count, ids, np.int32(UNKNOWN)),
        alternatives=np.where(others < count, others, np.int32(UNKNOWN)),
    )


@dataclass(frozen=True, eq=False)
class Thumb:
    """A drawing made small, so that small pictures of it need not read it again.

    Attributes:
        labels: (h, w) int32, segments, also under the lines.
        lines: (h, w) uint8, how far lines cover the pixel.
    """

    labels: NDArray[np.int32]
    lines: NDArray[np.uint8]

    @staticmethod
    def make(drawing: Drawing) -> Thumb:
        """Return a prepared drawing made small."""
        height, width = drawing.segments.size_hw
        scale = min(1.0, THUMB_SIDE / max(height, width))
        size_wh = max(1, round(width * scale)), max(1, round(height * scale))
        spread = spread_labels(drawing.segments.labels)
        labels = cv2.resize(spread, size_wh, interpolation=cv2.INTER_NEAREST)
        lines = cv2.resize(drawing.lineart.coverage, size_wh, interpolation=cv2.INTER_AREA)
        return Thumb(np.asarray(labels, np.int32), np.asarray(lines, np.uint8))

    def paint(self, color_ids: Ints, palette: Palette) -> NDArray[np.uint8]:
        """(h, w, 4) uint8 RGBA: the small picture in these colors."""
        paint = np.concatenate([[PAPER], np.maximum(color_ids, PAPER)])
        rgba = palette.rgba_u8[paint[np.minimum(self.labels, len(paint) - 1)]].astype(np.float32)
        cover = self.lines[..., None].astype(np.float32) / 255
        alpha = np.maximum(rgba[..., 3:] / 255, cover)
        color = rgba[..., :3] * (rgba[..., 3:] / 255) * (1 - cover)
        color = np.divide(color, alpha, out=np.zeros_like(color), where=alpha > 0)
        return np.concatenate([color, alpha * 255], axis=-1).round().astype(np.uint8)
