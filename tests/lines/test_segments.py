"""Label maps and tables, against pixel by pixel references and drawings counted by hand."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from shiage.lines.lineart import extract_lineart
from shiage.lines.segments import SegmentSettings, describe_segments, find_segments, spread_labels
from shiage.structures import Segments
from tests.drawings import (
    Sheet,
    at,
    character,
    count_contacts,
    enlarged,
    flood,
    lineart_from_text,
    lineart_of,
    map_from_text,
)

EXACT = SegmentSettings(gap="off", min_area=1)


def segments_of(text: str, settings: SegmentSettings = EXACT) -> Segments:
    return find_segments(lineart_from_text(text), settings)


# --- label map ----------------------------------------------------------------------------------


@pytest.mark.parametrize("share", [0.1, 0.35, 0.5, 0.65, 0.9])
def test_labels_equal_a_flood_fill_in_raster_order(share: float) -> None:
    rng = np.random.default_rng(int(100 * share))
    for _ in range(40):
        height, width = rng.integers(1, 20, 2)
        ink = rng.random((height, width)) < share
        segments = find_segments(lineart_of(ink), EXACT)
        np.testing.assert_array_equal(segments.labels, flood(~ink))
        assert segments.labels.dtype == np.int32


def test_a_large_map_is_numbered_in_raster_order_too() -> None:
    # Past some size OpenCV labels stripes in parallel and joins them.
    ink = np.random.default_rng(0).random((600, 500)) < 0.45
    labels = find_segments(lineart_of(ink), EXACT).labels
    values, first = np.unique(labels, return_index=True)
    assert values.tolist() == list(range(len(values)))
    assert (np.diff(first[1:]) > 0).all()


@pytest.mark.parametrize("flip", [False, True])
def test_a_diagonal_line_of_single_pixels_parts_its_sides(flip: bool) -> None:
    ink = np.eye(9, dtype=bool)
    segments = find_segments(lineart_of(ink[:, ::-1] if flip else ink), EXACT)
    assert segments.area.tolist() == [36, 36]


@pytest.mark.parametrize(
    ("height", "width", "ink", "areas"),
    [
        (1, 1, 0, [1]),
        (1, 1, 1, []),
        (1, 9, 0, [9]),
        (9, 1, 0, [9]),
        (1, 9, 1, []),
        (5, 7, 0, [35]),
        (5, 7, 1, []),
    ],
)
@pytest.mark.parametrize("settings", [SegmentSettings(), EXACT, SegmentSettings(gap=9)])
def test_blank_and_black_pictures(
    height: int, width: int, ink: int, areas: list[int], settings: SegmentSettings
) -> None:
    segments = find_segments(lineart_of(np.full((height, width), ink)), settings)
    assert segments.area.tolist() == areas
    assert segments.touches_border.tolist() == [True] * len(areas)
    assert segments.container.tolist() == [0] * len(areas)
    assert segments.neighbors.shape == (0, 3)
    assert segments.size_hw == (height, width)


def test_a_single_row_and_column() -> None:
    row = segments_of("..#...#.")
    assert row.labels.tolist() == [[1, 1, 0, 2, 2, 2, 0, 3]]
    assert row.neighbors.tolist() == [[1, 2, 1], [2, 3, 1]]
    column = find_segments(lineart_of(np.array([[0, 0, 1, 0]]).T), EXACT)
    assert column.labels.ravel().tolist() == [1, 1, 0, 2]
    assert column.neighbors.tolist() == [[1, 2, 1]]


# --- table --------------------------------------------------------------------------------------

FRAME = """
..........
.########.
.#......#.
.#.####.#.
.#.#..#.#.
.#.####.#.
.#......#.
.########.
..........
"""


def test_table_of_a_box_in_a_box() -> None:
    segments = segments_of(FRAME)
    assert segments.area.tolist() == [34, 18, 2]
    assert segments.box_xyxy.tolist() == [[0, 0, 10, 9], [2, 2, 8, 7], [4, 4, 6, 5]]
    np.testing.assert_allclose(segments.centroid_xy, [[4.5, 4], [4.5, 4], [4.5, 4]])
    assert segments.touches_border.tolist() == [True, False, False]
    assert segments.container.tolist() == [0, 1, 2]
    # 1-2: six columns above and below, five rows left and right; 2-3: two columns, one row.
    assert segments.neighbors.tolist() == [[1, 2, 22], [2, 3, 6]]


def test_table_of_an_uneven_region() -> None:
    segments = segments_of("#...#\n#.###\n#.#..\n###..")
    assert segments.area.tolist() == [5, 4]
    assert segments.box_xyxy.tolist() == [[1, 0, 4, 3], [3, 2, 5, 4]]
    np.testing.assert_allclose(segments.centroid_xy, [[8 / 5, 3 / 5], [3.5, 2.5]], rtol=1e-6)
    assert segments.touches_border.tolist() == [True, True]


@pytest.mark.parametrize(
    ("text", "touches"),
    [
        ("###\n#.#\n###", False),
        ("#.#\n###\n###", True),
        ("###\n###\n#.#", True),
        ("###\n.##\n###", True),
        ("###\n##.\n###", True),
    ],
)
def test_touches_border_on_each_side(text: str, touches: bool) -> None:
    assert segments_of(text).touches_border.tolist() == [touches]


def test_containers_of_a_circle_in_a_box_in_a_frame() -> None:
    sheet = Sheet(120, 120).box((5, 5), (114, 114)).box((25, 25), (95, 95)).circle((60, 60), 20)
    segments = find_segments(extract_lineart(sheet.rgba))
    assert len(segments) == 4
    order = [at(segments, xy) for xy in ((0, 0), (10, 10), (30, 30), (60, 60))]
    assert order == [1, 2, 3, 4]
    assert segments.container.tolist() == [0, 1, 2, 3]


def test_containers_of_eyes_in_a_face() -> None:
    sheet = Sheet(140, 120, thickness=2).ellipse((60, 70), (45, 55))
    sheet.circle((42, 60), 9).circle((78, 60), 9)  # eyes
    sheet.circle((42, 60), 3).circle((78, 60), 3)  # pupils
    segments = find_segments(extract_lineart(sheet.rgba))
    face, left, right, left_pupil, right_pupil = (
        at(segments, xy) for xy in ((60, 90), (42, 54), (78, 54), (42, 60), (78, 60))
    )
    container = [0, *segments.container.tolist()]
    assert len(segments) == 6
    assert container[face] == at(segments, (0, 0))
    assert container[left] == container[right] == face
    assert (container[left_pupil], container[right_pupil]) == (left, right)


def test_a_part_that_touches_another_from_inside_has_the_same_container() -> None:
    # Both halves of a box lie in the background, since one line encloses both.
    sheet = Sheet(60, 60).box((10, 10), (50, 50)).line((30, 10), (30, 50))
    segments = find_segments(extract_lineart(sheet.rgba))
    assert segments.container.tolist() == [0, 1, 1]


@pytest.mark.parametrize("gap", [0, 5])
def test_containers_do_not_depend_on_a_closed_gap(gap: int) -> None:
    sheet = Sheet(80, 80).box((5, 5), (74, 74)).box((20, 20), (60, 60))
    sheet.line((20, 40), (40 - gap, 40)).line((40, 40), (60, 40))
    segments = find_segments(extract_lineart(sheet.rgba), SegmentSettings(gap=10))
    upper, lower = at(segments, (40, 30)), at(segments, (40, 50))
    around = at(segments, (10, 10))
    assert upper != lower
    assert segments.container[[upper - 1, lower - 1]].tolist() == [around, around]


def test_contacts_equal_a_count_pixel_by_pixel() -> None:
    rng = np.random.default_rng(5)
    for width in (1.0, 2.0, 4.4):
        for _ in range(20):
            ink = rng.random((14, 18)) < 0.4
            segments = find_segments(lineart_of(ink, width), EXACT)
            counted = count_contacts(segments.labels, 2 * round(width) + 4)
            rows = segments.neighbors.tolist()
            assert {(a, b): n for a, b, n in rows} == counted
            assert rows == sorted(rows)


@pytest.mark.parametrize(("thickness", "neighbors"), [(6, [[1, 2, 10]]), (7, [])])
def test_segments_across_a_wide_line_are_no_neighbors(
    thickness: int, neighbors: list[list[int]]
) -> None:
    ink = np.zeros((10, 30), bool)
    ink[:, 10 : 10 + thickness] = True
    assert find_segments(lineart_of(ink), EXACT).neighbors.tolist() == neighbors


# --- specks and slivers -------------------------------------------------------------------------

SPECK = """
................
.####...........
.#..#...........
.####...........
................
################
................
................
"""


@pytest.mark.parametrize(("min_area", "count"), [(1, 3), (2, 3), (3, 2), (5, 2)])
def test_a_speck_is_smaller_than_min_area(min_area: int, count: int) -> None:
    segments = segments_of(SPECK, SegmentSettings(gap="off", min_area=min_area))
    assert len(segments) == count


def test_a_speck_joins_the_segment_around_it() -> None:
    segments = segments_of(SPECK, SegmentSettings(gap="off", min_area=5))
    assert segments.labels[2, 2:4].tolist() == [1, 1]
    assert segments.area.tolist() == [5 * 16 - 10, 2 * 16]
    assert segments.neighbors.tolist() == [[1, 2, 16]]


@pytest.mark.parametrize("flip", [False, True])
def test_a_speck_joins_the_neighbor_of_longest_contact(flip: bool) -> None:
    # The speck is 3 wide; the left segment faces it from three sides, the right one from one.
    text = "\n".join(
        [
            ".....#........",
            ".######.......",
            ".#...##.......",
            ".######.......",
            ".....#........",
            ".....#........",
        ]
    )
    ink = map_from_text(text)
    segments = find_segments(
        lineart_of(ink[:, ::-1] if flip else ink), SegmentSettings(gap="off", min_area=4)
    )
    labels = segments.labels[:, ::-1] if flip else segments.labels
    assert len(segments) == 2
    assert labels[2, 3] == labels[2, 0] != labels[2, 8]


def test_merged_segments_are_numbered_by_their_first_pixel() -> None:
    # The speck in the corner joins the lower segment, whose first pixel it then is.
    text = """
    ..#....
    ###....
    #######
    .......
    """
    segments = segments_of(text, SegmentSettings(gap="off", min_area=3))
    assert segments.labels[:, [0, 3]].tolist() == [[1, 2], [0, 2], [0, 0], [1, 1]]


def test_thousands_of_specks_join_what_they_lie_in() -> None:
    ink = np.zeros((400, 400), bool)
    for y in range(2, 196, 4):
        for x in range(2, 396, 4):
            ink[y - 1 : y + 2, x - 1 : x + 2] = True
            ink[y, x] = False
    ink[200] = True
    segments = find_segments(lineart_of(ink), SegmentSettings(gap="off"))
    assert len(segments) == 2
    assert (segments.labels[2:196:4, 2:396:4] == 1).all()
    assert segments.area.tolist() == [int((~ink[:200]).sum()), 199 * 400]


def test_where_all_is_specks_the_largest_stays() -> None:
    segments = segments_of("..#.\n..#.\n####\n....", SegmentSettings(gap="off", min_area=50))
    assert len(segments) == 1
    assert (segments.labels > 0).sum() == 4 + 2 + 4


SLIVER = """
................
................
................
.##############.
.#............#.
.#............#.
.##############.
.##############.
.#............#.
.#............#.
.#............#.
.##############.
................
"""


@pytest.mark.parametrize(("merge", "count"), [(False, 3), (True, 2)])
def test_slivers_are_kept_or_merged(merge: bool, count: int) -> None:
    # The upper box is 2 pixels high inside, the lower one 3.
    settings = SegmentSettings(gap="off", merge_slivers=merge)
    segments = segments_of(SLIVER, settings)
    assert len(segments) == count
    assert segments.labels[9, 5] != segments.labels[0, 0]
    sliver_stands = segments.labels[4, 5] not in (segments.labels[0, 0], segments.labels[9, 5])
    assert sliver_stands is not merge


# --- describe and spread ------------------------------------------------------------------------


def test_describing_found_labels_gives_the_same_table() -> None:
    lineart = extract_lineart(character())
    found = find_segments(lineart, SegmentSettings(gap="off", min_area=1))
    told = describe_segments(found.labels, max_contact=2 * round(lineart.line_width) + 4)
    for name in ("area", "box_xyxy", "centroid_xy", "touches_border", "container", "neighbors"):
        np.testing.assert_array_equal(getattr(told, name), getattr(found, name), err_msg=name)


def test_describing_labels_that_touch_and_lie_apart() -> None:
    labels = map_from_text("1122\n1122\n3301")
    segments = describe_segments(labels)
    assert segments.area.tolist() == [5, 4, 2]
    assert segments.box_xyxy.tolist() == [[0, 0, 4, 3], [2, 0, 4, 2], [0, 2, 2, 3]]
    # 1-2: two rows, and one column at the right; 1-3: two columns, and one row across the ink.
    assert segments.neighbors.tolist() == [[1, 2, 3], [1, 3, 3]]


def test_describing_a_map_without_segments() -> None:
    segments = describe_segments(np.zeros((4, 5), np.int32))
    assert len(segments) == 0
    assert segments.box_xyxy.shape == (0, 4)
    assert segments.neighbors.shape == (0, 3)


def test_spread_gives_each_ink_pixel_the_nearest_label() -> None:
    labels = map_from_text("1....2\n1....2\n......")
    assert spread_labels(labels).tolist() == [[1, 1, 1, 2, 2, 2]] * 3
    assert labels[0].tolist() == [1, 0, 0, 0, 0, 2]  # not changed


@pytest.mark.parametrize("label", [0, 3])
def test_spread_of_one_value_is_itself(label: int) -> None:
    labels = np.full((3, 4), label, np.int32)
    np.testing.assert_array_equal(spread_labels(labels), labels)


def test_spread_keeps_segments_and_leaves_no_ink() -> None:
    labels = find_segments(extract_lineart(character())).labels
    spread = spread_labels(labels)
    assert (spread > 0).all()
    assert (spread[labels > 0] == labels[labels > 0]).all()


# --- determinism --------------------------------------------------------------------------------


@pytest.mark.usefixtures("cv2_threads")
def test_same_bytes_on_each_run_and_with_any_number_of_threads() -> None:
    big = enlarged(character(), 4)
    seen = set()
    for threads in (1, 1, 2, 8):
        cv2.setNumThreads(threads)
        s = find_segments(extract_lineart(big), SegmentSettings(gap=20))
        arrays = (s.labels, s.area, s.box_xyxy, s.centroid_xy, s.container, s.neighbors)
        seen.add(b"".join(a.tobytes() for a in (*arrays, s.gaps.ends_xyxy)))
    assert len(seen) == 1
