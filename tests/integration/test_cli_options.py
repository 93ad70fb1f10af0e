"""What each option of `shiage paint` does, and what nonsense is answered with."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest

from shiage import Painter
from shiage.matching import MATCHERS
from shiage.matching.onnx import SHIPPED
from tests.drawings import BLACK, RED, WHITE, Color, Rgba
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

SHADOW: Color = (20, 90, 30)


def draw_shaded(dx: int = 0, *, painted: bool = False) -> Rgba:
    """The figure with a red trace line down its body, right of which is shadow."""
    rgba = draw_figure(dx, painted=painted)
    x = 74 + dx
    inside = (rgba[..., :3] == (BODY if painted else WHITE)).all(axis=-1)
    inside[:46] = inside[77:] = inside[:, : 51 + dx] = inside[:, 94 + dx :] = False
    rgba[inside & (np.arange(160) >= x), :3] = SHADOW if painted else WHITE
    rgba[inside & np.isin(np.arange(160), (x, x + 1)), :3] = SHADOW if painted else RED
    return rgba


@pytest.fixture(scope="module")
def shaded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with `cut`, two cels with colour traces, and `key`."""
    folder = tmp_path_factory.mktemp("shaded")
    for number, dx in ((1, 0), (2, 3)):
        save(folder / "cut" / f"A{number:04}.png", draw_shaded(dx))
    save(folder / "key" / "A0001.png", draw_shaded(painted=True))
    return folder


def paint_shaded(folder: Path, tmp_path: Path, *options: str) -> Rgba:
    """The second cel, painted with these options."""
    paint("cut", "--ref", "key", "--out", tmp_path / "out", *options, cwd=folder).ok()
    return load(tmp_path / "out" / "A0002.png")


def test_traces_are_filled(shaded: Path, tmp_path: Path) -> None:
    painted = paint_shaded(shaded, tmp_path, "--traces", "fill")
    np.testing.assert_array_equal(painted, draw_shaded(3, painted=True))


def test_traces_are_kept(shaded: Path, tmp_path: Path) -> None:
    painted = paint_shaded(shaded, tmp_path, "--traces", "keep")
    expected = draw_shaded(3, painted=True)
    drawn = draw_shaded(3)
    red = (drawn[..., :3] == RED).all(axis=-1)
    expected[red] = drawn[red]
    np.testing.assert_array_equal(painted, expected)


def test_every_line_is_trace(shaded: Path, tmp_path: Path) -> None:
    painted = paint_shaded(shaded, tmp_path, "--all-trace")
    assert colors_of(painted) == PAINTS | {SHADOW, WHITE}


def test_other_hues_are_black_lines(shaded: Path, tmp_path: Path) -> None:
    painted = paint_shaded(shaded, tmp_path, "--trace-hue", "purple=280-320")
    assert colors_of(painted) == PAINTS | {SHADOW, WHITE, BLACK, RED}


@pytest.mark.parametrize("hue", ["any=0-360", "red=300-60"])
def test_hues_of_ones_own(shaded: Path, tmp_path: Path, hue: str) -> None:
    painted = paint_shaded(shaded, tmp_path, "--trace-hue", hue)
    np.testing.assert_array_equal(painted, draw_shaded(3, painted=True))


def test_undecided_below(cut: Path, tmp_path: Path) -> None:
    args = ["cut", "--ref", "key", "--matcher", "position"]
    plain = paint(*args, "--out", "plain", cwd=tmp_path).ok()
    sure = [s["confidence"] for cel in plain.json["cels"] for s in cel["segments"]]
    below = float(np.median(sure))
    assert min(sure) < below < max(sure)
    loud = paint(
        *args, "--out", "loud", "--undecided", "#ff00fe", "--below", str(below), cwd=tmp_path
    ).ok()
    total = 0
    for cel in loud.json["cels"]:
        if cel["status"] != "painted":
            continue
        doubtful = [s["label"] for s in cel["segments"] if s["confidence"] < below]
        labels = Painter().prepare(cut / f"{cel['name']}.png").segments.labels
        painted = load(tmp_path / "loud" / f"{cel['name']}.png")
        marked = (painted == (255, 0, 254, 255)).all(axis=-1)
        np.testing.assert_array_equal(marked, np.isin(labels, doubtful))
        before = load(tmp_path / "plain" / f"{cel['name']}.png")
        np.testing.assert_array_equal(painted[~marked], before[~marked])
        assert cel["undecided"] == len(doubtful)
        total += len(doubtful)
    assert 0 < total < len(sure)


def test_gap(tmp_path: Path) -> None:
    rgba = draw_figure()
    rgba[60:66, 48:53] = 255  # a gap of 6 px in the left side of the body
    frame = save(tmp_path / "A0001.png", rgba)
    gaps = {"off": 0, "2": 0, "12": 1, "auto": 1}
    commands: list[list[str | Path]] = [
        ["segments", frame, "--gap", gap, "--out", f"{gap}.png", "--json"] for gap in gaps
    ]
    runs = shiage_each(*commands, cwd=tmp_path)
    found = {gap: told.ok().json for gap, told in zip(gaps, runs, strict=True)}
    assert {gap: f["gaps"] for gap, f in found.items()} == gaps
    assert {gap: f["segments"] - f["gaps"] for gap, f in found.items()} == dict.fromkeys(gaps, 7)


def test_gap_when_painting(cut: Path, tmp_path: Path) -> None:
    rgba = draw_figure(3)
    rgba[60:66, 51:56] = 255
    save(cut / "A0002.png", rgba)
    closed, still_open = shiage_each(
        ["paint", "cut", "--ref", "key", "--out", "closed", "--json"],
        ["paint", "cut", "--ref", "key", "--out", "open", "--json", "--gap", "off"],
        cwd=tmp_path,
    )
    assert [cel["gaps"] for cel in closed.ok().json["cels"]] == [0, 1, 0, 0]
    assert [cel["gaps"] for cel in still_open.ok().json["cels"]] == [0, 0, 0, 0]
    assert BODY in colors_of(load(tmp_path / "closed" / "A0002.png"))
    assert load(tmp_path / "closed" / "A0002.png")[2, 2].tolist() == [255] * 4


def test_threshold(tmp_path: Path) -> None:
    faint = draw_figure()
    ink = (faint[..., :3] == 0).all(axis=-1)
    faint[ink & (np.arange(120)[:, None] > 80), :3] = 215  # legs, coverage 40
    frame = save(tmp_path / "A0001.png", faint)
    commands: list[list[str | Path]] = [
        ["segments", frame, "--threshold", level, "--gap", "off", "--out", f"{level}.png", "--json"]
        for level in ("30", "45")
    ]
    runs = shiage_each(*commands, cwd=tmp_path)
    assert [told.ok().json["segments"] for told in runs] == [8, 6]


@pytest.mark.parametrize("matcher", [*MATCHERS, "card"])
def test_every_matcher(cut: Path, tmp_path: Path, matcher: str) -> None:
    matcher = str(SHIPPED) if matcher == "card" else matcher
    told = paint(cut, "--ref", tmp_path / "key", "--out", tmp_path / "o", "--matcher", matcher).ok()
    assert told.json["matcher"] == matcher
    for number in (1, 2, 3, 4):
        expected = draw_figure(3 * (number - 1), painted=True)
        np.testing.assert_array_equal(load(tmp_path / "o" / f"A{number:04}.png"), expected)


def test_runs_do_not_differ(tmp_path: Path) -> None:
    # Motions so large that some segments are in doubt.
    cut = draw_cut(tmp_path / "cut", 10, step=6)
    draw_key(tmp_path / "keys" / "A0001.png")
    draw_key(tmp_path / "keys" / "A0008.png", 42)
    for out, jobs in (("a", "1"), ("b", "1"), ("c", "4")):
        shiage("paint", cut, "--ref", tmp_path / "keys", "-o", tmp_path / out, "-j", jobs).ok()
    assert hash_cels(tmp_path / "a") == hash_cels(tmp_path / "b") == hash_cels(tmp_path / "c")
    assert len(hash_cels(tmp_path / "a")) == 10
    records = [
        {path.name: path.read_text() for path in (tmp_path / out / "_shiage/cels").iterdir()}
        for out in "abc"
    ]
    assert records[0] == records[1] == records[2]


def test_report(cut: Path, tmp_path: Path) -> None:
    told = shiage("paint", "cut", "--ref", "key", "--report", cwd=tmp_path).ok()
    out = tmp_path / "cut_painted"
    report = json.loads((out / "report.json").read_text(encoding="utf-8"))
    assert [cel["name"] for cel in report["cels"]] == [f"A{n:04}" for n in (1, 2, 3, 4)]
    assert "A0003" in (out / "report.html").read_text(encoding="utf-8")
    assert len(list(cut.iterdir())) == 4
    # What a log keeps: the whole path, to be copied; and no empty lines.
    assert str(out / "report.html") in told.out
    assert told.err == ""


def test_json_is_all_there_is(cut: Path, tmp_path: Path) -> None:
    told = paint(cut, "--ref", tmp_path / "key").ok()
    record = told.json
    assert told.out.lstrip().startswith("{")
    assert told.out.rstrip().endswith("}")
    assert record["out"] == str(tmp_path / "cut_painted")
    assert not record["interrupted"]
    hexes = {"#" + bytes(color).hex() for color in PAINTS}
    assert {color for _, color in record["palette"]} == hexes | {"none"}
    for cel in record["cels"][1:]:
        assert cel["size_wh"] == [160, 120]
        assert len(cel["segments"]) == 8
        assert {s["color"] for s in cel["segments"]} == hexes | {"none"}
        assert all(0 <= s["confidence"] <= 1 for s in cel["segments"])


def test_quiet(cut: Path, tmp_path: Path) -> None:
    told = shiage("paint", cut, "--ref", tmp_path / "key", "--quiet")
    assert (told.code, told.out, told.err) == (0, "", "")
    (cut / "A0003.png").write_bytes(b"")
    told = shiage("paint", cut, "--ref", tmp_path / "key", "--quiet", "--force")
    told.fails("A0003.png", "empty")
    assert told.out == ""


def test_version_and_help() -> None:
    version, *helps = shiage_each(
        ["--version"], ["--help"], *[[name, "-h"] for name in ("paint", "segments", "demo", "ui")]
    )
    assert re.fullmatch(r"shiage \d+\.\d+\.\d+\n", version.ok().out)
    options = {
        0: ("paint", "segments", "demo", "ui"),
        1: (
            "--ref",
            "--sheet",
            "--undecided",
            "--below",
            "--resume",
            "--force",
            "--max-megapixels",
        ),
        2: ("--out", "--gap", "--threshold", "--trace-hue", "--json"),
        3: ("--out", "--force", "--quiet"),
        4: ("[CUT]", "--ref", "--sheet", "--out", "--matcher", "--gap", "--port", "--no-open"),
    }
    for number, told in enumerate(helps):
        for word in options[number]:
            assert word in told.ok().out


NONSENSE = {
    "--gap": ("-3", "many", "201"),
    "--threshold": ("0", "off"),
    "--trace-hue": ("red", "red=nan-30"),
    "--undecided": ("#12345",),
    "--below": ("2", "0.5"),  # 0.5 says nothing without --undecided
    "--jobs": ("0",),
    "--matcher": ("magic",),
    "--min-area": ("0",),
    "--max-megapixels": ("0",),
    "--traces": ("erase",),
}


@pytest.mark.parametrize("option", NONSENSE)
def test_nonsense(cut: Path, tmp_path: Path, option: str) -> None:
    commands: list[list[str | Path]] = [
        ["paint", cut, "--ref", tmp_path / "key", f"{option}={value}"] for value in NONSENSE[option]
    ]
    for told, value in zip(shiage_each(*commands), NONSENSE[option], strict=True):
        told.fails(code=2 if told.code == 2 else 1)
        assert option in told.err or repr(value) in told.err
        assert told.out == ""
    assert not (tmp_path / "cut_painted").exists()


def test_colors_one_step_apart(tmp_path: Path) -> None:
    key = draw_figure(painted=True)
    near = np.array(HAT) + np.array([1, 0, 0])
    box = (key[..., :3] == BODY).all(axis=-1)
    key[box, :3] = near
    save(tmp_path / "key" / "A0001.png", key)
    cut = draw_cut(tmp_path / "cut", 2)
    paint(cut, "--ref", tmp_path / "key", "--out", tmp_path / "out").ok()
    painted = load(tmp_path / "out" / "A0002.png")
    np.testing.assert_array_equal((painted[..., :3] == near).all(axis=-1), np.roll(box, 3, axis=1))
