"""What an artist has decided of a cut, in a readable file beside the painted cels.

`shiage.json` holds where the drawings and references are, how lines are read, the palette, and for
each cel the corrections and strokes made. Corrections name a pixel, not a segment number, so that
they outlast other strokes and settings. The page writes the file after each action, `shiage paint`
keeps to it.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import msgspec
import numpy as np

from shiage.edits import Coordinate, Stroke
from shiage.errors import DamagedProject, ShiageError
from shiage.files.atomic import write_json
from shiage.files.previews import MAX_FPS
from shiage.outputs import PROJECT_FILE
from shiage.painter import PaintSettings
from shiage.palette import Palette, hex_of, parse_color
from shiage.structures import UNKNOWN, Ints, LabelMap

FORMAT = 1
"""Grows when an older shiage could not read the file."""

Key = Annotated[str, msgspec.Meta(max_length=40)]
"""What a color is called in the file, whatever it looks like now: the color it had at first."""


class Correction(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The artist's decision for one segment.

    Attributes:
        at: x, y of a pixel in it.
        color: key of the color.
    """

    at: tuple[Coordinate, Coordinate]
    color: Key


class CelWork(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What the artist has decided of one cel.

    Attributes:
        corrections: of two in one segment the later counts.
        strokes: in the order in which they were made.
        reference: the cel was made a reference: all of its colors are decided.
        hold: frames for which it is shown in previews; None: as the project has it.
    """

    corrections: tuple[Correction, ...] = ()
    strokes: tuple[Stroke, ...] = ()
    reference: bool = False
    hold: Annotated[int, msgspec.Meta(ge=0, le=10_000)] | None = None


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
        references: painted cels or folders of them; empty: those found beside the drawings.
        sheets: model sheets as (drawing, painting).
        matcher: name of the matcher.
        settings: how cels are painted.
        below: confidence under which a segment is doubtful.
        fps: frames a second in previews.
        hold: frames for which a cel is shown in previews.
        palette: colors that were named, changed or added.
        cels: by name, those of which something is decided.
    """

    cut: Path
    format: int = FORMAT
    references: tuple[Path, ...] = ()
    sheets: tuple[tuple[Path, Path], ...] = ()
    matcher: str = "ant"
    settings: PaintSettings = PaintSettings()
    below: Annotated[float, msgspec.Meta(ge=0, le=1)] = 0.8
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


def read_project(folder: Path) -> Project | None:
    """Return the project of a folder of painted cels, None if it has none.

    Raises:
        DamagedProject: the file cannot be read, or is none of shiage's or of a newer one.
    """
    path = folder / PROJECT_FILE
    try:
        project = msgspec.json.decode(path.read_bytes(), type=Project, dec_hook=_read_path)
        for color in project.palette:
            parse_color(color.color)
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError, ValueError, ShiageError) as error:
        raise DamagedProject(
            f"cannot be read ({getattr(error, 'strerror', None) or error})",
            path=path,
            expected="a project as shiage ui writes it",
            action="Mend it, or move it away to begin anew",
        ) from error
    if project.format != FORMAT:
        raise DamagedProject(
            f"is of format {project.format}",
            path=path,
            expected=f"format {FORMAT}",
            action="Use the shiage that wrote it, or a newer one",
        )
    return _with_paths(project, lambda path: Path(os.path.normpath(folder / path)))


def write_project(folder: Path, project: Project) -> None:
    """Write the project's file; a crash leaves the old one or the new one.

    Raises:
        WriteFailed: it could not be written.
    """
    relative = _with_paths(project, lambda path: _relative_to(path, folder))
    write_json(folder / PROJECT_FILE, msgspec.to_builtins(relative, enc_hook=str))


def _with_paths(project: Project, change: Callable[[Path], Path]) -> Project:
    """Return the project with all of its paths changed."""
    return msgspec.structs.replace(
        project,
        cut=change(project.cut),
        references=tuple(change(path) for path in project.references),
        sheets=tuple((change(drawing), change(painting)) for drawing, painting in project.sheets),
    )


def _relative_to(path: Path, folder: Path) -> Path:
    """Return the path as seen from a folder, so that both can be moved together."""
    try:
        return Path(os.path.relpath(path, folder))
    except ValueError:  # on another drive
        return path.absolute()


def _read_path(_: type, text: Any) -> Path:
    return Path(text)


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

    Ids of the references' colors stay; colors that none of them shows are appended.
    """
    keys = [_key_of(row) for row in base.rgba_u16.tolist()]
    rgba = base.rgba_u16.tolist()
    names = list(base.names)
    for color in colors:
        row = parse_color(color.color).tolist()
        if color.key not in keys:
            keys.append(color.key)
            rgba.append(row)
            names.append(color.name)
            continue
        at = keys.index(color.key)
        names[at] = color.name
        if at and hex_of(tuple(rgba[at])) != color.color:  # else its 16 bits are kept
            rgba[at] = row
    return WorkingPalette(Palette(np.array(rgba, np.uint16), tuple(names)), tuple(keys))


def _key_of(row: Sequence[int]) -> str:
    """Return what a color of a reference is called, all of its 16 bits told where 8 do not do.

    >>> _key_of([65535, 32896, 0, 65535]), _key_of([65535, 32897, 0, 65535]), _key_of([0, 0, 0, 0])
    ('#ff8000', '#ffff80810000ffff', 'none')
    """
    if not row[3]:
        return "none"
    if all(value % 257 == 0 for value in row):
        return hex_of(tuple(row))
    return "#" + "".join(f"{value:04x}" for value in row)


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
    height, width = labels.shape
    for correction in corrections:
        x, y = correction.at
        if 0 <= x < width and 0 <= y < height and labels[y, x]:
            ids[labels[y, x] - 1] = palette.find(correction.color)
    return ids
