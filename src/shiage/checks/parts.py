"""The parts of painted cels: their colors, and which part of another cel each of them is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from shiage.checks.view import CelView
from shiage.colors.palette import PAPER, Palette
from shiage.files.packing import unpack_colors
from shiage.lines.segments import find_inner_points
from shiage.matching import Matcher
from shiage.painting.propagate import EncodedCel, encode_cel, known_for_certain, match_cels
from shiage.structures import UNKNOWN, Ints

APART = -1
"""In place of a part of another cel: none."""


@dataclass(frozen=True, eq=False)
class CelParts:
    """The segments of one painted cel, without its pixels.

    Attributes:
        name: of the cel.
        encoded: the drawing, see `EncodedCel`.
        color_ids: (N,) int32 palette ids, `UNKNOWN` where the color is not known.
        area: (N,) int32.
        box_xyxy: (N, 4) int32.
        inner_xy: (N, 2) int32, a pixel of each.
        on_white: the paper is white, so that parts painted white look like bare ones.
    """

    name: str
    encoded: EncodedCel
    color_ids: Ints
    area: Ints
    box_xyxy: Ints
    inner_xy: Ints
    on_white: bool

    def __len__(self) -> int:
        """Return the number of parts."""
        return len(self.area)


def take_parts(view: CelView, matcher: Matcher, palette: Palette) -> tuple[CelParts, Palette]:
    """Return the parts of a painted cel, and the palette with its colors added."""
    segments = view.segments
    palette, ids = palette.extended(unpack_colors(view.fills[1:]))
    ids = np.where(view.painted_segments[1:], ids, np.int32(PAPER))
    ids = np.where(view.known[1:], ids, np.int32(UNKNOWN)).astype(np.int32)
    parts = CelParts(
        view.name,
        encode_cel(matcher, view.lineart, segments),
        ids,
        segments.area,
        segments.box_xyxy,
        find_inner_points(segments.labels, len(segments)),
        view.paper == np.iinfo(view.paints.dtype).max,
    )
    return parts, palette


def match_parts(matcher: Matcher, before: CelParts, after: CelParts, least: float) -> Ints:
    """(N,) int32: for each part of `after` the part of `before` that it is, or `APART`.

    Two parts are the same if each is the other's best match, with a score of at least `least`.
    """
    found = np.full(len(after), APART, np.int32)
    if not len(before) or not len(after):
        return found
    # Each part is a color of its own, so that parts are told apart, not colors.
    known = known_for_certain(before.encoded, np.arange(len(before), dtype=np.int32))
    scores = match_cels(matcher, [known], after.encoded).scores
    best = scores.argmax(axis=1)
    rows = np.arange(len(after))
    mutual = (scores.argmax(axis=0)[best] == rows) & (scores[rows, best] >= least)
    found[mutual] = best[mutual]
    return found
