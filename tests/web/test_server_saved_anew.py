"""Files that are saved again while the page is open: nothing is ever made of two drawings."""

from __future__ import annotations

import io
import os
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from shiage.cuts.job import CutJob
from shiage.cuts.recipe import Recipe
from shiage.cuts.whole_cut import paint_cut
from shiage.matching import MATCHERS
from shiage.painting import serving
from shiage.painting.painted_cel import PaintedCel
from shiage.structures import Painting
from shiage.web import deciding
from shiage.web.session import Session
from tests.drawings import Rgba
from tests.files.layers.psds import L, write_psd
from tests.integration.conftest import (
    BODY,
    HAT,
    colors_of,
    draw_cut,
    draw_figure,
    draw_key,
    hash_cels,
    load,
    save,
)
from tests.matching.test_remembered import Whole
from tests.web.conftest import NEW_COLOR, Json, Ui, ask, propagating, read_state, running

NEW_RGB = (0x12, 0xAB, 0x56)
BODY_XY = (75, 60)
"""In cel 1."""


@pytest.fixture
def ui(cut: Path) -> Iterator[Ui]:
    """A cut of four cels, the first of which is given, whose files may be saved again."""
    with running(cut, "-r", cut.parent / "key", "-o", cut.parent / "out") as ui:
        ui.settle()
        yield ui


def mended(*, painted: bool = False) -> Rgba:
    """Cel 1 as it is saved again: moved a little, the hat parted, so that labels are others."""
    rgba = draw_figure(5, painted=painted, dy=1)
    rgba[14:16, 60:94, :3] = 0
    return rgba


def in_new_color(rgba: Rgba) -> Rgba:
    """The painted figure whose body has the new color."""
    out = rgba.copy()
    out[(rgba[..., :3] == BODY).all(axis=-1), :3] = NEW_RGB
    return out


def mend(cut: Path) -> None:
    save(cut / "A0002.png", mended())


def told_of(ui: Ui, name: str) -> str:
    """What the page says of a file that was saved again."""
    (told,) = (warning for warning in ui.project()["warnings"] if name in warning)
    return str(told)


# -- exports ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("format", ["cels", "psd"])
def test_mended_line_is_exported_in_the_colors_decided(ui: Ui, cut: Path, format: str) -> None:  # noqa: A002
    ui.paint(1, [ui.label_at(1, *BODY_XY)], ui.add_color())
    ui.settle()
    ui.export(format)
    mend(cut)
    answer = ui.try_export(format, overwrite=True)
    assert answer.status_code == 200
    assert answer.json()["left_out"] == []
    suffix = ".psd" if format == "psd" else ".png"
    painted = load(cut.parent / "out" / f"A0002{suffix}")
    np.testing.assert_array_equal(painted, in_new_color(mended(painted=True)))
    told = told_of(ui, "A0002.png")
    assert "was saved again at " in told
    assert "1 of 1 decisions still have a segment" in told
    assert ui.project()["cels"][1]["message"] == told


def test_lines_and_colors_apart_are_of_one_drawing(ui: Ui, cut: Path) -> None:
    ui.export(layers="separate")
    mend(cut)
    ui.export(layers="separate", overwrite=True)
    lines, colors = (load(cut.parent / "out" / at / "A0002.png") for at in ("_lines", "_colors"))
    ink = (mended()[..., :3] == 0).all(axis=-1)
    np.testing.assert_array_equal(lines[..., 3] == 255, ink)
    body = (mended(painted=True)[..., :3] == BODY).all(axis=-1)
    assert (colors[body, :3] == BODY).all()
    hat = (mended(painted=True)[..., :3] == HAT).all(axis=-1)
    assert (colors[hat, :3] == HAT).all()


def test_paths_are_of_the_new_drawing(ui: Ui, cut: Path) -> None:
    ui.export("svg")
    before = (cut.parent / "out" / "A0002.svg").read_text()
    (cut / "A0002.png").write_bytes((cut / "A0004.png").read_bytes())
    ui.export("svg", overwrite=True)
    after = (cut.parent / "out" / "A0002.svg").read_text()
    assert after != before
    assert after == (cut.parent / "out" / "A0004.svg").read_text()


@pytest.mark.parametrize("format", ["gif", "mp4"])
def test_preview_shows_the_new_drawing(ui: Ui, cut: Path, format: str) -> None:  # noqa: A002
    ui.act("hold", cels=[0, 2, 3], frames=0)
    for number in range(1, 5):
        save(cut / f"A000{number}.png", draw_figure(20))
    draw_key(cut.parent / "key" / "A0001.png", 20)
    ui.export(format)
    (path,) = (cut.parent / "out").glob(f"*.{format}")
    if format == "gif":
        with Image.open(path) as shown:
            seen = np.asarray(shown.convert("RGBA"))
        np.testing.assert_array_equal(seen, draw_figure(20, painted=True))
    fresh = Session(CutJob(cut, Recipe((cut.parent / "key",)), out=cut.parent / "fresh"))
    with propagating(fresh):
        hold = {"kind": "hold", "cels": [0, 2, 3], "frames": 0}
        assert ask(fresh, "POST", "/api/actions", json=hold).status_code == 200
        assert ask(fresh, "POST", "/api/export", json={"format": format}).status_code == 200
    assert path.read_bytes() == (cut.parent / "fresh" / path.name).read_bytes()


def keep_times(path: Path, rgba: Rgba) -> None:
    """Save with the size and times that the file has, as some copying programs do."""
    before, told = path.read_bytes(), path.stat()
    save(path, rgba)
    padding = len(before) - path.stat().st_size
    assert padding >= 0
    with path.open("ab") as file:
        file.write(b"\0" * padding)  # behind the end of a PNG
    os.utime(path, ns=(told.st_atime_ns, told.st_mtime_ns))
    assert (path.stat().st_size, path.stat().st_mtime_ns) == (told.st_size, told.st_mtime_ns)


def test_file_of_the_same_size_and_time_is_found(tmp_path: Path) -> None:
    draw_key(tmp_path / "key" / "A0001.png")
    cut = draw_cut(tmp_path / "cut")
    with (cut / "A0002.png").open("ab") as file:
        file.write(b"\0" * 1000)
    with running(cut, "-r", tmp_path / "key", "-o", tmp_path / "out") as ui:
        ui.settle()
        keep_times(cut / "A0002.png", mended())
        ui.export()
        painted = load(tmp_path / "out" / "A0002.png")
        np.testing.assert_array_equal(painted, mended(painted=True))


def test_what_is_exported_is_what_shiage_paint_writes(ui: Ui, cut: Path) -> None:
    ui.paint(1, [ui.label_at(1, *BODY_XY)], ui.add_color())
    ui.act("edit", cel=2, stroke={"kind": "close", "points": [[78, 45], [78, 78]]})
    mend(cut)
    save(cut / "A0003.png", draw_figure(7))
    (cut / "A0004.png").write_bytes((cut / "A0003.png").read_bytes())
    ui.export()
    exported = hash_cels(cut.parent / "out")
    del exported["shiage.json"]
    paint_cut(CutJob(cut, out=cut.parent / "out", force=True))
    painted = hash_cels(cut.parent / "out")
    assert {name: painted[name] for name in exported} == exported


def test_drawing_saved_while_it_is_exported(cut: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    session = Session(CutJob(cut, Recipe((cut.parent / "key",)), out=cut.parent / "out"))
    real = PaintedCel.encode
    saved: list[Path] = []

    def encode(self: PaintedCel, *args: Any, **options: Any) -> bytes:
        if self.drawing.path.name == "A0002.png" and not saved:
            saved.append(cut)
            mend(cut)
        return real(self, *args, **options)

    monkeypatch.setattr(PaintedCel, "encode", encode)
    with propagating(session):
        answer = ask(session, "POST", "/api/export", json={"format": "cels"})
    assert answer.json() == {"files": 4, "folder": str(cut.parent / "out"), "left_out": []}
    assert saved
    painted = load(cut.parent / "out" / "A0002.png")
    np.testing.assert_array_equal(painted, mended(painted=True))


def test_drawing_saved_again_and_again_is_left_out_and_told(
    cut: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = Session(CutJob(cut, Recipe((cut.parent / "key",)), out=cut.parent / "out"))
    real = PaintedCel.encode
    shifts = iter(range(11, 100))

    def encode(self: PaintedCel, *args: Any, **options: Any) -> bytes:
        if self.drawing.path.name == "A0002.png":
            save(cut / "A0002.png", draw_figure(next(shifts)))
        return real(self, *args, **options)

    monkeypatch.setattr(PaintedCel, "encode", encode)
    with propagating(session):
        answer = ask(session, "POST", "/api/export", json={"format": "cels"}).json()
    assert answer["files"] == 3
    (told,) = answer["left_out"]
    assert "A0002 was left out" in told
    assert "saved again meanwhile" in told
    assert sorted(hash_cels(cut.parent / "out")) == ["A0001.png", "A0003.png", "A0004.png"]


# -- clicks ----------------------------------------------------------------------------------------


def test_click_on_a_drawing_that_is_another_one_by_now(ui: Ui, cut: Path) -> None:
    """Without a word on what was seen, nothing is done at the moment at which that is found out."""
    label, color = ui.label_at(1, *BODY_XY), ui.add_color()
    actions: list[tuple[str, Json]] = [
        ("paint", {"items": [{"cel": 1, "labels": [label]}], "color": color}),
        ("accept", {"items": [{"cel": 1, "labels": [label]}]}),
        ("release", {"items": [{"cel": 1, "labels": [label]}]}),
        ("edit", {"cel": 1, "stroke": {"kind": "pen", "points": [[75, 50], [75, 70]]}}),
        ("reference", {"cel": 1, "on": True}),
    ]
    for dx, (kind, what) in enumerate(actions, start=4):
        before = ui.settle()["undo"]
        save(cut / "A0002.png", draw_figure(dx, dy=1))
        answer = ui.try_to(kind, **what)
        assert answer.status_code == 409, kind
        assert "A0002.png: was saved again since it was shown" in answer.json()["error"]
        project = ui.settle()
        assert project["undo"] == before
        assert (project["cels"][1]["locked"], project["cels"][1]["edited"]) == (0, False)


def test_click_that_says_what_it_saw(ui: Ui, cut: Path) -> None:
    """However often others have looked since: the segments are not those that were clicked."""
    seen, label, color = ui.cel(1), ui.label_at(1, *BODY_XY), ui.add_color()
    mend(cut)
    ui.settle()
    now = ui.cel(1)
    assert now["shape"] > seen["shape"]
    assert now["drawing"] != seen["drawing"]
    stroke = {"kind": "pen", "points": [[75, 50], [75, 70]]}
    old = [{"cel": 1, "labels": [label], "shape": seen["shape"]}]
    actions: list[tuple[str, Json]] = [
        ("paint", {"items": old, "color": color}),
        ("accept", {"items": old}),
        ("release", {"items": old}),
        ("edit", {"cel": 1, "drawing": seen["drawing"], "stroke": stroke}),
        ("reference", {"cel": 1, "on": True, "shape": seen["shape"]}),
    ]
    for kind, what in actions:
        assert "A0002.png" in ui.refuses(kind, 409, **what)
    for path in ("match", "same"):
        for shape, code in ((seen["shape"], 409), (now["shape"], 200)):
            answer = ui.client.get(f"/api/cels/1/{path}", params={"label": 1, "shape": shape})
            assert answer.status_code == code
    for path in ("labels.png", "line.png", "painted.png", "painted.png?max=64"):
        answer = ui.client.get(f"/api/cels/1/{path}")
        assert answer.headers["x-shiage-shape"] == str(now["shape"]), (
            "a picture tells of what it is"
        )
    found = ui.get("cels/2/same", label=ui.label_at(2, 78, 60))["found"]
    assert {part["shape"] for part in found if part["cel"] == 1} == {now["shape"]}
    label = ui.label_at(1, 77, 61)
    item = {"cel": 1, "labels": [label], "shape": now["shape"]}
    ui.act("paint", items=[item], color=color)
    ui.act("edit", cel=1, drawing=now["drawing"], stroke=stroke)
    ui.settle()
    assert ui.refuses("paint", 409, items=[item], color=color), "a stroke makes others of them, too"


def test_click_on_a_twin_that_is_none_any_more(cut: Path) -> None:
    """Its numbers must not be those that its original had when it was seen there."""
    (cut / "A0004.png").write_bytes((cut / "A0002.png").read_bytes())
    with running(cut, "-r", cut.parent / "key", "-o", cut.parent / "out") as ui:
        ui.settle()
        seen = ui.cel(3)
        assert seen["index"] == 1
        save(cut / "A0004.png", draw_figure(9))
        ui.settle()
        assert ui.cel(3)["shape"] > seen["shape"]
        assert ui.cel(3)["paint"] > seen["paint"]
        ui.refuses("paint", 409, items=[{"cel": 3, "labels": [1], "shape": seen["shape"]}], color=1)


# -- decisions -------------------------------------------------------------------------------------


def test_decision_without_its_segment_is_told_and_comes_back_with_it(ui: Ui, cut: Path) -> None:
    ui.paint(1, [ui.label_at(1, *BODY_XY), ui.label_at(1, 75, 14)], ui.add_color())
    at = read_state(cut.parent / "out")["cels"]["A0002"]["corrections"][0]["at"]
    drawn = (cut / "A0002.png").read_bytes()
    crossed = draw_figure(3)
    crossed[at[1] - 3 : at[1] + 3, at[0] - 3 : at[0] + 3, :3] = 0
    save(cut / "A0002.png", crossed)
    project = ui.settle()
    assert project["cels"][1]["locked"] == 1
    assert "1 of 2 decisions still have a segment, 1 on a line or outside" in told_of(ui, "A0002")
    assert len(read_state(cut.parent / "out")["cels"]["A0002"]["corrections"]) == 2
    (cut / "A0002.png").write_bytes(drawn)
    assert ui.settle()["cels"][1]["locked"] == 2
    assert "2 of 2 decisions still have a segment" in told_of(ui, "A0002")
    ui.act("undo")
    assert ui.settle()["cels"][1]["locked"] == 0
    assert not [warning for warning in ui.project()["warnings"] if "A0002" in warning]


def test_strokes_are_made_again(ui: Ui, cut: Path) -> None:
    stroke = {"kind": "close", "points": [[75, 45], [75, 78]]}
    ui.act("edit", cel=1, stroke=stroke)
    assert ui.label_at(1, 65, 60) != ui.label_at(1, 85, 60)
    mend(cut)
    ui.settle()
    assert ui.label_at(1, 65, 60) != ui.label_at(1, 85, 60)
    assert "its strokes are made again" in told_of(ui, "A0002")


def test_reference_made_in_the_page_is_one_as_long_as_all_is_decided(ui: Ui, cut: Path) -> None:
    ui.act("reference", cel=1, on=True)
    save(cut / "A0002.png", draw_figure(4))
    assert ui.settle()["cels"][1]["state"] == "key"
    mend(cut)  # with a part more
    cel = ui.settle()["cels"][1]
    assert cel["state"] == "painted"
    assert 5 < cel["locked"] < cel["segments"]


def test_drawing_saved_while_the_page_was_closed_is_told(cut: Path) -> None:
    args = (cut, "-r", cut.parent / "key", "-o", cut.parent / "out")
    with running(*args) as ui:
        ui.settle()
        ui.paint(1, [ui.label_at(1, *BODY_XY)], ui.add_color())
    mend(cut)
    with running(*args) as ui:
        ui.settle()
        told = told_of(ui, "A0002")
        assert "has changed since its colors were decided; 1 of 1" in told
        ui.paint(1, [ui.label_at(1, 75, 20)], 1)
        assert not [warning for warning in ui.project()["warnings"] if "A0002" in warning]
    with running(*args) as ui:
        ui.settle()
        assert not [warning for warning in ui.project()["warnings"] if "A0002" in warning]


# -- files that cannot be used ---------------------------------------------------------------------


def test_drawing_that_is_deleted_and_comes_back(ui: Ui, cut: Path) -> None:
    ui.paint(1, [ui.label_at(1, *BODY_XY)], ui.add_color())
    ui.settle()
    ui.export()
    drawn = (cut / "A0002.png").read_bytes()
    (cut / "A0002.png").unlink()
    cel = ui.project()["cels"][1]
    assert cel["state"] == "failed"
    assert "A0002.png: cannot be read" in cel["message"]
    for path in ("", "/labels.png", "/painted.png", "/painted.png?max=64"):
        assert ui.client.get(f"/api/cels/1{path}").status_code == 400
    answer = ui.try_export(overwrite=True).json()
    assert answer["files"] == 3
    (told,) = answer["left_out"]
    assert "A0002 was left out" in told
    assert "cannot be read" in told
    (cut / "A0002.png").write_bytes(drawn)
    assert ui.export(overwrite=True) == 4
    painted = load(cut.parent / "out" / "A0002.png")
    np.testing.assert_array_equal(painted, in_new_color(draw_figure(3, painted=True)))


@pytest.mark.parametrize("rest", [b"", b"\0" * 500])
def test_half_of_a_file_is_told_and_all_of_it_is_taken(ui: Ui, cut: Path, rest: bytes) -> None:
    save(cut.parent / "whole.png", mended())
    whole = (cut.parent / "whole.png").read_bytes()
    (cut / "A0002.png").write_bytes(whole[: len(whole) // 2] + rest)
    answer = ui.try_export().json()
    assert answer["files"] == 3
    assert "A0002 was left out" in answer["left_out"][0]
    assert "cut off or corrupt" in answer["left_out"][0]
    assert "A0002.png" in ui.project()["cels"][1]["message"]
    (cut / "A0002.png").write_bytes(whole)
    assert ui.export(overwrite=True) == 4
    painted = load(cut.parent / "out" / "A0002.png")
    np.testing.assert_array_equal(painted, mended(painted=True))


def test_drawing_of_another_size(ui: Ui, cut: Path) -> None:
    save(cut / "A0002.png", draw_figure(3)[:110])
    ui.settle()
    answer = ui.try_export().json()
    assert answer["files"] == 3
    assert "160 x 110; expected 160 x 120" in answer["left_out"][0]
    assert ui.project()["cels"][1]["state"] == "failed"


def test_all_of_a_cut_in_another_size(ui: Ui, cut: Path) -> None:
    """One after the other: those that have the new size too early wait for the others."""
    for number in (2, 3, 4):
        save(cut / f"A000{number}.png", draw_figure(number * 3 - 3)[:110])
        ui.settle()
        assert ui.project()["cels"][number - 1]["state"] == "failed"
    save(cut / "A0001.png", draw_figure()[:110])
    save(cut.parent / "key" / "A0001.png", draw_figure(painted=True)[:110])
    assert [cel["state"] for cel in ui.settle()["cels"]] == ["key", *["painted"] * 3]
    assert ui.export() == 4
    painted = load(cut.parent / "out" / "A0003.png")
    np.testing.assert_array_equal(painted, draw_figure(6, painted=True)[:110])


# -- references ------------------------------------------------------------------------------------


def test_reference_saved_in_other_colors_is_followed(ui: Ui, cut: Path) -> None:
    new = ui.add_color()
    ui.paint(1, [ui.label_at(1, *BODY_XY)], new)
    ui.settle()
    before = ui.project()
    key = draw_figure(painted=True)
    key[(key[..., :3] == HAT).all(axis=-1), :3] = (1, 2, 250)
    save(cut.parent / "key" / "A0001.png", key)
    answer = ui.try_to("paint", items=[{"cel": 3, "labels": [1]}], color=new)
    assert answer.status_code == 409, "ids may stand for other colors now"
    assert ui.export() == 4
    for number in (1, 3):
        painted = load(cut.parent / "out" / f"A000{number}.png")
        assert (1, 2, 250) in colors_of(painted)
        assert HAT not in colors_of(painted)
    assert NEW_RGB in colors_of(load(cut.parent / "out" / "A0002.png"))
    assert "was saved again at" in told_of(ui, "key/A0001.png")
    after = ui.project()
    assert after["palette_version"] > before["palette_version"]
    assert [color["color"] for color in after["palette"]].count(NEW_COLOR) == 1
    seen = before["palette_version"]
    item = {"cel": 3, "labels": [1]}
    ui.refuses("paint", 409, items=[item], color=1, palette_version=seen)
    ui.refuses("color_change", 409, id=1, color="#000000", palette_version=seen)
    ui.refuses("color_rename", 409, id=1, name="sky", palette_version=seen)
    ui.act("paint", items=[item], color=1, palette_version=after["palette_version"])


def test_reference_that_is_gone_or_damaged_is_told(ui: Ui, cut: Path) -> None:
    path = cut.parent / "key" / "A0001.png"
    whole = path.read_bytes()
    path.write_bytes(whole[:300])
    project = ui.settle()
    assert "reference left out" in " ".join(project["warnings"])
    assert ui.try_export().status_code == 400, "there is nothing to take colors from"
    path.write_bytes(whole)
    assert ui.export() == 4
    path.unlink()
    ui.settle()
    answer = ui.try_export(overwrite=True)
    assert "key" in answer.text
    assert answer.status_code == 400 or "A0001 was left out" in answer.json()["left_out"][0]


def test_drawing_of_a_given_cel(ui: Ui, cut: Path) -> None:
    """The painting is the artist's, and is passed on as it is; the page says so."""
    save(cut / "A0001.png", draw_figure(1))
    assert ui.settle()["cels"][0]["state"] == "key"
    assert "the painting given of it stays as it is" in told_of(ui, "cut/A0001.png")
    ui.export()
    given = (cut.parent / "key" / "A0001.png").read_bytes()
    assert (cut.parent / "out" / "A0001.png").read_bytes() == given


def test_hints_of_a_drawing_that_is_saved_anew(tmp_path: Path) -> None:
    cut = draw_cut(tmp_path / "cut", 2)
    hints = '{"A0001": [{"at": [72, 60], "color": "#12ab56"}]}'
    (tmp_path / "hints.json").write_text(hints)
    args = (cut, "--hints", tmp_path / "hints.json", "-o", tmp_path / "out")
    with running(*args) as ui:
        assert ui.settle()["cels"][0]["locked"] == 1
        crossed = draw_figure()
        crossed[55:65, 65:80, :3] = 0
        save(cut / "A0001.png", crossed)
        project = ui.settle()
        assert project["cels"][0]["locked"] == 0
        assert "a dot is on lines only" in " ".join(project["warnings"])
        save(tmp_path / "cut" / "A0001.png", draw_figure())
        (tmp_path / "hints.json").write_text(hints.replace("72, 60", "72, 14"))
        project = ui.settle()
        assert project["cels"][0]["locked"] == 1
        assert ui.segment(0, ui.label_at(0, 72, 14))["locked"]


def test_layered_drawing_that_is_saved_anew(tmp_path: Path) -> None:
    def draw(path: Path, dx: int, *, painted: bool = False) -> None:
        lines = draw_figure(dx)
        lines[(lines[..., :3] == 255).all(axis=-1)] = 0
        paint = [L("塗り", draw_figure(dx, painted=True))] if painted else []
        write_psd(path, *paint, L("線", lines), size_hw=lines.shape[:2])

    draw(tmp_path / "cut" / "A0001.psd", 0, painted=True)
    draw(tmp_path / "cut" / "A0002.psd", 3)
    with running(tmp_path / "cut", cwd=tmp_path) as ui:
        ui.settle()
        draw(tmp_path / "cut" / "A0002.psd", 7)
        draw(tmp_path / "cut" / "A0001.psd", 2, painted=True)
        assert ui.export() == 2
        out = Path(ui.project()["out"])
        for name, dx in (("A0001", 2), ("A0002", 7)):
            painted, wanted = load(out / f"{name}.psd"), draw_figure(dx, painted=True)
            inside = (wanted[..., :3] != 255).any(axis=-1)
            np.testing.assert_array_equal(painted[inside, :3], wanted[inside, :3])


# -- twins -----------------------------------------------------------------------------------------


def test_twin_keeps_what_was_decided_when_its_original_changes(cut: Path) -> None:
    (cut / "A0005.png").write_bytes((cut / "A0002.png").read_bytes())
    with running(cut, "-r", cut.parent / "key", "-o", cut.parent / "out") as ui:
        ui.settle()
        ui.paint(4, [ui.label_at(4, *BODY_XY)], ui.add_color())
        ui.act("hold", cels=[4], frames=7)
        mend(cut)
        project = ui.settle()
        assert [project["cels"][i]["locked"] for i in (1, 4)] == [1, 1]
        assert [project["cels"][i]["hold"] for i in (1, 4)] == [2, 7]
        assert ui.export() == 5
        for name, wanted in (
            ("A0002", mended(painted=True)),
            ("A0005", draw_figure(3, painted=True)),
        ):
            painted = load(cut.parent / "out" / f"{name}.png")
            np.testing.assert_array_equal(painted, in_new_color(wanted))
        for _ in range(2):
            ui.act("undo")
        project = ui.settle()
        assert [project["cels"][i]["locked"] for i in (1, 4)] == [0, 0], "it was one decision"


def test_cel_that_becomes_a_twin_and_none_again(ui: Ui, cut: Path) -> None:
    own = (cut / "A0004.png").read_bytes()
    (cut / "A0004.png").write_bytes((cut / "A0002.png").read_bytes())
    ui.settle()
    assert ui.cel(3)["index"] == 1
    ui.paint(3, [ui.label_at(3, *BODY_XY)], ui.add_color())
    assert ui.export() == 4
    painted = load(cut.parent / "out" / "A0004.png")
    np.testing.assert_array_equal(painted, in_new_color(draw_figure(3, painted=True)))
    (cut / "A0004.png").write_bytes(own)
    ui.settle()
    assert ui.cel(3)["index"] == 3
    assert ui.export(overwrite=True) == 4
    painted = load(cut.parent / "out" / "A0004.png")
    np.testing.assert_array_equal(painted, in_new_color(draw_figure(9, painted=True)))


# -- at once ---------------------------------------------------------------------------------------


def test_drawing_saved_while_its_column_is_painted(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    saved = threading.Event()

    def paint_column(*args: Any) -> dict[int, Painting]:
        paintings = serving.paint_column(*args)
        if not saved.is_set():
            mend(session.job.folder)
            saved.set()
        return paintings

    monkeypatch.setattr("shiage.web.propagation.paint_column", paint_column)
    for index in range(4):
        session.find(index)
    with propagating(session):
        assert saved.wait(60)
        answer = ask(session, "POST", "/api/export", json={"format": "cels"})
        assert answer.json()["files"] == 4
    painted = load(session.outputs.folder / "A0002.png")
    np.testing.assert_array_equal(painted, mended(painted=True))


@pytest.mark.parametrize(
    "look",
    [
        lambda session: ask(session, "GET", "/api/cels/1/painted.png"),
        lambda session: ask(session, "GET", "/api/cels/1/line.png"),
        lambda session: ask(session, "GET", "/api/cels/1/labels.png"),
    ],
)
def test_drawing_saved_right_before_it_is_read_for_a_picture(
    session: Session, monkeypatch: pytest.MonkeyPatch, look: Callable[[Session], Any]
) -> None:
    """The colors at hand are those of the old drawing: the answer is no picture at all."""
    for index in range(4):
        session.find(index)
    session.drawings._kept.clear()
    real = session.drawings._workshop.prepare

    def prepare(*args: Any) -> Any:
        monkeypatch.undo()
        mend(session.job.folder)
        return real(*args)

    monkeypatch.setattr(session.drawings._workshop, "prepare", prepare)
    answer = look(session)
    assert answer.status_code == 409
    assert "A0002.png: was saved again meanwhile" in answer.json()["error"]
    assert look(session).status_code == 200


def test_looking_and_clicking_while_drawings_are_saved_never_mixes(ui: Ui, cut: Path) -> None:
    """Whoever gets a label map and the colors of one shape gets those of one drawing."""
    drawings = [draw_figure(3), mended(), draw_figure(8, dy=2)]
    problems: list[str] = []
    compared: list[set[int]] = []
    stop = threading.Event()

    def look() -> None:
        with ui.new_client() as http:
            while not stop.is_set():
                cel = http.get("/api/cels/1")
                if cel.status_code != 200:
                    continue  # at this moment it is being saved
                answers = [http.get(f"/api/cels/1/{name}.png") for name in ("labels", "line")]
                codes = {answer.status_code for answer in answers}
                shapes = {int(answer.headers.get("x-shiage-shape", 0)) for answer in answers}
                if 409 in codes or shapes != {cel.json()["shape"]}:
                    continue
                if codes != {200}:
                    problems.append(" ".join(answer.text for answer in answers))
                    continue
                compared.append(shapes)
                labels, line = (decode(answer.content) for answer in answers)
                ink = (labels[..., 0] == 0) & (line[..., 3] == 255)
                if not any(((d[..., :3] == 0).all(axis=-1) == ink).all() for d in drawings):
                    problems.append("labels and lines are of two drawings")
                if len(cel.json()["segments"]) != labels[..., 0].max():
                    problems.append("segments and labels are of two drawings")

    threads = [threading.Thread(target=look) for _ in range(2)]
    for thread in threads:
        thread.start()
    for turn in range(90):  # ever slower, until somebody gets both of one drawing
        if turn >= 9:
            if compared:
                break
            time.sleep(turn / 50)
        save(cut / "A0002.part.png", drawings[turn % 3]).replace(cut / "A0002.png")
        ui.try_to("paint", items=[{"cel": 1, "labels": [1], "shape": 10**6}], color=1)
    stop.set()
    for thread in threads:
        thread.join()
    assert not problems
    assert compared
    assert ui.settle()["cels"][1]["locked"] == 0


def decode(png: bytes) -> Rgba:
    return np.asarray(Image.open(io.BytesIO(png)))


# -- matchers --------------------------------------------------------------------------------------


def test_matcher_that_satisfies_the_protocol_and_nothing_else(
    cut: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(MATCHERS, "whole", Whole)
    job = CutJob(cut, Recipe((cut.parent / "key",), matcher="whole"), out=cut.parent / "out")
    session = Session(job)
    with propagating(session):
        session.wait_until_followed()
        color = len(session.palette.keys)
        deciding.add_color(session, NEW_COLOR, "")
        row = session.row_at(session.find(1), BODY_XY)
        assert row is not None
        deciding.paint(session, {1: [row + 1]}, color)
        session.wait_until_followed()
        label = int(session.read(session.find(2)).segments.labels[60, 78])
        matches = ask(session, "GET", f"/api/cels/2/match?label={label}").json()["matches"]
        assert 0 in {match["cel"] for match in matches}
        assert ask(session, "GET", f"/api/cels/2/same?label={label}").json()["found"]
        assert ask(session, "POST", "/api/export", json={"format": "cels"}).status_code == 200
    exported = hash_cels(cut.parent / "out")
    paint_cut(CutJob(cut, Recipe(matcher="whole"), out=cut.parent / "out", force=True))
    assert hash_cels(cut.parent / "out") == exported
