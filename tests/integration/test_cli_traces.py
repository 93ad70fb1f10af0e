"""Colour traces on the command line: shades of the right part, columns of traces alone."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from shiage.cuts.job import CutJob
from shiage.cuts.project import read_project, write_project
from shiage.cuts.recipe import Recipe
from shiage.lines.lineart import LineSettings
from shiage.painting.painted_cel import PaintSettings
from shiage.web.session import Session
from tests.drawings import BLACK, RED, WHITE, Color, Rgba
from tests.integration.conftest import (
    PAINTS,
    colors_of,
    draw_cut,
    draw_key,
    load,
    paint,
    save,
    shiage,
)

SHIRT: Color = (250, 220, 90)
SHIRT_SHADOW: Color = (200, 160, 60)
TROUSERS: Color = (90, 110, 200)
TROUSERS_SHADOW: Color = (50, 60, 140)


def draw_clothes(*, shirt: int, trousers: int, painted: bool = False) -> Rgba:
    """(240, 240, 4) RGBA: a shirt above trousers, shadows of so many pixels on their right."""
    rgba = np.full((240, 240, 4), 255, np.uint8)
    for top, side, depth, fill, shadow in (
        (40, 40, shirt, SHIRT, SHIRT_SHADOW),
        (120, 50, trousers, TROUSERS, TROUSERS_SHADOW),
    ):
        left, edge, right, bottom = 120 - side, 120 + side - depth, 120 + side, top + 80
        if painted:
            cv2.rectangle(rgba, (left, top), (right, bottom), (*fill, 255), -1)
        if painted and depth:
            cv2.rectangle(rgba, (edge, top), (right, bottom), (*shadow, 255), -1)
        elif depth:
            cv2.line(rgba, (edge, top), (edge, bottom), (*RED, 255), 2)
        cv2.rectangle(rgba, (left, top), (right, bottom), (0, 0, 0, 255), 2)
    return rgba


def test_a_shadow_gets_the_shadow_color_of_its_part(tmp_path: Path) -> None:
    # In the key the shirt has no shadow, and on the sheet one that looks otherwise; by itself it
    # looks most like that of the trousers.
    save(tmp_path / "cut" / "A0001.png", draw_clothes(shirt=0, trousers=25))
    save(tmp_path / "cut" / "A0002.png", draw_clothes(shirt=25, trousers=25))
    save(tmp_path / "key" / "A0001.png", draw_clothes(shirt=0, trousers=25, painted=True))
    save(tmp_path / "line.png", draw_clothes(shirt=40, trousers=0))
    save(tmp_path / "color.png", draw_clothes(shirt=40, trousers=0, painted=True))
    sheet = ("--sheet", "line.png", "color.png")
    paint("cut", "--ref", "key", *sheet, "--out", "out", cwd=tmp_path).ok()
    painted = load(tmp_path / "out" / "A0002.png")
    colors = [painted[y, x, :3].tolist() for y, x in ((80, 90), (80, 150), (160, 90), (160, 160))]
    assert colors == [list(c) for c in (SHIRT, SHIRT_SHADOW, TROUSERS, TROUSERS_SHADOW)]


@pytest.fixture
def columns(tmp_path: Path) -> Path:
    """A folder with `cut`, columns A and S of the same figure, and `key`, the first cel of each."""
    for column in "AS":
        draw_cut(tmp_path / "cut" / column, 2)
        draw_key(tmp_path / "key" / column / "A0001.png")
    return tmp_path


def colors_in(folder: Path, column: str) -> set[Color]:
    return colors_of(load(folder / column / "A0002.png"))


def test_an_all_trace_column(columns: Path) -> None:
    options = ("cut", "--ref", "key", "--out", "out", "--all-trace-column", "s")
    paint(*options, cwd=columns).ok()
    assert colors_in(columns / "out", "A") == PAINTS | {WHITE, BLACK}
    assert colors_in(columns / "out", "S") == PAINTS | {WHITE}
    paint(*options, "--resume", cwd=columns).ok()
    refused = paint(*options[:-2], "--resume", cwd=columns)
    assert refused.code == 1
    assert "Traceback" not in refused.err


def test_a_column_that_is_not_there(columns: Path) -> None:
    told = paint(
        "cut", "--ref", "key", "--out", "out", "--all-trace-column", "SMOKE", cwd=columns
    ).ok(err="SMOKE")
    assert (
        "names SMOKE, but there is no such column; the columns are A, S" in told.json["warnings"][0]
    )
    assert colors_in(columns / "out", "S") == PAINTS | {WHITE, BLACK}


def test_a_project_keeps_its_all_trace_columns(columns: Path) -> None:
    settings = PaintSettings(LineSettings(all_trace_columns=("S",)))
    job = CutJob(
        columns / "cut", Recipe((columns / "key",), settings=settings), out=columns / "out"
    )
    session = Session(job)  # as `shiage ui --all-trace-column S`
    traced = {desk.cel.column: session.read(desk).lineart.all_trace for desk in session.cels}
    assert traced == {"A": False, "S": True}
    session.outputs.folder.mkdir()
    write_project(session.outputs.folder, session.project)
    saved = read_project(columns / "out")
    assert saved is not None
    assert saved.recipe.settings == settings
    paint("cut", "--out", "out", "--force", cwd=columns).ok()
    assert colors_in(columns / "out", "A") == PAINTS | {WHITE, BLACK}
    assert colors_in(columns / "out", "S") == PAINTS | {WHITE}


def test_checks_know_all_trace_columns(columns: Path) -> None:
    smoke = ("--all-trace-column", "S")
    paint("cut", "--ref", "key", "--out", "cut_painted", *smoke, cwd=columns).ok()
    recorded, heard, unheard = (
        {
            finding["cel"]
            for finding in shiage("check", "cut", *given, "--json", cwd=columns).json["findings"]
        }
        for given in ((), smoke, ("--no-all-trace",))
    )
    assert recorded == heard == {"S/A0001"}  # given as a reference with lines that should be
    assert unheard == {"S/A0002"}  # its lines are gone


def test_checks_know_that_traces_were_kept(tmp_path: Path) -> None:
    save(tmp_path / "cut" / "A0001.png", draw_clothes(shirt=25, trousers=25))
    save(tmp_path / "cut" / "A0002.png", draw_clothes(shirt=30, trousers=25))
    save(tmp_path / "key" / "A0001.png", draw_clothes(shirt=25, trousers=25, painted=True))
    paint("cut", "--ref", "key", "--traces", "keep", cwd=tmp_path).ok()
    told, filled = (
        {(finding["kind"], finding["cel"]) for finding in given.json["findings"]}
        for given in (
            shiage("check", "cut", "--json", cwd=tmp_path),
            shiage("check", "cut", "--traces", "fill", "--json", cwd=tmp_path),
        )
    )
    assert told == {("ink", "A0001")}  # the key was painted without
    assert filled == {("trace", "A0002")}
