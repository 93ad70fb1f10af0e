"""`shiage data` as a process, and its makers with one of our own in their place."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from shiage import extras
from shiage.commands import data as commands
from shiage.commands.data import data
from shiage.errors import ShiageError
from tests.data.samples import BoxMaker, write_box_clip
from tests.integration.conftest import draw_figure, load, save, shiage, shiage_each


@pytest.fixture
def dataset(tmp_path: Path) -> Path:
    for name in ("Ann", "Bob"):
        write_box_clip(tmp_path / "set" / "boxes" / name, name)
    return tmp_path / "set"


def test_check_show_and_stats(dataset: Path, tmp_path: Path) -> None:
    check, as_json, quiet, show, again, stats, numbers = shiage_each(
        ["data", "check", "set"],
        ["data", "check", "set", "--json"],
        ["data", "check", "set/boxes/Ann", "-q"],
        ["data", "show", "set", "--clips", "1"],
        ["data", "show", "set", "--out", "more", "--json"],
        ["data", "stats", "set"],
        ["data", "stats", "set", "--json"],
        cwd=tmp_path,
    )
    assert check.ok().out.split() == ["clips", "2", "frames", "6", "errors", "0", "warnings", "0"]
    assert as_json.ok().json == {"clips": 2, "frames": 6, "findings": []}
    assert quiet.ok().out == ""
    assert "set_sheets" in show.ok().out
    assert load(tmp_path / "set_sheets" / "boxes-Ann.png").shape[2] == 4
    assert len(json.loads(again.ok().out)) == 2
    for words in ("segments per drawing", "first and last", "right by nearest position"):
        assert words in stats.ok().out
    assert [row["source"] for row in json.loads(numbers.ok().out)] == ["boxes", "all"]
    (dataset / "boxes" / "Ann" / "line" / "0001.png").unlink()
    (dataset / "boxes" / "Bob" / "notes.txt").write_text("")
    shiage("data", "check", "set", "-q", cwd=tmp_path).fails(
        "boxes/Ann, frame 0001: 0001.png", "warning: boxes/Bob: notes.txt"
    )
    told = shiage("data", "check", "set", "--json", cwd=tmp_path)
    assert told.code == 1
    assert [finding["severity"] for finding in told.json["findings"]] == ["error", "warning"]


def test_wrong_folders(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    commands = ("check", "show", "stats")
    for told in shiage_each(
        *(["data", command, "empty"] for command in commands),
        *(["data", command, "gone"] for command in commands),
        ["data", "import-paintbucket", "empty", "--out", "out"],
        cwd=tmp_path,
    ):
        told.fails("expected")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["empty"]


def test_import_cels(tmp_path: Path) -> None:
    for number in (1, 2):
        save(tmp_path / "cut" / f"A{number:04}.png", draw_figure(number, painted=True))
    command = ["data", "import-cels", "cut", "--character", "Hana", "--license", "mine"]
    told = shiage(*command, "--out", "set", cwd=tmp_path).ok()
    assert "set/hand-drawn/cut" in told.out
    shiage(*command, "--out", "set", cwd=tmp_path).fails("set/hand-drawn/cut", "--force")
    assert shiage(*command, "--out", "b", "--json", cwd=tmp_path).ok().json["frames"] == 2
    shiage("data", "check", "set", cwd=tmp_path).ok()


def test_help_tells_every_command() -> None:
    everything, make = shiage_each(["data", "--help"], ["data", "make", "--help"])
    for command in ("make", "check", "show", "stats", "import-cels", "import-paintbucket"):
        assert command in everything.ok().out
    for command in ("rendered", "procedural", "vector"):
        assert command in make.ok().out


def test_make(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[object] = []

    def load(*names: str) -> object:
        def build(*arguments: object) -> BoxMaker:
            given.extend((*names, *arguments))
            return BoxMaker(fails="Bob")

        return build

    monkeypatch.setattr(commands, "_load_maker", load)
    arguments = ["make", "procedural", "--characters", "7", "--out", str(tmp_path), "--clips", "4"]
    arguments += ["--frames", "2", "--size", "64", "--jobs", "1"]
    told = CliRunner().invoke(data, arguments)
    assert told.exit_code == 1
    assert given == ["procedural.maker", "ProceduralMaker", 7]
    assert "no legs" in told.stderr
    assert "3 made, 1 failed" in told.stdout
    told = CliRunner().invoke(data, [*arguments, "--json"])
    assert json.loads(told.stdout)["kept"] == 3
    told = CliRunner().invoke(data, [*arguments, "--clips", "1", "--seed", "1"])
    assert "--force" in str(told.exception)


def test_a_missing_library_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(name: str) -> object:
        raise ModuleNotFoundError(name, name=missing)

    monkeypatch.setattr(extras, "import_module", refuse)
    missing = "trimesh.ray"
    with pytest.raises(ShiageError, match=r'trimesh.*pip install "shiage\[data\]"'):
        commands._load_maker("rigged.maker", "RiggedMaker")
    missing = "shiage.data.rigged.maker"
    with pytest.raises(ModuleNotFoundError):
        commands._load_maker("rigged.maker", "RiggedMaker")
