"""A painted cel taken apart, for files with layers: paper, paint, lines, traces.

Lines over paint over paper give what `compose` paints, but that each layer can be changed alone:

* paint goes on under the lines that stay, to their middle, and over traces that it replaces;
* the lines hold the artist's pixels where a line covers them fully; of a pixel covered in part the
  line's own color, as opaque as it covers;
* the traces, which paint replaces, are kept for whoever paints again.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from shiage.colors.palette import Palette
from shiage.files.images import Picture, PictureFile, encode_file
from shiage.files.layers.additions import PAINT, Addition, NewLayer
from shiage.files.layers.roles import role_of
from shiage.files.pictures import Pixels, in_depth, lay_over, stored_like, to_u16
from shiage.lines.lineart import LineSettings, extract_lineart
from shiage.lines.own_colors import FRINGE
from shiage.lines.paper import BARE_COVERAGE
from shiage.painting.compose import fill_under_lines
from shiage.painting.covering import Covering, as_lines, split_lines
from shiage.painting.rims import lift_rims
from shiage.painting.storage import PaintLayers, Storage
from shiage.structures import Ints, LineArt

SAME = 3.0
"""How far, in 8-bit levels, lines over paint may be from a given painting: rounding ..."""

MOST_OFF = 0.01
"""... but for this many pixels, of those that lines cover."""


def lift_lines(covering: Covering) -> NDArray[Any]:
    """(H, W, 4) RGBA in the drawing's dtype, straight alpha: its lines on transparent paper.

    Those that paint replaces are left out; `as_lines` has them stay.
    """
    drawing, lineart = covering.plain, covering.lineart
    top = np.iinfo(drawing.dtype).max
    cover = np.where(covering.replaced, 0, lineart.coverage).astype(np.uint8)
    if covering.replaced.any():  # the fringe of a trace line is no line either
        square = np.ones((2 * FRINGE + 1, 2 * FRINGE + 1), np.uint8)
        cover[~cv2.dilate(covering.kept.view(np.uint8), square).astype(bool)] = 0
    if covering.crossings is not None:
        cover.ravel()[covering.crossings.at] = covering.crossings.cover
    where = cover > 0
    share = cover[where][:, None].astype(np.float32) / 255
    paper = covering.paper.opaque[:3].astype(np.float32)
    own = drawing[where].astype(np.float32)
    lifted = np.clip((own[:, :3] - (1 - share) * paper) / share, 0, top)
    layer = np.zeros_like(drawing)
    layer[where, :3] = np.where(own[:, 3:] == top, lifted, own[:, :3]).round()
    layer[where, 3] = cover[where].astype(drawing.dtype) * (top // 255)
    return layer


@dataclass(frozen=True, eq=False)
class DrawingLayers:
    """A drawing taken apart; each (H, W, 4) RGBA in its dtype.

    Attributes:
        paper: what is no line; None if that is nothing but transparent.
        lines: the lines that stay.
        traces: the lines that paint replaces; None if there are none.
    """

    paper: Pixels | None
    lines: Pixels
    traces: Pixels | None


def split_drawing(covering: Covering) -> DrawingLayers:
    """Return a drawing's paper, lines and traces; guides are on none of them."""
    full, lines = covering.full, lift_rims(covering)
    lines[full] = covering.led_on[full]
    covered = covering.kept | covering.soft | covering.traced
    ground = covering.plain.copy()
    ground[covered] = covering.paper.under(covered)
    traced = covering.traced.copy()
    if covering.crossings is not None:
        traced.ravel()[covering.crossings.at] = True
    lifted = lift_lines(Covering(covering.drawing, as_lines(covering.lineart)))
    lifted[~traced] = 0
    return DrawingLayers(
        ground if ground[..., 3].any() else None, lines, lifted if traced.any() else None
    )


def lines_stand(lines: NDArray[np.uint8], settings: LineSettings, *, replaces: bool) -> bool:
    """Whether layers of lines show paint put below them as it shall look.

    They do not if they bring paper along, or guides, or traces that paint replaces.

    Args:
        lines: (H, W, 4) uint8 RGBA, the layers over each other.
        settings: how lines are found on the paper.
        replaces: paint replaces colour traces.
    """
    lineart = extract_lineart(lines, settings)
    opaque_paper = (lines[..., 3] > BARE_COVERAGE) & (lineart.coverage <= BARE_COVERAGE)
    traced = lineart.all_trace or lineart.crossings is not None or bool(lineart.trace.any())
    replaced = replaces and traced
    guided = lineart.guide is not None and bool(lineart.guide.any())
    return not (replaced or guided or opaque_paper.any())


@dataclass(frozen=True, eq=False)
class Lines:
    """The lines of a cel that is to be written in layers.

    Attributes:
        file: the drawing's file.
        drawn: the drawing, an artist's pen strokes among its lines.
        lineart: its lines; what is a trace in it paint replaces.
        settings: how lines are found on the paper.
        edited: the drawing differs from that in the file, or some of its traces stay.
    """

    file: PictureFile
    drawn: Picture
    lineart: LineArt
    settings: LineSettings
    edited: bool = False


def encode_painted(
    lines: Lines,
    fill: Ints,
    palette: Palette,
    painted: Pixels,
    paint_layers: PaintLayers,
) -> bytes:
    """Return a painted cel as the content of a layered file.

    Args:
        lines: its drawing.
        fill: (H, W) int32, what `compose.fill_segments` returned.
        palette: the colors and their names.
        painted: (H, W, 4), the painted picture, in the drawing's dtype.
        paint_layers: one layer of paint, or one for each color.

    Raises:
        FileError: the layers of the drawing cannot be read.
        WriteFailed: a size that the format cannot hold.
    """
    kept, _ = split_lines(lines.lineart)
    under = np.where(kept, fill_under_lines(fill, kept), fill)
    colors = in_depth(palette.rgba_u16, painted.dtype)
    paint = _paint_layer(under, colors, palette, paint_layers)
    return _encode(lines, paint, painted)


def encode_given(
    path: Path,
    given: PictureFile | None,
    painting: Picture,
    lines: Lines,
    storage: Storage,
) -> bytes:
    """Return a painting that was given: its file as it is, if it is of the kind of painted cels.

    Else its pixels are encoded again, in the format asked for, with the order of rows, the kind of
    alpha and the color profile that painted cels have.

    In a layered file its colors go below the drawing's lines. If these over them are not what was
    given, as where its lines were drawn again, it is one layer as it is, and the lines are hidden.

    Args:
        path: where it will be written, for messages.
        given: its file; None if the painting is not quite what that holds.
        painting: what was read from it.
        lines: its drawing.
        storage: how the painting shall be.

    Raises:
        WriteFailed: a size that the format cannot hold.
        FileError: the layers of the drawing cannot be read.
    """
    layout = lines.drawn.layout
    file_format = storage.format or layout.format
    if given is not None and given.format.name == file_format:
        return given.passed_on(path, painting, layout)
    if not storage.is_layered(layout):
        return encode_file(path, stored_like(painting, layout).stored_as(file_format))
    pixels: Pixels = to_u16(painting.pixels) if layout.bits == 16 else painting.rgba_u8
    paint, fits = _lift_paint(pixels, lines)
    if fits:
        return _encode(lines, NewLayer(PAINT, paint), pixels)
    addition = Addition((NewLayer(PAINT, pixels),), pixels, "none")
    return lines.file.with_layers(addition, layout)


def _encode(lines: Lines, paint: NewLayer, painted: Pixels) -> bytes:
    """Return a file with paint below the lines.

    The file's own lines stay where they are if they can; else they are hidden, and copies of them
    without paper and traces go above the paint.
    """
    layout = lines.drawn.layout
    if lines.file.format.is_layered and not lines.edited:
        kept, replaced = split_lines(lines.lineart)
        replaces = bool(replaced.any())
        own = lines.file.lines if replaces else lines.drawn
        missing = kept & (own.pixels[..., 3] == 0)  # lines that stay among the layers of traces
        blend = missing.any() or lines.file.lines_blend
        if lines_stand(own.rgba_u8, lines.settings, replaces=replaces) and not blend:
            addition = Addition((paint,), painted, "lines" if replaces else "all")
            return lines.file.with_layers(addition, layout)
    parts = split_drawing(Covering(lines.drawn.pixels, lines.lineart))
    layers = [
        *([NewLayer("paper", parts.paper)] if parts.paper is not None else []),
        paint,
        NewLayer("lines", parts.lines),
        *([NewLayer("traces", parts.traces, shown=False)] if parts.traces is not None else []),
    ]
    return lines.file.with_layers(Addition(tuple(layers), painted, "none"), layout)


def _lift_paint(painting: Pixels, lines: Lines) -> tuple[Pixels, bool]:
    """Return a painting's colors alone, and whether the lines over them are the painting.

    The colors go on to the middle of the lines; what is as the drawing's paper is left out.
    """
    parts = split_drawing(Covering(lines.drawn.pixels, lines.lineart))
    covered = parts.lines[..., 3] > 0
    if covered.all():
        return painting, False
    _, nearest = cv2.distanceTransformWithLabels(
        covered.view(np.uint8), cv2.DIST_L2, 3, labelType=cv2.DIST_LABEL_PIXEL
    )
    table = np.zeros((int(nearest.max()) + 1, 4), painting.dtype)
    table[nearest[~covered]] = painting[~covered]
    paint: Pixels = table[nearest]
    ground = np.zeros_like(painting) if parts.paper is None else parts.paper
    paint[(paint == ground).all(axis=-1)] = 0
    again = lay_over(lay_over(ground, paint), parts.lines)
    top = np.iinfo(painting.dtype).max
    weighed = [p.astype(np.float32) for p in (again, painting)]
    for part in weighed:
        part[..., :3] *= part[..., 3:] / top
    off = np.abs(weighed[0] - weighed[1]).max(axis=-1) > SAME * top / 255
    return paint, bool(np.count_nonzero(off) <= MOST_OFF * np.count_nonzero(covered))


def _paint_layer(
    fill: Ints, colors: Pixels, palette: Palette, paint_layers: PaintLayers
) -> NewLayer:
    """Return the layer of paint, or a group with one layer for each color, by palette id.

    A color is named by the palette, but by its code if the name would say that it is no paint.
    """
    if paint_layers == "one":
        return NewLayer(PAINT, colors[fill])
    names = [
        name if role_of(name) in (None, "paint") else code
        for name, code in zip(palette.titles, palette.to_hex(), strict=True)
    ]
    children = (
        NewLayer(names[number], colors[np.where(fill == number, fill, 0)])
        for number in np.unique(fill).tolist()
        if number
    )
    return NewLayer(PAINT, None, children=children)
