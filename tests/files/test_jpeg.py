"""JPEG drawings, as phones and scanners make them: read, and written as PNG."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import ExifTags, Image, ImageCms

from shiage import errors
from shiage.files.formats import FORMATS
from shiage.files.images import (
    encode_picture,
    open_picture,
    read_picture,
    read_size,
    write_picture,
)
from tests.files.samples import saved


def jpeg(mode: str = "RGB", size: tuple[int, int] = (24, 16), **options: Any) -> bytes:
    """A light picture with a dark corner."""
    picture = Image.new("RGB", size, (250, 240, 230))
    picture.paste((20, 10, 30), (0, 0, 8, 8))
    buffer = io.BytesIO()
    picture.convert(mode).save(buffer, "JPEG", quality=95, **options)
    return buffer.getvalue()


@pytest.mark.parametrize(("mode", "expected"), [("RGB", "RGB"), ("L", "L")])
def test_is_read_and_written_as_png(tmp_path: Path, mode: str, expected: str) -> None:
    path = saved(tmp_path / "a.jpg", jpeg(mode, dpi=(300, 300)))
    picture = read_picture(path)
    assert (picture.layout.format, picture.layout.mode, picture.layout.bits) == ("PNG", expected, 8)
    assert [*(picture.layout.dpi or ())] == [300, 300]
    with Image.open(path) as other:
        np.testing.assert_array_equal(picture.pixels, np.asarray(other.convert("RGBA")))
    np.testing.assert_array_equal(open_picture(path).drawing.pixels, picture.pixels)
    write_picture(tmp_path / "b.png", picture)
    assert (tmp_path / "b.png").read_bytes().startswith(b"\x89PNG")
    np.testing.assert_array_equal(read_picture(tmp_path / "b.png").pixels, picture.pixels)


def test_by_its_content_whatever_the_name(tmp_path: Path) -> None:
    named_png = saved(tmp_path / "a.png", jpeg())
    named_jpeg = saved(tmp_path / "b.jpg", encode_picture(read_picture(named_png)))
    assert open_picture(named_png).format is FORMATS["JPEG"]
    assert open_picture(named_jpeg).format is FORMATS["PNG"]
    assert read_picture(named_jpeg).layout.format == "PNG"


def test_a_color_profile_stays(tmp_path: Path) -> None:
    with Image.open(io.BytesIO(jpeg())) as picture:
        profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
        picture.save(tmp_path / "a.jpg", icc_profile=profile)
    assert read_picture(tmp_path / "a.jpg").layout.icc_profile == profile


AS_HELD: dict[int, Callable[[NDArray[np.bool_]], NDArray[np.bool_]]] = {
    1: lambda stored: stored,
    2: np.fliplr,
    3: lambda stored: np.rot90(stored, 2),
    4: np.flipud,
    5: np.transpose,
    6: lambda stored: np.rot90(stored, -1),
    7: lambda stored: np.rot90(stored, 2).T,
    8: np.rot90,
}
"""What EXIF says is to be done with a picture before it is shown."""


@pytest.mark.parametrize("orientation", AS_HELD)
def test_is_turned_as_the_camera_was_held(tmp_path: Path, orientation: int) -> None:
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    path = saved(tmp_path / "a.jpg", jpeg(exif=exif))
    stored = np.zeros((16, 24), bool)
    stored[:8, :8] = True
    expected = AS_HELD[orientation](stored)
    picture = read_picture(path)
    assert picture.size_hw == read_size(path) == expected.shape
    np.testing.assert_array_equal(picture.pixels[..., :3].max(axis=-1) < 128, expected)


@pytest.mark.parametrize("options", [{"progressive": True}, {"subsampling": 2, "optimize": True}])
def test_ways_to_store_it(tmp_path: Path, options: dict[str, Any]) -> None:
    assert read_picture(saved(tmp_path / "a.jpg", jpeg(**options))).size_hw == (16, 24)


def test_cmyk_is_refused(tmp_path: Path) -> None:
    path = saved(tmp_path / "a.jpg", jpeg("CMYK"))
    with pytest.raises(errors.UnsupportedImage, match="JPEG of the mode CMYK") as caught:
        read_picture(path)
    assert "Export the drawing as PNG" in str(caught.value)


@pytest.mark.parametrize("keep", [4, 20, 200, 0.5, 0.95])
def test_cut_off(tmp_path: Path, keep: float) -> None:
    whole = jpeg(size=(400, 300))
    path = saved(tmp_path / "a.jpg", whole[: int(keep if keep > 1 else keep * len(whole))])
    with pytest.raises(errors.DamagedImage, match="the JPEG is cut off or corrupt"):
        read_picture(path)


def test_too_large(tmp_path: Path) -> None:
    with pytest.raises(errors.ImageTooLarge):
        read_picture(saved(tmp_path / "a.jpg", jpeg()), max_pixels=100)
