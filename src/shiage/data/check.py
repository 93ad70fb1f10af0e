"""Whether a dataset keeps what its format promises; a bad clip does not hide the others.

Errors are what would teach or measure wrongly; warnings are what is odd but does no harm.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from shiage.data.dataset import LAYERS, ClipInfo, Frame, read_clip, read_info
from shiage.errors import DatasetError, ShiageError
from shiage.lines.lineart import extract_lineart, flatten_on_white
from shiage.progress import Progress, no_progress
from shiage.structures import BoolMap

INK_SHARE = 0.02
"""A line art of whose ink more than this lies inside segments does not belong to its label map."""

BARE_COVERAGE = 5
"""Up to this coverage no soft line hides the paint; only such pixels are compared with it."""

PAINTED_SHARE = 0.5
"""A segment has its told color if at least this share of its bare pixels has it."""

TINY_AREA = 25
"""With fewer bare pixels than this a wrong color is a warning."""

LABEL_MODE = "I;16"
"""How Pillow calls a grey picture of 16 bits."""

Severity = Literal["error", "warning"]


@dataclass(frozen=True)
class Finding:
    """Something wrong in a dataset.

    Attributes:
        clip: folder of the clip, relative to the dataset; "." for a dataset of one clip.
        frame: name of the frame, "" if it is about the clip.
        what: what is wrong.
        severity: "error" or "warning".
    """

    clip: str
    frame: str
    what: str
    severity: Severity = "error"

    def __str__(self) -> str:
        """Return it as one line."""
        return f"{self.clip}{f', frame {self.frame}' if self.frame else ''}: {self.what}"


@dataclass(frozen=True)
class CheckResult:
    """What was looked at and what was found.

    Attributes:
        clips: clips looked at, bad ones included.
        frames: frames looked at.
        findings: by clip and frame.
    """

    clips: int
    frames: int
    findings: tuple[Finding, ...]

    def of(self, severity: Severity) -> list[Finding]:
        """Return the findings of one severity."""
        return [finding for finding in self.findings if finding.severity == severity]


def check_dataset(
    root: Path, jobs: int | None = None, progress: Progress = no_progress
) -> CheckResult:
    """Return everything wrong with the clips below a folder.

    Args:
        root: the dataset, or one clip.
        jobs: clips looked at at once; None takes one per core.
        progress: called as clips are done.

    Raises:
        DatasetError: there is no clip.
    """
    clips = list(_find_clips(root))
    findings = list(_find_leftovers(root))
    if not clips and not findings:
        raise DatasetError("no clip found", path=root, expected="folders that hold a clip.json")
    frames = 0
    work = [partial(check_clip, clip, clip.relative_to(root).as_posix()) for clip in clips]
    for count, found in _work_off(work, jobs or os.cpu_count() or 1, progress):
        frames += count
        findings += found
    findings.sort(key=lambda f: (f.clip, f.frame, f.severity, f.what))
    return CheckResult(len(clips), frames, tuple(findings))


def check_clip(folder: Path, name: str) -> tuple[int, list[Finding]]:
    """Return the number of frames looked at, and everything wrong with one clip.

    Args:
        folder: the clip.
        name: how findings call it.
    """
    try:
        info = read_info(folder)
    except ShiageError as error:
        return 0, [Finding(name, "", _tell(error))]
    found = [Finding(name, "", what) for what in _check_info(info)]
    found += [
        Finding(name, "", f"{file} belongs to no frame", "warning") for file in _surplus(info)
    ]
    color_of: dict[str, tuple[NDArray[np.uint8], str]] = {}
    for frame in dict.fromkeys(info.frames):
        try:
            found += _check_files(info, name, frame)
            found += _check_frame(name, read_clip(folder, (frame,)).frames[0], color_of)
        except ShiageError as error:
            found.append(Finding(name, frame, _tell(error)))
    return len(info.frames), found


def _work_off(
    work: list[partial[tuple[int, list[Finding]]]], jobs: int, progress: Progress
) -> Iterator[tuple[int, list[Finding]]]:
    """Yield what the tasks return, as they finish, on several threads; Ctrl-C drops what waits."""
    # Threads will do: OpenCV, NumPy and the codecs let go of Python's lock.
    with ThreadPoolExecutor(jobs) as pool:
        names = {pool.submit(task): task.args[1] for task in work}
        running: set[Future[tuple[int, list[Finding]]]] = set(names)
        try:
            while running:
                finished, running = wait(running, return_when=FIRST_COMPLETED)
                for future in finished:
                    progress(names.pop(future), len(work) - len(names), len(work))
                    yield future.result()
        finally:
            pool.shutdown(cancel_futures=True)


def _find_clips(root: Path) -> Iterator[Path]:
    """Yield folders that are clips, or have a clip's pictures but no clip.json."""
    for folder in sorted({root, *(path for path in root.rglob("*") if path.is_dir())}):
        if _is_hidden(folder, root):
            continue
        layers = [(folder / layer).is_dir() for layer in LAYERS]
        if (folder / "clip.json").exists() or all(layers):
            yield folder


def _find_leftovers(root: Path) -> Iterator[Finding]:
    """Yield what an interrupted run has left behind."""
    for folder in sorted(root.rglob(".*.unfinished")):
        name = folder.parent.relative_to(root).as_posix()
        what = f"{folder.name} is left of a clip whose writing was interrupted; it can be removed"
        yield Finding(name, "", what, "warning")


def _is_hidden(path: Path, root: Path) -> bool:
    return any(part.startswith(".") for part in path.relative_to(root).parts)


def _tell(error: ShiageError) -> str:
    """Return an error's message with its file's name for its path, which the finding tells."""
    return str(error).replace(f"{error.path}:", f"{error.path.name}:") if error.path else str(error)


def _check_info(info: ClipInfo) -> Iterator[str]:
    """Yield what is wrong with the clip as a whole."""
    for key in ("source", "license", "character"):
        if not getattr(info, key).strip():
            yield f"{key} is empty"
    repeated = sorted({name for name in info.frames if info.frames.count(name) > 1})
    if repeated:
        yield f"several frames are called {', '.join(repeated)}"


def _surplus(info: ClipInfo) -> list[str]:
    """Return files of the clip that no frame tells of."""
    listed = {f"{layer}/{name}.png" for layer in LAYERS for name in info.frames} | {"clip.json"}
    present = (path for path in info.folder.rglob("*") if path.is_file())
    return sorted({path.relative_to(info.folder).as_posix() for path in present} - listed)


def _check_files(info: ClipInfo, clip: str, frame: str) -> Iterator[Finding]:
    """Yield what is wrong with how the label map is stored."""
    path = info.folder / "segment" / f"{frame}.png"
    # One that cannot be opened at all is reported when it is read.
    with contextlib.suppress(OSError), Image.open(path) as picture:
        if picture.mode != LABEL_MODE:
            what = f"segment/{frame}.png is stored as {picture.mode}, not as 16-bit grey"
            yield Finding(clip, frame, what)


def _check_frame(
    clip: str, frame: Frame, color_of: dict[str, tuple[NDArray[np.uint8], str]]
) -> Iterator[Finding]:
    """Yield what is wrong with one frame; `color_of` remembers each region's color and frame."""
    report: Callable[..., Finding] = partial(Finding, clip, frame.name)
    area = np.bincount(frame.labels.ravel(), minlength=len(frame) + 1)[1:]
    if not len(frame):
        yield report("it has no segment")
    if not area.all():
        yield report(f"no pixel has label {_some(np.flatnonzero(area == 0) + 1)}")
    lineart = extract_lineart(frame.line)
    ink = lineart.ink
    if not ink.any():
        yield report("the line art is blank", "warning")
    stray = float((frame.labels[ink] > 0).mean()) if ink.any() else 0.0
    if stray > INK_SHARE:
        yield report(f"{stray:.0%} of the line art's ink lies inside segments")
    yield from _check_colors(frame, lineart.coverage <= BARE_COVERAGE, report)
    for label, region in enumerate(frame.regions, start=1):
        if region is None:
            continue
        color, first = color_of.setdefault(region, (frame.colors[label - 1], frame.name))
        if (color != frame.colors[label - 1]).any():
            here, there = _hex(frame.colors[label - 1]), _hex(color)
            yield report(f"region {region} is {here} in label {label}, but {there} in {first}")


def _check_colors(frame: Frame, bare: BoolMap, report: Callable[..., Finding]) -> Iterator[Finding]:
    """Yield a finding for the segments that the painting shows in another color."""
    table = np.concatenate([np.zeros((1, 3), np.uint8), frame.colors])
    seen = flatten_on_white(frame.color).astype(np.int16)
    right = (np.abs(seen - table[frame.labels]) <= BARE_COVERAGE).all(axis=-1)
    count = len(frame) + 1
    area = np.bincount(frame.labels[bare], minlength=count)[1:]
    painted = np.bincount(frame.labels[bare & right], minlength=count)[1:]
    wrong = painted < PAINTED_SHARE * area
    severities: tuple[Severity, ...] = ("error", "warning")
    for severity, which in zip(severities, (area >= TINY_AREA, area < TINY_AREA), strict=True):
        labels = np.flatnonzero(wrong & which) + 1
        if len(labels):
            what = f"the painting has another color than told in most of label {_some(labels)}"
            yield report(what, severity)


def _some(labels: NDArray[np.int64]) -> str:
    """Return the first few of some labels."""
    some = ", ".join(str(label) for label in labels[:5])
    return some if len(labels) <= 5 else f"{some} and {len(labels) - 5} more"


def _hex(color: NDArray[np.uint8]) -> str:
    return "#" + bytes(color.tolist()).hex()
