"""Options preset in `shiage.toml`: where it lies, what it may say, who has the last word."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import click
import numpy as np
import pytest

from shiage.cli import app
from shiage.commands.paint import paint
from shiage.commands.presets import OF_ONE_RUN, PresetCommand
from shiage.cuts.project import Project, write_project
from shiage.cuts.recipe import Recipe
from shiage.errors import BadPresets
from shiage.lines.segments import SegmentSettings
from shiage.painting.painted_cel import PaintSettings
from tests.integration.conftest import (
    draw_cut,
    draw_figure,
    draw_key,
    hash_tree,
    load,
    save,
    shiage,
    shiage_each,
)
from tests.web.conftest import read_state, running

FULL = """
# What every cut of the show is painted with.
gap = 8
threshold = 60
trace-hue = ["red=330-30", "blue=170-270"]
all-trace = false
min-area = 6
merge-slivers = true
max-megapixels = 20
traces = "keep"
undecided = "#ff00fe"
below = 0.4
matcher = "shape"
sheet = [["model/line.png", "model/color.png"]]
jobs = 1
report = true
painted-name = "{cut} done"
line-folder = "原画"
color-folder = ["彩色"]
other-folder = ["参考"]
port = 8123
longest-flicker = 2
processes = 3
"""
"""Every kind of value; the last three are of other commands than `paint`."""


def settings_of(out: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((out / "_shiage" / "run.json").read_text())
    return found


def load_presets(folder: Path, text: str) -> click.Context:
    """The context of `shiage paint FOLDER` with presets in the folder."""
    folder.mkdir(exist_ok=True)
    (folder / "shiage.toml").write_text(text, encoding="utf-8")
    return paint.make_context("paint", [str(folder)], parent=click.Context(app))


def test_presets_are_taken_for_options(tmp_path: Path) -> None:
    show = tmp_path / "show"
    save(show / "model" / "line.png", draw_figure())
    save(show / "model" / "color.png", draw_figure(painted=True))
    draw_cut(show / "ep" / "c1" / "原画", 2)
    save(show / "ep" / "c1" / "参考" / "A0009.png", draw_figure(9))
    draw_key(show / "ep" / "c1" / "彩色" / "A0001.png")
    (show / "shiage.toml").write_text(FULL, encoding="utf-8")
    before = hash_tree(show / "ep" / "c1")
    told = shiage("paint", "ep/c1", cwd=show).ok()
    assert re.search(rf"^presets +{re.escape(str(show / 'shiage.toml'))}$", told.out, re.MULTILINE)
    out = show / "ep" / "c1 done"
    np.testing.assert_array_equal(load(out / "A0002.png"), draw_figure(3, painted=True))
    assert hash_tree(show / "ep" / "c1") == before
    report = json.loads((out / "report.json").read_text())
    assert report["presets"] == str(show / "shiage.toml")
    assert [cel["status"] for cel in report["cels"]] == ["reference", "painted"]
    run = settings_of(out)
    assert run["matcher"] == "shape"
    assert len(run["sheets"]) == 1
    settings = run["settings"]
    assert settings["segments"] == {
        "gap": 8,
        "min_area": 6,
        "merge_slivers": True,
        "lines": "auto",
        "closing": 50,
    }
    assert settings["lines"]["threshold"] == 60
    assert settings["lines"]["all_trace"] is False
    assert [hue["name"] for hue in settings["lines"]["trace_hues"]] == ["red", "blue"]
    found = [settings[name] for name in ("traces", "undecided", "below", "max_pixels")]
    assert found == ["keep", "#ff00fe", 0.4, 20_000_000]


def test_the_nearest_file_counts_and_the_command_line_wins(tmp_path: Path) -> None:
    cut = draw_cut(tmp_path / "ep" / "c1", 2)
    draw_key(cut / "ref" / "A0001.png")
    (tmp_path / "shiage.toml").write_text("gap = 7\nmin-area = 9")
    (tmp_path / "ep" / "shiage.toml").write_text("gap = 3")
    (tmp_path / "mine.toml").write_text("gap = 2\nmin-area = 4")
    runs: dict[str, list[str | Path]] = {
        "nearest": [],
        "line": ["--gap", "auto"],
        "named": ["--presets", "mine.toml"],
        "none": ["--presets", "none"],
    }
    told = shiage_each(
        *(["paint", cut, "--json", "-o", out, *more] for out, more in runs.items()), cwd=tmp_path
    )
    found = {out: settings_of(tmp_path / out)["settings"]["segments"] for out in runs}
    assert {out: (s["gap"], s["min_area"]) for out, s in found.items()} == {
        "nearest": (3, 5),
        "line": ("auto", 5),
        "named": (2, 4),
        "none": ("auto", 5),
    }
    files = [one.ok().json["presets"] for one in told]
    nearest = str(tmp_path / "ep" / "shiage.toml")
    assert files == [nearest, nearest, str(tmp_path / "mine.toml"), ""]


def test_all_commands_on_cuts_take_presets(tmp_path: Path) -> None:
    cut = draw_cut(tmp_path / "cut", 2)
    draw_key(cut / "ref" / "A0001.png")
    (cut / "shiage.toml").write_text('gap = 3\npainted-name = "{cut}_p"\nno-parts = true\n')
    shiage("paint", "cut", "-q", cwd=tmp_path).ok()
    segments, check = shiage_each(
        ["segments", "cut/A0002.png", "--json"], ["check", "cut", "--json"], cwd=tmp_path
    )
    assert segments.ok().json["gap_radius"] == 3
    assert check.ok().json["painted"].endswith("/cut_p")
    for told in (segments, check):
        assert told.json["presets"] == str(cut / "shiage.toml")
    with running("cut", "--min-area", "7", cwd=tmp_path) as ui:
        ui.settle()
        ui.add_color()
        state = read_state(tmp_path / "cut_p")
    assert state["settings"]["segments"] == {
        "gap": 3,
        "min_area": 7,
        "merge_slivers": False,
        "lines": "auto",
        "closing": 50,
    }


def test_a_project_goes_before_presets_and_the_command_line_before_both(tmp_path: Path) -> None:
    cut = draw_cut(tmp_path / "cut", 2)
    draw_key(cut / "ref" / "A0001.png")
    (cut / "shiage.toml").write_text('gap = 3\nmatcher = "shape"')
    saved = Recipe(matcher="position", settings=PaintSettings(segments=SegmentSettings(gap=5)))
    for out in ("saved", "given"):
        write_project(tmp_path / out, Project(cut, recipe=saved))
    runs = shiage_each(
        ["paint", "cut", "-o", "saved", "-q"],
        ["paint", "cut", "-o", "given", "-q", "--min-area", "6", "--matcher", "ant"],
        cwd=tmp_path,
    )
    for told in runs:
        told.ok()
    saved_run, given_run = settings_of(tmp_path / "saved"), settings_of(tmp_path / "given")
    assert (saved_run["matcher"], given_run["matcher"]) == ("position", "ant")
    assert saved_run["settings"]["segments"]["gap"] == 5
    segments = given_run["settings"]["segments"]
    assert (segments["gap"], segments["min_area"]) == (3, 6)


def test_other_presets_are_other_settings_to_resume(tmp_path: Path) -> None:
    cut = draw_cut(tmp_path / "cut", 2)
    draw_key(cut / "ref" / "A0001.png")
    presets = cut / "shiage.toml"
    presets.write_text("gap = 3")
    shiage("paint", cut, "-q").ok()
    presets.write_text("gap = 4")
    shiage("paint", cut, "-q", "--resume").fails("other references or settings")
    presets.write_text("gap = 3\njobs = 1")
    shiage("paint", cut, "-q", "--resume").ok()


WRONG = {
    "gapp = 8": ("there is no option gapp", "Did you mean gap?"),
    "trace_hue = []": ("Did you mean trace-hue?",),
    "gap = 500": ("gap = 500", "a whole number from 0 to 200, or auto or off"),
    "gap = true": ("gap = true", "of the wrong kind", "text or a number"),
    "gap = [1, 2]": ("gap = [1, 2]", "of the wrong kind"),
    "jobs = 1.5": ("jobs = 1.5", "a whole number"),
    'jobs = "2"': ('jobs = "2"', "a whole number"),
    "jobs = 0": ("jobs = 0", "x>=1"),
    'below = "half"': ('below = "half"', "a number"),
    "below = 2": ("below = 2", "0<=x<=1"),
    'report = "yes"': ('report = "yes"', "true or false"),
    'traces = "erase"': ('traces = "erase"', "fill", "keep"),
    'matcher = "magic"': ('matcher = "magic"', "one of ant, shape"),
    'undecided = "pink"': ('undecided = "pink"', "#rrggbb"),
    'trace-hue = ["red"]': ("is red", "NAME=FROM-TO"),
    'sheet = ["a.png"]': ("of the wrong kind", "2 paths in brackets"),
    "ref = 3": ("ref = 3", "a path in quotes"),
    'painted-name = "x"': ('painted-name = "x"', "{cut}"),
    'painted-name = "a/{cut}"': ("--painted-name is a/{cut}",),
    "force = true": ("force cannot be preset", "--force on the command line"),
    "[lines]\ngap = 3": ("has a table [lines]", "keys without any table"),
    "gap = \n": ("cannot be read", "line 1", "TOML"),
    "gap = 2024-01-01": ("of the wrong kind",),
    "gap = " + "[" * 5000 + "]" * 5000: ("cannot be read", "nested more than 100 deep"),
}


@pytest.mark.parametrize("text", WRONG, ids=lambda text: text[:40])
def test_what_presets_may_not_say(tmp_path: Path, text: str) -> None:
    with pytest.raises(BadPresets) as told:
        load_presets(tmp_path / "cut", text)
    message = str(told.value)
    assert message.startswith(f"{tmp_path / 'cut' / 'shiage.toml'}: ")
    for words in (*WRONG[text], "--presets none" if "force" not in text else "Take it out"):
        assert words in message


def test_wrong_presets_end_the_command(tmp_path: Path) -> None:
    cut = draw_cut(tmp_path / "cut", 1)
    (cut / "shiage.toml").write_text("gapp = 8")
    (tmp_path / "latin.toml").write_bytes("painted-name = 'ü{cut}'".encode("latin-1"))
    near, latin, gone, help_text = shiage_each(
        ["paint", "cut"],
        ["paint", "cut", "--presets", "latin.toml"],
        ["segments", "cut/A0001.png", "--presets", "gone.toml"],
        ["paint", "cut", "--help"],
        cwd=tmp_path,
    )
    near.fails(f"error: {cut / 'shiage.toml'}: there is no option gapp")
    latin.fails("latin.toml: cannot be read")
    gone.fails("gone.toml: cannot be read (No such file or directory)")
    assert "--presets" in help_text.ok().out
    assert sorted(path.name for path in tmp_path.iterdir()) == ["cut", "latin.toml"]


def test_paths_are_relative_to_the_file(tmp_path: Path) -> None:
    text = "ref = 'keys'\nsheet = ['a.png', '/b.png']\nmatcher = 'mine.json'"
    params = load_presets(tmp_path / "cut", text).params
    assert params["recipe_references"] == (tmp_path / "cut" / "keys",)
    assert params["recipe_sheets"] == ((tmp_path / "cut" / "a.png", Path("/b.png")),)
    assert params["recipe_matcher"] == str(tmp_path / "cut" / "mine.json")


def test_a_file_written_by_windows(tmp_path: Path) -> None:
    assert (
        load_presets(tmp_path / "cut", "\ufeffgap = 3\r\n").params["recipe_settings_segments_gap"]
        == 3
    )


def test_below_waits_for_undecided(tmp_path: Path) -> None:
    cut = draw_cut(tmp_path / "cut", 1)
    draw_key(cut / "ref" / "A0001.png")
    (cut / "shiage.toml").write_text("below = 0.7")
    shiage("paint", cut, "-q").ok()


def test_every_option_may_be_preset_but_those_of_one_run() -> None:
    context = click.Context(app)
    found = {name: app.get_command(context, name) for name in app.list_commands(context)}
    commands = {name: c for name, c in found.items() if isinstance(c, PresetCommand)}
    assert sorted(commands) == ["batch", "check", "paint", "segments", "ui"]
    for command in commands.values():
        for option in command.params:
            if isinstance(option, click.Option):
                assert any(name.startswith("--") for name in option.opts), option
    names = {option for c in commands.values() for p in c.params for option in p.opts}
    assert {f"--{name}" for name in OF_ONE_RUN - {"help"}} <= names
