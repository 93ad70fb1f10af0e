"""Painted files that are missing, too many, or not stored as the drawings are."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from shiage.checks import check_cut
from shiage.errors import UnreadableFile
from shiage.files.images import Layout, Picture, read_picture, write_picture
from tests.checks.planting import STYLES, check, compare, draw_cut, plant, plant_files, save_cut
from tests.files.samples import FORMATS
from tests.integration.conftest import draw_figure, save


@pytest.mark.parametrize(
    ("file_format", "style"),
    [
        *(
            (file_format, style)
            for file_format in FORMATS
            for style in ("hard", "soft, transparent")
        ),
        ("PNG", "soft, 16 bits"),
        ("TIFF", "soft, 16 bits"),
    ],
)
def test_every_wrong_file_is_found(file_format: str, style: str, tmp_path: Path) -> None:
    seed = FORMATS.index(file_format) + len(style)
    cels = draw_cut(STYLES[style], seed)
    save_cut(tmp_path, cels, file_format=file_format)
    assert check(tmp_path, cels[0].palette).clean
    faults = plant_files(np.random.default_rng(seed), tmp_path, cels)
    assert compare(check(tmp_path, cels[0].palette), faults) == ([], [])


def test_an_empty_folder_misses_every_cel(tmp_path: Path) -> None:
    save_cut(tmp_path, draw_cut(STYLES["hard"], 0, count=3), painted=False)
    (tmp_path / "painted").mkdir()
    result = check(tmp_path)
    assert [(f.kind, f.cel) for f in result.findings] == [
        ("missing", "A0001"), ("missing", "A0002"), ("missing", "A0003"),
    ]  # fmt: skip
    assert result.cels == ()


def test_no_folder_of_painted_cels_is_an_error(tmp_path: Path) -> None:
    save_cut(tmp_path, draw_cut(STYLES["hard"], 0, count=1), painted=False)
    with pytest.raises(UnreadableFile, match="no such file"):
        check(tmp_path)


def test_columns_in_folders_and_the_state_of_a_run_beside_them(tmp_path: Path) -> None:
    for name in ("A/A0001", "B/B_0001", "B/B_0002"):
        save(tmp_path / "cut" / f"{name}.png", draw_figure())
        save(tmp_path / "painted" / f"{name}.png", draw_figure(painted=True))
    save(tmp_path / "painted/_shiage/previews/A0001.png", draw_figure())
    (tmp_path / "painted/report.html").write_text("<p>", encoding="utf-8")
    result = check(tmp_path)
    assert result.clean
    assert result.cels == ("A/A0001", "B/B_0001", "B/B_0002")


def test_painted_cels_of_another_program_may_have_another_name_for_the_same_cel(
    tmp_path: Path,
) -> None:
    save(tmp_path / "cut/A/A0001.png", draw_figure())
    save(tmp_path / "painted/A/A_0001.png", draw_figure(painted=True))
    assert check(tmp_path).clean


def test_the_drawing_that_a_retake_replaces_need_not_be_painted(tmp_path: Path) -> None:
    save(tmp_path / "cut/A/A0001.png", draw_figure(-5))
    save(tmp_path / "cut/A.R1/A0001.png", draw_figure())
    save(tmp_path / "painted/A/A0001.png", draw_figure(-5, painted=True))
    save(tmp_path / "painted/A.R1/A0001.png", draw_figure(painted=True))
    result = check(tmp_path)
    assert result.clean
    assert result.cels == ("A.R1/A0001",)


def test_a_painted_folder_inside_the_cut_is_no_drawing(tmp_path: Path) -> None:
    save(tmp_path / "A0001.png", draw_figure())
    save(tmp_path / "done/A0001.png", draw_figure(painted=True))
    result = check_cut(tmp_path, tmp_path / "done", matcher=None)
    assert result.clean
    assert result.cels == ("A0001",)


@pytest.mark.parametrize("mode", ["1", "L", "P"])
def test_a_drawing_without_colors_may_become_one_with(mode: str, tmp_path: Path) -> None:
    save(tmp_path / "cut/A0001.png", draw_figure(), mode)
    save(tmp_path / "painted/A0001.png", draw_figure(painted=True))
    assert check(tmp_path).clean


@pytest.mark.parametrize(
    ("drawing", "painted", "told"),
    [
        (("RGB", 8), ("RGBA", 8), "mode RGBA, its drawing RGB"),
        (("RGBA", 8), ("RGB", 8), "mode RGB, its drawing RGBA"),
        (("RGB", 16), ("RGB", 8), "8 bits a channel, its drawing with 16"),
        (("RGB", 8), ("RGB", 16), "16 bits a channel, its drawing with 8"),
    ],
)
def test_modes_and_bits_are_compared_and_pixels_nonetheless(
    drawing: tuple[str, int], painted: tuple[str, int], told: str, tmp_path: Path
) -> None:
    cel = draw_cut(STYLES["hard"], 1, count=1)[0]
    pixels = np.asarray(cel.painted, np.uint8)
    pixels[60, 98] = 255
    clear = cel.drawing.copy()
    clear[0, 0, 3] = 0 if "RGBA" in (drawing[0], painted[0]) else 255
    for folder, (mode, bits), rgba in (("cut", drawing, clear), ("painted", painted, pixels)):
        (tmp_path / folder).mkdir()
        stored = rgba if mode == "RGBA" else np.asarray(rgba | [[[0, 0, 0, 255]]], np.uint8)
        if mode == "RGBA":
            stored = stored.copy()
            stored[0, 0, 3] = 0
        deep = stored.astype(np.uint16) * 257 if bits == 16 else stored.astype(np.uint8)
        write_picture(tmp_path / folder / "A0001.png", Picture(deep, Layout("PNG", mode, bits)))
        assert read_picture(tmp_path / folder / "A0001.png").layout.mode == mode
    findings = check(tmp_path, cel.palette).findings
    assert [finding.kind for finding in findings] == ["mode", "pinhole"]
    assert told in findings[0].message
    assert findings[1].xy == (98, 60)


def test_another_format_is_told(tmp_path: Path) -> None:
    save(tmp_path / "cut/A0001.tga", draw_figure())
    save(tmp_path / "painted/A0001.png", draw_figure(painted=True))
    (finding,) = check(tmp_path).findings
    assert (finding.kind, finding.cel) == ("mode", "A0001")
    assert "PNG, its drawing TGA" in finding.message


def test_a_broken_drawing_is_told_and_the_others_are_checked(tmp_path: Path) -> None:
    cels = draw_cut(STYLES["hard"], 1, count=3)
    last, _ = plant("pinhole", np.random.default_rng(0), cels[2:], 1)
    save_cut(tmp_path, [*cels[:2], *last])
    (tmp_path / "cut/A0001.png").write_bytes(b"no picture")
    result = check(tmp_path, cels[0].palette)
    assert [(f.kind, f.cel) for f in result.findings] == [
        ("unreadable", "A0001"), ("pinhole", "A0003"),
    ]  # fmt: skip
