"""Between painted cels and their records: what is written down, and how it is read again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from shiage.colors.palette import PAPER, Palette, code_of, read_code
from shiage.cuts.cut import Cel
from shiage.cuts.outputs import Outputs
from shiage.cuts.project import read_project
from shiage.cuts.records import CelRecord, SegmentRecord
from shiage.errors import BadOption, ShiageError
from shiage.files.nesting import shallow
from shiage.lines.fills import has_fills
from shiage.lines.lineart import LineSettings
from shiage.painting.line_colors import AS_DRAWN, PAINTED_OVER, LineRules
from shiage.painting.painted_cel import Drawing, PaintedCel, PaintSettings
from shiage.painting.storage import Storage
from shiage.structures import UNKNOWN, Painting


def describe_cel(
    cel: Cel, digest: str, painted: PaintedCel, references: Sequence[str]
) -> CelRecord:
    """Return the record of a painted cel.

    Args:
        cel: the cel.
        digest: SHA-256 of its drawing's file.
        painted: what it was painted.
        references: names of the cels its colors come from.
    """
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
        digest,
        segments.size_hw[::-1],
        tuple(references),
        len(segments.gaps),
        int(painted.undecided.sum()),
        dict(Counter(colors[at] for at in painting.color_ids[painted.stand_ins].tolist())),
        message=tell_painted(painted.drawing, painted.settings.lines),
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


def tell_painted(drawing: Drawing, settings: LineSettings) -> str:
    """Return a sentence on a drawing that is painted already; "" for any other."""
    if not has_fills(drawing.picture.rgba_u8, settings):
        return ""
    return (
        f"{drawing.path}: is painted already, and its colors are not kept; expected a line "
        "drawing. Give it with --ref, too, and it is passed on as it is"
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


class _Line(msgspec.Struct, frozen=True):
    """One row of `LineRules`, colors by their codes."""

    hue: int
    shade: tuple[float, float, float]
    fills: tuple[str, str]
    area: int
    becomes: str


class _Run(msgspec.Struct, frozen=True):
    """What is read of what a run wrote down of itself."""

    colors: tuple[tuple[str, str, str], ...] = ()
    settings: PaintSettings | None = None
    storage: Storage = Storage()
    lines: tuple[_Line, ...] = ()


@dataclass(frozen=True)
class PaintedWith:
    """How a cut was painted, as far as shiage wrote it down.

    Attributes:
        palette: the palette that was given; of the paper alone if there was none.
        settings: how cels were painted; None: nobody knows.
        storage: how painted cels are stored.
    """

    palette: Palette = field(default_factory=Palette)
    settings: PaintSettings | None = None
    storage: Storage = field(default_factory=Storage)

    @property
    def undecided(self) -> str | None:
        """The color of parts left undecided."""
        return self.settings.undecided if self.settings else None


def describe_palette(palette: Palette) -> dict[str, Any]:
    """Return a given palette as a run writes it down: name, code and group of each color."""
    codes = (code_of(tuple(row)) for row in palette.rgba_u16.tolist())
    colors = list(zip(palette.names, codes, palette.groups, strict=True))
    return {"colors": colors[PAPER + 1 :]}


def describe_lines(rules: LineRules, palette: Palette) -> dict[str, Any]:
    """Return what references show of coloured lines as a run writes it down; nothing if none stays.

    Args:
        rules: what they show.
        palette: what its ids stand for.
    """
    if not rules.keep_any:
        return {}
    codes = {at: code_of(tuple(row)) for at, row in enumerate(palette.rgba_u16.tolist())}
    codes |= {PAPER: "none", UNKNOWN: ""}
    outcomes = codes | {PAINTED_OVER: "painted over", AS_DRAWN: "as drawn"}
    columns = (rules.hue, rules.shade, rules.fills, rules.area, rules.becomes)
    rows = zip(*(column.tolist() for column in columns), strict=True)
    return {
        "lines": [
            {
                "hue": hue,
                "shade": shade,
                "fills": [codes[fill] for fill in fills],
                "area": area,
                "becomes": outcomes[becomes],
            }
            for hue, shade, fills, area, becomes in rows
        ]
    }


def recall_lines(folder: Path, palette: Palette) -> tuple[LineRules, Palette]:
    """Return what a run wrote down of coloured lines, and the palette with their colors added.

    Args:
        folder: painted cels, anyone's; nothing is known of those that shiage has not painted.
        palette: colors known so far.
    """
    run = _read_run(folder)
    try:
        codes = sorted({code for line in run.lines for code in (*line.fills, line.becomes)})
        special = {"painted over": PAINTED_OVER, "as drawn": AS_DRAWN, "": UNKNOWN, "none": PAPER}
        own = [code for code in codes if code not in special]
        rows = np.array([read_code(code) for code in own], np.uint16).reshape(-1, 4)
    except BadOption:
        return LineRules(), palette
    palette, ids = palette.extended(rows)
    number = special | dict(zip(own, ids.tolist(), strict=True))
    return LineRules(
        np.array([line.hue for line in run.lines], np.int32),
        np.array([line.shade for line in run.lines], np.float32).reshape(-1, 3),
        np.array([[number[c] for c in line.fills] for line in run.lines], np.int32).reshape(-1, 2),
        np.array([line.area for line in run.lines], np.int32),
        np.array([number[line.becomes] for line in run.lines], np.int32),
    ), palette


def _read_run(folder: Path) -> _Run:
    """Return what a run wrote down of itself; nothing where there is none that can be read."""
    try:
        return msgspec.json.decode(shallow(Outputs(folder).run_file.read_bytes()), type=_Run)
    except (OSError, ValueError):
        return _Run()


def recall_run(folder: Path) -> PaintedWith:
    """Return what a folder of painted cels, anyone's, was painted with.

    The record of `shiage paint` tells; without one the file of the page, `shiage.json`, tells how
    lines are read.
    """
    run = _read_run(folder)
    settings = run.settings
    try:
        rows = [[0, 0, 0, 0], *(read_code(code) for _, code, _ in run.colors)]
        if settings is not None:
            Palette().with_color(settings.undecided or "none")
        elif (project := read_project(folder)) is not None:
            settings = project.recipe.settings
    except ShiageError:
        return PaintedWith()  # painted by other means, or not by this shiage
    names = ("paper", *(name for name, _, _ in run.colors))
    groups = ("", *(group for _, _, group in run.colors))
    palette = Palette(np.array(rows, np.uint16), names, groups)
    return PaintedWith(palette, settings, run.storage)


def tell_stand_ins(palette: Palette, records: Iterable[CelRecord]) -> list[str]:
    """Return a sentence on each stand-in color (仮色) that cels are painted in."""
    segments: Counter[str] = Counter()
    cels: dict[str, list[str]] = {}
    for record in records:
        for color, count in record.stand_ins.items():
            segments[color] += count
            cels.setdefault(color, []).append(record.name)
    named = zip(palette.to_hex(), palette.titles, palette.stand_ins.tolist(), strict=True)
    titles = {color: title for color, title, is_stand_in in reversed(list(named)) if is_stand_in}
    return [
        f"{color} {titles.get(color, '')} is a stand-in: {count} "
        f"segment{'s' if count > 1 else ''} in {len(cels[color])} "
        f"cel{'s' if len(cels[color]) > 1 else ''}, first in {min(cels[color])}. "
        "When it is decided, shiage recolor gives the painted cels the new color"
        for color, count in segments.items()
    ]
