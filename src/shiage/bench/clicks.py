"""How many clicks finish a cut: an artist simulated, who knows the truth and mends what is wrong.

Key cels are given; shiage paints the others, and the artist goes through them in one of two ways.

in order: cel by cel. Every wrong segment of the cel costs a click; then the cel is approved, serves
    as a reference, and the cels after it are painted again.
doubt first: segment by segment, the least sure of the whole cut first. One that is right is
    accepted at a glance; one that is wrong costs a click, and the cut is painted again. What was
    decided of a cel serves as a reference for the others, as in the page.

Beside them, what there is without shiage: a bucket, one click for each segment that is not paper;
and onion-skin fill, each cel taking the colors that lie at the same place in the finished cel
before it, wrong ones then mended with the bucket.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import msgspec
import numpy as np
from numpy.typing import NDArray

from shiage.bench.contenders import Contender
from shiage.bench.predictions import DrawnClip, PaintedClip
from shiage.bench.protocols import spread_keys
from shiage.data.dataset import ClipInfo, read_truth
from shiage.matching import Matcher
from shiage.matching.position import PositionMatcher
from shiage.matching.remembered import remember
from shiage.painting.propagate import known_for_certain
from shiage.painting.serving import Column, paint_column, paint_from
from shiage.progress import Progress, no_progress
from shiage.structures import UNKNOWN, Painting

IN_ORDER, DOUBT_FIRST = "in order", "doubt first"
BUCKET, ONION_SKIN = "bucket", "onion skin"
NEARLY = 0.99
"""Share of segments right from which a cut counts as nearly done."""


class ClicksRow(msgspec.Struct, frozen=True):
    """What finishing the cuts of a suite took, in all.

    Attributes:
        suite: name of the suite.
        matcher: name of the matcher, or of the way without one.
        artist: "in order", "doubt first", or "" without shiage.
        cels: to be painted, keys not counted.
        segments: in them.
        clicks: segments painted by hand.
        looked_at: segments looked at until all was right.
        nearly: segments looked at until `NEARLY` of them were right.
    """

    suite: str
    matcher: str
    artist: str
    cels: int
    segments: int
    clicks: int
    looked_at: int
    nearly: int


@dataclass(frozen=True)
class _Effort:
    """What finishing one cut took; see `ClicksRow`."""

    clicks: int
    looked_at: int
    nearly: int


@dataclass(frozen=True)
class ClicksJob:
    """What is simulated.

    Attributes:
        suites: clips by name of their suite.
        contenders: the matchers.
        keys: key cels given of each cut.
        jobs: clips worked on at once; 0 = one per core.
    """

    suites: Mapping[str, Sequence[ClipInfo]]
    contenders: Sequence[Contender]
    keys: int = 1
    jobs: int = 0


class Desk:
    """A cut at work: how it is painted, and what the artist has decided of it.

    Args:
        cut: the cut and what paints it; may serve several desks.
        keys: places of the cels that are given.
    """

    def __init__(self, cut: PaintedClip, keys: Sequence[int]) -> None:
        self.cut = cut
        self.truth = cut.clip.color_ids
        self.decided = [np.zeros(len(ids), bool) for ids in self.truth]
        for key in keys:
            self.decided[key][:] = True
        self.paintings: list[Painting | None] = [None] * len(self.truth)
        self.paint()

    @property
    def undone(self) -> list[int]:
        """Places of the cels that are not wholly decided."""
        return [cel for cel, decided in enumerate(self.decided) if not decided.all()]

    def wrong(self, cel: int) -> NDArray[np.bool_]:
        """(N,) bool: which segments of a cel are painted wrong and not decided."""
        painting = self.paintings[cel]
        if painting is None:  # a key
            return np.zeros(len(self.truth[cel]), bool)
        wrong = (painting.color_ids != self.truth[cel]) & ~self.decided[cel]
        return np.asarray(wrong, bool)

    def count_wrong(self) -> int:
        """Return the number of segments painted wrong in the whole cut."""
        return sum(int(self.wrong(cel).sum()) for cel in self.undone)

    def least_sure(self) -> tuple[int, int]:
        """Return cel and row of the segment that is least sure, of those not decided."""
        sure = {
            cel: np.where(self.decided[cel], np.inf, painting.confidence)
            for cel in self.undone
            if (painting := self.paintings[cel]) is not None
        }
        cel = min(sure, key=lambda cel: float(sure[cel].min()))
        return cel, int(sure[cel].argmin())

    def paint(self) -> None:
        """Paint all cels that are not wholly decided, from what is decided."""
        decisions = [
            np.where(decided, truth, np.int32(UNKNOWN))
            for decided, truth in zip(self.decided, self.truth, strict=True)
        ]
        undone = set(self.undone)
        keyed = [cel for cel in range(len(self.truth)) if cel not in undone]
        painted = paint_column(self.cut.matcher, Column(self.cut.encoded, decisions, keyed))
        for cel, painting in painted.items():
            self.paintings[cel] = painting


def count_clicks(job: ClicksJob, progress: Progress = no_progress) -> list[ClicksRow]:
    """Return what finishing the cuts takes, by suite, matcher and way of the artist.

    Raises:
        DatasetError: a clip is damaged.
        FileError: a picture could not be read.
    """
    matchers = {contender.name: contender.make() for contender in job.contenders}
    work = [(suite, clip) for suite, clips in job.suites.items() for clip in clips]
    sums: dict[tuple[str, str, str], NDArray[np.int64]] = {}
    with ThreadPoolExecutor(job.jobs or os.cpu_count() or 1) as pool:
        results = pool.map(lambda item: _finish_clip(item[1], matchers, job.keys), work)
        for done, ((suite, _), (size, efforts)) in enumerate(
            zip(work, results, strict=True), start=1
        ):
            for (matcher, artist), effort in efforts.items():
                counts = np.array([*size, effort.clicks, effort.looked_at, effort.nearly])
                key = (suite, matcher, artist)
                sums[key] = sums.get(key, np.zeros(len(counts), np.int64)) + counts
            progress("finishing cuts", done, len(work))
    return [ClicksRow(*key, *counts.tolist()) for key, counts in sums.items()]


def finish_in_order(desk: Desk) -> _Effort:
    """Return what a cut takes cel by cel."""
    clicks = looked_at = nearly = 0
    allowed = _allowed(desk)
    wrong = desk.count_wrong()
    for cel in desk.undone:
        nearly = nearly if wrong <= allowed else looked_at + len(desk.truth[cel])
        clicks += int(desk.wrong(cel).sum())
        looked_at += len(desk.truth[cel])
        desk.decided[cel][:] = True
        desk.paint()
        wrong = desk.count_wrong()
    return _Effort(clicks, looked_at, nearly)


def finish_doubt_first(desk: Desk) -> _Effort:
    """Return what a cut takes if the least sure segment is looked at first."""
    clicks = looked_at = nearly = 0
    allowed = _allowed(desk)
    wrong = desk.count_wrong()
    while wrong:
        cel, row = desk.least_sure()
        looked_at += 1
        mistaken = desk.wrong(cel)[row]
        desk.decided[cel][row] = True
        if mistaken:
            clicks += 1
            desk.paint()
            before, wrong = wrong, desk.count_wrong()
            if wrong <= allowed < before:
                nearly = looked_at
            elif wrong > allowed:
                nearly = 0
    return _Effort(clicks, looked_at, nearly)


ARTISTS: dict[str, Callable[[Desk], _Effort]] = {
    IN_ORDER: finish_in_order,
    DOUBT_FIRST: finish_doubt_first,
}


def _allowed(desk: Desk) -> int:
    """Return how many segments of a nearly finished cut are wrong."""
    return int((1 - NEARLY) * sum(len(desk.truth[cel]) for cel in desk.undone))


def _finish_clip(
    info: ClipInfo, matchers: Mapping[str, Matcher], keys: int
) -> tuple[tuple[int, int], dict[tuple[str, str], _Effort]]:
    """Return cels and segments of a cut, and what finishing it takes by matcher and artist."""
    clip = DrawnClip.read(info.folder)
    truth = read_truth(info.folder)
    given = spread_keys(len(clip), keys)
    cels = [cel for cel in range(len(clip)) if cel not in given]
    segments = sum(len(clip.color_ids[cel]) for cel in cels)
    painted = sum(int((~truth[clip.names[cel]].background).sum()) for cel in cels)
    mended = _mended_after_onion_skin(clip, cels)
    efforts = {
        (BUCKET, ""): _Effort(painted, segments, segments),
        (ONION_SKIN, ""): _Effort(mended, segments, segments),
    }
    for name, matcher in matchers.items():
        cut = PaintedClip(clip, remember(matcher))  # encoded and compared once for all artists
        for artist, finish in ARTISTS.items():
            efforts[name, artist] = finish(Desk(cut, given))
    return (len(cels), segments), efforts


def _mended_after_onion_skin(clip: DrawnClip, cels: Sequence[int]) -> int:
    """Return how many segments are wrong that take the color at their place in the cel before."""
    cut = PaintedClip(clip, PositionMatcher())
    wrong = 0
    for cel in cels:
        before = known_for_certain(cut.encoded[cel - 1], clip.color_ids[cel - 1])
        painting = paint_from(cut.matcher, [before], cut.encoded[cel])
        wrong += int((painting.color_ids != clip.color_ids[cel]).sum())
    return wrong
