"""Single faults at known pixels: what is told of them, and where the limits are."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from shiage.checks import KINDS, CheckSettings, Finding, check_cel
from shiage.checks.findings import CutChecks, in_order
from shiage.checks.places import find_places
from shiage.checks.sorting import hue_numbers
from shiage.files.images import Layout, Picture
from shiage.files.pictures import to_u8
from shiage.lines.lineart import LineSettings, extract_lineart
from shiage.lines.segments import find_segments
from shiage.painting.compose import compose
from shiage.painting.covering import Covering
from tests.checks.planting import STYLES, check, choose_spots, draw_cut, plant_colors, save_cut
from tests.drawings import RED, Color, Rgba, Sheet, on_transparent, palette_of

SKIN: Color = (250, 210, 190)
SHADE: Color = (180, 110, 100)
RGB = Layout("PNG", "RGB", 8)
PALETTE = palette_of(SKIN, SHADE)


def paint(sheet: Sheet, *ids: int, lines: LineSettings | None = None) -> Rgba:
    """Paint the segments in raster order with these colors of the palette."""
    lineart = extract_lineart(sheet.rgba, lines)
    segments = find_segments(lineart)
    assert len(segments) == len(ids)
    out = compose(Covering(sheet.rgba, lineart), segments.labels, np.array(ids, np.int32), PALETTE)
    return np.asarray(out, np.uint8)


def findings_of(
    sheet: Sheet, painted: Rgba, settings: CheckSettings | None = None, *, known: bool = True
) -> list[Finding]:
    allowed = PALETTE.rgba_u16[1:] if known else None
    return check_cel(
        "A1", Picture(sheet.rgba, RGB), Picture(painted, RGB), allowed=allowed, settings=settings
    )[0]


def box(soft: bool = False, width: int = 1) -> Sheet:
    return Sheet(80, 80, soft=soft, thickness=width).box((10, 10), (60, 60))


def test_a_pinhole_is_told_with_place_size_and_color() -> None:
    sheet = box()
    painted = paint(sheet, 0, 1)
    painted[20, 30:33] = 255
    (finding,) = findings_of(sheet, painted)
    assert finding == Finding(
        "pinhole",
        "A1",
        "3 pixels unpainted at (30, 20), amid #fad2be",
        "fault",
        (30, 20, 33, 21),
        (30, 20),
        3,
        ("#ffffff", "#fad2be"),
    )


@pytest.mark.parametrize(("size", "found"), [(20, True), (21, False)])
def test_larger_holes_are_meant(size: int, found: bool) -> None:
    sheet = box()
    painted = paint(sheet, 0, 1)
    painted[20 : 20 + size, 20:40] = 255
    assert bool(findings_of(sheet, painted)) == found


def test_a_hole_that_only_touches_by_a_corner_is_a_hole() -> None:
    sheet = box()
    painted = paint(sheet, 0, 1)
    painted[11, 11] = 255  # in the corner of the lines
    painted[40, 40] = painted[41, 41] = 255
    assert sorted(f.xy or (0, 0) for f in findings_of(sheet, painted)) == [
        (11, 11), (40, 40), (41, 41),
    ]  # fmt: skip


@pytest.mark.parametrize("side", [2, 7, 8])
def test_small_unpainted_parts_are_a_doubt(side: int) -> None:
    sheet = box().box((30, 30), (31 + side, 31 + side))
    painted = paint(sheet, 0, 1, *([0] if side > 2 else []))  # a speck is no segment of its own
    painted[31 : 31 + side, 31 : 31 + side] = 255
    findings = findings_of(sheet, painted)
    assert [(f.kind, f.area) for f in findings] == ([("pinhole", side**2)] if side < 8 else [])
    assert {f.severity for f in findings} <= {"doubt"}


def test_small_parts_between_unpainted_ones_are_paper() -> None:
    sheet = Sheet(80, 80).box((10, 10), (50, 50)).box((20, 20), (26, 26))
    assert findings_of(sheet, paint(sheet, 0, 0, 0)) == []


def test_white_parts_are_painted_where_white_is_a_color_of_the_palette() -> None:
    sheet = box().box((30, 30), (37, 37))
    painted = paint(sheet, 0, 1, 0)
    white = palette_of(SKIN, (255, 255, 255)).rgba_u16
    pictures = Picture(sheet.rgba, RGB), Picture(painted, RGB)
    assert check_cel("A1", *pictures, allowed=white)[0] == []
    assert len(check_cel("A1", *pictures, allowed=PALETTE.rgba_u16)[0]) == 1


def test_white_on_transparent_paper_is_paint() -> None:
    sheet = box().box((30, 30), (37, 37))
    clear = on_transparent(sheet.rgba)
    lineart = extract_lineart(clear)
    labels = find_segments(lineart).labels
    painted = clear.copy()
    painted[labels == 2] = (*SKIN, 255)
    painted[labels == 3] = 255
    layout = Layout("PNG", "RGBA", 8)
    pictures = Picture(clear, layout), Picture(painted, layout)
    assert check_cel("A1", *pictures)[0] == []
    (finding,) = check_cel("A1", *pictures, allowed=PALETTE.rgba_u16)[0]
    assert (finding.kind, finding.colors, finding.area) == ("off-palette", ("#ffffff",), 36)


def test_paper_that_shines_through_beside_a_soft_line() -> None:
    sheet = Sheet(120, 120, soft=True, thickness=3).circle((60, 60), 40)
    painted = paint(sheet, 0, 2)
    lineart = extract_lineart(sheet.rgba)
    rim = (lineart.coverage > 5) & (lineart.coverage < 100) & ~lineart.ink
    rim &= np.hypot(*(np.indices(rim.shape) - 60)) < 40
    (y, x), *_ = choose_spots(np.random.default_rng(0), rim, 1, [])
    painted[y, x] = sheet.rgba[y, x]
    (finding,) = findings_of(sheet, painted)
    assert (finding.kind, finding.xy, finding.area) == ("pinhole", (x, y), 1)


def test_a_hole_at_the_edge_of_the_picture() -> None:
    sheet = Sheet(60, 60, thickness=2).line((30, 0), (30, 59))
    painted = paint(sheet, 0, 1)
    painted[20:24, 59] = 255
    (finding,) = findings_of(sheet, painted)
    assert (finding.kind, finding.area) == ("pinhole", 4)
    painted[10:50, 50:] = 255  # so much is the paper around
    assert findings_of(sheet, painted) == []


def test_a_soft_line_painted_over_is_changed_ink() -> None:
    sheet = box(soft=True, width=3)
    painted = paint(sheet, 0, 1)
    lineart = extract_lineart(sheet.rgba)
    y, x = np.nonzero(lineart.ink)
    painted[y[100], x[100]] = (*SKIN, 255)
    (finding,) = findings_of(sheet, painted)
    assert (finding.kind, finding.xy) == ("ink", (x[100], y[100]))


def test_one_level_of_black_is_a_change() -> None:
    sheet = box()
    painted = paint(sheet, 0, 1)
    painted[10, 40, 1] = 1
    (finding,) = findings_of(sheet, painted)
    assert finding.kind == "ink"
    assert finding.message == (
        "the line at (40, 10) is not as it was drawn: 1 pixel changed to #000100 from #000000"
    )


def test_black_lines_of_an_all_trace_cel_are_traces() -> None:
    """Smoke: black is trace, too."""
    lines = LineSettings(all_trace=True)
    sheet = box(width=2)
    painted = paint(sheet, 0, 1, lines=lines)
    painted[11:60, 11:61] = (*SKIN, 255)
    left = painted.copy()
    left[11, 30:34] = sheet.rgba[11, 30:34]
    settings = CheckSettings(lines=lines)
    before = {(f.kind, f.xy) for f in findings_of(sheet, painted, settings)}
    after = {(f.kind, f.xy) for f in findings_of(sheet, left, settings)}
    assert {kind for kind, _ in after - before} == {"trace"}


def test_a_trace_in_a_color_that_the_palette_has_elsewhere() -> None:
    """Red paint far away is no excuse for a red line between skin and shade."""
    sheet = box()
    sheet.color = RED
    sheet.line((35, 11), (35, 59))
    painted = paint(sheet, 0, 1, 2)
    painted[30, 35] = (*RED, 255)
    allowed = palette_of(SKIN, SHADE, RED).rgba_u16
    (finding,) = check_cel("A1", Picture(sheet.rgba, RGB), Picture(painted, RGB), allowed=allowed)[
        0
    ]
    assert (finding.kind, finding.xy) == ("trace", (35, 30))


@pytest.mark.parametrize("other", [SKIN, (20, 10, 30)])
def test_a_red_part_hides_its_red_line(other: Color) -> None:
    """Shiage would take the darker side for the line, which is red or the other part."""
    sheet = box()
    sheet.color = RED
    sheet.line((35, 11), (35, 59))
    painted = paint(sheet, 0, 1, 2)
    painted[11:60, 11:35] = (*other, 255)
    painted[11:60, 35:60] = (*RED, 255)
    assert findings_of(sheet, painted, known=False) == []


def test_a_sliver_that_only_rims_of_soft_lines_cover() -> None:
    sheet = Sheet(80, 80, soft=True, thickness=2).box((10, 10), (60, 60))
    sheet.line((30, 11), (30, 59)).line((34, 11), (33, 59))
    lineart = extract_lineart(sheet.rgba)
    labels = find_segments(lineart).labels
    hidden = [
        label for label in range(1, labels.max() + 1) if lineart.coverage[labels == label].min() > 5
    ]
    assert hidden
    ids = [0 if label == 1 else 2 if label in hidden else 1 for label in range(1, labels.max() + 1)]
    painted = paint(sheet, *ids)
    assert findings_of(sheet, painted) == []
    y, x = np.nonzero(labels == hidden[0])
    painted[y[0], x[0]] = (0, 255, 255, 255)
    (finding,) = findings_of(sheet, painted)
    assert (finding.kind, finding.area) == ("off-palette", 1)


def test_blended_leftovers_of_a_trace_count_too() -> None:
    sheet = box()
    sheet.color = RED
    sheet.line((35, 11), (35, 59))
    painted = paint(sheet, 0, 1, 2)
    painted[30, 35] = (230, 40, 40, 255)
    (finding,) = findings_of(sheet, painted)
    assert (finding.kind, finding.colors) == ("trace", ("#e62828",))


def test_a_segment_in_an_unknown_color_is_told_once() -> None:
    sheet = box()
    painted = paint(sheet, 0, 1)
    painted[11:60, 11:60] = (1, 2, 200, 255)
    (finding,) = findings_of(sheet, painted)
    assert (finding.kind, finding.area, finding.colors) == ("off-palette", 49 * 49, ("#0102c8",))


def test_two_colors_in_one_segment_are_fine_if_both_are_allowed() -> None:
    """Somebody closed a line by hand."""
    sheet = box()
    painted = paint(sheet, 0, 1)
    painted[11:30, 11:60] = (*SHADE, 255)
    assert findings_of(sheet, painted) == []
    assert findings_of(sheet, painted, known=False) == []


def test_stray_pixels_are_found_without_a_palette() -> None:
    sheet = box()
    painted = paint(sheet, 0, 1)
    painted[30, 30] = (*SHADE, 255)
    assert findings_of(sheet, painted) == []
    (finding,) = findings_of(sheet, painted, known=False)
    assert (finding.kind, finding.severity) == ("off-palette", "doubt")


def test_an_unpainted_drawing_and_a_blank_one_are_clean() -> None:
    sheet = box()
    assert findings_of(sheet, sheet.rgba) == []
    blank = Sheet(20, 20)
    assert findings_of(blank, blank.rgba) == []


def test_many_findings_are_counted_and_the_largest_told(tmp_path: Path) -> None:
    (cel,) = draw_cut(STYLES["hard"], 0, count=1)
    pixels, spots = plant_colors(np.random.default_rng(0), cel, 12)
    save_cut(tmp_path, [replace(cel, painted=pixels)])
    result = check(tmp_path, cel.palette, settings=CheckSettings(most_findings=5))
    areas = [finding.area for finding in result.findings]
    assert areas == sorted((len(spot) for spot in spots), reverse=True)[:5]
    assert result.count("off-palette") == result.count() == len(spots) == 12
    assert result.count("ink") == 0


def test_hues_in_16_bits_are_those_of_the_nearest_levels_in_8() -> None:
    colors = np.random.default_rng(0).integers(0, 65536, (4000, 4), np.uint16)
    hues = hue_numbers(colors, LineSettings())
    np.testing.assert_array_equal(hues, hue_numbers(to_u8(colors), LineSettings()))


def test_findings_come_by_cel_then_kind_then_size() -> None:
    def finding(cel: str, kind: str, area: int) -> Finding:
        return Finding(next(k for k in KINDS if k == kind), cel, "", area=area)

    wanted = [
        finding("B", "missing", 0),
        finding("B", "pinhole", 9),
        finding("B", "pinhole", 1),
        finding("A", "ink", 3),
        finding("C", "surplus", 0),
    ]
    told, left_out = in_order(wanted[::-1], ["B", "A"], 10)
    assert list(told) == wanted
    assert left_out == ()
    result = CutChecks("cut", "painted", ("B", "A"), told)
    assert result.of_cel("B") == wanted[:3]
    assert not result.clean


def test_places_are_the_regions_of_a_mask() -> None:
    mask = np.random.default_rng(0).random((40, 50)) < 0.2
    places = list(find_places(mask))
    again = np.zeros(mask.shape, int)
    for place in places:
        again[place.rows, place.columns] += 1
        x0, y0, x1, y1 = place.box_xyxy
        assert mask[y0:y1, x0:x1].sum() >= place.area
        assert place.xy == (place.columns[0], place.rows[0])
    assert (again == mask).all()
    assert list(find_places(np.zeros((3, 3), bool))) == []
