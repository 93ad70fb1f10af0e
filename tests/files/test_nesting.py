"""What is nested too deep is refused by every reader, whatever the version of Python."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from shiage.cuts.hints import read_hint_list
from shiage.cuts.project import read_project
from shiage.cuts.records import CelRecord, CutRecord
from shiage.data.dataset import read_info
from shiage.demo import DEMO_CUT
from shiage.files.graphs import read_card
from shiage.files.nesting import MOST_NESTED, read_toml, shallow
from shiage.files.timesheets import read_timesheet
from shiage.imports.cadmium_file import read_state
from shiage.matching.onnx import SHIPPED, ModelCard

TOO_DEEP = f"nested more than {MOST_NESTED} deep"


def lists(depth: int) -> str:
    return "[" * depth + "]" * depth


@pytest.mark.parametrize("kind", ["list", "object", "both", "closed again"])
def test_the_bound_is_ours(kind: str) -> None:
    kinds: dict[str, Callable[[int], str]] = {
        "list": lists,
        "object": lambda depth: '{"a":' * depth + "1" + "}" * depth,
        "both": lambda depth: '{"a":' + lists(depth - 1) + "}",
        "closed again": lambda depth: f"[[], {lists(depth - 1)}, [[]]]",
    }
    made = kinds[kind]
    whole = made(MOST_NESTED)
    assert shallow(whole) is whole
    assert shallow(whole.encode()) == whole.encode()
    json.loads(whole)
    deeper = made(MOST_NESTED + 1)
    with pytest.raises(ValueError, match=TOO_DEEP):
        shallow(deeper)
    with pytest.raises(ValueError, match=TOO_DEEP):
        shallow(memoryview(deeper.encode()))


def test_brackets_in_texts_are_none() -> None:
    texts = ["[" * 500, '"' + "[" * 500, "\\" + "{" * 500, "\udc80[" * 500, '\\"[' * 500]
    told = json.dumps(texts)
    assert shallow(told) is told
    unended = '["' + '\\"[' * 200_000  # nor does it take long
    assert shallow(unended) is unended


def test_toml() -> None:
    assert read_toml(f"a = {lists(MOST_NESTED)}")["a"]
    assert read_toml(".".join("a" * MOST_NESTED) + " = {}")
    for deep in (
        f"a = {lists(MOST_NESTED + 1)}",
        f"a = {lists(50 * sys.getrecursionlimit())}",
        ".".join("a" * (MOST_NESTED + 1)) + " = {}",
        ".".join("a" * 5000) + " = 1",
        "a = " + "{a = " * (MOST_NESTED + 1) + "1" + "}" * (MOST_NESTED + 1),
    ):
        with pytest.raises(ValueError, match=TOO_DEEP):
            read_toml(deep)


def read_cut_record(path: Path) -> object:
    return CutRecord.from_json(path.read_text())


def read_cel_record(path: Path) -> object:
    return CelRecord.from_json(path.read_text())


def read_clip(path: Path) -> object:
    return read_info(path.parent)


def read_the_project(path: Path) -> object:
    return read_project(path.parent)


READERS: dict[str, tuple[str, Callable[[Path], object], str]] = {
    "project": ("shiage.json", read_the_project, '{{"cut": "../cut", "x": {}}}'),
    "hints": ("A1.json", read_hint_list, '{{"A1": [], "A2": {}}}'),
    "timesheet": (
        "c012.xdts", read_timesheet, 'exchangeDigitalTimeSheet Save Data\n{{"a": {}}}',
    ),
    "Cadmium": (
        "cut.cdm", read_state,
        '[]BEGINSAVESTATE{{"layers": {{}}, "ImageStore": {{}}, "x": {}}}BEGINTEMPIMAGES[]',
    ),
    "cut record": ("report.json", read_cut_record, '{{"cels": {}}}'),
    "cel record": ("A0001.json", read_cel_record, '{{"segments": {}}}'),
}  # fmt: skip


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("depth", [MOST_NESTED + 1, 800, 5000, 100_000])
def test_every_reader_says_so(reader: str, depth: int, tmp_path: Path) -> None:
    name, read, text = READERS[reader]
    (tmp_path / name).write_text(text.format(lists(depth)))
    with pytest.raises(Exception, match=TOO_DEEP) as error:
        read(tmp_path / name)
    if "record" not in reader:  # these are painted again
        assert str(error.value).startswith(str(tmp_path))


def test_cards_and_clips(tmp_path: Path) -> None:
    shutil.copytree(DEMO_CUT, tmp_path / "clip")
    shutil.copy(SHIPPED, tmp_path / "card.json")
    for path, read in (
        (tmp_path / "clip/clip.json", read_clip),
        (tmp_path / "card.json", lambda path: read_card(path, ModelCard)),
    ):
        read(path)
        told = path.read_text()
        path.write_text(told.rstrip().removesuffix("}") + f', "x": {lists(5000)}}}')
        with pytest.raises(Exception, match=rf"{path.name}.*{TOO_DEEP}"):
            read(path)
