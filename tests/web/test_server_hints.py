"""Hints in the page: decided segments of their cels, under what the artist decides."""

from __future__ import annotations

from pathlib import Path

import pytest

from shiage.cuts.project import read_project
from tests.integration.conftest import BODY, HAT, draw_cut, hash_cels, hash_tree, paint, save
from tests.integration.test_cli_hints import DOTS, hex_of, layer
from tests.web.conftest import running

HAT_AT = 72, 12


@pytest.fixture
def cut(tmp_path: Path) -> Path:
    """A cut of four cels, the first of which is hinted by a layer beside it."""
    save(tmp_path / "cut" / "hint" / "A0001.png", layer(), "RGBA")
    return draw_cut(tmp_path / "cut")


def test_hints_are_decided_segments_and_the_others_follow(cut: Path) -> None:
    before = hash_tree(cut)
    with running(cut, "-o", cut.parent / "page") as ui:
        project = ui.settle()
        assert [cel["state"] for cel in project["cels"]] == ["painted"] * 4
        assert [cel["locked"] for cel in project["cels"]] == [len(DOTS), 0, 0, 0]
        assert project["undo"] is None
        hat = ui.segment(0, ui.label_at(0, *HAT_AT))
        assert (hat["locked"], project["palette"][hat["color"]]["color"]) == (True, hex_of(HAT))
        assert ui.colors_at(*HAT_AT, cels=4) == 4 * [hat["color"]]
        ui.export()
    paint("cut", "--out", "out", cwd=cut.parent).ok()
    page = {n: d for n, d in hash_cels(cut.parent / "page").items() if n != "shiage.json"}
    assert page == hash_cels(cut.parent / "out")
    assert hash_tree(cut) == before


def test_correction_lies_over_a_hint_and_released_it_is_there_again(cut: Path) -> None:
    with running(cut, "--hints", cut / "hint", "-o", cut.parent / "out") as ui:
        project = ui.settle()
        ids = {color["color"]: at for at, color in enumerate(project["palette"])}
        hat, body = ids[hex_of(HAT)], ids[hex_of(BODY)]
        label = ui.label_at(0, *HAT_AT)
        ui.paint(0, [label], body)
        ui.wait_for(lambda: ui.colors_at(*HAT_AT, cels=4) == 4 * [body])
        ui.act("release", items=[{"cel": 0, "labels": [label]}])
        ui.wait_for(lambda: ui.colors_at(*HAT_AT, cels=4) == 4 * [hat])
        assert ui.segment(0, label)["locked"]
        ui.act("undo")
        ui.wait_for(lambda: ui.colors_at(*HAT_AT, cels=4) == 4 * [body])
        ui.act("undo")
        ui.wait_for(lambda: ui.colors_at(*HAT_AT, cels=4) == 4 * [hat])
    saved = read_project(cut.parent / "out")
    assert saved is not None
    assert saved.recipe.hints == (cut / "hint",)
    assert not saved.cels


def test_stroke_that_parts_a_hinted_segment_leaves_the_hint_where_its_dot_is(cut: Path) -> None:
    with running(cut, "-o", cut.parent / "out") as ui:
        ui.settle()
        ui.act("edit", cel=0, stroke={"kind": "close", "points": [[84, 44], [84, 80]], "width": 1})
        left, right = (ui.segment(0, ui.label_at(0, x, 70)) for x in (78, 90))
        assert (left["locked"], right["locked"]) == (True, False)
