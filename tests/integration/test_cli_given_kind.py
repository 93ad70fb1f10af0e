"""Keys that are passed on are stored like the painted cels beside them; no pixel changes."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import tifffile
from numpy.typing import NDArray
from PIL import Image
from psd_tools import PSDImage
from psd_tools.constants import Resource
from psd_tools.psd.image_resources import ImageResource

from shiage.files.images import read_picture
from shiage.files.profiles import srgb_profile
from tests.drawings import to_u16
from tests.files.layers.psds import L, write_psd
from tests.files.samples import bmp
from tests.integration.conftest import draw_figure, load, paint, shiage

Write = Callable[[NDArray[Any]], bytes]


def pillow(file_format: str, mode: str, **options: Any) -> Write:
    def write(rgba: NDArray[Any]) -> bytes:
        buffer = io.BytesIO()
        Image.fromarray(rgba).convert(mode).save(buffer, file_format, **options)
        return buffer.getvalue()

    return write


def tiff(alpha: str) -> Write:
    def write(rgba: NDArray[Any]) -> bytes:
        buffer = io.BytesIO()
        tifffile.imwrite(buffer, rgba, photometric="rgb", extrasamples=[alpha])
        return buffer.getvalue()

    return write


def bmp_of(top_down: bool) -> Write:
    def write(rgba: NDArray[Any]) -> bytes:
        return bmp(rgba[..., 2::-1], rgba.shape[1::-1], 24, top_down=top_down)

    return write


def premultiplied_tga(rgba: NDArray[Any]) -> bytes:
    data = pillow("TGA", "RGBA")(rgba)
    body, at = data[:-26], len(data) - 26
    return body + bytes(494) + b"\4" + at.to_bytes(4, "little") + data[-22:]


def tga_kind(data: bytes) -> tuple[int, ...]:
    return data[2], data[16], data[17]


def bmp_kind(data: bytes) -> tuple[int, ...]:
    return data[28], data[25] >> 7  # bits a pixel, and whether the height is negative


def png_kind(data: bytes) -> tuple[int, ...]:
    return data[24], data[25]


def tiff_kind(data: bytes) -> tuple[Any, ...]:
    with tifffile.TiffFile(io.BytesIO(data)) as file:
        (page,) = file.pages
        assert isinstance(page, tifffile.TiffPage)
        return page.extrasamples


@dataclass
class Kind:
    """How drawings and their key are stored, and what tells it."""

    suffix: str
    drawings: Write
    key: Write
    kind: Callable[[bytes], tuple[Any, ...]]


UP, DOWN = {"orientation": -1}, {"orientation": 1}
KINDS = {
    "tga, top row first": Kind(
        "tga", pillow("TGA", "RGB", **DOWN), pillow("TGA", "RGB", **UP), tga_kind
    ),
    "tga, bottom row first": Kind(
        "tga", pillow("TGA", "RGB", **UP), pillow("TGA", "RGB", rle=True, **DOWN), tga_kind
    ),
    "tga with alpha": Kind("tga", pillow("TGA", "RGBA"), pillow("TGA", "RGB"), tga_kind),
    "tga without alpha": Kind("tga", pillow("TGA", "RGB"), pillow("TGA", "RGBA"), tga_kind),
    "tga, premultiplied key": Kind("tga", pillow("TGA", "RGBA"), premultiplied_tga, tga_kind),
    "bmp": Kind("bmp", bmp_of(False), bmp_of(True), bmp_kind),
    "png with alpha": Kind("png", pillow("PNG", "RGBA"), pillow("PNG", "RGB"), png_kind),
    "png without alpha": Kind("png", pillow("PNG", "RGB"), pillow("PNG", "RGBA"), png_kind),
    "tiff": Kind("tif", tiff("UNASSALPHA"), tiff("ASSOCALPHA"), tiff_kind),
}


@pytest.mark.parametrize("name", KINDS)
def test_all_cels_are_of_one_kind(tmp_path: Path, name: str) -> None:
    kind = KINDS[name]
    names = [f"A000{number}.{kind.suffix}" for number in (1, 2)]
    for folder in ("cut", "key"):
        (tmp_path / folder).mkdir()
    for number, file in enumerate(names):
        (tmp_path / "cut" / file).write_bytes(kind.drawings(draw_figure(3 * number)))
    key = tmp_path / "key" / names[0]
    key.write_bytes(kind.key(draw_figure(painted=True)))
    paint(tmp_path / "cut", "--ref", key, "--out", tmp_path / "out").ok()
    given, painted = (tmp_path / "out" / file for file in names)
    assert kind.kind(given.read_bytes()) == kind.kind(painted.read_bytes())
    assert kind.kind(given.read_bytes()) != kind.kind(key.read_bytes()) or "premul" in name
    assert given.read_bytes() != key.read_bytes()
    np.testing.assert_array_equal(read_picture(given).pixels, draw_figure(painted=True))
    np.testing.assert_array_equal(load(given), load(key))


@pytest.mark.parametrize("name", KINDS)
def test_a_key_of_their_kind_is_passed_on_byte_for_byte(tmp_path: Path, name: str) -> None:
    kind, file = KINDS[name], f"A0001.{KINDS[name].suffix}"
    for folder, picture in (("cut", draw_figure()), ("key", draw_figure(painted=True))):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / file).write_bytes(
            kind.drawings(picture) + b"\0 and more" * (kind.suffix != "tga")
        )
    paint(tmp_path / "cut", "--ref", tmp_path / "key", "--out", tmp_path / "out").ok()
    assert (tmp_path / "out" / file).read_bytes() == (tmp_path / "key" / file).read_bytes()


def test_a_transparent_key_gets_the_paper_of_its_drawing(tmp_path: Path) -> None:
    key = draw_figure(painted=True)
    key[(key[..., :3] == 255).all(axis=-1)] = 0
    for folder, write, picture in (
        ("cut", pillow("TGA", "RGB"), draw_figure()),
        ("key", pillow("TGA", "RGBA", orientation=1), key),
    ):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "A0001.tga").write_bytes(write(picture))
    paint(tmp_path / "cut", "--ref", tmp_path / "key", "--out", tmp_path / "out").ok()
    data = (tmp_path / "out" / "A0001.tga").read_bytes()
    assert tga_kind(data) == (2, 24, 0)
    right = draw_figure(painted=True)
    np.testing.assert_array_equal(load(tmp_path / "out" / "A0001.tga"), right)


# -- color profiles --------------------------------------------------------------------------------


def wide_profile() -> bytes:
    """A profile that is not that of sRGB, and says so."""
    made = srgb_profile().replace("sRGB".encode("utf-16-be"), "Wide".encode("utf-16-be"))
    return made.replace(b"rXYZ", b"tmp!").replace(b"gXYZ", b"rXYZ").replace(b"tmp!", b"gXYZ")


def other_srgb() -> bytes:
    """A profile of sRGB with other bytes."""
    return srgb_profile().replace("built-in".encode("utf-16-be"), "of ours.".encode("utf-16-be"))


def profile_of(path: Path) -> bytes | None:
    if path.suffix == ".psd":
        profile: bytes | None = PSDImage.open(path).image_resources.get_data(Resource.ICC_PROFILE)
        return profile
    with Image.open(path) as picture:
        return picture.info.get("icc_profile")


PROFILES: dict[str, tuple[bytes | None, bytes | None, bytes | None, str]] = {
    # of the key, of the drawings, of all painted cels, what is told
    "none": (None, None, None, ""),
    "sRGB key": (srgb_profile(), None, srgb_profile(), ""),
    "sRGB drawings": (None, srgb_profile(), srgb_profile(), ""),
    "two of sRGB": (other_srgb(), srgb_profile(), srgb_profile(), ""),
    "wide key": (wide_profile(), None, wide_profile(), "painted cels get that of the reference"),
    "wide drawings": (
        None,
        wide_profile(),
        wide_profile(),
        "painted cels keep that of the drawing",
    ),
    "both": (wide_profile(), srgb_profile(), srgb_profile(), "look different"),
}


@pytest.mark.parametrize("suffix", ["png", "tif"])
@pytest.mark.parametrize("bits", [8, 16])
@pytest.mark.parametrize("name", PROFILES)
def test_given_and_painted_cels_carry_one_profile(
    tmp_path: Path, name: str, bits: int, suffix: str
) -> None:
    of_key, of_drawings, expected, told = PROFILES[name]

    def write(path: Path, picture: NDArray[np.uint8], profile: bytes | None) -> None:
        path.parent.mkdir(exist_ok=True)
        if bits == 16 and suffix == "png":
            kinds = [cv2.IMAGE_METADATA_ICCP] if profile else []
            metadata = [np.frombuffer(profile, np.uint8)] if profile else []
            bgr = to_u16(picture[..., 2::-1])
            data = cv2.imencodeWithMetadata(".png", bgr, kinds, metadata)[1].tobytes()
        elif bits == 16:
            buffer = io.BytesIO()
            rgb = to_u16(picture[..., :3])
            tifffile.imwrite(buffer, rgb, photometric="rgb", iccprofile=profile)
            data = buffer.getvalue()
        else:
            file_format = {"png": "PNG", "tif": "TIFF"}[suffix]
            data = pillow(file_format, "RGB", icc_profile=profile)(picture)
        path.write_bytes(data)

    files = [f"A000{number}.{suffix}" for number in (1, 2, 3)]
    for number, file in enumerate(files):
        write(tmp_path / "cut" / file, draw_figure(3 * number), of_drawings)
    write(tmp_path / "key" / files[0], draw_figure(painted=True), of_key)
    run = paint(tmp_path / "cut", "--ref", tmp_path / "key", "--out", tmp_path / "out").ok(err=told)
    assert {profile_of(tmp_path / "out" / file) for file in files} == {expected}
    if told:
        (sentence,) = run.json["warnings"]
        assert sentence.count("Wide built-in") == 1
        assert "none" in sentence or "sRGB built-in" in sentence
        assert str(tmp_path / "cut" / files[0]) in sentence
        assert str(tmp_path / "key" / files[0]) in sentence
    pixels = read_picture(tmp_path / "out" / files[0]).rgba_u8
    np.testing.assert_array_equal(pixels, draw_figure(painted=True))


def figure_layers(dx: int, bits: int, painted: bool = False) -> list[L]:
    """The figure in layers: its lines on transparent paper, and its paint if wanted."""
    deep = to_u16 if bits == 16 else np.asarray
    lines = draw_figure(dx)
    lines[(lines[..., :3] == 255).all(axis=-1)] = 0
    fills = draw_figure(dx, painted=True)
    fills[(fills[..., :3] == 255).all(axis=-1)] = 0
    return [*([L("塗り", deep(fills))] if painted else []), L("線", deep(lines))]


def put_profile(profile: bytes | None) -> Callable[[PSDImage], None]:
    def change(psd: PSDImage) -> None:
        if profile:
            key = Resource.ICC_PROFILE
            psd.image_resources[key] = ImageResource(key=key, data=profile)

    return change


@pytest.mark.parametrize(
    ("bits", "of_key", "of_drawings", "expected"),
    [
        (8, None, None, None),
        (16, None, None, srgb_profile()),
        (16, None, wide_profile(), wide_profile()),
        (16, wide_profile(), None, wide_profile()),
        (8, other_srgb(), None, other_srgb()),
        (8, other_srgb(), srgb_profile(), srgb_profile()),
    ],
)
def test_profiles_of_layered_files(
    tmp_path: Path,
    bits: int,
    of_key: bytes | None,
    of_drawings: bytes | None,
    expected: bytes | None,
) -> None:
    cut = tmp_path / "cut"
    for number in (1, 2):
        write_psd(
            cut / f"A000{number}.psd",
            *figure_layers(3 * number, bits),
            size_hw=(120, 160),
            bits=bits,
            change=put_profile(of_drawings),
        )
    key = write_psd(
        tmp_path / "key" / "A0001.psd",
        *figure_layers(3, bits, painted=True),
        size_hw=(120, 160),
        bits=bits,
        change=put_profile(of_key),
    )
    out = tmp_path / "out"
    told = "color profile" if wide_profile() in (of_key, of_drawings) else ""
    paint(cut, "--ref", key, "--out", out).ok(err=told)
    assert {profile_of(out / f"A000{number}.psd") for number in (1, 2)} == {expected}
    if expected == of_key:
        assert (out / "A0001.psd").read_bytes() == key.read_bytes()
    np.testing.assert_array_equal(read_picture(out / "A0001.psd").pixels, read_picture(key).pixels)


def test_flat_16_bits_as_layers_have_a_profile_and_keep_it(tmp_path: Path) -> None:
    for folder, picture in (("cut", draw_figure()), ("key", draw_figure(painted=True))):
        (tmp_path / folder).mkdir()
        cv2.imwrite(str(tmp_path / folder / "A0001.png"), to_u16(picture[..., 2::-1]))
    cv2.imwrite(str(tmp_path / "cut" / "A0002.png"), to_u16(draw_figure(3)[..., 2::-1]))
    out, key = tmp_path / "out", tmp_path / "key"
    paint(tmp_path / "cut", "--ref", key, "--out", out, "--format", "psd").ok()
    first = [(out / f"A000{number}.psd").read_bytes() for number in (1, 2)]
    for number in (1, 2):
        assert profile_of(out / f"A000{number}.psd") == srgb_profile()
    paint(tmp_path / "cut", "--ref", key, "--out", out, "--format", "psd", "--force").ok()
    assert [(out / f"A000{number}.psd").read_bytes() for number in (1, 2)] == first
    gpl = tmp_path / "old.gpl"
    shiage("palette", out, gpl)
    shiage("recolor", out, "--from", gpl, "--to", gpl, "--out", tmp_path / "again")
    assert profile_of(tmp_path / "again" / "A0002.psd") == srgb_profile()
