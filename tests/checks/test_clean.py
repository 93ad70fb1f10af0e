"""Cuts without a fault give no finding, whoever painted them."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import shiage.demo
from shiage.checks import check_cut
from shiage.colors.palette import Palette
from shiage.files.images import Layout, Picture, write_picture
from shiage.lines.lineart import extract_lineart
from shiage.lines.segments import find_segments
from shiage.painting.compose import compose
from shiage.painting.covering import Covering
from tests.checks.planting import (
    STYLES,
    PaintedDrawing,
    Style,
    check,
    draw_cut,
    inner_paint,
    lines_of,
    save_cut,
)
from tests.drawings import WHITE, Rgba, on_grey, palette_of, scanned

DEMO = Path(shiage.demo.__file__).parent


def told(cels: list[PaintedDrawing], folder: Path, palette: Palette | None) -> list[str]:
    return [found.message for found in check(save_cut(folder, cels), palette).findings]


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("known", ["palette", "nothing"])
def test_what_shiage_composes_is_clean(style: str, known: str, tmp_path: Path) -> None:
    cels = draw_cut(STYLES[style], 11, count=3)
    result = check(
        save_cut(tmp_path, cels), cels[0].palette if known == "palette" else None, matcher="ant"
    )
    assert [found.message for found in result.findings] == []
    assert result.clean
    assert result.cels == ("A0001", "A0002", "A0003")


def test_the_demo_cut_is_clean() -> None:
    frames = json.loads((DEMO / "clip.json").read_text(encoding="utf-8"))["frames"]
    colors = {tuple(segment["color"]) for frame in frames for segment in frame["segments"]}
    palette = palette_of(*sorted(colors - {WHITE}))
    result = check_cut(DEMO, DEMO / "color", palette=palette)
    assert [found.message for found in result.findings] == []
    assert len(result.cels) == len(frames)


def test_the_demo_cut_has_the_lines_of_its_keys() -> None:
    """No end of a trace, painted like a part near it, passes for a line that stays so."""
    keys = [DEMO / "color" / f"{number:04}.png" for number in (1, 9, 24)]
    result = check_cut(DEMO, DEMO / "color", references=keys, matcher=None)
    assert [found.message for found in result.findings if found.kind == "ink"] == []
    assert len(result.cels) > len(keys)


def test_rims_left_as_drawn_throughout_are_a_way_of_painting(tmp_path: Path) -> None:
    (cel,) = draw_cut(STYLES["soft"], 4, count=1)
    *_, soft = lines_of(cel)
    pixels = cel.painted.copy()
    drawn = Covering(cel.drawing, cel.lineart).led_on
    pixels[soft] = drawn[soft]
    assert told([replace(cel, painted=pixels)], tmp_path, cel.palette) == []


def test_traces_in_the_color_of_either_side(tmp_path: Path) -> None:
    """Here the lighter side; shiage takes the darker one."""
    (cel,) = draw_cut(STYLES["hard"], 4, count=1)
    swapped = cel.painted.copy()
    _, replaced, _ = lines_of(cel)
    light = cel.palette.luminance()
    for y, x in zip(*np.nonzero(replaced), strict=True):
        near = np.unique(cel.fill[max(0, y - 2) : y + 3, max(0, x - 2) : x + 3])
        near = near[near > 0]
        if len(near):
            lightest = near[light[near].argmax()]
            swapped[y, x] = cel.palette.rgba_u8[lightest]
    assert (swapped != cel.painted).any()
    assert told([replace(cel, painted=swapped)], tmp_path, cel.palette) == []


def test_a_trace_beside_bare_paper_may_become_paper(tmp_path: Path) -> None:
    """The highlight is left unpainted, and so is the line around it."""
    cel = draw_cut(STYLES["hard"], 4, count=1)[0]
    light = int(np.flatnonzero(cel.color_ids == 12)[0]) + 1
    cel = cel.repainted(light, 0)
    pixels = cel.painted.copy()
    around = cel.lineart.trace == 4
    pixels[around] = 255
    assert (pixels != cel.painted).any()
    assert told([replace(cel, painted=pixels)], tmp_path, cel.palette) == []


def test_large_unpainted_parts_are_meant(tmp_path: Path) -> None:
    cel = draw_cut(STYLES["hard"], 4, count=1)[0]
    label = int(cel.segments.labels[60, 98])
    assert cel.segments.area[label - 1] > 500
    assert told([cel.repainted(label, 0)], tmp_path, cel.palette) == []


def test_a_painting_on_transparent_paper_of_an_opaque_drawing(tmp_path: Path) -> None:
    cel = draw_cut(STYLES["hard"], 6, count=1)[0]
    save_cut(tmp_path, [cel])
    pixels = cel.painted.copy()
    pixels[(cel.fill == 0) & (cel.segments.labels > 0)] = 0
    write_picture(
        tmp_path / "painted/A0001.png",
        Picture(np.asarray(pixels, np.uint8), Layout("PNG", "RGBA", 8)),
    )
    (finding,) = check(tmp_path, cel.palette).findings
    assert finding.kind == "mode"


@pytest.mark.parametrize("paper", [on_grey, scanned])
def test_grey_and_grainy_paper(paper: Callable[[Rgba], Rgba], tmp_path: Path) -> None:
    cel = draw_cut(Style(width=3, scale=2), 6, count=1)[0]
    drawing = paper(np.asarray(cel.drawing, np.uint8))
    lineart = extract_lineart(drawing)
    segments = find_segments(lineart)
    ids = np.zeros(len(segments), np.int32)
    for label in range(1, len(segments) + 1):
        votes = np.bincount(cel.fill[(segments.labels == label) & (cel.segments.labels > 0)],
                            minlength=2)  # fmt: skip
        ids[label - 1] = votes.argmax()
    painted = compose(Covering(drawing, lineart), segments.labels, ids, cel.palette)
    cel = replace(cel, drawing=drawing, painted=painted, lineart=lineart, segments=segments,
                  color_ids=ids)  # fmt: skip
    assert inner_paint(cel).any()
    assert told([cel], tmp_path, cel.palette) == []
