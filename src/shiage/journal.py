"""Between painted cels and their records: what is written down, and how it is read again."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from shiage.cut import Cel
from shiage.errors import ShiageError
from shiage.outputs import hash_file
from shiage.painter import Drawing, PaintedCel
from shiage.records import CelRecord, SegmentRecord
from shiage.structures import UNKNOWN, Painting


def describe_cel(cel: Cel, painted: PaintedCel, references: Sequence[str]) -> CelRecord:
    """Return the record of a painted cel."""
    segments, painting = painted.drawing.segments, painted.painting
    colors = painted.palette.to_hex()
    rows = zip(
        segments.box_xyxy.tolist(),
        segments.area.tolist(),
        painting.color_ids.tolist(),
        painting.confidence.tolist(),
        painting.alternatives.tolist(),
        painting.locked.tolist(),
        strict=True,
    )
    return CelRecord(
        cel.name,
        cel.column,
        cel.number,
        "painted",
        hash_file(cel.path),
        segments.size_hw[::-1],
        tuple(references),
        len(segments.gaps),
        int(painted.undecided.sum()),
        segments=tuple(
            SegmentRecord(
                label,
                (box[0], box[1], box[2], box[3]),
                area,
                None if color == UNKNOWN else colors[color],
                confidence,
                tuple(colors[c] for c in others if c not in (UNKNOWN, color)),
                locked,
                color,
            )
            for label, (box, area, color, confidence, others, locked) in enumerate(rows, start=1)
        ),
    )


def recall_painting(drawing: Drawing, record: CelRecord) -> Painting:
    """Return the painting that a record describes.

    Raises:
        ShiageError: the record is not of this drawing.
    """
    if len(record.segments) != len(drawing.segments):
        raise ShiageError(
            f"its record has {len(record.segments)} segments, the drawing {len(drawing.segments)}",
            path=drawing.path,
            expected="the record of this drawing",
            action="Paint the cut again with --force",
        )
    return Painting(
        np.array([segment.color_id for segment in record.segments], np.int32),
        np.array([segment.confidence for segment in record.segments], np.float32),
        np.full((len(record.segments), 1), UNKNOWN, np.int32),
        np.array([segment.locked for segment in record.segments], bool),
    )
