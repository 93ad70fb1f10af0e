"""Augmentation: what every operation keeps true, and what each of them does."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from shiage.data.augment import (
    MIN_AREA,
    AugmentSettings,
    Sample,
    augment,
    augment_pair,
    jitter_boxes,
    settle,
)
from shiage.data.augment.geometry import (
    LEAST_STRETCH,
    Placement,
    content_window,
    flip,
    place,
    random_warp,
    scaling,
    turning,
)
from shiage.data.augment.lines import fade, harden, recolor_traces, thin, trace_mask, widen
from shiage.data.augment.sample import find_ink, line_coverage
from shiage.data.augment.topology import add_strays, drop_lines, drop_traces
from shiage.data.dataset import BACKGROUND, Frame
from shiage.lines.lineart import extract_lineart
from shiage.lines.segments import SegmentSettings, find_segments
from tests.drawings import RED, Rgba, Sheet, character, distinct_colors, flood

NONE = AugmentSettings.none()
PROBABILITIES = [name for name in NONE.__struct_fields__ if getattr(NONE, name) == 0]
SEEDS = st.integers(0, 2**31)


def sample_of(rgba: Rgba) -> Sample:
    """Each segment in a color and region of its own; the first is the background."""
    labels = find_segments(extract_lineart(rgba), SegmentSettings(gap="off", min_area=1)).labels
    count = int(labels.max())
    names = [BACKGROUND, *(f"part{i}" for i in range(2, count + 1))]
    colors = np.array(distinct_colors(count), np.uint8).reshape(-1, 3)
    return settle(Sample(rgba, labels, tuple(names[:count]), colors))


FIGURE = sample_of(character(size=200))


def two_rooms(color: tuple[int, int, int] = (0, 0, 0), wall: int = 70) -> Sample:
    """A box in black whose wall, in a color, parts a large room from a small one."""
    sheet = Sheet(80, 100, thickness=2).box((10, 10), (90, 70))
    sheet.color = color
    return sample_of(sheet.line((wall, 12), (wall, 68)).rgba)


def assert_whole(sample: Sample) -> None:
    """All that is promised of a sample."""
    count, ink = len(sample), find_ink(sample.line)
    assert sample.labels.dtype == np.int32
    assert sample.colors.shape == (count, 3)
    assert (sample.line[..., 3] == 255).all()
    assert (sample.labels[ink] == 0).all()
    area = np.bincount(sample.labels.ravel(), minlength=count + 1)
    assert len(area) == count + 1
    assert (area[1:] >= MIN_AREA).all()
    for label in range(1, count + 1):
        y, x = np.nonzero(sample.labels == label)
        window = np.s_[y.min() : y.max() + 1, x.min() : x.max() + 1]
        assert flood(sample.labels[window] == label).max() == 1
    # Paper without a label is a few pixels locked in by ink.
    locked = flood(~ink & (sample.labels == 0))
    assert (np.bincount(locked.ravel())[1:] < MIN_AREA).all()


def assert_same(one: Sample, two: Sample) -> None:
    np.testing.assert_array_equal(one.line, two.line)
    np.testing.assert_array_equal(one.labels, two.labels)
    np.testing.assert_array_equal(one.colors, two.colors)
    assert one.regions == two.regions


# --- everything ---------------------------------------------------------------------------------


@given(SEEDS)
@settings(max_examples=25)
def test_labels_and_lines_agree_whatever_happens(seed: int) -> None:
    strong = AugmentSettings(resize=0.4, resize_px=(100, 260), drop=0.5, stray=0.5, broken=0.4)
    found = augment(FIGURE, strong, np.random.default_rng(seed))
    assert_whole(found)
    truth = dict(zip(FIGURE.regions, FIGURE.colors.tolist(), strict=True))
    told = zip(found.regions, found.colors.tolist(), strict=True)
    assert all(truth[region] == color for region, color in told)


@pytest.mark.parametrize("name", PROBABILITIES)
def test_each_operation_alone_leaves_a_whole_sample_and_its_input(name: str) -> None:
    before = dataclasses.replace(FIGURE, line=FIGURE.line.copy(), labels=FIGURE.labels.copy())
    certain: dict[str, Any] = {name: 1.0}
    alone = replace(NONE, **certain)
    found = [augment(FIGURE, alone, np.random.default_rng(seed)) for seed in (3, 3, 4)]
    assert_same(found[0], found[1])
    assert_whole(found[2])
    assert_same(before, FIGURE)


def test_no_operation_changes_nothing() -> None:
    assert augment(FIGURE, NONE, np.random.default_rng(0)) is FIGURE


@pytest.mark.parametrize("ink", [0, 255])
def test_blank_and_black_drawings(ink: int) -> None:
    line = np.full((40, 50, 4), 255, np.uint8)
    line[..., :3] = ink
    certain: dict[str, Any] = dict.fromkeys(PROBABILITIES, 1.0)
    everything = AugmentSettings(**certain, resize_px=(30, 60))
    if ink == 0:  # a hole in solid black would be paper that nobody knows the color of
        everything = replace(everything, broken=0.0)
    blank = Sample(line, np.zeros((40, 50), np.int32), (), np.zeros((0, 3), np.uint8))
    for seed in range(3):
        assert_whole(augment(blank, everything, np.random.default_rng(seed)))


def test_pairs_change_independently_and_flip_together_when_asked() -> None:
    mirrored = [flip(FIGURE).line.tobytes(), FIGURE.line.tobytes()]
    for apart, expected in ((0.0, {(0, 0), (1, 1)}), (1.0, {(0, 0), (0, 1), (1, 0), (1, 1)})):
        flips = replace(NONE, flip=0.5, flip_apart=apart)
        rng = np.random.default_rng(0)
        pairs = [augment_pair(FIGURE, FIGURE, flips, rng) for _ in range(30)]
        seen = {(mirrored.index(a.line.tobytes()), mirrored.index(b.line.tobytes()))
                for a, b in pairs}  # fmt: skip
        assert seen == expected
    one, two = augment_pair(FIGURE, FIGURE, replace(NONE, affine=1), np.random.default_rng(0))
    assert (one.line != two.line).any()


def test_a_frame_on_transparent_paper_becomes_lines_on_white() -> None:
    line = np.zeros((4, 6, 4), np.uint8)
    line[1, :, 3] = 255
    labels = np.where(line[..., 3] > 0, 0, 1).astype(np.int32)
    frame = Frame("0001", line, line, labels, (None,), np.zeros((1, 3), np.uint8))
    sample = Sample.from_frame(frame)
    assert (line_coverage(sample.line) == line[..., 3]).all()
    assert (sample.line[..., 3] == 255).all()


# --- labels follow lines ------------------------------------------------------------------------


def line_from(ink: list[str]) -> Rgba:
    line = np.full((len(ink), len(ink[0]), 4), 255, np.uint8)
    line[np.array([[c == "#" for c in row] for row in ink]), :3] = 0
    return line


def test_settling_splits_fills_and_drops() -> None:
    line = line_from(["....#....#.."] * 3 + ["....#....###"] * 2 + ["....#....#.#"])
    labels = np.zeros((6, 12), np.int32)
    labels[:, :3], labels[:, 6:] = 1, 2  # an unlabelled column beside each side of the line
    sample = Sample(line, labels, ("a", "b"), np.array([[1, 2, 3], [4, 5, 6]], np.uint8))
    found = settle(sample)
    assert found.labels[0].tolist() == [1, 1, 1, 1, 0, 2, 2, 2, 2, 0, 3, 3]
    assert found.labels[5].tolist() == [1, 1, 1, 1, 0, 2, 2, 2, 2, 0, 0, 0]  # a speck is gone
    assert found.regions == ("a", "b", "b")
    assert found.colors.tolist() == [[1, 2, 3], [4, 5, 6], [4, 5, 6]]


def test_where_a_line_is_gone_labels_meet_in_its_middle() -> None:
    line = line_from(["....##...."] * 2 + [".........."] * 2)
    labels = np.zeros((4, 10), np.int32)
    labels[:, :4], labels[:, 6:] = 1, 2
    found = settle(Sample(line, labels, (None, None), np.zeros((2, 3), np.uint8)))
    assert found.labels[3].tolist() == [1] * 5 + [2] * 5


def test_settling_twice_is_settling_once() -> None:
    moved = augment(FIGURE, replace(NONE, affine=1, warp=1), np.random.default_rng(5))
    assert_same(settle(moved), moved)


def test_ink_is_what_extraction_calls_so() -> None:
    for seed in range(6):
        found = augment(FIGURE, AugmentSettings(), np.random.default_rng(seed))
        np.testing.assert_array_equal(find_ink(found.line), extract_lineart(found.line).ink)


# --- places -------------------------------------------------------------------------------------


def test_flipping_twice_is_nothing() -> None:
    assert (flip(FIGURE).line != FIGURE.line).any()
    assert_same(flip(flip(FIGURE)), FIGURE)


def test_turning_moves_a_segment_where_it_should() -> None:
    # 90 degrees clockwise about the center: what was right of it is below it.
    matrix = turning((200, 200), 90, 1.0, (0.1, 0.0))
    np.testing.assert_allclose(matrix @ [99.5 + 20, 99.5 + 50, 1], [149.5, 99.5, 1])
    found = place(FIGURE, Placement(matrix, (200, 200)))
    label = int(FIGURE.labels[118, 84])  # the pocket
    row, column = np.rint(np.linalg.inv(matrix) @ [84, 118, 1])[1::-1].astype(int)
    assert found.regions[found.labels[row, column] - 1] == FIGURE.regions[label - 1]


@pytest.mark.parametrize("side", [100, 200, 333])
def test_resolution_keeps_the_segments(side: int) -> None:
    big = place(FIGURE, Placement(scaling(200 / 400, 200 / 400), (400, 400)))
    found = place(big, Placement(scaling(400 / side, 400 / side), (side, side)))
    assert found.labels.shape == (side, side)
    lost = set(FIGURE.regions) - set(found.regions)
    assert len(lost) <= (4 if side == 100 else 0)


def test_cut_segments_are_closed_when_the_edge_comes_into_sight() -> None:
    sheet = Sheet(60, 60, thickness=2).line((20, 0), (20, 59)).line((40, 0), (40, 59))
    bar = sample_of(sheet.rgba)
    bar = dataclasses.replace(bar, regions=(BACKGROUND, "arm", BACKGROUND))
    matrix = turning((60, 60), 0, 0.5, (0, 0))
    found = place(bar, Placement(matrix, (60, 60)))
    assert_whole(found)
    assert len(found) == 2  # both sides are one paper now
    assert set(found.regions) == {"arm", BACKGROUND}
    arm = found.labels == 1 + found.regions.index("arm")
    assert not arm[:14].any()
    assert arm[20, 30]


def test_outside_is_background_for_sources_without_regions() -> None:
    nameless = dataclasses.replace(FIGURE, regions=(None,) * len(FIGURE))
    shifted = replace(NONE, affine=1, turn_deg=0, scale=0, shift=0.3)
    found = augment(nameless, shifted, np.random.default_rng(0))
    assert set(found.regions) == {None}
    assert len(np.unique(np.stack([found.labels[0, 0], found.labels[-1, -1]]))) == 1


def test_content_fills_the_picture() -> None:
    paper = np.full((90, 120, 4), 255, np.uint8)
    white = paper[0, :1, :3]
    small = Sample(paper, np.ones((90, 120), np.int32), (BACKGROUND,), white)
    assert content_window(small, 0.1) == (0, 0, 120, 90)
    box = sample_of(Sheet(90, 120).box((30, 40), (49, 49)).rgba)
    x0, y0, x1, y1 = content_window(box, 0.1)
    assert (x0, x1) == (28, 52)
    assert (x1 - x0) / (y1 - y0) == pytest.approx(120 / 90)


@given(SEEDS, st.integers(4, 16), st.floats(0.1, 0.3))
@settings(max_examples=20)
def test_warps_never_fold(seed: int, points: int, amplitude: float) -> None:
    moved = random_warp((70, 90), points, amplitude, np.random.default_rng(seed))
    assert moved.shape == (70, 90, 2)
    x = moved[..., 0] + np.arange(90)
    y = moved[..., 1] + np.arange(70)[:, None]
    assert (np.diff(x, axis=1) > 0.9 * LEAST_STRETCH).all()
    assert (np.diff(y, axis=0) > 0.9 * LEAST_STRETCH).all()


# --- lines --------------------------------------------------------------------------------------


def bars(width: int) -> Rgba:
    line = np.full((30, 40, 4), 255, np.uint8)
    line[10 : 10 + width, :, :3] = 0
    return line


@pytest.mark.parametrize(("width", "change"), [(2, 1), (3, 2), (3, 3), (5, 4)])
def test_lines_grow_by_as_much_as_said(width: int, change: int) -> None:
    ink = find_ink(widen(bars(width), change))
    assert ink[:, 20].sum() == width + change


@pytest.mark.parametrize(("width", "change"), [(4, 1), (4, 2), (6, 3)])
def test_lines_shrink_by_as_much_as_said(width: int, change: int) -> None:
    assert find_ink(thin(bars(width), change))[:, 20].sum() == width - change


def test_thin_lines_among_thick_ones_stay() -> None:
    line = bars(5)
    line[20, :, :3] = 0
    ink = find_ink(thin(line, 2))
    assert ink[20].all()
    assert ink[10:15, 20].sum() == 3


def test_hardened_lines_are_binary_and_keep_their_ink_and_color() -> None:
    sheet = Sheet(40, 40, color=RED, soft=True).line((3, 5), (35, 30))
    hard = harden(sheet.rgba)
    assert set(np.unique(line_coverage(hard))) == {0, 255}
    np.testing.assert_array_equal(find_ink(hard), find_ink(sheet.rgba))
    assert {tuple(p) for p in hard[find_ink(hard)].tolist()} == {(*RED, 255)}


def test_faded_lines_keep_their_ink() -> None:
    pale = fade(FIGURE.line, 0.4)
    assert line_coverage(pale).max() == 102
    np.testing.assert_array_equal(find_ink(pale), find_ink(FIGURE.line))


def test_trace_lines_change_their_hue_and_nothing_else() -> None:
    room = two_rooms(RED)
    traced = trace_mask(room.line)
    assert traced.any()
    hues = set()
    for seed in range(8):
        line = recolor_traces(room.line, np.random.default_rng(seed))
        np.testing.assert_array_equal(line[~traced], room.line[~traced])
        np.testing.assert_array_equal(line_coverage(line), line_coverage(room.line))
        np.testing.assert_array_equal(trace_mask(line), traced)
        hues.add(tuple(line[traced][0].tolist()))
    assert len(hues) > 2


# --- one of two, two of one ---------------------------------------------------------------------


def test_rooms_without_the_wall_are_one_with_the_larger_ones_truth() -> None:
    room = two_rooms()
    large = room.regions[room.labels[40, 40] - 1]
    found = drop_lines(room, 1, np.random.default_rng(0))
    assert_whole(found)
    assert len(found) == 2
    assert found.labels[40, 40] == found.labels[40, 80] == found.labels[40, 70]
    assert found.regions[found.labels[40, 40] - 1] == large
    assert line_coverage(found.line)[20:60, 65:76].max() == 0


def test_rooms_of_like_size_and_two_colors_stay_apart() -> None:
    room = two_rooms(wall=50)
    assert drop_lines(room, 3, np.random.default_rng(0)) is room
    alike = dataclasses.replace(room, colors=np.full_like(room.colors, 90))
    assert len(drop_lines(alike, 1, np.random.default_rng(0))) == 2


def test_dropped_traces_join_what_they_parted() -> None:
    room = two_rooms(RED)
    found = drop_traces(room)
    assert_whole(found)
    assert len(found) == len(room) - 1
    assert found.regions[found.labels[40, 80] - 1] == room.regions[room.labels[40, 40] - 1]
    assert drop_traces(found) is found


def test_strays_split_segments_into_parts_of_the_same_region() -> None:
    most = 0
    for seed in range(10):
        found = add_strays(FIGURE, 2, np.random.default_rng(seed))
        assert_whole(found)
        assert set(found.regions) <= set(FIGURE.regions)
        same = find_ink(FIGURE.line) <= find_ink(found.line)
        assert same.all()
        most = max(most, len(found) - len(FIGURE))
    assert most >= 2


# --- boxes --------------------------------------------------------------------------------------


def test_jittered_boxes_stay_boxes() -> None:
    boxes = np.array([[0, 0, 10, 4], [5, 5, 6, 6]], np.float32)
    found = jitter_boxes(boxes, 0.3, np.random.default_rng(0))
    assert found.dtype == np.float32
    assert (found[:, 2:] > found[:, :2]).all()
    assert (np.abs(found - boxes) <= 0.3 * np.array([[10, 4, 10, 4], [1, 1, 1, 1]]) + 1e-5).all()
    np.testing.assert_array_equal(jitter_boxes(boxes, 0.0, np.random.default_rng(0)), boxes)
    assert jitter_boxes(np.zeros((0, 4)), 0.1, np.random.default_rng(0)).shape == (0, 4)
