"""The networks that see lines: training that goes on where it stopped, and export."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from shiage.lines.border_map import SHIPPED, LineSight
from shiage.lines.parting import FEATURES, find_pieces
from shiage.models.line_export import export_join_net, export_line_net, write_line_card
from shiage.models.line_net import LineNet
from shiage.training.joining import JoinNet, all_pairs, count_parts, pairs_on_the_way
from shiage.training.joining import Known as KnownPieces
from shiage.training.lines import LineTraining, load_line_net, train_lines

CARD = {"commit": "", "training": {}, "metrics": {}, "license": "Apache-2.0"}


@pytest.fixture(scope="module")
def job(toy_set: Path, tmp_path_factory: pytest.TempPathFactory) -> LineTraining:
    run = tmp_path_factory.mktemp("lines") / "run"
    return LineTraining(
        (toy_set,), run, 4, batch=2, patches=64, validation=64, jobs=1, save_every=2
    )


def test_an_interrupted_run_comes_to_the_same_weights(job: LineTraining) -> None:
    whole = load_line_net(train_lines(job)).state_dict()
    halves = replace(job, run=job.run.parent / "halves", steps=4, pause_after=1e-6)
    for folder in ("train", "validation"):
        halves.run.mkdir(exist_ok=True)
        (halves.run / folder).symlink_to(job.run / folder)
    assert torch.load(train_lines(halves), weights_only=True)["step"] == 2
    again = load_line_net(train_lines(halves)).state_dict()
    for name, value in whole.items():
        torch.testing.assert_close(again[name], value, msg=name)


def test_graphs_see_and_join_as_torch_does(tmp_path: Path) -> None:
    torch.manual_seed(3)
    net, join = LineNet().eval(), JoinNet().eval()
    see = export_line_net(net)
    write_line_card(tmp_path / "lines.json", see, export_join_net(join, FEATURES), CARD)
    sight = LineSight(tmp_path / "lines.json")
    rng = np.random.default_rng(0)
    for height, width in ((64, 96), (70, 33)):
        lifted = rng.random((3, height, width), np.float32)
        more = [-(side + 32) % 32 + 16 for side in (height, width)]
        padded = np.pad(lifted, ((0, 0), (16, more[0]), (16, more[1])))
        with torch.inference_mode():
            expected = torch.sigmoid(net(torch.from_numpy(padded[None])))[0, 0].numpy()
        inside = expected[16 : 16 + height, 16 : 16 + width]
        np.testing.assert_allclose(sight.see(lifted), inside, atol=0.02)  # half precision
    pairs = rng.random((9, FEATURES))
    np.testing.assert_allclose(sight.score(pairs), join.score(pairs), atol=1e-5)


def test_the_shipped_networks_are_small() -> None:
    card = LineSight(SHIPPED).card
    assert card.see.bytes + card.join.bytes <= 3_000_000
    assert card.credits


def test_pairs_on_the_way_begin_with_all_and_know_what_is_one_part() -> None:
    border = np.zeros((60, 90), np.float32)
    border[:, 44:46] = 1
    border[20:40, 44:46] = 0.3  # hardly drawn
    parts = np.repeat([[0] * 45 + [1] * 45], 60, axis=0)
    pieces = find_pieces(border)
    known = KnownPieces(pieces, count_parts(pieces, parts))
    assert known.parts.sum() == border.size
    first = all_pairs(known)
    met = pairs_on_the_way(known, lambda pairs: 5 - 20 * pairs[:, 0], 0)
    np.testing.assert_array_equal(met.pairs[: len(first.pairs)], first.pairs)
    assert not first.same.all()
    across = first.pairs[:, 0] > 0.9  # where the border is drawn in full
    assert not first.same[across].any()
