"""Each structure refuses arrays of the wrong shape or dtype and says what it wants."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from shiage.structures import Gaps, LineArt, Match, Painting, Segments


def test_lineart_wants_maps_of_one_size() -> None:
    ink = np.zeros((3, 4), bool)
    with pytest.raises(ValueError, match=r"trace: expected uint8 \(3, 4\), found uint8 \(4, 3\)"):
        LineArt(ink, np.zeros((4, 3), np.uint8), np.zeros((3, 4), np.uint8), 1.0)
    with pytest.raises(ValueError, match="ink: expected bool"):
        LineArt(
            ink.astype(np.uint8),
            np.zeros((3, 4), np.uint8),
            np.zeros((3, 4), np.uint8),
            1.0,
        )


def test_segments_want_one_row_each() -> None:
    n = 2
    arrays: dict[str, Any] = {
        "labels": np.zeros((3, 3), np.int32),
        "area": np.zeros(n, np.int32),
        "box_xyxy": np.zeros((n, 4), np.int32),
        "centroid_xy": np.zeros((n, 2), np.float32),
        "touches_border": np.zeros(n, bool),
        "container": np.zeros(n, np.int32),
        "neighbors": np.zeros((0, 3), np.int32),
    }
    assert len(Segments(**arrays)) == n
    for name in arrays:
        short = arrays | {name: arrays[name][..., :1].astype(np.float64)}
        with pytest.raises(ValueError, match=f"{name}: expected"):
            Segments(**short)


def test_gaps_are_lines() -> None:
    assert len(Gaps()) == 0
    with pytest.raises(ValueError, match="ends_xyxy"):
        Gaps(np.zeros((1, 2), np.int32))


def test_match_and_painting_are_checked() -> None:
    Match(np.zeros((2, 5), np.float32), np.zeros(2, np.float32))
    with pytest.raises(ValueError, match="no_match"):
        Match(np.zeros((2, 5), np.float32), np.zeros(3, np.float32))
    with pytest.raises(ValueError, match="locked"):
        Painting(
            np.zeros(2, np.int32),
            np.zeros(2, np.float32),
            np.zeros((2, 4), np.int32),
            np.zeros(1, bool),
        )
