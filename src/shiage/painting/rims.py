"""The rims of lines: pixels that an antialiased line covers in part.

Of each it is told which color the line has there, and how much of the pixel it takes; the rest is
what lies under the line. On opaque paper that is how far the pixel is on the way from the paper to
the line's own color; on transparent paper alpha says it. Where a figure filled with white lies on
transparent ground, the rim between is line, white and nothing, and the white is as much paper as
the nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from shiage.files.pictures import Pixels, to_u8
from shiage.lines.own_colors import FRINGE, MIX_TOLERANCE, find_solid
from shiage.lines.paper import BARE_COVERAGE, FULL_COVERAGE, Paper, find_paper
from shiage.lines.segments import spread_labels
from shiage.structures import BoolMap, Floats, Ints, LineArt

COLORED = 40
"""From so much chroma, in levels of 255, a line that covers in full is a line in color."""


@dataclass(frozen=True, eq=False)
class Rims:
    """Where lines that stay cover pixels in part.

    Attributes:
        soft: (H, W) bool, these pixels.
        solid: (H, W) bool, opaque pixels in a line's own color.
        kept: (H, W) bool, ink that stays a line.
        paper: what lies under the lines.
        reach: how far from white figures their white may be mixed in, pixels.
    """

    soft: BoolMap
    solid: BoolMap
    kept: BoolMap
    paper: Paper
    reach: float


@dataclass(frozen=True, eq=False)
class Covers:
    """What n pixels that lines cover in part are made of; the rest is what lies under them.

    Attributes:
        line: (n, 4) float32, the line's color there, in the drawing's range.
        share: (n, 1) float32 in 0..1, how much of the pixel it takes.
        body: (n, 1) float32 in 0..1, how much white of a figure on transparent ground does.
    """

    line: Floats
    share: Floats
    body: Floats


def find_rims(drawing: Pixels, lineart: LineArt, kept: BoolMap, replaced: BoolMap) -> Rims:
    """Return where lines cover pixels in part and where wholly, and what lies under them.

    Args:
        drawing: (H, W, 4) uint8 or uint16 RGBA, without guides.
        lineart: its lines.
        kept: (H, W) bool, ink that stays a line.
        replaced: (H, W) bool, ink that paint replaces.
    """
    soft = find_soft(lineart, kept, replaced, drawing)
    paper, solid = find_paper(drawing, lineart), np.zeros_like(soft)
    reach = 1.5 * lineart.line_width + 2 * FRINGE
    if soft.any():
        opaque = kept & (drawing[..., 3] == np.iinfo(drawing.dtype).max)
        if paper.clear is not None:  # what is opaque there is line and nothing else
            solid |= opaque if paper.is_clear is None else opaque & paper.is_clear
        if paper.clear is None or paper.is_clear is not None:
            solid |= find_solid(drawing[opaque], opaque, paper.opaque)
        # A coloured line that stays covers by its own color, however little of the ink has it.
        solid |= _find_colored(drawing, opaque & (lineart.coverage >= FULL_COVERAGE))
    return Rims(soft & ~solid, solid, kept, paper, reach)


def _find_colored(drawing: Pixels, full: BoolMap) -> BoolMap:
    """(H, W) bool: those of some pixels (H, W) whose color is none of black."""
    found = full.copy()
    found[full] = np.ptp(to_u8(drawing[full][:, :3]), axis=1) >= COLORED
    return found


def find_soft(
    lineart: LineArt, kept: BoolMap, replaced: BoolMap, drawing: Pixels | None = None
) -> BoolMap:
    """(H, W) bool: pixels that a line that stays covers in part, within `FRINGE` of that line.

    Faint marks further off are paper grain or dirt, and those beside a trace line that paint
    replaces are its own fringe: both get the plain fill. On transparent paper, if the drawing's
    pixels (H, W, 4) are given, there is no grain to be told from lines: alpha says how much each
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


def lift_rims(drawing: Pixels, rims: Rims) -> Pixels:
    """(H, W, 4): the lines in partly covered pixels, as opaque as they cover, on nothing.

    Args:
        drawing: (H, W, 4) uint8 or uint16 RGBA, without guides.
        rims: its rims.
    """
    lifted: Pixels = np.zeros_like(drawing)
    covers = cover_of(drawing, rims, rims.soft)
    lifted[rims.soft, :3] = np.rint(covers.line[:, :3])
    lifted[rims.soft, 3] = np.rint(covers.share[:, 0] * np.iinfo(drawing.dtype).max)
    return lifted


def lay_rims_over(painted: Pixels, drawing: Pixels, rims: Rims, fill: Ints, colors: Pixels) -> None:
    """Lay partly covered pixels over the paint under them, in place.

    Args:
        painted: (H, W, 4), the picture without them.
        drawing: (H, W, 4), of the same dtype, without guides.
        rims: its rims.
        fill: (H, W) int32, palette id of the paint, under lines too; 0 where nothing is painted.
        colors: (K, 4) the palette in the drawing's dtype.
    """
    where, top = rims.soft & (fill > 0), np.iinfo(drawing.dtype).max
    if rims.paper.is_clear is not None:
        between = rims.soft & (drawing[..., 3] < top)
        where &= ~between
        _lay_between_papers(painted, drawing, rims, between, fill, colors)
    if where.any():
        covers = cover_of(drawing, rims, where)
        below = colors[fill[where]]
        mixed = below.astype(np.float32) * (1 - covers.share) + covers.line * covers.share
        mixed[:, 3] = np.maximum(below[:, 3], drawing[where][:, 3])
        painted[where] = np.clip(np.rint(mixed), 0, top)


def _lay_between_papers(
    painted: Pixels, drawing: Pixels, rims: Rims, between: BoolMap, fill: Ints, colors: Pixels
) -> None:
    """Lay the rims between a white figure and transparent ground over the paint of both, in place.

    The figure's paint takes the place of its white, the ground's that of nothing.

    Args:
        painted: see `lay_rims_over`, as the others.
        drawing: the drawing.
        rims: its rims.
        between: (H, W) bool, those of them that are transparent in part.
        fill: paint by pixel.
        colors: the palette.
    """
    if rims.paper.is_clear is None or not between.any():
        return
    figure, ground = (
        _spread_fill(fill, ~rims.kept & side)[between]
        for side in (~rims.paper.is_clear, rims.paper.is_clear)
    )
    covers, top = cover_of(drawing, rims, between), float(np.iinfo(drawing.dtype).max)
    rest = 1 - covers.share - covers.body
    body = np.where(figure[:, None] > 0, colors[figure], rims.paper.opaque)
    line_part = covers.share
    body_part = covers.body * (body[:, 3:] / top)
    rest_part = rest * (colors[ground][:, 3:] / top)
    alpha = np.maximum(line_part + body_part + rest_part, 1 / top)
    mixed = line_part * covers.line[:, :3] + body_part * body[:, :3]
    mixed += rest_part * colors[ground][:, :3]
    out = np.concatenate([mixed / alpha, alpha * top], axis=1)
    changes = (figure > 0) | (ground > 0)
    between[between] = changes
    painted[between] = np.clip(np.rint(out[changes]), 0, top)


def _spread_fill(fill: Ints, where: BoolMap) -> Ints:
    """(H, W) int32: the fill of the nearest of some pixels, 0 if there are none."""
    return np.maximum(spread_labels(np.where(where, fill + 1, 0).astype(np.int32)) - 1, 0)


def cover_of(drawing: Pixels, rims: Rims, where: BoolMap) -> Covers:
    """Return what pixels are made of that lines cover in part.

    On opaque paper the line's color is that of the nearest solid pixel (black where there is none,
    as in pencil), and it covers as much as the pixel is on the way from paper to line; a pixel as
    dark as the line or darker is line throughout, as it is. On transparent paper the pixel's own
    color and alpha say it all, but for white that is mixed in where a figure is filled with it.

    Args:
        drawing: (H, W, 4) uint8 or uint16 RGBA.
        rims: its rims.
        where: (H, W) bool, n pixels that lines cover in part.
    """
    top = float(np.iinfo(drawing.dtype).max)
    own = drawing[where].astype(np.float32)
    line = _nearest_line(drawing, rims.solid, where)
    bare = rims.paper.opaque[:3].astype(np.float32)
    way = line[:, :3] - bare
    share = ((own[:, :3] - bare) * way).sum(axis=1) / np.maximum((way * way).sum(axis=1), 1)
    share = np.clip(share, 0, 1)
    alpha = own[:, 3] / np.float32(top)
    see_through = alpha < 1
    off = own[:, :3] - bare - share[:, None] * way
    alone = share >= FULL_COVERAGE / 255  # line, and nothing of opaque paper
    if rims.paper.is_clear is None or rims.paper.far is None:
        alone |= see_through | (rims.paper.clear is not None)
    else:
        other = np.linalg.norm(off, axis=1) > MIX_TOLERANCE * top / 255
        other |= rims.paper.far[where] > rims.reach
        alone |= np.where(see_through, other, rims.paper.is_clear[where])
    share[alone], line[alone] = 1, own[alone]
    body = np.where(see_through, alpha * (1 - share), 0)
    share = np.where(see_through, alpha * share, share)
    return Covers(line, share.astype(np.float32)[:, None], body.astype(np.float32)[:, None])


def _nearest_line(drawing: Pixels, solid: BoolMap, where: BoolMap) -> Floats:
    """(n, 4) float32: color of the nearest solid pixel, opaque black if there is none."""
    line = np.zeros((np.count_nonzero(where), 4), np.float32)
    line[:, 3] = np.iinfo(drawing.dtype).max
    colors = drawing[solid]
    if len(colors) and (colors == colors[0]).all():
        line[:] = colors[0]
    elif len(colors):
        _, nearest = cv2.distanceTransformWithLabels(
            (~solid).view(np.uint8), cv2.DIST_L2, 3, labelType=cv2.DIST_LABEL_PIXEL
        )
        table = np.zeros((int(nearest.max()) + 1, 4), np.float32)
        table[nearest[solid]] = colors
        line = table[nearest[where]]
    return line
