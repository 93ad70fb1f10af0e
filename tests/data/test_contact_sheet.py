"""Contact sheets: each drawing in its place, regions in the same color all along."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from shiage.data.contact_sheet import GUTTER, HEAD, LEFT, MARGIN, TILE, draw_sheet, write_sheets
from shiage.data.dataset import Clip
from shiage.errors import DatasetError, OutputExists
from tests.data.samples import box_clip, draw_frame, write_box_clip
from tests.integration.conftest import load


def tile(sheet: NDArray[np.uint8], row: int, column: int) -> NDArray[np.uint8]:
    y, x = HEAD + row * (TILE + GUTTER), LEFT + column * (TILE + GUTTER)
    return sheet[y : y + TILE, x : x + TILE]


def test_rows_and_columns() -> None:
    clip = box_clip(frames=3)
    sheet = draw_sheet(clip, ("Ann", "boxes"))
    step = TILE + GUTTER
    assert sheet.shape == (HEAD + 4 * step + MARGIN, LEFT + 3 * step + MARGIN, 3)
    hues = set()
    for column, frame in enumerate(clip.frames):
        label = frame.regions.index("box") + 1
        y, x = (int(v.mean() * TILE / 64) for v in np.nonzero(frame.labels == label))
        assert (tile(sheet, 0, column)[y, x] == 255).all()
        assert (tile(sheet, 2, column)[y, x] == frame.colors[label - 1]).all()
        hues.add(tuple(tile(sheet, 3, column)[y, x].tolist()))
    assert len(hues) == 1
    assert hues != {(255, 255, 255)}
    assert (tile(sheet, 3, 0)[2, 2] == 255).all()


def test_new_regions_are_striped_and_unknown_ones_have_no_row() -> None:
    first, second = draw_frame("1", 5), draw_frame("2", 5)
    regions = tuple("new" if region == "disc" else region for region in second.regions)
    new = type(second)("2", second.line, second.color, second.labels, regions, second.colors)
    sheet = draw_sheet(Clip("a", "b", "c", "d", 0, (first, new)), ("", ""))
    disc = np.s_[44 * 4 : 48 * 4, 13 * 4 : 17 * 4]
    greys = tile(sheet, 3, 1)[disc]
    assert (greys[..., :1] == greys).all()
    assert len(np.unique(greys)) >= 2
    assert len(np.unique(tile(sheet, 3, 0)[disc].reshape(-1, 3), axis=0)) == 1
    none = tuple(
        type(f)(f.name, f.line, f.color, f.labels, (None, None, None), f.colors)
        for f in (first, second)
    )
    shorter = draw_sheet(Clip("a", "b", "c", "d", 0, none), ("", ""))
    assert shorter.shape[0] == sheet.shape[0] - TILE - GUTTER


def test_drawings_drawn_again_have_a_row() -> None:
    clip = box_clip(frames=2)
    plain, rough = draw_sheet(clip, ("", "")), draw_sheet(clip, ("", ""), "heavy")
    step = TILE + GUTTER
    assert rough.shape[0] == plain.shape[0] + step
    for column in range(2):
        assert (tile(rough, 4, column) != tile(rough, 0, column)).any()
    np.testing.assert_array_equal(rough[: HEAD + 4 * step], plain[: HEAD + 4 * step])
    np.testing.assert_array_equal(rough, draw_sheet(clip, ("", ""), "heavy"))


def test_sheets_of_a_dataset(tmp_path: Path) -> None:
    for name in "abcd":
        write_box_clip(tmp_path / "set" / "boxes" / name, frames=10)
    files = write_sheets(tmp_path / "set", tmp_path / "out", 2)
    assert [file.name for file in files] == ["boxes-a.png", "boxes-d.png"]
    assert load(files[0]).shape[1] == LEFT + 8 * (TILE + GUTTER) + MARGIN
    with pytest.raises(OutputExists, match="--force"):
        write_sheets(tmp_path / "set", tmp_path / "out", 1)
    write_sheets(tmp_path / "set", tmp_path / "out", 1, force=True)
    with pytest.raises(DatasetError):
        write_sheets(tmp_path / "out", tmp_path / "more", 1)
