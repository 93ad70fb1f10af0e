"""Clean drawings drawn again as people draw: pencil, gaps, stray strokes, paper; truth kept.

`strokes.py` takes a clean drawing apart into the strokes that a hand would draw, `hand.py` says how
a hand draws them, `drawing.py` draws, `paper.py` makes of it what a scanner or a file holds.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from shiage.data.dataset import Frame
from shiage.data.rough.drawing import RoughDrawing, draw_rough
from shiage.data.rough.hand import ROUGH, Level, random_hand
from shiage.data.rough.paper import put_on_paper
from shiage.data.rough.strokes import find_strokes

__all__ = ["ROUGH", "Level", "RoughDrawing", "draw_again"]


def draw_again(frame: Frame, level: Level, rng: np.random.Generator) -> RoughDrawing:
    """Return a clean drawing as a hand would draw it, in place.

    Generators in the same state make the same pixels.

    Args:
        frame: with closed lines.
        level: how rough.
        rng: decides.
    """
    drawing = find_strokes(frame)
    width = drawing.line_width * float(rng.uniform(0.8, 1.4))
    placement = np.eye(2, 3, dtype=np.float32)
    size_hw = (frame.labels.shape[0], frame.labels.shape[1])
    hand = random_hand(rng, level, width)
    rough = draw_rough(drawing, size_hw, placement, hand, rng)
    return replace(rough, rgb=put_on_paper(rough.rgb, level, rng))
