"""Small places inside painted areas that nobody painted."""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np

from shiage.checks.findings import Finding
from shiage.checks.places import Place, count_px, find_places, tell_color, tell_colors
from shiage.checks.settings import CheckSettings
from shiage.checks.sorting import Sorted
from shiage.checks.view import CelView
from shiage.lines.segments import find_inner_points
from shiage.painting.open_places import amid_paint
from shiage.structures import BoolMap

_CROSS = cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3))


def check_pinholes(view: CelView, found: Sorted, settings: CheckSettings) -> Iterator[Finding]:
    """Yield the holes in the paint of segments, and small segments without any.

    What reaches the edge of the picture is the paper around the figure, and what borders on an
    unpainted segment without a line between belongs to that.
    """
    yield from _holes(view, found.hole, settings)
    yield from _small_parts(view, settings)


def _holes(view: CelView, mask: BoolMap, settings: CheckSettings) -> Iterator[Finding]:
    """Yield places of bare pixels in segments that are painted otherwise."""
    if not mask.any():
        return
    labels = view.segments.labels
    unpainted = ~view.painted_segments[labels] & (labels > 0)
    reached = cv2.dilate(unpainted.view(np.uint8), _CROSS).astype(bool)
    paint = (labels > 0) & ~unpainted & ~mask
    open_side = cv2.dilate(paint.view(np.uint8), _CROSS).astype(bool)
    height, width = labels.shape
    for place in find_places(mask, connectivity=4):
        x0, y0, x1, y1 = place.box_xyxy
        at_edge = x0 == 0 or y0 == 0 or x1 == width or y1 == height
        most = settings.largest_part if at_edge else settings.largest_hole
        if place.area > most or reached[place.rows, place.columns].any():
            continue
        yield _finding(view, place, _fill_around(view, place), open_side[place.rows, place.columns])


def _fill_around(view: CelView, place: Place) -> str:
    """Return the color that most of the place's segment has, or, on a line, one beside it."""
    label = np.unique(view.segments.labels[place.rows, place.columns])[-1]
    if label:
        return tell_color(view.fills[label])
    x0, y0, x1, y1 = place.box_xyxy
    around = view.segments.labels[max(0, y0 - 3) : y1 + 3, max(0, x0 - 3) : x1 + 3]
    near = np.bincount(around.ravel(), minlength=len(view.fills)) * view.painted_segments
    return tell_color(view.fills[int(near.argmax())]) if near.any() else "none"


def _finding(view: CelView, place: Place, fill: str, open_side: BoolMap) -> Finding:
    """Return the finding; a hole that lines enclose on all sides may be paper between them."""
    return Finding(
        "pinhole",
        view.name,
        f"{count_px(place.area)} unpainted at {place.where}, amid {fill}",
        "fault" if open_side.any() else "doubt",
        place.box_xyxy,
        place.xy,
        place.area,
        (*tell_colors(place.words(view.paints)), fill),
    )


def _small_parts(view: CelView, settings: CheckSettings) -> Iterator[Finding]:
    """Yield small segments without paint that lie mostly beside painted ones.

    Where white is a color of the palette, a white segment on white paper is painted white, and so
    is one that rims cover throughout and that is as drawn.
    """
    segments = view.segments
    small = ~view.painted_segments[1:] & view.known[1:] & ~segments.touches_border
    small &= segments.area <= settings.largest_part
    if view.paper != 0 and (view.allowed is None or view.paper in view.allowed):
        inner = find_inner_points(segments.labels, len(segments)) if small.any() else None
        if inner is not None:
            painted = view.paints[inner[:, 1], inner[:, 0]]
            small &= (painted != view.paper) & (painted != view.drew[inner[:, 1], inner[:, 0]])
    if not small.any():
        return
    amid = amid_paint(view.painted_segments[1:], segments.neighbors)
    for label in np.flatnonzero(small & amid) + 1:
        (x0, y0, x1, y1) = box = tuple(segments.box_xyxy[label - 1].tolist())
        rows, columns = np.nonzero(segments.labels[y0:y1, x0:x1] == label)
        place = Place(box, (x0 + int(columns[0]), y0 + int(rows[0])), rows + y0, columns + x0)
        yield Finding(
            "pinhole",
            view.name,
            f"the part of {count_px(place.area)} at {place.where} is unpainted",
            "doubt",
            place.box_xyxy,
            place.xy,
            place.area,
            tell_colors(place.words(view.paints)),
        )
