"""A person's painted cels become clips: colors are known, regions are not.

The line art may lie beside the paintings or be missing; then the lines are found in the painting,
as for references (`reference.py`). Cels of different columns show different things, so each column
becomes a clip of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from shiage.colors.palette import PAPER, Palette
from shiage.cuts.cut import DEFAULT_NAMES, CelKey, expand_images, open_cut, tell_left_out
from shiage.cuts.names import NameReader
from shiage.data.dataset import Clip, Frame, write_clip
from shiage.errors import BadOption, DatasetError, EmptyCut, OutputExists, ShiageError
from shiage.files.images import read_picture
from shiage.painting.reference import Reference, build_reference
from shiage.progress import Progress, no_progress

SOURCE = "hand-drawn"
GENERATOR = "shiage data import-cels"


@dataclass(frozen=True)
class ImportRecord:
    """What became of an import.

    Attributes:
        clips: folders of the clips written.
        frames: drawings in them.
        warnings: what is odd, and what was left out and why.
    """

    clips: tuple[str, ...]
    frames: int
    warnings: tuple[str, ...]


@dataclass(frozen=True)
class _Pair:
    """A painting, and its drawing if there is one."""

    key: CelKey
    painting: Path
    drawing: Path | None


def import_cels(
    folder: Path,
    out: Path,
    character: str,
    license_text: str,
    *,
    force: bool = False,
    progress: Progress = no_progress,
) -> ImportRecord:
    """Write a clip for each column of painted cels.

    Args:
        folder: a cut in any layout that `cut.py` takes, with paintings in `color`, `paint` or
            `ref` beside the drawings; or a folder of paintings alone.
        out: the dataset; clips go to `OUT/hand-drawn/FOLDER`, or `FOLDER-COLUMN`.
        character: whom the cels show; decides the split.
        license_text: license of the cels, with the credit it asks for.
        force: replace clips that are there.
        progress: called as cels are done.

    Raises:
        BadOption: character or license is empty.
        CutError: no painting was found.
        DatasetError: no painting could be used.
        OutputExists: a clip is there and `force` is not given.
        WriteFailed: a clip could not be written.
    """
    if not (character.strip() and license_text.strip()):
        raise BadOption("the character's name or the license is empty", expected="both")
    pairs, warnings = _find_pairs(folder)
    columns = sorted({pair.key[0] for pair in pairs})
    name = folder.resolve().name
    places = {c: out / SOURCE / (f"{name}-{c}" if len(columns) > 1 else name) for c in columns}
    refuse_existing(places.values(), force=force)
    clips, frames, done = [], 0, 0
    for column, place in places.items():
        cels: list[Frame] = []
        for pair in (pair for pair in pairs if pair.key[0] == column):
            try:
                frame, notes = _read_frame(pair)
                _expect_size(frame, cels, pair.painting)
                cels.append(frame)
                warnings += notes
            except ShiageError as error:
                warnings.append(f"left out: {error}")
            done += 1
            progress(pair.painting.stem, done, len(pairs))
        if cels:
            write_clip(place, Clip(SOURCE, license_text, character, GENERATOR, 0, tuple(cels)))
            clips.append(str(place))
            frames += len(cels)
    if not clips:
        raise DatasetError(
            "no cel can be used: " + " / ".join(warnings),
            path=folder,
            expected="flat painted cels, with or without their line drawings",
        )
    return ImportRecord(tuple(clips), frames, tuple(warnings))


def refuse_existing(folders: Iterable[Path], *, force: bool) -> None:
    """Raise if a clip would be replaced unasked.

    Raises:
        OutputExists: a folder is there already and `force` is not given.
    """
    existing = [folder for folder in folders if folder.exists()]
    if existing and not force:
        raise OutputExists(
            "is there already",
            path=existing[0],
            expected="a new clip",
            action="Give --force to replace it, or another --out",
        )


def _find_pairs(folder: Path) -> tuple[list[_Pair], list[str]]:
    """Return the paintings in order, each with its drawing, and what was left out."""
    try:
        cut = open_cut(folder)
    except EmptyCut:  # nothing but folders of colors
        paintings = [
            path
            for sub in sorted(folder.iterdir())
            if sub.is_dir() and DEFAULT_NAMES.is_color(sub)
            for path in expand_images([sub])
        ]
        if not paintings:
            raise
        reader = NameReader(_within(path, folder) for path in paintings)
        keys = (reader.read(_within(path, folder)).key for path in paintings)
        return _in_order(_Pair(*one, None) for one in zip(keys, paintings, strict=True))
    if not cut.found_references:
        return [_Pair(cel.key, cel.path, None) for cel in cut.cels], tell_left_out(cut)
    pairs, warnings = [], []
    for painting in cut.found_references:
        name = cut.reader.read(_within(painting, cut.home))
        cel = cut.find(name) or cut.find_named(painting)
        if cel is None:
            warnings.append(f"{painting}: has no drawing of that name; its lines are found in it")
        pairs.append(_Pair(cel.key if cel else name.key, painting, cel.path if cel else None))
    in_order, doubled = _in_order(pairs)
    return in_order, [*warnings, *doubled]


def _within(painting: Path, home: Path) -> Path:
    """Return the place of a painting in its folder of colors, whose name is no column."""
    return Path(*painting.relative_to(home).parts[1:])


def _in_order(pairs: Iterable[_Pair]) -> tuple[list[_Pair], list[str]]:
    """Return the pairs by column and number, and what was left out.

    Of several paintings of one cel the last by name counts.
    """
    newest: dict[CelKey, _Pair] = {}
    notes = []
    for pair in sorted(pairs, key=lambda pair: pair.painting):
        if pair.key in newest:
            notes.append(f"{newest[pair.key].painting}: left out, {pair.painting} is the same cel")
        newest[pair.key] = pair
    return [newest[key] for key in sorted(newest)], notes


def _read_frame(pair: _Pair) -> tuple[Frame, list[str]]:
    """Return a cel with its truth, and what is odd about it.

    Raises:
        FileError: a file could not be read.
        SizeMismatch: drawing and painting differ in size.
        ReferenceUnusable: the painting has no color.
        DatasetError: the painting does not lie on its lines.
    """
    painting = read_picture(pair.painting).rgba_u8
    drawing = read_picture(pair.drawing).rgba_u8 if pair.drawing else None
    reference, palette = build_reference(str(pair.painting), painting, drawing, Palette())
    for warning in reference.warnings:
        if warning.kind == "misaligned":
            raise DatasetError(warning.message)
    colors = palette.rgba_u8[reference.color_ids][:, :3].copy()
    colors[reference.color_ids == PAPER] = 255
    _, number, suffix = pair.key
    frame = Frame(
        name=re.sub(r"[^\w-]", "_", f"{number:04}{suffix.lower()}"),
        line=_draw_lines(reference) if drawing is None else drawing,
        color=painting,
        labels=reference.segments.labels,
        regions=(None,) * len(reference.segments),
        colors=colors,
    )
    return frame, [warning.message for warning in reference.warnings]


def _draw_lines(reference: Reference) -> NDArray[np.uint8]:
    """(H, W, 4) uint8: the lines found in a painting, black on white."""
    line = np.full((*reference.lineart.ink.shape, 4), 255, np.uint8)
    line[reference.lineart.ink, :3] = 0
    return line


def _expect_size(frame: Frame, others: Sequence[Frame], path: Path) -> None:
    """Raise if a cel is of another size than those before it.

    Raises:
        DatasetError: it is.
    """
    if others and frame.labels.shape != others[0].labels.shape:
        height, width = frame.labels.shape
        expected = others[0].labels.shape
        raise DatasetError(
            f"the painting is {width} x {height}",
            path=path,
            expected=f"{expected[1]} x {expected[0]} like the cels before it",
        )
