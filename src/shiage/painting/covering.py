"""How the lines of a drawing cover its pixels, decided once for all that needs it.

A pixel is covered by a line that stays, wholly or in part; or it is of a line that paint replaces,
or of its rim; else it is its segment's alone. Compose, planes, layers and checks take it from here.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import cv2
import numpy as np

from shiage.files.pictures import Pixels, to_u8
from shiage.lines.crossings import led_through
from shiage.lines.lineart import erase_guides
from shiage.lines.own_colors import FRINGE, find_solid
from shiage.lines.paper import BARE_COVERAGE, FULL_COVERAGE, Paper, find_paper
from shiage.structures import BoolMap, Crossings, LineArt

COLORED = 40
"""From this much chroma, in levels of 255, a line that covers in full is a line in color."""


@dataclass(frozen=True, eq=False)
class Covering:
    """A drawing, and how its lines cover it; each part is found when it is first asked for.

    Attributes:
        drawing: (H, W, 4) uint8 or uint16 RGBA, straight alpha; not changed.
        lineart: its lines; what is a trace in it paint replaces.
    """

    drawing: Pixels
    lineart: LineArt

    @property
    def crossings(self) -> Crossings | None:
        """Where black lines are led on; nowhere if they are traces themselves."""
        return None if self.lineart.all_trace else self.lineart.crossings

    @cached_property
    def led_on(self) -> Pixels:
        """(H, W, 4): the drawing, its black lines led on under the traces that paint replaces."""
        return self.drawing if self.crossings is None else led_through(self.drawing, self.lineart)

    @cached_property
    def plain(self) -> Pixels:
        """(H, W, 4): the same without guides."""
        plain: Pixels = erase_guides(self.led_on, self.lineart.guide)
        return plain

    @property
    def kept(self) -> BoolMap:
        """(H, W) bool: ink that stays a line."""
        return self._split[0]

    @property
    def replaced(self) -> BoolMap:
        """(H, W) bool: ink that paint replaces."""
        return self._split[1]

    @cached_property
    def paper(self) -> Paper:
        """What lies under the lines."""
        return find_paper(self.plain, self.lineart)

    @cached_property
    def soft(self) -> BoolMap:
        """(H, W) bool: rims, pixels that lines that stay cover in part."""
        return self._partly & ~self.solid

    @property
    def full(self) -> BoolMap:
        """(H, W) bool: ink that lines that stay cover wholly; it comes out as it went in."""
        return self.kept & ~self.soft

    @cached_property
    def solid(self) -> BoolMap:
        """(H, W) bool: opaque pixels in a line's own color, if some pixels are covered in part."""
        solid = np.zeros_like(self.kept)
        if not self._partly.any():
            return solid
        plain, paper = self.plain, self.paper
        opaque = self.kept & (plain[..., 3] == np.iinfo(plain.dtype).max)
        if paper.clear is not None:  # what is opaque there is line and nothing else
            solid |= opaque if paper.is_clear is None else opaque & paper.is_clear
        if paper.clear is None or paper.is_clear is not None:
            solid |= find_solid(plain[opaque], opaque, paper.opaque)
        # A coloured line that stays covers by its own color, however little of the ink has it.
        return solid | _find_colored(plain, opaque & (self.lineart.coverage >= FULL_COVERAGE))

    @cached_property
    def traced(self) -> BoolMap:
        """(H, W) bool: lines that paint replaces, with the rims that they cover in part."""
        if not self.replaced.any():
            return self.replaced
        square = np.ones((2 * FRINGE + 1, 2 * FRINGE + 1), np.uint8)
        beside = cv2.dilate(self.replaced.view(np.uint8), square).astype(bool)
        seen = self.lineart.coverage > BARE_COVERAGE
        alpha = self.plain[..., 3]
        seen |= (alpha > 0) & (alpha < np.iinfo(self.plain.dtype).max)
        return np.asarray((self.replaced | (beside & seen & ~self.kept)) & ~self.soft)

    @property
    def white_reach(self) -> float:
        """How far from white figures their white may be mixed into rims, pixels."""
        return 1.5 * self.lineart.line_width + 2 * FRINGE

    @cached_property
    def _split(self) -> tuple[BoolMap, BoolMap]:
        return split_lines(self.lineart)

    @cached_property
    def _partly(self) -> BoolMap:
        lineart = replace(self.lineart, crossings=self.crossings)
        return find_soft(lineart, self.kept, self.replaced, self.plain)


def split_lines(lineart: LineArt) -> tuple[BoolMap, BoolMap]:
    """(H, W) bool twice: ink that stays a line, and ink that paint replaces."""
    if lineart.all_trace:
        return np.zeros_like(lineart.ink), lineart.ink
    replaced = lineart.trace > 0
    return lineart.ink & ~replaced, replaced


def as_lines(lineart: LineArt) -> LineArt:
    """Return the same lines, all of which stay as they are drawn."""
    none = np.zeros_like(lineart.trace)
    return replace(lineart, trace=none, all_trace=False, crossings=None)


def paper_color(drawing: Pixels, lineart: LineArt) -> Pixels:
    """(4,): the commonest color of a drawing's bare paper, in its dtype; opaque white if none is.

    Args:
        drawing: (H, W, 4) uint8 or uint16 RGBA.
        lineart: its lines.
    """
    return find_paper(erase_guides(drawing, lineart.guide), lineart).main


def find_soft(
    lineart: LineArt, kept: BoolMap, replaced: BoolMap, drawing: Pixels | None = None
) -> BoolMap:
    """(H, W) bool: pixels that a line that stays covers in part, within `FRINGE` of that line.

    Faint marks further off are paper grain or dirt, and those beside a trace line that paint
    replaces are its own fringe: both get the plain fill. On transparent paper, if the drawing's
    pixels (H, W, 4) are given, no grain looks like lines: alpha says how much each
    pixel is covered.
    """
    soft = (lineart.coverage > BARE_COVERAGE) & (lineart.coverage < FULL_COVERAGE)
    if drawing is not None:
        alpha, top = cv2.extractChannel(drawing, 3), np.iinfo(drawing.dtype).max
        if alpha.min() < top:
            soft |= (alpha > 0) & (alpha < top)
    soft &= ~replaced
    if soft.any():
        square = np.ones((2 * FRINGE + 1, 2 * FRINGE + 1), np.uint8)
        soft &= cv2.dilate(kept.view(np.uint8), square).astype(bool)
    if lineart.crossings is not None:
        soft.ravel()[lineart.crossings.at] = False
    if not (soft & ~lineart.ink).any():
        soft[:] = False  # hard lines: ink that is not black is a line of another color
    if lineart.crossings is not None:
        cover = lineart.crossings.cover
        soft.ravel()[lineart.crossings.at] = (cover > BARE_COVERAGE) & (cover < FULL_COVERAGE)
    return soft


def _find_colored(drawing: Pixels, full: BoolMap) -> BoolMap:
    """(H, W) bool: those of some pixels (H, W) whose color is none of black."""
    found = full.copy()
    found[full] = np.ptp(to_u8(drawing[full][:, :3]), axis=1) >= COLORED
    return found
