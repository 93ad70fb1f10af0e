"""Colour-trace lines that paint should have replaced."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from shiage.checks.findings import Finding
from shiage.checks.places import count_px, find_places, tell_colors
from shiage.checks.sorting import Sorted, hue_numbers
from shiage.checks.view import CelView
from shiage.lines.lineart import LineSettings


def check_traces(view: CelView, found: Sorted, lines: LineSettings) -> Iterator[Finding]:
    """Yield the places where a colour trace is left over, with the name of its hue."""
    names = ["black", *(hue.name for hue in lines.trace_hues)]
    for place in find_places(found.trace):
        drawn = view.lineart.trace[place.rows, place.columns]
        if not drawn.any():  # the rim of a soft trace line
            drawn = hue_numbers(view.drawing[place.rows, place.columns], lines)
        hues = [names[n] for n in np.unique(drawn[drawn > 0])] or [names[0]]
        yield Finding(
            "trace",
            view.name,
            f"{count_px(place.area)} of the {' and '.join(hues)} trace at {place.where} "
            f"{'is' if place.area == 1 else 'are'} left over",
            "fault",
            place.box_xyxy,
            place.xy,
            place.area,
            tell_colors(place.words(view.paints)),
        )
