"""What each frame of a clip is painted from: the questions that matchers are asked."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from shiage.errors import BadOption
from shiage.painting.serving import Kind, Source, Step, plan_column

EXPECTED = (
    "next, half, apart-K (K frames apart), keys-R (from R references) or cut-R (whole cuts from R)"
)


@dataclass(frozen=True)
class Protocol:
    """A way of choosing references.

    Attributes:
        name: as it is given, e.g. "next".
        plan: returns the steps for a clip of N frames, in the order they are to be painted.
    """

    name: str
    plan: Callable[[int], list[Step]]


def parse_protocol(name: str) -> Protocol:
    """Return the protocol of that name.

    `next`: each frame from the one before it. `half`: from the one half a clip away, another pose.
    `apart-K`: from the one K before. `keys-R`: the other frames from R, spread over the clip.
    `cut-R`: the same as `shiage paint` does it, painted neighbors and all, so that errors pile up.

    Raises:
        BadOption: there is none.

    >>> [(step.cel, step.places(Kind.KEY)) for step in parse_protocol("apart-2").plan(4)]
    [(2, (0,)), (3, (1,))]
    >>> [(step.cel, step.places(Kind.NEIGHBOR)) for step in parse_protocol("cut-1").plan(3)]
    [(1, ()), (2, (1,))]
    """
    simple = {"next": _apart(1), "half": _half}
    if name in simple:
        return Protocol(name, simple[name])
    found = re.fullmatch(r"(apart|keys|cut)-([1-9]\d?)", name)
    if found is None:
        raise BadOption(f"there is no protocol {name!r}", expected=EXPECTED)
    number = int(found[2])
    kinds = {"apart": _apart, "keys": _keys, "cut": _cut}
    return Protocol(name, kinds[found[1]](number))


def spread_keys(count: int, number: int) -> list[int]:
    """Return places spread evenly over a clip, from its first frame on.

    >>> spread_keys(10, 1), spread_keys(10, 2), spread_keys(10, 4)
    ([0], [0, 5], [0, 2, 5, 7])
    """
    return sorted({count * n // number for n in range(number)})


def _from_keys(frame: int, keys: Sequence[int]) -> Step:
    return Step(frame, tuple(Source(Kind.KEY, key) for key in keys))


def _apart(distance: int) -> Callable[[int], list[Step]]:
    def plan(count: int) -> list[Step]:
        return [_from_keys(n, [n - distance]) for n in range(distance, count)]

    return plan


def _half(count: int) -> list[Step]:
    if count < 4:
        return []
    return [_from_keys(n, [(n + count // 2) % count]) for n in range(count)]


def _keys(number: int) -> Callable[[int], list[Step]]:
    def plan(count: int) -> list[Step]:
        keys = spread_keys(count, number)
        return [
            _from_keys(n, sorted(keys, key=lambda k, n=n: (abs(k - n), k)))  # type: ignore[misc]
            for n in range(count)
            if n not in keys
        ]

    return plan


def _cut(number: int) -> Callable[[int], list[Step]]:
    def plan(count: int) -> list[Step]:
        return plan_column(count, spread_keys(count, number))

    return plan
