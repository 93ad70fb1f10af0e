"""What the artist does in the page: its effect, its steps of undo, and how it propagates."""

from __future__ import annotations

import random
import threading
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from shiage.cuts.job import CutJob
from shiage.cuts.project import Project, ProjectColor, read_project, write_project
from shiage.cuts.recipe import Recipe
from shiage.errors import BadOption, ShiageError
from shiage.painting import serving
from shiage.painting.edits import Stroke
from shiage.structures import Painting
from shiage.web import deciding
from shiage.web.deciding import MOST_COLORS
from shiage.web.pictures import painted_png
from shiage.web.session import Session
from tests.integration.conftest import draw_cut, hash_tree
from tests.web.conftest import NEW_COLOR, Json, Ui, ask, propagating, read_state, running

BODY_XY, HAT_XY, FACE_XY, LEG_XY = (72, 60), (72, 14), (72, 45), (60, 90)
STEP = 3
"""Pixels that the figure walks from cel to cel."""

CLOSE_BODY = {"kind": "close", "width": 1, "points": [[75, 45], [75, 78]]}
"""A line that parts the body of cel 1 in two."""


def at(ui: Ui, index: int, xy: tuple[int, int]) -> int:
    """The label of a part of the figure."""
    return ui.label_at(index, xy[0] + STEP * index, xy[1])


def color_of(ui: Ui, index: int, xy: tuple[int, int]) -> int:
    return int(ui.segment(index, at(ui, index, xy))["color"])


def essence(project: Json) -> Json:
    """What an undo brings back: all but the counters and the steps themselves."""
    moving = ("version", "busy", "undo", "redo")
    rest = {key: value for key, value in project.items() if key not in moving}
    counters = ("paint", "shape", "doubts")
    rest["cels"] = [{k: v for k, v in cel.items() if k not in counters} for cel in rest["cels"]]
    return rest


# -- each action ---------------------------------------------------------------------------------


def test_paint_decides_a_segment_at_once(ui: Ui) -> None:
    new, label = ui.add_color(), at(ui, 1, BODY_XY)
    project = ui.paint(1, [label], new)
    shown = ui.segment(1, label)
    assert (shown["color"], shown["confidence"], shown["locked"]) == (new, 1, True)
    assert project["cels"][1]["locked"] == 1
    assert project["undo"] == "paint"
    rgba = ui.picture(1, "painted.png")
    assert tuple(rgba[60, 75, :3]) == (0x12, 0xAB, 0x56)


def test_paint_raises_the_version_of_the_paint_alone(ui: Ui) -> None:
    before = ui.project()
    after = ui.paint(1, [at(ui, 1, BODY_XY)], 1)
    assert after["version"] > before["version"]
    assert after["cels"][1]["paint"] > before["cels"][1]["paint"]
    assert after["cels"][1]["shape"] == before["cels"][1]["shape"]


def test_paint_with_the_bare_paper(ui: Ui) -> None:
    ui.paint(1, [at(ui, 1, BODY_XY)], 0)
    assert color_of(ui, 1, BODY_XY) == 0
    assert tuple(ui.picture(1, "painted.png")[60, 75]) == (255, 255, 255, 255)


def test_batch_over_several_cels_is_one_step(ui: Ui) -> None:
    before = ui.settle()
    items = [{"cel": i, "labels": [at(ui, i, BODY_XY), at(ui, i, HAT_XY)]} for i in (1, 2, 3)]
    project = ui.act("paint", items=[*items, items[0]], color=1)
    assert [cel["locked"] for cel in project["cels"][1:]] == [2, 2, 2]
    project = ui.act("undo")
    assert project["undo"] is None
    ui.settle()
    assert essence(ui.project()) == essence(before)


def test_accept_locks_the_color_shown(ui: Ui) -> None:
    label = at(ui, 2, FACE_XY)
    color = ui.segment(2, label)["color"]
    project = ui.act("accept", items=[{"cel": 2, "labels": [label]}])
    assert ui.segment(2, label) == ui.segment(2, label) | {
        "color": color,
        "confidence": 1,
        "locked": True,
    }
    assert project["undo"] == "accept"


def test_accepting_all_leaves_no_doubts(ui: Ui) -> None:
    ui.act("settings", below=1)
    project = ui.project()
    assert project["left"] > 0
    items = [
        {"cel": i, "labels": list(range(1, project["cels"][i]["segments"] + 1))} for i in (1, 2, 3)
    ]
    assert ui.act("accept", items=items)["left"] == 0


def test_release_gives_back_to_the_prediction(ui: Ui) -> None:
    label, before = at(ui, 1, BODY_XY), color_of(ui, 1, BODY_XY)
    ui.paint(1, [label], ui.add_color())
    ui.act("release", items=[{"cel": 1, "labels": [label]}])
    assert ui.segment(1, label)["locked"] is False
    ui.wait_for(lambda: color_of(ui, 1, BODY_XY) == before)


def test_release_of_what_is_not_locked_is_no_step(ui: Ui) -> None:
    before = ui.project()
    after = ui.act("release", items=[{"cel": 1, "labels": [1]}])
    assert (after["undo"], after["version"]) == (None, before["version"])


def test_key_that_was_given_can_be_corrected_and_released(ui: Ui) -> None:
    label, before = at(ui, 0, BODY_XY), color_of(ui, 0, BODY_XY)
    new = ui.add_color()
    ui.paint(0, [label], new)
    assert color_of(ui, 0, BODY_XY) == new
    assert tuple(ui.picture(0, "painted.png")[60, 72, :3]) == (0x12, 0xAB, 0x56)
    ui.wait_for(lambda: color_of(ui, 2, BODY_XY) == new)
    ui.act("release", items=[{"cel": 0, "labels": [label]}])
    assert color_of(ui, 0, BODY_XY) == before
    assert ui.project()["cels"][0]["state"] == "key"


def test_reset_takes_back_corrections_and_strokes(ui: Ui) -> None:
    before = ui.project()
    ui.paint(1, [at(ui, 1, HAT_XY)], 1)
    ui.act("edit", cel=1, stroke=CLOSE_BODY)
    ui.paint(2, [1], 1)
    ui.act("hold", cels=[1], frames=5)
    project = ui.act("reset", cels=[1])
    assert project["cels"][1]["locked"] == 0
    assert project["cels"][1]["edited"] is False
    assert project["cels"][1]["segments"] == before["cels"][1]["segments"]
    assert project["cels"][1]["hold"] == 5, "when it is shown is no correction"
    assert project["cels"][2]["locked"] == 1
    assert project["undo"] == "reset"


def test_closing_line_parts_a_segment_into_two_colors(ui: Ui) -> None:
    count = ui.project()["cels"][1]["segments"]
    before = ui.project()["cels"][1]
    line = ui.picture(1, "line.png")
    project = ui.act("edit", cel=1, stroke=CLOSE_BODY)
    assert project["cels"][1]["segments"] == count + 1
    assert project["cels"][1]["edited"] is True
    assert project["cels"][1]["shape"] > before["shape"]
    left, right = ui.label_at(1, 70, 60), ui.label_at(1, 80, 60)
    assert left != right
    ui.paint(1, [left], 1)
    ui.paint(1, [right], 2)
    shown = ui.cel(1)["segments"]
    assert (shown[left - 1]["color"], shown[right - 1]["color"]) == (1, 2)
    np.testing.assert_array_equal(ui.picture(1, "line.png"), line)  # no ink is added


def test_join_makes_two_segments_one(ui: Ui) -> None:
    count = ui.project()["cels"][1]["segments"]
    stroke = {"kind": "join", "points": [[75, 60], [75, 14]]}
    assert ui.act("edit", cel=1, stroke=stroke)["cels"][1]["segments"] == count - 1
    assert at(ui, 1, BODY_XY) == at(ui, 1, HAT_XY)


def test_pen_and_eraser_mend_the_line(ui: Ui) -> None:
    ui.act("edit", cel=1, stroke={"kind": "pen", "width": 3, "points": [[75, 50], [75, 70]]})
    assert ui.picture(1, "line.png")[60, 75].tolist() == [0, 0, 0, 255]
    ui.act("edit", cel=1, stroke={"kind": "erase", "width": 5, "points": [[75, 50], [75, 70]]})
    assert ui.picture(1, "line.png")[60, 75, 3] == 0


def test_corrections_outlast_strokes_and_their_undo(ui: Ui) -> None:
    new = ui.add_color()
    ui.paint(1, [at(ui, 1, HAT_XY)], new)
    ui.act("edit", cel=1, stroke=CLOSE_BODY)
    assert color_of(ui, 1, HAT_XY) == new
    ui.paint(1, [ui.label_at(1, 80, 60)], new)
    ui.act("undo")
    ui.act("undo")
    shown = ui.segment(1, at(ui, 1, HAT_XY))
    assert (shown["color"], shown["locked"]) == (new, True)
    assert ui.project()["cels"][1]["locked"] == 1


def test_painting_anew_after_a_stroke_replaces_the_older_correction(ui: Ui) -> None:
    """Else a pixel decided before the stroke could win over what is decided after it."""
    whole = at(ui, 1, BODY_XY)
    inner = ui.segment(1, whole)["at"]
    ui.paint(1, [whole], 1)
    ui.act("edit", cel=1, stroke=CLOSE_BODY)
    part = ui.label_at(1, *inner)
    ui.paint(1, [part], 2)
    assert ui.segment(1, part)["color"] == 2
    ui.act("release", items=[{"cel": 1, "labels": [part]}])
    assert ui.segment(1, part)["locked"] is False


def test_cel_made_a_reference_and_no_longer(ui: Ui) -> None:
    project = ui.act("reference", cel=2, on=True)
    cel = project["cels"][2]
    assert (cel["state"], cel["made"], cel["doubts"]) == ("key", True, 0)
    assert cel["locked"] == cel["segments"]
    assert project["undo"] == "reference"
    cel = ui.act("reference", cel=2, on=False)["cels"][2]
    assert (cel["state"], cel["made"]) == ("painted", False)
    cel = ui.act("undo")["cels"][2]
    assert (cel["state"], cel["made"]) == ("key", True)


def test_stroke_on_a_reference_that_was_made_leaves_it_decided_in_part(ui: Ui) -> None:
    ui.act("reference", cel=1, on=True)
    cel = ui.act("edit", cel=1, stroke=CLOSE_BODY)["cels"][1]
    assert cel["state"] == "painted"
    assert cel["locked"] == cel["segments"] - 1


def test_color_added_renamed_and_changed(ui: Ui) -> None:
    size = len(ui.project()["palette"])
    project = ui.act("color_add", color="#ABC", name="")
    assert project["palette"][size] == {
        "id": size,
        "color": "#aabbcc",
        "name": "#aabbcc",
        "uses": 0,
    }
    assert project["undo"] == "color_add"
    project = ui.act("color_rename", id=size, name="袖 <b>")
    assert project["palette"][size]["name"] == "袖 <b>"
    project = ui.act("color_change", id=size, color="#01020380")
    assert project["palette"][size]["color"] == "#01020380"
    assert project["palette"][size]["name"] == "袖 <b>"


def test_color_of_a_reference_changed_everywhere(ui: Ui) -> None:
    body = color_of(ui, 0, BODY_XY)
    before = ui.project()
    project = ui.act("color_change", id=body, color="#010203")
    for index in range(4):
        assert project["cels"][index]["paint"] > before["cels"][index]["paint"]
        painted = ui.picture(index, "painted.png")
        assert tuple(painted[60, 72 + STEP * index, :3]) == (1, 2, 3)
    ui.act("undo")
    assert tuple(ui.picture(0, "painted.png")[60, 72, :3]) == (60, 160, 70)


def test_two_colors_may_look_alike(ui: Ui) -> None:
    first, second = ui.add_color("#111111"), ui.add_color("#111111")
    assert second == first + 1
    ui.paint(1, [at(ui, 1, BODY_XY)], second)
    ui.act("color_change", id=first, color="#222222")
    assert color_of(ui, 1, BODY_XY) == second
    assert tuple(ui.picture(1, "painted.png")[60, 75, :3]) == (0x11, 0x11, 0x11)


def test_hold(ui: Ui) -> None:
    project = ui.act("hold", cels=[1, 3, 1], frames=0)
    assert [cel["hold"] for cel in project["cels"]] == [2, 0, 2, 0]
    assert project["undo"] == "hold"
    assert [cel["hold"] for cel in ui.act("undo")["cels"]] == [2] * 4


def test_settings_are_no_step_and_outlast_undo(ui: Ui) -> None:
    ui.paint(1, [1], 1)
    project = ui.act("settings", below=0.25)
    assert (project["settings"], project["undo"]) == ({"below": 0.25, "fps": 24}, "paint")
    ui.act("settings", fps=12)
    assert ui.act("undo")["settings"] == {"below": 0.25, "fps": 12}
    assert ui.act("redo")["settings"] == {"below": 0.25, "fps": 12}


def test_threshold_decides_what_is_doubtful(ui: Ui) -> None:
    assert ui.act("settings", below=0)["left"] == 0
    sure = [s["confidence"] for i in (1, 2, 3) for s in ui.cel(i)["segments"]]
    assert ui.act("settings", below=1)["left"] == sum(c < 1 for c in sure)


# -- undo ----------------------------------------------------------------------------------------


def test_undo_and_redo_with_nothing_to_do_change_nothing(fresh_ui: Ui) -> None:
    before = fresh_ui.project()
    assert fresh_ui.act("undo") == before
    assert fresh_ui.act("redo") == before


def test_new_action_clears_redo(ui: Ui) -> None:
    ui.paint(1, [1], 1)
    assert ui.act("undo")["redo"] == "paint"
    assert ui.act("color_add", color=NEW_COLOR, name="")["redo"] is None
    assert ui.act("redo")["undo"] == "color_add"


def test_refused_action_keeps_redo(fresh_ui: Ui) -> None:
    fresh_ui.paint(1, [1], 1)
    fresh_ui.act("undo")
    fresh_ui.refuses("paint", items=[{"cel": 1, "labels": [999]}], color=1)
    assert fresh_ui.project()["redo"] == "paint"


def test_two_hundred_steps_back_and_forth(session: Session) -> None:
    """Every kind of step, in a session that does nothing in the background."""
    for index in range(4):
        session.find(index)
    rng = random.Random(5)
    states: list[Project] = [session.project]
    while len(states) <= 200:
        random_step(session, rng)
        if session.project != states[-1]:
            states.append(session.project)
    shown = [desk.decided.tolist() for desk in session.cels]
    for expected in reversed(states[:-1]):
        session.undo()
        assert session.project == expected
        assert read_project(session.outputs.folder) == expected
    assert session.undo_kind is None
    assert all((desk.decided == -1).all() for desk in session.cels[1:])
    for expected in states[1:]:
        session.redo()
        assert session.project == expected
    assert session.redo_kind is None
    assert [desk.decided.tolist() for desk in session.cels] == shown


def random_step(session: Session, rng: random.Random) -> None:
    cel = rng.randrange(4)
    count = len(session.find(cel).area)
    labels = [rng.randint(1, count) for _ in range(rng.randint(1, 3))]
    colors = len(session.palette.keys)
    x, y = rng.randrange(160), rng.randrange(120)
    points = ((x, y), (rng.randrange(160), rng.randrange(120)))
    kind = rng.choice(["paint", "paint", "accept", "release", "edit", "add", "change", "hold"])
    if kind == "paint":
        deciding.paint(session, {cel: labels}, rng.randrange(colors))
    elif kind == "accept" and cel == 0:
        deciding.accept(session, {cel: labels})
    elif kind == "release":
        deciding.release(session, {cel: labels})
    elif kind == "edit":
        stroke = rng.choice(["close", "join", "pen", "erase"])
        deciding.edit(session, cel, Stroke(stroke, points, 2))  # type: ignore[arg-type]
    elif kind == "add":
        deciding.add_color(session, f"#{rng.randrange(2**24):06x}", "")
    elif kind == "change":
        deciding.change_color(session, rng.randrange(1, colors), f"#{rng.randrange(2**24):06x}")
    elif kind == "hold":
        deciding.set_hold(session, [cel], rng.randrange(9))


def test_undo_over_http_brings_back_what_was_shown(ui: Ui) -> None:
    seen = [essence(ui.settle())]
    ui.paint(1, [at(ui, 1, BODY_XY)], ui.add_color())
    seen.append(essence(ui.settle()))
    ui.act("edit", cel=2, stroke={"kind": "pen", "width": 2, "points": [[78, 40], [78, 80]]})
    seen.append(essence(ui.settle()))
    ui.act("reference", cel=3, on=True)
    for expected in (seen[2], seen[1]):
        ui.act("undo")
        assert essence(ui.settle()) == expected
    ui.act("undo")
    ui.act("undo")
    assert essence(ui.settle()) == seen[0]
    for _ in range(3):
        ui.act("redo")
    assert essence(ui.settle()) == seen[2]


def test_undone_color_is_shown_nowhere(session: Session) -> None:
    """Between an undo and the painting anew of the column no color is asked for that is gone."""
    with propagating(session):
        session.changed.acquire()
        session.changed.wait_for(lambda: session.cels[3].state == "painted")
        session.changed.release()
    deciding.add_color(session, NEW_COLOR, "")
    new = len(session.palette.keys) - 1
    body = int(session.read(session.cels[1]).segments.labels[60, 75])
    deciding.paint(session, {1: [body]}, new)
    with propagating(session), session.changed:
        assert session.changed.wait_for(
            lambda: (
                session.cels[2].painting is not None and new in session.cels[2].painting.color_ids
            ),
            60,
        )
    session.undo()
    session.undo()  # and nothing is painted again
    assert len(session.palette.keys) == new
    for index in (1, 2):
        answer = ask(session, "GET", f"/api/cels/{index}/painted.png")
        assert answer.status_code == 200
        answer = ask(session, "GET", f"/api/cels/{index}/painted.png?max=100")
        assert answer.status_code == 200
        for segment in ask(session, "GET", f"/api/cels/{index}").json()["segments"]:
            assert segment["color"] < new
            assert new not in segment["alternatives"]
    assert ask(session, "POST", "/api/export", json={"format": "cels"}).status_code == 200
    assert ask(session, "GET", "/api/project").status_code == 200


# -- propagation -----------------------------------------------------------------------------------


def test_correction_is_followed_by_the_same_part_in_other_cels(ui: Ui) -> None:
    new = ui.add_color()
    ui.paint(1, [at(ui, 1, BODY_XY)], new)
    ui.wait_for(lambda: color_of(ui, 2, BODY_XY) == color_of(ui, 3, BODY_XY) == new)
    for index in (2, 3):
        assert ui.segment(index, at(ui, index, BODY_XY))["locked"] is False
        assert color_of(ui, index, HAT_XY) == color_of(ui, 0, HAT_XY), "the rest stays"
    assert color_of(ui, 0, BODY_XY) != new, "what was given stays"


def test_undo_is_followed_too(ui: Ui) -> None:
    before = color_of(ui, 3, BODY_XY)
    new = ui.add_color()
    ui.paint(1, [at(ui, 1, BODY_XY)], new)
    ui.wait_for(lambda: color_of(ui, 3, BODY_XY) == new)
    ui.act("undo")
    ui.wait_for(lambda: color_of(ui, 3, BODY_XY) == before)


def test_locked_segments_never_change_by_propagation(ui: Ui) -> None:
    new = ui.add_color()
    locked = at(ui, 2, BODY_XY)
    before = ui.segment(2, locked)["color"]
    ui.act("accept", items=[{"cel": 2, "labels": [locked]}])
    ui.paint(1, [at(ui, 1, BODY_XY)], new)
    ui.paint(1, [at(ui, 1, HAT_XY)], new)
    ui.wait_for(lambda: color_of(ui, 2, HAT_XY) == new)
    ui.settle()
    assert ui.segment(2, locked)["color"] == before
    assert ui.segment(2, locked)["locked"] is True


def test_painting_without_any_reference_and_making_one(tmp_path: Path) -> None:
    with running(draw_cut(tmp_path / "cut", 3), cwd=tmp_path) as ui:
        ui.settle()
        body, hat = ui.add_color("#3ca046"), ui.add_color("#c81e28")
        assert (body, hat) == (1, 2)
        ui.paint(0, [at(ui, 0, BODY_XY)], body)
        ui.paint(0, [at(ui, 0, HAT_XY)], hat)
        project = ui.act("reference", cel=0, on=True)
        assert project["cels"][0]["state"] == "key"
        assert color_of(ui, 0, FACE_XY) == 0, "what has no color becomes bare paper"
        ui.wait_for(lambda: [color_of(ui, i, BODY_XY) for i in (1, 2)] == [body, body])
        assert color_of(ui, 2, HAT_XY) == hat
        project = ui.act("reference", cel=0, on=False)
        ui.settle()
        assert color_of(ui, 2, HAT_XY) == hat, "the corrections go on to serve"


def test_undone_reference_leaves_the_cut_blank(tmp_path: Path) -> None:
    with running(draw_cut(tmp_path / "cut", 2), cwd=tmp_path) as ui:
        ui.settle()
        ui.paint(0, [at(ui, 0, BODY_XY)], ui.add_color())
        ui.act("reference", cel=0, on=True)
        ui.wait(lambda project: project["cels"][1]["state"] == "painted")
        for _ in range(3):
            ui.act("undo")
        ui.wait(lambda project: {cel["state"] for cel in project["cels"]} == {"blank"})
        assert [color["id"] for color in ui.project()["palette"]] == [0]


# -- refused ---------------------------------------------------------------------------------------

PAINT_ONE = {"items": [{"cel": 1, "labels": [1]}], "color": 1}


@pytest.mark.parametrize(
    ("kind", "what", "words"),
    [
        ("paint", PAINT_ONE | {"items": [{"cel": 9, "labels": [1]}]}, "no cel 9"),
        ("paint", PAINT_ONE | {"items": [{"cel": 1, "labels": [99]}]}, "no segment 99"),
        (
            "paint",
            PAINT_ONE | {"items": [{"cel": 1, "labels": [1]}, {"cel": 2, "labels": [99]}]},
            "no segment 99",
        ),
        ("paint", PAINT_ONE | {"color": 77}, "no color 77"),
        ("accept", {"items": [{"cel": 9, "labels": [1]}]}, "no cel 9"),
        ("release", {"items": [{"cel": 1, "labels": [99]}]}, "no segment 99"),
        ("reset", {"cels": [1, 9]}, "no cel 9"),
        ("edit", {"cel": 9, "stroke": CLOSE_BODY}, "no cel 9"),
        ("reference", {"cel": 9, "on": True}, "no cel 9"),
        ("color_add", {"color": "reddish", "name": ""}, "reddish"),
        ("color_add", {"color": "none", "name": ""}, "none"),
        ("color_add", {"color": "#11223300", "name": ""}, "cannot be seen"),
        ("color_change", {"id": 0, "color": "#ffffff"}, "bare paper"),
        ("color_change", {"id": 77, "color": "#ffffff"}, "no color 77"),
        ("color_change", {"id": 1, "color": "#12345"}, "#12345"),
        ("color_rename", {"id": 0, "name": "x"}, "paper"),
        ("color_rename", {"id": 77, "name": "x"}, "no color 77"),
        ("hold", {"cels": [0, 9], "frames": 1}, "no cel 9"),
    ],
)
def test_what_is_not_there_is_told_and_nothing_changes(
    ui: Ui, kind: str, what: Json, words: str
) -> None:
    assert words in ui.refuses(kind, **what)


@pytest.mark.parametrize(
    ("kind", "what"),
    [
        ("dance", {}),
        ("paint", {}),
        ("paint", PAINT_ONE | {"color": -1}),
        ("paint", PAINT_ONE | {"color": "red"}),
        ("paint", PAINT_ONE | {"items": []}),
        ("paint", PAINT_ONE | {"items": [{"cel": 1, "labels": []}]}),
        ("paint", PAINT_ONE | {"items": [{"cel": 1, "labels": [0]}]}),
        ("paint", PAINT_ONE | {"items": [{"cel": -1, "labels": [1]}]}),
        ("paint", PAINT_ONE | {"surplus": 1}),
        ("edit", {"cel": 1, "stroke": CLOSE_BODY | {"kind": "smear"}}),
        ("edit", {"cel": 1, "stroke": CLOSE_BODY | {"width": 41}}),
        ("edit", {"cel": 1, "stroke": CLOSE_BODY | {"points": []}}),
        ("edit", {"cel": 1, "stroke": CLOSE_BODY | {"points": [[1]]}}),
        ("edit", {"cel": 1, "stroke": CLOSE_BODY | {"points": [[1.5, 2]]}}),
        ("hold", {"cels": [1], "frames": -1}),
        ("hold", {"cels": [1], "frames": 10_001}),
        ("settings", {"below": 1.5}),
        ("settings", {"fps": 0}),
        ("color_add", {"color": "#" + "1" * 40, "name": ""}),
        ("color_add", {"color": "#112233", "name": "x" * 201}),
        ("color_rename", {"id": 1, "name": None}),
    ],
)
def test_what_makes_no_sense_is_told_and_nothing_changes(ui: Ui, kind: str, what: Json) -> None:
    assert "cannot be used" in ui.refuses(kind, 422, **what)


def test_accept_of_a_segment_without_color(tmp_path: Path) -> None:
    session = Session(CutJob(draw_cut(tmp_path / "cut", 1)))
    with pytest.raises(BadOption, match="has no color yet"):
        deciding.accept(session, {0: [1]})
    assert session.undo_kind is None
    assert not (tmp_path / "cut_painted").exists()


def test_failed_cel_cannot_be_worked_on(cut: Path) -> None:
    (cut / "A0002.png").write_bytes(b"no picture")
    session = Session(CutJob(cut, Recipe((cut.parent / "key",))))
    with pytest.raises(ShiageError, match=r"A0002\.png"):
        deciding.paint(session, {1: [1]}, 1)
    with pytest.raises(ShiageError, match=r"A0002\.png"):
        deciding.edit(session, 1, Stroke("close", ((0, 0),)))
    with pytest.raises(ShiageError, match=r"A0002\.png"):
        deciding.reset(session, [1])
    with pytest.raises(ShiageError, match=r"A0002\.png"):
        deciding.set_reference(session, 1, on=True)
    assert session.undo_kind is None
    assert session.project == Session(session.job).project


def test_cel_whose_file_is_gone_fails_at_the_next_stroke(session: Session) -> None:
    """The stroke is kept: it can be undone, and is there when the file is back."""
    session.find(1)
    drawing = session.cut.cels[1].path
    content = drawing.read_bytes()
    drawing.unlink()
    deciding.paint(session, {1: [1]}, 1)  # what is known of the cel is enough for that
    deciding.edit(session, 1, Stroke("pen", ((75, 40), (75, 80)), 2))
    assert session.undo_kind == "edit"
    assert read_project(session.outputs.folder) == session.project
    cel = ask(session, "GET", "/api/project").json()["cels"][1]
    assert (cel["state"], cel["edited"]) == ("failed", True)
    assert "A0002.png" in cel["message"]
    deciding.paint(session, {2: [1]}, 1)
    drawing.write_bytes(content)
    again = Session(session.job)
    assert again.find(1).locked.sum() == 1
    assert again.project.work("A0002").strokes


def test_full_disk_leaves_everything_as_it_was(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    deciding.add_color(session, NEW_COLOR, "")
    before, raw = session.project, (session.outputs.folder / "shiage.json").read_bytes()

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("os.replace", full)
        for kind in ("undo", "color_add"):
            what = {"color": "#ffffff", "name": ""} if kind == "color_add" else {}
            answer = ask(session, "POST", "/api/actions", json={"kind": kind, **what})
            assert answer.status_code == 500
            assert "Free some disk space" in answer.json()["error"]
    assert (session.project, session.undo_kind, session.redo_kind) == (before, "color_add", None)
    assert (session.outputs.folder / "shiage.json").read_bytes() == raw
    session.undo()
    assert session.undo_kind is None


def test_palette_can_be_full(cut: Path) -> None:
    colors = [ProjectColor(f"#{n:06x}", f"#{n:06x}", f"{n}") for n in range(1, MOST_COLORS - 1)]
    write_project(cut.parent / "out", Project(cut, palette=tuple(colors)))
    session = Session(CutJob(cut, out=cut.parent / "out"))
    assert len(session.palette.keys) == MOST_COLORS - 1
    deciding.add_color(session, "#ffffff", "the last one")
    before = session.project
    with pytest.raises(BadOption, match="4096 colors already"):
        deciding.add_color(session, "#fffffe", "")
    assert session.project == before
    deciding.change_color(session, MOST_COLORS - 1, "#fffffe")
    assert session.palette.palette.to_hex()[-1] == "#fffffe"


def test_color_that_is_undone_while_cels_are_painted_in_it_is_gone(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    for index in range(4):
        session.find(index)
    deciding.add_color(session, NEW_COLOR, "")
    new = len(session.palette.keys) - 1
    deciding.paint(session, {1: range(1, len(session.find(1).decided) + 1)}, new)
    shown: list[int] = []
    painted_again = threading.Event()

    def paint_column(*args: Any) -> dict[int, Painting]:
        """Paint; the first time the color is undone before what was painted is shown."""
        shown.extend(int(c.painting.color_ids.max()) for c in session.cels if c.painting)
        paintings = serving.paint_column(*args)
        if session.undo_kind:
            assert any((painting.color_ids == new).any() for painting in paintings.values())
            while session.undo_kind:
                session.undo()
            shown.clear()
        else:
            painted_again.set()
        return paintings

    monkeypatch.setattr("shiage.web.propagation.paint_column", paint_column)
    with propagating(session):
        assert painted_again.wait(20)
    assert shown
    assert max(shown) < new


# -- twins -----------------------------------------------------------------------------------------


def test_work_on_a_twin_is_work_on_its_original(cut: Path) -> None:
    (cut / "A0005.png").write_bytes((cut / "A0002.png").read_bytes())
    with running(cut, "--ref", cut.parent / "key", cwd=cut.parent) as ui:
        ui.settle()
        new = ui.add_color()
        project = ui.paint(4, [at(ui, 1, BODY_XY)], new)
        assert [project["cels"][i]["locked"] for i in (1, 4)] == [1, 1]
        assert color_of(ui, 1, BODY_XY) == new
        project = ui.act("hold", cels=[4], frames=7)
        assert [project["cels"][i]["hold"] for i in (1, 4)] == [2, 7], "each is shown by itself"
        project = ui.act("reset", cels=[4, 1])
        assert [project["cels"][i]["locked"] for i in (1, 4)] == [0, 0]
        assert [project["cels"][i]["hold"] for i in (1, 4)] == [2, 7]


# -- at once ------------------------------------------------------------------------------------


def test_no_action_of_several_clients_is_lost(fresh_ui: Ui, cut: Path) -> None:
    size = len(fresh_ui.project()["palette"])
    errors: list[object] = []

    def add(client: int) -> None:
        with fresh_ui.new_client() as http:
            for step in range(15):
                action = {"kind": "color_add", "color": "#808080", "name": f"{client}-{step}"}
                answer = http.post("/api/actions", json=action)
                if answer.status_code != 200:
                    errors.append(answer.text)
                http.get("/api/cels/1/painted.png?max=100")

    threads = [threading.Thread(target=add, args=(client,)) for client in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors
    project = fresh_ui.project()
    names = [color["name"] for color in project["palette"][size:]]
    assert sorted(names) == sorted(f"{c}-{s}" for c in range(2) for s in range(15))
    for client in range(2):
        own = [name for name in names if name.startswith(f"{client}-")]
        assert own == [f"{client}-{step}" for step in range(15)], "in the order of each client"
    assert [color["name"] for color in read_state(cut.parent / "out")["palette"]] == names
    for _ in names:
        project = fresh_ui.act("undo")
    assert project["undo"] is None
    assert len(project["palette"]) == size


def test_looking_while_strokes_are_made_never_fails(ui: Ui) -> None:
    """A picture is made of one state of the cel, not of the lines of one and colors of another."""
    problems: list[str] = []
    stop = threading.Event()

    def look() -> None:
        with ui.new_client() as http:
            while not stop.is_set():
                for path in ("", "/painted.png", "/labels.png", "/same?label=3", "/match?label=3"):
                    answer = http.get(f"/api/cels/1{path}")
                    if answer.status_code != 200:
                        problems.append(f"{path}: {answer.status_code} {answer.text}")

    threads = [threading.Thread(target=look) for _ in range(2)]
    for thread in threads:
        thread.start()
    for _ in range(15):
        ui.act("edit", cel=1, stroke=CLOSE_BODY)
        ui.act("undo")
    stop.set()
    for thread in threads:
        thread.join()
    assert not problems


def test_stroke_between_two_looks_at_a_cel(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same, at the worst moment: the painting is taken, the drawing not yet read."""
    desk = session.find(1)
    read = Session.read

    def read_late(self: Session, *args: Any) -> Any:
        monkeypatch.setattr(Session, "read", read)
        deciding.edit(self, 1, Stroke("close", ((75, 45), (75, 78))))
        return self.read(*args)

    monkeypatch.setattr(Session, "read", read_late)
    assert painted_png(session, desk, None)


def test_events_tell_every_tab(ui: Ui) -> None:
    with ui.events() as first, ui.events() as second:
        told = [msgspec.json.decode(socket.recv(timeout=60)) for socket in (first, second)]
        assert told[0] == told[1] == {"version": ui.project()["version"], "busy": None}
        version = ui.act("color_add", color=NEW_COLOR, name="")["version"]
        for socket in (first, second):
            while msgspec.json.decode(socket.recv(timeout=60))["version"] < version:
                pass


def test_drawings_and_references_never_change(fresh_ui: Ui, cut: Path) -> None:
    before = hash_tree(cut) | hash_tree(cut.parent / "key")
    fresh_ui.paint(0, [at(fresh_ui, 0, BODY_XY)], 1)
    fresh_ui.act(
        "edit", cel=0, stroke={"kind": "erase", "width": 9, "points": [[50, 44], [94, 44]]}
    )
    fresh_ui.act("reference", cel=1, on=True)
    assert fresh_ui.export(line_edits=True, overwrite=True) == 4
    assert hash_tree(cut) | hash_tree(cut.parent / "key") == before
