"""Checkpoints, the log and its curves."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import msgspec
import pytest
import torch
from PIL import Image

from shiage.errors import UnreadableFile
from shiage.models.ant import Ant
from shiage.models.checkpoints import (
    Checkpoint,
    RunProgress,
    load_model,
    read_checkpoint,
    write_checkpoint,
)
from shiage.training.config import TrainConfig
from shiage.training.curves import draw_curves
from shiage.training.logs import RunLog, read_log
from tests.training.toy_data import MODEL


@pytest.fixture
def checkpoint() -> Checkpoint:
    model = Ant(MODEL)
    optimizer = torch.optim.AdamW(model.parameters())
    return Checkpoint(
        config=msgspec.to_builtins(TrainConfig(model=MODEL)),
        commit="abc",
        progress=RunProgress(step=3, pairs=12, minutes=0.5, best=0.25, best_pairs=8, stale=1),
        weights=model.state_dict(),
        averaged=Ant(MODEL).state_dict(),
        optimizer=optimizer.state_dict(),
    )


def test_checkpoint_round_trip(checkpoint: Checkpoint, tmp_path: Path) -> None:
    path = tmp_path / "run" / "last.pt"
    write_checkpoint(path, checkpoint)
    assert [p.name for p in path.parent.iterdir()] == ["last.pt"]
    back = read_checkpoint(path)
    assert (back.config, back.commit, back.progress) == (
        checkpoint.config,
        checkpoint.commit,
        checkpoint.progress,
    )
    model, _ = load_model(path)
    assert not model.training
    state = model.state_dict()
    assert all(torch.equal(state[key], value) for key, value in checkpoint.averaged.items())


def test_missing_and_surplus_weights(checkpoint: Checkpoint, tmp_path: Path) -> None:
    path = tmp_path / "last.pt"
    less = {k: v for k, v in checkpoint.averaged.items() if k != "project.bias"}
    for averaged in (less, {**checkpoint.averaged, "surplus": torch.zeros(1)}):
        write_checkpoint(path, replace(checkpoint, averaged=averaged))
        with pytest.raises(UnreadableFile, match="does not fit"):
            load_model(path)


def test_no_checkpoint(checkpoint: Checkpoint, tmp_path: Path) -> None:
    path = tmp_path / "last.pt"
    with pytest.raises(UnreadableFile, match="cannot be read"):
        read_checkpoint(path)
    write_checkpoint(path, checkpoint)
    whole = path.read_bytes()
    for content, told in (
        (b"", "empty"),
        (b"nonsense", "cannot be used"),
        (whole[: len(whole) // 2], "cannot be used"),
    ):
        path.write_bytes(content)
        with pytest.raises(UnreadableFile, match=f"{told}.* expected a checkpoint"):
            read_checkpoint(path)
    for other in ({"format": "other"}, {"format": Path("x")}, [1]):  # any object, no: plain values
        torch.save(other, path)
        with pytest.raises(UnreadableFile, match="cannot be used"):
            read_checkpoint(path)


def test_log_goes_on_after_the_checkpoint(tmp_path: Path) -> None:
    with RunLog(tmp_path, 0) as log:
        for step in (1, 2, 3):
            log.add(step, {"pairs": step, "loss/total": 1 / step})
        log.add(3, {"pairs": 3.0, "validation/score": 0.5})
    with (tmp_path / "log.csv").open("a") as file:
        file.write("4,4,0.")  # killed while it wrote
    assert read_log(tmp_path)[-1]["step"] == 4
    with RunLog(tmp_path, 2) as log:
        log.add(3, {"pairs": 3.0, "loss/total": 0.25})
    rows = read_log(tmp_path)
    assert [(row["step"], row.get("loss/total")) for row in rows] == [(1, 1), (2, 0.5), (3, 0.25)]


def test_curves_are_drawn(tmp_path: Path) -> None:
    rows = [{"pairs": float(n), "loss/color": 1 / n, "loss/cycle": 2 / n} for n in range(1, 9)]
    rows += [
        {"pairs": float(n), "validation/r/next/accuracy": n / 9, "validation/r/next/position": 0.5}
        for n in (4, 8)
    ]
    path = tmp_path / "curves.png"
    draw_curves([], path)
    draw_curves(rows, path)
    with Image.open(path) as picture:
        assert picture.width > picture.height > 300
