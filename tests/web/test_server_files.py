"""What the server writes: the project after each action, and the cut when it is exported."""

from __future__ import annotations

import random
import re
import shutil
import signal
import threading
import time
import xml.etree.ElementTree as ET
from pathlib import Path

import av
import cv2
import httpx
import numpy as np
import pytest
from PIL import Image

from shiage.cuts.outputs import PROJECT_FILE
from shiage.cuts.project import read_project
from tests.files.layers.psds import L, tree, write_psd
from tests.integration.conftest import (
    assert_nothing_half_written,
    draw_cut,
    draw_figure,
    draw_key,
    hash_cels,
    hash_tree,
    load,
    save,
    shiage,
)
from tests.web.conftest import NEW_COLOR, Json, Ui, read_state, running, start_ui

NEW_RGB = (0x12, 0xAB, 0x56)
PEN = {"kind": "pen", "width": 3, "points": [[75, 50], [75, 70]]}
CLOSE_BODY = {"kind": "close", "points": [[75, 45], [75, 78]]}
BODY_XY = (75, 60)
"""In cel 1."""


def work(ui: Ui) -> None:
    """Correct, split, make a reference: a bit of everything."""
    new = ui.add_color()
    ui.paint(1, [ui.label_at(1, *BODY_XY)], new)
    ui.act("edit", cel=2, stroke={"kind": "close", "points": [[78, 45], [78, 78]]})
    ui.paint(2, [ui.label_at(2, 85, 60)], 2)
    ui.act("color_change", id=3, color="#0000ff")
    ui.act("reference", cel=3, on=True)
    ui.settle()


# -- the project -------------------------------------------------------------------------------


def test_project_file_is_whole_after_each_action(ui: Ui) -> None:
    out = Path(ui.project()["out"])
    for kind, what in (
        ("color_add", {"color": NEW_COLOR, "name": "袖"}),
        ("paint", {"items": [{"cel": 1, "labels": [1, 2]}], "color": 1}),
        ("accept", {"items": [{"cel": 2, "labels": [3]}]}),
        ("release", {"items": [{"cel": 1, "labels": [2]}]}),
        ("edit", {"cel": 2, "stroke": PEN}),
        ("reference", {"cel": 3, "on": True}),
        ("color_change", {"id": 1, "color": "#000001"}),
        ("color_rename", {"id": 1, "name": "hat"}),
        ("hold", {"cels": [1], "frames": 7}),
        ("settings", {"below": 0.5, "fps": 12}),
        ("undo", {}),
        ("redo", {}),
        ("reset", {"cels": [2]}),
    ):
        before = (out / PROJECT_FILE).read_bytes() if (out / PROJECT_FILE).exists() else b""
        ui.act(kind, **what)
        assert (out / PROJECT_FILE).read_bytes() != before, kind
        project = read_project(out)
        assert project is not None
        assert_nothing_half_written(out)
    state = read_state(out)
    assert state["cut"] == "../cut", "both folders can be moved together"
    assert [color["name"] for color in state["palette"]] == ["袖", "hat"]
    assert "袖" in (out / PROJECT_FILE).read_text(encoding="utf-8"), "readable"
    assert state["cels"]["A0001" if "A0001" in state["cels"] else "A0002"]


def test_looking_writes_nothing(cut: Path) -> None:
    with running(cut, "-r", cut.parent / "key", cwd=cut.parent) as ui:
        ui.settle()
        ui.act("undo")
        ui.act("settings")
        assert not (cut.parent / "cut_painted").exists()


@pytest.mark.parametrize("how", ["painted folder", "cut", "moved"])
def test_reopened_where_it_was_left(cut: Path, how: str) -> None:
    with running(cut, "-r", cut.parent / "key", cwd=cut.parent) as ui:
        ui.settle()
        work(ui)
        ui.act("hold", cels=[1], frames=5)
        ui.act("settings", below=0.6, fps=8)
        ui.act("color_add", color="#010101", name="undone")
        ui.act("undo")
        left = ui.settle()
        pictures = [ui.picture(index, "painted.png") for index in range(4)]
    folder = cut.parent
    if how == "moved":
        folder = folder / "elsewhere"
        folder.mkdir()
        for name in ("cut", "key", "cut_painted"):
            shutil.move(cut.parent / name, folder / name)
    opened = folder / ("cut" if how == "cut" else "cut_painted")
    with running(opened, cwd=cut.parent) as ui:
        found = ui.settle()
        assert (found["undo"], found["redo"]) == (None, None)
        for key in ("palette", "settings", "left", "total", "name"):
            assert found[key] == left[key], key
        assert Path(found["out"]) == folder / "cut_painted"
        moving = ("shape", "paint")
        assert [{k: v for k, v in cel.items() if k not in moving} for cel in found["cels"]] == [
            {k: v for k, v in cel.items() if k not in moving} for cel in left["cels"]
        ]
        for index, picture in enumerate(pictures):
            np.testing.assert_array_equal(ui.picture(index, "painted.png"), picture)


def test_reopened_when_the_painted_folder_lies_in_the_cut(cut: Path) -> None:
    args = (cut, "-r", cut.parent / "key", "-o", cut / "done")
    with running(*args) as ui:
        ui.settle()
        ui.act("reference", cel=1, on=True)
        assert ui.export() == 4
    with running(*args) as ui:
        project = ui.settle()
        assert [cel["name"] for cel in project["cels"]] == [f"A000{n}" for n in range(1, 5)]
        assert project["cels"][1]["made"] is True


def test_damaged_project_is_told_and_not_overwritten(cut: Path) -> None:
    out = cut.parent / "cut_painted"
    out.mkdir()
    (out / PROJECT_FILE).write_text('{"cut": ')
    shiage("ui", cut, "--no-open").fails(PROJECT_FILE, "move it away")
    shiage("ui", out, "--no-open").fails(PROJECT_FILE, "move it away")
    assert (out / PROJECT_FILE).read_text() == '{"cut": '


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_killed_in_a_storm_of_actions(cut: Path, seed: int) -> None:
    """The file holds the last action that was answered, or one more that was under way."""
    rng = random.Random(seed)
    out = cut.parent / "out"
    args = (cut, "-r", cut.parent / "key", "-o", out)
    answered: list[Json] = []

    def storm(ui: Ui) -> None:
        with ui.new_client() as http:
            for step in range(100_000):
                action = {"kind": "color_add", "color": "#808080", "name": f"{step}-" + "x" * 150}
                try:
                    answer = http.post("/api/actions", json=action)
                except httpx.TransportError:
                    return
                answered.append(answer.json())

    ui = start_ui(*args, cwd=cut)
    before = len(ui.project()["palette"])
    thread = threading.Thread(target=storm, args=(ui,))
    thread.start()
    while len(answered) < rng.randrange(3, 30):
        time.sleep(0.001)
    time.sleep(rng.random() * 0.05)
    ui.stop(signal.SIGKILL)
    thread.join()
    names = [color["name"] for color in answered[-1]["palette"]][before:]
    assert len(names) == len(answered)
    project = read_project(out)
    assert project is not None
    kept = [color.name for color in project.palette]
    assert kept in (names, [*names, f"{len(names)}-" + "x" * 150])
    left_behind = {path.name for path in out.iterdir()} - {PROJECT_FILE}
    assert all(re.fullmatch(r"\.[0-9a-f]{32}\.part", name) for name in left_behind)
    with running(*args) as ui:
        found = ui.settle()
        assert (found["undo"], found["redo"]) == (None, None)
        assert [color["name"] for color in found["palette"]][before:] == kept
        assert ui.export() == 4


# -- export ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def formats(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cut of four columns, each stored another way."""
    folder = tmp_path_factory.mktemp("formats")
    draw_cut(folder / "cut", 3, column="A")
    draw_cut(folder / "cut", 3, name="B{:04}.tga", column="B")
    for number in range(3):
        transparent = draw_figure(3 * number)
        transparent[..., 3] = 255 - transparent[..., 0]
        save(folder / "cut" / f"C/C000{number}.tga", transparent, "RGBA", compression="tga_rle")
        sixteen = draw_figure(3 * number)[..., :3].astype(np.uint16) * 257
        for suffix, column in (("png", "D"), ("tif", "E")):
            path = folder / "cut" / column / f"{column}000{number}.{suffix}"
            path.parent.mkdir(exist_ok=True)
            assert cv2.imwrite(str(path), sixteen)
    draw_key(folder / "key" / "A" / "A0001.png")
    return folder


def test_export_is_what_shiage_paint_writes_from_the_same_decisions(formats: Path) -> None:
    cut, out, key = formats / "cut", formats / "out", formats / "key"
    before = hash_tree(cut)
    with running(cut, "-r", key, "-o", out) as ui:
        project = ui.settle()
        assert len(project["cels"]) == 15
        new = ui.add_color("#01020a", "sixteen bits")
        for first in (0, 3, 6, 9, 12):
            ui.paint(first + 1, [ui.label_at(first + 1, *BODY_XY)], new)
            stroke = {"kind": "close", "points": [[78, 45], [78, 78]]}
            ui.act("edit", cel=first + 2, stroke=stroke)
            ui.paint(first + 2, [ui.label_at(first + 2, 85, 60)], 2)
        ui.act("reference", cel=4, on=True)
        ui.act("edit", cel=1, stroke=PEN)
        ui.act("color_change", id=3, color="#0000ff")
        ui.settle()
        assert ui.export() == 15
        shown = ui.picture(2, "painted.png")
    exported = hash_cels(out)
    told = shiage("paint", cut, "--ref", key, "--out", out, "--force", "--json")
    assert told.code == 0, told.err
    assert hash_cels(out) == exported
    assert hash_tree(cut) == before
    np.testing.assert_array_equal(load(out / "A/A0003.png")[..., :3], shown[..., :3])
    assert tuple(load(out / "B/B0002.tga")[60, 75, :3]) == (1, 2, 10)
    sixteen = cv2.imread(str(out / "D/D0001.png"), cv2.IMREAD_UNCHANGED)
    assert sixteen is not None
    assert sixteen.dtype == np.uint16
    assert sixteen[60, 75, ::-1].tolist() == [257, 514, 2570]


def folder_of(ui: Ui) -> Path:
    """An output folder without anything but the project; it may not be written yet."""
    out = Path(ui.project()["out"])
    out.mkdir(exist_ok=True)
    for path in out.glob("*"):
        if path.is_dir():
            shutil.rmtree(path)
        elif path.name != PROJECT_FILE:
            path.unlink()
    return out


def test_files_that_are_there_are_replaced_only_when_allowed(ui: Ui) -> None:
    out = folder_of(ui)
    assert ui.export() == 4
    ui.paint(1, [ui.label_at(1, *BODY_XY)], 1)
    before = hash_tree(out)
    answer = ui.try_export()
    assert answer.status_code == 409
    assert "4 of these files are there already" in answer.json()["error"]
    assert ui.try_export(changed_only=True).status_code == 409
    assert hash_tree(out) == before
    assert ui.export(overwrite=True) == 4
    assert hash_tree(out) != before
    assert_nothing_half_written(out)
    for format in ("svg", "gif"):  # noqa: A001
        assert ui.export(format) >= 1, "other files are in nobody's way"
        assert ui.try_export(format).status_code == 409
    assert ui.export(layers="separate") == 8
    assert ui.try_export(layers="separate").status_code == 409


def test_file_in_the_way_is_found_before_anything_is_written(ui: Ui) -> None:
    out = folder_of(ui)
    (out / "A0004.png").write_bytes(b"mine")
    assert ui.try_export().status_code == 409
    assert [path.name for path in sorted(out.glob("A*"))] == ["A0004.png"]
    assert (out / "A0004.png").read_bytes() == b"mine"
    (out / "A0004.png").unlink()


def test_only_what_differs_is_written(ui: Ui) -> None:
    out = folder_of(ui)
    assert ui.export(changed_only=True) == 4
    ui.paint(3, [ui.label_at(3, 72 + 9, 60)], 1)
    ui.wait(lambda project: project["cels"][3]["locked"] == 1)
    ui.settle()
    before, times = hash_cels(out), {p.name: p.stat().st_mtime_ns for p in out.glob("A*")}
    count = ui.export(changed_only=True, overwrite=True)
    after = hash_cels(out)
    changed = {name for name in after if after[name] != before.get(name)}
    assert "A0004.png" in changed
    assert "A0001.png" not in changed
    assert len(changed) == count
    rewritten = {p.name for p in out.glob("A*") if p.stat().st_mtime_ns != times[p.name]}
    assert rewritten == changed
    assert ui.export(changed_only=True, overwrite=True) == 0


def test_lines_and_colors_as_separate_layers(ui: Ui) -> None:
    out = folder_of(ui)
    ui.paint(1, [ui.label_at(1, *BODY_XY)], ui.add_color())
    assert ui.export(layers="separate") == 8
    lines, colors = load(out / "_lines/A0002.png"), load(out / "_colors/A0002.png")
    drawn = draw_figure(3)[..., 0] == 0
    np.testing.assert_array_equal(lines[..., 3] == 255, drawn)
    assert tuple(colors[60, 75]) == (*NEW_RGB, 255)
    assert colors[0, 0, 3] == 0, "paper stays transparent"
    whole = ui.picture(1, "painted.png")
    over = np.where(lines[..., 3:] > 0, lines, colors)
    np.testing.assert_array_equal(over[over[..., 3] > 0], whole[over[..., 3] > 0])


@pytest.mark.parametrize("format", ["cels", "psd", "svg", "separate"])
def test_mended_lines_are_exported_only_when_asked_for(
    ui: Ui,
    format: str,  # noqa: A002
) -> None:
    def mended() -> bool:
        """Whether the pen's stroke through the body of cel 1 is in the file."""
        if format == "separate":
            return bool(load(out / "_lines/A0002.png")[60, 75, 3])
        if format == "psd":
            return tuple(load(out / "A0002.psd")[60, 75, :3]) == (0, 0, 0)
        if format == "cels":
            return tuple(load(out / "A0002.png")[60, 75, :3]) == (0, 0, 0)
        return (out / "A0002.svg").read_bytes() != plain

    out = folder_of(ui)
    what: Json = {"layers": "separate"} if format == "separate" else {}
    name = "cels" if format == "separate" else format
    ui.act("edit", cel=1, stroke=PEN)
    ui.export(name, **what)
    plain = (out / "A0002.svg").read_bytes() if format == "svg" else b""
    assert not mended()
    ui.export(name, line_edits=True, overwrite=True, **what)
    assert mended()
    ui.export(name, line_edits=False, overwrite=True, **what)
    assert not mended()


def test_psd_shows_what_the_cels_do(ui: Ui) -> None:
    out = folder_of(ui)
    assert ui.export("cels") == ui.export("psd") == 4
    for number in (1, 2, 3, 4):
        path = out / f"A000{number}.psd"
        np.testing.assert_array_equal(load(path), load(path.with_suffix(".png")))
    assert tree(out / "A0002.psd") == ["paper", "paint", "lines"]


def test_layered_drawings(tmp_path: Path) -> None:
    lines = {dx: draw_figure(dx) for dx in (0, 3)}
    for rgba in lines.values():
        rgba[(rgba[..., :3] == 255).all(axis=-1)] = 0
    paint = L("塗り", draw_figure(painted=True))
    size_hw = lines[0].shape[:2]
    write_psd(tmp_path / "cut" / "A0001.psd", paint, L("線", lines[0]), size_hw=size_hw)
    write_psd(tmp_path / "cut" / "A0002.psd", L("線", lines[3]), size_hw=size_hw)
    with running(tmp_path / "cut", cwd=tmp_path) as ui:
        ui.settle()
        assert [cel["state"] for cel in ui.project()["cels"]] == ["key", "painted"]
        label = ui.label_at(1, *BODY_XY)
        ui.paint(1, [label], ui.add_color())
        assert ui.export("cels") == 2
        out = Path(ui.project()["out"])
        assert tree(out / "A0002.psd") == ["paint", "線"]
        assert tuple(load(out / "A0002.psd")[60, 75, :3]) == NEW_RGB


def test_svg_has_a_path_for_each_painted_segment(ui: Ui) -> None:
    out = folder_of(ui)
    ui.paint(2, [ui.label_at(2, 78, 60)], ui.add_color())
    ui.settle()
    assert ui.export("svg") == 4
    for index in range(4):
        root = ET.parse(out / f"A000{index + 1}.svg").getroot()  # noqa: S314 - our own file
        paths = {
            path.attrib["id"]: path.attrib["fill"]
            for path in root.iter("{http://www.w3.org/2000/svg}path")
        }
        palette = ui.project()["palette"]
        assert paths == {
            f"segment-{segment['label']}": palette[segment["color"]]["color"]
            for segment in ui.cel(index)["segments"]
            if segment["color"] > 0
        }
    assert paths


@pytest.mark.parametrize("format", ["mp4", "gif"])
@pytest.mark.parametrize("fps", [24, 8])
def test_preview_lasts_as_long_as_the_cels_are_held(
    ui: Ui,
    format: str,  # noqa: A002
    fps: int,
) -> None:
    out = folder_of(ui)
    ui.act("settings", fps=fps)
    ui.act("hold", cels=[0], frames=5)
    ui.act("hold", cels=[2], frames=0)
    assert ui.export(format) == 1
    path = out / f"cut.{format}"
    frames = 5 + 2 + 0 + 2
    if format == "gif":
        with Image.open(path) as picture:
            hundredths = 0
            for at in range(getattr(picture, "n_frames", 1)):
                picture.seek(at)
                hundredths += picture.info["duration"] / 10
        assert hundredths == pytest.approx(100 * frames / fps, abs=1)
        return
    with av.open(str(path)) as video:
        stream = video.streams.video[0]
        shown = [frame.to_ndarray(format="rgb24") for frame in video.decode(stream)]
        assert stream.duration is not None
        assert stream.time_base is not None
        assert float(stream.duration * stream.time_base) == pytest.approx(frames / fps)
    width, height = shown[0].shape[1::-1]
    assert (width, height) == (160, 120)
    expected = ui.picture(0, "painted.png")[..., :3].astype(int)
    assert np.abs(shown[0].astype(int) - expected).mean() < 8


def test_preview_of_nothing_is_refused(ui: Ui) -> None:
    out = folder_of(ui)
    ui.act("hold", cels=[0, 1, 2, 3], frames=0)
    answer = ui.try_export("gif")
    assert answer.status_code == 400
    assert "hold" in answer.json()["error"]
    assert not list(out.glob("*.gif"))
    assert not list(out.glob(".*"))


def test_columns_lie_over_each_other_in_a_preview(tmp_path: Path) -> None:
    """The longer column decides how long it lasts; the shorter one holds its last cel."""
    draw_cut(tmp_path / "cut", 3, column="A")
    for number in (1, 2):
        clear = np.zeros((120, 160, 4), np.uint8)
        cv2.rectangle(clear, (5, 5), (30, 30 + number), (0, 0, 0, 255), 2)
        save(tmp_path / f"cut/B/B000{number}.png", clear, "RGBA")
    draw_key(tmp_path / "key" / "A" / "A0001.png")
    with running(tmp_path / "cut", "-r", tmp_path / "key", cwd=tmp_path) as ui:
        ui.settle()
        ui.paint(3, [ui.label_at(3, 15, 15)], ui.add_color())
        ui.act("hold", cels=[0, 1, 2], frames=3)
        ui.settle()
        ui.export("gif")
        with Image.open(tmp_path / "cut_painted" / "cut.gif") as picture:
            shown = []
            hundredths = 0
            for at in range(getattr(picture, "n_frames", 1)):
                picture.seek(at)
                hundredths += picture.info["duration"] / 10
                shown.append(np.asarray(picture.convert("RGB")))
    assert hundredths == pytest.approx(100 * 9 / 24, abs=1)
    assert all(tuple(frame[15, 15]) == NEW_RGB for frame in shown)
    assert tuple(shown[-1][60, 78]) == (60, 160, 70), "the figure below is seen"


def test_twins_are_exported_like_their_originals(cut: Path) -> None:
    shutil.copyfile(cut / "A0002.png", cut / "A0005.png")
    out = cut.parent / "out"
    with running(cut, "-r", cut.parent / "key", "-o", out) as ui:
        ui.settle()
        ui.paint(1, [ui.label_at(1, *BODY_XY)], ui.add_color())
        assert ui.export() == 5
    assert (out / "A0005.png").read_bytes() == (out / "A0002.png").read_bytes()
    assert tuple(load(out / "A0005.png")[60, 75, :3]) == NEW_RGB


def test_given_painting_is_passed_on_byte_for_byte(ui: Ui) -> None:
    out = folder_of(ui)
    ui.export()
    key = out.parent / "key" / "A0001.png"
    assert (out / "A0001.png").read_bytes() == key.read_bytes()
    ui.act("color_change", id=ui.segment(0, 1)["color"] or 1, color="#123456")
    ui.export(overwrite=True)
    assert (out / "A0001.png").read_bytes() != key.read_bytes()


def test_folder_that_cannot_be_written(ui: Ui) -> None:
    """A file lies where the layers' folder should be."""
    out = folder_of(ui)
    out.mkdir(exist_ok=True)
    (out / "_lines").write_bytes(b"")
    answer = ui.try_export(layers="separate")
    assert answer.status_code == 500
    assert "could not be written" in answer.json()["error"]
    assert ui.project()["busy"] is None
    (out / "_lines").unlink()
