"""Benchmarks: painted once, scored by their truth, taken up again."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from shiage.bench.contenders import Contender, find_contender
from shiage.bench.predictions import predictions_path, read_predictions, write_predictions
from shiage.bench.protocols import parse_protocol
from shiage.bench.runner import BenchJob, read_scores, run_bench
from shiage.bench.suites import find_suite, spread_evenly
from shiage.data.dataset import ClipInfo, list_clips, read_truth
from shiage.errors import BadOption, DatasetError, OutputExists, UnreadableFile
from shiage.matching.onnx import SHIPPED
from shiage.matching.position import PositionMatcher
from shiage.structures import UNKNOWN
from tests.bench.oracle import Oracle

NEXT = parse_protocol("next")


def clips_of(toy_set: Path) -> list[ClipInfo]:
    return list(list_clips(toy_set, "test"))


def test_who_knows_the_truth_is_right(toy_set: Path, tmp_path: Path) -> None:
    clips = clips_of(toy_set)
    right, wrong = Oracle(clips), Oracle(clips, every=2)
    contenders = [Contender("right", "", lambda: right), Contender("wrong", "", lambda: wrong)]
    rows = run_bench(BenchJob(tmp_path, {"toy": clips}, contenders, [NEXT]))
    first, second = rows
    assert first.frames == sum(len(clip.frames) - 1 for clip in clips)
    assert set(first.characters) == {clip.character for clip in clips}
    assert first.scores.accuracy == first.scores.pixels == first.scores.background_iou == 1
    assert first.trust.unchecked == 1
    assert second.scores.accuracy is not None
    assert 0.3 < second.scores.accuracy < 0.6
    assert read_scores(tmp_path) == rows


def test_nothing_is_painted_twice(toy_set: Path, tmp_path: Path) -> None:
    clips = clips_of(toy_set)
    oracle = Oracle(clips)
    job = BenchJob(tmp_path, {"toy": clips}, [Contender("oracle", "", lambda: oracle)], [NEXT])
    rows = run_bench(replace(job, suites={"toy": clips[:1]}))
    asked = oracle.asked
    assert asked == len(clips[0].frames) - 1
    assert run_bench(replace(job, suites={"toy": clips[:1]})) == rows
    assert oracle.asked == asked
    run_bench(job)
    assert oracle.asked == 2 * asked
    run_bench(replace(job, protocols=[NEXT, parse_protocol("cut-1")]))
    assert oracle.asked == 4 * asked
    # What is damaged is painted again.
    path = predictions_path(tmp_path, "oracle", "next", "toy", clips[0])
    path.write_bytes(path.read_bytes()[:-30])
    assert run_bench(replace(job, suites={"toy": clips[:1]})) == rows
    assert oracle.asked == 5 * asked


def test_other_weights_are_not_taken_for_these(toy_set: Path, tmp_path: Path) -> None:
    clips = clips_of(toy_set)
    job = BenchJob(tmp_path, {"toy": clips}, [Contender("a", "one", PositionMatcher)], [NEXT])
    run_bench(job)
    with pytest.raises(OutputExists, match="other weights of a"):
        run_bench(replace(job, contenders=[Contender("a", "two", PositionMatcher)]))
    run_bench(replace(job, contenders=[Contender("b", "two", PositionMatcher)]))
    told = json.loads((tmp_path / "config.json").read_text())
    assert told["matchers"] == {"a": "one", "b": "two"}
    assert told["machine"]


def test_predictions_come_back(toy_set: Path, tmp_path: Path) -> None:
    clips = clips_of(toy_set)
    run_bench(BenchJob(tmp_path, {"toy": clips}, [find_contender("position")], [NEXT]))
    path = predictions_path(tmp_path, "position", "next", "toy", clips[0])
    found = read_predictions(path)
    assert found is not None
    truth = read_truth(clips[0].folder)
    assert [p.frame for p in found] == list(clips[0].frames[1:])
    assert [p.references for p in found] == [(name,) for name in clips[0].frames[:-1]]
    for prediction in found:
        assert len(prediction.colors) == len(truth[prediction.frame].colors)
        assert set(prediction.colors.tolist()) <= set(truth[prediction.frame].colors.tolist())
    write_predictions(path, [])
    assert read_predictions(path) == []
    unsaid = replace(found[0], colors=np.full_like(found[0].colors, UNKNOWN))
    write_predictions(path, [unsaid])
    again = read_predictions(path)
    assert again is not None
    assert (again[0].colors == UNKNOWN).all()


def test_suites(toy_set: Path) -> None:
    assert [clip.character for clip in find_suite("demo", None, "train")] == ["Kozue the courier"]
    assert find_suite("rendered", toy_set, "test") == clips_of(toy_set / "rendered")
    assert find_suite(str(toy_set), None, "test") == clips_of(toy_set)
    assert len(find_suite(str(toy_set), None, "test", 1)) == 1
    assert find_suite(str(toy_set), None, None) == list(list_clips(toy_set))
    with pytest.raises(BadOption, match="--data"):
        find_suite("rendered", None, "test")
    with pytest.raises(BadOption, match="there is no suite 'nowhere'"):
        find_suite("nowhere", None, "test")
    with pytest.raises(DatasetError, match="no clip of the validation characters"):
        find_suite(str(toy_set / "hand-drawn"), None, "validation")


def test_clips_are_spread_over_characters() -> None:
    def clip(character: str, number: int) -> ClipInfo:
        folder = Path(f"{character}-{number}")
        return ClipInfo(folder, "toy", "CC0", character, "test", (9, 9), ("1",))

    clips = [clip("a", n) for n in range(5)] + [clip("b", 0), clip("c", 0)]
    assert [c.folder.name for c in spread_evenly(clips, 4)] == ["a-0", "a-1", "b-0", "c-0"]
    assert len({c.character for c in spread_evenly(clips, 2)}) == 2
    assert spread_evenly(clips, None) == clips


@pytest.mark.parametrize(
    ("told", "message"),
    [
        ("nobody", "there is no matcher 'nobody'"),
        ("ant=shape", "there is no matcher"),
        ("none.pt", "there is no checkpoint"),
        (f"../x={SHIPPED}", "cannot be called '../x'"),
    ],
)
def test_unknown_contenders(told: str, message: str) -> None:
    with pytest.raises(BadOption, match=message):
        find_contender(told)


def test_names_of_contenders() -> None:
    shipped = find_contender(str(SHIPPED))
    assert shipped.name == find_contender("ant").name == "ant"
    assert shipped.weights == find_contender("ant").weights != ""
    assert find_contender(f"new={SHIPPED}").name == "new"


def test_no_scores(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="there are no scores"):
        read_scores(tmp_path)
    (tmp_path / "scores.json").write_text("[{}]")
    with pytest.raises(UnreadableFile, match="damaged"):
        read_scores(tmp_path)
    (tmp_path / "scores.json").write_text("[" * 5000 + "]" * 5000)
    with pytest.raises(UnreadableFile, match=r"damaged .nested more than 100 deep"):
        read_scores(tmp_path)
