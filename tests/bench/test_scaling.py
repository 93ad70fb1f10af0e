"""Time and memory by size: what is measured, and the fit."""

from __future__ import annotations

from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pytest

from shiage.bench.plots import draw_scaling
from shiage.bench.scaling import (
    ScalingPoint,
    _peak,
    draw_grid,
    exponents,
    fit_exponent,
    measure_scaling,
)
from shiage.bench.tables import scaling_table
from shiage.files.images import read_picture


@pytest.mark.parametrize("count", [1, 16, 100, 512])
def test_grids_have_about_so_many_segments(count: int) -> None:
    _, segments = draw_grid(512, count)
    assert 0.8 * count <= len(segments) <= 1.25 * count + 1


@pytest.mark.parametrize("power", [0.5, 1.0, 2.0])
def test_the_power_is_found(power: float) -> None:
    sizes = [10.0, 20, 40, 80]
    values = [3 * size**power for size in sizes]
    values[0] *= 7  # what every call costs
    assert fit_exponent(sizes, values) == pytest.approx(power)


def test_all_is_measured_and_drawn(tmp_path: Path) -> None:
    points = measure_scaling((4, 16), (64, 128))
    assert {(p.matcher, p.against) for p in points} == {
        (matcher, against) for matcher in ("ant", "dense") for against in ("segments", "pixels")
    }
    assert len(points) == 8
    assert min(p.seconds for p in points) > 0
    draw_scaling(points, tmp_path / "plot.png")
    assert read_picture(tmp_path / "plot.png").size_hw == (770, 1100)
    assert len(scaling_table(points).splitlines()) == 2 + 8 + 4


def test_pixels_against_pixels_grow_by_the_square() -> None:
    """By construction, with numbers: a map twice as wide has sixteen times the correlations."""
    points = [
        ScalingPoint("dense", "pixels", side**2, float(side**4), float(side**4))
        for side in (64, 128, 256)
    ]
    assert exponents(points)["dense", "pixels"] == pytest.approx((2, 2))
    assert np.isfinite(list(exponents(points).values())).all()


def test_memory_of_the_parent_process_is_not_counted() -> None:
    large = np.ones(50_000_000)  # 400 MB
    with get_context("spawn").Pool(1) as pool:
        peak = pool.apply(_peak)
    assert 0 < peak < large.nbytes / 1e6
