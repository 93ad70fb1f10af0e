"""The paper of a drawing, wherever its color matters.

Most drawings have one: opaque, or transparent, which has no color whatever the file stores there.
Some have two: figures filled with opaque white on transparent ground. A line between them is mixed
with the one on one side and with the other on the other.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from shiage.files.packing import pack
from shiage.files.pictures import Pixels
from shiage.structures import BoolMap, Floats, LineArt

BARE_COVERAGE = 5
"""Coverage up to which a pixel is bare paper."""

FULL_COVERAGE = 250
"""Coverage from which a line hides what lies under it."""

LEAST_BODY = 16
"""A drawing with transparent paper has opaque paper, too, if it has this many pixels of it."""

SAMPLES = 100_000
"""Pixels looked at to tell a commonest color."""


@dataclass(frozen=True, eq=False)
class Paper:
    """What lies under the lines of a drawing.

    Attributes:
        opaque: (4,) commonest color of opaque paper; white if there is none.
        clear: (4,) what the file stores where the paper is transparent; None if it nowhere is.
        main: (4,) the one there is more of.
        is_clear: (H, W) bool, pixels whose nearest bare paper is transparent; None if all paper is
            of one kind.
        far: (H, W) float32, how far opaque paper is from each pixel; None if all is of one kind.
    """

    opaque: Pixels
    clear: Pixels | None
    main: Pixels
    is_clear: BoolMap | None = None
    far: Floats | None = None

    def under(self, where: BoolMap) -> Pixels:
        """(4,) or (n, 4): the paper under n pixels of the drawing (H, W)."""
        if self.is_clear is None or self.clear is None:
            return self.main
        below: Pixels = np.where(self.is_clear[where][:, None], self.clear, self.opaque)
        return below


def find_paper(drawing: Pixels, lineart: LineArt) -> Paper:
    """Return the paper of a drawing.

    Args:
        drawing: (H, W, 4) uint8 or uint16 RGBA, without guides.
        lineart: its lines.
    """
    bare, alpha = find_bare(lineart), cv2.extractChannel(drawing, 3)
    if alpha.min(initial=0) > 0 or not (is_clear := bare & (alpha == 0)).any():
        opaque = commonest_color(drawing, bare)
        return Paper(opaque, None, opaque)
    clear = commonest_color(drawing, is_clear)
    is_opaque = bare & (alpha == np.iinfo(drawing.dtype).max)
    body = np.count_nonzero(is_opaque)
    if body < LEAST_BODY:
        return Paper(np.full(4, np.iinfo(drawing.dtype).max, drawing.dtype), clear, clear)
    opaque = commonest_color(drawing, is_opaque)
    main = clear if np.count_nonzero(is_clear) >= body else opaque
    to_clear, to_opaque = (
        np.asarray(cv2.distanceTransform((~mask).view(np.uint8), cv2.DIST_L2, 5), np.float32)
        for mask in (is_clear, is_opaque)
    )
    return Paper(opaque, clear, main, to_clear < to_opaque, to_opaque)


def find_bare(lineart: LineArt) -> BoolMap:
    """(H, W) bool: pixels of bare paper."""
    return np.asarray((lineart.coverage <= BARE_COVERAGE) & ~lineart.ink)


def commonest_color(pixels: Pixels, where: BoolMap) -> Pixels:
    """(3,) or (4,): the commonest color of some pixels, in their dtype; opaque white if none is.

    Args:
        pixels: (H, W, 3 or 4) uint8 or uint16.
        where: (H, W) bool, which of them.
    """
    step = max(1, where.size // SAMPLES)
    flat = pixels.reshape(-1, pixels.shape[2])
    some = flat[::step][where.ravel()[::step]]
    if not len(some):
        some = pixels[where]
    if not len(some):
        return np.full(pixels.shape[2], np.iinfo(pixels.dtype).max, pixels.dtype)
    _, first, counts = np.unique(pack(some), return_index=True, return_counts=True)
    color: Pixels = some[first[int(np.argmax(counts))]]
    return color
