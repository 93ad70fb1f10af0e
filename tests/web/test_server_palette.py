"""`shiage ui --palette`: references keep to it, and all of its colors are there to paint with."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from shiage.files.palettes import Entry, PaletteFile, write_palette
from shiage.files.palettes.model import spread
from tests.integration.conftest import (
    BODY,
    EYE,
    FACE,
    HAT,
    LEG,
    colors_of,
    draw_cut,
    draw_figure,
    load,
    save,
    shiage,
)
from tests.web.conftest import drawings_unchanged, read_state, running

UNUSED = (1, 2, 3)
NEAR_HAT = (HAT[0] - 2, HAT[1], HAT[2] + 2)


def test_a_palette_on_the_page(tmp_path: Path) -> None:
    draw_cut(tmp_path / "cut")
    key = draw_figure(painted=True)
    key[(key[..., :3] == HAT).all(axis=-1)] = (*NEAR_HAT, 255)
    save(tmp_path / "key" / "A0001.png", key)
    names = {"帽子": HAT, "顔": FACE, "目": EYE, "影": UNUSED, "服": BODY, "足": LEG}
    entries = (Entry(name, spread(color)) for name, color in names.items())
    write_palette(tmp_path / "colors.gpl", PaletteFile(tuple(entries)))
    options = ("cut", "-r", "key", "-o", "out", "--palette", "colors.gpl")
    with drawings_unchanged(tmp_path), running(*options, cwd=tmp_path) as ui:
        state = ui.settle()
        found = [(color["name"], color["color"]) for color in state["palette"]]
        assert found == [("paper", "none")] + [
            (name, "#" + bytes(color).hex()) for name, color in names.items()
        ]
        assert [color["uses"] for color in state["palette"][1:]] == [4, 4, 8, 0, 4, 8]
        assert any("became #c81e28 帽子" in text for text in state["warnings"])
        assert HAT in colors_of(ui.picture(0, "painted.png"))
        label = ui.label_at(1, 75, 12)
        ui.paint(1, [label], 4)
        ui.settle()
        assert ui.export() == 4
    assert colors_of(load(tmp_path / "out" / "A0001.png")) >= {HAT}
    assert UNUSED in colors_of(load(tmp_path / "out" / "A0002.png"))
    saved = read_state(tmp_path / "out")
    assert saved["palettes"] == ["../colors.gpl"]
    # What the page wrote is what is painted without it; the color used keeps its name.
    before = [load(tmp_path / "out" / f"A{number:04}.png") for number in range(1, 5)]
    told = shiage("paint", "cut", "-o", "out", "--force", "--json", cwd=tmp_path)
    assert told.code == 0
    assert told.json["palette"][4] == ["影", "#010203"]
    for number, rgba in enumerate(before, start=1):
        np.testing.assert_array_equal(load(tmp_path / "out" / f"A{number:04}.png"), rgba)
