"""Painted cels from one palette to another, by what was written down of them.

Where nothing was, the picture has to tell; see `shiage.painting.flats`. What no picture tells (two
parts of one color, hair and lines of the same black) is counted, so that it can be said.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import msgspec
import numpy as np

from shiage.colors.palette import PAPER, Palette, RgbaU16, hex_of, read_code
from shiage.cuts.fills import FileFills, Fill, describe_fills, recall_fills, save_fills
from shiage.files.atomic import write_atomically
from shiage.files.images import MAX_PIXELS, Picture, open_picture
from shiage.files.palettes import Entry, Pair
from shiage.files.pictures import Pixels, in_depth
from shiage.painting.flats import find_flats
from shiage.painting.recolor import find_nearest, match_colors, repaint
from shiage.structures import UNKNOWN, BoolMap, Ints


@dataclass(frozen=True)
class Recolored:
    """What became of one painted cel.

    Attributes:
        path: its new file.
        changed: pixels that have another color now.
        other: pixels in no color of the old palette that are no line, no mix and not paper.
        guessed: pixels by number of the pair that they were taken for, though another pair of the
            same old color may be meant.
        missing: pixels by number of the pair, which has no new color.
        lines: pixels by number of the pair, left alone since the picture looks as if they were
            lines; nothing was written down of it.
        paper: the same of bare paper.
    """

    path: Path
    changed: int = 0
    other: int = 0
    guessed: Counter[int] = field(default_factory=Counter)
    missing: Counter[int] = field(default_factory=Counter)
    lines: Counter[int] = field(default_factory=Counter)
    paper: Counter[int] = field(default_factory=Counter)


@dataclass(frozen=True, eq=False)
class _Placed:
    """Which pixels of a picture are painted in which entry of the old palette.

    Attributes:
        colors: (H, W) int32, number of the first pair of each pixel's color; else `UNKNOWN`.
        rows: (H, W) int32, number of the pair that it is; `UNKNOWN` for what keeps its color.
        fills: (H, W) bool, pixels of `rows` that are neither line nor paper.
        lines: (H, W) bool, pixels in a line's own color.
        guessed: (H, W) bool, pixels of which another pair may be meant.
        others: what is painted in no color of the old palette, and where.
        spared_lines: pixels by number of the pair, see `Recolored.lines`.
        spared_paper: the same, see `Recolored.paper`.
    """

    colors: Ints
    rows: Ints
    fills: BoolMap
    lines: BoolMap
    guessed: BoolMap
    others: tuple[tuple[Fill, BoolMap], ...]
    spared_lines: Counter[int]
    spared_paper: Counter[int]


class Recoloring:
    """Gives painted cels the colors of another palette.

    Args:
        files: the painted cels.
        pairs: what becomes of the entries of the old palette.
        lines: lines get new colors, too.
        paper: bare paper does.
        max_pixels: largest picture that is read.
    """

    def __init__(
        self,
        files: Sequence[Path],
        pairs: Sequence[Pair],
        *,
        lines: bool = False,
        paper: bool = False,
        max_pixels: int = MAX_PIXELS,
    ) -> None:
        # Where nothing says more the first entry of a color is taken: one that has a new color.
        seen = (pair for pair in pairs if pair.old.rgba_u16[3])
        self.pairs = sorted(seen, key=lambda pair: pair.new is None)
        self._with_lines, self._with_paper, self._max_pixels = lines, paper, max_pixels
        self._old = np.array([pair.old.rgba_u16 for pair in self.pairs], np.uint16)
        self._new = np.array([(pair.new or pair.old).rgba_u16 for pair in self.pairs], np.uint16)
        self._fills = {file: recall_fills(file) for file in files}
        fills = [fill for known in self._fills.values() if known for fill in known.fills]
        self._told_apart = {fill.color for fill in fills if fill.said}
        self._numbers: dict[tuple[str, ...], int] = {}
        for number, pair in enumerate(self.pairs):
            color, entry = hex_of(pair.old.rgba_u16), pair.old
            for key in ((color, entry.name, entry.group), (color, entry.name)):
                self._numbers.setdefault(key, number)

    def recolor_file(self, source: Path, folder: Path, name: Path) -> Recolored:
        """Write a painted cel in new colors, stored the way it was; return what became of it.

        Args:
            source: the painted cel, one of the files.
            folder: the folder that the new one goes to.
            name: its place there.

        Raises:
            FileError: the cel cannot be read.
            WriteFailed: the new one cannot be written.
        """
        file = open_picture(source, max_pixels=self._max_pixels)
        picture, known = file.painting, self._fills[source]
        exact = known is not None and known.sha256 == file.sha256
        fills = known.fills if known and known.size_hw == picture.size_hw else ()
        placed = self._place(picture.pixels, fills, exact=exact)
        pixels, other = repaint(picture.pixels, placed.rows, self._new, placed.lines)
        target = folder / name
        anew, change = Picture(pixels, picture.layout), partial(self._recolor_layer, placed)
        write_atomically(target, file.recolored(target, anew, change))
        save_fills(folder, target, self._describe(target, pixels, placed, exact=exact))
        counts = _count(placed.rows)
        missing = Counter({n: counts[n] for n in counts if self.pairs[n].new is None})
        return Recolored(
            target,
            int(np.count_nonzero((pixels != picture.pixels).any(axis=-1))),
            other,
            _count(placed.rows[placed.guessed]),
            missing,
            placed.spared_lines,
            placed.spared_paper,
        )

    def count_changing(self) -> int:
        """Return how many entries get another color."""
        return int(np.count_nonzero(self._changing))

    @property
    def _changing(self) -> BoolMap:
        """(K,) bool: pairs of two colors."""
        return np.asarray((self._old != self._new).any(axis=1))

    def _place(self, pixels: Pixels, fills: Sequence[Fill], *, exact: bool) -> _Placed:
        """Return which pixels of a picture are painted in which entry.

        Args:
            pixels: (H, W, 4) uint8 or uint16 RGBA.
            fills: what is known of it.
            exact: whether that is all there is.
        """
        flats = find_flats(pixels)
        colors = match_colors(pixels, self._old)
        rows = colors.copy()
        known, is_told = np.zeros(rows.shape, bool), np.zeros(rows.shape, bool)
        others = []
        for fill, area in _areas(pixels, fills):
            known |= area
            number = self._find(fill)
            if number is None:
                others.append((fill, area & (rows == UNKNOWN)))
                continue
            rows[area] = number
            if fill.color in self._told_apart:
                is_told |= area
        rest = (rows != UNKNOWN) & ~known
        white = (pixels == np.iinfo(pixels.dtype).max).all(axis=-1)
        lines = rest & (~white if exact else flats.lines)
        paper = rest & (white if exact else flats.paper)
        is_fill = (rows != UNKNOWN) & ~lines & ~paper
        stay = [lines & (not self._with_lines), paper & (not self._with_paper)]
        spared = [Counter() if exact else self._count_changing(rows[where]) for where in stay]
        rows[stay[0] | stay[1]] = UNKNOWN
        guessed = (rows != UNKNOWN) & ~is_told & self._rivals(pixels)[rows]
        lines |= flats.lines & ~known
        return _Placed(colors, rows, is_fill, lines, guessed, tuple(others), *spared)

    def _find(self, fill: Fill) -> int | None:
        """Return the number of the pair that a fill's entry is in, by color, name and group."""
        color = hex_of(tuple(read_code(fill.color)))
        keys = (color, fill.name, fill.group), (color, fill.name)
        return next((self._numbers[key] for key in keys if key in self._numbers), None)

    def _count_changing(self, rows: Ints) -> Counter[int]:
        """Return pixels by number of the pair, of pairs of two colors."""
        counts = _count(rows)
        return Counter({number: counts[number] for number in counts if self._changing[number]})

    def _rivals(self, pixels: Pixels) -> BoolMap:
        """(K,) bool: pairs of whose old color, in a picture's depth, another becomes another."""
        old, new = (in_depth(colors, pixels.dtype)[None] for colors in (self._old, self._new))
        first = match_colors(old, self._old)[0]
        differs = (new[0] != new[0][first]).any(axis=1)
        return np.isin(first, first[differs])

    def _recolor_layer(self, placed: _Placed, pixels: Pixels, corner: tuple[int, int]) -> Pixels:
        """Return a layer of paint in new colors.

        Args:
            placed: the picture that the layer is of.
            pixels: (h, w, 4) uint8 or uint16 RGBA, the layer.
            corner: x, y of its first pixel in the picture.
        """
        rows = match_colors(pixels, self._old)
        (x, y), (height, width) = corner, placed.rows.shape
        place = np.ix_(
            (y + np.arange(rows.shape[0])).clip(0, height - 1),
            (x + np.arange(rows.shape[1])).clip(0, width - 1),
        )
        shown = (rows == placed.colors[place]) & (rows != UNKNOWN)
        hidden = rows[~shown & (rows != UNKNOWN) & self._rivals(pixels)[rows]]
        for number in np.unique(hidden).tolist():
            known = (placed.colors == number) & placed.fills
            if known.any():
                nearest = find_nearest(known)[1][place]
                where = (rows == number) & ~shown
                rows[where] = placed.rows.ravel()[nearest[where]]
        rows[shown] = placed.rows[place][shown]
        return repaint(pixels, rows, self._new, placed.lines[place] & shown)[0]

    def _describe(self, file: Path, pixels: Pixels, placed: _Placed, *, exact: bool) -> FileFills:
        """Return what a recolored file is painted in, for the palette that it has now.

        Args:
            file: the file, as it was written.
            pixels: (H, W, 4) its picture.
            placed: what was painted in which entry.
            exact: whether that is all there is.
        """
        entries = [(pair.new or pair.old) for pair in self.pairs]
        entries += [Entry(f.name, _rgba(f), group=f.group) for f, _ in placed.others]
        names = (entry.name or hex_of(entry.rgba_u16) for entry in entries)
        palette = Palette(
            np.array([(0, 0, 0, 0), *(entry.rgba_u16 for entry in entries)], np.uint16),
            ("paper", *names),
            ("", *(entry.group for entry in entries)),
        )
        paint = np.where(placed.fills, placed.rows + 1, PAPER).astype(np.int32)
        for number, (_, area) in enumerate(placed.others, start=1 + len(self.pairs)):
            paint[area] = number
        said = np.ones(len(palette), bool)
        said[1 + np.unique(placed.rows[placed.guessed])] = False
        said[1 + len(self.pairs) :] = [fill.said for fill, _ in placed.others]
        fills = describe_fills(file, pixels, paint, palette, said)
        return fills if exact else msgspec.structs.replace(fills, sha256="")


def _rgba(fill: Fill) -> RgbaU16:
    r, g, b, a = read_code(fill.color)
    return r, g, b, a


def _areas(pixels: Pixels, fills: Sequence[Fill]) -> Iterator[tuple[Fill, BoolMap]]:
    """Yield fills with their pixels (H, W), as far as these still have the color."""
    if not fills:
        return
    colors = np.array([read_code(fill.color) for fill in fills], np.uint16)
    shown = match_colors(pixels, colors)
    alike = match_colors(in_depth(colors, pixels.dtype)[None], colors)[0]
    for fill, first in zip(fills, alike.tolist(), strict=True):
        area = shown == first
        yield fill, area if fill.runs is None else area & fill.area(area.shape)


def _count(rows: Ints) -> Counter[int]:
    """Return how many pixels there are of each number, `UNKNOWN` left out."""
    numbers, counts = np.unique(rows[rows != UNKNOWN], return_counts=True)
    return Counter(dict(zip(numbers.tolist(), counts.tolist(), strict=True)))


def tell_recolored(
    done: Sequence[Recolored], pairs: Sequence[Pair], old: str, new: str
) -> Iterator[str]:
    """Yield sentences on what was not sure or not done.

    Args:
        done: the cels.
        pairs: of the `Recoloring` that did them.
        old: name of the file of the old palette.
        new: name of that of the new one.
    """
    for cel in done:
        if cel.other:
            yield f"{cel.path}: {cel.other} pixels are in no color of {old}"
    for number, pixels in _sum_up(cel.guessed for cel in done).items():
        color = pairs[number].old.rgba_u16
        rivals = [pair for pair in pairs if hex_of(pair.old.rgba_u16) == hex_of(color)]
        cels = [cel.path for cel in done if cel.guessed[number]]
        became = " and ".join(f"{_call(pair.old)} {_becomes(pair)}" for pair in rivals)
        yield (
            f"{hex_of(color)} is {_list([_call(pair.old) for pair in rivals])} in {old}; by {new} "
            f"{became}. Which part is which is not known in {_tell_cels(cels)}: {pixels:,} pixels "
            f"were taken for {_call(pairs[number].old)}. Tell the parts apart by name in shiage ui "
            "and export them, or paint from references in which their colors differ"
        )
    for number, pixels in _sum_up(cel.missing for cel in done).items():
        entry = pairs[number].old
        cels = [cel.path for cel in done if cel.missing[number]]
        yield (
            f"{_call(entry)} ({hex_of(entry.rgba_u16)}) of {old} is not in {new}: {pixels:,} "
            f"pixels in {_tell_cels(cels)} keep their color"
        )
    for what, option, spared in (
        ("lines", "--lines", [cel.lines for cel in done]),
        ("paper", "--paper", [cel.paper for cel in done]),
    ):
        for number, pixels in _sum_up(spared).items():
            entry = pairs[number].old
            cels = [cel.path for cel, of in zip(done, spared, strict=True) if of[number]]
            yield (
                f"{hex_of(entry.rgba_u16)} is {_call(entry)} in {old}, and the color of {what}: "
                f"{pixels:,} pixels in {_tell_cels(cels)} were taken for {what} and stay. "
                f"{option} gives them the new color"
            )


def _sum_up(counts: Iterable[Counter[int]]) -> Counter[int]:
    return sum(counts, Counter())


def _call(entry: Entry) -> str:
    """Return what people call an entry."""
    return f"{entry.group} {entry.name}".strip() or "a color without name"


def _becomes(pair: Pair) -> str:
    return f"becomes {hex_of(pair.new.rgba_u16)}" if pair.new else "has no new color"


def _list(names: Sequence[str]) -> str:
    """Return names for a sentence.

    >>> _list(["hair", "belt", "shoe"])
    'hair, belt and shoe'
    """
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))


def _tell_cels(cels: Sequence[Path]) -> str:
    """Return which cels are meant, for a sentence."""
    return cels[0].name if len(cels) == 1 else f"{len(cels)} cels, first in {cels[0].name}"
