"""Painted cels from one palette to another (色変え): day to night, stand-ins to final colors.

A pixel that has an entry of the old palette gets that entry's color in the new one. A pixel that an
antialiased line covers in part is a mix of the line and the fill beside it; it becomes the same mix
with their new colors. All others stay as they are.
"""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from shiage.errors import BadOption
from shiage.files.formats import IMAGE_SUFFIXES
from shiage.files.packing import pack_colors
from shiage.files.pictures import Pixels, in_depth
from shiage.lines.runs import find_runs
from shiage.painting.flats import find_flats
from shiage.structures import UNKNOWN, BoolMap, Ints

MIX = 6.0
"""How far, in 8-bit levels, a color may lie from the mixes of a line and a fill to be one."""

REACH = 3
"""How far from a fill and from a line their mixes lie, pixels."""


def match_colors(painted: Pixels, colors: NDArray[np.uint16]) -> Ints:
    """(H, W) int32: the first of some colors that each pixel has exactly, `UNKNOWN` if none.

    Args:
        painted: (H, W, 4) uint8 or uint16 RGBA.
        colors: (K, 4) uint16 RGBA; they are compared in the picture's depth. What is transparent,
            pixel or color, is no color.
    """
    words = pack_colors(in_depth(colors, painted.dtype)[None])[0]
    known, first = np.unique(words, return_index=True)
    (runs,) = find_runs(pack_colors(painted))
    place = np.searchsorted(known, runs.value).clip(max=len(known) - 1)
    found = (known[place] == runs.value) & (runs.value != 0)
    rows = np.where(found, first[place], UNKNOWN).astype(np.int32)
    return rows.repeat(runs.length).reshape(painted.shape[:2])


def recolor(
    painted: Pixels,
    old: NDArray[np.uint16],
    new: NDArray[np.uint16],
    *,
    lines: bool = False,
    paper: bool = False,
) -> tuple[Pixels, int]:
    """Return a painted picture in new colors, and how many pixels nobody knows the color of.

    Args:
        painted: (H, W, 4) uint8 or uint16 RGBA; not changed.
        old: (K, 4) uint16 RGBA.
        new: (K, 4) uint16 RGBA, what becomes of each.
        lines: lines get new colors, too.
        paper: bare paper does.
    """
    rows, flats = match_colors(painted, old), find_flats(painted)
    rows[(flats.lines & (not lines)) | (flats.paper & (not paper))] = UNKNOWN
    return repaint(painted, rows, new, flats.lines)


def repaint(
    painted: Pixels, rows: Ints, new: NDArray[np.uint16], lines: BoolMap
) -> tuple[Pixels, int]:
    """Return a painted picture in new colors, and how many pixels nobody knows the color of.

    Args:
        painted: (H, W, 4) uint8 or uint16 RGBA; not changed.
        rows: (H, W) int32, which new color each pixel gets; `UNKNOWN` for those that keep theirs.
        new: (K, 4) uint16 RGBA.
        lines: (H, W) bool, pixels in a line's own color.
    """
    changes = rows != UNKNOWN
    out = painted.copy()
    out[changes] = in_depth(new, painted.dtype)[rows[changes]]
    top = np.iinfo(painted.dtype).max
    black = (painted[..., :3] == 0).all(axis=-1) & (painted[..., 3] > 0) & ~changes
    lines = lines | black
    paper = (painted[..., 3] == 0) | (painted == top).all(axis=-1)
    odd = ~(changes | paper | lines)
    flat = (changes | paper) & ~lines
    if odd.any() and flat.any():
        odd[odd] = ~_follow(painted, out, odd, flat, lines)
    # Greys are black over bare paper: the rims of lines that no fill lies beside.
    levels = painted[odd][:, :3].astype(np.int64)
    grey = np.ptp(levels, axis=1) <= MIX * top / 255
    return out, int(np.count_nonzero(~grey))


def _follow(
    painted: Pixels, out: Pixels, odd: BoolMap, flat: BoolMap, lines: BoolMap
) -> NDArray[np.bool_]:
    """Give pixels that lines cover in part the same mix of what lies beside them now.

    Args:
        painted: (H, W, 4), the picture as it was.
        out: (H, W, 4), the same with new colors in fills and lines; changed here.
        odd: (H, W) bool, the n pixels in question.
        flat: (H, W) bool, fills and paper.
        lines: (H, W) bool, pixels in a line's own color.

    Returns:
        (n,) bool, pixels that are such mixes.
    """
    own = painted[odd][:, :3].astype(np.float64)
    far, at = (of[odd] for of in find_nearest(flat))
    under, under_now = (of.reshape(-1, 4)[at].astype(np.float64) for of in (painted, out))
    line, line_now = np.zeros_like(own), np.zeros_like(own)  # black where none is near
    if lines.any():
        off, at = (of[odd] for of in find_nearest(lines))
        near = off <= REACH
        line[near], line_now[near] = (of.reshape(-1, 4)[at[near], :3] for of in (painted, out))
    clear = under[:, 3] == 0  # over transparent paper a line keeps its color
    under, under_now = under[:, :3], under_now[:, :3]
    under[clear], under_now[clear] = line[clear], line_now[clear]
    way = line - under
    share = ((own - under) * way).sum(axis=1) / np.maximum((way * way).sum(axis=1), 1)
    share = np.clip(share, 0, 1)[:, None]
    top = np.iinfo(painted.dtype).max
    fits = np.linalg.norm(under + share * way - own, axis=1) <= MIX * top / 255
    fits &= far <= REACH
    moved = fits & ((under != under_now) | (line != line_now)).any(axis=1)
    mixed = np.rint(under_now + share * (line_now - under_now))[moved].astype(out.dtype)
    y, x = np.nonzero(odd)
    out[y[moved], x[moved], :3] = mixed
    return np.asarray(fits)


def find_nearest(mask: BoolMap) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Return how far each pixel is from a mask (H, W), and the pixel of it that is nearest.

    The nearest pixel is named by its place in raster order; the mask holds one at least.
    """
    distance, nearest = cv2.distanceTransformWithLabels(
        (~mask).view(np.uint8), cv2.DIST_L2, 3, labelType=cv2.DIST_LABEL_PIXEL
    )
    place = np.zeros(int(nearest.max()) + 1, np.int64)
    place[nearest[mask]] = np.flatnonzero(mask)
    return np.asarray(distance, np.float32), place[nearest]


def list_painted(folder: Path) -> list[Path]:
    """Return the pictures below a folder, those in folders with `.` or `_` in front left out.

    Raises:
        BadOption: there is none.
    """
    found = sorted(
        path
        for path in folder.rglob("*")
        if path.suffix.lower() in IMAGE_SUFFIXES
        and not any(part.startswith((".", "_")) for part in path.relative_to(folder).parts)
    )
    if not found:
        raise BadOption(
            f"{folder} holds no picture", expected="a folder of painted cels", action="Check it"
        )
    return found
