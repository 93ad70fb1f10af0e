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
from shiage.files.pictures import Layout, Picture, in_depth, lay_over
from shiage.painting.compose import fill_under_lines
from shiage.painting.covering import Covering
from shiage.painting.rims import lift_rims
from shiage.structures import Ints


def split_planes(
    covering: Covering, layout: Layout, painted: Picture, fill: Ints, palette: Palette
) -> tuple[Picture, Picture]:
    """Return the line plane and the color plane of a painted cel, in the drawing's format.

    Guides are on neither.

    Args:
        covering: the drawing, and how its lines cover it.
        layout: how the drawing is stored.
        painted: the drawing painted; the color plane is stored as it is.
        fill: (H, W) int32, what `compose.fill_segments` returned.
        palette: the colors.
    """
    kept, soft, paper = covering.kept, covering.soft, covering.paper
    covered = kept | soft
    lines, colors = np.empty_like(covering.drawing), painted.pixels.copy()
    lines[:] = paper.main
    lines[kept] = covering.led_on[kept]
    lines[soft] = covering.plain[soft]
    if paper.is_clear is not None:
        lines[soft] = paper.main
        lines = lay_over(lines, lift_rims(covering))
    under = fill_under_lines(fill, kept)[covered]
    colors[covered] = in_depth(palette.rgba_u16, colors.dtype)[under]
    bare = covered.copy()
    bare[covered] = under == PAPER
    colors[bare] = paper.under(bare)
    as_painted = replace(painted.layout, format=layout.format)
    return Picture(lines, layout), Picture(colors, as_painted)
