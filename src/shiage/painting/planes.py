"""A painted cel as two planes, as PaintMan keeps it: the lines (主線) over the colors (彩色).

The line plane holds the lines that stay, as they were drawn, on the drawing's paper. The color
plane holds all else: fills, painted colour traces, paper. Under the lines the paint beside them
goes on, so that nothing white shows where lines are softened, recolored or moved later. Where lines
are hard, the one laid over the other is the painted cel, pixel for pixel.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from shiage.colors.palette import PAPER, Palette
from shiage.files.pictures import Picture, in_depth, lay_over
from shiage.lines.lineart import erase_guides
from shiage.painting.compose import fill_under_lines, lead_lines_on, split_lines
from shiage.painting.rims import find_rims, find_soft, lift_rims
from shiage.structures import Ints, LineArt


def split_planes(
    drawing: Picture,
    painted: Picture,
    lineart: LineArt,
    fill: Ints,
    palette: Palette,
) -> tuple[Picture, Picture]:
    """Return the line plane and the color plane of a painted cel, in the drawing's format.

    Guides are on neither.

    Args:
        drawing: the drawing.
        painted: the drawing painted; the color plane is stored as it is.
        lineart: the drawing's lines.
        fill: (H, W) int32, what `compose.fill_segments` returned.
        palette: the colors.
    """
    kept, replaced = split_lines(lineart)
    drawn, lineart = lead_lines_on(drawing.pixels, lineart)
    plain = erase_guides(drawn, lineart.guide)
    rims = find_rims(plain, lineart, kept, replaced)
    soft = find_soft(lineart, kept, replaced, plain)
    covered = kept | soft
    lines, colors = np.empty_like(drawn), painted.pixels.copy()
    lines[:] = rims.paper.main
    lines[covered] = drawn[covered]
    lines[soft] = plain[soft]
    if rims.paper.is_clear is not None:
        lines[rims.soft] = rims.paper.main
        lines = lay_over(lines, lift_rims(plain, rims))
    under = fill_under_lines(fill, kept)[covered]
    colors[covered] = in_depth(palette.rgba_u16, colors.dtype)[under]
    bare = covered.copy()
    bare[covered] = under == PAPER
    colors[bare] = rims.paper.under(bare)
    layout = replace(painted.layout, format=drawing.layout.format)
    return Picture(lines, drawing.layout), Picture(colors, layout)
