"""The commands without a process of their own: what options mean, and what nonsense is answered."""

from __future__ import annotations

from pathlib import Path

import pytest

from shiage.commands.train import train
from shiage.errors import ShiageError
from shiage.training.config import load_config, to_toml
from tests.training.toy_data import toy_config


@pytest.fixture
def place(toy_set: Path, toy_cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, with settings in toy.toml."""
    monkeypatch.chdir(tmp_path)
    config = toy_config(toy_set, toy_cache, pairs=8, validate_every=1000)
    (tmp_path / "toy.toml").write_text(to_toml(config), encoding="utf-8")
    return tmp_path


def call(*arguments: str) -> None:
    train.main([*arguments, "--quiet"], standalone_mode=False)


def test_where_a_run_lies(place: Path, toy_set: Path) -> None:
    call("-c", "toy.toml", "--run", "one", "--data", str(toy_set))
    assert (place / "runs" / "one" / "last.pt").exists()
    call("-c", "toy.toml", "--run", "other/two")
    assert (place / "other" / "two" / "last.pt").exists()


def test_minutes_end_a_run_instead_of_pairs(place: Path) -> None:
    call("-c", "toy.toml", "--run", "one", "--minutes", "0.001", "--set", "run.seed=4")
    run = load_config(place / "runs" / "one" / "config.toml").run
    assert (run.minutes, run.pairs, run.seed) == (0.001, 0, 4)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--set", "run.pars=3"), "Did you mean run.pairs"),
        (("-c", "none.toml"), "none.toml: cannot be read"),
        (("-c", "toy.toml", "--data", "nowhere"), "nowhere: no clip found"),
        ((), "Give --data"),
        (("--resume",), "config.toml: cannot be read"),
    ],
)
def test_nonsense(place: Path, options: tuple[str, ...], told: str) -> None:
    with pytest.raises(ShiageError, match=told):
        call("--run", "never", *options)
    assert not (place / "runs" / "never").exists()
