"""Options of `shiage paint`: each declared once, and nothing else to edit for a new one."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from operator import attrgetter
from pathlib import Path
from typing import Any

import click
import pytest

import shiage
from shiage.cli import app
from shiage.commands.options import CUT, EACH_CUT, NAMES, PAINT
from shiage.commands.presets import OF_ONE_RUN
from shiage.commands.setting import PLAIN, Setting
from shiage.commands.terminal import PANELS
from tests.integration.conftest import draw_cut, draw_key


def find_command(name: str) -> click.Command:
    command = app.get_command(click.Context(app), name)
    assert command is not None
    return command


def settings_of(command: click.Command) -> tuple[Setting, ...]:
    return tuple(param for param in command.params if isinstance(param, Setting))


# --- declared once ------------------------------------------------------------------------------


def test_no_field_and_no_name_is_taken_twice() -> None:
    fields = [setting.field for setting in PAINT]
    names = [name for setting in PAINT for name in (*setting.opts, *setting.secondary_opts)]
    assert len(set(fields)) == len(fields)
    assert len(set(names)) == len(names)
    for field in fields:
        attrgetter(field)(PLAIN)
    assert {setting.panel for setting in PAINT} == set(PANELS)


@pytest.mark.parametrize(
    ("command", "table"), [("paint", PAINT), ("batch", EACH_CUT), ("ui", (*CUT, *NAMES))]
)
def test_commands_have_the_options_of_their_table(command: str, table: tuple[Setting, ...]) -> None:
    found = find_command(command)
    assert settings_of(found) == table
    told = found.get_help(found.context_class(found, info_name=command, terminal_width=200))
    for setting in table:
        assert all(name in told for name in (*setting.opts, *setting.secondary_opts))


def test_the_options_of_checks_and_segments_are_those_of_paint() -> None:
    for command in ("check", "segments", "import"):
        assert set(settings_of(find_command(command))) <= set(PAINT)


def test_what_is_not_given_is_as_the_job_has_it() -> None:
    """What a command reads for its defaults is what a job without it has."""
    context = find_command("paint").make_context("paint", [os.devnull, "--presets", "none"])
    for setting in PAINT:
        if setting.field != "jobs":
            value = context.params[setting.name or ""]
            assert value == attrgetter(setting.field)(PLAIN), setting.field


def test_presets_know_all_options_but_those_of_one_run() -> None:
    long = {name.removeprefix("--") for s in PAINT for name in s.opts if name.startswith("--")}
    assert {"force", "out", "resume"} == long & OF_ONE_RUN


# --- a new one ----------------------------------------------------------------------------------

FIELD = ("painting/painted_cel.py", "    below: float = 0.5\n", "    made_up: int = 3\n")
DECLARATION = (
    "commands/options.py",
    "CUT = (\n",
    '    Setting("recipe.settings.made_up", "--made-up", panel=LINES, help="Nothing."),\n',
)
SERVE = """
import sys
from shiage.web import serving
serving.serve = lambda ui, tell: print(ui.job.recipe.settings.made_up)
sys.argv = ["shiage", "ui", *sys.argv[1:]]
from shiage.cli import main
main()
"""
"""`shiage ui`, but that it says what it was asked for and ends."""


@pytest.fixture(scope="module")
def larger(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a copy of shiage that has one option more: a field, and a declaration."""
    folder = tmp_path_factory.mktemp("larger")
    home = Path(shiage.__file__).parent
    shutil.copytree(
        home,
        folder / "shiage",
        copy_function=os.symlink,
        ignore=shutil.ignore_patterns("__pycache__"),
    )
    for name, before, added in (FIELD, DECLARATION):
        path = folder / "shiage" / name
        text = path.read_text(encoding="utf-8")
        assert text.count(before) == 1
        path.unlink()
        path.write_text(text.replace(before, before + added), encoding="utf-8")
    return folder


def run(larger: Path, cwd: Path, *args: str) -> str:
    """What Python prints with the larger shiage."""
    told = subprocess.run(
        [sys.executable, *args],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(larger), "PYTHONSAFEPATH": "1", "COLUMNS": "120"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 0, told.stderr
    return told.stdout


def made_up(out: Path) -> Any:
    return json.loads((out / "_shiage" / "run.json").read_text())["settings"]["made_up"]


def test_a_field_and_a_declaration_are_enough(larger: Path, tmp_path: Path) -> None:
    cut = draw_cut(tmp_path / "ep" / "cut", 1)
    draw_key(cut / "ref" / "A0001.png")
    paint = ("-m", "shiage", "paint", "ep/cut", "-q")
    run(larger, tmp_path, *paint, "-o", "given", "--made-up", "5")
    (cut / "shiage.toml").write_text("made-up = 7")
    run(larger, tmp_path, *paint, "-o", "preset")
    run(larger, tmp_path, "-m", "shiage", "batch", "ep", "-o", "all", "-q", "--made-up", "9")
    outs = [tmp_path / "given", tmp_path / "preset", tmp_path / "all" / "cut"]
    assert [made_up(out) for out in outs] == [5, 7, 9]
    assert run(larger, tmp_path, "-c", SERVE, "ep/cut").splitlines()[-1] == "7"
    assert "--made-up" in run(larger, tmp_path, "-m", "shiage", "ui", "--help")
