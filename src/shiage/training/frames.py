"""Frames as training sees them: tokens with their truth, made from a clip's pictures or kept.

A view of a frame is a pure function of the clip, the frame and the view's number: 0 is the frame as
drawn, the others are augmented. Views may be kept on disk, where reading one takes a thirtieth of
the time it takes to make it. What can be done to tokens, such as mirroring, is done when they are
drawn.
"""

from __future__ import annotations

import hashlib
import io
import json
import signal
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from multiprocessing import get_context
from pathlib import Path

import cv2
import msgspec
import numpy as np
from cachetools import LRUCache
from numpy.typing import NDArray

from shiage.data.augment import AugmentSettings, Sample, augment
from shiage.data.dataset import (
    LAYERS,
    ClipInfo,
    Frame,
    Split,
    list_clips,
    pack_rgb,
    read_clip,
)
from shiage.errors import DatasetError
from shiage.files.atomic import write_atomically
from shiage.lines.lineart import extract_lineart
from shiage.lines.segments import describe_segments
from shiage.matching.crops import CROP_SIZE, make_tokens
from shiage.progress import Progress, no_progress
from shiage.structures import Floats, Ints

AS_DRAWN = 0
"""Number of the view that is not augmented."""

UNKNOWN_REGION = -1

CACHE_FORMAT = 3
"""Part of the cache's name; to be raised when views of the same settings come out otherwise."""

_KEPT_FRAMES = 64


def _empty_cache() -> LRUCache[tuple[int, int], Frame]:
    """Return what keeps frames, by the numbers of clip and frame."""
    return LRUCache(_KEPT_FRAMES)


@dataclass(frozen=True, eq=False)
class FrameTokens:
    """The N segments of one view of a frame, with their truth.

    Attributes:
        crops: (N, C, S, S) uint8, as in `SegmentTokens`.
        boxes: (N, 4) float32, as in `SegmentTokens`.
        areas: (N,) int32, pixels.
        colors: (N,) int32, 0xRRGGBB.
        regions: (N,) int64, equal for equal regions of a clip; `UNKNOWN_REGION` where not known.
    """

    crops: NDArray[np.uint8]
    boxes: Floats
    areas: Ints
    colors: Ints
    regions: NDArray[np.int64]

    def __len__(self) -> int:
        """Return the number of segments, N."""
        return len(self.areas)

    def take(self, rows: NDArray[np.int64]) -> FrameTokens:
        """Return some of the segments."""
        return FrameTokens(*(getattr(self, name)[rows] for name in _ARRAYS))

    def mirrored(self) -> FrameTokens:
        """Return the mirror image."""
        return replace(self, crops=self.crops[..., ::-1], boxes=self.boxes * _MIRROR)

    def reframed(self, scale: float, shift: tuple[float, float]) -> FrameTokens:
        """Return the drawing as a camera sees it that has moved.

        Args:
            scale: of what is drawn, about the middle of the picture.
            shift: then added to x and y, in units of the drawing's longer side.
        """
        moved = self.boxes * np.float32(scale) + np.array((*shift, 0, 0), np.float32)
        return replace(self, boxes=moved)


_ARRAYS = tuple(FrameTokens.__dataclass_fields__)
_MIRROR = np.array([-1, 1, 1, 1], np.float32)


@dataclass(frozen=True)
class TrainClip:
    """A clip that may be learned from.

    Attributes:
        info: what clip.json says of it.
        digest: hash of clip.json and of its pictures' sizes; names the clip's views in the cache,
            so that those of a clip made again are not taken for it.
        counts: number of segments of each frame, as drawn.
    """

    info: ClipInfo
    digest: str
    counts: tuple[int, ...]


def find_clips(folders: Sequence[Path], split: Split) -> list[TrainClip]:
    """Return the clips of a split that can be learned from or measured on.

    Raises:
        DatasetError: a folder holds no clip, or none of them any of that split.
    """
    clips = []
    for folder in folders:
        for info in list_clips(folder, split):
            content = (info.folder / "clip.json").read_bytes()
            counts = tuple(len(row["segments"]) for row in json.loads(content)["frames"])
            digest = _digest(info, content)
            if min(counts, default=0):  # a blank drawing teaches nothing
                clips.append(TrainClip(info, digest, counts))
    if not clips:
        raise DatasetError(
            f"no clip of the {split} characters",
            path=folders[0] if folders else None,
            expected="clips as shiage data make writes them",
        )
    return clips


def _digest(info: ClipInfo, content: bytes) -> str:
    """Return what changes with a clip, wherever it lies."""
    pictures = (info.folder / layer / f"{f}.png" for layer in LAYERS for f in info.frames)
    sizes = [path.stat().st_size if path.exists() else 0 for path in pictures]
    return hashlib.sha256(content + str(sizes).encode()).hexdigest()[:20]


class FrameSource:
    """Gives views of frames, made on the spot or from the cache. Picklable.

    Args:
        clips: where frames come from.
        settings: how views are augmented.
        cache: folder in which views are kept; None makes each again.
        crop_size: S, cells along a side of a crop.
    """

    def __init__(
        self,
        clips: Sequence[TrainClip],
        settings: AugmentSettings,
        cache: Path | None = None,
        crop_size: int = CROP_SIZE,
    ) -> None:
        # Tokens are mirrored as they are drawn; views are not.
        settings = msgspec.structs.replace(settings, flip=0, flip_apart=0)
        key = f"{CACHE_FORMAT} {crop_size} {settings}"
        name = hashlib.sha256(key.encode()).hexdigest()[:12]
        self.clips = list(clips)
        self.settings = settings
        self.crop_size = crop_size
        self.folder = cache / name if cache else None
        self._frames = _empty_cache()

    def load(self, clip: int, frame: int, view: int) -> FrameTokens:
        """Return a view of a frame.

        Args:
            clip: number of the clip.
            frame: number of the frame in it.
            view: number of the view, see the module.

        Raises:
            DatasetError: the clip is damaged.
            FileError: a picture could not be read.
        """
        path = self._path(clip, frame, view)
        if path is not None and path.exists():
            try:
                with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as kept:
                    return FrameTokens(*(kept[key] for key in _ARRAYS))
            except (ValueError, KeyError, EOFError, zipfile.BadZipFile, zlib.error):
                pass  # damaged: made again
        tokens = self._make(clip, frame, view)
        if path is not None:
            packed = io.BytesIO()
            np.savez(packed, **{key: getattr(tokens, key) for key in _ARRAYS})
            write_atomically(path, packed.getvalue())
        return tokens

    def missing(self, views: Sequence[int]) -> Iterator[tuple[int, int, int]]:
        """Yield clip, frame and view of what is not in the cache."""
        for number, clip in enumerate(self.clips):
            for frame in range(len(clip.counts)):
                for view in views:
                    path = self._path(number, frame, view)
                    if path is not None and not path.exists():
                        yield number, frame, view

    def _path(self, clip: int, frame: int, view: int) -> Path | None:
        """Return where a view is kept, None if nowhere."""
        if self.folder is None:
            return None
        name = self.clips[clip].info.frames[frame]
        return self.folder / self.clips[clip].digest / f"{name}.{view}.npz"

    def _make(self, clip: int, frame: int, view: int) -> FrameTokens:
        """Return a view of a frame made from its pictures."""
        sample = Sample.from_frame(self._read(clip, frame))
        if view != AS_DRAWN:
            key = f"{self.clips[clip].digest} {self.clips[clip].info.frames[frame]} {view}"
            seed = int.from_bytes(hashlib.sha256(key.encode()).digest()[:8])
            changed = augment(sample, self.settings, np.random.default_rng(seed))
            # A drawing of which nothing is left teaches nothing.
            sample = changed if len(changed) else sample
        return tokenize(sample, self.crop_size)

    def _read(self, clip: int, frame: int) -> Frame:
        """Return a frame; those asked for last are kept, since several views are made of each."""
        key = (clip, frame)
        found = self._frames.get(key)
        if found is None:
            info = self.clips[clip].info
            found = self._frames[key] = read_clip(info.folder, (info.frames[frame],)).frames[0]
        return found

    def __getstate__(self) -> dict[str, object]:
        """Return the state without pictures."""
        return {**self.__dict__, "_frames": _empty_cache()}


def tokenize(sample: Sample, crop_size: int = CROP_SIZE) -> FrameTokens:
    """Return the segments of a drawing with their truth."""
    segments = describe_segments(sample.labels)
    tokens = make_tokens(extract_lineart(sample.line), segments, crop_size)
    regions = [UNKNOWN_REGION if r is None else zlib.crc32(r.encode()) for r in sample.regions]
    return FrameTokens(
        crops=tokens.crops,
        boxes=tokens.boxes,
        areas=segments.area,
        colors=pack_rgb(sample.colors),
        regions=np.array(regions, np.int64),
    )


def prepare_views(
    source: FrameSource, views: Sequence[int], jobs: int, progress: Progress = no_progress
) -> int:
    """Make the views that the cache lacks, and return how many they were.

    Args:
        source: has a cache.
        views: numbers of the views of each frame.
        jobs: processes.
        progress: called as views are done.

    Raises:
        DatasetError: a clip is damaged.
        FileError: a picture could not be read.
    """
    work = list(source.missing(views))
    if jobs <= 1 or len(work) < 2 * _TASK:
        for done, item in enumerate(work, start=1):
            source.load(*item)
            progress("preparing views", done, len(work))
        return len(work)
    with get_context("forkserver").Pool(jobs, _start, (source,)) as pool:
        for done, _ in enumerate(pool.imap_unordered(_prepare, work, chunksize=_TASK), start=1):
            progress("preparing views", done, len(work))
    return len(work)


_TASK = 8
_source: FrameSource


def _start(source: FrameSource) -> None:
    """Give a process what it works on."""
    global _source
    _source = source
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the process that waits
    cv2.setNumThreads(1)  # the processes share the cores already


def _prepare(item: tuple[int, int, int]) -> None:
    """Make one view in a process of the pool."""
    _source.load(*item)
