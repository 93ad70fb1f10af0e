"""TIFFs of several pages, as Pillow and tifffile write them."""

from __future__ import annotations

import io
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
from numpy.typing import NDArray
from PIL import Image, TiffImagePlugin

from shiage.errors import DamagedImage, ImageTooLarge, UnreadableFile
from shiage.files.images import count_pages, open_picture
from shiage.imports.container import Container
from shiage.imports.opening import open_container
from shiage.imports.tiff import open_tiff
from tests.files.tiffs import Page, layered_tiff

RNG = np.random.default_rng(5)
PAGE_NAME, SUBFILE_TYPE = 285, 254


def noise(*shape: int, bits: int = 8) -> NDArray[Any]:
    return RNG.integers(0, 1 << bits, shape, np.uint16 if bits == 16 else np.uint8)


PAGES: dict[str, NDArray[Any]] = {
    "1 bit": RNG.integers(0, 2, (9, 13)).astype(bool),
    "grey": noise(7, 5),
    "grey 16": noise(6, 8, bits=16),
    "rgb": noise(11, 6, 3),
    "rgb 16": noise(5, 5, 3, bits=16),
    "rgba": noise(4, 9, 4),
    "rgba 16": noise(8, 3, 4, bits=16),
}


def write_tifffile(path: Path, pages: list[NDArray[Any]], names: list[str], **options: Any) -> Path:
    """Write pages of different kinds with tifffile."""
    with tifffile.TiffWriter(path, **options) as file:
        for page, name in zip(pages, names, strict=True):
            more: dict[str, Any] = (
                {"extrasamples": ["unassalpha"]} if page.shape[2:] == (4,) else {}
            )
            tags = [(PAGE_NAME, 2, 0, name, True)] if name else []
            file.write(
                page, photometric="rgb" if page.ndim == 3 else "minisblack", extratags=tags, **more
            )
    return path


def write_pillow(path: Path, pages: list[NDArray[Any]], names: list[str], compression: str) -> Path:
    """Write pages of different kinds with Pillow."""
    images = []
    for page, name in zip(pages, names, strict=True):
        image = Image.fromarray(page)
        image.encoderinfo = {"compression": compression}
        if name:
            tags = TiffImagePlugin.ImageFileDirectory_v2()
            tags[PAGE_NAME] = name
            image.encoderinfo["tiffinfo"] = tags
        images.append(image)
    first = images[0].encoderinfo
    images[0].save(path, save_all=True, append_images=images[1:], **first)
    return path


def pixels_of(found: Container, at: int) -> NDArray[Any]:
    """Return what is written of a part, in the shape it was drawn in."""
    picture = open_picture(Path("part"), found.parts[at].load()).painting
    channels = {"1": 0, "L": 0, "RGB": 3, "RGBA": 4}[picture.layout.mode]
    pixels = picture.pixels[..., :channels] if channels else picture.pixels[..., 0]
    return pixels > 0 if picture.layout.mode == "1" else pixels


@pytest.mark.parametrize("bigtiff", [False, True])
def test_pages_of_every_kind_by_tifffile(tmp_path: Path, bigtiff: bool) -> None:
    pages = [*PAGES.values()]
    path = write_tifffile(tmp_path / "cut.tif", pages, [""] * len(pages), bigtiff=bigtiff)
    found = open_tiff(path, 10**6)
    assert [part.name for part in found.parts] == [f"A{n:04}.png" for n in range(1, 8)]
    for at, page in enumerate(pages):
        np.testing.assert_array_equal(pixels_of(found, at), page)
    assert found.warnings == ()
    assert count_pages(path) == 7


@pytest.mark.parametrize("compression", ["raw", "tiff_lzw", "tiff_adobe_deflate"])
def test_pages_of_every_kind_by_pillow(tmp_path: Path, compression: str) -> None:
    kinds = ["1 bit", "rgb", "grey", "rgba", "grey 16"]
    pages = [PAGES[kind] for kind in kinds]
    found = open_tiff(write_pillow(tmp_path / "a.tif", pages, [""] * 5, compression), 10**6)
    for at, page in enumerate(pages):
        np.testing.assert_array_equal(pixels_of(found, at), page)


def test_names_of_pages_are_those_of_cels(tmp_path: Path) -> None:
    names = ["A0003", "b_12.tga", "A0003 color", "a4b"]
    path = write_tifffile(tmp_path / "cut.tif", [PAGES["rgb"]] * 4, names)
    found = open_tiff(path, 10**6)
    told = [f"{part.role}/{part.name}" for part in found.parts]
    assert told == ["line/A0003.png", "line/B0012.png", "ref/A0003.png", "line/A0004b.png"]
    assert found.warnings == ()


def test_names_of_pages_are_read_together(tmp_path: Path) -> None:
    """A version, and a number that is the same on all pages, are no cels."""
    for at, names in enumerate([["A1_v2", "A2_v2", "A3_v2"], ["A1_7", "A2_7", "A3_7"]]):
        path = write_tifffile(tmp_path / f"{at}.tif", [PAGES["rgb"]] * 3, names)
        found = open_tiff(path, 10**6)
        assert [part.name for part in found.parts] == [f"A{n:04}.png" for n in (1, 2, 3)]
        assert found.warnings == ()


@pytest.mark.parametrize("names", [["A1", "A0001"], ["A1", ""], ["A1", "paper"]])
def test_names_that_do_not_tell_all_cels(tmp_path: Path, names: list[str]) -> None:
    path = write_pillow(tmp_path / "cut.tif", [PAGES["rgb"], PAGES["grey"]], names, "raw")
    found = open_tiff(path, 10**6)
    assert [part.name for part in found.parts] == ["A0001.png", "A0002.png"]
    assert [told[:27] for told in found.warnings] == ["The pages are numbered in t"]


def test_thumbnails_are_no_cels(tmp_path: Path) -> None:
    path = tmp_path / "cut.tif"
    with tifffile.TiffWriter(path) as file:
        for kind, page in ((0, "rgb"), (1, "grey"), (2, "rgb 16"), (4, "1 bit")):
            photometric = "rgb" if page.startswith("rgb") else "minisblack"
            file.write(PAGES[page], photometric=photometric, subfiletype=kind)
    found = open_tiff(path, 10**6)
    assert [part.name for part in found.parts] == ["A0001.png", "A0002.png"]
    assert found.warnings == ("Thumbnails and masks of other pages are left out: 2.",)
    assert count_pages(path) == 2


def test_a_damaged_page_fails_alone(tmp_path: Path) -> None:
    pages = [PAGES["rgb"], PAGES["rgb 16"], PAGES["grey"]]
    path = write_pillow(tmp_path / "a.tif", [pages[0], pages[2], pages[0]], [""] * 3, "tiff_lzw")
    content = bytearray(path.read_bytes())
    with tifffile.TiffFile(path) as file:
        start = file.pages[1].dataoffsets[0]
        content[start : start + 20] = bytes(range(200, 220))
    path.write_bytes(content)
    found = open_tiff(path, 10**6)
    np.testing.assert_array_equal(pixels_of(found, 0), pages[0])
    with pytest.raises(DamagedImage, match=r"page 2.*cut off or corrupt"):
        found.parts[1].load()
    np.testing.assert_array_equal(pixels_of(found, 2), pages[0])


def test_a_first_page_of_an_unknown_kind_fails_alone(tmp_path: Path) -> None:
    path = tmp_path / "cut.tif"
    with tifffile.TiffWriter(path) as file:
        file.write(np.zeros((4, 4), np.float64), photometric="minisblack")
        file.write(PAGES["grey"], photometric="minisblack")
    found = open_tiff(path, 10**6)
    with pytest.raises(Exception, match="page 1"):
        found.parts[0].load()
    np.testing.assert_array_equal(pixels_of(found, 1), PAGES["grey"])


def test_a_file_that_is_cut_off(tmp_path: Path) -> None:
    path = write_pillow(tmp_path / "a.tif", [PAGES["rgb"]] * 3, [""] * 3, "raw")
    content = path.read_bytes()
    offset = int.from_bytes(content[4:8], "little")
    count = int.from_bytes(content[offset : offset + 2], "little")
    second = struct.unpack_from("<I", content, offset + 2 + 12 * count)[0]
    path.write_bytes(content[: second + 20])
    found = open_tiff(path, 10**6)
    np.testing.assert_array_equal(pixels_of(found, 0), PAGES["rgb"])
    with pytest.raises(DamagedImage, match="after page 1"):
        found.parts[1].load()
    path.write_bytes(content[:7])
    with pytest.raises(DamagedImage):
        open_container(path, 10**6)


def test_pages_that_lead_back(tmp_path: Path) -> None:
    path = write_pillow(tmp_path / "a.tif", [PAGES["rgb"]] * 2, [""] * 2, "raw")
    content = bytearray(path.read_bytes())
    first = int.from_bytes(content[4:8], "little")
    at = first + 2 + 12 * int.from_bytes(content[first : first + 2], "little")
    second = struct.unpack_from("<I", content, at)[0]
    at = second + 2 + 12 * int.from_bytes(content[second : second + 2], "little")
    struct.pack_into("<I", content, at, first)
    path.write_bytes(content)
    assert len(open_tiff(path, 10**6).parts) == 3  # two pages and the error
    assert count_pages(path) == 2


def test_large_pages_and_files_that_are_none(tmp_path: Path) -> None:
    path = write_pillow(tmp_path / "a.tif", [PAGES["rgb"]], [""], "raw")
    with pytest.raises(ImageTooLarge, match="page 1"):
        open_tiff(path, 65).parts[0].load()
    with pytest.raises(UnreadableFile, match="No such file"):
        open_container(tmp_path / "none.tif", 10**6)
    assert count_pages(tmp_path / "none.tif") == 1
    assert count_pages(path) == 1
    buffer = io.BytesIO()
    Image.fromarray(PAGES["rgb"]).save(buffer, "PNG")
    (tmp_path / "really.tif").write_bytes(buffer.getvalue())
    assert count_pages(tmp_path / "really.tif") == 1


def test_layers_of_gimp_lie_where_they_belong(tmp_path: Path) -> None:
    ground, line, other = (noise(*hw, 4) for hw in ((30, 50), (9, 7), (12, 20)))
    pages = Page(ground, "A0001"), Page(line, "A0002", (40, 21)), Page(other, "A0002 color", (3, 0))
    (tmp_path / "cut.tif").write_bytes(layered_tiff(*pages))
    found = open_tiff(tmp_path / "cut.tif", 10**6)
    assert [(part.role, part.name) for part in found.parts] == [
        ("line", "A0001.png"), ("line", "A0002.png"), ("ref", "A0002.png"),
    ]  # fmt: skip
    np.testing.assert_array_equal(pixels_of(found, 0), ground)
    for at, page, (x, y) in ((1, line, (40, 21)), (2, other, (3, 0))):
        placed = np.zeros((30, 50, 4), np.uint8)
        placed[y : y + page.shape[0], x : x + page.shape[1]] = page
        np.testing.assert_array_equal(pixels_of(found, at), placed)
    with pytest.raises(ImageTooLarge):
        open_tiff(tmp_path / "cut.tif", 500).parts[1].load()


def test_cels_of_several_sizes_are_no_layers(tmp_path: Path) -> None:
    pages = [noise(9, 13, 3), noise(7, 5, 3)]
    path = write_tifffile(tmp_path / "cut.tif", pages, ["A1", "A2"])
    assert count_pages(path) == 2
    found = open_tiff(path, 10**6)
    np.testing.assert_array_equal(pixels_of(found, 1), pages[1])
