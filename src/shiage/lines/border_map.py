"""How likely parts of a drawing meet at each pixel, gaps completed: the learned map.

The network was trained on drawings whose lines are two to three pixels wide, so a drawing is
brought to that scale first. What it sees is how far each pixel is from the paper, in three colors.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from shiage.structures import Floats

PAPER_SAMPLES = 40_000
"""Pixels looked at to find the color of paper."""


def lift_off_paper(rgb: NDArray[np.uint8]) -> Floats:
    """(3, H, W) float32 in [0, 1]: how far each pixel is from paper towards black, by channel.

    Args:
        rgb: (H, W, 3) uint8, a drawing on paper of any color; most of it is bare.
    """
    flat = rgb.reshape(-1, 3)
    sampled = flat[:: max(1, len(flat) // PAPER_SAMPLES)]
    paper = np.maximum(np.median(sampled, axis=0), 1).astype(np.float32)
    lifted = np.clip(1 - rgb.transpose(2, 0, 1).astype(np.float32) / paper[:, None, None], 0, 1)
    return np.ascontiguousarray(lifted, np.float32)
