"""What people really throw at it: each message names the file, what was found and what to do."""

from __future__ import annotations

import os
import resource
import struct
import zlib
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.drawings import enlarged
from tests.integration.conftest import (
    Told,
    assert_nothing_half_written,
    draw_figure,
    draw_key,
    hash_cels,
    hash_tree,
    load,
    paint,
    save,
    shiage,
    shiage_each,
)


def write_huge_png(path: Path) -> None:
    """12000 x 12000 pixels of one bit: small on disk."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    packer = zlib.compressobj(1)
    rows = b"".join(packer.compress((b"\0" + b"\xff" * 1500) * 100) for _ in range(120))
    header = struct.pack(">IIBBBBB", 12000, 12000, 1, 0, 0, 0, 0)
    data = chunk(b"IHDR", header) + chunk(b"IDAT", rows + packer.flush()) + chunk(b"IEND", b"")
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + data)


GOOD = ("A0001.png", "A0002.png", "A0004.png", "A0099.png")
BAD = {
    "A0010.png": ("in no picture format", "Export the drawing"),
    "A0011.png": ("cut off or corrupt", "export the file again"),
    "A0012.png": ("is empty", "export the file again"),
    "A0013.png": ("200 x 120", "160 x 120", "same size"),
    "A0014.png": ("nothing but ink", "--threshold"),
    "A0015.png": ("is blank", "--threshold"),
    "A0016.png": ("1 x 1", "160 x 120"),
    "A0017.png": ("12000 x 12000", "64", "--max-megapixels"),
    "A0018.tga": ("cut off or corrupt", "export the file again"),
    "A0019.tif": ("CMYK", "grey, RGB or indexed", "Export the drawing"),
    "A0020.png": ("cannot be read", "Check the path"),
    "A0021.png": ("cut off or corrupt", "export the file again"),
    "A0022 [b]:cat:.png": ("in no picture format",),
}


@dataclass(frozen=True)
class Run:
    """A cut of good and bad cels that was painted."""

    folder: Path
    told: Told


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """One run over all of `GOOD` and `BAD`."""
    folder = tmp_path_factory.mktemp("bad")
    cut = folder / "cut"
    for name, dx in zip(GOOD, (0, 3, 5, 6), strict=True):
        save(cut / name, draw_figure(dx))
    whole = (cut / "A0002.png").read_bytes()
    (cut / "A0010.png").write_text("the dog ate it\n" * 50)
    (cut / "A0011.png").write_bytes(whole[: len(whole) // 2])
    (cut / "A0012.png").write_bytes(b"")
    wide = np.pad(draw_figure(), ((0, 0), (0, 40), (0, 0)), constant_values=255)
    save(cut / "A0013.png", wide)
    save(cut / "A0014.png", np.zeros((120, 160, 4), np.uint8), "L")
    save(cut / "A0015.png", np.full((120, 160, 4), 255, np.uint8))
    save(cut / "A0016.png", np.full((1, 1, 4), 255, np.uint8))
    write_huge_png(cut / "A0017.png")
    tga = save(cut / "A0018.tga", draw_figure(), compression="tga_rle")
    tga.write_bytes(tga.read_bytes()[:120])
    Image.fromarray(draw_figure()).convert("CMYK").save(cut / "A0019.tif")
    (cut / "A0020.png").symlink_to(folder / "gone.png")
    (cut / "A0021.png").write_bytes(whole[:33] + bytes(200) + whole[200:])
    (cut / "A0022 [b]:cat:.png").write_bytes(b"meow")
    draw_key(folder / "key" / "A0001.png")
    before = {path.name: path.read_bytes() for path in cut.iterdir() if path.exists()}
    told = paint(cut, "--ref", folder / "key", "--out", folder / "out")
    assert before == {path.name: path.read_bytes() for path in cut.iterdir() if path.exists()}
    return Run(folder, told)


@pytest.mark.parametrize("name", BAD)
def test_bad_cel(run: Run, name: str) -> None:
    run.told.fails()
    (line,) = (line for line in run.told.err.splitlines() if Path(name).stem[:5] in line)
    assert line.startswith(f"error: {run.folder / 'cut' / name}: ")
    for word in BAD[name]:
        assert word in line
    assert run.told.statuses[name.rpartition(".")[0]] == "failed"
    (message,) = (c["message"] for c in run.told.json["cels"] if name.startswith(c["name"]))
    assert message in line
    assert not (run.folder / "out" / name).exists()


def test_the_other_cels_are_painted(run: Run) -> None:
    assert sorted(hash_cels(run.folder / "out")) == sorted(GOOD)
    assert_nothing_half_written(run.folder / "out")
    for name, dx in zip(GOOD, (0, 3, 5, 6), strict=True):
        painted = load(run.folder / "out" / name)
        np.testing.assert_array_equal(painted, draw_figure(dx, painted=True))
    assert sum(status == "failed" for status in run.told.statuses.values()) == len(BAD)
    assert len(run.told.err.splitlines()) == len(BAD)


def test_cut_that_cannot_be_painted(cut: Path, tmp_path: Path) -> None:
    key = tmp_path / "key" / "A0001.png"
    drawing = save(tmp_path / "ref" / "A0002.png", draw_figure(3))
    small = save(tmp_path / "ref" / "A0003.png", draw_figure(6, painted=True)[:100])
    broken = save(tmp_path / "ref" / "A0004.png", draw_figure(9, painted=True))
    broken.write_bytes(broken.read_bytes()[:300])
    empty = tmp_path / "empty"
    empty.mkdir()
    (empty / "readme.txt").write_text("no picture")
    cases: list[tuple[list[str | Path], tuple[str | Path, ...]]] = [
        ([tmp_path / "gone", "--ref", key], (tmp_path / "gone", "no such folder", "Check")),
        ([cut / "A0001.png", "--ref", key], (cut / "A0001.png", "is a file", "a folder")),
        ([empty, "--ref", key], (empty, "no drawing found", "A0001.tga", "Give the folder")),
        ([cut], (cut, "no reference", "--ref")),
        ([cut, "--ref", drawing], (drawing, "has no color", "Check that the painting")),
        ([cut, "--ref", small], (small, "160 x 100", "160 x 120", "same size")),
        ([cut, "--ref", broken], (broken, "cut off or corrupt", "export the file again")),
        ([cut, "--ref", tmp_path / "gone.png"], (tmp_path / "gone.png", "no such file", "Check")),
        ([cut, "--ref", empty], (empty, "no picture found", "Give")),
        ([cut, "--ref", key, "--max-megapixels", "0.01"], (key, "160 x 120", "10,000")),
    ]
    commands = [["paint", *args, "--out", tmp_path / "out", "--quiet"] for args, _ in cases]
    for told, (_, words) in zip(shiage_each(*commands), cases, strict=True):
        told.fails(*map(str, words))
        assert told.err.startswith("error: ")
        assert told.err.count("\n") == 1
    assert not (tmp_path / "out").exists()


def test_one_of_two_references_is_damaged(cut: Path, tmp_path: Path) -> None:
    bad = tmp_path / "key" / "A0003.png"
    bad.write_bytes(b"not a painting")
    told = paint(cut, "--ref", tmp_path / "key", "--out", tmp_path / "out")
    told.fails(f"error: reference left out: {bad}: the content is in no picture format")
    assert told.statuses["A0003"] == "painted"
    assert len(hash_cels(tmp_path / "out")) == 4


def test_same_drawing_as_a_bad_one(cut: Path, tmp_path: Path) -> None:
    for name in ("A0005.png", "A0006.png"):
        save(cut / name, np.full((120, 160, 4), 255, np.uint8))
    told = paint(cut, "--ref", tmp_path / "key", "--out", tmp_path / "out")
    told.fails("A0005.png: the drawing is blank", "A0006.png: same drawing as A0005")
    assert len(hash_cels(tmp_path / "out")) == 4


def test_cut_of_single_pixels(tmp_path: Path) -> None:
    for number, level in ((1, 255), (2, 255), (3, 0), (4, 128)):
        pixel = np.full((1, 1, 4), (level, level, level, 255), np.uint8)
        save(tmp_path / "cut" / f"A{number:04}.png", pixel)
    save(tmp_path / "key" / "A0001.png", np.full((1, 1, 4), (255, 0, 0, 255), np.uint8))
    paint("cut", "--ref", "key", "--out", "out", cwd=tmp_path).fails("A0003.png")


def test_thousands_of_specks(tmp_path: Path) -> None:
    size, rng = 5, np.random.default_rng(7)
    dirty = enlarged(draw_figure(3), size)
    y, x = rng.integers(0, 120 * size - 4, 4000), rng.integers(0, 160 * size - 4, 4000)
    for dy, dx in np.ndindex(3, 3):
        dirty[y + dy, x + dx, :3] = 0
    dirty[y + 1, x + 1, :3] = 255  # rings with a hole of one pixel
    save(tmp_path / "cut" / "A0001.png", enlarged(draw_figure(), size))
    save(tmp_path / "cut" / "A0002.png", dirty)
    save(tmp_path / "key" / "A0001.png", enlarged(draw_figure(painted=True), size))
    many, few = shiage_each(
        ["paint", "cut", "--ref", "key", "--out", "many", "--min-area", "1", "--json"],
        ["paint", "cut", "--ref", "key", "--out", "out"],
        cwd=tmp_path,
    )
    assert len(many.ok().json["cels"][1]["segments"]) > 2000
    few.ok()
    painted, truth = load(tmp_path / "out" / "A0002.png"), draw_figure(3, painted=True)
    clean = (dirty[..., :3] == 255).all(axis=-1)
    right = (painted == enlarged(truth, size)).all(axis=-1)
    assert right[clean].mean() > 0.99


def test_names_that_are_not_unicode(cut: Path, tmp_path: Path) -> None:
    """Old studio files: a name in Shift-JIS, as unpacked on another system."""
    raw = os.fsencode(cut)
    try:
        for number in (b"0003", b"0004"):
            (cut / f"A{number.decode()}.png").rename(
                os.fsdecode(raw + b"/\x93\xae\x89\xe6A" + number + b".png")
            )
    except OSError:
        pytest.skip("this file system takes Unicode names only")
    (cut / os.fsdecode(b"\x93\xae\x89\xe6A0004.png")).write_bytes(b"")
    told = shiage("paint", "cut", "--ref", "key", "--out", "out", "--report", cwd=tmp_path)
    told.fails("A0004.png", "is empty")
    assert len(hash_cels(tmp_path / "out")) == 3


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_no_permission(cut: Path, tmp_path: Path) -> None:
    key = tmp_path / "key"
    (cut / "A0002.png").chmod(0)
    paint(cut, "--ref", key, "--out", tmp_path / "out").fails("A0002.png", "Permission denied")
    assert len(hash_cels(tmp_path / "out")) == 3
    cut.chmod(0)
    told = paint(cut, "--ref", key, "--out", tmp_path / "other")
    cut.chmod(0o755)
    told.fails(str(cut), "no permission")
    tmp_path.chmod(0o555)
    told = paint(cut, "--ref", key, "--out", tmp_path / "other")
    tmp_path.chmod(0o755)
    told.fails(str(tmp_path / "other"), "Permission denied", "another output folder")


def test_links_that_lead_in_a_circle(cut: Path) -> None:
    loop = cut / "loop"
    loop.symlink_to(loop)
    commands = (("paint", loop), ("paint", cut, "--ref", loop), ("check", loop), ("batch", loop))
    for told in shiage_each(*commands):
        told.fails(str(loop), "links")


def test_output_that_cannot_be_made(cut: Path, tmp_path: Path) -> None:
    key = tmp_path / "key"
    file = tmp_path / "taken"
    file.write_text("mine")
    before = hash_tree(tmp_path)
    paint(cut, "--ref", key, "--out", file).fails(str(file), "could not be written", "move it away")
    assert hash_tree(tmp_path) == before
    (tmp_path / "out" / "A0003.png").mkdir(parents=True)
    told = paint(cut, "--ref", key, "--out", tmp_path / "out", "--force")
    told.fails("A0003.png", "could not be written", "A folder has the output's name")
    assert sorted(hash_cels(tmp_path / "out")) == ["A0001.png", "A0002.png", "A0004.png"]
    assert_nothing_half_written(tmp_path / "out")


def test_disk_full_in_the_middle(cut: Path, tmp_path: Path) -> None:
    """Writing stops at 20 kB a file: a BMP of 57 kB does not fit, the other cels do."""
    (cut / "A0003.png").unlink()
    save(cut / "A0003.bmp", draw_figure(6))
    told = shiage(
        *["paint", "cut", "--ref", "key", "--out", "out", "--quiet"],
        cwd=tmp_path,
        before=partial(resource.setrlimit, resource.RLIMIT_FSIZE, (20_000, 20_000)),
    )
    told.fails("A0003.bmp", "could not be written (File too large)", "Check the disk")
    assert sorted(hash_cels(tmp_path / "out")) == ["A0001.png", "A0002.png", "A0004.png"]
    assert_nothing_half_written(tmp_path / "out")
    shiage("paint", "cut", "--ref", "key", "--out", "out", "--resume", cwd=tmp_path).ok()
    assert (tmp_path / "out" / "A0003.bmp").exists()


def test_disk_full_from_the_start(cut: Path, tmp_path: Path) -> None:  # noqa: ARG001
    told = shiage(
        *["paint", "cut", "--ref", "key", "--out", "out"],
        cwd=tmp_path,
        before=partial(resource.setrlimit, resource.RLIMIT_FSIZE, (100, 100)),
    )
    told.fails("out", "could not be written")
    assert hash_tree(tmp_path / "out") == {}
