"""Scores as Markdown tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields

from shiage.bench.clicks import BUCKET, ClicksRow
from shiage.bench.failures import KINDS, FailureRow
from shiage.bench.lines import LinesRow
from shiage.bench.metrics import Scores, Trust
from shiage.bench.runner import BenchRow
from shiage.bench.scaling import ScalingPoint, exponents

SCORE_HEADS = {
    "accuracy": "segments",
    "accuracy_large": "> 10 px",
    "pixels": "pixels",
    "foreground": "foreground",
    "background_iou": "background IoU",
}
TRUST_HEADS = {
    "absent": "color absent",
    "absent_doubted": "of these doubted",
    "doubted": "doubted",
    "doubted_wrong": "of these wrong",
    "calibration_error": "calibration error",
    "unchecked": "unchecked at 99 %",
}


def scores_table(rows: Sequence[BenchRow]) -> str:
    """Return what is right, a line for each suite, protocol and matcher."""
    names = [f.name for f in fields(Scores)]
    return _table(
        ["suite", "protocol", "matcher", *(SCORE_HEADS[name] for name in names), "frames"],
        [
            [*_keys(row), *(_percent(getattr(row.scores, name)) for name in names), str(row.frames)]
            for row in rows
        ],
    )


def trust_table(rows: Sequence[BenchRow]) -> str:
    """Return what confidence is worth, a line for each suite, protocol and matcher."""
    names = [f.name for f in fields(Trust) if f.name != "segments"]
    return _table(
        ["suite", "protocol", "matcher", *(TRUST_HEADS[name] for name in names), "segments"],
        [
            [
                *_keys(row),
                *(_percent(getattr(row.trust, name)) for name in names),
                str(row.trust.segments),
            ]
            for row in rows
        ],
    )


def character_table(rows: Sequence[BenchRow]) -> str:
    """Return the share of segments right by character, a column for each matcher."""
    matchers = list(dict.fromkeys(row.matcher for row in rows))
    shares_of: dict[tuple[str, str, str], dict[str, float]] = {}
    for row in rows:
        for character, share in row.characters.items():
            shares_of.setdefault((row.suite, row.protocol, character), {})[row.matcher] = share
    return _table(
        ["suite", "protocol", "character", *matchers],
        [
            [*keys, *(_percent(shares.get(matcher)) for matcher in matchers)]
            for keys, shares in shares_of.items()
        ],
        words=3,
    )


def clicks_table(rows: Sequence[ClicksRow]) -> str:
    """Return what finishing cuts takes, a line for each suite, matcher and artist."""
    buckets = {row.suite: row.clicks for row in rows if row.matcher == BUCKET}
    heads = ["suite", "matcher", "artist", "clicks", "of a bucket's", "looked at", "until 99 %"]
    return _table(
        [*heads, "segments", "cels"],
        [
            [
                row.suite,
                row.matcher,
                row.artist or "-",
                str(row.clicks),
                f"{100 * row.clicks / max(buckets[row.suite], 1):.1f} %",
                f"{100 * row.looked_at / max(row.segments, 1):.0f} %",
                f"{100 * row.nearly / max(row.segments, 1):.0f} %",
                str(row.segments),
                str(row.cels),
            ]
            for row in rows
        ],
    )


def failures_table(rows: Sequence[FailureRow]) -> str:
    """Return errors by kind, shares of all segments; in brackets the sure ones' numbers."""
    return _table(
        ["suite", "protocol", "matcher", *KINDS, "all errors", "segments"],
        [
            [
                row.suite,
                row.protocol,
                row.matcher,
                *(
                    f"{_percent(row.kinds[kind] / max(row.segments, 1))} ({row.sure[kind]})"
                    for kind in KINDS
                ),
                f"{_percent(sum(row.kinds.values()) / max(row.segments, 1))} "
                f"({sum(row.sure.values())})",
                str(row.segments),
            ]
            for row in rows
        ],
    )


def scaling_table(points: Sequence[ScalingPoint]) -> str:
    """Return time and memory by size, and the powers they grow by."""
    powers = exponents(points)
    return _table(
        ["matcher", "against", "size", "ms", "MB"],
        [
            [p.matcher, p.against, str(p.size), f"{1000 * p.seconds:.1f}", f"{p.megabytes:.1f}"]
            for p in points
        ]
        + [
            [matcher, against, "grows by the power", f"{time:.2f}", f"{memory:.2f}"]
            for (matcher, against), (time, memory) in powers.items()
        ],
        words=2,
    )


def lines_table(rows: Sequence[LinesRow]) -> str:
    """Return how well rough drawings are split, in percent of the figure's pixels."""
    return _table(
        ["material", "split", "drawings", "ceiling", "worst", "pieces", "leaks", "ms"],
        [
            [
                row.material,
                row.way,
                str(row.drawings),
                _percent(row.ceiling),
                _percent(row.worst),
                f"{row.pieces:.2f}",
                _percent(row.leaks),
                f"{1000 * row.seconds:.0f}",
            ]
            for row in rows
        ],
        words=2,
    )


def _keys(row: BenchRow) -> list[str]:
    return [row.suite, row.protocol, row.matcher]


def _percent(value: float | None) -> str:
    return "-" if value is None else f"{100 * value:.1f}"


def _table(heads: Sequence[str], lines: Sequence[Sequence[str]], words: int = 3) -> str:
    """Return a table; its first columns are words, the others numbers."""
    ruler = ["---"] * words + ["---:"] * (len(heads) - words)
    return "".join(f"| {' | '.join(cells)} |\n" for cells in (heads, ruler, *lines))
