"""The bundled demo cut: painted as any cut is, and compared with its truth.

The drawings were made for this project by scripts/make_demo_cut.py.
"""

from __future__ import annotations

import json
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec
import numpy as np
from numpy.typing import NDArray

from shiage.cuts.job import CutJob
from shiage.cuts.recipe import Recipe
from shiage.cuts.records import CutRecord
from shiage.cuts.whole_cut import paint_cut
from shiage.files.images import read_picture
from shiage.matching import DEFAULT_MATCHER, MATCHERS
from shiage.progress import Progress, no_progress
from shiage.structures import LARGE_AREA

DEMO_CUT = Path(__file__).parent
KEYS = ("0001", "0011")
"""The cels whose painting is given; the others are compared with theirs."""


class DemoScore(msgspec.Struct, frozen=True):
    """How right one matcher painted the cut; means over the cels painted.

    Attributes:
        matcher: its name.
        segments: share of segments painted right.
        large_segments: the same over segments of more than `LARGE_AREA` pixels.
        pixels: share of non-ink pixels painted right.
        segments_per_second: over the whole run.
        used: it is the one whose cels were kept.
    """

    matcher: str
    segments: float
    large_segments: float
    pixels: float
    segments_per_second: float
    used: bool


class DemoResult(msgspec.Struct, frozen=True):
    """The painted demo cut and how right it is.

    Attributes:
        record: what became of each cel, for the default matcher.
        keys: names of the cels that were given.
        absent: share of segments whose true color no given cel shows.
        scores: one per matcher.
    """

    record: CutRecord
    keys: tuple[str, ...]
    absent: float
    scores: tuple[DemoScore, ...]


def run_demo(
    out: Path, *, force: bool = False, jobs: int = 1, progress: Progress = no_progress
) -> DemoResult:
    """Paint the demo cut into `out` with the default matcher, and score every matcher.

    Raises:
        OutputExists: `out` holds painted cels and `force` is not given.
        WriteFailed: `out` cannot be written.
    """
    record = _paint(DEFAULT_MATCHER, out, force=force, jobs=jobs, report=True, progress=progress)
    scores = []
    for matcher in MATCHERS:
        if matcher == DEFAULT_MATCHER:
            scores.append(_score(record, used=True))
            continue
        with TemporaryDirectory(prefix="shiage-") as folder:
            scores.append(_score(_paint(matcher, Path(folder), force=True, jobs=jobs), used=False))
    return DemoResult(record, KEYS, _share_absent(), tuple(scores))


def _paint(
    matcher: str,
    out: Path,
    *,
    force: bool,
    jobs: int,
    report: bool = False,
    progress: Progress = no_progress,
) -> CutRecord:
    job = CutJob(
        folder=DEMO_CUT,
        recipe=Recipe(tuple(DEMO_CUT / "color" / f"{key}.png" for key in KEYS), matcher=matcher),
        out=out,
        jobs=jobs,
        force=force,
        report=report,
    )
    return paint_cut(job, progress)


def _score(record: CutRecord, *, used: bool) -> DemoScore:
    """Return how the painted cels compare with the truth."""
    rows = []
    for cel in record.cels:
        if cel.status != "painted":
            continue
        painted = read_picture(Path(record.out) / f"{cel.name}.png").rgba_u8
        truth = read_picture(DEMO_CUT / "color" / f"{cel.name}.png").rgba_u8
        labels = read_picture(DEMO_CUT / "segment" / f"{cel.name}.png").pixels[..., 0]
        rows.append(score_cel(painted, truth, labels))
    segments, large, pixels = np.mean(rows, axis=0)
    return DemoScore(
        record.matcher,
        float(segments),
        float(large),
        float(pixels),
        record.segments / record.seconds,
        used,
    )


def score_cel(
    painted: NDArray[np.uint8], truth: NDArray[np.uint8], labels: NDArray[np.integer]
) -> tuple[float, float, float]:
    """Return the shares of segments, of segments above `LARGE_AREA`, and of pixels painted right.

    A segment is right if most of its pixels have the true color.

    Args:
        painted: (H, W, 4) uint8 RGBA.
        truth: (H, W, 4) uint8 RGBA.
        labels: (H, W) integers, 0 = ink, 1..N = true segments.
    """
    right = (painted == truth).all(axis=-1)
    segment_right = find_right_segments(right, labels)
    large = np.bincount(labels.ravel())[1:] > LARGE_AREA
    return (
        float(segment_right.mean()),
        float(segment_right[large].mean()),
        float(right[labels > 0].mean()),
    )


def find_right_segments(right: NDArray[np.bool_], labels: NDArray[np.integer]) -> NDArray[np.bool_]:
    """(N,) bool: the segments most of whose pixels are painted right.

    Args:
        right: (H, W) bool, pixels of the true color.
        labels: (H, W) integers, 0 = ink, 1..N = true segments.
    """
    flat = labels.ravel().astype(np.int64)
    hits = np.bincount(flat, right.ravel())[1:]
    return np.asarray(2 * hits > np.bincount(flat)[1:])


def _share_absent() -> float:
    """Share of the segments to be painted whose true color is in none of the given cels."""
    clip = json.loads((DEMO_CUT / "clip.json").read_text(encoding="utf-8"))
    colors = {
        frame["name"]: [tuple(segment["color"]) for segment in frame["segments"]]
        for frame in clip["frames"]
    }
    given = {color for key in KEYS for color in colors[key]}
    wanted = [color for name, frame in colors.items() if name not in KEYS for color in frame]
    return sum(color not in given for color in wanted) / len(wanted)
