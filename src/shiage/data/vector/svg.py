"""SVG pictures → flat elements in painting order: closed polygons with one color each.

picosvg resolves what SVG can express (groups, transforms, `use`, clips, strokes, arcs) into plain
filled paths; here they become polygons, gradients their mean color, and translucent paint the color
it shows.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

import cv2
import numpy as np
from lxml import etree  # type: ignore[import-untyped]
from numpy.typing import NDArray
from picosvg.svg import SVG
from picosvg.svg_pathops import remove_overlaps
from picosvg.svg_types import SVGShape
from PIL import ImageColor

from shiage.data.scene import Rgb
from shiage.data.vector.thinning import centerline

CANVAS = 512
"""Pixels of the canvas on which elements are looked at; about how large they will be drawn."""

MARGIN = 16
MIN_VISIBLE = 30  # pixels of the canvas; less cannot be painted by hand either
THIN = 2.6  # pixels; an element nowhere farther from its border is drawn as one line
THIN_DARK = 7.0  # the same for what is seen of near-black ones: outlines, lashes, lips
MIN_ALPHA = 0.22  # paler paint is a gloss, not a part
STEP = 0.02  # longest edge of a polygon, in units, so that warps bend it


_NOT_PAINTED = re.compile(r"/(defs|mask|pattern|marker|symbol|filter)\[")


@dataclass(frozen=True, eq=False)
class Element:
    """One flat shape of a picture. Unit: the picture's longer side is 2, its middle 0, y down.

    Attributes:
        color: its RGB.
        contours: closed polygons (n, 2) float32, the outer border first, then its holes; none if
            the element is a line.
        lines: (E, 2, 2) float32, edges of its center line where it is too thin to hold paint.
        is_ink: its contours enclose no paint but a bold line.
    """

    color: Rgb
    contours: tuple[NDArray[np.float32], ...]
    lines: NDArray[np.float32]
    is_ink: bool = False


NO_LINES: NDArray[np.float32] = np.zeros((0, 2, 2), np.float32)


def read_svg(text: str) -> tuple[Element, ...]:
    """Return a picture's visible elements in painting order.

    Raises:
        ValueError: the text is no SVG that can be read.
    """
    try:
        painted = [piece for shape in _shapes(_resolve(text)) for piece in shape]
    except (etree.XMLSyntaxError, AssertionError, KeyError, TypeError) as error:
        raise ValueError(f"cannot be read as SVG ({error})") from error
    return _as_seen(_normalize(painted))


def _resolve(text: str) -> SVG:
    """Return a picture of plain filled shapes: what `SVG.topicosvg` does, less what we need not."""
    # picosvg knows neither the unit px, which is the default, nor links as SVG 2 writes them
    text = re.sub(r"(?<=\d)px\b", "", text)
    text = re.sub(r"\shref=(['\"]#)", r" xlink:href=\1", text)
    svg: SVG = SVG.fromstring(text)  # type: ignore[no-untyped-call]
    for resolve in (
        svg.remove_nonsvg_content,
        svg.remove_processing_instructions,
        svg.remove_anonymous_symbols,
        svg.apply_style_attributes,
        svg.resolve_nested_svgs,
        svg.resolve_use,
        svg.simplify,
    ):
        resolve(inplace=True)  # type: ignore[no-untyped-call]
    return svg


def draw(
    mask: NDArray[np.uint8] | NDArray[np.int32],
    contours: tuple[NDArray[np.float32], ...],
    value: int,
) -> None:
    """Fill polygons with holes into a map, borders at a sixteenth of a pixel."""
    fixed = [np.round(contour * 16).astype(np.int32) for contour in contours]
    cv2.fillPoly(mask, fixed, value, lineType=cv2.LINE_8, shift=4)


def to_canvas(contours: tuple[NDArray[np.float32], ...]) -> tuple[NDArray[np.float32], ...]:
    """Return polygons in pixels of the canvas."""
    return tuple((contour + 1) * (CANVAS / 2 - MARGIN) + MARGIN for contour in contours)


def to_unit(pixels: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return where places on the canvas, (..., 2), lie in units."""
    return (pixels - MARGIN) / (CANVAS / 2 - MARGIN) - 1


_Painted = tuple[Rgb, float, tuple[NDArray[np.float32], ...]]


def _shapes(svg: SVG) -> list[list[_Painted]]:
    """Return what each shape paints, piece by piece: color, opacity and polygons."""
    means = {
        str(gradient.get("id")): _mean_stop(gradient)
        for gradient in svg.xpath("//svg:linearGradient | //svg:radialGradient")
    }
    found = []
    for context in svg.depth_first():  # type: ignore[no-untyped-call]
        if not context.is_shape() or _NOT_PAINTED.search(context.path):
            continue
        shape = context.shape()
        if shape.display == "none":
            continue
        color, alpha = _paint(shape.fill, means)
        for ancestor in (context.element, *context.element.iterancestors()):
            alpha *= float(ancestor.get("opacity", 1)) * float(ancestor.get("fill-opacity", 1))
        if alpha >= MIN_ALPHA:
            found.append([(color, alpha, piece) for piece in _pieces(_flatten(shape))])
    return found


def _paint(fill: str, means: dict[str, tuple[Rgb, float]]) -> tuple[Rgb, float]:
    """Return the color and opacity of a fill attribute."""
    link = re.match(r"url\(\s*['\"]?#([^'\")]+)", fill)
    if link:
        return means.get(link.group(1), ((128, 128, 128), 1.0))
    try:
        rgba = ImageColor.getcolor("black" if fill == "currentColor" else fill, "RGBA")
    except ValueError:
        return (0, 0, 0), 0.0
    assert isinstance(rgba, tuple)  # noqa: S101 - "RGBA" gives a tuple
    return (rgba[0], rgba[1], rgba[2]), rgba[3] / 255


def _mean_stop(gradient: etree._Element) -> tuple[Rgb, float]:
    """Return the mean color and opacity of a gradient's stops."""
    stops = []
    for stop in gradient:
        items = (item.partition(":") for item in stop.get("style", "").split(";"))
        style = {key.strip(): value.strip() for key, _, value in items}
        color, alpha = _paint(stop.get("stop-color", style.get("stop-color", "black")), {})
        alpha *= float(stop.get("stop-opacity", style.get("stop-opacity", 1)))
        stops.append((*color, alpha))
    if not stops:
        return (0, 0, 0), 0.0
    table = np.array(stops)
    weights = table[:, 3] + 1e-6
    red, green, blue = np.average(table[:, :3], axis=0, weights=weights)
    return (round(red), round(green), round(blue)), float(table[:, 3].mean())


def _flatten(shape: SVGShape) -> list[NDArray[np.float64]]:
    """Return a shape's closed subpaths as polygons that do not cross."""
    polygons: list[list[NDArray[np.float64]]] = []
    # what comes back is absolute and has lines and curves only
    for command, arguments in remove_overlaps(shape.as_cmd_seq(), shape.fill_rule):
        points = np.array(arguments, np.float64).reshape(-1, 2)
        if command == "M":
            polygons.append([points[:1]])
        elif command != "Z":
            polygons[-1].append(_bezier(np.vstack([polygons[-1][-1][-1:], points])))
    return [np.vstack(polygon) for polygon in polygons if sum(map(len, polygon)) > 2]


def _bezier(control: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return points along a Bézier curve of any degree, its start left out."""
    time = np.linspace(0, 1, 15)[1:, None, None] if len(control) > 2 else np.ones((1, 1, 1))
    levels = np.broadcast_to(control, (len(time), *control.shape))
    while levels.shape[1] > 1:  # de Casteljau
        levels = levels[:, :-1] * (1 - time) + levels[:, 1:] * time
    return levels[:, 0]


def _pieces(polygons: list[NDArray[np.float64]]) -> list[tuple[NDArray[np.float32], ...]]:
    """Return polygons that do not cross, sorted into outer borders, each with its holes."""
    shapes = [polygon.astype(np.float32) for polygon in polygons]
    shapes.sort(key=cv2.contourArea, reverse=True)
    around = [
        [
            outer
            for outer in range(inner)
            if cv2.pointPolygonTest(shapes[outer], shapes[inner][0].tolist(), False) > 0
        ]
        for inner in range(len(shapes))
    ]
    pieces = {at: [shapes[at]] for at in range(len(shapes)) if len(around[at]) % 2 == 0}
    for at, outers in enumerate(around):
        if len(outers) % 2:
            pieces[max(outer for outer in outers if outer in pieces)].append(shapes[at])
    return [tuple(piece) for piece in pieces.values()]


def _normalize(painted: list[_Painted]) -> list[_Painted]:
    """Return the shapes moved and scaled to the unit, with edges short enough to bend."""
    if not painted:
        return []
    points = np.vstack([contour for _, _, contours in painted for contour in contours])
    low, high = points.min(axis=0), points.max(axis=0)
    middle, half = (low + high) / 2, max(float((high - low).max()) / 2, 1e-6)
    return [
        (color, alpha, tuple(_densify((contour - middle) / half) for contour in contours))
        for color, alpha, contours in painted
    ]


def _densify(polygon: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the polygon with points added so that no edge is longer than `STEP`."""
    edges = np.roll(polygon, -1, axis=0) - polygon
    counts = np.maximum(1, np.ceil(np.linalg.norm(edges, axis=1) / STEP)).astype(int)
    start = np.repeat(np.arange(len(polygon)), counts)
    share = (np.arange(len(start)) - np.repeat(np.cumsum(counts) - counts, counts)) / counts[start]
    return np.asarray(polygon[start] + share[:, None] * edges[start], np.float32)


def _as_seen(painted: list[_Painted]) -> tuple[Element, ...]:
    """Return the elements that can be seen, with the colors they show, thin ones as lines."""
    owner = np.full((CANVAS, CANVAS), -1, np.int32)
    shown = np.full((CANVAS, CANVAS, 3), 255, np.uint8)
    elements: list[Element] = []
    for color, alpha, contours in painted:
        mask = np.zeros((CANVAS, CANVAS), np.uint8)
        draw(mask, to_canvas(contours), 1)
        inside = mask > 0
        seen = _seen_color(color, alpha, shown[inside])
        same = np.abs(shown[inside].astype(int) - seen).max(axis=1, initial=0) <= 3
        if not inside.any() or (same & (owner[inside] >= 0)).mean() > 0.97:
            continue
        if _radius(inside) <= THIN:
            line = to_unit(centerline(inside).astype(np.float64) + 0.5)
            elements.append(Element(seen, (), line.astype(np.float32)))
            continue
        owner[inside] = len(elements)
        shown[inside] = seen
        elements.append(Element(seen, contours, NO_LINES))
    seen_of = [owner == at for at in range(len(elements))]
    return tuple(
        replace(element, is_ink=_is_outline(visible, element.color))
        for element, visible in zip(elements, seen_of, strict=True)
        if len(element.lines) or (element.contours and visible.sum() >= MIN_VISIBLE)
    )


def _seen_color(color: Rgb, alpha: float, below: NDArray[np.uint8]) -> Rgb:
    """Return the color that paint of some opacity shows on what lies below it, (P, 3)."""
    if alpha > 0.95 or not len(below):
        return color
    mixed = np.array(color) * alpha + np.median(below, axis=0) * (1 - alpha)
    red, green, blue = np.round(mixed).astype(int).tolist()
    return red, green, blue


def _is_outline(visible: NDArray[np.bool_], color: Rgb) -> bool:
    """Return whether what is seen of an element is a bold line: dark, long and narrow."""
    if max(color) >= 90 or not visible.any():
        return False
    radius = _radius(visible)
    return radius <= THIN_DARK and int(visible.sum()) > 8 * np.pi * radius**2


def _radius(inside: NDArray[np.bool_]) -> float:
    """Return how far a pixel of a mask lies from its border, at most."""
    return float(cv2.distanceTransform(inside.astype(np.uint8), cv2.DIST_L2, 3).max())
