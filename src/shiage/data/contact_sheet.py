"""Contact sheets: a clip at a glance, drawings beside each other, truth below them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from shiage.data.dataset import BACKGROUND, Clip, ClipInfo, Frame, list_clips, read_clip
from shiage.data.rough import Level, draw_again
from shiage.errors import OutputExists
from shiage.files.images import Layout, Picture, write_picture
from shiage.lines.lineart import flatten_on_white
from shiage.progress import Progress, no_progress

Rgb = NDArray[np.uint8]

MAX_COLUMNS = 8
TILE = 256
"""Height of a drawing on the sheet, pixels."""

GUTTER = 6
MARGIN = 18
LEFT = 92
"""Room for the names of the rows."""

HEAD = 88
"""Room for the title and the names of the columns."""

SHEET, PAPER, INK, FAINT = (243, 243, 240), (255, 255, 255), (38, 38, 44), (120, 120, 126)
NEW_LIGHT, NEW_DARK = (216, 216, 216), (150, 150, 150)
"""Stripes of segments whose region the first drawing does not show."""

GOLDEN_ANGLE_DEG = 137.508
"""Successive hues this far apart never come close to one another again."""

TONES = {"": (165, 235), "shadow": (185, 165), "highlight": (70, 250)}
"""Saturation and value, of 255, of a region and of its shaded parts."""


def write_sheets(
    root: Path,
    out: Path,
    clips: int,
    *,
    rough: Level | None = None,
    force: bool = False,
    progress: Progress = no_progress,
) -> list[Path]:
    """Write the sheets of some clips, evenly chosen, and return their files.

    Args:
        root: folder of the dataset.
        out: folder for the sheets.
        clips: how many.
        rough: adds a row in which each drawing is drawn again that roughly.
        force: overwrite sheets that are there.
        progress: called after each clip.

    Raises:
        DatasetError: there is no clip, or one that is damaged.
        FileError: a picture could not be read.
        OutputExists: a sheet is there already and `force` is not given.
        WriteFailed: a sheet could not be written.
    """
    infos = list(list_clips(root))
    chosen = [infos[at] for at in _evenly(len(infos), clips)]
    files = [out / f"{_sheet_name(info, root)}.png" for info in chosen]
    existing = [file for file in files if file.exists()]
    if existing and not force:
        raise OutputExists(
            "is there already",
            path=existing[0],
            expected="a new file",
            action="Give --force to overwrite it, or another --out",
        )
    for done, (info, file) in enumerate(zip(chosen, files, strict=True), start=1):
        shown = [info.frames[at] for at in _evenly(len(info.frames), MAX_COLUMNS)]
        sheet = draw_sheet(read_clip(info.folder, tuple(shown)), _title(info), rough)
        opaque = np.full((*sheet.shape[:2], 1), 255, np.uint8)
        write_picture(file, Picture(np.dstack([sheet, opaque]), Layout("PNG", "RGB", 8)))
        progress(info.folder.name, done, len(chosen))
    return files


def draw_sheet(clip: Clip, title: tuple[str, str], rough: Level | None = None) -> Rgb:
    """(H, W, 3) uint8: rows line, segments, color and regions; a column per drawing.

    Args:
        clip: at most `MAX_COLUMNS` drawings look well.
        title: a line in large letters and one in small ones.
        rough: how rough the drawings of one more row are; None: no such row.
    """
    rows: dict[str, Callable[[Frame], Rgb]] = {
        "line": lambda frame: flatten_on_white(frame.line),
        "segments": _draw_segments,
        "color": lambda frame: flatten_on_white(frame.color),
    }
    if any(region is not None for frame in clip.frames for region in frame.regions):
        color_of = _region_colors(clip.frames)
        rows["regions"] = lambda frame: _draw_regions(frame, color_of)
    if rough is not None:
        rows["rough"] = lambda frame: _draw_again(frame, rough)
    height, width = clip.size_hw
    tile_wh = (max(1, round(TILE * width / height)), TILE)
    step_x, step_y = tile_wh[0] + GUTTER, TILE + GUTTER
    sheet = Image.new(
        "RGB",
        (LEFT + len(clip.frames) * step_x + MARGIN, HEAD + len(rows) * step_y + MARGIN),
        SHEET,
    )
    for row, draw in enumerate(rows.values()):
        for column, frame in enumerate(clip.frames):
            tile = cv2.resize(draw(frame), tile_wh, interpolation=cv2.INTER_AREA)
            sheet.paste(Image.fromarray(tile), (LEFT + column * step_x, HEAD + row * step_y))
    pen = ImageDraw.Draw(sheet)
    small, large = ImageFont.load_default(14), ImageFont.load_default(20)
    pen.text((MARGIN, 14), title[0], INK, large)
    pen.text((MARGIN, 40), title[1], FAINT, small)
    for column, frame in enumerate(clip.frames):
        at = (LEFT + column * step_x, HEAD - 18)
        pen.text(at, f"{frame.name} · {len(frame)} segments", FAINT, small)
    for row, name in enumerate(rows):
        pen.text((MARGIN, HEAD + row * step_y + TILE // 2), name, INK, small, "lm")
    return np.asarray(sheet)


def _evenly(count: int, most: int) -> list[int]:
    """Return at most `most` of the places 0..count-1, evenly spread, both ends among them.

    >>> _evenly(10, 4), _evenly(3, 8)
    ([0, 3, 6, 9], [0, 1, 2])
    """
    places = np.linspace(0, count - 1, min(count, most)).round().astype(int)
    return [int(place) for place in np.unique(places)]


def _sheet_name(info: ClipInfo, root: Path) -> str:
    """Return a file name that tells the clip's place in the dataset."""
    return "-".join(info.folder.relative_to(root).parts) or info.folder.resolve().name


def _title(info: ClipInfo) -> tuple[str, str]:
    height, width = info.size_hw
    facts = (info.source, info.split, f"{len(info.frames)} frames", f"{width} x {height}")
    return info.character, " · ".join((*facts, info.license))


def _hue_color(number: int, tone: str = "") -> tuple[int, int, int]:
    """Return the RGB of the number-th hue."""
    saturation, value = TONES[tone]
    hsv = np.array([[[number * GOLDEN_ANGLE_DEG % 360 / 2, saturation, value]]]).astype(np.uint8)
    red, green, blue = cv2.cvtColor(hsv, cv2.COLOR_HSV2RGB)[0, 0].tolist()
    return red, green, blue


def _draw_segments(frame: Frame) -> Rgb:
    """(H, W, 3) uint8: each segment in a color of its own, whatever it is in other drawings."""
    order = np.random.default_rng(len(frame)).permutation(len(frame))
    hues = [_hue_color(int(number)) for number in order]
    colors = zip(frame.regions, hues, strict=True)
    return _fill(frame, [PAPER if region == BACKGROUND else hue for region, hue in colors])


def _draw_again(frame: Frame, level: Level) -> Rgb:
    """(H, W, 3) uint8: a drawing as a hand would draw it, the same one each time."""
    seed = hashlib.sha256(frame.line.tobytes()).digest()[:8]
    rough = draw_again(frame, level, np.random.default_rng(int.from_bytes(seed, "big")))
    return np.asarray(np.rint(rough.rgb * 255), np.uint8)


def _region_colors(frames: Sequence[Frame]) -> dict[str, tuple[int, int, int]]:
    """Return a color per region of the first drawing; the background's is the paper's."""
    first = dict.fromkeys(region for region in frames[0].regions if region is not None)
    hues: dict[str, int] = {}
    colors = {}
    for region in first:
        part, _, tone = region.rpartition(".")
        if tone not in ("shadow", "highlight"):
            part, tone = region, ""
        number = hues.setdefault(part, len(hues))
        colors[region] = PAPER if region == BACKGROUND else _hue_color(number, tone)
    return colors


def _draw_regions(frame: Frame, color_of: dict[str, tuple[int, int, int]]) -> Rgb:
    """(H, W, 3) uint8: regions in the colors they have in every drawing, new ones striped."""
    known = [color_of.get(region) if region is not None else None for region in frame.regions]
    picture = _fill(frame, [color or NEW_LIGHT for color in known])
    new = np.array([False, *(color is None for color in known)])[frame.labels]
    y, x = np.nonzero(new)
    period = max(4, frame.labels.shape[0] // 32)
    dark = (x + y) % period < period // 2
    picture[y[dark], x[dark]] = NEW_DARK
    return picture


def _fill(frame: Frame, colors: Sequence[tuple[int, int, int]]) -> Rgb:
    """(H, W, 3) uint8: segments in the colors given, ink dark."""
    table = np.array([INK, *colors], np.uint8)
    return table[frame.labels]
