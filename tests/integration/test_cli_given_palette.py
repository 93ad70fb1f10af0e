"""`shiage paint --palette`: exact colors, names, stand-ins; and guides in drawings."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from shiage.cuts.project import Project, read_project, write_project
from shiage.cuts.recipe import Recipe
from shiage.files.palettes import Entry, PaletteFile, read_palette, write_palette
from shiage.files.palettes.model import spread
from tests.drawings import Color, Rgba
from tests.integration.conftest import (
    BODY,
    EYE,
    FACE,
    HAT,
    LEG,
    PAINTS,
    Told,
    colors_of,
    draw_cut,
    draw_figure,
    hash_cels,
    hash_tree,
    load,
    paint,
    save,
    shiage,
    shiage_each,
)

NEAR_HAT: Color = (HAT[0] + 1, HAT[1] - 1, HAT[2])
FAR_LEG: Color = (LEG[0], LEG[1] + 40, LEG[2])
UNUSED: Color = (1, 2, 3)
ENTRIES = [
    ("帽子", "ノーマル", HAT), ("帽子", "影", UNUSED), ("肌", "ノーマル", FACE),
    ("服", "仮 上着", BODY), ("", "瞳", EYE), ("", "目", EYE), ("靴", "ズボン", LEG),
]  # fmt: skip
"""Group, name, color."""


def write_colors(path: Path) -> Path:
    """The palette of the figure; the body is in a stand-in color, the eyes' is there twice."""
    entries = (Entry(name, spread(color), group=group) for group, name, color in ENTRIES)
    write_palette(path, PaletteFile(tuple(entries)))
    return path


def recolored(rgba: Rgba, changes: dict[Color, Color]) -> Rgba:
    out = rgba.copy()
    for old, new in changes.items():
        out[(rgba[..., :3] == old).all(axis=-1)] = (*new, 255)
    return out


def draw_folder(folder: Path) -> Path:
    """A cut of four cels, its palette, and a key whose hat is a little and leg quite off it."""
    draw_cut(folder / "cut")
    key = recolored(draw_figure(painted=True), {HAT: NEAR_HAT, LEG: FAR_LEG})
    save(folder / "key" / "A0001.png", key)
    write_colors(folder / "colors.ase")
    return folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return draw_folder(tmp_path)


@pytest.fixture(scope="module")
def painted(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Told]:
    """The same, painted into `out`, and what was told; nothing in it may be changed."""
    folder = draw_folder(tmp_path_factory.mktemp("painted"))
    before = hash_tree(folder)
    told = run(folder, "--palette", "colors.ase")
    assert told.code == 0
    assert {path: digest for path, digest in hash_tree(folder).items() if path in before} == before
    return folder, told


def run(folder: Path, *options: str) -> Told:
    return paint("cut", "--ref", "key", "--out", "out", *options, cwd=folder)


def test_near_colors_become_the_palettes_and_far_ones_stay(painted: tuple[Path, Told]) -> None:
    folder, told = painted
    for number in range(1, 5):
        rgba = load(folder / "out" / f"A{number:04}.png")
        wanted = draw_figure(3 * (number - 1), painted=True)
        np.testing.assert_array_equal(rgba, recolored(wanted, {LEG: FAR_LEG}))
    record = told.json
    assert record["palette"][:3] == [
        ["paper", "none"],
        ["帽子 ノーマル", "#c81e28"],
        ["影", "#010203"],
    ]
    warnings = record["warnings"]
    assert all(f"warning: {text}" in told.err.replace("\n", " ") for text in warnings)
    double, far, near, stand_in = warnings
    assert "瞳, as is 目" in double
    assert "#5a6e96 of key/A0001.png is not in the palette" in far
    assert "#c91d28 of key/A0001.png became #c81e28 帽子 ノーマル of the palette" in near
    assert "#3ca046 仮 上着 is a stand-in: 3 segments in 3 cels, first in A0002" in stand_in
    assert "shiage recolor" in stand_in
    key, *others = record["cels"]
    assert "exact colors" in key["message"]
    assert [cel["stand_ins"] for cel in others] == [{"#3ca046": 1}] * 3


def test_keys_in_the_palettes_colors_are_passed_on_byte_for_byte(folder: Path) -> None:
    save(folder / "key" / "A0001.png", draw_figure(painted=True), compress_level=1)
    told = run(folder, "--palette", "colors.ase")
    assert told.code == 0
    assert (folder / "out" / "A0001.png").read_bytes() == (
        folder / "key" / "A0001.png"
    ).read_bytes()
    assert "became" not in told.err


def test_how_far_is_near(folder: Path) -> None:
    none, wide = shiage_each(
        ("paint", "cut", "-r", "key", "--palette", "colors.ase", "--snap", "0", "-o", "a", "-q"),
        ("paint", "cut", "-r", "key", "--palette", "colors.ase", "--snap", "40", "-o", "b", "-q"),
        cwd=folder,
    )
    assert "became" not in none.err
    assert "not in the palette" not in wide.err
    assert NEAR_HAT in colors_of(load(folder / "a" / "A0003.png"))
    assert colors_of(load(folder / "b" / "A0003.png")) <= PAINTS | {(0, 0, 0), (255, 255, 255)}


def test_antialiased_keys_change_with_their_rims_but_not_in_their_lines(tmp_path: Path) -> None:
    def draw(fill: Color, shade: Color) -> Rgba:
        rgba = np.full((80, 80, 4), 255, np.uint8)
        cv2.circle(rgba, (40, 40), 25, (*fill, 255), -1)
        rgba[30:50, 30:50] = (*shade, 255)
        cv2.circle(rgba, (40, 40), 25, (0, 0, 0, 255), 3, cv2.LINE_AA)
        cv2.rectangle(rgba, (29, 29), (50, 50), (0, 0, 0, 255), 2, cv2.LINE_AA)
        return rgba

    half = (100, 60, 20)  # the shade is the fill, mixed with black
    save(tmp_path / "cut" / "A0001.png", draw((255, 255, 255), (255, 255, 255)))
    save(tmp_path / "key" / "A0001.png", draw((202, 120, 40), half))
    entries = (Entry("fill", spread((200, 120, 40))), Entry("shade", spread(half)))
    write_palette(tmp_path / "colors.gpl", PaletteFile(entries))
    run(tmp_path, "--palette", "colors.gpl").ok(err="became #c87828 fill")
    out = load(tmp_path / "out" / "A0001.png")
    wanted = draw((200, 120, 40), half)
    assert np.abs(out.astype(int) - wanted).max() <= 4  # OpenCV rounds when it mixes
    for color in ((200, 120, 40), half, (0, 0, 0), (255, 255, 255)):
        same = (wanted[..., :3] == color).all(axis=-1)
        assert same.any()
        np.testing.assert_array_equal(out[same], wanted[same])


def test_a_run_goes_on_with_the_same_palette_only(folder: Path) -> None:
    first = ("paint", "cut", "-r", "key", "-o", "out", "--resume", "--palette", "colors.ase", "-q")
    assert shiage(*first, cwd=folder).code == 0
    before = hash_cels(folder / "out")
    (folder / "out" / "A0003.png").unlink()
    other, closer = shiage_each(first[:7], (*first, "--snap", "2"), cwd=folder)
    other.fails("other references or settings")
    closer.fails("other references or settings")
    assert shiage(*first, cwd=folder).code == 0
    assert hash_cels(folder / "out") == before


def test_names_and_groups_are_in_the_palette_of_the_painted_cut(
    painted: tuple[Path, Told], tmp_path: Path
) -> None:
    shiage("palette", painted[0] / "out", tmp_path / "out.ase")
    found = [(e.group, e.name, e.rgba_u8[:3]) for e in read_palette(tmp_path / "out.ase").entries]
    seen = [(g, n, c) for g, n, c in ENTRIES if n not in ("目", "ズボン") and c != UNUSED]
    assert found == [*seen, ("", "#5a6e96", FAR_LEG)]


def test_stand_ins_are_checked_and_gone_once_recolored(
    painted: tuple[Path, Told], tmp_path: Path
) -> None:
    folder, _ = painted
    decided = [
        replace(entry, rgba_u16=spread((9, 120, 90)), name="上着") if "仮" in entry.name else entry
        for entry in read_palette(folder / "colors.ase").entries
    ]
    old, new = "colors.ase", tmp_path / "decided.ase"
    write_palette(new, PaletteFile(tuple(decided)))
    told, recolored = shiage_each(
        ("check", "cut", "out", "-r", "key", "--palette", old, "--json", "-o", tmp_path / "at"),
        ("recolor", "out", "--from", old, "--to", new, "-o", tmp_path / "final"),
        cwd=folder,
    )
    assert told.code == 3
    assert {kind: n for kind, n in told.json["counts"].items() if n} == {"stand-in": 4}
    assert "仮 上着" in (tmp_path / "at" / "checks.html").read_text(encoding="utf-8")
    assert recolored.code == 0
    final, key = tmp_path / "final", tmp_path / "final" / "A0001.png"
    told = shiage("check", "cut", final, "-r", key, "--palette", new, cwd=folder)
    assert told.code == 0, told.out


def test_parts_left_undecided_are_found_by_the_check(folder: Path) -> None:
    options = ("--undecided", "#ff00ff", "--below", "1", "--matcher", "shape")
    told = run(folder, *options)
    undecided = sum(cel["undecided"] for cel in told.json["cels"])
    assert undecided
    told = shiage("check", "cut", "out", "-r", "key", "--no-parts", "--json", cwd=folder)
    assert told.code == 3
    assert {kind: n for kind, n in told.json["counts"].items() if n} == {"stand-in": undecided}


def test_palettes_that_cannot_be_used(folder: Path) -> None:
    (folder / "bad.gpl").write_text("GIMP Palette\n1 2\n")
    (folder / "empty.gpl").write_text("GIMP Palette\nName: none\n")
    for name, word in {"bad.gpl": "color", "empty.gpl": "no color", "no.gpl": "no.gpl"}.items():
        run(folder, "--palette", name).fails(name, word)
    assert not (folder / "out").exists()


def test_a_project_remembers_its_palettes_and_its_names_win(folder: Path) -> None:
    saved = Project(
        folder / "cut",
        recipe=Recipe(references=(folder / "key",), palettes=(folder / "colors.ase",)),
    )
    write_project(folder / "out", saved)
    assert json.loads((folder / "out" / "shiage.json").read_text())["palettes"] == ["../colors.ase"]
    assert read_project(folder / "out") == saved
    told = paint("cut", "-o", "out", cwd=folder)
    assert told.code == 0
    assert ["帽子 ノーマル", "#c81e28"] in told.json["palette"]


# --- guides -------------------------------------------------------------------------------------


def test_guides_in_drawings_and_beside_them(tmp_path: Path) -> None:
    draw_cut(tmp_path / "plain")
    save(tmp_path / "key" / "A0001.png", draw_figure(painted=True))
    for number in range(1, 5):
        drawing = draw_figure(3 * (number - 1))
        guide = np.zeros(drawing.shape[:2], np.uint8)
        cv2.circle(guide, (70, 60), 22, 1, -1)
        cv2.line(guide, (5, 5), (150, 20), 1, 3)
        white = (drawing[..., :3] == 255).all(axis=-1)
        drawing[white & (guide > 0)] = (255, 255, 150, 255)
        save(tmp_path / "cut" / "line" / f"A{number:04}.png", drawing)
        for name in ("塗り分け", "guide"):
            save(tmp_path / "cut" / "line" / name / f"A{number:04}.png", drawing)
    hue = ("--guide-hue", "yellow=45-65")
    plain, guided, split = shiage_each(
        ("paint", "plain", "-r", "key", "-o", "a", "-q"),
        ("paint", "cut", "-r", "key", "-o", "b", "-q", *hue),
        ("segments", "cut/line/A0002.png", "-o", "c.png", *hue, "--json"),
        cwd=tmp_path,
    )
    assert plain.ok()
    assert guided.ok()
    assert hash_cels(tmp_path / "b").keys() == hash_cels(tmp_path / "a").keys()
    for number in range(2, 5):
        np.testing.assert_array_equal(
            load(tmp_path / "b" / f"A{number:04}.png"), load(tmp_path / "a" / f"A{number:04}.png")
        )
    assert split.json["segments"] == 8
    shiage("check", "cut", "b", "-r", "key", *hue, cwd=tmp_path).ok()
    shiage("paint", "cut", "-r", "key", "--guide-hue", "yellow", cwd=tmp_path).fails(
        "--guide-hue", "yellow", "FROM-TO"
    )
