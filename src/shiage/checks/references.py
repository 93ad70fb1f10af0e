"""Painted cels against references: colors that these do not have, parts that have another one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import product
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from shiage.checks.findings import Finding
from shiage.checks.parts import CelParts
from shiage.checks.places import count_px
from shiage.checks.settings import CheckSettings
from shiage.colors.palette import PAPER, Palette
from shiage.colors.snapping import Snapping
from shiage.cuts.columns import ColumnPlan, survey_column
from shiage.cuts.cut import Cel, Cut
from shiage.cuts.model_sheets import drawing_of, sort_references
from shiage.cuts.references import CutReference, Origin
from shiage.errors import NotPaintedYet, ReferenceUnusable
from shiage.files.images import read_picture
from shiage.files.notes import Notes
from shiage.files.packing import Words, pack_colors, unpack_colors
from shiage.files.pictures import Pixels
from shiage.files.versions import Versions
from shiage.matching import Matcher
from shiage.painting.line_colors import LineRules
from shiage.painting.propagate import (
    EncodedCel,
    encode_cel,
    find_odd_places,
    known_for_certain,
    match_cels,
)
from shiage.painting.reference import WHITE_U16, Reference, read_reference
from shiage.painting.serving import WHOLE, Kind, Known, Source, Step, drive, serve
from shiage.structures import UNKNOWN, Ints, Painting


@dataclass
class References:
    """The references that a cut is checked against.

    Attributes:
        palette: every color met so far; ids are those of the parts, too.
        ids: ids of the colors that parts have in references.
        given: the references, in the order in which they were read.
        details: ids of further colors in them, painted flat but without a line around.
        notes: what to say of those left out, one sentence each.
        lines: what they show of coloured lines.
        plans: for each cel that is no reference the plan of its column, and its step of that, as
            `shiage paint` has it.
    """

    palette: Palette = field(default_factory=Palette)
    ids: set[int] = field(default_factory=set)
    given: list[CutReference] = field(default_factory=list)
    details: set[int] = field(default_factory=set)
    notes: list[str] = field(default_factory=list)
    lines: LineRules = field(default_factory=LineRules)
    plans: dict[Cel, tuple[ColumnPlan, Step]] = field(default_factory=dict)

    @property
    def keys(self) -> dict[Cel, CutReference]:
        """The reference of each cel that has one."""
        return {one.cel: one for one in self.given if one.cel is not None}

    @property
    def shared(self) -> list[CutReference]:
        """The references that serve every cel."""
        return [one for one in self.given if one.cel is None]

    @property
    def colors(self) -> NDArray[np.uint16]:
        """(K, 4) uint16: the colors of all references, without paper."""
        return self.palette.rgba_u16[sorted((self.ids | self.details) - {PAPER})]

    def serving(self, cel: Cel) -> list[CutReference]:
        """Return the references that say how a cel looks, as `shiage paint` has it.

        None if the cel is a reference itself.
        """
        if cel not in self.plans:
            return []
        plan, step = self.plans[cel]
        return [self._find(plan, source) for source in step.sources if source.kind in WHOLE]

    def known_of(self, plan: ColumnPlan, source: Source) -> Known | None:
        """Return what is known of a source; None for a painted neighbor: that is being checked."""
        return self._find(plan, source).known if source.kind in WHOLE else None

    def _find(self, plan: ColumnPlan, source: Source) -> CutReference:
        cel = plan.cel(source)
        return self.shared[source.at] if cel is None else self.keys[cel]


def load_references(
    cut: Cut,
    paths: Sequence[Path],
    matcher: Matcher | None,
    settings: CheckSettings,
    palette: Palette | None,
    notes: Notes,
) -> References:
    """Return the references in files or folders of painted cels.

    Args:
        cut: the drawings.
        paths: of the references.
        matcher: finds parts again; None leaves that out.
        settings: how lines and segments are found.
        palette: the colors allowed; those of references are brought to it, as in painting.
        notes: takes in what is odd about the files.

    Raises:
        ShiageError: one of them cannot be used.
    """
    references = References(palette or Palette())
    snapping = None if palette is None else Snapping(palette, settings.snap)
    given = sort_references(cut, paths, settings.max_pixels)
    paintings: list[tuple[Path, Path | None, Cel | None]] = [
        *((path, drawing_of(path, cel), cel) for path, cel in given.keys),
        *((painting, drawing, None) for drawing, painting in given.sheets),
    ]
    for painting, drawing, cel in paintings:
        try:
            reference, references.palette = read_reference(
                painting,
                drawing,
                references.palette,
                settings.lines.for_column(cel.column if cel else ""),
                settings.segments,
                snapping,
                settings.max_pixels,
                notes,
            )
        except NotPaintedYet as error:
            references.notes.append(f"{error.found}, so it is left out")
            continue
        references.ids |= set(reference.color_ids.tolist())
        references.lines = LineRules.joined([references.lines, reference.lines])
        details = find_details(
            read_picture(painting, max_pixels=settings.max_pixels).pixels, reference
        )
        references.palette, ids = references.palette.extended(details)
        references.details |= set(ids.tolist())
        encoded = EncodedCel(None)  # without a matcher nothing is compared
        if matcher is not None:
            encoded = encode_cel(matcher, reference.lineart, reference.segments)
        known = known_for_certain(encoded, reference.color_ids)
        own = None if cel in references.keys else cel
        origin = Origin.SHEET if own is None else Origin.KEY
        references.given.append(CutReference(origin, reference, known, painting, own))
    if references.notes and not references.given:
        raise ReferenceUnusable(
            f"no reference: {references.notes[0]}",
            expected="one painted cel at least",
            action="Check without --ref, or paint one",
        )
    references.plans = _plan(cut, references)
    return references


def _plan(cut: Cut, references: References) -> dict[Cel, tuple[ColumnPlan, Step]]:
    """Return plan and step of each cel that is no reference; a twin is as its original."""
    keys, sheets = references.keys, len(references.shared)
    versions = Versions()
    plans: dict[Cel, tuple[ColumnPlan, Step]] = {}
    for column, cels in cut.columns().items():
        drawings = survey_column(cels, versions, keys, keys)
        plan = ColumnPlan.make(column, drawings.originals, keys, sheets=sheets)
        plans |= {plan.cels[step.cel]: (plan, step) for step in plan.steps}
        for_all = tuple(Source(Kind.SHEET, at) for at in range(sheets))
        for cel, original in drawings.twins.items():
            at = drawings.originals.index(original)
            own = plan, Step(at, (Source(Kind.KEY, at), *for_all))  # painted like a key
            plans[cel] = own if original in keys else plans[original]
    return plans


def find_details(painting: Pixels, reference: Reference) -> NDArray[np.uint16]:
    """(K, 4) uint16: colors that are painted flat, if only 3 x 3 pixels, in a reference's parts.

    Args:
        painting: (H, W, 4) uint8 or uint16, the reference's picture.
        reference: its lines and parts.
    """
    painted = np.append(False, reference.color_ids != PAPER)[reference.segments.labels]
    words: Words = reference.dithers.level(pack_colors(painting))
    square = np.ones((3, 3), np.uint8)
    flat = cv2.erode(painted.view(np.uint8), square).astype(bool)
    for shift in product((-1, 0, 1), repeat=2):
        flat &= words == np.roll(words, shift, (0, 1))
    colors = np.unique(words[flat])
    return unpack_colors(colors[(colors != 0) & (colors != np.iinfo(words.dtype).max)])  # no paper


def check_colors(
    name: str, color_ids: Ints, area: Ints, box_xyxy: Ints, inner_xy: Ints,
    references: References, palette_ids: set[int],
) -> Iterator[Finding]:  # fmt: skip
    """Yield, once for each color of a cel, those that the palette has and no reference.

    Args:
        name: of the cel.
        color_ids: (N,) int32 of its segments, ids in the palette of `references`.
        area: (N,) int32.
        box_xyxy: (N, 4) int32.
        inner_xy: (N, 2) int32.
        references: the references.
        palette_ids: ids of the colors that the palette allows.
    """
    for color in sorted(set(color_ids.tolist()) & palette_ids - references.ids - {PAPER}):
        parts = np.flatnonzero(color_ids == color)
        largest = parts[int(area[parts].argmax())]
        (x0, y0), (x1, y1) = box_xyxy[parts, :2].min(axis=0), box_xyxy[parts, 2:].max(axis=0)
        x, y = (int(v) for v in inner_xy[largest])
        code = references.palette.to_hex()[color]
        size = int(area[parts].sum())
        yield Finding(
            "not-in-reference",
            name,
            f"{code} at ({x}, {y}), {count_px(size)} in all, is in the palette but in no reference",
            "doubt",
            (int(x0), int(y0), int(x1), int(y1)),
            (x, y),
            size,
            (code,),
        )


def judge_parts(
    cel: Cel, parts: CelParts, references: References, matcher: Matcher
) -> Painting | None:
    """Return the colors that a cel's parts have in the references; None if none can say."""
    if not references.serving(cel) or not len(parts):
        return None
    plan, step = references.plans[cel]
    flow = serve(matcher, step, parts.encoded)
    painting = drive(flow, partial(references.known_of, plan)).painting
    white = np.flatnonzero((references.palette.rgba_u16 == WHITE_U16).all(axis=1))
    if parts.on_white and len(white):  # where white paint and paper look alike
        ids = painting.color_ids
        painting = replace(painting, color_ids=np.where(ids == white[0], np.int32(PAPER), ids))
    return painting


def check_open_places(
    cel: Cel, parts: CelParts, references: References, matcher: Matcher, least: int
) -> Iterator[Finding]:
    """Yield parts left bare amid paint, and framed ones painted, as no reference shows it.

    Args:
        cel: the cel.
        parts: its parts.
        references: what it is compared with.
        matcher: finds parts again.
        least: bare parts of fewer pixels are pinholes, which are reported in another way.
    """
    known = [reference.known for reference in references.serving(cel)]
    if not known or not len(parts):
        return
    match = match_cels(matcher, known, parts.encoded)
    odd = find_odd_places(parts.color_ids, match, known, parts.encoded)
    if parts.on_white and (references.palette.rgba_u16 == WHITE_U16).all(axis=1).any():
        odd &= parts.color_ids != PAPER  # white paint and paper look alike
    colors = references.palette.to_hex()
    for part in np.flatnonzero(odd).tolist():
        color, area = int(parts.color_ids[part]), int(parts.area[part])
        if color == PAPER and area <= least:
            continue
        x, y = (int(v) for v in parts.inner_xy[part])
        x0, y0, x1, y1 = (int(v) for v in parts.box_xyxy[part])
        message = (
            f"the part of {count_px(area)} at ({x}, {y}) is unpainted, and no reference shows "
            "paper enclosed like it"
            if color == PAPER
            else f"the part of {count_px(area)} at ({x}, {y}) reaches several edges of the picture "
            f"in {colors[color]}, and no reference shows that"
        )
        box = (x0, y0, x1, y1)
        yield Finding(
            "unlike-reference", cel.name, message, "doubt", box, (x, y), area, (colors[color],)
        )


def check_parts(
    cel: Cel, parts: CelParts, painting: Painting, references: References, sure: float
) -> Iterator[Finding]:
    """Yield the parts that have another color than references say with confidence `sure`."""
    has_color = np.isin(parts.color_ids, sorted(references.ids | {PAPER}))
    differs = (painting.color_ids != parts.color_ids) & (painting.color_ids != UNKNOWN)
    colors = references.palette.to_hex()
    keys = (reference.cel for reference in references.serving(cel))
    names = tuple(key.name for key in keys if key is not None)
    for part in np.flatnonzero(differs & has_color & (painting.confidence >= sure)).tolist():
        x, y = (int(v) for v in parts.inner_xy[part])
        x0, y0, x1, y1 = (int(v) for v in parts.box_xyxy[part])
        now, meant = colors[int(parts.color_ids[part])], colors[int(painting.color_ids[part])]
        yield Finding(
            "unlike-reference",
            cel.name,
            f"the part at ({x}, {y}) is {now}, but {meant} in the references "
            f"({painting.confidence[part]:.0%} sure)",
            "doubt",
            (x0, y0, x1, y1),
            (x, y),
            int(parts.area[part]),
            (now, meant),
            names,
        )
