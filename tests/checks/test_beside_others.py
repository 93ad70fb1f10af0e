"""Checks of a cel beside other cels: flicker, and colors that references do not have."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from shiage.checks import CheckSettings, CutChecks
from shiage.colors.palette import Palette, hex_of
from tests.checks.planting import (
    STYLES,
    Fault,
    PaintedDrawing,
    check,
    compare,
    draw_cut,
    plant_flicker,
    plant_unlike_references,
    save_cut,
    single_parts,
)


def check_with_key(
    folder: Path, cels: Sequence[PaintedDrawing], palette: Palette | None
) -> CutChecks:
    """Check against the painting of the first cel."""
    save_cut(folder / "key", cels[:1])
    keys = [folder / "key/painted/A0001.png"]
    return check(save_cut(folder, cels), palette, keys, "ant")


@pytest.mark.parametrize("length", [1, 2, 3])
@pytest.mark.parametrize("style", ["hard", "soft"])
def test_a_part_that_changes_color_and_returns(style: str, length: int, tmp_path: Path) -> None:
    rng = np.random.default_rng(length)
    cels, faults = plant_flicker(rng, draw_cut(STYLES[style], 20 + length, count=6), length)
    result = check(save_cut(tmp_path, cels), cels[0].palette, matcher="ant")
    assert compare(result, faults) == ([], [])
    assert len(result.findings) == length
    before, after = result.findings[0].cels
    assert int(after[1:]) - int(before[1:]) == length + 1
    for finding, fault in zip(result.findings, faults, strict=True):
        assert finding.area == len(fault.spot)
        assert len(set(finding.colors)) == 2


def test_a_part_left_unpainted_in_one_cel(tmp_path: Path) -> None:
    cels, faults = plant_flicker(
        np.random.default_rng(0), draw_cut(STYLES["hard"], 31), 1, unpainted=True
    )
    result = check(save_cut(tmp_path, cels), matcher="ant")
    missed, _ = compare(result, faults)
    assert missed == []
    (finding,) = (f for f in result.findings if f.kind == "flicker")
    assert "unpainted here" in finding.message
    assert finding.colors[0] == "none"


def test_a_color_that_stays_longer_is_meant(tmp_path: Path) -> None:
    cels = draw_cut(STYLES["hard"], 40, count=5)
    cels, faults = plant_flicker(np.random.default_rng(1), cels, 3)
    save_cut(tmp_path, cels)
    strict, loose = (
        check(tmp_path, matcher="ant", settings=CheckSettings(longest_flicker=cels_long))
        for cels_long in (2, 3)
    )
    assert strict.clean
    assert compare(loose, faults) == ([], [])


def test_a_color_that_does_not_return_is_no_flicker(tmp_path: Path) -> None:
    cels = draw_cut(STYLES["hard"], 41, count=5)
    own, other = single_parts(cels)[:2]
    for at in range(2, 5):
        label = int(np.flatnonzero(cels[at].color_ids == own)[0]) + 1
        cels[at] = cels[at].repainted(label, other)
    assert check(save_cut(tmp_path, cels), matcher="ant").clean


def test_columns_do_not_flicker_into_each_other(tmp_path: Path) -> None:
    """B is A in other colors; in order of names no column interrupts the other."""
    cels = draw_cut(STYLES["hard"], 42, count=2)
    changed = cels[1].repainted(int(cels[1].segments.labels[60, 98]), 3)
    save_cut(
        tmp_path,
        [cels[0], replace(changed, name="B0001"), replace(cels[1], name="C0001")],
    )
    assert check(tmp_path, matcher="ant").clean


def test_no_flicker_without_a_matcher(tmp_path: Path) -> None:
    cels, _ = plant_flicker(np.random.default_rng(0), draw_cut(STYLES["hard"], 31), 1)
    assert check(save_cut(tmp_path, cels), matcher=None).clean


def test_a_cel_that_cannot_be_read_does_not_hide_a_flicker_elsewhere(tmp_path: Path) -> None:
    cels = draw_cut(STYLES["hard"], 43, count=5)
    tail, faults = plant_flicker(np.random.default_rng(2), cels[1:], 1)
    save_cut(tmp_path, [cels[0], *tail])
    (tmp_path / "painted/A0001.png").write_bytes(b"")
    result = check(tmp_path, matcher="ant")
    assert compare(result, [*faults, Fault("unreadable", "A0001")]) == ([], [])


@pytest.mark.parametrize("style", ["hard", "soft, transparent"])
def test_colors_and_parts_unlike_the_reference(style: str, tmp_path: Path) -> None:
    cels, faults = plant_unlike_references(
        np.random.default_rng(4), draw_cut(STYLES[style], 50, count=4)
    )
    result = check_with_key(tmp_path, cels, cels[1].palette)
    assert compare(result, faults) == ([], [])
    for finding in result.findings:
        assert finding.severity == "doubt"
        if finding.kind == "unlike-reference":
            assert finding.cels == ("A0001",)


def test_a_color_of_no_reference_is_off_palette_without_a_palette(tmp_path: Path) -> None:
    cels, faults = plant_unlike_references(
        np.random.default_rng(4), draw_cut(STYLES["hard"], 50, count=3)
    )
    result = check_with_key(tmp_path, cels, None)
    kinds = {finding.cel: finding.kind for finding in result.findings}
    assert kinds == {"A0002": "off-palette", "A0003": "unlike-reference"}
    areas = {finding.cel: finding.area for finding in result.findings}
    assert areas == {fault.cel: len(fault.spot) for fault in faults}


def test_reference_colors_are_allowed_beside_those_of_the_palette(tmp_path: Path) -> None:
    cels = draw_cut(STYLES["hard"], 51, count=2)
    half = Palette(cels[0].palette.rgba_u16[:4], cels[0].palette.names[:4])
    assert check_with_key(tmp_path, cels, half).clean
    off = check(tmp_path, half)
    assert {finding.kind for finding in off.findings} == {"off-palette"}
    allowed = {hex_of(tuple(row)) for row in half.rgba_u16.tolist()}
    assert not allowed & {color for finding in off.findings for color in finding.colors}


def test_the_result_as_json_holds_everything(tmp_path: Path) -> None:
    cels, faults = plant_flicker(np.random.default_rng(0), draw_cut(STYLES["hard"], 31), 1)
    result = check(save_cut(tmp_path, cels), matcher="ant")
    told = json.loads(result.to_json())
    assert told["counts"]["flicker"] == len(faults)
    assert told["findings"][0]["box_xyxy"] == list(result.findings[0].box_xyxy or ())
    assert told["findings"][0]["cel"] == faults[0].cel
    assert told["cels"] == ["A0001", "A0002", "A0003", "A0004", "A0005"]
