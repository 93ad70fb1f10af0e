"""Every planted fault is found, for what it is, and nothing else."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from shiage.checks import CheckSettings, Kind
from shiage.lines.lineart import TRACE_HUES
from tests.checks.planting import (
    PLANTS,
    STYLES,
    Fault,
    check,
    compare,
    draw_cut,
    plant,
    plant_traces,
    save_cut,
)


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("kind", PLANTS)
def test_all_faults_are_found_and_nothing_else(kind: Kind, style: str, tmp_path: Path) -> None:
    rng = np.random.default_rng(len(kind) + len(style))
    cels, faults = plant(kind, rng, draw_cut(STYLES[style], len(style), count=2), 8)
    assert len(faults) == 16
    result = check(save_cut(tmp_path, cels), cels[0].palette)
    assert compare(result, faults) == ([], [])
    assert sum(found.area for found in result.findings) == sum(len(f.spot) for f in faults)


@pytest.mark.parametrize("style", ["hard", "soft, transparent"])
def test_faults_of_several_kinds_side_by_side(style: str, tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    cels = draw_cut(STYLES[style], 7, count=3)
    painted = []
    for cel in cels:
        pixels = cel.painted.copy()
        for planter in PLANTS.values():
            changed, spots = planter(rng, cel, 2)
            for y, x in (at for spot in spots for at in spot):
                pixels[y, x] = changed[y, x]
        painted.append(replace(cel, painted=pixels))
    result = check(save_cut(tmp_path, painted), cels[0].palette)
    assert {finding.kind for finding in result.findings} == set(PLANTS)
    changed_pixels = sum(
        np.count_nonzero((new.painted != old.painted).any(axis=-1))
        for new, old in zip(painted, cels, strict=True)
    )
    assert sum(finding.area for finding in result.findings) == changed_pixels


@pytest.mark.parametrize("hue", range(1, len(TRACE_HUES) + 1))
@pytest.mark.parametrize("style", ["hard, 1 px", "soft"])
def test_traces_of_every_hue_are_found_and_named(hue: int, style: str, tmp_path: Path) -> None:
    (cel,) = draw_cut(STYLES[style], 2, count=1)
    pixels, spots = plant_traces(np.random.default_rng(hue), cel, 5, hue)
    assert len(spots) == 5
    faults = [Fault("trace", cel.name, spot) for spot in spots]
    result = check(save_cut(tmp_path, [replace(cel, painted=pixels)]), cel.palette)
    assert compare(result, faults) == ([], [])
    assert all(f"the {TRACE_HUES[hue - 1].name} trace" in f.message for f in result.findings)


@pytest.mark.parametrize("kind", ["pinhole", "trace", "off-palette", "ink"])
def test_found_without_palette_and_references_too(kind: Kind, tmp_path: Path) -> None:
    cels, faults = plant(kind, np.random.default_rng(3), draw_cut(STYLES["soft"], 5, count=1), 8)
    assert compare(check(save_cut(tmp_path, cels)), faults) == ([], [])


def test_a_whole_trace_layer_left_over_is_told_line_by_line(tmp_path: Path) -> None:
    (cel,) = draw_cut(STYLES["soft"], 1, count=1)
    traced = cel.lineart.trace > 0
    pixels = cel.painted.copy()
    pixels[traced] = cel.drawing[traced]
    result = check(save_cut(tmp_path, [replace(cel, painted=pixels)]), cel.palette)
    assert {finding.kind for finding in result.findings} == {"trace"}
    assert sum(finding.area for finding in result.findings) == np.count_nonzero(traced)


def test_kept_traces_are_lines_that_must_not_change(tmp_path: Path) -> None:
    (cel,) = draw_cut(STYLES["hard"], 1, count=1)
    save_cut(tmp_path, [cel])
    result = check(tmp_path, cel.palette, settings=CheckSettings(traces="keep"))
    assert {finding.kind for finding in result.findings} == {"ink"}
    area = sum(finding.area for finding in result.findings)
    traced = cel.lineart.trace > 0
    if cel.lineart.crossings is not None:  # there paint has left black
        traced.ravel()[cel.lineart.crossings.at] = True
    assert area == np.count_nonzero(traced)
