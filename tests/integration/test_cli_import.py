"""`shiage import` as an artist uses it, up to the painted cut."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from shiage.files.palettes import read_palette
from tests.drawings import Rgba
from tests.files.layers.psds import L, stroke, write_psd
from tests.imports.containers import BROKEN, cadmium_state, png, swatch, write_cadmium
from tests.integration.conftest import (
    HAT,
    PAINTS,
    assert_nothing_half_written,
    colors_of,
    draw_figure,
    draw_key,
    hash_tree,
    load,
    paint,
    save,
    shiage,
)


def lines(dx: int) -> Rgba:
    """The figure's lines on transparent paper."""
    rgba = draw_figure(dx)
    rgba[(rgba[..., :3] == 255).all(axis=-1)] = 0
    return rgba


def fills(dx: int) -> Rgba:
    """The figure's paint on transparent paper, under the lines, too."""
    rgba = draw_figure(dx, painted=True)
    rgba[(rgba[..., :3] == 255).all(axis=-1)] = 0
    return rgba


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project of three drawings, the first held and painted."""
    images = {"a": png(lines(0)), "b": png(lines(3)), "c": png(lines(6)), "p": png(fills(0))}
    state = cadmium_state(
        {1: "a", 2: "a", 3: "b", 5: "c"},
        {1: "p", 2: "p"},
        images,
        references=[1],
        colorPalette=[swatch("#c81e28")],
    )
    return write_cadmium(tmp_path / "cut 12.cdm", state)


def test_a_project_is_painted(project: Path, tmp_path: Path) -> None:
    before = hash_tree(tmp_path)
    told = shiage("import", project.name, cwd=tmp_path).ok()
    for word in ("Cadmium project of version 1.5.0", "drawings      3", "references    1"):
        assert word in told.out
    cut = tmp_path / "cut 12"
    assert sorted(hash_tree(cut)) == [
        *("cut 12.gpl", "cut 12.xdts"),
        *("line/A0001.png", "line/A0003.png", "line/A0005.png", "ref/A0001.png"),
    ]
    np.testing.assert_array_equal(load(cut / "line" / "A0003.png"), lines(3))
    assert [entry.rgba_u8[:3] for entry in read_palette(cut / "cut 12.gpl").entries] == [HAT]
    assert paint("cut 12", cwd=tmp_path).ok().statuses == {
        "A0001": "reference",
        "A0003": "painted",
        "A0005": "painted",
    }
    painted = load(tmp_path / "cut 12_painted" / "A0005.png")
    np.testing.assert_array_equal(painted, fills(6))
    assert colors_of(painted) >= PAINTS
    shiage("check", "cut 12", cwd=tmp_path).ok()
    after = hash_tree(tmp_path)
    assert {name: after[name] for name in before} == before


def test_nothing_is_overwritten(project: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    command = ("import", project, "--out", out)
    shiage(*command, "--quiet").ok()
    first = hash_tree(out)
    shiage(*command).fails("out", "--force", "--out")
    save(out / "line" / "A0009.png", draw_figure(9))
    save(out / "line" / "A0001.png", draw_figure(9))
    shiage(*command, "--force").ok(err="belong to the cut now: 1")
    assert {name: digest for name, digest in hash_tree(out).items() if "9" not in name} == first
    assert_nothing_half_written(tmp_path)


def test_a_broken_picture_does_not_stop_the_others(tmp_path: Path) -> None:
    images = {"a": png(lines(0)), "b": BROKEN, "p": png(fills(0))}
    state = cadmium_state({1: "a", 2: "b"}, {1: "p"}, images, references=[1])
    write_cadmium(tmp_path / "cut.cdm", state)
    told = shiage("import", "cut.cdm", "--json", cwd=tmp_path).fails("frame 2, drawing")
    assert told.json["pictures"] == {"line": 1, "ref": 1}
    assert len(told.json["errors"]) == 1
    assert sorted(p.name for p in (tmp_path / "cut" / "line").iterdir()) == ["A0001.png"]


def write_text(path: Path, text: str) -> Path:
    path.write_text(text)
    return path


BAD: dict[str, tuple[Any, str]] = {
    "missing": (lambda path: path, "No such file"),
    "empty": (lambda path: write_text(path, ""), "empty"),
    "a folder": (lambda path: (path.mkdir(), path)[1], "folder"),
    "a text": (lambda path: write_text(path, "[1, 2]"), "Cadmium project (.cdm)"),
    "cut off": (lambda path: write_text(path, '[]BEGINSAVESTATE{"layers":'), "cut off"),
    "no drawing": (
        lambda path: write_cadmium(path, cadmium_state({}, {}, {})),
        "no drawing found",
    ),
    "one cel": (
        lambda path: write_psd(path, L("主線", stroke())),
        "is a drawing as it is",
    ),
    "a broken PSD": (lambda path: write_text(path, "8BPS and no more"), "corrupt"),
    "a broken TIFF": (lambda path: write_text(path, "II*\0no more"), "cut off or corrupt"),
    "nothing whole": (
        lambda path: write_cadmium(path, cadmium_state({1: "a"}, {}, {"a": BROKEN})),
        "frame 1, drawing",
    ),
}


@pytest.mark.parametrize("kind", BAD)
def test_files_that_cannot_be_taken_apart(tmp_path: Path, kind: str) -> None:
    make, word = BAD[kind]
    make(tmp_path / "cut.cdm")
    shiage("import", "cut.cdm", "--out", "out", cwd=tmp_path).fails(word, "cut.cdm")
    assert [path.name for path in tmp_path.iterdir() if path.name != "cut.cdm"] == []


def test_pages_of_a_tiff(tmp_path: Path) -> None:
    pages = [Image.fromarray(draw_figure(dx)).convert("1") for dx in (0, 3, 6)]
    pages[0].save(
        tmp_path / "cut.tif", save_all=True, append_images=pages[1:], compression="group4"
    )
    shiage("import", "cut.tif", cwd=tmp_path).ok()
    with Image.open(tmp_path / "cut" / "line" / "A0002.png") as picture:
        assert picture.mode == "1"
    draw_key(tmp_path / "cut" / "ref" / "A0001.png")
    paint("cut", cwd=tmp_path).ok()
    np.testing.assert_array_equal(
        load(tmp_path / "cut_painted" / "A0003.png"), draw_figure(6, painted=True)
    )


def test_paint_tells_of_further_pages_once(tmp_path: Path) -> None:
    pages = [Image.fromarray(draw_figure(dx)).convert("RGB") for dx in (0, 3)]
    (tmp_path / "cut").mkdir()
    pages[0].save(tmp_path / "cut" / "A0001.tif", save_all=True, append_images=pages[1:])
    shutil.copy(tmp_path / "cut" / "A0001.tif", tmp_path / "cut" / "A0002.tif")
    save(tmp_path / "cut" / "A0003.tif", draw_figure(6))
    draw_key(tmp_path / "key" / "A0001.png")
    told = paint("cut", "--ref", "key", cwd=tmp_path).ok(err="shiage import")
    assert told.err.count("several pages") == 1
    assert "A0001.tif and 1 more: only the first of several pages is used" in told.err


def test_a_whole_cut_where_a_folder_is_expected(project: Path, tmp_path: Path) -> None:
    shiage("paint", project, cwd=tmp_path).fails("cut 12.cdm", "shiage import")


def test_json_tells_what_was_found(project: Path, tmp_path: Path) -> None:
    told = json.loads(shiage("import", project, "--json", "-o", "x", cwd=tmp_path).ok().out)
    assert told["pictures"] == {"line": 3, "ref": 1}
    assert told["palette"] == "x/x.gpl"
    assert told["timesheet"] == "x/x.xdts"
    assert told["warnings"] == told["errors"] == []
