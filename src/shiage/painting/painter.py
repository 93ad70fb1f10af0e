"""`Painter`: references in, drawings in, painted cels out; the facade over every step.

painter = Painter()
painter.add_reference(painting="color/A0001.png", drawing="line/A0001.png")
cel = painter.paint("line/A0002.png")
cel.save("painted/A0002.png")
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from shiage.colors.palette import Palette
from shiage.errors import BadOption, ReferenceUnusable
from shiage.files.notes import Notes
from shiage.lines.segments import find_deep_points, label_at
from shiage.lines.trace_pieces import TracePieces, find_trace_pieces
from shiage.matching import DEFAULT_MATCHER, KnownColors, Matcher
from shiage.painting.edits import Stroke
from shiage.painting.line_colors import (
    AS_DRAWN,
    PAINTED_OVER,
    LineChoice,
    LineDecision,
    LineRules,
    learn_decided,
)
from shiage.painting.painted_cel import Drawing, PaintedCel, PaintSettings
from shiage.painting.propagate import EncodedCel, known_for_certain
from shiage.painting.reference import Reference
from shiage.painting.serving import Kind, Known, Source, Step, drive, serve
from shiage.painting.workshop import Workshop
from shiage.structures import UNKNOWN, Ints, Painting


class Painter:
    """Paints drawings from coloured references.

    Args:
        matcher: the matcher, or its name, see `shiage.matching.MATCHERS`.
        settings: how cels are painted.
        palette: colors that references are to keep to; those near one of them become that one.

    Raises:
        BadOption: there is no such matcher, or the color of the undecided is none.
    """

    def __init__(
        self,
        matcher: str | Matcher = DEFAULT_MATCHER,
        settings: PaintSettings | None = None,
        palette: Palette | None = None,
    ) -> None:
        self._workshop = Workshop(matcher, settings or PaintSettings(), palette)
        self._learned: list[tuple[Reference, Known]] = []
        self._corrected: dict[Path, Known] = {}
        self._decided: dict[Path, dict[tuple[int, int], int]] = {}
        """Palette id by a pixel x, y: the same on a drawing that was saved again since."""
        self._lines: dict[Path, LineChoice] = {}

    @property
    def matcher(self) -> Matcher:
        """What finds the segments that are the same."""
        return self._workshop.matcher

    @property
    def settings(self) -> PaintSettings:
        """How cels are painted."""
        return self._workshop.settings

    @property
    def palette(self) -> Palette:
        """Every color met so far."""
        return self._workshop.palette

    @property
    def notes(self) -> Notes:
        """What is odd about the files read so far; ask it to `tell`."""
        return self._workshop.notes

    @property
    def references(self) -> list[Reference]:
        """The references in order of adding."""
        return [reference for reference, _ in self._learned]

    def add_reference(
        self, painting: str | Path, drawing: str | Path | None = None, column: str = ""
    ) -> Reference:
        """Learn the colors of a painted cel or model sheet.

        Args:
            painting: the coloured picture.
            drawing: its line drawing, pixel for pixel in place; None takes the line layers of a
                layered painting, and finds the lines in any other.
            column: of its cut, "" if it is of none.

        Returns:
            The reference; look at its `warnings`, and `departures` from the palette.

        Raises:
            FileError: a file cannot be used.
            SizeMismatch: painting and drawing differ in size.
            ReferenceUnusable: the painting has no color.
        """
        learned = self._workshop.read_reference(
            Path(painting), None if drawing is None else Path(drawing), column
        )
        self._learned.append(learned)
        return learned[0]

    def add_decided(self, drawing: Drawing, color_ids: Ints) -> int:
        """Learn the colors of a drawing that the artist has decided; return the reference's number.

        Args:
            drawing: what `prepare` returned.
            color_ids: (N,) int32, palette id per segment, `UNKNOWN` where nothing is decided.
        """
        shown = Reference(str(drawing.path), drawing.lineart, drawing.segments, color_ids)
        self._learned.append((shown, known_for_certain(drawing.encoded, color_ids)))
        return len(self._learned) - 1

    def add_hints(
        self, drawing: str | Path | Drawing, hints: Mapping[tuple[int, int], str]
    ) -> None:
        """Learn the colors of some segments of a drawing: one dot each is enough.

        Args:
            drawing: its file, or what `prepare` returned.
            hints: color by a pixel x, y of the segment: `#rrggbb`, or "none" for bare paper.

        Raises:
            FileError: the file cannot be used, or has nothing to paint.
            BadOption: a pixel is ink or outside, or a color is no color.
        """
        if not isinstance(drawing, Drawing):
            drawing = self.prepare(drawing)
        decided = dict(self._decided.get(drawing.path, {}))
        for at_xy, color in hints.items():
            _row_at(drawing, at_xy)
            color_id = self._color_id(color)
            decided.pop(at_xy, None)  # of two in one segment the later counts
            decided[at_xy] = color_id
        self._learn(drawing, decided)

    @property
    def line_rules(self) -> LineRules:
        """What the references show of coloured lines."""
        return LineRules.joined(reference.lines for reference in self.references)

    def prepare(
        self,
        path: str | Path,
        size_hw: tuple[int, int] | None = None,
        strokes: Sequence[Stroke] = (),
        encoded: EncodedCel | None = None,
        column: str = "",
    ) -> Drawing:
        """Return a drawing read, split into segments and encoded.

        Args:
            path: its file.
            size_hw: height and width it must have; None allows any.
            strokes: what the artist did to its lines and segments.
            encoded: the same drawing encoded before, if it was.
            column: of its cut, "" if it is of none.

        Raises:
            FileError: the file cannot be used, or has nothing to paint.
            SizeMismatch: the drawing has another size.
        """
        return self._workshop.prepare(Path(path), size_hw, strokes, encoded, column)

    def paint(
        self,
        drawing: str | Path | Drawing,
        *,
        references: Sequence[int] | None = None,
        neighbors: Sequence[KnownColors[EncodedCel]] = (),
        corrections: dict[int, int] | None = None,
    ) -> PaintedCel:
        """Return the drawing painted.

        Args:
            drawing: its file, or what `prepare` returned.
            references: which references to use, by order of adding, the nearest first; None: all.
            neighbors: cels painted before that give a second opinion, see
                `PaintedCel.as_neighbor`.
            corrections: palette id by label where the artist has decided; None: as hinted and
                corrected so far.

        Raises:
            FileError: the file cannot be used, or has nothing to paint.
            ReferenceUnusable: no reference was added, and no hints.
        """
        if not (self._learned or self._corrected or neighbors or corrections):
            raise ReferenceUnusable(
                "there is no reference",
                expected="one painted cel at least",
                action="Call add_reference or add_hints first",
            )
        if not isinstance(drawing, Drawing):
            drawing = self.prepare(drawing)
        chosen = range(len(self._learned)) if references is None else references
        given = {
            Kind.KEY: [self._learned[index][1] for index in chosen],
            Kind.CORRECTION: [k for path, k in self._corrected.items() if path != drawing.path],
            Kind.NEIGHBOR: neighbors,
        }
        sources = (Source(kind, at) for kind, known in given.items() for at in range(len(known)))
        if corrections is None:
            decided = _ids_at(drawing, self._decided.get(drawing.path, {}))
        else:
            decided = np.full(len(drawing.segments), UNKNOWN, np.int32)
            for label, color_id in corrections.items():
                decided[label - 1] = color_id
        flow = serve(self.matcher, Step(0, tuple(sources)), drawing.encoded, decided)
        painting = drive(flow, lambda source: given[source.kind][source.at]).painting
        lines = self._lines_of(drawing.path)
        return PaintedCel(drawing, painting, self.palette, self.settings, lines)

    def correct(self, cel: PaintedCel, at_xy: tuple[int, int], color: str) -> PaintedCel:
        """Return the cel with one color decided by the artist, and learn from it.

        At a pixel of a coloured line it is that of the line: it stays in this color, or as "drawn",
        or with "none" paint replaces it; lines like it between the same colors follow.

        At any other it is that of the segment. The corrected cel serves as a reference from now on:
        what is known for certain of it, its locked segments, counts like any reference; repaint
        other cels to see them follow.

        Args:
            cel: a painted cel.
            at_xy: a pixel of the segment, or on a coloured line.
            color: `#rrggbb`, or "none" for bare paper.

        Raises:
            BadOption: the pixel is black ink or outside, or the color is no color.
        """
        drawing = cel.drawing
        pieces = find_trace_pieces(drawing.lineart, drawing.segments.labels)
        piece = pieces.at(*at_xy)
        if piece:
            return self._correct_line(cel, pieces, piece, at_xy, color)
        at = _row_at(cel.drawing, at_xy)
        color_id = self._color_id(color)
        painting = cel.painting
        ids, sure, locked = (
            painting.color_ids.copy(),
            painting.confidence.copy(),
            painting.locked.copy(),
        )
        ids[at], sure[at], locked[at] = color_id, 1, True
        corrected = Painting(ids, sure, painting.alternatives, locked)
        points = find_deep_points(drawing.segments.labels, len(drawing.segments))[locked].tolist()
        decided = {(x, y): at for (x, y), at in zip(points, ids[locked].tolist(), strict=True)}
        self._learn(drawing, decided)
        return replace(cel, painting=corrected, palette=self.palette)

    def _color_id(self, color: str) -> int:
        """Return the palette id of a color, new or not."""
        self._workshop.palette, color_id = self._workshop.palette.with_color(color)
        return color_id

    def _learn(self, drawing: Drawing, decided: dict[tuple[int, int], int]) -> None:
        """Keep what is decided of a drawing: palette ids by pixels of its segments."""
        self._decided[drawing.path] = decided
        ids = _ids_at(drawing, decided)
        self._corrected[drawing.path] = known_for_certain(drawing.encoded, ids)

    def _correct_line(
        self, cel: PaintedCel, pieces: TracePieces, piece: int, at_xy: tuple[int, int], color: str
    ) -> PaintedCel:
        """Return the cel with what becomes of a coloured line decided, and learn from it."""
        drawing = cel.drawing
        becomes = {"none": PAINTED_OVER, "drawn": AS_DRAWN}.get(color.lower())
        if becomes is None:
            becomes = self._color_id(color)
        ids = np.append(np.int32(UNKNOWN), cel.painting.color_ids)
        one, two = sorted(ids[pieces.sides[piece - 1]].tolist())
        decided = {**cel.lines.decided, at_xy: LineDecision(becomes, (one, two))}
        labels = drawing.segments.labels
        self._lines[drawing.path] = LineChoice(
            learn_decided(drawing.picture.rgba_u8, drawing.lineart, labels, decided), decided
        )
        return replace(cel, palette=self.palette, lines=self._lines_of(drawing.path))

    def _lines_of(self, path: Path) -> LineChoice:
        """Return what is known of the coloured lines of a drawing."""
        rules = [self.line_rules, *(choice.rules for choice in self._lines.values())]
        return LineChoice(LineRules.joined(rules), self._lines.get(path, LineChoice()).decided)


def _row_at(drawing: Drawing, at_xy: tuple[int, int]) -> int:
    """Return the row of the segment at a pixel.

    Raises:
        BadOption: the pixel is ink or outside.
    """
    label = label_at(drawing.segments.labels, at_xy)
    if not label:
        x, y = at_xy
        height, width = drawing.segments.size_hw
        inside = 0 <= y < height and 0 <= x < width
        raise BadOption(
            f"({x}, {y}) is {'on a line' if inside else 'outside the picture'}",
            expected="a pixel inside a segment",
            action="Point into the segment that is meant",
        )
    return label - 1


def _ids_at(drawing: Drawing, decided: Mapping[tuple[int, int], int]) -> Ints:
    """(N,) int32: what is decided of each segment, by pixels x, y, else `UNKNOWN`."""
    ids = np.full(len(drawing.segments), UNKNOWN, np.int32)
    for at_xy, color_id in decided.items():
        label = label_at(drawing.segments.labels, at_xy)
        if label:
            ids[label - 1] = color_id
    return ids
