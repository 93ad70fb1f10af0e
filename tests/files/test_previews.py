"""Previews hold the frames, for as long as they stay, in the colors they have."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import weakref
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from shiage import errors
from shiage.files.previews import MAX_FPS, Frame, fit_preview, write_preview
from shiage.structures import ByteMap
from tests.drawings import WHITE
from tests.files.samples import saved

av = pytest.importorskip("av")

SUFFIXES = pytest.mark.parametrize("suffix", [".mp4", ".gif"])


def patches(seed: int, height: int = 96, width: int = 128, cell: int = 32) -> ByteMap:
    """Flat squares of random colors, with which a picture begins at the upper left."""
    rng = np.random.default_rng(seed)
    cells = rng.integers(0, 256, (-(-height // cell), -(-width // cell), 3), np.uint8)
    return cells.repeat(cell, 0).repeat(cell, 1)[:height, :width]


def noise(seed: int, height: int, width: int) -> ByteMap:
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8)


def read_gif(path: Path) -> list[tuple[ByteMap, int]]:
    """Return the frames and their durations in milliseconds."""
    found = []
    with Image.open(path) as image:
        for number in range(getattr(image, "n_frames", 1)):
            image.seek(number)
            found.append((np.array(image.convert("RGB")), image.info["duration"]))
    return found


def read_mp4(path: Path) -> list[ByteMap]:
    with av.open(str(path)) as file:
        return [frame.to_ndarray(format="rgb24").astype(np.uint8) for frame in file.decode(video=0)]


@contextmanager
def full_disk(room: int) -> Iterator[None]:
    """No file can grow beyond so many bytes."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_gif_is_exact(tmp_path: Path) -> None:
    path = tmp_path / "cut.gif"
    frames = [(patches(seed, 33, 47, 8), seed + 1) for seed in range(4)]
    write_preview(path, frames, 10)
    found = read_gif(path)
    assert [duration for _, duration in found] == [100, 200, 300, 400]
    for (picture, _), (expected, _) in zip(found, frames, strict=True):
        assert np.array_equal(picture, expected)
    with Image.open(path) as image:
        assert image.info["loop"] == 0


@pytest.mark.parametrize("colors", [1, 2, 3, 4, 5, 255, 256])
def test_gif_is_exact_up_to_256_colors(tmp_path: Path, colors: int) -> None:
    entries = np.random.default_rng(1).choice(2**24, colors, replace=False).astype("<u4")
    table = entries.view(np.uint8).reshape(-1, 4)[:, :3]
    picture = table[np.arange(20 * 30).reshape(20, 30) % colors]
    write_preview(tmp_path / "cut.gif", [(picture, 1), (picture[::-1], 1)], 24)
    for (found, _), expected in zip(
        read_gif(tmp_path / "cut.gif"), (picture, picture[::-1]), strict=True
    ):
        assert np.array_equal(found, expected)


def test_gif_keeps_flat_colors_among_many_others(tmp_path: Path) -> None:
    picture = patches(1, 128, 128)
    ramp = np.linspace(0, 255, 128 * 3).reshape(128, 3).astype(np.uint8)
    picture[60:64] = ramp  # a smooth edge
    picture[20:24, :64] = noise(2, 4, 64)
    write_preview(tmp_path / "cut.gif", [(picture, 1)], 24)
    ((found, _),) = read_gif(tmp_path / "cut.gif")
    others = np.zeros((128, 128), bool)
    others[60:64] = others[20:24, :64] = True
    assert np.array_equal(found[~others], picture[~others])
    away = np.abs(found[others].astype(int) - picture[others]).mean()
    assert 0 < away < 12


@given(st.lists(st.integers(1, 40), min_size=1, max_size=12), st.integers(1, MAX_FPS))
def test_gif_timing_adds_up(
    tmp_path_factory: pytest.TempPathFactory, holds: list[int], fps: int
) -> None:
    path = tmp_path_factory.mktemp("gif") / "cut.gif"
    write_preview(path, [(patches(n, 2, 2, 1), hold) for n, hold in enumerate(holds)], fps)
    durations = [duration for _, duration in read_gif(path)]
    ends = np.cumsum(holds) * 1000 / fps
    assert np.abs(np.cumsum(durations) - ends).max() <= 5
    assert min(durations) >= 20


def test_gif_frame_that_stays_longer_than_one_can(tmp_path: Path) -> None:
    picture = patches(1, 4, 4, 2)
    write_preview(tmp_path / "cut.gif", [(picture, 1000)], 1)
    found = read_gif(tmp_path / "cut.gif")
    assert [duration for _, duration in found] == [655_350, 344_650]
    assert all(np.array_equal(frame, picture) for frame, _ in found)


def test_mp4_frames_and_colors(tmp_path: Path) -> None:
    path = tmp_path / "cut.mp4"
    frames = [(patches(seed), hold) for seed, hold in enumerate([1, 3, 2, 12])]
    write_preview(path, frames, 12)
    expected = [picture for picture, hold in frames for _ in range(hold)]
    found = read_mp4(path)
    assert len(found) == len(expected) == 18
    for picture, wanted in zip(found, expected, strict=True):
        inside = np.s_[16::32, 16::32]  # colors bleed a little where they meet
        assert np.abs(picture[inside].astype(int) - wanted[inside]).max() <= 5
        assert np.abs(picture.astype(int) - wanted).mean() < 4


def test_mp4_is_one_that_browsers_play(tmp_path: Path) -> None:
    path = tmp_path / "cut.mp4"
    write_preview(path, [(patches(1), 1), (patches(2), 4)], 24)
    with av.open(str(path)) as file:
        (stream,) = file.streams
        assert isinstance(stream, av.VideoStream)
        codec = stream.codec_context
        assert (codec.name, codec.pix_fmt, codec.profile) == ("h264", "yuv420p", "High")
        assert (codec.colorspace, codec.color_primaries, codec.color_trc) == (1, 1, 1)
        assert codec.color_range == 1
        assert stream.average_rate == Fraction(24)
        assert stream.frames == 5
        assert stream.duration is not None
        assert stream.time_base is not None
        assert stream.duration * stream.time_base == pytest.approx(5 / 24)
        assert "creation_time" not in {*file.metadata, *stream.metadata}
        times = [frame.time for frame in file.decode(video=0)]
        assert times == pytest.approx([n / 24 for n in range(5)])
    data = path.read_bytes()
    assert 0 < data.index(b"moov") < data.index(b"mdat")


@pytest.mark.parametrize("size", [(1, 1), (2, 3), (35, 64), (64, 35), (35, 51)])
def test_mp4_odd_sizes(tmp_path: Path, size: tuple[int, int]) -> None:
    height, width = size
    picture = np.full((height, width, 3), (200, 60, 90), np.uint8)
    write_preview(tmp_path / "cut.mp4", [(picture, 2)], 24)
    found = read_mp4(tmp_path / "cut.mp4")
    assert len(found) == 2
    assert found[0].shape == (height + height % 2, width + width % 2, 3)
    assert np.abs(found[0].astype(int) - (200, 60, 90)).max() <= 5


@SUFFIXES
@pytest.mark.parametrize("hold", [1, 7])
def test_one_frame(tmp_path: Path, suffix: str, hold: int) -> None:
    path = tmp_path / f"cut{suffix}"
    write_preview(path, [(patches(1), hold)], 24)
    if suffix == ".mp4":
        assert len(read_mp4(path)) == hold
    else:
        assert [duration for _, duration in read_gif(path)] == [round(hold * 100 / 24) * 10]


@SUFFIXES
def test_same_frames_same_bytes(tmp_path: Path, suffix: str) -> None:
    pictures = [noise(seed, 48, 64) for seed in range(6)]
    strided = [picture[::-1].copy()[::-1] for picture in pictures]
    before = [picture.copy() for picture in pictures]
    for name, frames in (("a", pictures), ("b", strided)):
        write_preview(tmp_path / (name + suffix), [(picture, 2) for picture in frames], 24)
    assert (tmp_path / f"a{suffix}").read_bytes() == (tmp_path / f"b{suffix}").read_bytes()
    assert all(np.array_equal(*pair) for pair in zip(pictures, before, strict=True))


@SUFFIXES
def test_same_bytes_whatever_memory_held(tmp_path: Path, suffix: str) -> None:
    """glibc fills new memory with what `MALLOC_PERTURB_` says; elsewhere nothing differs."""
    code = f"""
from pathlib import Path
from shiage.files.previews import write_preview
from tests.files.test_previews import patches
write_preview(Path({str(tmp_path / "cut")!r} + {suffix!r}), [
    (patches(seed, 64, 64, 4), 1) for seed in range(60)
], 24)
"""
    found = set()
    for fill in ("0", "1", "85", "170"):
        subprocess.run(
            [sys.executable, "-c", code],
            check=True,
            cwd=Path(__file__).parents[2],
            env={**os.environ, "MALLOC_PERTURB_": fill},
        )
        found.add((tmp_path / f"cut{suffix}").read_bytes())
    assert len(found) == 1


def test_suffix_in_capitals_and_new_folder(tmp_path: Path) -> None:
    path = tmp_path / "new" / "CUT.GIF"
    write_preview(path, [(patches(1, 4, 4, 2), 1)], 24)
    assert [p.name for p in path.parent.iterdir()] == ["CUT.GIF"]


@SUFFIXES
def test_frames_are_let_go(tmp_path: Path, suffix: str) -> None:
    made: list[weakref.ref[ByteMap]] = []
    most = 0

    def make() -> Iterator[Frame]:
        nonlocal most
        for seed in range(60):
            picture = patches(seed, 16, 16, 1)
            made.append(weakref.ref(picture))
            most = max(most, sum(ref() is not None for ref in made))
            yield picture, 1

    write_preview(tmp_path / f"cut{suffix}", make(), 24)
    assert len(made) == 60
    assert most <= 4


@SUFFIXES
@pytest.mark.parametrize("good", [0, 1, 90])
@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt, errors.DamagedImage])
def test_failing_frames_leave_nothing(
    tmp_path: Path, suffix: str, good: int, error: type[BaseException]
) -> None:
    def make() -> Iterator[Frame]:
        for seed in range(good):
            yield patches(seed, 32, 32, 8), 1
        raise error("broken")

    kept = saved(tmp_path / f"kept{suffix}", b"what was there before")
    for path in (kept, tmp_path / f"new{suffix}"):
        with pytest.raises(error, match="broken"):
            write_preview(path, make(), 24)
    assert [p.name for p in tmp_path.iterdir()] == [kept.name]
    assert kept.read_bytes() == b"what was there before"


@SUFFIXES
@pytest.mark.parametrize("part", [0, 0.3, 0.9, -1])
def test_full_disk(tmp_path: Path, suffix: str, part: float) -> None:
    """It may fill up at any time, even when the index is moved to the front."""
    path = tmp_path / f"cut{suffix}"
    frames = [(patches(seed, 64, 64, 4), 1) for seed in range(60)]
    write_preview(path, frames, 24)
    before = path.read_bytes()
    room = len(before) - 1 if part < 0 else int(len(before) * part)
    with full_disk(room), pytest.raises(errors.WriteFailed) as caught:
        write_preview(path, frames, 24)
    assert "File too large" in caught.value.found
    assert caught.value.path == path
    assert [p.name for p in tmp_path.iterdir()] == [path.name]
    assert path.read_bytes() == before


@SUFFIXES
def test_folder_that_is_a_file(tmp_path: Path, suffix: str) -> None:
    saved(tmp_path / "file", b"x")
    with pytest.raises(errors.WriteFailed, match=r"could not be written.*expected room"):
        write_preview(tmp_path / "file" / f"cut{suffix}", [(patches(1), 1)], 24)


@pytest.mark.parametrize(
    ("name", "width", "kind"), [("cut.mp4", 20_000, r"\.mp4"), ("cut.gif", 70_000, r"\.gif")]
)
def test_size_that_the_format_cannot_hold(tmp_path: Path, name: str, width: int, kind: str) -> None:
    picture = np.zeros((32, width, 3), np.uint8)
    with pytest.raises(errors.WriteFailed, match=f"{width} x 32 .* could not be stored as {kind}"):
        write_preview(tmp_path / name, [(picture, 1)], 24)
    assert not list(tmp_path.iterdir())


@SUFFIXES
def test_no_frames(tmp_path: Path, suffix: str) -> None:
    with pytest.raises(errors.WriteFailed, match="no frames to show; expected at least one"):
        write_preview(tmp_path / f"cut{suffix}", [], 24)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["cut.webm", "cut", "cut.mp4.png"])
def test_another_suffix(tmp_path: Path, name: str) -> None:
    with pytest.raises(errors.BadOption, match=r"expected \.mp4 or \.gif"):
        write_preview(tmp_path / name, [(patches(1), 1)], 24)
    assert not list(tmp_path.iterdir())


@SUFFIXES
@pytest.mark.parametrize("fps", [0, -1, MAX_FPS + 1])
def test_rate_out_of_range(tmp_path: Path, suffix: str, fps: int) -> None:
    with pytest.raises(errors.BadOption, match=f"{fps} frames per second; expected 1 to"):
        write_preview(tmp_path / f"cut{suffix}", [(patches(1), 1)], fps)


@SUFFIXES
def test_frames_of_two_sizes(tmp_path: Path, suffix: str) -> None:
    frames = [(patches(1, 32, 48), 1), (patches(1, 32, 50), 1)]
    with pytest.raises(errors.SizeMismatch, match="50 x 32; expected 48 x 32 like the first"):
        write_preview(tmp_path / f"cut{suffix}", frames, 24)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("frames", "message"),
    [
        ([(np.zeros((4, 4, 4), np.uint8), 1)], "expected uint8"),
        ([(np.zeros((4, 4, 3), np.uint16), 1)], "expected uint8"),
        ([(np.zeros((0, 4, 3), np.uint8), 1)], "expected uint8"),
        ([(np.zeros((4, 4, 3), np.uint8), 0)], "hold: expected at least 1, found 0"),
    ],
)
def test_what_is_no_frame(tmp_path: Path, frames: Iterable[Frame], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        write_preview(tmp_path / "cut.gif", frames, 24)


def test_only_mp4_needs_the_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "av", None)
    with pytest.raises(errors.ShiageError, match=r'needs the library av.*"shiage\[web\]"'):
        write_preview(tmp_path / "cut.mp4", [(patches(1), 1)], 24)
    write_preview(tmp_path / "cut.gif", [(patches(1), 1)], 24)
    assert [p.name for p in tmp_path.iterdir()] == ["cut.gif"]


def test_fit_lays_on_paper() -> None:
    rgba = np.array([[(10, 20, 30, 255), (10, 20, 30, 0), (0, 100, 255, 128)]], np.uint8)
    found = fit_preview(rgba, 100, (200, 100, 0))
    assert found.tolist() == [[[10, 20, 30], [200, 100, 0], [100, 100, 128]]]
    assert found.dtype == np.uint8


@given(st.integers(0, 255), st.integers(0, 255), st.integers(0, 255))
def test_fit_rounds_to_the_nearest(color: int, alpha: int, paper: int) -> None:
    rgba = np.array([[(color, color, color, alpha)]], np.uint8)
    exact = (color * alpha + paper * (255 - alpha)) / 255
    assert np.abs(fit_preview(rgba, 1, (paper, paper, paper)) - exact).max() <= 0.5
    assert rgba.tolist() == [[[color, color, color, alpha]]]


@pytest.mark.parametrize(
    ("size", "max_side", "expected"),
    [
        ((40, 60), 60, (40, 60)),
        ((40, 60), 999, (40, 60)),
        ((40, 60), 30, (20, 30)),
        ((60, 40), 30, (30, 20)),
        ((3, 1000), 100, (1, 100)),
        ((5, 5), 1, (1, 1)),
    ],
)
def test_fit_shrinks_and_never_enlarges(
    size: tuple[int, int], max_side: int, expected: tuple[int, int]
) -> None:
    rgba = np.full((*size, 4), 255, np.uint8)
    rgba[..., :3] = (12, 34, 56)
    found = fit_preview(rgba, max_side, WHITE)
    assert found.shape == (*expected, 3)
    assert (found == (12, 34, 56)).all()


def test_fit_averages_areas_and_leaves_its_input() -> None:
    rgba = np.zeros((4, 4, 4), np.uint8)
    rgba[:, ::2] = (0, 0, 0, 255)
    before = rgba.copy()
    found: NDArray[np.uint8] = fit_preview(rgba, 2, WHITE)
    assert np.abs(found.astype(int) - 128).max() <= 1
    assert np.array_equal(rgba, before)
