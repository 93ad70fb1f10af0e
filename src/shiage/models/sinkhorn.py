"""Optimal transport in the place of a softmax, as SuperGlue ends (arXiv 1911.11763, section 3.2).

Each target segment and each reference segment has one unit to give; what finds no partner goes to a
dustbin, one row and one column of a learned score. Sinkhorn's iterations bring rows and columns to
their sums. For comparison only: one reference segment may well be continued by several.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

NOTHING = -1e4
"""Logarithm of a mass of nothing; finite, so that no difference of two is undefined."""


class Transport(nn.Module):
    """Similarities to logarithms of a transport plan.

    Args:
        rounds: of Sinkhorn's iterations.
    """

    def __init__(self, rounds: int) -> None:
        super().__init__()
        self.rounds = rounds
        self.dustbin = nn.Parameter(torch.tensor(1.0))

    def forward(
        self, similarity: Tensor, ref_mask: Tensor | None, target_mask: Tensor | None
    ) -> Tensor:
        """(B, N, M) float32: logarithm of what each target segment gives to each reference one.

        Rows sum to one less what goes to the dustbin; a softmax over them leaves it out.

        Args:
            similarity: (B, N, M).
            ref_mask: (B, M) bool, True = a segment; None = all are.
            target_mask: (B, N) bool.
        """
        batch, rows, columns = similarity.shape
        real_rows = _mask(target_mask, batch, rows, similarity)
        real_columns = _mask(ref_mask, batch, columns, similarity)
        couplings = self.dustbin.expand(batch, rows + 1, columns + 1).clone()
        couplings[:, :-1, :-1] = similarity
        one = torch.ones_like(real_rows[:, :1])
        # Padding gives and takes nothing.
        hidden = (
            torch.cat([real_rows, one], 1)[:, :, None]
            * torch.cat([real_columns, one], 1)[:, None, :]
        )
        couplings = couplings.masked_fill(hidden == 0, NOTHING)
        count_rows, count_columns = real_rows.sum(1), real_columns.sum(1)
        row_mass = _log_mass(real_rows, count_columns)  # (B, N + 1)
        column_mass = _log_mass(real_columns, count_rows)  # (B, M + 1)
        given, taken = torch.zeros_like(row_mass), torch.zeros_like(column_mass)
        for _ in range(self.rounds):
            given = row_mass - torch.logsumexp(couplings + taken[:, None, :], dim=2)
            taken = column_mass - torch.logsumexp(couplings + given[:, :, None], dim=1)
        plan = couplings + given[:, :, None] + taken[:, None, :]
        return plan[:, :-1, :-1]


def _mask(mask: Tensor | None, batch: int, length: int, like: Tensor) -> Tensor:
    """(B, L) float: 1 for a segment, 0 for padding."""
    return like.new_ones(batch, length) if mask is None else mask.to(like.dtype)


def _log_mass(real: Tensor, others: Tensor) -> Tensor:
    """(B, L + 1): logarithm of what each segment, and at the end the dustbin, has to give.

    The dustbin can take all segments of the other side.
    """
    units = torch.where(real > 0, torch.zeros_like(real), torch.full_like(real, NOTHING))
    return torch.cat([units, others.clamp(min=1e-4).log()[:, None]], dim=1)
