"""PSDs whose layers or groups are cels, as psd-tools writes them."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from psd_tools import PSDImage
from psd_tools.api.layers import Group, PixelLayer
from psd_tools.constants import BlendMode, Clipping

from shiage.errors import FileError, ImageTooLarge, UnsupportedImage
from shiage.files.images import Layout, Picture
from shiage.imports.container import Container, lay_lines_over
from shiage.imports.opening import open_container
from tests.drawings import Rgba
from tests.imports.containers import drawn, painted


class Layers:
    """A PSD to be filled."""

    def __init__(self, mode: str = "RGB") -> None:
        self.psd = PSDImage.new(mode, (60, 40))

    def group(self, name: str, parent: Group | None = None) -> Group:
        group = self.psd.create_group(name=name)
        if parent is not None:
            parent.append(group)
        return group

    def layer(self, rgba: Rgba, name: str, parent: Group | None = None) -> PixelLayer:
        layer = self.psd.create_pixel_layer(Image.fromarray(rgba), name=name)
        if parent is not None:
            parent.append(layer)
        return layer

    def read(self, folder: Path, max_pixels: int = 10**6) -> Container:
        path = folder / "cut.psd"
        self.psd.save(path, encoding="cp932")
        return open_container(path, max_pixels)


def names(found: Container) -> list[str]:
    return [f"{part.role}/{part.name}" for part in found.parts]


def load(found: Container, at: int) -> Rgba:
    return np.array(Image.open(io.BytesIO(found.parts[at].load())))


def seen(rgba: Rgba) -> Rgba:
    """A picture without the colors of what is transparent."""
    return np.where(rgba[..., 3:] > 0, rgba, 0)


def test_groups_are_columns_and_layers_are_cels(tmp_path: Path) -> None:
    psd = Layers()
    psd.layer(np.full((40, 60, 4), 255, np.uint8), "用紙")
    for column in ("A", "フォルダー 2"):
        group = psd.group(column)
        for number in (1, 2):
            layer = psd.layer(drawn(3 * number), str(number), group)
            layer.visible = number == 1  # programs show one at a time
        psd.layer(drawn(), "memo", group)
    found = psd.read(tmp_path)
    assert names(found) == [
        *("line/A0001.png", "line/A0002.png"),
        *("line/フォルダー 2_0001.png", "line/フォルダー 2_0002.png"),
    ]
    for at, dx in enumerate((3, 6, 3, 6)):
        np.testing.assert_array_equal(seen(load(found, at)), seen(drawn(dx)))
    assert found.warnings == ("Layers that are no cels are left out: 用紙, memo, memo.",)


def test_cels_of_named_layers(tmp_path: Path) -> None:
    psd = Layers()
    group = psd.group("B")
    cel = psd.group("B0007", group)
    psd.layer(painted(), "彩色", cel)
    psd.layer(drawn(), "線", cel)
    psd.layer(drawn(9), "塗り分け", cel)
    psd.layer(drawn(5), "line old", cel).visible = False
    psd.layer(painted(4), "8 paint", group)
    psd.layer(drawn(4), "8", group)
    found = psd.read(tmp_path)
    assert names(found) == [
        *("line/B0007.png", "ref/B0007.png", "line/B0008.png", "ref/B0008.png"),
    ]
    for at, dx in ((0, 0), (2, 4)):
        np.testing.assert_array_equal(seen(load(found, at)), seen(drawn(dx)))
        layout = Layout("PNG", "RGBA", 8)
        both = lay_lines_over(Picture(drawn(dx), layout), Picture(painted(dx), layout)).rgba_u8
        assert np.abs(load(found, at + 1).astype(int) - both).max() <= 1


def test_cels_without_columns(tmp_path: Path) -> None:
    psd = Layers()
    for name, dx in (("A0001", 1), ("b2", 2), ("3", 3)):
        psd.layer(drawn(dx), name)
    cel = psd.group("A0004")
    psd.layer(drawn(4), "レイヤー 1", cel)
    psd.layer(drawn(7), "A1")
    found = psd.read(tmp_path)
    assert names(found) == [f"line/{name}.png" for name in ("A0001", "B0002", "A0003", "A0004")]
    assert found.warnings == ("Layers that are no cels are left out: A1.",)
    np.testing.assert_array_equal(seen(load(found, 3)), seen(drawn(4)))


def test_what_is_clipped_to_a_cel_belongs_to_it(tmp_path: Path) -> None:
    layers = Layers()
    column = layers.group("A")
    clipped = []
    for number in (1, 2):
        layers.layer(drawn(number), str(number), column)
        clipped.append(
            layers.layer(np.full((40, 60, 4), 255, np.uint8), f"Layer {number + 6}", column)
        )
    clipped.append(layers.layer(drawn(), "3", column))  # called like a cel
    for layer in clipped:
        layer._record.clipping = Clipping.NON_BASE
    clipped[1].visible = False
    found = layers.read(tmp_path)
    assert names(found) == ["line/A0001.png", "line/A0002.png", "line/A0003.png"]
    white = drawn(1)
    white[..., :3] = 255
    np.testing.assert_array_equal(load(found, 0), seen(white))
    np.testing.assert_array_equal(load(found, 1), seen(drawn(2)))
    overlap = load(found, 2)[..., 3] > 0
    assert (overlap == ((drawn()[..., 3] > 0) & (drawn(2)[..., 3] > 0))).all()


def test_default_names_of_krita_are_drawings(tmp_path: Path) -> None:
    layers = Layers()
    for number in (1, 2):
        cel = layers.group(str(number))
        layers.layer(drawn(number), f"Paint Layer {number}", cel)
    found = layers.read(tmp_path)
    assert names(found) == ["line/A0001.png", "line/A0002.png"]
    np.testing.assert_array_equal(load(found, 1), seen(drawn(2)))


def test_a_layer_that_is_not_understood_fails_its_cel_alone(tmp_path: Path) -> None:
    psd = Layers()
    psd.layer(drawn(), "1")
    psd.layer(drawn(), "2").blend_mode = BlendMode.DIFFERENCE
    found = psd.read(tmp_path)
    assert found.parts[0].load()
    with pytest.raises(UnsupportedImage, match=r"cut\.psd.A0002.*difference"):
        found.parts[1].load()


def test_psds_that_cannot_be_read(tmp_path: Path) -> None:
    psd = Layers("L")
    psd.layer(drawn(), "1")
    psd.read(tmp_path)
    with pytest.raises(ImageTooLarge):
        psd.read(tmp_path, 2399)
    content = (tmp_path / "cut.psd").read_bytes()
    for end in range(8, len(content), 97):
        (tmp_path / "cut.psd").write_bytes(content[:end])
        with pytest.raises(FileError, match=r"cut\.psd"):
            [part.load() for part in open_container(tmp_path / "cut.psd", 10**6).parts]
