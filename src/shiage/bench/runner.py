"""A benchmark in two passes: all is painted and kept; then what is kept is scored.

```
clips ─► predictions/ (resumable) ─► scores.json, beside config.json
```
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

import shiage
from shiage.bench.contenders import Contender
from shiage.bench.metrics import (
    Judged,
    Scores,
    Trust,
    mean_scores,
    measure_reliability,
    precision_curve,
    score,
    weigh_trust,
)
from shiage.bench.predictions import (
    DrawnClip,
    PaintedClip,
    Prediction,
    predictions_path,
    read_predictions,
    write_predictions,
)
from shiage.bench.protocols import Protocol
from shiage.data.dataset import ClipInfo, Truth, read_truth
from shiage.errors import OutputExists, UnreadableFile
from shiage.files.atomic import write_json
from shiage.files.nesting import shallow
from shiage.matching import Matcher
from shiage.progress import Progress, no_progress
from shiage.provenance import describe_machine, find_commit

CONFIG, SCORES = "config.json", "scores.json"


@dataclass(frozen=True)
class BenchJob:
    """What is measured on what.

    Attributes:
        out: folder for predictions and scores.
        suites: clips by name of their suite.
        contenders: the matchers.
        protocols: what they are asked.
        jobs: clips worked on at once; 0 = one per core.
    """

    out: Path
    suites: Mapping[str, Sequence[ClipInfo]]
    contenders: Sequence[Contender]
    protocols: Sequence[Protocol]
    jobs: int = 0


class BenchRow(msgspec.Struct, frozen=True):
    """One matcher asked one thing of one suite.

    Attributes:
        suite: name of the suite.
        protocol: name of the protocol.
        matcher: name of the matcher.
        frames: painted.
        scores: what is right, mean over frames.
        trust: what confidence is worth.
        characters: share of segments right by character, mean over frames.
        reliability: steps of confidence: (segments, mean confidence, share right) of each.
        precision: share right of the surest 5, 10, ... 100 % of segments.
    """

    suite: str
    protocol: str
    matcher: str
    frames: int
    scores: Scores
    trust: Trust
    characters: dict[str, float]
    reliability: list[tuple[int, float | None, float | None]]
    precision: list[float]


def run_bench(job: BenchJob, progress: Progress = no_progress) -> list[BenchRow]:
    """Paint what has not been painted yet, score everything, and return the scores.

    Raises:
        OutputExists: predictions there are of other weights of the same name.
        DatasetError: a clip is damaged.
        FileError: a picture could not be read.
    """
    _begin(job)
    predict(job, progress)
    rows = score_all(job)
    write_json(job.out / SCORES, rows)
    return rows


def read_scores(out: Path) -> list[BenchRow]:
    """Return the scores of a benchmark.

    Raises:
        UnreadableFile: there are none, or they are damaged.
    """
    path = out / SCORES
    try:
        return msgspec.json.decode(shallow(path.read_bytes()), type=list[BenchRow])
    except OSError as error:
        raise UnreadableFile(
            f"there are no scores ({error.strerror})", path=path, action="See shiage bench run"
        ) from error
    except ValueError as error:
        raise UnreadableFile(f"the scores are damaged ({error})", path=path) from error


def predict(job: BenchJob, progress: Progress = no_progress) -> None:
    """Paint what has not been painted yet, clip by clip, on several threads."""
    made: dict[str, Matcher] = {}
    work = list(_missing(job))
    for contender in job.contenders:
        if any(contender.name in wanted for _, _, wanted in work):
            made[contender.name] = contender.make()
    jobs = job.jobs or os.cpu_count() or 1
    with ThreadPoolExecutor(jobs) as pool:
        waiting: set[Future[None]] = set()
        done = 0
        for suite, clip, wanted in work:
            if len(waiting) == jobs:  # no more are begun than can be worked on: Ctrl-C ends soon
                finished, waiting = wait(waiting, return_when=FIRST_COMPLETED)
                done += _count_done(finished)
                progress("painting", done, len(work))
            waiting.add(pool.submit(_paint_clip, job.out, suite, clip, wanted, made))
        for future in waiting:
            done += _count_done({future})
            progress("painting", done, len(work))


def score_all(job: BenchJob) -> list[BenchRow]:
    """Return a row for each suite, protocol and matcher that has painted anything."""
    rows = []
    for suite, clips in job.suites.items():
        truth = {clip: read_truth(clip.folder) for clip in clips}
        for protocol in job.protocols:
            for contender in job.contenders:
                name, asked = contender.name, protocol.name
                painted = [
                    (clip, read_predictions(predictions_path(job.out, name, asked, suite, clip)))
                    for clip in clips
                ]
                row = _score(suite, asked, name, painted, truth)
                if row is not None:
                    rows.append(row)
    return rows


def judge_frame(prediction: Prediction, truth: Mapping[str, Truth]) -> Judged:
    """Return what is right in a painted frame.

    Args:
        prediction: the frame.
        truth: of all frames of its clip, by name.
    """
    true = truth[prediction.frame].colors
    shown = np.concatenate([truth[name].colors for name in prediction.references])
    return Judged(prediction.colors == true, prediction.confidence, ~np.isin(true, shown))


def _score(
    suite: str,
    protocol: str,
    matcher: str,
    painted: Sequence[tuple[ClipInfo, Sequence[Prediction] | None]],
    truth: Mapping[ClipInfo, Mapping[str, Truth]],
) -> BenchRow | None:
    """Return the scores of one matcher asked one thing; None if nothing was painted."""
    scores: dict[str, list[Scores]] = {}
    judged = []
    for clip, predictions in painted:
        for prediction in predictions or ():
            true = truth[clip][prediction.frame]
            scores.setdefault(clip.character, []).append(
                score(prediction.colors, true.colors, prediction.areas, true.background)
            )
            judged.append(judge_frame(prediction, truth[clip]))
    if not judged:
        return None
    every = Judged.join(judged)
    steps = measure_reliability(every.sure, every.right)
    frames = [row for rows in scores.values() for row in rows]
    means = {name: mean_scores(rows).accuracy for name, rows in sorted(scores.items())}
    return BenchRow(
        suite,
        protocol,
        matcher,
        len(frames),
        mean_scores(frames),
        weigh_trust(every),
        {name: mean for name, mean in means.items() if mean is not None},
        [
            (int(count), float(sure), float(right)) if count else (0, None, None)
            for count, sure, right in zip(steps.counts, steps.confidence, steps.right, strict=True)
        ],
        precision_curve(every.sure, every.right).tolist(),
    )


def _begin(job: BenchJob) -> None:
    """Write the configuration, merged with what was asked before.

    Raises:
        OutputExists: predictions there are of other weights of the same name.
    """
    path = job.out / CONFIG
    weights = {contender.name: contender.weights for contender in job.contenders}
    before: dict[str, Any] = {}
    if path.exists():
        before = msgspec.json.decode(shallow(path.read_bytes()))
        for name, digest in before["matchers"].items():
            if weights.get(name, digest) != digest:
                raise OutputExists(
                    f"holds predictions of other weights of {name}",
                    path=job.out,
                    expected="a new folder, or another name: NAME=FILE",
                )
    record = {
        "shiage": shiage.__version__,
        "commit": find_commit(),
        "machine": describe_machine(),
        "matchers": {**before.get("matchers", {}), **weights},
        "suites": {
            name: [clip.folder.name for clip in clips] for name, clips in job.suites.items()
        },
        "protocols": [protocol.name for protocol in job.protocols],
    }
    write_json(path, record)


def _missing(job: BenchJob) -> Iterator[tuple[str, ClipInfo, dict[str, list[Protocol]]]]:
    """Yield suite, clip, and by matcher the protocols that it was not painted by."""
    for suite, clips in job.suites.items():
        for clip in clips:
            wanted = {
                contender.name: [
                    protocol
                    for protocol in job.protocols
                    if read_predictions(
                        predictions_path(job.out, contender.name, protocol.name, suite, clip)
                    )
                    is None
                ]
                for contender in job.contenders
            }
            wanted = {name: protocols for name, protocols in wanted.items() if protocols}
            if wanted:
                yield suite, clip, wanted


def _paint_clip(
    out: Path,
    suite: str,
    clip: ClipInfo,
    wanted: Mapping[str, Sequence[Protocol]],
    made: Mapping[str, Matcher],
) -> None:
    """Paint a clip by each matcher as it is asked, and keep what was painted."""
    drawn = DrawnClip.read(clip.folder)
    for name, protocols in wanted.items():
        painted = PaintedClip(drawn, made[name])
        for protocol in protocols:
            path = predictions_path(out, name, protocol.name, suite, clip)
            write_predictions(path, painted.paint(protocol))


def _count_done(futures: set[Future[None]]) -> int:
    """Return how many are done, and raise what one of them raised."""
    for future in futures:
        future.result()
    return len(futures)
