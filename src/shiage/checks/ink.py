"""Lines of the drawing that did not come through as they went in."""

from __future__ import annotations

from collections.abc import Iterator

from shiage.checks.findings import Finding
from shiage.checks.places import count_px, find_places, tell_color, tell_colors
from shiage.checks.sorting import Sorted
from shiage.checks.view import CelView


def check_ink(view: CelView, found: Sorted) -> Iterator[Finding]:
    """Yield the places where line pixels have changed; in doubt where the line is soft there."""
    for place in find_places(found.ink):
        now, before = place.words(view.paints), place.words(view.drew)
        colors = tell_colors(now)
        was = tell_color(before[0])
        yield Finding(
            "ink",
            view.name,
            f"the line at {place.where} is not as it was drawn: {count_px(place.area)} "
            f"changed to {colors[0]} from {was}",
            "fault" if view.hard[place.rows, place.columns].any() else "doubt",
            place.box_xyxy,
            place.xy,
            place.area,
            (*colors, was),
        )
