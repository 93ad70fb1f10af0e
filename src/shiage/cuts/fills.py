"""Which colors of the palette a painted file is painted in, written down beside it.

A picture shows colors, not what they are called: the black of hair is the black of lines, and two
parts may have one color by day and two at night. So for each painted file `_shiage/fills/NAME.json`
tells the entries of the palette that it is painted in, and where they lie, if their color alone
does not tell.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import msgspec
import numpy as np

from shiage.colors.palette import PAPER, Palette, code_of, read_code
from shiage.cuts.outputs import STATE_FOLDER
from shiage.errors import BadOption
from shiage.files.atomic import write_atomically
from shiage.files.nesting import shallow
from shiage.files.packing import pack_colors, unpack_colors
from shiage.files.pictures import Pixels, in_depth
from shiage.files.versions import hash_file
from shiage.lines.paper import find_bare
from shiage.lines.runs import find_runs
from shiage.painting.recolor import match_colors
from shiage.painting.reference import Reference
from shiage.structures import UNKNOWN, BoolMap, Ints

Count = Annotated[int, msgspec.Meta(ge=0)]

LEAST_PIXELS = 5
"""A color that a given cel shows beside that of a segment counts from this many pixels."""


class Fill(msgspec.Struct, frozen=True, omit_defaults=True):
    """A color of the palette that a file is painted in.

    Attributes:
        name: of the color.
        color: as `code_of` writes it.
        group: of the color, "" for none.
        pixels: how many there are.
        said: a person said, or another palette did, that it is this entry of its color.
        runs: (first, count, first, count, …), the pixels in it in raster order; None if all pixels
            of its color are.
    """

    name: str
    color: str
    group: str = ""
    pixels: Count = 0
    said: bool = False
    runs: tuple[Count, ...] | None = None

    def area(self, size_hw: tuple[int, int]) -> BoolMap:
        """(H, W) bool: the pixels in its runs."""
        area = np.zeros(size_hw, bool)
        runs = self.runs or ()
        for first, count in zip(runs[::2], runs[1::2], strict=False):
            area.ravel()[first : first + count] = True
        return area


class FileFills(msgspec.Struct, frozen=True):
    """What one file is painted in.

    Attributes:
        sha256: of the file; it shows no other fills as long as it is that one.
        size_hw: height and width.
        fills: what it is painted in; two may be of one color.
    """

    sha256: str
    size_hw: tuple[Count, Count]
    fills: tuple[Fill, ...]


def describe_fills(
    file: Path, pixels: Pixels, paint: Ints, palette: Palette, said: BoolMap | None = None
) -> FileFills:
    """Return what a painted file is painted in.

    Args:
        file: the file, as it was written.
        pixels: (H, W, 4) uint8 or uint16 RGBA, its picture.
        paint: (H, W) int32, palette id of the paint on each pixel; `PAPER` on lines and on paper.
        palette: the colors.
        said: (K,) bool, entries that are known to be meant and no others of their color; None takes
            all but the first of a color, which somebody must have chosen.

    Raises:
        UnreadableFile: the file cannot be read.
    """
    said = palette.first_alike != np.arange(len(palette)) if said is None else said
    height, width = paint.shape
    alike = _alike(palette, pixels)
    shown, painted = find_runs(match_colors(pixels, palette.rgba_u16), paint)
    first, count, entry = shown.row * width + shown.start, shown.length, painted.value
    right = (entry != PAPER) & (shown.value == alike[entry])
    fills = []
    for at in np.unique(entry[right]).tolist():
        mine = right & (entry == at)
        pixels_in_it = int(count[mine].sum())
        everywhere = pixels_in_it == count[shown.value == alike[at]].sum()
        fills.append(
            Fill(
                palette.names[at],
                code_of(tuple(palette.rgba_u16[at].tolist())),
                palette.groups[at],
                pixels_in_it,
                bool(said[at]),
                None
                if everywhere
                else tuple(np.stack([first, count], axis=1)[mine].ravel().tolist()),
            )
        )
    return FileFills(hash_file(file), (height, width), tuple(fills))


def paint_of_given(
    pixels: Pixels, reference: Reference, paint: Ints, palette: Palette
) -> tuple[Ints, Palette]:
    """Return the paint of a cel that an artist gave, as `describe_fills` takes it.

    What an artist paints may have two colors in a segment; both are there where lines cover
    nothing.

    Args:
        pixels: (H, W, 4) uint8 or uint16 RGBA, the given painting.
        reference: the same as a reference.
        paint: (H, W) int32, palette id by segment, `PAPER` on lines and on paper.
        palette: the colors.
    """
    clear = find_bare(reference.lineart) & (paint != PAPER) & ~_is_white(pixels)
    (runs,) = find_runs(np.where(clear, pack_colors(pixels), 0))
    words, number = np.unique(runs.value, return_inverse=True)
    common = np.bincount(number, runs.length) >= LEAST_PIXELS
    palette, _ = palette.extended(unpack_colors(words[common]))  # 0, for none, is the paper
    shown = match_colors(pixels, palette.rgba_u16)
    other = clear & (shown != UNKNOWN) & (shown != _alike(palette, pixels)[paint])
    return np.where(other, shown, paint).astype(np.int32), palette


def _is_white(pixels: Pixels) -> BoolMap:
    """(H, W) bool: opaque white, which in a painted segment is a place left out."""
    return np.asarray((pixels == np.iinfo(pixels.dtype).max).all(axis=-1))


def _alike(palette: Palette, pixels: Pixels) -> Ints:
    """(K,) int32: the entry that `match_colors` finds in a picture for each entry's color."""
    own = in_depth(palette.rgba_u16, pixels.dtype)[None]
    return np.asarray(match_colors(own, palette.rgba_u16)[0])


def save_fills(folder: Path, file: Path, fills: FileFills) -> None:
    """Write down what a file in a folder of painted cels is painted in, after the file itself.

    Raises:
        WriteFailed: it could not be written.
    """
    write_atomically(_record_file(folder, file), msgspec.json.encode(fills))


def recall_fills(file: Path) -> FileFills | None:
    """Return what was written down of a painted file, in the nearest folder that has anything."""
    file = file.absolute()
    for folder in file.parents:
        try:
            data = _record_file(folder, file).read_bytes()
            fills = msgspec.json.decode(shallow(data), type=FileFills)
            for fill in fills.fills:
                read_code(fill.color)
        except (OSError, ValueError, BadOption):
            continue  # not painted by shiage, or not by this one
        return fills
    return None


def _record_file(folder: Path, file: Path) -> Path:
    relative = file.relative_to(folder)
    return folder / STATE_FOLDER / "fills" / f"{relative}.json"
