"""Cuts in the page, named as people name them."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from PIL import Image

from shiage.cuts.job import CutJob
from shiage.cuts.recipe import Recipe
from shiage.web.session import Session
from tests.integration.conftest import draw_cut, draw_figure, draw_key, hash_cels, save
from tests.web.conftest import running


def jpeg_bytes(dx: int = 0) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(draw_figure(dx)).convert("RGB").save(buffer, "JPEG", quality=95)
    return buffer.getvalue()


def test_dropped_files_are_read_or_told(tmp_path: Path) -> None:
    """JPEG drawings in columns, a picture beside the columns, and a format that is not read."""
    dropped = ["c1/A/A0001_v02.jpg", "c1/A/A0002_v02.jpg", "c1/sunset.jpg", "c1/A/A0003.webp"]
    files = [("files", (name, jpeg_bytes(3), "image/jpeg")) for name in dropped]
    with running(cwd=tmp_path) as ui:
        answer = ui.client.post("/api/start", files=files, data={"name": "c1"})
        assert answer.status_code == 200, answer.text
        project = answer.json()
        assert [(cel["name"], cel["number"]) for cel in project["cels"]] == [
            ("A/A0001_v02", 1),
            ("A/A0002_v02", 2),
        ]
        told = " ".join(project["warnings"])
        for words in ("1 .webp passed over", "left alone: line/sunset.jpg", "stored as PNG"):
            assert words in told


@pytest.mark.parametrize("given", [True, False])
def test_a_key_saved_over_its_own_drawing(tmp_path: Path, given: bool) -> None:
    cut = draw_cut(tmp_path / "cut", 3, "{:04}.png")
    key = draw_key(cut / "0001.png")
    refs: list[str | Path] = ["-r", key] if given else []
    with running(cut, *refs, "-o", tmp_path / "out") as ui:
        project = ui.settle()
        assert [cel["state"] for cel in project["cels"]] == ["key", "painted", "painted"]
        assert (ui.picture(0, "painted.png")[..., :3] == draw_figure(painted=True)[..., :3]).all()
        assert any("painted already" in line for line in project["warnings"]) != given
        assert ui.export() == 3
    assert (tmp_path / "out" / "0001.png").read_bytes() == key.read_bytes()


def test_jpeg_drawings_are_exported_as_png(tmp_path: Path) -> None:
    for number in (1, 2):
        save(tmp_path / "cut" / f"{number:04}.jpg", draw_figure(3 * number), quality=95)
    draw_key(tmp_path / "key" / "0001.png", 3)
    with running(tmp_path / "cut", "-r", tmp_path / "key", "-o", tmp_path / "out") as ui:
        ui.settle()
        assert ui.export() == 2
    assert [name for name in sorted(hash_cels(tmp_path / "out")) if name != "shiage.json"] == [
        "0001.png",
        "0002.png",
    ]
    with Image.open(tmp_path / "out" / "0002.png") as picture:
        assert picture.format == "PNG"


def test_two_files_of_one_name_are_told(tmp_path: Path) -> None:
    cut = draw_cut(tmp_path / "cut", 2)
    save(cut / "A0002.tga", draw_figure(3))
    session = Session(
        CutJob(cut, Recipe((draw_key(tmp_path / "A0001.png"),)), out=tmp_path / "out")
    )
    assert [desk.cel.path.name for desk in session.cels] == ["A0001.png", "A0002.png"]
    assert any("A0002.tga: left out" in line for line in session.left_out)
