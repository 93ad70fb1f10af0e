"""The colors that painted cels use, with their names."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from shiage.colors.palette import RgbaU16, hex_of, read_code
from shiage.cuts.fills import Fill, recall_fills
from shiage.cuts.journal import recall_run
from shiage.cuts.project import ProjectColor, read_project
from shiage.errors import BadOption
from shiage.files.images import read_picture
from shiage.files.palettes import Entry, PaletteFile, from_palette
from shiage.files.versions import hash_file
from shiage.painting.flats import find_flats, is_opaque
from shiage.painting.recolor import list_painted
from shiage.painting.reference import WHITE_U16


def collect_colors(folder: Path) -> PaletteFile:
    """Return the colors of the fills of painted cels.

    What shiage wrote down of a cel tells, as long as the file is still that one; else its picture
    does. Colors of the palette that the cels were painted with come first, in its order and exactly
    as it has them; then the others, the commonest first. Of entries of one color those are there
    that somebody told apart; else the first, and a warning in the result says so.

    Args:
        folder: of the painted cels.

    Raises:
        BadOption: there is no picture, or nothing is painted in any.
        FileError: a picture, or the project of the cut, cannot be read.
    """
    given = [replace(entry, id=None) for entry in from_palette(recall_run(folder).palette).entries]
    used: Counter[Entry] = Counter()
    told_apart: set[str] = set()
    for file in list_painted(folder):
        written = recall_fills(file)
        if written is None or written.sha256 != hash_file(file):
            used.update(_look(file, given))
            continue
        for fill in written.fills:
            used[_entry(fill)] += fill.pixels
            told_apart |= {_code(_entry(fill))} if fill.said else set()
    named = {_code(entry): entry for entry in reversed([*given, *filter(_is_named, used)])}
    colors: Counter[Entry] = Counter()
    for entry, pixels in used.items():
        plain = replace(entry, name=_code(entry))
        colors[entry if entry.name else named.get(_code(entry), plain)] += pixels
    if not colors:
        raise BadOption(
            "nothing is painted in these pictures",
            path=folder,
            expected="painted cels",
            action="Check that it is not the folder of the drawings",
        )
    place = {entry: number for number, entry in enumerate(given)}
    order = sorted(colors, key=lambda entry: (place.get(entry, len(place)), -colors[entry]))
    project = read_project(folder)
    entries = tuple(_rename(order, project.palette if project else ()))
    warnings = tuple(_tell_doubles(given, colors, told_apart))
    return PaletteFile(entries, folder.name, warnings=warnings)


def _tell_doubles(
    given: Sequence[Entry], colors: Collection[Entry], told_apart: Collection[str]
) -> Iterator[str]:
    """Yield a sentence for each color of which nobody knows by which of its names it is used."""
    for entry in given:
        code = _code(entry)
        others = [other.name for other in given if _code(other) == code and other not in colors]
        if entry in colors and others and code not in told_apart:
            yield (
                f"{code} is {entry.name}, as is {', '.join(others)}; the cels do not show "
                "which of them is meant. Add the others if they are needed"
            )


def _look(file: Path, given: Sequence[Entry]) -> dict[Entry, int]:
    """Return the fills that a picture shows, without names, and how many pixels each has.

    An opaque picture in which nothing but white is filled is a drawing.
    """
    has_white = not given or any(entry.rgba_u16 == WHITE_U16 for entry in given)
    painted = read_picture(file).pixels
    flats = find_flats(painted, painted_white=has_white)
    if (flats.fills == WHITE_U16).all() and is_opaque(painted):
        return {}
    colors = [Entry("", (r, g, b, a)) for r, g, b, a in flats.fills.tolist()]
    return dict(zip(colors, flats.pixels.tolist(), strict=True))


def _entry(fill: Fill) -> Entry:
    """Return a fill as an entry; without a name if that is its code."""
    r, g, b, a = read_code(fill.color)
    color: RgbaU16 = r, g, b, a
    return Entry("" if fill.name == hex_of(color) else fill.name, color, group=fill.group)


def _is_named(entry: Entry) -> bool:
    return bool(entry.name)


def _code(entry: Entry) -> str:
    return hex_of(entry.rgba_u16)


def _rename(entries: Sequence[Entry], colors: Sequence[ProjectColor]) -> Iterator[Entry]:
    """Yield the entries by the names that the artist gave colors in the page."""
    names: dict[str, list[str]] = {}
    for color in colors:
        if color.name != color.color:
            names.setdefault(color.color, []).append(color.name)
    codes = [_code(entry) for entry in entries]
    for entry, code in zip(entries, codes, strict=True):
        own = names.get(code, [])
        is_clear = len(own) == 1 and codes.count(code) == 1
        yield replace(entry, name=own[0]) if is_clear else entry
