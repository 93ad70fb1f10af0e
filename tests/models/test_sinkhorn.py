"""Optimal transport: sums of rows and columns, the dustbin, padding."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")

from shiage.models.sinkhorn import Transport  # noqa: E402


def test_everything_is_given_and_taken_once() -> None:
    torch.manual_seed(0)
    transport = Transport(500)
    with torch.no_grad():
        transport.dustbin.fill_(-30)  # nobody wants it
        plan = transport(torch.randn(2, 6, 6), None, None).exp()
    torch.testing.assert_close(plan.sum(dim=1), torch.ones(2, 6), atol=0.02, rtol=0)
    torch.testing.assert_close(plan.sum(dim=2), torch.ones(2, 6), atol=0.02, rtol=0)


def test_two_cannot_have_the_same_partner() -> None:
    similarity = torch.tensor([[[5.0, 4.0], [5.0, 0.0]]])
    plan = Transport(100)(similarity, None, None)
    assert similarity.argmax(dim=2).tolist() == [[0, 0]]
    assert plan.argmax(dim=2).tolist() == [[1, 0]]


def test_who_fits_nobody_goes_to_the_dustbin() -> None:
    similarity = torch.tensor([[[9.0, -9.0], [-9.0, -9.0]]])
    given = Transport(100)(similarity, None, None).exp().sum(dim=2)
    assert given[0, 0] > 0.9
    assert given[0, 1] < 0.1


def test_padding_changes_nothing() -> None:
    torch.manual_seed(1)
    transport, similarity = Transport(50), torch.randn(1, 3, 4)
    padded = torch.full((1, 5, 7), 77.0)
    padded[:, :3, :4] = similarity
    rows = torch.arange(5)[None] < 3
    columns = torch.arange(7)[None] < 4
    whole = transport(padded, columns, rows)
    assert whole.isfinite().all()
    torch.testing.assert_close(whole[:, :3, :4], transport(similarity, None, None))
