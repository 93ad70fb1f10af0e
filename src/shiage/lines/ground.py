"""Drawings on a dark ground: a render's grey world, or an alpha channel dropped on export.

Lines are darker than paper. Where the ground is too dark for that, everything around the figure
looks like ink; then the drawing is at fault, not what it is painted from.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shiage.errors import NothingToPaint
from shiage.files.packing import pack
from shiage.structures import BoolMap, ByteMap, LineArt

GROUND_SHARE = 0.25
"""A ground covers at least this much of a picture ..."""

GROUND_EDGE = 0.75
"""... and of its edge."""

INK_SHARE = 1 / 3
"""Where less of a picture looks like ink, a dark edge is the frame of the picture."""

GROUND_NOISE = 6
"""How far, in levels of 255, a ground's pixels may lie from the commonest level."""

DARKEST_GROUND = 32
"""On a ground below this level, black lines and ground look alike."""

FEWEST_LINES = 0.001
"""This much of a picture is darker than its ground, if lines can be seen on it."""

RIMS_SHARE = 0.25
"""Lines over fills lighter than the ground cannot be found if this many pixels, beside those darker
than it, are neither ground nor fill: rims that are lighter than the ground."""


def measure_ground(level: ByteMap) -> int | None:
    """Return the level of the flat ground around a figure, None if there is none.

    Args:
        level: (H, W) uint8, 0 black, 255 white.
    """
    edge = int(np.bincount(edge_of(level), minlength=256).argmax())
    low, high = max(0, edge - GROUND_NOISE), edge + GROUND_NOISE
    ground = (level >= low) & (level <= high)
    covers = np.count_nonzero(ground) >= GROUND_SHARE * level.size
    return edge if covers and edge_of(ground).mean() >= GROUND_EDGE else None


def shows_lines(counts: NDArray[np.generic], ground: int) -> bool:
    """Whether lines can be found on a dark ground, and on fills that are lighter than it.

    Args:
        counts: (256,) how many pixels of each level there are.
        ground: its level.
    """
    darker = counts[: max(0, ground - GROUND_NOISE)].sum()
    lighter = np.array(counts[ground + GROUND_NOISE + 1 :], np.float64)
    fill = int(lighter.argmax())
    rims = lighter.sum() - lighter[max(0, fill - GROUND_NOISE) : fill + GROUND_NOISE + 1].sum()
    return bool(
        ground >= DARKEST_GROUND
        and darker >= FEWEST_LINES * counts.sum()
        and rims <= RIMS_SHARE * darker
    )


def require_light_ground(
    rgba_u8: NDArray[np.uint8], lineart: LineArt, path: Path | None = None
) -> None:
    """Raise if the ground of a drawing is as dark as its lines.

    Args:
        rgba_u8: (H, W, 4) uint8 RGBA, the drawing.
        lineart: the lines found in it.
        path: its file, for the message.

    Raises:
        NothingToPaint: it is.
    """
    message = tell_dark_ground(rgba_u8, lineart)
    if message:
        raise NothingToPaint(
            message,
            path=path,
            expected="lines on white or transparent paper",
            action="Export it with its alpha channel, or on white: what is transparent in your "
            "program comes out black without alpha. Or set the threshold by hand (--threshold)",
        )


def tell_dark_ground(rgba_u8: NDArray[np.uint8], lineart: LineArt) -> str:
    """Return what is wrong with the ground of a drawing, "" if nothing is."""
    ink = lineart.ink
    share = float(ink.mean())
    if share < INK_SHARE or edge_of(ink).mean() < GROUND_EDGE:
        return ""
    if share == 1:
        return f"the drawing is nothing but ink: {_commonest(rgba_u8, ink)} all over"
    where = np.zeros_like(ink)
    where[[0, -1]] = where[:, [0, -1]] = True
    color = _commonest(rgba_u8, where & ink)
    return f"the drawing has a dark ground, {color}: {share:.0%} of it looks like ink"


def edge_of(picture: NDArray[Any]) -> NDArray[Any]:
    """(n, ...): the pixels at the edge of a picture (H, W, ...)."""
    return np.concatenate([picture[0], picture[-1], picture[1:-1, 0], picture[1:-1, -1]])


def _commonest(rgba_u8: NDArray[np.uint8], where: BoolMap) -> str:
    """Return the commonest color of some pixels as `#rrggbb`."""
    words = pack(rgba_u8)[where]
    colors, counts = np.unique(words, return_counts=True)
    code: str = colors[int(counts.argmax())].tobytes()[:3].hex()
    return "#" + code
