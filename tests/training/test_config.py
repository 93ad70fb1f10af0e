"""Settings: precedence, errors that help, and files that read back the same."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace

from shiage.errors import BadOption, UnreadableFile
from shiage.models.config import AntConfig
from shiage.training.config import DataConfig, RunConfig, TrainConfig, load_config, to_toml

CONFIGS = Path(__file__).parents[2] / "configs"


def write(folder: Path, text: str) -> Path:
    path = folder / "run.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_defaults_then_file_then_override(tmp_path: Path) -> None:
    path = write(tmp_path, "[run]\npairs = 5\nseed = 7\n[data.weights]\nrendered = 2\n")
    config = load_config(path, ["run.seed=8", "data.weights.hand-drawn=0.5", "run.device = cpu"])
    assert config.run == replace(RunConfig(), pairs=5, seed=8, device="cpu")
    assert config.data.weights == {"rendered": 2.0, "hand-drawn": 0.5}
    assert config.model == AntConfig()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[optimizer]\nlearning_rat = 1e-4", "Did you mean optimizer.learning_rate"),
        ("[optimiser]\nema = 0.9", "Did you mean optimizer"),
        ("[model]\ndimension = 3", "Did you mean model.dim"),
        ("[run]\npairs = true", "run.pairs: expected a whole number"),
        ("[run]\npairs = 1.5", "a whole number"),
        ("[optimizer]\nema = 2", "optimizer.ema: expected a number <= 1"),
        ('[run]\ndevice = "gpu"', "one of auto, cpu, cuda"),
        ("[data]\nweights = 3", "a table"),
        ("[model]\ndim = 30", "heads"),
        ("[augment]\ncrop_area = [1]", "augment.crop_area"),
        ("[run]\npairs = 0", "run: pairs and minutes are both 0"),
        ("[run", "no TOML"),
        ("run = " + "[" * 5000 + "]" * 5000, "nested more than 100 deep"),
        ("[optimizer]\nlearning_rate = inf", "inf is not a finite number"),
        ("[run.pairs]\nmany = 1", "run.pairs: expected a whole number, got a table"),
        ("[data.weights]\nvector = -1", "data.weights"),
        ("[data]\nnext = 0\nnear = 0\nfar = 0", "data: next, near and far are all 0"),
    ],
    ids=lambda text: text[:40],
)
def test_what_is_wrong_is_named(tmp_path: Path, text: str, told: str) -> None:
    path = write(tmp_path, text)
    with pytest.raises(BadOption, match=told) as caught:
        load_config(path)
    assert caught.value.path == path


def test_missing_file(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile):
        load_config(tmp_path / "none.toml")


@pytest.mark.parametrize("override", ["run.pairs", "=3", "run.pairs.x=1"])
def test_override_without_sense(tmp_path: Path, override: str) -> None:
    with pytest.raises(BadOption):
        load_config(write(tmp_path, "[run]\npairs = 3"), [override])


def test_written_settings_read_back_the_same(tmp_path: Path) -> None:
    data = DataConfig(folders=('a "b"', "仕上"), weights={"hand-drawn": 1e-3, "rendered": 2.0})
    config = TrainConfig(model=AntConfig.full(), data=data, run=RunConfig(minutes=1.5))
    assert load_config(write(tmp_path, to_toml(config))) == config


@pytest.mark.parametrize("path", sorted(CONFIGS.glob("*.toml")), ids=lambda path: path.stem)
def test_shipped_settings(path: Path) -> None:
    config = load_config(path)
    sizes = {"compact": AntConfig.compact(), "full": AntConfig.full()}
    assert config.model == sizes.get(path.stem, config.model)
