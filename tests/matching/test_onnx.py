"""The learned matcher, with a small model of random weights exported here."""

from __future__ import annotations

import inspect
import json
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import numpy as np
import pytest
from msgspec.structs import replace

from shiage.files.settings import read_settings

torch = pytest.importorskip("torch")

from shiage.errors import DamagedModel, ShiageError, UnreadableFile  # noqa: E402
from shiage.files.graphs import read_card  # noqa: E402
from shiage.lines.lineart import extract_lineart  # noqa: E402
from shiage.lines.segments import SegmentSettings, describe_segments, find_segments  # noqa: E402
from shiage.matching import KnownColors  # noqa: E402
from shiage.matching.crops import make_tokens  # noqa: E402
from shiage.matching.onnx import SHIPPED, ModelCard, OnnxMatcher  # noqa: E402
from shiage.models.ant import Ant, SegmentBatch  # noqa: E402
from shiage.models.config import AntConfig  # noqa: E402
from shiage.models.export import export_onnx, import_onnx  # noqa: E402
from shiage.structures import LineArt, Segments  # noqa: E402
from tests.drawings import Rgba, Sheet, character, enlarged, lineart_of  # noqa: E402

TOLD = {
    "commit": "0" * 40,
    "training": {"data": ["toy"], "seed": 3},
    "metrics": {"validation": 0.5},
    "license": "Apache-2.0",
}
TINY = AntConfig(dim=16, heads=2, pairs=1, crop_size=16, stem=4, widths=(8, 16), box_widths=(8,))


@pytest.fixture(scope="module")
def model() -> Ant:
    torch.manual_seed(0)
    return Ant(TINY).eval()


class Trained(NamedTuple):
    """A model, and the cards that it is exported to."""

    model: Ant
    whole: Path
    half: Path


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Trained:
    """A model no two weights of which are alike, as none are after training."""
    folder = tmp_path_factory.mktemp("trained")
    torch.manual_seed(1)
    model = Ant(TINY).eval()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(0.1 * torch.randn_like(parameter))
    found = Trained(model, folder / "whole.json", folder / "half.json")
    export_onnx(model, found.whole, TOLD, half=False)
    export_onnx(model, found.half, TOLD)
    return found


@pytest.fixture(scope="module")
def exported(model: Ant, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("weights") / "tiny.json"
    export_onnx(model, path, {**TOLD, "temperature": 0.5}, half=False)
    return path


@pytest.fixture(scope="module")
def matcher(exported: Path) -> OnnxMatcher:
    return OnnxMatcher(exported)


@pytest.fixture
def copied(exported: Path, tmp_path: Path) -> Path:
    """The card of a copy that a test may damage."""
    for file in exported.parent.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    return tmp_path / exported.name


def drawn(rgba: Rgba) -> tuple[LineArt, Segments]:
    lineart = extract_lineart(rgba)
    return lineart, find_segments(lineart, SegmentSettings(gap="off"))


def batch_of(lineart: LineArt, segments: Segments) -> SegmentBatch:
    tokens = make_tokens(lineart, segments, TINY.crop_size)
    return SegmentBatch(
        torch.from_numpy(tokens.crops)[None],
        torch.from_numpy(tokens.boxes)[None],
        torch.ones(1, len(tokens), dtype=torch.bool),
    )


@pytest.mark.parametrize("target", ["character", "one circle", "one segment"])
def test_votes_are_those_of_torch(model: Ant, matcher: OnnxMatcher, target: str) -> None:
    pictures = {
        "character": enlarged(character(), 2),
        "one circle": Sheet(90, 120).circle((50, 40), 25).rgba,
        "one segment": Sheet(90, 120).rgba,
    }
    one, other = drawn(character()), drawn(pictures[target])
    scores, no_match = matcher.compare(matcher.encode(*one), matcher.encode(*other))
    with torch.inference_mode():
        output = model(batch_of(*one), batch_of(*other))
    expected = (output.similarity[0] / 0.5).softmax(dim=1).numpy()
    assert scores.shape == (len(other[1]), len(one[1]))
    np.testing.assert_allclose(scores, expected, atol=1e-5)
    assert (no_match == 0).all()


def test_half_precision_is_close_and_half_the_size(trained: Trained) -> None:
    whole, half = read_card(trained.whole, ModelCard), read_card(trained.half, ModelCard)
    assert whole.largest_difference < 1e-4
    assert half.largest_difference < 2e-2
    # The graphs are most of so small a model.
    saved = whole.encode.bytes + whole.compare.bytes - half.encode.bytes - half.compare.bytes
    assert saved > sum(p.numel() for p in trained.model.parameters())
    one = matcher_features(OnnxMatcher(trained.half))
    np.testing.assert_allclose(one, matcher_features(OnnxMatcher(trained.whole)), atol=2e-2)


def matcher_features(matcher: OnnxMatcher) -> Any:
    return matcher.encode(*drawn(character()))


def test_weights_come_back(model: Ant, exported: Path, trained: Trained) -> None:
    # Many weights of a model not trained are equal.
    for card, expected in ((exported, model), (trained.whole, trained.model)):
        back = import_onnx(card)
        assert back.config == TINY
        for name, value in expected.state_dict().items():
            assert torch.equal(back.state_dict()[name], value), name
    for name, value in import_onnx(trained.half).state_dict().items():
        torch.testing.assert_close(value, trained.model.state_dict()[name], rtol=1e-3, atol=1e-4)


def test_the_shipped_weights_can_be_trained_on() -> None:
    model = import_onnx(SHIPPED)
    assert model.config == AntConfig.compact()
    size = read_card(SHIPPED, ModelCard).encode.bytes + read_card(SHIPPED, ModelCard).compare.bytes
    assert size < 10e6


def test_weights_that_are_not_there(copied: Path) -> None:
    other = replace(TINY, pairs=2)
    told = json.loads(copied.read_text(encoding="utf-8"))
    copied.write_text(json.dumps({**told, "config": msgspec.to_builtins(other)}), encoding="utf-8")
    with pytest.raises(DamagedModel, match=r"lacks the weight layers\.1"):
        import_onnx(copied)


def test_matches_pool_over_references(matcher: OnnxMatcher) -> None:
    lineart, segments = drawn(character())
    encoded = matcher.encode(lineart, segments)
    ids = np.arange(len(segments), dtype=np.int32)
    known = KnownColors(encoded, ids, np.ones(len(ids), np.float32))
    match = matcher.match([known, known], encoded)
    assert match.scores.shape == (len(ids), 2 * len(ids))
    np.testing.assert_allclose(match.scores.sum(axis=1), 1 - match.no_match, atol=1e-5)
    assert matcher.count(encoded) == len(segments)
    assert (matcher.match([], encoded).no_match == 1).all()


def test_drawings_without_segments_match_nothing(matcher: OnnxMatcher) -> None:
    full = matcher.encode(*drawn(character()))
    ink = np.ones((20, 30), bool)
    empty = matcher.encode(lineart_of(ink), describe_segments(np.zeros((20, 30), np.int32)))
    assert empty.shape == (0, TINY.dim)
    for reference, target in ((full, empty), (empty, full), (empty, empty)):
        scores, no_match = matcher.compare(reference, target)
        assert scores.shape == (len(target), len(reference))
        assert (no_match == 1).all()


def test_the_card_tells_what_the_model_is(exported: Path) -> None:
    card = read_card(exported, ModelCard)
    assert read_settings(card.config, AntConfig) == TINY
    assert card.commit == TOLD["commit"]
    assert card.temperature == 0.5
    assert (card.encode.name, card.compare.name) == ("tiny.encode.onnx", "tiny.compare.onnx")
    for graph in (card.encode, card.compare):
        assert (exported.parent / graph.name).stat().st_size == graph.bytes


def test_graphs_hold_no_paths_of_the_machine_that_made_them(exported: Path) -> None:
    for file in exported.parent.glob("*.onnx"):
        assert b".py" not in file.read_bytes()


def test_a_card_told_too_little_or_too_much_is_not_written(model: Ant, tmp_path: Path) -> None:
    for told in ({"commit": "0"}, {**TOLD, "licence": "x"}):
        with pytest.raises(TypeError):
            export_onnx(model, tmp_path / "a.json", told)
    assert list(tmp_path.iterdir()) == []


def test_missing_weights_are_told(copied: Path) -> None:
    with pytest.raises(UnreadableFile, match="the model cannot be read"):
        OnnxMatcher(copied.with_name("none.json"))
    (copied.parent / "tiny.compare.onnx").unlink()
    with pytest.raises(UnreadableFile, match=r"tiny\.compare\.onnx"):
        OnnxMatcher(copied)


def test_weights_of_another_model_are_refused(copied: Path) -> None:
    graph = copied.parent / "tiny.encode.onnx"
    graph.write_bytes(graph.read_bytes()[:-1] + b"x")
    with pytest.raises(DamagedModel, match="not the file that the model's card describes"):
        OnnxMatcher(copied)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"commit": None}, "missing required field `commit`"),
        ({"extra": 1}, "unknown field `extra`"),
        ({"encode": {}}, r"missing required field `name` - at `\$.encode`"),
        ({"config": 3}, "Expected `object`"),
        ({"temperature": 0}, "> 0"),
        ({"temperature": "1"}, "Expected `float`"),
    ],
)
def test_a_damaged_card_is_refused(copied: Path, change: dict[str, Any], message: str) -> None:
    told = json.loads(copied.read_text(encoding="utf-8"))
    told.update(change)
    told = {key: value for key, value in told.items() if value is not None}
    copied.write_text(json.dumps(told), encoding="utf-8")
    with pytest.raises(ShiageError, match=message):
        OnnxMatcher(copied)


OTHERS: list[dict[str, Any]] = [  # in pairs, since to export one takes seconds
    {"use_color": False, "use_box": False},
    {"use_context": False, "use_mask": False},
    {"use_cross": False, "sinkhorn": 5},
]


@pytest.mark.parametrize("other", OTHERS, ids=lambda other: ", ".join(other))
def test_models_otherwise_made_can_be_exported(tmp_path: Path, other: dict[str, Any]) -> None:
    torch.manual_seed(0)
    model = Ant(read_settings({**msgspec.to_builtins(TINY), **other}, AntConfig)).eval()
    assert export_onnx(model, tmp_path / "less.json", TOLD, half=False).largest_difference < 1e-4
    assert import_onnx(tmp_path / "less.json").config == model.config


@pytest.mark.parametrize("text", ["", "{", "[1, 2]", "null"])
def test_what_is_no_card_is_refused(copied: Path, text: str) -> None:
    copied.write_text(text, encoding="utf-8")
    with pytest.raises(DamagedModel):
        read_card(copied, ModelCard)


def test_card_keys_are_documented() -> None:
    told = inspect.getdoc(ModelCard) or ""  # indented alike by every version of Python
    for key in ModelCard.__struct_fields__:
        assert f"\n    {key}: " in told
