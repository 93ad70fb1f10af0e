"""How a painted cut is checked."""

from __future__ import annotations

import msgspec

from shiage.colors.snapping import DEFAULT_SNAP
from shiage.files.images import MAX_PIXELS
from shiage.lines.lineart import LineSettings
from shiage.lines.segments import SegmentSettings
from shiage.painting.line_colors import TraceChoice


class CheckSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How a painted cut is checked.

    Attributes:
        lines: how lines are found on the paper.
        segments: how segments are taken.
        traces: "fill" expects colour-trace lines painted over, "keep" left as they are, "auto" as
            references show it.
        format: name of a format: how painted cels may be stored though their
            drawings are not; None: as their drawings are.
        largest_hole: unpainted places inside the paint of a segment are pinholes up to this many
            pixels; larger ones are meant.
        largest_part: unpainted segments are pinholes up to this many pixels; larger ones are meant.
        longest_flicker: a color that stays for more cels is meant.
        match_score: score in [0, 1] from which a part of one cel is taken for that of another.
        rival: share in [0, 1] of a part's likeness, to parts of the cels before and after, that may
            fall on those in its own odd color; a part that looks more like these is no flicker. On
            17 clips with strong movement (184 cels) 0.03 finds 84 % of planted flickers with 5
            false ones, 0.2 finds 86 % with 15.
        sure: confidence in [0, 1] from which references outweigh the painter. On the same clips,
            two keys each, 0.97 judges 52 % of parts with 3 false alarms, 0.9 judges 74 % with 50.
        most_findings: this many findings of one kind are listed of one cel, the largest; the others
            are counted.
        snap: how far, in levels of 255, a color of a reference may lie from one of the palette and
            still stand for that one.
        max_pixels: largest picture that is read.
    """

    lines: LineSettings = LineSettings()
    segments: SegmentSettings = SegmentSettings()
    traces: TraceChoice = "auto"
    format: str | None = None
    largest_hole: int = 400
    largest_part: int = 60
    longest_flicker: int = 3
    match_score: float = 0.5
    rival: float = 0.03
    sure: float = 0.97
    most_findings: int = 200
    snap: int = DEFAULT_SNAP
    max_pixels: int = MAX_PIXELS

    def for_column(self, column: str) -> CheckSettings:
        """Return the settings for the cels of a column."""
        return msgspec.structs.replace(self, lines=self.lines.for_column(column))
