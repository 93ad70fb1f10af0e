"""Cadmium projects: what becomes of frames, references, colors and timing."""

from __future__ import annotations

import io
import tracemalloc
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from PIL import Image

from shiage.errors import DamagedImage, DamagedProject, ImageTooLarge, SizeMismatch
from shiage.imports.cadmium import open_cadmium
from shiage.imports.container import Container
from tests.imports.containers import (
    BROKEN,
    cadmium_state,
    drawn,
    frames,
    painted,
    png,
    swatch,
    uri,
    write_cadmium,
)

LINES = {2: "one", 3: "one", 4: "one", 5: "two", 7: "one"}
IMAGES = {"one": png(drawn()), "two": png(drawn(5)), "paint": png(painted())}


def read(path: Path, state: dict[str, Any], **options: Any) -> Container:
    return open_cadmium(write_cadmium(path / "cut.cdm", state, **options), 1_000_000)


def names(found: Container) -> list[str]:
    return [f"{part.role}/{part.name}" for part in found.parts]


def load(found: Container, name: str) -> np.ndarray[Any, np.dtype[np.uint8]]:
    content = next(part.load() for part in found.parts if f"{part.role}/{part.name}" == name)
    return np.array(Image.open(io.BytesIO(content)))


@pytest.mark.parametrize("document", [False, True])
def test_drawings_are_cels_and_holds_are_on_the_timesheet(tmp_path: Path, document: bool) -> None:
    found = read(tmp_path, cadmium_state(LINES, {}, IMAGES), document=document)
    assert found.kind == "Cadmium project of version 1.5.0"
    assert names(found) == ["line/A0002.png", "line/A0005.png"]
    assert [part.load() for part in found.parts] == [IMAGES["one"], IMAGES["two"]]
    assert found.timesheet is not None
    assert found.timesheet.duration == 7
    assert found.timesheet.holds("A") == [(None, 1), ("2", 3), ("5", 1), (None, 1), ("2", 1)]
    assert found.warnings == ("Pictures that no frame shows are left out: 1.",)


def test_a_reference_has_its_lines_on_top(tmp_path: Path) -> None:
    state = cadmium_state(LINES, {2: "paint", 3: "paint"}, IMAGES, references=[3])
    found = read(tmp_path, state)
    assert names(found) == ["line/A0002.png", "line/A0005.png", "ref/A0002.png"]
    reference, line, paint = load(found, "ref/A0002.png"), drawn(), painted()
    solid, none = line[..., 3] == 255, line[..., 3] == 0
    assert solid.any()
    np.testing.assert_array_equal(reference[solid], line[solid])
    np.testing.assert_array_equal(reference[none], paint[none])
    rim = ~solid & ~none & (paint[..., 3] == 255)
    assert rim.any()
    share = line[rim][:, 3:] / 255
    expected = paint[rim][:, :3] * (1 - share)
    assert np.abs(reference[rim][:, :3] - expected).max() <= 0.5
    assert (reference[rim][:, 3] == 255).all()


def test_what_the_program_painted_is_kept_apart(tmp_path: Path) -> None:
    images = {**IMAGES, "guess": png(painted(5)), "other": png(painted(0, (1, 2, 3)))}
    colors = {2: "paint", 4: "other", 5: "guess", 7: "paint"}
    found = read(tmp_path, cadmium_state(LINES, colors, images, references=[2, 4]))
    assert names(found)[2:] == ["ref/A0002.png", "_painted/A0004.png", "_painted/A0005.png"]
    assert found.warnings == (
        "Frame 4 has another reference for the drawing of frame 2; it is in _painted.",
    )


def test_a_reference_without_a_drawing(tmp_path: Path) -> None:
    state = cadmium_state({1: "one"}, {3: "paint"}, IMAGES | {"ghost": None}, references=[3])
    found = read(tmp_path, state)
    assert names(found) == ["line/A0001.png", "ref/A0003.png"]
    assert any("Frame 3 is a reference without a drawing" in told for told in found.warnings)
    np.testing.assert_array_equal(load(found, "ref/A0003.png"), painted())
    assert found.timesheet is not None
    assert found.timesheet.holds("A") == [("1", 1), (None, 2)]


def test_blank_pictures_and_placeholders_are_nothing(tmp_path: Path) -> None:
    images = IMAGES | {"ghost": None, "blank": png(np.zeros((40, 60, 4), np.uint8))}
    lines = {1: "blank", 2: "one", 3: "ghost"}
    state = cadmium_state(lines, {2: "blank", 3: "ghost"}, images, references=[2, 3])
    found = read(tmp_path, state)
    assert names(found) == ["line/A0002.png"]
    assert "Blank pictures are left out: 1." in found.warnings
    assert "The drawing of these frames is not in the file: 3." in found.warnings
    assert "The reference of these frames is not in the file: 3." in found.warnings


def test_several_pairs_of_layers_are_columns(tmp_path: Path) -> None:
    state = cadmium_state({1: "one"}, {1: "paint"}, IMAGES, references=[1])
    for layer, name, image in (("l2", "face/b", "two"), ("l3", None, "one"), ("l4", "A", "one")):
        state["layers"][layer] = {"type": "LAYER_TYPE_LINE", "frames": frames({1: image})}
        state["layers"][layer] |= {"linkedLayerId": f"c{layer}", "name": name}
    state["layers"]["cl3"] = {"type": "LAYER_TYPE_COLOR", "frames": frames({1: "paint"}, [1])}
    found = read(tmp_path, state)
    assert names(found) == [
        *("line/A0001.png", "ref/A0001.png", "line/FACE_B0001.png"),
        *("line/C0001.png", "ref/C0001.png", "line/D0001.png"),
    ]
    assert found.timesheet is not None
    assert [column.name for column in found.timesheet.columns] == ["A", "FACE_B", "C", "D"]


def test_colors_and_what_no_file_of_ours_holds(tmp_path: Path) -> None:
    palette = [swatch("#c81e28"), swatch("#0102ff", opacity=128), swatch("none such")]
    palette += [swatch("#ffffff", newHex="#eeeeee")]
    state = cadmium_state(LINES, {1: "paint"}, IMAGES, colorPalette=palette, playerFps=12)
    found = read(tmp_path, state)
    assert found.palette is not None
    colors = [entry.rgba_u8 for entry in found.palette.entries]
    assert colors == [(200, 30, 40, 255), (1, 2, 255, 128), (255, 255, 255, 255)]
    assert [told[:30] for told in found.warnings] == [
        "The project plays at 12 frames",
        "A palette entry is no color an",
        "Changes of colors that were no",
    ]


def test_pictures_of_the_library_are_kept_as_they_are(tmp_path: Path) -> None:
    library = [{"name": "a/b.jpg", "b64Data": uri(b"not a picture"), "width": 3}]
    found = read(tmp_path, cadmium_state(LINES, {}, IMAGES, referenceImages=library))
    assert names(found)[-1] == "_library/01_a_b.jpg"
    assert found.parts[-1].load() == b"not a picture"


def test_16_bits_stay(tmp_path: Path) -> None:
    deep = painted().astype(np.uint16) * 257
    deep[..., :3] -= np.uint16(3) * (deep[..., :3] > 0)
    content = cv2.imencode(".png", deep[..., [2, 1, 0, 3]])[1].tobytes()
    state = cadmium_state({1: "one"}, {1: "paint"}, IMAGES | {"paint": content}, references=[1])
    stored = read(tmp_path, state).parts[1].load()
    picture = cv2.imdecode(np.frombuffer(stored, np.uint8), cv2.IMREAD_UNCHANGED)
    assert picture is not None
    assert picture.dtype == np.uint16
    none = drawn()[..., 3] == 0
    np.testing.assert_array_equal(picture[none][:, [2, 1, 0, 3]], deep[none])


# --- damage -------------------------------------------------------------------------------------


@pytest.mark.parametrize("content", [BROKEN, IMAGES["two"][:-40], b"GIF89a"])
def test_a_broken_picture_is_told_with_its_frame(tmp_path: Path, content: bytes) -> None:
    found = read(tmp_path, cadmium_state(LINES, {}, IMAGES | {"two": content}))
    assert found.parts[0].load() == IMAGES["one"]
    with pytest.raises(Exception, match="frame 5, drawing") as error:
        found.parts[1].load()
    assert "cut.cdm" in str(error.value)


def test_broken_base64_and_no_data_uri(tmp_path: Path) -> None:
    state = cadmium_state({1: "one", 2: "two"}, {}, IMAGES)
    store = state["ImageStore"]["imageDataById"]
    store["one"]["dataUri"] = "data:image/png;base64,%%%"
    store["two"]["dataUri"] = 12
    for part in read(tmp_path, state).parts:
        with pytest.raises(DamagedImage, match="data is damaged"):
            part.load()


def test_a_painting_of_another_size(tmp_path: Path) -> None:
    images = IMAGES | {"paint": png(painted()[:30])}
    found = read(tmp_path, cadmium_state({1: "one"}, {1: "paint"}, images, references=[1]))
    with pytest.raises(SizeMismatch, match=r"frame 1, painting: .* 60 x 30; expected 60 x 40"):
        found.parts[1].load()


def test_a_picture_that_is_too_large(tmp_path: Path) -> None:
    path = write_cadmium(tmp_path / "cut.cdm", cadmium_state({1: "one"}, {}, IMAGES))
    with pytest.raises(ImageTooLarge, match="frame 1, drawing"):
        open_cadmium(path, 40 * 60 - 1).parts[0].load()


def test_files_that_are_cut_off(tmp_path: Path) -> None:
    path = write_cadmium(tmp_path / "cut.cdm", cadmium_state(LINES, {}, IMAGES))
    content = path.read_bytes()
    pictures = content.index(b"BEGINTEMPIMAGES")
    for end in (30, 300, pictures - 1, pictures + 5):
        path.write_bytes(content[:end])
        with pytest.raises(DamagedProject, match="cut off"):
            open_cadmium(path, 10**6)
    path.write_bytes(content[: pictures + 60])
    found = open_cadmium(path, 10**6)
    assert "The file is cut off after its drawings; these are complete." in found.warnings


@pytest.mark.parametrize(
    "state",
    ["{}", "[]", '{"layers": 3, "ImageStore": {}}', '{"layers": {}, "ImageStore": {}', "[" * 10**5],
)
def test_data_that_makes_no_sense(tmp_path: Path, state: str) -> None:
    path = tmp_path / "cut.cdm"
    path.write_text(f"[]BEGINSAVESTATE{state}BEGINTEMPIMAGES[]")
    with pytest.raises(DamagedProject, match="damaged"):
        open_cadmium(path, 10**6)


def test_large_projects_stay_in_their_file(tmp_path: Path) -> None:
    """Opening takes a small part of the file's size, as pictures are taken one at a time."""
    unused = {f"unused{at}": bytes(10**6) for at in range(30)}
    path = write_cadmium(tmp_path / "cut.cdm", cadmium_state(LINES, {}, IMAGES | unused))
    tracemalloc.start()
    found = open_cadmium(path, 10**6)
    for part in found.parts:
        part.load()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < path.stat().st_size / 20
