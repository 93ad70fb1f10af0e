"""A small cut drawn in code, files of every kind, and the command line run as a process."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from PIL import Image

from tests.command_line import Process, start
from tests.drawings import WHITE, Color, Rgba

HAT: Color = (200, 30, 40)
FACE: Color = (250, 220, 190)
EYE: Color = (40, 120, 220)
BODY: Color = (60, 160, 70)
LEG: Color = (90, 70, 150)
HANGS = 900.0
"""Seconds after which a command hangs, on a machine however busy; nothing is measured by it."""
PAINTS = frozenset({HAT, FACE, EYE, BODY, LEG})


def draw_figure(dx: int = 0, *, painted: bool = False, dy: int = 0) -> Rgba:
    """(120, 160, 4) RGBA: a figure of eight parts in black outlines of 2 px, moved by (dx, dy)."""
    rgba = np.full((120, 160, 4), 255, np.uint8)

    def part(color: Color, *corners: tuple[int, int]) -> None:
        points = np.array([(50 + x + dx, y + dy) for x, y in corners], np.int32)
        fill = color if painted else WHITE
        cv2.fillPoly(rgba, [points], (*fill, 255))
        cv2.polylines(rgba, [points], True, (0, 0, 0, 255), 2)

    def disc(color: Color, x: int, y: int, radius: int) -> None:
        fill = color if painted else WHITE
        cv2.circle(rgba, (50 + x + dx, y + dy), radius, (*fill, 255), -1)
        cv2.circle(rgba, (50 + x + dx, y + dy), radius, (0, 0, 0, 255), 2)

    part(LEG, (4, 76), (20, 76), (18, 108), (2, 108))
    part(LEG, (24, 76), (40, 76), (44, 108), (28, 108))
    part(BODY, (0, 44), (44, 44), (44, 78), (0, 78))
    disc(FACE, 22, 34, 17)
    disc(EYE, 15, 32, 4)
    disc(EYE, 29, 32, 4)
    part(HAT, (2, 22), (42, 22), (36, 6), (8, 6))
    return rgba


def save(path: Path, rgba: Rgba, mode: str = "RGB", **options: Any) -> Path:
    """Write a picture with Pillow in the format that the name tells."""
    path.parent.mkdir(parents=True, exist_ok=True)
    picture = Image.fromarray(rgba)
    if mode == "P":
        picture = picture.convert("RGB").quantize(16, dither=Image.Dither.NONE)
    picture.convert(mode).save(path, **options)
    return path


def load(path: Path) -> Rgba:
    """(H, W, 4) uint8: a picture as Pillow reads it."""
    with Image.open(path) as picture:
        return np.asarray(picture.convert("RGBA"))


def colors_of(rgba: Rgba) -> set[Color]:
    """The colors of a picture but for what is transparent."""
    rows = np.unique(rgba[rgba[..., 3] > 0], axis=0)
    return {(r, g, b) for r, g, b, _ in rows.tolist()}


def draw_cut(
    folder: Path, count: int = 4, name: str = "A{:04}.png", *, column: str = "", step: int = 3
) -> Path:
    """Draw a column of the figure walking to the right; return the folder."""
    for number in range(1, count + 1):
        save(folder / column / name.format(number), draw_figure((number - 1) * step))
    return folder


def draw_key(path: Path, dx: int = 0) -> Path:
    """Draw the painted figure."""
    return save(path, draw_figure(dx, painted=True))


def hash_tree(folder: Path) -> dict[str, str]:
    """SHA-256 of every file below a folder, by its relative path."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def hash_cels(folder: Path) -> dict[str, str]:
    """SHA-256 of the painted cels in an output folder, without `_shiage` and reports."""
    return {
        name: digest
        for name, digest in hash_tree(folder).items()
        if not name.startswith(("_shiage", "report."))
    }


def assert_nothing_half_written(folder: Path) -> None:
    """No temporary file is left, and each picture can be read to its last byte."""
    assert not list(folder.rglob("*.part"))
    for path in folder.rglob("*"):
        if path.is_file() and path.suffix.lower() in {".png", ".tga", ".tif", ".bmp"}:
            load(path)


@dataclass(frozen=True)
class Told:
    """What a run of the command line told."""

    code: int
    out: str
    err: str

    def ok(self, *, err: str = "") -> Told:
        """It went well; standard error is empty, or holds `err` if that is given."""
        assert self.code == 0, self.err
        assert "Traceback" not in self.err
        assert err in self.err if err else not self.err.strip()
        return self

    def fails(self, *words: str, code: int = 1) -> Told:
        """It failed with a message for people in which all the words occur."""
        everything = self.out + self.err
        assert self.code == code, everything
        assert "Traceback" not in everything, everything
        for word in words:
            assert word in self.err, f"{word!r} is not in {self.err!r}"
        return self

    @property
    def json(self) -> dict[str, Any]:
        """Standard output as JSON; anything else there is an error."""
        value: dict[str, Any] = json.loads(self.out)
        return value

    @property
    def statuses(self) -> dict[str, str]:
        """What became of each cel, from JSON."""
        return {cel["name"]: cel["status"] for cel in self.json["cels"]}


def finish(process: Process) -> Told:
    """Wait for a process and return what it told."""
    out, err = process.communicate(timeout=HANGS)
    return Told(process.wait(), out, err)


def shiage(
    *args: str | Path, cwd: Path = Path("/"), before: Callable[[], object] | None = None
) -> Told:
    """Run the command line and return what it told."""
    return finish(start(*args, cwd=cwd, before=before))


def shiage_each(*commands: Sequence[str | Path], cwd: Path = Path("/")) -> list[Told]:
    """Run several command lines at once, so that they start up on all cores."""
    return [finish(process) for process in [start(*args, cwd=cwd) for args in commands]]


def paint(*args: str | Path, cwd: Path = Path("/")) -> Told:
    """Run `shiage paint ... --json` on one thread."""
    return shiage("paint", *args, "--json", "--jobs", "1", cwd=cwd)


@pytest.fixture
def cut(tmp_path: Path) -> Path:
    """A flat cut of four cels, and `key/A0001.png` beside it, which is the first one painted."""
    draw_key(tmp_path / "key" / "A0001.png")
    return draw_cut(tmp_path / "cut")
