"""Put contact sheets of a dataset together for the docs: docs/data_SOURCE.png for each source.

python scripts/make_data_pictures.py DATASET
"""

from __future__ import annotations

import sys
from itertools import groupby
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from shiage.data.contact_sheet import draw_sheet
from shiage.data.dataset import ClipInfo, list_clips, read_clip
from shiage.files.images import Layout, Picture, write_picture

DOCS = Path(__file__).parents[1] / "docs"
SHEETS, ACROSS = 4, 2
FRAMES = 5
SCALE = 0.5


def sheet_of(info: ClipInfo) -> NDArray[np.uint8]:
    """(h, w, 3) uint8 RGB: the contact sheet of some frames of a clip."""
    at = np.linspace(0, len(info.frames) - 1, min(FRAMES, len(info.frames))).round().astype(int)
    clip = read_clip(info.folder, tuple(info.frames[i] for i in at))
    sheet = draw_sheet(clip, (info.character, info.license[:70]))
    small = cv2.resize(sheet, None, fx=SCALE, fy=SCALE, interpolation=cv2.INTER_AREA)
    return small.astype(np.uint8)


def main() -> None:
    """Write one picture per source, of clips evenly chosen."""
    infos = sorted(list_clips(Path(sys.argv[1])), key=lambda info: (info.source, info.folder))
    for source, group in groupby(infos, key=lambda info: info.source):
        clips = list(group)
        chosen = [clips[i] for i in np.linspace(0, len(clips) - 1, SHEETS).astype(int)]
        sheets = [sheet_of(info) for info in chosen]
        height = max(sheet.shape[0] for sheet in sheets)
        width = max(sheet.shape[1] for sheet in sheets)
        page = np.full((SHEETS // ACROSS * height, ACROSS * width, 4), 255, np.uint8)
        for place, sheet in enumerate(sheets):
            y, x = place // ACROSS * height, place % ACROSS * width
            page[y : y + sheet.shape[0], x : x + sheet.shape[1], :3] = sheet
        write_picture(DOCS / f"data_{source}.png", Picture(page, Layout("PNG", "RGB", 8)))


if __name__ == "__main__":
    main()
