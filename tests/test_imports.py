"""Which rooms know which, read from the source; `docs/architecture.md` says why."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import shiage

SOURCE = Path(shiage.__file__).parent
CORE = ("files", "lines", "colors", "matching", "painting", "cuts")
"""Rooms in the order of the way of a cel; each knows those before it."""
MAKING = ("data", "models", "training", "bench")
"""Rooms that make data, train and measure."""
FOR_ALL = ("errors", "structures", "extras", "provenance", "html_page", "progress")
"""Modules that any room may know; they know none."""
PALETTE_FILES = ("files", "palettes")
"""The folder whose modules also know `colors/palette.py`."""
USING = ("checks", "demo", "episode", "imports", "web")
"""Rooms that stand on the core, and on nothing that makes or trains."""
CONSOLE = ("click", "rich", "rich_click")


def modules(*rooms: str) -> list[Path]:
    """The modules of these rooms, relative to the package."""
    found = [path.relative_to(SOURCE) for room in rooms for path in (SOURCE / room).rglob("*.py")]
    assert len(found) > len(rooms)
    return sorted(found)


def imports(path: Path) -> Iterator[str]:
    """Full names of the modules that a module imports, wherever in it that is."""
    tree = ast.parse((SOURCE / path).read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.module, f"{path}: imports are absolute"
            inner = SOURCE.parent.joinpath(*node.module.split("."))
            for alias in node.names:
                is_module = (inner / f"{alias.name}.py").exists() or (inner / alias.name).is_dir()
                yield f"{node.module}.{alias.name}" if is_module else node.module


def rooms_known_by(path: Path) -> set[str]:
    """The rooms that a module imports from, and modules of ours that lie in none."""
    return {name.split(".")[1] for name in imports(path) if name.startswith("shiage.")}


@pytest.mark.parametrize("path", modules(*CORE), ids=str)
def test_core_rooms_know_those_before_them(path: Path) -> None:
    room = path.parts[0]
    known = {*CORE[: CORE.index(room) + 1], *FOR_ALL}
    if path.parts[:2] == PALETTE_FILES:
        assert {name for name in imports(path) if name.startswith("shiage.colors")} <= {
            "shiage.colors.palette"
        }
        known.add("colors")
    assert rooms_known_by(path) <= known


@pytest.mark.parametrize("name", FOR_ALL)
def test_what_all_may_know_knows_no_room(name: str) -> None:
    assert rooms_known_by(Path(f"{name}.py")) <= set(FOR_ALL)


@pytest.mark.parametrize("path", modules(*CORE, *USING), ids=str)
def test_what_paints_knows_nothing_that_makes_or_trains(path: Path) -> None:
    assert rooms_known_by(path).isdisjoint(MAKING)
    assert "torch" not in {name.split(".")[0] for name in imports(path)}


@pytest.mark.parametrize("path", modules(*CORE, *USING, *MAKING), ids=str)
def test_nothing_below_the_commands_knows_of_a_console(path: Path) -> None:
    assert {name.split(".")[0] for name in imports(path)}.isdisjoint(CONSOLE)
    assert "commands" not in rooms_known_by(path)


def test_imports_are_found_wherever_they_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "shiage" / "cuts").mkdir(parents=True)
    (tmp_path / "shiage" / "cuts" / "cut.py").touch()
    code = "import torch.nn\nfrom shiage.cuts import cut\ndef f():\n    from rich import box\n"
    (tmp_path / "shiage" / "a.py").write_text(code)
    monkeypatch.setattr(f"{__name__}.SOURCE", tmp_path / "shiage")
    assert set(imports(Path("a.py"))) == {"torch.nn", "shiage.cuts.cut", "rich"}
    assert rooms_known_by(Path("a.py")) == {"cuts"}
