"""`shiage palette` and `shiage recolor` as an artist uses them."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pytest

from shiage.files.palettes import read_palette
from tests.drawings import BLACK, DOLL, NIGHT_DOLL, WHITE, Color, doll
from tests.integration.conftest import (
    HAT,
    LEG,
    PAINTS,
    Told,
    draw_figure,
    hash_tree,
    load,
    save,
    shiage,
)

NIGHT = (10, 20, 70)


@pytest.fixture
def painted(tmp_path: Path) -> Path:
    """Three painted cels; two in a folder of their column."""
    save(tmp_path / "painted" / "A0001.png", draw_figure(painted=True))
    save(tmp_path / "painted" / "B" / "B0001.tga", draw_figure(5, painted=True))
    save(tmp_path / "painted" / "B" / "B0002.png", draw_figure(9, painted=True), "P")
    return tmp_path / "painted"


def colors_of(path: Path) -> set[tuple[int, ...]]:
    return {tuple(entry.rgba_u8[:3]) for entry in read_palette(path).entries}


@pytest.mark.parametrize("suffix", ["gpl", "aco", "ase", "tpl", "plt"])
def test_painted_cels_give_a_palette(painted: Path, suffix: str) -> None:
    told = shiage("palette", "painted", f"colors.{suffix}", "--json", cwd=painted.parent)
    assert told.code == 0, told.err
    assert json.loads(told.out)["colors"] == len(PAINTS)
    assert colors_of(painted.parent / f"colors.{suffix}") == PAINTS


def test_a_palette_of_another_kind_and_nothing_overwritten(painted: Path) -> None:
    folder = painted.parent
    shiage("palette", "painted", "a.gpl", cwd=folder).ok()
    shiage("palette", "a.gpl", "b.ase", "--quiet", cwd=folder)
    assert colors_of(folder / "b.ase") == PAINTS
    shiage("palette", "a.gpl", "b.ase", cwd=folder).fails("b.ase", "--force")
    shiage("palette", "a.gpl", "b.xyz", cwd=folder).fails(".gpl")
    shiage("palette", "nothing.gpl", "c.gpl", cwd=folder).fails("nothing.gpl")


def test_recolored_cels(painted: Path) -> None:
    folder = painted.parent
    shiage("palette", "painted", "day.gpl", cwd=folder).ok()
    lines = (folder / "day.gpl").read_text().splitlines()
    hat = next(at for at, line in enumerate(lines) if line.split()[:3] == [str(v) for v in HAT])
    lines[hat] = " ".join(map(str, NIGHT)) + "\t" + lines[hat].split("\t")[1]
    (folder / "night.gpl").write_text("\n".join(lines) + "\n")
    before = hash_tree(painted)
    told = shiage(
        "recolor", "painted", "--from", "day.gpl", "--to", "night.gpl", "-o", "out", "--json",
        cwd=folder,
    )  # fmt: skip
    assert told.code == 0, told.err
    assert json.loads(told.out) == {"cels": 3, "changed": 3, "failed": 0, "colors": 1, "out": "out"}
    assert hash_tree(painted) == before
    for name in ("A0001.png", "B/B0001.tga", "B/B0002.png"):
        was, now = load(painted / name), load(folder / "out" / name)
        hat_pixels = (was[..., :3] == HAT).all(axis=-1)
        assert hat_pixels.any()
        assert (now[hat_pixels][:, :3] == NIGHT).all()
        np.testing.assert_array_equal(now[~hat_pixels], was[~hat_pixels])
    again = ("recolor", "painted", "--from", "day.gpl", "--to", "night.gpl", "-o", "out")
    shiage(*again, cwd=folder).fails("A0001.png", "--force")


def test_palettes_that_have_nothing_in_common(painted: Path) -> None:
    folder = painted.parent
    (folder / "a.gpl").write_text("GIMP Palette\n200 30 40\thead\n")
    (folder / "b.gpl").write_text("GIMP Palette\n1 2 3\tfoot\n4 5 6\tarm\n")
    args = ("recolor", "painted", "--from", "a.gpl", "--to", "b.gpl", "-o", "out")
    shiage(*args, cwd=folder).fails("in common", "--by")
    assert not (folder / "out").exists()
    shiage(*args, "--by", "id", cwd=folder).ok(err="in no color of a.gpl")
    assert (load(folder / "out" / "A0001.png")[..., :3] == LEG).all(axis=-1).any(), "left alone"


def test_a_damaged_cel_does_not_stop_the_others(painted: Path) -> None:
    folder = painted.parent
    shiage("palette", "painted", "day.gpl", cwd=folder).ok()
    (painted / "A0002.png").write_bytes(b"\x89PNG\r\n\x1a\n no")
    told = shiage(
        "recolor", "painted", "--from", "day.gpl", "--to", "day.gpl", "-o", "out", cwd=folder
    )
    assert told.code == 1
    assert "A0002.png" in told.err
    assert (folder / "out" / "A0001.png").exists()


# --- Cels with soft lines, a white shirt and black trousers


def write_gpl(path: Path, colors: Mapping[str, Color] | Sequence[tuple[str, Color]]) -> None:
    rows = colors.items() if isinstance(colors, Mapping) else colors
    lines = [f"{r} {g} {b}\t{name}\n" for name, (r, g, b) in rows]
    path.write_text("GIMP Palette\nName: doll\n#\n" + "".join(lines))


def names_in(path: Path) -> list[tuple[str, tuple[int, ...]]]:
    return [(entry.name, entry.rgba_u8[:3]) for entry in read_palette(path).entries]


def recolor(folder: Path, painted: str, out: str, *options: str) -> Told:
    palettes = ("--from", "day.gpl", "--to", "night.gpl")
    return shiage("recolor", painted, *palettes, "-o", out, *options, cwd=folder)


def forget(folder: Path, painted: str, copy: str) -> Path:
    """A copy of painted cels of which nothing is written down."""
    shutil.copytree(folder / painted, folder / copy)
    shutil.rmtree(folder / copy / "_shiage")
    return folder / copy


@pytest.fixture(scope="module")
def dolls(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cut of three dolls with soft lines, painted by day and by night; nothing is to change."""
    folder = tmp_path_factory.mktemp("dolls")
    for number in range(1, 4):
        name = f"B/B{number:04}.png" if number == 3 else f"A{number:04}.png"
        save(folder / "cut" / name, doll(None, 6 * number, soft=True))
    for key, palette, out, colors in (
        ("key", "day.gpl", "day", DOLL),
        ("night key", "night.gpl", "night", NIGHT_DOLL),
    ):
        save(folder / key / "A0001.png", doll(colors, 6, soft=True))
        write_gpl(folder / palette, colors)
        args = ("cut", "--ref", key, "--palette", palette, "--out", out, "--planes")
        assert shiage("paint", *args, cwd=folder).code == 0
    return folder


def test_the_palette_of_soft_cels_is_their_fills_by_name(dolls: Path, tmp_path: Path) -> None:
    """White and black among them, in the palette's order, and of given cels as of painted ones."""
    shiage("palette", "day", tmp_path / "used.gpl", cwd=dolls).ok()
    assert names_in(tmp_path / "used.gpl") == list(DOLL.items())
    for part in ("day/B", "day/_colors"):
        shiage("palette", part, tmp_path / "part.gpl", "--force", cwd=dolls).ok()
        assert sorted(names_in(tmp_path / "part.gpl")) == sorted(DOLL.items())
    shiage("palette", "day/_lines", tmp_path / "none.gpl", cwd=dolls).fails("nothing is painted")
    shiage("palette", "cut", tmp_path / "none.gpl", cwd=dolls).fails("nothing is painted")
    assert not (tmp_path / "none.gpl").exists()


def test_without_a_record_the_pictures_tell(dolls: Path, tmp_path: Path) -> None:
    bare = forget(dolls, "day", str(tmp_path / "bare"))
    shiage("palette", bare, tmp_path / "bare.gpl").ok()
    found = {color for _, color in names_in(tmp_path / "bare.gpl")}
    assert found == set(DOLL.values())


def test_a_cel_mended_by_hand_shows_its_own_colors(dolls: Path, tmp_path: Path) -> None:
    mended = tmp_path / "mended"
    shutil.copytree(dolls / "day", mended)
    for name in ("A0001.png", "A0002.png", "B/B0003.png"):
        rgba = load(mended / name).copy()
        rgba[(rgba[..., :3] == DOLL["eye"]).all(axis=-1), :3] = (9, 140, 60)
        save(mended / name, rgba)
    shiage("palette", mended, tmp_path / "used.gpl").ok()
    wanted = {**DOLL, "#098c3c": (9, 140, 60)}
    del wanted["eye"]
    assert dict(names_in(tmp_path / "used.gpl")) == wanted


def test_recolored_by_the_record_is_painted_by_night(dolls: Path, tmp_path: Path) -> None:
    recolor(dolls, "day", str(tmp_path / "out")).ok()
    for name in ("A0002.png", "B/B0003.png"):
        after, wanted = load(tmp_path / "out" / name).astype(int), load(dolls / "night" / name)
        off = np.abs(after - wanted).max(axis=-1)
        assert off[:180].max() <= 3
        # Soft lines darken black trousers no further, so there the mix cannot be seen.
        assert off.max() <= 30
        assert np.count_nonzero(off > 3) <= 400
    shiage("palette", tmp_path / "out", tmp_path / "used.gpl").ok()
    assert sorted(names_in(tmp_path / "used.gpl")) == sorted(NIGHT_DOLL.items())
    # And back again; where nothing was mixed the very same pixels come out.
    back = ("--from", dolls / "night.gpl", "--to", dolls / "day.gpl", "-o", tmp_path / "back")
    shiage("recolor", tmp_path / "out", *back).ok()
    for name in ("A0001.png", "A0002.png", "B/B0003.png"):
        again, was = load(tmp_path / "back" / name), load(dolls / "day" / name)
        assert np.abs(again.astype(int) - was).max() <= 3


def test_recolored_without_a_record_says_what_was_taken_for_lines_and_paper(
    dolls: Path, tmp_path: Path
) -> None:
    bare = forget(dolls, "day", str(tmp_path / "bare"))
    told = recolor(dolls, str(bare), str(tmp_path / "out"))
    err = " ".join(told.err.split())
    assert told.code == 0
    for words in ("is trousers in day.gpl, and the color of lines", "--lines gives"):
        assert words in err
    for words in ("is shirt in day.gpl, and the color of paper", "--paper gives"):
        assert words in err
    for name in ("A0001.png", "A0002.png", "B/B0003.png"):
        after, wanted = load(tmp_path / "out" / name).astype(int), load(dolls / "night" / name)
        off = np.abs(after - wanted).max(axis=-1)
        assert off[:180].max() <= (3 if name != "A0001.png" else 60)
        assert np.count_nonzero(off > 8) <= 600
    recolor(dolls, str(bare), str(tmp_path / "all"), "--lines", "--paper").ok()
    every = load(tmp_path / "all" / "A0002.png")
    assert (every[0, 0, :3] == NIGHT_DOLL["shirt"]).all()
    assert not (every[..., :3] == BLACK).all(axis=-1).any()


def test_two_names_of_one_color_are_both_named(tmp_path: Path) -> None:
    """References show only the color, so nobody can know; and nothing happens in silence."""
    day = {**DOLL, "belt": DOLL["hair"]}
    save(tmp_path / "cut" / "A0001.png", doll())
    save(tmp_path / "key" / "A0001.png", doll(day))
    write_gpl(tmp_path / "day.gpl", day)
    write_gpl(tmp_path / "night.gpl", NIGHT_DOLL)
    args = ("cut", "--ref", "key", "--palette", "day.gpl", "--out", "out", "--quiet")
    assert "hair, as is belt" in " ".join(shiage("paint", *args, cwd=tmp_path).err.split())
    told = shiage("palette", "out", "used.gpl", cwd=tmp_path).ok(err="as is belt")
    told = recolor(tmp_path, "out", "night")
    err = " ".join(told.err.split())
    assert told.code == 0
    assert "#784830 is hair and belt in day.gpl" in err
    assert "hair becomes #140a3c and belt becomes #503c14" in err
    assert "were taken for hair" in err
    after = load(tmp_path / "night" / "A0001.png")
    wanted = doll({**NIGHT_DOLL, "belt": NIGHT_DOLL["hair"]})
    np.testing.assert_array_equal(after, wanted)
    # Where both become the same there is nothing to tell.
    write_gpl(tmp_path / "night.gpl", {**NIGHT_DOLL, "belt": NIGHT_DOLL["hair"]})
    recolor(tmp_path, "out", "same").ok()
    np.testing.assert_array_equal(load(tmp_path / "same" / "A0001.png"), wanted)


def test_colors_that_a_night_brings_together_come_apart_by_day(tmp_path: Path) -> None:
    """What was painted apart stays apart in the record, though no picture shows it any more."""
    night = {**NIGHT_DOLL, "belt": NIGHT_DOLL["hair"]}
    save(tmp_path / "cut" / "A0001.png", doll())
    save(tmp_path / "key" / "A0001.png", doll(DOLL))
    write_gpl(tmp_path / "day.gpl", DOLL)
    write_gpl(tmp_path / "night.gpl", night)
    args = ("cut", "--ref", "key", "--palette", "day.gpl", "--out", "out", "--quiet")
    shiage("paint", *args, cwd=tmp_path).ok()
    recolor(tmp_path, "out", "dark").ok()
    np.testing.assert_array_equal(load(tmp_path / "dark" / "A0001.png"), doll(night))
    back = ("--from", "night.gpl", "--to", "day.gpl")
    shiage("recolor", "dark", *back, "-o", "back", cwd=tmp_path).ok()
    np.testing.assert_array_equal(load(tmp_path / "back" / "A0001.png"), doll(DOLL))
    shutil.rmtree(tmp_path / "dark" / "_shiage")
    told = shiage("recolor", "dark", *back, "-o", "guess", cwd=tmp_path).ok(err="hair and belt")
    assert "were taken for hair" in " ".join(told.err.split())


def test_names_that_the_other_palette_lacks_and_another_order(tmp_path: Path) -> None:
    save(tmp_path / "painted" / "A0001.png", doll(DOLL))
    day = [(name, color) for name, color in DOLL.items() if color not in (WHITE, BLACK)]
    write_gpl(tmp_path / "day.gpl", day)
    write_gpl(tmp_path / "night.gpl", [(name, NIGHT_DOLL[name]) for name, _ in day[::-1]])
    recolor(tmp_path, "painted", "turned").ok()
    kept = {name: DOLL[name] for name in ("shirt", "trousers")}
    np.testing.assert_array_equal(
        load(tmp_path / "turned" / "A0001.png"), doll({**NIGHT_DOLL, **kept})
    )
    write_gpl(tmp_path / "night.gpl", [(n, NIGHT_DOLL[n]) for n in ("hair", "skin", "eye")])
    told = recolor(tmp_path, "painted", "some").ok(err="is not in night.gpl")
    assert "belt (#5a5a28) of day.gpl is not in night.gpl" in " ".join(told.err.split())
    kept["belt"] = DOLL["belt"]
    np.testing.assert_array_equal(
        load(tmp_path / "some" / "A0001.png"), doll({**NIGHT_DOLL, **kept})
    )


def test_painted_cels_are_not_recolored_in_their_own_folder(dolls: Path) -> None:
    recolor(dolls, "day", "day", "--force").fails("painted cels lie in this folder", "--out")
