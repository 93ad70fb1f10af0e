"""A drawing whose coloured lines that stay are lines as black ones are, in the color they get."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np

from shiage.colors.palette import PAPER, Palette
from shiage.files.pictures import Pixels, in_depth, to_u8
from shiage.lines.lineart import TRACE_CHROMA
from shiage.lines.own_colors import FRINGE
from shiage.lines.paper import BARE_COVERAGE
from shiage.lines.segments import spread_labels
from shiage.lines.trace_pieces import BLACK, TracePieces, number_hues
from shiage.painting.covering import paper_color
from shiage.painting.line_colors import PAINTED_OVER
from shiage.structures import BoolMap, Floats, Ints, LabelMap, LineArt

FULL_SHARE = 0.97
"""A pixel that is so near the color of a line is covered by it in full."""


def keep_lines(
    drawing: Pixels,
    lineart: LineArt,
    pieces: TracePieces,
    shade: Floats,
    becomes: Ints,
    palette: Palette,
) -> tuple[Pixels, LineArt]:
    """Return a drawing in which the lines that stay are no traces, and have the color they get.

    Args:
        drawing: (H, W, 4) uint8 or uint16 RGBA, straight alpha; not changed.
        lineart: its lines.
        pieces: their traces.
        shade: (P, 3) float32, see `find_shades`.
        becomes: (P,) int32, what becomes of each piece.
        palette: what its ids stand for.
    """
    stays = becomes != PAINTED_OVER
    if not stays.any():
        return drawing, lineart
    near, line = _with_rims(drawing, lineart, pieces, stays)
    piece, own = near[line] - 1, drawing[line].astype(np.float32)
    top = float(np.iinfo(drawing.dtype).max)
    paper = paper_color(drawing, lineart)[:3].astype(np.float32)
    way = shade[piece] * np.float32(top / 255) - paper
    share = ((own[:, :3] - paper) * way).sum(axis=1) / np.maximum((way * way).sum(axis=1), 1)
    share = np.where(share >= FULL_SHARE, 1, np.clip(share, 0, 1))[:, None]
    share = np.where(own[:, 3:] < top, own[:, 3:] / top, share)
    # How far a line covers is measured by its own color, not by how dark it is.
    coverage = lineart.coverage.copy()
    coverage[line] = np.rint(255 * share[:, 0])
    kept = replace(leave_traces(lineart, pieces, stays), coverage=coverage)
    new = becomes[piece] > PAPER
    if not new.any():
        return drawing, kept
    colors = in_depth(palette.rgba_u16, drawing.dtype)
    color = colors[np.maximum(becomes[piece], PAPER)][:, :3]
    mixed = np.where(own[:, 3:] < top, color, paper + share * (color - paper))
    own[new, :3] = np.rint(mixed)[new]
    recolored: Pixels = drawing.copy()
    recolored[line] = own
    return recolored, kept


def leave_traces(lineart: LineArt, pieces: TracePieces, stays: BoolMap) -> LineArt:
    """Return lines of which only those that paint replaces are traces.

    Args:
        lineart: the lines.
        pieces: their traces, P of them.
        stays: (P,) bool, which of these stay.
    """
    trace = np.where(np.append(False, stays)[pieces.labels], np.uint8(0), number_hues(lineart))
    crossings = lineart.crossings
    if crossings is not None and stays.any():  # what stays is not led through
        near = spread_labels(pieces.labels).ravel()[crossings.at]
        crossings = crossings.only(~np.append(False, stays)[near])
    return replace(lineart, trace=trace, all_trace=False, crossings=crossings)


def _with_rims(
    drawing: Pixels, lineart: LineArt, pieces: TracePieces, stays: BoolMap
) -> tuple[LabelMap, BoolMap]:
    """Return which piece is nearest, by number, and where those that stay and their rims are.

    A rim has its line's hue: so where two lines meet it is known to which it belongs.

    Args:
        drawing: (H, W, 4) uint8 or uint16 RGBA.
        lineart: its lines.
        pieces: their traces, P of them.
        stays: (P,) bool, which of these stay.
    """
    near, which = spread_labels(pieces.labels), np.append(False, stays)
    here = which[pieces.labels]
    square = np.ones((2 * FRINGE + 1, 2 * FRINGE + 1), np.uint8)
    beside = cv2.dilate(here.view(np.uint8), square).astype(bool)
    beside &= ~lineart.ink & (lineart.coverage > BARE_COVERAGE) & which[near]
    own = to_u8(drawing[beside]).astype(np.int32)
    chroma = np.ptp(own[:, :3], axis=1) * own[:, 3] / 255
    colored = chroma >= TRACE_CHROMA * lineart.coverage[beside]
    beside[beside] = colored | (pieces.hue[near[beside] - 1] == BLACK)
    return near, here | beside
