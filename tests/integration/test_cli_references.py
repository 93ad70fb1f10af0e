"""What artists give: paint layers alone, blank, on other paper, dithered; dark drawings."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from shiage.cuts.job import CutJob
from shiage.cuts.recipe import Recipe
from shiage.files.images import read_picture
from shiage.web.export import ExportJob, export
from shiage.web.session import Session
from tests.drawings import Rgba, enlarged
from tests.integration.conftest import (
    BODY,
    HAT,
    PAINTS,
    colors_of,
    draw_cut,
    draw_figure,
    draw_key,
    hash_cels,
    load,
    paint,
    save,
    shiage,
    shiage_each,
)
from tests.web.conftest import propagating

GAP = (18, 60)
"""Within the arm that `with_arm` draws beside the body, seen from the body's left side."""


def soft_clear(figure: Rgba) -> Rgba:
    """The figure's lines, antialiased, on transparent paper."""
    large = np.asarray(cv2.resize(figure, None, fx=2, fy=2), np.uint8)
    rgba = np.zeros_like(large)
    rgba[..., 3] = 255 - large[..., :3].max(axis=-1)
    return rgba


def with_arm(figure: Rgba, dx: int = 0, *, painted: bool = False) -> Rgba:
    """The figure with an arm akimbo: bare paper between arm and body."""
    fill = BODY if painted else (255, 255, 255)
    points = np.array([(50 + dx, 46), (18 + dx, 60), (50 + dx, 76)], np.int32)
    hole = np.array([(49 + dx, 54), (32 + dx, 60), (49 + dx, 68)], np.int32)
    figure = figure.copy()
    cv2.fillPoly(figure, [points], (*fill, 255))
    cv2.fillPoly(figure, [hole], (255, 255, 255, 255))
    for outline in (points, hole):
        cv2.polylines(figure, [outline], True, (0, 0, 0, 255), 2)
    return figure


# --- colour planes ------------------------------------------------------------------------------


def test_a_color_plane_gives_what_the_finished_cel_does(cut: Path, tmp_path: Path) -> None:
    paint(cut, "--ref", tmp_path / "key", "--out", tmp_path / "out", "--planes").ok()
    plane = tmp_path / "plane" / "A0001.png"
    plane.parent.mkdir()
    shutil.copy(tmp_path / "out/_colors/A0001.png", plane)
    told = paint(cut, "--ref", plane, "--out", tmp_path / "again", "--planes")
    told.ok(err=f"{plane} is without lines, a colour plane: A0001 gets its colors and the lines")
    assert told.err.count("warning") == 1
    assert set(told.statuses.values()) == {"painted"}
    assert told.json["cels"][0]["references"] == [str(plane)]
    before, after = hash_cels(tmp_path / "out"), hash_cels(tmp_path / "again")
    key = before.pop("A0001.png"), after.pop("A0001.png")
    assert key[0] != key[1]  # passed on as another program wrote it, and composed
    assert before == after
    first, again = load(tmp_path / "out/A0001.png"), load(tmp_path / "again/A0001.png")
    np.testing.assert_array_equal(first, again)
    psd, clean, right = shiage_each(
        ["paint", cut, "--ref", plane, "--out", tmp_path / "psd", "--format", "psd", "-q"],
        ["check", cut, tmp_path / "again", "--ref", plane],
        ["check", cut, tmp_path / "again", "--ref", tmp_path / "key"],
    )
    psd.ok(err="without lines")
    clean.ok()
    right.ok()
    layered = read_picture(tmp_path / "psd/A0001.psd").rgba_u8
    np.testing.assert_array_equal(
        layered[layered[..., 3] > 0], load(tmp_path / "out/A0001.png")[layered[..., 3] > 0]
    )


@pytest.mark.parametrize("kind", ["cels", "psd"])
def test_the_page_exports_what_paint_writes(cut: Path, tmp_path: Path, kind: str) -> None:
    plane = draw_figure(painted=True)
    plane[(plane[..., :3] == 0).all(axis=-1)] = 0
    plane[(plane == 255).all(axis=-1)] = 0  # paint that stops at the lines
    save(tmp_path / "plane/A0001.png", plane, "RGBA")
    job = CutJob(cut, Recipe((tmp_path / "plane",)), out=tmp_path / "page")
    session = Session(job)
    with propagating(session):
        session.find(0)
        export(session, ExportJob("psd" if kind == "psd" else "cels"), print)
    options = ["--format", "psd"] if kind == "psd" else []
    paint(cut, "--ref", tmp_path / "plane", "--out", tmp_path / "out", *options).ok(err="plane")
    name = "A0001.psd" if kind == "psd" else "A0001.png"
    assert (tmp_path / "page" / name).read_bytes() == (tmp_path / "out" / name).read_bytes()
    if kind == "cels":
        np.testing.assert_array_equal(load(tmp_path / "page" / name), draw_figure(painted=True))


def test_a_key_whose_lines_are_in_another_color_is_passed_on(cut: Path, tmp_path: Path) -> None:
    brown = draw_figure(painted=True)
    brown[(brown[..., :3] == 0).all(axis=-1), :3] = (90, 50, 30)
    key = save(tmp_path / "brown/A0001.png", brown)
    told = paint(cut, "--ref", key, "--out", tmp_path / "out").ok()
    assert told.statuses["A0001"] == "reference"
    assert (tmp_path / "out/A0001.png").read_bytes() == key.read_bytes()


# --- not painted yet ----------------------------------------------------------------------------


def test_blank_paint_files_wait_to_be_painted(cut: Path, tmp_path: Path) -> None:
    key = tmp_path / "key"
    save(key / "A0002.png", np.zeros((120, 160, 4), np.uint8), "RGBA")
    save(key / "A0004.png", np.full((120, 160, 4), 255, np.uint8))
    told = paint(cut, "--ref", key, "--out", tmp_path / "out")
    told.ok(err=f"warning: reference {key / 'A0002.png'} is blank: nothing is painted yet")
    assert f"{key / 'A0004.png'} is blank" in told.err
    assert told.statuses == {"A0001": "reference"} | dict.fromkeys(
        ("A0002", "A0003", "A0004"), "painted"
    )
    for dx, name in ((3, "A0002.png"), (9, "A0004.png")):
        painted = load(tmp_path / "out" / name)
        np.testing.assert_array_equal(painted, draw_figure(dx, painted=True))
    shiage("check", cut, tmp_path / "out", "--ref", key).ok(err="is blank")


def test_nothing_but_blank_paint_files_are_no_reference(cut: Path, tmp_path: Path) -> None:
    blank = save(tmp_path / "blank/A0002.png", np.zeros((120, 160, 4), np.uint8), "RGBA")
    paint(cut, "--ref", tmp_path / "blank", "--out", tmp_path / "out").fails(
        "no reference", f"{blank} is blank", "--ref"
    )
    assert not (tmp_path / "out").exists()


# --- paper --------------------------------------------------------------------------------------


def draw_akimbo(folder: Path, *, clear: bool) -> None:
    for number in range(3):
        drawing = with_arm(draw_figure(3 * number), 3 * number)
        name = folder / "cut" / f"A{number + 1:04}.{'tga' if clear else 'png'}"
        save(name, soft_clear(drawing) if clear else drawing, "RGBA" if clear else "RGB")


def alpha_at(folder: Path, dx: int, x: int, y: int, times: int) -> int:
    number = dx // 3 + 1
    (path,) = folder.glob(f"A{number:04}.*")
    return int(load(path)[times * y, times * (x + dx), 3])


def test_a_key_on_white_paper_among_transparent_drawings(tmp_path: Path) -> None:
    draw_akimbo(tmp_path, clear=True)
    key = with_arm(draw_figure(painted=True), painted=True)
    save(tmp_path / "key/A0001.tga", enlarged(key, 2))
    told = paint("cut", "--ref", "key", "--out", "out", cwd=tmp_path)
    told.ok(err="on white paper and its drawing on transparent: white that lines enclose")
    assert "save the reference with transparent paper" in told.err
    message = told.json["cels"][0]["message"]
    assert message == "passed on as given, on its drawing's paper: key/A0001.tga"
    for dx in (0, 3, 6):
        assert alpha_at(tmp_path / "out", dx, 5, 5, 2) == 0
        assert alpha_at(tmp_path / "out", dx, 40, 60, 2) == 255
        assert alpha_at(tmp_path / "out", dx, 60, 60, 2) == 255
    session = Session(CutJob(tmp_path / "cut", Recipe((tmp_path / "key",)), out=tmp_path / "page"))
    session.find(0)
    export(session, ExportJob("cels"), print)
    page, out = (tmp_path / folder / "A0001.tga" for folder in ("page", "out"))
    assert page.read_bytes() == out.read_bytes()
    clear = load(out).copy()
    crook = cv2.floodFill(clear[..., :3].copy(), None, (80, 120), (1, 2, 3))[1]
    clear[(np.asarray(crook) == (1, 2, 3)).all(axis=-1)] = 0  # as the artist is told to
    save(tmp_path / "clear/A0001.tga", clear, "RGBA")
    paint("cut", "--ref", "clear", "--out", "seen", cwd=tmp_path).ok()
    for dx in (0, 3, 6):
        assert alpha_at(tmp_path / "seen", dx, 40, 60, 2) == 0


def test_a_transparent_key_among_drawings_on_white(tmp_path: Path) -> None:
    draw_akimbo(tmp_path, clear=False)
    key = with_arm(draw_figure(painted=True), painted=True)
    key[(key == 255).all(axis=-1)] = 0
    save(tmp_path / "key/A0001.png", key, "RGBA")
    told = paint("cut", "--ref", "key", "--out", "out", cwd=tmp_path).ok()
    assert "on its drawing's paper" in told.json["cels"][0]["message"]
    for number in range(3):
        painted = load(tmp_path / f"out/A{number + 1:04}.png")
        truth = with_arm(draw_figure(3 * number, painted=True), 3 * number, painted=True)
        np.testing.assert_array_equal(painted, truth)


# --- dark ground --------------------------------------------------------------------------------


def drop_alpha(drawing: Rgba) -> Rgba:
    """A figure filled with white, transparent outside, saved without its alpha channel."""
    out = drawing.copy()
    outside = cv2.floodFill(out[..., 0].copy(), None, (0, 0), 1)[1] == 1
    out[outside, :3] = 0
    return out


@pytest.mark.parametrize("deep", [False, True])
def test_a_drawing_on_dark_ground_is_named_and_its_key_is_not_blamed(
    tmp_path: Path, deep: bool
) -> None:
    cut = draw_cut(tmp_path / "cut")
    for number in (1, 3):
        drawing = drop_alpha(draw_figure(3 * (number - 1)))
        path = save(cut / f"A{number:04}.png", drawing)
        if deep:
            cv2.imwrite(str(path), drawing[..., :3].astype(np.uint16) * 257)
    draw_key(tmp_path / "key/A0001.png")
    draw_key(tmp_path / "key/A0002.png", 3)
    told = paint("cut", "--ref", "key", "--out", "out", cwd=tmp_path)
    told.fails("cut/A0001.png: the drawing has a dark ground, #000000", "alpha", "A0003.png")
    assert "no color" not in told.err
    assert "misaligned" not in told.err
    assert told.statuses["A0001"] == told.statuses["A0003"] == "failed"
    assert told.statuses["A0004"] == "painted"
    np.testing.assert_array_equal(load(tmp_path / "out/A0004.png"), draw_figure(9, painted=True))
    assert not (tmp_path / "out/A0003.png").exists()
    shutil.copy(tmp_path / "key/A0002.png", tmp_path / "out/A0003.png")
    view, checked = shiage_each(
        ["segments", "cut/A0003.png"], ["check", "cut", "out", "--no-parts"], cwd=tmp_path
    )
    view.fails("cut/A0003.png: the drawing has a dark ground")
    assert checked.code == 3
    assert "A0003: the drawing has a dark ground" in checked.out
    session = Session(CutJob(cut, Recipe((tmp_path / "key",)), out=tmp_path / "page"))
    session.prepare(session.cels[2])
    assert "A0003.png: the drawing has a dark ground" in session.cels[2].message


def test_lines_on_a_grey_ground_are_painted(tmp_path: Path) -> None:
    def grey(figure: Rgba) -> Rgba:
        out = figure.copy()
        outside = cv2.floodFill(out[..., 0].copy(), None, (0, 0), 1)[1] == 1
        out[outside, :3] = 60
        return out

    for number in range(3):
        save(tmp_path / f"cut/A{number + 1:04}.png", grey(draw_figure(3 * number)))
    save(tmp_path / "key/A0001.png", grey(draw_figure(painted=True)))
    paint("cut", "--ref", "key", "--out", "out", cwd=tmp_path).ok()
    for number in range(3):
        painted = load(tmp_path / f"out/A{number + 1:04}.png")
        np.testing.assert_array_equal(painted, grey(draw_figure(3 * number, painted=True)))


# --- dithering ----------------------------------------------------------------------------------


def dither(figure: Rgba, step: int = 1, seed: int = 0) -> Rgba:
    """All paint mixed with a color that has one level more blue."""
    out = figure.copy()
    paint_px = np.isin(out[..., :3].astype(np.int64) @ (1, 256, 65536), [
        r + 256 * g + 65536 * b for r, g, b in PAINTS
    ])  # fmt: skip
    mixed = np.random.default_rng(seed).random(paint_px.shape) < 0.5
    out[..., 2] += np.where(paint_px & mixed, step, 0).astype(np.uint8)
    return out


@pytest.mark.parametrize(("step", "deep"), [(1, False), (2, True)])
def test_dithered_fills_are_one_color_told_once(tmp_path: Path, step: int, deep: bool) -> None:
    cut = draw_cut(tmp_path / "cut", 3)
    for number, seed in ((1, 0), (2, 1)):
        key = dither(draw_figure(3 * (number - 1), painted=True), step, seed)
        path = save(tmp_path / f"key/A{number:04}.png", key)
        if deep:
            cv2.imwrite(str(path), key[..., 2::-1].astype(np.uint16) * 257)
    told = paint(cut, "--ref", tmp_path / "key", "--out", tmp_path / "out")
    told.ok(err="5 fills are dithered")
    assert told.err.count("warning: ") == 2  # once for each key
    painted = colors_of(load(tmp_path / "out/A0003.png"))
    assert len(painted) == len(PAINTS) + 2
    near = {(r, g, b + up) for r, g, b in PAINTS for up in (0, step)}
    assert painted - {(0, 0, 0), (255, 255, 255)} <= near
    checked = shiage("check", cut, tmp_path / "out", "--ref", tmp_path / "key", "--json")
    found = [f for f in checked.json["findings"] if f["kind"] != "mode"]  # 16 bits of a given key
    assert [f["cel"] for f in found] == ["A0001", "A0002"]
    assert all("5 fills are dithered" in finding["message"] for finding in found)


def test_dithered_fills_become_the_color_of_a_palette(tmp_path: Path) -> None:
    cut = draw_cut(tmp_path / "cut", 2)
    save(tmp_path / "key/A0001.png", dither(draw_figure(painted=True)))
    rows = [f"{r} {g} {b} {r}" for r, g, b in sorted(PAINTS)]
    (tmp_path / "cut.gpl").write_text("GIMP Palette\n" + "\n".join(rows) + "\n")
    run: list[Any] = [cut, "--ref", tmp_path / "key", "--palette", tmp_path / "cut.gpl"]
    told = paint(*run, "--out", tmp_path / "out").ok(err="dithered")
    assert told.err.count("warning: ") == 1
    for number in range(2):
        painted = load(tmp_path / f"out/A{number + 1:04}.png")
        np.testing.assert_array_equal(painted, draw_figure(3 * number, painted=True))


def test_near_colors_of_a_flat_key_stay_two(tmp_path: Path) -> None:
    cut = draw_cut(tmp_path / "cut", 2)
    key = draw_figure(painted=True)
    near = (HAT[0], HAT[1], HAT[2] + 1)
    key[(key[..., :3] == BODY).all(axis=-1), :3] = near
    save(tmp_path / "key/A0001.png", key)
    paint(cut, "--ref", tmp_path / "key", "--out", tmp_path / "out").ok()
    assert {HAT, near} < colors_of(load(tmp_path / "out/A0002.png"))
