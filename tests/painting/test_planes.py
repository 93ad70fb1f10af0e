"""Lines and colors as separate planes: nothing is lost, and one over the other is the cel."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from shiage.colors.palette import PAPER
from shiage.files.images import encode_picture, open_picture
from shiage.files.pictures import Layout, Picture, Pixels
from shiage.lines.lineart import LineSettings, extract_lineart
from shiage.lines.paper import BARE_COVERAGE, FULL_COVERAGE
from shiage.painting.compose import compose, fill_segments
from shiage.painting.covering import Covering, as_lines
from shiage.painting.painted_cel import Drawing, PaintedCel, PaintSettings
from shiage.painting.planes import split_planes
from shiage.structures import Painting
from tests.checks.planting import STYLES, PaintedDrawing, draw_cut
from tests.drawings import BROWN, WHITE, Sheet, palette_of
from tests.matching.alike import cel as encoded_cel


def split(cel: PaintedDrawing) -> tuple[Pixels, Pixels, Pixels]:
    """The cel painted, its line plane and its color plane."""
    labels = cel.segments.labels
    covering = Covering(cel.drawing, cel.lineart)
    painted = compose(covering, labels, cel.color_ids, cel.palette)
    fill = fill_segments(cel.lineart, labels, cel.color_ids, cel.palette)
    picture = Picture(painted, cel.layout)
    lines, colors = split_planes(covering, cel.layout, picture, fill, cel.palette)
    assert lines.layout == colors.layout == cel.layout
    return painted, lines.pixels, colors.pixels


@pytest.mark.parametrize("traces", ["fill", "keep"])
@pytest.mark.parametrize("style", ["hard", "hard, 1 px", "hard, transparent"])
def test_hard_lines_over_colors_are_the_painted_cel(style: str, traces: str) -> None:
    for cel in draw_cut(STYLES[style], 1, count=2):
        if traces == "keep":
            cel = replace(cel, lineart=as_lines(cel.lineart))
        painted, lines, colors = split(cel)
        covering = Covering(cel.drawing, cel.lineart)
        ink, drawn = covering.kept, covering.led_on
        assert ink.any()
        paper = cel.drawing[0, 0]
        np.testing.assert_array_equal(lines[ink], drawn[ink])
        assert (lines[~ink] == paper).all()
        is_line = np.not_equal(lines, paper).any(axis=-1)
        np.testing.assert_array_equal(np.where(is_line[..., None], lines, colors), painted)


@pytest.mark.parametrize("style", STYLES)
def test_the_color_plane_has_paint_and_paper_and_nothing_else(style: str) -> None:
    (cel,) = draw_cut(STYLES[style], 2, count=1)
    painted, _, colors = split(cel)
    paint = cel.palette.rgba_u16 if colors.dtype == np.uint16 else cel.palette.rgba_u8
    allowed = {*map(tuple, paint.tolist()[1:]), tuple(cel.drawing[0, 0].tolist())}
    seen = colors[(cel.lineart.coverage == 0) | (cel.lineart.coverage > BARE_COVERAGE)]
    assert {tuple(color) for color in np.unique(seen, axis=0).tolist()} <= allowed
    bare = (cel.lineart.coverage == 0) & ~cel.lineart.ink
    np.testing.assert_array_equal(colors[bare], painted[bare])


def test_paint_goes_on_under_the_lines_to_their_middle() -> None:
    drawing = Sheet(3, 9).line((4, 0), (4, 2)).line((5, 0), (5, 2)).rgba
    lineart = extract_lineart(drawing)
    palette = palette_of(BROWN)
    labels = np.array([[1, 1, 1, 1, 0, 0, 2, 2, 2]] * 3, np.int32)
    for ids, under in (((1, PAPER), (BROWN, WHITE)), ((PAPER, 1), (WHITE, BROWN))):
        color_ids = np.array(ids, np.int32)
        covering = Covering(drawing, lineart)
        painted = compose(covering, labels, color_ids, palette)
        fill = fill_segments(lineart, labels, color_ids, palette)
        layout = Layout("PNG", "RGB", 8)
        _, colors = split_planes(covering, layout, Picture(painted, layout), fill, palette)
        row = [under[0]] * 5 + [under[1]] * 4
        assert colors.pixels[1, :, :3].tolist() == [list(color) for color in row]


def test_a_soft_line_is_in_the_line_plane_with_its_rim() -> None:
    (cel,) = draw_cut(STYLES["soft, transparent"], 3, count=1)
    painted, lines, colors = split(cel)
    covering = Covering(cel.drawing, cel.lineart)
    covered, drawn = covering.kept | covering.soft, covering.led_on
    np.testing.assert_array_equal(lines[covered], drawn[covered])
    assert not lines[~covered].any()
    share = lines[..., 3:] / 255
    over = colors * (1 - share) + lines * share
    filled = colors[..., 3] == 255
    # A pixel that is covered to 250 of 255 is left as drawn, with no paint shining through.
    assert np.abs(over[filled][:, :3] - painted[filled][:, :3]).max() <= 255 - FULL_COVERAGE


def test_the_paint_alone_is_the_color_plane_without_its_paper() -> None:
    (cel,) = draw_cut(STYLES["hard"], 4, count=1)
    count = len(cel.segments)
    painting = Painting(
        cel.color_ids, np.ones(count, np.float32), np.zeros((count, 0), np.int32),
        np.zeros(count, bool),
    )  # fmt: skip
    picture = Picture(cel.drawing, cel.layout)
    file = open_picture(Path(f"{cel.name}.png"), encode_picture(picture))
    nothing = encoded_cel(None)
    drawing = Drawing(file, picture, cel.lineart, cel.segments, nothing)
    painted = PaintedCel(drawing, painting, cel.palette, PaintSettings())
    _, colors = painted.planes
    opaque = painted.paint[..., 3] == 255
    assert 0.2 < opaque.mean() < 0.9
    np.testing.assert_array_equal(colors.pixels[opaque], painted.paint[opaque])
    assert (colors.pixels[~opaque] == 255).all()
    assert not painted.paint[~opaque].any()


def test_an_all_trace_cel_has_no_line() -> None:
    (cel,) = draw_cut(STYLES["hard"], 3, count=1)
    lineart = extract_lineart(np.asarray(cel.drawing, np.uint8), LineSettings(all_trace=True))
    painted, lines, colors = split(replace(cel, lineart=lineart))
    assert (lines == 255).all()
    np.testing.assert_array_equal(colors, painted)
