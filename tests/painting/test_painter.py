"""`Painter`: what it learns, from files saved again between two calls, and how often it parses."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import IO, Any

import numpy as np
import pytest
from psd_tools.psd import PSD

from shiage.errors import FileChanged
from shiage.files.layers import document
from shiage.painting.painter import Painter
from tests.drawings import Rgba
from tests.files.layers.psds import L, find, write_psd
from tests.integration.conftest import BODY, draw_figure, draw_key, load, save

NEW_COLOR, NEW_RGB = "#12ab56", (0x12, 0xAB, 0x56)
BODY_XY = (72, 60)


def mended() -> Rgba:
    """The figure a little moved, the hat parted: all later parts have other labels."""
    rgba = draw_figure(1, dy=1)
    rgba[14:16, 56:90, :3] = 0
    return rgba


@pytest.mark.parametrize("how", ["corrected", "hinted"])
def test_decisions_follow_their_pixels_into_another_drawing(tmp_path: Path, how: str) -> None:
    path = save(tmp_path / "A0002.png", draw_figure())
    save(tmp_path / "A0001.png", draw_figure())
    key = draw_key(tmp_path / "key.png")
    painter = Painter("shape")
    painter.add_reference(key, tmp_path / "A0001.png")
    if how == "corrected":
        painter.correct(painter.paint(path), BODY_XY, NEW_COLOR)
    else:
        painter.add_hints(path, {BODY_XY: NEW_COLOR})
    before = painter.prepare(path).segments
    save(path, mended())
    cel = painter.paint(path)
    labels = cel.drawing.segments.labels
    assert labels[61, 73] != before.labels[60, 72], "what was decided by number would be elsewhere"
    assert cel.painting.locked.sum() == 1
    picture = cel.picture.rgba_u8
    assert tuple(picture[61, 73, :3]) == NEW_RGB
    if how == "hinted":
        painter.add_hints(path, {(73, 41): "none"})
        again = painter.paint(path)
        assert again.painting.locked.sum() == 2
        assert tuple(again.picture.rgba_u8[61, 73, :3]) == NEW_RGB


def lines_of(dx: int) -> Rgba:
    """The figure's lines on transparent paper."""
    lines = draw_figure(dx)
    lines[(lines[..., :3] == 255).all(axis=-1)] = 0
    return lines


@pytest.fixture
def parsed(monkeypatch: pytest.MonkeyPatch) -> list[None]:
    """Grows by one whenever a layered file is parsed."""
    found: list[None] = []

    def read(file: IO[bytes]) -> PSD:
        found.append(None)
        return PSD.read(file)

    monkeypatch.setattr(document, "PSD", SimpleNamespace(read=read))
    return found


@pytest.mark.parametrize("traced", [False, True])
def test_a_layered_drawing_is_parsed_once(
    tmp_path: Path, parsed: list[None], *, traced: bool
) -> None:
    lines, trace = lines_of(3), np.zeros_like(lines_of(3))
    trace[70, 60:80] = (0, 0, 255, 255)
    traces = [L("色トレス", trace)] if traced else []
    path = write_psd(tmp_path / "A0002.psd", L("線", lines), *traces, size_hw=lines.shape[:2])
    save(tmp_path / "A0001.png", draw_figure())
    painter = Painter("shape")
    painter.add_reference(draw_key(tmp_path / "key.png"), tmp_path / "A0001.png")
    painter.paint(path).save(tmp_path / "out.psd")
    assert len(parsed) == 1
    painter.add_reference(tmp_path / "out.psd")
    assert len(parsed) == 2
    assert find(tmp_path / "out.psd", "paint").is_visible()


def test_layers_get_no_paint_of_another_drawing(tmp_path: Path) -> None:
    def draw(dx: int) -> None:
        lines = lines_of(dx)
        write_psd(tmp_path / "A0002.psd", L("線", lines), size_hw=lines.shape[:2])

    save(tmp_path / "A0001.png", draw_figure())
    painter = Painter("shape")
    painter.add_reference(draw_key(tmp_path / "key.png"), tmp_path / "A0001.png")
    draw(3)
    cel: Any = painter.paint(tmp_path / "A0002.psd")
    draw(6)
    with pytest.raises(FileChanged, match=r"A0002\.psd: was saved again meanwhile"):
        cel.save(tmp_path / "out.psd")
    assert not (tmp_path / "out.psd").exists()
    painter.paint(tmp_path / "A0002.psd").save(tmp_path / "out.psd")
    painted, wanted = load(tmp_path / "out.psd"), draw_figure(6, painted=True)
    inside = (wanted[..., :3] == BODY).all(axis=-1)
    np.testing.assert_array_equal(painted[inside, :3], wanted[inside, :3])


def test_references_are_chosen_by_order_of_adding(tmp_path: Path) -> None:
    painter = Painter("shape")
    for at in range(2):
        save(tmp_path / f"A000{at}.png", draw_figure(3 * at))
    given = painter.add_reference(draw_key(tmp_path / "key.png"), tmp_path / "A0000.png")
    drawing = painter.prepare(tmp_path / "A0001.png")
    others = np.full(len(drawing.segments), given.color_ids.max(), np.int32)
    assert painter.add_decided(drawing, others) == 1
    assert [reference.name for reference in painter.references] == [
        str(tmp_path / "key.png"),
        str(tmp_path / "A0001.png"),
    ]
    by_key, by_other = (painter.paint(drawing, references=[at]).painting for at in range(2))
    assert sorted(by_key.color_ids) == sorted(given.color_ids)
    assert by_other.color_ids.tolist() == others.tolist()
    both, all_of_them = painter.paint(drawing, references=[0, 1]), painter.paint(drawing)
    assert both.painting.color_ids.tolist() == all_of_them.painting.color_ids.tolist()
