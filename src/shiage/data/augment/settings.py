"""Which augmentations happen how often and how strongly."""

from __future__ import annotations

from typing import Self

import msgspec

Range = tuple[float, float]


class AugmentSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Probabilities in [0, 1], and the ranges within which strengths are drawn.

    The defaults of flip, crop, affine and warp follow what published matchers of anime segments
    train with; the others are ours.

    Attributes:
        flip: probability of a mirror image.
        flip_apart: probability that the two drawings of a pair decide on their flips each for
            itself; otherwise both flip or neither does.
        crop: probability of enlarging a random window.
        crop_area: share of the picture's area that the window has.
        content: probability of enlarging what is drawn to fill the picture.
        content_margin: paper left around it, in shares of its longer side.
        affine: probability of turning, scaling and shifting.
        turn_deg: largest turn to either side, degrees.
        scale: largest change of size; 0.25 is from 75 % to 125 %.
        shift: largest shift in each direction, in shares of the longer side.
        warp: probability of a thin-plate spline warp.
        warp_points: number of points moved.
        warp_amplitude: largest move of a point, in shares of the longer side; less where the
            drawing would fold.
        resize: probability of another resolution.
        resize_px: longer side of the picture then, pixels.
        drop: probability of forgotten lines, which merge the segments on their sides.
        drop_count: how many.
        trace_drop: probability that all colour-trace lines are missing.
        trace_recolor: probability that colour-trace lines have other hues.
        stray: probability of stray strokes, which split segments.
        stray_count: how many.
        width: probability of wider or thinner lines.
        width_px: change of width, whole pixels; lines grow at most by their own width and
            stay 2 wide at least.
        harden: probability of binary lines.
        soften: probability of blurred lines.
        soften_px: standard deviation of the blur, pixels.
        fade: probability of pale lines.
        fade_strength: what is left of their darkness.
        rough: probability of uneven, grainy lines.
        rough_amount: how much of the line's strength may be missing in places.
        broken: probability of openings in the lines.
        broken_count: how many.
    """

    flip: float = 0.5
    flip_apart: float = 0.5
    crop: float = 0.4
    crop_area: Range = (0.5, 1.0)
    content: float = 0.1
    content_margin: Range = (0.01, 0.15)
    affine: float = 0.4
    turn_deg: float = 60.0
    scale: float = 0.25
    shift: float = 0.3
    warp: float = 0.4
    warp_points: tuple[int, int] = (4, 16)
    warp_amplitude: Range = (0.1, 0.3)
    resize: float = 0.2
    resize_px: tuple[int, int] = (256, 1024)
    drop: float = 0.15
    drop_count: tuple[int, int] = (1, 3)
    trace_drop: float = 0.1
    trace_recolor: float = 0.3
    stray: float = 0.2
    stray_count: tuple[int, int] = (1, 3)
    width: float = 0.3
    width_px: tuple[int, int] = (-2, 3)
    harden: float = 0.25
    soften: float = 0.1
    soften_px: Range = (0.4, 0.9)
    fade: float = 0.15
    fade_strength: Range = (0.35, 0.85)
    rough: float = 0.1
    rough_amount: Range = (0.1, 0.4)
    broken: float = 0.15
    broken_count: tuple[int, int] = (1, 12)

    @classmethod
    def none(cls) -> Self:
        """Return the settings that change nothing."""
        return cls(
            flip=0,
            crop=0,
            content=0,
            affine=0,
            warp=0,
            resize=0,
            drop=0,
            trace_drop=0,
            trace_recolor=0,
            stray=0,
            width=0,
            harden=0,
            soften=0,
            fade=0,
            rough=0,
            broken=0,
        )
