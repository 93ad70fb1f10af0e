"""How a column is split: by its drawings, all in one way, batch and page alike."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from shiage.lines.segments import SegmentSettings
from shiage.painting.painted_cel import PaintSettings
from shiage.painting.workshop import Workshop
from tests.drawings import character, pencil
from tests.integration.conftest import Told, save, shiage


def paint(folder: Path, *options: str) -> Told:
    return shiage("paint", "cut", "--ref", "key", *options, "--json", "--jobs", "1", cwd=folder)


def make_cut(folder: Path) -> None:
    """Two columns, one clean and one rough; a key for the first cel of each."""
    for number in (1, 2):
        save(folder / "cut" / f"A000{number}.png", character(dx=number))
        save(folder / "cut" / f"B000{number}.png", pencil(bare=6 + number))
    for name in ("A0001.png", "B0001.png"):
        drawn = np.array(Image.open(folder / "cut" / name).convert("RGBA"))
        body = drawn[..., 0] == 255
        drawn[body] = (200, 120, 90, 255)
        save(folder / "key" / name, drawn)


def test_a_rough_column_is_split_as_drawn_and_a_clean_one_exactly(tmp_path: Path) -> None:
    make_cut(tmp_path)
    done = paint(tmp_path)
    told = [text for text in done.json["warnings"] if "--lines drawn" in text]
    assert len(told) == 1
    assert told[0].startswith("column B:")
    exact = paint(tmp_path, "--lines", "exact", "--out", "exact")
    assert not [text for text in exact.json["warnings"] if "--lines drawn" in text]


def test_drawings_that_cannot_be_read_decide_nothing(tmp_path: Path) -> None:
    (tmp_path / "A0001.png").write_bytes(b"no picture")
    save(tmp_path / "A0002.png", pencil())
    workshop = Workshop("shape", PaintSettings())
    assert workshop.choose_way("A", [tmp_path / "A0001.png"]) == ""
    assert workshop.segments_for("A").lines == "exact"
    assert workshop.choose_way("A", sorted(tmp_path.iterdir())) != ""
    assert workshop.segments_for("a").lines == "drawn"
    asked = PaintSettings(segments=SegmentSettings(lines="exact"))
    assert Workshop("shape", asked).choose_way("A", [tmp_path / "A0002.png"]) == ""
