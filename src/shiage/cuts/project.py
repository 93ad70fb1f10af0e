"""What an artist has decided of a cut, in a readable file beside the painted cels.

`shiage.json` holds where the drawings and references are, how lines are read, the palette, and for
each cel the corrections and strokes made. Corrections name a pixel, not a segment number, so that
they outlast other strokes and settings, and lines mended in the drawing. The page writes the file
after each action, `shiage paint` keeps to it.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import msgspec
import numpy as np

from shiage.colors.palette import Palette, code_of, deep_channels, hex_of, parse_color, read_code
from shiage.cuts.outputs import PROJECT_FILE
from shiage.cuts.recipe import RECIPE, Recipe
from shiage.errors import BadOption, DamagedProject, WriteFailed
from shiage.files.atomic import write_atomically
from shiage.files.nesting import shallow
from shiage.files.previews import MAX_FPS
from shiage.lines.segments import label_at
from shiage.painting.edits import BLACK_INK, Coordinate, Stroke
from shiage.painting.line_colors import AS_DRAWN, PAINTED_OVER, LineDecision
from shiage.structures import UNKNOWN, Ints, LabelMap

FORMAT = 2
"""Grows when an older shiage could not read the file; those of older formats are read."""

PAPER_KEY = "none"
"""Key of the bare paper."""

DRAWN_KEY = "drawn"
"""Key of the color that a line was drawn in."""

_PAIR = re.compile(rb"\[\n\s*(-?\d+),\n\s*(-?\d+)\n\s*\]")
"""A place, x and y, with a line for each; strings hold no line ends."""

_MAX_KEY = 40

Key = Annotated[str, msgspec.Meta(max_length=_MAX_KEY)]
"""What a color is called in the file, whatever it looks like now: the color it had at first. Where
several have one color, `~` and a name or number follow it."""


class Correction(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The artist's decision for one segment.

    Attributes:
        at: x, y of a pixel in it.
        color: key of the color.
    """

    at: tuple[Coordinate, Coordinate]
    color: Key


class LineCorrection(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The artist's decision for one piece of a coloured line.

    Attributes:
        at: x, y of a pixel on it.
        color: key of the color that it gets, "none" if paint replaces it, "drawn" if it stays as it
            was drawn.
        beside: keys of the colors on both sides when it was decided; lines like it in other places
            follow between the same two. Without them the decision is for this piece alone.
    """

    at: tuple[Coordinate, Coordinate]
    color: Key
    beside: tuple[Key, Key] | None = None


class CelWork(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What the artist has decided of one cel.

    Attributes:
        corrections: of two in one segment the later counts.
        strokes: in the order in which they were made.
        reference: the cel was made a reference: all of its colors are decided.
        hold: frames for which it is shown in previews; None: as the project has it.
        drawing: SHA-256 of the drawing on which all that was decided last; "" if nobody knows.
        lines: decisions on coloured lines; of two on one piece the later counts.
    """

    corrections: tuple[Correction, ...] = ()
    strokes: tuple[Stroke, ...] = ()
    reference: bool = False
    hold: Annotated[int, msgspec.Meta(ge=0, le=10_000)] | None = None
    lines: tuple[LineCorrection, ...] = ()
    drawing: Annotated[str, msgspec.Meta(max_length=64)] = ""

    @property
    def is_decided(self) -> bool:
        """Whether the artist did anything to its colors, lines or segments."""
        return not self.decided_as(CelWork())

    def decided_as(self, other: CelWork) -> bool:
        """Whether the same is decided in another work."""
        one, two = (
            (work.corrections, work.strokes, work.reference, work.lines) for work in (self, other)
        )
        return one == two


class ProjectColor(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One color of the palette.

    Attributes:
        key: what corrections call it; for colors of references the color there.
        color: how it is painted now, `#rrggbb` or `#rrggbbaa`.
        name: what people call it.
    """

    key: Key
    color: str
    name: Annotated[str, msgspec.Meta(max_length=200)]


class Project(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A cut as the artist left it; the file on disk is this as JSON.

    Attributes:
        format: of the file.
        cut: folder of the drawings.
        recipe: what it is painted from, and how; in the file its fields lie beside the others.
        sure: confidence under which a segment is doubtful.
        fps: frames a second in previews.
        hold: frames for which a cel is shown in previews.
        palette: colors that were named, changed or added.
        cels: by name, those of which something is decided.
    """

    cut: Path
    format: int = FORMAT
    recipe: Recipe = Recipe()
    sure: Annotated[float, msgspec.Meta(ge=0, le=1)] = msgspec.field(default=0.8, name="below")
    fps: Annotated[int, msgspec.Meta(ge=1, le=MAX_FPS)] = 24
    hold: Annotated[int, msgspec.Meta(ge=1, le=10_000)] = 2
    palette: tuple[ProjectColor, ...] = ()
    cels: dict[str, CelWork] = {}

    def work(self, name: str) -> CelWork:
        """Return what is decided of a cel."""
        return self.cels.get(name, CelWork())

    def with_work(self, works: Mapping[str, CelWork]) -> Project:
        """Return the project with something else decided of some cels."""
        cels = {**self.cels, **works}
        kept = {name: work for name, work in sorted(cels.items()) if work != CelWork()}
        return msgspec.structs.replace(self, cels=kept)

    def with_colors_used(self) -> Project:
        """Return the project with every color that corrections and pens use in its palette.

        So a correction keeps its color when the reference that showed it is gone.

        Raises:
            BadOption: a key in no palette is no color.
        """
        colors = {color.key: color for color in self.palette}
        for work in self.cels.values():
            used = [correction.color for correction in work.corrections]
            used += [line.color for line in work.lines]
            used += [stroke.color for stroke in work.strokes]
            for key in used:
                if key not in (PAPER_KEY, DRAWN_KEY, BLACK_INK) and key not in colors:
                    text = hex_of(tuple(read_code(key.partition("~")[0])))
                    colors[key] = ProjectColor(key, text, text)
        return msgspec.structs.replace(self, palette=tuple(colors.values()))


class _Head(msgspec.Struct):
    """What is looked at before all else in a project's file, whatever its format."""

    format: int = FORMAT


def read_project(folder: Path) -> Project | None:
    """Return the project of a folder of painted cels, None if it has none.

    Raises:
        DamagedProject: the file cannot be read, or is none of shiage's or of a newer one.
    """
    path = folder / PROJECT_FILE
    try:
        data = shallow(path.read_bytes())
        head = msgspec.json.decode(data, type=_Head)
        project = _decode(data) if 1 <= head.format <= FORMAT else None
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError, BadOption) as error:
        found = getattr(error, "strerror", None) or getattr(error, "found", None) or error
        raise DamagedProject(
            f"cannot be read ({found})",
            path=path,
            expected="a project as shiage ui writes it",
            action="Repair it, or move it away to start over",
        ) from error
    if project is None:
        raise DamagedProject(
            f"is of format {head.format}",
            path=path,
            expected=f"format {FORMAT} or an older one",
            action="Use the shiage that wrote it, or a newer one",
        )
    real = folder.resolve()
    return _with_paths(project, lambda path: Path(os.path.normpath(real / path)))


def write_project(folder: Path, project: Project) -> None:
    """Write the project's file; a crash leaves the old one or the new one.

    Raises:
        WriteFailed: it could not be written.
    """
    path, real = folder / PROJECT_FILE, folder.resolve()
    relative = _with_paths(project, lambda path: _relative_to(path.resolve(), real))
    try:
        data = msgspec.json.encode(_to_table(relative))
    except UnicodeEncodeError as error:
        raise WriteFailed(
            "could not be written (the name of a file or folder is no text)",
            path=path,
            expected="names in UTF-8",
            action="Rename the files of the cut",
        ) from error
    text = msgspec.json.format(data, indent=1)
    write_atomically(path, _PAIR.sub(rb"[\1, \2]", text) + b"\n")


def _with_paths(project: Project, change: Callable[[Path], Path]) -> Project:
    """Return the project with all of its paths changed."""
    return msgspec.structs.replace(
        project,
        cut=change(project.cut),
        recipe=project.recipe.with_paths(change),
    )


def _relative_to(path: Path, folder: Path) -> Path:
    """Return the path as seen from a folder, so that both can be moved together."""
    try:
        return Path(os.path.relpath(path, folder))
    except ValueError:  # on another drive
        return path.absolute()


def _to_table(project: Project) -> dict[str, Any]:
    """Return what the file holds, the fields of the recipe among the others."""
    table: dict[str, Any] = msgspec.to_builtins(project, enc_hook=str)
    recipe = table.pop("recipe")
    return {"cut": table.pop("cut"), "format": table.pop("format"), **recipe, **table}


def _decode(data: bytes) -> Project:
    """Return the project that a file of our format holds; its paths are as they are there.

    Raises:
        ValueError: something in it is not as it should be.
        BadOption: a color is none.
    """
    table = msgspec.json.decode(data, type=dict[str, Any])
    fields = {name: table.pop(name) for name in RECIPE if name in table}
    recipe = msgspec.convert(fields, Recipe, dec_hook=_read_path)
    if "recipe" in table:
        raise ValueError("Object contains unknown field `recipe`")
    project = msgspec.convert(table, Project, dec_hook=_read_path)
    project = msgspec.structs.replace(project, recipe=recipe)
    for color in project.with_colors_used().palette:
        if not parse_color(color.color)[3]:
            raise BadOption(f"{color.color!r} in the palette cannot be seen")
    return project


def _read_path(_: type, text: Any) -> Path:
    path = Path(text)
    if "\0" in text:
        raise ValueError("no path holds a character 0")
    return path


@dataclass(frozen=True, eq=False)
class WorkingPalette:
    """The palette as the artist has it.

    Attributes:
        palette: colors as they are painted now, and their names; two may look alike.
        keys: what corrections call them, by id.
    """

    palette: Palette
    keys: tuple[str, ...]

    def find(self, key: str) -> int:
        """Return the id of a color, `UNKNOWN` if there is none."""
        return self.keys.index(key) if key in self.keys else UNKNOWN


def apply_palette(base: Palette, colors: Sequence[ProjectColor]) -> WorkingPalette:
    """Return the palette of a cut's references with what the artist has changed and added.

    Ids of the references' colors stay; colors that none of them shows are appended. A name that is
    only the color's code hides none that a palette file gives.
    """
    rgba = base.rgba_u16.tolist()
    keys = _keys_of(base)
    names, groups = list(base.names), list(base.groups)
    for color in colors:
        row = parse_color(color.color).tolist()
        if color.key not in keys:
            keys.append(color.key)
            rgba.append(deep_channels(color.key) or row)
            names.append(color.name)
            groups.append("")
        at = keys.index(color.key)
        if color.name != color.color:
            names[at] = color.name
        if at and hex_of(tuple(rgba[at])) != hex_of(tuple(row)):  # else its 16 bits are kept
            rgba[at] = row
    palette = Palette(np.array(rgba, np.uint16), tuple(names), tuple(groups))
    return WorkingPalette(palette, tuple(keys))


def key_of(rgba_u16: tuple[int, ...]) -> str:
    """Return what corrections call a color that nobody has changed."""
    return code_of(rgba_u16) if rgba_u16[3] else PAPER_KEY


def _keys_of(palette: Palette) -> list[str]:
    """Return a key for each color; of several entries of one color the later have their names."""
    keys: list[str] = []
    for row, title in zip(palette.rgba_u16.tolist(), palette.titles, strict=True):
        code = key_of(tuple(row))
        key, again = code, 2
        while key in keys:
            key = f"{code}~{title}"[:_MAX_KEY] if again == 2 else f"{code}~{again}"
            again += 1
        keys.append(key)
    return keys


def decide_ids(
    corrections: Sequence[Correction], labels: LabelMap, count: int, palette: WorkingPalette
) -> Ints:
    """(N,) int32: palette id per segment where the artist has decided, else `UNKNOWN`.

    Args:
        corrections: those on ink or outside the drawing say nothing.
        labels: (H, W) int32, the segments after the artist's strokes.
        count: N.
        palette: what the corrections' colors stand for.
    """
    ids = np.full(count, UNKNOWN, np.int32)
    for correction in corrections:
        label = label_at(labels, correction.at)
        if label:
            ids[label - 1] = palette.find(correction.color)
    return ids


def decide_line_ids(
    lines: Sequence[LineCorrection], palette: WorkingPalette
) -> dict[tuple[int, int], LineDecision]:
    """Return what becomes of the coloured line at a pixel x, y; see `line_colors.LineChoice`.

    Args:
        lines: the artist's decisions; those in a color that no longer exists say nothing.
        palette: what their colors stand for.
    """
    special = {PAPER_KEY: PAINTED_OVER, DRAWN_KEY: AS_DRAWN}
    found = {}
    for line in lines:
        if line.color not in special and palette.find(line.color) == UNKNOWN:
            continue
        becomes = special.get(line.color, palette.find(line.color))
        fills = None if line.beside is None else [palette.find(key) for key in line.beside]
        known = fills is not None and UNKNOWN not in fills
        found[line.at] = LineDecision(becomes, (fills[0], fills[1]) if fills and known else None)
    return found


def color_strokes(strokes: Sequence[Stroke], palette: WorkingPalette) -> tuple[Stroke, ...]:
    """Return strokes with the colors of pens as they are painted now."""
    codes = [code_of(tuple(row)) for row in palette.palette.rgba_u16.tolist()]
    return tuple(
        stroke
        if stroke.color == BLACK_INK or (at := palette.find(stroke.color)) <= 0
        else msgspec.structs.replace(stroke, color=codes[at])
        for stroke in strokes
    )


def tell_placed(work: CelWork, labels: LabelMap) -> str:
    """Return a clause on how much of what was decided of another drawing counts for this one.

    Args:
        work: what was decided.
        labels: (H, W) int32, the segments of the drawing as it is now.
    """
    total = len(work.corrections) + len(work.lines)
    if not total:
        return "its strokes are made again" if work.strokes else "nothing was decided of it"
    lost = sum(not label_at(labels, correction.at) for correction in work.corrections)
    height, width = labels.shape
    for x, y in (line.at for line in work.lines):
        lost += not (0 <= x < width and 0 <= y < height and labels[y, x] == 0)
    where = "a segment or line" if work.lines else "a segment"
    kept = f"{total - lost} of {total} decisions still have {where}"
    elsewhere = "that do not" if work.lines else "on a line or outside"
    return f"{kept}, {lost} {elsewhere}" if lost else kept
