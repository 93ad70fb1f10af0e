"""Clean drawings that come with shiage are split exactly, whatever is known of rough ones."""

from __future__ import annotations

from pathlib import Path

import pytest

from shiage.demo import DEMO_CUT
from shiage.files.images import read_picture
from shiage.lines.lineart import extract_lineart
from shiage.lines.splitting import why_drawn

MINI = Path(__file__).parents[2] / "examples" / "mini"
DRAWINGS = sorted([*DEMO_CUT.glob("line/*.png"), *MINI.rglob("line/*.png")])


def test_there_are_drawings() -> None:
    assert len(DRAWINGS) == 100


@pytest.mark.parametrize("path", DRAWINGS, ids=lambda path: "-".join(path.parts[-3::2]))
def test_no_clean_drawing_is_taken_for_a_rough_one(path: Path) -> None:
    assert why_drawn(extract_lineart(read_picture(path).rgba_u8)) == ""
