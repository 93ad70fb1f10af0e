"""What holds for any drawing whatever: random strokes, thick and thin, soft and colored."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from hypothesis import example, given, settings
from hypothesis import strategies as st

from shiage.colors.palette import Palette
from shiage.errors import ReferenceUnusable
from shiage.lines.lineart import extract_lineart
from shiage.lines.segments import SegmentSettings, find_segments
from shiage.matching import KnownColors, make_matcher
from shiage.matching.features import compute_features
from shiage.painting.compose import compose
from shiage.painting.covering import Covering, as_lines
from shiage.painting.reference import build_reference
from shiage.structures import UNKNOWN, LineArt, Segments
from tests.drawings import (
    BLACK,
    BLUE,
    GREEN,
    RED,
    Color,
    Rgba,
    distinct_colors,
    flood,
    palette_of,
)

SIDE = 56
COORDINATES = st.integers(-6, SIDE + 6)
POINTS = st.lists(st.tuples(COORDINATES, COORDINATES), min_size=2, max_size=5)
INKS: st.SearchStrategy[Color] = st.sampled_from([BLACK, BLACK, BLACK, RED, GREEN, BLUE])


@dataclass(frozen=True)
class Stroke:
    """A polyline, or an ellipse about its first point."""

    points: list[tuple[int, int]]
    round: bool
    thickness: int
    color: Color


STROKES = st.builds(Stroke, POINTS, st.booleans(), st.integers(1, 5), INKS)
BLACK_STROKES = st.builds(Stroke, POINTS, st.booleans(), st.integers(1, 5), st.just(BLACK))


def draw(strokes: list[Stroke], soft: bool, height: int, width: int) -> Rgba:
    rgba = np.full((height, width, 4), 255, np.uint8)
    kind = cv2.LINE_AA if soft else cv2.LINE_8
    for stroke in strokes:
        pen = ((*stroke.color, 255), stroke.thickness, kind)
        if stroke.round:
            (x, y), (u, v) = stroke.points[:2]
            axes = (abs(u - x) // 2 + 1, abs(v - y) // 2 + 1)
            cv2.ellipse(rgba, (x, y), axes, 0, 0, 360, *pen)
        else:
            cv2.polylines(rgba, [np.array(stroke.points, np.int32)], False, *pen)
    return rgba


def draw_at_random(seed: int, colored: bool, soft: bool) -> Rgba:
    """A busier drawing than hypothesis makes by itself: long strokes that cross and nearly meet."""
    rng = np.random.default_rng(seed)
    height, width = (int(side) for side in rng.integers(20, 80, 2))
    strokes = [
        Stroke(
            [
                (int(x), int(y))
                for x, y in rng.integers((-5, -5), (width + 5, height + 5), (rng.integers(2, 5), 2))
            ],
            bool(rng.random() < 0.25),
            int(rng.integers(1, 4)),
            (RED, GREEN, BLUE)[rng.integers(3)] if colored and rng.random() < 0.3 else BLACK,
        )
        for _ in range(rng.integers(1, 8))
    ]
    return draw(strokes, soft, height, width)


SIDES = st.integers(1, SIDE)
SEEDS = st.integers(0, 2**31)
DRAWINGS = st.one_of(
    st.builds(draw, st.lists(STROKES, max_size=7), st.booleans(), SIDES, SIDES),
    st.builds(draw_at_random, SEEDS, st.just(True), st.booleans()),
)
BINARY_BLACK = st.one_of(
    st.builds(draw, st.lists(BLACK_STROKES, max_size=7), st.just(False), SIDES, SIDES),
    st.builds(draw_at_random, SEEDS, st.just(False), st.just(False)),
)
SETTINGS = st.builds(
    SegmentSettings,
    gap=st.sampled_from(["auto", "off", 3, 8, 20]),
    min_area=st.sampled_from([1, 5, 12]),
    merge_slivers=st.booleans(),
)


@given(DRAWINGS)
def test_lineart_is_consistent(rgba: Rgba) -> None:
    before = rgba.copy()
    lineart = extract_lineart(rgba)
    np.testing.assert_array_equal(rgba, before)
    assert not lineart.trace[~lineart.ink].any()
    assert lineart.trace.max(initial=0) <= 4
    assert lineart.line_width >= 1
    if lineart.ink.any() and not lineart.ink.all():
        assert lineart.coverage[lineart.ink].min() > lineart.coverage[~lineart.ink].max()


# A speck that a barrier covers whole: it must not be left as a pinhole.
@example(draw_at_random(19, False, False), SegmentSettings())
@example(draw_at_random(116, False, True), SegmentSettings(gap=8))
@given(DRAWINGS, SETTINGS)
def test_labels_cover_all_that_is_not_ink(rgba: Rgba, how: SegmentSettings) -> None:
    lineart = extract_lineart(rgba)
    segments = find_segments(lineart, how)
    assert (segments.labels[lineart.ink] == 0).all()
    assert (segments.labels[~lineart.ink] > 0).all()
    assert np.unique(segments.labels[~lineart.ink]).tolist() == list(range(1, len(segments) + 1))
    assert int(segments.area.sum()) == int((~lineart.ink).sum())


@given(DRAWINGS, SETTINGS)
def test_labels_are_numbered_in_raster_order(rgba: Rgba, how: SegmentSettings) -> None:
    labels = find_segments(extract_lineart(rgba), how).labels
    values, first = np.unique(labels, return_index=True)
    assert (np.diff(first[values > 0]) > 0).all()


@given(DRAWINGS, SETTINGS)
def test_the_table_says_what_the_map_says(rgba: Rgba, how: SegmentSettings) -> None:
    segments = find_segments(extract_lineart(rgba), how)
    height, width = segments.size_hw
    for row in range(len(segments)):
        y, x = np.nonzero(segments.labels == row + 1)
        assert segments.area[row] == len(x)
        box = [x.min(), y.min(), x.max() + 1, y.max() + 1]
        assert segments.box_xyxy[row].tolist() == box
        np.testing.assert_allclose(segments.centroid_xy[row], [x.mean(), y.mean()], rtol=1e-5)
        at_edge = x.min() == 0 or y.min() == 0 or x.max() == width - 1 or y.max() == height - 1
        assert segments.touches_border[row] == at_edge


@given(DRAWINGS, SETTINGS)
def test_neighbors_and_containers_are_sound(rgba: Rgba, how: SegmentSettings) -> None:
    segments = find_segments(extract_lineart(rgba), how)
    n = len(segments)
    pairs = [tuple(row) for row in segments.neighbors[:, :2].tolist()]
    assert all(1 <= a < b <= n for a, b in pairs)
    assert len(set(pairs)) == len(pairs)
    assert (segments.neighbors[:, 2] > 0).all()
    container = [0, *segments.container.tolist()]
    for label in range(1, n + 1):
        seen = {label}
        while container[label]:
            label = container[label]
            assert label not in seen
            seen.add(label)
    depth = compute_features(segments).depth
    assert depth.max(initial=0) < max(n, 1)


@given(DRAWINGS)
def test_without_gaps_and_specks_labels_are_a_flood_fill(rgba: Rgba) -> None:
    lineart = extract_lineart(rgba)
    segments = find_segments(lineart, SegmentSettings(gap="off", min_area=1))
    np.testing.assert_array_equal(segments.labels, flood(~lineart.ink))


# Closings that stand unmarked, and marks of closings that another one's undoing opened again.
@example(draw_at_random(8, False, False), 8)
@example(draw_at_random(61, False, False), 20)
@example(draw_at_random(181, False, False), 3)
@example(draw_at_random(1333, False, False), 20)
@given(DRAWINGS, st.sampled_from([3, 8, 20]))
def test_closing_gaps_only_splits_segments(rgba: Rgba, radius: int) -> None:
    lineart = extract_lineart(rgba)
    apart = find_segments(lineart, SegmentSettings(gap="off", min_area=1))
    closed = find_segments(lineart, SegmentSettings(gap=radius, min_area=1))
    assert len(closed) >= len(apart)
    pairs = np.unique(np.stack([closed.labels, apart.labels])[:, ~lineart.ink], axis=1)
    assert pairs.shape[1] == len(closed)  # each closed segment lies in one open one
    assert (len(closed.gaps) > 0) == (len(closed) > len(apart))


def painted(rgba: Rgba, lineart: LineArt, segments: Segments, palette: Palette) -> Rgba:
    ids = (np.arange(len(segments), dtype=np.int32) % (len(palette) - 1)) + 1
    before = rgba.copy()
    out = compose(Covering(rgba, lineart), segments.labels, ids.astype(np.int32), palette)
    np.testing.assert_array_equal(rgba, before)
    return np.asarray(out, np.uint8)


@given(BINARY_BLACK, SETTINGS)
def test_binary_art_is_lines_as_they_were_and_exact_fills(rgba: Rgba, how: SegmentSettings) -> None:
    lineart = extract_lineart(rgba)
    segments = find_segments(lineart, how)
    palette = palette_of(*distinct_colors(max(1, len(segments))))
    out = painted(rgba, lineart, segments, palette)
    expected = palette.rgba_u8[segments.labels]
    expected[lineart.ink] = rgba[lineart.ink]
    np.testing.assert_array_equal(out, expected)


@given(DRAWINGS, SETTINGS)
def test_painting_leaves_full_lines_and_no_paper(rgba: Rgba, how: SegmentSettings) -> None:
    lineart = extract_lineart(rgba)
    segments = find_segments(lineart, how)
    palette = palette_of((40, 70, 90), (10, 120, 60), (110, 20, 10))
    out = painted(rgba, lineart, segments, palette)
    if not lineart.all_trace:
        full = (lineart.coverage >= 250) & lineart.ink & (lineart.trace == 0)
        if lineart.crossings is not None:  # there black takes the place of a trace
            full.ravel()[lineart.crossings.at] = False
        np.testing.assert_array_equal(out[full], rgba[full])
    traced = lineart.ink if lineart.all_trace else lineart.trace > 0
    bare = (lineart.coverage <= 5) & ~lineart.ink
    if len(segments):
        np.testing.assert_array_equal(
            out[bare], palette.rgba_u8[1:][(segments.labels[bare] - 1) % 3]
        )
        allowed = {tuple(row) for row in palette.rgba_u8[1:].tolist()}
        enclosed = cv2.connectedComponents(traced.astype(np.uint8), connectivity=4)[1]
        beside = cv2.dilate((segments.labels > 0).astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
        reached = np.isin(enclosed, np.unique(enclosed[beside & traced])) & traced
        if lineart.crossings is not None:  # there they are mixed with black
            reached.ravel()[lineart.crossings.at] = False
        assert {tuple(row) for row in out[reached].tolist()} <= allowed


@given(DRAWINGS, st.sampled_from([0, UNKNOWN]))
def test_nothing_known_nothing_painted(rgba: Rgba, nothing: int) -> None:
    lineart = extract_lineart(rgba)
    segments = find_segments(lineart)
    ids = np.full(len(segments), nothing, np.int32)
    kept = as_lines(lineart)
    out = compose(Covering(rgba, kept), segments.labels, ids, palette_of((9, 9, 9)))
    np.testing.assert_array_equal(out, rgba)


@given(BINARY_BLACK)
def test_what_is_painted_is_read_back(rgba: Rgba) -> None:
    lineart = extract_lineart(rgba)
    segments = find_segments(lineart)
    palette = palette_of(*distinct_colors(max(1, len(segments))))
    out = painted(rgba, lineart, segments, palette)
    try:
        reference, again = build_reference("A", out, rgba, palette)
    except ReferenceUnusable:
        assert len(segments) == 0
        return
    assert reference.color_ids.tolist() == list(range(1, len(segments) + 1))
    assert len(again) == len(palette)
    assert reference.warnings == ()


@settings(max_examples=25)
@given(DRAWINGS, DRAWINGS, st.sampled_from(["position", "shape", "flow"]), st.randoms())
def test_every_match_is_a_distribution(
    one: Rgba, other: Rgba, name: str, random: np.random.Generator
) -> None:
    matcher = make_matcher(name)
    known, total = [], 0
    for rgba in (one, other):
        lineart = extract_lineart(rgba)
        segments = find_segments(lineart)
        ids = [UNKNOWN if random.random() < 0.2 else i % 5 for i in range(len(segments))]
        trust = np.ones(len(ids), np.float32)
        known.append(KnownColors(matcher.encode(lineart, segments), np.array(ids, np.int32), trust))
        total += len(ids)
    match = matcher.match(known, known[0].encoded)
    assert match.scores.shape == (len(known[0].color_ids), total)
    assert (match.scores >= 0).all()
    np.testing.assert_allclose(match.scores.sum(axis=1), 1 - match.no_match, atol=1e-4)
    unknown = np.concatenate([k.color_ids for k in known]) == UNKNOWN
    assert (match.scores[:, unknown] == 0).all()
