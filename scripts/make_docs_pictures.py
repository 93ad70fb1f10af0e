"""Put pictures of the demo cut together for the docs: docs/demo.png, docs/rough_split.png.

    python scripts/make_docs_pictures.py [CLIP ...]

With clips of a dataset, of test characters, also docs/held_out.png: of each clip the last drawing,
painted from the first.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from shiage.cuts.job import CutJob
from shiage.cuts.recipe import Recipe
from shiage.cuts.whole_cut import paint_cut
from shiage.data.dataset import list_clips, read_clip
from shiage.data.rough import Level, draw_again
from shiage.demo import DEMO_CUT, KEYS, find_right_segments
from shiage.files.images import Layout, Picture, read_picture, write_picture
from shiage.lines.lineart import LineSettings, extract_lineart
from shiage.lines.segment_view import draw_segments
from shiage.lines.segments import LineWay, SegmentSettings, find_segments
from shiage.lines.splitting import split_drawing
from shiage.painting.painter import Painter

HANDS: dict[Level, int] = {"light": 3, "medium": 5, "heavy": 11}
"""Which hands draw the demo again: how rough, and the seed."""

WAYS: dict[LineWay, str] = {"exact": "--lines exact", "drawn": "--lines drawn"}

CELS = ("0009", "0012")
TILE = 420
WRONG = (230, 0, 120)
"""Marks what was painted wrong."""


def tile(rgba: NDArray[np.uint8], title: str) -> NDArray[np.uint8]:
    """(TILE + 34, TILE, 3) uint8 RGB: a picture made small, with its title above."""
    small = cv2.resize(rgba[..., :3], (TILE, TILE), interpolation=cv2.INTER_AREA)
    head = np.full((34, TILE, 3), 255, np.uint8)
    cv2.putText(head, title, (8, 24), cv2.FONT_HERSHEY_SIMPLEX, 0.6, (40, 40, 40), 1, cv2.LINE_AA)
    return np.vstack([head, small]).astype(np.uint8)


def main(clips: list[Path]) -> None:
    """Write the pictures."""
    write(Path("docs/demo.png"), picture_demo())
    write(Path("docs/rough_split.png"), picture_rough())
    if clips:
        write(Path("docs/held_out.png"), [picture_held_out(clip) for clip in clips])


def write(path: Path, rows: list[NDArray[np.uint8]]) -> None:
    """Write rows of tiles, one below the other."""
    rgb = np.vstack(rows)
    rgba = np.dstack([rgb, np.full(rgb.shape[:2], 255, np.uint8)])
    write_picture(path, Picture(rgba, Layout("PNG", "RGB", 8)))


def picture_held_out(clip: Path) -> NDArray[np.uint8]:
    """One row: what is given, the drawing, how it is painted, and which paint is wrong."""
    (info,) = list_clips(clip)
    if info.split != "test":
        raise SystemExit(f"{clip}: {info.character} is a {info.split} character")
    first, last = info.frames[0], info.frames[-1]
    painter = Painter()
    painter.add_reference(clip / "color" / f"{first}.png", clip / "line" / f"{first}.png")
    painted = painter.paint(clip / "line" / f"{last}.png").picture.rgba_u8
    (frame,) = read_clip(clip, (last,)).frames
    truth = np.vstack([[0, 0, 0], frame.colors])[frame.labels]  # (H, W, 3)
    right = find_right_segments((painted[..., :3] == truth).all(axis=-1), frame.labels)
    shown = np.where(right[:, None], 255, WRONG)  # (N, 3)
    marked = np.vstack([[90, 90, 90], shown])[frame.labels].astype(np.uint8)
    given = read_picture(clip / "color" / f"{first}.png").rgba_u8
    drawing = read_picture(clip / "line" / f"{last}.png").rgba_u8
    tiles = {
        "given": given,
        "to be painted": on_white(drawing),
        "painted by shiage": on_white(painted),
        f"{right.sum()} of {len(frame)} right": marked,
    }
    return np.hstack([tile(picture, title) for title, picture in tiles.items()])


def picture_rough() -> list[NDArray[np.uint8]]:
    """Return rows of pictures: the demo's first cel drawn again, and split in both ways."""
    (info,) = list_clips(DEMO_CUT.parent)
    frame = read_clip(info.folder).frames[0]
    y, x = np.nonzero(frame.labels == 0)
    window = np.s_[max(0, y.min() - 20) : y.max() + 20, max(0, x.min() - 120) : x.max() + 120]
    rows = []
    for level, seed in HANDS.items():
        rough = draw_again(frame, level, np.random.default_rng(seed))
        drawn = rough.rgba_u8
        tiles = [tile(drawn[window], f"as drawn, {level}")]
        for way, title in WAYS.items():
            lineart, segments = split_drawing(drawn, LineSettings(), SegmentSettings(lines=way))
            tiles.append(tile(draw_segments(lineart, segments)[window], title))
        rows.append(np.hstack(tiles) // 32 * 36)  # paper grain fills a file with nothing to see
    return rows


def on_white(rgba: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """(H, W, 3) uint8: a picture on white paper."""
    share = rgba[..., 3:] / 255
    return np.rint(rgba[..., :3] * share + 255 * (1 - share)).astype(np.uint8)


def picture_demo() -> list[NDArray[np.uint8]]:
    """Return rows: what is given; then drawing, segments and result of each cel."""
    given = [
        tile(read_picture(DEMO_CUT / "color" / f"{k}.png").rgba_u8, f"given: {k}") for k in KEYS
    ]
    rows = [np.hstack([*given, np.full_like(given[0], 255)])]
    with tempfile.TemporaryDirectory() as folder:
        references = tuple(DEMO_CUT / "color" / f"{key}.png" for key in KEYS)
        paint_cut(CutJob(DEMO_CUT, Recipe(references), out=Path(folder)))
        for cel in CELS:
            drawing = read_picture(DEMO_CUT / "line" / f"{cel}.png").rgba_u8
            lineart = extract_lineart(drawing)
            segments = find_segments(lineart)
            painted = read_picture(Path(folder) / f"{cel}.png").rgba_u8
            rows.append(
                np.hstack(
                    [
                        tile(drawing, f"{cel}: drawing"),
                        tile(draw_segments(lineart, segments), f"{len(segments)} segments"),
                        tile(painted, "painted by shiage"),
                    ]
                )
            )
    return rows


if __name__ == "__main__":
    main([Path(clip) for clip in sys.argv[1:]])
