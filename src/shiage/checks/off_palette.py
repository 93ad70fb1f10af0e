"""Colors that nobody chose: neither in the palette nor in a reference, nor a line's rim."""

from __future__ import annotations

from collections.abc import Iterator

from shiage.checks.findings import Finding
from shiage.checks.places import count_px, find_places, tell_colors
from shiage.checks.sorting import Sorted
from shiage.checks.view import CelView

MEANT_AREA = 25
"""Where neither palette nor reference says what is allowed, a flat place of this many pixels is
taken for paint that somebody meant, wherever else its color is."""


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
    places = [(place, place.words(view.paints)) for place in find_places(mask)]
    flats = [(words[0], place.area) for place, words in places if (words == words[0]).all()]
    large = {word for word, area in flats if area >= MEANT_AREA}
    meant = large if view.allowed is None else set()
    for place, words in places:
        flat = bool((words == words[0]).all())
        if flat and words[0] in meant:
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
