"""The rims of lines: pixels that an antialiased line covers in part.

For each we find which color the line has there, and how much of the pixel it takes; the rest is
what lies under the line. On opaque paper that is how far the pixel is on the way from the paper to
the line's own color; on transparent paper alpha says it. Where a figure filled with white lies on
transparent ground, the rim between is line, white and nothing, and the white is as much paper as
the nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from shiage.files.pictures import Pixels
from shiage.lines.own_colors import MIX_TOLERANCE
from shiage.lines.paper import FULL_COVERAGE
from shiage.lines.segments import spread_labels
from shiage.painting.covering import Covering
from shiage.structures import BoolMap, Floats, Ints


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


def lift_rims(covering: Covering) -> Pixels:
    """(H, W, 4): the lines in partly covered pixels, as opaque as they cover, on nothing."""
    lifted: Pixels = np.zeros_like(covering.plain)
    covers = cover_of(covering, covering.soft)
    lifted[covering.soft, :3] = np.rint(covers.line[:, :3])
    lifted[covering.soft, 3] = np.rint(covers.share[:, 0] * np.iinfo(lifted.dtype).max)
    return lifted


def lay_rims_over(painted: Pixels, covering: Covering, fill: Ints, colors: Pixels) -> None:
    """Lay partly covered pixels over the paint under them, in place.

    Args:
        painted: (H, W, 4), the picture without them, in the drawing's dtype.
        covering: how the lines of the drawing cover it.
        fill: (H, W) int32, palette id of the paint, under lines too; 0 where nothing is painted.
        colors: (K, 4) the palette in the drawing's dtype.
    """
    plain = covering.plain
    where, top = covering.soft & (fill > 0), np.iinfo(plain.dtype).max
    if covering.paper.is_clear is not None:
        between = covering.soft & (plain[..., 3] < top)
        where &= ~between
        _lay_between_papers(painted, covering, between, fill, colors)
    if where.any():
        covers = cover_of(covering, where)
        below = colors[fill[where]]
        mixed = below.astype(np.float32) * (1 - covers.share) + covers.line * covers.share
        mixed[:, 3] = np.maximum(below[:, 3], plain[where][:, 3])
        painted[where] = np.clip(np.rint(mixed), 0, top)


def _lay_between_papers(
    painted: Pixels, covering: Covering, between: BoolMap, fill: Ints, colors: Pixels
) -> None:
    """Lay the rims between a white figure and transparent ground over the paint of both, in place.

    The figure's paint takes the place of its white, the ground's that of nothing.

    Args:
        painted: see `lay_rims_over`, as the others.
        covering: how lines cover the drawing.
        between: (H, W) bool, the rims that are transparent in part.
        fill: paint by pixel.
        colors: the palette.
    """
    paper = covering.paper
    if paper.is_clear is None or not between.any():
        return
    figure, ground = (
        _spread_fill(fill, ~covering.kept & side)[between]
        for side in (~paper.is_clear, paper.is_clear)
    )
    covers, top = cover_of(covering, between), float(np.iinfo(painted.dtype).max)
    rest = 1 - covers.share - covers.body
    body = np.where(figure[:, None] > 0, colors[figure], paper.opaque)
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


def cover_of(covering: Covering, where: BoolMap) -> Covers:
    """Return what pixels are made of that lines cover in part.

    On opaque paper the line's color is that of the nearest solid pixel (black where there is none,
    as in pencil), and it covers as much as the pixel is on the way from paper to line; a pixel as
    dark as the line or darker is line throughout, as it is. On transparent paper the pixel's own
    color and alpha say it all, but for white that is mixed in where a figure is filled with it.

    Args:
        covering: how lines cover a drawing.
        where: (H, W) bool, n pixels that they cover in part.
    """
    drawing, paper = covering.plain, covering.paper
    top = float(np.iinfo(drawing.dtype).max)
    own = drawing[where].astype(np.float32)
    line = _nearest_line(drawing, covering.solid, where)
    bare = paper.opaque[:3].astype(np.float32)
    way = line[:, :3] - bare
    share = ((own[:, :3] - bare) * way).sum(axis=1) / np.maximum((way * way).sum(axis=1), 1)
    share = np.clip(share, 0, 1)
    alpha = own[:, 3] / np.float32(top)
    see_through = alpha < 1
    off = own[:, :3] - bare - share[:, None] * way
    alone = share >= FULL_COVERAGE / 255  # line, and nothing of opaque paper
    if paper.is_clear is None or paper.far is None:
        alone |= see_through | (paper.clear is not None)
    else:
        other = np.linalg.norm(off, axis=1) > MIX_TOLERANCE * top / 255
        other |= paper.far[where] > covering.white_reach
        alone |= np.where(see_through, other, paper.is_clear[where])
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
