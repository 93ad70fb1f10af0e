"""Which frames are painted from which."""

from __future__ import annotations

import pytest

from shiage.bench.protocols import parse_protocol, spread_keys
from shiage.errors import BadOption
from shiage.painting.serving import Kind


def steps(name: str, count: int) -> list[tuple[int, tuple[int, ...], int | None]]:
    found = []
    for step in parse_protocol(name).plan(count):
        (neighbor,) = step.places(Kind.NEIGHBOR) or (None,)
        found.append((step.cel, step.places(Kind.KEY), neighbor))
    return found


def test_next_and_apart() -> None:
    assert steps("next", 3) == [(1, (0,), None), (2, (1,), None)]
    assert steps("apart-1", 3) == steps("next", 3)
    assert steps("apart-2", 3) == [(2, (0,), None)]
    assert steps("apart-5", 3) == []


def test_half_is_another_pose() -> None:
    assert steps("half", 4) == [(0, (2,), None), (1, (3,), None), (2, (0,), None), (3, (1,), None)]
    assert steps("half", 3) == []


def test_keys_are_all_given_the_nearest_first() -> None:
    assert steps("keys-2", 5) == [
        (1, (0, 2), None),
        (3, (2, 0), None),
        (4, (2, 0), None),
    ]


def test_cuts_take_painted_neighbors_and_only_those() -> None:
    for count in range(1, 12):
        for number in (1, 2, 4):
            painted = set(spread_keys(count, number))
            for cel, keys, neighbor in steps(f"cut-{number}", count):
                assert set(keys) <= set(spread_keys(count, number))
                assert neighbor is None or neighbor in painted
                painted.add(cel)
            assert painted == set(range(count))


@pytest.mark.parametrize("count", [1, 2, 3, 10])
@pytest.mark.parametrize("number", [1, 2, 8])
def test_keys_are_spread_from_the_first_frame_on(count: int, number: int) -> None:
    keys = spread_keys(count, number)
    assert keys[0] == 0
    assert len(keys) == min(count, number)
    assert max(keys) < count
    gaps = {b - a for a, b in zip(keys, [*keys[1:], count], strict=True)}
    assert max(gaps) - min(gaps) <= 1


@pytest.mark.parametrize("name", ["nxt", "apart", "apart-0", "keys-100", "cut--1", "next-1"])
def test_unknown(name: str) -> None:
    with pytest.raises(BadOption, match="apart-K"):
        parse_protocol(name)
