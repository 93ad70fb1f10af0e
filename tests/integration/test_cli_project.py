"""`shiage paint` keeps to what an artist decided in the page, as `shiage.json` tells it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from shiage.cuts.project import (
    CelWork,
    Correction,
    Project,
    ProjectColor,
    read_project,
    write_project,
)
from shiage.cuts.recipe import Recipe
from shiage.files.images import Picture, read_picture, write_picture
from shiage.files.pictures import Layout
from shiage.lines.segments import SegmentSettings, find_inner_points
from shiage.painting.edits import Stroke
from shiage.painting.painted_cel import PaintSettings
from shiage.painting.painter import Painter
from tests.drawings import WHITE, Color, Rgba
from tests.integration.conftest import (
    BODY,
    EYE,
    FACE,
    HAT,
    LEG,
    PAINTS,
    Told,
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
    shiage_each,
)

BALL: Color = (250, 200, 0)
SHADOW: Color = (20, 90, 30)
HAT_AT, FACE_AT, EYE_AT, BODY_AT = (72, 12), (72, 45), (65, 32), (80, 70)
"""A pixel of each part of the first cel."""


def hex_of(color: Color) -> str:
    return "#" + bytes(color).hex()


def decide(folder: Path, *corrections: tuple[tuple[int, int], Color | str], **work: object) -> None:
    """Have a cel of the project in `folder / "out"` corrected, as the page saves it.

    Args:
        folder: holds `cut` and `out`.
        corrections: pixel and color.
        work: `cel`, by default A0002; else fields of its `CelWork`.
    """
    project = read_project(folder / "out") or Project(folder / "cut")
    made = tuple(
        Correction(at, color if isinstance(color, str) else hex_of(color))
        for at, color in corrections
    )
    cel = str(work.pop("cel", "A0002"))
    new = msgspec.convert({"corrections": msgspec.to_builtins(made), **work}, CelWork)
    write_project(folder / "out", project.with_work({cel: new}))


def decide_all(folder: Path, cel: str, painting: Rgba) -> None:
    """Make a cel a reference: each of its segments has the color of a painting there."""
    segments = Painter().prepare(folder / "cut" / f"{cel}.png").segments
    places = find_inner_points(segments.labels, len(segments)).tolist()
    colors = [painting[y, x, :3].tolist() for x, y in places]
    made = [
        ((x, y), "none" if color == list(WHITE) else "#" + bytes(color).hex())
        for (x, y), color in zip(places, colors, strict=True)
    ]
    decide(folder, *made, cel=cel, reference=True)


def run(folder: Path, *options: str | Path, ref: str | None = "key") -> Told:
    """Paint `cut` into `out`, once more."""
    refs = ["--ref", ref] if ref else []
    return paint("cut", *refs, "--out", "out", "--force", *options, cwd=folder)


def painted(folder: Path, number: int) -> Rgba:
    return load(folder / "out" / f"A{number:04}.png")


def color_at(rgba: Rgba, at: tuple[int, int], dx: int = 0) -> Color:
    r, g, b, _ = rgba[at[1], at[0] + dx].tolist()
    return r, g, b


def part_of(dx: int, color: Color) -> Rgba:
    """Which pixels of the painted figure have a color."""
    return np.asarray((draw_figure(dx, painted=True)[..., :3] == color).all(axis=-1))


def draw_ball(rgba: Rgba, dx: int, fill: Color = WHITE) -> Rgba:
    """The figure with a box beside its head, a part that the first cel has not."""
    out = rgba.copy()
    out[20:38, 108 + dx : 126 + dx] = (0, 0, 0, 255)
    out[22:36, 110 + dx : 124 + dx] = (*fill, 255)
    return out


# --- corrections --------------------------------------------------------------------------------


def test_a_corrected_segment_has_exactly_its_color(cut: Path, tmp_path: Path) -> None:
    run(tmp_path).ok()
    before = {number: painted(tmp_path, number) for number in (1, 2, 3, 4)}
    decide(tmp_path, ((HAT_AT[0] + 3, HAT_AT[1]), BALL))
    told = run(tmp_path).ok()
    after = painted(tmp_path, 2)
    hat = part_of(3, HAT)
    assert hat.any()
    assert (after[hat] == (*BALL, 255)).all()
    np.testing.assert_array_equal(after[~hat], before[2][~hat])
    np.testing.assert_array_equal(painted(tmp_path, 1), before[1])
    _, corrected, *others = told.json["cels"]
    locked = [segment for segment in corrected["segments"] if segment["locked"]]
    assert [(s["color"], s["confidence"]) for s in locked] == [(hex_of(BALL), 1)]
    assert not any(segment["locked"] for cel in others for segment in cel["segments"])
    assert read_project(tmp_path / "out") is not None  # still there
    assert_nothing_half_written(tmp_path)
    assert cut.is_dir()


def test_cels_beside_a_corrected_one_follow(tmp_path: Path) -> None:
    draw_key(tmp_path / "key" / "A0001.png")
    cut = draw_cut(tmp_path / "cut")
    for number in (2, 3, 4):
        dx = 3 * (number - 1)
        save(cut / f"A{number:04}.png", draw_ball(draw_figure(dx), dx))
    run(tmp_path).ok()
    for number in (2, 3, 4):
        assert BALL not in colors_of(painted(tmp_path, number))
    decide(tmp_path, ((115 + 6, 28), BALL), cel="A0003")
    told = run(tmp_path).ok()
    for number in (2, 3, 4):
        dx = 3 * (number - 1)
        expected = draw_ball(draw_figure(dx, painted=True), dx, BALL)
        np.testing.assert_array_equal(painted(tmp_path, number), expected)
    references = [cel["references"] for cel in told.json["cels"]]
    assert references == [[], ["A0001", "A0003"], ["A0001", "A0002"], ["A0001", "A0003", "A0003"]]


def test_a_correction_may_be_bare_paper(cut: Path, tmp_path: Path) -> None:
    decide(tmp_path, ((BODY_AT[0] + 3, BODY_AT[1]), "none"))
    run(tmp_path).ok()
    body = part_of(3, BODY)
    after = painted(tmp_path, 2)
    np.testing.assert_array_equal(after[body], load(cut / "A0002.png")[body])
    np.testing.assert_array_equal(after[~body], draw_figure(3, painted=True)[~body])


def test_a_color_that_no_reference_has_any_more(cut: Path, tmp_path: Path) -> None:
    # It was in a reference that is not given now; its key says what it was.
    decide(tmp_path, ((HAT_AT[0] + 3, HAT_AT[1]), "#0a0b0c"))
    run(tmp_path).ok()
    assert (painted(tmp_path, 2)[part_of(3, HAT)] == (10, 11, 12, 255)).all()
    assert cut.is_dir()


def test_the_number_of_threads_does_not_matter(tmp_path: Path) -> None:
    cut = draw_cut(tmp_path / "cut", 8, step=6)
    draw_key(tmp_path / "key" / "A0001.png")
    for out in ("one", "four"):
        project = Project(cut).with_work(
            {
                "A0003": CelWork((Correction((HAT_AT[0] + 12, HAT_AT[1]), hex_of(BALL)),)),
                "A0007": CelWork((Correction((BODY_AT[0] + 36, BODY_AT[1]), hex_of(EYE)),)),
            }
        )
        write_project(tmp_path / out, project)
    args = ["paint", "cut", "--ref", "key", "--jobs"]
    runs = shiage_each([*args, "1", "--out", "one"], [*args, "4", "--out", "four"], cwd=tmp_path)
    for told in runs:
        told.ok()
    assert hash_cels(tmp_path / "one") == hash_cels(tmp_path / "four")
    assert len(hash_cels(tmp_path / "one")) == 9


def test_a_corrected_cel_that_cannot_be_read_does_not_stop_the_others(
    cut: Path, tmp_path: Path
) -> None:
    decide(tmp_path, (HAT_AT, BALL))
    (cut / "A0002.png").write_bytes(b"")
    told = run(tmp_path)
    told.fails("A0002.png", "empty")
    assert told.statuses == {
        "A0001": "reference",
        "A0002": "failed",
        "A0003": "painted",
        "A0004": "painted",
    }
    np.testing.assert_array_equal(painted(tmp_path, 3), draw_figure(6, painted=True))


def test_a_repeated_drawing_is_painted_as_its_original(cut: Path, tmp_path: Path) -> None:
    (cut / "A0005.png").write_bytes((cut / "A0002.png").read_bytes())
    decide(tmp_path, ((HAT_AT[0] + 3, HAT_AT[1]), BALL))
    told = run(tmp_path).ok()
    assert told.statuses["A0005"] == "same"
    assert (painted(tmp_path, 5)[part_of(3, HAT)] == (*BALL, 255)).all()


# --- strokes ------------------------------------------------------------------------------------


def test_a_closing_line_parts_a_segment_into_two_colors(cut: Path, tmp_path: Path) -> None:
    x = 75
    decide(
        tmp_path,
        ((60, 70), BODY),
        ((90, 70), SHADOW),
        strokes=[{"kind": "close", "points": [[x, 50], [x, 80]]}],
    )
    run(tmp_path).ok()
    after, drawn = painted(tmp_path, 2), draw_figure(3, painted=True)
    body = part_of(3, BODY)
    right = np.arange(160) > x
    left = np.arange(160) < x
    assert (after[body & left] == (*BODY, 255)).all()
    assert (after[body & right] == (*SHADOW, 255)).all()
    assert colors_of(after[body][None]) == {BODY, SHADOW}  # also under the line
    np.testing.assert_array_equal(after[~body], drawn[~body])
    assert cut.is_dir()


def test_pen_and_eraser_change_segments_but_no_line(cut: Path, tmp_path: Path) -> None:
    strokes = [
        Stroke("erase", ((130, 10), (130, 110)), 12),  # nothing there
        Stroke("pen", ((75, 50), (75, 80)), 3),
        Stroke("erase", ((75, 58), (75, 60)), 5),  # a way through the pen stroke
    ]
    decide(tmp_path, ((60, 70), SHADOW), strokes=msgspec.to_builtins(strokes))
    run(tmp_path).ok()
    expected = draw_figure(3, painted=True)
    expected[part_of(3, BODY)] = (*SHADOW, 255)  # still one segment
    np.testing.assert_array_equal(painted(tmp_path, 2), expected)
    assert cut.is_dir()


# --- keys ---------------------------------------------------------------------------------------


def test_a_cel_made_a_reference_is_all_that_is_needed(cut: Path, tmp_path: Path) -> None:
    decide_all(tmp_path, "A0001", draw_figure(painted=True))
    told = run(tmp_path, ref=None).ok()
    for number in (1, 2, 3, 4):
        expected = draw_figure(3 * (number - 1), painted=True)
        np.testing.assert_array_equal(painted(tmp_path, number), expected)
    first, second, *_ = told.json["cels"]
    assert all(segment["locked"] for segment in first["segments"])
    assert second["references"] == ["A0001"]
    assert cut.is_dir()


def test_a_reference_of_which_a_segment_is_open_is_none(cut: Path, tmp_path: Path) -> None:
    decide_all(tmp_path, "A0001", draw_figure(painted=True))
    project = read_project(tmp_path / "out")
    assert project is not None
    made = project.work("A0001").corrections
    kept = [c for c in made if c.color != hex_of(HAT)]
    assert len(kept) == len(made) - 1
    decide(tmp_path, *((c.at, c.color) for c in kept), cel="A0001", reference=True)
    told = run(tmp_path, ref=None).ok()
    locked = [segment["locked"] for segment in told.json["cels"][0]["segments"]]
    assert locked.count(False) == 1
    assert color_at(painted(tmp_path, 1), BODY_AT) == BODY
    assert cut.is_dir()


def test_corrections_alone_are_enough(cut: Path, tmp_path: Path) -> None:
    # The corrected cel is the first one: nothing but itself is known when it is painted.
    decide(tmp_path, (HAT_AT, HAT), (BODY_AT, BODY), cel="A0001")
    told = run(tmp_path, ref=None).ok()
    assert set(told.statuses.values()) == {"painted"}
    first = painted(tmp_path, 1)
    assert colors_of(first) == {HAT, BODY, WHITE, (0, 0, 0)}
    for number in (1, 2, 3, 4):
        dx = 3 * (number - 1)
        assert color_at(painted(tmp_path, number), HAT_AT, dx) == HAT
        assert color_at(painted(tmp_path, number), BODY_AT, dx) == BODY
    assert cut.is_dir()


def test_a_column_of_which_nothing_is_known_is_told(tmp_path: Path) -> None:
    for column in "AB":
        draw_cut(tmp_path / "cut", 2, column + "{:04}.png")
    decide(tmp_path, (HAT_AT, HAT), cel="A0001")
    told = run(tmp_path, ref=None)
    told.fails("B0001.png", "no reference or hint", "--ref", "shiage ui")
    assert "add_reference" not in told.err
    assert told.statuses == {
        "A0001": "painted",
        "A0002": "painted",
        "B0001": "failed",
        "B0002": "failed",
    }


def test_without_anything_known_the_page_is_named(cut: Path, tmp_path: Path) -> None:
    write_project(tmp_path / "out", Project(cut).with_work({"A0002": CelWork(hold=3)}))
    before = hash_tree(tmp_path)
    told = run(tmp_path, ref=None)
    told.fails("no reference", "--ref", "shiage ui")
    assert told.out == ""
    assert hash_tree(tmp_path) == before


def test_a_given_painting_is_passed_on_or_composed_anew(cut: Path, tmp_path: Path) -> None:
    key = save(tmp_path / "key" / "A0001.png", draw_figure(painted=True), compress_level=0)
    run(tmp_path).ok()
    assert (tmp_path / "out" / "A0001.png").read_bytes() == key.read_bytes()
    decide(tmp_path, (HAT_AT, BALL), cel="A0002")
    run(tmp_path).ok()
    assert (tmp_path / "out" / "A0001.png").read_bytes() == key.read_bytes()
    decide(tmp_path, (HAT_AT, BALL), cel="A0001")
    told = run(tmp_path).ok()
    after = painted(tmp_path, 1)
    hat = part_of(0, HAT)
    assert (after[hat] == (*BALL, 255)).all()
    np.testing.assert_array_equal(after[~hat], draw_figure(painted=True)[~hat])
    assert told.statuses["A0001"] == "painted"
    # The others learn from it as corrected, not as given.
    assert color_at(painted(tmp_path, 3), HAT_AT, 6) == BALL
    assert cut.is_dir()


# --- palette ------------------------------------------------------------------------------------


def test_a_changed_color_is_painted_everywhere(cut: Path, tmp_path: Path) -> None:
    colors = (
        ProjectColor(hex_of(BODY), hex_of(BALL), "coat"),
        ProjectColor(hex_of(LEG), hex_of(LEG), "trousers"),
        ProjectColor(hex_of(SHADOW), "#010203", "never used"),
    )
    write_project(tmp_path / "out", Project(cut, palette=colors))
    told = run(tmp_path).ok()
    for number in (1, 2, 3, 4):
        dx = 3 * (number - 1)
        expected = draw_figure(dx, painted=True)
        expected[part_of(dx, BODY)] = (*BALL, 255)
        np.testing.assert_array_equal(painted(tmp_path, number), expected)
    names = {color: name for name, color in told.json["palette"]}
    assert names[hex_of(BALL)] == "coat"
    assert names[hex_of(LEG)] == "trousers"
    assert names[hex_of(FACE)] == hex_of(FACE)
    assert {bytes.fromhex(color[1:]) for color in names if color != "none"} == {
        bytes(color) for color in (PAINTS - {BODY}) | {BALL, (1, 2, 3)}
    }


def test_a_renamed_color_leaves_given_paintings_alone(cut: Path, tmp_path: Path) -> None:
    key = save(tmp_path / "key" / "A0001.png", draw_figure(painted=True), compress_level=0)
    colors = (ProjectColor(hex_of(BODY), hex_of(BODY), "coat"),)
    write_project(tmp_path / "out", Project(cut, palette=colors))
    run(tmp_path).ok()
    assert (tmp_path / "out" / "A0001.png").read_bytes() == key.read_bytes()


def test_colors_of_16_bits_stay_exact(tmp_path: Path) -> None:
    deep = {BODY: (0x3CAB, 0xA012, 0x4600), HAT: (0xC8FF, 0x1E00, 0x2801)}

    def write(path: Path, dx: int, *, full: bool) -> NDArray[np.uint16]:
        pixels = draw_figure(dx, painted=full).astype(np.uint16) * 257
        for color, exact in deep.items() if full else ():
            pixels[part_of(dx, color), :3] = exact
        path.parent.mkdir(parents=True, exist_ok=True)
        write_picture(path, Picture(pixels, Layout("PNG", "RGB", 16)))
        return pixels

    cut = tmp_path / "cut"
    key = write(tmp_path / "key" / "A0001.png", 0, full=True)
    for number in (1, 2):
        write(cut / f"A{number:04}.png", 3 * (number - 1), full=False)
    # The first cel is composed anew for its eye, in a color of 8 bits; the hat is but renamed.
    renamed = (ProjectColor("#c8ff1e002801ffff", "#c81e28", "hat"),)
    write_project(tmp_path / "out", Project(cut, palette=renamed))
    decide(tmp_path, (EYE_AT, BALL), cel="A0001")
    decide(tmp_path, ((HAT_AT[0] + 3, HAT_AT[1]), "#3caba0124600ffff"), cel="A0002")
    told = run(tmp_path).ok()
    first, second = (read_picture(tmp_path / "out" / f"A{n:04}.png").pixels for n in (1, 2))
    eye = np.asarray((key[..., :3] == np.array(EYE) * 257).all(axis=-1))
    eye[:, 72:] = False  # the left one
    assert (first[eye, :3] == np.array(BALL) * 257).all()
    np.testing.assert_array_equal(first[~eye], key[~eye])
    assert (second[part_of(3, BODY), :3] == deep[BODY]).all()
    assert (second[part_of(3, HAT), :3] == deep[BODY]).all()
    assert ["hat", "#c81e28"] in told.json["palette"]


def test_a_correction_in_a_changed_color(cut: Path, tmp_path: Path) -> None:
    # It names the color, whatever that looks like now.
    colors = (ProjectColor(hex_of(BODY), hex_of(BALL), "coat"),)
    write_project(tmp_path / "out", Project(cut, palette=colors))
    decide(tmp_path, ((HAT_AT[0] + 3, HAT_AT[1]), BODY))
    run(tmp_path).ok()
    assert color_at(painted(tmp_path, 2), HAT_AT, 3) == BALL


# --- the file -----------------------------------------------------------------------------------


def test_references_and_settings_are_those_of_the_page_if_none_are_given(
    cut: Path, tmp_path: Path
) -> None:
    settings = PaintSettings(segments=SegmentSettings(gap="off"))
    for number in (2, 3, 4):
        rgba = load(cut / f"A{number:04}.png").copy()
        rgba[60:64, 48 + 3 * (number - 1) : 53 + 3 * (number - 1)] = 255  # a gap in the body
        save(cut / f"A{number:04}.png", rgba)
    project = Project(cut, recipe=Recipe((tmp_path / "key",), settings=settings))
    write_project(tmp_path / "out", project)
    told = run(tmp_path, ref=None).ok()
    assert [cel["gaps"] for cel in told.json["cels"]] == [0] * 4
    assert {len(cel["segments"]) for cel in told.json["cels"][1:]} == {7}
    told = run(tmp_path, "--gap", "12", ref=None).ok()
    assert [cel["gaps"] for cel in told.json["cels"]] == [0, 1, 1, 1]
    assert {len(cel["segments"]) for cel in told.json["cels"][1:]} == {8}


DAMAGED = {
    "damaged": ('{"cut": "../cut", "cels"', "cannot be read"),
    "newer": ('{"cut": "../cut", "format": 99, "layers": []}', "format 99"),
    "no color": (
        '{"cut": "../cut", "palette": [{"key": "a", "color": "red", "name": ""}]}',
        "'red' is no color",
    ),
    "unknown key": ('{"cut": "../cut", "colour": 1}', "colour"),
}


def test_a_damaged_project_stops_everything(cut: Path, tmp_path: Path) -> None:
    outs = [tmp_path / f"out {kind}" for kind in DAMAGED]
    for out, (content, _) in zip(outs, DAMAGED.values(), strict=True):
        out.mkdir()
        (out / "shiage.json").write_text(content)
        save(out / "A0002.png", draw_figure(6, painted=True))  # painted before
    before = hash_tree(tmp_path)
    commands: list[list[str | Path]] = [
        ["paint", cut, "--ref", "key", "--out", out, "--force"] for out in outs
    ]
    runs = shiage_each(*commands, cwd=tmp_path)
    for told, (_, word) in zip(runs, DAMAGED.values(), strict=True):
        told.fails("shiage.json", word)
        assert told.out == ""
        assert len(told.err.strip().splitlines()) == 1
    assert hash_tree(tmp_path) == before


def test_resume_is_refused_once_something_else_is_decided(cut: Path, tmp_path: Path) -> None:
    decide(tmp_path, ((HAT_AT[0] + 3, HAT_AT[1]), BALL))
    run(tmp_path).ok()
    project = read_project(tmp_path / "out")
    assert project is not None
    work = project.work("A0002")
    again = {
        "as it was": project,
        # For how long a cel is shown does not matter here.
        "held": project.with_work(
            {"A0002": msgspec.structs.replace(work, hold=7), "A0003": CelWork(hold=1)}
        ),
    }
    others = {
        "another color": project.with_work(
            {"A0002": CelWork((Correction((HAT_AT[0] + 3, HAT_AT[1]), hex_of(EYE)),))}
        ),
        "a stroke": project.with_work(
            {"A0003": CelWork(strokes=(Stroke("close", ((1, 1), (2, 2))),))}
        ),
        "another look": msgspec.structs.replace(
            project, palette=(ProjectColor(hex_of(BALL), "#123456", ""),)
        ),
        "nothing": Project(cut),
    }
    commands: list[list[str | Path]] = []
    for name, other in {**again, **others}.items():
        shutil.copytree(tmp_path / "out", tmp_path / name)
        write_project(tmp_path / name, other)
        commands.append(["paint", "cut", "--ref", "key", "--out", name, "--resume"])
    before = {name: hash_cels(tmp_path / name) for name in others}
    runs = shiage_each(*commands, cwd=tmp_path)
    for told in runs[: len(again)]:
        told.ok()
    for told in runs[len(again) :]:
        told.fails("painted with other", "--force")
    assert {name: hash_cels(tmp_path / name) for name in others} == before


def test_paint_leaves_the_project_as_it_is(cut: Path, tmp_path: Path) -> None:
    decide(tmp_path, ((HAT_AT[0] + 3, HAT_AT[1]), BALL))
    path = tmp_path / "out" / "shiage.json"
    data = json.loads(path.read_text())
    path.write_text(json.dumps(data))  # written by hand, in one line
    before = path.read_bytes()
    run(tmp_path).ok()
    assert path.read_bytes() == before
    assert color_at(painted(tmp_path, 2), HAT_AT, 3) == BALL
    assert cut.is_dir()
