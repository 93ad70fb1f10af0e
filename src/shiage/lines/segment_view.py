"""A picture of how a drawing is split: every segment in its own color, closed gaps marked."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from shiage.errors import BadOption, OutputExists
from shiage.files.formats import FLAT_SUFFIXES
from shiage.files.images import Layout, Picture, open_picture, write_picture
from shiage.lines.ground import require_light_ground
from shiage.lines.lineart import LineSettings
from shiage.lines.segments import SegmentSettings
from shiage.lines.splitting import split_drawing
from shiage.structures import LineArt, Segments

GOLDEN_ANGLE_DEG = 137.508
"""Successive hues this far apart never come close to one another again."""


@dataclass(frozen=True)
class SegmentSummary:
    """What was found in a drawing.

    Attributes:
        picture: the file written.
        segments: number of segments.
        gaps: number of gaps closed.
        gap_radius: longest gap looked for, pixels.
        line_width: typical line width, pixels.
        traces: names of the colour-trace hues present.
        all_trace: every line is treated as colour trace.
        smallest, median, largest: areas in pixels; 0 without segments.
    """

    picture: Path
    segments: int
    gaps: int
    gap_radius: int
    line_width: float
    traces: tuple[str, ...]
    all_trace: bool
    smallest: int
    median: int
    largest: int


def view_segments(
    frame: Path,
    out: Path,
    lines: LineSettings,
    settings: SegmentSettings,
    max_pixels: int,
    *,
    force: bool = False,
) -> SegmentSummary:
    """Write the picture and return what was found.

    Raises:
        BadOption: the picture would be the drawing, or its name tells no format.
        FileError: the drawing cannot be used.
        OutputExists: the picture is there already and `force` is not given.
        WriteFailed: the picture cannot be written.
    """
    if out.exists() and frame.exists() and out.samefile(frame):
        raise BadOption(
            "is the drawing itself",
            path=out,
            expected="another file, since drawings are never overwritten",
            action="Give another one with --out",
        )
    if out.suffix.lower() not in FLAT_SUFFIXES:
        raise BadOption(
            f"the ending of its name must say the picture's format; {out.suffix!r} does not",
            path=out,
            expected=f"a name that ends in {', '.join(FLAT_SUFFIXES)}",
            action="Give another one with --out",
        )
    if out.exists() and not force:
        raise OutputExists(
            "is there already",
            path=out,
            expected="a new file",
            action="Give --force to overwrite it, or another --out",
        )
    drawing = open_picture(frame, max_pixels=max_pixels).drawing.rgba_u8
    lineart, segments = split_drawing(drawing, lines, settings)
    require_light_ground(drawing, lineart, frame)
    layout = Layout(format=FLAT_SUFFIXES[out.suffix.lower()], mode="RGB", bits=8)
    write_picture(out, Picture(draw_segments(lineart, segments), layout))
    area = segments.area if len(segments) else np.zeros(1, np.int32)
    present = np.bincount(lineart.trace.ravel(), minlength=len(lines.trace_hues) + 1)
    return SegmentSummary(
        picture=out,
        segments=len(segments),
        gaps=len(segments.gaps),
        gap_radius=segments.gaps.radius,
        line_width=round(lineart.line_width, 2),
        traces=tuple(h.name for h, n in zip(lines.trace_hues, present[1:], strict=True) if n),
        all_trace=lineart.all_trace,
        smallest=int(area.min()),
        median=int(np.median(area)),
        largest=int(area.max()),
    )


def draw_segments(lineart: LineArt, segments: Segments) -> NDArray[np.uint8]:
    """(H, W, 4) uint8 RGBA: segments in colors that differ, ink dark, gaps ringed in red."""
    number = np.arange(len(segments))
    hsv = np.stack(
        [
            (number * GOLDEN_ANGLE_DEG % 360) / 2,
            np.array([150, 100, 200])[number % 3],
            np.array([245, 215, 230])[number // 3 % 3],
        ],
        axis=1,
    ).astype(np.uint8)
    colors = np.full((len(segments) + 1, 3), 40, np.uint8)
    if len(segments):
        colors[1:] = cv2.cvtColor(hsv[None], cv2.COLOR_HSV2RGB)[0]
    rgb = np.ascontiguousarray(colors[segments.labels])
    ring = max(6, round(3 * lineart.line_width))
    for x0, y0, x1, y1 in segments.gaps.ends_xyxy.tolist():
        cv2.line(rgb, (x0, y0), (x1, y1), (255, 0, 0), 2)
        middle = ((x0 + x1) // 2, (y0 + y1) // 2)
        cv2.circle(rgb, middle, ring, (255, 255, 255), 4, cv2.LINE_AA)
        cv2.circle(rgb, middle, ring, (255, 0, 0), 2, cv2.LINE_AA)
    return np.dstack([rgb, np.full(rgb.shape[:2], 255, np.uint8)])
