"""Coloured lines that stay, on the command line: learned from references, done in the others."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from shiage import Painter
from tests.drawings import BLUE, RED, Color
from tests.integration.coloured_head import NAVY, SKIN, draw_head, write_cut
from tests.integration.conftest import load, paint, save, shiage


@pytest.mark.parametrize(
    "key",
    [(RED, BLUE), (RED, NAVY), ((230, 90, 90), NAVY)],
    ids=["as drawn", "outline in another color", "both in other colors"],
)
def test_lines_that_stay_in_the_key_stay_in_the_others(
    tmp_path: Path, key: tuple[Color, Color]
) -> None:
    blush, hair_line = key
    cut = write_cut(tmp_path, blush, hair_line)
    done = paint(cut, "--ref", tmp_path / "ref")
    assert "red lines" in done.err
    assert "stay" in done.err
    for number, dx in ((2, 6), (3, 13)):
        out = load(tmp_path / "cut_painted" / f"A{number:04}.png")
        np.testing.assert_array_equal(
            out, draw_head(dx, painted=True, blush=blush, hair_line=hair_line)
        )
    shiage("check", cut, "--ref", tmp_path / "ref").ok()
    shiage("check", cut).ok()  # what was learned is written down


def test_what_is_learned_can_be_overruled(tmp_path: Path) -> None:
    cut = write_cut(tmp_path)
    for traces in ("fill", "keep"):
        paint(cut, "--ref", tmp_path / "ref", "--traces", traces, "-o", tmp_path / traces)
    filled, kept = (load(tmp_path / name / "A0002.png") for name in ("fill", "keep"))
    assert not (filled[..., :3] == RED).all(axis=-1).any()
    assert (kept[100, 136, :3] == RED).all()  # the line of the shadow


def test_lines_that_no_reference_shows_are_painted_over(tmp_path: Path) -> None:
    cut = write_cut(tmp_path)
    green = draw_head(6)
    cv2.line(green, (70, 110), (100, 110), (0, 255, 0, 255), 2)
    save(cut / "A0002.png", green)
    paint(cut, "--ref", tmp_path / "ref")
    out = load(tmp_path / "cut_painted" / "A0002.png")
    np.testing.assert_array_equal(out, draw_head(6, painted=True))


def test_a_key_that_paints_every_trace_over_teaches_just_that(tmp_path: Path) -> None:
    cut = write_cut(tmp_path, blush=SKIN)
    black: Color = (0, 0, 0)
    for number, dx in enumerate((0, 6, 13), start=1):
        drawing = draw_head(dx)
        outline = (draw_head(dx, painted=True)[..., :3] == BLUE).all(axis=-1)
        drawing[outline] = (0, 0, 0, 255)
        save(cut / f"A{number:04}.png", drawing)
    save(tmp_path / "ref" / "A0001.png", draw_head(painted=True, blush=SKIN, hair_line=black))
    done = paint(cut, "--ref", tmp_path / "ref")
    assert "coloured lines" not in done.err
    out = load(tmp_path / "cut_painted" / "A0003.png")
    np.testing.assert_array_equal(out, draw_head(13, painted=True, blush=SKIN, hair_line=black))


def test_an_artist_decides_lines_in_the_project(tmp_path: Path) -> None:
    cut = write_cut(tmp_path, blush=SKIN)
    out = tmp_path / "cut_painted"
    out.mkdir()
    decided = {"lines": [{"at": [80, 140], "color": "drawn", "beside": ["#fadcbe", "#fadcbe"]}]}
    project = {"format": 1, "cut": "../cut", "references": ["../ref"], "cels": {"A0002": decided}}
    (out / "shiage.json").write_text(json.dumps(project))
    paint(cut)
    for number, dx in ((2, 6), (3, 13)):  # the other cel follows
        painted = load(out / f"A{number:04}.png")
        assert (painted[..., :3] == RED).all(axis=-1).sum() > 40, number
        np.testing.assert_array_equal(painted, draw_head(dx, painted=True))


def test_lines_are_corrected_from_python(tmp_path: Path) -> None:
    cut = write_cut(tmp_path, blush=SKIN)
    painter = Painter()
    painter.add_reference(tmp_path / "ref" / "A0001.png", cut / "A0001.png")
    cel = painter.paint(cut / "A0002.png")
    np.testing.assert_array_equal(cel.picture.rgba_u8, draw_head(6, painted=True, blush=SKIN))
    corrected = painter.correct(cel, at_xy=(80, 140), color="drawn")
    np.testing.assert_array_equal(corrected.picture.rgba_u8, draw_head(6, painted=True))
    other = painter.paint(cut / "A0003.png")
    np.testing.assert_array_equal(other.picture.rgba_u8, draw_head(13, painted=True))
    corrected = painter.correct(corrected, at_xy=(80, 140), color="#e65a5a")
    other = painter.paint(cut / "A0003.png")
    right = draw_head(13, painted=True, blush=(230, 90, 90))
    np.testing.assert_array_equal(other.picture.rgba_u8, right)
