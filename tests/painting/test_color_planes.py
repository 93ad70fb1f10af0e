"""Paintings without the lines of their drawing are told from those with lines of any color."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from shiage.colors.palette import Palette
from shiage.files.pictures import Layout, Picture
from shiage.lines.lineart import extract_lineart
from shiage.lines.segments import find_segments
from shiage.painting.compose import compose, fill_segments
from shiage.painting.covering import Covering
from shiage.painting.planes import split_planes
from shiage.painting.reference import Reference, build_reference
from shiage.structures import LineArt, Segments
from tests.drawings import Color, Rgba, Sheet, distinct_colors, to_u16

BROWN: Color = (110, 60, 30)
GREY: Color = (120, 120, 120)
BLUE: Color = (40, 60, 220)


def draw(
    color: Color = (0, 0, 0), *, thickness: int = 2, soft: bool = False, clear: bool = False
) -> Rgba:
    """A figure of six parts, one of them solid ink, with a red trace across one."""
    sheet = Sheet(150, 170, soft=soft, thickness=thickness)
    sheet.ellipse((70, 40), (30, 32)).circle((62, 36), 9).disc((84, 36), 5)
    sheet.box((45, 74), (100, 130)).line((70, 74), (70, 130))
    sheet.polyline([(100, 80), (140, 100), (100, 120)])
    cover = 255 - sheet.rgba[..., :1].astype(np.int64)
    ink = np.concatenate([np.full((*cover.shape[:2], 3), color), cover], axis=-1)
    cv2.line(trace := np.zeros((150, 170, 4), np.uint8), (47, 100), (68, 110), (255, 0, 0, 255))
    traced = (trace[..., 3:] > 0) & (cover == 0)
    ink = np.where(traced, trace, ink)
    ink[ink[..., 3] == 0] = 0
    if not clear:
        share = ink[..., 3:] / 255
        ink[..., :3] = np.rint(ink[..., :3] * share + 255 * (1 - share))
        ink[..., 3] = 255
    return ink.astype(np.uint8)


@dataclass(frozen=True, eq=False)
class Cel:
    """A drawing, finished as shiage does."""

    drawing: Rgba
    lineart: LineArt
    segments: Segments
    palette: Palette
    ids: NDArray[np.int32]

    @staticmethod
    def of(drawing: Rgba, colors: list[Color] | None = None) -> Cel:
        lineart = extract_lineart(drawing)
        segments = find_segments(lineart)
        rows = colors or distinct_colors(len(segments))
        u16 = np.array([(*c, 255) for c in rows], np.uint16) * 257
        palette, ids = Palette().extended(u16)
        ids = np.where(segments.labels[0, 0] - 1 == np.arange(len(ids)), 0, ids).astype(np.int32)
        return Cel(drawing, lineart, segments, palette, ids)

    @property
    def finished(self) -> Rgba:
        labels = self.segments.labels
        painted = compose(Covering(self.drawing, self.lineart), labels, self.ids, self.palette)
        return np.asarray(painted, np.uint8)

    @property
    def plane(self) -> Rgba:
        """As `--planes` has it."""
        fill = fill_segments(self.lineart, self.segments.labels, self.ids, self.palette)
        layout = Layout("PNG", "RGBA", 8)
        covering = Covering(self.drawing, self.lineart)
        painted = Picture(self.finished, layout)
        _, colors = split_planes(covering, layout, painted, fill, self.palette)
        return np.asarray(colors.pixels, np.uint8)

    def learn(self, painting: NDArray[np.uint8] | NDArray[np.uint16]) -> Reference:
        return build_reference("A0001", painting, self.drawing, Palette())[0]


DRAWINGS = {
    "hard": draw(), "hair": draw(thickness=1), "bold": draw(thickness=5),
    "soft": draw(soft=True), "soft hair": draw(thickness=1, soft=True),
    "grey": draw(GREY), "soft grey": draw(GREY, soft=True), "brown": draw(BROWN),
    "clear": draw(clear=True), "soft clear": draw(soft=True, clear=True),
    "brown clear": draw(BROWN, soft=True, clear=True),
}  # fmt: skip

each_drawing = pytest.mark.parametrize("drawing", DRAWINGS.values(), ids=[*DRAWINGS])


@each_drawing
@pytest.mark.parametrize("deep", [False, True])
def test_shiages_own_color_plane_is_one(drawing: Rgba, deep: bool) -> None:
    cel = Cel.of(drawing)
    plane, finished = cel.plane, cel.finished
    assert cel.learn(to_u16(plane) if deep else plane).is_plane
    assert not cel.learn(to_u16(finished) if deep else finished).is_plane


@each_drawing
def test_paint_that_stops_at_the_lines_is_a_plane(drawing: Rgba) -> None:
    cel = Cel.of(drawing)
    holes = cel.plane
    holes[cel.lineart.ink] = holes[0, 0]
    assert cel.learn(holes).is_plane
    white = holes.copy()
    white[white[..., 3] == 0] = 255
    assert cel.learn(white).is_plane


@each_drawing
@pytest.mark.parametrize("color", [(90, 40, 50), (150, 90, 80), (20, 20, 90)])
def test_lines_in_another_color_are_lines(drawing: Rgba, color: Color) -> None:
    cel = Cel.of(drawing)
    recolored = cel.finished
    black = cel.lineart.ink & (cel.lineart.trace == 0)
    recolored[black, :3] = color
    assert not cel.learn(recolored).is_plane


@each_drawing
def test_lines_in_a_darker_tone_of_what_they_surround_are_lines(drawing: Rgba) -> None:
    cel = Cel.of(drawing)
    recolored, plane = cel.finished, cel.plane
    black = cel.lineart.ink & (cel.lineart.trace == 0)
    recolored[black, :3] = plane[black, :3] // 2
    recolored[black, 3] = 255
    assert not cel.learn(recolored).is_plane


@pytest.mark.parametrize("fill", [(0, 0, 0), (2, 2, 2)])
@pytest.mark.parametrize("soft", [False, True])
def test_where_paint_is_as_lines_as_lines_they_are_taken_to_be_there(
    fill: Color, soft: bool
) -> None:
    cel = Cel.of(draw(soft=soft), [fill] * 8)
    assert not cel.learn(cel.finished).is_plane
    some = Cel.of(draw(soft=soft), [fill, *distinct_colors(7)[1:3], *[fill] * 5])
    assert not some.learn(some.finished).is_plane


@pytest.mark.parametrize("shift", [(0, 3), (-4, 2)])
def test_planes_that_are_shifted_or_shaded_are_planes_still(shift: tuple[int, int]) -> None:
    cel = Cel.of(draw())
    reference = cel.learn(np.roll(cel.plane, shift[::-1], axis=(0, 1)))
    assert [warning.kind for warning in reference.warnings] == ["misaligned"]
    assert reference.is_plane
    assert not cel.learn(np.roll(cel.finished, shift[::-1], axis=(0, 1))).is_plane
    shaded = cel.plane
    for x in range(46, 100, 6):  # folds painted over a body that has no lines for them
        shaded[78:128, x : x + 3, :3] //= 2
    reference = cel.learn(shaded)
    assert "misaligned" in [warning.kind for warning in reference.warnings]
    assert reference.is_plane


def test_the_finished_cel_of_another_drawing_is_none() -> None:
    other = Sheet(150, 170, thickness=2).ellipse((72, 100), (36, 40)).line((50, 90), (95, 110))
    reference = Cel.of(other.rgba).learn(Cel.of(draw()).finished)
    assert [warning.kind for warning in reference.warnings] == ["misaligned"]
    assert not reference.is_plane


@pytest.mark.parametrize("color", [BLUE, (220, 30, 30)])
def test_lines_of_a_drawing_that_is_all_trace_are_looked_for_too(color: Color) -> None:
    cel = Cel.of(draw(color))
    assert cel.lineart.all_trace
    painting = cel.finished  # without lines, as they are painted over
    assert cel.learn(painting).is_plane
    painting[cel.lineart.ink] = (*color, 255)
    assert not cel.learn(painting).is_plane


@each_drawing
def test_paint_with_soft_edges_is_a_plane(drawing: Rgba) -> None:
    cel = Cel.of(drawing)
    plane = cel.plane.astype(np.float64)
    plane[..., :3] *= plane[..., 3:] / 255
    soft = np.asarray(cv2.GaussianBlur(plane, (3, 3), 0.6), np.float64)
    soft[..., :3] /= np.maximum(soft[..., 3:] / 255, 1e-9)
    assert cel.learn(np.rint(soft).clip(0, 255).astype(np.uint8)).is_plane
