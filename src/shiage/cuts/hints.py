"""Hints: dots and strokes of color on an unpainted drawing, each deciding the segment it lies in.

Two kinds of file say them. A picture: a layer, transparent but for the dots and strokes, or a copy
of the drawing with dots and strokes on it. Or a list, as JSON: `[{"at": [x, y], "color":
"#rrggbb"}, ...]`, or such lists by the names of the cels.

Brushes are soft and hands are quick, so not every pixel of a stroke counts: its color is one that
it has exactly and opaquely, and it colors the segments in which a good part of it lies.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import msgspec
import numpy as np
from numpy.typing import NDArray

from shiage.colors.palette import RgbaU16, hex_of, parse_color
from shiage.errors import BadOption, DamagedHints, SizeMismatch
from shiage.files.images import Picture
from shiage.files.nesting import shallow
from shiage.files.packing import pack_colors, unpack_colors
from shiage.files.reading import read_file
from shiage.lines.lineart import flatten_on_white
from shiage.lines.segments import number_regions
from shiage.painting.edits import Coordinate
from shiage.painting.reference import WHITE_U16
from shiage.structures import BoolMap, LabelMap, LineArt, Segments

LEAST_PIXELS = 3
"""A stroke colors a segment of which it covers at least this many pixels, ..."""

STROKE_SHARE = 0.2
"""... and at least this share of what it covers of the segment it covers most, ..."""

SEGMENT_SHARE = 0.5
"""... or else this share of the segment."""

COPY_SHARE = 0.5
"""A picture that is opaque over this share of the drawing's ink must show as much of it."""

BARE: RgbaU16 = (0, 0, 0, 0)
"""The color of a dot that says: bare paper."""

Dots = dict[tuple[int, int], RgbaU16]
"""Color by pixel x, y; all zero for bare paper."""


class Hint(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One dot of a list.

    Attributes:
        at: x, y of a pixel.
        color: `#rrggbb`, or "none" for bare paper.
    """

    at: tuple[Coordinate, Coordinate]
    color: Annotated[str, msgspec.Meta(max_length=40)]


@dataclass(frozen=True)
class Hints:
    """What a file hints for one drawing.

    Attributes:
        dots: color by pixel, each inside a segment; of two in one segment the later counts.
        warnings: what could not be used or is odd, one sentence for each kind.
    """

    dots: Dots
    warnings: tuple[str, ...] = ()


def read_hint_list(path: Path) -> dict[str, Dots]:
    """Return the dots of a list of hints by the names of the cels; "" for a list without a name.

    Raises:
        UnreadableFile: it is empty, or cannot be read.
        DamagedHints: it is no such list.
    """
    content = read_file(path, "hints")
    try:
        given = msgspec.json.decode(shallow(content), type=dict[str, list[Hint]] | list[Hint])
        lists = given if isinstance(given, dict) else {"": given}
        return {
            name: {hint.at: _to_rgba(hint.color) for hint in hints} for name, hints in lists.items()
        }
    except (ValueError, BadOption) as error:
        raise DamagedHints(
            f"is no list of hints ({getattr(error, 'found', error)})",
            path=path,
            expected='[{"at": [x, y], "color": "#rrggbb"}, ...], or such lists by names of cels',
            action="Mend the file",
        ) from error


def place_dots(name: str, dots: Mapping[tuple[int, int], RgbaU16], segments: Segments) -> Hints:
    """Return the dots that lie in segments of a drawing.

    Args:
        name: how messages call the file.
        dots: color by pixel.
        segments: of the drawing.
    """
    labels = segments.labels
    height, width = labels.shape
    inside = {at: 0 <= at[0] < width and 0 <= at[1] < height for at in dots}
    placed = {at: color for at, color in dots.items() if inside[at] and labels[at[1], at[0]]}
    outside = [at for at in dots if not inside[at]]
    on_lines = [at for at in dots if inside[at] and at not in placed]
    notes = _Told(name)
    notes.tell(outside, "outside the drawing")
    notes.tell(on_lines, "on lines only")
    taken: dict[int, RgbaU16] = {}
    clashes = []
    for at, color in placed.items():
        label = int(labels[at[1], at[0]])
        if taken.setdefault(label, color) != color:
            clashes.append((at, f"{_hex(color)} is taken, {_hex(taken[label])} is not"))
            taken[label] = color
    notes.tell_clashes(clashes)
    return Hints(placed, tuple(notes.sentences))


def find_dots(
    path: Path, layer: Picture, drawing: Picture, lineart: LineArt, segments: Segments
) -> Hints:
    """Return what a picture of dots and strokes hints for a drawing: a pixel for each segment.

    White in a segment that reaches the drawing's edge is the bare paper, as in a reference.

    Args:
        path: the picture's file, for messages.
        layer: the dots and strokes, on nothing or on a copy of the drawing.
        drawing: the drawing.
        lineart: its lines.
        segments: its segments.

    Raises:
        SizeMismatch: the picture has another size than the drawing.
        DamagedHints: the picture is opaque, and no copy of the drawing.
    """
    if layer.size_hw != drawing.size_hw:
        raise SizeMismatch(
            f"the hints are {layer.size_hw[1]} x {layer.size_hw[0]}",
            path=path,
            expected=f"the size of the drawing, {drawing.size_hw[1]} x {drawing.size_hw[0]}",
            action="Save both at the same size",
        )
    notes = _Told(path.name)
    touched, exact = _find_strokes(path, layer, drawing, lineart)
    strokes = number_regions(touched, connectivity=8)
    y, x = np.nonzero(exact & (segments.labels > 0))
    colors, color = np.unique(pack_colors(layer.pixels)[y, x], return_inverse=True)
    covers = _tally(strokes[y, x], segments.labels[y, x], color, segments)
    in_segments = np.unique(strokes[touched & (segments.labels > 0)])
    on_lines = np.setdiff1d(np.unique(strokes[touched]), in_segments)
    vague = np.setdiff1d(in_segments, strokes[y, x][covers.pixel])
    notes.tell(_first_pixels(strokes, on_lines), "on lines only")
    notes.tell(_first_pixels(strokes, vague), "too small or too soft to have a color")

    rgba = [(r, g, b, a) for r, g, b, a in unpack_colors(colors).tolist()]
    dots: Dots = {}
    taken: dict[int, RgbaU16] = {}
    clashes = []
    for label, number, pixel in zip(covers.label, covers.color, covers.pixel, strict=True):
        at, own = (int(x[pixel]), int(y[pixel])), rgba[number]
        if own == WHITE_U16 and segments.touches_border[label - 1]:
            own = BARE
        if taken.setdefault(int(label), own) == own:
            dots[at] = own
        else:
            clashes.append((at, f"{_hex(taken[int(label)])} is taken, {_hex(own)} is not"))
    notes.tell_clashes(clashes)
    return Hints(dots, tuple(notes.sentences))


def _find_strokes(
    path: Path, layer: Picture, drawing: Picture, lineart: LineArt
) -> tuple[BoolMap, BoolMap]:
    """Return what a brush has touched, and the pixels of that which have its exact color.

    A stroke that is anywhere 2 pixels wide has its color in squares of 2 x 2 equal pixels, which
    the soft rim of a brush never has; thinner ones have it wherever they are opaque.

    Returns:
        two (H, W) bool maps.

    Raises:
        DamagedHints: the picture is opaque, and no copy of the drawing.
    """
    rgba = layer.rgba_u8
    touched = rgba[..., 3] >= 128
    differs = (flatten_on_white(rgba) != flatten_on_white(drawing.rgba_u8)).any(axis=-1)
    if touched[lineart.ink].mean() >= COPY_SHARE:
        if differs[lineart.ink].mean() > 1 - COPY_SHARE:
            raise DamagedHints(
                "is neither transparent nor a copy of the drawing",
                path=path,
                expected="dots and strokes on a transparent layer, or on the drawing itself",
                action="Save the layer with transparency, or with the drawing under it",
            )
        touched &= differs
    opaque = touched & (layer.pixels[..., 3] == np.iinfo(layer.pixels.dtype).max)
    packed = np.where(opaque, pack_colors(layer.pixels), 0)
    square = packed[:-1, :-1] != 0
    for dy, dx in ((0, 1), (1, 0), (1, 1)):
        height, width = square.shape
        square &= packed[dy : dy + height, dx : dx + width] == packed[:-1, :-1]
    solid = np.zeros(opaque.shape, bool)
    for dy, dx in ((0, 0), (0, 1), (1, 0), (1, 1)):
        solid[dy : dy + square.shape[0], dx : dx + square.shape[1]] |= square
    strokes = number_regions(touched, connectivity=8)
    thick = np.zeros(int(strokes.max(initial=0)) + 1, bool)
    thick[strokes[solid]] = True
    return touched, solid | (opaque & ~thick[strokes])


@dataclass(frozen=True, eq=False)
class _Covers:
    """Where strokes color segments: one row for each stroke, segment and color.

    Attributes:
        label: (V,) ints, ascending; within a segment the commonest color first.
        color: (V,) ints.
        pixel: (V,) ints, which of the pixels given lies in the middle.
    """

    label: NDArray[np.integer]
    color: NDArray[np.integer]
    pixel: NDArray[np.integer]


def _tally(
    stroke: NDArray[np.integer],
    label: NDArray[np.integer],
    color: NDArray[np.integer],
    segments: Segments,
) -> _Covers:
    """Return where strokes color segments, given stroke, segment and color of each pixel (n,)."""
    colors = int(color.max(initial=0)) + 1
    place = stroke.astype(np.int64) * (len(segments) + 1) + label  # stroke and segment as one
    key = place * colors + color
    order = np.argsort(key, kind="stable")  # in raster order where keys are equal
    key, first, count = np.unique(key[order], return_index=True, return_counts=True)
    place, color = np.divmod(key, colors)
    place, of_place = np.unique(place, return_inverse=True)
    covered = np.bincount(of_place, count)
    stroke, label = np.divmod(place, len(segments) + 1)
    most = np.zeros(int(stroke.max(initial=0)) + 1)
    np.maximum.at(most, stroke, covered)
    meant = covered >= STROKE_SHARE * most[stroke]
    meant |= covered >= SEGMENT_SHARE * segments.area[label - 1]
    kept = np.flatnonzero(meant[of_place] & (count >= LEAST_PIXELS))
    kept = kept[np.lexsort((color[kept], -count[kept], label[of_place[kept]]))]
    pixel = order[first[kept] + count[kept] // 2]
    return _Covers(label[of_place[kept]], color[kept], pixel)


def _first_pixels(strokes: LabelMap, which: NDArray[np.integer]) -> list[tuple[int, int]]:
    """Return x, y of the first pixel of each of these strokes."""
    numbers, first = np.unique(strokes, return_index=True)
    y, x = np.divmod(first[np.isin(numbers, which)], strokes.shape[1])
    return list(zip(x.tolist(), y.tolist(), strict=True))


def _to_rgba(text: str) -> RgbaU16:
    """Return the color that a list tells."""
    red, green, blue, alpha = parse_color(text).tolist()
    return (red, green, blue, alpha)


def _hex(color: RgbaU16) -> str:
    return hex_of(color) if color[3] else "none"


class _Told:
    """What is said of a file of hints, one sentence for each kind."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.sentences: list[str] = []

    def tell(self, places: Sequence[tuple[int, int]], what: str) -> None:
        """Tell of dots that are not used."""
        if places:
            some = "a dot is" if len(places) == 1 else f"{len(places)} dots are"
            first = "" if len(places) == 1 else "the first "
            self.sentences.append(f"hints {self.name}: {some} {what}, {first}at {places[0]}")

    def tell_clashes(self, clashes: Sequence[tuple[tuple[int, int], str]]) -> None:
        """Tell of segments with dots of two colors."""
        if clashes:
            at, colors = clashes[0]
            more = "" if len(clashes) == 1 else f", and {len(clashes) - 1} more such dots"
            self.sentences.append(
                f"hints {self.name}: two colors in one segment at {at}: {colors}{more}. "
                "Close the line between them, or take one away"
            )
