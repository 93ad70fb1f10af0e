"""Colors that nobody chose: neither in the palette nor in a reference, nor a line's rim."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from shiage.checks.findings import Finding
from shiage.checks.places import count_px, find_places, tell_colors
from shiage.checks.sorting import Sorted
from shiage.checks.view import CelView

MEANT_AREA = 25
"""Where neither palette nor reference says what is allowed, a flat place of this many pixels is
taken for paint that somebody meant."""


def check_palette(view: CelView, found: Sorted) -> Iterator[Finding]:
    """Yield the places whose color is not allowed; all that is dithered is one."""
    if len(view.dithers):
        yield Finding("off-palette", view.name, view.dithers.tell(), "doubt", xy=view.dithers.xy)
    mask = found.color
    if view.allowed is not None:
        off = view.painted_segments & view.known & ~view.is_allowed(view.fills)
        if off.any():
            labels = view.segments.labels
            mask = mask | (off[labels] & (view.paints == view.fills[labels]))
    for place in find_places(mask):
        words = place.words(view.paints)
        flat = len(np.unique(words)) == 1
        if view.allowed is None and flat and place.area >= MEANT_AREA:
            continue
        colors = tell_colors(words)
        listed = colors[0] if flat else f"colors such as {colors[0]}"
        known = "the palette or a reference" if view.allowed is not None else "any fill of the cel"
        yield Finding(
            "off-palette",
            view.name,
            f"{count_px(place.area)} at {place.where} in {listed}, not a color of {known}",
            "fault" if view.allowed is not None else "doubt",
            place.box_xyxy,
            place.xy,
            place.area,
            colors,
        )
