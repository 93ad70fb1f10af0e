"""Losses and accuracy, against values worked out by hand."""

from __future__ import annotations

import math

import pytest

torch = pytest.importorskip("torch")

from torch import Tensor  # noqa: E402

from shiage.models.ant import MASKED, AntOutput  # noqa: E402
from shiage.training.losses import (  # noqa: E402
    ABSENT,
    LossWeights,
    PairTruth,
    color_answerable,
    color_right,
    compute_losses,
    cycle_loss,
    draw_ids,
    match_loss,
)


def output_of(*similarities: list[list[float]], grad: bool = False) -> AntOutput:
    """Pairs of those similarities (N, M), padded to the largest."""
    n = max(len(rows) for rows in similarities)
    m = max(len(rows[0]) for rows in similarities)
    similarity = torch.full((len(similarities), n, m), MASKED)
    for at, rows in enumerate(similarities):
        similarity[at, : len(rows), : len(rows[0])] = torch.tensor(rows)
    target_mask = torch.arange(n) < torch.tensor([len(rows) for rows in similarities])[:, None]
    ref_mask = torch.arange(m) < torch.tensor([len(rows[0]) for rows in similarities])[:, None]
    return AntOutput(similarity.requires_grad_(grad), ref_mask, target_mask)


def numbers(*rows: list[int], length: int | None = None) -> Tensor:
    length = length or max(len(row) for row in rows)
    table: Tensor = torch.tensor([row + [ABSENT] * (length - len(row)) for row in rows])
    return table


def truth_of(
    ref: list[int],
    target: list[int],
    ref_regions: list[int] | None = None,
    target_regions: list[int] | None = None,
) -> PairTruth:
    """One pair; regions not known unless told."""
    return PairTruth(
        numbers(ref),
        numbers(target),
        numbers(ref_regions or [ABSENT] * len(ref)),
        numbers(target_regions or [ABSENT] * len(target)),
    )


def random_pair(n: int, m: int, seed: int) -> tuple[list[list[float]], PairTruth]:
    draw = torch.Generator().manual_seed(seed)
    similarity: list[list[float]] = (3 * torch.randn(n, m, generator=draw)).tolist()
    ref = torch.randint(4, (m,), generator=draw).tolist()
    target = torch.randint(5, (n,), generator=draw).tolist()
    return similarity, truth_of(ref, target)


def together(*truths: PairTruth) -> PairTruth:
    """Pairs as a batch."""
    columns = zip(*truths, strict=True)
    return PairTruth(*(numbers(*(part[0].tolist() for part in column)) for column in columns))


# --- forward match ------------------------------------------------------------------------------


def test_color_loss_is_the_cross_entropy_of_mixed_colors() -> None:
    # Reference colors a, b, a; rows say where the three target segments look.
    output = output_of([[math.log(3), 0, 0], [0, 0, 0], [0, math.log(2), 0]])
    loss = match_loss(output, numbers([0, 1, 0]), numbers([0, 0, 1]))
    expected = -(math.log(4 / 5) + math.log(2 / 3) + math.log(2 / 4)) / 3
    assert loss.item() == pytest.approx(expected)


def test_a_color_that_the_reference_lacks_is_left_out() -> None:
    output = output_of([[1.0, 0.0], [5.0, -5.0]], grad=True)
    with_it = match_loss(output, numbers([0, 1]), numbers([0, 7]))
    without = match_loss(output_of([[1.0, 0.0]]), numbers([0, 1]), numbers([0]))
    assert with_it.item() == pytest.approx(without.item())
    with_it.backward()  # type: ignore[no-untyped-call]
    assert output.similarity.grad is not None
    assert (output.similarity.grad[0, 1] == 0).all()
    assert (output.similarity.grad[0, 0] != 0).all()


def test_region_loss_takes_any_piece_of_the_region() -> None:
    output = output_of([[0.0, 0.0, 0.0, 0.0]])
    loss = match_loss(output, numbers([5, 5, 6, ABSENT]), numbers([5]))
    assert loss.item() == pytest.approx(math.log(2))
    assert match_loss(output, numbers([ABSENT] * 4), numbers([ABSENT])).item() == 0


def test_certainty_costs_nothing_and_error_much() -> None:
    right, wrong = output_of([[50.0, 0.0]]), output_of([[0.0, 50.0]])
    assert match_loss(right, numbers([0, 1]), numbers([0])).item() == pytest.approx(0, abs=1e-6)
    assert match_loss(wrong, numbers([0, 1]), numbers([0])).item() == pytest.approx(50)


# --- cycle --------------------------------------------------------------------------------------


def test_cycle_is_the_probability_to_come_back() -> None:
    similarity = [[2.0, 0.0], [0.0, 1.0], [0.5, 0.5]]
    output = output_of(similarity)
    forward = torch.tensor(similarity).softmax(dim=1)
    backward = torch.tensor(similarity).softmax(dim=0)
    back = torch.einsum("ni,nj->ij", backward, forward)
    expected = -back.diagonal().log().mean()
    loss = cycle_loss(output, truth_of([0, 1], [0, 1, 1]), torch.tensor([[[3, 8]]]))
    assert loss.item() == pytest.approx(expected.item())


def test_equal_ids_are_equally_good_to_come_back_to() -> None:
    output = output_of([[0.0, 0.0], [0.0, 0.0]])
    truth = truth_of([0, 1], [0, 1])
    assert cycle_loss(output, truth, torch.tensor([[[4, 4]]])).item() == pytest.approx(0, abs=1e-6)
    both = torch.tensor([[[4, 4]], [[4, 2]]])
    assert cycle_loss(output, truth, both).item() == pytest.approx(math.log(2) / 2)


def test_segments_without_partner_need_not_come_back() -> None:
    output = output_of([[3.0, 0.0, 0.0]])
    ids = torch.tensor([[[0, 1, 2]]])
    by_color = cycle_loss(output, truth_of([0, 1, 2], [0]), ids)
    forward = torch.tensor([3.0, 0, 0]).softmax(dim=0)
    assert by_color.item() == pytest.approx(-forward[0].log().item())
    # The color is there, the region is not: regions, where known, decide.
    by_region = cycle_loss(output, truth_of([0, 0, 0], [0], [7, 8, 9], [7]), ids)
    assert by_region.item() == pytest.approx(by_color.item())


def test_ids_are_random_and_shared_by_pieces_of_a_region() -> None:
    truth = truth_of([0] * 6, [0], [4, 5, 4, ABSENT, ABSENT, 5], [4])
    ids = draw_ids(truth, torch.Generator().manual_seed(0), ids=1000, draws=3)
    assert ids.shape == (3, 1, 6)
    assert (ids[..., 0] == ids[..., 2]).all()
    assert (ids[..., 1] == ids[..., 5]).all()
    assert (ids[..., 0] != ids[..., 1]).all()
    assert (ids[..., 3] != ids[..., 4]).all()
    again = draw_ids(truth, torch.Generator().manual_seed(0), ids=1000, draws=3)
    assert torch.equal(ids, again)


# --- all of them --------------------------------------------------------------------------------


def test_a_batch_costs_the_mean_of_its_pairs() -> None:
    one, other = random_pair(4, 6, 1), random_pair(7, 3, 2)
    whole = output_of(one[0], other[0])
    truth = together(one[1], other[1])
    pairs = [(output_of(one[0]), one[1]), (output_of(other[0]), other[1])]
    alone = [match_loss(o, t.ref_colors, t.target_colors) for o, t in pairs]
    found = match_loss(whole, truth.ref_colors, truth.target_colors)
    assert found.item() == pytest.approx((alone[0] + alone[1]).item() / 2, rel=1e-5)
    ids = draw_ids(truth, torch.Generator().manual_seed(0))
    parts = [ids[:, :1, :6], ids[:, 1:, :3]]
    alone = [cycle_loss(o, t, i) for (o, t), i in zip(pairs, parts, strict=True)]
    found = cycle_loss(whole, truth, ids)
    assert found.item() == pytest.approx((alone[0] + alone[1]).item() / 2, rel=1e-5)


def test_a_pair_that_says_nothing_neither_costs_nor_counts() -> None:
    one, hopeless = random_pair(4, 6, 1), ([[1.0, 2.0]], truth_of([0, 0], [9]))
    both = output_of(one[0], hopeless[0], grad=True)
    alone = compute_losses(output_of(one[0]), one[1], LossWeights(cycle=0))
    losses = compute_losses(both, together(one[1], hopeless[1]), LossWeights(cycle=0))
    assert losses.total.item() == pytest.approx(alone.total.item(), rel=1e-5)
    nothing = compute_losses(output_of(hopeless[0]), hopeless[1], LossWeights(1, 1, 1))
    assert [part.item() for part in nothing] == [0, 0, 0, 0]


def test_the_total_is_weighted_and_what_has_no_weight_is_not_computed() -> None:
    similarity, truth = random_pair(5, 6, 3)
    regions = truth._replace(ref_regions=truth.ref_colors, target_regions=truth.target_colors)
    output = output_of(similarity)
    losses = compute_losses(
        output, regions, LossWeights(2, 0.5, 3), torch.Generator().manual_seed(0)
    )
    expected = 2 * losses.color + 0.5 * losses.cycle + 3 * losses.region
    assert losses.total.item() == pytest.approx(expected.item())
    assert compute_losses(output, regions, LossWeights(1, 0, 0)).cycle.item() == 0


def test_regions_are_matched_both_ways() -> None:
    similarity, truth = random_pair(5, 6, 3)
    colors, none = (truth.ref_colors, truth.target_colors), LossWeights(1, 0, 0)
    regions = truth._replace(ref_regions=colors[0], target_regions=colors[1])
    there = compute_losses(output_of(similarity), truth, none).color
    turned = truth._replace(ref_colors=colors[1], target_colors=colors[0])
    back = compute_losses(
        output_of([list(row) for row in zip(*similarity, strict=True)]), turned, none
    ).color
    both = compute_losses(output_of(similarity), regions, LossWeights(0, 0, 1)).region
    assert there.item() != pytest.approx(back.item(), rel=1e-2)
    assert both.item() == pytest.approx((there.item() + back.item()) / 2)


@pytest.mark.parametrize("weights", [(1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)])
def test_descent_finds_the_match_and_gradients_stay_finite(weights: tuple[float, ...]) -> None:
    draw = torch.Generator().manual_seed(0)
    similarity = (0.1 * torch.randn(1, 4, 4, generator=draw)).requires_grad_()
    mask = torch.ones(1, 4, dtype=torch.bool)
    own = list(range(4))
    truth = truth_of(own, own, own, own)
    costs = []
    for _ in range(80):
        losses = compute_losses(
            AntOutput(similarity, mask, mask), truth, LossWeights(*weights), draw
        )
        costs.append(losses.total.item())
        (gradient,) = torch.autograd.grad(losses.total, similarity)
        assert gradient.isfinite().all()
        similarity = (similarity - 5 * gradient).detach().requires_grad_()
    assert costs[-1] < 0.2 * costs[0]
    if not weights[1]:  # the cycle alone knows no right from wrong
        assert color_right(AntOutput(similarity, mask, mask), truth).all()


# --- accuracy -----------------------------------------------------------------------------------


def test_accuracy_is_by_color_not_by_segment() -> None:
    # Two segments of color 0 together outweigh the likeliest one.
    output = output_of([[1.0, 1.2, 1.0], [0.0, 5.0, 0.0], [0.0, 0.0, 0.0]])
    truth = truth_of([0, 1, 0], [0, 0, 8])
    assert color_right(output, truth).tolist() == [[True, False, False]]
    assert color_answerable(truth).tolist() == [[True, True, False]]


def test_padding_is_never_right() -> None:
    output = output_of([[9.0]], [[0.0, 9.0], [9.0, 0.0]])
    truth = together(truth_of([0], [0]), truth_of([0, 1], [1, 1]))
    assert color_right(output, truth).tolist() == [[True, False], [True, False]]
    assert color_answerable(truth).tolist() == [[True, False], [True, True]]
