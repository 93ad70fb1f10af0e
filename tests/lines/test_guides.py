"""Guides (塗り分け) in a drawing are paper: paint covers them, and lines over them stay lines."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from shiage.files.pictures import Layout, Picture, Pixels
from shiage.lines.lineart import LineSettings, TraceHue, erase_guides, extract_lineart
from shiage.lines.segments import find_segments
from shiage.painting.compose import compose, fill_segments
from shiage.painting.covering import Covering, as_lines, paper_color
from shiage.painting.layering import lift_lines
from shiage.painting.planes import split_planes
from shiage.structures import LineArt, Segments
from tests.drawings import RED, Color, Rgba, Sheet, on_grey, palette_of, to_u16

SETTINGS = LineSettings(guide_hues=(TraceHue("yellow", 45, 65), TraceHue("light blue", 185, 215)))
PALETTE = palette_of((200, 80, 40), (60, 90, 200), (240, 220, 200))
GUIDES = {
    "pale": ((255, 255, 180), (180, 220, 255)),
    "pencil": ((255, 240, 0), (120, 200, 255)),
    "dull": ((230, 220, 140), (173, 216, 230)),
}


def draw(guides: tuple[Color, Color] | None, *, soft: bool) -> Rgba:
    """Round parts parted by lines, over a round yellow fill, a yellow stroke and a blue box."""
    sheet = Sheet(160, 200, soft=soft)
    if guides:
        yellow, blue = guides
        sheet.color = yellow
        sheet.disc((70, 70), 25)
        sheet.thickness = 3
        sheet.line((10, 10), (190, 30))
        sheet.rgba[40:121, 110:151] = (*blue, 255)
    sheet.color, sheet.thickness = (0, 0, 0), 2
    sheet.circle((80, 80), 50).line((80, 30), (80, 130)).ellipse((140, 80), (30, 50), 20, 0, 360)
    return sheet.rgba


def split(drawing: Pixels, settings: LineSettings = SETTINGS) -> tuple[LineArt, Segments]:
    eight = (drawing // (np.iinfo(drawing.dtype).max // 255)).astype(np.uint8)
    lineart = extract_lineart(eight, settings)
    return lineart, find_segments(lineart)


def paint(drawing: Pixels, settings: LineSettings = SETTINGS) -> Pixels:
    """The drawing in three colors."""
    lineart, segments = split(drawing, settings)
    ids = (np.arange(len(segments)) % 3 + 1).astype(np.int32)
    return compose(Covering(drawing, lineart), segments.labels, ids, PALETTE)


@pytest.mark.parametrize("guides", GUIDES)
@pytest.mark.parametrize("change", [np.asarray, to_u16], ids=["8", "16"])
def test_binary_drawings_come_out_as_without_guides(
    guides: str, change: Callable[[Rgba], Pixels]
) -> None:
    guided, plain = draw(GUIDES[guides], soft=False), draw(None, soft=False)
    for one, other in zip(split(guided), split(plain), strict=True):
        if isinstance(one, LineArt) and isinstance(other, LineArt):
            np.testing.assert_array_equal(one.ink, other.ink)
            np.testing.assert_array_equal(one.coverage, other.coverage)
    painted = paint(change(guided))
    np.testing.assert_array_equal(painted, paint(change(plain)))
    black = (guided[..., :3] == 0).all(axis=-1)
    np.testing.assert_array_equal(painted[black], change(guided)[black])


@pytest.mark.parametrize("guides", GUIDES)
def test_antialiased_lines_over_guides_keep_their_ink(guides: str) -> None:
    guided, plain = draw(GUIDES[guides], soft=True), draw(None, soft=True)
    lineart, without = extract_lineart(guided, SETTINGS), extract_lineart(plain, SETTINGS)
    np.testing.assert_array_equal(lineart.ink, without.ink)
    painted = paint(guided)
    off = np.abs(painted.astype(int) - paint(plain)).max(axis=-1)
    # OpenCV rounds when it mixes, and a guide's own rim is lighter than the guide.
    assert off.max() <= 16
    assert np.count_nonzero(off > 6) <= 5
    assert off[without.coverage == 0].max() == 0
    full = without.coverage == 255
    assert full.any()
    np.testing.assert_array_equal(painted[full], guided[full])


def test_without_their_hues_guides_are_lines_as_before() -> None:
    guided = draw(GUIDES["pencil"], soft=False)
    lineart = extract_lineart(guided)
    assert lineart.guide is None
    assert lineart.ink[70, 70]
    assert erase_guides(guided, lineart.guide) is guided


@pytest.mark.parametrize("soft", [False, True])
def test_traces_over_guides_stay_traces(soft: bool) -> None:
    def trace(guides: tuple[Color, Color] | None) -> Rgba:
        sheet = Sheet(160, 200, soft=soft, thickness=2)
        sheet.rgba = draw(guides, soft=soft)
        sheet.color = RED
        return sheet.line((60, 50), (60, 110)).line((125, 50), (145, 100)).rgba

    lineart, without = (extract_lineart(trace(g), SETTINGS) for g in (GUIDES["pencil"], None))
    red = without.trace > 0
    assert red.sum() > 150
    meets = np.zeros(red.shape, bool)  # mixes with black lines over guides, too
    for found in (lineart, without):
        if found.crossings is not None:
            meets.ravel()[found.crossings.at] = True
    assert (lineart.trace > 0)[red & ~meets].all()
    # No rim of a trace is left over as a line: what is ink and no trace was so before.
    left = lineart.ink & (lineart.trace == 0) & ~without.ink
    assert left.sum() == 0


def test_where_nothing_is_painted_guides_are_gone() -> None:
    for change in (np.asarray, on_grey):
        guided, plain = (change(draw(g, soft=False)) for g in (GUIDES["dull"], None))
        lineart, segments = split(guided)
        bare = np.zeros(len(segments), np.int32)
        out = compose(Covering(guided, lineart), segments.labels, bare, PALETTE)
        assert np.abs(out.astype(int) - plain).max() <= 2
        np.testing.assert_array_equal(paper_color(guided, lineart), plain[0, 0])


def test_guides_on_transparent_paper() -> None:
    guided = draw(GUIDES["pale"], soft=False)
    guided[(guided[..., :3] == 255).all(axis=-1)] = 0
    lineart, segments = split(guided)
    assert len(segments) == len(split(draw(None, soft=False))[1])
    bare = np.zeros(len(segments), np.int32)
    out = compose(Covering(guided, lineart), segments.labels, bare, PALETTE)
    np.testing.assert_array_equal(out[..., 3] > 0, lineart.ink)
    layer = lift_lines(Covering(guided, as_lines(lineart)))
    np.testing.assert_array_equal(layer[..., 3] > 0, lineart.ink)


@pytest.mark.parametrize("soft", [False, True])
def test_guides_are_on_neither_plane(soft: bool) -> None:
    planes = []
    for guides in (GUIDES["pencil"], None):
        drawing = draw(guides, soft=soft)
        lineart, segments = split(drawing)
        ids = (np.arange(len(segments)) % 3 + 1).astype(np.int32)
        fill = fill_segments(lineart, segments.labels, ids, PALETTE)
        layout = Layout("PNG", "RGBA", 8)
        covering, painted = Covering(drawing, lineart), Picture(paint(drawing), layout)
        planes.append(split_planes(covering, layout, painted, fill, PALETTE))
    for guided, plain in zip(*planes, strict=True):
        off = np.abs(guided.pixels.astype(int) - plain.pixels)
        assert off.max() <= (8 if soft else 0)


def test_ink_of_a_hue_like_a_guides_comes_out_as_it_went_in() -> None:
    drawing = draw(None, soft=False)
    drawing[(drawing[..., :3] == 0).all(axis=-1)] = (10, 40, 60, 255)  # bluish black
    lineart, _ = split(drawing)
    np.testing.assert_array_equal(lineart.ink, split(draw(None, soft=False))[0].ink)
    assert (paint(drawing)[lineart.ink] == (10, 40, 60, 255)).all()


@pytest.mark.parametrize("guides", [None, GUIDES["pale"]])
def test_all_of_a_picture_a_guide_or_none_of_it(guides: tuple[Color, Color] | None) -> None:
    yellow = np.full((20, 20, 4), 255, np.uint8)
    yellow[..., 2] = 255 if guides is None else 100
    lineart = extract_lineart(yellow, SETTINGS)
    assert not lineart.ink.any()
    assert (erase_guides(yellow, lineart.guide) == 255).all()
