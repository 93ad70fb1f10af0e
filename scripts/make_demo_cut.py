"""Draw the bundled demo cut: line art and truth of a character of our own.

Run ``python scripts/make_demo_cut.py`` to write ``src/shiage/demo``; every run gives the same
bytes.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

import cv2
import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from scripts.demo_cut.canvas import Frame  # noqa: E402
from scripts.demo_cut.palette import Rgb  # noqa: E402
from scripts.demo_cut.poses import POSES  # noqa: E402
from scripts.demo_cut.scene import draw  # noqa: E402

SIZE_HW = (1200, 1200)
CHARACTER = "Kozue the courier"


def save(frame: Frame, name: str, folder: Path) -> None:
    """Write the three pictures of a frame; flat art packs best without a PNG filter."""
    pictures = {
        "line": cv2.cvtColor(frame.line, cv2.COLOR_RGB2BGR),
        "color": cv2.cvtColor(frame.color, cv2.COLOR_RGB2BGR),
        "segment": frame.labels.astype(np.uint16),
    }
    packing = [
        cv2.IMWRITE_PNG_COMPRESSION,
        9,
        cv2.IMWRITE_PNG_FILTER,
        cv2.IMWRITE_PNG_FILTER_NONE,
        cv2.IMWRITE_PNG_STRATEGY,
        cv2.IMWRITE_PNG_STRATEGY_DEFAULT,
    ]
    for kind, picture in pictures.items():
        (folder / kind).mkdir(parents=True, exist_ok=True)
        if not cv2.imwrite(str(folder / kind / f"{name}.png"), picture, packing):
            raise OSError(f"cannot write {kind}/{name}.png under {folder}")


def main() -> None:
    """Write the cut and print its table of segments."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--out", type=Path, default=ROOT / "src" / "shiage" / "demo")
    folder: Path = parser.parse_args().out
    frames: list[dict[str, object]] = []
    colours: set[Rgb] = set()
    known: set[str] = set()
    print("frame  segments  regions  new since first")
    for pose in POSES:
        name = f"{pose.number:04d}"
        frame = draw(pose, *SIZE_HW)
        save(frame, name, folder)
        colours |= {segment.color for segment in frame.segments}
        regions = {segment.region for segment in frame.segments}
        known = known or regions
        print(f"{name}   {len(frame.segments):8d}  {len(regions):7d}  {len(regions - known):15d}")
        frames.append(
            {
                "name": name,
                "segments": [
                    {"label": s.label, "region": s.region, "color": list(s.color)}
                    for s in frame.segments
                ],
            }
        )
    clip = {
        "source": "drawn in code for shiage",
        "license": "Apache-2.0",
        "character": CHARACTER,
        "split": "test",
        "generator": "scripts/make_demo_cut.py",
        "seed": 0,
        "size_hw": list(SIZE_HW),
        "frames": frames,
    }
    text = json.dumps(clip, ensure_ascii=False, separators=(",", ":"))
    (folder / "clip.json").write_text(text + "\n", encoding="utf-8")
    print(f"{len(frames)} frames, {len(colours)} colours")


if __name__ == "__main__":
    main()
