"""Errors by kind, counted by hand, and as pictures."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from shiage.bench.failures import draw_gallery, find_failures
from shiage.bench.predictions import Prediction, predictions_path, write_predictions
from shiage.bench.protocols import parse_protocol
from shiage.data.dataset import Clip, ClipInfo, list_clips, read_truth, write_clip
from shiage.files.images import read_picture
from tests.bench.test_clicks import COLORS, PLACES
from tests.training.toy_data import draw_frame

NEXT = parse_protocol("next")
PAPER = 0xFFFFFF


@pytest.fixture
def cut(tmp_path: Path) -> ClipInfo:
    """Two frames; the second has a new color, and the wedge is the box's shadow."""
    second = draw_frame("2", PLACES, [*COLORS[:4], (9, 9, 9)])
    frames = [draw_frame("1", PLACES, list(COLORS)), second]
    named = [
        replace(f, regions=tuple("box.shadow" if r == "wedge" else r for r in f.regions))
        for f in frames
    ]
    write_clip(tmp_path / "cut", Clip("toy", "CC0", "shapes", "here", 0, tuple(named)))
    (info,) = list_clips(tmp_path)
    return info


def test_kinds_by_hand(cut: ClipInfo, tmp_path: Path) -> None:
    truth = read_truth(cut.folder)["2"]
    row_of = {region: row for row, region in enumerate(truth.regions)}
    color_of = {region: int(truth.colors[row]) for region, row in row_of.items()}
    said = truth.colors.copy()
    said[row_of["ring"]] = color_of["bar"]  # whose color the reference lacks
    said[row_of["box.shadow"]] = color_of["box"]
    said[row_of["disc"]] = PAPER
    said[row_of["bar"]] = color_of["disc"]
    sure = np.linspace(0.5, 0.95, len(said), dtype=np.float32)
    areas = np.full(len(said), 100, np.int32)
    path = predictions_path(tmp_path, "who", "next", "toy", cut)
    write_predictions(path, [Prediction("2", ("1",), said, sure, areas)])
    row, failures = find_failures(tmp_path, "toy", [cut], NEXT, "who")
    assert row.segments == len(said)
    assert row.kinds == {"absent": 1, "tone": 1, "paper": 1, "tiny": 0, "other": 1}
    assert {f.kind: truth.regions[f.row] for f in failures} == {
        "absent": "ring",
        "tone": "box.shadow",
        "paper": "disc",
        "other": "bar",
    }
    assert [f.confidence for f in failures] == sorted(
        (f.confidence for f in failures), reverse=True
    )
    assert sum(row.sure.values()) == sum(f.confidence >= 0.9 for f in failures)
    write_predictions(path, [Prediction("2", ("1",), said, sure, areas // 4)])
    row, _ = find_failures(tmp_path, "toy", [cut], NEXT, "who")
    assert (row.kinds["tiny"], row.kinds["other"]) == (1, 0)


def test_gallery(cut: ClipInfo, tmp_path: Path) -> None:
    count = len(read_truth(cut.folder)["2"].colors)
    nothing = np.full(count, -1, np.int32)
    told = Prediction("2", ("1",), nothing, np.zeros(count, np.float32), nothing + 100)
    write_predictions(predictions_path(tmp_path, "who", "next", "toy", cut), [told])
    _, failures = find_failures(tmp_path, "toy", [cut], NEXT, "who")
    assert len(failures) == count
    draw_gallery(failures, tmp_path / "gallery.png")
    picture = read_picture(tmp_path / "gallery.png").rgba_u8
    assert picture.shape[:2] == (384, 1280)
    assert (picture[..., :3] == (255, 0, 255)).all(axis=-1).sum() > 50  # outlines
    draw_gallery([], tmp_path / "none.png")


def test_nothing_painted(cut: ClipInfo, tmp_path: Path) -> None:
    row, failures = find_failures(tmp_path, "toy", [cut], NEXT, "who")
    assert (row.segments, failures) == (0, [])
