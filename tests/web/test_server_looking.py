"""What the server shows of a cut: project, cels, pictures, matches."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest

from shiage.files.images import read_picture
from shiage.lines.lineart import extract_lineart
from shiage.lines.segments import find_segments
from shiage.web.session import Session
from tests.integration.conftest import (
    BODY,
    HAT,
    draw_cut,
    draw_figure,
    draw_key,
    hash_tree,
    load,
    paint,
    save,
)
from tests.web.conftest import Json, Ui, ask, running

TWIN, DAMAGED, OTHER_SIZE, HEADLESS = 4, 5, 6, 7


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cut of two columns, with a twin, a damaged file, another size, and a cel without a head."""
    folder = tmp_path_factory.mktemp("looking")
    line = folder / "cut" / "line"
    draw_cut(line, 4, column="A")
    shutil.copyfile(line / "A/A0002.png", line / "A/A0005.png")
    whole = (line / "A/A0003.png").read_bytes()
    (line / "A/A0006.png").write_bytes(whole[: len(whole) // 2])
    save(line / "A/A0007.png", draw_figure()[:100])
    headless = draw_figure(6)
    headless[:51] = 255
    headless[49:51, 56:102, :3] = 0
    save(line / "A/A0008.png", headless)
    for number in (1, 2):
        save(line / f"B/B000{number}.png", draw_figure(dy=number))
    draw_key(folder / "cut" / "color" / "A" / "A0001.png")
    return folder


@pytest.fixture(scope="module")
def ui(folder: Path) -> Iterator[Ui]:
    before = hash_tree(folder)
    with running(folder / "cut", "--out", folder / "out", cwd=folder) as ui:
        ui.settle()
        yield ui
    assert hash_tree(folder) == before, "looking alone writes nothing"


def summaries(ui: Ui) -> list[Json]:
    cels: list[Json] = ui.project()["cels"]
    return cels


def test_project_tells_cut_palette_and_cels(ui: Ui, folder: Path) -> None:
    project = ui.project()
    assert project["started"] is True
    assert (project["name"], project["cut"]) == ("cut", str(folder / "cut"))
    assert project["out"] == str(folder / "out")
    assert project["settings"] == {"below": 0.8, "fps": 24}
    assert (project["undo"], project["redo"], project["busy"]) == (None, None, None)
    assert project["palette"][0] == {
        "id": 0,
        "color": "none",
        "name": "paper",
        "uses": project["palette"][0]["uses"],
    }
    colors = {color["color"] for color in project["palette"][1:]}
    assert {"#{:02x}{:02x}{:02x}".format(*color) for color in (HAT, BODY)} <= colors
    names = [(cel["name"], cel["column"], cel["number"]) for cel in project["cels"]]
    assert names == [
        *((f"A/A000{number}", "A", number) for number in range(1, 9)),
        *((f"B/B000{number}", "B", number) for number in (1, 2)),
    ]
    assert [cel["index"] for cel in project["cels"]] == list(range(10))
    assert [cel["hold"] for cel in project["cels"]] == [2] * 10


def test_states_of_cels(ui: Ui) -> None:
    states = [cel["state"] for cel in summaries(ui)]
    assert states == ["key", *["painted"] * 4, "failed", "failed", *["painted"] * 3]
    assert summaries(ui)[0]["made"] is False, "a key that was given cannot be unmade"


def test_counts_are_those_of_the_segments(ui: Ui) -> None:
    project = ui.project()
    for cel in project["cels"]:
        if cel["state"] == "failed":
            continue
        segments = ui.cel(cel["index"])["segments"]
        assert cel["segments"] == len(segments)
        assert cel["locked"] == sum(segment["locked"] for segment in segments)
        doubtful = [s for s in segments if not s["locked"] and s["confidence"] < 0.8]
        assert cel["doubts"] == (len(doubtful) if cel["state"] == "painted" else 0)
    own = [cel for cel in project["cels"] if cel["state"] == "painted" and cel["index"] != TWIN]
    assert project["total"] == sum(cel["segments"] for cel in own)
    assert project["left"] == sum(cel["doubts"] for cel in own)


def test_uses_of_colors_count_every_drawing_once(ui: Ui) -> None:
    uses = {color["id"]: 0 for color in ui.project()["palette"]}
    for cel in summaries(ui):
        if cel["state"] == "failed" or cel["index"] == TWIN:
            continue
        for segment in ui.cel(cel["index"])["segments"]:
            if segment["color"] >= 0:
                uses[segment["color"]] += 1
    assert {color["id"]: color["uses"] for color in ui.project()["palette"]} == uses


@pytest.mark.parametrize("index", [0, 1, 9])
def test_labels_are_the_segments_that_shiage_finds(ui: Ui, folder: Path, index: int) -> None:
    path = folder / "cut" / "line" / f"{summaries(ui)[index]['name']}.png"
    lineart = extract_lineart(read_picture(path).rgba_u8)
    expected = find_segments(lineart)
    rgb = ui.picture(index, "labels.png").astype(np.int32)
    assert rgb.shape[2] == 3
    labels = rgb[..., 0] + 256 * rgb[..., 1]
    np.testing.assert_array_equal(labels, expected.labels)
    segments = ui.cel(index)["segments"]
    assert [segment["label"] for segment in segments] == list(range(1, len(expected) + 1))
    np.testing.assert_array_equal([s["box"] for s in segments], expected.box_xyxy)
    np.testing.assert_array_equal([s["area"] for s in segments], expected.area)
    for segment in segments:
        x, y = segment["at"]
        assert labels[y, x] == segment["label"]


def test_alternatives_begin_with_the_color_painted(ui: Ui) -> None:
    for segment in ui.cel(2)["segments"]:
        assert 1 <= len(segment["alternatives"]) <= 4
        assert segment["alternatives"][0] == segment["color"]
        assert len(set(segment["alternatives"])) == len(segment["alternatives"])
        assert 0 <= segment["confidence"] <= 1


def test_painted_pictures_are_what_shiage_paint_writes(ui: Ui, folder: Path) -> None:
    out = folder.parent / "by_cli"
    told = paint(folder / "cut", "--out", out)
    assert told.code == 1, "the damaged cel and the one of another size failed"
    for cel in summaries(ui):
        if cel["state"] != "failed":
            painted = cv2.cvtColor(ui.picture(cel["index"], "painted.png"), cv2.COLOR_RGBA2RGB)
            np.testing.assert_array_equal(painted, load(out / f"{cel['name']}.png")[..., :3])


def test_lines_lie_on_transparent_paper(ui: Ui) -> None:
    line = ui.picture(1, "line.png")
    drawn = draw_figure(3)
    np.testing.assert_array_equal(line[..., 3] == 255, drawn[..., 0] == 0)
    assert not line[..., 3][drawn[..., 0] == 255].any()
    assert not line[..., :3][line[..., 3] > 0].any(), "black stays black"


@pytest.mark.parametrize(("most", "size"), [(500, (160, 120)), (80, (80, 60)), (1, (1, 1))])
def test_small_pictures_have_the_longest_side_asked_for(
    ui: Ui, most: int, size: tuple[int, int]
) -> None:
    assert ui.picture(2, "painted.png", max=most).shape[1::-1] == size


def test_small_picture_shows_the_paint(ui: Ui) -> None:
    small = ui.picture(2, "painted.png", max=80)
    large = ui.picture(2, "painted.png")
    body_xy = (50 + 6 + 22, 70)
    assert tuple(large[body_xy[1], body_xy[0], :3]) == BODY
    assert np.abs(small[body_xy[1] // 2, body_xy[0] // 2, :3].astype(int) - BODY).max() <= 2


def test_pictures_named_by_version_are_kept_by_the_browser_and_others_not(ui: Ui) -> None:
    kept = ui.client.get("/api/cels/1/labels.png", params={"v": 1})
    assert "immutable" in kept.headers["cache-control"]
    # Versions begin anew with each server, and so does the token: what one server showed must not
    # be taken for what another shows at the same port.
    assert kept.headers["vary"].lower() == "x-shiage-token"
    assert ui.client.get("/api/cels/1/labels.png").headers["cache-control"] == "no-store"
    assert ui.client.get("/api/project").headers["cache-control"] == "no-store"


def test_match_names_the_segment_in_the_reference(ui: Ui) -> None:
    for x, y, color in ((72, 60, BODY), (72, 14, HAT)):
        label, in_key = ui.label_at(1, x + 3, y), ui.label_at(0, x, y)
        matches = ui.get("cels/1/match", label=label)["matches"]
        assert (matches[0]["cel"], matches[0]["label"]) == (0, in_key), color
        assert 1 <= len(matches) <= 4
        assert all(0 <= match["score"] <= 1 for match in matches)


def test_match_of_a_key_is_empty(ui: Ui) -> None:
    assert ui.get("cels/0/match", label=1) == {"matches": []}


def test_match_across_columns(ui: Ui) -> None:
    """Column B has no key of its own and takes its colors from that of column A."""
    label = ui.label_at(8, 72, 61)
    assert ui.segment(8, label)["color"] == ui.segment(0, ui.label_at(0, 72, 60))["color"]
    assert ui.get("cels/8/match", label=label)["matches"][0] == {
        "cel": 0,
        "label": ui.label_at(0, 72, 60),
        "score": pytest.approx(1, abs=0.5),
    }


def test_same_part_is_found_in_the_column_and_skipped_where_it_is_not(ui: Ui) -> None:
    body = ui.get("cels/1/same", label=ui.label_at(1, 75, 60))
    found = {item["cel"]: item["label"] for item in body["found"]}
    expected = {at: ui.label_at(at, 72 + 3 * at, 60) for at in (0, 2, 3)}
    assert expected.items() <= found.items()
    assert found.get(HEADLESS, -1) in (-1, ui.label_at(HEADLESS, 78, 60))
    hat = ui.get("cels/1/same", label=ui.label_at(1, 75, 14))
    assert {item["cel"] for item in hat["found"]} == {0, 2, 3}
    assert hat["skipped"] == [HEADLESS], "its head is cut off; failed cels and the twin are none"
    for item in hat["found"]:
        shown = ui.segment(item["cel"], item["label"])
        assert {key: shown[key] for key in ("color", "confidence", "locked")} == {
            key: item[key] for key in ("color", "confidence", "locked")
        }


def test_twin_is_shown_as_its_original(ui: Ui) -> None:
    original, twin = summaries(ui)[1], summaries(ui)[TWIN]
    for key in ("state", "segments", "doubts", "locked", "shape", "paint", "width", "height"):
        assert twin[key] == original[key]
    assert (twin["index"], twin["name"]) == (TWIN, "A/A0005")
    assert ui.cel(TWIN)["segments"] == ui.cel(1)["segments"]
    np.testing.assert_array_equal(ui.picture(TWIN, "painted.png"), ui.picture(1, "painted.png"))


@pytest.mark.parametrize(("index", "words"), [(DAMAGED, "A0006.png"), (OTHER_SIZE, "160 x 120")])
def test_failed_cel_tells_why_and_the_others_go_on(ui: Ui, index: int, words: str) -> None:
    cel = summaries(ui)[index]
    assert cel["state"] == "failed"
    assert words in cel["message"]
    for path in ("", "/labels.png", "/line.png", "/match?label=1", "/same?label=1"):
        answer = ui.client.get(f"/api/cels/{index}{path}")
        assert answer.status_code == 400
        assert answer.json() == {"error": cel["message"]}
    assert summaries(ui)[7]["state"] == "painted"


def test_failed_drawing_that_can_be_read_is_shown(ui: Ui) -> None:
    np.testing.assert_array_equal(ui.picture(OTHER_SIZE, "painted.png"), draw_figure()[:100])
    answer = ui.client.get(f"/api/cels/{DAMAGED}/painted.png")
    assert answer.status_code == 400
    assert "A0006.png" in answer.json()["error"]


@pytest.mark.parametrize("path", ["", "/labels.png", "/line.png", "/painted.png"])
@pytest.mark.parametrize("index", [-1, 10, 10**30])
def test_unknown_cel(ui: Ui, index: int, path: str) -> None:
    answer = ui.client.get(f"/api/cels/{index}{path}")
    assert answer.status_code == 404
    assert "no cel" in answer.json()["error"]


@pytest.mark.parametrize("path", ["match", "same"])
def test_unknown_segment(ui: Ui, path: str) -> None:
    answer = ui.client.get(f"/api/cels/1/{path}?label=99")
    assert answer.status_code == 404
    assert "no segment 99" in answer.json()["error"]
    assert ui.client.get(f"/api/cels/1/{path}?label=0").status_code == 422
    assert ui.client.get(f"/api/cels/1/{path}").status_code == 422


def test_page_and_its_files(ui: Ui) -> None:
    page = httpx_get(ui, f"/?token={ui.token}")
    assert "<script" in page
    assert "http://" not in page.replace("http://www.w3.org", "")
    assert "https://" not in page, "nothing comes from elsewhere"
    assert httpx_get(ui, "/assets/app.js")


def httpx_get(ui: Ui, path: str) -> str:
    answer = ui.client.get(path)
    assert answer.status_code == 200
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "default-src 'self'" in answer.headers["content-security-policy"]
    return answer.text


def test_cut_without_any_reference_is_blank(tmp_path: Path) -> None:
    with running(draw_cut(tmp_path / "cut", 2), cwd=tmp_path) as ui:
        project = ui.settle()
        assert [cel["state"] for cel in project["cels"]] == ["blank", "blank"]
        assert [color["color"] for color in project["palette"]] == ["none"]
        assert (project["left"], project["total"]) == (0, 0)
        assert {segment["color"] for segment in ui.cel(0)["segments"]} == {-1}
        np.testing.assert_array_equal(ui.picture(0, "painted.png"), draw_figure())
        answer = ui.try_export()
        assert answer.status_code == 400
        assert "no cel is painted" in answer.json()["error"]


def test_waiting_cel_is_shown_as_drawn(session: Session) -> None:
    states = {cel["state"] for cel in ask(session, "GET", "/api/project").json()["cels"]}
    assert states == {"waiting"}
    answer = ask(session, "GET", "/api/cels/2/painted.png?max=160")
    shown = cv2.imdecode(np.frombuffer(answer.content, np.uint8), cv2.IMREAD_UNCHANGED)
    np.testing.assert_array_equal(shown, draw_figure(6))
    assert session.cels[2].state == "waiting", "a thumbnail prepares nothing"


def test_waiting_cel_is_prepared_when_it_is_opened(session: Session) -> None:
    before = ask(session, "GET", "/api/project").json()
    cel = ask(session, "GET", "/api/cels/2").json()
    assert len(cel["segments"]) >= 8
    after = ask(session, "GET", "/api/project").json()
    assert after["version"] > before["version"]
    assert after["cels"][2]["segments"] == len(cel["segments"])
    assert after["cels"][1]["state"] == "waiting"
    assert ask(session, "GET", "/api/cels/0").json()["segments"][0]["locked"] is True
    assert ask(session, "GET", "/api/project").json()["cels"][0]["state"] == "key"
