"""`shiage check` as an inspector uses it."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from shiage.cuts.project import Project, write_project
from shiage.cuts.recipe import Recipe
from shiage.files.palettes import Entry, PaletteFile, write_palette
from shiage.lines.lineart import LineSettings, TraceHue
from shiage.painting.painted_cel import PaintSettings
from tests.integration.conftest import (
    HAT,
    PAINTS,
    Told,
    draw_cut,
    draw_figure,
    draw_key,
    hash_tree,
    paint,
    save,
    shiage,
)

FOUND = 3


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A cut of four cels, painted by shiage from the first one."""
    draw_key(tmp_path / "key" / "A0001.png")
    draw_cut(tmp_path / "cut")
    for number in range(1, 5):
        figure = draw_figure(3 * (number - 1), painted=True)
        save(tmp_path / "cut_painted" / f"A{number:04}.png", figure)
    return tmp_path


def check(folder: Path, *options: str | Path) -> Told:
    return shiage("check", "cut", *options, cwd=folder)


def test_a_clean_cut(folder: Path) -> None:
    before = hash_tree(folder)
    told = check(folder, "--ref", "key").ok()
    assert "found         0" in told.out
    assert hash_tree(folder) == before


def test_faults_are_told_with_their_place(folder: Path) -> None:
    path = folder / "cut_painted" / "A0002.png"
    figure = draw_figure(3, painted=True)
    hat = np.argwhere((figure[..., :3] == HAT).all(axis=-1))
    y, x = hat[len(hat) // 2].tolist()
    figure[y, x] = (255, 255, 255, 255)
    save(path, figure)
    (folder / "cut_painted" / "A0004.png").unlink()
    told = check(folder, "--ref", "key", "--json")
    assert told.code == FOUND
    found = told.json
    assert found["counts"]["pinhole"] == found["counts"]["missing"] == 1
    pinhole = next(f for f in found["findings"] if f["kind"] == "pinhole")
    assert (pinhole["cel"], pinhole["xy"], pinhole["area"]) == ("A0002", [x, y], 1)
    assert not told.err


def test_the_report_shows_each_place(folder: Path) -> None:
    figure = draw_figure(3, painted=True)
    figure[60:63, 70:74] = (1, 2, 3, 255)
    save(folder / "cut_painted" / "A0002.png", figure)
    told = check(folder, "--ref", "key", "--no-parts", "--out", "report")
    assert told.code == FOUND
    page = (folder / "report" / "checks.html").read_text()
    findings = json.loads((folder / "report" / "checks.json").read_text())["findings"]
    assert [finding["kind"] for finding in findings] == ["off-palette"]
    assert page.count("<img src=") == 1
    assert "A0002" in page
    assert "#010203" in page


def test_a_palette_says_what_is_allowed(folder: Path) -> None:
    entries = tuple(
        Entry("", (color[0] * 257, color[1] * 257, color[2] * 257, 65535)) for color in PAINTS
    )
    write_palette(folder / "all.gpl", PaletteFile(entries))
    check(folder, "--palette", "all.gpl", "--no-parts").ok()
    some = tuple(entry for entry in entries if entry.rgba_u8[:3] != HAT)
    write_palette(folder / "some.gpl", PaletteFile(some))
    told = check(folder, "--palette", "some.gpl", "--no-parts", "--json")
    assert told.code == FOUND
    assert {finding["kind"] for finding in told.json["findings"]} == {"off-palette"}
    assert {finding["cel"] for finding in told.json["findings"]} == {
        f"A{number:04}" for number in range(1, 5)
    }


def test_what_cannot_be_checked(folder: Path) -> None:
    check(folder, "nowhere").fails("nowhere")
    check(folder, "--palette", "none.gpl").fails("none.gpl")
    shiage("check", "nothing", cwd=folder).fails("nothing")


def test_lines_are_read_as_when_the_cut_was_painted(folder: Path) -> None:
    """By the record of `shiage paint`, else by what the page keeps in `shiage.json`."""
    for number in range(1, 5):
        drawing = draw_figure(3 * (number - 1))
        drawing[4:7, 110:150] = (255, 230, 60, 255)  # pencil on the paper
        save(folder / "cut" / f"A{number:04}.png", drawing)
    told = check(folder, "--no-parts", "--json")
    assert {finding["cel"] for finding in told.json["findings"]} >= {"A0002", "A0003"}

    hues = (TraceHue("yellow", 45, 65),)
    settings = PaintSettings(lines=LineSettings(guide_hues=hues))
    project = Project(folder / "cut", recipe=Recipe(settings=settings))
    write_project(folder / "cut_painted", project)
    check(folder, "--no-parts").ok()
    told = check(folder, "--no-parts", "--gap", "8", "--json")  # what is given counts
    assert told.json["findings"]

    (folder / "cut_painted" / "shiage.json").unlink()
    guides = ("--guide-hue", "yellow=45-65")
    paint("cut", "--ref", "key", *guides, "--force", cwd=folder).ok()
    check(folder, "--no-parts").ok()
