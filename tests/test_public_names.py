"""What README and docs use in Python is there, and is what the packages call theirs."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

import pytest

import shiage

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
PACKAGES = sorted(
    ".".join(path.parent.relative_to(ROOT / "src").parts)
    for path in (ROOT / "src" / "shiage").rglob("__init__.py")
    if "__all__" in path.read_text(encoding="utf-8")
)


def names_used(text: str) -> set[tuple[str, str]]:
    """(module, name) of what a page uses in Python: imports, and dotted names in backticks."""
    found = set()
    for module, names in re.findall(r"^from (shiage[\w.]*) import ([\w, ]+)$", text, re.MULTILINE):
        found |= {(module, name.strip()) for name in names.split(",")}
    for module, sentence in re.findall(r"`(shiage[\w.]*)` has ([^.]*)\.", text):
        found |= {(module, name) for name in re.findall(r"`(\w+)`", sentence)}
    for dotted in re.findall(r"`(shiage(?:\.[A-Za-z]\w*)+)", text):
        module, _, name = dotted.rpartition(".")
        if name not in ("json", "toml"):  # files of that name
            found.add((module, name))
    return found


USED = sorted(
    {(page.name, *used) for page in PAGES for used in names_used(page.read_text("utf-8"))}
)


def test_pages_are_read() -> None:
    assert ("README.md", "shiage", "Painter") in USED
    assert len({page for page, _, _ in USED}) > 1
    text = "from shiage.a import B, C\nsee `shiage.x.y(1)` and `shiage.json`; `shiage.z` has `d`."
    expected = {("shiage.a", "B"), ("shiage.a", "C"), ("shiage.x", "y"), ("shiage.z", "d")}
    assert names_used(text) == expected | {("shiage", "z")}


@pytest.mark.parametrize(("page", "module", "name"), USED)
def test_what_pages_use_is_there(page: str, module: str, name: str) -> None:
    home = importlib.import_module(module)
    if not hasattr(home, name):
        importlib.import_module(f"{module}.{name}")
    elif hasattr(home, "__all__") and module in PACKAGES:
        assert name in home.__all__, f"{page} uses a name that {module} does not call public"


@pytest.mark.parametrize("package", PACKAGES)
def test_all_is_sorted_and_there(package: str) -> None:
    home = importlib.import_module(package)
    assert len(set(home.__all__)) == len(home.__all__)
    for name in home.__all__:
        assert hasattr(home, name)


def test_a_painter_needs_nothing_else() -> None:
    """What `Painter` takes and returns can be named without knowing the rooms."""
    assert {"Painter", "PaintSettings", "PaintedCel", "ShiageError"} <= set(shiage.__all__)
    assert {*shiage._MODULES, "__version__"} == set(shiage.__all__)
