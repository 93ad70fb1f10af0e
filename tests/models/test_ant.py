"""The model: what must not matter, and what must."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from shiage.files.settings import read_settings

torch = pytest.importorskip("torch")

from shiage.errors import BadOption  # noqa: E402
from shiage.matching.crops import CHANNELS  # noqa: E402
from shiage.models.ant import (  # noqa: E402
    MASKED,
    ROWS,
    Ant,
    AntOutput,
    SegmentBatch,
    attend,
    attend_plainly,
)
from shiage.models.config import AntConfig  # noqa: E402

TINY = AntConfig(
    dim=16, heads=2, pairs=2, crop_size=8, stem=2, widths=(6, 8), convs=2, box_widths=(8,)
)
CONFIGS = {
    "whole": TINY,
    "plain box": replace(TINY, box_waves=0),
    "no box": replace(TINY, use_box=False),
    "no mask": replace(TINY, use_mask=False),
    "no color": replace(TINY, use_color=False),
    "no context": replace(TINY, use_context=False),
    "no transformer": replace(TINY, use_transformer=False),
    "no cross": replace(TINY, use_cross=False),
    "transport": replace(TINY, sinkhorn=20),
}


@pytest.fixture(autouse=True)
def _one_thread() -> Iterator[None]:
    """Models this small only wait for each other on several."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(params=CONFIGS)
def model(request: pytest.FixtureRequest) -> Ant:
    return make(CONFIGS[request.param])


def make(config: AntConfig = TINY) -> Ant:
    torch.manual_seed(0)
    return Ant(config).eval()


def drawings(*counts: int, length: int | None = None, seed: int = 0, size: int = 8) -> SegmentBatch:
    """Random drawings of those numbers of segments; padding is not 0."""
    generator = torch.Generator().manual_seed(seed)
    length = length or max(counts)
    batch, mask = len(counts), torch.arange(length) < torch.tensor(counts)[:, None]
    crops = torch.randint(0, 256, (batch, length, len(CHANNELS), size, size), generator=generator)
    boxes = torch.rand(batch, length, 4, generator=generator)
    return SegmentBatch(crops.to(torch.uint8), boxes, mask)


def only(batch: SegmentBatch, row: int, count: int) -> SegmentBatch:
    """One drawing of a batch, without padding."""
    return SegmentBatch(*(part[row : row + 1, :count] for part in batch))


def in_order(batch: SegmentBatch, order: Any) -> SegmentBatch:
    return SegmentBatch(*(part[:, order] for part in batch))


def test_a_batch_is_its_pairs_one_by_one(model: Ant) -> None:
    refs, targets = (5, 1, 9), (7, 6, 2)
    ref, target = drawings(*refs, seed=1), drawings(*targets, seed=2)
    whole = model(ref, target)
    assert whole.similarity.shape == (3, 7, 9)
    for row, (m, n) in enumerate(zip(refs, targets, strict=True)):
        alone = model(only(ref, row, m), only(target, row, n)).similarity[0]
        torch.testing.assert_close(whole.similarity[row, :n, :m], alone, atol=1e-5, rtol=1e-4)


def test_padding_does_not_matter_and_is_masked(model: Ant) -> None:
    ref, target = drawings(4, length=11, seed=1), drawings(6, length=8, seed=2)
    padded = model(ref, target).similarity
    tight = model(only(ref, 0, 4), only(target, 0, 6)).similarity
    torch.testing.assert_close(padded[:, :6, :4], tight, atol=1e-5, rtol=1e-4)
    assert (padded[:, 6:] == MASKED).all()
    assert (padded[:, :, 4:] == MASKED).all()


def test_the_order_of_segments_does_not_matter(model: Ant) -> None:
    ref, target = drawings(9, seed=1), drawings(7, seed=2)
    generator = torch.Generator().manual_seed(3)
    m, n = torch.randperm(9, generator=generator), torch.randperm(7, generator=generator)
    expected = model(ref, target).similarity[:, n][:, :, m]
    found = model(in_order(ref, m), in_order(target, n)).similarity
    torch.testing.assert_close(found, expected, atol=1e-5, rtol=1e-4)


def test_both_ways_of_attention_agree(model: Ant) -> None:
    ref, target = drawings(5, 9, seed=1), drawings(7, 3, seed=2)
    torch.testing.assert_close(
        model(ref, target, plain=True).similarity,
        model(ref, target).similarity,
        atol=1e-5,
        rtol=1e-4,
    )


@pytest.mark.parametrize("masked", [False, True])
def test_attention_written_out_is_torchs(masked: bool) -> None:
    query, key, value = torch.randn(3, 2, 4, 6, 5).unbind(0)
    mask = (torch.arange(6) < torch.tensor([4, 6])[:, None])[:, None, None] if masked else None
    torch.testing.assert_close(
        attend_plainly(query, key, value, mask), attend(query, key, value, mask)
    )


def test_gradients_reach_every_parameter(model: Ant) -> None:
    output = model.train()(drawings(5, 6, seed=1), drawings(7, 4, seed=2))
    weights = torch.randn(output.similarity.shape)
    (output.similarity.softmax(dim=2) * weights).sum().backward()
    for name, parameter in model.named_parameters():
        assert parameter.grad is not None, name
        assert parameter.grad.abs().max() > 0, name


def test_padding_gets_no_gradient_and_makes_no_nan() -> None:
    model = make()
    crops = torch.rand(1, 5, len(CHANNELS), 8, 8, requires_grad=True)
    boxes = torch.rand(1, 5, 4, requires_grad=True)
    batch = SegmentBatch(crops, boxes, torch.tensor([[True, True, False, False, False]]))
    model(batch, drawings(3)).similarity.softmax(dim=2).square().sum().backward()
    assert crops.grad is not None
    assert boxes.grad is not None
    for grad in (crops.grad, boxes.grad):
        assert grad.isfinite().all()
        assert (grad[:, 2:] == 0).all()
        assert (grad[:, :2] != 0).any()


@pytest.mark.parametrize("counts", [(0, 4), (4, 0), (0, 0)])
def test_a_drawing_without_segments_is_no_trouble(model: Ant, counts: tuple[int, int]) -> None:
    ref, target = drawings(counts[0], 3, length=4, seed=1), drawings(counts[1], 2, length=4, seed=2)
    output = model.train()(ref, target)
    assert (output.similarity[0] == MASKED).all()
    output.similarity.softmax(dim=2).sum().backward()
    assert all(p.grad is None or p.grad.isfinite().all() for p in model.parameters())
    beside = model(only(ref, 1, 3), only(target, 1, 2)).similarity
    torch.testing.assert_close(output.similarity[1:, :2, :3], beside, atol=1e-5, rtol=1e-4)


def test_switches_switch_off_what_they_say() -> None:
    ref, target = drawings(5, seed=1), drawings(4, seed=2)
    no_box, no_mask = make(CONFIGS["no box"]), make(CONFIGS["no mask"])
    moved = ref._replace(boxes=ref.boxes + 0.2)
    assert torch.equal(no_box(ref, target).similarity, no_box(moved, target).similarity)
    unmasked = ref._replace(crops=ref.crops.clone())
    unmasked.crops[:, :, [3, 5]] = 0
    assert torch.equal(no_mask(ref, target).similarity, no_mask(unmasked, target).similarity)
    no_context = make(CONFIGS["no context"])
    blinkered = ref._replace(crops=ref.crops.clone())
    blinkered.crops[:, :, 4:] = 0
    assert torch.equal(no_context(ref, target).similarity, no_context(blinkered, target).similarity)
    no_color = make(CONFIGS["no color"])
    recolored = ref._replace(crops=ref.crops[:, :, [2, 0, 1, 3, 4, 5]])
    assert torch.equal(no_color(ref, target).similarity, no_color(recolored, target).similarity)
    whole = make()
    assert not torch.equal(whole(ref, target).similarity, whole(recolored, target).similarity)
    assert not torch.equal(whole(ref, target).similarity, whole(blinkered, target).similarity)
    assert not torch.equal(whole(ref, target).similarity, whole(moved, target).similarity)
    assert not torch.equal(whole(ref, target).similarity, whole(unmasked, target).similarity)


def test_segments_see_what_the_switches_let_them_see() -> None:
    ref, target, other = (drawings(5, seed=seed) for seed in (1, 2, 3))
    for name, within, across in (
        ("whole", True, True),
        ("no cross", True, False),
        ("no transformer", False, False),
    ):
        model = make(CONFIGS[name])
        encoded = model.encode(ref)
        first = model.compare(encoded, encoded)[:, :3, :3]
        changed = not torch.allclose(model.compare(encoded[:, :3], encoded[:, :3]), first)
        assert changed == within
        for layer in model.layers:
            seen, _ = layer(encoded, model.encode(target), None, None, False)
            unseen, _ = layer(encoded, model.encode(other), None, None, False)
            assert torch.equal(seen, unseen) == (not across)


def test_shapes_that_are_encoded_are_few() -> None:
    model = make()
    seen: list[int] = []
    model.crop_encoder.register_forward_pre_hook(lambda _, given: seen.append(len(given[0])))
    for count in (1, ROWS - 1, ROWS, ROWS + 1):
        encoded = model.encode(drawings(count))
        assert encoded.shape == (1, count, model.config.dim)
    assert seen == [ROWS, ROWS, ROWS, 2 * ROWS]


def test_crops_may_be_floats() -> None:
    model, batch = make(), drawings(5)
    as_float = batch._replace(crops=batch.crops.float() / 255)
    torch.testing.assert_close(model.encode(as_float), model.encode(batch), atol=1e-5, rtol=1e-4)


def test_it_learns_one_pair_by_heart() -> None:
    model = make().train()
    ref, target = drawings(6, seed=1), drawings(6, seed=2)
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3)
    for _ in range(60):
        output: AntOutput = model(ref, target)
        loss = -output.similarity.log_softmax(dim=2).diagonal(dim1=1, dim2=2).mean()
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
    assert float(loss.detach()) < 0.1


def test_half_precision_is_for_products_only() -> None:
    model = make()
    with torch.autocast("cpu", torch.bfloat16):
        output = model(drawings(5, seed=1), drawings(4, seed=2))
        assert model.encode(drawings(5)).dtype == torch.float32
    assert output.similarity.dtype == torch.float32


@pytest.mark.parametrize(
    ("config", "millions"), [(AntConfig.compact(), 2.4), (AntConfig.full(), 14.3)]
)
def test_sizes_are_as_told(config: AntConfig, millions: float) -> None:
    with torch.device("meta"):
        count = sum(p.numel() for p in Ant(config).parameters())
    assert count / 1e6 == pytest.approx(millions, abs=0.05)


def test_a_configuration_survives_as_a_dict() -> None:
    full = AntConfig.full()
    assert (full.dim, full.pairs, full.heads, full.crop_size) == (256, 9, 4, 32)
    assert read_settings(msgspec.to_builtins(full), AntConfig) == full
    assert read_settings({}, AntConfig) == AntConfig.compact()


@pytest.mark.parametrize(
    ("told", "message"),
    [
        ({"head": 4}, "Did you mean heads"),
        ({"heads": 3}, "cannot be divided"),
        ({"pairs": 0}, "pairs: expected a whole number >= 1"),
        ({"dim": 1.5}, "dim: expected a whole number"),
        ({"use_box": 1}, "use_box: expected true or false"),
        ({"widths": [64, -1]}, r"widths\[1\]: expected a whole number >= 1"),
        ({"widths": []}, "widths: expected a list of length >= 1"),
        ({"widths": [8, 8, 8, 8, 8]}, "cannot be cut"),
    ],
)
def test_a_wrong_configuration_is_refused(told: dict[str, Any], message: str) -> None:
    with pytest.raises(BadOption, match=message):
        read_settings(told, AntConfig)
