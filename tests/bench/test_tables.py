"""Scores as tables and as a picture."""

from __future__ import annotations

from pathlib import Path

import pytest

from shiage.bench.contenders import find_contender
from shiage.bench.plots import draw_scores
from shiage.bench.protocols import parse_protocol
from shiage.bench.runner import BenchJob, BenchRow, run_bench
from shiage.bench.tables import character_table, scores_table, trust_table
from shiage.data.dataset import list_clips
from shiage.files.images import read_picture


@pytest.fixture(scope="module")
def rows(toy_set: Path, tmp_path_factory: pytest.TempPathFactory) -> list[BenchRow]:
    contenders = [find_contender(name) for name in ("position", "shape")]
    protocols = [parse_protocol("next"), parse_protocol("cut-1")]
    clips = list(list_clips(toy_set, "test"))
    out = tmp_path_factory.mktemp("bench")
    return run_bench(BenchJob(out, {"toy": clips}, contenders, protocols))


def test_tables(rows: list[BenchRow]) -> None:
    for draw in (scores_table, trust_table):
        lines = draw(rows).splitlines()
        assert len(lines) == 2 + len(rows) == 6
        assert len({line.count("|") for line in lines}) == 1
        assert lines[2].startswith("| toy | next | position |")
    first = rows[0].scores.accuracy
    assert first is not None
    assert f"| {100 * first:.1f} |" in scores_table(rows).splitlines()[2]


def test_characters_have_a_column_for_each_matcher(rows: list[BenchRow]) -> None:
    lines = character_table(rows).splitlines()
    assert lines[0] == "| suite | protocol | character | position | shape |"
    assert len(lines) == 2 + 2 * len(rows[0].characters) == 6


def test_picture(rows: list[BenchRow], tmp_path: Path) -> None:
    draw_scores(rows, tmp_path / "plot.png")
    height, width = read_picture(tmp_path / "plot.png").size_hw
    assert (height, width) == (748, 1320)
