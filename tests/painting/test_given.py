"""A painting that is passed on follows the paper of its drawing, and the palette given."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from shiage.colors.palette import PAPER, Palette
from shiage.colors.snapping import Snapping
from shiage.files.images import encode_picture, open_picture
from shiage.files.pictures import Layout, Picture
from shiage.lines.lineart import extract_lineart, flatten_on_white
from shiage.lines.segments import find_segments
from shiage.painting.compose import compose
from shiage.painting.covering import Covering
from shiage.painting.given import Given, adapt
from shiage.painting.reference import build_reference
from tests.drawings import RED, Color, Rgba, Sheet, at, on_transparent, palette_of, to_u16

SKIN: Color = (250, 210, 190)
CLOTH: Color = (40, 90, 160)
BROWN: Color = (90, 50, 40)
BODY, HOLE, HEAD = (30, 60), (65, 62), (40, 20)


def draw(soft: bool = False) -> Rgba:
    """A body with an arm akimbo, and a head, on white paper."""
    sheet = Sheet(90, 100, thickness=2, soft=soft).circle((40, 20), 13)
    return sheet.box((20, 34), (60, 82)).polyline([(60, 40), (88, 62), (60, 80)]).polyline(
        [(60, 50), (76, 62), (60, 72)]
    ).rgba  # fmt: skip


def paint(drawing: Rgba) -> Rgba:
    """The figure painted; its arm as its head, and bare paper in its crook."""
    lineart = extract_lineart(drawing)
    segments = find_segments(lineart)
    ids = np.zeros(len(segments), np.int32)
    for place, color_id in ((BODY, 2), (HEAD, 1), ((82, 62), 1)):
        ids[at(segments, place) - 1] = color_id
    palette = palette_of(SKIN, CLOTH)
    return np.asarray(compose(Covering(drawing, lineart), segments.labels, ids, palette), np.uint8)


def picture(pixels: NDArray[Any]) -> Picture:
    bits = 16 if pixels.dtype == np.uint16 else 8
    opaque = (pixels[..., 3] == np.iinfo(pixels.dtype).max).all()
    return Picture(pixels, Layout("PNG", "RGB" if opaque else "RGBA", bits))


def pass_on(
    painting: NDArray[Any], drawing: NDArray[Any], palette: Palette | None = None, snap: int = 6
) -> Given:
    snapping = None if palette is None else Snapping(palette, snap)
    drawn = picture(drawing)
    reference, known = build_reference(
        "A", painting, drawn.rgba_u8, palette or Palette(), snapping=snapping
    )
    file = open_picture(Path("A.png"), encode_picture(picture(painting)))
    given = Given(picture(painting), file)
    return adapt(given, drawn, reference, known, "fill", exactly=palette is not None)


@pytest.mark.parametrize("soft", [False, True])
@pytest.mark.parametrize("clear", [False, True])
@pytest.mark.parametrize("deep", [False, True])
def test_a_painting_on_its_drawings_paper_is_passed_on_as_it_is(
    soft: bool, clear: bool, deep: bool
) -> None:
    drawing = on_transparent(draw(soft)) if clear else draw(soft)
    painting = paint(drawing)
    pixels = to_u16(painting) if deep else painting
    given = pass_on(pixels, drawing)
    assert given.file is not None
    assert given.picture.pixels is pixels


@pytest.mark.parametrize("soft", [False, True])
@pytest.mark.parametrize("deep", [False, True])
@pytest.mark.parametrize("drawn_deep", [False, True])
def test_a_painting_on_white_gets_the_transparent_paper_of_its_drawing(
    soft: bool, deep: bool, drawn_deep: bool
) -> None:
    drawing = on_transparent(draw(soft))
    truth, white = paint(drawing), paint(draw(soft))
    given = pass_on(to_u16(white) if deep else white, to_u16(drawing) if drawn_deep else drawing)
    assert given.file is None
    assert given.changes == ", on its drawing's paper"
    assert given.picture.layout.mode == "RGBA"
    out = given.picture.rgba_u8
    hole = (slice(HOLE[1] - 1, HOLE[1] + 2), slice(HOLE[0] - 1, HOLE[0] + 2))
    assert (out[hole] == 255).all()  # white that lines enclose is paint unless told otherwise
    outside = find_segments(extract_lineart(drawing)).labels == 1
    np.testing.assert_array_equal(out[outside], truth[outside])
    assert np.abs(flatten_on_white(out).astype(int) - white[..., :3]).max() <= 3
    # Lines over paper are the artist's, to the last bit of alpha.
    over_paper = (truth == drawing).all(axis=-1) & outside & (drawing[..., 3] > 0)
    np.testing.assert_array_equal(out[over_paper], drawing[over_paper])


@pytest.mark.parametrize("soft", [False, True])
@pytest.mark.parametrize("deep", [False, True])
@pytest.mark.parametrize("level", [255, 230])
def test_a_transparent_painting_gets_the_opaque_paper_of_its_drawing(
    soft: bool, deep: bool, level: int
) -> None:
    drawing = draw(soft)
    drawing[..., :3] = np.rint(drawing[..., :3] * (level / 255))
    clear = paint(on_transparent(draw(soft)))
    given = pass_on(to_u16(clear) if deep else clear, drawing)
    assert given.picture.layout.mode == "RGB"
    out, truth = given.picture.rgba_u8, paint(drawing)
    assert (out[..., 3] == 255).all()
    assert (out[HOLE[1], HOLE[0]] == (level, level, level, 255)).all()
    flat = extract_lineart(drawing).coverage % 255 == 0
    np.testing.assert_array_equal(out[flat], truth[flat])
    assert np.abs(out.astype(int) - truth).max() <= 4


@pytest.mark.parametrize("soft", [False, True])
def test_lines_in_another_color_keep_it_on_other_paper(soft: bool) -> None:
    drawing = on_transparent(draw(soft))
    share = drawing[..., 3:] / 255
    brown = paint(draw(soft))
    black = paint(draw(soft))[..., :3].astype(float)
    brown[..., :3] = np.rint(black + np.array(BROWN) * share)
    out = pass_on(brown, drawing).picture.rgba_u8
    full = drawing[..., 3] == 255
    assert (out[full] == (*BROWN, 255)).all()
    part = (out[..., 3] > 20) & (out[..., 3] < 255)  # fainter ones have no color to speak of
    assert part.any() == soft
    assert np.abs(out[part][:, :3].astype(int) - BROWN).max(initial=0) <= 12
    assert np.abs(flatten_on_white(out).astype(int) - brown[..., :3]).max() <= 3


def test_what_is_painted_on_the_paper_stays() -> None:
    drawing, white = on_transparent(draw()), paint(draw())
    white[84:88, 20:70] = (*RED, 255)  # a shadow on the floor, without lines
    out = pass_on(white, drawing).picture.rgba_u8
    assert (out[84:88, 20:70] == (*RED, 255)).all()
    assert (out[89, 20:70] == 0).all()


def test_traces_painted_away_between_paper_leave_nothing() -> None:
    sheet = draw()
    sheet[86, 10:60, :3] = RED
    drawing = on_transparent(draw())
    drawing[86, 10:60] = (*RED, 255)
    out = pass_on(paint(sheet), drawing).picture.rgba_u8
    assert (out[84:90] == 0).all()


# --- which white is paper -----------------------------------------------------------------------


def colors_at(painting: NDArray[Any], drawing: Rgba, **more: Any) -> tuple[bool, list[str]]:
    """Whether the crook of the arm is paper, and the kinds of warnings."""
    reference, _ = build_reference("A", painting, drawing, Palette(), **more)
    hole = int(reference.color_ids[at(reference.segments, HOLE) - 1])
    return hole == PAPER, [warning.kind for warning in reference.warnings]


@pytest.mark.parametrize("soft", [False, True])
@pytest.mark.parametrize("deep", [False, True])
def test_enclosed_white_is_told_where_the_drawing_is_transparent(soft: bool, deep: bool) -> None:
    white = paint(draw(soft))
    pixels = to_u16(white) if deep else white
    assert colors_at(pixels, on_transparent(draw(soft))) == (False, ["white"])
    assert colors_at(pixels, draw(soft)) == (False, [])
    clear = paint(on_transparent(draw(soft)))
    pixels = to_u16(clear) if deep else clear
    assert colors_at(pixels, on_transparent(draw(soft))) == (True, [])
    assert colors_at(pixels, draw(soft)) == (True, [])


def test_the_warning_names_the_place_and_the_way_on() -> None:
    reference, _ = build_reference("A", paint(draw()), on_transparent(draw()), Palette())
    (warning,) = reference.warnings
    x, y = warning.xy
    assert at(reference.segments, (x, y)) == at(reference.segments, HOLE)
    assert f"first at ({x}, {y})" in warning.message
    assert "save the reference with transparent paper" in warning.message


@pytest.mark.parametrize("soft", [False, True])
def test_a_drawing_that_is_filled_says_which_white_is_paper(soft: bool) -> None:
    """Its figure is white under the lines, its crook and all outside transparent."""
    drawing = on_transparent(draw(soft))
    painted = paint(drawing)
    filled = drawing.copy()
    for color in (SKIN, CLOTH):
        filled[(painted == (*color, 255)).all(axis=-1)] = 255
    rims = (painted[..., 3] == 255) & (drawing[..., 3] < 255) & (filled[..., 3] < 255)
    filled[rims] = np.dstack([flatten_on_white(drawing), np.full(drawing.shape[:2], 255)])[rims]
    white = paint(draw(soft))
    white[(white[..., :3] == CLOTH).all(axis=-1)] = 255  # a white shirt
    assert colors_at(white, filled) == (True, [])
    reference, _ = build_reference("A", white, filled, Palette())
    assert reference.color_ids[at(reference.segments, BODY) - 1] != PAPER


def test_who_paints_in_off_white_keeps_white_for_paper() -> None:
    white = paint(draw())
    white[(white[..., :3] == CLOTH).all(axis=-1), :3] = 254
    assert colors_at(white, on_transparent(draw())) == (True, [])


def test_a_palette_without_white_has_none_to_paint_with() -> None:
    snapping = Snapping(palette_of(SKIN, CLOTH))
    told = colors_at(paint(draw()), on_transparent(draw()), snapping=snapping)
    assert told == (True, [])


# --- the palette --------------------------------------------------------------------------------


@pytest.mark.parametrize("deep", [False, True])
def test_dithered_paint_becomes_the_palettes_color(deep: bool) -> None:
    drawing = draw(soft=True)
    painting = paint(drawing)
    cloth = (painting[..., :3] == CLOTH).all(axis=-1)
    painting[cloth & (np.random.default_rng(0).random(cloth.shape) < 0.6), 0] += 1
    pixels = to_u16(painting) if deep else painting
    near = palette_of(SKIN, (CLOTH[0] + 3, *CLOTH[1:]))
    for palette in (palette_of(SKIN, CLOTH), near):
        given = pass_on(pixels, drawing, palette)
        assert given.changes == ", in the exact colors of the palette"
        assert (given.picture.rgba_u8[cloth] == palette.rgba_u8[2]).all()
        ink = extract_lineart(drawing).coverage == 255
        np.testing.assert_array_equal(given.picture.pixels[ink], pixels[ink])
    assert pass_on(pixels, drawing).picture.pixels is pixels


@pytest.mark.parametrize("ground", [0, 60, 128])
@pytest.mark.parametrize("clear", [False, True])
def test_a_grey_ground_that_the_drawing_has_not_is_told(ground: int, clear: bool) -> None:
    painting, drawing = paint(draw()), draw()
    outside = find_segments(extract_lineart(drawing)).labels == 1
    painting[outside, :3] = ground
    _, kinds = colors_at(painting, on_transparent(drawing) if clear else drawing)
    assert kinds == (["white", "ground"] if clear else ["ground"])
    drawing[outside, :3] = ground
    if ground:  # else nobody could see its lines
        assert colors_at(painting, drawing)[1] == []
    painting[outside, :3] = (0, 200, 0)  # a color is meant
    assert colors_at(painting, draw())[1] == []
