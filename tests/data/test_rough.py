"""Clean drawings drawn again: what is drawn, what is not, and that truth stays true."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from shiage.data.dataset import BACKGROUND, Frame
from shiage.data.rough import draw_again
from shiage.data.rough.drawing import RoughDrawing, draw_rough
from shiage.data.rough.hand import STRENGTH, Hand, Level
from shiage.data.rough.patches import CHUNK, SIDE, PatchJob, make_patches, read_patches
from shiage.data.rough.strokes import find_strokes
from shiage.lines.segments import number_regions
from shiage.structures import BoolMap
from tests.data.samples import write_box_clip

SIZE = 128
PLAIN = Hand(width=2)
IN_PLACE = np.eye(2, 3, dtype=np.float32)
LEVELS = list(STRENGTH)


def house(*, fold: bool = True, shadow: bool = False) -> Frame:
    """A box of two halves on paper, a fold in the left one that parts nothing."""
    ink = np.zeros((SIZE, SIZE), np.uint8)
    cv2.rectangle(ink, (20, 30), (108, 100), 1, 2)
    cv2.line(ink, (64, 30), (64, 100), 1, 2)
    if fold:
        cv2.line(ink, (35, 45), (45, 85), 1, 2)
    labels = number_regions(ink == 0)
    line = np.full((SIZE, SIZE, 4), 255, np.uint8)
    line[ink > 0, :3] = 0
    right = "wall.shadow" if shadow else "door"
    colors = np.array([[255, 255, 255], [200, 90, 60], [90, 140, 200]], np.uint8)
    return Frame("0001", line, line, labels, (BACKGROUND, "wall", right), colors)


def drawn(frame: Frame, hand: Hand, seed: int = 0) -> RoughDrawing:
    rng = np.random.default_rng(seed)
    return draw_rough(find_strokes(frame), (SIZE, SIZE), IN_PLACE, hand, rng)


def ink_of(rough: RoughDrawing) -> BoolMap:
    return np.asarray(rough.rgb.min(axis=-1) < 0.6)


def count_parts(border: BoolMap) -> int:
    return cv2.connectedComponents((~border).astype(np.uint8), connectivity=4)[0] - 1


def test_strokes_are_borders_and_folds() -> None:
    strokes = find_strokes(house()).strokes
    folds = [stroke for stroke in strokes if not stroke.bounds]
    assert len(folds) == 1
    (x0, y0), (x1, y1) = sorted(folds[0].points_xy[[0, -1]].tolist(), key=lambda xy: xy[1])
    assert (abs(x0 - 35) < 4, abs(y0 - 45) < 4) == (True, True)
    assert (abs(x1 - 45) < 4, abs(y1 - 85) < 4) == (True, True)
    assert not any(stroke.is_trace for stroke in strokes)


def test_a_line_between_two_tones_of_a_part_is_a_trace() -> None:
    strokes = find_strokes(house(fold=False, shadow=True)).strokes
    (trace,) = [stroke for stroke in strokes if stroke.is_trace]
    assert np.abs(trace.points_xy[:, 0] - 64).max() < 2


def test_drawn_plainly_it_is_the_same_drawing() -> None:
    frame = house()
    rough = drawn(frame, PLAIN)
    was, now = frame.labels == 0, ink_of(rough)
    near = cv2.dilate(was.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    assert not (now & ~near).any()
    assert (now & was).sum() > 0.9 * was.sum()
    assert count_parts(rough.border > 0.5) == 3, "the fold parts nothing"


def test_gaps_open_the_drawing_and_not_the_truth() -> None:
    frame = house(fold=False)
    rough = drawn(frame, replace(PLAIN, gaps=6, gap_length=8, short=1))
    assert count_parts(ink_of(rough)) < 3
    assert count_parts(rough.border > 0.5) == 3


@pytest.mark.parametrize(
    "stray",
    [
        replace(PLAIN, hatched=1),
        replace(PLAIN, construction=8),
        replace(PLAIN, erased=0.9),
        replace(PLAIN, dirt=60),
        replace(PLAIN, overshoot=1),
    ],
    ids=["hatched", "construction", "erased", "dirt", "overshoot"],
)
def test_stray_marks_are_drawn_and_bound_nothing(stray: Hand) -> None:
    plain, marked = drawn(house(), PLAIN), drawn(house(), stray)
    more = (marked.rgb.mean(axis=-1) < 0.95) & ~(plain.rgb.mean(axis=-1) < 0.95)
    assert more.sum() > 20
    np.testing.assert_array_equal(marked.border > 0.5, plain.border > 0.5)


def test_parts_in_colored_pencil() -> None:
    hues = np.ptp(drawn(house(), replace(PLAIN, colored=1)).rgb, axis=-1)
    assert hues.max() > 0.3
    assert np.ptp(drawn(house(), PLAIN).rgb, axis=-1).max() < 0.01


@pytest.mark.parametrize("level", LEVELS)
def test_the_same_generator_makes_the_same_drawing(level: Level) -> None:
    one, same, other = (
        draw_again(house(), level, np.random.default_rng(seed)).rgb for seed in (3, 3, 4)
    )
    np.testing.assert_array_equal(one, same)
    assert (one != other).any()
    assert one.shape == (SIZE, SIZE, 3)
    assert one.dtype == np.float32
    assert 0 <= one.min() <= one.max() <= 1


def test_rougher_levels_stray_further() -> None:
    clean = house().line[..., :3] / 255

    def strays(level: Level) -> float:
        rngs = (np.random.default_rng(seed) for seed in range(12))
        return float(np.mean([np.abs(draw_again(house(), level, r).rgb - clean) for r in rngs]))

    assert strays("clean") < strays("light") < strays("heavy")


def test_patches_are_the_same_after_an_interruption(tmp_path: Path) -> None:
    for name in ("a", "b"):
        write_box_clip(tmp_path / "set" / "boxes" / name, frames=2)
    job = PatchJob((tmp_path / "set",), tmp_path / "patches", CHUNK + 1, jobs=1)
    done = []
    make_patches(job, lambda name, done_, total: done.append((name, done_, total)))
    assert done == [("patches", CHUNK, 2 * CHUNK), ("patches", 2 * CHUNK, 2 * CHUNK)]
    first = list(read_patches(job.out))
    assert [drawings.shape for drawings, _ in first] == [(CHUNK, SIDE, SIDE, 3)] * 2
    assert (first[0][0] != first[1][0]).any()
    (job.out / "00001.npz").unlink()
    make_patches(job)
    for (drawings, borders), (was, were) in zip(read_patches(job.out), first, strict=True):
        np.testing.assert_array_equal(drawings, was)
        np.testing.assert_array_equal(borders, were)
