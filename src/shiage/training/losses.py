"""What `ant` is trained by: forward color match, cycle consistency, and region match.

Equation numbers are those of docs/model.md. Everything here is a pure function of tensors; padding
and segments of unknown truth are left out, and every pair of a batch weighs the same, however many
segments it has.

Letters: B pairs; N target segments; M reference segments; A assignments of random ids.
"""

from __future__ import annotations

from typing import NamedTuple

import msgspec
import torch
from torch import Tensor

from shiage.models.ant import AntOutput

ABSENT = -1
"""Number of the color or region of padding, and of a region that is not known."""

CYCLE_IDS = 16
CYCLE_DRAWS = 4
"""Random ids are drawn from this many, this many times over, for each step."""

TINY = 1e-6
"""Probabilities are kept above this before their logarithm is taken."""


class PairTruth(NamedTuple):
    """What is known of B pairs. Numbers mean nothing but "the same" within one pair.

    Attributes:
        ref_colors: (B, M) int64, color of each reference segment; `ABSENT` for padding.
        target_colors: (B, N) int64, the same for the target.
        ref_regions: (B, M) int64, region of each reference segment; `ABSENT` where not known.
        target_regions: (B, N) int64, the same for the target.
    """

    ref_colors: Tensor
    target_colors: Tensor
    ref_regions: Tensor
    target_regions: Tensor


class LossWeights(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How much each loss counts; 0 leaves it out.

    Attributes:
        color: forward color match, equation (5).
        cycle: cycle consistency, equation (7).
        region: match of region ids, several right answers allowed, both ways, equation (8).
    """

    color: float = 1.0
    cycle: float = 1.0
    region: float = 0.0


class Losses(NamedTuple):
    """Scalars, float32; `total` is the weighted sum of the others, which are unweighted."""

    total: Tensor
    color: Tensor
    cycle: Tensor
    region: Tensor


def compute_losses(
    output: AntOutput,
    truth: PairTruth,
    weights: LossWeights | None = None,
    generator: torch.Generator | None = None,
) -> Losses:
    """Return the losses of a batch; one whose weight is 0 is not computed and comes as 0.

    Args:
        output: of the model.
        truth: of the same pairs.
        weights: of the losses.
        generator: draws the random ids, on the CPU.
    """
    weights = weights or LossWeights()
    zero = output.similarity.new_zeros(())
    color = cycle = region = zero
    if weights.color:
        color = match_loss(output, truth.ref_colors, truth.target_colors)
    if weights.cycle:
        cycle = cycle_loss(output, truth, draw_ids(truth, generator))
    if weights.region:
        back = AntOutput(output.similarity.transpose(1, 2), output.target_mask, output.ref_mask)
        there = match_loss(output, truth.ref_regions, truth.target_regions)
        region = (there + match_loss(back, truth.target_regions, truth.ref_regions)) / 2
    total = weights.color * color + weights.cycle * cycle + weights.region * region
    return Losses(total, color, cycle, region)


def match_loss(output: AntOutput, ref_numbers: Tensor, target_numbers: Tensor) -> Tensor:
    """Scalar: mean of -log of the probability that falls to right reference segments.

    With colors this is the forward color match, equation (5): the cross-entropy between the mixed
    reference colors and the true one. With region ids it is equation (8). Target segments without
    any right answer in the reference are left out.

    Args:
        output: of the model.
        ref_numbers: (B, M) int64, color or region; `ABSENT` is equal to nothing.
        target_numbers: (B, N) int64.
    """
    right = _same(target_numbers, ref_numbers)  # (B, N, M)
    log_forward = output.similarity.log_softmax(dim=2)
    log_right = log_forward.masked_fill(~right, -torch.inf)
    answerable = right.any(dim=2)  # (B, N)
    # Rows without an answer would be -inf, and their gradient nan, even when left out later.
    log_right = torch.where(answerable[..., None], log_right, log_forward)
    return _mean_by_pair(-log_right.logsumexp(dim=2), answerable)


def draw_ids(
    truth: PairTruth,
    generator: torch.Generator | None = None,
    ids: int = CYCLE_IDS,
    draws: int = CYCLE_DRAWS,
) -> Tensor:
    """(A, B, M) int64 in 0..ids-1: random ids of the reference segments.

    Segments known to be pieces of one region share their id: nothing tells which of the pieces a
    segment should return to.
    """
    batch, count = truth.ref_regions.shape
    device = truth.ref_regions.device
    drawn = torch.randint(ids, (draws, batch, count), generator=generator).to(device)
    same = _same(truth.ref_regions, truth.ref_regions)  # (B, M, M)
    own = torch.arange(count, device=device)
    first = torch.where(same.any(dim=2), same.int().argmax(dim=2), own)  # (B, M)
    return drawn.gather(2, first.expand(draws, -1, -1))


def cycle_loss(output: AntOutput, truth: PairTruth, ids: Tensor) -> Tensor:
    """Scalar: mean of -log of the probability that a random id comes back, equation (7).

    Ids go from the reference to the target by S, and back by T. Reference segments whose region
    (or, where that is not known, whose color) the target does not have are left out: they have
    nowhere to go.

    Args:
        output: of the model.
        truth: of the same pairs.
        ids: (A, B, M) int64.
    """
    forward = output.similarity.softmax(dim=2)  # (B, N, M), rows sum to 1: S
    backward = output.similarity.softmax(dim=1)  # (B, N, M), columns sum to 1: T transposed
    # Padding rows have no say: T of a padded target segment is 0 but for rounding.
    back = backward.transpose(1, 2) @ forward  # (B, M, M): from where each segment's id came back
    returned = (back * (ids[:, :, :, None] == ids[:, :, None, :])).sum(dim=3)  # (A, B, M)
    partner = _partnered(truth)  # (B, M)
    lost = -returned.clamp(min=TINY).log().mean(dim=0)  # (B, M)
    return _mean_by_pair(lost, partner)


def color_right(output: AntOutput, truth: PairTruth) -> Tensor:
    """(B, N) bool: the likeliest color is the true one; False for padding."""
    forward = output.similarity.softmax(dim=2)  # (B, N, M)
    same = _same(truth.ref_colors, truth.ref_colors)  # (B, M, M)
    shares = forward @ same.to(forward.dtype)  # (B, N, M): share of reference segment i's color
    found = truth.ref_colors.gather(1, shares.argmax(dim=2))  # (B, N)
    return (found == truth.target_colors) & (truth.target_colors != ABSENT)


def color_answerable(truth: PairTruth) -> Tensor:
    """(B, N) bool: the reference has the segment's color at all; False for padding."""
    return _same(truth.target_colors, truth.ref_colors).any(dim=2)


def _partnered(truth: PairTruth) -> Tensor:
    """(B, M) bool: the target has the reference segment's region, or color where not known."""
    by_region = _same(truth.ref_regions, truth.target_regions).any(dim=2)
    by_color = _same(truth.ref_colors, truth.target_colors).any(dim=2)
    return torch.where(truth.ref_regions == ABSENT, by_color, by_region)


def _same(one: Tensor, other: Tensor) -> Tensor:
    """(B, L, K) bool: which numbers of (B, L) equal which of (B, K); `ABSENT` equals nothing."""
    return (one[:, :, None] == other[:, None, :]) & (one != ABSENT)[:, :, None]


def _mean_by_pair(values: Tensor, counts: Tensor) -> Tensor:
    """Scalar: mean over the pairs of the mean of those values (B, L) that count (B, L) bool.

    Pairs in which none counts are left out; 0 if that is all of them.
    """
    number = counts.sum(dim=1)
    by_pair = values.masked_fill(~counts, 0).sum(dim=1) / number.clamp(min=1)
    return by_pair.sum() / (number > 0).sum().clamp(min=1)
