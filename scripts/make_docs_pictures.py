"""Paint the demo cut and put its pictures together for the README: docs/demo.png."""

from __future__ import annotations

import tempfile
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from shiage.batch import CutJob, paint_cut
from shiage.demo import DEMO_CUT, KEYS
from shiage.files.images import Layout, Picture, read_picture, write_picture
from shiage.lineart import extract_lineart
from shiage.segment_view import draw_segments
from shiage.segments import find_segments

CELS = ("0009", "0012")
TILE = 420


def tile(rgba: NDArray[np.uint8], title: str) -> NDArray[np.uint8]:
    """(TILE + 34, TILE, 3) uint8 RGB: a picture made small, with its title above."""
    small = cv2.resize(rgba[..., :3], (TILE, TILE), interpolation=cv2.INTER_AREA)
    head = np.full((34, TILE, 3), 255, np.uint8)
    cv2.putText(head, title, (8, 24), cv2.FONT_HERSHEY_SIMPLEX, 0.6, (40, 40, 40), 1, cv2.LINE_AA)
    return np.vstack([head, small]).astype(np.uint8)


def main() -> None:
    """Write docs/demo.png: what is given above, then drawing, segments and result per cel."""
    given = [
        tile(read_picture(DEMO_CUT / "color" / f"{k}.png").rgba_u8, f"given: {k}") for k in KEYS
    ]
    rows = [np.hstack([*given, np.full_like(given[0], 255)])]
    with tempfile.TemporaryDirectory() as folder:
        references = tuple(DEMO_CUT / "color" / f"{key}.png" for key in KEYS)
        paint_cut(CutJob(DEMO_CUT, references, out=Path(folder)))
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
    rgb = np.vstack(rows)
    rgba = np.dstack([rgb, np.full(rgb.shape[:2], 255, np.uint8)])
    write_picture(Path("docs/demo.png"), Picture(rgba, Layout("PNG", "RGB", 8)))


if __name__ == "__main__":
    main()
