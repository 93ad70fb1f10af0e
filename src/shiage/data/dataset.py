"""The dataset on disk: one folder per clip, readable without shiage.

```
CLIP/
  clip.json           source, license, character, split, generator, seed, size, frames, segments
  line/0001.png       the line art, as an artist would scan it
  color/0001.png      its painting, lines included
  segment/0001.png    16-bit label map: 0 = ink, 1..N = segments of the lines as if all were closed
```

A clip shows one character (or, where the source is a scene, one cast), and its split follows from
that character's name alone: train, validation and test characters never mix, however the clips were
made.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal, get_args

import msgspec
import numpy as np
from numpy.typing import NDArray

from shiage.errors import DatasetError
from shiage.files.atomic import whole_folder, write_atomically
from shiage.files.images import Layout, Picture, read_picture, write_picture
from shiage.files.nesting import shallow
from shiage.structures import Ints, LabelMap

Split = Literal["train", "validation", "test"]
SPLITS: tuple[Split, ...] = get_args(Split)

BACKGROUND = "background"
"""The region of the bare paper, in every source that knows regions."""

WHITE = 0xFFFFFF
"""Color of the bare paper where regions are not known."""

SPLIT_SALT = "shiage/1"
MAX_LABEL = 65535
LAYERS = ("line", "color", "segment")

_Channel = Annotated[int, msgspec.Meta(ge=0, le=255)]
_NAME = r"^[\w-]+\Z"
_FrameName = Annotated[str, msgspec.Meta(pattern=_NAME)]  # it becomes the name of a file


def split_of(character: str) -> Split:
    """Return where a character belongs: 8 of 10 train, 1 validation, 1 test, by its name's hash.

    >>> split_of("Kozue the courier")
    'test'
    """
    digest = hashlib.sha256((SPLIT_SALT + character).encode()).hexdigest()
    tenth = int(digest[:8], 16) % 10
    return "train" if tenth < 8 else "validation" if tenth == 8 else "test"


@dataclass(frozen=True, eq=False)
class Frame:
    """One drawing with its truth. Row i of `regions` and `colors` describes label i + 1.

    Attributes:
        name: number of the frame, e.g. "0001"; the name of its files.
        line: (H, W, 4) uint8 RGBA, the line art.
        color: (H, W, 4) uint8 RGBA, the painting, lines included.
        labels: (H, W) int32, 0 = ink, 1..N = segment.
        regions: (N,) id of the part each segment belongs to, the same in all frames of the clip;
            None where only the color is known (hand-drawn sources).
        colors: (N, 3) uint8 RGB, the true flat color of each segment.
    """

    name: str
    line: NDArray[np.uint8]
    color: NDArray[np.uint8]
    labels: LabelMap
    regions: tuple[str | None, ...]
    colors: NDArray[np.uint8]

    def __post_init__(self) -> None:
        n, size = len(self.regions), self.labels.shape
        if not re.search(_NAME, self.name):
            raise ValueError(f"frame {self.name!r}: expected letters, digits, _ and - only")
        if n > MAX_LABEL:
            raise ValueError(f"frame {self.name}: {n} segments; expected at most {MAX_LABEL}")
        for what, array, shape, kind in (
            ("line", self.line, (*size, 4), np.uint8),
            ("color", self.color, (*size, 4), np.uint8),
            ("labels", self.labels, size[:2], np.int32),
            ("colors", self.colors, (n, 3), np.uint8),
        ):
            if array.shape != shape or array.dtype != kind:
                found = f"{array.dtype} {array.shape}"
                raise ValueError(f"frame {self.name}: {what}: expected {shape}, found {found}")
        if int(self.labels.max(initial=0)) > n:
            raise ValueError(f"frame {self.name}: {n} rows for {self.labels.max()} labels")

    def __len__(self) -> int:
        """Return the number of segments, N."""
        return len(self.regions)


@dataclass(frozen=True, eq=False)
class Clip:
    """Frames of one character in order of time, and where they come from.

    Attributes:
        source: the kind of data: "rendered", "procedural", "vector", "hand-drawn", ...
        license: license of what the clip was made from, with the credit it asks for.
        character: whom it shows; decides the split.
        generator: command or program that made it.
        seed: makes it again, with that generator.
        frames: at least one, all of one size.
    """

    source: str
    license: str
    character: str
    generator: str
    seed: int
    frames: tuple[Frame, ...]

    def __post_init__(self) -> None:
        if not (self.source.strip() and self.license.strip() and self.character.strip()):
            raise ValueError("a clip has a source, a license and a character")
        if not self.frames:
            raise ValueError("a clip has at least one frame")
        if len({frame.labels.shape for frame in self.frames}) > 1:
            raise ValueError("frames of one clip have one size")
        if len({frame.name for frame in self.frames}) < len(self.frames):
            raise ValueError("frames of one clip have different names")

    @property
    def split(self) -> Split:
        """Where the clip belongs."""
        return split_of(self.character)

    @property
    def size_hw(self) -> tuple[int, int]:
        """Height and width in pixels."""
        height, width = self.frames[0].labels.shape
        return height, width


class _SegmentRow(msgspec.Struct):
    """One segment in clip.json."""

    label: int
    region: str | None
    color: tuple[_Channel, _Channel, _Channel]


class _FrameRow(msgspec.Struct):
    """One frame in clip.json."""

    name: _FrameName
    segments: list[_SegmentRow]


class _ClipRow(msgspec.Struct):
    """The content of clip.json."""

    source: str
    license: str
    character: str
    split: Split
    generator: str
    seed: int
    size_hw: tuple[int, int]
    frames: Annotated[list[_FrameRow], msgspec.Meta(min_length=1)]


@dataclass(frozen=True)
class ClipInfo:
    """What clip.json says of a clip without its segments; cheap to get for thousands."""

    folder: Path
    source: str
    license: str
    character: str
    split: Split
    size_hw: tuple[int, int]
    frames: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Truth:
    """What clip.json says of the N segments of one frame.

    Attributes:
        regions: (N,) see `Frame.regions`.
        colors: (N,) int32, 0xRRGGBB.
        background: (N,) bool, which segments are bare paper: by their region where regions are
            known, else those that are white.
    """

    regions: tuple[str | None, ...]
    colors: Ints
    background: NDArray[np.bool_]


def pack_rgb(rgb: NDArray[np.uint8]) -> Ints:
    """(N,) int32 0xRRGGBB, from (N, 3) uint8.

    >>> [f"{color:06x}" for color in pack_rgb(np.array([[1, 2, 255]], np.uint8))]
    ['0102ff']
    """
    red, green, blue = rgb.astype(np.int32).T
    return np.asarray((red << 16) + (green << 8) + blue, np.int32)


def write_clip(folder: Path, clip: Clip) -> None:
    """Write a clip; the folder appears only when it is whole. An existing one is replaced.

    Raises:
        WriteFailed: a file could not be written.
    """
    with whole_folder(folder, "replace") as unfinished:
        for frame in clip.frames:
            pictures = (_as_picture(frame.line), _as_picture(frame.color), _as_map(frame.labels))
            for layer, picture in zip(LAYERS, pictures, strict=True):
                write_picture(unfinished / layer / f"{frame.name}.png", picture)
        write_atomically(unfinished / "clip.json", msgspec.json.encode(_to_row(clip)) + b"\n")


def read_clip(folder: Path, names: tuple[str, ...] | None = None) -> Clip:
    """Return a clip, whole or only the frames named, in the clip's order.

    Raises:
        DatasetError: a file is missing or contradicts the others; the message names it.
        FileError: a picture could not be read.
    """
    clip_row = _read_json(folder)
    rows = [row for row in clip_row.frames if names is None or row.name in names]
    if names is not None and len(rows) < len(set(names)):
        missing = sorted(set(names) - {row.name for row in rows})
        raise DatasetError(f"no frame {', '.join(missing)}", path=folder / "clip.json")
    try:
        clip = Clip(
            source=clip_row.source,
            license=clip_row.license,
            character=clip_row.character,
            generator=clip_row.generator,
            seed=clip_row.seed,
            frames=tuple(_read_frame(folder, row) for row in rows),
        )
    except ValueError as error:
        raise DatasetError(str(error), path=folder) from None
    if clip.size_hw != clip_row.size_hw:
        raise DatasetError(
            f"pictures of {clip.size_hw} pixels", path=folder, expected=f"{clip_row.size_hw}"
        )
    return clip


def read_truth(folder: Path) -> dict[str, Truth]:
    """Return what clip.json says of each frame's segments, pictures unread.

    Raises:
        DatasetError: no clip.json, or one that is damaged.
    """
    return {row.name: _read_truth(row) for row in _read_json(folder).frames}


def _read_truth(row: _FrameRow) -> Truth:
    """Return what is true of a frame's segments."""
    regions = tuple(segment.region for segment in row.segments)
    rgb = np.array([segment.color for segment in row.segments], np.uint8).reshape(-1, 3)
    return Truth(regions, pack_rgb(rgb), find_background(regions, rgb))


def find_background(regions: tuple[str | None, ...], rgb: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """(N,) bool: which segments are bare paper; see `Truth`.

    Args:
        regions: (N,) of a frame.
        rgb: (N, 3) their colors.
    """
    if any(region is not None for region in regions):
        return np.array([region == BACKGROUND for region in regions], bool)
    return np.asarray(pack_rgb(rgb) == WHITE)


def read_info(folder: Path) -> ClipInfo:
    """Return what clip.json says of a clip, pictures unread.

    Raises:
        DatasetError: no clip.json, or one that is damaged, or whose split is not its character's.
    """
    clip_row = _read_json(folder)
    return ClipInfo(
        folder=folder,
        source=clip_row.source,
        license=clip_row.license,
        character=clip_row.character,
        split=clip_row.split,
        size_hw=clip_row.size_hw,
        frames=tuple(row.name for row in clip_row.frames),
    )


def list_clips(root: Path, split: Split | None = None) -> Iterator[ClipInfo]:
    """Yield the clips below `root` in order of path; all, or those of one split.

    Raises:
        DatasetError: a clip.json is damaged, or `root` holds no clip.
    """
    found = False
    for file in sorted(root.rglob("clip.json")):
        if any(part.startswith(".") for part in file.relative_to(root).parts):
            continue
        found = True
        info = read_info(file.parent)
        if split is None or info.split == split:
            yield info
    if not found:
        raise DatasetError("no clip found", path=root, expected="folders that hold a clip.json")


def _as_picture(rgba: NDArray[np.uint8]) -> Picture:
    """Return pixels as they are best stored: opaque ones without alpha, greys as greys."""
    if (rgba[..., 3] < 255).any():
        return Picture(rgba, Layout("PNG", "RGBA", 8))
    grey = bool((rgba[..., :1] == rgba[..., 1:3]).all())
    return Picture(rgba, Layout("PNG", "L" if grey else "RGB", 8))


def _as_map(labels: LabelMap) -> Picture:
    """Return a label map as a 16-bit grey picture."""
    pixels = np.full((*labels.shape, 4), MAX_LABEL, np.uint16)
    pixels[..., :3] = labels[..., None]
    return Picture(pixels, Layout("PNG", "L", 16))


def _read_json(folder: Path) -> _ClipRow:
    """Return clip.json, checked, with the split its character has."""
    path = folder / "clip.json"
    try:
        clip_row = msgspec.json.decode(shallow(path.read_bytes()), type=_ClipRow)
    except OSError as error:
        raise DatasetError(f"cannot be read ({error.strerror})", path=path) from error
    except ValueError as error:
        raise DatasetError(
            f"is damaged ({error})", path=path, expected="the format of docs/data.md"
        ) from error
    for row in clip_row.frames:
        if [segment.label for segment in row.segments] != [*range(1, len(row.segments) + 1)]:
            raise DatasetError(f"frame {row.name}: labels do not count from 1", path=path)
    if clip_row.split != split_of(clip_row.character):
        raise DatasetError(
            f"split {clip_row.split!r} for {clip_row.character!r}",
            path=path,
            expected=f"{split_of(clip_row.character)!r}, which follows from the character's name",
            action="Correct the split; a character is never moved to another one",
        )
    return clip_row


def _read_frame(folder: Path, row: _FrameRow) -> Frame:
    """Return one frame of a clip."""
    line, color, labels = (read_picture(folder / layer / f"{row.name}.png") for layer in LAYERS)
    return Frame(
        name=row.name,
        line=line.rgba_u8,
        color=color.rgba_u8,
        labels=labels.pixels[..., 0].astype(np.int32),
        regions=tuple(segment.region for segment in row.segments),
        colors=np.array([segment.color for segment in row.segments], np.uint8).reshape(-1, 3),
    )


def _to_row(clip: Clip) -> _ClipRow:
    """Return clip.json's content."""
    return _ClipRow(
        source=clip.source,
        license=clip.license,
        character=clip.character,
        split=clip.split,
        generator=clip.generator,
        seed=clip.seed,
        size_hw=clip.size_hw,
        frames=[
            _FrameRow(
                frame.name,
                [
                    _SegmentRow(label, region, (int(color[0]), int(color[1]), int(color[2])))
                    for label, (region, color) in enumerate(
                        zip(frame.regions, frame.colors, strict=True), start=1
                    )
                ],
            )
            for frame in clip.frames
        ],
    )
