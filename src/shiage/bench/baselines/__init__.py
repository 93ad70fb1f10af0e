"""Matchers to compare with that nobody should paint with."""

from __future__ import annotations

from collections.abc import Callable

from shiage.bench.baselines.dense import DenseMatcher
from shiage.bench.baselines.hungarian import HungarianMatcher
from shiage.matching import Matcher

BASELINES: dict[str, Callable[[], Matcher]] = {
    "hungarian": HungarianMatcher,
    "dense": DenseMatcher,
}

__all__ = ["BASELINES"]
