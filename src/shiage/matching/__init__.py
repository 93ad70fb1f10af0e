"""Matchers: which reference segment does each target segment continue?"""

from __future__ import annotations

from shiage.errors import BadOption
from shiage.matching.flow import FlowMatcher
from shiage.matching.position import PositionMatcher
from shiage.matching.protocol import KnownColors, Matcher, PairwiseMatcher, color_shares
from shiage.matching.shape import ShapeMatcher

MATCHERS: dict[str, type[PositionMatcher] | type[ShapeMatcher] | type[FlowMatcher]] = {
    "position": PositionMatcher,
    "shape": ShapeMatcher,
    "flow": FlowMatcher,
}

DEFAULT_MATCHER = "shape"
"""The best of the matchers, as measured by benchmarks/accuracy.py."""


def make_matcher(name: str) -> Matcher:
    """Return the matcher of that name.

    Raises:
        BadOption: there is none.
    """
    if name not in MATCHERS:
        raise BadOption(
            f"there is no matcher {name!r}",
            expected=f"one of {', '.join(MATCHERS)}",
            action="See shiage paint --help",
        )
    return MATCHERS[name]()


__all__ = [
    "DEFAULT_MATCHER",
    "MATCHERS",
    "KnownColors",
    "Matcher",
    "PairwiseMatcher",
    "color_shares",
    "make_matcher",
]
