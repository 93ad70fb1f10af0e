"""How splits of rough drawings are judged, and the rows of `shiage bench lines`."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from shiage.bench.baselines.trapped_ball import split_by_ball
from shiage.bench.lines import SPLITTERS, Known, judge, know_painted, measure_lines
from shiage.bench.tables import lines_table
from shiage.data.dataset import list_clips
from shiage.data.rough import ROUGH
from shiage.errors import BadOption
from shiage.files.images import Layout, Picture, write_picture
from shiage.structures import LabelMap
from tests.drawings import Rgba, Sheet


def known(color: list[list[int]], parts: list[list[int]]) -> Known:
    one, two = split(color), split(parts)
    shape = one.shape
    return Known(np.zeros((*shape, 4), np.uint8), one, two, np.ones(shape, bool))


def split(labels: list[list[int]]) -> LabelMap:
    return np.kron(np.array(labels), np.ones((4, 4))).astype(np.int32)


def test_what_a_split_loses_is_counted() -> None:
    truth = known([[0, 0, 0], [0, 1, 2]], [[0, 0, 0], [0, 1, 2]])
    assert judge(split([[1, 1, 1], [1, 2, 3]]), truth) == (1.0, 1.0, 0.0)
    assert judge(split([[1, 1, 1], [1, 2, 2]]), truth) == (0.5, 0.5, 0.0)
    assert judge(split([[1, 1, 1], [1, 1, 2]]), truth) == (0.5, 0.5, 0.5)
    assert judge(split([[1, 2, 3], [4, 5, 6]]), truth) == (1.0, 1.0, 0.0)


def box() -> tuple[Rgba, Rgba]:
    drawing = Sheet(80, 80, thickness=2).box((20, 20), (60, 60)).line((40, 20), (40, 60)).rgba
    painting = drawing.copy()
    painting[22:59, 22:39] = (200, 90, 60, 255)
    painting[22:59, 42:59] = (60, 90, 200, 255)
    return drawing, painting


def test_a_painting_tells_what_is_true_where_it_is_flat() -> None:
    drawing, painting = box()
    noise = np.random.default_rng(0).integers(0, 2, painting.shape[:2], np.uint8)
    painting[..., 2] = np.maximum(painting[..., 2], 1) - noise
    truth = know_painted(drawing, painting)
    assert truth.color[5, 5] == 0
    assert 0 < truth.color[40, 30] != truth.color[40, 50] > 0
    assert truth.judged[40, 30]
    assert not truth.judged[40, 40]
    assert len(np.unique(truth.parts[truth.judged])) == 3


def test_a_trapped_ball_is_held_back_by_a_gap() -> None:
    ink = np.zeros((80, 80), np.uint8)
    cv2.rectangle(ink, (20, 20), (60, 60), 1, 2)
    ink[38:42, 58:63] = 0
    labels = split_by_ball(ink.astype(bool))
    assert labels[40, 40] != labels[5, 5]
    assert (labels > 0).all()


def test_every_material_has_a_row_for_each_way(toy_set: Path, tmp_path: Path) -> None:
    for folder, picture in zip(("lines", "colors"), box(), strict=True):
        (tmp_path / folder).mkdir()
        write_picture(tmp_path / folder / "0001.png", Picture(picture, Layout("PNG", "RGBA", 8)))
    clips = list(list_clips(toy_set, "test"))[:1]
    done: list[int] = []
    pair = (tmp_path / "lines", tmp_path / "colors")
    rows = measure_lines(clips, [pair], lambda _, at, total: done.append(total - at))
    assert done == [3, 2, 1, 0]
    assert {row.way for row in rows} == set(SPLITTERS)
    assert len({row.material for row in rows}) == len(ROUGH) + 1
    exact = next(row for row in rows if row.material == "lines" and row.way == "exact")
    assert (exact.ceiling, exact.pieces, exact.leaks) == (1.0, 1.0, 0.0)
    assert lines_table(rows).count("\n") == len(rows) + 2
    (tmp_path / "colors" / "0002.png").write_bytes(b"")
    with pytest.raises(BadOption, match="1 drawings and 2 paintings"):
        measure_lines([], [pair])
