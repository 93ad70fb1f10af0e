"""Matchers: which reference segment does each target segment continue?"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from shiage.errors import BadOption
from shiage.matching.flow import FlowMatcher
from shiage.matching.onnx import OnnxMatcher
from shiage.matching.position import PositionMatcher
from shiage.matching.protocol import KnownColors, Matcher, PairwiseMatcher, color_shares
from shiage.matching.shape import ShapeMatcher

MATCHERS: dict[str, Callable[[], Matcher]] = {
    "ant": OnnxMatcher,
    "shape": ShapeMatcher,
    "flow": FlowMatcher,
    "position": PositionMatcher,
}

DEFAULT_MATCHER = "ant"
"""The best of the matchers, as measured by shiage bench."""


def make_matcher(name: str) -> Matcher:
    """Return the matcher of that name.

    Args:
        name: one of `MATCHERS`, or the path of a model's card, which ends in `.json`.

    Raises:
        BadOption: there is none.
        UnreadableFile: the card, or what belongs to it, is not there.
        DamagedModel: the card, or what belongs to it, is damaged.
    """
    if name.endswith(".json"):
        return OnnxMatcher(Path(name))
    if name not in MATCHERS:
        raise BadOption(
            f"there is no matcher {name!r}",
            expected=f"one of {', '.join(MATCHERS)}, or the card of a model, NAME.json",
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
