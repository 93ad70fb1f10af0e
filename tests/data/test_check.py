"""The validator finds each planted fault, and nothing in a clean clip."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

import shiage.demo
from shiage.data.check import CheckResult, Severity, check_dataset
from shiage.data.dataset import write_clip
from shiage.errors import DatasetError
from tests.data.samples import box_clip, with_frame, write_box_clip
from tests.data.test_dataset import edit, put


def found(result: CheckResult, severity: Severity = "error") -> list[str]:
    return [str(finding) for finding in result.of(severity)]


def test_clean_clips_have_no_finding(tmp_path: Path) -> None:
    for name in ("Ann", "Bob", "Cid"):
        write_box_clip(tmp_path / "boxes" / name, name)
    (tmp_path / "boxes" / "make.json").write_text("{}")
    told: list[tuple[int, int]] = []
    result = check_dataset(tmp_path, 2, lambda _, done, total: told.append((done, total)))
    assert (result.clips, result.frames, result.findings) == (3, 9, ())
    assert told == [(1, 3), (2, 3), (3, 3)]


def test_the_demo_clip_is_clean() -> None:
    result = check_dataset(shiage.demo.DEMO_CUT)
    assert result.frames == 16
    assert not result.of("error")
    assert all(".py" in finding.what for finding in result.findings)  # the package's own files


def test_no_clip(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="no clip found"):
        check_dataset(tmp_path)


def paint_over(folder: Path) -> None:
    path = folder / "color" / "0002.png"
    picture = cv2.imread(str(path))
    assert picture is not None
    picture[:] = (1, 2, 3)
    cv2.imwrite(str(path), picture)


def shift_lines(folder: Path) -> None:
    path = folder / "line" / "0002.png"
    picture = cv2.imread(str(path))
    assert picture is not None
    cv2.imwrite(str(path), np.roll(picture, 5, axis=1))


def store_in_8_bits(folder: Path) -> None:
    path = str(folder / "segment" / "0002.png")
    picture = cv2.imread(path, cv2.IMREAD_UNCHANGED)
    assert picture is not None
    cv2.imwrite(path, picture.astype(np.uint8))


def enlarge(folder: Path, *layers: str) -> None:
    for layer in layers:
        path = str(folder / layer / "0002.png")
        picture = cv2.imread(path, cv2.IMREAD_UNCHANGED)
        assert picture is not None
        cv2.imwrite(path, cv2.resize(picture, (80, 80), interpolation=cv2.INTER_NEAREST))


def cut_off(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-30])


def segment(told: dict[str, object], at: int = 1, row: int = 1) -> dict[str, object]:
    return told["frames"][at]["segments"][row]  # type: ignore[index,no-any-return]


FAULTS: dict[str, tuple[Callable[[Path], object], str]] = {
    "no json": (lambda f: (f / "clip.json").unlink(), "clip.json: cannot be read"),
    "split": (lambda f: edit(f, put("split", "test")), "split 'test'"),
    "license": (lambda f: edit(f, put("license", " ")), "license is empty"),
    "source": (lambda f: edit(f, put("source", "")), "source is empty"),
    "no frames": (lambda f: edit(f, put("frames", [])), "clip.json: is damaged"),
    "size": (lambda f: edit(f, put("size_hw", [9, 9])), "expected (9, 9)"),
    "size of none": (lambda f: edit(f, put("size_hw", [])), "clip.json: is damaged"),
    "same name": (
        lambda f: edit(f, lambda t: t["frames"].append(t["frames"][0])),
        "several frames are called 0001",
    ),
    "color": (
        lambda f: edit(f, lambda t: segment(t).update(color=[1, 2, 3])),
        "frame 0002: the painting has another color than told in most of label 2",
    ),
    "no color": (
        lambda f: edit(f, lambda t: segment(t).update(color=[1, 2, 999])),
        "clip.json: is damaged",
    ),
    "region": (
        lambda f: edit(f, lambda t: segment(t).update(region="disc")),
        "region disc is #",
    ),
    "surplus row": (
        lambda f: edit(
            f,
            lambda t: t["frames"][1]["segments"].append(
                {"label": 4, "region": "x", "color": [1, 2, 3]}
            ),
        ),
        "frame 0002: no pixel has label 4",
    ),
    "missing row": (
        lambda f: edit(f, lambda t: t["frames"][1]["segments"].pop()),
        "frame 0002: 2 rows for 3 labels",
    ),
    "no picture": (
        lambda f: (f / "line" / "0002.png").unlink(),
        "frame 0002: 0002.png: cannot be read",
    ),
    "cut off": (lambda f: cut_off(f / "color" / "0002.png"), "frame 0002: 0002.png:"),
    "empty map": (
        lambda f: (f / "segment" / "0002.png").write_bytes(b""),
        "frame 0002: 0002.png: the file is empty",
    ),
    "8 bits": (store_in_8_bits, "frame 0002: segment/0002.png is stored as L"),
    "one size": (lambda f: enlarge(f, "line"), "frame 0002: line: expected"),
    "all sizes": (
        lambda f: enlarge(f, "line", "color", "segment"),
        "pictures of (80, 80) pixels",
    ),
    "painting": (paint_over, "frame 0002: the painting has another color"),
    "lines": (shift_lines, "of the line art's ink lies inside segments"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_is_found_and_no_other_clip_suffers(tmp_path: Path, fault: str) -> None:
    for name in ("a", "b", "c"):
        write_box_clip(tmp_path / name)
    plant, message = FAULTS[fault]
    plant(tmp_path / "b")
    result = check_dataset(tmp_path)
    assert result.clips == 3
    assert {finding.clip for finding in result.findings} == {"b"}
    assert any(message in line for line in found(result)), found(result)


def test_warnings(tmp_path: Path) -> None:
    folder = write_box_clip(tmp_path / "a")
    shutil.copytree(folder, tmp_path / ".b.unfinished")
    (folder / "notes.txt").write_text("mine")
    (folder / "line" / "0009.png").write_bytes(b"")
    result = check_dataset(tmp_path)
    assert not result.of("error")
    assert (result.clips, len(result.findings)) == (1, 3)
    for words in (".b.unfinished is left", "notes.txt belongs", "line/0009.png belongs"):
        assert any(words in line for line in found(result, "warning"))
    blank = with_frame(box_clip(), 0, line=np.full((64, 64, 4), 255, np.uint8))
    write_clip(tmp_path / "blank", blank)
    assert "blank, frame 0001: the line art is blank" in found(check_dataset(tmp_path), "warning")


def test_tiny_segments_may_be_painted_over_by_soft_lines(tmp_path: Path) -> None:
    clip = box_clip()
    labels, color = clip.frames[0].labels.copy(), clip.frames[0].color.copy()
    labels[60:63, 60:63] = 4
    color[60:63, 60:63] = 77
    colors = np.vstack([clip.frames[0].colors, [[9, 9, 9]]]).astype(np.uint8)
    regions = (*clip.frames[0].regions, None)
    clip = with_frame(clip, 0, labels=labels, color=color, colors=colors, regions=regions)
    write_clip(tmp_path / "a", clip)
    result = check_dataset(tmp_path)
    assert [f.severity for f in result.findings] == ["warning"]
    assert "label 4" in result.findings[0].what
