"""Which parts of a painting are paper, where its own paper does not tell.

A painting may be saved on opaque white, or on a ground of another color, while its drawing has
transparent paper.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from shiage.files.packing import pack
from shiage.files.pictures import Pixels, to_u8
from shiage.lines.ground import GROUND_EDGE, GROUND_NOISE, edge_of
from shiage.lines.lineart import flatten_on_white
from shiage.painting.oddities import ReferenceWarning
from shiage.structures import BoolMap, Segments

OFF_WHITE = 250
"""A color of at least this level in all channels is white; who paints in one that is not pure keeps
pure white for paper."""


def find_white_paper(
    white: BoolMap,
    colors: NDArray[np.uint16],
    place: NDArray[np.int64],
    segments: Segments,
    line_u8: NDArray[np.uint8] | None,
    has_white: bool,
) -> tuple[BoolMap, BoolMap]:
    """Return which white segments of a painting on opaque white are paper, and which may be.

    Paper and white paint look alike there. A drawing that is filled, transparent outside, says
    which is which; and who paints in a white that is not quite pure keeps that for paper. Else what
    reaches the edge is paper, and what lines enclose is paint: the white of eyes, teeth and shirts
    is commoner than the background seen through the crook of an arm.

    Args:
        white: (N,) bool, the white segments.
        colors: (N, 4) uint16 of all segments.
        place: (N, 2) a pixel in the color of each.
        segments: the segments.
        line_u8: (H, W, 4) the drawing; None if there is none.
        has_white: whether white is among the colors to be painted with.

    Returns:
        (N,) bool, paper; and (N,) bool, taken for paint, though it may be transparent paper.
    """
    nowhere = np.zeros(len(white), bool)
    if not has_white:
        return white, nowhere
    at_edge = white & segments.touches_border
    if line_u8 is None or line_u8[..., 3].min() == 255:
        return at_edge, nowhere
    filled = line_u8[place[:, 1], place[:, 0], 3] == 255
    colored = ~white & (colors[:, 3] > 0)
    if 2 * segments.area[filled & colored].sum() > segments.area[colored].sum():
        return white & ~filled, nowhere
    off_white = ~white & (colors >= OFF_WHITE * 257).all(axis=1)
    return (white, nowhere) if off_white.any() else (at_edge, white & ~at_edge)


def tell_white(name: str, places: NDArray[np.int64]) -> list[ReferenceWarning]:
    """Return a warning on the white segments at these places, taken for paint."""
    if not len(places):
        return []
    x, y = places[0].tolist()
    count = f"{len(places)} segments" if len(places) > 1 else "1 segment"
    return [
        ReferenceWarning(
            "white",
            f"reference {name} is on white paper and its drawing on transparent: white that lines "
            f"enclose ({count}, first at ({x}, {y})) is taken for paint, white at the edge for "
            "paper. Where the background should show through, save the reference with "
            "transparent paper",
            (x, y),
        )
    ]


def tell_ground(name: str, painting: Pixels, line_u8: NDArray[np.uint8]) -> list[ReferenceWarning]:
    """Return a warning if a painting has a black or grey ground where its drawing has paper."""
    edge = to_u8(edge_of(painting))
    words = pack(edge)
    _, first, place, count = np.unique(
        words, return_index=True, return_inverse=True, return_counts=True
    )
    most = int(count.argmax())
    color = edge[first[most]]
    drawn = flatten_on_white(edge_of(line_u8)[None])[0][place == most]
    as_drawn = (np.abs(drawn.astype(np.int16) - color[:3]) <= GROUND_NOISE).all(axis=1)
    is_grey = np.ptp(color[:3]) == 0 and color.min() < 255  # a color is meant
    if not is_grey or count[most] < GROUND_EDGE * len(edge) or as_drawn.mean() > 0.5:
        return []
    return [
        ReferenceWarning(
            "ground",
            f"reference {name} has a ground of #{color[:3].tobytes().hex()} where its "
            "drawing has paper; so the ground of the other cels is painted, too. If it should not "
            "be, save the reference with transparent paper or on white",
            (0, 0),
        )
    ]
