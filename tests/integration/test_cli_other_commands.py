"""`shiage segments` and `shiage demo`."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from tests.integration.conftest import (
    draw_figure,
    hash_cels,
    hash_tree,
    load,
    save,
    shiage,
    shiage_each,
)

SEGMENTS_RIGHT, PIXELS_RIGHT = 0.88, 0.97
"""What the demo cut is painted right to at least; a change that paints worse does so by more than
the few segments that lie between these and 0.917 and 0.992, which it was when they were written."""


def test_segments(tmp_path: Path) -> None:
    rgba = draw_figure()
    rgba[60:66, 48:53] = 255  # a gap
    save(tmp_path / "A0001.tga", rgba)
    told = shiage("segments", "A0001.tga", cwd=tmp_path).ok()
    assert "A0001_segments.png" in told.out
    view = load(tmp_path / "A0001_segments.png")
    assert view.shape == (120, 160, 4)
    # The ring around the gap is red, and without it each segment has a color of its own.
    assert (view[63, 50, :3] == (255, 0, 0)).all()
    assert (view == (255, 0, 0, 255)).all(axis=-1).any(axis=0)[:46].any()
    right = view[:, 62:]
    spots = [(2, 90), (100, 60), (100, 85), (70, 80), (45, 72), (32, 65), (32, 79), (12, 72)]
    assert len({tuple(view[y, x]) for y, x in spots}) == 8
    assert (right[(draw_figure()[:, 62:, 0] == 0)] == (40, 40, 40, 255)).all()


def test_segments_never_overwrite(tmp_path: Path) -> None:
    frame = save(tmp_path / "A0001.png", draw_figure())
    mine = tmp_path / "A0001_segments.png"
    mine.write_text("mine")
    before = hash_tree(tmp_path)
    refused, as_itself, forced_itself, missing, no_picture = shiage_each(
        ["segments", frame],
        ["segments", frame, "--out", frame],
        ["segments", frame, "--out", frame, "--force"],
        ["segments", "gone.png"],
        ["segments", mine, "--out", "other.png"],
        cwd=tmp_path,
    )
    refused.fails("A0001_segments.png", "is there already", "--force")
    as_itself.fails("A0001.png")
    missing.fails("gone.png", "Check the path")
    no_picture.fails("A0001_segments.png", "in no picture format")
    assert hash_tree(tmp_path) == before
    forced_itself.fails("A0001.png")
    told = shiage("segments", frame, "--force", "--json", cwd=tmp_path).ok()
    assert told.json["segments"] == 8
    assert told.json["picture"] == "A0001_segments.png"
    assert np.unique(load(mine).reshape(-1, 4), axis=0).shape[0] == 9


def test_demo(tmp_path: Path) -> None:
    told = shiage("demo", "--out", "demo", "--json", cwd=tmp_path).ok()
    result = told.json
    scores = {score["matcher"]: score for score in result["scores"]}
    assert set(scores) == {"ant", "shape", "flow", "position"}
    (used,) = (score for score in result["scores"] if score["used"])
    assert used["matcher"] == "ant"
    assert used["segments"] > max(scores[name]["segments"] for name in ("flow", "position"))
    assert SEGMENTS_RIGHT < used["segments"] < 1
    assert PIXELS_RIGHT < used["pixels"] < 1
    for score in result["scores"]:
        assert 0 < score["large_segments"] < 1
        assert 0 < score["pixels"] < 1
        assert score["segments_per_second"] > 0
    assert 0 <= result["absent"] < 0.2
    assert result["keys"] == ["0001", "0011"]
    assert len(hash_cels(tmp_path / "demo")) == len(result["record"]["cels"]) == 16
    assert (tmp_path / "demo" / "report.html").exists()
    shiage("demo", "--out", "demo", cwd=tmp_path).fails("demo", "--force")
