"""What a dataset is like: how many segments, how large, how far they move, how hard to match.

Pairs are taken at three distances: neighboring drawings, four drawings apart, and the first with
the last. The earlier one is the reference.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from shiage.colors.palette import Palette
from shiage.data.dataset import BACKGROUND, SPLITS, ClipInfo, Frame, list_clips, read_clip
from shiage.lines.segments import describe_segments
from shiage.matching.position import PositionMatcher
from shiage.painting.propagate import EncodedCel, encode_cel, known_for_certain
from shiage.painting.serving import paint_from
from shiage.progress import Progress, no_progress
from shiage.structures import LineArt

STEPS = {"1": 1, "4": 4, "clip": 0}
"""Distances at which pairs are taken, in drawings; 0 is from the first to the last."""

SMALL_AREA_PX = 10
"""Segments of fewer pixels are counted as small, as DACoN's Acc-Thresh leaves them out ..."""

SMALL_AREA_SHARE = 0.001
"""... and those below this share of the picture."""

ALL = "all"
"""Name of the row that sums up every source."""

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class PairStatistics:
    """What lies between drawings some distance apart; None where there is nothing to tell from.

    Attributes:
        pairs: number of pairs.
        region_absent: share of target segments whose region the reference does not show.
        color_absent: share of target segments whose color it does not show.
        moved_median: median distance that regions move, as share of the picture's height.
        moved_p90: the 90th percentile.
        position_right: share of segments that get the right color from the nearest box.
    """

    pairs: int
    region_absent: float | None
    color_absent: float | None
    moved_median: float | None
    moved_p90: float | None
    position_right: float | None


@dataclass(frozen=True)
class SourceStatistics:
    """What the clips of one source are like.

    Attributes:
        source: its name, or `ALL`.
        clips: number of clips.
        frames: number of drawings.
        characters: number of characters by split.
        segments: per drawing: "mean", "median", "p5" and "p95".
        area_median: of all segments, pixels.
        small_px: share of segments under `SMALL_AREA_PX` pixels.
        small_share: share of segments under `SMALL_AREA_SHARE` of the picture.
        pairs: by distance, see `STEPS`.
    """

    source: str
    clips: int
    frames: int
    characters: dict[str, int]
    segments: dict[str, float]
    area_median: float
    small_px: float
    small_share: float
    pairs: dict[str, PairStatistics]


def compute_statistics(
    root: Path, jobs: int | None = None, progress: Progress = no_progress
) -> list[SourceStatistics]:
    """Return the statistics of each source by name, and of all of them last.

    Args:
        root: the dataset, or one clip.
        jobs: clips looked at at once; None takes one per core.
        progress: called as clips are done.

    Raises:
        DatasetError: there is no clip, or one that contradicts itself.
        FileError: a picture could not be read.
    """
    infos = list(list_clips(root))
    tallies: dict[str, _Tally] = {}
    with ThreadPoolExecutor(jobs or os.cpu_count() or 1) as pool:
        try:
            results = pool.map(_tally_clip, infos)
            for done, (info, tally) in enumerate(zip(infos, results, strict=True), start=1):
                tallies.setdefault(info.source, _Tally()).add(tally)
                progress(info.folder.name, done, len(infos))
        finally:
            pool.shutdown(cancel_futures=True)
    total = _Tally()
    for tally in tallies.values():
        total.add(tally)
    rows = [tally.summed_up(source) for source, tally in sorted(tallies.items())]
    return [*rows, total.summed_up(ALL)]


@dataclass(frozen=True, eq=False)
class _Table:
    """What is kept of one drawing: a row per segment.

    Attributes:
        height: of the picture, pixels.
        pixels: of the picture.
        area: (N,) int32, pixels.
        centroid_xy: (N, 2) float32.
        regions: N ids.
        color_ids: (N,) int32, ids in the clip's palette.
        encoded: what the position matcher sees.
    """

    height: int
    pixels: int
    area: NDArray[np.int32]
    centroid_xy: NDArray[np.float32]
    regions: tuple[str | None, ...]
    color_ids: NDArray[np.int32]
    encoded: EncodedCel

    def places(self) -> dict[str, Floats]:
        """(2,) centroid of each region, all its segments together; the background has none."""
        sums: dict[str, Floats] = {}
        for region, area, place in zip(self.regions, self.area, self.centroid_xy, strict=True):
            if region is not None and region != BACKGROUND:
                moment = np.append(place.astype(np.float64), 1.0) * float(area)
                sums[region] = sums.get(region, 0.0) + moment
        return {region: moment[:2] / moment[2] for region, moment in sums.items()}


@dataclass(eq=False)
class _PairTally:
    """Counts over pairs of one distance."""

    pairs: int = 0
    region_absent: list[NDArray[np.bool_]] = field(default_factory=list)
    color_absent: list[NDArray[np.bool_]] = field(default_factory=list)
    moved: list[Floats] = field(default_factory=list)
    right: list[NDArray[np.bool_]] = field(default_factory=list)

    def add(self, other: _PairTally) -> None:
        """Take in the counts of another clip."""
        self.pairs += other.pairs
        self.region_absent += other.region_absent
        self.color_absent += other.color_absent
        self.moved += other.moved
        self.right += other.right

    def summed_up(self) -> PairStatistics:
        """Return shares and percentiles."""
        return PairStatistics(
            pairs=self.pairs,
            region_absent=_mean(self.region_absent),
            color_absent=_mean(self.color_absent),
            moved_median=_percentile(self.moved, 50),
            moved_p90=_percentile(self.moved, 90),
            position_right=_mean(self.right),
        )


@dataclass(eq=False)
class _Tally:
    """Counts over clips."""

    clips: int = 0
    characters: dict[str, set[str]] = field(default_factory=lambda: {s: set() for s in SPLITS})
    segments: list[int] = field(default_factory=list)
    area: list[NDArray[np.int32]] = field(default_factory=list)
    share: list[Floats] = field(default_factory=list)
    pairs: dict[str, _PairTally] = field(default_factory=lambda: {s: _PairTally() for s in STEPS})

    def add(self, other: _Tally) -> None:
        """Take in the counts of other clips."""
        self.clips += other.clips
        self.segments += other.segments
        self.area += other.area
        self.share += other.share
        for split, names in other.characters.items():
            self.characters[split] |= names
        for step, pairs in other.pairs.items():
            self.pairs[step].add(pairs)

    def summed_up(self, source: str) -> SourceStatistics:
        """Return shares and percentiles."""
        area, share = np.concatenate(self.area), np.concatenate(self.share)
        low, median, high = np.percentile(self.segments, (5, 50, 95)).tolist()
        mean = float(np.mean(self.segments))
        return SourceStatistics(
            source=source,
            clips=self.clips,
            frames=len(self.segments),
            characters={split: len(names) for split, names in self.characters.items()},
            segments={"mean": mean, "median": median, "p5": low, "p95": high},
            area_median=float(np.median(area)) if len(area) else 0.0,
            small_px=float((area < SMALL_AREA_PX).mean()) if len(area) else 0.0,
            small_share=float((share < SMALL_AREA_SHARE).mean()) if len(area) else 0.0,
            pairs={step: pairs.summed_up() for step, pairs in self.pairs.items()},
        )


def _tally_clip(info: ClipInfo) -> _Tally:
    """Return the counts of one clip; one drawing's pixels are held at a time."""
    matcher = PositionMatcher()
    palette = Palette()
    tables: list[_Table] = []
    for name in info.frames:
        frame = read_clip(info.folder, (name,)).frames[0]
        table, palette = _describe(frame, matcher, palette)
        tables.append(table)
    tally = _Tally(clips=1, segments=[len(table.area) for table in tables])
    tally.characters[info.split].add(info.character)
    tally.area = [table.area for table in tables]
    tally.share = [table.area / table.pixels for table in tables]
    for step, distance in STEPS.items():
        for reference, target in _pairs(tables, distance):
            tally.pairs[step].add(_compare(matcher, reference, target))
    return tally


def _describe(frame: Frame, matcher: PositionMatcher, palette: Palette) -> tuple[_Table, Palette]:
    """Return what is kept of a drawing, and the palette with its colors."""
    segments = describe_segments(frame.labels)
    opaque = np.full((len(frame), 1), 255, np.uint16)
    palette, ids = palette.extended(np.hstack([frame.colors, opaque]).astype(np.uint16) * 257)
    ink = frame.labels == 0
    lineart = LineArt(ink, np.zeros(ink.shape, np.uint8), ink.astype(np.uint8) * 255, 1.0)
    table = _Table(
        height=ink.shape[0],
        pixels=ink.size,
        area=segments.area,
        centroid_xy=segments.centroid_xy,
        regions=frame.regions,
        color_ids=ids,
        encoded=encode_cel(matcher, lineart, segments),
    )
    return table, palette


def _pairs(tables: Sequence[_Table], distance: int) -> Iterator[tuple[_Table, _Table]]:
    """Yield (reference, target) of all drawings that far apart; 0: the first and the last."""
    if distance == 0:
        distance = max(len(tables) - 1, 1)
    yield from zip(tables, tables[distance:], strict=False)


def _compare(matcher: PositionMatcher, reference: _Table, target: _Table) -> _PairTally:
    """Return the counts of one pair."""
    known = [region for region in target.regions if region is not None]
    shown = set(reference.regions)
    before, now = reference.places(), target.places()
    moved = [
        float(np.linalg.norm(now[region] - before[region])) / target.height
        for region in now
        if region in before
    ]
    given = known_for_certain(reference.encoded, reference.color_ids)
    painted = paint_from(matcher, [given], target.encoded)
    return _PairTally(
        pairs=1,
        region_absent=[np.array([region not in shown for region in known], bool)],
        color_absent=[~np.isin(target.color_ids, reference.color_ids)],
        moved=[np.array(moved, np.float64)],
        right=[painted.color_ids == target.color_ids],
    )


def _mean(parts: Iterable[NDArray[np.generic]]) -> float | None:
    values = np.concatenate([np.zeros(0), *parts])
    return float(values.mean()) if len(values) else None


def _percentile(parts: Iterable[Floats], percent: float) -> float | None:
    values = np.concatenate([np.zeros(0), *parts])
    return float(np.percentile(values, percent)) if len(values) else None
