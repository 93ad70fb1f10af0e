"""What is known of a cut once it is painted: one record per cel, plain enough to be JSON."""

from __future__ import annotations

import json
from typing import Literal

import msgspec

from shiage.files.nesting import shallow

Status = Literal["painted", "reference", "same", "failed"]


class SegmentRecord(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One segment of a painted cel.

    Attributes:
        label: its number in the cel's label map, from 1.
        box_xyxy: half-open box, pixels.
        area: pixels.
        color: `#rrggbb`, "none" for bare paper, or None if nothing could be said.
        confidence: 0..1.
        alternatives: other colors it might have, likeliest first.
        locked: decided by the artist.
        color_id: palette id of the color, -1 if nothing could be said.
    """

    label: int
    box_xyxy: tuple[int, int, int, int]
    area: int
    color: str | None
    confidence: float
    alternatives: tuple[str, ...] = ()
    locked: bool = False
    color_id: int = -1


class CelRecord(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What became of one cel.

    Attributes:
        name: column and file name without suffix, as in "A/A0001".
        column: its column, "" if there are none.
        number: its number.
        status: "painted"; "reference" (given by the artist, passed on as it was); "same" (its
            drawing is that of another cel, so is its painting); "failed".
        sha256: of its drawing's file; "" if that could not be read.
        size_wh: width and height in pixels, (0, 0) if unknown.
        references: names of the cels its colors come from, the nearest first.
        gaps: how many gaps in its lines were closed.
        undecided: how many segments were left undecided, in the color given for these.
        stand_ins: how many segments are painted in each color that the palette calls a stand-in
            (仮色), by its `#rrggbb`.
        seconds: time spent on it.
        message: what went wrong, or what to know.
        segments: one record per segment.
    """

    name: str
    column: str
    number: int
    status: Status
    sha256: str = ""
    size_wh: tuple[int, int] = (0, 0)
    references: tuple[str, ...] = ()
    gaps: int = 0
    undecided: int = 0
    stand_ins: dict[str, int] = {}
    seconds: float = 0.0
    message: str = ""
    segments: tuple[SegmentRecord, ...] = ()

    def to_json(self) -> str:
        """Return the record as JSON text."""
        return json.dumps(msgspec.to_builtins(self))  # ASCII: file names need not be Unicode

    @staticmethod
    def from_json(text: str) -> CelRecord:
        """Return the record that `to_json` wrote.

        Raises:
            ValueError: the text is no such record.
        """
        return msgspec.convert(json.loads(shallow(text)), CelRecord)


class CutRecord(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What became of a whole cut.

    Attributes:
        cut: the folder of drawings.
        out: the folder of painted cels.
        matcher: name of the matcher.
        palette: name and color of everything that may be painted, the bare paper first.
        cels: one record per cel, by column and number.
        errors: references that could not be used, one sentence each.
        warnings: what is odd about the references, one sentence each.
        interrupted: stopped before every cel was done.
        seconds: wall-clock time.
        version: of shiage.
        presets: the file that options were taken from, "" if there is none.
    """

    cut: str
    out: str
    matcher: str
    palette: tuple[tuple[str, str], ...]
    cels: tuple[CelRecord, ...]
    errors: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    interrupted: bool = False
    seconds: float = 0.0
    version: str = ""
    presets: str = ""

    def count(self, status: Status) -> int:
        """Return how many cels have that status."""
        return sum(cel.status == status for cel in self.cels)

    @property
    def segments(self) -> int:
        """How many segments were painted."""
        return sum(len(cel.segments) for cel in self.cels if cel.status == "painted")

    @property
    def blank(self) -> int:
        """How many segments were left blank since nothing told their color."""
        cels = [cel for cel in self.cels if cel.status == "painted" and not cel.undecided]
        return sum(segment.color is None for cel in cels for segment in cel.segments)

    @property
    def undecided(self) -> int:
        """How many segments were left undecided."""
        return sum(cel.undecided for cel in self.cels)

    def count_doubtful(self, sure: float) -> int:
        """Return how many painted segments have less confidence, none decided by a person."""
        return sum(
            segment.confidence < sure and not segment.locked
            for cel in self.cels
            if cel.status == "painted"
            for segment in cel.segments
        )

    def to_json(self) -> str:
        """Return the record as indented JSON text."""
        return json.dumps(msgspec.to_builtins(self), indent=1)

    @staticmethod
    def from_json(text: str) -> CutRecord:
        """Return the record that `to_json` wrote.

        Raises:
            ValueError: the text is no such record.
        """
        return msgspec.convert(json.loads(shallow(text)), CutRecord)
