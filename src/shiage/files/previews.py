"""A cut as a moving picture to look at: MP4 for players and browsers, or GIF.

Frames are taken one at a time, so memory does not grow with the cut.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image
from PIL.GifImagePlugin import getdata, getheader

from shiage.errors import BadOption, SizeMismatch, WriteFailed
from shiage.extras import import_part
from shiage.files.atomic import whole_file
from shiage.structures import ByteMap

Frame = tuple[ByteMap, int]
"""(h, w, 3) uint8 RGB, and the number of frames that it stays."""

MAX_FPS = 50
"""Browsers slow down what in a GIF stays for less than 2 hundredths of a second."""

# With B-frames, x264's macroblock tree reads memory that nobody wrote: one file in some thousands
# came out otherwise. Without it, files are about as large for the same quality.
_X264 = {"preset": "medium", "tune": "animation", "crf": "16", "mbtree": "0"}
_BT709, _LIMITED = 1, 1  # FFmpeg's numbers; untagged, small videos would be taken for BT.601

_GIF_COLORS = 256
_GIF_TICKS = 100  # per second
_GIF_MAX = 65535  # for sides and ticks
_GIF_FLATS = 128
"""If a frame has too many colors, this many may be kept exactly ..."""
_GIF_FLAT_SHARE = 0.0005
"""... if they cover that much of it."""


def fit_preview(rgba_u8: ByteMap, max_side: int, paper_rgb: tuple[int, int, int]) -> ByteMap:
    """(h, w, 3) uint8 RGB: a picture on opaque paper, made smaller if it is too large.

    Args:
        rgba_u8: (H, W, 4) uint8 RGBA, straight alpha.
        max_side: limit on the longer side, pixels, at least 1.
        paper_rgb: color of the paper, 0..255.
    """
    alpha = rgba_u8[..., 3]
    rgb = rgba_u8[..., :3].copy()
    rgb[alpha == 0] = paper_rgb
    mixed = (alpha > 0) & (alpha < 255)
    share = alpha[mixed, None].astype(np.uint32)
    paper = np.array(paper_rgb, np.uint32)
    rgb[mixed] = (rgb[mixed] * share + paper * (255 - share) + 127) // 255
    height, width = alpha.shape
    scale = max_side / max(height, width)
    if scale >= 1:
        return rgb
    size = max(1, round(width * scale)), max(1, round(height * scale))
    return cv2.resize(rgb, size, interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False)


def write_preview(path: Path, frames: Iterable[Frame], fps: int) -> None:
    """Write a preview without sound, completely or not at all; same frames, same bytes.

    An MP4 (H.264) has odd sizes made even by repeating the last row or column. A GIF is endless
    and keeps all colors of a frame if they are 256 at most; else it keeps those that cover much
    and comes close to the others, without dithering.

    Args:
        path: ends in .mp4 or .gif; a file that is there already is replaced.
        frames: pictures (h, w, 3) uint8 RGB, all of one size, and for each the number of frames
            that it stays, at least 1.
        fps: frames per second, 1 to `MAX_FPS`.

    Raises:
        BadOption: the path ends otherwise, or `fps` is out of range.
        WriteFailed: full disk, missing permission, no frames, or a size that cannot be encoded.
        SizeMismatch: frames differ in size.
        ShiageError: MP4 needs the extra `web`, which is not installed.
    """
    write = {".mp4": _write_mp4, ".gif": _write_gif}.get(path.suffix.lower())
    if write is None:
        raise BadOption(
            f"a preview cannot be written as {path.suffix or 'a file without ending'}",
            path=path,
            expected=".mp4 or .gif",
        )
    if not 1 <= fps <= MAX_FPS:
        raise BadOption(f"{fps} frames per second", expected=f"1 to {MAX_FPS}")
    checked = _check_frames(path, frames)
    first = next(checked, None)
    if first is None:
        raise WriteFailed(
            "there are no frames to show",
            path=path,
            expected="at least one",
            action="Choose cels that are not empty",
        )
    write(path, first[0].shape[:2], chain([first], checked), fps)


def _check_frames(path: Path, frames: Iterable[Frame]) -> Iterator[Frame]:
    """Yield the frames, contiguous in memory, as long as they are what `write_preview` tells."""
    shape: tuple[int, ...] = ()
    for picture, hold in frames:
        fits = picture.ndim == 3 and picture.shape[2] == 3 and picture.size
        if not fits or picture.dtype != np.uint8:
            raise ValueError(f"expected uint8 (h, w, 3), found {picture.dtype} {picture.shape}")
        if hold < 1:
            raise ValueError(f"hold: expected at least 1, found {hold}")
        shape = shape or picture.shape
        if picture.shape != shape:
            raise SizeMismatch(
                f"a frame is {picture.shape[1]} x {picture.shape[0]}",
                path=path,
                expected=f"{shape[1]} x {shape[0]} like the first",
                action="Export cels of one size at a time",
            )
        yield np.ascontiguousarray(picture), hold


def _write_mp4(path: Path, size_hw: tuple[int, int], frames: Iterable[Frame], fps: int) -> None:
    """Write an MP4; a picture that stays is encoded again for each frame, which costs few bytes.

    Players step through frames and programs for editing expect them at a constant rate.
    """
    av = import_part("av", "web")
    down, right = size_hw[0] % 2, size_hw[1] % 2
    try:
        with (
            whole_file(path) as part,
            # The index comes first, so that browsers can play what they have not wholly loaded.
            av.open(str(part), "w", format="mp4", options={"movflags": "faststart"}) as file,
        ):
            # A second between keyframes lets players jump to any place at once.
            stream = file.add_stream("libx264", rate=fps, options={**_X264, "g": str(fps)})
            stream.height, stream.width = size_hw[0] + down, size_hw[1] + right
            stream.pix_fmt = "yuv420p"
            codec = stream.codec_context
            codec.thread_count = 1  # or the bytes would depend on the machine
            codec.color_primaries = codec.color_trc = codec.colorspace = _BT709
            codec.color_range = _LIMITED
            shown = 0
            for picture, hold in frames:
                even = cv2.copyMakeBorder(picture, 0, down, 0, right, cv2.BORDER_REPLICATE)
                image = av.VideoFrame.from_ndarray(even, format="rgb24").reformat(
                    format="yuv420p",
                    dst_colorspace=_BT709,
                    dst_color_range=_LIMITED,
                    interpolation="AREA",  # bleeds least where flat colors meet
                )
                for _ in range(hold):
                    image.pts = shown
                    file.mux(stream.encode(image))
                    shown += 1
            file.mux(stream.encode())
    except (av.FFmpegError, av.codec.codec.UnknownCodecError) as error:
        raise _not_storable(path, size_hw, error) from error


def _write_gif(path: Path, size_hw: tuple[int, int], frames: Iterable[Frame], fps: int) -> None:
    """Write a GIF block by block: `Image.save` would gather all frames first."""
    if max(size_hw) > _GIF_MAX:
        raise _not_storable(path, size_hw, f"at most {_GIF_MAX} a side")
    shown = begin = 0
    with whole_file(path) as part, part.open("xb") as file:
        for picture, hold in frames:
            image = _index_colors(picture)
            if not shown:
                file.writelines(getheader(image, info={"loop": 0})[0])
            shown += hold
            # Rounding each end, not each duration, keeps the total right.
            end = (2 * shown * _GIF_TICKS + fps) // (2 * fps)
            while begin < end:
                ticks = min(end - begin, _GIF_MAX)
                begin += ticks
                milliseconds = ticks * 1000 // _GIF_TICKS
                file.writelines(getdata(image, duration=milliseconds, include_color_table=True))
        file.write(b";")


def _not_storable(path: Path, size_hw: tuple[int, int], reason: object) -> WriteFailed:
    """Return the error for frames that an encoder refuses."""
    return WriteFailed(
        f"{size_hw[1]} x {size_hw[0]} pixels could not be stored as {path.suffix} ({reason})",
        path=path,
        expected="frames that the format can hold",
        action="Choose a smaller size or another format",
    )


def _index_colors(picture: ByteMap) -> Image.Image:
    """Return a picture of 256 colors at most; exact if it has no more.

    Args:
        picture: (h, w, 3) uint8 RGB.
    """
    height, width = picture.shape[:2]
    packed = cv2.cvtColor(picture, cv2.COLOR_RGB2RGBA).view("<u4").ravel()
    # Colors come in runs; sorting the runs alone is much faster than sorting the pixels.
    starts = np.flatnonzero(np.concatenate(([True], packed[1:] != packed[:-1])))
    lengths = np.diff(starts, append=len(packed))
    found, of_run = np.unique(packed[starts], return_inverse=True)
    colors: ByteMap = found.view(np.uint8).reshape(-1, 4)[:, :3]
    entries = colors
    entry: NDArray[Any] = np.arange(len(colors))
    if len(colors) > _GIF_COLORS:
        entries = _choose_colors(colors, np.bincount(of_run, lengths).astype(np.int64))
        _, nearest = cv2.batchDistance(
            colors.astype(np.float32),
            entries.astype(np.float32),
            cv2.CV_32F,
            normType=cv2.NORM_L2SQR,
            K=1,
        )
        entry = nearest[:, 0]
    pixels = np.repeat(entry.astype(np.uint8)[of_run], lengths)
    image = Image.frombytes("P", (width, height), pixels.tobytes())
    image.putpalette(entries.tobytes())
    return image


def _choose_colors(colors: ByteMap, counts: NDArray[np.int64]) -> ByteMap:
    """(m, 3) uint8 RGB: 256 colors at most that stand for many.

    The flat colors are kept, or they would flicker from frame to frame; median cut divides what
    is between them.

    Args:
        colors: (n, 3) uint8 RGB, n > 256, all different.
        counts: (n,) int64, pixels of each.
    """
    order = np.argsort(-counts, kind="stable")
    wide = counts[order[:_GIF_FLATS]] >= _GIF_FLAT_SHARE * counts.sum()
    flat, others = np.split(order, [np.count_nonzero(wide)])
    rest = Image.fromarray(np.repeat(colors[others], counts[others], axis=0)[None])
    cut: Any = rest.quantize(_GIF_COLORS - len(flat), Image.Quantize.MEDIANCUT)
    between = np.array(cut.getpalette(), np.uint8).reshape(-1, 3)
    return np.concatenate([colors[flat], between])
