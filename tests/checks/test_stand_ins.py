"""Parts in stand-in colors (仮色) are found, whoever says that these are stand-ins."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from shiage.checks import CutChecks
from shiage.colors.palette import PAPER
from tests.checks.planting import STAND_IN, STYLES, PaintedDrawing, check, draw_cut, save_cut

MAGENTA = "#ff00ff"


def replant(cels: Sequence[PaintedDrawing], at: int) -> tuple[list[PaintedDrawing], int]:
    """The cut with the largest part of one cel in the stand-in color, and the part's label."""
    cel = cels[at]
    label = int(np.where(cel.color_ids == PAPER, 0, cel.segments.area).argmax()) + 1
    stand_in = int(np.flatnonzero(cel.palette.stand_ins)[0])
    return [*cels[:at], cel.repainted(label, stand_in), *cels[at + 1 :]], label


def write_run(folder: Path, **facts: object) -> None:
    """What `shiage paint` writes down of a run, as far as it matters here."""
    path = folder / "painted" / "_shiage" / "run.json"
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps(facts), encoding="utf-8")


def assert_is_at(result: CutChecks, cel: PaintedDrawing, label: int) -> None:
    """There are findings of that part alone."""
    assert result.findings
    for finding in result.findings:
        assert (finding.kind, finding.cel, finding.colors) == ("stand-in", cel.name, (MAGENTA,))
        assert finding.xy
        painted = cel.painted[..., :3] // (257 if cel.painted.itemsize == 2 else 1)
        assert tuple(painted[finding.xy[1], finding.xy[0]].tolist()) == STAND_IN
    x, y = result.findings[0].xy or (0, 0)
    assert cel.segments.labels[y, x] == label or cel.lineart.ink[y, x]


@pytest.mark.parametrize("style", ["hard", "soft, transparent", "soft, 16 bits"])
def test_a_part_in_a_stand_in_is_told_as_that_and_nothing_else(style: str, tmp_path: Path) -> None:
    cels, label = replant(draw_cut(STYLES[style], 3), 2)
    result = check(save_cut(tmp_path, cels), cels[0].palette, matcher="ant")
    # Its color is another in one cel, which is a flicker, too.
    rest = [finding for finding in result.findings if finding.kind != "flicker"]
    assert_is_at(CutChecks("", "", (), tuple(rest)), cels[2], label)
    assert "スカート（仮）" in rest[0].message
    assert "shiage recolor" in rest[0].message


def test_the_palette_of_the_run_says_so_too(tmp_path: Path) -> None:
    cels, label = replant(draw_cut(STYLES["soft"], 3, count=2), 1)
    save_cut(tmp_path, cels)
    assert check(tmp_path).clean
    write_run(tmp_path, colors=[["leaf", "#00ff00", ""], ["skirt", MAGENTA, "未決"]])
    assert_is_at(check(tmp_path), cels[1], label)


def test_parts_left_undecided_are_stand_ins_and_no_flicker(tmp_path: Path) -> None:
    cels, label = replant(draw_cut(STYLES["soft"], 3), 2)
    save_cut(tmp_path, cels)
    palette = cels[0].palette.only(np.flatnonzero(~cels[0].palette.stand_ins).tolist())
    kinds = {finding.kind for finding in check(tmp_path, palette, matcher="ant").findings}
    assert kinds == {"off-palette", "flicker"}
    write_run(tmp_path, settings={"undecided": MAGENTA})
    result = check(tmp_path, palette, matcher="ant")
    assert_is_at(result, cels[2], label)
    assert "undecided" in result.findings[0].message


def test_undecided_parts_left_unpainted_are_no_stand_ins(tmp_path: Path) -> None:
    cels = draw_cut(STYLES["hard, transparent"], 3, count=1)
    save_cut(tmp_path, cels)
    write_run(tmp_path, settings={"undecided": "none"})
    assert check(tmp_path, cels[0].palette).clean


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{", '{"settings": {"undecided": "loud"}}', '{"colors": [["a", "b", "c"]]}',
     '{"colors": 3}', '{"colors": [["a", "#ff00ff"]]}', '{"settings": null}'],
)  # fmt: skip
def test_a_damaged_record_of_the_run_says_nothing(text: str, tmp_path: Path) -> None:
    cels, _ = replant(draw_cut(STYLES["hard"], 3, count=1), 0)
    save_cut(tmp_path, cels)
    write_run(tmp_path)
    (tmp_path / "painted" / "_shiage" / "run.json").write_text(text)
    assert check(tmp_path).clean
