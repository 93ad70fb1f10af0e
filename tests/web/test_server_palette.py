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
NIGHT_BODY = (10, 40, 60)
NIGHT_LEG = (50, 10, 70)


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


def test_two_names_of_one_color_are_told_apart_on_the_page(tmp_path: Path) -> None:
    """What the page was told reaches `shiage recolor`, from its export and from `shiage paint`."""
    draw_cut(tmp_path / "cut")
    key, parts = draw_figure(painted=True), draw_figure(painted=True)
    legs = (parts[..., :3] == LEG).all(axis=-1)
    key[legs] = (*BODY, 255)
    save(tmp_path / "key" / "A0001.png", key)
    day = {"帽子": HAT, "顔": FACE, "目": EYE, "服": BODY, "足": BODY}
    night = day | {"服": NIGHT_BODY, "足": NIGHT_LEG}
    for name, colors in (("day", day), ("night", night)):
        entries = tuple(Entry(part, spread(color)) for part, color in colors.items())
        write_palette(tmp_path / f"{name}.gpl", PaletteFile(entries))
    options = ("cut", "-r", "key", "-o", "out", "--palette", "day.gpl")
    with drawings_unchanged(tmp_path), running(*options, cwd=tmp_path) as ui:
        state = ui.settle()
        names = [color["name"] for color in state["palette"]]
        assert names == ["paper", *day], "both are there to choose"
        assert any("服, as is 足" in text for text in state["warnings"])
        ui.paint(0, [ui.label_at(0, x, 95) for x in (60, 84)], names.index("足"))
        ui.settle()
        assert ui.export() == 4
    for painted in ("exported", "painted"):
        if painted == "painted":
            told = shiage("paint", "cut", "-o", "out", "--force", "--quiet", cwd=tmp_path)
            assert told.code == 0
        shiage(
            "recolor", "out", "--from", "day.gpl", "--to", "night.gpl", "-o", painted, cwd=tmp_path
        ).ok()
        for number in range(4):
            wanted = draw_figure(3 * number, painted=True)
            for old, new in ((BODY, NIGHT_BODY), (LEG, NIGHT_LEG)):
                wanted[(wanted[..., :3] == old).all(axis=-1)] = (*new, 255)
            rgba = load(tmp_path / painted / f"A{number + 1:04}.png")
            np.testing.assert_array_equal(rgba, wanted)
