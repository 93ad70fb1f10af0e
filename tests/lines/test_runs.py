"""Runs say exactly what the pixels say."""

from __future__ import annotations

import numpy as np
import pytest

from shiage.lines.runs import find_runs


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([[7]], [(0, 0, 1, 7)]),
        ([[1, 1, 1]], [(0, 0, 3, 1)]),
        ([[1], [1]], [(0, 0, 1, 1), (1, 0, 1, 1)]),
        ([[1, 2, 2], [2, 2, 0]], [(0, 0, 1, 1), (0, 1, 3, 2), (1, 0, 2, 2), (1, 2, 3, 0)]),
        ([[0, 0], [0, 0]], [(0, 0, 2, 0), (1, 0, 2, 0)]),
    ],
)
def test_a_map_splits_into_spans_that_end_with_the_row(
    rows: list[list[int]], expected: list[tuple[int, int, int, int]]
) -> None:
    (runs,) = find_runs(np.array(rows, np.int32))
    assert list(zip(runs.row, runs.start, runs.stop, runs.value, strict=True)) == expected


def test_runs_paint_the_map_again() -> None:
    rng = np.random.default_rng(1)
    for height, width in ((1, 40), (40, 1), (17, 23)):
        labels = rng.integers(0, 3, (height, width)).astype(np.int32)
        (runs,) = find_runs(labels)
        again = np.full_like(labels, -1)
        for row, start, stop, value in zip(
            runs.row, runs.start, runs.stop, runs.value, strict=True
        ):
            again[row, start:stop] = value
        assert (again == labels).all()
        assert runs.length.sum() == labels.size


def test_runs_of_two_maps_break_where_either_changes() -> None:
    one = np.array([[1, 1, 1, 2]])
    two = np.array([[5, 6, 6, 6]], np.uint8)
    of_one, of_two = find_runs(one, two)
    assert of_one.start.tolist() == of_two.start.tolist() == [0, 1, 3]
    assert of_one.value.tolist() == [1, 1, 2]
    assert of_two.value.tolist() == [5, 6, 6]
    assert of_two.value.dtype == np.uint8


def test_a_map_seen_through_a_stride_is_read_right() -> None:
    wide = np.arange(24).reshape(4, 6) // 2
    (runs,) = find_runs(wide[::2, ::-1])
    assert runs.value.tolist() == [2, 1, 0, 8, 7, 6]
