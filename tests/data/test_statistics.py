"""Statistics against clips counted by hand."""

from __future__ import annotations

from pathlib import Path

import msgspec
import numpy as np
import pytest

from shiage.data.dataset import BACKGROUND, Clip, Frame, split_of, write_clip
from shiage.data.statistics import ALL, compute_statistics
from tests.data.samples import Color, frame_of, write_box_clip
from tests.drawings import WHITE

RED, BLUE, GREEN = (200, 0, 0), (0, 0, 200), (0, 200, 0)


def boxes(name: str, *rows: tuple[str, Color, int, int]) -> Frame:
    """100 x 100; boxes of 2 x 4 pixels of the regions, with their corners at (x, y)."""
    labels = np.ones((100, 100), np.int32)
    told = [(BACKGROUND, WHITE)]
    for label, (region, color, x, y) in enumerate(rows, start=2):
        labels[y - 1 : y + 3, x - 1 : x + 5] = 0
        labels[y : y + 2, x : x + 4] = label
        told.append((region, color))
    return frame_of(name, labels, told)


def write(folder: Path, *frames: Frame, character: str = "Ann", source: str = "boxes") -> None:
    folder.parent.mkdir(parents=True, exist_ok=True)
    write_clip(folder, Clip(source, "CC0-1.0", character, "tests", 0, frames))


def test_counts_by_hand(tmp_path: Path) -> None:
    write(
        tmp_path / "a",
        boxes("1", ("a", RED, 10, 10), ("b", BLUE, 60, 60)),
        # a moves by (3, 4): 5 px; b is away, c is new but has b's color
        boxes("2", ("a", RED, 13, 14), ("c", BLUE, 40, 80)),
        # c moves by 10 px; d is new in every way
        boxes("3", ("a", RED, 13, 14), ("c", BLUE, 40, 90), ("d", GREEN, 42, 78)),
    )
    row, total = compute_statistics(tmp_path, 1)
    assert (row.source, total.source) == ("boxes", ALL)
    assert row.pairs == total.pairs
    assert (row.clips, row.frames) == (1, 3)
    assert row.characters == {s: int(s == split_of("Ann")) for s in ("train", "validation", "test")}
    assert row.segments["mean"] == pytest.approx(10 / 3)
    assert row.segments["median"] == 3
    assert row.area_median == 8
    assert row.small_px == pytest.approx(7 / 10)
    assert row.small_share == pytest.approx(7 / 10)
    near, far, whole = (row.pairs[step] for step in ("1", "4", "clip"))
    assert (near.pairs, far.pairs, whole.pairs) == (2, 0, 1)
    assert near.region_absent == pytest.approx(2 / 7)  # c in 2, d in 3
    assert near.color_absent == pytest.approx(1 / 7)  # d in 3
    assert near.moved_median == pytest.approx(0.05)  # 5, 0 and 10 px of 100
    assert near.moved_p90 == pytest.approx(np.percentile([0.05, 0.0, 0.1], 90))
    # d lies nearest to where c was, and gets its blue; all others come out right.
    assert near.position_right == pytest.approx(6 / 7)
    assert far.region_absent is far.moved_median is far.position_right is None
    assert whole.region_absent == pytest.approx(2 / 4)
    assert whole.color_absent == pytest.approx(1 / 4)
    assert whole.moved_median == pytest.approx(0.05)


def test_regions_in_several_pieces_and_none(tmp_path: Path) -> None:
    first = boxes("1", ("a", RED, 10, 10), ("a", RED, 30, 10), ("b", BLUE, 60, 60))
    second = boxes("2", ("a", RED, 20, 30), ("b", BLUE, 60, 60))
    write(tmp_path / "a", first, second)
    pairs = compute_statistics(tmp_path)[-1].pairs["1"]
    assert pairs.moved_median == pytest.approx(0.1)  # a's middle (22, 11) to (22, 31); b stays
    rows = tuple(
        Frame(f.name, f.line, f.color, f.labels, (None,) * len(f), f.colors)
        for f in (first, second)
    )
    write(tmp_path / "a", *rows)
    pairs = compute_statistics(tmp_path)[-1].pairs["1"]
    assert pairs.region_absent is None
    assert pairs.moved_median is None
    assert pairs.color_absent == 0


def test_sources_are_told_apart_and_summed_up(tmp_path: Path) -> None:
    write(tmp_path / "x" / "1", boxes("1"), character="Bob", source="empty")
    write_box_clip(tmp_path / "y" / "1")
    write_box_clip(tmp_path / "y" / "2")
    told: list[tuple[int, int]] = []
    rows = compute_statistics(tmp_path, 2, lambda _, done, total: told.append((done, total)))
    assert [(row.source, row.clips, row.frames) for row in rows] == [
        ("boxes", 2, 6),
        ("empty", 1, 1),
        (ALL, 3, 7),
    ]
    assert sum(rows[-1].characters.values()) == 2
    assert rows[1].pairs["clip"].pairs == 0
    assert told == [(1, 3), (2, 3), (3, 3)]
    assert msgspec.to_builtins(rows[0])["pairs"]["1"]["pairs"] == 4
