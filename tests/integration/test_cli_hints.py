"""`shiage paint` from dots and strokes: layers, copies of drawings, lists."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from shiage.errors import BadOption, ReferenceUnusable
from shiage.painting.painter import Painter
from tests.drawings import WHITE, Color, Rgba
from tests.integration.conftest import (
    BODY,
    EYE,
    FACE,
    HAT,
    LEG,
    PAINTS,
    assert_nothing_half_written,
    colors_of,
    draw_cut,
    draw_figure,
    draw_key,
    hash_cels,
    hash_tree,
    load,
    paint,
    save,
    shiage,
)

DOTS: dict[tuple[int, int], Color] = {
    (72, 12): HAT,
    (72, 45): FACE,
    (65, 32): EYE,
    (80, 70): BODY,
    (60, 90): LEG,
}
"""A pixel of each part of the first cel; of the eyes and legs one only."""


def hex_of(color: Color) -> str:
    return "#" + bytes(color).hex()


def listed(dots: dict[tuple[int, int], Color]) -> list[dict[str, object]]:
    return [{"at": at, "color": hex_of(color)} for at, color in dots.items()]


def save_list(path: Path, **cels: dict[tuple[int, int], Color]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({name: listed(dots) for name, dots in cels.items()}))
    return path


def dotted(rgba: Rgba, dots: dict[tuple[int, int], Color] = DOTS) -> Rgba:
    """The picture with a dot at each place."""
    for at, color in dots.items():
        radius = 2 if color == EYE else 4
        cv2.circle(rgba, at, radius, (*color, 255), -1)
    return rgba


def layer(dots: dict[tuple[int, int], Color] = DOTS) -> Rgba:
    return dotted(np.zeros((120, 160, 4), np.uint8), dots)


@pytest.fixture
def cut(tmp_path: Path) -> Path:
    """A cut of four cels, without a reference."""
    return draw_cut(tmp_path / "cut")


def assert_all_right(out: Path, count: int = 4) -> None:
    """Every part has its color in all cels, the other eye and the other leg, too."""
    for number in range(1, count + 1):
        truth = draw_figure(3 * (number - 1), painted=True)
        assert np.array_equal(load(out / f"A{number:04}.png"), truth), number


def test_dots_on_one_cel_paint_the_cut(cut: Path) -> None:
    save(cut.parent / "dots" / "A0001_hint.png", layer(), "RGBA")
    before = hash_tree(cut.parent)
    told = paint("cut", "--hints", "dots", "--out", "out", "--report", cwd=cut.parent).ok()
    assert set(told.statuses.values()) == {"painted"}
    assert_all_right(cut.parent / "out")
    locked = {s["color"] for s in told.json["cels"][0]["segments"] if s["locked"]}
    assert locked == {hex_of(color) for color in PAINTS}
    assert {
        name: digest for name, digest in hash_tree(cut.parent).items() if name in before
    } == before
    assert_nothing_half_written(cut.parent / "out")


@pytest.mark.parametrize("kind", ["layer.tga", "copy.png", "list.json", "list of one.json"])
def test_hints_of_every_kind_are_found_and_say_the_same(cut: Path, kind: str) -> None:
    folder = cut / "hints"
    if kind == "layer.tga":
        save(folder / "A0001.tga", layer(), "RGBA")
    elif kind == "copy.png":
        save(folder / "A0001.png", dotted(draw_figure()))
    elif kind == "list.json":
        save_list(folder / "dots.json", A0001=DOTS)
    else:
        folder.mkdir()
        (folder / "A0001.json").write_text(json.dumps(listed(DOTS)))
    told = paint("cut", cwd=cut.parent).ok()
    assert len(told.json["cels"]) == 4
    assert_all_right(cut.parent / "cut_painted")


def test_file_with_hint_in_its_name_is_no_drawing(cut: Path) -> None:
    save(
        cut / "A0002_hint.png",
        dotted(draw_figure(3), {(x + 3, y): c for (x, y), c in DOTS.items()}),
    )
    told = paint("cut", cwd=cut.parent).ok()
    assert list(told.statuses) == ["A0001", "A0002", "A0003", "A0004"]
    assert_all_right(cut.parent / "cut_painted")


def test_result_does_not_depend_on_threads(cut: Path, tmp_path: Path) -> None:
    save_list(tmp_path / "dots.json", A0001={(72, 12): HAT, (60, 90): LEG}, A0004={(89, 70): BODY})
    for jobs in ("1", "4"):
        shiage(
            "paint", cut, "--hints", "dots.json", "-o", jobs, "-j", jobs, "-q", cwd=tmp_path
        ).ok()
    assert hash_cels(tmp_path / "1") == hash_cels(tmp_path / "4")
    assert colors_of(load(tmp_path / "1" / "A0002.png")) >= {HAT, LEG, BODY}


def test_what_nothing_tells_of_stays_blank(cut: Path) -> None:
    save_list(cut / "hint" / "dots.json", A0002={(75, 12): HAT})
    told = paint("cut", cwd=cut.parent).ok()
    for cel in told.json["cels"]:
        paper, hat, *others = cel["segments"]
        assert (hat["color"], paper["color"]) == (hex_of(HAT), "none")
        assert {(s["color"], s["confidence"]) for s in others} == {(None, 0)}
        assert colors_of(load(cut.parent / "cut_painted" / f"{cel['name']}.png")) <= {
            HAT, WHITE, (0, 0, 0),
        }  # fmt: skip
    summary = shiage("paint", "cut", "--force", cwd=cut.parent).ok()
    assert "left blank    24, since no reference shows their color" in summary.out


def test_hints_outrank_a_reference_and_corrections_outrank_hints(cut: Path, tmp_path: Path) -> None:
    draw_key(tmp_path / "key" / "A0001.png")
    save_list(cut / "hint" / "dots.json", A0001={(72, 12): BODY}, A0002={(75, 45): EYE})
    told = paint("cut", "--ref", "key", "--out", "out", cwd=tmp_path).ok()
    first, second = (load(tmp_path / "out" / f"A000{n}.png") for n in (1, 2))
    assert first[12, 72, :3].tolist() == [*BODY]
    assert first[45, 72, :3].tolist() == [*FACE]  # of the key
    assert second[45, 75, :3].tolist() == [*EYE]
    assert second[12, 75, :3].tolist() == [*BODY]  # follows
    assert told.statuses["A0002"] == "painted"


def test_changed_hints_are_not_resumed(cut: Path) -> None:
    save_list(cut.parent / "dots.json", A0001=DOTS)
    args = ("cut", "--hints", "dots.json", "--out", "out")
    paint(*args, cwd=cut.parent).ok()
    done = hash_tree(cut.parent / "out" / "_shiage" / "cels")
    (cut.parent / "out" / "_shiage" / "cels" / "A0003.png.json").unlink()
    paint(*args, "--resume", cwd=cut.parent).ok()
    assert_all_right(cut.parent / "out")
    assert len(hash_tree(cut.parent / "out" / "_shiage" / "cels")) == len(done)
    save_list(cut.parent / "dots.json", A0001={**DOTS, (72, 12): BODY})
    paint(*args, "--resume", cwd=cut.parent).fails("painted with other references or settings")


def test_dots_that_say_nothing_are_told(cut: Path) -> None:
    save_list(
        cut.parent / "dots.json", A0001={**DOTS, (999, 5): HAT, (72, 61): FACE, (74, 14): LEG}
    )
    told = shiage("paint", "cut", "--hints", "dots.json", cwd=cut.parent).ok(err="warning")
    for words in ("a dot is outside the drawing, at (999, 5)", "two colors in one segment"):
        assert words in " ".join(told.err.split())


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("A0001.json", "{", "is no list of hints"),
        ("A0001.json", '[{"at": [72, 12], "color": "rot"}]', "'rot' is no color"),
        ("A0009.json", "[]", "there is no cel A0009"),
        ("all.json", '{"B0001": []}', "there is no cel B0001"),
        ("A0001.png", "no picture", "in no picture format"),
        ("A0001.png", (60, 80), "the hints are 80 x 60"),
        ("A0001.png", (120, 160), "neither transparent nor a copy"),
    ],
)
def test_bad_hints_are_told_and_the_others_count(
    cut: Path, name: str, content: str | tuple[int, int], words: str
) -> None:
    save_list(
        cut.parent / "hints" / "good.json", A0003={(x + 6, y): c for (x, y), c in DOTS.items()}
    )
    bad = cut.parent / "hints" / name
    if isinstance(content, str):
        bad.write_text(content)
    else:
        save(bad, np.full((*content, 4), 128, np.uint8))
    told = shiage("paint", "cut", "--hints", "hints", "--out", "out", cwd=cut.parent)
    told.fails()
    err = " ".join(told.err.split())
    assert f"hints left out: {Path('hints', name)}" in err
    assert words in err
    assert_all_right(cut.parent / "out")


def test_hints_that_are_not_there(cut: Path) -> None:
    paint("cut", "--hints", "nowhere", cwd=cut.parent).fails("nowhere: no such file", "hints")
    paint("cut", cwd=cut.parent).fails("no reference", "--hints")


def test_two_columns_each_with_hints_of_their_own(tmp_path: Path) -> None:
    draw_cut(tmp_path / "cut", 2, "{:04}.png", column="A")
    draw_cut(tmp_path / "cut", 2, "{:04}.png", column="B")
    dots = {"A/0001": DOTS, "B/0001": {**DOTS, (72, 12): LEG}}
    (tmp_path / "dots.json").write_text(json.dumps({n: listed(d) for n, d in dots.items()}))
    paint("cut", "--hints", "dots.json", "--out", "out", cwd=tmp_path).ok()
    hats = [load(tmp_path / "out" / column / "0002.png")[12, 75, :3] for column in "AB"]
    assert [tuple(hat.tolist()) for hat in hats] == [HAT, LEG]


def test_hints_are_brought_to_a_given_palette(cut: Path) -> None:
    near = {at: (max(color[0] - 3, 0), *color[1:]) for at, color in DOTS.items()}
    save_list(cut / "hint" / "dots.json", A0001=near)
    rows = "".join(f"{r} {g} {b} {r}\n" for r, g, b in sorted(PAINTS))
    (cut.parent / "colors.gpl").write_text(f"GIMP Palette\nName: x\n#\n{rows}")
    told = paint("cut", "--palette", "colors.gpl", "--out", "out", cwd=cut.parent)
    told.ok(err="of hints dots.json became")
    assert_all_right(cut.parent / "out")


def test_hints_from_python(cut: Path) -> None:
    painter = Painter()
    with pytest.raises(ReferenceUnusable, match="add_hints"):
        painter.paint(cut / "A0001.png")
    painter.add_hints(cut / "A0001.png", {at: hex_of(color) for at, color in DOTS.items()})
    painter.add_hints(cut / "A0001.png", {(72, 12): "none"})
    first = painter.paint(cut / "A0001.png")
    colors = {tuple(c[:3]) for c in first.colors.tolist() if c[3]}
    assert colors == PAINTS - {HAT}
    assert first.painting.locked.sum() == len(DOTS)
    second = painter.paint(cut / "A0002.png", neighbors=[first.as_neighbor()])
    assert np.array_equal(second.colors, first.colors)
    with pytest.raises(BadOption, match="outside the picture"):
        painter.add_hints(cut / "A0001.png", {(500, 5): "#ff0000"})
