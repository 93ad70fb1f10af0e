"""Layered files that are broken or not understood: a message, never a wrong picture."""

from __future__ import annotations

import contextlib
import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from psd_tools import PSDImage
from psd_tools.constants import BlendMode, Tag
from psd_tools.psd.descriptor import Bool, Descriptor, DescriptorBlock2
from psd_tools.psd.layer_and_mask import MaskParameters

from shiage.errors import FileError, ImageTooLarge, UnsupportedImage
from shiage.files.images import read_picture
from tests.files.layers.psds import SIZE_HW, L, read_drawing, stroke, write_psd

LINE = stroke()


def invert(psd: PSDImage) -> None:
    psd[-1].tagged_blocks.set_data(Tag.INVERT)


def vector_mask(psd: PSDImage) -> None:
    psd[-1].tagged_blocks.set_data(Tag.VECTOR_MASK_SETTING1, 3)


def feather(psd: PSDImage) -> None:
    mask = psd[-1]._record.mask_data
    assert mask is not None
    mask.flags.parameters_applied = True
    mask.parameters = MaskParameters(user_mask_feather=2.0)


def stroke_effect(psd: PSDImage) -> None:
    effects = DescriptorBlock2(classID=b"null", version=1, data_version=16)
    effects[b"masterFXSwitch"] = Bool(True)
    effects[b"FrFX"] = Descriptor(classID=b"FrFX")
    effects[b"FrFX"][b"enab"] = Bool(True)
    psd[-1].tagged_blocks.set_data(Tag.OBJECT_BASED_EFFECTS_LAYER_INFO, effects)


KINDS: dict[str, tuple[L, Callable[[PSDImage], None] | None]] = {
    "blend mode screen": (L("線 2", LINE, mode=BlendMode.SCREEN), None),
    "blend mode overlay": (L("recolored", LINE, mode=BlendMode.OVERLAY, clipped=True), None),
    "an adjustment": (L("Invert 1", LINE), invert),
    "vector mask": (L("線 2", LINE), vector_mask),
    "feathered": (L("線 2", LINE, mask=np.full(SIZE_HW, 200, np.uint8)), feather),
    "effects": (L("線 2", LINE), stroke_effect),
}


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_not_understood_is_named(tmp_path: Path, kind: str) -> None:
    layer, change = KINDS[kind]
    path = write_psd(tmp_path / "a.psd", L("線", LINE), layer, change=change)
    with pytest.raises(UnsupportedImage) as caught:
        read_drawing(path)
    assert kind in caught.value.found
    assert repr(layer.name) in caught.value.found
    assert caught.value.path == path


@pytest.mark.parametrize("kind", [k for k in KINDS if k != "an adjustment"])
def test_where_it_does_not_count_it_does_not_matter(tmp_path: Path, kind: str) -> None:
    layer, change = KINDS[kind]
    layer = L("memo", layer.pixels, mode=layer.mode, mask=layer.mask)
    path = write_psd(tmp_path / "a.psd", L("線", LINE), layer, change=change)
    np.testing.assert_array_equal(read_drawing(path).pixels, LINE)


@pytest.mark.parametrize(
    ("kind", "told"), [("1", "1-bit"), ("CMYK", "CMYK"), ("LAB", "Lab"), ("float", "32-bit")]
)
def test_kinds_of_color(tmp_path: Path, kind: str, told: str) -> None:
    path = tmp_path / "a.psd"
    if kind == "float":
        PSDImage.new("RGB", (8, 8), depth=32).save(path)
    else:
        PSDImage.new(kind, (8, 8)).save(path)
    with pytest.raises(UnsupportedImage, match=told):
        read_picture(path)


def test_limit_of_pixels(tmp_path: Path) -> None:
    path = write_psd(tmp_path / "a.psd", L("線", LINE))
    with pytest.raises(ImageTooLarge):
        read_drawing(path, max_pixels=700)
    wide = write_psd(tmp_path / "b.psd", L("線", np.zeros((100, 90, 4), np.uint8)))
    with pytest.raises(ImageTooLarge, match="線"):
        read_drawing(wide, max_pixels=8999)


def try_to_read(path: Path, data: bytes) -> None:
    """Reading ends; if it fails, then with a message, any other exception goes through."""
    path.write_bytes(data)
    for read in (read_drawing, read_picture):
        with contextlib.suppress(FileError):
            read(path, max_pixels=10**6)


def test_cut_off_anywhere(tmp_path: Path) -> None:
    path = write_psd(tmp_path / "a.psd", L("線画", children=[L("a", LINE)]), L("paint", LINE))
    data = path.read_bytes()
    for size in [*range(0, len(data) - 1, 97), len(data) - 1]:
        path.write_bytes(data[:size])
        with pytest.raises(FileError):
            read_drawing(path)


@pytest.mark.parametrize("seed", range(8))
def test_random_bytes(tmp_path: Path, seed: int) -> None:
    rng = np.random.default_rng(seed)
    path = write_psd(tmp_path / "a.psd", L("線画", children=[L("a", LINE)]), L("paint", LINE))
    data = bytearray(path.read_bytes())
    header = bytes(data[:26])
    try_to_read(path, header + rng.bytes(200))
    for _ in range(20):
        hurt = data.copy()
        for at in rng.integers(26, len(data), 3).tolist():
            hurt[at] = int(rng.integers(256))
        try_to_read(path, bytes(hurt))


def test_sizes_that_make_no_sense(tmp_path: Path) -> None:
    path = write_psd(tmp_path / "a.psd", L("線", LINE))
    data = bytearray(path.read_bytes())
    for height in (0, 25, 30_000, 2**31):
        struct.pack_into(">I", data, 14, height)
        path.write_bytes(data)
        with pytest.raises(FileError):
            read_drawing(path)
