"""Bare parts amid paint and painted paper in close-ups are never sure, and are told."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from shiage.checks.cut import check_cut
from shiage.cuts.job import CutJob
from shiage.cuts.recipe import Recipe
from shiage.cuts.whole_cut import paint_cut
from tests.drawings import Rgba
from tests.integration.conftest import load, save

SKIN, SHIRT = (250, 220, 190), (60, 120, 200)


def draw(*, mouth: bool, painted: bool = False, bare_mouth: bool = False) -> Rgba:
    """(240, 240, 4) RGBA: a face above a shirt, perhaps with a mouth."""
    rgba = np.full((240, 240, 4), 255, np.uint8)
    skin, shirt = (*SKIN, 255), (*SHIRT, 255)
    white, black = (255, 255, 255, 255), (0, 0, 0, 255)
    cv2.circle(rgba, (120, 80), 60, skin if painted else white, -1)
    cv2.circle(rgba, (120, 80), 60, black, 2)
    cv2.rectangle(rgba, (70, 142), (170, 220), shirt if painted else white, -1)
    cv2.rectangle(rgba, (70, 142), (170, 220), black, 2)
    if mouth:
        inside = white if bare_mouth or not painted else (150, 40, 50, 255)
        cv2.ellipse(rgba, (120, 105), (30, 14), 0, 0, 360, inside, -1)
        cv2.ellipse(rgba, (120, 105), (30, 14), 0, 0, 360, black, 2)
    return rgba


def clear(rgba: Rgba) -> Rgba:
    """The same on transparent paper, white enclosed or not."""
    out = rgba.copy()
    out[(rgba[..., :3] == 255).all(axis=-1)] = 0
    return out


def closer(rgba: Rgba) -> Rgba:
    """A part of the picture as large as all of it, cut by the frame."""
    rows, columns = np.linspace(60, 159, 240).astype(int), np.linspace(90, 189, 240).astype(int)
    return np.asarray(rgba[rows][:, columns], np.uint8)


def test_a_mouth_that_the_key_does_not_show_is_never_surely_paper(tmp_path: Path) -> None:
    save(tmp_path / "cut" / "A0001.png", clear(draw(mouth=False)), "RGBA")
    save(tmp_path / "cut" / "A0002.png", clear(draw(mouth=True)), "RGBA")
    save(tmp_path / "ref" / "A0001.png", clear(draw(mouth=False, painted=True)), "RGBA")
    record = paint_cut(CutJob(tmp_path / "cut", Recipe((tmp_path / "ref",)), out=tmp_path / "out"))
    (cel,) = (cel for cel in record.cels if cel.name == "A0002")
    mouth = next(s for s in cel.segments if s.box_xyxy[0] > 85 and 900 < s.area < 2000)
    assert mouth.color != "none" or mouth.confidence < 0.8


@pytest.mark.parametrize("known", [False, True], ids=["opened", "as in the key"])
def test_check_tells_of_a_mouth_left_bare(tmp_path: Path, known: bool) -> None:
    key = draw(mouth=known, painted=True, bare_mouth=True)
    save(tmp_path / "cut" / "A0001.png", clear(draw(mouth=known)), "RGBA")
    save(tmp_path / "cut" / "A0002.png", clear(draw(mouth=True)), "RGBA")
    save(tmp_path / "ref" / "A0001.png", clear(key), "RGBA")
    save(tmp_path / "out" / "A0001.png", clear(key), "RGBA")
    painted = clear(draw(mouth=True, painted=True, bare_mouth=True))
    save(tmp_path / "out" / "A0002.png", painted, "RGBA")
    assert not painted[105, 120].any()
    result = check_cut(tmp_path / "cut", tmp_path / "out", references=[tmp_path / "ref"])
    told = [f for f in result.findings if "unpainted" in f.message and f.area > 900]
    assert len(told) == (0 if known else 1)


def test_paper_of_a_close_up_in_paint_is_told(tmp_path: Path) -> None:
    save(tmp_path / "cut" / "A0001.png", draw(mouth=False))
    save(tmp_path / "ref" / "A0001.png", draw(mouth=False, painted=True))
    near, right = closer(draw(mouth=False)), closer(draw(mouth=False, painted=True))
    save(tmp_path / "cut" / "A0002.png", near)
    save(tmp_path / "out" / "A0001.png", draw(mouth=False, painted=True))
    wrong = right.copy()
    paper = (right[..., :3] == 255).all(axis=-1)
    assert paper[20, 230]
    wrong[paper, :3] = SKIN
    for name, painted, count in (("out", right, 0), ("bad", wrong, 1)):
        save(tmp_path / name / "A0001.png", draw(mouth=False, painted=True))
        save(tmp_path / name / "A0002.png", painted)
        result = check_cut(tmp_path / "cut", tmp_path / name, references=[tmp_path / "ref"])
        told = [f for f in result.findings if "edges of the picture" in f.message]
        paper_told = [f for f in told if f.xy and paper[f.xy[1], f.xy[0]]]
        assert len(paper_told) == count
    assert load(tmp_path / "bad" / "A0002.png")[20, 230, :3].tolist() == list(SKIN)
