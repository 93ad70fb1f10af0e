"""Painted cels and the PaintBucket-Character layout become clips that the validator accepts."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from shiage.data.cels import import_cels
from shiage.data.check import check_dataset
from shiage.data.dataset import BACKGROUND, Frame, read_clip, read_info, split_of
from shiage.data.paintbucket import CLIP_FRAMES, import_paintbucket
from shiage.errors import DatasetError, EmptyCut, OutputExists
from tests.data.samples import draw_frame
from tests.drawings import BLACK, WHITE, Rgba
from tests.integration.conftest import PAINTS, draw_figure, hash_tree, save


def colors_in(folder: Path, frame: int = 0) -> set[tuple[int, ...]]:
    return {tuple(row) for row in read_clip(folder).frames[frame].colors.tolist()}


def test_lines_with_paintings(tmp_path: Path) -> None:
    cut = tmp_path / "cut7"
    for number, dx in ((1, 0), (2, 3), (4, 6)):
        save(cut / "line" / f"A{number:04}.tga", draw_figure(dx))
        save(cut / "color" / f"A{number:04}.png", draw_figure(dx, painted=True))
    save(cut / "line" / "A0009.tga", draw_figure(9))  # not painted yet
    before = hash_tree(cut)
    record = import_cels(cut, tmp_path / "out", "Hana", "my own")
    folder = tmp_path / "out" / "hand-drawn" / "cut7"
    assert (record.clips, record.frames, record.warnings) == ((str(folder),), 3, ())
    assert hash_tree(cut) == before
    info = read_info(folder)
    assert (info.character, info.license, info.split) == ("Hana", "my own", split_of("Hana"))
    assert info.frames == ("0001", "0002", "0004")
    clip = read_clip(folder)
    assert all(region is None for frame in clip.frames for region in frame.regions)
    assert colors_in(folder) == {*PAINTS, WHITE}
    assert (clip.frames[0].line == draw_figure()).all()
    assert (clip.frames[1].color == draw_figure(3, painted=True)).all()
    assert not check_dataset(tmp_path / "out").findings
    with pytest.raises(OutputExists, match="--force"):
        import_cels(cut, tmp_path / "out", "Hana", "my own")
    import_cels(cut, tmp_path / "out", "Hana", "my own", force=True)


@pytest.mark.parametrize("place", ["", "color"])
def test_paintings_alone(tmp_path: Path, place: str) -> None:
    for number in (1, 2):
        save(tmp_path / "cut" / place / f"{number:04}.png", draw_figure(number, painted=True))
    record = import_cels(tmp_path / "cut", tmp_path / "out", "Hana", "my own")
    assert (record.frames, record.warnings) == (2, ())
    folder = Path(record.clips[0])
    assert colors_in(folder) == {*PAINTS, WHITE}
    frame = read_clip(folder).frames[0]
    assert {tuple(row) for row in np.unique(frame.line.reshape(-1, 4), axis=0).tolist()} == {
        (*WHITE, 255),
        (*BLACK, 255),
    }
    assert (frame.line == draw_figure(1)).all()
    assert not check_dataset(tmp_path / "out").findings


def test_columns_become_clips_and_transparent_paper_is_white(tmp_path: Path) -> None:
    for column in "AB":
        for kind in ("line", "color"):
            rgba = draw_figure(painted=kind == "color")
            rgba[(rgba[..., :3] == 255).all(axis=-1)] = 0
            save(tmp_path / "cut" / kind / column / f"{column}0001.png", rgba, "RGBA")
    record = import_cels(tmp_path / "cut", tmp_path / "out", "Hana", "my own")
    assert [Path(clip).name for clip in record.clips] == ["cut-A", "cut-B"]
    assert colors_in(Path(record.clips[1])) == {*PAINTS, WHITE}
    assert not check_dataset(tmp_path / "out").findings


def test_what_cannot_be_used_is_left_out_and_told(tmp_path: Path) -> None:
    cut = tmp_path / "cut"
    for number in range(1, 6):
        save(cut / "line" / f"{number:04}.png", draw_figure())
        save(cut / "color" / f"{number:04}.png", draw_figure(painted=True))
    save(cut / "color" / "0002.png", np.roll(draw_figure(painted=True), 6, axis=1))
    save(cut / "color" / "0003.png", draw_figure())  # a drawing, no painting
    (cut / "color" / "0004.png").write_bytes(b"none")
    save(cut / "line" / "0005.png", draw_figure()[:100])
    save(cut / "color" / "0005.png", draw_figure(painted=True)[:100])
    save(cut / "color" / "0006.png", draw_figure(painted=True))  # has no drawing
    record = import_cels(cut, tmp_path / "out", "Hana", "my own")
    assert read_info(Path(record.clips[0])).frames == ("0001", "0006")
    for words in ("0002", "0003.png has no color", "0004.png", "160 x 100", "0006.png: has no"):
        assert any(words in warning for warning in record.warnings), words
    assert len(record.warnings) == 5
    assert not check_dataset(tmp_path / "out").findings


def test_nothing_to_import(tmp_path: Path) -> None:
    (tmp_path / "cut").mkdir()
    with pytest.raises(EmptyCut):
        import_cels(tmp_path / "cut", tmp_path / "out", "Hana", "my own")
    save(tmp_path / "cut" / "0001.png", draw_figure())
    with pytest.raises(DatasetError, match="no cel can be used"):
        import_cels(tmp_path / "cut", tmp_path / "out", "Hana", "my own")
    assert not (tmp_path / "out").exists()


# --- PaintBucket-Character ------------------------------------------------------------------------


def numbers_to_rgb(numbers: NDArray[np.int32]) -> Rgba:
    rgba = np.stack([numbers >> 16, numbers >> 8 & 255, numbers & 255], axis=-1).astype(np.uint8)
    return np.dstack([rgba, np.full(numbers.shape, 255, np.uint8)])


def write_paintbucket(
    folder: Path, frame: Frame, *, table: bool, label: bool, name: str | None = None
) -> None:
    """Write a frame as the set has it; its regions are 0 (background: -1), 300 and 70000."""
    name, background = name or frame.name, frame.regions.index(BACKGROUND) + 1
    region_of = {BACKGROUND: -1, "box": 300, "disc": 70000}
    line = frame.line.copy()
    line[..., 3] = np.where(frame.labels == 0, 255, 0)
    save(folder / "line" / f"{name}.png", line, "RGBA")
    color = frame.color.copy()
    color[frame.labels == background] = 0
    save(folder / "gt" / f"{name}.png", color, "RGBA")
    # Numbers with holes, beyond 8 bits.
    save(folder / "seg" / f"{name}.png", numbers_to_rgb(frame.labels * 200))
    if table:
        rows = {
            str(200 * at): [1, region_of[str(region)]] for at, region in enumerate(frame.regions, 1)
        }
        path = folder / "json_index" / f"{name}.json"
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(rows))
    if label:
        regions = np.array([0, *(region_of[str(region)] for region in frame.regions)])
        picture = numbers_to_rgb(regions[frame.labels].astype(np.int32))
        picture[frame.labels == background] = 0
        save(folder / "label" / f"{name}.png", picture, "RGBA")


@pytest.mark.parametrize(("table", "label"), [(True, False), (False, True), (False, False)])
def test_paintbucket(tmp_path: Path, table: bool, label: bool) -> None:
    frames = [draw_frame(f"{at:04}", 5 + 2 * at) for at in range(CLIP_FRAMES + 2)]
    for frame in frames:
        write_paintbucket(
            tmp_path / "set" / "train" / "PaintBucket_Char" / "Abe", frame, table=table, label=label
        )
    record = import_paintbucket(tmp_path / "set", tmp_path / "out")
    assert [Path(clip).name for clip in record.clips] == ["Abe-000", "Abe-001"]
    assert (record.frames, record.warnings) == (CLIP_FRAMES + 2, ())
    clip = read_clip(Path(record.clips[1]))
    assert (clip.source, clip.character) == ("paintbucket", "Abe")
    assert "non-commercial" in clip.license
    for read, drawn in zip(clip.frames, frames[CLIP_FRAMES:], strict=True):
        assert (read.labels == drawn.labels).all()
        assert (read.colors == drawn.colors).all()
        if table or label:
            names = {BACKGROUND: BACKGROUND, "box": "300-c82828", "disc": "70000-2828c8"}
            assert read.regions == tuple(names[str(region)] for region in drawn.regions)
        else:
            assert read.regions == (None, None, None)
    assert not check_dataset(tmp_path / "out").findings
    with pytest.raises(OutputExists):
        import_paintbucket(tmp_path / "set", tmp_path / "out")


def test_paintbucket_leaves_out_what_is_damaged(tmp_path: Path) -> None:
    folder = tmp_path / "set" / "Abe"
    for at in range(4):
        write_paintbucket(folder, draw_frame(f"{at:04}", 5), table=True, label=False)
    (folder / "seg" / "0001.png").write_bytes(b"none")
    (folder / "json_index" / "0002.json").write_text('{"200": [1, -1]}')
    (folder / "gt" / "0003.png").unlink()
    record = import_paintbucket(tmp_path / "set", tmp_path / "out")
    assert read_info(Path(record.clips[0])).frames == ("0000",)
    assert len(record.warnings) == 2
    with pytest.raises(DatasetError, match="no frame can be used"):
        import_paintbucket(tmp_path / "set" / "Abe" / "seg", tmp_path / "out2")


def test_paintbucket_characters_of_one_name_stay_apart(tmp_path: Path) -> None:
    for place, x in (("train/Abe", 5), ("test/Abe", 9), ("test/Bea", 5)):
        folder = tmp_path / "set" / place
        write_paintbucket(folder, draw_frame("0000", x), table=True, label=False)
    record = import_paintbucket(tmp_path / "set", tmp_path / "out")
    names = [Path(clip).name for clip in record.clips]
    assert names == ["test-Abe-000", "Bea-000", "train-Abe-000"]
    assert [read_info(Path(clip)).character for clip in record.clips] == ["Abe", "Bea", "Abe"]
    for place in ("a/b/Cid", "a-b/Cid"):
        folder = tmp_path / "set" / place
        write_paintbucket(folder, draw_frame("0000", 5), table=True, label=False)
    with pytest.raises(DatasetError, match="a-b-Cid"):
        import_paintbucket(tmp_path / "set", tmp_path / "out2")


def test_paintbucket_frames_get_names_that_files_may_have(tmp_path: Path) -> None:
    for name in ("a 1", "a_1", "b.2"):
        frame = draw_frame("0000", 5)
        write_paintbucket(tmp_path / "set" / "Abe", frame, table=True, label=False, name=name)
    record = import_paintbucket(tmp_path / "set", tmp_path / "out")
    assert read_info(Path(record.clips[0])).frames == ("a_1", "b_2")
    assert "another frame is called a_1" in record.warnings[0]
    assert not check_dataset(tmp_path / "out").findings
