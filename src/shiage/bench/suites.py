"""Which clips are measured on."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from shiage.data.dataset import ClipInfo, Split, list_clips
from shiage.demo import DEMO_CUT
from shiage.errors import BadOption, DatasetError

SOURCES = ("rendered", "procedural", "vector")
"""Suites that are parts of the standard set, see docs/data.md."""

EXPECTED = f"demo, a part of --data ({', '.join(SOURCES)}), or a folder of clips"


def find_suite(
    name: str, data: Path | None, split: Split | None, most: int | None = None
) -> list[ClipInfo]:
    """Return the clips of a suite.

    Args:
        name: see `EXPECTED`.
        data: folder of the standard set.
        split: whose characters; None takes all. The demo has one only, a test character.
        most: clips at most, spread evenly over those there are; None takes all.

    Raises:
        BadOption: there is no such suite.
        DatasetError: it has no clip of the split, or a damaged one.
    """
    if name == "demo":
        return list(list_clips(DEMO_CUT))
    if name in SOURCES and data is None:
        raise BadOption(
            f"the suite {name} is part of the standard set",
            action="Give its folder with --data DIR",
        )
    folder = data / name if name in SOURCES and data is not None else Path(name)
    if not folder.is_dir():
        raise BadOption(f"there is no suite {str(folder)!r}", expected=EXPECTED)
    return spread_evenly(_require(list(list_clips(folder, split)), folder, split), most)


def spread_evenly(clips: Sequence[ClipInfo], most: int | None) -> list[ClipInfo]:
    """Return at most `most` clips, spread evenly over the characters they show.

    Each character in turn gives its first clip, then its second, and so on.
    """
    if most is None or len(clips) <= most:
        return list(clips)
    by_character: dict[str, list[ClipInfo]] = {}
    for clip in clips:
        by_character.setdefault(clip.character, []).append(clip)
    rows = by_character.values()
    turns = [row[n] for n in range(max(map(len, rows))) for row in rows if n < len(row)]
    if len(rows) > most:  # one of each is too many already
        turns = [turns[n] for n in np.linspace(0, len(rows) - 1, most).round().astype(int)]
    return sorted(turns[:most], key=lambda clip: clip.folder)


def _require(clips: list[ClipInfo], folder: Path, split: Split | None) -> list[ClipInfo]:
    """Return the clips if there are any.

    Raises:
        DatasetError: there are none.
    """
    if not clips:
        raise DatasetError(
            f"no clip of the {split} characters",
            path=folder,
            action="Choose another --split",
        )
    return clips
