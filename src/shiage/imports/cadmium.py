"""Cadmium projects (`.cdm`) as cuts.

Layers have frames, counted from 1, which name pictures; frames that hold a drawing name the same
one. A frame of a color layer marked `isOriginal` is a reference, others the program has painted.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from itertools import zip_longest
from pathlib import Path

from shiage.colors.palette import parse_color
from shiage.errors import BadOption, FileError, SizeMismatch
from shiage.files.exposures import MAX_FRAMES, Exposure, letters
from shiage.files.formats import PLAIN
from shiage.files.images import Picture, encode_picture, open_picture
from shiage.files.palettes import Entry, PaletteFile
from shiage.files.timesheets import Column, Timesheet
from shiage.imports.cadmium_file import (
    Frame,
    Image,
    Layer,
    LibraryPicture,
    Swatch,
    damaged,
    read_state,
    read_uri,
)
from shiage.imports.container import (
    Container,
    Part,
    Role,
    lay_lines_over,
    name_cel,
    name_column,
    name_file,
)

_USUAL_FPS = 24
_MOST_TOLD = 12
_LINE_LAYER, _COLOR_LAYER = "lineLayer1", "colorLayer1"
_IS_LINE = "LAYER_TYPE_LINE"


def open_cadmium(path: Path, max_pixels: int) -> Container:
    """Return what a project holds: each line layer with its color layer is a column.

    A cel's number is that of the frame it is first seen at, so that it stays when drawings are
    added. The pictures stay in the file until they are asked for.

    Args:
        path: the file.
        max_pixels: largest picture that is read.

    Raises:
        UnreadableFile: the file cannot be read.
        DamagedProject: cut off or corrupt.
    """
    state, version, warnings = read_state(path)
    images = state.store.image_data_by_id
    reader = _Reader(path, images, max_pixels)
    columns = [_read_column(*pair, reader) for pair in _pair_layers(state.layers)]
    seen = {frame for column in columns for frame in column.seen}
    first, last = min({1, *seen}), max({1, *seen})
    if last >= MAX_FRAMES:
        raise damaged(path, f"the project has {last:,} frames")
    parts = [part for column in columns for part in _list_parts(column, reader)]
    parts += _list_library(path, state.reference_images)
    warnings += [warning for column in columns for warning in column.warnings]
    used = {image for column in columns for image in column.used}
    unused = sum(image.is_there for key, image in images.items() if key not in used)
    if unused:
        warnings.append(f"Pictures that no frame shows are left out: {unused}.")
    if state.player_fps and state.player_fps != _USUAL_FPS:
        warnings.append(
            f"The project plays at {state.player_fps:g} frames a second, which no timesheet holds."
        )
    palette = _read_palette(state.color_palette, path.stem, warnings)
    sheet = Timesheet(
        path.stem,
        last + 1 - first,
        tuple(Column(column.name, _exposures(column, first, last)) for column in columns),
    )
    kind = "Cadmium project" + (f" of version {version}" if version else "")
    return Container(kind, tuple(parts), palette, sheet, tuple(warnings))


def _pair_layers(layers: Mapping[str, Layer]) -> Iterator[tuple[str, Layer, Layer]]:
    """Yield each line layer with the name of its column and its color layer."""
    taken: set[str] = set()
    found = [
        (layer, layers.get(layer.linked_layer_id or _COLOR_LAYER, Layer()))
        for key, layer in layers.items()
        if layer.type == _IS_LINE or (layer.type is None and key == _LINE_LAYER)
    ]
    for place, (line, color) in enumerate(found):
        name = name_column(line.name or "")
        if not name or name in taken:
            name = next(n for n in map(letters, range(place, 1 << 20)) if n not in taken)
        taken.add(name)
        yield name, line, color


@dataclass
class _Painting:
    """A picture of a color layer.

    Attributes:
        image: what it is called in the store.
        frame: the first it is seen at.
        drawing: what the line layer shows there, None for nothing.
        is_reference: whether it is marked so at any frame.
    """

    image: str
    frame: int
    drawing: str | None
    is_reference: bool = False


@dataclass
class _Cels:
    """What a line layer and its color layer hold.

    Attributes:
        name: of the column.
        numbers: of cels, by the picture of their drawing.
        shown: number of the cel by frame.
        seen: frames at which there is a drawing or a painting.
        paintings: each picture of the color layer, once for each drawing it is seen with.
        used: every picture that a frame names.
        warnings: sentences on what is missing.
    """

    name: str
    numbers: dict[str, int] = field(default_factory=dict)
    shown: dict[int, int] = field(default_factory=dict)
    seen: set[int] = field(default_factory=set)
    paintings: list[_Painting] = field(default_factory=list)
    used: set[str] = field(default_factory=set)
    warnings: list[str] = field(default_factory=list)


def _read_column(name: str, line: Layer, color: Layer, reader: _Reader) -> _Cels:
    """Return what two layers hold. Blank pictures are nothing, like frames without one."""
    cels = _Cels(name)
    named = [frame.image_data_id for frame in (*line.frames, *color.frames) if frame]
    cels.used |= set(filter(None, named))
    stored = {key for key in cels.used if key in reader.images and reader.images[key].is_there}
    blank = {key for key in stored if reader.is_blank(key)}
    if blank:
        cels.warnings.append(f"Blank pictures are left out: {len(blank)}.")
    there = stored - blank
    lost: dict[str, list[int]] = {"drawing": [], "reference": []}
    paintings: dict[tuple[str, str | None], _Painting] = {}
    for at, (line_frame, color_frame) in enumerate(zip_longest(line.frames, color.frames)):
        drawn, colored = line_frame or Frame(), color_frame or Frame()
        drawing = drawn.image_data_id if drawn.image_data_id in there else None
        if drawing:
            cels.shown[at] = cels.numbers.setdefault(drawing, at)
        elif drawn.is_original and drawn.image_data_id not in blank:
            lost["drawing"].append(at)
        if colored.image_data_id in there:
            image = str(colored.image_data_id)
            painting = paintings.setdefault((image, drawing), _Painting(image, at, drawing))
            painting.is_reference |= bool(colored.is_original)
        elif colored.is_original and colored.image_data_id not in blank:
            lost["reference"].append(at)
        if drawing or colored.image_data_id in there:
            cels.seen.add(at)
    cels.paintings += paintings.values()
    for what, frames in lost.items():
        if frames:
            listed = ", ".join(map(str, frames[:_MOST_TOLD])) + ", …" * (len(frames) > _MOST_TOLD)
            cels.warnings.append(f"The {what} of these frames is not in the file: {listed}.")
    return cels


def _exposures(cels: _Cels, first: int, last: int) -> tuple[Exposure, ...]:
    """Return which cel is seen from which frame on; `first` is the timesheet's frame 0."""
    exposures: list[Exposure] = []
    before = None
    for at in range(first, last + 1):
        cel = cels.shown.get(at)
        if cel != before:
            exposures.append((at - first, None if cel is None else str(cel)))
        before = cel
    return tuple(exposures)


def _list_parts(cels: _Cels, reader: _Reader) -> Iterator[Part]:
    """Yield drawings, references and what the program painted.

    The first reference of a drawing goes to `ref`, all other paintings to `_painted`. They are
    named like the drawing, further ones by the frame they are first seen at.
    """
    for drawing, number in cels.numbers.items():
        drawn = partial(reader.drawing, number, drawing)
        yield Part("line", name_cel((cels.name, number, "")), drawn)
    taken: set[tuple[Role, int]] = set()
    for painting in cels.paintings:
        number = cels.numbers.get(painting.drawing or "", painting.frame)
        role: Role = "ref" if painting.is_reference else "_painted"
        if painting.is_reference and painting.drawing is None:
            cels.warnings.append(
                f"Frame {number} is a reference without a drawing; its lines will be looked for in "
                "the painting."
            )
        if (role, number) in taken:
            if painting.is_reference:
                cels.warnings.append(
                    f"Frame {painting.frame} has another reference for the drawing of frame "
                    f"{number}; it is in _painted."
                )
            role, number = "_painted", painting.frame
        taken.add((role, number))
        painted = partial(reader.painting, painting)
        yield Part(role, name_cel((cels.name, number, "")), painted)


def _list_library(path: Path, pictures: Iterable[LibraryPicture]) -> Iterator[Part]:
    """Yield the pictures that artists look at while they work, as they are."""
    for place, picture in enumerate(pictures, start=1):
        name = f"{place:02}_{name_file(picture.name or '')}"
        yield Part("_library", name, partial(read_uri, path / name, picture.data))


@dataclass(frozen=True)
class _Reader:
    """Makes files of the pictures of a project, one at a time.

    Attributes:
        path: the project.
        images: its pictures.
        max_pixels: largest that is read.
        whole: PNGs that were decoded to their last pixel.
    """

    path: Path
    images: Mapping[str, Image]
    max_pixels: int
    whole: set[str] = field(default_factory=set)

    def is_blank(self, image: str) -> bool:
        """Return whether a picture shows nothing; one that is damaged does not count as blank."""
        try:
            return not self._picture("", image).pixels[..., 3].any()
        except FileError:
            return False

    def drawing(self, frame: int, image: str) -> bytes:
        """Return a drawing's file, as it is if it is a PNG."""
        name = f"frame {frame}, drawing"
        if image in self.whole:
            return read_uri(self.path / name, self.images[image].data_uri)
        return encode_picture(self._picture(name, image), format="PNG")

    def painting(self, painting: _Painting) -> bytes:
        """Return a painting's file: the lines over the paint, as the program shows it.

        Raises:
            SizeMismatch: it does not fit its drawing.
        """
        where = f"frame {painting.frame}, painting"
        paint = self._picture(where, painting.image)
        if painting.drawing is None:
            return encode_picture(paint, format="PNG")
        lines = self._picture(f"frame {painting.frame}, drawing", painting.drawing)
        if lines.size_hw != paint.size_hw:
            raise SizeMismatch(
                f"the painting is {paint.size_hw[1]} x {paint.size_hw[0]}",
                path=self.path / where,
                expected=f"{lines.size_hw[1]} x {lines.size_hw[0]} like its drawing",
                action="Replace it in Cadmium, or paint this cel again",
            )
        return encode_picture(lay_lines_over(lines, paint), format="PNG")

    def _picture(self, name: str, image: str) -> Picture:
        content = read_uri(self.path / name, self.images[image].data_uri)
        file = open_picture(self.path / name, content, max_pixels=self.max_pixels)
        picture = file.painting
        if file.format is PLAIN:
            self.whole.add(image)
        return picture


def _read_palette(swatches: Iterable[Swatch], name: str, warnings: list[str]) -> PaletteFile | None:
    """Return the colors; what could not be taken is added to the warnings."""
    entries, pending = [], 0
    for swatch in swatches:
        try:
            r, g, b, _ = parse_color(swatch.hex).tolist()
        except BadOption:
            warnings.append(f"A palette entry is no color and was left out: {swatch.hex!r}.")
            continue
        opacity = 255 if swatch.opacity is None else round(min(max(swatch.opacity, 0), 255))
        entries.append(Entry("", (r, g, b, opacity * 257)))
        pending += swatch.new_hex not in (None, "", swatch.hex)
    if pending:
        warnings.append(
            f"Changes of colors that were not applied to the paintings are left out: {pending}."
        )
    return PaletteFile(tuple(entries), name) if entries else None
