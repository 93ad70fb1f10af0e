"""Which openings are closed, which stay open, and where the marks lie."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import pytest

from shiage.lines.gaps import GapRadius, draw_barriers, find_gaps, find_tips
from shiage.lines.lineart import extract_lineart
from shiage.lines.segments import SegmentSettings, find_segments
from shiage.structures import Gaps, Segments
from tests.drawings import Rgba, Sheet, at, lineart_of

INSIDE, OUTSIDE = (50, 50), (2, 2)


def close(rgba: Rgba, gap: GapRadius) -> Segments:
    return find_segments(extract_lineart(rgba), SegmentSettings(gap=gap))


def is_closed(segments: Segments) -> bool:
    return at(segments, INSIDE) != at(segments, OUTSIDE)


def open_box(gap: int, thickness: int = 1, soft: bool = False) -> Rgba:
    """A box with `gap` blank pixels in the middle of its right side."""
    sheet = Sheet(100, 100, thickness=thickness, soft=soft).box((20, 20), (80, 80))
    start = 50 - gap // 2
    sheet.rgba[start : start + gap, 70:90] = 255
    return sheet.rgba


def open_circle(gap: int, thickness: int = 1, soft: bool = False) -> Rgba:
    """A circle with `gap` blank pixels at its right."""
    sheet = Sheet(100, 100, thickness=thickness, soft=soft).circle((50, 50), 30)
    start = 50 - gap // 2
    sheet.rgba[start : start + gap, 70:90] = 255
    return sheet.rgba


def closed_art() -> dict[str, Rgba]:
    """Drawings without any gap."""
    grid = Sheet(120, 120)
    for place in range(10, 111, 20):
        grid.line((place, 10), (place, 110)).line((10, place), (110, place))
    star = Sheet(120, 120, thickness=2)
    star.polyline([(60, 5), (75, 110), (10, 40), (110, 40), (45, 110)], closed=True)
    soft = Sheet(120, 120, thickness=2, soft=True).circle((60, 60), 50).box((30, 40), (50, 60))
    crossing = Sheet(120, 120).line((0, 0), (119, 119)).line((0, 119), (119, 0))
    crossing.line((60, 0), (60, 119)).line((0, 60), (119, 60))
    locks = Sheet(120, 120, thickness=2)
    for x in range(10, 110, 12):  # narrow teeth whose points are sharp
        locks.polyline([(x, 100), (x + 6, 20), (x + 12, 100)])
    locks.line((10, 100), (118, 100))
    return {"grid": grid.rgba, "star": star.rgba, "soft": soft.rgba, "x": crossing.rgba} | {
        "locks": locks.rgba
    }


@pytest.mark.parametrize("name", ["grid", "star", "soft", "x", "locks"])
def test_closed_art_is_not_changed_by_gap_closing(name: str) -> None:
    rgba = closed_art()[name]
    auto, off = close(rgba, "auto"), close(rgba, "off")
    np.testing.assert_array_equal(auto.labels, off.labels)
    assert len(auto.gaps) == 0


@pytest.mark.parametrize("thickness", [1, 2, 3])
@pytest.mark.parametrize("gap", [3, 4, 7, 10])
@pytest.mark.parametrize("draw", [open_circle, open_box])
def test_a_gap_is_closed_from_its_own_length_on(
    draw: Callable[[int, int, bool], Rgba], gap: int, thickness: int
) -> None:
    rgba = draw(gap, thickness, False)
    assert [is_closed(close(rgba, r)) for r in (gap - 1, gap, gap + 1, gap + 5)] == [
        False,
        True,
        True,
        True,
    ]


@pytest.mark.parametrize("thickness", [1, 2, 3])
@pytest.mark.parametrize("gap", [3, 6, 10])
@pytest.mark.parametrize("draw", [open_circle, open_box])
def test_an_antialiased_gap_is_closed_with_some_slack(
    draw: Callable[[int, int, bool], Rgba], gap: int, thickness: int
) -> None:
    rgba = draw(gap, thickness, True)
    assert not is_closed(close(rgba, gap - 2))
    assert is_closed(close(rgba, gap + 2))


@pytest.mark.parametrize(
    ("thickness", "gap", "closed"),
    [(1, 5, True), (1, 9, True), (1, 14, False), (3, 9, True), (3, 20, True), (3, 34, False)],
)
def test_auto_joins_a_broken_stroke_up_to_six_widths(
    thickness: int, gap: int, closed: bool
) -> None:
    assert is_closed(close(open_box(gap, thickness), "auto")) is closed


@pytest.mark.parametrize(("thickness", "gap", "closed"), [(1, 3, True), (1, 8, False), (3, 9, True),
                                                          (3, 16, False)])  # fmt: skip
def test_auto_joins_a_near_miss_up_to_two_and_a_half_widths(
    thickness: int, gap: int, closed: bool
) -> None:
    # The line in the middle ends `gap` pixels before the side of the box; no tip faces it.
    sheet = Sheet(100, 100, thickness=thickness).box((20, 20), (80, 80)).line((50, 20), (50, 80))
    side = 81 - thickness
    sheet.rgba[side - gap : side, 40:60] = 255
    segments = close(sheet.rgba, "auto")
    assert (at(segments, (30, 50)) != at(segments, (70, 50))) is closed


def test_off_closes_nothing() -> None:
    segments = close(open_circle(3), "off")
    assert not is_closed(segments)
    assert len(segments.gaps) == segments.gaps.radius == 0


@pytest.mark.parametrize(
    ("radius", "line_width", "told"),
    [("off", 9.0, 0), ("auto", 1.0, 6), ("auto", 4.0, 24), (0, 4.0, 0), (7, 4.0, 7)],
)
def test_the_radius_looked_within_is_told(radius: GapRadius, line_width: float, told: int) -> None:
    assert find_gaps(lineart_of(np.eye(30), line_width), radius).radius == told


# --- shapes of gaps -----------------------------------------------------------------------------


@pytest.mark.parametrize("thickness", [1, 2, 3])
@pytest.mark.parametrize("gap", [2, 3, 4])
def test_two_strokes_that_do_not_quite_meet_at_a_corner(gap: int, thickness: int) -> None:
    sheet = Sheet(100, 100, thickness=thickness)
    sheet.box((20, 20), (80, 80))
    left = 20 + thickness  # cv2 draws 1, 3, 5 pixels wide
    sheet.rgba[: 19 + 2 * thickness, left : left + gap] = 255
    assert not is_closed(close(sheet.rgba, "off"))
    assert is_closed(close(sheet.rgba, "auto"))


def test_a_stroke_that_stops_short_of_the_side_of_another() -> None:
    sheet = Sheet(100, 100, thickness=2).box((20, 20), (80, 80)).line((50, 20), (50, 75))
    segments = close(sheet.rgba, "auto")
    assert at(segments, (30, 50)) != at(segments, (70, 50))


@pytest.mark.parametrize("thickness", [1, 2, 3])
@pytest.mark.parametrize("gap", [3, 4, 5])
def test_a_dashed_outline_encloses_its_inside(gap: int, thickness: int) -> None:
    sheet = Sheet(100, 100, thickness=thickness).box((15, 15), (85, 85))
    for start in range(24, 76, gap + 9):
        sheet.rgba[start : start + gap] = 255
        sheet.rgba[:, start : start + gap] = 255
    assert not is_closed(close(sheet.rgba, "off"))
    assert is_closed(close(sheet.rgba, gap + 1))


def test_a_gap_in_a_trace_line_is_closed_too() -> None:
    sheet = Sheet(100, 100, thickness=2).circle((50, 50), 40)
    sheet.color = (255, 0, 0)
    sheet.line((50, 10), (50, 46)).line((50, 51), (50, 90))
    segments = close(sheet.rgba, "auto")
    assert at(segments, (30, 50)) != at(segments, (70, 50))


@pytest.mark.parametrize("soft", [False, True])
@pytest.mark.parametrize("thickness", [1, 2, 3])
def test_a_crease_that_ends_free_changes_nothing(thickness: int, soft: bool) -> None:
    sheet = Sheet(120, 120, thickness=thickness, soft=soft).circle((60, 60), 50)
    sheet.line((60, 45), (60, 80)).line((35, 60), (45, 75))
    sheet.polyline([(60, 10), (64, 25), (70, 30)])
    auto, off = close(sheet.rgba, "auto"), close(sheet.rgba, "off")
    np.testing.assert_array_equal(auto.labels, off.labels)
    assert len(auto.gaps) == 0


@pytest.mark.parametrize("radius", [1, 2])
def test_a_closing_that_would_part_a_sliver_is_undone(radius: int) -> None:
    # The hook's tip is 6 pixels from its own stem: what a closing would cut off is 5 x 6 pixels.
    sheet = Sheet(100, 100, thickness=radius).circle((50, 50), 45)
    sheet.polyline([(40, 20), (40, 60), (47, 60), (47, 54)])
    auto, off = close(sheet.rgba, "auto"), close(sheet.rgba, "off")
    np.testing.assert_array_equal(auto.labels, off.labels)


@pytest.mark.parametrize("thickness", [1, 2])
@pytest.mark.parametrize(("radius", "gap"), [(6, 5), (7, 8), (8, 8)])
@pytest.mark.parametrize("soft", [False, True])
def test_a_pocket_small_beside_its_opening_stays_open(
    radius: int, gap: int, thickness: int, soft: bool
) -> None:
    # The rule holds too where barriers from both tips run side by side, a pixel apart.
    for angle in range(0, 360, 15):
        sheet = Sheet(60, 60, thickness=thickness, soft=soft).circle((30, 30), radius)
        cos, sin = np.cos(np.deg2rad(angle)), np.sin(np.deg2rad(angle))
        y, x = np.mgrid[:60, :60] - 30
        sheet.rgba[(x * cos + y * sin > 0) & (abs(y * cos - x * sin) < gap / 2)] = 255
        segments = close(sheet.rgba, gap + 2)
        ends = segments.gaps.ends_xyxy
        assert len(ends) > 0 or len(segments) == len(close(sheet.rgba, "off")), angle
        length = np.linalg.norm(ends[:, 2:] - ends[:, :2], axis=1).min(initial=gap + 2)
        assert len(segments) == 1 or segments.area.min() > 3 * length**2, angle


# --- marks and barriers -------------------------------------------------------------------------


@pytest.mark.parametrize("soft", [False, True])
@pytest.mark.parametrize("thickness", [1, 2, 3])
@pytest.mark.parametrize("gap", [3, 4, 5, 6, 7, 8])
def test_marks_lie_at_the_gap(gap: int, thickness: int, soft: bool) -> None:
    segments = close(open_circle(gap, thickness, soft), gap + 3)
    assert is_closed(segments)
    assert len(segments.gaps) > 0
    for x0, y0, x1, y1 in segments.gaps.ends_xyxy.tolist():
        assert all(abs(x - 80) <= 2 for x in (x0, x1))
        assert max(abs(y0 - 50), abs(y1 - 50)) <= gap // 2 + 2


@pytest.mark.parametrize("gap", [3, 5])
def test_one_gap_is_marked_once(gap: int) -> None:
    segments = close(open_box(gap), gap + 1)
    assert len(segments.gaps) == 1, segments.gaps.ends_xyxy


@pytest.mark.parametrize("gap", [3, 6])
@pytest.mark.parametrize("thickness", [1, 2, 3])
def test_barrier_pixels_belong_to_segments(gap: int, thickness: int) -> None:
    rgba = open_circle(gap, thickness)
    segments = close(rgba, gap + 2)
    assert is_closed(segments)
    np.testing.assert_array_equal(segments.labels == 0, extract_lineart(rgba).ink)


def test_a_barrier_over_a_whole_speck_leaves_no_pinhole() -> None:
    # One blank pixel between thick strokes; whatever rays cross it, it is no ink.
    ink = np.zeros((40, 40), bool)
    ink[18:21, 5:35] = True
    ink[5:35, 18:21] = True
    ink[15:24, 15:24] = True
    ink[19, 19] = False
    lineart = lineart_of(ink, 3.0)
    for radius in (0, 3, 5, 9):
        segments = find_segments(lineart, SegmentSettings(gap=radius))
        assert (segments.labels[~ink] > 0).all()


def test_lines_that_cross_have_no_tips_and_a_free_line_has_two() -> None:
    cross = Sheet(60, 60).line((0, 30), (59, 30)).line((30, 0), (30, 59))
    for x, y in find_tips(extract_lineart(cross.rgba)).xy.tolist():
        assert min(x, y) <= 1 or max(x, y) >= 58  # where the drawing ends, nowhere else
    for thickness in (1, 2, 3):
        sheet = Sheet(60, 60, thickness=thickness).line((15, 30), (45, 30))
        tips = find_tips(extract_lineart(sheet.rgba))
        assert set(np.sign(tips.xy[:, 0] - 30).tolist()) == {-1, 1}
        for (x, y), direction in zip(tips.xy.tolist(), tips.direction.tolist(), strict=True):
            end, outward = (15, -1) if x < 30 else (45, 1)
            assert abs(x - end) <= thickness
            assert y == 30
            np.testing.assert_allclose(direction, [outward, 0], atol=0.1)


def test_no_ink_no_gaps() -> None:
    assert len(find_gaps(lineart_of(np.zeros((8, 8))), 5)) == 0


def test_barriers_stop_a_4_connected_region() -> None:
    gaps = Gaps(np.array([[0, 0, 9, 6]], np.int32), 12)
    barrier = draw_barriers(gaps, (7, 10))
    paper = find_segments(lineart_of(barrier), SegmentSettings(gap="off", min_area=1))
    assert at(paper, (9, 0)) != at(paper, (0, 6))


def test_a_gap_at_the_edge_of_the_drawing() -> None:
    # Lines that leave the frame are not closed to anything outside of it, and do not fail.
    sheet = Sheet(50, 50).line((0, 10), (49, 10)).line((0, 40), (45, 40))
    segments = close(sheet.rgba, 8)
    assert len(segments) == 2


@pytest.mark.parametrize("degrees", range(0, 360, 15))
def test_wide_gaps_are_closed_end_to_end_and_not_to_a_neighbor(degrees: int) -> None:
    size, side, gap = 600, 240, 80
    turned = cv2.getRotationMatrix2D((size / 2, size / 2), degrees, 1)

    def place(x: float, y: float) -> tuple[int, int]:
        moved = turned @ np.array([size / 2 + x, size / 2 + y, 1])
        return round(moved[0]), round(moved[1])

    sheet = Sheet(size, size, thickness=3)
    half = side / 2
    sheet.polyline(
        [place(half, -gap / 2), place(half, -half), place(-half, -half), place(-half, half)]
    )
    sheet.polyline([place(-half, half), place(half, half), place(half, gap / 2)])
    for x, y in ((60, -25), (60, 25), (140, -45), (140, 45)):
        sheet.circle(place(x, y), 14)
    segments = find_segments(extract_lineart(sheet.rgba), SegmentSettings(gap=100))
    assert at(segments, (2, 2)) != at(segments, place(-50, 0))
    assert at(segments, place(20, 0)) == at(segments, place(-50, 0))
