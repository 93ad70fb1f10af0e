"""What an artist's strokes do to segments and lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Literal

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shiage.files.pictures import Pixels
from shiage.lines.lineart import extract_lineart
from shiage.lines.segments import (
    SegmentSettings,
    describe_segments,
    find_deep_points,
    find_inner_points,
    find_segments,
)
from shiage.painting.edits import Stroke, edit_segments, mend_lines
from shiage.structures import BoolMap, Gaps, LabelMap, LineArt, Segments
from tests.drawings import (
    Point,
    Rgba,
    Sheet,
    at,
    flood,
    lineart_from_text,
    lineart_of,
    map_from_text,
    on_grey,
    on_transparent,
    to_u16,
)

Kind = Literal["close", "pen", "erase", "join"]

ROOMS = """
    ###############
    #.............#
    #.............#
    #.............#
    ###############
    #......#......#
    #......#......#
    #......#......#
    ###############
"""
"""A wide room (label 1) over two small ones (2 and 3)."""

WIDE, LEFT, RIGHT = (3, 2), (3, 6), (11, 6)
"""A pixel of each room."""


def close(*points: Point) -> Stroke:
    return Stroke("close", points)


def pen(*points: Point, width: int = 1) -> Stroke:
    return Stroke("pen", points, width)


def erase(*points: Point, width: int = 1) -> Stroke:
    return Stroke("erase", points, width)


def join(*points: Point) -> Stroke:
    return Stroke("join", points)


def split(lineart: LineArt) -> Segments:
    """The regions of paper, no gaps closed, specks kept."""
    return describe_segments(flood(~lineart.ink))


def edit(text: str, *strokes: Stroke) -> Segments:
    """The segments of a picture in letters after strokes."""
    lineart = lineart_from_text(text)
    return edit_segments(lineart, split(lineart), strokes)


def labels_from_text(text: str) -> LabelMap:
    """(H, W) int32: digits are themselves, `#` is ink."""
    return map_from_text(text.replace("#", "0"))


def assert_unchanged(text: str, *strokes: Stroke) -> None:
    before = split(lineart_from_text(text))
    assert_same_table(edit(text, *strokes), before)


def assert_same_table(found: Segments, expected: Segments) -> None:
    for field in fields(Segments):
        one, other = getattr(found, field.name), getattr(expected, field.name)
        if isinstance(one, Gaps):
            one, other = one.ends_xyxy, other.ends_xyxy
        np.testing.assert_array_equal(one, other, err_msg=field.name)


def assert_same_parts(found: LabelMap, expected: LabelMap) -> None:
    """Both maps part the pixels in the same way, whatever their numbers."""
    pairs = np.unique(np.stack([found.ravel(), expected.ravel()]), axis=1)
    assert len(set(pairs[0].tolist())) == len(set(pairs[1].tolist())) == pairs.shape[1]


# --- closing lines ------------------------------------------------------------------------------


def test_without_strokes_nothing_is_done() -> None:
    lineart = lineart_from_text(ROOMS)
    segments = split(lineart)
    assert edit_segments(lineart, segments, ()) is segments


def test_a_closing_line_parts_a_segment() -> None:
    segments = edit(ROOMS, close((7, 0), (7, 4)))
    assert len(segments) == 4
    expected = labels_from_text("""
        ###############
        #1111111222222#
        #1111111222222#
        #1111111222222#
        ###############
        #333333#444444#
        #333333#444444#
        #333333#444444#
        ###############
    """)
    under = np.zeros_like(expected, bool)
    under[1:4, 7] = True  # the pixels under it go to either side
    np.testing.assert_array_equal(segments.labels[~under], expected[~under])
    assert np.isin(segments.labels[under], (1, 2)).all()


@pytest.mark.parametrize(
    "points",
    [
        [(7, 0), (7, 2)],  # stops one pixel short
        [(2, 2), (12, 2)],
        [(3, 2)],
        [(0, 4), (14, 4)],  # along ink
        [(7, 4), (7, 8)],
        [(0, 0)],
        [(-5, -5), (-5, 40)],  # outside
        [(99, 2)],
        [(-100_000, 50), (100_000, 50)],
    ],
)
@pytest.mark.parametrize("kind", ["close", "pen"])
def test_what_closes_nothing_changes_nothing(points: list[Point], kind: Kind) -> None:
    assert_unchanged(ROOMS, Stroke(kind, tuple(points)))


@pytest.mark.parametrize("kind", ["close", "pen"])
def test_a_line_through_several_segments_parts_each(kind: Kind) -> None:
    segments = edit(ROOMS, Stroke(kind, ((-3, 2), (20, 2), (20, 6), (-3, 6))))
    assert len(segments) == 6
    assert at(segments, (3, 1)) != at(segments, (3, 3))
    assert at(segments, (3, 5)) != at(segments, (3, 7))
    assert at(segments, (11, 5)) != at(segments, (11, 7))


def test_a_line_may_come_from_far_outside() -> None:
    segments = edit(ROOMS, close((7, -100_000), (7, 100_000)))
    assert len(segments) == 4  # it runs along the ink between the lower rooms
    assert at(segments, (3, 2)) != at(segments, (11, 2))


def test_a_slanted_line_lets_nothing_through() -> None:
    segments = edit(ROOMS, close((4, 0), (10, 4)))
    assert len(segments) == 4
    assert at(segments, (1, 2)) != at(segments, (13, 2))


def test_a_single_point_closes_a_door_of_one_pixel() -> None:
    text = """
        #########
        #...#...#
        #.......#
        #...#...#
        #########
    """
    assert len(split(lineart_from_text(text))) == 1
    for kind in ("close", "pen"):
        segments = edit(text, Stroke(kind, ((4, 2),)))
        assert len(segments) == 2
        assert at(segments, (2, 2)) == 1
        assert at(segments, (6, 2)) == 2


def test_a_line_that_touches_itself_parts_what_it_goes_around() -> None:
    sheet = lineart_of(np.pad(np.zeros((20, 20)), 1, constant_values=1))
    ring = close((5, 5), (15, 5), (15, 15), (5, 15), (5, 5))
    segments = edit_segments(sheet, split(sheet), [ring])
    assert len(segments) == 2
    assert at(segments, (10, 10)) == 2
    assert at(segments, (2, 2)) == at(segments, (19, 19)) == 1


def test_closing_lines_that_close_nothing_leave_no_trace() -> None:
    # Nobody sees a closing line that did not close; so a later one must not meet it.
    assert_unchanged(ROOMS, close((7, 0), (7, 2)), close((7, 4), (7, 3)))


# --- joins --------------------------------------------------------------------------------------


def test_a_join_makes_two_segments_one_across_ink() -> None:
    segments = edit(ROOMS, join(LEFT, RIGHT))
    expected = labels_from_text("""
        ###############
        #1111111111111#
        #1111111111111#
        #1111111111111#
        ###############
        #222222#222222#
        #222222#222222#
        #222222#222222#
        ###############
    """)
    np.testing.assert_array_equal(segments.labels, expected)
    assert segments.area.tolist() == [39, 36]


def test_a_join_counts_its_ends_alone() -> None:
    segments = edit(ROOMS, join(LEFT, (7, 6), (-4, -4), WIDE, RIGHT))
    assert at(segments, LEFT) == at(segments, RIGHT) != at(segments, WIDE)


@pytest.mark.parametrize(
    "points",
    [
        [LEFT, (7, 6)],  # to ink
        [(7, 6), LEFT],
        [(0, 0), (14, 8)],
        [LEFT, (99, 6)],  # to the outside
        [(-1, 2), WIDE],
        [LEFT, (4, 7)],  # to itself
        [LEFT, RIGHT, LEFT],
        [LEFT],
    ],
)
def test_a_join_that_leads_nowhere_changes_nothing(points: list[Point]) -> None:
    assert_unchanged(ROOMS, join(*points))


def test_joins_can_be_chained() -> None:
    assert len(edit(ROOMS, join(LEFT, RIGHT), join(WIDE, RIGHT))) == 1
    assert len(edit(ROOMS, join(WIDE, RIGHT), join(LEFT, RIGHT))) == 1


def test_what_is_joined_stays_so_when_a_later_line_closes_nothing() -> None:
    joined = edit(ROOMS, join(LEFT, RIGHT))
    for stroke in (close((11, 4), (11, 6)), pen((2, 6), (4, 6)), erase((7, 8), width=1)):
        assert_same_table(edit(ROOMS, join(LEFT, RIGHT), stroke), joined)


def test_a_parted_segment_keeps_what_was_joined_to_it_on_the_nearer_side() -> None:
    segments = edit(ROOMS, join(LEFT, RIGHT), close((11, 4), (11, 8)))
    assert len(segments) == 3
    assert at(segments, LEFT) == at(segments, (8, 6)) != at(segments, (13, 6))
    text = """
        ################
        #..............#
        #.##############
        #.##############
        #.#.......######
        #.#.......######
        ################
    """
    segments = edit(text, join((14, 1), (9, 4)), close((6, 3), (6, 6)))
    assert at(segments, (14, 1)) == at(segments, (4, 4)) != at(segments, (8, 4))


def test_specks_stay_with_their_segment_when_a_line_closes_nothing() -> None:
    lineart = lineart_from_text("""
        ###########
        #.........#
        #.........#
        #.........#
        ###########
        ########.##
        ###########
    """)
    segments = find_segments(lineart, SegmentSettings(gap="off", min_area=2))
    assert len(segments) == 1
    assert at(segments, (8, 5)) == 1  # a speck, joined across a line
    edited = edit_segments(lineart, segments, [close((3, 0), (3, 2))])
    np.testing.assert_array_equal(edited.labels, segments.labels)
    edited = edit_segments(lineart, segments, [close((3, 0), (3, 4))])
    assert len(edited) == 2
    assert at(edited, (8, 5)) == at(edited, (8, 3)) != at(edited, (1, 1))


# --- pen and eraser -----------------------------------------------------------------------------


def test_a_pen_stroke_parts_and_its_pixels_belong_to_a_side() -> None:
    segments = edit(ROOMS, pen((7, 0), (7, 4)))
    assert len(segments) == 4
    assert (segments.labels[1:4, 1:7] == 1).all()
    assert (segments.labels[1:4, 8:14] == 2).all()
    assert np.isin(segments.labels[1:4, 7], (1, 2)).all()


@pytest.mark.parametrize("width", [3, 4, 7])
def test_a_wide_pen_parts_and_is_shared_out(width: int) -> None:
    sheet = lineart_of(np.pad(np.zeros((20, 30)), 1, constant_values=1))
    segments = edit_segments(sheet, split(sheet), [pen((16, 0), (16, 30), width=width)])
    assert len(segments) == 2
    assert segments.area.sum() == 600
    assert abs(int(segments.area[0]) - int(segments.area[1])) <= 60  # half of it on either side
    assert (np.diff(segments.labels[1:21, 1:31], axis=1) >= 0).all()


def test_a_pen_over_a_whole_segment_leaves_it_there() -> None:
    assert_unchanged(ROOMS, pen((1, 6), (6, 6), width=5))
    # The pen alone would not have parted the room on the right; where it does, both remain.
    segments = edit(ROOMS, pen((0, 6), (11, 6), width=5), pen((11, 4), (11, 8)))
    assert at(segments, LEFT) not in (0, at(segments, WIDE), at(segments, (13, 6)))


def test_two_pen_strokes_that_meet_close_together() -> None:
    half = pen((7, 0), (7, 2))
    assert_unchanged(ROOMS, half)
    segments = edit(ROOMS, half, pen((7, 4), (7, 3)))
    assert_same_parts(segments.labels, edit(ROOMS, pen((7, 0), (7, 4))).labels)


def test_a_closing_line_may_end_on_a_pen_stroke() -> None:
    segments = edit(ROOMS, pen((7, 0), (7, 2)), close((7, 3), (7, 4)))
    assert len(segments) == 4
    assert at(segments, (3, 2)) != at(segments, (11, 2))


def test_erasing_unites_what_meets_in_the_gap() -> None:
    segments = edit(ROOMS, erase((7, 6)))
    assert len(segments) == 2
    assert at(segments, LEFT) == at(segments, RIGHT) == 2
    assert at(segments, WIDE) == 1
    assert at(segments, (7, 6)) == 0  # the drawing's ink stays
    assert len(edit(ROOMS, erase((7, 4), width=3))) == 1  # where three lines meet


@pytest.mark.parametrize(
    "stroke",
    [
        erase((3, 2), (9, 2)),  # paper
        erase((0, 2)),  # the frame, from one side
        erase((0, 0), (14, 0), width=1),
        erase((7, 8)),  # ink that touches paper only at its corners
        erase((50, 50), width=40),
    ],
)
def test_erasing_what_parts_nothing_changes_nothing(stroke: Stroke) -> None:
    assert_unchanged(ROOMS, stroke)


def test_erasing_the_end_of_a_line_changes_nothing() -> None:
    assert_unchanged(
        """
        #########
        #.......#
        #####...#
        #.......#
        #########
        """,
        erase((3, 2), (4, 2)),
    )


def test_erasing_within_thick_ink_unites_only_once_it_goes_through() -> None:
    text = """
        #########
        #.#####.#
        #.#####.#
        #########
    """
    strokes = [erase((4, 1)), erase((2, 1), (3, 1)), erase((5, 1), (6, 1))]
    assert_unchanged(text, *strokes[:2])
    assert len(edit(text, *strokes)) == 1


def test_erasing_along_a_slanted_line() -> None:
    sheet = lineart_of(np.eye(400))
    erased = edit_segments(sheet, split(sheet), [erase((0, 0), (399, 399), width=3)])
    assert len(split(sheet)) == 2
    assert len(erased) == 1
    np.testing.assert_array_equal(erased.labels, 1 - np.eye(400))


def test_the_order_of_strokes_matters() -> None:
    gap, line = erase((7, 5), (7, 7)), pen((7, 5), (7, 7))
    assert_unchanged(ROOMS, gap, line)  # drawn again where it was
    assert len(edit(ROOMS, line, gap)) == 2


def test_a_line_can_be_drawn_anew_beside_where_it_was() -> None:
    # The left room grows by what lies between the old line and the new one.
    segments = edit(ROOMS, erase((7, 5), (7, 7)), pen((10, 4), (10, 8)))
    assert len(segments) == 3
    assert at(segments, LEFT) == at(segments, (9, 6)) == at(segments, (8, 5))
    assert at(segments, LEFT) != at(segments, (11, 6)) == at(segments, (13, 7))


def test_what_was_erased_can_be_closed_with_a_line_that_is_no_ink() -> None:
    assert_unchanged(ROOMS, erase((7, 5), (7, 7)), close((7, 4), (7, 8)))


def test_the_eraser_takes_away_pen_strokes() -> None:
    line = pen((7, 0), (7, 4))
    assert_unchanged(ROOMS, line, erase((7, 2)))
    assert_unchanged(ROOMS, line, erase((7, 1), (7, 3)))


def test_erasing_one_side_of_a_wide_pen_stroke_unites_nothing() -> None:
    sheet = lineart_of(np.pad(np.zeros((9, 40)), 1, constant_values=1))
    wide = pen((20, 0), (20, 11), width=9)
    side = erase((10, 5), (18, 5), width=1)
    through = erase((10, 5), (30, 5), width=1)
    drawn = edit_segments(sheet, split(sheet), [wide])
    assert len(drawn) == 2
    assert len(edit_segments(sheet, split(sheet), [wide, side])) == 2
    assert len(edit_segments(sheet, split(sheet), [wide, through])) == 1


def test_the_eraser_leaves_closing_lines_alone() -> None:
    parted = edit(ROOMS, close((7, 0), (7, 4)))
    assert_same_table(edit(ROOMS, close((7, 0), (7, 4)), erase((7, 2), width=3)), parted)
    assert_unchanged(ROOMS, close((7, 0), (7, 4)), join((6, 2), (9, 2)))


def test_a_join_does_not_start_on_a_pen_stroke() -> None:
    strokes = [pen((7, 0), (7, 4)), join((7, 2), LEFT)]
    assert_same_table(edit(ROOMS, *strokes), edit(ROOMS, strokes[0]))


def test_closed_gaps_are_still_told() -> None:
    sheet = Sheet(60, 80).box((10, 10), (60, 50))
    sheet.rgba[28:32, 10, :3] = 255
    lineart = extract_lineart(sheet.rgba)
    segments = find_segments(lineart)
    assert (len(segments), len(segments.gaps)) == (2, 1)
    edited = edit_segments(lineart, segments, [close((30, 10), (30, 50))])
    assert len(edited) == 3
    np.testing.assert_array_equal(edited.gaps.ends_xyxy, segments.gaps.ends_xyxy)


@pytest.mark.parametrize("ink", [np.zeros((6, 6)), np.ones((6, 6))])
def test_blank_and_black_drawings(ink: BoolMap) -> None:
    lineart = lineart_of(ink)
    strokes = [erase((2, 2), width=3), join((0, 0), (5, 5)), close((3, -2), (3, 9))]
    segments = edit_segments(lineart, split(lineart), strokes)
    assert len(segments) == (0 if ink.all() else 2)
    np.testing.assert_array_equal(segments.labels == 0, lineart.ink)


# --- whatever the strokes -----------------------------------------------------------------------

SIDE = 24
KINDS: tuple[Kind, ...] = ("close", "pen", "erase", "join")


@dataclass(frozen=True)
class Scene:
    """Lines on a small sheet, and strokes over them."""

    ink: BoolMap
    strokes: list[Stroke]

    @staticmethod
    def at_random(seed: int, kinds: Sequence[Kind]) -> Scene:
        """Long lines that part the sheet, and strokes of which many matter."""
        rng = np.random.default_rng(seed)

        def corners() -> tuple[Point, ...]:
            points = rng.integers(-4, SIDE + 4, (rng.integers(1, 5), 2)).tolist()
            return tuple((x, y) for x, y in points)

        ink = np.zeros(rng.integers(SIDE // 2, SIDE, 2).tolist(), np.uint8)
        for _ in range(rng.integers(0, 5)):
            cv2.polylines(ink, [np.array(corners(), np.int32)], False, 1, int(rng.integers(1, 4)))
        strokes = [
            Stroke(kinds[int(rng.integers(len(kinds)))], corners(), int(rng.integers(1, 6)))
            for _ in range(rng.integers(0, 6))
        ]
        return Scene(ink.astype(bool), strokes)


def scenes(*kinds: Kind) -> st.SearchStrategy[Scene]:
    return st.integers(0, 2**31).map(lambda seed: Scene.at_random(seed, kinds))


def cover_of(stroke: Stroke, shape: tuple[int, ...]) -> BoolMap:
    """(H, W) bool: pixels under a stroke; a single point is a dot."""
    cover = np.zeros(shape, np.uint8)
    width = 1 if stroke.kind == "close" else stroke.width
    cv2.polylines(cover, [np.array((*stroke.points, stroke.points[-1]), np.int32)], False, 1, width)
    return cover.astype(bool)


@given(scenes(*KINDS), st.sampled_from([1, 5]))
@settings(max_examples=300)
def test_whatever_the_strokes_the_segments_are_sound(scene: Scene, min_area: int) -> None:
    lineart = lineart_of(scene.ink)
    segments = find_segments(lineart, SegmentSettings(min_area=min_area))
    before = segments.labels.copy()
    edited = edit_segments(lineart, segments, scene.strokes)
    np.testing.assert_array_equal(segments.labels, before)
    labels = edited.labels
    np.testing.assert_array_equal(labels == 0, scene.ink)
    found, first = np.unique(labels, return_index=True)
    first = first[found > 0]
    assert found[found > 0].tolist() == list(range(1, len(edited) + 1))
    assert (np.diff(first) > 0).all()  # in raster order of their first pixels
    assert_same_table(edited, describe_segments(labels, 6, segments.gaps))


@given(scenes("pen", "erase"))
@settings(max_examples=300)
def test_segments_follow_the_mended_lines(scene: Scene) -> None:
    # Where there was paper and still is, segments are the regions of the lines as mended.
    lineart = lineart_of(scene.ink)
    mended = scene.ink.copy()
    for stroke in scene.strokes:
        mended[cover_of(stroke, mended.shape)] = stroke.kind == "pen"
    edited = edit_segments(lineart, split(lineart), scene.strokes)
    paper = ~scene.ink & ~mended
    assert_same_parts(edited.labels[paper], flood(~mended)[paper])


@given(scenes("close"))
@settings(max_examples=300)
def test_a_closing_line_parts_as_ink_would(scene: Scene) -> None:
    lineart = lineart_of(scene.ink)
    edited = edit_segments(lineart, split(lineart), scene.strokes[:1])
    paper = ~scene.ink
    if scene.strokes:
        paper &= ~cover_of(scene.strokes[0], paper.shape)
    assert_same_parts(edited.labels[paper], flood(paper)[paper])


@given(scenes(*KINDS))
def test_inner_points_lie_in_their_segments(scene: Scene) -> None:
    lineart = lineart_of(scene.ink)
    segments = edit_segments(lineart, split(lineart), scene.strokes)
    for find in (find_inner_points, find_deep_points):
        points = find(segments.labels, len(segments))
        assert points.shape == (len(segments), 2)
        labels = segments.labels[points[:, 1], points[:, 0]]
        assert labels.tolist() == list(range(1, len(points) + 1))


def test_a_deep_point_stays_inside_when_a_line_is_moved() -> None:
    hat = Sheet(60, 80).polyline([(10, 50), (70, 50), (60, 10), (20, 10)], closed=True)
    segments = split(lineart_of(hat.rgba[..., 0] == 0))
    (x, y) = find_deep_points(segments.labels, 2)[1].tolist()
    assert segments.labels[y - 15 : y + 16, x - 15 : x + 16].min() == 2
    (x, y) = find_inner_points(segments.labels, 2)[1].tolist()
    assert not segments.labels[y + 1, x], "the widest place may lie on the line"


def test_an_inner_point_is_the_middle_of_the_longest_run() -> None:
    labels = labels_from_text("""
        1111#2
        ##11#2
        33##22
        333###
    """)
    assert find_inner_points(labels, 3).tolist() == [[1, 0], [4, 2], [1, 3]]


# --- mended lines -------------------------------------------------------------------------------


def drawn() -> Rgba:
    return Sheet(40, 60, thickness=2).box((10, 8), (50, 32)).line((30, 8), (30, 32)).rgba


PEN, ERASER = pen((18, 8), (18, 32), width=3), erase((30, 12), (30, 26), width=5)


@pytest.mark.parametrize("deep", [False, True])
@pytest.mark.parametrize("paper", ["white", "grey", "tinted", "transparent"])
def test_pen_is_black_and_the_eraser_leaves_paper(paper: str, deep: bool) -> None:
    made = {
        "white": drawn(),
        "grey": on_grey(drawn()),
        "tinted": drawn() // 255 * np.array([250, 240, 220, 255], np.uint8),
        "transparent": on_transparent(drawn()),
    }
    picture: Pixels = to_u16(made[paper]) if deep else made[paper]
    lineart = extract_lineart(made[paper])
    before = picture.copy()
    mended = mend_lines(picture, lineart, [PEN, ERASER])
    np.testing.assert_array_equal(picture, before)
    assert (mended.dtype, mended.shape) == (picture.dtype, picture.shape)
    top = np.iinfo(picture.dtype).max
    black, erased = cover_of(PEN, (40, 60)), cover_of(ERASER, (40, 60))
    assert (mended[black] == np.array([0, 0, 0, top])).all()
    assert (mended[erased] == picture[0, 0]).all()
    untouched = ~black & ~erased
    assert untouched.any()
    assert mended[untouched].tobytes() == picture[untouched].tobytes()


def test_later_strokes_go_over_earlier_ones() -> None:
    lineart = extract_lineart(drawn())
    line, gap = pen((20, 15), (40, 15), width=3), erase((20, 15), (40, 15), width=3)
    assert mend_lines(drawn(), lineart, [line, gap])[15, 25].tolist() == [255] * 4
    assert mend_lines(drawn(), lineart, [gap, line])[15, 25].tolist() == [0, 0, 0, 255]


def test_a_dot_of_the_pen_and_of_the_eraser() -> None:
    mended = mend_lines(drawn(), extract_lineart(drawn()), [pen((20, 20)), erase((30, 20))])
    changed = (mended != drawn()).any(axis=-1)
    assert np.argwhere(changed).tolist() == [[20, 20], [20, 30]]


@pytest.mark.parametrize("strokes", [[], [close((20, 0), (20, 40)), join((15, 15), (40, 20))]])
def test_closing_lines_and_joins_mend_nothing(strokes: list[Stroke]) -> None:
    picture = drawn()
    assert mend_lines(picture, extract_lineart(picture), strokes) is picture
