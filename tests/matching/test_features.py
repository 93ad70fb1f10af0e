"""Features: what moves with the figure, what stays put, and moments against sums over pixels."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from shiage.lines.lineart import extract_lineart
from shiage.lines.segments import SegmentSettings, describe_segments, find_segments
from shiage.matching.features import SegmentFeatures, compute_features, figure_box
from shiage.structures import LabelMap, Segments
from tests.drawings import Rgba, Sheet, at, character, enlarged, map_from_text

OFF = SegmentSettings(gap="off", min_area=1)


def of(rgba: Rgba) -> tuple[SegmentFeatures, Segments]:
    segments = find_segments(extract_lineart(rgba), OFF)
    return compute_features(segments), segments


def brute_form(mask: NDArray[np.bool_]) -> NDArray[np.float64]:
    """(5,) the form of one region, each pixel cut into 40 x 40 points."""
    fine = 40
    y, x = np.nonzero(mask)
    offset = (np.arange(fine) + 0.5) / fine - 0.5
    px = (x[:, None, None] + offset[None, :, None]).repeat(fine, 2).ravel() - x.mean()
    py = (y[:, None, None] + offset[None, None, :]).repeat(fine, 1).ravel() - y.mean()
    area = float(len(x))

    def n(p: int, q: int) -> float:
        return float((px**p * py**q).sum() / fine**2 / area ** (1 + (p + q) / 2))

    width, height = x.max() - x.min() + 1, y.max() - y.min() + 1
    spread = np.hypot(n(2, 0) - n(0, 2), 2 * n(1, 1))
    hu3 = (n(3, 0) - 3 * n(1, 2)) ** 2 + (3 * n(2, 1) - n(0, 3)) ** 2
    hu4 = (n(3, 0) + n(1, 2)) ** 2 + (n(2, 1) + n(0, 3)) ** 2
    total = n(2, 0) + n(0, 2)
    return np.array(
        [
            np.log(width / height),
            area / (width * height),
            np.log(total * 2 * np.pi) + spread / total,
            hu3**0.25,
            hu4**0.25,
        ]
    )


@pytest.mark.parametrize(
    "text",
    [
        "1111\n1000\n1000",
        "0110\n1111\n1101\n0001",
        "11111111",
        "1\n1\n1",
        "100\n110\n111",
        "1",
        "1010\n1111\n0111\n0010\n0011",
    ],
)
def test_form_equals_moments_summed_over_pixels(text: str) -> None:
    labels = np.pad(map_from_text(text), 2)
    form = compute_features(describe_segments(labels)).form
    np.testing.assert_allclose(form[0], brute_form(labels == 1), atol=2e-2)
    np.testing.assert_allclose(form[0, :3], brute_form(labels == 1)[:3], atol=1e-3)


def test_forms_of_a_square_and_a_disc() -> None:
    labels = np.zeros((120, 240), np.int32)
    labels[10:110, 10:110] = 1
    disc = np.zeros((120, 240), np.uint8)
    cv2.circle(disc, (180, 60), 45, 1, -1)
    labels[disc > 0] = 2
    form = compute_features(describe_segments(labels)).form
    np.testing.assert_allclose(form[0], [0, 1, np.log(np.pi / 3), 0, 0], atol=1e-6)
    np.testing.assert_allclose(form[1, :3], [0, np.pi / 4, 0], atol=0.02)


# --- invariance ---------------------------------------------------------------------------------


def test_figure_place_and_form_do_not_change_when_the_figure_walks() -> None:
    (here, segments), (there, moved) = of(character()), of(character(20, 12))
    assert len(here) == len(there) > 12
    inner = ~segments.touches_border
    assert (moved.touches_border == segments.touches_border).all()
    np.testing.assert_allclose(here.figure_place[inner], there.figure_place[inner], atol=1e-6)
    np.testing.assert_allclose(here.form[inner], there.form[inner], atol=1e-5)
    np.testing.assert_allclose(here.log_size[inner], there.log_size[inner], atol=1e-9)
    moved_by = np.array([20, 12]) / 240
    shift = np.broadcast_to(moved_by, here.place[inner].shape)
    np.testing.assert_allclose(there.place[inner] - here.place[inner], shift, atol=1e-6)


def test_no_feature_depends_on_the_resolution() -> None:
    small = character()
    large = enlarged(small, 3)
    (one, segments), (two, tripled) = of(small), of(large)
    assert len(one) == len(two)
    inner = ~segments.touches_border
    assert (tripled.touches_border == segments.touches_border).all()
    for name in ("box", "place", "figure_place", "log_size", "form"):
        np.testing.assert_allclose(
            getattr(one, name)[inner], getattr(two, name)[inner], atol=0.02, err_msg=name
        )
    np.testing.assert_array_equal(one.depth, two.depth)
    np.testing.assert_array_equal(one.on_border, two.on_border)


def test_form_does_not_change_much_with_the_size_of_a_part() -> None:
    sheet = Sheet(200, 300).ellipse((60, 100), (20, 10), 30).ellipse((200, 100), (60, 30), 30)
    features, segments = of(sheet.rgba)
    small, large = at(segments, (60, 100)) - 1, at(segments, (200, 100)) - 1
    np.testing.assert_allclose(features.form[small], features.form[large], atol=0.12)
    assert features.log_size[large] - features.log_size[small] == pytest.approx(np.log(3), abs=0.08)


# --- the others ---------------------------------------------------------------------------------


def test_depth_counts_what_lies_around() -> None:
    sheet = Sheet(120, 120).box((5, 5), (114, 114)).box((25, 25), (95, 95)).circle((60, 60), 20)
    sheet.circle((60, 60), 8).circle((15, 60), 4)
    features, segments = of(sheet.rgba)
    depth = {
        point: features.depth[at(segments, point) - 1]
        for point in ((0, 0), (10, 10), (30, 30), (60, 45), (60, 60), (15, 60))
    }
    assert list(depth.values()) == [0, 1, 2, 3, 4, 2]


def test_adjacency_is_the_share_of_contact() -> None:
    labels = map_from_text("1122\n1122\n3333")
    adjacency = compute_features(describe_segments(labels)).adjacency
    np.testing.assert_allclose(adjacency, [[0, 1 / 2, 1 / 2], [1 / 2, 0, 1 / 2], [0.5, 0.5, 0]])


def test_a_segment_alone_has_no_adjacency() -> None:
    features = compute_features(describe_segments(np.ones((5, 5), np.int32)))
    assert features.adjacency.tolist() == [[0]]
    assert features.on_border.tolist() == [1]
    assert features.depth.tolist() == [0]


def test_lengths_are_in_units_of_the_longer_side() -> None:
    labels: LabelMap = np.zeros((50, 100), np.int32)
    labels[10:20, 40:60] = 1
    features = compute_features(describe_segments(labels))
    np.testing.assert_allclose(features.box, [[0.4, 0.1, 0.6, 0.2]])
    np.testing.assert_allclose(features.place, [[0.495, 0.145]])
    np.testing.assert_allclose(features.log_size, [np.log(np.sqrt(200) / 100)])


@pytest.mark.parametrize(("points", "origin", "extent"), [
    ([], (0, 0), (30, 20)),
    ([(4, 7)], (4, 7), (1, 1)),
    ([(4, 7), (10, 3)], (4, 3), (7, 5)),
])  # fmt: skip
def test_figure_box(
    points: list[tuple[int, int]], origin: tuple[int, int], extent: tuple[int, int]
) -> None:
    labels = np.ones((20, 30), np.int32)
    for x, y in points:
        labels[y, x] = 0
    found_origin, found_extent = figure_box(describe_segments(labels))
    assert (tuple(found_origin), tuple(found_extent)) == (origin, extent)


def test_no_segments_no_features() -> None:
    features = compute_features(describe_segments(np.zeros((6, 7), np.int32)))
    assert len(features) == 0
    assert features.form.shape == (0, 5)
    assert features.adjacency.shape == (0, 0)
