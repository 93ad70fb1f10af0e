"""The PaintBucket-Character layout (Dai et al., CVPR 2024) becomes clips.

```
DIR/.../CHARACTER/
  line/0000.png        black lines on transparent paper
  gt/0000.png          the painting, transparent around the figure
  seg/0000.png         number of each segment as R * 65536 + G * 256 + B; 0 = line
  label/0000.png       number of each region, likewise, the same in all frames (training set)
  json_index/0000.json {"segment": [pixels, region], ...}; region -1 = background (training set)
```

The set comes under the S-Lab License 1.0, for non-commercial use; nothing of it is part of shiage.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Sequence
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from shiage.data.cels import ImportRecord, refuse_existing
from shiage.data.dataset import BACKGROUND, MAX_LABEL, Clip, Frame, write_clip
from shiage.errors import DatasetError, ShiageError
from shiage.files.images import read_picture
from shiage.files.nesting import shallow
from shiage.lines.lineart import flatten_on_white
from shiage.lines.runs import find_runs
from shiage.progress import Progress, no_progress
from shiage.structures import LabelMap

SOURCE = "paintbucket"
GENERATOR = "shiage data import-paintbucket"
LICENSE = (
    "S-Lab License 1.0 (non-commercial); PaintBucket-Character, Dai et al., Learning Inclusion "
    "Matching for Animation Paint Bucket Colorization, CVPR 2024"
)
FOLDERS = ("line", "gt", "seg")

CLIP_FRAMES = 20
"""Frames per clip: a character of the set has hundreds, too many to hold at once."""

NO_REGION = -1
"""The set's number of what is transparent: the background."""


def import_paintbucket(
    folder: Path, out: Path, *, force: bool = False, progress: Progress = no_progress
) -> ImportRecord:
    """Write clips of at most `CLIP_FRAMES` frames for each character below a folder.

    Args:
        folder: the set, or a part of it.
        out: the dataset; clips go to `OUT/paintbucket/CHARACTER-000`, and where several folders
            have a character's name, to `OUT/paintbucket/PATH-TO-CHARACTER-000`. They may show the
            same one, so they stay in one split.
        force: replace clips that are there.
        progress: called as clips are done.

    Raises:
        DatasetError: no character was found, no frame could be used, or two folders would go to
            the same clips.
        OutputExists: a clip is there and `force` is not given.
        WriteFailed: a clip could not be written.
    """
    characters = sorted(
        path.parent
        for path in folder.rglob("seg")
        if all((path.parent / name).is_dir() for name in FOLDERS)
    )
    work = {
        out / SOURCE / f"{name}-{number:03}": (character, names)
        for name, character in _name_clips(characters, folder).items()
        for number, names in enumerate(_chunks(character))
    }
    refuse_existing(work, force=force)
    warnings: list[str] = []
    clips, frames = [], 0
    for done, (place, (character, names)) in enumerate(work.items(), start=1):
        clip = _read_clip(character, names, warnings)
        if clip is not None:
            write_clip(place, clip)
            clips.append(str(place))
            frames += len(clip.frames)
        progress(place.name, done, len(work))
    if not clips:
        raise DatasetError(
            " / ".join(["no frame can be used", *warnings]),
            path=folder,
            expected=f"folders of characters with {', '.join(FOLDERS)} in them",
            action="Give the folder that the set was unpacked to",
        )
    return ImportRecord(tuple(clips), frames, tuple(warnings))


def _name_clips(characters: Sequence[Path], folder: Path) -> dict[str, Path]:
    """Return the characters' folders by the names of their clips.

    Raises:
        DatasetError: two have the same name even with their paths.
    """
    count = Counter(character.resolve().name for character in characters)
    named: dict[str, Path] = {}
    for character in characters:
        name = character.resolve().name
        if count[name] > 1:
            name = "-".join(character.relative_to(folder).parts) or name
        if name in named:
            raise DatasetError(
                f"{character} and {named[name]} would both become {name}",
                path=folder,
                expected="folders that differ by more than their hyphens",
                action="Rename one, or import them to different datasets",
            )
        named[name] = character
    return named


def _chunks(character: Path) -> list[tuple[str, ...]]:
    """Return the frames that have all three pictures, in order, a clip's worth at a time."""
    found = [{path.stem for path in (character / name).glob("*.png")} for name in FOLDERS]
    names = iter(sorted(set.intersection(*found)))
    return list(iter(lambda: tuple(islice(names, CLIP_FRAMES)), ()))


def _read_clip(character: Path, names: Sequence[str], warnings: list[str]) -> Clip | None:
    """Return a clip of those frames that can be used; what is wrong with others is reported."""
    frames: list[Frame] = []
    for name in names:
        try:
            frame = _read_frame(character, name)
            if frames and frame.labels.shape != frames[0].labels.shape:
                raise DatasetError("has another size than the frames before it")
            if any(frame.name == other.name for other in frames):
                raise DatasetError(f"another frame is called {frame.name} too")
            frames.append(frame)
        except (ShiageError, ValueError, KeyError, IndexError, TypeError) as error:
            warnings.append(f"left out: {character / 'seg' / name}.png: {error}")
    if not frames:
        return None
    whom = character.resolve().name
    return Clip(SOURCE, LICENSE, whom, GENERATOR, 0, tuple(frames))


def _read_frame(character: Path, name: str) -> Frame:
    """Return one frame.

    Raises:
        FileError: a picture could not be read.
        DatasetError: the pictures contradict each other.
        ValueError, KeyError, IndexError, TypeError: the JSON is not as it should be.
    """
    line, color = (read_picture(character / part / f"{name}.png").rgba_u8 for part in FOLDERS[:2])
    numbers = _read_numbers(character / "seg" / f"{name}.png")
    if not line.shape[:2] == color.shape[:2] == numbers.shape:
        raise DatasetError("line, gt and seg differ in size")
    present = np.unique(numbers[numbers != 0])
    if len(present) > MAX_LABEL:
        raise DatasetError(f"{len(present)} segments", expected=f"{MAX_LABEL} at most")
    labels = np.searchsorted(present, numbers).astype(np.int32) + 1
    labels[numbers == 0] = 0
    rgb = flatten_on_white(color).astype(np.int64)
    packed = (rgb[..., 0] << 16) | (rgb[..., 1] << 8) | rgb[..., 2]
    majority = _majority(labels, packed, len(present))
    colors = np.stack([majority >> 16, majority >> 8 & 255, majority & 255], axis=1)
    return Frame(
        name=re.sub(r"[^A-Za-z0-9_-]", "_", name),  # a clip's frame allows no other signs
        line=line,
        color=color,
        labels=labels,
        regions=_read_regions(character, name, labels, present, majority),
        colors=colors.astype(np.uint8),
    )


def _read_regions(
    character: Path,
    name: str,
    labels: LabelMap,
    present: NDArray[np.int64],
    colors: NDArray[np.int64],
) -> tuple[str | None, ...]:
    """Return region ids, None where the set does not tell.

    The set's regions keep their number where they lie in shadow; here a region has one color, so
    the color is part of the id.
    """
    table, picture = (
        character / "json_index" / f"{name}.json",
        character / "label" / f"{name}.png",
    )
    if table.is_file():
        entries = json.loads(shallow(table.read_text(encoding="utf-8")))
        numbers = [
            NO_REGION if number == NO_REGION else int(entries[str(number)][1])
            for number in present.tolist()
        ]
    elif picture.is_file():
        map_of_regions = _read_numbers(picture)
        if map_of_regions.shape != labels.shape:
            raise DatasetError("label and seg differ in size")
        numbers = _majority(labels, map_of_regions, len(present)).tolist()
    else:
        return (None,) * len(present)
    return tuple(
        BACKGROUND if number == NO_REGION else f"{number}-{color:06x}"
        for number, color in zip(numbers, colors.tolist(), strict=True)
    )


def _read_numbers(path: Path) -> NDArray[np.int64]:
    """(H, W) int64: the numbers that a picture's colors stand for; transparent is `NO_REGION`."""
    rgba = read_picture(path).rgba_u8.astype(np.int64)
    numbers = (rgba[..., 0] << 16) | (rgba[..., 1] << 8) | rgba[..., 2]
    return np.where(rgba[..., 3] == 0, NO_REGION, numbers)


def _majority(labels: LabelMap, values: NDArray[np.int64], count: int) -> NDArray[np.int64]:
    """(N,) int64: the commonest value under each label 1..N."""
    label_runs, value_runs = find_runs(labels, values)
    label = label_runs.value.astype(np.int64)
    value = value_runs.value.astype(np.int64)
    kinds, kind = np.unique(np.stack([label, value], axis=1), axis=0, return_inverse=True)
    pixels = np.bincount(kind.ravel(), label_runs.length)
    order = np.argsort(
        pixels, kind="stable"
    )  # the commonest last, so that it is the one that stays
    majority = np.zeros(count + 1, np.int64)
    majority[kinds[order, 0]] = kinds[order, 1]
    return majority[1:]
